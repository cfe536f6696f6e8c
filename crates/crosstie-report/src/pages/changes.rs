//! Page 5, what changed: first what is not the same in plan, metrics, policy and coverage, then what became of units and
//! communities, then changes of openness whose interval leaves no change, and how many were looked at.

use crate::charts;
use crate::document::{Block, Figure, Section, Sentence, Table};
use crate::facts::Earlier;
use crate::numbers::{count, low_of_log2, ratio_of_log2};
use crate::pages::closed::leftover;
use crate::pages::view::{UNIT, View};
use crate::words;
use crosstie_model::tables::{CommunityRow, TrendRow};

/// How communities are named among groupings.
const COMMUNITY: &str = "community";
/// Stability from which what became of a community is said.
const STABLE: f64 = 0.75;
/// Events in sentences; the rest is in the table.
const EVENTS_SAID: usize = 4;
/// Changes of openness in sentences.
const CHANGES_SAID: usize = 4;
/// Settings that are named where the plan is another.
const SETTINGS_SAID: usize = 6;
/// Share of 95 % intervals that leave a true value by chance.
const BY_CHANCE: f64 = 0.05;

pub(crate) fn section(view: &View<'_>) -> Section {
    let communities = view.tables.communities.rows();
    let name = |row: &TrendRow| words::silo_name(row, communities);
    let rows = rows(view.tables.trends.rows());
    let mut blocks: Vec<Block> = words::unreadable(view.unreadable).map(Block::text).into_iter().collect();
    blocks.extend(Block::list(differences(view)));
    if !has_earlier(&rows) {
        blocks.push(Block::text(words::NO_EARLIER));
        return Section::page("changes", words::CHANGES, blocks);
    }
    blocks.extend(redrawn(&rows).map(|said| Block::List(vec![said])));
    blocks.extend(events(&rows, &name, &|row| is_firm(row, communities)));
    blocks.extend(changes(&rows, &name, view.is_poorly_covered()));
    blocks.extend(multiples(view, &rows, &|row| is_firm(row, communities)));
    blocks.push(Block::text(words::CANNOT_CLAIM));
    Section::page("changes", words::CHANGES, blocks)
}

/// The answer in one sentence, for page 1.
pub(crate) fn in_one_sentence(view: &View<'_>) -> Sentence {
    let rows = rows(view.tables.trends.rows());
    let plain = |text: &str| Sentence::plain(text);
    if !has_earlier(&rows) {
        return plain(words::NO_EARLIER_SHORT);
    }
    let Some(since) = rows.iter().find_map(|row| row.change_period_start) else { return plain(words::NO_WINDOW) };
    if rows.iter().any(|row| row.change_evidence == "other_plan") {
        return plain(words::OTHER_PLAN);
    }
    if view.is_poorly_covered() {
        return plain(words::NO_COVERAGE);
    }
    let (told, changed) = told(&rows, &|row| words::silo_name(row, view.tables.communities.rows()));
    Sentence::plain(words::compared_in_short(since, told as u64, changed.len() as u64, by_chance(told)))
}

/// Units of the report's grouping first, then communities by size, those that ended last.
fn rows(trends: &[TrendRow]) -> Vec<&TrendRow> {
    let is_told = |row: &&TrendRow| [UNIT, COMMUNITY].contains(&row.grouping.as_str());
    let mut rows: Vec<&TrendRow> = trends.iter().filter(is_told).collect();
    rows.sort_by_key(|row| (row.unit.is_none(), row.community_id.is_none(), row.community_id));
    rows
}

fn has_earlier(rows: &[&TrendRow]) -> bool {
    rows.iter().any(|row| row.compared_period_start.is_some() || row.change_period_start.is_some())
}

/// Whether what became of it says something: a unit, or a community that other restarts find again.
fn is_firm(row: &TrendRow, communities: &[CommunityRow]) -> bool {
    let own = communities.iter().find(|community| Some(community.community_id) == row.community_id);
    row.unit.is_some() || own.and_then(|community| community.stability).is_some_and(|stability| stability >= STABLE)
}

/// What is not the same as in the newest of the earlier windows.
fn differences(view: &View<'_>) -> Vec<Sentence> {
    let Some(earlier) = view.earlier.first() else { return Vec::new() };
    let (now, then) = (&view.facts.settings, &earlier.facts.settings);
    let is_policy = |key: &str| key.starts_with("policy.");
    let mut plan: Vec<&str> = now
        .iter()
        .filter(|(key, value)| then.get(*key) != Some(value))
        .chain(then.iter().filter(|(key, _)| !now.contains_key(*key)))
        .map(|(key, _)| key.as_str())
        .filter(|key| !is_policy(key))
        .collect();
    plan.sort_unstable();
    plan.truncate(SETTINGS_SAID);
    let metrics: Vec<&str> = view
        .tables
        .metrics
        .rows()
        .iter()
        .filter(|row| {
            let before = earlier.tables.metrics.rows().iter().find(|before| before.metric == row.metric);
            before.is_some_and(|before| before.formula != row.formula || before.undefined_when != row.undefined_when)
        })
        .map(|row| row.metric.as_str())
        .collect();
    let hash = |settings: &std::collections::BTreeMap<String, String>| settings.get("policy.blake3").cloned();
    let gaps = [view.tables.coverage.rows(), earlier.tables.coverage.rows()]
        .map(|rows| rows.iter().filter(|row| row.gap).count() as u64);
    let since = &earlier.facts.window_first;
    let said = words::differences(since, &plan, &metrics, hash(now) != hash(then), gaps);
    said.into_iter().map(Sentence::plain).collect()
}

/// Charts that were drawn anew, before any number that they move.
fn redrawn(rows: &[&TrendRow]) -> Option<Sentence> {
    let is_redrawn = |row: &&&TrendRow| row.event.as_deref() == Some("redrawn") || row.change_evidence == "redrawn";
    let units: Vec<&str> = rows.iter().filter(is_redrawn).filter_map(|row| row.unit.as_deref()).collect();
    words::redrawn(&units)
}

/// What became of units and communities, but for those that go on.
fn events(rows: &[&TrendRow], name: &dyn Fn(&TrendRow) -> String, is_firm: &dyn Fn(&TrendRow) -> bool) -> Vec<Block> {
    let Some(since) = rows.iter().find_map(|row| row.compared_period_start) else { return Vec::new() };
    let goes_on = |row: &TrendRow| row.event.as_deref().is_none_or(|event| event == "continue");
    let loose = rows.iter().filter(|row| !is_firm(row) && !goes_on(row)).count() as u64;
    let said: Vec<Sentence> =
        rows.iter().filter(|row| is_firm(row)).filter_map(|row| words::became(row, &name(row))).collect();
    let gone_on = |grouping: &str| {
        rows.iter().filter(|row| row.grouping == grouping && row.event.as_deref() == Some("continue")).count() as u64
    };
    let mut blocks = vec![Block::text(words::goes_on(since, gone_on(UNIT), gone_on(COMMUNITY)))];
    let more = said.len().saturating_sub(EVENTS_SAID) as u64;
    blocks.extend(Block::list(said.into_iter().take(EVENTS_SAID).collect()));
    if more > 0 {
        blocks.push(Block::text(words::more_events(more)));
    }
    if loose > 0 {
        blocks.push(Block::text(words::loose(loose)));
    }
    blocks
}

/// How many changes are told, and those whose interval holds none.
fn told(rows: &[&TrendRow], name: &dyn Fn(&TrendRow) -> String) -> (usize, Vec<Sentence>) {
    let told = rows.iter().filter(|row| row.openness_change.is_some());
    (told.clone().count(), told.filter_map(|row| words::changed(row, &name(row))).collect())
}

fn by_chance(told: usize) -> i64 {
    (told as f64 * BY_CHANCE).round() as i64
}

/// S6: changes of openness, only where the interval excludes none.
fn changes(rows: &[&TrendRow], name: &dyn Fn(&TrendRow) -> String, is_poorly_covered: bool) -> Vec<Block> {
    let Some(since) = rows.iter().find_map(|row| row.change_period_start) else {
        return vec![Block::text(words::NO_WINDOW)];
    };
    if rows.iter().any(|row| row.change_evidence == "other_plan") {
        return vec![Block::text(words::OTHER_PLAN)];
    }
    if is_poorly_covered {
        return vec![Block::text(words::NO_COVERAGE)];
    }
    let (told, changed) = told(rows, name);
    let still = (told - changed.len()) as u64;
    let mut blocks = vec![Block::text(words::compared(since, told as u64, still, by_chance(told)))];
    let more = changed.len().saturating_sub(CHANGES_SAID) as u64;
    blocks.extend(Block::list(changed.into_iter().take(CHANGES_SAID).collect()));
    if more > 0 {
        blocks.push(Block::text(words::more_events(more)));
    }
    blocks
}

/// The chart of several windows, with the table of changes beside it.
fn multiples(view: &View<'_>, rows: &[&TrendRow], is_firm: &dyn Fn(&TrendRow) -> bool) -> Option<Block> {
    let communities = view.tables.communities.rows();
    let table = table(rows, &|row| words::silo_name(row, communities)).beside();
    let histories: Vec<charts::History<'_>> = rows
        .iter()
        .filter(|row| is_firm(row) && row.openness.is_some())
        .map(|row| charts::History {
            label: row.unit.as_deref().unwrap_or(&row.silo_id),
            points: std::iter::once(*row).chain(view.earlier.iter().filter_map(|then| point(then, row))).collect(),
        })
        .filter(|history| history.points.len() > 1)
        .collect();
    if histories.is_empty() || view.is_poorly_covered() {
        return Some(Block::Table(table));
    }
    let starts: Vec<_> = rows.iter().map(|row| row.period_start).take(1).chain(starts(view.earlier)).collect();
    Some(Block::Figure(Figure {
        svg: charts::trends("c9", &histories, &starts),
        caption: Sentence::plain(words::TRENDS_CAPTION),
        note: leftover(&view.units),
        table: Some(table),
    }))
}

fn starts(earlier: &[Earlier]) -> impl Iterator<Item = crosstie_model::Day> {
    earlier.iter().filter_map(|then| then.tables.trends.rows().first().map(|row| row.period_start))
}

fn point<'a>(then: &'a Earlier, row: &TrendRow) -> Option<&'a TrendRow> {
    then.tables.trends.rows().iter().find(|before| before.silo_id == row.silo_id)
}

/// Why a row counts nobody: it is no more, or it is withheld.
fn no_people(row: &TrendRow) -> &'static str {
    if matches!(row.event.as_deref(), Some("death" | "split" | "merge")) { "none" } else { "withheld" }
}

fn table(rows: &[&TrendRow], name: &dyn Fn(&TrendRow) -> String) -> Table {
    let cells = rows.iter().map(|row| {
        let times = |value: Option<f64>| value.map_or_else(|| "no number".into(), ratio_of_log2);
        let interval = match (row.openness_change, row.openness_change_low, row.openness_change_high) {
            (Some(_), low, Some(high)) => format!("{} to {}", low_of_log2(low), ratio_of_log2(high)),
            _ => words::reason_of_change(&row.change_evidence).into(),
        };
        vec![
            name(row),
            row.event.clone().unwrap_or_else(|| "withheld".into()),
            row.people_count.map_or_else(|| no_people(row).into(), count),
            times(row.openness),
            times(row.openness_change),
            interval,
        ]
    });
    let head = ["Unit or community", "Since then", "#People", "#Openness", "#Times then", "95 % interval, or why none"];
    Table::new("Units and communities against earlier windows", &head, cells.collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::made::made;
    use crosstie_model::Day;

    fn row(unit: &str) -> TrendRow {
        TrendRow {
            silo_id: format!("u:{unit}"),
            period_start: Day(200),
            grouping: UNIT.into(),
            unit: Some(unit.into()),
            community_id: None,
            compared_period_start: Some(Day(190)),
            event: Some("continue".into()),
            people_count: Some(20),
            openness: Some(-1.0),
            openness_low: Some(-1.2),
            openness_high: Some(-0.8),
            change_period_start: Some(Day(100)),
            openness_change: Some(-1.0),
            openness_change_low: Some(-1.5),
            openness_change_high: Some(-0.5),
            change_evidence: "enough".into(),
            as_of: None,
        }
    }

    fn said(rows: &[TrendRow], communities: &[CommunityRow]) -> String {
        let mut made = made(1);
        made.trends = rows.to_vec();
        made.communities = communities.to_vec();
        let document = made.document();
        let mut out = String::new();
        let page = document.sections.iter().find(|section| section.id == "changes");
        for block in page.into_iter().flat_map(|page| &page.blocks) {
            match block {
                Block::Text(sentence) => out.push_str(&format!("{}\n", sentence.line())),
                Block::List(list) => list.iter().for_each(|sentence| out.push_str(&format!("{}\n", sentence.line()))),
                _ => {}
            }
        }
        out.replace('\u{a0}', " ")
    }

    fn text(rows: &[TrendRow]) -> String {
        said(rows, &[])
    }

    #[test]
    fn only_an_interval_that_excludes_none_is_a_change() {
        let still = TrendRow { openness_change_high: Some(0.1), ..row("b") };
        let said = text(&[row("a"), still.clone()]);
        assert!(
            said.contains(
                "a is less open than it was. Openness, which is contact outside against what chance gives, is 0.50 times what it was in the window from 1970-04-11 (95 % interval 0.35 to 0.71; 20 people)"
            ),
            "{said}"
        );
        assert!(
            !said.contains("b is")
                && said.contains("No change is seen in 1; chance alone would show a change in about 0"),
            "{said}"
        );
        let open = TrendRow { openness_change_low: None, openness_change_high: Some(0.1), ..row("b") };
        assert!(!text(&[open]).contains("b is"));
    }

    #[test]
    fn what_cannot_be_compared_is_said_first_and_without_a_number() {
        let none = |evidence: &str, row: TrendRow| TrendRow {
            openness_change: None,
            openness_change_low: None,
            openness_change_high: None,
            change_evidence: evidence.into(),
            ..row
        };
        let first = TrendRow { compared_period_start: None, event: None, change_period_start: None, ..row("a") };
        assert_eq!(text(&[none("no_window", first)]).trim(), words::NO_EARLIER);
        assert!(
            text(&[none("no_window", TrendRow { change_period_start: None, ..row("a") })]).contains(words::NO_WINDOW)
        );
        assert!(text(&[none("other_plan", row("a"))]).contains(words::OTHER_PLAN));
        let redrawn = none("redrawn", TrendRow { event: Some("redrawn".into()), ..row("a") });
        let said = text(&[redrawn, row("b")]);
        assert!(
            said.starts_with("The org chart was drawn anew")
                && said.contains("messages: a. No change is told of this unit"),
            "{said}"
        );
    }

    #[test]
    fn what_became_of_a_loose_community_is_only_counted() {
        let community = |id: i64, event: &str| TrendRow {
            silo_id: format!("c:{id}"),
            grouping: COMMUNITY.into(),
            unit: None,
            community_id: Some(id),
            event: Some(event.into()),
            ..row("a")
        };
        let found = |id, stability| CommunityRow {
            community_id: id,
            people_count: Some(20),
            units_count: Some(2),
            main_unit: Some("a".into()),
            main_unit_share: Some(0.5),
            internal_share: None,
            expected_internal_share: None,
            openness: None,
            openness_low: None,
            openness_high: None,
            stability: Some(stability),
            persistence_count: None,
            as_of: None,
        };
        let rows = [community(0, "grow"), community(1, "birth"), community(2, "continue")];
        let said = said(&rows, &[found(0, 0.8), found(1, 0.5), found(2, 0.5)]);
        assert!(
            said.contains("Community c:0 (most of its people from a) has at least a fifth more members."),
            "{said}"
        );
        assert!(!said.contains("is new") && said.contains("1 other community came, went or changed"), "{said}");
    }

    #[test]
    fn events_are_said_in_words() {
        let with = |event: &str, people| TrendRow { event: Some(event.into()), people_count: people, ..row("a") };
        for (event, people, words) in [
            ("grow", Some(24), "a has at least a fifth more members."),
            ("death", None, "a is no more."),
            ("split", None, "a is no more: its people were divided."),
            ("split", Some(9), "a is one of the parts"),
            ("merge", None, "a is no more: it became part of another."),
        ] {
            assert!(text(&[with(event, people)]).contains(words), "{event}");
        }
        assert!(text(&[row("a")]).contains("1 unit and 0 communities go on as they were"));
    }
}
