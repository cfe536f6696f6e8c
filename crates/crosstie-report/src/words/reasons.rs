//! R1: why there is no number. Too few people and the protection of another number are one reason: telling them apart
//! would show which cell is small.

use crate::document::Sentence;
use crate::facts::RunFacts;
use crate::names::name;
use crosstie_model::tables::UnitRow;

/// No unit can be shown at all.
pub(crate) const NO_UNIT: &str = "Whether a unit is a silo cannot be judged. No unit can be shown: too few people stand behind each of them, or the directory names no unit.";

/// Why a pair of a unit with itself has no band.
pub(crate) const INSIDE: &str = "inside one unit";

/// Few people, or the protection of another number.
const WITHHELD: &str = "withheld";

/// R1 of a unit.
pub(crate) fn no_evidence(row: &UnitRow, facts: &RunFacts) -> Sentence {
    let reason = unit_reason(&row.evidence, facts);
    if reason == WITHHELD {
        return Sentence::plain(format!("Withheld for privacy: {}. No number is shown.", name(&row.unit))).of("R1");
    }
    Sentence::plain(format!("Not enough evidence on {}: {reason}. No number is shown.", name(&row.unit))).of("R1")
}

/// Why a unit has no number.
fn unit_reason(evidence: &str, facts: &RunFacts) -> String {
    match evidence {
        "few_events" => {
            format!("fewer than {} messages, or an interval that cannot be told", facts.setting("silos.min_messages"))
        }
        "coverage_gap" => "too many weeks without data in a source".into(),
        "self_test_failed" => "the self-test on this data failed".into(),
        "wide_interval" => "an interval wider than a factor of 4".into(),
        "no_data" => "the sources do not carry it".into(),
        _ => WITHHELD.into(),
    }
}

/// Why a cell of a table is null, from the other cells of its row.
pub(crate) fn null_reason(column: &str, suppressed: bool, evidence: Option<&str>, has_value: bool) -> &'static str {
    match evidence {
        _ if suppressed => "withheld",
        Some("few_people") => "withheld",
        Some("few_events") => "too few events",
        Some("coverage_gap") => "gap in the data",
        Some("self_test_failed") => "self-test failed",
        Some("wide_interval") => "interval too wide",
        Some("no_data") => "not carried",
        _ if column.ends_with("low") || column.ends_with("high") => {
            if has_value {
                "unbounded or none"
            } else {
                "no number"
            }
        }
        _ if column.ends_with("band") => "withheld or none",
        _ if column.starts_with("expected") || column == "z" => "not known",
        _ => "undefined or withheld",
    }
}
