//! What some of the senders of a window add.

use crate::contact_days::SenderDays;
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
        let counted = || rows.iter().filter(|row| at_days.rule.counts(row.is_many()));
        let Some(first) = counted().next() else { return };
        if first.target == source {
            self.self_count += counted().map(|row| u64::from(row.count)).sum::<u64>();
            return;
        }
        let tie = tie(source, first, counted(), at_days);
        self.weight += tie.weight;
        self.ties.push(tie);
        for (stratum, slot) in counted().map(|row| at_days.slot(source, row)) {
            add_slot(&mut self.slots[stratum], slot);
        }
    }
}

/// Adds a slot of the last pair. Its slots stand at the end, by share, and are few.
fn add_slot(slots: &mut Vec<Slot>, slot: Slot) {
    let is_later =
        |other: &&Slot| (other.source, other.target) == (slot.source, slot.target) && other.units >= slot.units;
    let later = slots.iter().rev().take_while(is_later).count();
    let at = slots.len() - later;
    match slots.get_mut(at) {
        Some(same) if same.units == slot.units => same.count += slot.count,
        Some(_) => slots.insert(at, slot),
        None => slots.push(slot),
    }
}

/// The tie of one ordered pair from its rows in the order of days.
fn tie<'r>(source: u32, first: &Row, rows: impl Iterator<Item = &'r Row> + Clone, at_days: &AtDays<'_>) -> WindowTie {
    let (mut mail_count, mut chat_count, mut active_days_count) = (0, 0, 1);
    let (mut first_at, mut last_day, mut last) = (first.first, first.day, first.last);
    for row in rows.clone() {
        *if row.is_chat() { &mut chat_count } else { &mut mail_count } += u64::from(row.count);
        if row.day == first.day {
            first_at = first_at.min(row.first);
        }
        if row.day == last_day {
            last = last.max(row.last);
        } else {
            active_days_count += 1;
            (last_day, last) = (row.day, row.last);
        }
    }
    WindowTie {
        source,
        target: first.target,
        // A person is one recipient of a message, so rows of a pair are messages.
        message_count: mail_count + chat_count,
        mail_count,
        chat_count,
        active_days_count,
        weight: at_days.weight(rows),
        first_at: at_days.at(first.day, first_at),
        last_at: at_days.at(last_day, last),
    }
}
