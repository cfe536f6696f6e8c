//! The plan: the pipeline file as meant, with paths resolved and every default filled in. Defaults are named here,
//! with their unit and source.

use crate::error::{Exit, Failure};
use crate::file::{DirectorySection, PipelineFile, SourceSection};
use crate::settings::{Setting, Settings};
use crosstie_ingest::{
    CsvMailSpec, DirectorySpec, HandleKind, Kind, Layout, MailColumns, SourceFormat, SourceSpec, TimeForm, TimeSpec,
    list_files,
};
use crosstie_measure::MeasureParams;
use crosstie_model::{Day, Diagnostic, code, nearest};
use crosstie_ties::TieParams;
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
/// People.
const MIN_PEOPLE: u32 = 10;
/// The floor that no plan goes below.
const MIN_PEOPLE_FLOOR: u32 = 5;
/// Larger groups than this are no threshold.
const MIN_PEOPLE_CEILING: u32 = 10_000;
const EARLIEST: &str = "1990-01-01";
const MIN_RESOLVED_SHARE: f64 = 0.5;
const MAX_QUARANTINED_SHARE: f64 = 0.01;
const MIN_QUARANTINED: u64 = 10;
/// Column names that hold text; mapping one is refused.
const TEXT_COLUMNS: [&str; 6] = ["subject", "body", "content", "text", "attachment", "attachments"];

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
    pub(crate) sources: Vec<SourceSpec>,
    pub(crate) complete: Vec<bool>,
    pub(crate) internal_domains: Vec<String>,
    pub(crate) aliases_file: Option<PathBuf>,
    pub(crate) limits: Limits,
    pub(crate) ties: TieParams,
    pub(crate) window_days: u32,
    pub(crate) measure: MeasureParams,
    pub(crate) min_people: usize,
    pub(crate) key_file: PathBuf,
}

impl Plan {
    /// The files of each source, by its name.
    pub fn source_files(&self) -> impl Iterator<Item = (&str, &[PathBuf])> {
        self.sources.iter().map(|source| (source.name.as_str(), source.files.as_slice()))
    }

    /// The plan as JSON, for the manifest and the run's identity. The output path is no part of it.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        let kept = self.settings.iter().filter(|setting| !setting.key.starts_with("output."));
        serde_json::Value::Object(kept.map(|setting| (setting.key.clone(), setting.value.clone().into())).collect())
    }
}

/// Whether a text is a bare domain: no address, no URL, no trailing dot.
fn is_domain(text: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || c == '-' || c == '.';
    !text.is_empty() && text.chars().all(plain) && text.split('.').all(|label| !label.is_empty())
}

/// A path without `.` and without `..` after a named folder, as a person would write it. Links are not followed.
fn tidy(path: &Path) -> PathBuf {
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
    let written = file.sources.unwrap_or_default();
    if written.is_empty() {
        s.fault("sources", "is missing: at least one `[[sources]]` is needed");
    }
    let mut sources = Vec::new();
    let mut complete = Vec::new();
    let mut paths = Vec::new();
    for (number, section) in written.into_iter().enumerate() {
        let (source, path, is_complete) = source(s, number, section);
        if sources.iter().any(|known: &SourceSpec| known.name == source.name) {
            s.fault(&format!("sources.{number}.name"), format_args!("`{}` is another source's name", source.name));
        }
        sources.push(source);
        complete.push(is_complete);
        paths.push(path);
    }
    let identity = file.identity.unwrap_or_default();
    let internal_domains: Vec<String> = s
        .list("identity.internal_domains", identity.internal_domains)
        .iter()
        .map(|domain| domain.to_lowercase())
        .collect();
    for domain in internal_domains.iter().filter(|domain| !is_domain(domain.strip_prefix("*.").unwrap_or(domain))) {
        s.fault(
            "identity.internal_domains",
            format_args!("holds `{domain}`; a domain is `example.com`, its subdomains `*.example.com`"),
        );
    }
    let aliases_file = s.optional("identity.aliases_file", identity.aliases_file).map(|file| tidy(&base.join(file)));
    let addressed = sources
        .iter()
        .any(|source| matches!(&source.format, SourceFormat::Csv(csv) if csv.handles == HandleKind::Address));
    if addressed && internal_domains.is_empty() {
        s.fault("identity.internal_domains", "is empty: sources with addresses need the domains of the organization");
    }
    let limits = limits(s, file.limits.unwrap_or_default());
    let ties = file.ties.unwrap_or_default();
    let tie_params = TieParams {
        max_recipients: s.within("ties.max_recipients", ties.max_recipients, MAX_RECIPIENTS, 1, 500),
        cc_weight_thousandths: s.thousandths("ties.cc_weight", ties.cc_weight, CC_WEIGHT, 0.0, 1.0),
    };
    let each_way = s.within("ties.reciprocated_each_way", ties.reciprocated_each_way, RECIPROCATED_EACH_WAY, 1, 10_000);
    let window_days = s.within("window.days", file.window.unwrap_or_default().days, WINDOW_DAYS, 7, 3660);
    let measure = file.measure.unwrap_or_default();
    let silos = file.silos.unwrap_or_default();
    let privacy = file.privacy.unwrap_or_default();
    let seed = s.value("measure.seed", measure.seed, SEED);
    let replicates = s.within("measure.replicates", measure.replicates, REPLICATES, 200, 100_000);
    let permutations = s.within("measure.permutations", measure.permutations, PERMUTATIONS, 50, 100_000);
    let resolution_thousandths = s.thousandths("silos.resolution", silos.resolution, RESOLUTION, 0.001, 100.0);
    let restarts = s.within("silos.restarts", silos.restarts, RESTARTS, 1, 1000);
    let max_relative_openness =
        s.within("silos.max_relative_openness", silos.max_relative_openness, MAX_RELATIVE_OPENNESS, -100.0, -0.001);
    let min_messages = s.within("silos.min_messages", silos.min_messages, MIN_MESSAGES, 1.0, 1e9);
    let min_people = s.value("privacy.min_people", privacy.min_people, MIN_PEOPLE);
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
    let output = tidy(&base.join(s.required("output.path", file.output.unwrap_or_default().path)));
    let key_file = s
        .optional("privacy.key_file", privacy.key_file)
        .map_or_else(|| output.join("crosstie.key"), |file| base.join(file));
    if !settings.faults.is_empty() {
        return Err(Failure { exit: Exit::Config, diagnostics: settings.faults });
    }
    resolve(&base, &directory_path, &mut directory, &paths, &mut sources, aliases_file.as_deref())?;
    Ok(Plan {
        name,
        settings: settings.list,
        output,
        base,
        directory,
        unit,
        sources,
        complete,
        internal_domains,
        aliases_file,
        limits,
        ties: tie_params,
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
        },
        min_people: min_people as usize,
        key_file,
    })
}

fn directory(s: &mut Settings, section: DirectorySection) -> (DirectorySpec, String, UnitRule) {
    s.choice("directory.format", section.format, &[("csv", ())]);
    let path = s.required("directory.path", section.path);
    let columns = section.columns.unwrap_or_default();
    let unit_text = s.required("directory.unit", section.unit);
    let unit = match unit_text.strip_prefix("branch:") {
        None => UnitRule::Column,
        Some(level) => match level.parse::<u32>().ok().filter(|&level| level >= 1) {
            Some(level) => UnitRule::Branch(level),
            None => {
                s.fault("directory.unit", format_args!("is `{unit_text}`; `branch:1` and deeper is allowed"));
                UnitRule::Column
            }
        },
    };
    let accounts = columns.accounts.unwrap_or_default();
    for (kind, column) in &accounts {
        s.value(&format!("directory.columns.accounts.{kind}"), Some(column.clone()), String::new());
    }
    let spec = DirectorySpec {
        files: Vec::new(),
        delimiter: s.delimiter("directory.delimiter", section.delimiter),
        null_values: s.list("directory.null_values", section.null_values),
        person_key: s.optional("directory.columns.person_key", columns.person_key),
        addresses: s.list("directory.columns.addresses", columns.addresses),
        address_separator: s.optional("directory.columns.address_separator", columns.address_separator),
        accounts: accounts.into_iter().collect(),
        manager: s.optional("directory.columns.manager", columns.manager),
        manager_by_address: s.choice(
            "directory.columns.manager_by",
            columns.manager_by,
            &[("key", false), ("address", true)],
        ),
        unit: (unit == UnitRule::Column).then_some(unit_text),
        class: s.optional("directory.columns.class", columns.class),
        hired_on: s.optional("directory.columns.hired_on", columns.hired_on),
        left_on: s.optional("directory.columns.left_on", columns.left_on),
    };
    if matches!(unit, UnitRule::Branch(_)) && spec.manager.is_none() {
        s.fault("directory.unit", "is a branch, but no `manager` column is mapped");
    }
    if spec.person_key.is_none() && spec.addresses.is_empty() {
        s.fault("directory.columns", "names neither `person_key` nor `addresses`");
    }
    (spec, path, unit)
}

fn source(s: &mut Settings, number: usize, section: SourceSection) -> (SourceSpec, String, bool) {
    let name = s.value(&format!("sources.{number}.name"), section.name, format!("source-{}", number + 1));
    let key = |field: &str| format!("sources.{name}.{field}");
    let kind = s.choice(&key("kind"), section.kind, &[("mail", Kind::Mail), ("chat", Kind::Chat)]);
    let is_slack = s.choice(&key("format"), section.format, &[("csv", false), ("slack", true)]);
    let path = s.required(&key("path"), section.path);
    let complete = s.value(&key("complete"), section.complete, false);
    let format = if is_slack {
        let csv_only: [(&str, bool); 9] = [
            ("layout", section.layout.is_some()),
            ("handles", section.handles.is_some()),
            ("delimiter", section.delimiter.is_some()),
            ("recipient_separator", section.recipient_separator.is_some()),
            ("time_format", section.time_format.is_some()),
            ("zone", section.zone.is_some()),
            ("null_values", section.null_values.is_some()),
            ("trim", section.trim.is_some()),
            ("columns", section.columns.is_some()),
        ];
        for (field, _) in csv_only.iter().filter(|(_, written)| *written) {
            s.fault(&key(field), "has no meaning for a Slack export");
        }
        SourceFormat::Slack
    } else {
        let columns = section.columns.unwrap_or_default();
        let mut column = |field: &str, written: Option<String>| {
            let column = s.optional(&key(&format!("columns.{field}")), written);
            if let Some(text) = column.as_ref().filter(|column| TEXT_COLUMNS.contains(&column.to_lowercase().as_str()))
            {
                let refused = Diagnostic::new(
                    code::C105,
                    format!("column `{text}` looks like message text and is mapped as `{field}`"),
                );
                s.faults.push(refused.hint(code::C105.remedy));
            }
            column
        };
        let mapped = MailColumns {
            sent_at: column("sent_at", columns.sent_at).unwrap_or_default(),
            sender: column("sender", columns.sender).unwrap_or_default(),
            to: column("to", columns.to),
            cc: column("cc", columns.cc),
            bcc: column("bcc", columns.bcc),
            role: column("role", columns.role),
            message_id: column("message_id", columns.message_id),
        };
        if mapped.sent_at.is_empty()
            || mapped.sender.is_empty()
            || [&mapped.to, &mapped.cc, &mapped.bcc].iter().all(|c| c.is_none())
        {
            s.fault(&key("columns"), "needs `sent_at`, `sender` and one of `to`, `cc`, `bcc`");
        }
        let form = match s.value(&key("time_format"), section.time_format, "auto".into()).as_str() {
            "auto" => TimeForm::Auto,
            "epoch_ms" => TimeForm::EpochMillis,
            "epoch_us" => TimeForm::EpochMicros,
            pattern if pattern.contains('%') => TimeForm::Pattern(pattern.into()),
            other => {
                let near = nearest(other, ["auto", "epoch_ms", "epoch_us"]).unwrap_or("auto");
                s.fault(
                    &key("time_format"),
                    format_args!("is `{other}`; did you mean `{near}`? A pattern has `%` fields"),
                );
                TimeForm::Auto
            }
        };
        let zone = s.optional(&key("zone"), section.zone);
        let time = TimeSpec::new(form.clone(), zone.as_deref()).unwrap_or_else(|why| {
            s.fault(&key("zone"), why);
            TimeSpec { form, zone: None }
        });
        SourceFormat::Csv(Box::new(CsvMailSpec {
            layout: s.choice(
                &key("layout"),
                section.layout,
                &[("message_per_row", Layout::MessagePerRow), ("recipient_per_row", Layout::RecipientPerRow)],
            ),
            handles: s.choice(
                &key("handles"),
                section.handles,
                &[("address", HandleKind::Address), ("account", HandleKind::Account)],
            ),
            delimiter: s.delimiter(&key("delimiter"), section.delimiter),
            recipient_separator: s.value(
                &key("recipient_separator"),
                section.recipient_separator.filter(|text| !text.is_empty()),
                ";".into(),
            ),
            time,
            columns: mapped,
            null_values: s.list(&key("null_values"), section.null_values),
            trim: s.value(&key("trim"), section.trim, false),
        }))
    };
    (SourceSpec { name, kind, format, files: Vec::new() }, path, complete)
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
    }
}

/// Lists the files of every path; all that name nothing are told at once.
fn resolve(
    base: &Path,
    directory_path: &str,
    directory: &mut DirectorySpec,
    paths: &[String],
    sources: &mut [SourceSpec],
    aliases_file: Option<&Path>,
) -> Result<(), Failure> {
    let mut missing = Vec::new();
    let mut list = |path: &str| {
        list_files(&tidy(&base.join(path))).unwrap_or_else(|error| {
            missing.extend(Failure::from(error).diagnostics);
            Vec::new()
        })
    };
    directory.files = list(directory_path);
    for (source, path) in sources.iter_mut().zip(paths) {
        source.files = match source.format {
            // A folder is one export; its files are entries.
            SourceFormat::Slack if base.join(path).is_dir() => vec![tidy(&base.join(path))],
            _ => list(path),
        };
    }
    if let Some(path) = aliases_file.filter(|path| !path.is_file()) {
        missing.extend(Failure::from(crosstie_ingest::IngestError::Missing { path: path.into() }).diagnostics);
    }
    if missing.is_empty() { Ok(()) } else { Err(Failure { exit: Exit::NoInput, diagnostics: missing }) }
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
