//! Page 6: what to ask first, then where contact would be easiest.

use crate::document::{Block, Section, Sentence};
use crate::pages::view::{UNIT, View};
use crate::words;
use crosstie_model::tables::IntroductionRow;
use crosstie_privacy::SMALL_UNITS;

const SAID: usize = 5;

pub(crate) fn section(view: &View<'_>) -> Section {
    let silos: Vec<_> = view.silos().collect();
    let mut blocks = vec![Block::Text(Sentence::led(words::before_introductions(&silos), words::WHAT_ELSE))];
    let own = view.tables.introductions.rows().iter().filter(|row| row.grouping == UNIT);
    // With what is left of small units nobody knows whom to bring together.
    let is_own = |row: &&IntroductionRow| row.unit_a != SMALL_UNITS && row.unit_b != SMALL_UNITS;
    let mut rows: Vec<_> = own.filter(|row| row.rank.is_some()).filter(is_own).collect();
    rows.sort_by_key(|row| row.rank);
    let said: Vec<Sentence> = rows.into_iter().filter_map(words::introduction).take(SAID).collect();
    blocks.push(if said.is_empty() { Block::text(words::NO_INTRODUCTIONS) } else { Block::List(said) });
    Section::page("introductions", words::INTRODUCTIONS, blocks)
}
