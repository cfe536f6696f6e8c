//! Contact by relation in the reporting tree: a bar from what activity gives, with its interval, on a log axis.

use crate::svg::{Canvas, Svg};
use crate::words::relation;
use crosstie_model::num::log2;
use crosstie_model::tables::HierarchyRow;

const WIDTH: f64 = 340.0;
const LEFT: f64 = 8.0;
const RIGHT: f64 = 290.0;
const TOP: f64 = 28.0;
const ROW: f64 = 40.0;
const LOW: f64 = -2.0;
const HIGH: f64 = 5.0;

/// The chart. `id` names it within the file.
pub(crate) fn lift(id: &str, title: &str, rows: &[&HierarchyRow]) -> Svg {
    let bottom = TOP + ROW * rows.len() as f64;
    let mut canvas = Canvas::new(WIDTH, bottom + 8.0);
    let x = |value: f64| LEFT + (value.clamp(LOW, HIGH) - LOW) / (HIGH - LOW) * (RIGHT - LEFT);
    let labels = ["\u{bc}", "\u{bd}", "1", "2", "4", "8", "16", "32"];
    for (value, label) in (-2..=5).map(f64::from).zip(labels) {
        canvas.line(if value == 0.0 { "axis zero" } else { "axis" }, x(value), TOP - 8.0, x(value), bottom);
        canvas.text(if value == 0.0 { "label strong" } else { "label" }, x(value), TOP - 14.0, "middle", label);
    }
    for (at, row) in rows.iter().enumerate() {
        let y = TOP + ROW * at as f64;
        canvas.text("label", LEFT, y + 13.0, "start", relation(&row.relation));
        let Some(lift) = row.lift.filter(|&lift| lift > 0.0) else {
            canvas.text("label faint", x(0.0), y + 30.0, "start", "no number");
            continue;
        };
        let value = log2(lift);
        let (from, to) = (x(value.min(0.0)), x(value.max(0.0)));
        canvas.rect(if value < 0.0 { "bar less" } else { "bar more" }, from, y + 19.0, (to - from).max(1.0), 12.0);
        let end = |end: Option<f64>| end.filter(|&end| end > 0.0).map_or(LOW, log2);
        canvas.line("interval", x(end(row.lift_low)), y + 25.0, x(end(row.lift_high)), y + 25.0);
        canvas.text("label strong", WIDTH - 4.0, y + 29.0, "end", &format!("{}\u{d7}", crate::numbers::ratio(lift)));
    }
    let above = rows.iter().filter(|row| row.lift_low.is_some_and(|low| low > 1.0)).count();
    let below = rows.iter().filter(|row| row.lift_high.is_some_and(|high| high < 1.0)).count();
    let finding = format!(
        "{above} of {} kinds of contact lie above what activity gives and {below} below, their intervals aside.",
        rows.len()
    );
    canvas.finish(id, title, &finding)
}
