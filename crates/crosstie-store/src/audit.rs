//! Who looked at people: `state/audit.jsonl`, a JSON line a look, each with the BLAKE3 of the line before.
//!
//! A line is durable before anything is shown. Lines hold no person.

use crate::folder::own_uid;
use crate::whole_file::sync_folder;
use crate::{Finding, Folder, StoreError};
use crosstie_model::code;
use serde::{Deserialize, Serialize};
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

const AUDIT: &str = "state/audit.jsonl";

/// A line.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    /// When, UTC.
    at: String,
    /// The user of the system.
    user: Option<u32>,
    command: String,
    /// The snapshot date that was looked at.
    date: String,
    /// People who were looked at.
    count: u64,
    /// Why, in the words of who looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Hash of the policy that allows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    policy: Option<String>,
    /// BLAKE3 of the line before; empty for the first.
    before: String,
}

/// A look at people.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    /// The command.
    pub command: &'a str,
    /// The snapshot date that is looked at.
    pub date: &'a str,
    /// People who are looked at.
    pub count: u64,
    /// Why; no person is named in it.
    pub reason: Option<&'a str>,
    /// Hash of the policy that allows it.
    pub policy: Option<&'a str>,
}

/// Notes that somebody looks at `count` people of the snapshot `date`. `at` is the time in RFC 3339.
///
/// # Errors
/// As [`note`].
pub fn note_look(folder: &Folder, at: String, command: &str, date: &str, count: u64) -> Result<(), StoreError> {
    note(folder, at, Look { command, date, count, reason: None, policy: None })
}

/// Notes a look. `at` is the time in RFC 3339.
///
/// # Errors
/// The log cannot be read or written, or was changed: then nothing may be shown.
pub fn note(folder: &Folder, at: String, look: Look<'_>) -> Result<(), StoreError> {
    let path = folder.root().join(AUDIT);
    let text = read(&path)?;
    if find_break(&text).is_some() {
        return Err(StoreError::Changed { path });
    }
    let before = text.lines().last().map(hash).unwrap_or_default();
    let line = Line {
        at,
        user: own_uid(),
        command: look.command.into(),
        date: look.date.into(),
        count: look.count,
        reason: look.reason.map(str::to_string),
        policy: look.policy.map(str::to_string),
        before,
    };
    let mut line = serde_json::to_string(&line).map_err(|_| StoreError::Encode { table: "audit" })?;
    line.push('\n');
    let failed = |source| StoreError::writing(&path, source);
    let mut file = OpenOptions::new().append(true).create(true).mode(0o600).open(&path).map_err(failed)?;
    file.write_all(line.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
    sync_folder(&folder.root().join("state"))
}

/// Where the log is not as it was written.
pub(crate) fn check_audit(root: &Path) -> Vec<Finding> {
    match read(&root.join(AUDIT)) {
        Ok(text) => find_break(&text)
            .map(|line| Finding::new(code::S103, AUDIT, format!("line {line} does not follow from the one before")))
            .into_iter()
            .collect(),
        Err(_) => vec![Finding::new(code::S103, AUDIT, "it cannot be read")],
    }
}

fn read(path: &Path) -> Result<String, StoreError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(String::new()),
        Err(source) => Err(StoreError::reading(path, source)),
    }
}

fn hash(line: &str) -> String {
    blake3::hash(line.as_bytes()).to_hex().to_string()
}

/// Number of the first line that is whole no longer, or does not name the one before.
fn find_break(text: &str) -> Option<usize> {
    let mut before = String::new();
    for (number, line) in (1..).zip(text.split_inclusive('\n')) {
        let whole = line.strip_suffix('\n').and_then(|line| serde_json::from_str::<Line>(line).ok());
        if whole.is_none_or(|whole| whole.before != before) {
            return Some(number);
        }
        before = hash(line.trim_end_matches('\n'));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_follow_from_each_other() {
        let temp = tempfile::tempdir().unwrap();
        let folder = Folder::open(&temp.path().join("out")).unwrap();
        let path = folder.root().join(AUDIT);
        let note = || note_look(&folder, "2026-01-01T00:00:00Z".into(), "explain --tie", "2026-01-01", 2);
        (0..3).for_each(|_| note().unwrap());
        assert_eq!(check_audit(folder.root()), []);
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().count(), 3);
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        for broken in [
            text.replacen("\"count\":2", "\"count\":1", 1),
            [lines[0], lines[2]].concat(),
            [lines[1], lines[2]].concat(),
            text.trim_end().to_string(),
        ] {
            fs::write(&path, &broken).unwrap();
            assert_eq!(check_audit(folder.root()).len(), 1, "{broken}");
            assert!(note().is_err(), "nothing is added to a log that was changed");
        }
        // The end of a log can be cut off unseen: only a copy elsewhere would tell.
        fs::write(&path, lines[..2].concat()).unwrap();
        assert_eq!(check_audit(folder.root()), []);
    }
}
