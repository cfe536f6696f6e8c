//! What is under way, written down before the first rename, and how a run that died there is finished or taken back.

use crate::StoreError;
use crate::releases::clear_drafts;
use crate::rename::{exchange, rename};
use crate::seal::Sealed;
use crate::whole_file::{hash_of, sync_folder};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// One change of what readers see. Paths are relative to the output folder.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Step {
    /// Where the new content lies; afterwards the old lies there. `None` where the place is emptied.
    pub(crate) staged: Option<String>,
    /// Where it goes.
    pub(crate) place: String,
    /// Where the old content goes when the place is emptied, or meanwhile where two places cannot be exchanged.
    pub(crate) aside: String,
    /// Hash of the new content.
    pub(crate) new: Option<String>,
    /// Hash of the old content, where there is one.
    pub(crate) old: Option<String>,
}

/// What is under way.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Pending {
    /// The run.
    pub(crate) run_id: String,
    /// The manifest that commits it.
    pub(crate) manifest: String,
    /// Its BLAKE3: another one under that name is somebody else's.
    pub(crate) manifest_blake3: String,
    /// The changes, in order.
    pub(crate) steps: Vec<Step>,
}

/// Where it is written.
pub(crate) fn pending_path(root: &Path) -> PathBuf {
    root.join("state/pending.json")
}

impl Step {
    /// Makes the change.
    pub(crate) fn install(&self, root: &Path) -> Result<(), StoreError> {
        let (place, aside) = (root.join(&self.place), root.join(&self.aside));
        match (&self.staged, &self.old) {
            (Some(staged), None) => rename(&root.join(staged), &place),
            (Some(staged), Some(_)) => exchange(&root.join(staged), &place, &aside),
            (None, Some(_)) => rename(&place, &aside),
            (None, None) => Ok(()),
        }
    }

    /// Takes the change back, whether or not it was made.
    fn undo(&self, root: &Path) -> Result<(), StoreError> {
        let (place, aside) = (root.join(&self.place), root.join(&self.aside));
        let there = content_of(&place)?;
        if there == self.old {
            return Ok(());
        }
        let staged = self.staged.as_ref().map(|staged| root.join(staged));
        if self.old.is_none() {
            // The place was free. What lies there was put there by this run, unless the new content still waits.
            return match staged.filter(|staged| !staged.exists()) {
                Some(staged) => rename(&place, &staged),
                None => Ok(()),
            };
        }
        for kept in [Some(aside.clone()), staged].into_iter().flatten() {
            if content_of(&kept)? == self.old {
                return match there {
                    Some(_) if kept == aside => {
                        rename(&place, &aside.with_extension("new")).and_then(|()| rename(&kept, &place))
                    }
                    Some(_) => exchange(&kept, &place, &aside),
                    None => rename(&kept, &place),
                };
            }
        }
        Err(StoreError::Changed { path: place })
    }

    /// The folders of the run's own whose names the change touches.
    fn own_folders(&self, root: &Path) -> impl Iterator<Item = PathBuf> {
        [Some(&self.aside), self.staged.as_ref()].into_iter().flatten().filter_map(|path| parent(root, path))
    }
}

/// Finishes or takes back what is under way, and clears what dead runs left. Needs the lock.
pub(crate) fn recover(root: &Path) -> Result<(), StoreError> {
    if let Some(pending) = read_pending(root)? {
        let manifest = root.join(&pending.manifest);
        let committed = Sealed::read(&manifest).is_ok_and(|sealed| sealed.blake3 == pending.manifest_blake3);
        if !committed {
            for step in pending.steps.iter().rev() {
                step.undo(root)?;
            }
            sync_undone(root, &pending.steps)?;
        }
        sync_folder(&root.join("runs"))?;
        finish(root)?;
    }
    clear(root)
}

/// Removes the word that something is under way.
pub(crate) fn finish(root: &Path) -> Result<(), StoreError> {
    let path = pending_path(root);
    fs::remove_file(&path).map_err(|source| StoreError::writing(&path, source))?;
    sync_folder(&root.join("state"))
}

/// Removes everything staged, and manifests that were never committed.
pub(crate) fn clear(root: &Path) -> Result<(), StoreError> {
    let staging = root.join("state/staging");
    match fs::remove_dir_all(&staging) {
        Err(source) if source.kind() != ErrorKind::NotFound => return Err(StoreError::writing(&staging, source)),
        _ => {}
    }
    clear_drafts(root)?;
    let runs = root.join("runs");
    let Ok(entries) = fs::read_dir(&runs) else { return Ok(()) };
    for entry in entries {
        let path = entry.map_err(|source| StoreError::reading(&runs, source))?.path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(".tmp-")) {
            fs::remove_file(&path).map_err(|source| StoreError::writing(&path, source))?;
        }
    }
    Ok(())
}

/// What is under way, if anything.
pub(crate) fn read_pending(root: &Path) -> Result<Option<Pending>, StoreError> {
    let path = pending_path(root);
    match fs::read(&path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|_| StoreError::Manifest { path }),
        Err(source) if source.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(StoreError::Read { path, source }),
    }
}

/// Makes changes last. What was taken out of its place lasts where it went before the place forgets it: a name of it
/// is left whenever the power fails.
pub(crate) fn sync_installed(root: &Path, steps: &[Step]) -> Result<(), StoreError> {
    sync_own(root, steps)?;
    sync_places(root, steps)
}

/// The same of changes that were taken back: the old content lasts in its place first.
fn sync_undone(root: &Path, steps: &[Step]) -> Result<(), StoreError> {
    sync_places(root, steps)?;
    sync_own(root, steps)
}

fn sync_own(root: &Path, steps: &[Step]) -> Result<(), StoreError> {
    sync_each(steps.iter().flat_map(|step| step.own_folders(root)).collect())
}

fn sync_places(root: &Path, steps: &[Step]) -> Result<(), StoreError> {
    sync_each(steps.iter().filter_map(|step| parent(root, &step.place)).collect())
}

fn sync_each(mut folders: Vec<PathBuf>) -> Result<(), StoreError> {
    folders.sort();
    folders.dedup();
    folders.iter().filter(|folder| folder.exists()).try_for_each(|folder| sync_folder(folder))
}

fn parent(root: &Path, path: &str) -> Option<PathBuf> {
    root.join(path).parent().map(Path::to_path_buf)
}

/// Hash of a file, or of a folder's names and contents; `None` where nothing lies.
pub(crate) fn content_of(path: &Path) -> Result<Option<String>, StoreError> {
    match hash_tree(path) {
        Ok(hash) => Ok(Some(hash)),
        Err(source) if source.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(StoreError::reading(path, source)),
    }
}

fn hash_tree(path: &Path) -> io::Result<String> {
    if !fs::symlink_metadata(path)?.is_dir() {
        return Ok(hash_of(path)?.1.to_hex().to_string());
    }
    let mut entries = Vec::new();
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        entries.push((entry.file_name().to_string_lossy().into_owned(), hash_tree(&entry.path())?));
    }
    Ok(hash_of_folder(entries))
}

/// Hash of a folder from the names and hashes of what it holds.
pub(crate) fn hash_of_folder(mut entries: Vec<(String, String)>) -> String {
    entries.sort();
    let mut hasher = blake3::Hasher::new();
    for (name, hash) in entries {
        hasher.update(&(name.len() as u64).to_le_bytes());
        hasher.update(name.as_bytes());
        hasher.update(hash.as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}
