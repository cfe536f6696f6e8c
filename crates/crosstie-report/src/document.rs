//! A report as headings, sentences, tables and charts, before it becomes HTML or Markdown.

use crate::names::{Part, parts};
use crate::numbers::count;
use crate::svg::Svg;

/// A whole report.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    pub(crate) title: Sentence,
    pub(crate) subtitle: Sentence,
    /// What must be known before anything else.
    pub(crate) banners: Vec<Sentence>,
    pub(crate) sections: Vec<Section>,
    pub(crate) footer: Sentence,
}

/// A page of it.
#[derive(Clone, Debug)]
pub(crate) struct Section {
    /// Ours, never data.
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
    pub(crate) is_appendix: bool,
    pub(crate) blocks: Vec<Block>,
}

impl Section {
    pub(crate) fn page(id: &'static str, title: &'static str, blocks: Vec<Block>) -> Section {
        Section { id, title, is_appendix: false, blocks }
    }

    /// Words of headings and sentences.
    pub(crate) fn words(&self) -> usize {
        let of = |block: &Block| match block {
            Block::Heading(sentence) | Block::Text(sentence) => sentence.words(),
            Block::List(list) => list.iter().map(Sentence::words).sum(),
            Block::Figure(_) | Block::Table(_) | Block::Terms(_) => 0,
        };
        self.title.split_whitespace().count() + self.blocks.iter().map(of).sum::<usize>()
    }

    pub(crate) fn appendix(id: &'static str, title: &'static str, blocks: Vec<Block>) -> Section {
        Section { id, title, is_appendix: true, blocks }
    }
}

/// One thing on a page.
#[derive(Clone, Debug)]
pub(crate) enum Block {
    Heading(Sentence),
    Text(Sentence),
    List(Vec<Sentence>),
    Table(Table),
    Figure(Figure),
    /// Terms with what they mean, to be linked to.
    Terms(Vec<(&'static str, Sentence)>),
}

impl Block {
    pub(crate) fn heading(text: impl Into<String>) -> Block {
        Block::Heading(Sentence::plain(text))
    }

    pub(crate) fn text(text: impl Into<String>) -> Block {
        Block::Text(Sentence::plain(text))
    }

    /// A list, or nothing where it is empty.
    pub(crate) fn list(sentences: Vec<Sentence>) -> Option<Block> {
        (!sentences.is_empty()).then_some(Block::List(sentences))
    }
}

const WORDS_OF_A_NAME: usize = 2;

/// A sentence or a few, with words that stand out in front.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sentence {
    /// Which kind of sentence, such as S1; empty for our fixed texts.
    pub(crate) kind: &'static str,
    pub(crate) lead: Vec<Part>,
    pub(crate) text: Vec<Part>,
}

impl Sentence {
    pub(crate) fn plain(text: impl Into<String>) -> Sentence {
        Sentence::led("", text)
    }

    pub(crate) fn led(lead: impl Into<String>, text: impl Into<String>) -> Sentence {
        let kept = |text: String| parts(&text.replace(" %", "\u{a0}%"));
        Sentence { kind: "", lead: kept(lead.into()), text: kept(text.into()) }
    }

    pub(crate) fn of(self, kind: &'static str) -> Sentence {
        Sentence { kind, ..self }
    }

    /// Words that are read; a name counts as two, whatever it holds: what a report says does not hang on how units are called.
    pub(crate) fn words(&self) -> usize {
        let of = |part: &Part| match part {
            Part::Name(_) => WORDS_OF_A_NAME,
            Part::Plain(text) | Part::Term { text, .. } => {
                text.split_whitespace().filter(|word| word.contains(char::is_alphanumeric)).count()
            }
        };
        self.lead.iter().chain(&self.text).map(of).sum()
    }

    /// As one line, without marks.
    pub(crate) fn line(&self) -> String {
        let lead = plain(&self.lead);
        if lead.is_empty() { plain(&self.text) } else { format!("{lead} {}", plain(&self.text)) }
    }
}

/// Parts as plain text.
pub(crate) fn plain(parts: &[Part]) -> String {
    parts
        .iter()
        .map(|part| match part {
            Part::Plain(text) | Part::Name(text) | Part::Term { text, .. } => text.as_str(),
        })
        .collect()
}

/// A table of text.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    /// Ours, never data.
    pub(crate) caption: String,
    /// Column names, and whether they hold numbers.
    pub(crate) head: Vec<(String, bool)>,
    /// Cells; names in them are marked.
    pub(crate) rows: Vec<Vec<String>>,
    /// Rows that were left out.
    pub(crate) left_out: usize,
    /// Where they stand.
    pub(crate) rest: &'static str,
}

/// Rows of a table beside a chart.
const BESIDE: usize = 12;
/// Rows of any table.
pub(crate) const MOST_ROWS: usize = 500;

impl Table {
    /// A table; a column name that begins with `#` holds numbers.
    pub(crate) fn new<R>(caption: impl Into<String>, head: &[&str], rows: R) -> Table
    where
        R: IntoIterator<Item = Vec<String>, IntoIter: ExactSizeIterator>,
    {
        let head = head.iter().map(|name| (name.trim_start_matches('#').to_string(), name.starts_with('#'))).collect();
        let rows = rows.into_iter();
        // Those that are left out are not even written.
        let left_out = rows.len().saturating_sub(MOST_ROWS);
        Table {
            caption: caption.into(),
            head,
            rows: rows.take(MOST_ROWS).collect(),
            left_out,
            rest: "in the folder data",
        }
    }

    /// As it stands beside a chart; all rows stand in appendix E.
    pub(crate) fn beside(mut self) -> Table {
        // Appendix E holds so many.
        self.rest = if self.left_out > 0 { self.rest } else { "in appendix E" };
        self.shorten(BESIDE);
        self
    }

    fn shorten(&mut self, most: usize) {
        self.left_out += self.rows.len().saturating_sub(most);
        self.rows.truncate(most);
    }

    /// What is said below it where rows were left out.
    pub(crate) fn note(&self) -> Option<String> {
        (self.left_out > 0).then(|| {
            let rows = if self.left_out == 1 { "row is" } else { "rows are" };
            format!("{} more {rows} {}.", count(self.left_out as i64), self.rest)
        })
    }

    /// Cells of a row as parts, with whether their column holds numbers.
    pub(crate) fn cells<'a>(&'a self, row: &'a [String]) -> impl Iterator<Item = (Vec<Part>, bool)> + 'a {
        row.iter().zip(&self.head).map(|(cell, (_, numeric))| (parts(cell), *numeric))
    }
}

/// A chart, with its table beside it where it has one of its own.
#[derive(Clone, Debug)]
pub(crate) struct Figure {
    pub(crate) svg: Svg,
    pub(crate) caption: Sentence,
    /// What must be known to read it and its table.
    pub(crate) note: Option<&'static str>,
    /// A chart without a table shows what sentences of its page say.
    pub(crate) table: Option<Table>,
}
