//! Units too small to show are rolled up before anything is measured.

use std::collections::BTreeMap;

/// The unit that holds small ones.
pub const SMALL_UNITS: &str = "(small units)";

/// Replaces the labels of units under `min_people` people by [`SMALL_UNITS`], which takes in the next smallest unit
/// until it is large enough itself; where all together are too few, they have no label. People without a label stay
/// without.
#[must_use]
pub fn roll_up(label_of: &[Option<String>], min_people: usize) -> Vec<Option<String>> {
    let mut sizes: BTreeMap<&str, usize> = BTreeMap::new();
    label_of.iter().flatten().for_each(|label| *sizes.entry(label).or_default() += 1);
    let mut by_size: Vec<(usize, &str)> = sizes.into_iter().map(|(label, size)| (size, label)).collect();
    by_size.sort_unstable();
    let mut small: Vec<&str> = Vec::new();
    let mut people = 0;
    for (size, label) in by_size {
        if size >= min_people && (people == 0 || people >= min_people) {
            break;
        }
        small.push(label);
        people += size;
    }
    let new_label = |label: &String| match small.contains(&label.as_str()) {
        false => Some(label.clone()),
        true => (people >= min_people).then(|| SMALL_UNITS.to_string()),
    };
    label_of.iter().map(|label| label.as_ref().and_then(new_label)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};

    fn sizes(units: &[(&str, usize)], min_people: usize) -> Vec<(String, usize)> {
        let labels: Vec<Option<String>> =
            units.iter().flat_map(|&(label, size)| vec![Some(label.to_string()); size]).collect();
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        roll_up(&labels, min_people).into_iter().flatten().for_each(|label| *counts.entry(label).or_default() += 1);
        counts.into_iter().collect()
    }

    #[test]
    fn small_cases() {
        let named =
            |list: &[(&str, usize)]| list.iter().map(|&(label, size)| (label.to_string(), size)).collect::<Vec<_>>();
        assert_eq!(sizes(&[("a", 12), ("b", 10)], 10), named(&[("a", 12), ("b", 10)]));
        assert_eq!(sizes(&[("a", 12), ("b", 7), ("c", 6)], 10), named(&[(SMALL_UNITS, 13), ("a", 12)]));
        // 7 are too few: the next smallest joins.
        assert_eq!(sizes(&[("a", 30), ("b", 12), ("c", 7)], 10), named(&[(SMALL_UNITS, 19), ("a", 30)]));
        assert_eq!(sizes(&[("a", 3), ("b", 4)], 10), named(&[]));
    }

    proptest! {
        #[test]
        fn no_unit_stays_small(sizes_in in vec(1..30usize, 1..12)) {
            let names: Vec<String> = (0..sizes_in.len()).map(|at| format!("u{at}")).collect();
            let units: Vec<(&str, usize)> = names.iter().map(String::as_str).zip(sizes_in.iter().copied()).collect();
            let out = sizes(&units, 10);
            let all = sizes_in.iter().sum::<usize>();
            prop_assert_eq!(out.iter().map(|unit| unit.1).sum::<usize>(), if all >= 10 { all } else { 0 });
            prop_assert!(out.iter().all(|unit| unit.1 >= 10));
        }
    }
}
