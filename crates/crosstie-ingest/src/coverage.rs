//! What was read, week by week, with the gaps: missing data is never zero.

use crate::ledger::{Counts, Ledger, Reason};
use crate::source::{Ingested, SourceFormat, SourceSpec};
use crosstie_model::tables::CoverageRow;
use crosstie_model::{Contribution, Day, Measured, code};
use std::collections::BTreeMap;

/// Weeks that a median looks back on.
const HISTORY_WEEKS: i32 = 8;
/// Fewest of them that allow a claim.
const HISTORY_LEAST: usize = 4;
/// Usual records of a weekday below which a missing day says nothing.
const USUAL_LEAST: u64 = 20;

/// A row a source and week that holds records between `first` and `last`, with the senders and recipients behind
/// it; records of people who opted out are not counted. Weeks within a source's span without any record have a row too: seen 0, gap true where history says so. Silence
/// on `holidays` says nothing.
#[must_use]
pub fn coverage(
    sources: &[SourceSpec],
    ingested: &Ingested,
    first: Day,
    last: Day,
    holidays: &[Day],
) -> Vec<Measured<CoverageRow>> {
    let mut rows = Vec::new();
    for (source, spec) in (0u32..).zip(sources) {
        let mut weeks: BTreeMap<Day, Counts> = BTreeMap::new();
        for (key, counts) in ingested.ledger.lines.iter().filter(|(key, _)| key.source == source) {
            if key.week != Ledger::UNDATED && key.week >= first.monday() && key.week <= last.monday() {
                weeks.entry(key.week).or_default().add(counts);
            }
        }
        let days: BTreeMap<Day, u64> = ingested
            .ledger
            .days
            .range((source, Day(i32::MIN))..=(source, Day(i32::MAX)))
            .map(|(&(_, day), &count)| (day, count))
            .collect();
        let used = ingested.used_by_day.range((source, Day(i32::MIN))..=(source, Day(i32::MAX)));
        let used_days = used.map(|(&(_, day), _)| day);
        let broken = broken_weeks(spec, source, ingested, first, last);
        let span = days.keys().next().copied().zip(days.keys().next_back().copied());
        for &week in broken.keys() {
            weeks.entry(week).or_default();
        }
        if let Some((from, _)) = span {
            let mut week = from.max(first).monday();
            while week <= last {
                weeks.entry(week).or_default();
                week = week.plus(7);
            }
        }
        for (week, counts) in weeks {
            // What few people kept out would be counted week by week.
            let counts = counts.without(Reason::OptedOut);
            let in_week = |day: &Day| day.monday() == week;
            let gap_reason = broken
                .get(&week)
                .copied()
                .or_else(|| span.and_then(|(from, _)| gap(&days, week, (from, last), holidays)));
            let row = CoverageRow {
                source: spec.name.clone(),
                period_start: week,
                weeks_count: 1,
                records_seen: Some(counts.seen as i64),
                used_count: Some(counts.used as i64),
                duplicate_count: Some(counts.duplicate as i64),
                excluded_count: Some(counts.excluded_count() as i64),
                quarantined_count: Some(counts.quarantined_count() as i64),
                first_at: used_days.clone().find(in_week),
                last_at: used_days.clone().rfind(in_week),
                gap: gap_reason.is_some(),
                gap_reason: gap_reason.map(str::to_string),
            };
            let activity = ingested.activity.get(&(source, week)).map(Vec::as_slice).unwrap_or_default();
            let side = |side: usize| {
                let counts = (0..).zip(activity).map(|(person, counts)| (person, u64::from(counts[side])));
                counts.filter(|&(_, units)| units > 0).map(|(person, units)| Contribution { person, units }).collect()
            };
            rows.push(Measured { row, side_a: side(0), side_b: side(1), sums: Vec::new() });
        }
    }
    rows
}

/// Weeks between `first` and `last` of which a part is missing, with why: of numbered logs, of files that were left
/// out, of files that hold nothing.
fn broken_weeks(
    spec: &SourceSpec,
    source: u32,
    ingested: &Ingested,
    first: Day,
    last: Day,
) -> BTreeMap<Day, &'static str> {
    let mut broken = BTreeMap::new();
    let mut mark = |weeks: Vec<Day>, reason: &'static str| {
        for week in weeks.into_iter().filter(|&week| week.plus(6) >= first && week <= last) {
            broken.entry(week).or_insert(reason);
        }
    };
    for &(_, day) in ingested.missing_parts.iter().filter(|(of, _)| *of == source) {
        mark(vec![day.monday()], code::I403.name);
    }
    // Mails in files of their own are in no order of time.
    let has_order = !matches!(spec.format, SourceFormat::Eml { .. });
    let around = |file: u32| {
        if has_order { weeks_around(&ingested.ledger, source, file, first, last) } else { Vec::new() }
    };
    for skipped in ingested.skipped_files.iter().filter(|skipped| skipped.source == source) {
        let known = !skipped.weeks.is_empty();
        mark(if known { skipped.weeks.clone() } else { around(skipped.file) }, skipped.code.name);
    }
    for &(_, file) in ingested.empty_files.iter().filter(|(of, _)| *of == source) {
        mark(around(file), code::I401.name);
    }
    broken
}

/// The weeks that a file could hold: from the last week of the file before it to the first of the one behind it.
fn weeks_around(ledger: &Ledger, source: u32, file: u32, first: Day, last: Day) -> Vec<Day> {
    let before = ledger.weeks.range((source, 0)..(source, file)).next_back().map(|(_, &(_, last))| last);
    let behind = ledger.weeks.range((source, file + 1)..=(source, u32::MAX)).next().map(|(_, &(first, _))| first);
    let (from, to) = match (before, behind) {
        (None, None) => (last.monday(), last.monday()),
        (before, behind) => (before.unwrap_or(first.monday()), behind.unwrap_or(last.monday())),
    };
    let (from, to) = (from.min(to), from.max(to));
    (0..).map(|at| from.plus(7 * at)).take_while(|&week| week <= to).collect()
}

/// Why a week lacks data, if it does.
fn gap(days: &BTreeMap<Day, u64>, week: Day, (from, to): (Day, Day), holidays: &[Day]) -> Option<&'static str> {
    let count = |day: Day| days.get(&day).copied().unwrap_or(0);
    let is_usual = |day: &Day| *day >= from && !holidays.contains(day);
    for at in 0..7 {
        let day = week.plus(at);
        if day <= from || day > to || count(day) > 0 || !is_usual(&day) {
            continue;
        }
        let mut history: Vec<u64> =
            (1..=HISTORY_WEEKS).map(|back| day.plus(-7 * back)).filter(is_usual).map(count).collect();
        if median(&mut history).is_some_and(|usual| usual >= USUAL_LEAST) {
            return Some(code::I401.name);
        }
    }
    // A week with holidays is compared by its other days.
    let compared: Vec<i32> = (0..7).filter(|&at| !holidays.contains(&week.plus(at))).collect();
    let volume = |week: Day| compared.iter().map(|&at| count(week.plus(at))).sum::<u64>();
    if week < from || week.plus(6) > to {
        return None; // not a whole week
    }
    let mut history: Vec<u64> =
        (1..=HISTORY_WEEKS).map(|back| week.plus(-7 * back)).filter(|week| *week >= from).map(volume).collect();
    median(&mut history).is_some_and(|usual| volume(week) * 2 < usual).then_some(code::I402.name)
}

/// The lower median: a claim needs more than half of the history.
fn median(history: &mut [u64]) -> Option<u64> {
    history.sort_unstable();
    (history.len() >= HISTORY_LEAST).then(|| history[(history.len() - 1) / 2])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(weeks: i32, without: &[i32], count: u64) -> BTreeMap<Day, u64> {
        (0..weeks * 7).filter(|at| !without.contains(at)).map(|at| (Day(4 + at), count)).collect()
    }

    #[test]
    fn a_missing_day_is_seen_only_with_history() {
        let span = (Day(4), Day(4 + 69));
        assert_eq!(gap(&days(10, &[44], 30), Day(4 + 42), span, &[]), Some("missing_day"));
        assert_eq!(gap(&days(10, &[44], 10), Day(4 + 42), span, &[]), None, "quiet days may be empty");
        assert_eq!(gap(&days(10, &[9], 30), Day(4 + 7), span, &[]), None, "no history, no claim");
        assert_eq!(gap(&days(10, &[], 30), Day(4 + 42), span, &[]), None);
    }

    #[test]
    fn a_source_that_ends_early_is_a_gap() {
        let end = Day(4 + 69);
        assert_eq!(gap(&days(6, &[], 30), Day(4 + 49), (Day(4), end), &[]), Some("missing_day"));
    }

    #[test]
    fn a_holiday_is_no_gap_and_no_history() {
        let span = (Day(4), Day(4 + 69));
        assert_eq!(gap(&days(10, &[44], 30), Day(4 + 42), span, &[Day(4 + 44)]), None);
        assert_eq!(gap(&days(10, &[44, 45], 30), Day(4 + 42), span, &[Day(4 + 44)]), Some("missing_day"));
        // Four quiet days of seven would be low volume; as holidays they are not compared.
        let quiet = [42, 43, 44, 45];
        let mut volume = days(10, &[], 10);
        volume.extend(quiet.map(|at| (Day(4 + at), 0)));
        assert_eq!(gap(&volume, Day(4 + 42), span, &[]), Some("low_volume"));
        assert_eq!(gap(&volume, Day(4 + 42), span, &quiet.map(|at| Day(4 + at))), None);
        volume.extend([46, 47, 48].map(|at| (Day(4 + at), 4)));
        assert_eq!(gap(&volume, Day(4 + 42), span, &quiet.map(|at| Day(4 + at))), Some("low_volume"));
    }

    #[test]
    fn half_a_week_is_low_volume() {
        let mut days = days(10, &[], 10);
        (42..49).for_each(|at| {
            days.insert(Day(4 + at), 4);
        });
        assert_eq!(gap(&days, Day(4 + 42), (Day(4), Day(4 + 69)), &[]), Some("low_volume"));
    }
}
