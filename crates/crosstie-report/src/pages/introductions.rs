//! Page 6: what to ask first, then where contact would be easiest.

use crate::document::{Block, Section, Sentence};
use crate::pages::view::{UNIT, View};
use crate::words;

const SAID: usize = 5;

pub(crate) fn section(view: &View<'_>) -> Section {
    let mut blocks = vec![Block::Text(Sentence::led(words::BEFORE_INTRODUCTIONS, words::WHAT_ELSE))];
    let own = view.tables.introductions.rows().iter().filter(|row| row.grouping == UNIT);
    let mut rows: Vec<_> = own.filter(|row| row.rank.is_some()).collect();
    rows.sort_by_key(|row| row.rank);
    let said: Vec<Sentence> = rows.into_iter().filter_map(words::introduction).take(SAID).collect();
    blocks.push(if said.is_empty() { Block::text(words::NO_INTRODUCTIONS) } else { Block::List(said) });
    Section::page("introductions", words::INTRODUCTIONS, blocks)
}
