//! The list of all metrics.

use crosstie_model::MetricSpec;
use crosstie_model::tables::MetricRow;

/// Every metric, in the order of reports.
pub const METRICS: &[MetricSpec] = &[
    crate::openness::SPEC,
    crate::openness::RELATIVE_SPEC,
    crate::silo::SPEC,
    crate::ei_index::SPEC,
    crate::conductance::SPEC,
    crate::reach::SPEC,
    crate::unit_pairs::SPEC,
    crate::carriers::SPEC,
    crate::communities::SPEC,
    crate::hierarchy::SPEC,
    crate::hierarchy::SLOPE_SPEC,
    crate::direct_routing::SPEC,
    crate::whole::COUNTS_SPEC,
    crate::whole::MODULARITY_SPEC,
    crate::self_test::SPEC,
    crate::sensitivity::SPEC,
    crate::introductions::SPEC,
    crate::trends::SPEC,
    crate::replicates::SPEC,
    crate::people::SPEC,
    crate::people::ROLES_SPEC,
    crate::bridges::SPEC,
    crate::freedoms::REACHED_SPEC,
    crate::freedoms::REPLY_SPEC,
    crate::freedoms::PLACEBO_SPEC,
    crate::freedoms::ATTENTION_SPEC,
    crate::freedoms::CREATE_SPEC,
    crate::freedoms::DISCRETIONARY_SPEC,
    crate::freedoms::JOINS_SPEC,
    crate::freedoms::UPWARD_USE_SPEC,
    crate::freedoms::UPWARD_ANSWERED_SPEC,
];

/// The rows of the `metrics` table.
#[must_use]
pub fn catalogue_rows() -> Vec<MetricRow> {
    let bound = |end: f64| end.is_finite().then_some(end);
    METRICS
        .iter()
        .map(|spec| MetricRow {
            metric: spec.id.into(),
            table_name: spec.table.into(),
            question: spec.question.into(),
            formula: spec.formula.into(),
            unit: spec.unit.into(),
            range_low: bound(spec.range.0),
            range_high: bound(spec.range.1),
            undefined_when: spec.undefined_when.into(),
            grade: spec.grade.letter().into(),
            cannot_claim: spec.cannot_claim.into(),
            sources: spec.references.join("; "),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crosstie_model::PAGE_HEADINGS;
    use crosstie_model::tables::TABLES;
    use std::collections::BTreeSet;

    /// Columns that say what a row is and measure nothing.
    const FRAME: [&str; 20] = [
        "as_of",
        "silo_id",
        "period_start",
        "rule",
        "value",
        "replicate",
        "grouping",
        "unit",
        "unit_a",
        "unit_b",
        "people_count",
        "suppressed",
        "community_id",
        "units_count",
        "main_unit",
        "main_unit_share",
        "relation",
        "tree_distance",
        "person_id",
        "level",
    ];

    #[test]
    fn every_entry_is_filled_and_unique() {
        let ids: BTreeSet<&str> = METRICS.iter().map(|spec| spec.id).collect();
        assert_eq!(ids.len(), METRICS.len());
        for spec in METRICS {
            for text in [spec.question, spec.formula, spec.unit, spec.undefined_when, spec.cannot_claim] {
                assert!(!text.is_empty(), "{}", spec.id);
            }
            assert!(spec.question.ends_with('?'), "{}", spec.id);
            let cited = |reference: &&str| ["doi:10.", "ISBN", "ISSN"].iter().any(|mark| reference.contains(mark));
            assert!(!spec.references.is_empty() && spec.references.iter().all(cited), "{}", spec.id);
            assert!(spec.range.0 < spec.range.1, "{}", spec.id);
        }
    }

    #[test]
    fn every_page_has_its_headings_in_order_and_filled() {
        for spec in METRICS {
            let sections = spec.sections();
            assert!(spec.summary().ends_with('.'), "{}", spec.id);
            let headings: Vec<&str> = sections[1..].iter().map(|section| section.0).collect();
            let without = headings.contains(&PAGE_HEADINGS[1]);
            let expected: Vec<&str> =
                PAGE_HEADINGS.into_iter().filter(|heading| without || *heading != PAGE_HEADINGS[1]).collect();
            assert_eq!(headings, expected, "{}", spec.id);
            assert!(sections.iter().all(|(_, text)| text.len() > 10), "{}", spec.id);
        }
    }

    #[test]
    fn every_measured_column_has_exactly_one_owner() {
        let tables = [
            "units",
            "unit_pairs",
            "communities",
            "hierarchy",
            "introductions",
            "trends",
            "sensitivity",
            "replicates",
            "people",
        ];
        for table in tables {
            let spec = TABLES.iter().find(|spec| spec.name == table).unwrap();
            for column in spec.columns {
                let owners = METRICS.iter().filter(|m| m.table == table && m.columns.contains(&column.name)).count();
                let measured = !FRAME.contains(&column.name) && column.name != "report_count";
                let expected = usize::from(measured || (table == "people" && column.name == "community_id"));
                assert_eq!(owners, expected, "{table}.{}", column.name);
            }
        }
        for metric in METRICS.iter().filter(|metric| !["organization", "freedoms"].contains(&metric.table)) {
            let table = TABLES.iter().find(|spec| spec.name == metric.table).unwrap();
            for column in metric.columns {
                assert!(table.columns.iter().any(|known| known.name == *column), "{}.{column}", metric.id);
            }
        }
    }
}
