//! A dictionary attack on pseudonyms: whoever has the roster hashes it without a key, in the ways in which pseudonyms are
//! commonly made, and looks for the results.

use crate::audit::Exposure;
use crate::pseudonym::base32;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// Pseudonyms that are a hash of an entry of the roster without a secret.
///
/// Asked are SHA-256, BLAKE3 and HMAC-SHA-256 under an empty key and one of zeros, each cut to the form of the pseudonyms and
/// written in hexadecimal. Time O(roster · hashes), memory O(pseudonyms).
#[must_use]
pub fn dictionary<'t>(pseudonyms: impl Iterator<Item = &'t str>, roster: impl Iterator<Item = String>) -> Exposure {
    let pseudonyms: BTreeSet<String> = pseudonyms.map(str::to_uppercase).collect();
    let mut found = BTreeSet::new();
    for entry in roster {
        for digest in digests(entry.as_bytes()) {
            let hex: String = digest.iter().map(|byte| format!("{byte:02X}")).collect();
            let guesses = [base32(&digest[..16]), base32(&digest), hex[..32].to_string(), hex];
            found.extend(guesses.into_iter().filter(|guess| pseudonyms.contains(guess)));
        }
    }
    Exposure { examined: pseudonyms.len() as u64, exposed: found.len() as u64 }
}

fn digests(entry: &[u8]) -> [[u8; 32]; 4] {
    let keyed = |key: &[u8]| {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length of key will do");
        mac.update(entry);
        mac.finalize().into_bytes().into()
    };
    [Sha256::digest(entry).into(), *blake3::hash(entry).as_bytes(), keyed(&[]), keyed(&[0; 32])]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MasterKey, Pseudonyms};
    use crosstie_model::Day;

    #[test]
    fn hashes_without_a_key_are_found_and_pseudonyms_are_not() {
        let roster: Vec<String> = (0..50).map(|number| format!("person{number}@corp.example")).collect();
        let attack = |ids: &[String]| dictionary(ids.iter().map(String::as_str), roster.iter().cloned());
        let plain: Vec<String> = roster.iter().map(|entry| base32(&Sha256::digest(entry)[..16])).collect();
        assert_eq!(attack(&plain), Exposure { examined: 50, exposed: 50 });
        let hex: Vec<String> = roster.iter().map(|entry| blake3::hash(entry.as_bytes()).to_hex().to_string()).collect();
        assert_eq!(attack(&hex), Exposure { examined: 50, exposed: 50 });
        let key = MasterKey::generate().unwrap();
        let ids: Vec<String> =
            roster.iter().map(|entry| Pseudonyms::new(&key, Day(0)).person(entry).expose().to_string()).collect();
        assert_eq!(attack(&ids), Exposure { examined: 50, exposed: 0 });
    }
}
