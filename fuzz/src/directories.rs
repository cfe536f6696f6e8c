//! Directories: read from files, since that is how they are read.

use crate::formats::key;
use crate::input::unmapped;
use crate::oracle::{CANARY, error_is_silent, in_utf16, is_silent, takes_a_mark};
use crosstie_ingest::{Directory, DirectoryFormat, DirectorySpec, IngestError, ManagerBy, Quarantined, read_directory};
use std::cell::OnceCell;
use std::fs;
use tempfile::TempDir;

thread_local! {
    /// One folder a process: making one for each input would be most of the time.
    static FOLDER: OnceCell<TempDir> = const { OnceCell::new() };
}

/// Reads the bytes as a directory of the format.
///
/// # Panics
/// If anything does not hold.
pub fn check(format: DirectoryFormat, words: &[&str], data: &[u8]) {
    let (variant, bytes) = unmapped(data, words);
    let first = read(format, variant, &bytes);
    let second = read(format, variant, &bytes);
    assert_eq!(told(&first), told(&second), "the second time differs");
    match &first {
        Ok(directory) => holds(directory, &bytes),
        Err(error) => error_is_silent(error),
    }
    if takes_a_mark(&bytes) {
        let marked = read(format, variant, &[b"\xef\xbb\xbf", &bytes[..]].concat());
        assert_eq!(counts(&marked), counts(&first), "a byte-order mark in front");
        if let Some(wide) = in_utf16(&bytes) {
            widens(&first, &bytes, &read(format, variant, &wide), &wide);
        }
    }
}

/// The same in UTF-16: what became of the records, all bytes seen, and where the records lie that were set aside.
///
/// # Panics
/// If it differs.
fn widens(first: &Result<Directory, IngestError>, bytes: &[u8], read: &Result<Directory, IngestError>, wide: &[u8]) {
    assert_eq!(counts(read), counts(first), "in UTF-16");
    let (Ok(first), Ok(read)) = (first, read) else { return };
    holds(read, wide);
    for (narrow, record) in first.quarantine.iter().zip(&read.quarantine) {
        let text = std::str::from_utf8(span(bytes, narrow)).expect("a record of text is text");
        let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(span(wide, record), units, "where a record lies in UTF-16");
    }
}

fn span<'b>(bytes: &'b [u8], record: &Quarantined) -> &'b [u8] {
    &bytes[record.offset as usize..(record.offset + record.length) as usize]
}

fn read(format: DirectoryFormat, variant: u8, bytes: &[u8]) -> Result<Directory, IngestError> {
    FOLDER.with(|cell| {
        let folder = cell.get_or_init(|| tempfile::tempdir().expect("a temporary folder"));
        let path = folder.path().join("directory");
        fs::write(&path, bytes).expect("a temporary file");
        read_directory(&DirectorySpec { files: vec![path], ..spec(format, variant) }, 0, 0, &key())
    })
}

fn spec(format: DirectoryFormat, variant: u8) -> DirectorySpec {
    let plain = DirectorySpec { format, match_names: variant & 4 == 4, ..DirectorySpec::default() };
    match format {
        DirectoryFormat::Csv => table(plain, variant),
        DirectoryFormat::Ldif => DirectorySpec { unit: Some("ou".into()), ..plain },
        _ => DirectorySpec { unit: Some("department".into()), ..plain },
    }
}

fn table(plain: DirectorySpec, variant: u8) -> DirectorySpec {
    let column = |name: &str| Some(name.to_string());
    let mapped = DirectorySpec {
        person_key: column("id"),
        addresses: vec!["mail".into()],
        address_separator: column(";"),
        manager: column("manager"),
        manager_by: [ManagerBy::Key, ManagerBy::Address, ManagerBy::Dn, ManagerBy::Key][usize::from(variant & 3)],
        ..plain
    };
    if variant & 3 == 3 {
        return mapped;
    }
    DirectorySpec {
        unit: column("unit"),
        level: column("level"),
        class: column("class"),
        hired_on: column("hired_on"),
        left_on: column("left_on"),
        active: column("active"),
        ..mapped
    }
}

fn holds(directory: &Directory, bytes: &[u8]) {
    if let Err(imbalance) = directory.ledger.clone().balance() {
        panic!("{imbalance:?}");
    }
    let seen: u64 = directory.ledger.bytes.values().map(|bytes| bytes.seen).sum();
    assert_eq!(seen, bytes.len() as u64, "bytes seen");
    assert_eq!(directory.counts().quarantined_count(), directory.quarantine.len() as u64);
    is_silent(&format!("{directory:?} {:?} {:?}", directory.quarantine, directory.notices));
    // What a person is called stands in their entry and in no debug text of it.
    assert!(!format!("{:?}", directory.people).contains(&format!("{CANARY}@")), "a person's debug text tells of them");
    managers_end(directory);
}

/// Following managers ends, on every day on which anything changes.
fn managers_end(directory: &Directory) {
    for interval in directory.people.iter().flat_map(|person| &person.intervals) {
        if let Some(from) = interval.from {
            let _ = directory.levels_on(from);
        }
    }
}

fn counts(read: &Result<Directory, IngestError>) -> Result<crosstie_ingest::Counts, Vec<&'static str>> {
    match read {
        Ok(directory) => Ok(directory.counts()),
        Err(IngestError::Unusable(found)) => Err(found.iter().map(|diagnostic| diagnostic.code.id).collect()),
        Err(other) => panic!("the file is there: {other}"),
    }
}

/// Everything that is told of a directory, in one text.
fn told(read: &Result<Directory, IngestError>) -> String {
    match read {
        Ok(directory) => format!(
            "{directory:?} {:?} {:?} {:?} {:?}",
            directory.people, directory.ledger, directory.quarantine, directory.notices
        ),
        Err(error) => format!("{error:?}"),
    }
}
