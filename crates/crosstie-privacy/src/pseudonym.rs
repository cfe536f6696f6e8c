//! Pseudonyms of people and accounts, by epoch: the same on every night of a year, and unlinkable by eye across years.

use crosstie_model::{Day, KeyedHash, PersonId, Purpose};

/// Days after which pseudonyms change.
pub const ROTATION_DAYS: i32 = 365;

/// Makes pseudonyms for one run's date.
#[derive(Clone, Copy)]
pub struct Pseudonyms<'a> {
    keyed: &'a dyn KeyedHash,
    epoch: u32,
}

impl<'a> Pseudonyms<'a> {
    /// For a run's date: the epoch follows from the date, so a backfill gives the same ids.
    #[must_use]
    pub fn new(keyed: &'a dyn KeyedHash, date: Day) -> Pseudonyms<'a> {
        Pseudonyms { keyed, epoch: date.0.div_euclid(ROTATION_DAYS) as u32 }
    }

    /// The number of the epoch, for the manifest.
    #[must_use]
    pub fn epoch(&self) -> u32 {
        self.epoch
    }

    /// Of a person by the directory's key.
    #[must_use]
    pub fn person(&self, person_key: &str) -> PersonId {
        self.id(b"person", &self.keyed.hash(Purpose::Person, &[person_key.as_bytes()]))
    }

    /// Of an account by its handle's id.
    #[must_use]
    pub fn account(&self, handle_id: i64) -> PersonId {
        self.id(b"account", &handle_id.to_be_bytes())
    }

    fn id(&self, kind: &[u8], token: &[u8]) -> PersonId {
        let pseudonym = base32(&self.keyed.hash(Purpose::Restricted, &[kind, &self.epoch.to_le_bytes(), token]));
        PersonId::new(&pseudonym).expect("16 bytes are 26 characters")
    }
}

/// A pseudonym of nobody, in the form that those of people have.
pub fn drawn_pseudonym(draw: &mut dyn FnMut() -> u64) -> String {
    let mut bytes = [0; 16];
    for half in bytes.chunks_exact_mut(8) {
        half.copy_from_slice(&draw().to_le_bytes());
    }
    base32(&bytes)
}

/// RFC 4648 base32 without padding: 16 bytes are 26 characters.
pub(crate) fn base32(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut out = String::new();
    let (mut buffer, mut bits) = (0u32, 0);
    for &byte in bytes {
        buffer = (buffer << 8) | u32::from(byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            out.push(char::from(ALPHABET[(buffer >> bits) as usize & 31]));
        }
    }
    if bits > 0 {
        out.push(char::from(ALPHABET[(buffer << (5 - bits)) as usize & 31]));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MasterKey;

    #[test]
    fn base32_of_the_rfc() {
        for (bytes, text) in [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foobar", "MZXW6YTBOI")] {
            assert_eq!(base32(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn ids_depend_on_key_and_epoch_and_have_26_characters() {
        let (key, other) = (MasterKey::generate().unwrap(), MasterKey::generate().unwrap());
        let id = |key, day| Pseudonyms::new(key, Day(day)).person("p1").expose().to_string();
        assert_eq!(id(&key, 0).len(), 26);
        assert_eq!(id(&key, 0), id(&key, 364));
        assert_ne!(id(&key, 0), id(&key, 365));
        assert_ne!(id(&key, 0), id(&other, 0));
        let pseudonyms = Pseudonyms::new(&key, Day(0));
        assert_ne!(pseudonyms.account(1), pseudonyms.account(2));
    }
}
