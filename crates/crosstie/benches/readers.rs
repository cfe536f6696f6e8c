//! Throughput of every reader: one made organization in each format, the whole command up to the end of ingest.
//!
//! `cargo bench -p crosstie --bench readers` prints a table. The time is of the whole process: start, directory,
//! hashing of the files as stored, reading, merging of copies. Megabytes are those of the files on disk.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark may stop at anything unexpected; it prints its table"
)]

use crosstie_synth::{Format, SynthParams, files};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

const PEOPLE: u32 = 2000;
/// Messages of mail and chat together.
const MESSAGES: u32 = 200_000;
/// The same for formats with a file a mail.
const FEW_MESSAGES: u32 = 20_000;
const RUNS: usize = 5;

fn main() {
    println!("| format | files | MB | records | seconds | MB/s | records/s |");
    println!("|---|---|---|---|---|---|---|");
    for format in Format::ALL {
        let few = [Format::Eml, Format::Maildir].contains(&format);
        let is_directory = format.reference_of().is_some_and(|reference| reference.starts_with(format.name()))
            && !["mattermost", "zulip", "teams", "team_chat", "chat_takeout"].contains(&format.name());
        if is_directory {
            continue;
        }
        let scratch = tempfile::tempdir().unwrap();
        make(scratch.path(), format, if few { FEW_MESSAGES } else { MESSAGES });
        let folder = scratch.path().join("org/formats").join(format.name());
        let (count, bytes) = size(&folder);
        let mut times: Vec<Duration> = (0..RUNS).map(|_| run(&folder)).collect();
        times.sort();
        let seconds = times[RUNS / 2].as_secs_f64();
        let records = records(&folder) as f64;
        let megabytes = bytes as f64 / 1e6;
        println!(
            "| `{}` | {count} | {megabytes:.1} | {records:.0} | {seconds:.2} | {:.0} | {:.0} |",
            format.name(),
            megabytes / seconds,
            records / seconds
        );
    }
}

fn make(root: &Path, format: Format, messages: u32) {
    let params = SynthParams { people: PEOPLE, messages, seed: 1, days: 91, silos: 2, formats: vec![format] };
    for (name, bytes) in files(&params).unwrap() {
        let path = root.join("org").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

/// Files and bytes of a format's folder without its references.
fn size(folder: &Path) -> (usize, u64) {
    let (mut count, mut bytes) = (0, 0);
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("reference") {
                open.push(path);
            } else if path.is_file() && !path.ends_with("pipeline.toml") {
                count += 1;
                bytes += fs::metadata(path).unwrap().len();
            }
        }
    }
    (count, bytes)
}

fn command(folder: &Path, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crosstie"));
    command.current_dir(folder).args(["run", "pipeline.toml", "--until", "ingest"]).args(more);
    command
}

fn run(folder: &Path) -> Duration {
    let begin = Instant::now();
    assert!(command(folder, &["--quiet"]).status().unwrap().success());
    begin.elapsed()
}

fn records(folder: &Path) -> u64 {
    let output = command(folder, &[]).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    said.split(" records seen").next().unwrap().parse().unwrap()
}
