//! Appendix C: what became of every record, by source and period, and repairs of the org chart as counts.

use crate::document::{Block, Section, Table};
use crate::names::name;
use crate::numbers::count;
use crate::pages::view::View;
use crate::words;

pub(crate) fn section(view: &View<'_>) -> Section {
    let mut blocks = vec![
        Block::text(words::BALANCE),
        Block::Table(ledger(view)),
        Block::Table(reasons(view)),
        Block::Table(periods(view)),
        Block::Table(counts(view)),
    ];
    if !view.facts.notices.is_empty() {
        let notices = view.facts.notices.iter().map(|(code, value)| vec![code.clone(), count(*value as i64)]);
        let caption = "Repairs of the org chart and other notices (crosstie explain CODE)";
        blocks.push(Block::Table(Table::new(caption, &["Code", "#Times"], notices.collect::<Vec<_>>())));
    }
    Section::appendix("quality", words::QUALITY, blocks)
}

fn ledger(view: &View<'_>) -> Table {
    let rows = view.facts.sources.iter().map(|source| {
        vec![
            name(&source.name),
            count(source.seen as i64),
            count(source.used as i64),
            count(source.duplicate as i64),
            count(source.excluded_all() as i64),
            count(source.quarantined_all() as i64),
        ]
    });
    let head = ["Source", "#Seen", "#Used", "#Duplicate", "#Excluded", "#Set aside"];
    Table::new("All records read so far, by source: seen is the sum of the rest", &head, rows.collect::<Vec<_>>())
}

fn reasons(view: &View<'_>) -> Table {
    let rows = view.facts.sources.iter().flat_map(|source| {
        let row = |what: &str, (reason, n): (&String, &u64)| {
            vec![name(&source.name), format!("{what}: {}", reason.replace('_', " ")), count(*n as i64)]
        };
        let excluded = source.excluded.iter().map(|entry| row("excluded", entry));
        excluded.chain(source.quarantined.iter().map(|entry| row("set aside", entry))).collect::<Vec<_>>()
    });
    Table::new("Reasons", &["Source", "Reason", "#Records"], rows.collect::<Vec<_>>())
}

fn periods(view: &View<'_>) -> Table {
    let rows = view.tables.coverage.rows().iter().map(|row| {
        let number = |value: Option<i64>| value.map_or_else(|| "withheld".into(), count);
        vec![
            name(&row.source),
            row.period_start.to_string(),
            row.weeks_count.to_string(),
            number(row.records_seen),
            number(row.used_count),
            number(row.duplicate_count),
            number(row.excluded_count),
            number(row.quarantined_count),
            if row.gap { row.gap_reason.clone().unwrap_or_else(|| "no record".into()) } else { "none".into() },
        ]
    });
    let head = ["Source", "From", "#Weeks", "#Seen", "#Used", "#Duplicate", "#Excluded", "#Set aside", "Gap"];
    Table::new("Coverage by period of the window", &head, rows.collect::<Vec<_>>())
}

fn counts(view: &View<'_>) -> Table {
    let rows = view.facts.counts.iter().map(|(name, value)| vec![words::count_name(name), count(*value as i64)]);
    Table::new("Counts", &["What", "#Count"], rows.collect::<Vec<_>>())
}
