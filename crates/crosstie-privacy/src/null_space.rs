//! What a system of known sums leaves open: a random vector that changes none of them.
//!
//! A sum of unknowns is determined by known sums if and only if every change that leaves all of these alone leaves it
//! alone, too. A random such change moves whatever can be moved, but with a chance of 2^-61: so one vector answers for
//! every sum. Numbers are those modulo 2^61 - 1, where nothing is rounded.
//!
//! An unknown of one or two known sums is taken out of them by elimination, which joins the two. What is left is `A x = 0`,
//! solved by `x = z - D A' y` with `A D A' y = A z` for a random vector `z` and a random diagonal `D`: a square system of
//! as many rows as sums are left. Unknowns that were taken out are solved from the others.

use crosstie_model::Stream;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// A sum: unknowns with their coefficients.
pub(crate) type Sum = Vec<(usize, u64)>;

/// Known sums that may be left after elimination.
const MOST_ROWS: usize = 3000;
/// Rows that one task changes at least.
const TASK_ROWS: usize = 64;

/// A change of all unknowns, drawn from those that change no sum; `None` where more than 3,000 sums depend on each other.
///
/// Time O(entries · log entries + rows³), memory O(entries + rows²), of the rows that are left.
pub(crate) fn random_change(unknown_count: usize, sums: &[Sum]) -> Option<Vec<u64>> {
    let mut stream = Stream::new(1, "null space", &[unknown_count as u64, sums.len() as u64]);
    let mut elimination = Elimination::new(unknown_count, sums);
    elimination.run();
    if elimination.rows.iter().filter(|row| !row.is_empty()).count() > MOST_ROWS {
        return None;
    }
    let mut change: Vec<u64> = (0..unknown_count).map(|_| draw(&mut stream)).collect();
    project(&mut change, &elimination.rows, &mut stream);
    for (row, own) in elimination.out.iter().rev() {
        let rest = row.iter().filter(|(unknown, _)| *unknown != own);
        let rest = rest.fold(0, |all, (&unknown, &times)| add(all, multiply(times, change[unknown])));
        change[*own] = multiply(subtract(0, rest), inverse(row[own]));
    }
    Some(change)
}

type Row = BTreeMap<usize, u64>;

/// Known sums while unknowns are taken out of them.
struct Elimination {
    /// What is left of each sum.
    rows: Vec<Row>,
    /// The rows of each unknown.
    rows_of: Vec<Vec<usize>>,
    /// Sums that each gives one unknown by the others, in the order in which they were taken out.
    out: Vec<(Row, usize)>,
    /// Unknowns to look at.
    next: Vec<usize>,
}

impl Elimination {
    fn new(unknown_count: usize, sums: &[Sum]) -> Elimination {
        let rows: Vec<Row> = sums.iter().map(|sum| sum.iter().copied().collect()).collect();
        let mut rows_of: Vec<Vec<usize>> = vec![Vec::new(); unknown_count];
        for (at, row) in rows.iter().enumerate() {
            row.keys().for_each(|&unknown| rows_of[unknown].push(at));
        }
        Elimination { rows, rows_of, out: Vec::new(), next: (0..unknown_count).rev().collect() }
    }

    fn run(&mut self) {
        while let Some(unknown) = self.next.pop() {
            let length = |&row: &usize| (self.rows[row].len(), row);
            let rows = &self.rows_of[unknown];
            let Some(shortest) = rows.iter().copied().min_by_key(length) else { continue };
            // One that a sum names alone is out of all others at no cost.
            if rows.len() <= 2 || self.rows[shortest].len() == 1 {
                self.take_out(shortest, unknown);
            }
        }
    }

    /// Takes an unknown out of all rows by one of them.
    fn take_out(&mut self, by: usize, unknown: usize) {
        let row = std::mem::take(&mut self.rows[by]);
        for &term in row.keys() {
            self.rows_of[term].retain(|&at| at != by);
        }
        let own = inverse(row[&unknown]);
        for other in self.rows_of[unknown].clone() {
            let times = multiply(self.rows[other].get(&unknown).copied().unwrap_or(0), own);
            for (&term, &lead) in &row {
                let value = self.rows[other].entry(term).or_insert(0);
                let is_new = *value == 0;
                *value = subtract(*value, multiply(times, lead));
                if *value == 0 {
                    self.rows[other].remove(&term);
                    self.rows_of[term].retain(|&at| at != other);
                } else if is_new {
                    self.rows_of[term].push(other);
                }
            }
            if self.rows[other].len() == 1 {
                self.next.extend(self.rows[other].keys());
            }
        }
        self.next.extend(row.keys().filter(|term| self.rows_of[**term].len() <= 2));
        self.out.push((row, unknown));
    }
}

/// Takes out of a vector what changes these sums.
fn project(change: &mut [u64], sums: &[Row], stream: &mut Stream) {
    let sums: Vec<&Row> = sums.iter().filter(|sum| !sum.is_empty()).collect();
    let rows = sums.len();
    let mut rows_of: Vec<Vec<(usize, u64)>> = vec![Vec::new(); change.len()];
    let mut matrix = vec![vec![0; rows + 1]; rows];
    for (row, sum) in sums.iter().enumerate() {
        for (&unknown, &times) in *sum {
            rows_of[unknown].push((row, times));
            matrix[row][rows] = add(matrix[row][rows], multiply(times, change[unknown]));
        }
    }
    let scale: Vec<u64> = rows_of.iter().map(|_| draw(stream)).collect();
    for (entries, &scale) in rows_of.iter().zip(&scale) {
        for &(one, times) in entries {
            let scaled = multiply(times, scale);
            for &(other, times) in entries {
                matrix[one][other] = add(matrix[one][other], multiply(scaled, times));
            }
        }
    }
    let solution = solve(matrix);
    for (unknown, entries) in rows_of.iter().enumerate() {
        let moved = entries.iter().fold(0, |sum, &(row, times)| add(sum, multiply(times, solution[row])));
        change[unknown] = subtract(change[unknown], multiply(scale[unknown], moved));
    }
}

/// Some solution of a square system that has one, its right side in the last column.
fn solve(mut matrix: Vec<Vec<u64>>) -> Vec<u64> {
    let rows = matrix.len();
    let mut pivots = Vec::new();
    let mut rank = 0;
    for column in 0..rows {
        let Some(pivot) = (rank..rows).find(|&row| matrix[row][column] != 0) else { continue };
        matrix.swap(rank, pivot);
        let (above, below) = matrix.split_at_mut(rank + 1);
        let lead = &mut above[rank];
        let by = inverse(lead[column]);
        lead[column..].iter_mut().for_each(|value| *value = multiply(*value, by));
        below.par_iter_mut().with_min_len(TASK_ROWS).filter(|row| row[column] != 0).for_each(|row| {
            let times = row[column];
            for (value, &lead) in row[column..].iter_mut().zip(&lead[column..]) {
                *value = subtract(*value, multiply(times, lead));
            }
        });
        pivots.push(column);
        rank += 1;
    }
    let mut solution = vec![0; rows];
    for (row, &column) in pivots.iter().enumerate().rev() {
        let later = (column + 1..rows).fold(0, |sum, at| add(sum, multiply(matrix[row][at], solution[at])));
        solution[column] = subtract(matrix[row][rows], later);
    }
    solution
}

const PRIME: u64 = (1 << 61) - 1;

fn draw(stream: &mut Stream) -> u64 {
    1 + stream.below(PRIME - 1)
}

pub(crate) fn add(a: u64, b: u64) -> u64 {
    let sum = a + b;
    if sum >= PRIME { sum - PRIME } else { sum }
}

fn subtract(a: u64, b: u64) -> u64 {
    if a >= b { a - b } else { a + PRIME - b }
}

fn multiply(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    add((product as u64) & PRIME, (product >> 61) as u64)
}

/// By Fermat's little theorem.
fn inverse(a: u64) -> u64 {
    let (mut power, mut exponent, mut result) = (a, PRIME - 2, 1);
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = multiply(result, power);
        }
        power = multiply(power, power);
        exponent >>= 1;
    }
    result
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};

    /// Rank of a matrix by fractions without division, in whole numbers that stay small: an oracle for small systems.
    fn rank(rows: &[Vec<i128>]) -> usize {
        let mut rows: Vec<Vec<i128>> = rows.to_vec();
        let columns = rows.first().map_or(0, Vec::len);
        let (mut rank, mut before) = (0, 1);
        for column in 0..columns {
            let Some(pivot) = (rank..rows.len()).find(|&row| rows[row][column] != 0) else { continue };
            rows.swap(rank, pivot);
            let lead = rows[rank].clone();
            for row in &mut rows[rank + 1..] {
                let (own, other) = (row[column], lead[column]);
                // Bareiss 1968, doi:10.1090/S0025-5718-1968-0226829-0: the division leaves nothing over.
                row.iter_mut().zip(&lead).for_each(|(value, lead)| *value = (*value * other - lead * own) / before);
            }
            before = lead[column];
            rank += 1;
        }
        rank
    }

    /// Whether a sum follows from others: it adds nothing to their rank.
    pub(crate) fn slow(unknown_count: usize, sums: &[Sum], asked: &Sum) -> bool {
        let row = |sum: &Sum| {
            let mut row = vec![0; unknown_count];
            sum.iter().for_each(|&(unknown, times)| row[unknown] += i128::from(times));
            row
        };
        let known: Vec<Vec<i128>> = sums.iter().map(row).collect();
        let with: Vec<Vec<i128>> = sums.iter().chain([asked]).map(row).collect();
        rank(&known) == rank(&with)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3000))]
        #[test]
        fn an_unknown_moves_unless_it_follows(
            unknown_count in 1..9usize,
            sums in vec(vec((0..9usize, 1..3u64), 0..6), 0..9),
        ) {
            let clean = |sum: Vec<(usize, u64)>| {
                let mut sum: Sum = sum.into_iter().map(|(at, times)| (at % unknown_count, times)).collect();
                sum.sort_unstable();
                sum.dedup_by_key(|term| term.0);
                sum
            };
            let sums: Vec<Sum> = sums.into_iter().map(clean).collect();
            let change = random_change(unknown_count, &sums).expect("few sums");
            for sum in &sums {
                let moved = sum.iter().fold(0, |all, &(at, times)| add(all, multiply(times, change[at])));
                prop_assert_eq!(moved, 0, "a known sum may not change");
            }
            for (unknown, &by) in change.iter().enumerate() {
                prop_assert_eq!(by == 0, slow(unknown_count, &sums, &vec![(unknown, 1)]), "{} {:?}", unknown, sums);
            }
        }
    }

    #[test]
    fn numbers_modulo_a_prime() {
        assert_eq!(multiply(PRIME - 1, PRIME - 1), 1);
        assert_eq!(multiply(inverse(12_345), 12_345), 1);
        assert_eq!(subtract(3, 5), PRIME - 2);
    }
}
