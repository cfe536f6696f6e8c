//! S7: two units that a colleague of both could bring together, and what to ask first.

use crate::document::Sentence;
use crate::names::name;
use crate::numbers::{carriers_words, count, low_of_log2, ratio_of_log2};
use crate::words::{counted, named};
use crosstie_model::tables::{IntroductionRow, UnitPairRow, UnitRow};

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
pub(crate) const WHAT_ELSE: &str =
    "Only where the answers leave a need: here contact is missing against chance, and colleagues in common could help.";

/// No pair of units has less contact than chance gives, a common contact, and enough people.
pub(crate) const NO_INTRODUCTIONS: &str = "No introduction can be suggested: no two units that can be shown have less contact than chance gives, beyond the interval, and people with a common colleague.";
/// All pairs of units are withheld.
pub(crate) const NO_PAIR_TO_INTRODUCE: &str = "No introduction can be suggested: all pairs of units are withheld.";
/// The same, for page 1.
pub(crate) const NO_INTRODUCTIONS_SHORT: &str = "No introduction can be suggested: no two units that can be shown have less contact than chance gives and colleagues in common.";

/// S7.
pub(crate) fn introduction(row: &IntroductionRow) -> Option<Sentence> {
    let text = format!(
        "Between {} and {}, {} messages fewer passed than chance gives; {} pairs of people there already share a colleague ({} people could introduce them). A count on the observed network, not a forecast.",
        name(&row.unit_a),
        name(&row.unit_b),
        count(row.shortfall?.round() as i64),
        count(row.warm_pairs_count?),
        carriers_words(row.introducers_band.as_deref()?),
    );
    Some(Sentence::plain(text).of("S7"))
}

/// S7 for page 1, with the contact of the two units against chance.
pub(crate) fn introduction_in_short(row: &IntroductionRow, pair: &UnitPairRow) -> Option<Sentence> {
    let text = format!(
        "Contact is missing between {} and {}: {} times chance (95 % interval {} to {}); {} share a colleague.",
        name(&row.unit_a),
        name(&row.unit_b),
        ratio_of_log2(pair.log2_ratio?),
        low_of_log2(pair.log2_low),
        ratio_of_log2(pair.log2_high?),
        counted(row.warm_pairs_count?.unsigned_abs(), "pair of people", "pairs of people"),
    );
    Some(Sentence::plain(text).of("S7"))
}

/// Why no suggestion is about a unit that is marked: of the pairs of such units with others so many are withheld.
pub(crate) fn none_of_silos(pairs: u64, withheld: u64) -> String {
    format!("No suggestion is about a unit marked as a silo: {}.", because(pairs, withheld, "such units"))
}

/// The same for page 1.
pub(crate) fn none_of_silos_in_short(pairs: u64, withheld: u64) -> String {
    format!("No suggestion is about a silo: {}.", because(pairs, withheld, "silos"))
}

fn because(pairs: u64, withheld: u64, of: &str) -> String {
    match withheld {
        0 => format!("no pair of {of} gives one"),
        _ if withheld == pairs => format!("all pairs of {of} are withheld"),
        _ => format!(
            "{} of {} pairs of {of} {} withheld, the rest gives none",
            count(withheld as i64),
            count(pairs as i64),
            if withheld == 1 { "is" } else { "are" }
        ),
    }
}
