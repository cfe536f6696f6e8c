//! The only writer: staged files, the manifest whose rename is the commit, the Parquet conventions, the lock.
//!
//! A run is staged in `state/staging`, put in place by renames, and committed by the rename of its manifest. A run
//! that dies anywhere leaves the earlier one as it was, or is taken back by the next command that takes the lock.

mod audit;
mod chain;
mod day_files;
mod erasure;
mod erasure_list;
mod error;
mod finding;
mod folder;
mod garbage;
mod key_file;
mod ledger_check;
mod lock;
mod manifest;
mod manifests;
mod modes;
mod parquet_table;
mod purge;
mod read_back;
mod recovery;
mod releases;
mod rename;
mod retention;
mod seal;
mod shelf;
mod staging;
mod state_parts;
mod verify;
mod whole_file;

pub use audit::{Look, note, note_look};
pub use day_files::{DayFile, DayFiles, DayIndex};
pub use erasure::{Replaced, collect_people, commit_erasure, replace_release};
pub use erasure_list::{ErasureList, read_erasure_list, write_erasure_list};
pub use error::StoreError;
pub use finding::Finding;
pub use folder::{Folder, own_uid};
pub use garbage::collect_garbage;
pub use key_file::{create_key, read_key};
pub use lock::Holder;
pub use manifest::{
    ByDay, InputFile, Manifest, OutputFile, RemovedFile, RunCost, SourceBytes, SourceLedger, StageCost,
};
pub use manifests::{find_manifests, newest_by_commit, newest_of_each_date};
pub use parquet_table::{EncodedTable, read_table, write_table};
pub use purge::{PurgeRules, Purged, plan_purge, purge};
pub use read_back::{read_output, read_published};
pub use releases::{read_release, release_names};
pub use retention::Retention;
pub use shelf::Shelf;
pub use staging::Staging;
pub use state_parts::StateCutoffs;
pub use verify::{Verified, verify};
pub use whole_file::write_new_file;
