//! How active people are in each stratum: weight sent and slots received, the sums that chance is computed from.

use crosstie_model::{Activity, WindowTies};

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

/// Visits the strata that hold slots, each with the sums a person. Time O(slots + strata · people).
pub(crate) fn each_week(ties: &WindowTies, people_count: usize, mut visit: impl FnMut(&Week<'_>)) {
    let mut sent = vec![0u64; people_count];
    let mut received = vec![0u64; people_count];
    for slots in &ties.slots {
        sent.fill(0);
        received.fill(0);
        let mut slot_count = 0;
        for slot in slots {
            sent[slot.source as usize] += slot.weight().units();
            received[slot.target as usize] += ties.null.amount(slot);
            slot_count += ties.null.amount(slot);
        }
        if slot_count > 0 {
            visit(&Week { sent: &sent, received: &received, slot_count });
        }
    }
}
