//! What a move gains, in exact integers, and a sieve in floats that spares most of them.

use crate::modularity::score;

/// Strength of all nodes, in units, below which gains fit into 128 bits at a resolution of up to 100.
pub(crate) const MOST_UNITS: u64 = 1 << 54;

/// Nodes up to which gains of the constant Potts model fit.
pub(super) const MOST_NODES: u64 = 1 << 27;

/// `scale * weight - gamma * volume * volume`: modularity times `1000 (2W)^2 / 2`, where a node's volume is its
/// strength; or the constant Potts model, where it is 1, times a number of its own.
#[derive(Clone, Copy)]
pub(super) struct Gains {
    scale: u64,
    gamma: u128,
    /// Volume of all nodes.
    total: u64,
    /// Largest weight between a node and a community, where its volume does not bound it.
    heaviest: u64,
    /// Whether the resolution fits into 64 bits times the volume of all nodes.
    is_narrow: bool,
}

impl Gains {
    pub(super) fn modularity(strength: u64, resolution_thousandths: u32) -> Gains {
        Gains::new(1000 * strength, resolution_thousandths.into(), strength, 0)
    }

    /// The resolution counts in densities of the graph: `weight / W - resolution * pairs / all pairs`, times
    /// `1000 n (n - 1) W`.
    pub(super) fn potts(strength: u64, nodes: u64, resolution_thousandths: u32) -> Gains {
        let gamma = u128::from(strength) * u128::from(resolution_thousandths);
        Gains::new(1000 * nodes * nodes.saturating_sub(1), gamma, nodes, strength)
    }

    fn new(scale: u64, gamma: u128, total: u64, heaviest: u64) -> Gains {
        let is_narrow = gamma.checked_mul(total.into()).is_some_and(|most| u64::try_from(most).is_ok());
        Gains { scale, gamma, total, heaviest, is_narrow }
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
            return u128::from((self.gamma as u64).wrapping_mul(one)).wrapping_mul(two.into());
        }
        self.gamma.wrapping_mul(one.into()).wrapping_mul(two.into())
    }

    /// The exact score of a partition: gains are halves of its differences. Of the weight inside communities, in both
    /// directions, and of their volumes.
    pub(super) fn of_sums(self, inside: u64, volume_of: &[u64]) -> i128 {
        score(inside, volume_of, self.scale.into(), self.gamma as i128)
    }

    /// The quality of the constant Potts model behind a score; `None` without weight.
    pub(super) fn potts_of_score(self, score: i128) -> Option<f64> {
        // Pairs of a node with itself do not count.
        let pairs = self.gamma * u128::from(self.total);
        let whole = self.scale as f64 * self.heaviest as f64;
        (whole > 0.0).then(|| (score + pairs as i128) as f64 / whole)
    }

    /// A sieve for the candidates of a node of this volume.
    #[inline]
    pub(super) fn sieve(self, volume: u64) -> Sieve {
        let (scale, chance) = (self.scale as f64, self.gamma as f64 * float(volume));
        // Both terms of a gain are at most `largest`. Each is two or three roundings of 2^-53 away from its true value,
        // their difference one more: 2^-50 of the largest covers two gains and leaves room.
        let largest = scale * float(volume.max(self.heaviest)) + chance * float(self.total);
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

    /// A weight up to which no gain is as large as `about`, whatever the volumes.
    #[inline]
    pub(super) fn too_light(self, about: f64) -> u64 {
        // Half the slack is room for the roundings of this line.
        ((about - 2.0 * self.slack) / self.scale * (1.0 - f64::EPSILON * 4.0)) as u64
    }

    /// A difference of gains in units of weight, rounded down.
    #[inline]
    pub(super) fn in_units(self, difference: f64) -> i64 {
        (difference / self.scale) as i64
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

    proptest! {
        /// The formula in checked integers, at the largest weights and resolution.
        #[test]
        fn gains_do_not_wrap(weight in 0..MOST_UNITS, one in 0..MOST_UNITS, two in 0..MOST_UNITS, gamma in 0..=100_000u32) {
            let slow = i128::from(1000 * (MOST_UNITS - 1)) * i128::from(weight)
                - i128::from(gamma) * i128::from(one) * i128::from(two);
            let wide = Gains { is_narrow: false, ..Gains::modularity(MOST_UNITS - 1, gamma) };
            prop_assert_eq!(wide.exact(weight, one, two), slow);
            if u64::from(gamma).checked_mul(one).is_some() {
                prop_assert_eq!(Gains { is_narrow: true, ..wide }.exact(weight, one, two), slow);
            }
        }

        /// The same for the constant Potts model.
        #[test]
        fn potts_gains_do_not_wrap(weight in 0..MOST_UNITS, one in 0..MOST_NODES, two in 0..MOST_NODES, gamma in 0..=100_000u32) {
            let nodes = MOST_NODES - 1;
            let slow = i128::from(1000 * nodes * (nodes - 1)) * i128::from(weight)
                - i128::from(gamma) * i128::from(MOST_UNITS - 1) * i128::from(one) * i128::from(two);
            prop_assert_eq!(Gains::potts(MOST_UNITS - 1, nodes, gamma).exact(weight, one, two), slow);
        }

        /// Gains that are equal or close, at any size of the weights: what the sieve stops is less, exactly.
        #[test]
        fn the_sieve_stops_only_what_is_less(
            bits in 1..=54u32, gamma in 0..=100_000u32, potts: bool, seed: u64, near in -2..3i64,
        ) {
            let mut stream = crosstie_model::Stream::new(seed, "sieve", &[]);
            let strength = (1u64 << bits) - 1;
            let most = if potts { strength.min(MOST_NODES - 1) } else { strength };
            let gains = if potts { Gains::potts(strength, most, gamma) } else { Gains::modularity(strength, gamma) };
            let volume = stream.below(most + 1);
            let sieve = gains.sieve(volume);
            let heaviest = if potts { strength } else { volume };
            let mut draw = || (stream.below(heaviest + 1), stream.below(most + 1));
            let (one, other) = (draw(), draw());
            let beside = |of: (u64, u64)| (of.0.saturating_add_signed(near).min(heaviest), of.1.saturating_add_signed(near).min(most));
            for (a, b) in [(one, other), (one, beside(one)), (other, one), (beside(other), other)] {
                let exact = |of: (u64, u64)| gains.exact(of.0, volume, of.1);
                let about = |of: (u64, u64)| sieve.about(of.0, of.1);
                if !sieve.may_reach(about(a), about(b)) {
                    prop_assert!(exact(a) < exact(b));
                }
                let light = sieve.too_light(about(b));
                prop_assert!(light == 0 || gains.exact(light, volume, 0) < exact(b), "{light}");
            }
        }
    }
}
