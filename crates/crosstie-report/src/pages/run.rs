//! Appendix F: which run this is, what it read, and how to make this file again.

use crate::document::{Block, Section, Table};
use crate::names::name;
use crate::pages::view::View;
use crate::words;
use sha2::{Digest, Sha256};

/// Files listed.
const FILES: usize = 200;

pub(crate) fn section(view: &View<'_>) -> Section {
    let facts = view.facts;
    let row = |what: &str, value: String| vec![what.to_string(), value];
    let identity = vec![
        row("Run", facts.run_id.clone()),
        row("Date", facts.snapshot_date.clone()),
        row("Window", format!("{} to {}", facts.window_first, facts.window_last)),
        row("Version", facts.version.clone()),
        row("Plan (SHA-256 of its lines `key = value`)", plan_hash(view)),
        row("Made again by", format!("crosstie report OUT --date {}", facts.snapshot_date)),
    ];
    let files: Vec<Vec<String>> = facts
        .sources
        .iter()
        .flat_map(|source| source.files.iter().map(|hash| vec![name(&source.name), hash.clone()]))
        .collect();
    let mut table = Table::new("Files read, by content", &["Source", "BLAKE3"], files);
    table.rest = "in the manifest, in the folder runs";
    table.left_out += table.rows.len().saturating_sub(FILES);
    table.rows.truncate(FILES);
    let blocks = vec![Block::Table(Table::new("Identity", &["What", "Value"], identity)), Block::Table(table)];
    Section::appendix("run", words::RUN, blocks)
}

fn plan_hash(view: &View<'_>) -> String {
    let mut hash = Sha256::new();
    for (key, value) in &view.facts.settings {
        hash.update(format!("{key} = {value}\n"));
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
