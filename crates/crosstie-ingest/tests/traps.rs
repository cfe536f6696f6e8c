//! The trap corpus: hostile and merely odd inputs, each with the exact account that it must give.
//!
//! A folder of `tests/traps` is a trap: its input, how to read it (`source.toml`), the outcome (`ledger.json`) and why
//! it is there (`why.txt`). Inputs that are large, or that git would not keep, are made in [`made`]. An outcome that
//! `ledger.json` does not name must be zero.

#![expect(clippy::unwrap_used, reason = "a test may stop at anything unexpected")]

#[path = "traps/facts.rs"]
mod facts;
#[path = "traps/made.rs"]
mod made;
#[path = "traps/plan.rs"]
mod plan;

use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Fewest traps that the design promises.
const TRAPS_LEAST: usize = 60;

/// The traps of the design's table, with the letters of each.
const TABLE: [(&str, &str); 27] = [
    ("T01", "abcd"),
    ("T02", "abcd"),
    ("T03", "abc"),
    ("T04", "abc"),
    ("T05", "ab"),
    ("T06", "ab"),
    ("T07", "abc"),
    ("T08", "ab"),
    ("T09", "ab"),
    ("T10", "abcde"),
    ("T11", "abc"),
    ("T12", "ab"),
    ("T13", "abcde"),
    ("T14", "abc"),
    ("T15", "abcdef"),
    ("T16", "ab"),
    ("T17", "abcdefghijkl"),
    ("T18", "abcd"),
    ("T19", "abcdefghijkl"),
    ("T20", ""),
    ("T21", "abc"),
    ("T22", "abcd"),
    ("T23", "abc"),
    ("T24", ""),
    ("T25", ""),
    ("T26", ""),
    ("T27", "ab"),
];

/// Traps of the table that cannot be seen where files are read, each with where it belongs.
const ELSEWHERE: [(&str, &str); 2] = [
    ("T27a", "Parquet of others is opened in a child process, which is the command's"),
    ("T27b", "the same; the eight files come from another project"),
];

/// Traps that are here but for one part of their outcome, which is seen elsewhere.
const PARTLY_ELSEWHERE: [(&str, &str); 5] = [
    ("T02d", "the gap of an empty file is the pipeline's, from `empty_files`"),
    ("T08a", "that no file is made outside of the output folder: nothing is written where files are read"),
    ("T09a", "that the link is not opened, by strace; here it leads to a good day file, and nothing of that is used"),
    ("T23a", "that the URL is not opened, by strace"),
    ("T26", "that no path of the output contains such names; here only the paths that were given are told"),
];

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/traps")
}

/// The folders of the corpus by the id in front of their names.
fn folders() -> BTreeMap<String, PathBuf> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(corpus()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        assert!(path.is_dir(), "`{name}` is no trap: traps are folders");
        let id = name.split('-').next().unwrap().to_string();
        assert!(found.insert(id, path).is_none(), "`{name}`: another trap has its id");
    }
    found
}

#[test]
fn every_trap_gives_its_account() {
    let mut faults = Vec::new();
    for (id, folder) in folders() {
        faults.extend(faults_of(&folder).into_iter().map(|fault| format!("{id}: {fault}")));
    }
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}

fn faults_of(folder: &Path) -> Vec<String> {
    let text = |name: &str| fs::read_to_string(folder.join(name)).ok();
    let (Some(plan), Some(ledger), Some(why)) = (text("source.toml"), text("ledger.json"), text("why.txt")) else {
        return vec!["`source.toml`, `ledger.json` and `why.txt` belong to every trap".into()];
    };
    let Ok(expected) = serde_json::from_str::<Map<String, Value>>(&ledger) else {
        return vec!["`ledger.json` is no JSON object".into()];
    };
    let mut faults = plan::read(folder, &plan).differences(&expected);
    if why.trim().is_empty() {
        faults.push("`why.txt` is empty".into());
    }
    faults
}

#[test]
fn every_made_trap_gives_its_account() {
    for (_, make) in made::MADE {
        let folder = tempfile::tempdir().unwrap();
        make(folder.path());
    }
}

#[test]
fn the_corpus_holds_the_whole_table() {
    let ids: Vec<String> = folders().into_keys().chain(made::MADE.iter().map(|(id, _)| (*id).to_string())).collect();
    assert!(ids.len() >= TRAPS_LEAST, "{} traps", ids.len());
    let known: BTreeSet<&str> = ids.iter().map(String::as_str).collect();
    assert_eq!(known.len(), ids.len(), "an id is there twice");
    for (id, why) in PARTLY_ELSEWHERE {
        assert!(known.iter().any(|known| known.starts_with(id)) && !why.is_empty(), "{id} is not here");
    }
    for (number, letters) in TABLE {
        let wanted: Vec<String> = match letters {
            "" => vec![number.to_string()],
            letters => letters.chars().map(|letter| format!("{number}{letter}")).collect(),
        };
        for id in wanted {
            let is_here = known.iter().any(|known| known.starts_with(&id));
            let is_elsewhere = ELSEWHERE.iter().any(|(elsewhere, why)| *elsewhere == id && !why.is_empty());
            assert!(is_here != is_elsewhere, "{id} is in the table: here {is_here}, elsewhere {is_elsewhere}");
        }
    }
}
