//! The parts of all sums of a release, packed: a tag is kept once for each kind of sum and grouping, and a part is the
//! step from the tag before and its amount, in as few bytes as they need.
//!
//! A release of 20,000 people in 833 units has twenty million parts, and runs hold every release whose window overlaps.

use super::key::Key;
use super::parts::Part;
use crosstie_model::Lookup;
use crosstie_model::packed::{Packed, put_number};
use rayon::prelude::*;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A kind of sum in a grouping: in these a person has one tag.
pub(crate) type Kind = (Cow<'static, str>, String);

/// Where the parts of a sum are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    first: usize,
    length: usize,
    count: usize,
}

/// Parts of sums.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PackedSums {
    /// The tags in sums of each kind, sorted.
    tags: BTreeMap<Kind, Vec<u64>>,
    places: BTreeMap<Key, Place>,
    bytes: Vec<u8>,
}

/// Sums that are packed at once.
const AT_ONCE: usize = 1024;
/// Sums whose tags are gathered at once: each time those of nearly everybody.
const KINDS_AT_ONCE: usize = 1 << 15;

impl PackedSums {
    /// Packs sums, each of whose parts are sorted.
    pub(crate) fn of(sums: &BTreeMap<Key, Vec<Part>>) -> PackedSums {
        let entries: Vec<(&Key, &Vec<Part>)> = sums.iter().collect();
        let tags = tags_of(&entries);
        let place_of = |tags: &Vec<u64>| {
            let mut places = Lookup::new();
            tags.iter().zip(0u32..).for_each(|(&tag, place)| {
                places.insert(tag, place);
            });
            places
        };
        let places_of: BTreeMap<&Kind, Lookup<u64, u32>> =
            tags.iter().map(|(kind, tags)| (kind, place_of(tags))).collect();
        let pack = |entries: &[(&Key, &Vec<Part>)]| {
            let mut bytes = Vec::new();
            let mut lengths = Vec::with_capacity(entries.len());
            for (key, parts) in entries {
                let (before, mut last, places) = (bytes.len(), 0, &places_of[&kind(key)]);
                for part in *parts {
                    let place = *places.get(&part.tag).expect("every tag has its place");
                    put_number(&mut bytes, (place - last).into());
                    put_number(&mut bytes, part.amount);
                    last = place;
                }
                lengths.push(bytes.len() - before);
            }
            (bytes, lengths)
        };
        let packed: Vec<(Vec<u8>, Vec<usize>)> = entries.par_chunks(AT_ONCE).map(pack).collect();
        let mut out = PackedSums { tags, ..PackedSums::default() };
        let lengths = packed.iter().flat_map(|(_, lengths)| lengths);
        let mut first = 0;
        let place = |(&(key, parts), &length): (&(&Key, &Vec<Part>), &usize)| {
            first += length;
            (key.clone(), Place { first: first - length, length, count: parts.len() })
        };
        out.places = entries.iter().zip(lengths).map(place).collect();
        out.bytes.reserve_exact(first);
        packed.iter().for_each(|(bytes, _)| out.bytes.extend_from_slice(bytes));
        out
    }

    /// From what was kept: tags, keys with the number of their parts and their bytes, and the bytes. `None` unless
    /// all of it fits together.
    pub(crate) fn from_kept(
        tags: BTreeMap<Kind, Vec<u64>>,
        sums: Vec<(Key, usize, usize)>,
        bytes: Vec<u8>,
    ) -> Option<PackedSums> {
        let mut first = 0usize;
        let place = |(key, count, length): (Key, usize, usize)| {
            let place = Place { first, length, count };
            first = first.checked_add(length)?;
            Some((key, place))
        };
        let places: BTreeMap<Key, Place> = sums.into_iter().map(place).collect::<Option<_>>()?;
        let out = PackedSums { tags, places, bytes };
        let all: Vec<(&Key, &Place)> = out.places.iter().collect();
        let is_whole = first == out.bytes.len() && all.par_iter().all(|(key, place)| out.read(key, place).is_some());
        is_whole.then_some(out)
    }

    /// The tags in sums of each kind, sorted.
    pub(crate) fn tags(&self) -> &BTreeMap<Kind, Vec<u64>> {
        &self.tags
    }

    /// Every sum with the number of its parts and their bytes, in order.
    pub(crate) fn sums(&self) -> impl Iterator<Item = (&Key, usize, usize)> {
        self.places.iter().map(|(key, place)| (key, place.count, place.length))
    }

    /// The bytes of all parts, one sum after the other.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The parts of a sum, sorted; none where there is no such sum.
    pub(crate) fn parts(&self, sum: &Key) -> Vec<Part> {
        self.places.get(sum).map_or_else(Vec::new, |place| self.parts_at(sum, place))
    }

    /// Sums from this one on, with their parts.
    pub(crate) fn range_from(&self, first: Key) -> impl Iterator<Item = (&Key, Vec<Part>)> {
        self.places.range(first..).map(|(key, place)| (key, self.parts_at(key, place)))
    }

    /// All sums with their parts.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Key, Vec<Part>)> {
        self.places.iter().map(|(key, place)| (key, self.parts_at(key, place)))
    }

    fn parts_at(&self, sum: &Key, place: &Place) -> Vec<Part> {
        self.read(sum, place).expect("it was packed here, or looked through when it was read")
    }

    fn read(&self, sum: &Key, place: &Place) -> Option<Vec<Part>> {
        let tags = self.tags.get(&kind(sum))?;
        let mut bytes = Packed(self.bytes.get(place.first..place.first.checked_add(place.length)?)?);
        let mut parts = Vec::with_capacity(place.count.min(place.length));
        let mut at = 0u64;
        for _ in 0..place.count {
            at = at.checked_add(bytes.number()?)?;
            parts.push(Part { tag: *tags.get(usize::try_from(at).ok()?)?, amount: bytes.number()? });
        }
        bytes.0.is_empty().then_some(parts)
    }
}

/// The tags in sums of each kind, sorted.
fn tags_of(entries: &[(&Key, &Vec<Part>)]) -> BTreeMap<Kind, Vec<u64>> {
    let of_some = |entries: &[(&Key, &Vec<Part>)]| {
        let mut tags: BTreeMap<Kind, Lookup<u64, ()>> = BTreeMap::new();
        for (key, parts) in entries {
            let own = tags.entry(kind(key)).or_default();
            parts.iter().for_each(|part| {
                own.insert(part.tag, ());
            });
        }
        tags
    };
    let found: Vec<BTreeMap<Kind, Lookup<u64, ()>>> = entries.par_chunks(KINDS_AT_ONCE).map(of_some).collect();
    let mut out: BTreeMap<Kind, Vec<u64>> = BTreeMap::new();
    for (kind, tags) in found.into_iter().flatten() {
        out.entry(kind).or_default().extend(tags.into_sorted_vec().into_iter().map(|(tag, ())| tag));
    }
    for tags in out.values_mut() {
        tags.sort_unstable();
        tags.dedup();
    }
    out
}

fn kind(sum: &Key) -> Kind {
    (sum.name.clone(), sum.grouping.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::btree_map, prelude::*};

    fn key(name: usize, label: u8) -> Key {
        Key::new(["people", "pair"][name], "unit", &[&label.to_string()])
    }

    proptest! {
        #[test]
        fn sums_come_back(
            sums in btree_map((0..2usize, 0..9u8), btree_map(prop_oneof![0..9u64, any::<u64>()], any::<u64>(), 0..9), 0..9),
        ) {
            let part = |(tag, amount)| Part { tag, amount };
            let sums: BTreeMap<Key, Vec<Part>> = sums
                .into_iter()
                .map(|((name, label), parts)| (key(name, label), parts.into_iter().map(part).collect()))
                .collect();
            let packed = PackedSums::of(&sums);
            prop_assert!(packed.iter().eq(sums.iter().map(|(key, parts)| (key, parts.clone()))));
            for (key, parts) in &sums {
                prop_assert_eq!(&packed.parts(key), parts);
            }
            prop_assert_eq!(packed.parts(&key(0, 77)), vec![]);
            let kept: Vec<(Key, usize, usize)> =
                packed.sums().map(|(key, count, length)| (key.clone(), count, length)).collect();
            let read = |kept, bytes| PackedSums::from_kept(packed.tags.clone(), kept, bytes);
            prop_assert_eq!(read(kept.clone(), packed.bytes.clone()), Some(packed.clone()));
            // A byte more or less, a part more, a tag that is not there.
            prop_assert_eq!(read(kept.clone(), [&packed.bytes[..], &[0]].concat()), None);
            if let Some(at) = kept.iter().position(|(_, count, _)| *count > 0) {
                prop_assert_eq!(read(kept.clone(), packed.bytes[1..].to_vec()), None);
                let mut more = kept.clone();
                more[at].1 += 1;
                prop_assert_eq!(read(more, packed.bytes.clone()), None);
                prop_assert_eq!(PackedSums::from_kept(BTreeMap::new(), kept, packed.bytes.clone()), None);
            }
        }
    }
}
