//! Recognises what a file is: for `crosstie check --suggest` and for a word when a declared format does not fit. Looks
//! at names of entries and the first 256 KiB of a file; says names of columns and keys, counts and one domain, never
//! another value.

mod column;
mod folders;
mod guess;
mod head;
mod json_head;
mod messages;
mod names;
mod objects;
mod people;
mod tables;
#[cfg(test)]
mod tests;
mod texts;
mod times;

pub use guess::{Recognised, Section, TableGuess};
pub use times::TimeGuess;

use crate::IngestError;
use head::{Head, Look, look};
use std::path::Path;

/// The formats that fit a file, a folder or an archive, best first. None: nothing fits.
///
/// # Errors
/// The path is missing or cannot be read.
pub fn recognise(path: &Path) -> Result<Vec<Recognised>, IngestError> {
    match look(path)? {
        Look::Entries(entries) => folders::folder(&entries),
        Look::File(head) => {
            let mut found = of_head(&head, path);
            for found in &mut found {
                if found.path.as_os_str().is_empty() {
                    found.path = path.to_path_buf();
                }
            }
            Ok(found)
        }
    }
}

/// What a path holds, in words, for who asks why nothing was recognised.
///
/// # Errors
/// The path is missing or cannot be read.
pub fn outline(path: &Path) -> Result<String, IngestError> {
    Ok(match look(path)? {
        Look::Entries(entries) => {
            format!("a {} of {} files, of which none was recognised", entries.what, entries.names.len())
        }
        Look::File(head) if head.bytes.is_empty() => "an empty file".into(),
        Look::File(head) => match objects::outline(&head).or_else(|| tables::outline(&head)) {
            Some(what) => what,
            None if head.bytes.contains(&0) => "a file that is no text".into(),
            None => format!("text of {} lines in its first part, that is no table with a header", head.lines().count()),
        },
    })
}

/// What the first bytes of a file are.
fn of_head(head: &Head, path: &Path) -> Vec<Recognised> {
    if head.bytes.starts_with(b"PAR1") {
        let found = Recognised::mail("parquet", "the first bytes of Parquet; what `crosstie ingest` wrote is read");
        return vec![found];
    }
    if let Some(found) = objects::objects(head, path) {
        return found;
    }
    let found = texts::text(head);
    if found.is_empty() && !head.bytes.contains(&0) { tables::table(head) } else { found }
}
