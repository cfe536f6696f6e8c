//! The median slope between units, with any one unit left out.
//!
//! A unit takes part in fewer slopes than there are units, so the median without it has a rank near the middle: only
//! slopes of those ranks are kept, and of those below each unit's are counted. Between which slopes these ranks lie is
//! first guessed from a few slopes, so that the others need not be kept to be ordered; a guess that fails costs time only.

use super::Member;

/// Smallest difference in expectation that a slope is taken over, in log odds.
pub(super) const SLOPE_GAP: f64 = 0.25;
/// Fewest slopes for a median.
pub(super) const SLOPES_LEAST: usize = 10;
/// How many slopes a guess is made from.
const SAMPLE: usize = 2048;
/// How far a guess goes beyond what is needed, as a share of all slopes: about four standard deviations of it.
const MARGIN: f64 = 0.045;

/// The slopes between units whose expectations differ enough.
pub(super) struct Slopes {
    count: usize,
    /// How many slopes lie below the window.
    below: usize,
    /// The same of each unit alone, and all of its slopes.
    below_of: Vec<u32>,
    count_of: Vec<u32>,
    /// Slopes with their two units, ascending.
    window: Vec<(f64, u32, u32)>,
}

impl Slopes {
    /// Time O(members²). Members ascend in expectation.
    pub(super) fn new(members: &[Member], unit_count: usize) -> Slopes {
        Slopes::guessed(&Pairs::new(members), unit_count, |pairs, count, first, last| pairs.guess(count, first, last))
    }

    fn guessed(
        pairs: &Pairs<'_>,
        unit_count: usize,
        guess: impl Fn(&Pairs<'_>, usize, usize, usize) -> (f64, f64),
    ) -> Slopes {
        let (count, count_of) = pairs.counts(unit_count);
        let mut slopes = Slopes { count, below: 0, below_of: Vec::new(), count_of, window: Vec::new() };
        let Some(last_of_all) = count.checked_sub(1) else { return slopes };
        let most = slopes.count_of.iter().max().map_or(0, |&most| most as usize);
        let first = ((count - most) / 2).saturating_sub(1);
        let last = (count / 2 + most).min(last_of_all);
        let (low, high) = guess(pairs, count, first, last);
        slopes.fill(pairs, unit_count, low, high);
        if slopes.below > first || slopes.below + slopes.window.len() <= last {
            slopes.fill(pairs, unit_count, f64::NEG_INFINITY, f64::INFINITY);
        }
        slopes.narrow(first, last);
        slopes
    }

    /// The window of slopes between two, and what lies below it.
    fn fill(&mut self, pairs: &Pairs<'_>, unit_count: usize, low: f64, high: f64) {
        let Slopes { below, below_of, window, .. } = self;
        below_of.clear();
        below_of.resize(unit_count, 0);
        window.clear();
        // By place, so that a row's counts lie side by side.
        let mut below_at = vec![0u32; pairs.members.len()];
        let mut row = vec![0.0; pairs.members.len()];
        for (at, b) in pairs.members.iter().enumerate() {
            let start = pairs.start[at];
            pairs.row(at, &mut row[start..]);
            let mut below_b = 0;
            for (slope, below) in row[start..].iter().zip(&mut below_at[start..]) {
                let is_below = u32::from(*slope < low);
                *below += is_below;
                below_b += is_below;
            }
            below_at[at] += below_b;
            for (&slope, c) in row[start..].iter().zip(&pairs.members[start..]) {
                if slope >= low && slope <= high {
                    window.push((slope, b.unit as u32, c.unit as u32));
                }
            }
        }
        pairs.members.iter().zip(&below_at).for_each(|(member, &below)| below_of[member.unit] = below);
        *below = below_at.iter().map(|&below| below as usize).sum::<usize>() / 2;
    }

    /// Leaves only slopes of some ranks in the window, in order.
    fn narrow(&mut self, first: usize, last: usize) {
        let Slopes { below, below_of, window, .. } = self;
        let by_slope = |a: &(f64, u32, u32), b: &(f64, u32, u32)| a.0.total_cmp(&b.0);
        let (first, last) = (first - *below, last - *below);
        window.select_nth_unstable_by(last, by_slope);
        window.truncate(last + 1);
        window.select_nth_unstable_by(first, by_slope);
        for &(_, b, c) in &window[..first] {
            below_of[b as usize] += 1;
            below_of[c as usize] += 1;
        }
        *below += first;
        window.drain(..first);
        window.sort_unstable_by(by_slope);
    }

    /// The median of all slopes; `None` if there are too few.
    pub(super) fn median(&self) -> Option<f64> {
        self.median_of(self.count, self.below, self.window.iter().map(|slope| slope.0))
    }

    /// The median of the slopes that the unit has no part in; `None` if there are too few.
    pub(super) fn median_without(&self, unit: usize) -> Option<f64> {
        let free = self.window.iter().filter(|slope| slope.1 as usize != unit && slope.2 as usize != unit);
        let below_of = self.below_of.get(unit).map_or(0, |&below| below as usize);
        self.median_of(self.count - self.count_of[unit] as usize, self.below - below_of, free.map(|slope| slope.0))
    }

    fn median_of(&self, count: usize, below: usize, mut window: impl Iterator<Item = f64>) -> Option<f64> {
        if count < SLOPES_LEAST {
            return None;
        }
        if count % 2 == 1 {
            return window.nth(count / 2 - below);
        }
        let lower = window.nth(count / 2 - 1 - below)?;
        Some((lower + window.next()?) / 2.0)
    }
}

/// Pairs of members far enough apart: of each with all from some place on.
struct Pairs<'a> {
    members: &'a [Member],
    expected: Vec<f64>,
    share: Vec<f64>,
    start: Vec<usize>,
}

impl Pairs<'_> {
    fn new(members: &[Member]) -> Pairs<'_> {
        let expected: Vec<f64> = members.iter().map(|member| member.expected).collect();
        let mut next = 0;
        let start = expected
            .iter()
            .map(|own| {
                next += expected[next..].iter().take_while(|&other| other - own <= SLOPE_GAP).count();
                next
            })
            .collect();
        Pairs { members, share: members.iter().map(|member| member.share).collect(), expected, start }
    }

    /// How many pairs there are in all, and of each unit.
    fn counts(&self, unit_count: usize) -> (usize, Vec<u32>) {
        let mut of_unit = vec![0; unit_count];
        let mut before = 0;
        for (at, member) in self.members.iter().enumerate() {
            before += self.start[before..].iter().take_while(|&&start| start <= at).count();
            of_unit[member.unit] = (self.members.len() - self.start[at] + before) as u32;
        }
        (of_unit.iter().map(|&count| count as usize).sum::<usize>() / 2, of_unit)
    }

    /// The slopes of a member with those from its start on.
    #[inline]
    fn row(&self, at: usize, slopes: &mut [f64]) {
        let (expected, share) = (self.expected[at], self.share[at]);
        let others = self.expected[self.start[at]..].iter().zip(&self.share[self.start[at]..]);
        for (slope, (other_expected, other_share)) in slopes.iter_mut().zip(others) {
            *slope = (other_share - share) / (other_expected - expected);
        }
    }

    /// Two slopes between which those of some ranks are likely to lie.
    fn guess(&self, count: usize, first: usize, last: usize) -> (f64, f64) {
        if count <= 4 * SAMPLE {
            return (f64::NEG_INFINITY, f64::INFINITY);
        }
        let mut sample = Vec::with_capacity(SAMPLE + 1);
        let step = count / SAMPLE;
        // Places are counted through all rows.
        let mut next = step / 2;
        for at in 0..self.members.len() {
            let start = self.start[at];
            let length = self.members.len() - start;
            while next < length {
                let other = start + next;
                sample.push((self.share[other] - self.share[at]) / (self.expected[other] - self.expected[at]));
                next += step;
            }
            next -= length;
        }
        sample.sort_unstable_by(f64::total_cmp);
        let at = |rank: usize, margin: f64| {
            let place = ((rank as f64 / count as f64 + margin) * sample.len() as f64).max(0.0) as usize;
            sample[place.min(sample.len() - 1)]
        };
        (at(first, -MARGIN), at(last, MARGIN))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crosstie_model::num::median;
    use proptest::{collection::vec, prelude::*};

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20))]
        /// Enough slopes for a guess, some of them equal; and guesses that miss.
        #[test]
        fn any_guess_gives_the_medians(
            points in vec((0..400u32, 0..100u32), 140..160), low in -2.0..2.0f64, width in 0.0..1.0f64,
        ) {
            let mut members: Vec<Member> = (0..)
                .zip(&points)
                .map(|(unit, &(a, b))| Member { unit, expected: f64::from(a) / 20.0, share: f64::from(b) / 25.0 })
                .collect();
            members.sort_by(|a, b| a.expected.total_cmp(&b.expected));
            let slow = |without: usize| {
                let left: Vec<&Member> = members.iter().filter(|member| member.unit != without).collect();
                let mut slopes = Vec::new();
                for (at, b) in left.iter().enumerate() {
                    let far = left[at + 1..].iter().filter(|c| (c.expected - b.expected).abs() > SLOPE_GAP);
                    slopes.extend(far.map(|c| (c.share - b.share) / (c.expected - b.expected)));
                }
                (slopes.len(), median(&mut slopes))
            };
            let pairs = Pairs::new(&members);
            let guessed = Slopes::new(&members, points.len());
            let missed = Slopes::guessed(&pairs, points.len(), |_, _, _, _| (low, low + width));
            let (count, all) = slow(usize::MAX);
            prop_assume!(count > 4 * SAMPLE);
            prop_assert_eq!(guessed.count, count);
            prop_assert_eq!((guessed.median(), missed.median()), (all, all));
            for unit in 0..points.len() {
                let expected = slow(unit).1;
                prop_assert_eq!((guessed.median_without(unit), missed.median_without(unit)), (expected, expected));
            }
        }
    }
}
