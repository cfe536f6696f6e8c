//! Published tables to one self-contained HTML file with SVG charts, and its Markdown twin.
//!
//! Sentences are made once, in `pages`, so the two cannot disagree. Nothing is measured here: arithmetic is
//! `2^x`, rounding, sorting, counting rows and layout. Nothing is loaded from a network.

mod charts;
#[cfg(test)]
mod checks;
mod document;
mod facts;
mod html;
mod markdown;
mod names;
mod numbers;
mod pages;
mod svg;
mod transparency;
mod words;

use crosstie_privacy::PublishedTables;

pub use facts::{Earlier, RunFacts, SourceFacts};

/// What a report is made of.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// The published tables of the run.
    pub tables: &'a PublishedTables,
    /// What stands beside them.
    pub facts: &'a RunFacts,
    /// Earlier runs whose windows have no day in common, each with the one after it; newest first.
    pub earlier: &'a [Earlier],
    /// Dates of earlier runs that would stand there, but whose tables cannot be read.
    pub unreadable: &'a [String],
}

/// A report in all its forms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pages {
    /// `index.html`.
    pub html: String,
    /// `report.md`.
    pub markdown: String,
    /// `transparency.html`: for those whose data are used.
    pub transparency: String,
}

/// Renders a run. Equal input gives equal bytes.
#[must_use]
pub fn render(input: &Input<'_>) -> Pages {
    let document = pages::document(input);
    Pages {
        html: html::html(&document),
        markdown: markdown::markdown(&document),
        transparency: html::html(&transparency::transparency(input.facts, pages::Withheld::of(input))),
    }
}
