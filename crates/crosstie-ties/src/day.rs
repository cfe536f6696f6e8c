//! The ties of one day: integer sums by pair, so that days can be made apart and added in any order.

use crate::day_bytes::{kind, to_bytes};
use crate::day_groups::{DayGroup, GroupRow, group_row, grouped};
use crate::day_plain::{Desk, add_plain};
use crate::ends::Ends;
use crate::share::shares;
use crate::tie_rows::TieRows;
use crosstie_model::{
    DAY_MICROS, Day, End, Handle, Message, Messages, Micros, PlainMail, Recipient, Role, Venue, Weight,
};
use std::cell::RefCell;

/// How contact becomes weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TieParams {
    /// Messages that name more recipients make no tie.
    pub max_recipients: u32,
    /// Part of a copy recipient against a direct one, in thousandths.
    pub cc_weight_thousandths: u32,
    /// Whether the sets of people who share messages are kept.
    pub groups: bool,
}

/// The edge of the size class that daily ties carry: what a lower `max_recipients` would leave.
pub const FEW_RECIPIENTS: u32 = 4;

/// Units of a message that names one person who counts.
pub(crate) const WHOLE: u32 = Weight::MESSAGE.units() as u32;

/// Equal shares of a day's messages from one end to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DayTie {
    /// Sender, as [`Ends`] numbers it.
    pub source: u32,
    /// Recipient.
    pub target: u32,
    /// Whether the messages are chat; else mail.
    pub chat: bool,
    /// Whether the messages answer the recipient and name others, too; an answer to one person alone is known by its
    /// units.
    pub reply: bool,
    /// Whether the messages name more than [`FEW_RECIPIENTS`].
    pub many: bool,
    /// Share of each message, in units of 2^-20; 0 where the message made no tie.
    pub units: u32,
    /// Messages.
    pub count: u32,
    /// Second of the day of the first of them.
    pub first: u32,
    /// Second of the day of the last.
    pub last: u32,
}

/// What an end sent on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Habit {
    /// Sender.
    pub source: u32,
    /// Messages.
    pub sent: u32,
    /// A bit for each hour of the day, UTC.
    pub hours: u32,
}

/// One day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DayTies {
    /// The day.
    pub day: Day,
    /// One row each for (source, target, chat, reply, many, units).
    pub ties: TieRows,
    /// Sorted by source.
    pub habits: Vec<Habit>,
    /// Sorted, one row each for (members, source); empty unless they are kept.
    pub groups: Vec<DayGroup>,
    /// Messages with at least one recipient and at most `max_recipients`.
    pub messages_count: u64,
    /// Those of them from one person of the directory to another.
    pub tied_messages_count: u64,
    /// Messages to more recipients.
    pub over_max_recipients_count: u64,
    /// Messages that name nobody.
    pub unaddressed_count: u64,
    /// Shares above 0, also those with an end outside the directory.
    pub slots_seen_count: u64,
    /// All shares, in units of 2^-20.
    pub units: u64,
}

/// One (message, recipient) row, packed so that the order of words is the order of rows within a sender:
/// target, chat, reply, many, units, second.
pub(crate) type Row = (u32, u64);

const UNIT_BITS: u32 = 21;
pub(crate) const SECOND_BITS: u32 = 17;
pub(crate) const MANY_SHIFT: u32 = UNIT_BITS + SECOND_BITS;
const REPLY_SHIFT: u32 = MANY_SHIFT + 1;
const CHAT_SHIFT: u32 = REPLY_SHIFT + 1;
pub(crate) const TARGET_SHIFT: u32 = CHAT_SHIFT + 1;

/// Room for the rows of a day, used again for the next: new memory takes longer than the sums.
#[derive(Default)]
pub(crate) struct Room {
    pub(crate) rows: Vec<Row>,
    words: Vec<u64>,
    ties: TieRows,
    units: Vec<u32>,
    /// What each handle is, of mail of the common form.
    pub(crate) desks: Vec<Desk>,
}

thread_local! {
    static ROOM: RefCell<Room> = RefCell::default();
}

/// The ties of one day in the making; messages come in any order and in any parts.
pub struct DayBuilder<'e> {
    ends: &'e Ends,
    pub(crate) params: TieParams,
    pub(crate) out: DayTies,
    /// By number of the sender.
    sent: Vec<Habit>,
    pub(crate) groups: Vec<GroupRow>,
    pub(crate) room: Room,
}

impl DayBuilder<'_> {
    /// A day without messages. `handles` are those that [`DayBuilder::add_plain`] is told of.
    #[must_use]
    pub fn new<'e>(day: Day, ends: &'e Ends, params: TieParams, handles: &[Handle]) -> DayBuilder<'e> {
        let mut room = ROOM.take();
        room.rows.clear();
        room.desks.clear();
        room.desks.extend(handles.iter().map(|handle| Desk::new(handle.end, ends)));
        let out = DayTies { day, ..DayTies::default() };
        DayBuilder { ends, params, out, sent: Vec::new(), groups: Vec::new(), room }
    }

    /// Adds messages of the day. Time O(recipients), memory 44 bytes a recipient.
    ///
    /// # Panics
    /// If there are over 8 million people and accounts.
    pub fn add(&mut self, messages: &Messages) {
        self.room.rows.reserve(messages.recipients.len());
        messages.messages.iter().for_each(|message| self.message(message, messages.recipients_of(message)));
    }

    /// Adds mail of the day in the common form: the same as [`DayBuilder::add`] of it, and quicker. Time O(recipients).
    ///
    /// # Panics
    /// If it names a handle that [`DayBuilder::new`] was not told of.
    pub fn add_plain(&mut self, mail: &PlainMail) {
        add_plain(self, mail);
    }

    fn message(&mut self, message: &Message, recipients: &[Recipient]) {
        let DayBuilder { ends, params, out, sent, groups, room: Room { rows, units, .. } } = self;
        let second = (message.sent_at.0.rem_euclid(DAY_MICROS) / 1_000_000) as u32;
        let sender = ends.number(message.sender);
        if let Some(source) = sender {
            note_habit(sent, source, 1, 1 << (second / 3600));
        }
        units.clear();
        if message.recipient_count == 0 {
            out.unaddressed_count += 1;
        } else if message.recipient_count > params.max_recipients {
            out.over_max_recipients_count += 1;
            units.resize(recipients.len(), 0);
        } else {
            out.messages_count += 1;
            shares(recipients, params.cc_weight_thousandths, units);
            if params.groups {
                groups.extend(group_row(message, recipients, ends, second));
            }
        }
        let of_message = u64::from(message.venue != Venue::Mail) << CHAT_SHIFT
            | u64::from(message.recipient_count > FEW_RECIPIENTS) << MANY_SHIFT
            | u64::from(second);
        let mut is_tied = false;
        for (recipient, &units) in recipients.iter().zip(&*units) {
            out.slots_seen_count += u64::from(units > 0);
            out.units += u64::from(units);
            if let (Some(source), Some(target)) = (sender, ends.number(recipient.end)) {
                is_tied |= units > 0 && source != target && is_person(message.sender) && is_person(recipient.end);
                let is_reply = recipient.role == Role::Reply && units > 0 && units < WHOLE;
                let word = u64::from(target) << TARGET_SHIFT
                    | u64::from(is_reply) << REPLY_SHIFT
                    | u64::from(units) << SECOND_BITS
                    | of_message;
                rows.push((source, word));
            }
        }
        out.tied_messages_count += u64::from(is_tied);
    }

    /// The day.
    #[must_use]
    pub fn day(&self) -> Day {
        self.out.day
    }

    /// The ties of all messages.
    #[must_use]
    pub fn end(self) -> DayTies {
        self.end_as(|day, _| day.clone())
    }

    /// The same as bytes, as [`to_bytes`] writes them.
    #[must_use]
    pub fn end_as_bytes(self) -> Vec<u8> {
        self.end_as(to_bytes)
    }

    fn end_as<R>(self, made: impl FnOnce(&DayTies, &Ends) -> R) -> R {
        let DayBuilder { ends, mut out, mut sent, groups, mut room, .. } = self;
        let of_desks = room.desks.iter().filter(|desk| desk.sent > 0);
        of_desks.for_each(|desk| note_habit(&mut sent, desk.number, desk.sent, desk.hours));
        sent.retain(|habit| habit.sent > 0);
        out.habits = sent;
        out.groups = grouped(groups);
        sum_up(&room.rows, &mut room.words, &mut room.ties);
        out.ties = room.ties;
        let made = made(&out, ends);
        room.ties = out.ties;
        ROOM.set(room);
        made
    }
}

/// The ties of the messages of one day, where they are all at hand.
#[must_use]
pub fn day_ties(day: Day, messages: &Messages, ends: &Ends, params: TieParams) -> DayTies {
    let mut builder = DayBuilder::new(day, ends, params, &[]);
    builder.add(messages);
    builder.end()
}

fn is_person(end: End) -> bool {
    matches!(end, End::Person(_))
}

fn note_habit(sent: &mut Vec<Habit>, source: u32, count: u32, hours: u32) {
    let at = source as usize;
    if sent.len() <= at {
        let new = |source: usize| Habit { source: source as u32, sent: 0, hours: 0 };
        sent.extend((sent.len()..=at).map(new));
    }
    sent[at].sent += count;
    sent[at].hours |= hours;
}

/// Rows by sender, counted and placed; then sorted within each, which are few.
fn sum_up(rows: &[Row], words: &mut Vec<u64>, ties: &mut TieRows) {
    let sources = rows.iter().map(|&(source, _)| source as usize + 1).max().unwrap_or(0);
    let mut begins = vec![0u32; sources + 1];
    for &(source, _) in rows {
        begins[source as usize + 1] += 1;
    }
    for at in 1..begins.len() {
        begins[at] += begins[at - 1];
    }
    let mut next = begins.clone();
    words.resize(rows.len().max(words.len()), 0);
    for &(source, word) in rows {
        let at = &mut next[source as usize];
        words[*at as usize] = word;
        *at += 1;
    }
    ties.clear();
    ties.reserve(rows.len());
    for source in 0..sources {
        let own = &mut words[begins[source] as usize..begins[source + 1] as usize];
        own.sort_unstable();
        for same in own.chunk_by(|a, b| a >> SECOND_BITS == b >> SECOND_BITS) {
            let (first, last) = (same[0], same[same.len() - 1]);
            let second = |word: u64| (word & ((1 << SECOND_BITS) - 1)) as u32;
            let target = (first >> TARGET_SHIFT) as u32;
            ties.push(target, kind_of(first), (same.len() as u32, second(first), second(last)));
        }
        ties.end_source();
    }
}

/// The kind of a row's tie.
fn kind_of(word: u64) -> u32 {
    let units = (word >> SECOND_BITS) as u32 & ((1 << UNIT_BITS) - 1);
    kind(units, [MANY_SHIFT, REPLY_SHIFT, CHAT_SHIFT].map(|shift| word >> shift & 1 == 1))
}

impl DayTie {
    /// The instant of a second of the day.
    #[must_use]
    pub fn at(day: Day, second: u32) -> Micros {
        Micros(day.start().0 + i64::from(second) * 1_000_000)
    }
}
