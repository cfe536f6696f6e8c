//! The page of the five freedoms: a sentence an indicator about everybody, a table of units, and word for word what must
//! not be read into it. No score, no order of units by freedom, no colour.

use crate::document::{Block, Section, Sentence, Table};
use crate::numbers::{count, decimal, per_cent, ratio, ratio_of_log2};
use crosstie_model::tables::FreedomRow;

/// The unit that is everybody.
const ALL: &str = "(all)";

/// How a value is said.
#[derive(Clone, Copy)]
enum Form {
    Log2,
    Odds,
    Share,
    Plain,
}

/// Name of an indicator, what it is, how it is said.
type Indicator = (&'static str, &'static str, Form);

/// Freedoms in the order of reading, each with its indicators: name, what it is, how it is said.
const FREEDOMS: [(&str, &str, &[Indicator]); 4] = [
    (
        "connect",
        "Connect: with anyone",
        &[
            ("openness", "Contact across unit borders, in multiples of what chance gives", Form::Log2),
            ("reach2_share", "People of other units within two steps of reciprocated ties", Form::Share),
            ("units_reached", "Other units met among ten contacts", Form::Plain),
            ("distance_slope", "Change of ln(chance of contact) with each step in the reporting tree", Form::Plain),
        ],
    ),
    (
        "contribute",
        "Contribute: heard whatever one's rank",
        &[
            (
                "reply_odds_ratio_upward",
                "Odds that an opener from a lower level is answered, against others to the same people",
                Form::Odds,
            ),
            (
                "reply_odds_ratio_upward_in_chain",
                "The same between people of whom one stands above the other",
                Form::Odds,
            ),
            ("reply_odds_ratio_upward_out_of_chain", "The same between all others", Form::Odds),
            (
                "placebo_in_chain",
                "Who was not written to and \"answered\" all the same, in the chain of command",
                Form::Share,
            ),
            ("placebo_other", "The same elsewhere", Form::Share),
            (
                "attention_rank_r2",
                "Part of the attention from outside the chain of command that goes with level",
                Form::Share,
            ),
        ],
    ),
    (
        "choose",
        "Choose: whom to work with",
        &[
            (
                "discretionary_openers",
                "Openers to others than manager, reports and peers, in multiples of what chance gives",
                Form::Log2,
            ),
            ("self_join_share", "Joins of channels without an inviter", Form::Share),
            ("leave_share", "Members who left channels", Form::Share),
        ],
    ),
    (
        "challenge",
        "Challenge: speaking up. Two numbers that are read together",
        &[
            ("upward_use", "Openers past the own manager, in multiples of what chance gives", Form::Log2),
            ("upward_answered", "Odds that they are answered, against others to the same people", Form::Odds),
        ],
    ),
];

/// The page.
pub(crate) fn section(rows: &[FreedomRow]) -> Section {
    let mut blocks = vec![Block::Text(Sentence::plain(
        "Each line is one indicator with what chance gives and how sure it is. They are not added up, and units are not put in order by them. An opener is a message to one person alone after three days of silence between the two; an answer comes back within a week. Create is not measured: new working groups are not kept.",
    ))];
    for (freedom, title, indicators) in FREEDOMS {
        blocks.push(Block::Heading(title.into()));
        for (name, words, form) in indicators {
            let own: Vec<&FreedomRow> = rows
                .iter()
                .filter(|row| row.freedom == freedom && row.indicator == *name && row.grouping == "unit")
                .collect();
            let Some(first) = own.first() else { continue };
            let grade = format!("{words} (grade {}).", first.grade);
            let all = own.iter().find(|row| row.unit == ALL).map_or_else(String::new, |row| sentence(row, *form));
            blocks.push(Block::Text(Sentence::led(grade, all)));
            let units: Vec<Vec<String>> = own
                .iter()
                .filter(|row| row.unit != ALL && row.estimate.is_some())
                .map(|row| cells(row, *form))
                .collect();
            let silent = own.iter().filter(|row| row.unit != ALL && row.estimate.is_none()).count();
            if !units.is_empty() {
                let caption = format!("{words}, by unit");
                let head = ["Unit", "#Value", "#Low", "#High", "#Expected", "#Events"];
                blocks.push(Block::Table(Table::new(&caption, &head, units)));
            }
            if silent > 0 {
                blocks.push(Block::Text(Sentence::plain(format!(
                    "No number for {silent} units: not enough evidence, or withheld."
                ))));
            }
        }
        let claims = indicators
            .iter()
            .find_map(|(name, ..)| rows.iter().find(|row| row.freedom == freedom && row.indicator == *name));
        if let Some(row) = claims {
            blocks.push(Block::Text(Sentence::plain(row.cannot_claim.clone())));
        }
    }
    Section { id: "freedoms", title: "How free is collaboration?".into(), is_appendix: false, blocks }
}

fn said(value: f64, form: Form) -> String {
    match form {
        Form::Log2 => ratio_of_log2(value),
        Form::Odds => ratio(value),
        Form::Share => per_cent(value),
        Form::Plain => decimal(value, 2),
    }
}

fn cells(row: &FreedomRow, form: Form) -> Vec<String> {
    let number = |value: Option<f64>| value.map_or_else(|| "none".into(), |value| said(value, form));
    vec![
        row.unit.clone(),
        number(row.estimate),
        number(row.low),
        number(row.high),
        number(row.expected),
        row.events_count.map_or_else(|| "withheld".into(), count),
    ]
}

/// A value with its interval and expectation, or why there is none.
fn sentence(row: &FreedomRow, form: Form) -> String {
    let Some(estimate) = row.estimate else { return no_number(row) };
    let mut text = format!("Everybody together: {}", said(estimate, form));
    match (row.low, row.high) {
        (Some(low), Some(high)) => {
            text.push_str(&format!(" (95 % interval {} to {})", said(low, form), said(high, form)))
        }
        _ => text.push_str(" (no interval)"),
    }
    if let Some(expected) = row.expected {
        text.push_str(&format!("; chance gives {}", said(expected, form)));
        let verdict = match (row.low, row.high) {
            (Some(low), _) if low > expected => ": more than chance",
            (_, Some(high)) if high < expected => ": less than chance",
            (Some(_), Some(_)) => ": as much as chance gives",
            _ => "",
        };
        text.push_str(verdict);
    }
    text.push('.');
    text
}

fn no_number(row: &FreedomRow) -> String {
    let reason = match row.evidence.as_str() {
        "no_data" => "the sources do not carry it",
        "few_events" => "too few events",
        "coverage_gap" => "too many weeks without data in a source",
        "self_test_failed" => "the self-test on this data failed",
        "wide_interval" => "an interval too wide to say anything",
        _ => "withheld",
    };
    format!("Not enough evidence: {reason}. No number is shown.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(estimate: Option<f64>, low: f64, high: f64, evidence: &str) -> FreedomRow {
        FreedomRow {
            grouping: "unit".into(),
            unit: ALL.into(),
            freedom: "challenge".into(),
            indicator: "upward_answered".into(),
            estimate,
            low: estimate.map(|_| low),
            high: estimate.map(|_| high),
            expected: estimate.map(|_| 1.0),
            people_count: Some(40),
            events_count: Some(300),
            grade: "C".into(),
            evidence: evidence.into(),
            cannot_claim: "This does not show dissent.".into(),
            as_of: None,
        }
    }

    #[test]
    fn chance_is_said_and_refusals_hold_no_digit() {
        assert!(
            sentence(&row(Some(1.6), 1.2, 2.1, "enough"), Form::Odds).ends_with("chance gives 1.0: more than chance.")
        );
        assert!(sentence(&row(Some(0.6), 0.4, 0.9, "enough"), Form::Odds).ends_with(": less than chance."));
        assert!(sentence(&row(Some(1.1), 0.8, 1.4, "enough"), Form::Odds).ends_with(": as much as chance gives."));
        let refused = sentence(&row(None, 0.0, 0.0, "few_events"), Form::Odds);
        assert!(!refused.chars().any(|c| c.is_ascii_digit()) && refused.contains("too few events"));
    }

    #[test]
    fn what_must_not_be_read_into_it_stands_word_for_word() {
        let rows = [row(Some(1.1), 0.8, 1.4, "enough")];
        let found = section(&rows);
        let texts: Vec<&str> = found
            .blocks
            .iter()
            .filter_map(|block| match block {
                Block::Text(sentence) => Some(sentence.text.as_str()),
                _ => None,
            })
            .collect();
        assert!(texts.contains(&"This does not show dissent."));
    }
}
