//! The rows of one sender over the days of a window, in the order of recipients and days.

use crate::by_target::{ByTarget, ToTarget};
use crate::day_bytes::{PackedDay, TieColumns};
use crate::window::{NOBODY, Places};

/// Equal shares of a day's messages to one recipient.
#[derive(Clone, Copy, Default)]
pub(crate) struct Row {
    /// Recipient, a member.
    pub(crate) target: u32,
    /// Number of the day in the window.
    pub(crate) day: u32,
    /// Share of each message, in units of 2^-20.
    pub(crate) units: u32,
    /// Messages.
    pub(crate) count: u32,
    /// Second of the day of the first of them.
    pub(crate) first: u32,
    /// Second of the day of the last.
    pub(crate) last: u32,
    /// Whether they are chat.
    pub(crate) chat: bool,
    /// Whether they name more than [`crate::FEW_RECIPIENTS`].
    pub(crate) many: bool,
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
}

impl Rows {
    pub(crate) fn new(member_count: usize) -> Rows {
        Rows { rows: ByTarget::new(member_count), columns: TieColumns::default() }
    }

    /// What a member sent to members, to the member's own addresses, too.
    pub(crate) fn of(&mut self, member: u32, days: &[&PackedDay<'_>], places: &[Places]) -> &[Row] {
        for ((number, day), places) in (0..).zip(days).zip(places) {
            let end = places.end_of_member[member as usize];
            if end == NOBODY {
                continue;
            }
            for tie in day.read_ties_of(end, &mut self.columns).filter(|tie| tie.units > 0) {
                let target = places.member_of_end[tie.target as usize];
                if target != NOBODY {
                    let (units, count, first, last) = (tie.units, tie.count, tie.first, tie.last);
                    let (chat, many) = (tie.chat, tie.many);
                    self.rows.push(Row { target, day: number, units, count, first, last, chat, many });
                }
            }
        }
        self.rows.sorted()
    }
}
