//! A Maildir (cr.yp.to/proto/maildir.html): a mail a file in `cur/` and `new/`, with flags behind `:2,`.

use super::eml::OneMail;
use super::mail_message::read_mail;
use crate::format::{EntryKind, Format};
use crate::ledger::Reason;
use crate::out::{Out, Unfit};

/// Reads Maildirs.
pub(crate) struct MaildirReader {
    mail: OneMail,
    flagged: Option<Reason>,
}

impl MaildirReader {
    pub(crate) fn new(at_form: bool) -> MaildirReader {
        MaildirReader { mail: OneMail::new(at_form), flagged: None }
    }
}

impl Format for MaildirReader {
    fn entry(&self, name: &str) -> EntryKind {
        let folder = name.rsplit('/').nth(1).unwrap_or_default();
        if folder == "cur" || folder == "new" { EntryKind::Records } else { EntryKind::Described }
    }

    fn takes_folders(&self) -> bool {
        true
    }

    fn is_text(&self) -> bool {
        // Headers are ASCII or bytes of several encodings; each is read as it stands.
        false
    }

    fn begin(&mut self, name: &str) {
        self.mail.begin();
        self.flagged = flagged(name);
    }

    fn block(&mut self, block: &[u8], last: bool, out: &mut Out<'_, '_>) -> Result<(), Unfit> {
        let flagged = self.flagged;
        self.mail.block(block, last, out, |front, at_form, spot, out| match flagged {
            Some(reason) => out.work.exclude(spot, None, reason),
            None => read_mail(front, at_form, spot, out),
        });
        Ok(())
    }
}

/// What the flags of a file's name say: `D` is a draft, `T` deleted.
fn flagged(name: &str) -> Option<Reason> {
    let flags = name.rsplit_once(":2,").or_else(|| name.rsplit_once(";2,"))?.1;
    match () {
        () if flags.contains('D') => Some(Reason::Draft),
        () if flags.contains('T') => Some(Reason::Deleted),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_stand_behind_the_name() {
        assert_eq!(flagged("cur/1.x:2,DS"), Some(Reason::Draft));
        assert_eq!(flagged("cur/1.x;2,ST"), Some(Reason::Deleted));
        assert_eq!(flagged("cur/DT.x:2,S"), None);
        assert_eq!(flagged("new/1.x"), None);
    }
}
