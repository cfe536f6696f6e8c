//! Whether contact between units goes past unit heads or through them.
//!
//! # Definition
//! Of the cross-unit weight of V, the share with neither end a unit head (the person of the unit with the smallest
//! level; of several the one with most reports, then the smallest key). Expected: the permutation's cross-unit
//! weight restricted in the same way.
//!
//! # Weights and direction
//! Weights of V, both directions.
//!
//! # Undefined when
//! No contact between units, or no reporting lines.
//!
//! # Reading it
//! Above its expectation: contact between units goes past their heads. Heads write more than others, which the expectation
//! knows. Known problem: a head's assistant is no head.
//!
//! # Differs from
//! Betweenness of heads, which counts paths that nobody may use.
//!
//! # Cost, exactness
//! O(replicates · slots). Exact sums, then one division.
//!
//! # References
//! Owen 2007, <https://doi.org/10.1214/07-AOAS122>.

use crate::MeasureParams;
use crate::activity::each_week;
use crate::interval::{Interval, finite};
use crate::replicate::{Activity, Draws, LANES, Lanes, Statistic, add, bootstrap};
use crate::tree::Tree;
use crosstie_model::{Grade, Grouping, MetricSpec, Organization, WindowTie, WindowTies};

/// Catalogue entry.
pub(crate) const SPEC: MetricSpec = MetricSpec {
    page: include_str!("direct_routing.rs"),
    id: "direct_routing_share",
    table: "organization",
    columns: &["direct_routing_share"],
    question: "Does contact between units go past unit heads?",
    formula: "cross-unit weight with no head at either end / cross-unit weight",
    unit: "share",
    range: (0.0, 1.0),
    undefined_when: "no reporting lines, no contact between units, or fewer than 10 unit heads",
    grade: Grade::B,
    cannot_claim: "that heads block or allow contact",
    references: &["Krackhardt & Hanson 1993, Harvard Business Review 71(4), ISSN 0017-8012"],
};

/// Fewest unit heads: what the share leaves is contact of them alone.
const HEADS_LEAST: usize = 10;

/// The share with its expectation and interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DirectRouting {
    /// Observed share.
    pub share: f64,
    /// Expected share.
    pub expected: Option<f64>,
    /// Low end of the interval.
    pub low: Option<f64>,
    /// High end of the interval.
    pub high: Option<f64>,
}

/// The head of each unit. People without a unit have none.
#[must_use]
pub fn unit_heads(grouping: &Grouping, tree: &Tree) -> Vec<u32> {
    let reports = tree.report_counts();
    let mut heads: Vec<Option<u32>> = vec![None; grouping.labels.len()];
    let rank = |person: u32| (tree.level(person), std::cmp::Reverse(reports[person as usize]), person);
    for (person, unit) in (0..).zip(&grouping.unit_of) {
        let Some(unit) = unit else { continue };
        let head = &mut heads[unit.index()];
        if head.is_none_or(|head| rank(person) < rank(head)) {
            *head = Some(person);
        }
    }
    heads.into_iter().flatten().collect()
}

/// Measures direct routing; `None` without cross-unit contact.
#[must_use]
pub fn direct_routing(
    organization: &Organization,
    grouping: &Grouping,
    tree: &Tree,
    ties: &WindowTies,
    params: &MeasureParams,
) -> Option<DirectRouting> {
    let draws = Draws::new(organization, params.seed, params.replicates);
    let statistic = RoutingStatistic::new(grouping, tree);
    let sums = bootstrap(ties, &draws, &statistic);
    direct_routing_of(ties, &statistic, &draws, &sums.iter().collect::<Vec<_>>())
}

/// The same from the sums of its statistic over `draws`.
pub(crate) fn direct_routing_of(
    ties: &WindowTies,
    statistic: &RoutingStatistic,
    draws: &Draws,
    sums: &[&RoutingSums<LANES>],
) -> Option<DirectRouting> {
    let mut observed = RoutingSums::start();
    ties.ties.iter().for_each(|tie| statistic.add(&mut observed, tie, &[tie.weight.units()]));
    let shares = (0..draws.count()).map(|replicate| sums[replicate / LANES].share(replicate % LANES));
    let interval = Interval::of(shares).filter(|interval| !interval.is_undefined());
    Some(DirectRouting {
        share: observed.share(0)?,
        expected: statistic.expected(ties),
        low: interval.and_then(|interval| finite(interval.low)),
        high: interval.and_then(|interval| finite(interval.high)),
    })
}

/// What the bootstrap sums: contact between units, and the part of it with no head at either end.
pub(crate) struct RoutingStatistic {
    unit_of: Vec<u32>,
    unit_count: usize,
    is_head: Vec<bool>,
}

/// Weight between units in `N` replicates.
pub(crate) struct RoutingSums<const N: usize> {
    crossing: [u64; N],
    direct: [u64; N],
}

impl<const N: usize> RoutingSums<N> {
    fn start() -> RoutingSums<N> {
        RoutingSums { crossing: [0; N], direct: [0; N] }
    }

    fn share(&self, lane: usize) -> Option<f64> {
        (self.crossing[lane] > 0).then(|| self.direct[lane] as f64 / self.crossing[lane] as f64)
    }
}

impl RoutingStatistic {
    /// Whether enough unit heads stand behind the share.
    pub(crate) fn has_heads(&self) -> bool {
        self.is_head.iter().filter(|is_head| **is_head).count() >= HEADS_LEAST
    }

    pub(crate) fn new(grouping: &Grouping, tree: &Tree) -> RoutingStatistic {
        let mut is_head = vec![false; grouping.unit_of.len()];
        unit_heads(grouping, tree).into_iter().for_each(|head| is_head[head as usize] = true);
        RoutingStatistic { unit_of: grouping.dense(), unit_count: grouping.labels.len() + 1, is_head }
    }

    #[inline(always)]
    fn add<const N: usize>(&self, sums: &mut RoutingSums<N>, tie: &WindowTie, units: &[u64; N]) {
        let (source, target) = (tie.source as usize, tie.target as usize);
        if self.unit_of[source] != self.unit_of[target] {
            add(&mut sums.crossing, units);
            if !self.is_head[source] && !self.is_head[target] {
                add(&mut sums.direct, units);
            }
        }
    }

    /// The share that permutation gives.
    fn expected(&self, ties: &WindowTies) -> Option<f64> {
        let (mut expected_crossing, mut expected_direct) = (0.0, 0.0);
        each_week(ties, self.unit_of.len(), |week| {
            let products = |keep: &dyn Fn(usize) -> bool| {
                let mut sent = vec![0u128; self.unit_count];
                let mut received = vec![0u128; self.unit_count];
                for person in (0..self.unit_of.len()).filter(|&person| keep(person)) {
                    sent[self.unit_of[person] as usize] += u128::from(week.sent[person]);
                    received[self.unit_of[person] as usize] += u128::from(week.received[person]);
                }
                let inside: u128 = sent.iter().zip(&received).map(|(s, c)| s * c).sum();
                (sent.iter().sum::<u128>() * received.iter().sum::<u128>() - inside) as f64 / week.slot_count as f64
            };
            expected_crossing += products(&|_| true);
            expected_direct += products(&|person| !self.is_head[person]);
        });
        (expected_crossing > 0.0).then(|| expected_direct / expected_crossing)
    }
}

impl Statistic for RoutingStatistic {
    type Sums = RoutingSums<LANES>;

    fn start(&self) -> Self::Sums {
        RoutingSums::start()
    }

    #[inline(always)]
    fn add_ties(&self, sums: &mut Self::Sums, _: usize, ties: &[WindowTie], units: &[Lanes<u64>]) {
        // Here, not in `sums`, where one addition would wait for the other.
        let mut own = RoutingSums::start();
        ties.iter().zip(units).for_each(|(tie, units)| self.add(&mut own, tie, units));
        add(&mut sums.crossing, &own.crossing);
        add(&mut sums.direct, &own.direct);
    }

    fn add_stratum(&self, _: &mut Self::Sums, _: &Activity<'_>) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expectation::tests::ties_of;
    use crate::replicate::tests::window_of;
    use crate::tree::tests::organization;
    use proptest::{collection::vec, prelude::*};

    proptest! {
        /// The definition on a window in which every tie stands as often as it is drawn.
        #[test]
        fn a_lane_is_the_share_on_the_drawn_window(rows in vec((0..2u32, 0..9u32, 0..9u32, 1..1u32 << 20), 0..60), seed: u64) {
            // 0 leads unit a with 1 and 2; 3 leads unit b with 4 and 5, 6 unit c with 7; 8 has no unit.
            let organization = organization(&[-1, 0, 0, 0, 3, 3, 0, 6, 0]);
            let labels = ["a", "a", "a", "b", "b", "b", "c", "c", ""].map(|l| Some(l.to_string()).filter(|l| !l.is_empty()));
            let (grouping, tree) = (Grouping::from_labels("unit", &labels), Tree::new(&organization).unwrap());
            prop_assert_eq!(unit_heads(&grouping, &tree), [0, 3, 6]);
            let ties = ties_of(&rows);
            let draws = Draws::new(&organization, seed, 20);
            let sums = bootstrap(&ties, &draws, &RoutingStatistic::new(&grouping, &tree));
            for replicate in 0..20 {
                let (mut crossing, mut direct) = (0, 0);
                for tie in window_of(&ties, &draws, replicate).ties {
                    let (a, b) = (tie.source, tie.target);
                    if labels[a as usize] != labels[b as usize] {
                        crossing += tie.weight.units();
                        direct += if [0, 3, 6].contains(&a) || [0, 3, 6].contains(&b) { 0 } else { tie.weight.units() };
                    }
                }
                let slow = (crossing > 0).then(|| direct as f64 / crossing as f64);
                prop_assert_eq!(sums[replicate / LANES].share(replicate % LANES), slow);
            }
        }
    }
}
