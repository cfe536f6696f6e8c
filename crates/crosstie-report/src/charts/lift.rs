//! Contact by relation in the reporting tree: a bar from what chance gives, with its interval, on a log axis.

use crate::numbers::ratio;
use crate::svg::{Canvas, Svg, WIDTH};
use crate::words::relation;
use crosstie_model::num::log2;
use crosstie_model::tables::HierarchyRow;

const LEFT: f64 = 8.0;
const RIGHT: f64 = 272.0;
const TOP: f64 = 24.0;
const ROW: f64 = 38.0;
const LOW: f64 = -3.0;
const HIGH: f64 = 6.0;

/// The chart.
pub(crate) fn lift(id: &str, rows: &[&HierarchyRow]) -> Svg {
    let bottom = TOP + ROW * rows.len() as f64;
    let mut canvas = Canvas::new(WIDTH, bottom + 6.0);
    let x = |value: f64| LEFT + (value.clamp(LOW, HIGH) - LOW) / (HIGH - LOW) * (RIGHT - LEFT);
    let labels = ["\u{215b}", "\u{bc}", "\u{bd}", "1", "2", "4", "8", "16", "32", "64"];
    for (value, label) in (-3..=6).map(f64::from).zip(labels) {
        canvas.line(if value == 0.0 { "axis zero" } else { "axis" }, x(value), TOP - 4.0, x(value), bottom);
        canvas.text(
            if value == 0.0 { "label small strong" } else { "label small" },
            x(value),
            TOP - 9.0,
            "middle",
            label,
        );
    }
    for (at, row) in rows.iter().enumerate() {
        let y = TOP + ROW * at as f64;
        canvas.text_alone("label small", LEFT, y + 13.0, "start", relation(&row.relation));
        let Some(lift) = row.lift else {
            canvas.text_alone("label small faint", LEFT, y + 29.0, "start", "not enough evidence: no number");
            continue;
        };
        let value = if lift > 0.0 { log2(lift) } else { LOW };
        let (from, to) = (x(value.min(0.0)), x(value.max(0.0)));
        canvas.rect(if value < 0.0 { "bar less" } else { "bar more" }, from, y + 18.0, (to - from).max(1.0), 12.0);
        let end = |end: Option<f64>, unbounded: f64| end.filter(|&end| end > 0.0).map_or(unbounded, log2);
        let (low, high) = (x(end(row.lift_low, LOW)), x(end(row.lift_high, HIGH)));
        canvas.line("interval halo", low, y + 24.0, high, y + 24.0);
        canvas.line("interval", low, y + 24.0, high, y + 24.0);
        canvas.text("label small strong", WIDTH, y + 28.0, "end", &format!("{}\u{d7}", ratio(lift)));
    }
    let above = rows.iter().filter(|row| row.lift_low.is_some_and(|low| low > 1.0)).count();
    let below = rows.iter().filter(|row| row.lift_high.is_some_and(|high| high < 1.0)).count();
    let finding = format!(
        "Kinds of contact with a number: {}. Above what chance gives, beyond their interval: {above}; below: {below}.",
        rows.iter().filter(|row| row.lift.is_some()).count()
    );
    canvas.finish(id, "Contact by relation in the reporting tree", &finding)
}
