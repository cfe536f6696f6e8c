//! The manifest of a run: what it read, how it was planned, what it wrote. Its rename is the commit.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Everything about a committed run that is no table.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
pub struct Manifest {
    /// First 16 hexadecimal digits of a hash over date, inputs, plan, key id and code version.
    pub run_id: String,
    /// `run`, or `report` where a report was written again.
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
    /// The UTC day on which it ran: later times were not believed.
    pub wall_clock_day: String,
    /// `complete`, or `incomplete` with a gap in the sources.
    pub status: String,
    /// Files written.
    pub outputs: Vec<OutputFile>,
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
