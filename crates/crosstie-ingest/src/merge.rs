//! Copies of a message become one: the union of recipients, the strongest role, the earliest time. Here every
//! record that was read gets its outcome.

use crate::answers::address_answers;
use crate::directory::Notice;
use crate::identity::Identity;
use crate::ledger::{LedgerKey, Reason};
use crate::message_rows::message_rows;
use crate::source::{Ingested, SourceSpec};
use crate::work::{BAD_RECIPIENT, Entry, Work};
use crosstie_model::{ChatEvent, DAY_MICROS, End, Message, Messages, Micros, Recipient, Role, Venue, code};

/// One message id this far apart is two messages.
const REUSE_MICROS: i64 = DAY_MICROS;

/// `canonical` names the sources where the rows of the table `messages` are wanted as well.
pub(crate) fn merge(mut work: Work<'_>, recipients_kept: u32, canonical: Option<&[SourceSpec]>) -> Ingested {
    address_answers(&mut work);
    let mut entries = std::mem::take(&mut work.entries);
    entries.sort_by_key(|entry| (entry.key, entry.sent_at, entry.source, entry.file, entry.offset));
    let mut merging =
        Merging { work, recipients_kept, canonical, out: Ingested::default(), sent_by: Vec::new(), last: Micros(0) };
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

struct Merging<'w, 's> {
    work: Work<'w>,
    recipients_kept: u32,
    canonical: Option<&'s [SourceSpec]>,
    out: Ingested,
    sent_by: Vec<u64>,
    last: Micros,
}

impl Merging<'_, '_> {
    /// One message from its copies, which are sorted by time.
    fn message(&mut self, copies: &mut [Entry]) {
        let Some(earliest) = copies.first().map(|copy| copy.sent_at) else { return };
        // A server's clock wins over a sender's.
        let by_server = copies.iter().find(|copy| copy.by_server).map(|copy| copy.sent_at);
        let sent_at = by_server.unwrap_or(earliest);
        // The first copy by source order, path and offset is the used one.
        copies.sort_by_key(|entry| (entry.source, entry.file, entry.offset));
        let first = copies[0];
        let day = sent_at.day();
        self.last = self.last.max(sent_at);
        let (named, mut adds) = self.union(copies);
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
        let stated_count = copies.iter().map(|copy| copy.stated_count).max().unwrap_or(0);
        let by_server = copies.iter().any(|copy| copy.by_server);
        // Copies can tell of one chat in two ways: the widest place counts, in whatever order they come.
        let widest = copies.iter().max_by_key(|copy| (copy.venue, copy.place_id)).unwrap_or(&first);
        let (venue, place_id) = (widest.venue, widest.place_id);
        self.push(Entry { sent_at, by_server, stated_count, venue, place_id, ..first }, named);
    }

    /// All recipients in their strongest roles, and which copies add one.
    fn union(&self, copies: &[Entry]) -> (Vec<(u32, Role)>, Vec<bool>) {
        let mut all: Vec<(u32, usize, Role)> = Vec::new();
        for (number, copy) in copies.iter().enumerate() {
            let own = &self.work.recipients[copy.first as usize..(copy.first + copy.count) as usize];
            all.extend(own.iter().map(|&(handle, role)| (handle, number, role)));
        }
        all.sort_unstable();
        let mut adds = vec![false; copies.len()];
        let mut named = Vec::new();
        for same in all.chunk_by(|a, b| a.0 == b.0) {
            adds[same[0].1] = true;
            named.extend(same.iter().map(|&(_, _, role)| role).min().map(|role| (same[0].0, role)));
        }
        (named, adds)
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

    /// `first` bears what holds of all copies.
    fn push(&mut self, first: Entry, named: Vec<(u32, Role)>) {
        let sent_at = first.sent_at;
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

        // Copies and rows of a recipient each name one of a group at a time.
        let is_addressed = |recipient: &&Recipient| matches!(recipient.role, Role::To | Role::Cc | Role::Bcc);
        let is_group = first.venue == Venue::Direct && recipients.iter().filter(is_addressed).nth(1).is_some();
        let first = Entry { venue: if is_group { Venue::Group } else { first.venue }, ..first };
        let is_person = |end: End| matches!(end, End::Person(_));
        let recipient_count = (recipients.len() as u32).max(first.stated_count);
        let totals = &mut self.out.totals;
        totals.messages += 1;
        totals.addressed += u64::from(!recipients.is_empty());
        totals.resolved += u64::from(is_person(sender) && recipients.iter().any(|recipient| is_person(recipient.end)));
        if recipient_count > self.recipients_kept {
            totals.broadcasts += 1;
            recipients.clear();
        }
        if let Some(sources) = self.canonical {
            let kept = recipients.iter().filter(|recipient| recipient.end != End::External);
            let source = &sources[first.source as usize];
            let sender_id = self.work.handles.id(first.sender);
            let rows = message_rows(source, &first, sender_id, recipient_count, kept);
            self.out.rows.extend(rows);
        }
        let Messages { messages, recipients: all } = &mut self.out.messages;
        messages.push(Message {
            venue: first.venue,
            place_id: first.place_id,
            sent_at,
            sender,
            first: all.len() as u32,
            count: recipients.len() as u32,
            recipient_count,
        });
        all.extend(recipients);
    }

    fn finish(self) -> Ingested {
        let Merging { work, mut out, sent_by, last, .. } = self;
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
        for handle in 0..work.handles.len() as u32 {
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
            (code::I308, work.handles.name_match_count),
        ];
        for (code, count) in counted.into_iter().filter(|&(_, count)| count > 0) {
            out.notices.push(Notice { code, count, first: None });
        }
        out.oddities = work.oddities;
        out.opted_out = work.handles.opted_out_people();
        out.handle_collision = work.handles.collision;
        out.roll = work.handles.into_roll(&sent_by);
        out.ledger = work.ledger;
        out.quarantine = work.quarantine;
        out
    }
}
