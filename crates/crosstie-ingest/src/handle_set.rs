//! A set of handles, a bit each: two are put together many handles at a time.

/// Handles by number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct HandleSet {
    words: Vec<u64>,
}

impl HandleSet {
    pub(crate) fn insert(&mut self, handle: u32) {
        let at = handle as usize / 64;
        if self.words.len() <= at {
            self.words.resize(at + 1, 0);
        }
        self.words[at] |= 1 << (handle % 64);
    }

    pub(crate) fn add(&mut self, other: &HandleSet) {
        self.words.resize(self.words.len().max(other.words.len()), 0);
        self.words.iter_mut().zip(&other.words).for_each(|(word, more)| *word |= more);
    }

    /// Its handles, sorted.
    pub(crate) fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        let of_word =
            |(at, &word): (u32, &u64)| (0..64).filter(move |bit| word >> bit & 1 == 1).map(move |bit| at * 64 + bit);
        (0..).zip(&self.words).flat_map(of_word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::btree_set, prelude::*};

    proptest! {
        #[test]
        fn equals_a_set(a in btree_set(0u32..500, 0..40), b in btree_set(0u32..300, 0..40)) {
            let set = |numbers: &std::collections::BTreeSet<u32>| {
                let mut set = HandleSet::default();
                numbers.iter().for_each(|&number| set.insert(number));
                set
            };
            let mut both = set(&a);
            both.add(&set(&b));
            prop_assert_eq!(both.iter().collect::<Vec<_>>(), a.union(&b).copied().collect::<Vec<_>>());
        }
    }
}
