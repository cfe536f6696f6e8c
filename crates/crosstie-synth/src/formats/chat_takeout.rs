//! Chat as Google Takeout: folders of direct messages and of spaces. It names members of direct chats, and the first
//! author of a topic; mentions and groups are not in it.

use super::clock::{Civil, whole_second};
use super::made::{Chat, Kind, Made, Room, kept};
use super::pipeline::{Pipeline, source};
use super::slack_reference::reference;
use crosstie_model::Micros;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) fn files(made: &Made<'_>) -> Vec<(String, Vec<u8>)> {
    let chats = carried(&made.chats);
    let mut rooms: BTreeMap<&Room, Vec<Value>> = BTreeMap::new();
    for (at, chat) in chats.iter().enumerate() {
        rooms.entry(&chat.room).or_default().push(message(made, chat, at));
    }
    let mut files = vec![Pipeline::reading("chat_takeout", source("chat", "chat_takeout", "export", "")).file()];
    for (number, (room, messages)) in rooms.into_iter().enumerate() {
        let (kind, info) = group_info(made, room);
        let folder = format!("formats/chat_takeout/export/Groups/{kind} {number:05}AAAA");
        let text = format!("{:#}", json!({ "messages": messages }));
        // The blank before AM and PM stands raw, or escaped.
        let text = if number.is_multiple_of(3) { text.replace('\u{202f}', "\\u202f") } else { text };
        files.push((format!("{folder}/messages.json"), text.into_bytes()));
        files.push((format!("{folder}/group_info.json"), format!("{info:#}").into_bytes()));
    }
    files.extend(reference("chat_takeout", made, &chats));
    files
}

/// Direct messages, and topics that somebody answered; their first post names nobody.
fn carried(chats: &[Chat]) -> Vec<Chat> {
    let replies = chats.iter().filter(|chat| chat.kind == Kind::Reply);
    let answered: BTreeSet<Micros> = replies.filter_map(|reply| Some(chats[reply.parent?].at)).collect();
    let keep = |chat: &Chat| match chat.kind {
        Kind::Direct | Kind::Reply => true,
        Kind::Group => false,
        Kind::Post => answered.contains(&chat.at),
    };
    let mut chats = kept(chats, keep);
    for chat in &mut chats {
        chat.at = whole_second(chat.at);
        if chat.kind == Kind::Post {
            chat.named.clear();
        }
    }
    chats
}

fn person(made: &Made<'_>, person: usize) -> Value {
    json!({"name": made.names[person].full(), "email": made.address(person), "user_type": "Human"})
}

fn group_info(made: &Made<'_>, room: &Room) -> (&'static str, Value) {
    let all = |people: Vec<usize>| -> Value { people.into_iter().map(|one| person(made, one)).collect() };
    match room {
        Room::Channel(unit) => {
            ("Space", json!({"name": made.staff.units[*unit], "members": all(made.staff.members(*unit))}))
        }
        _ => ("DM", json!({"members": all(room.members())})),
    }
}

fn message(made: &Made<'_>, chat: &Chat, at: usize) -> Value {
    let topic = match chat.kind {
        Kind::Reply => chat.parent.unwrap_or(at),
        _ => at,
    };
    json!({
        "creator": person(made, chat.sender),
        "created_date": prose(chat.at, if at.is_multiple_of(4) { ' ' } else { '\u{202f}' }),
        "text": "…",
        "topic_id": format!("t{topic}AAA"),
        "message_id": format!("room/t{topic}AAA/m{at}AAA"),
    })
}

/// `Monday, March 2, 2026 at 8:15:00 AM UTC`
fn prose(at: Micros, blank: char) -> String {
    let c = Civil::at(at, 0);
    let (hour, half) = c.twelve();
    let time = format!("{hour}:{:02}:{:02}{blank}{half} UTC", c.minute, c.second);
    format!("{}, {} {}, {} at {time}", c.weekday, c.month_name, c.day, c.year)
}
