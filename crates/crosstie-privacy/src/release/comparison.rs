//! One earlier release beside the sums of now: what groups were called then, and which cells may change since.

use super::COMMUNITY;
use super::asked::{ALONE, Asked, Cell, Sum, Sums, parts_of};
use super::entry::Release;
use super::key::{Key, PEOPLE};
use super::members::Members;
use super::packed_sums::Place;
use super::parts::{Part, differences};
use crate::audit::is_safe_change;
use crate::decide::Rules;
use crosstie_model::Lookup;
use rayon::prelude::*;

/// An earlier release, and what was found of groups of now.
pub(crate) struct Comparison<'a> {
    then: &'a Release,
    rules: Rules,
    /// Where each sum of then is. A name is hashed once, where a search compares dozens.
    places: Lookup<&'a Key, Place>,
    /// Sums of then that nobody has seen.
    unseen: Lookup<&'a Key, ()>,
    /// By their numbers.
    groups: Vec<Group>,
}

/// A group of now.
struct Group {
    /// What it was called then: the same, and whatever shares more than half of its people with it.
    twins: Vec<String>,
    /// Whether it was called the same, and nothing else.
    is_same: bool,
    /// Whether each of its sums alone may change, whatever it was called.
    may_change: [bool; ALONE.len()],
}

impl<'a> Comparison<'a> {
    pub(crate) fn new(then: &'a Release, rules: Rules, asked: &Asked<'_>, now: &Sums) -> Comparison<'a> {
        let (places, unseen) = rayon::join(
            || lookup(then.sums.places(), then.sums.len()),
            || lookup(then.unseen.iter().map(|key| (key, ())), then.unseen.len()),
        );
        let mut comparison = Comparison { then, rules, places, unseen, groups: Vec::new() };
        for groups in asked.groups.chunk_by(|one, other| one.0 == other.0) {
            let members = Members::of(then, groups[0].0);
            let group = |(grouping, label): &(&str, &str)| comparison.group(grouping, label, &members, now);
            let found: Vec<Group> = groups.par_iter().map(group).collect();
            comparison.groups.extend(found);
        }
        comparison
    }

    fn group(&self, grouping: &str, label: &str, members: &Members, now: &Sums) -> Group {
        let sum = |name: &'static str, label: &str| Key::new(name, grouping, &[label]);
        let twins = match now.get(&sum(PEOPLE, label)) {
            Some(people) => twins_of(grouping, label, people, members),
            // No group of people: a name like that of everybody.
            None => vec![label.to_string()],
        };
        let may_change = ALONE.map(|name| {
            let parts = parts_of(now, &sum(name, label));
            twins.iter().all(|twin| self.is_safe(parts, &sum(name, twin)))
        });
        Group { is_same: twins == [label], twins, may_change }
    }

    /// Whether a cell may show what it is now. Where one of its groups was not there then, there is nothing to compare with.
    pub(crate) fn may_change(&self, cell: &Cell<'_>) -> bool {
        let groups: Vec<&Group> = cell.groups().iter().map(|&group| &self.groups[group as usize]).collect();
        let is_alone_safe = |(group, kinds): (&&Group, &u8)| {
            group.may_change.iter().enumerate().all(|(kind, may_change)| kinds >> kind & 1 == 0 || *may_change)
        };
        groups.iter().any(|group| group.twins.is_empty())
            || groups.iter().zip(&cell.alone).all(is_alone_safe)
                && cell.others.iter().all(|sum| self.may_sum_change(sum, &groups[..sum.key.group_count()]))
    }

    fn may_sum_change(&self, sum: &Sum<'_>, groups: &[&Group]) -> bool {
        if groups.iter().all(|group| group.is_same) {
            return self.is_safe(sum.now, &sum.key);
        }
        former_names(&sum.key, groups).iter().all(|was| self.is_safe(sum.now, was))
    }

    fn is_safe(&self, now: &[Part], was: &Key) -> bool {
        let then = self.places.get(was).into_iter().flat_map(|place| self.then.sums.parts_at(*place));
        is_safe_change(differences(then, now), self.rules) || self.unseen.get(was).is_some()
    }
}

fn lookup<'k, V>(entries: impl Iterator<Item = (&'k Key, V)>, count: usize) -> Lookup<&'k Key, V> {
    let mut lookup = Lookup::with_capacity(count);
    for (key, value) in entries {
        lookup.insert(key, value);
    }
    lookup
}

/// The names that a sum of these groups may have had.
fn former_names(sum: &Key, groups: &[&Group]) -> Vec<Key> {
    let named = |places: &[&String]| {
        let places = places.iter().map(|label| (*label).clone());
        sum.with_labels(places.chain(sum.labels[groups.len()..].iter().cloned()).collect())
    };
    match *groups {
        [] => vec![sum.clone()],
        [group] => group.twins.iter().map(|twin| named(&[twin])).collect(),
        // What is inside of a group was inside of one.
        [group, _] if sum.labels[0] == sum.labels[1] => group.twins.iter().map(|twin| named(&[twin, twin])).collect(),
        [one, two, ..] => {
            let with = |a| two.twins.iter().map(move |b| named(&[a, b]));
            one.twins.iter().flat_map(with).collect()
        }
    }
}

/// What a group of these people was called.
fn twins_of(grouping: &str, label: &str, people: &[Part], members: &Members) -> Vec<String> {
    let shared = members.shared_with(people);
    let is_twin = |((name, count), shared): &(&(String, usize), usize)| {
        // The number of a community is its rank and says nothing of who it is.
        let by_name = name == label && grouping != COMMUNITY;
        by_name || 2 * shared > people.len().min(*count)
    };
    members.groups.iter().zip(shared).filter(is_twin).map(|((name, _), _)| name.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::key::BORDER;
    use super::super::packed_sums::PackedSums;
    use super::*;
    use crosstie_model::Day;
    use proptest::{collection::btree_map, collection::vec, prelude::*};
    use std::collections::{BTreeMap, BTreeSet};

    const RULES: Rules = Rules { min_people: 2 };
    const NAMES: [&str; 4] = ["a", "b", "c", "(all)"];

    type Amounts = BTreeMap<u64, u64>;

    /// Sums by name, each a person's number with an amount: who is in which group, then for each kind of sum of one group,
    /// of two, and of a group and an indicator one of its labels.
    fn sums() -> impl Strategy<Value = BTreeMap<Key, Amounts>> {
        let people = vec(0..3usize, 12);
        let amounts = btree_map(0..12u64, 1..3u64, 0..9);
        (people, vec(amounts, 40)).prop_map(|(unit_of, amounts)| {
            let mut amounts = amounts.into_iter();
            let mut sums = BTreeMap::new();
            for (person, unit) in (0..).zip(unit_of) {
                let sum: &mut Amounts = sums.entry(Key::new(PEOPLE, "unit", &[NAMES[unit]])).or_default();
                sum.insert(person, 1);
            }
            let alone = NAMES.iter().flat_map(|name| BORDER.map(|kind| Key::new(kind, "unit", &[name])));
            let pairs = NAMES[..3].iter().flat_map(|a| NAMES[..3].iter().map(|b| Key::new("pair", "unit", &[a, b])));
            let events = NAMES.iter().map(|name| Key::new("indicator_1", "unit", &[name, "openness"]));
            for key in alone.chain(pairs).chain(events).chain([Key::new("all", "", &[])]) {
                sums.insert(key, amounts.next().unwrap_or_default());
            }
            sums.retain(|_, parts| !parts.is_empty());
            sums
        })
    }

    fn packed(sums: &BTreeMap<Key, Amounts>) -> Sums {
        let part = |(&tag, &amount): (&u64, &u64)| Part { tag, amount };
        sums.iter().map(|(key, parts)| (key.clone(), parts.iter().map(part).collect())).collect()
    }

    /// The same by its definition: whatever the groups of a cell were called, no sum changed by few.
    fn slow(cell: &Key, then: &BTreeMap<Key, Amounts>, now: &BTreeMap<Key, Amounts>) -> bool {
        let none = Amounts::new();
        let people = |of: &BTreeMap<Key, Amounts>, label: &str| {
            let people = of.get(&Key::new(PEOPLE, "unit", &[label]))?;
            Some(people.keys().copied().collect::<BTreeSet<u64>>())
        };
        let twins = |label: &str| -> Vec<&str> {
            let Some(are) = people(now, label) else {
                return NAMES.into_iter().filter(|name| *name == label).collect();
            };
            let is_twin = |name: &&str| {
                people(then, name).is_some_and(|were| {
                    *name == label || 2 * are.intersection(&were).count() > are.len().min(were.len())
                })
            };
            NAMES.into_iter().filter(is_twin).collect()
        };
        let groups: BTreeSet<&String> = cell.labels.iter().take(cell.group_count()).collect();
        let mut called: Vec<BTreeMap<&str, &str>> = vec![BTreeMap::new()];
        for group in groups {
            let with = |known: BTreeMap<_, _>| {
                twins(group).into_iter().map(move |twin| {
                    let mut known = known.clone();
                    known.insert(group.as_str(), twin);
                    known
                })
            };
            called = called.into_iter().flat_map(with).collect();
        }
        called.iter().all(|called| {
            cell.sums().iter().all(|sum| {
                let name =
                    |label: &String| called.get(label.as_str()).map_or(label.clone(), |name| (*name).to_string());
                let was = then.get(&sum.with_labels(sum.labels.iter().map(name).collect())).unwrap_or(&none);
                let is = now.get(sum).unwrap_or(&none);
                let by = |person: u64| was.get(&person).unwrap_or(&0).abs_diff(*is.get(&person).unwrap_or(&0));
                is_safe_change((0..12).map(by).filter(|&by| by > 0), RULES)
            })
        })
    }

    proptest! {
        #[test]
        fn cells_change_as_their_definition_says(
            then in sums(), now in prop_oneof![Just(None), sums().prop_map(Some)],
            moved in btree_map(0..50usize, btree_map(0..12u64, 1..3u64, 0..9), 0..4),
        ) {
            // Something else, or the same but for a few sums.
            let mut now = now.unwrap_or_else(|| then.clone());
            let keys: Vec<Key> = now.keys().cloned().collect();
            moved.into_iter().filter(|&(at, _)| at < keys.len()).for_each(|(at, parts)| {
                now.insert(keys[at].clone(), parts);
            });
            now.retain(|_, parts| !parts.is_empty());
            let release = Release {
                date: Day(0), window_days: 1, min_people: 2, unseen: BTreeSet::new(), sums: PackedSums::of(&packed(&then)),
            };
            let pairs = NAMES[..3].iter().flat_map(|a| NAMES[..3].iter().map(|b| [*a, *b]));
            let pairs = pairs.flat_map(|labels| ["unit_pairs", "introductions"].map(|table| Key::new(table, "unit", &labels)));
            let units = NAMES.iter().map(|name| Key::new("units", "unit", &[name]));
            let freedoms = NAMES.iter().map(|name| Key::new("freedoms", "unit", &[name, "openness"]));
            let cells: Vec<Key> = units.chain(pairs).chain(freedoms).chain([Key::new("organization", "", &[])]).collect();
            let sums = packed(&now);
            let asked = Asked::new(&cells, &sums);
            let comparison = Comparison::new(&release, RULES, &asked, &sums);
            for (cell, asked) in cells.iter().zip(&asked.cells) {
                prop_assert_eq!(comparison.may_change(asked), slow(cell, &then, &now), "{:?}", cell);
            }
        }
    }
}
