//! The Markdown twin: the same sentences and tables without charts, one sentence a line, so that it can be diffed.

use crate::document::{Block, Document, Figure, Sentence, Table};
use crate::names::{Part, is_unprintable, parts};

pub(crate) fn markdown(document: &Document) -> String {
    let mut out = String::new();
    out.push_str(&format!("# {}\n\n{}\n", written(&document.title.text, false), lines(&document.subtitle)));
    for banner in &document.banners {
        out.push_str(&format!("\n**{}**\n", written(&banner.text, false)));
    }
    for section in &document.sections {
        out.push_str(&format!("\n## {}\n", escaped(section.title)));
        section.blocks.iter().for_each(|block| push(&mut out, block));
    }
    out.push_str(&format!("\n{}\n", lines(&document.footer)));
    out
}

fn push(out: &mut String, block: &Block) {
    // The page itself says what a chart without a table shows.
    if let Block::Figure(Figure { table: None, note: None, .. }) = block {
        return;
    }
    out.push('\n');
    match block {
        Block::Heading(text) => out.push_str(&format!("### {}\n", written(&text.text, false))),
        Block::Text(text) => out.push_str(&format!("{}\n", lines(text))),
        Block::List(list) => {
            list.iter().for_each(|item| out.push_str(&format!("- {}\n", lines(item).replace('\n', "\n  "))));
        }
        Block::Terms(terms) => {
            terms.iter().for_each(|(_, term)| out.push_str(&format!("- {}\n", lines(term).replace('\n', "\n  "))));
        }
        Block::Table(found) => out.push_str(&table(found)),
        Block::Figure(figure) => {
            // The drawing is not here, so neither is what stands below it; what it shows is.
            let shown = figure.table.as_ref().map(|_| figure.svg.finding());
            let lines = shown.into_iter().chain(figure.note).map(|line| format!("{}\n", escaped(line)));
            out.push_str(&lines.collect::<String>());
            if let Some(found) = &figure.table {
                out.push_str(&format!("\n{}", table(found)));
            }
        }
    }
}

/// A sentence a line; words that stand out in front are one.
fn lines(sentence: &Sentence) -> String {
    let text = written(&sentence.text, true);
    if sentence.lead.is_empty() {
        return text;
    }
    format!("**{}**\n{text}", written(&sentence.lead, false))
}

/// Parts with nothing that is markup; of our own words, a sentence a line.
fn written(parts: &[Part], is_split: bool) -> String {
    let part = |part: &Part| match part {
        Part::Name(text) => escaped_name(text),
        Part::Plain(text) if is_split => {
            let lines = escaped(text).replace(". ", ".\n").replace("? ", "?\n");
            // A full stop within a sentence.
            lines.replace("et al.\n", "et al. ")
        }
        Part::Plain(text) | Part::Term { text, .. } => escaped(text),
    };
    parts.iter().map(part).collect()
}

fn table(table: &Table) -> String {
    if table.rows.is_empty() {
        return String::new();
    }
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let mut out = format!("{}\n\n", escaped(&table.caption));
    out.push_str(&line(table.head.iter().map(|(name, _)| escaped(name)).collect()));
    out.push_str(&line(
        table.head.iter().map(|(_, numeric)| if *numeric { "---:".into() } else { "---".into() }).collect(),
    ));
    for row in &table.rows {
        out.push_str(&line(row.iter().map(|cell| written(&parts(cell), false)).collect()));
    }
    if let Some(note) = table.note() {
        out.push_str(&format!("\n{}\n", escaped(&note)));
    }
    out
}

/// Text in which nothing is markup.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' => out.push(' '),
            c if is_unprintable(c) => out.push('\u{fffd}'),
            c if "\\`*_[]<>|#~&!".contains(c) => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

/// A name that neither begins a list nor is taken for an address where readers look for bare ones.
fn escaped_name(text: &str) -> String {
    let text = escaped(text.trim()).replace("://", "\\://").replace('@', "\\@").replace("www.", "www\\.");
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    match text.as_bytes().get(digits) {
        Some(b'-' | b'+' | b'=') if digits == 0 => format!("\\{text}"),
        Some(b'.' | b')') if digits > 0 => format!("{}\\{}", &text[..digits], &text[digits..]),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_no_markup() {
        assert_eq!(escaped("[x](y) <b> a|b\n# c"), "\\[x\\](y) \\<b\\> a\\|b \\# c");
        assert_eq!(escaped_name("- a"), "\\- a");
        assert_eq!(escaped_name("12. http://a@b www.c"), "12\\. http\\://a\\@b www\\.c");
    }
}
