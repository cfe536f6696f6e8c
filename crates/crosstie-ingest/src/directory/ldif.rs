//! LDIF: entries of an LDAP directory or of Active Directory as a file. Attributes that are not read, passwords among
//! them, are skipped undecoded.

use super::draft::{Draft, Reference, Wrong, is_value};
use super::ldif_dn::normal_dn;
use super::ldif_lines::{attributes, blocks};
use super::person::PersonClass;
use super::reading::{Group, Outcome, Reading, Spot};
use super::spec::DirectorySpec;
use crate::address::Address;
use crosstie_model::{Day, code};
use std::collections::{BTreeMap, BTreeSet};

/// Attributes that are read, whatever the plan maps.
const ATTRIBUTES: [&str; 13] = [
    "dn",
    "objectclass",
    "uid",
    "mail",
    "proxyaddresses",
    "legacyexchangedn",
    "manager",
    "useraccountcontrol",
    "memberof",
    "member",
    "uniquemember",
    "cn",
    "employeenumber",
];
const PEOPLE: [&str; 3] = ["person", "inetorgperson", "user"];
const GROUPS: [&str; 3] = ["groupofnames", "groupofuniquenames", "group"];
/// What LDAP tools write at the end of a search, with referrals: no entries.
const NO_ENTRIES: [&str; 3] = ["search", "result", "ref"];
/// Bit of `userAccountControl`: the account is disabled.
const DISABLED: i64 = 2;

pub(super) fn read(reading: &mut Reading<'_>) {
    let bytes = &reading.content.text;
    let spec = reading.spec;
    let wanted = wanted(spec);
    let found = blocks(bytes);
    for block in &found.records {
        let outcome = entry(&bytes[block.bytes.clone()], &wanted).and_then(|entry| match entry {
            Some(entry) => outcome(reading, &entry),
            None => Ok(Outcome::NotAPerson),
        });
        reading.record(Spot { bytes: block.bytes.clone(), line: block.line }, outcome, |_| None);
    }
    reading.end(&found.headers);
}

fn wanted(spec: &DirectorySpec) -> BTreeSet<String> {
    let mapped = spec.mapped().into_iter().map(|(_, column)| numbered(column).0);
    let key = spec.person_key.iter().map(|column| numbered(column).0);
    ATTRIBUTES.iter().map(|name| (*name).to_string()).chain(mapped).chain(key).collect()
}

/// `ou[1]` is the second value of `ou`.
fn numbered(column: &str) -> (String, Option<usize>) {
    let parts = column.strip_suffix(']').and_then(|text| text.split_once('['));
    match parts.and_then(|(name, number)| Some((name, number.parse().ok()?))) {
        Some((name, number)) => (name.to_lowercase(), Some(number)),
        None => (column.to_lowercase(), None),
    }
}

/// The values that are read of an entry, by attribute.
struct Entry(BTreeMap<String, Vec<String>>);

impl Entry {
    fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.get(name).into_iter().flatten().map(String::as_str)
    }

    fn value(&self, column: &str) -> Option<String> {
        let (name, number) = numbered(column);
        self.all(&name).nth(number.unwrap_or(0)).map(|text| text.trim().to_string())
    }

    fn is_one_of(&self, classes: &[&str]) -> bool {
        self.all("objectclass").any(|class| classes.contains(&class.trim().to_lowercase().as_str()))
    }
}

/// Reads a record. `None` is none of an entry.
fn entry(raw: &[u8], wanted: &BTreeSet<String>) -> Result<Option<Entry>, Wrong> {
    let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (number, attribute) in attributes(raw).enumerate() {
        let attribute = attribute?;
        if number == 0 && NO_ENTRIES.contains(&attribute.name.as_str()) {
            return Ok(None);
        }
        if (number == 0) != (attribute.name == "dn") {
            return Err(Wrong::of(if number == 0 { code::I107 } else { code::I109 }, "dn"));
        }
        if attribute.name == "changetype" {
            match attribute.text()?.trim() {
                kind if kind.eq_ignore_ascii_case("add") => continue,
                // What follows is written in another form.
                _ => return Err(Wrong::of(code::I117, "changetype")),
            }
        }
        if wanted.contains(&attribute.name) {
            let text = attribute.text()?;
            values.entry(attribute.name).or_default().push(text);
        }
    }
    if values.is_empty() { Ok(None) } else { Ok(Some(Entry(values))) }
}

fn outcome(reading: &mut Reading<'_>, entry: &Entry) -> Result<Outcome, Wrong> {
    let dn = entry.all("dn").next().and_then(normal_dn).ok_or_else(|| Wrong::of(code::I109, "dn"))?;
    if entry.is_one_of(&GROUPS) {
        group(reading, entry, dn);
        return Ok(Outcome::NotAPerson);
    }
    // Active Directory calls computers users as well.
    if !entry.is_one_of(&PEOPLE) || entry.is_one_of(&["computer"]) {
        return Ok(Outcome::NotAPerson);
    }
    Ok(Outcome::Person(Box::new(person(reading.spec, entry, dn)?)))
}

fn group(reading: &mut Reading<'_>, entry: &Entry, dn: String) {
    let members = entry.all("member").chain(entry.all("uniquemember"));
    let members = members.filter_map(normal_dn).map(Reference::Dn).collect();
    let address = entry.all("mail").find_map(|text| Address::parse(text).ok());
    let handle = address.map_or_else(|| format!("list:{dn}"), |address| format!("mail:{}", address.expose()));
    reading.gathered.groups.push(Group { snapshot: reading.snapshot, id: Reference::Dn(dn), handle, members });
}

fn person(spec: &DirectorySpec, entry: &Entry, dn: String) -> Result<Draft, Wrong> {
    let mut draft = Draft::default();
    for address in entry.all("mail").filter(|text| !text.trim().is_empty()) {
        draft.address(address, "mail")?;
    }
    entry.all("proxyaddresses").for_each(|proxy| draft.proxy(proxy.trim()));
    entry.all("legacyexchangedn").for_each(|name| draft.account("x500", name));
    // A contact is mail of somebody elsewhere.
    if entry.is_one_of(&["contact"]) {
        draft.facts.class = PersonClass::Guest;
    }
    let control = entry.all("useraccountcontrol").next().and_then(|text| text.trim().parse::<i64>().ok());
    draft.facts.is_active = control.is_none_or(|flags| flags & DISABLED == 0);
    draft.mapped(spec, ldap_day, &|column| entry.value(column))?;
    let more_units = |column: &str| {
        let (name, number) = numbered(column);
        number.is_none() && entry.all(&name).nth(1).is_some()
    };
    draft.has_more_units = spec.unit.as_deref().is_some_and(more_units);
    let key = spec.person_key.as_deref().unwrap_or("uid");
    let key = entry.value(key).filter(|text| is_value(spec, text));
    let key = key.or_else(|| if draft.handles.is_empty() { Some(dn.clone()) } else { None });
    draft.settle_key(key.as_deref(), None)?;
    if let Some(manager) = entry.all("manager").next().filter(|text| !text.trim().is_empty()) {
        draft.manager = Some(Reference::Dn(normal_dn(manager).ok_or_else(|| Wrong::of(code::I109, "manager"))?));
    }
    draft.member_of = entry.all("memberof").filter_map(normal_dn).map(Reference::Dn).collect();
    draft.dn = Some(dn);
    if spec.reads_names() {
        entry.all("cn").for_each(|name| draft.name(name));
    }
    Ok(draft)
}

/// `20260302081500.0Z`; FILETIME, 100 ns since 1601, of which 0 and 2^63 - 1 are null; or `YYYY-MM-DD`.
fn ldap_day(text: &str) -> Result<Option<Day>, ()> {
    if let Ok(day) = text.parse::<Day>() {
        return Ok(Some(day));
    }
    // Fewer digits are no FILETIME of this age, rather a time without its zone.
    let is_file_time = text == "0" || (17..=19).contains(&text.len());
    if is_file_time && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return file_time(text.parse().map_err(|_| ())?);
    }
    let is_utc = text.ends_with('Z') && text.is_ascii();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if !is_utc || digits < 8 {
        return Err(());
    }
    let number = |from: usize, to: usize| text[from..to].parse::<u32>().map_err(|_| ());
    Day::from_ymd(number(0, 4)? as i32, number(4, 6)?, number(6, 8)?).map(Some).ok_or(())
}

fn file_time(ticks: i64) -> Result<Option<Day>, ()> {
    const TICKS_PER_DAY: i64 = 86_400 * 10_000_000;
    if ticks == 0 || ticks == i64::MAX {
        return Ok(None);
    }
    let first = Day::from_ymd(1601, 1, 1).ok_or(())?;
    i32::try_from(ticks / TICKS_PER_DAY).map(|days| Some(first.plus(days))).map_err(|_| ())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{handles, managers, read, row_of};
    use super::*;
    use crate::directory::{Directory, DirectoryFormat, ListMember};

    fn ldif(text: &str) -> Directory {
        ldif_with(text, |_| ())
    }

    fn ldif_with(text: &str, change: impl Fn(&mut DirectorySpec)) -> Directory {
        read(text, |spec| {
            spec.format = DirectoryFormat::Ldif;
            spec.unit = Some("ou".into());
            change(spec);
        })
        .unwrap()
    }

    const FOUR: &str = "dn: uid=a,ou=P,dc=x\nobjectClass: person\nuid: a\nmail: a@x.org\n\n\
        dn: uid=b,ou=P,dc=x\nobjectClass: inetOrgPerson\nuid: b\nmail: b@x.org\nmanager: UID=A, ou=p,\n  dc=x\n\n\
        dn: uid=c,ou=P,dc=x\nobjectClass: user\nuid: c\nmail:: Y0B4Lm\n 9yZw==\nuserPassword:: !!\nmanager: uid=b,ou=P,dc=x\n\n\
        dn: uid=d,ou=P,dc=x\nchangetype: add\nobjectClass: person\nuid: d\nmail: d@x.org\nmanager: uid=a,ou=P,dc=x\n\n";

    fn quarantined(directory: &Directory) -> Vec<(&str, u64)> {
        directory.counts().quarantined.into_iter().collect()
    }

    #[test]
    fn entries_become_people() {
        let directory = ldif(FOUR);
        assert_eq!(managers(&directory), [None, Some("a"), Some("b"), Some("a")]);
        assert_eq!(handles(&directory, "c"), ["mail:c@x.org"]);
        assert!(directory.has_reporting_lines);
    }

    #[test]
    fn values_behind_urls_and_changes_are_set_aside() {
        let directory = ldif(&format!("{FOUR}dn: uid=e,dc=x\nobjectClass: person\nmail:< file:///etc/passwd\n"));
        assert_eq!((directory.people.len(), quarantined(&directory)), (4, vec![("I116", 1)]));
        let directory = ldif(&format!(
            "{FOUR}dn: uid=e,dc=x\nchangetype: delete\n\ndn: uid=f,dc=x\nchangetype: modify\nreplace: mail\nmail: f@x.org\n-\n"
        ));
        assert_eq!((directory.people.len(), quarantined(&directory)), (4, vec![("I117", 2)]));
        assert!(directory.ledger.balance().is_ok());
    }

    #[test]
    fn the_first_unit_counts_and_a_number_chooses_another() {
        let text = "dn: uid=a,dc=x\nobjectclass: person\nuid: a\nou: Sales\nou: People\n";
        let directory = ldif(text);
        assert_eq!((row_of(&directory, "a").unit.as_deref(), directory.more_units_count), (Some("Sales"), 1));
        let directory = ldif_with(text, |spec| spec.unit = Some("ou[1]".into()));
        assert_eq!((row_of(&directory, "a").unit.as_deref(), directory.more_units_count), (Some("People"), 0));
    }

    #[test]
    fn active_directory() {
        let text = "dn: CN=Doe\\, Ann,OU=X,DC=c\nobjectClass: top\nobjectClass: user\nsAMAccountName: ann\nmail: ann@x.org\n\
            proxyAddresses: SMTP:ann@x.org\nproxyAddresses: smtp:a.doe@x.org\nproxyAddresses: X500:/o=C/cn=Ann\n\
            legacyExchangeDN: /o=Corp/ou=EAG/cn=Recipients/cn=ann\nuserAccountControl: 514\n\
            whenCreated: 20240302081500.0Z\naccountExpires: 9223372036854775807\nmemberOf: CN=All,DC=c\n\n\
            dn: CN=PC1,DC=c\nobjectClass: user\nobjectClass: computer\n\n\
            dn: CN=Bob,DC=c\nobjectClass: user\nsAMAccountName: Bob\nmanager: cn=\"doe, ann\",ou=x,dc=c\nuserAccountControl: 512\n\
            whenCreated: 20240302081500.0Z\naccountExpires: 133500000000000000\n";
        let directory = ldif_with(text, |spec| {
            spec.person_key = Some("sAMAccountName".into());
            spec.hired_on = Some("whenCreated".into());
            spec.left_on = Some("accountExpires".into());
        });
        assert_eq!(managers(&directory), [Some("ann"), None]);
        let expected =
            ["mail:a.doe@x.org", "mail:ann@x.org", "x500:/o=c/cn=ann", "x500:/o=corp/ou=eag/cn=recipients/cn=ann"];
        assert_eq!(handles(&directory, "ann"), expected);
        let (ann, bob) = (row_of(&directory, "ann"), row_of(&directory, "Bob"));
        assert_eq!((ann.is_active, ann.left_on, ann.hired_on), (false, None, "2024-03-02".parse().ok()));
        assert_eq!((bob.is_active, bob.left_on), (true, "2024-01-17".parse().ok()));
        assert_eq!(directory.lists["list:cn=all,dc=c"], [ListMember::Person(1)]);
        assert_eq!(directory.counts().excluded_count(), 1);
    }

    #[test]
    fn groups_become_lists() {
        let text = format!(
            "{FOUR}dn: cn=g,dc=x\nobjectClass: groupOfUniqueNames\nmail: All@x.org\nuniqueMember: uid=A, ou=P, dc=x\nuniqueMember: cn=h,dc=x\nuniqueMember: uid=gone,dc=x\n\n\
             dn: cn=h,dc=x\nobjectClass: groupOfNames\nmember: uid=b,ou=P,dc=x\nmember: cn=g,dc=x\n\ndn: ou=P,dc=x\nobjectClass: organizationalUnit\n\nsearch: 2\nresult: 0 Success\n"
        );
        let directory = ldif(&text);
        let (list, handle) = (|name: &str| ListMember::List(name.into()), |name: &str| ListMember::Handle(name.into()));
        assert_eq!(
            directory.lists["mail:all@x.org"],
            [ListMember::Person(0), list("list:cn=h,dc=x"), handle("dn:uid=gone,dc=x")]
        );
        assert_eq!(directory.lists["list:cn=h,dc=x"], [ListMember::Person(1), list("mail:all@x.org")]);
        assert_eq!(directory.counts().excluded_count(), 4);
    }

    #[test]
    fn times_of_both_kinds() {
        assert_eq!(ldap_day("20260302081500.0Z"), Ok(Day::from_ymd(2026, 3, 2)));
        assert_eq!((ldap_day("0"), ldap_day("9223372036854775807")), (Ok(None), Ok(None)));
        assert_eq!(ldap_day("116444736000000000"), Ok(Some(Day(0))));
        for wrong in ["", "20260302081500", "yesterdayZ", "20261302000000Z", "2026-13-01", "99999999999999999999"] {
            assert!(ldap_day(wrong).is_err(), "{wrong}");
        }
    }
}
