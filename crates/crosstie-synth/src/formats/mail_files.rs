//! Mail as files of source text: a mailbox a week, a Maildir, a file a mail.

use super::clock::asctime;
use super::csv_mail::weeks;
use super::made::Made;
use super::mail_text::mail_text;
use super::pipeline::{Pipeline, source};

type Files = Vec<(String, Vec<u8>)>;

/// One mbox a week.
pub(crate) fn mbox(made: &Made<'_>) -> Files {
    let mut files = vec![Pipeline::reading("mbox", source("mail", "mbox", "mail/*.mbox", "")).file()];
    for (week, mails) in weeks(&made.mails) {
        let mut text = String::new();
        for mail in mails {
            let word = if mail.number.is_multiple_of(3) { "-" } else { mail.sender.address.as_str() };
            text.push_str(&format!("From {word} {}\n{}\n", asctime(mail.at), mail_text(made, mail)));
        }
        files.push((format!("formats/mbox/mail/{week}.mbox"), text.into_bytes()));
    }
    files
}

/// Read mail in `cur/` with flags, unread mail in `new/` without.
pub(crate) fn maildir(made: &Made<'_>) -> Files {
    const FLAGS: [&str; 4] = [":2,S", ":2,RS", ":2,", ":2,FS"];
    let mut files = vec![Pipeline::reading("maildir", source("mail", "maildir", "Maildir", "")).file()];
    for mail in &made.mails {
        let (folder, flags) =
            if mail.number.is_multiple_of(10) { ("new", "") } else { ("cur", FLAGS[mail.number % FLAGS.len()]) };
        let second = mail.at.0.div_euclid(1_000_000);
        let name = format!("formats/maildir/Maildir/{folder}/{second}.M{}P1.mx{flags}", mail.number);
        files.push((name, mail_text(made, mail).into_bytes()));
    }
    files
}

/// A file a mail, with `\r\n` in most.
pub(crate) fn eml(made: &Made<'_>) -> Files {
    let mut files = vec![Pipeline::reading("eml", source("mail", "eml", "mail/*.eml", "")).file()];
    for mail in &made.mails {
        let text = mail_text(made, mail);
        let text = if mail.number.is_multiple_of(5) { text } else { text.replace('\n', "\r\n") };
        files.push((format!("formats/eml/mail/{:07}.eml", mail.number), text.into_bytes()));
    }
    files
}
