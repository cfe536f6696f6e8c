//! From the spellings of exports to handles, and from handles to the people who held them on a day.

use crate::IngestError;
use crate::address::Address;
use crate::csv_rows::Rows;
use crate::directory::{Directory, PersonClass};
use crate::files::read_steady;
use crate::work::{columns_of, open_csv};
use crosstie_model::{Code, Day, Diagnostic, End, KeyedHash, Lookup, Place, code};
use std::path::Path;

/// A person's hold on a handle: days `from .. to`, open where `None`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    pub(crate) person: u32,
    pub(crate) from: Option<Day>,
    pub(crate) to: Option<Day>,
}

/// All holds on one handle.
#[derive(Clone, Debug, Default)]
pub(crate) struct Claims(Vec<Claim>);

/// Who holds a handle on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holder {
    Nobody,
    One(u32),
    Several,
}

impl Claims {
    pub(crate) fn add(&mut self, claim: Claim) {
        if !self.0.contains(&claim) {
            self.0.push(claim);
        }
    }

    /// The person, if all claims are of one.
    pub(crate) fn only(&self) -> Option<u32> {
        let first = self.0.first()?.person;
        self.0.iter().all(|claim| claim.person == first).then_some(first)
    }

    pub(crate) fn on(&self, day: Day) -> Holder {
        let mut holder = Holder::Nobody;
        for claim in &self.0 {
            if claim.from.is_none_or(|from| from <= day) && claim.to.is_none_or(|to| day < to) {
                holder = match holder {
                    Holder::Nobody => Holder::One(claim.person),
                    Holder::One(person) if person == claim.person => holder,
                    _ => Holder::Several,
                };
            }
        }
        holder
    }
}

/// A line of the alias file: an address or account that a person of the directory held.
#[derive(Clone)]
pub struct Alias {
    handle: String,
    person_key: String,
    from: Option<Day>,
    to: Option<Day>,
}

impl std::fmt::Debug for Alias {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("<alias>")
    }
}

/// Reads `address,person_key[,valid_from,valid_to]`. An alias file is small and written by hand: any fault ends it.
///
/// # Errors
/// A missing file, a missing column, a bad row.
pub fn read_aliases(path: &Path) -> Result<Vec<Alias>, IngestError> {
    let bytes = read_steady(path)?;
    let Some(header) = open_csv(&bytes, b',', true) else { return Ok(Vec::new()) };
    let mut wanted = vec![("address", "address"), ("person_key", "person_key")];
    for optional in ["valid_from", "valid_to"] {
        if header.names.iter().any(|name| name == optional) {
            wanted.push((optional, optional));
        }
    }
    let columns = columns_of(&wanted, &header, path).map_err(IngestError::Unusable)?;
    let column = |name: &str| wanted.iter().position(|(field, _)| *field == name).map(|at| columns[at]);
    let mut rows = Rows::new(&bytes[header.length..], b',', true, header.lines + 1);
    let mut fields = Vec::new();
    let mut aliases = Vec::new();
    while let Some(row) = rows.next_row(&mut fields) {
        let text = |name: &str| {
            column(name).and_then(|at| fields.get(at)).map_or("", |field| std::str::from_utf8(field).unwrap_or(""))
        };
        let date = |name: &str| match text(name) {
            "" => Ok(None),
            date => date.parse::<Day>().map(Some).map_err(|_| code::I104),
        };
        let alias = || -> Result<Alias, Code> {
            if let Some((code, _)) = row.fault {
                return Err(code);
            }
            let address = text("address");
            let handle = match address.split_once(':') {
                Some((kind, account)) if !address.contains('@') => format!("{kind}:{}", account.to_lowercase()),
                _ => format!("mail:{}", Address::parse(address)?.expose()),
            };
            Ok(Alias {
                handle,
                person_key: text("person_key").to_string(),
                from: date("valid_from")?,
                to: date("valid_to")?,
            })
        };
        let place = Place { path: path.display().to_string(), line: Some(row.line), byte: None, column: None };
        aliases.push(alias().map_err(|code| {
            IngestError::Unusable(vec![
                Diagnostic::new(code, format!("alias: {}", code.what)).at(place).hint(code.remedy),
            ])
        })?);
    }
    Ok(aliases)
}

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

/// Local parts that machines use, compared by token.
const MACHINES: [&str; 16] = [
    "noreply",
    "no-reply",
    "donotreply",
    "do-not-reply",
    "mailer-daemon",
    "postmaster",
    "bounce",
    "bounces",
    "notification",
    "notifications",
    "alert",
    "alerts",
    "cron",
    "bot",
    "healthmailbox",
    "autoreply",
];

/// What a handle is, apart from who holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    Internal,
    External,
}

struct Handle {
    id: i64,
    reach: Reach,
    claims: Claims,
    machine: bool,
}

impl Handle {
    fn identity(&self, directory: &Directory, day: Day) -> Identity {
        match self.claims.on(day) {
            Holder::One(person) => match directory.people[person as usize].class {
                PersonClass::Person => Identity::Person(person),
                class => Identity::Class(class),
            },
            Holder::Several => Identity::Shared,
            Holder::Nobody if self.reach == Reach::External => Identity::External,
            Holder::Nobody => Identity::Unknown,
        }
    }
}

/// What a handle is on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Identity {
    Person(u32),
    /// In the directory, but no person.
    Class(PersonClass),
    Shared,
    Unknown,
    External,
}

/// All handles met, numbered in the order of meeting; the numbers stay inside this crate.
pub(crate) struct Handles<'a> {
    directory: &'a Directory,
    aliases: Lookup<String, Claims>,
    internal_domains: Vec<String>,
    keyed: &'a dyn KeyedHash,
    by_spelling: Lookup<String, Result<u32, Code>>,
    by_handle: Lookup<String, u32>,
    by_id: Lookup<i64, u32>,
    list: Vec<Handle>,
    /// Two handles with one id: nothing may be committed.
    pub(crate) collision: bool,
}

impl<'a> Handles<'a> {
    pub(crate) fn new(
        directory: &'a Directory,
        aliases: &[Alias],
        internal_domains: &[String],
        keyed: &'a dyn KeyedHash,
    ) -> Handles<'a> {
        let mut by_handle: Lookup<String, Claims> = Lookup::new();
        for alias in aliases {
            let known = directory.people.binary_search_by(|person| person.key.as_str().cmp(&alias.person_key));
            if let Ok(person) = known {
                let claim = Claim { person: person as u32, from: alias.from, to: alias.to };
                by_handle.get_or_insert_with(alias.handle.clone(), Claims::default).add(claim);
            }
        }
        Handles {
            directory,
            aliases: by_handle,
            internal_domains: internal_domains.to_vec(),
            keyed,
            by_spelling: Lookup::new(),
            by_handle: Lookup::new(),
            by_id: Lookup::new(),
            list: Vec::new(),
            collision: false,
        }
    }

    /// The handle of a mail address in any spelling.
    pub(crate) fn mail(&mut self, spelling: &str) -> Result<u32, Code> {
        if let Some(&known) = self.by_spelling.get(spelling) {
            return known;
        }
        let found = Address::parse(spelling).map(|address| {
            let tagged = format!("mail:{}", address.expose());
            let internal = self.is_internal(address.domain());
            // A tag names the same mailbox, unless the directory lists the tagged address itself.
            let stripped = address.without_tag().filter(|_| internal && self.claims(&[&tagged]).0.is_empty());
            let address = stripped.unwrap_or(address);
            let handle = format!("mail:{}", address.expose());
            let claims = self.claims(&[&handle]);
            let machine = is_machine(address.local());
            self.intern(handle, claims, internal, machine)
        });
        self.by_spelling.insert(spelling.to_string(), found);
        found
    }

    /// The handle of an account: `kind` as the directory and the alias file name it.
    pub(crate) fn account(
        &mut self,
        kind: &str,
        scope: &str,
        account: &str,
        address: Option<&str>,
    ) -> Result<u32, Code> {
        let account = account.trim().to_lowercase();
        if account.is_empty() || account.len() > 1024 {
            return Err(code::I106);
        }
        let handle = format!("{kind}:{scope}/{account}");
        if let Some(&known) = self.by_handle.get(handle.as_str()) {
            return Ok(known);
        }
        let by_account = format!("{kind}:{account}");
        let by_address = address
            .and_then(|address| Address::parse(address).ok())
            .map(|address| format!("mail:{}", address.expose()));
        let names: Vec<&str> = std::iter::once(by_account.as_str()).chain(by_address.as_deref()).collect();
        let claims = self.claims(&names);
        Ok(self.intern(handle, claims, true, false))
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

    fn intern(&mut self, handle: String, claims: Claims, internal: bool, machine: bool) -> u32 {
        if let Some(&known) = self.by_handle.get(handle.as_str()) {
            return known;
        }
        let ix = self.list.len() as u32;
        let id = self.keyed.handle_id(&handle);
        self.collision |= self.by_id.insert(id, ix).is_some();
        self.by_handle.insert(handle, ix);
        let reach = if internal || !claims.0.is_empty() { Reach::Internal } else { Reach::External };
        // A directory class beats the rules for local parts.
        let machine = machine && claims.0.is_empty();
        self.list.push(Handle { id, reach, claims, machine });
        ix
    }

    fn is_internal(&self, domain: &str) -> bool {
        self.internal_domains.iter().any(|internal| match internal.strip_prefix("*.") {
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

    /// Whether the sender is a machine by its local part or by the directory.
    pub(crate) fn is_machine(&self, handle: u32, day: Day) -> bool {
        self.list[handle as usize].machine || self.identity(handle, day) == Identity::Class(PersonClass::Bot)
    }

    /// The end that a handle is on a day.
    pub(crate) fn end(&self, handle: u32, day: Day) -> End {
        match self.identity(handle, day) {
            Identity::Person(person) => End::Person(person),
            Identity::External => End::External,
            _ => End::Account(handle),
        }
    }

    /// What is known of every handle when reading ends, with the used messages that each sent.
    pub(crate) fn into_roll(self, sent_by: &[u64]) -> Roll {
        let entries = self.list.into_iter().zip(sent_by.iter().copied());
        Roll { entries: entries.map(|(handle, message_count)| RollEntry { handle, message_count }).collect() }
    }
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
    /// The accounts that are no member's on this day, by keyed id. External people are counted, never listed.
    #[must_use]
    pub fn accounts(&self, directory: &Directory, day: Day) -> Vec<Account> {
        let line = |entry: &RollEntry| {
            let handle = &entry.handle;
            let (class, reason) = match handle.identity(directory, day) {
                Identity::Person(_) | Identity::External => return None,
                Identity::Class(class) => (class.name(), "class in the directory"),
                Identity::Shared => ("shared_mailbox", "two people hold it on one day"),
                Identity::Unknown if handle.machine => ("bot", "local part of a machine"),
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
}

/// Whether a local part names a machine: by whole tokens, so that `bot` does not catch `botha`.
fn is_machine(local: &str) -> bool {
    MACHINES.contains(&local)
        || local.split(['.', '-', '_']).any(|token| MACHINES.contains(&token))
        || MACHINES.iter().filter(|name| name.contains('-')).any(|name| local.starts_with(*name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machines_go_by_token() {
        for local in ["noreply", "no-reply", "build-bot", "alerts.prod", "no-reply-hr"] {
            assert!(is_machine(local), "{local}");
        }
        for local in ["botha", "abbot", "alerta", "cronin", "replyall"] {
            assert!(!is_machine(local), "{local}");
        }
    }

    #[test]
    fn a_reissued_address_goes_to_its_holder_of_the_day() {
        let mut claims = Claims::default();
        claims.add(Claim { person: 1, from: None, to: Some(Day(10)) });
        claims.add(Claim { person: 2, from: Some(Day(10)), to: None });
        assert_eq!((claims.on(Day(9)), claims.on(Day(10))), (Holder::One(1), Holder::One(2)));
        claims.add(Claim { person: 3, from: None, to: Some(Day(5)) });
        assert_eq!(claims.on(Day(4)), Holder::Several);
        assert_eq!(claims.only(), None);
    }
}
