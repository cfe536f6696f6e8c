//! The replicates of the bootstrap, unit by unit, for whoever tests a contrast: on request, restricted.
//!
//! # Definition
//! In each draw of people the external share, its expectation computed anew, and `relative_openness` with the line fitted
//! anew. Equal numbers draw the same people, so differences of units within a draw are draws of the difference.
//!
//! # Undefined when
//! As `openness` and `relative_openness`; no external contact in a draw leaves `relative_openness` null.
//!
//! # Reading it
//! 95 % of the draws of a contrast lie in its interval.
//!
//! # Differs from
//! The intervals in `units`, which are ends of these draws.
//!
//! # Cost, exactness
//! A row a unit and draw.
//!
//! # References
//! Owen 2007, <https://doi.org/10.1214/07-AOAS122>.

use crate::MeasureParams;
use crate::norm::relative_openness;
use crate::openness::{Openness, Units, counting_units, norm_units};
use crate::replicate::{Draws, LANES};
use crate::unit_sums::UnitSums;
use crosstie_model::tables::ReplicateRow;
use crosstie_model::{Grade, Grouping, MetricSpec};

/// Catalogue entry.
pub(crate) const SPEC: MetricSpec = MetricSpec {
    page: include_str!("replicates.rs"),
    id: "replicates",
    table: "replicates",
    columns: &["external_share", "expected_external_share", "relative_openness"],
    question: "What do the draws of people behind the intervals give, unit by unit?",
    formula: "external share, its expectation and relative_openness in each draw of people",
    unit: "share, log2 odds ratio",
    range: (f64::NEG_INFINITY, f64::INFINITY),
    undefined_when: "not asked for by `[measure] keep_replicates`; by column as in units",
    grade: Grade::B,
    cannot_claim: "that contact is useful, wanted, allowed or missed",
    references: &["Owen 2007, doi:10.1214/07-AOAS122"],
};

pub(crate) fn replicate_rows(
    grouping: &Grouping,
    units: Units<'_>,
    openness: &Openness,
    draws: &Draws,
    sums: &[&UnitSums],
    params: &MeasureParams,
) -> Vec<ReplicateRow> {
    let counts = counting_units(&openness.flows, units.people_counts, params);
    let mut rows = Vec::with_capacity(draws.count() * counts.len());
    for (batch, sums) in sums.iter().enumerate() {
        let shares = sums.shares();
        for lane in (0..LANES).filter(|lane| batch * LANES + lane < draws.count()) {
            let share = |unit: usize| (shares.external[unit][lane], shares.expected_external[unit][lane]);
            let relative = relative_openness(&norm_units(&counts, share));
            rows.extend(relative.into_iter().enumerate().map(|(unit, relative_openness)| ReplicateRow {
                grouping: grouping.name.clone(),
                unit: grouping.labels[unit].clone(),
                replicate: (batch * LANES + lane) as i64,
                external_share: share(unit).0,
                expected_external_share: share(unit).1,
                relative_openness: relative_openness.filter(|value| value.is_finite()),
            }));
        }
    }
    rows
}
