//! From the spellings of exports to handles, and from handles to the people who held them on a day.

use crate::address::{Address, Mailbox};
use crate::claims::{Claim, Claims, Holder};
use crate::directory::{Directory, PERSON, PersonClass};
use crate::known::{Known, Matches, OptOutOf};
use crate::look_alike::LookAlikes;
use crate::machine_names::{is_machine, tokens};
use crosstie_model::{Code, Day, End, KeyedHash, Lookup, code};
use std::sync::Arc;

/// An account that is no member of the organization, as the restricted table lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Keyed id of the handle.
    pub handle_id: i64,
    /// Its class.
    pub class: &'static str,
    /// Why.
    pub reason: &'static str,
    /// Messages it sent that were used, on any day that was read.
    pub message_count: u64,
}

/// Nested lists are expanded this deep; circles end by themselves.
const LIST_DEPTH: usize = 32;

struct Handle {
    id: i64,
    is_internal: bool,
    claims: Claims,
    /// Its class by rule; the directory beats rules.
    rule: Option<RuleHit>,
    opted_out: bool,
    /// The accounts behind a distribution list.
    members: Option<Arc<[u32]>>,
    /// Nothing but its keyed id is known.
    is_id_alone: bool,
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
    opted_out_handles: Lookup<String, ()>,
    opted_out_ids: Lookup<i64, ()>,
    look_alikes: LookAlikes,
    keyed: &'a dyn KeyedHash,
    by_spelling: Lookup<String, Result<u32, Code>>,
    by_handle: Lookup<String, u32>,
    by_id: Lookup<i64, u32>,
    /// Claims by keyed id, for rows that hold nothing but ids; made when first asked for.
    claims_by_id: Option<Lookup<i64, Claims>>,
    list: Vec<Handle>,
    /// Two handles with one id: nothing may be committed.
    pub(crate) collision: bool,
    /// Accounts that were attached by a full name.
    pub(crate) name_match_count: u64,
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
            opted_out_handles: Lookup::new(),
            opted_out_ids: Lookup::new(),
            look_alikes,
            keyed,
            by_spelling: Lookup::new(),
            by_handle: Lookup::new(),
            by_id: Lookup::new(),
            claims_by_id: None,
            list: Vec::new(),
            collision: false,
            name_match_count: 0,
        };
        handles.note_dotless();
        handles.note_opt_outs();
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

    /// Every handle of a person who opted out is opted out, by whichever of them they were named.
    fn note_opt_outs(&mut self) {
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

    /// The handle of a mailbox in any spelling.
    pub(crate) fn mail(&mut self, spelling: &str) -> Result<u32, Code> {
        if let Some(&known) = self.by_spelling.get(spelling) {
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
                self.intern(x500.expose().to_string(), claims, true, None)
            }
            Mailbox::Guest(address, partner) => {
                let claims = self.claims(&[&mail(&address), &mail(&partner)]);
                let internal = self.is_internal(partner.domain());
                self.intern(mail(&address), claims, internal, None)
            }
            Mailbox::Mail(address) => {
                let address = self.one_spelling(address);
                let handle = mail(&address);
                let claims = self.claims(&[&handle]);
                let internal = self.is_internal(address.domain());
                if !internal {
                    self.look_alikes.note(address.domain());
                }
                let rule = self.rule(&handle, address.local(), address.domain());
                self.intern(handle, claims, internal, rule)
            }
        }
    }

    /// Without dots and tags that mean nothing. A tag names the same mailbox, unless the directory lists the tagged
    /// address itself.
    fn one_spelling(&self, address: Address) -> Address {
        let address = self.without_dots(address);
        let internal = self.is_internal(address.domain()) || self.dotless(address.domain()).is_some();
        let stripped = address.without_tag().filter(|_| internal && self.claims(&[&mail(&address)]).0.is_empty());
        stripped.unwrap_or(address)
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
            return Ok(known);
        }
        let by_account = format!("{kind}:{account}");
        let address = owner.address.and_then(|address| Address::parse(address).ok());
        let address = address.map(|address| self.one_spelling(address));
        let by_address = address.as_ref().map(mail);
        let names: Vec<&str> = std::iter::once(by_account.as_str()).chain(by_address.as_deref()).collect();
        let mut claims = self.claims(&names);
        if claims.0.is_empty() && owner.address.is_none() && self.known.match_names {
            claims = owner.name.map(|name| self.directory.claims_of_name(name)).unwrap_or_default();
            self.name_match_count += u64::from(!claims.0.is_empty());
        }
        let internal = match &address {
            Some(address) if owner.is_guest => self.is_internal(address.domain()),
            _ => !owner.is_guest,
        };
        let rule = match &address {
            Some(address) => self.rule(&by_account, address.local(), address.domain()),
            None => self.rule(&by_account, "", ""),
        };
        let marked = RuleHit { class: PersonClass::Bot, reason: "marked as a bot by the export" };
        let rule = if owner.is_bot { Some(marked) } else { rule };
        Ok(self.intern(handle, claims, internal, rule))
    }

    /// A handle of which nothing but its keyed id is known.
    pub(crate) fn by_id(&mut self, id: i64) -> u32 {
        if let Some(&known) = self.by_id.get(&id) {
            return known;
        }
        let claims = self.claims_of_id(id);
        let ix = self.list.len() as u32;
        let opted_out = self.is_opted_out(&claims) || self.opted_out_ids.get(&id).is_some();
        self.by_id.insert(id, ix);
        self.list.push(Handle {
            id,
            is_internal: true,
            claims,
            rule: None,
            opted_out,
            members: None,
            is_id_alone: true,
        });
        ix
    }

    /// Somebody outside of whom only the place in a message is known.
    pub(crate) fn outsider(&mut self, number: u32) -> u32 {
        self.intern(format!("outsider:{number}"), Claims::default(), false, None)
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
        let written = self.known.rules.iter().find(fits).map(|rule| hit(rule.class, "a rule of the rule file"));
        written.or_else(|| is_machine(local).then_some(hit(PersonClass::Bot, "local part of a machine")))
    }

    fn is_opted_out(&self, claims: &Claims) -> bool {
        claims.0.iter().any(|claim| self.opted_out_people[claim.person as usize])
    }

    fn intern(&mut self, handle: String, claims: Claims, is_internal: bool, rule: Option<RuleHit>) -> u32 {
        if let Some(&known) = self.by_handle.get(handle.as_str()) {
            return known;
        }
        let ix = self.list.len() as u32;
        let id = self.keyed.handle_id(&handle);
        match self.by_id.get(&id).copied() {
            // Rows that came by id alone met it already.
            Some(known) if self.list[known as usize].is_id_alone => {
                self.list[known as usize].is_id_alone = false;
                self.by_handle.insert(handle, known);
                return known;
            }
            Some(_) => self.collision = true,
            None => {}
        }
        self.by_id.insert(id, ix);
        let opted_out = self.is_opted_out(&claims)
            || self.opted_out_handles.get(handle.as_str()).is_some()
            || self.opted_out_ids.get(&id).is_some();
        // The directory beats the rules.
        let rule = rule.filter(|_| claims.0.is_empty());
        let is_internal = is_internal || !claims.0.is_empty();
        self.by_handle.insert(handle.clone(), ix);
        self.list.push(Handle { id, is_internal, claims, rule, opted_out, members: None, is_id_alone: false });
        if let Some(members) = self.list_members(&handle) {
            self.list[ix as usize].members = Some(members.into());
        }
        ix
    }

    /// The accounts behind a list, nested lists expanded once each; `None` if it is no list.
    fn list_members(&mut self, handle: &str) -> Option<Vec<u32>> {
        let direct = self.members_of(handle)?;
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
                None => found.push(self.named(&member)),
            }
            seen.push(member);
        }
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
            return self.intern(format!("member:{key}"), claims, true, None);
        }
        match handle.strip_prefix("mail:") {
            Some(address) => match self.mail(address) {
                Ok(known) => known,
                Err(_) => self.intern(handle.to_string(), Claims::default(), false, None),
            },
            None => {
                let claims = self.claims(&[handle]);
                self.intern(handle.to_string(), claims, true, None)
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
        self.look_alikes.count()
    }

    /// The end that a handle is on a day.
    pub(crate) fn end(&self, handle: u32, day: Day) -> End {
        match self.identity(handle, day) {
            Identity::Person(person) => End::Person(person),
            Identity::External => End::External,
            _ => End::Account(handle),
        }
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
        Face { end: self.end(handle, day), is_plain }
    }

    /// What is known of every handle when reading ends, with the used messages that each sent.
    pub(crate) fn into_roll(self, sent_by: &[u64]) -> Roll {
        let entries = self.list.into_iter().zip(sent_by.iter().copied());
        Roll { entries: entries.map(|(handle, message_count)| RollEntry { handle, message_count }).collect() }
    }
}

/// What a handle is on a day.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Face {
    pub(crate) end: End,
    /// Neither a list nor a machine, and did not opt out.
    pub(crate) is_plain: bool,
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

/// Every handle that was met; nothing of it can be printed.
#[derive(Default)]
pub struct Roll {
    entries: Vec<RollEntry>,
}

struct RollEntry {
    handle: Handle,
    message_count: u64,
}

impl std::fmt::Debug for Roll {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "<{} handles>", self.entries.len())
    }
}

impl Roll {
    /// The accounts that are no member's on this day, by keyed id. External people are counted, never listed; who
    /// opted out is not listed at all.
    #[must_use]
    pub fn accounts(&self, directory: &Directory, day: Day) -> Vec<Account> {
        let line = |entry: &RollEntry| {
            let handle = &entry.handle;
            if handle.opted_out {
                return None;
            }
            let (class, reason) = match handle.identity(directory, day) {
                Identity::Person(_) | Identity::External => return None,
                Identity::Class(class) => {
                    (class.name(), handle.rule.map_or("class in the directory", |hit| hit.reason))
                }
                Identity::Shared => ("shared_mailbox", "two people hold it on one day"),
                Identity::Unknown if handle.members.is_some() => ("list", "its members are listed"),
                Identity::Unknown if !handle.claims.0.is_empty() => {
                    ("left", "its holder is no member on the run's date")
                }
                Identity::Unknown => ("unknown", "not in the directory"),
            };
            Some(Account { handle_id: handle.id, class, reason, message_count: entry.message_count })
        };
        let mut accounts: Vec<Account> = self.entries.iter().filter_map(line).collect();
        accounts.sort_by_key(|account| account.handle_id);
        accounts
    }

    /// The keyed id of an account by its index in messages.
    #[must_use]
    pub fn handle_id(&self, account: u32) -> Option<i64> {
        self.entries.get(account as usize).map(|entry| entry.handle.id)
    }
}
