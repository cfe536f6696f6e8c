//! The person bootstrap: everybody is drawn a Poisson(1) number of times, and a weekly row counts as often as both
//! of its ends.
//!
//! Messages are not independent, people carry them: this is the product reweighting of Owen's pigeonhole bootstrap
//! (2007, doi:10.1214/07-AOAS122; Owen & Eckles 2012, doi:10.1214/12-AOAS547) with one draw a person, because
//! senders and recipients are the same people (vertex bootstrap, Snijders & Borgatti 1999).

use crosstie_model::{Organization, Stream, WeeklyTie, WindowTies};
use rayon::prelude::*;

/// One stratum with the activity of its people.
pub(crate) struct Week<'a> {
    rows: &'a [WeeklyTie],
    multiplicity: Option<&'a [u8]>,
    /// Weight sent by each person, in units.
    pub(crate) sent: &'a [u64],
    /// Slots received by each person.
    pub(crate) received: &'a [u64],
    /// All slots.
    pub(crate) slot_count: u64,
}

impl Week<'_> {
    /// The rows as (source, target, units).
    pub(crate) fn rows(&self) -> impl Iterator<Item = (u32, u32, u64)> + '_ {
        self.rows.iter().map(|row| (row.source, row.target, row.weight.units() * times(self.multiplicity, row)))
    }
}

fn times(multiplicity: Option<&[u8]>, row: &WeeklyTie) -> u64 {
    multiplicity.map_or(1, |m| u64::from(m[row.source as usize]) * u64::from(m[row.target as usize]))
}

/// Visits the strata that hold slots, each with the sums a person.
pub(crate) fn each_week(
    ties: &WindowTies,
    people_count: usize,
    multiplicity: Option<&[u8]>,
    mut visit: impl FnMut(&Week<'_>),
) {
    let mut sent = vec![0u64; people_count];
    let mut received = vec![0u64; people_count];
    for rows in ties.weekly.chunk_by(|a, b| a.stratum == b.stratum) {
        sent.fill(0);
        received.fill(0);
        let mut slot_count = 0;
        for row in rows {
            let times = times(multiplicity, row);
            sent[row.source as usize] += row.weight.units() * times;
            received[row.target as usize] += u64::from(row.slot_count) * times;
            slot_count += u64::from(row.slot_count) * times;
        }
        if slot_count > 0 {
            visit(&Week { rows, multiplicity, sent: &sent, received: &received, slot_count });
        }
    }
}

/// Computes `statistic` on every replicate, in order. Each gets the multiplicity of each person.
pub(crate) fn replicates<T: Send>(
    organization: &Organization,
    seed: u64,
    count: u32,
    statistic: impl Fn(&[u8]) -> T + Sync,
) -> Vec<T> {
    (0..u64::from(count))
        .into_par_iter()
        .map(|replicate| {
            let draw = |&person: &u64| Stream::new(seed, "person", &[replicate, person]).poisson_one();
            let multiplicity: Vec<u8> = organization.stream_of.iter().map(draw).collect();
            statistic(&multiplicity)
        })
        .collect()
}

/// The ends of a 95 % interval from replicates, and whether enough of them were defined.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Interval {
    /// Low end; minus infinity where observed contact can vanish.
    pub(crate) low: f64,
    /// High end.
    pub(crate) high: f64,
    /// Share of replicates in which the statistic was undefined.
    pub(crate) undefined_share: f64,
}

/// Most undefined replicates that an interval may rest on.
const UNDEFINED_SHARE: f64 = 0.05;

impl Interval {
    /// From one value a replicate; `None` if none is defined.
    pub(crate) fn of(values: impl ExactSizeIterator<Item = Option<f64>>) -> Option<Interval> {
        let count = values.len();
        let mut defined: Vec<f64> = values.flatten().collect();
        let undefined_share = (count - defined.len()) as f64 / count as f64;
        let (low, high) = crosstie_model::num::interval(&mut defined)?;
        Some(Interval { low, high, undefined_share })
    }

    /// From positive values, moved on a log scale so that their median is the estimate: the spread is the
    /// bootstrap's, the centre the estimate's. Where somebody's contact goes to few people, drawing one of them
    /// twice raises that person's activity, so replicates of a lift lie below the lift itself.
    pub(crate) fn centred(estimate: f64, values: impl ExactSizeIterator<Item = Option<f64>>) -> Option<Interval> {
        let values: Vec<Option<f64>> = values.collect();
        let mut defined: Vec<f64> = values.iter().copied().flatten().collect();
        let median = crosstie_model::num::median(&mut defined).filter(|&median| median > 0.0)?;
        let plain = Interval::of(values.into_iter())?;
        let factor = estimate / median;
        Some(Interval { low: plain.low * factor, high: plain.high * factor, ..plain })
    }

    /// Whether so many replicates were undefined that it says nothing.
    pub(crate) fn is_undefined(&self) -> bool {
        self.undefined_share > UNDEFINED_SHARE
    }
}

/// An end of an interval as tables hold it: unbounded is null.
pub(crate) fn finite(end: f64) -> Option<f64> {
    end.is_finite().then_some(end)
}
