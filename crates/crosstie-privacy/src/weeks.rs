//! Coverage by week: weeks with too few people are shown together with the next.

use crate::decide::Rules;
use crosstie_model::tables::CoverageRow;
use crosstie_model::{Contribution, Measured};
use std::collections::BTreeSet;

/// Folds each week with too few people into the next week that has enough, so that sums stay whole; what is left at
/// the end joins the last row. Weeks without any record stand alone: nobody is behind them.
pub(crate) fn fold_weeks(weeks: Vec<Measured<CoverageRow>>, rules: Rules) -> Vec<CoverageRow> {
    let mut by_source: Vec<(String, Vec<Measured<CoverageRow>>)> = Vec::new();
    for week in weeks {
        match by_source.last_mut().filter(|(source, _)| *source == week.row.source) {
            Some((_, weeks)) => weeks.push(week),
            None => by_source.push((week.row.source.clone(), vec![week])),
        }
    }
    by_source.into_iter().flat_map(|(_, weeks)| fold_source(weeks, rules)).collect()
}

fn fold_source(weeks: Vec<Measured<CoverageRow>>, rules: Rules) -> Vec<CoverageRow> {
    let enough = |people: &BTreeSet<u32>| people.len() >= rules.min_people;
    let mut out: Vec<CoverageRow> = Vec::new();
    let mut open: Option<(CoverageRow, BTreeSet<u32>, BTreeSet<u32>)> = None;
    for week in weeks {
        if week.row.records_seen == Some(0) {
            out.push(week.row);
            continue;
        }
        let people = |side: &[Contribution]| side.iter().map(|part| part.person).collect::<BTreeSet<u32>>();
        let (mut senders, mut recipients) = (people(&week.side_a), people(&week.side_b));
        let mut row = week.row;
        if let Some((earlier, more_senders, more_recipients)) = open.take() {
            row = joined(earlier, row);
            senders.extend(more_senders);
            recipients.extend(more_recipients);
        }
        if enough(&senders) && enough(&recipients) {
            out.push(row);
        } else {
            open = Some((row, senders, recipients));
        }
    }
    if let Some((rest, ..)) = open {
        match out.iter().rposition(|row| row.records_seen != Some(0)) {
            Some(at) => {
                let last = out.remove(at);
                out.insert(at, joined(last, rest));
            }
            None => out.push(CoverageRow {
                records_seen: None,
                used_count: None,
                duplicate_count: None,
                excluded_count: None,
                quarantined_count: None,
                first_at: None,
                last_at: None,
                ..rest
            }),
        }
    }
    out.sort_by_key(|row| row.period_start);
    out
}

/// Two stretches of weeks as one.
fn joined(a: CoverageRow, b: CoverageRow) -> CoverageRow {
    let sum = |a: Option<i64>, b: Option<i64>| Some(a? + b?);
    CoverageRow {
        period_start: a.period_start.min(b.period_start),
        weeks_count: a.weeks_count + b.weeks_count,
        records_seen: sum(a.records_seen, b.records_seen),
        used_count: sum(a.used_count, b.used_count),
        duplicate_count: sum(a.duplicate_count, b.duplicate_count),
        excluded_count: sum(a.excluded_count, b.excluded_count),
        quarantined_count: sum(a.quarantined_count, b.quarantined_count),
        first_at: a.first_at.into_iter().chain(b.first_at).min(),
        last_at: a.last_at.into_iter().chain(b.last_at).max(),
        gap: a.gap || b.gap,
        gap_reason: a.gap_reason.or(b.gap_reason),
        source: a.source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crosstie_model::Day;

    fn week(number: i32, people: std::ops::Range<u32>, seen: i64) -> Measured<CoverageRow> {
        let row = CoverageRow {
            source: "mail".into(),
            period_start: Day(4 + 7 * number),
            weeks_count: 1,
            records_seen: Some(seen),
            used_count: Some(seen),
            duplicate_count: Some(0),
            excluded_count: Some(0),
            quarantined_count: Some(0),
            first_at: Some(Day(4 + 7 * number)),
            last_at: Some(Day(8 + 7 * number)),
            gap: seen == 0,
            gap_reason: None,
        };
        let side: Vec<Contribution> = people.map(|person| Contribution { person, units: 1 }).collect();
        Measured { row, side_a: side.clone(), side_b: side, sums: Vec::new() }
    }

    #[test]
    fn thin_weeks_are_folded_and_sums_stay_whole() {
        let weeks = vec![week(0, 0..4, 5), week(1, 0..12, 50), week(2, 0..0, 0), week(3, 0..20, 70), week(4, 0..3, 2)];
        let rows = fold_weeks(weeks, Rules { min_people: 10 });
        let shown: Vec<(i64, Option<i64>)> = rows.iter().map(|row| (row.weeks_count, row.records_seen)).collect();
        assert_eq!(shown, [(2, Some(55)), (1, Some(0)), (2, Some(72))]);
        let alone = fold_weeks(vec![week(0, 0..4, 5)], Rules { min_people: 10 });
        assert_eq!(alone[0].records_seen, None);
    }
}
