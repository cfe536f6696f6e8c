//! Whether an output folder still is what was committed to it: everything that is not is found, nothing is changed.

use crate::audit::check_audit;
use crate::chain::check_chain;
use crate::erasure_list::check_erasure_list;
use crate::garbage::{files_below, relative};
use crate::ledger_check::{check_ledger, check_lines};
use crate::manifest::{Manifest, OutputFile};
use crate::manifests::{manifest_files, manifest_name, newest_of_each_date};
use crate::modes::check_modes;
use crate::parquet_table::count_rows;
use crate::recovery::{pending_path, read_pending};
use crate::releases::check_releases;
use crate::seal::Sealed;
use crate::state_parts::check_state;
use crate::whole_file::hash_of;
use crate::{Finding, Folder, StoreError};
use crosstie_model::{Day, code};
use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Component, Path};

/// What was looked at, and what is wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Manifests.
    pub manifests: u64,
    /// Outputs of each date's newest manifest.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Everything that is not as it was committed, by path within each check.
    pub findings: Vec<Finding>,
}

/// Reads everything that is committed and compares it with its hash, its manifest and its ledger. Every byte is read
/// once, every table decoded once; hashes come before parsers.
///
/// # Errors
/// The folder is none, is unsafe, or is locked by a run.
pub fn verify(root: &Path) -> Result<Verified, StoreError> {
    let folder = Folder::look(root)?;
    let mut found = Verified::default();
    let manifests = read_manifests(root, &mut found)?;
    check_chain(&manifests, &mut found.findings);
    for (date, number, manifest, _) in &manifests {
        check_ledger(&manifest_name(*date, *number), manifest, &mut found.findings);
    }
    let mut named = BTreeSet::new();
    for (date, number, manifest, _) in newest_of_each_date(&manifests) {
        let name = manifest_name(*date, *number);
        for output in &manifest.outputs {
            if !named.insert(output.path.clone()) || !is_inside(&output.path) {
                let what = format!("it names `{}`, which is no place of an output or is named twice", output.path);
                found.findings.push(Finding::new(code::S105, &name, what));
                continue;
            }
            check_output(root, output, &mut found);
        }
        let lines = format!("state/ledger/{date}/ledger.jsonl");
        if manifest.outputs.iter().any(|output| output.path == lines) {
            check_lines(root, &lines, manifest, &mut found.findings);
        }
    }
    check_unnamed(root, &named, &mut found.findings)?;
    check_modes(root, &mut found.findings)?;
    check_pending(root, &mut found.findings);
    found.findings.extend(check_state(&folder));
    found.findings.extend(check_releases(root)?.into_iter().filter(|finding| !named.contains(&finding.path)));
    found.findings.extend(check_audit(root));
    found.findings.extend(check_erasure_list(root));
    Ok(found)
}

fn read_manifests(root: &Path, found: &mut Verified) -> Result<Vec<(Day, u32, Manifest, String)>, StoreError> {
    let mut manifests = Vec::new();
    for (date, number, path) in manifest_files(root)? {
        found.manifests += 1;
        let name = relative(root, &path);
        match Sealed::read(&path) {
            Ok(sealed) if sealed.manifest.snapshot_date == date.to_string() => {
                manifests.push((date, number, sealed.manifest, sealed.blake3));
            }
            Ok(_) => found.findings.push(Finding::new(code::S105, name, "it is a manifest of another date")),
            Err(StoreError::Read { source, .. }) => {
                found.findings.push(Finding::new(code::S105, name, format!("it cannot be read: {source}")));
            }
            Err(_) => found.findings.push(Finding::new(code::S105, name, "it was changed, or is no manifest")),
        }
    }
    Ok(manifests)
}

/// Whether a path stays within the places of outputs.
fn is_inside(path: &str) -> bool {
    let mut parts = Path::new(path).components();
    let place = parts.next();
    ["data", "restricted", "reports", "state"].iter().any(|name| place == Some(Component::Normal(name.as_ref())))
        && parts.all(|part| matches!(part, Component::Normal(_)))
}

fn check_output(root: &Path, output: &OutputFile, found: &mut Verified) {
    let path = root.join(&output.path);
    found.files += 1;
    let mut wrong = |code, what: String| found.findings.push(Finding::new(code, &output.path, what));
    match hash_of(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return wrong(code::S103, "it is missing".into()),
        Err(error) => return wrong(code::S103, format!("it cannot be read: {error}")),
        Ok((size, _)) if size != output.size => {
            return wrong(code::S103, format!("it has {size} bytes, {} were committed", output.size));
        }
        Ok((_, hash)) if hash.to_hex().as_str() != output.blake3 => {
            return wrong(code::S103, "it holds other bytes than were committed".into());
        }
        Ok((size, _)) => found.bytes += size,
    }
    if let Some(rows) = output.rows {
        let counted = fs::read(&path).ok().and_then(|bytes| count_rows(&bytes));
        let mut wrong = |what: String| found.findings.push(Finding::new(code::S107, &output.path, what));
        match counted {
            Some(counted) if counted == rows => {}
            Some(counted) => wrong(format!("it holds {counted} rows, its manifest says {rows}")),
            None => wrong("it cannot be decoded as a table".into()),
        }
    }
}

/// What lies where readers look for tables, and no newest manifest names.
fn check_unnamed(root: &Path, named: &BTreeSet<String>, findings: &mut Vec<Finding>) -> Result<(), StoreError> {
    for part in ["data", "restricted"] {
        for path in files_below(&root.join(part))? {
            let path = relative(root, &path);
            if !named.contains(&path) {
                findings.push(Finding::new(code::S109, path, "no manifest names it"));
            }
        }
    }
    Ok(())
}

fn check_pending(root: &Path, findings: &mut Vec<Finding>) {
    let what = match read_pending(root) {
        Ok(None) => return,
        Ok(Some(pending)) => format!("run {} died before `{}` was committed", pending.run_id, pending.manifest),
        Err(_) => "it cannot be read".into(),
    };
    findings.push(Finding::new(code::S111, relative(root, &pending_path(root)), what));
}
