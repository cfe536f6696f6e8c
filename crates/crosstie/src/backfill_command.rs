//! `backfill`: one line a date.

use crate::arguments::BackfillArguments;
use crate::output::print;
use crate::progress::View;
use crate::run_command::{read, today};
use crate::stop_signal::listen;
use crosstie_pipeline::{BackfillDates, DateOutcome, Failure, Outcome, RunOptions, backfill};

pub(crate) fn run(arguments: &BackfillArguments) -> Result<(), Failure> {
    let plan = read(&arguments.pipeline)?;
    let dates = BackfillDates {
        from: arguments.from,
        to: arguments.to,
        step: arguments.step,
        rerun_all: arguments.rerun.is_some(),
    };
    let options = RunOptions {
        date: None,
        full: false,
        until: None,
        release: false,
        stop: listen(),
        threads: arguments.threads,
        memory: arguments.memory,
        today: today(),
    };
    let mut view = View::new(arguments.log_format, arguments.quiet);
    let done = backfill(&plan, dates, options, &mut view, &mut |date, outcome| {
        let words = match outcome {
            DateOutcome::Skipped => "committed before",
            DateOutcome::Ran(outcome) if matches!(**outcome, Outcome::AlreadyDone { .. }) => "committed before",
            DateOutcome::Ran(_) => "committed",
        };
        if !arguments.quiet {
            print(&format!("{date}: {words}"));
        }
    });
    view.finish();
    done
}
