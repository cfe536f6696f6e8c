//! How far chance alone moves an external share: seeded permutations of recipients within each stratum.

use crosstie_model::{Stream, WindowTies};
use rayon::prelude::*;

/// Mean and standard deviation over permutations.
#[derive(Clone, Debug, PartialEq)]
pub struct PermutationSpread {
    /// Mean external share of each unit; `None` where it was undefined in a permutation.
    pub unit_mean: Vec<Option<f64>>,
    /// Standard deviation of each unit's external share.
    pub unit_sd: Vec<Option<f64>>,
    /// Mean share of all contact across borders.
    pub cross_mean: Option<f64>,
    /// Its standard deviation.
    pub cross_sd: Option<f64>,
}

/// Permutes the recipients of each stratum `count` times; slots that land on their own sender are dropped.
///
/// `unit_of` is dense. Time O(count · slots).
#[must_use]
pub fn permuted_spread(
    ties: &WindowTies,
    unit_of: &[u32],
    unit_count: usize,
    seed: u64,
    count: u32,
) -> PermutationSpread {
    let strata = ties.strata.len().max(1) as u64;
    let shares: Vec<(Vec<Option<f64>>, Option<f64>)> = (0..u64::from(count))
        .into_par_iter()
        .map(|replicate| {
            permuted_shares(ties, unit_of, unit_count, |stratum| {
                Stream::new(seed, "permute", &[replicate * strata + u64::from(stratum)])
            })
        })
        .collect();
    let of_unit = |unit: usize| spread(shares.iter().map(|(units, _)| units[unit]));
    let units: Vec<Option<(f64, f64)>> = (0..unit_count).map(of_unit).collect();
    let cross = spread(shares.iter().map(|(_, cross)| *cross));
    PermutationSpread {
        unit_mean: units.iter().map(|unit| unit.map(|(mean, _)| mean)).collect(),
        unit_sd: units.iter().map(|unit| unit.map(|(_, sd)| sd)).collect(),
        cross_mean: cross.map(|(mean, _)| mean),
        cross_sd: cross.map(|(_, sd)| sd),
    }
}

/// One permutation: the external share of each unit, and the share across borders.
fn permuted_shares(
    ties: &WindowTies,
    unit_of: &[u32],
    unit_count: usize,
    stream: impl Fn(u32) -> Stream,
) -> (Vec<Option<f64>>, Option<f64>) {
    let mut outside = vec![0u64; unit_count];
    let mut inside = vec![0u64; unit_count];
    let mut targets = Vec::new();
    for slots in ties.slots.chunk_by(|a, b| a.stratum == b.stratum) {
        targets.clear();
        targets.extend(slots.iter().map(|slot| slot.target));
        stream(slots[0].stratum).shuffle(&mut targets);
        for (slot, &target) in slots.iter().zip(&targets) {
            if slot.source == target {
                continue;
            }
            let (a, b) = (unit_of[slot.source as usize] as usize, unit_of[target as usize] as usize);
            if a == b {
                inside[a] += u64::from(slot.units);
            } else {
                outside[a] += u64::from(slot.units);
                outside[b] += u64::from(slot.units);
            }
        }
    }
    let share = |outside: u64, all: u64| (all > 0).then(|| outside as f64 / all as f64);
    let units = outside.iter().zip(&inside).map(|(&x, &i)| share(x, x + i)).collect();
    let crossing = outside.iter().sum::<u64>() / 2;
    (units, share(crossing, crossing + inside.iter().sum::<u64>()))
}

/// Mean and standard deviation; `None` with fewer than two values or an undefined one.
fn spread(values: impl Iterator<Item = Option<f64>>) -> Option<(f64, f64)> {
    let values: Vec<f64> = values.collect::<Option<_>>()?;
    if values.len() < 2 {
        return None;
    }
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (values.len() - 1) as f64;
    Some((mean, variance.sqrt()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expectation::UnitFlows;
    use crate::expectation::tests::ties_of;

    /// A few hundred slots between 12 people of 3 units, in 3 weeks.
    fn sample() -> (WindowTies, Vec<u32>) {
        let mut stream = Stream::new(5, "sample", &[]);
        let rows: Vec<(u32, u32, u32, u32)> = (0..400)
            .map(|_| {
                let draw = |stream: &mut Stream, bound| stream.below(bound) as u32;
                (draw(&mut stream, 3), draw(&mut stream, 12), draw(&mut stream, 12), 1 + draw(&mut stream, 1 << 20))
            })
            .collect();
        (ties_of(&rows), (0..12).map(|person| person / 4).collect())
    }

    #[test]
    fn the_mean_of_permutations_is_the_closed_form() {
        let (ties, unit_of) = sample();
        let flows = UnitFlows::new(&ties, &unit_of, 3);
        let count = 2000;
        let spread = permuted_spread(&ties, &unit_of, 3, 1, count);
        for unit in 0..3 {
            let error = spread.unit_sd[unit].unwrap() / f64::from(count).sqrt();
            let gap = spread.unit_mean[unit].unwrap() - flows.expected_external_share(unit).unwrap();
            assert!(gap.abs() < 4.0 * error, "unit {unit}: {gap} against a standard error of {error}");
        }
        let error = spread.cross_sd.unwrap() / f64::from(count).sqrt();
        let gap = spread.cross_mean.unwrap() - flows.expected_cross_share().unwrap();
        assert!(gap.abs() < 4.0 * error, "{gap} against {error}");
    }
}
