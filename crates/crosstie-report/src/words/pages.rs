//! Titles of pages, headings and captions.

use crate::numbers::count;

pub(crate) const ONE_PAGE: &str = "In one page";
pub(crate) const CLOSED: &str = "Where are we closed?";
pub(crate) const DEPENDENCE: &str = "Who do we depend on to stay connected?";
pub(crate) const HIERARCHY: &str = "Does the hierarchy carry what it should not?";
pub(crate) const FREEDOM: &str = "How free is contact?";
pub(crate) const CHANGES: &str = "What changed?";
pub(crate) const INTRODUCTIONS: &str = "What could we do?";
pub(crate) const CERTAINTY: &str = "How sure is this, and what can it not say?";
pub(crate) const METHOD: &str = "A. Method";
pub(crate) const TERMS: &str = "B. Glossary";
pub(crate) const QUALITY: &str = "C. Data quality";
pub(crate) const PRIVACY: &str = "D. Privacy";
pub(crate) const ALL_TABLES: &str = "E. All tables";
pub(crate) const RUN: &str = "F. This run";

pub(crate) const OPENNESS_CAPTION: &str =
    "Openness of each unit against chance, with its 95 % interval; S and a double ring mark a silo.";
pub(crate) const MATRIX_CAPTION: &str =
    "Contact between units against chance; units that exchange much stand together.";
pub(crate) const BRIDGES_CAPTION: &str =
    "People who carry the reciprocated contact on the thinner side, and the band of the most active one's share.";
pub(crate) const NETWORK_CAPTION: &str =
    "Lines join units with more contact than chance gives, up to three a unit; the area is the number of people.";
pub(crate) const LIFT_CAPTION: &str = "Contact by relation, in multiples of what chance gives.";
pub(crate) const DECAY_CAPTION: &str = "The same by distance in the reporting tree.";
pub(crate) const FREEDOMS_CAPTION: &str = "Indicators about everybody: a dot with its 95 % interval, a stroke for chance, an axis of its own, a letter for its grade.";
pub(crate) const TRENDS_CAPTION: &str =
    "Openness in windows without a day in common, with its 95 % interval; the line is chance.";
pub(crate) const CALENDAR_CAPTION: &str = "What each source holds, by week.";

/// A chart that holds the units with most people alone.
pub(crate) fn largest_only(drawn: usize, all: usize) -> String {
    format!(" Drawn are the {drawn} units with most people, of {}.", count(all as i64))
}

/// The chart on page 1 holds the most closed alone.
pub(crate) fn most_closed_only(drawn: usize, all: usize) -> String {
    format!(" Drawn are the {drawn} most closed of {} units.", count(all as i64))
}

/// Silos beyond those on page 1.
pub(crate) fn more_silos(more: usize) -> String {
    if more == 1 {
        "1 more unit is marked as a silo: see the next page.".into()
    } else {
        format!("{more} more units are marked as silos: see the next page.")
    }
}

/// Communities beyond those said.
pub(crate) fn more_communities(more: u64) -> String {
    format!("{}: see appendix E.", super::counted(more, "more is as firm", "more are as firm"))
}
