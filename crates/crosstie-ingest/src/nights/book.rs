//! The book as bytes: what is small and named as JSON, what is long and plain as columns.

use super::part::Part;
use crate::identity::StoredHandles;
use crosstie_model::packed::Packed;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Of another version nothing is taken.
const VERSION: u32 = 1;

/// What an earlier run left.
#[derive(Debug, Default)]
pub(crate) struct Book {
    pub(crate) text: Text,
    pub(crate) handles: StoredHandles,
    /// Keyed ids of people, in the order in which they were met: what days call them.
    pub(crate) people: Vec<i64>,
}

/// The named part.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Text {
    version: u32,
    /// Hash of everything that decides how files are read and days are merged.
    pub(crate) settings: String,
    /// The number of the next file, and of the next block.
    pub(crate) next_file: u32,
    pub(crate) next_block: u64,
    /// The first day whose rows are kept; retention took those before.
    pub(crate) kept_from: Option<i32>,
    pub(crate) parts: Vec<Part>,
    pub(crate) days: Vec<StoredDay>,
}

/// A day that was merged.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct StoredDay {
    pub(crate) day: i32,
    /// The first day whose blocks were looked at.
    pub(crate) reach: i32,
    /// Hash of the blocks from there to the day after, and of what they answer.
    pub(crate) key: String,
    /// Where its handles and sums are, and how long they are; 0 where they are gone.
    pub(crate) record: (u64, u32),
    /// What was made of its messages.
    pub(crate) made: Value,
}

impl Book {
    pub(crate) fn new(settings: String) -> Book {
        let text = Text { version: VERSION, settings, next_file: 1, ..Text::default() };
        Book { text, ..Book::default() }
    }

    pub(crate) fn to_bytes(&self) -> Option<Vec<u8>> {
        let text = serde_json::to_vec(&self.text).ok()?;
        let handles = self.handles.to_bytes();
        let mut out = Vec::with_capacity(24 + text.len() + handles.len() + self.people.len() * 8);
        for length in [text.len(), handles.len(), self.people.len()] {
            out.extend_from_slice(&(length as u64).to_le_bytes());
        }
        out.extend_from_slice(&text);
        out.extend_from_slice(&handles);
        for id in &self.people {
            out.extend_from_slice(&id.to_le_bytes());
        }
        Some(out)
    }

    /// The book of these bytes, if it is of this version.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Book> {
        let mut rest = Packed(bytes);
        let [text, handles, people] = [rest.long()?, rest.long()?, rest.long()?].map(|length| length as usize);
        let text: Text = serde_json::from_slice(rest.bytes(text)?).ok()?;
        let handles = StoredHandles::from_bytes(rest.bytes(handles)?)?;
        let (ids, _) = rest.bytes(people.checked_mul(8)?)?.as_chunks::<8>();
        let people = ids.iter().map(|id| i64::from_le_bytes(*id)).collect();
        (text.version == VERSION && rest.0.is_empty()).then_some(Book { text, handles, people })
    }

    /// Where what it names was put.
    pub(crate) fn places(&self) -> Vec<u64> {
        let parts = self.text.parts.iter();
        let of_parts = parts.flat_map(|part| part.blocks.iter().map(|block| block.at).chain([part.records.0]));
        let records = self.text.days.iter().map(|day| day.record).filter(|&(_, length)| length > 0);
        let mut places: Vec<u64> = of_parts.chain(records.map(|(at, _)| at)).collect();
        places.sort_unstable();
        places.dedup();
        places
    }
}
