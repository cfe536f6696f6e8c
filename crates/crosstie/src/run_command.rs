//! `run`, `check` and `report`.

use crate::arguments::{CheckArguments, LogFormat, ReportFormatArgument, RunArguments, StageArgument};
use crate::logging;
use crate::output::{print, print_error};
use crate::progress::View;
use crate::stop_signal::listen;
use crate::summary;
use crosstie_model::Day;
use crosstie_pipeline::{
    Failure, Origin, Plan, ReportFormat, RunOptions, Stage, check as check_plan, ingest_to, plan, read_pipeline_file,
    report_again, run_observed, suggest,
};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

pub(crate) fn read(path: &Path) -> Result<Plan, Failure> {
    plan(path, read_pipeline_file(path)?)
}

#[expect(clippy::disallowed_methods, reason = "the command is where the clock is read, once")]
pub(crate) fn today() -> Day {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    Day((seconds / 86_400) as i32)
}

pub(crate) fn run(arguments: &RunArguments) -> Result<(), Failure> {
    let plan = read(&arguments.pipeline)?;
    let options = RunOptions {
        date: arguments.date,
        full: arguments.full,
        until: arguments.until.map(|stage| match stage {
            StageArgument::Ingest => Stage::Ingest,
            StageArgument::Ties => Stage::Ties,
            StageArgument::Graph => Stage::Graph,
            StageArgument::Measure => Stage::Measure,
        }),
        release: false,
        stop: listen(),
        threads: arguments.threads,
        memory: arguments.memory,
        today: today(),
    };
    let mut view = View::new(arguments.log_format, arguments.quiet);
    let outcome = run_observed(&plan, options, &mut view);
    view.finish();
    let outcome = outcome?;
    logging::ended(&outcome);
    if !arguments.quiet {
        print(&summary::words(&outcome, &plan.output));
    }
    Ok(())
}

pub(crate) fn ingest(pipeline: &Path, out: &Path) -> Result<(), Failure> {
    let plan = read(pipeline)?;
    let mut view = View::new(LogFormat::Text, false);
    let ingested = ingest_to(&plan, out, today(), listen(), &mut view);
    view.finish();
    let ingested = ingested?;
    let records = &ingested.records;
    print(&format!(
        "{} records seen: {} used, {} duplicates, {} excluded, {} quarantined.\n{} rows in {}",
        records.seen,
        records.used,
        records.duplicate,
        records.excluded_count(),
        records.quarantined_count(),
        ingested.rows,
        ingested.table.display(),
    ));
    Ok(())
}

pub(crate) fn check(arguments: &CheckArguments) -> Result<(), Failure> {
    match (&arguments.pipeline, &arguments.suggest) {
        (_, Some(path)) => {
            print(suggest(path)?.trim_end());
            Ok(())
        }
        (Some(pipeline), None) => check_pipeline(pipeline),
        (None, None) => Ok(()),
    }
}

fn check_pipeline(pipeline: &Path) -> Result<(), Failure> {
    let plan = read(pipeline)?;
    let mut out = format!("Plan of `{}`:\n", plan.name);
    for setting in &plan.settings {
        let origin = match setting.origin {
            Origin::File => "file",
            Origin::Default => "default",
        };
        out.push_str(&format!("  {:<7} {} = {}\n", origin, setting.key, setting.value));
    }
    let checked = check_plan(&plan, today())?;
    out.push_str(&format!("\nDirectory: {} entries.\n", checked.people));
    for source in &checked.sources {
        let counts = &source.counts;
        out.push_str(&format!(
            "\nSource `{}`: {} files. First records: {} seen, {} used, {} duplicates, {} excluded, {} set aside.\n",
            source.name,
            source.files.len(),
            counts.seen,
            counts.used,
            counts.duplicate,
            counts.excluded_count(),
            counts.quarantined_count(),
        ));
        source.records.iter().for_each(|record| out.push_str(&format!("  {record}\n")));
    }
    for notice in &checked.notices {
        out.push_str(&format!("\nnotice{notice}\n"));
    }
    print(out.trim_end());
    Ok(())
}

pub(crate) fn report(output: &Path, date: Option<Day>, format: ReportFormatArgument) -> Result<(), Failure> {
    let format = match format {
        ReportFormatArgument::Html => ReportFormat::Html,
        ReportFormatArgument::Md => ReportFormat::Markdown,
        ReportFormatArgument::Both => ReportFormat::Both,
    };
    let rewritten = report_again(output, date, format, today())?;
    if let Some(notice) = &rewritten.notice {
        print_error(&format!("notice{notice}"));
    }
    let what = if rewritten.changed { "Written" } else { "Unchanged" };
    print(&format!("{what}: {}", rewritten.folder.display()));
    Ok(())
}
