//! The keys that occur more than once, found without sorting all: most messages have one copy.

use crate::packed_block::Keys;

/// Bits of the first sieve for each key: one key in a hundred is looked at twice without need.
const BITS_PER_KEY: usize = 16;

/// The keys of `today` that occur more than once in `today` and `around`. Keys are keyed hashes, so their bits serve as
/// they are. Time O(n), memory 2 bytes a key of today.
pub(crate) fn repeated(today: &[Keys<'_>], around: &[Keys<'_>]) -> Repeated {
    let count: usize = today.iter().map(Keys::len).sum();
    let mut seen = Bits::for_count(count * BITS_PER_KEY);
    let mut candidates: Vec<u128> = Vec::new();
    for keys in today {
        keys.each(|key| {
            if seen.set(key) {
                candidates.push(key);
            }
        });
    }
    for keys in around {
        keys.each(|key| {
            if seen.has(key) {
                candidates.push(key);
            }
        });
    }
    // The second pass counts them: what only shared bits goes.
    let candidates = Repeated::of(candidates);
    if candidates.is_empty() {
        return candidates;
    }
    let mut counts = vec![(0u32, false); candidates.keys.len()];
    for (keys, is_today) in around.iter().map(|keys| (keys, false)).chain(today.iter().map(|keys| (keys, true))) {
        keys.each(|key| {
            if let Some(at) = candidates.place(key) {
                counts[at].0 += 1;
                counts[at].1 |= is_today;
            }
        });
    }
    let is_repeated = |&(_, (count, is_today)): &(u128, (u32, bool))| count > 1 && is_today;
    Repeated::of(candidates.keys.into_iter().zip(counts).filter(is_repeated).map(|(key, _)| key).collect())
}

/// A set of keys.
pub(crate) struct Repeated {
    /// Sorted.
    keys: Vec<u128>,
    bits: Bits,
}

impl Repeated {
    pub(crate) fn of(mut keys: Vec<u128>) -> Repeated {
        keys.sort_unstable();
        keys.dedup();
        let mut bits = Bits::for_count(keys.len() * BITS_PER_KEY);
        keys.iter().for_each(|&key| {
            bits.set(key);
        });
        Repeated { keys, bits }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    pub(crate) fn has(&self, key: u128) -> bool {
        self.place(key).is_some()
    }

    fn place(&self, key: u128) -> Option<usize> {
        if self.bits.has(key) { self.keys.binary_search(&key).ok() } else { None }
    }
}

struct Bits {
    words: Vec<u64>,
    shift: u32,
}

impl Bits {
    fn for_count(bits: usize) -> Bits {
        let words = bits.div_ceil(64).max(2).next_power_of_two();
        Bits { words: vec![0; words], shift: 64 - words.trailing_zeros() }
    }

    /// The word of a key by one half of it, three bits in that word by the other.
    fn place(&self, key: u128) -> (usize, u64) {
        let other = (key >> 64) as u64;
        (((key as u64) >> self.shift) as usize, 1 << (other & 63) | 1 << (other >> 6 & 63) | 1 << (other >> 12 & 63))
    }

    fn has(&self, key: u128) -> bool {
        let (word, bits) = self.place(key);
        self.words[word] & bits == bits
    }

    /// Sets a key's bits; whether they were set before.
    fn set(&mut self, key: u128) -> bool {
        let (word, bits) = self.place(key);
        let were = self.words[word] & bits == bits;
        self.words[word] |= bits;
        were
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn equals_counting(today in vec(0u128..40, 0..60), around in vec(0u128..40, 0..60), spread in any::<bool>()) {
            // Spread over all bits, or all in one word.
            let key = |small: u128| if spread { small.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835) } else { small };
            let today: Vec<u128> = today.into_iter().map(key).collect();
            let around: Vec<u128> = around.into_iter().map(key).collect();
            let mut counts: BTreeMap<u128, u32> = BTreeMap::new();
            today.iter().chain(&around).for_each(|&key| *counts.entry(key).or_default() += 1);
            let expected: Vec<u128> =
                counts.iter().filter(|(key, count)| **count > 1 && today.contains(key)).map(|(&key, _)| key).collect();
            let (a, b) = today.split_at(today.len() / 2);
            prop_assert_eq!(repeated(&[Keys::Here(a), Keys::Here(b)], &[Keys::Here(&around)]).keys, expected);
        }
    }
}
