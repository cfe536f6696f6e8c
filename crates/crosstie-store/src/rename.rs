//! Renames that exchange two places or refuse to replace, and what stands in for them where a file system cannot.

use crate::StoreError;
use rustix::fs::{AtFlags, CWD, RenameFlags, linkat, renameat_with, unlinkat};
use rustix::io::Errno;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// Renames; what is at `to` is replaced.
pub(crate) fn rename(from: &Path, to: &Path) -> Result<(), StoreError> {
    fs::rename(from, to).map_err(|source| StoreError::writing(to, source))
}

/// Exchanges what lies at two places, so that a reader finds one or the other at `place` at every moment.
///
/// Without the system call the old one goes to `aside` first, and for a moment nothing lies at `place`; afterwards it
/// is at `staged`, as after an exchange.
pub(crate) fn exchange(staged: &Path, place: &Path, aside: &Path) -> Result<(), StoreError> {
    match renameat_with(CWD, staged, CWD, place, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(()),
        Err(error) if is_unknown(error) => {
            rename(place, aside)?;
            rename(staged, place)?;
            rename(aside, staged)
        }
        Err(error) => Err(StoreError::writing(place, error.into())),
    }
}

/// Renames a file if nothing lies at `to`; false if something does.
pub(crate) fn rename_if_free(from: &Path, to: &Path) -> Result<bool, StoreError> {
    let moved = match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Err(error) if is_unknown(error) => {
            linkat(CWD, from, CWD, to, AtFlags::empty()).and_then(|()| unlinkat(CWD, from, AtFlags::empty()))
        }
        other => other,
    };
    match moved {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(StoreError::writing(to, error.into())),
    }
}

/// Whether the file system or the kernel does not know the flags.
fn is_unknown(error: Errno) -> bool {
    matches!(error, Errno::INVAL | Errno::NOSYS | Errno::NOTSUP)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_places_are_exchanged_and_a_taken_one_is_not_replaced() {
        let temp = tempfile::tempdir().unwrap();
        let at = |name: &str| temp.path().join(name);
        let read = |name: &str| fs::read_to_string(at(name)).unwrap();
        fs::write(at("a"), "new").unwrap();
        fs::write(at("b"), "old").unwrap();
        exchange(&at("a"), &at("b"), &at("c")).unwrap();
        assert_eq!((read("a").as_str(), read("b").as_str()), ("old", "new"));
        assert!(!rename_if_free(&at("a"), &at("b")).unwrap());
        assert_eq!((read("a").as_str(), read("b").as_str()), ("old", "new"));
        assert!(rename_if_free(&at("a"), &at("d")).unwrap());
        assert!(!at("a").exists() && read("d") == "old");
    }
}
