//! The people of a directory format as a plain CSV, with exactly what that format can carry.

use super::made::Made;
use super::pipeline::{Pipeline, csv_directory, csv_mail};
use super::text::Table;
use crosstie_model::Day;

type Files = Vec<(String, Vec<u8>)>;

/// First day and first day after the last, of a person by number.
pub(crate) type Dates<'a> = dyn Fn(usize) -> (Option<Day>, Option<Day>) + 'a;

/// What people are called in the format, and since when and until when they are in it.
pub(crate) struct People<'a> {
    /// The key of a person.
    pub(crate) key: &'a dyn Fn(usize) -> String,
    /// First day, and first day after the last; absent where the format has no dates.
    pub(crate) dates: Option<&'a Dates<'a>>,
    /// The format's own alias file, where keys are not those of the organization.
    pub(crate) aliases_file: Option<&'a str>,
}

/// `FOLDER/reference/`: the same people, the mail of `csv`.
pub(crate) fn reference(folder: &str, made: &Made<'_>, people: &People<'_>) -> Files {
    let (file, note) = match people.dates {
        Some(_) => ("directory_dated.csv", "# First and last days as monthly snapshots show them.\n"),
        None => {
            ("directory_undated.csv", "# The format carries no first and last days, so they are left out here too.\n")
        }
    };
    let folder = format!("{folder}/reference");
    let directory = csv_directory(file, people.dates.is_some(), r#"{ slack = "slack_id" }"#);
    let aliases = people.aliases_file.map(|file| format!("../{file}"));
    let pipeline = Pipeline {
        folder: &folder,
        directory: format!("{note}{directory}"),
        source: csv_mail(&folder),
        aliases_file: aliases.as_deref(),
    };
    vec![pipeline.file(), (format!("formats/{folder}/{file}"), table(made, people))]
}

fn table(made: &Made<'_>, people: &People<'_>) -> Vec<u8> {
    let mut table = Table::unix();
    let mut header = vec!["person_id", "email", "other_emails", "slack_id", "unit", "manager_id", "class"];
    if people.dates.is_some() {
        header.extend(["hired_on", "left_on"]);
    }
    table.row(header);
    let date = |day: Option<Day>| day.map(|day| day.to_string()).unwrap_or_default();
    for (at, person) in made.staff.people.iter().enumerate() {
        let mut row = vec![
            (people.key)(at),
            person.address.clone(),
            person.directory_alias.clone().unwrap_or_default(),
            person.slack_id.clone(),
            made.staff.units[person.unit].clone(),
            person.manager.map(people.key).unwrap_or_default(),
            "person".into(),
        ];
        if let Some(dates) = people.dates {
            let (hired_on, left_on) = dates(at);
            row.extend([date(hired_on), date(left_on)]);
        }
        table.row(row);
    }
    table.bytes()
}

/// The organization's alias file under other keys.
pub(crate) fn aliases(made: &Made<'_>, key: impl Fn(usize) -> String) -> Vec<u8> {
    let mut table = Table::unix();
    table.row(["address", "person_key"]);
    for (at, person) in made.staff.people.iter().enumerate() {
        if let Some(alias) = &person.file_alias {
            table.row([alias, &key(at)]);
        }
    }
    table.bytes()
}

/// The organization's own key.
pub(crate) fn own_key(made: &Made<'_>, person: usize) -> String {
    made.staff.people[person].id.clone()
}
