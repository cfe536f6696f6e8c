//! Identifiers of people that cannot be printed by accident.

use std::fmt;

/// Bytes of a pseudonym at most.
const LENGTH: usize = 26;

/// The keyed pseudonym of a person or account in restricted tables: 26 base32 characters. They stand in the value itself,
/// since tables have millions of them.
///
/// `Debug` and `Display` redact it; [`PersonId::expose`] is for the writer of restricted tables.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PersonId {
    /// Zeros follow, so that values compare as their texts do.
    text: [u8; LENGTH],
    length: u8,
}

impl PersonId {
    /// Wraps a pseudonym; `None` if it is longer than one. `crosstie-privacy` makes them.
    #[must_use]
    pub fn new(pseudonym: &str) -> Option<PersonId> {
        let mut text = [0; LENGTH];
        text.get_mut(..pseudonym.len())?.copy_from_slice(pseudonym.as_bytes());
        Some(PersonId { text, length: pseudonym.len() as u8 })
    }

    /// The pseudonym itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        str::from_utf8(&self.text[..usize::from(self.length)]).expect("it was a text")
    }
}

impl fmt::Debug for PersonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<person>")
    }
}

impl fmt::Display for PersonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<person>")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_nothing_of_a_person() {
        let id = PersonId::new("abcdefghijklmnopqrstuvwxyz").unwrap();
        assert_eq!(format!("{id} {id:?}"), "<person> <person>");
    }

    #[test]
    fn it_compares_as_its_text() {
        let texts = ["", "2", "22", "A", "AA", "AAAAAAAAAAAAAAAAAAAAAAAAAA", "AB", "B", "\u{e9}"];
        let ids = texts.map(|text| PersonId::new(text).unwrap());
        assert!(ids.is_sorted_by(|a, b| a < b));
        assert_eq!(ids.map(|id| id.expose().to_string()), texts);
        assert!(PersonId::new("AAAAAAAAAAAAAAAAAAAAAAAAAAA").is_none());
    }
}
