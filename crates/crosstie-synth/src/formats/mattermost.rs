//! Chat as a Mattermost bulk export: users by name, replies nested in their parents, times in milliseconds.

use super::made::{Chat, Kind, Made, Room};
use super::pipeline::{Pipeline, source};
use super::slack_reference::reference;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const TEAM: &str = "acme";

pub(crate) fn files(made: &Made<'_>) -> Vec<(String, Vec<u8>)> {
    let lines = [vec![r#"{"type":"version","version":1}"#.to_string()], head(made), posts(made)].concat();
    let mut files = vec![
        Pipeline::reading("mattermost", source("chat", "mattermost", "export.jsonl", "")).file(),
        ("formats/mattermost/export.jsonl".into(), format!("{}\n", lines.join("\n")).into_bytes()),
    ];
    files.extend(reference("mattermost", made, &made.chats));
    files
}

/// `{"type":T,T:{…}}`, the type first as Mattermost writes it.
fn line(kind: &str, value: &Value) -> String {
    format!(r#"{{"type":"{kind}","{kind}":{value}}}"#)
}

fn username(made: &Made<'_>, person: usize) -> String {
    made.address(person).split('@').next().unwrap_or_default().to_string()
}

fn channel(unit: usize) -> String {
    format!("team-{unit:02}")
}

/// Team, channels and users.
fn head(made: &Made<'_>) -> Vec<String> {
    let team = json!({"name": TEAM, "display_name": "Acme", "type": "O", "description": "", "allow_open_invite": true});
    let mut lines = vec![line("team", &team)];
    for (unit, name) in made.staff.units.iter().enumerate() {
        let kind = if unit.is_multiple_of(3) { "P" } else { "O" };
        let value = json!({"team": TEAM, "name": channel(unit), "display_name": name, "type": kind, "header": ""});
        lines.push(line("channel", &value));
    }
    for (person, name) in made.names.iter().enumerate() {
        let rooms = json!([{"name": channel(made.staff.people[person].unit), "roles": "channel_user"}]);
        let teams = json!([{"name": TEAM, "roles": "team_user", "channels": rooms}]);
        let value = json!({
            "username": username(made, person),
            "email": made.address(person),
            "first_name": name.given,
            "last_name": name.family,
            "roles": "system_user",
            "locale": "en",
            // Members of no team have null here.
            "teams": if person.is_multiple_of(11) { Value::Null } else { teams },
        });
        lines.push(line("user", &value));
    }
    lines
}

/// Posts with their replies, then direct channels, then direct posts.
fn posts(made: &Made<'_>) -> Vec<String> {
    let chats = &made.chats;
    let mut replies: Vec<Vec<usize>> = vec![Vec::new(); chats.len()];
    for (at, chat) in chats.iter().enumerate() {
        if let Some(parent) = chat.parent.filter(|_| is_nested(at, chat)) {
            replies[parent].push(at);
        }
    }
    let mut channels = BTreeSet::new();
    let (mut posts, mut direct) = (Vec::new(), Vec::new());
    for (at, chat) in chats.iter().enumerate().filter(|&(at, chat)| !is_nested(at, chat)) {
        let mut value = message(made, chat);
        let nested: Value = replies[at].iter().map(|&reply| message(made, &chats[reply])).collect();
        value["replies"] = if replies[at].is_empty() && at.is_multiple_of(2) { Value::Null } else { nested };
        match &chat.room {
            Room::Channel(unit) => {
                value["team"] = TEAM.into();
                value["channel"] = channel(*unit).into();
                posts.push(line("post", &value));
            }
            room => {
                value["channel_members"] = members(made, room, at);
                channels.insert(room.clone());
                direct.push(line("direct_post", &value));
            }
        }
    }
    let rooms = channels.iter().map(|room| {
        line("direct_channel", &json!({"members": members(made, room, 0), "favorited_by": null, "header": ""}))
    });
    [posts, rooms.collect(), direct].concat()
}

/// Half of the answers in direct chats are threaded, as people do; all replies in channels are.
fn is_nested(at: usize, chat: &Chat) -> bool {
    chat.parent.is_some() && (chat.kind == Kind::Reply || at.is_multiple_of(2))
}

fn message(made: &Made<'_>, chat: &Chat) -> Value {
    let mentions: Vec<String> = chat.named.iter().map(|&person| format!("@{}", username(made, person))).collect();
    let text = if chat.kind == Kind::Post { format!("{} …", mentions.join(" ")) } else { "…".into() };
    json!({
        "user": username(made, chat.sender),
        "message": text,
        "props": {},
        "create_at": chat.at.0 / 1000,
        "reactions": null,
    })
}

/// Member lists come in any order.
fn members(made: &Made<'_>, room: &Room, turn: usize) -> Value {
    let mut people = room.members();
    let length = people.len();
    people.rotate_left(turn % length);
    people.into_iter().map(|person| username(made, person)).collect()
}
