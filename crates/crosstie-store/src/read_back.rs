//! Published tables of a committed run, checked against the manifest before a parser sees a byte.

use crate::StoreError;
use crate::manifest::Manifest;
use crate::parquet_table::read_table;
use crosstie_model::Record;
use crosstie_privacy::{Published, PublishedTables};
use std::fs;
use std::path::Path;

/// Reads all published tables that a manifest names.
///
/// # Errors
/// A file is missing or is not what the manifest says.
pub fn read_published(root: &Path, manifest: &Manifest) -> Result<PublishedTables, StoreError> {
    Ok(PublishedTables {
        units: one(root, manifest)?,
        unit_pairs: one(root, manifest)?,
        communities: one(root, manifest)?,
        hierarchy: one(root, manifest)?,
        freedoms: one(root, manifest)?,
        introductions: one(root, manifest)?,
        trends: one(root, manifest)?,
        organization: one(root, manifest)?,
        sensitivity: one(root, manifest)?,
        coverage: one(root, manifest)?,
        metrics: one(root, manifest)?,
    })
}

/// Reads one output of a committed run, given relative to the output folder.
///
/// # Errors
/// The manifest names no such file, or it is not what the manifest says.
pub fn read_output(root: &Path, manifest: &Manifest, path: &str) -> Result<Vec<u8>, StoreError> {
    let changed = || StoreError::Changed { path: root.join(path) };
    let output = manifest.outputs.iter().find(|output| output.path == path).ok_or_else(changed)?;
    let bytes = fs::read(root.join(path)).map_err(|_| changed())?;
    if blake3::hash(&bytes).to_hex().as_str() == output.blake3 { Ok(bytes) } else { Err(changed()) }
}

fn one<R: Record>(root: &Path, manifest: &Manifest) -> Result<Published<R>, StoreError> {
    let name = R::TABLE.name;
    let path = format!("data/{name}/snapshot_date={}/part-00000.parquet", manifest.snapshot_date);
    let changed = || StoreError::Changed { path: root.join(&path) };
    let output = manifest.outputs.iter().find(|output| output.path == path).ok_or_else(changed)?;
    let bytes = fs::read(root.join(&path)).map_err(|_| changed())?;
    Published::reread(&bytes, &output.blake3, read_table).ok_or_else(changed)
}
