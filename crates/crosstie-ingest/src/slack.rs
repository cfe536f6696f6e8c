//! Slack exports, zip or folder: direct messages, group messages, replies and mentions.
//!
//! Slack help, "How to read Slack data exports". The day in a file's name is local time: only `ts` is used, and
//! as a string, since through a float two messages merge. Channel membership never makes a tie.

use crate::IngestError;
use crate::files::{FileFingerprint, entries, is_input, read_steady};
use crate::json_array::elements;
use crate::ledger::{FileBytes, Reason};
use crate::slack_message::{Channel, Message, User};
use crate::work::{Fault, Spot, Work};
use crosstie_model::{Code, Diagnostic, Lookup, Micros, Place, Role, code};
use std::io::{Cursor, Read};
use std::path::Path;

/// One entry of the export, in memory.
struct Entry {
    name: String,
    bytes: Vec<u8>,
}

/// Largest entry that is read.
const ENTRY_LIMIT: u64 = 4 << 30;

#[derive(Clone, Copy, PartialEq, Eq)]
enum RoomKind {
    Direct,
    Group,
    Channel,
}

struct Room {
    id: String,
    place: RoomKind,
    members: Vec<String>,
}

struct Person {
    team: String,
    email: Option<String>,
    is_bot: bool,
}

pub(crate) fn read(
    name: &str,
    source: u32,
    file: u32,
    path: &Path,
    files: &mut Vec<FileFingerprint>,
    work: &mut Work<'_>,
) -> Result<(), IngestError> {
    let entries = open(name, path, files)?;
    let export = Export::of(&entries, path)?;
    // Offsets of records count through all entries in order, as if they were one file.
    let mut base = 0;
    let mut bytes = FileBytes::default();
    let mut parents: Lookup<String, String> = Lookup::new();
    for entry in entries.iter().filter(|entry| is_day_file(&entry.name)) {
        export.note_authors(entry, &mut parents);
    }
    for entry in &entries {
        let spot = Spot { source, file, offset: base, line: 0 };
        let length = entry.bytes.len() as u64;
        bytes.seen += length;
        if is_bad_name(&entry.name) {
            bytes.record += length;
            work.set_aside(spot, entry.name.as_bytes(), Fault::from(code::I204));
        } else if is_day_file(&entry.name) {
            let read = export.day_file(entry, name, spot, &parents, work);
            bytes.record += read.record;
            bytes.separator += read.separator;
            if !read.whole {
                return Err(damaged(path, &entry.name));
            }
        } else if LISTS.contains(&entry.name.as_str()) {
            bytes.header += length;
        } else {
            bytes.record += length;
            work.exclude(spot, None, Reason::NotAMessage);
        }
        base += length;
    }
    work.ledger.bytes.insert((source, file), bytes);
    Ok(())
}

/// Entries that describe the export and hold no message.
const LISTS: [&str; 9] = [
    "users.json",
    "org_users.json",
    "channels.json",
    "groups.json",
    "dms.json",
    "mpims.json",
    "integration_logs.json",
    "canvases.json",
    "huddle_transcripts.json",
];

fn damaged(path: &Path, entry: &str) -> IngestError {
    let place = Place { path: path.display().to_string(), line: None, byte: None, column: None };
    let what = if LISTS.contains(&entry) {
        format!("`{entry}` is not a JSON array")
    } else {
        "a day file is not a JSON array".into()
    };
    IngestError::Unusable(vec![Diagnostic::new(code::I212, what).at(place).hint(code::I212.remedy)])
}

/// `folder/YYYY-MM-DD.json`
fn is_day_file(name: &str) -> bool {
    name.split_once('/')
        .and_then(|(_, day)| day.strip_suffix(".json"))
        .is_some_and(|day| day.parse::<crosstie_model::Day>().is_ok())
}

fn is_bad_name(name: &str) -> bool {
    name.starts_with('/')
        || name.contains('\\')
        || name.split('/').any(|part| part == "..")
        || name.get(1..2) == Some(":")
}

/// All entries in the order of their names, from an archive or a folder.
fn open(source: &str, path: &Path, files: &mut Vec<FileFingerprint>) -> Result<Vec<Entry>, IngestError> {
    let mut found = Vec::new();
    if path.is_dir() {
        let mut tops = entries(path)?;
        tops.retain(|top| top.file_name().and_then(|name| name.to_str()).is_some_and(is_input));
        for top in tops {
            let inner = if top.is_dir() { entries(&top)? } else { vec![top.clone()] };
            for file in inner {
                let relative = file.strip_prefix(path).ok().and_then(Path::to_str).map(|name| name.replace('\\', "/"));
                let Some(name) = relative.filter(|_| file.is_file()) else { continue };
                let bytes = read_steady(&file)?;
                files.push(FileFingerprint::of(source, &file, &bytes));
                found.push(Entry { name, bytes });
            }
        }
    } else {
        let archive = read_steady(path)?;
        files.push(FileFingerprint::of(source, path, &archive));
        found = unzip(path, archive)?;
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

fn unzip(path: &Path, archive: Vec<u8>) -> Result<Vec<Entry>, IngestError> {
    let corrupt = |_: zip::result::ZipError| {
        let place = Place { path: path.display().to_string(), line: None, byte: None, column: None };
        IngestError::Unusable(vec![
            Diagnostic::new(code::I212, "not a whole zip archive").at(place).hint(code::I212.remedy),
        ])
    };
    let mut zip = zip::ZipArchive::new(Cursor::new(archive)).map_err(corrupt)?;
    let mut found = Vec::new();
    for at in 0..zip.len() {
        let mut entry = zip.by_index(at).map_err(corrupt)?;
        if entry.is_dir() {
            continue;
        }
        let name = entry.name().map_err(corrupt)?.into_owned();
        let mut bytes = Vec::new();
        entry
            .by_ref()
            .take(ENTRY_LIMIT)
            .read_to_end(&mut bytes)
            .map_err(|_| corrupt(zip::result::ZipError::FileNotFound))?;
        found.push(Entry { name, bytes });
    }
    Ok(found)
}

/// The lists of the export.
struct Export {
    people: Lookup<String, Person>,
    rooms: Lookup<String, usize>,
    room_list: Vec<Room>,
    team: String,
}

struct DayRead {
    record: u64,
    separator: u64,
    whole: bool,
}

impl Export {
    fn of(entries: &[Entry], path: &Path) -> Result<Export, IngestError> {
        let mut export =
            Export { people: Lookup::new(), rooms: Lookup::new(), room_list: Vec::new(), team: String::new() };
        let list = |name: &str| entries.iter().find(|entry| entry.name == name);
        let users = list("users.json").or_else(|| list("org_users.json"));
        let Some(users) = users else {
            let place = Place { path: path.display().to_string(), line: None, byte: None, column: None };
            let missing = Diagnostic::new(code::I212, "no `users.json`: this is not a Slack export").at(place);
            return Err(IngestError::Unusable(vec![
                missing.hint("give the zip file as Slack made it, or the folder it unpacks to"),
            ]));
        };
        let users: Vec<User> = serde_json::from_slice(&users.bytes).map_err(|_| damaged(path, &users.name))?;
        for user in users {
            if export.team.is_empty() {
                export.team = user.team_id.clone().unwrap_or_default();
            }
            let person = Person {
                team: user.team_id.unwrap_or_default(),
                email: user.profile.and_then(|profile| profile.email),
                is_bot: user.is_bot,
            };
            export.people.insert(user.id, person);
        }
        let lists = [
            ("channels.json", RoomKind::Channel),
            ("groups.json", RoomKind::Channel),
            ("mpims.json", RoomKind::Group),
            ("dms.json", RoomKind::Direct),
        ];
        for (name, place) in lists {
            let Some(entry) = list(name) else { continue };
            let channels: Vec<Channel> = serde_json::from_slice(&entry.bytes).map_err(|_| damaged(path, name))?;
            for channel in channels {
                let at = export.room_list.len();
                export.rooms.insert(channel.id.clone(), at);
                if let Some(name) = channel.name {
                    export.rooms.insert(name, at);
                }
                export.room_list.push(Room { id: channel.id, place, members: channel.members });
            }
        }
        Ok(export)
    }

    /// The room of a folder; a folder in no list is a channel of its own name.
    fn room(&self, folder: &str) -> Room {
        match self.rooms.get(folder) {
            Some(&at) => {
                let room = &self.room_list[at];
                Room { id: room.id.clone(), place: room.place, members: room.members.clone() }
            }
            None => Room { id: folder.to_string(), place: RoomKind::Channel, members: Vec::new() },
        }
    }

    /// Who wrote what, so that replies find the author of their parent.
    fn note_authors(&self, entry: &Entry, parents: &mut Lookup<String, String>) {
        let room = self.room(entry.name.split('/').next().unwrap_or_default());
        for span in elements(&entry.bytes).spans {
            if let Ok(Message { user: Some(user), ts: Some(ts), .. }) = serde_json::from_slice(&entry.bytes[span]) {
                parents.insert(format!("{}/{ts}", room.id), user);
            }
        }
    }

    fn day_file(
        &self,
        entry: &Entry,
        source: &str,
        base: Spot,
        parents: &Lookup<String, String>,
        work: &mut Work<'_>,
    ) -> DayRead {
        let room = self.room(entry.name.split('/').next().unwrap_or_default());
        let found = elements(&entry.bytes);
        let mut record = 0;
        for span in found.spans {
            let raw = &entry.bytes[span.clone()];
            record += raw.len() as u64;
            let spot = Spot { offset: base.offset + span.start as u64, ..base };
            if let Err(fault) = self.message(raw, source, &room, spot, parents, work) {
                work.set_aside(spot, raw, fault);
            }
        }
        DayRead { record, separator: entry.bytes.len() as u64 - record, whole: found.whole }
    }

    fn message(
        &self,
        raw: &[u8],
        source: &str,
        room: &Room,
        spot: Spot,
        parents: &Lookup<String, String>,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
        std::str::from_utf8(raw).map_err(|_| Fault::from(code::I101))?;
        let message: Message = serde_json::from_slice(raw).map_err(|error| {
            Fault::from(if error.to_string().starts_with("duplicate field") { code::I112 } else { code::I109 })
        })?;
        let ts = message.ts.as_deref().ok_or_else(|| fault(code::I107, "ts"))?;
        let at = timestamp(ts, work)?;
        if let Some(reason) = self.excluded(&message) {
            work.exclude(spot, Some(at), reason);
            return Ok(());
        }
        let (sender, direct) = match message.subtype.as_deref() {
            // The commenter writes to the owner of the file.
            Some("file_comment") => {
                (message.comment.and_then(|comment| comment.user), message.file.and_then(|file| file.user))
            }
            _ => (message.user, None),
        };
        let sender = sender.ok_or_else(|| fault(code::I107, "user"))?;
        let mut named: Vec<(String, Role)> = direct.into_iter().map(|user| (user, Role::To)).collect();
        if room.place != RoomKind::Channel {
            named.extend(room.members.iter().map(|member| (member.clone(), Role::To)));
        }
        if let Some(parent) = message.thread_ts.filter(|parent| *parent != ts) {
            let author = message.parent_user_id.or_else(|| parents.get(&format!("{}/{parent}", room.id)).cloned());
            named.extend(author.map(|author| (author, Role::Reply)));
        }
        named.extend(message.mentioned.into_iter().map(|user| (user, Role::Mention)));
        // In a channel, naming only oneself names nobody; a note to oneself is a direct room's.
        named.retain(|(user, _)| room.place != RoomKind::Channel || *user != sender);
        named.retain(|(user, _)| {
            user != "USLACKBOT" && !self.people.get(user.as_str()).is_some_and(|person| person.is_bot)
        });

        let key = work.message_key(&[b"slack", self.team.as_bytes(), room.id.as_bytes(), ts.as_bytes()]);
        let own = self.handle(source, &sender, work)?;
        let mut recipients = Vec::new();
        for (user, role) in named {
            recipients.push((self.handle(source, &user, work)?, role));
        }
        work.entry(spot, at, key, own, &recipients);
        Ok(())
    }

    fn handle(&self, source: &str, user: &str, work: &mut Work<'_>) -> Result<u32, Fault> {
        let person = self.people.get(user);
        let team = person.map_or(self.team.as_str(), |person| person.team.as_str());
        let scope = if team.is_empty() { source } else { team };
        let email = person.and_then(|person| person.email.as_deref());
        work.handles.account("slack", scope, user, email).map_err(|code| fault(code, "user"))
    }

    /// The rule that leaves a message out, if one does.
    fn excluded(&self, message: &Message) -> Option<Reason> {
        if message.hidden || message.subtype.as_deref() == Some("tombstone") {
            return Some(Reason::Deleted);
        }
        if message.kind.as_deref().is_some_and(|kind| kind != "message") {
            return Some(Reason::NotAMessage);
        }
        let by_bot = |user: &Option<String>| {
            user.as_ref().is_none_or(|user| {
                user == "USLACKBOT" || self.people.get(user.as_str()).is_some_and(|person| person.is_bot)
            })
        };
        match message.subtype.as_deref() {
            Some("bot_message") => Some(Reason::Automated),
            Some("channel_join" | "channel_leave" | "group_join" | "group_leave") => Some(Reason::OtherEvent),
            Some("file_comment") => None,
            None | Some("thread_broadcast" | "me_message" | "file_share") => {
                let bot = message.bot_id.is_some() && by_bot(&message.user);
                let machine = message.user.as_ref().is_some_and(|_| by_bot(&message.user) && !message.upload);
                (bot || machine).then_some(Reason::Automated)
            }
            Some(_) => Some(Reason::SystemEvent),
        }
    }
}

/// `ts` is `seconds.sequence`, six digits after the dot; both are read as integers.
fn timestamp(ts: &str, work: &Work<'_>) -> Result<Micros, Fault> {
    let bad = || fault(code::I104, "ts");
    let (seconds, sequence) = ts.split_once('.').ok_or_else(bad)?;
    let digits = |text: &str, length: std::ops::RangeInclusive<usize>| {
        (length.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| text.parse::<i64>().ok())
            .flatten()
    };
    let seconds = digits(seconds, 1..=11).ok_or_else(bad)?;
    let sequence = digits(sequence, 6..=6).ok_or_else(bad)?;
    let at = Micros(seconds * 1_000_000 + sequence);
    if (work.earliest..=work.latest).contains(&at.day()) { Ok(at) } else { Err(fault(code::I105, "ts")) }
}

fn fault(code: Code, field: &'static str) -> Fault {
    Fault { field: Some(field), ..Fault::from(code) }
}
