//! Lengths of arcs, 1 / weight, as whole numbers: sums of them are exact, so paths of the same length are found to be.
//!
//! | symbol | quantity |
//! |---|---|
//! | w | weight of an arc; w_min the smallest |
//! | L | least common multiple of all weights |
//! | R | the longest length that cannot overflow: 2^63 - 1 over the arcs of the longest path, one less than nodes |
//!
//! ```text
//! length = L / w                         where L / w_min <= R: exact
//!          round(2^m w_min / w), >= 1    else, 2^m the largest power of two up to R
//! ```
//!
//! Weights of some dozens of messages without fractions are of the first kind. In the second a path of h arcs is at most
//! h / 2 steps of 2^-m of the longest arc from its true length, so paths that differ by up to h steps may change places or
//! be taken for equal, and equal ones may not: at 100,000 nodes a step is 3e-14 of the longest arc. Arcs of equal weight
//! have equal lengths, and at twice the weight half the length, to the step.

use crate::Graph;

/// The length of an arc by its weight.
pub(super) struct Lengths {
    /// L or 2^m w_min.
    numerator: u128,
}

impl Lengths {
    pub(super) fn new(graph: &Graph) -> Lengths {
        let weights = || graph.arcs().map(|(_, _, weight)| weight.units());
        let lightest = weights().min().unwrap_or(1);
        let longest = i64::MAX as u64 / (graph.node_count() as u64).saturating_sub(1).max(1);
        let numerator = common_multiple(weights(), u128::from(longest) * u128::from(lightest));
        Lengths { numerator: numerator.unwrap_or(u128::from(lightest) << longest.ilog2()) }
    }

    pub(super) fn of(&self, weight: crosstie_model::Weight) -> u64 {
        let weight = u128::from(weight.units());
        // At most R, which fits.
        (((self.numerator + weight / 2) / weight) as u64).max(1)
    }
}

/// The least common multiple of some numbers, none of them 0; `None` above `most`.
fn common_multiple(mut numbers: impl Iterator<Item = u64>, most: u128) -> Option<u128> {
    numbers.try_fold(1u128, |multiple, number| {
        let rest = (multiple % u128::from(number)) as u64;
        let multiple = multiple.checked_mul((number / common_divisor(number, rest)).into())?;
        (multiple <= most).then_some(multiple)
    })
}

fn common_divisor(mut one: u64, mut other: u64) -> u64 {
    while other > 0 {
        (one, other) = (other, one % other);
    }
    one
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::tests::graph;
    use crosstie_model::Weight;
    use proptest::{collection::vec, prelude::*};

    #[test]
    fn small_weights_are_exact() {
        // One third and one sixth are one half.
        let lengths = Lengths::new(&graph(4, "0-1:2 1-2:3 2-3:6"));
        let of = |messages: u64| lengths.of(Weight::from_units(messages << 20));
        assert_eq!([of(2), of(3), of(6)], [3, 2, 1]);
        assert_eq!(common_multiple([4, 6, 10].into_iter(), 60), Some(60));
        assert_eq!(common_multiple([4, 6, 10].into_iter(), 59), None);
        assert_eq!(common_multiple([u64::MAX, u64::MAX - 1, u64::MAX - 2].into_iter(), u128::MAX), None);
    }

    #[test]
    fn extreme_weights_neither_overflow_nor_vanish() {
        let arcs = [1, (1 << 50) - 1, (1 << 50) - 27, (1 << 49) - 81];
        let edges = (0..).zip(arcs).map(|(at, units)| (at, at + 1, Weight::from_units(units))).collect();
        let lengths = Lengths::new(&Graph::undirected(5, edges));
        let longest = lengths.of(Weight::from_units(1));
        assert_eq!(longest, 1 << 60, "four of them are below 2^63, eight are not");
        assert_eq!(lengths.of(Weight::from_units(arcs[1])), 1 << 10);
        let lengths = Lengths { numerator: 1 << 40 };
        assert_eq!(lengths.of(Weight::from_units(1 << 50)), 1, "a length of 0 would make a node its own predecessor");
    }

    proptest! {
        /// Against fractions: no length is further than half a step from its true value, and none of a path overflows.
        #[test]
        fn lengths_are_inverse_weights(weights in vec(1..u64::MAX / 4000, 1..12), is_small: bool) {
            let weights: Vec<u64> = weights.into_iter().map(|w| if is_small { w % 24 + 1 } else { w }).collect();
            let edges = (0..).zip(&weights).map(|(at, &w)| (at, at + 1, Weight::from_units(w))).collect();
            let lengths = Lengths::new(&Graph::undirected(weights.len() + 1, edges));
            let lightest = *weights.iter().min().unwrap();
            let longest = lengths.of(Weight::from_units(lightest));
            prop_assert!(longest.checked_mul(weights.len() as u64).is_some_and(|path| path <= i64::MAX as u64));
            for &weight in &weights {
                let length = lengths.of(Weight::from_units(weight));
                // length / longest is lightest / weight, to half a step on either side.
                let (got, expected) = (u128::from(length) * u128::from(weight), u128::from(longest) * u128::from(lightest));
                if is_small {
                    prop_assert_eq!(got, expected);
                } else {
                    prop_assert!(length == 1 || got.abs_diff(expected) <= u128::from(weight / 2));
                }
            }
        }
    }
}
