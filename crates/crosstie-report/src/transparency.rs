//! The page for those whose data are used: what is read and what never is, what for, what is shown, how long it is kept.

use crate::document::{Block, Document, Section, Sentence};
use crate::facts::RunFacts;
use crate::names::name;
use crate::pages::Withheld;
use crate::words;

pub(crate) fn transparency(facts: &RunFacts, withheld: Withheld) -> Document {
    let sections = vec![
        section("read", "What is read, and what never is", vec![
            "Of messages: who wrote to whom, when, and on which channel.".into(),
            "Of the directory: keys, units, reporting lines, and the dates of joining and leaving where they are given.".into(),
            "Never read: subjects, texts, attachments. The program has no place to put them.".into(),
            "Who is on the opt-out list is left out before anything is kept.".into(),
        ]),
        section("purpose", "What for, and for whom", purpose(facts)),
        section("shown", "What is shown, and what is not", shown(facts, withheld)),
        section("kept", "How long it is kept", kept(facts)),
        section("rights", "Whom to ask", vec![
            words::whom_to_ask(facts),
            "You can ask to be put on the opt-out list.".into(),
            "You can ask what is kept of you, and that it be erased: then you are left out for good. What is published stays as it is.".into(),
        ]),
    ];
    Document {
        title: Sentence::plain(format!("How collaboration data are used: {}", name(&facts.pipeline))),
        subtitle: Sentence::plain("For everybody whose messages are counted."),
        banners: if words::has_policy(facts) { Vec::new() } else { vec![Sentence::plain(words::NO_POLICY)] },
        sections,
        footer: Sentence::plain(format!("crosstie {}, report of {}.", facts.version, facts.snapshot_date)),
    }
}

fn section(id: &'static str, title: &'static str, sentences: Vec<String>) -> Section {
    Section::page(id, title, vec![Block::List(sentences.into_iter().map(Sentence::plain).collect())])
}

fn purpose(facts: &RunFacts) -> Vec<String> {
    if !words::has_policy(facts) {
        return vec![
            "No policy file says what these reports are for and who may read them. Until one does, they are not for distribution.".into(),
        ];
    }
    words::policy(facts)
}

fn shown(facts: &RunFacts, withheld: Withheld) -> Vec<String> {
    let least = facts.setting("privacy.min_people");
    vec![
        format!("Reports and open tables show groups of at least {least} people, never one person."),
        format!("A number about contact rests on at least {least} people on each side, and nobody makes up more than half of it."),
        "What is hidden for that reason takes other numbers with it, so that it does not follow from totals. That two groups had some contact stays visible.".into(),
        words::withheld(withheld).line(),
        words::RELEASES.into(),
        "Restricted tables hold people by a pseudonym that only the holder of a key could undo. Such data are still personal data: few may read them.".into(),
        "Never in a report or an open table: a score, a rank or a name; who is in touch with whom; when one person works.".into(),
    ]
}

fn kept(facts: &RunFacts) -> Vec<String> {
    let window = facts.setting("window.days");
    let (people, days) = words::kept(facts);
    vec![
        format!("Rows of messages and restricted tables: {people}."),
        format!("Sums of contact by day, by keyed number: {days}."),
        format!("Who was in which unit, for comparison of windows: three windows of {window} days."),
        "Open tables and reports: 24 months.".into(),
        "What is past its time is taken away by a command of its own, which whoever runs the reports has to run."
            .into(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::html::html;

    fn page(settings: &[(&str, &str)]) -> String {
        let settings = settings.iter().map(|(key, value)| ((*key).to_string(), (*value).to_string())).collect();
        let facts = RunFacts { pipeline: "acme".into(), settings, ..RunFacts::default() };
        html(&transparency(&facts, Withheld::default()))
    }

    #[test]
    fn a_policy_is_printed_and_its_absence_is_told() {
        let without = page(&[("privacy.min_people", "10"), ("privacy.retention", "strict-7d")]);
        assert!(
            without.contains("not for distribution") && without.contains("7 days") && without.contains("10 people")
        );
        let with = page(&[
            ("policy.purpose", "Find <b>closed</b> units"),
            ("policy.audience", "[board, works council]"),
            ("policy.agreement", "works council 2026-14"),
            ("policy.expires", "2027-03-31"),
            ("policy.blake3", "0123456789abcdef"),
            ("policy.contact", "the data protection officer"),
            ("window.days", "91"),
        ]);
        assert!(!with.contains("not for distribution") && !with.contains("<b>") && with.contains("Find "));
        for part in ["board, works council", "2026-14", "2027-03-31", "protection officer", "91 days"] {
            assert!(with.contains(part), "{part}");
        }
    }
}
