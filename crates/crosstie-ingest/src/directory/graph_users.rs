//! Microsoft Graph users, in lines (Graph Data Connect User_v1) or pages, with managers and group members beside them.

use super::draft::{Draft, Reference, Wrong, is_active};
use super::json_fields::{Fields, Wanted, each_object, member, text_of};
use super::person::PersonClass;
use super::reading::{Group, Outcome, Reading};
use super::scim::scim_day;
use super::spec::DirectorySpec;

/// Keys of a record that are read.
const KEYS: [&str; 14] = [
    "id",
    "puser",
    "groupId",
    "pObjectId",
    "mail",
    "userPrincipalName",
    "proxyAddresses",
    "imAddresses",
    "accountEnabled",
    "userType",
    "hireDate",
    "displayName",
    "manager",
    "@odata.type",
];

pub(super) fn read(reading: &mut Reading<'_>) {
    let spec = reading.spec;
    let wanted = Wanted::new(&KEYS, spec, &[]);
    each_object(reading, "value", &wanted, &mut |reading, (_, fields)| {
        if links(reading, fields) {
            return Ok(Outcome::NotAPerson);
        }
        Ok(Outcome::Person(Box::new(user(spec, fields)?)))
    });
}

/// Reads a file of managers alone: every record is a link.
pub(super) fn read_managers(reading: &mut Reading<'_>) {
    let wanted = Wanted::new(&KEYS, reading.spec, &[]);
    each_object(reading, "value", &wanted, &mut |reading, (_, fields)| {
        let (Some(report), Some(manager)) = (fields.text("puser"), fields.text("id")) else {
            return Err(Wrong::of(crosstie_model::code::I107, "puser"));
        };
        reading.gathered.links.push((Reference::Any(report), Reference::Any(manager)));
        Ok(Outcome::NotAPerson)
    });
}

/// Takes a record that is no user: a manager's (Manager_v0: the record is the manager's, `puser` is the report; in
/// User_v1 `puser` is the user), a member's of a group, a group's.
fn links(reading: &mut Reading<'_>, fields: &Fields) -> bool {
    let id = fields.text("id");
    if let Some(group) = fields.text("groupId").or_else(|| fields.text("pObjectId")) {
        let members = id.map(Reference::Any).into_iter().collect();
        let handle = format!("list:{}", group.to_lowercase());
        let snapshot = reading.snapshot;
        reading.gathered.groups.push(Group { snapshot, id: Reference::Any(group), handle, members });
        return true;
    }
    if let (Some(report), Some(manager)) = (fields.text("puser"), &id)
        && report != *manager
    {
        reading.gathered.links.push((Reference::Any(report), Reference::Any(manager.clone())));
        return true;
    }
    fields.text("@odata.type").is_some_and(|kind| !kind.to_lowercase().ends_with(".user"))
}

fn user(spec: &DirectorySpec, fields: &Fields) -> Result<Draft, Wrong> {
    let mut draft = Draft::default();
    if let Some(mail) = fields.text("mail") {
        draft.address(&mail, "mail")?;
    }
    if let Some(principal) = fields.text("userPrincipalName") {
        draft.principal(&principal, "userPrincipalName")?;
    }
    for proxy in fields.list("proxyAddresses").filter_map(text_of) {
        draft.proxy(&proxy);
    }
    for im in fields.list("imAddresses").filter_map(text_of) {
        draft.alias(im.strip_prefix("sip:").unwrap_or(&im));
    }
    let id = fields.text("id").or_else(|| fields.text("puser"));
    if let Some(id) = &id {
        draft.account("teams", id);
    }
    if fields.text("userType").is_some_and(|kind| kind.eq_ignore_ascii_case("guest")) {
        draft.facts.class = PersonClass::Guest;
    }
    draft.facts.is_active = fields.text("accountEnabled").as_deref().is_none_or(is_active);
    draft.facts.hired_on = fields.text("hireDate").and_then(|text| scim_day(&text).ok().flatten());
    draft.mapped(spec, scim_day, &|field| fields.path(field))?;
    draft.settle_key(id.as_deref(), Some("id"))?;
    draft.manager =
        fields.get("manager").and_then(|manager| member(manager, "id")).and_then(text_of).map(Reference::Any);
    if spec.reads_names()
        && let Some(name) = fields.text("displayName")
    {
        draft.name(&name);
    }
    Ok(draft)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{handles, managers, read, row_of};
    use crate::IngestError;
    use crate::directory::{Directory, DirectoryFormat, ListMember, PersonClass};

    fn graph(text: &str) -> Result<Directory, IngestError> {
        read(text, |spec| {
            spec.format = DirectoryFormat::Graph;
            spec.unit = Some("department".into());
        })
    }

    #[test]
    fn users_managers_and_group_members_are_told_apart() {
        let directory = graph(
            r#"{"id":"A","puser":"A","mail":"a@x.org","userPrincipalName":"a@corp.x.org","proxyAddresses":["SMTP:a@x.org","smtp:ann@x.org","X500:/o=X/cn=A"],"hireDate":"0001-01-01T00:00:00Z","department":"Sales"}
            {"id":"B","puser":"B","userPrincipalName":"b@x.org","otherMails":["b@home.example"],"hireDate":"2024-05-06T00:00:00Z","userType":"Guest"}
            {"id":"A","puser":"B","mail":"a@x.org"}
            {"id":"B","groupId":"G"}
            {"id":"A","pObjectId":"G"}"#,
        )
        .unwrap();
        assert_eq!(managers(&directory), [None, Some("A")]);
        assert_eq!(
            handles(&directory, "A"),
            ["mail:a@corp.x.org", "mail:a@x.org", "mail:ann@x.org", "teams:a", "x500:/o=x/cn=a"]
        );
        assert_eq!(handles(&directory, "B"), ["mail:b@x.org", "teams:b"]);
        let (first, second) = (row_of(&directory, "A"), row_of(&directory, "B"));
        assert_eq!((first.hired_on, first.unit.as_deref()), (None, Some("Sales")));
        assert_eq!(
            (second.hired_on.map(|day| day.to_string()), second.class),
            (Some("2024-05-06".into()), PersonClass::Guest)
        );
        assert_eq!(directory.lists["list:g"], [ListMember::Person(1), ListMember::Person(0)]);
        let counts = directory.counts();
        assert_eq!((counts.seen, counts.used, counts.excluded_count()), (5, 2, 3));
    }

    #[test]
    fn a_page_that_names_a_next_one_needs_it() {
        let page = |next: &str| format!(r#"{{"value":[{{"id":"A","mail":"a@x.org"}}]{next}}}"#);
        assert!(graph(&page("")).is_ok());
        let next = r#","@odata.nextLink":"https://graph.example/next""#;
        let Err(IngestError::Unusable(found)) = graph(&page(next)) else { panic!("a page is missing") };
        assert_eq!(found[0].code.id, "I201");
    }
}
