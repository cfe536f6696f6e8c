//! `explain` and `metrics`: the pages of codes and metrics, and why a tie exists.

use crate::output::print;
use crosstie_model::{CODES, Day, Diagnostic, MetricSpec, code, nearest};
use crosstie_pipeline::{Exit, Failure, METRICS, TieExplained, explain_tie};
use std::io::Read;
use std::path::Path;

pub(crate) fn explain(what: &str) -> Result<(), Failure> {
    if let Some(code) = CODES.iter().find(|code| code.id.eq_ignore_ascii_case(what)) {
        print(&format!(
            "{} {}\n\nWhat: {}\nWhy it matters: {}\nWhat to do: {}",
            code.id, code.name, code.what, code.why, code.remedy
        ));
        return Ok(());
    }
    if let Some(metric) = METRICS.iter().find(|metric| metric.id.eq_ignore_ascii_case(what)) {
        print(&page(metric));
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

/// Why two people, named on standard input by pseudonym, have a tie.
pub(crate) fn tie(output: &str, date: Option<Day>) -> Result<(), Failure> {
    let mut text = String::new();
    // What cannot be read holds no pseudonym, and is refused as such.
    let _ = std::io::stdin().take(INPUT_BYTES).read_to_string(&mut text);
    let named: Vec<&str> = text.split_whitespace().collect();
    let &[first, second] = named.as_slice() else {
        let message = "two pseudonyms are wanted on standard input";
        return Err(Failure::new(Exit::Usage, Diagnostic::new(code::C106, message).hint(code::C106.remedy)));
    };
    print(&tie_words(&explain_tie(Path::new(output), date, [first, second])?));
    Ok(())
}

/// Bytes of standard input that are looked at: two pseudonyms have 53.
const INPUT_BYTES: u64 = 4096;

fn tie_words(tie: &TieExplained) -> String {
    let least = tie.reciprocated_each_way;
    let each_way = if least == 1 { "once".to_string() } else { format!("{least} times") };
    let rule = match tie.directions.map(|direction| direction.message_count() > 0) {
        [false, false] => "No message from one to the other made a tie: they have none.".to_string(),
        _ if tie.is_reciprocated() => {
            format!("Each wrote to the other at least {each_way}: a reciprocated tie, an edge of R.")
        }
        _ => format!("Not at least {each_way} each way: contact in V, no reciprocated tie."),
    };
    let mut out = format!("Window from {} to {}. {rule}\n", tie.window.first, tie.window.last);
    for (at, name) in ["first to second", "second to first"].into_iter().enumerate() {
        let of = &tie.directions[at];
        let relation = tie.relations[at].as_ref().map(|relation| format!("; relation {relation}")).unwrap_or_default();
        out.push_str(&format!(
            "{name}: {} messages ({} mail, {} chat) on {} days, weight {:.3}{relation}\n",
            of.message_count(),
            of.mail_count,
            of.chat_count,
            of.active_days_count,
            of.weight.messages(),
        ));
    }
    out.push_str("\nweek        first to second      second to first\n            mail  chat           mail  chat\n");
    for (week, [there, back]) in &tie.weeks {
        out.push_str(&format!(
            "{week}  {:>4}  {:>4}           {:>4}  {:>4}\n",
            there.mail_count, there.chat_count, back.mail_count, back.chat_count
        ));
    }
    out.trim_end().into()
}

/// The catalogue's entry, then the page.
fn page(metric: &MetricSpec) -> String {
    let end = |end: f64| if end.is_finite() { end.to_string() } else { "unbounded".into() };
    let mut out = format!(
        "{}\n\n{}\n{}\n\nTable: {}\nColumns: {}\nFormula: {}\nUnit: {}\nRange: {} to {}\nUndefined when: {}\nGrade: {} ({})\nCannot claim: {}\nSources: {}\n",
        metric.id,
        metric.question,
        metric.summary(),
        metric.table,
        metric.columns.join(", "),
        metric.formula,
        metric.unit,
        end(metric.range.0),
        end(metric.range.1),
        metric.undefined_when,
        metric.grade.letter(),
        metric.grade.words(),
        metric.cannot_claim,
        metric.references.join("; "),
    );
    for (heading, text) in metric.sections().iter().skip(1) {
        out.push_str(&format!("\n{heading}\n"));
        for line in text.lines().filter(|line| !line.starts_with("```")) {
            out.push_str(&if line.is_empty() { "\n".into() } else { format!("  {line}\n") });
        }
    }
    out.trim_end().into()
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
