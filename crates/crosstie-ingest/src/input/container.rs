//! What a path holds: one stream, or many named ones in a folder, a zip or a tar archive. Nothing is ever extracted.

use super::fault::StreamFault;
use super::limits::Packing;
use super::zip_entries::ZipEntries;
use super::{Steady, open_stream, stream_error};
use crate::IngestError;
use crate::files::{FileFingerprint, entries, is_input};
use crosstie_model::{Code, code};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// A path as the readers see it.
pub(crate) enum Container {
    /// One file, perhaps compressed.
    One(PathBuf),
    /// A folder with everything below it.
    Folder(PathBuf),
    /// A zip archive.
    Zip(PathBuf),
    /// A tar archive, perhaps compressed.
    Tar(PathBuf),
    /// Entries that are held in memory, sorted by name.
    Memory(Vec<(String, Vec<u8>)>),
}

/// An entry as it is handed out.
pub(crate) enum EntryBody<'e> {
    /// Its bytes.
    Stream(&'e mut dyn Read),
    /// Its name or kind is refused; nothing of it was read. Its size as stated.
    Refused(Code, u64),
    /// Nobody asked for it; its size as stated.
    Unread(u64),
}

/// What is done with an entry.
pub(crate) type Use<'u> = dyn FnMut(&str, EntryBody<'_>) -> Result<(), IngestError> + 'u;

/// Most bytes of a tar header's magic.
const TAR_MAGIC: std::ops::Range<usize> = 257..262;

impl Container {
    /// Looks at the first bytes of a file, or takes a folder.
    pub(crate) fn of(path: &Path) -> Result<Container, IngestError> {
        if path.is_dir() {
            return Ok(Container::Folder(path.into()));
        }
        let mut stream = open_stream(path)?;
        if stream.is_zip() {
            return Ok(Container::Zip(path.into()));
        }
        let mut head = Vec::new();
        stream.reader.by_ref().take(512).read_to_end(&mut head).map_err(|error| stream_error(path, error))?;
        let is_tar = head.get(TAR_MAGIC).is_some_and(|magic| magic == b"ustar");
        Ok(if is_tar { Container::Tar(path.into()) } else { Container::One(path.into()) })
    }

    /// Whether it has several entries.
    pub(crate) fn is_archive(&self) -> bool {
        !matches!(self, Container::One(_))
    }

    /// Hands every entry to `each`, in the order of their names (tar: as stored). `wanted` says which are opened.
    ///
    /// # Errors
    /// What is wrong with the archive as a whole, and what `each` returns.
    pub(crate) fn each(&self, wanted: &dyn Fn(&str) -> bool, each: &mut Use<'_>) -> Result<(), IngestError> {
        match self {
            Container::One(path) => {
                let mut stream = open_stream(path)?;
                each(&file_name(path), EntryBody::Stream(&mut stream.reader))
            }
            Container::Folder(root) => folder(root, wanted, each),
            Container::Zip(path) => ZipEntries::open(path)?.each(path, wanted, each),
            Container::Tar(path) => tar(path, wanted, each),
            Container::Memory(entries) => {
                for (name, bytes) in entries {
                    let body = if wanted(name) {
                        EntryBody::Stream(&mut bytes.as_slice())
                    } else {
                        EntryBody::Unread(bytes.len() as u64)
                    };
                    each(name, body)?;
                }
                Ok(())
            }
        }
    }

    /// Size and hash: of the file as stored, or over the names and contents of a folder.
    pub(crate) fn fingerprint(&self, source: &str) -> Result<FileFingerprint, IngestError> {
        match self {
            Container::Folder(root) => folder_fingerprint(source, root),
            Container::Memory(_) => {
                Ok(FileFingerprint { source: source.into(), path: PathBuf::new(), size: 0, blake3: String::new() })
            }
            Container::One(path) | Container::Zip(path) | Container::Tar(path) => {
                let failed = |error| stream_error(path, error);
                let mut hasher = blake3::Hasher::new();
                let size = io::copy(&mut File::open(path).map_err(failed)?, &mut hasher).map_err(failed)?;
                let blake3 = hasher.finalize().to_hex().to_string();
                Ok(FileFingerprint { source: source.into(), path: path.into(), size, blake3 })
            }
        }
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Every file below a folder, named relative to it. A link is refused unopened: it can lead anywhere.
fn folder(root: &Path, wanted: &dyn Fn(&str) -> bool, each: &mut Use<'_>) -> Result<(), IngestError> {
    for (name, path) in below(root)? {
        let metadata = fs::symlink_metadata(&path).map_err(|error| hidden(root, stream_error(root, error)))?;
        if !metadata.is_file() {
            each(&name, EntryBody::Refused(code::I205, 0))?;
        } else if wanted(&name) {
            let steady = Steady::watch(&path).map_err(|error| hidden(root, error))?;
            let mut stream = open_stream(&path).map_err(|error| hidden(root, error))?;
            each(&name, EntryBody::Stream(&mut stream.reader))?;
            steady.end().map_err(|error| hidden(root, error))?;
        } else {
            each(&name, EntryBody::Unread(metadata.len()))?;
        }
    }
    Ok(())
}

/// Files and links below a folder, sorted by name.
fn below(root: &Path) -> Result<Vec<(String, PathBuf)>, IngestError> {
    let mut found = Vec::new();
    let mut open = vec![root.to_path_buf()];
    while let Some(folder) = open.pop() {
        for path in entries(&folder).map_err(|error| hidden(root, error))? {
            if !path.file_name().is_some_and(|name| is_input(&name.to_string_lossy())) {
                continue;
            }
            let is_link = fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_symlink());
            if path.is_dir() && !is_link {
                open.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
                found.push((name, path));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Folders can be named after people: errors tell the export's own path.
pub(crate) fn hidden(root: &Path, error: IngestError) -> IngestError {
    match error {
        IngestError::Io { source, .. } => IngestError::Io { path: root.into(), source },
        IngestError::Changed { .. } => IngestError::Changed { path: root.into() },
        IngestError::Missing { .. } => IngestError::Missing { path: root.into() },
        IngestError::KeptIsDamaged => IngestError::KeptIsDamaged,
        IngestError::Unusable(found) => IngestError::Unusable(
            found
                .into_iter()
                .map(|mut diagnostic| {
                    if let Some(place) = &mut diagnostic.place {
                        place.path = root.display().to_string();
                    }
                    diagnostic
                })
                .collect(),
        ),
    }
}

fn folder_fingerprint(source: &str, root: &Path) -> Result<FileFingerprint, IngestError> {
    let mut hasher = blake3::Hasher::new();
    let mut size = 0;
    for (name, path) in below(root)? {
        let is_file = fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_file());
        let mut content = blake3::Hasher::new();
        if is_file {
            let mut file = File::open(&path).map_err(|error| hidden(root, stream_error(root, error)))?;
            size += io::copy(&mut file, &mut content).map_err(|error| hidden(root, stream_error(root, error)))?;
        }
        hasher.update(&(name.len() as u64).to_le_bytes());
        hasher.update(name.as_bytes());
        hasher.update(content.finalize().as_bytes());
    }
    let blake3 = hasher.finalize().to_hex().to_string();
    Ok(FileFingerprint { source: source.into(), path: root.into(), size, blake3 })
}

fn tar(path: &Path, wanted: &dyn Fn(&str) -> bool, each: &mut Use<'_>) -> Result<(), IngestError> {
    let failed = |error| stream_error(path, error);
    let mut archive = ::tar::Archive::new(Unended(open_stream(path)?.reader));
    for entry in archive.entries().map_err(failed)? {
        let mut entry = entry.map_err(failed)?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let name = name.strip_prefix("./").unwrap_or(&name).to_string();
        let kind = entry.header().entry_type();
        let size = entry.size();
        if kind.is_dir() || kind.is_pax_global_extensions() {
            continue;
        }
        if !kind.is_file() {
            each(&name, EntryBody::Refused(code::I205, 0))?;
        } else if is_bad_name(&name) {
            each(&name, EntryBody::Refused(code::I204, size))?;
        } else if wanted(&name) {
            let mut whole = Whole { inner: &mut entry, left: size };
            each(&name, EntryBody::Stream(&mut whole))?;
        } else {
            each(&name, EntryBody::Unread(size))?;
        }
    }
    // Behind the end of the archive lies that of the compressed stream, with its checksum.
    io::copy(&mut archive.into_inner().0, &mut io::sink()).map_err(failed)?;
    Ok(())
}

/// A tar archive says itself where it ends: whoever has to read on after the last byte holds a part of one.
struct Unended<R>(R);

impl<R: Read> Read for Unended<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer)? {
            0 if !buffer.is_empty() => Err(StreamFault(code::I201).into()),
            length => Ok(length),
        }
    }
}

/// An entry that must have the size it states.
pub(super) struct Whole<R> {
    pub(super) inner: R,
    pub(super) left: u64,
}

impl<R: Read> Read for Whole<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer).map_err(named)?;
        match self.left.checked_sub(length as u64) {
            Some(left) if length > 0 || left == 0 || buffer.is_empty() => self.left = left,
            _ => return Err(StreamFault(code::I208).into()),
        }
        Ok(length)
    }
}

/// The crate zip stops at the stated size by itself, and tells it in words alone.
fn named(error: io::Error) -> io::Error {
    let is_longer = error.to_string().contains("larger than its declared uncompressed size");
    if is_longer { StreamFault(code::I208).into() } else { error }
}

/// A name that is absolute or leaves the archive.
pub(super) fn is_bad_name(name: &str) -> bool {
    name.starts_with('/')
        || name.contains('\\')
        || name.split('/').any(|part| part == "..")
        || name.get(1..2) == Some(":")
}

/// Whether an entry is an archive itself.
pub(super) fn is_packed(head: &[u8]) -> bool {
    Packing::of(head) != Packing::Plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_leave_the_archive() {
        for name in ["/abs/x", "../../x", "a/../../b", "C:\\x", "a\\b", "c:/x"] {
            assert!(is_bad_name(name), "{name}");
        }
        assert!(!is_bad_name("general/2026-03-02.json"));
    }

    #[test]
    fn an_entry_has_the_size_it_states() {
        let read = |left: u64| {
            let mut out = Vec::new();
            Whole { inner: &b"12345"[..], left }.read_to_end(&mut out).is_ok()
        };
        assert_eq!((read(4), read(5), read(6)), (false, true, false));
    }
}
