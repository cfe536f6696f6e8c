//! What the days of earlier runs add up to: kept beside them, so that a night takes away the days that it merges anew and
//! reads no other.

use super::put::{put, put_signed, take, take_day, take_list, take_word};
use crate::ledger::{Counts, LedgerKey, Reason};
use crate::merge::MergedDay;
use crate::source::Totals;
use crosstie_model::Day;
use crosstie_model::packed::{Packed, put_column};
use std::collections::BTreeMap;

/// Sums over days, of whole numbers: a day that was added can be taken away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct DaySums {
    /// What became of records, by file and week. Files are told by their lasting numbers, and all as of source 0.
    pub(crate) lines: BTreeMap<LedgerKey, Counts>,
    /// Used messages by handle.
    pub(crate) sent_by: Vec<u64>,
    pub(crate) totals: Totals,
}

impl DaySums {
    /// Takes a day away; `None` if it was never in them.
    pub(crate) fn take_away(&mut self, day: &MergedDay) -> Option<()> {
        for (key, counts) in &day.lines {
            let line = self.lines.get_mut(key)?;
            take_away(line, counts)?;
            if *line == Counts::default() {
                self.lines.remove(key);
            }
        }
        for (handle, &count) in day.sent_by.iter().enumerate().filter(|(_, count)| **count > 0) {
            less(self.sent_by.get_mut(handle)?, count.into())?;
        }
        let (Totals { messages, addressed, resolved, id_reuse, broadcasts, .. }, day) = (&mut self.totals, &day.totals);
        less(messages, day.messages)?;
        less(addressed, day.addressed)?;
        less(resolved, day.resolved)?;
        less(id_reuse, day.id_reuse)?;
        less(broadcasts, day.broadcasts)
    }

    pub(super) fn put(&self, out: &mut Vec<u8>) {
        put(out, self.lines.len() as u64);
        for (key, counts) in &self.lines {
            put(out, key.file.into());
            put_signed(out, key.week.0.into());
            put(out, counts.used);
            put(out, counts.duplicate);
            let excluded = |reason: &Reason| counts.excluded.get(reason).copied().unwrap_or(0);
            put(out, Reason::ALL.iter().filter(|reason| excluded(reason) > 0).count() as u64);
            for (number, reason) in (0..).zip(&Reason::ALL).filter(|(_, reason)| excluded(reason) > 0) {
                put(out, number);
                put(out, excluded(reason));
            }
        }
        put(out, self.sent_by.len() as u64);
        put_column(out, self.sent_by.iter().map(|&count| count as u32));
        put_column(out, self.sent_by.iter().map(|&count| (count >> 32) as u32));
        let Totals { messages, addressed, resolved, id_reuse, broadcasts, .. } = self.totals;
        [messages, addressed, resolved, id_reuse, broadcasts].into_iter().for_each(|total| put(out, total));
    }

    pub(super) fn take(rest: &mut Packed<'_>) -> Option<DaySums> {
        let lines = take_list(rest, line)?;
        let count = usize::try_from(take(rest)?).ok()?;
        let [low, high] = [rest.column(count)?, rest.column(count)?];
        let sent_by = low.to_vec(count).into_iter().zip(high.to_vec(count));
        let sent_by = sent_by.map(|(low, high)| u64::from(high) << 32 | u64::from(low)).collect();
        let totals = Totals {
            messages: take(rest)?,
            addressed: take(rest)?,
            resolved: take(rest)?,
            id_reuse: take(rest)?,
            broadcasts: take(rest)?,
            ..Totals::default()
        };
        Some(DaySums { lines: lines.into_iter().collect(), sent_by, totals })
    }
}

fn line(rest: &mut Packed<'_>) -> Option<(LedgerKey, Counts)> {
    let key = LedgerKey { source: 0, file: take_word(rest)?, week: Day(take_day(rest)?) };
    let mut counts = Counts { used: take(rest)?, duplicate: take(rest)?, ..Counts::default() };
    for _ in 0..take(rest)? {
        let reason = *Reason::ALL.get(usize::try_from(take(rest)?).ok()?)?;
        counts.excluded.insert(reason, take(rest)?);
    }
    Some((key, counts))
}

fn take_away(line: &mut Counts, counts: &Counts) -> Option<()> {
    less(&mut line.used, counts.used)?;
    less(&mut line.duplicate, counts.duplicate)?;
    for (reason, &count) in &counts.excluded {
        let left = line.excluded.get_mut(reason)?;
        less(left, count)?;
        if *left == 0 {
            line.excluded.remove(reason);
        }
    }
    Some(())
}

fn less(sum: &mut u64, part: u64) -> Option<()> {
    *sum = sum.checked_sub(part)?;
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(file: u32, count: u32) -> MergedDay {
        let counts = Counts {
            used: count.into(),
            duplicate: 1,
            excluded: [(Reason::SelfOnly, u64::from(count))].into(),
            ..Counts::default()
        };
        MergedDay {
            lines: [(LedgerKey { source: 0, file, week: Day(-3) }, counts)].into(),
            sent_by: vec![0, count],
            totals: Totals { messages: count.into(), ..Totals::default() },
            ..MergedDay::default()
        }
    }

    fn sums(days: &[MergedDay]) -> DaySums {
        let mut sums = DaySums { sent_by: vec![0; 3], ..DaySums::default() };
        for day in days {
            for (key, counts) in &day.lines {
                sums.lines.entry(*key).or_default().add(counts);
            }
            day.sent_by.iter().zip(&mut sums.sent_by).for_each(|(count, sum)| *sum += u64::from(*count));
            sums.totals.add(&day.totals);
        }
        sums
    }

    #[test]
    fn what_is_taken_away_was_as_if_never_there() {
        let all = [day(1, 4), day(1, 5), day(2, 6)];
        let mut left = sums(&all);
        left.take_away(&all[1]).unwrap();
        assert_eq!(left, sums(&[day(1, 4), day(2, 6)]));
        left.take_away(&all[2]).unwrap();
        assert_eq!(left, sums(&[day(1, 4)]), "no empty line stays");
        assert_eq!(left.take_away(&all[2]), None, "it is not in them any more");
        assert_eq!(sums(&all[..1]).take_away(&all[1]), None, "more than there is");
    }

    #[test]
    fn they_come_back() {
        let mut sums = sums(&[day(1, 4), day(700, 70_000)]);
        sums.sent_by[2] = 1 << 40;
        let mut bytes = Vec::new();
        sums.put(&mut bytes);
        let mut rest = Packed(&bytes);
        assert_eq!(DaySums::take(&mut rest), Some(sums));
        assert!(rest.0.is_empty());
        assert!((0..bytes.len()).all(|cut| DaySums::take(&mut Packed(&bytes[..cut])).is_none()));
    }
}
