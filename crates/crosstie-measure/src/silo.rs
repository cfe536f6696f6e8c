//! The silo rule for formal units, and whether there is evidence for any number at all.
//!
//! # Definition
//! A unit is a silo when evidence is `enough`, `openness_high` < 0 (less contact than chance gives, at the friendly
//! end of the interval), `relative_openness_high` below `max_relative_openness` (under 71 % of the usual odds, at
//! the friendly end) and `relative_z` <= -1.5, or -2 with fewer than 10 other units in the norm, whose spread is then
//! known badly: units differ, and the lower tail of ordinary variety is no silo. Where the others do not differ,
//! `relative_z` is not asked for. Never from E-I, modularity, z or conductance.
//!
//! # Undefined when
//! There is no evidence, or no units of its kind to compare with. Units too small to show, which privacy takes together as
//! `(small units)`, are no unit: what is published of them has no mark.
//!
//! # Reading it
//! A mark says that a unit keeps to itself more than ordinary variety among units like it here. It is no fault: a laboratory
//! or an audit may have to. Known problem: with five to nine others a silo must lie further out, so one is missed now and then;
//! docs/validation.md has how often a unit is marked without cause, by number and size of units.
//!
//! # Differs from
//! Rules on E-I, modularity or conductance, which mark units by their size, and p-values, which mark every unit whose
//! people have lasting contacts.
//!
//! # Cost, exactness
//! Nothing beyond the intervals of `openness`. As exact as those.
//!
//! # References
//! Krackhardt & Stern 1988, <https://doi.org/10.2307/2786835>.

use crate::MeasureParams;
use crate::openness::{Openness, messages};
use crosstie_model::{Grade, MetricSpec};

/// Catalogue entry.
pub(crate) const SPEC: MetricSpec = MetricSpec {
    page: include_str!("silo.rs"),
    id: "silo",
    table: "units",
    columns: &["silo", "evidence"],
    question: "Does the unit keep to itself more than chance and its kind explain?",
    formula: "openness_high < 0 and relative_openness_high < -0.5 and relative_z <= -1.5 (-2 with under 10 other units)",
    unit: "true or false",
    range: (0.0, 1.0),
    undefined_when: "evidence is not enough, or there are no units of its kind",
    grade: Grade::C,
    cannot_claim: "that a boundary is a fault",
    references: &["Krackhardt & Stern 1988, doi:10.2307/2786835"],
};

/// Widest interval of openness that is shown: a factor of 4.
const WIDEST: f64 = 2.0;
/// Other units from which their spread is known well.
const MANY_OTHERS: usize = 10;
/// `relative_z` of a silo lies at or below this, with many others and with few.
const SILO_Z: f64 = -1.5;
const SILO_Z_FEW: f64 = -2.0;
/// Expected external messages from which none at all is evidence.
const EXPECTED_LEAST: f64 = 20.0;

/// What speaks against any number of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Doubts {
    /// Over 20 % of the window's weeks of a source lack data.
    pub coverage_gap: bool,
    /// Units without any border were called silos.
    pub self_test_failed: bool,
}

/// The evidence about a unit and, where there is some, whether it is a silo.
#[must_use]
pub fn judge(
    openness: &Openness,
    unit: usize,
    people_count: usize,
    doubts: Doubts,
    params: &MeasureParams,
) -> (&'static str, Option<bool>) {
    let (outside, inside) = openness.flows.outside_and_inside(unit);
    if people_count < params.min_people {
        return ("few_people", None);
    }
    let interval = openness.unit_interval(unit);
    if messages(outside + inside) < params.min_messages || interval.is_none() {
        return ("few_events", None);
    }
    if doubts.coverage_gap {
        return ("coverage_gap", None);
    }
    if doubts.self_test_failed {
        return ("self_test_failed", None);
    }
    if outside == 0 {
        let expected = openness.flows.expected_outside(unit) * messages(1);
        return if expected >= EXPECTED_LEAST { ("enough", Some(true)) } else { ("few_events", None) };
    }
    let (low, high) = interval.unwrap_or((f64::NEG_INFINITY, f64::INFINITY));
    if high - low > WIDEST {
        return ("wide_interval", None);
    }
    let Some((norm, (_, relative_high))) = openness.norms[unit].zip(openness.relative_interval(unit)) else {
        return ("enough", None);
    };
    let is_closed = high < 0.0 && relative_high < params.max_relative_openness;
    ("enough", Some(is_closed && is_beyond_variety(norm.other_units_count, norm.relative_z)))
}

/// Whether a unit lies below the ordinary variety of so many others; where they do not differ, any distance is beyond it.
fn is_beyond_variety(other_units_count: usize, relative_z: Option<f64>) -> bool {
    let least = if other_units_count < MANY_OTHERS { SILO_Z_FEW } else { SILO_Z };
    relative_z.is_none_or(|z| z <= least)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_others_ask_for_more_distance() {
        for (others, z, expected) in [
            (5, Some(-1.9), false),
            (5, Some(-2.0), true),
            (9, Some(-1.9), false),
            (10, Some(-1.4), false),
            (10, Some(-1.5), true),
            (5, None, true),
            (10, None, true),
        ] {
            assert_eq!(is_beyond_variety(others, z), expected, "{others} others, z {z:?}");
        }
    }
}
