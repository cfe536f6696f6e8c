//! The directory as LDIF: folded lines, comments, base64, DNs in more than one spelling.

use super::directory_reference::{People, own_key, reference};
use super::made::Made;
use super::pipeline::{Pipeline, csv_mail};
use super::text::base64;

/// Longest line, as OpenLDAP folds.
const WIDTH: usize = 76;

pub(crate) fn files(made: &Made<'_>) -> Vec<(String, Vec<u8>)> {
    let directory = "[directory]\nformat = \"ldif\"\npath = \"directory.ldif\"\nunit = \"ou\"\n".to_string();
    let pipeline = Pipeline { folder: "ldif", directory, source: csv_mail("ldif"), aliases_file: None };
    let mut text = String::from(
        "version: 1\n# People of the organization, as `ldapsearch -LLL` prints them,\n with a comment that folds\n\n\
         dn: dc=acme,dc=example\nobjectClass: top\nobjectClass: domain\ndc: acme\n\n\
         dn: ou=People,dc=acme,dc=example\nobjectClass: top\nobjectClass: organizationalUnit\nou: People\n\n",
    );
    for person in 0..made.staff.people.len() {
        text.push_str(&entry(made, person));
        text.push('\n');
    }
    let mut files = vec![pipeline.file(), ("formats/ldif/directory.ldif".into(), text.into_bytes())];
    let people = People { key: &|person| own_key(made, person), dates: None, aliases_file: None };
    files.extend(reference("ldif", made, &people));
    files
}

fn entry(made: &Made<'_>, at: usize) -> String {
    let (person, name) = (&made.staff.people[at], &made.names[at]);
    let mut lines = vec![
        format!("dn: uid={},ou=People,dc=acme,dc=example", person.id),
        "objectClass: top".into(),
        "objectClass: person".into(),
        "objectclass: inetOrgPerson".into(),
        coded("cn", &name.full(), at.is_multiple_of(5)),
        coded("sn;lang-es", &name.family, false),
        format!("uid: {}", person.id),
        format!("employeeNumber: {}", person.id),
        // Of several values the first is the unit.
        coded("ou", &made.staff.units[person.unit], at.is_multiple_of(7)),
        "ou: People".into(),
        coded("description", "naïve …", at.is_multiple_of(2)),
        format!("userPassword:: {}", base64(b"{SSHA}none")),
    ];
    lines.extend(addresses(made, at));
    if at.is_multiple_of(4) {
        lines.push("userAccountControl: 512".into());
    }
    if let Some(manager) = person.manager {
        lines.push(format!("manager: {}", manager_dn(&made.staff.people[manager].id, at)));
    }
    lines.iter().map(|line| folded(line)).collect()
}

/// In Active Directory's form, or as values of `mail`.
fn addresses(made: &Made<'_>, at: usize) -> Vec<String> {
    let person = &made.staff.people[at];
    let mut lines = vec![format!("mail: {}", person.address)];
    match &person.directory_alias {
        Some(alias) if at.is_multiple_of(2) => {
            lines.push(format!("proxyAddresses: SMTP:{}", person.address));
            lines.push(format!("proxyAddresses: smtp:{alias}"));
        }
        Some(alias) => lines.push(format!("mail: {alias}")),
        None => {}
    }
    lines
}

/// One DN in several spellings.
fn manager_dn(id: &str, turn: usize) -> String {
    match turn % 3 {
        0 => format!("uid={id}, ou=People, dc=acme,dc=example"),
        1 => format!("UID={},OU=people,DC=acme,DC=example", id.to_lowercase()),
        _ => format!("uid = {id} , ou=People,dc=acme,dc=example"),
    }
}

fn coded(name: &str, value: &str, as_base64: bool) -> String {
    match as_base64 {
        true => format!("{name}:: {}", base64(value.as_bytes())),
        false => format!("{name}: {value}"),
    }
}

/// A line that begins with one blank continues the one before. Some real writers fold early.
fn folded(line: &str) -> String {
    let width = if line.len().is_multiple_of(3) { WIDTH / 2 } else { WIDTH };
    let letters: Vec<char> = line.chars().collect();
    let parts: Vec<String> = letters.chunks(width).map(|part| part.iter().collect()).collect();
    format!("{}\n", parts.join("\n "))
}
