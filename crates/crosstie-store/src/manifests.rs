//! The manifests of an output folder: which are there, and which is the newest.

use crate::StoreError;
use crate::manifest::Manifest;
use crate::seal::Sealed;
use crosstie_model::Day;
use std::fs;
use std::path::{Path, PathBuf};

/// All manifests of an output folder as (date, number, manifest, BLAKE3), by date, then number. Needs no lock.
///
/// # Errors
/// A manifest cannot be read, was changed, or is none.
pub fn find_manifests(root: &Path) -> Result<Vec<(Day, u32, Manifest, String)>, StoreError> {
    let read = |(date, number, path): (Day, u32, PathBuf)| {
        Sealed::read(&path).map(|sealed| (date, number, sealed.manifest, sealed.blake3))
    };
    manifest_files(root)?.into_iter().map(read).collect()
}

/// The files that are named as manifests, by date, then number.
pub(crate) fn manifest_files(root: &Path) -> Result<Vec<(Day, u32, PathBuf)>, StoreError> {
    let folder = root.join("runs");
    let failed = |source| StoreError::reading(&folder, source);
    let mut found = Vec::new();
    if !folder.exists() {
        return Ok(found);
    }
    for entry in fs::read_dir(&folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if let Some((date, number)) = path.file_name().and_then(|name| name.to_str()).and_then(name_parts) {
            found.push((date, number, path));
        }
    }
    found.sort();
    Ok(found)
}

/// The path of a manifest, relative to the output folder.
pub(crate) fn manifest_name(date: Day, number: u32) -> String {
    format!("runs/{date}.{number:03}.json")
}

/// Date and number of `YYYY-MM-DD.NNN.json`.
fn name_parts(name: &str) -> Option<(Day, u32)> {
    let (date, number) = name.strip_suffix(".json")?.split_once('.')?;
    Some((date.parse().ok()?, number.parse().ok()?))
}

/// The manifest that no other names as its parent: the newest by commit.
#[must_use]
pub fn newest_by_commit(manifests: &[(Day, u32, Manifest, String)]) -> Option<&(Day, u32, Manifest, String)> {
    // A manifest that a purge removed still stands between its parent and its child.
    let is_parent = |hash: &String| {
        manifests.iter().any(|(_, _, other, _)| {
            other.parent.as_ref() == Some(hash) || other.removed.iter().any(|gone| gone.parent.as_ref() == Some(hash))
        })
    };
    manifests.iter().rfind(|(.., hash)| !is_parent(hash))
}

/// The newest manifest of each date, by date: together the whole truth about what is committed.
#[must_use]
pub fn newest_of_each_date(manifests: &[(Day, u32, Manifest, String)]) -> Vec<&(Day, u32, Manifest, String)> {
    let is_last = |at: &usize| manifests.get(at + 1).is_none_or(|next| next.0 != manifests[*at].0);
    (0..manifests.len()).filter(is_last).map(|at| &manifests[at]).collect()
}
