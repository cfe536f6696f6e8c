//! The seam to what `state/` keeps beside the outputs of runs: checked and purged by whoever writes it.
//!
//! Outputs in `state/` that a manifest names (ledger, quarantine) need nothing here.

use crate::releases::purge_releases;
use crate::shelf::read_index;
use crate::{DayFile, DayFiles, Finding, Folder, StoreError};
use crosstie_model::{Day, code};

/// Days before which state is past its retention.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StateCutoffs {
    /// For message rows.
    pub message_rows: Day,
    /// For daily ties, duplicate keys and the days of handles.
    pub day_ties: Day,
    /// For releases: no window that ends from the day that counts on has a day in common with earlier ones.
    pub releases: Day,
}

/// Checks what state keeps by content hash. The folder is locked.
pub(crate) fn check_state(folder: &Folder) -> Vec<Finding> {
    let files = DayFiles::look(folder.root());
    let mut findings: Vec<Finding> = match files.index() {
        Ok(index) => index.days.into_values().filter_map(|day| finding(&files, &day)).collect(),
        // No run may go on without: days whose files are gone would be lost.
        Err(_) => vec![Finding::new(code::S105, "state/ties/index.json", "is no index of days")],
    };
    let shelf = folder.root().join("state/read");
    match read_index(&shelf) {
        Ok(index) => {
            let index = index.unwrap_or_default();
            let broken = index.files().filter(|file| !file.is_whole(&shelf));
            findings.extend(broken.map(|file| {
                let path = format!("state/read/{}", file.file);
                Finding::new(code::S103, path, "is not there, or not as it was committed")
            }));
        }
        Err(_) => findings.push(Finding::new(code::S103, "state/read/index.json", "is no index of what was read")),
    }
    findings
}

fn finding(files: &DayFiles, day: &DayFile) -> Option<Finding> {
    let path = format!("state/ties/{}", day.file);
    files.read(day).err().map(|_| Finding::new(code::S103, path, "is not there, or not as it was committed"))
}

/// Takes away what state holds of days before the cutoffs and returns the paths, relative to the output folder; with
/// `dry_run` it only returns them. The folder is locked.
///
/// # Errors
/// A file cannot be read or removed.
pub(crate) fn purge_state(folder: &Folder, cutoffs: StateCutoffs, dry_run: bool) -> Result<Vec<String>, StoreError> {
    let files = DayFiles::look(folder.root());
    let mut index = files.index()?;
    let is_past = |date: &str| date.parse::<Day>().is_ok_and(|day| day < cutoffs.day_ties);
    let past: Vec<(String, DayFile)> = index.days.extract_if(.., |date, _| is_past(date)).collect();
    if !past.is_empty() && !dry_run {
        files.commit(&index)?;
    }
    let mut gone: Vec<String> = past.into_iter().map(|(_, day)| format!("state/ties/{}", day.file)).collect();
    gone.extend(purge_releases(folder.root(), cutoffs.releases, dry_run)?);
    Ok(gone)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DayIndex;

    #[test]
    fn days_are_checked_and_purged() {
        let temp = tempfile::tempdir().unwrap();
        let folder = Folder::open(&temp.path().join("out")).unwrap();
        let files = DayFiles::open(folder.root()).unwrap();
        let days = [Day(0), Day(40)].map(|day| (day.to_string(), files.put(day, b"ties").unwrap()));
        files.commit(&DayIndex { key_id: "k".into(), days: days.into() }).unwrap();
        assert_eq!(check_state(&folder), []);
        let cutoffs = StateCutoffs { message_rows: Day(50), day_ties: Day(10), releases: Day(0) };
        let first = files.index().unwrap().days["1970-01-01"].file.clone();
        let gone = vec![format!("state/ties/{first}")];
        assert_eq!(purge_state(&folder, cutoffs, true).unwrap(), gone);
        assert_eq!(files.index().unwrap().days.len(), 2, "a dry run takes nothing away");
        assert_eq!(purge_state(&folder, cutoffs, false).unwrap(), gone);
        assert!(!files.folder().join(&first).exists());
        assert_eq!(check_state(&folder), []);
        let second = files.index().unwrap().days["1970-02-10"].file.clone();
        std::fs::write(files.folder().join(&second), b"seit").unwrap();
        let found = check_state(&folder);
        assert_eq!((found.len(), found[0].path.clone()), (1, format!("state/ties/{second}")));
    }
}
