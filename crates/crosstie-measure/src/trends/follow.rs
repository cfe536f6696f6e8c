//! What became of groups of people between two windows, on the people of both.
//!
//! # Definition
//! With N a group now, O one then, and sizes of people who are in both windows:
//! ```text
//! same        |N ∩ O| / |N ∪ O| > 1/2                       at most one O for an N, and one N for an O
//! split of O  two or more N with |N ∩ O| >= |O|/4 and |N ∩ O| >= |N|/2
//! merge to N  two or more O with |N ∩ O| >= |N|/4 and |N ∩ O| >= |O|/2
//! ```

use super::COMMUNITY;
use super::earlier::EarlierWindow;
use std::collections::BTreeMap;

/// What became of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    Continue,
    /// At least a fifth more members.
    Grow,
    /// At least a fifth fewer.
    Shrink,
    Birth,
    Death,
    Split,
    Merge,
    /// The org chart moved its openness, not its contact.
    Redrawn,
}

impl Event {
    /// As tables name it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Event::Continue => "continue",
            Event::Grow => "grow",
            Event::Shrink => "shrink",
            Event::Birth => "birth",
            Event::Death => "death",
            Event::Split => "split",
            Event::Merge => "merge",
            Event::Redrawn => "redrawn",
        }
    }
}

/// A group of this window.
#[derive(Clone, Copy)]
pub(crate) struct Group<'a> {
    pub(crate) grouping: &'a str,
    pub(crate) silo_id: &'a str,
    /// People, sorted.
    pub(crate) members: &'a [u32],
}

/// Events of all groups.
pub(crate) struct Followed {
    /// Of each group of this window.
    pub(crate) events: Vec<Event>,
    /// Groups of the earlier window that are no more, by their place there.
    pub(crate) ended: Vec<(usize, Event)>,
}

/// Compares groups with those of an earlier window, each grouping by itself. Time O(groupings · people).
pub(crate) fn follow(groups: &[Group<'_>], then: &EarlierWindow) -> Followed {
    let mut shared: Vec<Vec<(usize, usize)>> = vec![Vec::new(); groups.len()]; // (earlier silo, people)
    let mut common_counts = vec![0; groups.len()];
    let mut silo_of: BTreeMap<&str, Vec<Option<usize>>> = BTreeMap::new();
    for (at, group) in groups.iter().enumerate() {
        let silo_of = silo_of.entry(group.grouping).or_insert_with(|| then.silo_of(group.grouping));
        let common = group.members.iter().filter(|&&person| then.was_member[person as usize]);
        common_counts[at] = common.count();
        shared[at] = counted(group.members, silo_of);
    }
    let size_then = |silo: usize| then.silos[silo].members.len();
    // Most of a group came from the silo, and a quarter of the silo at least went there; and the mirror.
    let is_piece = |at: usize, silo: usize, both: usize| 4 * both >= size_then(silo) && 2 * both >= common_counts[at];
    let is_part = |at: usize, silo: usize, both: usize| 4 * both >= common_counts[at] && 2 * both >= size_then(silo);
    let mut pieces: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut parts: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, shared) in shared.iter().enumerate() {
        for &(silo, both) in shared {
            if is_piece(at, silo, both) {
                pieces.entry(silo).or_default().push(at);
            }
            if is_part(at, silo, both) {
                parts.entry(at).or_default().push(silo);
            }
        }
    }
    pieces.retain(|_, pieces| pieces.len() > 1);
    parts.retain(|_, parts| parts.len() > 1);
    let event = |(at, group): (usize, &Group<'_>)| {
        if pieces.values().any(|pieces| pieces.contains(&at)) {
            return Event::Split;
        }
        if parts.contains_key(&at) {
            return Event::Merge;
        }
        match then.silo(group.silo_id) {
            None => Event::Birth,
            Some(silo) if 5 * group.members.len() >= 6 * silo.people_count => Event::Grow,
            Some(silo) if 5 * group.members.len() <= 4 * silo.people_count => Event::Shrink,
            Some(_) => Event::Continue,
        }
    };
    let events = groups.iter().enumerate().map(event).collect();
    let is_there = |silo_id: &str| groups.iter().any(|group| group.silo_id == silo_id);
    let ended = then
        .silos
        .iter()
        .enumerate()
        .filter(|(_, silo)| !is_there(&silo.silo_id))
        .map(|(silo, _)| match silo {
            silo if pieces.contains_key(&silo) => (silo, Event::Split),
            silo if parts.values().any(|parts| parts.contains(&silo)) => (silo, Event::Merge),
            silo => (silo, Event::Death),
        })
        .collect();
    Followed { events, ended }
}

/// The name of the community of an earlier window that these people are: the one with Jaccard over one half, on the
/// people of both windows.
pub(crate) fn same_community<'a>(members: &[u32], then: &'a EarlierWindow) -> Option<&'a str> {
    let common = members.iter().filter(|&&person| then.was_member[person as usize]).count();
    let is_same = |&(silo, both): &(usize, usize)| 3 * both > common + then.silos[silo].members.len();
    let same = counted(members, &then.silo_of(COMMUNITY)).into_iter().find(is_same);
    same.map(|(silo, _)| then.silos[silo].silo_id.as_str())
}

/// How many of these people were in each silo.
fn counted(members: &[u32], silo_of: &[Option<usize>]) -> Vec<(usize, usize)> {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    for silo in members.iter().filter_map(|&person| silo_of[person as usize]) {
        *counts.entry(silo).or_default() += 1;
    }
    counts.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::super::earlier::EarlierSilo;
    use super::*;
    use crosstie_model::{Day, Window};
    use proptest::{collection::vec, prelude::*};
    use std::collections::BTreeSet;

    /// A window from the community of each person: `None` was in none, and who is no member has no entry.
    fn window(community_of: &[Option<Option<u32>>]) -> EarlierWindow {
        let members = |community: u32| -> Vec<u32> {
            (0..).zip(community_of).filter(|(_, of)| **of == Some(Some(community))).map(|(person, _)| person).collect()
        };
        let silo = |community: u32| EarlierSilo {
            grouping: COMMUNITY.into(),
            silo_id: format!("c:{community}"),
            unit: None,
            people_count: members(community).len(),
            members: members(community),
            openness: None,
            draws: Vec::new(),
            was_shown: true,
        };
        EarlierWindow {
            window: Window { first: Day(0), last: Day(6) },
            was_member: community_of.iter().map(Option::is_some).collect(),
            silos: (0..4).map(silo).filter(|silo| silo.people_count > 0).collect(),
            is_same_plan: true,
        }
    }

    /// Ids are given, so that a test says which group goes on.
    fn events(now: &[(&str, &[u32])], then: &EarlierWindow) -> (Vec<&'static str>, Vec<(String, &'static str)>) {
        let groups: Vec<Group<'_>> =
            now.iter().map(|(silo_id, members)| Group { grouping: COMMUNITY, silo_id, members }).collect();
        let found = follow(&groups, then);
        let ended = found.ended.iter().map(|&(silo, event)| (then.silos[silo].silo_id.clone(), event.name()));
        (found.events.iter().map(|event| event.name()).collect(), ended.collect())
    }

    #[test]
    fn each_event_by_hand() {
        let all = |labels: [u32; 12]| window(&labels.map(|label| Some(Some(label))));
        let then = all([0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1]);
        let (first, second) = (&[0, 1, 2, 3, 4, 5, 6, 7], &[8, 9, 10, 11]);
        assert_eq!(events(&[("c:0", first), ("c:1", second)], &then).0, ["continue", "continue"]);
        // Seven of eight and five of four.
        let (five, seven) = (&[7, 8, 9, 10, 11], &[0, 1, 2, 3, 4, 5, 6]);
        assert_eq!(events(&[("c:0", seven), ("c:1", five)], &then).0, ["continue", "grow"]);
        assert_eq!(events(&[("c:0", &[0, 1, 2, 3, 4, 5]), ("c:1", second)], &then).0, ["shrink", "continue"]);
        let halves = events(&[("c:2", &[0, 1, 2, 3]), ("c:3", &[4, 5, 6, 7]), ("c:1", second)], &then);
        assert_eq!((halves.0, halves.1), (vec!["split", "split", "continue"], vec![("c:0".into(), "split")]));
        let together = events(&[("c:0", &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])], &then);
        assert_eq!((together.0, together.1), (vec!["merge"], vec![("c:1".into(), "merge")]));
        // A few from each: nobody's piece.
        let mixed = events(&[("c:0", &[0, 1, 2, 3, 4, 5, 6]), ("c:2", &[7, 8, 9])], &then);
        assert_eq!((mixed.0, mixed.1), (vec!["continue", "birth"], vec![("c:1".into(), "death")]));
    }

    #[test]
    fn people_of_one_window_alone_do_not_count_for_what_is_same() {
        let mut labels = vec![Some(Some(0)); 4];
        labels.extend([None; 4]);
        let then = window(&labels);
        assert_eq!(same_community(&[0, 1, 2, 3, 4, 5, 6, 7], &then), Some("c:0"), "four joined the organization");
        assert_eq!(same_community(&[0, 1, 4, 5], &then), None, "2 of 4");
        assert_eq!(same_community(&[0, 1, 2, 5], &then), Some("c:0"), "3 of 4");
        // But they make it grow.
        let groups = [Group { grouping: COMMUNITY, silo_id: "c:0", members: &[0, 1, 2, 3, 4, 5, 6, 7] }];
        assert_eq!(follow(&groups, &then).events, [Event::Grow]);
    }

    type Set = BTreeSet<u32>;

    /// The definitions with sets, one pair of groups at a time.
    fn slow(now: &[Set], then: &[Set], common: &Set) -> (Vec<(usize, usize)>, Vec<bool>, Vec<bool>) {
        let on = |set: &Set| set.intersection(common).copied().collect::<Set>();
        let both = |n: &Set, o: &Set| on(n).intersection(o).count();
        let mut same = Vec::new();
        for (at, n) in now.iter().enumerate() {
            for (silo, o) in then.iter().enumerate() {
                if 2 * both(n, o) > on(n).union(o).count() {
                    same.push((at, silo));
                }
            }
        }
        let piece = |n: &Set, o: &Set| {
            both(n, o) > 0
                && both(n, o) as f64 >= 0.25 * o.len() as f64
                && both(n, o) as f64 >= 0.5 * on(n).len() as f64
        };
        let part = |n: &Set, o: &Set| {
            both(n, o) > 0
                && both(n, o) as f64 >= 0.25 * on(n).len() as f64
                && both(n, o) as f64 >= 0.5 * o.len() as f64
        };
        let split = now
            .iter()
            .map(|n| then.iter().any(|o| piece(n, o) && now.iter().filter(|other| piece(other, o)).count() > 1))
            .collect();
        let merged = now.iter().map(|n| then.iter().filter(|o| part(n, o)).count() > 1).collect();
        (same, split, merged)
    }

    proptest! {
        #[test]
        fn equals_the_definitions_and_a_match_is_unique(
            labels in vec((0..4u32, proptest::option::of(proptest::option::of(0..4u32))), 24),
        ) {
            let then = window(&labels.iter().map(|label| label.1).collect::<Vec<_>>());
            let now: Vec<Set> = (0..4).map(|group| (0..).zip(&labels).filter(|(_, l)| l.0 == group).map(|(p, _)| p).collect()).collect();
            let now: Vec<Set> = now.into_iter().filter(|set| !set.is_empty()).collect();
            let sets: Vec<Set> = then.silos.iter().map(|silo| silo.members.iter().copied().collect()).collect();
            let common: Set = (0..24).filter(|&person| then.was_member[person as usize]).collect();
            let (same, split, merged) = slow(&now, &sets, &common);
            let lists: Vec<Vec<u32>> = now.iter().map(|set| set.iter().copied().collect()).collect();
            for (at, list) in lists.iter().enumerate() {
                let expected: Vec<&str> = same.iter().filter(|pair| pair.0 == at).map(|pair| then.silos[pair.1].silo_id.as_str()).collect();
                prop_assert!(expected.len() <= 1);
                prop_assert_eq!(same_community(list, &then), expected.first().copied());
            }
            for silo in 0..sets.len() {
                prop_assert!(same.iter().filter(|pair| pair.1 == silo).count() <= 1);
            }
            let ids: Vec<String> = (0..lists.len()).map(|at| match same.iter().find(|pair| pair.0 == at) {
                Some(pair) => then.silos[pair.1].silo_id.clone(),
                None => format!("new:{at}"),
            }).collect();
            let groups: Vec<Group<'_>> = lists.iter().zip(&ids).map(|(members, silo_id)| Group { grouping: COMMUNITY, silo_id, members }).collect();
            let found = follow(&groups, &then);
            for at in 0..lists.len() {
                let event = found.events[at];
                prop_assert_eq!(event == Event::Split, split[at]);
                prop_assert_eq!(event == Event::Merge, merged[at] && !split[at]);
                if !split[at] && !merged[at] {
                    prop_assert_eq!(event == Event::Birth, ids[at].starts_with("new"));
                }
            }
            // Everything that was there goes on or has ended, once.
            prop_assert_eq!(found.ended.len() + same.len(), sets.len());
        }
    }
}
