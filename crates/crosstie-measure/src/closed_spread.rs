//! How far chance alone moves an external share, in closed form: the spread over all permutations, none of them made.
//!
//! To first order, a share x = X / (X + I) that chance puts at x0 moves by ((1 - x0) dX - x0 dI) / (X0 + I0). That is a sum
//! over slots of a number that depends on the slot and on who gets it, and the variance of such a sum over all
//! permutations of M recipients is known (Hoeffding 1951, doi:10.1214/aoms/1177729545): the sum of the squares of all
//! M² numbers, freed of the means of their rows and columns, over M - 1.
//!
//! For a unit, a slot of weight w from outside counts (1 - x0) w where a member gets it; one of a member counts -w where
//! a member gets it, and -(1 - x0) w where the sender does, for a message to oneself is no contact. What a slot counts
//! whoever gets it moves nothing. Rows and columns of a person are alike, so people are enough.

use crate::expectation::UnitFlows;
use crate::permutation::PermutationSpread;
use crosstie_model::{Slot, WindowTies};

/// Mean and standard deviation of the external share of each unit, and of the share across borders.
///
/// `unit_of` is dense, and `flows` are of the same units. Time O(slots + strata · (people + units)).
pub(crate) fn closed_spread(
    ties: &WindowTies,
    unit_of: &[u32],
    flows: &UnitFlows,
    unit_count: usize,
) -> PermutationSpread {
    let unit_mean: Vec<Option<f64>> = (0..unit_count).map(|unit| flows.expected_external_share(unit)).collect();
    let cross_mean = flows.expected_cross_share();
    let (mut of_units, mut of_all) = (vec![0.0; unit_count], 0.0);
    let mut people = vec![Person::default(); unit_of.len()];
    let mut members: Vec<Vec<u32>> = vec![Vec::new(); unit_count];
    (0..).zip(unit_of).for_each(|(person, &unit)| members[unit as usize].push(person));
    for slots in &ties.slots {
        people.fill(Person::default());
        slots.iter().for_each(|slot| note(&slot, &mut people));
        let all = Person::sum(people.iter());
        // Alone, a slot goes where it went.
        if all.received < 2.0 {
            continue;
        }
        let mut whole = Moments::default();
        for (unit, members) in members.iter().enumerate() {
            let own = || members.iter().map(|&person| &people[person as usize]);
            let sum = Person::sum(own());
            if let Some(share) = unit_mean[unit] {
                of_units[unit] += of_unit(own(), sum, all, share).variance(all.received);
            }
            if let Some(share) = cross_mean {
                whole.add(&inside(own(), sum, 0.0, share));
            }
        }
        of_all += whole.variance(all.received);
    }
    let sd = |variance: f64, units: f64| (units > 0.0).then(|| variance.max(0.0).sqrt() / units);
    let units = |unit: usize| flows.expected_outside(unit) + flows.expected(unit, unit);
    let unit_sd = |(unit, &variance): (usize, &f64)| unit_mean[unit].and_then(|_| sd(variance, units(unit)));
    PermutationSpread {
        unit_sd: of_units.iter().enumerate().map(unit_sd).collect(),
        unit_mean,
        cross_mean,
        cross_sd: cross_mean.and_then(|_| sd(of_all, flows.expected_total())),
    }
}

/// What a person, or several, sent and received in a stratum.
#[derive(Clone, Copy, Default)]
struct Person {
    /// Weight sent, in units; whole numbers, which floats hold exactly.
    sent: f64,
    /// Squares of the weights of the slots sent.
    squares: f64,
    /// Slots received.
    received: f64,
}

impl Person {
    fn sum<'a>(people: impl Iterator<Item = &'a Person>) -> Person {
        people.fold(Person::default(), |sum, person| Person {
            sent: sum.sent + person.sent,
            squares: sum.squares + person.squares,
            received: sum.received + person.received,
        })
    }
}

fn note(slot: &Slot, people: &mut [Person]) {
    let (units, count) = (f64::from(slot.units), f64::from(slot.count));
    let sender = &mut people[slot.source as usize];
    sender.sent += units * count;
    sender.squares += units * units * count;
    people[slot.target as usize].received += count;
}

/// Sums over the M x M numbers of a stratum.
#[derive(Clone, Copy, Default)]
struct Moments {
    squares: f64,
    /// Squares of the sums of rows, one a slot.
    rows: f64,
    /// Squares of the sums of columns, one a recipient.
    columns: f64,
    all: f64,
}

impl Moments {
    fn add(&mut self, more: &Moments) {
        self.squares += more.squares;
        self.rows += more.rows;
        self.columns += more.columns;
        self.all += more.all;
    }

    fn variance(&self, slots: f64) -> f64 {
        (self.squares - (self.rows + self.columns) / slots + (self.all / slots) * (self.all / slots)) / (slots - 1.0)
    }
}

/// The slots of a unit's members among themselves; `incoming` is what each recipient adds to a column besides.
fn inside<'a>(members: impl Iterator<Item = &'a Person>, unit: Person, incoming: f64, share: f64) -> Moments {
    let rest = 1.0 - share;
    members.fold(Moments::default(), |mut sums, person| {
        let others = unit.received - person.received;
        let row = -(unit.received - share * person.received);
        let column = incoming - unit.sent + share * person.sent;
        sums.squares += person.squares * (others + rest * rest * person.received);
        sums.rows += person.squares * row * row;
        sums.columns += person.received * column * column;
        sums.all += person.received * column;
        sums
    })
}

/// The same with what comes from others.
fn of_unit<'a>(members: impl Iterator<Item = &'a Person>, unit: Person, all: Person, share: f64) -> Moments {
    let rest = 1.0 - share;
    let (sent, squares) = (all.sent - unit.sent, all.squares - unit.squares);
    let mut sums = inside(members, unit, rest * sent, share);
    sums.squares += rest * rest * squares * unit.received;
    sums.rows += rest * rest * squares * unit.received * unit.received;
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expectation::tests::ties_of;
    use crate::permutation::permuted_spread;
    use crosstie_model::Stream;
    use proptest::{collection::vec, prelude::*};

    #[test]
    fn permutations_spread_as_far() {
        let mut stream = Stream::new(5, "sample", &[]);
        let mut draw = |bound| stream.below(bound) as u32;
        let rows: Vec<(u32, u32, u32, u32)> =
            (0..3000).map(|_| (draw(2), draw(40) * draw(40) / 39, draw(40), (1 + draw(3)) << 18)).collect();
        let (ties, unit_of) = (ties_of(&rows), (0..40).map(|person| person / 8).collect::<Vec<u32>>());
        let flows = UnitFlows::new(&ties, &unit_of, 5);
        let closed = closed_spread(&ties, &unit_of, &flows, 5);
        let drawn = permuted_spread(&ties, &unit_of, 5, 1, 4000);
        // The error of a standard deviation from 4,000 draws is 1.1 %.
        let near = |closed: Option<f64>, drawn: Option<f64>| {
            let ratio = closed.unwrap() / drawn.unwrap();
            assert!((0.95..1.05).contains(&ratio), "{closed:?} against {drawn:?}");
        };
        (0..5).for_each(|unit| near(closed.unit_sd[unit], drawn.unit_sd[unit]));
        near(closed.cross_sd, drawn.cross_sd);
    }

    /// Every order of a few things.
    fn orders(count: usize) -> Vec<Vec<usize>> {
        let Some(rest) = count.checked_sub(1) else { return vec![Vec::new()] };
        let insert = |order: &Vec<usize>, at: usize| {
            let mut longer = order.clone();
            longer.insert(at, rest);
            longer
        };
        orders(rest).iter().flat_map(|order| (0..count).map(|at| insert(order, at)).collect::<Vec<_>>()).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        /// All permutations of a stratum of six slots, one by one: the variance of ((1 - x0) X - x0 I) / (X0 + I0).
        #[test]
        fn equals_all_permutations(rows in vec((0..5u32, 0..5u32, 1..9u32), 6), unit_of in vec(0..3u32, 5)) {
            let rows: Vec<(u32, u32, u32, u32)> = rows.into_iter().map(|(a, b, w)| (0, a, (a + 1 + b % 4) % 5, w)).collect();
            let ties = ties_of(&rows);
            let flows = UnitFlows::new(&ties, &unit_of, 3);
            let closed = closed_spread(&ties, &unit_of, &flows, 3);
            let unit = |person: u32| unit_of[person as usize];
            // Of a unit, or of all borders.
            let moved = |order: &[usize], of: Option<u32>, share: f64| -> f64 {
                let slot = |(row, &to): (&(u32, u32, u32, u32), &usize)| {
                    let (from, to, units) = (row.1, rows[to].2, f64::from(row.3));
                    let counts = of.is_none_or(|of| unit(from) == of || unit(to) == of) && from != to;
                    let crosses = unit(from) != unit(to);
                    if !counts { 0.0 } else if crosses { (1.0 - share) * units } else { -share * units }
                };
                rows.iter().zip(order).map(slot).sum()
            };
            for of in [None, Some(0), Some(1), Some(2)] {
                let (share, sd, units) = match of {
                    None => (closed.cross_mean, closed.cross_sd, flows.expected_total()),
                    Some(of) => {
                        let of = of as usize;
                        (closed.unit_mean[of], closed.unit_sd[of], flows.expected_outside(of) + flows.expected(of, of))
                    }
                };
                let Some(share) = share else { continue };
                let values: Vec<f64> = orders(6).iter().map(|order| moved(order, of, share) / units).collect();
                let mean = values.iter().sum::<f64>() / values.len() as f64;
                let variance = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / values.len() as f64;
                prop_assert!((sd.unwrap() - variance.sqrt()).abs() < 1e-7, "{sd:?} {variance}");
            }
        }
    }
}
