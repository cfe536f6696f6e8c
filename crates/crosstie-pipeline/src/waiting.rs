//! The shelf of an output folder as the place where ingest puts what it reads.

use crosstie_ingest::Aside;
use crosstie_store::{Shelf, StoreError};
use std::io;
use std::sync::{Mutex, PoisonError};

/// Where copies wait until they are merged, and for later runs.
pub(crate) struct Waiting<'s> {
    shelf: &'s Shelf,
    held_bytes: u64,
    /// Why something could not be written: ingest knows only that it was not.
    failed: &'s Mutex<Option<StoreError>>,
}

impl<'s> Waiting<'s> {
    pub(crate) fn new(shelf: &'s Shelf, held_bytes: u64, failed: &'s Mutex<Option<StoreError>>) -> Waiting<'s> {
        Waiting { shelf, held_bytes, failed }
    }
}

impl Aside for Waiting<'_> {
    fn held_bytes(&self) -> u64 {
        self.held_bytes
    }

    fn put(&self, bytes: &[u8]) -> io::Result<u64> {
        self.shelf.put(bytes).map_err(|error| {
            note(self.failed, error);
            io::ErrorKind::Other.into()
        })
    }

    fn get(&self, at: u64, into: &mut [u8]) -> io::Result<()> {
        self.shelf.get(at, into)
    }
}

/// The first failure is the one that is told.
pub(crate) fn note(failed: &Mutex<Option<StoreError>>, error: StoreError) {
    failed.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
}
