//! `verify` and `purge`: the commands that guard what is kept.

use crate::output::print;
use crate::run_command::today;
use crosstie_model::Day;
use crosstie_pipeline::{Failure, PurgeOptions, purge_output, verify_output};
use std::path::Path;

pub(crate) fn verify(output: &Path) -> Result<(), Failure> {
    let verified = verify_output(output)?;
    print(&format!(
        "{} manifests and {} files, {} bytes: all as committed.",
        verified.manifests, verified.files, verified.bytes
    ));
    Ok(())
}

pub(crate) fn purge(output: &Path, dry_run: bool, as_of: Option<Day>) -> Result<(), Failure> {
    let options = PurgeOptions { today: today(), as_of, dry_run };
    let mut count = 0;
    purge_output(output, options, &mut |list| {
        let what = if dry_run { "Past" } else { "Removing what is past" };
        print(&format!("{what} retention `{}` on {}:", list.retention, list.as_of));
        for file in &list.files {
            let bytes = file.bytes.map(|bytes| format!(" ({bytes} bytes)")).unwrap_or_default();
            print(&format!("  {}{bytes}", file.path));
        }
        count = list.files.len();
    })?;
    print(&format!("{count} files {}.", if dry_run { "would be removed" } else { "removed" }));
    Ok(())
}
