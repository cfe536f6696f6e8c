//! All measures of one window, in order.

use crate::betweenness::person_betweenness;
use crate::border_sums::{border_sums, parts_of_everybody};
use crate::bridge_windows::marks;
use crate::bridges::{Bridge, bridges};
use crate::carriers::{Carriers, carriers};
use crate::communities::{FoundCommunities, community_rows, find_communities, sides};
use crate::conductance::conductance;
use crate::direct_routing::{RoutingStatistic, direct_routing_of};
use crate::ei_index;
use crate::freedoms::Freedoms;
use crate::graphs::Graphs;
use crate::hierarchy::{Relation, RelationStatistic, hierarchy_of};
use crate::interval::{Interval, finite};
use crate::introductions::introductions;
use crate::openness::{Openness, Units, openness_of};
use crate::pair_intervals::pair_intervals;
use crate::people::{Positions, people_rows};
use crate::reach::reach2_share;
use crate::replicate::{Draws, bootstrap};
use crate::replicates::replicate_rows;
use crate::self_test::self_test;
use crate::sensitivity::{Variant, sensitivity};
use crate::silo::{Doubts, judge};
use crate::tree::Tree;
use crate::trends::{COMMUNITY, Chart, Earlier, Silo, TrackedSilo, Trends, trends};
use crate::unit_pairs::unit_pairs;
use crate::unit_sums::UnitSums;
use crate::{MeasureParams, whole};
use crosstie_model::tables::{
    CommunityRow, FreedomRow, HierarchyRow, IntroductionRow, OrganizationRow, PairCarrierRow, PersonRow, ReplicateRow,
    SensitivityRow, TieRow, TrendRow, UnitPairRow, UnitRow,
};
use crosstie_model::{
    Contribution, Grouping, Measured, NewGroups, Opener, Openers, Organization, PersonId, Window, WindowTie, WindowTies,
};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is measured.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// The people.
    pub organization: &'a Organization,
    /// Their pseudonyms.
    pub person_ids: &'a [PersonId],
    /// Their units, small ones rolled up.
    pub grouping: &'a Grouping,
    /// Other ways of dividing them, small units rolled up: each gets its own rows of units and pairs.
    pub compare: &'a [Grouping],
    /// The days.
    pub window: Window,
    /// Their contact.
    pub ties: &'a WindowTies,
    /// What is known of earlier windows.
    pub earlier: &'a Earlier,
    /// Messages that began contact, and whether they were answered.
    pub openers: &'a Openers,
    /// Groups that began; `None` unless asked for.
    pub new_groups: Option<&'a NewGroups>,
    /// Whether each behaves like a machine: such accounts have no bridge rank.
    pub machine_like: &'a [bool],
    /// Whether over 20 % of the window's weeks of a source lack data.
    pub coverage_gap: bool,
    /// The ties under other rules, for the table of what each rule does.
    pub variants: &'a [Variant],
    /// Whether the replicates are wanted as a table.
    pub keep_replicates: bool,
    /// Parameters.
    pub params: &'a MeasureParams,
}

/// Rows with the people behind them; nothing is withheld yet.
#[derive(Clone, Debug, Default)]
pub struct Measures {
    /// Rows of `units`.
    pub units: Vec<Measured<UnitRow>>,
    /// Rows of `unit_pairs`.
    pub unit_pairs: Vec<Measured<UnitPairRow>>,
    /// What each person sent and received: behind the numbers of the whole organization.
    pub everybody: Vec<Contribution>,
    /// Rows of `communities`.
    pub communities: Vec<Measured<CommunityRow>>,
    /// Rows of `hierarchy`.
    pub hierarchy: Vec<Measured<HierarchyRow>>,
    /// Rows of `introductions`.
    pub introductions: Vec<Measured<IntroductionRow>>,
    /// Rows of `trends`.
    pub trends: Vec<Measured<TrendRow>>,
    /// Rows of `trends` of what is no more: nobody is behind them, and they hold no number.
    pub ended: Vec<TrendRow>,
    /// Units and communities as later runs need them.
    pub tracked: Vec<TrackedSilo>,
    /// The number that no community had yet.
    pub next_community: u64,
    /// Whether each person stands out as a bridge in this window; `None` without a `bridge_p`.
    pub bridge_marks: Vec<Option<bool>>,
    /// People with enough ends to be judged as bridges in this window.
    pub bridge_candidates_count: u64,
    /// Rows of `sensitivity`, with the people who have a tie.
    pub sensitivity: Vec<Measured<SensitivityRow>>,
    /// Rows of `replicates`; none unless asked for.
    pub replicates: Vec<ReplicateRow>,
    /// Rows of `freedoms`.
    pub freedoms: Vec<Measured<FreedomRow>>,
    /// Rows of `organization`; everybody stands behind them.
    pub organization: Vec<OrganizationRow>,
    /// Rows of `people`.
    pub people: Vec<PersonRow>,
    /// People from whom betweenness was searched; 0 where it is exact.
    pub betweenness_pivot_count: usize,
    /// Rows of `pair_carriers`.
    pub pair_carriers: Vec<PairCarrierRow>,
    /// Rows of `ties`.
    pub ties: Vec<TieRow>,
}

/// Measures a window. `stage` is told what comes next.
///
/// # Errors
/// Whatever `stage` answers: then nothing more is computed.
///
/// # Panics
/// If `person_ids` or the grouping are not one entry a person.
pub fn measure<E>(input: &Input<'_>, stage: &mut dyn FnMut(&'static str) -> Result<(), E>) -> Result<Measures, E> {
    let Input { organization, grouping, ties, params, .. } = *input;
    assert_eq!(input.person_ids.len(), organization.len(), "one pseudonym a person");
    assert_eq!(grouping.unit_of.len(), organization.len(), "one unit a person");

    stage("graphs")?;
    let unit_of = grouping.dense();
    let unit_count = grouping.labels.len();
    let people_counts = grouping.people_counts();
    let units = Units { unit_of: &unit_of, people_counts: &people_counts };
    let tree = Tree::new(organization);
    let graphs = Graphs::new(organization.len(), ties, params.reciprocated_each_way);

    // Side by side, here and below: where one waits for a single thread, the other goes on.
    stage("communities, self-test")?;
    let (found, tested) = rayon::join(
        || find_communities(&graphs.ties, params),
        || self_test(organization, ties, &unit_of, &people_counts, params),
    );
    let doubts = Doubts { coverage_gap: input.coverage_gap, self_test_failed: tested.failed };
    let community_of = found.labels();
    let groups = Units { unit_of: &community_of, people_counts: &found.sizes };

    stage("replicates")?;
    let draws = Draws::new(organization, params.seed, params.replicates);
    let by_tree = tree.as_ref().map(|tree| (RelationStatistic::new(tree, ties), RoutingStatistic::new(grouping, tree)));
    let others: Vec<Divided> = input.compare.iter().map(Divided::new).collect();
    let of_others: Vec<_> = others.iter().map(|other| other.units().statistic(ties)).collect();
    let statistics = (((units.statistic(ties), groups.statistic_without_pairs()), by_tree), of_others);
    let sums = bootstrap(ties, &draws, &statistics);
    let (unit_sums, group_sums): (Vec<_>, Vec<_>) =
        sums.iter().map(|(((units, groups), _), _)| (units, groups)).unzip();
    let (relation_sums, routing_sums): (Vec<_>, Vec<_>) =
        sums.iter().filter_map(|((_, sums), _)| sums.as_ref()).map(|(relations, routing)| (relations, routing)).unzip();

    stage("openness")?;
    let mut openness = openness_of(units.flows(ties), units, &draws, &unit_sums, params);
    let group_openness = openness_of(groups.flows(ties), groups, &draws, &group_sums, params);

    stage("hierarchy")?;
    let by_relation = tree
        .as_ref()
        .zip(statistics.0.1.as_ref())
        .map(|(tree, (relations, _))| hierarchy_of(organization, tree, ties, relations, &draws, &relation_sums));
    let routing = statistics.0.1.as_ref().map(|(_, routing)| routing).filter(|routing| routing.has_heads());
    let direct = routing.and_then(|routing| direct_routing_of(ties, routing, &draws, &routing_sums));

    stage("unit pairs")?;
    let intervals = pair_intervals(ties, units, &openness, &draws, &unit_sums);
    let replicates = match input.keep_replicates {
        true => replicate_rows(grouping, units, &openness, &draws, &unit_sums, params),
        false => Vec::new(),
    };

    stage("other groupings")?;
    let beside: Vec<Beside> = input
        .compare
        .iter()
        .zip(&others)
        .enumerate()
        .map(|(at, (grouping, divided))| {
            let sums: Vec<&UnitSums> = sums.iter().map(|(_, others)| &others[at]).collect();
            let mut openness = openness_of(divided.units().flows(ties), divided.units(), &draws, &sums, params);
            let intervals = pair_intervals(ties, divided.units(), &openness, &draws, &sums);
            openness.set_spread(ties, &divided.unit_of, params);
            Beside { grouping, divided, openness, intervals }
        })
        .collect();
    drop((sums, statistics));

    stage("permutations")?;
    openness.set_spread(ties, &unit_of, params);

    stage("reach")?;
    let (reach2_of_unit, reach2) = reach2_share(&graphs.ties, &unit_of, unit_count);

    stage("carriers")?;
    let carriers = carriers(&graphs.ties, &unit_of, unit_count);

    stage("bridges")?;
    let known_unit: Vec<Option<u32>> = grouping.unit_of.iter().map(|unit| unit.map(|unit| unit.0)).collect();
    let on_chain = |a: u32, b: u32| tree.as_ref().is_some_and(|tree| Relation::of(tree.path(a, b)).is_on_the_chain());
    let is_ranked = |person: u32| !input.machine_like.get(person as usize).copied().unwrap_or(false);
    let bridges = bridges(&graphs.ties, &known_unit, is_ranked, on_chain, params.seed);

    stage("betweenness")?;
    let betweenness = person_betweenness(&graphs.ties, &organization.stream_of, params);

    stage("people")?;
    let bridge_marks = marks(&bridges);
    let bridge_candidates_count = bridges.iter().flatten().filter(|bridge: &&Bridge| bridge.is_judged()).count() as u64;
    let windows: Vec<&[Option<bool>]> =
        std::iter::once(&bridge_marks).chain(&input.earlier.bridge_marks).map(Vec::as_slice).collect();
    let positions = Positions { found: &found, bridges: &bridges, bridge_windows: &windows, betweenness: &betweenness };
    let people = people_rows(input.person_ids, &graphs, grouping, tree.as_ref(), &positions);

    stage("rows")?;
    let slope = by_relation.as_ref().and_then(|by_relation| by_relation.distance_slope);
    let mut whole = whole::organization_rows(&graphs, &openness, &found, &unit_of, direct, slope, reach2);
    whole.extend(tested.rows);
    let (of_carriers, (units, pairs)) = rayon::join(
        || carrier_rows(input, &carriers),
        || {
            rayon::join(
                || unit_rows(input, &openness, &graphs, &people_counts, &reach2_of_unit, doubts),
                || unit_pairs(grouping, &openness, &intervals, ties, &carriers),
            )
        },
    );
    let introductions = introductions(&graphs.ties, grouping, &pairs);
    let (mut all_units, mut all_pairs, mut all_carriers) = (units.clone(), pairs, of_carriers);
    for beside in &beside {
        let (units, pairs, carriers) = beside.rows(input, &graphs, doubts);
        all_units.extend(units);
        all_pairs.extend(pairs);
        all_carriers.extend(carriers);
        whole.extend(beside.whole(&found));
    }

    stage("trends")?;
    let communities = community_rows(&found, &graphs, grouping, &group_openness, ties);
    let of_groupings: Vec<(&Grouping, &Openness)> = std::iter::once((grouping, &openness))
        .chain(beside.iter().map(|beside| (beside.grouping, &beside.openness)))
        .collect();
    let Trends { rows: trends, ended, tracked, next_community } =
        trends_of(input, &of_groupings, &all_units, &found, &communities, &group_openness);

    stage("sensitivity, freedoms")?;
    let openers_of_units = openers_of_units(grouping, input.openers);
    let freedoms = Freedoms {
        grouping,
        tree: tree.as_ref(),
        hierarchy: by_relation.as_ref(),
        graphs: &graphs,
        ties,
        openers: input.openers,
        openers_of_units: &openers_of_units,
        new_groups: input.new_groups,
        draws: &draws,
        units: &units,
        organization: &whole,
        coverage_gap: input.coverage_gap,
        self_test_failed: doubts.self_test_failed,
        params,
    };
    let (sensitivity, freedoms) =
        rayon::join(|| sensitivity(ties, input.variants, &unit_of, unit_count, params), || freedoms.rows());
    Ok(Measures {
        freedoms,
        organization: whole,
        everybody: parts_of_everybody(ties, organization.len()),
        units: all_units,
        unit_pairs: all_pairs,
        introductions,
        sensitivity,
        replicates,
        communities,
        trends,
        ended,
        tracked,
        next_community,
        bridge_marks,
        bridge_candidates_count,
        hierarchy: by_relation.map(|by_relation| by_relation.rows).unwrap_or_default(),
        people,
        betweenness_pivot_count: betweenness.pivot_count,
        pair_carriers: all_carriers,
        ties: tie_rows(input, tree.as_ref()),
    })
}

fn openers_of_units(grouping: &Grouping, openers: &Openers) -> Vec<Vec<Opener>> {
    let mut of_units = vec![Vec::new(); grouping.labels.len()];
    for opener in &openers.openers {
        if let Some(unit) = grouping.unit_of[opener.source as usize] {
            of_units[unit.index()].push(*opener);
        }
    }
    of_units
}

/// Another grouping as arrays.
struct Divided {
    unit_of: Vec<u32>,
    people_counts: Vec<usize>,
}

impl Divided {
    fn new(grouping: &Grouping) -> Divided {
        Divided { unit_of: grouping.dense(), people_counts: grouping.people_counts() }
    }

    fn units(&self) -> Units<'_> {
        Units { unit_of: &self.unit_of, people_counts: &self.people_counts }
    }
}

/// Another grouping, measured.
struct Beside<'a> {
    grouping: &'a Grouping,
    divided: &'a Divided,
    openness: Openness,
    intervals: Vec<Option<Interval>>,
}

type BesideRows = (Vec<Measured<UnitRow>>, Vec<Measured<UnitPairRow>>, Vec<PairCarrierRow>);

impl Beside<'_> {
    fn rows(&self, input: &Input<'_>, graphs: &Graphs, doubts: Doubts) -> BesideRows {
        let input = Input { grouping: self.grouping, ..*input };
        let Divided { unit_of, people_counts } = self.divided;
        let (reach, _) = reach2_share(&graphs.ties, unit_of, people_counts.len());
        let carriers = carriers(&graphs.ties, unit_of, people_counts.len());
        (
            unit_rows(&input, &self.openness, graphs, people_counts, &reach, doubts),
            unit_pairs(self.grouping, &self.openness, &self.intervals, input.ties, &carriers),
            carrier_rows(&input, &carriers),
        )
    }

    /// Openness of the whole by this grouping, and its agreement with communities.
    fn whole(&self, found: &FoundCommunities) -> [OrganizationRow; 2] {
        whole::grouping_rows(&self.grouping.name, &self.divided.unit_of, &self.openness, found)
    }
}

fn carrier_rows(input: &Input<'_>, carriers: &BTreeMap<(usize, usize), Carriers>) -> Vec<PairCarrierRow> {
    let name: Arc<str> = input.grouping.name.as_str().into();
    let labels: Vec<Arc<str>> = input.grouping.labels.iter().map(|label| label.as_str().into()).collect();
    let of_pair = |(&(a, b), carriers): (&(usize, usize), &'_ Carriers)| {
        let remaining = |rank: usize| carriers.remaining.get(rank).copied().flatten();
        let row = |(rank, &(person, weight_share)): (usize, &(u32, f64))| PairCarrierRow {
            grouping: name.clone(),
            unit_a: labels[a].clone(),
            unit_b: labels[b].clone(),
            person_id: input.person_ids[person as usize],
            weight_share,
            rank: rank as i64 + 1,
            remaining_share: remaining(rank),
        };
        let mut rows: Vec<PairCarrierRow> = carriers.shares.iter().enumerate().map(row).collect();
        // In the order in which the table is written.
        rows.sort_unstable_by_key(|row| row.person_id);
        rows
    };
    carriers.iter().flat_map(of_pair).collect()
}

fn unit_rows(
    input: &Input<'_>,
    openness: &Openness,
    graphs: &Graphs,
    people_counts: &[usize],
    reach2: &[Option<f64>],
    doubts: Doubts,
) -> Vec<Measured<UnitRow>> {
    let (unit_of, unit_count) = (input.grouping.dense(), people_counts.len());
    let (sides, border_sums) =
        rayon::join(|| sides(graphs, &unit_of, unit_count), || border_sums(input.ties, &unit_of, unit_count));
    let row = |(unit, ((side_a, side_b), sums)): (usize, (_, [Vec<Contribution>; 4]))| {
        let (evidence, silo) = judge(openness, unit, people_counts[unit], doubts, input.params);
        let shown = |value: Option<f64>| value.filter(|_| evidence == "enough");
        let flows = &openness.flows;
        let (share, expected) = (flows.external_share(unit), flows.expected_external_share(unit));
        let norm = openness.norms[unit];
        let interval = openness.unit_interval(unit).filter(|_| openness.of_unit(unit).is_some());
        let relative = openness.relative_interval(unit).filter(|_| norm.is_some());
        let row = UnitRow {
            grouping: input.grouping.name.clone(),
            unit: input.grouping.labels[unit].clone(),
            people_count: people_counts[unit] as i64,
            external_share: shown(share),
            expected_external_share: shown(expected),
            openness: shown(openness.of_unit(unit)),
            openness_low: shown(interval.and_then(|(low, _)| finite(low))),
            openness_high: shown(interval.and_then(|(_, high)| finite(high))),
            typical_external_share: shown(norm.map(|norm| norm.typical_external_share)),
            relative_openness: shown(norm.map(|norm| norm.relative_openness)),
            relative_openness_low: shown(relative.and_then(|(low, _)| finite(low))),
            relative_openness_high: shown(relative.and_then(|(_, high)| finite(high))),
            relative_z: shown(norm.and_then(|norm| norm.relative_z)),
            z: shown(openness.unit_z(unit)),
            ei_index: shown(share.map(ei_index::of_share)),
            ei_index_expected: shown(expected.map(ei_index::of_share)),
            conductance: shown(conductance(flows, unit)),
            reach2_share: shown(reach2[unit]),
            silo,
            evidence: evidence.into(),
            as_of: None,
        };
        Measured { row, side_a, side_b, sums: sums.into() }
    };
    sides.into_iter().zip(border_sums).enumerate().map(row).collect()
}

/// Units of all groupings, then communities, followed through earlier windows.
fn trends_of(
    input: &Input<'_>,
    of_groupings: &[(&Grouping, &Openness)],
    units: &[Measured<UnitRow>],
    found: &FoundCommunities,
    communities: &[Measured<CommunityRow>],
    group_openness: &Openness,
) -> Trends {
    let mut silos = Vec::new();
    let mut rows = units.iter();
    for (grouping, openness) in of_groupings {
        let members = members_of(&grouping.dense(), grouping.labels.len());
        for (unit, (members, Measured { row, side_a, side_b, .. })) in members.into_iter().zip(&mut rows).enumerate() {
            silos.push(Silo {
                grouping: row.grouping.clone(),
                unit: Some(row.unit.clone()),
                community_id: None,
                members,
                openness: row.openness,
                low: row.openness_low,
                high: row.openness_high,
                draws: openness.unit_draws[unit].clone(),
                side_a: side_a.clone(),
                side_b: side_b.clone(),
            });
        }
    }
    let members = members_of(&found.labels(), found.sizes.len());
    for (community, (members, Measured { row, side_a, side_b, .. })) in members.into_iter().zip(communities).enumerate()
    {
        // Gaps leave a community's number where it is, since a row says of which days it is; no change rests on it.
        let shown = |value: Option<f64>| value.filter(|_| !input.coverage_gap);
        silos.push(Silo {
            grouping: COMMUNITY.into(),
            unit: None,
            community_id: Some(row.community_id),
            members,
            openness: shown(row.openness),
            low: shown(row.openness_low),
            high: shown(row.openness_high),
            draws: group_openness.unit_draws[community].clone(),
            side_a: side_a.clone(),
            side_b: side_b.clone(),
        });
    }
    let earlier = input.earlier;
    let charts: Vec<Chart<'_>> = of_groupings
        .iter()
        .map(|(grouping, openness)| Chart::new(grouping, openness, input.ties, earlier.baselines()))
        .collect();
    trends(silos, &charts, earlier, input.window.first)
}

/// The people with each label below `count`, in order.
fn members_of(label_of: &[u32], count: usize) -> Vec<Vec<u32>> {
    let mut members = vec![Vec::new(); count];
    for (person, &label) in (0..).zip(label_of) {
        if let Some(members) = members.get_mut(label as usize) {
            members.push(person);
        }
    }
    members
}

fn tie_rows(input: &Input<'_>, tree: Option<&Tree>) -> Vec<TieRow> {
    let id = |person: u32| input.person_ids[person as usize];
    let row = |tie: &WindowTie| {
        let path = tree.map(|tree| tree.path(tie.source, tie.target));
        TieRow {
            source_id: id(tie.source),
            target_id: id(tie.target),
            message_count: tie.message_count as i64,
            weight: tie.weight.messages(),
            mail_count: tie.mail_count as i64,
            chat_count: tie.chat_count as i64,
            active_days_count: i64::from(tie.active_days_count),
            first_at: tie.first_at,
            last_at: tie.last_at,
            relation: path.map(|path| Relation::of(path).name().into()),
            tree_distance: path.flatten().map(|path| i64::from(path.up + path.down)),
        }
    };
    // In the order of pseudonyms, as the table is written.
    let mut by_id: Vec<u32> = (0..input.person_ids.len() as u32).collect();
    by_id.sort_unstable_by(|&a, &b| input.person_ids[a as usize].cmp(&input.person_ids[b as usize]));
    let mut rank = vec![0u32; by_id.len()];
    (0..).zip(&by_id).for_each(|(at, &person)| rank[person as usize] = at);
    let mut ties: Vec<&WindowTie> = input.ties.ties.iter().collect();
    ties.par_sort_unstable_by_key(|tie| (rank[tie.source as usize], rank[tie.target as usize]));
    ties.into_par_iter().map(row).collect()
}
