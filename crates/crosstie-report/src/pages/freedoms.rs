//! The five freedoms, on page 4: a chart and a sentence an indicator about everybody, and word for word what must not be
//! read into it. No score, no order of units by freedom, no colour.

use crate::charts;
use crate::document::{Block, Figure, Sentence, Table};
use crate::numbers::count;
use crate::pages::view::UNIT;
use crate::words::{self, FREEDOMS, Indicator};
use crosstie_model::tables::FreedomRow;

/// The unit that is everybody.
pub(crate) const ALL: &str = "(all)";

/// An indicator with its row about everybody.
pub(crate) type Found<'a> = (&'static Indicator, &'a FreedomRow);

pub(crate) fn blocks(rows: &[FreedomRow]) -> Vec<Block> {
    let groups: Vec<(&str, &str, Vec<Found<'_>>)> = FREEDOMS
        .iter()
        .map(|(freedom, title, indicators)| {
            let row = |indicator: &Indicator| {
                rows.iter().find(|row| {
                    row.freedom == *freedom
                        && row.indicator == indicator.name
                        && row.grouping == UNIT
                        && row.unit == ALL
                })
            };
            (*freedom, *title, indicators.iter().filter_map(|one| Some((one, row(one)?))).collect())
        })
        .collect();
    let found: Vec<Found<'_>> = groups.iter().flat_map(|(.., found)| found.iter().copied()).collect();
    if found.is_empty() {
        return vec![Block::Text(words::no_indicators())];
    }
    let mut blocks = vec![Block::text(words::ABOUT_FREEDOMS)];
    if found.iter().any(|(_, row)| row.estimate.is_some()) {
        blocks.push(Block::Figure(Figure {
            svg: charts::freedoms("c8", &found),
            caption: Sentence::plain(words::FREEDOMS_CAPTION),
            note: None,
            table: Some(table(&found)),
        }));
    } else {
        blocks.extend(silent(&found).into_iter().map(Block::Text));
    }
    // C1: once a freedom, word for word.
    let claims = groups.iter().filter_map(|(_, title, found)| {
        let (_, first) = found.first()?;
        Some(vec![(*title).to_string(), first.cannot_claim.clone()])
    });
    blocks.push(Block::Table(Table::new(
        "What they do not show",
        &["Freedom", "Not shown"],
        claims.collect::<Vec<_>>(),
    )));
    blocks
}

/// R1: indicators without a number, those of one reason in one sentence; where there is a chart, it and its table say so.
fn silent(found: &[Found<'_>]) -> Vec<Sentence> {
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    for (indicator, row) in found.iter().filter(|(_, row)| row.estimate.is_none()) {
        let reason = words::freedom_reason(&row.evidence);
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, names)) => names.push(indicator.short),
            None => reasons.push((reason, vec![indicator.short])),
        }
    }
    let said = |(reason, names): (&str, Vec<&str>)| {
        let text = format!("Not enough evidence on {}: {reason}. No number is shown.", names.join("; "));
        Sentence::plain(text).of("R1")
    };
    reasons.into_iter().map(said).collect()
}

/// All indicators about everybody; those of units stand in appendix E.
fn table(found: &[Found<'_>]) -> Table {
    let rows = found.iter().map(|(indicator, row)| {
        let reason = || words::null_reason("", false, Some(&row.evidence), false);
        let number = |value: Option<f64>, none: &str| match value {
            Some(value) => words::said(value, indicator.form),
            None if row.estimate.is_none() => reason().into(),
            None => none.into(),
        };
        let interval = match (row.low, row.high) {
            (Some(low), Some(high)) => {
                format!("{} to {}", words::said(low, indicator.form), words::said(high, indicator.form))
            }
            _ if row.estimate.is_none() => reason().into(),
            _ => "none".into(),
        };
        let verdict = if row.estimate.is_none() { reason() } else { words::verdict(row, indicator.form) };
        vec![
            indicator.words.to_string(),
            number(row.estimate, "undefined"),
            interval,
            number(row.expected, "not known"),
            verdict.into(),
            row.grade.clone(),
            row.people_count.map_or_else(|| "withheld".into(), count),
        ]
    });
    let head = ["Indicator", "#Value", "95 % interval", "#By chance", "Against chance", "Grade", "#People"];
    Table::new("Indicators about everybody (units: appendix E)", &head, rows.collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(freedom: &str, indicator: &str, estimate: Option<f64>, evidence: &str) -> FreedomRow {
        FreedomRow {
            grouping: UNIT.into(),
            unit: ALL.into(),
            freedom: freedom.into(),
            indicator: indicator.into(),
            estimate,
            low: estimate,
            high: estimate,
            expected: estimate.map(|_| 1.0),
            people_count: Some(40),
            events_count: Some(300),
            grade: "C".into(),
            evidence: evidence.into(),
            cannot_claim: format!("Nothing on {freedom}."),
            as_of: None,
        }
    }

    fn texts(rows: &[FreedomRow]) -> Vec<String> {
        let mut said = Vec::new();
        for block in blocks(rows) {
            match block {
                Block::Text(sentence) => said.push(sentence.line()),
                Block::List(list) => said.extend(list.iter().map(Sentence::line)),
                _ => {}
            }
        }
        said
    }

    #[test]
    fn what_must_not_be_read_into_it_stands_word_for_word_once_a_freedom() {
        let found = blocks(&[
            row("choose", "self_join_share", Some(0.4), "enough"),
            row("choose", "leave_share", Some(0.4), "enough"),
            row("challenge", "upward_use", Some(0.4), "enough"),
        ]);
        let Some(Block::Table(table)) = found.last() else { panic!("no table") };
        let claims: Vec<&str> = table.rows.iter().map(|row| row[1].as_str()).collect();
        assert_eq!(claims, ["Nothing on choose.", "Nothing on challenge."]);
    }

    #[test]
    fn refusals_of_one_reason_are_one_sentence_without_a_digit() {
        let said = texts(&[
            row("challenge", "upward_use", None, "few_events"),
            row("challenge", "upward_answered", None, "few_events"),
        ]);
        let refused: Vec<&String> = said.iter().filter(|text| text.starts_with("Not enough evidence")).collect();
        assert_eq!(
            refused,
            ["Not enough evidence on Openers past the manager; Those answered: too few events. No number is shown."]
        );
    }
}
