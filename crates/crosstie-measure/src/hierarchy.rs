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
//!
//! # Cost, exactness
//! Sums a person, ancestor and depth give the expectation without all pairs: with `hist_a[k]` the sum over
//! descendants of a at depth k, pairs at (u, d) with lowest common ancestor a are `hist_a[u] hist_a[d]` less the same
//! over each child at (u-1, d-1). Exact integers.

use crate::MeasureParams;
use crate::replicate::{Interval, each_week, finite, replicates};
use crate::tree::{Path, Tree};
use crosstie_model::num::ln;
use crosstie_model::tables::HierarchyRow;
use crosstie_model::{Contribution, Grade, Measured, MetricSpec, Organization, WindowTies};
use std::collections::BTreeMap;

/// Catalogue entry.
pub(crate) const SPEC: MetricSpec = MetricSpec {
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

/// Weight and expectation by row.
struct Sums {
    weight: [u64; ROWS.len()],
    expected: [f64; ROWS.len()],
    weight_all: u64,
    expected_all: f64,
}

impl Sums {
    fn lift(&self, row: usize) -> Option<f64> {
        let expected = self.expected[row] / self.expected_all;
        (self.weight_all > 0 && expected > 0.0).then(|| self.weight[row] as f64 / self.weight_all as f64 / expected)
    }
}

/// Measures contact by relation.
#[must_use]
pub fn hierarchy(organization: &Organization, tree: &Tree, ties: &WindowTies, params: &MeasureParams) -> Hierarchy {
    // The rows of each weekly tie do not change over replicates.
    let path_of: Vec<Option<Path>> = ties.weekly.iter().map(|row| tree.path(row.source, row.target)).collect();
    let sums = sums(tree, ties, &path_of, None);
    let draws: Vec<[Option<f64>; ROWS.len()]> =
        replicates(organization, params.seed, params.replicates, |multiplicity| {
            let sums = self::sums(tree, ties, &path_of, Some(multiplicity));
            std::array::from_fn(|row| sums.lift(row))
        });
    let ones = vec![1; organization.len()];
    let mut dyads = [0u128; ROWS.len()];
    let mut at_distance = BTreeMap::new();
    for (path, count) in pair_sums(tree, &ones, &ones) {
        rows_of(path).for_each(|row| dyads[row] += count);
        if let Some(path) = path {
            *at_distance.entry(path.up + path.down).or_insert(0u128) += count;
        }
    }
    let mut tie_counts = [0u64; ROWS.len()];
    let mut sides: Vec<(BTreeMap<u32, u64>, BTreeMap<u32, u64>)> = vec![Default::default(); ROWS.len()];
    let mut touching = BTreeMap::new();
    for tie in &ties.ties {
        let path = tree.path(tie.source, tie.target);
        for row in rows_of(path) {
            tie_counts[row] += 1;
            *sides[row].0.entry(tie.source).or_default() += tie.weight.units();
            *sides[row].1.entry(tie.target).or_default() += tie.weight.units();
        }
        if let Some(path) = path {
            *touching.entry(path.up + path.down).or_insert(0u64) += 1;
        }
    }
    let people = organization.len() as f64;
    let all_dyads = people * (people - 1.0);
    let rows = (0..ROWS.len())
        .filter(|&row| dyads[row] > 0)
        .map(|row| {
            let (relation, tree_distance) = ROWS[row];
            let interval = sums
                .lift(row)
                .and_then(|lift| Interval::centred(lift, draws.iter().map(|draw| draw[row])))
                .filter(|interval| !interval.is_undefined());
            let weight_share = (sums.weight_all > 0).then(|| sums.weight[row] as f64 / sums.weight_all as f64);
            let dyad_share = dyads[row] as f64 / all_dyads;
            let contributions = |side: &BTreeMap<u32, u64>| {
                side.iter().map(|(&person, &units)| Contribution { person, units }).collect()
            };
            Measured {
                side_a: contributions(&sides[row].0),
                side_b: contributions(&sides[row].1),
                row: HierarchyRow {
                    relation: relation.into(),
                    tree_distance,
                    tie_count: Some(tie_counts[row] as i64),
                    weight_share,
                    expected_share: (sums.expected_all > 0.0).then(|| sums.expected[row] / sums.expected_all),
                    lift: sums.lift(row),
                    lift_low: interval.and_then(|interval| finite(interval.low)),
                    lift_high: interval.and_then(|interval| finite(interval.high)),
                    dyad_share: Some(dyad_share),
                    dyad_lift: weight_share.map(|share| share / dyad_share),
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

/// Least squares of ln(share) on distance, unweighted.
fn slope(shares: &[Option<f64>; 6]) -> Option<f64> {
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

fn sums(tree: &Tree, ties: &WindowTies, path_of: &[Option<Path>], multiplicity: Option<&[u8]>) -> Sums {
    let mut sums = Sums { weight: [0; ROWS.len()], expected: [0.0; ROWS.len()], weight_all: 0, expected_all: 0.0 };
    let people_count = tree.top_down().len();
    for (row, &path) in ties.weekly.iter().zip(path_of) {
        let times = multiplicity.map_or(1, |m| u64::from(m[row.source as usize]) * u64::from(m[row.target as usize]));
        let units = row.weight.units() * times;
        rows_of(path).for_each(|at| sums.weight[at] += units);
        sums.weight_all += units;
    }
    each_week(ties, people_count, multiplicity, |week| {
        let slots = week.slot_count as f64;
        for (path, product) in pair_sums(tree, week.sent, week.received) {
            let expected = product as f64 / slots;
            rows_of(path).for_each(|row| sums.expected[row] += expected);
            sums.expected_all += expected;
        }
    });
    sums
}

/// Sum over ordered pairs (i, j), i not j, of `s_i c_j`, by path; `None` is another tree. Sorted by path.
fn pair_sums(tree: &Tree, s: &[u64], c: &[u64]) -> BTreeMap<Option<Path>, u128> {
    let mut sums: BTreeMap<Option<Path>, u128> = BTreeMap::new();
    // `below[a]`: sums of s and c over descendants of a by depth, a itself at depth 0.
    let mut below: Vec<Vec<(u64, u64)>> = s.iter().zip(c).map(|(&s, &c)| vec![(s, c)]).collect();
    let mut reported: Vec<BTreeMap<(u32, u32), u128>> = vec![BTreeMap::new(); s.len()];
    for &person in tree.top_down().iter().rev() {
        let own = std::mem::take(&mut below[person as usize]);
        let through_reports = std::mem::take(&mut reported[person as usize]);
        for (up, &(sent, _)) in (0..).zip(&own) {
            for (down, &(_, received)) in (0..).zip(&own) {
                let product = u128::from(sent) * u128::from(received);
                if let Some(manager) = tree.manager(person) {
                    // Pairs below one report have a lower common ancestor than the manager.
                    *reported[manager as usize].entry((up + 1, down + 1)).or_default() += product;
                }
                if (up, down) != (0, 0) {
                    let lower = through_reports.get(&(up, down)).copied().unwrap_or(0);
                    *sums.entry(Some(Path { up, down })).or_default() += product - lower;
                }
            }
        }
        if let Some(manager) = tree.manager(person) {
            let above = &mut below[manager as usize];
            if above.len() < own.len() + 1 {
                above.resize(own.len() + 1, (0, 0));
            }
            for (depth, (sent, received)) in own.into_iter().enumerate() {
                above[depth + 1].0 += sent;
                above[depth + 1].1 += received;
            }
        }
    }
    let total = |values: &[u64]| values.iter().map(|&value| u128::from(value)).sum::<u128>();
    let to_oneself: u128 = s.iter().zip(c).map(|(&s, &c)| u128::from(s) * u128::from(c)).sum();
    let within: u128 = sums.values().sum();
    sums.insert(None, total(s) * total(c) - to_oneself - within);
    sums.retain(|_, sum| *sum > 0);
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::tests::organization;
    use proptest::{collection::vec, prelude::*};

    proptest! {
        /// Sums by ancestor and depth equal the sums over all pairs.
        #[test]
        fn pair_sums_equal_all_pairs(
            managers in vec(-1..12i32, 12), s in vec(0..9u64, 12), c in vec(0..9u64, 12),
        ) {
            // A manager with a smaller index makes no circle.
            let managers: Vec<i32> = (0..).zip(managers).map(|(ix, manager)| if manager < ix { manager } else { -1 }).collect();
            let tree = Tree::new(&organization(&managers)).unwrap();
            let mut slow: BTreeMap<Option<Path>, u128> = BTreeMap::new();
            for i in 0..12u32 {
                for j in (0..12).filter(|&j| j != i) {
                    *slow.entry(tree.path(i, j)).or_default() += u128::from(s[i as usize] * c[j as usize]);
                }
            }
            slow.retain(|_, sum| *sum > 0);
            prop_assert_eq!(pair_sums(&tree, &s, &c), slow);
        }
    }

    #[test]
    fn the_slope_of_an_exact_decay() {
        let halving = std::array::from_fn(|at| Some(0.5f64.powi(at as i32)));
        assert!((slope(&halving).unwrap() + std::f64::consts::LN_2).abs() < 1e-12);
        assert_eq!(slope(&[Some(0.5), Some(0.2), None, Some(0.0), None, None]), None);
    }
}
