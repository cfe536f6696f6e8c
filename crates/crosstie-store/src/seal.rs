//! The seal of a manifest: its last entry is the BLAKE3 of all its other bytes. Every other file has its hash in a
//! manifest, and every manifest but the newest in the next one; without a seal a changed newest one would go unseen.

use crate::StoreError;
use crate::manifest::Manifest;
use std::fs;
use std::path::Path;

const BEFORE: &str = ",\n  \"seal\": \"";
const AFTER: &str = "\"\n}\n";
const DIGITS: usize = 64;

/// A manifest as it stands in a file.
#[derive(Debug)]
pub(crate) struct Sealed {
    pub(crate) manifest: Manifest,
    /// BLAKE3 of the whole file.
    pub(crate) blake3: String,
}

impl Sealed {
    /// Reads a manifest whose seal is whole.
    ///
    /// # Errors
    /// The file cannot be read; it was changed, or is no manifest.
    pub(crate) fn read(path: &Path) -> Result<Sealed, StoreError> {
        let bytes = fs::read(path).map_err(|source| StoreError::reading(path, source))?;
        let wrong = || StoreError::Manifest { path: path.to_path_buf() };
        if !is_whole(&bytes) {
            return Err(wrong());
        }
        let manifest = serde_json::from_slice(&bytes).map_err(|_| wrong())?;
        Ok(Sealed { manifest, blake3: blake3::hash(&bytes).to_hex().to_string() })
    }
}

/// The bytes of a manifest's file.
pub(crate) fn seal(manifest: &Manifest) -> Result<Vec<u8>, StoreError> {
    let text = serde_json::to_string_pretty(manifest).map_err(|_| StoreError::Encode { table: "manifest" })?;
    let open = text.strip_suffix("\n}").ok_or(StoreError::Encode { table: "manifest" })?;
    let digits = blake3::hash(format!("{open}{BEFORE}{AFTER}").as_bytes()).to_hex();
    Ok(format!("{open}{BEFORE}{digits}{AFTER}").into_bytes())
}

fn is_whole(bytes: &[u8]) -> bool {
    let Some(head) = bytes.strip_suffix(AFTER.as_bytes()) else { return false };
    let Some(cut) = head.len().checked_sub(DIGITS) else { return false };
    let (before, digits) = head.split_at(cut);
    let mut hasher = blake3::Hasher::new();
    hasher.update(before).update(AFTER.as_bytes());
    before.ends_with(BEFORE.as_bytes()) && hasher.finalize().to_hex().as_bytes() == digits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::tests::manifest;

    #[test]
    fn every_changed_bit_and_every_missing_byte_is_found() {
        let bytes = seal(&manifest("one")).unwrap();
        assert!(is_whole(&bytes));
        assert_eq!(serde_json::from_slice::<Manifest>(&bytes).unwrap(), manifest("one"));
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut changed = bytes.clone();
                changed[at] ^= 1 << bit;
                assert!(!is_whole(&changed), "byte {at}, bit {bit}");
            }
            assert!(!is_whole(&bytes[..at]), "{at} bytes");
        }
    }
}
