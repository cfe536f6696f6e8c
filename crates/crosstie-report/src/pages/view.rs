//! The tables, sorted for reading.

use crate::Input;
use crate::facts::{Earlier, RunFacts};
use crate::words::Planted;
use crosstie_model::tables::{HierarchyRow, OrganizationRow, UnitPairRow, UnitRow};
use crosstie_privacy::{PublishedTables, SMALL_UNITS};
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// The grouping that the report is about.
pub(crate) const UNIT: &str = "unit";
/// Share of periods with whole data below which no change is told, in per cent.
const COVERED_PER_CENT: u64 = 80;

/// The word of `evidence` for a unit that is withheld.
const HIDDEN: &str = "few_people";

/// Units with their numbers: those of their labels in order.
pub(crate) type Numbered<'a> = (usize, &'a UnitRow);
/// Pairs by their two labels.
pub(crate) type Pairs<'a> = BTreeMap<(&'a str, &'a str), &'a UnitPairRow>;

/// Whether it is what is left of units too small to show: no unit of its own.
pub(crate) fn is_leftover(unit: &UnitRow) -> bool {
    unit.unit == SMALL_UNITS
}

/// Whether a unit of its own is marked as a silo.
pub(crate) fn is_silo(unit: &UnitRow) -> bool {
    unit.silo == Some(true) && !is_leftover(unit)
}

/// Rows that are withheld: of the report's grouping by what they are, and all others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Withheld {
    pub(crate) units: u64,
    /// Pairs of two units.
    pub(crate) pairs: u64,
    /// All pairs of two units in contact, withheld or not.
    pub(crate) all_pairs: u64,
    /// All pairs of two units: of those without contact there is no row.
    pub(crate) possible_pairs: u64,
    /// Units whose own contact, from one of its people to another, is.
    pub(crate) insides: u64,
    pub(crate) others: u64,
}

impl Withheld {
    pub(crate) fn of(input: &Input<'_>) -> Withheld {
        let units = input.tables.units.rows().iter().filter(|row| row.grouping == UNIT);
        let all_units = units.clone().count() as u64;
        let own = || input.tables.unit_pairs.rows().iter().filter(|row| row.grouping == UNIT);
        let hidden = || own().filter(|row| row.suppressed);
        let mut found = Withheld {
            units: units.filter(|row| row.evidence == HIDDEN).count() as u64,
            pairs: hidden().filter(|row| row.unit_a != row.unit_b).count() as u64,
            all_pairs: own().filter(|row| row.unit_a != row.unit_b).count() as u64,
            possible_pairs: all_units * all_units.saturating_sub(1) / 2,
            insides: hidden().filter(|row| row.unit_a == row.unit_b).count() as u64,
            others: 0,
        };
        let all: u64 = input.facts.withheld.values().sum();
        found.others = all.saturating_sub(found.units + found.pairs + found.insides);
        found
    }
}

/// What pages read.
pub(crate) struct View<'a> {
    pub(crate) tables: &'a PublishedTables,
    pub(crate) facts: &'a RunFacts,
    /// Earlier windows without a day in common with the one after, newest first.
    pub(crate) earlier: &'a [Earlier],
    /// Dates of earlier runs whose tables cannot be read.
    pub(crate) unreadable: &'a [String],
    pub(crate) withheld: Withheld,
    /// Most closed first; those without a number last.
    pub(crate) units: Vec<Numbered<'a>>,
    pub(crate) pairs: Pairs<'a>,
    /// Pairs of two units of which it is shown on how many people they hang, those on few first.
    pub(crate) by_dependence: Vec<&'a UnitPairRow>,
    organization: BTreeMap<&'a str, &'a OrganizationRow>,
}

impl<'a> View<'a> {
    pub(crate) fn new(input: &Input<'a>) -> View<'a> {
        let tables = input.tables;
        let own = tables.units.rows().iter().filter(|row| row.grouping == UNIT);
        let mut units: Vec<Numbered<'a>> = (1..).zip(own).collect();
        units.sort_by(|a, b| most_closed(a.1, b.1).then(a.0.cmp(&b.0)));
        let pairs = tables.unit_pairs.rows().iter().filter(|pair| pair.grouping == UNIT);
        let pairs = pairs.map(|pair| ((pair.unit_a.as_str(), pair.unit_b.as_str()), pair)).collect();
        View {
            units,
            by_dependence: by_dependence(&pairs),
            pairs,
            organization: tables.organization.rows().iter().map(|row| (row.metric.as_str(), row)).collect(),
            tables,
            facts: input.facts,
            earlier: input.earlier,
            unreadable: input.unreadable,
            withheld: Withheld::of(input),
        }
    }

    pub(crate) fn of_organization(&self, metric: &str) -> Option<&'a OrganizationRow> {
        self.organization.get(metric).copied()
    }

    /// What the self-test tells of a silo that it made.
    pub(crate) fn planted(&self) -> Planted {
        Planted::of(self.of_organization("self_test_planted"), self.of_organization("self_test_planted_silo"))
    }

    pub(crate) fn silos(&self) -> impl Iterator<Item = &'a UnitRow> + '_ {
        self.units.iter().map(|(_, unit)| *unit).filter(|unit| is_silo(unit))
    }

    /// Units of their own, without what is left of small ones.
    pub(crate) fn own_units(&self) -> impl Iterator<Item = &'a UnitRow> + '_ {
        self.units.iter().map(|(_, unit)| *unit).filter(|unit| !is_leftover(unit))
    }

    pub(crate) fn has_openness(&self) -> bool {
        self.units.iter().any(|(_, unit)| unit.openness.is_some())
    }

    /// The units with most people, at most so many, by label.
    pub(crate) fn largest(&self, most: usize) -> Vec<Numbered<'a>> {
        let mut units = self.units.clone();
        units.sort_by(|a, b| b.1.people_count.cmp(&a.1.people_count).then(a.0.cmp(&b.0)));
        units.truncate(most);
        units.sort_by_key(|(number, _)| *number);
        units
    }

    pub(crate) fn relation(&self, name: &str) -> Option<&'a HierarchyRow> {
        self.tables.hierarchy.rows().iter().find(|row| row.relation == name)
    }

    /// Periods of all sources that hold whole data, and all.
    pub(crate) fn periods(&self) -> (u64, u64) {
        let rows = self.tables.coverage.rows();
        (rows.iter().filter(|row| !row.gap).count() as u64, rows.len() as u64)
    }

    /// Whether so many periods lack data that a change could lie there.
    pub(crate) fn is_poorly_covered(&self) -> bool {
        let (whole, all) = self.periods();
        whole * 100 < all * COVERED_PER_CENT
    }

    /// Pairs of two different units.
    pub(crate) fn between(&self) -> impl Iterator<Item = &'a UnitPairRow> + '_ {
        between(&self.pairs)
    }
}

fn between<'a>(pairs: &Pairs<'a>) -> impl Iterator<Item = &'a UnitPairRow> {
    pairs.values().copied().filter(|pair| pair.unit_a != pair.unit_b)
}

/// Pairs of two units of which it is shown on how many people they hang, those on few first; of pairs that are alike, those
/// of two units of their own, then by name.
fn by_dependence<'a>(pairs: &Pairs<'a>) -> Vec<&'a UnitPairRow> {
    let is_told = |pair: &&UnitPairRow| pair.carriers_band.is_some() || pair.top_carrier_band.is_some();
    let mut pairs: Vec<&UnitPairRow> = between(pairs).filter(is_told).collect();
    let has_leftover = |pair: &UnitPairRow| [&pair.unit_a, &pair.unit_b].iter().any(|unit| *unit == SMALL_UNITS);
    pairs.sort_by_cached_key(|pair| (fragility(pair), has_leftover(pair)));
    pairs
}

/// Smaller is more fragile: over half at one person, then fewest carriers, then the highest share at one person.
fn fragility(pair: &UnitPairRow) -> (bool, u8, u8) {
    (pair.top_carrier_band.as_deref() != Some("over_50"), carriers_rank(pair), top_rank(pair))
}

fn most_closed(a: &UnitRow, b: &UnitRow) -> Ordering {
    // No contact outside at all is the most closed there is; no evidence comes last.
    let key = |unit: &UnitRow| match unit.openness {
        Some(openness) => openness,
        None if unit.external_share.is_some() => f64::NEG_INFINITY,
        None => f64::INFINITY,
    };
    key(a).total_cmp(&key(b))
}

fn top_rank(pair: &UnitPairRow) -> u8 {
    match pair.top_carrier_band.as_deref() {
        Some("over_50") => 0,
        Some("25_50") => 1,
        Some(_) => 2,
        None => 3,
    }
}

fn carriers_rank(pair: &UnitPairRow) -> u8 {
    match pair.carriers_band.as_deref() {
        Some("under_10") => 0,
        Some("10_24") => 1,
        Some("25_49") => 2,
        Some("50_99") => 3,
        Some(_) => 4,
        None => 5,
    }
}
