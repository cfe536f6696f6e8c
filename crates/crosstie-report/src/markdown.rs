//! The Markdown twin: the same sentences and tables without charts, one sentence a line, so that it can be diffed.

use crate::document::{Block, Document, Sentence, Table};
use crate::svg::is_unprintable;

pub(crate) fn markdown(document: &Document) -> String {
    let mut out = format!("# {}\n\n{}\n", escaped(&document.title), escaped(&document.subtitle));
    for banner in &document.banners {
        out.push_str(&format!("\n**{}**\n", escaped(banner)));
    }
    for section in &document.sections {
        out.push_str(&format!("\n## {}\n", escaped(&section.title)));
        for block in &section.blocks {
            out.push('\n');
            match block {
                Block::Heading(text) => out.push_str(&format!("### {}\n", escaped(text))),
                Block::Text(text) => out.push_str(&format!("{}\n", sentence(text))),
                Block::List(list) => list.iter().for_each(|item| out.push_str(&format!("- {}\n", sentence(item)))),
                Block::Table(found) => out.push_str(&table(found)),
                Block::Figure(figure) => {
                    out.push_str(&format!("{}\n\n{}", escaped(&figure.caption), table(&figure.table)))
                }
            }
        }
    }
    out.push_str(&format!("\n{}\n", escaped(&document.footer)));
    out
}

fn sentence(sentence: &Sentence) -> String {
    if sentence.lead.is_empty() {
        return escaped(&sentence.text);
    }
    format!("**{}** {}", escaped(&sentence.lead), escaped(&sentence.text))
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
        out.push_str(&line(row.iter().map(|cell| escaped(cell)).collect()));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_no_markup() {
        assert_eq!(escaped("[x](y) <b> a|b\n# c"), "\\[x\\](y) \\<b\\> a\\|b \\# c");
    }
}
