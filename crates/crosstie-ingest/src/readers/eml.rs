//! A mail a file (RFC 5322). Only its headers are read.

use super::mail_message::{header_end, read_mail};
use crate::format::{EntryKind, Format};
use crate::out::{Out, Unfit};

/// Reads mail files.
pub(crate) struct EmlReader {
    mail: OneMail,
}

/// A stream that is one mail.
pub(crate) struct OneMail {
    at_form: bool,
    is_read: bool,
}

impl EmlReader {
    pub(crate) fn new(at_form: bool) -> EmlReader {
        EmlReader { mail: OneMail::new(at_form) }
    }
}

impl Format for EmlReader {
    fn entry(&self, _name: &str) -> EntryKind {
        EntryKind::Records
    }

    fn is_text(&self) -> bool {
        // Headers are ASCII or bytes of several encodings; each is read as it stands.
        false
    }

    fn begin(&mut self, _name: &str) {
        self.mail.begin();
    }

    fn block(&mut self, block: &[u8], last: bool, out: &mut Out<'_, '_>) -> Result<(), Unfit> {
        self.mail.block(block, last, out, read_mail);
        Ok(())
    }
}

impl OneMail {
    pub(crate) fn new(at_form: bool) -> OneMail {
        OneMail { at_form, is_read: false }
    }

    pub(crate) fn begin(&mut self) {
        self.is_read = false;
    }

    /// Hands the headers to `read`, and lets the body pass.
    pub(crate) fn block<'w>(
        &mut self,
        block: &[u8],
        last: bool,
        out: &mut Out<'_, 'w>,
        read: impl Fn(&[u8], bool, crate::work::Spot, &mut Out<'_, 'w>),
    ) {
        let mut rest = block;
        if !self.is_read && !block.is_empty() {
            let Some(end) = header_end(block, last) else { return };
            let spot = out.front(&block[..end]);
            read(&block[..end], self.at_form, spot, out);
            self.is_read = true;
            rest = &block[end..];
        }
        out.pass(rest);
    }
}
