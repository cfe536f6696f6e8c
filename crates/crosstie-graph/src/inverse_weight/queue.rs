//! A queue of nodes by distance from which no node is taken that is nearer than one taken before: a radix heap.
//!
//! A node waits in the bucket of the highest bit in which its distance differs from the last one taken. It only ever moves
//! to lower buckets, and most are passed on in few steps, without a comparison that is often guessed wrong.
//!
//! Ahuja, Mehlhorn, Orlin, Tarjan 1990, doi:10.1145/77600.77615.

/// Nodes that wait. A node may wait at several distances; all but the nearest are out of date.
pub(super) struct Queue {
    buckets: [Vec<(u64, u32)>; 64],
    /// Bit by bit, whether a bucket holds anything.
    filled: u64,
    /// The last distance that was taken; all of bucket 0 waits at it.
    last: u64,
}

impl Queue {
    pub(super) fn new() -> Queue {
        Queue { buckets: std::array::from_fn(|_| Vec::new()), filled: 0, last: 0 }
    }

    /// Begins anew at distance 0. The queue is empty.
    pub(super) fn restart(&mut self) {
        debug_assert_eq!(self.filled, 0, "a queue that was emptied");
        self.last = 0;
    }

    /// Lets a node wait at a distance below 2^63, and not below that of the last taken.
    pub(super) fn push(&mut self, distance: u64, node: u32) {
        let bucket = (64 - (distance ^ self.last).leading_zeros()) as usize;
        self.buckets[bucket].push((distance, node));
        self.filled |= 1 << bucket;
    }

    /// Takes one of the nearest nodes. `is_current` says whether a node still waits at a distance; others go.
    pub(super) fn pop(&mut self, is_current: impl Fn(u64, u32) -> bool) -> Option<(u64, u32)> {
        loop {
            if self.filled == 0 {
                return None;
            }
            let lowest = self.filled.trailing_zeros() as usize;
            if lowest == 0 {
                let nearest = self.buckets[0].pop();
                self.filled &= !u64::from(self.buckets[0].is_empty());
                return nearest;
            }
            let mut waiting = std::mem::take(&mut self.buckets[lowest]);
            self.filled &= !(1 << lowest);
            waiting.retain(|&(distance, node)| is_current(distance, node));
            if let Some(nearest) = waiting.iter().map(|waiting| waiting.0).min() {
                self.last = nearest;
                waiting.drain(..).for_each(|(distance, node)| self.push(distance, node));
            }
            self.buckets[lowest] = waiting;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};

    proptest! {
        /// Against a sorted list: each is taken once, the nearest first, and what is pushed on the way is not lost.
        #[test]
        fn the_nearest_come_first(steps in vec(vec(0..1u64 << 40, 0..4), 1..60), shift in 0..23u32) {
            let mut queue = Queue::new();
            for _ in 0..2 {
                queue.restart();
                let (mut waiting, mut last, mut node) = (Vec::new(), 0, 0);
                for more in &steps {
                    for further in more {
                        let distance = (last + (further << shift)).min(i64::MAX as u64);
                        queue.push(distance, node);
                        waiting.push((distance, node));
                        node += 1;
                    }
                    waiting.sort_unstable();
                    let found = queue.pop(|_, _| true);
                    prop_assert_eq!(found.map(|found| found.0), waiting.first().map(|first| first.0));
                    if let Some(found) = found {
                        last = found.0;
                        let before = waiting.len();
                        waiting.retain(|other| *other != found);
                        prop_assert_eq!(waiting.len(), before - 1);
                    }
                }
                // What is out of date goes.
                let rest = std::iter::from_fn(|| queue.pop(|distance, _| distance % 2 == 0)).filter(|rest| rest.0 != last);
                let mut rest: Vec<_> = rest.collect();
                rest.sort_unstable();
                waiting.retain(|&(distance, _)| distance % 2 == 0 && distance != last);
                prop_assert_eq!(rest, waiting);
            }
        }
    }
}
