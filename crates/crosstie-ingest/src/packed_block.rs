//! A block as bytes with what is asked of it before it is read again.

use crate::block_bytes::{from_bytes, keys, to_bytes};
use crate::copies::Block;
use crosstie_model::{Day, Micros};
use std::io;
use std::sync::Arc;

/// A block as bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PackedBlock {
    pub(crate) day: Day,
    pub(crate) source: u32,
    pub(crate) file: u32,
    /// Where its first record lies in its file.
    pub(crate) offset: Option<u64>,
    pub(crate) rows: u32,
    /// The first and the last instant, where it was packed in this run.
    pub(crate) instants: Option<(Micros, Micros)>,
    pub(crate) has_answers: bool,
    pub(crate) bytes: Arc<Vec<u8>>,
}

impl PackedBlock {
    pub(crate) fn of(block: &Block) -> PackedBlock {
        PackedBlock {
            day: block.day,
            source: block.source,
            file: block.file,
            offset: block.offsets.first().copied(),
            rows: block.len() as u32,
            instants: Some(block.earliest_and_latest()),
            has_answers: block.has_answers(),
            bytes: Arc::new(to_bytes(block)),
        }
    }

    /// One that was put aside, of a file that has another number now; `None` if the bytes are none.
    pub(crate) fn again(
        day: Day,
        (source, file): (u32, u32),
        offset: u64,
        has_answers: bool,
        bytes: Vec<u8>,
    ) -> Option<PackedBlock> {
        let rows = keys(&bytes)?.len() as u32;
        let bytes = Arc::new(bytes);
        Some(PackedBlock { day, source, file, offset: Some(offset), rows, instants: None, has_answers, bytes })
    }

    /// The keys of its rows.
    pub(crate) fn keys(&self) -> Keys<'_> {
        Keys::Packed(keys(&self.bytes).unwrap_or_default())
    }

    /// The block.
    ///
    /// # Errors
    /// The bytes are none.
    pub(crate) fn block(&self) -> io::Result<Block> {
        let block = from_bytes(&self.bytes).ok_or(io::ErrorKind::InvalidData)?;
        Ok(Block { source: self.source, file: self.file, ..block })
    }
}

/// The keys of a block.
#[derive(Clone, Copy)]
pub(crate) enum Keys<'k> {
    #[cfg(test)]
    Here(&'k [u128]),
    Packed(&'k [[u8; 16]]),
}

impl Keys<'_> {
    /// Calls `each` with every key, in the order of rows.
    #[inline]
    pub(crate) fn each(&self, mut each: impl FnMut(u128)) {
        match self {
            #[cfg(test)]
            Keys::Here(keys) => keys.iter().for_each(|&key| each(key)),
            Keys::Packed(keys) => keys.iter().for_each(|key| each(u128::from_le_bytes(*key))),
        }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            #[cfg(test)]
            Keys::Here(keys) => keys.len(),
            Keys::Packed(keys) => keys.len(),
        }
    }
}
