//! Lists of people, from the groups of a directory.

use super::draft::{Draft, Reference};
use super::reading::Group;
use super::resolve::{Found, Resolver, mail};
use std::collections::{BTreeMap, BTreeSet};

/// Who is on a list.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum ListMember {
    /// Index of a person of the directory.
    Person(u32),
    /// Another list, by its handle; lists may hold each other.
    List(String),
    /// Somebody or something that the directory does not have: `mail:` and an address, `dn:` or `id:` and a name.
    Handle(String),
}

impl std::fmt::Debug for ListMember {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            ListMember::Person(_) => "<person>",
            ListMember::List(_) => "<list>",
            ListMember::Handle(_) => "<handle>",
        })
    }
}

/// The lists of one snapshot. `person_of` gives the person that each draft is.
pub(super) fn lists(
    groups: &[Group],
    drafts: &[Draft],
    resolver: &Resolver<'_>,
    person_of: &[u32],
) -> BTreeMap<String, Vec<ListMember>> {
    let handle_of: BTreeMap<&Reference, &str> = groups.iter().map(|group| (&group.id, group.handle.as_str())).collect();
    let mut lists = BTreeMap::new();
    let mut seen = BTreeSet::new();
    let mut add = |handle: &str, member: Option<ListMember>| {
        let list: &mut Vec<ListMember> = lists.entry(handle.to_string()).or_default();
        if let Some(member) = member.filter(|member| seen.insert((handle.to_string(), member.clone()))) {
            list.push(member);
        }
    };
    for group in groups {
        let handle = handle_of.get(&group.id).copied().unwrap_or(&group.handle);
        add(handle, None);
        for member in &group.members {
            let found = match (resolver.find(member), handle_of.get(member)) {
                (Found::One(draft), _) => ListMember::Person(person_of[draft as usize]),
                (_, Some(list)) => ListMember::List((*list).to_string()),
                _ => ListMember::Handle(unknown(member, "id")),
            };
            add(handle, Some(found));
        }
    }
    for (draft, &person) in drafts.iter().zip(person_of) {
        for list in &draft.member_of {
            let handle = handle_of.get(list).map_or_else(|| unknown_list(list), |handle| (*handle).to_string());
            add(&handle, Some(ListMember::Person(person)));
        }
    }
    lists
}

fn unknown(reference: &Reference, kind: &str) -> String {
    match reference {
        Reference::Dn(dn) => format!("dn:{dn}"),
        Reference::Key(text) | Reference::Name(text) => text.clone(),
        Reference::Any(text) => mail(text).unwrap_or_else(|| format!("{kind}:{}", text.to_lowercase())),
    }
}

/// A list that only its members name.
fn unknown_list(reference: &Reference) -> String {
    match reference {
        Reference::Dn(dn) => format!("list:{dn}"),
        other => unknown(other, "list"),
    }
}
