//! The shelf of an output folder as the place where ingest puts what it reads.

use crate::memory::MemoryLimit;
use crate::stop::StopRequest;
use crosstie_ingest::Aside;
use crosstie_store::{Shelf, StoreError};
use std::io;
use std::sync::{Mutex, PoisonError};

/// Bytes of copies that are held in memory, unless the limit on memory asks for less.
const HELD_BYTES: u64 = 64 << 20;
/// Part of a limit on memory that copies may take.
const HELD_SHARE: u64 = 16;
/// Bytes that a run holds besides copies: people, addresses, sums, code.
const BASE_BYTES: u64 = 64 << 20;

/// Where copies wait until they are merged, and for later runs.
pub(crate) struct Waiting<'s> {
    shelf: &'s Shelf,
    held_bytes: u64,
    merging_bytes: u64,
    stop: StopRequest,
    /// Why something could not be written: ingest knows only that it was not.
    failed: &'s Mutex<Option<StoreError>>,
}

impl<'s> Waiting<'s> {
    pub(crate) fn new(
        shelf: &'s Shelf,
        limit: MemoryLimit,
        stop: StopRequest,
        failed: &'s Mutex<Option<StoreError>>,
    ) -> Waiting<'s> {
        let held_bytes = limit.0.map_or(HELD_BYTES, |limit| HELD_BYTES.min(limit / HELD_SHARE));
        let merging_bytes = limit.0.map_or(u64::MAX, |limit| limit.saturating_sub(held_bytes + BASE_BYTES));
        Waiting { shelf, held_bytes, merging_bytes, stop, failed }
    }
}

impl Aside for Waiting<'_> {
    fn held_bytes(&self) -> u64 {
        self.held_bytes
    }

    fn merging_bytes(&self) -> u64 {
        self.merging_bytes
    }

    fn put(&self, bytes: &[u8]) -> io::Result<u64> {
        if self.stop.is_made() {
            return Err(io::ErrorKind::Interrupted.into());
        }
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
