//! Sets of people who began to write to each other in a window, and kept it up.
//!
//! A set begins on a day on which one of its members writes to exactly the others, after 91 days without such a message.
//! It is kept up if within 28 days, that one among them, at least two members send at least three such messages, the last
//! at least 7 days after the first. So it can begin only where 91 days before are held, and 28 days after lie in the window.

use crate::day_bytes::PackedDay;
use crate::day_groups::{LARGEST, NONE, Set, set_of};
use crate::window::NOBODY;
use crosstie_model::{Day, Lookup, NewGroup, NewGroups, Window};
use rayon::prelude::*;

/// Days without a message before a set begins.
pub const HISTORY_DAYS: i32 = 91;
/// Days within which it must be kept up, its first among them.
const SUSTAINED_DAYS: i32 = 28;
/// Fewest messages in them, and fewest people who send one.
const MESSAGES_LEAST: u32 = 3;
const SENDERS_LEAST: usize = 2;
/// Fewest days from the first to the last of them.
const LASTING_DAYS: i32 = 7;

/// Bytes of rows that are held at once, beside those of a day on each thread.
const ROOM: usize = 128 << 20;

/// Which sets are looked for.
#[derive(Clone, Copy, Debug)]
pub struct GroupSpan {
    /// Days on which they begin and are kept up.
    pub window: Window,
    /// The first day that is held.
    pub held_from: Day,
}

/// What a member of a set sent to exactly the others on a day; sorted by set, then day.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    set: Set,
    day: i32,
    first: u32,
    source: u32,
    count: u32,
}

/// Sets of members that began, none of them with a machine. `each_day` shows a day by its number, the window and the
/// [`HISTORY_DAYS`] before it in any order.
///
/// Days are gone through as often as the rows need, so that memory stays at 128 MiB and a day on each thread. Time
/// O(rows log rows).
///
/// # Errors
/// A day that cannot be shown.
pub fn new_groups<E: Send>(
    day_count: usize,
    each_day: impl Fn(usize, &mut dyn FnMut(&PackedDay<'_>)) -> Result<(), E> + Sync,
    member_of_id: &Lookup<i64, u32>,
    is_machine: &[bool],
    span: GroupSpan,
) -> Result<NewGroups, E> {
    new_groups_within(ROOM, day_count, each_day, member_of_id, is_machine, span)
}

fn new_groups_within<E: Send>(
    room: usize,
    day_count: usize,
    each_day: impl Fn(usize, &mut dyn FnMut(&PackedDay<'_>)) -> Result<(), E> + Sync,
    member_of_id: &Lookup<i64, u32>,
    is_machine: &[bool],
    span: GroupSpan,
) -> Result<NewGroups, E> {
    let begin = span.window.first.max(span.held_from.plus(HISTORY_DAYS));
    let end = span.window.last.plus(1 - SUSTAINED_DAYS);
    if end < begin {
        return Ok(NewGroups::default());
    }
    let counts: Vec<usize> = (0..day_count)
        .into_par_iter()
        .map(|number| {
            let mut count = 0;
            each_day(number, &mut |day| count = day.groups().len())?;
            Ok(count)
        })
        .collect::<Result<_, E>>()?;
    let passes = (counts.iter().sum::<usize>() * size_of::<Row>()).div_ceil(room).max(1) as u64;
    let mut out = NewGroups { days_count: (end.0 - begin.0 + 1) as u32, ..NewGroups::default() };
    for pass in 0..passes {
        let is_own =
            |set: &Set| set.iter().filter(|&&end| end != NONE).map(|&end| u64::from(end)).sum::<u64>() % passes == pass;
        let parts: Vec<Vec<Row>> = (0..day_count)
            .into_par_iter()
            .map(|number| {
                let mut rows = Vec::new();
                each_day(number, &mut |day| rows = rows_of(day, member_of_id, is_machine, &is_own))?;
                Ok(rows)
            })
            .collect::<Result<_, E>>()?;
        let mut rows = parts.concat();
        drop(parts);
        rows.par_sort_unstable();
        for own in rows.chunk_by(|a, b| a.set == b.set) {
            add_beginnings(own, begin, end, &mut out);
        }
    }
    out.groups.sort_unstable();
    Ok(out)
}

/// What was sent on a day to sets of members that are asked for.
fn rows_of(
    day: &PackedDay<'_>,
    member_of_id: &Lookup<i64, u32>,
    is_machine: &[bool],
    is_own: &impl Fn(&Set) -> bool,
) -> Vec<Row> {
    let of_end = |id: i64| {
        let member = member_of_id.get(&id).copied();
        member.filter(|&member| !is_machine[member as usize]).unwrap_or(NOBODY)
    };
    let member_of_end: Vec<u32> = day.ids().map(of_end).collect();
    let member = |end: u32| member_of_end.get(end as usize).copied().filter(|&member| member != NOBODY);
    let mut rows = Vec::new();
    let mut members = Vec::with_capacity(LARGEST);
    for group in day.groups() {
        members.clear();
        members.extend(group.members().map_while(member));
        // Two handles of one person would make the set smaller; the directory gives each person one number.
        if members.len() == group.members().count()
            && let Some(set) = set_of(members.clone())
            && is_own(&set)
            && let Some(source) = member(group.source)
        {
            rows.push(Row { set, day: day.day.0, first: group.first, source, count: group.count });
        }
    }
    rows
}

/// Adds the beginnings of one set, whose rows come by day.
fn add_beginnings(rows: &[Row], begin: Day, end: Day, out: &mut NewGroups) {
    let mut newest = None;
    for (at, row) in rows.iter().enumerate() {
        let is_first = newest.is_none_or(|newest| newest < row.day - HISTORY_DAYS);
        newest = Some(row.day);
        if !is_first || !(begin.0..=end.0).contains(&row.day) {
            continue;
        }
        out.sets_count += 1;
        let within = || rows[at..].iter().take_while(|later| later.day < row.day + SUSTAINED_DAYS);
        let mut senders: Vec<u32> = within().map(|row| row.source).collect();
        senders.sort_unstable();
        senders.dedup();
        let messages: u32 = within().map(|row| row.count).sum();
        let last = within().map(|row| row.day).max().unwrap_or(row.day);
        if messages >= MESSAGES_LEAST && senders.len() >= SENDERS_LEAST && last - row.day >= LASTING_DAYS {
            let members = row.set.into_iter().take_while(|&member| member != NONE).collect();
            // The first row of a day is the earliest: rows of a day come by second, then sender.
            out.groups.push(NewGroup { members, day: Day(row.day), starter: row.source });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::day_groups::DayGroup;
    use crate::{DayTies, Ends, to_bytes};
    use proptest::{collection::vec, prelude::*};
    use std::convert::Infallible;

    /// A message: day, second, members of the set; the first of them sends.
    type Sent = (i32, u32, Vec<u32>);

    const PEOPLE: u32 = 6;

    fn bytes_of(list: &[Sent]) -> Vec<Vec<u8>> {
        let mut days: Vec<i32> = list.iter().map(|sent| sent.0).collect();
        days.sort_unstable();
        days.dedup();
        let ends = Ends::new(&(0..i64::from(PEOPLE)).map(|person| 100 - person).collect::<Vec<_>>(), &[]);
        let number = |person: u32| PEOPLE - 1 - person;
        days.iter()
            .map(|&day| {
                let rows = list.iter().filter(|sent| sent.0 == day && sent.2.len() >= 3).map(|(_, second, people)| {
                    (set_of(people.iter().map(|&person| number(person)).collect()).unwrap(), number(people[0]), *second)
                });
                let groups: Vec<DayGroup> = crate::day_groups::grouped(rows.collect());
                to_bytes(&DayTies { day: Day(day), groups, ..DayTies::default() }, &ends)
            })
            .collect()
    }

    fn found(list: &[Sent], room: usize, window: Window, held_from: i32) -> NewGroups {
        let bytes = bytes_of(list);
        let mut members = Lookup::new();
        (0..PEOPLE).for_each(|member| {
            members.insert(100 - i64::from(member), member);
        });
        let show = |number: usize, visit: &mut dyn FnMut(&PackedDay<'_>)| {
            visit(&PackedDay::new(&bytes[number]).unwrap());
            Ok::<(), Infallible>(())
        };
        let span = GroupSpan { window, held_from: Day(held_from) };
        let mut is_machine = vec![false; PEOPLE as usize];
        is_machine[5] = true;
        new_groups_within(room, bytes.len(), show, &members, &is_machine, span).unwrap()
    }

    const WINDOW: Window = Window { first: Day(100), last: Day(190) };

    fn of(list: &[Sent]) -> Vec<NewGroup> {
        found(list, ROOM, WINDOW, 0).groups
    }

    fn sent(day: i32, people: &[u32]) -> Sent {
        (day, 60 * people[0], people.to_vec())
    }

    #[test]
    fn what_begins_and_lasts_is_new() {
        let group = [sent(110, &[2, 1, 0]), sent(110, &[1, 0, 2]), sent(117, &[1, 0, 2])];
        let new = NewGroup { members: vec![0, 1, 2], day: Day(110), starter: 1 };
        assert_eq!(of(&group), [new], "the earliest of the day begins");
        let with = |more: &[Sent]| of(&[&group[..], more].concat()).len();
        assert_eq!(with(&[sent(19, &[0, 1, 2])]), 0, "91 days before");
        assert_eq!(with(&[sent(18, &[0, 1, 2])]), 1, "92 days before");
        assert_eq!(with(&[sent(60, &[0, 1, 2, 3]), sent(60, &[0, 1])]), 1, "other sets");
        let without = |list: &[Sent]| of(list).len();
        assert_eq!(without(&[sent(110, &[1, 0, 2]), sent(112, &[2, 0, 1]), sent(116, &[1, 0, 2])]), 0, "six days");
        assert_eq!(without(&[sent(110, &[1, 0, 2]), sent(112, &[1, 0, 2]), sent(120, &[1, 0, 2])]), 0, "one sender");
        assert_eq!(without(&[sent(110, &[1, 0, 2]), sent(120, &[2, 0, 1])]), 0, "two messages");
        assert_eq!(without(&[sent(110, &[1, 0, 2]), sent(111, &[2, 0, 1]), sent(138, &[2, 0, 1])]), 0, "the 29th day");
        assert_eq!(without(&[sent(110, &[1, 0, 2]), sent(111, &[2, 0, 1]), sent(137, &[2, 0, 1])]), 1, "the 28th day");
        assert_eq!(without(&[sent(110, &[1, 0, 5]), sent(111, &[0, 1, 5]), sent(120, &[1, 0, 5])]), 0, "a machine");
    }

    #[test]
    fn days_too_near_to_an_end_do_not_count() {
        let late = |day: i32| [sent(day, &[1, 0, 2]), sent(day + 1, &[2, 0, 1]), sent(day + 9, &[2, 0, 1])];
        assert_eq!((of(&late(163)).len(), of(&late(164)).len()), (1, 0));
        assert_eq!(found(&late(150), ROOM, WINDOW, 0).days_count, 64);
        let held = found(&late(140), ROOM, WINDOW, 50);
        assert_eq!((held.groups.len(), held.sets_count, held.days_count), (0, 0, 23));
        assert_eq!(found(&late(150), ROOM, WINDOW, 90), NewGroups::default());
    }

    proptest! {
        /// The definition on single messages, at any room.
        #[test]
        fn equals_the_definition(
            list in vec((60..240i32, 0..3u32, vec(0..5u32, 3..5)), 0..60), room in 1..4000usize,
        ) {
            let list: Vec<Sent> = list
                .into_iter()
                .filter_map(|(day, second, people)| {
                    let mut distinct = people.clone();
                    distinct.sort_unstable();
                    distinct.dedup();
                    (distinct.len() >= 3).then_some((day, second, people))
                })
                .collect();
            let window = Window { first: Day(160), last: Day(239) };
            let set = |sent: &Sent| { let mut set = sent.2.clone(); set.sort_unstable(); set.dedup(); set };
            let mut slow = NewGroups { days_count: 53, ..NewGroups::default() };
            for (at, sent) in list.iter().enumerate() {
                let same = || list.iter().filter(|other| set(other) == set(sent));
                let is_earliest = !list.iter().enumerate().any(|(other, o)| {
                    set(o) == set(sent) && o.0 == sent.0 && (o.1, o.2[0], other) < (sent.1, sent.2[0], at)
                });
                let is_old = same().any(|other| (sent.0 - 91..sent.0).contains(&other.0));
                if !is_earliest || is_old || !(160..=212).contains(&sent.0) {
                    continue;
                }
                slow.sets_count += 1;
                let later: Vec<&Sent> = same().filter(|other| (sent.0..sent.0 + 28).contains(&other.0)).collect();
                let is_by_two = later.iter().any(|other| other.2[0] != later[0].2[0]);
                if later.len() >= 3 && is_by_two && later.iter().any(|other| other.0 >= sent.0 + 7) {
                    slow.groups.push(NewGroup { members: set(sent), day: Day(sent.0), starter: sent.2[0] });
                }
            }
            slow.groups.sort_unstable();
            prop_assert_eq!(found(&list, room, window, 0), slow);
        }
    }
}
