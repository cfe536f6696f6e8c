//! The rules by which a window's daily rows count: the plan's own, and others for the table of what each does to the
//! numbers.

use crosstie_model::num::exp2;
use crosstie_model::{Day, Weight};

/// Weights are multiplied in units of 2^-16.
const ONE: u64 = 1 << 16;

/// How daily rows count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Whether messages that name more than [`crate::FEW_RECIPIENTS`] are left out.
    pub few_recipients: bool,
    /// How weights fade; counts do not.
    pub half_life: Option<HalfLife>,
    /// What a chat message weighs, in thousandths of a mail.
    pub chat_weight_thousandths: u32,
}

/// Weights halve with every so many days before the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HalfLife {
    /// The last day.
    pub last: Day,
    /// Days; at least 1.
    pub days: u32,
}

impl Rule {
    /// Daily rows as they are.
    pub const PLAIN: Rule = Rule { few_recipients: false, half_life: None, chat_weight_thousandths: 1000 };

    /// Whether messages count that name `many` recipients or not.
    pub(crate) fn counts(self, many: bool) -> bool {
        !self.few_recipients || !many
    }

    /// What weights of mail and of chat on a day are times, in units of 2^-16.
    pub(crate) fn factors(self, day: Day) -> [u64; 2] {
        let of_day = self.half_life.map_or(ONE, |half_life| {
            let age = f64::from(half_life.last.0 - day.0) / f64::from(half_life.days);
            (ONE as f64 * exp2(-age)).round() as u64
        });
        [of_day, (of_day * u64::from(self.chat_weight_thousandths) + 500) / 1000]
    }
}

/// `(sum of weight · factor) >> 16`, rounded once a tie.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scaled(u128);

impl Scaled {
    pub(crate) const ZERO: Scaled = Scaled(0);

    pub(crate) fn add(&mut self, units: u64, factor: u64) {
        self.0 += u128::from(units) * u128::from(factor);
    }

    pub(crate) fn end(self) -> Weight {
        Weight::from_units((self.0 >> 16) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Ends, PackedDay, Rules, TieParams, day_ties, to_bytes, windows};
    use crosstie_model::{
        Activity, Chance, DAY_MICROS, End, Lookup, Message, Messages, Micros, Null, Recipient, Role, RuledTie,
        RuledWindow, Slots, Venue, Window, WindowTie, WindowTies,
    };
    use proptest::{collection::vec, prelude::*};

    const PEOPLE: u32 = 8;
    const DAYS: i32 = 5;

    /// A message: day, sender, recipients.
    type Sent = (i32, u32, Vec<u32>);

    fn bytes_of(list: &[Sent]) -> Vec<Vec<u8>> {
        let ends = Ends::new(&(0..i64::from(PEOPLE)).collect::<Vec<_>>(), &[]);
        let params = TieParams { max_recipients: 8, cc_weight_thousandths: 500, groups: false };
        let of_day = |day: i32| {
            let mut out = Messages::default();
            for (_, sender, recipients) in list.iter().filter(|sent| sent.0 == day) {
                out.messages.push(Message {
                    venue: Venue::Mail,
                    place_id: None,
                    sent_at: Micros(i64::from(day) * DAY_MICROS),
                    sender: End::Person(*sender),
                    first: out.recipients.len() as u32,
                    count: recipients.len() as u32,
                    recipient_count: recipients.len() as u32,
                });
                let to = |&to: &u32| Recipient { handle_id: to.into(), end: End::Person(to), role: Role::To };
                out.recipients.extend(recipients.iter().map(to));
            }
            to_bytes(&day_ties(Day(day), &out, &ends, params), &ends)
        };
        (0..DAYS).map(of_day).collect()
    }

    /// The window under the first rule, sums under the others.
    fn under(list: &[Sent], planned: Rule, others: &[Rule], chance: Chance<'_>) -> (WindowTies, Vec<RuledWindow>) {
        under_from(Day(0), list, planned, others, chance)
    }

    /// The same of the window from a day on; all days are given.
    fn under_from(
        first: Day,
        list: &[Sent],
        planned: Rule,
        others: &[Rule],
        chance: Chance<'_>,
    ) -> (WindowTies, Vec<RuledWindow>) {
        let bytes = bytes_of(list);
        let packed: Vec<PackedDay<'_>> = bytes.iter().map(|bytes| PackedDay::new(bytes).unwrap()).collect();
        let mut members = Lookup::new();
        (0..PEOPLE).for_each(|member| {
            members.insert(i64::from(member), member);
        });
        let window = Window { first, last: Day(DAYS - 1) };
        let found = windows(&packed, window, &members, PEOPLE as usize, Rules { planned, others, chance });
        (found.ties, found.ruled)
    }

    /// The definition of the sums: slot by slot of the window under its strata.
    fn sums_of(window: &WindowTies, chance: Chance<'_>) -> RuledWindow {
        let window = window.under(chance);
        let people = vec![0; PEOPLE as usize];
        let of_stratum = |slots: &Slots| {
            let mut activity = Activity { sent: people.clone(), received: people.clone() };
            for slot in slots.iter() {
                activity.sent[slot.source as usize] += slot.weight().units();
                activity.received[slot.target as usize] += chance.null.amount(&slot);
            }
            activity
        };
        let tie = |tie: &WindowTie| RuledTie {
            source: tie.source,
            target: tie.target,
            message_count: tie.message_count,
            weight: tie.weight,
        };
        RuledWindow {
            ties: window.ties.iter().map(tie).collect(),
            activities: window.slots.iter().filter(|slots| !slots.is_empty()).map(of_stratum).collect(),
        }
    }

    const HALVED: Rule = Rule { half_life: Some(HalfLife { last: Day(DAYS - 1), days: 1 }), ..Rule::PLAIN };

    proptest! {
        /// Rules that share a pass give what each gives alone; few recipients are a window without the other messages;
        /// a half-life of a day makes a message weigh half of one a day later.
        #[test]
        fn rules_are_what_they_say(
            list in vec((0..DAYS, 0..PEOPLE, vec(0..PEOPLE, 1..8)), 0..30),
            null in prop::sample::select(&[Null::WeekPermutation, Null::Configuration]),
            within in prop::option::of(vec(0..3u32, PEOPLE as usize)),
        ) {
            let list: Vec<Sent> = list
                .into_iter()
                .map(|(day, from, mut to)| { to.sort_unstable(); to.dedup(); (day, from, to) })
                .collect();
            let chance = Chance { null, within: within.as_ref().map(|of| (of.as_slice(), 3)) };
            let alone = |list: &[Sent], rule: Rule| under(list, rule, &[], Chance::default()).0;
            let rules = [Rule::PLAIN, Rule { few_recipients: true, ..Rule::PLAIN }, HALVED];
            let (_, together) = under(&list, Rule::PLAIN, &rules, chance);
            for (rule, found) in rules.iter().zip(&together) {
                prop_assert_eq!(&sums_of(&alone(&list, *rule), chance), found);
            }
            let later: Vec<Sent> = list.iter().filter(|sent| sent.0 >= 2).cloned().collect();
            let (_, later) = under(&later, Rule::PLAIN, &rules, chance);
            prop_assert_eq!(under_from(Day(2), &list, Rule::PLAIN, &rules, chance).1, later);
            let few: Vec<Sent> = list.iter().filter(|sent| sent.2.len() <= 4).cloned().collect();
            let (few, among_all) = (alone(&few, Rule::PLAIN), alone(&list, rules[1]));
            prop_assert_eq!((&few.ties, &few.slots, few.self_count), (&among_all.ties, &among_all.slots, among_all.self_count));
            let by_day: Vec<WindowTies> = (0..DAYS)
                .map(|day| {
                    let own: Vec<Sent> = list.iter().filter(|sent| sent.0 == day).cloned().collect();
                    alone(&own, Rule::PLAIN)
                })
                .collect();
            for tie in &together[2].ties {
                let weight_on = |day: i32| {
                    let own = by_day[day as usize].ties.iter().find(|own| (own.source, own.target) == (tie.source, tie.target));
                    own.map_or(0, |own| u128::from(own.weight.units()) << (16 - (DAYS - 1 - day)))
                };
                let expected = ((0..DAYS).map(weight_on).sum::<u128>() >> 16) as u64;
                prop_assert_eq!(tie.weight.units(), expected);
            }
        }
    }

    #[test]
    fn chat_weighs_what_the_rule_says_on_top_of_a_half_life() {
        let half = Rule { chat_weight_thousandths: 500, ..Rule::PLAIN };
        assert_eq!((Rule::PLAIN.factors(Day(3)), half.factors(Day(3))), ([ONE, ONE], [ONE, ONE / 2]));
        let both = Rule { chat_weight_thousandths: 250, ..HALVED };
        assert_eq!(both.factors(Day(DAYS - 3)), [ONE / 4, ONE / 16]);
    }
}
