//! Who is meant by a list of addresses, accounts and keys, and everything that they are known under.

use super::Handles;
use crate::directory::Directory;
use crate::known::{Known, OptOut, OptOutOf};
use crate::nights::handles_of_book;
use crosstie_model::KeyedHash;
use std::collections::BTreeSet;

/// People, and what they are known under; nothing of it can be printed.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct NamedPeople {
    /// Keys of the directory, also of people who are in it no more.
    pub person_keys: Vec<String>,
    /// Keyed ids of their addresses and accounts, sorted.
    pub handle_ids: Vec<i64>,
    /// Entries that name nobody of the directory and no account that was met.
    pub unknown_count: u64,
}

impl std::fmt::Debug for NamedPeople {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "<{} people, {} accounts>", self.person_keys.len(), self.handle_ids.len())
    }
}

/// Finds people as the opt-out list does: whoever holds an address or account, with all others that they hold; and of
/// the accounts that earlier runs met, which the `book` has, those that are theirs.
#[must_use]
pub fn find_people(
    directory: &Directory,
    known: &Known,
    named: &[OptOut],
    keyed: &dyn KeyedHash,
    book: Option<&[u8]>,
) -> NamedPeople {
    let known = Known { opt_outs: named.to_vec(), erased: Default::default(), ..known.clone() };
    let mut handles = Handles::new(directory, known, keyed);
    if let Some(stored) = book.and_then(handles_of_book) {
        // Whether files have to be read again is asked by runs alone.
        let _ = handles.restore(&stored);
    }
    let mut keys: BTreeSet<String> = BTreeSet::new();
    let mut ids: BTreeSet<i64> = BTreeSet::new();
    for (person, _) in directory.people.iter().zip(&handles.opted_out_people).filter(|(_, named)| **named) {
        keys.insert(person.key.clone());
    }
    for (handle, claims) in directory.handles.sorted().into_iter().chain(handles.aliases.sorted()) {
        if handles.is_opted_out(claims) {
            ids.insert(keyed.handle_id(handle));
        }
    }
    let mut unknown_count = 0;
    for OptOut(who) in named {
        let is_known = match who {
            OptOutOf::Person(key) => {
                keys.insert(key.0.clone());
                directory.person(&key.0).is_some()
            }
            OptOutOf::Handle(text) => {
                let id = keyed.handle_id(&text.0);
                ids.insert(id);
                !handles.claims(&[&text.0]).0.is_empty() || handles.by_id.get(&id).is_some()
            }
            OptOutOf::Id(id) => {
                ids.insert(*id);
                !handles.claims_of_id(*id).0.is_empty() || handles.by_id.get(id).is_some()
            }
        };
        unknown_count += u64::from(!is_known);
    }
    let met = handles.list.iter().filter(|handle| {
        let is_alias = handle.facts.aliases.iter().any(|alias| ids.contains(alias));
        !handle.is_mark && (handle.opted_out || is_alias)
    });
    let met: Vec<i64> = met.map(|handle| handle.id).collect();
    ids.extend(met);
    NamedPeople { person_keys: keys.into_iter().collect(), handle_ids: ids.into_iter().collect(), unknown_count }
}
