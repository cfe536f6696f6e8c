//! Directory and sources, read, balanced and judged: what every command that ingests shares.

use crate::error::{Exit, Failure};
use crate::memory::MemoryLimit;
use crate::plan::{CREATE_KEY, Plan};
use crate::progress::Progress;
use crate::stop::StopRequest;
use crate::thresholds::{SourceOutcome, check_quarantine, check_resolved, first_of_each};
use crate::waiting::{Waiting, note};
use crosstie_ingest::{
    Balanced, Counts, Directory, DirectoryPerson, EachDay, IngestError, IngestParams, Ingested, Lasting, Ledger,
    Quarantined, SeenWithin, Spared, ingest, ingest_days, read_directory,
};
use crosstie_model::{Day, Diagnostic, Handle, KeyedHash, Messages, Micros, PlainMail, code};
use crosstie_privacy::MasterKey;
use crosstie_store::{DayFile, DayFiles, Shelf, StoreError, read_erasure_list};
use crosstie_ties::{DAY_FORMAT, DayBuilder, Ends, TieParams};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

/// How to read.
#[derive(Clone, Copy)]
pub(crate) struct ReadOptions<'a> {
    /// Times more than two days after this UTC day are not believed.
    pub(crate) today: Day,
    pub(crate) memory: MemoryLimit,
    pub(crate) stop: StopRequest,
    /// Where the ties of each day go, and what was read; else the rows of the table `messages` are wanted.
    pub(crate) days: Option<(&'a DayFiles, &'a Shelf)>,
    /// The days of whose weeks it is wanted who was seen in them.
    pub(crate) seen_within: SeenWithin<'a>,
    /// Whether every file is read, whatever earlier runs read.
    pub(crate) full: bool,
    /// The clock at the beginning.
    pub(crate) now: Micros,
}

/// Directory and messages, as read.
pub(crate) struct Read {
    pub(crate) directory: Directory,
    pub(crate) ingested: Ingested,
    /// The ties of each day; none where rows were wanted.
    pub(crate) days: Vec<(Day, DayFile)>,
}

/// The keyed id of a person: what the ties of a day call them.
pub(crate) fn person_id(key: &MasterKey, person: &DirectoryPerson) -> i64 {
    key.handle_id(&format!("member:{}", person.key))
}

pub(crate) fn read_sources(
    plan: &Plan,
    key: &MasterKey,
    options: ReadOptions<'_>,
    progress: &mut (dyn Progress + Send),
) -> Result<Read, Failure> {
    let directory = read_directory(&plan.directory, plan.sources.len() as u32, 0, key)?;
    let params = IngestParams {
        known: plan.known.read(read_erasure_list(&plan.output, key.key_id())?.erased)?,
        earliest: plan.limits.earliest,
        latest: options.today.plus(2),
        recipients_kept: plan.limits.recipients_kept,
        canonical_rows: options.days.is_none(),
        head_bytes: None,
    };
    let mut over = None;
    let first_file = directory.files.len() as u32;
    let mut told = |source: &str, file: usize, files: usize| {
        progress.part(source, file, files);
        options.stop.check().and_then(|()| options.memory.check()).map_err(|failure| {
            over = Some(failure);
            IngestError::Unusable(Vec::new())
        })
    };
    let Some((files, shelf)) = options.days else {
        let ingested = ingest(&plan.sources, &directory, &params, key, first_file, &mut told);
        return match over {
            Some(failure) => Err(failure),
            None => Ok(Read { directory, ingested: ingested?, days: Vec::new() }),
        };
    };
    let failed = Mutex::new(None);
    let waiting = Waiting::new(shelf, options.memory, options.stop, &failed);
    let there = There::of(files)?;
    let is_there = |file: &DayFile| there.holds(files, file);
    let lasting = |anew: bool| -> Result<Lasting<'_, DayFile>, Failure> {
        let settings = reading_settings(plan, key)?;
        let ReadOptions { now, seen_within, .. } = options;
        let is_there = &is_there;
        Ok(Lasting { aside: &waiting, book: shelf.book(), anew, settings, now, is_there, seen_within })
    };
    let people: Vec<i64> = directory.people.iter().map(|person| person_id(key, person)).collect();
    let into_ties = |accounts: &[i64]| IntoTies {
        ends: Ends::new(&people, accounts),
        params: plan.ties,
        files,
        stop: options.stop,
        failed: &failed,
    };
    let mut read_as = |lasting: &Lasting<'_, DayFile>| {
        ingest_days(&plan.sources, &directory, &params, lasting, key, first_file, &mut told, into_ties)
    };
    let mut read = read_as(&lasting(options.full)?);
    let is_damaged = matches!(read, Err(IngestError::KeptIsDamaged));
    if is_damaged {
        read = read_as(&lasting(true)?);
    }
    if let Some(failure) = over {
        return Err(failure);
    }
    options.stop.check()?;
    if let Some(error) = failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
        return Err(error.into());
    }
    let (ingested, days) = read?;
    if is_damaged {
        let found = Diagnostic::new(code::S103, "what earlier runs kept in `state/read` is damaged");
        progress.notice(
            &found.detail("every file was read anew").hint("find out why: `crosstie verify` looks at the rest"),
        );
    }
    let Spared { files_read, files_known, days_merged, days_known, .. } = ingested.spared;
    let told = format!("{files_read} files read, {files_known} known; {days_merged} days merged, {days_known} known");
    progress.spared(&told);
    Ok(Read { directory, ingested, days })
}

/// Days become files of ties.
struct IntoTies<'r> {
    ends: Ends,
    params: TieParams,
    files: &'r DayFiles,
    stop: StopRequest,
    failed: &'r Mutex<Option<StoreError>>,
}

impl EachDay for IntoTies<'_> {
    type Making<'e>
        = DayBuilder<'e>
    where
        Self: 'e;
    type Made = DayFile;

    fn begin(&self, day: Day, handles: &[Handle]) -> DayBuilder<'_> {
        DayBuilder::new(day, &self.ends, self.params, handles)
    }

    fn add(&self, builder: &mut DayBuilder<'_>, messages: &Messages) {
        builder.add(messages);
    }

    fn add_plain(&self, builder: &mut DayBuilder<'_>, mail: &PlainMail, _: &[Handle]) {
        builder.add_plain(mail);
    }

    fn end(&self, builder: DayBuilder<'_>) -> DayFile {
        // The run ends where it is to stop and where this fails, so what is returned in its place reaches nobody.
        if self.stop.is_made() {
            return DayFile::default();
        }
        self.files.put(builder.day(), &builder.end_as_bytes()).unwrap_or_else(|error| {
            note(self.failed, error);
            DayFile::default()
        })
    }
}

/// Everything but files and directory that decides how files are read and days are merged.
fn reading_settings(plan: &Plan, key: &MasterKey) -> Result<String, Failure> {
    let mut settings = plan.to_json();
    if let Some(settings) = settings.as_object_mut() {
        // Of ties, only what a day's file holds.
        let is_of_days = |name: &str| ["ties.max_recipients", "ties.cc_weight", CREATE_KEY].contains(&name);
        let is_read = |name: &str| ["sources", "identity", "limits"].contains(&name.split('.').next().unwrap_or(""));
        let decides = |name: &str| is_read(name) || is_of_days(name);
        settings.retain(|name, _| decides(name));
    }
    let files: Vec<String> = plan.known.fingerprints(&plan.beside)?.into_iter().map(|file| file.blake3).collect();
    let (version, key) = (env!("CARGO_PKG_VERSION"), key.key_id());
    let all =
        serde_json::json!({ "version": version, "days": DAY_FORMAT, "key": key, "plan": settings, "files": files });
    Ok(all.to_string())
}

/// Days whose ties are committed: those of late days are read, the others looked at.
struct There {
    /// By date.
    days: BTreeMap<String, DayFile>,
    read_from: Option<Day>,
}

/// Days before the last committed one whose files are read before they are trusted; a run reads its window anyway.
const READ_DAYS: i32 = 400;

impl There {
    fn of(files: &DayFiles) -> Result<There, Failure> {
        let days = files.index()?.days;
        let last = days.last_key_value().and_then(|(date, _)| date.parse::<Day>().ok());
        Ok(There { days, read_from: last.map(|last| last.plus(-READ_DAYS)) })
    }

    fn holds(&self, files: &DayFiles, file: &DayFile) -> bool {
        // The name of a file begins with its date.
        let date = file.file.get(..10);
        if date.and_then(|date| self.days.get(date)) != Some(file) {
            return false;
        }
        let day = date.and_then(|date| date.parse::<Day>().ok());
        if day.zip(self.read_from).is_none_or(|(day, from)| day >= from) {
            files.read(file).is_ok()
        } else {
            files.has(file)
        }
    }
}

/// Both ledgers as one, balanced; the directory is the source after the last.
pub(crate) fn balance(mut ledger: Ledger, directory: &Ledger) -> Result<Balanced<Ledger>, Failure> {
    ledger.absorb(directory);
    ledger.balance().map_err(|imbalance| {
        Failure::new(
            Exit::Bug,
            Diagnostic::new(code::X101, code::X101.what).detail(format!("{imbalance:?}")).hint(code::X101.remedy),
        )
    })
}

pub(crate) fn check_input(plan: &Plan, directory: &Directory, ingested: &Ingested) -> Result<(), Failure> {
    let path_of = paths(directory, plan);
    let mut outcomes = vec![SourceOutcome {
        name: "directory",
        counts: directory.counts(),
        quarantine: directory.quarantine.iter().collect(),
    }];
    for (source, spec) in (0..).zip(&plan.sources) {
        outcomes.push(SourceOutcome {
            name: &spec.name,
            counts: ingested.ledger.of_source(source),
            quarantine: ingested.quarantine.iter().filter(|record| record.source == source).collect(),
        });
    }
    check_quarantine(&outcomes, &plan.limits, &path_of)?;
    if directory.people.is_empty() {
        let files: Vec<String> = plan.directory.files.iter().map(|file| format!("`{}`", file.display())).collect();
        let empty = Diagnostic::new(code::I211, format!("the directory holds nobody: {}", files.join(", ")));
        return Err(Failure::new(Exit::Data, empty.hint(code::I211.remedy)));
    }
    let seen = outcomes.iter().skip(1).map(|outcome| outcome.counts.seen).sum();
    check_resolved(&ingested.totals, seen, &plan.limits)
}

/// The path of each file number.
fn paths(directory: &Directory, plan: &Plan) -> BTreeMap<u32, PathBuf> {
    let sources = plan.sources.iter().flat_map(|source| (0..source.files.len()).map(|at| source.shown(at)));
    (0..).zip(directory.files.iter().map(|file| file.path.clone()).chain(sources)).collect()
}

pub(crate) fn tell_notices(
    plan: &Plan,
    directory: &Directory,
    ingested: &Ingested,
    progress: &mut (dyn Progress + Send),
) {
    let path_of = paths(directory, plan);
    for notice in directory.notices.iter().chain(&ingested.notices) {
        progress.notice(&notice.diagnostic(|file| path_of.get(&file).cloned()));
    }
    let quarantine: Vec<&Quarantined> = directory.quarantine.iter().chain(&ingested.quarantine).collect();
    first_of_each(&quarantine, &path_of).iter().for_each(|diagnostic| progress.notice(diagnostic));
    for skipped in &ingested.skipped_files {
        if let Some(path) = path_of.get(&skipped.file) {
            let message = format!("`{}` is left out, or what follows the damage in it", path.display());
            progress.notice(&Diagnostic::new(skipped.code, message).detail(skipped.code.what));
        }
    }
    for source in plan.sources.iter().filter(|source| source.direct_partial) {
        let message = format!("source `{}` holds the direct messages of some people only", source.name);
        progress.notice(&Diagnostic::new(code::I402, message).detail("contact between the others is not seen"));
    }
    for (_, file) in &ingested.empty_files {
        if let Some(path) = path_of.get(file) {
            progress.notice(&Diagnostic::new(code::I401, format!("`{}` holds no record", path.display())));
        }
    }
}

pub(crate) fn all_sources(ledger: &Ledger, plan: &Plan) -> Counts {
    let mut sum = Counts::default();
    (0..plan.sources.len() as u32).for_each(|source| sum.add(&ledger.of_source(source)));
    sum
}
