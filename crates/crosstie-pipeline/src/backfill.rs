//! A run for each of several dates, oldest first; what is committed already is skipped.

use crate::error::{Exit, Failure};
use crate::plan::Plan;
use crate::progress::Progress;
use crate::run::{Outcome, RunOptions, run};
use crosstie_model::{Day, Diagnostic, code};
use crosstie_store::{find_manifests, newest_of_each_date, read_key};

/// Which dates to run.
#[derive(Clone, Copy, Debug)]
pub struct BackfillDates {
    /// The first.
    pub from: Day,
    /// The last that may be run.
    pub to: Day,
    /// Days from one to the next, at least 1.
    pub step: u32,
    /// Also run dates that are committed with this plan and key: those whose inputs changed are made again.
    pub rerun_all: bool,
}

/// What became of a date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DateOutcome {
    /// It is committed with this plan and key; its inputs were not looked at.
    Skipped,
    /// It was run.
    Ran(Box<Outcome>),
}

/// Runs a plan for each date; `options.date` is not used. Tells what became of each date as it ends.
///
/// # Errors
/// The first date that fails ends it, and is named; the dates before it are committed, so the same call goes on there.
pub fn backfill(
    plan: &Plan,
    dates: BackfillDates,
    options: RunOptions,
    progress: &mut (dyn Progress + Send),
    tell: &mut dyn FnMut(Day, &DateOutcome),
) -> Result<(), Failure> {
    if dates.from > dates.to {
        let message = format!("the first date {} lies after the last {}", dates.from, dates.to);
        return Err(Failure::new(Exit::Usage, Diagnostic::new(code::C106, message).hint(code::C106.remedy)));
    }
    let committed = if dates.rerun_all { Vec::new() } else { committed(plan)? };
    for day in (dates.from.0..=dates.to.0).step_by(dates.step.max(1) as usize).map(Day) {
        let outcome = if committed.contains(&day) {
            DateOutcome::Skipped
        } else {
            let ran = run(plan, RunOptions { date: Some(day), release: true, ..options }, progress);
            DateOutcome::Ran(Box::new(ran.map_err(|failure| stopped(day, failure))?))
        };
        tell(day, &outcome);
    }
    Ok(())
}

/// The dates whose newest manifest has this plan and key.
fn committed(plan: &Plan) -> Result<Vec<Day>, Failure> {
    let Some(key) = read_key(&plan.key_file)? else { return Ok(Vec::new()) };
    let manifests = find_manifests(&plan.output)?;
    let meant = plan.to_json();
    let same = newest_of_each_date(&manifests)
        .into_iter()
        .filter(|(_, _, manifest, _)| manifest.plan == meant && manifest.key_id == key.key_id());
    Ok(same.map(|(date, ..)| *date).collect())
}

fn stopped(day: Day, mut failure: Failure) -> Failure {
    let message = format!("the backfill stopped at {day}");
    failure.diagnostics.push(Diagnostic::new(code::C108, message).hint(code::C108.remedy));
    failure
}
