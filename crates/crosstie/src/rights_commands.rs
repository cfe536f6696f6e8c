//! `my-data` and `forget`: what people may ask for. They are named on standard input or in a file of one's own, never as an argument,
//! since arguments show in the list of processes.

use crate::output::print;
use crate::run_command::{read, today};
use crosstie_model::{Diagnostic, code};
use crosstie_pipeline::{Certificate, Exit, Failure, forget as forget_people, my_data as data_of};
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Bytes of names that are read: half a million people have room.
const INPUT_BYTES: u64 = 64 << 20;

pub(crate) fn forget(output: &Path, pipeline: &Path, persons: Option<&Path>) -> Result<(), Failure> {
    let plan = read(pipeline)?;
    let certificate = forget_people(output, &plan, &named(persons)?, today())?;
    print(&words(&certificate));
    Ok(())
}

pub(crate) fn my_data(output: &Path, pipeline: &Path, person: Option<&Path>) -> Result<(), Failure> {
    let plan = read(pipeline)?;
    print(&format!("{:#}", data_of(output, &plan, &named(person)?, today())?));
    Ok(())
}

/// The text that names people.
fn named(file: Option<&Path>) -> Result<String, Failure> {
    let mut text = String::new();
    let unread = |error: std::io::Error| {
        let told = Diagnostic::new(code::C106, "the persons cannot be read").detail(error.to_string());
        Failure::new(Exit::NoInput, told.hint("a line a person on standard input, or `--persons FILE`"))
    };
    let mut take = |from: &mut dyn Read| from.take(INPUT_BYTES).read_to_string(&mut text).map_err(unread);
    match file {
        None => take(&mut std::io::stdin())?,
        Some(path) => {
            let mut file = File::open(path).map_err(unread)?;
            let metadata = file.metadata().map_err(unread)?;
            if !metadata.is_file() || metadata.mode() & 0o077 != 0 {
                let told = Diagnostic::new(code::C106, "the file of persons can be read by others, or is no file");
                return Err(Failure::new(Exit::NotAllowed, told.hint("give it mode 0600")));
            }
            take(&mut file)?
        }
    };
    Ok(text)
}

fn words(certificate: &Certificate) -> String {
    let Certificate { people, accounts, unknown, taken } = certificate;
    let mut out = format!("Forgotten: {people} people of the directory, {accounts} addresses and accounts.\n");
    if *unknown > 0 {
        out.push_str(&format!("{unknown} lines name nobody who is known; they are on the list all the same.\n"));
    }
    for (path, gone) in &taken.files {
        let gone = gone.map(|gone| format!(": {gone} rows or names gone")).unwrap_or_default();
        out.push_str(&format!("  {path}{gone}\n"));
    }
    let rows: u64 = taken.files.iter().filter_map(|(_, gone)| *gone).sum();
    let dates: Vec<String> = taken.dates.iter().map(ToString::to_string).collect();
    let dates = if dates.is_empty() { "none".to_string() } else { dates.join(", ") };
    out.push_str(&format!("{} files, {rows} rows or names. Dates committed anew: {dates}.\n", taken.files.len()));
    out.push_str(
        "Published tables and reports stay as they are: made again, they would show by their difference who is gone.\n\
         Backups, copies, and the exports themselves are out of reach; from exports nobody on the list comes back.",
    );
    out
}
