//! Public samples of every format, with the ledger and the rows that they must give.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test may stop at anything unexpected, and says when it is skipped"
)]

use crosstie_ingest::{
    Directory, GraphDataset, IngestError, IngestParams, Ingested, Kind, Known, Reason, SourceFormat, SourceSpec,
    ingest, list_files,
};
use crosstie_model::{ChatEventKind, Role, Venue};
use crosstie_privacy::MasterKey;
use std::path::{Path, PathBuf};

/// The samples, or `None` with a word where they are absent.
fn samples(part: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/formats").join(part);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: no sample `{part}` beside the checkout");
    None
}

fn read(spec: SourceSpec, domains: &[&str]) -> Result<Ingested, IngestError> {
    let key = MasterKey::parse(&format!("crosstie-key-v1 {}", "07".repeat(32))).unwrap();
    let known =
        Known { internal_domains: domains.iter().map(|domain| (*domain).to_string()).collect(), ..Known::default() };
    let params = IngestParams {
        known,
        earliest: "1990-01-01".parse().unwrap(),
        latest: "2026-12-31".parse().unwrap(),
        recipients_kept: 500,
        canonical_rows: false,
        head_bytes: None,
    };
    ingest(&[spec], &Directory::default(), &params, &key, 0, &mut |_, _, _| Ok(()))
}

/// Reads a path as one source, and checks that its ledger balances.
fn source(path: &Path, kind: Kind, format: SourceFormat, domains: &[&str]) -> Ingested {
    let spec = SourceSpec::new("sample", kind, format, vec![path.to_path_buf()]);
    let spec = match path.is_dir() && !spec.takes_folders() {
        true => SourceSpec { files: list_files(path).unwrap(), ..spec },
        false => spec,
    };
    let ingested = read(spec, domains).unwrap();
    ingested.ledger.clone().balance().unwrap();
    ingested
}

/// The outcome of all records in one line.
fn ledger(ingested: &Ingested) -> String {
    let counts = ingested.ledger.of_source(0);
    let mut text = format!("{} seen, {} used, {} duplicate", counts.seen, counts.used, counts.duplicate);
    for (reason, count) in &counts.excluded {
        text.push_str(&format!(", {count} {}", reason.name()));
    }
    for (code, count) in &counts.quarantined {
        text.push_str(&format!(", {count} {code}"));
    }
    text
}

/// Roles of all recipients, message by message in the order of time.
fn roles(ingested: &Ingested) -> Vec<Vec<Role>> {
    let mut messages: Vec<_> = ingested.messages.messages.iter().collect();
    messages.sort_by_key(|message| message.sent_at);
    let roles_of = |message| {
        let mut roles: Vec<Role> = ingested.messages.recipients_of(message).iter().map(|one| one.role).collect();
        roles.sort();
        roles
    };
    messages.into_iter().map(roles_of).collect()
}

#[test]
fn slack() {
    let Some(path) = samples("slack/slack_export_viewer_testarchive.zip") else { return };
    let ingested = source(&path, Kind::Chat, SourceFormat::Slack, &[]);
    assert_eq!(ledger(&ingested), "158 seen, 61 used, 0 duplicate, 3 system_event, 94 automated");
    assert_eq!(ingested.messages.messages.len(), 53);
    assert_eq!(ingested.messages.recipients.len(), 14);
    let kinds = |kind| ingested.events.iter().filter(|event| event.kind == kind).count();
    assert_eq!((kinds(ChatEventKind::Create), kinds(ChatEventKind::Join), kinds(ChatEventKind::Leave)), (2, 6, 0));
    let invited = ingested.events.iter().filter(|event| event.by.is_some()).count();
    assert_eq!(invited, 6);
}

#[test]
fn a_slack_thread_and_its_broadcast() {
    let (Some(thread), Some(dms)) = (samples("slack/thread_with_broadcast_reply.json"), samples("slack/dms.json"))
    else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("users.json"), "[]").unwrap();
    std::fs::copy(&dms, folder.path().join("dms.json")).unwrap();
    std::fs::create_dir(folder.path().join("general")).unwrap();
    std::fs::copy(&thread, folder.path().join("general/2015-01-01.json")).unwrap();
    let ingested = source(folder.path(), Kind::Chat, SourceFormat::Slack, &[]);
    assert_eq!(ingested.messages.messages.len(), 3);
    let replies: Vec<_> = ingested.messages.recipients.iter().filter(|one| one.role == Role::Reply).collect();
    assert_eq!(replies.len(), 2);
    assert_eq!(replies[0].handle_id, replies[1].handle_id, "to one person");
}

#[test]
fn exchange_tracking_logs() {
    for (name, expected) in [
        ("MSGTRK_ex2007_21cols.log", "1 seen, 0 used, 0 duplicate, 1 other_event"),
        ("MSGTRK_ex2010_26cols_utf8bom.log", "2 seen, 0 used, 0 duplicate, 2 other_event"),
        ("MSGTRK_ex2013_27cols.log", "2 seen, 0 used, 0 duplicate, 2 other_event"),
    ] {
        let Some(path) = samples("exchange").map(|folder| folder.join(name)) else { return };
        let ingested = source(&path, Kind::Mail, SourceFormat::Msgtrk, &["example.com"]);
        assert_eq!(ledger(&ingested), expected, "{name}");
    }
}

#[test]
fn message_traces_in_utf16() {
    let Some(folder) = samples("m365_trace") else { return };
    let format = || SourceFormat::M365Trace { time: None };
    for name in ["SYNTHETIC_summary_utf16le_bom.csv", "SYNTHETIC_summary_utf16le_nobom.csv"] {
        let ingested = source(&folder.join(name), Kind::Mail, format(), &["contoso.example", "example.com"]);
        assert_eq!(ledger(&ingested), "1 seen, 1 used, 0 duplicate", "{name}");
        assert_eq!(ingested.messages.messages[0].recipient_count, 2, "{name}");
    }
    let both = list_files(&folder.join("SYNTHETIC_*.csv")).unwrap();
    let spec = SourceSpec::new("sample", Kind::Mail, format(), both);
    let ingested = read(spec, &["contoso.example", "example.com"]).unwrap();
    assert_eq!(ledger(&ingested), "2 seen, 1 used, 1 duplicate");
}

#[test]
fn graph_data_connect() {
    let Some(folder) = samples("graph_data_connect") else { return };
    let graph = |dataset| SourceFormat::Graph { dataset, chats: None };
    let files = ["BasicDataSet_v0.Message_v1.json", "BasicDataSet_v0.SentItem_v1.json"].map(|name| folder.join(name));
    let spec = SourceSpec::new("sample", Kind::Mail, graph(GraphDataset::Mail), files.to_vec());
    let ingested = read(spec, &["m365x723843.onmicrosoft.com"]).unwrap();
    ingested.ledger.clone().balance().unwrap();
    assert_eq!(ledger(&ingested), "20 seen, 13 used, 1 duplicate, 6 automated");
    let chats = folder.join("BasicDataSet_v0.TeamChat_v1.json");
    let ingested = source(&chats, Kind::Chat, graph(GraphDataset::TeamChat), &["m365x413676.onmicrosoft.com"]);
    assert_eq!(ledger(&ingested), "10 seen, 10 used, 0 duplicate");
    let venues = |venue| ingested.messages.messages.iter().filter(move |message| message.venue == venue);
    assert_eq!(venues(Venue::Direct).count(), 6);
    assert!(venues(Venue::Group).count() == 4 && venues(Venue::Group).all(|message| message.recipient_count == 5));
}

#[test]
fn teams() {
    let Some(folder) = samples("teams") else { return };
    let format = SourceFormat::Graph { dataset: GraphDataset::Teams, chats: None };
    let ingested = source(&folder, Kind::Chat, format, &[]);
    assert_eq!(ledger(&ingested), "6 seen, 5 used, 0 duplicate, 1 system_event");
    assert_eq!(ingested.messages.recipients.iter().filter(|one| one.role == Role::Reply).count(), 2);
    let venues = |venue| ingested.messages.messages.iter().filter(|message| message.venue == venue).count();
    assert_eq!((venues(Venue::Direct), venues(Venue::Group)), (1, 1));
    assert_eq!(ingested.oddities.get("message_of_a_chat_without_members"), Some(&1));
}

#[test]
fn mattermost() {
    let Some(folder) = samples("mattermost") else { return };
    let path = folder.join("import_from_zulip_and_mattermost_fixtures.jsonl");
    let ingested = source(&path, Kind::Chat, SourceFormat::Mattermost, &[]);
    assert_eq!(ledger(&ingested), "17 seen, 7 used, 0 duplicate, 9 not_a_message, 1 self_only");
    assert_eq!((ingested.messages.messages.len(), ingested.events.len()), (6, 1));
    assert!(!ingested.events[0].by_is_known);
}

#[test]
fn zulip() {
    let Some(folder) = samples("zulip_export") else { return };
    let ingested = source(&folder, Kind::Chat, SourceFormat::Zulip, &[]);
    assert_eq!(ledger(&ingested), "4 seen, 3 used, 0 duplicate, 1 self_only");
    assert_eq!(roles(&ingested), [vec![], vec![Role::Mention], vec![]]);
}

#[test]
fn google_chat() {
    let Some(folder) = samples("google_chat_takeout") else { return };
    let ingested = source(&folder, Kind::Chat, SourceFormat::ChatTakeout, &["example.com"]);
    assert_eq!(ledger(&ingested), "3 seen, 2 used, 0 duplicate, 1 I107");
}

/// The mails whose expected JSON is beside them, and files among mails that are none.
#[test]
fn mail_files() {
    let (Some(folder), Some(more)) = (samples("eml/with_expected_json"), samples("eml/more_messages")) else { return };
    let mut files = Vec::new();
    let mut open = vec![folder, more];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_none_or(|end| end != "json") {
                files.push(path);
            }
        }
    }
    files.sort();
    for path in files {
        let format = SourceFormat::Eml { at_form: false };
        let spec = SourceSpec::new("sample", Kind::Mail, format, vec![path.clone()]);
        let ingested = read(spec, &["example.com"]).unwrap();
        ingested.ledger.clone().balance().unwrap();
        assert_eq!(ingested.ledger.of_source(0).seen, 1, "{}", path.display());
    }
}

#[test]
fn reasons_have_their_names() {
    let names: Vec<&str> = Reason::ALL.iter().map(|reason| reason.name()).collect();
    let mut sorted = names.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(sorted.len(), names.len());
}
