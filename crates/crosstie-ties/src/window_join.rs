//! A window from what its senders add, so many senders at a time.

use crate::contact_days::ContactDays;
use crate::window_part::Part;
use crate::window_sums::WindowSums;
use crosstie_model::{Day, RuledTie, Slots, Stratum, Weight, WindowTie, WindowTies};
use rayon::prelude::*;

/// Under another rule ties, and what people received by week.
pub(crate) type RuledJoined = (Vec<RuledTie>, Vec<Vec<u64>>);

/// What the senders so far add, in their order.
pub(crate) struct Joining {
    ties: Vec<WindowTie>,
    /// Slots by stratum.
    slots: Vec<Slots>,
    self_count: u64,
    weight: Weight,
    ruled: Vec<RuledJoined>,
    contact: ContactDays,
}

impl Joining {
    pub(crate) fn new(strata: usize, others: &[WindowSums<'_>], origin: Day) -> Joining {
        Joining {
            ties: Vec::new(),
            slots: vec![Slots::default(); strata],
            self_count: 0,
            weight: Weight::ZERO,
            ruled: others.iter().map(|sums| (Vec::new(), sums.none_received())).collect(),
            contact: ContactDays::new(origin),
        }
    }

    /// Adds what the next senders add: each list on a thread of its own.
    pub(crate) fn add(&mut self, found: &[Part], others: &[WindowSums<'_>]) {
        self.self_count += found.iter().map(|part| part.self_count).sum::<u64>();
        self.weight += found.iter().map(|part| part.weight).sum();
        let Joining { ties, slots, ruled, contact, .. } = self;
        let add_ties = || found.iter().for_each(|part| ties.extend_from_slice(&part.ties));
        let add_slots = || {
            slots.par_iter_mut().enumerate().for_each(|(stratum, all)| {
                found.iter().flat_map(|part| &part.slots[stratum]).for_each(|slot| all.push(*slot));
            });
        };
        let add_ruled = || {
            ruled.par_iter_mut().zip(others).enumerate().for_each(|(rule, ((ties, received), sums))| {
                let of_rule = || found.iter().map(|part| &part.ruled[rule]);
                let add_ties = || of_rule().for_each(|part| ties.extend_from_slice(&part.ties));
                let add_received = || {
                    received.par_iter_mut().enumerate().for_each(|(week, all)| {
                        of_rule().for_each(|part| sums.add_received(week, part, all));
                    });
                };
                rayon::join(add_ties, add_received);
            });
        };
        let add_contact = || contact.extend(found.par_iter().map(|part| part.contact.clone()));
        rayon::join(|| rayon::join(add_ties, add_contact), || rayon::join(add_slots, add_ruled));
    }

    /// The window, ties and what people received under each other rule, and the days with contact. Only strata that hold a slot count. Messages
    /// weigh `given`: what no tie took of that is outside.
    pub(crate) fn end(self, strata: &[Stratum], given: u64) -> (WindowTies, Vec<RuledJoined>, ContactDays) {
        let Joining { mut ties, mut slots, self_count, weight, ruled, contact } = self;
        ties.shrink_to_fit();
        slots.iter_mut().for_each(Slots::shrink_to_fit);
        let full = strata.iter().copied().zip(slots).filter(|(_, slots)| !slots.is_empty());
        let (strata, slots) = full.unzip();
        let outside = Weight::from_units(given.saturating_sub(weight.units()));
        (WindowTies { ties, strata, slots, self_count, outside, ..WindowTies::default() }, ruled, contact)
    }
}
