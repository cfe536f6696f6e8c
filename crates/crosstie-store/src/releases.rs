//! The release ledger on disk: `state/releases`, a file for each release, named by its date and a hash of what it held when
//! it was made.
//!
//! A file is there before anybody can see the tables of its release, and it stays when the run dies in between: somebody
//! may have seen them. So every file counts, whether or not a manifest names it.

use crate::manifest::OutputFile;
use crate::whole_file::{make_folder, place_new_file, sync_folder};
use crate::{Finding, StoreError};
use crosstie_model::{Day, code};
use crosstie_privacy::Release;
use std::fs;
use std::path::{Path, PathBuf};

pub(crate) const FOLDER: &str = "state/releases";
const ENDING: &str = ".release";
/// Hexadecimal digits of the hash in a name.
const DIGITS: usize = 16;

/// Names of the files that are there with their dates, in order.
///
/// # Errors
/// The folder cannot be read.
pub fn release_names(root: &Path) -> Result<Vec<(Day, String)>, StoreError> {
    let folder = root.join(FOLDER);
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let failed = |source| StoreError::reading(&folder, source);
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name().to_string_lossy().into_owned();
        if let Some(date) = date_of(&name) {
            names.push((date, name));
        }
    }
    names.sort();
    Ok(names)
}

/// A release by the name of its file.
///
/// # Errors
/// It cannot be read, or was changed.
pub fn read_release(root: &Path, name: &str) -> Result<Release, StoreError> {
    let path = path(root, name);
    let bytes = fs::read(&path).map_err(|source| StoreError::reading(&path, source))?;
    Release::from_bytes(bytes).ok_or(StoreError::Changed { path })
}

/// Writes a release so that it lasts, and returns the name of its file, and the file. One that is there already stays.
pub(crate) fn place_release(root: &Path, release: &Release) -> Result<(String, OutputFile), StoreError> {
    let bytes = release.to_bytes();
    let hash = blake3::hash(&bytes).to_hex();
    let name = format!("{}-{}{ENDING}", release.date(), &hash[..DIGITS]);
    let path = path(root, &name);
    make_folder(&root.join(FOLDER), 0o700)?;
    if !path.exists() {
        place_new_file(&path, &bytes, 0o600)?;
        sync_folder(&root.join("state"))?;
    }
    let file = OutputFile {
        path: format!("{FOLDER}/{name}"),
        class: "state".into(),
        size: bytes.len() as u64,
        blake3: hash.to_string(),
        rows: None,
    };
    Ok((name, file))
}

/// Removes what a run that died had begun to write.
pub(crate) fn clear_drafts(root: &Path) -> Result<(), StoreError> {
    let folder = root.join(FOLDER);
    let Ok(entries) = fs::read_dir(&folder) else { return Ok(()) };
    for entry in entries {
        let path = entry.map_err(|source| StoreError::reading(&folder, source))?.path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.')) {
            fs::remove_file(&path).map_err(|source| StoreError::writing(&path, source))?;
        }
    }
    Ok(())
}

/// Files that were changed; whether those that a manifest names are there is checked with its other outputs.
pub(crate) fn check_releases(root: &Path) -> Result<Vec<Finding>, StoreError> {
    let names = release_names(root)?.into_iter().map(|(_, name)| name);
    let changed = names.filter(|name| read_release(root, name).is_err());
    Ok(changed.map(|name| Finding::new(code::S103, format!("{FOLDER}/{name}"), "it was changed")).collect())
}

/// Takes away releases of dates before `first`, and returns their paths; with `dry_run` it only returns them.
pub(crate) fn purge_releases(root: &Path, first: Day, dry_run: bool) -> Result<Vec<String>, StoreError> {
    let mut gone = Vec::new();
    for (_, name) in release_names(root)?.into_iter().filter(|(date, _)| *date < first) {
        if !dry_run {
            let path = path(root, &name);
            fs::remove_file(&path).map_err(|source| StoreError::writing(&path, source))?;
        }
        gone.push(format!("{FOLDER}/{name}"));
    }
    Ok(gone)
}

fn path(root: &Path, name: &str) -> PathBuf {
    root.join(FOLDER).join(name)
}

fn date_of(name: &str) -> Option<Day> {
    let (date, hash) = name.strip_suffix(ENDING)?.split_at_checked(10)?;
    (hash.len() == DIGITS + 1 && hash.starts_with('-')).then(|| date.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Folder;
    use crosstie_privacy::{MasterKey, MeasuredTables, NO_RELEASES, Past, Rules, Tags, publish, publish_coverage};

    fn release(date: Day) -> Release {
        let key = MasterKey::generate().unwrap();
        let rules = Rules { min_people: 10 };
        let past = Past::nothing(date, 91, Tags::new(&key, &[]));
        let coverage = publish_coverage(Vec::new(), rules);
        publish(NO_RELEASES, MeasuredTables::default(), coverage, rules, past).unwrap().release
    }

    #[test]
    fn releases_last_and_go_with_their_time() {
        let temp = tempfile::tempdir().unwrap();
        let folder = Folder::open(&temp.path().join("out")).unwrap();
        let root = folder.root();
        let made = [20_000, 20_100].map(|date| release(Day(date)));
        let names = made.each_ref().map(|release| place_release(root, release).unwrap().0);
        assert_eq!(place_release(root, &made[0]).unwrap().0, names[0], "it is there already");
        assert_eq!(release_names(root).unwrap().iter().map(|(_, name)| name.clone()).collect::<Vec<_>>(), names);
        assert_eq!(read_release(root, &names[1]).unwrap(), made[1]);
        assert_eq!(check_releases(root).unwrap(), []);

        assert_eq!(purge_releases(root, Day(20_100), true).unwrap().len(), 1);
        assert_eq!(release_names(root).unwrap().len(), 2, "a dry run takes nothing away");
        purge_releases(root, Day(20_100), false).unwrap();
        assert_eq!(release_names(root).unwrap(), [(Day(20_100), names[1].clone())]);

        let mut bytes = fs::read(path(root, &names[1])).unwrap();
        bytes[30] ^= 1;
        fs::write(path(root, &names[1]), bytes).unwrap();
        assert!(matches!(read_release(root, &names[1]), Err(StoreError::Changed { .. })));
        assert_eq!(check_releases(root).unwrap().len(), 1);
    }
}
