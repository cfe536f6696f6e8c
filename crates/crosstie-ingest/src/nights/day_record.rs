//! What became of a day, as bytes: its handles, and what it adds to the sums of a run.

use super::part::{put_steps, steps};
use crate::ledger::{Counts, LedgerKey, Reason};
use crate::merge::MergedDay;
use crate::source::Totals;
use crosstie_model::packed::{Packed, put_column};
use crosstie_model::{Day, Lookup, Micros};
use std::collections::BTreeMap;

/// Numbers that differ from run to run, as the book has them.
pub(crate) struct Numbers<'n> {
    /// The lasting number of each file of this run.
    pub(crate) id_of_file: &'n BTreeMap<u32, u32>,
    /// The lasting number of each person of the directory.
    pub(crate) number_of_person: &'n [u32],
}

/// The other way round.
pub(crate) struct Known<'n> {
    /// Source and number of each file, as the lines are to name it.
    pub(crate) file_of_id: &'n (dyn Fn(u32) -> Option<(u32, u32)> + Sync),
    /// Index in the directory of each lasting number.
    pub(crate) person_of_number: &'n [Option<u32>],
}

/// The record of a day that was merged.
pub(crate) fn to_bytes(day: &MergedDay, numbers: &Numbers<'_>) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    put_count(&mut out, day.handles.len());
    put_steps(&mut out, &day.handles);
    put_count(&mut out, day.lines.len());
    for (key, counts) in &day.lines {
        put_word(&mut out, *numbers.id_of_file.get(&key.file)?);
        put_word(&mut out, key.week.0 as u32);
        put_long(&mut out, counts.used);
        put_long(&mut out, counts.duplicate);
        for reason in Reason::ALL {
            put_long(&mut out, counts.excluded.get(&reason).copied().unwrap_or(0));
        }
    }
    put_count(&mut out, day.activity.len());
    for ((source, week), activity) in &day.activity {
        put_word(&mut out, *source);
        put_word(&mut out, week.0 as u32);
        let seen: Vec<(u32, [u32; 2])> =
            (0..).zip(activity.iter().copied()).filter(|(_, counts)| *counts != [0; 2]).collect();
        put_count(&mut out, seen.len());
        put_column(&mut out, seen.iter().map(|&(person, _)| numbers.number_of_person[person as usize]));
        for side in 0..2 {
            put_column(&mut out, seen.iter().map(|(_, counts)| counts[side]));
        }
    }
    let sent: Vec<(u32, u32)> = (0..).zip(day.sent_by.iter().copied()).filter(|&(_, count)| count > 0).collect();
    put_count(&mut out, sent.len());
    put_column(&mut out, sent.iter().map(|&(handle, _)| handle));
    put_column(&mut out, sent.iter().map(|&(_, count)| count));
    for total in totals(&day.totals) {
        put_long(&mut out, total);
    }
    put_long(&mut out, day.last.0 as u64);
    Some(out)
}

/// The handles of a record.
pub(crate) fn handles(bytes: &[u8]) -> Option<Vec<u32>> {
    let mut rest = Packed(bytes);
    let count = rest.word()?;
    steps(&mut rest, count as usize)
}

/// The day of these bytes; `None` if they are none, or name a file that is no longer known.
pub(crate) fn from_bytes(bytes: &[u8], known: &Known<'_>) -> Option<MergedDay> {
    let mut rest = Packed(bytes);
    let count = rest.word()?;
    let mut day = MergedDay { handles: steps(&mut rest, count as usize)?, ..MergedDay::default() };
    for _ in 0..rest.word()? {
        let (source, file) = (known.file_of_id)(rest.word()?)?;
        let key = LedgerKey { source, file, week: Day(rest.word()? as i32) };
        let mut counts = Counts { used: rest.long()?, duplicate: rest.long()?, ..Counts::default() };
        for reason in Reason::ALL {
            let count = rest.long()?;
            if count > 0 {
                counts.excluded.insert(reason, count);
            }
        }
        day.lines.insert(key, counts);
    }
    for _ in 0..rest.word()? {
        let key = (rest.word()?, Day(rest.word()? as i32));
        day.activity.insert(key, activity(&mut rest, known)?);
    }
    let count = rest.word()? as usize;
    let (handles, counts) = (rest.column(count)?.to_vec(count), rest.column(count)?.to_vec(count));
    day.sent_by = vec![0; handles.iter().max().map_or(0, |&last| last as usize + 1)];
    handles.into_iter().zip(counts).for_each(|(handle, count)| day.sent_by[handle as usize] = count);
    let mut sums = [0; 5];
    for sum in &mut sums {
        *sum = rest.long()?;
    }
    let [messages, addressed, resolved, id_reuse, broadcasts] = sums;
    day.totals = Totals { messages, addressed, resolved, id_reuse, broadcasts, ..Totals::default() };
    day.last = Micros(rest.long()? as i64);
    rest.0.is_empty().then_some(day)
}

fn totals(totals: &Totals) -> [u64; 5] {
    [totals.messages, totals.addressed, totals.resolved, totals.id_reuse, totals.broadcasts]
}

fn activity(rest: &mut Packed<'_>, known: &Known<'_>) -> Option<Vec<[u32; 2]>> {
    let count = rest.word()? as usize;
    let people = rest.column(count)?.to_vec(count);
    let (sent, received) = (rest.column(count)?.to_vec(count), rest.column(count)?.to_vec(count));
    let mut seen = Vec::new();
    for (number, counts) in people.into_iter().zip(sent.into_iter().zip(received)) {
        // Who is in the directory no more stands behind nothing.
        if let Some(person) = known.person_of_number.get(number as usize).copied().flatten() {
            if seen.len() <= person as usize {
                seen.resize(person as usize + 1, [0; 2]);
            }
            seen[person as usize] = counts.into();
        }
    }
    Some(seen)
}

fn put_count(out: &mut Vec<u8>, count: usize) {
    put_word(out, count as u32);
}

fn put_word(out: &mut Vec<u8>, word: u32) {
    out.extend_from_slice(&word.to_le_bytes());
}

fn put_long(out: &mut Vec<u8>, long: u64) {
    out.extend_from_slice(&long.to_le_bytes());
}

/// The number of who has none.
const NO_NUMBER: u32 = u32::MAX;

/// The lasting numbers of people, and which of today's people each is. Who was forgotten has none.
pub(crate) fn number_people(lasting: &mut Vec<i64>, ids: &[Option<i64>]) -> (Vec<u32>, Vec<Option<u32>>) {
    let mut number_of: Lookup<i64, u32> = Lookup::new();
    for (number, &id) in (0..).zip(lasting.iter()) {
        number_of.insert(id, number);
    }
    let mut numbers = Vec::with_capacity(ids.len());
    for &id in ids {
        let Some(id) = id else {
            numbers.push(NO_NUMBER);
            continue;
        };
        let next = lasting.len() as u32;
        let number = *number_of.get_or_insert_with(id, || next);
        if number == next {
            lasting.push(id);
        }
        numbers.push(number);
    }
    let mut person_of = vec![None; lasting.len()];
    for (person, &number) in (0..).zip(&numbers).filter(|(_, number)| **number != NO_NUMBER) {
        person_of[number as usize] = Some(person);
    }
    (numbers, person_of)
}
