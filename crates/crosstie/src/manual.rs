//! `completions` and `man`: what shells and manuals know of the command line.

use crate::arguments::Arguments;
use crate::output::print;
use clap::CommandFactory;
use clap_complete::Shell;
use crosstie_model::{Diagnostic, code, nearest};
use crosstie_pipeline::{Exit, Failure};

pub(crate) fn completions(shell: Shell) {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "crosstie", &mut script);
    print(String::from_utf8_lossy(&script).trim_end());
}

/// The page of the command as a whole, or of one of its commands.
pub(crate) fn page(name: Option<&str>) -> Result<(), Failure> {
    let mut whole = Arguments::command();
    // Gives every command its name in full, and the hints at its own help.
    whole.build();
    let command = match name {
        None => whole,
        Some(name) => whole.find_subcommand(name).cloned().ok_or_else(|| {
            let mut unknown = Diagnostic::new(code::C106, format!("`{name}` is no command"));
            if let Some(near) = nearest(name, whole.get_subcommands().map(clap::Command::get_name)) {
                unknown = unknown.hint(format!("did you mean `{near}`?"));
            }
            Failure::new(Exit::Usage, unknown.hint(code::C106.remedy))
        })?,
    };
    let title = name.map_or("crosstie".into(), |name| format!("crosstie-{name}"));
    let mut text = Vec::new();
    clap_mangen::Man::new(command.display_name(title.clone())).title(title).render(&mut text).map_err(|error| {
        Failure::new(Exit::Bug, Diagnostic::new(code::C106, "the page cannot be written").detail(error.to_string()))
    })?;
    print(String::from_utf8_lossy(&text).trim_end());
    Ok(())
}
