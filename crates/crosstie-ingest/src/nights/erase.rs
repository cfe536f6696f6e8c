//! People taken out of what lasts: rows that they sent, their names among recipients, and everything that is counted by
//! person. What was merged with them is merged anew by the next run, from the rows that stay.

use super::NewBook;
use super::book::Book;
use super::day_record::{self, Known, Numbers};
use super::part::{Part, PartLine, PartRecords};
use super::places::{get, moved, put};
use crate::block_bytes::{from_bytes, to_bytes};
use crate::copies::{Block, Named};
use crate::ledger::{Counts, Reason};
use crate::merge::MergedDay;
use crate::source::Aside;
use crosstie_model::{Day, Erased, KeyedHash, mark_of_id};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io;

/// What the book has of people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowsOfPeople {
    /// Rows that they sent, and rows that name them, by day; copies count each.
    pub sent_by_day: BTreeMap<Day, u64>,
    /// Rows of others that name them.
    pub named_by_day: BTreeMap<Day, u64>,
    /// Chat events.
    pub events: u64,
}

/// The book without people who were forgotten: everything that stays is put anew, so that no pack of before is needed.
/// `made` says what is there now of a day whose rows are gone. `None` where nobody of them is in it, or the bytes are no
/// book.
///
/// # Errors
/// A place cannot be read or written.
pub fn forget_people(
    book: &[u8],
    erased: &Erased,
    keyed: &dyn KeyedHash,
    aside: &dyn Aside,
    made: &dyn Fn(Day) -> Option<Value>,
) -> io::Result<Option<NewBook>> {
    let Some(mut book) = Book::from_bytes(book) else { return Ok(None) };
    let before = (book.handles.clone(), book.people.clone());
    let flags = book.handles.erase(erased, keyed);
    let is_person: Vec<bool> = book.people.iter().map(|&id| erased.has_id(keyed, id)).collect();
    for (id, _) in book.people.iter_mut().zip(&is_person).filter(|(_, is_person)| **is_person) {
        *id = mark_of_id(keyed, *id);
    }
    let kept_from = Day(book.kept_from.unwrap_or(i32::MIN));
    let is_stale = |day: &super::StoredDay| {
        let now = made(Day(day.day)).filter(|_| day.day < kept_from.0);
        now.map(|now| now.to_string()).is_some_and(|now| now != day.made)
    };
    if before == (book.handles.clone(), book.people.clone()) && !book.days.iter().any(is_stale) {
        return Ok(None);
    }
    let machines = book.handles.machines();
    let of = Leaving { flags: &flags, machines: &machines, kept_from };
    let mut changed = BTreeSet::new();
    let mut parts = std::mem::take(&mut book.parts);
    for part in &mut parts {
        of.leave_part(part, &mut book.next_block, &mut changed, aside)?;
    }
    book.parts = parts;
    // The next run adds up what stays.
    book.sums = None;
    let days = std::mem::take(&mut book.days);
    for mut day in days {
        if day.day < kept_from.0 {
            day.record = of.leave_record(day.record, &is_person, aside)?;
            day.made = made(Day(day.day)).map_or(day.made, |made| made.to_string());
        } else {
            let is_met = match day.record {
                (_, 0) => false,
                record => {
                    let met = day_record::handles(&get(aside, record)?).ok_or(io::ErrorKind::InvalidData)?;
                    met.into_iter().any(|handle| of.has(handle))
                }
            };
            if is_met || changed.range(day.reach..=day.day + 1).next().is_some() {
                continue;
            }
            day.record = moved(aside, day.record)?;
        }
        book.days.push(day);
    }
    Ok(book.to_bytes().map(|bytes| NewBook { places: book.places(), bytes }))
}

/// Rows that go, by reason.
type Gone = BTreeMap<Reason, u64>;

/// Handles that go.
struct Leaving<'f> {
    flags: &'f [bool],
    /// Handles that are machines by rule.
    machines: &'f [bool],
    kept_from: Day,
}

impl Leaving<'_> {
    fn has(&self, handle: u32) -> bool {
        self.flags.get(handle as usize).copied().unwrap_or(false)
    }

    /// Takes them out of a part; notes the days whose rows are others now.
    fn leave_part(
        &self,
        part: &mut Part,
        next_block: &mut u64,
        changed: &mut BTreeSet<i32>,
        aside: &dyn Aside,
    ) -> io::Result<()> {
        let mut blocks = Vec::with_capacity(part.blocks.len());
        for mut place in std::mem::take(&mut part.blocks) {
            let block = from_bytes(&get(aside, (place.at, place.length))?).ok_or(io::ErrorKind::InvalidData)?;
            match self.leave_block(&block) {
                None => (place.at, place.length) = moved(aside, (place.at, place.length))?,
                Some((rest, gone)) => {
                    changed.insert(place.day);
                    // Of days that cannot be merged again every outcome is written down already.
                    if !gone.is_empty() && place.day >= self.kept_from.0 {
                        leave_out(part, place.file(), Day(place.day), gone);
                    }
                    if rest.len() == 0 {
                        continue;
                    }
                    (place.at, place.length) = put(aside, &to_bytes(&rest))?;
                    place.id = *next_block;
                    *next_block += 1;
                }
            }
            blocks.push(place);
        }
        part.blocks = blocks;
        let mut records = PartRecords::from_bytes(&get(aside, part.records)?).ok_or(io::ErrorKind::InvalidData)?;
        records.met.retain(|&handle| !self.has(handle));
        records.authors.retain(|&(_, author)| !self.has(author));
        records.events.retain(|event| !self.has(event.who));
        for event in &mut records.events {
            event.by = event.by.filter(|&by| !self.has(by));
        }
        part.records = put(aside, &records.to_bytes())?;
        part.has_more = records.has_more();
        Ok(())
    }

    /// The rows that stay, and why the others go; `None` where all stay as they are.
    fn leave_block(&self, block: &Block) -> Option<(Block, Gone)> {
        let is_named = |named: &Named| self.has(named.handle());
        if !block.senders.iter().any(|&sender| self.has(sender)) && !block.recipients.iter().any(is_named) {
            return None;
        }
        let mut rest = Block::new(block.day, block.source, block.file);
        let mut gone = Gone::new();
        for row in 0..block.len() {
            let named = block.recipients_of(row);
            let kept: Vec<Named> = named.iter().copied().filter(|one| !is_named(one)).collect();
            let sender = block.senders[row];
            // As a record is left out that names nobody else.
            if self.has(sender) || (kept.is_empty() && !named.is_empty()) {
                let is_machine = !self.has(sender) && self.machines.get(sender as usize) == Some(&true);
                let reason = if is_machine { Reason::Automated } else { Reason::OptedOut };
                *gone.entry(reason).or_default() += 1;
                continue;
            }
            rest.push(block.keys[row], block.at(row), block.offsets[row], sender, kept, block.extra(row));
        }
        Some((rest, gone))
    }

    /// The sums of a day whose rows are gone, without theirs.
    fn leave_record(&self, record: (u64, u32), is_person: &[bool], aside: &dyn Aside) -> io::Result<(u64, u32)> {
        if record.1 == 0 {
            return Ok(record);
        }
        let numbers: Vec<u32> = (0..is_person.len() as u32).collect();
        let people: Vec<Option<u32>> =
            is_person.iter().zip(&numbers).map(|(gone, &number)| (!gone).then_some(number)).collect();
        // Its lines are those of its files already.
        let known = Known { file_of_id: &|_| None, person_of_number: &people };
        let mut day: MergedDay =
            day_record::from_bytes(&get(aside, record)?, &known).ok_or(io::ErrorKind::InvalidData)?;
        day.handles.retain(|&handle| !self.has(handle));
        for (handle, count) in (0..).zip(&mut day.sent_by) {
            *count = if self.has(handle) { 0 } else { *count };
        }
        let numbers = Numbers { id_of_file: &BTreeMap::new(), number_of_person: &numbers };
        put(aside, &day_record::to_bytes(&day, &numbers).ok_or(io::ErrorKind::InvalidData)?)
    }
}

/// Records of a file and day that were to be merged are left out.
fn leave_out(part: &mut Part, file: u32, day: Day, excluded: Gone) {
    let week = day.monday();
    let at = part.lines.iter().position(|line| (line.file, line.week) == (file, week.0));
    let before = at.and_then(|at| part.lines[at].line(0, 0)).map(|(_, counts)| counts).unwrap_or_default();
    let gone = Counts { excluded, ..Counts::default() };
    let mut sum = before;
    sum.add(&gone);
    let line = PartLine::of(file, week, &sum);
    match at {
        Some(at) => part.lines[at] = line,
        None => part.lines.push(line),
    }
}

/// What the book has of people with these keyed ids; `None` if the bytes are no book.
///
/// # Errors
/// A place cannot be read.
pub fn rows_of_people(book: &[u8], ids: &[i64], aside: &dyn Aside) -> io::Result<Option<RowsOfPeople>> {
    let Some(book) = Book::from_bytes(book) else { return Ok(None) };
    let flags = book.handles.are(ids);
    let of = Leaving { flags: &flags, machines: &[], kept_from: Day(i32::MIN) };
    let mut found = RowsOfPeople::default();
    for part in &book.parts {
        for place in &part.blocks {
            let block = from_bytes(&get(aside, (place.at, place.length))?).ok_or(io::ErrorKind::InvalidData)?;
            for row in 0..block.len() {
                let by_day = if of.has(block.senders[row]) {
                    &mut found.sent_by_day
                } else if block.recipients_of(row).iter().any(|named| of.has(named.handle())) {
                    &mut found.named_by_day
                } else {
                    continue;
                };
                *by_day.entry(block.day).or_default() += 1;
            }
        }
        let records = PartRecords::from_bytes(&get(aside, part.records)?).ok_or(io::ErrorKind::InvalidData)?;
        found.events += records.events.iter().filter(|event| of.has(event.who)).count() as u64;
    }
    Ok(Some(found))
}
