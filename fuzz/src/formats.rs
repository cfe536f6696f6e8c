//! Every format with its plan, its file name and its alphabet.

use crate::words;
use crosstie_ingest::{
    GraphDataset, HandleKind, IngestParams, JsonForm, Kind, Known, Layout, RecipientsForm, SourceFormat, SourceSpec,
    TableColumns, TableSpec, TimeForm, TimeSpec,
};
use crosstie_privacy::MasterKey;

/// A format as a target reads it.
pub struct Form {
    /// Name of its file, where it is one.
    pub file: &'static str,
    /// Whether an input is the entries of an export.
    pub is_export: bool,
    /// Whether it is text, which may be written in UTF-16. Mail is bytes, whatever its headers say of their encoding.
    pub is_text: bool,
    /// Its alphabet.
    pub words: &'static [&'static str],
    /// The plan, of some variant.
    pub spec: fn(u8) -> SourceSpec,
}

/// The format of a target.
///
/// # Panics
/// If there is no such format.
#[must_use]
pub fn form(name: &str) -> Form {
    let file = |file, words, spec| Form { file, is_export: false, is_text: true, words, spec };
    let bytes = |file, words, spec| Form { file, is_export: false, is_text: false, words, spec };
    let export = |words, spec| Form { file: "", is_export: true, is_text: true, words, spec };
    match name {
        "csv" => file("mail.csv", words::CSV, csv),
        "jsonl" => file("mail.jsonl", words::JSONL, jsonl),
        "mbox" => bytes("mail.mbox", words::MAIL, |variant| mail(SourceFormat::Mbox { at_form: variant & 1 == 1 })),
        "eml" => bytes("mail.eml", words::MAIL, |variant| mail(SourceFormat::Eml { at_form: variant & 1 == 1 })),
        "msgtrk" => file("MSGTRK.log", words::MSGTRK, |_| mail(SourceFormat::Msgtrk)),
        "m365_trace" => file("trace.csv", words::M365_TRACE, m365_trace),
        "graph_mail" => file("mail.json", words::GRAPH_MAIL, graph_mail),
        "mattermost" => file("export.jsonl", words::MATTERMOST, |_| chat(SourceFormat::Mattermost)),
        "gmail_log" => file("log.csv", words::GMAIL_LOG, |_| gmail_log()),
        "slack" => export(words::SLACK, |_| chat(SourceFormat::Slack)),
        "teams" => export(words::TEAMS, |_| graph(GraphDataset::Teams, Kind::Chat)),
        "zulip" => export(words::ZULIP, |_| chat(SourceFormat::Zulip)),
        "chat_takeout" => export(words::CHAT_TAKEOUT, |_| chat(SourceFormat::ChatTakeout)),
        _ => panic!("no format `{name}`"),
    }
}

/// The key of all targets.
///
/// # Panics
/// Never: the key is well formed.
#[must_use]
pub fn key() -> MasterKey {
    MasterKey::parse(&format!("crosstie-key-v1 {}", "07".repeat(32))).expect("a well-formed key")
}

/// Parameters with some domains inside.
///
/// # Panics
/// Never: the dates are dates.
#[must_use]
pub fn params(internal_domains: Vec<String>) -> IngestParams {
    IngestParams {
        known: Known { internal_domains, ..Known::default() },
        earliest: "1990-01-01".parse().expect("a date"),
        latest: "2026-12-31".parse().expect("a date"),
        recipients_kept: 5,
        canonical_rows: false,
        head_bytes: None,
    }
}

fn source(kind: Kind, format: SourceFormat) -> SourceSpec {
    SourceSpec::new("source", kind, format, Vec::new())
}

fn mail(format: SourceFormat) -> SourceSpec {
    source(Kind::Mail, format)
}

fn chat(format: SourceFormat) -> SourceSpec {
    source(Kind::Chat, format)
}

fn graph(dataset: GraphDataset, kind: Kind) -> SourceSpec {
    source(kind, SourceFormat::Graph { dataset, chats: None })
}

fn graph_mail(variant: u8) -> SourceSpec {
    match variant & 1 {
        0 => graph(GraphDataset::Mail, Kind::Mail),
        _ => graph(GraphDataset::TeamChat, Kind::Chat),
    }
}

fn time(form: TimeForm) -> TimeSpec {
    TimeSpec::new(form, Some("UTC")).expect("a form of time")
}

fn m365_trace(variant: u8) -> SourceSpec {
    let time = (variant & 1 == 1).then(|| time(TimeForm::Pattern("%m/%d/%Y %I:%M:%S %p".into())));
    mail(SourceFormat::M365Trace { time })
}

fn gmail_log() -> SourceSpec {
    mail(SourceFormat::GmailLog { time: time(TimeForm::Auto), status_ok: vec!["DELIVERED".into()] })
}

fn csv(variant: u8) -> SourceSpec {
    let (kind, table) = table(variant, |name| name);
    source(kind, SourceFormat::Csv(Box::new(table)))
}

fn jsonl(variant: u8) -> SourceSpec {
    let (kind, table) = table(variant, |name| match name {
        "to" => "to[].address",
        other => other,
    });
    source(kind, SourceFormat::Jsonl(Box::new(table)))
}

/// A table in eight ways: a recipient or a message a row, mail or chat, with everything at its default or nothing.
fn table(variant: u8, path: fn(&'static str) -> &'static str) -> (Kind, TableSpec) {
    let (by_recipient, is_chat, is_other) = (variant & 1 == 1, variant & 2 == 2, variant & 4 == 4);
    let column = |name| Some(path(name).to_string());
    let mut columns = TableColumns {
        sent_at: "sent_at".into(),
        sender: "sender".into(),
        to: column("to"),
        message_id: column("id"),
        ..TableColumns::default()
    };
    if is_chat {
        columns.in_reply_to = column("answers");
        columns.place_id = column("place");
        columns.thread = column("thread");
        columns.mentions = column("mentions");
    }
    let table = TableSpec {
        layout: if by_recipient { Layout::RecipientPerRow } else { Layout::MessagePerRow },
        delimiter: is_other.then_some(b','),
        recipient_separator: ";".into(),
        recipients_form: if is_other { RecipientsForm::Rfc5322 } else { RecipientsForm::Separated },
        json: if is_other { JsonForm::Stream } else { JsonForm::Lines },
        time: time(TimeForm::Auto),
        handles: if is_chat && is_other { HandleKind::Account } else { HandleKind::Address },
        columns,
        null_values: vec!["null".into()],
        trim: !is_other,
    };
    (if is_chat { Kind::Chat } else { Kind::Mail }, table)
}
