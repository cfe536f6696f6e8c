//! Numbers about the organization as a whole, each with its expectation where one is known.

use crate::communities::FoundCommunities;
use crate::direct_routing::DirectRouting;
use crate::ei_index;
use crate::graphs::Graphs;
use crate::openness::Openness;
use crate::replicate::finite;
use crosstie_graph::{adjusted_mutual_information, components, modularity};
use crosstie_model::tables::OrganizationRow;
use crosstie_model::{Grade, MetricSpec};

/// Catalogue entry of the counts.
pub(crate) const COUNTS_SPEC: MetricSpec = MetricSpec {
    id: "connectedness",
    table: "organization",
    columns: &["reciprocity", "components", "giant_share", "isolated_count"],
    question: "Does the graph of reciprocated ties hold together?",
    formula: "arcs with a reverse / arcs; components of R; largest / people; people without a tie in R",
    unit: "share, count",
    range: (0.0, f64::INFINITY),
    undefined_when: "no people; reciprocity: no arcs",
    grade: Grade::A,
    cannot_claim: "that no record means no contact",
    references: &["Wasserman & Faust 1994, Social Network Analysis, ISBN 978-0521387071"],
};

/// Catalogue entry of the modularities.
pub(crate) const MODULARITY_SPEC: MetricSpec = MetricSpec {
    id: "modularity",
    table: "organization",
    columns: &["modularity_units", "modularity_communities", "agreement_ami"],
    question: "How much do ties cluster, by units and by themselves, and do the two agree?",
    formula: "sum over groups of [inner weight / W - (volume / 2W)^2]; adjusted mutual information",
    unit: "1",
    range: (-0.5, 1.0),
    undefined_when: "no ties; agreement: a single unit or community",
    grade: Grade::C,
    cannot_claim: "that departments are the truth about communities",
    references: &[
        "Newman & Girvan 2004, doi:10.1103/PhysRevE.69.026113",
        "Peel, Larremore & Clauset 2017, doi:10.1126/sciadv.1602548",
    ],
};

/// The rows. `unit_of` is dense, people without a unit at the end.
pub(crate) fn organization_rows(
    graphs: &Graphs,
    openness: &Openness,
    found: &FoundCommunities,
    unit_of: &[u32],
    direct: Option<DirectRouting>,
    distance_slope: Option<f64>,
    reach2: Option<f64>,
) -> Vec<OrganizationRow> {
    let plain = |metric: &str, value: Option<f64>| OrganizationRow {
        metric: metric.into(),
        value,
        low: None,
        high: None,
        expected: None,
        z: None,
    };
    let interval = openness.organization_interval();
    let z = openness.organization_z();
    let share = openness.flows.cross_share();
    let expected_share = openness.flows.expected_cross_share();
    let parts = components(&graphs.ties);
    let people = graphs.ties.node_count();
    let largest = parts.sizes.iter().max().copied().unwrap_or(0);
    let isolated = graphs.ties.nodes().filter(|&person| graphs.ties.degree(person) == 0).count();
    let grouped: Vec<(u32, u32)> =
        found.community_of.iter().zip(unit_of).filter_map(|(community, &unit)| Some((unit, (*community)?))).collect();
    let (units, communities): (Vec<u32>, Vec<u32>) = grouped.into_iter().unzip();
    vec![
        OrganizationRow {
            low: interval.and_then(|(low, _)| finite(low)),
            high: interval.and_then(|(_, high)| finite(high)),
            expected: openness.of_organization().map(|_| 0.0),
            z,
            ..plain("openness", openness.of_organization())
        },
        OrganizationRow { expected: expected_share, z, ..plain("external_share", share) },
        OrganizationRow {
            expected: expected_share.map(ei_index::of_share),
            z,
            ..plain("ei_index", share.map(ei_index::of_share))
        },
        plain("reach2_share", reach2),
        plain("reciprocity", graphs.reciprocity()),
        plain("components", (people > 0).then_some(parts.sizes.len() as f64)),
        plain("giant_share", (people > 0).then(|| largest as f64 / people as f64)),
        plain("isolated_count", (people > 0).then_some(isolated as f64)),
        plain("modularity_units", modularity(&graphs.ties, unit_of, 1000)),
        OrganizationRow {
            expected: found.rewired_modularity,
            z: found.modularity_z,
            ..plain("modularity_communities", found.modularity)
        },
        // Adjusted for chance: unrelated partitions give 0.
        OrganizationRow {
            expected: Some(0.0),
            ..plain("agreement_ami", adjusted_mutual_information(&units, &communities))
        },
        OrganizationRow {
            low: direct.and_then(|direct| direct.low),
            high: direct.and_then(|direct| direct.high),
            expected: direct.and_then(|direct| direct.expected),
            ..plain("direct_routing_share", direct.map(|direct| direct.share))
        },
        OrganizationRow { expected: distance_slope.map(|_| 0.0), ..plain("distance_slope", distance_slope) },
    ]
}
