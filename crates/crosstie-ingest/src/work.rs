//! What the readers share: CSV headers, and the place where every record's outcome is written down once.

use crate::answers::Answers;
use crate::copies::{Block, Copies, Extra, Named};
use crate::csv_rows::Rows;
use crate::handle_set::HandleSet;
use crate::identity::Handles;
use crate::ledger::{Ledger, LedgerKey, Quarantined, Reason};
use crate::packed_block::PackedBlock;
use crosstie_model::{
    ChatEventKind, Code, Day, Diagnostic, KeyedHash, Lookup, Micros, Place, Purpose, Role, Venue, code, nearest,
};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;
use std::path::Path;

/// The header of a CSV file.
#[derive(Debug)]
pub(crate) struct Header {
    /// Column names, trimmed.
    pub(crate) names: Vec<String>,
    /// Bytes up to the first record.
    pub(crate) length: usize,
    /// Lines up to the first record.
    pub(crate) lines: u64,
}

/// Reads the header: a byte-order mark, `sep=;` and `#TYPE` lines belong to it. `None` of an empty file.
pub(crate) fn open_csv(bytes: &[u8], delimiter: u8, trim: bool) -> Option<Header> {
    let mut at = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let mut lines = 0;
    while [b"sep=".as_slice(), b"#TYPE"].iter().any(|prefix| bytes[at..].starts_with(prefix)) {
        at += bytes[at..].iter().position(|&byte| byte == b'\n').map_or(bytes.len() - at, |length| length + 1);
        lines += 1;
    }
    let mut rows = Rows::new(&bytes[at..], delimiter, trim, 1);
    let mut fields = Vec::new();
    let row = rows.next_row(&mut fields)?;
    let mut end = at + row.offset + row.length;
    for byte in [b'\r', b'\n'] {
        end += usize::from(bytes.get(end) == Some(&byte));
    }
    lines += bytes[at..end].iter().filter(|&&byte| byte == b'\n').count() as u64;
    let names = fields.iter().map(|field| String::from_utf8_lossy(field).trim().to_string()).collect();
    Some(Header { names, length: end, lines })
}

/// The indices of mapped columns, in the order asked for; names match without case.
///
/// # Errors
/// A diagnostic for each column that is absent or occurs twice.
pub(crate) fn columns_of(wanted: &[(&str, &str)], header: &Header, path: &Path) -> Result<Vec<usize>, Vec<Diagnostic>> {
    let mut found = Vec::new();
    let mut faults = Vec::new();
    let is_there = |column: &str| header.names.iter().any(|name| name.eq_ignore_ascii_case(column));
    // A file without a header has values where names are expected: those are not shown.
    let is_header = wanted.iter().any(|&(_, column)| is_there(column));
    for &(field, column) in wanted {
        let mut places = (0..header.names.len()).filter(|&at| header.names[at].eq_ignore_ascii_case(column));
        match (places.next(), places.next()) {
            (Some(at), None) => found.push(at),
            (first, _) => {
                let what = if first.is_some() { "occurs twice" } else { "is not in the file" };
                let place = Place {
                    path: path.display().to_string(),
                    line: Some(header.lines.max(1)),
                    byte: None,
                    column: None,
                };
                let mut fault =
                    Diagnostic::new(code::I213, format!("column `{column}`, mapped as `{field}`, {what}")).at(place);
                let names = header.names.iter().map(String::as_str).filter(|name| !looks_like_a_value(name));
                if let Some(near) = nearest(column, names).filter(|_| first.is_none() && is_header) {
                    fault = fault.hint(format!("the nearest column is `{near}`"));
                }
                if header.names.len() == 1 {
                    fault = fault.hint("the header has one column; is `delimiter` right?");
                }
                faults.push(fault.hint(format!(
                    "set it under `columns` in the pipeline file; `crosstie explain {}`",
                    code::I213.id
                )));
            }
        }
    }
    if faults.is_empty() { Ok(found) } else { Err(faults) }
}

/// A file without a header has values where names should be; those are not shown.
fn looks_like_a_value(name: &str) -> bool {
    name.contains('@') || name.len() > 64
}

/// A message as a reader found it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sent<'r> {
    /// What finds its copies.
    pub(crate) key: u128,
    pub(crate) at: Micros,
    /// Whether a server's clock says so; else the sender's.
    pub(crate) by_server: bool,
    pub(crate) sender: u32,
    /// Who is named. None of a post that names nobody.
    pub(crate) recipients: &'r [(u32, Role)],
    pub(crate) venue: Venue,
    /// The channel or chat, as a key.
    pub(crate) place: Option<u128>,
    /// Who else it goes to, known when everything was read.
    pub(crate) answers: Option<Answers>,
    /// Recipients that the record says it has, where not all are named; else 0.
    pub(crate) stated_count: u32,
}

impl<'r> Sent<'r> {
    /// A mail by the sender's clock.
    pub(crate) fn mail(key: u128, at: Micros, sender: u32, recipients: &'r [(u32, Role)]) -> Sent<'r> {
        Sent {
            key,
            at,
            by_server: false,
            sender,
            recipients,
            venue: Venue::Mail,
            place: None,
            answers: None,
            stated_count: 0,
        }
    }
}

/// Where a record lies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spot {
    pub(crate) source: u32,
    pub(crate) file: u32,
    pub(crate) offset: u64,
    pub(crate) line: u64,
}

/// What is wrong with a record: code, column from 1, field as the plan names it, what was found in words.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub(crate) code: Code,
    pub(crate) column: Option<u64>,
    pub(crate) field: Option<&'static str>,
    pub(crate) found: Option<String>,
    /// The time of the record, where it was readable.
    pub(crate) at: Option<Micros>,
}

impl From<Code> for Fault {
    fn from(code: Code) -> Fault {
        Fault { code, column: None, field: None, found: None, at: None }
    }
}

/// Recipients that were no address, in records that had another one.
pub(crate) const BAD_RECIPIENT: &str = "recipient_unreadable";

/// Most recipients of one record.
pub(crate) const RECIPIENT_LIMIT: usize = 100_000;

/// Everything that reading collects.
pub(crate) struct Work<'a> {
    pub(crate) handles: Handles<'a>,
    pub(crate) keyed: &'a dyn KeyedHash,
    pub(crate) earliest: Day,
    pub(crate) latest: Day,
    /// The first day whose rows are still kept.
    pub(crate) kept_from: Day,
    /// Copies of messages; what becomes of them is known when everything was read.
    pub(crate) copies: Copies<'a>,
    /// Who wrote what, for answers to it.
    pub(crate) authors: Lookup<u128, u32>,
    pub(crate) events: Vec<Event>,
    pub(crate) ledger: Ledger,
    pub(crate) quarantine: Vec<Quarantined>,
    /// Counts of things that were read as they stand, by name.
    pub(crate) oddities: BTreeMap<Cow<'static, str>, u64>,
    /// Room for blocks of a file, used again for the next.
    pub(crate) buffers: [Vec<u8>; 2],
    /// Of the part that is being read.
    part: PartGathered,
    /// Handles of packed copies that `handles` was not told of yet.
    met: HandleSet,
    /// Dates of the file that is being read; they count when it closed clean.
    dates: BTreeMap<(u32, Day), (u64, Micros, Micros)>,
}

/// What is noted of a part while it is read, for later runs.
#[derive(Debug, Default)]
pub(crate) struct PartGathered {
    pub(crate) authors: Vec<(u128, u32)>,
    /// Records by day, with the first and last instant.
    pub(crate) days: BTreeMap<Day, (u64, Micros, Micros)>,
    pub(crate) oddities: BTreeMap<Cow<'static, str>, u64>,
}

/// A chat event as it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) at: Micros,
    pub(crate) who: u32,
    pub(crate) place_id: i64,
    pub(crate) kind: ChatEventKind,
    pub(crate) by: Option<u32>,
    pub(crate) by_is_known: bool,
}

/// How much was collected before a file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    events: usize,
    quarantine: usize,
}

impl<'a> Work<'a> {
    pub(crate) fn new(
        handles: Handles<'a>,
        keyed: &'a dyn KeyedHash,
        (earliest, latest): (Day, Day),
        copies: Copies<'a>,
    ) -> Work<'a> {
        Work {
            handles,
            keyed,
            earliest,
            latest,
            kept_from: Day(i32::MIN),
            copies,
            authors: Lookup::new(),
            events: Vec::new(),
            ledger: Ledger::default(),
            quarantine: Vec::new(),
            oddities: BTreeMap::new(),
            buffers: Default::default(),
            part: PartGathered::default(),
            met: HandleSet::default(),
            dates: BTreeMap::new(),
        }
    }

    /// Before a file.
    pub(crate) fn mark(&self) -> Mark {
        Mark { events: self.events.len(), quarantine: self.quarantine.len() }
    }

    /// The first record that was set aside since.
    pub(crate) fn quarantined_since(&self, mark: Mark) -> Option<&Quarantined> {
        self.quarantine.get(mark.quarantine)
    }

    /// The file closed clean: its copies and dates count.
    ///
    /// # Errors
    /// The place outside memory fails.
    pub(crate) fn keep(&mut self, file: u32) -> io::Result<()> {
        self.tell_met();
        self.copies.keep()?;
        for ((source, day), (count, first, last)) in std::mem::take(&mut self.dates) {
            let of_part = self.part.days.entry(day).or_insert((0, first, last));
            *of_part = (of_part.0 + count, of_part.1.min(first), of_part.2.max(last));
            let times = self.ledger.times.entry(source).or_insert((first, last));
            *times = (times.0.min(first), times.1.max(last));
            *self.ledger.days.entry((source, day)).or_default() += count;
            let week = day.monday();
            let weeks = self.ledger.weeks.entry((source, file)).or_insert((week, week));
            *weeks = (weeks.0.min(week), weeks.1.max(week));
        }
        Ok(())
    }

    /// Puts copies aside where they are more than may be held.
    ///
    /// # Errors
    /// The place outside memory fails.
    pub(crate) fn relieve(&mut self) -> io::Result<()> {
        self.copies.relieve()
    }

    /// A part was read to its end: what was noted of it.
    pub(crate) fn take_part(&mut self) -> PartGathered {
        std::mem::take(&mut self.part)
    }

    /// Chat events and records set aside since `mark`.
    pub(crate) fn since(&self, mark: Mark) -> (&[Event], &[Quarantined]) {
        (&self.events[mark.events..], &self.quarantine[mark.quarantine..])
    }

    /// What an earlier run set aside and met of chat counts.
    pub(crate) fn adopt(&mut self, authors: &[(u128, u32)], events: &[Event], quarantine: Vec<Quarantined>) {
        authors.iter().for_each(|&(key, sender)| self.note_author(key, sender));
        self.part.authors.clear();
        self.events.extend_from_slice(events);
        self.quarantine.extend(quarantine);
    }

    /// Mondays of the weeks of the file that is being read.
    pub(crate) fn weeks(&self) -> Vec<Day> {
        let mut weeks: Vec<Day> = self.dates.keys().map(|(_, day)| day.monday()).collect();
        weeks.dedup();
        weeks
    }

    /// The file is unusable: nothing of it counts.
    pub(crate) fn forget(&mut self, mark: Mark, source: u32, file: u32) {
        self.tell_met();
        self.copies.forget();
        self.events.truncate(mark.events);
        self.quarantine.truncate(mark.quarantine);
        self.dates.clear();
        self.ledger.forget(source, file);
    }

    /// A record was found.
    fn seen(&mut self, spot: Spot, at: Option<Micros>) -> LedgerKey {
        let week = at.map_or(Ledger::UNDATED, |at| at.day().monday());
        let key = LedgerKey { source: spot.source, file: spot.file, week };
        self.ledger.line(key).seen += 1;
        if let Some(at) = at {
            let (count, first, last) = self.dates.entry((spot.source, at.day())).or_insert((0, at, at));
            (*count, *first, *last) = (*count + 1, (*first).min(at), (*last).max(at));
        }
        key
    }

    /// A record that cannot be read. `record` is hashed, not kept; `length` is its length in the file.
    pub(crate) fn set_aside_long(&mut self, spot: Spot, record: &[u8], length: u64, fault: Fault) {
        let key = self.seen(spot, fault.at);
        *self.ledger.line(key).quarantined.entry(fault.code.id).or_default() += 1;
        let hash = self.keyed.hash(Purpose::Quarantine, &[record]);
        self.quarantine.push(Quarantined {
            source: spot.source,
            file: spot.file,
            offset: spot.offset,
            line: spot.line,
            length,
            column: fault.column,
            field: fault.field.map(str::to_string),
            found: fault.found,
            code: fault.code,
            record_hash: u64::from_be_bytes([hash[0], hash[1], hash[2], hash[3], hash[4], hash[5], hash[6], hash[7]]),
        });
    }

    /// A record that a rule leaves out.
    pub(crate) fn exclude(&mut self, spot: Spot, at: Option<Micros>, reason: Reason) {
        let key = self.seen(spot, at);
        *self.ledger.line(key).excluded.entry(reason).or_default() += 1;
    }

    /// A record that was read as it stands, though it is odd.
    pub(crate) fn odd(&mut self, what: &'static str, count: u64) {
        if count > 0 {
            *self.oddities.entry(Cow::Borrowed(what)).or_default() += count;
            *self.part.oddities.entry(Cow::Borrowed(what)).or_default() += count;
        }
    }

    /// Who wrote what answers name. Where two did, as when a list writes itself into From, it is the one of the smaller
    /// id: the last one read would depend on the order of files.
    pub(crate) fn note_author(&mut self, key: u128, sender: u32) {
        self.part.authors.push((key, sender));
        let known = self.authors.get(&key).map(|&known| self.handles.id(known));
        if known.is_none_or(|known| self.handles.id(sender) < known) {
            self.authors.insert(key, sender);
        }
    }

    /// A record that may become a message. Its outcome is written when copies are merged. Who opted out is left out
    /// here, before anything is kept.
    pub(crate) fn message(&mut self, spot: Spot, sent: Sent<'_>) {
        let Sent { key, at, sender, .. } = sent;
        if at.day() < self.kept_from {
            return self.exclude(spot, Some(at), Reason::PastRetention);
        }
        if self.handles.has_opted_out(sender) {
            return self.exclude(spot, Some(at), Reason::OptedOut);
        }
        if sent.venue != Venue::Mail {
            self.note_author(key, sender);
        }
        let handles = &self.handles;
        let kept = || sent.recipients.iter().filter(|(recipient, _)| !handles.has_opted_out(*recipient));
        if !sent.recipients.is_empty() && kept().next().is_none() {
            let is_machine = handles.is_machine(sender, at.day());
            let reason = if is_machine { Reason::Automated } else { Reason::OptedOut };
            return self.exclude(spot, Some(at), reason);
        }
        let extra = Extra {
            by_server: sent.by_server,
            venue: sent.venue,
            place_id: sent.place.map(first_half),
            stated_count: sent.stated_count,
            answers: sent.answers,
        };
        let named = kept().map(|&(recipient, role)| Named::new(recipient, role));
        self.copies.push(spot, key, at, sender, named, extra);
        self.seen(spot, Some(at));
    }

    /// Many records that may become messages, of one file and day.
    pub(crate) fn messages(&mut self, block: Block) {
        let (first, last) = block.earliest_and_latest();
        self.seen_many(block.source, block.file, (first, last), block.len() as u64);
        self.handles.meet(block.senders.iter().copied());
        self.handles.meet(block.recipients.iter().map(|named| named.handle()));
        self.copies.take(block);
    }

    /// The same, packed.
    pub(crate) fn packed_messages(&mut self, block: PackedBlock, handles: &HandleSet) {
        let start = block.day.start();
        self.seen_many(block.source, block.file, block.instants.unwrap_or((start, start)), block.rows.into());
        self.met.add(handles);
        self.copies.take_packed(block);
    }

    fn tell_met(&mut self) {
        let met = std::mem::take(&mut self.met);
        self.handles.meet(met.iter());
    }

    /// Records of one day were found.
    fn seen_many(&mut self, source: u32, file: u32, (first, last): (Micros, Micros), count: u64) {
        let day = first.day();
        self.ledger.line(LedgerKey { source, file, week: day.monday() }).seen += count;
        let known = self.dates.entry((source, day)).or_insert((0, first, last));
        *known = (known.0 + count, known.1.min(first), known.2.max(last));
    }

    /// A join, a leave or a channel made, of one person or of several at once.
    pub(crate) fn events(
        &mut self,
        spot: Spot,
        (at, place): (Micros, u128),
        who: &[u32],
        kind: ChatEventKind,
        by: Option<u32>,
        by_is_known: bool,
    ) {
        if at.day() < self.kept_from {
            return self.exclude(spot, Some(at), Reason::PastRetention);
        }
        let kept: Vec<u32> = who.iter().copied().filter(|&who| !self.handles.has_opted_out(who)).collect();
        if kept.is_empty() {
            return self.exclude(spot, Some(at), Reason::OptedOut);
        }
        if kept.iter().all(|&who| self.handles.is_machine(who, at.day())) {
            return self.exclude(spot, Some(at), Reason::Automated);
        }
        let key = self.seen(spot, Some(at));
        self.ledger.line(key).used += 1;
        for who in kept {
            // Who comes in by oneself was let in by nobody.
            let by = by.filter(|&by| by != who && !self.handles.has_opted_out(by));
            self.events.push(Event { at, who, place_id: first_half(place), kind, by, by_is_known });
        }
    }

    /// Whether an instant is believed.
    pub(crate) fn believed(&self, at: Micros) -> Result<Micros, Code> {
        if (self.earliest..=self.latest).contains(&at.day()) { Ok(at) } else { Err(code::I105) }
    }

    /// The 128-bit key of a message from the parts that name it.
    pub(crate) fn message_key(&self, parts: &[&[u8]]) -> u128 {
        u128::from_be_bytes(self.keyed.hash(Purpose::Message, parts))
    }
}

/// The first half of a key, as tables hold it.
pub(crate) fn first_half(key: u128) -> i64 {
    (key >> 64) as i64
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A hash that is good enough for tests: FNV over purpose and parts.
    pub(crate) struct TestKey;

    impl KeyedHash for TestKey {
        fn hash(&self, purpose: Purpose, parts: &[&[u8]]) -> [u8; 16] {
            let mut state = 0xcbf2_9ce4_8422_2325_u128 | (1 << 100);
            let mut push =
                |byte: u8| state = (state ^ u128::from(byte)).wrapping_mul(0x0100_0000_01b3_0000_0000_0000_013b);
            purpose.label().bytes().for_each(&mut push);
            for part in parts {
                (part.len() as u32).to_be_bytes().into_iter().chain(part.iter().copied()).for_each(&mut push);
            }
            (state ^ (state >> 61)).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835).to_be_bytes()
        }
    }

    #[test]
    fn headers_take_marks_and_hints_along() {
        let header = open_csv(b"\xef\xbb\xbfsep=;\r\n Sender ;To\r\na;b\r\n", b';', true).unwrap();
        assert_eq!(header.names, ["Sender", "To"]);
        assert_eq!((header.length, header.lines), (23, 2));
        assert!(open_csv(b"", b',', true).is_none());
    }
}
