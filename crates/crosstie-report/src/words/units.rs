//! S1: a unit, and the organization, against chance and against units of its kind.

use crate::document::Sentence;
use crate::facts::RunFacts;
use crate::names::name;
use crate::numbers::{count, low_of_log2, per_cent, ratio_of_log2, ratio_words};
use crate::pages::is_silo;
use crate::words::{counted, listed};
use crosstie_model::num::exp2;
use crosstie_model::tables::{OrganizationRow, UnitRow};

/// The whole organization against chance; of its people so many have contact, where that is known.
pub(crate) fn organization(
    openness: &OrganizationRow,
    share: &OrganizationRow,
    with_contact: Option<u64>,
    facts: &RunFacts,
) -> Option<Sentence> {
    let (value, high, observed, expected) = (openness.value?, openness.high?, share.value?, share.expected?);
    let verdict = match openness.low {
        _ if high < 0.0 => "Less contact crosses unit borders than by chance",
        Some(low) if low > 0.0 => "More contact crosses unit borders than by chance",
        _ => "What crosses unit borders cannot be told from chance",
    };
    // Near chance the verdict has said it.
    let words = ratio_words(exp2(value));
    let about = match words.strip_suffix(" of") {
        Some(part) if high < 0.0 => format!(", {part}:"),
        _ => ":".into(),
    };
    let all = facts.count("people");
    let text = format!(
        "{} does, {} would by chance ({} times; 95 % interval {} to {}; {}, {}).",
        per_cent(observed),
        per_cent(expected),
        ratio_of_log2(value),
        low_of_log2(openness.low),
        ratio_of_log2(high),
        with_contact.map_or_else(|| people_of(all), |some| some_of(some, all)),
        counted(facts.weeks(), "week", "weeks"),
    );
    Some(Sentence::led(format!("{verdict}{about}"), text).of("S1"))
}

fn people_of(all: u64) -> String {
    format!("{} in the directory", counted(all, "person", "people"))
}

/// People with contact, and all where those are more.
fn some_of(some: u64, all: u64) -> String {
    let people = counted(some, "person", "people");
    if some == all { people } else { format!("{people} with contact, of {}", count(all as i64)) }
}

/// A unit; `None` where evidence is not enough.
pub(crate) fn unit(row: &UnitRow, facts: &RunFacts) -> Option<Sentence> {
    let (share, expected) = (row.external_share?, row.expected_external_share?);
    let is_silo = is_silo(row);
    let verdict = match row.relative_openness {
        _ if is_silo => "keeps to itself more than units like it here",
        None => "has no units like it here to compare with",
        Some(_) if row.relative_openness_low.is_some_and(|low| low > 0.0) => "is more open than units like it here",
        Some(_) => "is about as open as units like it here",
    };
    let people = format!("{}, {}", people(row), counted(facts.weeks(), "week", "weeks"));
    let mut text =
        format!("{} of its contact crosses its border; {} would by chance", per_cent(share), per_cent(expected));
    match (row.openness, row.openness_high) {
        (Some(openness), Some(high)) => text.push_str(&format!(
            ": {} what chance gives ({} times; 95 % interval {} to {}; {people}).",
            ratio_words(exp2(openness)),
            ratio_of_log2(openness),
            low_of_log2(row.openness_low),
            ratio_of_log2(high),
        )),
        // No contact outside at all: the ratio is 0, its interval has no upper end here.
        _ => text.push_str(&format!(": no contact outside was seen, so there is no 95 % interval ({people}).")),
    }
    if let (Some(typical), Some(relative), Some(high)) =
        (row.typical_external_share, row.relative_openness, row.relative_openness_high)
    {
        text.push_str(&format!(
            " For units like it here {} is usual ({} times those odds; {} to {}).",
            per_cent(typical),
            ratio_of_log2(relative),
            low_of_log2(row.relative_openness_low),
            ratio_of_log2(high),
        ));
    }
    if is_silo {
        text.push_str(" It is marked as a silo.");
    }
    Some(Sentence::led(format!("{} {verdict}.", name(&row.unit)), text).of("S1"))
}

fn people(row: &UnitRow) -> String {
    counted(row.people_count.unsigned_abs(), "person", "people")
}

/// Units with evidence that no sentence was spent on.
pub(crate) fn others(number: usize) -> String {
    let number = number as u64;
    let are = if number == 1 { "other unit is" } else { "other units are" };
    format!("{} {are} not named here: see the tables.", count(number as i64))
}

/// A silo on page 1, where the first is followed by others.
pub(crate) fn silo_in_short(row: &UnitRow, is_first: bool) -> Option<Sentence> {
    let (share, expected) = (per_cent(row.external_share?), per_cent(row.expected_external_share?));
    let against = match (row.openness, row.openness_high) {
        (Some(openness), Some(high)) => format!(
            "{} times; 95 % interval {} to {}",
            ratio_of_log2(openness),
            low_of_log2(row.openness_low),
            ratio_of_log2(high)
        ),
        _ => "no contact outside was seen, so there is no 95 % interval".into(),
    };
    let people = people(row);
    let unit = name(&row.unit);
    let typical = row.typical_external_share.map_or_else(String::new, |typical| {
        format!("{} is usual for units of similar size and activity, ", per_cent(typical))
    });
    let said = match is_first {
        true => Sentence::led(
            format!("{unit} is marked as a silo:"),
            format!("{share} of its contact crosses its border; {typical}{expected} by chance ({against}; {people})."),
        ),
        false => Sentence::led(
            format!("{unit} is marked as a silo, too:"),
            format!("{share}, {expected} by chance ({against}; {people})."),
        ),
    };
    Some(said.of("S1"))
}

/// How many units lie below and above chance, whole intervals long, and what to think of that. Of one unit it tells nothing
/// where that is not below.
pub(crate) fn against_chance(told: u64, below: u64, above: u64) -> Option<Sentence> {
    let units = counted(told, "unit", "units");
    let text = match (told, below) {
        (0, _) | (1, 0) => return None,
        (1, _) => format!("The one unit with a number lies below chance, {USUAL}"),
        _ if told == below => format!("All {units} with a number lie below chance, {USUAL}"),
        _ => format!(
            "Of {units} with a number, {} below chance, beyond their intervals, and {} above.",
            if below == 1 { "1 lies".into() } else { format!("{} lie", count(below as i64)) },
            if above == 0 { "none".into() } else { count(above as i64) },
        ),
    };
    Some(Sentence::plain(text))
}

/// What to think of units that are below chance.
const USUAL: &str = "as departments usually do.";

/// In tables, where no unit is alike.
pub(crate) const NONE_ALIKE: &str = "none alike";

/// Said below charts and tables in which what is left of small units stands.
pub(crate) const LEFTOVER: &str =
    "(small units) is no unit of its own: it holds all units too small to show, so it is never called a silo.";

/// No unit is a silo: of `all` units so many have evidence, and so many can be compared with their kind.
pub(crate) fn no_silo(all: usize, judged: usize, compared: usize) -> String {
    let unjudged = match (all - compared) as u64 {
        0 => String::new(),
        left => format!(" {} cannot be judged.", counted(left, "other unit", "other units")),
    };
    let beyond = "more than units like it here, beyond ordinary variety.";
    match (judged, compared) {
        (0, _) => "Whether a unit is a silo cannot be judged: not enough evidence on any.".into(),
        (1, 0) => "Whether a unit is a silo cannot be judged: the one with enough evidence has no units like it here to compare with.".into(),
        (_, 0) => format!(
            "Whether a unit is a silo cannot be judged: of {judged} with enough evidence none has units like it here to compare with."
        ),
        (_, 1) => format!("No unit is marked as a silo: the one that can be compared does not keep to itself {beyond}{unjudged}"),
        _ => format!("No unit is marked as a silo: none of the {compared} that can be compared keeps to itself {beyond}{unjudged}"),
    }
}

/// Names of units, the first few, and how many more.
pub(crate) fn named(units: &[&UnitRow], most: usize) -> String {
    let mut names: Vec<String> = units.iter().take(most).map(|unit| name(&unit.unit)).collect();
    if units.len() > most {
        names.push(format!("{} more", units.len() - most));
    }
    listed(&names)
}
