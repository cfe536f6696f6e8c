//! One row a person: position in the window's graph. Restricted, never ranked, never published.
//!
//! # Definition
//! On R: `betweenness` (shortest paths between two others that pass here, in hops unless `[bridges] distance` is
//! `inverse_weight`), `burt_constraint`, `effective_size` (n - 2t/n),
//! `participation` (1 - sum over units of the squared share of contacts), `core_number`, `articulation_point`. On V: `pagerank`
//! (damping 0.85), strengths. On D: the five roles of Gould and Fernandez, a -> v -> b without a -> b, by the units of the three.
//!
//! # Weights and direction
//! Constraint by weight, and betweenness where it is asked for; else betweenness, cores and roles without; roles and PageRank are directed.
//!
//! # Undefined when
//! Isolated people have no constraint, effective size or participation; fewer than 3 people no betweenness; no unit, no roles.
//!
//! # Reading it
//! Positions depend on who was exported: a missing channel moves every one of them. Constraint falls with the number of
//! contacts (correlation -0.99 on email-Eu-core). Roles grow with contacts. None says how well somebody works.
//!
//! # Differs from
//! Betweenness over 1/weight, in which the chattiest pairs are the roads and most people have none: it is computed where
//! `[bridges] distance` asks for it; z of R sna, whose null ignores degree.
//!
//! # Cost, exactness
//! Betweenness O(people · ties), or O(pivots · ties) where that is over `exact_limit`: then an estimate, with its half-width
//! beside it. All else near-linear and exact; PageRank to an L1 change of 1e-12.
//!
//! # References
//! Brandes 2001, <https://doi.org/10.1080/0022250X.2001.9990249>; Burt 1992, ISBN 978-0674843714; Guimera & Amaral 2005,
//! <https://doi.org/10.1038/nature03288>; Gould & Fernandez 1989, <https://doi.org/10.2307/270949>.

use crate::betweenness::PersonBetweenness;
use crate::bridge_windows::over_windows;
use crate::bridges::Bridge;
use crate::communities::FoundCommunities;
use crate::graphs::Graphs;
use crate::hierarchy::Relation;
use crate::tree::Tree;
use crosstie_graph::{articulation_points, brokerage, core_numbers, pagerank, participation, structural_holes};
use crosstie_model::tables::PersonRow;
use crosstie_model::{Grade, Grouping, MetricSpec, PersonId};
use rayon::prelude::*;

/// Catalogue entry of the graph columns.
pub(crate) const SPEC: MetricSpec = MetricSpec {
    page: include_str!("people.rs"),
    id: "position",
    table: "people",
    columns: &[
        "tie_count",
        "in_strength",
        "out_strength",
        "reciprocated_count",
        "betweenness",
        "betweenness_half_width",
        "pagerank",
        "burt_constraint",
        "effective_size",
        "participation",
        "core_number",
        "articulation_point",
        "community_id",
    ],
    question: "Where does a person stand in the graph of the window?",
    formula: "each column's own: Brandes 2001, Burt 1992, Guimera & Amaral 2005, Batagelj & Zaversnik 2011",
    unit: "by column",
    range: (0.0, f64::INFINITY),
    undefined_when: "by column: fewer than 3 people, or the person is isolated; half-width: the value is exact",
    grade: Grade::C,
    cannot_claim: "that a person is important, or would be missed",
    references: &[
        "Brandes 2001, doi:10.1080/0022250X.2001.9990249",
        "Brandes & Pich 2007, doi:10.1142/S0218127407018403",
        "Guimera & Amaral 2005, doi:10.1038/nature03288",
    ],
};

/// Catalogue entry of the five roles.
pub(crate) const ROLES_SPEC: MetricSpec = MetricSpec {
    page: include_str!("people.rs"),
    id: "brokerage_roles",
    table: "people",
    columns: &["coordinator", "itinerant", "representative", "gatekeeper", "liaison"],
    question: "Between which units do open two-paths through a person run?",
    formula: "a -> v -> b without a -> b, by the units of the three",
    unit: "two-paths",
    range: (0.0, f64::INFINITY),
    undefined_when: "the person's unit is unknown",
    grade: Grade::D,
    cannot_claim: "what would happen without the person",
    references: &["Gould & Fernandez 1989, doi:10.2307/270949"],
};

/// What was measured of each person before.
pub(crate) struct Positions<'p> {
    pub(crate) found: &'p FoundCommunities,
    pub(crate) bridges: &'p [Option<Bridge>],
    /// Who stood out as a bridge in this window and earlier ones.
    pub(crate) bridge_windows: &'p [&'p [Option<bool>]],
    pub(crate) betweenness: &'p PersonBetweenness,
}

/// The rows, in the order of people.
pub(crate) fn people_rows(
    ids: &[PersonId],
    graphs: &Graphs,
    grouping: &Grouping,
    tree: Option<&Tree>,
    positions: &Positions<'_>,
) -> Vec<PersonRow> {
    let Positions { found, bridges, bridge_windows, betweenness } = *positions;
    let ties = &graphs.ties;
    let unit_of: Vec<Option<u32>> = grouping.unit_of.iter().map(|unit| unit.map(|unit| unit.0)).collect();
    let dense = grouping.dense();
    let unit_count = grouping.labels.len() + 1;
    let of_ties = || (core_numbers(ties), articulation_points(ties), participation(ties, &dense, unit_count));
    // What takes one thread, beside what takes all of them.
    let ((cores, cuts, participation), ((incoming, pagerank), (holes, roles))) = rayon::join(of_ties, || {
        rayon::join(
            || (graphs.volume.reversed(), pagerank(&graphs.volume)),
            || (structural_holes(ties), brokerage(&graphs.arcs, &unit_of)),
        )
    });
    let reports = tree.map(Tree::report_counts);
    let external = External::of(graphs, &dense, unit_count);
    let row = |person: usize| {
        let node = person as u32;
        let contacts = ties.neighbors(node);
        let mut touched: Vec<u32> = [graphs.volume.neighbors(node), incoming.neighbors(node)].concat();
        touched.sort_unstable();
        touched.dedup();
        let mut reached: Vec<u32> =
            contacts.iter().filter_map(|&c| unit_of[c as usize]).filter(|&u| Some(u) != unit_of[person]).collect();
        reached.sort_unstable();
        reached.dedup();
        let share = |count: usize| (!contacts.is_empty()).then(|| count as f64 / contacts.len() as f64);
        let crosses = |tree: &Tree| {
            contacts.iter().filter(|&&c| Relation::of(tree.path(node, c)) == Relation::CrossBranch).count()
        };
        let role = |of: fn(&crosstie_graph::Brokerage) -> u64| roles[person].as_ref().map(|roles| of(roles) as i64);
        let known = unit_of[person].is_some();
        let over = over_windows(bridge_windows, person);
        PersonRow {
            person_id: ids[person],
            unit: grouping.unit_of[person].map(|unit| grouping.labels[unit.index()].clone()),
            level: tree.map(|tree| i64::from(tree.level(node))),
            report_count: reports.as_ref().map(|reports| reports[person] as i64),
            tie_count: touched.len() as i64,
            in_strength: incoming.strength(node).messages(),
            out_strength: graphs.volume.strength(node).messages(),
            reciprocated_count: contacts.len() as i64,
            betweenness: betweenness.value[person],
            betweenness_half_width: betweenness.half_width[person],
            pagerank: pagerank.as_ref().map(|values| values[person]),
            burt_constraint: holes[person].map(|holes| holes.constraint),
            effective_size: holes[person].map(|holes| holes.effective_size),
            participation: participation[person],
            core_number: i64::from(cores[person]),
            articulation_point: cuts[person],
            coordinator: role(|roles| roles.coordinator),
            itinerant: role(|roles| roles.itinerant),
            representative: role(|roles| roles.representative),
            gatekeeper: role(|roles| roles.gatekeeper),
            liaison: role(|roles| roles.liaison),
            community_id: found.community_of[person].map(i64::from),
            units_reached_count: reached.len() as i64,
            cross_branch_share: tree.map(crosses).and_then(share),
            external_share: share(external.own[person]).filter(|_| known),
            external_share_expected: external.expected(person, dense[person] as usize).filter(|_| known),
            bridge_residual: bridges[person].map(|bridge| bridge.residual()),
            bridge_p: bridges[person].map(|bridge| bridge.p),
            bridge_windows_count: over.windows_count,
            bridge: over.bridge,
        }
    };
    (0..ids.len()).into_par_iter().map(row).collect()
}

/// Ties of R that leave the unit, by person and by unit.
struct External {
    own: Vec<usize>,
    degree: Vec<usize>,
    unit_own: Vec<usize>,
    unit_degree: Vec<usize>,
}

impl External {
    fn of(graphs: &Graphs, unit_of: &[u32], unit_count: usize) -> External {
        let ties = &graphs.ties;
        let leaves = |person: u32| {
            ties.neighbors(person).iter().filter(|&&c| unit_of[c as usize] != unit_of[person as usize]).count()
        };
        let own: Vec<usize> = ties.nodes().map(leaves).collect();
        let degree: Vec<usize> = ties.nodes().map(|person| ties.degree(person)).collect();
        let mut out = External { unit_own: vec![0; unit_count], unit_degree: vec![0; unit_count], own, degree };
        for (person, &unit) in unit_of.iter().enumerate() {
            out.unit_own[unit as usize] += out.own[person];
            out.unit_degree[unit as usize] += out.degree[person];
        }
        out
    }

    /// The share of the unit without the person; `None` for the isolated and where nobody else has ties.
    fn expected(&self, person: usize, unit: usize) -> Option<f64> {
        let others = self.unit_degree[unit] - self.degree[person];
        (self.degree[person] > 0 && others > 0).then(|| (self.unit_own[unit] - self.own[person]) as f64 / others as f64)
    }
}
