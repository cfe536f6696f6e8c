//! Agreement of two partitions, corrected for chance.

use crate::contingency::Contingency;
use crosstie_model::num::ln;

/// Adjusted mutual information of two labelings of the same items; `None` where either has a single class.
///
/// `(MI - E[MI]) / (mean entropy - E[MI])` with the hypergeometric expectation: 1 for equal partitions, about 0
/// for unrelated ones, may be slightly negative. Time O(items + classes² · class size).
///
/// Vinh, Epps, Bailey 2010, Journal of Machine Learning Research 11, 2837-2854.
///
/// # Panics
/// If the two are not of one length.
#[must_use]
pub fn adjusted_mutual_information(a: &[u32], b: &[u32]) -> Option<f64> {
    let counts = Contingency::of(a, b);
    if counts.is_trivial() {
        return None;
    }
    let expected = expected_information(&counts.a_sizes, &counts.b_sizes);
    Some((counts.information() - expected) / (counts.mean_entropy() - expected))
}

/// Mean mutual information of random labelings with these class sizes.
fn expected_information(a_sizes: &[u64], b_sizes: &[u64]) -> f64 {
    let n: u64 = a_sizes.iter().sum();
    let mut log_factorial = vec![0.0; n as usize + 1];
    for k in 1..=n as usize {
        log_factorial[k] = log_factorial[k - 1] + ln(k as f64);
    }
    let lf = |k: u64| log_factorial[k as usize];
    let mut sum = 0.0;
    for &a in a_sizes {
        for &b in b_sizes {
            for both in (a + b).saturating_sub(n).max(1)..=a.min(b) {
                let gain = both as f64 / n as f64 * ln((n * both) as f64 / (a * b) as f64);
                let log_chance = lf(a) + lf(b) + lf(n - a) + lf(n - b)
                    - lf(n)
                    - lf(both)
                    - lf(a - both)
                    - lf(b - both)
                    - lf(n + both - a - b);
                sum += gain * crosstie_model::num::exp(log_chance);
            }
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crosstie_model::Stream;

    #[test]
    fn equal_partitions_agree_fully_whatever_their_labels() {
        let found = adjusted_mutual_information(&[0, 0, 1, 1, 2], &[7, 7, 3, 3, 9]).unwrap();
        assert!((found - 1.0).abs() < 1e-12);
        assert_eq!(adjusted_mutual_information(&[0, 0], &[0, 1]), None);
    }

    #[test]
    fn unrelated_partitions_agree_about_zero_whatever_the_number_of_classes() {
        let mut stream = Stream::new(1, "agreement", &[]);
        let mean: f64 = (0..200)
            .map(|_| {
                let a: Vec<u32> = (0..60).map(|_| stream.below(3) as u32).collect();
                let b: Vec<u32> = (0..60).map(|_| stream.below(20) as u32).collect();
                adjusted_mutual_information(&a, &b).unwrap()
            })
            .sum::<f64>()
            / 200.0;
        assert!(mean.abs() < 0.02, "{mean}");
    }
}
