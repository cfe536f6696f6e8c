//! Message traces of Microsoft 365: the enhanced summary as UTF-16, and what `Get-MessageTrace` exports as CSV.

use super::clock::{Civil, seconds};
use super::made::{Made, Mail};
use super::pipeline::{Pipeline, source};
use super::text::{Table, guid, utf16le};
use crosstie_model::Micros;

type Files = Vec<(String, Vec<u8>)>;

pub(crate) const SUMMARY: [&str; 11] = [
    "origin_timestamp_utc",
    "sender_address",
    "recipient_status",
    "message_subject",
    "total_bytes",
    "message_id",
    "network_message_id",
    "original_client_ip",
    "directionality",
    "connector_id",
    "delivery_priority",
];
pub(crate) const CMDLET: [&str; 17] = [
    "PSComputerName",
    "RunspaceId",
    "PSShowComputerName",
    "Organization",
    "MessageId",
    "Received",
    "SenderAddress",
    "RecipientAddress",
    "Subject",
    "Status",
    "ToIP",
    "FromIP",
    "Size",
    "MessageTraceId",
    "StartDate",
    "EndDate",
    "Index",
];

/// Two halves, one with a byte order mark and one without.
pub(crate) fn summary(made: &Made<'_>) -> Files {
    let pipeline = Pipeline::reading("m365_trace", source("mail", "m365_trace", "trace/*.csv", ""));
    let mut files = vec![pipeline.file()];
    for (part, mails) in halves(&made.mails).into_iter().enumerate() {
        let mut table = Table::windows();
        table.row(SUMMARY);
        mails.iter().for_each(|mail| table.row(summary_row(made.seed, mail)));
        let name = format!("formats/m365_trace/trace/MTSummary_{part}.csv");
        files.push((name, utf16le(&table.text(), part == 0)));
    }
    files
}

fn summary_row(seed: u64, mail: &Mail) -> [String; 11] {
    let status: Vec<String> =
        mail.recipients().map(|recipient| format!("{}##Receive, Deliver", recipient.address)).collect();
    [
        format!("{}.0000000Z", seconds(mail.at)),
        mail.sender.address.clone(),
        status.join(";"),
        "…, \"…\"".into(),
        (9000 + mail.number).to_string(),
        format!("<{}>", mail.id),
        guid(seed, "network", mail.number).replace('-', ""),
        "10.0.0.1".into(),
        "Originating".into(),
        String::new(),
        "Normal".into(),
    ]
}

/// Times in the order of the United States, as an operator there gets them.
pub(crate) fn cmdlet(made: &Made<'_>) -> Files {
    let more = "time_format = \"%m/%d/%Y %I:%M:%S %p\"\nzone = \"UTC\"\n";
    let pipeline = Pipeline::reading("m365_trace_csv", source("mail", "m365_trace", "trace/*.csv", more));
    let mut files = vec![pipeline.file()];
    for (part, mails) in halves(&made.mails).into_iter().enumerate() {
        let mut table = Table::powershell();
        table.row(CMDLET);
        for mail in mails {
            let rows = mail.recipients().enumerate();
            rows.for_each(|(at, recipient)| table.row(cmdlet_row(made.seed, mail, at, &recipient.address)));
        }
        // PowerShell 5 without -NoTypeInformation.
        let head = if part == 0 { "#TYPE Deserialized.Microsoft.Exchange.Data.MessageTrace\r\n" } else { "" };
        let name = format!("formats/m365_trace_csv/trace/MessageTrace_{part}.csv");
        files.push((name, [head.as_bytes(), &table.bytes()].concat()));
    }
    files
}

fn cmdlet_row(seed: u64, mail: &Mail, index: usize, recipient: &str) -> [String; 17] {
    [
        "outlook.office365.com".into(),
        guid(seed, "runspace", 0),
        "False".into(),
        "acme.onmicrosoft.example".into(),
        format!("<{}>", mail.id),
        us_time(mail.at),
        mail.sender.address.clone(),
        recipient.into(),
        "…".into(),
        "Delivered".into(),
        String::new(),
        "10.0.0.1".into(),
        (9000 + mail.number).to_string(),
        guid(seed, "network", mail.number),
        "3/1/2026 12:00:00 AM".into(),
        "6/1/2026 12:00:00 AM".into(),
        index.to_string(),
    ]
}

/// `03/02/2026 08:15:00 AM`
fn us_time(at: Micros) -> String {
    let c = Civil::at(at, 0);
    let (hour, half) = c.twelve();
    format!("{:02}/{:02}/{} {hour:02}:{:02}:{:02} {half}", c.month, c.day, c.year, c.minute, c.second)
}

fn halves(mails: &[Mail]) -> [&[Mail]; 2] {
    let (first, second) = mails.split_at(mails.len() / 2);
    [first, second]
}
