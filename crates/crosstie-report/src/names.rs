//! Names that come from data, kept apart from our own words: between two isolate characters (UAX 9) until they are
//! written as `<bdi>`, or as plain text.

use crosstie_privacy::SMALL_UNITS;
use unicode_segmentation::UnicodeSegmentation;

/// Opens a name.
const OPEN: char = '\u{2068}';
/// Closes it.
const CLOSE: char = '\u{2069}';

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Our own words.
    Plain(String),
    /// A name from the data.
    Name(String),
    /// One of our words, linked to its entry in the glossary.
    Term {
        /// Of the entry, ours.
        id: &'static str,
        /// The word as it stands in the sentence.
        text: String,
    },
}

/// A name as it may stand in a sentence. What is left of small units bears a name of ours.
pub(crate) fn name(text: &str) -> String {
    if text == SMALL_UNITS {
        return text.into();
    }
    format!("{OPEN}{}{CLOSE}", clean(text))
}

/// A name in which every character shows as itself; never empty.
pub(crate) fn clean(text: &str) -> String {
    if text.trim().is_empty() {
        return "(no unit)".into();
    }
    text.chars().map(|c| if is_unprintable(c) { '\u{fffd}' } else { c }).collect()
}

/// Splits a text at its names.
pub(crate) fn parts(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((plain, after)) = rest.split_once(OPEN) {
        let (inner, after) = after.split_once(CLOSE).unwrap_or((after, ""));
        parts.push(Part::Plain(shown(plain)));
        parts.push(Part::Name(shown(inner)));
        rest = after;
    }
    parts.push(Part::Plain(shown(rest)));
    parts.retain(|part| !matches!(part, Part::Plain(text) if text.is_empty()));
    parts
}

/// A text without the marks around its names.
#[cfg(test)]
fn flat(text: &str) -> String {
    text.chars().filter(|&c| c != OPEN && c != CLOSE).collect()
}

/// A text in which every character shows as itself.
pub(crate) fn shown(text: &str) -> String {
    text.chars().map(|c| if is_unprintable(c) { '\u{fffd}' } else { c }).collect()
}

/// Control and direction characters, which could make a name show as another, and characters that are none.
pub(crate) fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}' | '\u{e0000}'..='\u{e007f}')
}

/// The first graphemes of a label, with an ellipsis where it is cut.
pub(crate) fn cut(label: &str, length: usize) -> String {
    let label = clean(label);
    if label.graphemes(true).count() <= length {
        return label;
    }
    label.graphemes(true).take(length - 1).chain(["\u{2026}"]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_part_of_its_own_and_cannot_leave_it() {
        let text = format!("Between {} and {}.", name("a\u{2069}b"), name(" "));
        assert_eq!(
            parts(&text),
            [
                Part::Plain("Between ".into()),
                Part::Name("a\u{fffd}b".into()),
                Part::Plain(" and ".into()),
                Part::Name("(no unit)".into()),
                Part::Plain(".".into()),
            ]
        );
        assert_eq!(flat(&text), "Between a\u{fffd}b and (no unit).");
        assert_eq!(parts("x\u{2068}y"), [Part::Plain("x".into()), Part::Name("y".into())]);
    }

    #[test]
    fn labels_are_cut_between_graphemes() {
        assert_eq!(cut("Plant North", 6), "Plant\u{2026}");
        assert_eq!(cut("Plant", 6), "Plant");
        // Three letters, each with an accent of its own.
        assert_eq!(cut("e\u{301}e\u{301}e\u{301}", 2), "e\u{301}\u{2026}");
    }
}
