//! The rows of one sender over the days of a window, in the order of recipients and days.

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

/// Room for the rows of one sender after another.
pub(crate) struct Rows {
    found: Vec<Row>,
    placed: Vec<Row>,
    /// For each member where its next row is to stand; 0 between senders.
    next: Vec<u32>,
    targets: Vec<u32>,
    columns: TieColumns,
}

impl Rows {
    pub(crate) fn new(member_count: usize) -> Rows {
        Rows {
            found: Vec::new(),
            placed: Vec::new(),
            next: vec![0; member_count],
            targets: Vec::new(),
            columns: TieColumns::default(),
        }
    }

    /// What a member sent to members, to the member's own addresses, too. Days come in order, so counting the rows of
    /// each recipient is enough to sort them.
    pub(crate) fn of(&mut self, member: u32, days: &[&PackedDay<'_>], places: &[Places]) -> &[Row] {
        self.found.clear();
        self.targets.clear();
        for ((number, day), places) in (0..).zip(days).zip(places) {
            let end = places.end_of_member[member as usize];
            if end == NOBODY {
                continue;
            }
            for tie in day.read_ties_of(end, &mut self.columns).filter(|tie| tie.units > 0) {
                let target = places.member_of_end[tie.target as usize];
                if target == NOBODY {
                    continue;
                }
                if self.next[target as usize] == 0 {
                    self.targets.push(target);
                }
                self.next[target as usize] += 1;
                let (units, count, first, last) = (tie.units, tie.count, tie.first, tie.last);
                self.found.push(Row { target, day: number, units, count, first, last, chat: tie.chat, many: tie.many });
            }
        }
        self.targets.sort_unstable();
        let mut begin = 0;
        for &target in &self.targets {
            let count = std::mem::replace(&mut self.next[target as usize], begin);
            begin += count;
        }
        self.placed.resize(self.found.len(), Row::default());
        for row in &self.found {
            let next = &mut self.next[row.target as usize];
            self.placed[*next as usize] = *row;
            *next += 1;
        }
        self.targets.iter().for_each(|&target| self.next[target as usize] = 0);
        &self.placed
    }
}
