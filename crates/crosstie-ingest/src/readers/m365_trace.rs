//! Microsoft 365 message trace in its three shapes, told apart by their headers: the list of `Get-MessageTrace`, the
//! enhanced summary, and the extended report (Microsoft Learn, "Message trace in the modern Exchange admin center").

use super::mail_key;
use super::named_columns::{NamedColumns, NamedRow, require};
use super::tracking_events::{EventColumns, TrackingEvents};
use crate::format::{EntryKind, Format};
use crate::instant::{TimeSpec, read_instant, utc};
use crate::ledger::Reason;
use crate::out::{Out, Unfit};
use crate::work::{BAD_RECIPIENT, Fault, RECIPIENT_LIMIT, Sent, Spot, Work};
use crosstie_model::{Micros, Role, code};

const EXTENDED: EventColumns = EventColumns {
    time: "date_time_utc",
    source: "source",
    event: "event_id",
    message_id: "message_id",
    network_message_id: "network_message_id",
    internal_message_id: "internal_message_id",
    server: "server_hostname",
    recipients: "recipient_address",
    related: "related_recipient_address",
    sender: "sender_address",
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// A row a message and recipient.
    List,
    /// A row a message.
    Summary,
    /// A row an event.
    Extended,
}

/// Reads message traces.
pub(crate) struct M365TraceReader<'s> {
    columns: NamedColumns,
    shape: Option<Shape>,
    time: Option<&'s TimeSpec>,
    events: TrackingEvents,
}

impl<'s> M365TraceReader<'s> {
    pub(crate) fn new(time: Option<&'s TimeSpec>) -> M365TraceReader<'s> {
        M365TraceReader { columns: NamedColumns::with_header(), shape: None, time, events: TrackingEvents::default() }
    }
}

impl Format for M365TraceReader<'_> {
    // Rows meet when all were read.
    fn remembers(&self) -> bool {
        true
    }

    fn entry(&self, name: &str) -> EntryKind {
        if name.to_ascii_lowercase().ends_with(".csv") { EntryKind::Records } else { EntryKind::Other }
    }

    fn begin(&mut self, _name: &str) {
        self.columns.begin();
        self.shape = None;
    }

    fn block(&mut self, block: &[u8], last: bool, out: &mut Out<'_, '_>) -> Result<(), Unfit> {
        let (shape, time, events) = (&mut self.shape, self.time, &mut self.events);
        let shape = std::cell::Cell::new(*shape);
        let read = self.columns.block(
            block,
            last,
            out,
            &mut |names| {
                shape.set(Some(shape_of(names, time)?));
                Ok(())
            },
            &mut |row, raw, spot, out| {
                let read = match (shape.get(), time) {
                    (Some(Shape::Extended), _) => events.row(row, &EXTENDED, spot, out),
                    (Some(Shape::List), Some(time)) => list_row(row, time, spot, out.work),
                    _ => summary_row(row, spot, out.work),
                };
                out.outcome(spot, raw, read);
            },
        );
        self.shape = shape.get();
        read
    }

    fn forget(&mut self, file: u32) {
        self.events.forget(file);
    }

    fn finish(&mut self, work: &mut Work<'_>) {
        self.events.finish(work);
    }
}

fn shape_of(names: &[String], time: Option<&TimeSpec>) -> Result<Shape, Unfit> {
    let has = |name: &str| names.iter().any(|known| known == name);
    if has("date_time_utc") {
        require(names, &[EXTENDED.event, EXTENDED.message_id, EXTENDED.recipients, EXTENDED.sender])?;
        return Ok(Shape::Extended);
    }
    if has("origin_timestamp_utc") {
        require(names, &["sender_address", "recipient_status", "message_id"])?;
        return Ok(Shape::Summary);
    }
    require(names, &["received", "senderaddress", "recipientaddress", "status", "messageid"])?;
    if time.is_none() {
        let mut fault = Unfit::because(code::I104, "`Received` is written in the operator's locale");
        fault.0[0].hints = vec!["set `time_format`, such as \"%m/%d/%Y %I:%M:%S %p\", and `zone = \"UTC\"`".into()];
        return Err(fault);
    }
    Ok(Shape::List)
}

fn list_row(row: &NamedRow<'_>, time: &TimeSpec, spot: Spot, work: &mut Work<'_>) -> Result<(), Fault> {
    let at = read_instant(row.required("received")?, time, work.earliest, work.latest)
        .map_err(|code| row.fault(code, "received"))?;
    let dated = |fault: Fault| Fault { at: Some(at), ..fault };
    let role = match row.text("status").map_err(dated)?.to_ascii_lowercase().as_str() {
        "delivered" | "pending" => Role::To,
        "expanded" => Role::List,
        _ => {
            work.exclude(spot, Some(at), Reason::Undelivered);
            return Ok(());
        }
    };
    let sender = match row.text("senderaddress").map_err(dated)? {
        "<>" => return automated(work, spot, at),
        text => work.handles.mail(text).map_err(|code| dated(row.fault(code, "senderaddress")))?,
    };
    let text = row.required("recipientaddress").map_err(dated)?;
    let recipient = work.handles.mail(text).map_err(|code| dated(row.fault(code, "recipientaddress")))?;
    let recipients = [(recipient, role)];
    let trace = row.text("messagetraceid").map_err(dated)?.to_ascii_lowercase();
    let id = row.text("messageid").map_err(dated)?;
    work.message(spot, server_mail(key(id, &trace, sender, work), at, sender, &recipients));
    Ok(())
}

fn summary_row(row: &NamedRow<'_>, spot: Spot, work: &mut Work<'_>) -> Result<(), Fault> {
    let at = read_instant(row.required("origin_timestamp_utc")?, &utc(), work.earliest, work.latest)
        .map_err(|code| row.fault(code, "origin_timestamp_utc"))?;
    let dated = |fault: Fault| Fault { at: Some(at), ..fault };
    let sender = match row.text("sender_address").map_err(dated)? {
        "<>" => return automated(work, spot, at),
        text => work.handles.mail(text).map_err(|code| dated(row.fault(code, "sender_address")))?,
    };
    let (mut recipients, mut bad, mut failed) = (Vec::new(), 0, 0u64);
    for part in row.required("recipient_status").map_err(dated)?.split(';').map(str::trim) {
        let (address, events) = part.split_once("##").unwrap_or((part, ""));
        if events.split(',').any(|event| event.trim().eq_ignore_ascii_case("fail")) {
            failed += 1;
        } else if !address.is_empty() {
            match work.handles.mail(address) {
                Ok(handle) => recipients.push((handle, Role::To)),
                Err(_) => bad += 1,
            }
        }
        if recipients.len() > RECIPIENT_LIMIT {
            return Err(dated(row.fault(code::I110, "recipient_status")));
        }
    }
    if recipients.is_empty() && bad > 0 {
        return Err(dated(row.fault(code::I106, "recipient_status")));
    }
    work.odd(BAD_RECIPIENT, bad);
    if recipients.is_empty() && failed > 0 {
        work.exclude(spot, Some(at), Reason::Undelivered);
        return Ok(());
    }
    let network = row.text("network_message_id").map_err(dated)?.replace('-', "").to_ascii_lowercase();
    let id = row.text("message_id").map_err(dated)?;
    work.message(spot, server_mail(key(id, &network, sender, work), at, sender, &recipients));
    Ok(())
}

fn automated(work: &mut Work<'_>, spot: Spot, at: Micros) -> Result<(), Fault> {
    work.exclude(spot, Some(at), Reason::Automated);
    Ok(())
}

/// A blank Message-ID gives way to the service's own.
fn key(id: &str, own_id: &str, sender: u32, work: &Work<'_>) -> u128 {
    match mail_key::message_id(id) {
        Some(id) => mail_key::by_id(work, id, sender),
        None => work.message_key(&[b"network", own_id.as_bytes(), &work.handles.id(sender).to_be_bytes()]),
    }
}

fn server_mail(key: u128, at: Micros, sender: u32, recipients: &[(u32, Role)]) -> Sent<'_> {
    Sent { by_server: true, ..Sent::mail(key, at, sender, recipients) }
}
