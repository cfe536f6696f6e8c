//! From measured rows to published ones: a row's values are shown, shown as they were, or withheld together.

use crate::decide::{Decision, Rules, decide};
use crate::overlap::overlapping;
use crate::pair_rows::decide_pairs;
use crate::published::{Published, PublishedTables};
use crate::release::{
    ALL, BORDER, COMMUNITY, EVERYBODY, INDICATOR, Key, Ledger, PAIR, PEOPLE, Past, RELATION, Release,
};
use crate::rows::{Hidden, Row, without_numbers};
use crate::weeks::fold_weeks;
use crosstie_model::tables::{
    CommunityRow, CoverageRow, FreedomRow, HierarchyRow, IntroductionRow, MetricRow, OrganizationRow, SensitivityRow,
    TrendRow, UnitPairRow, UnitRow,
};
use crosstie_model::{Contribution, Grouping, Measured};
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

/// Decides on every row.
#[must_use]
pub fn publish(tables: MeasuredTables, coverage: Published<CoverageRow>, rules: Rules, past: Past<'_>) -> Publication {
    let mut ledger = Ledger::new(past, rules);
    enter_sums(&mut ledger, &tables);
    let mut deciding =
        Deciding { shown: ledger.shown(), ledger, rules, withheld: RowCounts::new(), carried: RowCounts::new() };
    let published = deciding.tables(tables, coverage);
    Publication {
        tables: published,
        withheld: deciding.withheld,
        carried: deciding.carried,
        release: deciding.ledger.into_release(),
    }
}

/// Enters who is behind every number of a release.
fn enter_sums(ledger: &mut Ledger<'_>, tables: &MeasuredTables) {
    for grouping in &tables.groupings {
        let mut members = vec![Vec::new(); grouping.labels.len()];
        for (person, unit) in (0..).zip(&grouping.unit_of) {
            unit.iter().for_each(|unit| members[unit.index()].push(Contribution { person, units: 1 }));
        }
        for (label, members) in grouping.labels.iter().zip(members) {
            ledger.enter(Key::new(PEOPLE, &grouping.name, &[label]), members.into_iter());
        }
    }
    for Measured { row, sums, .. } in &tables.units {
        for (name, parts) in BORDER.iter().zip(sums) {
            ledger.enter(Key::new(name, &row.grouping, &[&row.unit]), parts.iter().copied());
        }
    }
    for Measured { row, sums, .. } in &tables.communities {
        let label = row.community_id.to_string();
        for (name, parts) in std::iter::once(&PEOPLE).chain(&BORDER).zip(sums) {
            ledger.enter(Key::new(name, COMMUNITY, &[&label]), parts.iter().copied());
        }
    }
    for Measured { row, side_a, side_b, .. } in &tables.unit_pairs {
        ledger.enter(Key::new(PAIR, &row.grouping, &[&row.unit_a, &row.unit_b]), both(side_a, side_b));
    }
    for Measured { row, side_a, side_b, sums } in &tables.hierarchy {
        let [weight, ties] = RELATION.map(|name| Key::new(name, "", &[&row.relation]));
        ledger.enter(weight, both(side_a, side_b));
        sums.iter().for_each(|parts| ledger.enter(ties.clone(), parts.iter().copied()));
    }
    for Measured { row, side_a, side_b, sums } in &tables.freedoms {
        let [people, events @ ..] = INDICATOR.map(|name| Key::new(name, &row.grouping, &[&row.unit, &row.indicator]));
        ledger.enter(people, both(side_a, side_b));
        events.into_iter().zip(sums).for_each(|(name, parts)| ledger.enter(name, parts.iter().copied()));
    }
    ledger.enter(Key::new(ALL, "", &[]), tables.everybody.iter().copied());
}

fn both<'s>(side_a: &'s [Contribution], side_b: &'s [Contribution]) -> impl Iterator<Item = Contribution> + 's {
    side_a.iter().chain(side_b).copied()
}

/// Rows, each with what is decided on it.
type Decided<R> = Vec<(Measured<R>, Decision)>;

/// Decisions on the rows of one release.
struct Deciding<'a> {
    ledger: Ledger<'a>,
    /// The tables whose values held cells go on showing.
    shown: Option<&'a PublishedTables>,
    rules: Rules,
    withheld: RowCounts,
    carried: RowCounts,
}

impl Deciding<'_> {
    fn tables(&mut self, tables: MeasuredTables, coverage: Published<CoverageRow>) -> PublishedTables {
        let shown = self.shown;
        let hidden = overlapping(&tables.groupings, self.rules.min_people);
        let is_hidden = |grouping: &str, unit: &str| hidden.contains(&(grouping.to_string(), unit.to_string()));

        let pairs = without(tables.unit_pairs, |row: &UnitPairRow| {
            is_hidden(&row.grouping, &row.unit_a) || is_hidden(&row.grouping, &row.unit_b)
        });
        let (pairs, told) = self.pairs(pairs);
        let unit_pairs = self.rows("unit_pairs", pairs, shown.map(|tables| &tables.unit_pairs));
        let is_told = |grouping: &str, unit: &str| told.contains(&(grouping.to_string(), unit.to_string()));

        let units = without(tables.units, |row: &UnitRow| is_hidden(&row.grouping, &row.unit));
        let mut units = self.decided(units, |row| is_told(&row.grouping, &row.unit));
        hide_another(&mut units, |row| (row.grouping.clone(), String::new()), |row| Some(row.people_count));
        let units = self.rows("units", units, shown.map(|tables| &tables.units));

        let communities = tables.communities.into_iter();
        let communities =
            communities.map(|measured| Measured { row: blur_mixture(measured.row, self.rules), ..measured });
        let communities = self.decided(communities.collect(), |_| false);
        let communities = self.rows("communities", communities, shown.map(|tables| &tables.communities));

        let trends = without(tables.trends, |row: &TrendRow| {
            row.unit.as_ref().is_some_and(|unit| is_hidden(&row.grouping, unit))
        });
        let trends = trends.into_iter().map(|measured| self.as_its_silo(measured)).collect();
        let trends = self.rows("trends", trends, shown.map(|tables| &tables.trends));
        let date = self.ledger.date();
        let ended = tables.ended.into_iter().map(|row| TrendRow { as_of: Some(date), ..without_numbers(row) });
        let trends = Published::new(trends.rows().iter().cloned().chain(ended).collect());

        let introductions = behind_pairs(tables.introductions, &unit_pairs);
        let introductions = self.introductions(introductions);
        let introductions = self.rows("introductions", introductions, shown.map(|tables| &tables.introductions));

        let freedoms = without(tables.freedoms, |row: &FreedomRow| is_hidden(&row.grouping, &row.unit));
        let (organization, sensitivity) = self.whole(tables.organization, tables.sensitivity, &tables.everybody);
        PublishedTables {
            freedoms: self.freedoms(freedoms),
            hierarchy: {
                let hierarchy = self.decided(tables.hierarchy, |_| false);
                self.rows("hierarchy", hierarchy, shown.map(|tables| &tables.hierarchy))
            },
            units,
            unit_pairs,
            communities,
            trends,
            introductions,
            organization,
            sensitivity,
            coverage,
            metrics: Published::new(tables.metrics),
        }
    }

    /// Decisions on rows each of which is a cell by itself, or is told by others.
    fn decided<R: Row>(&mut self, rows: Vec<Measured<R>>, is_told: impl Fn(&R) -> bool) -> Decided<R> {
        let decide = |measured: Measured<R>| {
            let decision = if is_told(&measured.row) {
                Decision::Complementary
            } else if self.ledger.may_change(&measured.row.cell()) {
                decide(&measured.side_a, &measured.side_b, self.rules)
            } else {
                Decision::Carried
            };
            (measured, decision)
        };
        rows.into_iter().map(decide).collect()
    }

    /// Decisions on pairs, and the units whose own row would tell one that is not shown.
    fn pairs(&mut self, pairs: Vec<Measured<UnitPairRow>>) -> (Decided<UnitPairRow>, BTreeSet<(String, String)>) {
        let held: Vec<bool> = pairs.iter().map(|pair| !self.ledger.may_change(&pair.row.cell())).collect();
        // A pair without contact has no row: a zero needs nobody's protection, and a hidden pair is seen to be one.
        let is_row = |(pair, is_held): &(Measured<UnitPairRow>, bool)| *is_held || !pair.side_a.is_empty();
        let (pairs, held): (Vec<_>, Vec<_>) = pairs.into_iter().zip(held).filter(is_row).unzip();
        let decided = decide_pairs(&pairs, &held, self.rules);
        (pairs.into_iter().zip(decided.rows).collect(), decided.units)
    }

    /// A trend shows what the row of its unit or community shows.
    fn as_its_silo(&self, measured: Measured<TrendRow>) -> (Measured<TrendRow>, Decision) {
        let row = &measured.row;
        let silo = match (&row.unit, row.community_id) {
            (Some(unit), _) => Key::new("units", &row.grouping, &[unit]),
            (None, number) => Key::new("communities", COMMUNITY, &[&number.unwrap_or(-1).to_string()]),
        };
        let decision = match self.ledger.is_held(&silo) {
            true => Decision::Carried,
            false => decide(&measured.side_a, &measured.side_b, self.rules),
        };
        (measured, decision)
    }

    /// Whether there is a row says whether a pair has a shortfall: where the pair shows an earlier value, there is one if
    /// there was one.
    fn introductions(&mut self, mut introductions: Vec<Measured<IntroductionRow>>) -> Decided<IntroductionRow> {
        let pair = |row: &IntroductionRow| Key { name: "unit_pairs".into(), ..row.cell() };
        let earlier = self.shown.map_or(&[] as &[_], |shown| shown.introductions.rows());
        let were: BTreeSet<Key> = earlier.iter().map(IntroductionRow::cell).collect();
        introductions
            .retain(|measured| were.contains(&measured.row.cell()) || !self.ledger.is_held(&pair(&measured.row)));
        let are: BTreeSet<Key> = introductions.iter().map(|measured| measured.row.cell()).collect();
        let gone = earlier.iter().filter(|row| !are.contains(&row.cell()) && self.ledger.is_held(&pair(row)));
        introductions.extend(gone.cloned().map(nobody));
        introductions.into_iter().map(|measured| self.as_its_pair(measured)).collect()
    }

    /// An introduction shows what its pair shows, and has sums of its own.
    fn as_its_pair(&mut self, measured: Measured<IntroductionRow>) -> (Measured<IntroductionRow>, Decision) {
        let cell = measured.row.cell();
        let pair = Key { name: "unit_pairs".into(), ..cell.clone() };
        let decision = match self.ledger.is_held(&pair) || !self.ledger.may_change(&cell) {
            true => Decision::Carried,
            false => decide(&measured.side_a, &measured.side_b, self.rules),
        };
        (measured, decision)
    }

    fn freedoms(&mut self, freedoms: Vec<Measured<FreedomRow>>) -> Published<FreedomRow> {
        let measured = freedoms.iter().filter(|measured| measured.row.estimate.is_some()).count();
        let decide = |measured: Measured<FreedomRow>| {
            let cell = measured.row.cell();
            let unit = Key::new("units", &measured.row.grouping, &[&measured.row.unit]);
            // What a unit's own row says is said again by the rows of connect.
            let is_said_again = measured.row.freedom == "connect" && self.ledger.is_held(&unit);
            let decision = match is_said_again || !self.ledger.may_change(&cell) {
                true => Decision::Carried,
                false => decide(&measured.side_a, &measured.side_b, self.rules),
            };
            (measured, decision)
        };
        let mut decided: Decided<FreedomRow> = freedoms.into_iter().map(decide).collect();
        // The row of everybody is the sum.
        let is_of_all = |row: &FreedomRow| row.unit == "(all)";
        let (all, mut decided): (Decided<_>, Decided<_>) = decided.drain(..).partition(|(own, _)| is_of_all(&own.row));
        hide_another(&mut decided, |row| (row.grouping.clone(), row.indicator.clone()), |row| row.people_count);
        decided.extend(all);
        let rows = self.rows("freedoms", decided, self.shown.map(|tables| &tables.freedoms));
        // A row without a number has nothing that is withheld.
        let shown = rows.rows().iter().filter(|row| row.estimate.is_some()).count();
        self.withheld.insert("freedoms", measured.saturating_sub(shown) as u64);
        rows
    }

    /// The tables behind which everybody stands.
    fn whole(
        &mut self,
        organization: Vec<OrganizationRow>,
        sensitivity: Vec<Measured<SensitivityRow>>,
        everybody: &[Contribution],
    ) -> (Published<OrganizationRow>, Published<SensitivityRow>) {
        let may_change = self.ledger.may_change(&Key::new(EVERYBODY, "", &[]));
        let decision = match (may_change, everybody.len() < self.rules.min_people) {
            (false, _) => Decision::Carried,
            (true, true) => Decision::FewPeople,
            (true, false) => Decision::Show,
        };
        let organization = organization.into_iter().map(|row| (nobody(row), decision)).collect();
        let few = |people: usize| people > 0 && people < self.rules.min_people;
        let of_row = |measured: Measured<SensitivityRow>| {
            let decision = match decision {
                Decision::Show => decide(&measured.side_a, &measured.side_b, self.rules),
                other => other,
            };
            // Few people without a tie would be counted.
            let isolated = measured.row.isolated_count.filter(|&count| !few(count as usize));
            let row = SensitivityRow { isolated_count: isolated, ..measured.row };
            (Measured { row, ..measured }, decision)
        };
        let sensitivity = sensitivity.into_iter().map(of_row).collect();
        (
            self.rows("organization", organization, self.shown.map(|tables| &tables.organization)),
            self.rows("sensitivity", sensitivity, self.shown.map(|tables| &tables.sensitivity)),
        )
    }

    /// Rows as decided.
    fn rows<R: Row>(&mut self, table: &'static str, decided: Decided<R>, shown: Option<&Published<R>>) -> Published<R> {
        let earlier: BTreeMap<Key, &R> =
            shown.into_iter().flat_map(|shown| shown.rows()).map(|row| (row.place(), row)).collect();
        let people = |side: &[Contribution]| side.iter().filter(|part| part.units > 0).count();
        let mut out = Vec::with_capacity(decided.len());
        for (Measured { mut row, side_a, side_b, .. }, decision) in decided {
            *row.as_of() = Some(self.ledger.date());
            let smaller_side_count = people(&side_a).min(people(&side_b));
            out.push(match decision {
                Decision::Show => {
                    self.ledger.show(&row.cell());
                    row
                }
                Decision::FewPeople | Decision::Dominance => {
                    self.ledger.show(&row.cell());
                    *self.withheld.entry(table).or_default() += 1;
                    row.withheld(Hidden { decision, smaller_side_count })
                }
                Decision::Complementary | Decision::Carried => self.as_it_was(table, row, &earlier),
            });
        }
        Published::new(out)
    }

    /// What a row goes on showing that may not show what it is now.
    fn as_it_was<R: Row>(&mut self, table: &'static str, mut row: R, earlier: &BTreeMap<Key, &R>) -> R {
        self.ledger.hold(row.cell());
        let mut place = row.place();
        if table == "communities" {
            place.labels = self.ledger.shown_community(&place.labels[0]).into_iter().collect();
        }
        let is_young = |was: &R| was.clone().as_of().is_some_and(|as_of| self.ledger.is_young(as_of));
        match earlier.get(&place).copied().filter(|was| is_young(was)) {
            Some(was) => {
                *self.carried.entry(table).or_default() += 1;
                was.clone().with_name_of(&row)
            }
            None => {
                *self.withheld.entry(table).or_default() += 1;
                *row.as_of() = None;
                row.withheld(Hidden { decision: Decision::Carried, smaller_side_count: 0 })
            }
        }
    }
}

/// Where one row alone of a set does not show what it is now, it follows from the others and what is known of all: the
/// smallest other one goes with it.
fn hide_another<R>(rows: &mut Decided<R>, set_of: impl Fn(&R) -> (String, String), people: impl Fn(&R) -> Option<i64>) {
    let mut sets: BTreeMap<(String, String), (Vec<usize>, Vec<usize>)> = BTreeMap::new();
    for (at, (measured, decision)) in rows.iter().enumerate() {
        let (hidden, shown) = sets.entry(set_of(&measured.row)).or_default();
        if *decision == Decision::Show { shown.push(at) } else { hidden.push(at) }
    }
    for (_, shown) in sets.into_values().filter(|(hidden, _)| hidden.len() == 1) {
        if let Some(smallest) = shown.into_iter().min_by_key(|&at| (people(&rows[at].0.row), at)) {
            rows[smallest].1 = Decision::Complementary;
        }
    }
}

/// A row about everybody, whose sides are not asked.
fn nobody<R>(row: R) -> Measured<R> {
    Measured { row, side_a: Vec::new(), side_b: Vec::new(), sums: Vec::new() }
}

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

#[cfg(test)]
mod tests {
    use super::*;
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
        publish(tables, publish_coverage(Vec::new(), rules), rules, Past::nothing(DATE, 91, Tags::new(&key, &tokens)))
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
            as_of: None,
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
        let tables = MeasuredTables { unit_pairs: vec![pair(12, false)], ..Default::default() };
        let Publication { tables, .. } = first(tables, rules);
        assert!(tables.unit_pairs.rows()[0].suppressed && tables.unit_pairs.rows()[0].carriers_band.is_none());
    }
}
