//! Who wrote to whom on which day, and when: all that openers need of a window, in eight bytes a pair and day.

use crate::day::WHOLE;
use crate::day_bytes::PackedDay;
use crate::window_rows::Row;
use crosstie_model::Day;
use rayon::prelude::*;

/// Senders of one part. Tests have few people.
pub(crate) const PART_SENDERS: usize = if cfg!(test) { 3 } else { 64 };
/// Days that a number takes.
const DAYS: i32 = 1 << 12;
/// Seconds of a day.
pub(crate) const DAY: i64 = 86_400;
/// Values of a second of the day, or of the time from one to a later one.
const SECONDS: u64 = 1 << 17;
/// In place of seconds: never.
const NEVER: u64 = SECONDS - 1;

/// What members wrote to other members, day by day, and which of it may be an opener or an answer.
#[derive(Clone, Debug)]
pub struct ContactDays {
    origin: Day,
    parts: Vec<SenderDays>,
}

impl ContactDays {
    /// With days counted from `origin`.
    pub(crate) fn new(origin: Day) -> ContactDays {
        ContactDays { origin, parts: Vec::new() }
    }

    /// Adds what the next senders wrote, [`PART_SENDERS`] of them each but the last.
    pub(crate) fn extend(&mut self, parts: impl IndexedParallelIterator<Item = SenderDays>) {
        self.parts.par_extend(parts);
    }

    /// The day whose start is second 0.
    pub(crate) fn origin(&self) -> Day {
        self.origin
    }

    /// To whom a member wrote, and when, by recipient.
    pub(crate) fn sent_by(&self, source: u32) -> impl Iterator<Item = (u32, Place)> {
        let part = source as usize / PART_SENDERS;
        let SenderDays { begins, pairs, .. } = &self.parts[part];
        let sender = source as usize % PART_SENDERS;
        let pairs = &pairs[begins[sender] as usize..=begins[sender + 1] as usize];
        let place = move |begin, end| Place { part: part as u32, begin, end };
        pairs.array_windows().map(move |&[pair, next]| (pair.target, place(pair.begin, next.begin)))
    }

    /// What one member wrote to another, day by day.
    pub(crate) fn at(&self, place: Place) -> &[ContactDay] {
        &self.parts[place.part as usize].days[place.begin as usize..place.end as usize]
    }

    /// The same of two members.
    pub(crate) fn between(&self, source: u32, target: u32) -> &[ContactDay] {
        let part = &self.parts[source as usize / PART_SENDERS];
        let sender = source as usize % PART_SENDERS;
        let pairs = &part.pairs[part.begins[sender] as usize..=part.begins[sender + 1] as usize];
        let at = pairs[..pairs.len() - 1].partition_point(|pair| pair.target < target);
        match pairs[at..] {
            [pair, next, ..] if pair.target == target => &part.days[pair.begin as usize..next.begin as usize],
            _ => &[],
        }
    }
}

/// Where the days of one pair stand.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Place {
    part: u32,
    begin: u32,
    end: u32,
}

/// What some of the senders wrote.
#[derive(Clone, Debug)]
pub(crate) struct SenderDays {
    /// Where the pairs of each sender begin, and where they end.
    begins: Vec<u32>,
    /// By sender, then recipient; one more says where the days of the last end.
    pairs: Vec<Pair>,
    days: Vec<ContactDay>,
}

#[derive(Clone, Copy, Debug)]
struct Pair {
    target: u32,
    /// Where its days begin.
    begin: u32,
}

impl SenderDays {
    pub(crate) fn new() -> SenderDays {
        let end = Pair { target: u32::MAX, begin: 0 };
        SenderDays { begins: vec![0], pairs: vec![end], days: Vec::new() }
    }

    pub(crate) fn clear(&mut self) {
        self.begins.truncate(1);
        self.pairs.truncate(1);
        self.pairs[0].begin = 0;
        self.days.clear();
    }

    /// Adds the rows of one pair of two members, in the order of days. Recipients of a sender come in order.
    pub(crate) fn add(&mut self, rows: &[Row], days: &[&PackedDay<'_>]) {
        let day_of = |row: &Row| days[row.day as usize].day.0 - days[0].day.0;
        self.days.extend(rows.chunk_by(|a, b| a.day == b.day).map(|same| ContactDay::new(day_of(&same[0]), same)));
        let last = self.pairs.len() - 1;
        self.pairs[last].target = rows[0].target;
        self.pairs.push(Pair { target: u32::MAX, begin: self.days.len() as u32 });
    }

    /// Ends a sender.
    pub(crate) fn end_sender(&mut self) {
        self.begins.push(self.pairs.len() as u32 - 1);
    }
}

/// What one member wrote to another on one day: from the low end twelve bits of the day, 17 each of the second of the
/// first message, the seconds from it to the last and those to the first that may be an answer, and one that says
/// whether the first went to that person alone.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct ContactDay(u64);

impl ContactDay {
    /// Of all rows of a day.
    fn new(day: i32, rows: &[Row]) -> ContactDay {
        assert!((0..DAYS).contains(&day), "days of a window lie close enough");
        let (mut first, mut last, mut single, mut answer) = (rows[0].first, rows[0].last, u32::MAX, u32::MAX);
        for row in rows {
            first = first.min(row.first);
            last = last.max(row.last);
            if row.units() == WHOLE {
                single = single.min(row.first);
            }
            if row.units() == WHOLE || row.is_reply() {
                answer = answer.min(row.first);
            }
        }
        let is_single = u64::from(single == first);
        let answer = if answer == u32::MAX { NEVER } else { u64::from(answer - first) };
        let [first, until_last] = [first, last - first].map(u64::from);
        ContactDay(day as u64 | first << 12 | until_last << 29 | answer << 46 | is_single << 63)
    }

    fn bits(self, from: u32) -> i64 {
        (self.0 >> from & (SECONDS - 1)) as i64
    }

    /// Number of the day.
    pub(crate) fn day(self) -> i64 {
        (self.0 & (DAYS as u64 - 1)) as i64
    }

    /// Second of the first message.
    pub(crate) fn first(self) -> i64 {
        self.day() * DAY + self.bits(12)
    }

    /// Second of the last message.
    pub(crate) fn last(self) -> i64 {
        self.first() + self.bits(29)
    }

    /// Second of the first message to that person alone, or of the first reply.
    pub(crate) fn answer(self) -> Option<i64> {
        let after = self.bits(46);
        (after != NEVER as i64).then(|| self.first() + after)
    }

    /// Whether the first message went to that person alone.
    pub(crate) fn is_single(self) -> bool {
        self.0 >> 63 == 1
    }
}

impl std::fmt::Debug for ContactDay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let of = (self.first(), self.last(), self.answer(), self.is_single());
        f.debug_tuple("ContactDay").field(&of).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};

    proptest! {
        /// Eight bytes hold what the rows of a day say, at the ends of a day and of the days, too.
        #[test]
        fn eight_bytes_hold_a_day(
            day in prop_oneof![Just(0), Just(DAYS - 1), 0..DAYS],
            rows in vec((0..86_400u32, 0..86_400u32, any::<bool>(), any::<bool>()), 1..5),
        ) {
            let row = |&(one, two, is_reply, whole): &(u32, u32, bool, bool)| {
                let units = if whole { WHOLE } else { WHOLE / 3 };
                Row::of(7, 0, units << 3 | u32::from(is_reply) << 1, (1, one.min(two), one.max(two)))
            };
            let rows: Vec<Row> = rows.iter().map(row).collect();
            let got = ContactDay::new(day, &rows);
            let start = i64::from(day) * DAY;
            let second = |second: u32| start + i64::from(second);
            let answers = |row: &&Row| row.units() == WHOLE || row.is_reply();
            let first = rows.iter().map(|row| row.first).min().unwrap();
            let alone = rows.iter().filter(|row| row.units() == WHOLE).map(|row| row.first).min();
            prop_assert_eq!((got.day(), got.first()), (i64::from(day), second(first)));
            prop_assert_eq!(got.last(), rows.iter().map(|row| second(row.last)).max().unwrap());
            prop_assert_eq!(got.answer(), rows.iter().filter(answers).map(|row| second(row.first)).min());
            prop_assert_eq!(got.is_single(), alone == Some(first));
        }
    }
}
