//! Who opted out, and who was forgotten.

use super::Handles;
use crate::claims::Claims;
use crate::known::OptOutOf;
use std::collections::BTreeSet;

impl Handles<'_> {
    /// Every handle of a person who opted out is opted out, by whichever of them they were named.
    pub(super) fn note_opt_outs(&mut self) {
        for opt_out in std::mem::take(&mut self.known.opt_outs) {
            match opt_out.0 {
                OptOutOf::Handle(handle) => {
                    for claim in self.claims(&[&handle.0]).0 {
                        self.opted_out_people[claim.person as usize] = true;
                    }
                    self.opted_out_handles.insert(handle.0, ());
                }
                OptOutOf::Person(key) => {
                    if let Some(person) = self.directory.person(&key.0) {
                        self.opted_out_people[person as usize] = true;
                    }
                }
                OptOutOf::Id(id) => {
                    for claim in self.claims_of_id(id).0 {
                        self.opted_out_people[claim.person as usize] = true;
                    }
                    self.opted_out_ids.insert(id, ());
                }
            }
        }
    }

    /// Who was forgotten is told by the marks of their own ids, and of the addresses and accounts that they held.
    pub(super) fn note_erased(&mut self) {
        if self.known.erased.is_empty() {
            return;
        }
        for (person, id) in self.person_ids().into_iter().enumerate() {
            self.erased_people[person] = self.known.erased.has_id(self.keyed, id);
        }
        for (handle, claims) in self.directory.handles.sorted().into_iter().chain(self.aliases.sorted()) {
            let holders: BTreeSet<u32> = claims.0.iter().map(|claim| claim.person).collect();
            // Of a mailbox that several hold, whose it was is told by their own ids.
            if holders.len() == 1 && self.known.erased.has_id(self.keyed, self.keyed.handle_id(handle)) {
                holders.iter().for_each(|&person| self.erased_people[person as usize] = true);
            }
        }
        for (opted_out, &erased) in self.opted_out_people.iter_mut().zip(&self.erased_people) {
            *opted_out |= erased;
        }
    }

    /// Whether a handle of these claims, with these further ids, is of somebody who was forgotten.
    pub(super) fn is_erased(&self, id: i64, claims: &Claims, aliases: &[i64]) -> bool {
        let erased = &self.known.erased;
        !erased.is_empty()
            && (claims.0.iter().any(|claim| self.erased_people[claim.person as usize])
                || std::iter::once(&id).chain(aliases).any(|&id| erased.has_id(self.keyed, id)))
    }
}
