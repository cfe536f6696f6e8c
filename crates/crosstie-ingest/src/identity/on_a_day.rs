//! What handles are on a day, and what is asked of them besides.

use super::{Handles, Identity};
use crate::claims::Claim;
use crate::directory::PersonClass;
use crosstie_model::{Day, End, Handle};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What a handle is on a day.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Face {
    pub(crate) handle: Handle,
    /// Neither a list nor a machine, and did not opt out.
    pub(crate) is_plain: bool,
}

impl Handles<'_> {
    pub(crate) fn identity(&self, handle: u32, day: Day) -> Identity {
        self.list[handle as usize].identity(self.directory, day)
    }

    /// Whether the sender is a machine by a rule or by the directory.
    pub(crate) fn is_machine(&self, handle: u32, day: Day) -> bool {
        let by_rule = self.list[handle as usize].rule.is_some_and(|hit| hit.class == PersonClass::Bot);
        by_rule || self.identity(handle, day) == Identity::Class(PersonClass::Bot)
    }

    /// Whether whoever holds it opted out.
    pub(crate) fn has_opted_out(&self, handle: u32) -> bool {
        self.list[handle as usize].opted_out
    }

    /// The accounts behind a distribution list.
    pub(crate) fn list_of(&self, handle: u32) -> Option<Arc<[u32]>> {
        self.list[handle as usize].members.clone()
    }

    /// Whether each person of the directory opted out.
    pub(crate) fn opted_out_people(&self) -> Vec<bool> {
        self.opted_out_people.clone()
    }

    /// Outside domains that look like one's own.
    pub(crate) fn look_alike_count(&self) -> u64 {
        let domains: BTreeSet<i64> =
            self.list.iter().filter(|handle| handle.counts()).filter_map(|handle| handle.facts.domain).collect();
        domains.len() as u64
    }

    /// Accounts that were attached by a full name.
    pub(crate) fn name_match_count(&self) -> u64 {
        self.list.iter().filter(|handle| handle.counts() && handle.is_by_name).count() as u64
    }

    /// Whether anything that counts met a handle.
    pub(crate) fn counts(&self, handle: u32) -> bool {
        self.list[handle as usize].counts()
    }

    /// The end that a handle is on a day.
    pub(crate) fn end(&self, handle: u32, day: Day) -> End {
        match self.identity(handle, day) {
            Identity::Person(person) => End::Person(person),
            Identity::External => End::External,
            _ => End::Account(handle),
        }
    }

    /// The place of each handle in the order of keyed ids.
    pub(crate) fn ranks(&self) -> Vec<u32> {
        let mut order: Vec<(i64, usize)> = self.list.iter().map(|handle| handle.id).zip(0..).collect();
        order.sort_unstable();
        let mut ranks = vec![0; order.len()];
        (0..).zip(order).for_each(|(rank, (_, at))| ranks[at] = rank);
        ranks
    }

    /// What a handle is on every day; `None` where that differs.
    pub(crate) fn face(&self, handle: u32) -> Option<Face> {
        let known = &self.list[handle as usize];
        let day = match known.claims.0.as_slice() {
            [] => Day(0),
            [Claim { person, from: None, to: None }] => self.directory.people[*person as usize].lasting_class_day()?,
            _ => return None,
        };
        Some(self.face_on(handle, day))
    }

    /// What a handle is on a day.
    pub(crate) fn face_on(&self, handle: u32, day: Day) -> Face {
        let known = &self.list[handle as usize];
        let is_plain = !known.opted_out && known.members.is_none() && !self.is_machine(handle, day);
        Face { handle: Handle { id: known.id, end: self.end(handle, day) }, is_plain }
    }
}
