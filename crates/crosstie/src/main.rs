//! The crosstie command: arguments in, exit codes and words out.

mod arguments;
mod backfill_command;
mod explain;
mod export_command;
mod graph;
mod guard_commands;
mod logging;
mod manual;
mod output;
mod progress;
mod reveal_command;
mod rights_commands;
mod run_command;
mod stop_signal;
mod summary;
mod synth_command;

use arguments::{Arguments, Command, LogFormat};
use clap::Parser;
use crosstie_pipeline::{Exit, Failure};
use output::{print, print_error};
use std::panic;
use std::process::ExitCode;

fn main() -> ExitCode {
    panic::set_hook(Box::new(|info| {
        // Where, never what: a panic's message could hold a value.
        let place = info.location().map_or_else(String::new, |place| format!(" at {}:{}", place.file(), place.line()));
        print_error(&format!("error[X]: a bug in crosstie{place}; nothing was committed. Please report this line."));
    }));
    let arguments = Arguments::parse();
    match &arguments.command {
        Command::Run(options) => logging::start(options.log_format, options.quiet),
        Command::Backfill(options) => logging::start(options.log_format, options.quiet),
        _ => logging::start(LogFormat::Text, false),
    }
    match panic::catch_unwind(|| dispatch(arguments.command)) {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(failure)) => {
            failure.diagnostics.iter().for_each(logging::error);
            ExitCode::from(failure.exit as u8)
        }
        Err(_) => ExitCode::from(Exit::Bug as u8),
    }
}

fn dispatch(command: Command) -> Result<(), Failure> {
    match command {
        Command::Run(options) => run_command::run(&options),
        Command::Backfill(options) => backfill_command::run(&options),
        Command::Export(options) => export_command::run(&options),
        Command::Verify { output } => guard_commands::verify(&output),
        Command::Audit { output, pipeline } => guard_commands::audit(&output, pipeline.as_deref()),
        Command::Purge { output, dry_run, as_of } => guard_commands::purge(&output, dry_run, as_of),
        Command::Reveal(options) => reveal_command::run(&options),
        Command::Forget { output, pipeline, persons } => {
            rights_commands::forget(&output, &pipeline, persons.as_deref())
        }
        Command::MyData { output, pipeline, person } => rights_commands::my_data(&output, &pipeline, person.as_deref()),
        Command::Check(options) => run_command::check(&options),
        Command::Ingest { pipeline, out } => run_command::ingest(&pipeline, &out),
        Command::Graph(options) => graph::run(&options),
        Command::Report { output, date, format } => run_command::report(&output, date, format),
        Command::Explain { what, tie: true, date } => explain::tie(&what, date),
        Command::Explain { what, .. } => explain::explain(&what),
        Command::Metrics => {
            explain::metrics();
            Ok(())
        }
        Command::Schema => {
            print(&format!("{:#}", crosstie_pipeline::json_schema()));
            Ok(())
        }
        Command::Completions { shell } => {
            manual::completions(shell);
            Ok(())
        }
        Command::Man { command } => manual::page(command.as_deref()),
        Command::Synth(options) => synth_command::run(&options),
    }
}
