//! The first records of a JSON file in any of its forms, as columns of paths.

use super::column::Column;
use super::head::Head;
use crate::json::{Found, Scan};
use serde_json::Value;
use std::collections::BTreeMap;

/// Records that are looked at.
const RECORD_COUNT: usize = 200;
/// Steps of a path.
const DEPTH: usize = 5;
/// Longest value that is looked at.
const VALUE_BYTES: usize = 2048;
/// Arrays of a page that hold its records.
const PAGE_KEYS: [&str; 6] = ["value", "resources", "users", "messages", "zerver_message", "zerver_userprofile"];

/// What the first records hold.
pub(super) struct JsonHead {
    /// One a path.
    pub(super) columns: Vec<Column>,
    /// Whether each line is a record.
    pub(super) is_lines: bool,
    /// Records that were looked at.
    pub(super) count: usize,
    /// Keys of objects at the top.
    top: Vec<String>,
    /// Keys of the records.
    keys: Vec<String>,
}

impl JsonHead {
    /// Whether records have these keys, without case.
    pub(super) fn has(&self, keys: &[&str]) -> bool {
        keys.iter().all(|key| self.keys.iter().any(|known| known.eq_ignore_ascii_case(key)))
    }

    /// Whether an object at the top has this key.
    pub(super) fn has_top(&self, key: &str) -> bool {
        self.top.iter().any(|known| known.eq_ignore_ascii_case(key))
    }

    /// Values at a path.
    pub(super) fn column(&self, path: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name.eq_ignore_ascii_case(path))
    }

    pub(super) fn has_column(&self, path: &str) -> bool {
        self.column(path).is_some()
    }

    /// Whether a value at a path holds a word of the format.
    pub(super) fn says(&self, path: &str, word: &str) -> bool {
        self.column(path).is_some_and(|column| column.values().any(|value| value.to_lowercase().contains(word)))
    }
}

/// `None` of what is no JSON.
pub(super) fn json_head(head: &Head) -> Option<JsonHead> {
    let bytes = head.bytes.trim_ascii_start();
    if !matches!(bytes.first(), Some(b'{' | b'[')) {
        return None;
    }
    let mut top = Vec::new();
    let mut records: Vec<&[u8]> = Vec::new();
    let mut rest = bytes;
    while records.len() < RECORD_COUNT && matches!(rest.first(), Some(b'{' | b'[')) {
        let end = end_of(rest);
        match rest[0] {
            b'[' => elements(&rest[1..], &mut records),
            _ => object(rest, end, &mut top, &mut records),
        }
        let Some(end) = end else { break };
        rest = rest[end..].trim_ascii_start();
    }
    let parsed: Vec<Value> = records.iter().filter_map(|record| serde_json::from_slice(record).ok()).collect();
    let parsed: Vec<Value> = parsed.into_iter().filter(Value::is_object).collect();
    let is_page = top.iter().any(|key| is_page_key(key));
    if parsed.is_empty() && top.is_empty() {
        return None;
    }
    let mut keys: Vec<String> =
        parsed.iter().filter_map(Value::as_object).flat_map(|record| record.keys().cloned()).collect();
    keys.sort_unstable();
    keys.dedup();
    let is_lines = bytes[0] == b'{' && !is_page && is_a_line_each(bytes);
    Some(JsonHead { columns: columns(&parsed), is_lines, count: parsed.len(), top, keys })
}

/// The first line is a whole object.
fn is_a_line_each(bytes: &[u8]) -> bool {
    let line = memchr::memchr(b'\n', bytes).map_or(bytes, |end| &bytes[..end]).trim_ascii_end();
    end_of(line) == Some(line.len())
}

fn end_of(bytes: &[u8]) -> Option<usize> {
    match Scan::default().value(bytes) {
        Found::End(end) => Some(end),
        Found::More | Found::Bad => None,
    }
}

fn is_page_key(key: &str) -> bool {
    PAGE_KEYS.iter().any(|page| page.eq_ignore_ascii_case(key))
}

/// The whole values of an array, up to the end of what was read.
fn elements<'b>(bytes: &'b [u8], records: &mut Vec<&'b [u8]>) {
    let mut rest = bytes;
    while records.len() < RECORD_COUNT {
        let start = rest.iter().take_while(|&&byte| byte == b',' || byte.is_ascii_whitespace()).count();
        rest = &rest[start..];
        if rest.is_empty() || rest[0] == b']' {
            return;
        }
        let Some(end) = end_of(rest) else { return };
        if end == 0 {
            return;
        }
        records.push(&rest[..end]);
        rest = &rest[end..];
    }
}

/// An object at the top is a page with records, or a record; a page may be cut.
fn object<'b>(bytes: &'b [u8], end: Option<usize>, top: &mut Vec<String>, records: &mut Vec<&'b [u8]>) {
    let mut at = 1;
    let mut is_page = false;
    loop {
        at += bytes[at..].iter().take_while(|&&byte| byte == b',' || byte.is_ascii_whitespace()).count();
        if bytes.get(at) != Some(&b'"') {
            break;
        }
        let Some(length) = end_of(&bytes[at..]) else { break };
        let Ok(key) = serde_json::from_slice::<String>(&bytes[at..at + length]) else { break };
        at += length;
        at += bytes[at..].iter().take_while(|&&byte| byte == b':' || byte.is_ascii_whitespace()).count();
        if bytes.get(at) == Some(&b'[') && is_page_key(&key) {
            elements(&bytes[at + 1..], records);
            is_page = true;
        }
        if !top.contains(&key) {
            top.push(key);
        }
        match end_of(&bytes[at..]) {
            Some(length) if length > 0 => at += length,
            _ => break,
        }
    }
    if let Some(end) = end.filter(|_| !is_page) {
        records.push(&bytes[..end]);
    }
}

fn columns(records: &[Value]) -> Vec<Column> {
    let mut found: BTreeMap<String, Column> = BTreeMap::new();
    for (row, record) in records.iter().enumerate() {
        walk(record, String::new(), DEPTH, &mut |path, value| {
            let column = found.entry(path.to_string()).or_insert_with(|| Column::new(path));
            if !column.is_text() && value.len() <= VALUE_BYTES {
                column.rows.resize(row + 1, Vec::new());
                column.rows[row].push(value.to_string());
            }
        });
    }
    for column in found.values_mut().filter(|column| !column.is_text()) {
        column.rows.resize(records.len(), Vec::new());
    }
    found.into_values().collect()
}

/// Hands over every scalar with its path. A key that a path cannot write is left out.
fn walk(value: &Value, path: String, depth: usize, each: &mut dyn FnMut(&str, &str)) {
    match value {
        Value::Null => {}
        Value::Bool(is_true) => each(&path, if *is_true { "true" } else { "false" }),
        Value::Number(number) => each(&path, &number.to_string()),
        Value::String(text) => each(&path, text),
        Value::Array(items) if depth > 0 && !path.ends_with("[]") => {
            let path = format!("{path}[]");
            items.iter().take(RECORD_COUNT).for_each(|item| walk(item, path.clone(), depth - 1, each));
        }
        Value::Object(members) if depth > 0 => {
            for (key, value) in members.iter().filter(|(key, _)| !key.contains('.') && !key.ends_with("[]")) {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                walk(value, path, depth - 1, each);
            }
        }
        Value::Array(_) | Value::Object(_) => {}
    }
}
