//! Tasks of developers. `cargo xtask validate` measures made organizations whose silos and bridges are known, and
//! writes what came out to `docs/validation.md`; `cargo xtask tables` writes the data dictionary, `docs/tables.md`.

#![expect(clippy::print_stderr, clippy::print_stdout, reason = "a command for developers speaks to its terminal")]

mod made;
mod page;
mod tables;
mod validate;

use std::process::ExitCode;

/// Seeds of a full run.
const SEEDS: u64 = 200;
/// Seeds of a design; the next design has others.
const MOST_SEEDS: u64 = 500_000;

/// The table of what other programs see, kept by the test of the readers.
const COMPATIBILITY: &str = "tests/readers/compatibility.md";

const USAGE: &str = "usage: cargo xtask validate [--seeds N] [--first-seed N] [--out FILE]
measures made organizations with N seeds a design (200 by default), from the first on (0), and writes
docs/validation.md, or FILE. A rule is chosen by other seeds than those that are reported

       cargo xtask tables
writes docs/tables.md, the data dictionary, from the schemas";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    match arguments.next().as_deref() {
        Some("validate") => {}
        Some("tables") if arguments.len() == 0 => return write_tables(),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    }
    let (mut seeds, mut first, mut out) = (SEEDS, 0, "docs/validation.md".to_string());
    while let Some(option) = arguments.next() {
        match (option.as_str(), arguments.next()) {
            ("--seeds", Some(count)) if count.parse::<u64>().is_ok_and(|count| count > 0) => {
                seeds = count.parse().unwrap_or(SEEDS);
            }
            ("--first-seed", Some(number)) if number.parse::<u64>().is_ok_and(|first| first < MOST_SEEDS) => {
                first = number.parse().unwrap_or(0);
            }
            ("--out", Some(file)) => out = file,
            _ => {
                eprintln!("{USAGE}");
                return ExitCode::from(2);
            }
        }
    }
    let seeds = first..first + seeds;
    let results = validate::validate(seeds.clone(), &mut |what| eprintln!("{what}"));
    let text = page::page(&seeds, &results);
    let written = write(&out, &text);
    println!("{text}");
    written
}

fn write_tables() -> ExitCode {
    match std::fs::read_to_string(COMPATIBILITY) {
        Ok(compatibility) => write(tables::PLACE, &tables::page(&compatibility)),
        Err(error) => {
            eprintln!("`{COMPATIBILITY}` cannot be read from here: {error}");
            ExitCode::from(66)
        }
    }
}

fn write(out: &str, text: &str) -> ExitCode {
    match std::fs::write(out, text) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("`{out}` cannot be written: {error}");
            ExitCode::from(74)
        }
    }
}
