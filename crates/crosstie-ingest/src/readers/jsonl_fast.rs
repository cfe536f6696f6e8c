//! Splits the common lines of JSON: flat objects of strings without escapes, and lists of them. The rest is for the plain
//! path.

use super::fast_rows::{Line, Lines, RowText, Splitter};
use crate::csv_rows::FIELD_LIMIT;
use crate::marks::{Wanted, marks};
use crosstie_model::{Role, SimdWidth};

/// Keys of an object that are looked at, and values of its lists.
const MOST_KEYS: usize = 16;

/// Which keys of an object hold what.
#[derive(Clone, Debug)]
pub(crate) struct JsonSplitter {
    /// Separator of recipients within a string.
    pub(crate) separator: u8,
    /// The keys that are read, each once, and no two alike but for case.
    pub(crate) keys: Vec<String>,
    /// Places in `keys`.
    pub(crate) sent_at: usize,
    pub(crate) sender: usize,
    /// With whether the value is a list.
    pub(crate) recipients: Vec<(usize, bool, Role)>,
    pub(crate) message_id: Option<usize>,
}

/// A value, as far as it matters: strings by their marks, from the first opening quote to behind the last closing one; of a
/// list, marks outside of its strings may be among them. Quotes part strings, and the others are separators.
#[derive(Clone, Copy, Default)]
enum Value {
    #[default]
    Absent,
    Null,
    Text(u32, u32),
    List(u32, u32),
}

impl JsonSplitter {
    /// Whether so many keys can be looked for.
    pub(crate) fn fits(&self) -> bool {
        self.keys.len() <= MOST_KEYS
    }

    /// The separator where it may stand in a string as it is; else a quote, which never does.
    fn plain_separator(&self) -> u8 {
        if self.separator < 0x20 || self.separator == b'\\' { b'"' } else { self.separator }
    }

    /// The values of the keys that are read, and where the object ends; `None` where the plain path has to see it. Each
    /// byte outside of strings is looked at.
    fn object(&self, lines: &mut Lines<'_>, values: &mut [Value; MOST_KEYS]) -> Option<usize> {
        let mut at = expect(lines, lines.at, b'{')?;
        let mut likely = 0;
        loop {
            let key = at + 1;
            at = self.string(lines, at)?;
            let known = self.key(&lines.bytes[key..at - 1], &mut likely)?;
            at = expect(lines, at, b':')?;
            let value;
            (value, at) = self.value(lines, at, known.is_some())?;
            if let Some(known) = known {
                if !matches!(values[known], Value::Absent) {
                    return None;
                }
                values[known] = value;
            }
            at = blanks(lines, at);
            match lines.bytes.get(at) {
                Some(b',') => at = blanks(lines, at + 1),
                Some(b'}') => return Some(at + 1),
                _ => return None,
            }
        }
    }

    /// Behind the string without escapes that begins at a quote. Marks before it were separators outside of strings.
    #[inline]
    fn string(&self, lines: &mut Lines<'_>, at: usize) -> Option<usize> {
        let separator = self.plain_separator();
        if self.mark_from(lines, at)? != at || lines.bytes[at] != b'"' {
            return None;
        }
        loop {
            lines.next += 1;
            let mark = lines.mark()?;
            match lines.bytes[mark] {
                b'"' => {
                    lines.next += 1;
                    return Some(mark + 1);
                }
                byte if byte == separator => {}
                _ => return None,
            }
        }
    }

    /// The first mark from `at` on, not passed.
    #[inline]
    fn mark_from(&self, lines: &mut Lines<'_>, at: usize) -> Option<usize> {
        while lines.mark()? < at {
            lines.next += 1;
        }
        lines.mark()
    }

    /// The place of a key among those that are read; nothing where it differs from one in case alone.
    fn key(&self, key: &[u8], likely: &mut usize) -> Option<Option<usize>> {
        let is_key = |at: &usize| self.keys.get(*at).is_some_and(|known| is_same(known.as_bytes(), key));
        let found = Some(*likely).filter(is_key).or_else(|| (0..self.keys.len()).find(is_key));
        match found {
            Some(at) => {
                *likely = at + 1;
                Some(Some(at))
            }
            None if self.keys.iter().any(|known| known.as_bytes().eq_ignore_ascii_case(key)) => None,
            None => Some(None),
        }
    }

    fn value(&self, lines: &mut Lines<'_>, at: usize, is_read: bool) -> Option<(Value, usize)> {
        match lines.bytes.get(at)? {
            b'"' => {
                self.mark_from(lines, at)?;
                let first = lines.next as u32;
                let end = self.string(lines, at)?;
                Some((Value::Text(first, lines.next as u32), end))
            }
            b'[' => {
                let mut at = blanks(lines, at + 1);
                let first = lines.next as u32;
                if lines.bytes.get(at) == Some(&b']') {
                    return Some((Value::List(first, first), at + 1));
                }
                loop {
                    at = self.string(lines, at)?;
                    at = blanks(lines, at);
                    match lines.bytes.get(at)? {
                        b',' => at = blanks(lines, at + 1),
                        b']' => return Some((Value::List(first, lines.next as u32), at + 1)),
                        _ => return None,
                    }
                }
            }
            _ => {
                let rest = &lines.bytes[at..];
                let length = rest.iter().position(|byte| !byte.is_ascii_alphanumeric())?;
                let is_number = rest[0].is_ascii_digit()
                    && (length == 1 || rest[0] != b'0')
                    && rest[..length].iter().all(u8::is_ascii_digit);
                match &rest[..length] {
                    b"null" => Some((Value::Null, at + length)),
                    b"true" | b"false" if !is_read => Some((Value::Null, at + length)),
                    _ if is_number && !is_read && length < 16 => Some((Value::Null, at + length)),
                    _ => None,
                }
            }
        }
    }

    fn row<'p>(
        &self,
        lines: &Lines<'p>,
        values: &[Value; MOST_KEYS],
        length: usize,
        people: &mut Vec<(&'p [u8], Role)>,
    ) -> Option<RowText<'p>> {
        let text = |at: usize| match values[at] {
            Value::Text(first, end) => {
                Some(&lines.bytes[lines.marks[first as usize] as usize + 1..lines.marks[end as usize - 1] as usize])
            }
            _ => None,
        };
        people.push((text(self.sender)?, Role::To));
        for &(at, is_list, role) in &self.recipients {
            match (values[at], is_list) {
                (Value::Absent | Value::Null, _) => {}
                (Value::Text(first, end), false) | (Value::List(first, end), true) => {
                    put_people(lines, first, end, role, people);
                }
                _ => return None,
            }
        }
        let message_id = match self.message_id.map(|at| values[at]) {
            None | Some(Value::Absent | Value::Null) => None,
            Some(_) => Some(text(self.message_id?)?),
        };
        Some(RowText { length, sent_at: text(self.sent_at)?, message_id })
    }
}

/// What stands between marks and within quotes.
fn put_people<'p>(lines: &Lines<'p>, first: u32, end: u32, role: Role, people: &mut Vec<(&'p [u8], Role)>) {
    let (mut is_within, mut begin) = (false, 0);
    for &mark in &lines.marks[first as usize..end as usize] {
        let mark = mark as usize;
        if is_within && mark > begin {
            people.push((&lines.bytes[begin..mark], role));
        }
        is_within ^= lines.bytes[mark] == b'"';
        begin = mark + 1;
    }
}

impl Splitter for JsonSplitter {
    fn marks(&self, bytes: &[u8], into: &mut Vec<u32>) {
        // Quotes, escapes, separators, and what is no plain character of ASCII, line ends among them.
        let these = [b'"', b'\\', self.plain_separator(), b'"'];
        marks(bytes, Wanted { these, below: 0x20 }, SimdWidth::Best, into);
    }

    fn line<'p>(&self, lines: &mut Lines<'p>, people: &mut Vec<(&'p [u8], Role)>) -> Line<'p> {
        let begin = lines.at;
        let mut values = [Value::Absent; MOST_KEYS];
        let end = self.object(lines, &mut values).map(|end| blanks(lines, end));
        // The marks of strings were passed; the next one ends the line, if all is well.
        let line_end = match end.and_then(|end| self.mark_from(lines, end)) {
            Some(mark) if Some(mark) == end => lines.line_end(mark),
            _ => lines.line_end(begin),
        };
        let stop = lines.stop(begin, line_end);
        lines.pass(line_end);
        if stop == begin {
            return Line::Empty;
        }
        match end {
            Some(end) if end == stop && stop - begin <= FIELD_LIMIT => {
                self.row(lines, &values, stop - begin, people).map_or(Line::Plain, Line::Row)
            }
            _ => Line::Plain,
        }
    }
}

/// Whether two short texts are the same, by words that may overlap: most keys are no longer than two of them.
#[inline]
fn is_same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    match (a.first_chunk::<8>(), b.first_chunk::<8>(), a.last_chunk::<8>(), b.last_chunk::<8>()) {
        (Some(a1), Some(b1), Some(a2), Some(b2)) if a.len() <= 16 => (a1 == b1) & (a2 == b2),
        _ => a.iter().zip(b).all(|(a, b)| a == b),
    }
}

/// Behind a byte and the blanks around it.
fn expect(lines: &Lines<'_>, at: usize, byte: u8) -> Option<usize> {
    let at = blanks(lines, at);
    (lines.bytes.get(at) == Some(&byte)).then(|| blanks(lines, at + 1))
}

fn blanks(lines: &Lines<'_>, mut at: usize) -> usize {
    while lines.bytes.get(at) == Some(&b' ') {
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The people of a line, if it is a common one.
    fn people_of(separator: u8, line: &str) -> Option<Vec<String>> {
        let splitter = JsonSplitter {
            separator,
            keys: ["at", "from", "to", "cc"].map(String::from).to_vec(),
            sent_at: 0,
            sender: 1,
            recipients: vec![(2, true, Role::To), (3, false, Role::Cc)],
            message_id: None,
        };
        let mut lines = Lines { bytes: line.as_bytes(), marks: Vec::new(), next: 0, at: 0 };
        splitter.marks(line.as_bytes(), &mut lines.marks);
        let mut people = Vec::new();
        let is_row = matches!(splitter.line(&mut lines, &mut people), Line::Row(_)) && lines.at == line.len();
        is_row.then(|| people.into_iter().map(|(text, _)| String::from_utf8_lossy(text).into_owned()).collect())
    }

    #[test]
    fn separators_may_stand_outside_of_strings() {
        for separator in *b";,: []{}" {
            let between = char::from(separator);
            let line = format!(
                r#"{{ "at" : "", "n{between}": 12, "from":"a","to":["b", "c{between}d{between}"] ,"cc":"{between}e" }}"#
            );
            let found = people_of(separator, &format!("{line}\n"));
            assert_eq!(found, Some(["a", "b", "c", "d", "e"].map(String::from).to_vec()), "{between}");
        }
    }

    #[test]
    fn what_needs_a_second_look_is_no_common_line() {
        for (separator, line) in [
            (b';', r#"{"at":"","from":"a\"","to":["b"]}"#),
            (b'\\', r#"{"at":"","from":"a","to":["b\\c"]}"#),
            (b'\t', "{\"at\":\"\",\"from\":\"a\",\"to\":[\"b\tc\"]}"),
            (b';', r#"{"at":"","from":"a","to":["b",]}"#),
            (b',', r#"{"at":"","from":"a",,"to":["b"]}"#),
            (b';', r#"{"at":"","from":"a","to":["é"]}"#),
        ] {
            assert_eq!(people_of(separator, line), None, "{line}");
        }
    }
}
