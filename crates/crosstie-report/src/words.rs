//! The English of the report, in one place. Words describe numbers, never people.

use crate::document::Sentence;
use crate::facts::RunFacts;
use crate::numbers::{carriers_words, count, low_of_log2, per_cent, ratio, ratio_of_log2, ratio_words, top_words};
use crosstie_model::num::exp2;
use crosstie_model::tables::{CommunityRow, HierarchyRow, IntroductionRow, OrganizationRow, UnitPairRow, UnitRow};

/// What crosstie never shows, and what it cannot see. Fixed.
pub(crate) const LIMITS: [&str; 7] = [
    "Metadata shows contact, not content, use or tone. Corridors, telephones and tools that were not exported are not seen.",
    "A closed unit is not a bad unit: separation and its churn belong together (Zuzul et al., Management Science 2025). Is the unit meant to work inward? Is a channel missing from the sources? What do its people say?",
    "Over 65 firms, network structure had no clear link with performance, age or industry (Jacobs & Watts, Management Science 2021).",
    "An interval says how much a number hangs on a few people. It does not cover missing channels, a wrong directory, or the choice of the window.",
    "Departments are no truth about communities, and communities are no truth about departments (Peel et al. 2017).",
    "Once a number is a target it can be moved by copying more people in. Shared weights and reciprocity limit that; they do not end it.",
    "Where an expectation is given, it is what chance alone would give the same people with the same activity in the same weeks.",
];

/// Said in every report: what keeps two of them from telling together what neither tells alone.
pub(crate) const RELEASES: &str = "From one report to the next a number changes only by what many people changed. Where few did, it stays as it was, and the tables say of which date it is.";

/// Where there is no policy file.
pub(crate) const NO_POLICY: &str = "No policy file: not for distribution.";

/// Whether a policy file was read.
pub(crate) fn has_policy(facts: &RunFacts) -> bool {
    !facts.setting("policy.purpose").is_empty()
}

/// What the policy file says.
pub(crate) fn policy(facts: &RunFacts) -> Vec<String> {
    let audience = facts.setting("policy.audience").trim_start_matches('[').trim_end_matches(']');
    let mut said = vec![format!("Purpose: {}.", facts.setting("policy.purpose")), format!("For: {audience}.")];
    match facts.setting("policy.agreement") {
        "" | "(none)" => {}
        agreement => said.push(format!("Agreed on: {agreement}.")),
    }
    let hash = facts.setting("policy.blake3");
    let hash = hash.get(..16).unwrap_or(hash);
    said.push(format!("Holds until {}; policy file {hash}.", facts.setting("policy.expires")));
    said
}

/// S0: the organization against chance.
pub(crate) fn organization(openness: &OrganizationRow, share: &OrganizationRow, facts: &RunFacts) -> Option<Sentence> {
    let (value, observed, expected) = (openness.value?, share.value?, share.expected?);
    let verdict = match (openness.low, openness.high) {
        (_, Some(high)) if high < 0.0 => "There is less contact between units than chance gives.",
        (Some(low), _) if low > 0.0 => "There is more contact between units than chance gives.",
        _ => "There is about as much contact between units as chance gives.",
    };
    let text = format!(
        "Across the organization, {} of contact crosses unit borders; {} would by chance, given how active people are: {} what chance gives ({} times; 95 % interval {} to {}; {} people, {} weeks).",
        per_cent(observed),
        per_cent(expected),
        ratio_words(exp2(value)),
        ratio_of_log2(value),
        low_of_log2(openness.low),
        openness.high.map_or_else(|| "unknown".into(), ratio_of_log2),
        count(facts.count("people") as i64),
        facts.weeks(),
    );
    Some(Sentence::led(verdict, text))
}

/// S1: a unit against chance and against units of its kind.
pub(crate) fn unit(row: &UnitRow, facts: &RunFacts) -> Option<Sentence> {
    let (share, expected) = (row.external_share?, row.expected_external_share?);
    let is_silo = row.silo == Some(true);
    let verdict = match row.relative_openness {
        _ if is_silo => "keeps to itself more than units like it here",
        None => "has no units like it here to compare with",
        Some(_) if row.relative_openness_low.is_some_and(|low| low > 0.0) => "is more open than units like it here",
        Some(_) => "is about as open as units like it here",
    };
    let mut text = format!(
        "{} of its contact crosses its border; {} would by chance, given how active its people are",
        per_cent(share),
        per_cent(expected)
    );
    match (row.openness, row.openness_high) {
        (Some(openness), Some(high)) => text.push_str(&format!(
            ": {} what chance gives ({} times; 95 % interval {} to {}; {} people, {} weeks).",
            ratio_words(exp2(openness)),
            ratio_of_log2(openness),
            low_of_log2(row.openness_low),
            ratio_of_log2(high),
            count(row.people_count),
            facts.weeks(),
        )),
        _ => text.push_str(&format!(" ({} people, {} weeks).", count(row.people_count), facts.weeks())),
    }
    if let (Some(typical), Some(relative), Some(high)) =
        (row.typical_external_share, row.relative_openness, row.relative_openness_high)
    {
        text.push_str(&format!(
            " Units of its kind in this organization: {} ({} times their odds; {} to {}).",
            per_cent(typical),
            ratio_of_log2(relative),
            low_of_log2(row.relative_openness_low),
            ratio_of_log2(high),
        ));
    }
    if is_silo {
        text.push_str(" It is marked as a silo.");
    }
    Some(Sentence::led(format!("{} {verdict}.", row.unit), text))
}

/// R1: why a unit has no number.
pub(crate) fn no_evidence(row: &UnitRow, facts: &RunFacts) -> String {
    let reason = match row.evidence.as_str() {
        "few_events" => {
            format!("fewer than {} messages, or an interval that cannot be told", facts.setting("silos.min_messages"))
        }
        "coverage_gap" => "too many weeks without data in a source".into(),
        "self_test_failed" => "the self-test on this data failed".into(),
        "wide_interval" => "an interval wider than a factor of 4".into(),
        // Too few people and the protection of another number are one reason.
        _ => "withheld".into(),
    };
    format!("Not enough evidence on {}: {reason}. No number is shown.", row.unit)
}

/// No unit is a silo.
pub(crate) fn no_silo(judged: usize, compared: usize) -> String {
    match (judged, compared) {
        (0, _) => "Not enough evidence on any unit: no unit can be called closed or open.".into(),
        (_, 0) => format!(
            "No unit is marked as a silo: of {judged} with enough evidence none has units like it here to compare with."
        ),
        _ => format!(
            "No unit is marked as a silo: none of the {compared} that can be compared keeps to itself more than units like it here, beyond ordinary variety."
        ),
    }
}

/// S2: two units against what activity gives.
pub(crate) fn pair(row: &UnitPairRow) -> Option<String> {
    let (log2, high) = (row.log2_ratio?, row.log2_high?);
    Some(format!(
        "{} and {} exchange {} the contact that the activity of their people gives ({} times; 95 % interval {} to {}; {} people carry it).",
        row.unit_a,
        row.unit_b,
        ratio_words(exp2(log2)),
        ratio_of_log2(log2),
        low_of_log2(row.log2_low),
        ratio_of_log2(high),
        carriers_words(row.carriers_band.as_deref()?),
    ))
}

/// S3: who carries a pair.
pub(crate) fn dependence(row: &UnitPairRow) -> Option<String> {
    let carriers = row.carriers_band.as_deref()?;
    let mut text = format!(
        "Between {} and {}, {} people on the thinner side carry the reciprocated contact",
        row.unit_a,
        row.unit_b,
        carriers_words(carriers)
    );
    if let Some(top) = row.top_carrier_band.as_deref() {
        text.push_str(&format!("; the most active one carries {}", top_words(top)));
    }
    text.push('.');
    Some(text)
}

/// The words of a relation.
pub(crate) fn relation(name: &str) -> &'static str {
    match name {
        "manager_to_report" => "from managers to their reports",
        "report_to_manager" => "from reports to their managers",
        "siblings" => "between people with one manager",
        "skip_up" => "upward past the own manager",
        "skip_down" => "downward past the direct reports",
        "cross_branch" => "across branches of the tree",
        "other_tree" => "between separate trees",
        "distance_1" => "at 1 step in the tree",
        "distance_2" => "at 2 steps",
        "distance_3" => "at 3 steps",
        "distance_4" => "at 4 steps",
        "distance_5" => "at 5 steps",
        _ => "at 6 steps and more",
    }
}

/// S4: contact in a relation.
pub(crate) fn lift(row: &HierarchyRow) -> Option<String> {
    let (lift, high) = (row.lift?, row.lift_high?);
    Some(format!(
        "Contact {} is {} times what the activity of those people gives (95 % interval {} to {}).",
        relation(&row.relation),
        ratio(lift),
        ratio(row.lift_low.unwrap_or(0.0)),
        ratio(high),
    ))
}

/// S5: whether contact goes past unit heads.
pub(crate) fn direct_routing(row: &OrganizationRow) -> Option<String> {
    let (value, expected, low, high) = (row.value?, row.expected?, row.low?, row.high?);
    Some(format!(
        "{} of contact between units has no unit head at either end (95 % interval {} to {}); {} is expected by chance.",
        per_cent(value),
        per_cent(low),
        per_cent(high),
        per_cent(expected),
    ))
}

/// S8: a community. Where naming the mixture would count a few people, it is not named.
pub(crate) fn community(row: &CommunityRow) -> Option<String> {
    let from = match (row.units_count, row.main_unit_share, row.main_unit.as_deref()) {
        (Some(1), _, Some(unit)) => format!(", all from {unit},"),
        (Some(units), Some(share), Some(unit)) => {
            format!(" from {} units, {} of them from {unit},", count(units), per_cent(share))
        }
        (_, _, Some(unit)) => format!(", most of them from {unit},"),
        _ => " from several units".into(),
    };
    Some(format!(
        "A community of {} people{from} keeps {} of its contact inside ({} would stay by chance); two of its members were together again in {} of restarts, and it was found at {} of 4 resolutions.",
        count(row.people_count?),
        per_cent(row.internal_share?),
        per_cent(row.expected_internal_share?),
        per_cent(row.stability?),
        row.persistence_count?,
    ))
}

/// S9: what was read of a source.
pub(crate) fn coverage(source: &crate::facts::SourceFacts, gaps: Option<usize>) -> String {
    let periods = match gaps {
        None => String::new(),
        Some(0) => "; no period lacks data".into(),
        Some(1) => "; 1 period lacks data".into(),
        Some(gaps) => format!("; {gaps} periods lack data"),
    };
    format!(
        "{}: {} records seen; {} used, {} duplicates, {} excluded by policy, {} set aside{periods}.",
        source.name,
        count(source.seen as i64),
        count(source.used as i64),
        count(source.duplicate as i64),
        count(source.excluded.values().sum::<u64>() as i64),
        count(source.quarantined.values().sum::<u64>() as i64),
    )
}

/// A count with its noun.
pub(crate) fn counted(number: u64, one: &str, several: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{} {several}", count(number as i64)) }
}

/// Who stands out in more windows than one.
pub(crate) fn lasting_bridges(facts: &RunFacts) -> String {
    let (bridges, judged) = (facts.count("lasting_bridges"), facts.count("lasting_bridge_candidates"));
    if judged == 0 {
        return "Nobody is marked as a bridge: that takes two windows without a day in common.".into();
    }
    let are = if bridges == 1 { "is" } else { "are" };
    format!(
        "Of {} who can be judged in at least two windows without a day in common, {} {are} marked as a bridge, having stood out in two of them; chance alone marks under 1 %.",
        counted(judged, "person", "people"),
        count(bridges as i64),
    )
}

/// R2: what is withheld.
pub(crate) fn withheld(facts: &RunFacts) -> String {
    let of = |table: &str| facts.withheld.get(table).copied().unwrap_or(0);
    format!(
        "{}, {}, {}, {} on the hierarchy, {} on the freedoms, {} on introductions and {} on trends are withheld: too few people stand behind them, one or two of them make up most of it, or a row that is hidden would follow from it.",
        counted(of("units"), "unit", "units"),
        counted(of("unit_pairs"), "unit pair", "unit pairs"),
        counted(of("communities"), "community", "communities"),
        counted(of("hierarchy"), "row", "rows"),
        counted(of("freedoms"), "row", "rows"),
        counted(of("introductions"), "row", "rows"),
        counted(of("trends"), "row", "rows"),
    )
}

/// Said before any introduction.
pub(crate) const BEFORE_INTRODUCTIONS: &str =
    "Is the unit meant to work inward? Is a channel missing from the sources? What do its people say?";

/// No pair of units has less contact than its people's activity gives, a common contact, and enough people.
pub(crate) const NO_INTRODUCTIONS: &str = "No two units that can be shown have less contact than the activity of their people gives and people with a common colleague.";

/// S7: two units that a colleague of both could bring together.
pub(crate) fn introduction(row: &IntroductionRow) -> Option<String> {
    Some(format!(
        "Between {} and {}, {} messages fewer passed than the activity of their people gives; {} pairs of people there already share a colleague ({} people could introduce them). A count on the observed network, not a forecast.",
        row.unit_a,
        row.unit_b,
        count(row.shortfall?.round() as i64),
        count(row.warm_pairs_count?),
        carriers_words(row.introducers_band.as_deref()?),
    ))
}

/// S10: how much openness varies without any border.
pub(crate) fn noise(row: &OrganizationRow) -> Option<String> {
    let (low, high, silos) = (row.low?, row.high?, row.value?);
    Some(format!(
        "With the unit labels dealt out again at random over the same people and messages, the unit farthest from chance lay {} to {} times above or below it. What lies inside that is noise here. A unit was called a silo in {} of 20 dealings.",
        ratio_of_log2(low),
        ratio_of_log2(high),
        count(silos as i64),
    ))
}

/// Whether a unit cut to half its contact would have been seen.
pub(crate) fn power(row: &OrganizationRow) -> Option<String> {
    let (value, high) = (row.value?, row.high?);
    let seen = if high < 0.0 { "would have been seen to lie below chance" } else { "would not have been seen" };
    Some(format!(
        "A unit of middle size, cut to half the contact that chance gives, {seen}: {} times what chance gives (95 % interval {} to {}).",
        ratio_of_log2(value),
        low_of_log2(row.low),
        ratio_of_log2(high),
    ))
}

/// The words of a silent directory.
pub(crate) const NO_TREE: &str = "The directory holds no reporting lines: nothing can be said about the hierarchy.";

#[cfg(test)]
mod tests {
    /// Words that a report about people must not use.
    const REFUSED: [&str; 9] =
        ["anonymous", "productive", "best", "worst", "proves", "should", "blame", "key person", "bottleneck"];

    #[test]
    fn refused_words_do_not_occur() {
        let source = include_str!("words.rs");
        let text = source.split("#[cfg(test)]").next().unwrap().to_lowercase();
        for word in REFUSED {
            assert!(!text.contains(word), "{word}");
        }
        // Only the sentence about firms names it.
        assert_eq!(text.matches("performance").count(), 1);
    }
}
