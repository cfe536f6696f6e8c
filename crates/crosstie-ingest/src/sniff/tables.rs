//! Tables with a header: the logs and user lists that are known by their columns, else a generic table.

use super::column::{Column, folded, most_frequent_domain};
use super::guess::{Recognised, TableGuess};
use super::head::Head;
use super::messages::messages;
use super::names;
use super::people::{people, ranked};
use super::times::{TimeGuess, time_guess};
use crate::csv_rows::{Rows, find_delimiter};
use crate::work::open_csv;

/// Rows that are looked at.
const ROW_COUNT: usize = 200;
/// Longest column name; a longer one is a value.
const NAME_BYTES: usize = 64;

/// A table as its first rows show it.
pub(super) struct TableHead {
    /// Its columns.
    pub(super) columns: Vec<Column>,
    /// The delimiter, where it is not found by itself.
    delimiter: Option<char>,
}

/// Everything that fits a table.
pub(super) fn table(head: &Head) -> Vec<Recognised> {
    let tracking = tracking_log(head);
    if !tracking.is_empty() {
        return tracking;
    }
    let Some(table) = table_head(head) else { return Vec::new() };
    let columns = &table.columns;
    let mut found: Vec<Recognised> = trace(columns).or_else(|| gmail_log(columns)).into_iter().collect();
    found.extend(entra(columns).or_else(|| google_users(columns)));
    // The columns of a known log say more than the generic reader makes of them.
    let generic = [messages(columns, "csv"), people(columns)].into_iter().flatten();
    let is_known = !found.is_empty();
    found.extend(generic.map(|mut generic| {
        if let Some(guess) = &mut generic.table {
            guess.delimiter = table.delimiter;
        }
        generic
    }));
    if !is_known {
        // Who works here has no time and no recipient: a table that is both is one of messages.
        found.sort_by_key(|found| found.section == super::Section::Directory);
    }
    let domain = most_frequent_domain(addresses(columns));
    found.iter_mut().for_each(|found| found.domain.clone_from(&domain));
    found
}

/// The header and the first rows; `None` of what has no header or one column.
pub(super) fn table_head(head: &Head) -> Option<TableHead> {
    let lines = without_version(head.whole_lines());
    let (delimiter, is_found) = match find_delimiter(lines) {
        Ok(only) => (only, true),
        Err(none) if none.is_empty() => (best_delimiter(lines, b",;\t|", 2)?, false),
        Err(several) => (best_delimiter(lines, &several, 1)?, false),
    };
    let header = open_csv(lines, delimiter, true)?;
    if header.names.len() < 2 || header.names.iter().any(|name| is_value(name)) {
        return None;
    }
    let columns = rows(&lines[header.length..], delimiter, header.names.iter().map(|name| Column::new(name)).collect());
    // Names that occur twice cannot be mapped.
    let once: Vec<Column> = columns
        .iter()
        .filter(|column| columns.iter().filter(|other| other.key() == column.key()).count() == 1)
        .cloned()
        .collect();
    Some(TableHead { columns: once, delimiter: (!is_found).then_some(char::from(delimiter)) })
}

/// Entra's template for bulk operations begins with its version.
fn without_version(bytes: &[u8]) -> &[u8] {
    match memchr::memchr(b'\n', bytes) {
        Some(end) if bytes.starts_with(b"version:") => &bytes[end + 1..],
        _ => bytes,
    }
}

/// Of several delimiters the one that gives the most names that mean something, if it gives `least` of them. Blanks
/// before quotes hide the right one from the readers.
fn best_delimiter(bytes: &[u8], several: &[u8], least: usize) -> Option<u8> {
    let lists =
        [&names::SENT_AT[..], &names::SENDER, &names::TO, &names::PERSON_KEY, &names::ADDRESSES, &names::MANAGER];
    let known = |delimiter: u8| {
        let names = open_csv(bytes, delimiter, true).map(|header| header.names).unwrap_or_default();
        let columns = names.iter().map(|name| Column::new(name));
        columns.filter(|column| lists.iter().any(|list| column.rank(list).is_some())).count()
    };
    several.iter().copied().max_by_key(|&delimiter| known(delimiter)).filter(|&delimiter| known(delimiter) >= least)
}

/// A file without a header has values in its first row: they are neither read nor shown as names.
fn is_value(name: &str) -> bool {
    let is_number = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit() || b".,-+:/ ".contains(&byte));
    name.contains('@') || name.len() > NAME_BYTES || is_number || time_guess(&[name]).is_some()
}

fn rows(bytes: &[u8], delimiter: u8, mut columns: Vec<Column>) -> Vec<Column> {
    let mut rows = Rows::new(bytes, delimiter, true, 1);
    let mut fields = Vec::new();
    for _ in 0..ROW_COUNT {
        let Some(row) = rows.next_row(&mut fields) else { break };
        if row.fault.is_some() || fields.len() != columns.len() {
            continue;
        }
        for (column, field) in columns.iter_mut().zip(&fields) {
            let text = String::from_utf8_lossy(field);
            let is_kept = !column.is_text() && !text.trim().is_empty();
            column.rows.push(if is_kept { vec![text.trim().to_string()] } else { Vec::new() });
        }
    }
    columns
}

/// Values of columns that hold addresses; ids of messages end in domains too.
fn addresses(columns: &[Column]) -> impl Iterator<Item = &str> {
    let is_id =
        |column: &&Column| ["id", "reference", "references", "path"].iter().any(|end| column.key().ends_with(end));
    columns.iter().filter(move |column| !is_id(column)).flat_map(Column::values)
}

fn has(columns: &[Column], wanted: &[&str]) -> bool {
    wanted.iter().all(|wanted| columns.iter().any(|column| column.key() == *wanted))
}

fn values_of<'c>(columns: &'c [Column], key: &str) -> Vec<&'c str> {
    columns.iter().filter(|column| column.key() == key).flat_map(Column::values).collect()
}

/// Exchange: lines that begin with `#`, the last of which names the columns.
fn tracking_log(head: &Head) -> Vec<Recognised> {
    let mut fields = head.lines().take(20).filter_map(|line| line.strip_prefix(b"#Fields:"));
    let Some(fields) = fields.next() else { return Vec::new() };
    let names: Vec<String> = String::from_utf8_lossy(fields).split(',').map(|name| name.trim().to_string()).collect();
    let columns: Vec<Column> = names.iter().map(|name| Column::new(name)).collect();
    if !has(&columns, &["datetime", "eventid", "messageid", "recipientaddress", "senderaddress"]) {
        return Vec::new();
    }
    let rest: Vec<u8> =
        head.lines().filter(|line| !line.starts_with(b"#")).flat_map(|line| [line, b"\n"].concat()).collect();
    let count = columns.len();
    let columns = rows(&rest, b',', columns);
    let people: Vec<Column> = columns.into_iter().filter(|column| column.key().ends_with("address")).collect();
    let mut found = Recognised::mail("msgtrk", format!("`#Fields` names {count} columns of Exchange message tracking"));
    found.domain = most_frequent_domain(people.iter().flat_map(Column::values));
    vec![found]
}

/// Microsoft 365 message trace in its three shapes.
fn trace(columns: &[Column]) -> Option<Recognised> {
    let shape = |shape: &str| Recognised::mail("m365_trace", format!("the columns of a message trace, {shape}"));
    if has(columns, &["origintimestamputc", "senderaddress", "recipientstatus"]) {
        return Some(shape("enhanced summary"));
    }
    if has(columns, &["datetimeutc", "eventid", "recipientaddress", "senderaddress"]) {
        return Some(shape("extended"));
    }
    if !has(columns, &["received", "senderaddress", "recipientaddress", "status"]) {
        return None;
    }
    let found =
        shape("`Get-MessageTrace`").advise("`Received` is UTC, in the order of day and month of who exported it");
    Some(Recognised { time: Some(written(time_guess(&values_of(columns, "received")))), ..found })
}

/// Google's email log search.
fn gmail_log(columns: &[Column]) -> Option<Recognised> {
    if !has(columns, &["messageid", "startdate", "eventtarget", "recipientaddress"]) {
        return None;
    }
    let time = written(time_guess(&values_of(columns, "startdate")));
    let time = TimeGuess { needs_zone: true, ..time };
    Some(Recognised { time: Some(time), ..Recognised::mail("gmail_log", "the columns of Google's email log search") })
}

/// These formats want the form written even where it is the usual one.
fn written(guess: Option<TimeGuess>) -> TimeGuess {
    let mut guess = guess.unwrap_or_default();
    if guess.formats.is_empty() {
        guess.formats.push("auto".into());
    }
    guess
}

/// Entra's user list, or its template for bulk operations, which puts the names in brackets.
fn entra(columns: &[Column]) -> Option<Recognised> {
    let inner = |column: &Column| {
        column.name.split_once('[').and_then(|(_, rest)| rest.split_once(']')).map(|(name, _)| folded(name))
    };
    let names: Vec<String> =
        columns.iter().map(|column| inner(column).unwrap_or_else(|| column.key().to_string())).collect();
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    let marks = ["accountenabled", "usertype", "objectid", "usagelocation", "createddatetime"];
    if !has("userprincipalname") || !marks.into_iter().any(has) {
        return None;
    }
    let unit = ["department", "companyname", "officelocation", "jobtitle"]
        .into_iter()
        .find_map(|wanted| names.iter().position(|name| name == wanted).map(|at| columns[at].name.clone()));
    let found = Recognised::directory("entra", format!("{} columns of an Entra user list", columns.len()));
    let found = found
        .advise("Entra's list names no managers: give `manager_file`, a CSV `person,manager` or Graph's Manager_v0");
    Some(with_unit(found, unit))
}

/// The user list of Google's admin console.
fn google_users(columns: &[Column]) -> Option<Recognised> {
    let plain = |column: &Column| folded(column.name.split_once(" [").map_or(column.name.as_str(), |(name, _)| name));
    let at = |wanted: &str| columns.iter().position(|column| plain(column) == wanted);
    at("emailaddress")?;
    let path = at("orgunitpath")?;
    let unit = at("department").unwrap_or(path);
    let name = columns[unit].name.split_once(" [").map_or(columns[unit].name.as_str(), |(name, _)| name).to_string();
    let found = Recognised::directory("google_users", "the columns of the user list of Google's admin console");
    Some(with_unit(found, Some(name)))
}

/// A directory of a format that needs no more than the unit's column.
pub(super) fn with_unit(mut found: Recognised, unit: Option<String>) -> Recognised {
    let columns = unit.into_iter().map(|unit| ("unit", vec![unit])).collect();
    found.table = Some(TableGuess { columns, ..TableGuess::default() });
    found
}

/// What a table lacks, in words: names of columns only.
pub(super) fn outline(head: &Head) -> Option<String> {
    let TableHead { columns, .. } = table_head(head)?;
    let part = |what: &str, list: &[&str]| match ranked(&columns, list).next() {
        Some(column) => format!("`{}` may be {what}", column.name),
        None => format!("no column is named like {what}"),
    };
    let parts = [
        part("the time", &names::SENT_AT),
        part("the sender", &names::SENDER),
        part("the recipient", &names::TO),
        part("a person's key", &names::PERSON_KEY),
        part("an address", &names::ADDRESSES),
        part("a manager", &names::MANAGER),
    ];
    Some(format!("a table of {} columns: {}", columns.len(), parts.join("; ")))
}
