//! Appendix A: each metric as the catalogue has it, the rules that a number hangs on, and the plan.

use crate::document::{Block, Section, Table};
use crate::names::name;
use crate::numbers::{count, decimal, per_cent};
use crate::pages::view::View;
use crate::words;

pub(crate) fn section(view: &View<'_>) -> Section {
    let metrics = view.tables.metrics.rows().iter().map(|row| {
        vec![
            row.metric.clone(),
            row.question.clone(),
            row.formula.clone(),
            row.undefined_when.clone(),
            row.grade.clone(),
            row.cannot_claim.clone(),
            row.sources.clone(),
        ]
    });
    let head = ["Metric", "Question", "Formula", "Undefined when", "Grade", "What it does not show", "References"];
    let settings = view.facts.settings.iter().map(|(key, value)| vec![name(key), name(value)]);
    let blocks = vec![
        Block::Table(Table::new("Metrics", &head, metrics.collect::<Vec<_>>())),
        Block::Table(sensitivity(view)),
        Block::Table(Table::new(
            "The plan: seed, restarts, thresholds and all else",
            &["Key", "Value"],
            settings.collect::<Vec<_>>(),
        )),
    ];
    Section::appendix("method", words::METHOD, blocks)
}

/// The sweep of the tie rules.
fn sensitivity(view: &View<'_>) -> Table {
    let number = |value: Option<f64>| value.map_or_else(|| "undefined".into(), |value| decimal(value, 3));
    let whole = |value: Option<i64>| value.map_or_else(|| "withheld".into(), count);
    let rows = view.tables.sensitivity.rows().iter().map(|row| {
        vec![
            row.rule.clone(),
            row.value.clone(),
            whole(row.tie_count),
            whole(row.isolated_count),
            number(row.ei_index),
            number(row.ei_index_expected),
            number(row.openness),
            row.reach2_share.map_or_else(|| "undefined".into(), per_cent),
        ]
    });
    let head = ["Rule", "Value", "#Ties", "#Isolated", "#E-I of ties", "#By chance", "#Openness", "#Within two steps"];
    Table::new("What each rule of the ties does to the numbers of the organization", &head, rows.collect::<Vec<_>>())
}
