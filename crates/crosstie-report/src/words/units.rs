//! S1: a unit, and the organization, against chance and against units of its kind.

use crate::document::Sentence;
use crate::facts::RunFacts;
use crate::names::name;
use crate::numbers::{count, low_of_log2, per_cent, ratio_of_log2, ratio_words};
use crate::words::counted;
use crosstie_model::num::exp2;
use crosstie_model::tables::{OrganizationRow, UnitRow};

/// The whole organization against chance.
pub(crate) fn organization(openness: &OrganizationRow, share: &OrganizationRow, facts: &RunFacts) -> Option<Sentence> {
    let (value, high, observed, expected) = (openness.value?, openness.high?, share.value?, share.expected?);
    let verdict = match openness.low {
        _ if high < 0.0 => "Units are in contact less than chance gives.",
        Some(low) if low > 0.0 => "Units are in contact more than chance gives.",
        _ => "Units are in contact about as much as chance gives.",
    };
    let text = format!(
        "Across the organization, {} of contact crosses unit borders; {} would by chance, given how active people are: {} what chance gives ({} times; 95 % interval {} to {}; {} people, {}).",
        per_cent(observed),
        per_cent(expected),
        ratio_words(exp2(value)),
        ratio_of_log2(value),
        low_of_log2(openness.low),
        ratio_of_log2(high),
        count(facts.count("people") as i64),
        counted(facts.weeks(), "week", "weeks"),
    );
    Some(Sentence::led(verdict, text).of("S1"))
}

/// A unit; `None` where evidence is not enough.
pub(crate) fn unit(row: &UnitRow, facts: &RunFacts) -> Option<Sentence> {
    let (share, expected) = (row.external_share?, row.expected_external_share?);
    let is_silo = row.silo == Some(true);
    let verdict = match row.relative_openness {
        _ if is_silo => "keeps to itself more than units like it here",
        None => "has no units like it here to compare with",
        Some(_) if row.relative_openness_low.is_some_and(|low| low > 0.0) => "is more open than units like it here",
        Some(_) => "is about as open as units like it here",
    };
    let people = format!("{}, {}", people(row), counted(facts.weeks(), "week", "weeks"));
    let mut text = format!(
        "{} of its contact crosses its border; {} would by chance, given how active its people are",
        per_cent(share),
        per_cent(expected)
    );
    match (row.openness, row.openness_high) {
        (Some(openness), Some(high)) => text.push_str(&format!(
            ": {} what chance gives ({} times; 95 % interval {} to {}; {people}).",
            ratio_words(exp2(openness)),
            ratio_of_log2(openness),
            low_of_log2(row.openness_low),
            ratio_of_log2(high),
        )),
        // No contact outside at all: the ratio is 0, its interval has no upper end here.
        _ => text.push_str(&format!(": no contact outside was seen, so there is no 95 % interval ({people}).")),
    }
    if let (Some(typical), Some(relative), Some(high)) =
        (row.typical_external_share, row.relative_openness, row.relative_openness_high)
    {
        text.push_str(&format!(
            " Units of its kind in this organization: {} ({} times their odds; {} to {}).",
            per_cent(typical),
            ratio_of_log2(relative),
            low_of_log2(row.relative_openness_low),
            ratio_of_log2(high),
        ));
    }
    if is_silo {
        text.push_str(" It is marked as a silo.");
    }
    Some(Sentence::led(format!("{} {verdict}.", name(&row.unit)), text).of("S1"))
}

fn people(row: &UnitRow) -> String {
    counted(row.people_count.unsigned_abs(), "person", "people")
}

/// Units with evidence that no sentence was spent on.
pub(crate) fn others(number: usize) -> String {
    let number = number as u64;
    let are = if number == 1 { "other unit is" } else { "other units are" };
    format!("{} {are} in the chart and its table.", count(number as i64))
}

/// No unit is a silo.
pub(crate) fn no_silo(judged: usize, compared: usize) -> String {
    match (judged, compared) {
        (0, _) => "Not enough evidence on any unit: no unit can be called closed or open.".into(),
        (_, 0) => format!(
            "No unit is marked as a silo: of {judged} with enough evidence none has units like it here to compare with."
        ),
        (_, 1) => {
            "No unit is marked as a silo: the one that can be compared does not keep to itself more than units like it here, beyond ordinary variety.".into()
        }
        _ => format!(
            "No unit is marked as a silo: none of the {compared} that can be compared keeps to itself more than units like it here, beyond ordinary variety."
        ),
    }
}
