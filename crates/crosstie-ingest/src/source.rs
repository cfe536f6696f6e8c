//! Sources as planned, and the whole of ingest: read every file, merge copies, decide what counts.

use crate::IngestError;
use crate::answers::address_answers;
use crate::directory::{Directory, Notice};
use crate::drive::{ASIDE, FileJob, read_file};
use crate::files::FileFingerprint;
use crate::format::Format;
use crate::identity::{Handles, Identity, Roll};
use crate::input::{TextEncoding, hidden};
use crate::known::Known;
use crate::ledger::{Counts, Ledger, LedgerKey, Quarantined};
use crate::merge::{Merge, MergedDay};
use crate::readers::{ChatsFile, GraphDataset, TableSpec, reader};
use crate::sequence::sequence_gaps;
use crate::work::{BAD_RECIPIENT, Mark, Work};
use crosstie_model::tables::MessageRow;
use crosstie_model::{ChatEvent, Code, Day, Diagnostic, KeyedHash, Message, Messages, Micros, code};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Whether a source holds mail or chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Mail.
    Mail,
    /// Chat.
    Chat,
}

/// The format of a source.
#[derive(Clone, Debug)]
pub enum SourceFormat {
    /// CSV with mapped columns.
    Csv(Box<TableSpec>),
    /// JSON with mapped paths.
    Jsonl(Box<TableSpec>),
    /// Rows that crosstie wrote.
    Parquet(RowDecoder),
    /// A Slack export, zip or folder.
    Slack,
    /// Mailboxes of many mails in a file.
    Mbox {
        /// Whether `alice at example.com` is an address.
        at_form: bool,
    },
    /// A folder of mails, with flags in their names.
    Maildir {
        /// Whether `alice at example.com` is an address.
        at_form: bool,
    },
    /// A mail a file.
    Eml {
        /// Whether `alice at example.com` is an address.
        at_form: bool,
    },
    /// Exchange message tracking logs.
    Msgtrk,
    /// Microsoft 365 message trace, in three shapes.
    M365Trace {
        /// How `Received` is written, for the shape that is written in the operator's locale.
        time: Option<crate::TimeSpec>,
    },
    /// Microsoft Graph and Graph Data Connect.
    Graph {
        /// What the rows are.
        dataset: GraphDataset,
        /// Members of chats.
        chats: Option<ChatsFile>,
    },
    /// A Mattermost bulk export.
    Mattermost,
    /// A Zulip organization export.
    Zulip,
    /// The email log search of Google Workspace.
    GmailLog {
        /// How dates are written.
        time: crate::TimeSpec,
        /// Event statuses that mean delivered.
        status_ok: Vec<String>,
    },
    /// Google Chat of a Takeout.
    ChatTakeout,
}

/// Decodes the table `messages`; `None` if the bytes are not one.
pub type RowDecoder = fn(&[u8]) -> Option<Vec<MessageRow>>;

/// A source as planned.
#[derive(Clone, Debug)]
pub struct SourceSpec {
    /// Its name.
    pub name: String,
    /// Mail or chat.
    pub kind: Kind,
    /// Its format.
    pub format: SourceFormat,
    /// Its files, in order; of an export, the archive or folder.
    pub files: Vec<PathBuf>,
    /// How its files write text, where declared.
    pub encoding: Option<TextEncoding>,
    /// Hours within which a post in a thread without parents answers the one before; 0: never.
    pub thread_hours: u32,
    /// Whether an unusable file is left out and its weeks marked; else it ends the run.
    pub skip_bad_files: bool,
    /// Whether what preceded damage in a file is kept.
    pub salvage: bool,
    /// Whether direct messages of only some people are in the export.
    pub direct_partial: bool,
}

impl SourceSpec {
    /// A source with everything else at its default.
    #[must_use]
    pub fn new(name: &str, kind: Kind, format: SourceFormat, files: Vec<PathBuf>) -> SourceSpec {
        SourceSpec {
            name: name.into(),
            kind,
            format,
            files,
            encoding: None,
            thread_hours: 24,
            skip_bad_files: false,
            salvage: false,
            direct_partial: false,
        }
    }

    /// Whether the names of its files are those of mailboxes, and so of people.
    #[must_use]
    pub fn names_people(&self) -> bool {
        matches!(self.format, SourceFormat::Mbox { .. } | SourceFormat::Maildir { .. } | SourceFormat::Eml { .. })
    }

    /// File number `at` as a diagnostic may name it.
    #[must_use]
    pub fn shown(&self, at: usize) -> PathBuf {
        match self.files.get(at) {
            Some(path) if !self.names_people() => path.clone(),
            _ => PathBuf::from(format!("file {} of {} of `{}`", at + 1, self.files.len(), self.name)),
        }
    }

    /// Whether a folder is one export of this format; else it is a place of files.
    #[must_use]
    pub fn takes_folders(&self) -> bool {
        reader(self).takes_folders()
    }
}

/// Parameters of ingest.
#[derive(Clone, Debug)]
pub struct IngestParams {
    /// What is known of accounts.
    pub known: Known,
    /// First day that is believed.
    pub earliest: Day,
    /// Last day that is believed.
    pub latest: Day,
    /// Recipients past which a message keeps its count alone.
    pub recipients_kept: u32,
    /// Whether the rows of the canonical table `messages` are wanted.
    pub canonical_rows: bool,
    /// Read no more than the whole records of about this many first bytes of each file: for a look before a run.
    pub head_bytes: Option<usize>,
}

/// A place outside memory for what is read, until it is merged.
pub trait Aside: Sync {
    /// Bytes that are held in memory before they are put here.
    fn held_bytes(&self) -> u64;

    /// Puts bytes here; says where.
    ///
    /// # Errors
    /// They cannot be written.
    fn put(&self, bytes: &[u8]) -> io::Result<u64>;

    /// Fills `into` with what was put at `at`.
    ///
    /// # Errors
    /// They cannot be read.
    fn get(&self, at: u64, into: &mut [u8]) -> io::Result<()>;
}

/// Counts beside the ledger.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Messages used.
    pub messages: u64,
    /// Messages used that name somebody.
    pub addressed: u64,
    /// Addressed messages with sender and a recipient in the directory.
    pub resolved: u64,
    /// Accounts outside the organization that were met: counted, never stored.
    pub external_accounts: u64,
    /// Accounts inside that the directory does not know.
    pub unknown_accounts: u64,
    /// Recipients that were no address, in records that had another one.
    pub bad_recipients: u64,
    /// Message ids that occur over 24 hours apart, on days that follow each other, and were taken for two messages.
    pub id_reuse: u64,
    /// Messages to more recipients than are kept.
    pub broadcasts: u64,
}

impl Totals {
    fn add(&mut self, other: &Totals) {
        self.messages += other.messages;
        self.addressed += other.addressed;
        self.resolved += other.resolved;
        self.id_reuse += other.id_reuse;
        self.broadcasts += other.broadcasts;
    }
}

/// A file that was left out, with why.
#[derive(Clone, Debug)]
pub struct SkippedFile {
    /// Index of the source.
    pub source: u32,
    /// Number of the file.
    pub file: u32,
    /// Why.
    pub code: Code,
    /// Mondays of the weeks that were read in it before.
    pub weeks: Vec<Day>,
}

/// What ingest leaves.
#[derive(Debug, Default)]
pub struct Ingested {
    /// The messages of all sources, copies merged, day by day; none where each day was handed on.
    pub messages: Messages,
    /// The messages as rows of the canonical table, where they were asked for.
    pub rows: Vec<MessageRow>,
    /// Joins, leaves and channels made.
    pub events: Vec<ChatEvent>,
    /// The ledger of all sources.
    pub ledger: Ledger,
    /// Records set aside.
    pub quarantine: Vec<Quarantined>,
    /// Every handle that was met.
    pub roll: Roll,
    /// Used records by (source, Monday): the people behind them, with counts. For thresholds only.
    pub activity: BTreeMap<(u32, Day), Activity>,
    /// Files as read.
    pub files: Vec<FileFingerprint>,
    /// Files that held no record, by source.
    pub empty_files: Vec<(u32, u32)>,
    /// Files that were left out.
    pub skipped_files: Vec<SkippedFile>,
    /// Days of numbered logs of which a file is missing, by source.
    pub missing_parts: Vec<(u32, Day)>,
    /// Counts beside the ledger.
    pub totals: Totals,
    /// Counts of things that were read as they stand, by name.
    pub oddities: BTreeMap<&'static str, u64>,
    /// Whether each person of the directory opted out.
    pub opted_out: Vec<bool>,
    /// What was worth a look.
    pub notices: Vec<Notice>,
    /// Whether two handles have one id: nothing may be committed.
    pub handle_collision: bool,
}

/// Who stands behind the records of a source in a week, by index in the directory, with counts.
#[derive(Clone, Debug, Default)]
pub struct Activity {
    /// Senders.
    pub senders: BTreeMap<u32, u64>,
    /// Recipients.
    pub recipients: BTreeMap<u32, u64>,
}

impl Activity {
    fn of(counts: &[[u64; 2]]) -> Activity {
        let side = |side: usize| (0..).zip(counts).map(move |(person, counts)| (person, counts[side]));
        Activity {
            senders: side(0).filter(|&(_, count)| count > 0).collect(),
            recipients: side(1).filter(|&(_, count)| count > 0).collect(),
        }
    }
}

/// What of all days is added up.
#[derive(Default)]
struct DaySums {
    lines: BTreeMap<LedgerKey, Counts>,
    /// By person: as sender, as recipient.
    activity: BTreeMap<(u32, Day), Vec<[u64; 2]>>,
    sent_by: Vec<u64>,
    totals: Totals,
    last: Micros,
}

impl DaySums {
    fn add(&mut self, day: MergedDay) {
        for (key, counts) in &day.lines {
            self.lines.entry(*key).or_default().add(counts);
        }
        for (key, counts) in day.activity {
            let sum = self.activity.entry(key).or_default();
            sum.resize(sum.len().max(counts.len()), [0; 2]);
            for (sum, count) in sum.iter_mut().zip(counts) {
                sum[0] += u64::from(count[0]);
                sum[1] += u64::from(count[1]);
            }
        }
        self.sent_by.resize(self.sent_by.len().max(day.sent_by.len()), 0);
        self.sent_by.iter_mut().zip(day.sent_by).for_each(|(sum, count)| *sum += u64::from(count));
        self.totals.add(&day.totals);
        self.last = self.last.max(day.last);
    }
}

/// Reads all sources. Files are numbered from `first_file`; sources by their place in `sources`.
///
/// `progress` is told of each file before it is read: source name, number of the file within the source, files of
/// the source.
///
/// # Errors
/// A missing, unreadable, changing or unusable file. All unusable files are named, not only the first.
pub fn ingest(
    sources: &[SourceSpec],
    directory: &Directory,
    params: &IngestParams,
    keyed: &dyn KeyedHash,
    first_file: u32,
    progress: &mut dyn FnMut(&str, usize, usize) -> Result<(), IngestError>,
) -> Result<Ingested, IngestError> {
    let (mut ingested, days) =
        ingest_days(sources, directory, params, None, keyed, first_file, progress, |_, messages, _| messages)?;
    ingested.messages = joined(days);
    Ok(ingested)
}

/// As [`ingest`], but hands the messages of each day to `visit`, on many threads at once, and holds no more than a few
/// days of them; what it made of them comes back in the order of days. `visit` is told the keyed id of an account by its
/// index. Copies wait in `aside`.
///
/// # Errors
/// As [`ingest`]; `aside` fails.
#[expect(clippy::too_many_arguments, reason = "each is another part of the world, and none has a default")]
pub fn ingest_days<R: Send>(
    sources: &[SourceSpec],
    directory: &Directory,
    params: &IngestParams,
    aside: Option<&dyn Aside>,
    keyed: &dyn KeyedHash,
    first_file: u32,
    progress: &mut dyn FnMut(&str, usize, usize) -> Result<(), IngestError>,
    visit: impl Fn(Day, Messages, &dyn Fn(u32) -> i64) -> R + Sync,
) -> Result<(Ingested, Vec<R>), IngestError> {
    let mut reading = Reading::new(directory, params, keyed, aside);
    let mut file = first_file;
    let mut missing_parts = Vec::new();
    for (source, spec) in (0..).zip(sources) {
        let mut format = reader(spec);
        for (number, path) in spec.files.iter().enumerate() {
            progress(&spec.name, number + 1, spec.files.len())?;
            let shown = spec.shown(number);
            let job = FileJob {
                name: &spec.name,
                source,
                file,
                path,
                shown: &shown,
                encoding: spec.encoding,
                head_bytes: params.head_bytes,
                memory: None,
            };
            reading.file(job, spec, &mut *format)?;
            file += 1;
        }
        format.finish(&mut reading.work);
        reading.work.keep(file.saturating_sub(1));
        if matches!(spec.format, SourceFormat::Msgtrk) {
            missing_parts.extend(sequence_gaps(&spec.files).into_iter().map(|day| (source, day)));
        }
    }
    let (mut ingested, days) = reading.end(params, sources, visit)?;
    if !missing_parts.is_empty() {
        ingested.notices.push(Notice { code: code::I403, count: missing_parts.len() as u64, first: None });
    }
    ingested.missing_parts = missing_parts;
    Ok((ingested, days))
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
    let mut reading = Reading::new(directory, params, keyed, None);
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
    reading.work.keep(0);
    let (mut ingested, days) = reading.end(params, std::slice::from_ref(spec), |_, messages, _| messages)?;
    ingested.messages = joined(days);
    Ok(ingested)
}

fn joined(days: Vec<Messages>) -> Messages {
    let mut all = Messages::default();
    for day in days {
        let before = all.recipients.len() as u32;
        all.messages
            .extend(day.messages.into_iter().map(|message| Message { first: message.first + before, ..message }));
        all.recipients.extend(day.recipients);
    }
    all
}

struct Reading<'w> {
    work: Work<'w>,
    head_bytes: Option<usize>,
    files: Vec<FileFingerprint>,
    empty: Vec<(u32, u32)>,
    skipped: Vec<SkippedFile>,
    unusable: Vec<Diagnostic>,
}

impl<'w> Reading<'w> {
    fn new(
        directory: &'w Directory,
        params: &IngestParams,
        keyed: &'w dyn KeyedHash,
        aside: Option<&'w dyn Aside>,
    ) -> Reading<'w> {
        let handles = Handles::new(directory, params.known.clone(), keyed);
        Reading {
            work: Work::new(handles, keyed, (params.earliest, params.latest), aside),
            head_bytes: params.head_bytes,
            files: Vec::new(),
            empty: Vec::new(),
            skipped: Vec::new(),
            unusable: Vec::new(),
        }
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
                self.work.keep(job.file);
                self.files.push(fingerprint);
                if self.work.ledger.spans.get(&(job.source, job.file)) == Some(&0) {
                    self.empty.push((job.source, job.file));
                }
            }
            Err(IngestError::Unusable(found)) if spec.salvage && is_damage(&found) => {
                let weeks = self.work.weeks();
                self.work.keep(job.file);
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
    fn end<R: Send>(
        self,
        params: &IngestParams,
        sources: &[SourceSpec],
        visit: impl Fn(Day, Messages, &dyn Fn(u32) -> i64) -> R + Sync,
    ) -> Result<(Ingested, Vec<R>), IngestError> {
        if !self.unusable.is_empty() {
            return Err(IngestError::Unusable(self.unusable));
        }
        let canonical = params.canonical_rows.then_some(sources);
        let (mut ingested, days) = merged(self.work, params.recipients_kept, canonical, visit)
            .map_err(|source| IngestError::Io { path: ASIDE.into(), source })?;
        ingested.files = self.files;
        ingested.empty_files = self.empty;
        ingested.skipped_files = self.skipped;
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

/// Merges day by day and sums what became of the records.
fn merged<R: Send>(
    mut work: Work<'_>,
    recipients_kept: u32,
    canonical: Option<&[SourceSpec]>,
    visit: impl Fn(Day, Messages, &dyn Fn(u32) -> i64) -> R + Sync,
) -> io::Result<(Ingested, Vec<R>)> {
    let mut out = Ingested::default();
    let merge = Merge { answered: address_answers(&work), work: &work, recipients_kept, canonical };
    // Sums of integers, so days may come in any order; what is kept of a day does not grow with their number.
    let sums = Mutex::new(DaySums::default());
    let days = merge.days(|day, mut merged| {
        let (messages, rows) = (std::mem::take(&mut merged.messages), std::mem::take(&mut merged.rows));
        sums.lock().unwrap_or_else(PoisonError::into_inner).add(merged);
        (rows, visit(day, messages, &|account| work.handles.id(account)))
    })?;
    let mut made = Vec::with_capacity(days.len());
    for (rows, of_day) in days {
        made.push(of_day);
        out.rows.extend(rows);
    }
    let sums = sums.into_inner().unwrap_or_else(PoisonError::into_inner);
    for (key, counts) in &sums.lines {
        work.ledger.line(*key).add(counts);
    }
    out.activity = sums.activity.into_iter().map(|(key, counts)| (key, Activity::of(&counts))).collect();
    out.totals = sums.totals;
    let DaySums { mut sent_by, last, .. } = sums;
    sent_by.resize(work.handles.len(), 0);
    // In the order of keys, whatever the order of files.
    out.rows.sort_by_key(|row| (row.message_key as u64, row.message_check as u64, row.sent_at));
    finish(work, &mut out, &sent_by, last);
    Ok((out, made))
}

/// What is known when everything was read.
fn finish(work: Work<'_>, out: &mut Ingested, sent_by: &[u64], last: Micros) {
    let mut shared = 0;
    let end = |handle: u32, at: Micros| work.handles.end(handle, at.day());
    out.events = work
        .events
        .iter()
        .map(|event| ChatEvent {
            at: event.at,
            who: end(event.who, event.at),
            place_id: event.place_id,
            kind: event.kind,
            by: event.by.map(|by| end(by, event.at)),
            by_is_known: event.by_is_known,
        })
        .collect();
    out.events.sort_by_key(|event| (event.at, event.place_id, event.kind, event.who));
    out.totals.bad_recipients = work.oddities.get(BAD_RECIPIENT).copied().unwrap_or(0);
    for handle in 0..work.handles.len() as u32 {
        match work.handles.identity(handle, last.day()) {
            Identity::External => out.totals.external_accounts += 1,
            Identity::Unknown => out.totals.unknown_accounts += 1,
            Identity::Shared => shared += 1,
            _ => {}
        }
    }
    let counted = [
        (code::I306, shared),
        (code::I307, work.handles.look_alike_count()),
        (code::I308, work.handles.name_match_count),
    ];
    for (code, count) in counted.into_iter().filter(|&(_, count)| count > 0) {
        out.notices.push(Notice { code, count, first: None });
    }
    out.oddities = work.oddities;
    out.opted_out = work.handles.opted_out_people();
    out.handle_collision = work.handles.collision;
    out.roll = work.handles.into_roll(sent_by);
    out.ledger = work.ledger;
    out.quarantine = work.quarantine;
}
