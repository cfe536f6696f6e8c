//! Google Chat of a Takeout: `Groups/<DM x|Space y>/messages.json` beside `group_info.json`.

use crate::answers::Answers;
use crate::format::{EntryKind, Format};
use crate::json::{JsonRecords, items, pick, text, walk};
use crate::ledger::Reason;
use crate::out::{Out, Unfit};
use crate::source::SourceSpec;
use crate::work::{Fault, Sent, Spot, Work};
use crosstie_model::{Code, Lookup, Micros, Role, Venue, code};
use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::TimeZone;

/// Reads Takeouts.
pub(crate) struct ChatTakeoutReader<'s> {
    source: &'s str,
    /// Addresses of members by folder.
    members: Lookup<String, Vec<String>>,
    folder: String,
    records: JsonRecords,
}

impl<'s> ChatTakeoutReader<'s> {
    pub(crate) fn new(source: &'s SourceSpec) -> ChatTakeoutReader<'s> {
        ChatTakeoutReader {
            source: &source.name,
            members: Lookup::new(),
            folder: String::new(),
            records: JsonRecords::values(&["messages"]),
        }
    }
}

/// The folder of an entry and its own name.
fn parts(name: &str) -> (&str, &str) {
    name.rsplit_once('/').unwrap_or(("", name))
}

/// `DM x`, `Space y`: the name that is the same in everybody's Takeout.
fn room(folder: &str) -> &str {
    folder.rsplit('/').next().unwrap_or(folder)
}

impl Format for ChatTakeoutReader<'_> {
    // Users and rooms of one file are those of the next.
    fn remembers(&self) -> bool {
        true
    }

    fn entry(&self, name: &str) -> EntryKind {
        match parts(name).1 {
            "group_info.json" => EntryKind::Context,
            "messages.json" => EntryKind::Records,
            other if other.ends_with(".json") => EntryKind::Described,
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
        let damaged = |_: Fault| Unfit::because(code::I212, "a `group_info.json` is not whole JSON");
        let [members] = pick(bytes, ["members"]).map_err(damaged)?;
        let mut addresses = Vec::new();
        for member in items(members).map_err(damaged)? {
            let [email] = walk(Some(member), ["email"]).map_err(damaged)?;
            addresses.extend(text(email).map_err(damaged)?.map(|address| address.into_owned()));
        }
        self.members.insert(parts(name).0.to_string(), addresses);
        Ok(())
    }

    fn begin(&mut self, name: &str) {
        self.records = JsonRecords::values(&["messages"]);
        self.folder = parts(name).0.to_string();
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

impl ChatTakeoutReader<'_> {
    fn message(&self, record: &[u8], spot: Spot, work: &mut Work<'_>) -> Result<(), Fault> {
        let [creator, created, topic, id] = pick(record, ["creator", "created_date", "topic_id", "message_id"])?;
        let time = text(created)?.ok_or_else(|| fault(code::I107, "created_date"))?;
        let at = instant(&time).ok_or_else(|| fault(code::I104, "created_date"))?;
        let at = work.believed(at).map_err(|code| fault(code, "created_date"))?;
        let dated = |fault: Fault| Fault { at: Some(at), ..fault };
        let [email, kind] = walk(creator, ["email", "user_type"]).map_err(dated)?;
        if text(kind).map_err(dated)?.is_some_and(|kind| kind.eq_ignore_ascii_case("bot")) {
            work.exclude(spot, Some(at), Reason::Automated);
            return Ok(());
        }
        let address = text(email).map_err(dated)?.ok_or_else(|| dated(fault(code::I107, "creator")))?;
        let sender = work.handles.mail(&address).map_err(|code| dated(fault(code, "creator")))?;
        let is_direct = room(&self.folder).starts_with("DM");
        let mut recipients = Vec::new();
        if is_direct {
            for member in self.members.get(&self.folder).map_or(&[][..], Vec::as_slice) {
                let handle = work.handles.mail(member).map_err(|code| dated(fault(code, "members")))?;
                recipients.push((handle, Role::To));
            }
        }
        let others = recipients.iter().filter(|&&(member, _)| member != sender).count();
        let venue = match (is_direct, others) {
            (false, _) => Venue::Channel,
            (true, 0 | 1) => Venue::Direct,
            (true, _) => Venue::Group,
        };
        let topic = text(topic).map_err(dated)?.filter(|_| venue == Venue::Channel);
        let place = work.message_key(&[b"takeout-place", room(&self.folder).as_bytes()]);
        let answers = topic.map(|topic| {
            Answers::Beginning(work.message_key(&[b"takeout-topic", &place.to_be_bytes(), topic.as_bytes()]))
        });
        let key = match text(id).map_err(dated)? {
            Some(id) => work.message_key(&[b"takeout", &place.to_be_bytes(), id.as_bytes()]),
            None => {
                let sender = work.handles.id(sender).to_be_bytes();
                work.message_key(&[b"row", self.source.as_bytes(), &sender, &at.0.to_be_bytes()])
            }
        };
        let sent = Sent {
            key,
            at,
            by_server: true,
            sender,
            recipients: &recipients,
            venue,
            place: Some(place),
            answers,
            stated_count: 0,
        };
        work.message(spot, sent);
        Ok(())
    }
}

/// `Monday, February 10, 2025 at 3:45:22 PM UTC`, with a narrow no-break space before PM in newer exports.
fn instant(text: &str) -> Option<Micros> {
    let text = text.replace('\u{202f}', " ");
    let (_, rest) = text.split_once(", ")?;
    let rest = rest.strip_suffix(" UTC")?;
    let broken = BrokenDownTime::parse("%B %d, %Y at %I:%M:%S %p", rest).ok()?;
    let at = TimeZone::UTC.to_timestamp(broken.to_datetime().ok()?).ok()?;
    Some(Micros(at.as_microsecond()))
}

fn fault(code: Code, field: &'static str) -> Fault {
    Fault { field: Some(field), ..Fault::from(code) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_prose() {
        let expected = Some(Micros(1_739_202_322_000_000));
        assert_eq!(instant("Monday, February 10, 2025 at 3:45:22\u{202f}PM UTC"), expected);
        assert_eq!(instant("Monday, February 10, 2025 at 3:45:22 PM UTC"), expected);
        assert_eq!(instant("Monday, February 10, 2025 at 12:00:00 AM UTC"), Some(Micros(1_739_145_600_000_000)));
        for wrong in
            ["Monday, February 30, 2025 at 3:45:22 PM UTC", "2025-02-10", "Monday, February 10, 2025 at 3:45:22 PM CET"]
        {
            assert_eq!(instant(wrong), None, "{wrong}");
        }
    }
}
