//! Page 1: one sentence an answer, what the report rests on, and the openness of units.

use crate::charts;
use crate::document::{Block, Figure, Section, Sentence};
use crate::pages::changes;
use crate::pages::closed::{leftover, openness_caption};
use crate::pages::dependence::thin_pairs;
use crate::pages::freedoms::ALL;
use crate::pages::hierarchy::heads;
use crate::pages::introductions::{none, none_of_silos, suggested};
use crate::pages::view::{UNIT, View};
use crate::words;
use crosstie_model::tables::{FreedomRow, UnitRow};

/// Silos with a sentence of their own here.
const SILOS_SAID: usize = 2;
/// Units in the chart here.
const UNITS_DRAWN: usize = 12;
/// Words of this page at most.
const MOST_WORDS: usize = 420;

/// What can be left out here, since it stands on other pages, too; what is needed most first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spare {
    SecondSilo,
    Introduction,
    HeldBack,
    AgainstChance,
    Branches,
}

const SPARE: [Spare; 5] =
    [Spare::SecondSilo, Spare::Introduction, Spare::HeldBack, Spare::AgainstChance, Spare::Branches];

pub(crate) fn section(view: &View<'_>) -> Section {
    let mut kept = Vec::new();
    for spare in SPARE {
        kept.push(spare);
        if page(view, &kept).words() > MOST_WORDS {
            kept.pop();
        }
    }
    page(view, &kept)
}

/// The page with these of the sentences that can be left out.
fn page(view: &View<'_>, kept: &[Spare]) -> Section {
    let has = |spare: Spare| kept.contains(&spare);
    let mut blocks = vec![Block::Text(words::coverage_line(view.tables.coverage.rows(), view.facts))];
    blocks.extend(chart(view));
    blocks.push(Block::heading(words::CLOSED));
    blocks.extend(closed(view, &has));
    blocks.push(Block::heading(words::DEPENDENCE));
    blocks.extend(dependence(view));
    blocks.push(Block::heading(words::HIERARCHY));
    blocks.extend(hierarchy(view, has(Spare::Branches)));
    blocks.push(Block::heading(words::FREEDOM));
    blocks.push(Block::Text(freedom(view)));
    blocks.push(Block::heading(words::CHANGES));
    blocks.push(Block::Text(changes::in_one_sentence(view)));
    blocks.extend(words::unreadable(view.unreadable).map(Block::text));
    blocks.push(Block::heading(words::INTRODUCTIONS));
    blocks.extend(introductions(view, has(Spare::Introduction)));
    blocks.push(Block::heading(words::CERTAINTY));
    blocks.push(Block::Text(self_test(view)));
    blocks.push(Block::text(format!("{} {}", words::NOT_SEEN, words::NOT_BAD)));
    blocks.push(Block::Text(words::withheld_in_short(view.withheld)));
    if has(Spare::HeldBack) {
        blocks.extend(words::held_back_in_short(view.facts).map(Block::Text));
    }
    Section::page("one-page", words::ONE_PAGE, blocks)
}

fn chart(view: &View<'_>) -> Option<Block> {
    view.has_openness().then(|| {
        let drawn = &view.units[..view.units.len().min(UNITS_DRAWN)];
        let caption = Sentence::plain(openness_caption(drawn, view.units.len()));
        Block::Figure(Figure {
            svg: charts::openness("c1", drawn, view.units.len()),
            caption,
            note: leftover(drawn),
            table: None,
        })
    })
}

fn closed(view: &View<'_>, has: &dyn Fn(Spare) -> bool) -> Vec<Block> {
    let against = against_chance(view).filter(|_| has(Spare::AgainstChance));
    let mut blocks: Vec<Block> = organization(view).into_iter().chain(against).map(Block::Text).collect();
    let silos: Vec<&UnitRow> = view.silos().collect();
    let most = if has(Spare::SecondSilo) { SILOS_SAID } else { 1 };
    let said = silos.iter().take(most).enumerate();
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

/// How many pairs of units rest on few people, and how many people reach beyond their unit. No pair is named: what can be
/// shown of one is not the most fragile.
fn dependence(view: &View<'_>) -> Vec<Block> {
    let pairs = &view.by_dependence;
    let thin = if pairs.is_empty() { Block::text(words::NO_PAIR) } else { thin_pairs(view) };
    std::iter::once(thin).chain(words::bridges_in_short(view.facts).map(Block::text)).collect()
}

/// Whether contact goes past unit heads, and how much runs across branches.
fn hierarchy(view: &View<'_>, has_branches: bool) -> Vec<Block> {
    if view.tables.hierarchy.rows().is_empty() {
        return vec![Block::text(words::NO_TREE)];
    }
    let across = view.relation("cross_branch").filter(|_| has_branches).and_then(words::lift_in_short);
    std::iter::once(heads(view)).chain(across.map(Block::Text)).collect()
}

/// The five freedoms against chance.
fn freedom(view: &View<'_>) -> Sentence {
    let rows = view.tables.freedoms.rows().iter();
    let rows: Vec<&FreedomRow> = rows.filter(|row| row.grouping == UNIT && row.unit == ALL).collect();
    if rows.is_empty() { words::no_indicators() } else { words::freedoms_in_short(&rows) }
}

/// What to ask first, and the first suggestion, or why there is none about a silo.
fn introductions(view: &View<'_>, has_first: bool) -> Vec<Block> {
    let question = words::before_introductions(&view.silos().collect::<Vec<_>>());
    let suggested = suggested(view);
    let mut blocks = vec![Block::text(question)];
    let first = suggested.iter().find_map(|row| {
        let pair = view.pairs.get(&(row.unit_a.as_str(), row.unit_b.as_str()))?;
        words::introduction_in_short(row, pair)
    });
    if suggested.is_empty() {
        blocks.push(Block::text(none(view, words::NO_INTRODUCTIONS_SHORT)));
    } else if has_first {
        blocks.extend(first.map(Block::Text));
    }
    blocks.extend(none_of_silos(view, words::none_of_silos_in_short).map(Block::text));
    blocks
}

/// S10 in short.
fn self_test(view: &View<'_>) -> Sentence {
    let noise = view.of_organization("self_test_no_silo");
    let said = noise.and_then(|noise| words::self_test_in_short(noise, view.planted()));
    said.unwrap_or_else(|| Sentence::plain(words::SELF_TEST_SILENT_SHORT))
}
