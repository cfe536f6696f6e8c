//! One level of aggregation: the graph whose nodes are the parts of the level below.

use super::accumulator::Accumulator;
use crate::Graph;
use crate::prefetch::Prefetch;

/// Strength of all nodes, in units, below which gains fit into 128 bits at a resolution of up to 100.
pub(crate) const MOST_UNITS: u64 = 1 << 54;

/// Sparse rows without loops; `volume` keeps what loops would add. Weights of the graph itself are `u32` where all fit,
/// which halves what is read.
#[derive(Default)]
pub(super) struct Level<W> {
    first: Vec<usize>,
    /// Head and weight side by side: rows are read in random order, and each array would miss the cache by itself.
    arcs: Vec<(u32, W)>,
    pub(super) volume: Vec<u64>,
}

impl<W: Copy + Into<u64>> Level<W> {
    /// The graph itself; `None` if a weight does not fit.
    pub(super) fn of(graph: &Graph) -> Option<Level<W>>
    where
        W: TryFrom<u64>,
    {
        let mut level = Level {
            first: vec![0],
            arcs: Vec::with_capacity(graph.arc_count()),
            volume: graph.nodes().map(|node| graph.strength(node).units()).collect(),
        };
        for node in graph.nodes() {
            for (head, weight) in graph.out_edges(node) {
                level.arcs.push((head, W::try_from(weight.units()).ok()?));
            }
            level.first.push(level.arcs.len());
        }
        Some(level)
    }

    pub(super) fn len(&self) -> usize {
        self.volume.len()
    }

    #[inline]
    fn arcs_of(&self, node: u32) -> &[(u32, W)] {
        &self.arcs[self.first[node as usize]..self.first[node as usize + 1]]
    }

    /// A node's arcs as (head, weight).
    #[inline]
    pub(super) fn row(&self, node: u32) -> impl Iterator<Item = (u32, u64)> + '_ {
        self.arcs_of(node).iter().map(|&(head, weight)| (head, weight.into()))
    }

    /// Asks for a row that is about to be needed.
    #[inline]
    pub(super) fn look_ahead(&self, prefetch: Prefetch, node: Option<&u32>) {
        if let Some(&node) = node {
            prefetch.all(self.arcs_of(node));
        }
    }

    /// Writes the graph whose nodes are the parts, `count` of them, over `coarse`, which is kept for its memory.
    pub(super) fn aggregate(
        &self,
        part_of: &[u32],
        count: usize,
        between: &mut Accumulator,
        members: &mut Members,
        coarse: &mut Level<Wide>,
    ) {
        members.sort(part_of, count);
        coarse.first.clear();
        coarse.first.push(0);
        coarse.arcs.clear();
        coarse.volume.clear();
        between.grow(count);
        let prefetch = Prefetch::new();
        for part in 0..count as u32 {
            let mut volume = 0;
            between.clear();
            let nodes = members.of(part);
            for (at, &node) in nodes.iter().enumerate() {
                self.look_ahead(prefetch, nodes.get(at + 1));
                volume += self.volume[node as usize];
                between.add_all(self.row(node).map(|(head, weight)| (part_of[head as usize], weight)));
            }
            let others = between.touched().iter().filter(|&&head| head != part);
            coarse.arcs.extend(others.map(|&head| (head, Wide::from(between.get(head)))));
            coarse.volume.push(volume);
            coarse.first.push(coarse.arcs.len());
        }
    }
}

/// A weight of 64 bits as two halves: beside a head it takes 12 bytes, where a `u64` would begin at the next 8th byte.
#[derive(Clone, Copy, Default)]
pub(super) struct Wide([u32; 2]);

impl From<u64> for Wide {
    #[inline]
    fn from(weight: u64) -> Wide {
        Wide([weight as u32, (weight >> 32) as u32])
    }
}

impl From<Wide> for u64 {
    #[inline]
    fn from(Wide([low, high]): Wide) -> u64 {
        u64::from(high) << 32 | u64::from(low)
    }
}

/// The nodes of each part, ascending.
#[derive(Default)]
pub(super) struct Members {
    first: Vec<u32>,
    nodes: Vec<u32>,
}

impl Members {
    /// Counting sort of the nodes by part.
    fn sort(&mut self, part_of: &[u32], count: usize) {
        self.first.clear();
        self.first.resize(count + 2, 0);
        // Two places ahead: filling moves each start to the start of the next part.
        for &part in part_of {
            self.first[part as usize + 2] += 1;
        }
        for part in 0..count {
            self.first[part + 2] += self.first[part + 1];
        }
        self.nodes.clear();
        self.nodes.resize(part_of.len(), 0);
        for (node, &part) in (0..).zip(part_of) {
            let place = &mut self.first[part as usize + 1];
            self.nodes[*place as usize] = node;
            *place += 1;
        }
    }

    fn of(&self, part: u32) -> &[u32] {
        &self.nodes[self.first[part as usize] as usize..self.first[part as usize + 1] as usize]
    }
}

/// What a move gains, exactly: modularity times `1000 (2W)^2 / 2`.
#[derive(Clone, Copy)]
pub(super) struct Gains {
    /// 1000 times the strength of all nodes.
    scale: u64,
    /// Resolution in thousandths.
    gamma: u64,
    /// Whether it fits into 64 bits times the strength of all nodes.
    is_narrow: bool,
}

impl Gains {
    pub(super) fn new(strength: u64, resolution_thousandths: u32) -> Gains {
        let gamma = resolution_thousandths.into();
        Gains { scale: 1000 * strength, gamma, is_narrow: strength.checked_mul(gamma).is_some() }
    }

    /// Gained by joining a node of this volume to a community.
    ///
    /// Nothing wraps: see [`MOST_UNITS`]. Checked, a product of 128 bits costs a call.
    #[inline]
    pub(super) fn exact(self, weight_between: u64, volume: u64, community_volume: u64) -> i128 {
        let joined = u128::from(self.scale).wrapping_mul(weight_between.into());
        joined.wrapping_sub(self.by_chance(volume, community_volume)) as i128
    }

    /// What chance gives two volumes, in the same measure: one multiplication where the first product fits.
    #[inline]
    fn by_chance(self, one: u64, two: u64) -> u128 {
        if self.is_narrow {
            return u128::from(self.gamma.wrapping_mul(one)).wrapping_mul(two.into());
        }
        u128::from(self.gamma).wrapping_mul(one.into()).wrapping_mul(two.into())
    }

    /// A sieve for the candidates of a node of this volume.
    #[inline]
    pub(super) fn sieve(self, volume: u64) -> Sieve {
        let (scale, chance) = (float(self.scale), float(self.gamma) * float(volume));
        // Both terms of a gain are at most `largest`. Each is two or three roundings of 2^-53 away from its true value,
        // their difference one more: 2^-50 of the largest covers two gains and leaves room.
        let largest = scale * float(volume) + chance * (scale / 1000.0);
        Sieve { scale, chance, slack: largest / (1u64 << 50) as f64 }
    }
}

/// Gains in floats, good enough to see that most candidates cannot be the best; the rest are computed exactly.
#[derive(Clone, Copy)]
pub(super) struct Sieve {
    scale: f64,
    chance: f64,
    slack: f64,
}

impl Sieve {
    /// About what [`Gains::exact`] gives.
    #[inline]
    pub(super) fn about(self, weight_between: u64, community_volume: u64) -> f64 {
        self.scale * float(weight_between) - self.chance * float(community_volume)
    }

    /// Whether the exact gain behind `about` may reach the exact gain behind `best`.
    #[inline]
    pub(super) fn may_reach(self, about: f64, best: f64) -> bool {
        about + self.slack >= best
    }
}

/// Of a number below 2^63, which is faster than of any.
#[inline]
fn float(units: u64) -> f64 {
    units as i64 as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn wide_weights_take_no_more_than_they_need() {
        for weight in [0, 1, u64::from(u32::MAX), 1 << 32, 0x0123_4567_89ab_cdef, u64::MAX] {
            assert_eq!(u64::from(Wide::from(weight)), weight);
        }
        assert_eq!(size_of::<(u32, Wide)>(), 12);
    }

    proptest! {
        /// The formula in checked integers, at the largest weights and resolution.
        #[test]
        fn gains_do_not_wrap(weight in 0..MOST_UNITS, one in 0..MOST_UNITS, two in 0..MOST_UNITS, gamma in 0..=100_000u64) {
            let gains = |is_narrow| Gains { scale: 1000 * (MOST_UNITS - 1), gamma, is_narrow };
            let slow = i128::from(1000 * (MOST_UNITS - 1)) * i128::from(weight)
                - i128::from(gamma) * i128::from(one) * i128::from(two);
            prop_assert_eq!(gains(false).exact(weight, one, two), slow);
            if gamma.checked_mul(one).is_some() {
                prop_assert_eq!(gains(true).exact(weight, one, two), slow);
            }
        }

        /// Gains that are equal or close, at any size of the weights: what the sieve stops is less, exactly.
        #[test]
        fn the_sieve_stops_only_what_is_less(
            bits in 1..54u32, gamma in 0..=100_000u32, seed: u64, near in -2..3i64,
        ) {
            let mut stream = crosstie_model::Stream::new(seed, "sieve", &[]);
            let strength = (1u64 << bits) - 1;
            let volume = stream.below(strength + 1);
            let gains = Gains::new(strength, gamma);
            let sieve = gains.sieve(volume);
            let mut draw = || (stream.below(volume + 1), stream.below(strength + 1));
            let (one, other) = (draw(), draw());
            let beside = |of: (u64, u64)| (of.0.saturating_add_signed(near).min(volume), of.1.saturating_add_signed(near).min(strength));
            for (a, b) in [(one, other), (one, beside(one)), (other, one), (beside(other), other)] {
                let exact = |of: (u64, u64)| gains.exact(of.0, volume, of.1);
                let about = |of: (u64, u64)| sieve.about(of.0, of.1);
                if !sieve.may_reach(about(a), about(b)) {
                    prop_assert!(exact(a) < exact(b));
                }
            }
        }
    }
}
