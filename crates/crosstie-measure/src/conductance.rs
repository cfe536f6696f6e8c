//! Conductance: external weight over the smaller of the two volumes that the border separates.
//!
//! # Definition
//! `X / min(vol, 2W - vol)` with `vol = X + 2I` and all weight W of V. Range [0, 1].
//!
//! # Undefined when
//! The unit or everybody else has no contact, or evidence is not enough.
//!
//! # Reading it
//! It falls with size (correlation -0.79 on email-Eu-core): never rank by it.
//!
//! # Differs from
//! `external_share`, which divides by the contact of the unit alone, and `openness`, which divides by chance.
//!
//! # Cost, exactness
//! O(units) a unit. Exact sums.
//!
//! # References
//! Leskovec, Lang, Dasgupta & Mahoney 2009, <https://doi.org/10.1080/15427951.2009.10129177>.

use crate::expectation::UnitFlows;
use crosstie_model::{Grade, MetricSpec};

/// Catalogue entry.
pub(crate) const SPEC: MetricSpec = MetricSpec {
    page: include_str!("conductance.rs"),
    id: "conductance",
    table: "units",
    columns: &["conductance"],
    question: "How large is the border against what it encloses?",
    formula: "X / min(X + 2I, 2W - X - 2I)",
    unit: "1",
    range: (0.0, 1.0),
    undefined_when: "the unit or everyone else has no contact",
    grade: Grade::B,
    cannot_claim: "that a unit is more closed than a larger one",
    references: &["Leskovec, Lang, Dasgupta & Mahoney 2009, doi:10.1080/15427951.2009.10129177"],
};

pub(crate) fn conductance(flows: &UnitFlows, unit: usize) -> Option<f64> {
    let (outside, inside) = flows.outside_and_inside(unit);
    let volume = outside + 2 * inside;
    let smaller = volume.min(2 * flows.total() - volume);
    (smaller > 0).then(|| outside as f64 / smaller as f64)
}
