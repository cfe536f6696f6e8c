//! Who is behind every number of a release.

use super::COMMUNITY;
use super::key::{ALL, BORDER, INDICATOR, INSIDE_ALL, Key, PAIR, PEOPLE, RELATION};
use super::ledger::Ledger;
use crate::publish::MeasuredTables;
use crosstie_model::{Contribution, Measured};
use std::collections::BTreeMap;

/// Enters who is behind every number of a release.
pub(crate) fn enter_sums(ledger: &mut Ledger<'_>, tables: &MeasuredTables) {
    for grouping in &tables.groupings {
        let mut members = vec![Vec::new(); grouping.labels.len()];
        for (person, unit) in (0..).zip(&grouping.unit_of) {
            unit.iter().for_each(|unit| members[unit.index()].push(Contribution { person, units: 1 }));
        }
        for (label, members) in grouping.labels.iter().zip(members) {
            ledger.enter(Key::new(PEOPLE, &grouping.name, &[label]), members.into_iter());
        }
    }
    for Measured { row, sums, .. } in &tables.units {
        for (name, parts) in BORDER.iter().zip(sums) {
            ledger.enter(Key::new(name, &row.grouping, &[&row.unit]), parts.iter().copied());
        }
    }
    for (grouping, inside) in inside_all(tables) {
        ledger.enter(Key::new(INSIDE_ALL, grouping, &[]), inside.into_iter());
    }
    for Measured { row, sums, .. } in &tables.communities {
        let label = row.community_id.to_string();
        for (name, parts) in std::iter::once(&PEOPLE).chain(&BORDER).zip(sums) {
            ledger.enter(Key::new(name, COMMUNITY, &[&label]), parts.iter().copied());
        }
    }
    for Measured { row, side_a, side_b, .. } in &tables.unit_pairs {
        ledger.enter(Key::new(PAIR, &row.grouping, &[&row.unit_a, &row.unit_b]), both(side_a, side_b));
    }
    for Measured { row, side_a, side_b, sums } in &tables.hierarchy {
        let [weight, ties] = RELATION.map(|name| Key::new(name, "", &[&row.relation]));
        ledger.enter(weight, both(side_a, side_b));
        sums.iter().for_each(|parts| ledger.enter(ties.clone(), parts.iter().copied()));
    }
    for Measured { row, side_a, side_b, sums } in &tables.freedoms {
        let [people, events @ ..] = INDICATOR.map(|name| Key::new(name, &row.grouping, &[&row.unit, &row.indicator]));
        ledger.enter(people, both(side_a, side_b));
        events.into_iter().zip(sums).for_each(|(name, parts)| ledger.enter(name, parts.iter().copied()));
    }
    ledger.enter(Key::new(ALL, "", &[]), tables.everybody.iter().copied());
}

fn both<'s>(side_a: &'s [Contribution], side_b: &'s [Contribution]) -> impl Iterator<Item = Contribution> + 's {
    side_a.iter().chain(side_b).copied()
}

/// What of each person's contact is inside the own unit, by grouping. Whoever has no unit shares one with all others who
/// have none.
fn inside_all(tables: &MeasuredTables) -> BTreeMap<&str, Vec<Contribution>> {
    let mut inside: BTreeMap<&str, BTreeMap<u32, u64>> = BTreeMap::new();
    let mut with_units: BTreeMap<&str, BTreeMap<u32, u64>> = BTreeMap::new();
    let add = |sums: &mut BTreeMap<u32, u64>, parts: Option<&Vec<Contribution>>| {
        parts.into_iter().flatten().for_each(|part| *sums.entry(part.person).or_default() += part.units);
    };
    for Measured { row, sums, .. } in &tables.units {
        add(inside.entry(&row.grouping).or_default(), sums.first());
        add(with_units.entry(&row.grouping).or_default(), sums.get(1));
    }
    for grouping in &tables.groupings {
        let (Some(inside), Some(with_units)) =
            (inside.get_mut(grouping.name.as_str()), with_units.get(grouping.name.as_str()))
        else {
            continue;
        };
        let has_none = |part: &&Contribution| grouping.unit_of.get(part.person as usize) == Some(&None);
        for part in tables.everybody.iter().filter(has_none) {
            let crossing = with_units.get(&part.person).copied().unwrap_or(0);
            *inside.entry(part.person).or_default() += part.units.saturating_sub(crossing);
        }
    }
    let parts = |people: BTreeMap<u32, u64>| people.into_iter().map(|(person, units)| Contribution { person, units });
    inside.into_iter().map(|(grouping, people)| (grouping, parts(people).collect())).collect()
}
