//! Handles between runs: by keyed id alone, with what exports said of them, so that a later directory can say whose they
//! are and no file need be read again for it.

use super::{BY_RULE_FILE, Claim, Claims, Facts, Handle, Handles, MACHINE_NAME, MARKED_BY_EXPORT, RuleHit};
use crate::directory::PersonClass;
use crosstie_model::packed::Packed;
use crosstie_model::{Erased, KeyedHash, mark_of_id};

/// The handles of earlier runs as bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct StoredHandles {
    handles: Vec<Stored>,
    /// Tagged addresses by id, and whether the directory listed them.
    tagged: Vec<(i64, bool)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Stored {
    id: i64,
    facts: Facts,
    is_id_alone: bool,
    /// Of somebody who was forgotten: the id is a mark, and nothing else is kept.
    is_erased: bool,
    parts: u32,
    /// What was decided of it while files were read, and what days were merged with: as hashes.
    read_as: u64,
    merged_as: u64,
}

/// What became of the handles of earlier runs.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Restored {
    /// All files have to be read again: something was decided otherwise while they were read.
    ReadAgain,
    /// Whether each is somebody else than before.
    Changed(Vec<bool>),
}

const REASONS: [&str; 3] = [BY_RULE_FILE, MACHINE_NAME, MARKED_BY_EXPORT];
const CLASSES: [PersonClass; 6] = [
    PersonClass::Person,
    PersonClass::SharedMailbox,
    PersonClass::Bot,
    PersonClass::Room,
    PersonClass::List,
    PersonClass::Guest,
];

impl Handles<'_> {
    /// Takes the handles of earlier runs, before anything was met. After [`Restored::ReadAgain`] these are of no use.
    pub(crate) fn restore(&mut self, stored: &StoredHandles) -> Restored {
        debug_assert!(self.list.is_empty(), "numbers are those of the table");
        for known in &stored.handles {
            let handle = Handle {
                id: known.id,
                facts: known.facts.clone(),
                is_id_alone: known.is_id_alone,
                is_restored: !known.is_erased,
                is_erased: known.is_erased,
                is_mark: known.is_erased,
                opted_out: known.is_erased,
                parts: known.parts,
                ..Handle::default()
            };
            self.list_depth = 1;
            let number = self.push(handle);
            self.list_depth = 0;
            let mut claims = Claims::default();
            let own = known.facts.by_own_id.then_some(known.id);
            for id in own.into_iter().chain(known.facts.aliases.iter().copied()) {
                self.claims_of_id(id).0.into_iter().for_each(|claim| claims.add(claim));
            }
            self.settle(number, claims);
        }
        self.restore_opt_outs();
        self.restore_lists();
        for &(id, was_listed) in &stored.tagged {
            if self.claims_of_id(id).0.is_empty() == was_listed {
                return Restored::ReadAgain;
            }
            self.tagged.insert(id, was_listed);
        }
        let people = self.people_as_bytes();
        let mut changed = Vec::with_capacity(stored.handles.len());
        for (known, number) in stored.handles.iter().zip(0..) {
            if known.is_erased {
                changed.push(false);
                continue;
            }
            if known.parts > 0 && known.read_as != self.read_as(number, &people) {
                return Restored::ReadAgain;
            }
            changed.push(known.merged_as != self.merged_as(number, &people));
        }
        Restored::Changed(changed)
    }

    fn restore_opt_outs(&mut self) {
        let ids: Vec<i64> =
            self.opted_out_handles.sorted().into_iter().map(|(text, ())| self.keyed.handle_id(text)).collect();
        for id in ids {
            if let Some(&number) = self.by_id.get(&id) {
                self.list[number as usize].opted_out = true;
            }
        }
    }

    fn restore_lists(&mut self) {
        let lists: Vec<String> =
            self.directory.lists.keys().chain(self.lists.sorted().into_iter().map(|(list, _)| list)).cloned().collect();
        for list in lists {
            let known = self.by_id.get(&self.keyed.handle_id(&list)).copied();
            // A list that nothing has met expands to nobody.
            if let Some(number) = known.filter(|&number| self.list[number as usize].parts > 0) {
                self.list[number as usize].members = self.list_members(&list).map(Into::into);
            }
        }
    }

    /// The part that was read met these handles. Returns them, sorted, and begins the next part.
    pub(crate) fn end_of_part(&mut self) -> Vec<u32> {
        let mut met = std::mem::take(&mut self.met);
        met.sort_unstable();
        met.iter().for_each(|&number| self.list[number as usize].parts += 1);
        self.part += 1;
        met
    }

    /// A part that met these handles counts no more.
    pub(crate) fn drop_part(&mut self, met: &[u32]) {
        for &number in met {
            if let Some(handle) = self.list.get_mut(number as usize) {
                handle.parts = handle.parts.saturating_sub(1);
            }
        }
    }

    /// Handles that copies name, without their texts.
    pub(crate) fn meet(&mut self, handles: impl Iterator<Item = u32>) {
        handles.for_each(|handle| self.touch(handle));
    }

    /// All handles for the next run, which does not know the parts that met `unkept`.
    pub(crate) fn stored(&self, unkept: &[u32]) -> StoredHandles {
        let people = self.people_as_bytes();
        let mut parts: Vec<u32> = self.list.iter().map(|handle| handle.parts).collect();
        unkept.iter().for_each(|&number| parts[number as usize] = parts[number as usize].saturating_sub(1));
        let handles = (0..)
            .zip(&self.list)
            .map(|(number, handle)| match handle.is_erased {
                true if handle.is_mark => Stored::mark(handle.id),
                true => Stored::mark(mark_of_id(self.keyed, handle.id)),
                false => Stored {
                    id: handle.id,
                    facts: handle.facts.clone(),
                    is_id_alone: handle.is_id_alone,
                    is_erased: false,
                    parts: parts[number as usize],
                    read_as: self.read_as(number, &people),
                    merged_as: self.merged_as(number, &people),
                },
            })
            .collect();
        let tagged = self.tagged.sorted().into_iter().map(|(&id, &listed)| (id, listed)).collect();
        StoredHandles { handles, tagged }
    }

    /// The keyed id of each person of the directory.
    pub(crate) fn person_ids(&self) -> Vec<i64> {
        self.directory.people.iter().map(|person| self.keyed.handle_id(&format!("member:{}", person.key))).collect()
    }

    /// The same, of those who were not forgotten.
    pub(crate) fn lasting_person_ids(&self) -> Vec<Option<i64>> {
        let ids = self.person_ids().into_iter().zip(&self.erased_people);
        ids.map(|(id, erased)| (!erased).then_some(id)).collect()
    }

    /// What of each person decides who a handle is: who it is, and what on which days.
    fn people_as_bytes(&self) -> Vec<PersonBytes> {
        let ids = self.person_ids();
        let of = |(person, id): (&crate::DirectoryPerson, i64)| {
            let mut bytes = id.to_le_bytes().to_vec();
            for interval in &person.intervals {
                for day in [interval.from, interval.to, interval.hired_on, interval.left_on] {
                    bytes.extend_from_slice(&day.map_or(i32::MIN, |day| day.0).to_le_bytes());
                }
                bytes.push(class_number(interval.class));
            }
            let can_be_bot = person.intervals.iter().any(|interval| interval.class == PersonClass::Bot);
            PersonBytes { bytes, can_be_bot }
        };
        self.directory.people.iter().zip(ids).map(of).collect()
    }

    /// What is decided of a handle while files are read: whether its holder opted out or is a machine.
    fn read_as(&self, number: u32, people: &[PersonBytes]) -> u64 {
        let handle = &self.list[number as usize];
        let mut bytes = vec![u8::from(handle.opted_out), rule_number(handle.rule)];
        if handle.claims.0.iter().any(|claim| people[claim.person as usize].can_be_bot) {
            put_claims(&mut bytes, &handle.claims, people);
        }
        hash(&bytes)
    }

    /// Everything that days are merged with.
    fn merged_as(&self, number: u32, people: &[PersonBytes]) -> u64 {
        let mut bytes = Vec::new();
        self.put_identity(&mut bytes, number, people);
        for &member in self.list[number as usize].members.iter().flat_map(|members| members.iter()) {
            bytes.extend_from_slice(&self.list[member as usize].id.to_le_bytes());
            self.put_identity(&mut bytes, member, people);
        }
        hash(&bytes)
    }

    fn put_identity(&self, bytes: &mut Vec<u8>, number: u32, people: &[PersonBytes]) {
        let handle = &self.list[number as usize];
        let flags = [handle.opted_out, handle.is_internal, handle.members.is_some()];
        bytes.extend(flags.map(u8::from));
        bytes.push(rule_number(handle.rule));
        put_claims(bytes, &handle.claims, people);
    }
}

struct PersonBytes {
    bytes: Vec<u8>,
    can_be_bot: bool,
}

fn put_claims(bytes: &mut Vec<u8>, claims: &Claims, people: &[PersonBytes]) {
    let mut each: Vec<Vec<u8>> = claims
        .0
        .iter()
        .map(|Claim { person, from, to }| {
            let mut one = people[*person as usize].bytes.clone();
            for day in [from, to] {
                one.extend_from_slice(&day.map_or(i32::MIN, |day| day.0).to_le_bytes());
            }
            one
        })
        .collect();
    each.sort_unstable();
    each.iter().for_each(|one| bytes.extend_from_slice(one));
}

fn hash(bytes: &[u8]) -> u64 {
    let hash = blake3::hash(bytes);
    u64::from_le_bytes([0, 1, 2, 3, 4, 5, 6, 7].map(|at| hash.as_bytes()[at]))
}

fn class_number(class: PersonClass) -> u8 {
    CLASSES.iter().position(|&known| known == class).unwrap_or(0) as u8
}

fn rule_number(rule: Option<RuleHit>) -> u8 {
    rule.map_or(0, |rule| {
        let reason = REASONS.iter().position(|&known| known == rule.reason).unwrap_or(0) as u8;
        1 + class_number(rule.class) + reason * CLASSES.len() as u8
    })
}

fn rule_of(number: u8) -> Option<Option<RuleHit>> {
    let Some(number) = number.checked_sub(1) else { return Some(None) };
    let (class, reason) = (usize::from(number) % CLASSES.len(), usize::from(number) / CLASSES.len());
    Some(Some(RuleHit { class: CLASSES[class], reason: REASONS.get(reason)? }))
}

const INTERNAL: u8 = 1;
const BY_OWN_ID: u8 = 2;
const ID_ALONE: u8 = 4;
const HAS_NAME: u8 = 8;
const HAS_DOMAIN: u8 = 16;
const ERASED: u8 = 32;

impl Stored {
    /// What is kept of somebody who was forgotten.
    fn mark(mark: i64) -> Stored {
        let facts = Facts::default();
        Stored { id: mark, facts, is_id_alone: false, is_erased: true, parts: 0, read_as: 0, merged_as: 0 }
    }
}

impl StoredHandles {
    /// Which handles a rule calls machines.
    pub(crate) fn machines(&self) -> Vec<bool> {
        let is_machine = |known: &Stored| known.facts.rule.is_some_and(|hit| hit.class == PersonClass::Bot);
        self.handles.iter().map(is_machine).collect()
    }

    /// Which handles have one of these ids.
    pub(crate) fn are(&self, ids: &[i64]) -> Vec<bool> {
        self.handles.iter().map(|known| ids.contains(&known.id)).collect()
    }

    /// Puts marks in the place of handles of people who were forgotten; says which those are.
    pub(crate) fn erase(&mut self, erased: &Erased, keyed: &dyn KeyedHash) -> Vec<bool> {
        let is_of_them = |known: &Stored| {
            let mut ids = std::iter::once(known.id).chain(known.facts.aliases.iter().copied());
            known.is_erased || ids.any(|id| erased.has_id(keyed, id))
        };
        let flags: Vec<bool> = self.handles.iter().map(is_of_them).collect();
        for (known, _) in self.handles.iter_mut().zip(&flags).filter(|(known, flag)| **flag && !known.is_erased) {
            *known = Stored::mark(mark_of_id(keyed, known.id));
        }
        self.tagged.retain(|&(id, _)| !erased.has_id(keyed, id));
        flags
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(16 + self.handles.len() * 32);
        out.extend_from_slice(&(self.handles.len() as u32).to_le_bytes());
        out.extend_from_slice(&(self.tagged.len() as u32).to_le_bytes());
        for Stored { id, facts, is_id_alone, is_erased, parts, read_as, merged_as } in &self.handles {
            out.extend_from_slice(&id.to_le_bytes());
            let flag = |is_set: bool, flag: u8| if is_set { flag } else { 0 };
            out.push(
                flag(facts.is_internal, INTERNAL)
                    | flag(facts.by_own_id, BY_OWN_ID)
                    | flag(*is_id_alone, ID_ALONE)
                    | flag(facts.name.is_some(), HAS_NAME)
                    | flag(facts.domain.is_some(), HAS_DOMAIN)
                    | flag(*is_erased, ERASED),
            );
            out.push(rule_number(facts.rule));
            out.push(facts.aliases.len() as u8);
            out.extend_from_slice(&parts.to_le_bytes());
            for word in [read_as, merged_as] {
                out.extend_from_slice(&word.to_le_bytes());
            }
            for id in facts.aliases.iter().chain(&facts.name).chain(&facts.domain) {
                out.extend_from_slice(&id.to_le_bytes());
            }
        }
        for (id, listed) in &self.tagged {
            out.extend_from_slice(&id.to_le_bytes());
            out.push(u8::from(*listed));
        }
        out
    }

    /// The handles of these bytes; `None` if they are none.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<StoredHandles> {
        let mut rest = Packed(bytes);
        let (count, tagged) = (rest.word()?, rest.word()?);
        let mut stored = StoredHandles::default();
        for _ in 0..count {
            let id = rest.long()? as i64;
            let [flags, rule, aliases]: [u8; 3] = rest.bytes(3)?.try_into().ok()?;
            let (parts, read_as, merged_as) = (rest.word()?, rest.long()?, rest.long()?);
            let has = |flag: u8| flags & flag != 0;
            let mut ids = Vec::new();
            for _ in 0..aliases {
                ids.push(rest.long()? as i64);
            }
            let name = if has(HAS_NAME) { Some(rest.long()? as i64) } else { None };
            let domain = if has(HAS_DOMAIN) { Some(rest.long()? as i64) } else { None };
            let facts = Facts {
                is_internal: has(INTERNAL),
                rule: rule_of(rule)?,
                by_own_id: has(BY_OWN_ID),
                aliases: ids,
                name,
                domain,
            };
            let (is_id_alone, is_erased) = (has(ID_ALONE), has(ERASED));
            stored.handles.push(Stored { id, facts, is_id_alone, is_erased, parts, read_as, merged_as });
        }
        for _ in 0..tagged {
            stored.tagged.push((rest.long()? as i64, rest.bytes(1)?[0] != 0));
        }
        rest.0.is_empty().then_some(stored)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};

    fn stored() -> impl Strategy<Value = Stored> {
        let facts = (
            any::<bool>(),
            0u8..19,
            any::<bool>(),
            vec(any::<i64>(), 0..3),
            any::<Option<i64>>(),
            any::<Option<i64>>(),
        );
        (any::<i64>(), facts, any::<(bool, bool)>(), any::<u32>(), any::<u64>(), any::<u64>()).prop_map(
            |(id, (is_internal, rule, by_own_id, aliases, name, domain), flags, parts, read_as, merged_as)| {
                let rule = rule_of(rule).unwrap();
                let facts = Facts { is_internal, rule, by_own_id, aliases, name, domain };
                let (is_id_alone, is_erased) = flags;
                Stored { id, facts, is_id_alone, is_erased, parts, read_as, merged_as }
            },
        )
    }

    proptest! {
        #[test]
        fn a_table_comes_back(handles in vec(stored(), 0..8), tagged in vec(any::<(i64, bool)>(), 0..4)) {
            let stored = StoredHandles { handles, tagged };
            let bytes = stored.to_bytes();
            prop_assert_eq!(StoredHandles::from_bytes(&bytes), Some(stored));
            for cut in 0..bytes.len() {
                prop_assert_eq!(StoredHandles::from_bytes(&bytes[..cut]), None);
            }
        }
    }
}
