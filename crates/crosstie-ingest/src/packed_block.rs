//! A block as bytes with what is asked of it before it is read again.

use crate::block_bytes::{from_bytes, keys, to_bytes};
use crate::copies::Block;
use crosstie_model::{Day, Micros};
use std::sync::Arc;

/// A block without answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PackedBlock {
    pub(crate) day: Day,
    pub(crate) source: u32,
    pub(crate) file: u32,
    /// Where its first record lies in its file.
    pub(crate) offset: Option<u64>,
    pub(crate) rows: u32,
    pub(crate) earliest: Micros,
    pub(crate) latest: Micros,
    pub(crate) bytes: Arc<Vec<u8>>,
}

impl PackedBlock {
    pub(crate) fn of(block: &Block) -> PackedBlock {
        let (earliest, latest) = block.earliest_and_latest();
        PackedBlock {
            day: block.day,
            source: block.source,
            file: block.file,
            offset: block.offsets.first().copied(),
            rows: block.len() as u32,
            earliest,
            latest,
            bytes: Arc::new(to_bytes(block)),
        }
    }

    /// The same without the bytes.
    pub(crate) fn told(&self) -> PackedBlock {
        PackedBlock { bytes: Arc::default(), ..*self }
    }

    /// The keys of its rows.
    pub(crate) fn keys(&self) -> impl Iterator<Item = u128> + Clone + '_ {
        keys(&self.bytes).iter().map(|key| u128::from_le_bytes(*key))
    }

    /// The block; `None` if the bytes are none.
    pub(crate) fn block(&self) -> Option<Block> {
        from_bytes(&self.bytes)
    }
}
