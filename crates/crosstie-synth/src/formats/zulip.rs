//! Chat as a Zulip organization export. Zulip has no replies: an answer is a message in its parent's topic that
//! mentions the parent's author.

use super::made::{Chat, Kind, Made, Room};
use super::pipeline::{Pipeline, source};
use super::slack_reference::reference;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Messages of one file.
const PAGE: usize = 1000;
/// Numbers of users, streams and recipients begin here, so that none is taken for another.
const USER: usize = 100;
const STREAM: usize = 20_000;
const RECIPIENT: usize = 500_000;

pub(crate) fn files(made: &Made<'_>) -> Vec<(String, Vec<u8>)> {
    let chats = carried(&made.chats);
    let recipients = Recipients::of(made, &chats);
    let mut files = vec![
        Pipeline::reading("zulip", source("chat", "zulip", "export", "")).file(),
        ("formats/zulip/export/realm.json".into(), pretty(&realm(made, &recipients))),
    ];
    let messages: Vec<Value> = (0..chats.len()).map(|at| message(made, &chats, at, &recipients)).collect();
    for (page, messages) in messages.chunks(PAGE).enumerate() {
        let name = format!("formats/zulip/export/messages-{:06}.json", page + 1);
        files.push((name, pretty(&json!({"zerver_message": messages, "zerver_reaction": []}))));
    }
    files.extend(reference("zulip", made, &chats));
    files
}

fn pretty(value: &Value) -> Vec<u8> {
    format!("{value:#}\n").into_bytes()
}

/// Replies become posts that mention whom they answer.
fn carried(chats: &[Chat]) -> Vec<Chat> {
    let kind = |kind| if kind == Kind::Reply { Kind::Post } else { kind };
    chats.iter().map(|chat| Chat { kind: kind(chat.kind), ..chat.clone() }).collect()
}

/// Zulip's recipients: everybody, every stream, every group.
struct Recipients {
    groups: BTreeMap<Vec<usize>, usize>,
    people: usize,
    units: usize,
}

impl Recipients {
    fn of(made: &Made<'_>, chats: &[Chat]) -> Recipients {
        let (people, units) = (made.staff.people.len(), made.staff.units.len());
        let mut groups = BTreeMap::new();
        for chat in chats {
            if let Room::Group(members) = &chat.room {
                let next = RECIPIENT + people + units + groups.len();
                groups.entry(members.clone()).or_insert(next);
            }
        }
        Recipients { groups, people, units }
    }

    fn person(&self, person: usize) -> usize {
        RECIPIENT + person
    }

    fn stream(&self, unit: usize) -> usize {
        RECIPIENT + self.people + unit
    }

    /// The recipient of a message: in a direct chat that of the other person.
    fn id(&self, chat: &Chat) -> usize {
        match &chat.room {
            Room::Pair(..) => self.person(chat.named[0]),
            Room::Group(members) => self.groups[members],
            Room::Channel(unit) => self.stream(*unit),
        }
    }

    fn list(&self) -> Vec<Value> {
        let one = |id: usize, kind: u8, of: usize| json!({"id": id, "type": kind, "type_id": of});
        let people = (0..self.people).map(|person| one(self.person(person), 1, USER + person));
        let streams = (0..self.units).map(|unit| one(self.stream(unit), 2, STREAM + unit));
        let groups = self.groups.values().enumerate().map(|(at, &id)| one(id, 3, 70_000 + at));
        people.chain(streams).chain(groups).collect()
    }

    /// Who reads what: one's own mail, the stream of one's unit, one's groups.
    fn subscriptions(&self, made: &Made<'_>) -> Vec<Value> {
        let own = (0..self.people).map(|person| (person, self.person(person)));
        let streams = made.staff.people.iter().enumerate().map(|(at, person)| (at, self.stream(person.unit)));
        let groups = self.groups.iter().flat_map(|(members, &id)| members.iter().map(move |&person| (person, id)));
        let all = own.chain(streams).chain(groups).enumerate();
        all.map(|(at, (person, recipient))| {
            json!({"id": 1 + at, "user_profile": USER + person, "recipient": recipient, "active": true})
        })
        .collect()
    }
}

fn realm(made: &Made<'_>, recipients: &Recipients) -> Value {
    let person = |id: usize, mail: &str, name: &str, is_bot: bool| {
        json!({
            "id": id,
            "delivery_email": mail,
            "email": format!("user{id}@chat.acme.example"),
            "full_name": name,
            "is_active": true,
            "is_bot": is_bot,
            "role": 400,
            "date_joined": 1_767_225_600,
        })
    };
    let mut people: Vec<Value> =
        (0..made.names.len()).map(|at| person(USER + at, made.address(at), &made.names[at].full(), false)).collect();
    people.push(person(99, "reminder-bot@acme.example", "Reminder Bot", true));
    let streams: Vec<Value> = made
        .staff
        .units
        .iter()
        .enumerate()
        .map(|(unit, name)| {
            json!({"id": STREAM + unit, "name": name, "invite_only": unit.is_multiple_of(3), "deactivated": false})
        })
        .collect();
    json!({
        "zerver_userprofile": people,
        "zerver_userprofile_crossrealm": [{"id": 7, "email": "notification-bot@zulip.example"}],
        "zerver_userprofile_mirrordummy": [],
        "zerver_stream": streams,
        "zerver_recipient": recipients.list(),
        "zerver_subscription": recipients.subscriptions(made),
    })
}

fn message(made: &Made<'_>, chats: &[Chat], at: usize, recipients: &Recipients) -> Value {
    let chat = &chats[at];
    let mentions: Vec<String> =
        chat.named.iter().map(|&person| format!("@**{}|{}**", made.names[person].full(), USER + person)).collect();
    let second = chat.at.0.div_euclid(1_000_000);
    json!({
        "id": 1000 + at,
        "sender": USER + chat.sender,
        "recipient": recipients.id(chat),
        "subject": topic(chat, at),
        "content": if chat.kind == Kind::Post { format!("{} …", mentions.join(" ")) } else { "…".into() },
        "date_sent": date_sent(second, chat.at.0.rem_euclid(1_000_000)),
        "edit_history": if at.is_multiple_of(30) { "[{\"prev_content\": \"…\"}]".into() } else { Value::Null },
    })
}

/// The parent's topic; a resolved topic is the same one behind a check mark.
fn topic(chat: &Chat, at: usize) -> String {
    match (&chat.room, chat.parent) {
        (Room::Channel(_), Some(parent)) if at.is_multiple_of(4) => format!("✔ matter {parent}"),
        (Room::Channel(_), Some(parent)) => format!("matter {parent}"),
        (Room::Channel(_), None) => format!("matter {at}"),
        _ => String::new(),
    }
}

/// Seconds, whole or with a fraction.
fn date_sent(second: i64, micros: i64) -> Value {
    let written = if micros == 0 { second.to_string() } else { format!("{second}.{micros:06}") };
    serde_json::from_str(&written).expect("memory takes every number")
}
