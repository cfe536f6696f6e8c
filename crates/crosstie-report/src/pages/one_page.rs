//! Page 1: one sentence an answer, what the report rests on, and the openness of units.

use crate::charts;
use crate::document::{Block, Figure, Section, Sentence};
use crate::pages::changes;
use crate::pages::closed::{leftover, openness_caption};
use crate::pages::dependence::thin_pairs;
use crate::pages::view::{UNIT, View};
use crate::words;
use crosstie_model::tables::{HierarchyRow, UnitRow};

/// Silos with a sentence of their own here.
const SILOS_SAID: usize = 2;
/// Units in the chart here.
const UNITS_DRAWN: usize = 12;
/// Words of this page at most.
const MOST_WORDS: usize = 420;
/// Relations said here, the less needed first: that managers and their reports write to each other is no news.
const RELATIONS: [&str; 2] = ["manager_to_report", "cross_branch"];
/// Sentences that can be left out.
const SPARE: usize = RELATIONS.len() + 1;

pub(crate) fn section(view: &View<'_>) -> Section {
    let fits = |page: &Section| page.words() <= MOST_WORDS;
    (0..SPARE).map(|left_out| page(view, left_out)).find(fits).unwrap_or_else(|| page(view, SPARE))
}

/// The page without so many sentences that stand on page 4 and in appendix D as well.
fn page(view: &View<'_>, left_out: usize) -> Section {
    let text = |text: String| Block::text(text);
    let mut blocks = vec![Block::Text(words::coverage_line(view.tables.coverage.rows(), view.facts))];
    blocks.extend(chart(view));
    blocks.push(Block::heading(words::CLOSED));
    blocks.extend(closed(view));
    blocks.push(Block::heading(words::DEPENDENCE));
    blocks.extend(dependence(view));
    blocks.push(Block::heading(words::HIERARCHY));
    blocks.extend(hierarchy(view, &RELATIONS[left_out.saturating_sub(1)..]));
    blocks.push(Block::heading(words::CHANGES));
    blocks.push(Block::Text(changes::in_one_sentence(view)));
    blocks.extend(words::unreadable(view.unreadable).map(text));
    blocks.push(Block::heading(words::INTRODUCTIONS));
    blocks.push(text(words::before_introductions(&view.silos().collect::<Vec<_>>())));
    blocks.push(Block::heading(words::CERTAINTY));
    blocks.push(Block::Text(self_test(view)));
    blocks.push(Block::text(format!("{} {}", words::NOT_SEEN, words::NOT_BAD)));
    blocks.push(Block::Text(words::withheld_in_short(view.withheld)));
    if left_out == 0 {
        blocks.extend(words::held_back_in_short(view.facts).map(Block::Text));
    }
    Section::page("one-page", words::ONE_PAGE, blocks)
}

fn chart(view: &View<'_>) -> Option<Block> {
    view.has_openness().then(|| {
        let drawn = &view.units[..view.units.len().min(UNITS_DRAWN)];
        let caption = Sentence::plain(openness_caption(drawn, view.units.len()));
        Block::Figure(Figure { svg: charts::openness("c1", drawn), caption, note: leftover(drawn), table: None })
    })
}

fn closed(view: &View<'_>) -> Vec<Block> {
    let mut blocks: Vec<Block> = organization(view).into_iter().chain(against_chance(view)).map(Block::Text).collect();
    let silos: Vec<&UnitRow> = view.silos().collect();
    let said = silos.iter().take(SILOS_SAID).enumerate();
    let said: Vec<Sentence> = said.filter_map(|(at, unit)| words::silo_in_short(unit, at == 0)).collect();
    if said.is_empty() {
        blocks.push(no_silo(view));
        return blocks;
    }
    let more = silos.len() - said.len();
    blocks.extend(said.into_iter().map(Block::Text));
    if more > 0 {
        blocks.push(Block::text(words::more_silos(more)));
    }
    blocks
}

/// S1 of everybody. Of how many people with contact it tells, the indicator of the freedoms counts: in the same release.
fn organization(view: &View<'_>) -> Option<Sentence> {
    let openness = view.of_organization("openness")?;
    let counted = view.tables.freedoms.rows().iter().find(|row| {
        row.grouping == UNIT && row.unit == "(all)" && row.indicator == "openness" && row.as_of == openness.as_of
    });
    let people = counted.and_then(|row| row.people_count).map(i64::unsigned_abs);
    words::organization(openness, view.of_organization("external_share")?, people, view.facts)
}

/// How many units lie below what chance gives, and above.
fn against_chance(view: &View<'_>) -> Option<Sentence> {
    let count = |is: &dyn Fn(&UnitRow) -> bool| view.own_units().filter(|unit| is(unit)).count() as u64;
    words::against_chance(
        count(&|unit| unit.openness.is_some() || has_nothing_outside(unit)),
        count(&|unit| unit.openness_high.is_some_and(|high| high < 0.0) || has_nothing_outside(unit)),
        count(&|unit| unit.openness_low.is_some_and(|low| low > 0.0)),
    )
}

/// Whether chance gives contact outside and there is none: below any interval, and without a logarithm.
fn has_nothing_outside(unit: &UnitRow) -> bool {
    let is_expected = unit.expected_external_share.is_some_and(|share| share > 0.0);
    is_expected && unit.external_share.is_some_and(|share| share <= 0.0)
}

/// That no unit is a silo, or that none can be judged.
pub(crate) fn no_silo(view: &View<'_>) -> Block {
    if view.units.is_empty() {
        return Block::Text(Sentence::plain(words::NO_UNIT).of("R1"));
    }
    let units: Vec<&UnitRow> = view.own_units().collect();
    let judged = units.iter().filter(|unit| unit.evidence == "enough").count();
    let compared = units.iter().filter(|unit| unit.silo.is_some()).count();
    Block::text(words::no_silo(units.len(), judged, compared))
}

/// How many pairs of units rest on few people. None is named: what can be shown of one is not the most fragile.
fn dependence(view: &View<'_>) -> Vec<Block> {
    let pairs = view.by_dependence();
    if pairs.is_empty() {
        return vec![Block::text(words::NO_PAIR)];
    }
    vec![thin_pairs(view)]
}

/// Whether contact goes past unit heads, and how much runs along and across the reporting lines.
fn hierarchy(view: &View<'_>, relations: &[&str]) -> Vec<Block> {
    if view.tables.hierarchy.rows().is_empty() {
        return vec![Block::text(words::NO_TREE)];
    }
    let rows: Vec<&HierarchyRow> = relations.iter().filter_map(|name| view.relation(name)).collect();
    let direct = view.of_organization("direct_routing_share").and_then(words::direct_routing);
    let said: Vec<Block> = direct.into_iter().chain(words::lifts_in_short(&rows)).map(Block::Text).collect();
    if !said.is_empty() {
        return said;
    }
    let across = view.relation("cross_branch");
    let said = across.map(|row| words::lifts_in_short(&[row]).unwrap_or_else(|| words::lift(row)));
    vec![said.map_or_else(|| Block::text(words::NO_TREE), Block::Text)]
}

/// S10 in short.
fn self_test(view: &View<'_>) -> Sentence {
    let planted = view.of_organization("self_test_planted");
    let said = view.of_organization("self_test_no_silo").and_then(|noise| words::self_test_in_short(noise, planted));
    said.unwrap_or_else(|| Sentence::plain(words::SELF_TEST_SILENT_SHORT))
}
