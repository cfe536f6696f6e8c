//! Where a reader puts the pieces of a file: record, header or separator. The pieces tile the file, so a byte that is
//! left out does not balance.

use crate::IngestError;
use crate::input::TextEncoding;
use crate::ledger::FileBytes;
use crate::work::{Fault, Spot, Work};
use crosstie_model::{Code, Diagnostic, Place, code};
use std::path::Path;

/// Longest record in bytes.
pub(crate) const RECORD_LIMIT: usize = 16 << 20;

/// A file that cannot be used as a whole.
#[derive(Clone, Debug)]
pub(crate) struct Unfit(pub(crate) Vec<Diagnostic>);

impl Unfit {
    pub(crate) fn new(code: Code) -> Unfit {
        Unfit::because(code, code.what.trim_end_matches('.'))
    }

    pub(crate) fn because(code: Code, message: impl Into<String>) -> Unfit {
        Unfit(vec![Diagnostic::new(code, message).hint(code.remedy)])
    }

    /// The same, of a file.
    pub(crate) fn of(self, path: &Path) -> IngestError {
        let at = |mut diagnostic: Diagnostic| {
            let place = Place { path: path.display().to_string(), line: None, byte: None, column: None };
            match &mut diagnostic.place {
                Some(place) if place.path.is_empty() => place.path = path.display().to_string(),
                Some(_) => {}
                None => diagnostic.place = Some(place),
            }
            diagnostic
        };
        IngestError::Unusable(self.0.into_iter().map(at).collect())
    }
}

/// How far a file was read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Progress {
    /// Where the next piece begins, in the file's own bytes, through all entries.
    pub(crate) offset: u64,
    /// Its line, from 1; 0 where lines mean nothing.
    pub(crate) line: u64,
    /// Bytes by part.
    pub(crate) bytes: FileBytes,
    /// Records that were split off, nested ones included.
    pub(crate) records: u64,
}

impl Progress {
    pub(crate) fn new(has_lines: bool) -> Progress {
        Progress { offset: 0, line: u64::from(has_lines), bytes: FileBytes::default(), records: 0 }
    }
}

/// Takes the pieces of one block.
pub(crate) struct Out<'o, 'w> {
    /// Where outcomes of records go.
    pub(crate) work: &'o mut Work<'w>,
    /// Index of the source.
    pub(crate) source: u32,
    /// Number of the file.
    pub(crate) file: u32,
    /// How far the file was read.
    pub(crate) progress: &'o mut Progress,
    /// How the file writes text.
    pub(crate) encoding: TextEncoding,
    /// Decoded bytes of this block that were taken.
    pub(crate) taken: usize,
}

impl Out<'_, '_> {
    /// A piece that describes the records.
    pub(crate) fn header(&mut self, piece: &[u8]) {
        self.progress.bytes.header += self.advance(piece);
    }

    /// A piece between records.
    pub(crate) fn separator(&mut self, piece: &[u8]) {
        self.progress.bytes.separator += self.advance(piece);
    }

    /// A record. `None` if it is too long: then it is set aside already.
    pub(crate) fn record(&mut self, piece: &[u8]) -> Option<Spot> {
        let spot = self.spot();
        let length = self.advance(piece);
        self.progress.bytes.record += length;
        self.progress.records += 1;
        if piece.len() > RECORD_LIMIT {
            self.work.set_aside_long(spot, &piece[..RECORD_LIMIT], length, Fault::from(code::I108));
            return None;
        }
        Some(spot)
    }

    /// A stretch of whole lines in UTF-8: rows that were read with their line ends, and empty lines. `line_ends`, where
    /// they are counted already.
    pub(crate) fn rows(&mut self, piece: &[u8], records: u64, record_bytes: u64, line_ends: Option<u64>) {
        let length = match line_ends.filter(|_| self.progress.line > 0) {
            Some(line_ends) => {
                self.taken += piece.len();
                self.progress.offset += piece.len() as u64;
                self.progress.line += line_ends;
                piece.len() as u64
            }
            None => self.advance(piece),
        };
        self.progress.bytes.record += record_bytes;
        self.progress.bytes.separator += length - record_bytes;
        self.progress.records += records;
    }

    /// The front of a record whose rest is not read and comes by [`Out::pass`].
    pub(crate) fn front(&mut self, piece: &[u8]) -> Spot {
        let spot = self.spot();
        self.progress.bytes.record += self.advance(piece);
        self.progress.records += 1;
        spot
    }

    /// Bytes of a record that is too long to be held; they are counted as they pass.
    pub(crate) fn pass(&mut self, piece: &[u8]) {
        self.progress.bytes.record += self.advance(piece);
    }

    /// A record inside the one at `spot`.
    pub(crate) fn nested(&mut self, spot: Spot) -> Spot {
        self.progress.records += 1;
        spot
    }

    /// A record that was read: a fault sets it aside.
    pub(crate) fn outcome(&mut self, spot: Spot, record: &[u8], read: Result<(), Fault>) {
        if let Err(fault) = read {
            let length = self.encoding.stored_len(record);
            self.work.set_aside_long(spot, record, length, fault);
        }
    }

    /// Where the next piece begins.
    pub(crate) fn spot(&self) -> Spot {
        Spot { source: self.source, file: self.file, offset: self.progress.offset, line: self.progress.line }
    }

    fn advance(&mut self, piece: &[u8]) -> u64 {
        let length = self.encoding.stored_len(piece);
        self.taken += piece.len();
        self.progress.offset += length;
        if self.progress.line > 0 {
            self.progress.line += memchr::memchr_iter(b'\n', piece).count() as u64;
        }
        length
    }
}

/// Length of the first line without and with its end; `None` if it does not end in `bytes` and more may follow.
pub(crate) fn line_end(bytes: &[u8], last: bool) -> Option<(usize, usize)> {
    match memchr::memchr(b'\n', bytes) {
        Some(at) if at > 0 && bytes[at - 1] == b'\r' => Some((at - 1, at + 1)),
        Some(at) => Some((at, at + 1)),
        None if last && !bytes.is_empty() => Some((bytes.len(), bytes.len())),
        None => None,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::copies::Copies;
    use crate::directory::Directory;
    use crate::identity::Handles;
    use crate::known::Known;
    use crate::work::tests::TestKey;
    use std::sync::LazyLock;

    static DIRECTORY: LazyLock<Directory> = LazyLock::new(Directory::default);

    /// A made file: feeds a splitter block by block and keeps the account.
    pub(crate) struct Sheet {
        pub(crate) work: Work<'static>,
        progress: Progress,
    }

    impl Default for Sheet {
        fn default() -> Sheet {
            let handles = Handles::new(&DIRECTORY, Known::default(), &TestKey);
            let work = Work::new(handles, &TestKey, (FIRST, LAST), Copies::default());
            Sheet { work, progress: Progress::new(true) }
        }
    }

    const FIRST: crosstie_model::Day = crosstie_model::Day(0);
    const LAST: crosstie_model::Day = crosstie_model::Day(40_000);

    /// A splitter's step, as [`Sheet::feed`] calls it.
    type Step<'s> = dyn FnMut(&[u8], bool, &mut Out<'_, 'static>) -> Result<(), Unfit> + 's;

    impl Sheet {
        /// Feeds `bytes` in blocks that grow by `size`. The code of what ended it.
        pub(crate) fn feed(
            &mut self,
            bytes: &[u8],
            size: usize,
            mut step: impl FnMut(&[u8], bool, &mut Out<'_, 'static>) -> Result<(), Unfit>,
        ) -> Option<&'static str> {
            self.feed_dyn(bytes, size, &mut step)
        }

        fn feed_dyn(&mut self, bytes: &[u8], size: usize, step: &mut Step<'_>) -> Option<&'static str> {
            let (mut begin, mut end) = (0, 0);
            loop {
                end = (end + size).min(bytes.len());
                let last = end == bytes.len();
                let mut out = Out {
                    work: &mut self.work,
                    source: 0,
                    file: 0,
                    progress: &mut self.progress,
                    encoding: TextEncoding::Utf8,
                    taken: 0,
                };
                let read = step(&bytes[begin..end], last, &mut out);
                begin += out.taken;
                if let Err(unfit) = read {
                    return Some(unfit.0[0].code.id);
                }
                if last {
                    return None;
                }
            }
        }

        /// Bytes that have a place.
        pub(crate) fn accounted(&self) -> u64 {
            let bytes = self.progress.bytes;
            bytes.record + bytes.header + bytes.separator
        }
    }

    #[test]
    fn line_ends() {
        assert_eq!(line_end(b"a\r\nb", false), Some((1, 3)));
        assert_eq!(line_end(b"\nb", false), Some((0, 1)));
        assert_eq!(line_end(b"ab", false), None);
        assert_eq!(line_end(b"ab", true), Some((2, 2)));
        assert_eq!(line_end(b"", true), None);
    }
}
