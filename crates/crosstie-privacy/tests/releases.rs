//! Made organizations over several releases: whoever keeps every published file and subtracts them from each other learns
//! of nobody. The number of organizations is `CROSSTIE_ORGANIZATIONS`, 1,000 where it is not set.

#![expect(clippy::unwrap_used, reason = "a test may stop at anything unexpected")]

mod network;

use crosstie_model::{Day, Stream};
use crosstie_privacy::audit::elimination;
use network::{House, Network, Parts, reading};
use std::collections::BTreeMap;

const MIN_PEOPLE: usize = 5;
const FIRST: Day = Day(20_000);

/// An organization by number: 2 to 6 units, 20 to 70 people.
fn made(stream: &mut Stream) -> Network {
    let people = 20 + stream.below(51) as usize;
    let units = 2 + stream.below(5);
    let unit_of: Vec<Option<String>> = (0..people).map(|_| Some(format!("u{}", stream.below(units)))).collect();
    let mut network = Network { unit_of, ties: BTreeMap::new() };
    (0..people * 6).for_each(|_| write(&mut network, stream));
    network
}

fn write(network: &mut Network, stream: &mut Stream) {
    let people = network.unit_of.len() as u64;
    let (from, to) = (stream.below(people) as u32, stream.below(people) as u32);
    if from != to {
        *network.ties.entry((from, to)).or_default() += 1 + stream.below(5);
    }
}

/// A night: leavers, joiners, movers, a unit under another name, and from nobody to everybody writes.
fn night(network: &mut Network, stream: &mut Stream) {
    let people = network.unit_of.len() as u64;
    for _ in 0..stream.below(3) {
        let person = stream.below(people) as usize;
        network.unit_of[person] = match stream.below(3) {
            0 => None,
            _ => Some(format!("u{}", stream.below(6))),
        };
    }
    if stream.below(4) == 0 {
        let (old, new) = (format!("u{}", stream.below(6)), format!("v{}", stream.below(9)));
        for unit in network.unit_of.iter_mut().flatten().filter(|unit| **unit == old) {
            unit.clone_from(&new);
        }
    }
    let messages = [0, 1, 3, people * 2, people * 4][stream.below(5) as usize];
    (0..messages).for_each(|_| write(network, stream));
}

/// Whether a number may be known twice: nobody's part differs, or that of many without one or two who make most of it.
fn is_safe(before: &Parts, after: &Parts) -> bool {
    let of = |parts: &Parts, person| parts.get(person).copied().unwrap_or(0);
    let mut changes: Vec<u64> = before
        .keys()
        .chain(after.keys().filter(|person| !before.contains_key(person)))
        .map(|person| of(before, person).abs_diff(of(after, person)))
        .filter(|&by| by > 0)
        .collect();
    changes.sort_unstable_by(|a, b| b.cmp(a));
    let all: u64 = changes.iter().sum();
    changes.is_empty()
        || (changes.len() >= MIN_PEOPLE && changes[0] * 4 <= all && (changes[0] + changes[1]) * 8 <= all * 3)
}

/// All sums that a release tells of by what it shows of its own date: by name, and who is behind each.
fn told(house: &House, at: usize, network: &Network) -> BTreeMap<String, Parts> {
    let (date, publication) = &house.releases[at];
    let (pairs, borders) = (network.pairs(), network.borders());
    let mut told = BTreeMap::new();
    for row in publication.tables.unit_pairs.rows().iter().filter(|row| row.as_of == Some(*date)) {
        let mut both = Parts::new();
        if row.weight.is_some() {
            let [a, b] = &pairs[&(row.unit_a.clone(), row.unit_b.clone())];
            a.iter().chain(b).for_each(|(person, messages)| *both.entry(*person).or_default() += messages);
            told.insert(format!("pair {} {}", row.unit_a, row.unit_b), both);
            if row.unit_a == row.unit_b {
                told.insert(format!("border 0 {}", row.unit_a), borders[&row.unit_a][0].clone());
            }
            for unit in [&row.unit_a, &row.unit_b] {
                (2..4).for_each(|sum| {
                    told.insert(format!("border {sum} {unit}"), borders[unit][sum].clone());
                });
            }
        }
    }
    for row in publication.tables.units.rows().iter().filter(|row| row.as_of == Some(*date)) {
        if row.external_share.is_some() {
            (0..4).for_each(|sum| {
                told.insert(format!("border {sum} {}", row.unit), borders[&row.unit][sum].clone());
            });
        }
    }
    for (unit, [inside, outside, sent, received]) in &borders {
        let is_told = |sum: usize| told.contains_key(&format!("border {sum} {unit}"));
        // What is sent and received less what is inside, twice.
        if is_told(0) && is_told(2) && is_told(3) {
            let of = |parts: &Parts, person| parts.get(person).copied().unwrap_or(0);
            let adds_up =
                |person| of(sent, person) + of(received, person) == 2 * of(inside, person) + of(outside, person);
            assert!(sent.keys().chain(received.keys()).all(adds_up));
            told.insert(format!("border 1 {unit}"), outside.clone());
        }
    }
    let borders_are_told =
        publication.tables.organization.rows().iter().any(|row| row.as_of == Some(*date) && row.value.is_some());
    if borders_are_told {
        let mut inside = Parts::new();
        borders
            .values()
            .flat_map(|sums| &sums[0])
            .for_each(|(person, messages)| *inside.entry(*person).or_default() += messages);
        told.insert("inside all".into(), inside);
    }
    told
}

#[test]
fn subtraction_between_releases_tells_of_nobody() {
    let organizations = std::env::var_os("CROSSTIE_ORGANIZATIONS").and_then(|text| text.to_str()?.parse().ok());
    let (mut twice, mut changed, mut carried, mut renamed) = (0u64, 0u64, 0u64, 0u64);
    for number in 0..organizations.unwrap_or(1000) {
        let mut stream = Stream::new(1, "releases", &[number]);
        let mut network = made(&mut stream);
        let mut house = House::new(network.unit_of.len(), MIN_PEOPLE);
        let mut seen: Vec<(Network, BTreeMap<String, Parts>)> = Vec::new();
        for night_number in 0..5 {
            // Now and then an older date is made after a newer one.
            let date = FIRST.plus(7 * night_number - if stream.below(6) == 0 { 10 } else { 0 });
            house.release(date, network.measured());
            let told = told(&house, seen.len(), &network);
            for (before, earlier) in &seen {
                for (sum, parts) in &told {
                    if let Some(was) = earlier.get(sum) {
                        twice += 1;
                        changed += u64::from(was != parts);
                        assert!(is_safe(was, parts), "organization {number}, night {night_number}: {sum}");
                    }
                    // The same people under another name are the same cell.
                    if let Some(was) = before.old_name(sum, &network).and_then(|name| earlier.get(&name)) {
                        renamed += 1;
                        assert!(is_safe(was, parts), "organization {number}, night {night_number}: {sum}, renamed");
                    }
                }
            }
            let publication = &house.releases[seen.len()].1;
            carried += publication.carried.values().sum::<u64>();
            let found = elimination(&reading(publication), date);
            assert_eq!(found.exposed, 0, "organization {number}, night {night_number}: {found:?}");
            carried_rows_were_shown(&house);
            seen.push((network.clone(), told));
            night(&mut network, &mut stream);
        }
    }
    assert!(twice > 0 && changed > 0 && carried > 0 && renamed > 0, "{twice} {changed} {carried} {renamed}");
}

/// A row of an earlier date is what that date showed.
fn carried_rows_were_shown(house: &House) {
    let (date, publication) = house.releases.last().unwrap();
    for row in publication.tables.unit_pairs.rows() {
        let Some(as_of) = row.as_of.filter(|as_of| as_of != date) else { continue };
        let mut shown = house.releases.iter().filter(|(day, _)| *day == as_of);
        assert!(shown.any(|(_, earlier)| earlier.tables.unit_pairs.rows().contains(row)), "{row:?}");
    }
}

impl Network {
    /// What the sum of a unit was called in this network, if all of its people were in one unit of another name.
    fn old_name(&self, sum: &str, now: &Network) -> Option<String> {
        let (kind, unit) = sum.strip_prefix("border ")?.split_once(' ')?;
        let members = |network: &Network, unit: &str| -> Vec<usize> {
            (0..network.unit_of.len()).filter(|&person| network.unit_of[person].as_deref() == Some(unit)).collect()
        };
        let people = members(now, unit);
        let old = self.unit_of[*people.first()?].clone()?;
        (old != unit && members(self, &old) == people).then(|| format!("border {kind} {old}"))
    }
}
