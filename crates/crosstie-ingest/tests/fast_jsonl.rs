//! The common path of JSON Lines against the plain one: the same messages, ledger and quarantine, whatever the file holds.

#![expect(clippy::unwrap_used, reason = "a test may stop at anything unexpected")]

mod common_path;

use common_path::{check, check_file, check_merge, directory, instant, message_id, person};
use crosstie_ingest::{SourceFormat, SourceSpec, TableColumns};
use crosstie_model::Stream;
use proptest::prelude::*;

/// Separators of recipients; most of them also stand outside of strings, or mean something within.
const SEPARATORS: [&str; 9] = [";", ",", ":", " ", "\"", "\\", "}", "[", "\t"];

/// Recipients as a list, or separated in one string.
fn source(is_list: bool) -> SourceSpec {
    source_with(is_list, ";")
}

fn source_with(is_list: bool, separator: &str) -> SourceSpec {
    let columns = TableColumns {
        sent_at: "at".into(),
        sender: "From".into(),
        to: Some(if is_list { "to[]" } else { "to" }.into()),
        cc: Some("cc".into()),
        message_id: Some("id".into()),
        ..TableColumns::default()
    };
    let mut source = common_path::source(columns, SourceFormat::Jsonl);
    if let SourceFormat::Jsonl(table) = &mut source.format {
        table.recipient_separator = separator.into();
    }
    source
}

/// A line, mostly of the common kind.
fn line(stream: &mut Stream, is_list: bool) -> String {
    line_with(stream, is_list, ";")
}

fn line_with(stream: &mut Stream, is_list: bool, separator: &str) -> String {
    let (id, at, from) = (message_id(stream), instant(stream), person(stream));
    let mut to: Vec<String> = (0..stream.below(4)).map(|_| person(stream)).collect();
    if to.len() > 1 && stream.below(8) == 0 {
        // Two of them in one string.
        let last = to.pop().unwrap_or_default();
        to[0] = [&to[0], separator, &last].concat();
    }
    let cc: Vec<String> = (0..stream.below(3) / 2).map(|_| person(stream)).collect();
    // Now and then the other form.
    let to = match is_list != (stream.below(40) == 0) {
        true => format!("[{}]", to.iter().map(|to| format!("\"{to}\"")).collect::<Vec<_>>().join(", ")),
        false => format!("\"{}\"", to.join(separator)),
    };
    let mut parts = vec![
        format!("\"id\":\"{id}\""),
        format!("\"at\": \"{at}\""),
        format!("\"From\":\"{from}\""),
        format!("\"to\" :{to}"),
        format!("\"cc\":\"{}\"", cc.join(separator)),
    ];
    let more = [
        "\"size\":12",
        "\"size\":012",
        "\"size\":-1.5e3",
        "\"is\":true",
        "\"is\":tru",
        "\"none\":null",
        "\"id\":null",
        "\"from\":\"p9@corp.example\"",
        "\"tags\":[\"a\",\"b\"]",
        "\"tags\":[\"a\",]",
        "\"tags\":[1]",
        "\"deep\":{\"to\":[\"x\"]}",
        "\"note\":\"caf\u{e9}\"",
        "\"note\":\"a\\\"b\"",
        "\"note\":\"a\tb\"",
        "\"note\":\"}, ]\"",
        "\"\":\"\"",
    ];
    let at = stream.below(60) as usize;
    parts.extend(more.get(at).map(|part| (*part).to_string()));
    if stream.below(30) == 0 {
        parts.remove(stream.below(parts.len() as u64) as usize);
    }
    if stream.below(4) == 0 {
        let by = stream.below(parts.len() as u64) as usize;
        parts.rotate_left(by);
    }
    let end = ["\n", "\n", "\n", "\n", "\r\n", "\n\n", " \n", "\n  \n", "x\n"][stream.below(9) as usize];
    format!("{{{}}}{end}", parts.join([",", ", "][stream.below(2) as usize]))
}

#[test]
fn many_rounds_give_what_the_plain_path_gives() {
    let directory = directory();
    for is_list in [true, false] {
        let mut stream = Stream::new(3, "lines", &[is_list.into()]);
        let text: String = (0..90_000).map(|_| line(&mut stream, is_list)).collect();
        assert!(text.len() > 9 << 20, "several rounds and blocks: {}", text.len());
        check(&source(is_list), text.as_bytes(), &directory, false);
        check(&source(is_list), &text.as_bytes()[..text.len() / 3], &directory, true);
        check_file(&source(is_list), text.as_bytes(), &directory);
    }
}

proptest! {
    #[test]
    fn nasty_files_give_what_the_plain_path_gives(
        seed in any::<u64>(), is_list in any::<bool>(), count in 0u64..30,
        cuts in proptest::collection::vec((any::<prop::sample::Index>(), 0u8..7), 0..4),
    ) {
        let directory = directory();
        let mut stream = Stream::new(seed, "lines", &[]);
        let mut text: Vec<u8> = (0..count).map(|_| line(&mut stream, is_list)).collect::<String>().into_bytes();
        for (at, kind) in cuts {
            let at = at.index(text.len() + 1);
            match kind {
                0 => text.truncate(at),
                1 => text.insert(at, b'"'),
                2 => text.insert(at, b'\r'),
                3 => text.insert(at, 0xff),
                4 => text.insert(at, b'\\'),
                5 => text.insert(at, b'}'),
                _ => text.insert(at, b','),
            }
        }
        check(&source(is_list), &text, &directory, true);
    }

    #[test]
    fn any_separator_gives_what_the_plain_path_gives(
        seed in any::<u64>(), is_list in any::<bool>(), count in 0u64..30, separator in prop::sample::select(&SEPARATORS),
    ) {
        let mut stream = Stream::new(seed, "lines", &[]);
        let text: String = (0..count).map(|_| line_with(&mut stream, is_list, separator)).collect();
        check(&source_with(is_list, separator), text.as_bytes(), &directory(), true);
    }

    #[test]
    fn mail_of_the_common_form_is_merged_as_any_other(seed in any::<u64>(), count in 0u64..60) {
        let mut stream = Stream::new(seed, "lines", &[]);
        let text: String = (0..count).map(|_| line(&mut stream, true)).collect();
        check_merge(&source(true), text.as_bytes(), &directory());
    }
}
