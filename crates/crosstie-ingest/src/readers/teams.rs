//! Teams messages of Microsoft Graph: the API, the Export API, and trees that PowerShell scripts write. Per-user
//! exports repeat a chat message once a participant; their key is the same.

use crate::IngestError;
use crate::answers::Answers;
use crate::files::read_steady;
use crate::format::{EntryKind, Format};
use crate::identity::Owner;
use crate::instant::{read_instant, utc};
use crate::json::{JsonRecords, Raw, items, pick, scalar, text, walk};
use crate::ledger::Reason;
use crate::out::{Out, Unfit};
use crate::work::{Fault, Sent, Spot, Work};
use crosstie_model::{ChatEventKind, Code, Lookup, Micros, Role, Venue, code};
use std::path::Path;

/// Members of chats by the chat's id; nothing prints them.
#[derive(Clone, Default)]
pub struct ChatsFile(Lookup<String, Vec<String>>);

impl std::fmt::Debug for ChatsFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("<chats>")
    }
}

/// Reads a list of chats in any JSON form: `{"id":…,"members":[guid or {"userId":guid}]}`.
///
/// # Errors
/// A missing or damaged file.
pub fn read_chats(path: &Path) -> Result<ChatsFile, IngestError> {
    let bytes = read_steady(path)?;
    let damaged = || Unfit::because(code::I212, "not a whole JSON list of chats").of(path);
    let list = elements(&bytes).ok_or_else(damaged)?;
    let mut chats = Lookup::new();
    for raw in list {
        let [id, members] = walk(Some(raw), ["id", "members"]).map_err(|_| damaged())?;
        let Some(id) = text(id).map_err(|_| damaged())? else { continue };
        let mut ids = Vec::new();
        for member in items(members).map_err(|_| damaged())? {
            let id = if member.get().starts_with('{') {
                let [user, plain] = walk(Some(member), ["userId", "id"]).map_err(|_| damaged())?;
                text(user.or(plain))
            } else {
                text(Some(member))
            };
            ids.extend(id.map_err(|_| damaged())?.map(|id| id.to_lowercase()));
        }
        chats.insert(id.into_owned(), ids);
    }
    Ok(ChatsFile(chats))
}

/// The elements of an array, or of the `value` of a page.
fn elements(bytes: &[u8]) -> Option<Vec<Raw<'_>>> {
    if let Ok(list) = serde_json::from_slice::<Vec<Raw<'_>>>(bytes) {
        return Some(list);
    }
    let [value] = pick(bytes, ["value"]).ok()?;
    items(value).ok()
}

/// A user as the export lists it.
struct User {
    address: Option<String>,
    name: Option<String>,
    is_guest: bool,
}

/// Reads Teams messages.
pub(crate) struct TeamsReader<'s> {
    chats: Option<&'s ChatsFile>,
    users: Lookup<String, User>,
    records: JsonRecords,
}

impl<'s> TeamsReader<'s> {
    pub(crate) fn new(chats: Option<&'s ChatsFile>) -> TeamsReader<'s> {
        TeamsReader { chats, users: Lookup::new(), records: JsonRecords::any(&["value"]) }
    }
}

impl Format for TeamsReader<'_> {
    // Users and rooms of one file are those of the next.
    fn remembers(&self) -> bool {
        true
    }

    fn entry(&self, name: &str) -> EntryKind {
        let name = name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase();
        let is_json = name.ends_with(".json") || name.ends_with(".jsonl");
        match () {
            () if is_json && name.contains("messages") => EntryKind::Records,
            () if is_json && (name.starts_with("userslist") || name.starts_with("teammembers")) => EntryKind::Context,
            () if is_json => EntryKind::Described,
            () => EntryKind::Other,
        }
    }

    fn takes_folders(&self) -> bool {
        true
    }

    fn context(&mut self, _name: &str, bytes: &[u8]) -> Result<(), Unfit> {
        let damaged = || Unfit::because(code::I212, "a list of users is not whole JSON");
        for raw in elements(bytes).ok_or_else(damaged)? {
            let [id, user_id, mail, email, upn, name, kind] =
                walk(Some(raw), ["id", "userId", "mail", "email", "userPrincipalName", "displayName", "userType"])
                    .map_err(|_| damaged())?;
            let owned = |value: Option<Raw<'_>>| {
                text(value)
                    .map(|text| text.map(|text| text.into_owned()).filter(|text| !text.is_empty()))
                    .map_err(|_| damaged())
            };
            // A membership has an id of its own beside the user's.
            let Some(id) = owned(user_id)?.or(owned(id)?) else { continue };
            let address = owned(mail)?.or(owned(email)?).or(owned(upn)?);
            let is_guest = owned(kind)?.is_some_and(|kind| kind.eq_ignore_ascii_case("guest"));
            self.users.insert(id.to_lowercase(), User { address, name: owned(name)?, is_guest });
        }
        Ok(())
    }

    fn begin(&mut self, _name: &str) {
        self.records = JsonRecords::any(&["value"]);
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

/// Where a message stands.
struct Room<'a> {
    venue: Venue,
    parts: [&'a str; 2],
}

impl TeamsReader<'_> {
    fn message(&self, record: &[u8], spot: Spot, work: &mut Work<'_>) -> Result<(), Fault> {
        let [id, reply_to, kind, created, deleted, chat, channel, from, mentions, event] = pick(
            record,
            [
                "id",
                "replyToId",
                "messageType",
                "createdDateTime",
                "deletedDateTime",
                "chatId",
                "channelIdentity",
                "from",
                "mentions",
                "eventDetail",
            ],
        )?;
        let time = text(created)?.ok_or_else(|| fault(code::I107, "createdDateTime"))?;
        let at =
            read_instant(&time, &utc(), work.earliest, work.latest).map_err(|code| fault(code, "createdDateTime"))?;
        let dated = |fault: Fault| Fault { at: Some(at), ..fault };
        let id = scalar(id).map_err(dated)?.ok_or_else(|| dated(fault(code::I107, "id")))?;
        let chat = text(chat).map_err(dated)?;
        let [team, channel] = walk(channel, ["teamId", "channelId"]).map_err(dated)?;
        let (team, channel) = (text(team).map_err(dated)?, text(channel).map_err(dated)?);
        let room = match (&chat, &channel) {
            (Some(chat), _) => {
                let venue = if direct_members(chat).is_some() { Venue::Direct } else { Venue::Group };
                Room { venue, parts: ["", chat] }
            }
            (None, Some(channel)) => {
                Room { venue: Venue::Channel, parts: [team.as_deref().unwrap_or_default(), channel] }
            }
            (None, None) => return Err(dated(fault(code::I107, "chatId"))),
        };
        let key_of = |id: &str, work: &Work<'_>| {
            work.message_key(&[b"teams", room.parts[0].as_bytes(), room.parts[1].as_bytes(), id.as_bytes()])
        };
        let key = key_of(&id, work);
        let place = work.message_key(&[b"teams-place", room.parts[0].as_bytes(), room.parts[1].as_bytes()]);
        let [user, application] = walk(from, ["user", "application"]).map_err(dated)?;
        let user = self.author(user, work).map_err(dated)?;
        let kind = text(kind).map_err(dated)?;
        let is_message = kind.as_deref().is_none_or(|kind| kind == "message");
        let has_application = application.is_some_and(|raw| raw.get() != "null");
        let Some(sender) = user.filter(|_| is_message) else {
            if is_message && has_application {
                work.exclude(spot, Some(at), Reason::Automated);
                return Ok(());
            }
            return self.event(event, at, place, spot, work).map_err(dated);
        };
        if deleted.is_some_and(|raw| raw.get() != "null") {
            work.note_author(key, sender);
            work.exclude(spot, Some(at), Reason::Deleted);
            return Ok(());
        }
        let mut recipients = self.members(&room, work).map_err(dated)?;
        for mention in items(mentions).map_err(dated)? {
            let [mentioned] = walk(Some(mention), ["mentioned"]).map_err(dated)?;
            let [user] = walk(mentioned, ["user"]).map_err(dated)?;
            recipients.extend(self.author(user, work).map_err(dated)?.map(|user| (user, Role::Mention)));
        }
        if room.venue == Venue::Channel {
            recipients.retain(|&(recipient, _)| recipient != sender);
        }
        let parent = scalar(reply_to).map_err(dated)?.filter(|parent| !parent.is_empty() && *parent != id);
        let answers = parent.map(|parent| Answers::Parent(key_of(&parent, work)));
        let sent = Sent {
            key,
            at,
            by_server: true,
            sender,
            recipients: &recipients,
            venue: room.venue,
            place: Some(place),
            answers,
            stated_count: 0,
        };
        work.message(spot, sent);
        Ok(())
    }

    /// All members of a chat; the sender among them goes later. A group without a list of members names nobody.
    fn members(&self, room: &Room<'_>, work: &mut Work<'_>) -> Result<Vec<(u32, Role)>, Fault> {
        let ids: Vec<String> = match room.venue {
            Venue::Direct => {
                direct_members(room.parts[1]).map(|pair| pair.map(str::to_lowercase).to_vec()).unwrap_or_default()
            }
            Venue::Group => match self.chats.and_then(|chats| chats.0.get(room.parts[1])) {
                Some(members) => members.clone(),
                None => {
                    work.odd("message_of_a_chat_without_members", 1);
                    Vec::new()
                }
            },
            _ => Vec::new(),
        };
        ids.iter().map(|id| Ok((self.handle(id, None, work)?, Role::To))).collect()
    }

    /// `{"id":…,"userIdentityType":…}`; `None` if it is null.
    fn author(&self, user: Option<Raw<'_>>, work: &mut Work<'_>) -> Result<Option<u32>, Fault> {
        let [id, kind] = walk(user, ["id", "userIdentityType"])?;
        let Some(id) = text(id)?.filter(|id| !id.is_empty()) else { return Ok(None) };
        let kind = text(kind)?;
        self.handle(&id.to_lowercase(), kind.as_deref(), work).map(Some)
    }

    fn handle(&self, id: &str, kind: Option<&str>, work: &mut Work<'_>) -> Result<u32, Fault> {
        let user = self.users.get(id);
        let owner = Owner {
            address: user.and_then(|user| user.address.as_deref()),
            name: user.and_then(|user| user.name.as_deref()),
            is_guest: user.is_some_and(|user| user.is_guest)
                || kind.is_some_and(|kind| !kind.eq_ignore_ascii_case("aadUser")),
            is_bot: false,
        };
        work.handles.account("teams", "", id, owner).map_err(|code| fault(code, "from"))
    }

    /// A system message: members that came or went are events, anything else is left out.
    fn event(
        &self,
        detail: Option<Raw<'_>>,
        at: Micros,
        place: u128,
        spot: Spot,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
        let [kind, members, initiator] = walk(detail, ["@odata.type", "members", "initiator"])?;
        let kind = match text(kind)?.as_deref().map(str::to_ascii_lowercase) {
            Some(kind) if kind.contains("membersadded") || kind.contains("membersjoined") => Some(ChatEventKind::Join),
            Some(kind) if kind.contains("membersdeleted") || kind.contains("membersleft") => Some(ChatEventKind::Leave),
            _ => None,
        };
        let [by] = walk(initiator, ["user"])?;
        let by = self.author(by, work)?;
        let mut who = Vec::new();
        for member in items(members)? {
            who.extend(self.author(Some(member), work)?);
        }
        match kind {
            Some(kind) if !who.is_empty() => work.events(spot, (at, place), &who, kind, by, by.is_some()),
            _ => work.exclude(spot, Some(at), Reason::SystemEvent),
        }
        Ok(())
    }
}

/// The two members that the id of a direct chat names: `19:<guid>_<guid>@unq.gbl.spaces`.
fn direct_members(chat: &str) -> Option<[&str; 2]> {
    let (first, second) = chat.strip_prefix("19:")?.strip_suffix("@unq.gbl.spaces")?.split_once('_')?;
    Some([first, second])
}

fn fault(code: Code, field: &'static str) -> Fault {
    Fault { field: Some(field), ..Fault::from(code) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn direct_chats_name_their_members() {
        assert_eq!(direct_members("19:a-1_b-2@unq.gbl.spaces"), Some(["a-1", "b-2"]));
        assert_eq!(direct_members("19:abc@thread.v2"), None);
    }

    #[test]
    fn chats_are_read_in_both_forms() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("chats.json");
        std::fs::write(&path, r#"{"value":[{"id":"19:x@thread.v2","members":["A",{"userId":"B"}]}]}"#).unwrap();
        let chats = read_chats(&path).unwrap();
        assert_eq!(chats.0.get("19:x@thread.v2").unwrap(), &["a", "b"]);
        std::fs::write(&path, "[").unwrap();
        assert!(read_chats(&path).is_err());
    }
}
