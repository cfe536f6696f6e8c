//! The seam to what `state/` keeps beside the outputs of runs: checked and purged by whoever writes it.
//!
//! Outputs in `state/` that a manifest names (ledger, quarantine) need nothing here.

use crate::{Finding, Folder, StoreError};
use crosstie_model::Day;

/// Days before which state is past its retention.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StateCutoffs {
    /// For message rows.
    pub message_rows: Day,
    /// For daily ties, duplicate keys and the days of handles.
    pub day_ties: Day,
}

/// Checks what state keeps by content hash. The folder is locked.
pub(crate) fn check_state(folder: &Folder) -> Vec<Finding> {
    let _ = folder;
    Vec::new()
}

/// Takes away what state holds of days before the cutoffs and returns the paths, relative to the output folder; with
/// `dry_run` it only returns them. The folder is locked.
///
/// # Errors
/// A file cannot be read or removed.
pub(crate) fn purge_state(folder: &Folder, cutoffs: StateCutoffs, dry_run: bool) -> Result<Vec<String>, StoreError> {
    let _ = (folder, cutoffs, dry_run);
    Ok(Vec::new())
}
