//! When input is too bad to measure: nothing is committed, and the first record of each kind is shown.

use crate::error::{Exit, Failure};
use crate::plan::Limits;
use crosstie_ingest::{Counts, Quarantined, Totals};
use crosstie_model::{Diagnostic, code};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// One source's outcome, for the thresholds.
pub(crate) struct SourceOutcome<'a> {
    pub(crate) name: &'a str,
    pub(crate) counts: Counts,
    pub(crate) quarantine: Vec<&'a Quarantined>,
}

/// Fails if a source has too many unreadable records. `path_of` names a file by its number.
pub(crate) fn check_quarantine(
    sources: &[SourceOutcome<'_>],
    limits: &Limits,
    path_of: &BTreeMap<u32, PathBuf>,
) -> Result<(), Failure> {
    let mut diagnostics = Vec::new();
    for source in sources {
        let bad = source.counts.quarantined_count();
        let judged = source.counts.used + source.counts.duplicate + bad;
        let share = if judged > 0 { bad as f64 / judged as f64 } else { 0.0 };
        if bad < limits.min_quarantined || share <= limits.max_quarantined_share {
            continue;
        }
        let message = format!(
            "source `{}`: {bad} of {judged} records cannot be read; at most {} % may be",
            source.name,
            limits.max_quarantined_share * 100.0
        );
        diagnostics.push(Diagnostic::new(code::I501, message).hint(code::I501.remedy));
        diagnostics.extend(first_of_each(&source.quarantine, path_of));
    }
    if diagnostics.is_empty() { Ok(()) } else { Err(Failure { exit: Exit::Data, diagnostics }) }
}

/// The first quarantined record of each code, with how many there are.
pub(crate) fn first_of_each(quarantine: &[&Quarantined], path_of: &BTreeMap<u32, PathBuf>) -> Vec<Diagnostic> {
    let mut first: BTreeMap<&str, (&Quarantined, u64)> = BTreeMap::new();
    for record in quarantine {
        first.entry(record.code.id).or_insert((record, 0)).1 += 1;
    }
    let unknown = PathBuf::new();
    first
        .values()
        .map(|(record, count)| record.diagnostic(path_of.get(&record.file).unwrap_or(&unknown), *count))
        .collect()
}

/// Fails if too few messages have both ends in the directory: mostly a wrong domain or column.
pub(crate) fn check_resolved(totals: &Totals, seen: u64, limits: &Limits) -> Result<(), Failure> {
    let share = if totals.addressed > 0 { totals.resolved as f64 / totals.addressed as f64 } else { 0.0 };
    // Without any record there is nothing to resolve; an empty file is told as a gap.
    if seen == 0 || share >= limits.min_resolved_share {
        return Ok(());
    }
    let message = format!(
        "{} of {} messages that name somebody have sender and a recipient in the directory; at least {} % must",
        totals.resolved,
        totals.addressed,
        limits.min_resolved_share * 100.0
    );
    let detail = format!(
        "{} accounts of your domains are not in the directory; {} are of other domains",
        totals.unknown_accounts, totals.external_accounts
    );
    Err(Failure::new(Exit::Data, Diagnostic::new(code::I311, message).detail(detail).hint(code::I311.remedy)))
}
