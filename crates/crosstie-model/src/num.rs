//! Logarithms and exponentials that are the same on every platform (crate libm), and order statistics.

/// Natural logarithm.
#[must_use]
pub fn ln(x: f64) -> f64 {
    libm::log(x)
}

/// Logarithm to base 2.
#[must_use]
pub fn log2(x: f64) -> f64 {
    libm::log2(x)
}

/// `e^x`.
#[must_use]
pub fn exp(x: f64) -> f64 {
    libm::exp(x)
}

/// `2^x`.
#[must_use]
pub fn exp2(x: f64) -> f64 {
    libm::exp2(x)
}

/// `ln(p / (1 - p))`, the log odds of a share strictly between 0 and 1.
#[must_use]
pub fn logit(share: f64) -> f64 {
    ln(share / (1.0 - share))
}

/// The share whose log odds are `x`.
#[must_use]
pub fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + exp(-x))
}

/// The median, the mean of the two middle values where the count is even; `None` of nothing.
///
/// Reorders `values`. Must not hold NaN. Time O(values).
pub fn median(values: &mut [f64]) -> Option<f64> {
    let count = values.len();
    if count == 0 {
        return None;
    }
    let (below, &mut middle, _) = values.select_nth_unstable_by(count / 2, f64::total_cmp);
    let lower = below.iter().copied().max_by(f64::total_cmp).filter(|_| count.is_multiple_of(2));
    Some(lower.map_or(middle, |lower| (lower + middle) / 2.0))
}

/// The 95 % percentile interval of bootstrap replicates: numbers ceil(0.025 B) and ceil(0.975 B) of the sorted values.
///
/// Reorders `values`; minus infinity is a value. `None` of nothing. Time O(values).
pub fn interval(values: &mut [f64]) -> Option<(f64, f64)> {
    if values.is_empty() {
        return None;
    }
    // In thousandths and in integers: 0.975 has no exact float.
    let rank = |thousandths: usize| (values.len() * thousandths).div_ceil(1000).max(1) - 1;
    let (low, high) = (rank(25), rank(975));
    let (below, &mut top, _) = values.select_nth_unstable_by(high, f64::total_cmp);
    let bottom = if low < high { *below.select_nth_unstable_by(low, f64::total_cmp).1 } else { top };
    Some((bottom, top))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_and_intervals() {
        assert_eq!(median(&mut []), None);
        assert_eq!(median(&mut [3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&mut [4.0, 1.0, 2.0, 3.0]), Some(2.5));
        let mut thousand: Vec<f64> = (1..=1000).rev().map(f64::from).collect();
        assert_eq!(interval(&mut thousand), Some((25.0, 975.0)));
        assert_eq!(interval(&mut [f64::NEG_INFINITY, 1.0]), Some((f64::NEG_INFINITY, 1.0)));
    }

    #[test]
    fn log_odds_go_both_ways() {
        for share in [0.01, 0.5, 0.9] {
            assert!((logistic(logit(share)) - share).abs() < 1e-12);
        }
    }
}
