//! Numbers as a reader says them: words first, digits always after.

use crosstie_model::num::{exp2, log2};

/// The minus sign.
const MINUS: char = '\u{2212}';

/// Anchors of a ratio with their words.
const ANCHORS: [(f64, &str); 14] = [
    (0.2, "a fifth of"),
    (0.25, "a quarter of"),
    (1.0 / 3.0, "a third of"),
    (0.5, "half of"),
    (2.0 / 3.0, "two thirds of"),
    (0.8, "four fifths of"),
    (1.0, "as much as"),
    (1.25, "a quarter more than"),
    (1.5, "half as much again as"),
    (2.0, "twice"),
    (3.0, "three times"),
    (4.0, "four times"),
    (5.0, "five times"),
    (f64::INFINITY, ""),
];

/// A ratio in words, to be followed by what it is a ratio of: the anchor nearest on a log scale.
pub(crate) fn ratio_words(ratio: f64) -> String {
    let anchors = &ANCHORS[..ANCHORS.len() - 1];
    let edge = |a: f64, b: f64| (a * b).sqrt();
    // Beyond the outer anchors by more than the half step inward.
    if ratio < 0.2 * 0.2 / edge(0.2, 0.25) {
        return "less than a fifth of".into();
    }
    if ratio > 5.0 * 5.0 / edge(4.0, 5.0) {
        return "more than five times".into();
    }
    let distance = |anchor: f64| (log2(ratio) - log2(anchor)).abs();
    let nearest = anchors.iter().min_by(|a, b| distance(a.0).total_cmp(&distance(b.0))).map_or("", |anchor| anchor.1);
    format!("about {nearest}")
}

/// Ratios from which no digits are given: they hang on the few messages that chance gives.
const MOST_RATIO: f64 = 1000.0;

/// A ratio in digits, as many as can be told: two decimals up to just above 1, where it matters on which side of it a
/// number lies, else two digits. 0 and 1 stand alone only where it is so.
pub(crate) fn ratio(value: f64) -> String {
    let is = |other: f64| value.total_cmp(&other).is_eq();
    match value {
        _ if is(0.0) || is(1.0) => format!("{value:.0}"),
        v if v < 0.005 => "under 0.01".into(),
        v if (0.995..1.005).contains(&v) => format!("{v:.3}"),
        v if v < 1.1 => format!("{v:.2}"),
        v if v < 9.95 => format!("{v:.1}"),
        v if v < 99.5 => format!("{v:.0}"),
        v if v < MOST_RATIO => count((v / 10.0).round() as i64 * 10),
        _ => format!("over {}", count(MOST_RATIO as i64)),
    }
}

/// `2^x` in digits.
pub(crate) fn ratio_of_log2(log2: f64) -> String {
    ratio(exp2(log2))
}

/// A low end that may be unbounded.
pub(crate) fn low_of_log2(log2: Option<f64>) -> String {
    log2.map_or_else(|| "0".into(), ratio_of_log2)
}

/// A share as whole per cent; nothing and everything only where it is so.
pub(crate) fn per_cent(share: f64) -> String {
    match share {
        share if share > 0.0 && share < 0.005 => "under 1 %".into(),
        share if (0.995..1.0).contains(&share) => "over 99 %".into(),
        share => format!("{} %", count((share * 100.0).round() as i64)),
    }
}

/// A count in groups of three.
pub(crate) fn count(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut out = String::new();
    if value < 0 {
        out.push(MINUS);
    }
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number with this many decimals and a true minus sign.
pub(crate) fn decimal(value: f64, places: usize) -> String {
    if value.abs().total_cmp(&0.0).is_eq() {
        return "0".into();
    }
    let text = format!("{value:.places$}");
    match text.strip_prefix('-') {
        Some(rest) if rest.chars().all(|c| c == '0' || c == '.') => rest.into(),
        Some(rest) => format!("{MINUS}{rest}"),
        None => text,
    }
}

/// The words of a carriers band.
pub(crate) fn carriers_words(band: &str) -> &'static str {
    match band {
        "under_10" => "fewer than 10",
        "10_24" => "10 to 24",
        "25_49" => "25 to 49",
        "50_99" => "50 to 99",
        _ => "100 or more",
    }
}

/// The words of a top carrier's band.
pub(crate) fn top_words(band: &str) -> &'static str {
    match band {
        "under_25" => "under 25 %",
        "25_50" => "25 to 50 %",
        _ => "over 50 %",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_change_at_geometric_means() {
        for (value, words) in [
            (0.49, "about half of"),
            (1.0, "about as much as"),
            (0.8, "about four fifths of"),
            (0.05, "less than a fifth of"),
            (0.2, "about a fifth of"),
            (7.0, "more than five times"),
            (4.9, "about five times"),
        ] {
            assert_eq!(ratio_words(value), words, "{value}");
        }
        for pair in ANCHORS[..13].windows(2) {
            let middle = (pair[0].0 * pair[1].0).sqrt();
            assert_eq!(ratio_words(middle * 0.999), format!("about {}", pair[0].1));
            assert_eq!(ratio_words(middle * 1.001), format!("about {}", pair[1].1));
        }
    }

    #[test]
    fn digits() {
        for (value, digits) in [
            (0.0, "0"),
            (0.004, "under 0.01"),
            (0.005, "0.01"),
            (0.494, "0.49"),
            (0.994, "0.99"),
            (0.9951, "0.995"),
            (0.9999, "1.000"),
            (1.0, "1"),
            (1.004, "1.004"),
            (1.094, "1.09"),
            (1.94, "1.9"),
            (9.94, "9.9"),
            (9.96, "10"),
            (26.4, "26"),
            (99.4, "99"),
            (99.6, "100"),
            (135.2, "140"),
            (994.0, "990"),
            (999.0, "1,000"),
            (1351.5, "over 1,000"),
            (f64::INFINITY, "over 1,000"),
        ] {
            assert_eq!(ratio(value), digits, "{value}");
        }
        for (share, words) in [
            (0.0, "0 %"),
            (1e-9, "under 1 %"),
            (0.0049, "under 1 %"),
            (0.005, "1 %"),
            (0.314, "31 %"),
            (0.994, "99 %"),
            (0.995, "over 99 %"),
            (0.999_999, "over 99 %"),
            (1.0, "100 %"),
        ] {
            assert_eq!(per_cent(share), words, "{share}");
        }
        assert_eq!((count(1_234_567), count(-12)), ("1,234,567".into(), "\u{2212}12".into()));
        assert_eq!(
            (decimal(-0.25, 1), decimal(-0.01, 1), decimal(0.0, 2)),
            ("\u{2212}0.2".into(), "0.0".into(), "0".into())
        );
    }
}
