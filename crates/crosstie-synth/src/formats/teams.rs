//! Chat as PowerShell exports it from Microsoft Teams: a tree of teams and users, where each participant's file
//! repeats a chat message.

use super::clock::{later, millis, seconds};
use super::made::{Chat, Kind, Made, Room};
use super::pipeline::{Pipeline, csv_directory, source};
use super::slack_reference::reference;
use super::text::{Table, guid};
use serde_json::{Value, json};
use std::collections::BTreeMap;

type Files = Vec<(String, Vec<u8>)>;

pub(crate) fn files(made: &Made<'_>) -> Files {
    let mut files = vec![
        Pipeline {
            folder: "teams",
            directory: csv_directory("directory.csv", true, r#"{ slack = "slack_id", teams = "teams_id" }"#),
            source: source("chat", "graph", "export", "dataset = \"teams\"\nchats_file = \"chats.json\"\n"),
            aliases_file: None,
        }
        .file(),
        ("formats/teams/directory.csv".into(), directory(made)),
        ("formats/teams/chats.json".into(), pretty(&group_chats(made))),
        ("formats/teams/export/users/usersList.json".into(), pretty(&users(made))),
    ];
    files.extend(team_files(made));
    files.extend(user_files(made));
    files.extend(reference("teams", made, &made.chats));
    files
}

fn pretty(value: &Value) -> Vec<u8> {
    format!("{value:#}").into_bytes()
}

/// The organization's directory with a column more.
fn directory(made: &Made<'_>) -> Vec<u8> {
    let plain = crate::people::directory_csv(made.staff);
    let mut rows = csv::Reader::from_reader(plain.as_slice());
    let mut table = Table::unix();
    let header = rows.headers().expect("memory holds a header").clone();
    table.row(header.iter().chain(["teams_id"]));
    for (person, row) in rows.records().enumerate() {
        let row = row.expect("memory holds whole rows");
        let id = if person < made.staff.people.len() { made.guid(person) } else { String::new() };
        table.row(row.iter().chain([id.as_str()]));
    }
    table.bytes()
}

fn users(made: &Made<'_>) -> Value {
    (0..made.names.len())
        .map(|person| {
            json!({
                "Id": made.guid(person),
                "DisplayName": made.names[person].full(),
                // Accounts may lack mail.
                "Mail": if person.is_multiple_of(9) { Value::Null } else { made.address(person).into() },
                "UserPrincipalName": made.address(person),
            })
        })
        .collect()
}

/// Members of group chats, which the messages do not name.
fn group_chats(made: &Made<'_>) -> Value {
    let mut groups: BTreeMap<&Room, String> = BTreeMap::new();
    for chat in made.chats.iter().filter(|chat| chat.kind == Kind::Group) {
        groups.entry(&chat.room).or_insert_with(|| chat_id(made, &chat.room));
    }
    groups
        .into_iter()
        .map(|(room, id)| {
            let members: Vec<String> = room.members().into_iter().map(|person| made.guid(person)).collect();
            json!({"id": id, "members": members})
        })
        .collect()
}

/// A chat's id names both of two people, and nobody of a group.
fn chat_id(made: &Made<'_>, room: &Room) -> String {
    let mut members: Vec<String> = room.members().into_iter().map(|person| made.guid(person)).collect();
    members.sort();
    match room {
        Room::Pair(..) => format!("19:{}@unq.gbl.spaces", members.join("_")),
        _ => {
            let people: Vec<String> = room.members().iter().map(usize::to_string).collect();
            format!("19:{}@thread.v2", guid(made.seed, &format!("chat-{}", people.join("-")), 0).replace('-', ""))
        }
    }
}

fn team_files(made: &Made<'_>) -> Files {
    let mut files = Files::new();
    for unit in 0..made.staff.units.len() {
        let team = guid(made.seed, "team", unit);
        let messages: Value =
            made.chats.iter().filter(|chat| chat.room == Room::Channel(unit)).map(|chat| message(made, chat)).collect();
        let folder = format!("formats/teams/export/teams/{team}");
        files.push((format!("{folder}/messages_{team}.json"), pretty(&messages)));
        files.push((format!("{folder}/teamMembers_{team}.json"), pretty(&team_members(made, unit))));
    }
    files
}

fn team_members(made: &Made<'_>, unit: usize) -> Value {
    made.staff
        .members(unit)
        .into_iter()
        .map(|person| {
            json!({
                "Id": format!("MCMj{person:06}"),
                "DisplayName": made.names[person].full(),
                "Roles": [],
                "AdditionalProperties": {"userId": made.guid(person), "email": made.address(person)},
            })
        })
        .collect()
}

/// A file for each person who chats.
fn user_files(made: &Made<'_>) -> Files {
    let mut of: BTreeMap<usize, Vec<Value>> = BTreeMap::new();
    for chat in &made.chats {
        let value = message(made, chat);
        chat.room.members().into_iter().for_each(|member| of.entry(member).or_default().push(value.clone()));
    }
    of.into_iter()
        .map(|(person, messages)| {
            let id = made.guid(person);
            (format!("formats/teams/export/users/{id}/messages_{id}.json"), pretty(&Value::Array(messages)))
        })
        .collect()
}

fn message(made: &Made<'_>, chat: &Chat) -> Value {
    let number = (chat.at.0 / 1000) as usize;
    let channel = match chat.room {
        Room::Channel(unit) => json!({
            "ChannelId": format!("19:{}@thread.tacv2", guid(made.seed, "channel", unit).replace('-', "")),
            "TeamId": guid(made.seed, "team", unit),
        }),
        _ => Value::Null,
    };
    let chat_id = if channel.is_null() { chat_id(made, &chat.room).into() } else { Value::Null };
    let parent = chat.parent.filter(|_| chat.kind == Kind::Reply).map(|parent| id(&made.chats[parent]));
    let edited = number.is_multiple_of(20).then(|| format!("{}+00:00", seconds(later(chat.at, 40))));
    json!({
        "Id": id(chat),
        "Body": {"ContentType": "html", "Content": "<p>…</p>"},
        "CreatedDateTime": created(chat),
        "LastModifiedDateTime": created(chat),
        "LastEditedDateTime": edited,
        "DeletedDateTime": null,
        "Subject": "",
        "Summary": null,
        "Importance": "normal",
        "Locale": "en-us",
        "PolicyViolation": null,
        "ReplyToId": parent,
        "WebUrl": null,
        "From": {"Application": null, "Device": null, "User": user(made, chat.sender)},
        "Attachments": [],
        "Mentions": if chat.kind == Kind::Post { mentions(made, chat) } else { Value::Array(vec![]) },
        "Reactions": [],
        "MessageHistory": null,
        "MessageType": "message",
        "ChannelIdentity": channel,
        "ChatId": chat_id,
        "EventDetail": null,
    })
}

/// Milliseconds as a text.
fn id(chat: &Chat) -> String {
    (chat.at.0 / 1000).to_string()
}

/// Fractions of no, two, three or seven digits, and both spellings of UTC.
fn created(chat: &Chat) -> String {
    let millisecond = chat.at.0 / 1000 % 1000;
    match millisecond {
        0 => format!("{}Z", seconds(chat.at)),
        _ if millisecond % 10 == 0 => format!("{}.{:02}+00:00", seconds(chat.at), millisecond / 10),
        _ if millisecond % 7 == 0 => format!("{}0000Z", millis(chat.at)),
        _ => format!("{}+00:00", millis(chat.at)),
    }
}

fn user(made: &Made<'_>, person: usize) -> Value {
    json!({
        "Id": made.guid(person),
        "DisplayName": made.names[person].full(),
        "UserIdentityType": "aadUser",
        "TenantId": guid(made.seed, "tenant", 0),
    })
}

fn mentions(made: &Made<'_>, chat: &Chat) -> Value {
    chat.named
        .iter()
        .enumerate()
        .map(|(at, &person)| {
            json!({
                "Id": at,
                "MentionText": made.names[person].full(),
                "Mentioned": {
                    "Application": null,
                    "Conversation": null,
                    "Device": null,
                    "Tag": null,
                    "User": user(made, person),
                },
            })
        })
        .collect()
}
