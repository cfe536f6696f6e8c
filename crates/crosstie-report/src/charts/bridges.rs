//! On how few people the contact between two units rests: a bar for the band of the most active one's share.

use crate::numbers::{carriers_words, top_words};
use crate::svg::{Canvas, Svg, cut};
use crosstie_model::tables::UnitPairRow;

const WIDTH: f64 = 340.0;
const TOP: f64 = 22.0;
const ROW: f64 = 38.0;
const LEFT: f64 = 4.0;
const SPAN: f64 = 150.0;

/// The chart; never a mark for a person.
pub(crate) fn bridges(pairs: &[&UnitPairRow]) -> Svg {
    let mut canvas = Canvas::new(WIDTH, TOP + ROW * pairs.len() as f64 + 6.0);
    canvas.text("label faint", LEFT, 12.0, "start", "share of the most active person");
    canvas.text("label faint", WIDTH - 4.0, 12.0, "end", "people who carry it");
    for (at, pair) in pairs.iter().enumerate() {
        let y = TOP + ROW * at as f64;
        canvas.text(
            "label",
            LEFT,
            y + 12.0,
            "start",
            &format!("{} \u{2013} {}", cut(&pair.unit_a, 22), cut(&pair.unit_b, 22)),
        );
        canvas.rect("track", LEFT, y + 17.0, SPAN, 12.0);
        if let Some(top) = pair.top_carrier_band.as_deref() {
            let share = match top {
                "under_25" => 0.25,
                "25_50" => 0.5,
                _ => 1.0,
            };
            canvas.rect("bar more", LEFT, y + 17.0, SPAN * share, 12.0);
            canvas.text("label", LEFT + SPAN + 8.0, y + 28.0, "start", top_words(top));
        } else {
            canvas.text("label faint", LEFT + SPAN + 8.0, y + 28.0, "start", "withheld");
        }
        if let Some(carriers) = pair.carriers_band.as_deref() {
            canvas.text("label strong", WIDTH - 4.0, y + 28.0, "end", carriers_words(carriers));
        }
    }
    let thin = pairs.iter().filter(|pair| pair.carriers_band.as_deref() == Some("under_10")).count();
    let finding =
        format!("Of the {} pairs shown, {thin} rest on fewer than 10 people on their thinner side.", pairs.len());
    canvas.finish("c-bridges", "On how few people the contact between two units rests", &finding)
}
