//! The five freedoms: what each indicator is, how its number is said, and that they are not added up.

use crate::document::Sentence;
use crate::numbers::{decimal, per_cent, ratio, ratio_of_log2};
use crosstie_model::tables::FreedomRow;

/// How a value is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Log2,
    Odds,
    Share,
    Plain,
    /// A change with distance: below chance is steeper.
    Slope,
}

/// An indicator: its column, a name of a few words, what it is, and how it is said.
pub(crate) struct Indicator {
    pub(crate) name: &'static str,
    pub(crate) short: &'static str,
    pub(crate) words: &'static str,
    pub(crate) form: Form,
}

const fn of(name: &'static str, short: &'static str, words: &'static str, form: Form) -> Indicator {
    Indicator { name, short, words, form }
}

/// Freedoms in the order of reading, each with its indicators.
pub(crate) const FREEDOMS: [(&str, &str, &[Indicator]); 5] = [
    (
        "connect",
        "Connect: with anyone",
        &[
            of(
                "openness",
                "Contact across borders",
                "Contact across unit borders, in multiples of what chance gives",
                Form::Log2,
            ),
            of(
                "reach2_share",
                "Within two steps",
                "People of other units within two steps of reciprocated ties",
                Form::Share,
            ),
            of("units_reached", "Units among ten contacts", "Other units met among ten contacts", Form::Plain),
            of(
                "distance_slope",
                "Fading with distance",
                "Change of the logarithm of the chance of contact with each step in the reporting tree",
                Form::Slope,
            ),
        ],
    ),
    (
        "contribute",
        "Contribute: heard whatever one's rank",
        &[
            of(
                "reply_odds_ratio_upward",
                "Answers upward",
                "Odds that an opener from a lower level is answered, against others to the same people",
                Form::Odds,
            ),
            of(
                "reply_odds_ratio_upward_in_chain",
                "Answers upward, in the chain",
                "The same odds between people of whom one stands above the other",
                Form::Odds,
            ),
            of(
                "reply_odds_ratio_upward_out_of_chain",
                "Answers upward, elsewhere",
                "The same odds between all others",
                Form::Odds,
            ),
            of(
                "placebo_in_chain",
                "Unasked, in the chain",
                "People not written to who wrote back all the same, in the chain of command",
                Form::Share,
            ),
            of(
                "placebo_other",
                "Unasked, elsewhere",
                "People not written to who wrote back all the same, elsewhere",
                Form::Share,
            ),
            of(
                "attention_rank_r2",
                "Attention by level",
                "Part of the attention from outside the chain of command that goes with level",
                Form::Share,
            ),
        ],
    ),
    (
        "create",
        "Create: new working groups across units",
        &[
            of(
                "new_groups_rate",
                "New groups across units",
                "New working groups that formed across units, in 13 weeks for every 100 people",
                Form::Plain,
            ),
            of(
                "started_without_reports_share",
                "Begun from below",
                "New working groups whose first message came from somebody without reports",
                Form::Share,
            ),
        ],
    ),
    (
        "choose",
        "Choose: whom to work with",
        &[
            of(
                "discretionary_openers",
                "Openers beyond duty",
                "Openers to others than manager, reports and peers, in multiples of what chance gives",
                Form::Log2,
            ),
            of("self_join_share", "Joining by oneself", "Joins of channels without an inviter", Form::Share),
            of("leave_share", "Leaving channels", "Members who left channels", Form::Share),
        ],
    ),
    (
        "challenge",
        "Challenge: speaking up, two numbers read together",
        &[
            of(
                "upward_use",
                "Openers past the manager",
                "Openers past the own manager, in multiples of what chance gives",
                Form::Log2,
            ),
            of(
                "upward_answered",
                "Those answered",
                "Odds that openers past the manager are answered, against others to the same people",
                Form::Odds,
            ),
        ],
    ),
];

/// Said before them.
pub(crate) const ABOUT_FREEDOMS: &str = "Indicators of the freedoms are not added up, and units are not put in order by them. Create is measured only where the pipeline asks for it.";

/// A grade in a word.
pub(crate) fn grade_words(grade: &str) -> &'static str {
    match grade {
        "A" => "counted",
        "B" => "a proxy",
        "C" => "a part",
        _ => "exploratory",
    }
}

/// The table holds none.
pub(crate) fn no_indicators() -> Sentence {
    Sentence::plain("Not enough evidence on the five freedoms: withheld. No number is shown.").of("R1")
}

/// A value in the form of its indicator.
pub(crate) fn said(value: f64, form: Form) -> String {
    match form {
        Form::Log2 => ratio_of_log2(value),
        Form::Odds => ratio(value),
        Form::Share => per_cent(value),
        Form::Plain | Form::Slope => decimal(value, 2),
    }
}

/// Where an indicator lies against chance, in words.
pub(crate) fn verdict(row: &FreedomRow, form: Form) -> &'static str {
    let Some(expected) = row.expected else { return "not known" };
    match (row.low, row.high) {
        (_, Some(high)) if high < expected && form == Form::Slope => "contact fades with distance",
        (Some(low), _) if low > expected && form == Form::Slope => "contact grows with distance",
        (Some(low), _) if low > expected => "more than chance",
        (_, Some(high)) if high < expected => "less than chance",
        (Some(_), Some(_)) => "as much as chance gives",
        _ => "no interval",
    }
}

/// Why an indicator has no number.
pub(crate) fn freedom_reason(evidence: &str) -> &'static str {
    match evidence {
        "no_data" => "the sources do not carry it",
        "few_events" => "too few events",
        "coverage_gap" => "too many weeks without data in a source",
        "self_test_failed" => "the self-test on this data failed",
        "wide_interval" => "an interval too wide to say anything",
        _ => "withheld",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_is_said() {
        let row = |estimate, low, high| FreedomRow {
            grouping: "unit".into(),
            unit: "(all)".into(),
            freedom: "challenge".into(),
            indicator: "upward_answered".into(),
            estimate: Some(estimate),
            low: Some(low),
            high: Some(high),
            expected: Some(1.0),
            people_count: Some(40),
            events_count: Some(300),
            grade: "C".into(),
            evidence: "enough".into(),
            cannot_claim: "This does not show dissent.".into(),
            as_of: None,
        };
        for (low, high, words) in
            [(1.2, 2.1, "more than chance"), (0.4, 0.9, "less than chance"), (0.8, 1.4, "as much as chance gives")]
        {
            assert_eq!(verdict(&row(1.0, low, high), Form::Odds), words);
        }
        assert_eq!(verdict(&row(0.6, 0.4, 0.9), Form::Slope), "contact fades with distance");
        assert_eq!(verdict(&FreedomRow { expected: None, ..row(0.6, 0.4, 0.9) }, Form::Odds), "not known");
    }
}
