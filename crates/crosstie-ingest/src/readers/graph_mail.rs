//! Mail of Microsoft Graph and Graph Data Connect (Message_v1, SentItem_v1), and Teams chats in the form of mail
//! (TeamChat_v1, TeamsStandardChannelMessages_v0). A row is a mailbox's copy.

use super::mail_key;
use crate::format::{EntryKind, Format};
use crate::instant::{read_instant, utc};
use crate::json::{JsonRecords, Raw, boolean, items, pick, scalar, text, walk};
use crate::ledger::Reason;
use crate::out::{Out, Unfit};
use crate::work::{BAD_RECIPIENT, Fault, RECIPIENT_LIMIT, Sent, Spot, Work};
use crosstie_model::{Code, Role, Venue, code};

/// What the rows of a Graph export are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GraphDataset {
    /// Mail.
    Mail,
    /// Teams chats in the form of mail.
    TeamChat,
    /// Teams messages.
    Teams,
}

/// Reads mail and chats in the form of mail.
pub(crate) struct GraphMailReader {
    dataset: GraphDataset,
    records: JsonRecords,
}

impl GraphMailReader {
    pub(crate) fn new(dataset: GraphDataset) -> GraphMailReader {
        GraphMailReader { dataset, records: JsonRecords::any(&["value"]) }
    }
}

impl Format for GraphMailReader {
    fn entry(&self, name: &str) -> EntryKind {
        let name = name.to_ascii_lowercase();
        if name.ends_with(".json") || name.ends_with(".jsonl") { EntryKind::Records } else { EntryKind::Other }
    }

    fn begin(&mut self, _name: &str) {
        self.records = JsonRecords::any(&["value"]);
    }

    fn block(&mut self, block: &[u8], last: bool, out: &mut Out<'_, '_>) -> Result<(), Unfit> {
        let dataset = self.dataset;
        self.records.read_each(block, last, out, &mut |record, spot, out| message(record, dataset, spot, out.work))
    }

    fn skip(&mut self, block: &[u8]) -> Option<usize> {
        self.records.skip(block)
    }
}

fn message(record: &[u8], dataset: GraphDataset, spot: Spot, work: &mut Work<'_>) -> Result<(), Fault> {
    let [id, sent, from, to, cc, bcc, draft, conversation, row] = pick(
        record,
        [
            "internetMessageId",
            "sentDateTime",
            "from",
            "toRecipients",
            "ccRecipients",
            "bccRecipients",
            "isDraft",
            "conversationId",
            "rowinformation",
        ],
    )?;
    let [is_summary, is_empty] = walk(row, ["isUserSummaryRow", "userReturnedNoData"])?;
    if boolean(is_summary) || boolean(is_empty) {
        work.exclude(spot, None, Reason::NotAMessage);
        return Ok(());
    }
    let time = text(sent)?.ok_or_else(|| fault(code::I107, "sentDateTime"))?;
    let at = read_instant(&time, &utc(), work.earliest, work.latest).map_err(|code| fault(code, "sentDateTime"))?;
    let dated = |fault: Fault| Fault { at: Some(at), ..fault };
    if boolean(draft) {
        work.exclude(spot, Some(at), Reason::Draft);
        return Ok(());
    }
    let sender = address(from).map_err(dated)?.ok_or_else(|| dated(fault(code::I107, "from")))?;
    let sender = work.handles.mail(&sender).map_err(|code| dated(fault(code, "from")))?;
    let recipients = recipients([(to, Role::To), (cc, Role::Cc), (bcc, Role::Bcc)], work).map_err(dated)?;
    let id = scalar(id).map_err(dated)?;
    let id = id.as_deref().and_then(mail_key::message_id);
    let sent = if dataset == GraphDataset::Mail {
        let key = match id {
            Some(id) => mail_key::by_id(work, id, sender),
            None => mail_key::by_content(work, sender, at, &recipients),
        };
        Sent::mail(key, at, sender, &recipients)
    } else {
        let sender_id = work.handles.id(sender).to_be_bytes();
        let conversation = scalar(conversation).map_err(dated)?.unwrap_or_default();
        let key = match id {
            Some(id) => work.message_key(&[b"team-chat", &sender_id, id.as_bytes()]),
            None => work.message_key(&[b"team-channel", &sender_id, &at.0.to_be_bytes(), conversation.as_bytes()]),
        };
        let venue = match recipients.len() {
            0 => Venue::Channel,
            1 => Venue::Direct,
            _ => Venue::Group,
        };
        Sent { by_server: true, venue, ..Sent::mail(key, at, sender, &recipients) }
    };
    work.message(spot, sent);
    Ok(())
}

/// The recipients of all classes. A bad one is counted if a good one is left.
fn recipients(classes: [(Option<Raw<'_>>, Role); 3], work: &mut Work<'_>) -> Result<Vec<(u32, Role)>, Fault> {
    let mut found = Vec::new();
    let mut first_bad: Option<Code> = None;
    let mut bad_count = 0;
    for (list, role) in classes {
        for entry in items(list)? {
            let handle = match address(Some(entry))? {
                Some(address) => work.handles.mail(&address),
                None => Err(code::I106),
            };
            match handle {
                Ok(handle) => found.push((handle, role)),
                Err(code) => {
                    bad_count += 1;
                    first_bad.get_or_insert(code);
                }
            }
            if found.len() > RECIPIENT_LIMIT {
                return Err(fault(code::I110, "toRecipients"));
            }
        }
    }
    match first_bad {
        Some(code) if found.is_empty() => Err(fault(code, "toRecipients")),
        _ => {
            work.odd(BAD_RECIPIENT, bad_count);
            Ok(found)
        }
    }
}

/// `{"emailAddress":{"address":…}}`
fn address(value: Option<Raw<'_>>) -> Result<Option<String>, Fault> {
    let [inner] = walk(value, ["emailAddress"])?;
    let [address] = walk(inner, ["address"])?;
    Ok(text(address)?.filter(|text| !text.is_empty()).map(|text| text.into_owned()))
}

fn fault(code: Code, field: &'static str) -> Fault {
    Fault { field: Some(field), ..Fault::from(code) }
}
