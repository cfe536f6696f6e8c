//! Mailboxes of many mails in a file (RFC 4155 and its elder relatives). Only headers are read; a body passes by
//! until the next separator.

use super::mail_message::{header_end, read_mail};
use crate::format::{EntryKind, Format};
use crate::mail::mbox_split::{is_separator, next_separator};
use crate::out::{Out, Unfit};
use crate::work::Fault;
use crosstie_model::code;

/// Bytes at a block's end that are kept: an empty line and a separator line could begin there.
const KEPT_BYTES: usize = 4096;

/// Reads mailboxes.
pub(crate) struct MboxReader {
    at_form: bool,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Before the first separator.
    Start,
    /// A separator is at the front.
    Mail,
    /// In bytes that belong to a record already; whether an empty line stands before them.
    Body { after_empty: bool },
}

impl MboxReader {
    pub(crate) fn new(at_form: bool) -> MboxReader {
        MboxReader { at_form, state: State::Start }
    }
}

impl Format for MboxReader {
    fn entry(&self, name: &str) -> EntryKind {
        let name = name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase();
        let is_mailbox = name.ends_with(".mbox") || name.ends_with(".mbx") || !name.contains('.');
        if is_mailbox { EntryKind::Records } else { EntryKind::Other }
    }

    fn is_text(&self) -> bool {
        // Headers are ASCII or bytes of several encodings; each is read as it stands.
        false
    }

    fn begin(&mut self, _name: &str) {
        self.state = State::Start;
    }

    fn block(&mut self, block: &[u8], last: bool, out: &mut Out<'_, '_>) -> Result<(), Unfit> {
        let mut at = 0;
        while at < block.len() {
            let rest = &block[at..];
            let taken = match self.state {
                State::Start => self.start(rest, last, out),
                State::Mail => self.mail(rest, last, out),
                State::Body { after_empty } => self.body(rest, after_empty, last, out),
            };
            match taken {
                Some(taken) => at += taken,
                None => break,
            }
        }
        Ok(())
    }
}

impl MboxReader {
    /// Blank lines, then a separator; other bytes before the first one are a record that cannot be read.
    fn start(&mut self, bytes: &[u8], last: bool, out: &mut Out<'_, '_>) -> Option<usize> {
        let blank = bytes.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        if blank == bytes.len() {
            out.separator(bytes);
            return Some(blank);
        }
        let line = match memchr::memchr(b'\n', &bytes[blank..]) {
            Some(length) => &bytes[blank..blank + length],
            None if last || bytes.len() > KEPT_BYTES => &bytes[blank..],
            None => return None,
        };
        out.separator(&bytes[..blank]);
        if is_separator(line) {
            self.state = State::Mail;
        } else {
            let spot = out.front(&[]);
            out.work.set_aside_long(spot, line, line.len() as u64, Fault::from(code::I114));
            self.state = State::Body { after_empty: false };
        }
        Some(blank)
    }

    fn mail(&mut self, bytes: &[u8], last: bool, out: &mut Out<'_, '_>) -> Option<usize> {
        let end = header_end(bytes, last)?;
        let spot = out.front(&bytes[..end]);
        read_mail(&bytes[..end], self.at_form, spot, out);
        let body = stated_body(&bytes[..end], &bytes[end..], last);
        self.state = State::Body { after_empty: body.is_none() };
        let body = body.unwrap_or(0);
        out.pass(&bytes[end..end + body]);
        Some(end + body)
    }

    fn body(&mut self, bytes: &[u8], after_empty: bool, last: bool, out: &mut Out<'_, '_>) -> Option<usize> {
        if let Some(separator) = next_separator(bytes, 0, after_empty, last) {
            out.pass(&bytes[..separator]);
            self.state = State::Mail;
            return Some(separator);
        }
        if last {
            out.pass(bytes);
            return Some(bytes.len());
        }
        let passed = bytes.len().checked_sub(KEPT_BYTES).filter(|&passed| passed > 0)?;
        // What is kept begins a line, so that a separator is seen as one; or it is within a line without end.
        let cut = memchr::memrchr(b'\n', &bytes[..passed]).map_or(passed, |at| at + 1);
        let gone = &bytes[..cut];
        let after_empty = [&b"\n\n"[..], b"\n\r\n"].iter().any(|end| gone.ends_with(end))
            || (after_empty && (gone == b"\n" || gone == b"\r\n"));
        self.state = State::Body { after_empty };
        out.pass(gone);
        Some(cut)
    }
}

/// The length of a body by `Content-Length`, if it ends exactly before a separator or at the end.
fn stated_body(header: &[u8], rest: &[u8], last: bool) -> Option<usize> {
    let line = header
        .split(|&byte| byte == b'\n')
        .find(|line| line.get(..15).is_some_and(|name| name.eq_ignore_ascii_case(b"content-length:")))?;
    let length: usize = std::str::from_utf8(&line[15..]).ok()?.trim().parse().ok()?;
    let behind = rest.get(length..)?;
    if behind.is_empty() {
        return last.then_some(length);
    }
    let blank = behind.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    let line = &behind[blank..];
    let line = &line[..memchr::memchr(b'\n', line)?];
    // The empty line before the separator stays, since it is what makes one.
    (blank > 0 && is_separator(line)).then_some(length)
}
