//! Finds the people that the records of one snapshot name, and cuts circles of managers.

use super::draft::{Draft, Reference};
use super::person::ManagerState;
use crate::address::Address;
use crosstie_model::Lookup;

/// The people of one snapshot, sorted by key, as others name them.
pub(super) struct Resolver<'a> {
    drafts: &'a [Draft],
    handles: Lookup<&'a str, Found>,
    dns: Lookup<&'a str, Found>,
    names: Lookup<&'a str, Found>,
}

/// Who is meant, as an index of the snapshot's people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    Nobody,
    One(u32),
    Several,
}

impl<'a> Resolver<'a> {
    pub(super) fn new(drafts: &'a [Draft]) -> Resolver<'a> {
        let mut resolver = Resolver { drafts, handles: Lookup::new(), dns: Lookup::new(), names: Lookup::new() };
        for (ix, draft) in (0..).zip(drafts) {
            draft.handles.iter().for_each(|handle| note(&mut resolver.handles, handle, ix));
            draft.dn.iter().for_each(|dn| note(&mut resolver.dns, dn, ix));
            draft.names.iter().for_each(|name| note(&mut resolver.names, name, ix));
        }
        resolver
    }

    pub(super) fn find(&self, reference: &Reference) -> Found {
        let of = |lookup: &Lookup<&str, Found>, text: &str| lookup.get(text).copied().unwrap_or(Found::Nobody);
        match reference {
            Reference::Dn(dn) => of(&self.dns, dn),
            Reference::Name(name) => of(&self.names, name),
            Reference::Key(text) => self.key(text).unwrap_or_else(|| of(&self.handles, text)),
            Reference::Any(text) => self.key(text).unwrap_or_else(|| match of(&self.handles, &account(text)) {
                Found::Nobody => mail(text).map_or(Found::Nobody, |handle| of(&self.handles, &handle)),
                found => found,
            }),
        }
    }

    fn key(&self, text: &str) -> Option<Found> {
        self.drafts.binary_search_by(|draft| draft.key.as_str().cmp(text)).ok().map(|at| Found::One(at as u32))
    }
}

/// The account that a Microsoft id is.
fn account(text: &str) -> String {
    format!("teams:{}", text.to_lowercase())
}

/// The handle of an address.
pub(super) fn mail(text: &str) -> Option<String> {
    Address::parse(text).ok().map(|address| format!("mail:{}", address.expose()))
}

fn note<'a>(lookup: &mut Lookup<&'a str, Found>, text: &'a str, ix: u32) {
    let found = lookup.get_or_insert_with(text, || Found::One(ix));
    if *found != Found::One(ix) {
        *found = Found::Several;
    }
}

/// The managers of one snapshot.
pub(super) struct Managers {
    /// Manager of each draft, as an index of drafts.
    pub(super) of: Vec<(Option<u32>, ManagerState)>,
    /// Drafts whose manager is not there.
    pub(super) dangling: Vec<u32>,
    /// Drafts whose manager's name is that of two people.
    pub(super) ambiguous: Vec<u32>,
    /// Drafts at which a circle was cut.
    pub(super) cut: Vec<u32>,
    /// Drafts that are their own manager.
    pub(super) own: Vec<u32>,
}

/// Finds everybody's manager; `links` come before what the records say.
pub(super) fn managers(drafts: &[Draft], resolver: &Resolver<'_>, links: &[(Reference, Reference)]) -> Managers {
    let mut named: Vec<Option<&Reference>> = drafts.iter().map(|draft| draft.manager.as_ref()).collect();
    let mut is_linked = vec![false; drafts.len()];
    for (person, manager) in links {
        if let Found::One(ix) = resolver.find(person)
            && !std::mem::replace(&mut is_linked[ix as usize], true)
        {
            named[ix as usize] = Some(manager);
        }
    }
    let mut managers = Managers {
        of: Vec::with_capacity(drafts.len()),
        dangling: vec![],
        ambiguous: vec![],
        cut: vec![],
        own: vec![],
    };
    for (ix, reference) in (0..).zip(named) {
        let found = reference.map(|reference| (reference, resolver.find(reference)));
        managers.of.push(match found {
            None => (None, ManagerState::Root),
            // Who reports to oneself is a root.
            Some((_, Found::One(manager))) if manager == ix => {
                managers.own.push(ix);
                (None, ManagerState::Root)
            }
            Some((_, Found::One(manager))) => (Some(manager), ManagerState::Known),
            Some((reference, found)) => {
                let is_ambiguous = found == Found::Several && matches!(reference, Reference::Name(_));
                (if is_ambiguous { &mut managers.ambiguous } else { &mut managers.dangling }).push(ix);
                (None, ManagerState::Unknown)
            }
        });
    }
    managers.cut = cut_cycles(&mut managers.of);
    managers
}

/// Cuts each circle of managers at its smallest key: all links of a snapshot hold on its first day, so no day has a
/// circle. Whoever left or is yet to come counts, since the tree passes through them. Returns where it cut.
fn cut_cycles(managers: &mut [(Option<u32>, ManagerState)]) -> Vec<u32> {
    let mut visit_of = vec![0u32; managers.len()]; // 0: not yet; else the walk that met it
    let mut cut = Vec::new();
    for start in 0..managers.len() {
        let walk = start as u32 + 1;
        let mut at = start;
        while visit_of[at] == 0 {
            visit_of[at] = walk;
            match managers[at].0 {
                Some(manager) => at = manager as usize,
                None => break,
            }
        }
        if visit_of[at] != walk || managers[at].0.is_none() {
            continue;
        }
        // `at` lies on a circle; people are sorted by key, so the smallest index is the smallest key.
        let mut smallest = at;
        let mut next = managers[at].0.map_or(at, |manager| manager as usize);
        while next != at {
            smallest = smallest.min(next);
            next = managers[next].0.map_or(at, |manager| manager as usize);
        }
        managers[smallest] = (None, ManagerState::Cut);
        cut.push(smallest as u32);
    }
    cut
}
