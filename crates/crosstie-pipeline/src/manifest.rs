//! The manifest of a run: what was read, what became of it, what the report counts.

use crate::members::Members;
use crate::plan::Plan;
use crate::run::Summary;
use crosstie_ingest::{Account, Directory, FileFingerprint, Ingested, Ledger, Quarantined};
use crosstie_model::{Day, Window, WindowTies, code};
use crosstie_privacy::Withheld;
use crosstie_store::{InputFile, Manifest, SourceLedger};
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
    pub(crate) withheld: &'a Withheld,
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
            withheld: self.withheld.iter().map(|(table, count)| ((*table).to_string(), *count)).collect(),
            wall_clock_day: String::new(),
            status: String::new(),
            outputs: Vec::new(),
        }
    }
}

fn source_ledgers(ledger: &Ledger, plan: &Plan) -> Vec<SourceLedger> {
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
            }
        })
        .collect()
}

fn inputs(plan: &Plan, files: &[FileFingerprint]) -> Vec<InputFile> {
    files
        .iter()
        .map(|file| InputFile {
            source: file.source.clone(),
            path: file.path.strip_prefix(&plan.base).unwrap_or(&file.path).display().to_string(),
            size: file.size,
            blake3: file.blake3.clone(),
        })
        .collect()
}

fn notices(directory: &Directory, ingested: &Ingested, members: &Members) -> BTreeMap<String, u64> {
    let mut out: BTreeMap<String, u64> = BTreeMap::new();
    for notice in directory.notices.iter().chain(&ingested.notices) {
        *out.entry(notice.code.id.into()).or_default() += notice.count;
    }
    if members.coded_labels_count > 0 {
        out.insert(code::P105.id.into(), members.coded_labels_count);
    }
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
        ("managers_replaced", members.manager_left_count),
        ("bridge_candidates", summary.bridge_candidates),
        ("bridges", summary.bridges),
    ]
    .into_iter()
    .map(|(name, count)| (name.to_string(), count))
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
