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
        "Contact {} is {} times what chance gives (95 % interval {} to {}).",
        relation(&row.relation),
        ratio(lift),
        row.lift_low.map_or_else(|| "0".into(), ratio),
        ratio(high),
    );
    Sentence::plain(text).of("S4")
}

/// How far a share can lie from chance, interval and all, and still be called the same, in points.
const CLOSE: f64 = 10.0;

/// S5: whether the hierarchy carries more contact between units than chance gives; set in front where it is unusual.
pub(crate) fn direct_routing(row: &OrganizationRow) -> Option<Sentence> {
    let (value, expected, low, high) = (row.value?, row.expected?, row.low?, row.high?);
    // What is whole but for the last bit is whole.
    let points = ((high - expected).max(expected - low) * 100.0 - 1e-9).ceil();
    // What is measured is the share without a head: the less of that, the more of heads.
    let heads = "unit heads take part in";
    let verdict = match against(Some(low), high, expected) {
        Against::Less => format!("It may: {heads} more contact between units than by chance"),
        Against::More => format!("No sign of it: {heads} less contact between units than by chance"),
        Against::Untold if points <= CLOSE => format!(
            "No sign of it: {heads} as much contact between units as by chance, within {points} {}",
            if points > 1.0 { "points" } else { "point" }
        ),
        Against::Untold => format!("Whether {heads} more contact between units than by chance cannot be told"),
    };
    let text = format!(
        "{} has none (95 % interval {} to {}; {} by chance).",
        per_cent(value),
        per_cent(low),
        per_cent(high),
        per_cent(expected),
    );
    let is_unusual = high < expected || low > expected;
    let said = if is_unusual {
        Sentence::led(format!("{verdict}:"), text)
    } else {
        Sentence::plain(format!("{verdict}: {text}"))
    };
    Some(said.of("S5"))
}

/// R1 of unit heads: few of them, or the directory names none.
pub(crate) const NO_HEADS: &str = "Not enough evidence on whether unit heads take part in more contact between units than by chance. No number is shown.";

/// On which side of chance a whole interval lies.
enum Against {
    More,
    Less,
    Untold,
}

fn against(low: Option<f64>, high: f64, expected: f64) -> Against {
    match low {
        _ if high < expected => Against::Less,
        Some(low) if low > expected => Against::More,
        _ => Against::Untold,
    }
}

/// S4 for page 1, behind its verdict; `None` without a number.
pub(crate) fn lift_in_short(row: &HierarchyRow) -> Option<Sentence> {
    let (lift, high) = (row.lift?, row.lift_high?);
    let words = relation(&row.relation);
    let verdict = match against(row.lift_low, high, 1.0) {
        Against::More => format!("More contact than by chance runs {words}:"),
        Against::Less => format!("Less contact than by chance runs {words}:"),
        Against::Untold => format!("No difference from chance is seen in contact {words}:"),
    };
    let text = format!(
        "{verdict} {} times (95 % interval {} to {}).",
        ratio(lift),
        row.lift_low.map_or_else(|| "0".into(), ratio),
        ratio(high)
    );
    Some(Sentence::plain(text).of("S4"))
}
