//! SCIM 2.0 (RFC 7643, 7644): users and groups as identity providers hand them out, in pages, arrays, lines or alone.

use super::draft::{Draft, Reference, Wrong, is_active};
use super::json_fields::{Fields, Wanted, each_object, flag, member, text_of};
use super::reading::{Group, Outcome, Reading};
use super::spec::DirectorySpec;
use crosstie_model::Day;
use serde_json::Value;
use std::collections::BTreeSet;

/// Keys of a resource that are read.
const KEYS: [&str; 10] =
    ["schemas", "id", "userName", "emails", "active", "members", "name", "displayName", "totalResults", "Operations"];
/// The extension that holds department and manager; Entra writes its members as flat keys too.
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

pub(super) fn read(reading: &mut Reading<'_>) {
    let spec = reading.spec;
    let wanted = Wanted::new(&KEYS, spec, &[ENTERPRISE]);
    let mut groups = BTreeSet::new(); // records that are groups
    let snapshot = reading.snapshot;
    let pages = each_object(reading, "Resources", &wanted, &mut |reading, (number, fields)| {
        if is_group(fields) {
            groups.insert(number);
            group(reading, fields);
            return Ok(Outcome::NotAPerson);
        }
        if is_user(fields) {
            return Ok(Outcome::Person(Box::new(user(spec, fields)?)));
        }
        // A listing may have a total and no resources.
        if let Some(total) = fields.text("totalResults").and_then(|text| text.parse().ok()) {
            note_total(reading, snapshot, false, total, 0);
        }
        Ok(Outcome::NotAPerson)
    });
    for page in pages {
        let of_groups = !page.records.is_empty() && page.records.clone().all(|number| groups.contains(&number));
        let held = page.records.len() as u64;
        note_total(reading, snapshot, of_groups, page.total.unwrap_or(0), held);
    }
}

/// Adds a page to what is known of its listing.
fn note_total(reading: &mut Reading<'_>, snapshot: Option<Day>, of_groups: bool, total: u64, held: u64) {
    let (most, sum) = reading.gathered.pages.totals.entry((snapshot, of_groups)).or_default();
    *most = (*most).max(total);
    *sum += held;
}

fn has_schema(fields: &Fields, ending: &str) -> bool {
    fields.list("schemas").filter_map(Value::as_str).any(|schema| schema.to_lowercase().ends_with(ending))
}

fn is_message(fields: &Fields) -> bool {
    let schemas = fields.list("schemas").filter_map(Value::as_str);
    schemas.map(str::to_lowercase).any(|schema| schema.contains(":api:messages:"))
}

/// Some servers leave the schemas out of partial answers.
fn is_user(fields: &Fields) -> bool {
    let is_declared = has_schema(fields, ":core:2.0:user");
    (is_declared || fields.list("schemas").next().is_none()) && fields.text("userName").is_some() && !is_message(fields)
}

fn is_group(fields: &Fields) -> bool {
    let is_undeclared = fields.list("schemas").next().is_none() && fields.text("userName").is_none();
    has_schema(fields, ":core:2.0:group") || (is_undeclared && fields.get("members").is_some_and(Value::is_array))
}

fn user(spec: &DirectorySpec, fields: &Fields) -> Result<Draft, Wrong> {
    let mut draft = Draft::default();
    let is_home =
        |email: &&Value| member(email, "type").and_then(text_of).is_some_and(|kind| kind.eq_ignore_ascii_case("home"));
    let is_primary = |email: &&Value| member(email, "primary").is_some_and(flag);
    let emails: Vec<&Value> = fields.list("emails").filter(|email| !is_home(email)).collect();
    let (primary, others): (Vec<&Value>, Vec<&Value>) = emails.into_iter().partition(is_primary);
    for address in
        primary.into_iter().chain(others).filter_map(|email| text_of(member(email, "value").unwrap_or(email)))
    {
        draft.address(&address, "emails")?;
    }
    let user_name = fields.text("userName");
    if let Some(name) = user_name.as_deref().filter(|name| name.contains('@')) {
        draft.alias(name);
    }
    draft.facts.is_active = fields.text("active").as_deref().is_none_or(is_active);
    draft.mapped(spec, scim_day, &|field| extended(fields, field))?;
    let key = fields.text("id").or_else(|| if draft.handles.is_empty() { user_name.clone() } else { None });
    draft.settle_key(key.as_deref(), Some("id"))?;
    draft.manager = manager(fields).map(Reference::Any);
    if spec.reads_names() {
        name(&mut draft, fields);
    }
    Ok(draft)
}

/// A field of the user, else of the extension in either of its forms.
fn extended(fields: &Fields, field: &str) -> Option<String> {
    let in_extension = || text_of(member(fields.get(ENTERPRISE)?, field)?);
    fields.path(field).or_else(in_extension).or_else(|| fields.text(&format!("{ENTERPRISE}:{field}")))
}

/// `{"value": id}`, `{"$ref": ".../Users/id"}`, a bare id, or a flat key.
fn manager(fields: &Fields) -> Option<String> {
    let nested = fields.get(ENTERPRISE).and_then(|extension| member(extension, "manager"));
    let value = nested.or_else(|| fields.get(&format!("{ENTERPRISE}:manager")))?;
    text_of(value).or_else(|| reference(value).map(|(id, _)| id))
}

/// The id that an object refers to, and whether it says that it is a group's.
fn reference(value: &Value) -> Option<(String, bool)> {
    let path = member(value, "$ref").and_then(text_of);
    let is_group = member(value, "type").and_then(Value::as_str).is_some_and(|kind| kind.eq_ignore_ascii_case("group"))
        || path.as_ref().is_some_and(|path| path.contains("/Groups/"));
    let last = |path: String| path.rsplit('/').find(|part| !part.is_empty()).map(str::to_string);
    let id = member(value, "value").and_then(text_of).or_else(|| path.and_then(last))?;
    Some((id, is_group))
}

fn group(reading: &mut Reading<'_>, fields: &Fields) {
    let Some(id) = fields.text("id") else { return };
    let members = fields.list("members").filter_map(reference).map(|(id, _)| Reference::Any(id)).collect();
    let handle = format!("list:{}", id.to_lowercase());
    reading.gathered.groups.push(Group { snapshot: reading.snapshot, id: Reference::Any(id), handle, members });
}

fn name(draft: &mut Draft, fields: &Fields) {
    let part = |key: &str| fields.get("name").and_then(|name| member(name, key)).and_then(text_of);
    if let (Some(given), Some(family)) = (part("givenName"), part("familyName")) {
        draft.name(&format!("{given} {family}"));
    }
    for name in [fields.text("displayName"), part("formatted")].into_iter().flatten() {
        draft.name(&name);
    }
}

/// A date, or a time that begins with one.
pub(super) fn scim_day(text: &str) -> Result<Option<Day>, ()> {
    let day = text.get(..10).and_then(|head| head.parse::<Day>().ok()).ok_or(())?;
    Ok(Some(day).filter(|day| day.ymd().0 > 1))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{handles, managers, notices, read, row_of};
    use crate::IngestError;
    use crate::directory::{Directory, DirectoryFormat, ListMember, ManagerState};

    fn scim(text: &str) -> Result<Directory, IngestError> {
        read(text, |spec| {
            spec.format = DirectoryFormat::Scim;
            spec.unit = Some("department".into());
        })
    }

    #[test]
    fn all_forms_of_a_manager() {
        let text = r#"[{"id":"1","userName":"a@x.org"},
            {"id":"2","userName":"b","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":{"value":"1"},"Department":"Sales"}},
            {"ID":"3","UserName":"c","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":{"$ref":"https://x.org/v2/Users/1"}}},
            {"id":"4","userName":"d","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":"1"}},
            {"id":"5","userName":"e","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager":"1","active":"False"}]"#;
        let directory = scim(text).unwrap();
        assert_eq!(managers(&directory), [None, Some("1"), Some("1"), Some("1"), Some("1")]);
        assert_eq!(row_of(&directory, "2").unit.as_deref(), Some("Sales"));
        assert_eq!(handles(&directory, "1"), ["mail:a@x.org"]);
        assert!(row_of(&directory, "4").is_active && !row_of(&directory, "5").is_active);
    }

    #[test]
    fn home_addresses_are_no_handles() {
        let text = r#"{"id":"1","userName":"ann","emails":[{"value":"ann@home.example","type":"home"},{"value":"b@x.org"},{"value":"a@x.org","primary":true}]}"#;
        assert_eq!(handles(&scim(text).unwrap(), "1"), ["mail:a@x.org", "mail:b@x.org"]);
    }

    #[test]
    fn groups_become_lists_even_in_circles() {
        let group = "urn:ietf:params:scim:schemas:core:2.0:Group";
        let text = format!(
            r#"{{"id":"u","userName":"a@x.org"}}
            {{"schemas":["{group}"],"id":"g","members":[{{"value":"u"}},{{"value":"h","type":"Group"}},{{"value":"z"}}]}}
            {{"schemas":["{group}"],"id":"h","members":[{{"value":"g","type":"Group"}}]}}"#
        );
        let directory = scim(&text).unwrap();
        let expected = [ListMember::Person(0), ListMember::List("list:h".into()), ListMember::Handle("id:z".into())];
        assert_eq!(directory.lists["list:g"], expected);
        assert_eq!(directory.lists["list:h"], [ListMember::List("list:g".into())]);
        let counts = directory.counts();
        assert_eq!((counts.seen, counts.used, counts.excluded_count()), (3, 1, 2));
    }

    #[test]
    fn pages_must_be_all_there() {
        let page = |total: u32, id: u32| {
            format!(r#"{{"totalResults":{total},"Resources":[{{"id":"{id}","userName":"a{id}@x.org"}}]}}"#)
        };
        assert_eq!(scim(&format!("{}\n{}", page(2, 1), page(2, 2))).unwrap().people.len(), 2);
        for text in [page(2, 1), r#"{"totalResults":3}"#.into()] {
            let Err(IngestError::Unusable(found)) = scim(&text) else { panic!("a page is missing") };
            assert_eq!(found[0].code.id, "I201");
        }
    }

    #[test]
    fn bad_records_have_their_reason() {
        let deep = format!("{{\"id\":{}1{}}}", "[".repeat(70), "]".repeat(70));
        let text = format!(
            "{{\"id\":\"1\",\"userName\":\"a@x.org\"}}\n{deep}\n{{\"id\":\"2\",\"ID\":\"3\",\"userName\":\"b\"}}\n{{\"id\":}}\n{{\"id\":\"4\",\"userName\":\"d\",\"emails\":[\"nobody\"]}}\n"
        );
        let directory = scim(&text).unwrap();
        let quarantined = directory.counts().quarantined;
        let expected = [("I106", 1), ("I109", 1), ("I111", 1), ("I112", 1)];
        assert_eq!(quarantined.into_iter().collect::<Vec<_>>(), expected);
        assert!(directory.ledger.balance().is_ok());
    }

    #[test]
    fn a_dangling_manager_is_unknown() {
        let text = r#"{"id":"1","userName":"a","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":{"value":"9"}}}"#;
        let directory = scim(text).unwrap();
        assert_eq!(row_of(&directory, "1").manager_state, ManagerState::Unknown);
        assert_eq!(notices(&directory), [("I302", 1)]);
    }
}
