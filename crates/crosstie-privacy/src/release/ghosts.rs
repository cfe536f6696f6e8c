//! People in the release ledger who were forgotten: their parts go on counting under tags of nobody.
//!
//! Without the amounts the next release could differ by exactly one of them. A tag is drawn anew in every sum, so nothing
//! ties two ghosts together.

use super::entry::Release;
use super::packed_sums::PackedSums;
use super::parts::{Part, tag_of};
use crosstie_model::KeyedHash;
use std::collections::{BTreeMap, BTreeSet};

impl Release {
    /// The tags that somebody with this token may have in it.
    #[must_use]
    pub fn tags_of(&self, keyed: &dyn KeyedHash, token: &[u8; 16]) -> Vec<u64> {
        self.sums.tags().iter().map(|((name, grouping), _)| tag_of(keyed, name, grouping, token)).collect()
    }

    /// How many parts have one of these tags.
    pub fn part_count(&self, is_one: impl Fn(u64) -> bool) -> u64 {
        self.sums.iter().flat_map(|(_, parts)| parts).filter(|part| is_one(part.tag)).count() as u64
    }

    /// The release with other tags for parts that are `gone`, and how many those are. Amounts stay. `draw` gives a number
    /// that nobody can guess.
    #[must_use]
    pub fn with_ghosts(&self, is_gone: impl Fn(u64) -> bool, mut draw: impl FnMut() -> u64) -> (Release, u64) {
        let mut sums = BTreeMap::new();
        let mut count = 0;
        for (key, parts) in self.sums.iter() {
            let mut parts: Vec<Part> = parts.collect();
            let mut taken: BTreeSet<u64> = parts.iter().map(|part| part.tag).collect();
            for part in parts.iter_mut().filter(|part| is_gone(part.tag)) {
                let mut tag = draw();
                while !taken.insert(tag) {
                    tag = draw();
                }
                *part = Part { tag, amount: part.amount };
                count += 1;
            }
            parts.sort_unstable();
            sums.insert(key.clone(), parts);
        }
        (Release { sums: PackedSums::of(&sums), unseen: self.unseen.clone(), ..*self }, count)
    }
}

#[cfg(test)]
mod tests {
    use super::super::key::Key;
    use super::*;
    use crosstie_model::Day;

    #[test]
    fn amounts_stay_and_tags_go() {
        let part = |tag, amount| Part { tag, amount };
        let key = |name: &'static str| Key::new(name, "unit", &["a"]);
        let release = Release {
            date: Day(1),
            window_days: 7,
            min_people: 5,
            unseen: BTreeSet::new(),
            sums: PackedSums::of(
                &[(key("sent"), vec![part(1, 10), part(5, 20)]), (key("people"), vec![part(5, 1)])].into(),
            ),
        };
        // The first number drawn is taken already.
        let mut numbers = [1, 90, 91].into_iter();
        let (ghosts, count) = release.with_ghosts(|tag| tag == 5, || numbers.next().unwrap());
        assert_eq!(count, 2);
        let of = |release: &Release, name: &'static str| {
            release
                .sums
                .iter()
                .filter(|(sum, _)| **sum == key(name))
                .flat_map(|(_, parts)| parts)
                .collect::<Vec<Part>>()
        };
        let people = of(&ghosts, "people");
        let sent = of(&ghosts, "sent");
        assert_eq!((people.len(), people[0].amount), (1, 1));
        assert_eq!(sent.iter().map(|part| part.amount).sum::<u64>(), 30);
        assert!(sent.contains(&part(1, 10)) && sent.is_sorted());
        assert_eq!(ghosts.part_count(|tag| tag == 5), 0);
        assert_ne!(sent[1].tag, people[0].tag);
        assert_eq!(release.with_ghosts(|_| false, || 0), (release.clone(), 0));
    }
}
