//! The directory as monthly CSVs: everybody who worked there in the month, supervisors by name.

use super::clock::month_start;
use super::directory_reference::{People, own_key, reference};
use super::made::Made;
use super::pipeline::{Pipeline, csv_mail};
use super::text::Table;
use crate::FIRST_DAY;
use crate::people::Person;
use crosstie_model::Day;

pub(crate) const COLUMNS: [&str; 11] = [
    "employee_name",
    "user_id",
    "email",
    "role",
    "projects",
    "business_unit",
    "functional_unit",
    "department",
    "team",
    "supervisor",
    "other_email",
];
const DIRECTORY: &str = r#"[directory]
format = "csv"
path = "directory/directory_*.csv"
snapshot = "%Y-%m"
unit = "department"

[directory.columns]
person_key = "user_id"
name = ["employee_name"]
addresses = ["email", "other_email"]
manager = "supervisor"
manager_by = "name"
"#;

pub(crate) fn files(made: &Made<'_>) -> Vec<(String, Vec<u8>)> {
    let source = csv_mail("snapshots");
    let mut files =
        vec![Pipeline { folder: "snapshots", directory: DIRECTORY.into(), source, aliases_file: None }.file()];
    for month in months(made) {
        let (year, number, _) = month.ymd();
        files.push((format!("formats/snapshots/directory/directory_{year}-{number:02}.csv"), snapshot(made, month)));
    }
    let dates = |person: usize| shown(made, &made.staff.people[person]);
    let people = People { key: &|person| own_key(made, person), dates: Some(&dates), aliases_file: None };
    files.extend(reference("snapshots", made, &people));
    files
}

/// First days of the months.
fn months(made: &Made<'_>) -> Vec<Day> {
    let mut months = vec![month_start(FIRST_DAY)];
    while let Some(&last) = months.last().filter(|&&last| next(last) <= made.last_day) {
        months.push(next(last));
    }
    months
}

fn next(month: Day) -> Day {
    month_start(month.plus(31))
}

fn works_in(person: &Person, month: Day) -> bool {
    person.hired_on.is_none_or(|hired| hired < next(month)) && person.left_on.is_none_or(|left| month < left)
}

/// The first month that shows the person, unless it is the first of all, and the first that does not any more.
fn shown(made: &Made<'_>, person: &Person) -> (Option<Day>, Option<Day>) {
    let months = months(made);
    let from = months.iter().position(|&month| works_in(person, month)).unwrap_or_default();
    let until = months.iter().skip(from).find(|&&month| !works_in(person, month)).copied();
    (months.get(from).copied().filter(|_| from > 0), until)
}

fn snapshot(made: &Made<'_>, month: Day) -> Vec<u8> {
    let mut table = Table::unix();
    table.row(COLUMNS);
    for (at, person) in made.staff.people.iter().enumerate().filter(|(_, person)| works_in(person, month)) {
        let value = |column: &str| match column {
            "employee_name" => made.names[at].full(),
            "user_id" => person.id.clone(),
            "email" => person.address.clone(),
            "role" => "Technician".into(),
            // These change every month and mean nothing here.
            "projects" => format!("Project {}", (at as i32 + month.0) % 7),
            "business_unit" => "1 - Executive".into(),
            "functional_unit" => format!("{} - Division", person.unit % 4),
            "department" => made.staff.units[person.unit].clone(),
            "team" if !at.is_multiple_of(9) => format!("Team {}", at % 5),
            "supervisor" => person.manager.map(|manager| made.names[manager].full()).unwrap_or_default(),
            "other_email" => person.directory_alias.clone().unwrap_or_default(),
            _ => String::new(),
        };
        table.row(COLUMNS.map(value));
    }
    table.bytes()
}
