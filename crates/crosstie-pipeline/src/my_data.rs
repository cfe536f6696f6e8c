//! `my-data`: everything that an output folder keeps of one person, for that person. Who the others are is not told: contact
//! is counted by their units. The look is noted before anything is shown.

use crate::error::{Exit, Failure};
use crate::history::kept_of;
use crate::memory::MemoryLimit;
use crate::observe::{now, rfc3339};
use crate::persons::Meant;
use crate::plan::Plan;
use crate::purge_output::{newest_run, profile};
use crate::stop::StopRequest;
use crate::waiting::Waiting;
use crosstie_ingest::rows_of_people;
use crosstie_model::tables::{AccountRow, PairCarrierRow, PersonRow, TieRow};
use crosstie_model::{Cell, Day, Diagnostic, Record, code};
use crosstie_privacy::Pseudonyms;
use crosstie_store::{
    DayFiles, Manifest, PurgeRules, Shelf, StoreError, find_manifests, newest_of_each_date, note_look,
    read_erasure_list, read_output, read_release, read_table, release_names,
};
use crosstie_ties::{DayGroup, PackedDay};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

/// Everything that is kept of the person whom `persons` names in its one line.
///
/// # Errors
/// Another number of people is named (exit 2); no output folder, no run, or no key (66); another key (77); a run that holds the
/// lock (75); a file that is damaged, or an audit log that cannot be written: then nothing is shown.
pub fn my_data(output: &Path, plan: &Plan, persons: &str, today: Day) -> Result<Value, Failure> {
    let meant = Meant::find(output, plan, persons)?;
    let lines = persons.lines().filter(|line| !line.trim().is_empty()).count();
    if lines != 1 || meant.people.person_keys.len() > 1 {
        let message = match lines {
            1 => "several people hold this address or account".into(),
            lines => format!("{lines} lines name people"),
        };
        let told =
            Diagnostic::new(code::C106, message).hint("name one person: an address, an account, or `person:KEY`");
        return Err(Failure::new(Exit::Usage, told));
    }
    let manifests = find_manifests(output)?;
    let Some(newest) = newest_run(&manifests) else {
        let none = Diagnostic::new(code::S104, "no run is committed").hint(code::S104.remedy);
        return Err(Failure::new(Exit::NoInput, none));
    };
    let (retention, window_days, before_days) = profile(newest)?;
    note_look(&meant.folder, rfc3339(now()), "my-data", &newest.snapshot_date, 1)?;

    let ids = meant.ids();
    let until = Until { rules: PurgeRules { retention, window_days, before_days, as_of: today, today } };
    let erased = read_erasure_list(output, meant.key.key_id())?.erased;
    let mut snapshots = Vec::new();
    for (date, _, manifest, _) in newest_of_each_date(&manifests) {
        let of_date = Pseudonyms::new(&meant.key, *date);
        let people = meant.people.person_keys.iter().map(|key| of_date.person(key));
        let accounts = meant.people.handle_ids.iter().map(|&id| of_date.account(id));
        let own: BTreeSet<String> = people.chain(accounts).map(|id| id.expose().to_string()).collect();
        let tables = tables(output, manifest, &own)?;
        let kept = kept_of(output, manifest, &ids)?.map(|kept| {
            let groups: Vec<Value> =
                kept.groups.iter().map(|(grouping, group)| json!({ "grouping": grouping, "group": group })).collect();
            json!({ "bridge": kept.bridge, "groups": groups, "deleted_from": until.first(*date, PurgeRules::history_from) })
        });
        if !tables.is_empty() || kept.is_some() {
            snapshots.push(json!({
                "date": date.to_string(),
                "window": [manifest.window_first, manifest.window_last],
                "tables": tables,
                "tables_deleted_from": until.first(*date, |rules| rules.state_cutoffs().message_rows),
                "kept_for_comparison": kept,
            }));
        }
    }
    Ok(json!({
        "known_as": { "people_of_the_directory": meant.people.person_keys.len(), "addresses_and_accounts": meant.people.handle_ids.len() },
        "is_forgotten": ids.iter().any(|&id| erased.has_id(&meant.key, id)),
        "purpose": purpose(newest),
        "retention": { "profile": retention.name(), "deleted_by": "`crosstie purge`, from the dates named here on" },
        "snapshots": snapshots,
        "columns": columns(),
        "daily_ties": daily_ties(output, &ids, &until)?,
        "messages_read": messages_read(output, &ids, &until)?,
        "release_ledger": releases(output, &meant, &until)?,
        "not_here": "exports and the directory, which crosstie reads and never keeps; backups and copies; names of others: contact is counted by their units",
    }))
}

/// Says from which day on a purge takes things away.
struct Until {
    rules: PurgeRules,
}

/// Days after which no profile keeps anything.
const LONGEST_DAYS: i32 = 40_000;

impl Until {
    /// The first day whose purge takes what is of `date`, by the rule that the purge itself has.
    fn first(&self, date: Day, cutoff: impl Fn(&PurgeRules) -> Day) -> String {
        let takes = |as_of: &Day| cutoff(&PurgeRules { as_of: *as_of, ..self.rules }) > date;
        let first = (0..LONGEST_DAYS).map(|days| date.plus(days)).find(takes);
        first.map_or_else(|| "never".into(), |day| day.to_string())
    }
}

fn purpose(manifest: &Manifest) -> Value {
    let text = |name: &str| match manifest.plan.get(name).and_then(Value::as_str) {
        None | Some("" | "(none)") => Value::Null,
        Some(text) => text.into(),
    };
    let [purpose, audience, agreement, contact] =
        ["policy.purpose", "policy.audience", "policy.agreement", "policy.contact"].map(text);
    json!({ "purpose": purpose, "audience": audience, "agreement": agreement, "contact": contact })
}

/// Rows of restricted tables of a date that name the person, by table.
fn tables(output: &Path, manifest: &Manifest, own: &BTreeSet<String>) -> Result<Map<String, Value>, Failure> {
    let mut found = Map::new();
    let mut put = |name: &str, rows: Vec<Value>| {
        if !rows.is_empty() {
            found.insert(name.into(), rows.into());
        }
    };
    let people: Vec<PersonRow> = rows(output, manifest)?;
    let unit_of: BTreeMap<&str, &str> =
        people.iter().filter_map(|person| Some((person.person_id.expose(), person.unit.as_deref()?))).collect();
    put("people", shown(&people, own));
    put("pair_carriers", shown(&rows::<PairCarrierRow>(output, manifest)?, own));
    put("accounts", shown(&rows::<AccountRow>(output, manifest)?, own));
    put("ties", contact(&rows::<TieRow>(output, manifest)?, own, &unit_of));
    Ok(found)
}

/// The rows of a table of a date; none where it is past its time.
fn rows<R: Record>(output: &Path, manifest: &Manifest) -> Result<Vec<R>, Failure> {
    let path = format!("restricted/{}/snapshot_date={}/part-00000.parquet", R::TABLE.name, manifest.snapshot_date);
    if !manifest.outputs.iter().any(|output| output.path == path) {
        return Ok(Vec::new());
    }
    let bytes = read_output(output, manifest, &path)?;
    read_table(&bytes).ok_or_else(|| StoreError::Changed { path: output.join(path) }.into())
}

/// Rows of the person with the names of their columns.
fn shown<R: Record>(rows: &[R], own: &BTreeSet<String>) -> Vec<Value> {
    let is_own = |row: &&R| {
        let cells = row.cells();
        let mut named = R::TABLE.columns.iter().zip(&cells);
        named.any(|(column, cell)| column.identifier && matches!(cell, Cell::Text(Some(id)) if own.contains(id)))
    };
    let object = |row: &R| -> Value {
        let named = R::TABLE.columns.iter().zip(row.cells());
        named.map(|(column, cell)| (column.name.to_string(), value(cell))).collect::<Map<String, Value>>().into()
    };
    rows.iter().filter(is_own).map(object).collect()
}

fn value(cell: Cell) -> Value {
    match cell {
        Cell::Text(text) => text.into(),
        Cell::Int(number) => number.into(),
        Cell::Float(number) => number.into(),
        Cell::Bool(is) => is.into(),
        Cell::Date(days) => days.map(|days| Day(days).to_string()).into(),
        Cell::Time(micros) => micros.map(|micros| rfc3339(Duration::from_micros(micros.max(0) as u64))).into(),
    }
}

/// Contact in one direction with the people of one unit.
#[derive(Default)]
struct Contact {
    others: u64,
    messages: i64,
    mail: i64,
    chat: i64,
    weight: f64,
}

/// Contact of the person, summed over the people of each unit.
fn contact(ties: &[TieRow], own: &BTreeSet<String>, unit_of: &BTreeMap<&str, &str>) -> Vec<Value> {
    let mut sums: BTreeMap<(&str, Option<&str>), Contact> = BTreeMap::new();
    for tie in ties {
        let (source, target) = (tie.source_id.expose(), tie.target_id.expose());
        let (direction, other) = match (own.contains(source), own.contains(target)) {
            (true, false) => ("sent", target),
            (false, true) => ("received", source),
            _ => continue,
        };
        let sum = sums.entry((direction, unit_of.get(other).copied())).or_default();
        sum.others += 1;
        sum.messages += tie.message_count;
        sum.mail += tie.mail_count;
        sum.chat += tie.chat_count;
        sum.weight += tie.weight;
    }
    let row = |(direction, unit): (&str, Option<&str>), sum: &Contact| {
        json!({
            "direction": direction, "unit_of_the_others": unit, "others_count": sum.others,
            "message_count": sum.messages, "mail_count": sum.mail, "chat_count": sum.chat, "weight": sum.weight,
        })
    };
    sums.iter().map(|(key, sum)| row(*key, sum)).collect()
}

/// What each column of these tables says.
fn columns() -> Value {
    fn of<R: Record>() -> (String, Value) {
        let all: Map<String, Value> =
            R::TABLE.columns.iter().map(|column| (column.name.to_string(), column.doc.trim().into())).collect();
        (R::TABLE.name.into(), all.into())
    }
    [of::<PersonRow>(), of::<PairCarrierRow>(), of::<AccountRow>()].into_iter().collect::<Map<String, Value>>().into()
}

/// Days of daily ties with the person, and messages of them.
fn daily_ties(output: &Path, ids: &[i64], until: &Until) -> Result<Value, Failure> {
    let mut days: Vec<Value> = Vec::new();
    if output.join("state/ties").is_dir() {
        let files = DayFiles::open(output)?;
        for (date, file) in files.index()?.days {
            let bytes = files.read(&file)?;
            let broken = || StoreError::Changed { path: files.folder().join(&file.file) };
            let day = PackedDay::new(&bytes).ok_or_else(broken)?;
            let is_own: Vec<bool> = day.ids().map(|id| ids.contains(&id)).collect();
            if !is_own.contains(&true) {
                continue;
            }
            let (mut sent, mut received) = (0u64, 0u64);
            for tie in (0..is_own.len() as u32).flat_map(|source| day.ties_of(source)).filter(|tie| tie.units > 0) {
                let [from, to] = [tie.source, tie.target].map(|end| is_own.get(end as usize) == Some(&true));
                sent += if from && !to { tie.count.into() } else { 0 };
                received += if to && !from { tie.count.into() } else { 0 };
            }
            let is_own_set = |group: &DayGroup| group.members().any(|end| is_own.get(end as usize) == Some(&true));
            let shared: u64 = day.groups().filter(is_own_set).map(|group| u64::from(group.count)).sum();
            let of_day = date.parse().unwrap_or_default();
            days.push(json!({
                "day": date, "sent_count": sent, "received_count": received, "shared_in_groups_count": shared,
                "deleted_from": until.first(of_day, |rules| rules.state_cutoffs().day_ties),
            }));
        }
    }
    Ok(days.into())
}

/// Rows of messages that are kept as they were read, by day.
fn messages_read(output: &Path, ids: &[i64], until: &Until) -> Result<Value, Failure> {
    let shelf = Shelf::resume(output)?;
    let book = shelf.as_ref().and_then(|shelf| Some((shelf, shelf.book()?)));
    let Some((shelf, book)) = book else { return Ok(json!({ "days": [], "chat_event_count": 0 })) };
    let failed = Mutex::new(None);
    let waiting = Waiting::new(shelf, MemoryLimit(Some(0)), StopRequest::default(), &failed);
    let broken = |_| StoreError::Changed { path: shelf.folder().to_path_buf() };
    let found = rows_of_people(&book, ids, &waiting).map_err(broken)?.unwrap_or_default();
    let days: BTreeSet<Day> = found.sent_by_day.keys().chain(found.named_by_day.keys()).copied().collect();
    let of_day = |day: Day| {
        json!({
            "day": day.to_string(),
            "sent_count": found.sent_by_day.get(&day).copied().unwrap_or(0),
            "naming_count": found.named_by_day.get(&day).copied().unwrap_or(0),
            "deleted_from": until.first(day, |rules| rules.state_cutoffs().message_rows),
        })
    };
    Ok(json!({ "days": days.into_iter().map(of_day).collect::<Vec<_>>(), "chat_event_count": found.events }))
}

/// Parts of the person in the sums of each release.
fn releases(output: &Path, meant: &Meant, until: &Until) -> Result<Value, Failure> {
    let tokens = meant.tokens();
    let mut found: Vec<Value> = Vec::new();
    for (date, name) in release_names(output)? {
        let release = read_release(output, &name)?;
        let tags: BTreeSet<u64> = tokens.iter().flat_map(|token| release.tags_of(&meant.key, token)).collect();
        let parts = release.part_count(|tag| tags.contains(&tag));
        if parts > 0 {
            found.push(json!({
                "date": date.to_string(), "sums_count": parts,
                "deleted_from": until.first(date, |rules| rules.state_cutoffs().releases),
            }));
        }
    }
    Ok(found.into())
}
