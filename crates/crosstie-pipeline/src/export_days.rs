//! The ties of each day as CSV: for whoever compares them with another program.

use crate::error::{Exit, Failure};
use crate::verify_output::is_output_folder;
use crosstie_model::{Diagnostic, code};
use crosstie_store::{DayFiles, write_new_file};
use crosstie_ties::PackedDay;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

/// Writes the committed daily ties of an output folder into the new file `to`, readable by its owner alone: day, keyed
/// ids of sender and recipient, messages that made the tie, and their weight in units of 2^-20 message. Returns how
/// many rows there are.
///
/// # Errors
/// No output folder (exit 66); the days cannot be read, or the file cannot be made.
pub fn export_days(output: &Path, to: &Path) -> Result<u64, Failure> {
    is_output_folder(output)?;
    let files = DayFiles::open(output)?;
    let mut text = String::from("day,source_id,target_id,message_count,weight_units\n");
    let mut rows = 0;
    for (date, file) in files.index()?.days {
        let bytes = files.read(&file)?;
        let Some(day) = PackedDay::new(&bytes) else {
            let broken = Diagnostic::new(code::S103, format!("`state/ties/{}` holds no day", file.file));
            return Err(Failure::new(Exit::Data, broken.hint(code::S103.remedy)));
        };
        let ids: Vec<i64> = day.ids().collect();
        for source in 0..ids.len() as u32 {
            let mut pairs: BTreeMap<u32, (u64, u64)> = BTreeMap::new();
            for tie in day.ties_of(source).filter(|tie| tie.units > 0) {
                let pair = pairs.entry(tie.target).or_default();
                pair.0 += u64::from(tie.count);
                pair.1 += u64::from(tie.count) * u64::from(tie.units);
            }
            for (target, (count, units)) in pairs {
                let (source_id, target_id) = (ids[source as usize], ids[target as usize]);
                let line = writeln!(text, "{date},{source_id},{target_id},{count},{units}");
                debug_assert!(line.is_ok(), "text takes everything");
                rows += 1;
            }
        }
    }
    write_new_file(to, text.as_bytes(), 0o600)?;
    Ok(rows)
}
