//! Files as they are stored: gzip, zstd, zip, tar, and what pretends to be one of them.

use crate::formats::{form, key, params};
use crate::oracle::{balances, error_is_silent, is_silent, outcome, same};
use crosstie_ingest::{Directory, IngestError, Ingested, SourceSpec, ingest};
use flate2::{Compression, write::GzEncoder};
use std::cell::OnceCell;
use std::fs;
use std::io::Write;
use tempfile::TempDir;

thread_local! {
    /// One folder a process: making one for each input would be most of the time.
    static FOLDER: OnceCell<TempDir> = const { OnceCell::new() };
}

/// The formats that are read from a container, by the first byte.
const FORMATS: [&str; 4] = ["jsonl", "slack", "zulip", "mbox"];

/// Reads a file whose first byte chooses the format. With its bit 4 set the rest is packed first, in two members of
/// gzip, and must read as it does unpacked.
///
/// # Panics
/// If anything does not hold.
pub fn check(data: &[u8]) {
    let Some((&mode, bytes)) = data.split_first() else { return };
    let name = FORMATS[usize::from(mode & 3)];
    let plain = read(name, bytes);
    assert!(same_file(&plain, &read(name, bytes)), "the second time differs");
    match &plain {
        Ok(ingested) => {
            balances(ingested);
            is_silent(&format!("{ingested:?}"));
        }
        Err(error) => error_is_silent(error),
    }
    if mode & 4 == 4 && is_plain(bytes) {
        let (front, back) = bytes.split_at(bytes.len() / 2);
        let packed = [gzip(front), gzip(back), vec![0; usize::from(mode >> 3)]].concat();
        let packed = read(name, &packed);
        assert_eq!(outcome_of(&packed), outcome_of(&plain), "packed with gzip");
    }
}

/// Whether the bytes are no container, which packed once more would be refused.
fn is_plain(bytes: &[u8]) -> bool {
    let heads: [&[u8]; 4] = [b"\x1f\x8b", b"PK", b"\x28\xb5\x2f\xfd", b"\x2a\x4d\x18"];
    let is_tar = bytes.get(257..262).is_some_and(|magic| magic == b"ustar");
    !is_tar && !heads.iter().any(|head| bytes.starts_with(head) || bytes.get(1..).is_some_and(|b| b.starts_with(head)))
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory takes bytes");
    encoder.finish().expect("memory takes bytes")
}

fn read(name: &str, bytes: &[u8]) -> Result<Ingested, IngestError> {
    FOLDER.with(|cell| {
        let folder = cell.get_or_init(|| tempfile::tempdir().expect("a temporary folder"));
        let path = folder.path().join("export");
        fs::write(&path, bytes).expect("a temporary file");
        let spec = SourceSpec { files: vec![path], ..(form(name).spec)(0) };
        let params = params(vec!["x.example".into()]);
        ingest(&[spec], &Directory::default(), &params, &key(), 0, &mut |_, _, _| Ok(()))
    })
}

fn same_file(a: &Result<Ingested, IngestError>, b: &Result<Ingested, IngestError>) -> bool {
    match (a, b) {
        (Ok(a), Ok(b)) if a.files != b.files => false,
        (Err(IngestError::Unusable(_)), Err(IngestError::Unusable(_))) | (Ok(_), Ok(_)) => same(a, b),
        (Err(a), Err(b)) => a.to_string() == b.to_string(),
        _ => false,
    }
}

type Outcome = Result<(crosstie_ingest::Counts, usize, usize), Vec<&'static str>>;

/// A system's own error, such as of a broken tar header, counts as one.
fn outcome_of(read: &Result<Ingested, IngestError>) -> Outcome {
    match read {
        Err(IngestError::Io { .. }) => Err(vec!["io"]),
        read => outcome(read),
    }
}
