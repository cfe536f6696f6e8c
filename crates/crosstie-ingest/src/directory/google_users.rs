//! Google Workspace: the table that the admin console downloads, and users as the Directory API gives them.

use super::draft::{Draft, Reference, Wrong, is_active};
use super::json_fields::{Fields, Wanted, each_object, flag, text_of};
use super::reading::{Outcome, Reading};
use super::spec::DirectorySpec;
use super::table::{Form, Row, each_row};
use crate::IngestError;
use crate::address::Address;
use crosstie_model::Day;
use serde_json::Value;
use std::path::Path;

/// Keys of a user that are read.
const KEYS: [&str; 8] =
    ["id", "primaryEmail", "emails", "relations", "organizations", "suspended", "name", "creationTime"];

pub(super) fn read(reading: &mut Reading<'_>, path: &Path) -> Result<(), IngestError> {
    let first = reading.content.text.iter().find(|byte| !byte.is_ascii_whitespace() && !b"\xef\xbb\xbf".contains(byte));
    if matches!(first, Some(b'{' | b'[')) {
        read_json(reading);
        return Ok(());
    }
    read_table(reading, path)
}

fn read_table(reading: &mut Reading<'_>, path: &Path) -> Result<(), IngestError> {
    let spec = reading.spec;
    let form = Form {
        delimiter: spec.delimiter.or(Some(b',')),
        trim: true,
        rename: without_suffix,
        wanted: spec.mapped().into_iter().map(|(field, column)| (field, without_suffix(column))).collect(),
        one_of: &["Email Address"],
    };
    each_row(reading, path, &form, &mut |_, row| Ok(Outcome::Person(Box::new(row_draft(spec, row)?))))
}

/// `Email Address [Required]` is `Email Address`.
fn without_suffix(name: &str) -> &str {
    name.split_once(" [").map_or(name, |(name, _)| name)
}

fn row_draft(spec: &DirectorySpec, row: &Row<'_>) -> Result<Draft, Wrong> {
    let mut draft = Draft::default();
    if let Some(text) = row.value("Email Address") {
        draft.address(text, "Email Address")?;
    }
    for column in ["Home Secondary Email", "Work Secondary Email"] {
        if let Some(text) = row.value(column) {
            draft.alias(text);
        }
    }
    draft.facts.is_active = is_in_use(row.value("Status"));
    draft.mapped(spec, google_day, &|column| row.value(without_suffix(column)).map(str::to_string))?;
    draft.settle_key(row.value("Employee ID"), Some("Email Address"))?;
    draft.manager = row.value("Manager Email").map(by_address);
    if spec.reads_names() {
        let parts: Vec<&str> = ["First Name", "Last Name"].iter().filter_map(|column| row.value(column)).collect();
        draft.name(&parts.join(" "));
    }
    Ok(draft)
}

fn read_json(reading: &mut Reading<'_>) {
    let spec = reading.spec;
    let wanted = Wanted::new(&KEYS, spec, &[]);
    each_object(reading, "users", &wanted, &mut |_, (_, user)| json_outcome(spec, user));
}

fn json_outcome(spec: &DirectorySpec, user: &Fields) -> Result<Outcome, Wrong> {
    let Some(primary) = user.text("primaryEmail") else { return Ok(Outcome::NotAPerson) };
    let mut draft = Draft::default();
    draft.address(&primary, "primaryEmail")?;
    for email in user.list("emails") {
        // Every domain has a twin there, where no mail arrives.
        let address = email.get("address").and_then(text_of);
        if let Some(address) = address.filter(|address| !address.to_lowercase().ends_with(".test-google-a.com")) {
            draft.alias(&address);
        }
    }
    draft.facts.is_active = !user.get("suspended").is_some_and(flag);
    draft.mapped(spec, google_day, &|field| user.path(field).or_else(|| organization(user, field)))?;
    draft.settle_key(user.text("id").as_deref(), Some("id"))?;
    let is_manager = |relation: &&Value| relation.get("type").and_then(Value::as_str) == Some("manager");
    draft.manager =
        user.list("relations").find(is_manager).and_then(|r| text_of(r.get("value")?)).map(|m| by_address(&m));
    if spec.reads_names()
        && let Some(name) = user.path("name.fullName")
    {
        draft.name(&name);
    }
    Ok(Outcome::Person(Box::new(draft)))
}

/// A field of the primary organization, else of the first.
fn organization(user: &Fields, field: &str) -> Option<String> {
    let is_primary = |entry: &&Value| entry.get("primary").is_some_and(flag);
    let entry = user.list("organizations").find(is_primary).or_else(|| user.list("organizations").next())?;
    text_of(entry.get(field)?)
}

fn is_in_use(status: Option<&str>) -> bool {
    status.is_none_or(|status| is_active(status) && !status.to_lowercase().starts_with("suspended"))
}

/// A manager is an address; what is none names nobody of the directory.
fn by_address(text: &str) -> Reference {
    Reference::Key(
        Address::parse(text).map_or_else(|_| text.to_string(), |address| format!("mail:{}", address.expose())),
    )
}

/// A date, or a time that begins with one; 1970 stands for never.
fn google_day(text: &str) -> Result<Option<Day>, ()> {
    let day = text.get(..10).and_then(|head| head.parse::<Day>().ok()).ok_or(())?;
    Ok(Some(day).filter(|&day| day != Day(0)))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{handles, managers, read, row_of};
    use crate::directory::{Directory, DirectoryFormat, DirectorySpec};

    fn google(text: &str) -> Directory {
        read(text, |spec: &mut DirectorySpec| {
            spec.format = DirectoryFormat::GoogleUsers;
            spec.unit = Some(if text.contains("primaryEmail") { "department" } else { "Org Unit Path" }.into());
        })
        .unwrap()
    }

    #[test]
    fn the_table_loses_its_suffixes() {
        let directory = google(
            "First Name [Required],Email Address [Required],Org Unit Path [Required],Status [READ ONLY],Work Secondary Email,Employee ID,Manager Email\n\
             A,a@x.org,/Sales,Active,ann@x.org,1,\nB,b@x.org,/Sales,Suspended,,2,A@x.org\nC,c@x.org,/Ops,Active,,,ann@x.org\n",
        );
        assert_eq!(managers(&directory), [None, Some("1"), Some("1")]);
        assert_eq!(handles(&directory, "1"), ["mail:a@x.org", "mail:ann@x.org"]);
        assert_eq!(row_of(&directory, "1").unit.as_deref(), Some("/Sales"));
        assert!(!row_of(&directory, "2").is_active);
        assert!(directory.has_reporting_lines);
    }

    #[test]
    fn users_of_the_api() {
        let directory = google(
            r#"{"kind":"admin#directory#users","users":[
            {"id":"1","primaryEmail":"a@x.org","emails":[{"address":"a@x.org"},{"address":"a@x.org.test-google-a.com"},{"address":"ann@x.org"}],"suspended":false},
            {"id":"2","primaryEmail":"b@x.org","relations":[{"type":"manager","value":"a@x.org"}],"organizations":[{"department":"Old"},{"department":"Sales","primary":true}],"suspended":true}]}"#,
        );
        assert_eq!(managers(&directory), [None, Some("1")]);
        assert_eq!(handles(&directory, "1"), ["mail:a@x.org", "mail:ann@x.org"]);
        let second = row_of(&directory, "2");
        assert_eq!((second.unit.as_deref(), second.is_active), (Some("Sales"), false));
    }
}
