//! Messages as ingest leaves them: who wrote to whom, when, in which role. No subject, no body, no name.

use crate::Micros;

/// How a recipient was named. The order is by strength: the union of copies keeps the smallest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Named as a direct recipient.
    To,
    /// The author of the message replied to.
    Reply,
    /// Mentioned in the text.
    Mention,
    /// Named as a copy recipient.
    Cc,
    /// Named as a blind copy recipient.
    Bcc,
    /// Reached through a list.
    List,
    /// The last author before in a thread without parents.
    Thread,
}

impl Role {
    /// Whether the role counts as direct; copies count `cc_weight`.
    #[must_use]
    pub const fn is_direct(self) -> bool {
        matches!(self, Role::To | Role::Reply | Role::Mention)
    }
}

/// One end of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// A person of the directory, by index.
    Person(u32),
    /// An account inside that is no person of the directory, by index of the handle.
    Account(u32),
    /// Somebody of another organization: counted, never told apart.
    External,
}

/// A recipient of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// Keyed id of the handle: the order in which left-over units of weight are dealt out.
    pub handle_id: i64,
    /// Who it is.
    pub end: End,
    /// How it was named.
    pub role: Role,
}

/// A message; its recipients are `recipients[first .. first + count]` of [`Messages`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message {
    /// Whether it is chat; else mail.
    pub chat: bool,
    /// When it was sent.
    pub sent_at: Micros,
    /// Who sent it.
    pub sender: End,
    /// Where its recipients begin.
    pub first: u32,
    /// How many recipients are named: distinct, without the sender. 0 for a post that names nobody.
    pub count: u32,
}

/// Messages with their recipients.
#[derive(Clone, Debug, Default)]
pub struct Messages {
    /// The messages, in the order of their keys.
    pub messages: Vec<Message>,
    /// All recipients, message by message.
    pub recipients: Vec<Recipient>,
}

impl Messages {
    /// The recipients of a message.
    #[must_use]
    pub fn recipients_of(&self, message: &Message) -> &[Recipient] {
        &self.recipients[message.first as usize..(message.first + message.count) as usize]
    }
}
