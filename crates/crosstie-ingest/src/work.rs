//! What the readers share: CSV headers, and the place where every record's outcome is written down once.

use crate::csv_rows::Rows;
use crate::identity::Handles;
use crate::ledger::{Ledger, LedgerKey, Quarantined, Reason};
use crosstie_model::{Code, Day, Diagnostic, KeyedHash, Micros, Place, Purpose, Role, code, nearest};
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

/// A record that may become a message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    pub(crate) key: u128,
    pub(crate) source: u32,
    pub(crate) file: u32,
    pub(crate) offset: u64,
    pub(crate) sent_at: Micros,
    pub(crate) sender: u32,
    pub(crate) first: u32,
    pub(crate) count: u32,
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

/// Everything that reading collects.
pub(crate) struct Work<'a> {
    pub(crate) handles: Handles<'a>,
    pub(crate) keyed: &'a dyn KeyedHash,
    pub(crate) earliest: Day,
    pub(crate) latest: Day,
    pub(crate) entries: Vec<Entry>,
    pub(crate) recipients: Vec<(u32, Role)>,
    pub(crate) ledger: Ledger,
    pub(crate) quarantine: Vec<Quarantined>,
    /// Recipients that were no address, in records that had another one.
    pub(crate) bad_recipients: u64,
}

impl Work<'_> {
    /// A record was found.
    fn seen(&mut self, spot: Spot, at: Option<Micros>) -> LedgerKey {
        let week = at.map_or(Ledger::UNDATED, |at| at.day().monday());
        let key = LedgerKey { source: spot.source, file: spot.file, week };
        self.ledger.line(key).seen += 1;
        if let Some(at) = at {
            let (first, last) = self.ledger.times.entry(spot.source).or_insert((at, at));
            (*first, *last) = ((*first).min(at), (*last).max(at));
            *self.ledger.days.entry((spot.source, at.day())).or_default() += 1;
        }
        key
    }

    /// A record that cannot be read.
    pub(crate) fn set_aside(&mut self, spot: Spot, record: &[u8], fault: Fault) {
        let key = self.seen(spot, fault.at);
        *self.ledger.line(key).quarantined.entry(fault.code.id).or_default() += 1;
        let hash = self.keyed.hash(Purpose::Quarantine, &[record]);
        self.quarantine.push(Quarantined {
            source: spot.source,
            file: spot.file,
            offset: spot.offset,
            line: spot.line,
            length: record.len() as u64,
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

    /// A record that may become a message. Its outcome is written when copies are merged.
    pub(crate) fn entry(&mut self, spot: Spot, at: Micros, key: u128, sender: u32, recipients: &[(u32, Role)]) {
        if self.handles.is_machine(sender, at.day()) {
            return self.exclude(spot, Some(at), Reason::Automated);
        }
        let others = recipients.iter().filter(|&&(recipient, _)| recipient != sender);
        if !recipients.is_empty() && others.clone().next().is_none() {
            return self.exclude(spot, Some(at), Reason::SelfOnly);
        }
        let first = self.recipients.len() as u32;
        self.recipients.extend(others);
        let count = self.recipients.len() as u32 - first;
        self.seen(spot, Some(at));
        self.entries.push(Entry {
            key,
            source: spot.source,
            file: spot.file,
            offset: spot.offset,
            sent_at: at,
            sender,
            first,
            count,
        });
    }

    /// The 128-bit key of a message from the parts that name it.
    pub(crate) fn message_key(&self, parts: &[&[u8]]) -> u128 {
        u128::from_be_bytes(self.keyed.hash(Purpose::Message, parts))
    }
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
