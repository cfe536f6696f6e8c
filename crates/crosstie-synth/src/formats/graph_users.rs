//! The directory from Microsoft Graph Data Connect: a line a user, and a line a manager and report.

use super::directory_reference::{People, aliases, reference};
use super::graph_mail::row_information;
use super::made::Made;
use super::pipeline::{Pipeline, csv_mail};
use super::text::guid;
use serde_json::{Value, json};

pub(crate) fn files(made: &Made<'_>) -> Vec<(String, Vec<u8>)> {
    let directory = r#"[directory]
format = "graph"
path = "BasicDataSet_v0.User_v1.json"
manager_file = "BasicDataSet_v0.Manager_v0.json"
unit = "department"
"#;
    let pipeline = Pipeline {
        folder: "graph_users",
        directory: directory.into(),
        source: csv_mail("graph_users"),
        aliases_file: Some("aliases.csv"),
    };
    let users: String = (0..made.staff.people.len()).map(|at| format!("{}\n", user(made, at, at))).collect();
    let managers: String = made
        .staff
        .people
        .iter()
        .enumerate()
        .filter_map(|(at, person)| Some(format!("{}\n", user(made, person.manager?, at))))
        .collect();
    let key = |person| made.guid(person);
    let mut files = vec![
        pipeline.file(),
        ("formats/graph_users/BasicDataSet_v0.User_v1.json".into(), users.into_bytes()),
        ("formats/graph_users/BasicDataSet_v0.Manager_v0.json".into(), managers.into_bytes()),
        ("formats/graph_users/aliases.csv".into(), aliases(made, key)),
    ];
    let people = People { key: &key, dates: None, aliases_file: Some("aliases.csv") };
    files.extend(reference("graph_users", made, &people));
    files
}

/// The record of one person: one's own, or in the manager data that of the manager of `puser`.
fn user(made: &Made<'_>, at: usize, puser: usize) -> Value {
    let (person, name) = (&made.staff.people[at], &made.names[at]);
    let mut addresses = vec![format!("SMTP:{}", person.address)];
    addresses.extend(person.directory_alias.iter().map(|alias| format!("smtp:{alias}")));
    addresses.push(format!("X500:/o=Acme/ou=Exchange/cn=Recipients/cn={}", person.id));
    json!({
        "id": made.guid(at),
        "displayName": name.full(),
        "givenName": name.given,
        "surname": name.family,
        "mail": person.address,
        "userPrincipalName": person.address,
        "proxyAddresses": addresses,
        "imAddresses": [person.address],
        "otherMails": [format!("home{at}@private.example")],
        "department": made.staff.units[person.unit],
        "companyName": null,
        "accountEnabled": true,
        "userType": "Member",
        "hireDate": "0001-01-01T00:00:00Z",
        "createdDateTime": "2021-02-02T16:54:41Z",
        "assignedLicenses": [{"disabledPlans": [], "skuId": guid(made.seed, "licence", 0)}],
        "puser": made.guid(puser),
        "ptenant": guid(made.seed, "tenant", 0),
        "pAdditionalInfo": null,
        "datarow": 0,
        "rowinformation": row_information(),
    })
}
