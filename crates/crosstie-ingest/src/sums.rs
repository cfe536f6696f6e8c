//! Days merged one by one, and the sums of what became of their records.

use crate::answers::{Answered, address_answers};
use crate::directory::Notice;
use crate::each_day::{EachDay, MadeDays};
use crate::identity::Identity;
use crate::ledger::{Counts, LedgerKey};
use crate::merge::{Merge, MergedDay};
use crate::nights::{IsThere, KnownDay, Memory, StoredDay};
use crate::source::{Ingested, SourceSpec, Totals};
use crate::work::{BAD_RECIPIENT, Work};
use crosstie_model::tables::MessageRow;
use crosstie_model::{ChatEvent, Day, Micros, code};
use serde::Serialize;
use std::collections::BTreeMap;
use std::io;
use std::sync::{Mutex, PoisonError};

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
pub(crate) fn merged<E: EachDay>(
    mut work: Work<'_>,
    summing: Summing<'_, '_, E::Made>,
    each: impl FnOnce(&[i64]) -> E,
) -> io::Result<(Ingested, MadeDays<E>)> {
    let answered = address_answers(&work)?;
    let Summing { recipients_kept, canonical, mut memory } = summing;
    let sums = Mutex::new(Sums::default());
    let known = match &memory {
        Some((memory, is_there)) => {
            memory.known_days(&work.copies, &answered, *is_there, &|day, merged| add(&sums, day, merged))?
        }
        None => Vec::new(),
    };
    let all = work.copies.days();
    let kept_from = work.kept_from;
    let is_known = |day: &Day| known.binary_search_by_key(day, |known| known.day).is_ok();
    let stale: Vec<Day> = all.into_iter().filter(|day| *day >= kept_from && !is_known(day)).collect();
    let mut made: BTreeMap<Day, E::Made> = BTreeMap::new();
    let mut stored: BTreeMap<Day, StoredDay> = BTreeMap::new();
    if let Some((memory, _)) = &mut memory {
        memory.spared.days_known = known.len() as u64;
        memory.spared.days_merged = stale.len() as u64;
    }
    for KnownDay { day, record, made: one } in known {
        stored.insert(day, record);
        made.insert(day, one);
    }
    let merge = Merge { answered, work: &work, recipients_kept, canonical, notes_handles: memory.is_some() };
    let ids: Vec<i64> = (0..work.handles.len() as u32).map(|handle| work.handles.id(handle)).collect();
    let each = each(&ids);
    let merged = merge.days(&stale, &each, |day, one, of_day| {
        let record = remember(memory.as_ref().map(|(memory, _)| memory), &work, &merge.answered, day, &of_day, &one)?;
        add(&sums, day, of_day);
        Ok((day, one, record))
    })?;
    for (day, one, record) in merged {
        made.insert(day, one);
        stored.extend(record.map(|record| (day, record)));
    }
    let Sums { lines, used_by_day, activity, mut sent_by, totals, rows, last } =
        sums.into_inner().unwrap_or_else(PoisonError::into_inner);
    sent_by.resize(work.handles.len(), 0);
    let mut out = Ingested { totals, rows, used_by_day, activity, ..Ingested::default() };
    // In the order of keys, whatever the order of files and days.
    out.rows.sort_by_key(|row| (row.message_key as u64, row.message_check as u64, row.sent_at));
    if let Some((memory, _)) = memory {
        out.spared = memory.spared;
        out.book = memory.close(stored.into_values().collect(), &work.copies, &work.handles);
    }
    for (key, counts) in &lines {
        work.ledger.line(*key).add(counts);
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
    fn add(&mut self, of: Day, day: MergedDay) {
        for (key, counts) in &day.lines {
            self.lines.entry(*key).or_default().add(counts);
            *self.used_by_day.entry((key.source, of)).or_default() += counts.used;
        }
        for (key, counts) in day.activity {
            let sum = self.activity.entry(key).or_default();
            sum.resize(sum.len().max(counts.len()), [0; 2]);
            for (sum, count) in sum.iter_mut().zip(counts) {
                sum[0] += count[0];
                sum[1] += count[1];
            }
        }
        self.sent_by.resize(self.sent_by.len().max(day.sent_by.len()), 0);
        self.sent_by.iter_mut().zip(day.sent_by).for_each(|(sum, count)| *sum += u64::from(count));
        self.totals.add(&day.totals);
        self.rows.extend(day.rows);
        self.last = self.last.max(day.last);
    }
}

fn add(sums: &Mutex<Sums>, of: Day, day: MergedDay) {
    sums.lock().unwrap_or_else(PoisonError::into_inner).add(of, day);
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
