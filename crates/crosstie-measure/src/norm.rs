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
        others.map(|other| other.share - self.beta * other.expected)
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
    let members: Vec<Member> = points
        .iter()
        .enumerate()
        .filter(|(unit, _)| units[*unit].counts)
        .filter_map(|(unit, point)| point.map(|(expected, share)| Member { unit, expected, share }))
        .collect();
    let slopes = Slopes::new(&members, units.len());
    let mut by_expected = members.clone();
    by_expected.sort_by(|a, b| a.expected.total_cmp(&b.expected));
    let beta_of = |unit: usize, expected: f64| {
        if members.len() - usize::from(units[unit].counts) < OTHERS_LEAST {
            return None;
        }
        let lowest = by_expected.iter().find(|other| other.unit != unit)?.expected;
        let highest = by_expected.iter().rfind(|other| other.unit != unit)?.expected;
        let is_near = lowest - reach <= expected && expected <= highest + reach;
        is_near.then(|| slopes.median_without(unit).map_or(1.0, |slope| slope.clamp(0.0, 1.0)))
    };
    let mut betas: Vec<(f64, usize, (f64, f64))> = Vec::with_capacity(units.len());
    for (unit, point) in points.iter().enumerate() {
        betas.extend(point.and_then(|point| Some((beta_of(unit, point.0)?, unit, point))));
    }
    betas.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut found: Vec<Option<T>> = units.iter().map(|_| None).collect();
    for same in betas.chunk_by(|a, b| a.0.to_bits() == b.0.to_bits()) {
        let beta = same[0].0;
        let all = (same.len() >= SHARED_LEAST).then(|| Residuals::new(&members, beta, units.len()));
        for &(_, unit, (expected, share)) in same {
            let mut line = Line { members: &members, unit, beta, alpha: 0.0, typical: 0.0 };
            let alpha = match &all {
                Some(all) => all.median_without(unit),
                None => median(&mut line.rest().collect::<Vec<f64>>()),
            };
            found[unit] = alpha.and_then(|alpha| {
                (line.alpha, line.typical) = (alpha, alpha + beta * expected);
                of(&line, share)
            });
        }
    }
    found
}

/// Units of one slope from which on their residuals are sorted once and not gone through for each.
const SHARED_LEAST: usize = 4;

/// What is left of every unit's share under one slope, ascending.
struct Residuals {
    sorted: Vec<f64>,
    /// Place of each unit; past the end where it has none.
    place: Vec<usize>,
}

impl Residuals {
    fn new(members: &[Member], beta: f64, unit_count: usize) -> Residuals {
        let mut rest: Vec<(f64, usize)> =
            members.iter().map(|member| (member.share - beta * member.expected, member.unit)).collect();
        rest.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let mut place = vec![usize::MAX; unit_count];
        rest.iter().enumerate().for_each(|(at, &(_, unit))| place[unit] = at);
        Residuals { sorted: rest.into_iter().map(|(rest, _)| rest).collect(), place }
    }

    /// The median of the others'.
    fn median_without(&self, unit: usize) -> Option<f64> {
        let own = self.place[unit];
        let count = self.sorted.len() - usize::from(own < self.sorted.len());
        let at = |rank: usize| self.sorted.get(rank + usize::from(rank >= own)).copied();
        match count {
            0 => None,
            _ if count % 2 == 1 => at(count / 2),
            _ => Some((at(count / 2 - 1)? + at(count / 2)?) / 2.0),
        }
    }
}

/// The slopes between units whose expectations differ enough: what is needed to leave one unit out.
///
/// A unit takes part in fewer slopes than there are units, so the median without it lies in a window round the
/// middle that is known before: only that window is sorted, and below it each unit's slopes are counted.
struct Slopes {
    count: usize,
    /// How many slopes lie below the window.
    below: usize,
    /// The same of each unit alone, and all of its slopes.
    below_of: Vec<u32>,
    count_of: Vec<u32>,
    /// Slopes with their two units, ascending.
    window: Vec<(f64, u32, u32)>,
}

/// A whole number that is in the order of `f64::total_cmp`: quicker to compare, and there are many.
fn rank(value: f64) -> i64 {
    let bits = value.to_bits() as i64;
    bits ^ (((bits >> 63) as u64) >> 1) as i64
}

/// Calls `visit` with each slope and its two units.
#[inline(always)]
fn each_slope(members: &[Member], mut visit: impl FnMut(f64, usize, usize)) {
    for (at, b) in members.iter().enumerate() {
        for c in &members[at + 1..] {
            let gap = c.expected - b.expected;
            if gap.abs() > SLOPE_GAP {
                visit((c.share - b.share) / gap, b.unit, c.unit);
            }
        }
    }
}

impl Slopes {
    fn new(members: &[Member], unit_count: usize) -> Slopes {
        let mut values = Vec::with_capacity(members.len() * members.len() / 2);
        let mut count_of = vec![0; unit_count];
        each_slope(members, |slope, b, c| {
            values.push(rank(slope));
            count_of[b] += 1;
            count_of[c] += 1;
        });
        let (count, most) = (values.len(), count_of.iter().max().map_or(0, |&most: &u32| most as usize));
        let mut slopes = Slopes { count, below: 0, below_of: vec![0; unit_count], count_of, window: Vec::new() };
        if count == 0 {
            return slopes;
        }
        let first = ((count - most) / 2).saturating_sub(1);
        let last = (count / 2 + most).min(count - 1);
        let (_, &mut low, above) = values.select_nth_unstable(first);
        let high = if last > first { *above.select_nth_unstable(last - first - 1).1 } else { low };
        each_slope(members, |slope, b, c| {
            let at = rank(slope);
            if at < low {
                slopes.below += 1;
                slopes.below_of[b] += 1;
                slopes.below_of[c] += 1;
            } else if at <= high {
                slopes.window.push((slope, b as u32, c as u32));
            }
        });
        slopes.window.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        slopes
    }

    /// The median of the slopes that the unit has no part in; `None` if there are too few.
    fn median_without(&self, unit: usize) -> Option<f64> {
        let count = self.count - self.count_of[unit] as usize;
        if count < SLOPES_LEAST {
            return None;
        }
        let below = self.below - self.below_of[unit] as usize;
        let mut free = self
            .window
            .iter()
            .filter(|slope| slope.1 as usize != unit && slope.2 as usize != unit)
            .map(|slope| slope.0);
        if count % 2 == 1 {
            return free.nth(count / 2 - below);
        }
        let lower = free.nth(count / 2 - 1 - below)?;
        Some((lower + free.next()?) / 2.0)
    }
}

#[cfg(test)]
mod tests {
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
