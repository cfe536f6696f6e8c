//! The common rows of a table of mail on many threads: known spellings, times in UTC. Every other row goes to the plain
//! path, which is the authority; tests compare both on hostile input.
//!
//! A piece of the file is cut at line ends. Its rows become blocks of copies by day, in the order of the file, with the
//! rows for the plain path between them. Rows are taken so many at a time, since addresses are looked up together.

use super::mail_key;
use super::table::{HandleKind, Layout, RecipientsForm, TableSpec};
use crate::copies::{Block, Extra, Named};
use crate::handle_set::HandleSet;
use crate::instant::TimeForm;
use crate::packed_block::PackedBlock;
use crate::spellings::{LookUps, Met, Spellings};
use crosstie_model::{Day, KeyedHash, Micros, Role};

/// Rows whose addresses are looked up together.
const BATCH_ROWS: usize = 256;
/// Rows from which a block is packed where it is made; smaller ones are put together first.
const PACK_ROWS: usize = 512;
/// Bytes that a row has at least, mostly.
const ROW_BYTES: usize = 96;

/// Where a splitter is in a piece.
pub(crate) struct Lines<'p> {
    pub(crate) bytes: &'p [u8],
    /// The places that the splitter marked.
    pub(crate) marks: Vec<u32>,
    /// The first mark that was not passed.
    pub(crate) next: usize,
    /// Where the next line begins.
    pub(crate) at: usize,
}

impl Lines<'_> {
    /// The next mark, not passed.
    pub(crate) fn mark(&self) -> Option<usize> {
        self.marks.get(self.next).map(|&mark| mark as usize)
    }

    /// The line end behind `at`, or the end of the piece.
    pub(crate) fn line_end(&self, at: usize) -> usize {
        memchr::memchr(b'\n', &self.bytes[at..]).map_or(self.bytes.len(), |length| at + length)
    }

    /// Goes behind a line end.
    pub(crate) fn pass(&mut self, line_end: usize) {
        while self.mark().is_some_and(|mark| mark <= line_end) {
            self.next += 1;
        }
        self.at = (line_end + 1).min(self.bytes.len());
    }

    /// Where a line ends without its line end; one carriage return belongs to that.
    pub(crate) fn stop(&self, begin: usize, line_end: usize) -> usize {
        line_end - usize::from(line_end > begin && self.bytes[line_end - 1] == b'\r')
    }
}

/// What a splitter says of a line.
pub(crate) enum Line<'p> {
    /// Nothing but a separator.
    Empty,
    /// Fields. Sender and recipients are put down beside.
    Row(RowText<'p>),
    /// A row for the plain path.
    Plain,
    /// A row that may go on behind the line: where it ends, the plain path has to find.
    Open,
}

/// The fields of a row besides its people.
pub(crate) struct RowText<'p> {
    /// Bytes without the line end.
    pub(crate) length: usize,
    pub(crate) sent_at: &'p [u8],
    pub(crate) message_id: Option<&'p [u8]>,
}

/// Splits a form of table into fields.
pub(crate) trait Splitter: Sync {
    /// Finds the bytes that part fields and lines.
    fn marks(&self, bytes: &[u8], into: &mut Vec<u32>);

    /// Takes the line at the front and goes behind it. Puts the sender and then the recipients into `people`.
    fn line<'p>(&self, lines: &mut Lines<'p>, people: &mut Vec<(&'p [u8], Role)>) -> Line<'p>;
}

/// What of a file the common path needs to know.
#[derive(Clone, Copy)]
pub(crate) struct FastRows<'k> {
    pub(crate) source: u32,
    pub(crate) file: u32,
    /// Days that are believed.
    pub(crate) days: (Day, Day),
    pub(crate) keyed: &'k dyn KeyedHash,
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
    /// The same of one day, packed, with the handles that they name.
    Packed(PackedBlock, HandleSet),
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
    pub(crate) line_ends: u64,
    /// Where a row begins whose end is not known; nothing behind it was read.
    pub(crate) open: Option<usize>,
}

/// A row whose people are not looked up yet.
struct Waiting<'p> {
    begin: usize,
    /// Behind the line end.
    end: usize,
    length: usize,
    at: Micros,
    day: Day,
    message_id: Option<&'p [u8]>,
    /// Where its people end.
    people_end: usize,
    is_plain: bool,
}

/// Room that is used again for each batch.
#[derive(Default)]
struct Batch<'p> {
    rows: Vec<Waiting<'p>>,
    people: Vec<(&'p [u8], Role)>,
    room: LookUps,
    met: Vec<Met>,
    keys: Vec<Option<u128>>,
}

impl FastRows<'_> {
    /// Takes a piece of whole lines apart. `offset` is where it lies in the file.
    pub(crate) fn piece(&self, splitter: &impl Splitter, bytes: &[u8], offset: u64, spellings: &Spellings) -> Piece {
        let mut piece = Piece::default();
        let mut lines = Lines { bytes, marks: Vec::with_capacity(bytes.len() / 8), next: 0, at: 0 };
        splitter.marks(bytes, &mut lines.marks);
        let mut batch = Batch::default();
        let mut blocks: Vec<Block> = Vec::new();
        let mut date = LastDate::default();
        while lines.at < bytes.len() {
            let begin = lines.at;
            let people = batch.people.len();
            let line = splitter.line(&mut lines, &mut batch.people);
            piece.line_ends += 1;
            let mut row = Waiting {
                begin,
                end: lines.at,
                length: 0,
                at: Micros(0),
                day: Day(0),
                message_id: None,
                people_end: batch.people.len(),
                is_plain: true,
            };
            match line {
                Line::Empty => continue,
                Line::Row(text) => {
                    if let Some((day, at)) = date.utc_second(text.sent_at)
                        && (self.days.0..=self.days.1).contains(&day)
                    {
                        let message_id = text.message_id;
                        row = Waiting { length: text.length, at, day, message_id, is_plain: false, ..row };
                    }
                }
                Line::Plain => {}
                Line::Open => {
                    batch.people.truncate(people);
                    piece.open = Some(begin);
                    break;
                }
            }
            // A row without recipients is for the plain path, too.
            row.is_plain |= batch.people.len() < people + 2;
            if row.is_plain {
                batch.people.truncate(people);
                row.people_end = people;
            }
            batch.rows.push(row);
            if batch.rows.len() == BATCH_ROWS {
                self.look_up(&mut batch, offset, spellings, &mut blocks, &mut piece);
            }
        }
        self.look_up(&mut batch, offset, spellings, &mut blocks, &mut piece);
        piece.end(blocks);
        piece
    }

    /// Reads the rows that wait; those with people who are not known go to the plain path.
    fn look_up(
        &self,
        batch: &mut Batch<'_>,
        offset: u64,
        spellings: &Spellings,
        blocks: &mut Vec<Block>,
        piece: &mut Piece,
    ) {
        let Batch { rows, people, room, met, keys } = batch;
        spellings.find(people.iter().map(|(spelling, _)| *spelling), room, met);
        self.keys(rows, met, keys);
        let mut first = 0;
        let mut current = usize::MAX;
        for (row, key) in rows.iter().zip(&*keys) {
            let own = first..row.people_end;
            first = row.people_end;
            let Some(key) = *key else {
                piece.end(std::mem::take(blocks));
                current = usize::MAX;
                piece.stretches.push(Stretch::Plain(row.begin, row.end));
                continue;
            };
            piece.record_bytes += row.length as u64;
            piece.records += 1;
            let day = row.day;
            if blocks.get(current).is_none_or(|block| block.day != day) {
                current = self.block_of(day, blocks, piece.record_bytes == row.length as u64);
            }
            let named = own.clone().skip(1).map(|at| Named::new(met[at].handle, people[at].1));
            let place = offset + row.begin as u64;
            blocks[current].push(key, row.at, place, met[own.start].handle, named, Extra::MAIL);
        }
        rows.clear();
        people.clear();
    }

    fn block_of(&self, day: Day, blocks: &mut Vec<Block>, is_first: bool) -> usize {
        if let Some(number) = blocks.iter().rposition(|block| block.day == day) {
            return number;
        }
        let mut block = Block::new(day, self.source, self.file);
        if is_first {
            // Mostly a piece is of one day.
            block.reserve(super::fast_round::PIECE_BYTES / ROW_BYTES);
        }
        blocks.push(block);
        blocks.len() - 1
    }

    /// The key of each row; `None` where the plain path has to read it.
    fn keys(&self, rows: &[Waiting<'_>], met: &[Met], keys: &mut Vec<Option<u128>>) {
        keys.clear();
        // Ids are hashed together.
        let mut by_id: Vec<(usize, &[u8], [u8; 8])> = Vec::with_capacity(rows.len());
        let mut first = 0;
        for (at, row) in rows.iter().enumerate() {
            let own = &met[first..row.people_end];
            first = row.people_end;
            let key = match own.first() {
                Some(sender) if !row.is_plain && !own.contains(&Met::ODD) => match id_of(row.message_id) {
                    Ok(Some(id)) => {
                        by_id.push((at, id, sender.id.to_be_bytes()));
                        None
                    }
                    Ok(None) => {
                        let ids = own[1..].iter().map(|met| met.id).collect();
                        Some(mail_key::by_content_of(self.keyed, sender.id, row.at, ids))
                    }
                    Err(_) => None,
                },
                _ => None,
            };
            keys.push(key);
        }
        let found = mail_key::by_id_of_each(self.keyed, by_id.iter().map(|(_, id, sender)| (*id, sender)));
        by_id.iter().zip(found).for_each(|(&(at, ..), key)| keys[at] = Some(key));
    }
}

/// The Message-ID of a row; an error where it is no text.
fn id_of(text: Option<&[u8]>) -> Result<Option<&[u8]>, std::str::Utf8Error> {
    match text {
        Some(text) => match mail_key::common_id(text) {
            Some(id) => Ok(Some(id)),
            None => std::str::from_utf8(text).map(|text| mail_key::message_id(text).map(str::as_bytes)),
        },
        None => Ok(None),
    }
}

impl Piece {
    /// A stretch of rows that were read ends.
    fn end(&mut self, blocks: Vec<Block>) {
        if blocks.iter().all(|block| block.len() >= PACK_ROWS) {
            self.stretches.extend(blocks.iter().map(|block| Stretch::Packed(PackedBlock::of(block), block.handles())));
        } else {
            self.stretches.push(Stretch::Read(blocks));
        }
    }
}

/// The date that was read last: most rows repeat it.
#[derive(Default)]
struct LastDate {
    text: [u8; 10],
    day: Option<Day>,
}

impl LastDate {
    /// Day and instant of `2026-03-02T08:15:00Z`; `None` of any other form, and of 29 February 2023.
    fn utc_second(&mut self, text: &[u8]) -> Option<(Day, Micros)> {
        let text: &[u8; 20] = text.try_into().ok()?;
        let (date, time) = text.split_first_chunk::<10>()?;
        if self.text != *date {
            self.day = day_of(date);
            self.text = *date;
        }
        let is_form = time[0] == b'T' && time[3] == b':' && time[6] == b':' && time[9] == b'Z';
        let digits = [time[1], time[2], time[4], time[5], time[7], time[8]].map(|digit| digit.wrapping_sub(b'0'));
        let two = |at: usize| i64::from(digits[at]) * 10 + i64::from(digits[at + 1]);
        let (hour, minute, second) = (two(0), two(2), two(4));
        let is_time = digits.iter().all(|&digit| digit < 10) && hour < 24 && minute < 60 && second < 60;
        let day = self.day.filter(|_| is_form && is_time)?;
        Some((day, Micros(day.start().0 + (hour * 3600 + minute * 60 + second) * 1_000_000)))
    }
}

fn day_of(date: &[u8; 10]) -> Option<Day> {
    let number = |at: usize, length: usize| {
        date[at..at + length]
            .iter()
            .try_fold(0, |number, digit| digit.is_ascii_digit().then(|| number * 10 + u32::from(digit - b'0')))
    };
    let (year, month, day) = (number(0, 4)?, number(5, 2)?, number(8, 2)?);
    (date[4] == b'-' && date[7] == b'-').then(|| Day::from_ymd(year as i32, month, day))?
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instant::{TimeSpec, read_instant};
    use proptest::prelude::*;

    #[test]
    fn times_in_utc() {
        let mut date = LastDate::default();
        assert_eq!(date.utc_second(b"1970-01-02T00:00:01Z"), Some((Day(1), Micros(86_401_000_000))));
        for text in [
            "2023-02-29T00:00:00Z",
            "2023-02-29T00:00:00Z",
            "2024-01-01T24:00:00Z",
            "2024-01-01T00:00:60Z",
            "2024-01-01 00:00:00Z",
            "+024-01-01T00:00:00Z",
        ] {
            assert_eq!(date.utc_second(text.as_bytes()), None, "{text}");
        }
    }

    proptest! {
        /// What is read here, the plain path reads alike.
        #[test]
        fn equals_the_plain_path(texts in proptest::collection::vec("[12][0-9]{3}-[01][0-9]-[0-3][0-9][T ][0-2][0-9]:[0-6][0-9]:[0-6][0-9]Z?", 1..5)) {
            let spec = TimeSpec::new(TimeForm::Auto, None).unwrap();
            let mut date = LastDate::default();
            for text in texts.iter().chain(&texts) {
                if let Some((day, at)) = date.utc_second(text.as_bytes()) {
                    prop_assert_eq!(at.day(), day);
                    let days = ("0001-01-01".parse().unwrap(), "9999-12-31".parse().unwrap());
                    prop_assert_eq!(read_instant(text, &spec, days.0, days.1), Ok(at));
                }
            }
        }
    }
}
