//! Folders and archives: exports are told by the names of their entries, other folders by their first files.

use super::guess::{Recognised, Section};
use super::head::{Entries, Head};
use super::of_head;
use crate::IngestError;
use crate::directory::SnapshotPattern;
use crosstie_model::Day;
use std::collections::BTreeSet;

/// Files of a folder that are tried.
const TRIED: usize = 8;
/// Dates in names of files.
const DATES: [&str; 6] = ["%Y-%m-%d", "%Y_%m_%d", "%Y%m%d", "%Y-%m", "%Y_%m", "%Y%m"];
/// Entries of a Slack export that describe it.
const SLACK_LISTS: [&str; 3] = ["users.json", "org_users.json", "channels.json"];

/// Everything that fits a folder or an archive.
pub(super) fn folder(entries: &Entries) -> Result<Vec<Recognised>, IngestError> {
    if let Some(mut found) = export(entries) {
        found.path = entries.path().to_path_buf();
        found.domain = domain_of_export(entries, &found)?;
        return Ok(vec![found]);
    }
    first_files(entries)
}

/// An export that is a folder or an archive as a whole.
fn export(entries: &Entries) -> Option<Recognised> {
    let names = &entries.names;
    let count = |test: &dyn Fn(&str) -> bool| names.iter().filter(|name| test(name)).count();
    let what = entries.what;
    let lists = count(&|name| SLACK_LISTS.contains(&name));
    let days = count(&is_day_file);
    if lists > 0 && days > 0 {
        let found =
            Recognised::chat("slack", format!("a {what} with {lists} lists of users or channels and {days} day files"));
        return Some(if names.iter().any(|name| name == "dms.json") {
            found
        } else {
            found.advise("without `dms.json` the export holds no direct messages")
        });
    }
    let parts = count(&|name| base(name).starts_with("messages-") && name.ends_with(".json"));
    if parts > 0 && count(&|name| base(name) == "realm.json") > 0 {
        return Some(Recognised::chat("zulip", format!("a {what} with `realm.json` and {parts} files of messages")));
    }
    let groups = count(&is_takeout);
    if groups > 0 {
        return Some(Recognised::chat(
            "chat_takeout",
            format!("a {what} with {groups} `messages.json` of chats and spaces"),
        ));
    }
    let mails = count(&|name| matches!(folder_of(name), Some("cur" | "new")));
    if mails > 0 && entries.is_folder() {
        return Some(Recognised::mail("maildir", format!("a {what} with {mails} mails in `cur` and `new`")));
    }
    let has_list = count(&|name| {
        base(name).to_lowercase().starts_with("userslist") || base(name).to_lowercase().starts_with("teammembers")
    }) > 0;
    let talks = count(&|name| base(name).to_lowercase().contains("messages_") && name.ends_with(".json"));
    if has_list && talks > 0 {
        let found =
            Recognised::chat("graph", format!("a {what} with {talks} files of Teams messages and lists of users"));
        return Some(Recognised { dataset: Some("teams"), ..found });
    }
    None
}

/// The domain of people that an export lists: it is read from the list alone.
fn domain_of_export(entries: &Entries, found: &Recognised) -> Result<Option<String>, IngestError> {
    let is_wanted = |name: &&String| match found.format {
        "slack" => matches!(name.as_str(), "users.json" | "org_users.json"),
        "zulip" => base(name) == "realm.json",
        "chat_takeout" => base(name) == "group_info.json",
        "maildir" => matches!(folder_of(name), Some("cur" | "new")),
        _ => false,
    };
    match entries.names.iter().find(is_wanted) {
        Some(name) => Ok(of_head(&entries.head(name)?, entries.path()).into_iter().find_map(|found| found.domain)),
        None => Ok(None),
    }
}

fn base(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

fn folder_of(name: &str) -> Option<&str> {
    name.rsplit('/').nth(1)
}

fn is_day_file(name: &str) -> bool {
    let day = name.split_once('/').and_then(|(_, day)| day.strip_suffix(".json"));
    day.is_some_and(|day| day.parse::<Day>().is_ok())
}

fn is_takeout(name: &str) -> bool {
    let folder = folder_of(name).unwrap_or_default();
    base(name) == "messages.json" && (folder.starts_with("DM ") || folder.starts_with("Space "))
}

/// What the first files of a folder or an archive are; the first that is recognised speaks for all of its kind.
fn first_files(entries: &Entries) -> Result<Vec<Recognised>, IngestError> {
    // A folder that is no export is a place of files: what lies deeper is not read.
    let names: Vec<&String> = entries.names.iter().filter(|name| !entries.is_folder() || !name.contains('/')).collect();
    for name in names.iter().take(TRIED) {
        let head: Head = entries.head(name)?;
        let mut found = of_head(&head, &entries.path_of(name));
        if !entries.is_folder() {
            found.retain(|found| readable_in_archive(found.format, name));
        }
        if found.is_empty() {
            continue;
        }
        let alike: Vec<&String> = names.iter().copied().filter(|other| ending(other) == ending(name)).collect();
        found.iter_mut().for_each(|found| place(found, entries, name, &alike));
        return Ok(found);
    }
    Ok(Vec::new())
}

/// Which entries of an archive a reader takes, and which it leaves. A directory is read from files alone.
fn readable_in_archive(format: &str, name: &str) -> bool {
    let ending = ending(name);
    match format {
        "eml" => true,
        "mbox" => ending.is_empty() || matches!(ending, "mbox" | "mbx"),
        "msgtrk" => ending == "log",
        "csv" | "m365_trace" | "gmail_log" => ending == "csv",
        "jsonl" | "graph" => matches!(ending, "json" | "jsonl" | "ndjson"),
        "mattermost" => ending == "jsonl" && !name.contains('/'),
        _ => false,
    }
}

fn place(found: &mut Recognised, entries: &Entries, name: &str, alike: &[&String]) {
    let count = alike.len();
    if entries.is_folder() {
        let pattern = if ending(name).is_empty() { "*".to_string() } else { format!("*.{}", ending(name)) };
        found.path = entries.path().join(pattern);
        if count > 1 {
            found.reason.push_str(&format!("; the first of {count} files"));
        }
    } else {
        found.path = entries.path().to_path_buf();
        found.reason.push_str(&format!("; in a {} of {} files", entries.what, entries.names.len()));
        if found.section == Section::Directory {
            found.advice.push("a directory is not read from an archive: unpack it".into());
        }
    }
    if found.section == Section::Directory && count > 1 {
        found.snapshot = snapshot(alike);
        if let Some(pattern) = found.snapshot {
            found.reason.push_str(&format!(" with dates `{pattern}` in their names"));
        }
    }
}

/// A form of date that every name has, of different days.
fn snapshot(names: &[&String]) -> Option<&'static str> {
    DATES.into_iter().find(|pattern| {
        let Ok(form) = SnapshotPattern::new(pattern) else { return false };
        let days: Vec<Day> = names.iter().filter_map(|name| form.find(name)).collect();
        days.len() == names.len() && days.iter().collect::<BTreeSet<_>>().len() > 1
    })
}

/// What follows the first dot of the name's last part that is no digit, so that `a.csv.gz` ends in `csv.gz`.
fn ending(name: &str) -> &str {
    let name = base(name);
    let inner = ["gz", "zst"].iter().find_map(|packed| name.strip_suffix(packed)?.strip_suffix('.'));
    let start = inner.unwrap_or(name).rfind('.').map_or(name.len(), |dot| dot + 1);
    &name[start..]
}
