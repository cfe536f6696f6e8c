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
    /// Every role.
    pub const ALL: [Role; 7] = [Role::To, Role::Reply, Role::Mention, Role::Cc, Role::Bcc, Role::List, Role::Thread];

    /// Its name in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Role::To => "to",
            Role::Reply => "reply",
            Role::Mention => "mention",
            Role::Cc => "cc",
            Role::Bcc => "bcc",
            Role::List => "list",
            Role::Thread => "thread",
        }
    }

    /// The role of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.name() == name)
    }

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

/// Where a message was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Venue {
    /// Mail.
    Mail,
    /// A chat of two.
    Direct,
    /// A chat of several.
    Group,
    /// A channel, which all of its members can read.
    Channel,
}

impl Venue {
    /// Every venue.
    pub const ALL: [Venue; 4] = [Venue::Mail, Venue::Direct, Venue::Group, Venue::Channel];

    /// The venue of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Venue> {
        Venue::ALL.into_iter().find(|venue| venue.name() == name)
    }

    /// Its name in tables, in the column `place`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Venue::Mail => "mail",
            Venue::Direct => "direct",
            Venue::Group => "group",
            Venue::Channel => "channel",
        }
    }
}

/// Something that happened in chat and is no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChatEvent {
    /// When.
    pub at: Micros,
    /// Who it happened to.
    pub who: End,
    /// Keyed id of the channel.
    pub place_id: i64,
    /// What.
    pub kind: ChatEventKind,
    /// Who invited; `None`: nobody, if `by_is_known`.
    pub by: Option<End>,
    /// Whether the export can tell who invited.
    pub by_is_known: bool,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChatEventKind {
    /// The channel was made.
    Create,
    /// Somebody came in.
    Join,
    /// Somebody left.
    Leave,
}

impl ChatEventKind {
    /// Every kind, in the order of their numbers.
    pub const ALL: [ChatEventKind; 3] = [ChatEventKind::Create, ChatEventKind::Join, ChatEventKind::Leave];
}

/// A message; its recipients are `recipients[first .. first + count]` of [`Messages`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message {
    /// Where it was written.
    pub venue: Venue,
    /// Keyed id of the channel or chat.
    pub place_id: Option<i64>,
    /// When it was sent.
    pub sent_at: Micros,
    /// Who sent it.
    pub sender: End,
    /// Where its recipients begin.
    pub first: u32,
    /// How many recipients are kept; none of a broadcast.
    pub count: u32,
    /// How many recipients are named: distinct, without the sender. 0 for a post that names nobody.
    pub recipient_count: u32,
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
    /// Adds messages behind those that are here.
    pub fn append(&mut self, more: &Messages) {
        let before = self.recipients.len() as u32;
        self.messages.extend(more.messages.iter().map(|message| Message { first: message.first + before, ..*message }));
        self.recipients.extend_from_slice(&more.recipients);
    }

    /// The recipients of a message.
    #[must_use]
    pub fn recipients_of(&self, message: &Message) -> &[Recipient] {
        &self.recipients[message.first as usize..(message.first + message.count) as usize]
    }
}
