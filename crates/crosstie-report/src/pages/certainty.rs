//! Page 7: what was read, how much is noise, what is withheld, and what none of it can say.

use crate::charts;
use crate::document::{Block, Figure, Section, Sentence, Table};
use crate::names::name;
use crate::pages::view::View;
use crate::words;
use crosstie_model::tables::CoverageRow;

pub(crate) fn section(view: &View<'_>) -> Section {
    let rows = view.tables.coverage.rows();
    let sources = view.facts.sources.iter().map(|source| {
        let own = rows.iter().filter(|row| row.source == source.name);
        // The directory has no periods.
        let gaps = (own.clone().next().is_some()).then(|| own.filter(|row| row.gap).count());
        words::coverage(source, gaps)
    });
    let mut blocks: Vec<Block> = Block::list(sources.collect()).into_iter().collect();
    if !rows.is_empty() {
        blocks.push(Block::Figure(Figure {
            svg: charts::calendar("c10", rows),
            caption: Sentence::plain(words::CALENDAR_CAPTION),
            note: None,
            table: Some(gap_table(view)),
        }));
    }
    let planted = view.planted();
    let noise = view.of_organization("self_test_no_silo").and_then(|row| words::noise(row, planted));
    let power = noise.as_ref().and_then(|_| words::power(planted));
    blocks.push(Block::Text(noise.unwrap_or_else(|| Sentence::plain(words::SELF_TEST_SILENT))));
    blocks.extend(power.map(Block::Text));
    blocks.push(Block::Text(words::withheld(view.withheld)));
    blocks.push(Block::List(words::LIMITS.iter().map(|limit| Sentence::plain(*limit)).collect()));
    Section::page("certainty", words::CERTAINTY, blocks)
}

/// Periods of each source, counted by what they hold; each stands in appendix C.
fn gap_table(view: &View<'_>) -> Table {
    let rows = view.tables.coverage.rows().chunk_by(|a, b| a.source == b.source).map(|own| {
        let count = |is: fn(&CoverageRow) -> bool| own.iter().filter(|row| is(row)).count().to_string();
        vec![
            name(&own[0].source),
            own[0].period_start.to_string(),
            count(|row| !row.gap),
            count(|row| row.gap && row.records_seen != Some(0)),
            count(|row| row.gap && row.records_seen == Some(0)),
        ]
    });
    let head = ["Source", "From", "#Whole", "#Fewer than usual", "#None"];
    Table::new("Periods of the window by what they hold (each: appendix C)", &head, rows.collect::<Vec<_>>())
}
