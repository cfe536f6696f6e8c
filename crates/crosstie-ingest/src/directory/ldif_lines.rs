//! LDIF as RFC 2849 writes it: records between blank lines, folded lines, comments, base64.

use super::draft::Wrong;
use crosstie_model::code;
use std::borrow::Cow;
use std::ops::Range;

/// A file taken apart. Comments before records, blank lines and line ends lie between records.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    pub(super) records: Vec<Block>,
    /// Byte-order mark and the version line.
    pub(super) headers: Vec<Range<usize>>,
}

/// The lines of one record, without the last line end.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) bytes: Range<usize>,
    /// Its first line, from 1.
    pub(super) line: u64,
}

/// Finds the records.
pub(super) fn blocks(bytes: &[u8]) -> Blocks {
    let mut found = Blocks::default();
    let mut start = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    found.headers.push(0..start);
    let mut line = 0;
    // Within a record; within a comment before one.
    let (mut is_open, mut is_comment) = (false, false);
    while start < bytes.len() {
        let newline = bytes[start..].iter().position(|&byte| byte == b'\n').map(|length| start + length);
        let next = newline.map_or(bytes.len(), |at| at + 1);
        let mut end = newline.unwrap_or(bytes.len());
        end -= usize::from(end > start && bytes[end - 1] == b'\r');
        let content = &bytes[start..end];
        line += 1;
        if content.is_empty() {
            (is_open, is_comment) = (false, false);
        } else if is_open {
            if let Some(block) = found.records.last_mut() {
                block.bytes.end = end;
            }
        } else if content[0] == b'#' {
            is_comment = true;
        } else if is_comment && content[0] == b' ' {
            // The comment goes on.
        } else if found.records.is_empty() && is_version(content) {
            found.headers.push(start..next);
        } else {
            is_open = true;
            found.records.push(Block { bytes: start..end, line });
        }
        start = next;
    }
    found
}

fn is_version(line: &[u8]) -> bool {
    line.get(..8).is_some_and(|head| head.eq_ignore_ascii_case(b"version:"))
}

/// One attribute of a record, its value not yet decoded.
pub(super) struct Attribute<'a> {
    /// Name in lower case, without options.
    pub(super) name: String,
    value: Cow<'a, [u8]>,
    form: Form,
}

#[derive(Clone, Copy)]
enum Form {
    Plain,
    Base64,
    Url,
}

impl Attribute<'_> {
    /// The value as text. A value behind a URL is never fetched.
    pub(super) fn text(&self) -> Result<String, Wrong> {
        let bytes = match self.form {
            Form::Url => return Err(Wrong::of(code::I116, &self.name)),
            Form::Plain => self.value.to_vec(),
            Form::Base64 => base64(&self.value).ok_or_else(|| Wrong::of(code::I109, &self.name))?,
        };
        String::from_utf8(bytes).map_err(|_| Wrong::of(code::I101, &self.name))
    }
}

/// The attributes of a record, in order; lines that are none are `Err`.
pub(super) fn attributes(record: &[u8]) -> impl Iterator<Item = Result<Attribute<'_>, Wrong>> {
    unfolded(record).into_iter().map(attribute)
}

/// Logical lines: a line that begins with one blank continues the one before, without that blank. Comments, folded
/// ones too, are gone.
fn unfolded(record: &[u8]) -> Vec<Cow<'_, [u8]>> {
    let mut lines: Vec<Cow<'_, [u8]>> = Vec::new();
    let mut is_comment = false;
    for line in record.split(|&byte| byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match (line.strip_prefix(b" "), lines.last_mut()) {
            (Some(_), _) if is_comment => {}
            (Some(rest), Some(last)) => last.to_mut().extend_from_slice(rest),
            _ => {
                is_comment = line.starts_with(b"#");
                if !is_comment {
                    lines.push(Cow::Borrowed(line));
                }
            }
        }
    }
    lines
}

fn attribute(line: Cow<'_, [u8]>) -> Result<Attribute<'_>, Wrong> {
    let colon = line.iter().position(|&byte| byte == b':').filter(|&at| at > 0).ok_or(code::I109)?;
    let described = std::str::from_utf8(&line[..colon]).map_err(|_| code::I109)?;
    let name = described.split(';').next().unwrap_or(described).trim().to_lowercase();
    let (form, from) = match line.get(colon + 1) {
        Some(b':') => (Form::Base64, colon + 2),
        Some(b'<') => (Form::Url, colon + 2),
        _ => (Form::Plain, colon + 1),
    };
    let from = from + line[from..].iter().take_while(|&&byte| byte == b' ').count();
    let value = match line {
        Cow::Borrowed(line) => Cow::Borrowed(&line[from..]),
        Cow::Owned(mut line) => {
            line.drain(..from);
            Cow::Owned(line)
        }
    };
    Ok(Attribute { name, value, form })
}

/// Decodes base64, RFC 4648 with padding.
fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let text = text.trim_ascii();
    let digits = text.strip_suffix(b"==").or_else(|| text.strip_suffix(b"=")).unwrap_or(text);
    if !text.len().is_multiple_of(4) {
        return None;
    }
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut buffer, mut bits) = (0u32, 0);
    for &digit in digits {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        buffer = (buffer << 6 | u32::from(value)) & 0xff_ffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push((buffer >> bits) as u8);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};

    fn texts(record: &str) -> Vec<String> {
        let shown = |found: Result<Attribute<'_>, Wrong>| {
            found.and_then(|attribute| Ok(format!("{}={}", attribute.name, attribute.text()?)))
        };
        attributes(record.as_bytes()).map(|found| shown(found).unwrap_or_else(|wrong| wrong.code.id.into())).collect()
    }

    #[test]
    fn folding_comments_base64_options_and_urls() {
        let record = "dn: uid=b\nmanager: uid=alice, ou=People,\n  dc=example\n# a comment\n  folded: too\nMail;lang-es:: Ym9iQGV4\n YW1wbGUuY29t\nphoto:< file:///etc/passwd\ncn:\ncn:   Bob \nno colon\nx:: =\ny:: /w==";
        let expected = [
            "dn=uid=b",
            "manager=uid=alice, ou=People, dc=example",
            "mail=bob@example.com",
            "I116",
            "cn=",
            "cn=Bob ",
            "I109",
            "I109",
            "I101",
        ];
        assert_eq!(texts(record), expected);
    }

    #[test]
    fn records_stand_between_blank_lines() {
        let text =
            b"version: 1\r\n# a comment\r\n  folded\r\n\r\n# another\r\ndn: a\r\n# inside\r\ncn: b\r\n\r\n\r\ndn: c";
        let found = blocks(text);
        let shown: Vec<&str> =
            found.records.iter().map(|block| std::str::from_utf8(&text[block.bytes.clone()]).unwrap()).collect();
        assert_eq!(shown, ["dn: a\r\n# inside\r\ncn: b", "dn: c"]);
        assert_eq!(found.records.iter().map(|block| block.line).collect::<Vec<_>>(), [6, 11]);
        assert_eq!(found.headers, [0..0, 0..12]);
    }

    proptest! {
        #[test]
        fn records_never_overlap(bytes in vec(prop::sample::select(b"a: #\r\n".to_vec()), 0..120)) {
            let mut at = 0;
            for block in blocks(&bytes).records {
                prop_assert!(at <= block.bytes.start && block.bytes.start < block.bytes.end);
                at = block.bytes.end;
                attributes(&bytes[block.bytes]).for_each(|found| drop(found.map(|attribute| attribute.text().is_ok())));
            }
        }
    }
}
