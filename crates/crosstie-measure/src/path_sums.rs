//! Sums over all pairs of people by their path in the reporting tree, without visiting the pairs.
//!
//! Let `below_a(k)` be the sum over the descendants of a that lie k steps below, a itself at 0. Pairs whose lowest
//! common ancestor is a, `up` steps above the one and `down` above the other, sum to
//! `below_a(up) below_a(down)` less `below_c(up - 1) below_c(down - 1)` over the reports c of a. Summed over all a:
//! all products at (up, down) less those of people with a manager at (up - 1, down - 1).

use crate::tree::{Path, Tree};

/// A tree with the place of everybody's sums.
pub(crate) struct Climb<'a> {
    tree: &'a Tree,
    /// Steps from each person to the lowest descendant.
    height_of: Vec<usize>,
    /// Where the sums of a person with reports begin.
    first_of: Vec<usize>,
    /// How many sums there are.
    sum_count: usize,
    /// Steps from the highest root to the lowest descendant.
    height: usize,
}

impl<'a> Climb<'a> {
    pub(crate) fn new(tree: &'a Tree) -> Climb<'a> {
        let people_count = tree.top_down().len();
        let mut height_of = vec![0; people_count];
        for &person in tree.top_down().iter().rev() {
            if let Some(manager) = tree.manager(person) {
                let height = height_of[person as usize] + 1;
                height_of[manager as usize] = height.max(height_of[manager as usize]);
            }
        }
        let mut sum_count = 0;
        let mut first_of = vec![0; people_count];
        for (first, &height) in first_of.iter_mut().zip(&height_of) {
            *first = sum_count;
            sum_count += if height > 0 { height + 1 } else { 0 };
        }
        let height = height_of.iter().max().copied().unwrap_or(0);
        Climb { tree, height_of, first_of, sum_count, height }
    }
}

/// Sums of s and c over the people at one depth below a person.
#[derive(Clone, Copy)]
struct Below<const N: usize> {
    s: [u64; N],
    c: [u64; N],
}

impl<const N: usize> Below<N> {
    /// Adds, wrapping: the sums over everybody fit into 64 bits.
    fn add(&mut self, more: &Below<N>) {
        for lane in 0..N {
            self.s[lane] = self.s[lane].wrapping_add(more.s[lane]);
            self.c[lane] = self.c[lane].wrapping_add(more.c[lane]);
        }
    }
}

fn add_product<const N: usize>(sums: &mut [u128; N], s: &[u64; N], c: &[u64; N]) {
    for lane in 0..N {
        sums[lane] += u128::from(s[lane]) * u128::from(c[lane]);
    }
}

/// Sum over ordered pairs (i, j), i not j, of `s_i c_j`, by path, in `N` lanes; `None`, another tree, comes first,
/// then paths by steps up and down. Time O(people + sum over managers of the squared height).
pub(crate) fn path_sums<const N: usize>(
    climb: &Climb<'_>,
    s: &[[u64; N]],
    c: &[[u64; N]],
) -> Vec<(Option<Path>, [u128; N])> {
    let width = climb.height + 1;
    // Products by steps up and down: of everybody, and of those without a manager.
    let mut all = vec![[0u128; N]; width * width];
    let mut of_roots = all.clone();
    let mut below = vec![Below { s: [0; N], c: [0; N] }; climb.sum_count];
    for &person in climb.tree.top_down().iter().rev() {
        let (height, first) = (climb.height_of[person as usize], climb.first_of[person as usize]);
        let own = Below { s: s[person as usize], c: c[person as usize] };
        let manager = climb.tree.manager(person);
        if height == 0 {
            add_product(&mut all[0], &own.s, &own.c);
        } else {
            below[first] = own;
        }
        for up in 0..=height {
            if let Some(manager) = manager {
                let depth = if height == 0 { own } else { below[first + up] };
                below[climb.first_of[manager as usize] + up + 1].add(&depth);
            }
            for down in (0..=height).filter(|_| height > 0) {
                add_product(&mut all[up * width + down], &below[first + up].s, &below[first + down].c);
            }
        }
        if manager.is_none() {
            let depth = |steps: usize| if height == 0 { &own } else { &below[first + steps] };
            for up in 0..=height {
                for down in 0..=height {
                    add_product(&mut of_roots[up * width + down], &depth(up).s, &depth(down).c);
                }
            }
        }
    }
    let mut sums = vec![(None, [0; N])];
    let mut within = all[0]; // everybody with themselves
    for up in 0..width {
        for down in (0..width).filter(|&down| (up, down) != (0, 0)) {
            let mut sum = all[up * width + down];
            if up > 0 && down > 0 {
                let lower = (up - 1) * width + down - 1;
                (0..N).for_each(|lane| sum[lane] -= all[lower][lane] - of_roots[lower][lane]);
            }
            (0..N).for_each(|lane| within[lane] += sum[lane]);
            sums.push((Some(Path { up: up as u32, down: down as u32 }), sum));
        }
    }
    let total = |values: &[[u64; N]], lane: usize| values.iter().map(|value| u128::from(value[lane])).sum::<u128>();
    sums[0].1 = std::array::from_fn(|lane| total(s, lane) * total(c, lane) - within[lane]);
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::tests::organization;
    use proptest::{collection::vec, prelude::*};
    use std::collections::BTreeMap;

    proptest! {
        /// Sums by ancestor and depth equal the sums over all pairs, in every lane.
        #[test]
        fn path_sums_equal_all_pairs(
            managers in vec(-1..12i32, 12),
            s in vec(prop::array::uniform2(0..9u64), 12),
            c in vec(prop::array::uniform2(0..9u64), 12),
        ) {
            // A manager with a smaller index makes no circle.
            let managers: Vec<i32> = (0..).zip(managers).map(|(ix, manager)| if manager < ix { manager } else { -1 }).collect();
            let tree = Tree::new(&organization(&managers)).unwrap();
            let found = path_sums(&Climb::new(&tree), &s, &c);
            for lane in 0..2 {
                let mut slow: BTreeMap<Option<Path>, u128> = BTreeMap::new();
                for i in 0..12u32 {
                    for j in (0..12).filter(|&j| j != i) {
                        let product = s[i as usize][lane] * c[j as usize][lane];
                        *slow.entry(tree.path(i, j)).or_default() += u128::from(product);
                    }
                }
                slow.retain(|_, sum| *sum > 0);
                let found: Vec<(Option<Path>, u128)> =
                    found.iter().map(|(path, sums)| (*path, sums[lane])).filter(|(_, sum)| *sum > 0).collect();
                prop_assert_eq!(found, slow.into_iter().collect::<Vec<_>>(), "sorted by path");
            }
        }
    }
}
