//! Openness of units: a dot and its interval each, on an axis from an eighth to eight times what chance gives.

use crate::names::cut;
use crate::numbers::count as grouped;
use crate::pages::{Numbered, is_silo};
use crate::svg::{Canvas, Svg, WIDTH};

const LEFT: f64 = 160.0;
const RIGHT: f64 = 292.0;
/// Two lines of words stand above the axis: three beside each other would touch.
const TOP: f64 = 38.0;
const ROW: f64 = 21.0;
const REACH: f64 = 3.0;
/// Graphemes of a label beside its number: as many as fit.
const LABEL: usize = 18;

/// The chart; units without a number have a row without a dot. Of `all` units those that are drawn are the most closed.
pub(crate) fn openness(id: &str, units: &[Numbered<'_>], all: usize) -> Svg {
    let bottom = TOP + ROW * units.len() as f64;
    let mut canvas = Canvas::new(WIDTH, bottom + 22.0);
    let x = |value: f64| LEFT + (value.clamp(-REACH, REACH) + REACH) / (2.0 * REACH) * (RIGHT - LEFT);
    for value in [-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0] {
        let (class, top) = if value == 0.0 { ("axis zero", 16.0) } else { ("axis", TOP - 6.0) };
        canvas.line(class, x(value), top, x(value), bottom);
    }
    canvas.text("label small", x(0.0), 11.0, "middle", "chance");
    canvas.text("label small", x(-1.0), TOP - 11.0, "middle", "half");
    canvas.text("label small", x(1.0) + 4.0, TOP - 11.0, "middle", "double");
    for (row, (number, unit)) in units.iter().enumerate() {
        let y = TOP + ROW * (row as f64 + 0.5);
        canvas.text("label small", 0.0, y + 4.0, "start", &format!("{number} {}", cut(&unit.unit, LABEL)));
        let Some(value) = unit.openness else {
            let text = match unit.external_share {
                Some(_) => "no contact outside",
                None if unit.evidence == "few_people" => "withheld",
                None => "not enough evidence",
            };
            canvas.text_alone("label small faint", (LEFT + RIGHT) / 2.0, y + 4.0, "middle", text);
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
        if is_silo(unit) {
            canvas.circle("ring", x(value), y, 6.5);
            canvas.circle("ring", x(value), y, 9.0);
            canvas.text("label small strong", WIDTH - 8.0, y + 4.0, "end", "S");
        }
        canvas.circle("dot", x(value), y, 4.0);
    }
    canvas.text("label small faint", LEFT - 8.0, bottom + 15.0, "start", "\u{2190} less outside");
    canvas.text("label small faint", RIGHT + 8.0, bottom + 15.0, "end", "more \u{2192}");
    canvas.finish(id, "Openness of each unit against chance, with its 95 % interval", &finding(units, all))
}

/// What the chart shows in a sentence: a unit without a number is none of those that are counted.
fn finding(units: &[Numbered<'_>], all: usize) -> String {
    let count = |is: fn(&Numbered<'_>) -> bool| units.iter().filter(|unit| is(unit)).count();
    let told = count(|(_, unit)| unit.openness.is_some());
    let closed = count(|(_, unit)| unit.openness_high.is_some_and(|high| high < 0.0));
    let open = count(|(_, unit)| unit.openness_low.is_some_and(|low| low > 0.0));
    let marked = count(|(_, unit)| is_silo(unit));
    let without = match units.len() - told {
        0 => String::new(),
        left => format!(" Without a number: {left}."),
    };
    let of = match units.len() < all {
        true => format!("Drawn are the {} most closed of {} units. ", units.len(), grouped(all as i64)),
        false => String::new(),
    };
    format!(
        "{of}Units with a number here: {told}. With less contact outside than chance gives, beyond their interval: {closed}; with more: {open}; marked as silos: {marked}.{without}"
    )
}
