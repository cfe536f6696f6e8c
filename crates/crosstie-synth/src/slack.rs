//! Chat as a Slack export: direct messages, group messages, channel posts with mentions and threads, joins, a bot.

use crate::people::Staff;
use crate::traffic::{Channel, Sent};
use crate::{FIRST_DAY, SynthParams};
use crosstie_model::{Micros, Stream};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

const TEAM: &str = "T0ACME";
const BOT: &str = "UBOT00";

/// Messages of a room by day, with their `ts`.
type Days = BTreeMap<(String, String), Vec<(String, Value)>>;

pub(crate) fn archive(params: &SynthParams, staff: &Staff, traffic: &[Sent]) -> Vec<u8> {
    let mut export = Export::new(staff);
    for (number, message) in traffic.iter().enumerate().filter(|(_, message)| message.channel != Channel::Mail) {
        // The sequence makes `ts` unique within a room.
        let ts = format!("{}.{:06}", message.at.0.div_euclid(1_000_000), number % 1_000_000);
        export.message(number, message, ts);
    }
    export.noise(params);
    export.zip()
}

/// Exactly these chat messages, without noise. Their times must differ: `ts` is the time to the microsecond.
pub(crate) fn clean_archive(staff: &Staff, chats: &[Sent]) -> Vec<u8> {
    let mut export = Export::new(staff);
    for (number, message) in chats.iter().enumerate() {
        let ts = format!("{}.{:06}", message.at.0.div_euclid(1_000_000), message.at.0.rem_euclid(1_000_000));
        export.message(number, message, ts);
    }
    export.zip()
}

struct Export<'a> {
    staff: &'a Staff,
    dms: BTreeMap<Vec<usize>, String>,
    groups: BTreeMap<Vec<usize>, String>,
    days: Days,
    /// Room and `ts` of a message by its number.
    ts_of: BTreeMap<usize, (String, String)>,
}

impl<'a> Export<'a> {
    fn new(staff: &'a Staff) -> Export<'a> {
        Export { staff, dms: BTreeMap::new(), groups: BTreeMap::new(), days: Days::new(), ts_of: BTreeMap::new() }
    }

    fn message(&mut self, number: usize, message: &Sent, ts: String) {
        let parent = message.answers.and_then(|parent| self.ts_of.get(&parent).cloned());
        let room = match (&parent, message.channel) {
            (Some((room, _)), _) => room.clone(),
            (None, Channel::Direct) => self.direct(message),
            (None, Channel::Group) => self.group(message),
            _ => format!("team-{:02}", self.staff.people[message.sender].unit),
        };
        let mut value = json!({
            "type": "message",
            "user": self.staff.people[message.sender].slack_id,
            "team": TEAM,
            "ts": ts,
            "text": "…",
        });
        if message.channel == Channel::Post {
            match &parent {
                Some((_, parent_ts)) => value["thread_ts"] = parent_ts.clone().into(),
                None => {
                    let named = message.to.iter().chain(&message.cc);
                    value["text"] = named
                        .map(|&person| format!("<@{}>", self.staff.people[person].slack_id))
                        .collect::<Vec<_>>()
                        .join(" ")
                        .into();
                }
            }
        }
        self.ts_of.insert(number, (room.clone(), ts.clone()));
        self.push(room, message.at, ts, value);
    }

    fn push(&mut self, room: String, at: Micros, ts: String, value: Value) {
        self.days.entry((room, at.day().to_string())).or_default().push((ts, value));
    }

    fn direct(&mut self, message: &Sent) -> String {
        let mut pair = vec![message.sender, message.to[0]];
        pair.sort_unstable();
        let next = self.dms.len();
        self.dms.entry(pair).or_insert_with(|| format!("D{next:05}")).clone()
    }

    fn group(&mut self, message: &Sent) -> String {
        let mut members: Vec<usize> = message.to.iter().chain(&message.cc).copied().chain([message.sender]).collect();
        members.sort_unstable();
        let next = self.groups.len();
        self.groups.entry(members).or_insert_with(|| format!("mpdm-group--{next}-1")).clone()
    }

    /// Joins, posts that name nobody, and a bot.
    fn noise(&mut self, params: &SynthParams) {
        let mut stream = Stream::new(params.seed, "synth-chat", &[]);
        for number in 0..u64::from(params.messages) / 200 {
            let day = FIRST_DAY.plus(stream.below(u64::from(params.days)) as i32);
            let at = Micros(day.start().0 + (9 * 3600 + stream.below(28_800) as i64) * 1_000_000);
            let ts = format!("{}.{:06}", at.0.div_euclid(1_000_000), 900_000 + number);
            let person = &self.staff.people[stream.below(self.staff.people.len() as u64) as usize];
            if !person.works(day) {
                continue;
            }
            let value = match number % 3 {
                0 => {
                    json!({"type": "message", "subtype": "bot_message", "bot_id": "B01", "user": BOT, "ts": ts, "text": "…"})
                }
                1 => {
                    json!({"type": "message", "subtype": "channel_join", "user": person.slack_id, "ts": ts, "text": "…"})
                }
                _ => json!({"type": "message", "user": person.slack_id, "team": TEAM, "ts": ts, "text": "<!here>"}),
            };
            self.push("general".into(), at, ts, value);
        }
    }

    fn zip(mut self) -> Vec<u8> {
        let id = |person: usize| self.staff.people[person].slack_id.clone();
        let mut users: Vec<Value> = self
            .staff
            .people
            .iter()
            .map(|person| json!({"id": person.slack_id, "team_id": TEAM, "is_bot": false, "profile": {"email": person.address}}))
            .collect();
        users.push(json!({"id": BOT, "team_id": TEAM, "is_bot": true, "profile": {}}));
        let everybody: Vec<String> = (0..self.staff.people.len()).map(id).collect();
        let mut channels = vec![json!({"id": "C00000", "name": "general", "members": everybody})];
        for unit in 0..self.staff.units.len() {
            let members: Vec<String> = self.staff.members(unit).into_iter().map(id).collect();
            channels.push(
                json!({"id": format!("C{:05}", unit + 1), "name": format!("team-{unit:02}"), "members": members}),
            );
        }
        let ids = |members: &Vec<usize>| members.iter().map(|&person| id(person)).collect::<Vec<_>>();
        let dms: Vec<Value> =
            self.dms.iter().map(|(members, room)| json!({"id": room, "members": ids(members)})).collect();
        let groups: Vec<Value> = self
            .groups
            .iter()
            .enumerate()
            .map(|(at, (members, room))| json!({"id": format!("G{at:05}"), "name": room, "members": ids(members)}))
            .collect();
        let mut files: BTreeMap<String, String> = BTreeMap::new();
        for (name, list) in [
            ("users.json", users),
            ("channels.json", channels),
            ("dms.json", dms),
            ("mpims.json", groups),
            ("groups.json", vec![]),
        ] {
            files.insert(name.into(), Value::Array(list).to_string());
        }
        for ((room, day), messages) in &mut self.days {
            messages.sort_by(|a, b| a.0.cmp(&b.0));
            let list: Vec<Value> = messages.iter().map(|(_, value)| value.clone()).collect();
            files.insert(format!("{room}/{day}.json"), Value::Array(list).to_string());
        }
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(DateTime::default());
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in files {
            zip.start_file(name, options)
                .and_then(|()| Ok(zip.write_all(text.as_bytes())?))
                .expect("memory takes every entry");
        }
        zip.finish().expect("memory takes every entry").into_inner()
    }
}
