//! CSV rows with an account of every byte. The crate csv reports no malformed input: with one quote opened in row 0
//! of 100,000 it gives one record and no error. So the splitter is ours; the crate is its oracle on well-formed input.
//!
//! RFC 4180 with a free delimiter. A row that is broken is one fault, and reading goes on at the next line.

use crosstie_model::{Code, code};
use std::borrow::Cow;

/// Longest field in bytes.
pub(crate) const FIELD_LIMIT: usize = 64 * 1024;

/// One row, or what is wrong with it.
#[derive(Debug)]
pub(crate) struct Row {
    /// Where it begins.
    pub(crate) offset: usize,
    /// Its first line, from 1.
    pub(crate) line: u64,
    /// Its bytes without the line end.
    pub(crate) length: usize,
    /// What is wrong, with the column from 1.
    pub(crate) fault: Option<(Code, u64)>,
}

/// Splits bytes into rows.
pub(crate) struct Rows<'a> {
    bytes: &'a [u8],
    delimiter: u8,
    trim: bool,
    /// Whether nothing follows `bytes`; else a row that reaches their end may go on.
    last: bool,
    /// Where the next row begins.
    pub(crate) at: usize,
    line: u64,
    /// Bytes of line ends and empty lines so far.
    pub(crate) separator_bytes: usize,
}

enum FieldEnd {
    Delimiter,
    Line,
}

enum FieldFault {
    Broken,
    /// The bytes end within the field, and more may follow.
    Unfinished,
}

impl<'a> Rows<'a> {
    /// Rows of `bytes`, which begin in line `line`.
    pub(crate) fn new(bytes: &'a [u8], delimiter: u8, trim: bool, line: u64) -> Rows<'a> {
        Rows { bytes, delimiter, trim, last: true, at: 0, line, separator_bytes: 0 }
    }

    /// Whole rows at the front of a block; with `last` nothing follows it.
    pub(crate) fn of_block(bytes: &'a [u8], delimiter: u8, trim: bool, last: bool) -> Rows<'a> {
        Rows { bytes, delimiter, trim, last, at: 0, line: 1, separator_bytes: 0 }
    }

    /// The next row; its fields replace those in `fields`. `None` at the end.
    pub(crate) fn next_row(&mut self, fields: &mut Vec<Cow<'a, [u8]>>) -> Option<Row> {
        self.skip_empty_lines();
        if self.at == self.bytes.len() {
            return None;
        }
        let (offset, line) = (self.at, self.line);
        fields.clear();
        let mut fault = None;
        let mut at = offset;
        loop {
            match self.field(at) {
                Ok((field, next, end)) => {
                    if field.len() > FIELD_LIMIT && fault.is_none() {
                        fault = Some((code::I108, fields.len() as u64 + 1));
                    }
                    fields.push(field);
                    at = next;
                    if matches!(end, FieldEnd::Line) {
                        break;
                    }
                }
                Err(FieldFault::Unfinished) => return None,
                Err(FieldFault::Broken) => {
                    // Only the first physical line is lost, whatever the quote would have swallowed.
                    fault = Some((code::I102, fields.len() as u64 + 1));
                    at = self.line_end(offset);
                    break;
                }
            }
        }
        if !self.last && (at == self.bytes.len() || (self.bytes[at] == b'\r' && at + 1 == self.bytes.len())) {
            return None;
        }
        self.line += self.bytes[offset..at].iter().filter(|&&byte| byte == b'\n').count() as u64;
        self.at = at;
        let length = at - offset;
        self.skip_line_end();
        Some(Row { offset, line, length, fault })
    }

    /// One field from `at`: its value, where the next begins or the line ends.
    fn field(&self, at: usize) -> Result<(Cow<'a, [u8]>, usize, FieldEnd), FieldFault> {
        let start = if self.trim { self.skip_blanks(at) } else { at };
        if self.bytes.get(start) != Some(&b'"') {
            let end = self.plain_end(at);
            let mut value = &self.bytes[at..end];
            if self.trim {
                value = value.trim_ascii();
            }
            return Ok(self.ended(Cow::Borrowed(value), end));
        }
        let mut value: Cow<'a, [u8]> = Cow::Borrowed(&[]);
        let mut from = start + 1;
        let mut newline_seen = false;
        let mut scan = from;
        loop {
            match self.bytes.get(scan) {
                None if self.last => return Err(FieldFault::Broken),
                None => return Err(FieldFault::Unfinished),
                Some(b'"') => {
                    let piece = &self.bytes[from..scan];
                    if value.is_empty() && !matches!(value, Cow::Owned(_)) {
                        value = Cow::Borrowed(piece);
                    } else {
                        value.to_mut().extend_from_slice(piece);
                    }
                    if self.bytes.get(scan + 1) != Some(&b'"') {
                        break;
                    }
                    value.to_mut().push(b'"');
                    scan += 2;
                    from = scan;
                    continue;
                }
                Some(b'\n') => newline_seen = true,
                Some(_) => {}
            }
            scan += 1;
            if newline_seen && scan - start > FIELD_LIMIT {
                return Err(FieldFault::Broken);
            }
        }
        let mut end = scan + 1;
        if self.trim {
            end = self.skip_blanks(end);
        }
        match self.bytes.get(end) {
            None if !self.last => return Err(FieldFault::Unfinished),
            None | Some(b'\n') => {}
            Some(b'\r') if matches!(self.bytes.get(end + 1), None | Some(b'\n')) => {}
            Some(&byte) if byte == self.delimiter => {}
            Some(_) => return Err(FieldFault::Broken),
        }
        Ok(self.ended(value, end))
    }

    fn ended(&self, value: Cow<'a, [u8]>, end: usize) -> (Cow<'a, [u8]>, usize, FieldEnd) {
        if self.bytes.get(end) == Some(&self.delimiter) {
            (value, end + 1, FieldEnd::Delimiter)
        } else {
            (value, end, FieldEnd::Line)
        }
    }

    /// Where an unquoted field ends: a bare quote inside is data.
    fn plain_end(&self, at: usize) -> usize {
        let length = memchr::memchr2(self.delimiter, b'\n', &self.bytes[at..]);
        let end = length.map_or(self.bytes.len(), |length| at + length);
        let line_ends = end == self.bytes.len() || self.bytes[end] == b'\n';
        if line_ends && end > at && self.bytes[end - 1] == b'\r' { end - 1 } else { end }
    }

    fn skip_blanks(&self, at: usize) -> usize {
        at + self.bytes[at..]
            .iter()
            .take_while(|&&byte| byte == b' ' || (byte == b'\t' && self.delimiter != b'\t'))
            .count()
    }

    fn line_end(&self, at: usize) -> usize {
        let end = memchr::memchr(b'\n', &self.bytes[at..]).map_or(self.bytes.len(), |length| at + length);
        if end > at && self.bytes[end - 1] == b'\r' { end - 1 } else { end }
    }

    fn skip_line_end(&mut self) {
        let length = match &self.bytes[self.at..] {
            [b'\r', b'\n', ..] => 2,
            [b'\r'] | [b'\n', ..] => 1,
            _ => 0,
        };
        self.line += u64::from(length > 0);
        self.at += length;
        self.separator_bytes += length;
    }

    fn skip_empty_lines(&mut self) {
        while matches!(&self.bytes[self.at..], [b'\n', ..] | [b'\r', b'\n', ..]) {
            self.skip_line_end();
        }
    }
}

/// The delimiter that gives the header at least two fields and most of the next 20 rows as many. A broken row says
/// nothing about the delimiter.
///
/// # Errors
/// All delimiters that do, where it is not exactly one.
pub(crate) fn find_delimiter(bytes: &[u8]) -> Result<u8, Vec<u8>> {
    // Behind a byte-order mark a quote would not open a field.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let fits: Vec<u8> = [b',', b';', b'\t', b'|'].into_iter().filter(|&delimiter| fits(bytes, delimiter)).collect();
    match fits[..] {
        [only] => Ok(only),
        _ => Err(fits),
    }
}

fn fits(bytes: &[u8], delimiter: u8) -> bool {
    let mut rows = Rows::new(bytes, delimiter, false, 1);
    let mut fields = Vec::new();
    if rows.next_row(&mut fields).is_none() || fields.len() < 2 {
        return false;
    }
    let width = fields.len();
    let (mut same, mut whole) = (0, 0);
    for _ in 0..20 {
        match rows.next_row(&mut fields) {
            None => break,
            Some(row) if row.fault.is_some() => {}
            Some(_) => {
                whole += 1;
                same += usize::from(fields.len() == width);
            }
        }
    }
    whole == 0 || 2 * same > whole
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};

    /// Rows as `a|b`, a fault as its code; fields that hold a line end show it as `\n`.
    fn read(text: &str, trim: bool) -> Vec<String> {
        let mut rows = Rows::new(text.as_bytes(), b',', trim, 1);
        let mut fields = Vec::new();
        let mut out = Vec::new();
        while let Some(row) = rows.next_row(&mut fields) {
            let shown = fields.iter().map(|field| String::from_utf8_lossy(field).replace('\n', "\\n"));
            out.push(row.fault.map_or_else(|| shown.collect::<Vec<_>>().join("|"), |(code, _)| code.id.to_string()));
        }
        out
    }

    #[test]
    fn small_cases() {
        assert_eq!(read("a,b\r\nc,\"d,\"\"e\"\"\"\n\n\nf,\n", false), ["a|b", "c|d,\"e\"", "f|"]);
        assert_eq!(read("\"a\nb\",c", false), ["a\\nb|c"]);
        assert_eq!(read("a,b\"c\n", false), ["a|b\"c"]);
        assert_eq!(read("a, \"b, c\" ,d", true), ["a|b, c|d"]);
    }

    #[test]
    fn a_broken_quote_costs_one_line() {
        assert_eq!(read("\"a,b\nc,d\n", false), ["I102", "c|d"]);
        assert_eq!(read("\"a\"x,b\nc,d\n", false), ["I102", "c|d"]);
        let mut text = "\"open,b\n".to_string();
        text.push_str(&"c,d\n".repeat(99_999));
        let rows = read(&text, false);
        assert_eq!((rows.len(), rows[0].as_str(), rows[1].as_str()), (100_000, "I102", "c|d"));
    }

    #[test]
    fn a_field_over_the_limit_is_a_fault() {
        let text = format!("a,{}\nb,c\n", "x".repeat(FIELD_LIMIT + 1));
        assert_eq!(read(&text, false), ["I108", "b|c"]);
    }

    #[test]
    fn lines_are_counted_through_quoted_ones() {
        let mut rows = Rows::new(b"a\n\"b\nb\"\n\nc\n", b',', false, 2);
        let mut fields = Vec::new();
        let lines: Vec<u64> = std::iter::from_fn(|| rows.next_row(&mut fields)).map(|row| row.line).collect();
        assert_eq!(lines, [2, 3, 6]);
    }

    #[test]
    fn the_delimiter_is_found_or_asked_for() {
        assert_eq!(find_delimiter(b"a;b\n1;2\n"), Ok(b';'));
        assert_eq!(find_delimiter(b"a;b,c\n1;2,3\n"), Err(vec![b',', b';']));
        assert_eq!(find_delimiter(b"abc\ndef\n"), Err(vec![]));
        assert_eq!(find_delimiter(b"\xef\xbb\xbf\"a;b\",c\n1,2\n"), Ok(b','), "a mark in front of a quote");
        assert_eq!(find_delimiter(b"a,b\n\"open,1\n1,2\n3\n4,5\n"), Ok(b','), "broken rows say nothing");
    }

    proptest! {
        /// Rows that come in blocks are the rows of the whole.
        #[test]
        fn blocks_do_not_matter(bytes in vec(prop::sample::select(b"ab,\"\r\n ".to_vec()), 0..120), size in 1usize..30) {
            let rows_of = |bytes: &[u8], size: usize| {
                let (mut begin, mut end, mut found) = (0, 0, Vec::new());
                loop {
                    end = (end + size).min(bytes.len());
                    let mut rows = Rows::of_block(&bytes[begin..end], b',', false, end == bytes.len());
                    let mut fields = Vec::new();
                    while let Some(row) = rows.next_row(&mut fields) {
                        let shown: Vec<Vec<u8>> = fields.iter().map(|field| field.to_vec()).collect();
                        found.push((begin + row.offset, row.length, row.fault, row.fault.is_none().then_some(shown)));
                    }
                    begin += rows.at;
                    if end == bytes.len() {
                        return (found, begin);
                    }
                }
            };
            prop_assert_eq!(rows_of(&bytes, 1000), rows_of(&bytes, size));
        }

        /// No byte is lost, whatever comes.
        #[test]
        fn rows_and_separators_tile_the_input(bytes in vec(prop::sample::select(b"ab,\"\r\n ".to_vec()), 0..200)) {
            let mut rows = Rows::new(&bytes, b',', false, 1);
            let mut fields = Vec::new();
            let mut sum = 0;
            while let Some(row) = rows.next_row(&mut fields) {
                sum += row.length;
            }
            prop_assert_eq!(sum + rows.separator_bytes, bytes.len());
        }

        /// What the crate csv writes is read back field for field.
        #[test]
        fn equals_the_crate_csv_on_well_formed_input(table in vec(vec("[a-c,\"\n ]{0,6}", 3), 1..8)) {
            let mut writer = csv::Writer::from_writer(Vec::new());
            table.iter().for_each(|row| writer.write_record(row).unwrap());
            let text = writer.into_inner().unwrap();
            let mut rows = Rows::new(&text, b',', false, 1);
            let mut fields = Vec::new();
            let mut got = Vec::new();
            while let Some(row) = rows.next_row(&mut fields) {
                prop_assert!(row.fault.is_none());
                got.push(fields.iter().map(|f| String::from_utf8_lossy(f).into_owned()).collect::<Vec<_>>());
            }
            prop_assert_eq!(got, table);
        }
    }
}
