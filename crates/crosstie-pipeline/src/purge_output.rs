//! Retention applied to an output folder, by the profile that its newest run recorded.

use crate::error::{Exit, Failure};
use crate::memory::MemoryLimit;
use crate::plan::CREATE_KEY;
use crate::stop::StopRequest;
use crate::verify_output::is_output_folder;
use crate::waiting::Waiting;
use crosstie_ingest::{Kept, forget_rows, holds_more_than};
use crosstie_model::{Day, Diagnostic, code};
use crosstie_store::{
    Folder, Manifest, PurgeRules, Purged, Retention, Shelf, StoreError, find_manifests, newest_by_commit, plan_purge,
    purge,
};
use crosstie_ties::HISTORY_DAYS;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// Days after the newest snapshot date beyond which the pipeline is dead or the clock wrong.
const CLOCK_DAYS: i32 = 45;

/// How to purge.
#[derive(Clone, Copy, Debug)]
pub struct PurgeOptions {
    /// The UTC day on which it happens.
    pub today: Day,
    /// The day that counts instead, where somebody named one.
    pub as_of: Option<Day>,
    /// Remove nothing.
    pub dry_run: bool,
}

/// What a purge goes by, and what it takes away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PurgeList {
    /// The profile's name.
    pub retention: &'static str,
    /// The day that counts.
    pub as_of: Day,
    /// The files, in the order in which they go.
    pub files: Vec<Purged>,
}

/// Lists what retention takes away from an output folder, tells it, then removes it.
///
/// # Errors
/// No output folder or no run (exit 66); a day that looks like a wrong clock (2); a run that holds the lock (75);
/// files that cannot be removed (74).
pub fn purge_output(output: &Path, options: PurgeOptions, tell: &mut dyn FnMut(&PurgeList)) -> Result<(), Failure> {
    is_output_folder(output)?;
    // To look is not to write: a run that died stays as it is.
    let folder = if options.dry_run { Folder::look(output)? } else { Folder::open(output)? };
    let manifests = find_manifests(output)?;
    let (Some(newest_run), Some(newest_date)) =
        (newest_run(&manifests), manifests.iter().map(|(date, ..)| *date).max())
    else {
        return Err(Failure::new(
            Exit::NoInput,
            Diagnostic::new(code::S104, "no run is committed").hint(code::S104.remedy),
        ));
    };
    let as_of = match options.as_of {
        Some(day) => day,
        None if (newest_date..=newest_date.plus(CLOCK_DAYS)).contains(&options.today) => options.today,
        None => return Err(strange_day(options.today, newest_date)),
    };
    let (retention, window_days, before_days) = profile(newest_run)?;
    let rules = PurgeRules { retention, window_days, before_days, as_of, today: options.today };
    let mut files = plan_purge(&folder, rules)?;
    let cutoffs = rules.state_cutoffs();
    let kept = Kept { rows_from: cutoffs.message_rows, ties_from: cutoffs.day_ties };
    let shelf = Shelf::resume(output)?;
    let book = shelf.as_ref().and_then(Shelf::book).filter(|book| holds_more_than(book, kept));
    if book.is_some() {
        files.push(Purged { path: format!("state/read: rows of days before {}", kept.rows_from), bytes: None });
    }
    tell(&PurgeList { retention: retention.name(), as_of, files });
    if options.dry_run {
        return Ok(());
    }
    purge(&folder, rules)?;
    match (shelf, book) {
        (Some(shelf), Some(book)) => purge_rows(shelf, &book, kept),
        _ => Ok(()),
    }
}

/// What runs keep of what they read, written anew without what is past its time.
fn purge_rows(shelf: Shelf, book: &[u8], kept: Kept) -> Result<(), Failure> {
    let failed = Mutex::new(None);
    let waiting = Waiting::new(&shelf, MemoryLimit(Some(0)), StopRequest::default(), &failed);
    let forgotten = forget_rows(book, kept, &waiting);
    if let Some(error) = failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
        return Err(error.into());
    }
    let broken = |_| StoreError::Changed { path: shelf.folder().to_path_buf() };
    if let Some(book) = forgotten.map_err(broken)? {
        shelf.commit(&book.bytes, &book.places)?;
    }
    Ok(())
}

/// The manifest of the run committed last: the pipeline as it is meant now.
pub(crate) fn newest_run(manifests: &[(Day, u32, Manifest, String)]) -> Option<&Manifest> {
    let mut at = newest_by_commit(manifests)?;
    while at.2.kind != "run" {
        let parent = at.2.parent.as_ref()?;
        // Beyond a purged manifest the chain is left: any run of the newest date will do.
        let Some(next) = manifests.iter().find(|(.., hash)| hash == parent) else {
            return manifests.last().map(|(_, _, manifest, _)| manifest);
        };
        at = next;
    }
    Some(&at.2)
}

fn strange_day(today: Day, newest: Day) -> Failure {
    let message = if today < newest {
        format!("today is {today}, before the newest snapshot date {newest}")
    } else {
        format!("today is {today}, more than {CLOCK_DAYS} days after the newest snapshot date {newest}")
    };
    Failure::new(Exit::Usage, Diagnostic::new(code::S112, message).detail(code::S112.why).hint(code::S112.remedy))
}

/// Profile, days of the window and those that a run needs before it, as the plan recorded them.
pub(crate) fn profile(manifest: &Manifest) -> Result<(Retention, u32, u32), Failure> {
    let text = |key: &str| manifest.plan.get(key).and_then(serde_json::Value::as_str);
    // Before profiles could be chosen there was the default alone.
    let retention = text("privacy.retention").map_or(Some(Retention::Default), Retention::named);
    let window_days = text("window.days").and_then(|days| days.parse().ok());
    let before_days = if text(CREATE_KEY) == Some("true") { HISTORY_DAYS as u32 } else { 0 };
    retention.zip(window_days).map(|(retention, window_days)| (retention, window_days, before_days)).ok_or_else(|| {
        let message = format!("the manifest of run {} records no retention profile that is known", manifest.run_id);
        Failure::new(Exit::Data, Diagnostic::new(code::S105, message).hint("use the version of crosstie that wrote it"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An output folder with a run of 2026-03-15 and nothing in it.
    fn committed(root: &Path) {
        let manifest: Manifest = serde_json::from_value(serde_json::json!({
            "run_id": "r", "kind": "run", "snapshot_date": "2026-03-15", "parent": null, "version": "0",
            "pipeline": "test", "window_first": "2026-03-15", "window_last": "2026-03-15", "key_id": "k", "epoch": 0,
            "plan": {"window.days": "7", "privacy.retention": "it-21d"}, "inputs": [], "ledger": [], "notices": {},
            "counts": {}, "withheld": {}, "wall_clock_day": "2026-03-16", "status": "complete", "outputs": [],
        }))
        .unwrap();
        let folder = Folder::open(root).unwrap();
        folder.begin("r", "2026-03-15".parse().unwrap()).unwrap().commit(manifest).unwrap();
    }

    #[test]
    fn a_strange_day_is_refused_until_the_day_that_counts_is_named() {
        let temp = tempfile::tempdir().unwrap();
        let root = temp.path().join("out");
        committed(&root);
        let purge_on = |today: &str, as_of: Option<&str>| {
            let as_of = as_of.map(|day| day.parse().unwrap());
            let options = PurgeOptions { today: today.parse().unwrap(), as_of, dry_run: true };
            let mut told = None;
            purge_output(&root, options, &mut |list| told = Some(list.clone())).map(|()| told.unwrap())
        };
        for strange in ["2026-03-14", "2026-04-30"] {
            let refused = purge_on(strange, None).unwrap_err();
            assert_eq!((refused.exit, refused.diagnostics[0].code), (Exit::Usage, code::S112), "{strange}");
            assert_eq!(purge_on(strange, Some("2026-04-01")).unwrap().as_of.to_string(), "2026-04-01");
        }
        for day in ["2026-03-15", "2026-04-29"] {
            let list = purge_on(day, None).unwrap();
            assert_eq!((list.as_of.to_string().as_str(), list.retention), (day, "it-21d"));
        }
    }
}
