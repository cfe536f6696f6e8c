//! Message tracking logs of an Exchange server, one a day: several rows a mail, of which RECEIVE names the recipients.

use super::clock::{later, millis};
use super::csv_mail::joined;
use super::made::{Made, Mail, Spelled};
use super::pipeline::{Pipeline, source};
use super::text::{Table, guid};
use crosstie_model::{Day, Micros};
use std::collections::BTreeMap;

const SERVER: &str = "EX01";
/// The columns of Exchange 2016 and 2019.
pub(crate) const COLUMNS: [&str; 30] = [
    "date-time",
    "client-ip",
    "client-hostname",
    "server-ip",
    "server-hostname",
    "source-context",
    "connector-id",
    "source",
    "event-id",
    "internal-message-id",
    "message-id",
    "network-message-id",
    "recipient-address",
    "recipient-status",
    "total-bytes",
    "recipient-count",
    "related-recipient-address",
    "reference",
    "message-subject",
    "sender-address",
    "return-path",
    "message-info",
    "directionality",
    "tenant-id",
    "original-client-ip",
    "original-server-ip",
    "custom-data",
    "transport-traffic-type",
    "log-id",
    "schema-version",
];

/// One row in short; the rest follows from the mail.
struct Event<'a> {
    at: Micros,
    source: &'a str,
    event: &'a str,
    context: &'a str,
    recipients: Vec<&'a Spelled>,
}

pub(crate) fn files(made: &Made<'_>) -> Vec<(String, Vec<u8>)> {
    let mut days: BTreeMap<Day, Vec<(Micros, [String; 30])>> = BTreeMap::new();
    for mail in &made.mails {
        for event in events(mail) {
            days.entry(event.at.day()).or_default().push((event.at, cells(made.seed, mail, &event)));
        }
    }
    let mut files = vec![Pipeline::reading("msgtrk", source("mail", "msgtrk", "logs/*.LOG", "")).file()];
    for (at, (day, mut rows)) in days.into_iter().enumerate() {
        rows.sort_by_key(|(at, _)| *at);
        let name = format!("formats/msgtrk/logs/MSGTRK{}-1.LOG", day.to_string().replace('-', ""));
        files.push((name, log(day, at.is_multiple_of(3), rows)));
    }
    files
}

fn log(day: Day, with_bom: bool, rows: Vec<(Micros, [String; 30])>) -> Vec<u8> {
    let mut table = Table::windows();
    rows.into_iter().for_each(|(_, cells)| table.row(cells));
    let mark = if with_bom { "\u{feff}" } else { "" };
    let head = format!(
        "{mark}#Software: Microsoft Exchange Server\r\n#Version: 15.02.0858.005\r\n#Log-type: Message Tracking Log\r\n\
         #Date: {day}T00:00:00.000Z\r\n#Fields: {}\r\n",
        COLUMNS.join(",")
    );
    [head.into_bytes(), table.bytes()].concat()
}

/// What the server logs of one mail.
fn events(mail: &Mail) -> Vec<Event<'_>> {
    let everybody: Vec<&Spelled> = mail.recipients().collect();
    let event = |at, source, event, context, recipients| Event { at, source, event, context, recipients };
    let mut events = Vec::new();
    if mail.number.is_multiple_of(4) {
        let context = "MDB:61914740-3f1b-4ddb-94e0-557196870cfa, Mailbox:279f077c, ClientType:User";
        events.push(event(Micros(mail.at.0 - 1_000_000), "STOREDRIVER", "SUBMIT", context, vec![]));
    }
    events.push(event(mail.at, "SMTP", "RECEIVE", "08DE7A;2026-03-02T06:00:00.000Z;0", everybody.clone()));
    if mail.number.is_multiple_of(5) {
        events.push(event(mail.at, "AGENT", "AGENTINFO", "CatContentConversion", everybody.clone()));
    }
    if mail.number.is_multiple_of(7) {
        let context = "EX02.acme.example = 250 2.6.0 [InternalId = 1, Hostname = EX02] \"Queued\" for redundancy";
        events.push(event(mail.at, "SMTP", "HAREDIRECT", context, everybody.clone()));
    }
    let delivered = later(mail.at, 1 + mail.number as i64 % 4);
    if mail.number.is_multiple_of(2) {
        events.push(event(delivered, "STOREDRIVER", "DELIVER", "…", everybody));
    } else {
        let each = everybody.into_iter().map(|one| event(delivered, "STOREDRIVER", "DELIVER", "", vec![one]));
        events.extend(each);
    }
    events
}

fn cells(seed: u64, mail: &Mail, event: &Event<'_>) -> [String; 30] {
    let count = event.recipients.len();
    let value = |column: &str| match column {
        "date-time" => format!("{}Z", millis(event.at)),
        "client-ip" => "10.0.0.7".into(),
        "server-hostname" => SERVER.into(),
        "source-context" => event.context.into(),
        "source" => event.source.into(),
        "event-id" => event.event.into(),
        "internal-message-id" if event.event != "SUBMIT" => (64_712_272_257_893 + mail.number as u64).to_string(),
        "message-id" => format!("<{}>", mail.id),
        "network-message-id" if event.event != "SUBMIT" => guid(seed, "network", mail.number),
        "recipient-address" => joined(event.recipients.iter().copied()),
        "total-bytes" if count > 0 => (5000 + mail.number).to_string(),
        "recipient-count" if count > 0 => count.to_string(),
        "message-subject" => "…, \"…\"".into(),
        "sender-address" | "return-path" => mail.sender.address.clone(),
        "directionality" => "Originating".into(),
        "custom-data" => "S:DeliveryPriority=Normal;S:AccountForest=acme.example".into(),
        "transport-traffic-type" => "Email".into(),
        "log-id" => guid(seed, event.event, mail.number),
        "schema-version" => "15.02.0858.005".into(),
        _ => String::new(),
    };
    COLUMNS.map(value)
}
