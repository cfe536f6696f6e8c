//! The commit that takes people out of what a date keeps: other bytes for its restricted tables, its part in comparisons
//! and its entry of the release ledger; what is published stays as it is.

use crate::garbage::collect_below;
use crate::manifest::{Manifest, OutputFile};
use crate::recovery::clear;
use crate::releases::FOLDER;
use crate::whole_file::{sync_folder, write_new_file};
use crate::{Folder, StoreError};
use crosstie_model::Day;
use crosstie_privacy::Release;
use std::fs;

/// A file of a date with other bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replaced {
    /// Path relative to the output folder.
    pub path: String,
    /// Its bytes now.
    pub bytes: Vec<u8>,
    /// Its rows now, for tables.
    pub rows: Option<u64>,
}

/// Commits other bytes for files that the newest manifest of a date names. Nothing of the old ones stays.
///
/// # Errors
/// A file cannot be written; the commit fails.
pub fn commit_erasure(
    folder: &Folder,
    date: Day,
    manifest: &Manifest,
    replaced: &[Replaced],
    rows_gone: u64,
    today: Day,
) -> Result<(), StoreError> {
    let mut staging = folder.begin(&format!("{}-erasure", manifest.run_id), date)?;
    let is_replaced = |output: &&OutputFile| replaced.iter().any(|file| file.path == output.path);
    staging.keep(manifest.outputs.iter().filter(|output| !is_replaced(output)).cloned());
    for output in manifest.outputs.iter().filter(is_replaced) {
        if let Some(file) = replaced.iter().find(|file| file.path == output.path) {
            staging.replace(output, &file.bytes, file.rows)?;
        }
    }
    let manifest = Manifest {
        kind: "erasure".into(),
        wall_clock_day: today.to_string(),
        erased_rows: manifest.erased_rows + rows_gone,
        removed: Vec::new(),
        cost: None,
        ..manifest.clone()
    };
    staging.commit(manifest)?;
    // A commit leaves what it cannot clear to the next command; here it has to be gone.
    clear(folder.root())
}

/// Writes other bytes for an entry of the release ledger that no newest manifest names. The name stays.
///
/// # Errors
/// It cannot be written.
pub fn replace_release(folder: &Folder, name: &str, release: &Release) -> Result<(), StoreError> {
    let place = folder.root().join(FOLDER);
    // Drafts begin with a dot: the next command that opens the folder clears them.
    let (path, draft) = (place.join(name), place.join(format!(".{name}.erasure")));
    let _ = fs::remove_file(&draft);
    write_new_file(&draft, &release.to_bytes(), 0o600)?;
    sync_folder(&place)?;
    fs::rename(&draft, &path).map_err(|source| StoreError::writing(&path, source))?;
    sync_folder(&place)
}

/// Removes files of people that no newest manifest names, however young they are. Returns their paths.
///
/// # Errors
/// As [`crate::collect_garbage`].
pub fn collect_people(folder: &Folder) -> Result<Vec<String>, StoreError> {
    collect_below(folder, &["restricted"], None)
}
