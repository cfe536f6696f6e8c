//! How often coincidence "answers": the rate beside which an odds ratio of answers is to be read.
//!
//! # Definition
//! For each opener another contact of its sender is drawn, to whom the sender wrote nothing from 72 hours before to 168
//! hours after; the share of those who write to the sender alone, or reply, within the 168 hours. In the chain of command
//! (`placebo_in_chain`) and elsewhere (`placebo_other`). No interval, no expectation.
//!
//! # Undefined when
//! No reporting lines, or under 200 placebos.
//!
//! # Reading it
//! The higher it is, the less an answer says.
//!
//! # Differs from
//! The share of openers that are answered, which holds this share and the true answers.
//!
//! # Cost, exactness
//! One seeded draw an opener, so another seed gives other placebos.
//!
//! # References
//! Mantel & Haenszel 1959, <https://doi.org/10.1093/jnci/22.4.719>, for the ratio beside which it stands.

use super::reply_odds::is_in_chain;
use super::rows::{COUNTED_LEAST, Indicator, Numbers, Width};
use super::{CONTRIBUTE, Freedoms, Subject, thinner};
use crosstie_model::tables::FreedomRow;
use crosstie_model::{Grade, Measured, MetricSpec, Opener};

/// Catalogue entry.
pub(crate) const SPEC: MetricSpec = MetricSpec {
    page: include_str!("placebo.rs"),
    id: "placebo_answers",
    table: "freedoms",
    columns: &["placebo_in_chain", "placebo_other"],
    question: "How often does somebody write back who was not written to?",
    formula: "share of contacts not written to who write to the sender alone, or reply, within 168 h of an opener to another",
    unit: "share",
    range: (0.0, 1.0),
    undefined_when: "no reporting lines, or under 200 such contacts",
    grade: Grade::B,
    cannot_claim: CONTRIBUTE,
    references: &["Mantel & Haenszel 1959, doi:10.1093/jnci/22.4.719"],
};

pub(super) fn rows(freedoms: &Freedoms<'_>) -> Vec<Measured<FreedomRow>> {
    let people = freedoms.grouping.unit_of.len();
    let everybody = Subject { unit: None, people: (0..people as u32).collect() };
    let of_chain = |(name, in_chain): (&'static str, bool)| {
        let counts = |placebo: &&Opener| freedoms.tree.is_some_and(|tree| is_in_chain(tree, placebo) == in_chain);
        let placebos = freedoms.openers.placebos.iter().filter(counts);
        let (all, answered) = (placebos.clone().count(), placebos.clone().filter(|placebo| placebo.answered).count());
        let mut senders: Vec<u32> = placebos.clone().map(|placebo| placebo.source).collect();
        senders.sort_unstable();
        senders.dedup();
        let numbers = Numbers {
            estimate: (all > 0).then(|| answered as f64 / all as f64),
            people_count: senders.len(),
            events_count: all as u64,
            has_events: all as u64 >= COUNTED_LEAST,
            ..Numbers::default()
        };
        let indicator = Indicator {
            freedom: "contribute",
            name,
            grade: SPEC.grade,
            cannot_claim: CONTRIBUTE,
            by_tree: true,
            people_least: 0,
            width: Width::None,
        };
        freedoms.row(&indicator, &everybody, numbers, thinner(placebos, |placebo| placebo.answered, people))
    };
    [("placebo_in_chain", true), ("placebo_other", false)].map(of_chain).into()
}
