//! Google's email log search as its CSV download: a row for each recipient and event, times in the administrator's
//! zone.

use super::clock::{Civil, later};
use super::csv_mail::weeks;
use super::made::{Made, Mail};
use super::pipeline::{Pipeline, source};
use super::text::Table;
use crosstie_model::Micros;

pub(crate) const COLUMNS: [&str; 18] = [
    "Message ID",
    "Start date",
    "End date",
    "Sender",
    "Message size",
    "Subject",
    "Direction",
    "Attachments",
    "Recipient address",
    "Event target",
    "Event date",
    "Event status",
    "Event target IP address",
    "Has encryption",
    "Event SMTP reply code",
    "Event description",
    "Client Type",
    "Device User Session ID",
];
/// Kolkata knows no summer time.
const ZONE: (&str, i64) = ("Asia/Kolkata", 330);

pub(crate) fn files(made: &Made<'_>) -> Vec<(String, Vec<u8>)> {
    let more = format!("time_format = \"%Y/%m/%d %H:%M:%S\"\nzone = \"{}\"\n", ZONE.0);
    let mut files = vec![Pipeline::reading("gmail_log", source("mail", "gmail_log", "log/*.csv", &more)).file()];
    for (week, mails) in weeks(&made.mails) {
        let mut table = Table::unix();
        table.row(COLUMNS);
        mails.into_iter().for_each(|mail| rows(mail, &mut table));
        files.push((format!("formats/gmail_log/log/email-log-{week}.csv"), table.bytes()));
    }
    files
}

fn rows(mail: &Mail, table: &mut Table) {
    for recipient in mail.recipients() {
        if mail.number.is_multiple_of(6) {
            table.row(row(mail, &recipient.address, "SMTP_IN", "", 0));
        }
        if mail.number.is_multiple_of(5) {
            table.row(row(mail, &recipient.address, "INTERNAL_SERVER", "DELIVERED", 1));
        }
        table.row(row(mail, &recipient.address, "GMAIL_INBOX", "DELIVERED", 2));
    }
}

fn row(mail: &Mail, recipient: &str, target: &str, status: &str, seconds: i64) -> [String; 18] {
    [
        format!("<{}>", mail.id),
        local(mail.at),
        local(later(mail.at, 2)),
        mail.sender.address.clone(),
        (4000 + mail.number).to_string(),
        "…, …".into(),
        "Internal".into(),
        "0".into(),
        recipient.into(),
        target.into(),
        local(later(mail.at, seconds)),
        status.into(),
        String::new(),
        "Encrypted".into(),
        "250".into(),
        String::new(),
        "WEB".into(),
        String::new(),
    ]
}

/// `2026/03/02 13:45:00`
fn local(at: Micros) -> String {
    let c = Civil::at(at, ZONE.1);
    format!("{}/{:02}/{:02} {:02}:{:02}:{:02}", c.year, c.month, c.day, c.hour, c.minute, c.second)
}
