//! What is read and never is, what is shown, how long it is kept, whom to ask.

use crate::facts::RunFacts;
use crate::names::name;

/// What is read, in a sentence.
pub(crate) const READ_AND_NEVER_READ: &str = "Read: who wrote to whom, when, on which channel, and the directory's keys, units and reporting lines. Never read: subjects, texts, attachments, names.";

/// What pseudonyms are.
pub(crate) const PSEUDONYMS: &str = "People appear by keyed pseudonym in restricted tables only; the key is not part of any table. Pseudonymous data are still personal data.";

/// Said above the tables of appendix C.
pub(crate) const BALANCE: &str = "Every record seen is used, a duplicate, excluded by a rule, or set aside. A run whose sums do not hold is not committed.";

/// Said above the tables of appendix E.
pub(crate) const ABOUT_TABLES: &str = "All published rows, as they are in the folder data; what a column holds is written in the Parquet files. Ratios are logarithms to base 2. Metrics and the sweep of rules stand in appendix A, coverage in appendix C.";

/// The thresholds.
pub(crate) fn least_people(least: &str) -> String {
    format!(
        "Shown: groups of at least {least} people. Every number about contact in a group rests on at least {least} people on each side, none of whom makes up more than half of it. Contact both ways is a part of that: those who carry it may be fewer, and one of them may carry more than half of that part; of them only bands are shown. Counts of accounts and records in appendix C are totals of the organization and may be small."
    )
}

/// How long rows about people and sums of days are kept, as `crosstie purge` goes by it.
pub(crate) fn kept(facts: &RunFacts) -> (&'static str, String) {
    match facts.setting("privacy.retention") {
        "it-21d" => ("21 days", "21 days".to_string()),
        "strict-7d" => ("7 days", "7 days".to_string()),
        _ => ("30 days", format!("{} days and 30 more", facts.setting("window.days"))),
    }
}

/// Retention in a sentence.
pub(crate) fn kept_in_short(facts: &RunFacts) -> String {
    let (people, days) = kept(facts);
    format!(
        "Kept: rows of messages and restricted tables {people}, sums of contact by day {days}, open tables and reports 24 months."
    )
}

/// Whom to ask for one's own data.
pub(crate) fn whom_to_ask(facts: &RunFacts) -> String {
    match facts.setting("policy.contact") {
        "" | "(none)" => {
            "Whom to ask for one's own data: whoever runs these reports; no contact is named in the policy file.".into()
        }
        contact => format!("Whom to ask for one's own data: {}.", name(contact)),
    }
}
