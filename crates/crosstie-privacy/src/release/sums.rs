//! Who is behind every number of a release.

use super::COMMUNITY;
use super::key::{ALL, BORDER, INDICATOR, INSIDE_ALL, Key, PAIR, PEOPLE, RELATION};
use super::ledger::Ledger;
use crate::publish::MeasuredTables;
use crosstie_model::tables::UnitPairRow;
use crosstie_model::{Contribution, Grouping, Measured};
use std::collections::BTreeMap;

/// A sum with the parts of people in it, those of both sides where it has two.
pub(crate) type Entry<'t> = (Key, [&'t [Contribution]; 2]);

/// Enters who is behind every number of a release.
pub(crate) fn enter_sums(ledger: &mut Ledger<'_>, tables: &MeasuredTables) {
    let members: Vec<Vec<Vec<Contribution>>> = tables.groupings.iter().map(members).collect();
    let inside_all = inside_all(tables);
    let mut entries: Vec<Entry<'_>> = Vec::new();
    for (grouping, members) in tables.groupings.iter().zip(&members) {
        let people = |label: &String| Key::new(PEOPLE, &grouping.name, &[label]);
        entries.extend(grouping.labels.iter().zip(members).map(|(label, members)| (people(label), alone(members))));
    }
    for Measured { row, sums, .. } in &tables.units {
        let key = |name: &'static str| Key::new(name, &row.grouping, &[&row.unit]);
        entries.extend(BORDER.iter().zip(sums).map(|(name, parts)| (key(name), alone(parts))));
    }
    entries.extend(inside_all.iter().map(|(grouping, inside)| (Key::new(INSIDE_ALL, grouping, &[]), alone(inside))));
    for Measured { row, sums, .. } in &tables.communities {
        let label = row.community_id.to_string();
        let names = std::iter::once(&PEOPLE).chain(&BORDER);
        entries.extend(names.zip(sums).map(|(name, parts)| (Key::new(name, COMMUNITY, &[&label]), alone(parts))));
    }
    let pair = |pair: &Measured<UnitPairRow>| Key::new(PAIR, &pair.row.grouping, &[&pair.row.unit_a, &pair.row.unit_b]);
    entries.extend(tables.unit_pairs.iter().map(|measured| (pair(measured), [&*measured.side_a, &*measured.side_b])));
    for Measured { row, side_a, side_b, sums } in &tables.hierarchy {
        let [weight, ties] = RELATION.map(|name| Key::new(name, "", &[&row.relation]));
        entries.push((weight, [side_a, side_b]));
        entries.extend(sums.iter().map(|parts| (ties.clone(), alone(parts))));
    }
    for Measured { row, side_a, side_b, sums } in &tables.freedoms {
        let [people, events @ ..] = INDICATOR.map(|name| Key::new(name, &row.grouping, &[&row.unit, &row.indicator]));
        entries.push((people, [side_a, side_b]));
        entries.extend(events.into_iter().zip(sums).map(|(name, parts)| (name, alone(parts))));
    }
    entries.push((Key::new(ALL, "", &[]), alone(&tables.everybody)));
    ledger.enter(entries);
}

fn alone(parts: &[Contribution]) -> [&[Contribution]; 2] {
    [parts, &[]]
}

/// The people of each group, once each.
fn members(grouping: &Grouping) -> Vec<Vec<Contribution>> {
    let mut members = vec![Vec::new(); grouping.labels.len()];
    for (person, unit) in (0..).zip(&grouping.unit_of) {
        unit.iter().for_each(|unit| members[unit.index()].push(Contribution { person, units: 1 }));
    }
    members
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
