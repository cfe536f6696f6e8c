//! Where a node gains most.

use super::accumulator::Accumulator;
use super::gains::Gains;

/// A community of its own.
pub(super) const ALONE: u32 = u32::MAX;

/// Where a node goes, or that it stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) best: u32,
    /// Weight between the node and the rest of its community.
    pub(super) to_own: u64,
    /// Weight between the node and the best community.
    pub(super) to_best: u64,
    /// How much weight its ties may shift from the best community to another before that is better. Volumes are taken as
    /// they are.
    pub(super) slack: i64,
}

/// Candidates up to which all are weighed up; of more, most are too light to be looked at.
const FEW: usize = 32;

/// The community with the largest exact gain; only a strictly larger one than that of staying makes a node move, and the
/// lower index wins among equal ones.
#[inline]
pub(super) fn choose(between: &Accumulator, gains: Gains, node: (u32, u64), volume_of: &[u64]) -> Choice {
    let few = if between.touched().len() <= FEW { by_floats(between, gains, node, volume_of) } else { None };
    few.unwrap_or_else(|| closely(between, gains, node, volume_of))
}

/// The choice, where floats tell the best from all others: without a branch for each, which is often guessed wrong.
#[inline]
fn by_floats(between: &Accumulator, gains: Gains, (own, volume): (u32, u64), volume_of: &[u64]) -> Option<Choice> {
    let sieve = gains.sieve(volume);
    let to_own = between.get(own);
    let own_volume = volume_of[own as usize] - volume;
    let to_stay = sieve.about(to_own, own_volume);
    // One of its own has gain 0, and is no other place for who is alone.
    let alone = if own_volume == 0 { f64::NEG_INFINITY } else { 0.0 };
    let stays = to_stay >= alone;
    let (mut best, mut best_about) = if stays { (own, to_stay) } else { (ALONE, alone) };
    let mut second = if stays { alone } else { to_stay };
    for &community in between.touched() {
        let about = sieve.about(between.get(community), volume_of[community as usize]);
        let about = if community == own { f64::NEG_INFINITY } else { about };
        second = second.max(best_about.min(about));
        best = if about > best_about { community } else { best };
        best_about = best_about.max(about);
    }
    let to_best = if best == ALONE { 0 } else { between.get(best) };
    let choice = Choice { best, to_own, to_best, slack: sieve.in_units(best_about - second) };
    (!sieve.may_reach(second, best_about)).then_some(choice)
}

/// The choice in exact gains, sieved by floats.
fn closely(between: &Accumulator, gains: Gains, (own, volume): (u32, u64), volume_of: &[u64]) -> Choice {
    let sieve = gains.sieve(volume);
    let to_own = between.get(own);
    let own_volume = volume_of[own as usize] - volume;
    let (mut best, mut best_gain) = (own, gains.exact(to_own, volume, own_volume));
    let mut best_about = sieve.about(to_own, own_volume);
    let is_alone = own_volume == 0;
    // The best of the others: one of its own has gain 0.
    let mut second = if is_alone { f64::NEG_INFINITY } else { 0.0 };
    let mut too_light = 0;
    for &community in between.touched() {
        let weight = between.get(community);
        if weight <= too_light || community == own {
            continue;
        }
        let community_volume = volume_of[community as usize];
        let about = sieve.about(weight, community_volume);
        if sieve.may_reach(about, best_about) {
            let gain = gains.exact(weight, volume, community_volume);
            if gain > best_gain || (gain == best_gain && best != own && community < best) {
                second = second.max(best_about);
                (best, best_gain, best_about) = (community, gain, about);
            } else {
                second = second.max(about);
            }
            too_light = sieve.too_light(second);
        } else if about > second {
            second = about;
            too_light = sieve.too_light(second);
        }
    }
    if best_gain < 0 && !is_alone {
        return Choice { best: ALONE, to_own, to_best: 0, slack: sieve.in_units(-best_about) };
    }
    Choice { best, to_own, to_best: between.get(best), slack: sieve.in_units(best_about - second) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};

    proptest! {
        /// Every community one by one in checked integers; and what the slack promises.
        #[test]
        fn the_best_of_all_and_how_far_it_is_ahead(
            weights in vec(0..40u64, 6), rest in vec(0..60u64, 6), own in 0..6u32, more in 0..20u64, gamma in 0..4000u32,
        ) {
            // A node's volume is its weight to all, and more inside it.
            let volume = weights.iter().sum::<u64>() + more;
            let mut volume_of: Vec<u64> = weights.iter().zip(&rest).map(|(weight, rest)| weight + rest).collect();
            volume_of[own as usize] += volume;
            let gains = Gains::modularity(volume_of.iter().sum(), gamma);
            let mut between = Accumulator::default();
            between.grow(6);
            between.add_all((0..).zip(weights.iter().copied()).filter(|&(_, weight)| weight > 0));
            let found = choose(&between, gains, (own, volume), &volume_of);
            prop_assert_eq!(found, closely(&between, gains, (own, volume), &volume_of));

            let rest_of = |community: u32| volume_of[community as usize] - if community == own { volume } else { 0 };
            let gain = |community: u32| match community {
                ALONE => 0,
                _ => gains.exact(weights[community as usize], volume, rest_of(community)),
            };
            let others = (0..6).filter(|&c| c != own && weights[c as usize] > 0).chain([ALONE]);
            let mut best = own;
            for other in others.clone() {
                if gain(other) > gain(best) {
                    best = other;
                }
            }
            prop_assert_eq!(found.best, best);
            prop_assert_eq!(found.to_own, weights[own as usize]);
            prop_assert_eq!(found.to_best, if best == ALONE { 0 } else { weights[best as usize] });
            // One of its own is no alternative to being alone.
            let is_alone = rest_of(own) == 0;
            let left = others.filter(|&c| !(c == ALONE && is_alone)).chain([own]).filter(|&c| c != best);
            if let Some(second) = left.map(gain).max() {
                let ahead = gains.exact(1, 0, 0);
                let exact = (gain(best) - second) / ahead.max(1);
                prop_assert!((i128::from(found.slack) - exact).abs() <= 1, "{} {exact}", found.slack);
            }
        }
    }
}
