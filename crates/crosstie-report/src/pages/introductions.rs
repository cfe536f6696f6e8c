//! Page 6: what to ask first, then where contact would be easiest.

use crate::document::{Block, Section, Sentence};
use crate::pages::view::{UNIT, View};
use crate::words;
use crosstie_model::tables::IntroductionRow;
use crosstie_privacy::SMALL_UNITS;
use std::collections::BTreeSet;

const SAID: usize = 5;

pub(crate) fn section(view: &View<'_>) -> Section {
    let silos: Vec<_> = view.silos().collect();
    let question = words::before_introductions(&silos);
    let said: Vec<Sentence> = suggested(view).into_iter().filter_map(words::introduction).take(SAID).collect();
    let mut blocks = match said.is_empty() {
        true => vec![Block::text(question), Block::text(none(view, words::NO_INTRODUCTIONS))],
        false => vec![Block::Text(Sentence::led(question, words::WHAT_ELSE)), Block::List(said)],
    };
    blocks.extend(none_of_silos(view, words::none_of_silos).map(Block::text));
    Section::page("introductions", words::INTRODUCTIONS, blocks)
}

/// Pairs of units, those of a unit that is marked first, then by rank. With what is left of small units nobody knows whom
/// to bring together.
pub(crate) fn suggested<'a>(view: &View<'a>) -> Vec<&'a IntroductionRow> {
    let is_own = |row: &&IntroductionRow| row.unit_a != SMALL_UNITS && row.unit_b != SMALL_UNITS;
    let own = view.tables.introductions.rows().iter().filter(|row| row.grouping == UNIT && row.rank.is_some());
    let mut rows: Vec<_> = own.filter(is_own).collect();
    let silos = silos(view);
    rows.sort_by_key(|row| (!has_one_of(&silos, &row.unit_a, &row.unit_b), row.rank));
    rows
}

/// Why there is no suggestion at all.
pub(crate) fn none(view: &View<'_>, why: &'static str) -> &'static str {
    let has_all = view.withheld.pairs > 0 && view.withheld.pairs == view.withheld.all_pairs;
    if has_all { words::NO_PAIR_TO_INTRODUCE } else { why }
}

/// Why none of the suggestions is about a unit that is marked; `None` where one is, none is marked, or there is no suggestion.
pub(crate) fn none_of_silos(view: &View<'_>, said: fn(u64, u64) -> String) -> Option<String> {
    let silos = silos(view);
    let is_told = suggested(view).iter().any(|row| has_one_of(&silos, &row.unit_a, &row.unit_b));
    if silos.is_empty() || is_told || suggested(view).is_empty() {
        return None;
    }
    let pairs = view.between().filter(|pair| has_one_of(&silos, &pair.unit_a, &pair.unit_b));
    let (withheld, shown): (Vec<_>, Vec<_>) = pairs.partition(|pair| pair.suppressed);
    Some(said((withheld.len() + shown.len()) as u64, withheld.len() as u64))
}

fn silos<'a>(view: &View<'a>) -> BTreeSet<&'a str> {
    view.silos().map(|unit| unit.unit.as_str()).collect()
}

fn has_one_of(silos: &BTreeSet<&str>, a: &str, b: &str) -> bool {
    silos.contains(a) || silos.contains(b)
}
