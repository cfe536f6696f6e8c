//! Export files to messages and people, with an account of every record and every byte.
//!
//! Writes no file and reads no clock: the caller hands in sources, directory, keyed hash and parameters, and takes
//! messages, a ledger and a quarantine back. What the readers do not name is skipped unread: no type here has a
//! field for a subject, a body or an attachment.

mod address;
mod coverage;
mod csv_mail;
mod csv_rows;
mod directory;
mod error;
mod files;
mod identity;
mod instant;
mod json_array;
mod ledger;
mod merge;
mod slack;
mod slack_message;
mod source;
mod work;

pub use address::looks_like_an_address;
pub use coverage::coverage;
pub use directory::{Directory, DirectoryPerson, DirectorySpec, Notice, PersonClass, read_directory};
pub use error::IngestError;
pub use files::{FileFingerprint, list_files};
pub use identity::{Account, Alias, Roll, read_aliases};
pub use instant::{TimeForm, TimeSpec};
pub use ledger::{Balanced, Counts, FileBytes, Imbalance, Ledger, LedgerKey, Quarantined, Reason};
pub use source::{
    Activity, CsvMailSpec, HandleKind, IngestParams, Ingested, Kind, Layout, MailColumns, SourceFormat, SourceSpec,
    Totals, ingest,
};
