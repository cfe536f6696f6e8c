//! The directory on the run's date: who is a member, in which unit, under whom.

use crate::plan::UnitRule;
use crosstie_ingest::{Directory, DirectoryPerson, Interval, looks_like_an_address};
use crosstie_measure::Tree;
use crosstie_model::{Day, Grouping, KeyedHash, Organization};
use crosstie_privacy::{branch_label, coded_label, roll_up};

/// The members of a day. Indices are ranks of person keys.
#[derive(Clone, Debug)]
pub struct Members {
    /// Reporting lines and random streams.
    pub organization: Organization,
    /// Units as the directory has them.
    pub units: Grouping,
    /// Units after small ones were rolled up.
    pub shown_units: Grouping,
    /// Further groupings, small units rolled up, by the names under `compare`.
    pub compare: Vec<Grouping>,
    /// The member that each person of the directory is.
    pub member_of: Vec<Option<u32>>,
    /// The person of the directory that each member is.
    pub person_of: Vec<usize>,
    /// Members whose manager is no member on that day; they got that manager's own.
    pub manager_left_count: u64,
    /// Labels that named a person and were replaced.
    pub coded_labels_count: u64,
}

/// How members are divided.
#[derive(Clone, Copy, Debug)]
pub struct Grouped<'a> {
    /// `None` for a column, else the level of the branches.
    pub branch_level: Option<u32>,
    /// Groupings beside the units.
    pub compare: &'a [Compared],
    /// People below which a unit is rolled up.
    pub min_people: usize,
}

/// The members on `date`.
#[must_use]
pub fn members(
    directory: &Directory,
    date: Day,
    grouped: Grouped<'_>,
    opted_out: &[bool],
    keyed: &dyn KeyedHash,
) -> Members {
    let Grouped { branch_level, compare, min_people } = grouped;
    let people = &directory.people;
    // Who opted out stays a step of the tree, as somebody who left does, and is nothing else.
    let has_opted_out = |person: usize| opted_out.get(person).copied().unwrap_or(false);
    let is_member = |person: &usize| people[*person].is_member(date) && !has_opted_out(*person);
    let person_of: Vec<usize> = (0..people.len()).filter(is_member).collect();
    let mut member_of = vec![None; people.len()];
    for (member, &person) in (0..).zip(&person_of) {
        member_of[person] = Some(member);
    }
    let mut manager_left_count = 0;
    let manager_of = person_of
        .iter()
        .map(|&person| {
            let (manager, passed) = next_member(people, &member_of, person, date);
            manager_left_count += u64::from(passed);
            manager
        })
        .collect();
    let organization = Organization {
        manager_of,
        has_reporting_lines: directory.has_reporting_lines,
        stream_of: person_of.iter().map(|&person| stream(&people[person].key)).collect(),
    };
    let mut coded_labels_count = 0;
    let tree = Tree::new(&organization);
    let branches = |level: u32, tree: &Tree| -> Vec<Option<String>> {
        let head = |member: u32| &people[person_of[tree.ancestor_at_level(member, level) as usize]].key;
        (0..person_of.len() as u32).map(|member| Some(branch_label(keyed, head(member)))).collect()
    };
    let mut column = |of: &dyn Fn(&Interval) -> Option<String>| -> Vec<Option<String>> {
        let labels = person_of.iter().map(|&person| people[person].on(date).and_then(of));
        let checked = labels.map(|label| {
            label.map(|label| {
                if looks_like_an_address(&label) || directory.names_somebody(&label) {
                    coded_labels_count += 1;
                    coded_label(keyed, &label)
                } else {
                    label
                }
            })
        });
        checked.collect()
    };
    let labels: Vec<Option<String>> = match (branch_level, &tree) {
        (Some(level), Some(tree)) => branches(level, tree),
        _ => column(&|interval| interval.unit.clone()),
    };
    let compare = compare
        .iter()
        .map(|compared| {
            let labels = match (&compared.rule, &tree) {
                (UnitRule::Branch(level), Some(tree)) => branches(*level, tree),
                (UnitRule::Branch(_), None) => vec![None; person_of.len()],
                (UnitRule::Column, _) => column(&|interval| interval.labels.get(compared.column).cloned().flatten()),
            };
            Grouping::from_labels(&compared.name, &roll_up(&labels, min_people))
        })
        .collect();
    Members {
        shown_units: Grouping::from_labels("unit", &roll_up(&labels, min_people)),
        units: Grouping::from_labels("unit", &labels),
        compare,
        organization,
        member_of,
        person_of,
        manager_left_count,
        coded_labels_count,
    }
}

/// A grouping beside the units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    /// Its name in tables: the column, or `branch:2`.
    pub name: String,
    /// What it is made of.
    pub(crate) rule: UnitRule,
    /// Its place among the columns that the directory keeps.
    pub(crate) column: usize,
}

/// The nearest manager upward who is a member, and whether others were passed. Circles were cut before.
fn next_member(people: &[DirectoryPerson], member_of: &[Option<u32>], person: usize, date: Day) -> (Option<u32>, bool) {
    let mut at = people[person].manager_on(date);
    let mut passed = false;
    while let Some(manager) = at {
        if let Some(member) = member_of[manager as usize] {
            return (Some(member), passed);
        }
        passed = true;
        at = people[manager as usize].manager_on(date);
    }
    (None, passed)
}

/// Names a person's random stream; never written.
fn stream(key: &str) -> u64 {
    let hash = blake3::hash(key.as_bytes());
    let bytes = hash.as_bytes();
    u64::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7]])
}

impl UnitRule {
    pub(crate) fn branch_level(&self) -> Option<u32> {
        match self {
            UnitRule::Column => None,
            UnitRule::Branch(level) => Some(*level),
        }
    }
}
