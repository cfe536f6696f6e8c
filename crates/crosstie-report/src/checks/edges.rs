//! Edge cases: what is printed where there is little, nothing, or what may not be compared.

use crate::checks::made::{Made, made};
use crate::document::{Block, Document};
use crosstie_privacy::SMALL_UNITS;

fn page(document: &Document, id: &str) -> String {
    let section = document.sections.iter().find(|section| section.id == id).unwrap();
    let mut text = String::new();
    for block in &section.blocks {
        match block {
            Block::Heading(sentence) | Block::Text(sentence) => text.push_str(&format!("{}\n", sentence.line())),
            Block::List(list) => list.iter().for_each(|sentence| text.push_str(&format!("{}\n", sentence.line()))),
            Block::Figure(figure) => text.push_str(&format!("[chart] {}\n", figure.svg.finding())),
            Block::Table(_) | Block::Terms(_) => {}
        }
    }
    text
}

fn banners(made: &Made) -> Vec<String> {
    made.document().banners.iter().map(crate::document::Sentence::line).collect()
}

#[test]
fn no_unit_or_one_gives_sentences_and_no_matrix() {
    let mut none = made(12);
    none.units.clear();
    none.unit_pairs.clear();
    let document = none.document();
    let closed = page(&document, "closed");
    assert!(closed.contains("No unit can be shown") && !closed.contains("[chart]"), "{closed}");
    assert!(page(&document, "dependence").contains("No contact between two units can be shown."));

    let document = made(1).document();
    let closed = page(&document, "closed");
    assert!(closed.matches("[chart]").count() == 1 && !closed.contains("Pairs of different units"), "{closed}");
    assert!(!page(&document, "dependence").contains("[chart]"));
}

#[test]
fn all_withheld_is_a_whole_report_without_a_frame() {
    let document = made(12).withheld().document();
    let closed = page(&document, "closed");
    assert!(closed.contains("Whether a unit is a silo cannot be judged: not enough evidence on any."), "{closed}");
    assert!(closed.contains("Withheld for privacy: Finance. No number is shown."), "{closed}");
    let hierarchy = page(&document, "hierarchy");
    assert!(hierarchy.contains("Not enough evidence on contact from managers to their reports: withheld."));
    assert!(page(&document, "one-page").contains(
        "For privacy, 12 units, all 66 pairs of units and the contact inside 12 units are withheld: too few"
    ));
    assert!(document.sections.iter().all(|section| !section.blocks.is_empty()));
}

#[test]
fn without_an_org_chart_page_4_says_so() {
    let mut flat = made(12);
    flat.hierarchy.clear();
    flat.freedoms.iter_mut().for_each(|row| {
        row.estimate = None;
        row.evidence = "no_data".into();
    });
    let hierarchy = page(&flat.document(), "hierarchy");
    assert!(hierarchy.starts_with("The directory holds no reporting lines"), "{hierarchy}");
    assert!(hierarchy.contains("the sources do not carry it. No number is shown.") && !hierarchy.contains("[chart]"));
}

#[test]
fn one_kind_of_source_is_a_banner_that_names_the_other() {
    let mut mail = made(12);
    mail.facts.settings.remove("sources.chat.kind");
    assert!(banners(&mail).iter().any(|banner| banner.starts_with("Only mail was read: what passes by chat")));
    assert!(!banners(&made(12)).iter().any(|banner| banner.starts_with("Only")));
}

#[test]
fn gaps_are_a_banner_and_many_gaps_refuse_changes() {
    assert_eq!(banners(&made(12)), ["1 period lacks data: see how sure this is."]);
    let mut full = made(12).with_earlier();
    assert!(page(&full.document(), "changes").contains("is less open than it was"));
    full.coverage.iter_mut().filter(|row| row.source == "chat").for_each(|row| row.gap = true);
    assert!(banners(&full)[0].starts_with("Data are whole in 13 of 26 periods, under 80\u{a0}%"));
    let changes = page(&full.document(), "changes");
    assert!(changes.contains("no change of openness is told") && !changes.contains("less open than it was"));
    assert!(!page(&full.document(), "one-page").contains("No change is seen in"));
}

#[test]
fn the_coverage_limit_is_80_per_cent_of_periods() {
    let mut made = made(12);
    made.coverage.truncate(10);
    for (gaps, refused) in [(2, false), (3, true)] {
        made.coverage.iter_mut().enumerate().for_each(|(at, row)| row.gap = at < gaps);
        assert_eq!(banners(&made)[0].contains("under 80"), refused, "{gaps} of 10");
    }
}

#[test]
fn a_missing_policy_is_the_first_banner() {
    let mut without = made(12);
    without.facts.settings.remove("policy.purpose");
    assert!(banners(&without)[0].starts_with("No policy file: not for distribution. Write down what for"));
}

#[test]
fn what_is_not_the_same_is_said_before_any_change() {
    let mut other = made(12).with_earlier();
    other.facts.settings.insert("ties.max_recipients".into(), "4".into());
    other.facts.settings.insert("policy.blake3".into(), "ffff".into());
    other.metrics[0].formula = "another".into();
    other.coverage[0].gap = true;
    let changes = page(&other.document(), "changes");
    let at = |words: &str| changes.find(words).unwrap_or_else(|| panic!("{words}: {changes}"));
    let order = [
        at("The plan is not that of the window from 2025-12-01: ties.max_recipients."),
        at("Metrics are defined otherwise than in the window from 2025-12-01: openness."),
        at("The policy file is not that of the window"),
        at("2 periods lack data now, 1 in the window from 2025-12-01"),
        at("go on as they were"),
        at("is less open than it was"),
    ];
    assert!(order.is_sorted(), "{order:?}");
}

#[test]
fn empty_and_equal_names_can_be_told_apart() {
    let pages = made(3).renamed(&|unit| if unit == "Finance" { String::new() } else { "x".repeat(30) + unit }).render();
    assert!(pages.html.contains("<bdi>(no unit)</bdi>"));
    // Cut after 17 letters both are alike; the number before them is not.
    assert!(
        pages.html.contains(">2 xxxxxxxxxxxxxxxxx\u{2026}<") && pages.html.contains(">3 xxxxxxxxxxxxxxxxx\u{2026}<")
    );
}

#[test]
fn a_unit_without_contact_outside_has_a_sentence() {
    let mut closed = made(12);
    let row = closed.units.iter_mut().find(|row| row.silo == Some(true)).unwrap();
    row.external_share = Some(0.0);
    row.openness = None;
    row.openness_low = None;
    row.openness_high = None;
    let said = page(&closed.document(), "closed");
    assert!(said.contains("no contact outside was seen, so there is no 95\u{a0}% interval"), "{said}");
    assert!(closed.render().html.contains("no contact outside<"));
}

#[test]
fn what_the_ledger_of_releases_holds_back_is_counted() {
    let mut held = made(12);
    let privacy = page(&held.document(), "privacy");
    assert!(privacy.contains("only by what many people changed") && !privacy.contains("`as_of`"), "{privacy}");
    held.facts.held_by_ledger = 3;
    for at in ["privacy", "one-page"] {
        let said = page(&held.document(), at);
        assert!(said.contains("3 rows of the tables go on showing the value of an earlier date"), "{said}");
    }
}

#[test]
fn an_earlier_run_that_cannot_be_read_is_told() {
    let mut lost = made(12);
    assert!(!page(&lost.document(), "changes").contains("cannot be read"));
    lost.unreadable = vec!["2026-02-22".into()];
    for at in ["changes", "one-page"] {
        let said = page(&lost.document(), at);
        let told = "The tables of the run of 2026-02-22 cannot be read, so nothing here is compared with it.";
        assert!(said.contains(told), "{said}");
    }
    lost.unreadable.push("2025-11-23".into());
    assert!(page(&lost.document(), "changes").contains("of the runs of 2026-02-22 and 2025-11-23 cannot be read"));
}

#[test]
fn what_is_left_of_small_units_is_no_unit() {
    let mut small = made(12).renamed(&|name| if name == "Legal" { SMALL_UNITS.into() } else { name.into() });
    let document = small.document();
    let closed = page(&document, "closed");
    assert!(closed.contains("No unit is marked as a silo") && !closed.contains("It is marked as a silo"), "{closed}");
    let first = page(&document, "one-page");
    assert!(first.contains("No unit is marked as a silo") && first.contains("marked as silos: 0."), "{first}");
    let markdown = small.render().markdown;
    assert!(markdown.contains("(small units) is no unit of its own") && markdown.contains("| no unit of its own |"));
    // It has nothing to be compared with where nothing else has.
    small.units.iter_mut().filter(|row| row.unit != SMALL_UNITS).for_each(|row| row.silo = None);
    let first = page(&small.document(), "one-page");
    assert!(
        first.contains("Whether a unit is a silo cannot be judged: of 10 with enough evidence none has"),
        "{first}"
    );
}

#[test]
fn units_that_cannot_be_judged_are_counted_beside_those_that_can() {
    let mut some = made(12);
    some.units.iter_mut().for_each(|row| row.silo = row.silo.map(|_| false));
    let said = page(&some.document(), "one-page");
    assert!(said.contains("none of the 11 that can be compared") && said.contains("1 other unit cannot be judged."));
    some.units[3].silo = None;
    assert!(page(&some.document(), "one-page").contains("2 other units cannot be judged."));
}

#[test]
fn markdown_begins_with_its_title_and_has_no_caption_without_a_drawing() {
    for made in [made(12).with_earlier(), made(1), made(12).withheld()] {
        let markdown = made.render().markdown;
        assert!(markdown.starts_with("# Collaboration report: acme\n"), "{}", &markdown[..200]);
        let body = markdown.split_once("## In one page\n\n").unwrap().1;
        assert!(body.starts_with("This report rests on "), "{}", &body[..200]);
        assert!(!markdown.contains("double ring") && !markdown.contains("Lines join units"));
    }
}
