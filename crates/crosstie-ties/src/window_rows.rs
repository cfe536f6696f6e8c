//! The rows of one sender over the days of a window, in the order of recipients and days.

use crate::by_target::{ByTarget, ToTarget};
use crate::day_bytes::{PackedDay, TieColumns, is_chat, is_many, is_reply, units_of};
use crate::window::{NOBODY, Places};
use crosstie_model::Prefetch;

/// Equal shares of a day's messages to one recipient.
#[derive(Clone, Copy, Default)]
pub(crate) struct Row {
    /// Recipient, a member.
    pub(crate) target: u32,
    /// Number of the day.
    pub(crate) day: u32,
    /// Share, channel, whether replies and to many, as a day keeps them.
    kind: u32,
    /// Messages.
    pub(crate) count: u32,
    /// Second of the day of the first of them.
    pub(crate) first: u32,
    /// Second of the day of the last.
    pub(crate) last: u32,
}

impl Row {
    /// Of a kind as [`crate::day_bytes::kind`] gives it; of how many messages, and when the first and the last were sent.
    pub(crate) fn of(target: u32, day: u32, kind: u32, (count, first, last): (u32, u32, u32)) -> Row {
        Row { target, day, kind, count, first, last }
    }

    /// Share of each message, in units of 2^-20.
    pub(crate) fn units(&self) -> u32 {
        units_of(self.kind)
    }

    /// Share of all messages, in the same units.
    pub(crate) fn weight(&self) -> u64 {
        u64::from(self.units()) * u64::from(self.count)
    }

    /// Whether they are chat.
    pub(crate) fn is_chat(&self) -> bool {
        is_chat(self.kind)
    }

    /// Whether they are replies to the recipient.
    pub(crate) fn is_reply(&self) -> bool {
        is_reply(self.kind)
    }

    /// Whether they name more than [`crate::FEW_RECIPIENTS`].
    pub(crate) fn is_many(&self) -> bool {
        is_many(self.kind)
    }
}

impl ToTarget for Row {
    fn target(&self) -> u32 {
        self.target
    }
}

/// Room for the rows of one sender after another.
pub(crate) struct Rows {
    rows: ByTarget<Row>,
    columns: TieColumns,
    prefetch: Prefetch,
}

impl Rows {
    pub(crate) fn new(member_count: usize) -> Rows {
        Rows { rows: ByTarget::new(member_count), columns: TieColumns::default(), prefetch: Prefetch::new() }
    }

    /// What a member sent to members, to the member's own addresses, too.
    pub(crate) fn of(&mut self, member: u32, days: &[&PackedDay<'_>], places: &[Places]) -> &[Row] {
        for ((number, day), places) in (0..).zip(days).zip(places) {
            let end_of = |member: u32| places.end_of_member.get(member as usize).copied().filter(|&end| end != NOBODY);
            // Members of a day stand far from each other.
            end_of(member + 2).inspect(|&end| day.look_far_ahead(self.prefetch, end));
            end_of(member + 1).inspect(|&end| day.look_ahead(self.prefetch, end, &places.targets));
            let Some(end) = end_of(member) else { continue };
            day.read_rows_of(end, &places.targets, &mut self.columns, |target, kind, times| {
                if target != NOBODY && units_of(kind) > 0 {
                    self.rows.push(Row::of(target, number, kind, times));
                }
            });
        }
        self.rows.sorted()
    }
}
