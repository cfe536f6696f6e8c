//! One mail by its headers (RFC 5322). The body is never looked at.

use super::mail_key;
use crate::answers::Answers;
use crate::ledger::Reason;
use crate::mail::address_list::addresses;
use crate::mail::header::{Headers, read_headers};
use crate::mail::mail_date::mail_date;
use crate::out::Out;
use crate::work::{BAD_RECIPIENT, Fault, RECIPIENT_LIMIT, Sent, Spot, Work};
use crosstie_model::{Code, DAY_MICROS, Micros, Role, code};

/// Longest header section in bytes.
pub(crate) const HEADER_LIMIT: usize = 1 << 20;

/// Where the header section at the front of `bytes` ends, behind its empty line. `None` if more bytes must come.
pub(crate) fn header_end(bytes: &[u8], last: bool) -> Option<usize> {
    for at in memchr::memchr_iter(b'\n', bytes) {
        if at > HEADER_LIMIT {
            break;
        }
        match &bytes[at + 1..] {
            [b'\n', ..] => return Some(at + 2),
            [b'\r', b'\n', ..] => return Some(at + 3),
            _ => {}
        }
    }
    (last || bytes.len() > HEADER_LIMIT + 2).then(|| bytes.len().min(HEADER_LIMIT + 2))
}

/// Reads the header section of a mail.
pub(crate) fn read_mail(front: &[u8], at_form: bool, spot: Spot, out: &mut Out<'_, '_>) {
    let read = match read_headers(front) {
        Ok(headers) if headers.looks_like_mail => mail(&headers, at_form, spot, out.work),
        Ok(_) => {
            out.work.exclude(spot, None, Reason::NotAMessage);
            Ok(())
        }
        Err(code) => Err(Fault::from(code)),
    };
    out.outcome(spot, front, read);
}

fn mail(headers: &Headers, at_form: bool, spot: Spot, work: &mut Work<'_>) -> Result<(), Fault> {
    let (at, by_server) = instant(headers, work)?;
    let dated = |fault: Fault| Fault { at: Some(at), ..fault };
    work.odd("header_line_malformed", headers.odd_count);
    if headers.is_calendar_reply {
        work.exclude(spot, Some(at), Reason::SystemEvent);
        return Ok(());
    }
    let Some(from) = headers.from.first() else { return Err(dated(fault(code::I107, "From"))) };
    let is_nobody = addresses(from, at_form).is_ok_and(|list| list.has_null_sender && list.found.is_empty());
    if headers.is_automated || is_nobody {
        work.exclude(spot, Some(at), Reason::Automated);
        return Ok(());
    }
    let sender = sender(from, headers, at_form, work).map_err(dated)?;
    let recipients = recipients(headers, at_form, work).map_err(dated)?;
    let id = headers.message_id.as_deref().and_then(mail_key::message_id);
    let key = match id {
        Some(id) => mail_key::by_id(work, id, sender),
        None => mail_key::by_content(work, sender, at, &recipients),
    };
    if let Some(id) = id {
        work.note_author(mail_key::author(work, id), sender);
    }
    // Whoever answers on a list writes to the author before.
    let parent = headers.in_reply_to.as_deref().or(headers.references_last.as_deref());
    let parent = parent.filter(|_| headers.is_list).and_then(mail_key::message_id);
    let answers = parent.map(|parent| Answers::Parent(mail_key::author(work, parent)));
    work.message(spot, Sent { by_server, answers, ..Sent::mail(key, at, sender, &recipients) });
    Ok(())
}

/// The sender's clock, unless it is missing, unreadable or over 24 hours off the server's.
fn instant(headers: &Headers, work: &mut Work<'_>) -> Result<(Micros, bool), Fault> {
    let sent = headers.date.as_deref().map(mail_date);
    let received = headers.received.as_deref().and_then(|date| mail_date(date).ok());
    let (at, by_server) = match (sent, received) {
        (Some(Ok(sent)), Some(received)) => {
            let is_off = (sent.micros - received.micros).abs() > DAY_MICROS;
            work.odd("sender_clock_over_24_hours_off", u64::from(is_off));
            let trusts_sender = !is_off && sent.zone_is_known;
            if trusts_sender { (sent.micros, false) } else { (received.micros, true) }
        }
        (Some(Ok(sent)), None) => {
            work.odd("zone_unknown_taken_as_utc", u64::from(!sent.zone_is_known));
            (sent.micros, false)
        }
        (_, Some(received)) => (received.micros, true),
        (_, None) => return Err(fault(code::I104, "Date")),
    };
    work.believed(Micros(at)).map(|at| (at, by_server)).map_err(|code| fault(code, "Date"))
}

/// Of several authors the one whom `Sender` names, else the first.
fn sender(from: &[u8], headers: &Headers, at_form: bool, work: &mut Work<'_>) -> Result<u32, Fault> {
    let authors = handles(from, at_form, "From", work)?;
    let Some(&first) = authors.good.first() else {
        return Err(fault(authors.first_bad.unwrap_or(code::I106), "From"));
    };
    let by = match headers.sender.first() {
        Some(value) => handles(value, at_form, "Sender", work)?.good.first().copied(),
        None => None,
    };
    let Some(by) = by else { return Ok(first) };
    if authors.good.contains(&by) {
        return Ok(by);
    }
    work.odd("sent_by_a_delegate", 1);
    Ok(first)
}

fn recipients(headers: &Headers, at_form: bool, work: &mut Work<'_>) -> Result<Vec<(u32, Role)>, Fault> {
    let direct = if headers.is_list { Role::List } else { Role::To };
    let classes = [(&headers.to, direct, "To"), (&headers.cc, Role::Cc, "Cc"), (&headers.bcc, Role::Bcc, "Bcc")];
    let mut found = Vec::new();
    let (mut first_bad, mut bad_count) = (None, 0);
    for (lines, role, field) in classes {
        for line in lines {
            let list = handles(line, at_form, field, work)?;
            found.extend(list.good.iter().map(|&handle| (handle, role)));
            first_bad = first_bad.or(list.first_bad.map(|code| fault(code, field)));
            bad_count += list.bad_count;
            if found.len() > RECIPIENT_LIMIT {
                return Err(fault(code::I110, field));
            }
        }
    }
    match first_bad {
        Some(bad) if found.is_empty() => Err(bad),
        _ => {
            work.odd(BAD_RECIPIENT, bad_count);
            Ok(found)
        }
    }
}

struct HandleList {
    good: Vec<u32>,
    first_bad: Option<Code>,
    bad_count: u64,
}

fn handles(value: &[u8], at_form: bool, field: &'static str, work: &mut Work<'_>) -> Result<HandleList, Fault> {
    let list = addresses(value, at_form).map_err(|code| fault(code, field))?;
    work.odd("address_of_odd_form", list.odd_count);
    let mut found =
        HandleList { good: Vec::new(), first_bad: list.bad.first().copied(), bad_count: list.bad.len() as u64 };
    for address in &list.found {
        match work.handles.mail(address) {
            Ok(handle) => found.good.push(handle),
            Err(code) => {
                found.first_bad.get_or_insert(code);
                found.bad_count += 1;
            }
        }
    }
    Ok(found)
}

fn fault(code: Code, field: &'static str) -> Fault {
    Fault { field: Some(field), ..Fault::from(code) }
}
