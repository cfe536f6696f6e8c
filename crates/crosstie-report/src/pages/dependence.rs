//! Page 3: on how few people contact between units rests, and which units are close.

use crate::charts;
use crate::document::{Block, Figure, Section, Sentence, Table};
use crate::names::name;
use crate::numbers::{carriers_words, low_of_log2, ratio_of_log2, top_words};
use crate::pages::closed::{leftover, numbered};
use crate::pages::view::View;
use crate::words;
use crosstie_model::tables::UnitPairRow;

/// Pairs in the chart.
const PAIRS_DRAWN: usize = 12;
/// Pairs in sentences.
const PAIRS_SAID: usize = 5;

pub(crate) fn section(view: &View<'_>) -> Section {
    let pairs = &view.by_dependence;
    let mut blocks = Vec::new();
    if pairs.is_empty() {
        blocks.push(Block::text(words::NO_PAIR));
    } else {
        let (thin, hidden) = (thin(view), hidden(view));
        blocks.push(Block::text(words::ABOUT_CARRIERS));
        blocks.push(thin_pairs(view));
        blocks.extend(words::thin_and_hidden(thin, hidden).map(Block::text));
        // Where all show the same alone, no one of them says more than the count.
        if (hidden as usize) < pairs.len() {
            // Sentences are of pairs in the chart, so that the two agree.
            let said = pairs.iter().take(PAIRS_DRAWN).filter_map(|pair| words::dependence(pair)).take(PAIRS_SAID);
            blocks.extend(Block::list(said.collect()));
            blocks.extend(bridges(view, pairs));
        }
    }
    blocks.extend(network(view));
    blocks.extend(words::bridge_candidates(view.facts).map(Block::text));
    blocks.push(Block::text(words::lasting_bridges(view.facts)));
    Section::page("dependence", words::DEPENDENCE, blocks)
}

/// On how many pairs of units contact rests on few people.
pub(crate) fn thin_pairs(view: &View<'_>) -> Block {
    let told = view.between().filter(|pair| pair.carriers_band.is_some()).count() as u64;
    let left = view.between().count() as u64 - told;
    let is_all = view.withheld.all_pairs == view.withheld.possible_pairs;
    Block::text(words::thin_pairs(thin(view), told, left, is_all))
}

fn is_thin(pair: &UnitPairRow) -> bool {
    pair.carriers_band.as_deref() == Some("under_10")
}

fn thin(view: &View<'_>) -> u64 {
    view.between().filter(|pair| is_thin(pair)).count() as u64
}

/// Thin pairs of which nothing else is shown.
fn hidden(view: &View<'_>) -> u64 {
    view.between().filter(|pair| is_thin(pair) && pair.suppressed && pair.top_carrier_band.is_none()).count() as u64
}

fn bridges(view: &View<'_>, pairs: &[&UnitPairRow]) -> Vec<Block> {
    let (drawn, left) = pairs.split_at(pairs.len().min(PAIRS_DRAWN));
    let rows = drawn.iter().map(|pair| {
        let band = |band: &Option<String>, words: fn(&str) -> &'static str| {
            band.as_deref().map_or("withheld", words).to_string()
        };
        vec![
            name(&pair.unit_a),
            name(&pair.unit_b),
            band(&pair.carriers_band, carriers_words),
            band(&pair.top_carrier_band, top_words),
        ]
    });
    let head = ["Unit", "Unit", "People who carry it", "Share of the most active"];
    let mut blocks = vec![Block::Figure(Figure {
        svg: charts::bridges("c4", drawn, view.between().count()),
        caption: Sentence::plain(words::BRIDGES_CAPTION),
        note: leftover(&view.units),
        table: Some(Table::new("Dependence on carriers", &head, rows.collect::<Vec<_>>()).beside()),
    })];
    if !left.is_empty() {
        let thin = left.iter().filter(|pair| pair.carriers_band.as_deref() == Some("under_10")).count();
        blocks.push(Block::text(words::dependence_left(drawn.len() as u64, pairs.len() as u64, thin as u64)));
    }
    blocks
}

fn network(view: &View<'_>) -> Option<Block> {
    let drawn = view.largest(charts::NETWORK_LARGEST);
    if drawn.len() < 2 || view.pairs.values().all(|pair| pair.unit_a == pair.unit_b) {
        return None;
    }
    let lines = charts::network_lines(&drawn, &view.pairs);
    if lines.is_empty() {
        return Some(Block::text(words::NO_LINE));
    }
    let rows = lines.iter().map(|line| {
        let pair = line.pair;
        vec![
            numbered(&drawn[line.from]),
            numbered(&drawn[line.to]),
            pair.log2_ratio.map_or_else(|| "withheld".into(), ratio_of_log2),
            pair.log2_high.map_or_else(
                || "withheld".into(),
                |high| format!("{} to {}", low_of_log2(pair.log2_low), ratio_of_log2(high)),
            ),
        ]
    });
    let mut caption = words::NETWORK_CAPTION.to_string();
    if drawn.len() < view.units.len() {
        caption.push_str(&words::largest_only(drawn.len(), view.units.len()));
    }
    let table =
        Table::new("Lines of the network", &["Unit", "Unit", "#Times", "95 % interval"], rows.collect::<Vec<_>>());
    Some(Block::Figure(Figure {
        svg: charts::network("c5", &drawn, &view.pairs, &lines),
        caption: Sentence::plain(caption),
        note: leftover(&drawn),
        table: Some(table.beside()),
    }))
}
