//! Plans of every format, and what must hold of whatever bytes are read with them.

use crosstie_ingest::{
    Counts, Directory, GraphDataset, HandleKind, IngestError, IngestParams, Ingested, JsonForm, Kind, Known, Layout,
    RecipientsForm, SourceFormat, SourceSpec, TableColumns, TableSpec, TimeForm, TimeSpec, ingest_memory,
};
use crosstie_privacy::MasterKey;

/// The key of these tests.
pub(crate) fn key() -> MasterKey {
    MasterKey::parse(&format!("crosstie-key-v1 {}", "07".repeat(32))).unwrap()
}

/// A source by the name of its format.
pub(crate) fn source(format: &str) -> SourceSpec {
    let (kind, format) = match format {
        "csv" => (Kind::Mail, SourceFormat::Csv(Box::new(table("to")))),
        "jsonl" => (Kind::Mail, SourceFormat::Jsonl(Box::new(table("to[].address")))),
        "slack" => (Kind::Chat, SourceFormat::Slack),
        "mbox" => (Kind::Mail, SourceFormat::Mbox { at_form: false }),
        "maildir" => (Kind::Mail, SourceFormat::Maildir { at_form: false }),
        "eml" => (Kind::Mail, SourceFormat::Eml { at_form: false }),
        "msgtrk" => (Kind::Mail, SourceFormat::Msgtrk),
        "m365_trace" => {
            let pattern = TimeForm::Pattern("%m/%d/%Y %I:%M:%S %p".into());
            (Kind::Mail, SourceFormat::M365Trace { time: Some(TimeSpec::new(pattern, Some("UTC")).unwrap()) })
        }
        "graph_mail" => (Kind::Mail, graph(GraphDataset::Mail)),
        "team_chat" => (Kind::Chat, graph(GraphDataset::TeamChat)),
        "teams" => (Kind::Chat, graph(GraphDataset::Teams)),
        "mattermost" => (Kind::Chat, SourceFormat::Mattermost),
        "zulip" => (Kind::Chat, SourceFormat::Zulip),
        "gmail_log" => (Kind::Mail, SourceFormat::GmailLog { time: auto(), status_ok: vec!["DELIVERED".into()] }),
        "chat_takeout" => (Kind::Chat, SourceFormat::ChatTakeout),
        other => panic!("no format `{other}`"),
    };
    SourceSpec::new("source", kind, format, Vec::new())
}

fn graph(dataset: GraphDataset) -> SourceFormat {
    SourceFormat::Graph { dataset, chats: None }
}

fn auto() -> TimeSpec {
    TimeSpec::new(TimeForm::Auto, Some("UTC")).unwrap()
}

fn table(to: &str) -> TableSpec {
    TableSpec {
        layout: Layout::MessagePerRow,
        delimiter: None,
        recipient_separator: ";".into(),
        recipients_form: RecipientsForm::Separated,
        json: JsonForm::Lines,
        time: auto(),
        handles: HandleKind::Address,
        columns: TableColumns {
            sent_at: "sent_at".into(),
            sender: "sender".into(),
            to: Some(to.into()),
            message_id: Some("id".into()),
            ..TableColumns::default()
        },
        null_values: Vec::new(),
        trim: true,
    }
}

/// Reads entries that are held in memory. What is refused, is by codes; what is read has an account of every record
/// and every byte.
pub(crate) fn read(spec: &SourceSpec, entries: &[(String, Vec<u8>)]) -> Result<Ingested, Vec<&'static str>> {
    let params = IngestParams {
        known: Known { internal_domains: vec!["x.example".into()], ..Known::default() },
        earliest: "1990-01-01".parse().unwrap(),
        latest: "2026-12-31".parse().unwrap(),
        recipients_kept: 500,
        canonical_rows: false,
        head_bytes: None,
    };
    let borrowed: Vec<(&str, &[u8])> = entries.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    let ingested = match ingest_memory(spec, &borrowed, &Directory::default(), &params, &key()) {
        Ok(ingested) => ingested,
        Err(IngestError::Unusable(found)) if !found.is_empty() => {
            return Err(found.iter().map(|diagnostic| diagnostic.code.id).collect());
        }
        Err(other) => panic!("neither read nor refused with a code: {other:?}"),
    };
    if let Err(imbalance) = ingested.ledger.clone().balance() {
        panic!("{imbalance:?}");
    }
    let set_aside: u64 = ingested.ledger.lines.values().map(Counts::quarantined_count).sum();
    assert_eq!(set_aside, ingested.quarantine.len() as u64, "each record that was set aside is told of");
    let seen: u64 = ingested.ledger.bytes.values().map(|bytes| bytes.seen).sum();
    let given: usize = entries.iter().map(|(_, bytes)| bytes.len()).sum();
    assert!(seen == given as u64 || !ingested.skipped_files.is_empty(), "{seen} of {given} bytes seen");
    Ok(ingested)
}
