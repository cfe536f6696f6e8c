//! Who was in which group of a grouping in an earlier release.

use super::entry::Release;
use super::parts::Part;

/// Groups with their people.
pub(crate) struct Members {
    /// Label and number of people of each group.
    pub(crate) groups: Vec<(String, usize)>,
    /// Tags with the places of their groups, sorted.
    places: Vec<(u64, usize)>,
}

impl Members {
    pub(crate) fn of(release: &Release, grouping: &str) -> Members {
        let mut out = Members { groups: Vec::new(), places: Vec::new() };
        for (label, people) in release.groups(grouping) {
            let before = out.places.len();
            out.places.extend(people.map(|part| (part.tag, out.groups.len())));
            out.groups.push((label.to_string(), out.places.len() - before));
        }
        out.places.sort_unstable();
        out
    }

    /// How many people each group has in common with these.
    pub(crate) fn shared_with(&self, people: &[Part]) -> Vec<usize> {
        let mut shared = vec![0; self.groups.len()];
        for person in people {
            let first = self.places.partition_point(|&(tag, _)| tag < person.tag);
            let own = self.places[first..].iter().take_while(|&&(tag, _)| tag == person.tag);
            own.for_each(|&(_, group)| shared[group] += 1);
        }
        shared
    }
}

#[cfg(test)]
mod tests {
    use super::super::key::{Key, PEOPLE};
    use super::super::packed_sums::PackedSums;
    use super::*;
    use crosstie_model::Day;
    use proptest::{collection::btree_set, prelude::*};
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn people_in_common_are_counted(
            then in proptest::collection::vec(btree_set(0..20u64, 0..9), 0..5), now in btree_set(0..20u64, 0..9),
        ) {
            let parts = |people: &BTreeSet<u64>| -> Vec<Part> {
                people.iter().map(|&tag| Part { tag, amount: 1 }).collect()
            };
            let key = |at: usize, grouping| Key::new(PEOPLE, grouping, &[&at.to_string()]);
            let mut sums: Vec<(Key, Vec<Part>)> =
                then.iter().enumerate().map(|(at, people)| (key(at, "unit"), parts(people))).collect();
            sums.extend([(key(0, "office"), parts(&now)), (Key::new("inside", "unit", &["0"]), parts(&now))]);
            let release = Release {
                date: Day(0),
                window_days: 1,
                min_people: 5,
                unseen: BTreeSet::new(),
                sums: PackedSums::of(&sums.into_iter().collect()),
            };
            let members = Members::of(&release, "unit");
            let shared: Vec<(String, usize, usize)> = members
                .groups
                .iter()
                .zip(members.shared_with(&parts(&now)))
                .map(|((label, people), shared)| (label.clone(), *people, shared))
                .collect();
            let slow: Vec<(String, usize, usize)> = then
                .iter()
                .enumerate()
                .map(|(at, people)| (at.to_string(), people.len(), people.intersection(&now).count()))
                .collect();
            prop_assert_eq!(shared, slow);
        }
    }
}
