//! The order of units in the matrix: units that exchange much stand together.

use crosstie_model::tables::{UnitPairRow, UnitRow};
use std::collections::BTreeMap;

/// Average linkage over `3 - clamp(log2_ratio)`; at each merge the side with the lower mean openness goes first,
/// ties by name. Time O(units³).
pub(crate) fn clustered<'a>(units: &[&'a UnitRow], pairs: &BTreeMap<(&str, &str), &UnitPairRow>) -> Vec<&'a UnitRow> {
    let distance = |a: &UnitRow, b: &UnitRow| {
        let (first, second) = if a.unit <= b.unit { (&a.unit, &b.unit) } else { (&b.unit, &a.unit) };
        let ratio = pairs.get(&(first.as_str(), second.as_str())).and_then(|pair| pair.log2_ratio);
        3.0 - ratio.unwrap_or(0.0).clamp(-3.0, 3.0)
    };
    let mut groups: Vec<Vec<&UnitRow>> = units.iter().map(|unit| vec![*unit]).collect();
    let mean_openness =
        |group: &[&UnitRow]| group.iter().map(|unit| unit.openness.unwrap_or(0.0)).sum::<f64>() / group.len() as f64;
    while groups.len() > 1 {
        let mut best = (f64::INFINITY, 0, 1);
        for a in 0..groups.len() {
            for b in a + 1..groups.len() {
                let sum: f64 = groups[a].iter().flat_map(|x| groups[b].iter().map(|y| distance(x, y))).sum();
                let mean = sum / (groups[a].len() * groups[b].len()) as f64;
                if mean < best.0 {
                    best = (mean, a, b);
                }
            }
        }
        let second = groups.remove(best.2);
        let first = groups.remove(best.1);
        let key = |group: &[&UnitRow]| (mean_openness(group), group[0].unit.clone());
        let (a, b) = (key(&first), key(&second));
        let first_leads = a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)).is_le();
        let merged = if first_leads { [first, second].concat() } else { [second, first].concat() };
        groups.insert(best.1, merged);
    }
    groups.pop().unwrap_or_default()
}
