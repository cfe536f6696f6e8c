//! What must hold of whatever bytes are read: no panic, a ledger that balances to the byte, the same again the second
//! time, and nothing of the input in what is told of it.

use crate::formats::{Form, key, params};
use crate::input::Input;
use crosstie_ingest::{Counts, Directory, IngestError, Ingested, SourceSpec, ingest_memory};
use std::fmt::Write;

/// In every alphabet and in the corpus, and never in a diagnostic.
pub const CANARY: &str = "zqcanary";

/// The byte-order mark of UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";
/// Longest text that is read in UTF-16 too.
const WIDENED_BYTES: usize = 4096;
/// Bytes from which an encoding is told.
const HEAD_BYTES: usize = 512;

/// Reads the bytes as a file or export of the format.
///
/// # Panics
/// If anything does not hold.
pub fn check(form: &Form, data: &[u8]) {
    let input = Input::of(data, form);
    let spec = (form.spec)(input.variant);
    let entries = input.borrowed();
    let first = read(&spec, &entries);
    assert!(same(&first, &read(&spec, &entries)), "the second time differs");
    if let Ok(ingested) = &first {
        balances(ingested);
        let given: usize = entries.iter().map(|(_, bytes)| bytes.len()).sum();
        let seen: u64 = ingested.ledger.bytes.values().map(|bytes| bytes.seen).sum();
        assert_eq!(seen, given as u64, "bytes seen");
    }
    keeps_silent(&first);
    salvages(&spec, &entries, &first);
    if let ([(name, bytes)], false) = (&entries[..], form.is_export)
        && takes_a_mark(bytes)
    {
        let marked = [MARK, bytes].concat();
        let marked = read(&spec, &[(name, &marked)]);
        assert_eq!(outcome(&marked), outcome(&first), "a byte-order mark in front");
        if let Some(wide) = in_utf16(bytes).filter(|_| form.is_text) {
            assert_eq!(outcome(&read(&spec, &[(name, &wide)])), outcome(&first), "in UTF-16");
        }
    }
}

/// Short text in UTF-16, with a mark; `None` of what is no text.
#[must_use]
pub fn in_utf16(bytes: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(bytes).ok().filter(|text| text.len() <= WIDENED_BYTES)?;
    Some(std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect())
}

fn read(spec: &SourceSpec, entries: &[(&str, &[u8])]) -> Result<Ingested, IngestError> {
    let domains = vec!["x.example".into(), "*.x.example".into()];
    ingest_memory(spec, entries, &Directory::default(), &params(domains), &key())
}

/// The ledger of what was read balances, and every message lies within its recipients.
///
/// # Panics
/// If it does not.
pub fn balances(ingested: &Ingested) {
    if let Err(imbalance) = ingested.ledger.clone().balance() {
        panic!("{imbalance:?}");
    }
    let set_aside: u64 = ingested.ledger.lines.values().map(Counts::quarantined_count).sum();
    assert_eq!(set_aside, ingested.quarantine.len() as u64, "each record that was set aside is told of");
    for message in &ingested.messages.messages {
        assert!(ingested.messages.recipients_of(message).len() as u32 <= message.recipient_count);
    }
}

/// With `salvage`, damage ends nothing; what was whole reads as ever.
fn salvages(spec: &SourceSpec, entries: &[(&str, &[u8])], strict: &Result<Ingested, IngestError>) {
    let spec = SourceSpec { salvage: true, skip_bad_files: true, ..spec.clone() };
    let salvaged = read(&spec, entries);
    if let Ok(ingested) = &salvaged {
        balances(ingested);
        assert_eq!(ingested.skipped_files.len(), usize::from(strict.is_err()), "a bad file is told of");
    }
    keeps_silent(&salvaged);
    assert!(salvaged.is_ok(), "a bad file is left out");
    assert!(strict.is_err() || same(strict, &salvaged), "a good file is read as without `salvage`");
}

/// Whether two readings are one: ledger, quarantine, messages and everything else that is told.
#[must_use]
pub fn same(a: &Result<Ingested, IngestError>, b: &Result<Ingested, IngestError>) -> bool {
    match (a, b) {
        (Ok(a), Ok(b)) => {
            a.ledger == b.ledger
                && a.quarantine == b.quarantine
                && a.messages.messages == b.messages.messages
                && a.messages.recipients == b.messages.recipients
                && (a.events == b.events && a.oddities == b.oddities && a.notices == b.notices && a.totals == b.totals)
        }
        (a, b) => codes(a) == codes(b),
    }
}

/// What became of the records, or the codes of why nothing did.
#[must_use]
pub fn outcome(read: &Result<Ingested, IngestError>) -> Result<(Counts, usize, usize), Vec<&'static str>> {
    match read {
        Ok(ingested) => {
            Ok((ingested.ledger.of_source(0), ingested.messages.messages.len(), ingested.messages.recipients.len()))
        }
        Err(_) => Err(codes(read)),
    }
}

fn codes(read: &Result<Ingested, IngestError>) -> Vec<&'static str> {
    match read {
        Err(IngestError::Unusable(found)) => found.iter().map(|diagnostic| diagnostic.code.id).collect(),
        Err(other) => panic!("memory is never missing: {other}"),
        Ok(_) => Vec::new(),
    }
}

fn keeps_silent(read: &Result<Ingested, IngestError>) {
    match read {
        Ok(ingested) => is_silent(&format!("{ingested:?}")),
        Err(error) => error_is_silent(error),
    }
}

/// No text tells a canary.
///
/// # Panics
/// If it does.
pub fn is_silent(text: &str) {
    assert!(!text.to_lowercase().contains(CANARY), "tells of the input: {text}");
}

/// An error tells nothing of the input either, but for the names of columns, of which a missing one names the nearest:
/// even there no address.
///
/// # Panics
/// If it does.
pub fn error_is_silent(error: &IngestError) {
    let IngestError::Unusable(found) = error else { return };
    for diagnostic in found {
        let mut text = String::new();
        write!(text, "{diagnostic} {diagnostic:?}").expect("a string takes text");
        match diagnostic.code.id {
            "I213" => assert!(!text.to_lowercase().contains(&format!("{CANARY}@")), "tells an address: {text}"),
            _ => is_silent(&text),
        }
    }
}

/// Whether the bytes are told to be UTF-8 without a mark, so that one in front says nothing new.
#[must_use]
pub fn takes_a_mark(bytes: &[u8]) -> bool {
    let is_marked = [&b"\xef\xbb"[..], b"\xff\xfe", b"\xfe\xff"].iter().any(|mark| bytes.starts_with(mark));
    !is_marked && !bytes[..bytes.len().min(HEAD_BYTES)].contains(&0)
}
