//! Records that came after a run had looked at their day: they count on their day from now on, and windows that were
//! committed without them stay as they are.

use crate::plan::Plan;
use crosstie_model::{Day, Diagnostic, Window, code};
use crosstie_store::{ByDay, Manifest};
use std::collections::BTreeMap;

/// Share of the used records of a committed window from which late ones are worth a backfill.
const LATE_SHARE: f64 = 0.01;

/// Used records of each source on the days of a window.
pub(crate) fn by_day(used: &BTreeMap<(u32, Day), u64>, plan: &Plan, window: Window) -> ByDay {
    let mut out = ByDay::new();
    for (&(source, day), &count) in used.iter().filter(|((_, day), count)| window.contains(*day) && **count > 0) {
        let name = &plan.sources[source as usize].name;
        out.entry(name.clone()).or_default().insert(day.to_string(), count);
    }
    out
}

/// Of `now`, what the newest earlier run of this date or before had not seen on the days that it looked at.
pub(crate) fn late(now: &ByDay, date: Day, earlier: &[&Manifest]) -> ByDay {
    let Some(then) = earlier.iter().rev().find(|manifest| is_by(manifest, date) && !manifest.used_by_day.is_empty())
    else {
        return ByDay::new();
    };
    more(now, then)
}

/// A warning where late records are over 1 % of what earlier windows were made from. `used` are the records of all days.
pub(crate) fn late_windows(used: &BTreeMap<(u32, Day), u64>, plan: &Plan, earlier: &[&Manifest]) -> Option<Diagnostic> {
    let mut newest: BTreeMap<&str, &Manifest> = BTreeMap::new();
    earlier.iter().for_each(|manifest| {
        newest.insert(&manifest.snapshot_date, manifest);
    });
    let behind = |manifest: &&&Manifest| {
        let (Ok(first), Ok(last)) = (manifest.window_first.parse(), manifest.window_last.parse()) else { return false };
        let now = by_day(used, plan, Window { first, last });
        sum(&more(&now, manifest)) as f64 > LATE_SHARE * sum(&manifest.used_by_day) as f64
    };
    let dates: Vec<&str> = newest.values().filter(behind).map(|manifest| manifest.snapshot_date.as_str()).collect();
    let (first, last) = (dates.first()?, dates.last()?);
    let message = format!("{} committed runs lack records that came late, from {first} to {last}", dates.len());
    let command = format!("`crosstie backfill PIPELINE --from {first} --to {last} --rerun all` makes them again");
    Some(Diagnostic::new(code::I605, message).detail(code::I605.why).hint(command))
}

fn is_by(manifest: &Manifest, date: Day) -> bool {
    manifest.snapshot_date.parse::<Day>().is_ok_and(|of| of <= date)
}

/// What there is more of now, on the days of a run's window.
fn more(now: &ByDay, then: &Manifest) -> ByDay {
    let is_looked_at = |day: &str| (then.window_first.as_str()..=then.window_last.as_str()).contains(&day);
    let mut out = ByDay::new();
    for (source, days) in now {
        let seen = then.used_by_day.get(source);
        for (day, &count) in days.iter().filter(|(day, _)| is_looked_at(day)) {
            let before = seen.and_then(|days| days.get(day)).copied().unwrap_or(0);
            if count > before {
                out.entry(source.clone()).or_default().insert(day.clone(), count - before);
            }
        }
    }
    out
}

fn sum(counts: &ByDay) -> u64 {
    counts.values().flat_map(BTreeMap::values).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::tests_of_nights::manifest;

    fn of(days: &[(&str, u64)]) -> ByDay {
        let days: BTreeMap<String, u64> = days.iter().map(|(day, count)| ((*day).to_string(), *count)).collect();
        if days.is_empty() { ByDay::new() } else { [("mail".to_string(), days)].into() }
    }

    fn run(first: &str, date: &str, days: &[(&str, u64)]) -> Manifest {
        Manifest { window_first: first.into(), used_by_day: of(days), ..manifest(date) }
    }

    #[test]
    fn late_is_what_the_newest_run_before_had_not_seen() {
        let one = run("2026-03-01", "2026-03-02", &[("2026-03-01", 5), ("2026-03-02", 7)]);
        let two = run("2026-03-02", "2026-03-03", &[("2026-03-02", 9), ("2026-03-03", 4)]);
        let now = of(&[("2026-03-01", 6), ("2026-03-02", 9), ("2026-03-03", 6), ("2026-03-04", 8)]);
        let date = |text: &str| text.parse::<Day>().unwrap();
        assert_eq!(late(&now, date("2026-03-04"), &[&one, &two]), of(&[("2026-03-03", 2)]));
        assert_eq!(late(&now, date("2026-03-02"), &[&one, &two]), of(&[("2026-03-01", 1), ("2026-03-02", 2)]));
        assert_eq!(late(&now, date("2026-03-01"), &[&one, &two]), ByDay::new(), "the first of its kind");
        let fewer = of(&[("2026-03-02", 8)]);
        assert_eq!(late(&fewer, date("2026-03-04"), &[&one, &two]), ByDay::new(), "fewer are none");
        let none = Manifest { used_by_day: ByDay::new(), ..two };
        assert_eq!(late(&now, date("2026-03-04"), &[&none]), ByDay::new(), "of an earlier version");
    }
}
