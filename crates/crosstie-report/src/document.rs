//! A report as headings, sentences, tables and charts, before it becomes HTML or Markdown.

use crate::svg::Svg;

/// A whole report.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    pub(crate) title: String,
    pub(crate) subtitle: String,
    /// What must be known before anything else.
    pub(crate) banners: Vec<String>,
    pub(crate) sections: Vec<Section>,
    pub(crate) footer: String,
}

/// A page of it.
#[derive(Clone, Debug)]
pub(crate) struct Section {
    pub(crate) id: &'static str,
    pub(crate) title: String,
    pub(crate) is_appendix: bool,
    pub(crate) blocks: Vec<Block>,
}

/// One thing on a page.
#[derive(Clone, Debug)]
pub(crate) enum Block {
    Heading(String),
    Text(Sentence),
    List(Vec<Sentence>),
    Table(Table),
    Figure(Figure),
}

/// A sentence or a few, with words that stand out in front.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sentence {
    pub(crate) lead: String,
    pub(crate) text: String,
}

impl Sentence {
    pub(crate) fn plain(text: impl Into<String>) -> Sentence {
        Sentence { lead: String::new(), text: kept_together(text.into()) }
    }

    pub(crate) fn led(lead: impl Into<String>, text: impl Into<String>) -> Sentence {
        Sentence { lead: lead.into(), text: kept_together(text.into()) }
    }
}

/// A number stays on one line with its per cent sign.
fn kept_together(text: String) -> String {
    text.replace(" %", "\u{a0}%")
}

/// A table of text.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(crate) caption: String,
    /// Column names, and whether they hold numbers.
    pub(crate) head: Vec<(String, bool)>,
    pub(crate) rows: Vec<Vec<String>>,
}

impl Table {
    /// A table; a column name that begins with `#` holds numbers.
    pub(crate) fn new(caption: &str, head: &[&str], rows: Vec<Vec<String>>) -> Table {
        let head = head.iter().map(|name| (name.trim_start_matches('#').to_string(), name.starts_with('#'))).collect();
        Table { caption: caption.into(), head, rows }
    }

    /// Cells of a row with whether their column holds numbers.
    pub(crate) fn cells<'a>(&'a self, row: &'a [String]) -> impl Iterator<Item = (&'a String, &'a bool)> {
        row.iter().zip(self.head.iter().map(|(_, numeric)| numeric))
    }
}

/// A chart with its table.
#[derive(Clone, Debug)]
pub(crate) struct Figure {
    pub(crate) svg: Svg,
    pub(crate) caption: String,
    pub(crate) table: Table,
}
