//! The readers, one file a format, behind the trait [`crate::format::Format`].

mod chat_takeout;
mod csv;
mod csv_fast;
mod eml;
mod fast_round;
mod fast_rows;
mod gmail_log;
mod graph_mail;
mod jsonl;
mod jsonl_fast;
mod m365_trace;
mod mail_key;
mod mail_message;
mod maildir;
mod mattermost;
mod mbox;
mod msgtrk;
mod named_columns;
mod parquet;
mod slack;
mod slack_message;
mod table;
mod teams;
mod tracking_events;
mod zulip;

pub use graph_mail::GraphDataset;
pub use table::{HandleKind, JsonForm, Layout, RecipientsForm, TableColumns, TableSpec};
pub use teams::{ChatsFile, read_chats};

use crate::format::Format;
use crate::source::{SourceFormat, SourceSpec};

/// The reader of a source.
pub(crate) fn reader(spec: &SourceSpec) -> Box<dyn Format + '_> {
    match &spec.format {
        SourceFormat::Csv(table) => Box::new(csv::CsvReader::new(spec, table)),
        SourceFormat::Jsonl(table) => Box::new(jsonl::JsonlReader::new(spec, table)),
        SourceFormat::Parquet(decode) => Box::new(parquet::ParquetReader::new(*decode)),
        SourceFormat::Slack => Box::new(slack::SlackReader::new(spec)),
        SourceFormat::Mbox { at_form } => Box::new(mbox::MboxReader::new(*at_form)),
        SourceFormat::Maildir { at_form } => Box::new(maildir::MaildirReader::new(*at_form)),
        SourceFormat::Eml { at_form } => Box::new(eml::EmlReader::new(*at_form)),
        SourceFormat::Msgtrk => Box::new(msgtrk::MsgtrkReader::new()),
        SourceFormat::M365Trace { time } => Box::new(m365_trace::M365TraceReader::new(time.as_ref())),
        SourceFormat::Graph { dataset, chats } => match dataset {
            GraphDataset::Mail | GraphDataset::TeamChat => Box::new(graph_mail::GraphMailReader::new(*dataset)),
            GraphDataset::Teams => Box::new(teams::TeamsReader::new(chats.as_ref())),
        },
        SourceFormat::Mattermost => Box::new(mattermost::MattermostReader::new(spec)),
        SourceFormat::Zulip => Box::new(zulip::ZulipReader::new(spec)),
        SourceFormat::GmailLog { time, status_ok } => Box::new(gmail_log::GmailLogReader::new(time, status_ok)),
        SourceFormat::ChatTakeout => Box::new(chat_takeout::ChatTakeoutReader::new(spec)),
    }
}
