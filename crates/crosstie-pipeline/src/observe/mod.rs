//! A run under observation: stages timed, metrics and lineage events written, warnings told. All of it comes after the
//! commit or beside it; none of it changes a table, a report or the exit code.

mod clock;
mod lineage;
mod night;
mod space;
mod stages;
mod textfile;

pub use clock::{now, rfc3339};
pub use night::{Night, night_warnings};
pub use stages::StageTime;
pub(crate) use stages::Timed;

#[cfg(test)]
pub(crate) use night::tests as tests_of_nights;

use crate::error::{Exit, Failure};
use crate::memory::peak_memory_bytes;
use crate::plan::Plan;
use crate::progress::Progress;
use crate::run::{Outcome, RunOptions, run};
use crosstie_model::tables::CoverageRow;
use crosstie_model::{Day, Diagnostic, Place, code};
use crosstie_store::{Manifest, find_manifests, read_table};
use lineage::{Ending, Lineage, append, seconds_of_runs};
use stages::Stages;
use std::collections::BTreeMap;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;
use textfile::Metrics;

/// Runs a plan and writes what `[observe]` asks for, also where the run fails or panics. A run that stops after a
/// stage is not observed.
///
/// # Errors
/// Those of [`run`]; what goes wrong here is a notice.
pub fn run_observed(
    plan: &Plan,
    options: RunOptions,
    progress: &mut (dyn Progress + Send),
) -> Result<Outcome, Failure> {
    if options.until.is_some() {
        return run(plan, options, progress);
    }
    let sources = plan.source_files().map(|(name, _)| name.to_string()).chain(["directory".into()]).collect();
    let lineage = Lineage::new(&plan.name, sources, now());
    let mut observer =
        Observer { plan, inner: progress, stages: Stages::default(), lineage, date: options.date, started: false };
    let ended = catch_unwind(AssertUnwindSafe(|| run(plan, options, &mut observer)));
    observer.finish(ended.as_ref().ok());
    ended.unwrap_or_else(|panic| resume_unwind(panic))
}

/// Hands progress on and times the stages. The first stage begins behind the lock of the output folder: from there on
/// there is a `state` folder for events.
struct Observer<'a> {
    plan: &'a Plan,
    inner: &'a mut (dyn Progress + Send),
    stages: Stages,
    lineage: Lineage,
    date: Option<Day>,
    started: bool,
}

impl Progress for Observer<'_> {
    fn stage(&mut self, name: &str) {
        self.stages.begin(name);
        self.inner.stage(name);
        if !self.started {
            self.started = true;
            let line = self.lineage.start(self.date, now());
            self.event(&line);
        }
    }

    fn part(&mut self, what: &str, done: usize, all: usize) {
        self.inner.part(what, done, all);
    }

    fn spared(&mut self, what: &str) {
        self.inner.spared(what);
    }

    fn notice(&mut self, diagnostic: &Diagnostic) {
        self.inner.notice(diagnostic);
    }
}

impl Observer<'_> {
    /// After the run: `None` where it panicked.
    fn finish(&mut self, ended: Option<&Result<Outcome, Failure>>) {
        let stages = std::mem::take(&mut self.stages).finish();
        let manifests = find_manifests(&self.plan.output).unwrap_or_default();
        let date = match ended {
            Some(Ok(Outcome::Committed { summary, .. })) => Some(summary.date),
            Some(Ok(Outcome::AlreadyDone { date, .. })) => Some(*date),
            _ => None,
        };
        let newest = manifests.iter().rfind(|(day, ..)| date.is_none_or(|date| *day == date));
        let newest = newest.map(|(_, _, manifest, _)| manifest);
        let is_committed = matches!(ended, Some(Ok(Outcome::Committed { .. })));
        if let Some(manifest) = newest.filter(|_| is_committed) {
            let earlier: Vec<&Manifest> = manifests.iter().map(|(_, _, manifest, _)| manifest).collect();
            self.warn(manifest, &earlier, &stages);
        }
        let exit_code = match ended {
            Some(Ok(_)) => 0,
            Some(Err(failure)) => failure.exit as u8,
            None => Exit::Bug as u8,
        };
        if self.started {
            let ending = match (ended, newest) {
                (Some(Ok(Outcome::Committed { .. })), Some(manifest)) => Ending::Committed(manifest),
                (Some(Ok(_)), _) => Ending::AlreadyDone,
                (Some(Err(failure)), _) => Ending::Failed(names(failure)),
                (None, _) => Ending::Failed(vec!["X a bug".into()]),
            };
            let line = self.lineage.end(&ending, date.or(self.date), &stages, peak_memory_bytes(), now());
            self.event(&line);
        }
        self.metrics(exit_code, newest, &stages);
    }

    fn warn(&mut self, tonight: &Manifest, all: &[&Manifest], stages: &[StageTime]) {
        let events = self.plan.observe.lineage.as_ref().and_then(|path| std::fs::read_to_string(path).ok());
        let seconds = seconds_of_runs(&events.unwrap_or_default());
        let night = |manifest: &&Manifest| Night::new(manifest, seconds.get(&manifest.run_id).copied());
        let took = stages.iter().map(|time| time.seconds).sum();
        let Some(tonight) = Night::new(tonight, Some(took)) else { return };
        let earlier: Vec<Night> = all.iter().filter_map(night).collect();
        for warning in night_warnings(&tonight, &earlier, space::free_bytes(&self.plan.output)) {
            self.inner.notice(&warning);
        }
    }

    fn event(&mut self, line: &str) {
        if let Some(path) = &self.plan.observe.lineage {
            let written = append(path, line);
            self.told(path, written);
        }
    }

    fn metrics(&mut self, exit_code: u8, committed: Option<&Manifest>, stages: &[StageTime]) {
        let Some(path) = &self.plan.observe.textfile else { return };
        let earlier = || textfile::last_success(&std::fs::read_to_string(path).ok()?);
        let metrics = Metrics {
            pipeline: &self.plan.name,
            exit_code,
            last_success: if exit_code == 0 { Some(now()) } else { earlier() },
            committed,
            gaps: &committed.map(|manifest| gaps(&self.plan.output, manifest)).unwrap_or_default(),
            stages,
            peak_memory_bytes: peak_memory_bytes(),
        };
        let written = textfile::replace(path, &metrics.text());
        self.told(path, written);
    }

    fn told(&mut self, path: &Path, written: io::Result<()>) {
        if let Err(error) = written {
            let place = Place { path: path.display().to_string(), line: None, byte: None, column: None };
            let warning = Diagnostic::new(code::C110, "metrics or lineage events are not written").at(place);
            self.inner.notice(&warning.detail(error.to_string()).hint(code::C110.remedy));
        }
    }
}

/// Codes and names of what is wrong, each once.
fn names(failure: &Failure) -> Vec<String> {
    let mut names: Vec<String> =
        failure.diagnostics.iter().map(|found| format!("{} {}", found.code.id, found.code.name)).collect();
    names.dedup();
    names
}

/// Weeks with missing data by source, from the published table of a committed run. Empty where the table is not what
/// the manifest says.
fn gaps(output: &Path, manifest: &Manifest) -> BTreeMap<String, u64> {
    let listed = manifest.outputs.iter().find(|listed| listed.path.starts_with("data/coverage/"));
    let rows = || -> Option<Vec<CoverageRow>> {
        let listed = listed?;
        let bytes = std::fs::read(output.join(&listed.path)).ok()?;
        let is_whole = blake3::hash(&bytes).to_hex().as_str() == listed.blake3;
        if is_whole { read_table(&bytes) } else { None }
    };
    let mut gaps = BTreeMap::new();
    for row in rows().unwrap_or_default() {
        let weeks: &mut u64 = gaps.entry(row.source).or_default();
        *weeks += if row.gap { row.weeks_count.unsigned_abs() } else { 0 };
    }
    gaps
}
