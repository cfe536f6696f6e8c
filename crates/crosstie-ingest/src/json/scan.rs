//! Finds the end of a JSON value by its brackets and strings. No recursion: nesting cannot overflow the stack.

/// Deepest nesting that is read, also in parts that are skipped.
pub(crate) const DEPTH_LIMIT: u32 = 64;

/// A scan that goes on where the last block ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Scan {
    depth: u32,
    in_string: bool,
    escaped: bool,
    /// Whether a bracket or a string was opened at all; else the value is a bare word.
    begun: bool,
}

/// What a scan found in a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// The value ends before this index.
    End(usize),
    /// The block ends within the value.
    More,
    /// A bracket closes what was not opened.
    Bad,
}

impl Scan {
    /// A scan that begins inside `depth` open brackets.
    pub(crate) const fn inside(depth: u32) -> Scan {
        Scan { depth, in_string: false, escaped: false, begun: true }
    }

    /// Goes on in `bytes`; its end is where the first bracket or string that was opened closes, or, of a bare word,
    /// where it stops.
    pub(crate) fn value(&mut self, bytes: &[u8]) -> Found {
        let mut at = 0;
        while at < bytes.len() {
            if self.in_string {
                match self.string(bytes, &mut at) {
                    true if self.depth == 0 => return Found::End(at),
                    true => continue,
                    false => return Found::More,
                }
            }
            match bytes[at] {
                b'"' if self.begun && self.depth == 0 => return Found::Bad,
                b'"' => (self.in_string, self.begun) = (true, true),
                b'{' | b'[' if self.begun && self.depth == 0 => return Found::Bad,
                b'{' | b'[' => {
                    self.depth = self.depth.saturating_add(1);
                    self.begun = true;
                }
                b'}' | b']' if self.depth == 0 => return if self.begun { Found::End(at) } else { Found::Bad },
                b'}' | b']' => {
                    self.depth -= 1;
                    if self.depth == 0 {
                        return Found::End(at + 1);
                    }
                }
                byte if self.depth == 0 && (byte == b',' || byte.is_ascii_whitespace()) => {
                    return if self.begun { Found::End(at) } else { Found::Bad };
                }
                _ => self.begun = true,
            }
            at += 1;
        }
        Found::More
    }

    /// Moves behind the closing quote; false if the block ends before.
    fn string(&mut self, bytes: &[u8], at: &mut usize) -> bool {
        if self.escaped {
            self.escaped = false;
            *at += 1;
        }
        loop {
            let Some(rest) = bytes.get(*at..) else { return false };
            let Some(next) = memchr::memchr2(b'"', b'\\', rest) else {
                *at = bytes.len();
                return false;
            };
            *at += next + 1;
            if bytes[*at - 1] == b'"' {
                self.in_string = false;
                return true;
            }
            if *at == bytes.len() {
                self.escaped = true;
                return false;
            }
            *at += 1;
        }
    }
}

/// Whether a value is nested deeper than [`DEPTH_LIMIT`].
pub(crate) fn is_too_deep(value: &[u8]) -> bool {
    let (mut depth, mut at) = (0u32, 0);
    while let Some(next) = value.get(at..).and_then(memchr_structure) {
        at += next;
        match value[at] {
            b'"' => match skip_string(value, at + 1) {
                Some(end) => at = end,
                None => return false,
            },
            b'{' | b'[' => {
                depth += 1;
                if depth > DEPTH_LIMIT {
                    return true;
                }
                at += 1;
            }
            _ => {
                depth = depth.saturating_sub(1);
                at += 1;
            }
        }
    }
    false
}

fn memchr_structure(bytes: &[u8]) -> Option<usize> {
    bytes.iter().position(|byte| matches!(byte, b'"' | b'{' | b'}' | b'[' | b']'))
}

/// The index behind the quote that closes a string which began before `at`.
fn skip_string(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes[at] == b'"' {
            return Some(at + 1);
        }
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn small_cases() {
        let end = |text: &str| Scan::default().value(text.as_bytes());
        assert_eq!(end(r#"{"a":"]}"} x"#), Found::End(10));
        assert_eq!(end(r#""a\"b" "#), Found::End(6));
        assert_eq!(end("12,"), Found::End(2));
        assert_eq!(end("[1,[2]]"), Found::End(7));
        assert_eq!(end(r#"{"a":1"#), Found::More);
        assert_eq!(end("]"), Found::Bad);
    }

    #[test]
    fn depth_is_counted_outside_strings() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(!is_too_deep(nested(64).as_bytes()));
        assert!(is_too_deep(nested(65).as_bytes()));
        assert!(!is_too_deep(format!("\"{}\"", "[".repeat(100)).as_bytes()));
        assert!(is_too_deep("[".repeat(100_000).as_bytes()));
    }

    proptest! {
        /// A value cut anywhere is found as the whole one is.
        #[test]
        fn blocks_do_not_matter(bytes in proptest::collection::vec(prop::sample::select(b"{}[]\"\\a1, \n".to_vec()), 0..60), cut in 0usize..60) {
            let cut = cut.min(bytes.len());
            let whole = Scan::default().value(&bytes);
            let mut scan = Scan::default();
            let parts = match scan.value(&bytes[..cut]) {
                Found::More => match scan.value(&bytes[cut..]) {
                    Found::End(at) => Found::End(cut + at),
                    other => other,
                },
                other => other,
            };
            prop_assert_eq!(whole, parts);
        }
    }
}
