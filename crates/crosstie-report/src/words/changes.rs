//! S6: what changed, and what may not be compared.

use crate::document::Sentence;
use crate::names::name;
use crate::numbers::{count, low_of_log2, ratio_of_log2};
use crate::words::{counted, listed};
use crosstie_model::Day;
use crosstie_model::tables::{CommunityRow, TrendRow};

pub(crate) const NO_EARLIER: &str = "No earlier window yet: nothing can be compared. A window counts for events a week after another, and for a change of openness once the two have no day in common.";
/// The same, for page 1.
pub(crate) const NO_EARLIER_SHORT: &str = "No earlier window yet to compare with.";
pub(crate) const NO_WINDOW: &str = "No earlier window without a day in common yet: no change of openness is told, since two nights share most of their days.";
pub(crate) const OTHER_PLAN: &str =
    "The plan changed since that window (ties, sources, directory, window or seed): no change of openness is told.";
/// Too little of the window is covered.
pub(crate) const NO_COVERAGE: &str = "Data are whole in under 80 % of periods: no change of openness is told, since what is missing could be the change.";
/// Said wherever a change is.
pub(crate) const CANNOT_CLAIM: &str = "A change of contact has many causes: people, tasks, seasons, tools. This does not show which, nor whether it is good. Communities are chosen to be closed, in each window.";

/// A unit by its label, a community by its stable name and where most of its people come from.
pub(crate) fn silo_name(row: &TrendRow, communities: &[CommunityRow]) -> String {
    if let Some(unit) = &row.unit {
        return name(unit);
    }
    let own = communities.iter().find(|community| Some(community.community_id) == row.community_id);
    match own.and_then(|community| community.main_unit.as_ref()) {
        Some(unit) => format!("Community {} (most of its people from {})", name(&row.silo_id), name(unit)),
        None => format!("Community {}", name(&row.silo_id)),
    }
}

/// Charts that were drawn anew, before any number that they move.
pub(crate) fn redrawn(units: &[&str]) -> Option<Sentence> {
    (!units.is_empty()).then(|| {
        Sentence::plain(format!(
            "The org chart was drawn anew in a way that alone moves openness, with the same people and the same messages: {}. No change is told of {}.",
            units.iter().map(|unit| name(unit)).collect::<Vec<_>>().join(", "),
            if units.len() == 1 { "this unit" } else { "these units" }
        ))
    })
}

/// What became of a unit or community; `None` where it goes on.
pub(crate) fn became(row: &TrendRow, name: &str) -> Option<Sentence> {
    let what = match row.event.as_deref()? {
        "grow" => "has at least a fifth more members",
        "shrink" => "has at least a fifth fewer members",
        "birth" => "is new",
        "death" => "is no more",
        "split" if row.people_count.is_none() => "is no more: its people were divided",
        "split" => "is one of the parts into which an earlier one was divided",
        "merge" if row.people_count.is_none() => "is no more: it became part of another",
        "merge" => "holds most of two or more earlier ones",
        _ => return None,
    };
    Some(Sentence::plain(format!("{name} {what}.")))
}

/// How many go on.
pub(crate) fn goes_on(since: Day, units: u64, communities: u64) -> String {
    format!(
        "Since the window from {since}, {} and {} go on as they were.",
        counted(units, "unit", "units"),
        counted(communities, "community", "communities"),
    )
}

/// Events beyond those said.
pub(crate) fn more_events(more: u64) -> String {
    format!("{} more in appendix E.", count(more as i64))
}

/// Communities whose events say nothing.
pub(crate) fn loose(number: u64) -> String {
    format!(
        "{} came, went or changed; restarts of the search do not find them again firmly, so this alone says nothing.",
        counted(number, "other community", "other communities")
    )
}

/// What openness was compared with, and how much of it did not change.
pub(crate) fn compared(since: Day, told: u64, still: u64, by_chance: i64) -> String {
    if told == 0 {
        return format!(
            "Against the window from {since}, without a day in common, no openness can be compared: see the reasons in the table."
        );
    }
    format!(
        "Against the window from {since}, without a day in common: openness of {} can be compared. No change is seen in {}; chance alone would show a change in about {}.",
        counted(told, "unit or community", "units and communities"),
        count(still as i64),
        count(by_chance),
    )
}

/// The same in one sentence, for page 1.
pub(crate) fn compared_in_short(since: Day, told: u64, changed: u64, by_chance: i64) -> String {
    if told == 0 {
        return format!("No openness can be compared with that of the window from {since}.");
    }
    format!(
        "Since the window from {since}, a change of openness is seen in {} of {}; chance alone would show about {}.",
        count(changed as i64),
        counted(told, "unit or community", "units and communities"),
        count(by_chance),
    )
}

/// Earlier runs that nothing is compared with, since their tables cannot be read.
pub(crate) fn unreadable(dates: &[String]) -> Option<String> {
    let (tables, they) = match dates {
        [] => return None,
        [date] => (format!("The tables of the run of {date} cannot be read"), "it"),
        several => (format!("The tables of the runs of {} cannot be read", listed(several)), "them"),
    };
    Some(format!("{tables}, so nothing here is compared with {they}."))
}

/// S6: a change of openness; `None` where the interval holds none.
pub(crate) fn changed(row: &TrendRow, name: &str) -> Option<Sentence> {
    let (change, since) = (row.openness_change?, row.change_period_start?);
    let verdict = match (row.openness_change_low, row.openness_change_high) {
        (_, Some(high)) if high < 0.0 => "is less open than it was",
        (Some(low), _) if low > 0.0 => "is more open than it was",
        _ => return None,
    };
    let people = row
        .people_count
        .map_or_else(String::new, |people| format!("; {}", counted(people.unsigned_abs(), "person", "people")));
    let text = format!(
        "Openness, which is contact outside against what chance gives, is {} times what it was in the window from {since} (95 % interval {} to {}{people}).",
        ratio_of_log2(change),
        low_of_log2(row.openness_change_low),
        row.openness_change_high.map_or_else(|| "unbounded".into(), ratio_of_log2),
    );
    Some(Sentence::led(format!("{name} {verdict}."), text).of("S6"))
}

/// Why no change is estimated.
pub(crate) fn reason_of_change(evidence: &str) -> &'static str {
    match evidence {
        "no_window" => "no window without a day in common",
        "other_plan" => "the plan changed",
        "not_there" => "it was not there",
        "redrawn" => "the org chart was drawn anew",
        "no_number" => "no number in one of the two windows",
        "few_draws" => "too few draws hold it",
        _ => "withheld",
    }
}

/// What is not the same as in an earlier run; nothing where all is.
pub(crate) fn differences(
    since: &str,
    plan: &[&str],
    metrics: &[&str],
    is_policy_new: bool,
    gaps: [u64; 2],
) -> Vec<String> {
    let list = |names: &[&str]| names.iter().map(|text| name(text)).collect::<Vec<_>>().join(", ");
    let mut said = Vec::new();
    if !plan.is_empty() {
        said.push(format!("The plan is not that of the window from {since}: {}.", list(plan)));
    }
    if !metrics.is_empty() {
        said.push(format!("Metrics are defined otherwise than in the window from {since}: {}.", list(metrics)));
    }
    if is_policy_new {
        said.push(format!("The policy file is not that of the window from {since}."));
    }
    if gaps[0] != gaps[1] {
        said.push(format!(
            "{} now, {} in the window from {since}: part of any change can lie there.",
            counted(gaps[0], "period lacks data", "periods lack data"),
            count(gaps[1] as i64),
        ));
    }
    said
}
