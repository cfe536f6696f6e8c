//! Retention applied: what is past its time is taken away, by commits that say what they took.
//!
//! A date that loses a part of its outputs gets a new manifest that lists the rest. A date that loses all of them loses
//! its manifests, too; the last commit, on the newest date, names those. A purge that is killed goes on when it is
//! called again.

use crate::manifest::{Manifest, OutputFile, RemovedFile};
use crate::manifests::{find_manifests, manifest_name, newest_of_each_date};
use crate::recovery::clear;
use crate::retention::{Retention, published_from};
use crate::state_parts::{StateCutoffs, purge_state};
use crate::{Folder, StoreError};
use crosstie_model::Day;

/// What a purge goes by.
#[derive(Clone, Copy, Debug)]
pub struct PurgeRules {
    /// The profile.
    pub retention: Retention,
    /// Days of the window, which daily ties outlive.
    pub window_days: u32,
    /// Days before it that a run needs, too.
    pub before_days: u32,
    /// The day that counts.
    pub as_of: Day,
    /// The day on which it happens, for manifests.
    pub today: Day,
}

/// A file that a purge takes away, or would.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purged {
    /// Path relative to the output folder.
    pub path: String,
    /// Its bytes as committed; `None` for manifests and state.
    pub bytes: Option<u64>,
}

/// A date that loses outputs.
struct Loss {
    date: Day,
    manifest: Manifest,
    gone: Vec<OutputFile>,
    /// Everything is past its time, manifests as well.
    whole: bool,
}

/// What retention takes away on the day that counts, in order: oldest date first, state last.
///
/// # Errors
/// Manifests or state cannot be read.
pub fn plan_purge(folder: &Folder, rules: PurgeRules) -> Result<Vec<Purged>, StoreError> {
    let manifests = find_manifests(folder.root())?;
    let mut all = Vec::new();
    for loss in losses(&manifests, rules) {
        all.extend(loss.gone.iter().map(|output| Purged { path: output.path.clone(), bytes: Some(output.size) }));
        let of_date = manifests.iter().filter(|(date, ..)| loss.whole && *date == loss.date);
        all.extend(of_date.map(|(date, number, ..)| Purged { path: manifest_name(*date, *number), bytes: None }));
    }
    // Releases that no manifest names go as well; the others are listed already.
    let mut state = purge_state(folder, rules.state_cutoffs(), true)?;
    state.retain(|path| !all.iter().any(|listed| listed.path == *path));
    all.extend(state.into_iter().map(|path| Purged { path, bytes: None }));
    Ok(all)
}

/// Takes away what [`plan_purge`] lists.
///
/// # Errors
/// A commit fails, or files cannot be removed: what was committed stays, the next purge goes on.
pub fn purge(folder: &Folder, rules: PurgeRules) -> Result<(), StoreError> {
    let manifests = find_manifests(folder.root())?;
    let newest = newest_of_each_date(&manifests).last().map(|(date, ..)| *date);
    let (whole, partial): (Vec<Loss>, Vec<Loss>) = losses(&manifests, rules).into_iter().partition(|loss| loss.whole);
    let (on_newest, earlier): (Vec<Loss>, Vec<Loss>) = partial.into_iter().partition(|loss| Some(loss.date) == newest);
    for loss in earlier {
        commit(folder, loss.date, &loss.manifest, &loss.gone, &[], rules.today)?;
    }
    let last = manifests.last().filter(|_| !whole.is_empty() || !on_newest.is_empty());
    if let Some((date, _, manifest, _)) = last {
        let mut gone: Vec<OutputFile> = on_newest.into_iter().flat_map(|loss| loss.gone).collect();
        let is_whole = |day: Day| whole.iter().any(|loss| loss.date == day);
        let gone_manifests: Vec<RemovedFile> = manifests
            .iter()
            .filter(|(day, ..)| is_whole(*day))
            .map(|(day, number, manifest, hash)| RemovedFile {
                path: manifest_name(*day, *number),
                blake3: hash.clone(),
                parent: manifest.parent.clone(),
            })
            .collect();
        gone.extend(whole.iter().flat_map(|loss| loss.gone.clone()));
        commit(folder, *date, manifest, &gone, &gone_manifests, rules.today)?;
    }
    // A commit leaves what it cannot clear to the next command; here it has to be gone.
    clear(folder.root())?;
    purge_state(folder, rules.state_cutoffs(), false).map(|_| ())
}

fn losses(manifests: &[(Day, u32, Manifest, String)], rules: PurgeRules) -> Vec<Loss> {
    let (restricted, published) = (rules.retention.restricted_from(rules.as_of), published_from(rules.as_of));
    let (history, releases) = (rules.history_from(), rules.state_cutoffs().releases);
    let newest = newest_of_each_date(manifests);
    let last = newest.last().map(|(date, ..)| *date);
    let loss = |(date, _, manifest, _): &(Day, u32, Manifest, String)| {
        let from = |output: &OutputFile| match output {
            output if output.path.starts_with(HISTORY) => history,
            output if output.path.starts_with(RELEASES) => releases,
            output if is_of_people(output) => restricted,
            _ => published,
        };
        let is_past = |output: &&OutputFile| *date < from(output);
        let gone: Vec<OutputFile> = manifest.outputs.iter().filter(is_past).cloned().collect();
        // The newest date keeps its manifests: they carry the word of what was purged.
        let whole = *date < published && Some(*date) != last;
        (whole || !gone.is_empty()).then(|| Loss { date: *date, manifest: manifest.clone(), gone, whole })
    };
    newest.into_iter().filter_map(loss).collect()
}

/// Where runs keep what later ones compare with.
const HISTORY: &str = "state/history/";
/// Where the release ledger lies: each file is a place of its own.
const RELEASES: &str = crate::releases::FOLDER;
/// Windows that it is kept for, in every profile: a bridge is one in two of three windows.
const HISTORY_WINDOWS: i32 = 3;

/// Whether an output holds rows of people; of state, only the ledger does not.
fn is_of_people(output: &OutputFile) -> bool {
    let is_open = ["data/", "reports/", "state/ledger/"].iter().any(|place| output.path.starts_with(place));
    !is_open
}

fn commit(
    folder: &Folder,
    date: Day,
    manifest: &Manifest,
    gone: &[OutputFile],
    gone_manifests: &[RemovedFile],
    today: Day,
) -> Result<(), StoreError> {
    let mut staging = folder.begin(&format!("{}-purge", manifest.run_id), date)?;
    staging.keep(manifest.outputs.iter().filter(|output| !gone.contains(output)).cloned());
    let mut places: Vec<&str> = gone
        .iter()
        .map(|output| match output.path.rsplit_once('/') {
            Some((place, _)) if place != RELEASES => place,
            _ => output.path.as_str(),
        })
        .collect();
    places.dedup();
    places
        .into_iter()
        .chain(gone_manifests.iter().map(|file| file.path.as_str()))
        .for_each(|place| staging.remove(place));
    let outputs = gone.iter().map(|output| RemovedFile {
        path: output.path.clone(),
        blake3: output.blake3.clone(),
        parent: None,
    });
    let removed = outputs.chain(gone_manifests.iter().cloned()).collect();
    let manifest =
        Manifest { kind: "purge".into(), wall_clock_day: today.to_string(), removed, cost: None, ..manifest.clone() };
    staging.commit(manifest).map(|_| ())
}

impl PurgeRules {
    /// The first snapshot date whose part in comparisons is still kept.
    #[must_use]
    pub fn history_from(&self) -> Day {
        self.as_of.plus(-HISTORY_WINDOWS * self.window_days as i32)
    }

    /// Days before which state is past its retention.
    #[must_use]
    pub fn state_cutoffs(&self) -> StateCutoffs {
        StateCutoffs {
            message_rows: self.retention.restricted_from(self.as_of),
            day_ties: self.as_of.plus(-(self.retention.day_ties_days(self.window_days + self.before_days) as i32)),
            releases: self.as_of.plus(1 - self.window_days as i32),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::staging::tests::commit as commit_run;
    use crate::{newest_by_commit, verify};

    fn rules(retention: Retention, as_of: &str) -> PurgeRules {
        let as_of = as_of.parse().unwrap();
        PurgeRules { retention, window_days: 91, before_days: 0, as_of, today: as_of }
    }

    #[test]
    fn rows_of_people_go_first_and_whole_dates_later() {
        let temp = tempfile::tempdir().unwrap();
        let root = temp.path().join("out");
        let folder = Folder::open(&root).unwrap();
        // The oldest date is committed last, as by a backfill: dates and commits are of different order.
        for date in ["2026-01-08", "2026-01-15", "2026-01-01"] {
            commit_run(&folder, &format!("run-{date}"), date, 1);
        }
        let table = |date: &str| format!("restricted/pair_carriers/snapshot_date={date}/part-00000.parquet");
        let paths = |rules| -> Vec<String> {
            plan_purge(&folder, rules).unwrap().into_iter().map(|purged| purged.path).collect()
        };
        let soon = rules(Retention::Strict7d, "2026-01-16");
        assert_eq!(paths(soon), [table("2026-01-01"), table("2026-01-08")]);
        assert!(paths(rules(Retention::Default, "2026-01-16")).is_empty());
        purge(&folder, soon).unwrap();
        assert!(!root.join(table("2026-01-01")).exists() && !root.join(table("2026-01-08")).exists());
        assert!(root.join(table("2026-01-15")).exists() && root.join("state/ledger/2026-01-01").exists());
        assert!(paths(soon).is_empty(), "nothing is left to do");
        let manifests = find_manifests(&root).unwrap();
        let newest = newest_by_commit(&manifests).unwrap();
        assert_eq!((newest.2.kind.as_str(), newest.2.snapshot_date.as_str()), ("purge", "2026-01-08"));
        assert_eq!(newest.2.removed[0].path, table("2026-01-08"));

        // Two years later the two older dates go whole, and the newest keeps its manifests alone.
        let late = rules(Retention::Strict7d, "2028-01-20");
        assert_eq!(paths(late).iter().filter(|path| path.starts_with("runs/")).count(), 4);
        purge(&folder, late).unwrap();
        assert!(paths(late).is_empty());
        let manifests = find_manifests(&root).unwrap();
        assert!(manifests.iter().all(|(date, ..)| date.to_string() == "2026-01-15"));
        let newest = newest_by_commit(&manifests).unwrap();
        assert_eq!((newest.1, newest.2.outputs.len()), (2, 0));
        assert!(!root.join("state/ledger/2026-01-01").exists());
        commit_run(&folder, "after", "2028-01-20", 1);
        drop(folder);
        assert_eq!(verify(&root).unwrap().findings, []);
    }
}
