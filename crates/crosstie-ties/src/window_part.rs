//! What some of the senders of a window add.

use crate::contact_days::SenderDays;
use crate::rules::Scaled;
use crate::window::AtDays;
use crate::window_rows::Row;
use crate::window_sums::{RuledPart, WindowSums};
use crosstie_model::{Slot, Weight, WindowTie};

/// Ties, slots and sums of some senders, in their order.
pub(crate) struct Part {
    pub(crate) ties: Vec<WindowTie>,
    /// By stratum.
    pub(crate) slots: Vec<Vec<Slot>>,
    pub(crate) self_count: u64,
    /// Of all ties.
    pub(crate) weight: Weight,
    /// Of each other rule.
    pub(crate) ruled: Vec<RuledPart>,
    pub(crate) contact: SenderDays,
}

impl Part {
    pub(crate) fn new(strata: usize, others: &[WindowSums<'_>]) -> Part {
        Part {
            ties: Vec::new(),
            slots: vec![Vec::new(); strata],
            self_count: 0,
            weight: Weight::ZERO,
            ruled: others.iter().map(WindowSums::part).collect(),
            contact: SenderDays::new(),
        }
    }

    pub(crate) fn clear(&mut self) {
        self.ties.clear();
        self.slots.iter_mut().for_each(Vec::clear);
        self.self_count = 0;
        self.weight = Weight::ZERO;
        self.ruled.iter_mut().for_each(RuledPart::clear);
        self.contact.clear();
    }

    /// Adds the rows of one pair, in the order of days. Recipients of a sender come in order.
    pub(crate) fn add(&mut self, source: u32, rows: &[Row], at_days: &AtDays<'_>) {
        let mut counted = rows.iter().filter(|row| at_days.rule.counts(row.is_many())).peekable();
        let Some(&first) = counted.peek() else { return };
        if first.target == source {
            self.self_count += counted.map(|row| u64::from(row.count)).sum::<u64>();
            return;
        }
        let mut tie = Tie::of(first);
        for row in counted {
            let (stratum, slot, factor) = at_days.slot(source, row);
            tie.add(row, factor);
            add_slot(&mut self.slots[stratum], slot);
        }
        let tie = tie.end(source, first.target, at_days);
        self.weight += tie.weight;
        self.ties.push(tie);
    }
}

/// Adds a slot of the last pair. Its slots stand at the end, by share, and are few.
fn add_slot(slots: &mut Vec<Slot>, slot: Slot) {
    match slots.last_mut() {
        Some(last) if last.key() == slot.key() => last.count += slot.count,
        Some(last) if last.key() > slot.key() => put_between(slots, slot),
        _ => slots.push(slot),
    }
}

fn put_between(slots: &mut Vec<Slot>, slot: Slot) {
    let at = slots.len() - slots.iter().rev().take_while(|other| other.key() >= slot.key()).count();
    if slots[at].key() == slot.key() {
        slots[at].count += slot.count;
    } else {
        slots.insert(at, slot);
    }
}

/// The tie of one ordered pair, from its rows in the order of days.
struct Tie {
    mail_count: u64,
    chat_count: u64,
    active_days_count: u32,
    weight: Scaled,
    /// Day and second.
    first: (u32, u32),
    last: (u32, u32),
}

impl Tie {
    fn of(first: &Row) -> Tie {
        let (mail_count, chat_count, weight) = (0, 0, Scaled::ZERO);
        let (first, last) = ((first.day, first.first), (first.day, first.last));
        Tie { mail_count, chat_count, active_days_count: 1, weight, first, last }
    }

    fn add(&mut self, row: &Row, factor: u64) {
        *if row.is_chat() { &mut self.chat_count } else { &mut self.mail_count } += u64::from(row.count);
        self.weight.add(row.weight(), factor);
        self.active_days_count += u32::from(row.day != self.last.0);
        self.first = self.first.min((row.day, row.first));
        self.last = self.last.max((row.day, row.last));
    }

    fn end(self, source: u32, target: u32, at_days: &AtDays<'_>) -> WindowTie {
        let Tie { mail_count, chat_count, active_days_count, weight, first, last } = self;
        WindowTie {
            source,
            target,
            // A person is one recipient of a message, so rows of a pair are messages.
            message_count: mail_count + chat_count,
            mail_count,
            chat_count,
            active_days_count,
            weight: weight.end(),
            first_at: at_days.at(first.0, first.1),
            last_at: at_days.at(last.0, last.1),
        }
    }
}
