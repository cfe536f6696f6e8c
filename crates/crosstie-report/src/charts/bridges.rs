//! On how few people the contact between two units rests: a bar for the band of the most active one's share.

use crate::names::cut;
use crate::numbers::{carriers_words, count, top_words};
use crate::svg::{Canvas, Svg, WIDTH};
use crosstie_model::tables::UnitPairRow;

const TOP: f64 = 20.0;
const ROW: f64 = 36.0;
const SPAN: f64 = 132.0;
const LABEL: usize = 20;

/// The chart, of `all` pairs those that show most of themselves; never a mark for a person.
pub(crate) fn bridges(id: &str, pairs: &[&UnitPairRow], all: usize) -> Svg {
    let mut canvas = Canvas::new(WIDTH, TOP + ROW * pairs.len() as f64 + 4.0);
    canvas.text("label small faint", 0.0, 11.0, "start", "share of the most active one");
    canvas.text("label small faint", WIDTH, 11.0, "end", "carried by");
    for (at, pair) in pairs.iter().enumerate() {
        let y = TOP + ROW * at as f64;
        let label = format!("{} \u{2013} {}", cut(&pair.unit_a, LABEL), cut(&pair.unit_b, LABEL));
        canvas.text("label small", 0.0, y + 11.0, "start", &label);
        // Quarters of the whole; the band ends at one of them.
        canvas.rect("track", 0.5, y + 16.0, SPAN, 10.0);
        let quarters = match pair.top_carrier_band.as_deref() {
            Some("under_25") => Some(1.0),
            Some("25_50") => Some(2.0),
            Some(_) => Some(4.0),
            None => None,
        };
        if let Some(quarters) = quarters {
            canvas.rect("bar more", 0.5, y + 16.0, SPAN * quarters / 4.0, 10.0);
        }
        for quarter in [1.0, 2.0, 3.0] {
            canvas.line("tick", 0.5 + SPAN * quarter / 4.0, y + 16.0, 0.5 + SPAN * quarter / 4.0, y + 26.0);
        }
        let share = pair.top_carrier_band.as_deref().map_or("withheld", top_words);
        canvas.text("label small", SPAN + 8.0, y + 25.5, "start", share);
        let carriers = pair.carriers_band.as_deref().map_or("withheld", carriers_words);
        canvas.text("label small strong", WIDTH, y + 25.5, "end", carriers);
    }
    let carriers: Vec<&str> = pairs.iter().filter_map(|pair| pair.carriers_band.as_deref()).collect();
    let thin = carriers.iter().filter(|band| **band == "under_10").count();
    let shares: Vec<&str> = pairs.iter().filter_map(|pair| pair.top_carrier_band.as_deref()).collect();
    let heavy = shares.iter().filter(|share| **share == "over_50").count();
    let share = match shares.len() {
        0 => "no share of the most active one is shown".into(),
        shown => format!("one person carries over 50 %: {heavy} of the {shown} whose share is shown"),
    };
    let finding = format!(
        "Of {} pairs, {} here. Fewer than 10 people on the thinner side: {thin} of the {} whose carriers are shown; {share}.",
        count(all as i64),
        pairs.len(),
        carriers.len(),
    );
    canvas.finish(id, "On how few people the contact between two units rests", &finding)
}
