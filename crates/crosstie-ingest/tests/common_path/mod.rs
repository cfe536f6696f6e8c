//! What the tests of common paths share: people, and the comparison with the plain path.

use crosstie_ingest::{
    Directory, DirectorySpec, HandleKind, IngestError, IngestParams, Ingested, JsonForm, Kind, Known, Layout, OptOut,
    RecipientsForm, SourceFormat, SourceSpec, TableColumns, TableSpec, TextEncoding, TimeForm, TimeSpec, ingest,
    ingest_memory, read_directory, read_opt_outs,
};
use crosstie_model::{Message, Stream};
use crosstie_privacy::MasterKey;
use std::fmt::Debug;

fn key() -> MasterKey {
    MasterKey::parse(&format!("crosstie-key-v1 {}", "07".repeat(32))).unwrap()
}

/// Forty people, one of them with two addresses.
pub(crate) fn directory() -> Directory {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("people.csv");
    let other = |n: u32| if n == 9 { "nine@corp.example" } else { "" };
    let rows: String = (0..40).map(|n| format!("p{n},p{n}@corp.example,{}\n", other(n))).collect();
    std::fs::write(&path, format!("id,mail,other\n{rows}")).unwrap();
    let spec = DirectorySpec {
        files: vec![path],
        person_key: Some("id".into()),
        addresses: vec!["mail".into(), "other".into()],
        ..DirectorySpec::default()
    };
    read_directory(&spec, 0, 0, &key()).unwrap()
}

fn opt_outs() -> Vec<OptOut> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.txt");
    std::fs::write(&path, "who\nperson:p7\n").unwrap();
    read_opt_outs(&path).unwrap()
}

/// Mail in a table with these columns.
pub(crate) fn source(columns: TableColumns, format: fn(Box<TableSpec>) -> SourceFormat) -> SourceSpec {
    let table = TableSpec {
        layout: Layout::MessagePerRow,
        delimiter: Some(b','),
        recipient_separator: ";".into(),
        recipients_form: RecipientsForm::Separated,
        json: JsonForm::Lines,
        time: TimeSpec::new(TimeForm::Auto, None).unwrap(),
        handles: HandleKind::Address,
        columns,
        null_values: vec![],
        trim: false,
    };
    SourceSpec::new("mail", Kind::Mail, format(Box::new(table)), vec!["memory".into()])
}

/// Everything that can be told of what was read.
fn told(read: Result<Ingested, IngestError>, directory: &Directory) -> Vec<String> {
    fn show(value: &dyn Debug) -> String {
        format!("{value:?}")
    }
    match read {
        Ok(found) => {
            assert!(found.ledger.clone().balance().is_ok());
            let parts: [&dyn Debug; 8] = [
                &found.messages,
                &found.rows,
                &found.ledger,
                &found.quarantine,
                &found.totals,
                &found.oddities,
                &found.activity,
                &found.roll.accounts(directory, "2026-03-01".parse().unwrap()),
            ];
            parts.into_iter().map(show).collect()
        }
        Err(error) => vec![format!("{error}")],
    }
}

fn params(canonical_rows: bool) -> IngestParams {
    let known = Known { internal_domains: vec!["corp.example".into()], opt_outs: opt_outs(), ..Known::default() };
    IngestParams {
        known,
        earliest: "1990-01-01".parse().unwrap(),
        latest: "2026-12-31".parse().unwrap(),
        recipients_kept: 500,
        canonical_rows,
        head_bytes: None,
    }
}

fn outcome(source: &SourceSpec, text: &[u8], directory: &Directory, canonical_rows: bool) -> Vec<String> {
    told(ingest_memory(source, &[("memory", text)], directory, &params(canonical_rows), &key()), directory)
}

/// Compares what a file gives that is read ahead with what it gives in memory.
pub(crate) fn check_file(source: &SourceSpec, text: &[u8], directory: &Directory) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("memory");
    std::fs::write(&path, text).unwrap();
    let of_file = SourceSpec { files: vec![path], ..source.clone() };
    let read = ingest(&[of_file], directory, &params(false), &key(), 0, &mut |_, _, _| Ok(()));
    let (file, memory) = (told(read, directory), outcome(source, text, directory, false));
    for (file, memory) in file.iter().zip(&memory) {
        assert!(file == memory, "file and memory differ:\n{:.600}\n{:.600}", file, memory);
    }
    assert_eq!(file.len(), memory.len());
}

/// Compares what both paths give. Declaring the bytes to be no text takes the common path away.
pub(crate) fn check(source: &SourceSpec, text: &[u8], directory: &Directory, canonical_rows: bool) {
    let plain = SourceSpec { encoding: Some(TextEncoding::Bytes), ..source.clone() };
    let (fast, plain) =
        (outcome(source, text, directory, canonical_rows), outcome(&plain, text, directory, canonical_rows));
    for (fast, plain) in fast.iter().zip(&plain) {
        assert!(fast == plain, "the paths differ:\n{:.600}\n{:.600}", fast, plain);
    }
    assert_eq!(fast.len(), plain.len());
}

/// Compares what merging gives with and without its way for mail of the common form, which rows of the table of messages
/// take away.
pub(crate) fn check_merge(source: &SourceSpec, text: &[u8], directory: &Directory) {
    let [quick, plain] = [false, true].map(|canonical_rows| {
        let read = ingest_memory(source, &[("memory", text)], directory, &params(canonical_rows), &key());
        read.map(|mut found| {
            let messages = std::mem::take(&mut found.messages);
            let show = |message: &Message| format!("{message:?} {:?}", messages.recipients_of(message));
            // Their order says nothing, and so does the place of their recipients.
            let each = messages
                .messages
                .iter()
                .map(|message| show(message).replace(&format!("first: {},", message.first), ""));
            let mut each: Vec<String> = each.collect();
            each.sort();
            found.rows.clear();
            (each, told(Ok(found), directory))
        })
    });
    assert_eq!(quick.map_err(|error| error.to_string()), plain.map_err(|error| error.to_string()));
}

/// An address, mostly of somebody known.
pub(crate) fn person(stream: &mut Stream) -> String {
    match stream.below(40) {
        0 => "P3@Corp.Example".to_string(),
        1 => "out@elsewhere.example".into(),
        2 => "no address".into(),
        3 => String::new(),
        4 => " p5@corp.example ".into(),
        5 => "p5+tag@corp.example".into(),
        6 => "noreply@corp.example".into(),
        8 | 10 | 11 => "nine@corp.example".into(),
        12 | 13 => "p9@corp.example".into(),
        n => format!("p{n}@corp.example"),
    }
}

/// A message id, mostly a good one.
pub(crate) fn message_id(stream: &mut Stream) -> String {
    match stream.below(30) {
        0 => "N/A".to_string(),
        1 => String::new(),
        2 => "<>".into(),
        3 => format!(" < m{}@x>> ", stream.below(4000)),
        n => format!("<{}@x>", n * 4000 + stream.below(4000)),
    }
}

/// A time, mostly a good one.
pub(crate) fn instant(stream: &mut Stream) -> String {
    match stream.below(30) {
        0 => "2026-02-30T00:00:00Z".to_string(),
        1 => "2026-03-01T10:00:00+01:00".into(),
        2 => "never".into(),
        3 => "1980-01-01T00:00:00Z".into(),
        n => format!("2026-03-{:02}T{:02}:{:02}:00Z", 1 + n % 20, stream.below(24), stream.below(60)),
    }
}
