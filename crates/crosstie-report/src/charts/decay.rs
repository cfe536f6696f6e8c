//! How contact fades with distance in the reporting tree: a line over steps with its interval; no number is a gap.

use crate::numbers::ratio;
use crate::svg::{Canvas, Path, Svg, WIDTH};
use crosstie_model::num::log2;
use crosstie_model::tables::HierarchyRow;

const LEFT: f64 = 34.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 196.0;
const LOW: f64 = -3.0;
const HIGH: f64 = 6.0;

/// The chart, rows by distance.
pub(crate) fn decay(id: &str, rows: &[&HierarchyRow]) -> Svg {
    let mut canvas = Canvas::new(WIDTH, BOTTOM + 40.0);
    let y = |value: f64| BOTTOM - (value.clamp(LOW, HIGH) - LOW) / (HIGH - LOW) * (BOTTOM - TOP);
    let labels = ["\u{215b}", "\u{bc}", "\u{bd}", "1", "2", "4", "8", "16", "32", "64"];
    for (value, label) in (-3..=6).map(f64::from).zip(labels) {
        canvas.line(if value == 0.0 { "axis zero" } else { "axis" }, LEFT, y(value), WIDTH - 4.0, y(value));
        canvas.text("label small", LEFT - 6.0, y(value) + 4.0, "end", label);
    }
    let step = (WIDTH - 4.0 - LEFT) / rows.len() as f64;
    let mut path = Path::default();
    let mut is_first = true;
    for (at, row) in rows.iter().enumerate() {
        let x = LEFT + step * (at as f64 + 0.5);
        // The last one spans several: so many steps and more.
        let label = row.tree_distance.map_or_else(|| format!("{}+", at + 1), |steps| steps.to_string());
        canvas.text("label small", x, BOTTOM + 16.0, "middle", &label);
        let Some(lift) = row.lift.filter(|&lift| lift > 0.0) else {
            is_first = true;
            continue;
        };
        let end = |end: Option<f64>, unbounded: f64| end.filter(|&end| end > 0.0).map_or(unbounded, log2);
        path.to(x, y(log2(lift)), is_first);
        is_first = false;
        canvas.line("interval", x, y(end(row.lift_low, LOW)), x, y(end(row.lift_high, HIGH)));
        canvas.circle("dot", x, y(log2(lift)), 4.0);
    }
    canvas.path("trace", &path);
    canvas.text("label small faint", LEFT, BOTTOM + 34.0, "start", "steps in the reporting tree");
    let told: Vec<&&HierarchyRow> = rows.iter().filter(|row| row.lift.is_some()).collect();
    let finding = match (told.first(), told.last()) {
        (Some(near), Some(far)) if told.len() > 1 => format!(
            "Contact is {} times what chance gives at the nearest distance with a number and {} times at the farthest.",
            near.lift.map_or_else(String::new, ratio),
            far.lift.map_or_else(String::new, ratio),
        ),
        _ => "Fewer than two distances have a number.".to_string(),
    };
    canvas.finish(id, "Contact by distance in the reporting tree", &finding)
}
