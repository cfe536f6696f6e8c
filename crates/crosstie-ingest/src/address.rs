//! Addresses in one spelling, so that one mailbox is one handle.

use crosstie_model::{Code, code};
use unicode_normalization::UnicodeNormalization;

/// Longest address in bytes.
const LIMIT: usize = 1024;

/// An address in canonical spelling: `local@domain`, lower case, NFC.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Address {
    text: String,
    at: usize,
}

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("<address>")
    }
}

/// What one spelling of a mailbox names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Mailbox {
    /// A mail address.
    Mail(Address),
    /// An X.500 address of Exchange, as its handle.
    X500(X500),
    /// A guest account: its address in the host's tenant, and the one at home.
    Guest(Address, Address),
}

/// The handle of an X.500 address, lower case.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct X500(String);

impl std::fmt::Debug for X500 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("<x500>")
    }
}

impl X500 {
    /// `x500:/o=…`, or `None` if the text is no X.500 address.
    pub(crate) fn of(text: &str) -> Option<Result<X500, Code>> {
        let head = |prefix: &str| text.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix));
        let rest = match () {
            () if head("x500:") => &text[5..],
            () if head("ex:") => &text[3..],
            () if head("/o=") => text,
            () => return None,
        };
        Some(X500::decoded(rest))
    }

    fn decoded(text: &str) -> Result<X500, Code> {
        let text = text.trim();
        if text.is_empty() || text.len() > LIMIT {
            return Err(code::I106);
        }
        if text.chars().any(is_control_or_format) {
            return Err(code::I115);
        }
        Ok(X500(format!("x500:{}", folded(text))))
    }

    /// The handle.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl Mailbox {
    /// Reads one spelling. Blanks, angle brackets, `mailto:`, `smtp:` and an obsolete route go; `IMCEA` forms are
    /// decoded; `#EXT#` accounts name two addresses.
    pub(crate) fn parse(raw: &str) -> Result<Mailbox, Code> {
        let text = bare(raw);
        if text.len() > LIMIT {
            return Err(code::I106);
        }
        if let Some(x500) = X500::of(text) {
            return x500.map(Mailbox::X500);
        }
        if let Some(decoded) = imcea(text) {
            let decoded = decoded?;
            return match X500::of(&decoded) {
                Some(x500) => x500.map(Mailbox::X500),
                None => match Address::parse(&decoded) {
                    Ok(address) => Ok(Mailbox::Mail(address)),
                    // A fax number or the like: a handle of its own.
                    Err(_) => X500::decoded(&decoded).map(Mailbox::X500),
                },
            };
        }
        let address = Address::parse(text)?;
        Ok(match guest(&address) {
            Some(partner) => Mailbox::Guest(address, partner),
            None => Mailbox::Mail(address),
        })
    }
}

/// `name_partner.example#EXT#@tenant` is `name@partner.example` at home.
fn guest(address: &Address) -> Option<Address> {
    let inner = address.local().strip_suffix("#ext#")?;
    let (name, domain) = inner.rsplit_once('_')?;
    Address::parse(&format!("{name}@{domain}")).ok()
}

/// The text inside `IMCEA<type>-…@domain`: `_` stands for `/`, `+HH` for a byte.
fn imcea(text: &str) -> Option<Result<String, Code>> {
    let rest = text.get(..5).filter(|head| head.eq_ignore_ascii_case("IMCEA")).map(|_| &text[5..])?;
    let (kind, rest) = rest.split_once('-')?;
    if kind.is_empty() || !kind.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let encoded = rest.rsplit_once('@').map_or(rest, |(encoded, _)| encoded);
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut left = encoded.bytes();
    while let Some(byte) = left.next() {
        match byte {
            b'_' => bytes.push(b'/'),
            b'+' => {
                let pair = [left.next(), left.next()].map(|digit| digit.and_then(|d| char::from(d).to_digit(16)));
                match pair {
                    [Some(high), Some(low)] => bytes.push((high * 16 + low) as u8),
                    _ => return Some(Err(code::I106)),
                }
            }
            byte => bytes.push(byte),
        }
    }
    Some(String::from_utf8(bytes).map_err(|_| code::I101))
}

/// Without blanks, angle brackets, schemes and an obsolete route.
fn bare(raw: &str) -> &str {
    let mut text = raw.trim();
    text = text.strip_prefix('<').and_then(|inner| inner.strip_suffix('>')).unwrap_or(text).trim();
    for scheme in ["mailto:", "smtp:"] {
        if text.get(..scheme.len()).is_some_and(|head| head.eq_ignore_ascii_case(scheme)) {
            text = &text[scheme.len()..];
        }
    }
    match text.split_once(':') {
        Some((route, rest)) if route.starts_with('@') && rest.contains('@') => rest.trim(),
        _ => text,
    }
}

impl Address {
    /// Reads one spelling of a mail address: case, Unicode form and a trailing dot of the domain do not matter; a
    /// domain in other scripts is written in A-labels (UTS 46); a quoted local part that needs no quotes loses them.
    pub(crate) fn parse(raw: &str) -> Result<Address, Code> {
        let text = bare(raw);
        if text.len() > LIMIT {
            return Err(code::I106);
        }
        if text.chars().any(is_control_or_format) {
            return Err(code::I115);
        }
        let at = last_at_outside_quotes(text).ok_or(code::I106)?;
        let local = folded(&text[..at]);
        let local = unquoted(&local).unwrap_or(local);
        let domain = domain(&text[at + 1..])?;
        let quoted = local.starts_with('"');
        let special = |c: char| c.is_whitespace() || "\"@<>,;".contains(c);
        let bad_local = local.is_empty() || (!quoted && local.contains(special));
        if bad_local || domain.is_empty() || domain.contains(special) {
            return Err(code::I106);
        }
        Ok(Address { at: local.len(), text: format!("{local}@{domain}") })
    }

    /// The whole address. Its callers keep it in memory only.
    pub(crate) fn expose(&self) -> &str {
        &self.text
    }

    /// The part before the @.
    pub(crate) fn local(&self) -> &str {
        &self.text[..self.at]
    }

    /// The part after the @.
    pub(crate) fn domain(&self) -> &str {
        &self.text[self.at + 1..]
    }

    /// Without `+tag` in the local part; `None` if there is none.
    pub(crate) fn without_tag(&self) -> Option<Address> {
        let plus = self.local().find('+').filter(|&plus| plus > 0 && !self.local().starts_with('"'))?;
        Some(Address { text: format!("{}@{}", &self.local()[..plus], self.domain()), at: plus })
    }

    /// Without dots in the local part, at `domain`.
    pub(crate) fn without_dots(&self, domain: &str) -> Address {
        let local = self.local().replace('.', "");
        Address { at: local.len(), text: format!("{local}@{domain}") }
    }
}

/// Lower case and NFC. Composed anew behind the lower case: `J` with a caron has no letter of its own, `j` with one has.
fn folded(text: &str) -> String {
    text.nfc().collect::<String>().to_lowercase().nfc().collect()
}

/// A domain in A-labels, lower case; `None` if it is none.
#[must_use]
pub fn domain_in_ascii(text: &str) -> Option<String> {
    domain(text).ok()
}

/// A domain in its one spelling.
fn domain(text: &str) -> Result<String, Code> {
    let text = text.strip_suffix('.').unwrap_or(text);
    if text.is_ascii() {
        return Ok(text.to_ascii_lowercase());
    }
    idna::domain_to_ascii(text).map_err(|_| code::I106)
}

/// Whether a text could hold a person's address: an @ with something directly on both sides. Unit labels must not.
#[must_use]
pub fn looks_like_an_address(text: &str) -> bool {
    let characters: Vec<char> = text.chars().collect();
    characters.windows(3).any(|three| three[1] == '@' && !three[0].is_whitespace() && !three[2].is_whitespace())
}

fn is_control_or_format(c: char) -> bool {
    // Cf is not in the standard library: soft hyphen, joiners and marks, bidi controls, invisible operators, BOM, tags.
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0001}'..='\u{e007f}')
}

fn last_at_outside_quotes(text: &str) -> Option<usize> {
    let mut quoted = false;
    let mut escaped = false;
    let mut last = None;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '@' if !quoted => last = Some(at),
            _ => {}
        }
    }
    last.filter(|_| !quoted)
}

/// A quoted local part that is a plain atom, without its quotes.
fn unquoted(local: &str) -> Option<String> {
    let inner = local.strip_prefix('"')?.strip_suffix('"')?;
    let plain = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    (!inner.is_empty() && inner.chars().all(plain)).then(|| inner.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(raw: &str) -> Result<String, &'static str> {
        Address::parse(raw).map(|address| address.text).map_err(|code| code.id)
    }

    #[test]
    fn one_mailbox_one_spelling() {
        for raw in [
            "alice@example.com",
            " <Alice@Example.COM> ",
            "mailto:alice@example.com",
            "SMTP:ALICE@example.com.",
            "\"alice\"@example.com",
        ] {
            assert_eq!(canonical(raw), Ok("alice@example.com".into()), "{raw}");
        }
        assert_eq!(canonical("jose\u{301}@example.com"), canonical("jos\u{e9}@example.com"));
        assert_eq!(canonical("J\u{30c}@example.com"), canonical("\u{1f0}@example.com"));
    }

    #[test]
    fn domains_of_other_scripts_have_one_spelling() {
        assert_eq!(canonical("a@m\u{fc}nchen.example"), Ok("a@xn--mnchen-3ya.example".into()));
        assert_eq!(canonical("a@M\u{dc}NCHEN.example."), canonical("a@XN--MNCHEN-3YA.example"));
        assert_eq!(canonical("a@mu\u{308}nchen.example"), canonical("a@m\u{fc}nchen.example"));
        assert_ne!(canonical("a@ex\u{430}mple.com"), canonical("a@example.com"));
        assert_eq!(canonical("root@localhost"), Ok("root@localhost".into()));
        assert_eq!(canonical("a@[192.0.2.1]"), Ok("a@[192.0.2.1]".into()));
    }

    #[test]
    fn routes_go() {
        assert_eq!(canonical("<@r1.example,@r2.example:bob@example.com>"), Ok("bob@example.com".into()));
    }

    #[test]
    fn exchange_addresses() {
        let x500 = |raw: &str| match Mailbox::parse(raw) {
            Ok(Mailbox::X500(x500)) => x500.0,
            other => format!("{other:?}"),
        };
        let expected = "x500:/o=corp/ou=eu/cn=recipients/cn=asmith";
        for raw in [
            "/O=CORP/OU=EU/CN=RECIPIENTS/CN=ASMITH",
            "X500:/o=Corp/ou=EU/cn=Recipients/cn=asmith",
            "EX:/o=Corp/ou=EU/cn=Recipients/cn=asmith",
            "IMCEAEX-_O=CORP_OU=EU_CN=RECIPIENTS_CN=ASMITH@example.com",
            "<IMCEAEX-_O+3DCORP_OU+3DEU_CN=RECIPIENTS_CN=ASMITH@example.com>",
        ] {
            assert_eq!(x500(raw), expected, "{raw}");
        }
        let mail = Mailbox::parse("IMCEASMTP-alice+40example+2Ecom@corp.example").unwrap();
        assert_eq!(mail, Mailbox::Mail(Address::parse("alice@example.com").unwrap()));
        assert_eq!(Mailbox::parse("IMCEAEX-a+4@x.example").unwrap_err().id, "I106");
    }

    #[test]
    fn guests_have_two_addresses() {
        let guest = Mailbox::parse("Ann_Lee_partner.example#EXT#@tenant.example").unwrap();
        let home = Address::parse("ann_lee@partner.example").unwrap();
        assert_eq!(guest, Mailbox::Guest(Address::parse("ann_lee_partner.example#ext#@tenant.example").unwrap(), home));
    }

    #[test]
    fn two_mailboxes_stay_two() {
        assert_ne!(canonical("\"john doe\"@example.com"), canonical("\"jane roe\"@example.com"));
        assert_eq!(canonical("\"a@evil.example\"@good.example"), Ok("\"a@evil.example\"@good.example".into()));
    }

    #[test]
    fn what_is_no_address() {
        for raw in [
            "",
            "alice",
            "alice@",
            "@example.com",
            "a b@example.com",
            "a@@example.com",
            "a@b@example.com",
            "\"a@example.com",
        ] {
            assert_eq!(canonical(raw), Err("I106"), "{raw}");
        }
        assert_eq!(canonical("alice@example.com\0eve"), Err("I115"));
        assert_eq!(canonical("al\u{202e}ice@example.com"), Err("I115"));
    }

    #[test]
    fn tags_go() {
        let tagged = Address::parse("alice+news@example.com").unwrap();
        assert_eq!(tagged.without_tag().unwrap().expose(), "alice@example.com");
        assert!(Address::parse("+x@example.com").unwrap().without_tag().is_none());
    }

    #[test]
    fn labels_that_are_addresses_are_seen() {
        for label in ["Team of alice@example.com", "Contact: a@example.com; Sales", "a@x.org/b@x.org", "\"a@x.org\""] {
            assert!(looks_like_an_address(label), "{label}");
        }
        assert!(!looks_like_an_address("R&D @ home"));
    }
}
