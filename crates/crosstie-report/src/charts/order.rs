//! The order of units in the matrix: units that exchange much stand together.

use crate::pages::{Numbered, Pairs};
use crosstie_model::tables::UnitRow;

/// Average linkage over `3 - clamp(log2_ratio)`; at each merge the side with the lower mean openness goes first,
/// ties by name. Time O(units⁴), for 40 units.
pub(crate) fn clustered<'a>(units: &[Numbered<'a>], pairs: &Pairs<'_>) -> Vec<Numbered<'a>> {
    let mut groups: Vec<Vec<Numbered<'a>>> = units.iter().map(|unit| vec![*unit]).collect();
    while groups.len() > 1 {
        let mut best = (f64::INFINITY, 0, 1);
        for a in 0..groups.len() {
            for b in a + 1..groups.len() {
                let each = groups[a].iter().flat_map(|x| groups[b].iter().map(|y| distance(x.1, y.1, pairs)));
                let mean = each.sum::<f64>() / (groups[a].len() * groups[b].len()) as f64;
                if mean < best.0 {
                    best = (mean, a, b);
                }
            }
        }
        let second = groups.remove(best.2);
        let first = groups.remove(best.1);
        let name = |group: &[Numbered<'a>]| group.iter().map(|unit| unit.1.unit.clone()).min();
        let first_leads = mean_openness(&first)
            .total_cmp(&mean_openness(&second))
            .then_with(|| name(&first).cmp(&name(&second)))
            .is_le();
        groups.insert(best.1, if first_leads { [first, second].concat() } else { [second, first].concat() });
    }
    groups.pop().unwrap_or_default()
}

fn distance(a: &UnitRow, b: &UnitRow, pairs: &Pairs<'_>) -> f64 {
    let (first, second) = if a.unit <= b.unit { (&a.unit, &b.unit) } else { (&b.unit, &a.unit) };
    match pairs.get(&(first.as_str(), second.as_str())) {
        // Withheld is as expected: its place in the order tells nothing.
        Some(pair) if pair.suppressed => 3.0,
        Some(pair) => 3.0 - pair.log2_ratio.unwrap_or(-3.0).clamp(-3.0, 3.0),
        // No row: no contact, or none expected.
        None => 3.0,
    }
}

fn mean_openness(group: &[Numbered<'_>]) -> f64 {
    group.iter().map(|unit| unit.1.openness.unwrap_or(0.0)).sum::<f64>() / group.len() as f64
}
