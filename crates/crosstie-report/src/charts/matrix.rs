//! Contact between units against what activity gives: a square a pair, both triangles and the diagonal.

use crate::charts::scale::{Mark, Step, step};
use crate::names::{clean, cut};
use crate::numbers::{count, decimal, ratio_of_log2};
use crate::pages::{Numbered, Pairs, is_silo};
use crate::svg::{Canvas, Path, Svg, WIDTH, width_of};
use crosstie_model::tables::UnitPairRow;

/// Most units that are drawn.
pub(crate) const LARGEST: usize = 40;
/// Most units whose cells tell more when pointed at.
const WITH_TITLES: usize = 24;
const TEXT: f64 = 12.0;
const LABEL: usize = 22;
/// Rows of column numbers, so that neighbours do not touch, and of the key.
const TOP: f64 = 34.0;
const KEY: f64 = 92.0;
const CLASSES: [&str; 7] = ["m0", "m1", "m2", "m3", "m4", "m5", "m6"];
const MARKS: [&str; 7] = ["k0", "k1", "k2", "k3", "k4", "k5", "k6"];

/// Cells and marks by step, so that a step is one element.
#[derive(Default)]
struct Layers {
    cells: [Path; 7],
    marks: [Path; 7],
    dots: Path,
    withheld: Path,
    hatch: Path,
}

/// The chart, units in the given order with their numbers.
pub(crate) fn matrix(id: &str, units: &[Numbered<'_>], pairs: &Pairs<'_>) -> Svg {
    // 13 px at least: lines of text of 11 px stand one below the other.
    let (cell, text) = match units.len() {
        0..=20 => (18.0, TEXT),
        21..=30 => (14.0, 11.0),
        _ => (13.0, 11.0),
    };
    let labels: Vec<String> =
        units.iter().map(|(number, unit)| format!("{number} {}", cut(&unit.unit, LABEL))).collect();
    let left = labels.iter().map(|label| width_of(label, text)).fold(40.0, f64::max).min(170.0) + 6.0;
    let size = cell * units.len() as f64;
    let mut canvas = Canvas::new((left + size + 8.0).max(WIDTH), TOP + size + KEY);
    let mut layers = Layers::default();
    for (row, (_, a)) in units.iter().enumerate() {
        let y = TOP + cell * row as f64;
        for (column, (_, b)) in units.iter().enumerate() {
            let x = left + cell * column as f64;
            let key =
                if a.unit <= b.unit { (a.unit.as_str(), b.unit.as_str()) } else { (b.unit.as_str(), a.unit.as_str()) };
            let pair = pairs.get(&key).copied();
            let titled = (units.len() <= WITH_TITLES && row <= column).then_some(pair).flatten();
            layers.add(&mut canvas, step(pair), (x, y), cell, titled);
        }
    }
    layers.draw(&mut canvas);
    for (row, ((number, a), label)) in units.iter().zip(&labels).enumerate() {
        let (across, down) = (left + cell * row as f64, TOP + cell * row as f64);
        let class = if text < TEXT { "label small" } else { "label" };
        canvas.text(class, left - 5.0, down + cell / 2.0 + 4.0, "end", label);
        // Every other number stands higher.
        let raised = if row % 2 == 0 { 5.0 } else { 19.0 };
        canvas.text(class, across + cell / 2.0, TOP - raised, "middle", &number.to_string());
        if row % 2 == 1 {
            canvas.line("axis", across + cell / 2.0, TOP - 16.0, across + cell / 2.0, TOP - 1.0);
        }
        if is_silo(a) {
            canvas.rect("silo", across + 1.0, down + 1.0, cell - 2.0, cell - 2.0);
            canvas.rect("silo inner", across + 3.0, down + 3.0, cell - 6.0, cell - 6.0);
        }
    }
    key(&mut canvas, TOP + size + 14.0);
    let between = || pairs.values().filter(|pair| pair.unit_a != pair.unit_b);
    let less = between().filter(|pair| pair.log2_high.is_some_and(|high| high < 0.0)).count();
    let more = between().filter(|pair| pair.log2_low.is_some_and(|low| low > 0.0)).count();
    let withheld = between().filter(|pair| pair.suppressed).count();
    let rest = if less + more + withheld < between().count() { " The rest cannot be told from chance." } else { "" };
    let finding = format!(
        "All pairs of units: {}. With less contact than chance gives, beyond their interval: {less}; with more: {more}; withheld: {withheld}.{rest}",
        count(between().count() as i64)
    );
    canvas.finish(id, "Contact between units against chance", &finding)
}

impl Layers {
    fn add(&mut self, canvas: &mut Canvas, step: Step, place: (f64, f64), cell: f64, titled: Option<&UnitPairRow>) {
        let (x, y) = place;
        let arm = if cell < 16.0 { 3.0 } else { 4.0 };
        let middle = (x + cell / 2.0, y + cell / 2.0);
        match step {
            Step::Withheld => {
                self.withheld.square(x, y, cell);
                self.hatch(place, cell);
            }
            Step::Shown(at, mark) => {
                match titled {
                    Some(pair) => {
                        canvas.rect_with_title(&format!("cell {}", CLASSES[at]), place, cell, &title(pair));
                    }
                    None => self.cells[at].square(x, y, cell),
                }
                match mark {
                    Mark::Dot => self.dots.square(middle.0 - 1.0, middle.1 - 1.0, 2.0),
                    Mark::Less => self.marks[at].across(middle.0 - arm, middle.1, 2.0 * arm),
                    Mark::More => {
                        self.marks[at].across(middle.0 - arm, middle.1, 2.0 * arm);
                        self.marks[at].down(middle.0, middle.1 - arm, 2.0 * arm);
                    }
                }
            }
        }
    }

    /// Three strokes from lower left to upper right.
    fn hatch(&mut self, (x, y): (f64, f64), cell: f64) {
        for part in [0.5, 1.0, 1.5] {
            let reach: f64 = cell * part;
            let (from, over) = (reach.min(cell), (reach - cell).max(0.0));
            self.hatch.to(x + over, y + from, true);
            self.hatch.to(x + from, y + over, false);
        }
    }

    fn draw(&self, canvas: &mut Canvas) {
        for ((class, mark), (cells, marks)) in CLASSES.iter().zip(MARKS).zip(self.cells.iter().zip(&self.marks)) {
            canvas.path(&format!("cell {class}"), cells);
            canvas.path(&format!("stroke {mark}"), marks);
        }
        canvas.path("dots", &self.dots);
        canvas.path("cell withheld", &self.withheld);
        canvas.path("hatch", &self.hatch);
    }
}

/// What a cell tells when pointed at.
fn title(pair: &UnitPairRow) -> String {
    let names = format!("{} \u{2013} {}: ", clean(&pair.unit_a), clean(&pair.unit_b));
    match (pair.log2_ratio, pair.expected_weight) {
        (Some(ratio), _) => format!("{names}{} times chance", ratio_of_log2(ratio)),
        (None, Some(expected)) => format!("{names}none seen, {} by chance", decimal(expected, 0)),
        _ => format!("{names}undefined"),
    }
}

/// The key: seven steps, then what the other marks mean.
fn key(canvas: &mut Canvas, top: f64) {
    let names = ["under \u{bc}", "to \u{bd}", "to \u{2158}", "about 1", "to 2", "to 4", "over 4"];
    let mut layers = Layers::default();
    for (at, name) in names.iter().enumerate() {
        let x = 4.0 + 45.0 * at as f64;
        let mark = match at {
            0..=2 => Mark::Less,
            3 => Mark::Dot,
            _ => Mark::More,
        };
        layers.add(canvas, Step::Shown(at, mark), (x + 12.0, top), 18.0, None);
        canvas.text("label small", x + 21.0, top + 31.0, "middle", name);
    }
    canvas.text("label small", 6.0, top + 46.0, "start", "times what chance gives; a dot: cannot be told from 1");
    layers.add(canvas, Step::Withheld, (6.0, top + 54.0), 18.0, None);
    layers.add(canvas, Step::Shown(3, Mark::Dot), (110.0, top + 54.0), 18.0, None);
    layers.draw(canvas);
    canvas.text("label small", 30.0, top + 67.0, "start", "withheld");
    canvas.rect("silo", 111.0, top + 55.0, 16.0, 16.0);
    canvas.rect("silo inner", 113.0, top + 57.0, 12.0, 12.0);
    canvas.text("label small", 134.0, top + 67.0, "start", "a unit marked as a silo");
}
