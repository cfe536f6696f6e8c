//! What the plan says of the directory: the format, the files, and which column holds what.

use super::snapshots::SnapshotPattern;
use std::path::PathBuf;

/// A format of directories.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DirectoryFormat {
    /// A table with mapped columns.
    #[default]
    Csv,
    /// LDIF, RFC 2849.
    Ldif,
    /// SCIM 2.0, RFC 7643.
    Scim,
    /// Microsoft Entra, "Download users".
    Entra,
    /// Google Workspace: the table of the admin console, or users of the Directory API.
    GoogleUsers,
    /// Microsoft Graph users, as the API or Graph Data Connect gives them.
    Graph,
}

/// What a manager column holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ManagerBy {
    /// The manager's person key.
    #[default]
    Key,
    /// An address of the manager.
    Address,
    /// The manager's distinguished name; the person key is one too.
    Dn,
    /// The manager's full name.
    Name,
}

/// How to read the directory.
#[derive(Clone, Debug)]
pub struct DirectorySpec {
    /// The format of all files.
    pub format: DirectoryFormat,
    /// The files, in order.
    pub files: Vec<PathBuf>,
    /// Who reports to whom, where the directory does not say: CSV `person,manager`, or Graph Manager_v0.
    pub manager_file: Option<PathBuf>,
    /// Date of a snapshot in a file's name, or the form of the snapshot column.
    pub snapshot: Option<SnapshotPattern>,
    /// CSV: column of the snapshot's date.
    pub snapshot_column: Option<String>,
    /// Field delimiter; found where `None`.
    pub delimiter: Option<u8>,
    /// Whether blanks around fields are dropped.
    pub trim: bool,
    /// Column of the person's key; without one the first address is the key.
    pub person_key: Option<String>,
    /// Columns of addresses.
    pub addresses: Vec<String>,
    /// Separator of several addresses in one column.
    pub address_separator: Option<String>,
    /// Columns of accounts, by kind of handle.
    pub accounts: Vec<(String, String)>,
    /// Columns that make the full name, in order.
    pub name: Vec<String>,
    /// Column of the manager.
    pub manager: Option<String>,
    /// What the manager column holds.
    pub manager_by: ManagerBy,
    /// Column of the unit; `ou[1]` is the second value of an LDIF attribute.
    pub unit: Option<String>,
    /// Further columns that are kept as labels.
    pub compare: Vec<String>,
    /// Column of the level, a whole number; without one the tree tells.
    pub level: Option<String>,
    /// Column of the class.
    pub class: Option<String>,
    /// Column of the first day, `YYYY-MM-DD` or as the format writes dates.
    pub hired_on: Option<String>,
    /// Column of the first day after the last.
    pub left_on: Option<String>,
    /// Column of whether the person is active.
    pub active: Option<String>,
    /// Values that mean nothing.
    pub null_values: Vec<String>,
    /// Whether names are kept in memory, for chat exports without addresses. Managers by name keep them too.
    pub match_names: bool,
}

impl Default for DirectorySpec {
    fn default() -> DirectorySpec {
        DirectorySpec {
            format: DirectoryFormat::Csv,
            files: Vec::new(),
            manager_file: None,
            snapshot: None,
            snapshot_column: None,
            delimiter: None,
            trim: true,
            person_key: None,
            addresses: Vec::new(),
            address_separator: None,
            accounts: Vec::new(),
            name: Vec::new(),
            manager: None,
            manager_by: ManagerBy::Key,
            unit: None,
            compare: Vec::new(),
            level: None,
            class: None,
            hired_on: None,
            left_on: None,
            active: None,
            null_values: Vec::new(),
            match_names: false,
        }
    }
}

impl DirectorySpec {
    /// Whether names are read at all: to find people by them, or to see whether a label names somebody.
    pub(super) fn reads_names(&self) -> bool {
        let has_labels = self.unit.is_some() || !self.compare.is_empty();
        self.match_names || self.manager_by == ManagerBy::Name || has_labels
    }

    /// Source columns that any format may map, with the field each is mapped as.
    pub(super) fn mapped(&self) -> Vec<(&str, &str)> {
        let single = [
            ("unit", &self.unit),
            ("level", &self.level),
            ("class", &self.class),
            ("hired_on", &self.hired_on),
            ("left_on", &self.left_on),
            ("active", &self.active),
        ];
        let single = single.into_iter().filter_map(|(field, column)| Some((field, column.as_deref()?)));
        let compare = self.compare.iter().map(|column| ("compare", column.as_str()));
        let accounts = self.accounts.iter().map(|(kind, column)| (kind.as_str(), column.as_str()));
        single.chain(compare).chain(accounts).collect()
    }
}
