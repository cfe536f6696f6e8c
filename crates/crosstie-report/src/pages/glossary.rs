//! Appendix B: terms with what they mean; the first use of each in the report is linked to it.

use crate::document::{Block, Document, Section, Sentence};
use crate::names::Part;
use crate::words::{self, GLOSSARY};

pub(crate) fn section() -> Section {
    let terms = GLOSSARY.iter().map(|(id, term, _, meaning)| (*id, Sentence::led(*term, *meaning))).collect();
    Section::appendix("glossary", words::TERMS, vec![Block::Terms(terms)])
}

/// Makes a link of the first use of each term on pages 1 to 7, in our own words only: never in a name.
pub(crate) fn link(document: &mut Document) {
    let mut open: Vec<(&'static str, &'static str)> =
        GLOSSARY.iter().flat_map(|(id, _, forms, _)| forms.iter().map(|form| (*id, *form))).collect();
    // Longer forms first, so that a part of one is not taken for another.
    open.sort_by_key(|(_, form)| std::cmp::Reverse(form.len()));
    for section in document.sections.iter_mut().filter(|section| !section.is_appendix) {
        for block in &mut section.blocks {
            let sentences: Vec<&mut Sentence> = match block {
                Block::Text(sentence) => vec![sentence],
                Block::List(list) => list.iter_mut().collect(),
                Block::Figure(figure) => vec![&mut figure.caption],
                Block::Heading(_) | Block::Table(_) | Block::Terms(_) => Vec::new(),
            };
            for sentence in sentences {
                sentence.text = sentence.text.drain(..).flat_map(|part| linked(part, &mut open)).collect();
            }
        }
    }
}

fn linked(part: Part, open: &mut Vec<(&'static str, &'static str)>) -> Vec<Part> {
    let Part::Plain(text) = part else { return vec![part] };
    let found = open.iter().filter_map(|(id, form)| Some((word_at(&text, form)?, *id, form.len())));
    // The first in the text; of two at one place, the longer.
    let Some((at, id, length)) = found.min_by_key(|(at, _, length)| (*at, std::cmp::Reverse(*length))) else {
        return vec![Part::Plain(text)];
    };
    open.retain(|(own, _)| *own != id);
    let (before, rest) = text.split_at(at);
    let (term, after) = rest.split_at(length);
    let mut parts = vec![Part::Plain(before.into()), Part::Term { id, text: term.into() }];
    parts.extend(linked(Part::Plain(after.into()), open));
    parts.retain(|part| !matches!(part, Part::Plain(text) if text.is_empty()));
    parts
}

/// Where a form stands in a text as whole words, whatever the case of its first letter.
fn word_at(text: &str, form: &str) -> Option<usize> {
    let is_letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let lower = text.to_ascii_lowercase();
    lower
        .match_indices(form)
        .map(|(at, _)| at)
        .find(|&at| !is_letter(text[..at].chars().next_back()) && !is_letter(text[at + form.len()..].chars().next()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_whole_word_is_linked() {
        let mut open = vec![("g-silo", "silo"), ("g-silo", "silos"), ("g-odds", "odds")];
        let parts = linked(Part::Plain("Siloed: Silos, silo, odds".into()), &mut open);
        assert_eq!(
            parts,
            [
                Part::Plain("Siloed: ".into()),
                Part::Term { id: "g-silo", text: "Silos".into() },
                Part::Plain(", silo, ".into()),
                Part::Term { id: "g-odds", text: "odds".into() },
            ]
        );
        assert!(open.is_empty());
        assert_eq!(linked(Part::Name("silo".into()), &mut vec![("g-silo", "silo")]), [Part::Name("silo".into())]);
    }
}
