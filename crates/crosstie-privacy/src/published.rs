//! Tables that may leave the house. Nothing but this crate can make one:
//!
//! ```compile_fail
//! let rows: Vec<crosstie_model::tables::MetricRow> = Vec::new();
//! let forged = crosstie_privacy::Published { rows };
//! ```

use crosstie_model::tables::{
    CommunityRow, CoverageRow, FreedomRow, HierarchyRow, IntroductionRow, MetricRow, OrganizationRow, SensitivityRow,
    TrendRow, UnitPairRow, UnitRow,
};
use crosstie_model::{Record, sort_by_key};

/// Rows on which privacy has decided.
#[derive(Clone, Debug, PartialEq)]
pub struct Published<T> {
    rows: Vec<T>,
}

impl<T: Record> Published<T> {
    /// Rows in the order in which they are stored, so that a report made now equals one made from the files.
    pub(crate) fn new(mut rows: Vec<T>) -> Published<T> {
        sort_by_key(&mut rows);
        Published { rows }
    }

    /// The rows.
    #[must_use]
    pub fn rows(&self) -> &[T] {
        &self.rows
    }

    /// Rows read back from a file that was published before: `None` unless the bytes have the hash that the
    /// manifest names, or where they do not decode.
    pub fn reread(bytes: &[u8], blake3: &str, decode: impl FnOnce(&[u8]) -> Option<Vec<T>>) -> Option<Published<T>> {
        let same = blake3::hash(bytes).to_hex().as_str() == blake3;
        same.then(|| decode(bytes)).flatten().map(Published::new)
    }
}

/// All published tables of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct PublishedTables {
    /// `units`.
    pub units: Published<UnitRow>,
    /// `unit_pairs`.
    pub unit_pairs: Published<UnitPairRow>,
    /// `communities`.
    pub communities: Published<CommunityRow>,
    /// `hierarchy`.
    pub hierarchy: Published<HierarchyRow>,
    /// `freedoms`.
    pub freedoms: Published<FreedomRow>,
    /// `introductions`.
    pub introductions: Published<IntroductionRow>,
    /// `trends`.
    pub trends: Published<TrendRow>,
    /// `organization`.
    pub organization: Published<OrganizationRow>,
    /// `sensitivity`.
    pub sensitivity: Published<SensitivityRow>,
    /// `coverage`.
    pub coverage: Published<CoverageRow>,
    /// `metrics`.
    pub metrics: Published<MetricRow>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_file_is_not_published() {
        let hash = blake3::hash(b"rows").to_hex();
        let decode = |_: &[u8]| Some(vec![]);
        let read = |bytes: &[u8]| Published::<MetricRow>::reread(bytes, &hash, decode);
        assert_eq!(read(b"rows").map(|found| found.rows.len()), Some(0));
        assert_eq!(read(b"rowz"), None);
    }
}
