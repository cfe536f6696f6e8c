//! An output folder: its layout and who may write into it.

use crate::StoreError;
use crate::lock::lock;
use crate::recovery::{clear, recover};
use crate::staging::Staging;
use crate::whole_file::{make_folder, sync_folder};
use crosstie_model::Day;
use std::fs::{self, File, Metadata};
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The folders of an output folder beside `state`, with their modes.
pub(crate) const PARTS: [(&str, u32); 4] =
    [("restricted", 0o700), ("data", 0o750), ("reports", 0o750), ("runs", 0o750)];

/// A locked output folder.
#[derive(Debug)]
pub struct Folder {
    root: PathBuf,
    _lock: File,
}

impl Folder {
    /// Opens and locks an output folder, making it where there is none. A run that died is finished or taken back.
    ///
    /// # Errors
    /// The folder cannot be made, is unsafe, lies on several file systems, or is locked by another run.
    pub fn open(root: &Path) -> Result<Folder, StoreError> {
        if !root.exists() {
            let parent = root.parent().filter(|parent| !parent.as_os_str().is_empty());
            if let Some(parent) = parent {
                fs::create_dir_all(parent).map_err(|source| StoreError::creating(parent, source))?;
            }
            make_folder(root, 0o750)?;
            sync_folder(parent.unwrap_or(Path::new(".")))?;
        }
        check(root)?;
        if !root.join("state").is_dir() {
            make_folder(&root.join("state"), 0o700)?;
            sync_folder(root)?;
        }
        let folder = Folder { root: root.to_path_buf(), _lock: lock(root, true)? };
        recover(root)?;
        for (name, mode) in PARTS {
            folder.place_folder(name, mode)?;
        }
        clear(root)?;
        folder.check_one_file_system()?;
        Ok(folder)
    }

    /// Opens and locks an output folder to read it: nothing is made, and a run that died stays as it is.
    ///
    /// # Errors
    /// It is no output folder, is unsafe, or is locked by another run.
    pub fn look(root: &Path) -> Result<Folder, StoreError> {
        check(root)?;
        Ok(Folder { root: root.to_path_buf(), _lock: lock(root, false)? })
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

    /// Makes a folder with exactly this mode where there is none. It appears with its mode or not at all: a process
    /// that is killed between the two would leave it closed to its readers for good.
    pub(crate) fn place_folder(&self, name: &str, mode: u32) -> Result<(), StoreError> {
        let place = self.root.join(name);
        if place.is_dir() {
            return Ok(());
        }
        let staging = self.root.join("state/staging");
        make_folder(&staging, 0o700)?;
        let draft = staging.join("folder");
        make_folder(&draft, mode)?;
        sync_folder(&draft)?;
        fs::rename(&draft, &place).map_err(|source| StoreError::creating(&place, source))?;
        sync_folder(&staging)?;
        place.parent().map_or(Ok(()), sync_folder)
    }

    /// Renames must not become copies.
    fn check_one_file_system(&self) -> Result<(), StoreError> {
        let device = |path: &Path| {
            fs::metadata(path).map(|metadata| metadata.dev()).map_err(|source| StoreError::reading(path, source))
        };
        let state = device(&self.root.join("state"))?;
        for (name, _) in PARTS {
            let path = self.root.join(name);
            if device(&path)? != state {
                return Err(StoreError::creating(&path, ErrorKind::CrossesDevices.into()));
            }
        }
        Ok(())
    }
}

/// Refuses a folder that others could read or change.
fn check(root: &Path) -> Result<(), StoreError> {
    let metadata = fs::symlink_metadata(root).map_err(|source| StoreError::reading(root, source))?;
    if let Some(why) = why_unsafe(&metadata) {
        return Err(StoreError::Unsafe { path: root.to_path_buf(), why });
    }
    if !metadata.is_dir() {
        return Err(StoreError::creating(root, ErrorKind::NotADirectory.into()));
    }
    Ok(())
}

/// What is wrong with an output folder, by its metadata.
fn why_unsafe(metadata: &Metadata) -> Option<&'static str> {
    if metadata.is_symlink() {
        Some("is a symbolic link")
    } else if metadata.is_dir() && own_uid().is_some_and(|uid| uid != metadata.uid()) {
        Some("belongs to another user")
    } else if metadata.is_dir() && metadata.mode() & 0o022 != 0 {
        Some("can be written by group or others")
    } else {
        None
    }
}

/// The user this process runs as, where the system says so.
pub fn own_uid() -> Option<u32> {
    fs::metadata("/proc/self").ok().map(|metadata| metadata.uid())
}
