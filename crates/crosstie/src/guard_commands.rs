//! `verify`, `audit` and `purge`: the commands that guard what is kept and what is shown.

use crate::output::print;
use crate::run_command::{read, today};
use crosstie_model::{Day, Diagnostic, code};
use crosstie_pipeline::{Exit, Failure, PurgeOptions, audit_output, purge_output, verify_output};
use std::path::Path;

pub(crate) fn verify(output: &Path) -> Result<(), Failure> {
    let verified = verify_output(output)?;
    print(&format!(
        "{} manifests and {} files, {} bytes: all as committed.",
        verified.manifests, verified.files, verified.bytes
    ));
    Ok(())
}

/// Exit 77 where anything is exposed.
pub(crate) fn audit(output: &Path, pipeline: Option<&Path>) -> Result<(), Failure> {
    let plan = pipeline.map(read).transpose()?;
    let audit = audit_output(output, plan.as_ref())?;
    print(&format!("{:<50} {:>9} {:>8}", "attack", "examined", "exposed"));
    for (attack, found) in &audit.attacks {
        print(&format!("{attack:<50} {:>9} {:>8}", found.examined, found.exposed));
    }
    let gone = match audit.dates_without_people {
        0 => String::new(),
        gone => format!(
            "; of {gone} the restricted tables are gone or lack who was forgotten, so who stands behind their cells is not known"
        ),
    };
    print(&format!("{} dates{gone}.", audit.dates));
    if audit.rows_of_other_groupings > 0 {
        print(&format!(
            "Of {} rows of other groupings is asked what follows, not who is behind them: who is in those is in no table.",
            audit.rows_of_other_groupings
        ));
    }
    if let Some(found) = audit.uniqueness {
        print(&format!(
            "For the impact assessment: in the restricted tables of the newest date, of {} people {} are alone with their unit \
             and numbers of people written to and written by, {} in a set under 5.",
            found.people, found.alone, found.in_small_sets
        ));
    }
    if audit.exposed() == 0 {
        return Ok(());
    }
    let exposed = Diagnostic::new(code::P108, format!("{} cells or files are exposed", audit.exposed()));
    Err(Failure::new(Exit::NotAllowed, exposed.detail(code::P108.why).hint(code::P108.remedy)))
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
