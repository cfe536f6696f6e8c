//! The account of one file of the directory: each record gets one outcome, each byte of the file one place.

use super::draft::{Draft, Reference, Wrong};
use super::spec::DirectorySpec;
use crate::files::TextFile;
use crate::ledger::{Counts, FileBytes, Ledger, LedgerKey, Quarantined, Reason};
use crosstie_model::{Day, KeyedHash, Purpose};
use std::ops::Range;

/// One file while it is read.
pub(super) struct Reading<'a> {
    pub(super) spec: &'a DirectorySpec,
    pub(super) source: u32,
    pub(super) file: u32,
    pub(super) keyed: &'a dyn KeyedHash,
    /// The file's snapshot, by its name.
    pub(super) snapshot: Option<Day>,
    pub(super) content: &'a TextFile,
    pub(super) passed: Passed,
    pub(super) gathered: &'a mut Gathered,
}

/// How far the records of a file were written down.
#[derive(Default)]
pub(super) struct Passed {
    /// End of the last one in the text.
    text: usize,
    /// The same place in the file.
    stored: u64,
    /// Bytes of all of them in the file.
    record_bytes: u64,
}

/// What all files of the directory hold.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) drafts: Vec<Draft>,
    pub(super) groups: Vec<Group>,
    /// A person and the manager, from a file of managers.
    pub(super) links: Vec<(Reference, Reference)>,
    pub(super) pages: Pages,
    pub(super) ledger: Ledger,
    pub(super) quarantine: Vec<Quarantined>,
}

/// A list of people.
#[derive(Clone)]
pub(super) struct Group {
    pub(super) snapshot: Option<Day>,
    /// How others refer to it.
    pub(super) id: Reference,
    /// Its canonical handle.
    pub(super) handle: String,
    pub(super) members: Vec<Reference>,
}

/// Pages of listings, to see whether one is missing.
#[derive(Default)]
pub(super) struct Pages {
    /// By snapshot, and whether of groups: the total that pages name, and the resources that they hold.
    pub(super) totals: std::collections::BTreeMap<(Option<Day>, bool), (u64, u64)>,
    /// Pages that name a next one.
    pub(super) continued: u64,
    /// Pages that do not.
    pub(super) last: u64,
}

/// Where a record lies.
pub(super) struct Spot {
    /// In the text.
    pub(super) bytes: Range<usize>,
    /// Its first line, from 1.
    pub(super) line: u64,
}

/// What a readable record is.
pub(super) enum Outcome {
    /// A person.
    Person(Box<Draft>),
    /// A group, a link, an entry of another kind.
    NotAPerson,
}

impl Reading<'_> {
    /// Writes down what became of a record, in the order of the text. `column` gives the number of a column at fault,
    /// from 1.
    pub(super) fn record(
        &mut self,
        spot: Spot,
        outcome: Result<Outcome, Wrong>,
        column: impl FnOnce(&str) -> Option<u64>,
    ) {
        self.line().seen += 1;
        let offset = self.passed.stored + self.stored_len(self.passed.text..spot.bytes.start);
        let length = self.stored_len(spot.bytes.clone());
        self.passed.text = spot.bytes.end;
        self.passed.stored = offset + length;
        self.passed.record_bytes += length;
        match outcome {
            Ok(Outcome::Person(mut draft)) => {
                draft.at = (self.file, spot.line);
                draft.snapshot = draft.snapshot.or(self.snapshot);
                self.gathered.drafts.push(*draft); // its outcome is written when repeated people are known
            }
            Ok(Outcome::NotAPerson) => *self.line().excluded.entry(Reason::NotAMessage).or_default() += 1,
            Err(wrong) => {
                let column = wrong.field.as_deref().and_then(column);
                self.set_aside(&spot, (offset, length), wrong, column);
            }
        }
    }

    /// Writes down the bytes of the whole file when all its records are, given its headers in the text; what is
    /// neither record nor header lies between records.
    pub(super) fn end(&mut self, headers: &[Range<usize>]) {
        let (record, padding) = (self.passed.record_bytes, self.content.padding);
        let header: u64 = headers.iter().map(|part| self.stored_len(part.clone())).sum();
        let decoded = self.stored_len(0..self.content.text.len());
        let (seen, separator) = (decoded + padding, decoded - record - header);
        let bytes = FileBytes { seen, record, header, separator, padding };
        self.gathered.ledger.bytes.insert((self.source, self.file), bytes);
    }

    /// The bytes that a part of the text has in the file.
    fn stored_len(&self, part: Range<usize>) -> u64 {
        self.content.encoding.stored_len(&self.content.text[part])
    }

    fn line(&mut self) -> &mut Counts {
        self.gathered.ledger.line(LedgerKey { source: self.source, file: self.file, week: Ledger::UNDATED })
    }

    fn set_aside(&mut self, spot: &Spot, (offset, length): (u64, u64), wrong: Wrong, column: Option<u64>) {
        *self.line().quarantined.entry(wrong.code.id).or_default() += 1;
        let hash = self.keyed.hash(Purpose::Quarantine, &[&self.content.text[spot.bytes.clone()]]);
        self.gathered.quarantine.push(Quarantined {
            source: self.source,
            file: self.file,
            offset,
            line: spot.line,
            length,
            column,
            field: wrong.field,
            found: None,
            code: wrong.code,
            record_hash: u64::from_be_bytes([hash[0], hash[1], hash[2], hash[3], hash[4], hash[5], hash[6], hash[7]]),
        });
    }
}
