//! From measured rows to published ones: a row's values are shown or withheld together.

use crate::decide::{Decision, Rules, decide};
use crate::overlap::overlapping;
use crate::pair_rows::decide_pairs;
use crate::published::{Published, PublishedTables};
use crosstie_model::tables::{
    CommunityRow, CoverageRow, FreedomRow, HierarchyRow, IntroductionRow, MetricRow, OrganizationRow, SensitivityRow,
    TrendRow, UnitPairRow, UnitRow,
};
use crosstie_model::{Contribution, Grouping, Measured, Record};
use std::collections::{BTreeMap, BTreeSet};

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
    /// `sensitivity`; the same.
    pub sensitivity: Vec<SensitivityRow>,
    /// People with contact.
    pub people_with_contact: usize,
    /// `coverage`, week by week in order.
    pub coverage: Vec<Measured<CoverageRow>>,
    /// `metrics`.
    pub metrics: Vec<MetricRow>,
}

/// How many rows were withheld, by table.
pub type Withheld = BTreeMap<&'static str, u64>;

/// A community that is one unit but for a few people would show how many of the unit stand apart: what names the
/// mixture goes where either part is 1 to `min_people - 1` people.
fn blur_mixture(row: CommunityRow, rules: Rules) -> CommunityRow {
    let people = row.people_count.unwrap_or(0) as f64;
    let main = (people * row.main_unit_share.unwrap_or(0.0)).round();
    let few = |part: f64| part > 0.0 && part < rules.min_people as f64;
    if few(main) || few(people - main) {
        CommunityRow {
            units_count: None,
            main_unit_share: None,
            main_unit: row.main_unit.filter(|_| !few(main)),
            ..row
        }
    } else {
        row
    }
}

/// Decides on every row.
#[must_use]
pub fn publish(tables: MeasuredTables, rules: Rules) -> (PublishedTables, Withheld) {
    let mut withheld = Withheld::new();
    let hidden = overlapping(&tables.groupings, rules.min_people);
    let is_hidden = |grouping: &str, unit: &str| hidden.contains(&(grouping.to_string(), unit.to_string()));
    // A pair without contact has no row: a zero needs nobody's protection, and a hidden pair is seen to be one.
    let pairs = tables.unit_pairs.into_iter().filter(|pair| !pair.side_a.is_empty()).collect();
    let pairs = without(pairs, |row: &UnitPairRow| {
        is_hidden(&row.grouping, &row.unit_a) || is_hidden(&row.grouping, &row.unit_b)
    });
    let decided = decide_pairs(&pairs, rules);
    let tells = |grouping: &str, unit: &str| {
        is_hidden(grouping, unit) || decided.units.contains(&(grouping.to_string(), unit.to_string()))
    };
    let units = without(tables.units, |row: &UnitRow| tells(&row.grouping, &row.unit));
    let freedoms = without(tables.freedoms, |row: &FreedomRow| tells(&row.grouping, &row.unit));
    let mut organization = tables.organization;
    let mut sensitivity = tables.sensitivity;
    if tables.people_with_contact < rules.min_people {
        withheld.insert("organization", organization.len() as u64);
        withheld.insert("sensitivity", sensitivity.len() as u64);
        for row in &mut sensitivity {
            *row = SensitivityRow {
                tie_count: None,
                isolated_count: None,
                ei_index: None,
                ei_index_expected: None,
                openness: None,
                reach2_share: None,
                rule: row.rule.clone(),
                value: row.value.clone(),
            };
        }
        for row in &mut organization {
            *row = OrganizationRow {
                value: None,
                low: None,
                high: None,
                expected: None,
                z: None,
                metric: row.metric.clone(),
            };
        }
    }
    let communities =
        tables.communities.into_iter().map(|measured| Measured { row: blur_mixture(measured.row, rules), ..measured });
    let decided = pairs.into_iter().zip(decided.rows).collect();
    let unit_pairs = decided_rows("unit_pairs", decided, &mut withheld, withhold_pair);
    let introductions = behind_pairs(tables.introductions, &unit_pairs);
    let trends =
        without(tables.trends, |row: &TrendRow| row.unit.as_ref().is_some_and(|unit| tells(&row.grouping, unit)));
    let trends = rows("trends", trends, rules, &mut withheld, withhold_trend);
    let ended = tables.ended.into_iter().map(without_numbers);
    let trends = Published::new(trends.rows().iter().cloned().chain(ended).collect());
    let measured_freedoms = freedoms.iter().filter(|measured| measured.row.estimate.is_some()).count();
    let freedoms = rows("freedoms", freedoms, rules, &mut withheld, withhold_freedom);
    // A row without a number has nothing that is withheld.
    let shown = freedoms.rows().iter().filter(|row| row.estimate.is_some()).count();
    withheld.insert("freedoms", (measured_freedoms - shown) as u64);
    let published = PublishedTables {
        units: rows("units", units, rules, &mut withheld, withhold_unit),
        freedoms,
        introductions: rows("introductions", introductions, rules, &mut withheld, withhold_introduction),
        sensitivity: Published::new(sensitivity),
        unit_pairs,
        trends,
        communities: rows("communities", communities.collect(), rules, &mut withheld, withhold_community),
        hierarchy: rows("hierarchy", tables.hierarchy, rules, &mut withheld, withhold_relation),
        organization: Published::new(organization),
        coverage: Published::new(fold_weeks(tables.coverage, rules)),
        metrics: Published::new(tables.metrics),
    };
    (published, withheld)
}

/// Rows behind which nobody stands any more where they are `hidden`: so nothing of them is shown.
fn without<R>(rows: Vec<Measured<R>>, hidden: impl Fn(&R) -> bool) -> Vec<Measured<R>> {
    let row = |measured: Measured<R>| match hidden(&measured.row) {
        true => Measured { side_a: Vec::new(), side_b: Vec::new(), ..measured },
        false => measured,
    };
    rows.into_iter().map(row).collect()
}

/// A shortfall is what a pair's own row would say: where that is withheld, nobody stands behind this one either.
fn behind_pairs(
    introductions: Vec<Measured<IntroductionRow>>,
    pairs: &Published<UnitPairRow>,
) -> Vec<Measured<IntroductionRow>> {
    let key = |grouping: &String, a: &String, b: &String| (grouping.clone(), a.clone(), b.clone());
    let shown: BTreeSet<_> = pairs
        .rows()
        .iter()
        .filter(|pair| !pair.suppressed)
        .map(|pair| key(&pair.grouping, &pair.unit_a, &pair.unit_b))
        .collect();
    introductions
        .into_iter()
        .map(|measured| {
            let row = &measured.row;
            if shown.contains(&key(&row.grouping, &row.unit_a, &row.unit_b)) {
                measured
            } else {
                Measured { side_a: Vec::new(), side_b: Vec::new(), ..measured }
            }
        })
        .collect()
}

/// People on a side below which a hidden pair says that it is thin: the contract's band.
const THIN: usize = 10;

/// Why a row is hidden.
#[derive(Clone, Copy)]
struct Hidden {
    decision: Decision,
    smaller_side_count: usize,
}

fn rows<R: Record>(
    table: &'static str,
    measured: Vec<Measured<R>>,
    rules: Rules,
    withheld: &mut Withheld,
    withhold: fn(R, Hidden) -> R,
) -> Published<R> {
    let decided = |measured: Measured<R>| {
        let decision = decide(&measured.side_a, &measured.side_b, rules);
        (measured, decision)
    };
    decided_rows(table, measured.into_iter().map(decided).collect(), withheld, withhold)
}

fn decided_rows<R: Record>(
    table: &'static str,
    decided: Vec<(Measured<R>, Decision)>,
    withheld: &mut Withheld,
    withhold: fn(R, Hidden) -> R,
) -> Published<R> {
    let people = |side: &[Contribution]| side.iter().filter(|part| part.units > 0).count();
    let mut out = Vec::with_capacity(decided.len());
    for (Measured { row, side_a, side_b }, decision) in decided {
        match decision {
            Decision::Show => out.push(row),
            hidden => {
                *withheld.entry(table).or_default() += 1;
                let smaller = people(&side_a).min(people(&side_b));
                out.push(withhold(row, Hidden { decision: hidden, smaller_side_count: smaller }));
            }
        }
    }
    Published::new(out)
}

fn withhold_unit(row: UnitRow, _: Hidden) -> UnitRow {
    UnitRow {
        grouping: row.grouping,
        unit: row.unit,
        // Known from the org chart, and at least the threshold after roll-up.
        people_count: row.people_count,
        external_share: None,
        expected_external_share: None,
        openness: None,
        openness_low: None,
        openness_high: None,
        typical_external_share: None,
        relative_openness: None,
        relative_openness_low: None,
        relative_openness_high: None,
        relative_z: None,
        z: None,
        ei_index: None,
        ei_index_expected: None,
        conductance: None,
        reach2_share: None,
        silo: None,
        evidence: "few_people".into(),
    }
}

/// A hidden pair may show that it is thin, or that one person dominates it; never both, never a value.
fn withhold_pair(row: UnitPairRow, hidden: Hidden) -> UnitPairRow {
    let between = row.unit_a != row.unit_b;
    UnitPairRow {
        grouping: row.grouping,
        unit_a: row.unit_a,
        unit_b: row.unit_b,
        weight: None,
        expected_weight: None,
        log2_ratio: None,
        log2_low: None,
        log2_high: None,
        carriers_band: (between && hidden.decision == Decision::FewPeople && hidden.smaller_side_count < THIN)
            .then(|| "under_10".into()),
        top_carrier_band: (between && hidden.decision == Decision::Dominance).then(|| "over_50".into()),
        suppressed: true,
    }
}

fn withhold_community(row: CommunityRow, _: Hidden) -> CommunityRow {
    CommunityRow {
        community_id: row.community_id,
        people_count: None,
        units_count: None,
        main_unit: None,
        main_unit_share: None,
        internal_share: None,
        expected_internal_share: None,
        openness: None,
        openness_low: None,
        openness_high: None,
        stability: None,
        persistence_count: None,
    }
}

fn withhold_trend(row: TrendRow, _: Hidden) -> TrendRow {
    TrendRow { event: None, change_evidence: "few_people".into(), ..without_numbers(row) }
}

/// A row of `trends` as far as nobody has to stand behind it.
fn without_numbers(row: TrendRow) -> TrendRow {
    TrendRow {
        people_count: None,
        openness: None,
        openness_low: None,
        openness_high: None,
        openness_change: None,
        openness_change_low: None,
        openness_change_high: None,
        ..row
    }
}

fn withhold_relation(row: HierarchyRow, _: Hidden) -> HierarchyRow {
    HierarchyRow {
        relation: row.relation,
        tree_distance: row.tree_distance,
        tie_count: None,
        weight_share: None,
        expected_share: None,
        lift: None,
        lift_low: None,
        lift_high: None,
        dyad_share: None,
        dyad_lift: None,
    }
}

/// A reason that holds for everybody alike stays: it says nothing about the people of a cell.
fn withhold_freedom(row: FreedomRow, _: Hidden) -> FreedomRow {
    let is_general = ["no_data", "coverage_gap", "self_test_failed"].contains(&row.evidence.as_str());
    FreedomRow {
        estimate: None,
        low: None,
        high: None,
        expected: None,
        people_count: None,
        events_count: None,
        evidence: if is_general { row.evidence } else { "few_people".into() },
        ..row
    }
}

fn withhold_introduction(row: IntroductionRow, _: Hidden) -> IntroductionRow {
    IntroductionRow {
        grouping: row.grouping,
        unit_a: row.unit_a,
        unit_b: row.unit_b,
        rank: None,
        shortfall: None,
        warm_pairs_count: None,
        introducers_band: None,
        pairs_opened_mean: None,
    }
}

/// Folds each week with too few people into the next week that has enough, so that sums stay whole; what is left at
/// the end joins the last row. Weeks without any record stand alone: nobody is behind them.
fn fold_weeks(weeks: Vec<Measured<CoverageRow>>, rules: Rules) -> Vec<CoverageRow> {
    let mut by_source: Vec<(String, Vec<Measured<CoverageRow>>)> = Vec::new();
    for week in weeks {
        match by_source.last_mut().filter(|(source, _)| *source == week.row.source) {
            Some((_, weeks)) => weeks.push(week),
            None => by_source.push((week.row.source.clone(), vec![week])),
        }
    }
    by_source.into_iter().flat_map(|(_, weeks)| fold_source(weeks, rules)).collect()
}

fn fold_source(weeks: Vec<Measured<CoverageRow>>, rules: Rules) -> Vec<CoverageRow> {
    let enough = |people: &BTreeSet<u32>| people.len() >= rules.min_people;
    let mut out: Vec<CoverageRow> = Vec::new();
    let mut open: Option<(CoverageRow, BTreeSet<u32>, BTreeSet<u32>)> = None;
    for week in weeks {
        if week.row.records_seen == Some(0) {
            out.push(week.row);
            continue;
        }
        let people = |side: &[Contribution]| side.iter().map(|part| part.person).collect::<BTreeSet<u32>>();
        let (mut senders, mut recipients) = (people(&week.side_a), people(&week.side_b));
        let mut row = week.row;
        if let Some((earlier, more_senders, more_recipients)) = open.take() {
            row = joined(earlier, row);
            senders.extend(more_senders);
            recipients.extend(more_recipients);
        }
        if enough(&senders) && enough(&recipients) {
            out.push(row);
        } else {
            open = Some((row, senders, recipients));
        }
    }
    if let Some((rest, ..)) = open {
        match out.iter().rposition(|row| row.records_seen != Some(0)) {
            Some(at) => {
                let last = out.remove(at);
                out.insert(at, joined(last, rest));
            }
            None => out.push(CoverageRow {
                records_seen: None,
                used_count: None,
                duplicate_count: None,
                excluded_count: None,
                quarantined_count: None,
                first_at: None,
                last_at: None,
                ..rest
            }),
        }
    }
    out.sort_by_key(|row| row.period_start);
    out
}

/// Two stretches of weeks as one.
fn joined(a: CoverageRow, b: CoverageRow) -> CoverageRow {
    let sum = |a: Option<i64>, b: Option<i64>| Some(a? + b?);
    CoverageRow {
        period_start: a.period_start.min(b.period_start),
        weeks_count: a.weeks_count + b.weeks_count,
        records_seen: sum(a.records_seen, b.records_seen),
        used_count: sum(a.used_count, b.used_count),
        duplicate_count: sum(a.duplicate_count, b.duplicate_count),
        excluded_count: sum(a.excluded_count, b.excluded_count),
        quarantined_count: sum(a.quarantined_count, b.quarantined_count),
        first_at: a.first_at.into_iter().chain(b.first_at).min(),
        last_at: a.last_at.into_iter().chain(b.last_at).max(),
        gap: a.gap || b.gap,
        gap_reason: a.gap_reason.or(b.gap_reason),
        source: a.source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
        };
        let side: Vec<Contribution> = (0..people)
            .map(|person| Contribution { person, units: if dominant && person == 0 { 1000 } else { 1 } })
            .collect();
        Measured { row, side_a: side.clone(), side_b: side }
    }

    fn published(pairs: Vec<Measured<UnitPairRow>>) -> (Vec<UnitPairRow>, Withheld) {
        let (tables, withheld) = publish(
            MeasuredTables { unit_pairs: pairs, people_with_contact: 50, ..Default::default() },
            Rules { min_people: 10 },
        );
        (tables.unit_pairs.rows().to_vec(), withheld)
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
        }
    }

    #[test]
    fn a_trend_is_shown_as_a_whole_or_not_at_all() {
        let side = |people: u32| (0..people).map(|person| Contribution { person, units: 1 }).collect::<Vec<_>>();
        let measured =
            |unit: &str, people| Measured { row: trend(unit, "shrink"), side_a: side(people), side_b: side(people) };
        let tables = MeasuredTables {
            trends: vec![measured("a", 10), measured("b", 9)],
            // Whoever makes such a row is not trusted to leave its numbers out.
            ended: vec![trend("c", "death")],
            people_with_contact: 50,
            ..Default::default()
        };
        let (tables, withheld) = publish(tables, Rules { min_people: 10 });
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
    fn a_few_strangers_in_a_community_are_not_counted() {
        let row = |people: i64, share: f64| CommunityRow {
            community_id: 0,
            people_count: Some(people),
            units_count: Some(2),
            main_unit: Some("a".into()),
            main_unit_share: Some(share),
            internal_share: Some(0.5),
            expected_internal_share: Some(0.1),
            openness: None,
            openness_low: None,
            openness_high: None,
            stability: Some(1.0),
            persistence_count: Some(4),
        };
        let shown = |people, share| {
            let row = blur_mixture(row(people, share), Rules { min_people: 10 });
            (row.main_unit.is_some(), row.main_unit_share.is_some(), row.units_count.is_some())
        };
        assert_eq!(shown(30, 1.0), (true, true, true));
        assert_eq!(shown(30, 29.0 / 30.0), (true, false, false));
        assert_eq!(shown(30, 20.0 / 30.0), (true, true, true));
        assert_eq!(shown(30, 9.0 / 30.0), (false, false, false));
    }

    #[test]
    fn a_band_is_said_only_where_it_is_true() {
        let rules = Rules { min_people: 15 };
        let tables =
            MeasuredTables { unit_pairs: vec![pair(12, false)], people_with_contact: 50, ..Default::default() };
        let (tables, _) = publish(tables, rules);
        assert!(tables.unit_pairs.rows()[0].suppressed && tables.unit_pairs.rows()[0].carriers_band.is_none());
    }

    fn week(number: i32, people: std::ops::Range<u32>, seen: i64) -> Measured<CoverageRow> {
        let row = CoverageRow {
            source: "mail".into(),
            period_start: Day(4 + 7 * number),
            weeks_count: 1,
            records_seen: Some(seen),
            used_count: Some(seen),
            duplicate_count: Some(0),
            excluded_count: Some(0),
            quarantined_count: Some(0),
            first_at: Some(Day(4 + 7 * number)),
            last_at: Some(Day(8 + 7 * number)),
            gap: seen == 0,
            gap_reason: None,
        };
        let side: Vec<Contribution> = people.map(|person| Contribution { person, units: 1 }).collect();
        Measured { row, side_a: side.clone(), side_b: side }
    }

    #[test]
    fn thin_weeks_are_folded_and_sums_stay_whole() {
        let weeks = vec![week(0, 0..4, 5), week(1, 0..12, 50), week(2, 0..0, 0), week(3, 0..20, 70), week(4, 0..3, 2)];
        let rows = fold_weeks(weeks, Rules { min_people: 10 });
        let shown: Vec<(i64, Option<i64>)> = rows.iter().map(|row| (row.weeks_count, row.records_seen)).collect();
        assert_eq!(shown, [(2, Some(55)), (1, Some(0)), (2, Some(72))]);
        let alone = fold_weeks(vec![week(0, 0..4, 5)], Rules { min_people: 10 });
        assert_eq!(alone[0].records_seen, None);
    }
}
