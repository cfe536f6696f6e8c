//! Files that are told by how their lines look: mailboxes, single mails, LDIF.

use super::column::{folded, most_frequent_domain};
use super::guess::Recognised;
use super::head::Head;
use super::tables::with_unit;
use crate::mail::mbox_split::is_separator;

/// Header fields that mails have.
const FIELDS: [&str; 12] = [
    "from",
    "to",
    "cc",
    "date",
    "subject",
    "messageid",
    "received",
    "returnpath",
    "mimeversion",
    "contenttype",
    "sender",
    "deliveredto",
];
/// Lines in which a header must begin.
const LINES: usize = 200;

/// Everything that fits a text that is neither table nor JSON.
pub(super) fn text(head: &Head) -> Vec<Recognised> {
    mbox(head).or_else(|| ldif(head)).or_else(|| mail(head)).into_iter().collect()
}

fn mbox(head: &Head) -> Option<Recognised> {
    let is_first = |line: &&[u8]| !line.is_empty();
    if !head.lines().find(is_first).is_some_and(is_separator) {
        return None;
    }
    let count = head.lines().filter(|line| is_separator(line)).count();
    let mut found = Recognised::mail("mbox", format!("begins with an mbox separator; {count} in its first part"));
    found.domain = header_domain(head);
    Some(found)
}

/// At least two fields that mails have, before the first empty line, and nothing that is no field.
fn mail(head: &Head) -> Option<Recognised> {
    let mut known = Vec::new();
    for line in head.lines().take(LINES).take_while(|line| !line.is_empty()) {
        if line.first().is_some_and(u8::is_ascii_whitespace) {
            continue;
        }
        let colon = memchr::memchr(b':', line)?;
        let name = std::str::from_utf8(&line[..colon]).ok()?.trim_end();
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_graphic()) {
            return None;
        }
        known.extend(FIELDS.iter().find(|field| **field == folded(name)));
    }
    known.sort_unstable();
    known.dedup();
    let is_mail =
        known.len() >= 2 && ["from", "received", "date", "messageid"].iter().any(|field| known.contains(&field));
    let mut found = is_mail.then(|| Recognised::mail("eml", format!("{} header fields of a mail", known.len())))?;
    found.domain = header_domain(head);
    Some(found)
}

/// Of the lines that name people.
fn header_domain(head: &Head) -> Option<String> {
    lines_of(head, &["from:", "to:", "cc:", "sender:"])
}

fn lines_of(head: &Head, prefixes: &[&str]) -> Option<String> {
    let wanted = head.lines().filter(|line| {
        prefixes
            .iter()
            .any(|prefix| line.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes())))
    });
    let texts: Vec<_> = wanted.map(String::from_utf8_lossy).collect();
    most_frequent_domain(texts.iter().map(AsRef::as_ref))
}

fn ldif(head: &Head) -> Option<Recognised> {
    let is_record = |line: &&[u8]| {
        !(line.is_empty() || line.starts_with(b"#") || line.starts_with(b" ") || starts(line, "version:"))
    };
    if !head.lines().find(is_record).is_some_and(|line| starts(line, "dn:")) {
        return None;
    }
    let entries = head.lines().filter(|line| starts(line, "dn:")).count();
    let has = |name: &str| head.lines().any(|line| starts(line, name));
    let unit = if has("department:") { "department" } else { "ou" };
    let found = Recognised::directory("ldif", format!("entries of LDIF; {entries} in its first part"));
    let mut found = with_unit(found, Some(unit.into()));
    found.domain = lines_of(head, &["mail:", "userprincipalname:", "proxyaddresses:"]);
    Some(found)
}

fn starts(line: &[u8], prefix: &str) -> bool {
    line.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
}
