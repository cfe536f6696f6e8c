//! Kernels by name.

use crate::arguments::{DistanceArgument, GraphArguments};
use crate::graph::edges::EdgeList;
use crate::graph::usage;
use crosstie_graph::{
    Estimate, Graph, LeidenParams, PathParams, StructuralHoles, adjusted_mutual_information, adjusted_rand_index,
    articulation_points, assortativity, betweenness, betweenness_from, bridge_edges, brokerage, closeness, components,
    core_numbers, degree_assortativity, disparity, edge_overlap, leiden, modularity, normalized_mutual_information,
    pagerank, participation, path_betweenness, pivot_betweenness, structural_holes, weighted_betweenness,
    weighted_betweenness_from, weighted_pivot_betweenness, within_module_z,
};
use crosstie_model::{Stream, nearest};
use crosstie_pipeline::Failure;
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Map, Value, json};
use std::time::Instant;

/// What can be computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kernel {
    Components,
    Degree,
    CoreNumber,
    ArticulationPoint,
    Betweenness,
    BetweennessPivots,
    BetweennessPaths,
    Closeness,
    Pagerank,
    BurtConstraint,
    EffectiveSize,
    Participation,
    WithinModuleZ,
    Brokerage,
    Assortativity,
    Leiden,
    EdgeOverlap,
    Disparity,
    BridgeEdges,
}

const KERNELS: [(&str, Kernel); 19] = [
    ("components", Kernel::Components),
    ("degree", Kernel::Degree),
    ("core_number", Kernel::CoreNumber),
    ("articulation_point", Kernel::ArticulationPoint),
    ("betweenness", Kernel::Betweenness),
    ("betweenness_pivots", Kernel::BetweennessPivots),
    ("betweenness_paths", Kernel::BetweennessPaths),
    ("closeness", Kernel::Closeness),
    ("pagerank", Kernel::Pagerank),
    ("burt_constraint", Kernel::BurtConstraint),
    ("effective_size", Kernel::EffectiveSize),
    ("participation", Kernel::Participation),
    ("within_module_z", Kernel::WithinModuleZ),
    ("brokerage", Kernel::Brokerage),
    ("assortativity", Kernel::Assortativity),
    ("leiden", Kernel::Leiden),
    ("edge_overlap", Kernel::EdgeOverlap),
    ("disparity", Kernel::Disparity),
    ("bridge_edges", Kernel::BridgeEdges),
];

impl Kernel {
    pub(crate) fn parse(names: &[String]) -> Result<Vec<Kernel>, Failure> {
        if names.iter().any(|name| name == "all") {
            return Ok(KERNELS.iter().map(|kernel| kernel.1).collect());
        }
        let known = || KERNELS.iter().map(|kernel| kernel.0);
        let find = |name: &String| {
            KERNELS.iter().find(|kernel| kernel.0 == name).map(|kernel| kernel.1).ok_or_else(|| {
                let near = nearest(name, known()).map(|near| format!("; did you mean `{near}`")).unwrap_or_default();
                usage(format!("`{name}` is no kernel{near}; known: {}", known().collect::<Vec<_>>().join(", ")))
            })
        };
        names.iter().map(find).collect()
    }

    pub(crate) fn name(self) -> &'static str {
        KERNELS.iter().find(|kernel| kernel.1 == self).map_or("", |kernel| kernel.0)
    }

    pub(crate) fn needs_groups(self) -> bool {
        matches!(self, Kernel::Participation | Kernel::WithinModuleZ | Kernel::Brokerage)
    }

    /// Whether it has no form by another distance, though there is something to choose.
    pub(crate) fn needs_hops(self) -> bool {
        self == Kernel::BetweennessPaths
    }
}

/// A column of the node or edge table.
pub(crate) enum Column {
    Int(&'static str, Vec<Option<i64>>),
    Float(&'static str, Vec<Option<f64>>),
    Bool(&'static str, Vec<bool>),
}

/// Node columns, columns of each undirected edge, ascending, and graph-level values.
#[derive(Default)]
pub(crate) struct Results {
    pub(crate) columns: Vec<Column>,
    pub(crate) edge_columns: Vec<Column>,
    pub(crate) graph: Value,
    /// Both measures of structural holes, once one was asked for.
    holes: Option<Vec<Option<StructuralHoles>>>,
}

/// Computes kernels one after the other, each timed; also gives the undirected graph. Kernels on ties and edges take the undirected graph; betweenness,
/// closeness, PageRank and brokerage follow direction where edges are directed.
///
/// Takes the edges out of the list, since a large graph fits into memory once rather than twice.
pub(crate) fn compute(
    list: &mut EdgeList,
    kernels: &[Kernel],
    arguments: &GraphArguments,
    load: f64,
) -> (Graph, Results) {
    let begin = Begin::now();
    let count = list.ids.len();
    let directed = arguments.directed.then(|| Graph::from_edges(count, list.edges.clone()));
    let undirected = Graph::undirected(count, std::mem::take(&mut list.edges));
    let list = &*list;
    let (mut seconds, mut cpu_seconds) = (Map::new(), Map::new());
    seconds.insert("load".into(), load.into());
    begin.end("build", &mut seconds, &mut cpu_seconds);
    let mut results = Results::default();
    let mut values = Map::new();
    values.insert("nodes".into(), count.into());
    values.insert("edges".into(), (undirected.arc_count() / 2).into());
    if let Some(directed) = &directed {
        values.insert("arcs".into(), directed.arc_count().into());
        let mutual = directed.arcs().filter(|&(tail, head, _)| directed.has_arc(head, tail)).count();
        let share = (directed.arc_count() > 0).then(|| mutual as f64 / directed.arc_count() as f64);
        values.insert("reciprocity".into(), share.into());
    }
    for &kernel in kernels {
        if kernel.needs_groups() && list.group_of.is_none() {
            continue; // `all` without groups
        }
        if kernel.needs_hops() && arguments.distance != DistanceArgument::Hops {
            continue; // `all` with another distance
        }
        let begin = Begin::now();
        one(kernel, list, &undirected, directed.as_ref(), arguments, &mut results, &mut values);
        begin.end(kernel.name(), &mut seconds, &mut cpu_seconds);
    }
    if list.group_of.is_some() {
        values.insert("modularity_groups".into(), modularity(&undirected, &labels(list), 1000).into());
    }
    values.insert("seconds".into(), Value::Object(seconds));
    values.insert("cpu_seconds".into(), Value::Object(cpu_seconds));
    results.graph = Value::Object(values);
    (undirected, results)
}

/// When a step began, on the clock and in CPU time of all threads.
struct Begin {
    wall: Instant,
    cpu: f64,
}

impl Begin {
    fn now() -> Begin {
        Begin { wall: Instant::now(), cpu: cpu_seconds() }
    }

    fn end(self, name: &str, seconds: &mut Map<String, Value>, cpu: &mut Map<String, Value>) {
        seconds.insert(name.into(), self.wall.elapsed().as_secs_f64().into());
        cpu.insert(name.into(), (cpu_seconds() - self.cpu).into());
    }
}

fn cpu_seconds() -> f64 {
    let spent = clock_gettime(ClockId::ProcessCPUTime);
    spent.tv_sec as f64 + spent.tv_nsec as f64 / 1e9
}

fn one(
    kernel: Kernel,
    list: &EdgeList,
    undirected: &Graph,
    directed: Option<&Graph>,
    arguments: &GraphArguments,
    results: &mut Results,
    values: &mut Map<String, Value>,
) {
    use Column::{Bool, Float, Int};
    let Results { columns, edge_columns, holes, .. } = results;
    let either = directed.unwrap_or(undirected);
    let nodes = || undirected.nodes();
    match kernel {
        Kernel::Components => {
            let found = components(undirected);
            values.insert("components".into(), found.sizes.len().into());
            values.insert("giant".into(), found.sizes.iter().max().copied().unwrap_or(0).into());
            columns.push(Int("component_id", found.component_of.iter().map(|&id| Some(i64::from(id))).collect()));
        }
        Kernel::Degree => {
            columns.push(Int("tie_count", nodes().map(|node| Some(undirected.degree(node) as i64)).collect()));
            columns.push(Float("strength", nodes().map(|node| Some(undirected.strength(node).messages())).collect()));
        }
        Kernel::CoreNumber => {
            let cores = core_numbers(undirected);
            let highest = cores.iter().max().copied().unwrap_or(0);
            values.insert("highest_core".into(), highest.into());
            columns.push(Int("core_number", cores.into_iter().map(|core| Some(i64::from(core))).collect()));
        }
        Kernel::ArticulationPoint => {
            let cuts = articulation_points(undirected);
            values.insert("articulation_points".into(), cuts.iter().filter(|&&cut| cut).count().into());
            columns.push(Bool("articulation_point", cuts));
        }
        Kernel::Betweenness => {
            // The kernel sums over ordered pairs; an undirected path is one of each.
            let factor = if directed.is_some() { 1.0 } else { 0.5 };
            let (width, sources) = (arguments.simd.into(), list.sources.as_deref());
            let found = match (arguments.distance, sources) {
                (DistanceArgument::Hops, None) => betweenness(either, width),
                (DistanceArgument::Hops, Some(sources)) => betweenness_from(either, sources, width),
                (DistanceArgument::InverseWeight, None) => weighted_betweenness(either),
                (DistanceArgument::InverseWeight, Some(sources)) => weighted_betweenness_from(either, sources),
            };
            columns.push(Float("betweenness", found.into_iter().map(|value| Some(value * factor)).collect()));
        }
        Kernel::BetweennessPivots => {
            let pivots = pivots(list.ids.len(), arguments);
            // Of one node nothing can be drawn, and no path has anybody within.
            let nothing = || Estimate { value: vec![0.0; list.ids.len()], half_width: vec![0.0; list.ids.len()] };
            let found = match arguments.distance {
                _ if pivots.len() < 2 => nothing(),
                DistanceArgument::Hops => pivot_betweenness(undirected, &pivots, arguments.simd.into()),
                DistanceArgument::InverseWeight => weighted_pivot_betweenness(undirected, &pivots),
            };
            columns.push(Float("betweenness_pivots", found.value.into_iter().map(Some).collect()));
            columns.push(Float("betweenness_half_width", found.half_width.into_iter().map(Some).collect()));
        }
        Kernel::BetweennessPaths => {
            let params = PathParams { epsilon: arguments.epsilon, delta: arguments.delta, seed: arguments.seed };
            let found = path_betweenness(undirected, params);
            values.insert("betweenness_paths".into(), found.path_count.into());
            values.insert("betweenness_paths_error".into(), found.error.into());
            columns.push(Float("betweenness_paths", found.value.into_iter().map(Some).collect()));
        }
        Kernel::Closeness => {
            let found = closeness(either, arguments.hops);
            columns.push(Int("reached_count", found.iter().map(|node| Some(i64::from(node.reached_count))).collect()));
            columns.push(Float("closeness", found.iter().map(|node| node.closeness).collect()));
            columns.push(Float("harmonic", found.iter().map(|node| Some(node.harmonic)).collect()));
        }
        Kernel::Pagerank => {
            let ranks = pagerank(either).unwrap_or_default();
            columns.push(Float("pagerank", ranks.into_iter().map(Some).collect()));
        }
        Kernel::BurtConstraint | Kernel::EffectiveSize => {
            let of: (_, fn(StructuralHoles) -> f64) = match kernel {
                Kernel::BurtConstraint => ("burt_constraint", |holes| holes.constraint),
                _ => ("effective_size", |holes| holes.effective_size),
            };
            // One pass finds both; the second to be asked for takes no time.
            let found = holes.get_or_insert_with(|| structural_holes(undirected));
            columns.push(Float(of.0, found.iter().map(|holes| holes.map(of.1)).collect()));
        }
        Kernel::Participation => {
            let found = participation(undirected, &labels(list), list.groups.len() + 1);
            columns.push(Float("participation", found));
        }
        Kernel::WithinModuleZ => {
            let found = within_module_z(undirected, &labels(list), list.groups.len() + 1);
            let groups = list.group_of.iter().flatten();
            columns.push(Float(
                "within_module_z",
                groups.zip(found).map(|(group, z)| z.filter(|_| group.is_some())).collect(),
            ));
        }
        Kernel::Assortativity => {
            values.insert("assortativity_degree".into(), degree_assortativity(undirected).into());
            if list.group_of.is_some() {
                values.insert("assortativity_groups".into(), assortativity(undirected, &labels(list)).into());
            }
        }
        Kernel::Brokerage => {
            let roles = brokerage(either, list.group_of.as_deref().unwrap_or_default());
            let column = |of: fn(&crosstie_graph::Brokerage) -> u64| {
                roles.iter().map(|roles| roles.as_ref().map(|roles| of(roles) as i64)).collect()
            };
            columns.push(Int("coordinator", column(|roles| roles.coordinator)));
            columns.push(Int("itinerant", column(|roles| roles.itinerant)));
            columns.push(Int("representative", column(|roles| roles.representative)));
            columns.push(Int("gatekeeper", column(|roles| roles.gatekeeper)));
            columns.push(Int("liaison", column(|roles| roles.liaison)));
        }
        Kernel::Leiden => {
            let params = LeidenParams {
                seed: arguments.seed,
                quality: arguments.quality.into(),
                resolution_thousandths: arguments.resolution,
                passes: arguments.passes,
                restarts: arguments.restarts,
                more_passes: 0,
            };
            let found = leiden(undirected, params);
            // Of one resolution, so that results of any search compare.
            let of_communities = modularity(undirected, &found.community_of, 1000);
            values.insert("modularity_communities".into(), json!(of_communities));
            values.insert("quality_communities".into(), json!(found.quality));
            if let Some(group_of) = &list.group_of {
                agreement(group_of, &found.community_of, values);
            }
            columns.push(Int("community_id", found.community_of.into_iter().map(|id| Some(i64::from(id))).collect()));
        }
        Kernel::EdgeOverlap => edge_columns.push(Float("edge_overlap", edge_overlap(undirected))),
        Kernel::Disparity => {
            edge_columns.push(Float("disparity_p", disparity(undirected).into_iter().map(Some).collect()));
        }
        Kernel::BridgeEdges => {
            let bridges = bridge_edges(undirected);
            values.insert("bridge_edges".into(), bridges.iter().filter(|&&bridge| bridge).count().into());
            edge_columns.push(Bool("bridge_edge", bridges));
        }
    }
}

/// The group of each node; nodes without one are one more group.
fn labels(list: &EdgeList) -> Vec<u32> {
    let none = list.groups.len() as u32;
    list.group_of.iter().flatten().map(|group| group.unwrap_or(none)).collect()
}

/// Nodes drawn uniformly: those with the smallest hashes.
fn pivots(count: usize, arguments: &GraphArguments) -> Vec<u32> {
    let hash = |node: u32| Stream::new(arguments.seed, "pivots", &[node.into()]).next_u64();
    let mut nodes: Vec<u32> = (0..count as u32).collect();
    nodes.sort_by_cached_key(|&node| (hash(node), node));
    nodes.truncate(arguments.pivots as usize);
    nodes
}

/// How far given groups and found communities agree, over the nodes that have a group.
fn agreement(group_of: &[Option<u32>], community_of: &[u32], values: &mut Map<String, Value>) {
    let both = group_of.iter().zip(community_of).filter_map(|(group, &community)| Some(((*group)?, community)));
    let (groups, communities): (Vec<u32>, Vec<u32>) = both.unzip();
    values.insert("agreement_ami".into(), json!(adjusted_mutual_information(&groups, &communities)));
    values.insert("agreement_nmi".into(), json!(normalized_mutual_information(&groups, &communities)));
    values.insert("agreement_ari".into(), json!(adjusted_rand_index(&groups, &communities)));
}
