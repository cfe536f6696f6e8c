//! Slack exports: a small folder with every kind of message that is read.

#![expect(clippy::unwrap_used, reason = "a test may stop at anything unexpected")]

use crosstie_ingest::{
    Directory, IngestError, IngestParams, Ingested, Kind, Known, Reason, SourceFormat, SourceSpec, ingest,
};
use crosstie_model::{KeyedHash, Purpose, Role};
use crosstie_privacy::MasterKey;
use std::fs;
use std::path::Path;

fn read(path: &Path) -> Result<Ingested, IngestError> {
    let key = MasterKey::parse(&format!("crosstie-key-v1 {}", "07".repeat(32))).unwrap();
    let source = SourceSpec::new("chat", Kind::Chat, SourceFormat::Slack, vec![path.into()]);
    let params = IngestParams {
        known: Known::default(),
        earliest: "1990-01-01".parse().unwrap(),
        latest: "2026-12-31".parse().unwrap(),
        recipients_kept: 500,
        canonical_rows: false,
        head_bytes: None,
    };
    assert_ne!(key.hash(Purpose::Handle, &[]), key.hash(Purpose::Message, &[]));
    ingest(&[source], &Directory::default(), &params, &key, 0, &mut |_, _, _| Ok(()))
}

/// A folder export with three people, a bot, a channel, a direct and a group room.
fn export(days: &[(&str, &str)]) -> (tempfile::TempDir, Result<Ingested, IngestError>) {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write(
        "users.json",
        r#"[{"id":"U1","team_id":"T1"},{"id":"U2","team_id":"T1"},{"id":"U3","team_id":"T1"},{"id":"UB","team_id":"T1","is_bot":true}]"#,
    );
    write("channels.json", r#"[{"id":"C1","name":"general","members":["U1","U2","U3"]}]"#);
    write("dms.json", r#"[{"id":"D1","members":["U1","U2"]},{"id":"D2","members":["U1","U1"]}]"#);
    write("mpims.json", r#"[{"id":"G1","name":"mpdm-x","members":["U1","U2","U3"]}]"#);
    for (name, text) in days {
        write(name, text);
    }
    let read = read(folder.path());
    (folder, read)
}

/// The roles of each message's recipients, in the order of time.
fn roles(ingested: &Ingested) -> Vec<Vec<Role>> {
    let mut messages: Vec<_> = ingested.messages.messages.iter().collect();
    messages.sort_by_key(|message| message.sent_at);
    messages
        .into_iter()
        .map(|message| {
            let mut roles: Vec<Role> =
                ingested.messages.recipients_of(message).iter().map(|recipient| recipient.role).collect();
            roles.sort();
            roles
        })
        .collect()
}

#[test]
fn direct_group_and_notes_to_oneself() {
    let (_folder, read) = export(&[
        ("D1/2026-03-02.json", r#"[{"type":"message","user":"U1","ts":"1772438400.000001","text":"…"}]"#),
        ("mpdm-x/2026-03-02.json", r#"[{"type":"message","user":"U2","ts":"1772438401.000001","text":"…"}]"#),
        ("D2/2026-03-02.json", r#"[{"type":"message","user":"U1","ts":"1772438402.000001","text":"…"}]"#),
    ]);
    let ingested = read.unwrap();
    assert_eq!(roles(&ingested), [vec![Role::To], vec![Role::To, Role::To]]);
    assert_eq!(ingested.ledger.of_source(0).excluded.get(&Reason::SelfOnly), Some(&1));
    assert!(ingested.ledger.balance().is_ok());
}

#[test]
fn replies_mentions_and_posts() {
    let (_folder, read) = export(&[(
        "general/2026-03-02.json",
        r#"[{"type":"message","user":"U1","ts":"1772438400.000001","text":"hello"},
            {"type":"message","user":"U2","ts":"1772438401.000001","thread_ts":"1772438400.000001","text":"yes"},
            {"type":"message","user":"U3","ts":"1772438402.000001","text":"<@U1> <@U2|x> <@UB> <!here> &lt;@U2&gt;"},
            {"type":"message","user":"U1","ts":"1772438403.000001","thread_ts":"1772438400.000001","parent_user_id":"U1","text":"<@U3>"},
            {"type":"message","user":"U2","ts":"1772438404.000001","thread_ts":"1772438404.000001","text":"a parent"}]"#,
    )]);
    let ingested = read.unwrap();
    // The post names nobody; the reply its parent; bots and `here` are nobody; a reply to oneself is none.
    let expected = [vec![], vec![Role::Reply], vec![Role::Mention, Role::Mention], vec![Role::Mention], vec![]];
    assert_eq!(roles(&ingested), expected);
}

#[test]
fn a_thread_is_found_over_files_and_a_broadcast_is_one_message() {
    let (_folder, read) = export(&[
        ("general/2026-03-02.json", r#"[{"type":"message","user":"U1","ts":"1772438400.000001","text":"…"}]"#),
        (
            "general/2026-03-03.json",
            r#"[{"type":"message","user":"U2","ts":"1772524800.000001","thread_ts":"1772438400.000001","text":"…"},
                {"type":"message","subtype":"thread_broadcast","user":"U2","ts":"1772524800.000001","thread_ts":"1772438400.000001","text":"…"}]"#,
        ),
    ]);
    let ingested = read.unwrap();
    assert_eq!(roles(&ingested), [vec![], vec![Role::Reply]]);
    let counts = ingested.ledger.of_source(0);
    assert_eq!((counts.seen, counts.used, counts.duplicate), (3, 2, 1));
}

#[test]
fn two_messages_that_differ_in_the_sixth_digit_are_two() {
    let (_folder, read) = export(&[(
        "D1/2026-03-02.json",
        r#"[{"user":"U1","ts":"1772438400.000001","text":"a"},{"user":"U1","ts":"1772438400.000002","text":"a"}]"#,
    )]);
    assert_eq!(read.unwrap().totals.messages, 2);
}

#[test]
fn bad_records_are_set_aside_and_bad_files_refused() {
    let (_folder, read) = export(&[(
        "D1/2026-03-02.json",
        r#"[{"user":"U1","ts":"1e400"},{"ts":"1772438400.000001"},{"user":"U1","ts":"1772438400.000002"},{"user":"U1","user":"U2","ts":"1772438400.000003"},{"user":3,"ts":"1772438400.000004"}]"#,
    )]);
    let counts = read.unwrap().ledger.of_source(0);
    let codes: Vec<(&str, u64)> = counts.quarantined.iter().map(|(code, count)| (*code, *count)).collect();
    assert_eq!((counts.seen, counts.used, codes), (5, 1, vec![("I104", 1), ("I107", 1), ("I109", 1), ("I112", 1)]));
    for text in [r#"[{"user":"U1""#, r#"{"user":"U1"}"#, "no json"] {
        let (_folder, read) = export(&[("D1/2026-03-02.json", text)]);
        assert!(matches!(read, Err(IngestError::Unusable(_))), "{text}");
    }
}

#[test]
fn an_archive_that_swells_is_refused() {
    use std::io::Write;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bomb.zip");
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    let mut writer = zip::ZipWriter::new(fs::File::create(&path).unwrap());
    writer.start_file("users.json", options).unwrap();
    writer.write_all(&vec![b' '; 4 << 20]).unwrap();
    writer.finish().unwrap();
    let Err(IngestError::Unusable(found)) = read(&path) else { panic!("it was read") };
    assert_eq!(found[0].code.id, "I203");
}

#[test]
fn folders_of_group_messages_are_not_told() {
    let (folder, read) = export(&[("mpdm-x/2026-03-02.json", r#"[{"user":"U1","ts":"1772438400.000001"}]"#)]);
    let files = read.unwrap().files;
    assert_eq!(files.len(), 1);
    assert_eq!(files[0].path, folder.path());
}
