//! Normalised mutual information of two partitions, not corrected for chance.

use crate::contingency::Contingency;

/// Mutual information of two labelings of the same items over their mean entropy; `None` where either has a single class.
///
/// 1 for equal partitions. Not 0 for unrelated ones: it grows with the number of classes, which
/// [`adjusted_mutual_information`](crate::adjusted_mutual_information) does not. Here to compare with papers that report
/// it. Time O(items log items + classes²).
///
/// Danon et al. 2005, doi:10.1088/1742-5468/2005/09/P09008; the normalisations: Vinh, Epps, Bailey 2010, Journal of Machine
/// Learning Research 11, 2837-2854.
///
/// # Panics
/// If the two are not of one length.
#[must_use]
pub fn normalized_mutual_information(a: &[u32], b: &[u32]) -> Option<f64> {
    let counts = Contingency::of(a, b);
    (!counts.is_trivial()).then(|| counts.information() / counts.mean_entropy())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};
    use std::collections::BTreeMap;

    #[test]
    fn known_values() {
        assert_eq!(normalized_mutual_information(&[0, 0, 1, 1], &[5, 5, 3, 3]), Some(1.0));
        // scikit-learn's manual, arithmetic mean.
        let found = normalized_mutual_information(&[0, 0, 1, 1], &[0, 0, 1, 2]).unwrap();
        assert!((found - 0.8).abs() < 1e-12, "{found}");
        assert_eq!(normalized_mutual_information(&[0, 0], &[0, 1]), None);
        assert_eq!(normalized_mutual_information(&[], &[]), None);
    }

    /// Entropy in bits of what is counted.
    fn entropy<K: Ord>(values: impl Iterator<Item = K>) -> f64 {
        let mut counts: BTreeMap<K, f64> = BTreeMap::new();
        values.for_each(|value| *counts.entry(value).or_default() += 1.0);
        let all: f64 = counts.values().sum();
        counts.values().map(|count| -count / all * crosstie_model::num::log2(count / all)).sum()
    }

    proptest! {
        /// `2 (H(A) + H(B) - H(A, B)) / (H(A) + H(B))`.
        #[test]
        fn equals_the_definition_by_entropies(items in vec((0..4u32, 0..5u32), 0..40)) {
            let (a, b): (Vec<u32>, Vec<u32>) = items.iter().copied().unzip();
            let (of_a, of_b) = (entropy(a.iter()), entropy(b.iter()));
            let expected = (of_a > 0.0 && of_b > 0.0).then(|| 2.0 * (of_a + of_b - entropy(items.iter())) / (of_a + of_b));
            let found = normalized_mutual_information(&a, &b);
            prop_assert_eq!(found.is_some(), expected.is_some());
            prop_assert!((found.unwrap_or(0.0) - expected.unwrap_or(0.0)).abs() < 1e-9);
            prop_assert!((-1e-12..=1.0 + 1e-12).contains(&found.unwrap_or(0.0)));
            prop_assert!((found.unwrap_or(0.0) - normalized_mutual_information(&b, &a).unwrap_or(0.0)).abs() < 1e-12);
        }
    }
}
