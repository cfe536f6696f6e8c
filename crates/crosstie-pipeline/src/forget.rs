//! `forget`: people are put on the erasure list, and everything that is kept of them goes.

use crate::erase::{Taken, erase};
use crate::error::{Exit, Failure};
use crate::observe::{now, rfc3339};
use crate::persons::Meant;
use crate::plan::Plan;
use crosstie_model::{Day, Diagnostic, Erased, code, mark_of_id, mark_of_pseudonym, mark_of_tag};
use crosstie_privacy::Pseudonyms;
use crosstie_store::{
    ErasureList, find_manifests, note_look, read_erasure_list, read_release, release_names, write_erasure_list,
};
use std::collections::BTreeMap;
use std::path::Path;

/// What was done, for whoever asked for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Certificate {
    /// People of the directory who were named.
    pub people: u64,
    /// Addresses and accounts of theirs.
    pub accounts: u64,
    /// Lines that name nobody who is known.
    pub unknown: u64,
    /// What was taken away.
    pub taken: Taken,
}

/// Forgets the people that `persons` names, a line each, and finishes what was begun before. With no line it only
/// finishes.
///
/// # Errors
/// Nobody is named and nobody was before (exit 2); no output folder, or no key (66); another key (77); a run that holds
/// the lock (75); a file that is damaged (65) or cannot be written (74): the same command goes on from there.
pub fn forget(output: &Path, plan: &Plan, persons: &str, today: Day) -> Result<Certificate, Failure> {
    let meant = Meant::find(output, plan, persons)?;
    let before = read_erasure_list(output, meant.key.key_id())?;
    let marks = marks(output, &meant)?;
    if marks.is_empty() && before.erased.is_empty() {
        let nobody = Diagnostic::new(code::C106, "nobody is named");
        return Err(Failure::new(Exit::Usage, nobody.hint("a line a person on standard input, or `--persons FILE`")));
    }
    let count = meant.people.person_keys.len() as u64;
    let date = meant.newest.as_ref().map_or("", |manifest| manifest.snapshot_date.as_str());
    note_look(&meant.folder, rfc3339(now()), "forget", date, count)?;
    let erased = Erased::new(before.erased.marks().iter().copied().chain(marks).collect());
    let list = ErasureList { erased, is_open: true };
    write_erasure_list(&meant.folder, meant.key.key_id(), &list)?;
    let taken = erase(&meant.folder, &meant.key, &list.erased, today)?;
    Ok(Certificate {
        people: count,
        accounts: meant.people.handle_ids.len() as u64,
        unknown: meant.people.unknown_count,
        taken,
    })
}

/// Marks of everything under which the people are kept: ids, pseudonyms of every year, tags of every release.
fn marks(output: &Path, meant: &Meant) -> Result<Vec<i64>, Failure> {
    let key = &meant.key;
    let mut marks: Vec<i64> = meant.ids().into_iter().map(|id| mark_of_id(key, id)).collect();
    let manifests = find_manifests(output)?;
    let epochs: BTreeMap<u32, Pseudonyms<'_>> = manifests
        .iter()
        .map(|(date, ..)| Pseudonyms::new(key, *date))
        .map(|pseudonyms| (pseudonyms.epoch(), pseudonyms))
        .collect();
    for pseudonyms in epochs.values() {
        let people = meant.people.person_keys.iter().map(|person| pseudonyms.person(person));
        let accounts = meant.people.handle_ids.iter().map(|&id| pseudonyms.account(id));
        marks.extend(people.chain(accounts).map(|pseudonym| mark_of_pseudonym(key, pseudonym.expose())));
    }
    let tokens = meant.tokens();
    for (_, name) in release_names(output)? {
        let release = read_release(output, &name)?;
        let tags = tokens.iter().flat_map(|token| release.tags_of(key, token));
        marks.extend(tags.map(|tag| mark_of_tag(key, tag)));
    }
    Ok(marks)
}
