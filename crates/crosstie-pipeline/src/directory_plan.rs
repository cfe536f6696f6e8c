//! The directory of the plan: its format, the keys that mean something to it, and everything that is wrong with them.

use crate::file::DirectorySection;
use crate::members::Compared;
use crate::plan::UnitRule;
use crate::settings::Settings;
use crosstie_ingest::{DirectoryFormat, DirectorySpec, ManagerBy, SnapshotPattern};
use crosstie_model::{Diagnostic, code};
use std::path::PathBuf;

/// Formats of directories; the first is the default.
const DIRECTORY_FORMATS: [(&str, DirectoryFormat); 6] = [
    ("csv", DirectoryFormat::Csv),
    ("ldif", DirectoryFormat::Ldif),
    ("scim", DirectoryFormat::Scim),
    ("entra", DirectoryFormat::Entra),
    ("google_users", DirectoryFormat::GoogleUsers),
    ("graph", DirectoryFormat::Graph),
];

/// Plans the directory; its files are listed later.
pub(crate) fn directory(s: &mut Settings, section: DirectorySection) -> (DirectorySpec, String, UnitRule) {
    let written = written_keys(&section);
    let format = s.choice("directory.format", section.format, &DIRECTORY_FORMATS);
    refuse_meaningless(s, format, &written);
    let path = s.required("directory.path", section.path);
    let columns = section.columns.unwrap_or_default();
    let unit_text = s.required("directory.unit", section.unit);
    let unit = unit_rule(s, &unit_text);
    let accounts = columns.accounts.unwrap_or_default();
    for (kind, column) in &accounts {
        s.value(&format!("directory.columns.accounts.{kind}"), Some(column.clone()), String::new());
    }
    let manager_by =
        [("key", ManagerBy::Key), ("address", ManagerBy::Address), ("dn", ManagerBy::Dn), ("name", ManagerBy::Name)];
    let spec = DirectorySpec {
        format,
        files: Vec::new(),
        manager_file: s.optional("directory.manager_file", section.manager_file).map(PathBuf::from),
        snapshot: snapshot(s, section.snapshot),
        snapshot_column: s.optional("directory.snapshot_column", section.snapshot_column),
        delimiter: s.delimiter("directory.delimiter", section.delimiter),
        trim: s.value("directory.trim", section.trim, true),
        null_values: s.list("directory.null_values", section.null_values),
        person_key: s.optional("directory.columns.person_key", columns.person_key),
        addresses: s.list("directory.columns.addresses", columns.addresses),
        address_separator: s.optional("directory.columns.address_separator", columns.address_separator),
        accounts: accounts.into_iter().collect(),
        name: s.list("directory.columns.name", columns.name),
        manager: s.optional("directory.columns.manager", columns.manager),
        manager_by: s.choice("directory.columns.manager_by", columns.manager_by, &manager_by),
        unit: (unit == UnitRule::Column).then_some(unit_text),
        compare: s.list("directory.compare", section.compare),
        level: s.optional("directory.columns.level", columns.level).filter(|column| !column.is_empty()),
        class: s.optional("directory.columns.class", columns.class),
        hired_on: s.optional("directory.columns.hired_on", columns.hired_on),
        left_on: s.optional("directory.columns.left_on", columns.left_on),
        active: s.optional("directory.columns.active", columns.active),
        match_names: false,
    };
    check_directory(s, &spec, &unit);
    (spec, path, unit)
}

/// The groupings beside the units; what is a branch is no column of the directory.
pub(crate) fn compared(s: &mut Settings, spec: &mut DirectorySpec) -> Vec<Compared> {
    let mut out: Vec<Compared> = Vec::new();
    let mut columns = Vec::new();
    for name in std::mem::take(&mut spec.compare) {
        if name == UNIT_GROUPING || out.iter().any(|known| known.name == name) {
            s.fault("directory.compare", format_args!("holds `{name}`, which is the name of another grouping"));
            continue;
        }
        let rule = rule(s, "directory.compare", &name);
        out.push(Compared { rule: rule.clone(), column: columns.len(), name: name.clone() });
        if rule == UnitRule::Column {
            columns.push(name);
        }
    }
    spec.compare = columns;
    out
}

/// The grouping that reports compare.
const UNIT_GROUPING: &str = "unit";

fn unit_rule(s: &mut Settings, text: &str) -> UnitRule {
    rule(s, "directory.unit", text)
}

fn rule(s: &mut Settings, key: &str, text: &str) -> UnitRule {
    match text.strip_prefix("branch:") {
        None => UnitRule::Column,
        Some(level) => match level.parse::<u32>().ok().filter(|&level| level >= 1) {
            Some(level) => UnitRule::Branch(level),
            None => {
                s.fault(key, format_args!("is `{text}`; `branch:1` and deeper is allowed"));
                UnitRule::Column
            }
        },
    }
}

fn snapshot(s: &mut Settings, written: Option<String>) -> Option<SnapshotPattern> {
    let text = s.optional("directory.snapshot", written)?;
    SnapshotPattern::new(&text).map_err(|why| s.fault("directory.snapshot", why)).ok()
}

/// Keys that are written and have a meaning for some formats only.
fn written_keys(section: &DirectorySection) -> Vec<&'static str> {
    let of_columns = section.columns.as_ref().map_or_else(Vec::new, |columns| {
        vec![
            ("columns.person_key", columns.person_key.is_some()),
            ("columns.addresses", columns.addresses.is_some()),
            ("columns.address_separator", columns.address_separator.is_some()),
            ("columns.name", columns.name.is_some()),
            ("columns.manager", columns.manager.is_some()),
            ("columns.manager_by", columns.manager_by.is_some()),
            ("columns.active", columns.active.is_some()),
        ]
    });
    let keys = [
        ("manager_file", section.manager_file.is_some()),
        ("snapshot_column", section.snapshot_column.is_some()),
        ("delimiter", section.delimiter.is_some()),
        ("trim", section.trim.is_some()),
    ];
    keys.into_iter().chain(of_columns).filter(|(_, is_written)| *is_written).map(|(key, _)| key).collect()
}

fn refuse_meaningless(s: &mut Settings, format: DirectoryFormat, written: &[&str]) {
    let word = DIRECTORY_FORMATS.iter().find(|(_, known)| *known == format).map_or("csv", |(word, _)| word);
    for key in written {
        let has_meaning = match *key {
            _ if format == DirectoryFormat::Csv => true,
            "manager_file" => matches!(format, DirectoryFormat::Entra | DirectoryFormat::Graph),
            "columns.person_key" => format == DirectoryFormat::Ldif,
            _ => false,
        };
        if !has_meaning {
            s.fault(&format!("directory.{key}"), format_args!("has no meaning for a directory of format `{word}`"));
        }
    }
}

fn check_directory(s: &mut Settings, spec: &DirectorySpec, unit: &UnitRule) {
    let is_csv = spec.format == DirectoryFormat::Csv;
    let names_no_manager = spec.manager_file.is_none() && spec.manager.is_none();
    if matches!(unit, UnitRule::Branch(_)) && names_no_manager {
        match spec.format {
            DirectoryFormat::Csv => s.fault("directory.unit", "is a branch, but no `manager` column is mapped"),
            DirectoryFormat::Entra => s.fault("directory.unit", "is a branch, but there is no `manager_file`"),
            _ => {}
        }
    }
    if is_csv && spec.person_key.is_none() && spec.addresses.is_empty() {
        s.fault("directory.columns", "names neither `person_key` nor `addresses`");
    }
    if spec.manager_by == ManagerBy::Name && spec.name.is_empty() {
        s.fault("directory.columns.manager_by", "is `name`, but no `name` column is mapped");
    }
    if spec.manager_by == ManagerBy::Dn && spec.person_key.is_none() {
        s.fault("directory.columns.manager_by", "is `dn`, but no `person_key` column with that name is mapped");
    }
    let kept = spec.unit.iter().chain(&spec.compare).chain(&spec.level);
    for column in kept.filter(|column| column.to_lowercase().contains("password")) {
        let refused = Diagnostic::new(code::C103, format!("column `{column}` looks like a password and is mapped"));
        s.faults.push(refused.hint("map another column"));
    }
}
