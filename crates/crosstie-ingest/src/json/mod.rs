//! JSON without building it: where records begin and end, and the raw values of the keys that are read.

mod pick;
mod records;
mod scan;

pub(crate) use pick::{Raw, boolean, items, pick, pick_all, scalar, text, walk};
pub(crate) use records::JsonRecords;
pub(crate) use scan::{Found, Scan};
