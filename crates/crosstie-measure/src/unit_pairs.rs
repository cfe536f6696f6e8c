//! Contact between two units against what the activity of their people gives.
//!
//! # Definition
//! `log2_ratio = log2(weight / expected_weight)`; expected_weight is the permutation's, scaled so that observed and
//! expected sum to the same.
//!
//! # Reading it
//! Evidence is the interval. There is no p-value: who writes to whom is stable, so a permutation z calls most pairs
//! of an organization without any unit structure significant.

use crate::carriers::Carriers;
use crate::openness::{Openness, messages, pair_indices, pair_weights};
use crate::replicate::finite;
use crosstie_model::num::log2;
use crosstie_model::tables::UnitPairRow;
use crosstie_model::{Contribution, Grade, Grouping, Measured, MetricSpec, WindowTies};
use std::collections::BTreeMap;

/// Catalogue entry.
pub(crate) const SPEC: MetricSpec = MetricSpec {
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

type Side = BTreeMap<u32, u64>;

/// A row for each unordered pair of units, the diagonal included.
pub(crate) fn unit_pairs(
    grouping: &Grouping,
    openness: &Openness,
    ties: &WindowTies,
    carriers: &BTreeMap<(usize, usize), Carriers>,
) -> Vec<Measured<UnitPairRow>> {
    let contributions = contributions(grouping, ties);
    let mut rows = Vec::new();
    for ((a, b), interval) in pair_indices(grouping.labels.len()).zip(&openness.pair_intervals) {
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
        };
        let side = |sides: Option<&(Side, Side)>, first: bool| -> Vec<Contribution> {
            let side = sides.map(|(one, two)| if first { one } else { two });
            side.into_iter().flatten().map(|(&person, &units)| Contribution { person, units }).collect()
        };
        let sides = contributions.get(&(a, b));
        rows.push(Measured { row, side_a: side(sides, true), side_b: side(sides, false) });
    }
    rows
}

/// Who stands behind each pair: people of unit a and of unit b; inside one unit, senders and recipients.
fn contributions(grouping: &Grouping, ties: &WindowTies) -> BTreeMap<(usize, usize), (Side, Side)> {
    let mut sides: BTreeMap<(usize, usize), (Side, Side)> = BTreeMap::new();
    for tie in &ties.ties {
        let unit = |person: u32| grouping.unit_of[person as usize].map(crosstie_model::UnitIx::index);
        let (Some(a), Some(b)) = (unit(tie.source), unit(tie.target)) else { continue };
        let (key, one, two) = if a <= b { ((a, b), tie.source, tie.target) } else { ((b, a), tie.target, tie.source) };
        let (side_a, side_b) = sides.entry(key).or_default();
        *side_a.entry(one).or_default() += tie.weight.units();
        *side_b.entry(two).or_default() += tie.weight.units();
    }
    sides
}
