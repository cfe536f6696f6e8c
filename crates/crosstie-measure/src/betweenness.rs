//! Betweenness of people: exact, or in large organizations from people drawn by a hash.
//!
//! # Definition
//! Paths of reciprocated ties between two others that pass a person, in hops, each pair's shortest paths sharing one. With
//! `[bridges] distance = "inverse_weight"` a tie is 1 / weight long instead: then paths follow the chattiest pairs, and who
//! talks little to many has next to none.
//! Exact where `2 x people x arcs` is at most `exact_limit`, or the pivots are as many as the people; else estimated
//! from `pivots` people: those with the smallest hash of (seed, person), so that the same are drawn in every window and
//! differences from window to window are not those of the draw.
//!
//! # Reading it
//! `betweenness_half_width` is half an approximate 95 % interval, null where the value is exact. It holds for 93 % of the
//! people with the largest values and 83 % of those with the smallest; an estimate near zero can come out below it.

use crate::params::{BetweennessMethod, BetweennessParams, Distance, MeasureParams};
use crosstie_graph::{Graph, betweenness, pivot_betweenness, weighted_betweenness, weighted_pivot_betweenness};
use crosstie_model::{SimdWidth, Stream};

/// Betweenness of each person, with half the width of its interval where it is estimated.
pub(crate) struct PersonBetweenness {
    pub(crate) value: Vec<Option<f64>>,
    pub(crate) half_width: Vec<Option<f64>>,
    /// People that were searched from; 0 where it is exact.
    pub(crate) pivot_count: usize,
}

/// Betweenness on R; null with fewer than 3 people. `stream_of` is a hash of each person's key.
pub(crate) fn person_betweenness(ties: &Graph, stream_of: &[u64], params: &MeasureParams) -> PersonBetweenness {
    let people = ties.node_count();
    let nothing = vec![None; people];
    if people < 3 {
        return PersonBetweenness { value: nothing.clone(), half_width: nothing, pivot_count: 0 };
    }
    match params.betweenness.pivot_count(people, ties.arc_count()) {
        None => {
            let found = match params.betweenness.distance {
                Distance::Hops => betweenness(ties, SimdWidth::Best),
                Distance::InverseWeight => weighted_betweenness(ties),
            };
            // The kernel counts ordered pairs.
            let value = found.into_iter().map(|value| Some(value / 2.0)).collect();
            PersonBetweenness { value, half_width: nothing, pivot_count: 0 }
        }
        Some(pivot_count) => {
            let pivots = drawn(stream_of, pivot_count, params.seed);
            let found = match params.betweenness.distance {
                Distance::Hops => pivot_betweenness(ties, &pivots, SimdWidth::Best),
                Distance::InverseWeight => weighted_pivot_betweenness(ties, &pivots),
            };
            PersonBetweenness {
                value: found.value.into_iter().map(Some).collect(),
                half_width: found.half_width.into_iter().map(Some).collect(),
                pivot_count,
            }
        }
    }
}

impl BetweennessParams {
    /// People to search from; `None` where all of them are.
    fn pivot_count(self, people: usize, arcs: usize) -> Option<usize> {
        let steps = 2 * people as u128 * arcs as u128;
        let is_exact = match self.method {
            BetweennessMethod::Exact => true,
            BetweennessMethod::Pivots => false,
            BetweennessMethod::Auto => steps <= u128::from(self.exact_limit),
        };
        let pivots = self.pivots as usize;
        (!is_exact && pivots < people).then_some(pivots)
    }
}

/// The people with the smallest hashes.
fn drawn(stream_of: &[u64], count: usize, seed: u64) -> Vec<u32> {
    let hash = |(person, &stream): (u32, &u64)| (Stream::new(seed, "pivots", &[stream]).next_u64(), person);
    let mut hashed: Vec<(u64, u32)> = (0..).zip(stream_of).map(hash).collect();
    hashed.sort_unstable();
    hashed.into_iter().take(count).map(|(_, person)| person).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crosstie_model::Weight;

    const PARAMS: BetweennessParams =
        BetweennessParams { method: BetweennessMethod::Auto, exact_limit: 2_000, pivots: 32, distance: Distance::Hops };

    fn params() -> MeasureParams {
        MeasureParams { betweenness: PARAMS, ..MeasureParams::TESTED }
    }

    #[test]
    fn size_decides_and_nothing_else() {
        let of = |method, people, arcs| BetweennessParams { method, ..PARAMS }.pivot_count(people, arcs);
        assert_eq!(of(BetweennessMethod::Auto, 100, 10), None);
        assert_eq!(of(BetweennessMethod::Auto, 100, 11), Some(32));
        assert_eq!(of(BetweennessMethod::Auto, 32, 1_000), None, "as many pivots as people");
        assert_eq!(of(BetweennessMethod::Exact, 100, 1_000), None);
        assert_eq!(of(BetweennessMethod::Pivots, 100, 1), Some(32));
        assert_eq!(of(BetweennessMethod::Auto, u32::MAX as usize, usize::MAX), Some(32), "nothing overflows");
    }

    #[test]
    fn the_same_people_are_drawn_whoever_else_is_there() {
        let streams: Vec<u64> = (0..500).map(|person| person * 7919).collect();
        let of = |streams: &[u64]| -> Vec<u64> {
            drawn(streams, 50, 3).into_iter().map(|person| streams[person as usize]).collect()
        };
        let all = of(&streams);
        let without_last: Vec<u64> = streams.iter().copied().filter(|stream| *stream != all[49]).collect();
        assert_eq!(of(&without_last)[..49], all[..49]);
        assert_ne!(drawn(&streams, 50, 3), drawn(&streams, 50, 4));
    }

    #[test]
    fn by_weight_the_heavy_tie_is_the_road() {
        // From 0 to 3 directly, or over two ties that are three times as heavy; 40 more hang on both ends.
        let mut edges = vec![(0, 3, 2), (0, 1, 6), (1, 3, 6)];
        edges.extend((4..44).map(|leaf| (3 * (leaf % 2), leaf, 1)));
        let edges = edges.into_iter().map(|(a, b, messages)| (a, b, Weight::from_units(messages << 20))).collect();
        let ties = Graph::undirected(44, edges);
        let streams: Vec<u64> = (0..44).collect();
        let of = |distance, method| {
            let betweenness = BetweennessParams { pivots: 32, method, distance, ..PARAMS };
            person_betweenness(&ties, &streams, &MeasureParams { betweenness, ..params() })
        };
        assert_eq!(of(Distance::Hops, BetweennessMethod::Exact).value[1], Some(0.0));
        // 21 people on either side, and the two ends.
        assert_eq!(of(Distance::InverseWeight, BetweennessMethod::Exact).value[1], Some(21.0 * 21.0));
        let few = of(Distance::InverseWeight, BetweennessMethod::Pivots);
        assert!(few.pivot_count == 32 && few.half_width[1].unwrap() > 0.0);
        assert!((few.value[1].unwrap() - 441.0).abs() <= few.half_width[1].unwrap());
    }

    #[test]
    fn two_people_have_none_and_estimates_have_a_width() {
        let params = |pivots, method| {
            let betweenness = BetweennessParams { pivots, method, ..PARAMS };
            MeasureParams { betweenness, ..params() }
        };
        let ring = |people: u32| {
            let edges = (0..people).map(|person| (person, (person + 1) % people, Weight::MESSAGE)).collect();
            Graph::undirected(people as usize, edges)
        };
        let streams: Vec<u64> = (0..60).collect();
        let two = person_betweenness(&ring(2), &streams[..2], &params(32, BetweennessMethod::Auto));
        assert_eq!((two.value, two.half_width), (vec![None; 2], vec![None; 2]));
        let exact = person_betweenness(&ring(60), &streams, &params(32, BetweennessMethod::Exact));
        assert!(exact.half_width.iter().all(Option::is_none) && exact.pivot_count == 0);
        let few = person_betweenness(&ring(60), &streams, &params(40, BetweennessMethod::Pivots));
        assert!(few.half_width.iter().all(|width| width.unwrap() > 0.0) && few.pivot_count == 40);
        let all = person_betweenness(&ring(60), &streams, &params(60, BetweennessMethod::Pivots));
        assert_eq!((all.value, all.half_width), (exact.value, exact.half_width));
    }
}
