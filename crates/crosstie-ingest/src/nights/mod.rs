//! What lasts from run to run: which files were read, what of them waits in which blocks, who they named, and what
//! became of each day. So a night reads what is new, merges the days that it touches, and takes the rest as it was.

mod book;
mod book_one;
mod day_record;
mod day_sums;
mod erase;
mod forget;
mod part;
mod part_bytes;
mod places;
mod put;
mod reuse;
mod state;

pub(crate) use book::StoredDay;
pub(crate) use day_sums::DaySums;
pub use erase::{RowsOfPeople, forget_people, rows_of_people};
pub use forget::{Kept, forget_rows, holds_more_than};
pub(crate) use part::{Part, PartBlock, PartFile, PartLine, PartQuarantined, PartRecords};
pub(crate) use reuse::{Known, KnownDay, Memory, path_of_gone};
pub(crate) use state::FileState;

use crate::identity::StoredHandles;
use crate::ledger::Ledger;
use crate::source::Aside;
use crosstie_model::{Day, Micros};

/// Where what lasts comes from and goes to.
pub struct Lasting<'l, R> {
    /// What was read, in blocks that outlive the run.
    pub aside: &'l dyn Aside,
    /// The book of the last run.
    pub book: Option<Vec<u8>>,
    /// Whether to read everything anew all the same. What retention took away stays away.
    pub anew: bool,
    /// Everything but files and directory that decides how files are read and days are merged.
    pub settings: String,
    /// The clock at the beginning: a file that changed just before is not known by its times.
    pub now: Micros,
    /// Whether what was made of a day is still there.
    pub is_there: IsThere<'l, R>,
    /// The first and the last day of whose weeks it is wanted who was seen in them, once every file is in the ledger: a
    /// run looks at its window and at no other.
    pub seen_within: SeenWithin<'l>,
}

/// The handles of a book, if it is one.
pub(crate) fn handles_of_book(book: &[u8]) -> Option<StoredHandles> {
    book::Book::from_bytes(book).map(|book| book.handles)
}

/// Whether what was made of a day is still there.
pub type IsThere<'l, R> = &'l (dyn Fn(&R) -> bool + Sync);

/// The first and the last day of whose weeks it is wanted who was seen in them.
pub type SeenWithin<'l> = &'l (dyn Fn(&Ledger) -> (Day, Day) + Sync);

/// Every day that a time can be of.
pub const EVER: (Day, Day) = (Day(-4_000_000), Day(4_000_000));

/// What the next run needs to know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewBook {
    /// The book.
    pub bytes: Vec<u8>,
    /// Where what it names was put, each place once.
    pub places: Vec<u64>,
}

/// What a run did and what it could spare.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spared {
    /// Files that were read.
    pub files_read: u64,
    /// Files that were taken as an earlier run read them.
    pub files_known: u64,
    /// Files that an earlier run read and that are no longer there; what they held stays.
    pub files_gone: u64,
    /// Parts that the next run has to read again: they were damaged, or hold times that are not believed yet.
    pub parts_unkept: u64,
    /// Days that were merged.
    pub days_merged: u64,
    /// Days that were taken as an earlier run merged them.
    pub days_known: u64,
}
