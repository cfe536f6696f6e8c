//! Whether a run releases new numbers, and what it has to know of earlier releases.

use crate::error::Failure;
use crosstie_model::{Day, Diagnostic, Window, code};
use crosstie_privacy::{PublishedTables, Release};
use crosstie_store::{
    Manifest, StoreError, find_manifests, newest_of_each_date, read_published, read_release, release_names,
};
use rayon::prelude::*;
use std::path::Path;

type Entry = (Day, u32, Manifest, String);

/// The date of the release that readers go on reading on `date`, where a run of that date releases nothing itself.
///
/// A run releases where no release of an earlier date is younger than `release_days`, and where its date was released
/// before: what is made again is compared with what it was.
pub(crate) fn stands(manifests: &[Entry], date: Day, release_days: u32) -> Option<Day> {
    let released: Vec<Day> =
        manifests.iter().filter(|(_, _, manifest, _)| manifest.release.is_some()).map(|(day, ..)| *day).collect();
    let newest = released.iter().copied().filter(|day| *day < date).max()?;
    let is_young = newest.plus(release_days as i32) > date;
    (is_young && !released.contains(&date)).then_some(newest)
}

/// Releases that are read side by side: no more are held at once.
const AT_ONCE: usize = 2;

/// What earlier releases left.
pub(crate) struct EarlierReleases<'a> {
    root: &'a Path,
    /// Files of all entries, the newest date first: since then the fewest people changed, and what may not change since is not
    /// compared with others.
    names: Vec<String>,
    /// A release with a window that has a day in common with the run's is known to have left none.
    pub(crate) missing: Option<Day>,
    /// The tables that are shown until this release, with the place of their entry.
    pub(crate) shown: Option<(usize, PublishedTables)>,
}

impl EarlierReleases<'_> {
    /// Finds them.
    pub(crate) fn find(root: &Path, window: Window) -> Result<EarlierReleases<'_>, Failure> {
        let manifests = find_manifests(root)?;
        let names: Vec<String> = release_names(root)?.into_iter().rev().map(|(_, name)| name).collect();
        let place = |manifest: &Manifest| {
            let own = manifest.release.as_ref()?;
            names.iter().position(|name| name == own)
        };
        let overlaps = |manifest: &Manifest| {
            let days =
                [&manifest.window_first, &manifest.window_last].map(|day| day.parse::<Day>().unwrap_or_default());
            days[0] <= window.last && window.first <= days[1]
        };
        let left_none = |manifest: &Manifest| overlaps(manifest) && has_tables(manifest) && place(manifest).is_none();
        let without = manifests.iter().filter(|(_, _, manifest, _)| left_none(manifest));
        let missing = without.map(|(date, ..)| *date).max();
        let newest = newest_of_each_date(&manifests);
        let until = newest.into_iter().rfind(|(date, _, manifest, _)| *date <= window.last && has_tables(manifest));
        let until = until.filter(|(_, _, manifest, _)| overlaps(manifest));
        let shown = match until.and_then(|(_, _, manifest, _)| Some((place(manifest)?, manifest))) {
            Some((at, manifest)) => Some((at, read_published(root, manifest)?)),
            None => None,
        };
        Ok(EarlierReleases { root, names, missing, shown })
    }

    /// Reads them, a few at a time: folders keep them for as long as nobody purges.
    pub(crate) fn releases(&self) -> impl Iterator<Item = Result<Release, StoreError>> {
        self.names.chunks(AT_ONCE).flat_map(|names| {
            let read = names.par_iter().map(|name| read_release(self.root, name));
            read.collect::<Vec<Result<Release, StoreError>>>()
        })
    }

    /// What there is to say where an entry is missing.
    pub(crate) fn notice(&self) -> Option<Diagnostic> {
        let date = self.missing?;
        let message = format!("the release of {date} left no entry in `state/releases`");
        Some(Diagnostic::new(code::P109, message).detail(code::P109.why).hint(code::P109.remedy))
    }
}

/// Whether a manifest names tables of groups beside coverage and the catalogue.
fn has_tables(manifest: &Manifest) -> bool {
    manifest.outputs.iter().any(|output| output.path.starts_with("data/units/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(date: &str, release: Option<&str>) -> Entry {
        let manifest = serde_json::from_value(serde_json::json!({
            "run_id": date, "kind": "run", "snapshot_date": date, "parent": null, "version": "0", "pipeline": "test",
            "window_first": date, "window_last": date, "key_id": "k", "epoch": 0, "plan": {}, "inputs": [],
            "ledger": [], "notices": {}, "counts": {}, "withheld": {}, "wall_clock_day": date, "status": "complete",
            "outputs": [], "release": release,
        }));
        (date.parse().unwrap(), 1, manifest.unwrap(), String::new())
    }

    #[test]
    fn a_release_stands_for_its_days() {
        let day = |text: &str| text.parse::<Day>().unwrap();
        let all = [manifest("2026-03-01", Some("a")), manifest("2026-03-02", None), manifest("2026-03-08", Some("b"))];
        let on = |date: &str, days| stands(&all, day(date), days);
        assert_eq!(stands(&[], day("2026-03-01"), 7), None, "a first run releases");
        assert_eq!(on("2026-03-02", 7), Some(day("2026-03-01")));
        assert_eq!(on("2026-03-07", 7), Some(day("2026-03-01")));
        assert_eq!(on("2026-03-07", 1), None, "every run releases");
        assert_eq!(on("2026-03-08", 7), None, "a date that was released");
        assert_eq!(on("2026-03-14", 7), Some(day("2026-03-08")));
        assert_eq!(on("2026-03-15", 7), None);
        assert_eq!(on("2026-02-28", 7), None, "later releases do not count");
    }
}
