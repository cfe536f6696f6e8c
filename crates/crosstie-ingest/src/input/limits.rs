//! Limits on what compressed data may become: archives made to fill a disk are stopped while they unpack.

use super::fault::StreamFault;
use crosstie_model::code;
use std::io::{self, Read};

/// Most bytes that one compressed byte may become, after the first [`RATIO_FREE`] bytes.
pub(crate) const RATIO_LIMIT: u64 = 200;
/// Small files compress well: the ratio counts after these.
pub(crate) const RATIO_FREE: u64 = 1 << 20;
/// Most bytes out of one file.
pub(crate) const OUT_LIMIT: u64 = 64 << 30;

/// A decompressed stream that ends with I203 where it grows too fast. `compressed` tells the bytes consumed so far.
pub(crate) struct Limited<R, C> {
    inner: R,
    compressed: C,
    out: u64,
}

impl<R: Read, C: Fn() -> u64> Limited<R, C> {
    pub(crate) fn new(inner: R, compressed: C) -> Limited<R, C> {
        Limited { inner, compressed, out: 0 }
    }
}

impl<R: Read, C: Fn() -> u64> Read for Limited<R, C> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        self.out += length as u64;
        let allowed = (RATIO_LIMIT * (self.compressed)()).clamp(RATIO_FREE, OUT_LIMIT);
        if self.out > allowed { Err(StreamFault(code::I203).into()) } else { Ok(length) }
    }
}

/// What the first bytes of a stream say about compression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Packing {
    Plain,
    Gzip,
    Zstd,
    Zip,
}

impl Packing {
    /// By the first bytes; names can lie.
    pub(crate) fn of(head: &[u8]) -> Packing {
        let is_skippable = |head: &[u8]| matches!(head, [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..]);
        match head {
            // A file that ends after one byte is a gzip file that was cut.
            [0x1f] | [0x1f, 0x8b, ..] => Packing::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Packing::Zstd,
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Packing::Zip,
            _ if is_skippable(head) => Packing::Zstd,
            _ => Packing::Plain,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_that_grows_too_fast_ends() {
        let read = |compressed: u64| {
            let mut out = Vec::new();
            Limited::new(io::repeat(0).take(RATIO_FREE * 2), move || compressed)
                .read_to_end(&mut out)
                .map(|_| out.len())
        };
        assert!(read(1).is_err());
        assert_eq!(read(RATIO_FREE / 99).unwrap() as u64, RATIO_FREE * 2);
    }
}
