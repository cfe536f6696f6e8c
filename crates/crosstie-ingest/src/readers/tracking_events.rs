//! One mail from the many rows that the servers of Exchange log about it.
//!
//! The earliest RECEIVE gives sender, time and direct recipients; EXPAND the members behind a group, whose own address
//! goes; RESOLVE and REDIRECT replace an address by another. Without RECEIVE: DELIVER, else SEND.

use super::mail_key;
use super::named_columns::NamedRow;
use crate::ledger::Reason;
use crate::out::Out;
use crate::work::{Fault, RECIPIENT_LIMIT, Sent, Spot, Work};
use crosstie_model::{Micros, Role, Venue, code};

/// What a row tells of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Receive,
    Expand,
    Replace,
    Deliver,
    Send,
}

/// The names of a row's columns in one of the logs.
pub(crate) struct EventColumns {
    pub(crate) time: &'static str,
    pub(crate) source: &'static str,
    pub(crate) event: &'static str,
    pub(crate) message_id: &'static str,
    pub(crate) network_message_id: &'static str,
    pub(crate) internal_message_id: &'static str,
    pub(crate) server: &'static str,
    pub(crate) recipients: &'static str,
    pub(crate) related: &'static str,
    pub(crate) sender: &'static str,
}

/// Rows that wait for the others of their mail.
#[derive(Default)]
pub(crate) struct TrackingEvents {
    rows: Vec<Row>,
}

struct Row {
    key: u128,
    event: Event,
    at: Micros,
    sender: u32,
    recipients: Vec<u32>,
    related: Option<u32>,
    spot: Spot,
}

/// Events that tell nothing of who wrote to whom, by the names under which they are counted.
const OTHER_EVENTS: [&str; 16] = [
    "AGENTINFO",
    "DEFER",
    "DUPLICATEDELIVER",
    "DUPLICATEEXPAND",
    "DUPLICATEREDIRECT",
    "HADISCARD",
    "HARECEIVE",
    "HAREDIRECT",
    "HAREDIRECTFAIL",
    "LOAD",
    "NOTIFYMAPI",
    "POISONMESSAGE",
    "PROCESS",
    "SUBMIT",
    "SUBMITDEFER",
    "TRANSFER",
];

impl TrackingEvents {
    /// Takes in a row.
    pub(crate) fn row(
        &mut self,
        row: &NamedRow<'_>,
        columns: &EventColumns,
        spot: Spot,
        out: &mut Out<'_, '_>,
    ) -> Result<(), Fault> {
        let time = row.required(columns.time)?;
        let utc = crate::instant::utc();
        let at = crate::instant::read_instant(time, &utc, out.work.earliest, out.work.latest)
            .map_err(|code| row.fault(code, columns.time))?;
        self.dated_row(row, columns, at, spot, out.work).map_err(|fault| Fault { at: Some(at), ..fault })
    }

    fn dated_row(
        &mut self,
        row: &NamedRow<'_>,
        columns: &EventColumns,
        at: Micros,
        spot: Spot,
        work: &mut Work<'_>,
    ) -> Result<(), Fault> {
        let name = row.text(columns.event)?.to_ascii_uppercase();
        let event = match name.as_str() {
            "RECEIVE" => Event::Receive,
            "EXPAND" => Event::Expand,
            "RESOLVE" | "REDIRECT" => Event::Replace,
            "DELIVER" => Event::Deliver,
            "SEND" => Event::Send,
            "FAIL" | "BADMAIL" => {
                work.exclude(spot, Some(at), Reason::Undelivered);
                return Ok(());
            }
            _ => {
                let known = OTHER_EVENTS.iter().find(|known| **known == name);
                work.odd(known.copied().unwrap_or("unknown tracking event"), 1);
                work.exclude(spot, Some(at), Reason::OtherEvent);
                return Ok(());
            }
        };
        let sender_text = row.text(columns.sender)?;
        if row.text(columns.source)?.eq_ignore_ascii_case("DSN") || sender_text == "<>" {
            work.exclude(spot, Some(at), Reason::Automated);
            return Ok(());
        }
        let sender_text = row.required(columns.sender)?;
        let sender = work.handles.mail(sender_text).map_err(|code| row.fault(code, columns.sender))?;
        let recipients = addresses(row, columns.recipients, work)?;
        if recipients.is_empty() {
            return Err(row.fault(code::I107, columns.recipients));
        }
        let related = addresses(row, columns.related, work)?.first().copied();
        let key = key(row, columns, sender, work)?;
        self.rows.push(Row { key, event, at, sender, recipients, related, spot });
        Ok(())
    }

    /// Drops the rows of a file.
    pub(crate) fn forget(&mut self, file: u32) {
        self.rows.retain(|row| row.spot.file != file);
    }

    /// All rows are in: each becomes a copy of its mail.
    pub(crate) fn finish(&mut self, work: &mut Work<'_>) {
        self.rows.sort_by_key(|row| (row.key, row.at, row.spot.file, row.spot.offset));
        for rows in self.rows.chunk_by(|a, b| a.key == b.key) {
            one_mail(rows, work);
        }
        self.rows.clear();
    }
}

fn addresses(row: &NamedRow<'_>, column: &'static str, work: &mut Work<'_>) -> Result<Vec<u32>, Fault> {
    let mut found = Vec::new();
    for text in row.text(column)?.split(';').map(str::trim).filter(|text| !text.is_empty()) {
        found.push(work.handles.mail(text).map_err(|code| row.fault(code, column))?);
        if found.len() > RECIPIENT_LIMIT {
            return Err(row.fault(code::I110, column));
        }
    }
    Ok(found)
}

fn key(row: &NamedRow<'_>, columns: &EventColumns, sender: u32, work: &Work<'_>) -> Result<u128, Fault> {
    if let Some(id) = mail_key::message_id(row.text(columns.message_id)?) {
        return Ok(mail_key::by_id(work, id, sender));
    }
    let sender = work.handles.id(sender).to_be_bytes();
    Ok(match row.text(columns.network_message_id)? {
        "" => {
            let (server, number) = (row.text(columns.server)?, row.text(columns.internal_message_id)?);
            work.message_key(&[b"tracking", server.to_ascii_lowercase().as_bytes(), number.as_bytes(), &sender])
        }
        network => work.message_key(&[b"network", network.to_ascii_lowercase().as_bytes(), &sender]),
    })
}

/// The rows of one mail, by time.
fn one_mail(rows: &[Row], work: &mut Work<'_>) {
    let best = rows.iter().map(|row| row.event).filter(|event| is_base(*event)).min();
    let Some(base) = rows.iter().find(|row| Some(row.event) == best).or(rows.first()) else { return };
    let of_kind = |kind: Event| rows.iter().filter(move |row| row.event == kind);
    let groups: Vec<u32> = of_kind(Event::Expand).filter_map(|row| row.related).collect();
    let replaced = |recipient: u32| {
        let to = of_kind(Event::Replace).find(|row| row.related == Some(recipient));
        to.map_or(std::slice::from_ref(&recipient).to_vec(), |row| row.recipients.clone())
    };
    for row in rows {
        let is_direct = match base.event {
            Event::Receive => std::ptr::eq(row, base),
            event => row.event == event,
        };
        let recipients: Vec<(u32, Role)> = if row.event == Event::Expand {
            row.recipients.iter().map(|&member| (member, Role::List)).collect()
        } else if is_direct {
            let direct = row.recipients.iter().flat_map(|&recipient| replaced(recipient));
            direct.filter(|recipient| !groups.contains(recipient)).map(|recipient| (recipient, Role::To)).collect()
        } else {
            Vec::new()
        };
        // All rows bear the time of the first, so that one mail stays one.
        let sent = Sent {
            key: row.key,
            at: base.at,
            by_server: true,
            sender: row.sender,
            recipients: &recipients,
            venue: Venue::Mail,
            place: None,
            answers: None,
            stated_count: 0,
        };
        work.message(row.spot, sent);
    }
}

/// Whether a row of this kind can stand for the mail itself.
const fn is_base(event: Event) -> bool {
    matches!(event, Event::Receive | Event::Deliver | Event::Send)
}
