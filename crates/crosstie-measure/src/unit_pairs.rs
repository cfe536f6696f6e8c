//! Contact between two units against what the activity of their people gives.
//!
//! # Definition
//! `log2_ratio = log2(weight / expected_weight)`; expected_weight is the permutation's, scaled so that observed and
//! expected sum to the same.
//!
//! # Weights and direction
//! Weights of V, both directions added.
//!
//! # Undefined when
//! No contact, none expected, or withheld.
//!
//! # Reading it
//! Evidence is the interval. There is no p-value: who writes to whom is stable, so a permutation z calls most pairs
//! of an organization without any unit structure significant.
//!
//! # Differs from
//! Shares of contact, which are high between large units, and modularity, which sums over all pairs.
//!
//! # Cost, exactness
//! O(replicates · strata · units²). Exact, given the draws.
//!
//! # References
//! Owen 2007, <https://doi.org/10.1214/07-AOAS122>.

use crate::carriers::Carriers;
use crate::interval::{Interval, finite};
use crate::openness::{Openness, messages, pair_indices, pair_weights};
use crosstie_model::num::log2;
use crosstie_model::tables::UnitPairRow;
use crosstie_model::{Contribution, Grade, Grouping, Measured, MetricSpec, WindowTies};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Catalogue entry.
pub(crate) const SPEC: MetricSpec = MetricSpec {
    page: include_str!("unit_pairs.rs"),
    id: "unit_pair_ratio",
    table: "unit_pairs",
    columns: &["weight", "expected_weight", "log2_ratio", "log2_low", "log2_high"],
    question: "Do two units exchange more or less than the activity of their people gives?",
    formula: "log2(weight / expected_weight)",
    unit: "log2 ratio",
    range: (f64::NEG_INFINITY, f64::INFINITY),
    undefined_when: "weight or expected_weight is 0, or the cell is withheld",
    grade: Grade::B,
    cannot_claim: "that contact is useful, wanted, allowed or missed",
    references: &["Owen 2007, doi:10.1214/07-AOAS122"],
};

/// A row for each unordered pair of units, the diagonal included.
pub(crate) fn unit_pairs(
    grouping: &Grouping,
    openness: &Openness,
    intervals: &[Option<Interval>],
    ties: &WindowTies,
    carriers: &BTreeMap<(usize, usize), Carriers>,
) -> Vec<Measured<UnitPairRow>> {
    let (sides_a, sides_b) = rayon::join(|| contributions(grouping, ties, 0), || contributions(grouping, ties, 1));
    let mut of_pair_a = sides_a.chunk_by(|one, two| one.0 == two.0).peekable();
    let mut of_pair_b = sides_b.chunk_by(|one, two| one.0 == two.0).peekable();
    let mut rows = Vec::with_capacity(intervals.len());
    for ((a, b), interval) in pair_indices(grouping.labels.len()).zip(intervals) {
        let (observed, expected) = pair_weights(&openness.flows, a, b);
        let interval = interval.filter(|interval| !interval.is_undefined());
        let defined = observed > 0.0 && expected > 0.0;
        let band = |of: fn(&Carriers) -> Option<&'static str>| {
            (a != b).then(|| carriers.get(&(a, b)).and_then(of)).flatten().map(str::to_string)
        };
        let carriers_band = if a == b { None } else { band(|c| Some(c.band())).or(Some("under_10".into())) };
        let row = UnitPairRow {
            grouping: grouping.name.clone(),
            unit_a: grouping.labels[a].clone(),
            unit_b: grouping.labels[b].clone(),
            weight: Some(messages(observed as u64)),
            expected_weight: Some(expected * messages(1)),
            log2_ratio: defined.then(|| log2(observed / expected)),
            log2_low: interval.filter(|_| defined).and_then(|interval| finite(interval.low)),
            log2_high: interval.filter(|_| defined).and_then(|interval| finite(interval.high)),
            carriers_band,
            top_carrier_band: band(Carriers::top_band),
            suppressed: false,
            as_of: None,
        };
        let is_own = |side: &&[(Pair, Contribution)]| side[0].0 == (a as u32, b as u32);
        let side = |side: Option<&[(Pair, Contribution)]>| side.into_iter().flatten().map(|entry| entry.1).collect();
        let (side_a, side_b) = (side(of_pair_a.next_if(is_own)), side(of_pair_b.next_if(is_own)));
        rows.push(Measured { row, side_a, side_b, sums: Vec::new() });
    }
    rows
}

type Pair = (u32, u32);

/// Who stands behind each pair on one side: people of unit a (0) or of unit b (1); inside one unit, senders or
/// recipients. Sorted by pair and person.
fn contributions(grouping: &Grouping, ties: &WindowTies, side: usize) -> Vec<(Pair, Contribution)> {
    let unit = |person: u32| grouping.unit_of[person as usize].map(|unit| unit.0);
    let mut found: Vec<(Pair, Contribution)> = ties
        .ties
        .iter()
        .filter_map(|tie| {
            let (a, b) = (unit(tie.source)?, unit(tie.target)?);
            let (pair, people) =
                if a <= b { ((a, b), [tie.source, tie.target]) } else { ((b, a), [tie.target, tie.source]) };
            Some((pair, Contribution { person: people[side], units: tie.weight.units() }))
        })
        .collect();
    found.par_sort_unstable_by_key(|(pair, contribution)| (*pair, contribution.person));
    found.dedup_by(|next, kept| {
        let same = (next.0, next.1.person) == (kept.0, kept.1.person);
        kept.1.units += if same { next.1.units } else { 0 };
        same
    });
    found
}
