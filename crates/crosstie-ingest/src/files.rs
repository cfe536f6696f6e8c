//! Input files: listing a path, folder or pattern in a fixed order, and reading a file that must not change meanwhile.

use crate::IngestError;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

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

impl FileFingerprint {
    pub(crate) fn of(source: &str, path: &Path, bytes: &[u8]) -> FileFingerprint {
        let blake3 = blake3::hash(bytes).to_hex().to_string();
        FileFingerprint { source: source.into(), path: path.into(), size: bytes.len() as u64, blake3 }
    }
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
    let mut files: Vec<PathBuf> = entries(folder)?
        .into_iter()
        .filter(|file| file.is_file())
        .filter(|file| {
            let name = file.file_name().map(|name| name.to_string_lossy());
            name.is_some_and(|name| is_input(&name) && matches(&pattern, &name))
        })
        .collect();
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

/// Whether a file of this name is finished input.
pub(crate) fn is_input(name: &str) -> bool {
    let temporary = [".tmp", ".part", ".partial", ".crdownload"];
    !name.starts_with('.') && !name.starts_with("~$") && !temporary.iter().any(|end| name.ends_with(end))
}

/// Whether a name matches a pattern of literal characters, `*` and `?`. Time O(pattern · name).
fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    // `reached[i]`: the pattern so far can end after i characters of the name.
    let mut reached = vec![false; name.len() + 1];
    reached[0] = true;
    for &symbol in &pattern {
        if symbol == '*' {
            for i in 1..reached.len() {
                reached[i] |= reached[i - 1];
            }
        } else {
            for i in (1..reached.len()).rev() {
                reached[i] = reached[i - 1] && (symbol == '?' || symbol == name[i - 1]);
            }
            reached[0] = false;
        }
    }
    reached[name.len()]
}

/// Reads a whole file and makes sure that it did not change meanwhile.
pub(crate) fn read_steady(path: &Path) -> Result<Vec<u8>, IngestError> {
    let failed = |source: std::io::Error| match source.kind() {
        std::io::ErrorKind::NotFound => IngestError::Missing { path: path.to_path_buf() },
        _ => IngestError::Io { path: path.to_path_buf(), source },
    };
    let state = || -> std::io::Result<(u64, SystemTime)> {
        let metadata = fs::metadata(path)?;
        Ok((metadata.len(), metadata.modified()?))
    };
    let before = state().map_err(failed)?;
    let bytes = fs::read(path).map_err(failed)?;
    let after = state().map_err(failed)?;
    if before != after || bytes.len() as u64 != before.0 {
        return Err(IngestError::Changed { path: path.to_path_buf() });
    }
    Ok(bytes)
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
