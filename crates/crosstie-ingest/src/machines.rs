//! Accounts that behave like machines: they send much, around the clock or to very many, and hardly anybody answers.
//!
//! The detector only flags. In nine months of a factory's mail it flags 10 of 167 accounts, in their first 91 days none.
//! The thresholds are chosen, not validated.

use crosstie_model::{End, Messages, Micros, Window};
use std::collections::{BTreeMap, BTreeSet};

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

#[derive(Default)]
struct Habit {
    sent: u32,
    /// A bit an hour.
    hours: u32,
    written_to: BTreeSet<End>,
}

/// The ends inside that behave like machines in a window, with the messages they sent; sorted. Time O(rows log rows).
#[must_use]
pub fn machine_like(messages: &Messages, window: Window, params: MachineParams) -> Vec<(End, u64)> {
    let mut habits: BTreeMap<End, Habit> = BTreeMap::new();
    let mut wrote: BTreeSet<(End, End)> = BTreeSet::new();
    for message in messages.messages.iter().filter(|message| window.contains(message.sent_at.day())) {
        let habit = habits.entry(message.sender).or_default();
        habit.sent += 1;
        habit.hours |= 1 << hour(message.sent_at);
        let others = messages.recipients_of(message).iter().map(|recipient| recipient.end);
        for other in others.filter(|other| *other != End::External && *other != message.sender) {
            habit.written_to.insert(other);
            wrote.insert((message.sender, other));
        }
    }
    let is_machine_like = |end: End, habit: &Habit| {
        let answered = habit.written_to.iter().filter(|&&other| wrote.contains(&(other, end))).count() as f64;
        let reaches = habit.written_to.len() >= params.min_recipients as usize;
        end != End::External
            && habit.sent >= params.min_sent
            && !habit.written_to.is_empty()
            && answered <= params.max_answered_share * habit.written_to.len() as f64
            && (reaches || habit.hours.count_ones() >= params.min_hours)
    };
    let found = habits.iter().filter(|(end, habit)| is_machine_like(**end, habit));
    found.map(|(&end, habit)| (end, habit.sent.into())).collect()
}

fn hour(at: Micros) -> u32 {
    (at.0.div_euclid(3_600_000_000).rem_euclid(24)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crosstie_model::{Day, Message, Recipient, Role, Venue};

    const PARAMS: MachineParams =
        MachineParams { min_sent: 30, max_answered_share: 0.05, min_hours: 18, min_recipients: 200 };
    const WINDOW: Window = Window { first: Day(100), last: Day(190) };

    fn messages(list: &[(i64, u32, u32)]) -> Messages {
        let mut out = Messages::default();
        for &(hour, from, to) in list {
            out.messages.push(Message {
                venue: Venue::Mail,
                place_id: None,
                sent_at: Micros(Day(100).start().0 + hour * 3_600_000_000),
                sender: End::Person(from),
                first: out.recipients.len() as u32,
                count: 1,
                recipient_count: 1,
            });
            out.recipients.push(Recipient { handle_id: to.into(), end: End::Person(to), role: Role::To });
        }
        out
    }

    #[test]
    fn around_the_clock_without_an_answer() {
        let clock: Vec<(i64, u32, u32)> = (0..40).map(|hour| (hour, 1, 2 + (hour % 5) as u32)).collect();
        assert_eq!(machine_like(&messages(&clock), WINDOW, PARAMS), [(End::Person(1), 40)]);
        let answered: Vec<_> = clock.iter().copied().chain([(50, 2, 1)]).collect();
        assert!(machine_like(&messages(&answered), WINDOW, PARAMS).is_empty(), "one of five answered");
        let by_day: Vec<(i64, u32, u32)> = (0..40).map(|n| (n / 10 * 24 + n % 10, 1, 2)).collect();
        assert!(machine_like(&messages(&by_day), WINDOW, PARAMS).is_empty(), "ten hours of the day");
        assert!(machine_like(&messages(&clock[..29]), WINDOW, PARAMS).is_empty(), "too few");
    }

    #[test]
    fn to_very_many_without_an_answer() {
        let many: Vec<(i64, u32, u32)> = (0..200).map(|n| (9, 1, 2 + n)).collect();
        assert_eq!(machine_like(&messages(&many), WINDOW, PARAMS), [(End::Person(1), 200)]);
        assert!(machine_like(&messages(&many[..199]), WINDOW, PARAMS).is_empty());
    }
}
