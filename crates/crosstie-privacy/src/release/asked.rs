//! Cells that are asked about, with what does not hang on an earlier release: which groups of people they are of, and which
//! sums of now are behind them.

use super::key::{BORDER, Key, PEOPLE};
use super::parts::Part;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// The sums of now: of each its parts, sorted.
pub(crate) type Sums = BTreeMap<Key, Vec<Part>>;

/// Kinds of the sums of one group alone. Each is behind many cells.
pub(crate) const ALONE: [&str; 5] = [PEOPLE, BORDER[0], BORDER[1], BORDER[2], BORDER[3]];

/// Cells that are gone through at once for their groups.
const AT_ONCE: usize = 1 << 14;

/// Groups of people, and cells that name them by number.
pub(crate) struct Asked<'s> {
    /// Grouping and label, sorted.
    pub(crate) groups: Vec<(&'s str, &'s str)>,
    /// In the order of the keys.
    pub(crate) cells: Vec<Cell<'s>>,
}

/// A cell, in little room: there are two for each pair of units.
pub(crate) struct Cell<'s> {
    /// Its groups, as many as are there; those of each of its `others` are the first of them.
    groups: [u32; 2],
    group_count: usize,
    /// Its sums of one group alone: for each group a bit for each kind in [`ALONE`].
    pub(crate) alone: [u8; 2],
    pub(crate) others: Vec<Sum<'s>>,
}

/// A sum that is not of one group alone: of two, of a group and something else, or of no group.
pub(crate) struct Sum<'s> {
    pub(crate) key: Key,
    pub(crate) now: &'s [Part],
}

impl<'s> Asked<'s> {
    pub(crate) fn new(keys: &'s [Key], now: &'s Sums) -> Asked<'s> {
        let found = keys.par_chunks(AT_ONCE).map(|keys| keys.iter().flat_map(names_of).collect());
        let found: Vec<BTreeSet<(&str, &str)>> = found.collect();
        let groups: BTreeSet<(&str, &str)> = found.into_iter().flatten().collect();
        let groups: Vec<(&str, &str)> = groups.into_iter().collect();
        let cells = keys.par_iter().map(|key| Cell::new(key, &groups, now)).collect();
        Asked { groups, cells }
    }
}

impl<'s> Cell<'s> {
    fn new(key: &Key, groups: &[(&str, &str)], now: &'s Sums) -> Cell<'s> {
        let mut cell = Cell { groups: [0; 2], group_count: key.group_count(), alone: [0; 2], others: Vec::new() };
        for (own, name) in cell.groups.iter_mut().zip(names_of(key)) {
            *own = groups.binary_search(&name).expect("the groups of all cells are there") as u32;
        }
        for sum in key.sums() {
            let of = key.labels.iter().position(|label| sum.labels.first() == Some(label));
            match (ALONE.iter().position(|name| *name == sum.name), of) {
                (Some(kind), Some(group)) => cell.alone[group] |= 1 << kind,
                _ => cell.others.push(Sum { now: parts_of(now, &sum), key: sum }),
            }
        }
        cell.others.shrink_to_fit();
        cell
    }

    /// Their numbers.
    pub(crate) fn groups(&self) -> &[u32] {
        &self.groups[..self.group_count]
    }
}

/// The parts of a sum; none where there is no such sum.
pub(crate) fn parts_of<'s>(now: &'s Sums, sum: &Key) -> &'s [Part] {
    now.get(sum).map_or(&[], Vec::as_slice)
}

/// The groups of people in a key, by grouping and label.
fn names_of(key: &Key) -> impl Iterator<Item = (&str, &str)> {
    key.labels.iter().take(key.group_count()).map(|label| (key.grouping.as_str(), label.as_str()))
}
