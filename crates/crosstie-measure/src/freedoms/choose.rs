//! Choose: whether people begin contact beyond what their place in the tree brings along.
//!
//! # Definition
//! `discretionary_openers = log2(share of openers to someone other than manager, reports and people of the same manager /
//! the same by chance)`, recipients exchanged over the openers of a week. Being written to does not count.
//!
//! `self_join_share` and `leave_share` need to know who is a member of a channel, by which the joins that an export
//! withholds can be told. No source is read for it, so they are refused.
//!
//! # Undefined when
//! No reporting lines, under 200 openers, or an interval wider than 2.
//!
//! # Reading it
//! 0: as chance gives. Below 0 is usual: work is with those nearby.
//!
//! # Differs from
//! `hierarchy_lift`, which counts all contact by weight and each relation alone.
//!
//! # Cost, exactness
//! O(replicates · (openers + weeks · people)). Exact counts.
//!
//! # References
//! Krackhardt & Hanson 1993, Harvard Business Review 71(4), ISSN 0017-8012.

use super::flagged_share::{Flag, flagged_shares};
use super::rows::{Indicator, Numbers, Width};
use super::{CHOOSE, Freedoms, thinner};
use crosstie_model::tables::FreedomRow;
use crosstie_model::{Grade, Measured, MetricSpec, Opener};
use rayon::prelude::*;

/// Catalogue entry.
pub(crate) const DISCRETIONARY_SPEC: MetricSpec = MetricSpec {
    page: include_str!("choose.rs"),
    id: "discretionary_openers",
    table: "freedoms",
    columns: &["discretionary_openers"],
    question: "Do people begin contact beyond manager, reports and peers, against chance?",
    formula: "log2(share of openers to others than manager, reports and people of the same manager / the same by chance)",
    unit: "log2 ratio",
    range: (f64::NEG_INFINITY, f64::INFINITY),
    undefined_when: "no reporting lines, under 200 openers, or an interval wider than 2",
    grade: Grade::D,
    cannot_claim: CHOOSE,
    references: &["Krackhardt & Hanson 1993, Harvard Business Review 71(4), ISSN 0017-8012"],
};

/// Catalogue entry of joins.
pub(crate) const JOINS_SPEC: MetricSpec = MetricSpec {
    page: include_str!("choose.rs"),
    id: "self_join_share",
    table: "freedoms",
    columns: &["self_join_share", "leave_share"],
    question: "Do people join and leave channels by themselves?",
    formula: "joins without an inviter / joins; leaves / members at the start of the window",
    unit: "share",
    range: (0.0, 1.0),
    undefined_when: "always in this version: no source says who is a member, so joins that an export withholds are not known",
    grade: Grade::C,
    cannot_claim: CHOOSE,
    references: &["Krackhardt & Hanson 1993, Harvard Business Review 71(4), ISSN 0017-8012"],
};

pub(super) fn rows(freedoms: &Freedoms<'_>) -> Vec<Measured<FreedomRow>> {
    let subjects = freedoms.subjects();
    let numbers = match freedoms.tree {
        Some(tree) => flagged_shares(freedoms, tree, Flag::Discretionary, &subjects),
        None => vec![Numbers::default(); subjects.len()],
    };
    let people = freedoms.grouping.unit_of.len();
    let is_flagged = |opener: &Opener| freedoms.tree.is_some_and(|tree| Flag::Discretionary.holds(tree, opener));
    let indicator = Indicator {
        freedom: "choose",
        name: "discretionary_openers",
        grade: DISCRETIONARY_SPEC.grade,
        cannot_claim: CHOOSE,
        by_tree: true,
        people_least: 0,
        width: Width::Log2,
    };
    let mut rows: Vec<Measured<FreedomRow>> = subjects
        .par_iter()
        .zip(numbers)
        .map(|(subject, numbers)| {
            let own = freedoms.openers_of(subject).iter();
            freedoms.row(&indicator, subject, numbers, thinner(own, is_flagged, people))
        })
        .collect();
    let joins = |name: &&'static str| Indicator { name, grade: JOINS_SPEC.grade, ..indicator };
    rows.extend(JOINS_SPEC.columns.iter().map(|name| freedoms.no_data(&joins(name))));
    rows
}
