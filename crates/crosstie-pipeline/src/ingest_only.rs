//! The sources alone, as the canonical table `messages` with a manifest beside it: what machines of one key share.

use crate::error::{Exit, Failure};
use crate::manifest::{inputs, read_notices, source_ledgers};
use crate::memory::MemoryLimit;
use crate::plan::Plan;
use crate::progress::Progress;
use crate::read::{ReadOptions, all_sources, balance, check_input, read_sources, tell_notices};
use crate::stop::StopRequest;
use crosstie_ingest::{Counts, EVER};
use crosstie_model::{Day, Diagnostic, Micros, code};
use crosstie_store::{create_key, read_key, write_new_file, write_table};
use serde_json::json;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

const TABLE: &str = "messages.parquet";

/// What was written.
#[derive(Clone, Debug)]
pub struct IngestedTo {
    /// The table.
    pub table: PathBuf,
    /// Its rows.
    pub rows: u64,
    /// What became of the records.
    pub records: Counts,
}

/// Reads a plan's sources into the new folder `out`. The manifest comes last: a folder without one is of no use to a
/// reader. Accounts outside are counted there, never stored.
///
/// # Errors
/// What would end a run; the folder exists or cannot be made.
pub fn ingest_to(
    plan: &Plan,
    out: &Path,
    today: Day,
    stop: StopRequest,
    progress: &mut (dyn Progress + Send),
) -> Result<IngestedTo, Failure> {
    let key = match read_key(&plan.key_file)? {
        Some(key) => key,
        None => {
            let parent = plan.key_file.parent().unwrap_or(Path::new("."));
            fs::create_dir_all(parent).map_err(|error| cannot_create(parent, &error))?;
            create_key(&plan.key_file)?
        }
    };
    progress.stage("ingest");
    let (memory, now) = (MemoryLimit(None), Micros(0));
    let options = ReadOptions { today, memory, stop, days: None, seen_within: &|_| EVER, full: true, now };
    let read = read_sources(plan, &key, options, progress)?;
    let mut directory_ledger = read.directory.ledger.clone();
    directory_ledger.place_undated(today);
    let mut ledger = read.ingested.ledger.clone();
    ledger.place_undated(today);
    let balanced = balance(ledger, &directory_ledger)?;
    check_input(plan, &read.directory, &read.ingested)?;
    tell_notices(plan, &read.directory, &read.ingested, progress);

    progress.stage("write");
    fs::create_dir(out).map_err(|error| cannot_create(out, &error))?;
    fs::set_permissions(out, fs::Permissions::from_mode(0o700)).map_err(|error| cannot_create(out, &error))?;
    let bytes = write_table(&read.ingested.rows, key.key_id())?;
    write_new_file(&out.join(TABLE), &bytes, 0o600)?;
    let files: Vec<_> = read.directory.files.iter().chain(&read.ingested.files).cloned().collect();
    let manifest = json!({
        "kind": "ingest",
        "version": env!("CARGO_PKG_VERSION"),
        "key_id": key.key_id(),
        "plan": plan.to_json(),
        "inputs": inputs(plan, &files),
        "ledger": source_ledgers(balanced.get(), plan),
        "notices": read_notices(&read.directory, &read.ingested),
        "outputs": [{
            "path": TABLE,
            "size": bytes.len(),
            "blake3": blake3::hash(&bytes).to_hex().to_string(),
            "rows": read.ingested.rows.len(),
        }],
    });
    write_new_file(&out.join("manifest.json"), format!("{manifest:#}\n").as_bytes(), 0o600)?;
    Ok(IngestedTo {
        table: out.join(TABLE),
        rows: read.ingested.rows.len() as u64,
        records: all_sources(balanced.get(), plan),
    })
}

fn cannot_create(path: &Path, error: &std::io::Error) -> Failure {
    let message = format!("`{}` cannot be created", path.display());
    Failure::new(Exit::Create, Diagnostic::new(code::S102, message).detail(error.to_string()))
}
