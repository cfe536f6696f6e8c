//! One source of the plan: its format, the keys that mean something to it, and everything that is wrong with them.

use crate::file::{SourceColumns, SourceSection};
use crate::settings::Settings;
use crosstie_ingest::{
    GraphDataset, HandleKind, JsonForm, Kind, Layout, RecipientsForm, SourceFormat, SourceSpec, TableColumns,
    TableSpec, TextEncoding, TimeForm, TimeSpec,
};
use crosstie_model::{Diagnostic, code, nearest};

/// Hours within which a post in a thread answers the one before.
const THREAD_HOURS: u32 = 24;
/// The status of Google's log search that means delivered.
const STATUS_OK: &str = "DELIVERED";
/// Column names that hold text; mapping one is refused.
const TEXT_COLUMNS: [&str; 6] = ["subject", "body", "content", "text", "attachment", "attachments"];

/// A source whose files are not listed yet.
pub(crate) struct PlannedSource {
    pub(crate) spec: SourceSpec,
    pub(crate) path: String,
    pub(crate) chats_file: Option<String>,
    pub(crate) complete: bool,
}

/// The formats by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Name {
    Csv,
    Jsonl,
    Parquet,
    Slack,
    Mbox,
    Maildir,
    Eml,
    Msgtrk,
    M365Trace,
    Graph,
    Mattermost,
    Zulip,
    GmailLog,
    ChatTakeout,
}

const NAMES: [(&str, Name); 14] = [
    ("csv", Name::Csv),
    ("jsonl", Name::Jsonl),
    ("parquet", Name::Parquet),
    ("slack", Name::Slack),
    ("mbox", Name::Mbox),
    ("maildir", Name::Maildir),
    ("eml", Name::Eml),
    ("msgtrk", Name::Msgtrk),
    ("m365_trace", Name::M365Trace),
    ("graph", Name::Graph),
    ("mattermost", Name::Mattermost),
    ("zulip", Name::Zulip),
    ("gmail_log", Name::GmailLog),
    ("chat_takeout", Name::ChatTakeout),
];

impl Name {
    /// What its records can only be; `None`: either.
    const fn kind(self) -> Option<Kind> {
        match self {
            Name::Csv | Name::Jsonl | Name::Parquet | Name::Graph => None,
            Name::Slack | Name::Mattermost | Name::Zulip | Name::ChatTakeout => Some(Kind::Chat),
            Name::Mbox | Name::Maildir | Name::Eml | Name::Msgtrk | Name::M365Trace | Name::GmailLog => {
                Some(Kind::Mail)
            }
        }
    }

    /// Whether a key means something to it.
    fn knows(self, key: &str) -> bool {
        let is_table = matches!(self, Name::Csv | Name::Jsonl);
        match key {
            "layout" | "handles" | "recipient_separator" | "recipients_form" | "null_values" | "columns" => is_table,
            "delimiter" | "trim" => self == Name::Csv,
            "json" => self == Name::Jsonl,
            "time_format" | "zone" => is_table || matches!(self, Name::M365Trace | Name::GmailLog),
            "encoding" => !matches!(
                self,
                Name::Parquet | Name::Slack | Name::Zulip | Name::ChatTakeout | Name::Mbox | Name::Maildir | Name::Eml
            ),
            "dataset" | "chats_file" => self == Name::Graph,
            "status_ok" => self == Name::GmailLog,
            "at_form" => matches!(self, Name::Mbox | Name::Maildir | Name::Eml),
            "direct_partial" => self.kind() != Some(Kind::Mail),
            "thread_hours" => is_table || self == Name::Zulip,
            _ => true,
        }
    }
}

/// Plans source number `number`.
pub(crate) fn source(s: &mut Settings, number: usize, section: SourceSection) -> PlannedSource {
    let name = s.value(&format!("sources.{number}.name"), section.name.clone(), format!("source-{}", number + 1));
    let key = |field: &str| format!("sources.{name}.{field}");
    let format = s.choice(&key("format"), section.format.clone(), &NAMES);
    refuse_meaningless(s, &key, format, &section);
    let kind = kind(s, &key, format, section.kind.clone());
    let path = s.required(&key("path"), section.path.clone());
    let complete = s.value(&key("complete"), section.complete, false);
    let encoding = s.optional(&key("encoding"), section.encoding.clone()).and_then(|label| {
        let found = TextEncoding::named(&label);
        if found.is_none() {
            s.fault(
                &key("encoding"),
                format_args!("is `{label}`; `utf-8`, `utf-16le` and `windows-1252` are some that are known"),
            );
        }
        found
    });
    let thread_hours = s.within(&key("thread_hours"), section.thread_hours, THREAD_HOURS, 0, 24 * 365);
    let skip_bad_files = s.choice(&key("on_bad_file"), section.on_bad_file.clone(), &[("stop", false), ("skip", true)]);
    let salvage = s.value(&key("salvage"), section.salvage, false);
    let direct_partial = s.value(&key("direct_partial"), section.direct_partial, false);
    let chats_file = section.chats_file.clone().filter(|_| format == Name::Graph);
    let format = format_spec(s, &key, format, kind, section);
    let spec = SourceSpec {
        encoding,
        thread_hours,
        skip_bad_files,
        salvage,
        direct_partial,
        ..SourceSpec::new(&name, kind, format, Vec::new())
    };
    PlannedSource { spec, path, chats_file, complete }
}

/// A key that means nothing to the format would leave its user believing that it does.
fn refuse_meaningless(s: &mut Settings, key: &dyn Fn(&str) -> String, format: Name, section: &SourceSection) {
    let written = [
        ("layout", section.layout.is_some()),
        ("handles", section.handles.is_some()),
        ("delimiter", section.delimiter.is_some()),
        ("recipient_separator", section.recipient_separator.is_some()),
        ("recipients_form", section.recipients_form.is_some()),
        ("json", section.json.is_some()),
        ("time_format", section.time_format.is_some()),
        ("zone", section.zone.is_some()),
        ("null_values", section.null_values.is_some()),
        ("trim", section.trim.is_some()),
        ("columns", section.columns.is_some()),
        ("encoding", section.encoding.is_some()),
        ("dataset", section.dataset.is_some()),
        ("chats_file", section.chats_file.is_some()),
        ("status_ok", section.status_ok.is_some()),
        ("at_form", section.at_form.is_some()),
        ("direct_partial", section.direct_partial.is_some()),
        ("thread_hours", section.thread_hours.is_some()),
    ];
    let name = NAMES.iter().find(|(_, known)| *known == format).map_or("", |(name, _)| name);
    for (field, _) in written.iter().filter(|(field, written)| *written && !format.knows(field)) {
        s.fault(&key(field), format_args!("has no meaning for the format `{name}`"));
    }
}

fn kind(s: &mut Settings, key: &dyn Fn(&str) -> String, format: Name, written: Option<String>) -> Kind {
    let only = format.kind();
    let choices = match only {
        Some(Kind::Chat) => [("chat", Kind::Chat), ("mail", Kind::Mail)],
        _ => [("mail", Kind::Mail), ("chat", Kind::Chat)],
    };
    let kind = s.choice(&key("kind"), written, &choices);
    if let Some(only) = only.filter(|only| *only != kind) {
        let word = if only == Kind::Chat { "chat" } else { "mail" };
        s.fault(&key("kind"), format_args!("must be `{word}` for this format"));
    }
    kind
}

fn format_spec(
    s: &mut Settings,
    key: &dyn Fn(&str) -> String,
    format: Name,
    kind: Kind,
    section: SourceSection,
) -> SourceFormat {
    match format {
        Name::Csv => SourceFormat::Csv(Box::new(table(s, key, kind, section, true))),
        Name::Jsonl => SourceFormat::Jsonl(Box::new(table(s, key, kind, section, false))),
        Name::Parquet => SourceFormat::Parquet(crosstie_store::read_table),
        Name::Slack => SourceFormat::Slack,
        Name::Mbox => SourceFormat::Mbox { at_form: s.value(&key("at_form"), section.at_form, false) },
        Name::Maildir => SourceFormat::Maildir { at_form: s.value(&key("at_form"), section.at_form, false) },
        Name::Eml => SourceFormat::Eml { at_form: s.value(&key("at_form"), section.at_form, false) },
        Name::Msgtrk => SourceFormat::Msgtrk,
        Name::M365Trace => {
            let is_written = section.time_format.is_some();
            let time = time(s, key, section.time_format, section.zone);
            SourceFormat::M365Trace { time: is_written.then_some(time) }
        }
        Name::Graph => {
            let datasets =
                [("mail", GraphDataset::Mail), ("team_chat", GraphDataset::TeamChat), ("teams", GraphDataset::Teams)];
            let dataset = s.choice(&key("dataset"), section.dataset, &datasets);
            s.optional(&key("chats_file"), section.chats_file);
            let wanted = if dataset == GraphDataset::Mail { Kind::Mail } else { Kind::Chat };
            if kind != wanted {
                let word = if wanted == Kind::Chat { "chat" } else { "mail" };
                s.fault(&key("kind"), format_args!("must be `{word}` for this dataset"));
            }
            SourceFormat::Graph { dataset, chats: None }
        }
        Name::Mattermost => SourceFormat::Mattermost,
        Name::Zulip => SourceFormat::Zulip,
        Name::GmailLog => {
            if section.time_format.is_none() || section.zone.is_none() {
                s.fault(&key("time_format"), "and `zone` are needed: the export is written in the administrator's own");
            }
            let time = time(s, key, section.time_format, section.zone);
            let mut status_ok = s.list(&key("status_ok"), section.status_ok);
            if status_ok.is_empty() {
                status_ok.push(STATUS_OK.into());
            }
            SourceFormat::GmailLog { time, status_ok }
        }
        Name::ChatTakeout => SourceFormat::ChatTakeout,
    }
}

fn table(
    s: &mut Settings,
    key: &dyn Fn(&str) -> String,
    kind: Kind,
    section: SourceSection,
    is_csv: bool,
) -> TableSpec {
    let columns = table_columns(s, key, kind, section.columns.unwrap_or_default());
    let time = time(s, key, section.time_format, section.zone);
    let layouts = [("message_per_row", Layout::MessagePerRow), ("recipient_per_row", Layout::RecipientPerRow)];
    let handles = [("address", HandleKind::Address), ("account", HandleKind::Account)];
    let forms = [("separated", RecipientsForm::Separated), ("rfc5322", RecipientsForm::Rfc5322)];
    let json = [("lines", JsonForm::Lines), ("stream", JsonForm::Stream)];
    let separator = section.recipient_separator.filter(|text| !text.is_empty());
    TableSpec {
        layout: s.choice(&key("layout"), section.layout, &layouts),
        handles: s.choice(&key("handles"), section.handles, &handles),
        delimiter: if is_csv { s.delimiter(&key("delimiter"), section.delimiter) } else { None },
        recipient_separator: s.value(&key("recipient_separator"), separator, ";".into()),
        recipients_form: s.choice(&key("recipients_form"), section.recipients_form, &forms),
        json: if is_csv { JsonForm::Lines } else { s.choice(&key("json"), section.json, &json) },
        time,
        columns,
        null_values: s.list(&key("null_values"), section.null_values),
        trim: s.value(&key("trim"), section.trim, false),
    }
}

fn table_columns(s: &mut Settings, key: &dyn Fn(&str) -> String, kind: Kind, columns: SourceColumns) -> TableColumns {
    let mut column = |field: &str, written: Option<String>| {
        let column = s.optional(&key(&format!("columns.{field}")), written);
        let is_text = |column: &&String| {
            column.split('.').any(|part| TEXT_COLUMNS.contains(&part.trim_end_matches("[]").to_lowercase().as_str()))
        };
        if let Some(text) = column.as_ref().filter(is_text) {
            let message = format!("column `{text}` looks like message text and is mapped as `{field}`");
            s.faults.push(Diagnostic::new(code::C105, message).hint(code::C105.remedy));
        }
        column
    };
    let mapped = TableColumns {
        sent_at: column("sent_at", columns.sent_at).unwrap_or_default(),
        sender: column("sender", columns.sender).unwrap_or_default(),
        to: column("to", columns.to),
        cc: column("cc", columns.cc),
        bcc: column("bcc", columns.bcc),
        role: column("role", columns.role),
        message_id: column("message_id", columns.message_id),
        in_reply_to: column("in_reply_to", columns.in_reply_to),
        place_id: column("place_id", columns.place_id),
        thread: column("thread", columns.thread),
        mentions: column("mentions", columns.mentions),
    };
    let names_nobody = [&mapped.to, &mapped.cc, &mapped.bcc].iter().all(|column| column.is_none());
    let chat_may = kind == Kind::Chat && (mapped.mentions.is_some() || mapped.place_id.is_some());
    if mapped.sent_at.is_empty() || mapped.sender.is_empty() || (names_nobody && !chat_may) {
        s.fault(&key("columns"), "needs `sent_at`, `sender` and one of `to`, `cc`, `bcc`");
    }
    let of_chat = [
        ("in_reply_to", mapped.in_reply_to.is_some()),
        ("place_id", mapped.place_id.is_some()),
        ("thread", mapped.thread.is_some()),
        ("mentions", mapped.mentions.is_some()),
    ];
    for (field, _) in of_chat.iter().filter(|(_, written)| *written && kind == Kind::Mail) {
        s.fault(&key(&format!("columns.{field}")), "has no meaning for mail");
    }
    mapped
}

fn time(s: &mut Settings, key: &dyn Fn(&str) -> String, format: Option<String>, zone: Option<String>) -> TimeSpec {
    let form = match s.value(&key("time_format"), format, "auto".into()).as_str() {
        "auto" => TimeForm::Auto,
        "epoch_ms" => TimeForm::EpochMillis,
        "epoch_us" => TimeForm::EpochMicros,
        pattern if pattern.contains('%') => TimeForm::Pattern(pattern.into()),
        other => {
            let near = nearest(other, ["auto", "epoch_ms", "epoch_us"]).unwrap_or("auto");
            s.fault(&key("time_format"), format_args!("is `{other}`; did you mean `{near}`? A pattern has `%` fields"));
            TimeForm::Auto
        }
    };
    let zone = s.optional(&key("zone"), zone);
    TimeSpec::new(form.clone(), zone.as_deref()).unwrap_or_else(|why| {
        s.fault(&key("zone"), why);
        TimeSpec { form, zone: None }
    })
}
