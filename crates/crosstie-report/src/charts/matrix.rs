//! Contact between units against what activity gives: a square a pair, both triangles and the diagonal.

use crate::svg::{Canvas, Svg};
use crosstie_model::tables::{UnitPairRow, UnitRow};
use std::collections::BTreeMap;

/// Most units that are drawn.
pub(crate) const LARGEST: usize = 40;
const LEFT: f64 = 26.0;
const TOP: f64 = 20.0;

/// Limits of the seven steps, as log2 of the ratio: a quarter, half, four fifths, five quarters, two, four.
const LIMITS: [f64; 6] = [-2.0, -1.0, -0.321_928_094_887_362_3, 0.321_928_094_887_362_3, 1.0, 2.0];

/// The step of a pair and its mark.
fn step(pair: Option<&UnitPairRow>) -> (&'static str, &'static str) {
    let Some(pair) = pair else { return ("m0", "\u{2212}") }; // no row: no contact seen
    if pair.suppressed {
        return ("hatch", "?");
    }
    let Some(ratio) = pair.log2_ratio else { return ("m0", "\u{2212}") };
    let holds_zero = pair.log2_low.is_none_or(|low| low <= 0.0) && pair.log2_high.is_none_or(|high| high >= 0.0);
    if holds_zero {
        return ("m3", "\u{b7}");
    }
    match LIMITS.iter().filter(|&&limit| ratio > limit).count() {
        0 => ("m0", "\u{2212}"),
        1 => ("m1", "\u{2212}"),
        2 => ("m2", "\u{2212}"),
        3 => ("m3", if ratio < 0.0 { "\u{2212}" } else { "+" }),
        4 => ("m4", "+"),
        5 => ("m5", "+"),
        _ => ("m6", "+"),
    }
}

/// The chart, units in the given order with their numbers.
pub(crate) fn matrix(units: &[(usize, &UnitRow)], pairs: &BTreeMap<(&str, &str), &UnitPairRow>) -> Svg {
    let cell = match units.len() {
        0..=12 => 24.0,
        13..=20 => 18.0,
        21..=30 => 16.0,
        _ => 15.0,
    };
    let size = cell * units.len() as f64;
    let mut canvas = Canvas::new((LEFT + size + 4.0).max(120.0), TOP + size + 4.0);
    for (row, (number, a)) in units.iter().enumerate() {
        let y = TOP + cell * row as f64;
        canvas.text("label", LEFT - 5.0, y + cell / 2.0 + 4.0, "end", &number.to_string());
        canvas.text("label", LEFT + cell * (row as f64 + 0.5), TOP - 6.0, "middle", &number.to_string());
        for (column, (_, b)) in units.iter().enumerate() {
            let key =
                if a.unit <= b.unit { (a.unit.as_str(), b.unit.as_str()) } else { (b.unit.as_str(), a.unit.as_str()) };
            let (class, mark) = step(pairs.get(&key).copied());
            let x = LEFT + cell * column as f64;
            canvas.rect(&format!("cell {class}"), x, y, cell, cell);
            canvas.text(&format!("mark k{class}"), x + cell / 2.0, y + cell / 2.0 + 4.0, "middle", mark);
        }
        if a.silo == Some(true) {
            canvas.rect("silo", LEFT + cell * row as f64 + 1.5, y + 1.5, cell - 3.0, cell - 3.0);
        }
    }
    let less = pairs
        .values()
        .filter(|pair| pair.log2_high.is_some_and(|high| high < 0.0) && pair.unit_a != pair.unit_b)
        .count();
    let more =
        pairs.values().filter(|pair| pair.log2_low.is_some_and(|low| low > 0.0) && pair.unit_a != pair.unit_b).count();
    let finding = format!(
        "{less} pairs of different units exchange less than the activity of their people gives, {more} more; the rest cannot be told from it or are withheld."
    );
    canvas.finish("c-matrix", "Contact between units against what activity gives", &finding)
}

/// The key of the steps, as a drawing.
pub(crate) fn scale_key() -> Svg {
    let mut canvas = Canvas::new(320.0, 66.0);
    for (at, label) in ["under \u{bc}\u{d7}", "", "", "as expected", "", "", "over 4\u{d7}"].iter().enumerate() {
        let x = 14.0 + 42.0 * at as f64;
        let (class, mark) = (
            ["m0", "m1", "m2", "m3", "m4", "m5", "m6"][at],
            ["\u{2212}", "\u{2212}", "\u{2212}", "\u{b7}", "+", "+", "+"][at],
        );
        canvas.rect(&format!("cell {class}"), x, 4.0, 39.0, 18.0);
        canvas.text(&format!("mark k{class}"), x + 20.0, 17.0, "middle", mark);
        canvas.text("label", x + 20.0, 36.0, "middle", label);
    }
    canvas.rect("cell hatch", 16.0, 44.0, 18.0, 18.0);
    canvas.text("mark khatch", 25.0, 57.0, "middle", "?");
    canvas.text("label", 40.0, 57.0, "start", "withheld");
    canvas.rect("cell m3", 118.0, 44.0, 18.0, 18.0);
    canvas.rect("silo", 119.5, 45.5, 15.0, 15.0);
    canvas.text("label", 142.0, 57.0, "start", "silo");
    canvas.text("label", 192.0, 57.0, "start", "\u{b7} cannot be told");
    canvas.finish("c-key", "Key of the matrix", "Orange and a minus sign: less than expected. Blue and a plus sign: more. Grey and a dot: the interval holds what is expected.")
}
