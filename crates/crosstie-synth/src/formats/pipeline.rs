//! A ready pipeline file for each format: the folder it stands in, a directory, one source.

use crate::people::DOMAIN;

/// A pipeline file in parts.
pub(crate) struct Pipeline<'a> {
    /// Folder under `formats/`, also the pipeline's name.
    pub(crate) folder: &'a str,
    /// The `[directory]` section.
    pub(crate) directory: String,
    /// The `[[sources]]` section.
    pub(crate) source: String,
    /// The alias file; that of the whole organization where absent.
    pub(crate) aliases_file: Option<&'a str>,
}

impl<'a> Pipeline<'a> {
    /// One that reads the organization's directory.
    pub(crate) fn reading(folder: &'a str, source: String) -> Pipeline<'a> {
        let directory = csv_directory(&format!("{}directory.csv", up(folder)), true, r#"{ slack = "slack_id" }"#);
        Pipeline { folder, directory, source, aliases_file: None }
    }

    /// The file with its path.
    pub(crate) fn file(&self) -> (String, Vec<u8>) {
        let up = up(self.folder);
        let aliases = self.aliases_file.map_or_else(|| format!("{up}aliases.csv"), str::to_string);
        let text = format!(
            r#"# A made organization through one format. Paths start at this file's own folder.
schema_version = 1
name = "{name}"

{directory}
{source}
[identity]
internal_domains = ["{DOMAIN}"]
aliases_file = "{aliases}"

[measure]
replicates = 200
permutations = 50

[privacy]
# One key for all formats, made by the first run: so people get equal pseudonyms.
key_file = "{up}../roundtrip.key"

[output]
path = "out"
"#,
            name = self.folder.replace('/', "-"),
            directory = self.directory,
            source = self.source,
        );
        (format!("formats/{}/pipeline.toml", self.folder), text.into_bytes())
    }
}

/// The way from a folder under `formats/` to the organization's own folder.
pub(crate) fn up(folder: &str) -> String {
    "../".repeat(2 + folder.matches('/').count())
}

/// `[directory]` for a CSV with the columns of the organization's own.
pub(crate) fn csv_directory(path: &str, dated: bool, accounts: &str) -> String {
    let dates = if dated { "hired_on = \"hired_on\"\nleft_on = \"left_on\"\n" } else { "" };
    format!(
        r#"[directory]
format = "csv"
path = "{path}"
unit = "unit"

[directory.columns]
person_key = "person_id"
addresses = ["email", "other_emails"]
accounts = {accounts}
manager = "manager_id"
class = "class"
{dates}"#
    )
}

/// `[[sources]]` with further lines, which may open `[sources.columns]`.
pub(crate) fn source(kind: &str, format: &str, path: &str, more: &str) -> String {
    let name = kind;
    format!(
        r#"[[sources]]
name = "{name}"
kind = "{kind}"
format = "{format}"
path = "{path}"
complete = true
{more}"#
    )
}

/// The mail of `csv`, from a folder under `formats/`.
pub(crate) fn csv_mail(folder: &str) -> String {
    let way = "../".repeat(1 + folder.matches('/').count());
    source("mail", "csv", &format!("{way}csv/mail/*.csv"), MESSAGE_ROWS)
}

/// Columns of a CSV with a row a message.
pub(crate) const MESSAGE_ROWS: &str = r#"
[sources.columns]
sent_at = "sent_at"
sender = "sender"
to = "to"
cc = "cc"
message_id = "message_id"
"#;
