//! The directory as SCIM 2.0 list responses, a page a file, managers in the forms that servers send.

use super::directory_reference::{People, own_key, reference};
use super::made::Made;
use super::pipeline::{Pipeline, csv_mail};
use serde_json::{Value, json};

const PAGE: usize = 100;
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

pub(crate) fn files(made: &Made<'_>) -> Vec<(String, Vec<u8>)> {
    let directory = "[directory]\nformat = \"scim\"\npath = \"users/*.json\"\nunit = \"department\"\n".to_string();
    let mut files = vec![Pipeline { folder: "scim", directory, source: csv_mail("scim"), aliases_file: None }.file()];
    let users: Vec<Value> = (0..made.staff.people.len()).map(|person| user(made, person)).collect();
    for (page, resources) in users.chunks(PAGE).enumerate() {
        let response = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
            "totalResults": users.len(),
            "startIndex": 1 + page * PAGE,
            "itemsPerPage": resources.len(),
            "Resources": resources,
        });
        files.push((format!("formats/scim/users/page-{:03}.json", page + 1), format!("{response:#}").into_bytes()));
    }
    let people = People { key: &|person| own_key(made, person), dates: None, aliases_file: None };
    files.extend(reference("scim", made, &people));
    files
}

fn user(made: &Made<'_>, at: usize) -> Value {
    let (person, name) = (&made.staff.people[at], &made.names[at]);
    let mut enterprise = json!({
        "employeeNumber": person.id,
        "organization": "Acme",
        "department": made.staff.units[person.unit],
    });
    let mut user = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
        "id": person.id,
        "userName": person.address,
        "name": {"formatted": name.full(), "givenName": name.given, "familyName": name.family},
        "displayName": name.full(),
        // Entra sends booleans as text.
        "active": if at.is_multiple_of(6) { json!("True") } else { json!(true) },
        "emails": emails(made, at),
        "meta": {"resourceType": "User", "created": "2020-01-23T04:56:22Z"},
    });
    if let Some(manager) = person.manager.map(|manager| &made.staff.people[manager].id) {
        let reference = format!("https://scim.acme.example/v2/Users/{manager}");
        match at % 4 {
            0 => enterprise["manager"] = json!({"value": manager, "$ref": reference, "displayName": "…"}),
            1 => enterprise["manager"] = json!({"$ref": reference}),
            2 => enterprise["manager"] = json!(manager),
            _ => user[format!("{ENTERPRISE}:manager")] = json!(manager),
        }
    }
    user[ENTERPRISE] = enterprise;
    user
}

/// A private address is nobody's handle.
fn emails(made: &Made<'_>, at: usize) -> Vec<Value> {
    let person = &made.staff.people[at];
    let mut emails = vec![json!({"value": person.address, "type": "work", "primary": true})];
    emails.extend(person.directory_alias.iter().map(|alias| json!({"value": alias, "type": "other"})));
    if at.is_multiple_of(5) {
        emails.push(json!({"value": format!("home{at}@private.example"), "type": "home"}));
    }
    emails
}
