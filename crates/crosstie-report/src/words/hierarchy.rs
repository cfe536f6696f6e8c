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

/// S5: whether contact goes past unit heads, the verdict in front.
pub(crate) fn direct_routing(row: &OrganizationRow) -> Option<Sentence> {
    let (value, expected, low, high) = (row.value?, row.expected?, row.low?, row.high?);
    // What is measured is the share without a head: the less of that, the more of heads.
    let verdict = match against(Some(low), high, expected) {
        Against::Less => "Unit heads carry more than expected.",
        Against::More => "Unit heads carry less than expected.",
        Against::Untold => "Whether unit heads carry more than expected cannot be told.",
    };
    let text = format!(
        "{} of contact between units has no unit head at either end (95 % interval {} to {}); {} is expected by chance.",
        per_cent(value),
        per_cent(low),
        per_cent(high),
        per_cent(expected),
    );
    Some(Sentence::led(verdict, text).of("S5"))
}

/// On which side of what is expected a whole interval lies.
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

/// S4 of relations in a few words, for page 1, each behind its verdict.
pub(crate) fn lifts_in_short(rows: &[&HierarchyRow]) -> Option<Sentence> {
    let told = rows.iter().filter_map(|row| Some((relation(&row.relation), row.lift?, row.lift_low, row.lift_high?)));
    let mut said = told.map(|(words, lift, low, high)| {
        let verdict = match against(low, high, 1.0) {
            Against::More => format!("More contact than expected runs {words}:"),
            Against::Less => format!("Less contact than expected runs {words}:"),
            Against::Untold => format!("Whether more contact than expected runs {words} cannot be told:"),
        };
        (verdict, ratio(lift), low.map_or_else(|| "0".into(), ratio), ratio(high))
    });
    let (verdict, lift, low, high) = said.next()?;
    let mut text = format!("{lift} times what the activity of those people gives (95 % interval {low} to {high}).");
    said.for_each(|(verdict, lift, low, high)| text.push_str(&format!(" {verdict} {lift} times ({low} to {high}).")));
    Some(Sentence::led(verdict, text).of("S4"))
}
