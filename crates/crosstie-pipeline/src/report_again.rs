//! The report of a committed run, written again from its tables and its manifest.

use crate::earlier_windows::EarlierWindows;
use crate::error::{Exit, Failure};
use crate::facts::facts;
use crate::policy::check_policy;
use crosstie_model::{Day, Diagnostic, code};
use crosstie_report::Input;
use crosstie_store::{Folder, Manifest, find_manifests, newest_of_each_date, read_published};
use std::path::{Path, PathBuf};

/// Which files of a report to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportFormat {
    /// `index.html` only.
    Html,
    /// `report.md` only.
    Markdown,
    /// Both.
    Both,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rewritten {
    /// The report's folder.
    pub folder: PathBuf,
    /// Whether a byte changed.
    pub changed: bool,
    /// What it could not be compared with.
    pub notice: Option<Diagnostic>,
}

/// Writes the report of `date` (the newest run where `None`) again. Unchanged bytes are not written.
///
/// # Errors
/// No run of that date, a policy that has expired by `today`, tables that are not what the manifest says, or a folder that cannot be written.
pub fn report_again(output: &Path, date: Option<Day>, format: ReportFormat, today: Day) -> Result<Rewritten, Failure> {
    let none = |message: String, dates: &[String]| {
        let mut missing = Diagnostic::new(code::S104, message).hint(code::S104.remedy);
        missing.detail = (!dates.is_empty()).then(|| format!("released dates: {}", dates.join(", ")));
        Failure::new(Exit::NoInput, missing)
    };
    if !output.is_dir() {
        return Err(none(format!("`{}` is no output folder", output.display()), &[]));
    }
    let folder = Folder::open(output)?;
    let manifests = find_manifests(output)?;
    // A run between two releases has no report.
    let released: Vec<_> = newest_of_each_date(&manifests)
        .into_iter()
        .filter(|(_, _, manifest, _)| manifest.outputs.iter().any(|output| output.path.starts_with("data/units/")))
        .collect();
    let wanted = date.or_else(|| released.iter().map(|(day, ..)| *day).max());
    let found = released.iter().find(|(day, ..)| Some(*day) == wanted);
    let Some((day, _, manifest, _)) = found else {
        let dates: Vec<String> = released.iter().map(|(day, ..)| day.to_string()).collect();
        let is_committed = |date: Day| manifests.iter().any(|(day, ..)| *day == date);
        let message = match date {
            Some(date) if is_committed(date) => format!("the run of {date} released nothing, so it has no report"),
            Some(date) => format!("no run of {date} is committed"),
            None => "no run is committed".into(),
        };
        return Err(none(message, &dates));
    };
    check_policy(&manifest.plan, today)?;
    let tables = read_published(output, manifest)?;
    let first = manifest.window_first.parse().unwrap_or_default();
    let found = EarlierWindows::read(output, &manifests, first);
    let notice = found.notice();
    let EarlierWindows { windows, unreadable } = found;
    let facts = facts(manifest);
    let pages =
        crosstie_report::render(&Input { tables: &tables, facts: &facts, earlier: &windows, unreadable: &unreadable });
    let place = output.join(format!("reports/{day}"));
    let old = |name: &str| std::fs::read(place.join(name)).ok();
    let new = |name: &'static str, text: String, asked: bool| {
        let kept = if asked { None } else { old(name) };
        (name, kept.unwrap_or(text.into_bytes()))
    };
    let files = [
        new("index.html", pages.html, format != ReportFormat::Markdown),
        new("report.md", pages.markdown, format != ReportFormat::Html),
        new("transparency.html", pages.transparency, format != ReportFormat::Markdown),
    ];
    if files.iter().all(|(name, bytes)| old(name).as_ref() == Some(bytes)) {
        return Ok(Rewritten { folder: place, changed: false, notice });
    }
    let mut staging = folder.begin(&format!("{}-report", manifest.run_id), *day)?;
    staging.keep(manifest.outputs.iter().filter(|output| output.class != "report").cloned());
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (*name, bytes.as_slice())).collect();
    staging.reports(&files)?;
    staging.commit(Manifest { kind: "report".into(), cost: None, ..manifest.clone() })?;
    Ok(Rewritten { folder: place, changed: true, notice })
}
