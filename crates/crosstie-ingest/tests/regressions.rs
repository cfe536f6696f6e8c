//! Inputs that once upset a reader, found by the fuzz targets in `fuzz/`: one folder a target. Of a format that is an
//! export of many entries, a line `--- NAME` begins an entry.

#![expect(clippy::unwrap_used, reason = "a test may stop at anything unexpected")]

mod forms;

use crosstie_ingest::{Counts, DirectoryFormat, DirectorySpec, SourceSpec, read_directory};
use std::fs;
use std::path::{Path, PathBuf};

fn below(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

#[test]
fn what_once_failed_holds() {
    let mut count = 0;
    for folder in below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/regressions")) {
        let target = folder.file_name().unwrap().to_str().unwrap().to_string();
        for file in below(&folder) {
            replay(&target, &file);
            count += 1;
        }
    }
    assert!(count > 0, "the folder is there");
}

fn replay(target: &str, file: &Path) {
    match target {
        "ldif" => directory(DirectoryFormat::Ldif, file),
        "scim" => directory(DirectoryFormat::Scim, file),
        "directory_csv" => directory(DirectoryFormat::Csv, file),
        format => messages(forms::source(format), &fs::read(file).unwrap()),
    }
}

/// Twice, and once with damage left out.
fn messages(spec: SourceSpec, bytes: &[u8]) {
    let entries = if spec.takes_folders() { entries(bytes) } else { vec![("file".to_string(), bytes.to_vec())] };
    let told = |read: Result<crosstie_ingest::Ingested, Vec<&'static str>>| {
        read.map(|ingested| (ingested.ledger, ingested.quarantine, ingested.messages.messages))
    };
    let first = told(forms::read(&spec, &entries));
    assert_eq!(first, told(forms::read(&spec, &entries)));
    let salvaging = SourceSpec { salvage: true, skip_bad_files: true, ..spec };
    let salvaged = forms::read(&salvaging, &entries).unwrap();
    assert_eq!(salvaged.skipped_files.len(), usize::from(first.is_err()), "a bad file is told of");
}

fn entries(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut found: Vec<(String, Vec<u8>)> = Vec::new();
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        if let Some(name) = line.strip_prefix(b"--- ") {
            found.push((String::from_utf8_lossy(name).trim().to_string(), Vec::new()));
        } else if let Some((_, entry)) = found.last_mut() {
            entry.extend_from_slice(line);
        }
    }
    found
}

/// The plan maps columns `id`, `mail` and `manager` of tables, and no text of a file is told but those names.
fn directory(format: DirectoryFormat, file: &Path) {
    let mut spec = DirectorySpec { format, files: vec![file.to_path_buf()], ..DirectorySpec::default() };
    if format == DirectoryFormat::Csv {
        spec.person_key = Some("id".into());
        spec.addresses = vec!["mail".into()];
        spec.manager = Some("manager".into());
    }
    let Ok(directory) = read_directory(&spec, 0, 0, &forms::key()) else { return };
    directory.ledger.clone().balance().unwrap();
    let seen: u64 = directory.ledger.bytes.values().map(|bytes| bytes.seen).sum();
    assert_eq!(seen, fs::metadata(file).unwrap().len(), "bytes seen in {}", file.display());
    let counts: Counts = directory.counts();
    assert_eq!(counts.quarantined_count(), directory.quarantine.len() as u64);
    let told = format!("{:?} {:?}", directory.quarantine, directory.notices);
    assert!(!told.contains("zqcanary"), "{told}");
}
