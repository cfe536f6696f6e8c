//! Whether an output folder still is what was committed to it.

use crate::error::{Exit, Failure, place};
use crosstie_model::{Diagnostic, code};
use crosstie_store::{Verified, verify};
use std::path::Path;

/// Verifies an output folder; every finding is a diagnostic of the failure.
///
/// # Errors
/// Findings (exit 65); no output folder (66); a run that holds the lock (75).
pub fn verify_output(output: &Path) -> Result<Verified, Failure> {
    is_output_folder(output)?;
    let verified = verify(output)?;
    if verified.findings.is_empty() {
        return Ok(verified);
    }
    let diagnostics = verified.findings.iter().map(|finding| {
        Diagnostic::new(finding.code, &finding.what).at(place(&output.join(&finding.path))).hint(finding.code.remedy)
    });
    Err(Failure { exit: Exit::Data, diagnostics: diagnostics.collect() })
}

/// Fails where no run was ever begun.
pub(crate) fn is_output_folder(output: &Path) -> Result<(), Failure> {
    if output.join("runs").is_dir() && output.join("state").is_dir() {
        return Ok(());
    }
    let none = Diagnostic::new(code::S104, format!("`{}` is no output folder", output.display()));
    Err(Failure::new(Exit::NoInput, none.hint(code::S104.remedy)))
}
