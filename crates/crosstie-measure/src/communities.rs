//! Communities that the reciprocated ties form by themselves, how firm they are, and what a random graph would give.
//!
//! # Definition
//! Leiden on modularity over R. `stability`: mean over runs of the chance that two members are together again.
//! `persistence_count`: how many of the resolutions 0.5, 1, 2, 4 hold a community with Jaccard > 0.5.
//!
//! A run has at most 10 passes. The baseline of modularity is the mean over 20 rewired graphs, each the best of 5 runs, and
//! every other resolution is searched as often as the own. Above 1,000,000 arcs of R (each tie two) a run has 3 passes, and
//! the best of a search is carried on by up to 10; there are 5 rewired graphs with the best of 2 runs, and 5 runs a
//! resolution. Size alone decides. Stability rests on all restarts at any size.
//!
//! # Weights and direction
//! Weights of R, both directions added.
//!
//! # Undefined when
//! No reciprocated ties; people without one are in no community.
//!
//! # Reading it
//! A community is chosen to be closed: random graphs without structure have communities, too. So communities carry
//! no silo flag, and modularity stands beside that of rewired graphs with the same degrees. Where 5 graphs were rewired
//! the mean is as good (it varies less, the larger a graph), but the standard deviation behind z is that of five values,
//! 0.6 to 2.9 times the true one in 95 of 100: z then says no more than its order of magnitude.
//!
//! # Differs from
//! CPM at a fixed resolution, which returns one community a person; Louvain, whose communities can fall apart.
//!
//! # Cost, exactness
//! Near-linear in ties a run; restarts, four resolutions and 20 rewired graphs, fewer above 1,000,000 arcs. A heuristic: the
//! best of the restarts; each community is connected, by construction.
//!
//! # References
//! Traag, Waltman & van Eck 2019, <https://doi.org/10.1038/s41598-019-41695-z>; Peel, Larremore & Clauset 2017,
//! <https://doi.org/10.1126/sciadv.1602548>.

use crate::MeasureParams;
use crate::border_sums::border_sums;
use crate::graphs::Graphs;
use crate::interval::finite;
use crate::openness::Openness;
use crosstie_graph::{Graph, LeidenParams, Quality, leiden, rewired};
use crosstie_model::tables::CommunityRow;
use crosstie_model::{Contribution, Grade, Grouping, Measured, MetricSpec, Stream, WindowTies};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Catalogue entry.
pub(crate) const SPEC: MetricSpec = MetricSpec {
    page: include_str!("communities.rs"),
    id: "communities",
    table: "communities",
    columns: &[
        "internal_share",
        "expected_internal_share",
        "openness",
        "openness_low",
        "openness_high",
        "stability",
        "persistence_count",
    ],
    question: "Which groups do the ties form by themselves?",
    formula: "Leiden on modularity over reciprocated ties, best of the restarts; other resolutions, above 1,000,000 arcs: \
              best of 5",
    unit: "group",
    range: (0.0, f64::INFINITY),
    undefined_when: "no reciprocated ties",
    grade: Grade::C,
    cannot_claim: "that a group is real to its members, or that units should follow communities",
    references: &[
        "Traag, Waltman & van Eck 2019, doi:10.1038/s41598-019-41695-z",
        "Peel, Larremore & Clauset 2017, doi:10.1126/sciadv.1602548",
    ],
};

const PERSISTENCE_THOUSANDTHS: [u32; 4] = [500, 1000, 2000, 4000];
const SWITCHES_PER_EDGE: usize = 10;
/// Variance below which rewiring changes nothing: what rounding leaves.
const VARIANCE_LEAST: f64 = 1e-18;

/// Arcs above which less is searched.
const FULL_EFFORT_ARCS: usize = 1_000_000;

/// How much is searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Effort {
    /// Passes of a run at most, each of which goes up all levels, and of the best run beyond them.
    passes: u32,
    more_passes: u32,
    /// Rewired graphs, and runs on each.
    rewirings: u64,
    rewired_runs: u32,
    /// Runs at every other resolution.
    persistence_runs: u32,
}

impl Effort {
    fn of(arc_count: usize, restarts: u32) -> Effort {
        if arc_count <= FULL_EFFORT_ARCS {
            Effort { passes: 10, more_passes: 0, rewirings: 20, rewired_runs: 5, persistence_runs: restarts }
        } else {
            Effort { passes: 3, more_passes: 10, rewirings: 5, rewired_runs: 2, persistence_runs: restarts.min(5) }
        }
    }

    fn search(self, seed: u64, resolution_thousandths: u32, restarts: u32) -> LeidenParams {
        let Effort { passes, more_passes, .. } = self;
        LeidenParams { seed, quality: Quality::Modularity, resolution_thousandths, passes, restarts, more_passes }
    }
}

/// Communities of R.
#[derive(Clone, Debug)]
pub struct FoundCommunities {
    /// Community of each person, by descending size; `None` for people on their own.
    pub community_of: Vec<Option<u32>>,
    /// Members of each.
    pub sizes: Vec<usize>,
    /// Modularity; `None` without ties.
    pub modularity: Option<f64>,
    /// Mean modularity of rewired graphs.
    pub rewired_modularity: Option<f64>,
    /// Distance from it in their standard deviations.
    pub modularity_z: Option<f64>,
    /// Chance that two members are together again in another run.
    pub stability: Vec<f64>,
    /// Resolutions at which each is found again.
    pub persistence: Vec<u32>,
}

impl FoundCommunities {
    /// The community of each person as an array index, people on their own in one more at the end.
    pub(crate) fn labels(&self) -> Vec<u32> {
        let alone = self.sizes.len() as u32;
        self.community_of.iter().map(|community| community.unwrap_or(alone)).collect()
    }
}

/// Finds them.
#[must_use]
pub fn find_communities(ties: &Graph, params: &MeasureParams) -> FoundCommunities {
    let effort = Effort::of(ties.arc_count(), params.restarts);
    let search = effort.search(params.seed, params.resolution_thousandths, params.restarts);
    let found = leiden(ties, search);
    let mut members: Vec<Vec<u32>> = Vec::new();
    for (person, &community) in (0..).zip(&found.community_of) {
        if members.len() <= community as usize {
            members.resize(community as usize + 1, Vec::new());
        }
        members[community as usize].push(person);
    }
    members.retain(|members| members.len() > 1);
    let count = members.len() as u32;
    let community_of = found.community_of.iter().map(|&community| (community < count).then_some(community)).collect();
    let others = || {
        PERSISTENCE_THOUSANDTHS
            .par_iter()
            .map(|&resolution_thousandths| {
                let other = LeidenParams { resolution_thousandths, restarts: effort.persistence_runs, ..search };
                let is_same = resolution_thousandths == search.resolution_thousandths;
                Partition::new(if is_same { found.community_of.clone() } else { leiden(ties, other).community_of })
            })
            .collect::<Vec<Partition>>()
    };
    // Side by side, so that no thread waits for the last search of the other.
    let (others, (rewired_modularity, modularity_z)) =
        rayon::join(others, || baseline(ties, found.quality, search, effort));
    FoundCommunities {
        sizes: members.iter().map(Vec::len).collect(),
        stability: members.iter().map(|members| stability(members, &found.runs)).collect(),
        persistence: members
            .iter()
            .map(|members| others.iter().filter(|other| other.holds(members)).count() as u32)
            .collect(),
        community_of,
        modularity: found.quality,
        rewired_modularity,
        modularity_z,
    }
}

/// Modularity of rewired graphs: mean, and the distance of ours in their standard deviations.
fn baseline(ties: &Graph, modularity: Option<f64>, search: LeidenParams, effort: Effort) -> (Option<f64>, Option<f64>) {
    let Some(modularity) = modularity else { return (None, None) };
    let random: Vec<f64> = (0..effort.rewirings)
        .into_par_iter()
        .filter_map(|index| {
            let graph = rewired(ties, SWITCHES_PER_EDGE, &mut Stream::new(search.seed, "rewire", &[index]));
            leiden(&graph, LeidenParams { restarts: effort.rewired_runs, ..search }).quality
        })
        .collect();
    let mean = random.iter().sum::<f64>() / random.len() as f64;
    let variance = random.iter().map(|q| (q - mean).powi(2)).sum::<f64>() / (random.len() - 1) as f64;
    (Some(mean), (variance > VARIANCE_LEAST).then(|| (modularity - mean) / variance.sqrt()))
}

fn stability(members: &[u32], runs: &[Vec<u32>]) -> f64 {
    let pairs = |count: usize| (count * count.saturating_sub(1) / 2) as f64;
    let together = |run: &Vec<u32>| {
        let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
        members.iter().for_each(|&person| *counts.entry(run[person as usize]).or_default() += 1);
        counts.values().map(|&count| pairs(count)).sum::<f64>() / pairs(members.len())
    };
    runs.iter().map(together).sum::<f64>() / runs.len() as f64
}

/// Communities at another resolution.
struct Partition {
    label_of: Vec<u32>,
    sizes: Vec<usize>,
}

impl Partition {
    fn new(label_of: Vec<u32>) -> Partition {
        let mut sizes = vec![0; label_of.iter().max().map_or(0, |&label| label as usize + 1)];
        label_of.iter().for_each(|&label| sizes[label as usize] += 1);
        Partition { label_of, sizes }
    }

    /// Whether it holds a community with Jaccard over one half; there is at most one.
    fn holds(&self, members: &[u32]) -> bool {
        let mut shared: BTreeMap<u32, usize> = BTreeMap::new();
        members.iter().for_each(|&person| *shared.entry(self.label_of[person as usize]).or_default() += 1);
        shared.into_iter().any(|(label, shared)| 2 * shared > members.len() + self.sizes[label as usize] - shared)
    }
}

/// A row for each community, with the members who have ties and the outsiders tied to them.
pub(crate) fn community_rows(
    found: &FoundCommunities,
    graphs: &Graphs,
    grouping: &Grouping,
    openness: &Openness,
    ties: &WindowTies,
) -> Vec<Measured<CommunityRow>> {
    let count = found.sizes.len();
    let mut members = vec![Vec::new(); count];
    for (person, community) in found.community_of.iter().enumerate() {
        if let Some(community) = community {
            members[*community as usize].push(person);
        }
    }
    let labels = found.labels();
    let (sides, border_sums) = rayon::join(|| sides(graphs, &labels, count), || border_sums(ties, &labels, count));
    let mut border_sums = border_sums.into_iter();
    sides
        .into_iter()
        .enumerate()
        .map(|(community, (side_a, side_b))| {
            let mut units: BTreeMap<&str, usize> = BTreeMap::new();
            for &person in &members[community] {
                if let Some(unit) = grouping.unit_of[person] {
                    *units.entry(&grouping.labels[unit.index()]).or_default() += 1;
                }
            }
            let main = units.iter().max_by_key(|&(label, &size)| (size, std::cmp::Reverse(*label)));
            let interval = openness.unit_interval(community);
            let row = CommunityRow {
                community_id: community as i64,
                people_count: Some(found.sizes[community] as i64),
                units_count: Some(units.len() as i64),
                main_unit: main.map(|(label, _)| (*label).to_string()),
                main_unit_share: main.map(|(_, &size)| size as f64 / found.sizes[community] as f64),
                internal_share: openness.flows.external_share(community).map(|share| 1.0 - share),
                expected_internal_share: openness.flows.expected_external_share(community).map(|share| 1.0 - share),
                openness: openness.of_unit(community),
                openness_low: interval.and_then(|(low, _)| finite(low)),
                openness_high: interval.and_then(|(_, high)| finite(high)),
                stability: Some(found.stability[community]),
                persistence_count: Some(i64::from(found.persistence[community])),
                as_of: None,
            };
            let of_members = members[community].iter().map(|&person| Contribution { person: person as u32, units: 1 });
            let sums = std::iter::once(of_members.collect()).chain(border_sums.next().into_iter().flatten()).collect();
            Measured { row, side_a, side_b, sums }
        })
        .collect()
}

type Side = Vec<Contribution>;

/// For each label below `count` the members with contact, and the outsiders in contact with them, with the weight at
/// each. Time O(arcs log arcs).
pub(crate) fn sides(graphs: &Graphs, label_of: &[u32], count: usize) -> Vec<(Side, Side)> {
    let mut at_person = vec![0u64; label_of.len()];
    let mut outside: Vec<(u32, u32, u64)> = Vec::new(); // label, outsider, units
    for (tail, head, weight) in graphs.volume.arcs() {
        for (end, other) in [(tail, head), (head, tail)] {
            at_person[end as usize] += weight.units();
            let label = label_of[end as usize];
            if label != label_of[other as usize] && (label as usize) < count {
                outside.push((label, other, weight.units()));
            }
        }
    }
    let mut sides = vec![(Vec::new(), Vec::new()); count];
    for (person, &units) in (0..).zip(&at_person) {
        if let Some((inside, _)) = sides.get_mut(label_of[person as usize] as usize).filter(|_| units > 0) {
            inside.push(Contribution { person, units });
        }
    }
    outside.par_sort_unstable_by_key(|&(label, person, _)| (label, person));
    for same in outside.chunk_by(|one, two| (one.0, one.1) == (two.0, two.1)) {
        let (label, person, _) = same[0];
        let units = same.iter().map(|entry| entry.2).sum();
        sides[label as usize].1.push(Contribution { person, units });
    }
    sides
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expectation::tests::ties_of;
    use crosstie_model::Weight;
    use proptest::{collection::vec, prelude::*};

    #[test]
    fn effort_goes_by_size_alone() {
        let full = Effort { passes: 10, more_passes: 0, rewirings: 20, rewired_runs: 5, persistence_runs: 20 };
        let less = Effort { passes: 3, more_passes: 10, rewirings: 5, rewired_runs: 2, persistence_runs: 5 };
        assert_eq!([0, 1_000_000, 1_000_001].map(|arcs| Effort::of(arcs, 20)), [full, full, less]);
        assert_eq!(Effort::of(2_000_000, 3).persistence_runs, 3, "never more than asked for");
    }

    #[test]
    fn the_smaller_effort_gives_the_same_mean() {
        let mut stream = Stream::new(8, "effort-made", &[]);
        let edges = (0..6000)
            .map(|_| {
                let (a, b) = (stream.below(300) as u32, stream.below(30) as u32);
                (a, if stream.unit() < 0.5 { a / 30 * 30 + b } else { stream.below(300) as u32 }, Weight::MESSAGE)
            })
            .collect();
        let ties = Graph::undirected(300, edges);
        let of = |arcs| {
            let effort = Effort::of(arcs, 5);
            let search = effort.search(1, 1000, 5);
            let found = leiden(&ties, search).quality;
            let (mean, z) = baseline(&ties, found, search, effort);
            (found, mean, z)
        };
        let ((full_found, full, full_z), (less_found, less, less_z)) = (of(0), of(2_000_000));
        assert!((full_found.unwrap() - less_found.unwrap()).abs() < 0.001, "{full_found:?} {less_found:?}");
        assert!((full.unwrap() - less.unwrap()).abs() < 0.005, "{full:?} {less:?}");
        assert!((0.3..3.0).contains(&(less_z.unwrap() / full_z.unwrap())), "{full_z:?} {less_z:?}");
    }

    #[test]
    fn stability_and_persistence_by_hand() {
        let members = [0, 1, 2, 3];
        // Together in one run, split in two pairs in the other: (6 + 2) / 6 / 2.
        let runs = [vec![0, 0, 0, 0, 1], vec![0, 0, 1, 1, 1]];
        assert!((stability(&members, &runs) - 8.0 / 12.0).abs() < 1e-12);
        let holds = |labels: [u32; 5]| Partition::new(labels.into()).holds(&members);
        assert!(holds([5, 5, 5, 5, 5]), "4 of 5");
        assert!(holds([5, 5, 5, 6, 6]), "3 of 4");
        assert!(!holds([5, 5, 6, 6, 6]), "2 of 4 and 2 of 5");
    }

    /// The definition, one label at a time.
    fn slow(graphs: &Graphs, label_of: &[u32], label: u32) -> (Side, Side) {
        let mut sides = [BTreeMap::new(), BTreeMap::new()];
        for (tail, head, weight) in graphs.volume.arcs() {
            if [tail, head].iter().any(|&end| label_of[end as usize] == label) {
                for end in [tail, head] {
                    let side = usize::from(label_of[end as usize] != label);
                    *sides[side].entry(end).or_insert(0) += weight.units();
                }
            }
        }
        let list =
            |side: &BTreeMap<u32, u64>| side.iter().map(|(&person, &units)| Contribution { person, units }).collect();
        (list(&sides[0]), list(&sides[1]))
    }

    proptest! {
        #[test]
        fn sides_in_one_pass_equal_the_definition(
            rows in vec((0..2u32, 0..9u32, 0..9u32, 1..9u32), 0..40), label_of in vec(0..4u32, 9),
        ) {
            let graphs = Graphs::new(9, &ties_of(&rows), 1);
            let found = sides(&graphs, &label_of, 3);
            for label in 0..3 {
                prop_assert_eq!(&found[label as usize], &slow(&graphs, &label_of, label));
            }
        }
    }
}
