//! The key file: one line, mode 0600, made once.

use crate::StoreError;
use crate::folder::own_uid;
use crate::whole_file::place_new_file;
use crosstie_privacy::MasterKey;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Reads a key file; `None` if there is none.
///
/// # Errors
/// If others can read it, it belongs to another user, or is no key.
pub fn read_key(path: &Path) -> Result<Option<MasterKey>, StoreError> {
    let wrong = |why: &str| StoreError::Key { path: path.to_path_buf(), why: why.into() };
    let metadata = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(StoreError::Read { path: path.to_path_buf(), source }),
    };
    if !metadata.is_file() {
        return Err(wrong("is not a plain file"));
    }
    if own_uid().is_some_and(|uid| uid != metadata.uid()) {
        return Err(wrong("belongs to another user"));
    }
    if metadata.mode() & 0o077 != 0 {
        return Err(wrong("can be read by group or others"));
    }
    let text = fs::read_to_string(path).map_err(|source| StoreError::Read { path: path.to_path_buf(), source })?;
    MasterKey::parse(&text).map(Some).map_err(|error| wrong(&format!("is {error}")))
}

/// Makes a key file with a new key.
///
/// # Errors
/// If it cannot be made, or is there already.
pub fn create_key(path: &Path) -> Result<MasterKey, StoreError> {
    let key =
        MasterKey::generate().map_err(|error| StoreError::Key { path: path.to_path_buf(), why: error.to_string() })?;
    place_new_file(path, key.line().as_bytes(), 0o600)?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_key_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("crosstie.key");
        assert!(read_key(&path).unwrap().is_none());
        let made = create_key(&path).unwrap();
        assert_eq!(read_key(&path).unwrap().unwrap().key_id(), made.key_id());
        assert!(create_key(&path).is_err(), "never replaced");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(read_key(&path), Err(StoreError::Key { .. })));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&path, "hello").unwrap();
        assert!(matches!(read_key(&path), Err(StoreError::Key { .. })));
    }
}
