//! The email log search of Google Workspace (Google help 13828463): a row a message, recipient and event.

use super::mail_key;
use super::named_columns::{NamedColumns, NamedRow, require};
use crate::format::{EntryKind, Format};
use crate::instant::{TimeSpec, read_instant};
use crate::ledger::Reason;
use crate::mail::address_list::addresses;
use crate::out::{Out, Unfit};
use crate::work::{Fault, Sent, Spot, Work};
use crosstie_model::{Role, code};

/// Reads log search exports.
pub(crate) struct GmailLogReader<'s> {
    columns: NamedColumns,
    time: &'s TimeSpec,
    status_ok: &'s [String],
}

impl<'s> GmailLogReader<'s> {
    pub(crate) fn new(time: &'s TimeSpec, status_ok: &'s [String]) -> GmailLogReader<'s> {
        GmailLogReader { columns: NamedColumns::with_header(), time, status_ok }
    }
}

impl Format for GmailLogReader<'_> {
    fn entry(&self, name: &str) -> EntryKind {
        if name.to_ascii_lowercase().ends_with(".csv") { EntryKind::Records } else { EntryKind::Other }
    }

    fn begin(&mut self, _name: &str) {
        self.columns.begin();
    }

    fn block(&mut self, block: &[u8], last: bool, out: &mut Out<'_, '_>) -> Result<(), Unfit> {
        let (time, status_ok) = (self.time, self.status_ok);
        let wanted = ["message id", "start date", "sender", "recipient address", "event target", "event status"];
        self.columns.block(block, last, out, &mut |names| require(names, &wanted), &mut |row, raw, spot, out| {
            let read = row_of(row, time, status_ok, spot, out.work);
            out.outcome(spot, raw, read);
        })
    }
}

fn row_of(
    row: &NamedRow<'_>,
    time: &TimeSpec,
    status_ok: &[String],
    spot: Spot,
    work: &mut Work<'_>,
) -> Result<(), Fault> {
    let at = read_instant(row.required("start date")?, time, work.earliest, work.latest)
        .map_err(|code| row.fault(code, "start date"))?;
    let dated = |fault: Fault| Fault { at: Some(at), ..fault };
    let role = match row.text("event target").map_err(dated)?.to_ascii_uppercase().as_str() {
        "GMAIL_INBOX" | "SMTP_OUT" | "GMAIL_SPAM" | "INTERNAL_SERVER" => Role::To,
        "LIST_SERVER" | "ARCHIVE_LIST_SERVER" => Role::List,
        _ => {
            work.exclude(spot, Some(at), Reason::OtherEvent);
            return Ok(());
        }
    };
    let status = row.text("event status").map_err(dated)?;
    if !status_ok.iter().any(|good| good.eq_ignore_ascii_case(status)) {
        work.exclude(spot, Some(at), Reason::Undelivered);
        return Ok(());
    }
    // A delegate can stand behind the sender.
    let text = row.required("sender").map_err(dated)?;
    let list = addresses(text.as_bytes(), false).map_err(|code| dated(row.fault(code, "sender")))?;
    let bad = list.bad.first().copied().unwrap_or(code::I106);
    let first = list.found.first().ok_or_else(|| dated(row.fault(bad, "sender")))?;
    let sender = work.handles.mail(first).map_err(|code| dated(row.fault(code, "sender")))?;
    let text = row.required("recipient address").map_err(dated)?;
    let recipient = work.handles.mail(text).map_err(|code| dated(row.fault(code, "recipient address")))?;
    let recipients = [(recipient, role)];
    let key = match mail_key::message_id(row.text("message id").map_err(dated)?) {
        Some(id) => mail_key::by_id(work, id, sender),
        None => work.message_key(&[b"row", b"gmail_log", &work.handles.id(sender).to_be_bytes(), &at.0.to_be_bytes()]),
    };
    work.message(spot, Sent { by_server: true, ..Sent::mail(key, at, sender, &recipients) });
    Ok(())
}
