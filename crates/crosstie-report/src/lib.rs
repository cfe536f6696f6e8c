//! Published tables to one self-contained HTML file with SVG charts, and its Markdown twin.
//!
//! Sentences are made once, in `build.rs`, so the two cannot disagree. Nothing is measured here: arithmetic is
//! `2^x`, rounding, sorting, counting rows and layout. Nothing is loaded from a network.

mod build;
mod changes;
mod charts;
mod document;
mod facts;
mod freedoms;
mod html;
mod markdown;
mod numbers;
mod order;
mod svg;
mod transparency;
mod words;

use crosstie_privacy::PublishedTables;

pub use facts::{RunFacts, SourceFacts};

/// A report in both forms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pages {
    /// `index.html`.
    pub html: String,
    /// `report.md`.
    pub markdown: String,
    /// `transparency.html`: for those whose data are used.
    pub transparency: String,
}

/// Renders a run. Equal tables and facts give equal bytes.
#[must_use]
pub fn render(tables: &PublishedTables, facts: &RunFacts) -> Pages {
    let document = build::document(tables, facts);
    Pages {
        html: html::html(&document),
        markdown: markdown::markdown(&document),
        transparency: html::html(&transparency::transparency(facts)),
    }
}
