//! Page 2: openness of units, contact between them, communities.

use crate::charts;
use crate::document::{Block, Figure, Section, Sentence, Table};
use crate::names::name;
use crate::numbers::{carriers_words, count, low_of_log2, per_cent, ratio_of_log2};
use crate::pages::one_page::no_silo;
use crate::pages::view::{Numbered, View, is_leftover, is_silo};
use crate::words;
use crosstie_model::tables::{UnitPairRow, UnitRow};

/// Units with a sentence; all stand in the table.
const UNITS_SAID: usize = 3;
/// Units without a number that are named.
const SILENT_SAID: usize = 5;
/// Pairs in sentences at either end.
const PAIRS_SAID: usize = 5;
/// Units in the chart.
const UNITS_DRAWN: usize = 60;
/// Stability from which a community is said.
const STABLE: f64 = 0.75;
const COMMUNITIES_SAID: usize = 1;

pub(crate) fn section(view: &View<'_>) -> Section {
    let mut blocks = Vec::new();
    if view.silos().next().is_none() {
        blocks.push(no_silo(view));
    }
    if view.has_openness() {
        let drawn = &view.units[..view.units.len().min(UNITS_DRAWN)];
        let caption = openness_caption(drawn, view.units.len());
        blocks.push(Block::Figure(Figure {
            svg: charts::openness("c2", drawn, view.units.len()),
            caption: Sentence::plain(caption),
            note: leftover(drawn),
            table: Some(unit_table(view).beside()),
        }));
    }
    blocks.extend(units(view));
    blocks.extend(silent(view));
    blocks.extend(matrix(view));
    blocks.extend(pairs_against_chance(view).map(Block::text));
    blocks.extend(Block::list(pairs_said(view)));
    blocks.extend(communities(view));
    Section::page("closed", words::CLOSED, blocks)
}

/// What stands below a chart of openness.
pub(crate) fn openness_caption(drawn: &[Numbered<'_>], all: usize) -> String {
    let mut caption = words::OPENNESS_CAPTION.to_string();
    if drawn.len() < all {
        caption.push_str(&words::most_closed_only(drawn.len(), all));
    }
    caption
}

/// What is said where what is left of small units stands among others.
pub(crate) fn leftover(drawn: &[Numbered<'_>]) -> Option<&'static str> {
    drawn.iter().any(|(_, unit)| is_leftover(unit)).then_some(words::LEFTOVER)
}

/// S1: silos first, then units that are more open than their kind; where there are none, the most closed.
fn units(view: &View<'_>) -> Vec<Block> {
    let told: Vec<&UnitRow> = view.own_units().filter(|unit| words::unit(unit, view.facts).is_some()).collect();
    let is_open = |unit: &UnitRow| unit.relative_openness_low.is_some_and(|low| low > 0.0);
    let mut order = told.clone();
    order.sort_by_key(|unit| (!is_silo(unit), !is_open(unit)));
    let stand_out = order.iter().filter(|unit| is_silo(unit) || is_open(unit)).count();
    let said: Vec<Sentence> =
        order.iter().take(stand_out.clamp(1, UNITS_SAID)).filter_map(|unit| words::unit(unit, view.facts)).collect();
    let left = told.len() - said.len();
    let mut blocks: Vec<Block> = Block::list(said).into_iter().collect();
    if left > 0 {
        blocks.push(Block::text(words::others(left)));
    }
    blocks
}

/// R1.
fn silent(view: &View<'_>) -> Option<Block> {
    let silent = view.units.iter().filter(|(_, unit)| unit.evidence != "enough");
    let said = silent.map(|(_, unit)| words::no_evidence(unit, view.facts)).take(SILENT_SAID);
    Block::list(said.collect())
}

/// Units, most closed first.
pub(crate) fn unit_table(view: &View<'_>) -> Table {
    let rows = view.units.iter().map(|(number, unit)| {
        let evidence = words::null_reason("", false, Some(&unit.evidence), false);
        let reason = if unit.evidence == "enough" { "undefined" } else { evidence };
        let share = |value: Option<f64>| value.map_or_else(|| reason.into(), per_cent);
        let interval = match (unit.openness_low, unit.openness_high) {
            (low, Some(high)) => format!("{} to {}", low_of_log2(low), ratio_of_log2(high)),
            _ => reason.into(),
        };
        vec![
            number.to_string(),
            name(&unit.unit),
            count(unit.people_count),
            share(unit.external_share),
            share(unit.expected_external_share),
            unit.openness.map_or_else(|| reason.into(), ratio_of_log2),
            interval,
            unit.typical_external_share.map_or_else(|| words::NONE_ALIKE.into(), per_cent),
            match unit.silo {
                _ if is_leftover(unit) => "no unit of its own".into(),
                Some(true) => "yes".into(),
                Some(false) => "no".into(),
                None => "cannot be told".into(),
            },
        ]
    });
    let head = ["#No.", "Unit", "#People", "#Outside", "#By chance", "#Times", "95 % interval", "#Usual", "Silo"];
    Table::new("Units, most closed first", &head, rows.collect::<Vec<_>>())
}

fn matrix(view: &View<'_>) -> Option<Block> {
    let drawn = view.largest(charts::MATRIX_LARGEST);
    if drawn.len() < 2 || view.pairs.is_empty() {
        return None;
    }
    // A field of hatching tells less than a sentence.
    if view.between().all(|pair| pair.suppressed) {
        return Some(Block::text(words::NO_PAIR));
    }
    let mut caption = words::MATRIX_CAPTION.to_string();
    if drawn.len() < view.units.len() {
        caption.push_str(&words::largest_only(drawn.len(), view.units.len()));
    }
    Some(Block::Figure(Figure {
        svg: charts::matrix("c3", &charts::clustered(&drawn, &view.pairs), &view.pairs),
        caption: Sentence::plain(caption),
        note: leftover(&drawn),
        table: Some(pair_table(view).beside()),
    }))
}

/// How far an interval lies from chance.
pub(crate) fn far(pair: &UnitPairRow) -> f64 {
    pair.log2_low.unwrap_or(0.0).max(-pair.log2_high.unwrap_or(0.0)).max(0.0)
}

fn pair_table(view: &View<'_>) -> Table {
    let mut pairs: Vec<&UnitPairRow> = view.between().collect();
    // Where the interval reaches chance, the estimate decides.
    let ratio = |pair: &UnitPairRow| pair.log2_ratio.map_or(0.0, f64::abs);
    let order = |a: &&UnitPairRow, b: &&UnitPairRow| {
        a.suppressed.cmp(&b.suppressed).then(far(b).total_cmp(&far(a))).then(ratio(b).total_cmp(&ratio(a)))
    };
    pairs.sort_by(order);
    let rows = pairs.into_iter().map(|pair| {
        let whole = |value: Option<f64>| value.map_or_else(|| "withheld".into(), |value| count(value.round() as i64));
        let seen =
            if pair.weight.is_some_and(|weight| weight <= 0.0) { "none seen".into() } else { whole(pair.weight) };
        let none = if pair.suppressed { "withheld" } else { "undefined" };
        let interval = match pair.log2_high {
            Some(high) => format!("{} to {}", low_of_log2(pair.log2_low), ratio_of_log2(high)),
            None => none.into(),
        };
        vec![
            name(&pair.unit_a),
            name(&pair.unit_b),
            seen,
            whole(pair.expected_weight),
            pair.log2_ratio.map_or_else(|| none.into(), ratio_of_log2),
            interval,
            pair.carriers_band.as_deref().map_or_else(|| "withheld".into(), |band| carriers_words(band).into()),
        ]
    });
    let head = ["Unit", "Unit", "#Messages", "#By chance", "#Times", "95 % interval", "Carriers"];
    Table::new("Pairs of units, by how far the whole interval lies from chance", &head, rows)
}

/// How many pairs lie beyond chance, and how many would by themselves.
fn pairs_against_chance(view: &View<'_>) -> Option<String> {
    let count = |is: &dyn Fn(&UnitPairRow) -> bool| view.between().filter(|pair| is(pair)).count() as u64;
    words::pairs_against_chance(
        count(&|pair| pair.log2_high.is_some()),
        count(&|pair| pair.log2_high.is_some_and(|high| high < 0.0)),
        count(&|pair| pair.log2_low.is_some_and(|low| low > 0.0)),
    )
}

/// S2: the pairs farthest below and above chance.
fn pairs_said(view: &View<'_>) -> Vec<Sentence> {
    let mut low: Vec<&UnitPairRow> =
        view.between().filter(|pair| pair.log2_high.is_some_and(|high| high < 0.0)).collect();
    let mut high: Vec<&UnitPairRow> =
        view.between().filter(|pair| pair.log2_low.is_some_and(|low| low > 0.0)).collect();
    for pairs in [&mut low, &mut high] {
        pairs.sort_by(|a, b| far(b).total_cmp(&far(a)));
    }
    [low, high].into_iter().flat_map(|pairs| pairs.into_iter().filter_map(words::pair).take(PAIRS_SAID)).collect()
}

fn communities(view: &View<'_>) -> Vec<Block> {
    let is_stable = |stability: Option<f64>| stability.is_some_and(|stability| stability >= STABLE);
    let rows = view.tables.communities.rows().iter().filter(|row| is_stable(row.stability));
    let stable: Vec<Sentence> = rows.filter_map(words::community).collect();
    if stable.is_empty() {
        return Vec::new();
    }
    let left = stable.len().saturating_sub(COMMUNITIES_SAID) as u64;
    let mut about = words::COMMUNITIES_ARE_CHOSEN.to_string();
    let modularity = view.of_organization("modularity_communities").and_then(|row| Some((row.value?, row.expected?)));
    if let Some((value, expected)) = modularity {
        let agreement = view.of_organization("agreement_ami").and_then(|row| row.value);
        about.push_str(&format!(" {}", words::clustering(value, expected, agreement)));
    }
    let mut blocks = vec![Block::text(about)];
    blocks.extend(Block::list(stable.into_iter().take(COMMUNITIES_SAID).collect()));
    if left > 0 {
        blocks.push(Block::text(words::more_communities(left)));
    }
    blocks
}

/// A unit with its number, as rows of charts have it.
pub(crate) fn numbered(unit: &Numbered<'_>) -> String {
    format!("{} {}", unit.0, name(&unit.1.unit))
}
