//! What nothing names any more.

use crate::StoreError;
use crate::folder::Folder;
use crate::manifests::{find_manifests, newest_of_each_date};
use crosstie_model::Day;
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Days that a file outlives its manifest: a reader may hold an older one.
const KEPT_DAYS: i32 = 7;
const DAY_SECONDS: i64 = 86_400;

/// Removes files under `data/`, `restricted/` and `reports/` that the newest manifest of no date names and that are
/// older than 7 days on the day `today`. Returns their paths, relative to the output folder. State collects its own.
///
/// # Errors
/// Manifests or folders cannot be read, or a file cannot be removed.
pub fn collect_garbage(folder: &Folder, today: Day) -> Result<Vec<String>, StoreError> {
    collect_below(folder, &["data", "restricted", "reports"], Some(today))
}

/// The same below these folders; whatever its age where no day is given.
pub(crate) fn collect_below(folder: &Folder, parts: &[&str], today: Option<Day>) -> Result<Vec<String>, StoreError> {
    let root = folder.root();
    let named = named_files(root)?;
    let mut removed = Vec::new();
    for part in parts {
        for path in files_below(&root.join(part))? {
            let metadata = fs::symlink_metadata(&path).map_err(|source| StoreError::reading(&path, source))?;
            let day = Day(metadata.mtime().div_euclid(DAY_SECONDS) as i32);
            let relative = relative(root, &path);
            let is_old = today.is_none_or(|today| day.plus(KEPT_DAYS) < today);
            if !named.contains(&relative) && is_old {
                fs::remove_file(&path).map_err(|source| StoreError::writing(&path, source))?;
                // Refused where something else lies in it.
                let _ = path.parent().map(fs::remove_dir);
                removed.push(relative);
            }
        }
    }
    Ok(removed)
}

/// Every output that the newest manifest of a date names.
fn named_files(root: &Path) -> Result<BTreeSet<String>, StoreError> {
    let manifests = find_manifests(root)?;
    let newest = newest_of_each_date(&manifests);
    Ok(newest.into_iter().flat_map(|(_, _, manifest, _)| &manifest.outputs).map(|output| output.path.clone()).collect())
}

/// Everything below a folder that is no folder, sorted; links are not followed.
pub(crate) fn files_below(folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let mut files = Vec::new();
    let mut open = if folder.is_dir() { vec![folder.to_path_buf()] } else { Vec::new() };
    while let Some(folder) = open.pop() {
        let failed = |source| StoreError::reading(&folder, source);
        for entry in fs::read_dir(&folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let is_folder = entry.file_type().map_err(failed)?.is_dir();
            if is_folder { open.push(entry.path()) } else { files.push(entry.path()) }
        }
    }
    files.sort();
    Ok(files)
}

pub(crate) fn relative(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::staging::tests::commit;

    #[test]
    fn only_what_is_old_and_unnamed_goes() {
        let temp = tempfile::tempdir().unwrap();
        let root = temp.path().join("out");
        let folder = Folder::open(&root).unwrap();
        commit(&folder, "one", "2026-01-01", 1);
        let stray = root.join("restricted/pair_carriers/snapshot_date=2025-12-31/part-00000.parquet");
        fs::create_dir_all(stray.parent().unwrap()).unwrap();
        fs::write(&stray, "stray").unwrap();
        fs::write(root.join("state/own"), "state collects its own").unwrap();
        let written = Day(fs::metadata(&stray).unwrap().mtime().div_euclid(DAY_SECONDS) as i32);
        assert!(collect_garbage(&folder, written.plus(7)).unwrap().is_empty());
        let removed = collect_garbage(&folder, written.plus(8)).unwrap();
        assert_eq!(removed, [relative(&root, &stray)]);
        assert!(!stray.parent().unwrap().exists() && root.join("state/own").exists());
        let named = root.join("restricted/pair_carriers/snapshot_date=2026-01-01/part-00000.parquet");
        assert!(named.exists());
    }
}
