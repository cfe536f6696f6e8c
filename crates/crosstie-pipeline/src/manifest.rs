//! The manifest of a run: what was read, what became of it, what the report counts.

use crate::late::by_day;
use crate::members::Members;
use crate::plan::Plan;
use crate::run::Summary;
use crosstie_ingest::{Account, Directory, FileFingerprint, Ingested, Ledger, Quarantined};
use crosstie_model::{Day, Window, WindowTies, code};
use crosstie_privacy::RowCounts;
use crosstie_store::{ByDay, InputFile, Manifest, SourceBytes, SourceLedger};
use std::collections::BTreeMap;

/// Everything that a manifest describes.
pub(crate) struct Described<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) summary: &'a Summary,
    pub(crate) directory: &'a Directory,
    pub(crate) ingested: &'a Ingested,
    pub(crate) accounts: &'a [Account],
    pub(crate) members: &'a Members,
    pub(crate) ties: &'a WindowTies,
    pub(crate) ledger: &'a Ledger,
    pub(crate) withheld: &'a RowCounts,
    pub(crate) carried: &'a RowCounts,
}

impl Described<'_> {
    /// A manifest without what identifies the run and what the commit fills in.
    pub(crate) fn manifest(&self, window: Window, files: &[FileFingerprint]) -> Manifest {
        Manifest {
            run_id: String::new(),
            kind: "run".into(),
            snapshot_date: window.last.to_string(),
            parent: None,
            version: env!("CARGO_PKG_VERSION").into(),
            pipeline: self.plan.name.clone(),
            window_first: window.first.to_string(),
            window_last: window.last.to_string(),
            key_id: String::new(),
            epoch: 0,
            plan: self.plan.to_json(),
            inputs: inputs(self.plan, files),
            ledger: source_ledgers(self.ledger, self.plan),
            notices: notices(self.directory, self.ingested, self.members),
            counts: counts(self.summary, self.ties, self.ingested, self.accounts, self.members),
            used_by_day: by_day(&self.ingested.used_by_day, self.plan, window),
            late: ByDay::new(),
            erased_rows: 0,
            warnings: BTreeMap::new(),
            cost: None,
            withheld: by_table(self.withheld),
            carried: by_table(self.carried),
            release: None,
            wall_clock_day: String::new(),
            status: String::new(),
            outputs: Vec::new(),
            removed: Vec::new(),
        }
    }
}

fn by_table(counts: &RowCounts) -> BTreeMap<String, u64> {
    counts.iter().map(|(table, count)| ((*table).to_string(), *count)).collect()
}

pub(crate) fn source_ledgers(ledger: &Ledger, plan: &Plan) -> Vec<SourceLedger> {
    let names = plan.sources.iter().map(|source| source.name.as_str()).chain(["directory"]);
    (0..)
        .zip(names)
        .map(|(source, name)| {
            let counts = ledger.of_source(source);
            SourceLedger {
                source: name.into(),
                seen: counts.seen,
                used: counts.used,
                duplicate: counts.duplicate,
                excluded: counts.excluded.iter().map(|(reason, count)| (reason.name().to_string(), *count)).collect(),
                quarantined: counts.quarantined.iter().map(|(code, count)| ((*code).to_string(), *count)).collect(),
                bytes: source_bytes(ledger, source),
            }
        })
        .collect()
}

pub(crate) fn inputs(plan: &Plan, files: &[FileFingerprint]) -> Vec<InputFile> {
    files
        .iter()
        .map(|file| InputFile {
            source: file.source.clone(),
            path: shown_path(plan, file),
            size: file.size,
            blake3: file.blake3.clone(),
        })
        .collect()
}

/// The path of a file as a manifest may show it: names of mailboxes are names of people.
fn shown_path(plan: &Plan, file: &FileFingerprint) -> String {
    let of_people = plan.sources.iter().find(|source| source.name == file.source && source.names_people());
    match of_people.and_then(|source| Some((source, source.files.iter().position(|path| *path == file.path)?))) {
        Some((source, at)) => source.shown(at).display().to_string(),
        None => file.path.strip_prefix(&plan.base).unwrap_or(&file.path).display().to_string(),
    }
}

fn source_bytes(ledger: &Ledger, source: u32) -> SourceBytes {
    let mut sum = SourceBytes::default();
    for (_, bytes) in ledger.bytes.iter().filter(|((of, _), _)| *of == source) {
        sum.seen += bytes.seen;
        sum.record += bytes.record;
        sum.header += bytes.header;
        sum.separator += bytes.separator;
        sum.padding += bytes.padding;
    }
    sum
}

/// The whole ledger: a JSON line a source, file and week, and one a source and file with its bytes.
pub(crate) fn ledger_lines(ledger: &Ledger, plan: &Plan) -> String {
    let name = |source: u32| plan.sources.get(source as usize).map_or("directory", |source| source.name.as_str());
    let records = ledger.lines.iter().map(|(key, counts)| {
        let excluded: BTreeMap<&str, u64> = counts.excluded.iter().map(|(reason, n)| (reason.name(), *n)).collect();
        serde_json::json!({
            "source": name(key.source),
            "file": key.file,
            "week": key.week.to_string(),
            "seen": counts.seen,
            "used": counts.used,
            "duplicate": counts.duplicate,
            "excluded": excluded,
            "quarantined": counts.quarantined,
        })
    });
    let bytes = ledger.bytes.iter().map(|(&(source, file), bytes)| {
        serde_json::json!({
            "source": name(source),
            "file": file,
            "bytes_seen": bytes.seen,
            "bytes_record": bytes.record,
            "bytes_header": bytes.header,
            "bytes_separator": bytes.separator,
            "bytes_padding": bytes.padding,
        })
    });
    records.chain(bytes).map(|line| format!("{line}\n")).collect()
}

/// What was worth a look while reading, by code.
pub(crate) fn read_notices(directory: &Directory, ingested: &Ingested) -> BTreeMap<String, u64> {
    let mut out: BTreeMap<String, u64> = BTreeMap::new();
    for notice in directory.notices.iter().chain(&ingested.notices) {
        *out.entry(notice.code.id.into()).or_default() += notice.count;
    }
    for skipped in &ingested.skipped_files {
        *out.entry(skipped.code.id.into()).or_default() += 1;
    }
    out
}

fn notices(directory: &Directory, ingested: &Ingested, members: &Members) -> BTreeMap<String, u64> {
    let mut out = read_notices(directory, ingested);
    let of_members = [(code::P105, members.coded_labels_count), (code::I312, members.manager_left_count)];
    out.extend(
        of_members.into_iter().filter(|(_, count)| *count > 0).map(|(code, count)| (code.id.to_string(), count)),
    );
    out
}

fn counts(
    summary: &Summary,
    ties: &WindowTies,
    ingested: &Ingested,
    listed: &[Account],
    members: &Members,
) -> BTreeMap<String, u64> {
    let accounts = |class: &str| listed.iter().filter(|account| account.class == class).count() as u64;
    [
        ("people", summary.people),
        ("units", summary.units),
        ("units_in_directory", members.units.labels.len() as u64),
        ("people_without_unit", summary.without_unit),
        ("weeks_with_contact", weeks_with_contact(ties)),
        ("messages_within_limit", ties.messages_count),
        ("messages_in_ties", ties.tied_messages_count),
        ("messages_over_max_recipients", ties.over_max_recipients_count),
        ("messages_that_name_nobody", ties.unaddressed_count),
        ("recipients_who_are_the_sender", ties.self_count),
        ("accounts_external", ingested.totals.external_accounts),
        ("accounts_unknown", accounts("unknown")),
        ("accounts_bot", accounts("bot")),
        ("accounts_list", accounts("list")),
        ("accounts_shared_mailbox", accounts("shared_mailbox")),
        ("accounts_left", accounts("left")),
        ("recipients_unreadable", ingested.totals.bad_recipients),
        ("message_ids_reused", ingested.totals.id_reuse),
        ("messages_to_more_than_are_kept", ingested.totals.broadcasts),
        ("chat_events", ingested.events.len() as u64),
        ("files_left_out", ingested.skipped_files.len() as u64),
        ("accounts_machine_like", summary.machine_like),
        ("people_opted_out", ingested.opted_out.iter().filter(|&&out| out).count() as u64),
        ("managers_replaced", members.manager_left_count),
        ("bridge_candidates", summary.bridge_candidates),
        ("bridges", summary.bridges),
        ("lasting_bridge_candidates", summary.lasting_bridge_candidates),
        ("lasting_bridges", summary.lasting_bridges),
        ("betweenness_pivots", summary.betweenness_pivots),
    ]
    .into_iter()
    .map(|(name, count)| (name.to_string(), count))
    .chain(ingested.oddities.iter().map(|(what, count)| (format!("odd: {}", what.replace('_', " ")), *count)))
    .collect()
}

/// Distinct weeks in which a message made a tie.
fn weeks_with_contact(ties: &WindowTies) -> u64 {
    let mut weeks: Vec<Day> = ties.strata.iter().map(|stratum| stratum.week).collect();
    weeks.sort_unstable();
    weeks.dedup();
    weeks.len() as u64
}

/// One JSON line a record: never its content.
pub(crate) fn quarantine_lines<'a>(records: impl Iterator<Item = &'a Quarantined>) -> String {
    records
        .map(|record| {
            let line = serde_json::json!({
                "code": record.code.id,
                "field": record.field,
                "file": record.file,
                "length": record.length,
                "offset": record.offset,
                "record_hash": format!("{:016x}", record.record_hash),
                "source": record.source,
            });
            format!("{line}\n")
        })
        .collect()
}
