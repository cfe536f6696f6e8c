//! Contact along and across the reporting tree, against what the activity of the people gives.
//!
//! # Definition
//! From sender i climb `up` steps to the lowest common ancestor, then `down` to recipient j. For each relation,
//! `lift = weight_share / expected_share`, the expectation being the permutation's summed over the relation's pairs;
//! `dyad_lift` divides by the share of ordered pairs instead, which books the activity of managers to the hierarchy.
//!
//! The interval is the bootstrap's, centred on the estimate on a log scale (see ADR 0003).
//!
//! # Undefined when
//! No pair of people stands in the relation, or chance gives it nothing.
//! `distance_slope`: the least-squares slope of ln(share of pairs with contact) on distance 1 to 6; under three distances.
//!
//! # Reading it
//! 1: the relation carries what the activity of its people gives. Managers write and receive more with everyone, which
//! `dyad_lift` books to the hierarchy and `lift` does not. Known problem: a tree that HR keeps late is read as it stands.
//!
//! # Differs from
//! Counts of pairs in contact; assortativity by level, which has one number for all relations.
//!
//! # Cost, exactness
//! O(replicates · (slots + strata · people)); all pairs of people are never visited, see `path_sums`. Exact integers.
//!
//! # References
//! Krackhardt & Hanson 1993, Harvard Business Review 71(4), ISSN 0017-8012; Watts, Dodds & Newman 2002,
//! <https://doi.org/10.1126/science.1070120> (decay with distance).

use crate::MeasureParams;
use crate::activity::each_week;
use crate::interval::{Interval, finite};
use crate::path_sums::{Climb, path_sums};
use crate::replicate::{Activity, Draws, LANES, Lanes, Statistic, add, bootstrap};
use crate::tree::{Path, Tree};
use crosstie_model::num::ln;
use crosstie_model::tables::HierarchyRow;
use crosstie_model::{Contribution, Grade, Measured, MetricSpec, Organization, WindowTie, WindowTies};
use std::collections::BTreeMap;

/// Catalogue entry.
pub(crate) const SPEC: MetricSpec = MetricSpec {
    page: include_str!("hierarchy.rs"),
    id: "hierarchy_lift",
    table: "hierarchy",
    columns: &[
        "tie_count",
        "weight_share",
        "expected_share",
        "lift",
        "lift_low",
        "lift_high",
        "dyad_share",
        "dyad_lift",
    ],
    question: "How much contact runs along and across reporting lines, beyond what activity gives?",
    formula: "weight_share / expected_share",
    unit: "ratio",
    range: (0.0, f64::INFINITY),
    undefined_when: "no pair of people stands in the relation",
    grade: Grade::B,
    cannot_claim: "that contact along the hierarchy is an order, or contact across it free",
    references: &["Krackhardt & Hanson 1993, Harvard Business Review 71(4), ISSN 0017-8012"],
};

/// Catalogue entry of the decay with distance.
pub(crate) const SLOPE_SPEC: MetricSpec = MetricSpec {
    page: include_str!("hierarchy.rs"),
    id: "distance_slope",
    table: "organization",
    columns: &["distance_slope"],
    question: "How fast does contact fade with distance in the reporting tree?",
    formula: "least-squares slope of ln P(weight > 0 | distance) over distances 1 to 6",
    unit: "1 / step",
    range: (f64::NEG_INFINITY, f64::INFINITY),
    undefined_when: "no reporting lines, or contact at fewer than 3 distances",
    grade: Grade::B,
    cannot_claim: "that distance keeps people apart",
    references: &["Watts, Dodds & Newman 2002, doi:10.1126/science.1070120"],
};

/// How a sender stands to a recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relation {
    /// One step down.
    ManagerToReport,
    /// One step up.
    ReportToManager,
    /// Same manager.
    Siblings,
    /// Two or more steps up.
    SkipUp,
    /// Two or more steps down.
    SkipDown,
    /// Anything else in one tree.
    CrossBranch,
    /// Different trees.
    OtherTree,
}

impl Relation {
    /// Of a path; `None` is another tree.
    #[must_use]
    pub fn of(path: Option<Path>) -> Relation {
        match path.map(|path| (path.up, path.down)) {
            Some((0, 1)) => Relation::ManagerToReport,
            Some((1, 0)) => Relation::ReportToManager,
            Some((1, 1)) => Relation::Siblings,
            Some((_, 0)) => Relation::SkipUp,
            Some((0, _)) => Relation::SkipDown,
            Some(_) => Relation::CrossBranch,
            None => Relation::OtherTree,
        }
    }

    /// Its name in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Relation::ManagerToReport => "manager_to_report",
            Relation::ReportToManager => "report_to_manager",
            Relation::Siblings => "siblings",
            Relation::SkipUp => "skip_up",
            Relation::SkipDown => "skip_down",
            Relation::CrossBranch => "cross_branch",
            Relation::OtherTree => "other_tree",
        }
    }

    /// Whether it lies on the chain of command.
    #[must_use]
    pub const fn is_on_the_chain(self) -> bool {
        matches!(self, Relation::ManagerToReport | Relation::ReportToManager | Relation::SkipUp | Relation::SkipDown)
    }
}

/// The rows of a table: seven relations, then six distances.
const ROWS: [(&str, Option<i64>); 13] = [
    ("manager_to_report", Some(1)),
    ("report_to_manager", Some(1)),
    ("siblings", Some(2)),
    ("skip_up", None),
    ("skip_down", None),
    ("cross_branch", None),
    ("other_tree", None),
    ("distance_1", Some(1)),
    ("distance_2", Some(2)),
    ("distance_3", Some(3)),
    ("distance_4", Some(4)),
    ("distance_5", Some(5)),
    ("distance_6_up", None),
];

/// The rows that a path counts for.
fn rows_of(path: Option<Path>) -> impl Iterator<Item = usize> {
    let relation = Relation::of(path) as usize;
    let distance = path.map(|path| 6 + ((path.up + path.down) as usize).clamp(1, 6));
    std::iter::once(relation).chain(distance)
}

/// Contact by relation, and how it decays with distance.
#[derive(Clone, Debug)]
pub struct Hierarchy {
    /// A row a relation and distance that pairs of people stand in.
    pub rows: Vec<Measured<HierarchyRow>>,
    /// Share of ordered pairs with contact at distance 1 to 6; `None` without pairs.
    pub contact_shares: [Option<f64>; 6],
    /// Least-squares slope of their logarithms; `None` with under 3 points.
    pub distance_slope: Option<f64>,
}

/// Weight and expectation by row, in `N` replicates.
pub(crate) struct Sums<const N: usize> {
    weight: [[u64; N]; ROWS.len()],
    expected: [[f64; N]; ROWS.len()],
    weight_all: [u64; N],
    expected_all: [f64; N],
}

impl<const N: usize> Sums<N> {
    fn new() -> Sums<N> {
        let (weight, expected) = ([[0; N]; ROWS.len()], [[0.0; N]; ROWS.len()]);
        Sums { weight, expected, weight_all: [0; N], expected_all: [0.0; N] }
    }

    #[inline(always)]
    fn add_tie(&mut self, rows: TieRows, units: &[u64; N]) {
        add(&mut self.weight[usize::from(rows.relation)], units);
        if let Some(distance) = rows.distance {
            add(&mut self.weight[usize::from(distance)], units);
        }
    }

    fn add_stratum(&mut self, climb: &Climb<'_>, sent: &[[u64; N]], received: &[[u64; N]], slot_count: [u64; N]) {
        let slots = slot_count.map(|slots| slots.max(1) as f64);
        for (path, products) in path_sums(climb, sent, received) {
            let expected: [f64; N] = std::array::from_fn(|lane| products[lane] as f64 / slots[lane]);
            for row in rows_of(path) {
                (0..N).for_each(|lane| self.expected[row][lane] += expected[lane]);
            }
            (0..N).for_each(|lane| self.expected_all[lane] += expected[lane]);
        }
    }

    fn lift(&self, row: usize, lane: usize) -> Option<f64> {
        let (weight, all) = (self.weight[row][lane], self.weight_all[lane]);
        let expected = self.expected[row][lane] / self.expected_all[lane];
        (all > 0 && expected > 0.0).then(|| weight as f64 / all as f64 / expected)
    }
}

/// The rows that a tie counts for.
#[derive(Clone, Copy)]
struct TieRows {
    relation: u8,
    distance: Option<u8>,
}

/// What the bootstrap sums by relation and distance.
pub(crate) struct RelationStatistic<'a> {
    climb: Climb<'a>,
    /// They do not change over replicates.
    rows_of_tie: Vec<TieRows>,
}

impl<'a> RelationStatistic<'a> {
    pub(crate) fn new(tree: &'a Tree, ties: &WindowTies) -> RelationStatistic<'a> {
        let rows_of_tie = |tie: &WindowTie| {
            let mut rows = rows_of(tree.path(tie.source, tie.target)).map(|row| row as u8);
            TieRows { relation: rows.next().unwrap_or(0), distance: rows.next() }
        };
        RelationStatistic { climb: Climb::new(tree), rows_of_tie: ties.ties.iter().map(rows_of_tie).collect() }
    }

    /// The sums of the window as it is.
    fn observed(&self, ties: &WindowTies, people_count: usize) -> Sums<1> {
        let mut sums = Sums::new();
        for (tie, &rows) in ties.ties.iter().zip(&self.rows_of_tie) {
            sums.add_tie(rows, &[tie.weight.units()]);
            sums.weight_all[0] += tie.weight.units();
        }
        let single = |sums: &[u64]| sums.iter().map(|&sum| [sum]).collect::<Vec<_>>();
        each_week(ties, people_count, |week| {
            sums.add_stratum(&self.climb, &single(week.sent), &single(week.received), [week.slot_count]);
        });
        sums
    }
}

impl Statistic for RelationStatistic<'_> {
    type Sums = Sums<LANES>;

    fn start(&self) -> Self::Sums {
        Sums::new()
    }

    #[inline(always)]
    fn add_ties(&self, sums: &mut Self::Sums, first: usize, _: &[WindowTie], units: &[Lanes<u64>]) {
        let mut all = [0; LANES];
        for (&rows, units) in self.rows_of_tie[first..].iter().zip(units) {
            add(&mut all, units);
            sums.add_tie(rows, units);
        }
        add(&mut sums.weight_all, &all);
    }

    fn add_stratum(&self, sums: &mut Self::Sums, activity: &Activity<'_>) {
        sums.add_stratum(&self.climb, activity.sent, activity.received, activity.slot_count);
    }
}

/// Measures contact by relation.
#[must_use]
pub fn hierarchy(organization: &Organization, tree: &Tree, ties: &WindowTies, params: &MeasureParams) -> Hierarchy {
    let draws = Draws::new(organization, params.seed, params.replicates);
    let statistic = RelationStatistic::new(tree, ties);
    let sums = bootstrap(ties, &draws, &statistic);
    hierarchy_of(organization, tree, ties, &statistic, &draws, &sums.iter().collect::<Vec<_>>())
}

/// The same from the sums of its statistic over `draws`.
pub(crate) fn hierarchy_of(
    organization: &Organization,
    tree: &Tree,
    ties: &WindowTies,
    statistic: &RelationStatistic<'_>,
    draws: &Draws,
    replicates: &[&Sums<LANES>],
) -> Hierarchy {
    let (sums, Touching { tie_counts, sides, ties_of, at_distance: touching }) =
        rayon::join(|| statistic.observed(ties, organization.len()), || Touching::of(ties, tree, organization.len()));
    let lifts: Vec<[Option<f64>; ROWS.len()]> = (0..draws.count())
        .map(|replicate| std::array::from_fn(|row| replicates[replicate / LANES].lift(row, replicate % LANES)))
        .collect();
    let ones = vec![[1]; organization.len()];
    let mut dyads = [0u128; ROWS.len()];
    let mut at_distance = BTreeMap::new();
    for (path, [count]) in path_sums(&statistic.climb, &ones, &ones) {
        rows_of(path).for_each(|row| dyads[row] += count);
        if let Some(path) = path.filter(|_| count > 0) {
            *at_distance.entry(path.up + path.down).or_insert(0u128) += count;
        }
    }
    let people = organization.len() as f64;
    let all_dyads = people * (people - 1.0);
    let rows = (0..ROWS.len())
        .filter(|&row| dyads[row] > 0)
        .map(|row| {
            let (relation, tree_distance) = ROWS[row];
            let lift = sums.lift(row, 0);
            let interval = lift
                .and_then(|lift| Interval::centred(lift, lifts.iter().map(|lifts| lifts[row])))
                .filter(|interval| !interval.is_undefined());
            let weight_share = (sums.weight_all[0] > 0).then(|| sums.weight[row][0] as f64 / sums.weight_all[0] as f64);
            let dyad_share = dyads[row] as f64 / all_dyads;
            let contributions = |side: &[u64]| {
                let of_person = |(person, &units): (u32, &u64)| Contribution { person, units };
                (0..).zip(side).filter(|(_, units)| **units > 0).map(of_person).collect()
            };
            Measured {
                side_a: contributions(&sides[row].0),
                side_b: contributions(&sides[row].1),
                sums: vec![contributions(&ties_of[row])],
                row: HierarchyRow {
                    relation: relation.into(),
                    tree_distance,
                    tie_count: Some(tie_counts[row] as i64),
                    weight_share,
                    expected_share: (sums.expected_all[0] > 0.0).then(|| sums.expected[row][0] / sums.expected_all[0]),
                    lift,
                    lift_low: interval.and_then(|interval| finite(interval.low)),
                    lift_high: interval.and_then(|interval| finite(interval.high)),
                    dyad_share: Some(dyad_share),
                    dyad_lift: weight_share.map(|share| share / dyad_share),
                    as_of: None,
                },
            }
        })
        .collect();
    let contact_shares = std::array::from_fn(|at| {
        let distance = at as u32 + 1;
        let pairs = *at_distance.get(&distance)? as f64;
        Some(touching.get(&distance).copied().unwrap_or(0) as f64 / pairs)
    });
    Hierarchy { rows, contact_shares, distance_slope: slope(&contact_shares) }
}

/// The ties of each row, and who stands behind them.
struct Touching {
    tie_counts: [u64; ROWS.len()],
    /// Weight by sender, and by recipient.
    sides: Vec<(Vec<u64>, Vec<u64>)>,
    /// Ties of each person.
    ties_of: Vec<Vec<u64>>,
    /// Ties by distance in the tree.
    at_distance: BTreeMap<u32, u64>,
}

impl Touching {
    fn of(ties: &WindowTies, tree: &Tree, people: usize) -> Touching {
        let mut out = Touching {
            tie_counts: [0; ROWS.len()],
            sides: vec![(vec![0; people], vec![0; people]); ROWS.len()],
            ties_of: vec![vec![0; people]; ROWS.len()],
            at_distance: BTreeMap::new(),
        };
        for tie in &ties.ties {
            let path = tree.path(tie.source, tie.target);
            let (source, target) = (tie.source as usize, tie.target as usize);
            for row in rows_of(path) {
                out.tie_counts[row] += 1;
                out.sides[row].0[source] += tie.weight.units();
                out.sides[row].1[target] += tie.weight.units();
                [source, target].into_iter().for_each(|person| out.ties_of[row][person] += 1);
            }
            if let Some(path) = path {
                *out.at_distance.entry(path.up + path.down).or_insert(0) += 1;
            }
        }
        out
    }
}

/// Least squares of ln(share) on distance, unweighted.
pub(crate) fn slope(shares: &[Option<f64>; 6]) -> Option<f64> {
    let points: Vec<(f64, f64)> = (1..)
        .zip(shares)
        .filter_map(|(distance, share)| Some((f64::from(distance), ln(share.filter(|&share| share > 0.0)?))))
        .collect();
    if points.len() < 3 {
        return None;
    }
    let count = points.len() as f64;
    let mean_x = points.iter().map(|point| point.0).sum::<f64>() / count;
    let mean_y = points.iter().map(|point| point.1).sum::<f64>() / count;
    let covariance: f64 = points.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
    let variance: f64 = points.iter().map(|(x, _)| (x - mean_x).powi(2)).sum();
    Some(covariance / variance)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expectation::tests::ties_of;
    use crate::replicate::tests::window_of;
    use crate::tree::tests::organization;
    use proptest::{collection::vec, prelude::*};

    proptest! {
        /// Bit for bit what a window gives in which every slot stands as often as it is drawn.
        #[test]
        fn a_lane_is_the_sum_over_the_drawn_window(
            managers in vec(-1..9i32, 9),
            rows in vec((0..3u32, 0..9u32, 0..9u32, 1..1u32 << 20), 0..60),
            seed: u64,
        ) {
            // A manager with a smaller index makes no circle.
            let managers: Vec<i32> = (0..).zip(managers).map(|(ix, manager)| if manager < ix { manager } else { -1 }).collect();
            let organization = organization(&managers);
            let tree = Tree::new(&organization).unwrap();
            let ties = ties_of(&rows);
            let statistic = RelationStatistic::new(&tree, &ties);
            let draws = Draws::new(&organization, seed, 20);
            let sums = bootstrap(&ties, &draws, &statistic);
            for replicate in 0..20 {
                let (sums, lane) = (&sums[replicate / LANES], replicate % LANES);
                let slow = statistic.observed(&window_of(&ties, &draws, replicate), 9);
                prop_assert_eq!((sums.weight_all[lane], sums.expected_all[lane]), (slow.weight_all[0], slow.expected_all[0]));
                for row in 0..ROWS.len() {
                    prop_assert_eq!(sums.weight[row][lane], slow.weight[row][0]);
                    prop_assert_eq!(sums.expected[row][lane].to_bits(), slow.expected[row][0].to_bits());
                    prop_assert_eq!(sums.lift(row, lane), slow.lift(row, 0));
                }
            }
        }
    }

    #[test]
    fn the_slope_of_an_exact_decay() {
        let halving = std::array::from_fn(|at| Some(0.5f64.powi(at as i32)));
        assert!((slope(&halving).unwrap() + std::f64::consts::LN_2).abs() < 1e-12);
        assert_eq!(slope(&[Some(0.5), Some(0.2), None, Some(0.0), None, None]), None);
    }
}
