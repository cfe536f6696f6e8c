//! A network of people in units, measured as far as privacy asks: sums and who is behind them.

use crosstie_model::tables::{OrganizationRow, UnitPairRow, UnitRow};
use crosstie_model::{Contribution, Day, Grouping, Measured, Weight};
use crosstie_privacy::audit::Reading;
use crosstie_privacy::{MasterKey, MeasuredTables, Past, Publication, Rules, Tags, publish, publish_coverage};
use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

/// Days of a window.
pub(crate) const WINDOW_DAYS: u32 = 91;

/// People with their units, and what they sent.
#[derive(Clone, Default)]
pub(crate) struct Network {
    /// The unit of each person; `None` for whoever is not there.
    pub(crate) unit_of: Vec<Option<String>>,
    /// Messages by sender and recipient.
    pub(crate) ties: BTreeMap<(u32, u32), u64>,
}

/// Messages by person.
pub(crate) type Parts = BTreeMap<u32, u64>;

impl Network {
    /// Ties between two people who are there, with their units.
    pub(crate) fn ties(&self) -> impl Iterator<Item = ([u32; 2], [&str; 2], u64)> {
        self.ties.iter().filter_map(|(&(from, to), &messages)| {
            let unit = |person: u32| self.unit_of[person as usize].as_deref();
            Some(([from, to], [unit(from)?, unit(to)?], messages))
        })
    }

    /// Parts of each pair of units, of both sides.
    pub(crate) fn pairs(&self) -> BTreeMap<(String, String), [Parts; 2]> {
        let mut pairs: BTreeMap<(String, String), [Parts; 2]> = BTreeMap::new();
        for (ends, units, messages) in self.ties() {
            let (a, b) = (units[0].min(units[1]), units[0].max(units[1]));
            let sides = pairs.entry((a.into(), b.into())).or_default();
            for (person, unit) in ends.into_iter().zip(units) {
                // Inside a unit both sides are the same people.
                for (side, _) in [a, b].into_iter().enumerate().filter(|(_, label)| *label == unit) {
                    *sides[side].entry(person).or_default() += messages;
                }
            }
        }
        pairs
    }

    /// Parts of what is inside each unit, crosses its border, is sent and received by it.
    pub(crate) fn borders(&self) -> BTreeMap<String, [Parts; 4]> {
        let mut borders: BTreeMap<String, [Parts; 4]> = BTreeMap::new();
        for (ends, units, messages) in self.ties() {
            for unit in BTreeSet::from(units) {
                let [is_from, is_to] = units.map(|label| label == unit);
                let sums = borders.entry(unit.into()).or_default();
                let adds_to = [is_from && is_to, is_from != is_to, is_from, is_to];
                for (sum, _) in sums.iter_mut().zip(adds_to).filter(|(_, adds)| *adds) {
                    ends.iter().for_each(|&person| *sum.entry(person).or_default() += messages);
                }
            }
        }
        borders
    }

    /// The tables of units and pairs.
    pub(crate) fn measured(&self) -> MeasuredTables {
        let grouping = Grouping::from_labels("unit", &self.unit_of);
        let borders = self.borders();
        let total = |unit: &str, sum: usize| borders.get(unit).map_or(0, |sums| sums[sum].values().sum::<u64>()) as f64;
        let all: f64 = grouping.labels.iter().map(|label| total(label, 2)).sum::<f64>().max(1.0);
        let pair = |((a, b), sides): ((String, String), [Parts; 2])| {
            let ends: u64 = sides[0].values().sum();
            let row = UnitPairRow {
                grouping: "unit".into(),
                weight: Some(if a == b { ends / 2 } else { ends } as f64),
                expected_weight: Some((total(&a, 2) * total(&b, 3) + total(&b, 2) * total(&a, 3)) / all),
                unit_a: a,
                unit_b: b,
                log2_ratio: None,
                log2_low: None,
                log2_high: None,
                carriers_band: None,
                top_carrier_band: None,
                suppressed: false,
                as_of: None,
            };
            Measured { row, side_a: parts(&sides[0]), side_b: parts(&sides[1]), sums: Vec::new() }
        };
        let mut pairs = self.pairs();
        for a in &grouping.labels {
            for b in grouping.labels.iter().filter(|b| a <= *b) {
                pairs.entry((a.clone(), b.clone())).or_default();
            }
        }
        let counts = grouping.people_counts();
        let units =
            grouping.labels.iter().zip(counts).map(|(label, people)| self.unit(label, people, &borders)).collect();
        let mut everybody = Parts::new();
        for (ends, _, messages) in self.ties() {
            ends.iter().for_each(|&person| *everybody.entry(person).or_default() += messages);
        }
        let crossing = self.ties().filter(|(_, units, _)| units[0] != units[1]).map(|tie| tie.2).sum::<u64>();
        let organization = OrganizationRow {
            metric: "external_share".into(),
            value: Some(crossing as f64 / all),
            low: None,
            high: None,
            expected: None,
            z: None,
            as_of: None,
        };
        MeasuredTables {
            unit_pairs: pairs.into_iter().map(pair).collect(),
            units,
            organization: vec![organization],
            everybody: parts(&everybody),
            groupings: vec![grouping],
            ..Default::default()
        }
    }

    fn unit(&self, label: &str, people: usize, borders: &BTreeMap<String, [Parts; 4]>) -> Measured<UnitRow> {
        let sums = borders.get(label).cloned().unwrap_or_default();
        let mut sides: [Parts; 2] = Default::default();
        for (person, messages) in sums[0].iter().chain(&sums[1]) {
            let is_outside = self.unit_of[*person as usize].as_deref() != Some(label);
            *sides[usize::from(is_outside)].entry(*person).or_default() += messages;
        }
        let [inside, outside] = [0, 1].map(|sum| sums[sum].values().sum::<u64>() as f64);
        let row = UnitRow {
            grouping: "unit".into(),
            unit: label.into(),
            people_count: people as i64,
            external_share: (inside + outside > 0.0).then(|| outside / (inside + outside)),
            expected_external_share: None,
            openness: None,
            openness_low: None,
            openness_high: None,
            typical_external_share: None,
            relative_openness: None,
            relative_openness_low: None,
            relative_openness_high: None,
            relative_z: None,
            z: None,
            ei_index: None,
            ei_index_expected: None,
            conductance: None,
            reach2_share: None,
            silo: None,
            evidence: "enough".into(),
            as_of: None,
        };
        let sums = sums.iter().map(parts).collect();
        Measured { row, side_a: parts(&sides[0]), side_b: parts(&sides[1]), sums }
    }
}

/// What elimination reads of a publication.
pub(crate) fn reading(publication: &Publication) -> Reading<'_> {
    let tables = &publication.tables;
    Reading {
        units: tables.units.rows(),
        unit_pairs: tables.unit_pairs.rows(),
        organization: tables.organization.rows(),
        freedoms: tables.freedoms.rows(),
        hierarchy: tables.hierarchy.rows(),
    }
}

/// As contributions.
pub(crate) fn parts(people: &Parts) -> Vec<Contribution> {
    let part = |(&person, &messages): (&u32, &u64)| Contribution { person, units: messages * Weight::MESSAGE.units() };
    people.iter().map(part).collect()
}

/// Releases one after the other, as runs make them.
pub(crate) struct House {
    key: MasterKey,
    tokens: Vec<[u8; 16]>,
    pub(crate) rules: Rules,
    pub(crate) releases: Vec<(Day, Publication)>,
}

impl House {
    pub(crate) fn new(people: usize, min_people: usize) -> House {
        let tokens = (0..people as u128).map(u128::to_le_bytes).collect();
        House { key: MasterKey::generate().unwrap(), tokens, rules: Rules { min_people }, releases: Vec::new() }
    }

    /// Releases a date and returns what it shows.
    pub(crate) fn release(&mut self, date: Day, tables: MeasuredTables) -> &Publication {
        let entries: Vec<_> = self.releases.iter().map(|(_, publication)| publication.release.clone()).collect();
        let shown = (0..self.releases.len()).rfind(|&at| {
            let newest = self.releases.iter().map(|(day, _)| *day).filter(|day| *day <= date).max();
            Some(self.releases[at].0) == newest
        });
        let tags = Tags::new(&self.key, &self.tokens);
        let past =
            Past { shown: shown.map(|at| (at, &self.releases[at].1.tables)), ..Past::nothing(date, WINDOW_DAYS, tags) };
        let entries = entries.into_iter().map(Ok::<_, Infallible>);
        let coverage = publish_coverage(Vec::new(), self.rules);
        let publication = publish(entries, tables, coverage, self.rules, past).unwrap();
        self.releases.push((date, publication));
        &self.releases.last().unwrap().1
    }
}
