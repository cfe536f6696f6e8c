//! The median of what a slope leaves of the shares, with any one unit left out.
//!
//! Units have nearly the same slope, so residuals are sorted under one of them: under another, each moves by no more than
//! the slopes differ times the expectations do, and the median is among the few that lie so near to the middle.

use super::Member;

/// What rounding can add to a distance, as a share of it and of the numbers that it is between.
const ROUNDING: f64 = 1e-12;

/// What is left of every member's share under one slope.
pub(super) struct Residuals<'a> {
    beta: f64,
    /// Ascending.
    sorted: Vec<(f64, &'a Member)>,
    /// Place of each unit; past the end where it has none.
    place: Vec<usize>,
    /// How far expectations lie apart.
    range: f64,
    /// The largest number in any of this.
    largest: f64,
}

impl<'a> Residuals<'a> {
    pub(super) fn new(members: &'a [Member], beta: f64, unit_count: usize) -> Residuals<'a> {
        let mut sorted: Vec<(f64, &Member)> = members.iter().map(|member| (rest(member, beta), member)).collect();
        sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut place = vec![usize::MAX; unit_count];
        sorted.iter().enumerate().for_each(|(at, (_, member))| place[member.unit] = at);
        let ends = |of: fn(f64, f64) -> f64, start| members.iter().map(|member| member.expected).fold(start, of);
        let (lowest, highest) = (ends(f64::min, f64::INFINITY), ends(f64::max, f64::NEG_INFINITY));
        let size = |member: &Member| member.share.abs() + member.expected.abs();
        Residuals {
            beta,
            sorted,
            place,
            range: (highest - lowest).max(0.0),
            largest: members.iter().map(size).fold(0.0, f64::max),
        }
    }

    /// The median of the others' residuals under a slope.
    pub(super) fn median_without(&self, unit: usize, beta: f64) -> Option<f64> {
        let own = self.place[unit];
        let count = self.sorted.len() - usize::from(own < self.sorted.len());
        // Ranks among the others, and their places among all.
        let (lower, upper) = (count.checked_sub(1)? / 2, count / 2);
        let place = |rank: usize| rank + usize::from(rank >= own);
        let apart = (beta - self.beta).abs() * self.range + ROUNDING * self.largest;
        let start = self.sorted.partition_point(|one| one.0 < self.sorted[place(lower)].0 - apart);
        let end = self.sorted.partition_point(|one| one.0 <= self.sorted[place(upper)].0 + apart);
        let below = start - usize::from(own < start);
        let near = self.sorted[start..end].iter().filter(|(_, member)| member.unit != unit);
        let mut near: Vec<f64> = near.map(|(_, member)| rest(member, beta)).collect();
        near.sort_unstable_by(f64::total_cmp);
        let at = |rank: usize| near.get(rank - below).copied();
        if lower == upper { at(lower) } else { Some((at(lower)? + at(upper)?) / 2.0) }
    }
}

/// What is left of a share.
#[inline]
pub(super) fn rest(member: &Member, beta: f64) -> f64 {
    member.share - beta * member.expected
}
