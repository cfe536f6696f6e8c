//! A run on its way: files are written and synced aside, put in place by renames, committed by the manifest's.

use crate::StoreError;
use crate::folder::Folder;
use crate::garbage::collect_garbage;
use crate::manifest::{Manifest, OutputFile};
use crate::manifests::{find_manifests, manifest_name, newest_by_commit};
use crate::parquet_table::EncodedTable;
use crate::recovery::{
    Pending, Step, clear, content_of, finish, hash_of_folder, pending_path, recover, sync_installed,
};
use crate::releases::place_release;
use crate::rename::{rename, rename_if_free};
use crate::seal::seal;
use crate::whole_file::{make_folder, sync_folder, write_new_file};
use crosstie_model::{Class, Day, Record};
use crosstie_privacy::{Published, Release};
use std::path::{Path, PathBuf};

/// A run that is not committed yet. Dropped without a commit, it leaves nothing.
#[derive(Debug)]
pub struct Staging<'a> {
    folder: &'a Folder,
    date: Day,
    run_id: String,
    staging: PathBuf,
    steps: Vec<Step>,
    outputs: Vec<OutputFile>,
    release: Option<&'a Release>,
}

impl<'a> Staging<'a> {
    pub(crate) fn new(folder: &'a Folder, run_id: &str, date: Day) -> Result<Staging<'a>, StoreError> {
        let all = folder.root().join("state/staging");
        let staging = all.join(run_id);
        make_folder(&all, 0o700)?;
        make_folder(&staging, 0o700)?;
        Ok(Staging {
            folder,
            date,
            run_id: run_id.into(),
            staging,
            steps: Vec::new(),
            outputs: Vec::new(),
            release: None,
        })
    }

    /// Stages a published table.
    ///
    /// # Errors
    /// Encoding or writing fails.
    pub fn published<R: Record>(&mut self, table: &Published<R>) -> Result<(), StoreError> {
        self.table(table.rows(), Class::Published)
    }

    /// Stages a restricted table.
    ///
    /// # Errors
    /// Encoding or writing fails.
    pub fn restricted<R: Record>(&mut self, rows: &[R]) -> Result<(), StoreError> {
        self.table(rows, Class::Restricted)
    }

    /// Stages a restricted table that was encoded for this run.
    ///
    /// # Errors
    /// Writing fails.
    pub fn restricted_encoded(&mut self, table: &EncodedTable) -> Result<(), StoreError> {
        self.encoded(table, Class::Restricted)
    }

    fn table<R: Record>(&mut self, rows: &[R], class: Class) -> Result<(), StoreError> {
        self.encoded(&EncodedTable::of(rows, &self.run_id)?, class)
    }

    fn encoded(&mut self, table: &EncodedTable, class: Class) -> Result<(), StoreError> {
        let EncodedTable { spec, rows, bytes } = table;
        assert_eq!(spec.class, class, "table {} is of another class", spec.name);
        let place = format!("{}/{}/snapshot_date={}", class.folder(), spec.name, self.date);
        let class_name = if class == Class::Published { "published" } else { "restricted" };
        self.folder_with(&place, class_name, &[("part-00000.parquet", bytes)], Some(*rows))
    }

    /// Stages the files of the date's report folder.
    ///
    /// # Errors
    /// Writing fails.
    pub fn reports(&mut self, files: &[(&str, &[u8])]) -> Result<(), StoreError> {
        self.folder_with(&format!("reports/{}", self.date), "report", files, None)
    }

    /// Stages a folder of state files.
    ///
    /// # Errors
    /// Writing fails.
    pub fn state(&mut self, name: &str, files: &[(&str, &[u8])]) -> Result<(), StoreError> {
        self.folder_with(&format!("state/{name}/{}", self.date), "state", files, None)
    }

    /// The entry of the release ledger, which is written before anything is put in place.
    pub fn release(&mut self, release: &'a Release) {
        self.release = Some(release);
    }

    /// Takes over the other outputs of an earlier manifest of the date, which stay as they are.
    pub fn keep(&mut self, outputs: impl IntoIterator<Item = OutputFile>) {
        self.outputs.extend(outputs);
    }

    /// Stages other bytes for a file that an earlier manifest of the date names.
    ///
    /// # Errors
    /// Writing fails.
    pub fn replace(&mut self, output: &OutputFile, bytes: &[u8], rows: Option<u64>) -> Result<(), StoreError> {
        let name = format!("new-{}", self.steps.len());
        let open = matches!(output.class.as_str(), "published" | "report");
        let blake3 = write_new_file(&self.staging.join(&name), bytes, if open { 0o640 } else { 0o600 })?;
        self.outputs.push(OutputFile { size: bytes.len() as u64, blake3: blake3.clone(), rows, ..output.clone() });
        self.push(Some(name), &output.path, Some(blake3));
        Ok(())
    }

    /// Takes away a file or folder, given relative to the output folder, when the run is committed. Nothing happens
    /// where nothing is.
    pub fn remove(&mut self, place: &str) {
        self.push(None, place, None);
    }

    fn folder_with(
        &mut self,
        place: &str,
        class: &str,
        files: &[(&str, &[u8])],
        rows: Option<u64>,
    ) -> Result<(), StoreError> {
        let open = matches!(class, "published" | "report");
        let (folder_mode, file_mode) = if open { (0o750, 0o640) } else { (0o700, 0o600) };
        let name = format!("new-{}", self.steps.len());
        let staged = self.staging.join(&name);
        make_folder(&staged, folder_mode)?;
        let mut entries = Vec::new();
        for (name, bytes) in files {
            let blake3 = write_new_file(&staged.join(name), bytes, file_mode)?;
            entries.push(((*name).to_string(), blake3.clone()));
            self.outputs.push(OutputFile {
                path: format!("{place}/{name}"),
                class: class.into(),
                size: bytes.len() as u64,
                blake3,
                rows,
            });
        }
        sync_folder(&staged)?;
        self.push(Some(name), place, Some(hash_of_folder(entries)));
        Ok(())
    }

    fn push(&mut self, staged: Option<String>, place: &str, new: Option<String>) {
        let here = |name: &str| format!("state/staging/{}/{name}", self.run_id);
        let aside = here(&format!("old-{}", self.steps.len()));
        let staged = staged.map(|name| here(&name));
        self.steps.push(Step { staged, place: place.into(), aside, new, old: None });
    }

    /// Puts everything in place and commits. `manifest.parent` and `manifest.outputs` are filled in here.
    /// Returns the manifest's path.
    ///
    /// # Errors
    /// A rename or write fails, and what was done is taken back, here or by the next command that takes the lock; or
    /// somebody who does not heed the lock committed under the same number.
    pub fn commit(self, mut manifest: Manifest) -> Result<PathBuf, StoreError> {
        let earlier = find_manifests(self.folder.root())?;
        let number =
            earlier.iter().filter(|(date, ..)| *date == self.date).map(|(_, number, ..)| number + 1).max().unwrap_or(1);
        manifest.parent = newest_by_commit(&earlier).map(|(.., hash)| hash.clone());
        let name = manifest_name(self.date, number);
        self.commit_under(manifest, name)
    }

    fn commit_under(mut self, mut manifest: Manifest, name: String) -> Result<PathBuf, StoreError> {
        let root = self.folder.root().to_path_buf();
        if let Some(release) = self.release {
            let (name, file) = place_release(&root, release)?;
            manifest.release = Some(name);
            self.outputs.push(file);
        }
        manifest.outputs.clone_from(&self.outputs);
        manifest.outputs.sort_by(|a, b| a.path.cmp(&b.path));
        // Written before anything is put in place: a full disk is found while there is nothing to take back.
        let staged_manifest = root.join(format!("runs/.tmp-{}", self.run_id));
        let manifest_blake3 = write_new_file(&staged_manifest, &seal(&manifest)?, 0o640)?;
        for step in &mut self.steps {
            step.old = content_of(&root.join(&step.place))?;
        }
        let pending =
            Pending { run_id: self.run_id.clone(), manifest: name.clone(), manifest_blake3, steps: self.steps.clone() };
        self.announce(&root, &pending)?;
        let installed = self.install(&root).and_then(|()| rename_if_free(&staged_manifest, &root.join(&name)));
        match installed {
            Ok(true) => {}
            refused => {
                // The old version again at once; where that fails too, the next command does it.
                let _ = recover(&root);
                refused?;
                return Err(StoreError::Taken { path: root.join(name) });
            }
        }
        sync_folder(&root.join("runs"))?;
        finish(&root)?;
        // The run is committed; what cannot be cleared now is cleared by the next command.
        let _ = clear(&root);
        if let Ok(today) = manifest.wall_clock_day.parse() {
            let _ = collect_garbage(self.folder, today);
        }
        Ok(root.join(name))
    }

    /// Writes down what is about to happen, after everything that it needs is durable: the innermost folders were
    /// synced when they were filled.
    fn announce(&self, root: &Path, pending: &Pending) -> Result<(), StoreError> {
        let text = serde_json::to_vec(pending).map_err(|_| StoreError::Encode { table: "pending" })?;
        let draft = self.staging.join("pending.json");
        write_new_file(&draft, &text, 0o600)?;
        let staging = root.join("state/staging");
        for folder in [&self.staging, &staging, &root.join("state"), &root.join("runs")] {
            sync_folder(folder)?;
        }
        rename(&draft, &pending_path(root))?;
        sync_folder(&root.join("state"))?;
        sync_folder(&self.staging)
    }

    fn install(&self, root: &Path) -> Result<(), StoreError> {
        for step in &self.steps {
            if let Some((parent, _)) = step.place.rsplit_once('/').filter(|_| step.staged.is_some()) {
                let open = step.place.starts_with("data/") || step.place.starts_with("reports/");
                self.folder.place_folder(parent, if open { 0o750 } else { 0o700 })?;
            }
            step.install(root)?;
        }
        sync_installed(root, &self.steps)
    }
}

impl Drop for Staging<'_> {
    fn drop(&mut self) {
        // After a commit nothing is left here; before one, everything. A failure is no harm: the next command that
        // takes the lock clears the folder. While a run is pending its staged files are needed.
        if !pending_path(self.folder.root()).exists() {
            let _ = clear(self.folder.root());
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::manifest::tests::manifest;
    use crosstie_model::PersonId;
    use crosstie_model::tables::PairCarrierRow;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    const PLACE: &str = "restricted/pair_carriers/snapshot_date=2026-01-01/part-00000.parquet";

    /// A staged run of one date with one table and one file of state.
    pub(crate) fn stage<'a>(folder: &'a Folder, run_id: &str, date: &str, rank: i64) -> Staging<'a> {
        let mut staging = folder.begin(run_id, date.parse().unwrap()).unwrap();
        let row = PairCarrierRow {
            grouping: "unit".into(),
            unit_a: "a".into(),
            unit_b: "b".into(),
            person_id: PersonId::new("P").unwrap(),
            weight_share: 1.0,
            rank,
            remaining_share: None,
        };
        staging.restricted(&[row]).unwrap();
        staging.state("ledger", &[("ledger.jsonl", b"")]).unwrap();
        staging
    }

    /// Commits a run of a date.
    pub(crate) fn commit(folder: &Folder, run_id: &str, date: &str, rank: i64) -> PathBuf {
        let manifest = Manifest { snapshot_date: date.into(), ..manifest(run_id) };
        stage(folder, run_id, date, rank).commit(manifest).unwrap()
    }

    const DATE: &str = "2026-01-01";

    #[test]
    fn a_commit_replaces_the_date_and_numbers_go_up() {
        let temp = tempfile::tempdir().unwrap();
        let root = temp.path().join("out");
        let folder = Folder::open(&root).unwrap();
        commit(&folder, "one", DATE, 1);
        let first = fs::read(root.join(PLACE)).unwrap();
        assert!(commit(&folder, "two", DATE, 2).ends_with("runs/2026-01-01.002.json"));
        assert_ne!(fs::read(root.join(PLACE)).unwrap(), first);
        let found = find_manifests(&root).unwrap();
        assert_eq!(found[1].2.parent.as_ref(), Some(&found[0].3));
        assert_eq!(found[1].2.outputs[0].path, PLACE);
        assert!(!root.join("state/staging").exists() && !pending_path(&root).exists());
        let mode = |path: &str| fs::metadata(root.join(path)).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode("restricted"), mode(PLACE), mode("runs/2026-01-01.001.json")), (0o700, 0o600, 0o640));
        assert_eq!((mode("state/.lock"), mode("state/ledger")), (0o600, 0o700));
    }

    #[test]
    fn two_runs_at_once_are_one_too_many() {
        let temp = tempfile::tempdir().unwrap();
        let root = temp.path().join("out");
        let _held = Folder::open(&root).unwrap();
        assert!(matches!(Folder::open(&root), Err(StoreError::Locked { .. })));
        assert!(matches!(Folder::look(&root), Err(StoreError::Locked { .. })));
    }

    #[test]
    fn a_folder_that_others_can_write_is_refused() {
        let temp = tempfile::tempdir().unwrap();
        let root = temp.path().join("out");
        fs::create_dir(&root).unwrap();
        fs::set_permissions(&root, fs::Permissions::from_mode(0o777)).unwrap();
        assert!(matches!(Folder::open(&root), Err(StoreError::Unsafe { .. })));
    }

    #[test]
    fn an_abandoned_run_leaves_nothing() {
        let temp = tempfile::tempdir().unwrap();
        let root = temp.path().join("out");
        let folder = Folder::open(&root).unwrap();
        drop(stage(&folder, "one", DATE, 1));
        assert!(!root.join("state/staging").exists());
        assert!(find_manifests(&root).unwrap().is_empty());
    }

    #[test]
    fn a_number_that_somebody_else_took_is_not_replaced() {
        let temp = tempfile::tempdir().unwrap();
        let root = temp.path().join("out");
        let folder = Folder::open(&root).unwrap();
        commit(&folder, "one", DATE, 1);
        let first = fs::read(root.join(PLACE)).unwrap();
        // Another host may not see the lock. A folder of the manifest's name stands for a manifest that was not there
        // when this run chose its number.
        fs::create_dir(root.join("runs/2026-01-01.002.json")).unwrap();
        let staging = stage(&folder, "two", DATE, 2);
        let refused = staging.commit_under(manifest("two"), "runs/2026-01-01.002.json".into());
        assert!(matches!(refused, Err(StoreError::Taken { .. })), "{refused:?}");
        assert_eq!(fs::read(root.join(PLACE)).unwrap(), first, "taken back");
        assert!(!pending_path(&root).exists());
    }

    /// As if killed after each number of steps, and in the middle of a step where places cannot be exchanged.
    #[test]
    fn a_run_that_died_before_its_manifest_is_taken_back() {
        for installed in 0..=4 {
            let temp = tempfile::tempdir().unwrap();
            let root = temp.path().join("out");
            let folder = Folder::open(&root).unwrap();
            commit(&folder, "one", DATE, 1);
            let before = content_of(&root.join("restricted")).unwrap();
            let ledger = content_of(&root.join("state/ledger")).unwrap();

            let mut staging = stage(&folder, "two", DATE, 2);
            staging.reports(&[("index.html", b"new")]).unwrap();
            staging.remove("state/ledger/2026-01-01");
            staging.steps.remove(1);
            for step in &mut staging.steps {
                step.old = content_of(&root.join(&step.place)).unwrap();
            }
            let pending = Pending {
                run_id: "two".into(),
                manifest: "runs/2026-01-01.002.json".into(),
                manifest_blake3: "of none".into(),
                steps: staging.steps.clone(),
            };
            staging.announce(&root, &pending).unwrap();
            if installed == 4 {
                let step = &staging.steps[0];
                rename(&root.join(&step.place), &root.join(&step.aside)).unwrap();
            } else {
                staging.steps.iter().take(installed).for_each(|step| step.install(&root).unwrap());
            }
            std::mem::forget(staging);
            drop(folder);
            Folder::open(&root).unwrap();
            assert_eq!(content_of(&root.join("restricted")).unwrap(), before, "{installed} steps");
            assert_eq!(content_of(&root.join("state/ledger")).unwrap(), ledger, "{installed} steps");
            assert_eq!(content_of(&root.join("reports/2026-01-01")).unwrap(), None, "{installed} steps");
            assert!(!root.join("state/staging").exists() && !pending_path(&root).exists());
        }
    }

    #[test]
    fn a_run_that_died_behind_its_manifest_is_finished() {
        let temp = tempfile::tempdir().unwrap();
        let root = temp.path().join("out");
        let folder = Folder::open(&root).unwrap();
        commit(&folder, "one", DATE, 1);
        let after = content_of(&root.join("restricted")).unwrap();
        let found = find_manifests(&root).unwrap();
        let pending = Pending {
            run_id: "one".into(),
            manifest: manifest_name(found[0].0, found[0].1),
            manifest_blake3: found[0].3.clone(),
            steps: vec![],
        };
        fs::write(pending_path(&root), serde_json::to_vec(&pending).unwrap()).unwrap();
        drop(folder);
        Folder::open(&root).unwrap();
        assert_eq!(content_of(&root.join("restricted")).unwrap(), after);
        assert!(!pending_path(&root).exists());
    }
}
