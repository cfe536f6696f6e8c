//! Page 1: one sentence an answer, what the report rests on, and the openness of units.

use crate::charts;
use crate::document::{Block, Figure, Section, Sentence};
use crate::pages::changes;
use crate::pages::view::View;
use crate::words;

/// Silos with a sentence of their own here.
const SILOS_SAID: usize = 1;
/// Units in the chart here.
const UNITS_DRAWN: usize = 12;

pub(crate) fn section(view: &View<'_>) -> Section {
    let mut blocks = vec![Block::Text(words::coverage_line(view.tables.coverage.rows(), view.facts))];
    blocks.extend(chart(view));
    blocks.push(Block::heading(words::CLOSED));
    blocks.extend(closed(view));
    blocks.push(Block::heading(words::DEPENDENCE));
    let thin = view.by_dependence().into_iter().find_map(words::dependence);
    blocks.push(Block::Text(thin.unwrap_or_else(|| Sentence::plain(words::NO_PAIR))));
    blocks.push(Block::heading(words::HIERARCHY));
    blocks.push(Block::Text(hierarchy(view)));
    blocks.push(Block::heading(words::CHANGES));
    blocks.push(Block::Text(changes::in_one_sentence(view)));
    blocks.push(Block::heading(words::INTRODUCTIONS));
    blocks.push(Block::text(words::BEFORE_INTRODUCTIONS));
    blocks.push(Block::heading(words::CERTAINTY));
    blocks.push(Block::Text(words::withheld(view.facts)));
    blocks.extend(words::held_back(view.facts).map(Block::Text));
    Section::page("one-page", words::ONE_PAGE, blocks)
}

fn chart(view: &View<'_>) -> Option<Block> {
    view.has_openness().then(|| {
        let drawn = &view.units[..view.units.len().min(UNITS_DRAWN)];
        let mut caption = words::OPENNESS_CAPTION.to_string();
        if drawn.len() < view.units.len() {
            caption.push_str(&words::most_closed_only(drawn.len(), view.units.len()));
        }
        Block::Figure(Figure { svg: charts::openness("c1", drawn), caption: Sentence::plain(caption), table: None })
    })
}

fn closed(view: &View<'_>) -> Vec<Block> {
    let organization = organization(view);
    let silos: Vec<Sentence> = view.silos().filter_map(|unit| words::unit(unit, view.facts)).collect();
    let mut blocks: Vec<Block> = organization.into_iter().map(Block::Text).collect();
    if silos.is_empty() {
        blocks.push(no_silo(view));
        return blocks;
    }
    let more = silos.len().saturating_sub(SILOS_SAID);
    blocks.extend(silos.into_iter().take(SILOS_SAID).map(Block::Text));
    if more > 0 {
        blocks.push(Block::text(words::more_silos(more)));
    }
    blocks
}

/// S1 of everybody.
fn organization(view: &View<'_>) -> Option<Sentence> {
    words::organization(view.of_organization("openness")?, view.of_organization("external_share")?, view.facts)
}

/// That no unit is a silo, or that none can be judged.
pub(crate) fn no_silo(view: &View<'_>) -> Block {
    if view.units.is_empty() {
        return Block::Text(Sentence::plain(words::NO_UNIT).of("R1"));
    }
    let judged = view.units.iter().filter(|(_, unit)| unit.evidence == "enough").count();
    let compared = view.units.iter().filter(|(_, unit)| unit.silo.is_some()).count();
    Block::text(words::no_silo(judged, compared))
}

/// Contact across branches; where that is not told, direct routing.
fn hierarchy(view: &View<'_>) -> Sentence {
    if view.tables.hierarchy.rows().is_empty() {
        return Sentence::plain(words::NO_TREE);
    }
    let across = view.relation("cross_branch").filter(|row| row.lift.is_some()).map(words::lift);
    let direct = || view.of_organization("direct_routing_share").and_then(words::direct_routing);
    across
        .or_else(direct)
        .or_else(|| view.relation("cross_branch").map(words::lift))
        .unwrap_or_else(|| Sentence::plain(words::NO_TREE))
}
