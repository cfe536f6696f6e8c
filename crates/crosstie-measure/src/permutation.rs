//! How far chance alone moves an external share: seeded permutations of recipients within each stratum.

use crosstie_model::{Slot, Stream, WindowTies};
use rayon::prelude::*;

/// Mean and standard deviation over permutations.
#[derive(Clone, Debug, Default, PartialEq)]
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
/// `unit_of` is dense. Time O(count · slots); memory eight bytes a slot of the largest stratum, and two to four on each
/// thread.
///
/// # Panics
/// If `unit_of` does not hold every end of a slot.
#[must_use]
pub fn permuted_spread(
    ties: &WindowTies,
    unit_of: &[u32],
    unit_count: usize,
    seed: u64,
    count: u32,
) -> PermutationSpread {
    let mut permutations = vec![Borders::new(unit_count); count as usize];
    // Half the memory a slot is half the misses: the recipients of a stratum do not fit into a core's cache.
    match u16::try_from(unit_of.len()) {
        Ok(_) => permute(ties, unit_of, seed, &mut permutations, |person| person as u16),
        Err(_) => permute(ties, unit_of, seed, &mut permutations, |person| person),
    }
    let shares: Vec<(Vec<Option<f64>>, Option<f64>)> = permutations.iter().map(Borders::shares).collect();
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

/// Adds every stratum to every permutation; `short` is a person's index in the fewest bytes.
fn permute<P: Copy + Into<u32> + Send + Sync>(
    ties: &WindowTies,
    unit_of: &[u32],
    seed: u64,
    permutations: &mut [Borders],
    short: impl Fn(u32) -> P,
) {
    let strata = ties.strata.len().max(1) as u64;
    let (mut targets, mut units): (Vec<P>, Vec<u32>) = Default::default();
    for (stratum, slots) in (0u64..).zip(&ties.slots) {
        targets.clear();
        units.clear();
        for slot in slots.iter() {
            targets.extend(std::iter::repeat_n(short(slot.target), slot.count as usize));
            units.extend(std::iter::repeat_n(slot.units, slot.count as usize));
        }
        let senders: Vec<Sender> = slots.by_sender().filter_map(Sender::of).collect();
        permutations.par_iter_mut().enumerate().for_each_init(Vec::new, |permuted, (replicate, borders)| {
            permuted.clone_from(&targets);
            Stream::new(seed, "permute", &[replicate as u64 * strata + stratum]).shuffle(permuted);
            borders.add(&senders, &units, permuted, unit_of);
        });
    }
}

/// What one person sends in a stratum.
struct Sender {
    source: u32,
    slot_count: usize,
    weight: u64,
}

impl Sender {
    /// Of all slots of one; `None` without any.
    fn of(slots: impl Iterator<Item = Slot> + Clone) -> Option<Sender> {
        Some(Sender {
            source: slots.clone().next()?.source,
            slot_count: slots.clone().map(|slot| slot.count as usize).sum(),
            weight: slots.map(|slot| slot.weight().units()).sum(),
        })
    }
}

/// Weight of each unit in one permutation.
#[derive(Clone)]
struct Borders {
    /// Across the border.
    outside: Vec<u64>,
    inside: Vec<u64>,
}

impl Borders {
    fn new(unit_count: usize) -> Borders {
        Borders { outside: vec![0; unit_count], inside: vec![0; unit_count] }
    }

    /// Adds the slots of a stratum, in the order of senders, with their permuted recipients.
    ///
    /// Every slot counts for the unit that it comes to; what stays inside is taken out once a sender. So no slot waits
    /// for a guess. Sums of a window fit into 64 bits.
    fn add<P: Copy + Into<u32>>(&mut self, senders: &[Sender], units: &[u32], permuted: &[P], unit_of: &[u32]) {
        let mut slots = units.iter().zip(permuted);
        for sender in senders {
            let own = unit_of[sender.source as usize];
            let (mut within, mut to_oneself) = (0u64, 0u64);
            for (&units, &target) in slots.by_ref().take(sender.slot_count) {
                let (units, target): (u64, u32) = (units.into(), target.into());
                let unit = unit_of[target as usize];
                let reached = &mut self.outside[unit as usize];
                *reached = reached.wrapping_add(units);
                within = within.wrapping_add(if unit == own { units } else { 0 });
                to_oneself = to_oneself.wrapping_add(if target == sender.source { units } else { 0 });
            }
            // What stays came in once and did not go out.
            let outside = &mut self.outside[own as usize];
            *outside = *outside + (sender.weight - within) - within;
            self.inside[own as usize] += within - to_oneself;
        }
    }

    /// The external share of each unit, and the share across borders.
    fn shares(&self) -> (Vec<Option<f64>>, Option<f64>) {
        let share = |outside: u64, all: u64| (all > 0).then(|| outside as f64 / all as f64);
        let units = self.outside.iter().zip(&self.inside).map(|(&x, &i)| share(x, x + i)).collect();
        let crossing = self.outside.iter().sum::<u64>() / 2;
        (units, share(crossing, crossing + self.inside.iter().sum::<u64>()))
    }
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
    use crosstie_model::Slots;

    /// A few hundred slots between 12 people of 3 units, in 3 weeks; many are equal.
    fn sample() -> (WindowTies, Vec<u32>) {
        let mut stream = Stream::new(5, "sample", &[]);
        let rows: Vec<(u32, u32, u32, u32)> = (0..400)
            .map(|_| {
                let draw = |stream: &mut Stream, bound| stream.below(bound) as u32;
                (draw(&mut stream, 3), draw(&mut stream, 12), draw(&mut stream, 12), (1 + draw(&mut stream, 3)) << 18)
            })
            .collect();
        (ties_of(&rows), (0..12).map(|person| person / 4).collect())
    }

    /// One permutation slot by slot, each slot a row of its own.
    fn slow(ties: &WindowTies, unit_of: &[u32], stream: impl Fn(u32) -> Stream) -> Vec<f64> {
        let (mut outside, mut all) = (vec![0u64; 3], vec![0u64; 3]);
        for (stratum, slots) in (0..).zip(&ties.slots) {
            let rows: Vec<Slot> = slots.iter().flat_map(|slot| vec![slot; slot.count as usize]).collect();
            let mut targets: Vec<u32> = rows.iter().map(|slot| slot.target).collect();
            stream(stratum).shuffle(&mut targets);
            for (slot, target) in rows.into_iter().zip(targets).filter(|(slot, target)| slot.source != *target) {
                let mut units: Vec<usize> =
                    [slot.source, target].map(|person| unit_of[person as usize] as usize).into();
                let crosses = units[0] != units[1];
                units.dedup();
                for unit in units {
                    all[unit] += u64::from(slot.units);
                    outside[unit] += if crosses { u64::from(slot.units) } else { 0 };
                }
            }
        }
        outside.iter().zip(all).map(|(&outside, all)| outside as f64 / all as f64).collect()
    }

    #[test]
    fn permutations_run_over_single_slots_in_order() {
        let (ties, unit_of) = sample();
        assert!(ties.slots.iter().flat_map(Slots::iter).any(|slot| slot.count > 1));
        let of = |replicate: u64| {
            slow(&ties, &unit_of, |stratum| Stream::new(7, "permute", &[replicate * 3 + u64::from(stratum)]))
        };
        let (one, two) = (of(0), of(1));
        let spread = permuted_spread(&ties, &unit_of, 3, 7, 2);
        for unit in 0..3 {
            assert_eq!(spread.unit_mean[unit], Some((one[unit] + two[unit]) / 2.0));
        }
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
