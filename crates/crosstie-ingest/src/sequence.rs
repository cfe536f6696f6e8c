//! Numbered logs: `MSGTRK2026030209-1.LOG` beside `-3` without `-2` means records that are not there.

use crosstie_model::Day;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The days of which a numbered file is missing, for each server folder and kind of log.
///
/// Names are `MSGTRK`, `MSGTRKMS`, `MSGTRKMD`, `MSGTRKMA`, then `yyyymmdd[hh]-n`.
pub(crate) fn sequence_gaps(files: &[PathBuf]) -> Vec<Day> {
    let mut numbers: BTreeMap<(PathBuf, String, String), Vec<u32>> = BTreeMap::new();
    for path in files {
        let Some((kind, stamp, number)) = path.file_name().and_then(|name| name.to_str()).and_then(parts) else {
            continue;
        };
        let server = path.parent().map(PathBuf::from).unwrap_or_default();
        numbers.entry((server, kind, stamp)).or_default().push(number);
    }
    let mut missing = Vec::new();
    for ((_, _, stamp), mut found) in numbers {
        found.sort_unstable();
        found.dedup();
        let last = found.last().copied().unwrap_or(0);
        if found.len() < last as usize {
            missing.extend(day_of(&stamp));
        }
    }
    missing.sort_unstable();
    missing.dedup();
    missing
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
}
