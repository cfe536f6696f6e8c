//! Numbered logs: `MSGTRK2026030209-1.LOG` beside `-3` without `-2` means records that are not there, and so does an
//! hour without a log that nearly every other such day has.

use crosstie_model::Day;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// Days of the same kind that allow a claim about an hour.
const DAYS_LEAST: usize = 5;

/// One kind of log of one server: its folder and the start of its names.
type Log = (PathBuf, String);

/// The days of which a numbered file or an hour is missing, for each server folder and kind of log.
///
/// Names are `MSGTRK`, `MSGTRKMS`, `MSGTRKMD`, `MSGTRKMA`, then `yyyymmdd[hh]-n`.
pub(crate) fn sequence_gaps(files: &[PathBuf]) -> Vec<Day> {
    let mut numbers: BTreeMap<(Log, String), BTreeSet<u32>> = BTreeMap::new();
    for path in files {
        let Some((kind, stamp, number)) = path.file_name().and_then(|name| name.to_str()).and_then(parts) else {
            continue;
        };
        let server = path.parent().map(PathBuf::from).unwrap_or_default();
        numbers.entry(((server, kind), stamp)).or_default().insert(number);
    }
    let mut hours: BTreeMap<&Log, BTreeMap<Day, BTreeSet<u32>>> = BTreeMap::new();
    let mut missing = BTreeSet::new();
    for ((log, stamp), found) in &numbers {
        let Some(day) = day_of(stamp) else { continue };
        if found.len() < found.last().copied().unwrap_or(0) as usize {
            missing.insert(day);
        }
        if let Some(hour) = stamp.get(8..).and_then(|hour| hour.parse().ok()) {
            hours.entry(log).or_default().entry(day).or_default().insert(hour);
        }
    }
    for days in hours.values() {
        missing.extend(days_without_a_usual_hour(days));
    }
    missing.into_iter().collect()
}

/// Days without an hour that over three quarters of the other days of their kind have. The first and the last day can
/// be cut by the export.
fn days_without_a_usual_hour(days: &BTreeMap<Day, BTreeSet<u32>>) -> Vec<Day> {
    let ends = [days.keys().next().copied(), days.keys().next_back().copied()];
    let is_weekend = |day: Day| day.0 - day.monday().0 >= 5;
    let lacks_one = |&(&day, hours): &(&Day, &BTreeSet<u32>)| {
        let same: Vec<_> =
            days.iter().filter(|(other, _)| **other != day && is_weekend(**other) == is_weekend(day)).collect();
        same.len() >= DAYS_LEAST
            && (0..24).any(|hour| {
                let usual = same.iter().filter(|(_, hours)| hours.contains(&hour)).count();
                4 * usual > 3 * same.len() && !hours.contains(&hour)
            })
    };
    days.iter().filter(lacks_one).map(|(&day, _)| day).filter(|day| !ends.contains(&Some(*day))).collect()
}

/// Kind, date with hour, and number of a log's name.
fn parts(name: &str) -> Option<(String, String, u32)> {
    let name = name.to_ascii_uppercase();
    let stem = name.strip_suffix(".GZ").or_else(|| name.strip_suffix(".ZST")).unwrap_or(&name).strip_suffix(".LOG")?;
    let (head, number) = stem.rsplit_once('-')?;
    let digits = head.find(|c: char| c.is_ascii_digit())?;
    let (kind, stamp) = head.split_at(digits);
    let whole =
        kind.starts_with("MSGTRK") && matches!(stamp.len(), 8 | 10) && stamp.bytes().all(|byte| byte.is_ascii_digit());
    whole.then(|| Some((kind.to_string(), stamp.to_string(), number.parse().ok()?)))?
}

fn day_of(stamp: &str) -> Option<Day> {
    format!("{}-{}-{}", &stamp[..4], &stamp[4..6], &stamp[6..8]).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_number_is_a_gap() {
        let files = |names: &[&str]| names.iter().map(PathBuf::from).collect::<Vec<_>>();
        let day: Day = "2026-03-02".parse().unwrap();
        let twelve: Vec<String> = (1..=12).filter(|&n| n != 7).map(|n| format!("s1/MSGTRK20260302-{n}.LOG")).collect();
        let twelve: Vec<&str> = twelve.iter().map(String::as_str).collect();
        assert_eq!(sequence_gaps(&files(&twelve)), [day]);
        assert!(sequence_gaps(&files(&["MSGTRK2026030208-1.LOG", "MSGTRK2026030209-1.LOG.gz", "x.csv"])).is_empty());
        assert_eq!(sequence_gaps(&files(&["MSGTRKMS2026030209-2.LOG"])), [day], "the first is missing");
    }

    #[test]
    fn an_hour_that_other_days_have_is_a_gap() {
        // Two working weeks of the hours 8 to 11.
        let days: Vec<u32> = (2..=6).chain(9..=13).collect();
        let all: Vec<PathBuf> = days
            .iter()
            .flat_map(|day| (8..=11).map(move |hour| PathBuf::from(format!("MSGTRK202603{day:02}{hour:02}-1.LOG"))))
            .collect();
        assert!(sequence_gaps(&all).is_empty());
        let without = |name: &str| {
            let left: Vec<PathBuf> = all.iter().filter(|path| path.to_str() != Some(name)).cloned().collect();
            sequence_gaps(&left).iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(without("MSGTRK2026031009-1.LOG"), ["2026-03-10"]);
        assert!(without("MSGTRK2026031309-1.LOG").is_empty(), "the last day may not be over");
        let few: Vec<PathBuf> =
            all.iter().take(17).filter(|path| !path.ends_with("MSGTRK2026030409-1.LOG")).cloned().collect();
        assert!(sequence_gaps(&few).is_empty(), "no history, no claim");
    }
}
