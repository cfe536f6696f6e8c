//! Who was forgotten, as marks: keyed hashes of whatever named them, under a purpose of their own. A mark tells an id that
//! comes along again, and is none itself.

use crate::{KeyedHash, Purpose};

/// Marks of people who were forgotten, sorted.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Erased {
    marks: Vec<i64>,
}

impl std::fmt::Debug for Erased {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "<{} marks>", self.marks.len())
    }
}

impl Erased {
    /// These marks.
    #[must_use]
    pub fn new(mut marks: Vec<i64>) -> Erased {
        marks.sort_unstable();
        marks.dedup();
        Erased { marks }
    }

    /// The marks, sorted.
    #[must_use]
    pub fn marks(&self) -> &[i64] {
        &self.marks
    }

    /// Whether nobody was forgotten.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.marks.is_empty()
    }

    /// Whether a mark is among them.
    #[must_use]
    pub fn has(&self, mark: i64) -> bool {
        self.marks.binary_search(&mark).is_ok()
    }

    /// Whether the keyed id of a person, address or account is of somebody who was forgotten.
    #[must_use]
    pub fn has_id(&self, keyed: &dyn KeyedHash, id: i64) -> bool {
        !self.is_empty() && self.has(mark_of_id(keyed, id))
    }
}

/// The mark of the keyed id of a person, address or account.
#[must_use]
pub fn mark_of_id(keyed: &dyn KeyedHash, id: i64) -> i64 {
    mark(keyed, &[b"id", &id.to_le_bytes()])
}

/// The mark of a pseudonym in restricted tables.
#[must_use]
pub fn mark_of_pseudonym(keyed: &dyn KeyedHash, pseudonym: &str) -> i64 {
    mark(keyed, &[b"pseudonym", pseudonym.as_bytes()])
}

/// The mark of a tag in the release ledger.
#[must_use]
pub fn mark_of_tag(keyed: &dyn KeyedHash, tag: u64) -> i64 {
    mark(keyed, &[b"tag", &tag.to_le_bytes()])
}

/// 8 bytes with the top bit cleared, as ids have it.
fn mark(keyed: &dyn KeyedHash, parts: &[&[u8]]) -> i64 {
    let hash = keyed.hash(Purpose::Erasure, parts);
    i64::from_be_bytes([0, 1, 2, 3, 4, 5, 6, 7].map(|at| hash[at])) & i64::MAX
}
