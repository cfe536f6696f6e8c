//! Create: whether groups of people from several units begin to write to each other and keep it up.
//!
//! # Definition
//! A new group is a set of 3 to 8 people, sender and recipients of one message, of at least 2 units, that did not occur in
//! the 91 days before and is kept up: within 28 days at least 3 messages by at least 2 of them, the last at least 7 days
//! after the first. `new_groups_rate`: new groups in 91 days for every 100 people. `started_without_reports_share`: share of
//! them whose first message came from somebody without reports; expected: the share of such people among all who sent.
//!
//! # Undefined when
//! Not asked for (`[freedoms] create`): no row. Refused with under 100 people, under 200 sets that occur for the first time,
//! under 10 new groups, or without 91 days before the window's last 28.
//!
//! # Reading it
//! Report it as new working groups that formed across units, never as creativity. No interval. Known problems: a set whose
//! members change counts anew; answers to all with one more person are another set; groups that meet elsewhere are not seen.
//!
//! # Differs from
//! The reading of freedom in work groups of Edge, Larson et al. 2020, whose abstract has no formulas: nobody may say that
//! these are the same.
//!
//! # Cost, exactness
//! O(groups). Exact counts.
//!
//! # References
//! Edge et al. 2020, <https://doi.org/10.48550/arXiv.2005.00402>.

use super::rows::{Indicator, Numbers, Width};
use super::{Behind, CREATE, Freedoms, Subject, contributions};
use crosstie_model::tables::FreedomRow;
use crosstie_model::{Contribution, Grade, Measured, MetricSpec, NewGroup, NewGroups};

/// Catalogue entry.
pub(crate) const SPEC: MetricSpec = MetricSpec {
    page: include_str!("create.rs"),
    id: "new_groups_rate",
    table: "freedoms",
    columns: &["new_groups_rate", "started_without_reports_share"],
    question: "Do groups of people from several units begin to write to each other and keep it up?",
    formula: "new groups across units in 91 days for 100 people; share of them begun by people without reports",
    unit: "groups in 91 days for 100 people, share",
    range: (0.0, f64::INFINITY),
    undefined_when: "under 100 people, 200 first sets or 10 new groups, or fewer days than 91 before the last 28",
    grade: Grade::D,
    cannot_claim: CREATE,
    references: &["Edge et al. 2020, doi:10.48550/arXiv.2005.00402"],
};

/// Fewest people of the organization.
const PEOPLE_LEAST: usize = 100;
/// Fewest new groups.
const GROUPS_LEAST: usize = 10;
/// Days of a quarter.
const QUARTER: f64 = 91.0;

/// The rows; none where groups were not asked for.
pub(super) fn rows(freedoms: &Freedoms<'_>) -> Vec<Measured<FreedomRow>> {
    let Some(found) = freedoms.new_groups else { return Vec::new() };
    let people = freedoms.grouping.unit_of.len();
    let everybody = Subject { unit: None, people: (0..people as u32).collect() };
    let indicator = |name, by_tree| Indicator {
        freedom: "create",
        name,
        grade: SPEC.grade,
        cannot_claim: CREATE,
        by_tree,
        people_least: PEOPLE_LEAST,
        width: Width::None,
    };
    let (rate, share) = (indicator(SPEC.columns[0], false), indicator(SPEC.columns[1], true));
    if found.days_count == 0 {
        return vec![freedoms.no_data(&rate), freedoms.no_data(&share)];
    }
    let groups: Vec<&NewGroup> = found.groups.iter().filter(|group| freedoms.crosses(group)).collect();
    let has_groups = groups.len() >= GROUPS_LEAST;
    let numbers = Numbers {
        estimate: Some(rate_of(groups.len(), found, people)),
        people_count: people,
        events_count: found.sets_count,
        has_events: has_groups,
        ..Numbers::default()
    };
    let of_all = behind(groups.iter().copied(), people);
    let mut rows = vec![freedoms.row(&rate, &everybody, numbers, of_all)];

    let reports = freedoms.tree.map(|tree| tree.report_counts()).unwrap_or_default();
    let leads = |person: u32| reports.get(person as usize).is_some_and(|&count| count > 0);
    let (flagged, others): (Vec<&NewGroup>, Vec<&NewGroup>) = groups.iter().partition(|group| !leads(group.starter));
    let mut sends = vec![false; people];
    freedoms.ties.ties.iter().for_each(|tie| sends[tie.source as usize] = true);
    let senders = (0..people as u32).filter(|&person| sends[person as usize]);
    let without = senders.clone().filter(|&person| !leads(person)).count();
    let share_of = |part: usize, all: usize| (all > 0).then(|| part as f64 / all as f64);
    let numbers = Numbers {
        estimate: share_of(flagged.len(), groups.len()),
        expected: share_of(without, senders.count()),
        ..numbers
    };
    // The one part follows from the other and the whole, so the thinner one decides, and each is a sum.
    let parts = [&flagged, &others].map(|groups| behind(groups.iter().copied(), people));
    let thinner = usize::from(others.len() < flagged.len() && !others.is_empty());
    let Behind { side_a, side_b, .. } = parts[thinner].clone();
    let sums = [&flagged, &others].map(|groups| members(groups, people)).into();
    rows.push(freedoms.row(&share, &everybody, numbers, Behind { side_a, side_b, sums }));
    rows
}

/// New groups in a quarter for every 100 people.
fn rate_of(groups: usize, found: &NewGroups, people: usize) -> f64 {
    groups as f64 * (QUARTER / f64::from(found.days_count)) * (100.0 / people.max(1) as f64)
}

/// Who began, and who else belongs to the groups, each with how many.
fn behind<'g>(groups: impl Iterator<Item = &'g NewGroup>, people: usize) -> Behind {
    let (mut starters, mut others) = (vec![0; people], vec![0; people]);
    for group in groups {
        for &member in &group.members {
            let side = if member == group.starter { &mut starters } else { &mut others };
            side[member as usize] += 1;
        }
    }
    Behind::sides(contributions(&starters), contributions(&others))
}

/// Everybody of the groups with how many each belongs to.
fn members(groups: &[&NewGroup], people: usize) -> Vec<Contribution> {
    let mut counts = vec![0; people];
    groups.iter().flat_map(|group| &group.members).for_each(|&member| counts[member as usize] += 1);
    contributions(&counts)
}

impl Freedoms<'_> {
    /// Whether the members are of at least two units; people without one are of none.
    fn crosses(&self, group: &NewGroup) -> bool {
        let mut units = group.members.iter().filter_map(|&member| self.grouping.unit_of[member as usize]);
        units.next().is_some_and(|first| units.any(|unit| unit != first))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replicate::Draws;
    use crate::tree::Tree;
    use crate::{Graphs, MeasureParams};
    use crosstie_model::{Day, Grouping, Openers, Organization, WindowTies};

    const PEOPLE: u32 = 120;

    fn group(members: [u32; 3], starter: u32) -> NewGroup {
        NewGroup { members: members.into(), day: Day(0), starter }
    }

    /// 120 people in units of 10; person 0 manages all others. Everybody from 20 on sends something.
    fn rows_of(found: Option<&NewGroups>, has_tree: bool) -> Vec<Measured<FreedomRow>> {
        let organization = Organization {
            manager_of: (0..PEOPLE).map(|person| (person > 0).then_some(0)).collect(),
            has_reporting_lines: has_tree,
            stream_of: (0..PEOPLE.into()).collect(),
        };
        let labels: Vec<Option<String>> = (0..PEOPLE).map(|person| Some(format!("u{}", person / 10))).collect();
        let grouping = Grouping::from_labels("unit", &labels);
        let sent: Vec<_> = (20..PEOPLE).chain([0]).map(|person| (0, person, 1, 1 << 20)).collect();
        let ties: WindowTies = crate::expectation::tests::ties_of(&sent);
        let tree = Tree::new(&organization);
        let graphs = Graphs::new(PEOPLE as usize, &ties, 1);
        let params = MeasureParams::TESTED;
        let draws = Draws::new(&organization, 1, 1);
        let openers = Openers::default();
        rows(&Freedoms {
            grouping: &grouping,
            tree: tree.as_ref(),
            hierarchy: None,
            graphs: &graphs,
            ties: &ties,
            openers: &openers,
            openers_of_units: &[],
            new_groups: found,
            draws: &draws,
            units: &[],
            organization: &[],
            coverage_gap: false,
            self_test_failed: false,
            params: &params,
        })
    }

    /// Twelve groups across units, three of them begun by the manager, and one within a unit.
    fn found() -> NewGroups {
        let across = |number: u32| match number {
            0..3 => group([0, 30 + number, 40 + number], 0),
            _ => group([30 + number, 40 + number, 50 + number], 30 + number),
        };
        let groups = (0..12).map(across).chain([group([60, 61, 62], 60)]).collect();
        NewGroups { days_count: 64, sets_count: 1000, groups }
    }

    #[test]
    fn groups_across_units_are_counted() {
        let rows = rows_of(Some(&found()), true);
        let [rate, share] = &rows[..] else { panic!("two rows") };
        assert_eq!((rate.row.evidence.as_str(), rate.row.grade.as_str()), ("enough", "D"));
        assert!((rate.row.estimate.unwrap() - 12.0 * 91.0 / 64.0 / 1.2).abs() < 1e-12);
        assert_eq!((rate.row.low, rate.row.high, rate.row.expected), (None, None, None));
        assert_eq!((rate.row.events_count, share.row.events_count), (Some(1000), Some(1000)));
        assert_eq!(share.row.estimate, Some(9.0 / 12.0));
        assert_eq!(share.row.expected, Some(100.0 / 101.0), "of those who sent, all but the manager have no reports");
        assert!(rows.iter().all(|row| row.row.cannot_claim == CREATE && row.row.unit == "(all)"));
        // Behind the share stands the thinner part: three groups that one person began.
        assert_eq!(share.side_a, [Contribution { person: 0, units: 3 }]);
        assert_eq!((rate.side_a.len(), share.sums.len()), (10, 2));
        assert_eq!(share.sums.iter().flatten().map(|part| part.units).sum::<u64>(), 36);
    }

    #[test]
    fn too_little_is_refused_and_nothing_asked_is_no_row() {
        let evidence = |found: &NewGroups, has_tree: bool| -> Vec<String> {
            let rows = rows_of(Some(found), has_tree);
            assert!(rows.iter().all(|row| row.row.evidence == "enough" || row.row.estimate.is_none()));
            rows.into_iter().map(|row| row.row.evidence).collect()
        };
        assert_eq!(evidence(&found(), false), ["enough", "no_data"]);
        assert_eq!(evidence(&NewGroups { sets_count: 199, ..found() }, true), ["few_events", "few_events"]);
        let mut few = found();
        few.groups.truncate(9);
        assert_eq!(evidence(&few, true), ["few_events", "few_events"]);
        assert_eq!(evidence(&NewGroups::default(), true), ["no_data", "no_data"]);
        assert!(rows_of(None, true).is_empty());
    }
}
