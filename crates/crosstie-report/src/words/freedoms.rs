//! The five freedoms: what each indicator is, how its number is said, and that they are not added up.

use crate::document::Sentence;
use crate::numbers::{decimal, per_cent, ratio, ratio_of_log2};
use crate::words::listed;
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
                "How the logarithm of the share of pairs in contact changes with each step in the reporting tree",
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
        Form::Plain => ratio(value),
        Form::Slope => decimal(value, 2),
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
        (Some(_), Some(_)) => "no difference seen",
        _ => "no interval",
    }
}

/// An indicator that page 1 tells, by where it lies against chance, and what its number is.
struct Told {
    freedom: &'static str,
    indicator: &'static str,
    less: &'static str,
    more: &'static str,
    same: &'static str,
    times: &'static str,
}

/// One a freedom; of challenge two, which are read together. Create has neither chance nor an interval.
const TOLD: [Told; 5] = [
    Told {
        freedom: "connect",
        indicator: "units_reached",
        less: "among ten contacts people meet fewer units than by chance",
        more: "among ten contacts people meet more units than by chance",
        same: "no difference from chance is seen in how many units people meet among ten contacts",
        times: "",
    },
    Told {
        freedom: "contribute",
        indicator: "reply_odds_ratio_upward",
        less: "openers from below are answered less than others",
        more: "openers from below are answered more than others",
        same: "no difference is seen in answers to openers from below",
        times: " times the odds",
    },
    Told {
        freedom: "choose",
        indicator: "discretionary_openers",
        less: "fewer openers go beyond manager, reports and peers than by chance",
        more: "more openers go beyond manager, reports and peers than by chance",
        same: "no difference from chance is seen in openers beyond manager, reports and peers",
        times: " times",
    },
    Told {
        freedom: "challenge",
        indicator: "upward_use",
        less: "fewer openers go past the own manager than by chance",
        more: "more openers go past the own manager than by chance",
        same: "no difference from chance is seen in openers past the own manager",
        times: " times",
    },
    Told {
        freedom: "challenge",
        indicator: "upward_answered",
        less: "fewer are answered than others",
        more: "more are answered than others",
        same: "no difference is seen in how often they are answered",
        times: " times the odds",
    },
];

/// The five freedoms for page 1: what is told of each against chance, or that there is not enough evidence; no sum of them.
pub(crate) fn freedoms_in_short(rows: &[&FreedomRow]) -> Sentence {
    let mut said: Vec<String> = Vec::new();
    let mut silent: Vec<String> = Vec::new();
    let mut last = "";
    for one in &TOLD {
        if silent.iter().any(|freedom| freedom == one.freedom) {
            continue;
        }
        let row = rows.iter().find(|row| row.indicator == one.indicator);
        match (row.and_then(|row| one.said(row, said.is_empty())), one.freedom == last) {
            (Some(text), false) => said.push(format!("{}{}: {text}", title(one.freedom), explored(row))),
            (Some(text), true) => said.push(format!("Of these, {text}")),
            // The two are read together.
            (None, true) => said.push("Whether they are answered is not known.".into()),
            (None, false) => silent.push(one.freedom.into()),
        }
        last = one.freedom;
    }
    let create = rows.iter().find(|row| row.indicator == "new_groups_rate");
    match create.map(|row| row.estimate) {
        Some(Some(rate)) => said.push(format!(
            "Create{}: {} new groups across units in 13 weeks for every 100 people (no interval; by chance: not known).",
            explored(create),
            ratio(rate)
        )),
        Some(None) => silent.push("create".into()),
        None => {}
    }
    let kind = if said.is_empty() { "R1" } else { "S11" };
    let on_request = if create.is_none() { "; create: on request" } else { "" };
    match silent.is_empty() {
        false => said.push(format!("Not enough evidence on {}{on_request}.", listed(&silent))),
        true if create.is_none() => said.push("Create: on request.".into()),
        true => {}
    }
    Sentence::plain(said.join(" ")).of(kind)
}

impl Told {
    /// A number against chance; `None` without one.
    fn said(&self, row: &FreedomRow, is_first: bool) -> Option<String> {
        let form = form_of(self.indicator)?;
        let (estimate, high, expected) = (row.estimate?, row.high?, row.expected?);
        let verdict = match row.low {
            _ if high < expected => self.less,
            Some(low) if low > expected => self.more,
            _ => self.same,
        };
        // Times are multiples of chance.
        let by_chance = match self.times {
            "" => format!("; {} by chance", said(expected, form)),
            _ => String::new(),
        };
        Some(format!(
            "{verdict} ({}{}; {}{} to {}{}).",
            said(estimate, form),
            self.times,
            if is_first { "95 % interval " } else { "" },
            row.low.map_or_else(|| "0".into(), |low| said(low, form)),
            said(high, form),
            by_chance
        ))
    }
}

fn form_of(indicator: &str) -> Option<Form> {
    FREEDOMS.iter().flat_map(|(.., own)| own.iter()).find(|own| own.name == indicator).map(|own| own.form)
}

/// What is exploratory is said to be.
fn explored(row: Option<&&FreedomRow>) -> &'static str {
    if row.is_some_and(|row| row.grade == "D") { " (exploratory)" } else { "" }
}

/// With a capital letter.
fn title(freedom: &str) -> String {
    freedom[..1].to_uppercase() + &freedom[1..]
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
            [(1.2, 2.1, "more than chance"), (0.4, 0.9, "less than chance"), (0.8, 1.4, "no difference seen")]
        {
            assert_eq!(verdict(&row(1.0, low, high), Form::Odds), words);
        }
        assert_eq!(verdict(&row(0.6, 0.4, 0.9), Form::Slope), "contact fades with distance");
        assert_eq!(verdict(&FreedomRow { expected: None, ..row(0.6, 0.4, 0.9) }, Form::Odds), "not known");
    }
}
