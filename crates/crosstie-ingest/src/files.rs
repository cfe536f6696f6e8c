//! Input files: listing a path, folder or pattern in a fixed order, and reading a file that must not change meanwhile.

use crate::IngestError;
use crate::input::{Container, Steady, TextEncoding, decode, open_stream, stream_error};
use crate::out::Unfit;
use crosstie_model::code;
use sha2::{Digest, Sha256};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::str::Chars;

/// A file as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileFingerprint {
    /// Source it belongs to.
    pub source: String,
    /// Where it is.
    pub path: PathBuf,
    /// Bytes.
    pub size: u64,
    /// BLAKE3 of the content, in hexadecimal.
    pub blake3: String,
}

/// The files that a path names, sorted by their bytes: the file itself, all files of a folder, or those that match
/// `*` and `?` in the last part.
///
/// Hidden, temporary and half-copied names are no input.
///
/// # Errors
/// [`IngestError::Missing`] if there is none, [`IngestError::Io`] if a folder cannot be listed.
pub fn list_files(path: &Path) -> Result<Vec<PathBuf>, IngestError> {
    if path.is_file() {
        return Ok(vec![path.to_path_buf()]);
    }
    let missing = || IngestError::Missing { path: path.to_path_buf() };
    let (folder, pattern) = if path.is_dir() {
        (path, "*".to_string())
    } else {
        let pattern = path.file_name().and_then(|name| name.to_str()).ok_or_else(missing)?;
        (path.parent().unwrap_or(Path::new(".")), pattern.to_string())
    };
    if !folder.is_dir() {
        return Err(missing());
    }
    let failed = |source| IngestError::Io { path: folder.to_path_buf(), source };
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        // Most folders tell with a name what it names: a look at each file is spared.
        let is_file = || match entry.file_type() {
            Ok(kind) if !kind.is_symlink() => kind.is_file(),
            _ => entry.path().is_file(),
        };
        if is_input(&name) && matches(&pattern, &name) && is_file() {
            files.push(entry.path());
        }
    }
    files.sort();
    if files.is_empty() { Err(missing()) } else { Ok(files) }
}

/// The entries of a folder, sorted.
pub(crate) fn entries(folder: &Path) -> Result<Vec<PathBuf>, IngestError> {
    let failed = |source| IngestError::Io { path: folder.to_path_buf(), source };
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        found.push(entry.map_err(failed)?.path());
    }
    found.sort();
    Ok(found)
}

/// Ending of a file that holds the SHA-256 of the one beside it, as `sha256sum` writes it.
const SIDE_CAR: &str = ".sha256";

/// Compares a file with the hash beside it, if there is one: a gzip file that lost its last member shows no other trace.
///
/// # Errors
/// I212 if they differ, or an unreadable file.
pub(crate) fn check_side_car(path: &Path) -> Result<(), IngestError> {
    let mut name = path.as_os_str().to_owned();
    name.push(SIDE_CAR);
    let failed = |error| stream_error(path, error);
    let stated = match fs::read(&name) {
        Ok(stated) => stated,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(error)),
    };
    let mut file = fs::File::open(path).map_err(failed)?;
    let (mut hasher, mut buffer) = (Sha256::new(), vec![0; 256 * 1024]);
    loop {
        match file.read(&mut buffer).map_err(failed)? {
            0 => break,
            length => hasher.update(&buffer[..length]),
        }
    }
    let hash: String = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    let is_stated = stated.get(..hash.len()).is_some_and(|head| head.eq_ignore_ascii_case(hash.as_bytes()));
    if is_stated {
        Ok(())
    } else {
        Err(Unfit::because(code::I212, "it is not the file whose hash lies beside it").of(path))
    }
}

/// Whether a file of this name is finished input.
pub(crate) fn is_input(name: &str) -> bool {
    let other = [".tmp", ".part", ".partial", ".crdownload", SIDE_CAR];
    !name.starts_with('.') && !name.starts_with("~$") && !other.iter().any(|end| name.ends_with(end))
}

/// Whether a name matches a pattern of literal characters, `*` and `?`. Time O(pattern · name), no memory.
fn matches(pattern: &str, name: &str) -> bool {
    let (mut left, mut rest) = (pattern.chars(), name.chars());
    // Behind the last star: what is left of the pattern, and where the name goes on if the star takes one more.
    let mut star: Option<(Chars<'_>, Chars<'_>)> = None;
    loop {
        let at = rest.clone();
        match (left.next(), rest.next()) {
            (None, None) => return true,
            (Some('*'), _) => {
                rest = at.clone();
                star = Some((left.clone(), at));
            }
            (Some('?'), Some(_)) => {}
            (Some(symbol), Some(found)) if symbol == found => {}
            (Some(_), None) => return false,
            _ => {
                let Some((behind, from)) = &mut star else { return false };
                if from.next().is_none() {
                    return false;
                }
                (left, rest) = (behind.clone(), from.clone());
            }
        }
    }
}

/// A whole file of text.
pub(crate) struct TextFile {
    /// The text as UTF-8; what is no character in the file is no UTF-8 here.
    pub(crate) text: Vec<u8>,
    /// How the file writes it.
    pub(crate) encoding: TextEncoding,
    /// Zeros behind compressed data, in bytes.
    pub(crate) padding: u64,
    /// The file as stored.
    pub(crate) fingerprint: FileFingerprint,
}

/// Reads a whole file as UTF-8 text, decompressed and decoded, and makes sure that it did not change meanwhile.
pub(crate) fn read_steady(path: &Path) -> Result<Vec<u8>, IngestError> {
    read_text("", path).map(|file| file.text)
}

/// The same with what else is known of the file.
pub(crate) fn read_text(source: &str, path: &Path) -> Result<TextFile, IngestError> {
    let failed = |error| stream_error(path, error);
    let steady = Steady::watch(path)?;
    let mut stream = open_stream(path)?;
    let mut text = Vec::new();
    let mut decoded = decode(&mut stream.reader, None).map_err(failed)?;
    decoded.read_to_end(&mut text).map_err(failed)?;
    let encoding = decoded.encoding;
    steady.end()?;
    Ok(TextFile { text, encoding, padding: stream.padding(), fingerprint: stream.fingerprint(source, path) })
}

/// The fingerprint of a file that is read elsewhere.
///
/// # Errors
/// A missing or unreadable file.
pub fn fingerprint(source: &str, path: &Path) -> Result<FileFingerprint, IngestError> {
    Container::of(path)?.fingerprint(source)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, name, expected) in [
            ("*.csv", "a.csv", true),
            ("*.csv", "a.csv.gz", false),
            ("a?c*", "abcd", true),
            ("a?c", "ac", false),
            ("*", "", true),
            ("mail-*-*.csv", "mail-2026-03.csv", true),
            ("*ab*b", "aabab", true),
            ("*ab?", "abab", false),
            ("**é?", "xéz", true),
            ("*?", "", false),
            ("", "a", false),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn half_copied_files_are_no_input() {
        for name in [".a.csv", "~$a.csv", "a.csv.part", "a.tmp"] {
            assert!(!is_input(name), "{name}");
        }
        assert!(is_input("a.csv"));
    }
}
