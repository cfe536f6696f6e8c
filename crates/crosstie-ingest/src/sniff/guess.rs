//! What recognition says: a format with its reason, and how a table of it is to be read.

use super::times::TimeGuess;
use crate::directory::ManagerBy;
use crate::readers::{HandleKind, Layout, RecipientsForm};
use crate::source::Kind;
use std::path::PathBuf;

/// Where a format belongs in the pipeline file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// Under `[[sources]]`, of this kind.
    Source(Kind),
    /// Under `[directory]`.
    Directory,
}

/// A format that fits, with what its block in the pipeline file needs. Holds names of columns and keys, counts and
/// one domain; no value of the file.
#[derive(Clone, Debug)]
pub struct Recognised {
    /// Where it belongs.
    pub section: Section,
    /// The name of the format in the pipeline file.
    pub format: &'static str,
    /// `graph` as a source: the value of `dataset`.
    pub dataset: Option<&'static str>,
    /// What it was told by, in words.
    pub reason: String,
    /// What `path` should name: what was looked at, the whole export, or a pattern of its files.
    pub path: PathBuf,
    /// What the user should know or do.
    pub advice: Vec<String>,
    /// How times are written, where the format does not say.
    pub time: Option<TimeGuess>,
    /// Which columns hold what, where the format does not say.
    pub table: Option<TableGuess>,
    /// Dated snapshots of a directory: the value of `snapshot`.
    pub snapshot: Option<&'static str>,
    /// The domain that most addresses have.
    pub domain: Option<String>,
}

/// How a table is to be read.
#[derive(Clone, Debug)]
pub struct TableGuess {
    /// Fields with the columns or JSON paths that hold them. One each, but for `addresses` and `name`; `accounts.slack`
    /// is the account of that kind.
    pub columns: Vec<(&'static str, Vec<String>)>,
    /// CSV: the delimiter, where it is not found by itself.
    pub delimiter: Option<char>,
    /// jsonl: whether `json = "stream"` is needed.
    pub is_stream: bool,
    /// Rows to messages.
    pub layout: Layout,
    /// What the people columns hold.
    pub handles: HandleKind,
    /// How several recipients stand in a field.
    pub recipients_form: RecipientsForm,
    /// What separates them, where it is not `;`.
    pub recipient_separator: Option<char>,
    /// Directory: what the manager column holds.
    pub manager_by: ManagerBy,
    /// Directory: what separates several addresses in a column.
    pub address_separator: Option<char>,
    /// Further columns that could be compared, or that look like text and are not read.
    pub others: Vec<String>,
}

impl Default for TableGuess {
    fn default() -> TableGuess {
        TableGuess {
            columns: Vec::new(),
            delimiter: None,
            is_stream: false,
            layout: Layout::MessagePerRow,
            handles: HandleKind::Address,
            recipients_form: RecipientsForm::Separated,
            recipient_separator: None,
            manager_by: ManagerBy::Key,
            address_separator: None,
            others: Vec::new(),
        }
    }
}

impl TableGuess {
    /// The first column of a field.
    #[must_use]
    pub fn column(&self, field: &str) -> Option<&str> {
        self.columns.iter().find(|(known, _)| *known == field).and_then(|(_, columns)| Some(columns.first()?.as_str()))
    }

    pub(super) fn map(&mut self, field: &'static str, column: Option<&super::column::Column>) {
        self.columns.extend(column.map(|column| (field, vec![column.name.clone()])));
    }
}

impl Recognised {
    /// A format with a reason.
    pub(super) fn new(section: Section, format: &'static str, reason: impl Into<String>) -> Recognised {
        Recognised {
            section,
            format,
            dataset: None,
            reason: reason.into(),
            path: PathBuf::new(),
            advice: Vec::new(),
            time: None,
            table: None,
            snapshot: None,
            domain: None,
        }
    }

    pub(super) fn mail(format: &'static str, reason: impl Into<String>) -> Recognised {
        Recognised::new(Section::Source(Kind::Mail), format, reason)
    }

    pub(super) fn chat(format: &'static str, reason: impl Into<String>) -> Recognised {
        Recognised::new(Section::Source(Kind::Chat), format, reason)
    }

    pub(super) fn directory(format: &'static str, reason: impl Into<String>) -> Recognised {
        Recognised::new(Section::Directory, format, reason)
    }

    pub(super) fn advise(mut self, advice: impl Into<String>) -> Recognised {
        self.advice.push(advice.into());
        self
    }

    /// Whether it is a format of its own; tables fit much.
    #[must_use]
    pub fn is_specific(&self) -> bool {
        !matches!(self.format, "csv" | "jsonl")
    }
}
