//! What a unit of this expectation usually has in this organization: a robust line through the other units.
//!
//! Colleagues work together, so nearly every unit lies below chance; what is asked is which unit keeps to itself
//! more than the others here. With log odds `l`, over the other units B that are large enough:
//! `l(x_B) ~ alpha + beta l(x0_B)`, beta by Theil-Sen held to [0, 1], alpha the median of what is left.

mod residuals;
mod slopes;

use self::residuals::Residuals;
use self::slopes::Slopes;
use crosstie_model::num::{logistic, logit, median};
use std::f64::consts::LN_2;

/// A unit as a point of the line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NormUnit {
    /// Observed external share.
    pub share: Option<f64>,
    /// Expected external share.
    pub expected: Option<f64>,
    /// Whether it has enough people and contact to shape the line for others.
    pub counts: bool,
}

/// A unit against the line through the others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Norm {
    /// External share that the line gives at this unit's expectation.
    pub typical_external_share: f64,
    /// log2 of the odds of external contact over the typical odds.
    pub relative_openness: f64,
    /// The same distance in robust standard deviations of the others; `None` if they do not differ.
    pub relative_z: Option<f64>,
    /// How many other units shaped the line.
    pub other_units_count: usize,
}

/// Fewest other units.
const OTHERS_LEAST: usize = 5;
/// How far outside the others' range of expectations a unit may lie, in log odds.
const REACH: f64 = 1.0;

/// Robust spread below which the others do not differ: what rounding leaves of equal residuals.
const SPREAD_LEAST: f64 = 1e-9;

/// Each unit against the others. `None` for units without a share strictly between 0 and 1, with fewer than 5
/// others, or whose expectation lies more than 1 outside theirs. Time O(units²).
#[must_use]
pub fn norm(units: &[NormUnit]) -> Vec<Option<Norm>> {
    against_others(units, REACH, |line, share| {
        let mut residuals: Vec<f64> = line.rest().map(|rest| (rest - line.alpha).abs()).collect();
        let other_units_count = residuals.len();
        let spread = 1.4826 * median(&mut residuals)?;
        Some(Norm {
            typical_external_share: logistic(line.typical),
            relative_openness: (share - line.typical) / LN_2,
            relative_z: (spread > SPREAD_LEAST).then(|| (share - line.typical) / spread),
            other_units_count,
        })
    })
}

/// The `relative_openness` of [`norm`] alone, which is all that replicates need. However far a unit's expectation lies
/// from the others': that it can be compared is decided on what was observed, and a draw of people moves it by chance.
pub(crate) fn relative_openness(units: &[NormUnit]) -> Vec<Option<f64>> {
    against_others(units, f64::INFINITY, |line, share| Some((share - line.typical) / LN_2))
}

/// The line through all units but one.
struct Line<'a> {
    members: &'a [Member],
    /// The unit that is left out.
    unit: usize,
    beta: f64,
    alpha: f64,
    /// Log odds that the line gives at the unit's expectation.
    typical: f64,
}

impl Line<'_> {
    /// What is left of each other unit's share.
    fn rest(&self) -> impl Iterator<Item = f64> {
        let others = self.members.iter().filter(|other| other.unit != self.unit);
        others.map(|other| residuals::rest(other, self.beta))
    }
}

/// A unit that shapes the line, in log odds.
#[derive(Clone, Copy)]
struct Member {
    unit: usize,
    expected: f64,
    share: f64,
}

fn against_others<T>(units: &[NormUnit], reach: f64, of: impl Fn(&Line<'_>, f64) -> Option<T>) -> Vec<Option<T>> {
    let between = |share: Option<f64>| share.filter(|&share| share > 0.0 && share < 1.0).map(logit);
    let points: Vec<Option<(f64, f64)>> =
        units.iter().map(|unit| Some((between(unit.expected)?, between(unit.share)?))).collect();
    let mut members: Vec<Member> = points
        .iter()
        .enumerate()
        .filter(|(unit, _)| units[*unit].counts)
        .filter_map(|(unit, point)| point.map(|(expected, share)| Member { unit, expected, share }))
        .collect();
    members.sort_by(|a, b| a.expected.total_cmp(&b.expected));
    let slopes = Slopes::new(&members, units.len());
    let residuals = Residuals::new(&members, beta(slopes.median()), units.len());
    let of_unit = |(unit, point): (usize, &Option<(f64, f64)>)| {
        let (expected, share) = (*point)?;
        if members.len() - usize::from(units[unit].counts) < OTHERS_LEAST {
            return None;
        }
        let lowest = members.iter().find(|other| other.unit != unit)?.expected;
        let highest = members.iter().rfind(|other| other.unit != unit)?.expected;
        if expected < lowest - reach || expected > highest + reach {
            return None;
        }
        let beta = beta(slopes.median_without(unit));
        let alpha = residuals.median_without(unit, beta)?;
        of(&Line { members: &members, unit, beta, alpha, typical: alpha + beta * expected }, share)
    };
    points.iter().enumerate().map(of_unit).collect()
}

fn beta(slope: Option<f64>) -> f64 {
    slope.map_or(1.0, |slope| slope.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::slopes::{SLOPE_GAP, SLOPES_LEAST};
    use super::*;
    use proptest::{collection::vec, prelude::*};

    /// The definition: for each unit all slopes and all residuals of the others, sorted.
    fn slow(units: &[NormUnit], within: f64) -> Vec<Option<Norm>> {
        let between = |share: Option<f64>| share.filter(|&share| share > 0.0 && share < 1.0).map(logit);
        let point = |unit: &NormUnit| Some((between(unit.expected)?, between(unit.share)?));
        let of_unit = |unit: usize| {
            let (expected, share) = point(&units[unit])?;
            let others: Vec<(f64, f64)> = (0..units.len())
                .filter(|&other| other != unit && units[other].counts)
                .filter_map(|other| point(&units[other]))
                .collect();
            let reach = |sign: f64| others.iter().map(|o| sign * o.0).fold(f64::NEG_INFINITY, f64::max) + within;
            if others.len() < OTHERS_LEAST || expected > reach(1.0) || -expected > reach(-1.0) {
                return None;
            }
            let mut slopes = Vec::new();
            for (at, b) in others.iter().enumerate() {
                let far = others[at + 1..].iter().filter(|c| (c.0 - b.0).abs() > SLOPE_GAP);
                slopes.extend(far.map(|c| (c.1 - b.1) / (c.0 - b.0)));
            }
            let beta = if slopes.len() < SLOPES_LEAST { 1.0 } else { median(&mut slopes)?.clamp(0.0, 1.0) };
            let mut rest: Vec<f64> = others.iter().map(|(expected, share)| share - beta * expected).collect();
            let alpha = median(&mut rest)?;
            let typical = alpha + beta * expected;
            let mut residuals: Vec<f64> = rest.iter().map(|rest| (rest - alpha).abs()).collect();
            let spread = 1.4826 * median(&mut residuals)?;
            Some(Norm {
                typical_external_share: logistic(typical),
                relative_openness: (share - typical) / LN_2,
                relative_z: (spread > SPREAD_LEAST).then(|| (share - typical) / spread),
                other_units_count: others.len(),
            })
        };
        (0..units.len()).map(of_unit).collect()
    }

    proptest! {
        /// Few distinct values, so that slopes are often equal.
        #[test]
        fn leaving_out_by_rank_equals_the_definition(
            units in vec((0..12u32, 0..12u32, prop::bool::weighted(0.9)), 0..48),
        ) {
            let share = |twelfths: u32| Some(f64::from(twelfths) / 12.0);
            let units: Vec<NormUnit> = units
                .into_iter()
                .map(|(a, b, counts)| NormUnit { share: share(a), expected: share(b), counts })
                .collect();
            prop_assert_eq!(norm(&units), slow(&units, REACH));
            // Draws of people do not ask how far a unit lies from the others.
            let anywhere = slow(&units, f64::INFINITY);
            let relative: Vec<Option<f64>> = anywhere.iter().map(|norm| norm.map(|n| n.relative_openness)).collect();
            prop_assert_eq!(relative_openness(&units), relative);
        }
    }

    fn unit(expected: f64, share: f64) -> NormUnit {
        NormUnit { share: Some(share), expected: Some(expected), counts: true }
    }

    #[test]
    fn half_the_odds_is_minus_one() {
        // All others sit exactly on the line of half the odds that chance gives.
        let halved = |expected: f64| logistic(logit(expected) - LN_2);
        let mut units: Vec<NormUnit> = [0.5, 0.6, 0.7, 0.8, 0.9, 0.95].map(|e| unit(e, halved(e))).into();
        units.push(unit(0.85, logistic(logit(halved(0.85)) - LN_2)));
        let found = norm(&units)[6].unwrap();
        assert!((found.relative_openness + 1.0).abs() < 1e-9, "{found:?}");
        assert!((found.typical_external_share - halved(0.85)).abs() < 1e-9);
        assert_eq!(found.relative_z, None, "the others do not differ");
        assert_eq!(found.other_units_count, 6);
    }

    #[test]
    fn few_or_far_units_have_no_norm() {
        let few: Vec<NormUnit> = vec![unit(0.8, 0.5); 5];
        assert!(norm(&few).iter().all(Option::is_none));
        let mut far = vec![unit(0.9, 0.5); 6];
        far.push(unit(0.3, 0.2));
        assert!(norm(&far)[6].is_none() && norm(&far)[0].is_some());
        let mut edge = vec![unit(0.9, 0.5); 6];
        edge.push(unit(0.9, 0.0));
        assert!(norm(&edge)[6].is_none(), "a share of 0 has no log odds");
    }
}
