//! The only writer: staged files, the manifest whose rename is the commit, the Parquet conventions, the lock.
//!
//! A run is staged in `state/staging`, put in place by renames, and committed by the rename of its manifest. A run
//! that dies anywhere leaves the earlier one as it was, or is undone by the next command that takes the lock.

mod day_files;
mod error;
mod folder;
mod key_file;
mod manifest;
mod parquet_table;
mod read_back;
mod spill;
mod staging;

pub use day_files::{DayFile, DayFiles, DayIndex};
pub use error::StoreError;
pub use folder::{Folder, find_manifests};
pub use key_file::{create_key, read_key};
pub use manifest::{InputFile, Manifest, OutputFile, SourceBytes, SourceLedger};
pub use parquet_table::{read_table, write_table};
pub use read_back::read_published;
pub use spill::Spill;
pub use staging::{Staging, write_new_file};
