//! Messages from CSV: one row a message, or one row a recipient, columns by name.
//!
//! Without message ids, rows of one sender in one second are one message: a known limit.

use crate::IngestError;
use crate::csv_rows::{Rows, find_delimiter};
use crate::instant::read_instant;
use crate::ledger::FileBytes;
use crate::source::{CsvMailSpec, HandleKind, Layout};
use crate::work::{Fault, Spot, Work, columns_of, open_csv};
use crosstie_model::{Code, Diagnostic, Micros, Place, Role, code};
use std::borrow::Cow;
use std::path::Path;

/// Ids that exporters write where there is none.
const NO_ID: [&str; 4] = ["N/A", "NULL", "-", "<>"];

pub(crate) fn read(
    spec: &CsvMailSpec,
    name: &str,
    source: u32,
    file: u32,
    path: &Path,
    bytes: &[u8],
    work: &mut Work<'_>,
) -> Result<(), IngestError> {
    let account =
        |header: u64, record: u64, separator: u64| FileBytes { seen: bytes.len() as u64, record, header, separator };
    let place = |line| Place { path: path.display().to_string(), line, byte: None, column: None };
    if let Some((code, what)) = other_encoding(bytes) {
        return Err(IngestError::Unusable(vec![Diagnostic::new(code, what).at(place(None)).hint(code.remedy)]));
    }
    let delimiter = match spec.delimiter {
        Some(delimiter) => delimiter,
        None if bytes.is_empty() => b',',
        None => find_delimiter(bytes).map_err(|fits| {
            let fits: Vec<String> =
                fits.iter().map(|&byte| format!("`{}`", char::from(byte).escape_default())).collect();
            let message = if fits.is_empty() {
                "no delimiter gives rows of one length".into()
            } else {
                format!("{} all give rows of one length", fits.join(" and "))
            };
            IngestError::Unusable(vec![
                Diagnostic::new(code::I213, message).at(place(None)).hint("set `delimiter` in the source"),
            ])
        })?,
    };
    let Some(header) = open_csv(bytes, delimiter, spec.trim) else {
        work.ledger.bytes.insert((source, file), account(bytes.len() as u64, 0, 0));
        return Ok(());
    };
    let columns = Columns::find(spec, &header, path)?;
    let mut reading = Reading { spec, name, columns, work, recipients: Vec::new() };
    let body = &bytes[header.length..];
    let mut rows = Rows::new(body, delimiter, spec.trim, header.lines + 1);
    let mut fields = Vec::new();
    let (mut record_bytes, mut row_count, mut bad_count) = (0, 0u64, 0u64);
    let mut first_fault = None;
    while let Some(row) = rows.next_row(&mut fields) {
        record_bytes += row.length as u64;
        row_count += 1;
        let raw = &body[row.offset..row.offset + row.length];
        let spot = Spot { source, file, offset: (header.length + row.offset) as u64, line: row.line };
        let fault = match row.fault {
            Some((code, column)) => Some(Fault { column: Some(column), ..Fault::from(code) }),
            None if fields.len() != header.names.len() => Some(Fault {
                found: Some(format!("{} fields; the header has {}", fields.len(), header.names.len())),
                ..Fault::from(code::I103)
            }),
            None => reading.row(&fields, spot).err(),
        };
        if let Some(fault) = fault {
            bad_count += 1;
            first_fault.get_or_insert_with(|| (fault.clone(), spot));
            reading.work.set_aside(spot, raw, fault);
        }
    }
    work.ledger.bytes.insert((source, file), account(header.length as u64, record_bytes, rows.separator_bytes as u64));
    if let Some((fault, spot)) = first_fault.filter(|_| row_count == bad_count) {
        let mut place = place(Some(spot.line));
        (place.byte, place.column) = (Some(spot.offset), fault.column);
        let subject = fault.field.map_or_else(String::new, |field| format!("`{field}`: "));
        let mut found = Diagnostic::new(code::I211, format!("none of {row_count} records can be read")).at(place);
        found.detail = Some(format!("the first: {subject}{} ({})", fault.code.what, fault.code.id));
        return Err(IngestError::Unusable(vec![found.hint(fault.code.remedy)]));
    }
    Ok(())
}

/// What a file is that is no UTF-8 text, where its first bytes say so.
fn other_encoding(bytes: &[u8]) -> Option<(Code, &'static str)> {
    let head = &bytes[..bytes.len().min(512)];
    if head.starts_with(&[0x1f, 0x8b]) {
        return Some((code::I212, "the file is gzip-compressed, which this version does not read: unpack it"));
    }
    let is_utf16 = head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]) || head.contains(&0);
    is_utf16.then_some((code::I101, "the file is UTF-16 or binary"))
}

/// Column indices.
struct Columns {
    sent_at: usize,
    sender: usize,
    recipients: Vec<(usize, Role)>,
    role: Option<usize>,
    message_id: Option<usize>,
}

impl Columns {
    fn find(spec: &CsvMailSpec, header: &crate::work::Header, path: &Path) -> Result<Columns, IngestError> {
        let map = &spec.columns;
        let mut wanted = vec![("sent_at", map.sent_at.as_str()), ("sender", map.sender.as_str())];
        let optional =
            [("to", &map.to), ("cc", &map.cc), ("bcc", &map.bcc), ("role", &map.role), ("message_id", &map.message_id)];
        wanted.extend(optional.iter().filter_map(|(field, column)| Some((*field, column.as_deref()?))));
        let found = columns_of(&wanted, header, path).map_err(IngestError::Unusable)?;
        let of = |name: &str| wanted.iter().position(|(field, _)| *field == name).map(|at| found[at]);
        let roles = [("to", Role::To), ("cc", Role::Cc), ("bcc", Role::Bcc)];
        Ok(Columns {
            sent_at: found[0],
            sender: found[1],
            recipients: roles.into_iter().filter_map(|(name, role)| Some((of(name)?, role))).collect(),
            role: of("role"),
            message_id: of("message_id"),
        })
    }
}

struct Reading<'a, 'w> {
    spec: &'a CsvMailSpec,
    name: &'a str,
    columns: Columns,
    work: &'a mut Work<'w>,
    recipients: Vec<(u32, Role)>,
}

impl Reading<'_, '_> {
    fn row(&mut self, fields: &[Cow<'_, [u8]>], spot: Spot) -> Result<(), Fault> {
        let at = self.instant(fields)?;
        self.dated_row(fields, spot, at).map_err(|fault| Fault { at: Some(at), ..fault })
    }

    fn dated_row(&mut self, fields: &[Cow<'_, [u8]>], spot: Spot, at: Micros) -> Result<(), Fault> {
        let sender_text = self.required(fields, self.columns.sender, "sender")?;
        let sender =
            self.handle(sender_text).map_err(|code| fault(code, self.columns.sender, "sender", sender_text))?;
        self.read_recipients(fields)?;
        let id = match self.columns.message_id {
            Some(column) => text(fields, column, "message_id")?.trim().trim_matches(['<', '>']).trim(),
            None => "",
        };
        let sender_id = self.work.handles.id(sender).to_be_bytes();
        let key = if !id.is_empty() && !NO_ID.iter().any(|none| none.eq_ignore_ascii_case(id)) {
            self.work.message_key(&[b"mid", id.as_bytes(), &sender_id])
        } else if self.spec.layout == Layout::RecipientPerRow {
            self.work.message_key(&[b"row", self.name.as_bytes(), &sender_id, &at.0.to_be_bytes()])
        } else {
            let mut ids: Vec<i64> = self.recipients.iter().map(|&(handle, _)| self.work.handles.id(handle)).collect();
            ids.sort_unstable();
            let ids: Vec<u8> = ids.into_iter().flat_map(i64::to_be_bytes).collect();
            self.work.message_key(&[b"mail", &sender_id, &at.0.to_be_bytes(), &ids])
        };
        self.work.entry(spot, at, key, sender, &self.recipients);
        Ok(())
    }

    fn instant(&self, fields: &[Cow<'_, [u8]>]) -> Result<Micros, Fault> {
        let column = self.columns.sent_at;
        let found = self.required(fields, column, "sent_at")?;
        read_instant(found, &self.spec.time, self.work.earliest, self.work.latest)
            .map_err(|code| fault(code, column, "sent_at", found))
    }

    fn required<'f>(&self, fields: &'f [Cow<'_, [u8]>], column: usize, field: &'static str) -> Result<&'f str, Fault> {
        let found = text(fields, column, field)?;
        if self.is_null(found) { Err(fault(code::I107, column, field, found)) } else { Ok(found) }
    }

    fn is_null(&self, text: &str) -> bool {
        text.trim().is_empty() || self.spec.null_values.iter().any(|null| null == text)
    }

    fn handle(&mut self, spelling: &str) -> Result<u32, Code> {
        match self.spec.handles {
            HandleKind::Address => self.work.handles.mail(spelling),
            HandleKind::Account => self.work.handles.account("account", self.name, spelling, None),
        }
    }

    /// Recipients of the row. A bad one is counted if a good one is left, else the record is at fault.
    fn read_recipients(&mut self, fields: &[Cow<'_, [u8]>]) -> Result<(), Fault> {
        self.recipients.clear();
        let mut first_bad = None;
        for (column, role) in self.columns.recipients.clone() {
            let found = text(fields, column, "recipients")?;
            let role = match self.columns.role {
                Some(role_column) => {
                    let found = text(fields, role_column, "role")?;
                    role_of(found).ok_or_else(|| fault(code::I118, role_column, "role", found))?
                }
                None => role,
            };
            let parts: Vec<&str> = match self.spec.layout {
                Layout::MessagePerRow => found.split(self.spec.recipient_separator.as_str()).collect(),
                Layout::RecipientPerRow => vec![found],
            };
            for part in parts {
                if self.is_null(part) {
                    continue;
                }
                match self.handle(part) {
                    Ok(handle) => self.recipients.push((handle, role)),
                    Err(code) => {
                        self.work.bad_recipients += 1;
                        first_bad.get_or_insert_with(|| fault(code, column, "recipients", part));
                    }
                }
            }
        }
        match first_bad {
            Some(bad) if self.recipients.is_empty() => Err(bad),
            None if self.recipients.is_empty() => {
                let column = self.columns.recipients.first().map_or(0, |&(column, _)| column);
                Err(fault(code::I107, column, "recipients", ""))
            }
            _ => Ok(()),
        }
    }
}

fn role_of(text: &str) -> Option<Role> {
    match text.trim().to_lowercase().as_str() {
        "to" => Some(Role::To),
        "cc" => Some(Role::Cc),
        "bcc" => Some(Role::Bcc),
        _ => None,
    }
}

fn text<'f>(fields: &'f [Cow<'_, [u8]>], column: usize, field: &'static str) -> Result<&'f str, Fault> {
    std::str::from_utf8(&fields[column]).map_err(|_| fault(code::I101, column, field, ""))
}

/// A fault of one field; the value is described, never shown.
fn fault(code: Code, column: usize, field: &'static str, found: &str) -> Fault {
    let found = Some(format!("value of {} bytes", found.len()));
    Fault { column: Some(column as u64 + 1), field: Some(field), found, ..Fault::from(code) }
}
