//! The headers of one mail that are read. Everything else, the subject and the body among it, is passed over: only
//! the values named in [`Headers`] are copied out of the record.

use super::mbox_split::is_separator;
use super::message_ids::{first_id, last_id};
use crosstie_model::{Code, code};
use memchr::memchr;

/// Longest header section in bytes. Real ones stay under 100 KiB; a longer one is no mail.
const SECTION_LIMIT: usize = 1024 * 1024;

/// A file without a header line in so many bytes is no mail but an image or other file among mails.
const SNIFF_LENGTH: usize = 1024;

/// What is read of the headers. Values are unfolded and trimmed; an empty list means that there is no such line.
#[derive(Default)]
pub(crate) struct Headers {
    /// Whether a header line stands in the first 1 KiB. If not, nothing else was read.
    pub(crate) looks_like_mail: bool,
    /// From; at most one line.
    pub(crate) from: Vec<Vec<u8>>,
    /// Sender, one value a line.
    pub(crate) sender: Vec<Vec<u8>>,
    /// To, one value a line: a mail with several To lines went to all of them.
    pub(crate) to: Vec<Vec<u8>>,
    /// Cc, one value a line.
    pub(crate) cc: Vec<Vec<u8>>,
    /// Bcc, one value a line.
    pub(crate) bcc: Vec<Vec<u8>>,
    /// The first Date.
    pub(crate) date: Option<Vec<u8>>,
    /// What follows the last `;` of the first Received line; empty if that line has none.
    pub(crate) received: Option<Vec<u8>>,
    /// The id of the first Message-ID.
    pub(crate) message_id: Option<String>,
    /// The first id of the first In-Reply-To.
    pub(crate) in_reply_to: Option<String>,
    /// The last id of References.
    pub(crate) references_last: Option<String>,
    /// List-Id, or Precedence `list`.
    pub(crate) is_list: bool,
    /// Auto-Submitted other than `no`, Precedence `bulk` or `junk`, an empty Return-Path, or `multipart/report`.
    pub(crate) is_automated: bool,
    /// `text/calendar` with the method REPLY.
    pub(crate) is_calendar_reply: bool,
    /// Lines that are no header line, and Date, Message-ID or In-Reply-To lines after the first.
    pub(crate) odd_count: u64,
}

impl std::fmt::Debug for Headers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("<headers>")
    }
}

/// Reads the headers of one mail: a record of an mbox with or without its separator line, or a file.
///
/// # Errors
/// I108 for a header section over 1 MiB, I113 for two From lines.
pub(crate) fn read_headers(record: &[u8]) -> Result<Headers, Code> {
    let record = without_separator(record);
    let mut headers = Headers { looks_like_mail: begins_like_a_mail(record), ..Headers::default() };
    if !headers.looks_like_mail {
        return Ok(headers);
    }
    let mut rest = section(record)?;
    while !rest.is_empty() {
        let (field, next) = rest.split_at(field_length(rest));
        rest = next;
        match name_and_value(field) {
            Some((name, value)) => headers.take(name, value)?,
            None => headers.odd_count += 1,
        }
    }
    Ok(headers)
}

/// Without comments, each of which leaves a blank. Parentheses inside quotes are text; a comment that is never closed
/// runs to the end.
pub(crate) fn without_comments(value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len());
    let (mut depth, mut quoted, mut escaped) = (0usize, false, false);
    for &byte in value {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted || depth > 0 => escaped = true,
            b'"' if depth == 0 => quoted = !quoted,
            b'(' if !quoted => depth += 1,
            b')' if depth > 0 => {
                depth -= 1;
                if depth == 0 {
                    out.push(b' ');
                }
                continue;
            }
            _ => {}
        }
        if depth == 0 {
            out.push(byte);
        }
    }
    out
}

fn without_separator(record: &[u8]) -> &[u8] {
    let (line, rest) = record.split_at(line_length(record));
    if is_separator(line) { rest } else { record }
}

/// The length of the first line with its end.
fn line_length(bytes: &[u8]) -> usize {
    memchr(b'\n', bytes).map_or(bytes.len(), |at| at + 1)
}

fn begins_like_a_mail(record: &[u8]) -> bool {
    let mut rest = &record[..record.len().min(SNIFF_LENGTH)];
    while !rest.is_empty() && !is_empty_line(rest) {
        let (line, next) = rest.split_at(line_length(rest));
        // RFC 5322 allows any visible character in a name, so that JSON and much else would pass; real names are words.
        let is_word = |name: &[u8]| name.iter().all(|&byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        if name_and_value(line).is_some_and(|(name, _)| is_word(name)) {
            return true;
        }
        rest = next;
    }
    false
}

fn is_empty_line(rest: &[u8]) -> bool {
    rest.starts_with(b"\n") || rest.starts_with(b"\r\n")
}

/// The lines before the first empty one. The body is not searched beyond the limit.
fn section(record: &[u8]) -> Result<&[u8], Code> {
    let window = &record[..record.len().min(SECTION_LIMIT + 2)];
    let mut at = 0;
    while at < window.len() && !is_empty_line(&window[at..]) {
        at += line_length(&window[at..]);
    }
    if at > SECTION_LIMIT { Err(code::I108) } else { Ok(&window[..at]) }
}

/// The length of the first line with the lines that continue it.
fn field_length(section: &[u8]) -> usize {
    let mut length = line_length(section);
    while matches!(section.get(length), Some(b' ' | b'\t')) {
        length += line_length(&section[length..]);
    }
    length
}

/// The parts around the colon; blanks before it are an obsolete form.
fn name_and_value(field: &[u8]) -> Option<(&[u8], &[u8])> {
    let name_length = field.iter().position(|byte| !byte.is_ascii_graphic() || *byte == b':')?;
    let blank_count = field[name_length..].iter().take_while(|&&byte| byte == b' ' || byte == b'\t').count();
    let colon = name_length + blank_count;
    (name_length > 0 && field.get(colon) == Some(&b':')).then(|| (&field[..name_length], &field[colon + 1..]))
}

impl Headers {
    fn take(&mut self, name: &[u8], value: &[u8]) -> Result<(), Code> {
        match name.to_ascii_lowercase().as_slice() {
            b"from" if !self.from.is_empty() => return Err(code::I113),
            b"from" => self.from.push(unfolded(value)),
            b"sender" => self.sender.push(unfolded(value)),
            b"to" => self.to.push(unfolded(value)),
            b"cc" => self.cc.push(unfolded(value)),
            b"bcc" => self.bcc.push(unfolded(value)),
            b"date" if self.date.is_none() => self.date = Some(unfolded(value)),
            b"message-id" if self.message_id.is_none() => self.message_id = first_id(&unfolded(value)),
            b"in-reply-to" if self.in_reply_to.is_none() => self.in_reply_to = first_id(&unfolded(value)),
            b"date" | b"message-id" | b"in-reply-to" => self.odd_count += 1,
            b"received" if self.received.is_none() => self.received = Some(after_last_semicolon(&unfolded(value))),
            b"references" => self.references_last = last_id(&unfolded(value)).or(self.references_last.take()),
            b"list-id" => self.is_list = true,
            b"auto-submitted" => self.is_automated |= !matches!(first_word(value).as_slice(), b"no" | b""),
            b"precedence" => match first_word(value).as_slice() {
                b"list" => self.is_list = true,
                b"bulk" | b"junk" => self.is_automated = true,
                _ => {}
            },
            b"return-path" => self.is_automated |= is_empty_path(value),
            b"content-type" => {
                self.is_automated |= first_word(value) == b"multipart/report";
                self.is_calendar_reply |= is_calendar_reply(value);
            }
            _ => {}
        }
        Ok(())
    }
}

/// One line of a folded value: line ends go, the blanks that follow them stay.
fn unfolded(value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len());
    for line in value.split_inclusive(|&byte| byte == b'\n') {
        let line = line.strip_suffix(b"\n").map_or(line, |line| line.strip_suffix(b"\r").unwrap_or(line));
        out.extend_from_slice(line);
    }
    out.trim_ascii().to_vec()
}

/// The date of a Received value; empty if there is none, so that a later Received line is not taken for the first.
fn after_last_semicolon(value: &[u8]) -> Vec<u8> {
    let last = |text: &[u8]| {
        text.iter().rposition(|&byte| byte == b';').map(|semicolon| text[semicolon + 1..].trim_ascii().to_vec())
    };
    // A host name may hold a parenthesis that nothing closes; the date behind it still counts.
    last(&without_comments(value)).or_else(|| last(value)).unwrap_or_default()
}

/// The first word without comments, in lower case, up to a blank or `;`.
fn first_word(value: &[u8]) -> Vec<u8> {
    let clean = without_comments(value).to_ascii_lowercase();
    let clean = clean.trim_ascii();
    let length = clean.iter().position(|&byte| byte.is_ascii_whitespace() || byte == b';').unwrap_or(clean.len());
    clean[..length].to_vec()
}

fn is_empty_path(value: &[u8]) -> bool {
    without_comments(value).iter().all(|&byte| byte.is_ascii_whitespace() || byte == b'<' || byte == b'>')
}

fn is_calendar_reply(value: &[u8]) -> bool {
    first_word(value) == b"text/calendar"
        && without_comments(value).split(|&byte| byte == b';').skip(1).any(|parameter| {
            let Some(equals) = memchr(b'=', parameter) else { return false };
            let (key, text) = (parameter[..equals].trim_ascii(), parameter[equals + 1..].trim_ascii());
            let text = text.strip_prefix(b"\"").and_then(|text| text.strip_suffix(b"\"")).unwrap_or(text);
            key.eq_ignore_ascii_case(b"method") && text.eq_ignore_ascii_case(b"reply")
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use mail_parser::MessageParser;
    use proptest::{collection::vec, prelude::*};

    fn read(text: &str) -> Headers {
        read_headers(text.as_bytes()).unwrap()
    }

    fn fault(record: &[u8]) -> Option<&'static str> {
        read_headers(record).err().map(|code| code.id)
    }

    fn texts(values: &[Vec<u8>]) -> Vec<String> {
        values.iter().map(|value| String::from_utf8_lossy(value).into_owned()).collect()
    }

    #[test]
    fn names_have_no_case_and_lines_are_unfolded() {
        for end in ["\n", "\r\n"] {
            let text =
                "FROM: a@example.com\nto : \"b\n c\" <b@example.com>,\n\td@example.com\nDate:1 Jan\n 2024\n\nTo: x"
                    .replace('\n', end);
            let headers = read(&text);
            assert_eq!(texts(&headers.from), ["a@example.com"]);
            assert_eq!(texts(&headers.to), ["\"b c\" <b@example.com>,\td@example.com"], "the body is not read");
            assert_eq!(headers.date.as_deref(), Some(b"1 Jan 2024".as_slice()));
        }
    }

    #[test]
    fn every_line_of_recipients_counts() {
        let headers = read("From: a@x\nTo: b@x\nCc: c@x\nTo: d@x\nBcc: e@x\nCC: f@x\n");
        assert_eq!(texts(&headers.to), ["b@x", "d@x"]);
        assert_eq!(texts(&headers.cc), ["c@x", "f@x"]);
        assert_eq!(texts(&headers.bcc), ["e@x"]);
    }

    #[test]
    fn headers_that_are_not_read_are_not_held() {
        let headers = read("From: a@x\nReply-To: r@x\nResent-To: s@x\nDelivered-To: t@x\nSubject: u@x\n\nbody");
        assert!(headers.to.is_empty() && headers.sender.is_empty() && headers.odd_count == 0);
    }

    #[test]
    fn t17i_two_senders() {
        assert_eq!(fault(b"From: a@x\nTo: b@x\nFrom: c@x\n\n"), Some("I113"));
        assert_eq!(fault(b"From: a@x\nTo: b@x\n\nFrom: c@x\n"), None, "a From line of the body");
    }

    #[test]
    fn lines_that_are_no_headers_are_counted() {
        let headers = read(" folded\nFrom: a@x\nno colon here\n folded too\n>From b@x: c\n: d\nTo: b@x");
        assert_eq!((headers.odd_count, texts(&headers.to)), (4, vec!["b@x".to_string()]));
        assert_eq!(read("Date: 1\nDate: 2\nMessage-ID: <a>\nMessage-ID: <b>\n").odd_count, 2);
    }

    #[test]
    fn a_separator_line_in_front_is_skipped() {
        let headers = read("From a@x Mon Jan  1 00:00:00 2024\r\nFrom: a@x\r\n\r\n");
        assert_eq!((texts(&headers.from), headers.odd_count), (vec!["a@x".to_string()], 0));
        assert_eq!(texts(&read("From : a@x\n").from), ["a@x"], "an obsolete form, not a separator");
    }

    #[test]
    fn what_is_no_mail() {
        for record in [
            b"".as_slice(),
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR: x",
            b"P6\n16 16\n255\n:::",
            b"{\"a\": 1}\n",
            b"\nFrom: a@x\n",
            &[b'x'; 5000],
        ] {
            assert!(!read_headers(record).unwrap().looks_like_mail);
        }
        let late = format!("{}\nFrom: a@x\n", "x".repeat(1024));
        assert!(!read(&late).looks_like_mail);
        let early = format!("X-Long: {}\nFrom: a@x", "x".repeat(5000));
        assert!(read(&early).looks_like_mail);
    }

    #[test]
    fn the_section_has_a_limit_and_the_body_has_none() {
        let long = |length: usize| format!("X: {}\n", "x".repeat(length - 4));
        assert_eq!(fault(long(SECTION_LIMIT).as_bytes()), None);
        assert_eq!(fault(long(SECTION_LIMIT + 1).as_bytes()), Some("I108"));
        assert_eq!(fault(format!("{}\r\nbody", long(SECTION_LIMIT)).as_bytes()), None);
        assert_eq!(fault(format!("X: y\n\n{}", "x".repeat(2 * SECTION_LIMIT)).as_bytes()), None);
        assert_eq!(fault(format!("X: y\n{}", "x\n".repeat(SECTION_LIMIT)).as_bytes()), Some("I108"));
    }

    #[test]
    fn received_is_the_date_of_the_first_line() {
        let date = |line: &str| texts(&[read(line).received.unwrap_or_default()])[0].clone();
        assert_eq!(
            date("Received: from a (b; c)\n by d; Mon, 1 Jan 2024 00:00:00 +0000 (x; y)\n"),
            "Mon, 1 Jan 2024 00:00:00 +0000"
        );
        assert_eq!(date("Received: from a; 1 Jan\nReceived: from b; 2 Jan\n"), "1 Jan");
        assert_eq!(date("Received: from a\nReceived: from b; 2 Jan\n"), "", "the first line has none");
        assert_eq!(date("Received: from (a; 1 Jan\n"), "1 Jan", "a parenthesis that nothing closes");
        assert!(read("From: a@x\n").received.is_none());
    }

    #[test]
    fn ids() {
        let headers = read(
            "Message-Id: <a@x>\nIn-Reply-To: Your mail of Monday <b@x> <c@x>\nReferences: <d@x>\n\t<e@x>\nSubject: s\n",
        );
        assert_eq!(headers.message_id.as_deref(), Some("a@x"));
        assert_eq!(headers.in_reply_to.as_deref(), Some("b@x"));
        assert_eq!(headers.references_last.as_deref(), Some("e@x"));
        assert!(read("Message-ID:\nReferences: \n").references_last.is_none());
    }

    #[test]
    fn flags() {
        let flags = |line: &str| {
            let headers = read(&format!("From: a@x\n{line}\n\n"));
            [headers.is_list, headers.is_automated, headers.is_calendar_reply]
        };
        for (line, expected) in [
            ("List-Id: <l.example.com>", [true, false, false]),
            ("Precedence: list", [true, false, false]),
            ("Precedence: BULK", [false, true, false]),
            ("Precedence: junk (x)", [false, true, false]),
            ("Precedence: first-class", [false; 3]),
            ("Auto-Submitted: no", [false; 3]),
            ("Auto-Submitted: (x) No; reason=y", [false; 3]),
            ("Auto-Submitted: auto-replied", [false, true, false]),
            ("Auto-Submitted:", [false; 3]),
            ("Return-Path: <>", [false, true, false]),
            ("Return-Path:", [false, true, false]),
            ("Return-Path: <a@example.com>", [false; 3]),
            ("Content-Type: Multipart/Report; report-type=x", [false, true, false]),
            ("Content-Type: text/calendar;\n charset=utf-8; METHOD=\"Reply\"", [false, false, true]),
            ("Content-Type: text/calendar; method = REPLY (x)", [false, false, true]),
            ("Content-Type: text/calendar; method=REQUEST", [false; 3]),
            ("Content-Type: text/plain; method=REPLY", [false; 3]),
        ] {
            assert_eq!(flags(line), expected, "{line}");
        }
    }

    #[test]
    fn comments_go_and_quotes_protect() {
        let clean = |text: &str| String::from_utf8(without_comments(text.as_bytes())).unwrap();
        assert_eq!(clean("a(b(c)\\))d \"(e\" f(g"), "a d \"(e\" f");
        assert_eq!(clean(&"(".repeat(100_000)), "");
    }

    #[test]
    fn nothing_is_shown() {
        assert_eq!(format!("{:?}", read("From: a@x\n")), "<headers>");
    }

    proptest! {
        /// Any bytes: no panic, and no value that is not in the record.
        #[test]
        fn any_bytes(bytes in vec(prop::sample::select(b"From: to<>();\"\\a@x\r\n \t\0\xff".to_vec()), 0..300)) {
            let mut record = b"X: y\n".to_vec();
            record.extend_from_slice(&bytes);
            if let Ok(headers) = read_headers(&record) {
                prop_assert!(headers.looks_like_mail);
                let held: usize = headers.to.iter().chain(&headers.from).map(Vec::len).sum();
                prop_assert!(held <= record.len());
            }
        }

        /// What mail-parser reads of a well-formed mail is read here.
        #[test]
        fn equals_mail_parser(
            id in "[a-z0-9.]{1,8}@[a-z]{1,5}",
            references in vec("[a-z0-9]{1,8}@[a-z]{1,5}", 1..4),
            to in vec("[a-z]{1,8}@[a-z]{1,5}\\.example", 1..4),
            lines in prop::sample::select(vec![" ", "\r\n ", "\r\n\t"]),
        ) {
            let bracketed: Vec<String> = references.iter().map(|id| format!("<{id}>")).collect();
            let text = format!(
                "From: a@x.example\r\nTo:{lines}{}\r\nMessage-ID: <{id}>\r\nReferences:{lines}{}\r\n\r\nTo: x",
                to.join(&format!(",{lines}")),
                bracketed.join(lines),
            );
            let headers = read(&text);
            let oracle = MessageParser::default().parse(text.as_bytes()).unwrap();
            prop_assert_eq!(headers.message_id.as_deref(), oracle.message_id());
            prop_assert_eq!(headers.references_last.as_deref(), Some(references[references.len() - 1].as_str()));
            let list = super::super::address_list::addresses(&headers.to[0], false).unwrap();
            let expected: Vec<&str> = oracle.to().unwrap().iter().filter_map(|one| one.address()).collect();
            prop_assert_eq!(list.found, expected);
        }
    }
}
