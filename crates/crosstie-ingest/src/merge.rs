//! Copies of a message become one: the union of recipients, the strongest role, the earliest time. Here every record
//! that was read gets its outcome. A day at a time, so that memory does not grow with the history.
//!
//! One message id over 24 hours apart is two messages, so copies of one message lie on one day or on two that follow
//! each other.

use crate::answers::Answered;
use crate::copies::{Block, Extra, Named};
use crate::each_day::EachDay;
use crate::identity::{Face, Identity};
use crate::ledger::{Counts, LedgerKey, Reason};
use crate::merge_plain::Plain;
use crate::message_rows::message_rows;
use crate::packed_block::{Keys, PackedBlock};
use crate::repeated::{Repeated, repeated};
use crate::sieve::Sieve;
use crate::source::{SourceSpec, Totals};
use crate::work::{Work, first_half};
use crosstie_model::tables::MessageRow;
use crosstie_model::{DAY_MICROS, Day, End, Handle, Message, Messages, Micros, PlainMail, Recipient, Role, Venue};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

/// One message id this far apart is two messages.
const REUSE_MICROS: i64 = DAY_MICROS;
/// Days that one thread goes through in a row: the days around each are read once, not three times.
const RUN_DAYS: usize = 4;
/// Recipients up to which pairs are compared; beyond, they are sorted.
const FEW: usize = 16;

/// How to merge.
pub(crate) struct Merge<'m, 'w> {
    pub(crate) work: &'m Work<'w>,
    pub(crate) answered: Answered,
    pub(crate) recipients_kept: u32,
    /// The sources, where the rows of the table `messages` are wanted as well.
    pub(crate) canonical: Option<&'m [SourceSpec]>,
    /// Whether the handles of each day are wanted.
    pub(crate) notes_handles: bool,
}

/// What became of the records of one day. A message of two copies counts on the day that it is of.
#[derive(Default)]
pub(crate) struct MergedDay {
    pub(crate) rows: Vec<MessageRow>,
    pub(crate) lines: BTreeMap<LedgerKey, Counts>,
    /// Used records by source and week: of each person, as sender and as recipient.
    pub(crate) activity: BTreeMap<(u32, Day), Vec<[u32; 2]>>,
    /// Used messages by sender.
    pub(crate) sent_by: Vec<u32>,
    pub(crate) totals: Totals,
    pub(crate) last: Micros,
    /// The first day whose copies were looked at.
    pub(crate) reach: Day,
    /// Handles that the day's copies name or answer, sorted, where they are wanted.
    pub(crate) handles: Vec<u32>,
}

impl MergedDay {
    /// Records used of each source of which any was seen.
    pub(crate) fn used_by_source(&self) -> Vec<(u32, u64)> {
        let mut used: BTreeMap<u32, u64> = BTreeMap::new();
        for (key, counts) in &self.lines {
            *used.entry(key.source).or_default() += counts.used;
        }
        used.into_iter().collect()
    }
}

impl Merge<'_, '_> {
    /// Merges these days, which are sorted, hands the messages of each to `each`, and what it made of them to `visit`;
    /// the answers in the order of days.
    ///
    /// # Errors
    /// What was put aside cannot be read again, or `visit` fails.
    pub(crate) fn days<E: EachDay, R: Send>(
        &self,
        days: &[Day],
        each: &E,
        visit: impl Fn(Day, E::Made, MergedDay) -> io::Result<R> + Sync,
    ) -> io::Result<Vec<R>> {
        let handles = &self.work.handles;
        let lasting: Vec<Option<Face>> = (0..handles.len() as u32).map(|handle| handles.face(handle)).collect();
        let ranks = handles.ranks();
        let merge_run = |run: &[Day]| -> io::Result<Vec<R>> {
            let mut around = Around { work: self.work, held: BTreeMap::new() };
            let merge_one = |&day: &Day| {
                let faces =
                    (0..).zip(&lasting).map(|(handle, face)| face.unwrap_or_else(|| handles.face_on(handle, day)));
                let faces: Vec<Face> = faces.collect();
                let plain = Plain::new(day, &faces, &ranks, self.recipients_kept);
                let handles: Vec<Handle> = faces.iter().map(|face| face.handle).collect();
                let mut making = each.begin(day, &handles);
                let mut hand = |messages: &Messages, plain: &PlainMail| {
                    each.add(&mut making, messages);
                    each.add_plain(&mut making, plain, &handles);
                };
                let merged = self.day(Merging::new(self, day, faces, plain), &mut around, &mut hand)?;
                visit(day, each.end(making), merged)
            };
            run.iter().map(merge_one).collect()
        };
        let runs: Vec<&[Day]> = days.chunks(RUN_DAYS).collect();
        // No more at once than memory has room for.
        let at_once = self.work.copies.days_at_once(days).min(runs.len());
        let made: Vec<Vec<(usize, Vec<R>)>> = (0..at_once)
            .into_par_iter()
            .map(|first| {
                let own = (first..runs.len()).step_by(at_once);
                own.map(|number| Ok((number, merge_run(runs[number])?))).collect::<io::Result<Vec<_>>>()
            })
            .collect::<io::Result<_>>()?;
        let mut made: Vec<(usize, Vec<R>)> = made.into_iter().flatten().collect();
        made.sort_by_key(|(number, _)| *number);
        Ok(made.into_iter().flat_map(|(_, days)| days).collect())
    }

    fn day(
        &self,
        mut merging: Merging<'_, '_, '_>,
        around: &mut Around<'_, '_>,
        hand: &mut dyn FnMut(&Messages, &PlainMail),
    ) -> io::Result<MergedDay> {
        let day = merging.day;
        let today = around.day(day)?;
        let (before, behind) = (around.day(day.plus(-1))?, around.day(day.plus(1))?);
        around.let_go_before(day);
        let keys: Vec<Keys<'_>> = today.iter().map(PackedBlock::keys).collect();
        let beside: Vec<Keys<'_>> = before.iter().chain(behind.iter()).map(PackedBlock::keys).collect();
        let repeated = repeated(&keys, &beside);
        let mut reach = day.plus(-1);
        for block in today.iter() {
            merging.block(&block.block()?, &repeated);
            merging.hand_over(hand);
        }
        if !repeated.is_empty() {
            let mut found = Vec::new();
            let mut earlier = merging.copies(&before, &repeated, &mut found)?;
            merging.copies(&today, &repeated, &mut found)?;
            merging.copies(&behind, &repeated, &mut found)?;
            // A message id that comes back daily: whose copies belong together shows from its first day on.
            while !earlier.is_empty() {
                reach = reach.plus(-1);
                earlier = merging.copies(&around.work.copies.day(reach)?, &earlier, &mut found)?;
            }
            merging.groups(found);
            merging.hand_over(hand);
        }
        Ok(MergedDay { reach, ..merging.end() })
    }
}

/// The blocks of the days around the one that is merged.
struct Around<'m, 'w> {
    work: &'m Work<'w>,
    held: BTreeMap<Day, Arc<Vec<PackedBlock>>>,
}

impl Around<'_, '_> {
    fn day(&mut self, day: Day) -> io::Result<Arc<Vec<PackedBlock>>> {
        if !self.held.contains_key(&day) {
            self.held.insert(day, Arc::new(self.work.copies.day(day)?));
        }
        Ok(Arc::clone(&self.held[&day]))
    }

    fn let_go_before(&mut self, day: Day) {
        self.held = self.held.split_off(&day);
    }
}

/// A copy of a message that has others.
#[derive(Clone)]
struct Copy {
    key: u128,
    source: u32,
    file: u32,
    offset: u64,
    sent_at: Micros,
    sender: u32,
    recipients: Vec<Named>,
    extra: Extra,
}

/// What holds of a message as a whole.
pub(crate) struct Head {
    pub(crate) key: u128,
    pub(crate) source: u32,
    pub(crate) sent_at: Micros,
    pub(crate) sender: u32,
    pub(crate) extra: Extra,
}

impl Head {
    pub(crate) fn thread_key(&self) -> Option<i64> {
        self.extra.answers.and_then(|answers| answers.thread()).map(first_half)
    }

    pub(crate) fn reply_to_key(&self) -> Option<i64> {
        self.extra.answers.and_then(|answers| answers.parent()).map(first_half)
    }
}

struct Merging<'d, 'm, 'w> {
    merge: &'d Merge<'m, 'w>,
    day: Day,
    /// What each handle is on this day.
    faces: Vec<Face>,
    /// Used records of the source at hand by person: as sender, as recipient.
    seen: Vec<[u32; 2]>,
    seen_of: Option<u32>,
    sent_by: Vec<u32>,
    named: Vec<Named>,
    recipients: Vec<Recipient>,
    plain: Plain,
    /// Whether each handle is named or answered; nothing where that is not wanted.
    is_met: Vec<bool>,
    /// Those that are not handed over yet.
    messages: Messages,
    out: MergedDay,
}

impl<'d, 'm, 'w> Merging<'d, 'm, 'w> {
    fn new(merge: &'d Merge<'m, 'w>, day: Day, faces: Vec<Face>, plain: Plain) -> Merging<'d, 'm, 'w> {
        Merging {
            merge,
            day,
            seen: Vec::new(),
            seen_of: None,
            sent_by: vec![0; faces.len()],
            named: Vec::new(),
            recipients: Vec::new(),
            plain,
            is_met: vec![false; if merge.notes_handles { faces.len() } else { 0 }],
            faces,
            messages: Messages::default(),
            out: MergedDay { last: day.start(), ..MergedDay::default() },
        }
    }

    /// What was merged goes on; the next messages take its place.
    fn hand_over(&mut self, hand: &mut dyn FnMut(&Messages, &PlainMail)) {
        hand(&self.messages, &self.plain.mail);
        let totals = &mut self.out.totals;
        let plain = self.plain.mail.senders.len() as u64;
        totals.messages += plain;
        totals.addressed += plain;
        totals.resolved += std::mem::take(&mut self.plain.resolved);
        if let Some(&second) = self.plain.mail.seconds.iter().max() {
            self.out.last = self.out.last.max(Micros(self.day.start().0 + i64::from(second) * 1_000_000));
        }
        self.messages.messages.clear();
        self.messages.recipients.clear();
        self.plain.mail.clear();
    }

    /// The copies of a block that have no others.
    fn block(&mut self, block: &Block, repeated: &Repeated) {
        if self.seen_of != Some(block.source) {
            self.close_source();
            self.seen_of = Some(block.source);
        }
        let key = LedgerKey { source: block.source, file: block.file, week: self.day.monday() };
        let mut line = Counts::default();
        let are_single = repeated.is_empty();
        // Rows of the table of messages are made of messages of any form.
        let has_plain = self.merge.canonical.is_none() && Plain::may_be_in(block);
        for row in 0..block.len() {
            let is_single = are_single || !repeated.has(block.keys[row]);
            if is_single && has_plain && self.plain.take(block, row) {
                line.used += 1;
                continue;
            }
            if self.merge.notes_handles {
                self.meet(block, row);
            }
            if !is_single {
                continue;
            }
            match self.single(block, row) {
                Ok(()) => line.used += 1,
                Err(reason) => *line.excluded.entry(reason).or_default() += 1,
            }
        }
        if line != Counts::default() {
            self.out.lines.entry(key).or_default().add(&line);
        }
    }

    fn meet(&mut self, block: &Block, row: usize) {
        self.is_met[block.senders[row] as usize] = true;
        block.recipients_of(row).iter().for_each(|named| self.is_met[named.handle() as usize] = true);
        if let Some(author) = self.merge.answered.of(block, row) {
            self.is_met[author.handle() as usize] = true;
        }
    }

    fn single(&mut self, block: &Block, row: usize) -> Result<(), Reason> {
        let sender = block.senders[row];
        let mut named = std::mem::take(&mut self.named);
        let sieved = self.sieved(block, row, &mut named);
        self.named = named;
        sieved?;
        let head = Head {
            key: block.keys[row],
            source: block.source,
            sent_at: block.at(row),
            sender,
            extra: block.extra(row),
        };
        if !self.is_inside(sender) || !self.some_are_inside() {
            return Err(Reason::External);
        }
        self.note_seen(sender, 0);
        for at in 0..self.named.len() {
            self.note_seen(self.named[at].handle(), 1);
        }
        if self.named.len() > 1 {
            self.named.sort_unstable();
            self.named.dedup_by_key(|named| named.handle());
        }
        self.push(&head);
        Ok(())
    }

    /// The recipients that rules leave of a row.
    fn sieved(&self, block: &Block, row: usize, into: &mut Vec<Named>) -> Result<(), Reason> {
        let sender = block.senders[row];
        let recipients = block.recipients_of(row);
        let is_plain = |handle: u32| self.faces[handle as usize].is_plain;
        into.clear();
        if is_plain(sender) && recipients.iter().all(|named| is_plain(named.handle())) {
            into.extend(recipients.iter().filter(|named| named.handle() != sender));
            if into.is_empty() && !recipients.is_empty() {
                return Err(Reason::SelfOnly);
            }
        } else {
            into.extend(Sieve::new(&self.merge.work.handles, block.day).copy(sender, recipients)?);
        }
        into.extend(self.merge.answered.of(block, row));
        Ok(())
    }

    fn end_of(&self, handle: u32) -> End {
        self.faces[handle as usize].handle.end
    }

    fn is_inside(&self, handle: u32) -> bool {
        self.end_of(handle) != End::External
    }

    fn some_are_inside(&self) -> bool {
        self.named.is_empty() || self.named.iter().any(|named| self.is_inside(named.handle()))
    }

    /// Only people of the directory stand behind a week: neither their number of addresses nor outsiders make it safe.
    fn note_seen(&mut self, handle: u32, side: usize) {
        if let End::Person(person) = self.end_of(handle) {
            if self.seen.len() <= person as usize {
                self.seen.resize(person as usize + 1, [0; 2]);
            }
            self.seen[person as usize][side] += 1;
        }
    }

    /// Who was seen in the source at hand goes to its week.
    fn close_source(&mut self) {
        let Some(source) = self.seen_of else { return };
        for (handle, sent, received) in self.plain.met() {
            self.sent_by[handle as usize] += sent;
            if let Some(is_met) = self.is_met.get_mut(handle as usize) {
                *is_met = true;
            }
            if let End::Person(person) = self.faces[handle as usize].handle.end {
                add_pair(&mut self.seen, person as usize, [sent, received]);
            }
        }
        let activity = self.out.activity.entry((source, self.day.monday())).or_default();
        add_pairs(activity, &std::mem::take(&mut self.seen));
    }

    /// Adds the copies whose key is repeated; those that a rule leaves out get their outcome on their own day. Returns
    /// the keys that were found.
    fn copies(&mut self, blocks: &[PackedBlock], repeated: &Repeated, into: &mut Vec<Copy>) -> io::Result<Repeated> {
        let mut found = Vec::new();
        for kept in blocks {
            let mut is_asked = false;
            kept.keys().each(|key| is_asked |= repeated.has(key));
            if !is_asked {
                continue;
            }
            let block = &kept.block()?;
            for row in (0..block.len()).filter(|&row| repeated.has(block.keys[row])) {
                found.push(block.keys[row]);
                let sieve = Sieve::new(&self.merge.work.handles, block.day);
                match sieve.copy(block.senders[row], block.recipients_of(row)) {
                    Ok(mut recipients) => {
                        recipients.extend(self.merge.answered.of(block, row));
                        into.push(Copy {
                            key: block.keys[row],
                            source: block.source,
                            file: block.file,
                            offset: block.offsets[row],
                            sent_at: block.at(row),
                            sender: block.senders[row],
                            recipients,
                            extra: block.extra(row),
                        });
                    }
                    Err(reason) if block.day == self.day => {
                        let key = LedgerKey { source: block.source, file: block.file, week: block.day.monday() };
                        *self.out.lines.entry(key).or_default().excluded.entry(reason).or_default() += 1;
                    }
                    Err(_) => {}
                }
            }
        }
        Ok(Repeated::of(found))
    }

    /// Copies by message; each message on its day.
    fn groups(&mut self, mut copies: Vec<Copy>) {
        self.close_source();
        self.seen_of = None;
        copies.sort_by_key(|copy| (copy.key, copy.sent_at, copy.source, copy.file, copy.offset));
        let mut rest = copies.as_mut_slice();
        while let Some(first) = rest.first() {
            let (key, sent_at) = (first.key, first.sent_at);
            let length = rest
                .iter()
                .position(|copy| copy.key != key || copy.sent_at.0 - sent_at.0 > REUSE_MICROS)
                .unwrap_or(rest.len());
            let (group, later) = rest.split_at_mut(length);
            let is_reused = later.first().is_some_and(|copy| copy.key == key);
            self.group(group, is_reused);
            rest = later;
        }
    }

    /// One message from its copies, which are sorted by time.
    fn group(&mut self, copies: &mut [Copy], is_reused: bool) {
        // A server's clock wins over a sender's.
        let by_server = copies.iter().find(|copy| copy.extra.by_server).map(|copy| copy.sent_at);
        let sent_at = by_server.unwrap_or(copies[0].sent_at);
        if sent_at.day() != self.day {
            return;
        }
        self.out.totals.id_reuse += u64::from(is_reused);
        // The first copy by source order, path and offset is the used one.
        copies.sort_by_key(|copy| (copy.source, copy.file, copy.offset));
        let (named, mut adds) = union(copies);
        adds[0] = true;
        self.named = named;
        let first = &copies[0];
        if !self.is_inside(first.sender) || !self.some_are_inside() {
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
        // Copies can tell of one chat in two ways: the widest place counts, in whatever order they come.
        let widest = copies.iter().max_by_key(|copy| (copy.extra.venue, copy.extra.place_id)).unwrap_or(first);
        let extra = Extra {
            by_server: by_server.is_some(),
            stated_count: copies.iter().map(|copy| copy.extra.stated_count).max().unwrap_or(0),
            venue: widest.extra.venue,
            place_id: widest.extra.place_id,
            answers: first.extra.answers,
        };
        let head = Head { key: first.key, source: first.source, sent_at, sender: first.sender, extra };
        self.push(&head);
    }

    fn end(mut self) -> MergedDay {
        self.close_source();
        self.out.sent_by = self.sent_by;
        self.out.handles = (0..).zip(self.is_met).filter(|&(_, met)| met).map(|(handle, _)| handle).collect();
        self.out
    }

    fn line(&mut self, copy: &Copy) -> &mut Counts {
        let week = copy.sent_at.day().monday();
        self.out.lines.entry(LedgerKey { source: copy.source, file: copy.file, week }).or_default()
    }

    fn note_activity(&mut self, copy: &Copy) {
        let day = copy.sent_at.day();
        let handles = &self.merge.work.handles;
        let activity = self.out.activity.entry((copy.source, day.monday())).or_default();
        let seen = std::iter::once((copy.sender, 0)).chain(copy.recipients.iter().map(|named| (named.handle(), 1)));
        for (handle, side) in seen {
            if let Identity::Person(person) = handles.identity(handle, day) {
                let mut one = [0; 2];
                one[side] = 1;
                add_pair(activity, person as usize, one);
            }
        }
    }

    /// The message of `head` to `named`, of whom each handle occurs once.
    fn push(&mut self, head: &Head) {
        self.sent_by[head.sender as usize] += 1;
        self.out.last = self.out.last.max(head.sent_at);
        let sender = self.end_of(head.sender);
        self.recipients.clear();
        for at in 0..self.named.len() {
            let named = self.named[at];
            let Handle { id, end } = self.faces[named.handle() as usize].handle;
            self.recipients.push(Recipient { handle_id: id, end, role: named.role() });
        }
        one_a_person(&mut self.recipients);
        if self.recipients.len() > 1 {
            self.recipients.sort_unstable_by_key(|recipient| recipient.handle_id);
        }

        // Copies and rows of a recipient each name one of a group at a time.
        let is_addressed = |recipient: &&Recipient| matches!(recipient.role, Role::To | Role::Cc | Role::Bcc);
        let is_group =
            head.extra.venue == Venue::Direct && self.recipients.iter().filter(is_addressed).nth(1).is_some();
        let venue = if is_group { Venue::Group } else { head.extra.venue };
        let is_person = |end: End| matches!(end, End::Person(_));
        let recipient_count = (self.recipients.len() as u32).max(head.extra.stated_count);
        let totals = &mut self.out.totals;
        totals.messages += 1;
        totals.addressed += u64::from(!self.recipients.is_empty());
        let is_resolved = is_person(sender) && self.recipients.iter().any(|recipient| is_person(recipient.end));
        totals.resolved += u64::from(is_resolved);
        if recipient_count > self.merge.recipients_kept {
            totals.broadcasts += 1;
            self.recipients.clear();
        }
        if let Some(sources) = self.merge.canonical {
            let kept = self.recipients.iter().filter(|recipient| recipient.end != End::External);
            let sender_id = self.merge.work.handles.id(head.sender);
            let source = &sources[head.source as usize];
            self.out.rows.extend(message_rows(source, head, venue, sender_id, recipient_count, kept));
        }
        let Messages { messages, recipients: all } = &mut self.messages;
        messages.push(Message {
            venue,
            place_id: head.extra.place_id,
            sent_at: head.sent_at,
            sender,
            first: all.len() as u32,
            count: self.recipients.len() as u32,
            recipient_count,
        });
        all.extend_from_slice(&self.recipients);
    }
}

/// Adds to the counts of a person.
fn add_pair(sums: &mut Vec<[u32; 2]>, person: usize, counts: [u32; 2]) {
    if sums.len() <= person {
        sums.resize(person + 1, [0; 2]);
    }
    sums[person][0] += counts[0];
    sums[person][1] += counts[1];
}

fn add_pairs(sums: &mut Vec<[u32; 2]>, more: &[[u32; 2]]) {
    (0..).zip(more).for_each(|(person, &counts)| add_pair(sums, person, counts));
}

/// All recipients of copies in their strongest roles, and which copies add one.
fn union(copies: &[Copy]) -> (Vec<Named>, Vec<bool>) {
    let mut all: Vec<(u32, usize, Role)> = Vec::new();
    for (number, copy) in copies.iter().enumerate() {
        all.extend(copy.recipients.iter().map(|named| (named.handle(), number, named.role())));
    }
    all.sort_unstable();
    let mut adds = vec![false; copies.len()];
    let mut named = Vec::new();
    for same in all.chunk_by(|a, b| a.0 == b.0) {
        adds[same[0].1] = true;
        named.extend(same.iter().map(|&(_, _, role)| role).min().map(|role| Named::new(same[0].0, role)));
    }
    (named, adds)
}

/// Two addresses of one person are one recipient, in the stronger role.
fn one_a_person(recipients: &mut Vec<Recipient>) {
    let is_person = |end: End| matches!(end, End::Person(_));
    let is_twice = |at: usize| {
        let end = recipients[at].end;
        is_person(end) && recipients[..at].iter().any(|other| other.end == end)
    };
    if recipients.len() <= FEW && !(1..recipients.len()).any(is_twice) {
        return;
    }
    recipients.sort_by_key(|recipient| (recipient.end, recipient.role, recipient.handle_id));
    recipients.dedup_by(|next, kept| is_person(kept.end) && next.end == kept.end);
}
