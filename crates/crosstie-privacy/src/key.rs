//! The master key, and the keyed hashes derived from it by purpose. A hash without a secret is a lookup table: a
//! million addresses take a second to try.

use crate::siphash::Inputs;
use crosstie_model::{KeyedHash, Purpose, SimdWidth};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use siphasher::sip128::{Hasher128, SipHasher24};
use std::fmt;
use std::hash::Hasher;
use zeroize::{Zeroize, Zeroizing};

/// First word of the key file's one line.
const FORM: &str = "crosstie-key-v1";

/// 32 random bytes, wiped when dropped, printed nowhere.
pub struct MasterKey {
    purposes: [[u8; 32]; Purpose::ALL.len()],
    key_id: String,
    line: Zeroizing<String>,
}

/// Why there is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The text is not a key.
    #[error("not one line of `crosstie-key-v1` and 64 hexadecimal digits")]
    Malformed,
    /// The system gave no random bytes.
    #[error("the system gave no random bytes")]
    NoRandom,
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<key>")
    }
}

impl Drop for MasterKey {
    fn drop(&mut self) {
        self.purposes.zeroize();
    }
}

impl MasterKey {
    /// A new key from the system's random numbers.
    ///
    /// # Errors
    /// [`KeyError::NoRandom`].
    pub fn generate() -> Result<MasterKey, KeyError> {
        let mut bytes = Zeroizing::new([0u8; 32]);
        getrandom::fill(bytes.as_mut_slice()).map_err(|_| KeyError::NoRandom)?;
        Ok(MasterKey::from_bytes(&bytes))
    }

    /// Numbers that nobody can guess and that say nothing: hashes under a key that is never kept.
    ///
    /// # Errors
    /// [`KeyError::NoRandom`].
    pub fn draws() -> Result<impl FnMut() -> u64, KeyError> {
        let key = MasterKey::generate()?;
        let mut number = 0u64;
        Ok(move || {
            number += 1;
            let hash = key.hash(Purpose::Erasure, &[&number.to_le_bytes()]);
            u64::from_le_bytes([0, 1, 2, 3, 4, 5, 6, 7].map(|at| hash[at]))
        })
    }

    /// A key from the text of a key file.
    ///
    /// # Errors
    /// [`KeyError::Malformed`].
    pub fn parse(text: &str) -> Result<MasterKey, KeyError> {
        let hex =
            text.trim_end().strip_prefix(FORM).and_then(|rest| rest.strip_prefix(' ')).ok_or(KeyError::Malformed)?;
        if hex.len() != 64 || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(KeyError::Malformed);
        }
        let mut bytes = Zeroizing::new([0u8; 32]);
        for (byte, pair) in bytes.iter_mut().zip(hex.as_bytes().chunks(2)) {
            let digits = std::str::from_utf8(pair).map_err(|_| KeyError::Malformed)?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| KeyError::Malformed)?;
        }
        Ok(MasterKey::from_bytes(&bytes))
    }

    fn from_bytes(bytes: &[u8; 32]) -> MasterKey {
        let purposes = Purpose::ALL.map(|purpose| mac(bytes, &[b"crosstie/v1/", purpose.label().as_bytes()]));
        let key_id = mac(bytes, &[b"key-id"])[..8].iter().map(|byte| format!("{byte:02x}")).collect();
        let hex: Zeroizing<String> = Zeroizing::new(bytes.iter().map(|byte| format!("{byte:02x}")).collect());
        MasterKey { purposes, key_id, line: Zeroizing::new(format!("{FORM} {}\n", *hex)) }
    }

    /// The line of a key file, for the writer of a new one.
    #[must_use]
    pub fn line(&self) -> &str {
        &self.line
    }

    /// 16 hexadecimal digits that name the key and say nothing of it.
    #[must_use]
    pub fn key_id(&self) -> &str {
        &self.key_id
    }
}

impl KeyedHash for MasterKey {
    fn hash(&self, purpose: Purpose, parts: &[&[u8]]) -> [u8; 16] {
        if purpose == Purpose::Message {
            return message_hash(&self.purposes[purpose as usize], parts);
        }
        let mut mac = new_mac(&self.purposes[purpose as usize]);
        for part in parts {
            mac.update(&(part.len() as u64).to_le_bytes());
            mac.update(part);
        }
        let whole = mac.finalize().into_bytes();
        let mut half = [0; 16];
        half.copy_from_slice(&whole[..16]);
        half
    }

    fn hash_each(&self, purpose: Purpose, lists: &[[&[u8]; 3]]) -> Vec<[u8; 16]> {
        if purpose != Purpose::Message {
            return lists.iter().map(|parts| self.hash(purpose, parts)).collect();
        }
        let mut inputs = Inputs::for_count(lists.len());
        lists.iter().for_each(|parts| inputs.push(parts));
        inputs.hashes(sip_key(&self.purposes[purpose as usize]), SimdWidth::Best)
    }
}

/// SipHash-2-4 with 128 bits (Aumasson & Bernstein 2012): a keyed hash for short input, many times quicker than an HMAC.
/// Every message has one, and none is shown to anybody who is not shown the messages.
fn message_hash(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 16] {
    let [one, two] = sip_key(key);
    let mut hasher = SipHasher24::new_with_keys(one, two);
    for part in parts {
        hasher.write(&(part.len() as u64).to_le_bytes());
        hasher.write(part);
    }
    hasher.finish128().as_bytes()
}

/// The first half of a key, as the hash takes it.
fn sip_key(key: &[u8; 32]) -> [u64; 2] {
    let (words, _) = key.as_chunks::<8>();
    [u64::from_le_bytes(words[0]), u64::from_le_bytes(words[1])]
}

fn new_mac(key: &[u8; 32]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes a key of any length")
}

fn mac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = new_mac(key);
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "crosstie-key-v1 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n";

    #[test]
    fn a_key_comes_back_from_its_line() {
        let key = MasterKey::generate().unwrap();
        let again = MasterKey::parse(key.line()).unwrap();
        assert_eq!(key.key_id(), again.key_id());
        assert_eq!(key.hash(Purpose::Person, &[b"a"]), again.hash(Purpose::Person, &[b"a"]));
        assert_eq!(format!("{key:?}"), "<key>");
    }

    #[test]
    fn many_hashes_are_those_of_each() {
        let key = MasterKey::parse(LINE).unwrap();
        let texts: Vec<Vec<u8>> = (0..50).map(|length| vec![5; length]).collect();
        let lists: Vec<[&[u8]; 3]> = texts.iter().map(|text| [b"mid", text.as_slice(), &[1; 8]]).collect();
        for purpose in [Purpose::Message, Purpose::Handle] {
            let each: Vec<[u8; 16]> = lists.iter().map(|parts| key.hash(purpose, parts)).collect();
            assert_eq!(key.hash_each(purpose, &lists), each);
        }
    }

    #[test]
    fn purposes_and_parts_never_meet() {
        let key = MasterKey::parse(LINE).unwrap();
        let mut seen: Vec<[u8; 16]> = Purpose::ALL.iter().map(|&purpose| key.hash(purpose, &[b"ab", b"c"])).collect();
        seen.push(key.hash(Purpose::Handle, &[b"a", b"bc"]));
        seen.push(key.hash(Purpose::Handle, &[b"abc"]));
        let count = seen.len();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), count);
    }

    #[test]
    fn what_is_no_key() {
        for text in ["", "crosstie-key-v1", "crosstie-key-v2 00", &LINE[..70], &LINE.replace("0001", "zz01")] {
            assert_eq!(MasterKey::parse(text).err(), Some(KeyError::Malformed), "{text}");
        }
    }
}
