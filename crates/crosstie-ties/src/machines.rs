//! Accounts that behave like machines: they send much, around the clock or to very many, and hardly anybody answers.
//!
//! The detector only flags. In nine months of a factory's mail it flags 10 of 167 accounts, in their first 91 days none.
//! The thresholds are chosen, not validated.

use crate::day_bytes::PackedDay;
use crate::window::NOBODY;
use rayon::prelude::*;

/// Thresholds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MachineParams {
    /// Least messages sent in the window.
    pub min_sent: u32,
    /// Largest share of the people written to who ever wrote back.
    pub max_answered_share: f64,
    /// Least hours of the day, of 24 in UTC, in which it wrote.
    pub min_hours: u32,
    /// Least people written to that do instead of the hours.
    pub min_recipients: u32,
}

/// The ends inside that behave like machines over some days, with the messages they sent, by keyed id; sorted.
/// Time O(rows), memory 4 bytes a row, a pair, and an end and day.
#[must_use]
pub fn machine_like(days: &[PackedDay<'_>], params: MachineParams) -> Vec<(i64, u64)> {
    let mut ids: Vec<i64> = days.iter().flat_map(PackedDay::ids).collect();
    ids.par_sort_unstable();
    ids.dedup();
    let days_of_ends: Vec<DayOfEnds> = days.par_iter().map(|day| DayOfEnds::new(day, &ids)).collect();
    let mut sent = vec![0u64; ids.len()];
    let mut hours = vec![0u32; ids.len()];
    for (day, ends) in days.iter().zip(&days_of_ends) {
        for habit in day.habits() {
            let at = ends.number_of[habit.source as usize] as usize;
            sent[at] += u64::from(habit.sent);
            hours[at] |= habit.hours;
        }
    }
    // Each is noted once, whatever was sent.
    let others_of = |is_noted: &mut Vec<bool>, own: usize| {
        let mut others: Vec<u32> = Vec::new();
        for (day, ends) in days.iter().zip(&days_of_ends).filter(|(_, ends)| ends.end_of[own] != NOBODY) {
            for &other in &ends.targets[day.rows_of(ends.end_of[own])] {
                if other as usize != own && !std::mem::replace(&mut is_noted[other as usize], true) {
                    others.push(other);
                }
            }
        }
        others.iter().for_each(|&other| is_noted[other as usize] = false);
        others.sort_unstable();
        others
    };
    let room = || vec![false; ids.len()];
    let written_to: Vec<Vec<u32>> = (0..ids.len()).into_par_iter().map_init(room, others_of).collect();
    let is_machine_like = |&own: &usize| {
        let others = &written_to[own];
        let wrote_back = |&&other: &&u32| written_to[other as usize].binary_search(&(own as u32)).is_ok();
        let answered = others.iter().filter(wrote_back).count() as f64;
        sent[own] >= u64::from(params.min_sent)
            && !others.is_empty()
            && answered <= params.max_answered_share * others.len() as f64
            && (others.len() >= params.min_recipients as usize || hours[own].count_ones() >= params.min_hours)
    };
    (0..ids.len()).filter(is_machine_like).map(|own| (ids[own], sent[own])).collect()
}

/// The ends of a day by their numbers among all.
struct DayOfEnds {
    number_of: Vec<u32>,
    /// The other way round, or [`NOBODY`].
    end_of: Vec<u32>,
    /// Of each tie the recipient: looked up once a day, where all ends stand close together.
    targets: Vec<u32>,
}

impl DayOfEnds {
    /// Both lists of ids are sorted.
    fn new(day: &PackedDay<'_>, ids: &[i64]) -> DayOfEnds {
        let mut all = (0..).zip(ids);
        let number = |id: i64| all.find(|(_, other)| **other == id).map_or(NOBODY, |(number, _)| number);
        let number_of: Vec<u32> = day.ids().map(number).collect();
        let mut end_of = vec![NOBODY; ids.len()];
        (0..).zip(&number_of).for_each(|(end, &number)| end_of[number as usize] = end);
        let mut targets = day.targets();
        targets.iter_mut().for_each(|target| *target = number_of[*target as usize]);
        DayOfEnds { number_of, end_of, targets }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Ends, TieParams, day_ties, to_bytes};
    use crosstie_model::{Day, End, Message, Messages, Micros, Recipient, Role, Venue};
    use std::collections::BTreeMap;

    const PARAMS: MachineParams =
        MachineParams { min_sent: 30, max_answered_share: 0.05, min_hours: 18, min_recipients: 200 };

    fn flagged(list: &[(i64, u32, u32)]) -> Vec<(i64, u64)> {
        let mut days: BTreeMap<i64, Messages> = BTreeMap::new();
        for &(hour, from, to) in list {
            let out = days.entry(hour / 24).or_default();
            out.messages.push(Message {
                venue: Venue::Mail,
                place_id: None,
                sent_at: Micros(hour * 3_600_000_000),
                sender: End::Person(from),
                first: out.recipients.len() as u32,
                count: 1,
                recipient_count: 1,
            });
            out.recipients.push(Recipient { handle_id: to.into(), end: End::Person(to), role: Role::To });
        }
        let params = TieParams { max_recipients: 8, cc_weight_thousandths: 500, groups: false };
        let ends = Ends::new(&(0..1000).collect::<Vec<_>>(), &[]);
        let bytes: Vec<Vec<u8>> = days
            .iter()
            .map(|(&day, messages)| to_bytes(&day_ties(Day(day as i32), messages, &ends, params), &ends))
            .collect();
        let packed: Vec<PackedDay<'_>> = bytes.iter().map(|bytes| PackedDay::new(bytes).unwrap()).collect();
        machine_like(&packed, PARAMS)
    }

    #[test]
    fn around_the_clock_without_an_answer() {
        let clock: Vec<(i64, u32, u32)> = (0..40).map(|hour| (hour, 1, 2 + (hour % 5) as u32)).collect();
        assert_eq!(flagged(&clock), [(1, 40)]);
        let answered: Vec<_> = clock.iter().copied().chain([(50, 2, 1)]).collect();
        assert!(flagged(&answered).is_empty(), "one of five answered");
        let by_day: Vec<(i64, u32, u32)> = (0..40).map(|n| (n / 10 * 24 + n % 10, 1, 2)).collect();
        assert!(flagged(&by_day).is_empty(), "ten hours of the day");
        assert!(flagged(&clock[..29]).is_empty(), "too few");
    }

    #[test]
    fn to_very_many_without_an_answer() {
        let many: Vec<(i64, u32, u32)> = (0..200).map(|n| (9, 1, 2 + n)).collect();
        assert_eq!(flagged(&many), [(1, 200)]);
        assert!(flagged(&many[..199]).is_empty());
    }
}
