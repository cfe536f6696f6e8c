//! Reads one file of a source: open, decompress, decode, split. Nothing of a file counts before it closed clean.

use crate::IngestError;
use crate::files::{FileFingerprint, check_side_car};
use crate::format::{EntryKind, Format};
use crate::input::{Container, EntryBody, Steady, StreamFault, TextEncoding, decode, open_stream, stream_error};
use crate::ledger::Reason;
use crate::out::{Out, Progress, RECORD_LIMIT, Unfit};
use crate::work::{Fault, Work};
use crosstie_model::{Code, code};
use std::io::Read;
use std::path::Path;

/// Bytes asked for at a time, at any thread count; first fewer, since nothing else can be done meanwhile, then twice as
/// many each time: a block is taken apart in the time that two are read in.
const BLOCK_BYTES: usize = 8 << 20;
const FIRST_BYTES: usize = 1 << 20;
/// Most bytes of an entry that describes an export.
const CONTEXT_LIMIT: u64 = 1 << 30;
/// Bytes of an over-long record that its hash covers.
const HASHED_BYTES: usize = 64 << 10;

/// What errors call the place outside memory.
pub(crate) const ASIDE: &str = "what was put aside";

/// A file as it is to be read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FileJob<'a> {
    /// Name of the source.
    pub(crate) name: &'a str,
    /// Index of the source.
    pub(crate) source: u32,
    /// Number of the file.
    pub(crate) file: u32,
    /// Where it is.
    pub(crate) path: &'a Path,
    /// What diagnostics call it.
    pub(crate) shown: &'a Path,
    /// How it writes text, where declared.
    pub(crate) encoding: Option<TextEncoding>,
    /// Read no more than the whole records of about this many first bytes: for a look before a run.
    pub(crate) head_bytes: Option<usize>,
    /// What to read in place of the path.
    pub(crate) memory: Option<&'a [(&'a str, &'a [u8])]>,
}

/// Reads a file into `work`. Its bytes are in the ledger even if it fails, for `salvage`.
///
/// # Errors
/// A missing, unreadable, changing or unusable file.
pub(crate) fn read_file(
    job: FileJob<'_>,
    format: &mut dyn Format,
    work: &mut Work<'_>,
) -> Result<FileFingerprint, IngestError> {
    let mut progress = Progress::new(format.has_lines());
    let read = read(job, format, work, &mut progress);
    let mut bytes = progress.bytes;
    if let Ok((_, padding)) = &read {
        bytes.padding = *padding;
        bytes.seen += padding;
    }
    if read.is_err() || job.head_bytes.is_some() {
        // What broke off, or was not looked at, is outside the account.
        bytes.seen = bytes.record + bytes.header + bytes.separator;
    }
    work.ledger.bytes.insert((job.source, job.file), bytes);
    work.ledger.spans.insert((job.source, job.file), progress.records);
    read.map(|(fingerprint, _)| fingerprint)
}

fn read(
    job: FileJob<'_>,
    format: &mut dyn Format,
    work: &mut Work<'_>,
    progress: &mut Progress,
) -> Result<(FileFingerprint, u64), IngestError> {
    if let Some(entries) = job.memory {
        return memory(job, entries, format, work, progress);
    }
    let steady = if job.path.is_dir() { None } else { Some(Steady::watch(job.path)?) };
    let container = Container::of(job.path)?;
    format.open(job.path).map_err(|unfit| unfit.of(job.path))?;
    let done = if container.is_archive() {
        if !format.takes_folders() && job.path.is_dir() {
            return Err(IngestError::Missing { path: job.path.into() });
        }
        let fingerprint = container.fingerprint(job.name)?;
        read_archive(job, &container, format, work, progress)?;
        (fingerprint, 0)
    } else {
        let mut stream = open_stream(job.path)?;
        format.ready().map_err(|unfit| unfit.of(job.path))?;
        let name = job.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        format.begin(&name);
        read_ahead(job, &mut *stream.reader, format, work, progress)?;
        (stream.fingerprint(job.name, job.path), stream.padding())
    };
    match steady {
        Some(steady) if job.head_bytes.is_none() => {
            check_side_car(job.path)?;
            steady.end().map(|()| done)
        }
        _ => Ok(done),
    }
}

/// A file, or the entries of an export, that are held in memory.
fn memory(
    job: FileJob<'_>,
    entries: &[(&str, &[u8])],
    format: &mut dyn Format,
    work: &mut Work<'_>,
    progress: &mut Progress,
) -> Result<(FileFingerprint, u64), IngestError> {
    let mut held: Vec<(String, Vec<u8>)> =
        entries.iter().map(|(name, bytes)| ((*name).to_string(), bytes.to_vec())).collect();
    held.sort();
    let container = Container::Memory(held);
    if let ([(name, bytes)], false) = (entries, format.takes_folders()) {
        format.ready().map_err(|unfit| unfit.of(job.path))?;
        format.begin(name);
        read_stream(job, &mut &**bytes, format, work, progress)?;
    } else {
        read_archive(job, &container, format, work, progress)?;
    }
    Ok((container.fingerprint(job.name)?, 0))
}

/// First what describes the export, then its records.
fn read_archive(
    job: FileJob<'_>,
    container: &Container,
    format: &mut dyn Format,
    work: &mut Work<'_>,
    progress: &mut Progress,
) -> Result<(), IngestError> {
    let mut contexts: Vec<(String, Vec<u8>)> = Vec::new();
    let is_context = |name: &str| format.entry(name) == EntryKind::Context;
    container.each(&is_context, &mut |name, body| {
        match body {
            EntryBody::Stream(stream) => {
                let mut bytes = Vec::new();
                let failed = |error| stream_error(job.path, error);
                stream.take(CONTEXT_LIMIT + 1).read_to_end(&mut bytes).map_err(failed)?;
                if bytes.len() as u64 > CONTEXT_LIMIT {
                    return Err(failed(StreamFault(code::I203).into()));
                }
                contexts.push((name.to_string(), bytes));
            }
            EntryBody::Refused(code, _) if is_context(name) => return Err(Unfit::new(code).of(job.path)),
            EntryBody::Refused(..) | EntryBody::Unread(_) => {}
        }
        Ok(())
    })?;
    for (name, bytes) in &contexts {
        format.context(name, bytes).map_err(|unfit| unfit.of(job.path))?;
    }
    drop(contexts);
    format.ready().map_err(|unfit| unfit.of(job.path))?;
    // What holds records is told before the second pass, since readers change while they read.
    let mut kinds: Vec<(String, EntryKind)> = Vec::new();
    container.each(&|_| false, &mut |name, _| {
        kinds.push((name.to_string(), format.entry(name)));
        Ok(())
    })?;
    kinds.sort_by(|a, b| a.0.cmp(&b.0));
    let kind_of = |name: &str| kinds.binary_search_by(|(known, _)| known.as_str().cmp(name)).map(|at| kinds[at].1).ok();
    container.each(&|name| kind_of(name) == Some(EntryKind::Records), &mut |name, body| {
        let kind = kind_of(name).unwrap_or(EntryKind::Other);
        match body {
            EntryBody::Stream(stream) => {
                format.begin(name);
                read_stream(job, stream, format, work, progress)
            }
            EntryBody::Refused(code, size) => {
                whole_entry(job, work, progress, size, Outcome::Refused(name, code));
                Ok(())
            }
            EntryBody::Unread(size) if matches!(kind, EntryKind::Context | EntryKind::Described) => {
                progress.bytes.seen += size;
                progress.bytes.header += size;
                progress.offset += size;
                Ok(())
            }
            EntryBody::Unread(size) => {
                whole_entry(job, work, progress, size, Outcome::NotAMessage);
                Ok(())
            }
        }
    })
}

enum Outcome<'n> {
    Refused(&'n str, Code),
    NotAMessage,
}

/// An entry that is one record, unread.
fn whole_entry(job: FileJob<'_>, work: &mut Work<'_>, progress: &mut Progress, size: u64, outcome: Outcome<'_>) {
    let spot = crate::work::Spot { source: job.source, file: job.file, offset: progress.offset, line: 0 };
    match outcome {
        Outcome::Refused(name, code) => work.set_aside_long(spot, name.as_bytes(), size, Fault::from(code)),
        Outcome::NotAMessage => work.exclude(spot, None, Reason::NotAMessage),
    }
    progress.records += 1;
    progress.bytes.seen += size;
    progress.bytes.record += size;
    progress.offset += size;
}

/// As [`read_stream`], of a stream that another thread may read on while this one takes the block before apart.
fn read_ahead(
    job: FileJob<'_>,
    stream: &mut (dyn Read + Send),
    format: &mut dyn Format,
    work: &mut Work<'_>,
    progress: &mut Progress,
) -> Result<(), IngestError> {
    if job.head_bytes.is_some() {
        return read_stream(job, stream, format, work, progress);
    }
    let failed = |error| stream_error(job.path, error);
    let declared = if format.is_text() { job.encoding } else { Some(TextEncoding::Bytes) };
    let mut decoded = decode(stream, declared).map_err(failed)?;
    let encoding = decoded.encoding;
    // Each buffer has room for what the block before left. They serve file after file: new ones are costly to clear.
    let [mut buffer, mut next] = std::mem::take(&mut work.buffers);
    let mut wanted = FIRST_BYTES;
    let mut end = fill(&mut decoded, &mut buffer, wanted).map_err(failed)?;
    let mut last = end < ROOM + wanted;
    progress.bytes.seen += encoding.stored_len(&buffer[ROOM..end]);
    let mut start = ROOM;
    let mut is_first = true;
    loop {
        let mut out =
            Out { work: &mut *work, source: job.source, file: job.file, progress: &mut *progress, encoding, taken: 0 };
        let mut begin = start;
        if is_first && buffer[start..end].starts_with(b"\xef\xbb\xbf") {
            out.header(&buffer[start..start + 3]);
            begin += 3;
        }
        is_first = false;
        wanted = (2 * wanted).min(BLOCK_BYTES);
        let (taken, read) = rayon::join(
            || format.block(&buffer[begin..end], last, &mut out).map(|()| out.taken),
            || if last { Ok(ROOM) } else { fill(&mut decoded, &mut next, wanted) },
        );
        let taken = taken.map_err(|unfit| unfit.of(job.path))?;
        work.copies.relieve().map_err(|source| IngestError::Io { path: ASIDE.into(), source })?;
        if last {
            work.buffers = [buffer, next];
            return Ok(());
        }
        let next_end = read.map_err(failed)?;
        last = next_end < ROOM + wanted;
        progress.bytes.seen += encoding.stored_len(&next[ROOM..next_end]);
        let rest = &buffer[start + taken..end];
        if rest.len() <= ROOM {
            start = ROOM - rest.len();
            next[start..ROOM].copy_from_slice(rest);
            std::mem::swap(&mut buffer, &mut next);
            end = next_end;
            continue;
        }
        // A long record, or a reader that takes a block in parts.
        let is_too_long = taken == 0 && rest.len() > RECORD_LIMIT;
        buffer.truncate(end);
        buffer.drain(..start + taken);
        buffer.extend_from_slice(&next[ROOM..next_end]);
        start = 0;
        if is_too_long {
            skip_record(job, &mut decoded, &mut buffer, format, work, progress, encoding).map_err(failed)?;
            let before = buffer.len();
            let more = decoded.by_ref().take(BLOCK_BYTES as u64).read_to_end(&mut buffer).map_err(failed)?;
            progress.bytes.seen += encoding.stored_len(&buffer[before..]);
            last = more < BLOCK_BYTES;
        }
        end = buffer.len();
    }
}

/// Bytes before a block, where the rest of the block before it goes.
const ROOM: usize = 64 << 10;

/// Reads a block of so many bytes behind [`ROOM`]; where it ends, which is before that where the stream does. What lies
/// behind its end stays from blocks before.
fn fill(stream: &mut dyn Read, buffer: &mut Vec<u8>, bytes: usize) -> std::io::Result<usize> {
    buffer.resize(buffer.len().max(ROOM + bytes), 0);
    let mut end = ROOM;
    while end < ROOM + bytes {
        match stream.read(&mut buffer[end..ROOM + bytes]) {
            Ok(0) => break,
            Ok(more) => end += more,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(end)
}

fn read_stream(
    job: FileJob<'_>,
    stream: &mut dyn Read,
    format: &mut dyn Format,
    work: &mut Work<'_>,
    progress: &mut Progress,
) -> Result<(), IngestError> {
    let failed = |error| stream_error(job.path, error);
    let declared = if format.is_text() { job.encoding } else { Some(TextEncoding::Bytes) };
    let mut decoded = decode(stream, declared).map_err(failed)?;
    let encoding = decoded.encoding;
    let mut buffer: Vec<u8> = Vec::new();
    let mut is_first = true;
    loop {
        let kept = buffer.len();
        let wanted = job.head_bytes.unwrap_or(BLOCK_BYTES).min(BLOCK_BYTES) as u64;
        let more = decoded.by_ref().take(wanted).read_to_end(&mut buffer).map_err(failed)?;
        progress.bytes.seen += encoding.stored_len(&buffer[kept..]);
        let last = (more as u64) < wanted;
        let mut out =
            Out { work: &mut *work, source: job.source, file: job.file, progress: &mut *progress, encoding, taken: 0 };
        let mut begin = 0;
        if is_first && buffer.starts_with(b"\xef\xbb\xbf") {
            out.header(&buffer[..3]);
            begin = 3;
        }
        is_first = false;
        format.block(&buffer[begin..], last, &mut out).map_err(|unfit| unfit.of(job.path))?;
        let taken = out.taken;
        buffer.drain(..taken);
        work.relieve().map_err(|source| IngestError::Io { path: ASIDE.into(), source })?;
        if last || job.head_bytes.is_some() {
            return Ok(());
        }
        if taken == 0 && buffer.len() > RECORD_LIMIT {
            skip_record(job, &mut decoded, &mut buffer, format, work, progress, encoding).map_err(failed)?;
        }
    }
}

/// A record that does not end within [`RECORD_LIMIT`]: its bytes pass by, and it is set aside.
fn skip_record(
    job: FileJob<'_>,
    stream: &mut dyn Read,
    buffer: &mut Vec<u8>,
    format: &mut dyn Format,
    work: &mut Work<'_>,
    progress: &mut Progress,
    encoding: TextEncoding,
) -> std::io::Result<()> {
    let head = buffer[..buffer.len().min(HASHED_BYTES)].to_vec();
    let mut out = Out { work, source: job.source, file: job.file, progress, encoding, taken: 0 };
    let spot = out.spot();
    let mut length = 0;
    loop {
        let end = format.skip(buffer);
        let passed = end.unwrap_or(buffer.len());
        length += encoding.stored_len(&buffer[..passed]);
        out.pass(&buffer[..passed]);
        buffer.drain(..passed);
        if end.is_some() {
            break;
        }
        let more = stream.take(BLOCK_BYTES as u64).read_to_end(buffer)?;
        out.progress.bytes.seen += encoding.stored_len(buffer);
        if more == 0 {
            break;
        }
    }
    out.progress.records += 1;
    out.work.set_aside_long(spot, &head, length, Fault::from(code::I108));
    Ok(())
}
