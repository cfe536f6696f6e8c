//! Mail as JSON Lines with nested recipients, and keys beside them that nobody reads.

use super::csv_mail::weeks;
use super::made::{Made, Mail, Spelled};
use super::pipeline::{Pipeline, source};
use crate::mail::rfc3339;
use serde_json::{Value, json};

const COLUMNS: &str = r#"
[sources.columns]
sent_at = "at"
sender = "from"
to = "to[].address"
cc = "cc[].address"
message_id = "id"
"#;

pub(crate) fn files(made: &Made<'_>) -> Vec<(String, Vec<u8>)> {
    let mut files = vec![Pipeline::reading("jsonl", source("mail", "jsonl", "mail/*.jsonl", COLUMNS)).file()];
    for (week, mails) in weeks(&made.mails) {
        let lines: Vec<String> = mails.into_iter().map(|mail| line(made, mail)).collect();
        // The last line of real files often lacks its newline.
        files.push((format!("formats/jsonl/mail/{week}.jsonl"), lines.join("\n").into_bytes()));
    }
    files
}

fn line(made: &Made<'_>, mail: &Mail) -> String {
    let people = |list: &[Spelled]| -> Value {
        let one = |spelled: &Spelled| json!({"name": made.names[spelled.person].full(), "address": spelled.address});
        list.iter().map(one).collect()
    };
    json!({
        "at": rfc3339(mail.at),
        "from": mail.sender.address,
        "to": people(&mail.to),
        "cc": people(&mail.cc),
        "id": format!("<{}>", mail.id),
        "subject": "…",
        "size": 1200 + mail.number,
        "labels": ["a\\b", {"to": [{"address": "\"…\""}]}],
    })
    .to_string()
}
