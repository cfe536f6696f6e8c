//! Numbers about the organization as a whole, each with its expectation where one is known.
//!
//! # Definition
//! `reciprocity`: arcs of D whose reverse is in D, over all arcs. `components`, `giant_share`, `isolated_count`: of R; the giant is
//! the largest component over people. `modularity_units`, `modularity_communities`: sum over groups of inner weight / W -
//! (volume / 2W)², on R. `assortativity_units`: modularity of units over the value it has when every tie stays inside,
//! 1 - sum of (volume / 2W)². `agreement_ami`: mutual information of units and communities, adjusted for chance.
//!
//! # Weights and direction
//! Modularity by the weights of R; the rest counts.
//!
//! # Undefined when
//! No people, no arcs, no ties; agreement: a single unit or community.
//!
//! # Reading it
//! Modularity of found communities is high in random graphs, too: read it beside that of rewired ones. Agreement 0 is chance,
//! 1 the same groups. A single person without ties raises `components` by one.
//!
//! # Differs from
//! Normalized mutual information, which grows with the number of groups.
//!
//! # Cost, exactness
//! O(ties); agreement O(units · communities). Exact.
//!
//! # References
//! Newman & Girvan 2004, <https://doi.org/10.1103/PhysRevE.69.026113>; Vinh, Epps & Bailey 2010, JMLR 11, ISSN 1532-4435.

use crate::communities::FoundCommunities;
use crate::direct_routing::DirectRouting;
use crate::ei_index;
use crate::graphs::Graphs;
use crate::interval::finite;
use crate::openness::Openness;
use crosstie_graph::{Graph, adjusted_mutual_information, assortativity, components, modularity};
use crosstie_model::tables::OrganizationRow;
use crosstie_model::{Grade, MetricSpec};

/// Catalogue entry of the counts.
pub(crate) const COUNTS_SPEC: MetricSpec = MetricSpec {
    page: include_str!("whole.rs"),
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
    page: include_str!("whole.rs"),
    id: "modularity",
    table: "organization",
    columns: &["modularity_units", "assortativity_units", "modularity_communities", "agreement_ami"],
    question: "How much do ties cluster, by units and by themselves, and do the two agree?",
    formula: "sum over groups of [inner weight / W - (volume / 2W)^2]; the same over its largest value; adjusted mutual \
              information; communities: expected and z from 20 rewired graphs, above 1,000,000 arcs from 5, and z then by \
              order of magnitude only",
    unit: "1",
    range: (-1.0, 1.0),
    undefined_when: "no ties; agreement: a single unit or community",
    grade: Grade::C,
    cannot_claim: "that departments are the truth about communities",
    references: &[
        "Newman & Girvan 2004, doi:10.1103/PhysRevE.69.026113",
        "Newman 2003, doi:10.1103/PhysRevE.67.026126",
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
    let interval = openness.organization_interval();
    let z = openness.organization_z();
    let share = openness.flows.cross_share();
    let expected_share = openness.flows.expected_cross_share();
    let parts = components(&graphs.ties);
    let people = graphs.ties.node_count();
    let largest = parts.sizes.iter().max().copied().unwrap_or(0);
    let isolated = graphs.ties.nodes().filter(|&person| graphs.ties.degree(person) == 0).count();
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
        OrganizationRow {
            expected: expected_modularity(&graphs.ties, unit_of),
            ..plain("modularity_units", modularity(&graphs.ties, unit_of, 1000))
        },
        OrganizationRow {
            expected: expected_assortativity(&graphs.ties, unit_of),
            ..plain("assortativity_units", assortativity(&graphs.ties, unit_of))
        },
        OrganizationRow {
            expected: found.rewired_modularity,
            z: found.modularity_z,
            ..plain("modularity_communities", found.modularity)
        },
        // Adjusted for chance: unrelated partitions give 0.
        OrganizationRow { expected: Some(0.0), ..plain("agreement_ami", agreement(found, unit_of)) },
        OrganizationRow {
            low: direct.and_then(|direct| direct.low),
            high: direct.and_then(|direct| direct.high),
            expected: direct.and_then(|direct| direct.expected),
            ..plain("direct_routing_share", direct.map(|direct| direct.share))
        },
        OrganizationRow { expected: distance_slope.map(|_| 0.0), ..plain("distance_slope", distance_slope) },
    ]
}

fn plain(metric: &str, value: Option<f64>) -> OrganizationRow {
    OrganizationRow { metric: metric.into(), value, low: None, high: None, expected: None, z: None, as_of: None }
}

/// Agreement of communities and units, isolated people left out.
fn agreement(found: &FoundCommunities, unit_of: &[u32]) -> Option<f64> {
    let grouped: Vec<(u32, u32)> =
        found.community_of.iter().zip(unit_of).filter_map(|(community, &unit)| Some((unit, (*community)?))).collect();
    let (units, communities): (Vec<u32>, Vec<u32>) = grouped.into_iter().unzip();
    adjusted_mutual_information(&units, &communities)
}

/// The rows of another grouping, named after it.
pub(crate) fn grouping_rows(
    name: &str,
    unit_of: &[u32],
    openness: &Openness,
    found: &FoundCommunities,
) -> [OrganizationRow; 2] {
    let interval = openness.organization_interval();
    [
        OrganizationRow {
            low: interval.and_then(|(low, _)| finite(low)),
            high: interval.and_then(|(_, high)| finite(high)),
            expected: openness.of_organization().map(|_| 0.0),
            z: openness.organization_z(),
            ..plain(&format!("openness:{name}"), openness.of_organization())
        },
        OrganizationRow { expected: Some(0.0), ..plain(&format!("agreement_ami:{name}"), agreement(found, unit_of)) },
    ]
}

/// Assortativity of ties by label if labels were dealt out again at random over the same people: a ratio of exact expectations.
fn expected_assortativity(ties: &Graph, label_of: &[u32]) -> Option<f64> {
    let (inside, squares) = expected_shares(ties, label_of)?;
    // With one label, or everything in one, no tie can leave.
    let largest = 1.0 - squares;
    (largest > 1e-9).then(|| (inside - squares) / largest)
}

/// Mean modularity if the labels were dealt out again at random over the same people: exact, from label sizes and
/// strengths. `None` without ties.
fn expected_modularity(ties: &Graph, label_of: &[u32]) -> Option<f64> {
    expected_shares(ties, label_of).map(|(inside, squares)| inside - squares)
}

/// The share of weight inside labels, and the sum of squares of their shares of strength, as they are on the mean over
/// dealings of labels.
fn expected_shares(ties: &Graph, label_of: &[u32]) -> Option<(f64, f64)> {
    let people = label_of.len() as f64;
    let volume = ties.total_strength().messages();
    if volume <= 0.0 {
        return None;
    }
    let squares: f64 = ties.nodes().map(|person| ties.strength(person).messages().powi(2)).sum();
    let mut sizes = vec![0.0; label_count(label_of)];
    label_of.iter().for_each(|&label| sizes[label as usize] += 1.0);
    let both = |size: f64| size * (size - 1.0) / (people * (people - 1.0));
    let inside = sizes.iter().map(|&size| both(size)).sum();
    let of_label =
        |&size: &f64| (size / people * squares + both(size) * (volume * volume - squares)) / (volume * volume);
    Some((inside, sizes.iter().map(of_label).sum()))
}

fn label_count(label_of: &[u32]) -> usize {
    label_of.iter().max().map_or(0, |&label| label as usize + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crosstie_model::{Stream, Weight};

    #[test]
    fn the_mean_over_dealt_labels_is_the_closed_form() {
        let mut stream = Stream::new(2, "modularity", &[]);
        let edges = (0..60)
            .map(|_| (stream.below(20) as u32, stream.below(20) as u32, Weight::from_units(1 + stream.below(9))));
        let ties = Graph::undirected(20, edges.collect());
        let mut labels: Vec<u32> = (0..20).map(|person| person % 3).collect();
        let expected = expected_modularity(&ties, &labels).unwrap();
        let draws: Vec<f64> = (0..4000)
            .map(|_| {
                stream.shuffle(&mut labels);
                modularity(&ties, &labels, 1000).unwrap()
            })
            .collect();
        let mean = draws.iter().sum::<f64>() / draws.len() as f64;
        let variance = draws.iter().map(|draw| (draw - mean).powi(2)).sum::<f64>() / draws.len() as f64;
        let error = (variance / draws.len() as f64).sqrt();
        assert!((mean - expected).abs() < 4.0 * error, "{mean} against {expected} with error {error}");
    }

    #[test]
    fn assortativity_by_hand_and_its_mean_over_dealt_labels() {
        let tie = |a: u32, b: u32, weight: u64| (a, b, Weight::from_units(weight << 20));
        // Four people, labels 0 0 1 1: weight 2 and 1 inside, 1 across, so strengths 5 and 3 of 8.
        let ties = Graph::undirected(4, vec![tie(0, 1, 2), tie(2, 3, 1), tie(1, 2, 1)]);
        let squares = (25.0 + 9.0) / 64.0;
        let found = assortativity(&ties, &[0, 0, 1, 1]).unwrap();
        assert!((found - (0.75 - squares) / (1.0 - squares)).abs() < 1e-12);
        assert_eq!(assortativity(&ties, &[0, 0, 0, 0]), None);
        let inner = Graph::undirected(4, vec![tie(0, 1, 2), tie(2, 3, 1)]);
        assert!((assortativity(&inner, &[0, 0, 1, 1]).unwrap() - 1.0).abs() < 1e-12);
        let across = Graph::undirected(4, vec![tie(0, 2, 1), tie(1, 3, 1)]);
        assert!((assortativity(&across, &[0, 0, 1, 1]).unwrap() + 1.0).abs() < 1e-12);

        // All 24 dealings, numerator and denominator apart.
        let (mut inside, mut squares) = (0.0, 0.0);
        for order in 0..24u32 {
            let mut left = vec![0u32, 0, 1, 1];
            let mut labels = Vec::new();
            let mut rest = order;
            for count in (1..=4).rev() {
                labels.push(left.remove((rest % count) as usize));
                rest /= count;
            }
            for (a, b, weight) in [(0, 1, 2.0), (2, 3, 1.0), (1, 2, 1.0)] {
                inside += f64::from(u8::from(labels[a] == labels[b])) * weight / 4.0 / 24.0;
            }
            let strength = |label| (0..4).filter(|&p| labels[p] == label).map(|p| [2.0, 3.0, 2.0, 1.0][p]).sum::<f64>();
            squares += ((strength(0) / 8.0f64).powi(2) + (strength(1) / 8.0f64).powi(2)) / 24.0;
        }
        let expected = expected_assortativity(&ties, &[0, 0, 1, 1]).unwrap();
        assert!((expected - (inside - squares) / (1.0 - squares)).abs() < 1e-12);
    }
}
