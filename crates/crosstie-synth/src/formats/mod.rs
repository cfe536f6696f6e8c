//! The same organization through every format that crosstie reads, each with a ready pipeline and something whose
//! ties must be equal.

mod chat_takeout;
mod clock;
mod csv_mail;
mod directory_reference;
mod entra;
mod gmail_log;
mod google_users;
mod graph_mail;
mod graph_users;
mod jsonl;
mod ldif;
mod m365_trace;
mod made;
mod mail_files;
mod mail_text;
mod mattermost;
mod msgtrk;
mod pipeline;
mod scim;
mod slack_reference;
mod snapshots;
mod team_chat;
mod teams;
mod text;
mod zulip;

use crate::SynthParams;
use crate::people::Staff;
use crate::traffic::Sent;
use crosstie_model::nearest;
use made::Made;

/// A form of mail, chat or directory data, written to `formats/NAME/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// Mail: CSV with a row a message.
    Csv,
    /// Mail: CSV with a row a recipient.
    CsvRecipientRows,
    /// Mail: CSV where all recipients are direct ones.
    CsvToOnly,
    /// Mail: JSON Lines with nested recipients.
    Jsonl,
    /// Mail: a mailbox file a week.
    Mbox,
    /// Mail: a Maildir.
    Maildir,
    /// Mail: a file a mail.
    Eml,
    /// Mail: Exchange message tracking logs.
    Msgtrk,
    /// Mail: enhanced summaries of the Microsoft 365 message trace.
    M365Trace,
    /// Mail: `Get-MessageTrace` as CSV.
    M365TraceCsv,
    /// Mail: Microsoft Graph Data Connect.
    Graph,
    /// Mail: Google's email log search.
    GmailLog,
    /// Chat: a Slack export without noise.
    Slack,
    /// Chat: a Mattermost bulk export.
    Mattermost,
    /// Chat: a Zulip organization export.
    Zulip,
    /// Chat: Teams messages as PowerShell exports them.
    Teams,
    /// Chat: Teams messages from Graph Data Connect, in the form of mail.
    TeamChat,
    /// Chat: Google Takeout.
    ChatTakeout,
    /// Directory: LDIF.
    Ldif,
    /// Directory: SCIM 2.0 responses.
    Scim,
    /// Directory: Microsoft Entra's user download with a file of managers.
    Entra,
    /// Directory: Google's user download.
    GoogleUsers,
    /// Directory: users and managers from Graph Data Connect.
    GraphUsers,
    /// Directory: monthly CSVs.
    Snapshots,
}

/// What a format is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carries {
    /// All mail.
    Mail,
    /// The kinds of chat that the format can carry.
    Chat,
    /// The people; mail comes from `csv`.
    Directory,
}

impl Format {
    /// All formats: mail, chat, directories.
    pub const ALL: [Format; 24] = [
        Format::Csv,
        Format::CsvRecipientRows,
        Format::CsvToOnly,
        Format::Jsonl,
        Format::Mbox,
        Format::Maildir,
        Format::Eml,
        Format::Msgtrk,
        Format::M365Trace,
        Format::M365TraceCsv,
        Format::Graph,
        Format::GmailLog,
        Format::Slack,
        Format::Mattermost,
        Format::Zulip,
        Format::Teams,
        Format::TeamChat,
        Format::ChatTakeout,
        Format::Ldif,
        Format::Scim,
        Format::Entra,
        Format::GoogleUsers,
        Format::GraphUsers,
        Format::Snapshots,
    ];

    /// Its name, which is also its folder under `formats/`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::CsvRecipientRows => "csv_recipient_rows",
            Format::CsvToOnly => "csv_to_only",
            Format::Jsonl => "jsonl",
            Format::Mbox => "mbox",
            Format::Maildir => "maildir",
            Format::Eml => "eml",
            Format::Msgtrk => "msgtrk",
            Format::M365Trace => "m365_trace",
            Format::M365TraceCsv => "m365_trace_csv",
            Format::Graph => "graph",
            Format::GmailLog => "gmail_log",
            Format::Slack => "slack",
            Format::Mattermost => "mattermost",
            Format::Zulip => "zulip",
            Format::Teams => "teams",
            Format::TeamChat => "team_chat",
            Format::ChatTakeout => "chat_takeout",
            Format::Ldif => "ldif",
            Format::Scim => "scim",
            Format::Entra => "entra",
            Format::GoogleUsers => "google_users",
            Format::GraphUsers => "graph_users",
            Format::Snapshots => "snapshots",
        }
    }

    /// Reads names, where `all` means every format.
    ///
    /// # Errors
    /// A name that is none, with the nearest one.
    pub fn parse_list<T: AsRef<str>>(names: impl IntoIterator<Item = T>) -> Result<Vec<Format>, String> {
        let mut formats = Vec::new();
        for name in names {
            match name.as_ref().trim() {
                "all" => formats.extend(Format::ALL),
                name => formats.push(name.parse()?),
            }
        }
        formats.sort_unstable();
        formats.dedup();
        Ok(formats)
    }

    /// What it is about.
    #[must_use]
    pub fn carries(self) -> Carries {
        // The order of the list is mail, chat, directories.
        if self < Format::Slack {
            Carries::Mail
        } else if self < Format::Ldif {
            Carries::Chat
        } else {
            Carries::Directory
        }
    }

    /// The folder under `formats/` whose ties must equal this format's; absent where it is a reference itself.
    #[must_use]
    pub const fn reference_of(self) -> Option<&'static str> {
        match self {
            Format::Csv | Format::CsvToOnly | Format::Slack => None,
            Format::CsvRecipientRows | Format::Jsonl | Format::Mbox | Format::Maildir | Format::Eml | Format::Graph => {
                Some("csv")
            }
            Format::Msgtrk | Format::M365Trace | Format::M365TraceCsv | Format::GmailLog => Some("csv_to_only"),
            Format::Mattermost => Some("mattermost/reference"),
            Format::Zulip => Some("zulip/reference"),
            Format::Teams => Some("teams/reference"),
            Format::TeamChat => Some("team_chat/reference"),
            Format::ChatTakeout => Some("chat_takeout/reference"),
            Format::Ldif => Some("ldif/reference"),
            Format::Scim => Some("scim/reference"),
            Format::Entra => Some("entra/reference"),
            Format::GoogleUsers => Some("google_users/reference"),
            Format::GraphUsers => Some("graph_users/reference"),
            Format::Snapshots => Some("snapshots/reference"),
        }
    }

    /// The format whose folder this one needs beside it, to be read or compared.
    fn needs(self) -> Option<Format> {
        match (self.carries(), self.reference_of()) {
            (Carries::Directory, _) | (_, Some("csv")) => Some(Format::Csv),
            (_, Some("csv_to_only")) => Some(Format::CsvToOnly),
            _ => None,
        }
    }

    fn files(self, made: &Made<'_>) -> Vec<(String, Vec<u8>)> {
        match self {
            Format::Csv => csv_mail::messages(made),
            Format::CsvRecipientRows => csv_mail::recipient_rows(made),
            Format::CsvToOnly => csv_mail::to_only(made),
            Format::Jsonl => jsonl::files(made),
            Format::Mbox => mail_files::mbox(made),
            Format::Maildir => mail_files::maildir(made),
            Format::Eml => mail_files::eml(made),
            Format::Msgtrk => msgtrk::files(made),
            Format::M365Trace => m365_trace::summary(made),
            Format::M365TraceCsv => m365_trace::cmdlet(made),
            Format::Graph => graph_mail::files(made),
            Format::GmailLog => gmail_log::files(made),
            Format::Slack => slack_reference::files(made),
            Format::Mattermost => mattermost::files(made),
            Format::Zulip => zulip::files(made),
            Format::Teams => teams::files(made),
            Format::TeamChat => team_chat::files(made),
            Format::ChatTakeout => chat_takeout::files(made),
            Format::Ldif => ldif::files(made),
            Format::Scim => scim::files(made),
            Format::Entra => entra::files(made),
            Format::GoogleUsers => google_users::files(made),
            Format::GraphUsers => graph_users::files(made),
            Format::Snapshots => snapshots::files(made),
        }
    }
}

impl std::str::FromStr for Format {
    type Err = String;
    fn from_str(name: &str) -> Result<Format, String> {
        let names = || Format::ALL.into_iter().map(Format::name);
        let known = Format::ALL.into_iter().find(|format| format.name() == name);
        known.ok_or_else(|| match nearest(name, names()) {
            Some(near) => format!("`{name}` is no format; did you mean `{near}`?"),
            None => format!("`{name}` is no format; there are `all`, {}", names().collect::<Vec<_>>().join(", ")),
        })
    }
}

/// The files of these formats and of what they are compared with.
pub(crate) fn files(params: &SynthParams, staff: &Staff, traffic: &[Sent]) -> Vec<(String, Vec<u8>)> {
    if params.formats.is_empty() {
        return Vec::new();
    }
    let made = Made::new(params, staff, traffic);
    let asked = params.formats.iter().copied();
    let mut formats: Vec<Format> = asked.clone().chain(asked.filter_map(Format::needs)).collect();
    formats.sort_unstable();
    formats.dedup();
    formats.into_iter().flat_map(|format| format.files(&made)).collect()
}

#[cfg(test)]
mod tests;
