//! What a unit of this expectation usually has in this organization: a robust line through the other units.
//!
//! Colleagues work together, so nearly every unit lies below chance; what is asked is which unit keeps to itself
//! more than the others here. With log odds `l`, over the other units B that are large enough:
//! `l(x_B) ~ alpha + beta l(x0_B)`, beta by Theil-Sen held to [0, 1], alpha the median of what is left.

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
/// Smallest difference in expectation that a slope is taken over, in log odds.
const SLOPE_GAP: f64 = 0.25;
/// Fewest slopes; with fewer, beta = 1.
const SLOPES_LEAST: usize = 10;
/// How far outside the others' range of expectations a unit may lie, in log odds.
const REACH: f64 = 1.0;

/// Robust spread below which the others do not differ: what rounding leaves of equal residuals.
const SPREAD_LEAST: f64 = 1e-9;

/// Each unit against the others. `None` for units without a share strictly between 0 and 1, with fewer than 5
/// others, or whose expectation lies more than 1 outside theirs. Time O(units² log units + units³).
#[must_use]
pub fn norm(units: &[NormUnit]) -> Vec<Option<Norm>> {
    let between = |share: Option<f64>| share.filter(|&share| share > 0.0 && share < 1.0).map(logit);
    let points: Vec<Option<(f64, f64)>> =
        units.iter().map(|unit| Some((between(unit.expected)?, between(unit.share)?))).collect();
    let members: Vec<(usize, f64, f64)> = points
        .iter()
        .enumerate()
        .filter(|(unit, _)| units[*unit].counts)
        .filter_map(|(unit, point)| point.map(|(expected, share)| (unit, expected, share)))
        .collect();
    let mut slopes: Vec<(f64, usize, usize)> = Vec::new();
    for (at, &(b, expected_b, share_b)) in members.iter().enumerate() {
        for &(c, expected_c, share_c) in &members[at + 1..] {
            let gap = expected_c - expected_b;
            if gap.abs() > SLOPE_GAP {
                slopes.push(((share_c - share_b) / gap, b, c));
            }
        }
    }
    slopes.sort_by(|a, b| a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    points.iter().enumerate().map(|(unit, point)| against(unit, (*point)?, &members, &slopes)).collect()
}

fn against(
    unit: usize,
    (expected, share): (f64, f64),
    members: &[(usize, f64, f64)],
    slopes: &[(f64, usize, usize)],
) -> Option<Norm> {
    let others: Vec<(f64, f64)> =
        members.iter().filter(|other| other.0 != unit).map(|other| (other.1, other.2)).collect();
    if others.len() < OTHERS_LEAST {
        return None;
    }
    let lowest = others.iter().map(|other| other.0).min_by(f64::total_cmp)?;
    let highest = others.iter().map(|other| other.0).max_by(f64::total_cmp)?;
    if expected < lowest - REACH || expected > highest + REACH {
        return None;
    }
    let mut free: Vec<f64> =
        slopes.iter().filter(|slope| slope.1 != unit && slope.2 != unit).map(|slope| slope.0).collect();
    let beta = if free.len() < SLOPES_LEAST { 1.0 } else { median(&mut free)?.clamp(0.0, 1.0) };
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
}

#[cfg(test)]
mod tests {
    use super::*;

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
