//! The book as bytes: short numbers one behind the other, so that the book of a long history is read at once.

use super::book_one;
use super::day_sums::DaySums;
use super::part::Part;
use super::put::{put, put_bytes, put_signed, take, take_bytes, take_day, take_list, take_signed, take_word};
use crate::identity::StoredHandles;
use crosstie_model::packed::Packed;

/// What a book begins with. Of a version that is not known nothing is taken.
const BEGIN: &[u8; 16] = b"crosstie-book-2\n";
const KEY_BYTES: usize = 16;

/// What an earlier run left.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Book {
    /// Hash of everything that decides how files are read and days are merged.
    pub(crate) settings: String,
    /// The number of the next file, and of the next block.
    pub(crate) next_file: u32,
    pub(crate) next_block: u64,
    /// The first day whose rows are kept; retention took those before.
    pub(crate) kept_from: Option<i32>,
    pub(crate) parts: Vec<Part>,
    pub(crate) days: Vec<StoredDay>,
    /// What the records of all days add up to, by the lasting numbers of files; `None` where they have to be read.
    pub(crate) sums: Option<DaySums>,
    pub(crate) handles: StoredHandles,
    /// Keyed ids of people, in the order in which they were met: what days call them.
    pub(crate) people: Vec<i64>,
}

/// A day that was merged.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct StoredDay {
    pub(crate) day: i32,
    /// The first day whose blocks were looked at.
    pub(crate) reach: i32,
    /// Hash of the blocks from there to the day after, and of what they answer.
    pub(crate) key: [u8; KEY_BYTES],
    /// Where its handles and sums are, and how long they are; 0 where they are gone.
    pub(crate) record: (u64, u32),
    /// What was made of its messages, as JSON.
    pub(crate) made: String,
    /// Records used of each source.
    pub(crate) used: Vec<(u32, u64)>,
    /// Its last instant.
    pub(crate) last: i64,
}

impl StoredDay {
    fn put(&self, out: &mut Vec<u8>) {
        put_signed(out, self.day.into());
        put_signed(out, i64::from(self.day) - i64::from(self.reach));
        out.extend_from_slice(&self.key);
        put(out, self.record.0);
        put(out, self.record.1.into());
        put_bytes(out, self.made.as_bytes());
        put(out, self.used.len() as u64);
        for &(source, count) in &self.used {
            put(out, source.into());
            put(out, count);
        }
        put_signed(out, self.last);
    }

    fn take(rest: &mut Packed<'_>) -> Option<StoredDay> {
        let day = take_day(rest)?;
        let reach = i64::from(day).checked_sub(take_signed(rest)?)?.try_into().ok()?;
        let key = rest.bytes(KEY_BYTES)?.try_into().ok()?;
        let record = (take(rest)?, take_word(rest)?);
        let made = std::str::from_utf8(take_bytes(rest)?).ok()?.to_string();
        let used = take_list(rest, |rest| Some((take_word(rest)?, take(rest)?)))?;
        Some(StoredDay { day, reach, key, record, made, used, last: take_signed(rest)? })
    }
}

impl Book {
    pub(crate) fn new(settings: String) -> Book {
        Book { settings, next_file: 1, ..Book::default() }
    }

    pub(crate) fn to_bytes(&self) -> Option<Vec<u8>> {
        let mut out = BEGIN.to_vec();
        put_bytes(&mut out, self.settings.as_bytes());
        put(&mut out, self.next_file.into());
        put(&mut out, self.next_block);
        put(&mut out, self.kept_from.is_some().into());
        self.kept_from.iter().for_each(|&day| put_signed(&mut out, day.into()));
        put(&mut out, self.parts.len() as u64);
        self.parts.iter().try_for_each(|part| part.put(&mut out))?;
        put(&mut out, self.days.len() as u64);
        self.days.iter().for_each(|day| day.put(&mut out));
        put(&mut out, self.sums.is_some().into());
        self.sums.iter().for_each(|sums| sums.put(&mut out));
        put_bytes(&mut out, &self.handles.to_bytes());
        put(&mut out, self.people.len() as u64);
        self.people.iter().for_each(|id| out.extend_from_slice(&id.to_le_bytes()));
        Some(out)
    }

    /// The book of these bytes, if it is of a version that is known.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Book> {
        let Some(rest) = bytes.strip_prefix(BEGIN) else { return book_one::from_bytes(bytes) };
        let rest = &mut Packed(rest);
        let settings = std::str::from_utf8(take_bytes(rest)?).ok()?.to_string();
        let (next_file, next_block) = (take_word(rest)?, take(rest)?);
        let kept_from = match take(rest)? {
            0 => None,
            _ => Some(take_day(rest)?),
        };
        let parts = take_list(rest, Part::take)?;
        let days = take_list(rest, StoredDay::take)?;
        let sums = match take(rest)? {
            0 => None,
            _ => Some(DaySums::take(rest)?),
        };
        let handles = StoredHandles::from_bytes(take_bytes(rest)?)?;
        let people = take_list(rest, |rest| Some(rest.long()? as i64))?;
        let book = Book { settings, next_file, next_block, kept_from, parts, days, sums, handles, people };
        rest.0.is_empty().then_some(book)
    }

    /// Where what it names was put.
    pub(crate) fn places(&self) -> Vec<u64> {
        let parts = self.parts.iter();
        let of_parts = parts.flat_map(|part| part.blocks.iter().map(|block| block.at).chain([part.records.0]));
        let records = self.days.iter().map(|day| day.record).filter(|&(_, length)| length > 0);
        let mut places: Vec<u64> = of_parts.chain(records.map(|(at, _)| at)).collect();
        places.sort_unstable();
        places.dedup();
        places
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_book_comes_back_and_no_cut_one_does() {
        let day = StoredDay {
            day: -2,
            reach: -40,
            key: [7; KEY_BYTES],
            record: (1 << 41, 9),
            made: r#"{"file":"x"}"#.into(),
            used: vec![(0, 5), (3, 0)],
            last: i64::MIN,
        };
        let book = Book {
            settings: "s".into(),
            next_file: 4,
            next_block: 1 << 40,
            kept_from: Some(-9),
            parts: vec![Part::default(), Part { source: 1, records: (3, 4), ..Part::default() }],
            days: vec![day.clone(), StoredDay { day: 5, reach: 4, record: (0, 0), ..day }],
            sums: Some(DaySums { sent_by: vec![1, 2], ..DaySums::default() }),
            people: vec![i64::MAX, 1],
            ..Book::default()
        };
        let bytes = book.to_bytes().unwrap();
        assert_eq!(Book::from_bytes(&bytes).as_ref(), Some(&book));
        assert!((0..bytes.len()).all(|cut| Book::from_bytes(&bytes[..cut]).is_none()));
        assert_eq!(book.places(), [0, 3, 1 << 41]);
        let other = Book { kept_from: None, sums: None, ..book };
        assert_eq!(Book::from_bytes(&other.to_bytes().unwrap()), Some(other));
    }
}
