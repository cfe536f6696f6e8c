//! Export files to messages and people, with an account of every record and every byte.
//!
//! Writes no file and reads no clock: the caller hands in sources, directory, keyed hash and parameters, and takes
//! messages, a ledger and a quarantine back. What the readers do not name is skipped unread: no type here has a
//! field for a subject, a body or an attachment.

mod address;
mod answers;
mod block_bytes;
mod claims;
mod copies;
mod coverage;
mod csv_rows;
mod directory;
mod drive;
mod each_day;
mod error;
mod files;
mod format;
mod handle_set;
mod identity;
mod input;
mod instant;
mod json;
mod known;
mod ledger;
mod look_alike;
mod machine_names;
mod mail;
mod marks;
mod merge;
mod merge_plain;
mod message_rows;
mod nights;
mod out;
mod packed_block;
mod readers;
mod reading;
mod repeated;
mod sequence;
mod sieve;
mod sniff;
mod source;
mod spellings;
mod sums;
mod work;

pub use address::{domain_in_ascii, looks_like_an_address};
pub use coverage::coverage;
pub use directory::{
    Directory, DirectoryFormat, DirectoryPerson, DirectorySpec, Interval, ListMember, ManagerBy, ManagerState, Notice,
    PersonClass, SnapshotPattern, folded_name, read_directory,
};
pub use each_day::{EachDay, MadeDays};
pub use error::IngestError;
pub use files::{FileFingerprint, fingerprint, list_files};
pub use identity::{Account, NamedPeople, Roll, find_people};
pub use input::TextEncoding;
pub use instant::{TimeForm, TimeSpec};
pub use known::{
    Alias, Known, ListEntry, OptOut, Rule, parse_persons, read_aliases, read_lists, read_opt_outs, read_rules,
};
pub use ledger::{Balanced, Counts, FileBytes, Imbalance, Ledger, LedgerKey, Quarantined, Reason};
pub use nights::{
    EVER, IsThere, Kept, Lasting, NewBook, RowsOfPeople, SeenWithin, Spared, forget_people, forget_rows,
    holds_more_than, rows_of_people,
};
pub use readers::{
    ChatsFile, GraphDataset, HandleKind, JsonForm, Layout, RecipientsForm, TableColumns, TableSpec, read_chats,
};
pub use reading::{Told, ingest, ingest_days, ingest_memory};
pub use sniff::{Recognised, Section, TableGuess, TimeGuess, outline, recognise};
pub use source::{Aside, IngestParams, Ingested, Kind, RowDecoder, SkippedFile, SourceFormat, SourceSpec, Totals};
