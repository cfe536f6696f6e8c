//! Where the mails of an mbox begin. A line of a body that begins with `From ` is not enough: the separator carries a
//! date of the form of asctime and stands at the start of the file or after an empty line.

use memchr::memchr;
use memchr::memmem;

const WEEKDAYS: [&[u8]; 7] = [b"Mon", b"Tue", b"Wed", b"Thu", b"Fri", b"Sat", b"Sun"];

const MONTHS: [&[u8]; 12] =
    [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];

/// Whether a line, with or without its end, reads `From <word> <asctime date>`. The word may be `-`; list archives
/// write `name at domain` in its place. A zone may stand before or after the year.
pub(crate) fn is_separator(line: &[u8]) -> bool {
    let Some(rest) = line.strip_prefix(b"From ") else { return false };
    let mut words = rest.split(|byte| byte.is_ascii_whitespace()).filter(|word| !word.is_empty());
    if words.next().is_none() {
        return false;
    }
    let mut weekday = words.next();
    if weekday == Some(b"at") {
        words.next();
        weekday = words.next();
    }
    weekday.is_some_and(|word| WEEKDAYS.contains(&word))
        && words.next().is_some_and(|word| MONTHS.contains(&word))
        && words.next().is_some_and(|word| number_in(word, 1, 31))
        && words.next().is_some_and(is_time)
        && is_year_and_zone(words)
}

/// The offset of the next separator line at or after `from`, which is the start of a line.
///
/// `at_start`: `bytes` begins where the file does. `last`: it ends where the file does; if not, a line without its end
/// is not looked at yet, and the caller goes on from the start of that line when it has more bytes. The empty line
/// before a separator is sought in `bytes` too: a block keeps the line before `from`.
pub(crate) fn next_separator(bytes: &[u8], from: usize, at_start: bool, last: bool) -> Option<usize> {
    if from == 0 && at_start && is_whole_separator(bytes, last) {
        return Some(0);
    }
    let scan = from.saturating_sub(1).min(bytes.len());
    memmem::find_iter(&bytes[scan..], b"\nFrom ")
        .map(|at| scan + at + 1)
        .find(|&at| follows_empty_line(&bytes[..at], at_start) && is_whole_separator(&bytes[at..], last))
}

fn is_whole_separator(rest: &[u8], last: bool) -> bool {
    if !rest.starts_with(b"From ") {
        return false;
    }
    match memchr(b'\n', rest) {
        Some(end) => is_separator(&rest[..end]),
        None => last && is_separator(rest),
    }
}

/// Whether the line that ends here is empty.
fn follows_empty_line(before: &[u8], at_start: bool) -> bool {
    before.ends_with(b"\n\n") || before.ends_with(b"\n\r\n") || (at_start && matches!(before, b"\n" | b"\r\n"))
}

fn number_in(word: &[u8], low: u32, high: u32) -> bool {
    let digits = (1..=2).contains(&word.len()) && word.iter().all(u8::is_ascii_digit);
    digits && (low..=high).contains(&word.iter().fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0')))
}

/// `hh:mm` or `hh:mm:ss`.
fn is_time(word: &[u8]) -> bool {
    let mut parts = word.split(|&byte| byte == b':');
    parts.next().is_some_and(|hour| number_in(hour, 0, 23))
        && parts.next().is_some_and(|minute| number_in(minute, 0, 59))
        && parts.next().is_none_or(|second| number_in(second, 0, 60))
        && parts.next().is_none()
}

/// One year of four digits with at most two words of a zone on either side (`MET DST 1996`, `2024 +0100`).
fn is_year_and_zone<'a>(words: impl Iterator<Item = &'a [u8]>) -> bool {
    let (mut year_count, mut zone_count) = (0, 0);
    for word in words {
        if word.len() == 4 && word.iter().all(u8::is_ascii_digit) {
            year_count += 1;
            zone_count = 0;
        } else {
            zone_count += 1;
        }
        if year_count > 1 || zone_count > 2 || !is_zone_or_year(word) {
            return false;
        }
    }
    year_count == 1
}

fn is_zone_or_year(word: &[u8]) -> bool {
    word.len() <= 10 && word.iter().all(|&byte| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};

    const LINE: &str = "From a@example.com Mon Jan  1 00:00:00 2024";

    fn all(text: &str) -> Vec<usize> {
        let mut found = Vec::new();
        let mut from = 0;
        while let Some(at) = next_separator(text.as_bytes(), from, true, true) {
            found.push(at);
            from = at + 1;
        }
        found
    }

    #[test]
    fn lines_that_separate() {
        for line in [
            LINE,
            "From - Mon Jan  1 00:00:00 2024\r\n",
            "From - Mon Jan 01 00:00 2024\n",
            "From 17000@xxx Mon Jan 01 00:00:00 +0000 2024",
            "From a@x Mon Jan  1 00:00:00 PST 2024",
            "From a@x Mon Jan  1 00:00:00 MET DST 1996",
            "From a@x Mon Jan  1 00:00:00 2024 +0100",
            "From a@x Mon Jan  1 00:00:00 2024 EST5EDT",
            "From alice at example.com  Mon Jan  1 00:00:00 2024",
            "From at Mon Jan  1 00:00:00 2024",
        ] {
            assert!(is_separator(line.as_bytes()), "{line}");
        }
    }

    #[test]
    fn lines_that_do_not() {
        for line in [
            "",
            "From ",
            "From here on",
            "From a@x",
            "From: a@x Mon Jan  1 00:00:00 2024",
            ">From a@x Mon Jan  1 00:00:00 2024",
            "from a@x Mon Jan  1 00:00:00 2024",
            "From Mon Jan  1 00:00:00 2024",
            "From a@x Mon Jan 32 00:00:00 2024",
            "From a@x Mon Jan  1 25:00:00 2024",
            "From a@x Mon Jan  1 00:00:00:00 2024",
            "From a@x Mon Jan  1 0 2024",
            "From a@x Mon Jan  1 00:00:00",
            "From a@x Mon Jan  1 00:00:00 2024 2025",
            "From a@x Mon Jan  1 00:00:00 2024 in the long run",
            "From a@x Mon, 1 Jan 2024 00:00:00 +0000",
            "From a b Mon Jan  1 00:00:00 2024",
        ] {
            assert!(!is_separator(line.as_bytes()), "{line}");
        }
    }

    #[test]
    fn t15_separators_stand_at_the_start_or_after_an_empty_line() {
        for end in ["\n", "\r\n"] {
            let text = format!("{LINE}\nA: b\n\nFrom here on\n{LINE}\n\nFrom here on\n\n{LINE}\nA: b");
            let text = text.replace('\n', end);
            assert_eq!(all(&text), [0, text.rfind("From a").unwrap()]);
        }
        assert_eq!(all(&format!("\n{LINE}\n")), [1]);
        assert_eq!(all(&format!("\r\n{LINE}")), [2]);
        assert!(all("no\nmbox\n").is_empty());
        assert_eq!(all(&format!("x\n{LINE}\n\n{LINE}\n")), [LINE.len() + 4], "a preamble without an empty line");
    }

    #[test]
    fn a_block_that_grows() {
        let text = format!("A: b\n\n{LINE}\nC: d\n");
        let bytes = text.as_bytes();
        let end = 6 + LINE.len();
        for cut in 0..=end {
            assert_eq!(next_separator(&bytes[..cut], 0, false, false), None, "{cut}");
        }
        assert_eq!(next_separator(&bytes[..end], 0, false, true), Some(6));
        assert_eq!(next_separator(&bytes[..=end], 0, false, false), Some(6));
        assert_eq!(next_separator(bytes, 6, false, false), Some(6));
        assert_eq!(next_separator(bytes, 7, false, false), None);
        assert_eq!(next_separator(&bytes[6..], 0, false, false), None, "not the start of the file");
        assert_eq!(next_separator(&bytes[5..], 0, false, false), None, "the line before it is not known");
        assert_eq!(next_separator(bytes, bytes.len() + 9, false, true), None);
    }

    #[test]
    fn long_inputs_take_one_pass() {
        for unit in ["\nFrom ", "\n\nFrom ", "\n\nFrom a ", "From ", "\n", "a"] {
            assert_eq!(next_separator(unit.repeat(200_000).as_bytes(), 0, true, true), None);
        }
    }

    proptest! {
        /// Any bytes: no panic, and what is found is a separator.
        #[test]
        fn any_pieces(
            pieces in vec(prop::sample::select(vec!["\n", "\r\n", "From ", LINE, "a", " Mon Jan 1 0:0 2024"]), 0..20),
            from in 0usize..60,
        ) {
            let text = pieces.concat();
            if let Some(at) = next_separator(text.as_bytes(), from, true, true) {
                prop_assert!(at >= from.min(text.len()));
                prop_assert!(is_separator(text[at..].split('\n').next().unwrap().as_bytes()));
            }
        }

        /// Mails come back as they were put together.
        #[test]
        fn splits_what_was_joined(
            bodies in vec(vec("(From here|>From x|[a-z]{0,5})", 0..5), 1..6),
            crlf in any::<bool>(),
        ) {
            let mails: Vec<String> = bodies
                .iter()
                .map(|lines| format!("{LINE}\nA: b\n\n{}\n\n", lines.join("\n")))
                .map(|mail| if crlf { mail.replace('\n', "\r\n") } else { mail })
                .collect();
            let starts: Vec<usize> = (0..mails.len()).map(|index| mails[..index].concat().len()).collect();
            prop_assert_eq!(all(&mails.concat()), starts);
        }
    }
}
