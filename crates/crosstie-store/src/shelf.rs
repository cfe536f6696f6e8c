//! What runs read, kept for the next: `state/read` holds packs of blocks, a book that says what they are, and a sealed
//! index whose rename makes them count.
//!
//! A pack is written once, by one run. A place is the number of its pack and where in it a block begins; each block
//! carries a checksum, so that a bit that turned is never taken for a message.

use crate::StoreError;
use crate::whole_file::{drop_others, hash_of, make_folder, sync_folder, write_new_file};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;

const INDEX: &str = "index.json";
/// Bits of a place that say where in the pack.
const OFFSET_BITS: u32 = 40;
const CHECKSUM_BYTES: usize = 4;

/// What counts of a shelf.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ShelfIndex {
    key_id: String,
    book: Option<ShelfFile>,
    packs: BTreeMap<u32, ShelfFile>,
}

/// A file of a shelf.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ShelfFile {
    pub(crate) file: String,
    size: u64,
    blake3: String,
}

#[derive(Serialize, Deserialize)]
struct Sealed {
    index: ShelfIndex,
    seal: String,
}

impl Sealed {
    fn text(index: &ShelfIndex) -> Result<Vec<u8>, StoreError> {
        let failed = |_| StoreError::Encode { table: "read" };
        let seal = blake3::hash(&serde_json::to_vec(index).map_err(failed)?).to_hex().to_string();
        let mut text = serde_json::to_vec_pretty(&Sealed { index: index.clone(), seal }).map_err(failed)?;
        text.push(b'\n');
        Ok(text)
    }
}

/// `state/read` of an output folder, with one new pack.
#[derive(Debug)]
pub struct Shelf {
    folder: PathBuf,
    index: ShelfIndex,
    fresh: Fresh,
}

/// The pack that this run writes; no file until something is put there, and none after it unless it is committed.
#[derive(Debug)]
struct Fresh {
    number: u32,
    path: PathBuf,
    file: OnceLock<File>,
    making: Mutex<()>,
    end: AtomicU64,
    syncing: Mutex<Option<Syncing>>,
}

/// Bytes after which what was put is synced beside the work: else the disk would begin when all else is done.
const SYNC_BYTES: u64 = 64 << 20;

/// A thread that syncs a pack while it grows.
#[derive(Debug)]
struct Syncing {
    more: Sender<()>,
    thread: JoinHandle<io::Result<()>>,
}

impl Syncing {
    fn begin(file: &File) -> io::Result<Syncing> {
        let file = file.try_clone()?;
        let (more, asked) = channel();
        // The first error ends it: what the system dropped then is not there to be synced again.
        let sync_each = move || asked.into_iter().try_for_each(|()| file.sync_data());
        let thread = std::thread::Builder::new().name("sync".into()).spawn(sync_each)?;
        Ok(Syncing { more, thread })
    }

    fn end(self) -> io::Result<()> {
        drop(self.more);
        self.thread.join().unwrap_or_else(|_| Err(io::ErrorKind::Other.into()))
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        if self.file.get().is_some() {
            // Gone already where it was committed; else the next run removes what stays.
            let _ = fs::remove_file(&self.path);
        }
    }
}

impl Shelf {
    /// Opens the shelf of an output folder. One that is damaged, or was written under another key, counts as empty:
    /// everything on it can be read again.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn open(root: &Path, key_id: &str) -> Result<Shelf, StoreError> {
        let folder = root.join("state/read");
        make_folder(&folder, 0o700)?;
        let index = read_index(&folder).ok().flatten().filter(|index| index.key_id == key_id);
        Ok(Shelf::of(folder, index.unwrap_or_else(|| ShelfIndex { key_id: key_id.into(), ..ShelfIndex::default() })))
    }

    /// Opens a shelf as it is, whatever its key; none where nothing is on it. Writes nothing until something is put.
    ///
    /// # Errors
    /// It is damaged.
    pub fn resume(root: &Path) -> Result<Option<Shelf>, StoreError> {
        let folder = root.join("state/read");
        Ok(read_index(&folder)?.map(|index| Shelf::of(folder, index)))
    }

    fn of(folder: PathBuf, index: ShelfIndex) -> Shelf {
        let number = index.packs.keys().next_back().map_or(0, |last| last + 1);
        let path = folder.join(format!("{number:06}.part"));
        let fresh = Fresh {
            number,
            path,
            file: OnceLock::new(),
            making: Mutex::new(()),
            end: AtomicU64::new(0),
            syncing: Mutex::new(None),
        };
        Shelf { folder, index, fresh }
    }

    /// Where it is.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The book of the last run, if it is whole.
    #[must_use]
    pub fn book(&self) -> Option<Vec<u8>> {
        let book = self.index.book.as_ref()?;
        let bytes = fs::read(self.folder.join(&book.file)).ok()?;
        (blake3::hash(&bytes).to_hex().as_str() == book.blake3).then_some(bytes)
    }

    /// Puts bytes into the new pack; says where.
    ///
    /// # Errors
    /// They cannot be written.
    pub fn put(&self, bytes: &[u8]) -> Result<u64, StoreError> {
        let file = self.fresh.file().map_err(|source| StoreError::creating(&self.fresh.path, source))?;
        let length = (bytes.len() + CHECKSUM_BYTES) as u64;
        let at = self.fresh.end.fetch_add(length, Ordering::Relaxed);
        let checksum = crc32fast::hash(bytes).to_le_bytes();
        file.write_all_at(bytes, at)
            .and_then(|()| file.write_all_at(&checksum, at + bytes.len() as u64))
            .and_then(|()| self.fresh.sync_beside(at, length))
            .map_err(|source| StoreError::writing_bytes(&self.fresh.path, Some(length), source))?;
        Ok(u64::from(self.fresh.number) << OFFSET_BITS | at)
    }

    /// Fills `into` with what was put at `place`, by this run or an earlier one.
    ///
    /// # Errors
    /// They cannot be read, or are not what was put there.
    pub fn get(&self, place: u64, into: &mut [u8]) -> io::Result<()> {
        let (number, at) = ((place >> OFFSET_BITS) as u32, place & ((1 << OFFSET_BITS) - 1));
        let mut checksum = [0; CHECKSUM_BYTES];
        let mut read = |file: &File| {
            file.read_exact_at(into, at)?;
            file.read_exact_at(&mut checksum, at + into.len() as u64)
        };
        match self.index.packs.get(&number) {
            // Opened each time: a long history has more packs than a process may hold open.
            Some(pack) => read(&File::open(self.folder.join(&pack.file))?)?,
            None => read(self.fresh.file.get().ok_or(io::ErrorKind::NotFound)?)?,
        }
        if checksum == crc32fast::hash(into).to_le_bytes() {
            Ok(())
        } else {
            Err(io::Error::new(io::ErrorKind::InvalidData, "a pack in `state/read` is damaged"))
        }
    }

    /// Makes this book the one that counts, with the packs that hold its `places`, and drops all others. Writes nothing
    /// where nothing changed.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn commit(mut self, book: &[u8], places: &[u64]) -> Result<(), StoreError> {
        let mut index = ShelfIndex { key_id: self.index.key_id.clone(), ..ShelfIndex::default() };
        for number in places.iter().map(|place| (place >> OFFSET_BITS) as u32) {
            if let Some(pack) = self.index.packs.get(&number) {
                index.packs.insert(number, pack.clone());
            }
        }
        if places.iter().any(|place| (place >> OFFSET_BITS) as u32 == self.fresh.number) {
            index.packs.insert(self.fresh.number, self.close_fresh()?);
        }
        index.book = Some(self.put_book(book)?);
        if index != self.index {
            self.write_index(&index)?;
        }
        self.index = index;
        self.drop_others()
    }

    /// Drops files that nothing counts: left by a run that died.
    ///
    /// # Errors
    /// A file cannot be removed.
    pub fn drop_unnamed(&self) -> Result<(), StoreError> {
        self.drop_others()
    }

    fn close_fresh(&self) -> Result<ShelfFile, StoreError> {
        let failed = |source| StoreError::writing(&self.fresh.path, source);
        let syncing = self.fresh.syncing.lock().unwrap_or_else(PoisonError::into_inner).take();
        syncing.map_or(Ok(()), Syncing::end).map_err(failed)?;
        self.fresh.file().and_then(File::sync_all).map_err(failed)?;
        let (size, hash) = hash_of(&self.fresh.path).map_err(failed)?;
        if size != self.fresh.end.load(Ordering::Relaxed) {
            return Err(failed(io::Error::new(io::ErrorKind::InvalidData, "it is not as long as what was put there")));
        }
        let blake3 = hash.to_hex().to_string();
        let file = format!("{:06}-{}.pack", self.fresh.number, &blake3[..16]);
        let path = self.folder.join(&file);
        fs::rename(&self.fresh.path, &path).map_err(|source| StoreError::writing(&path, source))?;
        Ok(ShelfFile { file, size, blake3 })
    }

    fn put_book(&self, bytes: &[u8]) -> Result<ShelfFile, StoreError> {
        let blake3 = blake3::hash(bytes).to_hex().to_string();
        let book = ShelfFile { file: format!("{}.book", &blake3[..16]), size: bytes.len() as u64, blake3 };
        let path = self.folder.join(&book.file);
        if self.index.book.as_ref() != Some(&book) || self.book().is_none() {
            // Left by a run that died, or damaged.
            let _ = fs::remove_file(&path);
            write_new_file(&path, bytes, 0o600)?;
        }
        Ok(book)
    }

    fn write_index(&self, index: &ShelfIndex) -> Result<(), StoreError> {
        sync_folder(&self.folder)?;
        let (path, staged) = (self.folder.join(INDEX), self.folder.join(format!("{INDEX}.part")));
        let _ = fs::remove_file(&staged);
        write_new_file(&staged, &Sealed::text(index)?, 0o600)?;
        fs::rename(&staged, &path).map_err(|source| StoreError::writing(&path, source))?;
        sync_folder(&self.folder)
    }

    fn drop_others(&self) -> Result<(), StoreError> {
        drop_others(&self.folder, self.index.files().map(|file| file.file.as_str()).chain([INDEX]))
    }
}

impl Fresh {
    /// Has what was put synced beside the work, once in a while.
    fn sync_beside(&self, at: u64, length: u64) -> io::Result<()> {
        if at / SYNC_BYTES == (at + length) / SYNC_BYTES {
            return Ok(());
        }
        let mut syncing = self.syncing.lock().unwrap_or_else(PoisonError::into_inner);
        if syncing.is_none() {
            *syncing = Some(Syncing::begin(self.file()?)?);
        }
        // A thread that ended early says why at the end.
        let _ = syncing.as_ref().map(|syncing| syncing.more.send(()));
        Ok(())
    }

    fn file(&self) -> io::Result<&File> {
        if let Some(file) = self.file.get() {
            return Ok(file);
        }
        let _making = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = self.file.get() {
            return Ok(file);
        }
        // Left by a run that died: whoever puts something holds the lock.
        let _ = fs::remove_file(&self.path);
        let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&self.path)?;
        Ok(self.file.get_or_init(|| file))
    }
}

impl ShelfIndex {
    /// Every file that counts beside the index.
    pub(crate) fn files(&self) -> impl Iterator<Item = &ShelfFile> {
        self.book.iter().chain(self.packs.values())
    }
}

impl ShelfFile {
    /// Whether it is as it was committed.
    pub(crate) fn is_whole(&self, folder: &Path) -> bool {
        hash_of(&folder.join(&self.file))
            .is_ok_and(|(size, hash)| size == self.size && hash.to_hex().as_str() == self.blake3)
    }
}

/// The index of a shelf; none where nothing was kept yet.
///
/// # Errors
/// It cannot be read, or is not as it was written.
pub(crate) fn read_index(folder: &Path) -> Result<Option<ShelfIndex>, StoreError> {
    let path = folder.join(INDEX);
    match fs::read(&path) {
        // As it was written, byte for byte: so that every change shows.
        Ok(text) => match serde_json::from_slice::<Sealed>(&text) {
            Ok(found) if Sealed::text(&found.index)? == text => Ok(Some(found.index)),
            _ => Err(StoreError::Manifest { path }),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(StoreError::Read { path, source }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root() -> tempfile::TempDir {
        let temp = tempfile::tempdir().unwrap();
        fs::create_dir(temp.path().join("state")).unwrap();
        temp
    }

    fn files(root: &Path) -> Vec<String> {
        let entries = fs::read_dir(root.join("state/read")).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn what_is_put_comes_back_in_later_runs() {
        let temp = root();
        let shelf = Shelf::open(temp.path(), "k").unwrap();
        assert_eq!(shelf.book(), None);
        let (one, two) = (shelf.put(b"one").unwrap(), shelf.put(b"second").unwrap());
        shelf.commit(b"book", &[one, two]).unwrap();
        assert_eq!(files(temp.path()).len(), 3, "index, book and pack");

        let shelf = Shelf::open(temp.path(), "k").unwrap();
        assert_eq!(shelf.book().unwrap(), b"book");
        let mut bytes = [0; 6];
        shelf.get(two, &mut bytes).unwrap();
        assert_eq!(&bytes, b"second");
        let three = shelf.put(b"three!").unwrap();
        shelf.get(three, &mut bytes).unwrap();
        assert_eq!(&bytes, b"three!");
        shelf.commit(b"other", &[three]).unwrap();
        assert_eq!(files(temp.path()).len(), 3, "the first pack is named no more");
        assert!(Shelf::open(temp.path(), "k").unwrap().get(two, &mut bytes).is_err());
        assert_eq!(Shelf::open(temp.path(), "another").unwrap().book(), None, "ids mean nothing under another key");
    }

    #[test]
    fn a_large_pack_is_synced_while_it_grows() {
        let temp = root();
        let shelf = Shelf::open(temp.path(), "k").unwrap();
        let bytes = vec![7; SYNC_BYTES as usize / 2 + 1];
        let places = [(); 3].map(|()| shelf.put(&bytes).unwrap());
        assert!(shelf.fresh.syncing.lock().unwrap().is_some());
        shelf.commit(b"book", &places).unwrap();
        let mut back = vec![0; bytes.len()];
        Shelf::open(temp.path(), "k").unwrap().get(places[2], &mut back).unwrap();
        assert!(back == bytes);
    }

    #[test]
    fn a_run_that_ends_early_leaves_nothing_that_counts() {
        let temp = root();
        let shelf = Shelf::open(temp.path(), "k").unwrap();
        shelf.put(b"one").unwrap();
        drop(shelf);
        assert_eq!(files(temp.path()), [""; 0]);
        let left = temp.path().join("state/read/000000.part");
        fs::write(&left, b"of one that was killed, or of one that works").unwrap();
        let shelf = Shelf::open(temp.path(), "k").unwrap();
        assert!(left.exists(), "to look is not to write");
        let place = shelf.put(b"two").unwrap();
        shelf.commit(b"book", &[place]).unwrap();
        let before = files(temp.path());
        let shelf = Shelf::open(temp.path(), "k").unwrap();
        shelf.commit(b"book", &[place]).unwrap();
        assert_eq!(files(temp.path()), before);
    }

    #[test]
    fn a_turned_bit_is_an_error() {
        let temp = root();
        let shelf = Shelf::open(temp.path(), "k").unwrap();
        let place = shelf.put(b"message").unwrap();
        shelf.commit(b"book", &[place]).unwrap();
        let index = read_index(&temp.path().join("state/read")).unwrap().unwrap();
        for file in index.files() {
            assert!(file.is_whole(&temp.path().join("state/read")));
            let path = temp.path().join("state/read").join(&file.file);
            let mut bytes = fs::read(&path).unwrap();
            bytes[2] ^= 4;
            fs::write(&path, bytes).unwrap();
            assert!(!file.is_whole(&temp.path().join("state/read")));
        }
        let shelf = Shelf::open(temp.path(), "k").unwrap();
        assert_eq!(shelf.book(), None);
        assert!(shelf.get(place, &mut [0; 7]).is_err());
        let index = temp.path().join("state/read/index.json");
        fs::write(&index, fs::read_to_string(&index).unwrap().replace("\"k\"", "\"l\"")).unwrap();
        assert!(read_index(&temp.path().join("state/read")).is_err());
    }
}
