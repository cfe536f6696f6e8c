//! Indicators of the five freedoms about everybody: a row each, with an axis of its own, no order and no colour.

use crate::pages::Found;
use crate::svg::{Canvas, Svg, WIDTH};
use crate::words::{Form, grade_words, said};
use crosstie_model::num::log2;

const LEFT: f64 = 6.0;
const RIGHT: f64 = 314.0;
const ROW: f64 = 46.0;

/// The chart; an indicator without a number has a row that says so.
pub(crate) fn freedoms(id: &str, found: &[Found<'_>]) -> Svg {
    let mut canvas = Canvas::new(WIDTH, ROW * found.len() as f64 + 4.0);
    for (at, (indicator, row)) in found.iter().enumerate() {
        let y = ROW * at as f64;
        let grade = grade_words(&row.grade);
        canvas.text("label small", 0.0, y + 13.0, "start", &format!("{} ({}, {grade})", indicator.short, row.grade));
        let Some(estimate) = row.estimate else {
            canvas.text("label small faint", LEFT, y + 31.0, "start", "not enough evidence: no number");
            continue;
        };
        let form = indicator.form;
        let place = |value: f64| scaled(value, form);
        let ends = [Some(estimate), row.low, row.high, row.expected].into_iter().flatten().map(place);
        let (low, high) = axis(form, ends);
        let x = |value: f64| LEFT + (place(value) - low) / (high - low) * (RIGHT - LEFT);
        canvas.line("axis", LEFT, y + 26.0, RIGHT, y + 26.0);
        if let Some(expected) = row.expected {
            canvas.line("axis zero", x(expected), y + 18.0, x(expected), y + 34.0);
        }
        if let (Some(from), Some(to)) = (row.low, row.high) {
            canvas.line("interval", x(from), y + 26.0, x(to), y + 26.0);
        }
        canvas.circle("dot", x(estimate), y + 26.0, 4.5);
        canvas.text("label small strong", WIDTH, y + 13.0, "end", &said(estimate, form));
    }
    let told = || found.iter().filter_map(|(_, row)| Some((row.low?, row.high?, row.expected?)));
    let less = told().filter(|(_, high, expected)| high < expected).count();
    let more = told().filter(|(low, _, expected)| low > expected).count();
    let finding = format!(
        "Indicators about everybody: {}. With an interval and an expectation by chance: {}; below it: {less}; above: {more}.",
        found.len(),
        told().count()
    );
    canvas.finish(id, "Indicators of the five freedoms about everybody", &finding)
}

/// Odds are drawn by their logarithm; log2 already is.
fn scaled(value: f64, form: Form) -> f64 {
    match form {
        Form::Odds => log2(value.max(1.0 / 64.0)),
        Form::Log2 | Form::Share | Form::Plain | Form::Slope => value,
    }
}

/// The ends of an axis that hold all of these: symmetric about 1 for ratios, from 0 to 1 for shares.
fn axis(form: Form, values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
    match form {
        Form::Share => (0.0, 1.0),
        Form::Log2 | Form::Odds => {
            let reach = low.abs().max(high.abs()).max(1.0) * 1.05;
            (-reach, reach)
        }
        Form::Plain | Form::Slope => {
            let (low, high) = (low.min(0.0), high.max(0.0));
            let room = (high - low).max(0.1) * 0.05;
            (low - room, high + room)
        }
    }
}
