//! What the organization says about accounts, beside the directory: aliases, lists, rules, who opted out, and which
//! domains are its own. Small files written by hand: any fault in them ends the run.

use crate::IngestError;
use crate::address::{Mailbox, X500};
use crate::csv_rows::{Row, Rows};
use crate::directory::PersonClass;
use crate::files::read_steady;
use crate::work::{columns_of, open_csv};
use crosstie_model::{Code, Day, Diagnostic, Erased, Place, code};
use std::path::Path;

/// Everything that is known.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Domains whose unknown addresses are inside; `*.example.com` covers subdomains.
    pub internal_domains: Vec<String>,
    /// Domains in whose local parts dots mean nothing.
    pub dotless_domains: Vec<String>,
    /// Further addresses and accounts of people.
    pub aliases: Vec<Alias>,
    /// Members of distribution lists.
    pub lists: Vec<ListEntry>,
    /// Accounts that are no people, or are people though they look like machines.
    pub rules: Vec<Rule>,
    /// Who opted out.
    pub opt_outs: Vec<OptOut>,
    /// Who was forgotten: left out as who opted out, and not even kept by id.
    pub erased: Erased,
    /// Whether accounts without an address attach to people by their full name.
    pub match_names: bool,
}

/// A handle as a hand-written file names it: an address, or `kind:account`.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct HandleText(pub(crate) String);

impl std::fmt::Debug for HandleText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("<handle>")
    }
}

impl HandleText {
    pub(crate) fn parse(text: &str) -> Result<HandleText, Code> {
        let text = text.trim();
        if X500::of(text).is_none()
            && let Some((kind, account)) = text.split_once(':')
            && !text.contains('@')
            && !account.trim().is_empty()
        {
            return Ok(HandleText(format!("{kind}:{}", account.trim().to_lowercase())));
        }
        Ok(HandleText(match Mailbox::parse(text)? {
            Mailbox::Mail(address) | Mailbox::Guest(address, _) => format!("mail:{}", address.expose()),
            Mailbox::X500(x500) => x500.expose().to_string(),
        }))
    }
}

/// A line of the alias file: an address or account that a person of the directory held.
#[derive(Clone, Debug)]
pub struct Alias {
    pub(crate) handle: HandleText,
    pub(crate) person_key: PersonKey,
    pub(crate) from: Option<Day>,
    pub(crate) to: Option<Day>,
}

/// A key of the directory; nothing prints it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct PersonKey(pub(crate) String);

impl std::fmt::Debug for PersonKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("<person key>")
    }
}

/// A line of the list file.
#[derive(Clone, Debug)]
pub struct ListEntry {
    pub(crate) list: HandleText,
    pub(crate) member: HandleText,
}

/// A line of the rule file.
#[derive(Clone, Debug)]
pub struct Rule {
    pub(crate) class: PersonClass,
    pub(crate) matches: Matches,
    pub(crate) value: RuleValue,
}

/// What a rule matches on; nothing prints it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct RuleValue(pub(crate) String);

impl std::fmt::Debug for RuleValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("<value>")
    }
}

/// What a rule looks at. Never a part of a word: `bot` must not catch `botha`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Matches {
    /// The whole address or `kind:account`.
    Address,
    /// The whole local part.
    Local,
    /// A part of the local part between `.`, `-` and `_`.
    Token,
    /// The domain.
    Domain,
}

/// A line of the opt-out file.
#[derive(Clone, Debug)]
pub struct OptOut(pub(crate) OptOutOf);

/// Who opted out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum OptOutOf {
    /// Whoever holds this handle.
    Handle(HandleText),
    /// A person of the directory.
    Person(PersonKey),
    /// A handle by its keyed id.
    Id(i64),
}

/// Reads `address,person_key[,valid_from,valid_to]`.
///
/// # Errors
/// A missing file, a missing column, a bad row.
pub fn read_aliases(path: &Path) -> Result<Vec<Alias>, IngestError> {
    read_table(path, "alias", &["address", "person_key"], &["valid_from", "valid_to"], |cells| {
        let date = |text: &str| match text {
            "" => Ok(None),
            date => date.parse::<Day>().map(Some).map_err(|_| code::I104),
        };
        Ok(Alias {
            handle: HandleText::parse(cells[0])?,
            person_key: PersonKey(cells[1].to_string()),
            from: date(cells[2])?,
            to: date(cells[3])?,
        })
    })
}

/// Reads `list,member`, a line a member; a member can be a list.
///
/// # Errors
/// A missing file, a missing column, a bad row.
pub fn read_lists(path: &Path) -> Result<Vec<ListEntry>, IngestError> {
    read_table(path, "list", &["list", "member"], &[], |cells| {
        Ok(ListEntry { list: HandleText::parse(cells[0])?, member: HandleText::parse(cells[1])? })
    })
}

/// Reads `class,match,value`; `match` is address, local, token or domain.
///
/// # Errors
/// A missing file, a missing column, a bad row.
pub fn read_rules(path: &Path) -> Result<Vec<Rule>, IngestError> {
    read_table(path, "rule", &["class", "match", "value"], &[], |cells| {
        let class = PersonClass::named(cells[0]).ok_or(code::I119)?;
        let matches = match cells[1].to_lowercase().as_str() {
            "address" => Matches::Address,
            "local" => Matches::Local,
            "token" => Matches::Token,
            "domain" => Matches::Domain,
            _ => return Err(code::I119),
        };
        let value = match matches {
            Matches::Address => HandleText::parse(cells[2])?.0,
            _ if cells[2].is_empty() => return Err(code::I107),
            _ => cells[2].to_lowercase(),
        };
        Ok(Rule { class, matches, value: RuleValue(value) })
    })
}

/// Reads one entry a line under the header `who`: an address, `kind:account`, `person:KEY`, or `id:` with the 16
/// hexadecimal digits of a handle's keyed id.
///
/// # Errors
/// A missing file, a missing column, a bad row.
pub fn read_opt_outs(path: &Path) -> Result<Vec<OptOut>, IngestError> {
    read_table(path, "opt-out", &["who"], &[], |cells| OptOut::parse(cells[0]))
}

/// Reads such entries from a text without a header, one a line; empty lines are skipped.
///
/// # Errors
/// The number of the first line that is none, and what is wrong with it.
pub fn parse_persons(text: &str) -> Result<Vec<OptOut>, (u64, Code)> {
    let lines = (1..).zip(text.lines().map(str::trim)).filter(|(_, line)| !line.is_empty());
    lines.map(|(number, line)| OptOut::parse(line).map_err(|code| (number, code))).collect()
}

impl OptOut {
    fn parse(text: &str) -> Result<OptOut, Code> {
        Ok(OptOut(if let Some(key) = text.strip_prefix("person:") {
            OptOutOf::Person(PersonKey(key.trim().to_string()))
        } else if let Some(id) = text.strip_prefix("id:") {
            OptOutOf::Id(i64::from_str_radix(id.trim(), 16).map_err(|_| code::I106)?)
        } else {
            OptOutOf::Handle(HandleText::parse(text)?)
        }))
    }
}

/// Reads a small CSV; `read` gets the cells of the needed columns, then of the optional ones, empty where absent.
fn read_table<T>(
    path: &Path,
    what: &str,
    needed: &[&str],
    optional: &[&str],
    read: impl Fn(&[&str]) -> Result<T, Code>,
) -> Result<Vec<T>, IngestError> {
    let bytes = read_steady(path)?;
    let Some(header) = open_csv(&bytes, b',', true) else { return Ok(Vec::new()) };
    let is_there = |column: &&&str| header.names.iter().any(|name| name.eq_ignore_ascii_case(column));
    let wanted: Vec<(&str, &str)> =
        needed.iter().chain(optional.iter().filter(is_there)).map(|&column| (column, column)).collect();
    let columns = columns_of(&wanted, &header, path).map_err(IngestError::Unusable)?;
    let mut rows = Rows::new(&bytes[header.length..], b',', true, header.lines + 1);
    let mut fields = Vec::new();
    let mut found = Vec::new();
    while let Some(row) = rows.next_row(&mut fields) {
        let cell = |name: &&str| {
            let at = wanted.iter().position(|(field, _)| field == name).map(|at| columns[at]);
            at.and_then(|at| fields.get(at)).map_or(Ok(""), |field| std::str::from_utf8(field).map_err(|_| code::I101))
        };
        let one = || -> Result<T, Code> {
            if let Some((code, _)) = row.fault {
                return Err(code);
            }
            let cells: Result<Vec<&str>, Code> =
                needed.iter().chain(optional).map(|name| cell(name).map(str::trim)).collect();
            read(&cells?)
        };
        found.push(one().map_err(|code| bad_row(path, what, &row, code))?);
    }
    Ok(found)
}

fn bad_row(path: &Path, what: &str, row: &Row, code: Code) -> IngestError {
    let place = Place { path: path.display().to_string(), line: Some(row.line), byte: None, column: None };
    IngestError::Unusable(vec![Diagnostic::new(code, format!("{what}: {}", code.what)).at(place).hint(code.remedy)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn file(text: &str) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file.csv");
        fs::write(&path, text).unwrap();
        (folder, path)
    }

    #[test]
    fn the_four_files_are_read() {
        let (_folder, path) = file("address,person_key,valid_from\nA@x.example,E1,2026-01-01\nslack:U1,E2,\n");
        let aliases = read_aliases(&path).unwrap();
        assert_eq!((aliases[0].handle.0.as_str(), aliases[1].handle.0.as_str()), ("mail:a@x.example", "slack:u1"));
        assert!(aliases[0].from.is_some() && aliases[1].from.is_none());
        let (_folder, path) = file("list,member\nall@x.example,a@x.example\n");
        assert_eq!(read_lists(&path).unwrap().len(), 1);
        let (_folder, path) = file("class,match,value\nbot,token,Build\nperson,address,noreply@x.example\n");
        assert_eq!(read_rules(&path).unwrap()[0].value.0, "build");
        let (_folder, path) = file("who\na@x.example\nperson:E1\nid:00ff00ff00ff00ff\n");
        let opt_outs = read_opt_outs(&path).unwrap();
        assert_eq!(opt_outs[2].0, OptOutOf::Id(0x00ff_00ff_00ff_00ff));
    }

    #[test]
    fn a_bad_row_is_told_by_line_and_not_shown() {
        let (_folder, path) = file("class,match,value\nrobot,token,secret\n");
        let error = read_rules(&path).unwrap_err();
        let IngestError::Unusable(found) = error else { panic!("unusable") };
        let text = found[0].to_string();
        assert!(text.contains("file.csv:2") && text.contains("I119") && !text.contains("secret"), "{text}");
    }
}
