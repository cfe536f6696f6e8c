//! Decisions on the table of unit pairs: each cell by its people, then further cells, so that none follows from others.

use crate::complementary::{PairCell, Width, complement};
use crate::decide::{Decision, Rules, decide};
use crosstie_model::tables::UnitPairRow;
use crosstie_model::{Measured, Weight};
use std::collections::{BTreeMap, BTreeSet};

/// A hidden cell stays uncertain by a fifth of its value.
const WIDTH_PART: u64 = 5;

/// What is decided on pairs.
#[derive(Debug, Default)]
pub(crate) struct PairDecisions {
    /// One for each row.
    pub(crate) rows: Vec<Decision>,
    /// Units, by grouping and label, whose own row would tell a hidden cell.
    pub(crate) units: BTreeSet<(String, String)>,
}

/// Decides on all rows, grouping by grouping.
pub(crate) fn decide_pairs(pairs: &[Measured<UnitPairRow>], rules: Rules) -> PairDecisions {
    let mut out = PairDecisions {
        rows: pairs.iter().map(|pair| decide(&pair.side_a, &pair.side_b, rules)).collect(),
        units: BTreeSet::new(),
    };
    let mut by_grouping: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, pair) in pairs.iter().enumerate() {
        by_grouping.entry(&pair.row.grouping).or_default().push(at);
    }
    for (grouping, rows) in by_grouping {
        decide_grouping(grouping, &rows, pairs, rules, &mut out);
    }
    out
}

fn decide_grouping(
    grouping: &str,
    rows: &[usize],
    pairs: &[Measured<UnitPairRow>],
    rules: Rules,
    out: &mut PairDecisions,
) {
    let units_of = |&at: &usize| [&pairs[at].row.unit_a, &pairs[at].row.unit_b];
    let mut labels: Vec<&String> = rows.iter().flat_map(units_of).collect();
    labels.sort_unstable();
    labels.dedup();
    let number = |label: &String| labels.binary_search(&label).unwrap_or_default();
    let cells: Vec<PairCell> = rows
        .iter()
        .map(|&at| {
            let row = &pairs[at].row;
            PairCell {
                units: (number(&row.unit_a), number(&row.unit_b)),
                weight: (row.weight.unwrap_or(0.0) * Weight::MESSAGE.units() as f64).round() as u64,
                is_hidden: out.rows[at] != Decision::Show,
            }
        })
        .collect();
    let width = Width { least: Weight::MESSAGE.units() * rules.min_people as u64, part: WIDTH_PART };
    let found = complement(labels.len(), &cells, width);
    for &cell in &found.cells {
        out.rows[rows[cell]] = Decision::Complementary;
    }
    let is_withdrawn = |unit: usize| found.units.binary_search(&unit).is_ok();
    for (cell, &at) in cells.iter().zip(rows) {
        let (a, b) = cell.units;
        if out.rows[at] == Decision::Show && (is_withdrawn(a) || is_withdrawn(b)) {
            out.rows[at] = Decision::Complementary;
        }
        if a == b && out.rows[at] != Decision::Show {
            out.units.insert((grouping.to_string(), labels[a].clone()));
        }
    }
    out.units.extend(found.units.iter().map(|&unit| (grouping.to_string(), labels[unit].clone())));
}
