//! Hidden cells of unit pairs that follow from the totals of their units, or nearly: further cells are hidden until none
//! does. Whoever reads the table knows every unit's total, since the expectation of each of its pairs gives it away, and
//! by the unit's external share what of it is inside: where an inner cell is hidden, that share has to go, too.
//!
//! A hidden cell is free where it lies on a closed walk of an even number of hidden cells: what it gains, its neighbours
//! lose, and so on around, while all totals stay. So each hidden cell is given the cheapest such walk, whose cells are
//! all as large as the width that its value has to be uncertain by.

use crosstie_model::Lookup;
use petgraph::unionfind::UnionFind;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A cell of the table of unit pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PairCell {
    /// The units, as numbers; one number twice for contact inside a unit.
    pub(crate) units: (usize, usize),
    /// What the cell would show, in units of 2^-20 message.
    pub(crate) weight: u64,
    /// Whether it is hidden, since a rule says so.
    pub(crate) is_hidden: bool,
}

/// How uncertain a hidden cell has to stay.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Width {
    /// By so much at least, in units of 2^-20 message.
    pub(crate) least: u64,
    /// And by one part in so many of its value.
    pub(crate) part: u64,
}

impl Width {
    /// Of a cell of this weight.
    pub(crate) fn of(self, weight: u64) -> u64 {
        self.least.max(weight / self.part)
    }
}

/// What is hidden beside what rules hide.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Complement {
    /// Further cells, by index, sorted.
    pub(crate) cells: Vec<usize>,
    /// Units whose totals have to go, too, sorted: cells of theirs are hidden that no walk frees.
    pub(crate) units: Vec<usize>,
}

/// Hides cells until every cell that a rule hides is free by its width.
///
/// Time O(hidden · cells · log cells), memory O(units + cells).
pub(crate) fn complement(unit_count: usize, cells: &[PairCell], width: Width) -> Complement {
    let mut hiding = Hiding {
        cells,
        at_unit: vec![Vec::new(); unit_count],
        is_hidden: cells.iter().map(|cell| cell.is_hidden).collect(),
        is_withdrawn: vec![false; unit_count],
        all: cells.iter().map(|cell| cell.weight).sum(),
        cell_of: Lookup::new(),
        wide: UnionFind::new(2 * unit_count),
        wide_from: 2 * width.least,
    };
    for (at, cell) in cells.iter().enumerate() {
        hiding.at_unit[cell.units.0].push(at);
        hiding.cell_of.insert(cell.units, at);
        if cell.units.0 != cell.units.1 {
            hiding.at_unit[cell.units.1].push(at);
        }
    }
    (0..cells.len()).filter(|&at| cells[at].is_hidden).for_each(|at| hiding.widen(at));
    (0..cells.len()).filter(|&at| cells[at].is_hidden).for_each(|at| hiding.free(at, width));
    let found = |set: &[bool]| (0..set.len()).filter(|&at| set[at]).collect::<Vec<usize>>();
    let cells = found(&hiding.is_hidden).into_iter().filter(|&at| !cells[at].is_hidden).collect();
    Complement { cells, units: found(&hiding.is_withdrawn) }
}

struct Hiding<'c> {
    cells: &'c [PairCell],
    /// Cells of each unit.
    at_unit: Vec<Vec<usize>>,
    is_hidden: Vec<bool>,
    is_withdrawn: Vec<bool>,
    /// Weight of all cells.
    all: u64,
    /// The cell of each pair of units.
    cell_of: Lookup<(usize, usize), usize>,
    /// Which units walks of hidden cells of at least `wide_from` lead to, apart for even and odd numbers of steps.
    wide: UnionFind<usize>,
    wide_from: u64,
}

impl Hiding<'_> {
    /// Hides a walk around a cell; where there is none, the total of a unit.
    fn free(&mut self, at: usize, width: Width) {
        let (a, b) = self.cells[at].units;
        let needed = width.of(self.cells[at].weight);
        // A cell that is too small for such walks is none of their steps, and they may pass a cell twice.
        let is_small = self.cells[at].weight < self.wide_from && 2 * needed <= self.wide_from;
        if (is_small && self.wide.equiv(2 * a, 2 * b + 1)) || self.has_a_short_walk(at, needed) {
            return;
        }
        let hidden_total = |unit: usize| -> u64 {
            let hidden = self.at_unit[unit].iter().filter(|&&cell| self.is_hidden[cell]);
            hidden.map(|&cell| self.cells[cell].weight).sum()
        };
        let (first, second) = if (hidden_total(a), a) <= (hidden_total(b), b) { (a, b) } else { (b, a) };
        for withdraw in [None, Some(first), Some(second)] {
            if let Some(unit) = withdraw {
                self.is_withdrawn[unit] = true;
                self.wide.union(2 * unit, 2 * unit + 1);
            }
            if self.is_withdrawn[a] && self.is_withdrawn[b] {
                // Both totals are unknown, and the cell is part of nothing else.
                return;
            }
            let walk = self.walk(at, needed).map(|walk| {
                let mut once = walk.clone();
                once.sort_unstable();
                once.dedup();
                // A cell that is passed twice moves by twice as much.
                if once.len() < walk.len() { self.walk(at, 2 * needed) } else { Some(walk) }
            });
            if let Some(walk) = walk.flatten() {
                for cell in walk {
                    self.is_hidden[cell] = true;
                    self.widen(cell);
                }
                return;
            }
        }
    }

    /// Notes where a hidden cell leads.
    fn widen(&mut self, cell: usize) {
        let PairCell { units: (a, b), weight, .. } = self.cells[cell];
        if weight >= self.wide_from {
            self.wide.union(2 * a, 2 * b + 1);
            self.wide.union(2 * a + 1, 2 * b);
        }
    }

    /// Whether three cells that are hidden already are a walk around a cell: where much is hidden, that is found at once.
    fn has_a_short_walk(&self, around: usize, needed: u64) -> bool {
        let (a, b) = self.cells[around].units;
        let ends = |unit: usize| {
            let usable = move |&cell: &usize| {
                let PairCell { units, weight, .. } = self.cells[cell];
                cell != around && self.is_hidden[cell] && weight >= needed && units.0 != units.1
            };
            self.at_unit[unit].iter().copied().filter(usable).map(move |cell| {
                let units = self.cells[cell].units;
                if units.0 == unit { units.1 } else { units.0 }
            })
        };
        let is_usable = |c: usize, d: usize| {
            let cell = self.cell_of.get(&(c.min(d), c.max(d)));
            cell.is_some_and(|&cell| cell != around && self.is_hidden[cell] && self.cells[cell].weight >= needed)
        };
        ends(a).any(|c| ends(b).any(|d| c != d && c != b && d != a && is_usable(c, d)))
    }

    /// What it costs to hide a cell: its weight. An inner cell is the last choice, since the unit's own row goes with it.
    fn price(&self, cell: usize) -> u64 {
        let PairCell { units: (a, b), weight, .. } = self.cells[cell];
        if a == b { self.all + weight } else { weight }
    }

    /// The cells of the cheapest walk of an odd number of steps from one unit of a cell to the other, not through the
    /// cell: by the weight of what is shown now, then by length. Nodes are units twice, for even and odd steps.
    fn walk(&self, around: usize, needed: u64) -> Option<Vec<usize>> {
        let (from, to) = self.cells[around].units;
        let (start, goal) = (2 * from, 2 * to + 1);
        let mut best: Vec<Option<(u64, u32)>> = vec![None; 2 * self.at_unit.len()];
        let mut before: Vec<(usize, Option<usize>)> = vec![(0, None); best.len()];
        let mut queue = BinaryHeap::from([Reverse(((0, 0), start))]);
        best[start] = Some((0, 0));
        while let Some(Reverse((cost, node))) = queue.pop() {
            if node == goal {
                let mut walk = Vec::new();
                let mut node = goal;
                while node != start {
                    let (previous, cell) = before[node];
                    walk.extend(cell);
                    node = previous;
                }
                return Some(walk);
            }
            if best[node] != Some(cost) {
                continue;
            }
            let (unit, step) = (node / 2, node % 2);
            let usable = |cell: &usize| *cell != around && self.cells[*cell].weight >= needed;
            let cells = self.at_unit[unit].iter().copied().filter(usable).map(|cell| {
                let (a, b) = self.cells[cell].units;
                let paid = if self.is_hidden[cell] { 0 } else { self.price(cell) };
                (if a == unit { b } else { a }, paid, Some(cell))
            });
            // A total that nobody knows takes up whatever is left.
            let total = self.is_withdrawn[unit].then_some((unit, 0, None));
            for (other, paid, cell) in cells.chain(total) {
                let next = 2 * other + (1 - step);
                let cost = (cost.0 + paid, cost.1 + 1);
                if best[next].is_none_or(|known| cost < known) {
                    best[next] = Some(cost);
                    before[next] = (node, cell);
                    queue.push(Reverse((cost, next)));
                }
            }
        }
        None
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::told::{Seen, SeenCell, follows, units_alone};
    use proptest::{collection::vec, prelude::*};

    const WIDTH: Width = Width { least: 5, part: 5 };

    fn cells(list: &[(usize, usize, u64, bool)]) -> Vec<PairCell> {
        list.iter().map(|&(a, b, weight, is_hidden)| PairCell { units: (a, b), weight, is_hidden }).collect()
    }

    #[test]
    fn a_hidden_cell_takes_the_cheapest_square_with_it() {
        let all = |hidden: bool| {
            cells(&[
                (0, 1, 10, hidden),
                (0, 2, 20, false),
                (0, 3, 30, false),
                (1, 2, 40, false),
                (1, 3, 50, false),
                (2, 3, 60, false),
            ])
        };
        assert_eq!(complement(4, &all(false), WIDTH), Complement::default());
        // By way of 2 and 3: 20 + 60 + 50, or 30 + 60 + 40.
        assert_eq!(complement(4, &all(true), WIDTH), Complement { cells: vec![1, 4, 5], units: vec![] });
    }

    #[test]
    fn cells_that_are_hidden_already_cost_nothing_unless_they_are_too_small() {
        let square = |small: u64| cells(&[(0, 1, 10, true), (0, 2, 20, false), (2, 3, small, true), (1, 3, 30, false)]);
        assert_eq!(complement(4, &square(7), WIDTH).cells, [1, 3]);
        assert_eq!(complement(4, &square(2), WIDTH).units, [0, 1], "two messages leave too little room");
    }

    #[test]
    fn a_pair_alone_takes_totals_with_it() {
        assert_eq!(complement(2, &cells(&[(0, 1, 10, true)]), WIDTH), Complement { cells: vec![], units: vec![0, 1] });
        let inner = cells(&[(0, 0, 10, true), (0, 1, 30, false), (1, 1, 40, false)]);
        assert_eq!(complement(2, &inner, WIDTH), Complement { cells: vec![1, 2], units: vec![] });
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        /// Whatever was hidden, no such cell follows from the totals: by linear algebra, which knows nothing of walks.
        #[test]
        fn nothing_that_a_rule_hides_is_determined(
            list in vec((0..6usize, 0..6usize, 1..200u64, prop::bool::weighted(0.2)), 1..20),
        ) {
            let mut list: Vec<(usize, usize, u64, bool)> =
                list.into_iter().map(|(a, b, weight, hidden)| (a.min(b), a.max(b), weight, hidden)).collect();
            list.sort_unstable();
            list.dedup_by_key(|cell| (cell.0, cell.1));
            let cells = cells(&list);
            let found = complement(6, &cells, WIDTH);
            prop_assert!(found.cells.iter().all(|&at| !cells[at].is_hidden));
            let cell = |(at, cell): (usize, &PairCell)| SeenCell {
                units: cell.units,
                is_hidden: cell.is_hidden || found.cells.contains(&at),
            };
            let seen = Seen {
                cells: cells.iter().enumerate().map(cell).collect(),
                is_total_known: (0..6).map(|unit| !found.units.contains(&unit)).collect(),
                ..Seen::default()
            };
            for at in follows(&[seen], &units_alone(6)).unwrap().remove(0).cells {
                prop_assert!(!cells[at].is_hidden, "{:?} of {:?}", cells[at], cells);
            }
        }
    }
}
