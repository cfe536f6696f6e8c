//! What a report says beside the tables. No clock, no person.

use crosstie_privacy::PublishedTables;
use std::collections::{BTreeMap, BTreeSet};

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
    /// BLAKE3 of each file that was read, in the order in which the run names them.
    pub files: Vec<String>,
}

impl SourceFacts {
    /// Records left out by any rule.
    pub(crate) fn excluded_all(&self) -> u64 {
        self.excluded.values().sum()
    }

    /// Records set aside for any reason.
    pub(crate) fn quarantined_all(&self) -> u64 {
        self.quarantined.values().sum()
    }
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
    /// Rows that the ledger of releases held back.
    pub held_by_ledger: u64,
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

    /// Kinds of channels that were read: mail, chat.
    pub(crate) fn kinds(&self) -> BTreeSet<&str> {
        let is_kind = |key: &str| key.starts_with("sources.") && key.ends_with(".kind");
        self.settings.iter().filter(|(key, _)| is_kind(key)).map(|(_, kind)| kind.as_str()).collect()
    }

    /// Weeks of the window that hold contact.
    pub(crate) fn weeks(&self) -> u64 {
        self.count("weeks_with_contact")
    }
}

/// An earlier run that changes are seen against.
#[derive(Clone, Debug, PartialEq)]
pub struct Earlier {
    /// Its facts.
    pub facts: RunFacts,
    /// Its tables.
    pub tables: PublishedTables,
}
