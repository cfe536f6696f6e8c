//! Distinguished names in one spelling, so that they can be compared as texts.

use unicode_normalization::UnicodeNormalization;

/// A name in its normal form: lower case, without blanks around `,`, `+` and `=`, blanks inside collapsed, escapes
/// resolved where they are needed for nothing. `None` if it is no distinguished name.
pub(super) fn normal_dn(dn: &str) -> Option<String> {
    let mut out = String::new();
    for (number, (separator, part)) in parts(dn).into_iter().enumerate() {
        let (kind, value) = part.split_once('=')?;
        let (kind, value) = (kind.trim(), unescaped(value)?);
        if kind.is_empty() || !kind.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte)) {
            return None;
        }
        if number > 0 {
            out.push(separator);
        }
        out.push_str(&kind.to_lowercase());
        out.push('=');
        out.push_str(&escaped(&folded(&value)));
    }
    (!out.is_empty()).then_some(out)
}

/// The `kind=value` parts, each with the separator before it. Escaped and quoted separators separate nothing; a
/// semicolon is a comma (RFC 2253).
fn parts(dn: &str) -> Vec<(char, &str)> {
    let mut parts = Vec::new();
    let (mut start, mut separator) = (0, ',');
    let (mut is_escaped, mut is_quoted) = (false, false);
    for (at, c) in dn.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            ',' | ';' | '+' if !is_quoted => {
                parts.push((separator, &dn[start..at]));
                separator = if c == '+' { '+' } else { ',' };
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push((separator, &dn[start..]));
    parts
}

/// A value without quotes and escapes: `\,` is a comma, `\2C` too. Blanks at its ends go unless they are escaped.
fn unescaped(value: &str) -> Option<String> {
    let trimmed = value.trim_start();
    let mut text = trimmed.trim_end();
    // A blank after a backslash belongs to the value.
    if text.ends_with('\\') && trimmed.len() > text.len() {
        text = &trimmed[..text.len() + 1];
    }
    if let Some(inner) = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        text = inner;
    }
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let pair = text.get(at + 1..at + 3).filter(|pair| pair.bytes().all(|byte| byte.is_ascii_hexdigit()));
        match (bytes[at], pair) {
            (b'\\', Some(pair)) => {
                out.push(u8::from_str_radix(pair, 16).ok()?);
                at += 3;
            }
            (b'\\', None) => {
                out.push(*bytes.get(at + 1)?);
                at += 2;
            }
            (byte, _) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8(out).ok()
}

fn folded(value: &str) -> String {
    let lower: String = value.nfc().collect::<String>().to_lowercase().nfc().collect();
    lower.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Separators inside a value keep a backslash, so that two names of different parts never read alike.
fn escaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for c in value.chars() {
        if matches!(c, ',' | ';' | '+' | '=' | '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_entry_one_spelling() {
        for dn in [
            "uid=a, ou=People, dc=example,dc=com",
            "UID = A ,OU=people;DC=Example, dc=com",
            "uid=\\61,ou=\"People\",dc=example,dc=com",
            "uid=a,ou=Peo\\ple,dc=example,dc=com",
        ] {
            assert_eq!(normal_dn(dn).as_deref(), Some("uid=a,ou=people,dc=example,dc=com"), "{dn}");
        }
        assert_eq!(normal_dn("CN=Doe\\, John,OU=X"), normal_dn("cn=\"doe, john\", ou=x"));
        assert_eq!(normal_dn("CN=J\\C3\\B6rg,OU=X"), normal_dn("cn=j\u{f6}rg,ou=x"));
        assert_eq!(normal_dn("CN=J\u{30c},OU=X"), normal_dn("cn=\u{1f0},ou=x"));
    }

    #[test]
    fn two_entries_stay_two() {
        assert_ne!(normal_dn("cn=a\\,ou=b"), normal_dn("cn=a,ou=b"));
        assert_ne!(normal_dn("cn=a+uid=b,ou=c"), normal_dn("cn=a,uid=b,ou=c"));
        for wrong in ["", "alice", "=a", "cn=a,,ou=b", "cn=\\FF", "cn=a\\"] {
            assert_eq!(normal_dn(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn normal_is_normal(dn in "[a-c=,+;\"\\\\ \u{e9}2]{0,24}") {
            if let Some(normal) = normal_dn(&dn) {
                let again = normal_dn(&normal);
                prop_assert_eq!(again.as_deref(), Some(normal.as_str()));
            }
        }
    }
}
