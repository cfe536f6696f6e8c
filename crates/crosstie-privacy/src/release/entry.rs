//! What is kept of one release: who was behind every sum, under tags, and which sums no cell showed.

use super::key::{Key, PEOPLE};
use super::packed_sums::{Kind, PackedSums};
use super::parts::Part;
use crosstie_model::Day;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// First bytes of an entry.
const MAGIC: &[u8; 20] = b"crosstie release 02\n";
/// Those of an entry whose parts are not packed.
const MAGIC_01: &[u8; 20] = b"crosstie release 01\n";
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
    /// Parts of each sum. Empty sums are left out.
    pub(crate) sums: PackedSums,
}

/// What stands before tags and parts; `S` is what it says of a sum.
#[derive(Serialize, Deserialize)]
struct Head<S> {
    date: i32,
    window_days: u32,
    min_people: usize,
    unseen: Vec<Key>,
    /// How many tags each kind of sum has in a grouping.
    #[serde(default)]
    tags: Vec<(Kind, usize)>,
    sums: Vec<S>,
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
    pub(crate) fn groups<'r, 'g>(
        &'r self,
        grouping: &'g str,
    ) -> impl Iterator<Item = (&'r str, impl Iterator<Item = Part> + use<'r>)> + use<'r, 'g> {
        let first = Key { name: PEOPLE.into(), grouping: grouping.into(), labels: Vec::new() };
        self.sums
            .range_from(first)
            .take_while(move |(key, _)| key.name == PEOPLE && key.grouping == grouping)
            .map(|(key, parts)| (key.labels[0].as_str(), parts))
    }

    /// As bytes of a file: equal releases are equal bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let head = Head {
            date: self.date.0,
            window_days: self.window_days,
            min_people: self.min_people,
            unseen: self.unseen.iter().cloned().collect(),
            tags: self.sums.tags().iter().map(|(kind, tags)| (kind.clone(), tags.len())).collect(),
            // Each sum with the number of its parts and their bytes.
            sums: self.sums.sums().collect::<Vec<(&Key, usize, usize)>>(),
        };
        let head = serde_json::to_vec(&head).expect("labels and numbers are JSON");
        let tags = self.sums.tags().iter().flat_map(|(_, tags)| tags);
        let length = MAGIC.len() + 8 + head.len() + 8 * tags.clone().count() + self.sums.bytes().len() + CHECKSUM;
        let mut out = Vec::with_capacity(length);
        out.extend(MAGIC);
        out.extend((head.len() as u64).to_le_bytes());
        out.extend(head);
        out.extend(tags.flat_map(|tag| tag.to_le_bytes()));
        out.extend_from_slice(self.sums.bytes());
        let checksum = blake3::hash(&out);
        out.extend(checksum.as_bytes());
        out
    }

    /// From the bytes of a file; `None` where a byte of it was changed.
    #[must_use]
    pub fn from_bytes(mut bytes: Vec<u8>) -> Option<Release> {
        let (content, checksum) = bytes.split_at_checked(bytes.len().checked_sub(CHECKSUM)?)?;
        if blake3::hash(content).as_bytes() != checksum {
            return None;
        }
        let (magic, rest) = content.split_first_chunk::<20>()?;
        let (length, rest) = rest.split_first_chunk::<8>()?;
        let (head, rest) = rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
        match magic {
            MAGIC => {
                let head = serde_json::from_slice(head).ok()?;
                // What is left is as large as the file: it is not held twice.
                let (first, end) = (content.len() - rest.len(), content.len());
                bytes.truncate(end);
                bytes.drain(..first);
                Release::packed(head, bytes)
            }
            MAGIC_01 => Release::unpacked(serde_json::from_slice(head).ok()?, rest),
            _ => None,
        }
    }

    fn packed(head: Head<(Key, usize, usize)>, mut bytes: Vec<u8>) -> Option<Release> {
        let mut tags = Vec::with_capacity(head.tags.len());
        let mut rest = bytes.as_slice();
        for (kind, count) in &head.tags {
            let (own, after) = rest.split_at_checked(count.checked_mul(8)?)?;
            let own = own.as_chunks().0.iter().map(|tag| u64::from_le_bytes(*tag)).collect();
            tags.push((kind.clone(), own));
            rest = after;
        }
        bytes.drain(..bytes.len() - rest.len());
        let sums = PackedSums::from_kept(tags, head.sums, bytes)?;
        Some(Release {
            date: Day(head.date),
            window_days: head.window_days,
            min_people: head.min_people,
            unseen: head.unseen.into_iter().collect(),
            sums,
        })
    }

    /// As entries were kept before: 16 bytes a part.
    fn unpacked(head: Head<(Key, usize)>, rest: &[u8]) -> Option<Release> {
        let (numbers, rest) = rest.as_chunks::<8>();
        let (numbers, odd) = numbers.as_chunks::<2>();
        let part =
            |[tag, amount]: &[[u8; 8]; 2]| Part { tag: u64::from_le_bytes(*tag), amount: u64::from_le_bytes(*amount) };
        let mut parts = numbers.iter().map(part);
        let count: usize = head.sums.iter().map(|(_, count)| count).sum();
        if !rest.is_empty() || !odd.is_empty() || count != numbers.len() {
            return None;
        }
        let sums = head.sums.into_iter().map(|(key, count)| (key, parts.by_ref().take(count).collect())).collect();
        Some(Release {
            date: Day(head.date),
            window_days: head.window_days,
            min_people: head.min_people,
            unseen: head.unseen.into_iter().collect(),
            sums: PackedSums::of(&sums),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn a_release_comes_back_and_a_changed_byte_does_not() {
        let key = |label: &str| Key::new(PEOPLE, "unit", &[label]);
        let sums =
            [(key("a"), vec![Part { tag: 1, amount: 2 }, Part { tag: u64::MAX, amount: 3 }]), (key("b"), vec![])];
        let sums = BTreeMap::from(sums);
        let release = Release {
            date: Day(20_000),
            window_days: 91,
            min_people: 10,
            unseen: [Key::new("pair", "unit", &["b", "a"])].into(),
            sums: PackedSums::of(&sums),
        };
        let bytes = release.to_bytes();
        assert_eq!(Release::from_bytes(bytes.clone()).as_ref(), Some(&release));
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert_eq!(Release::from_bytes(changed), None, "byte {at}");
        }
        assert_eq!(Release::from_bytes(bytes[1..].to_vec()), None);
        assert_eq!(Release::from_bytes(Vec::new()), None);

        // As it was kept before.
        let head = Head {
            date: 20_000,
            window_days: 91,
            min_people: 10,
            unseen: release.unseen.iter().cloned().collect(),
            tags: Vec::new(),
            sums: sums.iter().map(|(key, parts)| (key, parts.len())).collect::<Vec<(&Key, usize)>>(),
        };
        let head = serde_json::to_vec(&head).unwrap();
        let numbers = [1, 2, u64::MAX, 3].map(u64::to_le_bytes).concat();
        let with_checksum = |numbers: &[u8]| {
            let content = [MAGIC_01.as_slice(), &(head.len() as u64).to_le_bytes(), &head, numbers].concat();
            [content.as_slice(), blake3::hash(&content).as_bytes()].concat()
        };
        assert_eq!(Release::from_bytes(with_checksum(&numbers)), Some(release));
        for other in [&numbers[1..], &numbers[8..], &numbers[16..]] {
            assert_eq!(Release::from_bytes(with_checksum(other)), None);
        }
    }

    #[test]
    fn windows_overlap_by_a_day() {
        let release = Release {
            date: Day(100),
            window_days: 10,
            min_people: 10,
            unseen: BTreeSet::new(),
            sums: PackedSums::default(),
        };
        // Its days are 91 to 100.
        assert!(release.overlaps(Day(109), 10) && !release.overlaps(Day(110), 10));
        assert!(release.overlaps(Day(91), 30) && !release.overlaps(Day(90), 30));
        assert!(release.overlaps(Day(100), 1));
    }
}
