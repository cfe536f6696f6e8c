//! What each source holds of each week: three marks, not three colours.

use crate::names::cut;
use crate::svg::{Canvas, Path, Svg, WIDTH, width_of};
use crosstie_model::tables::CoverageRow;

const CELL: f64 = 15.0;
const TOP: f64 = 22.0;
const LABEL: usize = 18;

/// The chart: a row a source, a square a week.
pub(crate) fn calendar(id: &str, rows: &[CoverageRow]) -> Svg {
    let first = rows.iter().map(|row| row.period_start.0).min().unwrap_or(0);
    let weeks_of = |row: &CoverageRow| ((row.period_start.0 - first) / 7, row.weeks_count.max(1) as i32);
    let weeks = rows.iter().map(weeks_of).map(|(at, many)| at + many).max().unwrap_or(0);
    let sources: Vec<&[CoverageRow]> = rows.chunk_by(|a, b| a.source == b.source).collect();
    let labels: Vec<String> = sources.iter().map(|own| cut(&own[0].source, LABEL)).collect();
    let left = labels.iter().map(|label| width_of(label, 11.0)).fold(30.0, f64::max).min(150.0) + 8.0;
    let bottom = TOP + (CELL + 7.0) * sources.len() as f64;
    let mut canvas = Canvas::new((left + CELL * f64::from(weeks) + 4.0).max(WIDTH), bottom + 26.0);
    let (mut whole, mut half, mut empty, mut frames) =
        (Path::default(), Path::default(), Path::default(), Path::default());
    for (at, (own, label)) in sources.iter().zip(&labels).enumerate() {
        let y = TOP + (CELL + 7.0) * at as f64;
        canvas.text("label small", left - 8.0, y + 11.0, "end", label);
        for row in *own {
            let (from, many) = weeks_of(row);
            for week in from..from + many {
                let x = left + CELL * f64::from(week);
                let mut own = [&mut whole, &mut half, &mut empty, &mut frames];
                mark(&mut own, kind(row), x, y);
            }
        }
    }
    if let (Some(start), Some(end)) =
        (rows.iter().map(|row| row.period_start).min(), rows.iter().map(|row| row.period_start).max())
    {
        canvas.text("label small", left, TOP - 9.0, "start", &start.to_string());
        // The last week, where its label has room beside the first.
        let right = left + CELL * f64::from(weeks);
        if right - left > 150.0 {
            canvas.text("label small", right, TOP - 9.0, "end", &end.to_string());
        }
    }
    for (x, kind, label) in
        [(0.0, Kind::Whole, "whole"), (74.0, Kind::Half, "fewer than usual"), (204.0, Kind::Empty, "none")]
    {
        mark(&mut [&mut whole, &mut half, &mut empty, &mut frames], kind, x, bottom + 6.0);
        canvas.text("label small", x + CELL + 5.0, bottom + 17.0, "start", label);
    }
    canvas.path("filled", &whole);
    canvas.path("filled", &half);
    canvas.path("frame", &frames);
    canvas.path("frame", &empty);
    let gaps = rows.iter().filter(|row| row.gap).count();
    let finding = format!("Periods of all sources: {}; that lack data: {gaps}.", rows.len());
    canvas.finish(id, "What each source holds, by week", &finding)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Whole,
    Half,
    Empty,
}

fn kind(row: &CoverageRow) -> Kind {
    match row.records_seen {
        _ if !row.gap => Kind::Whole,
        Some(0) => Kind::Empty,
        _ => Kind::Half,
    }
}

fn mark([whole, half, empty, frames]: &mut [&mut Path; 4], kind: Kind, x: f64, y: f64) {
    let side = CELL - 3.0;
    frames.square(x + 0.5, y + 0.5, side);
    match kind {
        Kind::Whole => whole.square(x + 0.5, y + 0.5, side),
        Kind::Half => {
            half.to(x + 0.5, y + 0.5 + side, true);
            half.to(x + 0.5 + side, y + 0.5 + side, false);
            half.to(x + 0.5, y + 0.5, false);
            half.close();
        }
        Kind::Empty => {
            empty.to(x + 3.0, y + side - 2.0, true);
            empty.to(x + side - 2.0, y + 3.0, false);
        }
    }
}
