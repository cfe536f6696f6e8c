//! Mail from Microsoft Graph Data Connect: a line for each mailbox that holds a copy, keys in either case.

use super::clock::{later, seconds};
use super::made::{Made, Mail, Spelled};
use super::pipeline::{Pipeline, source};
use super::text::utf16le;
use crosstie_model::Micros;
use serde_json::{Map, Value, json};

pub(crate) fn files(made: &Made<'_>) -> Vec<(String, Vec<u8>)> {
    let (mut camel, mut pascal, mut sent) = (String::new(), String::new(), String::new());
    for mail in &made.mails {
        sent.push_str(&format!("{}\n", copy(made, mail, mail.sender.person, mail.at)));
        for recipient in mail.recipients() {
            // A mailbox's own clock may be behind.
            let at = later(mail.at, i64::from(mail.number.is_multiple_of(7)) * 2);
            let value = copy(made, mail, recipient.person, at);
            if recipient.person.is_multiple_of(2) {
                camel.push_str(&format!("{value}\n"));
            } else {
                pascal.push_str(&format!("{}\n", in_pascal_case(value)));
            }
        }
    }
    let more = "dataset = \"mail\"\n";
    let name = |file: &str| format!("formats/graph/mail/BasicDataSet_v0.{file}.json");
    vec![
        Pipeline::reading("graph", source("mail", "graph", "mail/*.json", more)).file(),
        (name("Message_v1_0"), camel.into_bytes()),
        (name("Message_v1_1"), pascal.into_bytes()),
        (name("SentItem_v1"), utf16le(&sent, true)),
    ]
}

/// One mailbox's copy.
fn copy(made: &Made<'_>, mail: &Mail, owner: usize, at: Micros) -> Value {
    let one = |spelled: &Spelled| json!({"emailAddress": {"name": made.names[spelled.person].full(), "address": spelled.address}});
    let all = |list: &[Spelled]| -> Value { list.iter().map(one).collect() };
    json!({
        "id": format!("AAMk{:06}{:06}AAA=", mail.number, owner),
        "createdDateTime": format!("{}Z", seconds(at)),
        "receivedDateTime": format!("{}Z", seconds(later(at, 1))),
        "sentDateTime": format!("{}Z", seconds(at)),
        "hasAttachments": false,
        "internetMessageId": format!("<{}>", mail.id),
        "subject": "…",
        "bodyPreview": "…",
        "importance": "normal",
        "parentFolderId": format!("AQMk{owner:06}AAA="),
        "conversationId": format!("AAQk{:06}{:06}=", mail.number, owner),
        "isDeliveryReceiptRequested": null,
        "isRead": true,
        "isDraft": false,
        "body": {"contentType": "microsoft.graph.bodyType'html'", "content": "<html>\r\n<body>…</body></html>"},
        "sender": one(&mail.sender),
        "from": one(&mail.sender),
        "toRecipients": all(&mail.to),
        "ccRecipients": all(&mail.cc),
        "bccRecipients": [],
        "replyTo": [],
        "ODataType": "#microsoft.graph.message",
        "puser": made.guid(owner),
        "ptenant": super::text::guid(made.seed, "tenant", 0),
        "pAdditionalInfo": null,
        "datarow": 0,
        "rowinformation": row_information(),
    })
}

/// What Data Connect says of every row.
pub(crate) fn row_information() -> Value {
    json!({
        "errorInformation": null,
        "userReturnedNoData": false,
        "isUserSummaryRow": false,
        "userHasCompleteData": false,
    })
}

/// `internetMessageId` as `InternetMessageId`, at every depth. Data Connect's own keys stay as they are.
pub(crate) fn in_pascal_case(value: Value) -> Value {
    const KEPT: [&str; 5] = ["puser", "ptenant", "pAdditionalInfo", "datarow", "rowinformation"];
    match value {
        Value::Array(list) => list.into_iter().map(in_pascal_case).collect(),
        Value::Object(map) => Value::Object(
            map.into_iter()
                .map(|(key, value)| match KEPT.contains(&key.as_str()) {
                    true => (key, value),
                    false => (format!("{}{}", key[..1].to_uppercase(), &key[1..]), in_pascal_case(value)),
                })
                .collect::<Map<_, _>>(),
        ),
        other => other,
    }
}
