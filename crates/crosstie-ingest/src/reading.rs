//! Every file of every source, read or taken as an earlier run read it.

use crate::IngestError;
use crate::copies::Copies;
use crate::directory::{Directory, Notice};
use crate::drive::{ASIDE, FileJob, read_file};
use crate::each_day::{EachDay, MadeDays};
use crate::files::FileFingerprint;
use crate::format::Format;
use crate::identity::Handles;
use crate::input::{Steady, hidden};
use crate::ledger::{Ledger, LedgerKey};
use crate::nights::{Lasting, Memory, Part, PartBlock, PartFile, PartLine, PartQuarantined, PartRecords, path_of_gone};
use crate::readers::reader;
use crate::sequence::sequence_gaps;
use crate::source::{IngestParams, Ingested, SkippedFile, SourceFormat, SourceSpec};
use crate::sums::{Remembering, Summing, merged};
use crate::work::{Mark, Work};
use crosstie_model::{Day, Diagnostic, Handle, KeyedHash, Messages, code};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;
use std::ops::Range;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// Told of each file before it is read: source name, number of the file within the source, files of the source.
pub type Told<'t> = &'t mut dyn FnMut(&str, usize, usize) -> Result<(), IngestError>;

/// Reads all sources. Files are numbered from `first_file`; sources by their place in `sources`.
///
/// # Errors
/// A missing, unreadable, changing or unusable file. All unusable files are named, not only the first.
pub fn ingest(
    sources: &[SourceSpec],
    directory: &Directory,
    params: &IngestParams,
    keyed: &dyn KeyedHash,
    first_file: u32,
    progress: Told<'_>,
) -> Result<Ingested, IngestError> {
    let (copies, handles) = (Copies::default(), Handles::new(directory, params.known.clone(), keyed));
    let mut reading = Reading::new(handles, copies, params, keyed);
    let missing_parts = reading.sources(sources, params, first_file, progress)?;
    reading.end_joined(params, sources, missing_parts)
}

/// As [`ingest`], but hands messages day by day to what `each` makes of the keyed ids of accounts, which are in the order
/// of their indices; what became of the days comes back in their order. Files and days that an earlier run knew are taken
/// as it left them.
///
/// # Errors
/// As [`ingest`]; the place of what lasts fails.
#[expect(clippy::too_many_arguments, reason = "each is another part of the world, and none has a default")]
pub fn ingest_days<E: EachDay>(
    sources: &[SourceSpec],
    directory: &Directory,
    params: &IngestParams,
    lasting: &Lasting<'_, E::Made>,
    keyed: &dyn KeyedHash,
    first_file: u32,
    progress: Told<'_>,
    each: impl FnOnce(&[i64]) -> E,
) -> Result<(Ingested, MadeDays<E>), IngestError> {
    let anew = || Handles::new(directory, params.known.clone(), keyed);
    let (memory, handles) = Memory::open(lasting, keyed, &anew);
    let mut reading = Reading::new(handles, Copies::new(Some(lasting.aside), true), params, keyed);
    reading.work.kept_from = memory.kept_from();
    reading.work.copies.next_id = memory.next_block();
    let Lasting { is_there, seen_within, .. } = *lasting;
    reading.memory = Some(Remembering { memory, is_there, seen_within });
    let missing_parts = reading.sources(sources, params, first_file, progress)?;
    reading.end(params, sources, missing_parts, each)
}

/// Reads a file, or the entries of one export by name, that are held in memory, as the only source.
///
/// # Errors
/// Input that is unusable as a whole.
pub fn ingest_memory(
    spec: &SourceSpec,
    entries: &[(&str, &[u8])],
    directory: &Directory,
    params: &IngestParams,
    keyed: &dyn KeyedHash,
) -> Result<Ingested, IngestError> {
    let (copies, handles) = (Copies::default(), Handles::new(directory, params.known.clone(), keyed));
    let mut reading = Reading::new(handles, copies, params, keyed);
    let mut format = reader(spec);
    let job = FileJob {
        name: &spec.name,
        source: 0,
        file: 0,
        path: Path::new("memory"),
        shown: Path::new("memory"),
        encoding: spec.encoding,
        head_bytes: params.head_bytes,
        memory: Some(entries),
    };
    reading.file(job, spec, &mut *format)?;
    format.finish(&mut reading.work);
    reading.work.keep(0).map_err(aside_failed)?;
    reading.work.handles.end_of_part();
    reading.end_joined(params, std::slice::from_ref(spec), Vec::new())
}

/// Keeps the messages of all days.
#[derive(Default)]
struct AllDays(Mutex<BTreeMap<Day, Messages>>);

impl EachDay for &AllDays {
    type Making<'e>
        = (Day, Messages)
    where
        Self: 'e;
    type Made = ();

    fn begin(&self, day: Day, _: &[Handle]) -> (Day, Messages) {
        (day, Messages::default())
    }

    fn add(&self, (_, all): &mut (Day, Messages), messages: &Messages) {
        all.append(messages);
    }

    fn end(&self, (day, messages): (Day, Messages)) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(day, messages);
    }
}

fn aside_failed(source: io::Error) -> IngestError {
    match source.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof | io::ErrorKind::NotFound => {
            IngestError::KeptIsDamaged
        }
        _ => IngestError::Io { path: ASIDE.into(), source },
    }
}

impl Reading<'_, ()> {
    /// As [`Reading::end`], with the messages of all days in memory.
    fn end_joined(
        self,
        params: &IngestParams,
        sources: &[SourceSpec],
        missing_parts: Vec<(u32, Day)>,
    ) -> Result<Ingested, IngestError> {
        let days = AllDays::default();
        let (mut ingested, _) = self.end(params, sources, missing_parts, |_| &days)?;
        let days = days.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        days.values().for_each(|day| ingested.messages.append(day));
        Ok(ingested)
    }
}

struct Reading<'w, R> {
    work: Work<'w>,
    memory: Option<Remembering<'w, R>>,
    head_bytes: Option<usize>,
    files: Vec<FileFingerprint>,
    empty: Vec<(u32, u32)>,
    skipped: Vec<SkippedFile>,
    unusable: Vec<Diagnostic>,
    notices: Vec<Notice>,
}

/// What was collected before a part.
struct Before {
    mark: Mark,
    files: usize,
    skipped: usize,
    unusable: usize,
}

impl<'w, R: Send + Serialize + DeserializeOwned> Reading<'w, R> {
    fn new(
        handles: Handles<'w>,
        copies: Copies<'w>,
        params: &IngestParams,
        keyed: &'w dyn KeyedHash,
    ) -> Reading<'w, R> {
        Reading {
            work: Work::new(handles, keyed, (params.earliest, params.latest), copies),
            memory: None,
            head_bytes: params.head_bytes,
            files: Vec::new(),
            empty: Vec::new(),
            skipped: Vec::new(),
            unusable: Vec::new(),
            notices: Vec::new(),
        }
    }

    /// Reads all sources; returns the days of numbered logs of which a file is missing.
    fn sources(
        &mut self,
        sources: &[SourceSpec],
        params: &IngestParams,
        first_file: u32,
        progress: Told<'_>,
    ) -> Result<Vec<(u32, Day)>, IngestError> {
        let mut first = first_file;
        let mut missing_parts = Vec::new();
        for (source, spec) in (0..).zip(sources) {
            let mut format = reader(spec);
            let count = spec.files.len();
            self.memory.iter_mut().for_each(|of| of.memory.look_at(spec));
            // All files at once, or one after the other.
            let at_once = if format.remembers() { count.max(1) } else { 1 };
            for at in (0..count).step_by(at_once) {
                self.part(source, spec, at..at + at_once, first, params, &mut *format, progress)?;
            }
            first += count as u32;
            if matches!(spec.format, SourceFormat::Msgtrk) {
                missing_parts.extend(sequence_gaps(&spec.files).into_iter().map(|day| (source, day)));
            }
        }
        self.left_over(sources, first)?;
        Ok(missing_parts)
    }

    #[expect(clippy::too_many_arguments, reason = "a part is of a source, and a source of a run")]
    fn part(
        &mut self,
        source: u32,
        spec: &SourceSpec,
        files: Range<usize>,
        first: u32,
        params: &IngestParams,
        format: &mut dyn Format,
        progress: Told<'_>,
    ) -> Result<(), IngestError> {
        let numbers: Vec<u32> = files.clone().map(|at| first + at as u32).collect();
        if let Some(Remembering { memory, .. }) = &mut self.memory
            && let Some(part) = memory.find(source, spec, files.clone(), params.latest)?
        {
            memory.spared.files_known += numbers.len() as u64;
            let paths: Vec<&Path> = files.map(|at| spec.files[at].as_path()).collect();
            return self.adopt(part, &numbers, &spec.name, &paths);
        }
        let before = Before {
            mark: self.work.mark(),
            files: self.files.len(),
            skipped: self.skipped.len(),
            unusable: self.unusable.len(),
        };
        let mut states = Vec::new();
        for (number, at) in numbers.iter().zip(files.clone()) {
            progress(&spec.name, at + 1, spec.files.len())?;
            let (path, shown) = (&spec.files[at], spec.shown(at));
            if self.memory.is_some() {
                states.push(Steady::watch(path).ok().filter(|_| !path.is_dir()).map(|steady| steady.state()));
            }
            let job = FileJob {
                name: &spec.name,
                source,
                file: *number,
                path,
                shown: &shown,
                encoding: spec.encoding,
                head_bytes: params.head_bytes,
                memory: None,
            };
            self.file(job, spec, format)?;
        }
        if files.end == spec.files.len() {
            format.finish(&mut self.work);
            self.work.keep(numbers.last().copied().unwrap_or(first)).map_err(aside_failed)?;
        }
        self.end_of_part(source, spec, &files, &numbers, &before, &states)
    }

    /// A part was read to its end: the next run may take it as it is now.
    fn end_of_part(
        &mut self,
        source: u32,
        spec: &SourceSpec,
        files: &Range<usize>,
        numbers: &[u32],
        before: &Before,
        states: &[Option<[i64; 7]>],
    ) -> Result<(), IngestError> {
        let met = self.work.handles.end_of_part();
        let blocks = self.work.copies.take_part();
        let gathered = self.work.take_part();
        let (events, quarantine) = self.work.since(before.mark);
        let Some(Remembering { memory, .. }) = &mut self.memory else { return Ok(()) };
        memory.spared.files_read += numbers.len() as u64;
        let fingerprints = &self.files[before.files..];
        let is_whole = fingerprints.len() == numbers.len()
            && self.skipped.len() == before.skipped
            && self.unusable.len() == before.unusable;
        // What lies too far ahead today may be believed tomorrow.
        if !is_whole || quarantine.iter().any(|record| record.code == code::I105) {
            memory.leave_out(source, numbers, &met);
            return Ok(());
        }
        let index_of = |file: u32| numbers.binary_search(&file).unwrap_or(0) as u32;
        let ledger = &self.work.ledger;
        let mut part = Part {
            source,
            days: gathered.days.iter().map(|(day, (count, first, last))| (day.0, *count, first.0, last.0)).collect(),
            quarantine: quarantine.iter().map(|one| PartQuarantined::of(index_of(one.file), one)).collect(),
            oddities: gathered.oddities.into_iter().map(|(what, count)| (what.into_owned(), count)).collect(),
            blocks: blocks.into_iter().map(|(day, place)| PartBlock::of(index_of(place.file), day, place)).collect(),
            ..Part::default()
        };
        for (at, &number) in numbers.iter().enumerate() {
            let key = (source, number);
            let state = states.get(at).copied().flatten();
            let path = &spec.files[files.start + at];
            part.files.push(PartFile {
                spans: ledger.spans.get(&key).copied().unwrap_or(0),
                bytes: PartFile::numbers_of(&ledger.bytes.get(&key).copied().unwrap_or_default()),
                weeks: ledger.weeks.get(&key).map(|(first, last)| (first.0, last.0)),
                ..memory.file(path, &fingerprints[at], state)
            });
            let from = LedgerKey { source, file: number, week: Day(i32::MIN) };
            let to = LedgerKey { week: Day(i32::MAX), ..from };
            let lines = ledger.lines.range(from..=to);
            part.lines.extend(lines.map(|(line, counts)| PartLine::of(at as u32, line.week, counts)));
        }
        let records = PartRecords { met, authors: gathered.authors, events: events.to_vec() };
        part.records = memory.put(&records).map_err(aside_failed)?;
        part.has_more = records.has_more();
        memory.keep(part, numbers);
        Ok(())
    }

    /// A part counts as an earlier run read it.
    fn adopt(&mut self, part: Part, numbers: &[u32], name: &str, paths: &[&Path]) -> Result<(), IngestError> {
        let broken = || aside_failed(io::ErrorKind::InvalidData.into());
        let source = part.source;
        let Some(Remembering { memory, .. }) = &mut self.memory else { return Ok(()) };
        // Whom it met matters once it counts no more.
        let records = if part.has_more { memory.records(&part).map_err(aside_failed)? } else { PartRecords::default() };
        let quarantine = part.quarantine.iter().map(|one| one.record(source, numbers)).collect::<Option<_>>();
        self.work.adopt(&records.authors, &records.events, quarantine.ok_or_else(broken)?);
        for block in &part.blocks {
            let (day, place) = block.place(source, numbers).ok_or_else(broken)?;
            self.work.copies.adopt(day, place);
        }
        for (what, &count) in &part.oddities {
            *self.work.oddities.entry(Cow::Owned(what.clone())).or_default() += count;
        }
        self.adopt_ledger(&part, numbers).ok_or_else(broken)?;
        for (at, (file, &number)) in part.files.iter().zip(numbers).enumerate() {
            let gone = path_of_gone(file);
            self.files.push(file.fingerprint(name, paths.get(at).copied().unwrap_or(&gone)));
            if file.spans == 0 {
                self.empty.push((source, number));
            }
        }
        if let Some(Remembering { memory, .. }) = &mut self.memory {
            memory.keep(part, numbers);
        }
        Ok(())
    }

    fn adopt_ledger(&mut self, part: &Part, numbers: &[u32]) -> Option<()> {
        let Ledger { lines, spans, bytes, times, weeks, days } = &mut self.work.ledger;
        let source = part.source;
        for line in &part.lines {
            let (key, counts) = line.line(source, *numbers.get(line.file as usize)?)?;
            lines.entry(key).or_default().add(&counts);
        }
        for (file, &number) in part.files.iter().zip(numbers) {
            spans.insert((source, number), file.spans);
            bytes.insert((source, number), file.file_bytes());
            weeks.extend(file.weeks.map(|(first, last)| ((source, number), (Day(first), Day(last)))));
        }
        for &(day, count, first, last) in &part.days {
            let (first, last) = (crosstie_model::Micros(first), crosstie_model::Micros(last));
            let known = times.entry(source).or_insert((first, last));
            *known = (known.0.min(first), known.1.max(last));
            *days.entry((source, Day(day))).or_default() += count;
        }
        Some(())
    }

    /// What earlier runs read of files that are no longer there stays; what files held that changed goes.
    fn left_over(&mut self, sources: &[SourceSpec], mut first: u32) -> Result<(), IngestError> {
        let Some(Remembering { memory, .. }) = &mut self.memory else { return Ok(()) };
        let (gone, replaced) = memory.left_over(sources);
        let mut dropped = 0;
        for part in replaced {
            dropped += part.files.iter().filter(|file| memory.is_gone(file)).count() as u64;
            let met = memory.records(&part).map_err(aside_failed)?.met;
            self.work.handles.drop_part(&met);
        }
        if dropped > 0 {
            self.notices.push(Notice { code: code::I405, count: dropped, first: None });
        }
        let count: u64 = gone.iter().map(|part| part.files.len() as u64).sum();
        memory.spared.files_gone = count;
        if count > 0 {
            self.notices.push(Notice { code: code::I404, count, first: None });
        }
        for part in gone {
            let numbers: Vec<u32> = (first..).take(part.files.len()).collect();
            first += numbers.len() as u32;
            let name = sources.get(part.source as usize).map_or("", |spec| spec.name.as_str());
            self.adopt(part, &numbers, name, &[])?;
        }
        Ok(())
    }

    fn file(&mut self, job: FileJob<'_>, spec: &SourceSpec, format: &mut dyn Format) -> Result<(), IngestError> {
        let mark = self.work.mark();
        let read = read_file(job, format, &mut self.work).and_then(|fingerprint| {
            // One bad mail is a bad record, also where it is a whole file.
            if !matches!(spec.format, SourceFormat::Eml { .. }) {
                self.some_record_is_good(job, mark)?;
            }
            Ok(fingerprint)
        });
        match read.map_err(|error| if spec.names_people() { hidden(job.shown, error) } else { error }) {
            Ok(fingerprint) => {
                self.work.keep(job.file).map_err(aside_failed)?;
                self.files.push(fingerprint);
                if self.work.ledger.spans.get(&(job.source, job.file)) == Some(&0) {
                    self.empty.push((job.source, job.file));
                }
            }
            Err(IngestError::Unusable(found)) if spec.salvage && is_damage(&found) => {
                let weeks = self.work.weeks();
                self.work.keep(job.file).map_err(aside_failed)?;
                self.leave_out(job, &found, weeks);
            }
            Err(IngestError::Unusable(found)) => {
                let weeks = self.work.weeks();
                self.work.forget(mark, job.source, job.file);
                format.forget(job.file);
                if spec.skip_bad_files && self.head_bytes.is_none() {
                    self.leave_out(job, &found, weeks);
                } else {
                    self.unusable.extend(found);
                }
            }
            Err(other) => return Err(other),
        }
        Ok(())
    }

    /// All files were read: copies are merged, and what became of the files stands beside them.
    fn end<E: EachDay<Made = R>>(
        self,
        params: &IngestParams,
        sources: &[SourceSpec],
        missing_parts: Vec<(u32, Day)>,
        each: impl FnOnce(&[i64]) -> E,
    ) -> Result<(Ingested, Vec<(Day, R)>), IngestError> {
        if !self.unusable.is_empty() {
            return Err(IngestError::Unusable(self.unusable));
        }
        let canonical = params.canonical_rows.then_some(sources);
        let summing = Summing { recipients_kept: params.recipients_kept, canonical, memory: self.memory };
        let (mut ingested, days) = merged(self.work, summing, each).map_err(aside_failed)?;
        ingested.files = self.files;
        ingested.empty_files = self.empty;
        ingested.skipped_files = self.skipped;
        ingested.notices.extend(self.notices);
        if !missing_parts.is_empty() {
            let count = missing_parts.len() as u64;
            ingested.notices.push(Notice { code: code::I403, count, first: None });
        }
        ingested.missing_parts = missing_parts;
        Ok((ingested, days))
    }

    /// A file of which no record can be read is probably of another format.
    fn some_record_is_good(&self, job: FileJob<'_>, mark: Mark) -> Result<(), IngestError> {
        // Rows of tracking logs get their outcome when all were read: so it is what was split off that counts.
        let split_off = self.work.ledger.spans.get(&(job.source, job.file)).copied().unwrap_or(0);
        let quarantined = self.work.ledger.of_file(job.source, job.file).quarantined_count();
        let Some(first) = self.work.quarantined_since(mark).filter(|_| split_off == quarantined) else {
            return Ok(());
        };
        let mut place = first.place(job.path);
        place.line = place.line.filter(|&line| line > 0);
        let subject = first.field.as_ref().map_or_else(String::new, |field| format!("`{field}`: "));
        let mut found = Diagnostic::new(code::I211, format!("none of {split_off} records can be read")).at(place);
        found.detail = Some(format!("the first: {subject}{} ({})", first.code.what, first.code.id));
        Err(IngestError::Unusable(vec![found.hint(first.code.remedy)]))
    }

    fn leave_out(&mut self, job: FileJob<'_>, found: &[Diagnostic], weeks: Vec<Day>) {
        let code = found.first().map_or(code::I212, |diagnostic| diagnostic.code);
        self.skipped.push(SkippedFile { source: job.source, file: job.file, code, weeks });
    }
}

/// Damage in the middle or at the end of a file, before which records are good.
fn is_damage(found: &[Diagnostic]) -> bool {
    let codes = [code::I201, code::I208, code::I209, code::I212];
    found.iter().all(|diagnostic| codes.contains(&diagnostic.code))
}
