//! S2 and S3: two units against chance, and on how few people their contact rests.

use crate::document::Sentence;
use crate::facts::RunFacts;
use crate::names::name;
use crate::numbers::{carriers_words, count, low_of_log2, ratio_of_log2, ratio_words, top_words};
use crate::words::{counted, pairs_of_units};
use crosstie_model::num::exp2;
use crosstie_model::tables::UnitPairRow;

/// Share of people whom chance alone lets stand out as bridges in one window.
const BRIDGES_BY_CHANCE: f64 = 0.05;

/// Share of 95 % intervals that leave a true value by chance.
const INTERVALS_BY_CHANCE: f64 = 0.05;

/// No pair has a number.
pub(crate) const NO_PAIR: &str = "No contact between two units can be shown.";

/// No pair stands out upwards.
pub(crate) const NO_LINE: &str = "No two units that can be shown have more contact than chance gives by a quarter or more, beyond the interval: no network is drawn.";

/// Said before any pair.
pub(crate) const ABOUT_CARRIERS: &str = "Where few carry the contact between two units, it hangs on their staying. Which people is not shown, and nobody is ranked.";

/// S2: two units against chance.
pub(crate) fn pair(row: &UnitPairRow) -> Option<Sentence> {
    let (log2, high) = (row.log2_ratio?, row.log2_high?);
    let text = format!(
        "{} and {} exchange {} the contact that chance gives ({} times; 95 % interval {} to {}; {} people carry it).",
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

/// How many pairs lie below and above chance, and how many intervals of 95 % leave it out by themselves.
pub(crate) fn pairs_against_chance(told: u64, below: u64, above: u64) -> Option<String> {
    let number = |number: u64| if number == 0 { "none".into() } else { count(number as i64) };
    (told > 0).then(|| {
        format!(
            "Of {} with an interval, {} {} below chance and {} above, beyond it; chance alone would show about {}.",
            counted(told, "pair of units", "pairs of units"),
            number(below),
            if below == 1 { "lies" } else { "lie" },
            number(above),
            count((told as f64 * INTERVALS_BY_CHANCE).round() as i64),
        )
    })
}

/// S3: who carries a pair.
pub(crate) fn dependence(row: &UnitPairRow) -> Option<Sentence> {
    let (a, b) = (name(&row.unit_a), name(&row.unit_b));
    let text = match (row.carriers_band.as_deref(), row.top_carrier_band.as_deref()) {
        (Some(carriers), top) => format!(
            "Between {a} and {b}, {} people on the thinner side carry the reciprocated contact{}.",
            carriers_words(carriers),
            top.map_or_else(String::new, |top| format!("; the most active one carries {}", top_words(top))),
        ),
        (None, Some(top)) => format!(
            "Between {a} and {b}, the most active one carries {} of the reciprocated contact; how many people do is withheld.",
            top_words(top)
        ),
        (None, None) => return None,
    };
    Some(Sentence::plain(text).of("S3"))
}

/// On how many pairs contact rests on few people; of `left` pairs nothing is told.
pub(crate) fn thin_pairs(thin: u64, told: u64, left: u64, is_all: bool) -> String {
    let pairs = pairs_of_units(told + left, is_all);
    let of = match () {
        () if left > 0 => format!("at least {} of {pairs}", count(thin as i64)),
        () if thin == told && thin > 1 => format!("all {pairs}"),
        () => format!("{} of {pairs}", count(thin as i64)),
    };
    format!(
        "In {of}, fewer than 10 people on the thinner side, or nobody, carry the reciprocated contact (chance: not known{}).",
        if left > 0 { format!("; {} cannot be told", counted(left, "pair", "pairs")) } else { String::new() },
    )
}

/// Thin pairs that show no more than that they are thin.
pub(crate) fn thin_and_hidden(thin: u64, hidden: u64) -> Option<String> {
    let they = if hidden == 1 { "shows nothing else: it" } else { "show nothing else: they" };
    match hidden {
        0 => None,
        _ if hidden == thin => Some("Of these thin pairs no more is shown.".into()),
        _ => Some(format!("{} of these thin pairs {they} may rest on the fewest.", count(hidden as i64))),
    }
}

/// Pairs beyond those drawn.
pub(crate) fn dependence_left(drawn: u64, all: u64, thin: u64) -> String {
    format!(
        "{} of {} stand here, those that show most of themselves first; {} of the others {} on fewer than 10 people: see the tables.",
        count(drawn as i64),
        counted(all, "pair", "pairs"),
        count(thin as i64),
        if thin == 1 { "rests" } else { "rest" },
    )
}

/// How many people stand out in this window, against chance.
pub(crate) fn bridge_candidates(facts: &RunFacts) -> Option<String> {
    stand_out(facts, " with five ties or more off the reporting chain")
}

/// The same for page 1.
pub(crate) fn bridges_in_short(facts: &RunFacts) -> Option<String> {
    stand_out(facts, "")
}

fn stand_out(facts: &RunFacts, of_which: &str) -> Option<String> {
    let (bridges, candidates) = (facts.count("bridges"), facts.count("bridge_candidates"));
    let by_chance = candidates as f64 * BRIDGES_BY_CHANCE;
    // Counts vary by their root: twice that is still nothing.
    let is_clear = bridges as f64 > by_chance + 2.0 * by_chance.sqrt();
    (candidates > 0).then(|| {
        format!(
            "{} of {}{of_which} {} more people of other units than their number of ties suggests; about {} would by chance (no interval){}.",
            count(bridges as i64),
            counted(candidates, "person", "people"),
            if bridges == 1 { "reaches" } else { "reach" },
            count(by_chance.round() as i64),
            if is_clear { "" } else { ": no clear sign of bridges" },
        )
    })
}

/// Who stands out in more windows than one.
pub(crate) fn lasting_bridges(facts: &RunFacts) -> String {
    let (bridges, judged) = (facts.count("lasting_bridges"), facts.count("lasting_bridge_candidates"));
    if judged == 0 {
        return "Nobody can be marked as a bridge yet: that takes standing out in two windows without a day in common."
            .into();
    }
    let are = if bridges == 1 { "is" } else { "are" };
    format!(
        "Of {} judged in two windows without a day in common, {} {are} marked as a bridge; chance alone marks under 1 %.",
        counted(judged, "person", "people"),
        count(bridges as i64),
    )
}
