//! S2 and S3: two units against what activity gives, and on how few people their contact rests.

use crate::document::Sentence;
use crate::facts::RunFacts;
use crate::names::name;
use crate::numbers::{carriers_words, count, low_of_log2, ratio_of_log2, ratio_words, top_words};
use crate::words::counted;
use crosstie_model::num::exp2;
use crosstie_model::tables::UnitPairRow;

/// No pair has a number.
pub(crate) const NO_PAIR: &str = "No contact between two units can be shown.";

/// No pair stands out upwards.
pub(crate) const NO_LINE: &str = "No two units have more contact than activity gives by a quarter or more, beyond the interval: no network is drawn.";

/// Said before any pair.
pub(crate) const ABOUT_CARRIERS: &str = "Where few carry the contact between two units, it hangs on their staying. Which people is not shown, nobody is ranked, and what chance gives is not known.";

/// S2: two units against what activity gives.
pub(crate) fn pair(row: &UnitPairRow) -> Option<Sentence> {
    let (log2, high) = (row.log2_ratio?, row.log2_high?);
    let text = format!(
        "{} and {} exchange {} the contact that the activity of their people gives ({} times; 95 % interval {} to {}; {} people carry it).",
        name(&row.unit_a),
        name(&row.unit_b),
        ratio_words(exp2(log2)),
        ratio_of_log2(log2),
        low_of_log2(row.log2_low),
        ratio_of_log2(high),
        carriers_words(row.carriers_band.as_deref()?),
    );
    Some(Sentence::plain(text).of("S2"))
}

/// S3: who carries a pair.
pub(crate) fn dependence(row: &UnitPairRow) -> Option<Sentence> {
    let carriers = row.carriers_band.as_deref()?;
    let mut text = format!(
        "Between {} and {}, {} people on the thinner side carry the reciprocated contact",
        name(&row.unit_a),
        name(&row.unit_b),
        carriers_words(carriers)
    );
    if let Some(top) = row.top_carrier_band.as_deref() {
        text.push_str(&format!("; the most active one carries {}", top_words(top)));
    }
    text.push('.');
    Some(Sentence::plain(text).of("S3"))
}

/// On how many pairs contact rests on few people. Of `left` pairs nothing is told; `hidden` of the thin ones show no more
/// than that they are thin.
pub(crate) fn thin_pairs(thin: u64, told: u64, left: u64, hidden: u64) -> String {
    let mut text = format!(
        "In {}{} of {}, fewer than 10 people on the thinner side, or nobody, carry the reciprocated contact (by chance: not known)",
        if left > 0 { "at least " } else { "" },
        count(thin as i64),
        counted(told + left, "pair of units", "pairs of units"),
    );
    if left > 0 {
        text.push_str(&format!("; {} of the pairs cannot be told", count(left as i64)));
    }
    text.push('.');
    if hidden > 0 {
        let they = if hidden == 1 { "shows nothing else: it" } else { "show nothing else: they" };
        text.push_str(&format!(" {} of these thin pairs {they} may rest on the fewest.", count(hidden as i64)));
    }
    text
}

/// Pairs beyond those drawn.
pub(crate) fn dependence_left(drawn: u64, all: u64, thin: u64) -> String {
    format!(
        "{} of {} stand here, those that show most of themselves first; {} of the others {} on fewer than 10 people: see appendix E.",
        count(drawn as i64),
        counted(all, "pair", "pairs"),
        count(thin as i64),
        if thin == 1 { "rests" } else { "rest" },
    )
}

/// How many people stand out in this window, against chance.
pub(crate) fn bridge_candidates(facts: &RunFacts) -> Option<String> {
    let (bridges, candidates) = (facts.count("bridges"), facts.count("bridge_candidates"));
    (candidates > 0).then(|| {
        format!(
            "{} of {} people with five ties or more off the reporting chain reach more outsiders than their number of ties gives; chance alone would mark about {}.",
            count(bridges as i64),
            count(candidates as i64),
            count((candidates as f64 * 0.05).round() as i64),
        )
    })
}

/// Who stands out in more windows than one.
pub(crate) fn lasting_bridges(facts: &RunFacts) -> String {
    let (bridges, judged) = (facts.count("lasting_bridges"), facts.count("lasting_bridge_candidates"));
    if judged == 0 {
        return "Nobody is marked as a bridge: that takes two windows without a day in common.".into();
    }
    let are = if bridges == 1 { "is" } else { "are" };
    format!(
        "Of {} who can be judged in two windows without a day in common, {} {are} marked as a bridge; chance alone marks under 1 %.",
        counted(judged, "person", "people"),
        count(bridges as i64),
    )
}
