//! The page of what changed: first what may not be compared, then what became of units and communities, then changes of
//! openness whose interval leaves no change, and how many were looked at.

use crate::document::{Block, Section, Sentence, Table};
use crate::numbers::{count, low_of_log2, ratio_of_log2};
use crate::words::counted;
use crosstie_model::tables::{CommunityRow, TrendRow};

/// How communities are named among groupings.
const COMMUNITY: &str = "community";
/// The grouping that the report is about.
const UNIT: &str = "unit";
/// Stability from which what became of a community is said.
const STABLE: f64 = 0.75;
/// Events in sentences; the rest is in the table.
const EVENTS_SAID: usize = 12;
/// Share of 95 % intervals that leave a true value by chance.
const BY_CHANCE: f64 = 0.05;

const NO_EARLIER: &str = "No earlier window yet: nothing can be compared. A window counts for events a week after another, and for a change of openness once the two have no day in common.";
const NO_WINDOW: &str = "No earlier window without a day in common yet: no change of openness is told.";
const OTHER_PLAN: &str =
    "The plan changed since that window (ties, sources, directory, window or seed): no change of openness is told.";
/// Said wherever a change is.
const CANNOT_CLAIM: &str = "A change of contact has many causes: people, tasks, seasons, tools. This does not show which, nor whether it is good. Communities are chosen to be closed, in each window.";

/// The page. Units of the report's grouping, and communities.
pub(crate) fn section(trends: &[TrendRow], communities: &[CommunityRow]) -> Section {
    let mut rows: Vec<&TrendRow> =
        trends.iter().filter(|row| [UNIT, COMMUNITY].contains(&row.grouping.as_str())).collect();
    // Units first; communities by size, those that ended last.
    rows.sort_by_key(|row| (row.unit.is_none(), row.community_id.is_none(), row.community_id));
    let mut blocks = Vec::new();
    if rows.iter().all(|row| row.compared_period_start.is_none() && row.change_period_start.is_none()) {
        blocks.push(Block::Text(Sentence::plain(NO_EARLIER)));
    } else {
        let name = |row: &TrendRow| name(row, communities);
        blocks.extend(redrawn(&rows).map(|said| Block::List(vec![Sentence::plain(said)])));
        blocks.extend(events(&rows, &name, &|row| is_firm(row, communities)));
        blocks.extend(changes(&rows, &name));
        blocks.push(Block::Text(Sentence::plain(CANNOT_CLAIM)));
        blocks.push(Block::Table(table(&rows, &name)));
    }
    Section { id: "changes", title: "What changed?".into(), is_appendix: false, blocks }
}

/// A unit by its label, a community by its stable name and where most of its people come from.
fn name(row: &TrendRow, communities: &[CommunityRow]) -> String {
    if let Some(unit) = &row.unit {
        return unit.clone();
    }
    let own = communities.iter().find(|community| Some(community.community_id) == row.community_id);
    match own.and_then(|community| community.main_unit.as_ref()) {
        Some(unit) => format!("Community {} (most of its people from {unit})", row.silo_id),
        None => format!("Community {}", row.silo_id),
    }
}

/// Whether what became of it says something: a unit, or a community that other restarts find again.
fn is_firm(row: &TrendRow, communities: &[CommunityRow]) -> bool {
    let own = communities.iter().find(|community| Some(community.community_id) == row.community_id);
    row.unit.is_some() || own.and_then(|community| community.stability).is_some_and(|stability| stability >= STABLE)
}

/// Charts that were drawn anew, before any number that they move.
fn redrawn(rows: &[&TrendRow]) -> Option<String> {
    let is_redrawn = |row: &&&TrendRow| row.event.as_deref() == Some("redrawn") || row.change_evidence == "redrawn";
    let units: Vec<&str> = rows.iter().filter(is_redrawn).filter_map(|row| row.unit.as_deref()).collect();
    (!units.is_empty()).then(|| {
        format!(
            "The org chart was drawn anew in a way that alone moves openness, with the same people and the same messages: {}. No change is told of {}.",
            units.join(", "),
            if units.len() == 1 { "this unit" } else { "these units" }
        )
    })
}

/// What became of units and communities, but for those that go on.
fn events(rows: &[&TrendRow], name: &dyn Fn(&TrendRow) -> String, is_firm: &dyn Fn(&TrendRow) -> bool) -> Vec<Block> {
    let Some(since) = rows.iter().find_map(|row| row.compared_period_start) else { return Vec::new() };
    let goes_on = |row: &TrendRow| row.event.as_deref().is_none_or(|event| event == "continue");
    let loose = rows.iter().filter(|row| !is_firm(row) && !goes_on(row)).count() as u64;
    let said: Vec<Sentence> = rows
        .iter()
        .filter(|row| is_firm(row))
        .filter_map(|row| {
            let what = match row.event.as_deref()? {
                "grow" => "has at least a fifth more members",
                "shrink" => "has at least a fifth fewer members",
                "birth" => "is new",
                "death" => "is no more",
                "split" if row.people_count.is_none() => "is no more: its people were divided",
                "split" => "is one of the parts into which an earlier one was divided",
                "merge" if row.people_count.is_none() => "is no more: it became part of another",
                "merge" => "holds most of two or more earlier ones",
                _ => return None,
            };
            Some(Sentence::plain(format!("{} {what}.", name(row))))
        })
        .collect();
    let gone_on = |grouping: &str| {
        rows.iter().filter(|row| row.grouping == grouping && row.event.as_deref() == Some("continue")).count() as u64
    };
    let mut blocks = vec![Block::Text(Sentence::plain(format!(
        "Since the window from {since}, {} and {} go on as they were.",
        counted(gone_on(UNIT), "unit", "units"),
        counted(gone_on(COMMUNITY), "community", "communities"),
    )))];
    let more = said.len().saturating_sub(EVENTS_SAID) as u64;
    if !said.is_empty() {
        blocks.push(Block::List(said.into_iter().take(EVENTS_SAID).collect()));
    }
    if more > 0 {
        blocks.push(Block::Text(Sentence::plain(format!("{} more in the table.", count(more as i64)))));
    }
    if loose > 0 {
        blocks.push(Block::Text(Sentence::plain(format!(
            "{} came, went or changed; restarts of the search do not find them again firmly, so this alone says nothing.",
            counted(loose, "other community", "other communities")
        ))));
    }
    blocks
}

/// S6: changes of openness, only where the interval excludes none.
fn changes(rows: &[&TrendRow], name: &dyn Fn(&TrendRow) -> String) -> Vec<Block> {
    let Some(since) = rows.iter().find_map(|row| row.change_period_start) else {
        return vec![Block::Text(Sentence::plain(NO_WINDOW))];
    };
    if rows.iter().any(|row| row.change_evidence == "other_plan") {
        return vec![Block::Text(Sentence::plain(OTHER_PLAN))];
    }
    let told: Vec<&&TrendRow> = rows.iter().filter(|row| row.openness_change.is_some()).collect();
    let changed: Vec<Sentence> = told.iter().filter_map(|row| changed(row, name)).collect();
    let still = (told.len() - changed.len()) as u64;
    let mut blocks = Vec::new();
    if !told.is_empty() {
        let chance = (told.len() as f64 * BY_CHANCE).round() as i64;
        blocks.push(Block::Text(Sentence::plain(format!(
            "Against the window from {since}, without a day in common: openness of {} can be compared. No change is seen in {}; chance alone would show a change in about {}.",
            counted(told.len() as u64, "unit or community", "units and communities"),
            count(still as i64),
            count(chance),
        ))));
    } else {
        blocks.push(Block::Text(Sentence::plain(format!(
            "Against the window from {since}, without a day in common, no openness can be compared: see the reasons in the table."
        ))));
    }
    if !changed.is_empty() {
        blocks.push(Block::List(changed));
    }
    blocks
}

fn changed(row: &TrendRow, name: &dyn Fn(&TrendRow) -> String) -> Option<Sentence> {
    let (change, since) = (row.openness_change?, row.change_period_start?);
    let verdict = match (row.openness_change_low, row.openness_change_high) {
        (_, Some(high)) if high < 0.0 => "is less open than it was",
        (Some(low), _) if low > 0.0 => "is more open than it was",
        _ => return None,
    };
    let text = format!(
        "Openness changed by {} times since the window from {since} (95 % interval {} to {}).",
        ratio_of_log2(change),
        low_of_log2(row.openness_change_low),
        row.openness_change_high.map_or_else(|| "unbounded".into(), ratio_of_log2),
    );
    Some(Sentence::led(format!("{} {verdict}.", name(row)), text))
}

fn table(rows: &[&TrendRow], name: &dyn Fn(&TrendRow) -> String) -> Table {
    let cells = rows.iter().map(|row| {
        let times = |value: Option<f64>| value.map_or_else(|| "no number".into(), ratio_of_log2);
        let interval = match (row.openness_change, row.openness_change_low, row.openness_change_high) {
            (Some(_), low, Some(high)) => format!("{} to {}", low_of_log2(low), ratio_of_log2(high)),
            _ => reason(&row.change_evidence).into(),
        };
        vec![
            name(row),
            row.event.clone().unwrap_or_else(|| "withheld".into()),
            row.people_count.map_or_else(|| "none".into(), count),
            times(row.openness),
            times(row.openness_change),
            interval,
        ]
    });
    let head =
        ["Unit or community", "Since then", "#People", "#Openness", "#Changed by", "Interval, or why there is none"];
    Table::new("Units and communities against earlier windows (the whole table is data/trends)", &head, cells.collect())
}

fn reason(evidence: &str) -> &'static str {
    match evidence {
        "no_window" => "no window without a day in common",
        "other_plan" => "the plan changed",
        "not_there" => "it was not there",
        "redrawn" => "the org chart was drawn anew",
        "no_number" => "no number in one of the two windows",
        "few_draws" => "too few draws hold it",
        _ => "withheld",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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

    fn text(rows: &[TrendRow]) -> String {
        let mut out = String::new();
        for block in section(rows, &[]).blocks {
            let sentences = match block {
                Block::Text(sentence) => vec![sentence],
                Block::List(sentences) => sentences,
                _ => Vec::new(),
            };
            sentences.iter().for_each(|said| out.push_str(&format!("{} {}\n", said.lead, said.text)));
        }
        out
    }

    #[test]
    fn only_an_interval_that_excludes_none_is_a_change() {
        let still = TrendRow { openness_change_high: Some(0.1), ..row("b") };
        let said = text(&[row("a"), still.clone()]);
        assert!(
            said.contains(
                "a is less open than it was. Openness changed by 0.50 times since the window from 1970-04-11"
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
        assert_eq!(text(&[none("no_window", first)]).trim(), NO_EARLIER);
        assert!(text(&[none("no_window", TrendRow { change_period_start: None, ..row("a") })]).contains(NO_WINDOW));
        assert!(text(&[none("other_plan", row("a"))]).contains(OTHER_PLAN));
        let redrawn = none("redrawn", TrendRow { event: Some("redrawn".into()), ..row("a") });
        let said = text(&[redrawn, row("b")]);
        assert!(
            said.starts_with(" The org chart was drawn anew")
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
        let mut said = String::new();
        for block in section(&rows, &[found(0, 0.8), found(1, 0.5), found(2, 0.5)]).blocks {
            match block {
                Block::Text(sentence) => said.push_str(&sentence.text),
                Block::List(list) => list.iter().for_each(|sentence| said.push_str(&sentence.text)),
                _ => {}
            }
        }
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
