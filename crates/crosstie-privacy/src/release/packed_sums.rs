//! The parts of all sums of a release, packed: a tag is kept once for each kind of sum and grouping, and a part is the
//! step from the tag before and its amount, in as few bytes as they need.
//!
//! A release of 20,000 people in 833 units has twenty million parts, and runs hold two earlier ones at once.

use super::key::Key;
use super::parts::Part;
use super::tag_places::TagPlaces;
use crosstie_model::packed::{Packed, put_number};
use rayon::prelude::*;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A kind of sum in a grouping: in these a person has one tag.
pub(crate) type Kind = (Cow<'static, str>, String);

/// Where the parts of a sum are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The place of its kind among those with tags.
    kind: usize,
    first: usize,
    length: usize,
    count: usize,
}

/// Parts of sums.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PackedSums {
    /// The tags in sums of each kind, sorted; by kind.
    tags: Vec<(Kind, Vec<u64>)>,
    places: BTreeMap<Key, Place>,
    bytes: Vec<u8>,
}

/// Sums that are packed at once.
const AT_ONCE: usize = 1024;
/// Sums whose people are gathered at once: each time nearly everybody.
const USED_AT_ONCE: usize = 1 << 15;

impl PackedSums {
    /// Packs sums, each of whose parts are sorted.
    pub(crate) fn of(sums: &BTreeMap<Key, Vec<Part>>) -> PackedSums {
        let mut tags: BTreeMap<Kind, Vec<u64>> = BTreeMap::new();
        for (key, parts) in sums {
            tags.entry(kind(key)).or_default().extend(parts.iter().map(|part| part.tag));
        }
        PackedSums::among(sums, &tags.into_iter().map(|(kind, tags)| (kind, TagPlaces::of(tags))).collect())
    }

    /// The same, where it is known who may be in sums of each kind.
    pub(crate) fn among(sums: &BTreeMap<Key, Vec<Part>>, everybody: &BTreeMap<Kind, TagPlaces>) -> PackedSums {
        let entries: Vec<(&Key, &Vec<Part>)> = sums.iter().collect();
        let is_used = are_used(&entries, everybody);
        let place_of = |is_used: &Vec<bool>| {
            let before = is_used.iter().scan(0u64, |count, &is_used| {
                let before = *count;
                *count += u64::from(is_used);
                Some(before)
            });
            before.collect()
        };
        let places_of: BTreeMap<&Kind, Vec<u64>> =
            is_used.iter().map(|(kind, is_used)| (kind, place_of(is_used))).collect();
        let pack = |entries: &[(&Key, &Vec<Part>)]| {
            let mut bytes = Vec::new();
            let mut lengths = Vec::with_capacity(entries.len());
            for (key, parts) in entries {
                let kind = kind(key);
                let (before, mut last, everybody, places) = (bytes.len(), 0, &everybody[&kind], &places_of[&kind]);
                for part in *parts {
                    let place = places[everybody.place(part.tag).expect("whoever is in a sum is somebody")];
                    put_number(&mut bytes, place - last);
                    put_number(&mut bytes, part.amount);
                    last = place;
                }
                lengths.push(bytes.len() - before);
            }
            (bytes, lengths)
        };
        let used_of = |(kind, is_used): (&Kind, &Vec<bool>)| {
            let used = everybody[kind].tags().iter().zip(is_used).filter(|(_, is_used)| **is_used);
            (kind.clone(), used.map(|(&tag, _)| tag).collect())
        };
        let tags: Vec<(Kind, Vec<u64>)> = is_used.iter().map(used_of).collect();
        let packed: Vec<(Vec<u8>, Vec<usize>)> = entries.par_chunks(AT_ONCE).map(pack).collect();
        let mut out = PackedSums::default();
        let lengths = packed.iter().flat_map(|(_, lengths)| lengths);
        let mut first = 0;
        let place = |(&(key, parts), &length): (&(&Key, &Vec<Part>), &usize)| {
            first += length;
            let kind = place_of_kind(&tags, key).expect("every kind has tags");
            (key.clone(), Place { kind, first: first - length, length, count: parts.len() })
        };
        out.places = entries.iter().zip(lengths).map(place).collect();
        out.tags = tags;
        out.bytes.reserve_exact(first);
        packed.iter().for_each(|(bytes, _)| out.bytes.extend_from_slice(bytes));
        out
    }

    /// From what was kept: tags, keys with the number of their parts and their bytes, and the bytes. `None` unless
    /// all of it fits together.
    pub(crate) fn from_kept(
        tags: Vec<(Kind, Vec<u64>)>,
        sums: Vec<(Key, usize, usize)>,
        bytes: Vec<u8>,
    ) -> Option<PackedSums> {
        let mut first = 0usize;
        let place = |(key, count, length): (Key, usize, usize)| {
            let place = Place { kind: place_of_kind(&tags, &key)?, first, length, count };
            first = first.checked_add(length)?;
            Some((key, place))
        };
        let places: BTreeMap<Key, Place> = sums.into_iter().map(place).collect::<Option<_>>()?;
        let out = PackedSums { tags, places, bytes };
        let all: Vec<&Place> = out.places.values().collect();
        let is_whole = first == out.bytes.len() && all.par_iter().all(|place| out.is_whole(place));
        is_whole.then_some(out)
    }

    /// The tags in sums of each kind, sorted; by kind.
    pub(crate) fn tags(&self) -> &[(Kind, Vec<u64>)] {
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

    /// How many sums there are.
    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    /// Every sum with the place of its parts, in order.
    pub(crate) fn places(&self) -> impl Iterator<Item = (&Key, Place)> {
        self.places.iter().map(|(key, place)| (key, *place))
    }

    /// Sums from this one on, with their parts.
    pub(crate) fn range_from(&self, first: Key) -> impl Iterator<Item = (&Key, impl Iterator<Item = Part>)> {
        self.places.range(first..).map(|(key, place)| (key, self.parts_at(*place)))
    }

    /// All sums with their parts.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Key, impl Iterator<Item = Part>)> {
        self.places.iter().map(|(key, place)| (key, self.parts_at(*place)))
    }

    /// The parts of a sum at its place, sorted.
    pub(crate) fn parts_at(&self, place: Place) -> impl Iterator<Item = Part> {
        let mut steps = self.steps(&place).expect("it was packed here, or looked through when it was read");
        (0..place.count).map_while(move |_| steps.next())
    }

    fn is_whole(&self, place: &Place) -> bool {
        self.steps(place)
            .is_some_and(|mut steps| (0..place.count).all(|_| steps.next().is_some()) && steps.bytes.0.is_empty())
    }

    fn steps(&self, place: &Place) -> Option<Steps<'_>> {
        let bytes = self.bytes.get(place.first..place.first.checked_add(place.length)?)?;
        Some(Steps { tags: &self.tags.get(place.kind)?.1, bytes: Packed(bytes), at: 0 })
    }
}

/// Goes from part to part of a sum.
struct Steps<'s> {
    tags: &'s [u64],
    bytes: Packed<'s>,
    at: u64,
}

impl Steps<'_> {
    /// The next part; `None` where the bytes end within it or lead nowhere.
    fn next(&mut self) -> Option<Part> {
        self.at = self.at.checked_add(self.bytes.number()?)?;
        Some(Part { tag: *self.tags.get(usize::try_from(self.at).ok()?)?, amount: self.bytes.number()? })
    }
}

/// Whether each tag is in a sum of its kind.
fn are_used(entries: &[(&Key, &Vec<Part>)], everybody: &BTreeMap<Kind, TagPlaces>) -> BTreeMap<Kind, Vec<bool>> {
    let of_some = |entries: &[(&Key, &Vec<Part>)]| {
        let mut is_used: BTreeMap<Kind, Vec<bool>> = BTreeMap::new();
        for (key, parts) in entries {
            let kind = kind(key);
            let everybody = &everybody[&kind];
            let own = is_used.entry(kind).or_insert_with(|| vec![false; everybody.tags().len()]);
            parts.iter().filter_map(|part| everybody.place(part.tag)).for_each(|place| own[place] = true);
        }
        is_used
    };
    let found: Vec<BTreeMap<Kind, Vec<bool>>> = entries.par_chunks(USED_AT_ONCE).map(of_some).collect();
    let mut out: BTreeMap<Kind, Vec<bool>> = BTreeMap::new();
    for (kind, is_used) in found.into_iter().flatten() {
        match out.get_mut(&kind) {
            Some(own) => own.iter_mut().zip(is_used).for_each(|(own, is_used)| *own |= is_used),
            None => {
                out.insert(kind, is_used);
            }
        }
    }
    out
}

fn place_of_kind(tags: &[(Kind, Vec<u64>)], sum: &Key) -> Option<usize> {
    tags.binary_search_by(|((name, grouping), _)| (&**name, grouping.as_str()).cmp(&(&*sum.name, &*sum.grouping))).ok()
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
            let all: Vec<(&Key, Vec<Part>)> = packed.iter().map(|(key, parts)| (key, parts.collect())).collect();
            prop_assert!(all.into_iter().eq(sums.iter().map(|(key, parts)| (key, parts.clone()))));
            for (key, place) in packed.places() {
                prop_assert!(packed.parts_at(place).eq(sums[key].iter().copied()));
            }
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
                prop_assert_eq!(PackedSums::from_kept(Vec::new(), kept, packed.bytes.clone()), None);
            }
        }
    }
}
