//! The common path of CSV against the plain one: the same messages, ledger and quarantine, whatever the file holds.
//! Declaring the bytes to be no text takes the common path away.

#![expect(clippy::unwrap_used, reason = "a test may stop at anything unexpected")]

use crosstie_ingest::{
    Directory, DirectorySpec, HandleKind, IngestParams, JsonForm, Kind, Known, Layout, OptOut, RecipientsForm,
    SourceFormat, SourceSpec, TableColumns, TableSpec, TextEncoding, TimeForm, TimeSpec, ingest_memory, read_directory,
    read_opt_outs,
};
use crosstie_model::Stream;
use crosstie_privacy::MasterKey;
use proptest::prelude::*;
use std::fmt::Debug;

const HEADER: &str = "id,at,from,to,cc,note\n";

fn key() -> MasterKey {
    MasterKey::parse(&format!("crosstie-key-v1 {}", "07".repeat(32))).unwrap()
}

fn directory() -> Directory {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("people.csv");
    let rows: String = (0..40).map(|n| format!("p{n},p{n}@corp.example\n")).collect();
    std::fs::write(&path, format!("id,mail\n{rows}")).unwrap();
    let spec = DirectorySpec {
        files: vec![path],
        person_key: Some("id".into()),
        addresses: vec!["mail".into()],
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

fn source(encoding: Option<TextEncoding>) -> SourceSpec {
    let table = TableSpec {
        layout: Layout::MessagePerRow,
        delimiter: Some(b','),
        recipient_separator: ";".into(),
        recipients_form: RecipientsForm::Separated,
        json: JsonForm::Lines,
        time: TimeSpec::new(TimeForm::Auto, None).unwrap(),
        handles: HandleKind::Address,
        columns: TableColumns {
            sent_at: "at".into(),
            sender: "from".into(),
            to: Some("to".into()),
            cc: Some("cc".into()),
            message_id: Some("id".into()),
            ..TableColumns::default()
        },
        null_values: vec![],
        trim: false,
    };
    SourceSpec {
        encoding,
        ..SourceSpec::new("mail", Kind::Mail, SourceFormat::Csv(Box::new(table)), vec!["memory".into()])
    }
}

/// Everything that can be told of what a file gave.
fn outcome(text: &[u8], encoding: Option<TextEncoding>, directory: &Directory, canonical_rows: bool) -> Vec<String> {
    let known = Known { internal_domains: vec!["corp.example".into()], opt_outs: opt_outs(), ..Known::default() };
    let params = IngestParams {
        known,
        earliest: "1990-01-01".parse().unwrap(),
        latest: "2026-12-31".parse().unwrap(),
        recipients_kept: 500,
        canonical_rows,
        head_bytes: None,
    };
    fn show(value: &dyn Debug) -> String {
        format!("{value:?}")
    }
    match ingest_memory(&source(encoding), &[("memory", text)], directory, &params, &key()) {
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

fn check(text: &[u8], directory: &Directory, canonical_rows: bool) {
    let (fast, plain) = (
        outcome(text, None, directory, canonical_rows),
        outcome(text, Some(TextEncoding::Bytes), directory, canonical_rows),
    );
    for (fast, plain) in fast.iter().zip(&plain) {
        assert!(fast == plain, "the paths differ:\n{:.600}\n{:.600}", fast, plain);
    }
    assert_eq!(fast.len(), plain.len());
}

/// A row, mostly of the common kind.
fn row(stream: &mut Stream) -> String {
    let person = |stream: &mut Stream| match stream.below(40) {
        0 => "P3@Corp.Example".to_string(),
        1 => "out@elsewhere.example".into(),
        2 => "no address".into(),
        3 => String::new(),
        4 => " p5@corp.example ".into(),
        5 => "p5+tag@corp.example".into(),
        6 => "noreply@corp.example".into(),
        n => format!("p{n}@corp.example"),
    };
    let id = match stream.below(30) {
        0 => "N/A".to_string(),
        1 => String::new(),
        2 => "<>".into(),
        n => format!("<{}@x>", n * 4000 + stream.below(4000)),
    };
    let at = match stream.below(30) {
        0 => "2026-02-30T00:00:00Z".to_string(),
        1 => "2026-03-01T10:00:00+01:00".into(),
        2 => "never".into(),
        3 => "1980-01-01T00:00:00Z".into(),
        n => format!("2026-03-{:02}T{:02}:{:02}:00Z", 1 + n % 20, stream.below(24), stream.below(60)),
    };
    let to: Vec<String> = (0..stream.below(4)).map(|_| person(stream)).collect();
    let cc: Vec<String> = (0..stream.below(3) / 2).map(|_| person(stream)).collect();
    let from = person(stream);
    let end = ["\n", "\n", "\n", "\n", "\r\n", "\n\n", ",extra\n"][stream.below(7) as usize];
    format!("{id},{at},{from},{},{},x{end}", to.join(";"), cc.join(";"))
}

#[test]
fn many_rounds_give_what_the_plain_path_gives() {
    let directory = directory();
    let mut stream = Stream::new(3, "rows", &[]);
    let text: String = std::iter::once(HEADER.to_string()).chain((0..60_000).map(|_| row(&mut stream))).collect();
    assert!(text.len() > 4 << 20, "several rounds and blocks: {}", text.len());
    check(text.as_bytes(), &directory, false);
    check(&text.as_bytes()[..text.len() / 3], &directory, true);
}

#[test]
fn a_quote_far_into_a_file_takes_the_plain_path_from_its_block_on() {
    let directory = directory();
    let mut stream = Stream::new(4, "rows", &[]);
    let mut text: String = std::iter::once(HEADER.to_string()).chain((0..60_000).map(|_| row(&mut stream))).collect();
    text.push_str("<q@x>,2026-03-01T10:00:00Z,\"p1@corp.example\",p2@corp.example,,\"a\nb\"\n");
    text.extend((0..2000).map(|_| row(&mut stream)));
    check(text.as_bytes(), &directory, false);
}

/// The first of them is part of the row.
#[test]
fn two_carriage_returns_before_a_line_end() {
    let directory = directory();
    for row in ["m1,2026-03-01T10:00:00Z,p1@corp.example,p2@corp.example,,x", "a,b", "m2,never,p1@corp.example,,,x"] {
        check(format!("{HEADER}{row}\r\r\n{row}\r\r\n").as_bytes(), &directory, true);
    }
}

proptest! {
    #[test]
    fn nasty_files_give_what_the_plain_path_gives(
        seed in any::<u64>(), count in 0u64..30, cuts in proptest::collection::vec((any::<prop::sample::Index>(), 0u8..5), 0..4),
    ) {
        let directory = directory();
        let mut stream = Stream::new(seed, "rows", &[]);
        let rows = (0..count).map(|_| row(&mut stream));
        let mut text: Vec<u8> = std::iter::once(HEADER.to_string()).chain(rows).collect::<String>().into_bytes();
        for (at, kind) in cuts {
            let at = HEADER.len() + at.index(text.len() - HEADER.len() + 1);
            match kind {
                0 => text.truncate(at),
                1 => text.insert(at, b'"'),
                2 => text.insert(at, b'\r'),
                3 => text.insert(at, 0xff),
                _ => text.insert(at, b','),
            }
        }
        check(&text, &directory, true);
    }
}
