//! The directory as Microsoft Entra's "Download users", with managers in a file beside it.

use super::directory_reference::{People, aliases, reference};
use super::made::Made;
use super::pipeline::{Pipeline, csv_mail};
use super::text::Table;

pub(crate) const COLUMNS: [&str; 29] = [
    "userPrincipalName",
    "displayName",
    "surname",
    "mail",
    "givenName",
    "id",
    "userType",
    "jobTitle",
    "department",
    "accountEnabled",
    "usageLocation",
    "streetAddress",
    "state",
    "country",
    "officeLocation",
    "city",
    "postalCode",
    "telephoneNumber",
    "mobilePhone",
    "alternateEmailAddress",
    "ageGroup",
    "consentProvidedForMinor",
    "legalAgeGroupClassification",
    "companyName",
    "creationType",
    "directorySynced",
    "invitationState",
    "identityIssuer",
    "createdDateTime",
];

pub(crate) fn files(made: &Made<'_>) -> Vec<(String, Vec<u8>)> {
    let directory = r#"[directory]
format = "entra"
path = "exportUsers.csv"
manager_file = "managers.csv"
unit = "department"
"#;
    let pipeline = Pipeline {
        folder: "entra",
        directory: directory.into(),
        source: csv_mail("entra"),
        aliases_file: Some("aliases.csv"),
    };
    let key = |person| made.guid(person);
    let mut files = vec![
        pipeline.file(),
        ("formats/entra/exportUsers.csv".into(), users(made)),
        ("formats/entra/managers.csv".into(), managers(made)),
        ("formats/entra/aliases.csv".into(), aliases(made, key)),
    ];
    let people = People { key: &key, dates: None, aliases_file: Some("aliases.csv") };
    files.extend(reference("entra", made, &people));
    files
}

fn users(made: &Made<'_>) -> Vec<u8> {
    let mut table = Table::windows();
    table.row(COLUMNS);
    for (at, person) in made.staff.people.iter().enumerate() {
        let name = &made.names[at];
        let value = |column: &str| match column {
            // A login name that differs from the address is an alias, as after a change of name.
            "userPrincipalName" => person.directory_alias.as_ref().unwrap_or(&person.address).clone(),
            "displayName" => name.full(),
            "surname" => name.family.clone(),
            "mail" => person.address.clone(),
            "givenName" => name.given.clone(),
            "id" => made.guid(at),
            "userType" => "Member".into(),
            "department" => made.staff.units[person.unit].clone(),
            "accountEnabled" => "True".into(),
            "usageLocation" => "DE".into(),
            "alternateEmailAddress" if at.is_multiple_of(5) => format!("home{at}@private.example"),
            "identityIssuer" => "acme.onmicrosoft.example".into(),
            "createdDateTime" => "8/19/2021 1:25:31 PM".into(),
            _ => String::new(),
        };
        table.row(COLUMNS.map(value));
    }
    table.bytes()
}

/// A row for each person who has a manager.
fn managers(made: &Made<'_>) -> Vec<u8> {
    let mut table = Table::windows();
    table.row(["id", "manager_id"]);
    for (at, person) in made.staff.people.iter().enumerate() {
        if let Some(manager) = person.manager {
            table.row([made.guid(at), made.guid(manager)]);
        }
    }
    table.bytes()
}
