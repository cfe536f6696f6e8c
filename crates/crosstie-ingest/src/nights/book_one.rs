//! A book as version 1 wrote it, with parts and days as JSON and without the sums of days. What it lacks is made by the
//! night that reads it.

use super::book::{Book, StoredDay};
use super::part::Part;
use crate::identity::StoredHandles;
use crosstie_model::packed::Packed;
use serde::Deserialize;
use serde_json::Value;

const VERSION: u32 = 1;

#[derive(Deserialize)]
struct Text {
    version: u32,
    settings: String,
    next_file: u32,
    next_block: u64,
    kept_from: Option<i32>,
    parts: Vec<Part>,
    days: Vec<Day>,
}

#[derive(Deserialize)]
struct Day {
    day: i32,
    reach: i32,
    key: String,
    record: (u64, u32),
    made: Value,
}

/// The book of these bytes, if it is of version 1.
pub(super) fn from_bytes(bytes: &[u8]) -> Option<Book> {
    let mut rest = Packed(bytes);
    let [text, handles, people] = [rest.long()?, rest.long()?, rest.long()?].map(|length| length as usize);
    let text: Text = serde_json::from_slice(rest.bytes(text)?).ok()?;
    let handles = StoredHandles::from_bytes(rest.bytes(handles)?)?;
    let (ids, _) = rest.bytes(people.checked_mul(8)?)?.as_chunks::<8>();
    let people = ids.iter().map(|id| i64::from_le_bytes(*id)).collect();
    if text.version != VERSION || !rest.0.is_empty() {
        return None;
    }
    let Text { settings, next_file, next_block, kept_from, parts, days, .. } = text;
    let days = days.into_iter().map(stored).collect::<Option<_>>()?;
    Some(Book { settings, next_file, next_block, kept_from, parts, days, sums: None, handles, people })
}

fn stored(day: Day) -> Option<StoredDay> {
    let Day { day, reach, key, record, made } = day;
    let key = u128::from_str_radix(&key, 16).ok()?.to_be_bytes();
    // What it used is in its record, which is read while there are no sums.
    Some(StoredDay { day, reach, key, record, made: made.to_string(), used: Vec::new(), last: 0 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nights::part::PartFile;
    use serde_json::json;

    /// As version 1 wrote it.
    fn written(text: &Value, people: &[i64]) -> Vec<u8> {
        let (text, handles) = (text.to_string().into_bytes(), StoredHandles::default().to_bytes());
        let mut out = Vec::new();
        for length in [text.len(), handles.len(), people.len()] {
            out.extend_from_slice(&(length as u64).to_le_bytes());
        }
        out.extend_from_slice(&text);
        out.extend_from_slice(&handles);
        people.iter().for_each(|id| out.extend_from_slice(&id.to_le_bytes()));
        out
    }

    #[test]
    fn a_book_of_version_1_is_read_and_no_other() {
        let file = json!({
            "id": 3, "path_id": 4, "name_id": 5, "size": 6, "blake3": "00", "state": null, "spans": 2,
            "bytes": [1, 2, 3, 4, 5], "weeks": [0, 7]
        });
        let part = json!({
            "source": 1, "files": [file], "lines": [], "days": [[10, 2, 30, 40]], "quarantine": [], "oddities": {},
            "blocks": [], "records": [50, 60]
        });
        let key = "000102030405060708090a0b0c0d0e0f";
        let day = json!({ "day": 10, "reach": 9, "key": key, "record": [70, 80], "made": { "file": "x" } });
        let mut text = json!({
            "version": 1, "settings": "s", "next_file": 4, "next_block": 9, "kept_from": 8, "parts": [part],
            "days": [day]
        });
        let book = Book::from_bytes(&written(&text, &[-1, 2])).unwrap();
        assert_eq!((book.settings.as_str(), book.next_file, book.next_block), ("s", 4, 9));
        assert_eq!((book.kept_from, book.people.as_slice()), (Some(8), [-1, 2].as_slice()));
        assert!(book.sums.is_none() && book.parts[0].has_more);
        let expected = PartFile { id: 3, path_id: 4, name_id: 5, size: 6, spans: 2, ..PartFile::default() };
        let expected = PartFile { blake3: "00".into(), bytes: [1, 2, 3, 4, 5], weeks: Some((0, 7)), ..expected };
        assert_eq!(book.parts[0].files, [expected]);
        let day = &book.days[0];
        assert_eq!((day.day, day.reach, day.record, day.made.as_str()), (10, 9, (70, 80), r#"{"file":"x"}"#));
        assert_eq!(day.key, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);

        text["version"] = json!(3);
        assert!(Book::from_bytes(&written(&text, &[])).is_none());
        assert!(Book::from_bytes(b"crosstie-book-3\n").is_none());
    }
}
