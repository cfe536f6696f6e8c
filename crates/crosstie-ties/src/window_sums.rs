//! What a window sums to under another rule.

use crate::rules::Scaled;
use crate::window::AtDays;
use crate::window_rows::Row;
use crosstie_model::{Activity, Chance, Null, RuledTie, RuledWindow};
use std::sync::atomic::{AtomicU64, Ordering};

/// One rule, and how much each person sent under it.
pub(crate) struct WindowSums<'a> {
    at_days: AtDays<'a>,
    chance: Chance<'a>,
    member_count: usize,
    /// By week, part, person: each person's own, whichever thread it is.
    sent: Vec<AtomicU64>,
    weeks: usize,
}

/// What some senders add under a rule.
pub(crate) struct RuledPart {
    pub(crate) ties: Vec<RuledTie>,
    /// What one sender sent, by week and part.
    sent: Vec<u64>,
    /// By week, what recipients received.
    received: Vec<Vec<Received>>,
}

/// What one person received of another in a week.
#[derive(Clone, Copy)]
struct Received {
    source: u32,
    target: u32,
    amount: u64,
}

impl RuledPart {
    pub(crate) fn clear(&mut self) {
        self.ties.clear();
        self.received.iter_mut().for_each(Vec::clear);
    }
}

impl<'a> WindowSums<'a> {
    pub(crate) fn new(
        at_days: AtDays<'a>,
        strata_count: usize,
        member_count: usize,
        chance: Chance<'a>,
    ) -> WindowSums<'a> {
        let weeks = if chance.null == Null::Configuration { 1 } else { strata_count };
        let sent = (0..weeks * chance.parts() * member_count).map(|_| AtomicU64::new(0)).collect();
        WindowSums { at_days, chance, member_count, sent, weeks }
    }

    /// Nothing yet of some senders.
    pub(crate) fn part(&self) -> RuledPart {
        let sent = vec![0; self.weeks * self.chance.parts()];
        RuledPart { ties: Vec::new(), sent, received: vec![Vec::new(); self.weeks] }
    }

    /// Nothing yet of what people received, by week, then part and person.
    pub(crate) fn none_received(&self) -> Vec<Vec<u64>> {
        vec![vec![0; self.chance.parts() * self.member_count]; self.weeks]
    }

    /// Adds the rows of one pair, where the rule leaves any.
    pub(crate) fn add(&self, source: u32, rows: &[Row], part: &mut RuledPart) {
        let mut counted = rows.iter().filter(|row| self.at_days.rule.counts(row.is_many())).peekable();
        let Some(target) = counted.peek().map(|row| row.target) else { return };
        // Rows of a week follow one another: each sum is added to once a week.
        let mut pending = (None, 0, 0);
        let (mut message_count, mut weight) = (0, Scaled::ZERO);
        for row in counted {
            let (stratum, slot, factor) = self.at_days.slot(source, row);
            message_count += u64::from(row.count);
            weight.add(row.weight(), factor);
            if pending.0 != Some(stratum) {
                self.put(source, target, pending, part);
                pending = (Some(stratum), 0, 0);
            }
            pending.1 += slot.weight().units();
            pending.2 += self.chance.null.amount(&slot);
        }
        self.put(source, target, pending, part);
        part.ties.push(RuledTie { source, target, message_count, weight: weight.end() });
    }

    fn put(&self, source: u32, target: u32, sums: (Option<usize>, u64, u64), part: &mut RuledPart) {
        let (Some(stratum), weight, amount) = sums else { return };
        let week = if self.chance.null == Null::Configuration { 0 } else { stratum };
        part.sent[week * self.chance.parts() + self.chance.part(source, target)] += weight;
        part.received[week].push(Received { source, target, amount });
    }

    /// Takes over what a sender sent, and leaves nothing of it.
    pub(crate) fn end_sender(&self, source: u32, part: &mut RuledPart) {
        for (at, sent) in part.sent.iter_mut().enumerate().filter(|(_, sent)| **sent > 0) {
            let sent = std::mem::take(sent);
            self.sent[at * self.member_count + source as usize].store(sent, Ordering::Relaxed);
        }
    }

    /// Adds what people received in a week of some senders. One thread takes a week: many would wait for each other.
    pub(crate) fn add_received(&self, week: usize, part: &RuledPart, all: &mut [u64]) {
        for received in &part.received[week] {
            let part = self.chance.part(received.source, received.target);
            all[part * self.member_count + received.target as usize] += received.amount;
        }
    }

    /// The sums, when all senders are added.
    pub(crate) fn end(self, ties: Vec<RuledTie>, received: Vec<Vec<u64>>) -> RuledWindow {
        let chunk = self.member_count.max(1);
        let of_person = |sum: &AtomicU64| sum.load(Ordering::Relaxed);
        let received = received.iter().flat_map(|week| week.chunks(chunk));
        let activities = (self.sent.chunks(chunk).zip(received))
            .filter(|(_, received)| received.iter().any(|&received| received > 0))
            .map(|(sent, received)| Activity {
                sent: sent.iter().map(of_person).collect(),
                received: received.to_vec(),
            })
            .collect();
        RuledWindow { ties, activities }
    }
}
