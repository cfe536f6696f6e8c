//! An output folder: its layout, its lock, and the recovery of a run that died.

use crate::StoreError;
use crate::manifest::Manifest;
use crate::staging::{Staging, make_folder, sync_folder};
use crosstie_model::Day;
use serde::{Deserialize, Serialize};
use std::fs::{self, File, TryLockError};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// A locked output folder.
#[derive(Debug)]
pub struct Folder {
    root: PathBuf,
    _lock: File,
}

/// One rename of the installation: undone if the run dies before its manifest.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Move {
    /// Where the new one lies, relative to the output folder.
    pub(crate) staged: String,
    /// Where it goes.
    pub(crate) place: String,
    /// Where the one that it replaces goes meanwhile.
    pub(crate) replaced: String,
}

/// What is under way: written before the first rename.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Pending {
    /// The manifest that commits it.
    pub(crate) manifest: String,
    /// The renames in order.
    pub(crate) moves: Vec<Move>,
}

impl Folder {
    /// Opens and locks an output folder, making it where there is none. A run that died is undone.
    ///
    /// # Errors
    /// The folder cannot be made, is unsafe, or is locked by another run.
    pub fn open(root: &Path) -> Result<Folder, StoreError> {
        let unsafe_because = |why| StoreError::Unsafe { path: root.to_path_buf(), why };
        if !root.exists() {
            if let Some(parent) = root.parent().filter(|parent| !parent.as_os_str().is_empty()) {
                fs::create_dir_all(parent)
                    .map_err(|source| StoreError::Create { path: parent.to_path_buf(), source })?;
            }
            make_folder(root, 0o750)?;
        }
        let metadata =
            fs::symlink_metadata(root).map_err(|source| StoreError::Read { path: root.to_path_buf(), source })?;
        if metadata.is_symlink() {
            return Err(unsafe_because("is a symbolic link"));
        }
        if !metadata.is_dir() {
            let source = std::io::Error::from(std::io::ErrorKind::NotADirectory);
            return Err(StoreError::Create { path: root.to_path_buf(), source });
        }
        if own_uid().is_some_and(|uid| uid != metadata.uid()) {
            return Err(unsafe_because("belongs to another user"));
        }
        if metadata.mode() & 0o022 != 0 {
            return Err(unsafe_because("can be written by group or others"));
        }
        for (name, mode) in
            [("state", 0o700), ("restricted", 0o700), ("data", 0o750), ("reports", 0o750), ("runs", 0o750)]
        {
            make_folder(&root.join(name), mode)?;
        }
        let lock_path = root.join("state/.lock");
        let failed = |source| StoreError::Create { path: lock_path.clone(), source };
        let lock = File::options().create(true).truncate(false).write(true).open(&lock_path).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(StoreError::Locked { path: root.to_path_buf() }),
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        let folder = Folder { root: root.to_path_buf(), _lock: lock };
        folder.recover()?;
        Ok(folder)
    }

    /// Where it is.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Begins a run.
    ///
    /// # Errors
    /// The staging folder cannot be made.
    pub fn begin(&self, run_id: &str, date: Day) -> Result<Staging<'_>, StoreError> {
        Staging::new(self, run_id, date)
    }

    /// Undoes or finishes a run that died between its first rename and the end.
    fn recover(&self) -> Result<(), StoreError> {
        let pending_path = self.root.join("state/pending.json");
        if let Ok(text) = fs::read(&pending_path) {
            let pending: Pending =
                serde_json::from_slice(&text).map_err(|_| StoreError::Manifest { path: pending_path.clone() })?;
            if !self.root.join(&pending.manifest).exists() {
                for step in pending.moves.iter().rev() {
                    self.undo(step)?;
                }
            }
            fs::remove_file(&pending_path)
                .map_err(|source| StoreError::Write { path: pending_path.clone(), source })?;
            sync_folder(&self.root.join("state"))?;
        }
        let staging = self.root.join("state/staging");
        if staging.exists() {
            fs::remove_dir_all(&staging).map_err(|source| StoreError::Write { path: staging.clone(), source })?;
        }
        Ok(())
    }

    /// Takes one rename back. Whether it was done shows in what is left under the staged name.
    fn undo(&self, step: &Move) -> Result<(), StoreError> {
        let (staged, place, replaced) =
            (self.root.join(&step.staged), self.root.join(&step.place), self.root.join(&step.replaced));
        let rename = |from: &Path, to: &Path| {
            fs::rename(from, to).map_err(|source| StoreError::Write { path: to.to_path_buf(), source })
        };
        if !staged.exists() && place.exists() {
            rename(&place, &staged)?;
        }
        if replaced.exists() {
            rename(&replaced, &place)?;
        }
        place.parent().map_or(Ok(()), sync_folder)
    }
}

/// The user this process runs as, where the system says so.
pub(crate) fn own_uid() -> Option<u32> {
    fs::metadata("/proc/self").ok().map(|metadata| metadata.uid())
}

/// All manifests of an output folder as (date, number, manifest, BLAKE3), by date, then number. Needs no lock.
///
/// # Errors
/// A manifest cannot be read or parsed.
pub fn find_manifests(root: &Path) -> Result<Vec<(Day, u32, Manifest, String)>, StoreError> {
    let folder = root.join("runs");
    let failed = |source| StoreError::Read { path: folder.clone(), source };
    let mut found = Vec::new();
    if !folder.exists() {
        return Ok(found);
    }
    for entry in fs::read_dir(&folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let Some((date, number)) = path.file_name().and_then(|name| name.to_str()).and_then(name_parts) else {
            continue;
        };
        let bytes = fs::read(&path).map_err(|source| StoreError::Read { path: path.clone(), source })?;
        let manifest = serde_json::from_slice(&bytes).map_err(|_| StoreError::Manifest { path: path.clone() })?;
        found.push((date, number, manifest, blake3::hash(&bytes).to_hex().to_string()));
    }
    found.sort_by_key(|(date, number, ..)| (*date, *number));
    Ok(found)
}

/// Date and number of `YYYY-MM-DD.NNN.json`.
fn name_parts(name: &str) -> Option<(Day, u32)> {
    let (date, number) = name.strip_suffix(".json")?.split_once('.')?;
    Some((date.parse().ok()?, number.parse().ok()?))
}
