//! From measured rows to published ones: a row's values are shown, shown as they were, or withheld together.

use crate::decide::Rules;
use crate::deciding::{Deciding, cells_of};
use crate::published::{Published, PublishedTables};
use crate::release::{Ledger, Past, Release, enter_sums};
use crate::weeks::fold_weeks;
use crosstie_model::tables::{
    CommunityRow, CoverageRow, FreedomRow, HierarchyRow, IntroductionRow, MetricRow, OrganizationRow, SensitivityRow,
    TrendRow, UnitPairRow, UnitRow,
};
use crosstie_model::{Contribution, Grouping, Measured};
use std::collections::BTreeMap;
use std::convert::Infallible;

/// Rows of the published tables as measured.
#[derive(Clone, Debug, Default)]
pub struct MeasuredTables {
    /// The groupings that rows are about.
    pub groupings: Vec<Grouping>,
    /// `units`.
    pub units: Vec<Measured<UnitRow>>,
    /// `unit_pairs`.
    pub unit_pairs: Vec<Measured<UnitPairRow>>,
    /// `communities`.
    pub communities: Vec<Measured<CommunityRow>>,
    /// `hierarchy`.
    pub hierarchy: Vec<Measured<HierarchyRow>>,
    /// `freedoms`.
    pub freedoms: Vec<Measured<FreedomRow>>,
    /// `introductions`.
    pub introductions: Vec<Measured<IntroductionRow>>,
    /// `trends`.
    pub trends: Vec<Measured<TrendRow>>,
    /// Rows of `trends` of what is no more and was shown when it was: nobody is behind them.
    pub ended: Vec<TrendRow>,
    /// `organization`; everybody with contact stands behind it.
    pub organization: Vec<OrganizationRow>,
    /// `sensitivity`: of everybody, and behind each row those who have a tie.
    pub sensitivity: Vec<Measured<SensitivityRow>>,
    /// What each person with contact sent and received.
    pub everybody: Vec<Contribution>,
    /// `metrics`.
    pub metrics: Vec<MetricRow>,
}

/// How many rows, by table.
pub type RowCounts = BTreeMap<&'static str, u64>;

/// What may be shown of a window.
#[derive(Clone, Debug)]
pub struct Publication {
    /// The tables.
    pub tables: PublishedTables,
    /// Rows withheld.
    pub withheld: RowCounts,
    /// Rows that go on showing an earlier value.
    pub carried: RowCounts,
    /// The entry of the ledger: it has to last before anybody can see the tables.
    pub release: Release,
}

/// Coverage as it is published every night: of weeks that are long past it does not change.
#[must_use]
pub fn publish_coverage(weeks: Vec<Measured<CoverageRow>>, rules: Rules) -> Published<CoverageRow> {
    Published::new(fold_weeks(weeks, rules))
}

/// The catalogue; nobody is in it.
#[must_use]
pub fn publish_metrics(metrics: Vec<MetricRow>) -> Published<MetricRow> {
    Published::new(metrics)
}

/// What a first release is made after.
pub const NO_RELEASES: [Result<Release, Infallible>; 0] = [];

/// Decides on every row, after every earlier release that can still be read, in any order and whatever its date; those
/// whose windows do not overlap are left out. Each is asked for when the one before was compared with.
///
/// # Errors
/// That of a release.
pub fn publish<E>(
    releases: impl IntoIterator<Item = Result<Release, E>>,
    tables: MeasuredTables,
    coverage: Published<CoverageRow>,
    rules: Rules,
    past: Past<'_>,
) -> Result<Publication, E> {
    let mut ledger = Ledger::new(past, rules);
    enter_sums(&mut ledger, &tables);
    ledger.compare(cells_of(&tables), releases.into_iter())?;
    let mut deciding = Deciding::new(ledger, rules);
    let published = deciding.tables(tables, coverage);
    Ok(Publication {
        tables: published,
        withheld: deciding.withheld,
        carried: deciding.carried,
        release: deciding.ledger.into_release(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::Row;
    use crate::{MasterKey, Tags};
    use crosstie_model::Day;

    fn pair(people: u32, dominant: bool) -> Measured<UnitPairRow> {
        let row = UnitPairRow {
            grouping: "unit".into(),
            unit_a: "a".into(),
            unit_b: "b".into(),
            weight: Some(5.0),
            expected_weight: Some(9.0),
            log2_ratio: Some(-0.8),
            log2_low: Some(-1.0),
            log2_high: Some(-0.5),
            carriers_band: Some("10_24".into()),
            top_carrier_band: Some("25_50".into()),
            suppressed: false,
            as_of: None,
        };
        let side: Vec<Contribution> = (0..people)
            .map(|person| Contribution { person, units: if dominant && person == 0 { 1000 } else { 1 } })
            .collect();
        Measured { row, side_a: side.clone(), side_b: side, sums: Vec::new() }
    }

    const DATE: Day = Day(20_000);

    /// A first release.
    fn first(tables: MeasuredTables, rules: Rules) -> Publication {
        let key = MasterKey::generate().unwrap();
        let tokens: Vec<[u8; 16]> = (0..50).map(|person| [person; 16]).collect();
        let past = Past::nothing(DATE, 91, Tags::new(&key, &tokens));
        publish(NO_RELEASES, tables, publish_coverage(Vec::new(), rules), rules, past).unwrap()
    }

    fn published(pairs: Vec<Measured<UnitPairRow>>) -> (Vec<UnitPairRow>, RowCounts) {
        let found = first(MeasuredTables { unit_pairs: pairs, ..Default::default() }, Rules { min_people: 10 });
        (found.tables.unit_pairs.rows().to_vec(), found.withheld)
    }

    #[test]
    fn hidden_pairs_show_a_band_and_nothing_else() {
        // Each in a grouping of its own, so that none has to be hidden for another.
        let of = |grouping: &str, pair: Measured<UnitPairRow>| Measured {
            row: UnitPairRow { grouping: grouping.into(), ..pair.row },
            ..pair
        };
        let pairs = [pair(10, false), pair(9, false), pair(12, true), pair(0, false)];
        let (rows, withheld) =
            published(["a", "b", "c", "d"].into_iter().zip(pairs).map(|(g, pair)| of(g, pair)).collect());
        assert_eq!(rows.len(), 3, "a pair without contact has no row");
        assert_eq!(withheld.get("unit_pairs"), Some(&2));
        assert!(!rows[0].suppressed && rows[0].weight.is_some());
        let bands = |row: &UnitPairRow| (row.carriers_band.clone(), row.top_carrier_band.clone());
        assert_eq!(bands(&rows[1]), (Some("under_10".into()), None));
        assert_eq!(bands(&rows[2]), (None, Some("over_50".into())));
        for row in &rows[1..] {
            assert!(
                row.suppressed && row.weight.is_none() && row.expected_weight.is_none() && row.log2_ratio.is_none()
            );
        }
    }

    fn trend(unit: &str, event: &str) -> TrendRow {
        TrendRow {
            silo_id: format!("u:{unit}"),
            period_start: Day(0),
            grouping: "unit".into(),
            unit: Some(unit.into()),
            community_id: None,
            compared_period_start: Some(Day(-7)),
            event: Some(event.into()),
            people_count: Some(12),
            openness: Some(-1.0),
            openness_low: Some(-1.2),
            openness_high: Some(-0.8),
            change_period_start: Some(Day(-91)),
            openness_change: Some(0.5),
            openness_change_low: Some(0.2),
            openness_change_high: Some(0.8),
            change_evidence: "enough".into(),
            as_of: Some(DATE),
        }
    }

    #[test]
    fn a_trend_that_stays_as_it_was_has_the_number_of_now() {
        let of = |number: i64, openness: f64| TrendRow {
            unit: None,
            community_id: Some(number),
            openness: Some(openness),
            ..trend("c", "continue")
        };
        let shown = of(3, -1.0).with_name_of(&of(2, -2.0));
        assert_eq!((shown.community_id, shown.openness), (Some(2), Some(-1.0)));
    }

    #[test]
    fn a_trend_is_shown_as_a_whole_or_not_at_all() {
        let side = |people: u32| (0..people).map(|person| Contribution { person, units: 1 }).collect::<Vec<_>>();
        let measured = |unit: &str, people| Measured {
            row: trend(unit, "shrink"),
            side_a: side(people),
            side_b: side(people),
            sums: Vec::new(),
        };
        let tables = MeasuredTables {
            trends: vec![measured("a", 10), measured("b", 9)],
            // Whoever makes such a row is not trusted to leave its numbers out.
            ended: vec![trend("c", "death")],
            ..Default::default()
        };
        let Publication { tables, withheld, .. } = first(tables, Rules { min_people: 10 });
        let rows = tables.trends.rows();
        assert_eq!(withheld.get("trends"), Some(&1));
        assert_eq!(rows[0], trend("a", "shrink"));
        for row in &rows[1..] {
            let numbers = [row.openness, row.openness_low, row.openness_high, row.openness_change];
            assert!(
                numbers.iter().all(Option::is_none) && row.people_count.is_none() && row.openness_change_low.is_none()
            );
        }
        let said: Vec<(Option<&str>, &str)> =
            rows.iter().map(|row| (row.event.as_deref(), row.change_evidence.as_str())).collect();
        assert_eq!(said, [(Some("shrink"), "enough"), (None, "few_people"), (Some("death"), "enough")]);
    }

    #[test]
    fn small_units_taken_together_are_published_without_a_mark() {
        let unit = |unit: &str, silo: bool| UnitRow {
            grouping: "unit".into(),
            unit: unit.into(),
            people_count: 12,
            external_share: Some(0.2),
            expected_external_share: Some(0.8),
            openness: Some(-2.0),
            openness_low: Some(-2.5),
            openness_high: Some(-1.5),
            typical_external_share: Some(0.6),
            relative_openness: Some(-2.6),
            relative_openness_low: Some(-3.0),
            relative_openness_high: Some(-2.0),
            relative_z: Some(-3.0),
            z: Some(-20.0),
            ei_index: Some(-0.6),
            ei_index_expected: Some(0.6),
            conductance: Some(0.2),
            reach2_share: Some(0.1),
            silo: Some(silo),
            evidence: "enough".into(),
            as_of: None,
        };
        let side: Vec<Contribution> = (0..12).map(|person| Contribution { person, units: 1 }).collect();
        let rows = [unit(crate::SMALL_UNITS, true), unit("a", true), unit("b", false)];
        let measured =
            rows.clone().map(|row| Measured { row, side_a: side.clone(), side_b: side.clone(), sums: Vec::new() });
        let units = first(MeasuredTables { units: measured.to_vec(), ..Default::default() }, Rules { min_people: 10 })
            .tables
            .units;
        let marks: Vec<Option<bool>> = units.rows().iter().map(|row| row.silo).collect();
        assert_eq!(marks, [None, Some(true), Some(false)]);
        // What was measured stays.
        for (row, was) in units.rows().iter().zip(rows) {
            assert_eq!(*row, UnitRow { silo: row.silo, as_of: row.as_of, ..was });
        }
    }

    #[test]
    fn a_band_is_said_only_where_it_is_true() {
        let rules = Rules { min_people: 15 };
        let tables = MeasuredTables { unit_pairs: vec![pair(12, false)], ..Default::default() };
        let Publication { tables, .. } = first(tables, rules);
        assert!(tables.unit_pairs.rows()[0].suppressed && tables.unit_pairs.rows()[0].carriers_band.is_none());
    }
}
