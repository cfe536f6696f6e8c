//! Challenge: how much people write past their manager, and whether they are answered. Always read as a pair.
//!
//! # Definition
//! `upward_use = log2(share of openers to an ancestor at least 2 levels up / the same by chance)`, recipients exchanged
//! over the openers of a week. `upward_answered` is the Mantel-Haenszel odds ratio of an answer with such openers flagged.
//!
//! # Undefined when
//! Under 20 people, no reporting lines, under 200 openers (100 of them such) or, for answers, under 200 such openers.
//! Left out for units with a single person at some level between their highest and their lowest: there the cell is one
//! person.
//!
//! # Reading it
//! The alarm is use that rises while answers fall. A crisis, or a survey from above that must be answered, moves it; town
//! halls by mail are over the cap and out. Who goes over whose head is the most harmful thing in this data: there is no
//! row below a unit.
//!
//! # Differs from
//! `hierarchy_lift` of skip_up, which counts all messages by weight.
//!
//! # Cost, exactness
//! O(replicates · (openers + weeks · people)). Exact counts.
//!
//! # References
//! Mantel & Haenszel 1959, <https://doi.org/10.1093/jnci/22.4.719>.

use super::flagged_share::{Flag, flagged_shares};
use super::odds_ratio::odds_ratio;
use super::reply_odds::{Among, cases};
use super::rows::{Indicator, Numbers, Width};
use super::{CHALLENGE, Freedoms, Subject, thinner};
use crosstie_model::tables::FreedomRow;
use crosstie_model::{Grade, Measured, MetricSpec, Opener};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Catalogue entry of the use.
pub(crate) const USE_SPEC: MetricSpec = MetricSpec {
    page: include_str!("upward.rs"),
    id: "upward_use",
    table: "freedoms",
    columns: &["upward_use"],
    question: "Do people write past their manager, against what chance gives?",
    formula: "log2(share of openers to an ancestor at least 2 levels up / the same with recipients exchanged within the week)",
    unit: "log2 ratio",
    range: (f64::NEG_INFINITY, f64::INFINITY),
    undefined_when: "under 20 people, no reporting lines, under 100 such openers, or an interval wider than 2",
    grade: Grade::C,
    cannot_claim: CHALLENGE,
    references: &["Mantel & Haenszel 1959, doi:10.1093/jnci/22.4.719"],
};

/// Catalogue entry of the answers.
pub(crate) const ANSWERED_SPEC: MetricSpec = MetricSpec {
    page: include_str!("upward.rs"),
    id: "upward_answered",
    table: "freedoms",
    columns: &["upward_answered"],
    question: "Are openers past the manager answered as often as others, given who receives them?",
    formula: "Mantel-Haenszel odds ratio of an answer, strata are receivers, flagged are openers at least 2 levels up",
    unit: "odds ratio",
    range: (0.0, f64::INFINITY),
    undefined_when: "under 20 people, no reporting lines, under 200 such openers, or high / low > 4",
    grade: Grade::C,
    cannot_claim: CHALLENGE,
    references: &["Mantel & Haenszel 1959, doi:10.1093/jnci/22.4.719"],
};

/// Fewest people of a unit with a number.
const PEOPLE_LEAST: usize = 20;

pub(super) fn rows(freedoms: &Freedoms<'_>) -> Vec<Measured<FreedomRow>> {
    let mut subjects = freedoms.subjects();
    for subject in subjects.iter_mut().filter(|subject| subject.unit.is_some()) {
        if has_a_single_level(freedoms, subject) {
            subject.people.clear();
        }
    }
    let uses = match freedoms.tree {
        Some(tree) => flagged_shares(freedoms, tree, Flag::SkipUp, &subjects),
        None => vec![Numbers::default(); subjects.len()],
    };
    let people = freedoms.grouping.unit_of.len();
    let is_flagged = |opener: &Opener| freedoms.tree.is_some_and(|tree| Flag::SkipUp.holds(tree, opener));
    let of_subject = |(subject, numbers): (&Subject, Numbers)| {
        let indicator = |name, width| Indicator {
            freedom: "challenge",
            name,
            grade: Grade::C,
            cannot_claim: CHALLENGE,
            by_tree: true,
            people_least: PEOPLE_LEAST,
            width,
        };
        let cases =
            cases(freedoms, freedoms.tree, subject, Among::All, |tree, opener| Flag::SkipUp.holds(tree, opener));
        let sides = thinner(cases.iter().map(|case| &case.opener), is_flagged, people);
        let answered = odds_ratio(&cases, freedoms.draws);
        [
            freedoms.row(&indicator("upward_use", Width::Log2), subject, numbers, sides.clone()),
            freedoms.row(&indicator("upward_answered", Width::Odds), subject, answered, sides),
        ]
    };
    let found: Vec<_> = subjects.par_iter().zip(uses).map(of_subject).collect();
    found.into_iter().flatten().collect()
}

/// Whether a level between the highest and the lowest of a unit holds one person alone.
fn has_a_single_level(freedoms: &Freedoms<'_>, subject: &Subject) -> bool {
    let Some(tree) = freedoms.tree else { return false };
    let mut levels: BTreeMap<u32, usize> = BTreeMap::new();
    subject.people.iter().for_each(|&person| *levels.entry(tree.level(person)).or_default() += 1);
    let ends = (levels.keys().min().copied(), levels.keys().max().copied());
    levels.iter().any(|(&level, &count)| count == 1 && Some(level) != ends.0 && Some(level) != ends.1)
}
