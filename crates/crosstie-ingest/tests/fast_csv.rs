//! The common path of CSV against the plain one: the same messages, ledger and quarantine, whatever the file holds.

#![expect(clippy::unwrap_used, reason = "a test may stop at anything unexpected")]

mod common_path;

use common_path::{check, check_file, check_merge, directory, instant, message_id, person};
use crosstie_ingest::{SourceFormat, SourceSpec, TableColumns};
use crosstie_model::Stream;
use proptest::prelude::*;

const HEADER: &str = "id,at,from,to,cc,note\n";

fn source() -> SourceSpec {
    let columns = TableColumns {
        sent_at: "at".into(),
        sender: "from".into(),
        to: Some("to".into()),
        cc: Some("cc".into()),
        message_id: Some("id".into()),
        ..TableColumns::default()
    };
    common_path::source(columns, SourceFormat::Csv)
}

/// A row, mostly of the common kind; `quotes` in 4 of them have their fields between quotes.
fn row(stream: &mut Stream, quotes: u64) -> String {
    let (id, at) = (message_id(stream), instant(stream));
    let to: Vec<String> = (0..stream.below(4)).map(|_| person(stream)).collect();
    let cc: Vec<String> = (0..stream.below(3) / 2).map(|_| person(stream)).collect();
    let from = person(stream);
    let end = ["\n", "\n", "\n", "\n", "\r\n", "\n\n", ",extra\n"][stream.below(7) as usize];
    let mut fields = [id, at, from, to.join(";"), cc.join(";"), "x".into()];
    if stream.below(4) < quotes {
        fields[5] =
            ["x", "a,b;c", "a\"\"b", "two\nlines", "a\"b"][stream.below(5).min(stream.below(40)) as usize].into();
        fields.iter_mut().for_each(|field| *field = format!("\"{field}\""));
    }
    format!("{}{end}", fields.join(","))
}

#[test]
fn many_rounds_give_what_the_plain_path_gives() {
    let directory = directory();
    let mut stream = Stream::new(3, "rows", &[]);
    let text: String = std::iter::once(HEADER.to_string()).chain((0..130_000).map(|_| row(&mut stream, 0))).collect();
    assert!(text.len() > 9 << 20, "several rounds and blocks: {}", text.len());
    check(&source(), text.as_bytes(), &directory, false);
    check(&source(), &text.as_bytes()[..text.len() / 3], &directory, true);
}

#[test]
fn quoted_fields_give_what_the_plain_path_gives() {
    let directory = directory();
    for quotes in [1, 4] {
        let mut stream = Stream::new(quotes, "quotes", &[]);
        let rows = (0..20_000).map(|_| row(&mut stream, quotes));
        let text: String = std::iter::once(HEADER.to_string()).chain(rows).collect();
        check(&source(), text.as_bytes(), &directory, false);
    }
}

/// Rows that are longer than what is kept of a block, and longer than a record may be, among many blocks.
#[test]
fn a_file_is_read_ahead() {
    let directory = directory();
    let mut stream = Stream::new(5, "rows", &[]);
    let mut text = HEADER.to_string();
    for length in [200 << 10, 17 << 20, 0] {
        text.extend((0..60_000).map(|_| row(&mut stream, 0)));
        text.push_str(&format!("<q@x>,2026-03-01T10:00:00Z,p1@corp.example,p2@corp.example,,{}\n", "n".repeat(length)));
    }
    check_file(&source(), text.as_bytes(), &directory);
    check_file(&source(), text.trim_end().as_bytes(), &directory);
}

#[test]
fn a_quote_far_into_a_file_takes_the_plain_path_from_its_block_on() {
    let directory = directory();
    let mut stream = Stream::new(4, "rows", &[]);
    let mut text: String =
        std::iter::once(HEADER.to_string()).chain((0..130_000).map(|_| row(&mut stream, 0))).collect();
    text.push_str("<q@x>,2026-03-01T10:00:00Z,\"p1@corp.example\",p2@corp.example,,\"a\nb\"\n");
    text.extend((0..2000).map(|_| row(&mut stream, 0)));
    check(&source(), text.as_bytes(), &directory, false);
}

/// The first of them is part of the row.
#[test]
fn two_carriage_returns_before_a_line_end() {
    let directory = directory();
    for row in ["m1,2026-03-01T10:00:00Z,p1@corp.example,p2@corp.example,,x", "a,b", "m2,never,p1@corp.example,,,x"] {
        check(&source(), format!("{HEADER}{row}\r\r\n{row}\r\r\n").as_bytes(), &directory, true);
    }
}

proptest! {
    #[test]
    fn nasty_files_give_what_the_plain_path_gives(
        seed in any::<u64>(), count in 0u64..30, quotes in 0u64..5, cuts in proptest::collection::vec((any::<prop::sample::Index>(), 0u8..5), 0..4),
    ) {
        let directory = directory();
        let mut stream = Stream::new(seed, "rows", &[]);
        let rows = (0..count).map(|_| row(&mut stream, quotes));
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
        check(&source(), &text, &directory, true);
    }

    #[test]
    fn mail_of_the_common_form_is_merged_as_any_other(seed in any::<u64>(), count in 0u64..60) {
        let mut stream = Stream::new(seed, "rows", &[]);
        let text: String = std::iter::once(HEADER.to_string()).chain((0..count).map(|_| row(&mut stream, 0))).collect();
        check_merge(&source(), text.as_bytes(), &directory());
    }
}
