//! CSV and TSV with mapped columns (RFC 4180, with a free delimiter).

use super::csv_fast::{FastCsv, Piece, RowKeys, Stretch, separator_of as fast_separator};
use super::table::{Cell, Table, TableRow, TableSpec};
use crate::csv_rows::{Rows, find_delimiter};
use crate::format::{EntryKind, Format};
use crate::input::TextEncoding;
use crate::out::{Out, Unfit};
use crate::source::{Kind, SourceSpec};
use crate::spellings::Spellings;
use crate::work::{Fault, Header, columns_of, open_csv};
use crosstie_model::{Diagnostic, Role, code};
use memchr::{memchr, memrchr};
use rayon::prelude::*;
use std::borrow::Cow;
use std::path::Path;

/// Bytes of a piece that one thread takes, and pieces of a round, whatever the threads: spellings that are new in a
/// round are known from the next one on.
const PIECE_BYTES: usize = 256 << 10;
const ROUND_PIECES: usize = 8;

/// Bytes in which the header and the next 20 records are looked for.
const HEAD_BYTES: usize = 1 << 20;

/// Reads CSV files.
pub(crate) struct CsvReader<'s> {
    table: Table<'s>,
    open: Option<Open>,
    /// The separator of recipients, where rows can take the common path.
    separator: Option<u8>,
    spellings: Spellings,
}

/// A file whose header was read.
struct Open {
    delimiter: u8,
    width: usize,
    columns: Columns,
}

impl<'s> CsvReader<'s> {
    pub(crate) fn new(source: &'s SourceSpec, spec: &'s TableSpec) -> CsvReader<'s> {
        let separator = fast_separator(spec).filter(|_| source.kind == Kind::Mail);
        CsvReader { table: Table::new(source, spec), open: None, separator, spellings: Spellings::new() }
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
        if out.encoding == TextEncoding::Utf8 {
            at += self.common(&block[at..], out);
        }
        self.plain(&block[at..], last, out);
        Ok(())
    }
}

impl CsvReader<'_> {
    /// Reads rows as they come, whatever they are.
    fn plain(&mut self, body: &[u8], last: bool, out: &mut Out<'_, '_>) {
        let Some(open) = &self.open else { return };
        let mut rows = Rows::of_block(body, open.delimiter, self.table.spec.trim, last);
        let mut fields = Vec::new();
        let mut end = 0;
        while let Some(row) = rows.next_row(&mut fields) {
            out.separator(&body[end..row.offset]);
            end = row.offset + row.length;
            let raw = &body[row.offset..end];
            let Some(spot) = out.record(raw) else { continue };
            let read = match row.fault {
                Some((code, column)) => Err(Fault { column: Some(column), ..Fault::from(code) }),
                None if fields.len() != open.width => Err(Fault {
                    found: Some(format!("{} fields; the header has {}", fields.len(), open.width)),
                    ..Fault::from(code::I103)
                }),
                None => open.columns.row(&fields).and_then(|row| self.table.row(&row, spot, out.work)),
            };
            out.outcome(spot, raw, read);
        }
        out.separator(&body[end..rows.at]);
    }

    /// Reads the whole lines at the front of a block on many threads, where they are of the common kind. Returns the
    /// bytes that were taken.
    fn common(&mut self, body: &[u8], out: &mut Out<'_, '_>) -> usize {
        let Some(fast) = self.fast(out) else { return 0 };
        let whole = memrchr(b'\n', body).map_or(0, |last| last + 1);
        // A quote can hold a line end: then lines are no rows.
        if memchr(b'"', &body[..whole]).is_some() {
            return 0;
        }
        let mut at = 0;
        while at < whole {
            let mut pieces: Vec<&[u8]> = Vec::new();
            while at < whole && pieces.len() < ROUND_PIECES {
                let least = (at + PIECE_BYTES).min(whole);
                let end = memchr(b'\n', &body[least - 1..whole]).map_or(whole, |length| least + length);
                pieces.push(&body[at..end]);
                at = end;
            }
            self.round(&fast, &pieces, out);
        }
        whole
    }

    /// Pieces are taken apart on many threads, and put together in their order: so new spellings are met in the order
    /// of the file, however many threads there are.
    fn round(&mut self, fast: &FastCsv, pieces: &[&[u8]], out: &mut Out<'_, '_>) {
        let mut offset = out.progress.offset;
        let placed: Vec<(&[u8], u64)> = pieces
            .iter()
            .map(|piece| {
                let begin = offset;
                offset += piece.len() as u64;
                (*piece, begin)
            })
            .collect();
        let handles = &out.work.handles;
        let id = |handle: u32| handles.id(handle);
        let keys = RowKeys { keyed: out.work.keyed, id: &id };
        let spellings = &self.spellings;
        let read: Vec<Piece> =
            placed.par_iter().map(|&(bytes, offset)| fast.piece(bytes, offset, spellings, &keys)).collect();
        for ((bytes, _), piece) in placed.into_iter().zip(read) {
            let (mut at, mut records, mut record_bytes) = (0, piece.records, piece.record_bytes);
            for stretch in piece.stretches {
                match stretch {
                    Stretch::Read(blocks) => blocks.into_iter().for_each(|block| out.work.messages(block)),
                    Stretch::Plain(begin, end) => {
                        // What was read before this row is accounted for first, so that its line is known.
                        let (rows, length) = rows_before(&bytes[at..begin]);
                        out.rows(&bytes[at..begin], rows, length);
                        records -= rows;
                        record_bytes -= length;
                        self.plain(&bytes[begin..end], true, out);
                        self.note_spellings(fast, &bytes[begin..end], out);
                        at = end;
                    }
                }
            }
            out.rows(&bytes[at..], records, record_bytes);
        }
    }

    /// The spellings of a row that the plain path read are known from now on.
    fn note_spellings(&mut self, fast: &FastCsv, row: &[u8], out: &mut Out<'_, '_>) {
        let row = row.strip_suffix(b"\n").unwrap_or(row);
        let row = row.strip_suffix(b"\r").unwrap_or(row);
        let fields: Vec<&[u8]> = row.split(|&byte| byte == fast.delimiter).collect();
        if fields.len() != fast.width {
            return;
        }
        let recipients = fast.recipients.iter().flat_map(|&(at, _)| fields[at].split(|&byte| byte == fast.separator));
        let spellings: Vec<&[u8]> = std::iter::once(fields[fast.sender]).chain(recipients).collect();
        for spelling in spellings {
            if let Ok(text) = std::str::from_utf8(spelling)
                && let Some(met) = out.work.handles.met(text)
            {
                let handle = met.ok().filter(|&handle| !out.work.handles.has_opted_out(handle));
                self.spellings.note(spelling, handle);
            }
        }
    }

    fn fast(&self, out: &Out<'_, '_>) -> Option<FastCsv> {
        let open = self.open.as_ref()?;
        let columns = &open.columns;
        Some(FastCsv {
            source: out.source,
            file: out.file,
            delimiter: open.delimiter,
            separator: self.separator?,
            width: open.width,
            sent_at: columns.sent_at,
            sender: columns.sender,
            recipients: columns.recipients.clone(),
            message_id: columns.message_id,
            days: (out.work.earliest.max(out.work.kept_from), out.work.latest),
        })
    }
}

/// Rows in a stretch of whole lines, and their bytes.
fn rows_before(lines: &[u8]) -> (u64, u64) {
    let rows = lines.split(|&byte| byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line).len() as u64);
    rows.filter(|&length| length > 0).fold((0, 0), |(count, sum), length| (count + 1, sum + length))
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
