//! A part of the input: a file, or all files of a source whose records meet at its end. What was read of it.

use super::put::{put, put_signed, take, take_day, take_word};
use crate::copies::Place;
use crate::files::FileFingerprint;
use crate::ledger::{Counts, FileBytes, LedgerKey, Quarantined, Reason};
use crate::work::Event;
use crosstie_model::packed::{Packed, put_column};
use crosstie_model::{CODES, ChatEventKind, Code, Day, Micros};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// What was read of a part. Files are told by their index in `files`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Part {
    pub(crate) source: u32,
    pub(crate) files: Vec<PartFile>,
    pub(crate) lines: Vec<PartLine>,
    /// Records by day, with the first and last instant.
    pub(crate) days: Vec<(i32, u64, i64, i64)>,
    pub(crate) quarantine: Vec<PartQuarantined>,
    pub(crate) oddities: BTreeMap<String, u64>,
    pub(crate) blocks: Vec<PartBlock>,
    /// Where its [`PartRecords`] are, and how long they are.
    pub(crate) records: (u64, u32),
    /// Whether these hold authors or events, and not only the handles that it met.
    #[serde(default = "yes")]
    pub(crate) has_more: bool,
}

/// A book that does not say so may hold them.
fn yes() -> bool {
    true
}

/// A file of a part.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PartFile {
    /// Its number, the same in all runs.
    pub(crate) id: u32,
    /// Keyed ids of its path and of its name alone: the names of mailboxes are those of people.
    pub(crate) path_id: i64,
    pub(crate) name_id: i64,
    /// A keyed hash of its path that is quick to make: whether the path is the one of these ids. 0 where it is not known.
    #[serde(default)]
    pub(crate) path_check: i64,
    pub(crate) size: u64,
    pub(crate) blake3: String,
    /// Device, inode, size and times, where these tell that it did not change.
    pub(crate) state: Option<[i64; 7]>,
    pub(crate) spans: u64,
    /// As in [`FileBytes`], in its order.
    pub(crate) bytes: [u64; 5],
    pub(crate) weeks: Option<(i32, i32)>,
}

impl PartFile {
    /// The file as it was read.
    pub(crate) fn fingerprint(&self, source: &str, path: &Path) -> FileFingerprint {
        FileFingerprint { source: source.into(), path: path.into(), size: self.size, blake3: self.blake3.clone() }
    }

    pub(crate) fn file_bytes(&self) -> FileBytes {
        let [seen, record, header, separator, padding] = self.bytes;
        FileBytes { seen, record, header, separator, padding }
    }

    pub(crate) fn numbers_of(bytes: &FileBytes) -> [u64; 5] {
        [bytes.seen, bytes.record, bytes.header, bytes.separator, bytes.padding]
    }
}

/// A line of the ledger, as reading left it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PartLine {
    pub(crate) file: u32,
    pub(crate) week: i32,
    pub(crate) seen: u64,
    pub(crate) used: u64,
    pub(crate) duplicate: u64,
    pub(crate) excluded: BTreeMap<String, u64>,
    pub(crate) quarantined: BTreeMap<String, u64>,
}

impl PartLine {
    pub(crate) fn of(file: u32, week: Day, counts: &Counts) -> PartLine {
        PartLine {
            file,
            week: week.0,
            seen: counts.seen,
            used: counts.used,
            duplicate: counts.duplicate,
            excluded: counts.excluded.iter().map(|(reason, &count)| (reason.name().into(), count)).collect(),
            quarantined: counts.quarantined.iter().map(|(&id, &count)| (id.into(), count)).collect(),
        }
    }

    /// The line under the number that the file has in this run; `None` of a reason that is not known.
    pub(crate) fn line(&self, source: u32, file: u32) -> Option<(LedgerKey, Counts)> {
        let reason = |name: &str| Reason::ALL.into_iter().find(|reason| reason.name() == name);
        let excluded = self.excluded.iter().map(|(name, &count)| Some((reason(name)?, count)));
        let quarantined = self.quarantined.iter().map(|(id, &count)| Some((code_of(id)?.id, count)));
        let counts = Counts {
            seen: self.seen,
            used: self.used,
            duplicate: self.duplicate,
            excluded: excluded.collect::<Option<_>>()?,
            quarantined: quarantined.collect::<Option<_>>()?,
        };
        Some((LedgerKey { source, file, week: Day(self.week) }, counts))
    }
}

fn code_of(id: &str) -> Option<Code> {
    CODES.iter().copied().find(|code| code.id == id)
}

/// A record that was set aside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PartQuarantined {
    file: u32,
    offset: u64,
    line: u64,
    length: u64,
    column: Option<u64>,
    field: Option<String>,
    found: Option<String>,
    code: String,
    record_hash: u64,
}

impl PartQuarantined {
    pub(crate) fn of(file: u32, record: &Quarantined) -> PartQuarantined {
        PartQuarantined {
            file,
            offset: record.offset,
            line: record.line,
            length: record.length,
            column: record.column,
            field: record.field.clone(),
            found: record.found.clone(),
            code: record.code.id.into(),
            record_hash: record.record_hash,
        }
    }

    pub(crate) fn record(&self, source: u32, files: &[u32]) -> Option<Quarantined> {
        Some(Quarantined {
            source,
            file: *files.get(self.file as usize)?,
            offset: self.offset,
            line: self.line,
            length: self.length,
            column: self.column,
            field: self.field.clone(),
            found: self.found.clone(),
            code: code_of(&self.code)?,
            record_hash: self.record_hash,
        })
    }
}

/// A block of copies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PartBlock {
    /// The same wherever the block is put.
    pub(crate) id: u64,
    pub(crate) day: i32,
    pub(crate) at: u64,
    pub(crate) length: u32,
    file: u32,
    first: u64,
    has_answers: bool,
}

impl PartBlock {
    pub(crate) fn of(file: u32, day: Day, place: Place) -> PartBlock {
        let Place { id, at, length, first, has_answers, .. } = place;
        PartBlock { id, day: day.0, at, length, file, first, has_answers }
    }

    pub(super) fn put(&self, out: &mut Vec<u8>) {
        put(out, self.id);
        put_signed(out, self.day.into());
        put(out, self.at);
        put(out, self.length.into());
        put(out, self.file.into());
        put(out, self.first);
        out.push(self.has_answers.into());
    }

    pub(super) fn take(rest: &mut Packed<'_>) -> Option<PartBlock> {
        Some(PartBlock {
            id: take(rest)?,
            day: take_day(rest)?,
            at: take(rest)?,
            length: take_word(rest)?,
            file: take_word(rest)?,
            first: take(rest)?,
            has_answers: rest.bytes(1)?[0] != 0,
        })
    }

    /// The index of its file in the part.
    pub(crate) fn file(self) -> u32 {
        self.file
    }

    pub(crate) fn place(self, source: u32, files: &[u32]) -> Option<(Day, Place)> {
        let PartBlock { id, day, at, length, file, first, has_answers } = self;
        let file = *files.get(file as usize)?;
        Some((Day(day), Place { id, at, length, source, file, first, has_answers }))
    }
}

/// What is kept of a part beside its blocks.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct PartRecords {
    /// Handles that it met, sorted.
    pub(crate) met: Vec<u32>,
    /// Who wrote what, for answers to it.
    pub(crate) authors: Vec<(u128, u32)>,
    pub(crate) events: Vec<Event>,
}

impl PartRecords {
    /// Whether there is more than the handles that it met.
    pub(crate) fn has_more(&self) -> bool {
        !self.authors.is_empty() || !self.events.is_empty()
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for count in [self.met.len(), self.authors.len(), self.events.len()] {
            out.extend_from_slice(&(count as u32).to_le_bytes());
        }
        put_steps(&mut out, &self.met);
        for (key, sender) in &self.authors {
            out.extend_from_slice(&key.to_le_bytes());
            out.extend_from_slice(&sender.to_le_bytes());
        }
        for event in &self.events {
            out.extend_from_slice(&event.at.0.to_le_bytes());
            out.extend_from_slice(&event.place_id.to_le_bytes());
            out.extend_from_slice(&event.who.to_le_bytes());
            out.extend_from_slice(&event.by.unwrap_or(u32::MAX).to_le_bytes());
            out.push(event.kind as u8 | u8::from(event.by_is_known) << 4);
        }
        out
    }

    /// The records of these bytes; `None` if they are none.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<PartRecords> {
        let mut rest = Packed(bytes);
        let [met, authors, events] = [rest.word()?, rest.word()?, rest.word()?];
        let mut records = PartRecords { met: steps(&mut rest, met as usize)?, ..PartRecords::default() };
        for _ in 0..authors {
            let key = u128::from_le_bytes(rest.bytes(16)?.try_into().ok()?);
            records.authors.push((key, rest.word()?));
        }
        for _ in 0..events {
            let (at, place_id) = (Micros(rest.long()? as i64), rest.long()? as i64);
            let (who, by) = (rest.word()?, rest.word()?);
            let flags = rest.bytes(1)?[0];
            records.events.push(Event {
                at,
                who,
                place_id,
                kind: *ChatEventKind::ALL.get(usize::from(flags & 15))?,
                by: (by != u32::MAX).then_some(by),
                by_is_known: flags >> 4 != 0,
            });
        }
        rest.0.is_empty().then_some(records)
    }
}

/// Sorted numbers as the steps between them.
pub(crate) fn put_steps(out: &mut Vec<u8>, sorted: &[u32]) {
    let steps = std::iter::once(0).chain(sorted.iter().copied()).zip(sorted).map(|(before, &number)| number - before);
    put_column(out, steps);
}

pub(crate) fn steps(rest: &mut Packed<'_>, count: usize) -> Option<Vec<u32>> {
    let mut number = 0u32;
    rest.column(count)?
        .to_vec(count)
        .into_iter()
        .map(|step| {
            number = number.checked_add(step)?;
            Some(number)
        })
        .collect()
}
