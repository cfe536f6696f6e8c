//! Splits the common rows of a CSV: plain fields, or whole fields between quotes. The rest is for the plain path.

use super::fast_rows::{Line, Lines, RowText, Splitter};
use crate::csv_rows::{FIELD_LIMIT, Rows};
use crate::marks::{Wanted, marks};
use crosstie_model::{Role, SimdWidth};

/// Columns of a row that are looked at.
const MOST_COLUMNS: usize = 64;
/// Columns that most tables have at most: room for more takes longer to clear than a row to read.
const FEW_COLUMNS: usize = 8;

/// Where the columns of a CSV are.
#[derive(Clone, Debug)]
pub(crate) struct CsvSplitter {
    pub(crate) delimiter: u8,
    /// Separator of recipients.
    pub(crate) separator: u8,
    /// Columns of the header.
    pub(crate) width: usize,
    pub(crate) sent_at: usize,
    pub(crate) sender: usize,
    pub(crate) recipients: Vec<(usize, Role)>,
    pub(crate) message_id: Option<usize>,
}

/// Where a field begins and ends, and its first mark.
#[derive(Clone, Copy, Default)]
struct Field {
    begin: u32,
    end: u32,
    mark: u32,
}

/// How a row ended.
enum Ended {
    /// All fields are told.
    Whole(usize),
    /// Something that the plain path knows about; the line ends there.
    Odd(usize),
    /// A quote that is open at the line end.
    Open,
}

impl Splitter for CsvSplitter {
    fn marks(&self, bytes: &[u8], into: &mut Vec<u32>) {
        let these = [self.delimiter, self.separator, b'\n', b'"'];
        marks(bytes, Wanted { these, below: i8::MIN }, SimdWidth::Best, into);
    }

    fn line<'p>(&self, lines: &mut Lines<'p>, people: &mut Vec<(&'p [u8], Role)>) -> Line<'p> {
        if self.width <= FEW_COLUMNS {
            self.line_of::<FEW_COLUMNS>(lines, people)
        } else {
            self.line_of::<MOST_COLUMNS>(lines, people)
        }
    }
}

impl CsvSplitter {
    /// The line at the front of a table of at most so many columns.
    fn line_of<'p, const COLUMNS: usize>(&self, lines: &mut Lines<'p>, people: &mut Vec<(&'p [u8], Role)>) -> Line<'p> {
        let (bytes, begin) = (lines.bytes, lines.at);
        let mut fields = [Field::default(); COLUMNS];
        let (stop, is_whole) = match self.fields(lines, &mut fields) {
            Ended::Whole(line_end) => {
                let stop = lines.stop(begin, line_end);
                lines.at = (line_end + 1).min(bytes.len());
                (stop, true)
            }
            Ended::Odd(line_end) => {
                let stop = lines.stop(begin, line_end);
                lines.pass(line_end);
                (stop, false)
            }
            Ended::Open => return Line::Open,
        };
        if stop == begin {
            return Line::Empty;
        }
        if !is_whole || stop - begin > FIELD_LIMIT {
            return Line::Plain;
        }
        let text = |column: usize| &bytes[fields[column].begin as usize..fields[column].end as usize];
        people.push((text(self.sender), Role::To));
        for &(column, role) in &self.recipients {
            let field = fields[column];
            let mut from = field.begin as usize;
            for &mark in &lines.marks[field.mark as usize..] {
                let mark = mark as usize;
                if mark >= field.end as usize {
                    break;
                }
                if bytes[mark] == self.separator {
                    if mark > from {
                        people.push((&bytes[from..mark], role));
                    }
                    from = mark + 1;
                }
            }
            if field.end as usize > from {
                people.push((&bytes[from..field.end as usize], role));
            }
        }
        Line::Row(RowText { length: stop - begin, sent_at: text(self.sent_at), message_id: self.message_id.map(text) })
    }

    /// Walks the marks of a row.
    fn fields(&self, lines: &mut Lines<'_>, fields: &mut [Field]) -> Ended {
        let bytes = lines.bytes;
        let begin = lines.at;
        let mut from = begin;
        let mut first = lines.next;
        let mut column = 0;
        loop {
            let Some(mark) = lines.mark() else { return Ended::Odd(bytes.len()) };
            lines.next += 1;
            let byte = bytes[mark];
            if byte == self.delimiter || byte == b'\n' {
                let is_last = byte != self.delimiter;
                let end = if is_last { lines.stop(from, mark) } else { mark };
                let Some(field) = fields.get_mut(column) else { return self.within_line(lines, mark) };
                *field = Field { begin: from as u32, end: end as u32, mark: first as u32 };
                column += 1;
                if is_last {
                    return if column == self.width { Ended::Whole(mark) } else { Ended::Odd(mark) };
                }
                (from, first) = (mark + 1, lines.next);
            } else if byte == b'"' {
                if mark != from {
                    // Part of the field, and seldom enough for the plain path.
                    return self.within_line(lines, mark);
                }
                // A field between quotes.
                let inner = lines.next;
                let close = loop {
                    let Some(mark) = lines.mark() else { return Ended::Open };
                    match bytes[mark] {
                        b'"' if bytes.get(mark + 1) == Some(&b'"') => return self.within_line(lines, mark),
                        b'"' => break mark,
                        b'\n' => return Ended::Open,
                        _ => lines.next += 1,
                    }
                };
                lines.next += 1;
                let Some(field) = fields.get_mut(column) else { return self.within_line(lines, close) };
                *field = Field { begin: mark as u32 + 1, end: close as u32, mark: inner as u32 };
                column += 1;
                let behind = &bytes[close + 1..];
                if behind.first() == Some(&self.delimiter) {
                    lines.next += 1;
                    (from, first) = (close + 2, lines.next);
                } else if behind.starts_with(b"\n") || behind.starts_with(b"\r\n") {
                    let line_end = close + 1 + usize::from(behind[0] == b'\r');
                    lines.next += 1;
                    return if column == self.width { Ended::Whole(line_end) } else { Ended::Odd(line_end) };
                } else {
                    // Broken: its first line is lost, and so it is to the plain path.
                    return Ended::Odd(lines.line_end(close));
                }
            }
        }
    }

    /// An odd row, or an open one where it is not sure that it ends with its line.
    fn within_line(&self, lines: &Lines<'_>, at: usize) -> Ended {
        let line_end = lines.line_end(at);
        let line = &lines.bytes[lines.at..line_end];
        let row = Rows::of_block(line, self.delimiter, false, true).next_row(&mut Vec::new());
        if row.is_some_and(|row| row.fault.is_none()) { Ended::Odd(line_end) } else { Ended::Open }
    }
}
