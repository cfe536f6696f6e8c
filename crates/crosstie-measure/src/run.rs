//! All measures of one window, in order.

use crate::bridges::bridges;
use crate::communities::{community_rows, find_communities, pair_carriers, sides};
use crate::conductance::conductance;
use crate::direct_routing::direct_routing;
use crate::ei_index;
use crate::graphs::Graphs;
use crate::hierarchy::{Relation, hierarchy};
use crate::openness::{Openness, measure_openness};
use crate::people::people_rows;
use crate::reach::reach2_share;
use crate::replicate::finite;
use crate::silo::judge;
use crate::tree::Tree;
use crate::unit_pairs::unit_pairs;
use crate::{MeasureParams, whole};
use crosstie_model::tables::{
    CommunityRow, HierarchyRow, OrganizationRow, PairCarrierRow, PersonRow, TieRow, UnitPairRow, UnitRow,
};
use crosstie_model::{Grouping, Measured, Organization, PersonId, WindowTies};

/// What is measured.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// The people.
    pub organization: &'a Organization,
    /// Their pseudonyms.
    pub person_ids: &'a [PersonId],
    /// Their units, small ones rolled up.
    pub grouping: &'a Grouping,
    /// Their contact.
    pub ties: &'a WindowTies,
    /// Whether each behaves like a machine: such accounts have no bridge rank.
    pub machine_like: &'a [bool],
    /// Whether over 20 % of the window's weeks of a source lack data.
    pub coverage_gap: bool,
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
    /// Rows of `communities`.
    pub communities: Vec<Measured<CommunityRow>>,
    /// Rows of `hierarchy`.
    pub hierarchy: Vec<Measured<HierarchyRow>>,
    /// Rows of `organization`; everybody stands behind them.
    pub organization: Vec<OrganizationRow>,
    /// Rows of `people`.
    pub people: Vec<PersonRow>,
    /// Rows of `pair_carriers`.
    pub pair_carriers: Vec<PairCarrierRow>,
    /// Rows of `ties`.
    pub ties: Vec<TieRow>,
}

/// Measures a window. `stage` is told what comes next.
///
/// # Panics
/// If `person_ids` or the grouping are not one entry a person.
#[must_use]
pub fn measure(input: &Input<'_>, stage: &mut dyn FnMut(&'static str)) -> Measures {
    let Input { organization, grouping, ties, params, .. } = *input;
    assert_eq!(input.person_ids.len(), organization.len(), "one pseudonym a person");
    assert_eq!(grouping.unit_of.len(), organization.len(), "one unit a person");
    let unit_of = grouping.dense();
    let tree = Tree::new(organization);
    let graphs = Graphs::new(organization.len(), ties, params.reciprocated_each_way);

    stage("openness");
    let people_counts = grouping.people_counts();
    let openness = measure_openness(organization, ties, &unit_of, &people_counts, params);
    let (reach2_of_unit, reach2) = reach2_share(&graphs.ties, &unit_of, grouping.labels.len());
    let units = unit_rows(input, &openness, &graphs, &people_counts, &reach2_of_unit);

    stage("unit pairs");
    let carriers = pair_carriers(&graphs, grouping);
    let unit_pairs = unit_pairs(grouping, &openness, ties, &carriers);
    let pair_carriers = carriers
        .iter()
        .flat_map(|(&(a, b), carriers)| {
            let remaining = |rank: usize| carriers.remaining.get(rank).copied().flatten();
            carriers.shares.iter().enumerate().map(move |(rank, &(person, weight_share))| PairCarrierRow {
                grouping: grouping.name.clone(),
                unit_a: grouping.labels[a].clone(),
                unit_b: grouping.labels[b].clone(),
                person_id: input.person_ids[person as usize].clone(),
                weight_share,
                rank: rank as i64 + 1,
                remaining_share: remaining(rank),
            })
        })
        .collect();

    stage("communities");
    let found = find_communities(&graphs.ties, params);
    let communities = community_rows(&found, &graphs, organization, grouping, ties, params);

    stage("hierarchy");
    let by_relation = tree.as_ref().map(|tree| hierarchy(organization, tree, ties, params));
    let direct = tree.as_ref().and_then(|tree| direct_routing(organization, grouping, tree, ties, params));

    stage("people");
    let known_unit: Vec<Option<u32>> = grouping.unit_of.iter().map(|unit| unit.map(|unit| unit.0)).collect();
    let on_chain = |a: u32, b: u32| tree.as_ref().is_some_and(|tree| Relation::of(tree.path(a, b)).is_on_the_chain());
    let is_ranked = |person: u32| !input.machine_like.get(person as usize).copied().unwrap_or(false);
    let bridges = bridges(&graphs.ties, &known_unit, is_ranked, on_chain, params.seed);
    let people = people_rows(input.person_ids, &graphs, grouping, tree.as_ref(), &found, &bridges);
    let slope = by_relation.as_ref().and_then(|by_relation| by_relation.distance_slope);
    Measures {
        organization: whole::organization_rows(&graphs, &openness, &found, &unit_of, direct, slope, reach2),
        units,
        unit_pairs,
        communities,
        hierarchy: by_relation.map(|by_relation| by_relation.rows).unwrap_or_default(),
        people,
        pair_carriers,
        ties: tie_rows(input, tree.as_ref()),
    }
}

fn unit_rows(
    input: &Input<'_>,
    openness: &Openness,
    graphs: &Graphs,
    people_counts: &[usize],
    reach2: &[Option<f64>],
) -> Vec<Measured<UnitRow>> {
    let unit_of = input.grouping.dense();
    let row = |unit: usize| {
        let (evidence, silo) = judge(openness, unit, people_counts[unit], input.coverage_gap, input.params);
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
        };
        let (side_a, side_b) = sides(graphs, &unit_of, unit as u32);
        Measured { row, side_a, side_b }
    };
    (0..people_counts.len()).map(row).collect()
}

fn tie_rows(input: &Input<'_>, tree: Option<&Tree>) -> Vec<TieRow> {
    let id = |person: u32| input.person_ids[person as usize].clone();
    let row = |tie: &crosstie_model::WindowTie| {
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
            relation: path.map(|path| Relation::of(path).name().to_string()),
            tree_distance: path.flatten().map(|path| i64::from(path.up + path.down)),
        }
    };
    input.ties.ties.iter().map(row).collect()
}
