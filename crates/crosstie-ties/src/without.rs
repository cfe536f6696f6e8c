//! A day without some of its ends: what stays of it when people are forgotten.

use crate::day::{DayTies, Habit};
use crate::day_bytes::{PackedDay, to_bytes};
use crate::day_groups::groups_without;
use crate::ends::Ends;

/// The bytes of a day without ends of which `is_gone`; sums of the whole day stay, since they name nobody. `None` where
/// all ends stay.
#[must_use]
pub fn without(day: &PackedDay<'_>, is_gone: impl Fn(i64) -> bool) -> Option<Vec<u8>> {
    let ids: Vec<i64> = day.ids().collect();
    let gone: Vec<bool> = ids.iter().map(|&id| is_gone(id)).collect();
    if !gone.contains(&true) {
        return None;
    }
    let stays = |end: u32| gone.get(end as usize) == Some(&false);
    let all = (0..ids.len() as u32).flat_map(|source| day.ties_of(source));
    let ties = all.filter(|tie| stays(tie.source) && stays(tie.target)).collect();
    let habits: Vec<Habit> = day.habits().filter(|habit| stays(habit.source)).collect();
    let groups = groups_without(day.groups(), stays);
    // Ids are sorted, so each end keeps its number.
    Some(to_bytes(&DayTies { ties, habits, groups, ..day.sums.clone() }, &Ends::new(&ids, &[])))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::day::DayTie;
    use crate::day_groups::{DayGroup, set_of};
    use crosstie_model::Day;

    #[test]
    fn nothing_of_an_end_stays_and_the_rest_does() {
        let ends = Ends::new(&[10, 20, 30], &[]);
        let tie = |source, target| DayTie {
            source,
            target,
            chat: false,
            reply: false,
            many: false,
            units: 1 << 20,
            count: 2,
            first: 5,
            last: 9,
        };
        let habit = |source| Habit { source, sent: 3, hours: 1 };
        let group = |people: &[u32]| DayGroup { set: set_of(people.to_vec()).unwrap(), source: 0, count: 2, first: 4 };
        let day = DayTies {
            day: Day(3),
            ties: [tie(0, 1), tie(0, 2), tie(1, 0), tie(2, 0), tie(2, 1)].into_iter().collect(),
            habits: vec![habit(0), habit(1)],
            groups: vec![group(&[0, 1, 2])],
            messages_count: 7,
            ..DayTies::default()
        };
        let bytes = to_bytes(&day, &ends);
        let packed = PackedDay::new(&bytes).unwrap();
        assert_eq!(without(&packed, |id| id == 40), None);
        let rest = without(&packed, |id| id == 20).unwrap();
        assert!(!rest.windows(8).any(|window| window == 20i64.to_le_bytes()));
        let rest = PackedDay::new(&rest).unwrap();
        assert_eq!(rest.ids().collect::<Vec<_>>(), [10, 30]);
        let ties: Vec<DayTie> = (0..2).flat_map(|source| rest.ties_of(source)).collect();
        assert_eq!(ties, [tie(0, 1), tie(1, 0)], "numbers without gaps");
        assert_eq!(rest.habits().collect::<Vec<_>>(), [habit(0)]);
        assert_eq!(rest.groups().count(), 0, "two are no set");
        assert_eq!(rest.sums.messages_count, 7);
    }
}
