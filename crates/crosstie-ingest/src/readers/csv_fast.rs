//! The common rows of a CSV of mail on many threads: no quotes, known spellings, times in UTC. Every other row goes to
//! the plain path, which is the authority; a test compares both on hostile input.
//!
//! A piece of the file is cut at line ends. Its rows become blocks of copies by day, in the order of the file, with the
//! rows for the plain path between them.

use super::mail_key;
use super::table::{HandleKind, Layout, RecipientsForm, TableSpec};
use crate::copies::{Block, Extra, Named};
use crate::csv_rows::FIELD_LIMIT;
use crate::instant::TimeForm;
use crate::spellings::Spellings;
use crosstie_model::{Day, KeyedHash, Micros, Role};
use memchr::{memchr, memchr_iter};

/// Columns of a row that are looked at.
const MOST_COLUMNS: usize = 64;

/// What of a file the common path needs to know.
#[derive(Clone, Debug)]
pub(crate) struct FastCsv {
    pub(crate) source: u32,
    pub(crate) file: u32,
    pub(crate) delimiter: u8,
    pub(crate) separator: u8,
    /// Columns of the header.
    pub(crate) width: usize,
    pub(crate) sent_at: usize,
    pub(crate) sender: usize,
    pub(crate) recipients: Vec<(usize, Role)>,
    pub(crate) message_id: Option<usize>,
    pub(crate) days: (Day, Day),
}

/// Whether rows of this table can take the common path at all; the separator of recipients if so.
pub(crate) fn separator_of(spec: &TableSpec) -> Option<u8> {
    let columns = &spec.columns;
    let is_plain = spec.layout == Layout::MessagePerRow
        && spec.recipients_form == RecipientsForm::Separated
        && spec.handles == HandleKind::Address
        && spec.time.form == TimeForm::Auto
        && spec.null_values.is_empty()
        && !spec.trim
        && [&columns.role, &columns.in_reply_to, &columns.place_id, &columns.thread, &columns.mentions]
            .iter()
            .all(|column| column.is_none());
    match spec.recipient_separator.as_bytes() {
        &[separator] if is_plain => Some(separator),
        _ => None,
    }
}

/// A stretch of a piece, in the order of the file.
#[derive(Debug, PartialEq)]
pub(crate) enum Stretch {
    /// Rows that are read, as copies by day.
    Read(Vec<Block>),
    /// A row for the plain path, with its line end: where in the piece it begins and ends.
    Plain(usize, usize),
}

/// What a piece held.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Piece {
    pub(crate) stretches: Vec<Stretch>,
    /// Bytes and number of the rows that were read.
    pub(crate) record_bytes: u64,
    pub(crate) records: u64,
}

impl FastCsv {
    /// Takes a piece of whole lines without a quote apart. `offset` is where it lies in the file.
    pub(crate) fn piece(&self, bytes: &[u8], offset: u64, spellings: &Spellings, keys: &RowKeys<'_>) -> Piece {
        let mut piece = Piece::default();
        let mut blocks: Vec<Block> = Vec::new();
        let mut scratch = Scratch { ends: [0; MOST_COLUMNS], named: Vec::new() };
        let mut at = 0;
        while at < bytes.len() {
            let end = memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |length| at + length);
            let mut stop = end;
            if stop > at && bytes[stop - 1] == b'\r' {
                stop -= 1;
            }
            let line = &bytes[at..stop];
            // An empty line is a separator.
            if !line.is_empty() {
                if self.read(line, offset + at as u64, spellings, keys, &mut scratch, &mut blocks).is_some() {
                    piece.record_bytes += line.len() as u64;
                    piece.records += 1;
                } else {
                    if !blocks.is_empty() {
                        piece.stretches.push(Stretch::Read(std::mem::take(&mut blocks)));
                    }
                    piece.stretches.push(Stretch::Plain(at, (end + 1).min(bytes.len())));
                }
            }
            at = end + 1;
        }
        if !blocks.is_empty() {
            piece.stretches.push(Stretch::Read(blocks));
        }
        piece
    }

    /// Reads one row; `None` where the plain path has to.
    fn read(
        &self,
        line: &[u8],
        offset: u64,
        spellings: &Spellings,
        keys: &RowKeys<'_>,
        scratch: &mut Scratch,
        blocks: &mut Vec<Block>,
    ) -> Option<()> {
        if line.len() > FIELD_LIMIT || self.width > MOST_COLUMNS {
            return None;
        }
        let Scratch { ends, named } = scratch;
        let mut columns = 0;
        for end in memchr_iter(self.delimiter, line) {
            *ends.get_mut(columns)? = end;
            columns += 1;
        }
        if columns + 1 != self.width {
            return None;
        }
        ends[columns] = line.len();
        let field = |column: usize| -> &[u8] {
            let begin = if column == 0 { 0 } else { ends[column - 1] + 1 };
            &line[begin..ends[column]]
        };
        let at = utc_second(field(self.sent_at))?;
        let day = at.day();
        if !(self.days.0..=self.days.1).contains(&day) {
            return None;
        }
        let sender = spellings.get(field(self.sender))?;
        named.clear();
        for &(column, role) in &self.recipients {
            let mut rest = field(column);
            while !rest.is_empty() {
                let end = memchr(self.separator, rest).unwrap_or(rest.len());
                if end > 0 {
                    named.push(Named::new(spellings.get(&rest[..end])?, role));
                }
                rest = rest.get(end + 1..).unwrap_or_default();
            }
        }
        if named.is_empty() {
            return None;
        }
        let id = match self.message_id {
            Some(column) => mail_key::message_id(std::str::from_utf8(field(column)).ok()?),
            None => None,
        };
        let key = match id {
            Some(id) => mail_key::by_id_of(keys.keyed, id, (keys.id)(sender)),
            None => mail_key::by_content_of(
                keys.keyed,
                (keys.id)(sender),
                at,
                named.iter().map(|named| (keys.id)(named.handle())).collect(),
            ),
        };
        let number = match blocks.iter().rposition(|block| block.day == day) {
            Some(number) => number,
            None => {
                blocks.push(Block::new(day, self.source, self.file));
                blocks.len() - 1
            }
        };
        blocks[number].push(key, at, offset, sender, named.iter().copied(), Extra::MAIL);
        Some(())
    }
}

/// What keys of messages are made from.
pub(crate) struct RowKeys<'k> {
    pub(crate) keyed: &'k dyn KeyedHash,
    /// The keyed id of a handle.
    pub(crate) id: &'k (dyn Fn(u32) -> i64 + Sync),
}

struct Scratch {
    ends: [usize; MOST_COLUMNS],
    named: Vec<Named>,
}

/// The instant of `2026-03-02T08:15:00Z`; `None` of any other form, and of 29 February 2023.
fn utc_second(text: &[u8]) -> Option<Micros> {
    let text: &[u8; 20] = text.try_into().ok()?;
    let is_form = text[4] == b'-'
        && text[7] == b'-'
        && text[10] == b'T'
        && text[13] == b':'
        && text[16] == b':'
        && text[19] == b'Z';
    let mut are_digits = true;
    let mut two = |at: usize| {
        let (tens, ones) = (text[at].wrapping_sub(b'0'), text[at + 1].wrapping_sub(b'0'));
        are_digits &= tens < 10 && ones < 10;
        u32::from(tens) * 10 + u32::from(ones)
    };
    let year = (two(0) * 100 + two(2)) as i32;
    let (month, day, hour, minute, second) = (two(5), two(8), two(11), two(14), two(17));
    if !is_form || !are_digits || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let day = Day::from_ymd(year, month, day)?;
    Some(Micros(day.start().0 + i64::from(hour * 3600 + minute * 60 + second) * 1_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instant::{TimeSpec, read_instant};
    use proptest::prelude::*;

    #[test]
    fn times_in_utc() {
        assert_eq!(utc_second(b"1970-01-02T00:00:01Z"), Some(Micros(86_401_000_000)));
        for text in [
            "2023-02-29T00:00:00Z",
            "2024-01-01T24:00:00Z",
            "2024-01-01T00:00:60Z",
            "2024-01-01 00:00:00Z",
            "+024-01-01T00:00:00Z",
        ] {
            assert_eq!(utc_second(text.as_bytes()), None, "{text}");
        }
    }

    proptest! {
        /// What is read here, the plain path reads alike.
        #[test]
        fn equals_the_plain_path(text in "[12][0-9]{3}-[01][0-9]-[0-3][0-9][T ][0-2][0-9]:[0-6][0-9]:[0-6][0-9]Z?") {
            let spec = TimeSpec::new(TimeForm::Auto, None).unwrap();
            if let Some(at) = utc_second(text.as_bytes()) {
                let days = ("0001-01-01".parse().unwrap(), "9999-12-31".parse().unwrap());
                prop_assert_eq!(read_instant(&text, &spec, days.0, days.1), Ok(at));
            }
        }
    }
}
