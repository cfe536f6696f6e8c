//! In what range a reader can place a hidden cell: contact is never below zero, and known sums add up. By linear
//! programming, for systems that are small enough; where much is hidden, ranges are wide.

use crate::null_space::Sum;
use crate::told::{Atom, Parts, Seen};
use microlp::{ComparisonOp, Error, LinearExpr, OptimizationDirection, Problem, SolveOutcome, Variable};

/// Hidden parts up to which ranges are asked.
const MOST_PARTS: usize = 400;

/// A part of what is asked that may be missing, since results are rounded.
const SLACK: f64 = 0.999;

/// What a cell holds, and how wide its range has to be, in messages.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Amount {
    pub(crate) weight: f64,
    /// `None` where nothing is asked.
    pub(crate) width: Option<f64>,
}

/// Hidden cells, by grouping, whose range is narrower than asked; `amounts` by grouping and cell.
///
/// Time that of two linear programs a cell that is asked, memory O(parts · sums).
pub(crate) fn too_narrow(seen: &[Seen], atoms: &[Atom], amounts: &[Vec<Amount>]) -> Vec<Vec<usize>> {
    let parts = Parts::new(seen, atoms);
    if parts.count > MOST_PARTS {
        return vec![Vec::new(); seen.len()];
    }
    let known = parts.known_with(seen, &|grouping, cell| amounts[grouping][cell].weight);
    let is_narrow = |grouping: usize, cell: usize| {
        let Some(width) = amounts[grouping][cell].width.filter(|_| seen[grouping].cells[cell].is_hidden) else {
            return false;
        };
        let asked = &parts.of_cell[grouping][cell];
        let end = |direction| extreme(direction, parts.count, &known, asked);
        let ends = (end(OptimizationDirection::Minimize), end(OptimizationDirection::Maximize));
        // What cannot be told may be narrow.
        !matches!(ends, (Some(low), Some(high)) if high - low >= SLACK * width)
    };
    let of_grouping =
        |grouping: usize| (0..seen[grouping].cells.len()).filter(|&cell| is_narrow(grouping, cell)).collect();
    (0..seen.len()).map(of_grouping).collect()
}

/// The least or largest value of a sum of parts, infinite where nothing bounds it; `None` where none was found.
fn extreme(
    direction: OptimizationDirection,
    part_count: usize,
    known: &[(Sum, f64)],
    asked: &[(usize, u64)],
) -> Option<f64> {
    let mut problem = Problem::new(direction);
    let mut costs = vec![0.0; part_count];
    asked.iter().for_each(|&(part, times)| costs[part] = times as f64);
    let variables: Vec<Variable> = costs.into_iter().map(|cost| problem.add_var(cost, (0.0, f64::INFINITY))).collect();
    for (sum, value) in known {
        let mut row = LinearExpr::empty();
        sum.iter().for_each(|&(part, times)| row.add(variables[part], times as f64));
        problem.add_constraint(row, ComparisonOp::Eq, *value);
    }
    match problem.solve() {
        Ok(SolveOutcome::Solution(solution)) => Some(solution.objective()),
        Err(Error::Unbounded) => Some(f64::INFINITY),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::told::{SeenCell, units_alone};

    /// Of a square of hidden cells around four units, each may move by what the smallest neighbours hold.
    #[test]
    fn a_square_moves_by_its_smallest_cells() {
        let weights = [30.0, 4.0, 50.0, 7.0];
        let cell = |units| SeenCell { units, is_hidden: true };
        let seen = Seen {
            cells: [(0, 1), (1, 2), (2, 3), (0, 3)].map(cell).into(),
            is_total_known: vec![true; 4],
            is_all_known: true,
            ..Seen::default()
        };
        let narrow = |width: f64| {
            let amounts = weights.map(|weight| Amount { weight, width: Some(width) });
            too_narrow(std::slice::from_ref(&seen), &units_alone(4), &[amounts.into()]).remove(0)
        };
        // The first may gain what the second has, 4, and lose what it and the third have, 30.
        assert_eq!(narrow(33.9), [0; 0]);
        assert_eq!(narrow(34.1), [0, 1, 2, 3]);
    }
}
