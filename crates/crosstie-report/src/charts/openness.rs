//! Openness of units: a dot and its interval each, on an axis from an eighth to eight times what chance gives.

use crate::names::cut;
use crate::pages::Numbered;
use crate::svg::{Canvas, Svg};

const WIDTH: f64 = 340.0;
const LEFT: f64 = 166.0;
const RIGHT: f64 = 330.0;
const TOP: f64 = 24.0;
const ROW: f64 = 21.0;
const REACH: f64 = 3.0;
/// Graphemes of a label beside its number: as many as fit.
const LABEL: usize = 19;

/// The chart; units without a number have a row without a dot.
pub(crate) fn openness(id: &str, units: &[Numbered<'_>]) -> Svg {
    let bottom = TOP + ROW * units.len() as f64;
    let mut canvas = Canvas::new(WIDTH, bottom + 22.0);
    let x = |value: f64| LEFT + (value.clamp(-REACH, REACH) + REACH) / (2.0 * REACH) * (RIGHT - LEFT);
    for value in [-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0] {
        canvas.line(if value == 0.0 { "axis zero" } else { "axis" }, x(value), TOP - 4.0, x(value), bottom);
    }
    canvas.text("label small", x(-1.0) + 4.0, TOP - 9.0, "end", "half");
    canvas.text("label small", x(0.0), TOP - 9.0, "middle", "chance");
    canvas.text("label small", x(1.0) - 4.0, TOP - 9.0, "start", "double");
    for (row, (number, unit)) in units.iter().enumerate() {
        let y = TOP + ROW * (row as f64 + 0.5);
        canvas.text("label small", 0.0, y + 4.0, "start", &format!("{number} {}", cut(&unit.unit, LABEL)));
        let is_silo = unit.silo == Some(true);
        let Some(value) = unit.openness else {
            let text = if unit.external_share.is_some() { "no contact outside" } else { "not enough evidence" };
            canvas.text("label small faint", RIGHT, y + 4.0, "end", text);
            continue;
        };
        let low = unit.openness_low.unwrap_or(f64::NEG_INFINITY);
        let high = unit.openness_high.unwrap_or(f64::INFINITY);
        canvas.line("interval", x(low), y, x(high), y);
        for (end, sign) in [(low, -1.0), (high, 1.0)] {
            if end.abs() > REACH {
                let tip = x(REACH * sign) + 6.0 * sign;
                canvas.line("interval", tip - 5.0 * sign, y - 4.0, tip, y);
                canvas.line("interval", tip - 5.0 * sign, y + 4.0, tip, y);
            }
        }
        if is_silo {
            canvas.circle("ring", x(value), y, 6.5);
            canvas.circle("ring", x(value), y, 9.0);
            canvas.text("label small strong", x(REACH), y + 4.0, "end", "S");
        }
        canvas.circle("dot", x(value), y, 4.0);
    }
    canvas.text("label small faint", LEFT, bottom + 15.0, "start", "less outside \u{2190}");
    canvas.text("label small faint", RIGHT, bottom + 15.0, "end", "\u{2192} more");
    let told = || units.iter().filter(|(_, unit)| unit.openness.is_some());
    let closed = told().filter(|(_, unit)| unit.openness_high.is_some_and(|high| high < 0.0)).count();
    let open = told().filter(|(_, unit)| unit.openness_low.is_some_and(|low| low > 0.0)).count();
    let marked = units.iter().filter(|(_, unit)| unit.silo == Some(true)).count();
    let finding = format!(
        "Units drawn: {}. With less contact outside than chance gives, beyond their interval: {closed}; with more: {open}; marked S as silos: {marked}.",
        units.len()
    );
    canvas.finish(id, "Openness of each unit against chance, with its 95 % interval", &finding)
}
