//! From the spellings of exports to handles, and from handles to the people who held them on a day.

use crate::address::{Address, Mailbox};
use crate::claims::{Claim, Claims, Holder};
use crate::directory::{Directory, PERSON, PersonClass, folded_name};
use crate::known::{Known, Matches};
use crate::look_alike::LookAlikes;
use crate::machine_names::{is_machine, tokens};
use crosstie_model::{Code, Day, KeyedHash, Lookup, code, mark_of_id};
use std::sync::Arc;

mod named;
mod on_a_day;
mod opted_out;
mod roll;
mod table;
pub use named::{NamedPeople, find_people};
pub(crate) use on_a_day::Face;
pub use roll::{Account, Roll};
pub(crate) use table::{Restored, StoredHandles};

/// Why an account has a class that the directory does not give.
const BY_RULE_FILE: &str = "a rule of the rule file";
const MACHINE_NAME: &str = "local part of a machine";
const MARKED_BY_EXPORT: &str = "marked as a bot by the export";

/// Nested lists are expanded this deep; circles end by themselves.
const LIST_DEPTH: usize = 32;

#[derive(Default)]
struct Handle {
    id: i64,
    is_internal: bool,
    claims: Claims,
    /// Its class by rule; the directory beats rules.
    rule: Option<RuleHit>,
    opted_out: bool,
    /// Its holder was forgotten: nothing of it is kept but a mark.
    is_erased: bool,
    /// It comes from an earlier run, and its id is a mark.
    is_mark: bool,
    /// The accounts behind a distribution list.
    members: Option<Arc<[u32]>>,
    /// Nothing but its keyed id is known.
    is_id_alone: bool,
    /// An earlier run met it; its text is not known yet.
    is_restored: bool,
    facts: Facts,
    /// Whether its claims come by a full name.
    is_by_name: bool,
    /// Whether it stands behind a list.
    is_behind_a_list: bool,
    /// Parts of the input that met it, those that are not read again included.
    parts: u32,
    /// The part that met it last.
    met_in: u32,
}

/// What an export said of a handle when it was first met, whatever the directory says: from this an identity can be
/// found again by a later directory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Facts {
    is_internal: bool,
    rule: Option<RuleHit>,
    /// Whether claims are looked for under its own id.
    by_own_id: bool,
    /// Further ids under which claims are looked for.
    aliases: Vec<i64>,
    /// Id of the full name that its owner bears, where that may count.
    name: Option<i64>,
    /// Id of its domain, if that looks like one's own.
    domain: Option<i64>,
}

impl Facts {
    fn own(is_internal: bool) -> Facts {
        Facts { is_internal, by_own_id: true, ..Facts::default() }
    }
}

impl Handle {
    /// Whether anything that counts met it. Who was forgotten counts nowhere.
    fn counts(&self) -> bool {
        !self.is_erased && (self.parts > 0 || self.is_behind_a_list)
    }
}

/// The class that a rule gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct RuleHit {
    class: PersonClass,
    reason: &'static str,
}

impl Handle {
    fn identity(&self, directory: &Directory, day: Day) -> Identity {
        match self.claims.on(day) {
            Holder::One(person) => match directory.people[person as usize].class_on(day) {
                PersonClass::Person => Identity::Person(person),
                class => Identity::Class(class),
            },
            Holder::Several => Identity::Shared,
            Holder::Nobody if !self.is_internal => Identity::External,
            Holder::Nobody => match self.rule {
                Some(hit) if hit.class != PersonClass::Person => Identity::Class(hit.class),
                _ => Identity::Unknown,
            },
        }
    }
}

/// What a handle is on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Identity {
    Person(u32),
    /// By the directory or a rule, and no person.
    Class(PersonClass),
    Shared,
    Unknown,
    External,
}

/// All handles met, numbered in the order of meeting; the numbers stay inside this crate.
pub(crate) struct Handles<'a> {
    directory: &'a Directory,
    known: Known,
    aliases: Lookup<String, Claims>,
    lists: Lookup<String, Vec<String>>,
    opted_out_people: Vec<bool>,
    erased_people: Vec<bool>,
    opted_out_handles: Lookup<String, ()>,
    opted_out_ids: Lookup<i64, ()>,
    look_alikes: LookAlikes,
    keyed: &'a dyn KeyedHash,
    by_spelling: Lookup<String, Result<u32, Code>>,
    by_handle: Lookup<String, u32>,
    by_id: Lookup<i64, u32>,
    /// Claims by keyed id, for rows that hold nothing but ids; made when first asked for.
    claims_by_id: Option<Lookup<i64, Claims>>,
    /// Folded names of the directory by keyed id; made when first asked for.
    names_by_id: Option<Lookup<i64, String>>,
    list: Vec<Handle>,
    /// Two handles with one id: nothing may be committed.
    pub(crate) collision: bool,
    /// Tagged addresses of one's own domains by id: whether the directory lists them as they stand.
    tagged: Lookup<i64, bool>,
    /// The part of the input that is being read, and the handles that it met.
    part: u32,
    met: Vec<u32>,
    /// How deep in the members of a list.
    list_depth: u32,
}

impl<'a> Handles<'a> {
    pub(crate) fn new(directory: &'a Directory, known: Known, keyed: &'a dyn KeyedHash) -> Handles<'a> {
        let mut aliases: Lookup<String, Claims> = Lookup::new();
        for alias in &known.aliases {
            if let Some(person) = directory.person(&alias.person_key.0) {
                let claim = Claim { person, from: alias.from, to: alias.to };
                aliases.get_or_insert_with(alias.handle.0.clone(), Claims::default).add(claim);
            }
        }
        let mut lists: Lookup<String, Vec<String>> = Lookup::new();
        for entry in &known.lists {
            lists.get_or_insert_with(entry.list.0.clone(), Vec::new).push(entry.member.0.clone());
        }
        let look_alikes = LookAlikes::new(&known.internal_domains);
        let mut handles = Handles {
            directory,
            known,
            aliases,
            lists,
            opted_out_people: vec![false; directory.people.len()],
            erased_people: vec![false; directory.people.len()],
            opted_out_handles: Lookup::new(),
            opted_out_ids: Lookup::new(),
            look_alikes,
            keyed,
            by_spelling: Lookup::new(),
            by_handle: Lookup::new(),
            by_id: Lookup::new(),
            claims_by_id: None,
            names_by_id: None,
            list: Vec::new(),
            collision: false,
            tagged: Lookup::new(),
            part: 1,
            met: Vec::new(),
            list_depth: 0,
        };
        handles.note_dotless();
        handles.note_opt_outs();
        handles.note_erased();
        handles
    }

    /// The directory's addresses of domains without dots, in the spelling that those of messages get.
    fn note_dotless(&mut self) {
        if self.known.dotless_domains.is_empty() {
            return;
        }
        for (handle, claims) in self.directory.handles.sorted() {
            let Some(address) = handle.strip_prefix("mail:").and_then(|text| Address::parse(text).ok()) else {
                continue;
            };
            let spelling = mail(&self.without_dots(address));
            if spelling != *handle {
                let known = self.aliases.get_or_insert_with(spelling, Claims::default);
                claims.0.iter().for_each(|&claim| known.add(claim));
            }
        }
    }

    /// The handle that an earlier run kept as the mark of this id.
    fn by_mark(&self, id: i64) -> Option<u32> {
        if self.known.erased.is_empty() {
            return None;
        }
        let known = self.by_id.get(&mark_of_id(self.keyed, id)).copied();
        known.filter(|&known| self.list[known as usize].is_mark)
    }

    /// The handle of a mailbox in any spelling.
    pub(crate) fn mail(&mut self, spelling: &str) -> Result<u32, Code> {
        if let Some(&known) = self.by_spelling.get(spelling) {
            if let Ok(handle) = known {
                self.touch(handle);
            }
            return known;
        }
        let found = Mailbox::parse(spelling).map(|mailbox| self.mailbox(mailbox));
        self.by_spelling.insert(spelling.to_string(), found);
        found
    }

    /// What a spelling was, if it was met.
    pub(crate) fn met(&self, spelling: &str) -> Option<Result<u32, Code>> {
        self.by_spelling.get(spelling).copied()
    }

    fn mailbox(&mut self, mailbox: Mailbox) -> u32 {
        match mailbox {
            Mailbox::X500(x500) => {
                let claims = self.claims(&[x500.expose()]);
                // Only an Exchange of one's own writes such addresses.
                self.intern(x500.expose().to_string(), claims, Facts::own(true))
            }
            Mailbox::Guest(address, partner) => {
                let (handle, partner_handle) = (mail(&address), mail(&partner));
                let claims = self.claims(&[&handle, &partner_handle]);
                let aliases = vec![self.keyed.handle_id(&partner_handle)];
                let facts = Facts { aliases, ..Facts::own(self.is_internal(partner.domain())) };
                self.intern(handle, claims, facts)
            }
            Mailbox::Mail(address) => {
                let address = self.one_spelling(address);
                let handle = mail(&address);
                let claims = self.claims(&[&handle]);
                let is_internal = self.is_internal(address.domain());
                let is_alike = !is_internal && self.look_alikes.note(address.domain());
                let domain = is_alike.then(|| self.keyed.handle_id(&format!("domain:{}", address.domain())));
                let rule = self.rule(&handle, address.local(), address.domain());
                self.intern(handle, claims, Facts { rule, domain, ..Facts::own(is_internal) })
            }
        }
    }

    /// A handle was met in the part that is being read.
    fn touch(&mut self, handle: u32) {
        if self.list_depth == 0 && self.list[handle as usize].met_in != self.part {
            self.list[handle as usize].met_in = self.part;
            self.met.push(handle);
        }
    }

    /// Without dots and tags that mean nothing. A tag names the same mailbox, unless the directory lists the tagged
    /// address itself.
    fn one_spelling(&mut self, address: Address) -> Address {
        let address = self.without_dots(address);
        let internal = self.is_internal(address.domain()) || self.dotless(address.domain()).is_some();
        let Some(stripped) = address.without_tag().filter(|_| internal) else { return address };
        let tagged = mail(&address);
        let is_listed = !self.claims(&[&tagged]).0.is_empty();
        let plain = mail(&stripped);
        let is_erased = self.is_erased(self.keyed.handle_id(&plain), &self.claims(&[&plain, &tagged]), &[]);
        if !is_erased {
            self.tagged.insert(self.keyed.handle_id(&tagged), is_listed);
        }
        if is_listed { address } else { stripped }
    }

    fn without_dots(&self, address: Address) -> Address {
        match self.dotless(address.domain()) {
            Some(domain) => address.without_dots(domain),
            None => address,
        }
    }

    /// The name under which a domain without dots is known; Google's has two.
    fn dotless(&self, domain: &str) -> Option<&str> {
        let is_google = |domain: &str| domain == "gmail.com" || domain == "googlemail.com";
        let is_same = |dotless: &&String| dotless.as_str() == domain || (is_google(dotless) && is_google(domain));
        self.known.dotless_domains.iter().find(is_same).map(String::as_str)
    }

    /// The handle of an account: `kind` as the directory and the alias file name it. Where the export has no address
    /// for it, `name` is its owner's full name, if that is known.
    pub(crate) fn account(&mut self, kind: &str, scope: &str, account: &str, owner: Owner<'_>) -> Result<u32, Code> {
        let account = account.trim().to_lowercase();
        if account.is_empty() || account.len() > 1024 {
            return Err(code::I106);
        }
        let handle = if scope.is_empty() { format!("{kind}:{account}") } else { format!("{kind}:{scope}/{account}") };
        if let Some(&known) = self.by_handle.get(handle.as_str()) {
            self.touch(known);
            return Ok(known);
        }
        let by_account = format!("{kind}:{account}");
        let address = owner.address.and_then(|address| Address::parse(address).ok());
        let address = address.map(|address| self.one_spelling(address));
        let by_address = address.as_ref().map(mail);
        let names: Vec<&str> = std::iter::once(by_account.as_str()).chain(by_address.as_deref()).collect();
        let claims = self.claims(&names);
        let name = owner.name.filter(|_| owner.address.is_none() && self.known.match_names);
        let is_internal = match &address {
            Some(address) if owner.is_guest => self.is_internal(address.domain()),
            _ => !owner.is_guest,
        };
        let rule = match &address {
            Some(address) => self.rule(&by_account, address.local(), address.domain()),
            None => self.rule(&by_account, "", ""),
        };
        let marked = RuleHit { class: PersonClass::Bot, reason: MARKED_BY_EXPORT };
        let facts = Facts {
            is_internal,
            rule: if owner.is_bot { Some(marked) } else { rule },
            by_own_id: false,
            aliases: names.iter().map(|name| self.keyed.handle_id(name)).collect(),
            name: name.map(|name| self.name_id(&folded_name(name))),
            domain: None,
        };
        Ok(self.intern(handle, claims, facts))
    }

    fn name_id(&self, folded: &str) -> i64 {
        self.keyed.handle_id(&format!("name:{folded}"))
    }

    /// A handle of which nothing but its keyed id is known.
    pub(crate) fn by_id(&mut self, id: i64) -> u32 {
        let claims = self.claims_of_id(id);
        if let Some(&known) = self.by_id.get(&id) {
            if self.is_forgotten(known) {
                self.list[known as usize].is_id_alone = true;
                self.begin_anew(known, claims, Facts::own(true));
            }
            self.touch(known);
            return known;
        }
        if let Some(known) = self.by_mark(id) {
            self.touch(known);
            return known;
        }
        let handle = Handle { id, is_id_alone: true, facts: Facts::own(true), ..Handle::default() };
        let ix = self.push(handle);
        self.settle(ix, claims);
        ix
    }

    /// Somebody outside of whom only the place in a message is known.
    pub(crate) fn outsider(&mut self, number: u32) -> u32 {
        self.intern(format!("outsider:{number}"), Claims::default(), Facts::default())
    }

    fn claims_of_id(&mut self, id: i64) -> Claims {
        let (directory, aliases, keyed) = (self.directory, &self.aliases, self.keyed);
        let by_id = self.claims_by_id.get_or_insert_with(|| {
            let mut by_id: Lookup<i64, Claims> = Lookup::new();
            let all = directory.handles.sorted().into_iter().chain(aliases.sorted());
            for (handle, claims) in all {
                let known = by_id.get_or_insert_with(keyed.handle_id(handle), Claims::default);
                claims.0.iter().for_each(|&claim| known.add(claim));
            }
            by_id
        });
        by_id.get(&id).cloned().unwrap_or_default()
    }

    fn claims(&self, names: &[&str]) -> Claims {
        let mut claims = Claims::default();
        for name in names {
            for found in [self.directory.handles.get(*name), self.aliases.get(*name)].into_iter().flatten() {
                found.0.iter().for_each(|&claim| claims.add(claim));
            }
        }
        claims
    }

    /// The class that the rule file, else the built-in rules, give an account.
    fn rule(&self, handle: &str, local: &str, domain: &str) -> Option<RuleHit> {
        let fits = |rule: &&crate::known::Rule| {
            let value = rule.value.0.as_str();
            match rule.matches {
                Matches::Address => value == handle,
                Matches::Local => value == local,
                Matches::Token => tokens(local).any(|token| token == value),
                Matches::Domain => value == domain,
            }
        };
        let hit = |class, reason| RuleHit { class, reason };
        let written = self.known.rules.iter().find(fits).map(|rule| hit(rule.class, BY_RULE_FILE));
        written.or_else(|| is_machine(local).then_some(hit(PersonClass::Bot, MACHINE_NAME)))
    }

    fn is_opted_out(&self, claims: &Claims) -> bool {
        claims.0.iter().any(|claim| self.opted_out_people[claim.person as usize])
    }

    fn intern(&mut self, handle: String, claims: Claims, facts: Facts) -> u32 {
        if let Some(&known) = self.by_handle.get(handle.as_str()) {
            self.touch(known);
            return known;
        }
        let id = self.keyed.handle_id(&handle);
        match self.by_id.get(&id).copied() {
            // Rows that came by id alone met it already, or an earlier run.
            Some(known) if self.list[known as usize].is_id_alone || self.list[known as usize].is_restored => {
                self.by_handle.insert(handle.clone(), known);
                if self.is_forgotten(known) {
                    self.begin_anew(known, claims, facts);
                    self.list[known as usize].members = self.list_members(&handle).map(Into::into);
                }
                self.list[known as usize].is_id_alone = false;
                self.list[known as usize].is_restored = false;
                self.touch(known);
                return known;
            }
            Some(_) => self.collision = true,
            None => {
                if let Some(known) = self.by_mark(id) {
                    self.by_handle.insert(handle, known);
                    self.touch(known);
                    return known;
                }
            }
        }
        let is_opted_out = self.opted_out_handles.get(handle.as_str()).is_some();
        let ix = self.push(Handle { id, facts, opted_out: is_opted_out, ..Handle::default() });
        self.by_handle.insert(handle.clone(), ix);
        self.settle(ix, claims);
        if let Some(members) = self.list_members(&handle) {
            self.list[ix as usize].members = Some(members.into());
        }
        ix
    }

    /// Whether an earlier run met it, and nothing that counts holds it to what was said of it then.
    fn is_forgotten(&self, handle: u32) -> bool {
        self.list[handle as usize].is_restored && self.list[handle as usize].parts == 0
    }

    fn begin_anew(&mut self, handle: u32, claims: Claims, facts: Facts) {
        self.list[handle as usize].is_restored = false;
        self.list[handle as usize].facts = facts;
        self.settle(handle, claims);
    }

    fn push(&mut self, handle: Handle) -> u32 {
        let ix = self.list.len() as u32;
        self.by_id.insert(handle.id, ix);
        self.list.push(handle);
        self.touch(ix);
        ix
    }

    /// What follows from the claims on a handle and from what was said of it.
    fn settle(&mut self, ix: u32, mut claims: Claims) {
        let facts = self.list[ix as usize].facts.clone();
        let is_by_name = claims.0.is_empty() && facts.name.is_some();
        if let Some(name) = facts.name.filter(|_| is_by_name) {
            claims = self.claims_of_name_id(name);
        }
        let id = self.list[ix as usize].id;
        let is_erased = self.is_erased(id, &claims, &facts.aliases);
        let opted_out = is_erased || self.is_opted_out(&claims) || self.opted_out_ids.get(&id).is_some();
        let handle = &mut self.list[ix as usize];
        handle.is_erased |= is_erased;
        handle.is_by_name = is_by_name && !claims.0.is_empty();
        handle.opted_out |= opted_out;
        // The directory beats the rules.
        handle.rule = facts.rule.filter(|_| claims.0.is_empty());
        handle.is_internal = facts.is_internal || !claims.0.is_empty();
        handle.claims = claims;
    }

    fn claims_of_name_id(&mut self, id: i64) -> Claims {
        let (directory, keyed) = (self.directory, self.keyed);
        let by_id = self.names_by_id.get_or_insert_with(|| {
            let mut by_id: Lookup<i64, String> = Lookup::new();
            for (name, _) in directory.names.sorted() {
                by_id.insert(keyed.handle_id(&format!("name:{name}")), name.clone());
            }
            by_id
        });
        by_id.get(&id).map(|name| directory.claims_of_name(name)).unwrap_or_default()
    }

    /// The accounts behind a list, nested lists expanded once each; `None` if it is no list.
    fn list_members(&mut self, handle: &str) -> Option<Vec<u32>> {
        let direct = self.members_of(handle)?;
        self.list_depth += 1;
        let mut seen: Vec<String> = vec![handle.to_string()];
        let mut open: Vec<(String, usize)> = direct.into_iter().map(|member| (member, 0)).collect();
        let mut found = Vec::new();
        while let Some((member, depth)) = open.pop() {
            if seen.contains(&member) {
                continue;
            }
            match self.members_of(&member) {
                Some(nested) if depth < LIST_DEPTH => {
                    open.extend(nested.into_iter().map(|member| (member, depth + 1)));
                }
                Some(_) => {}
                None => {
                    let member = self.named(&member);
                    self.list[member as usize].is_behind_a_list = true;
                    found.push(member);
                }
            }
            seen.push(member);
        }
        self.list_depth -= 1;
        found.sort_unstable();
        found.dedup();
        Some(found)
    }

    fn members_of(&self, handle: &str) -> Option<Vec<String>> {
        self.lists.get(handle).cloned().or_else(|| self.directory.list_members(handle))
    }

    /// The handle that a canonical text names.
    fn named(&mut self, handle: &str) -> u32 {
        if let Some(person) = handle.strip_prefix(PERSON).and_then(|index| index.parse().ok()) {
            let mut claims = Claims::default();
            claims.add(Claim { person, from: None, to: None });
            let key = self.directory.people.get(person as usize).map_or("", |person| person.key.as_str());
            return self.intern(format!("member:{key}"), claims, Facts { is_internal: true, ..Facts::default() });
        }
        match handle.strip_prefix("mail:") {
            Some(address) => match self.mail(address) {
                Ok(known) => known,
                Err(_) => self.intern(handle.to_string(), Claims::default(), Facts::default()),
            },
            None => {
                let claims = self.claims(&[handle]);
                self.intern(handle.to_string(), claims, Facts::own(true))
            }
        }
    }

    fn is_internal(&self, domain: &str) -> bool {
        self.known.internal_domains.iter().any(|internal| match internal.strip_prefix("*.") {
            Some(parent) => domain.strip_suffix(parent).is_some_and(|rest| rest.ends_with('.')),
            None => domain == internal,
        })
    }

    pub(crate) fn id(&self, handle: u32) -> i64 {
        self.list[handle as usize].id
    }

    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }
}

/// What an export says of the owner of an account.
#[derive(Clone, Copy, Default)]
pub(crate) struct Owner<'o> {
    pub(crate) address: Option<&'o str>,
    pub(crate) name: Option<&'o str>,
    /// Of another organization.
    pub(crate) is_guest: bool,
    /// Marked as a bot by the export itself.
    pub(crate) is_bot: bool,
}

fn mail(address: &Address) -> String {
    format!("mail:{}", address.expose())
}
