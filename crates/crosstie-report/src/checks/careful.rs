//! No number is given as surer than it is, and what it is set against has one name.

use crate::checks::made::{Made, made};
use crate::document::Block;
use crosstie_model::num::log2;

/// All that pages 1 to 7 say: sentences, captions, findings, heads and cells of tables.
fn texts(made: &Made) -> Vec<String> {
    let mut all = Vec::new();
    let mut table = |found: &crate::document::Table| {
        all.push(found.caption.clone());
        all.extend(found.head.iter().map(|(name, _)| name.clone()));
        all.extend(found.rows.iter().flatten().cloned());
    };
    let document = made.document();
    let blocks = || document.sections.iter().filter(|page| !page.is_appendix).flat_map(|page| &page.blocks);
    for block in blocks() {
        match block {
            Block::Table(found) => table(found),
            Block::Figure(figure) => figure.table.iter().for_each(&mut table),
            _ => {}
        }
    }
    for block in blocks() {
        match block {
            Block::Heading(sentence) | Block::Text(sentence) => all.push(sentence.line()),
            Block::List(list) => all.extend(list.iter().map(crate::document::Sentence::line)),
            Block::Figure(figure) => {
                all.push(figure.caption.line());
                all.push(figure.svg.to_string());
            }
            Block::Table(_) | Block::Terms(_) => {}
        }
    }
    all.into_iter().map(|text| text.replace('\u{a0}', " ")).collect()
}

#[test]
fn chance_has_one_name() {
    for made in [made(12), made(12).with_earlier(), made(60).with_earlier(), made(1), made(12).withheld()] {
        for text in texts(&made) {
            for other in
                ["expected", "expectation", "activity gives", "activity of", "Its kind", "of its kind", "baseline"]
            {
                let is_counted = text.contains("an expectation by chance");
                assert!(!text.contains(other) || is_counted, "{other}: {text}");
            }
            // What is not exchanged recipients is said otherwise: labels of units dealt out, ties drawn anew.
            if text.contains("at random") {
                assert!(text.contains("dealt out again at random") || text.contains("tied anew at random"), "{text}");
            }
        }
    }
}

/// Values at the far ends of what can come out.
fn extreme() -> Made {
    let mut far = made(12);
    for (row, lift) in far.hierarchy.iter_mut().zip([1351.5, 26.4, 0.0004, 0.9996, 135.2].into_iter().cycle()) {
        (row.lift, row.lift_low, row.lift_high) = (Some(lift), Some(lift * 0.999), Some(lift * 1.0001));
        (row.weight_share, row.expected_share) = (Some(0.9996), Some(0.0004));
    }
    for row in far.units.iter_mut().filter(|row| row.openness.is_some()) {
        (row.external_share, row.expected_external_share) = (Some(0.0004), Some(0.9996));
        (row.openness, row.openness_low) = (Some(log2(0.0004)), Some(log2(0.0001)));
        (row.openness_high, row.typical_external_share) = (Some(log2(0.9997)), Some(0.9996));
    }
    for row in &mut far.communities {
        (row.stability, row.internal_share, row.expected_internal_share) = (Some(0.9999), Some(0.9999), Some(0.0001));
    }
    for row in far.unit_pairs.iter_mut().filter(|row| row.log2_ratio.is_some()) {
        (row.log2_ratio, row.log2_low, row.log2_high) = (Some(log2(1351.5)), Some(log2(340.2)), Some(log2(5122.7)));
    }
    far
}

#[test]
fn digits_say_no_more_than_is_known() {
    let all = texts(&extreme());
    for text in &all {
        let words: Vec<&str> = text.split([' ', '(', ')', ';', '>', '<']).collect();
        for (at, word) in words.iter().enumerate() {
            let is_per_cent = words.get(at + 1).is_some_and(|next| next.starts_with('%'));
            // The axis of an interval is 95 % of draws; no share here is nothing or everything.
            assert!(!(is_per_cent && ["0", "100"].contains(word)), "{text}");
            if let Some((whole, part)) = word.trim_end_matches(['.', ',', ':', '\u{d7}']).split_once('.') {
                let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
                if is_number(whole) && is_number(part) && !text.starts_with("<svg") {
                    let digits = whole.trim_start_matches('0').len() + part.len();
                    assert!(whole.len() < 2 && digits <= 4, "{word}: {text}");
                    assert!(whole != "0" || part.bytes().any(|byte| byte != b'0'), "{word} is not nothing: {text}");
                }
            }
        }
    }
    for words in ["over 1,000 times", "over 1,000\u{d7}", "under 0.01 times", "over 99 %", "under 1 %"] {
        assert!(all.iter().any(|text| text.contains(words)), "{words}");
    }
    assert!(all.iter().any(|text| text.contains(" is 26 times what chance gives (95 % interval 26 to 26).")));
}

#[test]
fn what_is_drawn_of_more_is_said_to_be() {
    let many = made(100);
    let page = many.document().sections.swap_remove(1);
    let figures: Vec<_> = page
        .blocks
        .iter()
        .filter_map(|block| match block {
            Block::Figure(figure) => Some((figure.svg.finding().to_string(), figure.caption.line())),
            _ => None,
        })
        .collect();
    assert!(
        figures[0].0.starts_with("Drawn are the 60 most closed of 100 units. Units with a number here: "),
        "{}",
        figures[0].0
    );
    assert!(figures[0].1.ends_with("Drawn are the 60 most closed of 100 units."), "{}", figures[0].1);
    assert!(figures[1].0.starts_with("All pairs of units: 4,950."), "{}", figures[1].0);
    let all = made(12).document().sections.swap_remove(1);
    let Some(Block::Figure(figure)) = all.blocks.iter().find(|block| matches!(block, Block::Figure(_))) else {
        panic!("no chart");
    };
    assert!(figure.svg.finding().starts_with("Units with a number here: 11."), "{}", figure.svg.finding());
}

/// Of many pairs some lie beyond chance by themselves.
#[test]
fn pairs_beyond_chance_are_counted_beside_those_that_chance_would_show() {
    let some = made(12);
    let told = some.unit_pairs.iter().filter(|row| row.unit_a != row.unit_b && row.log2_high.is_some()).count();
    let said = texts(&some).into_iter().find(|text| text.starts_with("Of ") && text.contains("with an interval"));
    let by_chance = (told as f64 * 0.05).round();
    let said = said.unwrap();
    assert!(said.starts_with(&format!("Of {told} pairs of units with an interval, ")), "{said}");
    assert!(said.ends_with(&format!("beyond it; chance alone would show about {by_chance}.")), "{said}");
}

#[test]
fn pairs_without_contact_are_not_counted_as_withheld() {
    let mut some = made(12);
    some.unit_pairs.retain(|row| row.unit_a == row.unit_b || row.unit_a != "Finance");
    for row in some.unit_pairs.iter_mut().filter(|row| row.unit_a != row.unit_b) {
        row.suppressed = true;
        (row.carriers_band, row.top_carrier_band) = (Some("under_10".into()), None);
        (row.weight, row.log2_ratio, row.log2_low, row.log2_high) = (None, None, None, None);
    }
    let all = texts(&some);
    let says = |words: &str| all.iter().any(|text| text.contains(words));
    assert!(says("In all 55 pairs of units in contact, fewer than 10 people"), "{all:?}");
    assert!(says("For privacy, all 55 pairs of units in contact are withheld: "));
    some.introductions.clear();
    assert!(
        texts(&some).iter().any(|text| text == "No introduction can be suggested: all pairs of units are withheld.")
    );
    // Where all show the same alone, neither a list nor a chart nor a field of hatching repeats it.
    assert!(says("Of these thin pairs no more is shown.") && !says("on the thinner side carry the reciprocated"));
    let document = some.document();
    let charts =
        |at: usize| document.sections[at].blocks.iter().filter(|block| matches!(block, Block::Figure(_))).count();
    assert_eq!((charts(1), charts(2)), (1, 0));
}

#[test]
fn rows_that_are_left_out_are_where_they_are_said_to_be() {
    // 4,950 pairs: appendix E has 500 of them.
    let all = made(100).render().markdown;
    assert!(all.contains("4,938 more rows are in the folder data."), "pairs beside the matrix");
    assert!(all.contains("88 more rows are in appendix E."), "units beside their chart");
}
