//! `explain` and `metrics`: the pages of codes and metrics.

use crate::output::print;
use crosstie_model::{CODES, Diagnostic, code, nearest};
use crosstie_pipeline::METRICS;
use crosstie_pipeline::{Exit, Failure};

pub(crate) fn explain(what: &str) -> Result<(), Failure> {
    if let Some(code) = CODES.iter().find(|code| code.id.eq_ignore_ascii_case(what)) {
        print(&format!(
            "{} {}\n\nWhat: {}\nWhy it matters: {}\nWhat to do: {}",
            code.id, code.name, code.what, code.why, code.remedy
        ));
        return Ok(());
    }
    if let Some(metric) = METRICS.iter().find(|metric| metric.id.eq_ignore_ascii_case(what)) {
        print(&format!(
            "{}\n\n{}\n\nTable: {}\nColumns: {}\nFormula: {}\nUnit: {}\nUndefined when: {}\nGrade: {} ({})\nCannot claim: {}\nSources: {}",
            metric.id,
            metric.question,
            metric.table,
            metric.columns.join(", "),
            metric.formula,
            metric.unit,
            metric.undefined_when,
            metric.grade.letter(),
            metric.grade.words(),
            metric.cannot_claim,
            metric.references.join("; "),
        ));
        return Ok(());
    }
    let known = CODES.iter().map(|code| code.id).chain(METRICS.iter().map(|metric| metric.id));
    let mut unknown = Diagnostic::new(code::C106, format!("`{what}` is no code and no metric"));
    if let Some(near) = nearest(what, known) {
        unknown = unknown.hint(format!("did you mean `{near}`?"));
    }
    Err(Failure::new(
        Exit::Usage,
        unknown.hint("`crosstie metrics` lists the metrics; codes stand in brackets in every error"),
    ))
}

pub(crate) fn metrics() {
    let width = METRICS.iter().map(|metric| metric.id.len()).max().unwrap_or(0);
    let lines: Vec<String> = METRICS
        .iter()
        .map(|metric| {
            format!("{:<width$}  {}  {}  [{}]", metric.id, metric.grade.letter(), metric.question, metric.unit)
        })
        .collect();
    print(&lines.join("\n"));
}
