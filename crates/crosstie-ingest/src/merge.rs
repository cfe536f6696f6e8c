//! Copies of a message become one: the union of recipients, the strongest role, the earliest time. Here every
//! record that was read gets its outcome.

use crate::directory::Notice;
use crate::identity::Identity;
use crate::ledger::{LedgerKey, Reason};
use crate::source::{Ingested, Kind, SourceSpec};
use crate::work::{Entry, Work};
use crosstie_model::{DAY_MICROS, End, Message, Messages, Micros, Recipient, Role, code};

/// One message id this far apart is two messages.
const REUSE_MICROS: i64 = DAY_MICROS;

pub(crate) fn merge(mut work: Work<'_>, sources: &[SourceSpec]) -> Ingested {
    let mut entries = std::mem::take(&mut work.entries);
    entries.sort_by_key(|entry| (entry.key, entry.sent_at, entry.source, entry.file, entry.offset));
    let mut merging = Merging { work, sources, out: Ingested::default(), sent_by: Vec::new(), last: Micros(0) };
    merging.sent_by.resize(merging.work.handles.len(), 0);
    let mut rest = entries.as_mut_slice();
    while let Some(&first) = rest.first() {
        let length = rest
            .iter()
            .position(|entry| entry.key != first.key || entry.sent_at.0 - first.sent_at.0 > REUSE_MICROS)
            .unwrap_or(rest.len());
        let (copies, later) = rest.split_at_mut(length);
        if later.first().is_some_and(|entry| entry.key == first.key) {
            merging.out.totals.id_reuse += 1;
        }
        merging.message(copies);
        rest = later;
    }
    merging.finish()
}

struct Merging<'a, 'w> {
    work: Work<'w>,
    sources: &'a [SourceSpec],
    out: Ingested,
    sent_by: Vec<u64>,
    last: Micros,
}

impl Merging<'_, '_> {
    /// One message from its copies, which are sorted by time.
    fn message(&mut self, copies: &mut [Entry]) {
        let Some(&Entry { sent_at, .. }) = copies.first() else { return };
        // The first copy by source order, path and offset is the used one.
        copies.sort_by_key(|entry| (entry.source, entry.file, entry.offset));
        let first = copies[0];
        let day = sent_at.day();
        self.last = self.last.max(sent_at);
        let mut named: Vec<(u32, Role)> = Vec::new();
        let mut adds = Vec::with_capacity(copies.len());
        for copy in copies.iter() {
            let before = named.len();
            for at in copy.first..copy.first + copy.count {
                let (handle, role) = self.work.recipients[at as usize];
                match named.iter_mut().find(|(known, _)| *known == handle) {
                    Some((_, known)) => *known = (*known).min(role),
                    None => named.push((handle, role)),
                }
            }
            adds.push(named.len() > before);
        }
        adds[0] = true;
        let inside = |handle: u32| self.work.handles.identity(handle, day) != Identity::External;
        if !inside(first.sender) || (!named.is_empty() && !named.iter().any(|&(handle, _)| inside(handle))) {
            for copy in copies.iter() {
                *self.line(copy).excluded.entry(Reason::External).or_default() += 1;
            }
            return;
        }
        for (copy, adds) in copies.iter().zip(adds) {
            if adds {
                self.line(copy).used += 1;
                self.note_activity(copy);
            } else {
                self.line(copy).duplicate += 1;
            }
        }
        self.sent_by[first.sender as usize] += 1;
        self.push(first, sent_at, named);
    }

    fn line(&mut self, entry: &Entry) -> &mut crate::ledger::Counts {
        let week = entry.sent_at.day().monday();
        self.work.ledger.line(LedgerKey { source: entry.source, file: entry.file, week })
    }

    /// Only people of the directory stand behind a week: neither their number of addresses nor outsiders make it safe.
    fn note_activity(&mut self, copy: &Entry) {
        let day = copy.sent_at.day();
        let activity = self.out.activity.entry((copy.source, day.monday())).or_default();
        if let Identity::Person(sender) = self.work.handles.identity(copy.sender, day) {
            *activity.senders.entry(sender).or_default() += 1;
        }
        for at in copy.first..copy.first + copy.count {
            let (recipient, _) = self.work.recipients[at as usize];
            if let Identity::Person(recipient) = self.work.handles.identity(recipient, day) {
                *activity.recipients.entry(recipient).or_default() += 1;
            }
        }
    }

    fn push(&mut self, first: Entry, sent_at: Micros, named: Vec<(u32, Role)>) {
        let day = sent_at.day();
        let sender = self.work.handles.end(first.sender, day);
        let mut recipients: Vec<Recipient> = named
            .into_iter()
            .map(|(handle, role)| Recipient {
                handle_id: self.work.handles.id(handle),
                end: self.work.handles.end(handle, day),
                role,
            })
            .collect();
        // Two addresses of one person are one recipient, in the stronger role.
        recipients.sort_by_key(|recipient| (recipient.end, recipient.role, recipient.handle_id));
        recipients.dedup_by(|next, kept| matches!(kept.end, End::Person(_)) && next.end == kept.end);
        recipients.sort_by_key(|recipient| recipient.handle_id);

        let is_person = |end: End| matches!(end, End::Person(_));
        let totals = &mut self.out.totals;
        totals.messages += 1;
        totals.addressed += u64::from(!recipients.is_empty());
        totals.resolved += u64::from(is_person(sender) && recipients.iter().any(|recipient| is_person(recipient.end)));
        let Messages { messages, recipients: all } = &mut self.out.messages;
        messages.push(Message {
            chat: self.sources[first.source as usize].kind == Kind::Chat,
            sent_at,
            sender,
            first: all.len() as u32,
            count: recipients.len() as u32,
        });
        all.extend(recipients);
    }

    fn finish(self) -> Ingested {
        let Merging { work, mut out, sent_by, last, .. } = self;
        let mut shared = 0;
        out.totals.bad_recipients = work.bad_recipients;
        for handle in 0..work.handles.len() as u32 {
            match work.handles.identity(handle, last.day()) {
                Identity::External => out.totals.external_accounts += 1,
                Identity::Unknown => out.totals.unknown_accounts += 1,
                Identity::Shared => shared += 1,
                _ => {}
            }
        }
        if shared > 0 {
            out.notices.push(Notice { code: code::I306, count: shared, first: None });
        }
        out.handle_collision = work.handles.collision;
        out.roll = work.handles.into_roll(&sent_by);
        out.ledger = work.ledger;
        out.quarantine = work.quarantine;
        out
    }
}
