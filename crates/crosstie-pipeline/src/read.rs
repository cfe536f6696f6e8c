//! Directory and sources, read, balanced and judged: what every command that ingests shares.

use crate::error::{Exit, Failure};
use crate::memory::MemoryLimit;
use crate::plan::Plan;
use crate::progress::Progress;
use crate::thresholds::{SourceOutcome, check_quarantine, check_resolved, first_of_each};
use crosstie_ingest::{
    Aside, Balanced, Counts, Directory, DirectoryPerson, IngestError, IngestParams, Ingested, Ledger, Quarantined,
    ingest, ingest_days, read_directory,
};
use crosstie_model::{Day, Diagnostic, KeyedHash, Messages, code};
use crosstie_privacy::MasterKey;
use crosstie_store::{DayFile, DayFiles, Spill};
use crosstie_ties::{Ends, day_ties, to_bytes};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// How to read.
#[derive(Clone, Copy)]
pub(crate) struct ReadOptions<'a> {
    /// Times more than two days after this UTC day are not believed.
    pub(crate) today: Day,
    pub(crate) memory: MemoryLimit,
    /// Where the ties of each day go; else the rows of the table `messages` are wanted.
    pub(crate) days: Option<&'a DayFiles>,
}

/// Bytes of copies that are held in memory, unless the limit on memory asks for less.
const HELD_BYTES: u64 = 64 << 20;
/// Part of a limit on memory that copies may take.
const HELD_SHARE: u64 = 8;

/// Where copies wait until they are merged.
struct Waiting {
    spill: Spill,
    held_bytes: u64,
}

impl Aside for Waiting {
    fn held_bytes(&self) -> u64 {
        self.held_bytes
    }

    fn put(&self, bytes: &[u8]) -> std::io::Result<u64> {
        self.spill.put(bytes)
    }

    fn get(&self, at: u64, into: &mut [u8]) -> std::io::Result<()> {
        self.spill.get(at, into)
    }
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
        known: plan.known.read()?,
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
        options.memory.check().map_err(|failure| {
            over = Some(failure);
            IngestError::Unusable(Vec::new())
        })
    };
    let Some(files) = options.days else {
        let ingested = ingest(&plan.sources, &directory, &params, key, first_file, &mut told);
        return match over {
            Some(failure) => Err(failure),
            None => Ok(Read { directory, ingested: ingested?, days: Vec::new() }),
        };
    };
    let held_bytes = options.memory.0.map_or(HELD_BYTES, |limit| HELD_BYTES.min(limit / HELD_SHARE));
    let waiting = Waiting { spill: Spill::in_folder(files.folder())?, held_bytes };
    let people: Vec<i64> = directory.people.iter().map(|person| person_id(key, person)).collect();
    let ends = Ends { people: people.len() as u32 };
    let visit = |day: Day, messages: Messages, account_id: &dyn Fn(u32) -> i64| {
        let ties = day_ties(day, &messages, ends, plan.ties);
        drop(messages);
        let id = |number: u32| people.get(number as usize).copied().unwrap_or_else(|| account_id(number - ends.people));
        files.put(day, &to_bytes(&ties, id)).map(|file| (day, file))
    };
    let read = ingest_days(&plan.sources, &directory, &params, Some(&waiting), key, first_file, &mut told, visit);
    match over {
        Some(failure) => Err(failure),
        None => {
            let (ingested, days) = read?;
            let days = days.into_iter().collect::<Result<Vec<_>, _>>()?;
            Ok(Read { directory, ingested, days })
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
