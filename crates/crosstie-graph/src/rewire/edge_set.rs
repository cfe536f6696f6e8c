//! The edges of a simple graph as a hash set: open addressing at half load, nothing left behind by a removal.

use crosstie_model::Prefetch;

/// Edges without direction. It holds as many as it was made with; each insertion follows a removal.
pub(super) struct EdgeSet {
    slots: Vec<u64>,
    /// What leaves the bits of a hash that number a slot.
    shift: u32,
}

/// No edge: the smaller end would be the largest number, too.
const EMPTY: u64 = u64::MAX;

impl EdgeSet {
    pub(super) fn new(edges: &[(u32, u32)]) -> EdgeSet {
        let size = (2 * edges.len()).next_power_of_two().max(2);
        let mut set = EdgeSet { slots: vec![EMPTY; size], shift: 64 - size.trailing_zeros() };
        for &(a, b) in edges {
            set.insert(a, b);
        }
        set
    }

    #[inline]
    pub(super) fn holds(&self, a: u32, b: u32) -> bool {
        let key = key(a, b);
        self.slots[self.place(key)] == key
    }

    #[inline]
    pub(super) fn insert(&mut self, a: u32, b: u32) {
        let key = key(a, b);
        let place = self.place(key);
        self.slots[place] = key;
    }

    /// Takes an edge out and closes the gap: whoever stands behind it and would be missed by a search moves up.
    #[inline]
    pub(super) fn remove(&mut self, a: u32, b: u32) {
        let mask = self.slots.len() - 1;
        let mut gap = self.place(key(a, b));
        let mut place = gap;
        loop {
            place = (place + 1) & mask;
            let key = self.slots[place];
            if key == EMPTY {
                break;
            }
            let from_home = place.wrapping_sub(self.home(key)) & mask;
            if from_home >= place.wrapping_sub(gap) & mask {
                self.slots[gap] = key;
                gap = place;
            }
        }
        self.slots[gap] = EMPTY;
    }

    /// Asks for the slots where the search for an edge begins.
    #[inline]
    pub(super) fn look_ahead(&self, prefetch: Prefetch, a: u32, b: u32) {
        prefetch.item(&self.slots, self.home(key(a, b)));
    }

    /// Where an edge stands, or would.
    #[inline]
    fn place(&self, key: u64) -> usize {
        let mask = self.slots.len() - 1;
        let mut place = self.home(key);
        while self.slots[place] != key && self.slots[place] != EMPTY {
            place = (place + 1) & mask;
        }
        place
    }

    /// The slot where the search for an edge begins: the upper bits of a product hang on all bits of the key.
    #[inline]
    fn home(&self, key: u64) -> usize {
        (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> self.shift) as usize
    }
}

#[inline]
fn key(a: u32, b: u32) -> u64 {
    u64::from(a.min(b)) << 32 | u64::from(a.max(b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};
    use std::collections::BTreeSet;

    proptest! {
        /// A sorted set, in a table so small that searches run into each other and round its end.
        #[test]
        fn equals_a_set(
            start in vec((0..6u32, 6..12u32), 1..16), changes in vec(((0..6u32, 6..12u32), any::<prop::sample::Index>()), 0..60),
        ) {
            let mut slow: BTreeSet<(u32, u32)> = start.into_iter().collect();
            let mut set = EdgeSet::new(&slow.iter().copied().collect::<Vec<_>>());
            for ((a, b), which) in changes {
                if !slow.contains(&(a, b)) {
                    let &(c, d) = slow.iter().nth(which.index(slow.len())).unwrap();
                    slow.remove(&(c, d));
                    set.remove(d, c);
                    slow.insert((a, b));
                    set.insert(b, a);
                }
                for (a, b) in (0..6).flat_map(|a| (6..12).map(move |b| (a, b))) {
                    prop_assert_eq!(set.holds(a, b), slow.contains(&(a, b)));
                }
            }
        }
    }
}
