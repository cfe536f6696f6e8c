//! The manifest of a run: what it read, how it was planned, what it wrote. Its rename is the commit.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Everything about a committed run that is no table.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
pub struct Manifest {
    /// First 16 hexadecimal digits of a hash over date, inputs, plan, key id and code version.
    pub run_id: String,
    /// `run`, `report` where a report was written again, `purge` where retention took outputs away, or `erasure` where
    /// people were forgotten.
    pub kind: String,
    /// The run's date.
    pub snapshot_date: String,
    /// BLAKE3 of the newest manifest before, of any date.
    pub parent: Option<String>,
    /// Version of crosstie.
    pub version: String,
    /// Name of the pipeline.
    pub pipeline: String,
    /// First day of the window.
    pub window_first: String,
    /// Last day of the window.
    pub window_last: String,
    /// Names the key.
    pub key_id: String,
    /// Epoch of the pseudonyms.
    pub epoch: u32,
    /// The plan as meant, every default included.
    pub plan: serde_json::Value,
    /// Files read.
    pub inputs: Vec<InputFile>,
    /// The ledger by source.
    pub ledger: Vec<SourceLedger>,
    /// Repairs and other notices by code.
    pub notices: BTreeMap<String, u64>,
    /// Counts that the report prints.
    pub counts: BTreeMap<String, u64>,
    /// Rows withheld by table.
    pub withheld: BTreeMap<String, u64>,
    /// Rows that go on showing an earlier value, by table.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub carried: BTreeMap<String, u64>,
    /// The file of this date's release in `state/releases`; `None` where nothing but coverage was released.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<String>,
    /// Records used by source and day of the window.
    #[serde(default)]
    pub used_by_day: ByDay,
    /// Of them, by source and day: those that came after an earlier run had looked at the day.
    #[serde(default)]
    pub late: ByDay,
    /// Rows that were taken out of its restricted tables since it ran, because somebody was forgotten.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub erased_rows: u64,
    /// What was unusual against earlier runs, by code.
    #[serde(default)]
    pub warnings: BTreeMap<String, u64>,
    /// What the run took. Clock times: of all entries only these, and what hashes them, differ from run to run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<RunCost>,
    /// The UTC day on which it ran: later times were not believed.
    pub wall_clock_day: String,
    /// `complete`, or `incomplete` with a gap in the sources.
    pub status: String,
    /// Files written: all of the date, so that the newest manifest of a date is the whole truth about it.
    pub outputs: Vec<OutputFile>,
    /// What a purge took away.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<RemovedFile>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands references")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// Counts by source and date.
pub type ByDay = BTreeMap<String, BTreeMap<String, u64>>;

/// What a run took until it was committed.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq)]
pub struct RunCost {
    /// Threads.
    pub threads: u64,
    /// Wall time of each stage, in order.
    pub stages: Vec<StageCost>,
    /// Wall time of each step of stages that tell their steps, in order.
    #[serde(default)]
    pub steps: Vec<StageCost>,
    /// The most memory that was held at once, in bytes; `None` where the system does not say.
    pub peak_memory_bytes: Option<u64>,
    /// The limit on memory that was asked for, in bytes.
    pub memory_limit_bytes: Option<u64>,
}

/// Wall time of one stage.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
pub struct StageCost {
    /// Its name.
    pub stage: String,
    /// Seconds.
    pub seconds: f64,
}

/// A file that was read.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
pub struct InputFile {
    /// Source.
    pub source: String,
    /// Path as planned.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// BLAKE3.
    pub blake3: String,
}

/// The ledger of one source.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
pub struct SourceLedger {
    /// Source; the directory is one.
    pub source: String,
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
    /// Bytes by part, decompressed.
    #[serde(default)]
    pub bytes: SourceBytes,
}

/// Bytes of a source by part: seen is the sum of the others.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, PartialEq, Eq)]
pub struct SourceBytes {
    /// All.
    pub seen: u64,
    /// Of records.
    pub record: u64,
    /// Of what describes records.
    pub header: u64,
    /// Between records.
    pub separator: u64,
    /// Zeros behind compressed data.
    pub padding: u64,
}

/// A file that was written.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
pub struct OutputFile {
    /// Path relative to the output folder.
    pub path: String,
    /// `published`, `restricted`, `report` or `state`.
    pub class: String,
    /// Bytes.
    pub size: u64,
    /// BLAKE3.
    pub blake3: String,
    /// Rows, for tables.
    pub rows: Option<u64>,
}

/// A file that retention took away.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
pub struct RemovedFile {
    /// Path relative to the output folder.
    pub path: String,
    /// BLAKE3.
    pub blake3: String,
    /// For a manifest: the parent that it named, so that the chain can be followed across the gap.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A manifest that names no file.
    pub(crate) fn manifest(run_id: &str) -> Manifest {
        Manifest {
            run_id: run_id.into(),
            kind: "run".into(),
            snapshot_date: "2026-01-01".into(),
            parent: None,
            version: "0".into(),
            pipeline: "test".into(),
            window_first: "2026-01-01".into(),
            window_last: "2026-01-01".into(),
            key_id: "k".into(),
            epoch: 1,
            plan: serde_json::Value::Null,
            inputs: vec![],
            ledger: vec![],
            notices: Default::default(),
            counts: Default::default(),
            withheld: Default::default(),
            carried: Default::default(),
            release: None,
            used_by_day: ByDay::new(),
            late: ByDay::new(),
            erased_rows: 0,
            warnings: Default::default(),
            cost: None,
            wall_clock_day: "2026-01-02".into(),
            status: "complete".into(),
            outputs: vec![],
            removed: vec![],
        }
    }
}
