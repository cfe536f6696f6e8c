//! A person as one record of the directory gives them, whatever the format: before repeated people are dropped,
//! managers found and snapshots joined.

use super::names::folded_name;
use super::person::PersonClass;
use super::spec::DirectorySpec;
use crate::address::{Address, X500};
use crosstie_model::{Code, Day, code};

/// One record.
#[derive(Clone, Default)]
pub(super) struct Draft {
    /// File and line.
    pub(super) at: (u32, u64),
    /// Date of its snapshot.
    pub(super) snapshot: Option<Day>,
    pub(super) key: String,
    /// Distinguished name, in its normal form.
    pub(super) dn: Option<String>,
    /// Folded names; empty unless names are needed.
    pub(super) names: Vec<String>,
    /// The first of them as it was written.
    pub(super) shown_name: Option<String>,
    /// Canonical handles, each once.
    pub(super) handles: Vec<String>,
    /// Whom the record names as manager.
    pub(super) manager: Option<Reference>,
    /// Lists that the record says it is on.
    pub(super) member_of: Vec<Reference>,
    pub(super) facts: Facts,
    /// Further addresses that could not be read.
    pub(super) bad_aliases: u64,
    /// Whether the unit's attribute had further values.
    pub(super) has_more_units: bool,
    /// Whether a level was no whole number.
    pub(super) has_bad_level: bool,
}

/// What a change of opens a new interval.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Facts {
    pub(super) unit: Option<String>,
    pub(super) labels: Vec<Option<String>>,
    pub(super) class: PersonClass,
    pub(super) level: Option<i64>,
    pub(super) hired_on: Option<Day>,
    pub(super) left_on: Option<Day>,
    pub(super) is_active: bool,
}

impl Default for Facts {
    fn default() -> Facts {
        Facts {
            unit: None,
            labels: Vec::new(),
            class: PersonClass::Person,
            level: None,
            hired_on: None,
            left_on: None,
            is_active: true,
        }
    }
}

/// How a record names a person or a list.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reference {
    /// A person key, or a handle in canonical form.
    Key(String),
    /// A distinguished name, in its normal form.
    Dn(String),
    /// A folded name.
    Name(String),
    /// A key, else an account id, else an address.
    Any(String),
}

/// What is wrong with a record, and in which source column.
pub(super) struct Wrong {
    pub(super) code: Code,
    pub(super) field: Option<String>,
}

impl Wrong {
    pub(super) fn of(code: Code, field: &str) -> Wrong {
        Wrong { code, field: Some(field.to_string()) }
    }
}

impl From<Code> for Wrong {
    fn from(code: Code) -> Wrong {
        Wrong { code, field: None }
    }
}

/// Reads a date of a format: `Ok(None)` is no date, `Err` is none of the format.
pub(super) type ReadDay = fn(&str) -> Result<Option<Day>, ()>;

/// The handle of a mail address or of an X.500 one, as Exchange has them.
fn mailbox(text: &str) -> Result<String, Code> {
    match X500::of(text.trim()) {
        Some(x500) => Ok(x500?.expose().to_string()),
        None => Ok(format!("mail:{}", Address::parse(text)?.expose())),
    }
}

impl Draft {
    /// The address of a person; a wrong one makes the record unreadable.
    pub(super) fn address(&mut self, text: &str, field: &str) -> Result<(), Wrong> {
        self.handle(mailbox(text).map_err(|code| Wrong::of(code, field))?);
        Ok(())
    }

    /// A further address; a wrong one is counted.
    pub(super) fn alias(&mut self, text: &str) {
        match mailbox(text) {
            Ok(handle) => self.handle(handle),
            Err(_) => self.bad_aliases += 1,
        }
    }

    /// A value of `proxyAddresses`: `SMTP:` and `smtp:` are addresses, `X500:` is a legacy name; others (`SIP:`,
    /// `EUM:`) are no mail.
    pub(super) fn proxy(&mut self, text: &str) {
        match text.split_once(':') {
            Some((kind, rest)) if kind.eq_ignore_ascii_case("smtp") => self.alias(rest),
            Some((kind, rest)) if kind.eq_ignore_ascii_case("x500") => self.account("x500", rest),
            Some(_) => {}
            None => self.alias(text),
        }
    }

    /// A sign-in name of Microsoft. That of a guest, `name_partner.example#EXT#@tenant`, holds the partner's address
    /// and makes the person a guest.
    pub(super) fn principal(&mut self, text: &str, field: &str) -> Result<(), Wrong> {
        self.address(text, field)?;
        if let Some(partner) = partner_address(text) {
            self.facts.class = PersonClass::Guest;
            self.alias(&partner);
        }
        Ok(())
    }

    pub(super) fn account(&mut self, kind: &str, account: &str) {
        let account = account.trim().to_lowercase();
        if !account.is_empty() {
            self.handle(format!("{kind}:{account}"));
        }
    }

    fn handle(&mut self, handle: String) {
        if !self.handles.contains(&handle) {
            self.handles.push(handle);
        }
    }

    pub(super) fn name(&mut self, name: &str) {
        let folded = folded_name(name);
        if !folded.is_empty() && !self.names.contains(&folded) {
            self.shown_name.get_or_insert_with(|| name.trim().to_string());
            self.names.push(folded);
        }
    }

    /// The key: the one given, else the first address or account.
    pub(super) fn settle_key(&mut self, given: Option<&str>, field: Option<&str>) -> Result<(), Wrong> {
        let key = given.map(str::to_string).or_else(|| self.handles.first().cloned());
        self.key = key.ok_or_else(|| Wrong { code: code::I107, field: field.map(str::to_string) })?;
        Ok(())
    }

    /// Everything that the plan maps from named fields, whatever the format.
    pub(super) fn mapped(
        &mut self,
        spec: &DirectorySpec,
        read_day: ReadDay,
        field: &dyn Fn(&str) -> Option<String>,
    ) -> Result<(), Wrong> {
        let value = |name: &str| field(name).filter(|text| is_value(spec, text));
        let optional = |name: &Option<String>| name.as_deref().and_then(value);
        let label = |name: &str| value(name).map(|text| cleaned(&text)).filter(|text| !text.trim().is_empty());
        for (kind, column) in &spec.accounts {
            if let Some(account) = value(column) {
                self.account(kind, &account);
            }
        }
        self.facts.unit = spec.unit.as_deref().and_then(label);
        self.facts.labels = spec.compare.iter().map(|column| label(column)).collect();
        if let Some(text) = optional(&spec.class) {
            self.facts.class = PersonClass::of(&text);
        }
        if let Some(text) = optional(&spec.level) {
            self.facts.level = text.trim().parse().ok();
            self.has_bad_level = self.facts.level.is_none();
        }
        if let Some(text) = optional(&spec.active) {
            self.facts.is_active = is_active(&text);
        }
        let day = |name: &Option<String>| match (optional(name), name) {
            (Some(text), Some(name)) => read_day(text.trim()).map_err(|()| Wrong::of(code::I104, name)),
            _ => Ok(None),
        };
        self.facts.hired_on = day(&spec.hired_on)?.or(self.facts.hired_on);
        self.facts.left_on = day(&spec.left_on)?.or(self.facts.left_on);
        Ok(())
    }

    /// Whether a repeated record says something else.
    pub(super) fn differs(&self, other: &Draft) -> bool {
        self.facts != other.facts || self.manager != other.manager || self.handles != other.handles
    }
}

/// Whether a text is a value rather than nothing.
pub(super) fn is_value(spec: &DirectorySpec, text: &str) -> bool {
    !text.is_empty() && !spec.null_values.iter().any(|null| null == text)
}

/// Whether a text says that somebody is active: whatever is no plain no.
pub(super) fn is_active(text: &str) -> bool {
    let no = ["false", "f", "no", "n", "0", "inactive", "disabled", "suspended"];
    !no.contains(&text.trim().to_lowercase().as_str())
}

/// `YYYY-MM-DD`.
pub(super) fn iso_day(text: &str) -> Result<Option<Day>, ()> {
    text.parse().map(Some).map_err(|_| ())
}

/// A label without control and direction characters.
pub(super) fn cleaned(label: &str) -> String {
    label
        .chars()
        .filter(|c| {
            !c.is_control()
                && !matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        })
        .collect()
}

/// The address behind the sign-in name of a guest.
fn partner_address(principal: &str) -> Option<String> {
    let lower = principal.to_ascii_lowercase(); // keeps byte positions
    let local = &principal[..lower.find("#ext#@")?];
    let (name, domain) = local.rsplit_once('_')?;
    Some(format!("{name}@{domain}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_are_mail_or_legacy_names() {
        let mut draft = Draft::default();
        for proxy in ["SMTP:A@x.org", "smtp:b@x.org", "X500:/o=Corp/cn=A", "SIP:a@x.org", "smtp:nobody", "smtp:a@x.org"]
        {
            draft.proxy(proxy);
        }
        assert_eq!(draft.handles, ["mail:a@x.org", "mail:b@x.org", "x500:/o=corp/cn=a"]);
        assert_eq!(draft.bad_aliases, 1);
    }

    #[test]
    fn guests_keep_their_own_address() {
        let mut draft = Draft::default();
        assert!(draft.principal("Ann_Lee_partner.example#EXT#@corp.example", "userPrincipalName").is_ok());
        assert_eq!(draft.handles[1], "mail:ann_lee@partner.example");
        assert_eq!(draft.facts.class, PersonClass::Guest);
        assert_eq!(partner_address("a@b.example"), None);
        assert_eq!(partner_address("#EXT#@b.example"), None);
    }

    #[test]
    fn labels_lose_what_turns_the_reading_direction() {
        assert_eq!(cleaned("Sa\u{202e}les\u{7}"), "Sales");
        assert_eq!(cleaned("../../x"), "../../x");
    }
}
