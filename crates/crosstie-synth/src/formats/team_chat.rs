//! Chat from Microsoft Graph Data Connect, where a Teams message looks like a mail: a line for each participant.

use super::clock::{later, seconds, whole_second};
use super::graph_mail::{in_pascal_case, row_information};
use super::made::{Chat, Kind, Made, kept};
use super::pipeline::{Pipeline, source};
use super::slack_reference::reference;
use super::text::guid;
use serde_json::{Value, json};

pub(crate) fn files(made: &Made<'_>) -> Vec<(String, Vec<u8>)> {
    let direct = |chat: &Chat| matches!(chat.kind, Kind::Direct | Kind::Group);
    let mut chats = kept(&made.chats, direct);
    let mut lines = String::new();
    for chat in &chats {
        for owner in chat.room.members() {
            lines.push_str(&format!("{}\n", in_pascal_case(copy(made, chat, owner))));
        }
    }
    let more = "dataset = \"team_chat\"\n";
    let mut files = vec![
        Pipeline::reading("team_chat", source("chat", "graph", "chat/*.json", more)).file(),
        ("formats/team_chat/chat/BasicDataSet_v0.TeamChat_v1.json".into(), lines.into_bytes()),
    ];
    // The rows know seconds only.
    chats.iter_mut().for_each(|chat| chat.at = whole_second(chat.at));
    files.extend(reference("team_chat", made, &chats));
    files
}

/// One participant's copy.
fn copy(made: &Made<'_>, chat: &Chat, owner: usize) -> Value {
    let one = |person: usize| {
        let address = made.address(person);
        // Exchange writes addresses as they were once typed.
        let address = if person.is_multiple_of(3) { address.to_uppercase() } else { address.to_string() };
        json!({"emailAddress": {"name": made.names[person].full(), "address": address}})
    };
    let at = format!("{}Z", seconds(chat.at));
    let millisecond = chat.at.0 / 1000;
    json!({
        "id": format!("AAMk{millisecond}{owner:06}AAA="),
        "createdDateTime": format!("{}Z", seconds(later(chat.at, 1))),
        "receivedDateTime": at,
        "sentDateTime": at,
        "hasAttachments": false,
        "internetMessageId": millisecond.to_string(),
        "subject": "",
        "bodyPreview": "…",
        "importance": "Normal",
        "parentFolderId": format!("AAMk{owner:06}AAA="),
        "conversationId": format!("AAQk{millisecond}{owner:06}="),
        "isRead": true,
        "isDraft": false,
        "body": {"contentType": "Microsoft.OutlookServices.BodyType'HTML'", "content": "<html><body>…</body></html>"},
        "sender": one(chat.sender),
        "from": one(chat.sender),
        "toRecipients": chat.named.iter().map(|&person| one(person)).collect::<Vec<_>>(),
        "replyTo": [],
        "attachments": [],
        "ODataType": "#Microsoft.OutlookServices.Message",
        "puser": made.guid(owner),
        "ptenant": guid(made.seed, "tenant", 0),
        "pAdditionalInfo": null,
        "datarow": 0,
        "rowinformation": row_information(),
    })
}
