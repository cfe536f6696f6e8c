//! The ends of a 95 % interval from bootstrap replicates.

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
