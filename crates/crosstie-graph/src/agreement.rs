//! Agreement of two partitions, corrected for chance.

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
    assert_eq!(a.len(), b.len(), "one label an item in both");
    let (a, a_sizes) = compact(a);
    let (b, b_sizes) = compact(b);
    if a_sizes.len() < 2 || b_sizes.len() < 2 {
        return None;
    }
    let n = a.len() as f64;
    let mut table = vec![vec![0u64; b_sizes.len()]; a_sizes.len()];
    for (&i, &j) in a.iter().zip(&b) {
        table[i][j] += 1;
    }
    let mut information = 0.0;
    for (row, &size_a) in table.iter().zip(&a_sizes) {
        for (&both, &size_b) in row.iter().zip(&b_sizes) {
            if both > 0 {
                let both = both as f64;
                information += both / n * ln(n * both / (size_a as f64 * size_b as f64));
            }
        }
    }
    let entropy = |sizes: &[u64]| -> f64 { sizes.iter().map(|&s| -(s as f64 / n) * ln(s as f64 / n)).sum() };
    let expected = expected_information(&a_sizes, &b_sizes);
    let ceiling = f64::midpoint(entropy(&a_sizes), entropy(&b_sizes));
    Some((information - expected) / (ceiling - expected))
}

/// Labels as 0.. in order of value, and how often each occurs.
fn compact(labels: &[u32]) -> (Vec<usize>, Vec<u64>) {
    let mut values = labels.to_vec();
    values.sort_unstable();
    values.dedup();
    let dense: Vec<usize> = labels.iter().filter_map(|label| values.binary_search(label).ok()).collect();
    let mut sizes = vec![0; values.len()];
    for &label in &dense {
        sizes[label] += 1;
    }
    (dense, sizes)
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
