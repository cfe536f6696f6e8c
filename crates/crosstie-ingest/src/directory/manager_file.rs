//! A second file that says who reports to whom, for directories that do not: CSV of two columns, person and manager,
//! or Graph's Manager_v0.

use super::draft::Reference;
use super::graph_users::read_managers;
use super::reading::{Outcome, Reading};
use super::table::{Form, each_row};
use crate::IngestError;
use crosstie_model::code;
use std::path::Path;

/// Reads it. Its records are links, no people: the ledger counts them as excluded.
pub(super) fn read(reading: &mut Reading<'_>, path: &Path) -> Result<(), IngestError> {
    let first = reading.content.text.iter().find(|byte| !byte.is_ascii_whitespace() && !b"\xef\xbb\xbf".contains(byte));
    if matches!(first, Some(b'{' | b'[')) {
        read_managers(reading);
        return Ok(());
    }
    let form = Form { delimiter: None, trim: true, rename: |name| name, wanted: Vec::new(), one_of: &[] };
    each_row(reading, path, &form, &mut |reading, row| {
        let [person, manager] = row.texts() else { return Err(code::I103.into()) };
        if person.is_empty() {
            return Err(code::I107.into());
        }
        // An empty manager is no link: the person stays a root, or keeps the directory's own manager.
        if !manager.is_empty() {
            let (person, manager) = (Reference::Any((*person).to_string()), Reference::Any((*manager).to_string()));
            reading.gathered.links.push((person, manager));
        }
        Ok(Outcome::NotAPerson)
    })
}
