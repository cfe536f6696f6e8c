//! The keys that occur more than once, found without sorting all: most messages have one copy.

/// Bits of the first sieve for each key: one key in 16 is looked at twice without need.
const BITS_PER_KEY: usize = 16;

/// The keys of `today` that occur more than once in `today` and `around`. Keys are keyed hashes, so their bits serve as
/// they are. Time O(n), memory 2 bytes a key.
pub(crate) fn repeated(today: &[&[u128]], around: &[&[u128]]) -> Repeated {
    let count: usize = today.iter().chain(around).map(|keys| keys.len()).sum();
    let mut seen = Bits::for_count(count * BITS_PER_KEY);
    let mut candidates: Vec<u128> = Vec::new();
    for &key in around.iter().chain(today).copied().flatten() {
        if seen.set(key) {
            candidates.push(key);
        }
    }
    candidates.sort_unstable();
    candidates.dedup();
    // The second pass counts them: what only shared a bit goes.
    let mut is_candidate = Bits::for_count(candidates.len() * BITS_PER_KEY);
    candidates.iter().for_each(|&key| {
        is_candidate.set(key);
    });
    let mut counts = vec![(0u32, false); candidates.len()];
    for (keys, is_today) in around.iter().map(|keys| (keys, false)).chain(today.iter().map(|keys| (keys, true))) {
        for &key in keys.iter().filter(|&&key| is_candidate.has(key)) {
            if let Ok(at) = candidates.binary_search(&key) {
                counts[at].0 += 1;
                counts[at].1 |= is_today;
            }
        }
    }
    let is_repeated = |&(_, (count, is_today)): &(u128, (u32, bool))| count > 1 && is_today;
    Repeated::of(candidates.into_iter().zip(counts).filter(is_repeated).map(|(key, _)| key).collect())
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
        self.bits.has(key) && self.keys.binary_search(&key).is_ok()
    }
}

struct Bits {
    words: Vec<u64>,
    shift: u32,
}

impl Bits {
    fn for_count(bits: usize) -> Bits {
        let words = bits.div_ceil(64).max(2).next_power_of_two();
        Bits { words: vec![0; words], shift: 64 - 6 - words.trailing_zeros() }
    }

    fn place(&self, key: u128) -> (usize, u64) {
        let at = (key as u64) >> self.shift;
        ((at >> 6) as usize, 1 << (at & 63))
    }

    fn has(&self, key: u128) -> bool {
        let (word, bit) = self.place(key);
        self.words[word] & bit != 0
    }

    /// Sets a key's bit; whether it was set before.
    fn set(&mut self, key: u128) -> bool {
        let (word, bit) = self.place(key);
        let was = self.words[word] & bit != 0;
        self.words[word] |= bit;
        was
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
            prop_assert_eq!(repeated(&[a, b], &[&around]).keys, expected);
        }
    }
}
