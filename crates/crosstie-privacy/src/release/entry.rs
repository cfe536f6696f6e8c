//! What is kept of one release: who was behind every sum, under tags, and which sums no cell showed.

use super::key::{Key, PEOPLE};
use super::parts::Part;
use crosstie_model::Day;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// First bytes of an entry.
const MAGIC: &[u8; 20] = b"crosstie release 01\n";
/// Bytes of its checksum, at the end.
const CHECKSUM: usize = 32;

/// The entry of a release in the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    pub(crate) date: Day,
    pub(crate) window_days: u32,
    pub(crate) min_people: usize,
    /// Sums behind cells that all showed an earlier value or none: what they were nobody has seen.
    pub(crate) unseen: BTreeSet<Key>,
    /// Parts of each sum, sorted. Empty sums are left out.
    pub(crate) sums: BTreeMap<Key, Vec<Part>>,
}

/// What stands before the parts.
#[derive(Serialize, Deserialize)]
struct Head {
    date: i32,
    window_days: u32,
    min_people: usize,
    unseen: Vec<Key>,
    /// Each sum with the number of its parts.
    sums: Vec<(Key, usize)>,
}

impl Release {
    /// The snapshot date.
    #[must_use]
    pub fn date(&self) -> Day {
        self.date
    }

    /// Whether its window and one that ends on `date` have a day in common.
    #[must_use]
    pub fn overlaps(&self, date: Day, window_days: u32) -> bool {
        let (first, last) = (self.date.min(date), self.date.max(date));
        let of_last = if last == self.date { self.window_days } else { window_days };
        i64::from(last.0) - i64::from(first.0) < i64::from(of_last)
    }

    /// Groups of a grouping with their people.
    pub(crate) fn groups<'g>(&'g self, grouping: &'g str) -> impl Iterator<Item = (&'g str, &'g [Part])> {
        let first = Key { name: PEOPLE.into(), grouping: grouping.into(), labels: Vec::new() };
        self.sums
            .range(first..)
            .take_while(move |(key, _)| key.name == PEOPLE && key.grouping == grouping)
            .map(|(key, parts)| (key.labels[0].as_str(), parts.as_slice()))
    }

    pub(crate) fn parts(&self, sum: &Key) -> &[Part] {
        self.sums.get(sum).map_or(&[], Vec::as_slice)
    }

    /// As bytes of a file: equal releases are equal bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let head = Head {
            date: self.date.0,
            window_days: self.window_days,
            min_people: self.min_people,
            unseen: self.unseen.iter().cloned().collect(),
            sums: self.sums.iter().map(|(key, parts)| (key.clone(), parts.len())).collect(),
        };
        let head = serde_json::to_vec(&head).expect("labels and numbers are JSON");
        let mut out = MAGIC.to_vec();
        out.extend((head.len() as u64).to_le_bytes());
        out.extend(head);
        for part in self.sums.values().flatten() {
            out.extend(part.tag.to_le_bytes());
            out.extend(part.amount.to_le_bytes());
        }
        let checksum = blake3::hash(&out);
        out.extend(checksum.as_bytes());
        out
    }

    /// From the bytes of a file; `None` where a byte of it was changed.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Release> {
        let (content, checksum) = bytes.split_at_checked(bytes.len().checked_sub(CHECKSUM)?)?;
        if blake3::hash(content).as_bytes() != checksum {
            return None;
        }
        let rest = content.strip_prefix(MAGIC.as_slice())?;
        let (length, rest) = rest.split_first_chunk::<8>()?;
        let (head, rest) = rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
        let head: Head = serde_json::from_slice(head).ok()?;
        let (numbers, rest) = rest.as_chunks::<16>();
        let mut parts = numbers.iter().map(|bytes| {
            let (tag, amount) = bytes.split_at(8);
            let number = |half: &[u8]| half.try_into().map(u64::from_le_bytes).unwrap_or_default();
            Part { tag: number(tag), amount: number(amount) }
        });
        let count: usize = head.sums.iter().map(|(_, count)| count).sum();
        if !rest.is_empty() || count != numbers.len() {
            return None;
        }
        let sums = head.sums.into_iter().map(|(key, count)| (key, parts.by_ref().take(count).collect())).collect();
        Some(Release {
            date: Day(head.date),
            window_days: head.window_days,
            min_people: head.min_people,
            unseen: head.unseen.into_iter().collect(),
            sums,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_comes_back_and_a_changed_byte_does_not() {
        let key = |label: &str| Key::new(PEOPLE, "unit", &[label]);
        let release = Release {
            date: Day(20_000),
            window_days: 91,
            min_people: 10,
            unseen: [Key::new("pair", "unit", &["b", "a"])].into(),
            sums: [(key("a"), vec![Part { tag: 1, amount: 2 }, Part { tag: u64::MAX, amount: 3 }]), (key("b"), vec![])]
                .into(),
        };
        let bytes = release.to_bytes();
        assert_eq!(Release::from_bytes(&bytes).as_ref(), Some(&release));
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert_eq!(Release::from_bytes(&changed), None, "byte {at}");
        }
        assert_eq!(Release::from_bytes(&bytes[1..]), None);
        assert_eq!(Release::from_bytes(&[]), None);
    }

    #[test]
    fn windows_overlap_by_a_day() {
        let release =
            Release { date: Day(100), window_days: 10, min_people: 10, unseen: BTreeSet::new(), sums: BTreeMap::new() };
        // Its days are 91 to 100.
        assert!(release.overlaps(Day(109), 10) && !release.overlaps(Day(110), 10));
        assert!(release.overlaps(Day(91), 30) && !release.overlaps(Day(90), 30));
        assert!(release.overlaps(Day(100), 1));
    }
}
