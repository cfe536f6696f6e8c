//! Zip archives, entry by entry in memory-bounded streams, after a look at the list of entries for the tricks that
//! archives play: two names, overlaps, lies about sizes, links, and names that leave the archive.

use super::container::{EntryBody, Use, Whole, is_bad_name, is_packed};
use super::fault::StreamFault;
use super::limits::Limited;
use super::stream_error;
use crate::IngestError;
use crosstie_model::{Code, code};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use zip::ZipArchive;

/// Most entries of one archive.
const ENTRY_LIMIT: usize = 1_000_000;

/// Bytes of the record that ends a zip file, without the comment behind it.
const END_RECORD_BYTES: usize = 22;

/// An open archive with its entries in the order of their names.
pub(super) struct ZipEntries {
    archive: ZipArchive<BufReader<File>>,
    order: Vec<(String, usize)>,
    size: u64,
}

impl ZipEntries {
    pub(super) fn open(path: &Path) -> Result<ZipEntries, IngestError> {
        let broken = |code: Code| stream_error(path, StreamFault(code).into());
        let failed = |error: io::Error| stream_error(path, error);
        let mut file = BufReader::new(File::open(path).map_err(failed)?);
        let size = file.seek(SeekFrom::End(0)).map_err(failed)?;
        let has_end = has_end_record(&mut file, size).map_err(failed)?;
        let mut archive = ZipArchive::new(file).map_err(|_| broken(if has_end { code::I212 } else { code::I201 }))?;
        if archive.has_duplicate_names() {
            return Err(broken(code::I207));
        }
        if archive.len() > ENTRY_LIMIT {
            return Err(broken(code::I203));
        }
        let mut order = Vec::with_capacity(archive.len());
        let mut spans = Vec::with_capacity(archive.len());
        for at in 0..archive.len() {
            let entry = archive.by_index_raw(at).map_err(|_| broken(code::I212))?;
            let begin = entry.header_start();
            let data = entry.data_start().unwrap_or(begin);
            spans.push((begin, data.saturating_add(entry.compressed_size())));
            if !entry.is_dir() {
                order.push((String::from_utf8_lossy(entry.name_raw()).into_owned(), at));
            }
        }
        spans.sort_unstable();
        if spans.windows(2).any(|two| two[1].0 < two[0].1) {
            return Err(broken(code::I206));
        }
        order.sort();
        Ok(ZipEntries { archive, order, size })
    }

    pub(super) fn each(
        mut self,
        path: &Path,
        wanted: &dyn Fn(&str) -> bool,
        each: &mut Use<'_>,
    ) -> Result<(), IngestError> {
        let broken = |code: Code| stream_error(path, StreamFault(code).into());
        let mut inflated = 0u64;
        for (name, at) in std::mem::take(&mut self.order) {
            let raw = self.archive.by_index_raw(at).map_err(|_| broken(code::I212))?;
            let (size, is_link) = (raw.size(), raw.is_symlink());
            drop(raw);
            if is_link {
                each(&name, EntryBody::Refused(code::I205, size))?;
                continue;
            }
            if is_bad_name(&name) {
                each(&name, EntryBody::Refused(code::I204, size))?;
                continue;
            }
            if !wanted(&name) {
                each(&name, EntryBody::Unread(size))?;
                continue;
            }
            let entry = self.archive.by_index(at).map_err(|_| broken(code::I212))?;
            // Stated sizes are held to by `Whole`, so their sum is what the archive becomes.
            let archive_size = self.size;
            let limited = Limited::new(Whole { inner: entry, left: size }, move || archive_size);
            inflated = inflated.saturating_add(size);
            if inflated > (super::limits::RATIO_LIMIT * archive_size).max(super::limits::RATIO_FREE) {
                return Err(broken(code::I203));
            }
            let mut stream = BufReader::new(limited);
            let head = stream.fill_buf().map_err(|error| stream_error(path, error))?;
            if is_packed(head) {
                return Err(broken(code::I210));
            }
            each(&name, EntryBody::Stream(&mut stream))?;
        }
        Ok(())
    }
}

/// Whether the record that ends every zip file is there, and whole: a file without it was cut.
fn has_end_record(file: &mut (impl Read + Seek), size: u64) -> io::Result<bool> {
    let tail = size.min(END_RECORD_BYTES as u64 + 65_535);
    file.seek(SeekFrom::Start(size - tail))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(memchr::memmem::find_iter(&bytes, b"PK\x05\x06").any(|at| bytes.len() - at >= END_RECORD_BYTES))
}
