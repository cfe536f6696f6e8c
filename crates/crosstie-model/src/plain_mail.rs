//! Mail of the common form in few bytes: most messages are of it.

use crate::{Day, End, Message, Messages, Micros, Recipient, Role, Venue};

/// An address or account on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handle {
    /// Its keyed id.
    pub id: i64,
    /// Who holds it.
    pub end: End,
}

/// Mail of one day of the common form, in columns: whole seconds, direct recipients alone, all of whom are somebody else.
/// Handles stand for their holders, by index of a list of [`Handle`]s.
#[derive(Clone, Debug, Default)]
pub struct PlainMail {
    /// The day.
    pub day: Day,
    /// Second of the day of each message.
    pub seconds: Vec<u32>,
    /// Its sender, who is inside.
    pub senders: Vec<u32>,
    /// Where its recipients end.
    pub ends: Vec<u32>,
    /// The recipients of all messages, those of each in the order of keyed ids: at least one, no person twice.
    pub recipients: Vec<u32>,
}

impl PlainMail {
    /// Forgets the messages and keeps the room.
    pub fn clear(&mut self) {
        self.seconds.clear();
        self.senders.clear();
        self.ends.clear();
        self.recipients.clear();
    }

    /// Second, sender and recipients of each message.
    pub fn each(&self) -> impl Iterator<Item = (u32, u32, &[u32])> {
        let mut begin = 0;
        self.seconds.iter().zip(&self.senders).zip(&self.ends).map(move |((&second, &sender), &end)| {
            let from = std::mem::replace(&mut begin, end as usize);
            (second, sender, &self.recipients[from..end as usize])
        })
    }

    /// The same as messages of any form.
    #[must_use]
    pub fn to_messages(&self, handles: &[Handle]) -> Messages {
        let mut out = Messages::default();
        for (second, sender, recipients) in self.each() {
            out.messages.push(Message {
                venue: Venue::Mail,
                place_id: None,
                sent_at: Micros(self.day.start().0 + i64::from(second) * 1_000_000),
                sender: handles[sender as usize].end,
                first: out.recipients.len() as u32,
                count: recipients.len() as u32,
                recipient_count: recipients.len() as u32,
            });
            let named = recipients.iter().map(|&recipient| handles[recipient as usize]);
            out.recipients.extend(named.map(|Handle { id, end }| Recipient { handle_id: id, end, role: Role::To }));
        }
        out
    }
}
