//! Whether contact between units goes past unit heads or through them.
//!
//! # Definition
//! Of the cross-unit weight of V, the share with neither end a unit head (the person of the unit with the smallest
//! level; of several the one with most reports, then the smallest key). Expected: the permutation's cross-unit
//! weight restricted in the same way.

use crate::MeasureParams;
use crate::replicate::{Interval, each_week, finite, replicates};
use crate::tree::Tree;
use crosstie_model::{Grade, Grouping, MetricSpec, Organization, WindowTies};

/// Catalogue entry.
pub(crate) const SPEC: MetricSpec = MetricSpec {
    id: "direct_routing_share",
    table: "organization",
    columns: &["direct_routing_share"],
    question: "Does contact between units go past unit heads?",
    formula: "cross-unit weight with no head at either end / cross-unit weight",
    unit: "share",
    range: (0.0, 1.0),
    undefined_when: "no reporting lines, or no contact between units",
    grade: Grade::B,
    cannot_claim: "that heads block or allow contact",
    references: &["Krackhardt & Hanson 1993, Harvard Business Review 71(4), ISSN 0017-8012"],
};

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
    let unit_of = grouping.dense();
    let unit_count = grouping.labels.len() + 1;
    let mut is_head = vec![false; organization.len()];
    unit_heads(grouping, tree).into_iter().for_each(|head| is_head[head as usize] = true);
    let shares = |multiplicity: Option<&[u8]>| shares(ties, &unit_of, unit_count, &is_head, multiplicity);
    let (share, expected) = shares(None);
    let draws = replicates(organization, params.seed, params.replicates, |multiplicity| shares(Some(multiplicity)).0);
    let interval = Interval::of(draws.into_iter()).filter(|interval| !interval.is_undefined());
    Some(DirectRouting {
        share: share?,
        expected,
        low: interval.and_then(|interval| finite(interval.low)),
        high: interval.and_then(|interval| finite(interval.high)),
    })
}

fn shares(
    ties: &WindowTies,
    unit_of: &[u32],
    unit_count: usize,
    is_head: &[bool],
    multiplicity: Option<&[u8]>,
) -> (Option<f64>, Option<f64>) {
    let (mut crossing, mut direct) = (0u64, 0u64);
    let (mut expected_crossing, mut expected_direct) = (0.0, 0.0);
    each_week(ties, unit_of.len(), multiplicity, |week| {
        for (source, target, units) in week.rows() {
            if unit_of[source as usize] != unit_of[target as usize] {
                crossing += units;
                direct += if is_head[source as usize] || is_head[target as usize] { 0 } else { units };
            }
        }
        let products = |keep: &dyn Fn(usize) -> bool| {
            let mut sent = vec![0u128; unit_count];
            let mut received = vec![0u128; unit_count];
            for person in (0..unit_of.len()).filter(|&person| keep(person)) {
                sent[unit_of[person] as usize] += u128::from(week.sent[person]);
                received[unit_of[person] as usize] += u128::from(week.received[person]);
            }
            let inside: u128 = sent.iter().zip(&received).map(|(s, c)| s * c).sum();
            (sent.iter().sum::<u128>() * received.iter().sum::<u128>() - inside) as f64 / week.slot_count as f64
        };
        expected_crossing += products(&|_| true);
        expected_direct += products(&|person| !is_head[person]);
    });
    let share = (crossing > 0).then(|| direct as f64 / crossing as f64);
    (share, (expected_crossing > 0.0).then(|| expected_direct / expected_crossing))
}
