//! Contrast of every pair of colours that meet, and distances of the seven steps for people who see two primaries.

use std::collections::BTreeMap;

type Colour = [f64; 3];

/// Tokens of the light and of the dark theme.
fn themes() -> [BTreeMap<String, Colour>; 2] {
    let css = include_str!("../../templates/report.css");
    let dark = css.split_once("prefers-color-scheme:dark){:root{").unwrap();
    let block = |text: &str| -> BTreeMap<String, Colour> {
        let text = text.split_once('}').unwrap().0;
        let pairs = text.split(';').filter_map(|part| part.trim().strip_prefix("--")?.split_once(':'));
        pairs.map(|(name, value)| (name.to_string(), colour(value))).collect()
    };
    let light = block(dark.0.split_once(":root{").unwrap().1);
    let dark = block(dark.1);
    assert_eq!(light.keys().collect::<Vec<_>>(), dark.keys().collect::<Vec<_>>(), "both themes have every token");
    [light, dark]
}

/// Linear red, green and blue of `#rgb` or `#rrggbb`.
fn colour(text: &str) -> Colour {
    let digits = text.trim().strip_prefix('#').unwrap();
    let long: String =
        if digits.len() == 3 { digits.chars().flat_map(|c| [c, c]).collect() } else { digits.to_string() };
    [0, 2, 4].map(|at| {
        let value = f64::from(u8::from_str_radix(&long[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { libm_pow((value + 0.055) / 1.055, 2.4) }
    })
}

fn libm_pow(base: f64, exponent: f64) -> f64 {
    crosstie_model::num::exp(crosstie_model::num::ln(base) * exponent)
}

/// WCAG 2.2 contrast.
fn contrast(a: Colour, b: Colour) -> f64 {
    let luminance = |c: Colour| 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2];
    let (a, b) = (luminance(a) + 0.05, luminance(b) + 0.05);
    if a > b { a / b } else { b / a }
}

#[test]
fn what_is_read_contrasts() {
    for theme in themes() {
        let pair = |a: &str, b: &str| contrast(theme[a], theme[b]);
        for ground in ["paper", "panel"] {
            for text in ["text", "faint", "accent", "warn"] {
                assert!(pair(text, ground) >= 4.5, "{text} on {ground}: {:.2}", pair(text, ground));
            }
            for graphic in ["line", "accent", "less", "more", "text"] {
                assert!(pair(graphic, ground) >= 3.0, "{graphic} on {ground}: {:.2}", pair(graphic, ground));
            }
        }
        for step in 0..7 {
            let found = pair(&format!("k{step}"), &format!("m{step}"));
            assert!(found >= 5.0, "mark on step {step}: {found:.2}");
        }
    }
}

/// Severity 1.0 of Machado, Oliveira & Fernandes 2009, doi:10.1109/TVCG.2009.113, on linear colours.
const SEEN: [(&str, [[f64; 3]; 3]); 4] = [
    ("all three", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
    (
        "protanopia",
        [[0.152_286, 1.052_583, -0.204_868], [0.114_503, 0.786_281, 0.099_216], [-0.003_882, -0.048_116, 1.051_998]],
    ),
    (
        "deuteranopia",
        [[0.367_322, 0.860_646, -0.227_968], [0.280_085, 0.672_501, 0.047_413], [-0.011_820, 0.042_940, 0.968_881]],
    ),
    (
        "tritanopia",
        [[1.255_528, -0.076_749, -0.178_779], [-0.078_411, 0.930_809, 0.147_602], [0.004_733, 0.691_367, 0.303_900]],
    ),
];

fn times(matrix: [[f64; 3]; 3], c: Colour) -> Colour {
    matrix.map(|row| row[0] * c[0] + row[1] * c[1] + row[2] * c[2])
}

/// OKLab of Ottosson 2020, from linear sRGB.
fn oklab(c: Colour) -> Colour {
    let lms = times(
        [
            [0.412_221_470_8, 0.536_332_536_3, 0.051_445_992_9],
            [0.211_903_498_2, 0.680_699_545_1, 0.107_396_956_6],
            [0.088_302_461_9, 0.281_718_837_6, 0.629_978_700_5],
        ],
        c.map(|value| value.clamp(0.0, 1.0)),
    );
    times(
        [
            [0.210_454_255_3, 0.793_617_785_0, -0.004_072_046_8],
            [1.977_998_495_1, -2.428_592_205_0, 0.450_593_709_9],
            [0.025_904_037_1, 0.782_771_766_2, -0.808_675_766_0],
        ],
        lms.map(f64::cbrt),
    )
}

#[test]
fn steps_stay_apart_for_people_who_see_two_primaries() {
    for theme in themes() {
        for (eyes, matrix) in SEEN {
            for a in 0..7 {
                for b in a + 1..7 {
                    let of = |step: usize| oklab(times(matrix, theme[&format!("m{step}")]));
                    let (x, y) = (of(a), of(b));
                    let apart: f64 = (0..3).map(|at| (x[at] - y[at]) * (x[at] - y[at])).sum::<f64>().sqrt();
                    assert!(apart >= 0.13, "{eyes}: steps {a} and {b} are {apart:.3} apart");
                }
            }
        }
    }
}
