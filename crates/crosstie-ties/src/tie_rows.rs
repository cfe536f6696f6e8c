//! The ties of a day in columns: they are made and written a column at a time, and few are looked at one by one.

use crate::day::DayTie;
use crate::day_bytes::{is_chat, is_many, is_reply, kind, units_of};

/// Ties of a day, sorted by (source, target, chat, reply, many, units).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TieRows {
    /// Where those of each source end, by its number.
    ends: Vec<u32>,
    pub(crate) targets: Vec<u32>,
    /// As [`kind`] puts it.
    pub(crate) kinds: Vec<u32>,
    pub(crate) counts: Vec<u32>,
    pub(crate) firsts: Vec<u32>,
    /// Seconds from the first to the last.
    pub(crate) spans: Vec<u32>,
}

impl TieRows {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.targets.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.targets.is_empty()
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = DayTie> + '_ {
        let rows = move |source: u32| self.begin(source)..self.begin(source + 1);
        (0..self.ends.len() as u32).flat_map(move |source| rows(source).map(move |row| self.tie(source, row)))
    }

    /// Where those of a source begin; the number of all behind the last source.
    pub(crate) fn begin(&self, source: u32) -> usize {
        let before = (source as usize).min(self.ends.len()).checked_sub(1);
        before.map_or(0, |before| self.ends[before] as usize)
    }

    /// Numbers of those who sent any, in order.
    pub(crate) fn sources(&self) -> impl Iterator<Item = u32> + '_ {
        (0..self.ends.len() as u32).filter(|&source| self.begin(source) < self.begin(source + 1))
    }

    fn tie(&self, source: u32, row: usize) -> DayTie {
        let (kind, first) = (self.kinds[row], self.firsts[row]);
        DayTie {
            source,
            target: self.targets[row],
            chat: is_chat(kind),
            reply: is_reply(kind),
            many: is_many(kind),
            units: units_of(kind),
            count: self.counts[row],
            first,
            last: first + self.spans[row],
        }
    }

    pub(crate) fn clear(&mut self) {
        let TieRows { ends, targets, kinds, counts, firsts, spans } = self;
        [ends, targets, kinds, counts, firsts, spans].into_iter().for_each(Vec::clear);
    }

    pub(crate) fn reserve(&mut self, rows: usize) {
        let TieRows { ends: _, targets, kinds, counts, firsts, spans } = self;
        [targets, kinds, counts, firsts, spans].into_iter().for_each(|column| column.reserve(rows));
    }

    /// Adds a tie of the source at hand: recipient, kind, and (count, first, last).
    #[inline]
    pub(crate) fn push(&mut self, target: u32, kind: u32, (count, first, last): (u32, u32, u32)) {
        self.targets.push(target);
        self.kinds.push(kind);
        self.counts.push(count);
        self.firsts.push(first);
        self.spans.push(last - first);
    }

    /// The source at hand has no more; the next one is at hand.
    pub(crate) fn end_source(&mut self) {
        self.ends.push(self.targets.len() as u32);
    }
}

/// Of ties that are sorted.
impl FromIterator<DayTie> for TieRows {
    fn from_iter<T: IntoIterator<Item = DayTie>>(ties: T) -> TieRows {
        let mut rows = TieRows::default();
        for tie in ties {
            while rows.ends.len() < tie.source as usize {
                rows.end_source();
            }
            rows.push(tie.target, kind(tie.units, [tie.many, tie.reply, tie.chat]), (tie.count, tie.first, tie.last));
        }
        if !rows.is_empty() {
            rows.end_source();
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::btree_set, prelude::*};

    proptest! {
        #[test]
        fn ties_come_back(list in btree_set((0..9u32, 0..5u32, any::<[bool; 3]>(), 0..1u32 << 20, (1..9u32, 0..50u32, 50..90u32)), 0..40)) {
            let ties: Vec<DayTie> = list
                .into_iter()
                .map(|(source, target, [chat, reply, many], units, (count, first, last))| {
                    DayTie { source, target, chat, reply, many, units, count, first, last }
                })
                .collect();
            let rows: TieRows = ties.iter().copied().collect();
            prop_assert_eq!(rows.iter().collect::<Vec<_>>(), ties.clone());
            let mut sources: Vec<u32> = ties.iter().map(|tie| tie.source).collect();
            sources.dedup();
            prop_assert_eq!(rows.sources().collect::<Vec<_>>(), sources);
        }
    }
}
