//! The parts of people in a sum, and by whom two of them differ.

use crosstie_model::{Contribution, KeyedHash, Purpose};
use rayon::prelude::*;

/// One person's part: who, by a tag that says nothing without the key, and how much.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Part {
    pub(crate) tag: u64,
    pub(crate) amount: u64,
}

/// Makes tags: the same of a person in sums of one kind and grouping, whatever the groups are called.
#[derive(Clone, Copy)]
pub struct Tags<'k> {
    keyed: &'k dyn KeyedHash,
    /// Tokens of people, by their numbers.
    tokens: &'k [[u8; 16]],
}

impl<'k> Tags<'k> {
    /// For people with these tokens, which do not rotate.
    #[must_use]
    pub fn new(keyed: &'k dyn KeyedHash, tokens: &'k [[u8; 16]]) -> Tags<'k> {
        Tags { keyed, tokens }
    }

    /// The tags of all people in sums of one kind and grouping, by their numbers.
    pub(crate) fn of_all(&self, (name, grouping): (&str, &str)) -> Vec<u64> {
        self.tokens.par_iter().map(|token| tag_of(self.keyed, name, grouping, token)).collect()
    }
}

/// Parts by tag. A person who stands on both sides has one part.
pub(crate) fn sorted_parts<'c>(parts: impl Iterator<Item = &'c Contribution>, tags: &[u64]) -> Vec<Part> {
    let part = |part: &Contribution| Part { tag: tags[part.person as usize], amount: part.units };
    let mut out: Vec<Part> = parts.filter(|part| part.units > 0).map(part).collect();
    out.sort_unstable();
    out.dedup_by(|other, part| {
        let is_same = other.tag == part.tag;
        part.amount += if is_same { other.amount } else { 0 };
        is_same
    });
    out.shrink_to_fit();
    out
}

/// The tag of a person with this token in sums of one kind and grouping.
pub(crate) fn tag_of(keyed: &dyn KeyedHash, name: &str, grouping: &str, token: &[u8; 16]) -> u64 {
    let hash = keyed.hash(Purpose::Ledger, &[b"tag", name.as_bytes(), grouping.as_bytes(), token]);
    u64::from_le_bytes([hash[0], hash[1], hash[2], hash[3], hash[4], hash[5], hash[6], hash[7]])
}

/// By how much each person's part differs, without those that are equal. Both are sorted.
pub(crate) fn differences(before: impl Iterator<Item = Part>, after: &[Part]) -> impl Iterator<Item = u64> {
    let (mut before, mut after) = (before.peekable(), after.iter().peekable());
    let next = move || {
        let amounts = match (before.peek(), after.peek()) {
            (None, None) => return None,
            (Some(was), Some(is)) if was.tag == is.tag => (before.next(), after.next()),
            (Some(was), Some(is)) if was.tag < is.tag => (before.next(), None),
            (Some(_), None) => (before.next(), None),
            _ => (None, after.next()),
        };
        Some((amounts.0.map_or(0, |part| part.amount), amounts.1.map_or(0, |part| part.amount)))
    };
    std::iter::from_fn(next).filter(|(was, is)| was != is).map(|(was, is)| was.abs_diff(is))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::btree_map, prelude::*};
    use std::collections::{BTreeMap, BTreeSet};

    proptest! {
        #[test]
        fn differences_are_those_of_each_person(
            before in btree_map(0..12u64, 1..4u64, 0..10),
            after in btree_map(0..12u64, 1..4u64, 0..10),
        ) {
            let list = |parts: &BTreeMap<u64, u64>| -> Vec<Part> {
                parts.iter().map(|(&tag, &amount)| Part { tag, amount }).collect()
            };
            let amount = |parts: &BTreeMap<u64, u64>, tag| parts.get(tag).copied().unwrap_or(0);
            let tags: BTreeSet<u64> = before.keys().chain(after.keys()).copied().collect();
            let slow: Vec<u64> = tags
                .iter()
                .map(|tag| amount(&before, tag).abs_diff(amount(&after, tag)))
                .filter(|&by| by > 0)
                .collect();
            let found: Vec<u64> = differences(list(&before).into_iter(), &list(&after)).collect();
            prop_assert_eq!(found, slow);
        }
    }
}
