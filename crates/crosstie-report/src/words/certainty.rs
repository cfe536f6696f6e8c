//! S9, S10 and R2: what was read, how much is noise, what is withheld, and what none of it can say.

use crate::document::Sentence;
use crate::facts::{RunFacts, SourceFacts};
use crate::names::name;
use crate::numbers::{count, decimal, low_of_log2, ratio_of_log2};
use crate::words::counted;
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

/// Said in every report: what keeps two of them from telling together what neither tells alone.
pub(crate) const RELEASES: &str = "From one report to the next a number changes only by what many people changed.";

/// There is no self-test to tell of.
pub(crate) const SELF_TEST_SILENT: &str =
    "The self-test found no unit with enough evidence: how large noise is here is not known.";

/// What the report rests on.
pub(crate) fn coverage_line(rows: &[CoverageRow], facts: &RunFacts) -> Sentence {
    let sources = rows.chunk_by(|a, b| a.source == b.source).count();
    let seen: u64 = facts.message_sources(rows).map(|source| source.seen).sum();
    let used: u64 = facts.message_sources(rows).map(|source| source.used).sum();
    Sentence::plain(format!(
        "This report rests on {} between {} of the directory in {}, from {}. Of {} read so far, {} were used.",
        counted(facts.count("messages_in_ties"), "message", "messages"),
        counted(facts.count("people"), "person", "people"),
        counted(facts.weeks(), "week", "weeks"),
        counted(sources as u64, "source", "sources"),
        counted(seen, "record", "records"),
        count(used as i64),
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

/// R2: what is withheld.
pub(crate) fn withheld(facts: &RunFacts) -> Sentence {
    let of = |table: &str| facts.withheld.get(table).copied().unwrap_or(0);
    let (units, pairs) = (of("units"), of("unit_pairs"));
    let others: u64 = facts.withheld.values().sum::<u64>() - units - pairs;
    let more = if others == 0 {
        String::new()
    } else {
        format!(", and {} of the other tables,", counted(others, "row", "rows"))
    };
    let are = if units + pairs + others == 1 { "is" } else { "are" };
    Sentence::plain(format!(
        "{} and {}{more} {are} withheld: too few people stand behind them, one or two make up most of it, or they would reveal what is withheld.",
        counted(units, "unit", "units"),
        counted(pairs, "unit pair", "unit pairs"),
    ))
    .of("R2")
}

/// What the release ledger held back: never which, since that would show that few people changed. `None` where nothing is.
pub(crate) fn held_back(facts: &RunFacts) -> Option<Sentence> {
    let rows = match facts.held_by_ledger {
        0 => return None,
        1 => "1 row of the tables goes".to_string(),
        held => format!("{} rows of the tables go", count(held as i64)),
    };
    Some(Sentence::plain(format!(
        "{rows} on showing the value of an earlier date, since this report and an earlier one together would tell of few people; the column `as_of` names the date."
    )))
}

/// S10: how much openness varies without any border.
pub(crate) fn noise(row: &OrganizationRow) -> Option<Sentence> {
    let (low, high, silos) = (row.low?, row.high?, row.value?);
    let text = format!(
        "With the unit labels dealt out again at random over the same people and messages, the unit farthest from chance lay {} to {} times above or below it. What lies inside that is noise here. A unit was called a silo in {} of 20 dealings.",
        // Close to 1, so two decimals.
        decimal(exp2(low), 2),
        decimal(exp2(high), 2),
        count(silos as i64),
    );
    Some(Sentence::plain(text).of("S10"))
}

/// Whether a unit cut to half its contact would have been seen.
pub(crate) fn power(row: &OrganizationRow) -> Option<Sentence> {
    let (value, high) = (row.value?, row.high?);
    let seen = if high < 0.0 { "would have been seen to lie below chance" } else { "would not have been seen" };
    let text = format!(
        "A unit of middle size, cut to half the contact that chance gives, {seen}: {} times what chance gives (95 % interval {} to {}).",
        ratio_of_log2(value),
        low_of_log2(row.low),
        ratio_of_log2(high),
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
