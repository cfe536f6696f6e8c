//! A run on its way: files are written and synced aside, put in place by renames, committed by the manifest's.

use crate::StoreError;
use crate::folder::{Folder, Move, Pending, find_manifests};
use crate::manifest::{Manifest, OutputFile};
use crate::parquet_table::write_table;
use crosstie_model::{Class, Day, Record};
use crosstie_privacy::Published;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// A run that is not committed yet. Dropped without a commit, it leaves nothing.
#[derive(Debug)]
pub struct Staging<'a> {
    folder: &'a Folder,
    date: Day,
    run_id: String,
    staging: PathBuf,
    moves: Vec<Move>,
    outputs: Vec<OutputFile>,
}

impl<'a> Staging<'a> {
    pub(crate) fn new(folder: &'a Folder, run_id: &str, date: Day) -> Result<Staging<'a>, StoreError> {
        make_folder(&folder.root().join("state/staging"), 0o700)?;
        let staging = folder.root().join("state/staging").join(run_id);
        make_folder(&staging, 0o700)?;
        Ok(Staging { folder, date, run_id: run_id.into(), staging, moves: Vec::new(), outputs: Vec::new() })
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

    fn table<R: Record>(&mut self, rows: &[R], class: Class) -> Result<(), StoreError> {
        let spec = R::TABLE;
        assert_eq!(spec.class, class, "table {} is of another class", spec.name);
        let bytes = write_table(rows, &self.run_id)?;
        let place = format!("{}/{}/snapshot_date={}", class.folder(), spec.name, self.date);
        let class_name = if class == Class::Published { "published" } else { "restricted" };
        self.folder_with(&place, class_name, &[("part-00000.parquet", &bytes)], Some(rows.len() as u64))
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

    /// Takes over the other outputs of an earlier manifest of the date, which stay as they are.
    pub fn keep(&mut self, outputs: impl IntoIterator<Item = OutputFile>) {
        self.outputs.extend(outputs);
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
        let number = self.moves.len();
        let staged = self.staging.join(format!("new-{number}"));
        make_folder(&staged, folder_mode)?;
        for (name, bytes) in files {
            write_new_file(&staged.join(name), bytes, file_mode)?;
            self.outputs.push(OutputFile {
                path: format!("{place}/{name}"),
                class: class.into(),
                size: bytes.len() as u64,
                blake3: blake3::hash(bytes).to_hex().to_string(),
                rows,
            });
        }
        sync_folder(&staged)?;
        let relative = format!("state/staging/{}", self.run_id);
        self.moves.push(Move {
            staged: format!("{relative}/new-{number}"),
            place: place.into(),
            replaced: format!("{relative}/old-{number}"),
        });
        Ok(())
    }

    /// Puts everything in place and commits. `manifest.parent` and `manifest.outputs` are filled in here.
    /// Returns the manifest's path.
    ///
    /// # Errors
    /// A rename or write fails: the next command that takes the lock undoes the run.
    pub fn commit(self, mut manifest: Manifest) -> Result<PathBuf, StoreError> {
        let root = self.folder.root().to_path_buf();
        let earlier = find_manifests(&root)?;
        let number =
            earlier.iter().filter(|(date, ..)| *date == self.date).map(|(_, number, ..)| number + 1).max().unwrap_or(1);
        manifest.parent = newest_of(&earlier).map(|(.., hash)| hash.clone());
        manifest.outputs.clone_from(&self.outputs);
        manifest.outputs.sort_by(|a, b| a.path.cmp(&b.path));
        let manifest_name = format!("runs/{}.{number:03}.json", self.date);
        let mut text = serde_json::to_vec_pretty(&manifest).map_err(|_| StoreError::Encode { table: "manifest" })?;
        text.push(b'\n');
        let staged_manifest = self.staging.join("manifest.json");
        write_new_file(&staged_manifest, &text, 0o640)?;

        let pending = Pending { manifest: manifest_name.clone(), moves: self.moves.clone() };
        let pending_path = root.join("state/pending.json");
        let pending_text = serde_json::to_vec(&pending).map_err(|_| StoreError::Encode { table: "pending" })?;
        let staged_pending = self.staging.join("pending.json");
        write_new_file(&staged_pending, &pending_text, 0o600)?;
        sync_folder(&self.staging)?;
        rename(&staged_pending, &pending_path)?;
        sync_folder(&root.join("state"))?;

        for step in &self.moves {
            self.install(&root, step)?;
        }
        let committed = root.join(&manifest_name);
        rename(&staged_manifest, &committed)?;
        sync_folder(&root.join("runs"))?;
        fs::remove_file(&pending_path).map_err(|source| StoreError::Write { path: pending_path.clone(), source })?;
        sync_folder(&root.join("state"))?;
        Ok(committed)
    }

    fn install(&self, root: &Path, step: &Move) -> Result<(), StoreError> {
        let place = root.join(&step.place);
        if let Some(parent) = place.parent() {
            let open = step.place.starts_with("data/") || step.place.starts_with("reports/");
            make_folder(parent, if open { 0o750 } else { 0o700 })?;
        }
        if place.exists() {
            rename(&place, &root.join(&step.replaced))?;
        }
        rename(&root.join(&step.staged), &place)?;
        place.parent().map_or(Ok(()), sync_folder)
    }
}

impl Drop for Staging<'_> {
    fn drop(&mut self) {
        // After a commit only replaced files are left here; before one, everything. A failure here is no harm: the
        // next command that takes the lock clears the folder. While a run is pending its staged files are needed.
        if !self.folder.root().join("state/pending.json").exists() {
            let _ = fs::remove_dir_all(self.folder.root().join("state/staging"));
        }
    }
}

/// The manifest that no other names as its parent: the newest by commit.
fn newest_of(manifests: &[(Day, u32, Manifest, String)]) -> Option<&(Day, u32, Manifest, String)> {
    manifests.iter().rfind(|(.., hash)| !manifests.iter().any(|(_, _, other, _)| other.parent.as_ref() == Some(hash)))
}

fn rename(from: &Path, to: &Path) -> Result<(), StoreError> {
    fs::rename(from, to).map_err(|source| StoreError::Write { path: to.to_path_buf(), source })
}

/// Makes a folder with exactly this mode, whatever the umask; one that is there keeps its own.
pub(crate) fn make_folder(path: &Path, mode: u32) -> Result<(), StoreError> {
    if path.is_dir() {
        return Ok(());
    }
    let failed = |source| StoreError::Create { path: path.to_path_buf(), source };
    fs::create_dir(path).map_err(failed)?;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).map_err(failed)
}

/// Writes a file that must not be there yet, with exactly this mode, and syncs it.
///
/// # Errors
/// It is there, or cannot be made or written.
pub fn write_new_file(path: &Path, bytes: &[u8], mode: u32) -> Result<(), StoreError> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(|source| StoreError::Create { path: path.to_path_buf(), source })?;
    let write = || -> std::io::Result<()> {
        file.write_all(bytes)?;
        file.set_permissions(fs::Permissions::from_mode(mode))?;
        file.sync_all()
    };
    let mut write = write;
    write().map_err(|source| StoreError::Write { path: path.to_path_buf(), source })
}

/// Syncs a folder, so that renames in it last.
pub(crate) fn sync_folder(path: &Path) -> Result<(), StoreError> {
    File::open(path)
        .and_then(|folder| folder.sync_all())
        .map_err(|source| StoreError::Write { path: path.to_path_buf(), source })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crosstie_model::PersonId;
    use crosstie_model::tables::PairCarrierRow;

    fn manifest(run_id: &str) -> Manifest {
        Manifest {
            run_id: run_id.into(),
            kind: "run".into(),
            snapshot_date: "2026-01-01".into(),
            parent: None,
            version: "0".into(),
            pipeline: "test".into(),
            window_first: "2026-01-01".into(),
            window_last: "2026-01-01".into(),
            key_id: "k".into(),
            epoch: 1,
            plan: serde_json::Value::Null,
            inputs: vec![],
            ledger: vec![],
            notices: Default::default(),
            counts: Default::default(),
            withheld: Default::default(),
            wall_clock_day: "2026-01-02".into(),
            status: "complete".into(),
            outputs: vec![],
        }
    }

    const PLACE: &str = "restricted/pair_carriers/snapshot_date=2026-01-01/part-00000.parquet";

    fn stage<'a>(folder: &'a Folder, run_id: &str, rank: i64) -> Staging<'a> {
        let mut staging = folder.begin(run_id, "2026-01-01".parse().unwrap()).unwrap();
        let row = PairCarrierRow {
            grouping: "unit".into(),
            unit_a: "a".into(),
            unit_b: "b".into(),
            person_id: PersonId::new("P".into()),
            weight_share: 1.0,
            rank,
            remaining_share: None,
        };
        staging.restricted(&[row]).unwrap();
        staging
    }

    #[test]
    fn a_commit_replaces_the_date_and_numbers_go_up() {
        let temp = tempfile::tempdir().unwrap();
        let root = temp.path().join("out");
        let folder = Folder::open(&root).unwrap();
        stage(&folder, "one", 1).commit(manifest("one")).unwrap();
        let first = fs::read(root.join(PLACE)).unwrap();
        let path = stage(&folder, "two", 2).commit(manifest("two")).unwrap();
        assert!(path.ends_with("runs/2026-01-01.002.json"));
        assert_ne!(fs::read(root.join(PLACE)).unwrap(), first);
        let found = find_manifests(&root).unwrap();
        assert_eq!(found[1].2.parent.as_ref(), Some(&found[0].3));
        assert_eq!(found[1].2.outputs[0].path, PLACE);
        assert!(!root.join("state/staging").exists() && !root.join("state/pending.json").exists());
        let mode = |path: &str| fs::metadata(root.join(path)).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode("restricted"), mode(PLACE), mode("runs/2026-01-01.001.json")), (0o700, 0o600, 0o640));
    }

    #[test]
    fn a_run_that_died_before_its_manifest_is_undone() {
        let temp = tempfile::tempdir().unwrap();
        let root = temp.path().join("out");
        {
            let folder = Folder::open(&root).unwrap();
            stage(&folder, "one", 1).commit(manifest("one")).unwrap();
            let first = fs::read(root.join(PLACE)).unwrap();
            // As if killed after the first rename: pending is written, the table is in place, no manifest.
            let staging = stage(&folder, "two", 2);
            let pending = Pending { manifest: "runs/2026-01-01.002.json".into(), moves: staging.moves.clone() };
            write_new_file(&root.join("state/pending.json"), &serde_json::to_vec(&pending).unwrap(), 0o600).unwrap();
            staging.install(&root, &staging.moves[0]).unwrap();
            assert_ne!(fs::read(root.join(PLACE)).unwrap(), first);
            std::mem::forget(staging);
            drop(folder);
            Folder::open(&root).unwrap();
            assert_eq!(fs::read(root.join(PLACE)).unwrap(), first);
        }
        assert!(!root.join("state/staging").exists() && !root.join("state/pending.json").exists());
    }

    #[test]
    fn two_runs_at_once_are_one_too_many() {
        let temp = tempfile::tempdir().unwrap();
        let root = temp.path().join("out");
        let _held = Folder::open(&root).unwrap();
        assert!(matches!(Folder::open(&root), Err(StoreError::Locked { .. })));
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
        drop(stage(&folder, "one", 1));
        assert!(!root.join("state/staging").exists());
        assert!(find_manifests(&root).unwrap().is_empty());
    }
}
