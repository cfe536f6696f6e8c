//! `reveal`: names into a file, nothing on standard output.

use crate::arguments::RevealArguments;
use crate::output::print_error;
use crate::run_command::{read, today};
use crosstie_pipeline::{Failure, RevealRequest, reveal};

pub(crate) fn run(arguments: &RevealArguments) -> Result<(), Failure> {
    let plan = read(&arguments.pipeline)?;
    let request = RevealRequest {
        output: &arguments.output,
        date: arguments.date,
        ids: &arguments.ids,
        to: &arguments.to,
        reason: &arguments.reason,
        today: today(),
    };
    let written = reveal(&plan, &request)?;
    print_error(&format!("{written} names written; the look is noted in the folder."));
    Ok(())
}
