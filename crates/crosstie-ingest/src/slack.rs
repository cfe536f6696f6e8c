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

/// Most bytes that one byte of an archive may become, after the first [`RATIO_FREE`] bytes.
const RATIO_LIMIT: u64 = 200;
const RATIO_FREE: u64 = 1 << 20;

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

/// A list or day file that is no array. A folder can be named after a person, so a day file is told by its day.
fn damaged(path: &Path, entry: &str) -> IngestError {
    let place = Place { path: path.display().to_string(), line: None, byte: None, column: None };
    let shown = entry.rsplit('/').next().unwrap_or(entry);
    let what = format!("`{shown}` is not a whole JSON array");
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
    let mut found = if path.is_dir() {
        // Folders of group messages are named after their members: errors and manifests tell the export's own path.
        let found = read_folder(path).map_err(|error| match error {
            IngestError::Io { source, .. } => IngestError::Io { path: path.into(), source },
            IngestError::Changed { .. } => IngestError::Changed { path: path.into() },
            _ => IngestError::Missing { path: path.into() },
        })?;
        files.push(folder_fingerprint(source, path, &found));
        found
    } else {
        let archive = read_steady(path)?;
        files.push(FileFingerprint::of(source, path, &archive));
        unzip(path, archive)?
    };
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

/// Every file below a folder, named relative to it.
fn read_folder(root: &Path) -> Result<Vec<Entry>, IngestError> {
    let mut found = Vec::new();
    let mut open = vec![root.to_path_buf()];
    while let Some(folder) = open.pop() {
        for path in entries(&folder)? {
            if !path.file_name().is_some_and(|name| is_input(&name.to_string_lossy())) {
                continue;
            }
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
                found.push(Entry { name, bytes: read_steady(&path)? });
            }
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

/// One fingerprint for a whole folder: a hash over names and contents, in order.
fn folder_fingerprint(source: &str, path: &Path, entries: &[Entry]) -> FileFingerprint {
    let mut all = Vec::new();
    for entry in entries {
        all.extend_from_slice(&(entry.name.len() as u64).to_le_bytes());
        all.extend_from_slice(entry.name.as_bytes());
        all.extend_from_slice(blake3::hash(&entry.bytes).as_bytes());
    }
    let size = entries.iter().map(|entry| entry.bytes.len() as u64).sum();
    FileFingerprint { size, ..FileFingerprint::of(source, path, &all) }
}

fn unzip(path: &Path, archive: Vec<u8>) -> Result<Vec<Entry>, IngestError> {
    let refused = |code: Code, what: &str| {
        let place = Place { path: path.display().to_string(), line: None, byte: None, column: None };
        IngestError::Unusable(vec![Diagnostic::new(code, what).at(place).hint(code.remedy)])
    };
    let corrupt = || refused(code::I212, "not a whole zip archive");
    let compressed = archive.len() as u64;
    let mut zip = zip::ZipArchive::new(Cursor::new(archive)).map_err(|_| corrupt())?;
    if zip.has_duplicate_names() {
        return Err(refused(code::I207, "two entries have one name"));
    }
    let mut found = Vec::new();
    let mut inflated = 0;
    for at in 0..zip.len() {
        let mut entry = zip.by_index(at).map_err(|_| corrupt())?;
        if entry.is_dir() {
            continue;
        }
        let name = entry.name().map_err(|_| corrupt())?.into_owned();
        let declared = entry.size();
        let left = (RATIO_LIMIT * compressed).max(RATIO_FREE).saturating_sub(inflated);
        if declared > left {
            return Err(refused(code::I203, "the archive unpacks to over 200 times its size"));
        }
        let mut bytes = Vec::new();
        entry.by_ref().take(left + 1).read_to_end(&mut bytes).map_err(|_| corrupt())?;
        inflated += bytes.len() as u64;
        if bytes.len() as u64 != declared {
            return Err(refused(code::I208, "an entry has another size than it says"));
        }
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
        let ts = ts.to_string();
        self.dated(message, at, &ts, source, room, spot, parents, work).map_err(|fault| Fault { at: Some(at), ..fault })
    }

    /// A message whose time is known.
    #[expect(clippy::too_many_arguments, reason = "the second half of `message`, cut where the time is known")]
    fn dated(
        &self,
        message: Message,
        at: Micros,
        ts: &str,
        source: &str,
        room: &Room,
        spot: Spot,
        parents: &Lookup<String, String>,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
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
