//! Days merged one by one, and the sums of what became of their records.

use crate::answers::{Answered, address_answers};
use crate::directory::Notice;
use crate::each_day::{EachDay, MadeDays};
use crate::identity::Identity;
use crate::ledger::{Counts, LedgerKey};
use crate::merge::{Merge, MergedDay};
use crate::nights::{DaySums, EVER, IsThere, Known, KnownDay, Memory, SeenWithin, StoredDay};
use crate::source::{Ingested, SourceSpec, Totals};
use crate::work::{BAD_RECIPIENT, Work};
use crosstie_model::tables::MessageRow;
use crosstie_model::{ChatEvent, Day, Micros, code};
use serde::Serialize;
use std::collections::BTreeMap;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How days are merged and summed.
pub(crate) struct Summing<'s, 'l, R> {
    pub(crate) recipients_kept: u32,
    /// The sources, where the rows of the table `messages` are wanted as well.
    pub(crate) canonical: Option<&'s [SourceSpec]>,
    /// What earlier runs made of days, and whether what they made is still there.
    pub(crate) memory: Option<Remembering<'l, R>>,
}

/// What earlier runs made of days.
pub(crate) struct Remembering<'l, R> {
    pub(crate) memory: Memory<'l>,
    pub(crate) is_there: IsThere<'l, R>,
    pub(crate) seen_within: SeenWithin<'l>,
}

/// Merges day by day and sums what became of the records. Days of which nothing changed are taken as an earlier run made
/// them.
pub(crate) fn merged<E: EachDay>(
    mut work: Work<'_>,
    summing: Summing<'_, '_, E::Made>,
    each: impl FnOnce(&[i64]) -> E,
) -> io::Result<(Ingested, MadeDays<E>)> {
    let answered = address_answers(&work)?;
    let Summing { recipients_kept, canonical, mut memory } = summing;
    let within = memory.as_ref().map_or(EVER, |memory| (memory.seen_within)(&work.ledger));
    let sums = Mutex::new(Sums { within, ..Sums::default() });
    let Known { days: known, sums: known_sums } = match &mut memory {
        Some(Remembering { memory, is_there, .. }) => {
            memory.known_days(&work.copies, &answered, *is_there, within, &|day, is_summed| {
                lock(&sums).add(day, is_summed)
            })?
        }
        None => Known { days: Vec::new(), sums: None },
    };
    let all = work.copies.days();
    let kept_from = work.kept_from;
    let is_known = |day: &Day| known.binary_search_by_key(day, |known| known.day).is_ok();
    let stale: Vec<Day> = all.into_iter().filter(|day| *day >= kept_from && !is_known(day)).collect();
    let mut made: BTreeMap<Day, E::Made> = BTreeMap::new();
    let mut stored: BTreeMap<Day, StoredDay> = BTreeMap::new();
    if let Some(Remembering { memory, .. }) = &mut memory {
        memory.spared.days_known = known.len() as u64;
        memory.spared.days_merged = stale.len() as u64;
    }
    let mut sums = sums.into_inner().unwrap_or_else(PoisonError::into_inner);
    known_sums.into_iter().for_each(|known| sums.add_known(known));
    for KnownDay { day, record, made: one } in known {
        sums.note_day(day, &record.used, Micros(record.last));
        stored.insert(day, record);
        made.insert(day, one);
    }
    let merge = Merge { answered, work: &work, recipients_kept, canonical, notes_handles: memory.is_some() };
    let sums = Mutex::new(sums);
    let ids: Vec<i64> = (0..work.handles.len() as u32).map(|handle| work.handles.id(handle)).collect();
    let each = each(&ids);
    let merged = merge.days(&stale, &each, |day, one, of_day| {
        let record = remember(memory.as_ref().map(|of| &of.memory), &work, &merge.answered, day, &of_day, &one)?;
        let (used, last) = (of_day.used_by_source(), of_day.last);
        let mut sums = lock(&sums);
        sums.note_day(day, &used, last);
        sums.add(of_day, false);
        drop(sums);
        Ok((day, one, record))
    })?;
    // Of sums that hold a day that is not kept nothing could be taken away.
    let are_all_kept = merged.iter().all(|(_, _, record)| record.is_some());
    for (day, one, record) in merged {
        made.insert(day, one);
        stored.extend(record.map(|record| (day, record)));
    }
    let Sums { lines, used_by_day, activity, mut sent_by, totals, rows, last, .. } =
        sums.into_inner().unwrap_or_else(PoisonError::into_inner);
    sent_by.resize(work.handles.len(), 0);
    let mut out = Ingested { totals, rows, used_by_day, activity, ..Ingested::default() };
    // In the order of keys, whatever the order of files and days.
    out.rows.sort_by_key(|row| (row.message_key as u64, row.message_check as u64, row.sent_at));
    for (key, counts) in &lines {
        work.ledger.line(*key).add(counts);
    }
    if let Some(Remembering { memory, .. }) = memory {
        out.spared = memory.spared;
        let sums = are_all_kept.then(|| DaySums { lines, sent_by: sent_by.clone(), totals });
        out.book = memory.close(stored.into_values().collect(), sums, &work.copies, &work.handles);
    }
    finish(work, &mut out, &sent_by, last);
    Ok((out, made.into_iter().collect()))
}

fn remember<R: Serialize>(
    memory: Option<&Memory<'_>>,
    work: &Work<'_>,
    answered: &Answered,
    day: Day,
    of_day: &MergedDay,
    one: &R,
) -> io::Result<Option<StoredDay>> {
    let (Some(memory), Ok(made)) = (memory, serde_json::to_value(one)) else { return Ok(None) };
    memory.store_day(&work.copies, answered, day, of_day, made)
}

/// Sums over days: all are of whole numbers, so their order does not matter.
#[derive(Default)]
struct Sums {
    /// The days of whose weeks it is wanted who was seen.
    within: (Day, Day),
    lines: BTreeMap<LedgerKey, Counts>,
    used_by_day: BTreeMap<(u32, Day), u64>,
    /// By person: as sender, as recipient.
    activity: BTreeMap<(u32, Day), Vec<[u32; 2]>>,
    sent_by: Vec<u64>,
    totals: Totals,
    rows: Vec<MessageRow>,
    last: Micros,
}

impl Sums {
    /// Adds a day; of one that is summed already only who was seen.
    fn add(&mut self, day: MergedDay, is_summed: bool) {
        let weeks = self.within.0.monday()..=self.within.1.monday();
        for (key, counts) in day.activity.into_iter().filter(|((_, week), _)| weeks.contains(week)) {
            let sum = self.activity.entry(key).or_default();
            sum.resize(sum.len().max(counts.len()), [0; 2]);
            for (sum, count) in sum.iter_mut().zip(counts) {
                sum[0] += count[0];
                sum[1] += count[1];
            }
        }
        if is_summed {
            return;
        }
        for (key, counts) in &day.lines {
            self.lines.entry(*key).or_default().add(counts);
        }
        self.sent_by.resize(self.sent_by.len().max(day.sent_by.len()), 0);
        self.sent_by.iter_mut().zip(day.sent_by).for_each(|(sum, count)| *sum += u64::from(count));
        self.totals.add(&day.totals);
        self.rows.extend(day.rows);
    }

    /// What is known of a day by itself.
    fn note_day(&mut self, day: Day, used: &[(u32, u64)], last: Micros) {
        used.iter().for_each(|&(source, count)| *self.used_by_day.entry((source, day)).or_default() += count);
        self.last = self.last.max(last);
    }

    /// Adds what days of earlier runs add up to.
    fn add_known(&mut self, known: DaySums) {
        for (key, counts) in known.lines {
            self.lines.entry(key).or_default().add(&counts);
        }
        self.sent_by.resize(self.sent_by.len().max(known.sent_by.len()), 0);
        self.sent_by.iter_mut().zip(known.sent_by).for_each(|(sum, count)| *sum += count);
        self.totals.add(&known.totals);
    }
}

fn lock(sums: &Mutex<Sums>) -> MutexGuard<'_, Sums> {
    sums.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What is known when everything was read.
fn finish(work: Work<'_>, out: &mut Ingested, sent_by: &[u64], last: Micros) {
    let mut shared = 0;
    let end = |handle: u32, at: Micros| work.handles.end(handle, at.day());
    out.events = work
        .events
        .iter()
        .map(|event| ChatEvent {
            at: event.at,
            who: end(event.who, event.at),
            place_id: event.place_id,
            kind: event.kind,
            by: event.by.map(|by| end(by, event.at)),
            by_is_known: event.by_is_known,
        })
        .collect();
    out.events.sort_by_key(|event| (event.at, event.place_id, event.kind, event.who));
    out.totals.bad_recipients = work.oddities.get(BAD_RECIPIENT).copied().unwrap_or(0);
    for handle in (0..work.handles.len() as u32).filter(|&handle| work.handles.counts(handle)) {
        match work.handles.identity(handle, last.day()) {
            Identity::External => out.totals.external_accounts += 1,
            Identity::Unknown => out.totals.unknown_accounts += 1,
            Identity::Shared => shared += 1,
            _ => {}
        }
    }
    let counted = [
        (code::I306, shared),
        (code::I307, work.handles.look_alike_count()),
        (code::I308, work.handles.name_match_count()),
    ];
    for (code, count) in counted.into_iter().filter(|&(_, count)| count > 0) {
        out.notices.push(Notice { code, count, first: None });
    }
    out.oddities = work.oddities;
    out.opted_out = work.handles.opted_out_people();
    out.handle_collision = work.handles.collision;
    out.roll = work.handles.into_roll(sent_by);
    out.ledger = work.ledger;
    out.quarantine = work.quarantine;
}
