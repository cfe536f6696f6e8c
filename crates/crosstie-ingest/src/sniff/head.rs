//! What recognition looks at: the names of entries and the first bytes of one file, decompressed and decoded.

use crate::IngestError;
use crate::input::{Container, EntryBody, decode, stream_error};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Bytes that are looked at.
const HEAD_BYTES: u64 = 256 * 1024;
/// Names that are looked at: an export of years has more, and its first ones tell.
const NAME_COUNT: usize = 5000;

/// The first bytes of a file.
#[derive(Clone, Debug, Default)]
pub(super) struct Head {
    /// Text as UTF-8 without its byte-order mark; of what is no text, the bytes.
    pub(super) bytes: Vec<u8>,
    /// Whether more follows.
    pub(super) is_cut: bool,
}

impl Head {
    /// The whole lines that were read: what is cut says nothing.
    pub(super) fn whole_lines(&self) -> &[u8] {
        match memchr::memrchr(b'\n', &self.bytes) {
            Some(end) if self.is_cut => &self.bytes[..=end],
            _ => &self.bytes,
        }
    }

    /// Lines without their ends.
    pub(super) fn lines(&self) -> impl Iterator<Item = &[u8]> {
        self.whole_lines().split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii_end)
    }
}

/// A path before anything is known of it.
pub(super) enum Look {
    /// One file, perhaps compressed.
    File(Head),
    /// A folder or an archive.
    Entries(Entries),
}

/// The entries of a folder or an archive.
pub(super) struct Entries {
    /// Names, sorted.
    pub(super) names: Vec<String>,
    /// What holds them, in words.
    pub(super) what: &'static str,
    path: PathBuf,
    container: Container,
}

/// Opens a path.
pub(super) fn look(path: &Path) -> Result<Look, IngestError> {
    let container = Container::of(path)?;
    let what = match &container {
        Container::One(_) => return Ok(Look::File(head_of(path, &container, &|_| true)?.unwrap_or_default())),
        Container::Folder(_) => "folder",
        Container::Zip(_) => "zip archive",
        Container::Tar(_) => "tar archive",
        Container::Memory(_) => "archive",
    };
    let mut names = Vec::new();
    let mut is_full = false;
    let listed = container.each(&|_| false, &mut |name, body| {
        if let EntryBody::Unread(_) = body {
            names.push(name.to_string());
        }
        is_full = names.len() >= NAME_COUNT;
        // There is no other way out of a walk than an error, which is dropped below.
        if is_full { Err(IngestError::Missing { path: path.into() }) } else { Ok(()) }
    });
    if !is_full {
        listed?;
    }
    names.sort();
    Ok(Look::Entries(Entries { names, what, path: path.into(), container }))
}

impl Entries {
    /// The first bytes of an entry.
    pub(super) fn head(&self, wanted: &str) -> Result<Head, IngestError> {
        Ok(head_of(&self.path, &self.container, &|name| name == wanted)?.unwrap_or_default())
    }

    /// Whether it is a folder.
    pub(super) fn is_folder(&self) -> bool {
        matches!(self.container, Container::Folder(_))
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Where an entry of a folder lies.
    pub(super) fn path_of(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }
}

fn head_of(path: &Path, container: &Container, wanted: &dyn Fn(&str) -> bool) -> Result<Option<Head>, IngestError> {
    let mut head = None;
    let walked = container.each(wanted, &mut |name, body| {
        let EntryBody::Stream(stream) = body else { return Ok(()) };
        if wanted(name) {
            head = Some(read(stream).map_err(|error| stream_error(path, error))?);
        }
        // The rest of the archive is not walked; this error is dropped below.
        Err(IngestError::Missing { path: path.into() })
    });
    match head {
        Some(head) => Ok(Some(head)),
        None => walked.map(|()| None),
    }
}

fn read(stream: &mut dyn Read) -> std::io::Result<Head> {
    let mut bytes = Vec::new();
    decode(stream, None)?.take(HEAD_BYTES + 1).read_to_end(&mut bytes)?;
    let is_cut = bytes.len() as u64 > HEAD_BYTES;
    bytes.truncate(HEAD_BYTES as usize);
    if bytes.starts_with(b"\xef\xbb\xbf") {
        bytes.drain(..3);
    }
    Ok(Head { bytes, is_cut })
}
