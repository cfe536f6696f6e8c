//! Who may read what: no mode is wider than its class allows.

use crate::Finding;
use crate::StoreError;
use crate::folder::{PARTS, own_uid};
use crate::garbage::relative;
use crosstie_model::code;
use rustix::fs::lgetxattr;
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Where an operator's access list shows: the group bits of the mode then are its mask.
const ACCESS_LIST: &str = "system.posix_acl_access";
const GROUP: u32 = 0o070;

/// Looks at every file and folder of an output folder. A narrower mode is no fault.
pub(crate) fn check_modes(root: &Path, findings: &mut Vec<Finding>) -> Result<(), StoreError> {
    let key = root.join("crosstie.key");
    if key.exists() {
        check_one(root, &key, &metadata(&key)?, 0o600, findings);
    }
    for (part, folder_mode) in PARTS.into_iter().chain([("state", 0o700)]) {
        let file_mode = if folder_mode == 0o700 { 0o600 } else { 0o640 };
        let mut open = vec![root.join(part)];
        while let Some(path) = open.pop() {
            let metadata = metadata(&path)?;
            let is_folder = metadata.is_dir();
            check_one(root, &path, &metadata, if is_folder { folder_mode } else { file_mode }, findings);
            if is_folder {
                let failed = |source| StoreError::reading(&path, source);
                for entry in fs::read_dir(&path).map_err(failed)? {
                    open.push(entry.map_err(failed)?.path());
                }
            }
        }
    }
    Ok(())
}

fn metadata(path: &Path) -> Result<Metadata, StoreError> {
    fs::symlink_metadata(path).map_err(|source| StoreError::reading(path, source))
}

fn check_one(root: &Path, path: &Path, metadata: &Metadata, allowed: u32, findings: &mut Vec<Finding>) {
    let mut wrong = |what: String| findings.push(Finding::new(code::S110, relative(root, path), what));
    if metadata.is_symlink() {
        return wrong("it is a symbolic link".into());
    }
    if own_uid().is_some_and(|uid| uid != metadata.uid()) {
        wrong("it belongs to another user".into());
    }
    let mode = metadata.mode() & 0o7777;
    let has_list = lgetxattr(path, ACCESS_LIST, &mut [0u8; 4096]).is_ok_and(|length| length > 0);
    let excused = if has_list { GROUP } else { 0 };
    if mode & !(allowed | excused) != 0 {
        wrong(format!("its mode is {mode:04o}, {allowed:04o} is allowed"));
    }
}
