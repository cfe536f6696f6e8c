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

/// A value, as far as it matters.
#[derive(Clone, Copy, Default)]
enum Value<'p> {
    #[default]
    Absent,
    Null,
    Text(&'p [u8]),
    /// The text between the brackets: strings, commas and blanks.
    List(&'p [u8]),
}

impl JsonSplitter {
    /// Whether so many keys can be looked for.
    pub(crate) fn fits(&self) -> bool {
        self.keys.len() <= MOST_KEYS
    }

    /// The values of the keys that are read, and where the object ends; `None` where the plain path has to see it.
    fn object<'p>(&self, lines: &mut Lines<'p>, values: &mut [Value<'p>; MOST_KEYS]) -> Option<usize> {
        let mut at = expect(lines, lines.at, b'{')?;
        let mut likely = 0;
        loop {
            let key;
            (key, at) = string(lines, at)?;
            at = expect(lines, at, b':')?;
            let known = self.key(key, &mut likely)?;
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

    /// The place of a key among those that are read; nothing where it differs from one in case alone.
    fn key(&self, key: &[u8], likely: &mut usize) -> Option<Option<usize>> {
        let is_key = |at: &usize| self.keys.get(*at).is_some_and(|known| known.as_bytes() == key);
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

    fn value<'p>(&self, lines: &mut Lines<'p>, at: usize, is_read: bool) -> Option<(Value<'p>, usize)> {
        match lines.bytes.get(at)? {
            b'"' => string(lines, at).map(|(text, at)| (Value::Text(text), at)),
            b'[' => {
                let begin = blanks(lines, at + 1);
                let mut at = begin;
                if lines.bytes.get(at) == Some(&b']') {
                    return Some((Value::List(&[]), at + 1));
                }
                loop {
                    (_, at) = string(lines, at)?;
                    at = blanks(lines, at);
                    match lines.bytes.get(at)? {
                        b',' => at = blanks(lines, at + 1),
                        b']' => return Some((Value::List(&lines.bytes[begin..at]), at + 1)),
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

    fn people<'p>(&self, text: &'p [u8], role: Role, people: &mut Vec<(&'p [u8], Role)>) {
        let parts = text.split(|&byte| byte == self.separator).filter(|part| !part.is_empty());
        people.extend(parts.map(|part| (part, role)));
    }

    fn row<'p>(
        &self,
        values: &[Value<'p>; MOST_KEYS],
        length: usize,
        people: &mut Vec<(&'p [u8], Role)>,
    ) -> Option<RowText<'p>> {
        let text = |at: usize| match values[at] {
            Value::Text(text) => Some(text),
            _ => None,
        };
        people.push((text(self.sender)?, Role::To));
        for &(at, is_list, role) in &self.recipients {
            match (values[at], is_list) {
                (Value::Absent | Value::Null, _) => {}
                (Value::Text(text), false) => self.people(text, role, people),
                // Every second stretch between quotes is a string.
                (Value::List(list), true) => {
                    list.split(|&byte| byte == b'"')
                        .skip(1)
                        .step_by(2)
                        .for_each(|text| self.people(text, role, people));
                }
                _ => return None,
            }
        }
        let message_id = match self.message_id.map(|at| values[at]) {
            None | Some(Value::Absent | Value::Null) => None,
            Some(Value::Text(text)) => Some(text),
            Some(Value::List(_)) => return None,
        };
        Some(RowText { length, sent_at: text(self.sent_at)?, message_id })
    }
}

impl Splitter for JsonSplitter {
    fn marks(&self, bytes: &[u8], into: &mut Vec<u32>) {
        // Quotes, escapes, and what is no plain character of ASCII, line ends among them.
        marks(bytes, Wanted { these: *b"\"\"\\\\", below: 0x20 }, SimdWidth::Best, into);
    }

    fn line<'p>(&self, lines: &mut Lines<'p>, people: &mut Vec<(&'p [u8], Role)>) -> Line<'p> {
        let begin = lines.at;
        let mut values = [Value::Absent; MOST_KEYS];
        let end = self.object(lines, &mut values).map(|end| blanks(lines, end));
        // The marks of strings were passed; the next one ends the line, if all is well.
        let line_end = match (end, lines.mark()) {
            (Some(end), Some(mark)) if mark == end => lines.line_end(end),
            _ => lines.line_end(begin),
        };
        let stop = lines.stop(begin, line_end);
        lines.pass(line_end);
        if stop == begin {
            return Line::Empty;
        }
        match end {
            Some(end) if end == stop && stop - begin <= FIELD_LIMIT => {
                self.row(&values, stop - begin, people).map_or(Line::Plain, Line::Row)
            }
            _ => Line::Plain,
        }
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

/// A string without escapes, and where it ends: its quotes are the next two marks.
fn string<'p>(lines: &mut Lines<'p>, at: usize) -> Option<(&'p [u8], usize)> {
    let (open, close) = (*lines.marks.get(lines.next)? as usize, *lines.marks.get(lines.next + 1)? as usize);
    if open != at || lines.bytes[open] != b'"' || lines.bytes[close] != b'"' {
        return None;
    }
    lines.next += 2;
    Some((&lines.bytes[open + 1..close], close + 1))
}
