//! CSV and TSV with mapped columns (RFC 4180, with a free delimiter).

use super::csv_fast::CsvSplitter;
use super::fast_round::FastPath;
use super::fast_rows::separator_of;
use super::table::{Cell, Table, TableRow, TableSpec};
use crate::csv_rows::{Rows, find_delimiter};
use crate::format::{EntryKind, Format};
use crate::input::TextEncoding;
use crate::out::{Out, Unfit};
use crate::source::{Kind, SourceSpec};
use crate::work::{Fault, Header, Work, columns_of, open_csv};
use crosstie_model::{Diagnostic, Role, code};
use std::borrow::Cow;
use std::path::Path;

/// Bytes in which the header and the next 20 records are looked for.
const HEAD_BYTES: usize = 1 << 20;

/// Reads CSV files.
pub(crate) struct CsvReader<'s> {
    table: Table<'s>,
    open: Option<Open>,
    /// Where rows can take the common path.
    fast: Option<FastPath>,
}

/// A file whose header was read.
struct Open {
    delimiter: u8,
    width: usize,
    columns: Columns,
}

impl<'s> CsvReader<'s> {
    pub(crate) fn new(source: &'s SourceSpec, spec: &'s TableSpec) -> CsvReader<'s> {
        let fast = separator_of(spec).filter(|_| source.kind == Kind::Mail).map(FastPath::new);
        CsvReader { table: Table::new(source, spec), open: None, fast }
    }
}

impl Format for CsvReader<'_> {
    fn entry(&self, name: &str) -> EntryKind {
        let name = name.to_ascii_lowercase();
        let is_table = [".csv", ".tsv", ".txt"].iter().any(|end| name.ends_with(end));
        if is_table { EntryKind::Records } else { EntryKind::Other }
    }

    fn begin(&mut self, _name: &str) {
        self.open = None;
    }

    fn block(&mut self, block: &[u8], last: bool, out: &mut Out<'_, '_>) -> Result<(), Unfit> {
        let mut at = 0;
        if self.open.is_none() {
            if !last && block.len() < HEAD_BYTES {
                return Ok(());
            }
            let (header_length, open) = open(self.table.spec, block)?;
            out.header(&block[..header_length]);
            at = header_length;
            self.open = open;
        }
        let Some(open) = &self.open else { return Ok(()) };
        let table = &mut self.table;
        if out.encoding == TextEncoding::Utf8
            && let Some(fast) = &mut self.fast
        {
            let splitter = open.splitter(fast.separator());
            at +=
                fast.lines(&splitter, &block[at..], out, &mut |row, out, note| open.plain(table, row, true, out, note));
        }
        open.plain(table, &block[at..], last, out, &mut |_, _| ());
        Ok(())
    }
}

impl Open {
    /// Reads rows as they come, whatever they are, and tells of each.
    fn plain(
        &self,
        table: &mut Table<'_>,
        body: &[u8],
        last: bool,
        out: &mut Out<'_, '_>,
        tell: &mut dyn FnMut(&TableRow<'_>, &Work<'_>),
    ) {
        let mut rows = Rows::of_block(body, self.delimiter, table.spec.trim, last);
        let mut fields = Vec::new();
        let mut end = 0;
        while let Some(row) = rows.next_row(&mut fields) {
            out.separator(&body[end..row.offset]);
            end = row.offset + row.length;
            let raw = &body[row.offset..end];
            let Some(spot) = out.record(raw) else { continue };
            let read = match row.fault {
                Some((code, column)) => Err(Fault { column: Some(column), ..Fault::from(code) }),
                None if fields.len() != self.width => Err(Fault {
                    found: Some(format!("{} fields; the header has {}", fields.len(), self.width)),
                    ..Fault::from(code::I103)
                }),
                None => self.columns.row(&fields).and_then(|row| {
                    let read = table.row(&row, spot, out.work);
                    tell(&row, out.work);
                    read
                }),
            };
            out.outcome(spot, raw, read);
        }
        out.separator(&body[end..rows.at]);
    }

    fn splitter(&self, separator: u8) -> CsvSplitter {
        let columns = &self.columns;
        CsvSplitter {
            delimiter: self.delimiter,
            separator,
            width: self.width,
            sent_at: columns.sent_at,
            sender: columns.sender,
            recipients: columns.recipients.clone(),
            message_id: columns.message_id,
        }
    }
}

/// Reads the header. Nothing is open of an empty file.
fn open(spec: &TableSpec, block: &[u8]) -> Result<(usize, Option<Open>), Unfit> {
    let delimiter = match spec.delimiter {
        Some(delimiter) => delimiter,
        None if block.is_empty() => b',',
        None => find_delimiter(block).map_err(|fits| ambiguous(&fits))?,
    };
    let Some(header) = open_csv(block, delimiter, spec.trim) else { return Ok((block.len(), None)) };
    let columns = Columns::find(spec, &header)?;
    Ok((header.length, Some(Open { delimiter, width: header.names.len(), columns })))
}

fn ambiguous(fits: &[u8]) -> Unfit {
    let shown: Vec<String> = fits.iter().map(|&byte| format!("`{}`", char::from(byte).escape_default())).collect();
    let message = if shown.is_empty() {
        "no delimiter gives rows of one length".into()
    } else {
        format!("{} all give rows of one length", shown.join(" and "))
    };
    Unfit(vec![Diagnostic::new(code::I213, message).hint("set `delimiter` in the source")])
}

/// Indices of the mapped columns.
struct Columns {
    sent_at: usize,
    sender: usize,
    recipients: Vec<(usize, Role)>,
    role: Option<usize>,
    message_id: Option<usize>,
    in_reply_to: Option<usize>,
    place_id: Option<usize>,
    thread: Option<usize>,
    mentions: Option<usize>,
}

impl Columns {
    fn find(spec: &TableSpec, header: &Header) -> Result<Columns, Unfit> {
        let map = &spec.columns;
        let mut wanted = vec![("sent_at", map.sent_at.as_str()), ("sender", map.sender.as_str())];
        let optional = [
            ("to", &map.to),
            ("cc", &map.cc),
            ("bcc", &map.bcc),
            ("role", &map.role),
            ("message_id", &map.message_id),
            ("in_reply_to", &map.in_reply_to),
            ("place_id", &map.place_id),
            ("thread", &map.thread),
            ("mentions", &map.mentions),
        ];
        wanted.extend(optional.iter().filter_map(|(field, column)| Some((*field, column.as_deref()?))));
        let found = columns_of(&wanted, header, Path::new("")).map_err(Unfit)?;
        let of = |name: &str| wanted.iter().position(|(field, _)| *field == name).map(|at| found[at]);
        let roles = [("to", Role::To), ("cc", Role::Cc), ("bcc", Role::Bcc)];
        Ok(Columns {
            sent_at: found[0],
            sender: found[1],
            recipients: roles.into_iter().filter_map(|(name, role)| Some((of(name)?, role))).collect(),
            role: of("role"),
            message_id: of("message_id"),
            in_reply_to: of("in_reply_to"),
            place_id: of("place_id"),
            thread: of("thread"),
            mentions: of("mentions"),
        })
    }

    fn row<'f>(&self, fields: &'f [Cow<'_, [u8]>]) -> Result<TableRow<'f>, Fault> {
        let optional =
            |at: Option<usize>, field| at.map(|at| Ok::<_, Fault>(cell(fields, at, field)?.text)).transpose();
        Ok(TableRow {
            sent_at: cell(fields, self.sent_at, "sent_at")?,
            sender: cell(fields, self.sender, "sender")?,
            recipients: self
                .recipients
                .iter()
                .map(|&(at, role)| Ok((cell(fields, at, "recipients")?, role)))
                .collect::<Result<_, Fault>>()?,
            role: self.role.map(|at| cell(fields, at, "role")).transpose()?,
            message_id: optional(self.message_id, "message_id")?,
            in_reply_to: optional(self.in_reply_to, "in_reply_to")?,
            place_id: optional(self.place_id, "place_id")?,
            thread: optional(self.thread, "thread")?,
            mentions: self.mentions.map(|at| cell(fields, at, "mentions")).transpose()?.into_iter().collect(),
        })
    }
}

fn cell<'f>(fields: &'f [Cow<'_, [u8]>], at: usize, field: &'static str) -> Result<Cell<'f>, Fault> {
    let column = Some(at as u64 + 1);
    match std::str::from_utf8(&fields[at]) {
        Ok(text) => Ok(Cell { column, field, text: Cow::Borrowed(text) }),
        Err(_) => Err(Fault { column, field: Some(field), ..Fault::from(code::I101) }),
    }
}
