//! Words, charts and bytes of a report; that nothing is loaded; that equal input gives equal bytes.

use crate::checks::made::{Made, made};
use crate::document::Block;
use crate::pages::words_of;

fn all() -> Vec<(&'static str, Made)> {
    vec![
        ("12 units", made(12)),
        ("12 units with earlier windows", made(12).with_earlier()),
        ("1 unit", made(1)),
        ("12 units withheld", made(12).withheld()),
        ("60 units", made(60).with_earlier()),
    ]
}

#[test]
fn page_1_and_pages_1_to_7_are_read_in_ten_minutes() {
    for (what, made) in all() {
        let document = made.document();
        let first = document.sections[0].words();
        assert!(first <= 420, "{what}: {first} words on page 1");
        let words = words_of(&document);
        assert!((100..=1600).contains(&words), "{what}: {words} words on pages 1 to 7");
    }
}

#[test]
fn pages_are_the_seven_questions_and_hold_three_charts_at_most() {
    let document = made(12).with_earlier().document();
    let own: Vec<&str> = document.sections.iter().filter(|page| !page.is_appendix).map(|page| page.title).collect();
    assert_eq!(
        own,
        [
            "In one page",
            "Where are we closed?",
            "Who do we depend on to stay connected?",
            "Does the hierarchy carry what it should not?",
            "What changed?",
            "What could we do?",
            "How sure is this, and what can it not say?",
        ]
    );
    let appendix: Vec<&str> =
        document.sections.iter().filter(|page| page.is_appendix).map(|page| &page.title[..2]).collect();
    assert_eq!(appendix, ["A.", "B.", "C.", "D.", "E.", "F."]);
    let charts =
        |page: &crate::document::Section| page.blocks.iter().filter(|block| matches!(block, Block::Figure(_))).count();
    let counts: Vec<usize> = document.sections.iter().map(charts).collect();
    assert_eq!(counts[..7], [1, 2, 2, 3, 1, 0, 1]);
}

#[test]
fn files_are_small() {
    for (units, most) in [(12, 300_000), (100, 1_000_000)] {
        let html = made(units).with_earlier().render().html;
        assert!(html.len() < most, "{units} units: {} bytes", html.len());
    }
}

#[test]
fn nothing_is_loaded_and_nothing_runs_but_our_own() {
    for (what, made) in all() {
        let pages = made.render();
        for html in [&pages.html, &pages.transparency] {
            for refused in
                ["://", "style=", " on", "<link", "<iframe", "<form", "@import", "url(", "<img", "javascript:"]
            {
                let found = html.match_indices(refused).find(|(at, _)| {
                    // " on" is refused as the start of an attribute alone.
                    refused != " on"
                        || html[at + 3..]
                            .split(['=', ' ', '<'])
                            .next()
                            .is_some_and(|word| html[at + 3 + word.len()..].starts_with('='))
                });
                assert_eq!(found.map(|(at, _)| &html[at..(at + 40).min(html.len())]), None, "{what}: {refused}");
            }
            assert_eq!((html.matches("<script").count(), html.matches("<style").count()), (1, 1), "{what}");
        }
    }
    for template in [include_str!("../../templates/report.html"), include_str!("../../templates/report.css")] {
        assert!(!template.contains("|safe") && !template.contains("| safe") && !template.contains("://"));
    }
}

#[test]
fn the_policy_names_the_hashes_of_what_the_file_holds() {
    use sha2::{Digest, Sha256};
    let html = made(12).render().html;
    for (tag, directive) in [("style", "style-src"), ("script", "script-src")] {
        let own = html.split_once(&format!("<{tag}>")).unwrap().1.split_once(&format!("</{tag}>")).unwrap().0;
        let named = html.split_once(&format!("{directive} 'sha256-")).unwrap().1.split('\'').next().unwrap();
        let mut bits = String::new();
        for c in named.trim_end_matches('=').bytes() {
            let value = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
                .iter()
                .position(|letter| *letter == c)
                .unwrap();
            bits.push_str(&format!("{value:06b}"));
        }
        let hash: String = Sha256::digest(own.as_bytes()).iter().map(|byte| format!("{byte:08b}")).collect();
        assert_eq!(bits[..256], hash, "{tag}");
    }
}

#[test]
fn equal_input_gives_equal_bytes_in_any_order_of_rows() {
    let made = made(12).with_earlier();
    let mut shuffled = made.clone();
    shuffled.units.reverse();
    shuffled.unit_pairs.reverse();
    shuffled.freedoms.reverse();
    shuffled.trends.reverse();
    shuffled.hierarchy.reverse();
    shuffled.communities.reverse();
    assert_eq!(made.render(), shuffled.render());
}

#[test]
fn every_chart_says_its_finding_and_every_table_beside_one_is_short() {
    for (what, made) in all() {
        for block in made.document().sections.iter().flat_map(|page| &page.blocks) {
            if let Block::Figure(figure) = block {
                assert!(figure.svg.finding().ends_with('.'), "{what}: {}", figure.svg.finding());
                let markup = figure.svg.to_string();
                assert!(markup.contains("role=\"img\"") && markup.contains("<title ") && markup.contains("<desc "));
                let rows = figure.table.as_ref().map_or(0, |table| table.rows.len());
                assert!(rows <= 15, "{what}: {rows} rows");
            }
        }
    }
}
