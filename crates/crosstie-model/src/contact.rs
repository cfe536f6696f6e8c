//! Contact between people as the ties stage leaves it: strata, ties of a window, what began and was answered.

use crate::chance::{Chance, Null};
use crate::{Day, Micros, Slot, Slots, Weight};
use std::collections::BTreeMap;

/// What chance may exchange: recipients are permuted within a kind of channel and an ISO week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stratum {
    /// Whether the messages are chat; else mail.
    pub chat: bool,
    /// Monday of the week.
    pub week: Day,
}

/// Contact from one person to another over the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowTie {
    /// Sender.
    pub source: u32,
    /// Recipient.
    pub target: u32,
    /// Messages, each counted once.
    pub message_count: u64,
    /// Those of them that were mail.
    pub mail_count: u64,
    /// Those of them that were chat.
    pub chat_count: u64,
    /// Days with at least one message.
    pub active_days_count: u32,
    /// Sum of the shares of the messages.
    pub weight: Weight,
    /// First message.
    pub first_at: Micros,
    /// Last message.
    pub last_at: Micros,
}

/// A message to one person alone after three days without a message between the two, and whether an answer came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Opener {
    /// Who wrote.
    pub source: u32,
    /// To whom.
    pub target: u32,
    /// When.
    pub at: Micros,
    /// Whether the recipient wrote back, to the sender alone or as a reply, within a week.
    pub answered: bool,
}

/// The openers of a window, each list sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Openers {
    /// All of them.
    pub openers: Vec<Opener>,
    /// For openers another contact of the sender, to whom the sender wrote nothing at that time: who "answers" here
    /// does so by coincidence.
    pub placebos: Vec<Opener>,
}

/// Three to eight people who began to write to exactly each other, and kept it up.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NewGroup {
    /// Who they are, ascending.
    pub members: Vec<u32>,
    /// The day of their first message.
    pub day: Day,
    /// Who sent it.
    pub starter: u32,
}

/// The groups that began in a window.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewGroups {
    /// Days on which a group could begin: enough are known before and after. 0 where there are none.
    pub days_count: u32,
    /// Sets of people whose first message lies in these days, whether kept up or not.
    pub sets_count: u64,
    /// Those that were kept up, sorted.
    pub groups: Vec<NewGroup>,
}

/// Messages used on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayCount {
    /// The day.
    pub day: Day,
    /// Messages.
    pub message_count: u64,
}

/// What people sent and received in a stratum: all that chance needs to know of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Activity {
    /// Weight sent by each person, in units.
    pub sent: Vec<u64>,
    /// Slots received by each person, or their weight where weight is exchanged.
    pub received: Vec<u64>,
}

/// A tie of a window, without what no rule changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuledTie {
    /// Sender.
    pub source: u32,
    /// Recipient.
    pub target: u32,
    /// Messages, each counted once.
    pub message_count: u64,
    /// Sum of the shares of the messages.
    pub weight: Weight,
}

/// What a window holds under another rule than the plan's: sums, for slots take most of the memory of a window.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuledWindow {
    /// Sorted by (source, target).
    pub ties: Vec<RuledTie>,
    /// The strata that hold a slot, in the order of those of a window.
    pub activities: Vec<Activity>,
}

/// What a window holds. Everything is sorted: strata, the slots of each by (source, target, units), of which no two are
/// equal, ties by (source, target).
#[derive(Clone, Debug, Default)]
pub struct WindowTies {
    /// What chance exchanges within a stratum.
    pub null: Null,
    /// The strata.
    pub strata: Vec<Stratum>,
    /// Of each stratum the slots between two people of the organization.
    pub slots: Vec<Slots>,
    /// The slots summed by pair.
    pub ties: Vec<WindowTie>,
    /// Messages in the window with at least one named recipient and at most `max_recipients`.
    pub messages_count: u64,
    /// Those of them from one person of the directory to another.
    pub tied_messages_count: u64,
    /// Messages that name more recipients than `max_recipients` and so make no tie.
    pub over_max_recipients_count: u64,
    /// Messages that name nobody (channel posts).
    pub unaddressed_count: u64,
    /// Slots whose two ends are one person.
    pub self_count: u64,
    /// All slots within the cap, also those with an end outside the organization.
    pub slots_seen_count: u64,
    /// Weight of the messages that no tie took: ends outside the organization.
    pub outside: Weight,
}

impl WindowTies {
    /// The same contact in the strata of `chance`. Time O(slots log slots).
    ///
    /// # Panics
    /// If its values do not hold every end of a slot.
    #[must_use]
    pub fn under(&self, chance: Chance<'_>) -> WindowTies {
        if self.slots.iter().all(Slots::is_empty) {
            return WindowTies { null: chance.null, ..self.clone() };
        }
        // Of each part the first week with a slot, and the slots.
        let mut parts: BTreeMap<(usize, usize), (Stratum, Vec<Slot>)> = BTreeMap::new();
        for (number, (&stratum, slots)) in self.strata.iter().zip(&self.slots).enumerate() {
            let of_week = if chance.null == Null::Configuration { 0 } else { number };
            for slot in slots.iter() {
                let part = (of_week, chance.part(slot.source, slot.target));
                parts.entry(part).or_insert_with(|| (stratum, Vec::new())).1.push(slot);
            }
        }
        let (mut strata, mut joined) = (Vec::new(), Vec::new());
        for (stratum, mut slots) in parts.into_values() {
            slots.sort_unstable();
            slots.dedup_by(|next, kept| {
                let same = next.key() == kept.key();
                kept.count += if same { next.count } else { 0 };
                same
            });
            strata.push(stratum);
            joined.push(slots.into_iter().collect());
        }
        WindowTies { null: chance.null, strata, slots: joined, ties: self.ties.clone(), ..*self }
    }

    /// How many slots there are between two people of the organization.
    #[must_use]
    pub fn slot_count(&self) -> u64 {
        self.slots.iter().flat_map(Slots::iter).map(|slot| u64::from(slot.count)).sum()
    }

    /// Weight of all ties.
    #[must_use]
    pub fn weight(&self) -> Weight {
        self.ties.iter().map(|tie| tie.weight).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_strata_hold_the_same_slots() {
        let slot = |source, target, count| Slot { source, target, units: 5, count };
        let strata = [0, 7].map(|day| Stratum { chat: false, week: Day(4 + day) }).to_vec();
        let slots = [[slot(0, 1, 1), slot(1, 2, 2)], [slot(0, 1, 4), slot(2, 0, 8)]].map(Slots::from_iter).to_vec();
        let ties = WindowTies { strata, slots, messages_count: 9, ..WindowTies::default() };
        let whole = ties.under(Chance { null: Null::Configuration, within: None });
        assert_eq!(whole.slots, [Slots::from_iter([slot(0, 1, 5), slot(1, 2, 2), slot(2, 0, 8)])]);
        assert_eq!((whole.null, whole.strata.len(), whole.messages_count), (Null::Configuration, 1, 9));
        // Persons 0 and 1 are of one place, 2 of another.
        let within = ties.under(Chance { null: Null::WeekPermutation, within: Some((&[0, 0, 1], 2)) });
        let parts = [slot(0, 1, 1), slot(1, 2, 2), slot(0, 1, 4), slot(2, 0, 8)];
        assert_eq!(within.slots, parts.map(|slot| Slots::from_iter([slot])));
        assert_eq!(within.strata.iter().map(|stratum| stratum.week.0).collect::<Vec<_>>(), [4, 4, 11, 11]);
    }
}
