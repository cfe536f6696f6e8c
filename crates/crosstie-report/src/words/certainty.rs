//! S9, S10 and R2: what was read, how much is noise, what is withheld, and what none of it can say.

use crate::document::Sentence;
use crate::facts::{RunFacts, SourceFacts};
use crate::names::name;
use crate::numbers::{count, decimal};
use crate::pages::Withheld;
use crate::words::{counted, listed, pairs_of_units};
use crosstie_model::num::exp2;
use crosstie_model::tables::{CoverageRow, OrganizationRow};

/// What crosstie never shows, and what it cannot see. Fixed.
pub(crate) const LIMITS: [&str; 5] = [
    "Metadata shows contact, not content, use or tone. Corridors, telephones and tools that were not exported are not seen.",
    "A closed unit is not a bad unit: separation and its churn belong together (Zuzul et al., Management Science 2025).",
    "Over 65 firms, network structure had no clear link with performance, age or industry (Jacobs & Watts, Management Science 2021).",
    "An interval says how much a number hangs on a few people. It does not cover missing channels, a wrong directory, or the choice of the window.",
    "Once a number is a target it can be moved by copying more people in.",
];

/// The same, for page 1.
pub(crate) const NOT_SEEN: &str =
    "This report counts who wrote to whom, not what was written; talk and telephone are not seen.";
pub(crate) const NOT_BAD: &str = "A closed unit is not a bad unit.";

/// Said in every report: what keeps two of them from telling together what neither tells alone.
pub(crate) const RELEASES: &str = "From one report to the next a number changes only by what many people changed.";

/// There is no self-test to tell of.
pub(crate) const SELF_TEST_SILENT: &str =
    "The self-test found no unit with enough evidence: how large noise is here is not known.";

/// The same, for page 1.
pub(crate) const SELF_TEST_SILENT_SHORT: &str = "How large noise is here is not known: the self-test found no unit.";

/// What the report rests on.
pub(crate) fn coverage_line(rows: &[CoverageRow], facts: &RunFacts) -> Sentence {
    let sources = rows.chunk_by(|a, b| a.source == b.source).count();
    Sentence::plain(format!(
        "This report rests on {} among {} from {}.",
        counted(facts.count("messages_in_ties"), "message", "messages"),
        counted(facts.count("people"), "person", "people"),
        counted(sources as u64, "source", "sources"),
    ))
    .of("S9")
}

/// S9: what was read of a source.
pub(crate) fn coverage(source: &SourceFacts, gaps: Option<usize>) -> Sentence {
    let periods = match gaps {
        None => String::new(),
        Some(0) => "; no period lacks data".into(),
        Some(1) => "; 1 period lacks data".into(),
        Some(gaps) => format!("; {gaps} periods lack data"),
    };
    let text = format!(
        "{}: {} records seen; {} used, {} duplicates, {} excluded by policy, {} set aside{periods}.",
        name(&source.name),
        count(source.seen as i64),
        count(source.used as i64),
        count(source.duplicate as i64),
        count(source.excluded_all() as i64),
        count(source.quarantined_all() as i64),
    );
    Sentence::plain(text).of("S9")
}

/// R2: what is withheld and why, or that nothing is; and where it is most of what there is to tell of pairs, that too.
pub(crate) fn withheld(found: Withheld) -> Sentence {
    let why = |them: &str| {
        format!("too few people stand behind {them}, one or two make up most of it, or a hidden number would follow")
    };
    withheld_because(found, &why)
}

/// The same for page 1.
pub(crate) fn withheld_in_short(found: Withheld) -> Sentence {
    withheld_because(found, &|_| "too few people, or a hidden number would follow".into())
}

fn withheld_because(found: Withheld, why: &dyn Fn(&str) -> String) -> Sentence {
    let mut text = withheld_rows(found).map_or_else(nothing_withheld, |(what, is_one)| {
        let (are, them) = if is_one { ("is", "it") } else { ("are", "them") };
        format!("For privacy, {what} {are} withheld: {}.", why(them))
    });
    if found.pairs * 2 > found.all_pairs {
        text.push_str(" So this report says little of contact between units; with larger units it could say more.");
    }
    Sentence::plain(text).of("R2")
}

fn nothing_withheld() -> String {
    "Nothing is withheld for privacy.".into()
}

/// The rows in words, those of which there are any, and whether it is but one; `None` where there are none.
fn withheld_rows(found: Withheld) -> Option<(String, bool)> {
    let Withheld { units, pairs, all_pairs, possible_pairs, insides, others } = found;
    let of_units = pairs_of_units(all_pairs, all_pairs == possible_pairs);
    let of_pairs = match all_pairs == pairs {
        true if pairs == 1 => of_units.replacen('1', "the one", 1),
        true => format!("all {of_units}"),
        false => format!("{} of {of_units}", count(pairs as i64)),
    };
    let rows = [
        (units, counted(units, "unit", "units")),
        (pairs, of_pairs),
        (insides, format!("the contact inside {}", counted(insides, "unit", "units"))),
        (others, counted(others, "row of other tables", "rows of other tables")),
    ];
    let all: u64 = rows.iter().map(|(number, _)| number).sum();
    let said: Vec<String> = rows.into_iter().filter(|(number, _)| *number > 0).map(|(_, words)| words).collect();
    (all > 0).then(|| (listed(&said), all == 1))
}

/// What the release ledger held back: never which, since that would show that few people changed. `None` where nothing is.
pub(crate) fn held_back(facts: &RunFacts) -> Option<Sentence> {
    let rows = held_rows(facts)?;
    Some(Sentence::plain(format!(
        "{rows} on showing the value of an earlier date, since this report and an earlier one together would tell of few people; the column `as_of` names the date."
    )))
}

/// The same, for page 1.
pub(crate) fn held_back_in_short(facts: &RunFacts) -> Option<Sentence> {
    Some(Sentence::plain(format!("{} on showing the value of an earlier date.", held_rows(facts)?)))
}

fn held_rows(facts: &RunFacts) -> Option<String> {
    match facts.held_by_ledger {
        0 => None,
        1 => Some("1 row of the tables goes".into()),
        held => Some(format!("{} rows of the tables go", count(held as i64))),
    }
}

/// S10 for page 1: the silo rule where there is no silo, and where one was made.
pub(crate) fn self_test_in_short(noise: &OrganizationRow, test: Planted) -> Option<Sentence> {
    let silos = noise.value?;
    let text = match test {
        Planted::NoUnit => format!("{UNKNOWN_POWER} no units are alike enough to compare."),
        Planted::NotTried => format!("{} whether a silo would have been was not tried.", trials(silos, ';')),
        Planted::Found(is_found) => {
            format!("{} a unit cut to half of what is usual would {}have been.", trials(silos, ';'), not(is_found))
        }
    };
    Some(Sentence::plain(text).of("S10"))
}

/// What the self-test tells of a silo that it made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Planted {
    /// No unit could be compared with others, so that none was called a silo says nothing.
    NoUnit,
    /// The run is of a version that did not try, or nothing was left to cut.
    NotTried,
    /// Whether it was marked.
    Found(bool),
}

impl Planted {
    /// From the rows of the organization: the one against chance tells whether any unit could be compared.
    pub(crate) fn of(against_chance: Option<&OrganizationRow>, silo: Option<&OrganizationRow>) -> Planted {
        match (silo.and_then(|row| row.value), against_chance.and_then(|row| row.value)) {
            (Some(value), _) => Planted::Found(value > 0.0),
            (None, Some(_)) => Planted::NotTried,
            (None, None) => Planted::NoUnit,
        }
    }
}

const UNKNOWN_POWER: &str = "Whether a silo would have been marked cannot be told:";

fn trials(silos: f64, end: char) -> String {
    format!("With unit labels dealt out again at random, {} of 20 trials marked a silo{end}", count(silos as i64))
}

fn not(is_so: bool) -> &'static str {
    if is_so { "" } else { "not " }
}

/// S10: how much openness varies without any border. Where no unit could be compared with its kind, no silo says nothing.
pub(crate) fn noise(row: &OrganizationRow, test: Planted) -> Option<Sentence> {
    let (low, high, silos) = (row.low?, row.high?, row.value?);
    let but = match test {
        Planted::NoUnit => " That says nothing: no unit could be compared with units like it.",
        _ => "",
    };
    let text = format!(
        "With the unit labels dealt out again at random, the unit farthest from chance lay {} to {} times above or below it. What lies inside that is noise here. A unit was marked as a silo in {} of 20 trials.{but}",
        // Close to 1, so two decimals.
        decimal(exp2(low), 2),
        decimal(exp2(high), 2),
        count(silos as i64),
    );
    Some(Sentence::plain(text).of("S10"))
}

/// Whether a silo would have been marked, and what that does not say.
pub(crate) fn power(test: Planted) -> Option<Sentence> {
    let Planted::Found(is_found) = test else { return None };
    let text = format!(
        "One unit of middle size, cut to half the contact outside that is usual for units like it, would {}have been marked. {}",
        not(is_found),
        if is_found {
            "Smaller units and milder borders can be missed all the same."
        } else {
            "So that a unit is not marked says little here."
        }
    );
    Some(Sentence::plain(text).of("S10"))
}

/// Periods lack data.
pub(crate) fn gaps_banner(gaps: u64) -> String {
    let lack = if gaps == 1 { "period lacks" } else { "periods lack" };
    format!("{} {lack} data: see how sure this is.", count(gaps as i64))
}

/// So many periods lack data that changes are not told.
pub(crate) fn low_coverage(whole: u64, all: u64) -> String {
    format!(
        "Data are whole in {} of {} periods, under 80 %: read all numbers with that in mind; no change is told.",
        count(whole as i64),
        count(all as i64)
    )
}

/// Only one kind of channel was read.
pub(crate) fn missing_kind(missing: &str) -> String {
    let other = if missing == "chat" { "mail" } else { "chat" };
    format!("Only {other} was read: what passes by {missing} is not seen, and a unit that uses it can look closed.")
}
