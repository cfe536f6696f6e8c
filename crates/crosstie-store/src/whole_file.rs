//! A file written whole: made where nothing is, synced, and read again before anybody relies on it.

use crate::StoreError;
use crate::rename::rename_if_free;
use rustix::fs::OFlags;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// Writes a file that must not be there yet, with exactly this mode, syncs it, and reads it again. Returns its BLAKE3
/// in hexadecimal. What holds it must be synced by the caller.
///
/// # Errors
/// It is there, cannot be made or written, or is not read back as it was written.
pub fn write_new_file(path: &Path, bytes: &[u8], mode: u32) -> Result<String, StoreError> {
    let hash = blake3::hash(bytes);
    write_hashed(path, bytes, &hash, mode)?;
    Ok(hash.to_hex().to_string())
}

/// The same of bytes whose BLAKE3 is known.
///
/// # Errors
/// As [`write_new_file`].
pub(crate) fn write_hashed(path: &Path, bytes: &[u8], hash: &blake3::Hash, mode: u32) -> Result<(), StoreError> {
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .custom_flags(OFlags::NOFOLLOW.bits() as i32)
        .open(path)
        .map_err(|source| StoreError::creating(path, source))?;
    let failed = |source| StoreError::writing_bytes(path, Some(bytes.len() as u64), source);
    fill(file, bytes, mode).map_err(failed)?;
    // A file system that took less than it said, or something else, is found now and not by a reader.
    if hash_of(path).map_err(failed)? != (bytes.len() as u64, *hash) {
        return Err(failed(io::Error::new(ErrorKind::InvalidData, "it was not read back as it was written")));
    }
    Ok(())
}

/// Writes a file that must not be there yet so that it appears whole or not at all, whatever ends the process.
///
/// # Errors
/// As [`write_new_file`].
pub(crate) fn place_new_file(path: &Path, bytes: &[u8], mode: u32) -> Result<(), StoreError> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let draft = path.with_file_name(format!(".{name}.{}.new", std::process::id()));
    // A draft of this name is one that an earlier process of this id left behind.
    match fs::remove_file(&draft) {
        Err(source) if source.kind() != ErrorKind::NotFound => return Err(StoreError::creating(&draft, source)),
        _ => {}
    }
    let placed = write_new_file(&draft, bytes, mode).and_then(|_| rename_if_free(&draft, path));
    if !matches!(placed, Ok(true)) {
        // The failure is told below; a draft that stays is removed by the next process of this id.
        let _ = fs::remove_file(&draft);
    }
    if !placed? {
        return Err(StoreError::creating(path, ErrorKind::AlreadyExists.into()));
    }
    path.parent()
        .map_or(Ok(()), |parent| sync_folder(if parent.as_os_str().is_empty() { Path::new(".") } else { parent }))
}

/// Bytes written at a time: of megabytes in one call the system makes huge pages of its cache, which took five times as
/// long to fill where memory is a virtual machine's (360 MB in files of 6: 1.0 s for 0.2).
const WRITE_BYTES: usize = 256 << 10;

fn fill(mut file: File, bytes: &[u8], mode: u32) -> io::Result<()> {
    bytes.chunks(WRITE_BYTES).try_for_each(|chunk| file.write_all(chunk))?;
    file.set_permissions(Permissions::from_mode(mode))?;
    file.sync_all()
}

/// Bytes of a file that all threads hash together; one that is shorter, one thread hashes.
const HASHED_BYTES: u64 = 8 << 20;

/// Length and BLAKE3 of a file, in constant memory.
pub(crate) fn hash_of(path: &Path) -> io::Result<(u64, blake3::Hash)> {
    let file = OpenOptions::new().read(true).custom_flags(OFlags::NOFOLLOW.bits() as i32).open(path)?;
    let mut hasher = blake3::Hasher::new();
    if file.metadata()?.len() > HASHED_BYTES {
        let mut bytes = Vec::new();
        while (&file).take(HASHED_BYTES).read_to_end(&mut bytes)? > 0 {
            hasher.update_rayon(&bytes);
            bytes.clear();
        }
    } else {
        hasher.update_reader(file)?;
    }
    Ok((hasher.count(), hasher.finalize()))
}

/// Removes every file of a folder but those of these names.
///
/// # Errors
/// The folder cannot be listed, or a file cannot be removed.
pub(crate) fn drop_others<'n>(folder: &Path, names: impl Iterator<Item = &'n str>) -> Result<(), StoreError> {
    let mut kept: Vec<&[u8]> = names.map(str::as_bytes).collect();
    kept.sort_unstable();
    let failed = |source| StoreError::Read { path: folder.to_path_buf(), source };
    for entry in fs::read_dir(folder).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        if kept.binary_search(&name.as_bytes()).is_err() {
            let path = folder.join(&name);
            fs::remove_file(&path).map_err(|source| StoreError::writing(&path, source))?;
        }
    }
    Ok(())
}

/// Makes a folder with exactly this mode, whatever the umask. One that is there keeps its own.
pub(crate) fn make_folder(path: &Path, mode: u32) -> Result<(), StoreError> {
    if path.is_dir() {
        return Ok(());
    }
    let failed = |source| StoreError::creating(path, source);
    match fs::DirBuilder::new().mode(mode).create(path) {
        // Another process made it a moment ago; who goes on is decided by the lock.
        Err(source) if source.kind() == ErrorKind::AlreadyExists && path.is_dir() => return Ok(()),
        made => made.map_err(failed)?,
    }
    fs::set_permissions(path, Permissions::from_mode(mode)).map_err(failed)
}

/// Syncs a folder, so that the names in it last.
pub(crate) fn sync_folder(path: &Path) -> Result<(), StoreError> {
    File::open(path).and_then(|folder| folder.sync_all()).map_err(|source| StoreError::writing(path, source))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_replaced_and_no_link_is_followed() {
        let temp = tempfile::tempdir().unwrap();
        let at = |name: &str| temp.path().join(name);
        let hash = write_new_file(&at("a"), b"bytes", 0o640).unwrap();
        assert_eq!(hash, blake3::hash(b"bytes").to_hex().to_string());
        assert_eq!(fs::metadata(at("a")).unwrap().permissions().mode() & 0o777, 0o640);
        assert!(write_new_file(&at("a"), b"other", 0o640).is_err());
        std::os::unix::fs::symlink(at("target"), at("link")).unwrap();
        assert!(write_new_file(&at("link"), b"other", 0o640).is_err() && !at("target").exists());
        assert!(hash_of(&at("link")).is_err());

        place_new_file(&at("b"), b"bytes", 0o600).unwrap();
        assert!(place_new_file(&at("b"), b"other", 0o600).is_err());
        assert_eq!(fs::read(at("b")).unwrap(), b"bytes");
        assert_eq!(fs::read_dir(temp.path()).unwrap().count(), 3, "no draft is left");
    }
}
