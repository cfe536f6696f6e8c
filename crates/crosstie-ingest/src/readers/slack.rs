//! Slack exports, zip or folder: direct messages, group messages, replies, mentions, joins and leaves.
//!
//! Slack help, "How to read Slack data exports". The day in a file's name is local time: only `ts` is used, and
//! as a string, since through a float two messages merge. Channel membership never makes a tie.

use super::slack_message::{Channel, Message, User};
use crate::answers::Answers;
use crate::format::{EntryKind, Format};
use crate::identity::Owner;
use crate::json::JsonRecords;
use crate::ledger::Reason;
use crate::out::{Out, Unfit};
use crate::source::SourceSpec;
use crate::work::{Fault, Sent, Spot, Work};
use crosstie_model::{ChatEventKind, Code, Lookup, Micros, Role, Venue, code};

/// Seconds after a channel was made within which its creator's join is the making.
const CREATION_SECONDS: i64 = 60;

/// Entries that describe the export and are read.
const LISTS: [&str; 6] = ["users.json", "org_users.json", "channels.json", "groups.json", "dms.json", "mpims.json"];
/// Entries that describe the export and hold nothing that is read.
const OTHER_LISTS: [&str; 3] = ["integration_logs.json", "canvases.json", "huddle_transcripts.json"];

/// Reads Slack exports.
pub(crate) struct SlackReader<'s> {
    source: &'s str,
    people: Lookup<String, User>,
    rooms: Lookup<String, usize>,
    room_list: Vec<Room>,
    team: String,
    has_users: bool,
    records: JsonRecords,
    room: Room,
}

#[derive(Clone, Debug)]
struct Room {
    id: String,
    venue: Venue,
    members: Vec<String>,
    creator: Option<String>,
    created: Option<i64>,
}

impl<'s> SlackReader<'s> {
    pub(crate) fn new(source: &'s SourceSpec) -> SlackReader<'s> {
        SlackReader {
            source: &source.name,
            people: Lookup::new(),
            rooms: Lookup::new(),
            room_list: Vec::new(),
            team: String::new(),
            has_users: false,
            records: JsonRecords::any(&[]),
            room: Room::channel(""),
        }
    }

    fn users(&mut self, bytes: &[u8], name: &str) -> Result<(), Unfit> {
        for raw in elements(bytes, name)? {
            if let Some(user) = User::read(raw.get().as_bytes()).map_err(|_| damaged(name))? {
                if self.team.is_empty() {
                    self.team.clone_from(&user.team);
                }
                self.people.insert(user.id.clone(), user);
            }
        }
        self.has_users = true;
        Ok(())
    }

    fn channels(&mut self, bytes: &[u8], name: &str, venue: Venue) -> Result<(), Unfit> {
        for raw in elements(bytes, name)? {
            let Some(channel) = Channel::read(raw.get().as_bytes()).map_err(|_| damaged(name))? else { continue };
            let at = self.room_list.len();
            self.rooms.insert(channel.id.clone(), at);
            if let Some(name) = channel.name {
                self.rooms.insert(name, at);
            }
            self.room_list.push(Room {
                id: channel.id,
                venue,
                members: channel.members,
                creator: channel.creator,
                created: channel.created,
            });
        }
        Ok(())
    }

    /// A room by its folder or id; one in no list is a channel of its own name.
    fn room_of(&self, name: &str) -> Room {
        self.rooms.get(name).map_or_else(|| Room::channel(name), |&at| self.room_list[at].clone())
    }
}

impl Room {
    fn channel(id: &str) -> Room {
        Room { id: id.into(), venue: Venue::Channel, members: Vec::new(), creator: None, created: None }
    }
}

impl Format for SlackReader<'_> {
    // Users and rooms of one file are those of the next.
    fn remembers(&self) -> bool {
        true
    }

    fn entry(&self, name: &str) -> EntryKind {
        match name {
            _ if LISTS.contains(&name) => EntryKind::Context,
            _ if OTHER_LISTS.contains(&name) => EntryKind::Described,
            _ if is_day_file(name) => EntryKind::Records,
            _ => EntryKind::Other,
        }
    }

    fn takes_folders(&self) -> bool {
        true
    }

    fn has_lines(&self) -> bool {
        false
    }

    fn context(&mut self, name: &str, bytes: &[u8]) -> Result<(), Unfit> {
        match name {
            "users.json" | "org_users.json" => self.users(bytes, name),
            "channels.json" | "groups.json" => self.channels(bytes, name, Venue::Channel),
            "mpims.json" => self.channels(bytes, name, Venue::Group),
            _ => self.channels(bytes, name, Venue::Direct),
        }
    }

    fn ready(&mut self) -> Result<(), Unfit> {
        if self.has_users {
            return Ok(());
        }
        let mut missing = Unfit::because(code::I212, "no `users.json`: this is not a Slack export");
        missing.0[0].hints = vec!["give the zip file as Slack made it, or the folder it unpacks to".into()];
        Err(missing)
    }

    fn begin(&mut self, name: &str) {
        self.records = JsonRecords::any(&[]);
        self.room = self.room_of(name.split('/').next().unwrap_or_default());
    }

    fn block(&mut self, block: &[u8], last: bool, out: &mut Out<'_, '_>) -> Result<(), Unfit> {
        let mut records = self.records.clone();
        let read = records.read_each(block, last, out, &mut |record, spot, out| self.message(record, spot, out.work));
        self.records = records;
        read
    }

    fn skip(&mut self, block: &[u8]) -> Option<usize> {
        self.records.skip(block)
    }
}

impl SlackReader<'_> {
    fn message(&self, raw: &[u8], spot: Spot, work: &mut Work<'_>) -> Result<(), Fault> {
        let message = Message::read(raw)?;
        let ts = message.ts.as_deref().ok_or_else(|| fault(code::I107, "ts"))?;
        let at = timestamp(ts, work)?;
        let other = message.channel.as_deref().filter(|id| *id != self.room.id).map(|id| self.room_of(id));
        let room = other.as_ref().unwrap_or(&self.room);
        self.dated(&message, at, ts, room, spot, work).map_err(|fault| Fault { at: Some(at), ..fault })
    }

    /// A message whose time is known.
    fn dated(
        &self,
        message: &Message,
        at: Micros,
        ts: &str,
        room: &Room,
        spot: Spot,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
        let key_of = |ts: &str, work: &Work<'_>| {
            work.message_key(&[b"slack", self.team.as_bytes(), room.id.as_bytes(), ts.as_bytes()])
        };
        let key = key_of(ts, work);
        let place = work.message_key(&[b"slack-place", self.team.as_bytes(), room.id.as_bytes()]);
        if let Some(kind) = event_kind(message) {
            return self.event(message, kind, at, room, place, spot, work);
        }
        if let Some(reason) = self.excluded(message) {
            // A tombstone or a bot that names its author still serves as a parent.
            if let Some(author) = message.user.as_deref().filter(|user| *user != "USLACKBOT") {
                let author = self.handle(author, message, work)?;
                work.note_author(key, author);
            }
            work.exclude(spot, Some(at), reason);
            return Ok(());
        }
        let is_comment = message.subtype.as_deref() == Some("file_comment");
        let sender = if is_comment { &message.commenter } else { &message.user };
        let sender = sender.as_deref().ok_or_else(|| fault(code::I107, "user"))?;
        let parent = message.thread_ts.as_deref().filter(|parent| *parent != ts);
        let mut named: Vec<(&str, Role)> = Vec::new();
        if is_comment {
            named.extend(message.file_owner.as_deref().map(|owner| (owner, Role::To)));
        }
        if room.venue != Venue::Channel {
            named.extend(room.members.iter().map(|member| (member.as_str(), Role::To)));
        }
        if parent.is_some() {
            named.extend(message.parent_user_id.as_deref().map(|author| (author, Role::Reply)));
        }
        named.extend(message.mentioned.iter().map(|user| (user.as_str(), Role::Mention)));
        // In a channel, naming only oneself names nobody; a note to oneself is a direct room's.
        named.retain(|(user, _)| room.venue != Venue::Channel || *user != sender);
        named.retain(|(user, _)| *user != "USLACKBOT" && !self.people.get(*user).is_some_and(|person| person.is_bot));
        let own = self.handle(sender, message, work)?;
        let mut recipients = Vec::new();
        for (user, role) in named {
            recipients.push((self.handle(user, message, work)?, role));
        }
        let answers =
            parent.filter(|_| message.parent_user_id.is_none()).map(|parent| Answers::Parent(key_of(parent, work)));
        let sent = Sent {
            key,
            at,
            by_server: true,
            sender: own,
            recipients: &recipients,
            venue: room.venue,
            place: Some(place),
            answers,
            stated_count: 0,
        };
        work.message(spot, sent);
        Ok(())
    }

    /// A join or a leave. `inviter` present: invited; absent: alone.
    #[expect(clippy::too_many_arguments, reason = "what is known of one record, and where it goes")]
    fn event(
        &self,
        message: &Message,
        kind: ChatEventKind,
        at: Micros,
        room: &Room,
        place: u128,
        spot: Spot,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
        let user = message.user.as_deref().ok_or_else(|| fault(code::I107, "user"))?;
        let who = self.handle(user, message, work)?;
        let by = message.inviter.as_deref().map(|inviter| self.handle(inviter, message, work)).transpose()?;
        let is_creation = kind == ChatEventKind::Join
            && room.creator.as_deref() == Some(user)
            && room.created.is_some_and(|created| (at.0 / 1_000_000 - created).abs() <= CREATION_SECONDS);
        let kind = if is_creation { ChatEventKind::Create } else { kind };
        work.events(spot, (at, place), &[who], kind, by, true);
        Ok(())
    }

    fn handle(&self, user: &str, message: &Message, work: &mut Work<'_>) -> Result<u32, Fault> {
        let person = self.people.get(user);
        let team = person.map_or(self.team.as_str(), |person| person.team.as_str());
        // Whoever writes from another workspace is not in the list of users.
        let is_stranger = person.is_none()
            && message.user.as_deref() == Some(user)
            && message.user_team.as_deref().is_some_and(|team| team != self.team);
        let scope = if team.is_empty() { self.source } else { team };
        let owner = Owner {
            address: person.and_then(|person| person.address.as_deref()),
            name: person.and_then(|person| person.name.as_deref()),
            is_guest: is_stranger || person.is_some_and(|person| person.is_guest),
            is_bot: person.is_some_and(|person| person.is_bot),
        };
        work.handles.account("slack", scope, user, owner).map_err(|code| fault(code, "user"))
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
            Some("file_comment") => None,
            None | Some("thread_broadcast" | "me_message" | "file_share") => {
                let bot = message.has_bot_id && by_bot(&message.user);
                let machine = message.user.as_ref().is_some_and(|_| by_bot(&message.user) && !message.upload);
                (bot || machine).then_some(Reason::Automated)
            }
            Some(_) => Some(Reason::SystemEvent),
        }
    }
}

fn event_kind(message: &Message) -> Option<ChatEventKind> {
    match message.subtype.as_deref() {
        Some("channel_join" | "group_join") => Some(ChatEventKind::Join),
        Some("channel_leave" | "group_leave") => Some(ChatEventKind::Leave),
        _ => None,
    }
}

/// The elements of a list of the export.
fn elements<'a>(bytes: &'a [u8], name: &str) -> Result<Vec<crate::json::Raw<'a>>, Unfit> {
    serde_json::from_slice(bytes).map_err(|_| damaged(name))
}

fn damaged(name: &str) -> Unfit {
    Unfit::because(code::I212, format!("`{name}` is not a whole JSON array"))
}

/// `folder/YYYY-MM-DD.json`
fn is_day_file(name: &str) -> bool {
    name.split_once('/')
        .and_then(|(_, day)| day.strip_suffix(".json"))
        .is_some_and(|day| day.parse::<crosstie_model::Day>().is_ok())
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
    work.believed(Micros(seconds * 1_000_000 + sequence)).map_err(|code| fault(code, "ts"))
}

fn fault(code: Code, field: &'static str) -> Fault {
    Fault { field: Some(field), ..Fault::from(code) }
}
