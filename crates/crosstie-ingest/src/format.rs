//! What a reader of a format is. The driver opens files, decompresses, decodes and hands out blocks; a reader splits
//! them into records and says what each one is.

use crate::out::{Out, Unfit};
use crate::work::Work;
use std::path::Path;

/// What an entry of an archive or folder is to a format, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EntryKind {
    /// It describes the export and is read whole, before all records.
    Context,
    /// It holds records.
    Records,
    /// It is neither: a record that is no message.
    Other,
    /// It belongs to the export and is not opened.
    Described,
}

/// A reader of one format, for all files of one source.
pub(crate) trait Format: Send {
    /// What an entry is. A file that is no archive always holds records.
    fn entry(&self, name: &str) -> EntryKind;

    /// Whether a path may be a folder that is one export.
    fn takes_folders(&self) -> bool {
        false
    }

    /// Whether lines mean something to a reader of diagnostics.
    fn has_lines(&self) -> bool {
        true
    }

    /// Whether its bytes are text in some encoding.
    fn is_text(&self) -> bool {
        true
    }

    /// Takes in an entry that describes the export.
    fn context(&mut self, _name: &str, _bytes: &[u8]) -> Result<(), Unfit> {
        Ok(())
    }

    /// A file is about to be read.
    fn open(&mut self, _path: &Path) -> Result<(), Unfit> {
        Ok(())
    }

    /// All entries that describe the export were taken in.
    fn ready(&mut self) -> Result<(), Unfit> {
        Ok(())
    }

    /// A stream of records begins.
    fn begin(&mut self, _name: &str) {}

    /// Takes what is whole at the front of `block`; with `last` nothing follows it. What is not taken comes again with
    /// more behind it.
    fn block(&mut self, block: &[u8], last: bool, out: &mut Out<'_, '_>) -> Result<(), Unfit>;

    /// Where an over-long record ends, if it does in this block; it began with the first block handed here.
    fn skip(&mut self, block: &[u8]) -> Option<usize> {
        memchr::memchr(b'\n', block)
    }

    /// Whether what one file told is used for the next ones: then no file is known without all others.
    fn remembers(&self) -> bool {
        false
    }

    /// A file turned out unusable: what was kept of it is dropped.
    fn forget(&mut self, _file: u32) {}

    /// All files of the source were read.
    fn finish(&mut self, _work: &mut Work<'_>) {}
}
