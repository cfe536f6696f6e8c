//! Units as nodes, a line where two have more contact than chance gives.

use crate::charts::stress::{Wanted, places};
use crate::names::cut;
use crate::pages::{Numbered, Pairs, is_silo};
use crate::svg::{Canvas, Svg, WIDTH, width_of};
use crosstie_model::num::exp2;
use crosstie_model::tables::UnitPairRow;

/// Most units that are drawn.
pub(crate) const LARGEST: usize = 60;
/// Lines a unit.
const LINES: usize = 3;
/// log2 of five quarters.
const LEAST: f64 = 0.321_928_094_887_362_3;
const LABEL: usize = 22;
const TEXT: f64 = 11.0;
/// Between two nodes, at least.
const GAP: f64 = 6.0;

/// A line between two of the units, by their places in the list.
pub(crate) struct Line<'a> {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) pair: &'a UnitPairRow,
}

fn pair_of<'a>(units: &[Numbered<'_>], pairs: &Pairs<'a>, a: usize, b: usize) -> Option<&'a UnitPairRow> {
    // Units are in the order of their labels, as pairs are.
    pairs.get(&(units[a].1.unit.as_str(), units[b].1.unit.as_str())).copied()
}

/// Lines where the interval lies above what chance gives and the ratio is at least five quarters, the three strongest
/// a unit; strongest first.
pub(crate) fn lines<'a>(units: &[Numbered<'_>], pairs: &Pairs<'a>) -> Vec<Line<'a>> {
    let mut all: Vec<Line<'a>> = Vec::new();
    for from in 0..units.len() {
        for to in from + 1..units.len() {
            let is_strong = |pair: &&UnitPairRow| {
                pair.log2_low.is_some_and(|low| low > 0.0) && pair.log2_ratio.is_some_and(|ratio| ratio >= LEAST)
            };
            all.extend(pair_of(units, pairs, from, to).filter(is_strong).map(|pair| Line { from, to, pair }));
        }
    }
    let ratio = |line: &Line<'_>| line.pair.log2_ratio.unwrap_or(0.0);
    all.sort_by(|a, b| ratio(b).total_cmp(&ratio(a)));
    let mut taken = vec![0; units.len()];
    let mut kept = Vec::new();
    for line in all {
        let is_free = taken[line.from] < LINES || taken[line.to] < LINES;
        if is_free {
            taken[line.from] += 1;
            taken[line.to] += 1;
            kept.push(line);
        }
    }
    kept
}

/// The chart. `units` are in the order of their labels.
pub(crate) fn network(id: &str, units: &[Numbered<'_>], pairs: &Pairs<'_>, lines: &[Line<'_>]) -> Svg {
    let (width, height) = if units.len() <= 16 { (WIDTH, 340.0) } else { (660.0, 560.0) };
    let radii = radii(units);
    let places = placed(units, pairs, &radii, (width, height));
    let mut canvas = Canvas::new(width, height);
    for line in lines {
        let (a, b) = (places[line.from], places[line.to]);
        let class = if line.pair.log2_ratio.is_some_and(|ratio| ratio > 1.0) { "edge strong" } else { "edge" };
        canvas.line(class, a.0, a.1, b.0, b.1);
    }
    for (((number, unit), &(x, y)), &radius) in units.iter().zip(&places).zip(&radii) {
        canvas.circle("node", x, y, radius);
        if is_silo(unit) {
            canvas.circle("ring", x, y, radius + 2.5);
        }
        canvas.text("label small strong", x, y + 4.0, "middle", &number.to_string());
    }
    for (x, y, anchor, text) in labels(units, &places, &radii, (width, height)) {
        canvas.text("label small halo", x, y, anchor, &text);
    }
    let alone = (0..units.len()).filter(|&at| lines.iter().all(|line| line.from != at && line.to != at)).count();
    let finding = format!(
        "Units with a line: {}; without one, since no contact beyond what chance gives can be told: {alone}.",
        units.len() - alone
    );
    canvas.finish(id, "Units that have more contact than chance gives", &finding)
}

/// Radii whose squares go with people, wide enough for a number.
fn radii(units: &[Numbered<'_>]) -> Vec<f64> {
    let most = units.iter().map(|(_, unit)| unit.people_count).max().unwrap_or(1).max(1) as f64;
    let scale = if units.len() <= 16 { 20.0 } else { 18.0 };
    units.iter().map(|(_, unit)| ((unit.people_count as f64 / most).sqrt() * scale).max(9.0).round()).collect()
}

/// Whole pixels, in the drawing, no two nodes on each other.
fn placed(units: &[Numbered<'_>], pairs: &Pairs<'_>, radii: &[f64], (width, height): (f64, f64)) -> Vec<(f64, f64)> {
    let wanted = Wanted::new(units.len(), |a, b| match pair_of(units, pairs, a, b) {
        Some(pair) if !pair.suppressed => Some(pair.log2_ratio.map_or(4.0, |ratio| exp2(-ratio / 2.0).clamp(0.5, 4.0))),
        _ => None,
    });
    let found = places(&wanted);
    let ends = |of: fn(&(f64, f64)) -> f64| {
        found.iter().map(of).fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)))
    };
    let ((left, right), (top, bottom)) = (ends(|place| place.0), ends(|place| place.1));
    let margin = 34.0;
    let stretch = |value: f64, low: f64, high: f64, size: f64| {
        if high - low > 1e-9 { margin + (value - low) / (high - low) * (size - 2.0 * margin) } else { size / 2.0 }
    };
    let mut places: Vec<(f64, f64)> =
        found.iter().map(|&(x, y)| (stretch(x, left, right, width), stretch(y, top, bottom, height))).collect();
    for _ in 0..100 {
        push_apart(&mut places, radii, (width, height));
    }
    places.into_iter().map(|(x, y)| (x.round(), y.round())).collect()
}

fn push_apart(places: &mut [(f64, f64)], radii: &[f64], (width, height): (f64, f64)) {
    for a in 0..places.len() {
        for b in a + 1..places.len() {
            let (dx, dy) = (places[b].0 - places[a].0, places[b].1 - places[a].1);
            let apart = (dx * dx + dy * dy).sqrt();
            let least = radii[a] + radii[b] + GAP;
            if apart >= least {
                continue;
            }
            let (ux, uy) = if apart > 1e-9 { (dx / apart, dy / apart) } else { (1.0, 0.0) };
            let half = (least - apart) / 2.0;
            places[a] = (places[a].0 - ux * half, places[a].1 - uy * half);
            places[b] = (places[b].0 + ux * half, places[b].1 + uy * half);
        }
    }
    for (place, radius) in places.iter_mut().zip(radii) {
        let edge = radius + 4.0;
        *place = (place.0.clamp(edge, width - edge), place.1.clamp(edge, height - edge));
    }
}

/// A box: left, top, right, bottom.
type Area = (f64, f64, f64, f64);

fn overlap(a: Area, b: Area) -> bool {
    a.0 < b.2 && b.0 < a.2 && a.1 < b.3 && b.1 < a.3
}

/// Names beside nodes, where one of four places is free of nodes and other names; the number stands in the node anyway.
fn labels(
    units: &[Numbered<'_>],
    places: &[(f64, f64)],
    radii: &[f64],
    (width, height): (f64, f64),
) -> Vec<(f64, f64, &'static str, String)> {
    let mut taken: Vec<Area> =
        places.iter().zip(radii).map(|(&(x, y), &r)| (x - r - 3.0, y - r - 3.0, x + r + 3.0, y + r + 3.0)).collect();
    let mut labels = Vec::new();
    for (((_, unit), &(x, y)), &r) in units.iter().zip(places).zip(radii) {
        let text = cut(&unit.unit, LABEL);
        let wide = width_of(&text, TEXT);
        let choices = [
            (x, y + r + 14.0, "middle", x - wide / 2.0),
            (x, y - r - 6.0, "middle", x - wide / 2.0),
            (x + r + 5.0, y + 4.0, "start", x + r + 5.0),
            (x - r - 5.0, y + 4.0, "end", x - r - 5.0 - wide),
        ];
        for (at, base, anchor, left) in choices {
            let area = (left, base - 11.0, left + wide, base + 4.0);
            let is_inside = area.0 >= 0.0 && area.1 >= 0.0 && area.2 <= width && area.3 <= height;
            if is_inside && taken.iter().all(|other| !overlap(area, *other)) {
                taken.push(area);
                labels.push((at, base, anchor, text));
                break;
            }
        }
    }
    labels
}
