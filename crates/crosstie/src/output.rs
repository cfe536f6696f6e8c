//! The only place that prints: data to standard output, talk to standard error.

use std::io::Write;

/// Prints data. A closed pipe ends the printing, not the program.
pub(crate) fn print(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Prints talk.
pub(crate) fn print_error(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}
