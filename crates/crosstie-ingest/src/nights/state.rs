//! What the system says of input files before any is opened: asked of all files of a source, on all threads.

use crate::input::state_of;
use crosstie_model::{KeyedHash, Purpose};
use rayon::prelude::*;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// A file that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileState {
    /// Device, inode, size and times.
    pub(crate) state: [i64; 7],
    /// Which path it was found under.
    pub(crate) path_check: i64,
    pub(crate) is_dir: bool,
}

impl FileState {
    /// The state of each file; `None` where it cannot be told.
    pub(crate) fn of_all(paths: &[PathBuf], keyed: &dyn KeyedHash) -> Vec<Option<FileState>> {
        let look = |path: &PathBuf| {
            let metadata = std::fs::metadata(path).ok()?;
            let (state, path_check) = (state_of(&metadata), path_check(path, keyed));
            Some(FileState { state, path_check, is_dir: metadata.is_dir() })
        };
        paths.par_iter().with_min_len(64).map(look).collect()
    }
}

/// A keyed hash of a path that is quick to make; never 0.
pub(super) fn path_check(path: &Path, keyed: &dyn KeyedHash) -> i64 {
    let hash = keyed.hash(Purpose::Message, &[b"path", path.as_os_str().as_bytes()]);
    let head: [u8; 8] = [hash[0], hash[1], hash[2], hash[3], hash[4], hash[5], hash[6], hash[7]];
    i64::from_le_bytes(head) | 1
}
