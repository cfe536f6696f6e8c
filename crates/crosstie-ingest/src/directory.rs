//! The HR directory: who works here, under which addresses, in which unit, for whom. Names are never read.

use crate::IngestError;
use crate::address::Address;
use crate::csv_rows::{Rows, find_delimiter};
use crate::files::{FileFingerprint, read_steady};
use crate::identity::{Claim, Claims};
use crate::ledger::{Counts, FileBytes, Ledger, LedgerKey, Quarantined};
use crate::work::{Header, columns_of, open_csv};
use crosstie_model::{Code, Day, Diagnostic, KeyedHash, Lookup, Place, Purpose, code};
use std::borrow::Cow;
use std::path::PathBuf;

/// What a directory entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PersonClass {
    /// Somebody.
    Person,
    /// A mailbox that several people read.
    SharedMailbox,
    /// A machine.
    Bot,
    /// A room.
    Room,
    /// A distribution list.
    List,
    /// Somebody of another organization.
    Guest,
}

impl PersonClass {
    /// Its name in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            PersonClass::Person => "person",
            PersonClass::SharedMailbox => "shared_mailbox",
            PersonClass::Bot => "bot",
            PersonClass::Room => "room",
            PersonClass::List => "list",
            PersonClass::Guest => "guest",
        }
    }

    fn of(text: &str) -> PersonClass {
        match text.to_lowercase().as_str() {
            "shared_mailbox" | "shared" => PersonClass::SharedMailbox,
            "bot" | "service" => PersonClass::Bot,
            "room" => PersonClass::Room,
            "list" | "group" => PersonClass::List,
            "guest" => PersonClass::Guest,
            _ => PersonClass::Person,
        }
    }
}

/// How to read the directory.
#[derive(Clone, Debug)]
pub struct DirectorySpec {
    /// The files, in order.
    pub files: Vec<PathBuf>,
    /// Field delimiter; found where `None`.
    pub delimiter: Option<u8>,
    /// Column of the person's key; without one the first address is the key.
    pub person_key: Option<String>,
    /// Columns of addresses.
    pub addresses: Vec<String>,
    /// Separator of several addresses in one column.
    pub address_separator: Option<String>,
    /// Columns of accounts, by kind of handle.
    pub accounts: Vec<(String, String)>,
    /// Column of the manager.
    pub manager: Option<String>,
    /// Whether the manager column holds an address; else a key.
    pub manager_by_address: bool,
    /// Column of the unit.
    pub unit: Option<String>,
    /// Column of the class.
    pub class: Option<String>,
    /// Column of the first day, `YYYY-MM-DD`.
    pub hired_on: Option<String>,
    /// Column of the first day after the last, `YYYY-MM-DD`.
    pub left_on: Option<String>,
    /// Values that mean nothing.
    pub null_values: Vec<String>,
}

/// One entry of the directory.
#[derive(Clone, PartialEq, Eq)]
pub struct DirectoryPerson {
    /// The directory's key: stays inside the program.
    pub key: String,
    /// Label of the unit.
    pub unit: Option<String>,
    /// Index of the manager; `None` for a root.
    pub manager: Option<u32>,
    /// What it is.
    pub class: PersonClass,
    /// First day.
    pub hired_on: Option<Day>,
    /// First day after the last.
    pub left_on: Option<Day>,
}

impl std::fmt::Debug for DirectoryPerson {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("<directory person>")
    }
}

impl DirectoryPerson {
    /// Whether the entry is somebody who is a member on this day.
    #[must_use]
    pub fn is_member(&self, day: Day) -> bool {
        self.class == PersonClass::Person && self.is_valid(day)
    }

    fn is_valid(&self, day: Day) -> bool {
        self.hired_on.is_none_or(|hired| hired <= day) && self.left_on.is_none_or(|left| day < left)
    }
}

/// Something about the input that was repaired or is worth a look, counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What.
    pub code: Code,
    /// How often.
    pub count: u64,
    /// File number and line of the first, where it stands in one.
    pub first: Option<(u32, u64)>,
}

impl Notice {
    /// What to tell the user; `path_of` names a file by its number.
    #[must_use]
    pub fn diagnostic(&self, path_of: impl Fn(u32) -> Option<PathBuf>) -> Diagnostic {
        let times = if self.count == 1 { "once".into() } else { format!("{} times", self.count) };
        let mut diagnostic = Diagnostic::new(self.code, format!("{} ({times})", self.code.what.trim_end_matches('.')));
        diagnostic.place = self.first.and_then(|(file, line)| {
            Some(Place { path: path_of(file)?.display().to_string(), line: Some(line), byte: None, column: None })
        });
        diagnostic.detail = Some(self.code.why.to_string());
        diagnostic.hint(self.code.remedy)
    }
}

/// The directory, people sorted by key.
#[derive(Debug, Default)]
pub struct Directory {
    /// The entries.
    pub people: Vec<DirectoryPerson>,
    /// Whether there is a manager column.
    pub has_reporting_lines: bool,
    /// Repairs.
    pub notices: Vec<Notice>,
    /// Records of the directory itself.
    pub ledger: Ledger,
    /// Rows that could not be read.
    pub quarantine: Vec<Quarantined>,
    /// The files as read.
    pub files: Vec<FileFingerprint>,
    pub(crate) handles: Lookup<String, Claims>,
}

/// A row before managers are resolved.
struct Draft {
    /// File and line.
    at: (u32, u64),
    person: DirectoryPerson,
    manager: Option<String>,
    handles: Vec<String>,
}

/// Reads the directory. Ledger lines bear source index `source`, files are numbered from `first_file`.
///
/// # Errors
/// A missing or unreadable file, a file without the mapped columns.
pub fn read_directory(
    spec: &DirectorySpec,
    source: u32,
    first_file: u32,
    keyed: &dyn KeyedHash,
) -> Result<Directory, IngestError> {
    let mut directory = Directory { has_reporting_lines: spec.manager.is_some(), ..Directory::default() };
    let mut drafts: Vec<Draft> = Vec::new();
    for (file, path) in (first_file..).zip(&spec.files) {
        let bytes = read_steady(path)?;
        directory.files.push(FileFingerprint::of("directory", path, &bytes));
        let mut reading = Reading { spec, source, file, keyed, directory: &mut directory, drafts: &mut drafts };
        reading.file(path, &bytes)?;
    }
    settle(drafts, source, &mut directory);
    Ok(directory)
}

struct Reading<'a> {
    spec: &'a DirectorySpec,
    source: u32,
    file: u32,
    keyed: &'a dyn KeyedHash,
    directory: &'a mut Directory,
    drafts: &'a mut Vec<Draft>,
}

/// Column indices of one file.
struct Columns {
    person_key: Option<usize>,
    addresses: Vec<usize>,
    accounts: Vec<(String, usize)>,
    manager: Option<usize>,
    unit: Option<usize>,
    class: Option<usize>,
    hired_on: Option<usize>,
    left_on: Option<usize>,
}

impl Reading<'_> {
    fn file(&mut self, path: &std::path::Path, bytes: &[u8]) -> Result<(), IngestError> {
        let delimiter = match self.spec.delimiter {
            Some(delimiter) => delimiter,
            // A directory of one column has no delimiter to find.
            None => find_delimiter(bytes).unwrap_or(b','),
        };
        let Some(header) = open_csv(bytes, delimiter, true) else {
            self.directory.ledger.bytes.insert(
                (self.source, self.file),
                FileBytes { seen: bytes.len() as u64, header: bytes.len() as u64, ..FileBytes::default() },
            );
            return Ok(());
        };
        let columns = self.columns(&header, path)?;
        let body = &bytes[header.length..];
        let mut rows = Rows::new(body, delimiter, true, header.lines + 1);
        let mut fields = Vec::new();
        let mut record_bytes = 0;
        while let Some(row) = rows.next_row(&mut fields) {
            record_bytes += row.length as u64;
            let raw = &body[row.offset..row.offset + row.length];
            let key = LedgerKey { source: self.source, file: self.file, week: Ledger::UNDATED };
            self.directory.ledger.line(key).seen += 1;
            let fault = row.fault.map(|(code, column)| (code, Some(column)));
            let ragged = (fields.len() != header.names.len()).then_some((code::I103, None));
            let draft = match fault.or(ragged) {
                Some(fault) => Err(fault),
                None => self.draft(&columns, &fields, row.line),
            };
            match draft {
                Ok(draft) => self.drafts.push(draft),
                Err((code, column)) => {
                    *self.directory.ledger.line(key).quarantined.entry(code.id).or_default() += 1;
                    let hash = self.keyed.hash(Purpose::Quarantine, &[raw]);
                    self.directory.quarantine.push(Quarantined {
                        source: self.source,
                        file: self.file,
                        offset: (header.length + row.offset) as u64,
                        line: row.line,
                        length: row.length as u64,
                        column,
                        field: column.and_then(|at| header.names.get(at as usize - 1).cloned()),
                        found: None,
                        code,
                        record_hash: u64::from_be_bytes([
                            hash[0], hash[1], hash[2], hash[3], hash[4], hash[5], hash[6], hash[7],
                        ]),
                    });
                }
            }
        }
        let seen = bytes.len() as u64;
        let account = FileBytes {
            seen,
            record: record_bytes,
            header: header.length as u64,
            separator: rows.separator_bytes as u64,
        };
        self.directory.ledger.bytes.insert((self.source, self.file), account);
        Ok(())
    }

    fn columns(&self, header: &Header, path: &std::path::Path) -> Result<Columns, IngestError> {
        let spec = self.spec;
        let mut wanted: Vec<(&str, &str)> = Vec::new();
        let optional = [
            ("person_key", &spec.person_key),
            ("manager", &spec.manager),
            ("unit", &spec.unit),
            ("class", &spec.class),
            ("hired_on", &spec.hired_on),
            ("left_on", &spec.left_on),
        ];
        for (field, column) in optional {
            if let Some(column) = column {
                wanted.push((field, column));
            }
        }
        wanted.extend(spec.addresses.iter().map(|column| ("addresses", column.as_str())));
        wanted.extend(spec.accounts.iter().map(|(kind, column)| (kind.as_str(), column.as_str())));
        let found = columns_of(&wanted, header, path).map_err(IngestError::Unusable)?;
        let of = |name: &Option<String>| {
            name.as_ref().and_then(|name| wanted.iter().position(|(_, column)| column == name).map(|at| found[at]))
        };
        let named = |name: &String| wanted.iter().position(|(_, column)| column == name).map(|at| found[at]);
        Ok(Columns {
            person_key: of(&spec.person_key),
            addresses: spec.addresses.iter().filter_map(named).collect(),
            accounts: spec.accounts.iter().filter_map(|(kind, column)| Some((kind.clone(), named(column)?))).collect(),
            manager: of(&spec.manager),
            unit: of(&spec.unit),
            class: of(&spec.class),
            hired_on: of(&spec.hired_on),
            left_on: of(&spec.left_on),
        })
    }

    fn draft(&self, columns: &Columns, fields: &[Cow<'_, [u8]>], line: u64) -> Result<Draft, (Code, Option<u64>)> {
        let mut texts = Vec::with_capacity(fields.len());
        for (at, field) in fields.iter().enumerate() {
            texts.push(std::str::from_utf8(field).map_err(|_| (code::I101, Some(at as u64 + 1)))?);
        }
        let value = |at: usize| {
            let text = texts[at].trim();
            (!text.is_empty() && !self.spec.null_values.iter().any(|null| null == text)).then_some(text)
        };
        let optional = |at: Option<usize>| at.and_then(value);
        let mut handles = Vec::new();
        for &at in &columns.addresses {
            let Some(text) = value(at) else { continue };
            let parts: Vec<&str> = self
                .spec
                .address_separator
                .as_ref()
                .map_or_else(|| vec![text], |separator| text.split(separator.as_str()).collect());
            for part in parts.into_iter().filter(|part| !part.trim().is_empty()) {
                let address = Address::parse(part).map_err(|code| (code, Some(at as u64 + 1)))?;
                handles.push(format!("mail:{}", address.expose()));
            }
        }
        for (kind, at) in &columns.accounts {
            if let Some(text) = value(*at) {
                handles.push(format!("{kind}:{}", text.to_lowercase()));
            }
        }
        let key = match optional(columns.person_key) {
            Some(key) => key.to_string(),
            None => handles.first().cloned().ok_or((code::I107, columns.person_key.map(|at| at as u64 + 1)))?,
        };
        let date = |at: Option<usize>| {
            optional(at)
                .map(|text| text.parse::<Day>().map_err(|_| (code::I104, at.map(|at| at as u64 + 1))))
                .transpose()
        };
        let person = DirectoryPerson {
            key,
            unit: optional(columns.unit).map(cleaned),
            manager: None,
            class: optional(columns.class).map_or(PersonClass::Person, PersonClass::of),
            hired_on: date(columns.hired_on)?,
            left_on: date(columns.left_on)?,
        };
        let manager = match optional(columns.manager) {
            Some(text) if self.spec.manager_by_address => {
                let address = Address::parse(text).map_err(|code| (code, columns.manager.map(|at| at as u64 + 1)))?;
                Some(format!("mail:{}", address.expose()))
            }
            other => other.map(str::to_string),
        };
        Ok(Draft { at: (self.file, line), person, manager, handles })
    }
}

/// A label without control and direction characters.
fn cleaned(label: &str) -> String {
    label
        .chars()
        .filter(|c| {
            !c.is_control()
                && !matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        })
        .collect()
}

/// Sorts people, drops repeated ones, attaches handles and resolves managers.
fn settle(mut drafts: Vec<Draft>, source: u32, directory: &mut Directory) {
    let mut outcomes: Vec<(u32, bool)> = Vec::with_capacity(drafts.len()); // file, whether used
    // Stable: of repeated persons the first row wins.
    drafts.sort_by(|a, b| a.person.key.cmp(&b.person.key));
    let mut differing = 0;
    let mut first_differing = None;
    drafts.dedup_by(|next, kept| {
        let same = next.person.key == kept.person.key;
        if same {
            outcomes.push((next.at.0, false));
            let differs = next.person != kept.person || next.manager != kept.manager || next.handles != kept.handles;
            if differs {
                differing += 1;
                first_differing.get_or_insert(next.at);
            }
        }
        same
    });
    outcomes.extend(drafts.iter().map(|draft| (draft.at.0, true)));
    for (file, is_used) in outcomes {
        let line = directory.ledger.line(LedgerKey { source, file, week: Ledger::UNDATED });
        *(if is_used { &mut line.used } else { &mut line.duplicate }) += 1;
    }
    directory.notice(code::I301, differing, first_differing);

    for (ix, draft) in (0..).zip(&drafts) {
        let claim = Claim { person: ix, from: draft.person.hired_on, to: draft.person.left_on };
        for handle in &draft.handles {
            directory.handles.get_or_insert_with(handle.clone(), Claims::default).add(claim);
        }
    }
    let keys: Vec<String> = drafts.iter().map(|draft| draft.person.key.clone()).collect();
    let (mut dangling, mut first_dangling) = (0, None);
    for (ix, draft) in (0u32..).zip(&drafts) {
        let mut person = draft.person.clone();
        if let Some(manager) = &draft.manager {
            let by_key = keys.binary_search(manager).ok().map(|at| at as u32);
            let found = by_key.or_else(|| directory.handles.get(manager.as_str()).and_then(Claims::only));
            if found.is_none() {
                dangling += 1;
                first_dangling.get_or_insert(draft.at);
            }
            // Who reports to oneself is a root.
            person.manager = found.filter(|&manager| manager != ix);
        }
        directory.people.push(person);
    }
    directory.notice(code::I302, dangling, first_dangling);
    let cut = cut_cycles(&mut directory.people);
    directory.notice(code::I303, cut, None);
    let roots = directory
        .people
        .iter()
        .filter(|person| person.class == PersonClass::Person && person.manager.is_none())
        .count();
    if directory.has_reporting_lines && roots > 1 {
        directory.notice(code::I304, roots as u64, None);
    }
}

impl Directory {
    fn notice(&mut self, code: Code, count: u64, first: Option<(u32, u64)>) {
        if count > 0 {
            self.notices.push(Notice { code, count, first });
        }
    }

    /// Records of the directory, summed over its files.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut sum = Counts::default();
        self.ledger.lines.values().for_each(|line| sum.add(line));
        sum
    }
}

/// Cuts each circle of managers at its smallest key. Returns how many there were.
fn cut_cycles(people: &mut [DirectoryPerson]) -> u64 {
    let mut visit_of = vec![0u32; people.len()]; // 0: not yet; else the walk that met it
    let mut cut = 0;
    for start in 0..people.len() {
        let walk = start as u32 + 1;
        let mut at = start;
        while visit_of[at] == 0 {
            visit_of[at] = walk;
            match people[at].manager {
                Some(manager) => at = manager as usize,
                None => break,
            }
        }
        if visit_of[at] != walk || people[at].manager.is_none() {
            continue;
        }
        // `at` lies on a circle; people are sorted by key, so the smallest index is the smallest key.
        let mut smallest = at;
        let mut next = people[at].manager.map_or(at, |manager| manager as usize);
        while next != at {
            smallest = smallest.min(next);
            next = people[next].manager.map_or(at, |manager| manager as usize);
        }
        people[smallest].manager = None;
        cut += 1;
    }
    cut
}

/// A diagnostic for quarantined directory rows.
impl Quarantined {
    /// Where the record lies, for an error message.
    #[must_use]
    pub fn place(&self, path: &std::path::Path) -> Place {
        Place {
            path: path.display().to_string(),
            line: (self.line > 0).then_some(self.line),
            byte: Some(self.offset),
            column: self.column,
        }
    }

    /// What to tell the user of the first of `count` such records.
    #[must_use]
    pub fn diagnostic(&self, path: &std::path::Path, count: u64) -> Diagnostic {
        let subject = self.field.as_ref().map_or_else(|| "record".to_string(), |field| format!("`{field}`"));
        let mut diagnostic = Diagnostic::new(self.code, format!("{subject}: {}", self.code.what)).at(self.place(path));
        diagnostic.detail = self.found.clone();
        let more = match count.saturating_sub(1) {
            0 => String::new(),
            more => format!("{more} more records like this are in quarantine; "),
        };
        diagnostic.hint(format!("{more}`crosstie explain {}` says what to do", self.code.id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::work::tests::TestKey;

    fn read(text: &str, change: impl Fn(&mut DirectorySpec)) -> Result<Directory, IngestError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("directory.csv");
        std::fs::write(&path, text).unwrap();
        let mut spec = DirectorySpec {
            files: vec![path],
            delimiter: None,
            person_key: Some("id".into()),
            addresses: vec![],
            address_separator: None,
            accounts: vec![],
            manager: Some("manager".into()),
            manager_by_address: false,
            unit: None,
            class: None,
            hired_on: None,
            left_on: None,
            null_values: vec![],
        };
        change(&mut spec);
        read_directory(&spec, 0, 0, &TestKey)
    }

    fn managers(directory: &Directory) -> Vec<Option<&str>> {
        directory.people.iter().map(|p| p.manager.map(|m| directory.people[m as usize].key.as_str())).collect()
    }

    fn notices(directory: &Directory) -> Vec<(&str, u64)> {
        directory.notices.iter().map(|notice| (notice.code.id, notice.count)).collect()
    }

    #[test]
    fn a_self_manager_is_the_root_and_a_dangling_one_makes_a_tree() {
        let directory = read("id,manager\nb,a\na,a\nc,zz\n", |_| ()).unwrap();
        assert_eq!(managers(&directory), [None, Some("a"), None]);
        assert_eq!(notices(&directory), [("I302", 1), ("I304", 2)]);
    }

    #[test]
    fn circles_are_cut_at_the_smallest_key() {
        let directory = read("id,manager\na,r\nr,\nc,d\nd,b\nb,c\n", |_| ()).unwrap();
        assert_eq!(managers(&directory), [Some("r"), None, Some("d"), Some("b"), None]);
        assert!(notices(&directory).contains(&("I303", 1)));
    }

    #[test]
    fn repeated_people_keep_their_first_row() {
        let directory = read("id,manager\na,\nb,a\nb,c\nb,a\n", |_| ()).unwrap();
        assert_eq!(directory.people.len(), 2);
        assert_eq!(notices(&directory), [("I301", 1)]);
        let counts = directory.counts();
        assert_eq!((counts.seen, counts.used, counts.duplicate), (4, 2, 2));
        assert!(directory.ledger.balance().is_ok());
    }

    #[test]
    fn two_files_are_one_directory_and_both_balance() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("b.csv"), "id,manager\nc,a\nb,a\n").unwrap();
        let directory = read("id,manager\na,\nb,a\n", |spec| spec.files.push(folder.path().join("b.csv"))).unwrap();
        assert_eq!(directory.people.len(), 3);
        let counts = directory.counts();
        assert_eq!((counts.seen, counts.used, counts.duplicate), (4, 3, 1));
        assert!(directory.ledger.balance().is_ok());
    }

    #[test]
    fn managers_come_by_address_too() {
        let text = "id,mail,manager\n1,A@x.org,\n2,b@x.org,a@X.org\n";
        let directory = read(text, |spec| {
            spec.addresses = vec!["mail".into()];
            spec.manager_by_address = true;
        })
        .unwrap();
        assert_eq!(managers(&directory), [None, Some("1")]);
    }

    #[test]
    fn a_missing_column_names_the_nearest() {
        let error = read("id,manger\na,\n", |_| ()).unwrap_err();
        let IngestError::Unusable(found) = error else { panic!("{error}") };
        assert_eq!(found[0].code, code::I213);
        assert!(found[0].to_string().contains("`manger`"), "{}", found[0]);
    }

    #[test]
    fn a_broken_row_is_set_aside_and_the_rest_is_read() {
        let directory = read("id,manager\na,\nb\nc,a\n", |_| ()).unwrap();
        assert_eq!(directory.people.len(), 2);
        assert_eq!(directory.counts().quarantined.get("I103"), Some(&1));
        assert!(directory.ledger.balance().is_ok());
    }
}
