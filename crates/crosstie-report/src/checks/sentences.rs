//! Sentences by their patterns, with edge values; no sentence of a kind without what must stand in it.

use crate::checks::made::{Made, made};
use crate::document::{Block, Sentence};
use crate::pages::Withheld;
use crate::words;
use crosstie_model::tables::{HierarchyRow, UnitRow};
use crosstie_privacy::SMALL_UNITS;

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
        ("S2", &["chance gives"]),
        ("S4", &["chance"]),
        ("S5", &["by chance"]),
        ("S6", &["against what chance gives"]),
        ("S11", &["by chance"]),
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
        "Plant North keeps to itself more than units like it here. 31 % of its contact crosses its border; 64 % would by chance: about half of what chance gives (0.49 times; 95 % interval 0.40 to 0.57; 84 people, 13 weeks). For units like it here 55 % is usual (0.37 times those odds; 0.24 to 0.58). It is marked as a silo."
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
    assert!(!said(&alone).unwrap().contains("is usual"));
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
    ] {
        row.evidence = evidence.into();
        let text = words::no_evidence(&row, &facts).line();
        assert_eq!(text, format!("Not enough evidence on {}: {words}. No number is shown.", row.unit));
    }
    for evidence in ["few_people", "protected"] {
        row.evidence = evidence.into();
        let text = words::no_evidence(&row, &facts).line();
        assert_eq!(text, format!("Withheld for privacy: {}. No number is shown.", row.unit));
    }
}

#[test]
fn r2_is_always_said_without_zeros_and_tells_a_pair_from_the_inside_of_a_unit() {
    let withheld = |units, pairs, all_pairs, insides, others| {
        words::withheld(Withheld { units, pairs, all_pairs, possible_pairs: all_pairs, insides, others }).line()
    };
    let why = "too few people stand behind them, one or two make up most of it, or a hidden number would follow.";
    assert_eq!(withheld(0, 0, 66, 0, 0), "Nothing is withheld for privacy.");
    assert_eq!(
        withheld(1, 5, 66, 1, 12),
        format!(
            "For privacy, 1 unit, 5 of 66 pairs of units, the contact inside 1 unit and 12 rows of other tables are withheld: {why}"
        )
    );
    assert_eq!(
        withheld(0, 26, 66, 0, 19),
        format!("For privacy, 26 of 66 pairs of units and 19 rows of other tables are withheld: {why}")
    );
    for (found, what) in [
        (withheld(1, 0, 0, 0, 0), "1 unit"),
        (withheld(0, 1, 3, 0, 0), "1 of 3 pairs of units"),
        (withheld(0, 1, 1, 0, 0), "the one pair of units"),
        (withheld(0, 0, 0, 1, 0), "the contact inside 1 unit"),
        (withheld(0, 0, 0, 0, 1), "1 row of other tables"),
    ] {
        let one = format!("For privacy, {what} is withheld: too few people stand behind it,");
        assert!(found.starts_with(&one), "{found}");
    }
    // Where little is left to tell of pairs, that is said.
    let little = "So this report says little of contact between units; with larger units it could say more.";
    assert!(!withheld(0, 33, 66, 0, 0).contains(little) && withheld(0, 34, 66, 0, 0).ends_with(little));
    assert!(withheld(0, 6, 6, 0, 0).starts_with("For privacy, all 6 pairs of units are withheld:"));

    let mut few = made(3);
    let (outer, inner): (Vec<_>, Vec<_>) = few.unit_pairs.iter_mut().partition(|row| row.unit_a != row.unit_b);
    outer.into_iter().for_each(|row| row.suppressed = true);
    inner.into_iter().take(1).for_each(|row| row.suppressed = true);
    few.units[0].evidence = "few_people".into();
    // Of another way of dividing the organization, so one of the others.
    let compared = few.units[0].clone();
    few.units.push(UnitRow { grouping: "site".into(), ..compared });
    few.facts.withheld =
        [("units".to_string(), 2), ("unit_pairs".to_string(), 4), ("introductions".to_string(), 3)].into();
    let all: Vec<String> = sentences(&few).iter().filter(|one| one.kind == "R2").map(Sentence::line).collect();
    let what =
        "For privacy, 1 unit, all 3 pairs of units, the contact inside 1 unit and 4 rows of other tables are withheld";
    assert!(all.len() == 3 && all.iter().all(|text| text.starts_with(what)), "{all:?}");
}

#[test]
fn people_with_contact_are_told_from_all() {
    let said = |made: &Made| {
        let all = sentences(made);
        all.iter().find(|one| one.kind == "S1").map(|one| one.line().replace('\u{a0}', " ")).unwrap()
    };
    let mut some = made(12);
    assert!(said(&some).contains("0.50; 300 people, 13 weeks)") || said(&some).contains("; 300 people, 13 weeks)"));
    let of_all = |row: &&mut crosstie_model::tables::FreedomRow| row.unit == "(all)" && row.indicator == "openness";
    let counted = some.freedoms.iter_mut().find(of_all).unwrap();
    counted.people_count = Some(290);
    assert!(said(&some).contains("; 290 people with contact, of 300, 13 weeks)"), "{}", said(&some));
    // Of another release: what it counts is not what the sentence is about.
    some.freedoms.iter_mut().find(of_all).unwrap().as_of = Some(crosstie_model::Day(1));
    assert!(said(&some).contains("; 300 people in the directory, 13 weeks)"), "{}", said(&some));
}

#[test]
fn silos_are_named_on_page_1_and_asked_about() {
    let mut many = made(12);
    let own: Vec<usize> = (0..many.units.len()).filter(|at| many.units[*at].silo.is_some()).collect();
    let page_1 = |made: &Made| {
        let page = made.document().sections.swap_remove(0);
        let said = page.blocks.iter().filter_map(|block| match block {
            Block::Text(sentence) => Some(sentence.line().replace('\u{a0}', " ")),
            _ => None,
        });
        said.collect::<Vec<_>>().join("\n")
    };
    let one = page_1(&many);
    assert!(one.contains("Legal is marked as a silo: 23 % of its contact crosses its border; 60 % is usual for units of similar size and activity, 90 % by chance (0.25 times; 95 % interval "), "{one}");
    assert!(one.contains("Ask first: is Legal meant to work inward?") && !one.contains("a silo, too"), "{one}");
    own.iter().take(3).for_each(|at| many.units[*at].silo = Some(true));
    let three = page_1(&many);
    assert!(
        three.matches("is marked as a silo, too:").count() == 1 && three.contains("1 more unit is marked as a silo"),
        "{three}"
    );
    assert!(
        three.contains(" meant to work inward?")
            && three.contains("Ask first: are ")
            && three.contains("What do their people say?"),
        "{three}"
    );
    own.iter().for_each(|at| many.units[*at].silo = Some(true));
    assert!(page_1(&many).contains(" more meant to work inward?"), "{}", page_1(&many));
    many.units.iter_mut().for_each(|row| row.silo = row.silo.map(|_| false));
    assert!(
        page_1(&many).contains("Ask first: is a unit that looks closed meant to work inward?"),
        "{}",
        page_1(&many)
    );
}

#[test]
fn thin_pairs_are_counted_and_none_is_named() {
    let mut few = made(4);
    let bands = [("25_49", "under_25"), ("under_10", "25_50"), ("10_24", "25_50"), ("under_10", "25_50")];
    few.unit_pairs.retain(|row| row.unit_a != row.unit_b);
    for (row, (carriers, top)) in few.unit_pairs.iter_mut().zip(bands.into_iter().cycle()) {
        (row.carriers_band, row.top_carrier_band, row.suppressed) = (Some(carriers.into()), Some(top.into()), false);
    }
    let said = |made: &Made| {
        let all: Vec<String> = sentences(made).iter().map(|one| one.line().replace('\u{a0}', " ")).collect();
        all.iter().find(|text| text.starts_with("In ") && text.contains("thinner side")).unwrap().clone()
    };
    let carry =
        "fewer than 10 people on the thinner side, or nobody, carry the reciprocated contact (chance: not known";
    assert_eq!(said(&few), format!("In 3 of 6 pairs of units, {carry})."));
    // What is withheld shows that it is thin, or nothing.
    (few.unit_pairs[1].top_carrier_band, few.unit_pairs[1].suppressed) = (None, true);
    let last = few.unit_pairs.last_mut().unwrap();
    (last.carriers_band, last.top_carrier_band, last.suppressed) = (None, None, true);
    assert_eq!(said(&few), format!("In at least 2 of 6 pairs of units, {carry}; 1 pair cannot be told)."));
    let hidden = "1 of these thin pairs shows nothing else: it may rest on the fewest.";
    assert!(sentences(&few).iter().any(|one| one.line() == hidden));
}

/// Where sentences tell of pairs that rest on few people, the chart beside them has these pairs, and counts them.
#[test]
fn sentences_and_chart_of_carriers_are_of_the_same_pairs() {
    let mut many = made(30);
    many.unit_pairs.retain(|row| row.unit_a != row.unit_b);
    for (at, row) in many.unit_pairs.iter_mut().enumerate() {
        // Dominated by one and hidden: these are drawn first, and of their carriers nothing is told.
        let is_dominated = at % 2 == 0;
        row.suppressed = is_dominated;
        row.carriers_band = (!is_dominated).then(|| "under_10".into());
        row.top_carrier_band = Some(if is_dominated { "over_50" } else { "under_25" }.into());
    }
    let page = many.document().sections.swap_remove(2);
    let finding = page.blocks.iter().find_map(|block| match block {
        Block::Figure(figure) => Some(figure.svg.finding().to_string()),
        _ => None,
    });
    assert_eq!(
        finding.unwrap(),
        "Of 435 pairs, 12 here. Fewer than 10 people on the thinner side: 0 of the 0 whose carriers are shown; one person carries over 50 %: 12 of the 12 whose share is shown."
    );
    let told = page.blocks.iter().find_map(|block| match block {
        Block::List(list) => Some(list.iter().map(|one| one.line().replace('\u{a0}', " ")).collect::<Vec<_>>()),
        _ => None,
    });
    let told = told.unwrap();
    let of_one = "the most active one carries over 50 % of the reciprocated contact; how many people do is withheld.";
    assert!(!told.is_empty() && told.iter().all(|text| text.ends_with(of_one)), "{told:?}");
}

#[test]
fn a_self_test_says_whether_a_silo_would_have_been_marked() {
    let lines = |made: &Made| {
        let own = sentences(made).into_iter().filter(|one| one.kind == "S10");
        own.map(|one| one.line()).collect::<Vec<_>>()
    };
    let mut some = made(12);
    let set = |made: &mut Made, metric: &str, value: Option<f64>| {
        made.organization.iter_mut().filter(|row| row.metric == metric).for_each(|row| {
            (row.value, row.low, row.high) = (value, None, None);
        });
    };
    let cut = "cut to half the contact outside that is usual for units like it,";
    let said = lines(&some);
    assert!(
        said[0].ends_with(" 0 of 20 trials marked a silo; a unit cut to half of what is usual would have been."),
        "{said:?}"
    );
    assert!(said[2].contains(&format!("{cut} would have been marked. Smaller units and milder borders")), "{said:?}");
    set(&mut some, "self_test_planted_silo", Some(0.0));
    let said = lines(&some);
    assert!(said[0].ends_with("what is usual would not have been."), "{said:?}");
    assert!(
        said[2].ends_with("would not have been marked. So that a unit is not marked says little here."),
        "{said:?}"
    );
    // A run before the test was there.
    some.organization.retain(|row| row.metric != "self_test_planted_silo");
    let said = lines(&some);
    assert!(said.len() == 2 && said[0].ends_with("; whether a silo would have been was not tried."), "{said:?}");
    set(&mut some, "self_test_planted", None);
    let said = lines(&some);
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[0].starts_with("Whether a silo would have been marked cannot be told"), "{said:?}");
    assert!(said[1].ends_with("0 of 20 trials. That says nothing: no unit could be compared with units like it."));
}

#[test]
fn what_passes_unit_heads_is_answered_against_chance() {
    let mut some = made(12);
    let mut said = |low: f64, high: f64, expected: f64| {
        let row = some.organization.iter_mut().find(|row| row.metric == "direct_routing_share").unwrap();
        (row.low, row.high, row.expected) = (Some(low), Some(high), Some(expected));
        let found = sentences(&some).into_iter().filter(|one| one.kind == "S5").collect::<Vec<_>>();
        assert!(found.len() == 2 && found[0].line() == found[1].line(), "pages 1 and 4 answer alike");
        (found[0].line().replace('\u{a0}', " "), !found[0].lead.is_empty())
    };
    let heads = "unit heads take part in";
    for (low, high, expected, verdict, is_unusual) in [
        (0.5, 0.8, 0.91, format!("It may: {heads} more contact between units than by chance:"), true),
        (0.95, 0.99, 0.91, format!("No sign of it: {heads} less contact between units than by chance:"), true),
        (
            0.905,
            0.915,
            0.91,
            format!("No sign of it: {heads} as much contact between units as by chance, within 1 point:"),
            false,
        ),
        (
            0.83,
            0.97,
            0.91,
            format!("No sign of it: {heads} as much contact between units as by chance, within 8 points:"),
            false,
        ),
        (0.5, 0.91, 0.91, format!("Whether {heads} more contact between units than by chance cannot be told:"), false),
    ] {
        let (text, is_led) = said(low, high, expected);
        let ends = format!(
            " 91 % has none (95 % interval {} to {}; 91 % by chance).",
            crate::numbers::per_cent(low),
            crate::numbers::per_cent(high)
        );
        assert_eq!((text, is_led), (format!("{verdict}{ends}"), is_unusual));
    }
    some.organization.retain(|row| row.metric != "direct_routing_share");
    let refused = "Not enough evidence on whether unit heads take part in more contact between units than by chance.";
    assert_eq!(sentences(&some).iter().filter(|one| one.line().starts_with(refused)).count(), 2);
}

#[test]
fn contact_across_the_tree_begins_with_a_verdict() {
    let row = |low: Option<f64>, lift: f64, high: f64| HierarchyRow {
        relation: "cross_branch".into(),
        lift: Some(lift),
        lift_low: low,
        lift_high: Some(high),
        ..made(12).hierarchy[0].clone()
    };
    let said = |row: &HierarchyRow| {
        words::lift_in_short(row).map(|one| (one.kind, one.lead.len(), one.line().replace('\u{a0}', " ")))
    };
    let text = "Less contact than by chance runs across branches of the tree: 0.57 times (95 % interval 0.51 to 0.62).";
    assert_eq!(said(&row(Some(0.51), 0.57, 0.62)), Some(("S4", 0, text.into())));
    let verdict = |low: Option<f64>, high: f64| {
        let (_, _, text) = said(&row(low, 0.9, high)).unwrap();
        text.split_once(": 0.90 times").unwrap().0.to_string()
    };
    let untold = "No difference from chance is seen in contact across branches of the tree";
    // An interval that touches 1 tells nothing; one without a lower end can still lie below.
    for (low, high, expected) in [
        (Some(1.01), 1.4, "More contact than by chance runs across branches of the tree"),
        (Some(1.0), 1.4, untold),
        (Some(0.8), 1.0, untold),
        (None, 1.4, untold),
        (Some(0.8), 0.99, "Less contact than by chance runs across branches of the tree"),
        (None, 0.99, "Less contact than by chance runs across branches of the tree"),
    ] {
        assert_eq!(verdict(low, high), expected, "{low:?} to {high}");
    }
    assert_eq!(said(&HierarchyRow { lift: None, lift_low: None, lift_high: None, ..row(None, 1.0, 2.0) }), None);
}

#[test]
fn units_below_chance_are_told_to_be_usual() {
    let said = |told, below, above| words::against_chance(told, below, above).map(|one| one.line());
    let usual = "lie below chance, as departments usually do.";
    assert_eq!(said(12, 12, 0).unwrap(), format!("All 12 units with a number {usual}"));
    assert_eq!(said(1, 1, 0).unwrap(), "The one unit with a number lies below chance, as departments usually do.");
    let beyond = "below chance, beyond their intervals, and";
    assert_eq!(said(12, 9, 2).unwrap(), format!("Of 12 units with a number, 9 lie {beyond} 2 above."));
    assert_eq!(said(12, 1, 0).unwrap(), format!("Of 12 units with a number, 1 lies {beyond} none above."));
    assert_eq!((said(0, 0, 0), said(1, 0, 1)), (None, None));

    let mut closed = made(12);
    let page_1 = |made: &Made| {
        let page = made.document().sections.swap_remove(0);
        let said = page.blocks.iter().filter_map(|block| match block {
            Block::Text(sentence) => Some(sentence.line()),
            _ => None,
        });
        said.collect::<Vec<_>>().join("\n")
    };
    closed.units.iter_mut().filter(|row| row.openness.is_some()).for_each(|row| {
        (row.openness, row.openness_low, row.openness_high) = (Some(-1.0), Some(-1.2), Some(-0.1));
    });
    assert!(page_1(&closed).contains("All 11 units with a number lie below chance"), "{}", page_1(&closed));
    // Nothing outside at all has no logarithm and lies below.
    let row = &mut closed.units[1];
    (row.openness, row.openness_low, row.openness_high, row.external_share) = (None, None, None, Some(0.0));
    assert!(page_1(&closed).contains("All 11 units with a number lie below chance"), "{}", page_1(&closed));
    (closed.units[4].openness_low, closed.units[4].openness_high) = (Some(0.1), Some(0.4));
    closed.units[5].openness_high = Some(0.0);
    assert!(
        page_1(&closed).contains("Of 11 units with a number, 9 lie below chance, beyond their intervals, and 1 above."),
        "{}",
        page_1(&closed)
    );
    // What is left of small units is no unit.
    closed.units[4].unit = SMALL_UNITS.into();
    assert!(page_1(&closed).contains("Of 10 units with a number, 9 lie"), "{}", page_1(&closed));
}

#[test]
fn page_1_says_what_is_not_seen() {
    for made in [made(12), made(1), made(12).withheld(), made(60).with_earlier()] {
        let page = made.document().sections.swap_remove(0);
        let said = page.blocks.iter().any(|block| match block {
            Block::Text(sentence) => sentence.line().starts_with(
                "This report counts who wrote to whom, not what was written; talk and telephone are not seen.",
            ),
            _ => false,
        });
        assert!(said);
    }
}

#[test]
fn every_term_is_linked_once_and_every_link_has_an_entry() {
    let mut linked = std::collections::BTreeSet::new();
    let small = made(12).renamed(&|name| if name == "Finance" { SMALL_UNITS.into() } else { name.into() });
    for made in [made(12), made(12).with_earlier(), made(12).withheld(), small] {
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

/// Words that a newcomer to the field would ask about: linked on page 1 wherever they stand there.
#[test]
fn terms_of_page_1_are_linked_there() {
    let pages = [made(12).with_earlier(), made(1)].map(|made| {
        let html = made.render().html;
        html.split_once("id=\"one-page\"").unwrap().1.split_once("</section>").unwrap().0.to_string()
    });
    for term in [
        "95\u{a0}% interval",
        "branches",
        "chance",
        "contact",
        "Openness",
        "openers",
        "reciprocated",
        "self-test|dealt out again",
        "silo",
        "thinner side",
        "unit head",
        "units of similar size and activity",
        "Units|units",
        "window",
        "withheld",
    ] {
        let is_linked = |page: &String| {
            let linked = |word: &str| {
                page.split("class=\"term\"").skip(1).any(|rest| rest.split("</a>").next().unwrap().contains(word))
            };
            term.split('|').any(linked)
        };
        let stands = |page: &&String| term.split('|').any(|word| page.contains(word));
        assert!(pages.iter().any(|page| stands(&page)), "{term} stands nowhere");
        assert!(pages.iter().filter(stands).all(is_linked), "{term} is not linked on page 1");
    }
}
