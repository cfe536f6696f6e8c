//! From the fuzzer's bytes to the entries of an export.
//!
//! A first byte below 16 is the mode: its lowest bit makes every further byte a word of the format's alphabet, the
//! others choose among the ways in which a format can be planned. Without it the bytes are taken as they are, so that a
//! corpus file is a plain export. Entries begin with a line `--- NAME`.

use crate::formats::Form;
use crate::words::mapped;

/// First bytes below this are the mode.
const MODES: u8 = 16;
/// Begins the line that names an entry.
const ENTRY: &[u8] = b"--- ";

/// What one run reads.
pub struct Input {
    /// Which of the ways to plan the format.
    pub variant: u8,
    /// Entries by name; of formats that are one file, one.
    pub entries: Vec<(String, Vec<u8>)>,
}

/// The mode, and the bytes behind it with their words written out.
#[must_use]
pub fn unmapped(data: &[u8], words: &[&str]) -> (u8, Vec<u8>) {
    match data.split_first() {
        Some((&mode, rest)) if mode < MODES && mode & 1 == 1 => (mode >> 1, mapped(rest, words)),
        Some((&mode, rest)) if mode < MODES => (mode >> 1, rest.to_vec()),
        _ => (0, data.to_vec()),
    }
}

impl Input {
    /// Takes the fuzzer's bytes apart.
    #[must_use]
    pub fn of(data: &[u8], form: &Form) -> Input {
        let (variant, bytes) = unmapped(data, form.words);
        let entries = if form.is_export { entries(&bytes) } else { vec![(form.file.to_string(), bytes)] };
        Input { variant, entries }
    }

    /// The entries as the reader takes them.
    #[must_use]
    pub fn borrowed(&self) -> Vec<(&str, &[u8])> {
        self.entries.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect()
    }
}

/// Splits at lines that name an entry. A name occurs once, as in an archive: what repeats it is not taken.
fn entries(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut found: Vec<(String, Vec<u8>)> = Vec::new();
    let mut open = false;
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        if let Some(name) = line.strip_prefix(ENTRY) {
            let name = String::from_utf8_lossy(name).trim().to_string();
            open = !found.iter().any(|(known, _)| *known == name);
            if open {
                found.push((name, Vec::new()));
            }
        } else if let (Some((_, entry)), true) = (found.last_mut(), open) {
            entry.extend_from_slice(line);
        }
    }
    found
}
