//! Sentences by their patterns, with edge values; no sentence of a kind without what must stand in it.

use crate::checks::made::{Made, made};
use crate::document::{Block, Sentence};
use crate::words;
use crosstie_model::tables::UnitRow;

fn sentences(made: &Made) -> Vec<Sentence> {
    let mut said = Vec::new();
    for block in made.document().sections.into_iter().flat_map(|page| page.blocks) {
        match block {
            Block::Text(sentence) => said.push(sentence),
            Block::List(list) => said.extend(list),
            _ => {}
        }
    }
    said
}

#[test]
fn no_number_stands_without_expectation_and_interval() {
    let all = [made(12), made(12).with_earlier(), made(60).with_earlier(), made(1), made(12).withheld()];
    let said: Vec<Sentence> = all.iter().flat_map(sentences).collect();
    for (kind, expectation) in [
        ("S1", &["chance"][..]),
        ("S2", &["activity of their people gives"]),
        ("S4", &["activity of those people gives"]),
        ("S5", &["expected by chance"]),
        ("S6", &["against what chance gives"]),
    ] {
        let own: Vec<String> = said.iter().filter(|one| one.kind == kind).map(Sentence::line).collect();
        assert!(!own.is_empty(), "no {kind}");
        for text in own {
            assert!(text.contains("95\u{a0}% interval"), "{kind}: {text}");
            assert!(expectation.iter().all(|words| text.contains(words)), "{kind}: {text}");
            assert!(!text.contains("NaN") && !text.contains("inf "), "{text}");
        }
    }
    for kind in ["S3", "S7", "S8", "S9", "S10", "R1", "R2"] {
        assert!(said.iter().any(|one| one.kind == kind), "no {kind}");
    }
    // A refusal holds no number but a limit.
    for refused in said.iter().filter(|one| one.kind == "R1").map(Sentence::line) {
        let digits: String = refused.chars().filter(char::is_ascii_digit).collect();
        assert!(["", "200", "4"].contains(&digits.as_str()), "{refused}");
    }
}

#[test]
fn a_unit_is_told_as_in_the_design() {
    let facts = made(12).facts;
    let row = UnitRow {
        grouping: "unit".into(),
        unit: "Plant North".into(),
        people_count: 84,
        external_share: Some(0.31),
        expected_external_share: Some(0.64),
        openness: Some(crosstie_model::num::log2(0.49)),
        openness_low: Some(crosstie_model::num::log2(0.40)),
        openness_high: Some(crosstie_model::num::log2(0.57)),
        typical_external_share: Some(0.55),
        relative_openness: Some(crosstie_model::num::log2(0.37)),
        relative_openness_low: Some(crosstie_model::num::log2(0.24)),
        relative_openness_high: Some(crosstie_model::num::log2(0.58)),
        relative_z: None,
        z: None,
        ei_index: None,
        ei_index_expected: None,
        conductance: None,
        reach2_share: None,
        silo: Some(true),
        evidence: "enough".into(),
        as_of: None,
    };
    let said = |row: &UnitRow| words::unit(row, &facts).map(|one| one.line().replace('\u{a0}', " "));
    assert_eq!(
        said(&row).unwrap(),
        "Plant North keeps to itself more than units like it here. 31 % of its contact crosses its border; 64 % would by chance, given how active its people are: about half of what chance gives (0.49 times; 95 % interval 0.40 to 0.57; 84 people, 13 weeks). Units of its kind in this organization: 55 % (0.37 times their odds; 0.24 to 0.58). It is marked as a silo."
    );
    let verdict = |row: UnitRow| said(&row).unwrap().split(". ").next().unwrap().to_string();
    let open = UnitRow {
        silo: Some(false),
        relative_openness: Some(0.5),
        relative_openness_low: Some(0.1),
        relative_openness_high: Some(0.9),
        ..row.clone()
    };
    assert_eq!(verdict(open.clone()), "Plant North is more open than units like it here");
    let like = UnitRow { relative_openness_low: Some(-0.1), ..open.clone() };
    assert_eq!(verdict(like), "Plant North is about as open as units like it here");
    let alone = UnitRow { relative_openness: None, silo: None, ..open };
    assert!(!said(&alone).unwrap().contains("Units of its kind"));
    assert_eq!(verdict(alone), "Plant North has no units like it here to compare with");
    // An unbounded low end is 0; without a share there is no sentence.
    assert!(said(&UnitRow { openness_low: None, ..row.clone() }).unwrap().contains("95 % interval 0 to 0.57"));
    assert_eq!(said(&UnitRow { external_share: None, ..row.clone() }), None);
    assert!(said(&UnitRow { people_count: 1, ..row }).unwrap().contains("1 person, 13 weeks"));
}

#[test]
fn r1_gives_a_reason_and_few_people_are_not_told_from_protection() {
    let facts = made(12).facts;
    let mut row = made(12).units[2].clone();
    for (evidence, words) in [
        ("few_events", "fewer than 200 messages, or an interval that cannot be told"),
        ("coverage_gap", "too many weeks without data in a source"),
        ("self_test_failed", "the self-test on this data failed"),
        ("wide_interval", "an interval wider than a factor of 4"),
        ("few_people", "withheld"),
        ("protected", "withheld"),
    ] {
        row.evidence = evidence.into();
        let text = words::no_evidence(&row, &facts).line();
        assert_eq!(text, format!("Not enough evidence on {}: {words}. No number is shown.", row.unit));
    }
}

#[test]
fn r2_is_said_with_zeros_and_sums_up_the_rest() {
    let mut facts = made(12).facts;
    let said = |facts: &crate::RunFacts| words::withheld(facts).line();
    assert!(said(&facts).starts_with("0 units and 8 unit pairs, and 3 rows of the other tables, are withheld"));
    facts.withheld.clear();
    assert!(said(&facts).starts_with("0 units and 0 unit pairs are withheld"));
    facts.withheld.insert("units".into(), 1);
    assert!(said(&facts).starts_with("1 unit and 0 unit pairs is withheld"));
}

#[test]
fn every_term_is_linked_once_and_every_link_has_an_entry() {
    let mut linked = std::collections::BTreeSet::new();
    for made in [made(12), made(12).with_earlier(), made(12).withheld()] {
        let html = made.render().html;
        for (id, ..) in words::GLOSSARY {
            let count = html.matches(&format!("href=\"#{id}\"")).count();
            assert!(count <= 1, "{id} is linked {count} times");
            assert_eq!(html.matches(&format!("id=\"{id}\"")).count(), 1, "{id} has one entry");
            linked.extend((count == 1).then_some(id));
        }
        for target in html.split("href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            assert!(html.contains(&format!("id=\"{target}\"")), "{target} leads nowhere");
        }
    }
    let unused: Vec<&str> = words::GLOSSARY.iter().map(|entry| entry.0).filter(|id| !linked.contains(id)).collect();
    assert_eq!(unused, Vec::<&str>::new(), "entries that no page uses");
    assert!(words::GLOSSARY.is_sorted_by_key(|entry| entry.1.to_lowercase()));
}
