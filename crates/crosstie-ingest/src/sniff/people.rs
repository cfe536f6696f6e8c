//! A generic table of people: key, addresses, manager, unit. Names propose, values decide.

use super::column::{Column, separator_of};
use super::guess::{Recognised, TableGuess};
use super::names;
use crate::directory::{ManagerBy, folded_name};
use crosstie_model::Day;
use std::collections::BTreeSet;

/// Values of a class column. Another value would be read as a person: then the column is something else.
const CLASSES: [&str; 9] = ["person", "shared_mailbox", "shared", "bot", "service", "room", "list", "group", "guest"];

/// A directory, if it says who somebody is and for whom or where they work.
pub(super) fn people(columns: &[Column]) -> Option<Recognised> {
    let manager = manager(columns);
    let taken = manager.as_ref().map(|(column, _)| column.name.as_str());
    let free = |column: &Column| Some(column.name.as_str()) != taken;
    let addresses: Vec<&Column> = ranked(columns, &names::ADDRESSES)
        .filter(|column| free(column) && (column.has_addresses() || column.values().next().is_none()))
        .collect();
    let key = key(columns, manager.as_ref()).filter(|key| !addresses.iter().any(|column| column.name == key.name));
    if key.is_none() && addresses.is_empty() {
        return None;
    }
    let units: Vec<&Column> = ranked(columns, &names::UNIT).filter(|column| free(column)).collect();
    let full_name = full_name(columns);
    // A key beside a group is any table of ids.
    if manager.is_none() && (units.is_empty() || addresses.is_empty()) {
        return None;
    }
    let mut table = TableGuess::default();
    table.map("person_key", key);
    if !addresses.is_empty() {
        table.columns.push(("addresses", addresses.iter().map(|column| column.name.clone()).collect()));
        table.address_separator = separator_of(&addresses, true);
    }
    table.map("accounts.slack", ranked(columns, &names::SLACK).next());
    if let Some((column, by)) = &manager {
        table.map("manager", Some(column));
        table.manager_by = *by;
    }
    // Names are read where managers need them, and attach chat accounts without addresses.
    if !full_name.is_empty() {
        table.columns.push(("name", full_name));
    }
    table.map("unit", units.first().copied());
    table.map("class", ranked(columns, &names::CLASS).find(|column| is_class(column)));
    table.map("hired_on", ranked(columns, &names::HIRED_ON).find(|column| is_dates(column)));
    table.map("left_on", ranked(columns, &names::LEFT_ON).find(|column| is_dates(column)));
    table.others = units.iter().skip(1).map(|column| column.name.clone()).collect();
    let says = [
        (key.is_some(), "a key"),
        (!addresses.is_empty(), "addresses"),
        (manager.is_some(), "managers"),
        (!units.is_empty(), "units"),
    ];
    let says: Vec<&str> = says.into_iter().filter(|(is_there, _)| *is_there).map(|(_, what)| what).collect();
    let rows = columns.iter().map(|column| column.rows.len()).max().unwrap_or(0);
    let reason = format!("columns for {}, by their names and the values of {rows} rows", says.join(", "));
    let mut found = Recognised::directory("csv", reason);
    for list in [&names::HIRED_ON[..], &names::LEFT_ON] {
        if let Some(column) =
            ranked(columns, list).next().filter(|column| column.values().next().is_some() && !is_dates(column))
        {
            found = found.advise(format!("`{}` is not mapped: its dates are not written YYYY-MM-DD", column.name));
        }
    }
    found.table = Some(table);
    Some(found)
}

/// Columns whose names are in a list, the surest first.
pub(super) fn ranked<'c>(columns: &'c [Column], list: &[&str]) -> impl Iterator<Item = &'c Column> {
    let mut found: Vec<(usize, &Column)> =
        columns.iter().filter_map(|column| Some((column.rank(list)?, column))).collect();
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().map(|(_, column)| column)
}

/// The key's values differ from row to row and are no addresses. A key that manager columns use goes first.
fn key<'c>(columns: &'c [Column], manager: Option<&(&'c Column, ManagerBy)>) -> Option<&'c Column> {
    let fit = |column: &&Column| {
        let values: Vec<&str> = column.values().collect();
        let distinct = values.iter().collect::<BTreeSet<_>>().len();
        manager.is_none_or(|(manager, _)| manager.name != column.name)
            && distinct * 10 >= values.len() * 9
            && !column.has_addresses()
    };
    let by_dn = manager.filter(|(_, by)| *by == ManagerBy::Dn);
    let mut keys = ranked(columns, &names::PERSON_KEY).filter(fit);
    match by_dn {
        Some(_) => keys.find(|column| column.most(is_dn)),
        None => keys.next(),
    }
}

/// The manager's column and what it holds. By key is surest, then by address, by distinguished name, by full name.
fn manager(columns: &[Column]) -> Option<(&Column, ManagerBy)> {
    let mut candidates: Vec<(usize, &Column, ManagerBy)> = ranked(columns, &names::MANAGER)
        .filter_map(|column| {
            let (by, is_sure) = manager_by(columns, column)?;
            let surest = [ManagerBy::Key, ManagerBy::Address, ManagerBy::Dn, ManagerBy::Name];
            let place = surest.iter().position(|known| *known == by).filter(|_| is_sure);
            Some((place.unwrap_or(surest.len()), column, by))
        })
        .collect();
    candidates.sort_by_key(|(place, ..)| *place);
    candidates.first().map(|(_, column, by)| (*column, *by))
}

/// What a manager column holds, and whether that is sure.
fn manager_by(columns: &[Column], column: &Column) -> Option<(ManagerBy, bool)> {
    if column.values().next().is_none() {
        return by_its_name(columns, column).map(|by| (by, true));
    }
    if column.has_addresses() {
        return Some((ManagerBy::Address, true));
    }
    if column.most(is_dn) {
        let has_dns = ranked(columns, &names::PERSON_KEY).any(|key| key.most(is_dn));
        return has_dns.then_some((ManagerBy::Dn, true));
    }
    let is_among = |values: &BTreeSet<String>, fold: fn(&str) -> String| {
        column.values().any(|value| values.contains(&fold(value)))
    };
    let keys = ranked(columns, &names::PERSON_KEY).filter(|key| key.name != column.name && !key.has_addresses());
    let keys: BTreeSet<String> = keys.flat_map(Column::values).map(str::to_string).collect();
    if is_among(&keys, str::to_string) {
        return Some((ManagerBy::Key, true));
    }
    let full: BTreeSet<String> = full_names(columns).iter().map(|name| folded_name(name)).collect();
    if !full.is_empty() && (is_among(&full, folded_name) || column.most(|value| value.contains(' '))) {
        return Some((ManagerBy::Name, true));
    }
    // The head of a large file need not hold the managers of its people.
    Some((ManagerBy::Key, false))
}

/// A header alone: the name of the column says what it holds.
fn by_its_name(columns: &[Column], column: &Column) -> Option<ManagerBy> {
    let key = column.key();
    match () {
        () if key.contains("mail") => Some(ManagerBy::Address),
        () if key.ends_with("dn") => None,
        () if key.ends_with("name") => (!full_name(columns).is_empty()).then_some(ManagerBy::Name),
        () => Some(ManagerBy::Key),
    }
}

/// The columns that make the full name.
fn full_name(columns: &[Column]) -> Vec<String> {
    let is_name = |column: &&Column| !column.has_addresses();
    if let Some(column) = ranked(columns, &names::NAME).find(is_name) {
        return vec![column.name.clone()];
    }
    let first = ranked(columns, &names::FIRST_NAME).next();
    let last = ranked(columns, &names::LAST_NAME).next();
    match (first, last) {
        (Some(first), Some(last)) => vec![first.name.clone(), last.name.clone()],
        _ => Vec::new(),
    }
}

/// The full names of the rows that were looked at.
fn full_names(columns: &[Column]) -> Vec<String> {
    let wanted = full_name(columns);
    let parts: Vec<&Column> =
        wanted.iter().filter_map(|name| columns.iter().find(|column| column.name == *name)).collect();
    let rows = parts.iter().map(|column| column.rows.len()).max().unwrap_or(0);
    (0..rows).map(|row| parts.iter().map(|part| part.of_row(row)).collect::<Vec<_>>().join(" ")).collect()
}

fn is_dn(value: &str) -> bool {
    value.contains('=') && value.contains(',')
}

fn is_class(column: &Column) -> bool {
    let is_known = |value: &str| CLASSES.contains(&value.to_lowercase().as_str());
    column.values().next().is_some() && column.values().all(is_known)
}

/// Whether all dates are written `YYYY-MM-DD`.
fn is_dates(column: &Column) -> bool {
    column.values().all(|value| value.parse::<Day>().is_ok())
}
