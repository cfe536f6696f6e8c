//! `crosstie check --suggest`: what a file is, and the block of a pipeline file that reads it.

use crate::error::{Exit, Failure};
use crosstie_ingest::{
    GraphDataset, HandleKind, Kind, Layout, ManagerBy, RecipientsForm, Recognised, Section, SourceFormat, SourceSpec,
    TableGuess, outline, recognise,
};
use crosstie_model::{Diagnostic, Place, code};
use std::path::Path;

/// Text columns that are named as not read.
const NAMED_COLUMNS: usize = 8;

/// The block to paste, with a comment line on what was recognised and by what.
///
/// # Errors
/// The file is missing or nothing fits.
pub fn suggest(path: &Path) -> Result<String, Failure> {
    let found = recognise(path)?;
    let Some((best, others)) = found.split_first() else { return Err(nothing_fits(path)?) };
    let mut lines = Lines::default();
    lines.comment(&format!("{}: {}", what(best), best.reason));
    for other in others {
        lines.comment(&format!("it could also be {}: {}", what(other), other.reason));
    }
    best.advice.iter().for_each(|advice| lines.comment(advice));
    match best.section {
        Section::Source(kind) => source_block(&mut lines, best, kind),
        Section::Directory => directory_block(&mut lines, best),
    }
    identity_hint(&mut lines, best);
    Ok(lines.text)
}

/// A word on a source whose first file is recognised as another, specific format than the declared one.
pub(crate) fn better_format(source: &SourceSpec) -> Option<Diagnostic> {
    // What cannot be read is told by ingest.
    let found = recognise(source.files.first()?).ok()?;
    let (format, dataset) = declared(&source.format);
    let is_declared = |found: &Recognised| {
        matches!(found.section, Section::Source(_)) && found.format == format && found.dataset == dataset
    };
    if found.iter().any(is_declared) {
        return None;
    }
    let better = found.iter().find(|found| found.is_specific())?;
    let message = format!("source `{}`: the first file looks like {} ({})", source.name, what(better), better.reason);
    Some(Diagnostic::new(code::I211, message).hint("`crosstie check --suggest FILE` prints the block that reads it"))
}

/// A format as the pipeline file names it.
fn declared(format: &SourceFormat) -> (&'static str, Option<&'static str>) {
    match format {
        SourceFormat::Csv(_) => ("csv", None),
        SourceFormat::Jsonl(_) => ("jsonl", None),
        SourceFormat::Parquet(_) => ("parquet", None),
        SourceFormat::Slack => ("slack", None),
        SourceFormat::Mbox { .. } => ("mbox", None),
        SourceFormat::Maildir { .. } => ("maildir", None),
        SourceFormat::Eml { .. } => ("eml", None),
        SourceFormat::Msgtrk => ("msgtrk", None),
        SourceFormat::M365Trace { .. } => ("m365_trace", None),
        SourceFormat::Graph { dataset: GraphDataset::Mail, .. } => ("graph", Some("mail")),
        SourceFormat::Graph { dataset: GraphDataset::TeamChat, .. } => ("graph", Some("team_chat")),
        SourceFormat::Graph { dataset: GraphDataset::Teams, .. } => ("graph", Some("teams")),
        SourceFormat::Mattermost => ("mattermost", None),
        SourceFormat::Zulip => ("zulip", None),
        SourceFormat::GmailLog { .. } => ("gmail_log", None),
        SourceFormat::ChatTakeout => ("chat_takeout", None),
    }
}

/// A format in words.
fn what(found: &Recognised) -> String {
    match (found.section, found.dataset) {
        (Section::Directory, _) => format!("a directory of format `{}`", found.format),
        (Section::Source(_), Some(dataset)) => format!("`{}` with `dataset = \"{dataset}\"`", found.format),
        (Section::Source(_), None) => format!("`{}`", found.format),
    }
}

fn nothing_fits(path: &Path) -> Result<Failure, Failure> {
    let place = Place { path: path.display().to_string(), line: None, byte: None, column: None };
    let found = Diagnostic::new(code::I211, "no known format fits").at(place).detail(outline(path)?);
    let found = found
        .hint("a table needs a header line: export it with column names, or write `columns` by hand")
        .hint("of an export give the whole folder or archive; README lists the formats that are read");
    Ok(Failure::new(Exit::Data, found))
}

/// Lines of TOML.
#[derive(Default)]
struct Lines {
    text: String,
}

impl Lines {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// Of one line, whatever a column is called.
    fn comment(&mut self, text: &str) {
        let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        self.line(&format!("# {text}"));
    }

    fn set(&mut self, key: &str, value: &str) {
        self.line(&format!("{key} = {}", quoted(value)));
    }

    /// A value that has to be looked at, with why.
    fn choose(&mut self, key: &str, value: &str, why: &str) {
        self.line(&format!("{key} = {}  # {why}", quoted(value)));
    }
}

/// A basic string of TOML.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn quoted_list(texts: &[String]) -> String {
    format!("[{}]", texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", "))
}

fn source_block(lines: &mut Lines, found: &Recognised, kind: Kind) {
    let kind = if kind == Kind::Chat { "chat" } else { "mail" };
    lines.line("[[sources]]");
    lines.set("name", if found.is_specific() { found.dataset.unwrap_or(found.format) } else { kind });
    lines.set("kind", kind);
    if found.format == "parquet" {
        lines.comment("kind = \"chat\"   # if it holds chat");
    }
    lines.set("format", found.format);
    lines.choose("path", &found.path.display().to_string(), "as seen from the folder of the pipeline file");
    if let Some(dataset) = found.dataset {
        lines.set("dataset", dataset);
    }
    if let Some(table) = &found.table {
        table_keys(lines, table);
    }
    time_keys(lines, found);
    if let Some(table) = &found.table {
        lines.line("[sources.columns]");
        for (field, columns) in &table.columns {
            columns.iter().for_each(|column| lines.set(field, column));
        }
        if !table.others.is_empty() {
            let named: Vec<&str> = table.others.iter().take(NAMED_COLUMNS).map(String::as_str).collect();
            let more = table.others.len().saturating_sub(NAMED_COLUMNS);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            lines.comment(&format!("not read: {}{more}", named.join(", ")));
        }
    }
}

/// Keys of csv and jsonl that differ from their defaults.
fn table_keys(lines: &mut Lines, table: &TableGuess) {
    if let Some(delimiter) = table.delimiter {
        lines.set("delimiter", &delimiter.to_string());
    }
    if table.is_stream {
        lines.set("json", "stream");
    }
    if table.layout == Layout::RecipientPerRow {
        lines.set("layout", "recipient_per_row");
    }
    if table.handles == HandleKind::Account {
        lines.choose("handles", "account", "the people columns hold no addresses");
    }
    match table.recipients_form {
        RecipientsForm::Rfc5322 => lines.set("recipients_form", "rfc5322"),
        RecipientsForm::Separated => {
            table.recipient_separator.iter().for_each(|c| lines.set("recipient_separator", &c.to_string()));
        }
    }
}

fn time_keys(lines: &mut Lines, found: &Recognised) {
    let Some(time) = &found.time else { return };
    for (number, format) in time.formats.iter().enumerate() {
        if number == 0 {
            lines.set("time_format", format);
        } else {
            let other = quoted(format);
            lines.comment(&format!("time_format = {other}   # or this: day and month order cannot be told"));
        }
    }
    if time.needs_zone {
        lines.choose("zone", "UTC", "set the zone of the export");
    }
}

fn directory_block(lines: &mut Lines, found: &Recognised) {
    let table = found.table.clone().unwrap_or_default();
    let is_csv = found.format == "csv";
    lines.line("[directory]");
    lines.set("format", found.format);
    lines.choose("path", &found.path.display().to_string(), "as seen from the folder of the pipeline file");
    if let Some(snapshot) = found.snapshot {
        lines.set("snapshot", snapshot);
    }
    match table.column("unit") {
        Some(unit) => lines.choose("unit", unit, "what reports compare; `branch:1` divides by the reporting lines"),
        None => lines.choose(
            "unit",
            "branch:1",
            "no column of units was found: the subtree under each person below the root",
        ),
    }
    if !table.others.is_empty() {
        lines.comment(&format!("compare = {}   # further columns that could be compared", quoted_list(&table.others)));
    }
    if !is_csv {
        return;
    }
    if let Some(delimiter) = table.delimiter {
        lines.set("delimiter", &delimiter.to_string());
    }
    lines.line("[directory.columns]");
    table.columns.iter().for_each(|(field, columns)| directory_column(lines, &table, field, columns));
}

fn directory_column(lines: &mut Lines, table: &TableGuess, field: &str, columns: &[String]) {
    let first = columns.first().map_or("", String::as_str);
    match field {
        "unit" => {}
        "addresses" => {
            lines.line(&format!("addresses = {}", quoted_list(columns)));
            table.address_separator.iter().for_each(|c| lines.set("address_separator", &c.to_string()));
        }
        "accounts.slack" => lines.line(&format!("accounts = {{ slack = {} }}", quoted(first))),
        "name" if table.manager_by == ManagerBy::Name => lines.line(&format!("name = {}", quoted_list(columns))),
        "name" => lines.comment(&format!("name = {}   # for chat exports without addresses", quoted_list(columns))),
        "manager" => {
            lines.set("manager", first);
            match table.manager_by {
                ManagerBy::Key => {}
                ManagerBy::Address => lines.set("manager_by", "address"),
                ManagerBy::Dn => lines.set("manager_by", "dn"),
                ManagerBy::Name => lines.set("manager_by", "name"),
            }
        }
        field => lines.set(field, first),
    }
}

/// The pipeline file has one `[identity]`: a second one would be refused, so this is a comment.
fn identity_hint(lines: &mut Lines, found: &Recognised) {
    if let Some(domain) = &found.domain {
        lines.line("");
        lines.comment("[identity]");
        lines.comment(&format!("internal_domains = [{}]   # the domain of most addresses here", quoted(domain)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::read_pipeline_file;
    use crate::plan::plan;
    use std::fs::write;

    const PEOPLE: &str = "id,email,manager_id,unit\n1,a@example.com,,X\n2,b@example.com,1,X\n";
    const MAIL: &str = "sent_at,sender,to\n2026-03-02T08:15:00Z,a@example.com,b@example.com\n";

    /// Puts a block into a minimal pipeline and plans it. The other section is of made files.
    fn accepted(folder: &Path, block: &str) -> Result<(), Failure> {
        write(folder.join("people.csv"), PEOPLE).unwrap();
        write(folder.join("letters.csv"), MAIL).unwrap();
        let other = if block.contains("[directory]") {
            "[[sources]]\nname = \"other\"\nkind = \"mail\"\nformat = \"csv\"\npath = \"letters.csv\"\n\
             [sources.columns]\nsent_at = \"sent_at\"\nsender = \"sender\"\nto = \"to\"\n"
        } else {
            "[directory]\nformat = \"csv\"\npath = \"people.csv\"\nunit = \"unit\"\n\
             [directory.columns]\nperson_key = \"id\"\naddresses = [\"email\"]\n"
        };
        let text = format!(
            "schema_version = 1\nname = \"x\"\n{other}\n{block}\n[identity]\ninternal_domains = [\"example.com\"]\n\
             [output]\npath = \"out\"\n"
        );
        let file = folder.join("pipeline.toml");
        write(&file, text).unwrap();
        plan(&file, read_pipeline_file(&file)?).map(|_| ())
    }

    #[test]
    fn every_block_is_accepted() {
        let gmail = "Message ID,Start date,Sender,Recipient address,Event target,Event status\n";
        let trace = "Received,SenderAddress,RecipientAddress,Status,MessageId\n\
                     02/03/2026 08:15:00,a@example.com,b@example.com,Delivered,<1@example.com>\n";
        let entra = "userPrincipalName,mail,id,userType,department\na@example.com,a@example.com,1,Member,X\n";
        let google = "First Name [Required],Email Address [Required],Org Unit Path [Required]\n";
        let graph = r#"{"internetMessageId":"<1@example.com>","sentDateTime":"2026-03-02T08:15:00Z","from":{"emailAddress":{"address":"a@example.com"}},"toRecipients":[]}"#;
        let teams = r#"[{"id":"1616964509832","messageType":"message","createdDateTime":"2026-03-02T08:15:09Z","chatId":"19:x"}]"#;
        let named = "employee_name,user_id,email,supervisor,team\nAnn Lee,A1,a@example.com,,X\nBob Ray,B1,b@example.com,Ann Lee,Y\n";
        let odd = "Date,From,To,Subject\n2026-03-02 08:15:00,a@example.com,\"b@example.com, c@example.com\",x\n";
        for (name, text, expected) in [
            ("mail.csv", MAIL, "format = \"csv\""),
            (
                "mail.csv",
                "Sender;Recipient;EventDate\n17;37;2026-03-02 17:40:10\n17;136;2026-03-02 17:40:10\n",
                "handles = \"account\"",
            ),
            (
                "mail.csv",
                "Sent,From,To\n02/03/2026 08:15,a@example.com,b@example.com\n",
                "# time_format = \"%m/%d/%Y %H:%M\"   # or this",
            ),
            ("chat.csv", "ts,user,channel,text\n1772439300.000200,U1,C1,x\n", "kind = \"chat\""),
            ("mail.csv", odd, "recipient_separator = \",\""),
            (
                "mail.jsonl",
                r#"{"at":"2026-03-02T08:15:00Z","from":{"address":"a@example.com"},"to":[{"address":"b@example.com"}]}"#,
                "to = \"to[].address\"",
            ),
            (
                "mail.json",
                r#"[{"at":"2026-03-02T08:15:00Z","from":"a@example.com","to":"b@example.com"}]"#,
                "json = \"stream\"",
            ),
            ("log.csv", gmail, "format = \"gmail_log\""),
            ("trace.csv", trace, "format = \"m365_trace\""),
            ("a.json", graph, "dataset = \"mail\""),
            ("a.json", teams, "dataset = \"teams\""),
            ("a.mbox", "From - Mon Mar  2 08:15:00 2026\nFrom: a@example.com\n\nx\n", "format = \"mbox\""),
            ("a.eml", "From: a@example.com\nTo: b@example.com\n\nx\n", "format = \"eml\""),
            ("a.parquet", "PAR1", "format = \"parquet\""),
            ("hr.csv", PEOPLE, "unit = \"unit\""),
            ("hr.csv", "ID,ReportsToID\n1,1\n2,1\n", "unit = \"branch:1\""),
            ("hr.csv", named, "manager_by = \"name\""),
            ("users.csv", entra, "format = \"entra\""),
            ("users.csv", google, "unit = \"Org Unit Path\""),
            ("a.ldif", "dn: uid=a,dc=example,dc=com\nmail: a@example.com\n", "format = \"ldif\""),
            (
                "a.json",
                r#"{"id":"1","userName":"a@example.com","emails":[{"value":"a@example.com"}]}"#,
                "format = \"scim\"",
            ),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join(name);
            write(&path, text).unwrap();
            let block = suggest(&path).unwrap();
            assert!(block.contains(expected), "{block}");
            assert_eq!(accepted(folder.path(), &block), Ok(()), "{block}");
        }
    }

    #[test]
    fn nothing_fits_and_why() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        write(&path, "height,width\n1,2\n").unwrap();
        let failure = suggest(&path).unwrap_err();
        assert_eq!((failure.exit, failure.diagnostics[0].code.id), (Exit::Data, "I211"));
        assert!(failure.diagnostics[0].detail.as_deref().unwrap().contains("table of 2 columns"));
        assert_eq!(suggest(&folder.path().join("absent")).unwrap_err().exit, Exit::NoInput);
    }

    #[test]
    fn a_declared_format_that_does_not_fit_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        write(&path, "From - Mon Mar  2 08:15:00 2026\nFrom: a@example.com\n\nx\n").unwrap();
        let spec = |format| SourceSpec::new("x", Kind::Mail, format, vec![path.clone()]);
        let found = better_format(&spec(SourceFormat::Msgtrk)).unwrap();
        assert!(found.message.starts_with("source `x`: the first file looks like `mbox` ("), "{}", found.message);
        assert!(better_format(&spec(SourceFormat::Mbox { at_form: false })).is_none());
    }

    #[test]
    fn strings_are_escaped() {
        assert_eq!(quoted("a\"b\\c\n"), "\"a\\\"b\\\\c\\u000A\"");
    }
}
