//! The ties of each day in `state/ties`: a file a day, named by its content, and an index whose rename makes them count.

use crate::StoreError;
use crate::whole_file::{drop_others, make_folder, sync_folder, write_hashed, write_new_file};
use crosstie_model::Day;
use rustix::fs::{AtFlags, statat};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

const INDEX: &str = "index.json";

/// The days as they are committed.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq, Eq)]
pub struct DayIndex {
    /// The key under which ends are named.
    pub key_id: String,
    /// Days by date.
    pub days: BTreeMap<String, DayFile>,
}

/// The index as it stands in its file: with the BLAKE3 of what it holds.
#[derive(Deserialize)]
struct Read {
    index: DayIndex,
}

#[derive(Serialize)]
struct Sealed<'i> {
    index: &'i DayIndex,
    seal: String,
}

/// The text of an index in its file.
fn sealed(index: &DayIndex) -> Result<Vec<u8>, StoreError> {
    let failed = |_| StoreError::Encode { table: "ties" };
    let seal = blake3::hash(&serde_json::to_vec(index).map_err(failed)?).to_hex().to_string();
    let mut text = serde_json::to_vec_pretty(&Sealed { index, seal }).map_err(failed)?;
    text.push(b'\n');
    Ok(text)
}

/// The file of one day.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq, Eq)]
pub struct DayFile {
    /// Name within `state/ties`.
    pub file: String,
    /// Bytes.
    pub size: u64,
    /// BLAKE3.
    pub blake3: String,
}

/// `state/ties` of an output folder.
#[derive(Debug)]
pub struct DayFiles {
    folder: PathBuf,
    /// The folder, opened where it is first looked into.
    handle: OnceLock<Option<File>>,
}

impl DayFiles {
    /// The days of an output folder.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn open(root: &Path) -> Result<DayFiles, StoreError> {
        let folder = root.join("state/ties");
        make_folder(&folder, 0o700)?;
        Ok(DayFiles { folder, handle: OnceLock::new() })
    }

    /// The same, without making the folder.
    pub(crate) fn look(root: &Path) -> DayFiles {
        DayFiles { folder: root.join("state/ties"), handle: OnceLock::new() }
    }

    /// Where they are.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Writes the file of a day, unless it is there. It counts once [`DayFiles::commit`] names it.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn put(&self, day: Day, bytes: &[u8]) -> Result<DayFile, StoreError> {
        let hash = blake3::hash(bytes);
        let blake3 = hash.to_hex().to_string();
        let file = format!("{day}-{}.ties", &blake3[..16]);
        let path = self.folder.join(&file);
        // One that was damaged since is written again.
        if !fs::read(&path).is_ok_and(|there| there == bytes) {
            let staged = self.folder.join(format!("{file}.part"));
            // Left by a run that died.
            let _ = fs::remove_file(&staged);
            write_hashed(&staged, bytes, &hash, 0o600)?;
            fs::rename(&staged, &path).map_err(|source| StoreError::Write { path, source })?;
        }
        Ok(DayFile { file, size: bytes.len() as u64, blake3 })
    }

    /// Makes these days the ones that count, and drops the files of all others. Writes nothing if they do already.
    ///
    /// # Errors
    /// The index cannot be written.
    pub fn commit(&self, index: &DayIndex) -> Result<(), StoreError> {
        let path = self.folder.join(INDEX);
        let text = sealed(index)?;
        if fs::read(&path).is_ok_and(|there| there == text) {
            return Ok(());
        }
        sync_folder(&self.folder)?;
        let staged = self.folder.join(format!("{INDEX}.part"));
        let _ = fs::remove_file(&staged);
        write_new_file(&staged, &text, 0o600)?;
        fs::rename(&staged, &path).map_err(|source| StoreError::Write { path: path.clone(), source })?;
        sync_folder(&self.folder)?;
        self.drop_others(index)
    }

    /// Drops files that the index does not name: left by a run that died, or by one whose index was just written.
    ///
    /// # Errors
    /// A file cannot be removed.
    pub fn drop_unnamed(&self, index: &DayIndex) -> Result<(), StoreError> {
        self.drop_others(index)
    }

    fn drop_others(&self, index: &DayIndex) -> Result<(), StoreError> {
        drop_others(&self.folder, index.days.values().map(|day| day.file.as_str()).chain([INDEX]))
    }

    /// The days that count.
    ///
    /// # Errors
    /// The index is there and cannot be read.
    pub fn index(&self) -> Result<DayIndex, StoreError> {
        let path = self.folder.join(INDEX);
        match fs::read(&path) {
            // As it was written, byte for byte: so that every change shows.
            Ok(text) => match serde_json::from_slice::<Read>(&text) {
                Ok(found) if sealed(&found.index)? == text => Ok(found.index),
                _ => Err(StoreError::Manifest { path }),
            },
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(DayIndex::default()),
            Err(source) => Err(StoreError::Read { path, source }),
        }
    }

    /// Whether the file of a day is there with its length: as much as can be told without reading it.
    #[must_use]
    pub fn has(&self, day: &DayFile) -> bool {
        let handle = self.handle.get_or_init(|| File::open(&self.folder).ok());
        // From the folder on: the way to it is long and the days are many.
        let found = handle.as_ref().and_then(|handle| statat(handle, &day.file, AtFlags::empty()).ok());
        found.is_some_and(|found| u64::try_from(found.st_size) == Ok(day.size))
    }

    /// The bytes of a day, checked against its hash.
    ///
    /// # Errors
    /// The file cannot be read, or holds something else.
    pub fn read(&self, day: &DayFile) -> Result<Vec<u8>, StoreError> {
        let path = self.folder.join(&day.file);
        let bytes = fs::read(&path).map_err(|source| StoreError::Read { path: path.clone(), source })?;
        if blake3::hash(&bytes).to_hex().as_str() == day.blake3 { Ok(bytes) } else { Err(StoreError::Changed { path }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_count_once_the_index_names_them() {
        let temp = tempfile::tempdir().unwrap();
        fs::create_dir(temp.path().join("state")).unwrap();
        let files = DayFiles::open(temp.path()).unwrap();
        let one = files.put(Day(0), b"one").unwrap();
        assert_eq!(files.index().unwrap(), DayIndex::default(), "nothing is committed yet");
        let index =
            |file: &DayFile| DayIndex { key_id: "k".into(), days: [("1970-01-01".into(), file.clone())].into() };
        files.commit(&index(&one)).unwrap();
        assert_eq!(files.read(&one).unwrap(), b"one");
        assert!(files.has(&one) && !files.has(&DayFile { size: 4, ..one.clone() }));
        assert!(!files.has(&DayFile { file: "1970-01-02".into(), ..one.clone() }));
        let two = files.put(Day(0), b"two").unwrap();
        assert_eq!(files.index().unwrap(), index(&one));
        files.commit(&index(&two)).unwrap();
        assert_eq!(fs::read_dir(temp.path().join("state/ties")).unwrap().count(), 2, "the day and the index");
        fs::write(temp.path().join("state/ties").join(&two.file), b"owt").unwrap();
        assert!(matches!(files.read(&two), Err(StoreError::Changed { .. })));
        assert_eq!(files.put(Day(0), b"two").unwrap(), two);
        assert_eq!(files.read(&two).unwrap(), b"two", "written again");
    }
}
