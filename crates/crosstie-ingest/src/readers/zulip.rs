//! Zulip organization exports (zulip/zulip, `zerver/lib/export.py`): `realm.json` and `messages-000001.json`, … in a
//! folder or a tar archive. A topic is a thread without parents.

use crate::answers::Answers;
use crate::format::{EntryKind, Format};
use crate::identity::Owner;
use crate::instant::{read_instant, utc};
use crate::json::{JsonRecords, Raw, boolean, items, pick, scalar, text, walk};
use crate::out::{Out, Unfit};
use crate::source::SourceSpec;
use crate::work::{Fault, Sent, Spot, Work};
use crosstie_model::{Code, Lookup, Role, Venue, code};

/// Reads Zulip exports.
pub(crate) struct ZulipReader<'s> {
    source: &'s str,
    thread_micros: i64,
    users: Lookup<String, User>,
    /// Ids by full name; `None` where two bear it.
    names: Lookup<String, Option<String>>,
    rooms: Lookup<String, Room>,
    members: Lookup<String, Vec<String>>,
    has_realm: bool,
    records: JsonRecords,
}

struct User {
    address: Option<String>,
    is_bot: bool,
}

#[derive(Clone, Debug)]
struct Room {
    venue: Venue,
    type_id: String,
}

impl<'s> ZulipReader<'s> {
    pub(crate) fn new(source: &'s SourceSpec) -> ZulipReader<'s> {
        ZulipReader {
            source: &source.name,
            thread_micros: i64::from(source.thread_hours) * 3_600_000_000,
            users: Lookup::new(),
            names: Lookup::new(),
            rooms: Lookup::new(),
            members: Lookup::new(),
            has_realm: false,
            records: JsonRecords::values(&["zerver_message"]),
        }
    }

    fn realm(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let [users, cross, mirror, recipients, subscriptions] = pick(
            bytes,
            [
                "zerver_userprofile",
                "zerver_userprofile_crossrealm",
                "zerver_userprofile_mirrordummy",
                "zerver_recipient",
                "zerver_subscription",
            ],
        )?;
        for (list, are_people) in [(users, true), (cross, false), (mirror, false)] {
            for raw in items(list)? {
                self.user(raw, are_people)?;
            }
        }
        for raw in items(recipients)? {
            let [id, kind, type_id] = walk(Some(raw), ["id", "type", "type_id"])?;
            let venue = match scalar(kind)?.as_deref() {
                Some("1") => Venue::Direct,
                Some("3") => Venue::Group,
                _ => Venue::Channel,
            };
            self.rooms.insert(word(id)?, Room { venue, type_id: word(type_id)? });
        }
        for raw in items(subscriptions)? {
            let [user, recipient, active] = walk(Some(raw), ["user_profile", "recipient", "active"])?;
            let recipient = word(recipient)?;
            let is_group = self.rooms.get(&recipient).is_some_and(|room| room.venue == Venue::Group);
            if is_group && active.is_none_or(|raw| boolean(Some(raw))) {
                self.members.get_or_insert_with(recipient, Vec::new).push(word(user)?);
            }
        }
        Ok(())
    }

    fn user(&mut self, raw: Raw<'_>, is_person: bool) -> Result<(), Fault> {
        let [id, delivery, email, is_bot, name] =
            walk(Some(raw), ["id", "delivery_email", "email", "is_bot", "full_name"])?;
        let id = word(id)?;
        let address = text(delivery)?.or(text(email)?).filter(|text| !text.is_empty()).map(|text| text.into_owned());
        if let Some(name) = text(name)? {
            let known = self.names.get(name.as_ref()).is_some();
            self.names.insert(name.into_owned(), (!known).then(|| id.clone()));
        }
        self.users.insert(id, User { address, is_bot: boolean(is_bot) || !is_person });
        Ok(())
    }
}

impl Format for ZulipReader<'_> {
    // Users and rooms of one file are those of the next.
    fn remembers(&self) -> bool {
        true
    }

    fn entry(&self, name: &str) -> EntryKind {
        let base = name.rsplit('/').next().unwrap_or(name);
        match () {
            () if base == "realm.json" => EntryKind::Context,
            () if base.starts_with("messages-") && base.ends_with(".json") => EntryKind::Records,
            () => EntryKind::Described,
        }
    }

    fn takes_folders(&self) -> bool {
        true
    }

    fn has_lines(&self) -> bool {
        false
    }

    fn context(&mut self, _name: &str, bytes: &[u8]) -> Result<(), Unfit> {
        self.has_realm = true;
        self.realm(bytes).map_err(|fault| Unfit::because(code::I212, format!("`realm.json`: {}", fault.code.what)))
    }

    fn ready(&mut self) -> Result<(), Unfit> {
        if self.has_realm {
            return Ok(());
        }
        Err(Unfit::because(code::I212, "no `realm.json`: this is not a Zulip export"))
    }

    fn begin(&mut self, _name: &str) {
        self.records = JsonRecords::values(&["zerver_message"]);
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

impl ZulipReader<'_> {
    fn message(&self, record: &[u8], spot: Spot, work: &mut Work<'_>) -> Result<(), Fault> {
        let [id, sender, recipient, topic, sent, content] =
            pick(record, ["id", "sender", "recipient", "subject", "date_sent", "content"])?;
        let time = scalar(sent)?.ok_or_else(|| fault(code::I107, "date_sent"))?;
        let at = read_instant(&time, &utc(), work.earliest, work.latest).map_err(|code| fault(code, "date_sent"))?;
        let dated = |fault: Fault| Fault { at: Some(at), ..fault };
        let id = required(id, "id").map_err(dated)?;
        let sender_id = required(sender, "sender").map_err(dated)?;
        let recipient = required(recipient, "recipient").map_err(dated)?;
        let room = self.rooms.get(&recipient).ok_or_else(|| dated(fault(code::I107, "recipient")))?;
        let own = self.handle(&sender_id, work).map_err(dated)?;
        let mentioned = content.map(|raw| self.mentioned(raw.get())).unwrap_or_default();
        let named: Vec<(&str, Role)> = match room.venue {
            Venue::Direct => vec![(room.type_id.as_str(), Role::To)],
            Venue::Group => {
                let members = self.members.get(&recipient).map_or(&[][..], Vec::as_slice);
                members.iter().map(|member| (member.as_str(), Role::To)).collect()
            }
            _ => {
                let others = mentioned.iter().filter(|user| **user != sender_id);
                others.map(|user| (user.as_str(), Role::Mention)).collect()
            }
        };
        let mut recipients = Vec::with_capacity(named.len());
        for (user, role) in named {
            if !self.users.get(user).is_some_and(|user| user.is_bot) {
                recipients.push((self.handle(user, work).map_err(dated)?, role));
            }
        }
        let is_channel = room.venue == Venue::Channel;
        let topic = topic.filter(|_| is_channel && self.thread_micros > 0);
        let topic = text(topic).map_err(dated)?.filter(|topic| !topic.is_empty());
        let answers = topic.map(|topic| {
            // A resolved topic is the same thread.
            let topic = topic.strip_prefix("\u{2714} ").unwrap_or(&topic);
            let key =
                work.message_key(&[b"zulip-topic", self.source.as_bytes(), recipient.as_bytes(), topic.as_bytes()]);
            Answers::LastInThread(key, self.thread_micros)
        });
        let sent = Sent {
            key: work.message_key(&[b"zulip", self.source.as_bytes(), id.as_bytes()]),
            at,
            by_server: true,
            sender: own,
            recipients: &recipients,
            venue: room.venue,
            place: Some(work.message_key(&[b"zulip-place", self.source.as_bytes(), recipient.as_bytes()])),
            answers,
            stated_count: 0,
        };
        work.message(spot, sent);
        Ok(())
    }

    fn handle(&self, id: &str, work: &mut Work<'_>) -> Result<u32, Fault> {
        let user = self.users.get(id);
        let owner = Owner {
            address: user.and_then(|user| user.address.as_deref()),
            is_bot: user.is_some_and(|user| user.is_bot),
            ..Owner::default()
        };
        work.handles.account("zulip", self.source, id, owner).map_err(|code| fault(code, "sender"))
    }

    /// Ids of the users whom a text names; the text is not kept. Silent forms and `@**all**` name nobody.
    fn mentioned(&self, raw: &str) -> Vec<String> {
        let mut found = Vec::new();
        for rest in raw.split("@**").skip(1) {
            let Some(end) = rest.find("**") else { continue };
            let (name, id) = rest[..end].rsplit_once('|').unwrap_or((&rest[..end], ""));
            if self.users.get(id).is_some() {
                found.push(id.to_string());
            } else if let Some(Some(id)) = self.names.get(name) {
                found.push(id.clone());
            }
        }
        for rest in raw.split("class=\\\"user-mention\\\"").skip(1) {
            let id = rest.split('>').next().and_then(|tag| tag.split("data-user-id=\\\"").nth(1));
            let id = id.and_then(|id| id.split('\\').next()).unwrap_or_default();
            if self.users.get(id).is_some() {
                found.push(id.to_string());
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// The text of an id, a number or a string; empty if absent.
fn word(value: Option<Raw<'_>>) -> Result<String, Fault> {
    Ok(scalar(value)?.map(|text| text.into_owned()).unwrap_or_default())
}

fn required(value: Option<Raw<'_>>, field: &'static str) -> Result<String, Fault> {
    let text = word(value)?;
    if text.is_empty() { Err(fault(code::I107, field)) } else { Ok(text) }
}

fn fault(code: Code, field: &'static str) -> Fault {
    Fault { field: Some(field), ..Fault::from(code) }
}
