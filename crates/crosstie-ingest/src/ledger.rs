//! The ledger: records seen = used + duplicate + excluded + quarantined, and bytes seen = the bytes of their parts.
//!
//! What was seen is counted where files are split, what became of it where records end; so the balance is a check.

use crosstie_model::{Code, Day, Micros};
use std::collections::BTreeMap;

/// Why a rule left a record out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// An archive entry or row that is no message.
    NotAMessage,
    /// An event of a log that is no message.
    OtherEvent,
    /// A system message.
    SystemEvent,
    /// Not sent yet.
    Draft,
    /// Deleted.
    Deleted,
    /// Never reached anybody.
    Undelivered,
    /// Of a day whose rows retention took away: a file read again revives nothing.
    PastRetention,
    /// From or to nobody but people who opted out.
    OptedOut,
    /// Sent by a machine.
    Automated,
    /// Only to its own sender.
    SelfOnly,
    /// Fewer than two ends inside the organization.
    External,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Reason; 11] = [
        Reason::NotAMessage,
        Reason::OtherEvent,
        Reason::SystemEvent,
        Reason::Draft,
        Reason::Deleted,
        Reason::Undelivered,
        Reason::PastRetention,
        Reason::OptedOut,
        Reason::Automated,
        Reason::SelfOnly,
        Reason::External,
    ];

    /// Its name in ledgers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Reason::NotAMessage => "not_a_message",
            Reason::OtherEvent => "other_event",
            Reason::SystemEvent => "system_event",
            Reason::Draft => "draft",
            Reason::Deleted => "deleted",
            Reason::Undelivered => "undelivered",
            Reason::PastRetention => "past_retention",
            Reason::OptedOut => "opted_out",
            Reason::Automated => "automated",
            Reason::SelfOnly => "self_only",
            Reason::External => "external",
        }
    }
}

/// What a line of the ledger is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LedgerKey {
    /// Index of the source.
    pub source: u32,
    /// Index of the file within all files of the run.
    pub file: u32,
    /// Monday of the week; records without a readable time go to the week of the run's date.
    pub week: Day,
}

/// The counts of one line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Records that the splitter found.
    pub seen: u64,
    /// Records used.
    pub used: u64,
    /// Records that add nothing to what was read.
    pub duplicate: u64,
    /// Records left out, by rule.
    pub excluded: BTreeMap<Reason, u64>,
    /// Records that could not be read, by code.
    pub quarantined: BTreeMap<&'static str, u64>,
}

impl Counts {
    /// Records left out by all rules.
    #[must_use]
    pub fn excluded_count(&self) -> u64 {
        self.excluded.values().sum()
    }

    /// Records that could not be read.
    #[must_use]
    pub fn quarantined_count(&self) -> u64 {
        self.quarantined.values().sum()
    }

    /// The same as if records left out by this rule had not been there.
    #[must_use]
    pub fn without(mut self, reason: Reason) -> Counts {
        self.seen -= self.excluded.remove(&reason).unwrap_or(0);
        self
    }

    fn accounted(&self) -> u64 {
        self.used + self.duplicate + self.excluded_count() + self.quarantined_count()
    }

    /// Adds another line.
    pub fn add(&mut self, other: &Counts) {
        self.seen += other.seen;
        self.used += other.used;
        self.duplicate += other.duplicate;
        for (reason, count) in &other.excluded {
            *self.excluded.entry(*reason).or_default() += count;
        }
        for (code, count) in &other.quarantined {
            *self.quarantined.entry(code).or_default() += count;
        }
    }
}

/// The bytes of one file, decompressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FileBytes {
    /// All bytes.
    pub seen: u64,
    /// Bytes of records.
    pub record: u64,
    /// Byte-order marks, header lines, lists of channels and users.
    pub header: u64,
    /// Line ends, empty lines, commas and brackets between records.
    pub separator: u64,
    /// Zeros behind compressed data.
    pub padding: u64,
}

/// A record that could not be read. Never its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quarantined {
    /// Index of the source.
    pub source: u32,
    /// Index of the file.
    pub file: u32,
    /// Where the record begins in the (decompressed) file.
    pub offset: u64,
    /// Its line, from 1; 0 where lines mean nothing.
    pub line: u64,
    /// Its length in bytes.
    pub length: u64,
    /// Column, from 1, if one is at fault.
    pub column: Option<u64>,
    /// Field as the plan names it, if one is at fault.
    pub field: Option<String>,
    /// What was found, described and not shown.
    pub found: Option<String>,
    /// Why.
    pub code: Code,
    /// Keyed hash of the record's bytes.
    pub record_hash: u64,
}

/// The account of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// Lines by source, file and week.
    pub lines: BTreeMap<LedgerKey, Counts>,
    /// Records that the splitter found, by (source, file): counted apart from their outcomes, so that one that got
    /// none does not balance.
    pub spans: BTreeMap<(u32, u32), u64>,
    /// Bytes by (source, file).
    pub bytes: BTreeMap<(u32, u32), FileBytes>,
    /// First and last readable time by source.
    pub times: BTreeMap<u32, (Micros, Micros)>,
    /// First and last week with a readable time, by (source, file).
    pub weeks: BTreeMap<(u32, u32), (Day, Day)>,
    /// Records seen by (source, day): what gaps are found from.
    pub days: BTreeMap<(u32, Day), u64>,
}

/// A ledger whose sums hold. Made by [`Ledger::balance`] alone; a run commits with nothing else.
#[derive(Clone, Debug)]
pub struct Balanced<T>(T);

impl<T> Balanced<T> {
    /// What balanced.
    #[must_use]
    pub fn get(&self) -> &T {
        &self.0
    }
}

/// A line of the ledger whose sums do not hold: a bug.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Imbalance {
    /// Records seen and records accounted for differ.
    Records {
        /// Which line.
        key: LedgerKey,
        /// Seen.
        seen: u64,
        /// Accounted for.
        accounted: u64,
    },
    /// Records that were split off and records with an outcome differ.
    Spans {
        /// Index of the file.
        file: u32,
        /// Split off.
        spans: u64,
        /// With an outcome.
        seen: u64,
    },
    /// Bytes seen and bytes of the parts differ.
    Bytes {
        /// Index of the file.
        file: u32,
        /// Seen.
        seen: u64,
        /// Of the parts.
        accounted: u64,
    },
}

impl Ledger {
    /// The week of records without a readable time, until [`Ledger::place_undated`] gives them one.
    pub const UNDATED: Day = Day(i32::MIN);

    /// Moves records without a readable time to the week of `day`.
    pub fn place_undated(&mut self, day: Day) {
        let undated: Vec<LedgerKey> = self.lines.keys().copied().filter(|key| key.week == Self::UNDATED).collect();
        for key in undated {
            if let Some(counts) = self.lines.remove(&key) {
                self.line(LedgerKey { week: day.monday(), ..key }).add(&counts);
            }
        }
    }

    /// Adds the lines of another ledger, of other sources or files.
    pub fn absorb(&mut self, other: &Ledger) {
        for (&key, counts) in &other.lines {
            self.line(key).add(counts);
        }
        self.bytes.extend(&other.bytes);
        self.spans.extend(&other.spans);
    }

    /// The counts of a line.
    pub fn line(&mut self, key: LedgerKey) -> &mut Counts {
        self.lines.entry(key).or_default()
    }

    /// All lines of a source, summed.
    #[must_use]
    pub fn of_source(&self, source: u32) -> Counts {
        let mut sum = Counts::default();
        for (_, counts) in self.lines.range(line_of(source, 0).0..=line_of(source, u32::MAX).1) {
            sum.add(counts);
        }
        sum
    }

    /// All lines of a file, summed.
    #[must_use]
    pub fn of_file(&self, source: u32, file: u32) -> Counts {
        let mut sum = Counts::default();
        let (first, last) = line_of(source, file);
        for (_, counts) in self.lines.range(first..=last) {
            sum.add(counts);
        }
        sum
    }

    /// Drops everything of a file.
    pub(crate) fn forget(&mut self, source: u32, file: u32) {
        self.lines.retain(|key, _| (key.source, key.file) != (source, file));
        self.bytes.remove(&(source, file));
        self.spans.remove(&(source, file));
    }

    /// Checks the conservation law.
    ///
    /// # Errors
    /// The first line that does not hold.
    pub fn balance(self) -> Result<Balanced<Ledger>, Imbalance> {
        for (&key, counts) in &self.lines {
            if counts.seen != counts.accounted() {
                return Err(Imbalance::Records { key, seen: counts.seen, accounted: counts.accounted() });
            }
        }
        for (&(source, file), &spans) in &self.spans {
            let seen = self.of_file(source, file).seen;
            if seen != spans {
                return Err(Imbalance::Spans { file, spans, seen });
            }
        }
        for (&(_, file), bytes) in &self.bytes {
            let accounted = bytes.record + bytes.header + bytes.separator + bytes.padding;
            if bytes.seen != accounted {
                return Err(Imbalance::Bytes { file, seen: bytes.seen, accounted });
            }
        }
        Ok(Balanced(self))
    }
}

/// The first and the last key that a line of a file can have.
fn line_of(source: u32, file: u32) -> (LedgerKey, LedgerKey) {
    let first = LedgerKey { source, file, week: Day(i32::MIN) };
    (first, LedgerKey { week: Day(i32::MAX), ..first })
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: LedgerKey = LedgerKey { source: 0, file: 0, week: Day(4) };

    #[test]
    fn a_lost_record_does_not_balance() {
        let mut ledger = Ledger::default();
        ledger.line(KEY).seen = 4;
        ledger.line(KEY).used = 1;
        ledger.line(KEY).duplicate = 1;
        *ledger.line(KEY).excluded.entry(Reason::SelfOnly).or_default() += 1;
        let lost = ledger.clone().balance().unwrap_err();
        assert_eq!(lost, Imbalance::Records { key: KEY, seen: 4, accounted: 3 });
        *ledger.line(KEY).quarantined.entry("I104").or_default() += 1;
        assert!(ledger.balance().is_ok());
    }

    #[test]
    fn a_record_without_an_outcome_does_not_balance() {
        let mut ledger = Ledger::default();
        ledger.line(KEY).seen = 1;
        ledger.line(KEY).used = 1;
        ledger.spans.insert((0, 0), 2);
        assert_eq!(ledger.clone().balance().unwrap_err(), Imbalance::Spans { file: 0, spans: 2, seen: 1 });
        ledger.forget(0, 0);
        assert!(ledger.balance().is_ok());
    }

    #[test]
    fn a_lost_byte_does_not_balance() {
        let mut ledger = Ledger::default();
        ledger.bytes.insert((0, 0), FileBytes { seen: 10, record: 7, header: 1, separator: 1, padding: 0 });
        assert_eq!(ledger.balance().unwrap_err(), Imbalance::Bytes { file: 0, seen: 10, accounted: 9 });
    }
}
