//! The E-I index: how much of a unit's contact goes outside, from -1 to 1.
//!
//! # Definition
//! `ei_index = (E - I) / (E + I)` with external weight E and internal weight I of V, which is
//! `2 external_share - 1`; `ei_index_expected = 2 expected_external_share - 1`. So E-I and openness never disagree.
//!
//! # Weights and direction
//! Weights of V; a message counts for the border whichever way it crosses.
//!
//! # Undefined when
//! The unit has no contact, or evidence is not enough.
//!
//! # Reading it
//! Size moves it: a small unit is expected near 1. Read it beside its expectation, never across units of different
//! size.
//!
//! # Differs from
//! Krackhardt & Stern count ties, this sums weight.
//!
//! # Cost, exactness
//! One division a unit. Exact sums.
//!
//! # References
//! Krackhardt & Stern 1988, <https://doi.org/10.2307/2786835>.

use crosstie_model::{Grade, MetricSpec};

/// Catalogue entry.
pub(crate) const SPEC: MetricSpec = MetricSpec {
    page: include_str!("ei_index.rs"),
    id: "ei_index",
    table: "units",
    columns: &["ei_index", "ei_index_expected"],
    question: "How much of the unit's contact goes outside the unit?",
    formula: "(E - I) / (E + I)",
    unit: "1",
    range: (-1.0, 1.0),
    undefined_when: "the unit has no contact in the window, or evidence is not enough",
    grade: Grade::B,
    cannot_claim: "that contact outside the unit is useful, wanted or allowed",
    references: &["Krackhardt & Stern 1988, doi:10.2307/2786835"],
};

/// From an external share.
pub(crate) fn of_share(external_share: f64) -> f64 {
    2.0 * external_share - 1.0
}

#[cfg(test)]
mod tests {
    #[test]
    fn ends_and_middle() {
        for (share, expected) in [(0.0, -1.0), (0.5, 0.0), (1.0, 1.0)] {
            assert!((super::of_share(share) - expected).abs() < f64::EPSILON);
        }
    }
}
