//! Days merged one by one, and the sums of what became of their records.

use crate::answers::{Answered, address_answers};
use crate::directory::Notice;
use crate::identity::Identity;
use crate::merge::{Merge, MergedDay};
use crate::nights::{IsThere, KnownDay, Memory, StoredDay};
use crate::source::{Ingested, SourceSpec};
use crate::work::{BAD_RECIPIENT, Work};
use crosstie_model::{ChatEvent, Day, Messages, Micros, code};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::io;
use std::sync::Mutex;

/// How days are merged and summed.
pub(crate) struct Summing<'s, 'l, R> {
    pub(crate) recipients_kept: u32,
    /// The sources, where the rows of the table `messages` are wanted as well.
    pub(crate) canonical: Option<&'s [SourceSpec]>,
    /// What earlier runs made of days, and whether what they made is still there.
    pub(crate) memory: Option<(Memory<'l>, IsThere<'l, R>)>,
}

/// Merges day by day and sums what became of the records. Days of which nothing changed are taken as an earlier run made
/// them.
pub(crate) fn merged<R: Send + Serialize + DeserializeOwned>(
    work: Work<'_>,
    summing: Summing<'_, '_, R>,
    visit: impl Fn(Day, Messages, &dyn Fn(u32) -> i64) -> R + Sync,
) -> io::Result<(Ingested, Vec<(Day, R)>)> {
    let answered = address_answers(&work)?;
    let Summing { recipients_kept, canonical, mut memory } = summing;
    let known = match &memory {
        Some((memory, is_there)) => memory.known_days(&work.copies, &answered, *is_there)?,
        None => Vec::new(),
    };
    let all = work.copies.days();
    let kept_from = work.kept_from;
    let is_known = |day: &Day| known.binary_search_by_key(day, |known| known.day).is_ok();
    let stale: Vec<Day> = all.into_iter().filter(|day| *day >= kept_from && !is_known(day)).collect();
    let mut made: BTreeMap<Day, R> = BTreeMap::new();
    let mut stored: BTreeMap<Day, StoredDay> = BTreeMap::new();
    let sums = Mutex::new(Sums { out: Ingested::default(), sent_by: vec![0; work.handles.len()], last: Micros(0) });
    if let Some((memory, _)) = &mut memory {
        memory.spared.days_known = known.len() as u64;
        memory.spared.days_merged = stale.len() as u64;
    }
    for KnownDay { day, record, merged, made: one } in known {
        add(&sums, merged);
        stored.insert(day, record);
        made.insert(day, one);
    }
    let merge = Merge { answered, work: &work, recipients_kept, canonical, notes_handles: memory.is_some() };
    let merged = merge.days(&stale, |day, mut of_day| {
        let one = visit(day, std::mem::take(&mut of_day.messages), &|account| work.handles.id(account));
        let record = remember(memory.as_ref().map(|(memory, _)| memory), &work, &merge.answered, day, &of_day, &one)?;
        add(&sums, of_day);
        Ok((day, one, record))
    })?;
    for (day, one, record) in merged {
        made.insert(day, one);
        stored.extend(record.map(|record| (day, record)));
    }
    let Sums { mut out, sent_by, last } = sums.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    // In the order of keys, whatever the order of files and days.
    out.rows.sort_by_key(|row| (row.message_key as u64, row.message_check as u64, row.sent_at));
    if let Some((memory, _)) = memory {
        out.spared = memory.spared;
        out.book = memory.close(stored.into_values().collect(), &work.copies, &work.handles);
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
struct Sums {
    out: Ingested,
    sent_by: Vec<u64>,
    last: Micros,
}

fn add(sums: &Mutex<Sums>, day: MergedDay) {
    let mut sums = sums.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let Sums { out, sent_by, last } = &mut *sums;
    for (key, counts) in &day.lines {
        out.ledger.line(*key).add(counts);
    }
    for ((source, week), activity) in day.activity {
        let sum = out.activity.entry((source, week)).or_default();
        activity.senders.into_iter().for_each(|(person, count)| *sum.senders.entry(person).or_default() += count);
        let recipients = activity.recipients.into_iter();
        recipients.for_each(|(person, count)| *sum.recipients.entry(person).or_default() += count);
    }
    day.sent_by.into_iter().for_each(|(handle, count)| sent_by[handle as usize] += count);
    out.totals.add(&day.totals);
    out.rows.extend(day.rows);
    *last = (*last).max(day.last);
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
    let outcomes = std::mem::take(&mut out.ledger);
    out.oddities = work.oddities;
    out.opted_out = work.handles.opted_out_people();
    out.handle_collision = work.handles.collision;
    out.roll = work.handles.into_roll(sent_by);
    out.ledger = work.ledger;
    for (key, counts) in &outcomes.lines {
        out.ledger.line(*key).add(counts);
    }
    out.quarantine = work.quarantine;
}
