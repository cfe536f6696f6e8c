//! What a window sums to under another rule. Threads add to one array: sums of integers are the same in any order.

use crate::window::AtDays;
use crate::window_rows::Row;
use crosstie_model::{Activity, Chance, Null, RuledTie, RuledWindow};
use std::sync::atomic::{AtomicU64, Ordering};

pub(crate) struct WindowSums<'a> {
    at_days: AtDays<'a>,
    chance: Chance<'a>,
    member_count: usize,
    /// By stratum, part, person.
    sent: Vec<AtomicU64>,
    received: Vec<AtomicU64>,
}

impl<'a> WindowSums<'a> {
    pub(crate) fn new(
        at_days: AtDays<'a>,
        strata_count: usize,
        member_count: usize,
        chance: Chance<'a>,
    ) -> WindowSums<'a> {
        let of_weeks = if chance.null == Null::Configuration { 1 } else { strata_count };
        let sums = || (0..of_weeks * chance.parts() * member_count).map(|_| AtomicU64::new(0)).collect();
        WindowSums { at_days, chance, member_count, sent: sums(), received: sums() }
    }

    /// Adds the rows of one pair; `None` where the rule leaves none. What the sender sent is added to `sent`, by stratum
    /// and part.
    pub(crate) fn add(&self, source: u32, rows: &[Row], sent: &mut [u64]) -> Option<RuledTie> {
        let counted = || rows.iter().filter(|row| self.at_days.rule.counts(row.many));
        let target = counted().next()?.target;
        // Rows of a week follow one another: each sum is added to once a week.
        let mut pending = (None, 0, 0);
        let mut message_count = 0;
        for row in counted() {
            let slot = self.at_days.slot(source, row);
            message_count += u64::from(row.count);
            if pending.0 != Some(slot.stratum) {
                self.put(source, target, pending, sent);
                pending = (Some(slot.stratum), 0, 0);
            }
            pending.1 += slot.weight().units();
            pending.2 += self.chance.null.amount(&slot);
        }
        self.put(source, target, pending, sent);
        Some(RuledTie { source, target, message_count, weight: self.at_days.weight(counted()) })
    }

    fn put(&self, source: u32, target: u32, sums: (Option<u32>, u64, u64), sent: &mut [u64]) {
        let (Some(stratum), weight, received) = sums else { return };
        let of_week = if self.chance.null == Null::Configuration { 0 } else { stratum as usize };
        let part = of_week * self.chance.parts() + self.chance.part(source, target);
        sent[part] += weight;
        self.received[part * self.member_count + target as usize].fetch_add(received, Ordering::Relaxed);
    }

    /// Room for what one sender sent.
    pub(crate) fn none_sent(&self) -> Vec<u64> {
        vec![0; self.sent.len().checked_div(self.member_count).unwrap_or(0)]
    }

    /// Takes over what a sender sent, and leaves nothing of it.
    pub(crate) fn end_sender(&self, source: u32, sent: &mut [u64]) {
        for (part, sent) in sent.iter_mut().enumerate().filter(|(_, sent)| **sent > 0) {
            let sent = std::mem::take(sent);
            self.sent[part * self.member_count + source as usize].store(sent, Ordering::Relaxed);
        }
    }

    /// The sums, when all senders are added.
    pub(crate) fn end(self, ties: Vec<RuledTie>) -> RuledWindow {
        let plain = |sums: &[AtomicU64]| sums.iter().map(|sum| sum.load(Ordering::Relaxed)).collect();
        let chunk = self.member_count.max(1);
        let strata = self.sent.chunks(chunk).zip(self.received.chunks(chunk));
        let activities = strata
            .map(|(sent, received)| Activity { sent: plain(sent), received: plain(received) })
            .filter(|activity| activity.received.iter().any(|&received| received > 0))
            .collect();
        RuledWindow { ties, activities }
    }
}
