//! What a report says beside the tables. No clock, no person.

use std::collections::BTreeMap;

/// The ledger of one source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceFacts {
    /// Its name.
    pub name: String,
    /// Records seen.
    pub seen: u64,
    /// Records used.
    pub used: u64,
    /// Records that add nothing.
    pub duplicate: u64,
    /// Records left out, by rule.
    pub excluded: BTreeMap<String, u64>,
    /// Records that could not be read, by code.
    pub quarantined: BTreeMap<String, u64>,
}

/// Facts of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunFacts {
    /// Name of the pipeline.
    pub pipeline: String,
    /// Id of the run.
    pub run_id: String,
    /// Version of crosstie.
    pub version: String,
    /// The run's date.
    pub snapshot_date: String,
    /// First day of the window.
    pub window_first: String,
    /// Last day of the window.
    pub window_last: String,
    /// Counts by name.
    pub counts: BTreeMap<String, u64>,
    /// The ledger by source; the directory is the last.
    pub sources: Vec<SourceFacts>,
    /// Repairs by code.
    pub notices: BTreeMap<String, u64>,
    /// Rows withheld by table.
    pub withheld: BTreeMap<String, u64>,
    /// The plan.
    pub settings: BTreeMap<String, String>,
}

impl RunFacts {
    /// A count, 0 where absent.
    pub(crate) fn count(&self, name: &str) -> u64 {
        self.counts.get(name).copied().unwrap_or(0)
    }

    /// A setting as text, empty where absent.
    pub(crate) fn setting(&self, key: &str) -> &str {
        self.settings.get(key).map_or("", String::as_str)
    }

    /// Weeks of the window that hold contact.
    pub(crate) fn weeks(&self) -> u64 {
        self.count("weeks_with_contact")
    }
}
