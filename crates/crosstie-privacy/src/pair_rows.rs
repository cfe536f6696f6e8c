//! Decisions on the table of unit pairs: each cell by its people, then further cells, so that none follows from others.

use crate::complementary::{Complement, PairCell, Width, complement};
use crate::decide::{Decision, Rules, decide};
use crate::determined::determined;
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

/// Decides on all rows, grouping by grouping. Those that are `held` do not show what they are now.
pub(crate) fn decide_pairs(pairs: &[Measured<UnitPairRow>], held: &[bool], rules: Rules) -> PairDecisions {
    let first = |(pair, &is_held): (&Measured<UnitPairRow>, &bool)| match is_held {
        true => Decision::Carried,
        false => decide(&pair.side_a, &pair.side_b, rules),
    };
    let mut out = PairDecisions { rows: pairs.iter().zip(held).map(first).collect(), units: BTreeSet::new() };
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
    let found = hide(labels.len(), cells.clone(), width);
    for &cell in &found.cells {
        out.rows[rows[cell]] = Decision::Complementary;
    }
    for (cell, &at) in cells.iter().zip(rows) {
        let (a, b) = cell.units;
        if a == b && out.rows[at] != Decision::Show {
            out.units.insert((grouping.to_string(), labels[a].clone()));
        }
    }
    out.units.extend(found.units.iter().map(|&unit| (grouping.to_string(), labels[unit].clone())));
}

/// Cells to hide beside those that are hidden, until none of all of them follows from what is known. A unit whose total has
/// to go shows no cell, since each would give the total away.
fn hide(unit_count: usize, mut cells: Vec<PairCell>, width: Width) -> Complement {
    let is_asked: Vec<bool> = cells.iter().map(|cell| cell.is_hidden).collect();
    let mut units = BTreeSet::new();
    let mut width = width;
    loop {
        let found = complement(unit_count, &cells, width);
        let before = (cells.iter().filter(|cell| cell.is_hidden).count(), units.len());
        units.extend(found.units);
        found.cells.iter().for_each(|&at| cells[at].is_hidden = true);
        for cell in &mut cells {
            cell.is_hidden |= units.contains(&cell.units.0) || units.contains(&cell.units.1);
        }
        // The share of all contact that crosses borders is known, so what is inside all units together is: one inner cell
        // alone follows from the others.
        let is_inner = |cell: &&mut PairCell| cell.units.0 == cell.units.1;
        if cells.iter_mut().filter(is_inner).filter(|cell| cell.is_hidden).count() == 1 {
            let shown = cells.iter_mut().filter(is_inner).filter(|cell| !cell.is_hidden && cell.weight > 0);
            if let Some(smallest) = shown.min_by_key(|cell| (cell.weight, cell.units)) {
                smallest.is_hidden = true;
            }
        }
        let hidden: Vec<(usize, usize)> = cells.iter().filter(|cell| cell.is_hidden).map(|cell| cell.units).collect();
        // All contact is known: totals that have to go are known together, as if each were a cell of one more unit.
        let unknown = units.iter().map(|&unit| (unit, unit_count));
        let edges: Vec<(usize, usize)> = hidden.iter().copied().chain(unknown).collect();
        let is_told = determined(unit_count + 1, &edges).into_iter().take(hidden.len()).any(|is_told| is_told);
        if !is_told || units.len() == unit_count {
            break;
        }
        if before == (hidden.len(), units.len()) {
            // No walk is left: the total of the smallest unit goes, too.
            let total = |unit: usize| -> u64 {
                let own = cells.iter().filter(|cell| cell.units.0 == unit || cell.units.1 == unit);
                own.map(|cell| cell.weight).sum()
            };
            let smallest = (0..unit_count).filter(|unit| !units.contains(unit)).min_by_key(|&unit| (total(unit), unit));
            units.extend(smallest);
        }
        // What was hidden for others could as well be shown by itself: it must not be exact, and needs no width.
        width = Width { least: 1, part: u64::MAX };
    }
    let is_new = |at: &usize| cells[*at].is_hidden && !is_asked[*at];
    Complement { cells: (0..cells.len()).filter(is_new).collect(), units: units.into_iter().collect() }
}
