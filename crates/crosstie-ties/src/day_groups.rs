//! The sets of people who share messages on a day: sender and recipients, three to eight, all of them of the directory.
//!
//! Kept only where a plan asks whether new groups form. A message that names anybody else, or more than are kept, tells
//! of no set: it is not known who belongs to it.

use crate::ends::Ends;
use crosstie_model::{End, Message, Recipient};

/// Fewest and most people of a set.
pub(crate) const SMALLEST: usize = 3;
pub(crate) const LARGEST: usize = 8;

/// The members of a set, ascending; places behind the last hold `u32::MAX`.
pub type Set = [u32; LARGEST];

/// In place of a member: none.
pub(crate) const NONE: u32 = u32::MAX;

/// Messages that one member of a set sent to exactly the others on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DayGroup {
    /// The set, as [`Ends`] numbers its members.
    pub set: Set,
    /// Sender.
    pub source: u32,
    /// Messages.
    pub count: u32,
    /// Second of the day of the first of them.
    pub first: u32,
}

impl DayGroup {
    /// The members of the set.
    pub fn members(&self) -> impl Iterator<Item = u32> + Clone + use<> {
        self.set.into_iter().take_while(|&member| member != NONE)
    }
}

/// One message to a set: members, sender, second.
pub(crate) type GroupRow = (Set, u32, u32);

/// The set of a message, if it is one.
pub(crate) fn group_row(message: &Message, recipients: &[Recipient], ends: &Ends, second: u32) -> Option<GroupRow> {
    if message.recipient_count as usize != recipients.len() || recipients.len() > LARGEST {
        return None;
    }
    let number = |end: End| if matches!(end, End::Person(_)) { ends.number(end) } else { None };
    let source = number(message.sender)?;
    let others = recipients.iter().map(|recipient| number(recipient.end));
    let all: Option<Vec<u32>> = std::iter::once(Some(source)).chain(others).collect();
    Some((set_of(all?)?, source, second))
}

/// A set of these people; `None` if they are too few or too many.
pub(crate) fn set_of(mut people: Vec<u32>) -> Option<Set> {
    people.sort_unstable();
    people.dedup();
    if !(SMALLEST..=LARGEST).contains(&people.len()) {
        return None;
    }
    let mut set = [NONE; LARGEST];
    set[..people.len()].copy_from_slice(&people);
    Some(set)
}

/// Rows summed by set and sender.
pub(crate) fn grouped(mut rows: Vec<GroupRow>) -> Vec<DayGroup> {
    rows.sort_unstable();
    let same = rows.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1));
    same.map(|rows| {
        let (set, source, first) = rows[0];
        DayGroup { set, source, count: rows.len() as u32, first }
    })
    .collect()
}

/// What stays of sets when some ends are gone: the others are a set if they are enough, as where those had never been
/// named. Ends keep their numbers.
pub(crate) fn groups_without(groups: impl Iterator<Item = DayGroup>, stays: impl Fn(u32) -> bool) -> Vec<DayGroup> {
    let left = |group: DayGroup| {
        let set = set_of(group.members().filter(|&member| stays(member)).collect())?;
        stays(group.source).then_some(DayGroup { set, ..group })
    };
    let mut left: Vec<DayGroup> = groups.filter_map(left).collect();
    left.sort_unstable_by_key(|group| (group.set, group.source, group.first));
    left.dedup_by(|next, kept| {
        let same = (next.set, next.source) == (kept.set, kept.source);
        kept.count += if same { next.count } else { 0 };
        same
    });
    left
}

#[cfg(test)]
mod tests {
    use super::*;
    use crosstie_model::{Micros, Role, Venue};

    fn row(sender: End, to: &[End], stated: u32) -> Option<GroupRow> {
        let ends = Ends::new(&[10, 20, 30, 40], &[50]);
        let message = Message {
            venue: Venue::Mail,
            place_id: None,
            sent_at: Micros(0),
            sender,
            first: 0,
            count: to.len() as u32,
            recipient_count: stated,
        };
        let to: Vec<Recipient> = to.iter().map(|&end| Recipient { handle_id: 0, end, role: Role::To }).collect();
        group_row(&message, &to, &ends, 7)
    }

    #[test]
    fn a_set_is_known_where_all_are() {
        let [a, b, c] = [End::Person(0), End::Person(1), End::Person(2)];
        let set = set_of(vec![0, 1, 2]).unwrap();
        assert_eq!(row(b, &[c, a], 2), Some((set, 1, 7)));
        assert_eq!(row(b, &[c, a, a, b], 4), Some((set, 1, 7)), "each counts once");
        for (sender, to, stated) in [
            (b, vec![c, a], 3),
            (b, vec![c, b], 2),
            (b, vec![c, a, End::External], 3),
            (b, vec![c, a, End::Account(0)], 3),
            (End::Account(0), vec![a, b, c], 3),
        ] {
            assert_eq!(row(sender, &to, stated), None);
        }
    }

    #[test]
    fn who_is_gone_was_never_named() {
        let group = |people: &[u32], source, count, first| DayGroup {
            set: set_of(people.to_vec()).unwrap(),
            source,
            count,
            first,
        };
        // Sorted as sets are stored: a missing member comes last.
        let groups = [group(&[0, 1, 2, 3], 0, 3, 5), group(&[0, 1, 2], 0, 2, 9), group(&[0, 1, 3], 3, 1, 1)];
        let left = groups_without(groups.into_iter(), |end| end != 3);
        assert_eq!(left, [group(&[0, 1, 2], 0, 5, 5)]);
        assert_eq!(groups_without(groups.into_iter(), |_| true), groups);
    }
}
