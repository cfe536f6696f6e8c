//! The elements of a top-level JSON array as spans, with an account of every byte; nothing is parsed but brackets
//! and strings.

use std::ops::Range;

/// What a file that should be a JSON array is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Elements {
    /// The elements, in order.
    pub(crate) spans: Vec<Range<usize>>,
    /// Whether the array ended, with nothing but blanks after it.
    pub(crate) whole: bool,
}

/// Deepest nesting that is followed; what lies deeper is damage.
const DEPTH_LIMIT: usize = 64;

/// Splits `bytes`. Blanks, commas and the outer brackets lie between the spans.
pub(crate) fn elements(bytes: &[u8]) -> Elements {
    let mut spans = Vec::new();
    let mut at = skip_blanks(bytes, 0);
    if bytes.get(at) != Some(&b'[') {
        return Elements { spans, whole: false };
    }
    at = skip_blanks(bytes, at + 1);
    loop {
        if bytes.get(at) == Some(&b']') {
            return Elements { spans, whole: skip_blanks(bytes, at + 1) == bytes.len() };
        }
        let Some(end) = value_end(bytes, at) else { return Elements { spans, whole: false } };
        spans.push(at..end);
        at = skip_blanks(bytes, end);
        match bytes.get(at) {
            Some(b',') => at = skip_blanks(bytes, at + 1),
            Some(b']') => {}
            _ => return Elements { spans, whole: false },
        }
    }
}

fn skip_blanks(bytes: &[u8], at: usize) -> usize {
    at + bytes[at..].iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

/// Where the value that begins at `at` ends; `None` if it does not.
fn value_end(bytes: &[u8], at: usize) -> Option<usize> {
    let mut depth = 0usize;
    let mut scan = at;
    while let Some(&byte) = bytes.get(scan) {
        match byte {
            b'"' => {
                scan += 1;
                loop {
                    match bytes.get(scan)? {
                        b'"' => break,
                        b'\\' => scan += 2,
                        _ => scan += 1,
                    }
                }
                if depth == 0 {
                    return Some(scan + 1);
                }
            }
            b'{' | b'[' => {
                depth += 1;
                if depth > DEPTH_LIMIT {
                    return None;
                }
            }
            b'}' | b']' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(scan + 1);
                }
            }
            b',' if depth == 0 => return (scan > at).then_some(scan),
            _ => {}
        }
        scan += 1;
        if depth == 0 && matches!(bytes.get(scan), Some(b']')) {
            return Some(scan); // a bare number or word at the end of the array
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> (Vec<&str>, bool) {
        let found = elements(text.as_bytes());
        (found.spans.into_iter().map(|span| &text[span]).collect(), found.whole)
    }

    #[test]
    fn small_cases() {
        assert_eq!(
            split(r#" [ {"a":"]}"} , {"b":[1,{"c":2}]} ] "#),
            (vec![r#"{"a":"]}"}"#, r#"{"b":[1,{"c":2}]}"#], true)
        );
        assert_eq!(split("[]"), (vec![], true));
        assert_eq!(split(r#"[{"a":"\""}]"#), (vec![r#"{"a":"\""}"#], true));
        assert_eq!(split(r#"[{"a":1}, {"b""#), (vec![r#"{"a":1}"#], false));
        assert_eq!(split(r#"{"a":1}"#), (vec![], false));
        assert_eq!(split("[1,2]"), (vec!["1", "2"], true));
        assert_eq!(split("[{}] x"), (vec!["{}"], false));
    }

    #[test]
    fn deep_nesting_is_damage_and_no_overflow() {
        let deep = format!("[{}", "[".repeat(100_000));
        assert_eq!(elements(deep.as_bytes()), Elements { spans: vec![], whole: false });
    }
}
