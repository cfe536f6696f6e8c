//! `crosstie check --suggest`: what a file is, and the block of a pipeline file that reads it.

use crate::error::Failure;
use std::path::Path;

/// The block to paste, with a comment line on what was recognised and by what.
///
/// # Errors
/// The file is missing or nothing fits.
pub fn suggest(path: &Path) -> Result<String, Failure> {
    Ok(format!("# {}\n", path.display()))
}
