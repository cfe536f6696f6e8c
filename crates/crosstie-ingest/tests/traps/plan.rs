//! From `source.toml` to a source or directory as the library takes it. The keys are those of a pipeline file.

use crate::facts::{Outcome, directory_outcome, people, source_outcome};
use crosstie_ingest::{
    DirectoryFormat, DirectorySpec, GraphDataset, HandleKind, JsonForm, Kind, Layout, ManagerBy, RecipientsForm,
    SnapshotPattern, SourceFormat, SourceSpec, TableColumns, TableSpec, TextEncoding, TimeForm, TimeSpec, list_files,
};
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// Reads a trap as its plan says.
pub(crate) fn read(folder: &Path, plan: &str) -> Outcome {
    let plan: Table = plan.parse().unwrap();
    match plan.get("directory").and_then(Value::as_table) {
        Some(directory) => directory_outcome(&directory_spec(folder, directory)),
        None => source_outcome(vec![source(folder, &plan)], &people()),
    }
}

fn text<'t>(table: &'t Table, key: &str) -> Option<&'t str> {
    table.get(key).map(|value| value.as_str().unwrap())
}

fn owned(table: &Table, key: &str) -> Option<String> {
    text(table, key).map(str::to_string)
}

fn texts(table: &Table, key: &str) -> Vec<String> {
    match table.get(key) {
        None => Vec::new(),
        Some(Value::String(one)) => vec![one.clone()],
        Some(several) => several.as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_string()).collect(),
    }
}

/// A key that nothing reads would let a trap test something else than it says.
fn only(table: &Table, keys: &[&str]) {
    for key in table.keys() {
        assert!(keys.contains(&key.as_str()), "`{key}` in source.toml is not known");
    }
}

fn source(folder: &Path, plan: &Table) -> SourceSpec {
    let keys = [
        "kind",
        "format",
        "path",
        "dataset",
        "layout",
        "delimiter",
        "json",
        "encoding",
        "time_format",
        "zone",
        "recipients_form",
        "columns",
    ];
    only(plan, &keys);
    let kind = if text(plan, "kind") == Some("chat") { Kind::Chat } else { Kind::Mail };
    let mut spec = SourceSpec::new("trap", kind, format(plan), Vec::new());
    let takes_folders = spec.takes_folders();
    spec.files = texts(plan, "path").iter().flat_map(|path| files(&folder.join(path), takes_folders)).collect();
    spec.encoding = text(plan, "encoding").map(|label| TextEncoding::named(label).unwrap());
    spec
}

fn files(path: &Path, takes_folders: bool) -> Vec<PathBuf> {
    if takes_folders && path.is_dir() {
        return vec![path.to_path_buf()];
    }
    // The files that make a folder a trap are no input.
    let about = ["source.toml", "ledger.json", "why.txt"];
    let mut found = list_files(path).unwrap();
    found.retain(|file| !about.iter().any(|name| file.ends_with(name)));
    found
}

fn format(plan: &Table) -> SourceFormat {
    let at_form = false;
    match text(plan, "format").unwrap() {
        "csv" => SourceFormat::Csv(Box::new(table(plan))),
        "jsonl" => SourceFormat::Jsonl(Box::new(table(plan))),
        "slack" => SourceFormat::Slack,
        "mbox" => SourceFormat::Mbox { at_form },
        "maildir" => SourceFormat::Maildir { at_form },
        "eml" => SourceFormat::Eml { at_form },
        "msgtrk" => SourceFormat::Msgtrk,
        "m365_trace" => SourceFormat::M365Trace { time: plan.get("time_format").map(|_| time(plan)) },
        "graph" => SourceFormat::Graph { dataset: dataset(plan), chats: None },
        "mattermost" => SourceFormat::Mattermost,
        "zulip" => SourceFormat::Zulip,
        "gmail_log" => SourceFormat::GmailLog { time: time(plan), status_ok: vec!["DELIVERED".into()] },
        "chat_takeout" => SourceFormat::ChatTakeout,
        other => panic!("`{other}` is no format"),
    }
}

fn dataset(plan: &Table) -> GraphDataset {
    match text(plan, "dataset").unwrap() {
        "mail" => GraphDataset::Mail,
        "team_chat" => GraphDataset::TeamChat,
        "teams" => GraphDataset::Teams,
        other => panic!("`{other}` is no data set"),
    }
}

fn table(plan: &Table) -> TableSpec {
    let columns = plan["columns"].as_table().unwrap();
    TableSpec {
        layout: match text(plan, "layout") {
            Some("recipient_per_row") => Layout::RecipientPerRow,
            _ => Layout::MessagePerRow,
        },
        delimiter: text(plan, "delimiter").map(|text| text.as_bytes()[0]),
        recipient_separator: ";".into(),
        recipients_form: match text(plan, "recipients_form") {
            Some("rfc5322") => RecipientsForm::Rfc5322,
            _ => RecipientsForm::Separated,
        },
        json: if text(plan, "json") == Some("stream") { JsonForm::Stream } else { JsonForm::Lines },
        time: time(plan),
        handles: HandleKind::Address,
        columns: TableColumns {
            sent_at: owned(columns, "sent_at").unwrap(),
            sender: owned(columns, "sender").unwrap(),
            to: owned(columns, "to"),
            cc: owned(columns, "cc"),
            message_id: owned(columns, "message_id"),
            ..TableColumns::default()
        },
        null_values: Vec::new(),
        trim: false,
    }
}

fn time(plan: &Table) -> TimeSpec {
    let form = match text(plan, "time_format") {
        None | Some("auto") => TimeForm::Auto,
        Some("epoch_ms") => TimeForm::EpochMillis,
        Some("epoch_us") => TimeForm::EpochMicros,
        Some(pattern) => TimeForm::Pattern(pattern.into()),
    };
    TimeSpec::new(form, text(plan, "zone")).unwrap()
}

fn directory_spec(folder: &Path, plan: &Table) -> DirectorySpec {
    only(plan, &["format", "path", "unit", "snapshot", "columns"]);
    let none = Table::new();
    let columns = plan.get("columns").map_or(&none, |columns| columns.as_table().unwrap());
    only(columns, &["person_key", "addresses", "manager", "manager_by"]);
    DirectorySpec {
        format: match text(plan, "format").unwrap() {
            "csv" => DirectoryFormat::Csv,
            "ldif" => DirectoryFormat::Ldif,
            "scim" => DirectoryFormat::Scim,
            "entra" => DirectoryFormat::Entra,
            "google_users" => DirectoryFormat::GoogleUsers,
            "graph" => DirectoryFormat::Graph,
            other => panic!("`{other}` is no format"),
        },
        files: texts(plan, "path").iter().flat_map(|path| files(&folder.join(path), false)).collect(),
        unit: owned(plan, "unit"),
        snapshot: text(plan, "snapshot").map(|pattern| SnapshotPattern::new(pattern).unwrap()),
        person_key: owned(columns, "person_key"),
        addresses: texts(columns, "addresses"),
        manager: owned(columns, "manager"),
        manager_by: if text(columns, "manager_by") == Some("address") { ManagerBy::Address } else { ManagerBy::Key },
        ..DirectorySpec::default()
    }
}
