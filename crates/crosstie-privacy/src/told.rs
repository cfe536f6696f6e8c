//! What a reader of the published tables can work out of what they do not show: hidden contact between units that
//! follows from sums which are known.
//!
//! Known are: what is shown; every unit's total of which any pair is shown, since the expectation of that pair gives it
//! away; all contact; what of it lies inside all units together, where the share of contact that crosses borders is
//! shown. People are of several groupings at once, and who is in which unit is known from the org chart: so what a cell
//! of one grouping holds is the sum of the parts that it shares with cells of another.
//!
//! Unknowns are those parts: contact between two sets of people who are alike in every grouping. Whether a hidden cell
//! follows is asked of a random change that no known sum notices ([`random_change`]).

use crate::null_space::{Sum, add, random_change};
use crosstie_model::Lookup;
use std::collections::BTreeSet;

/// A cell of contact as it is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SeenCell {
    /// The units, as numbers, the smaller one first; one number twice for contact inside a unit.
    pub(crate) units: (usize, usize),
    /// Whether what it is now is not shown.
    pub(crate) is_hidden: bool,
}

impl SeenCell {
    fn is_across_border_of(&self, unit: usize) -> bool {
        let (a, b) = self.units;
        a != b && (a == unit || b == unit)
    }
}

/// One grouping as it is seen.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// Cells that hold contact.
    pub(crate) cells: Vec<SeenCell>,
    /// Whether a unit's total is known, by unit.
    pub(crate) is_total_known: Vec<bool>,
    /// Whether what lies inside a unit is known, its own row being shown.
    pub(crate) is_inside_known: Vec<bool>,
    /// Units whose contact with others has to stay open, their own row being hidden.
    pub(crate) is_border_asked: Vec<bool>,
    /// Whether what lies inside all units together is known.
    pub(crate) is_border_known: bool,
    /// Whether all contact is known.
    pub(crate) is_all_known: bool,
}

impl Seen {
    /// Sums of cells that are known, cells with the times that they count.
    fn known_cells(&self) -> Vec<Vec<(usize, u64)>> {
        let mut known = Vec::new();
        let mut totals = vec![Vec::new(); self.is_total_known.len()];
        let (mut all, mut inside) = (Vec::new(), Vec::new());
        for (at, cell) in self.cells.iter().enumerate() {
            let (a, b) = cell.units;
            if !cell.is_hidden || (a == b && self.is_inside_known.get(a) == Some(&true)) {
                known.push(vec![(at, 1)]);
            }
            if cell.is_hidden {
                all.push((at, 1));
                if a == b {
                    inside.push((at, 1));
                    totals[a].push((at, 2));
                } else {
                    [a, b].into_iter().for_each(|unit| totals[unit].push((at, 1)));
                }
            }
        }
        let of_units = totals.into_iter().zip(&self.is_total_known).filter(|(_, is_known)| **is_known);
        known.extend(of_units.map(|(total, _)| total));
        known.extend(self.is_all_known.then_some(all));
        known.extend(self.is_border_known.then_some(inside));
        known
    }

    fn has_border(&self, unit: usize) -> bool {
        self.cells.iter().any(|cell| cell.is_across_border_of(unit))
    }
}

/// People who are alike in every grouping: their unit in each.
pub(crate) type Atom = Vec<Option<usize>>;

/// What follows in one grouping.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Follows {
    /// Hidden cells, by index.
    pub(crate) cells: Vec<usize>,
    /// Units whose contact with others was to stay open.
    pub(crate) borders: Vec<usize>,
}

impl Follows {
    pub(crate) fn is_nothing(&self) -> bool {
        self.cells.is_empty() && self.borders.is_empty()
    }
}

/// What follows in each grouping; `None` where the sums are too many to tell.
///
/// Time O(atoms²) and that of [`random_change`].
pub(crate) fn follows(seen: &[Seen], atoms: &[Atom]) -> Option<Vec<Follows>> {
    let parts = Parts::new(seen, atoms);
    let change = random_change(parts.count, &parts.known(seen))?;
    let moved = |sum: &Sum| sum.iter().fold(0, |all, &(unknown, _)| add(all, change[unknown]));
    let of_grouping = |(grouping, seen): (usize, &Seen)| {
        let of_cell = &parts.of_cell[grouping];
        let cells = (0..seen.cells.len()).filter(|&cell| seen.cells[cell].is_hidden && moved(&of_cell[cell]) == 0);
        // That there is none is seen by everybody.
        let is_closed = |&unit: &usize| seen.has_border(unit) && moved(&parts.border(grouping, seen, unit)) == 0;
        let asked = (0..seen.is_border_asked.len()).filter(|&unit| seen.is_border_asked[unit]);
        Follows { cells: cells.collect(), borders: asked.filter(is_closed).collect() }
    };
    Some(seen.iter().enumerate().map(of_grouping).collect())
}

/// Atoms of one grouping alone: its units.
pub(crate) fn units_alone(unit_count: usize) -> Vec<Atom> {
    (0..unit_count).map(|unit| vec![Some(unit)]).collect()
}

/// Cells of other groupings that share a part with a cell, by grouping and index.
pub(crate) fn overlapping_cells(
    seen: &[Seen],
    atoms: &[Atom],
    grouping: usize,
    cell: usize,
) -> BTreeSet<(usize, usize)> {
    let index: Vec<_> = seen.iter().map(index_of).collect();
    let (a, b) = seen[grouping].cells[cell].units;
    let of_unit = |unit| atoms.iter().filter(move |atom| atom[grouping] == Some(unit));
    let mut found = BTreeSet::new();
    for one in of_unit(a) {
        for two in of_unit(b) {
            if let Some(cells) = cells_of(&index, one, two) {
                found.extend(cells.into_iter().filter(|(other, _)| *other != grouping));
            }
        }
    }
    found
}

/// The parts that cells consist of.
pub(crate) struct Parts {
    /// How many there are that are not known by themselves.
    pub(crate) count: usize,
    /// By grouping and cell.
    pub(crate) of_cell: Vec<Vec<Sum>>,
}

impl Parts {
    pub(crate) fn new(seen: &[Seen], atoms: &[Atom]) -> Parts {
        let index: Vec<_> = seen.iter().map(index_of).collect();
        let mut parts =
            Parts { count: 0, of_cell: seen.iter().map(|seen| vec![Sum::new(); seen.cells.len()]).collect() };
        for (at, one) in atoms.iter().enumerate() {
            for cells in atoms[at..].iter().filter_map(|two| cells_of(&index, one, two)) {
                // With one grouping a cell is its own only part, and known where it is shown.
                let is_known =
                    cells.iter().any(|&(grouping, cell)| seen.len() == 1 && !seen[grouping].cells[cell].is_hidden);
                if !is_known {
                    cells.iter().for_each(|&(grouping, cell)| parts.of_cell[grouping][cell].push((parts.count, 1)));
                    parts.count += 1;
                }
            }
        }
        parts
    }

    /// Sums that are known.
    fn known(&self, seen: &[Seen]) -> Vec<Sum> {
        self.known_with(seen, &|_, _| 0.0).into_iter().map(|(sum, _)| sum).collect()
    }

    /// Sums that are known, and their values by what cells hold.
    pub(crate) fn known_with(&self, seen: &[Seen], amount: &dyn Fn(usize, usize) -> f64) -> Vec<(Sum, f64)> {
        let mut known = Vec::new();
        for (grouping, (seen, of_cell)) in seen.iter().zip(&self.of_cell).enumerate() {
            let parts = |(cell, times): (usize, u64)| of_cell[cell].iter().map(move |&(part, _)| (part, times));
            for sum in seen.known_cells() {
                let value = sum.iter().map(|&(cell, times)| amount(grouping, cell) * times as f64).sum();
                known.push((sum.into_iter().flat_map(parts).collect::<Sum>(), value));
            }
        }
        known.retain(|(sum, _)| !sum.is_empty());
        known
    }

    /// Parts of a unit's contact with others that are not known by themselves.
    fn border(&self, grouping: usize, seen: &Seen, unit: usize) -> Sum {
        let cells = seen.cells.iter().zip(&self.of_cell[grouping]);
        cells.filter(|(cell, _)| cell.is_across_border_of(unit)).flat_map(|(_, parts)| parts).copied().collect()
    }
}

type Index = Lookup<(usize, usize), usize>;

fn index_of(seen: &Seen) -> Index {
    let mut index = Index::new();
    seen.cells.iter().enumerate().for_each(|(at, cell)| {
        index.insert(cell.units, at);
    });
    index
}

/// The cells, by grouping, that contact between two atoms is part of; `None` where there is none: a cell without a row holds
/// nothing, or nobody's row tells of it.
fn cells_of(index: &[Index], one: &Atom, two: &Atom) -> Option<Vec<(usize, usize)>> {
    let mut cells = Vec::with_capacity(index.len());
    for (grouping, index) in index.iter().enumerate() {
        if let (Some(a), Some(b)) = (one[grouping], two[grouping]) {
            cells.push((grouping, *index.get(&(a.min(b), a.max(b)))?));
        }
    }
    (!cells.is_empty()).then_some(cells)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::null_space::tests::slow;
    use proptest::{collection::vec, prelude::*};

    fn seen(unit_count: usize, hidden: &[(usize, usize)], shown: &[(usize, usize)]) -> Seen {
        let cell = |is_hidden: bool| move |&units: &(usize, usize)| SeenCell { units, is_hidden };
        Seen {
            cells: hidden.iter().map(cell(true)).chain(shown.iter().map(cell(false))).collect(),
            is_total_known: vec![true; unit_count],
            is_all_known: true,
            ..Seen::default()
        }
    }

    fn told(seen: Seen, unit_count: usize) -> Vec<usize> {
        follows(&[seen], &units_alone(unit_count)).unwrap().remove(0).cells
    }

    #[test]
    fn one_grouping() {
        assert_eq!(told(seen(2, &[(0, 1)], &[]), 2), [0], "the only hidden cell of its units");
        assert_eq!(told(seen(3, &[(0, 1), (1, 2), (0, 2)], &[]), 3), [0, 1, 2], "a triangle is solved");
        let square = [(0, 1), (1, 2), (2, 3), (0, 3)];
        assert_eq!(told(seen(4, &square, &[]), 4), [0; 0], "a square turns");
        let all = [(0, 0), (0, 1), (1, 1)];
        assert_eq!(told(seen(2, &all, &[]), 2), [0; 0]);
        let shares = |of: Seen| Seen { is_border_known: true, ..of };
        assert_eq!(told(shares(seen(2, &all, &[])), 2), [0, 1, 2], "what is inside tells what is across");
        let unknown = |of: Seen| Seen { is_total_known: vec![false; 2], ..of };
        assert_eq!(told(shares(unknown(seen(2, &all, &[]))), 2), [1], "of two units, what is across is one cell");
        let own = Seen { is_inside_known: vec![true, false], ..seen(2, &all, &[]) };
        assert_eq!(told(own, 2), [0, 1, 2]);
    }

    #[test]
    fn what_a_unit_shares_with_others_follows_from_its_total_and_its_inside() {
        let asked = |hidden: &[(usize, usize)], shown: &[(usize, usize)]| {
            let seen = Seen { is_border_asked: vec![true, false, false, false], ..seen(4, hidden, shown) };
            follows(&[seen], &units_alone(4)).unwrap().remove(0).borders
        };
        let square = [(0, 1), (1, 2), (2, 3), (0, 3)];
        assert_eq!(asked(&square, &[(0, 0)]), [0]);
        let inner = [(0, 1), (1, 2), (2, 3), (0, 3), (0, 0), (2, 2)];
        assert_eq!(asked(&inner, &[]), [0; 0]);
    }

    #[test]
    fn a_cell_of_another_grouping_is_a_sum_of_parts() {
        // Units 0 to 3 in branches 0, 0, 1, 1.
        let atoms: Vec<Atom> =
            [(0, 0), (1, 0), (2, 1), (3, 1)].map(|(unit, branch)| vec![Some(unit), Some(branch)]).into();
        let units = seen(4, &[(0, 1), (1, 2), (2, 3), (0, 3)], &[(0, 2), (1, 3)]);
        let all = follows(&[units.clone(), seen(2, &[(0, 0), (0, 1), (1, 1)], &[])], &atoms).unwrap();
        assert!(all.iter().all(Follows::is_nothing), "{all:?}");
        let branches = seen(2, &[], &[(0, 0), (0, 1), (1, 1)]);
        let all = follows(&[units.clone(), branches.clone()], &atoms).unwrap();
        assert_eq!(all[0].cells, [0, 1, 2, 3], "inside branch 0 there is one hidden pair of units");
        assert_eq!(overlapping_cells(&[units, branches], &atoms, 0, 1), BTreeSet::from([(1, 1)]));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]
        /// By the rank of matrices, written down anew from what is known.
        #[test]
        fn equals_the_rank(
            of_atom in vec((0..4usize, prop::option::of(0..3usize)), 1..6),
            hidden in vec(prop::bool::weighted(0.6), 16),
            totals in vec(any::<bool>(), 7),
            borders in vec(any::<bool>(), 2),
        ) {
            let atoms: Vec<Atom> = of_atom.iter().map(|&(unit, branch)| vec![Some(unit), branch]).collect();
            let mut next = hidden.into_iter();
            let mut grouping = |units: usize, first: usize, is_border_known: bool| Seen {
                cells: (0..units)
                    .flat_map(|a| (a..units).map(move |b| (a, b)))
                    .map(|units| SeenCell { units, is_hidden: next.next().unwrap_or(false) })
                    .collect(),
                is_total_known: totals[first..first + units].to_vec(),
                is_border_asked: vec![true; units],
                is_border_known,
                is_all_known: true,
                ..Seen::default()
            };
            let all = [grouping(4, 0, borders[0]), grouping(3, 4, borders[1])];
            let found = follows(&all, &atoms).unwrap();
            // Every pair of atoms is an unknown.
            let pairs: Vec<(usize, usize)> = (0..atoms.len()).flat_map(|a| (a..atoms.len()).map(move |b| (a, b))).collect();
            let cell_of = |grouping: usize, &(one, two): &(usize, usize)| {
                let (a, b) = (atoms[one][grouping]?, atoms[two][grouping]?);
                Some((a.min(b), a.max(b)))
            };
            let sum = |grouping: usize, times: &dyn Fn((usize, usize)) -> u64| -> Sum {
                let terms = pairs.iter().enumerate().map(|(at, pair)| (at, cell_of(grouping, pair).map_or(0, times)));
                terms.filter(|term| term.1 > 0).collect()
            };
            let mut known = Vec::new();
            for (grouping, seen) in all.iter().enumerate() {
                let shown = seen.cells.iter().filter(|cell| !cell.is_hidden);
                known.extend(shown.map(|cell| sum(grouping, &|units| u64::from(units == cell.units))));
                known.push(sum(grouping, &|_| 1));
                if seen.is_border_known {
                    known.push(sum(grouping, &|(a, b)| u64::from(a == b)));
                }
                let totals = (0..seen.is_total_known.len()).filter(|&unit| seen.is_total_known[unit]);
                known.extend(totals.map(|unit| sum(grouping, &|(a, b)| u64::from(a == unit) + u64::from(b == unit))));
            }
            for (grouping, (seen, found)) in all.iter().zip(&found).enumerate() {
                for (at, cell) in seen.cells.iter().enumerate().filter(|(_, cell)| cell.is_hidden) {
                    let asked = sum(grouping, &|units| u64::from(units == cell.units));
                    prop_assert_eq!(found.cells.contains(&at), slow(pairs.len(), &known, &asked), "{} {:?}", grouping, cell);
                }
                for unit in 0..seen.is_border_asked.len() {
                    let asked = sum(grouping, &|(a, b)| u64::from(a != b && (a == unit || b == unit)));
                    prop_assert_eq!(found.borders.contains(&unit), slow(pairs.len(), &known, &asked), "{} {}", grouping, unit);
                }
            }
        }
    }
}
