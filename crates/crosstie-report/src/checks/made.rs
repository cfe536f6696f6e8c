//! Made tables of an organization: names of ours, values from a counter-based stream, every kind of row.

use crate::{Earlier, Input, Pages, RunFacts, SourceFacts, render};
use crosstie_model::num::log2;
use crosstie_model::tables::{
    CommunityRow, CoverageRow, FreedomRow, HierarchyRow, IntroductionRow, MetricRow, OrganizationRow, SensitivityRow,
    TrendRow, UnitPairRow, UnitRow,
};
use crosstie_model::{Day, Record, Stream};
use crosstie_privacy::{Published, PublishedTables};
use std::collections::BTreeMap;

/// Monday, 2 March 2026.
const START: i32 = 20_514;
const NAMES: [&str; 12] = [
    "Finance",
    "Legal",
    "Logistics",
    "People",
    "Plant North",
    "Plant South",
    "Purchasing",
    "Quality",
    "Research",
    "Sales East",
    "Sales West",
    "Service",
];

/// Rows and facts before they are published, to be changed by a test.
#[derive(Clone)]
pub(crate) struct Made {
    pub(crate) units: Vec<UnitRow>,
    pub(crate) unit_pairs: Vec<UnitPairRow>,
    pub(crate) communities: Vec<CommunityRow>,
    pub(crate) hierarchy: Vec<HierarchyRow>,
    pub(crate) freedoms: Vec<FreedomRow>,
    pub(crate) introductions: Vec<IntroductionRow>,
    pub(crate) trends: Vec<TrendRow>,
    pub(crate) organization: Vec<OrganizationRow>,
    pub(crate) sensitivity: Vec<SensitivityRow>,
    pub(crate) coverage: Vec<CoverageRow>,
    pub(crate) metrics: Vec<MetricRow>,
    pub(crate) facts: RunFacts,
    pub(crate) earlier: Vec<Earlier>,
    pub(crate) unreadable: Vec<String>,
}

/// Rows as privacy passes them, by the way of rows that are read back.
fn published<R: Record + Clone>(rows: &[R]) -> Published<R> {
    let hash = blake3::hash(b"").to_hex();
    Published::reread(b"", &hash, |_| Some(rows.to_vec())).unwrap()
}

impl Made {
    pub(crate) fn tables(&self) -> PublishedTables {
        PublishedTables {
            units: published(&self.units),
            unit_pairs: published(&self.unit_pairs),
            communities: published(&self.communities),
            hierarchy: published(&self.hierarchy),
            freedoms: published(&self.freedoms),
            introductions: published(&self.introductions),
            trends: published(&self.trends),
            organization: published(&self.organization),
            sensitivity: published(&self.sensitivity),
            coverage: published(&self.coverage),
            metrics: published(&self.metrics),
        }
    }

    fn input<'a>(&'a self, tables: &'a PublishedTables) -> Input<'a> {
        Input { tables, facts: &self.facts, earlier: &self.earlier, unreadable: &self.unreadable }
    }

    pub(crate) fn render(&self) -> Pages {
        render(&self.input(&self.tables()))
    }

    pub(crate) fn document(&self) -> crate::document::Document {
        crate::pages::document(&self.input(&self.tables()))
    }

    /// As an earlier run: `windows` of 91 days before.
    fn before(&self, windows: i32) -> Earlier {
        let mut then = self.clone();
        let back = 91 * windows;
        for row in &mut then.trends {
            row.period_start = Day(row.period_start.0 - back);
            row.openness = row.openness.map(|openness| openness + 0.2 * f64::from(windows));
            row.event = None;
        }
        then.facts.window_first = Day(START - back).to_string();
        then.facts.window_last = Day(START - back + 90).to_string();
        Earlier { facts: then.facts.clone(), tables: then.tables() }
    }

    /// With two earlier windows, so that changes are told.
    pub(crate) fn with_earlier(mut self) -> Made {
        self.earlier = vec![self.before(1), self.before(2)];
        for (at, row) in self.trends.iter_mut().enumerate() {
            row.compared_period_start = Some(Day(START - 7));
            row.change_period_start = Some(Day(START - 91));
            row.event = Some(["continue", "continue", "grow", "continue", "shrink"][at % 5].into());
            row.change_evidence = if row.openness.is_some() { "enough" } else { "few_people" }.into();
            row.openness_change = row.openness.map(|_| -0.2);
            row.openness_change_low = row.openness.map(|_| -0.5);
            row.openness_change_high = row.openness.map(|_| if at % 3 == 0 { -0.05 } else { 0.1 });
        }
        self
    }

    /// Every number withheld.
    pub(crate) fn withheld(mut self) -> Made {
        for row in &mut self.units {
            *row = silent_unit(&row.unit, row.people_count, "few_people");
        }
        for row in &mut self.unit_pairs {
            *row = UnitPairRow {
                weight: None,
                expected_weight: None,
                log2_ratio: None,
                log2_low: None,
                log2_high: None,
                carriers_band: None,
                top_carrier_band: None,
                suppressed: true,
                ..row.clone()
            };
        }
        for row in &mut self.hierarchy {
            row.lift = None;
            row.lift_low = None;
            row.lift_high = None;
            row.weight_share = None;
            row.expected_share = None;
            row.tie_count = None;
            row.dyad_lift = None;
        }
        for row in &mut self.freedoms {
            row.estimate = None;
            row.low = None;
            row.high = None;
            row.expected = None;
            row.people_count = None;
            row.events_count = None;
            row.evidence = "few_people".into();
        }
        for row in &mut self.organization {
            row.value = None;
            row.low = None;
            row.high = None;
        }
        self.communities.clear();
        self.introductions.clear();
        for row in &mut self.trends {
            row.openness = None;
            row.openness_low = None;
            row.openness_high = None;
            row.people_count = None;
        }
        let (units, pairs) = (self.units.len() as u64, self.unit_pairs.len() as u64);
        self.facts.withheld = [("units".to_string(), units), ("unit_pairs".to_string(), pairs)].into();
        self
    }

    /// Every name of a unit, source and pipeline replaced, and that of the community.
    pub(crate) fn renamed(mut self, rename: &dyn Fn(&str) -> String) -> Made {
        self.units.iter_mut().for_each(|row| row.unit = rename(&row.unit));
        for row in &mut self.unit_pairs {
            (row.unit_a, row.unit_b) = (rename(&row.unit_a), rename(&row.unit_b));
        }
        self.communities.iter_mut().for_each(|row| row.main_unit = row.main_unit.as_deref().map(rename));
        self.freedoms.iter_mut().filter(|row| row.unit != "(all)").for_each(|row| row.unit = rename(&row.unit));
        for row in &mut self.introductions {
            (row.unit_a, row.unit_b) = (rename(&row.unit_a), rename(&row.unit_b));
        }
        for row in &mut self.trends {
            row.unit = row.unit.as_deref().map(rename);
            row.silo_id = rename(&row.silo_id);
        }
        self.coverage.iter_mut().for_each(|row| row.source = rename(&row.source));
        self.facts.sources.iter_mut().for_each(|source| source.name = rename(&source.name));
        self.facts.pipeline = rename(&self.facts.pipeline);
        for value in self.facts.settings.values_mut().filter(|value| *value == "Find closed units") {
            *value = rename(value);
        }
        self
    }
}

/// A number from a stream, between two.
fn between(stream: &mut Stream, low: f64, high: f64) -> f64 {
    low + stream.unit() * (high - low)
}

fn silent_unit(unit: &str, people: i64, evidence: &str) -> UnitRow {
    UnitRow {
        grouping: "unit".into(),
        unit: unit.into(),
        people_count: people,
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
        evidence: evidence.into(),
        as_of: None,
    }
}

/// Names of so many units.
fn labels(units: usize) -> Vec<String> {
    let mut labels: Vec<String> =
        (0..units).map(|at| NAMES.get(at).map_or_else(|| format!("Unit {at:03}"), ToString::to_string)).collect();
    labels.sort();
    labels
}

/// An organization with so many units: the second is a silo, the third has too few events, pairs of every step.
pub(crate) fn made(units: usize) -> Made {
    let labels = labels(units);
    let mut stream = Stream::new(7, "made report", &[units as u64]);
    let mut made = Made {
        units: labels.iter().enumerate().map(|(at, unit)| unit_row(&mut stream, at, unit)).collect(),
        unit_pairs: Vec::new(),
        communities: (0..units.min(6) as i64).map(|at| community(at, &labels[at as usize])).collect(),
        hierarchy: hierarchy(),
        freedoms: freedoms(&labels),
        introductions: Vec::new(),
        trends: Vec::new(),
        organization: organization(),
        sensitivity: vec![SensitivityRow {
            rule: "max_recipients".into(),
            value: "4".into(),
            tie_count: Some(1985),
            isolated_count: Some(0),
            ei_index: Some(-0.043),
            ei_index_expected: Some(0.819),
            openness: Some(-1.052),
            reach2_share: Some(0.37),
            as_of: None,
        }],
        coverage: ["chat", "mail"].iter().flat_map(|source| (0..13).map(|week| coverage(source, week))).collect(),
        metrics: metrics(),
        facts: facts(units),
        earlier: Vec::new(),
        unreadable: Vec::new(),
    };
    for a in 0..units {
        for b in a..units {
            made.unit_pairs.push(pair(&mut stream, &labels[a], &labels[b]));
        }
    }
    made.introductions =
        made.unit_pairs.iter().filter(|row| row.unit_a != row.unit_b).zip(1..).map(introduction).collect();
    let of_units = made.units.iter().map(|row| trend(&format!("u:{}", row.unit), Some(row), None));
    let of_communities = made.communities.iter().map(|row| trend(&format!("c:{}", row.community_id), None, Some(row)));
    made.trends = of_units.chain(of_communities).collect();
    made
}

fn unit_row(stream: &mut Stream, at: usize, unit: &str) -> UnitRow {
    let people = 12 + (at as i64 * 7) % 40;
    if at == 2 {
        return silent_unit(unit, people, "few_events");
    }
    let is_silo = at == 1;
    let openness = if is_silo { -2.0 } else { between(stream, -0.8, 0.2) };
    let relative = if is_silo { -2.5 } else { between(stream, -0.3, 0.9) };
    let share = 0.9 * crosstie_model::num::exp2(openness);
    UnitRow {
        external_share: Some(share.min(0.97)),
        expected_external_share: Some(0.9),
        openness: Some(openness),
        openness_low: Some(openness - 0.4),
        openness_high: Some(openness + 0.3),
        typical_external_share: Some(0.6),
        relative_openness: Some(relative),
        relative_openness_low: Some(relative - 0.6),
        relative_openness_high: Some(relative + 0.5),
        relative_z: Some(-0.3),
        z: Some(-12.0),
        ei_index: Some(-0.1),
        ei_index_expected: Some(0.8),
        conductance: Some(0.4),
        reach2_share: Some(0.38),
        silo: Some(is_silo),
        ..silent_unit(unit, people, "enough")
    }
}

fn pair(stream: &mut Stream, a: &str, b: &str) -> UnitPairRow {
    let kind = stream.below(10);
    let ratio = between(stream, -2.6, 2.6);
    let width = between(stream, 0.2, 0.9);
    let row = UnitPairRow {
        grouping: "unit".into(),
        unit_a: a.into(),
        unit_b: b.into(),
        weight: Some(100.0 * crosstie_model::num::exp2(ratio)),
        expected_weight: Some(100.0),
        log2_ratio: Some(ratio),
        log2_low: Some(ratio - width),
        log2_high: Some(ratio + width),
        carriers_band: (a != b).then(|| ["under_10", "10_24", "25_49"][kind as usize % 3].into()),
        top_carrier_band: (a != b).then(|| ["over_50", "25_50", "under_25"][kind as usize % 3].into()),
        suppressed: false,
        as_of: None,
    };
    match kind {
        0 if a != b => UnitPairRow {
            weight: None,
            expected_weight: None,
            log2_ratio: None,
            log2_low: None,
            log2_high: None,
            top_carrier_band: None,
            suppressed: true,
            ..row
        },
        1 if a != b => UnitPairRow {
            weight: Some(0.0),
            log2_ratio: None,
            log2_low: None,
            log2_high: None,
            top_carrier_band: None,
            ..row
        },
        2 => UnitPairRow { log2_low: None, ..row },
        _ => row,
    }
}

fn community(id: i64, unit: &str) -> CommunityRow {
    CommunityRow {
        community_id: id,
        people_count: Some(40 - id),
        units_count: (id % 2 == 0).then_some(3),
        main_unit: Some(unit.into()),
        main_unit_share: (id % 2 == 0).then_some(0.6),
        internal_share: Some(0.4),
        expected_internal_share: Some(0.05),
        openness: Some(-0.6),
        openness_low: Some(-0.8),
        openness_high: Some(-0.4),
        stability: Some(0.95 - 0.1 * id as f64),
        persistence_count: Some(2),
        as_of: None,
    }
}

fn hierarchy() -> Vec<HierarchyRow> {
    let row = |relation: &str, distance: Option<i64>, lift: f64| HierarchyRow {
        relation: relation.into(),
        tree_distance: distance,
        tie_count: Some(240),
        weight_share: Some(0.1),
        expected_share: Some(0.1 / lift),
        lift: Some(lift),
        lift_low: Some(lift * 0.8),
        lift_high: Some(lift * 1.25),
        dyad_share: Some(0.02),
        dyad_lift: Some(lift),
        as_of: None,
    };
    let mut rows = vec![
        row("cross_branch", None, 0.57),
        row("distance_1", Some(1), 26.0),
        row("distance_2", Some(2), 9.5),
        row("distance_3", Some(3), 0.7),
        row("distance_4", Some(4), 0.8),
        row("distance_5", Some(5), 0.5),
        row("distance_6_and_more", None, 0.4),
        row("manager_to_report", Some(1), 26.0),
        row("report_to_manager", Some(1), 25.0),
        row("siblings", Some(2), 13.0),
        row("skip_down", None, 1.1),
        row("skip_up", None, 0.9),
    ];
    rows[3].lift = None;
    rows[10].lift = None;
    rows
}

fn freedoms(labels: &[String]) -> Vec<FreedomRow> {
    let mut rows = Vec::new();
    for (freedom, indicator, estimate, expected, evidence) in [
        ("connect", "openness", Some(-1.0), Some(0.0), "enough"),
        ("connect", "reach2_share", Some(0.38), None, "enough"),
        ("connect", "units_reached", Some(3.97), Some(6.4), "enough"),
        ("connect", "distance_slope", Some(-0.7), Some(0.0), "enough"),
        ("contribute", "reply_odds_ratio_upward", Some(1.1), Some(1.0), "enough"),
        ("contribute", "reply_odds_ratio_upward_in_chain", Some(1.3), Some(1.0), "enough"),
        ("contribute", "reply_odds_ratio_upward_out_of_chain", Some(0.99), Some(1.0), "enough"),
        ("contribute", "placebo_in_chain", Some(0.07), None, "enough"),
        ("contribute", "placebo_other", Some(0.06), None, "enough"),
        ("contribute", "attention_rank_r2", None, None, "wide_interval"),
        ("choose", "discretionary_openers", Some(-0.6), Some(0.0), "enough"),
        ("choose", "self_join_share", None, None, "no_data"),
        ("choose", "leave_share", None, None, "no_data"),
        ("challenge", "upward_use", None, None, "few_events"),
        ("challenge", "upward_answered", None, None, "few_events"),
    ] {
        let row = |unit: &str| FreedomRow {
            grouping: "unit".into(),
            unit: unit.into(),
            freedom: freedom.into(),
            indicator: indicator.into(),
            estimate,
            low: estimate.filter(|_| expected.is_some()).map(|value: f64| value - 0.06 * value.abs()),
            high: estimate.filter(|_| expected.is_some()).map(|value: f64| value + 0.05 * value.abs()),
            expected,
            people_count: estimate.map(|_| 300),
            events_count: estimate.map(|_| 4000),
            grade: match indicator {
                "discretionary_openers" => "D",
                "reach2_share" | "attention_rank_r2" | "self_join_share" | "leave_share" => "C",
                "upward_use" | "upward_answered" => "C",
                _ => "B",
            }
            .into(),
            evidence: evidence.into(),
            cannot_claim: format!("Contact is not all there is to the freedom to {freedom}. Much is not seen."),
            as_of: None,
        };
        rows.push(row("(all)"));
        rows.extend(labels.iter().map(|unit| row(unit)));
    }
    rows
}

fn introduction((row, at): (&UnitPairRow, i64)) -> IntroductionRow {
    let is_short = row.log2_high.is_some_and(|high| high < 0.0);
    IntroductionRow {
        grouping: "unit".into(),
        unit_a: row.unit_a.clone(),
        unit_b: row.unit_b.clone(),
        rank: is_short.then_some(at),
        shortfall: is_short.then_some(400.0 - at as f64),
        warm_pairs_count: is_short.then_some(300),
        introducers_band: is_short.then(|| "25_49".into()),
        pairs_opened_mean: is_short.then_some(12.5),
        as_of: None,
    }
}

fn trend(silo_id: &str, unit: Option<&UnitRow>, community: Option<&CommunityRow>) -> TrendRow {
    TrendRow {
        silo_id: silo_id.into(),
        period_start: Day(START),
        grouping: if unit.is_some() { "unit" } else { "community" }.into(),
        unit: unit.map(|row| row.unit.clone()),
        community_id: community.map(|row| row.community_id),
        compared_period_start: None,
        event: None,
        people_count: unit.map(|row| row.people_count).or(community.and_then(|row| row.people_count)),
        openness: unit.and_then(|row| row.openness).or(community.and_then(|row| row.openness)),
        openness_low: unit.and_then(|row| row.openness_low).or(community.and_then(|row| row.openness_low)),
        openness_high: unit.and_then(|row| row.openness_high).or(community.and_then(|row| row.openness_high)),
        change_period_start: None,
        openness_change: None,
        openness_change_low: None,
        openness_change_high: None,
        change_evidence: "no_window".into(),
        as_of: None,
    }
}

fn organization() -> Vec<OrganizationRow> {
    let row = |metric: &str, value: f64, interval: Option<(f64, f64)>, expected: Option<f64>| OrganizationRow {
        metric: metric.into(),
        value: Some(value),
        low: interval.map(|ends| ends.0),
        high: interval.map(|ends| ends.1),
        expected,
        z: None,
        as_of: None,
    };
    vec![
        row("agreement_ami", 0.76, None, Some(0.0)),
        row("direct_routing_share", 0.91, Some((0.83, 0.97)), Some(0.91)),
        row("external_share", 0.44, None, Some(0.916)),
        row("modularity_communities", 0.48, None, Some(0.37)),
        row("openness", log2(0.44 / 0.916), Some((-1.2, -0.9)), Some(0.0)),
        row("self_test_no_silo", 0.0, Some((0.02, 0.05)), Some(0.0)),
        row("self_test_planted", -1.0, Some((-1.3, -0.6)), Some(-1.0)),
        row("self_test_planted_silo", 1.0, None, None),
    ]
}

fn coverage(source: &str, week: i32) -> CoverageRow {
    let is_gap = source == "chat" && week == 5;
    let seen = if is_gap { 90 } else { 700 };
    CoverageRow {
        source: source.into(),
        period_start: Day(START + 7 * week),
        weeks_count: 1,
        records_seen: Some(seen),
        used_count: Some(seen),
        duplicate_count: Some(0),
        excluded_count: Some(0),
        quarantined_count: Some(0),
        first_at: Some(Day(START + 7 * week)),
        last_at: Some(Day(START + 7 * week + 4)),
        gap: is_gap,
        gap_reason: is_gap.then(|| "low_volume".into()),
    }
}

fn metrics() -> Vec<MetricRow> {
    ["openness", "silo", "unit_pair_ratio"]
        .iter()
        .map(|metric| MetricRow {
            metric: (*metric).into(),
            table_name: "units".into(),
            question: "How much of the contact crosses the border?".into(),
            formula: "log2(external_share / expected_external_share)".into(),
            unit: "log2".into(),
            range_low: None,
            range_high: None,
            undefined_when: "there is no contact".into(),
            grade: "B".into(),
            cannot_claim: "that contact is useful, wanted or missed".into(),
            sources: "Owen 2007, doi:10.1214/07-AOAS122".into(),
        })
        .collect()
}

fn facts(units: usize) -> RunFacts {
    let counts = [
        ("people", 300),
        ("units", units as u64),
        ("messages_in_ties", 30_000),
        ("weeks_with_contact", 13),
        ("bridges", 11),
        ("bridge_candidates", 288),
        ("lasting_bridges", 4),
        ("lasting_bridge_candidates", 250),
    ];
    let settings = [
        ("policy.purpose", "Find closed units"),
        ("policy.audience", "[board, works council]"),
        ("policy.agreement", "works council 2026-14"),
        ("policy.expires", "2027-03-31"),
        ("policy.blake3", "0123456789abcdef0123456789abcdef"),
        ("policy.contact", "the data protection officer"),
        ("privacy.min_people", "10"),
        ("privacy.retention", "default"),
        ("silos.min_messages", "200"),
        ("sources.chat.kind", "chat"),
        ("sources.mail.kind", "mail"),
        ("window.days", "91"),
    ];
    let source = |name: &str, seen: u64| SourceFacts {
        name: name.into(),
        seen,
        used: seen - 200,
        duplicate: 150,
        excluded: [("automated".to_string(), 47)].into(),
        quarantined: [("I104".to_string(), 3)].into(),
        files: vec!["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into()],
    };
    RunFacts {
        pipeline: "acme".into(),
        run_id: "53f7bcf4af1f889c".into(),
        version: "0.1.0".into(),
        snapshot_date: Day(START + 90).to_string(),
        window_first: Day(START).to_string(),
        window_last: Day(START + 90).to_string(),
        counts: counts.map(|(name, count)| (name.to_string(), count)).into(),
        sources: vec![source("mail", 21_000), source("chat", 9_000), source("directory", 307)],
        notices: BTreeMap::from([("I310".to_string(), 2)]),
        withheld: [("unit_pairs".to_string(), 8), ("introductions".to_string(), 3)].into(),
        held_by_ledger: 0,
        settings: settings.map(|(key, value)| (key.to_string(), value.to_string())).into(),
    }
}
