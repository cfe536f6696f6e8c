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

/// A ratio in digits: one decimal, two up to just above 1, where it matters on which side of it a number lies.
pub(crate) fn ratio(value: f64) -> String {
    if value < 1.1 { format!("{value:.2}") } else { format!("{value:.1}") }
}

/// `2^x` in digits.
pub(crate) fn ratio_of_log2(log2: f64) -> String {
    ratio(exp2(log2))
}

/// A low end that may be unbounded.
pub(crate) fn low_of_log2(log2: Option<f64>) -> String {
    log2.map_or_else(|| "0".into(), ratio_of_log2)
}

/// A share as whole per cent.
pub(crate) fn per_cent(share: f64) -> String {
    if share < 0.005 && share > 0.0 { "under 1 %".into() } else { format!("{:.0} %", share * 100.0) }
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
        assert_eq!((ratio(0.494), ratio(1.94)), ("0.49".into(), "1.9".into()));
        assert_eq!(
            (per_cent(0.004), per_cent(0.314), per_cent(0.0)),
            ("under 1 %".into(), "31 %".into(), "0 %".into())
        );
        assert_eq!((count(1_234_567), count(-12)), ("1,234,567".into(), "\u{2212}12".into()));
        assert_eq!((decimal(-0.25, 1), decimal(-0.01, 1)), ("\u{2212}0.2".into(), "0.0".into()));
    }
}
