//! Mattermost bulk exports (docs.mattermost.com, "Bulk export tool"): JSON lines, alone or in a zip. The identity is
//! the user name. Replies stand inside their parent and are records of their own.

use crate::format::{EntryKind, Format};
use crate::identity::Owner;
use crate::json::{JsonRecords, Raw, boolean, items, pick, scalar, text, walk};
use crate::ledger::Reason;
use crate::out::{Out, Unfit};
use crate::source::SourceSpec;
use crate::work::{Fault, Sent, Spot, Work};
use crosstie_model::{ChatEventKind, Code, Lookup, Micros, Role, Venue, code};

/// Reads bulk exports.
pub(crate) struct MattermostReader<'s> {
    source: &'s str,
    users: Lookup<String, User>,
    /// Bytes of the longest name of a user.
    longest: usize,
    records: JsonRecords,
}

struct User {
    address: Option<String>,
    is_bot: bool,
}

/// A post, its parent or a reply to it.
struct Post<'a> {
    user: String,
    at: Micros,
    /// Parts of the room's key.
    room: &'a [String],
    venue: Venue,
    mentioned: Vec<String>,
}

impl<'s> MattermostReader<'s> {
    pub(crate) fn new(source: &'s SourceSpec) -> MattermostReader<'s> {
        MattermostReader { source: &source.name, users: Lookup::new(), longest: 0, records: JsonRecords::lines() }
    }
}

impl Format for MattermostReader<'_> {
    // Users and rooms of one file are those of the next.
    fn remembers(&self) -> bool {
        true
    }

    fn entry(&self, name: &str) -> EntryKind {
        match () {
            () if name.starts_with("data/") => EntryKind::Described,
            () if name.ends_with(".jsonl") && !name.contains('/') => EntryKind::Records,
            () => EntryKind::Other,
        }
    }

    fn begin(&mut self, _name: &str) {
        self.records = JsonRecords::lines();
    }

    fn block(&mut self, block: &[u8], last: bool, out: &mut Out<'_, '_>) -> Result<(), Unfit> {
        let mut records = self.records.clone();
        let read = records.read_each(block, last, out, &mut |record, spot, out| self.line(record, spot, out));
        self.records = records;
        read
    }
}

impl MattermostReader<'_> {
    fn line(&mut self, record: &[u8], spot: Spot, out: &mut Out<'_, '_>) -> Result<(), Fault> {
        let [kind, user, bot, post, direct] = pick(record, ["type", "user", "bot", "post", "direct_post"])?;
        match text(kind)?.as_deref() {
            Some("post") => return self.post(post, false, spot, out),
            Some("direct_post") => return self.post(direct, true, spot, out),
            Some("user") => {
                let [name, email] = walk(user, ["username", "email"])?;
                self.note_user(text(name)?.as_deref(), text(email)?.as_deref(), false);
            }
            Some("bot") => {
                let [name] = walk(bot, ["username"])?;
                self.note_user(text(name)?.as_deref(), None, true);
            }
            Some(_) => {}
            None => return Err(fault(code::I107, "type")),
        }
        out.work.exclude(spot, None, Reason::NotAMessage);
        Ok(())
    }

    fn note_user(&mut self, name: Option<&str>, address: Option<&str>, is_bot: bool) {
        if let Some(name) = name {
            let address = address.filter(|address| !address.is_empty()).map(str::to_string);
            let name = name.to_lowercase();
            self.longest = self.longest.max(name.len());
            self.users.insert(name, User { address, is_bot });
        }
    }

    fn post(&self, post: Option<Raw<'_>>, is_direct: bool, spot: Spot, out: &mut Out<'_, '_>) -> Result<(), Fault> {
        let [team, channel, members, user, created, message, kind, props, replies] = walk(
            post,
            ["team", "channel", "channel_members", "user", "create_at", "message", "type", "props", "replies"],
        )?;
        let at = instant(created, out.work)?;
        let dated = |fault: Fault| Fault { at: Some(at), ..fault };
        let user = user_name(user).map_err(dated)?;
        let mut room: Vec<String> = Vec::new();
        if is_direct {
            for member in items(members).map_err(dated)? {
                room.extend(text(Some(member)).map_err(dated)?.map(|name| name.to_lowercase()));
            }
            room.sort_unstable();
        } else {
            for part in [team, channel] {
                let part = text(part).map_err(dated)?.ok_or_else(|| dated(fault(code::I107, "channel")))?;
                room.push(part.into_owned());
            }
        }
        let venue = match (is_direct, room.len()) {
            (false, _) => Venue::Channel,
            (true, 0..=2) => Venue::Direct,
            (true, _) => Venue::Group,
        };
        // Replies are records of their own, whatever becomes of the post.
        let replies = items(replies).map_err(dated)?;
        let mentioned = self.mentioned(message);
        let parent = Post { user, at, room: &room, venue, mentioned };
        let [props_kind, webhook] = walk(props, ["type", "from_webhook"]).map_err(dated)?;
        let kind = text(kind).map_err(dated)?.filter(|kind| !kind.is_empty());
        let kind = kind.or(text(props_kind).map_err(dated)?).unwrap_or_default();
        let event = event_kind(&kind, message, &parent.user);
        if let Some(event) = event {
            let who = self.handle(&parent.user, out.work).map_err(dated)?;
            let place = self.place(&parent, out.work);
            out.work.events(spot, (at, place), &[who], event, None, false);
        } else if kind.starts_with("system_") {
            out.work.exclude(spot, Some(at), Reason::SystemEvent);
        } else if boolean(webhook) {
            out.work.exclude(spot, Some(at), Reason::Automated);
        } else {
            self.message(&parent, None, spot, out.work).map_err(dated)?;
        }
        for reply in replies {
            let spot = out.nested(spot);
            let read = self.reply(reply, &parent, spot, out.work);
            out.outcome(spot, reply.get().as_bytes(), read);
        }
        Ok(())
    }

    fn reply(&self, reply: Raw<'_>, parent: &Post<'_>, spot: Spot, work: &mut Work<'_>) -> Result<(), Fault> {
        let [user, created, message] = walk(Some(reply), ["user", "create_at", "message"])?;
        let at = instant(created, work)?;
        let user = user_name(user).map_err(|fault| Fault { at: Some(at), ..fault })?;
        let post = Post { user, at, room: parent.room, venue: parent.venue, mentioned: self.mentioned(message) };
        self.message(&post, Some(&parent.user), spot, work).map_err(|fault| Fault { at: Some(at), ..fault })
    }

    fn message(&self, post: &Post<'_>, answered: Option<&str>, spot: Spot, work: &mut Work<'_>) -> Result<(), Fault> {
        let sender = self.handle(&post.user, work)?;
        let mut named: Vec<(&str, Role)> = Vec::new();
        if post.venue == Venue::Channel {
            named.extend(answered.map(|author| (author, Role::Reply)));
            named.retain(|(name, _)| *name != post.user);
        } else {
            named.extend(post.room.iter().map(|member| (member.as_str(), Role::To)));
        }
        let mentioned = post.mentioned.iter().map(String::as_str).filter(|name| *name != post.user);
        named.extend(mentioned.map(|name| (name, Role::Mention)));
        named.retain(|(name, _)| !self.users.get(*name).is_some_and(|user| user.is_bot));
        let mut recipients = Vec::with_capacity(named.len());
        for (name, role) in named {
            recipients.push((self.handle(name, work)?, role));
        }
        let room: Vec<u8> = post.room.join("\0").into_bytes();
        let key = work.message_key(&[
            b"mattermost",
            self.source.as_bytes(),
            &room,
            post.user.as_bytes(),
            &post.at.0.to_be_bytes(),
        ]);
        let place = Some(self.place(post, work));
        let sent = Sent {
            key,
            at: post.at,
            by_server: true,
            sender,
            recipients: &recipients,
            venue: post.venue,
            place,
            answers: None,
            stated_count: 0,
        };
        work.message(spot, sent);
        Ok(())
    }

    fn place(&self, post: &Post<'_>, work: &Work<'_>) -> u128 {
        work.message_key(&[b"mattermost-place", self.source.as_bytes(), post.room.join("\0").as_bytes()])
    }

    fn handle(&self, name: &str, work: &mut Work<'_>) -> Result<u32, Fault> {
        let user = self.users.get(name);
        let owner = Owner {
            address: user.and_then(|user| user.address.as_deref()),
            is_bot: user.is_some_and(|user| user.is_bot),
            ..Owner::default()
        };
        work.handles.account("mattermost", self.source, name, owner).map_err(|code| fault(code, "user"))
    }

    /// Declared users whom `@name` names; the text is not kept. `@all`, `@channel` and `@here` name nobody.
    fn mentioned(&self, message: Option<Raw<'_>>) -> Vec<String> {
        let Some(raw) = message else { return Vec::new() };
        let mut found = Vec::new();
        for (at, _) in raw.get().match_indices('@') {
            let before = raw.get()[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() && !raw.get()[..at].ends_with("\\n")) {
                continue;
            }
            let rest = &raw.get()[at + 1..];
            let is_name = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
            let name = &rest[..rest.find(|c| !is_name(c)).unwrap_or(rest.len())];
            // A full stop can end the name or the sentence. A line of them is longer than any name: to look up each of
            // its beginnings would take the square of its length.
            let is_stop = |c: char| ".-_".contains(c);
            let bare = name.trim_end_matches(is_stop);
            if bare.len() > self.longest {
                continue;
            }
            let mut name = name[..name.len().min(self.longest)].to_lowercase();
            while name.len() > bare.len() && self.users.get(name.as_str()).is_none() {
                name.pop();
            }
            if self.users.get(name.as_str()).is_some() && !found.contains(&name) {
                found.push(name);
            }
        }
        found
    }
}

/// A join or leave is marked, or is a post that says so and nothing else.
fn event_kind(kind: &str, message: Option<Raw<'_>>, user: &str) -> Option<ChatEventKind> {
    match kind {
        "system_join_channel" | "system_add_to_channel" | "system_join_team" => return Some(ChatEventKind::Join),
        "system_leave_channel" | "system_remove_from_channel" | "system_leave_team" => {
            return Some(ChatEventKind::Leave);
        }
        _ => {}
    }
    let said = message?.get().trim_matches('"').strip_prefix(user)?;
    match said {
        " joined the channel." => Some(ChatEventKind::Join),
        " left the channel." => Some(ChatEventKind::Leave),
        _ => None,
    }
}

/// Whole milliseconds.
fn instant(value: Option<Raw<'_>>, work: &Work<'_>) -> Result<Micros, Fault> {
    let digits = scalar(value)?.ok_or_else(|| fault(code::I107, "create_at"))?;
    let whole = !digits.is_empty() && digits.len() <= 15 && digits.bytes().all(|byte| byte.is_ascii_digit());
    let millis = digits.parse::<i64>().ok().filter(|_| whole).ok_or_else(|| fault(code::I104, "create_at"))?;
    work.believed(Micros(millis * 1000)).map_err(|code| fault(code, "create_at"))
}

fn user_name(value: Option<Raw<'_>>) -> Result<String, Fault> {
    let name = text(value)?.filter(|name| !name.is_empty()).ok_or_else(|| fault(code::I107, "user"))?;
    Ok(name.to_lowercase())
}

fn fault(code: Code, field: &'static str) -> Fault {
    Fault { field: Some(field), ..Fault::from(code) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Kind, SourceFormat};

    #[test]
    fn stops_end_names_or_sentences() {
        let spec = SourceSpec::new("chat", Kind::Chat, SourceFormat::Mattermost, Vec::new());
        let mut reader = MattermostReader::new(&spec);
        for name in ["bob", "bob.", "ann-lee", "x_"] {
            reader.note_user(Some(name), None, false);
        }
        let mentioned = |text: &str| {
            let raw: Raw<'_> = serde_json::from_str(text).unwrap();
            reader.mentioned(Some(raw))
        };
        assert_eq!(
            mentioned(r#""@bob, @Bob. @bob... @bob- @ann-lee_. @x_ @x @bobby @ann""#),
            ["bob", "bob.", "ann-lee", "x_"]
        );
        // Read again from every stop, this would take minutes.
        assert!(mentioned(&format!("\"@{}\"", "-".repeat(1 << 20))).is_empty());
    }
}
