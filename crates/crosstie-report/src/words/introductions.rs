//! S7: two units that a colleague of both could bring together, and what to ask first.

use crate::document::Sentence;
use crate::names::name;
use crate::numbers::{carriers_words, count};
use crate::words::named;
use crosstie_model::tables::{IntroductionRow, UnitRow};

/// Silos that are named.
const NAMED: usize = 3;

/// Asked before any introduction, of the units that are marked.
pub(crate) fn before_introductions(silos: &[&UnitRow]) -> String {
    let (are_they, their) = match silos {
        [] => ("is a unit that looks closed".into(), "its"),
        [one] => (format!("is {}", name(&one.unit)), "its"),
        several => (format!("are {}", named(several, NAMED)), "their"),
    };
    format!("Ask first: {are_they} meant to work inward? Is a channel missing? What do {their} people say?")
}

/// Said after the questions.
pub(crate) const WHAT_ELSE: &str = "Only where the answers leave a need for more contact: here it would be easiest.";

/// No pair of units has less contact than its people's activity gives, a common contact, and enough people.
pub(crate) const NO_INTRODUCTIONS: &str = "No two units that can be shown have less contact than the activity of their people gives and people with a common colleague.";

/// S7.
pub(crate) fn introduction(row: &IntroductionRow) -> Option<Sentence> {
    let text = format!(
        "Between {} and {}, {} messages fewer passed than the activity of their people gives; {} pairs of people there already share a colleague ({} people could introduce them). A count on the observed network, not a forecast.",
        name(&row.unit_a),
        name(&row.unit_b),
        count(row.shortfall?.round() as i64),
        count(row.warm_pairs_count?),
        carriers_words(row.introducers_band.as_deref()?),
    );
    Some(Sentence::plain(text).of("S7"))
}
