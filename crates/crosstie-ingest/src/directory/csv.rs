//! A table whose columns the plan maps.

use super::draft::{Draft, Reference, Wrong, iso_day};
use super::ldif_dn::normal_dn;
use super::names::folded_name;
use super::reading::{Outcome, Reading};
use super::spec::{DirectorySpec, ManagerBy};
use super::table::{Form, Row, each_row};
use crate::IngestError;
use crate::address::Address;
use crosstie_model::{Day, code};
use std::path::Path;

pub(super) fn read(reading: &mut Reading<'_>, path: &Path) -> Result<(), IngestError> {
    let spec = reading.spec;
    let form =
        Form { delimiter: spec.delimiter, trim: spec.trim, rename: |name| name, wanted: wanted(spec), one_of: &[] };
    each_row(reading, path, &form, &mut |_, row| Ok(Outcome::Person(Box::new(draft(spec, row)?))))
}

fn wanted(spec: &DirectorySpec) -> Vec<(&str, &str)> {
    let single =
        [("person_key", &spec.person_key), ("manager", &spec.manager), ("snapshot_column", &spec.snapshot_column)];
    let mut wanted: Vec<(&str, &str)> =
        single.into_iter().filter_map(|(field, column)| Some((field, column.as_deref()?))).collect();
    wanted.extend(spec.addresses.iter().map(|column| ("addresses", column.as_str())));
    wanted.extend(spec.mapped());
    if spec.reads_names() {
        wanted.extend(spec.name.iter().map(|column| ("name", column.as_str())));
    }
    wanted
}

fn draft(spec: &DirectorySpec, row: &Row<'_>) -> Result<Draft, Wrong> {
    let optional = |column: &Option<String>| column.as_deref().and_then(|column| row.value(column));
    let mut draft = Draft::default();
    for column in &spec.addresses {
        let Some(text) = row.value(column) else { continue };
        let parts = match &spec.address_separator {
            Some(separator) => text.split(separator.as_str()).collect(),
            None => vec![text],
        };
        for part in parts.into_iter().filter(|part| !part.trim().is_empty()) {
            draft.address(part, column)?;
        }
    }
    draft.mapped(spec, iso_day, &|column| row.value(column).map(str::to_string))?;
    draft.settle_key(optional(&spec.person_key), spec.person_key.as_deref())?;
    draft.snapshot = snapshot(spec, row)?;
    if let (Some(text), Some(column)) = (optional(&spec.manager), &spec.manager) {
        draft.manager = Some(manager(spec.manager_by, text, column)?);
    }
    if spec.manager_by == ManagerBy::Dn {
        draft.dn = normal_dn(&draft.key);
    }
    if spec.reads_names() {
        let parts: Vec<&str> = spec.name.iter().filter_map(|column| row.value(column)).collect();
        draft.name(&parts.join(" "));
    }
    Ok(draft)
}

fn manager(by: ManagerBy, text: &str, column: &str) -> Result<Reference, Wrong> {
    Ok(match by {
        ManagerBy::Key => Reference::Key(text.to_string()),
        ManagerBy::Address => {
            let address = Address::parse(text).map_err(|code| Wrong::of(code, column))?;
            Reference::Key(format!("mail:{}", address.expose()))
        }
        ManagerBy::Dn => Reference::Dn(normal_dn(text).ok_or_else(|| Wrong::of(code::I109, column))?),
        ManagerBy::Name => Reference::Name(folded_name(text)),
    })
}

fn snapshot(spec: &DirectorySpec, row: &Row<'_>) -> Result<Option<Day>, Wrong> {
    let Some(column) = &spec.snapshot_column else { return Ok(None) };
    let text = row.value(column).ok_or_else(|| Wrong::of(code::I107, column))?;
    let day = match &spec.snapshot {
        Some(pattern) => pattern.whole(text),
        None => text.parse::<Day>().ok(),
    };
    day.map(Some).ok_or_else(|| Wrong::of(code::I104, column))
}
