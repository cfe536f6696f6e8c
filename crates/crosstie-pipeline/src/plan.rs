//! The plan: the pipeline file as meant, with paths resolved and every default filled in. Defaults are named here,
//! with their unit and source.

use crate::directory_plan::{compared, directory};
use crate::error::{Exit, Failure};
use crate::file::PipelineFile;
use crate::known_plan::KnownPlan;
use crate::members::Compared;
use crate::null_plan::NullPlan;
use crate::observe_plan::{ObservePlan, holidays};
use crate::policy::{Policy, RevealSection};
use crate::settings::{Setting, Settings};
use crate::source_plan::source;
use crosstie_ingest::{
    DirectorySpec, GraphDataset, HandleKind, IngestError, Kind, SourceFormat, SourceSpec, list_files, read_chats,
};
use crosstie_measure::{BetweennessMethod, BetweennessParams, Distance, MeasureParams};
use crosstie_model::{Day, Diagnostic, code};
use crosstie_store::Retention;
use crosstie_ties::{HISTORY_DAYS, TieParams};
use std::path::{Component, Path, PathBuf};

/// Recipients above which a message makes no tie: broadcasts say nothing about contact.
const MAX_RECIPIENTS: u32 = 8;
/// Part of a copy recipient against a direct one.
const CC_WEIGHT: f64 = 0.5;
/// Messages each way: 1 in 91 days is about 4 a year (De Choudhury et al. 2010, doi:10.1145/1772690.1772722).
const RECIPROCATED_EACH_WAY: u32 = 1;
/// Days: 13 weeks.
const WINDOW_DAYS: u32 = 91;
const SEED: u64 = 1;
const REPLICATES: u32 = 1000;
const PERMUTATIONS: u32 = 200;
const RESOLUTION: f64 = 1.0;
const RESTARTS: u32 = 20;
/// log2 odds: under 71 % of the usual odds.
const MAX_RELATIVE_OPENNESS: f64 = -0.5;
/// Messages.
const MIN_MESSAGES: f64 = 200.0;
/// 2 x people x arcs: about 25 seconds of one core (ADR 0018).
const EXACT_LIMIT: u64 = 20_000_000_000;
/// People.
const PIVOTS: u32 = 2048;
/// Fewer tell too little of the spread; more are no sample.
const PIVOTS_ALLOWED: (u32, u32) = (32, 1_000_000);
/// People.
const MIN_PEOPLE: u32 = 10;
/// Days from one release to the next.
const RELEASE_DAYS: u32 = 7;
/// The floor that no plan goes below.
const MIN_PEOPLE_FLOOR: u32 = 5;
/// Larger groups than this are no threshold.
const MIN_PEOPLE_CEILING: u32 = 10_000;
/// Whether new groups are counted.
pub(crate) const CREATE_KEY: &str = "freedoms.create";
const EARLIEST: &str = "1990-01-01";
const MIN_RESOLVED_SHARE: f64 = 0.5;
const MAX_QUARANTINED_SHARE: f64 = 0.01;
const MIN_QUARANTINED: u64 = 10;
/// Recipients past which a message keeps its count alone.
const RECIPIENTS_KEPT: u32 = 500;

/// How people are divided into units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum UnitRule {
    /// A column of the directory.
    Column,
    /// The subtree under each person this many steps below the root.
    Branch(u32),
}

/// What input is believed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) earliest: Day,
    pub(crate) min_resolved_share: f64,
    pub(crate) max_quarantined_share: f64,
    pub(crate) min_quarantined: u64,
    pub(crate) recipients_kept: u32,
}

/// A pipeline as meant.
#[derive(Debug)]
pub struct Plan {
    /// Name of the pipeline.
    pub name: String,
    /// Every value with its origin, in the order of the file.
    pub settings: Vec<Setting>,
    /// Where everything is written.
    pub output: PathBuf,
    pub(crate) base: PathBuf,
    pub(crate) directory: DirectorySpec,
    pub(crate) unit: UnitRule,
    pub(crate) compare: Vec<Compared>,
    pub(crate) sources: Vec<SourceSpec>,
    pub(crate) complete: Vec<bool>,
    pub(crate) known: KnownPlan,
    /// Files that sources need beside their own.
    pub(crate) beside: Vec<PathBuf>,
    pub(crate) limits: Limits,
    pub(crate) ties: TieParams,
    pub(crate) half_life_days: Option<u32>,
    pub(crate) chat_weight_thousandths: u32,
    pub(crate) window_days: u32,
    pub(crate) measure: MeasureParams,
    pub(crate) null: NullPlan,
    pub(crate) keep_replicates: bool,
    pub(crate) min_people: usize,
    /// What the policy says of names.
    pub(crate) reveal: RevealSection,
    /// Days from one release to the next.
    pub(crate) release_days: u32,
    pub(crate) key_file: PathBuf,
    pub(crate) observe: ObservePlan,
    /// Days on which silence is no gap, in order.
    pub holidays: Vec<Day>,
}

impl Plan {
    /// The files of each source, by its name.
    pub fn source_files(&self) -> impl Iterator<Item = (&str, &[PathBuf])> {
        self.sources.iter().map(|source| (source.name.as_str(), source.files.as_slice()))
    }

    /// Whether a source says that it holds the direct messages of some people only.
    pub(crate) fn has_partial_source(&self) -> bool {
        self.sources.iter().any(|source| source.direct_partial)
    }

    /// The plan as JSON, for the manifest and the run's identity. Where output and metrics go is no part of it.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        let is_place = |key: &str| key.starts_with("output.") || key.starts_with("observe.");
        let kept = self.settings.iter().filter(|setting| !is_place(&setting.key));
        serde_json::Value::Object(kept.map(|setting| (setting.key.clone(), setting.value.clone().into())).collect())
    }
}

/// A path without `.` and without `..` after a named folder, as a person would write it. Links are not followed.
pub(crate) fn tidy(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(out.components().next_back(), Some(Component::Normal(_))) => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    if out.as_os_str().is_empty() { PathBuf::from(".") } else { out }
}

/// Makes the plan of a pipeline file. Relative paths start at the file's own folder.
///
/// # Errors
/// Everything that is wrong with values (exit 78), else every path that names nothing (exit 66).
pub fn plan(path: &Path, file: PipelineFile) -> Result<Plan, Failure> {
    let base = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_path_buf();
    let mut settings = Settings::new(path);
    let s = &mut settings;
    let version = s.within("schema_version", file.schema_version, 1, 1, 1);
    debug_assert!(version == 1 || !s.faults.is_empty(), "another version is a fault");
    let name = s.value("name", file.name, "crosstie".into());
    let (mut directory, directory_path, unit) = directory(s, file.directory.unwrap_or_default());
    let compare = compared(s, &mut directory);
    let written = file.sources.unwrap_or_default();
    if written.is_empty() {
        s.fault("sources", "is missing: at least one `[[sources]]` is needed");
    }
    let mut sources = Vec::new();
    let mut complete = Vec::new();
    let mut paths = Vec::new();
    for (number, section) in written.into_iter().enumerate() {
        let planned = source(s, number, section);
        if sources.iter().any(|known: &SourceSpec| known.name == planned.spec.name) {
            let name = &planned.spec.name;
            s.fault(&format!("sources.{number}.name"), format_args!("`{name}` is another source's name"));
        }
        sources.push(planned.spec);
        complete.push(planned.complete);
        paths.push((planned.path, planned.chats_file));
    }
    let known = KnownPlan::new(s, &base, file.identity.unwrap_or_default());
    directory.match_names = known.match_names && sources.iter().any(|source: &SourceSpec| source.kind == Kind::Chat);
    if known.internal_domains.is_empty() && sources.iter().any(|source: &SourceSpec| has_addresses(&source.format)) {
        s.fault("identity.internal_domains", "is empty: sources with addresses need the domains of the organization");
    }
    let limits = limits(s, file.limits.unwrap_or_default());
    let ties = file.ties.unwrap_or_default();
    let tie_params = TieParams {
        max_recipients: s.within("ties.max_recipients", ties.max_recipients, MAX_RECIPIENTS, 1, 500),
        cc_weight_thousandths: s.thousandths("ties.cc_weight", ties.cc_weight, CC_WEIGHT, 0.0, 1.0),
        groups: s.value(CREATE_KEY, file.freedoms.unwrap_or_default().create, false),
    };
    let each_way = s.within("ties.reciprocated_each_way", ties.reciprocated_each_way, RECIPROCATED_EACH_WAY, 1, 10_000);
    let half_life_days = s.optional_within("ties.half_life_days", ties.half_life_days, 1, 3660);
    let chat_weight_thousandths = s.thousandths("ties.chat_weight", ties.chat_weight, 1.0, 0.001, 1.0);
    let window_days = s.within("window.days", file.window.unwrap_or_default().days, WINDOW_DAYS, 7, 3660);
    let measure = file.measure.unwrap_or_default();
    let silos = file.silos.unwrap_or_default();
    let privacy = file.privacy.unwrap_or_default();
    let seed = s.value("measure.seed", measure.seed, SEED);
    let replicates = s.within("measure.replicates", measure.replicates, REPLICATES, 200, 100_000);
    let permutations = s.within("measure.permutations", measure.permutations, PERMUTATIONS, 50, 100_000);
    let null = NullPlan::new(s, measure.null, measure.null_within, &compare);
    let keep_replicates = s.value("measure.keep_replicates", measure.keep_replicates, false);
    let resolution_thousandths = s.thousandths("silos.resolution", silos.resolution, RESOLUTION, 0.001, 100.0);
    let restarts = s.within("silos.restarts", silos.restarts, RESTARTS, 1, 1000);
    let max_relative_openness =
        s.within("silos.max_relative_openness", silos.max_relative_openness, MAX_RELATIVE_OPENNESS, -100.0, -0.001);
    let min_messages = s.within("silos.min_messages", silos.min_messages, MIN_MESSAGES, 1.0, 1e9);
    let betweenness = betweenness(s, file.bridges.unwrap_or_default());
    let policy_file = s.optional("privacy.policy", privacy.policy).map(|file| tidy(&base.join(file)));
    let is_required = s.value("privacy.require_policy", privacy.require_policy, false);
    let policy = Policy::read(s, policy_file.as_deref(), is_required);
    let planned = privacy.min_people.unwrap_or(MIN_PEOPLE);
    let raised = policy.min_people.filter(|&agreed| agreed > planned).or(privacy.min_people);
    let min_people = s.value("privacy.min_people", raised, MIN_PEOPLE);
    if min_people > MIN_PEOPLE_CEILING {
        s.fault("privacy.min_people", format_args!("is {min_people}; at most {MIN_PEOPLE_CEILING} is allowed"));
    }
    if min_people < MIN_PEOPLE_FLOOR {
        let floor = Diagnostic::new(
            code::P104,
            format!("`privacy.min_people` is {min_people}; {MIN_PEOPLE_FLOOR} is the least"),
        );
        s.faults.push(floor.hint(code::P104.remedy));
    }
    let release_days = s.within("privacy.release_days", privacy.release_days, RELEASE_DAYS, 1, 366);
    if let (Some(written), Some(agreed)) = (&privacy.retention, &policy.retention)
        && written != agreed
    {
        s.fault("privacy.retention", format_args!("is `{written}`; the policy says `{agreed}`"));
    }
    let retention = s.choice("privacy.retention", policy.retention.or(privacy.retention), &Retention::ALL);
    let before_days = if tie_params.groups { HISTORY_DAYS as u32 } else { 0 };
    let (needed_days, tie_days) = (window_days + before_days, retention.day_ties_days(window_days + before_days));
    if needed_days > tie_days {
        let needs = if tie_params.groups {
            format!(" and `{CREATE_KEY}` needs {before_days} days before")
        } else {
            String::new()
        };
        let name = retention.name();
        let message = format!("`window.days` is {window_days}{needs}; `{name}` keeps ties for {tie_days} days");
        s.faults.push(Diagnostic::new(code::P106, message).hint(code::P106.remedy));
    }
    let output = tidy(&base.join(s.required("output.path", file.output.unwrap_or_default().path)));
    let key_file = s
        .optional("privacy.key_file", privacy.key_file)
        .map_or_else(|| output.join("crosstie.key"), |file| tidy(&base.join(file)));
    let observe = ObservePlan::new(s, &base, &output, file.observe.unwrap_or_default());
    let holidays = holidays(s, file.calendar.unwrap_or_default());
    if !settings.faults.is_empty() {
        return Err(Failure { exit: Exit::Config, diagnostics: settings.faults });
    }
    resolve(&base, &directory_path, &mut directory, &paths, &mut sources, &known)?;
    let beside = paths.iter().filter_map(|(_, chats)| Some(tidy(&base.join(chats.as_ref()?)))).collect();
    Ok(Plan {
        name,
        settings: settings.list,
        output,
        base,
        directory,
        unit,
        compare,
        sources,
        complete,
        known,
        beside,
        limits,
        ties: tie_params,
        half_life_days,
        chat_weight_thousandths,
        window_days,
        measure: MeasureParams {
            seed,
            replicates,
            permutations,
            reciprocated_each_way: each_way,
            resolution_thousandths,
            restarts,
            min_people: min_people as usize,
            min_messages,
            max_relative_openness,
            betweenness,
        },
        null,
        keep_replicates,
        min_people: min_people as usize,
        reveal: policy.reveal,
        release_days,
        key_file,
        observe,
        holidays,
    })
}

/// Whether a source names people by mail addresses.
fn has_addresses(format: &SourceFormat) -> bool {
    match format {
        SourceFormat::Csv(table) | SourceFormat::Jsonl(table) => table.handles == HandleKind::Address,
        SourceFormat::Mbox { .. }
        | SourceFormat::Maildir { .. }
        | SourceFormat::Eml { .. }
        | SourceFormat::Msgtrk
        | SourceFormat::M365Trace { .. }
        | SourceFormat::GmailLog { .. }
        | SourceFormat::ChatTakeout => true,
        SourceFormat::Graph { dataset, .. } => *dataset != GraphDataset::Teams,
        _ => false,
    }
}

fn betweenness(s: &mut Settings, section: crate::file::BridgesSection) -> BetweennessParams {
    let methods =
        [("auto", BetweennessMethod::Auto), ("exact", BetweennessMethod::Exact), ("pivots", BetweennessMethod::Pivots)];
    let distances = [("hops", Distance::Hops), ("inverse_weight", Distance::InverseWeight)];
    let (fewest, most) = PIVOTS_ALLOWED;
    BetweennessParams {
        distance: s.choice("bridges.distance", section.distance, &distances),
        method: s.choice("bridges.betweenness", section.betweenness, &methods),
        exact_limit: s.value("bridges.exact_limit", section.exact_limit, EXACT_LIMIT),
        pivots: s.within("bridges.pivots", section.pivots, PIVOTS, fewest, most),
    }
}

fn limits(s: &mut Settings, section: crate::file::LimitsSection) -> Limits {
    let earliest = s.value("limits.earliest", section.earliest, EARLIEST.into());
    let earliest = earliest.parse::<Day>().unwrap_or_else(|why| {
        s.fault("limits.earliest", format_args!("is wrong: {why}"));
        Day(0)
    });
    Limits {
        earliest,
        min_resolved_share: s.within(
            "limits.min_resolved_share",
            section.min_resolved_share,
            MIN_RESOLVED_SHARE,
            0.0,
            1.0,
        ),
        max_quarantined_share: s.within(
            "limits.max_quarantined_share",
            section.max_quarantined_share,
            MAX_QUARANTINED_SHARE,
            0.0,
            1.0,
        ),
        min_quarantined: s.value("limits.min_quarantined", section.min_quarantined, MIN_QUARANTINED),
        recipients_kept: s.within("limits.recipients_kept", section.recipients_kept, RECIPIENTS_KEPT, 1, 100_000),
    }
}

/// Lists the files of every path; all that name nothing are told at once.
fn resolve(
    base: &Path,
    directory_path: &str,
    directory: &mut DirectorySpec,
    paths: &[(String, Option<String>)],
    sources: &mut [SourceSpec],
    known: &KnownPlan,
) -> Result<(), Failure> {
    let mut missing = Vec::new();
    let mut list = |path: &str| {
        list_files(&tidy(&base.join(path))).unwrap_or_else(|error| {
            missing.extend(Failure::from(error).diagnostics);
            Vec::new()
        })
    };
    directory.files = list(directory_path);
    if let Some(file) = directory.manager_file.take() {
        // One file, of which the plan says that it is one.
        directory.manager_file = list(&file.to_string_lossy()).into_iter().next();
        directory.files.retain(|listed| Some(listed) != directory.manager_file.as_ref());
    }
    for (source, (path, _)) in sources.iter_mut().zip(paths) {
        let place = tidy(&base.join(path));
        // A folder can be one export; its files are entries.
        source.files = if place.is_dir() && source.takes_folders() { vec![place] } else { list(path) };
    }
    let chats = paths.iter().filter_map(|(_, chats)| Some(tidy(&base.join(chats.as_ref()?))));
    for path in known.files().cloned().chain(chats).filter(|path| !path.is_file()) {
        missing.extend(Failure::from(IngestError::Missing { path }).diagnostics);
    }
    if !missing.is_empty() {
        return Err(Failure { exit: Exit::NoInput, diagnostics: missing });
    }
    for (source, (_, chats_file)) in sources.iter_mut().zip(paths) {
        if let (SourceFormat::Graph { chats, .. }, Some(path)) = (&mut source.format, chats_file) {
            *chats = Some(read_chats(&tidy(&base.join(path)))?);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_tidy() {
        for (path, expected) in [
            ("pipelines/../out/x", "out/x"),
            ("./a/./b", "a/b"),
            ("../a/../../b", "../../b"),
            ("/a/../../b", "/../b"),
            ("a/..", "."),
        ] {
            assert_eq!(tidy(Path::new(path)), Path::new(expected), "{path}");
        }
    }
}
