//! A file without a name, for what a run cannot hold in memory: it is gone with the process, however that ends.

use crate::StoreError;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

/// A place for bytes outside memory.
#[derive(Debug)]
pub struct Spill {
    file: File,
    end: AtomicU64,
}

impl Spill {
    /// Opens a place in a folder.
    ///
    /// # Errors
    /// The file cannot be made there.
    pub fn in_folder(folder: &Path) -> Result<Spill, StoreError> {
        let failed = |source| StoreError::Create { path: folder.to_path_buf(), source };
        let file = tempfile::tempfile_in(folder).map_err(failed)?;
        Ok(Spill { file, end: AtomicU64::new(0) })
    }

    /// Puts bytes here; says where.
    ///
    /// # Errors
    /// They cannot be written.
    pub fn put(&self, bytes: &[u8]) -> io::Result<u64> {
        let at = self.end.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        self.file.write_all_at(bytes, at)?;
        Ok(at)
    }

    /// Fills `into` with what was put at `at`.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn get(&self, at: u64, into: &mut [u8]) -> io::Result<()> {
        self.file.read_exact_at(into, at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_comes_back_and_no_file_is_left() {
        let temp = tempfile::tempdir().unwrap();
        let spill = Spill::in_folder(temp.path()).unwrap();
        let (a, b) = (spill.put(b"one").unwrap(), spill.put(b"three").unwrap());
        let mut bytes = [0; 5];
        spill.get(b, &mut bytes).unwrap();
        assert_eq!((&bytes, a, b), (b"three", 0, 3));
        assert_eq!(std::fs::read_dir(temp.path()).unwrap().count(), 0);
        assert!(spill.get(6, &mut bytes).is_err(), "behind the end");
    }
}
