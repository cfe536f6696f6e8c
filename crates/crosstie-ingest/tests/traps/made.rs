//! Traps whose input is large, or is none that git would keep: made when the test runs.

use crate::facts::{Outcome, ingested, people, source_outcome};
use crosstie_ingest::{
    HandleKind, IngestError, JsonForm, Kind, Layout, RecipientsForm, SourceFormat, SourceSpec, TableColumns, TableSpec,
    TimeForm, TimeSpec, coverage,
};
use flate2::{Compression, write::GzEncoder};
use serde_json::{Map, Value, json};
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A trap makes its input in a folder, reads it and asserts.
pub(crate) type Make = fn(&Path);

/// The made traps by id.
pub(crate) const MADE: [(&str, Make); 16] = [
    ("T01a", quote_opened_in_the_first_of_many_rows),
    ("T01d", field_of_64_kib_and_a_byte),
    ("T04a", gzip_cut_at_every_byte),
    ("T05b", member_gone_after_eight_weeks),
    ("T07a", ten_gigabytes_from_ten_megabytes),
    ("T09a", day_file_that_is_a_link),
    ("T09b", users_that_are_a_link),
    ("T11a", a_hundred_thousand_brackets),
    ("T14a", line_of_16_mib_and_a_byte),
    ("T14b", a_hundred_thousand_recipients),
    ("T14c", a_recipient_too_many),
    ("T17k", ten_thousand_comments),
    ("T24", a_megabyte_of_one_letter),
    ("M01", packed_tar_cut_at_every_byte),
    ("M02", zstd_cut_at_every_byte),
    ("M03", zip_cut_at_every_byte),
];

/// Other builds share the machine: times are held to with so much slack. What they guard against is not a factor of
/// ten, but work that grows with the square of the input.
const SLACK: u32 = 10;

fn expect(id: &str, outcome: Outcome, expected: Value) {
    let expected: Map<String, Value> = serde_json::from_value(expected).unwrap();
    let differences = outcome.differences(&expected);
    assert!(differences.is_empty(), "{id}: {}", differences.join("; "));
}

fn expect_source(id: &str, source: SourceSpec, expected: Value) {
    expect(id, source_outcome(vec![source], &people()), expected);
}

fn within(id: &str, limit: Duration, work: impl FnOnce()) {
    let begin = Instant::now();
    work();
    let taken = begin.elapsed();
    assert!(taken < limit * SLACK, "{id}: {taken:?}, and {limit:?} is the limit");
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, bytes).unwrap();
    path
}

fn table(columns: [&str; 4]) -> Box<TableSpec> {
    let [sent_at, sender, to, message_id] = columns.map(str::to_string);
    Box::new(TableSpec {
        layout: Layout::MessagePerRow,
        delimiter: None,
        recipient_separator: ";".into(),
        recipients_form: RecipientsForm::Separated,
        json: JsonForm::Lines,
        time: TimeSpec::new(TimeForm::Auto, None).unwrap(),
        handles: HandleKind::Address,
        columns: TableColumns {
            sent_at,
            sender,
            to: Some(to),
            message_id: Some(message_id),
            ..TableColumns::default()
        },
        null_values: Vec::new(),
        trim: false,
    })
}

fn csv(files: Vec<PathBuf>) -> SourceSpec {
    SourceSpec::new("trap", Kind::Mail, SourceFormat::Csv(table(["at", "sender", "to", "id"])), files)
}

fn jsonl(path: PathBuf) -> SourceSpec {
    SourceSpec::new("trap", Kind::Mail, SourceFormat::Jsonl(table(["at", "sender", "to[]", "id"])), vec![path])
}

fn mbox(path: PathBuf) -> SourceSpec {
    SourceSpec::new("trap", Kind::Mail, SourceFormat::Mbox { at_form: false }, vec![path])
}

const HEADER: &str = "at,sender,to,id\n";

fn row(number: usize) -> String {
    format!("2026-03-02T08:15:00Z,ann@corp.example,bob@corp.example,<m{number}@corp.example>\n")
}

fn rows(numbers: std::ops::Range<usize>) -> String {
    numbers.map(row).collect()
}

fn line(number: usize, recipients: &str, more: &str) -> String {
    format!(r#"{{"at":"2026-03-02T08:15:00Z","sender":"ann@corp.example","to":[{recipients}],"id":"m{number}"{more}}}"#)
        + "\n"
}

fn bob_lines(numbers: std::ops::Range<usize>) -> String {
    numbers.map(|number| line(number, r#""bob@corp.example""#, "")).collect()
}

fn mail(number: usize, from: &str, to: &str, date: &str, more: &str) -> String {
    format!(
        "From ann@corp.example Mon Mar  2 08:15:00 2026\nFrom: {from}\nTo: {to}\nDate: {date}\n\
         Message-ID: <m{number}@corp.example>\n{more}\ntext\n\n"
    )
}

const DATE: &str = "Mon, 2 Mar 2026 08:15:00 +0000";

fn bob_mails(numbers: std::ops::Range<usize>) -> String {
    numbers.map(|number| mail(number, "ann@corp.example", "bob@corp.example", DATE, "")).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// The crate csv makes one record of it and reports no error.
fn quote_opened_in_the_first_of_many_rows(folder: &Path) {
    let text = format!("{HEADER}{}{}", row(0).replacen("ann", "\"ann", 1), rows(1..100_000));
    let path = write(folder, "a.csv", text.as_bytes());
    expect_source("T01a", csv(vec![path]), json!({"used": 99_999, "quarantined": {"I102": 1}}));
}

/// A reader without a limit holds whatever is between two commas.
fn field_of_64_kib_and_a_byte(folder: &Path) {
    let long = row(4).replacen("ann", &"a".repeat(64 * 1024 + 1 - "@corp.example".len()), 1);
    let path = write(folder, "a.csv", format!("{HEADER}{}{long}", rows(0..4)).as_bytes());
    expect_source("T01d", csv(vec![path]), json!({"used": 4, "quarantined": {"I108": 1}}));
}

/// A reader that takes the rows before the end takes a part for the whole.
fn gzip_cut_at_every_byte(folder: &Path) {
    let whole = gzip(format!("{HEADER}{}", rows(0..5)).as_bytes());
    let people = people();
    for cut in 1..whole.len() {
        let path = write(folder, "a.csv.gz", &whole[..cut]);
        expect(&format!("T04a at {cut}"), source_outcome(vec![csv(vec![path])], &people), json!({"refused": ["I201"]}));
    }
}

/// Nothing in the file tells that its last member is gone; the weeks before do.
fn member_gone_after_eight_weeks(folder: &Path) {
    let first: crosstie_model::Day = "2026-01-05".parse().unwrap();
    let dated = |week: i32, number: i32| {
        let at = format!("{}T08:15:00Z", first.plus(7 * week));
        row((10 * week + number) as usize).replacen("2026-03-02T08:15:00Z", &at, 1)
    };
    let history: String = (0..8).flat_map(|week| (0..10).map(move |number| dated(week, number))).collect();
    let kept: String = (0..3).map(|number| dated(8, number)).collect();
    let files = vec![
        write(folder, "a.csv", format!("{HEADER}{history}").as_bytes()),
        write(folder, "b.csv.gz", &gzip(format!("{HEADER}{kept}").as_bytes())),
    ];
    let sources = [csv(files)];
    let ingested = ingested(&sources, &people()).unwrap();
    let rows = coverage(&sources, &ingested, first, first.plus(7 * 9 - 1), &[]);
    let last = &rows.last().unwrap().row;
    assert_eq!((rows.len(), last.used_count, last.gap_reason.as_deref()), (9, Some(3), Some("low_volume")), "T05b");
    assert!(rows[..8].iter().all(|row| !row.row.gap), "T05b: only the last week is low");
}

/// A reader without a limit fills disk or memory. The members are of 16 MiB each, so that making them is cheap.
fn ten_gigabytes_from_ten_megabytes(folder: &Path) {
    let member = gzip(&vec![b'0'; 16 << 20]);
    let count = (10usize << 30) / (16 << 20);
    let path = folder.join("a.csv.gz");
    let mut file = BufWriter::new(File::create(&path).unwrap());
    file.write_all(&gzip(HEADER.as_bytes())).unwrap();
    (0..count).for_each(|_| file.write_all(&member).unwrap());
    file.flush().unwrap();
    drop(file);
    assert!(fs::metadata(&path).unwrap().len() < 12 << 20);
    within("T07a", Duration::from_secs(5), || {
        expect_source("T07a", csv(vec![path]), json!({"refused": ["I203"]}));
    });
}

/// A Slack export whose day file lies in `D1`.
fn slack(folder: &Path) -> SourceSpec {
    let users =
        r#"[{"id":"U1","profile":{"email":"ann@corp.example"}},{"id":"U2","profile":{"email":"bob@corp.example"}}]"#;
    write(folder, "export/users.json", users.as_bytes());
    write(folder, "export/dms.json", br#"[{"id":"D1","members":["U1","U2"]}]"#);
    write(folder, "export/D1/2026-03-02.json", messages("1772438400").as_bytes());
    SourceSpec::new("trap", Kind::Chat, SourceFormat::Slack, vec![folder.join("export")])
}

fn messages(seconds: &str) -> String {
    let one = |number: usize| format!(r#"{{"type":"message","user":"U1","ts":"{seconds}.00000{number}"}}"#);
    format!("[{}]", (0..5).map(one).collect::<Vec<_>>().join(","))
}

/// A reader that follows links reads whatever its user may read. Here the link leads to a good day file, so that
/// opening it would show.
fn day_file_that_is_a_link(folder: &Path) {
    let source = slack(folder);
    let outside = write(folder, "outside.json", messages("1772524800").as_bytes());
    std::os::unix::fs::symlink(outside, folder.join("export/D1/2026-03-03.json")).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", folder.join("export/D1/2026-03-04.json")).unwrap();
    expect_source("T09a", source, json!({"used": 5, "quarantined": {"I205": 2}, "messages": 5}));
}

/// The same for what the whole export rests on.
fn users_that_are_a_link(folder: &Path) {
    let source = slack(folder);
    let users = folder.join("export/users.json");
    fs::rename(&users, folder.join("outside.json")).unwrap();
    std::os::unix::fs::symlink(folder.join("outside.json"), &users).unwrap();
    expect_source("T09b", source, json!({"refused": ["I205"]}));
}

/// A recursive parser overflows its stack. The first file holds nothing else, the second good lines too.
fn a_hundred_thousand_brackets(folder: &Path) {
    let brackets = "[".repeat(100_000);
    let alone = write(folder, "a.jsonl", format!("{brackets}\n").as_bytes());
    let among = write(folder, "b.jsonl", format!("{}{brackets}\n", bob_lines(0..4)).as_bytes());
    let read = move || {
        expect_source("T11a", jsonl(alone), json!({"refused": ["I211"]}));
        expect_source("T11a among others", jsonl(among), json!({"used": 4, "quarantined": {"I111": 1}}));
    };
    std::thread::Builder::new().stack_size(256 * 1024).spawn(read).unwrap().join().unwrap();
}

/// A reader without a limit holds the line in memory, however long it is.
fn line_of_16_mib_and_a_byte(folder: &Path) {
    let frame = line(4, r#""bob@corp.example""#, r#","skipped":"""#).len() - 1;
    let filler = "x".repeat((16 << 20) + 1 - frame);
    let long = line(4, r#""bob@corp.example""#, &format!(r#","skipped":"{filler}""#));
    assert_eq!(long.trim_end().len(), (16 << 20) + 1);
    let path = write(folder, "a.jsonl", format!("{}{long}{}", bob_lines(0..2), bob_lines(2..4)).as_bytes());
    expect_source("T14a", jsonl(path), json!({"used": 4, "quarantined": {"I108": 1}}));
}

fn recipients(count: usize) -> String {
    (0..count).map(|number| format!(r#""r{number}@corp.example""#)).collect::<Vec<_>>().join(",")
}

/// A reader that compares each recipient with all others takes hours; one that keeps all makes 100,000 ties.
fn a_hundred_thousand_recipients(folder: &Path) {
    let text = format!("{}{}", bob_lines(0..4), line(4, &recipients(100_000), ""));
    let path = write(folder, "a.jsonl", text.as_bytes());
    let expected = json!({
        "used": 5, "broadcasts": 1, "recipient_counts": [1, 1, 1, 1, 100_000], "to": ["mail:bob@corp.example"],
    });
    within("T14b", Duration::from_secs(1), || expect_source("T14b", jsonl(path), expected));
}

fn a_recipient_too_many(folder: &Path) {
    let text = format!("{}{}", bob_lines(0..4), line(4, &recipients(100_001), ""));
    let path = write(folder, "a.jsonl", text.as_bytes());
    expect_source("T14c", jsonl(path), json!({"used": 4, "quarantined": {"I110": 1}}));
}

/// Parsers of comments and groups are often recursive.
fn ten_thousand_comments(folder: &Path) {
    let comments = format!("{}{} ann@corp.example", "(".repeat(10_000), ")".repeat(10_000));
    let groups = format!("{}ann@corp.example{}", "g:".repeat(10_000), ";".repeat(10_000));
    for (name, value) in [("T17k comments", comments), ("T17k groups", groups)] {
        let text = format!("{}{}", bob_mails(0..4), mail(4, &value, "bob@corp.example", DATE, ""));
        let path = write(folder, "a.mbox", text.as_bytes());
        let read = move || expect_source(name, mbox(path), json!({"used": 4, "quarantined": {"I111": 1}}));
        std::thread::Builder::new().stack_size(512 * 1024).spawn(read).unwrap().join().unwrap();
    }
}

/// Patterns that try again from each letter need hours for a megabyte of one letter. Here every place where a pattern
/// is matched gets one: dates, addresses, ids, separators, header names and content types, tables and JSON.
fn a_megabyte_of_one_letter(folder: &Path) {
    let long = "a".repeat((1 << 20) - 64) + "!";
    let (ann, bob) = ("ann@corp.example", "bob@corp.example");
    let mails = [
        mail(4, &long, bob, DATE, ""),
        mail(4, ann, &long, DATE, ""),
        mail(4, ann, bob, &long, ""),
        mail(4, ann, bob, DATE, &format!("References: {long}\nIn-Reply-To: {long}\n")[..(1 << 20) - 256]),
        mail(4, ann, bob, DATE, &format!("Content-Type: text/calendar; {}\n", &long[1024..])),
        mail(4, ann, bob, DATE, &format!("Received: from a; {}\n", &long[1024..])),
        mail(4, ann, bob, DATE, &format!("{}\n", &long[1024..])),
        mail(4, ann, bob, DATE, "").replace("text\n", &format!("text\n\nFrom {long}\n")),
    ];
    let mails: Vec<String> = mails.iter().map(|last| format!("{}{last}", bob_mails(0..4))).collect();
    let rows = [0, 1, 2, 3].map(|at| {
        let row = row(4);
        let mut fields: Vec<&str> = row.trim_end().split(',').collect();
        fields[at] = &long;
        format!("{HEADER}{}{}\n", rows(0..4), fields.join(","))
    });
    let lines = ["\"skipped\":\"", "\"sender2\":["].map(|open| {
        let close = if open.ends_with('[') { "]" } else { "\"" };
        format!("{}{}", bob_lines(0..4), line(4, "\"bob@corp.example\"", &format!(",{open}{long}{close}")))
    });
    let people = people();
    let read = |name: &str, source: SourceSpec| {
        within(&format!("T24 {name}"), Duration::from_millis(50), || match ingested(&[source], &people) {
            Ok(read) => {
                let counts = read.ledger.of_source(0);
                assert!(counts.used >= 4 && counts.seen == 5, "T24 {name}: {counts:?}");
                assert!(read.ledger.balance().is_ok(), "T24 {name}");
            }
            Err(error) => panic!("T24 {name}: {}", told(&error)),
        });
    };
    for (number, text) in mails.iter().enumerate() {
        read(&format!("mail {number}"), mbox(write(folder, "a.mbox", text.as_bytes())));
    }
    for (number, text) in rows.iter().enumerate() {
        read(&format!("row {number}"), csv(vec![write(folder, "a.csv", text.as_bytes())]));
    }
    for (number, text) in lines.iter().enumerate() {
        read(&format!("line {number}"), jsonl(write(folder, "a.jsonl", text.as_bytes())));
    }
}

/// A reader that stops at the end of the archive never sees the checksum behind it.
fn packed_tar_cut_at_every_byte(folder: &Path) {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, text) in [("zulip/realm.json", r#"{"zerver_userprofile":[]}"#), ("zulip/messages-000001.json", "[]")] {
        let mut header = tar::Header::new_ustar();
        header.set_size(text.len() as u64);
        archive.append_data(&mut header, name, text.as_bytes()).unwrap();
    }
    let whole = gzip(&archive.into_inner().unwrap());
    let zulip = |bytes: &[u8]| {
        let path = write(folder, "export.tar.gz", bytes);
        SourceSpec::new("trap", Kind::Chat, SourceFormat::Zulip, vec![path])
    };
    expect_source("M01", zulip(&whole), json!({"empty_files": 1}));
    for cut in 1..whole.len() {
        expect_source(&format!("M01 at {cut}"), zulip(&whole[..cut]), json!({"refused": ["I201"]}));
    }
}

/// Bytes that tell a compressed file from text: of fewer nobody can say what they were cut from.
const TELLING_BYTES: usize = 4;

fn zstd_cut_at_every_byte(folder: &Path) {
    let whole = zstd::encode_all(format!("{HEADER}{}", rows(0..5)).as_bytes(), 3).unwrap();
    let people = people();
    for cut in TELLING_BYTES..whole.len() {
        let path = write(folder, "a.csv.zst", &whole[..cut]);
        expect(&format!("M02 at {cut}"), source_outcome(vec![csv(vec![path])], &people), json!({"refused": ["I201"]}));
    }
}

/// A reader that walks the headers in front of the entries takes what is there for the whole.
fn zip_cut_at_every_byte(folder: &Path) {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for name in ["a.csv", "b.csv"] {
        writer.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(format!("{HEADER}{}", rows(0..5)).as_bytes()).unwrap();
    }
    let whole = writer.finish().unwrap().into_inner();
    let people = people();
    for cut in TELLING_BYTES..whole.len() {
        let path = write(folder, "a.zip", &whole[..cut]);
        expect(&format!("M03 at {cut}"), source_outcome(vec![csv(vec![path])], &people), json!({"refused": ["I201"]}));
    }
}

fn told(error: &IngestError) -> String {
    match error {
        IngestError::Unusable(found) => found.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
        other => other.to_string(),
    }
}
