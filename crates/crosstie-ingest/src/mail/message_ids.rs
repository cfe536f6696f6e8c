//! Message ids in header values.

/// The first id of a Message-ID or In-Reply-To value, without brackets and blanks.
pub(crate) fn first_id(value: &[u8]) -> Option<String> {
    bracketed_ids(value).next().map(id_text).or_else(|| bare_id(value, false))
}

/// The last id of a References value, without brackets and blanks.
pub(crate) fn last_id(value: &[u8]) -> Option<String> {
    bracketed_ids(value).last().map(id_text).or_else(|| bare_id(value, true))
}

/// What stands between `<` and `>`, in order; empty ones are none.
fn bracketed_ids(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut pieces = value.split(|&byte| byte == b'>');
    let tail = pieces.next_back(); // no bracket closes it
    debug_assert!(tail.is_some());
    pieces
        .filter_map(|piece| piece.iter().rposition(|&byte| byte == b'<').map(|open| piece[open + 1..].trim_ascii()))
        .filter(|id| !id.is_empty())
}

/// Without brackets: the first or last word with an `@`, else the whole value. In prose (`Your mail of Monday`) a
/// single word would give unrelated mails one id.
fn bare_id(value: &[u8], last: bool) -> Option<String> {
    let ends = |byte: &u8| byte.is_ascii_whitespace() || *byte == b'<' || *byte == b'>';
    let mut words = value.split(ends).filter(|word| word.contains(&b'@'));
    let word = if last { words.next_back() } else { words.next() };
    let text = id_text(word.unwrap_or(value));
    (!text.is_empty()).then_some(text)
}

/// Without brackets and blanks, which folding leaves inside long ids. Bytes that are not UTF-8 become one character
/// each: replacing them all by one could merge two ids.
fn id_text(id: &[u8]) -> String {
    let kept: Vec<u8> =
        id.iter().copied().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'<' && *byte != b'>').collect();
    String::from_utf8(kept).unwrap_or_else(|fault| fault.as_bytes().iter().copied().map(char::from).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};

    #[test]
    fn ids() {
        for (value, first, last) in [
            ("<a@x>", Some("a@x"), Some("a@x")),
            (" <a@x> <b@x>\t<c@x> ", Some("a@x"), Some("c@x")),
            ("Your mail of Monday <a@x>", Some("a@x"), Some("a@x")),
            ("a@x b@x", Some("a@x"), Some("b@x")),
            ("N/A", Some("N/A"), Some("N/A")),
            ("<long @ x>", Some("long@x"), Some("long@x")),
            ("<a@x> <b@", Some("a@x"), Some("a@x")),
            ("<<a@x>>", Some("a@x"), Some("a@x")),
            ("<a@x", Some("a@x"), Some("a@x")),
            ("<> <a@x> <>", Some("a@x"), Some("a@x")),
            ("<>", None, None),
            ("", None, None),
        ] {
            assert_eq!(first_id(value.as_bytes()).as_deref(), first, "{value}");
            assert_eq!(last_id(value.as_bytes()).as_deref(), last, "{value}");
        }
        assert_ne!(first_id(b"<\xe4@x>"), first_id(b"<\xe5@x>"));
    }

    #[test]
    fn long_values_take_one_pass() {
        for unit in ["<", ">", "<>", "<a@x", "a@x ", " ", "@"] {
            let value = unit.repeat((1 << 20) / unit.len());
            let _ = (first_id(value.as_bytes()), last_id(value.as_bytes()));
        }
    }

    proptest! {
        #[test]
        fn ids_hold_neither_brackets_nor_blanks(bytes in vec(prop::sample::select(b"ab@.<> \t\r\n\xc3\xa4".to_vec()), 0..60)) {
            for id in [first_id(&bytes), last_id(&bytes)].into_iter().flatten() {
                prop_assert!(!id.is_empty() && !id.contains(['<', '>', ' ', '\t', '\r', '\n']));
            }
        }
    }
}
