//! S4 and S5: contact along and across the reporting tree.

use crate::document::Sentence;
use crate::numbers::{per_cent, ratio};
use crosstie_model::tables::{HierarchyRow, OrganizationRow};

/// The words of a silent directory.
pub(crate) const NO_TREE: &str = "The directory holds no reporting lines: nothing can be said about the hierarchy.";

/// R1 of a relation.
pub(crate) const NO_RELATION: &str = "not enough evidence";

/// The words of a relation.
pub(crate) fn relation(name: &str) -> &'static str {
    match name {
        "manager_to_report" => "from managers to their reports",
        "report_to_manager" => "from reports to their managers",
        "siblings" => "between people with one manager",
        "skip_up" => "upward past the own manager",
        "skip_down" => "downward past the direct reports",
        "cross_branch" => "across branches of the tree",
        "other_tree" => "between separate trees",
        "distance_1" => "at 1 step in the tree",
        "distance_2" => "at 2 steps",
        "distance_3" => "at 3 steps",
        "distance_4" => "at 4 steps",
        "distance_5" => "at 5 steps",
        _ => "at 6 steps and more",
    }
}

/// S4: contact in a relation, or R1.
pub(crate) fn lift(row: &HierarchyRow) -> Sentence {
    let (Some(lift), Some(high)) = (row.lift, row.lift_high) else {
        let text = format!("Not enough evidence on contact {}: withheld. No number is shown.", relation(&row.relation));
        return Sentence::plain(text).of("R1");
    };
    let text = format!(
        "Contact {} is {} times what the activity of those people gives (95 % interval {} to {}).",
        relation(&row.relation),
        ratio(lift),
        row.lift_low.map_or_else(|| "0".into(), ratio),
        ratio(high),
    );
    Sentence::plain(text).of("S4")
}

/// S5: whether contact goes past unit heads.
pub(crate) fn direct_routing(row: &OrganizationRow) -> Option<Sentence> {
    let (value, expected, low, high) = (row.value?, row.expected?, row.low?, row.high?);
    let than = match (low, high) {
        (low, _) if low > expected => "more than",
        (_, high) if high < expected => "less than",
        _ => "as much as",
    };
    let text = format!(
        "{} of contact between units has no unit head at either end (95 % interval {} to {}): {than} is expected by chance, {}.",
        per_cent(value),
        per_cent(low),
        per_cent(high),
        per_cent(expected),
    );
    Some(Sentence::plain(text).of("S5"))
}

/// S4 of two relations in one sentence, for page 1.
pub(crate) fn lifts_in_short(rows: &[&HierarchyRow]) -> Option<Sentence> {
    let mut parts = Vec::new();
    for row in rows {
        let (Some(lift), Some(high)) = (row.lift, row.lift_high) else { continue };
        let low = row.lift_low.map_or_else(|| "0".into(), ratio);
        let words = relation(&row.relation);
        parts.push(if parts.is_empty() {
            format!(
                "Contact {words} is {} times what the activity of those people gives (95 % interval {low} to {})",
                ratio(lift),
                ratio(high)
            )
        } else {
            format!("{words} {} times ({low} to {})", ratio(lift), ratio(high))
        });
    }
    (!parts.is_empty()).then(|| Sentence::plain(format!("{}.", parts.join(", "))).of("S4"))
}
