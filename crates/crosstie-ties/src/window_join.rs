//! A window from what its senders add, so many senders at a time.

use crate::window::Part;
use crosstie_model::{RuledTie, Slot, Stratum, WindowTie, WindowTies};
use rayon::prelude::*;

/// What the senders so far add, in their order.
pub(crate) struct Joining {
    ties: Vec<WindowTie>,
    /// Slots by stratum.
    strata: Vec<Vec<Slot>>,
    self_count: u64,
    /// Ties under each other rule.
    ruled: Vec<Vec<RuledTie>>,
}

impl Joining {
    pub(crate) fn new(strata: usize, others: usize) -> Joining {
        Joining { ties: Vec::new(), strata: vec![Vec::new(); strata], self_count: 0, ruled: vec![Vec::new(); others] }
    }

    /// Adds what the next senders add: slots and ties of each rule on a thread of their own.
    pub(crate) fn add(&mut self, found: &[Part]) {
        self.self_count += found.iter().map(|part| part.self_count).sum::<u64>();
        let Joining { ties, strata, ruled, .. } = self;
        let add_ties = || found.iter().for_each(|part| ties.extend_from_slice(&part.ties));
        let add_slots = || {
            (0u32..).zip(strata).collect::<Vec<_>>().into_par_iter().for_each(|(stratum, slots)| {
                for part in found {
                    let begin = part.placed.partition_point(|slot| slot.stratum < stratum);
                    let length = part.placed[begin..].partition_point(|slot| slot.stratum == stratum);
                    slots.extend_from_slice(&part.placed[begin..begin + length]);
                }
            });
        };
        let add_ruled = || {
            ruled.par_iter_mut().enumerate().for_each(|(rule, all)| {
                found.iter().for_each(|part| all.extend_from_slice(&part.ruled[rule].0));
            });
        };
        rayon::join(add_ties, || rayon::join(add_slots, add_ruled));
    }

    /// The window, and the ties under each other rule. Only strata that hold a slot count.
    pub(crate) fn end(self, all_strata: &[Stratum]) -> (WindowTies, Vec<Vec<RuledTie>>) {
        let Joining { mut ties, strata, self_count, ruled } = self;
        ties.shrink_to_fit();
        let mut out = WindowTies { ties, self_count, ..WindowTies::default() };
        out.slots.reserve_exact(strata.iter().map(Vec::len).sum());
        for (which, slots) in all_strata.iter().zip(strata).filter(|(_, slots)| !slots.is_empty()) {
            let stratum = out.strata.len() as u32;
            out.strata.push(*which);
            out.slots.extend(slots.iter().map(|slot| Slot { stratum, ..*slot }));
        }
        (out, ruled)
    }
}
