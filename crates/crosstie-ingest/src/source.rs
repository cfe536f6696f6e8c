//! Sources as planned, and the whole of ingest: read every file, merge copies, decide what counts.

use crate::IngestError;
use crate::csv_mail;
use crate::directory::{Directory, Notice};
use crate::files::{FileFingerprint, read_steady};
use crate::identity::{Alias, Handles, Roll};
use crate::instant::TimeSpec;
use crate::ledger::{Ledger, Quarantined};
use crate::merge::merge;
use crate::slack;
use crate::work::Work;
use crosstie_model::{Day, KeyedHash, Messages};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Whether a source holds mail or chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Mail.
    Mail,
    /// Chat.
    Chat,
}

/// How rows of a CSV file make messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// One row a message, recipients separated within a field.
    MessagePerRow,
    /// One row a recipient; rows of one message share its id, else sender and time.
    RecipientPerRow,
}

/// What the people columns of a CSV file hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandleKind {
    /// Mail addresses.
    Address,
    /// Account ids.
    Account,
}

/// The mapped columns of a CSV file.
#[derive(Clone, Debug, Default)]
pub struct MailColumns {
    /// When the message was sent.
    pub sent_at: String,
    /// Who sent it.
    pub sender: String,
    /// Direct recipients.
    pub to: Option<String>,
    /// Copy recipients.
    pub cc: Option<String>,
    /// Blind copy recipients.
    pub bcc: Option<String>,
    /// `to`, `cc` or `bcc` of the row's recipient.
    pub role: Option<String>,
    /// Id of the message.
    pub message_id: Option<String>,
}

/// How to read a CSV source.
#[derive(Clone, Debug)]
pub struct CsvMailSpec {
    /// Rows to messages.
    pub layout: Layout,
    /// Field delimiter; found where `None`.
    pub delimiter: Option<u8>,
    /// Separator of recipients within a field.
    pub recipient_separator: String,
    /// How times are written.
    pub time: TimeSpec,
    /// What the people columns hold.
    pub handles: HandleKind,
    /// The columns.
    pub columns: MailColumns,
    /// Values that mean nothing.
    pub null_values: Vec<String>,
    /// Whether blanks around fields are dropped.
    pub trim: bool,
}

/// The format of a source.
#[derive(Clone, Debug)]
pub enum SourceFormat {
    /// CSV with mapped columns.
    Csv(Box<CsvMailSpec>),
    /// A Slack export, zip or folder.
    Slack,
}

/// A source as planned.
#[derive(Clone, Debug)]
pub struct SourceSpec {
    /// Its name.
    pub name: String,
    /// Mail or chat.
    pub kind: Kind,
    /// Its format.
    pub format: SourceFormat,
    /// Its files, in order; for Slack, the archive or folder.
    pub files: Vec<PathBuf>,
}

/// Parameters of ingest.
#[derive(Clone, Debug)]
pub struct IngestParams {
    /// Domains whose unknown addresses are inside; `*.example.com` covers subdomains.
    pub internal_domains: Vec<String>,
    /// First day that is believed.
    pub earliest: Day,
    /// Last day that is believed.
    pub latest: Day,
    /// Read no more than the whole lines of this many first bytes of each CSV file: for a look before a run.
    pub head_bytes: Option<usize>,
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
    /// Message ids that occur over 24 hours apart and were taken for two messages.
    pub id_reuse: u64,
}

/// What ingest leaves.
#[derive(Debug, Default)]
pub struct Ingested {
    /// The messages of all sources, copies merged.
    pub messages: Messages,
    /// The ledger of all sources.
    pub ledger: Ledger,
    /// Records set aside.
    pub quarantine: Vec<Quarantined>,
    /// Every handle that was met.
    pub roll: Roll,
    /// Used records by (source, Monday): the people behind them, with counts. For thresholds only.
    pub activity: BTreeMap<(u32, Day), Activity>,
    /// Files as read.
    pub files: Vec<FileFingerprint>,
    /// Files that held no record.
    pub empty_files: Vec<u32>,
    /// Counts beside the ledger.
    pub totals: Totals,
    /// What was worth a look.
    pub notices: Vec<Notice>,
    /// Whether two handles have one id: nothing may be committed.
    pub handle_collision: bool,
}

/// Who stands behind the records of a source in a week, by index in the directory, with counts.
#[derive(Clone, Debug, Default)]
pub struct Activity {
    /// Senders.
    pub senders: BTreeMap<u32, u64>,
    /// Recipients.
    pub recipients: BTreeMap<u32, u64>,
}

/// Reads all sources. Files are numbered from `first_file`; sources by their place in `sources`.
///
/// `progress` is told of each file before it is read: source name, number of the file within the source, files of
/// the source.
///
/// # Errors
/// A missing, unreadable, changing or unusable file. All unusable files are named, not only the first.
pub fn ingest(
    sources: &[SourceSpec],
    directory: &Directory,
    aliases: &[Alias],
    params: &IngestParams,
    keyed: &dyn KeyedHash,
    first_file: u32,
    progress: &mut dyn FnMut(&str, usize, usize) -> Result<(), IngestError>,
) -> Result<Ingested, IngestError> {
    let mut work = Work {
        handles: Handles::new(directory, aliases, &params.internal_domains, keyed),
        keyed,
        earliest: params.earliest,
        latest: params.latest,
        entries: Vec::new(),
        recipients: Vec::new(),
        ledger: Ledger::default(),
        quarantine: Vec::new(),
        bad_recipients: 0,
    };
    let mut files = Vec::new();
    let mut empty_files = Vec::new();
    let mut unusable = Vec::new();
    let mut file = first_file;
    for (source, spec) in (0..).zip(sources) {
        for (number, path) in spec.files.iter().enumerate() {
            progress(&spec.name, number + 1, spec.files.len())?;
            let before = work.ledger.of_source(source).seen;
            let read = match &spec.format {
                SourceFormat::Csv(csv) => read_steady(path).and_then(|bytes| {
                    files.push(FileFingerprint::of(&spec.name, path, &bytes));
                    csv_mail::read(csv, &spec.name, source, file, path, head(&bytes, params.head_bytes), &mut work)
                }),
                SourceFormat::Slack => slack::read(&spec.name, source, file, path, &mut files, &mut work),
            };
            match read {
                Ok(()) => {}
                Err(IngestError::Unusable(found)) => unusable.extend(found),
                Err(other) => return Err(other),
            }
            if work.ledger.of_source(source).seen == before {
                empty_files.push(file);
            }
            file += 1;
        }
    }
    if !unusable.is_empty() {
        return Err(IngestError::Unusable(unusable));
    }
    let mut ingested = merge(work, sources);
    ingested.files = files;
    ingested.empty_files = empty_files;
    Ok(ingested)
}

/// The whole lines of the first `limit` bytes.
fn head(bytes: &[u8], limit: Option<usize>) -> &[u8] {
    match limit {
        Some(limit) if limit < bytes.len() => {
            let end = bytes[..limit].iter().rposition(|&byte| byte == b'\n').map_or(bytes.len(), |at| at + 1);
            &bytes[..end]
        }
        _ => bytes,
    }
}
