//! What the days of a window hold: its ties, sums under other rules, and who wrote to whom on which day.

use crate::contact_days::{ContactDays, PART_SENDERS};
use crate::day::DayTie;
use crate::day_bytes::PackedDay;
use crate::rules::Rule;
use crate::window_join::Joining;
use crate::window_part::Part;
use crate::window_rows::{Row, Rows};
use crate::window_sums::WindowSums;
use crosstie_model::{Chance, Day, Lookup, Micros, Null, RuledWindow, Slot, Stratum, Window, WindowTies};
use rayon::prelude::*;

/// Tasks a thread whose slots are held apart at once, in room that the next ones use again: new room takes longer than
/// to fill it, and much room is far away.
const ROUND_PARTS: usize = if cfg!(test) { 1 } else { 4 };
/// Tasks of a round, where threads are not more: else a round would hold much of the window a second time.
const MOST_PARTS: usize = 32;

/// What the days of a window hold.
#[derive(Clone, Debug)]
pub struct Windows {
    /// The window under the planned rule.
    pub ties: WindowTies,
    /// Sums under each of the other rules.
    pub ruled: Vec<RuledWindow>,
    /// Who wrote to whom on which day, on the days before the window, too.
    pub contact: ContactDays,
}

/// The rules of a window, and what is wanted of it under others.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'r> {
    /// The plan's own.
    pub planned: Rule,
    /// Others, under which sums are enough.
    pub others: &'r [Rule],
    /// The strata of those sums.
    pub chance: Chance<'r>,
}

impl Rules<'_> {
    /// Daily rows as they are, and no other rule.
    pub const PLAIN: Rules<'static> =
        Rules { planned: Rule::PLAIN, others: &[], chance: Chance { null: Null::WeekPermutation, within: None } };
}

/// A window from its days, in one pass over them. `days` may hold days before it; they may come in any order, each once.
/// `member_of_id` names the member that holds a keyed id on the run's date.
///
/// Time O(rows + slots), memory 4 bytes a daily row and a member and day, 8 a slot, 64 a tie and 24 under each other rule,
/// 8 a pair and day with contact, 16 a person, stratum and part of chance under each other rule; and the like of the
/// senders of a round.
///
/// # Panics
/// If days lie more than 4,095 days apart.
#[must_use]
pub fn windows(
    days: &[PackedDay<'_>],
    window: Window,
    member_of_id: &Lookup<i64, u32>,
    member_count: usize,
    rules: Rules<'_>,
) -> Windows {
    let mut days: Vec<&PackedDay<'_>> = days.iter().collect();
    days.sort_by_key(|day| day.day);
    let before = days.partition_point(|day| day.day < window.first);
    let places: Vec<Places> = days.par_iter().map(|day| Places::new(day, member_of_id, member_count)).collect();
    let all_strata = strata(&days[before..]);
    let stratum_of = strata_of_days(&days, &all_strata);
    let at_days = |rule: &Rule| AtDays {
        days: &days,
        stratum_of: &stratum_of,
        rule: *rule,
        factors: days.iter().map(|day| rule.factors(day.day)).collect(),
    };
    let sums = |rule| WindowSums::new(at_days(rule), all_strata.len(), member_count, rules.chance);
    let others: Vec<WindowSums<'_>> = rules.others.iter().map(sums).collect();
    let pass = Pass { days: &days, places, before, planned: at_days(&rules.planned), others: &others };
    let origin = days.first().map_or(window.first, |day| day.day);
    let mut joining = Joining::new(all_strata.len(), &others, origin);
    let threads = rayon::current_num_threads();
    let round_parts = (ROUND_PARTS * threads).min(MOST_PARTS).max(threads);
    let mut parts: Vec<Part> = (0..round_parts).map(|_| Part::new(all_strata.len(), &others)).collect();
    let members: Vec<u32> = (0..member_count as u32).collect();
    for members in members.chunks(round_parts * PART_SENDERS) {
        let tasks = parts.par_iter_mut().zip(members.par_chunks(PART_SENDERS)).with_max_len(1);
        tasks.for_each_init(|| Rows::new(member_count), |rows, (part, members)| pass.read(members, rows, part));
        joining.add(&parts[..members.len().div_ceil(PART_SENDERS)], &others);
    }
    let given = days[before..].iter().map(|day| day.sums.units).sum();
    let (mut ties, ruled, contact) = joining.end(&all_strata, given);
    add_sums(&days[before..], &mut ties);
    let ruled = others.into_iter().zip(ruled).map(|(sums, (ties, received))| sums.end(ties, received)).collect();
    Windows { ties, ruled, contact }
}

/// The days of a window, read sender by sender.
struct Pass<'a> {
    days: &'a [&'a PackedDay<'a>],
    places: Vec<Places>,
    /// Days before the window, the first of all.
    before: usize,
    planned: AtDays<'a>,
    others: &'a [WindowSums<'a>],
}

impl Pass<'_> {
    /// What some members sent, in the place of what `part` held.
    fn read(&self, members: &[u32], rows: &mut Rows, part: &mut Part) {
        part.clear();
        for &member in members {
            let rows = rows.of(member, self.days, &self.places);
            for held in rows.chunk_by(|a, b| a.target == b.target) {
                let of_window = &held[held.partition_point(|row| (row.day as usize) < self.before)..];
                part.add(member, of_window, &self.planned);
                if held[0].target != member {
                    part.contact.add(held, self.days);
                    part.ruled.iter_mut().zip(self.others).for_each(|(part, sums)| sums.add(member, of_window, part));
                }
            }
            part.contact.end_sender();
            part.ruled.iter_mut().zip(self.others).for_each(|(part, sums)| sums.end_sender(member, part));
        }
    }
}

/// Adds what days count.
fn add_sums(days: &[&PackedDay<'_>], out: &mut WindowTies) {
    for day in days {
        out.messages_count += day.sums.messages_count;
        out.tied_messages_count += day.sums.tied_messages_count;
        out.over_max_recipients_count += day.sums.over_max_recipients_count;
        out.unaddressed_count += day.sums.unaddressed_count;
        out.slots_seen_count += day.sums.slots_seen_count;
    }
}

/// Every stratum that the days could hold, sorted.
fn strata(days: &[&PackedDay<'_>]) -> Vec<Stratum> {
    let mut strata: Vec<Stratum> =
        days.iter().flat_map(|day| [false, true].map(|chat| Stratum { chat, week: day.day.monday() })).collect();
    strata.sort_unstable();
    strata.dedup();
    strata
}

/// The strata of mail and of chat on each day, as indices.
fn strata_of_days(days: &[&PackedDay<'_>], strata: &[Stratum]) -> Vec<[u32; 2]> {
    let stratum_of =
        |day: Day, chat: bool| strata.binary_search(&Stratum { chat, week: day.monday() }).unwrap_or_default() as u32;
    days.iter().map(|day| [false, true].map(|chat| stratum_of(day.day, chat))).collect()
}

/// The days of a window with their strata, and what a rule makes of them.
pub(crate) struct AtDays<'a> {
    days: &'a [&'a PackedDay<'a>],
    stratum_of: &'a [[u32; 2]],
    pub(crate) rule: Rule,
    factors: Vec<[u64; 2]>,
}

impl AtDays<'_> {
    /// A row as a slot, its stratum, and the factor of its weight.
    pub(crate) fn slot(&self, source: u32, row: &Row) -> (usize, Slot, u64) {
        let (day, chat) = (row.day as usize, usize::from(row.is_chat()));
        let factor = self.factors[day][chat];
        let units = ((u64::from(row.units()) * factor) >> 16) as u32;
        (self.stratum_of[day][chat] as usize, Slot { source, target: row.target, units, count: row.count }, factor)
    }

    pub(crate) fn at(&self, day: u32, second: u32) -> Micros {
        DayTie::at(self.days[day as usize].day, second)
    }
}

/// Where the members stand in a day, and who its ends are.
pub(crate) struct Places {
    pub(crate) end_of_member: Vec<u32>,
    /// The members to whom its ties go: looked up once a day, where all members stand close together.
    pub(crate) targets: Vec<u32>,
}

/// In place of a member or an end: none.
pub(crate) const NOBODY: u32 = u32::MAX;

impl Places {
    pub(crate) fn new(day: &PackedDay<'_>, member_of_id: &Lookup<i64, u32>, member_count: usize) -> Places {
        let member_of_end: Vec<u32> = day.ids().map(|id| member_of_id.get(&id).copied().unwrap_or(NOBODY)).collect();
        let mut end_of_member = vec![NOBODY; member_count];
        for (end, &member) in (0..).zip(&member_of_end) {
            if member != NOBODY {
                end_of_member[member as usize] = end;
            }
        }
        let mut targets = day.targets();
        targets.iter_mut().for_each(|target| *target = member_of_end[*target as usize]);
        Places { end_of_member, targets }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Ends, TieParams, day_ties, to_bytes};
    use crosstie_model::{DAY_MICROS, End, Message, Messages, Recipient, Role, Slots, Venue, Weight};
    use proptest::{collection::vec, prelude::*};
    use std::collections::{BTreeMap, BTreeSet};

    const PARAMS: TieParams = TieParams { max_recipients: 3, cc_weight_thousandths: 500, groups: false };
    const DAY_SECONDS: i64 = DAY_MICROS / 1_000_000;

    /// Messages as (second, sender, recipients).
    type List = Vec<(i64, u32, Vec<u32>)>;

    fn messages(list: &List) -> Messages {
        let mut out = Messages::default();
        for (second, sender, recipients) in list {
            out.messages.push(Message {
                venue: if second % 2 == 1 { Venue::Direct } else { Venue::Mail },
                place_id: None,
                sent_at: Micros(second * 1_000_000),
                sender: End::Person(*sender),
                first: out.recipients.len() as u32,
                count: recipients.len() as u32,
                recipient_count: recipients.len() as u32,
            });
            out.recipients.extend(recipients.iter().map(|&to| Recipient {
                handle_id: to.into(),
                end: End::Person(to),
                role: Role::To,
            }));
        }
        out
    }

    /// Keyed ids run against the numbers; person 9 is no member.
    fn ties(list: &List) -> WindowTies {
        ties_from(Day(0), list)
    }

    /// The window that begins on a day; all days are given.
    fn ties_from(first: Day, list: &List) -> WindowTies {
        let days: BTreeSet<i64> = list.iter().map(|(second, ..)| second / DAY_SECONDS).collect();
        let ends = Ends::new(&(0..10).map(|person| 100 - person).collect::<Vec<_>>(), &[]);
        let bytes: Vec<Vec<u8>> = days
            .iter()
            .map(|&day| {
                let own = list.iter().filter(|(second, ..)| second / DAY_SECONDS == day).cloned().collect();
                to_bytes(&day_ties(Day(day as i32), &messages(&own), &ends, PARAMS), &ends)
            })
            .collect();
        let packed: Vec<PackedDay<'_>> = bytes.iter().map(|bytes| PackedDay::new(bytes).unwrap()).collect();
        let mut members = Lookup::new();
        (0..9).for_each(|member| {
            members.insert(100 - i64::from(member), member);
        });
        let window = Window { first, last: Day(99) };
        windows(&packed, window, &members, 9, Rules::PLAIN).ties
    }

    fn of(list: &[(i64, u32, &[u32])]) -> WindowTies {
        ties(&list.iter().map(|(at, from, to)| (*at, *from, to.to_vec())).collect())
    }

    #[test]
    fn counts_days_and_channels() {
        let got = of(&[(10, 0, &[1]), (21, 0, &[1, 2]), (DAY_SECONDS, 0, &[1])]);
        let tie = got.ties[0];
        assert_eq!((tie.message_count, tie.mail_count, tie.chat_count, tie.active_days_count), (3, 2, 1, 2));
        assert!((tie.weight.messages() - 2.5).abs() < 1e-12);
        assert_eq!((tie.first_at, tie.last_at), (Micros(10_000_000), Micros(DAY_MICROS)));
        assert_eq!(got.messages_count, 3);
    }

    #[test]
    fn caps_outsiders_selves_and_posts_are_counted() {
        let got = of(&[(0, 0, &[1, 2, 3, 4]), (2, 0, &[1, 9]), (4, 9, &[1]), (6, 0, &[]), (8, 1, &[1])]);
        assert_eq!((got.over_max_recipients_count, got.unaddressed_count, got.self_count), (1, 1, 1));
        assert_eq!((got.messages_count, got.slots_seen_count, got.slot_count()), (3, 4, 1));
        assert_eq!(got.weight() + got.outside, Weight::from_units(3 << 20));
    }

    /// Messages, units, days, first and last second of each pair.
    type Pairs = BTreeMap<(u32, u32), (u64, u64, BTreeSet<i64>, i64, i64)>;

    /// The definition: every message looked at once, pair by pair.
    fn slow(list: &List) -> Pairs {
        let mut pairs = Pairs::new();
        for (second, sender, recipients) in list.iter().filter(|(.., to)| (1..=3).contains(&to.len())) {
            let all = messages(&vec![(*second, *sender, recipients.clone())]).recipients;
            let mut units = Vec::new();
            crate::shares(&all, 500, &mut units);
            for (&to, units) in recipients.iter().zip(units) {
                if to != *sender && to < 9 && *sender < 9 {
                    let pair = pairs.entry((*sender, to)).or_insert((0, 0, BTreeSet::new(), *second, *second));
                    pair.0 += 1;
                    pair.1 += u64::from(units);
                    pair.2.insert(second / DAY_SECONDS);
                    pair.3 = pair.3.min(*second);
                    pair.4 = pair.4.max(*second);
                }
            }
        }
        pairs
    }

    proptest! {
        /// Every message within the cap is one message of weight, inside or outside; order does not matter.
        #[test]
        fn equals_the_definition_in_any_order(
            list in vec((0..900_000i64, 0..10u32, vec(0..10u32, 0..5)), 0..40),
        ) {
            let mut list: List = list
                .into_iter()
                .map(|(at, from, mut to)| { to.sort_unstable(); to.dedup(); (at, from, to) })
                .collect();
            let got = ties(&list);
            prop_assert_eq!((got.weight() + got.outside).units(), got.messages_count << 20);
            let slots: Weight = got.slots.iter().flat_map(Slots::iter).map(|slot| slot.weight()).sum();
            prop_assert_eq!(slots, got.weight());
            prop_assert!(got.slots.iter().all(|slots| slots.iter().is_sorted_by(|a, b| a.key() < b.key())));
            prop_assert_eq!(got.slots.len(), got.strata.len());
            prop_assert!(got.slots.iter().all(|slots| !slots.is_empty()));
            let pairs: BTreeMap<_, _> = got.ties.iter().map(|tie| {
                let days = tie.active_days_count as usize;
                ((tie.source, tie.target), (tie.message_count, tie.weight.units(), days, tie.first_at.0 / 1_000_000, tie.last_at.0 / 1_000_000))
            }).collect();
            let expected: BTreeMap<_, _> =
                slow(&list).into_iter().map(|(pair, (n, w, days, first, last))| (pair, (n, w, days.len(), first, last))).collect();
            prop_assert_eq!(pairs, expected);
            list.reverse();
            let other = ties(&list);
            prop_assert_eq!(got.ties, other.ties);
            prop_assert_eq!(got.slots, other.slots);
            // Days before the window are as if they were not there.
            let later = ties_from(Day(5), &list);
            list.retain(|(second, ..)| *second >= 5 * DAY_SECONDS);
            let alone = ties(&list);
            prop_assert_eq!((&later.ties, &later.slots, &later.strata), (&alone.ties, &alone.slots, &alone.strata));
            prop_assert_eq!((later.messages_count, later.outside), (alone.messages_count, alone.outside));
        }
    }
}
