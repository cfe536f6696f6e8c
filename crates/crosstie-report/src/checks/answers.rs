//! Page 1 answers seven questions in order, each from the numbers or with what is missing.

use crate::checks::made::{Made, made};
use crate::document::{Block, Sentence};
use crosstie_model::tables::FreedomRow;

/// Headings of page 1 with what is said below each.
fn answers(made: &Made) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for block in made.document().sections.swap_remove(0).blocks {
        match (block, found.last_mut()) {
            (Block::Heading(heading), _) => found.push((heading.line(), String::new())),
            (Block::Text(sentence), Some((_, text))) => {
                text.push_str(&sentence.line().replace('\u{a0}', " "));
                text.push('\n');
            }
            _ => {}
        }
    }
    found
}

fn answer(made: &Made, question: &str) -> String {
    answers(made).into_iter().find(|(heading, _)| heading == question).unwrap().1
}

fn everybody<'a>(made: &'a mut Made, indicator: &str) -> &'a mut FreedomRow {
    made.freedoms.iter_mut().find(|row| row.unit == "(all)" && row.indicator == indicator).unwrap()
}

#[test]
fn every_question_has_an_answer_in_order() {
    let mut flat = made(12);
    flat.hierarchy.clear();
    let mut bare = made(12);
    bare.freedoms.clear();
    bare.unit_pairs.clear();
    bare.organization.clear();
    bare.facts.counts.clear();
    for (what, made) in [
        ("12 units", made(12)),
        ("earlier windows", made(12).with_earlier()),
        ("1 unit", made(1)),
        ("withheld", made(12).withheld()),
        ("60 units", made(60).with_earlier()),
        ("no tree", flat),
        ("little", bare),
    ] {
        let found = answers(&made);
        let headings: Vec<&str> = found.iter().map(|(heading, _)| heading.as_str()).collect();
        assert_eq!(
            headings,
            [
                "Where are we closed?",
                "Who do we depend on to stay connected?",
                "Does the hierarchy carry what it should not?",
                "How free is contact?",
                "What changed?",
                "What could we do?",
                "How sure is this, and what can it not say?",
            ],
            "{what}"
        );
        for (question, text) in found {
            assert!(text.len() > 20 && text.trim_end().ends_with(['.', '?']), "{what}: {question} {text}");
        }
    }
}

#[test]
fn freedoms_are_told_against_chance_or_not_at_all() {
    const QUESTION: &str = "How free is contact?";
    let mut some = made(12);
    assert_eq!(
        answer(&some, QUESTION).trim(),
        "Connect: among ten contacts people meet fewer units than by chance (4.0; 95 % interval 3.7 to 4.2; 6.4 by chance). \
         Contribute: openers from below are answered more than others (1.1 times the odds; 1.03 to 1.2). \
         Choose (exploratory): fewer openers go beyond manager, reports and peers than by chance (0.66 times; 0.64 to 0.67). \
         Not enough evidence on challenge; create: on request."
    );
    let answers = everybody(&mut some, "reply_odds_ratio_upward");
    (answers.low, answers.high) = (Some(0.8), Some(1.4));
    assert!(answer(&some, QUESTION).contains("no difference is seen in answers to openers from below"));
    // Openers past the manager and what comes of them are read together.
    let used = everybody(&mut some, "upward_use");
    (used.estimate, used.low, used.high, used.expected) = (Some(0.5), Some(0.1), Some(0.9), Some(0.0));
    let said = answer(&some, QUESTION);
    let used = "Challenge: more openers go past the own manager than by chance (1.4 times; 1.07 to 1.9).";
    assert!(said.contains(&format!("{used} Whether they are answered is not known.")), "{said}");
    let answered = everybody(&mut some, "upward_answered");
    (answered.estimate, answered.low, answered.high, answered.expected) = (Some(0.5), Some(0.3), Some(0.8), Some(1.0));
    let said = answer(&some, QUESTION);
    let both = format!("{used} Of these, fewer are answered than others (0.50 times the odds; 0.30 to 0.80).");
    assert!(said.contains(&both), "{said}");
    // Answers without use say nothing of challenge.
    everybody(&mut some, "upward_use").estimate = None;
    let said = answer(&some, QUESTION);
    assert!(
        said.contains("Not enough evidence on challenge; create") && !said.contains("are answered than others (0.50"),
        "{said}"
    );
    // Create, where it is asked for, has neither chance nor an interval.
    let mut created = everybody(&mut some, "upward_use").clone();
    (created.freedom, created.indicator) = ("create".into(), "new_groups_rate".into());
    some.freedoms.push(created);
    assert!(answer(&some, QUESTION).contains("Not enough evidence on challenge and create."));
    everybody(&mut some, "new_groups_rate").estimate = Some(1.24);
    let said = answer(&some, QUESTION);
    assert!(
        said.contains("Create: 1.2 new groups across units in 13 weeks for every 100 people (no interval;"),
        "{said}"
    );
    assert!(!said.contains("on request"), "{said}");
    // Nothing at all is a refusal without a number.
    let refused = answer(&made(12).withheld(), QUESTION);
    assert!(
        refused.starts_with("Not enough evidence on connect, contribute, choose and challenge; create: on request"),
        "{refused}"
    );
}

#[test]
fn bridges_stand_on_page_1_against_chance() {
    const QUESTION: &str = "Who do we depend on to stay connected?";
    let mut some = made(12);
    let said = answer(&some, QUESTION);
    let told = "11 of 288 people reach more people of other units than their number of ties suggests; about 14 would by chance (no interval): no clear sign of bridges.";
    assert!(said.contains(told), "{said}");
    some.facts.counts.insert("bridges".into(), 3967);
    some.facts.counts.insert("bridge_candidates".into(), 19_998);
    let said = answer(&some, QUESTION);
    assert!(
        said.contains("3,967 of 19,998 people reach") && said.contains("about 1,000 would by chance (no interval).\n"),
        "{said}"
    );
    // A count of who stands out is not one of marks, by which name appendix C would deny what page 3 says.
    some.facts.counts.insert("lasting_bridge_candidates".into(), 0);
    let pages = some.render().markdown;
    assert!(pages.contains("Nobody can be marked as a bridge yet") && !pages.contains("| bridges |"));
}

#[test]
fn suggestions_say_why_none_is_about_a_silo() {
    const QUESTION: &str = "What could we do?";
    let mut some = made(12);
    let silo = some.units.iter().find(|row| row.silo == Some(true)).unwrap().unit.clone();
    let is_of = |a: &str, b: &str| a == silo || b == silo;
    // Those of a silo are named first, whatever their rank.
    let own: Vec<usize> = (0..some.introductions.len())
        .filter(|at| some.introductions[*at].rank.is_some())
        .filter(|at| is_of(&some.introductions[*at].unit_a, &some.introductions[*at].unit_b))
        .collect();
    let first = &some.introductions[own[0]];
    let between = format!("Contact is missing between {} and {}: ", first.unit_a, first.unit_b);
    let said = answer(&some, QUESTION);
    assert!(said.contains(&between) && said.contains("times chance (95 % interval "), "{said}");
    assert!(said.contains("300 pairs of people share a colleague.") && !said.contains("No suggestion"), "{said}");

    some.introductions.iter_mut().filter(|row| is_of(&row.unit_a, &row.unit_b)).for_each(|row| row.rank = None);
    let withheld = |made: &mut Made, most: usize| {
        let own = made.unit_pairs.iter_mut().filter(|row| row.unit_a != row.unit_b && is_of(&row.unit_a, &row.unit_b));
        own.enumerate().for_each(|(at, row)| row.suppressed = at < most);
    };
    for (most, why) in [
        (0, "no pair of silos gives one."),
        (1, "1 of 11 pairs of silos is withheld, the rest gives none."),
        (10, "10 of 11 pairs of silos are withheld, the rest gives none."),
        (11, "all pairs of silos are withheld."),
    ] {
        withheld(&mut some, most);
        let told = format!("No suggestion is about a silo: {why}");
        assert!(answer(&some, QUESTION).contains(&told), "{}", answer(&some, QUESTION));
        let told = format!("No suggestion is about a unit marked as a silo: {}", why.replace("silos", "such units"));
        assert!(some.render().markdown.contains(&told), "{told}");
    }
    // Without a silo there is nothing to explain, without suggestions none is promised.
    some.units.iter_mut().for_each(|row| row.silo = row.silo.map(|_| false));
    assert!(!answer(&some, QUESTION).contains("No suggestion"));
    some.introductions.clear();
    assert!(answer(&some, QUESTION).contains("No introduction can be suggested: "));
    assert!(!some.render().markdown.contains("here contact is missing against chance"));
}

/// What is bold is quoted: only what is not as usual.
#[test]
fn what_stands_out_is_unusual() {
    for made in [made(12), made(12).with_earlier(), made(60).with_earlier(), made(1), made(12).withheld()] {
        let blocks = made.document().sections.into_iter().flat_map(|page| page.blocks);
        let said: Vec<Sentence> = blocks
            .flat_map(|block| match block {
                Block::Text(sentence) => vec![sentence],
                Block::List(list) => list,
                _ => Vec::new(),
            })
            .collect();
        for sentence in said.iter().filter(|one| !one.lead.is_empty()) {
            // Units with their verdict, everybody, changes, heads beyond chance, and the question before suggestions.
            let is_kind = ["S1", "S5", "S6"].contains(&sentence.kind) || sentence.line().starts_with("Ask first: ");
            assert!(is_kind, "{}", sentence.line());
        }
    }
}
