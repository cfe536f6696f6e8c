//! Where the records of a JSON file lie: objects in lines or one after the other, a top-level array, or pages that
//! hold an array under a known key. Only brackets and strings are looked at, without recursion.

use std::ops::Range;

/// A file taken apart. Bytes that are neither record nor header lie between records.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Spans {
    pub(super) records: Vec<Span>,
    /// Byte-order mark and what stands in pages around their records.
    pub(super) headers: Vec<Range<usize>>,
    pub(super) pages: Vec<Page>,
}

/// One record.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) bytes: Range<usize>,
    /// Deepest nesting; `None` where the record has no end or is no value.
    pub(super) depth: Option<usize>,
}

/// A page of a listing.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Page {
    /// The total that the page names.
    pub(super) total: Option<u64>,
    /// Whether it names a next page.
    pub(super) is_continued: bool,
    /// Its records, as indices.
    pub(super) records: Range<usize>,
}

/// Takes a file apart; `page_key` names the array of a page, without case.
pub(super) fn spans(bytes: &[u8], page_key: &str) -> Spans {
    let mut found = Spans::default();
    let mut at = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    found.headers.push(0..at);
    // After the first value without an end, values must end before the next line that begins with a brace: so a
    // broken record costs itself alone, and time stays linear.
    let mut limit = bytes.len();
    let mut is_broken = false;
    loop {
        at = skip_blanks(bytes, at);
        if at == bytes.len() {
            return found;
        }
        if is_broken && at >= limit {
            limit = next_record_line(bytes, at);
        }
        at = match value_end(&bytes[..limit], at) {
            None => {
                is_broken = true;
                limit = next_record_line(bytes, at);
                found.broken(bytes, at..limit)
            }
            Some((end, _)) if bytes[at] == b'[' => found.elements(bytes, at + 1..end - 1).max(end),
            Some((end, depth)) if bytes[at] == b'{' => found.object(bytes, at..end, depth, page_key),
            // No object: whatever stands in the line is one record, which cannot be read.
            Some((end, _)) => found.broken(bytes, at..line_end(bytes, end)),
        };
    }
}

impl Spans {
    fn broken(&mut self, bytes: &[u8], span: Range<usize>) -> usize {
        let blanks = bytes[span.clone()].iter().rev().take_while(|byte| byte.is_ascii_whitespace()).count();
        self.records.push(Span { bytes: span.start..span.end - blanks, depth: None });
        span.end
    }

    /// An object at the top: a page, or a record.
    fn object(&mut self, bytes: &[u8], span: Range<usize>, depth: usize, page_key: &str) -> usize {
        let end = span.end;
        let Some(found) = page_of(bytes, span.clone(), page_key) else {
            self.records.push(Span { bytes: span, depth: Some(depth) });
            return end;
        };
        let first = self.records.len();
        self.elements(bytes, found.array);
        let mut at = span.start;
        for record in &self.records[first..] {
            self.headers.push(at..record.bytes.start);
            at = record.bytes.end;
        }
        self.headers.push(at..end);
        let records = first..self.records.len();
        self.pages.push(Page { total: found.total, is_continued: found.is_continued, records });
        end
    }

    /// The elements of an array, given what lies within its brackets.
    fn elements(&mut self, bytes: &[u8], inner: Range<usize>) -> usize {
        let inside = &bytes[..inner.end];
        let mut at = inner.start;
        loop {
            at += inside[at..].iter().take_while(|&&byte| byte == b',' || byte.is_ascii_whitespace()).count();
            if at == inner.end {
                return at;
            }
            match value_end(inside, at) {
                Some((end, depth)) => {
                    self.records.push(Span { bytes: at..end, depth: Some(depth) });
                    at = end;
                }
                None => return self.broken(bytes, at..inner.end),
            }
        }
    }
}

struct PageParts {
    array: Range<usize>,
    total: Option<u64>,
    is_continued: bool,
}

/// What makes an object a page: an array under the key.
fn page_of(bytes: &[u8], span: Range<usize>, page_key: &str) -> Option<PageParts> {
    let inside = &bytes[..span.end - 1];
    let mut array = None;
    let (mut total, mut is_continued) = (None, false);
    let mut at = skip_blanks(inside, span.start + 1);
    while inside.get(at) == Some(&b'"') {
        let (key_end, _) = value_end(inside, at)?;
        let key = &inside[at + 1..key_end - 1];
        at = skip_blanks(inside, key_end);
        if inside.get(at) != Some(&b':') {
            return None;
        }
        at = skip_blanks(inside, at + 1);
        let (end, _) = value_end(inside, at)?;
        let value = &inside[at..end];
        if key.eq_ignore_ascii_case(page_key.as_bytes()) && value.starts_with(b"[") {
            array = Some(at + 1..end - 1);
        } else if key.eq_ignore_ascii_case(b"totalResults") {
            total = std::str::from_utf8(value).ok().and_then(|text| text.parse().ok());
        } else if key == b"@odata.nextLink" || key == b"nextPageToken" {
            is_continued = value.len() > 2 && value.starts_with(b"\"");
        }
        at = skip_blanks(inside, end);
        if inside.get(at) == Some(&b',') {
            at = skip_blanks(inside, at + 1);
        }
    }
    Some(PageParts { array: array?, total, is_continued })
}

/// Where the value at `at` ends, and how deep it is nested; `None` if it does not end. Brackets of the two kinds count
/// as one: the parser tells them apart afterwards.
fn value_end(bytes: &[u8], at: usize) -> Option<(usize, usize)> {
    let (mut depth, mut deepest) = (0usize, 0usize);
    let mut scan = at;
    loop {
        match *bytes.get(scan)? {
            b'"' => scan = string_end(bytes, scan)?,
            b'{' | b'[' => {
                depth += 1;
                deepest = deepest.max(depth);
                scan += 1;
            }
            b'}' | b']' if depth > 0 => {
                depth -= 1;
                scan += 1;
            }
            _ if depth > 0 => scan += 1,
            _ => return Some((word_end(bytes, scan), 0)),
        }
        if depth == 0 {
            return Some((scan, deepest));
        }
    }
}

fn string_end(bytes: &[u8], quote: usize) -> Option<usize> {
    let mut scan = quote + 1;
    loop {
        match *bytes.get(scan)? {
            b'"' => return Some(scan + 1),
            b'\\' => scan += 2,
            _ => scan += 1,
        }
    }
}

/// A number or word, at least one byte of it.
fn word_end(bytes: &[u8], at: usize) -> usize {
    let is_word = |byte: &&u8| !byte.is_ascii_whitespace() && !b",:\"[]{}".contains(byte);
    at + bytes[at..].iter().take_while(is_word).count().max(1)
}

fn skip_blanks(bytes: &[u8], at: usize) -> usize {
    at + bytes[at..].iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

fn line_end(bytes: &[u8], at: usize) -> usize {
    bytes[at..].iter().position(|&byte| byte == b'\n').map_or(bytes.len(), |length| at + length)
}

/// Where the next line begins that begins with a brace.
fn next_record_line(bytes: &[u8], at: usize) -> usize {
    bytes[at..].windows(2).position(|pair| pair == b"\n{").map_or(bytes.len(), |length| at + length + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};

    fn split(text: &str) -> Vec<(&str, bool)> {
        let found = spans(text.as_bytes(), "Resources");
        found.records.into_iter().map(|span| (&text[span.bytes], span.depth.is_some())).collect()
    }

    #[test]
    fn lines_arrays_pages_and_streams() {
        let expected = [("{\"a\":\"]}\"}", true), ("{\"b\":[1]}", true)];
        for text in [
            "{\"a\":\"]}\"}\n{\"b\":[1]}\n",
            " [ {\"a\":\"]}\"} , {\"b\":[1]} ] ",
            "{\"totalResults\":2,\"resources\":[{\"a\":\"]}\"},{\"b\":[1]}]}",
            "\u{feff}{\"a\":\"]}\"}{\"b\":[1]}",
        ] {
            assert_eq!(split(text), expected, "{text}");
        }
        let page = spans(b"{\"x\":{},\"totalResults\":7,\"Resources\":[{}],\"nextPageToken\":\"t\"}", "Resources");
        assert_eq!(page.pages, [Page { total: Some(7), is_continued: true, records: 0..1 }]);
    }

    #[test]
    fn a_broken_record_costs_itself() {
        let text = "{\"a\":1}\n{\"b\":\n {\n{\"c\":1}\nword {\"d\":1}\n{\"e\":1}";
        let expected = [
            ("{\"a\":1}", true),
            ("{\"b\":\n {", false),
            ("{\"c\":1}", true),
            ("word {\"d\":1}", false),
            ("{\"e\":1}", true),
        ];
        assert_eq!(split(text), expected);
    }

    #[test]
    fn depth_is_measured_without_recursion() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(spans(deep.as_bytes(), "x").records[0].depth, Some(99_999));
        let lines = "{\n".repeat(50_000);
        assert_eq!(spans(lines.as_bytes(), "x").records.len(), 50_000);
    }

    proptest! {
        /// Records come in order, and neither they nor headers overlap.
        #[test]
        fn records_tile(bytes in vec(prop::sample::select(b"{}[]\"\\:,a \nR1".to_vec()), 0..120)) {
            let found = spans(&bytes, "R");
            let mut at = 0;
            for span in &found.records {
                prop_assert!(at <= span.bytes.start && span.bytes.start < span.bytes.end);
                at = span.bytes.end;
            }
            prop_assert!(at <= bytes.len());
            let spans = found.records.iter().map(|span| &span.bytes).chain(&found.headers);
            let mut spans: Vec<&Range<usize>> = spans.filter(|span| !span.is_empty()).collect();
            spans.sort_by_key(|span| span.start);
            prop_assert!(spans.windows(2).all(|pair| pair[0].end <= pair[1].start));
        }
    }
}
