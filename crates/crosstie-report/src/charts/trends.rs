//! Openness over windows without a day in common: a small picture a unit or community, the same axes in all.

use crate::names::cut;
use crate::svg::{Canvas, Path, Svg, WIDTH};
use crosstie_model::Day;
use crosstie_model::tables::TrendRow;

/// Pictures at most.
const LARGEST: usize = 12;
const COLUMNS: usize = 2;
const PANEL: (f64, f64) = (154.0, 112.0);
const PLOT: (f64, f64) = (20.0, 78.0);
const REACH: f64 = 3.0;
const LABEL: usize = 20;

/// One unit or community: its rows, newest first.
pub(crate) struct History<'a> {
    pub(crate) label: &'a str,
    pub(crate) points: Vec<&'a TrendRow>,
}

impl History<'_> {
    /// Whether the newest change leaves no change.
    fn has_changed(&self) -> bool {
        self.points.first().is_some_and(|row| {
            row.openness_change_low.is_some_and(|low| low > 0.0)
                || row.openness_change_high.is_some_and(|high| high < 0.0)
        })
    }
}

/// The chart; `starts` are the first days of all windows, newest first. Those that changed come first, else the order
/// that is given.
pub(crate) fn trends(id: &str, histories: &[History<'_>], starts: &[Day]) -> Svg {
    let mut drawn: Vec<&History<'_>> = histories.iter().collect();
    drawn.sort_by_key(|history| !history.has_changed());
    drawn.truncate(LARGEST);
    let rows = drawn.len().div_ceil(COLUMNS);
    let mut canvas = Canvas::new(WIDTH, PANEL.1 * rows as f64 + 20.0);
    let days = starts.iter().map(|day| day.0);
    let (first, last) = (days.clone().min().unwrap_or(0), days.max().unwrap_or(0));
    for (at, history) in drawn.iter().enumerate() {
        let left = (WIDTH - PANEL.0) * (at % COLUMNS) as f64;
        let top = PANEL.1 * (at / COLUMNS) as f64;
        panel(&mut canvas, (left, top), history, (first, last));
    }
    if let (Some(newest), Some(oldest)) = (starts.first(), starts.last()) {
        let y = PANEL.1 * rows as f64 + 12.0;
        canvas.text("label small faint", 0.0, y, "start", &format!("{oldest} to {newest}; grey: half, double"));
    }
    let changed = histories.iter().filter(|history| history.has_changed()).count();
    let finding = format!(
        "Units and communities with numbers in several windows: {}; whose openness changed beyond its interval: {changed}.",
        histories.len()
    );
    canvas.finish(id, "Openness over windows without a day in common", &finding)
}

fn panel(canvas: &mut Canvas, (left, top): (f64, f64), history: &History<'_>, (first, last): (i32, i32)) {
    let span = f64::from((last - first).max(1));
    let x = |day: Day| left + 14.0 + f64::from(day.0 - first) / span * (PANEL.0 - 28.0);
    let y = |value: f64| top + PLOT.0 + (REACH - value.clamp(-REACH, REACH)) / (2.0 * REACH) * PLOT.1;
    canvas.text("label small", left, top + 12.0, "start", &cut(history.label, LABEL));
    for value in [-1.0, 0.0, 1.0] {
        canvas.line(if value == 0.0 { "axis zero" } else { "axis" }, left, y(value), left + PANEL.0, y(value));
    }
    // Oldest first; a window without a number breaks the line.
    let points: Vec<&TrendRow> = history.points.iter().rev().copied().collect();
    let (mut line, mut is_first) = (Path::default(), true);
    for run in points.chunk_by(|a, b| a.openness.is_some() && b.openness.is_some()) {
        ribbon(canvas, run, &x, &y);
    }
    for row in points {
        let Some(openness) = row.openness else {
            is_first = true;
            continue;
        };
        let at = x(row.period_start);
        line.to(at, y(openness), is_first);
        is_first = false;
        let (low, high) = (row.openness_low.unwrap_or(-REACH), row.openness_high.unwrap_or(REACH));
        canvas.line("interval thin", at, y(low), at, y(high));
        canvas.circle("dot", at, y(openness), 3.0);
        if let Some(event) = row.event.as_deref().filter(|event| *event != "continue") {
            // A triangle at the foot: something became of it here.
            let mut mark = Path::default();
            let foot = top + PLOT.0 + PLOT.1;
            mark.to(at, foot - 7.0, true);
            mark.to(at - 4.0, foot, false);
            mark.to(at + 4.0, foot, false);
            mark.close();
            canvas.path("filled", &mark);
            let anchor = if at > left + PANEL.0 / 2.0 { "end" } else { "start" };
            canvas.text("label small faint", at + if anchor == "end" { -6.0 } else { 6.0 }, foot, anchor, event);
        }
    }
    canvas.path("trace", &line);
}

fn ribbon(canvas: &mut Canvas, run: &[&TrendRow], x: &dyn Fn(Day) -> f64, y: &dyn Fn(f64) -> f64) {
    if run.len() < 2 {
        return;
    }
    let mut path = Path::default();
    for (at, row) in run.iter().enumerate() {
        path.to(x(row.period_start), y(row.openness_high.unwrap_or(REACH)), at == 0);
    }
    for row in run.iter().rev() {
        path.to(x(row.period_start), y(row.openness_low.unwrap_or(-REACH)), false);
    }
    path.close();
    canvas.path("ribbon", &path);
}
