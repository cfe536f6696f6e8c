//! The records of a JSON file in any of its forms: one a line; a top-level array; pages, objects that hold the
//! array under a key such as `value`; or objects one after another.

use super::scan::{Found, Scan};
use crate::out::{Out, RECORD_LIMIT, Unfit, line_end};
use crate::work::{Fault, Spot};
use crosstie_model::code;

/// Called with each whole record.
pub(crate) type OnRecord<'f, 'w> = dyn FnMut(&[u8], &mut Out<'_, 'w>) + 'f;

/// Reads one record.
pub(crate) type ReadRecord<'f, 'w> = dyn FnMut(&[u8], Spot, &mut Out<'_, 'w>) -> Result<(), Fault> + 'f;

/// A splitter that takes blocks.
#[derive(Clone, Debug)]
pub(crate) struct JsonRecords {
    /// Keys under which pages hold their records; compared without case.
    page_keys: &'static [&'static str],
    form: Form,
    state: State,
    skipping: Option<Scan>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// Told from the first block.
    Unknown,
    Lines,
    Values,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Between top-level values.
    Top,
    /// In a top-level array.
    Array,
    /// In the array of a page.
    Page,
    /// Behind the array of a page.
    Tail(Scan),
}

impl JsonRecords {
    /// Whatever form the file has.
    pub(crate) const fn any(page_keys: &'static [&'static str]) -> JsonRecords {
        JsonRecords { page_keys, form: Form::Unknown, state: State::Top, skipping: None }
    }

    /// One value a line: a broken line costs nothing but itself.
    pub(crate) const fn lines() -> JsonRecords {
        JsonRecords { page_keys: &[], form: Form::Lines, state: State::Top, skipping: None }
    }

    /// Arrays, pages and objects one after another.
    pub(crate) const fn values(page_keys: &'static [&'static str]) -> JsonRecords {
        JsonRecords { page_keys, form: Form::Values, state: State::Top, skipping: None }
    }

    /// Takes what is whole in `block`.
    ///
    /// # Errors
    /// I201 if the last value or array does not end, I212 if brackets do not fit.
    pub(crate) fn block<'w>(
        &mut self,
        block: &[u8],
        last: bool,
        out: &mut Out<'_, 'w>,
        on_record: &mut OnRecord<'_, 'w>,
    ) -> Result<(), Unfit> {
        let blank = match self.form {
            Form::Unknown => block.iter().take_while(|byte| byte.is_ascii_whitespace()).count(),
            _ => 0,
        };
        out.separator(&block[..blank]);
        let block = &block[blank..];
        if self.form == Form::Unknown {
            match form(block, last, self.page_keys) {
                Some(form) => self.form = form,
                None => {
                    // Nothing but blanks has no form, and still every byte has a place.
                    if last {
                        out.separator(block);
                    }
                    return Ok(());
                }
            }
        }
        if self.form == Form::Lines {
            lines(block, last, out, on_record);
            return Ok(());
        }
        let mut at = 0;
        while at < block.len() {
            match self.step(&block[at..], last, out, on_record)? {
                0 => break,
                taken => at += taken,
            }
        }
        let rest = &block[at..];
        if last && (!rest.is_empty() || self.state != State::Top) {
            if !rest.is_empty() {
                out.header(rest);
            }
            return Err(Unfit::new(code::I201));
        }
        Ok(())
    }

    /// Takes what is whole in `block` and reads each record; a fault sets it aside.
    ///
    /// # Errors
    /// As [`JsonRecords::block`].
    pub(crate) fn read_each<'w>(
        &mut self,
        block: &[u8],
        last: bool,
        out: &mut Out<'_, 'w>,
        read: &mut ReadRecord<'_, 'w>,
    ) -> Result<(), Unfit> {
        self.block(block, last, out, &mut |record, out| {
            let Some(spot) = out.record(record) else { return };
            let outcome = read(record, spot, out);
            out.outcome(spot, record, outcome);
        })
    }

    /// Skips an over-long record, which began with the first block: where it ends, if it does in this one.
    pub(crate) fn skip(&mut self, block: &[u8]) -> Option<usize> {
        if self.form == Form::Lines {
            return memchr::memchr(b'\n', block);
        }
        let end = match self.skipping.get_or_insert_with(Scan::default).value(block) {
            Found::End(at) => at,
            Found::More => return None,
            Found::Bad => 0,
        };
        self.skipping = None;
        Some(end)
    }

    /// One step at the front of `bytes`; 0 if it needs more bytes.
    fn step<'w>(
        &mut self,
        bytes: &[u8],
        last: bool,
        out: &mut Out<'_, 'w>,
        on_record: &mut OnRecord<'_, 'w>,
    ) -> Result<usize, Unfit> {
        if let State::Tail(scan) = &mut self.state {
            return match scan.value(bytes) {
                Found::End(at) => {
                    out.header(&bytes[..at]);
                    self.state = State::Top;
                    Ok(at)
                }
                Found::More => {
                    out.header(bytes);
                    Ok(bytes.len())
                }
                Found::Bad => Err(Unfit::new(code::I212)),
            };
        }
        let gap = bytes
            .iter()
            .position(|&byte| !(byte.is_ascii_whitespace() || (byte == b',' && self.state != State::Top)))
            .unwrap_or(bytes.len());
        if gap > 0 {
            out.separator(&bytes[..gap]);
            return Ok(gap);
        }
        match (self.state, bytes[0]) {
            (State::Top, b'[') => {
                out.separator(&bytes[..1]);
                self.state = State::Array;
                Ok(1)
            }
            (State::Array, b']') => {
                out.separator(&bytes[..1]);
                self.state = State::Top;
                Ok(1)
            }
            (State::Page, b']') => {
                out.header(&bytes[..1]);
                self.state = State::Tail(Scan::inside(1));
                Ok(1)
            }
            (State::Top, b'{') if !self.page_keys.is_empty() => self.page_or_record(bytes, out, on_record),
            _ => self.record(bytes, last, out, on_record),
        }
    }

    fn record<'w>(
        &mut self,
        bytes: &[u8],
        last: bool,
        out: &mut Out<'_, 'w>,
        on_record: &mut OnRecord<'_, 'w>,
    ) -> Result<usize, Unfit> {
        match Scan::default().value(bytes) {
            Found::End(at) => {
                on_record(&bytes[..at], out);
                Ok(at)
            }
            // A bare word at the very end is a value, and no record.
            Found::More if last && self.state == State::Top && !matches!(bytes[0], b'{' | b'[' | b'"') => {
                on_record(bytes, out);
                Ok(bytes.len())
            }
            Found::More => Ok(0),
            Found::Bad => Err(Unfit::new(code::I212)),
        }
    }

    /// An object at the top: a page up to the bracket that opens its records, or itself a record.
    fn page_or_record<'w>(
        &mut self,
        bytes: &[u8],
        out: &mut Out<'_, 'w>,
        on_record: &mut OnRecord<'_, 'w>,
    ) -> Result<usize, Unfit> {
        match page_start(bytes, self.page_keys) {
            PageStart::Records(at) => {
                out.header(&bytes[..at]);
                self.state = State::Page;
                Ok(at)
            }
            PageStart::NoPage(at) => {
                on_record(&bytes[..at], out);
                Ok(at)
            }
            PageStart::More => Ok(0),
            PageStart::Bad => Err(Unfit::new(code::I212)),
        }
    }
}

/// Lines if the first line is a whole object and no page, or is broken and followed by a line that begins an object.
fn form(block: &[u8], last: bool, page_keys: &[&str]) -> Option<Form> {
    match block.first()? {
        b'{' => {}
        b'[' => return Some(Form::Values),
        _ => return Some(Form::Lines),
    }
    let (line, rest) = match memchr::memchr(b'\n', block) {
        Some(length) => (&block[..length], block[length..].trim_ascii_start()),
        None if last || block.len() > RECORD_LIMIT => (block, &block[block.len()..]),
        None => return None,
    };
    if rest.is_empty() && !last {
        return None;
    }
    let line = line.trim_ascii_end();
    if matches!(page_start(line, page_keys), PageStart::Records(_)) {
        return Some(Form::Values);
    }
    let is_whole = Scan::default().value(line) == Found::End(line.len());
    Some(if is_whole || rest.starts_with(b"{") { Form::Lines } else { Form::Values })
}

fn lines<'w>(block: &[u8], last: bool, out: &mut Out<'_, 'w>, on_record: &mut OnRecord<'_, 'w>) {
    let mut at = 0;
    while let Some((length, end)) = line_end(&block[at..], last) {
        let line = &block[at..at + length];
        if line.trim_ascii().is_empty() {
            out.separator(&block[at..at + end]);
        } else {
            on_record(line, out);
            out.separator(&block[at + length..at + end]);
        }
        at += end;
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PageStart {
    /// Behind the bracket that opens the records.
    Records(usize),
    /// No page; the object ends here.
    NoPage(usize),
    More,
    Bad,
}

/// Walks the keys of an object up to one of `page_keys` whose value is an array.
fn page_start(bytes: &[u8], page_keys: &[&str]) -> PageStart {
    let blanks = |from: usize| from + bytes[from..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let mut at = blanks(1);
    loop {
        match bytes.get(at) {
            None => return PageStart::More,
            Some(b'}') => return PageStart::NoPage(at + 1),
            Some(b',') => at = blanks(at + 1),
            Some(b'"') => {
                let Found::End(length) = Scan::default().value(&bytes[at..]) else { return PageStart::More };
                let key = &bytes[at + 1..at + length - 1];
                at = blanks(at + length);
                match bytes.get(at) {
                    None => return PageStart::More,
                    Some(b':') => at = blanks(at + 1),
                    Some(_) => return PageStart::Bad,
                }
                let is_page = page_keys.iter().any(|page| page.as_bytes().eq_ignore_ascii_case(key));
                match bytes.get(at) {
                    None => return PageStart::More,
                    Some(b'[') if is_page => return PageStart::Records(at + 1),
                    Some(_) => match Scan::default().value(&bytes[at..]) {
                        Found::End(length) => at = blanks(at + length),
                        Found::More => return PageStart::More,
                        Found::Bad => return PageStart::Bad,
                    },
                }
            }
            Some(_) => return PageStart::Bad,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::out::tests::Sheet;
    use proptest::prelude::*;

    /// The records of a text that comes in blocks of `size` bytes, and what ended it.
    fn split(text: &[u8], size: usize, records: JsonRecords) -> (Vec<String>, Option<&'static str>) {
        let mut found = Vec::new();
        let mut records = records;
        let mut sheet = Sheet::default();
        let fault = sheet.feed(text, size, |block, last, out| {
            records.block(block, last, out, &mut |record, out| {
                out.record(record);
                found.push(String::from_utf8_lossy(record).into_owned());
            })
        });
        assert_eq!(sheet.accounted(), if fault.is_none() { text.len() as u64 } else { sheet.accounted() });
        (found, fault)
    }

    #[test]
    fn every_form_gives_its_records() {
        let expected = [r#"{"a":1}"#, r#"{"b":"]}"}"#];
        let pages = &["value"][..];
        for text in [
            "{\"a\":1}\n{\"b\":\"]}\"}",
            "{\"a\":1}\r\n\r\n{\"b\":\"]}\"}\r\n",
            " [ {\"a\":1} , {\"b\":\"]}\"} ] \n",
            "{\"@odata.context\":\"x\",\"value\":[{\"a\":1},{\"b\":\"]}\"}],\"@odata.nextLink\":\"…\"}",
            "{\n  \"value\": [\n{\"a\":1},\n{\"b\":\"]}\"}\n]\n}\n",
            "{\"value\":[{\"a\":1}]}{\"Value\":[{\"b\":\"]}\"}]}",
        ] {
            for size in [1, 3, 1000] {
                let (found, fault) = split(text.as_bytes(), size, JsonRecords::any(pages));
                assert_eq!((found.as_slice(), fault), (&expected.map(String::from)[..], None), "{text} by {size}");
            }
        }
        let pretty = "{\n \"a\": 1\n}\n{\n \"b\": 2\n}\n";
        assert_eq!(split(pretty.as_bytes(), 5, JsonRecords::any(pages)).0.len(), 2);
    }

    #[test]
    fn what_does_not_end_is_told() {
        assert_eq!(split(b"[{\"a\":1}, {\"b\"", 100, JsonRecords::any(&[])), (vec!["{\"a\":1}".into()], Some("I201")));
        assert_eq!(split(b"[{\"a\":1}", 100, JsonRecords::any(&[])).1, Some("I201"));
        assert_eq!(split(b"[{}}]", 100, JsonRecords::any(&[])).1, Some("I212"));
        assert_eq!(split(b"{\"a\":1}\n{\"b\"", 100, JsonRecords::any(&[])).1, None, "a cut line is a bad record");
        for blank in [&b""[..], b"\n", b" \r\n\t"] {
            assert_eq!(split(blank, 100, JsonRecords::any(&[])), (vec![], None));
        }
    }

    proptest! {
        /// Any bytes, in any blocks: no panic, no byte twice, and the same records.
        #[test]
        fn blocks_do_not_matter(bytes in proptest::collection::vec(prop::sample::select(b"{}[]\":,\\a1 \n".to_vec()), 0..80), size in 1usize..20) {
            for records in [JsonRecords::any(&["a"]), JsonRecords::lines(), JsonRecords::values(&["a"])] {
                let whole = split(&bytes, 1000, records.clone());
                if records.form != Form::Unknown {
                    prop_assert_eq!(&whole, &split(&bytes, size, records));
                }
            }
        }
    }
}
