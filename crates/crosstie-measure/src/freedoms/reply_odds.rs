//! Whether openers from below are answered as often as others, given who receives them.
//!
//! # Definition
//! `reply_odds_ratio_upward` is the Mantel-Haenszel odds ratio of being answered, strata are receivers, flagged are
//! openers whose sender stands lower in the tree than the receiver. `_in_chain` flags those of them whose receiver is an
//! ancestor, `_out_of_chain` the rest; either is compared with openers that do not go up. 1: rank does not change the
//! chance of an answer.
//!
//! # Undefined when
//! No reporting lines; under 200 flagged openers, or under 20 people who send or receive them.
//!
//! # Reading it
//! Automatic acknowledgements, assistants who answer and answers in tools that were not exported move it. How often
//! coincidence "answers" stands beside it: `placebo_in_chain`, `placebo_other`.
//!
//! # Differs from
//! Shares of answered openers, which mix who writes with whom they write to: busy people answer nobody.
//!
//! # Cost, exactness
//! O(replicates · openers). Exact counts; one division a receiver.
//!
//! # References
//! Mantel & Haenszel 1959, <https://doi.org/10.1093/jnci/22.4.719>.

use super::odds_ratio::{Case, observed_ratio, odds_ratio};
use super::rows::{Indicator, Width};
use super::{CONTRIBUTE, Freedoms, Subject, thinner};
use crate::tree::Tree;
use crosstie_model::tables::FreedomRow;
use crosstie_model::{Grade, Measured, MetricSpec, Opener};
use rayon::prelude::*;

/// Catalogue entry.
pub(crate) const SPEC: MetricSpec = MetricSpec {
    page: include_str!("reply_odds.rs"),
    id: "reply_odds_ratio_upward",
    table: "freedoms",
    columns: &["reply_odds_ratio_upward", "reply_odds_ratio_upward_in_chain", "reply_odds_ratio_upward_out_of_chain"],
    question: "Are openers from below answered as often as others, given who receives them?",
    formula: "Mantel-Haenszel odds ratio of an answer, strata are receivers, flagged are openers from a lower level",
    unit: "odds ratio",
    range: (0.0, f64::INFINITY),
    undefined_when: "no reporting lines, under 200 flagged openers or under 20 people at either end of them, or high / low > 4",
    grade: Grade::B,
    cannot_claim: CONTRIBUTE,
    references: &["Mantel & Haenszel 1959, doi:10.1093/jnci/22.4.719"],
};

/// Openers that an odds ratio is taken over.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Among {
    All,
    /// Without openers that go up to people who are no ancestors.
    Chain,
    /// Without openers that go up to ancestors.
    OutOfChain,
}

const INDICATORS: [(&str, Among); 3] = [
    ("reply_odds_ratio_upward", Among::All),
    ("reply_odds_ratio_upward_in_chain", Among::Chain),
    ("reply_odds_ratio_upward_out_of_chain", Among::OutOfChain),
];

/// Whether one of the two stands above the other.
pub(super) fn is_in_chain(tree: &Tree, opener: &Opener) -> bool {
    tree.path(opener.source, opener.target).is_some_and(|path| path.up == 0 || path.down == 0)
}

fn is_upward(tree: &Tree, opener: &Opener) -> bool {
    tree.level(opener.source) > tree.level(opener.target)
}

/// Openers among which the ratio is taken, sorted by receiver.
pub(super) fn cases(
    freedoms: &Freedoms<'_>,
    tree: Option<&Tree>,
    subject: &Subject,
    among: Among,
    is_flagged: impl Fn(&Tree, &Opener) -> bool,
) -> Vec<Case> {
    let Some(tree) = tree else { return Vec::new() };
    let case = |opener: &Opener| Case { opener: *opener, flagged: is_flagged(tree, opener) };
    let mut cases: Vec<Case> =
        freedoms.openers_of(subject).iter().filter(|opener| counts(tree, opener, among)).map(case).collect();
    cases.sort_by_key(|case| case.opener.target);
    cases
}

/// The odds ratios of all openers: of openers that go up, of those to ancestors, of the rest.
#[must_use]
pub fn upward_reply_odds(tree: &Tree, openers: &[Opener]) -> [Option<f64>; 3] {
    INDICATORS.map(|(_, among)| {
        let counts = |opener: &&Opener| counts(tree, opener, among);
        let case = |opener: &Opener| Case { opener: *opener, flagged: is_upward(tree, opener) };
        let mut cases: Vec<Case> = openers.iter().filter(counts).map(case).collect();
        cases.sort_by_key(|case| case.opener.target);
        observed_ratio(&cases)
    })
}

/// Whether an opener belongs to the comparison: what does not go up always does.
fn counts(tree: &Tree, opener: &Opener, among: Among) -> bool {
    among == Among::All || !is_upward(tree, opener) || (among == Among::Chain) == is_in_chain(tree, opener)
}

pub(super) fn rows(freedoms: &Freedoms<'_>) -> Vec<Measured<FreedomRow>> {
    let people = freedoms.grouping.unit_of.len();
    let of_subject = |subject: &Subject| {
        INDICATORS.map(|(name, among)| {
            let cases = cases(freedoms, freedoms.tree, subject, among, is_upward);
            let numbers = odds_ratio(&cases, freedoms.draws);
            let openers = cases.iter().map(|case| &case.opener);
            let sides = thinner(openers, |opener| freedoms.tree.is_some_and(|tree| is_upward(tree, opener)), people);
            let indicator = Indicator {
                freedom: "contribute",
                name,
                grade: SPEC.grade,
                cannot_claim: CONTRIBUTE,
                by_tree: true,
                people_least: 0,
                width: Width::Odds,
            };
            freedoms.row(&indicator, subject, numbers, sides)
        })
    };
    let found: Vec<_> = freedoms.subjects().par_iter().map(of_subject).collect();
    found.into_iter().flatten().collect()
}
