//! Identifiers of people that cannot be printed by accident.

use std::fmt;

/// The keyed pseudonym of a person or account in restricted tables: 26 base32 characters.
///
/// `Debug` and `Display` redact it; [`PersonId::expose`] is for the writer of restricted tables.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PersonId(String);

impl PersonId {
    /// Wraps a pseudonym. `crosstie-privacy` makes them.
    #[must_use]
    pub fn new(pseudonym: String) -> PersonId {
        PersonId(pseudonym)
    }

    /// The pseudonym itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
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
        let id = PersonId::new("abcdefghijklmnopqrstuvwxyz".into());
        assert_eq!(format!("{id} {id:?}"), "<person> <person>");
    }
}
