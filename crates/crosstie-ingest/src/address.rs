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

impl Address {
    /// Reads one spelling: blanks, angle brackets, `mailto:` and `smtp:` go; case, Unicode form and a trailing dot
    /// of the domain do not matter; a quoted local part that needs no quotes loses them.
    pub(crate) fn parse(raw: &str) -> Result<Address, Code> {
        let mut text = raw.trim();
        text = text.strip_prefix('<').and_then(|inner| inner.strip_suffix('>')).unwrap_or(text).trim();
        for scheme in ["mailto:", "smtp:"] {
            if text.get(..scheme.len()).is_some_and(|head| head.eq_ignore_ascii_case(scheme)) {
                text = &text[scheme.len()..];
            }
        }
        if text.len() > LIMIT {
            return Err(code::I106);
        }
        if text.chars().any(is_control_or_format) {
            return Err(code::I115);
        }
        let at = last_at_outside_quotes(text).ok_or(code::I106)?;
        let local: String = text[..at].nfc().collect::<String>().to_lowercase();
        let domain = text[at + 1..].nfc().collect::<String>().to_lowercase();
        let domain = domain.strip_suffix('.').unwrap_or(&domain);
        let local = unquoted(&local).unwrap_or(local);
        let quoted = local.starts_with('"');
        let bad_local =
            local.is_empty() || (!quoted && local.contains(|c: char| c.is_whitespace() || "\"@<>,;".contains(c)));
        let bad_domain = domain.is_empty() || domain.contains(|c: char| c.is_whitespace() || "\"@<>,;".contains(c));
        if bad_local || bad_domain {
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
