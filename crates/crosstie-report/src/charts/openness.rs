//! Openness of units: a dot and its interval each, on an axis from an eighth to eight times what chance gives.

use crate::svg::{Canvas, Svg, cut};
use crosstie_model::tables::UnitRow;

const WIDTH: f64 = 340.0;
const LEFT: f64 = 138.0;
const RIGHT: f64 = 326.0;
const TOP: f64 = 36.0;
const ROW: f64 = 22.0;
const REACH: f64 = 3.0;

/// The chart; units without a number have a row without a dot. `numbers` are those of the tables.
pub(crate) fn openness(units: &[(usize, &UnitRow)]) -> Svg {
    let height = TOP + ROW * units.len() as f64 + 26.0;
    let mut canvas = Canvas::new(WIDTH, height);
    let x = |value: f64| LEFT + (value.clamp(-REACH, REACH) + REACH) / (2.0 * REACH) * (RIGHT - LEFT);
    let bottom = TOP + ROW * units.len() as f64;
    for (value, label) in
        [(-2.0, "\u{bc}"), (-1.0, "\u{bd}"), (0.0, "as chance gives"), (1.0, "2\u{d7}"), (2.0, "4\u{d7}")]
    {
        let class = if value == 0.0 { "axis zero" } else { "axis" };
        canvas.line(class, x(value), TOP - 6.0, x(value), bottom);
        if value == 0.0 {
            canvas.text("label strong", x(value), TOP - 22.0, "middle", label);
        } else {
            canvas.text("label", x(value), TOP - 10.0, "middle", label);
        }
    }
    for (row, (number, unit)) in units.iter().enumerate() {
        let y = TOP + ROW * (row as f64 + 0.5);
        canvas.text("label", 0.0, y + 4.0, "start", &format!("{number} {}", cut(&unit.unit, 17)));
        let Some(value) = unit.openness else {
            let text = if unit.silo == Some(true) { "no contact outside" } else { "not enough evidence" };
            canvas.text("label faint", x(0.0), y + 4.0, "middle", text);
            continue;
        };
        let (low, high) = (unit.openness_low.unwrap_or(f64::NEG_INFINITY), unit.openness_high.unwrap_or(value));
        canvas.line("interval", x(low), y, x(high), y);
        if low < -REACH {
            canvas.text("label", LEFT - 2.0, y + 4.0, "end", "\u{2190}");
        }
        if unit.silo == Some(true) {
            canvas.circle("ring", x(value), y, 8.5);
            canvas.text("label strong", x(value) + 12.0, y - 3.0, "start", "S");
        }
        canvas.circle("dot", x(value), y, 4.5);
    }
    canvas.text("label faint", LEFT, bottom + 18.0, "start", "less contact outside \u{2190}  \u{2192} more");
    let marked = units.iter().filter(|(_, unit)| unit.silo == Some(true)).count();
    let finding = format!(
        "Dots left of the line have less contact outside than chance gives. {marked} of {} units are marked S as silos.",
        units.len()
    );
    canvas.finish("c-openness", "Openness of each unit against chance, with its 95 % interval", &finding)
}
