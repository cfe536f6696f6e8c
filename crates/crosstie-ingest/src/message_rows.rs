//! A merged message as rows of the canonical table `messages`: what crosstie hands to another machine of the same key.
//! Accounts outside are counted, never stored.

use crate::merge::Head;
use crate::source::{Kind, SourceSpec};
use crate::work::first_half;
use crosstie_model::tables::MessageRow;
use crosstie_model::{Recipient, Venue};

/// One row a recipient; one without where nobody is kept.
pub(crate) fn message_rows<'r>(
    source: &SourceSpec,
    message: &Head,
    venue: Venue,
    sender_id: i64,
    recipient_count: u32,
    recipients: impl Iterator<Item = &'r Recipient>,
) -> Vec<MessageRow> {
    let row = |recipient: Option<&Recipient>| MessageRow {
        source: source.name.clone(),
        kind: if source.kind == Kind::Chat { "chat" } else { "mail" }.into(),
        place: venue.name().into(),
        place_id: message.extra.place_id,
        thread_key: message.thread_key(),
        reply_to_key: message.reply_to_key(),
        message_key: first_half(message.key),
        message_check: message.key as i64,
        sent_at: message.sent_at,
        time_origin: if message.extra.by_server { "server" } else { "sender" }.into(),
        sender_id,
        recipient_id: recipient.map(|recipient| recipient.handle_id),
        role: recipient.map_or("none", |recipient| recipient.role.name()).into(),
        recipient_count: recipient_count.into(),
    };
    let rows: Vec<MessageRow> = recipients.map(|recipient| row(Some(recipient))).collect();
    if rows.is_empty() { vec![row(None)] } else { rows }
}
