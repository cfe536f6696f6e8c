//! Directories that are tables: header, rows, named fields; what csv, entra and google_users share.

use super::draft::{Wrong, is_value};
use super::reading::{Outcome, Reading, Spot};
use super::spec::DirectorySpec;
use crate::IngestError;
use crate::csv_rows::{Rows, find_delimiter};
use crate::work::{Header, columns_of, open_csv};
use crosstie_model::{Code, Diagnostic, Place, code};
use std::path::Path;
use std::slice::from_ref;

/// How a kind of table is opened.
pub(super) struct Form<'a> {
    pub(super) delimiter: Option<u8>,
    pub(super) trim: bool,
    /// The name of a column as the reader knows it.
    pub(super) rename: fn(&str) -> &str,
    /// Columns that must be there, with what they are mapped as.
    pub(super) wanted: Vec<(&'a str, &'a str)>,
    /// Of these one must be there.
    pub(super) one_of: &'a [&'a str],
}

/// One row: its texts by column name.
pub(super) struct Row<'a> {
    names: &'a [String],
    texts: Vec<&'a str>,
    trim: bool,
    spec: &'a DirectorySpec,
}

impl<'a> Row<'a> {
    /// The value of a column; `None` where it is empty, means nothing or has no column.
    pub(super) fn value(&self, column: &str) -> Option<&'a str> {
        let at = self.names.iter().position(|name| name.eq_ignore_ascii_case(column))?;
        let text = self.texts[at];
        Some(if self.trim { text.trim() } else { text }).filter(|text| is_value(self.spec, text))
    }

    pub(super) fn texts(&self) -> &[&'a str] {
        &self.texts
    }
}

/// Reads all rows of a table.
pub(super) fn each_row(
    reading: &mut Reading<'_>,
    path: &Path,
    form: &Form<'_>,
    read: &mut dyn FnMut(&mut Reading<'_>, &Row<'_>) -> Result<Outcome, Wrong>,
) -> Result<(), IngestError> {
    let bytes = &reading.content.text[..];
    let before = version_line(bytes);
    // A directory of one column has no delimiter to find.
    let delimiter = form.delimiter.unwrap_or_else(|| find_delimiter(&bytes[before..]).unwrap_or(b','));
    let Some(mut header) = open_csv(&bytes[before..], delimiter, true) else {
        reading.end(from_ref(&(0..bytes.len())));
        return Ok(());
    };
    header.length += before;
    header.lines += u64::from(before > 3);
    header.names.iter_mut().for_each(|name| *name = (form.rename)(name).to_string());
    columns_of(&form.wanted, &header, path).map_err(IngestError::Unusable)?;
    one_of(form.one_of, &header, path)?;
    let spec = reading.spec;
    let body = &bytes[header.length..];
    let mut rows = Rows::new(body, delimiter, form.trim, header.lines + 1);
    let mut fields = Vec::new();
    while let Some(row) = rows.next_row(&mut fields) {
        let wrong = |code: Code, at: usize| Wrong { code, field: named(&form.wanted, &header, at) };
        let texts: Result<Vec<&str>, Wrong> = fields
            .iter()
            .enumerate()
            .map(|(at, field)| std::str::from_utf8(field).map_err(|_| wrong(code::I101, at)))
            .collect();
        let outcome = match (row.fault, texts) {
            (Some((code, column)), _) => Err(wrong(code, column as usize - 1)),
            _ if fields.len() != header.names.len() => Err(code::I103.into()),
            (None, Err(wrong)) => Err(wrong),
            (None, Ok(texts)) => read(reading, &Row { names: &header.names, texts, trim: form.trim, spec }),
        };
        let offset = header.length + row.offset;
        let spot = Spot { bytes: offset..offset + row.length, line: row.line };
        let column =
            |field: &str| header.names.iter().position(|name| name.eq_ignore_ascii_case(field)).map(|at| at as u64 + 1);
        reading.record(spot, outcome, column);
    }
    reading.end(from_ref(&(0..header.length)));
    Ok(())
}

/// The name of a column, if the plan maps it: any other cell of the header could be somebody's.
fn named(wanted: &[(&str, &str)], header: &Header, at: usize) -> Option<String> {
    let name = header.names.get(at)?;
    wanted.iter().any(|(_, column)| column.eq_ignore_ascii_case(name)).then(|| name.clone())
}

/// Bytes of a byte-order mark with the line `version:v1.0` of Entra's bulk files, which stands before the header.
fn version_line(bytes: &[u8]) -> usize {
    let mark = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let rest = &bytes[mark..];
    if !rest.get(..8).is_some_and(|head| head.eq_ignore_ascii_case(b"version:")) {
        return 0;
    }
    mark + rest.iter().position(|&byte| byte == b'\n').map_or(rest.len(), |at| at + 1)
}

fn one_of(names: &[&str], header: &Header, path: &Path) -> Result<(), IngestError> {
    let is_there = |name: &&&str| header.names.iter().any(|known| known.eq_ignore_ascii_case(name));
    if names.is_empty() || names.iter().any(|name| is_there(&name)) {
        return Ok(());
    }
    let place = Place { path: path.display().to_string(), line: Some(header.lines.max(1)), byte: None, column: None };
    let wanted = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let missing = Diagnostic::new(code::I213, format!("none of the columns {wanted} is in the file")).at(place);
    Err(IngestError::Unusable(vec![missing.hint("is `format` right?")]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_mapped_columns_are_named() {
        let names = ["id", "ann@x.example"].map(String::from).to_vec();
        let header = Header { names, length: 0, lines: 1 };
        let named = |at| named(&[("person_key", "ID")], &header, at);
        assert_eq!((named(0), named(1), named(2)), (Some("id".into()), None, None));
    }

    #[test]
    fn the_version_line_is_header() {
        assert_eq!(version_line(b"version:v1.0\r\na,b\n"), 14);
        assert_eq!(version_line(b"\xef\xbb\xbfversion:v1.0,,\na"), 18);
        assert_eq!(version_line(b"\xef\xbb\xbfid,version\n"), 0);
        assert_eq!(version_line(b"version:v1.0"), 12);
    }
}
