//! Decisions on the rows of one release: what shows what it is now, what an earlier date showed, and what nothing.

use crate::decide::{Decision, Rules, decide};
use crate::overlap::overlapping;
use crate::pair_rows::{Around, Unit, decide_pairs};
use crate::publish::{MeasuredTables, RowCounts};
use crate::published::{Published, PublishedTables};
use crate::release::{COMMUNITY, EVERYBODY, Key, Ledger, border_cell};
use crate::roll_up::SMALL_UNITS;
use crate::rows::{FEW_PEOPLE, Hidden, Row, border_of, without_numbers};
use crosstie_model::tables::{
    CommunityRow, CoverageRow, FreedomRow, HierarchyRow, IntroductionRow, OrganizationRow, SensitivityRow, TrendRow,
    UnitPairRow, UnitRow,
};
use crosstie_model::{Contribution, Grouping, Measured};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Rows, each with what is decided on it.
type Decided<R> = Vec<(Measured<R>, Decision)>;

/// The cells that are decided on by what they were.
pub(crate) fn cells_of(tables: &MeasuredTables) -> Vec<Key> {
    fn of<R: Row>(rows: &[Measured<R>]) -> Vec<Key> {
        rows.par_iter().map(|measured| measured.row.cell()).collect()
    }
    let mut cells = of(&tables.unit_pairs);
    cells.extend(of(&tables.introductions));
    cells.extend(of(&tables.units));
    cells.extend(of(&tables.communities));
    cells.extend(of(&tables.freedoms));
    cells.extend(of(&tables.hierarchy));
    let groupings: BTreeSet<&String> = tables.units.iter().map(|unit| &unit.row.grouping).collect();
    cells.extend(groupings.into_iter().map(|grouping| border_cell(grouping)));
    cells.push(Key::new(EVERYBODY, "", &[]));
    cells
}

/// Decisions on the rows of one release.
pub(crate) struct Deciding<'a> {
    pub(crate) ledger: Ledger<'a>,
    /// The tables whose values held cells go on showing.
    shown: Option<&'a PublishedTables>,
    rules: Rules,
    pub(crate) withheld: RowCounts,
    pub(crate) carried: RowCounts,
    /// What is decided on the share of contact that crosses borders, by grouping.
    borders: BTreeMap<String, Decision>,
}

impl<'a> Deciding<'a> {
    /// All sums are entered in the ledger, and the cells of the tables compared.
    pub(crate) fn new(ledger: Ledger<'a>, rules: Rules) -> Deciding<'a> {
        Deciding {
            shown: ledger.shown(),
            ledger,
            rules,
            withheld: RowCounts::new(),
            carried: RowCounts::new(),
            borders: BTreeMap::new(),
        }
    }

    pub(crate) fn tables(&mut self, tables: MeasuredTables, coverage: Published<CoverageRow>) -> PublishedTables {
        let shown = self.shown;
        let hidden = overlapping(&tables.groupings, self.rules.min_people);
        let is_hidden = |grouping: &str, unit: &str| {
            !hidden.is_empty() && hidden.contains(&(grouping.to_string(), unit.to_string()))
        };
        self.decide_borders(&tables);

        let is_barred =
            |row: &UnitPairRow| is_hidden(&row.grouping, &row.unit_a) || is_hidden(&row.grouping, &row.unit_b);
        let held = |pair: &Measured<UnitPairRow>| is_barred(&pair.row) || !self.may_change(&pair.row);
        let held: Vec<bool> = tables.unit_pairs.par_iter().map(held).collect();
        // A pair without contact has no row: a zero needs nobody's protection, and a hidden pair is seen to be one.
        let is_row = |(pair, is_held): &(Measured<UnitPairRow>, bool)| {
            !pair.side_a.is_empty() || (*is_held && !is_barred(&pair.row))
        };
        let (pairs, held): (Vec<_>, Vec<_>) = tables.unit_pairs.into_iter().zip(held).filter(is_row).unzip();
        let units = without(tables.units, |row: &UnitRow| is_hidden(&row.grouping, &row.unit));
        let (units, pairs) = self.units_and_pairs(units, (pairs, held), &tables.groupings);
        let unit_pairs = self.rows("unit_pairs", pairs, shown.map(|tables| &tables.unit_pairs));
        let units = without_mark_of_small(&self.rows("units", units, shown.map(|tables| &tables.units)));

        let communities = tables.communities.into_iter();
        let communities =
            communities.map(|measured| Measured { row: blur_mixture(measured.row, self.rules), ..measured });
        let communities = self.decided(communities.collect(), |_: &CommunityRow| false);
        let communities = self.rows("communities", communities, shown.map(|tables| &tables.communities));

        let trends = without(tables.trends, |row: &TrendRow| {
            row.unit.as_ref().is_some_and(|unit| is_hidden(&row.grouping, unit))
        });
        let trends = trends.into_iter().map(|measured| self.as_its_silo(measured)).collect();
        let trends = self.rows("trends", trends, shown.map(|tables| &tables.trends));
        let date = self.ledger.date();
        let ended = tables.ended.into_iter().map(|row| TrendRow { as_of: Some(date), ..without_numbers(row) });
        let trends = Published::new(trends.rows().iter().cloned().chain(ended).collect());

        let introductions = behind_pairs(tables.introductions, &unit_pairs);
        let introductions = of_shown_pairs(self.introductions(introductions), &unit_pairs);
        let introductions = self.rows("introductions", introductions, shown.map(|tables| &tables.introductions));

        let freedoms = without(tables.freedoms, |row: &FreedomRow| is_hidden(&row.grouping, &row.unit));
        let (organization, sensitivity) = self.whole(tables.organization, tables.sensitivity, &tables.everybody);
        PublishedTables {
            freedoms: self.freedoms(freedoms),
            hierarchy: {
                let shows_borders = self.shows_borders();
                let is_border = |row: &HierarchyRow| row.relation == "cross_branch" && !shows_borders;
                let hierarchy = self.decided(tables.hierarchy, is_border);
                self.rows("hierarchy", hierarchy, shown.map(|tables| &tables.hierarchy))
            },
            units,
            unit_pairs,
            communities,
            trends,
            introductions,
            organization,
            sensitivity,
            coverage,
            metrics: Published::new(tables.metrics),
        }
    }

    /// Decisions on rows each of which is a cell by itself, or is told by others.
    fn decided<R: Row>(&self, rows: Vec<Measured<R>>, is_told: impl Fn(&R) -> bool + Sync) -> Decided<R> {
        let decide = |measured: Measured<R>| {
            let decision = if is_told(&measured.row) {
                Decision::Complementary
            } else if self.may_change(&measured.row) {
                decide(&measured.side_a, &measured.side_b, self.rules)
            } else {
                Decision::Carried
            };
            (measured, decision)
        };
        rows.into_par_iter().map(decide).collect()
    }

    /// Whether a row may show what it is now.
    fn may_change<R: Row>(&self, row: &R) -> bool {
        self.ledger.may_change(&row.cell())
    }

    /// Decisions on the rows of units and pairs, which tell of each other.
    fn units_and_pairs(
        &mut self,
        units: Vec<Measured<UnitRow>>,
        (pairs, held): (Vec<Measured<UnitPairRow>>, Vec<bool>),
        groupings: &[Grouping],
    ) -> (Decided<UnitRow>, Decided<UnitPairRow>) {
        let mut units = self.decided(units, |_| false);
        let shown_borders = self.borders.iter().filter(|(_, decision)| **decision == Decision::Show);
        let borders: BTreeSet<String> = shown_borders.map(|(grouping, _)| grouping.clone()).collect();
        let name = |row: &UnitRow| (row.grouping.clone(), row.unit.clone());
        // A row that says nothing since few people are behind it is as good as withheld.
        let is_hidden = |row: &UnitRow, decision: Decision| decision != Decision::Show || row.evidence == FEW_PEOPLE;
        hide_another(&mut units, |row| (row.grouping.clone(), String::new()), |row| Some(row.people_count));
        let found = loop {
            let hidden_units: BTreeSet<Unit> = units
                .iter()
                .filter(|(measured, decision)| is_hidden(&measured.row, *decision))
                .map(|(measured, _)| name(&measured.row))
                .collect();
            let around = Around { groupings, hidden_units: &hidden_units, borders: &borders };
            let found = decide_pairs(&pairs, &held, &around, self.rules);
            let is_told = |row: &UnitRow| found.units.contains(&name(row));
            for (measured, decision) in units.iter_mut().filter(|(_, decision)| *decision == Decision::Show) {
                if is_told(&measured.row) {
                    *decision = Decision::Complementary;
                }
            }
            hide_another(&mut units, |row| (row.grouping.clone(), String::new()), |row| Some(row.people_count));
            // What a row that is hidden since then says must not follow, either.
            let is_new = |(measured, decision): &(Measured<UnitRow>, Decision)| {
                is_hidden(&measured.row, *decision) && !hidden_units.contains(&name(&measured.row))
            };
            if !units.iter().any(is_new) {
                break found;
            }
        };
        for grouping in found.borders {
            self.borders.insert(grouping, Decision::Complementary);
        }
        (units, pairs.into_iter().zip(found.rows).collect())
    }

    /// Decides on the shares of contact that cross borders, by what is known of them alone.
    fn decide_borders(&mut self, tables: &MeasuredTables) {
        let is_few = tables.everybody.len() < self.rules.min_people;
        let names: BTreeSet<&String> = tables.units.iter().map(|unit| &unit.row.grouping).collect();
        for grouping in names {
            let may_change = self.ledger.may_change(&border_cell(grouping));
            let decision = match (may_change, is_few) {
                (false, _) => Decision::Carried,
                (true, true) => Decision::FewPeople,
                (true, false) => Decision::Show,
            };
            self.borders.insert(grouping.clone(), decision);
        }
    }

    /// What is decided on a row that tells how much contact crosses the borders of a grouping.
    fn border(&self, grouping: &str) -> Decision {
        self.borders.get(grouping).copied().unwrap_or(Decision::Show)
    }

    fn shows_borders(&self) -> bool {
        self.borders.values().all(|decision| *decision == Decision::Show)
    }

    /// A trend shows what the row of its unit or community shows.
    fn as_its_silo(&self, measured: Measured<TrendRow>) -> (Measured<TrendRow>, Decision) {
        let row = &measured.row;
        let silo = match (&row.unit, row.community_id) {
            (Some(unit), _) => Key::new("units", &row.grouping, &[unit]),
            (None, number) => Key::new("communities", COMMUNITY, &[&number.unwrap_or(-1).to_string()]),
        };
        let decision = match self.ledger.is_held(&silo) {
            true => Decision::Carried,
            false => decide(&measured.side_a, &measured.side_b, self.rules),
        };
        (measured, decision)
    }

    /// Whether there is a row says whether a pair has a shortfall: where the pair shows an earlier value, there is one if
    /// there was one.
    fn introductions(&self, mut introductions: Vec<Measured<IntroductionRow>>) -> Decided<IntroductionRow> {
        let pair = |row: &IntroductionRow| Key { name: "unit_pairs".into(), ..row.cell() };
        let earlier = self.shown.map_or(&[] as &[_], |shown| shown.introductions.rows());
        let is_held = |row: &IntroductionRow| self.ledger.is_held(&pair(row));
        let were: BTreeSet<Key> = earlier.par_iter().map(IntroductionRow::cell).collect();
        let may_stand = |row: &IntroductionRow| !is_held(row) || were.contains(&row.cell());
        introductions = introductions.into_par_iter().filter(|measured| may_stand(&measured.row)).collect();
        if !earlier.is_empty() {
            let are: BTreeSet<Key> = introductions.par_iter().map(|measured| measured.row.cell()).collect();
            let gone = earlier.par_iter().filter(|row| !are.contains(&row.cell()) && is_held(row));
            let gone: Vec<Measured<IntroductionRow>> = gone.cloned().map(nobody).collect();
            introductions.extend(gone);
        }
        // An introduction shows what its pair shows, and has sums of its own.
        let as_its_pair = |measured: Measured<IntroductionRow>| {
            let decision = match is_held(&measured.row) || !self.may_change(&measured.row) {
                true => Decision::Carried,
                false => decide(&measured.side_a, &measured.side_b, self.rules),
            };
            (measured, decision)
        };
        introductions.into_par_iter().map(as_its_pair).collect()
    }

    fn freedoms(&mut self, freedoms: Vec<Measured<FreedomRow>>) -> Published<FreedomRow> {
        let measured = freedoms.iter().filter(|measured| measured.row.estimate.is_some()).count();
        // What the organization's own row says is said again by that of everybody.
        let is_border = |row: &FreedomRow| row.unit == "(all)" && row.indicator == "openness";
        let decide = |measured: Measured<FreedomRow>| {
            let unit = Key::new("units", &measured.row.grouping, &[&measured.row.unit]);
            // What a unit's own row says is said again by the rows of connect.
            let is_said_again = measured.row.freedom == "connect" && self.ledger.is_held(&unit);
            let of_all = self.border(&measured.row.grouping);
            let decision = if is_said_again || !self.may_change(&measured.row) {
                Decision::Carried
            } else if is_border(&measured.row) && of_all != Decision::Show {
                of_all
            } else {
                decide(&measured.side_a, &measured.side_b, self.rules)
            };
            (measured, decision)
        };
        let mut decided: Decided<FreedomRow> = freedoms.into_par_iter().map(decide).collect();
        // The row of everybody is the sum.
        let is_of_all = |row: &FreedomRow| row.unit == "(all)";
        let (all, mut decided): (Decided<_>, Decided<_>) = decided.drain(..).partition(|(own, _)| is_of_all(&own.row));
        hide_another(&mut decided, |row| (row.grouping.clone(), row.indicator.clone()), |row| row.people_count);
        decided.extend(all);
        let rows = self.rows("freedoms", decided, self.shown.map(|tables| &tables.freedoms));
        // A row without a number has nothing that is withheld.
        let shown = rows.rows().iter().filter(|row| row.estimate.is_some()).count();
        self.withheld.insert("freedoms", measured.saturating_sub(shown) as u64);
        rows
    }

    /// The tables behind which everybody stands.
    fn whole(
        &mut self,
        organization: Vec<OrganizationRow>,
        sensitivity: Vec<Measured<SensitivityRow>>,
        everybody: &[Contribution],
    ) -> (Published<OrganizationRow>, Published<SensitivityRow>) {
        let may_change = self.ledger.may_change(&Key::new(EVERYBODY, "", &[]));
        let decision = match (may_change, everybody.len() < self.rules.min_people) {
            (false, _) => Decision::Carried,
            (true, true) => Decision::FewPeople,
            (true, false) => Decision::Show,
        };
        let of_metric = |row: OrganizationRow| {
            let of_border = border_of(&row).map_or(Decision::Show, |grouping| self.border(grouping));
            let decision = if decision == Decision::Show { of_border } else { decision };
            (nobody(row), decision)
        };
        let organization = organization.into_iter().map(of_metric).collect();
        // Rows under other rules show openness under the same ones, too.
        let decision = if decision == Decision::Show { self.border("unit") } else { decision };
        let few = |people: usize| people > 0 && people < self.rules.min_people;
        let of_row = |measured: Measured<SensitivityRow>| {
            let decision = match decision {
                Decision::Show => decide(&measured.side_a, &measured.side_b, self.rules),
                other => other,
            };
            // Few people without a tie would be counted.
            let isolated = measured.row.isolated_count.filter(|&count| !few(count as usize));
            let row = SensitivityRow { isolated_count: isolated, ..measured.row };
            (Measured { row, ..measured }, decision)
        };
        let sensitivity = sensitivity.into_iter().map(of_row).collect();
        (
            self.rows("organization", organization, self.shown.map(|tables| &tables.organization)),
            self.rows("sensitivity", sensitivity, self.shown.map(|tables| &tables.sensitivity)),
        )
    }

    /// Rows as decided.
    fn rows<R: Row>(&mut self, table: &'static str, decided: Decided<R>, shown: Option<&Published<R>>) -> Published<R> {
        let earlier = shown.map_or(&[] as &[_], Published::rows).par_iter();
        let earlier: BTreeMap<Key, &R> = earlier.map(|row| (row.place(), row)).collect();
        let people = |side: &[Contribution]| side.iter().filter(|part| part.units > 0).count();
        // On all threads, which also give the memory of the sides back.
        let without_sides = |(Measured { row, side_a, side_b, .. }, decision): (Measured<R>, Decision)| {
            let hidden = Hidden { decision, smaller_side_count: people(&side_a).min(people(&side_b)) };
            (row.cell(), row, hidden)
        };
        let decided: Vec<(Key, R, Hidden)> = decided.into_par_iter().map(without_sides).collect();
        let mut out = Vec::with_capacity(decided.len());
        for (cell, mut row, hidden) in decided {
            *row.as_of() = Some(self.ledger.date());
            out.push(match hidden.decision {
                Decision::Show => {
                    self.ledger.show(cell);
                    row
                }
                Decision::FewPeople | Decision::Dominance => {
                    self.ledger.show(cell);
                    *self.withheld.entry(table).or_default() += 1;
                    row.withheld(hidden)
                }
                Decision::Complementary | Decision::Carried => self.as_it_was(table, cell, row, &earlier),
            });
        }
        Published::new(out)
    }

    /// What a row goes on showing that may not show what it is now.
    fn as_it_was<R: Row>(&mut self, table: &'static str, cell: Key, mut row: R, earlier: &BTreeMap<Key, &R>) -> R {
        self.ledger.hold(cell);
        let mut place = row.place();
        if table == "communities" {
            place.labels = self.ledger.shown_community(&place.labels[0]).into_iter().collect();
        }
        let is_young = |was: &R| was.clone().as_of().is_some_and(|as_of| self.ledger.is_young(as_of));
        match earlier.get(&place).copied().filter(|was| is_young(was)) {
            Some(was) => {
                *self.carried.entry(table).or_default() += 1;
                was.clone().with_name_of(&row)
            }
            None => {
                *self.withheld.entry(table).or_default() += 1;
                *row.as_of() = None;
                row.withheld(Hidden { decision: Decision::Carried, smaller_side_count: 0 })
            }
        }
    }
}

/// Where one row alone of a set does not show what it is now, it follows from the others and what is known of all: the
/// smallest other one goes with it.
fn hide_another<R>(rows: &mut Decided<R>, set_of: impl Fn(&R) -> (String, String), people: impl Fn(&R) -> Option<i64>) {
    let mut sets: BTreeMap<(String, String), (Vec<usize>, Vec<usize>)> = BTreeMap::new();
    for (at, (measured, decision)) in rows.iter().enumerate() {
        let (hidden, shown) = sets.entry(set_of(&measured.row)).or_default();
        if *decision == Decision::Show { shown.push(at) } else { hidden.push(at) }
    }
    for (_, shown) in sets.into_values().filter(|(hidden, _)| hidden.len() == 1) {
        if let Some(smallest) = shown.into_iter().min_by_key(|&at| (people(&rows[at].0.row), at)) {
            rows[smallest].1 = Decision::Complementary;
        }
    }
}

/// Units too small to show, taken together, are no unit that can be a silo: neither now nor on a date that is still shown.
fn without_mark_of_small(units: &Published<UnitRow>) -> Published<UnitRow> {
    let silo_of = |row: &UnitRow| row.silo.filter(|_| row.unit != SMALL_UNITS);
    Published::new(units.rows().iter().map(|row| UnitRow { silo: silo_of(row), ..row.clone() }).collect())
}

/// A row about everybody, whose sides are not asked.
fn nobody<R>(row: R) -> Measured<R> {
    Measured { row, side_a: Vec::new(), side_b: Vec::new(), sums: Vec::new() }
}

/// A community that is one unit but for a few people would show how many of the unit stand apart: what names the
/// mixture goes where either part is 1 to `min_people - 1` people.
fn blur_mixture(row: CommunityRow, rules: Rules) -> CommunityRow {
    let people = row.people_count.unwrap_or(0) as f64;
    let main = (people * row.main_unit_share.unwrap_or(0.0)).round();
    let few = |part: f64| part > 0.0 && part < rules.min_people as f64;
    if few(main) || few(people - main) {
        CommunityRow {
            units_count: None,
            main_unit_share: None,
            main_unit: row.main_unit.filter(|_| !few(main)),
            ..row
        }
    } else {
        row
    }
}

/// Rows behind which nobody stands any more where they are `hidden`: so nothing of them is shown.
fn without<R>(rows: Vec<Measured<R>>, hidden: impl Fn(&R) -> bool) -> Vec<Measured<R>> {
    let row = |measured: Measured<R>| match hidden(&measured.row) {
        true => Measured { side_a: Vec::new(), side_b: Vec::new(), ..measured },
        false => measured,
    };
    rows.into_iter().map(row).collect()
}

/// A shortfall is what a pair's own row would say: where that is withheld, nobody stands behind this one either.
fn behind_pairs(
    introductions: Vec<Measured<IntroductionRow>>,
    pairs: &Published<UnitPairRow>,
) -> Vec<Measured<IntroductionRow>> {
    let side = |measured: Measured<IntroductionRow>| match is_of_shown(&measured.row, pairs) {
        true => measured,
        false => Measured { side_a: Vec::new(), side_b: Vec::new(), ..measured },
    };
    introductions.into_par_iter().map(side).collect()
}

/// That there is a row says that its pair has less contact than expected, which a pair that is withheld does not say.
fn of_shown_pairs(
    mut introductions: Decided<IntroductionRow>,
    pairs: &Published<UnitPairRow>,
) -> Decided<IntroductionRow> {
    introductions.retain(|(measured, _)| is_of_shown(&measured.row, pairs));
    introductions
}

/// Whether the pair of an introduction is shown. Pairs are sorted by their names.
fn is_of_shown(row: &IntroductionRow, pairs: &Published<UnitPairRow>) -> bool {
    let name = (&row.grouping, &row.unit_a, &row.unit_b);
    let found = pairs.rows().binary_search_by(|pair| (&pair.grouping, &pair.unit_a, &pair.unit_b).cmp(&name));
    found.is_ok_and(|at| !pairs.rows()[at].suppressed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_strangers_in_a_community_are_not_counted() {
        let row = |people: i64, share: f64| CommunityRow {
            community_id: 0,
            people_count: Some(people),
            units_count: Some(2),
            main_unit: Some("a".into()),
            main_unit_share: Some(share),
            internal_share: Some(0.5),
            expected_internal_share: Some(0.1),
            openness: None,
            openness_low: None,
            openness_high: None,
            stability: Some(1.0),
            persistence_count: Some(4),
            as_of: None,
        };
        let shown = |people, share| {
            let row = blur_mixture(row(people, share), Rules { min_people: 10 });
            (row.main_unit.is_some(), row.main_unit_share.is_some(), row.units_count.is_some())
        };
        assert_eq!(shown(30, 1.0), (true, true, true));
        assert_eq!(shown(30, 29.0 / 30.0), (true, false, false));
        assert_eq!(shown(30, 20.0 / 30.0), (true, true, true));
        assert_eq!(shown(30, 9.0 / 30.0), (false, false, false));
    }
}
