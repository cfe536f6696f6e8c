//! Free space of a disk.

use std::path::Path;

/// Bytes that this user can still write where `folder` lies; `None` where the system does not say.
pub(crate) fn free_bytes(folder: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    disk.f_bavail.checked_mul(disk.f_frsize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_has_a_size_and_a_missing_folder_none() {
        let folder = tempfile::tempdir().unwrap();
        let free = free_bytes(folder.path()).unwrap();
        let size = rustix::fs::statvfs(folder.path()).unwrap();
        assert!(free <= size.f_blocks * size.f_frsize);
        assert_eq!(free_bytes(&folder.path().join("missing")), None);
    }
}
