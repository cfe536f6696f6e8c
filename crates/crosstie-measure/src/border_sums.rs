//! What the contact of a unit adds up to, by person: a number that is shown again after a change tells of whoever changed
//! it, so `crosstie-privacy` asks of each sum who did.

use crosstie_model::{Contribution, WindowTie, WindowTies};
use rayon::prelude::*;

/// Of each label below `count`: contact inside it, across its border, sent by its people, received by them. Each message
/// counts at both of its ends, whoever they belong to. Sorted by person.
///
/// Time O(ties + parts log parts), memory O(ties + people · threads).
pub(crate) fn border_sums(ties: &WindowTies, label_of: &[u32], count: usize) -> Vec<[Vec<Contribution>; 4]> {
    let by_label = |end: fn(&WindowTie) -> u32| {
        let mut of_label = vec![Vec::new(); count];
        for (at, tie) in (0u32..).zip(&ties.ties) {
            if let Some(list) = of_label.get_mut(label_of[end(tie) as usize] as usize) {
                list.push(at);
            }
        }
        of_label
    };
    let (from, to) = rayon::join(|| by_label(|tie| tie.source), || by_label(|tie| tie.target));
    let sums = |own: &mut Own, label: usize| {
        for &at in &from[label] {
            let tie = &ties.ties[at as usize];
            let is_inside = label_of[tie.target as usize] as usize == label;
            own.add(if is_inside { INSIDE } else { OUTSIDE }, [tie.source, tie.target], tie.weight.units());
            own.add(SENT, [tie.source, tie.target], tie.weight.units());
        }
        for &at in &to[label] {
            let tie = &ties.ties[at as usize];
            if label_of[tie.source as usize] as usize != label {
                own.add(OUTSIDE, [tie.source, tie.target], tie.weight.units());
            }
            own.add(RECEIVED, [tie.source, tie.target], tie.weight.units());
        }
        own.take()
    };
    (0..count).into_par_iter().map_init(|| Own::new(label_of.len()), sums).collect()
}

/// What each person sent and received.
pub(crate) fn parts_of_everybody(ties: &WindowTies, people: usize) -> Vec<Contribution> {
    let mut units = vec![0; people];
    for tie in &ties.ties {
        units[tie.source as usize] += tie.weight.units();
        units[tie.target as usize] += tie.weight.units();
    }
    (0..).zip(units).filter(|(_, units)| *units > 0).map(|(person, units)| Contribution { person, units }).collect()
}

const INSIDE: usize = 0;
const OUTSIDE: usize = 1;
const SENT: usize = 2;
const RECEIVED: usize = 3;

/// The sums of one label while they are added up.
struct Own {
    units: Vec<[u64; 4]>,
    people: Vec<u32>,
}

impl Own {
    fn new(people: usize) -> Own {
        Own { units: vec![[0; 4]; people], people: Vec::new() }
    }

    fn add(&mut self, sum: usize, ends: [u32; 2], units: u64) {
        for end in ends {
            let of_person = &mut self.units[end as usize];
            if *of_person == [0; 4] {
                self.people.push(end);
            }
            of_person[sum] += units;
        }
    }

    /// What was added, and nothing is left.
    fn take(&mut self) -> [Vec<Contribution>; 4] {
        self.people.sort_unstable();
        // A part of nothing was pushed each time that nothing was added.
        self.people.dedup();
        let mut sums: [Vec<Contribution>; 4] = Default::default();
        for person in self.people.drain(..) {
            let units = std::mem::take(&mut self.units[person as usize]);
            for (sum, units) in sums.iter_mut().zip(units).filter(|(_, units)| *units > 0) {
                sum.push(Contribution { person, units });
            }
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expectation::tests::ties_of;
    use crosstie_model::Stream;
    use std::collections::BTreeMap;

    /// Each message by itself.
    fn slow(ties: &WindowTies, label_of: &[u32], label: u32, sum: usize) -> Vec<Contribution> {
        let mut parts: BTreeMap<u32, u64> = BTreeMap::new();
        for tie in &ties.ties {
            let (from, to) = (label_of[tie.source as usize] == label, label_of[tie.target as usize] == label);
            if [from && to, from != to, from, to][sum] {
                *parts.entry(tie.source).or_default() += tie.weight.units();
                *parts.entry(tie.target).or_default() += tie.weight.units();
            }
        }
        parts.into_iter().map(|(person, units)| Contribution { person, units }).collect()
    }

    #[test]
    fn sums_are_those_of_each_message() {
        let mut stream = Stream::new(1, "border sums", &[]);
        let label_of: Vec<u32> = (0..30).map(|person| person % 5).collect();
        let mut below = |bound| stream.below(bound) as u32;
        let rows: Vec<(u32, u32, u32, u32)> =
            (0..200).map(|_| (below(3), below(30), below(30), 1 + below(9))).collect();
        let ties = ties_of(&rows);
        // People of the last label belong nowhere.
        let found = border_sums(&ties, &label_of, 4);
        assert_eq!(found.len(), 4);
        for (label, sums) in (0..).zip(&found) {
            for (sum, parts) in sums.iter().enumerate() {
                assert!(!parts.is_empty());
                assert_eq!(*parts, slow(&ties, &label_of, label, sum), "label {label}, sum {sum}");
            }
        }
        let all: u64 = parts_of_everybody(&ties, 30).iter().map(|part| part.units).sum();
        assert_eq!(all, 2 * ties.weight().units());
    }
}
