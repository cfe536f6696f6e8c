//! Sources as planned, and what ingest makes of them.

use crate::directory::Notice;
use crate::files::FileFingerprint;
use crate::identity::Roll;
use crate::input::TextEncoding;
use crate::known::Known;
use crate::ledger::{Ledger, Quarantined};
use crate::nights::{NewBook, Spared};
use crate::readers::{ChatsFile, GraphDataset, TableSpec, reader};
use crosstie_model::tables::MessageRow;
use crosstie_model::{ChatEvent, Code, Day, Messages};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

/// Whether a source holds mail or chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Mail.
    Mail,
    /// Chat.
    Chat,
}

/// The format of a source.
#[derive(Clone, Debug)]
pub enum SourceFormat {
    /// CSV with mapped columns.
    Csv(Box<TableSpec>),
    /// JSON with mapped paths.
    Jsonl(Box<TableSpec>),
    /// Rows that crosstie wrote.
    Parquet(RowDecoder),
    /// A Slack export, zip or folder.
    Slack,
    /// Mailboxes of many mails in a file.
    Mbox {
        /// Whether `alice at example.com` is an address.
        at_form: bool,
    },
    /// A folder of mails, with flags in their names.
    Maildir {
        /// Whether `alice at example.com` is an address.
        at_form: bool,
    },
    /// A mail a file.
    Eml {
        /// Whether `alice at example.com` is an address.
        at_form: bool,
    },
    /// Exchange message tracking logs.
    Msgtrk,
    /// Microsoft 365 message trace, in three shapes.
    M365Trace {
        /// How `Received` is written, for the shape that is written in the operator's locale.
        time: Option<crate::TimeSpec>,
    },
    /// Microsoft Graph and Graph Data Connect.
    Graph {
        /// What the rows are.
        dataset: GraphDataset,
        /// Members of chats.
        chats: Option<ChatsFile>,
    },
    /// A Mattermost bulk export.
    Mattermost,
    /// A Zulip organization export.
    Zulip,
    /// The email log search of Google Workspace.
    GmailLog {
        /// How dates are written.
        time: crate::TimeSpec,
        /// Event statuses that mean delivered.
        status_ok: Vec<String>,
    },
    /// Google Chat of a Takeout.
    ChatTakeout,
}

/// Decodes the table `messages`; `None` if the bytes are not one.
pub type RowDecoder = fn(&[u8]) -> Option<Vec<MessageRow>>;

/// A source as planned.
#[derive(Clone, Debug)]
pub struct SourceSpec {
    /// Its name.
    pub name: String,
    /// Mail or chat.
    pub kind: Kind,
    /// Its format.
    pub format: SourceFormat,
    /// Its files, in order; of an export, the archive or folder.
    pub files: Vec<PathBuf>,
    /// How its files write text, where declared.
    pub encoding: Option<TextEncoding>,
    /// Hours within which a post in a thread without parents answers the one before; 0: never.
    pub thread_hours: u32,
    /// Whether an unusable file is left out and its weeks marked; else it ends the run.
    pub skip_bad_files: bool,
    /// Whether what preceded damage in a file is kept.
    pub salvage: bool,
    /// Whether direct messages of only some people are in the export.
    pub direct_partial: bool,
}

impl SourceSpec {
    /// A source with everything else at its default.
    #[must_use]
    pub fn new(name: &str, kind: Kind, format: SourceFormat, files: Vec<PathBuf>) -> SourceSpec {
        SourceSpec {
            name: name.into(),
            kind,
            format,
            files,
            encoding: None,
            thread_hours: 24,
            skip_bad_files: false,
            salvage: false,
            direct_partial: false,
        }
    }

    /// Whether the names of its files are those of mailboxes, and so of people.
    #[must_use]
    pub fn names_people(&self) -> bool {
        matches!(self.format, SourceFormat::Mbox { .. } | SourceFormat::Maildir { .. } | SourceFormat::Eml { .. })
    }

    /// File number `at` as a diagnostic may name it.
    #[must_use]
    pub fn shown(&self, at: usize) -> PathBuf {
        match self.files.get(at) {
            Some(path) if !self.names_people() => path.clone(),
            _ => PathBuf::from(format!("file {} of {} of `{}`", at + 1, self.files.len(), self.name)),
        }
    }

    /// Whether a folder is one export of this format; else it is a place of files.
    #[must_use]
    pub fn takes_folders(&self) -> bool {
        reader(self).takes_folders()
    }
}

/// Parameters of ingest.
#[derive(Clone, Debug)]
pub struct IngestParams {
    /// What is known of accounts.
    pub known: Known,
    /// First day that is believed.
    pub earliest: Day,
    /// Last day that is believed.
    pub latest: Day,
    /// Recipients past which a message keeps its count alone.
    pub recipients_kept: u32,
    /// Whether the rows of the canonical table `messages` are wanted.
    pub canonical_rows: bool,
    /// Read no more than the whole records of about this many first bytes of each file: for a look before a run.
    pub head_bytes: Option<usize>,
}

/// A place outside memory for what is read, until it is merged.
pub trait Aside: Sync {
    /// Bytes that are held in memory before they are put here.
    fn held_bytes(&self) -> u64;

    /// Bytes that may be held while days are merged.
    fn merging_bytes(&self) -> u64 {
        u64::MAX
    }

    /// Puts bytes here; says where.
    ///
    /// # Errors
    /// They cannot be written.
    fn put(&self, bytes: &[u8]) -> io::Result<u64>;

    /// Fills `into` with what was put at `at`.
    ///
    /// # Errors
    /// They cannot be read.
    fn get(&self, at: u64, into: &mut [u8]) -> io::Result<()>;
}

/// Counts beside the ledger.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Messages used.
    pub messages: u64,
    /// Messages used that name somebody.
    pub addressed: u64,
    /// Addressed messages with sender and a recipient in the directory.
    pub resolved: u64,
    /// Accounts outside the organization that were met: counted, never stored.
    pub external_accounts: u64,
    /// Accounts inside that the directory does not know.
    pub unknown_accounts: u64,
    /// Recipients that were no address, in records that had another one.
    pub bad_recipients: u64,
    /// Message ids that occur over 24 hours apart, on days that follow each other, and were taken for two messages.
    pub id_reuse: u64,
    /// Messages to more recipients than are kept.
    pub broadcasts: u64,
}

impl Totals {
    pub(crate) fn add(&mut self, other: &Totals) {
        self.messages += other.messages;
        self.addressed += other.addressed;
        self.resolved += other.resolved;
        self.id_reuse += other.id_reuse;
        self.broadcasts += other.broadcasts;
    }
}

/// A file that was left out, with why.
#[derive(Clone, Debug)]
pub struct SkippedFile {
    /// Index of the source.
    pub source: u32,
    /// Number of the file.
    pub file: u32,
    /// Why.
    pub code: Code,
    /// Mondays of the weeks that were read in it before.
    pub weeks: Vec<Day>,
}

/// What ingest leaves.
#[derive(Debug, Default)]
pub struct Ingested {
    /// The messages of all sources, copies merged, day by day; none where each day was handed on.
    pub messages: Messages,
    /// The messages as rows of the canonical table, where they were asked for.
    pub rows: Vec<MessageRow>,
    /// Joins, leaves and channels made.
    pub events: Vec<ChatEvent>,
    /// The ledger of all sources.
    pub ledger: Ledger,
    /// Records set aside.
    pub quarantine: Vec<Quarantined>,
    /// Every handle that was met.
    pub roll: Roll,
    /// Used records by (source, Monday): of each person of the directory, up to the last with any, as sender and as
    /// recipient. For thresholds only.
    pub activity: BTreeMap<(u32, Day), Vec<[u32; 2]>>,
    /// Used records by source and the day of their message.
    pub used_by_day: BTreeMap<(u32, Day), u64>,
    /// Files as read.
    pub files: Vec<FileFingerprint>,
    /// Files that held no record, by source.
    pub empty_files: Vec<(u32, u32)>,
    /// Files that were left out.
    pub skipped_files: Vec<SkippedFile>,
    /// Days of numbered logs of which a file is missing, by source.
    pub missing_parts: Vec<(u32, Day)>,
    /// Counts beside the ledger.
    pub totals: Totals,
    /// Counts of things that were read as they stand, by name.
    pub oddities: BTreeMap<Cow<'static, str>, u64>,
    /// Whether each person of the directory opted out.
    pub opted_out: Vec<bool>,
    /// What was worth a look.
    pub notices: Vec<Notice>,
    /// Whether two handles have one id: nothing may be committed.
    pub handle_collision: bool,
    /// What the next run needs to know; none where each run begins anew.
    pub book: Option<NewBook>,
    /// What was read, and what was known from earlier runs.
    pub spared: Spared,
}
