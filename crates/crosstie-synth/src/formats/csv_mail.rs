//! Mail as CSV: a row a message, a row a recipient, and a row a message that knows no copies.

use super::made::{Made, Mail, Spelled};
use super::pipeline::{MESSAGE_ROWS, Pipeline, source};
use super::text::Table;
use crate::mail::rfc3339;
use crosstie_model::Day;
use std::collections::BTreeMap;

type Files = Vec<(String, Vec<u8>)>;

/// The mails of each week, by its Monday.
pub(crate) fn weeks(mails: &[Mail]) -> BTreeMap<Day, Vec<&Mail>> {
    let mut weeks: BTreeMap<Day, Vec<&Mail>> = BTreeMap::new();
    for mail in mails {
        weeks.entry(mail.at.day().monday()).or_default().push(mail);
    }
    weeks
}

/// `a@x.example;b@x.example`
pub(crate) fn joined<'a>(people: impl IntoIterator<Item = &'a Spelled>) -> String {
    people.into_iter().map(|person| person.address.as_str()).collect::<Vec<_>>().join(";")
}

pub(crate) fn messages(made: &Made<'_>) -> Files {
    let header = ["sent_at", "sender", "to", "cc", "message_id"];
    let row = |table: &mut Table, mail: &Mail| {
        table.row([&rfc3339(mail.at), &mail.sender.address, &joined(&mail.to), &joined(&mail.cc), &bracketed(mail)]);
    };
    weekly("csv", MESSAGE_ROWS, made, &header, row)
}

/// All recipients are direct ones: what formats that know no copies are compared with.
pub(crate) fn to_only(made: &Made<'_>) -> Files {
    let header = ["sent_at", "sender", "to", "message_id"];
    let columns = r#"
[sources.columns]
sent_at = "sent_at"
sender = "sender"
to = "to"
message_id = "message_id"
"#;
    let row = |table: &mut Table, mail: &Mail| {
        table.row([&rfc3339(mail.at), &mail.sender.address, &joined(mail.recipients()), &bracketed(mail)]);
    };
    weekly("csv_to_only", columns, made, &header, row)
}

pub(crate) fn recipient_rows(made: &Made<'_>) -> Files {
    let header = ["EventDate", "Sender", "Recipient", "Kind", "MessageId"];
    let more = r#"layout = "recipient_per_row"

[sources.columns]
sent_at = "EventDate"
sender = "Sender"
to = "Recipient"
role = "Kind"
message_id = "MessageId"
"#;
    let row = |table: &mut Table, mail: &Mail| {
        let roles = mail.to.iter().map(|to| (to, "to")).chain(mail.cc.iter().map(|cc| (cc, "cc")));
        for (recipient, role) in roles {
            table.row([&rfc3339(mail.at), &mail.sender.address, &recipient.address, role, &bracketed(mail)]);
        }
    };
    weekly("csv_recipient_rows", more, made, &header, row)
}

fn bracketed(mail: &Mail) -> String {
    format!("<{}>", mail.id)
}

/// One file a week, and the pipeline.
fn weekly(folder: &str, more: &str, made: &Made<'_>, header: &[&str], row: impl Fn(&mut Table, &Mail)) -> Files {
    let mut files = vec![Pipeline::reading(folder, source("mail", "csv", "mail/*.csv", more)).file()];
    for (week, mails) in weeks(&made.mails) {
        let mut table = Table::unix();
        table.row(header);
        mails.into_iter().for_each(|mail| row(&mut table, mail));
        files.push((format!("formats/{folder}/mail/{week}.csv"), table.bytes()));
    }
    files
}
