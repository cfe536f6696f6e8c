//! One file as a stream: hashed as stored, decompressed by its first bytes, and the same file at the end.

use super::fault::StreamFault;
use super::gzip::GzipMembers;
use super::limits::{Limited, Packing};
use crate::IngestError;
use crate::files::FileFingerprint;
use crosstie_model::code;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Bytes read from the system at a time.
const READ_BYTES: usize = 256 * 1024;
/// Largest window of a zstd frame, as a power of two: 128 MiB.
const ZSTD_WINDOW_LOG: u32 = 27;

/// A file that must not change while it is read: device, inode, size and times are compared at the end.
pub(crate) struct Steady {
    path: PathBuf,
    before: [i64; 7],
}

impl Steady {
    pub(crate) fn watch(path: &Path) -> Result<Steady, IngestError> {
        Ok(Steady { path: path.into(), before: state(path)? })
    }

    /// Device, inode, size, and the times of its last change.
    pub(crate) fn state(&self) -> [i64; 7] {
        self.before
    }

    /// Its size in bytes.
    pub(crate) fn size(&self) -> u64 {
        self.before[2] as u64
    }

    /// The end of reading.
    ///
    /// # Errors
    /// [`IngestError::Changed`]
    pub(crate) fn end(self) -> Result<(), IngestError> {
        if state(&self.path)? == self.before { Ok(()) } else { Err(IngestError::Changed { path: self.path }) }
    }
}

fn state(path: &Path) -> Result<[i64; 7], IngestError> {
    let metadata = std::fs::metadata(path).map_err(|error| super::stream_error(path, error))?;
    Ok(state_of(&metadata))
}

/// Device, inode, size, and the times of the last change.
pub(crate) fn state_of(metadata: &std::fs::Metadata) -> [i64; 7] {
    [
        metadata.dev() as i64,
        metadata.ino() as i64,
        metadata.size() as i64,
        metadata.mtime(),
        metadata.mtime_nsec(),
        metadata.ctime(),
        metadata.ctime_nsec(),
    ]
}

/// The decompressed bytes of a file.
pub(crate) struct Stream {
    /// Where they come from.
    pub(crate) reader: Box<dyn Read + Send>,
    tally: Arc<Mutex<Tally>>,
    padding: Arc<AtomicU64>,
    is_zip: bool,
}

impl Stream {
    /// Whether the file is a zip archive: then nothing was decompressed.
    pub(crate) fn is_zip(&self) -> bool {
        self.is_zip
    }

    /// Zeros behind the compressed data, known at the end.
    pub(crate) fn padding(&self) -> u64 {
        self.padding.load(Ordering::Relaxed)
    }

    /// The file as stored, known at the end.
    pub(crate) fn fingerprint(&self, source: &str, path: &Path) -> FileFingerprint {
        let tally = locked(&self.tally);
        FileFingerprint {
            source: source.into(),
            path: path.into(),
            size: tally.count,
            blake3: tally.hasher.finalize().to_hex().to_string(),
        }
    }
}

/// Bytes and hash of a file as stored.
#[derive(Default)]
struct Tally {
    hasher: blake3::Hasher,
    count: u64,
}

fn locked(tally: &Mutex<Tally>) -> MutexGuard<'_, Tally> {
    tally.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Tallied {
    file: File,
    tally: Arc<Mutex<Tally>>,
}

impl Read for Tallied {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // Little enough to be near the core still when it is hashed.
        let most = buffer.len().min(READ_BYTES);
        let length = self.file.read(&mut buffer[..most])?;
        let mut tally = locked(&self.tally);
        tally.hasher.update(&buffer[..length]);
        tally.count += length as u64;
        Ok(length)
    }
}

/// Opens a file. What is packed twice is refused (I210).
pub(crate) fn open_stream(path: &Path) -> Result<Stream, IngestError> {
    open(path).map_err(|error| super::stream_error(path, error))
}

fn open(path: &Path) -> io::Result<Stream> {
    let tally = Arc::new(Mutex::new(Tally::default()));
    let padding = Arc::new(AtomicU64::new(0));
    let file = Tallied { file: File::open(path)?, tally: Arc::clone(&tally) };
    let mut raw = BufReader::with_capacity(READ_BYTES, file);
    let packing = Packing::of(raw.fill_buf()?);
    let counted = Arc::clone(&tally);
    let consumed = move || locked(&counted).count;
    let reader: Box<dyn Read + Send> = match packing {
        Packing::Plain | Packing::Zip => Box::new(raw),
        Packing::Gzip => once(Limited::new(GzipMembers::new(raw, Arc::clone(&padding)), consumed))?,
        Packing::Zstd => {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(raw)?;
            decoder.window_log_max(ZSTD_WINDOW_LOG)?;
            once(Limited::new(decoder, consumed))?
        }
    };
    Ok(Stream { reader, tally, padding, is_zip: packing == Packing::Zip })
}

/// A decompressed stream that is not compressed again.
fn once(inner: impl Read + Send + 'static) -> io::Result<Box<dyn Read + Send>> {
    let mut inner = BufReader::with_capacity(READ_BYTES, inner);
    match Packing::of(inner.fill_buf()?) {
        Packing::Plain => Ok(Box::new(inner)),
        _ => Err(StreamFault(code::I210).into()),
    }
}
