//! Directory and sources, read, balanced and judged: what every command that ingests shares.

use crate::error::{Exit, Failure};
use crate::memory::MemoryLimit;
use crate::plan::Plan;
use crate::progress::Progress;
use crate::thresholds::{SourceOutcome, check_quarantine, check_resolved, first_of_each};
use crosstie_ingest::{
    Balanced, Counts, Directory, IngestError, IngestParams, Ingested, Ledger, Quarantined, ingest, read_directory,
};
use crosstie_model::{Day, Diagnostic, code};
use crosstie_privacy::MasterKey;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// How to read.
#[derive(Clone, Copy)]
pub(crate) struct ReadOptions {
    /// Times more than two days after this UTC day are not believed.
    pub(crate) today: Day,
    pub(crate) memory: MemoryLimit,
    /// Whether the rows of the table `messages` are wanted.
    pub(crate) canonical_rows: bool,
}

/// Directory and messages, as read.
pub(crate) struct Read {
    pub(crate) directory: Directory,
    pub(crate) ingested: Ingested,
}

pub(crate) fn read_sources(
    plan: &Plan,
    key: &MasterKey,
    options: ReadOptions,
    progress: &mut (dyn Progress + Send),
) -> Result<Read, Failure> {
    let directory = read_directory(&plan.directory, plan.sources.len() as u32, 0, key)?;
    let params = IngestParams {
        known: plan.known.read()?,
        earliest: plan.limits.earliest,
        latest: options.today.plus(2),
        recipients_kept: plan.limits.recipients_kept,
        canonical_rows: options.canonical_rows,
        head_bytes: None,
    };
    let mut over = None;
    let first_file = directory.files.len() as u32;
    let ingested = ingest(&plan.sources, &directory, &params, key, first_file, &mut |source, file, files| {
        progress.part(source, file, files);
        options.memory.check().map_err(|failure| {
            over = Some(failure);
            IngestError::Unusable(Vec::new())
        })
    });
    match over {
        Some(failure) => Err(failure),
        None => Ok(Read { directory, ingested: ingested? }),
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
