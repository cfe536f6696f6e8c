//! A row of the table `freedoms`: the numbers of an indicator, or the first reason why there are none.

use super::{ALL, Behind, Freedoms, Subject};
use crate::interval::Interval;
use crosstie_model::tables::FreedomRow;
use crosstie_model::{Grade, Measured};

/// Fewest events of any indicator.
pub(super) const EVENTS_LEAST: u64 = 200;
/// Fewest events that count, of a share.
pub(super) const COUNTED_LEAST: u64 = 100;

/// What an indicator is called and claims.
#[derive(Clone, Copy)]
pub(super) struct Indicator {
    pub(super) freedom: &'static str,
    pub(super) name: &'static str,
    pub(super) grade: Grade,
    pub(super) cannot_claim: &'static str,
    /// Whether it needs reporting lines.
    pub(super) by_tree: bool,
    /// Fewest people of a unit, beside the plan's.
    pub(super) people_least: usize,
    pub(super) width: Width,
}

/// How wide an interval may be.
#[derive(Clone, Copy)]
pub(super) enum Width {
    /// No interval.
    None,
    /// log2: high - low at most 2.
    Log2,
    /// Odds ratio: high / low at most 4.
    Odds,
    /// Share: high - low at most 0.3.
    Share,
    /// Of any width.
    Any,
}

/// The numbers of an indicator.
#[derive(Clone, Copy, Default)]
pub(super) struct Numbers {
    pub(super) estimate: Option<f64>,
    pub(super) interval: Option<Interval>,
    pub(super) expected: Option<f64>,
    pub(super) people_count: usize,
    pub(super) events_count: u64,
    /// Whether there are enough of the events that this indicator needs.
    pub(super) has_events: bool,
}

impl Freedoms<'_> {
    /// A row with its evidence.
    pub(super) fn row(
        &self,
        indicator: &Indicator,
        subject: &Subject,
        numbers: Numbers,
        behind: Behind,
    ) -> Measured<FreedomRow> {
        let evidence = self.evidence(indicator, subject, &numbers);
        let shown = |value: Option<f64>| value.filter(|value| value.is_finite() && evidence == "enough");
        let with_interval = numbers.interval.filter(|_| !matches!(indicator.width, Width::None));
        let row = FreedomRow {
            grouping: self.grouping.name.clone(),
            unit: self.label(subject),
            freedom: indicator.freedom.into(),
            indicator: indicator.name.into(),
            estimate: shown(numbers.estimate),
            low: shown(with_interval.map(|interval| interval.low)),
            high: shown(with_interval.map(|interval| interval.high)),
            expected: shown(numbers.expected),
            people_count: Some(numbers.people_count as i64),
            events_count: Some(numbers.events_count as i64),
            grade: indicator.grade.letter().into(),
            evidence: evidence.into(),
            cannot_claim: indicator.cannot_claim.into(),
            as_of: None,
        };
        Measured { row, side_a: behind.side_a, side_b: behind.side_b, sums: behind.sums }
    }

    /// The row of everybody where the sources do not carry what an indicator needs.
    pub(super) fn no_data(&self, indicator: &Indicator) -> Measured<FreedomRow> {
        let row = FreedomRow {
            grouping: self.grouping.name.clone(),
            unit: ALL.into(),
            freedom: indicator.freedom.into(),
            indicator: indicator.name.into(),
            estimate: None,
            low: None,
            high: None,
            expected: None,
            people_count: None,
            events_count: None,
            grade: indicator.grade.letter().into(),
            evidence: "no_data".into(),
            cannot_claim: indicator.cannot_claim.into(),
            as_of: None,
        };
        Measured { row, side_a: Vec::new(), side_b: Vec::new(), sums: Vec::new() }
    }

    /// A directory unit called like everybody gets another name.
    pub(super) fn label(&self, subject: &Subject) -> String {
        match subject.unit.map(|unit| self.grouping.labels[unit].as_str()) {
            None => ALL.into(),
            Some(ALL) => format!("{ALL} unit"),
            Some(label) => label.into(),
        }
    }

    fn evidence(&self, indicator: &Indicator, subject: &Subject, numbers: &Numbers) -> &'static str {
        if subject.people.len() < self.params.min_people.max(indicator.people_least) {
            return "few_people";
        }
        if indicator.by_tree && self.tree.is_none() {
            return "no_data";
        }
        let is_drawn = !matches!(indicator.width, Width::None);
        let is_undefined = is_drawn && numbers.interval.is_none_or(|interval| interval.is_undefined());
        if numbers.events_count < EVENTS_LEAST || !numbers.has_events || is_undefined || numbers.estimate.is_none() {
            return "few_events";
        }
        if self.coverage_gap {
            return "coverage_gap";
        }
        if self.self_test_failed {
            return "self_test_failed";
        }
        let too_wide = numbers.interval.is_some_and(|Interval { low, high, .. }| match indicator.width {
            Width::None | Width::Any => false,
            Width::Log2 => high - low > 2.0,
            Width::Odds => low <= 0.0 || high / low > 4.0,
            Width::Share => high - low > 0.3,
        });
        if too_wide { "wide_interval" } else { "enough" }
    }
}
