//! How active people are in each stratum: weight sent and slots received, the sums that chance is computed from.

use crosstie_model::{Activity, Slots, WindowTies};
use rayon::prelude::*;

/// One stratum with the activity of its people.
pub(crate) struct Week<'a> {
    /// Weight sent by each person, in units.
    pub(crate) sent: &'a [u64],
    /// Slots received by each person, or their weight: see [`crosstie_model::Null`].
    pub(crate) received: &'a [u64],
    /// All of them.
    pub(crate) slot_count: u64,
}

impl Week<'_> {
    pub(crate) fn of(activity: &Activity) -> Week<'_> {
        let Activity { sent, received } = activity;
        Week { sent, received, slot_count: received.iter().sum() }
    }
}

/// Strata that are added up side by side at most: callers run side by side themselves, and each holds so many.
const STRATA: usize = 4;

/// Visits the strata that hold slots, each with the sums a person. Time O(slots + strata · people), memory O(people).
pub(crate) fn each_week(ties: &WindowTies, people_count: usize, mut visit: impl FnMut(&Week<'_>)) {
    for strata in ties.slots.chunks(rayon::current_num_threads().min(STRATA)) {
        let weeks: Vec<Activity> = strata.par_iter().map(|slots| activity(ties, slots, people_count)).collect();
        weeks.iter().map(Week::of).filter(|week| week.slot_count > 0).for_each(|week| visit(&week));
    }
}

/// The sums a person of every stratum, for whoever asks of them many times. Time and memory O(slots + strata · people).
pub(crate) fn every_week(ties: &WindowTies, people_count: usize) -> Vec<Activity> {
    ties.slots.par_iter().map(|slots| activity(ties, slots, people_count)).collect()
}

fn activity(ties: &WindowTies, slots: &Slots, people_count: usize) -> Activity {
    let mut activity = Activity { sent: vec![0; people_count], received: vec![0; people_count] };
    for slot in slots.iter() {
        activity.sent[slot.source as usize] += slot.weight().units();
        activity.received[slot.target as usize] += ties.null.amount(&slot);
    }
    activity
}
