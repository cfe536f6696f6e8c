//! Retention applied to what lasts: rows of old days go, what was made of them stays as long as it may.

use super::NewBook;
use super::book::Book;
use super::day_record::{self, Known, Numbers};
use super::part::{Part, PartLine, PartRecords};
use super::places::{get, moved, put};
use crate::ledger::{Counts, LedgerKey};
use crate::merge::MergedDay;
use crate::source::Aside;
use crosstie_model::Day;
use std::collections::BTreeMap;
use std::io;

/// The first days of which something is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Rows of messages and chat events.
    pub rows_from: Day,
    /// Daily ties.
    pub ties_from: Day,
}

/// Whether a book names anything that is not kept.
#[must_use]
pub fn holds_more_than(book: &[u8], kept: Kept) -> bool {
    Book::from_bytes(book).is_some_and(|book| exceeds(&book, kept))
}

fn exceeds(book: &Book, kept: Kept) -> bool {
    let first_block = first_block(kept);
    let has_past_rows = |part: &Part| part.blocks.iter().any(|block| block.day < first_block);
    book.parts.iter().any(has_past_rows) || book.days.iter().any(|day| day.day < kept.ties_from.0)
}

/// Copies of a message lie on two days that follow each other: the day before the first one stays to merge it.
fn first_block(kept: Kept) -> i32 {
    kept.rows_from.plus(-1).0
}

/// The book without the rows of days before those that are kept: everything that stays is put anew, so that no pack of
/// before is needed. `None` where nothing is to go, or the bytes are no book.
///
/// # Errors
/// A place cannot be read or written.
pub fn forget_rows(book: &[u8], kept: Kept, aside: &dyn Aside) -> io::Result<Option<NewBook>> {
    let Some(mut book) = Book::from_bytes(book) else { return Ok(None) };
    if !exceeds(&book, kept) {
        return Ok(None);
    }
    let first_block = first_block(kept);
    let kept_from = kept.rows_from.0.max(book.kept_from.unwrap_or(i32::MIN));
    settle_lines(&mut book, kept_from, aside)?;
    book.kept_from = Some(kept_from);
    book.days.retain(|day| day.day >= kept.ties_from.0);
    for day in &mut book.days {
        day.record = moved(aside, day.record)?;
    }
    // The next run adds up what stays.
    book.sums = None;
    for part in &mut book.parts {
        part.blocks.retain(|block| block.day >= first_block);
        for block in &mut part.blocks {
            (block.at, block.length) = moved(aside, (block.at, block.length))?;
        }
        let mut records = PartRecords::from_bytes(&get(aside, part.records)?).ok_or(io::ErrorKind::InvalidData)?;
        records.events.retain(|event| event.at.day().0 >= kept_from);
        // Keys of messages are kept as long as ties.
        if part.days.iter().all(|&(day, ..)| day < kept.ties_from.0) {
            records.authors.clear();
        }
        part.records = put(aside, &records.to_bytes())?;
        part.has_more = records.has_more();
        if part.days.iter().all(|&(day, ..)| day < kept_from) {
            part.quarantine.clear();
        }
    }
    Ok(book.to_bytes().map(|bytes| NewBook { places: book.places(), bytes }))
}

/// What became of records of days that cannot be merged again is written into the lines of their files.
fn settle_lines(book: &mut Book, kept_from: i32, aside: &dyn Aside) -> io::Result<()> {
    let ids: BTreeMap<u32, (u32, u32)> =
        book.parts.iter().flat_map(|part| part.files.iter().map(|file| (file.id, (part.source, file.id)))).collect();
    let same: Vec<Option<u32>> = (0..book.people.len() as u32).map(Some).collect();
    let numbers: Vec<u32> = (0..book.people.len() as u32).collect();
    let known = Known { file_of_id: &|id| ids.get(&id).copied(), person_of_number: &same };
    let mut outcomes: BTreeMap<LedgerKey, Counts> = BTreeMap::new();
    for day in book.days.iter_mut().filter(|day| day.day < kept_from && day.record.1 > 0) {
        let merged = day_record::from_bytes(&get(aside, day.record)?, &known).ok_or(io::ErrorKind::InvalidData)?;
        for (key, counts) in &merged.lines {
            outcomes.entry(*key).or_default().add(counts);
        }
        let settled = MergedDay { lines: BTreeMap::new(), ..merged };
        let numbers = Numbers { id_of_file: &BTreeMap::new(), number_of_person: &numbers };
        let bytes = day_record::to_bytes(&settled, &numbers).ok_or(io::ErrorKind::InvalidData)?;
        day.record = put(aside, &bytes)?;
        day.used.clear();
    }
    for part in &mut book.parts {
        let source = part.source;
        for (index, file) in (0..).zip(&part.files) {
            let from = LedgerKey { source, file: file.id, week: Day(i32::MIN) };
            let to = LedgerKey { week: Day(i32::MAX), ..from };
            for (key, counts) in outcomes.range(from..=to) {
                let week = key.week.0;
                let at = part.lines.iter().position(|line| (line.file, line.week) == (index, week));
                let before = at.and_then(|at| part.lines[at].line(source, 0)).map(|(_, counts)| counts);
                let mut sum = before.unwrap_or_default();
                sum.add(counts);
                let line = PartLine::of(index, key.week, &sum);
                match at {
                    Some(at) => part.lines[at] = line,
                    None => part.lines.push(line),
                }
            }
        }
    }
    Ok(())
}
