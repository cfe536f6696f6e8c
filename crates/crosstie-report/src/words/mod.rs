//! The English of the report, a file a subject. Words describe numbers, never people.

mod certainty;
mod changes;
mod communities;
mod freedoms;
mod glossary;
mod hierarchy;
mod introductions;
mod pages;
mod pairs;
mod policy;
mod privacy;
mod quality;
mod reasons;
mod units;

use crate::numbers::count;

pub(crate) use certainty::{
    LIMITS, NOT_BAD, NOT_SEEN, Planted, RELEASES, SELF_TEST_SILENT, SELF_TEST_SILENT_SHORT, coverage, coverage_line,
    gaps_banner, held_back, held_back_in_short, low_coverage, missing_kind, noise, power, self_test_in_short, withheld,
    withheld_in_short,
};
pub(crate) use changes::{
    CANNOT_CLAIM, NO_COVERAGE, NO_EARLIER, NO_EARLIER_SHORT, NO_WINDOW, OTHER_PLAN, became, changed, compared,
    compared_in_short, differences, goes_on, loose, more_events, reason_of_change, redrawn, silo_name, unreadable,
};
pub(crate) use communities::{COMMUNITIES_ARE_CHOSEN, clustering, community};
pub(crate) use freedoms::{
    ABOUT_FREEDOMS, FREEDOMS, Form, Indicator, freedom_reason, freedoms_in_short, grade_words, no_indicators, said,
    verdict,
};
pub(crate) use glossary::GLOSSARY;
pub(crate) use hierarchy::{NO_HEADS, NO_RELATION, NO_TREE, direct_routing, lift, lift_in_short, relation};
pub(crate) use introductions::{
    NO_INTRODUCTIONS, NO_INTRODUCTIONS_SHORT, NO_PAIR_TO_INTRODUCE, WHAT_ELSE, before_introductions, introduction,
    introduction_in_short, none_of_silos, none_of_silos_in_short,
};
pub(crate) use pages::*;
pub(crate) use pairs::{
    ABOUT_CARRIERS, NO_LINE, NO_PAIR, bridge_candidates, bridges_in_short, dependence, dependence_left,
    lasting_bridges, pair, pairs_against_chance, thin_and_hidden, thin_pairs,
};
pub(crate) use policy::{NO_POLICY, WRITE_A_POLICY, has_policy, policy};
pub(crate) use privacy::{
    ABOUT_TABLES, BALANCE, PSEUDONYMS, READ_AND_NEVER_READ, kept, kept_in_short, least_people, whom_to_ask,
};
pub(crate) use quality::count_name;
pub(crate) use reasons::{INSIDE, NO_UNIT, no_evidence, null_reason};
pub(crate) use units::{
    LEFTOVER, NONE_ALIKE, against_chance, named, no_silo, organization, others, silo_in_short, unit,
};

/// Words in a row: a, b and c.
pub(crate) fn listed(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [some @ .., last] => format!("{} and {last}", some.join(", ")),
    }
}

/// So many pairs of units; of those without contact there is no row, so that the rest is said to be in contact.
pub(crate) fn pairs_of_units(number: u64, is_all: bool) -> String {
    let pairs = counted(number, "pair of units", "pairs of units");
    if is_all { pairs } else { format!("{pairs} in contact") }
}

/// A count with its noun.
pub(crate) fn counted(number: u64, one: &str, several: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{} {several}", count(number as i64)) }
}
