//! The directory as the CSV download of Google's admin console, header names with their marks.

use super::directory_reference::{People, own_key, reference};
use super::made::Made;
use super::pipeline::{Pipeline, csv_mail};
use super::text::Table;

pub(crate) const COLUMNS: [&str; 34] = [
    "First Name [Required]",
    "Last Name [Required]",
    "Email Address [Required]",
    "Password [Required]",
    "Password Hash Function [UPLOAD ONLY]",
    "Org Unit Path [Required]",
    "New Primary Email [UPLOAD ONLY]",
    "Status [READ ONLY]",
    "Last Sign In [READ ONLY]",
    "Recovery Email",
    "Home Secondary Email",
    "Work Secondary Email",
    "Recovery Phone [MUST BE IN THE E.164 FORMAT]",
    "Work Phone",
    "Home Phone",
    "Mobile Phone",
    "Work Address",
    "Home Address",
    "Employee ID",
    "Employee Type",
    "Employee Title",
    "Manager Email",
    "Department",
    "Cost Center",
    "2sv Enrolled [READ ONLY]",
    "2sv Enforced [READ ONLY]",
    "Building ID",
    "Floor Name",
    "Floor Section",
    "Email Usage [READ ONLY]",
    "Drive Usage [READ ONLY]",
    "Total Storage [READ ONLY]",
    "Change Password at Next Sign-In",
    "New Status [UPLOAD ONLY]",
];

pub(crate) fn files(made: &Made<'_>) -> Vec<(String, Vec<u8>)> {
    let directory = r#"[directory]
format = "google_users"
path = "User_Download.csv"
unit = "Department"
"#;
    let source = csv_mail("google_users");
    let pipeline = Pipeline { folder: "google_users", directory: directory.into(), source, aliases_file: None };
    let mut files = vec![pipeline.file(), ("formats/google_users/User_Download.csv".into(), users(made))];
    let people = People { key: &|person| own_key(made, person), dates: None, aliases_file: None };
    files.extend(reference("google_users", made, &people));
    files
}

fn users(made: &Made<'_>) -> Vec<u8> {
    let mut table = Table::unix();
    table.row(COLUMNS);
    for (at, person) in made.staff.people.iter().enumerate() {
        let (name, unit) = (&made.names[at], &made.staff.units[person.unit]);
        let value = |column: &str| match column {
            "First Name [Required]" => name.given.clone(),
            "Last Name [Required]" => name.family.clone(),
            "Email Address [Required]" => person.address.clone(),
            "Password [Required]" => "****".into(),
            "Org Unit Path [Required]" => format!("/Acme/{unit}"),
            "Status [READ ONLY]" => "Active".into(),
            "Work Secondary Email" => person.directory_alias.clone().unwrap_or_default(),
            "Employee ID" => person.id.clone(),
            "Manager Email" => person.manager.map(|manager| made.address(manager).to_string()).unwrap_or_default(),
            "Department" => unit.clone(),
            "Change Password at Next Sign-In" => "False".into(),
            _ => String::new(),
        };
        table.row(COLUMNS.map(value));
    }
    table.bytes()
}
