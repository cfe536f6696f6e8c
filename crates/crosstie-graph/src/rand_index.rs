//! The adjusted Rand index of two partitions.

use crate::contingency::Contingency;

/// Share of pairs of items on which two labelings agree, corrected for chance; `None` where either has a single class, or
/// nothing could be better than chance.
///
/// With S, A, B the pairs that are together in both, in the first, in the second, of N pairs:
/// `(S - A B / N) / ((A + B) / 2 - A B / N)`. 1 for equal partitions, about 0 for unrelated ones, may be negative. Pairs in
/// large classes dominate it. Time O(items log items + classes²); pairs are counted in integers.
///
/// Hubert & Arabie 1985, doi:10.1007/BF01908075.
///
/// # Panics
/// If the two are not of one length.
#[must_use]
pub fn adjusted_rand_index(a: &[u32], b: &[u32]) -> Option<f64> {
    let counts = Contingency::of(a, b);
    if counts.is_trivial() {
        return None;
    }
    let pairs = |count: u64| i128::from(count) * (i128::from(count) - 1) / 2;
    let together = |sizes: &[u64]| sizes.iter().map(|&size| pairs(size)).sum::<i128>();
    let same: i128 = counts.both.iter().map(|row| together(row)).sum();
    let (of_a, of_b, all) = (together(&counts.a_sizes), together(&counts.b_sizes), pairs(counts.items));
    // Both over 2 N, so that nothing is rounded before the division.
    let above = 2 * (same * all - of_a * of_b);
    let most = (of_a + of_b) * all - 2 * of_a * of_b;
    (most > 0).then(|| above as f64 / most as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crosstie_model::Stream;
    use proptest::{collection::vec, prelude::*};

    #[test]
    fn known_values() {
        assert_eq!(adjusted_rand_index(&[0, 0, 1, 1], &[5, 5, 3, 3]), Some(1.0));
        // scikit-learn's manual.
        let found = adjusted_rand_index(&[0, 0, 1, 2], &[0, 0, 1, 1]).unwrap();
        assert!((found - 4.0 / 7.0).abs() < 1e-15, "{found}");
        let found = adjusted_rand_index(&[0, 0, 1, 1], &[0, 1, 0, 1]).unwrap();
        assert!((found + 0.5).abs() < 1e-15, "{found}");
        assert_eq!(adjusted_rand_index(&[0, 0], &[0, 1]), None);
        assert_eq!(adjusted_rand_index(&[0, 1, 2], &[2, 1, 0]), None, "nobody is with anybody, in both");
    }

    #[test]
    fn unrelated_partitions_agree_about_zero() {
        let mut stream = Stream::new(1, "rand", &[]);
        let mut labels = |classes: u64| (0..60).map(|_| stream.below(classes) as u32).collect::<Vec<_>>();
        let mean: f64 = (0..200).map(|_| adjusted_rand_index(&labels(3), &labels(20)).unwrap()).sum::<f64>() / 200.0;
        assert!(mean.abs() < 0.01, "{mean}");
    }

    proptest! {
        /// Every pair of items, one by one.
        #[test]
        fn equals_the_definition_by_pairs(items in vec((0..4u32, 0..5u32), 2..30)) {
            let (a, b): (Vec<u32>, Vec<u32>) = items.iter().copied().unzip();
            let (mut same, mut of_a, mut of_b, mut all) = (0.0, 0.0, 0.0, 0.0);
            for (at, one) in items.iter().enumerate() {
                for other in &items[..at] {
                    all += 1.0;
                    of_a += f64::from(u8::from(one.0 == other.0));
                    of_b += f64::from(u8::from(one.1 == other.1));
                    same += f64::from(u8::from(one == other));
                }
            }
            let expected = of_a * of_b / all;
            if let Some(found) = adjusted_rand_index(&a, &b) {
                prop_assert!((found - (same - expected) / ((of_a + of_b) / 2.0 - expected)).abs() < 1e-9);
                prop_assert!(found <= 1.0);
                prop_assert_eq!(adjusted_rand_index(&b, &a), Some(found));
            } else {
                let single = |labels: &[u32]| labels.iter().all(|&label| label == labels[0]);
                prop_assert!(single(&a) || single(&b) || (of_a + of_b) * all <= 2.0 * of_a * of_b);
            }
        }
    }
}
