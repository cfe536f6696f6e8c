//! Every kernel against networkx 3.6.1, igraph 1.0.0, leidenalg 0.12.0 and R sna 2.7, node by node.
//!
//! The reference files lie in `../shared/data` beside the checkout; where they are absent the tests say `skipped`.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a test may stop at anything unexpected, and says when it is skipped"
)]

use crosstie_graph::{
    Brokerage, Graph, LeidenParams, Quality, adjusted_mutual_information, adjusted_rand_index, articulation_points,
    assortativity, betweenness, bridge_edges, brokerage, burt_constraint, closeness, components, core_numbers,
    degree_assortativity, disparity, edge_overlap, effective_size, leiden, modularity, normalized_mutual_information,
    pagerank, participation,
};
use crosstie_model::{SimdWidth, Weight};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A CSV file as columns by name. The files hold no quoted separators.
struct Table(BTreeMap<String, Vec<String>>);

impl Table {
    fn read(path: &Path) -> Table {
        let text = std::fs::read_to_string(path).unwrap();
        let mut lines = text.lines();
        let split =
            |line: &str| -> Vec<String> { line.split(',').map(|cell| cell.trim_matches('"').to_string()).collect() };
        let names = split(lines.next().unwrap());
        let mut columns: Vec<Vec<String>> = vec![Vec::new(); names.len()];
        for line in lines {
            for (column, cell) in columns.iter_mut().zip(split(line)) {
                column.push(cell);
            }
        }
        Table(names.into_iter().zip(columns).collect())
    }

    fn text(&self, name: &str) -> &[String] {
        self.0.get(name).unwrap_or_else(|| panic!("no column {name}"))
    }

    fn numbers(&self, name: &str) -> Vec<f64> {
        self.text(name).iter().map(|cell| cell.parse().unwrap_or(f64::NAN)).collect()
    }
}

struct Case {
    name: &'static str,
    nodes: Table,
    undirected: Graph,
    unweighted: Graph,
    directed: Option<Graph>,
    folder: PathBuf,
}

/// (folder, file prefix, whether the reference holds directed values)
const CASES: [(&str, &str, bool); 6] = [
    ("karate", "karate", false),
    ("ht_managers", "ht_advice", true),
    ("ht_managers", "ht_friends", true),
    ("workfrance", "workfrance", false),
    ("eu_core", "eu_core", true),
    ("manufacturing", "manufacturing", true),
];

fn cases() -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    if !root.is_dir() {
        eprintln!("skipped: no reference data beside the checkout");
        return Vec::new();
    }
    CASES.iter().map(|&(folder, name, directed)| case(&root.join(folder).join("expected"), name, directed)).collect()
}

fn case(folder: &Path, name: &'static str, directed: bool) -> Case {
    let nodes = Table::read(&folder.join(format!("{name}_nodes.csv")));
    let edges = Table::read(&folder.join(format!("{name}_edges_used.csv")));
    let ix: BTreeMap<&String, u32> = nodes.text("id").iter().zip(0..).collect();
    let ends = edges.text("from").iter().zip(edges.text("to"));
    // All reference weights are whole numbers.
    let units = edges.numbers("weight").into_iter().map(|weight| Weight::from_units(weight as u64 * 1024));
    let triples: Vec<(u32, u32, Weight)> =
        ends.zip(units).map(|((from, to), weight)| (ix[from], ix[to], weight)).collect();
    let count = nodes.text("id").len();
    let undirected = Graph::undirected(count, triples.clone());
    let ones = undirected.arcs().filter(|arc| arc.0 < arc.1).map(|(a, b, _)| (a, b, Weight::MESSAGE)).collect();
    let unweighted = Graph::undirected(count, ones);
    let directed = directed.then(|| Graph::from_edges(count, triples));
    Case { name, nodes, undirected, unweighted, directed, folder: folder.into() }
}

#[track_caller]
fn compare(case: &Case, column: &str, got: &[f64], relative: f64) {
    let expected = case.nodes.numbers(column);
    for (node, (got, expected)) in got.iter().zip(&expected).enumerate() {
        if got.is_nan() && expected.is_nan() {
            continue;
        }
        let error = (got - expected).abs() / expected.abs().max(1.0);
        assert!(error <= relative, "{}.{column}, row {node}: {got} against {expected}", case.name);
    }
}

fn or_nan(values: Vec<Option<f64>>) -> Vec<f64> {
    values.into_iter().map(|value| value.unwrap_or(f64::NAN)).collect()
}

#[test]
fn degrees_and_cores() {
    for case in cases() {
        let graph = &case.undirected;
        let degrees: Vec<f64> = graph.nodes().map(|v| graph.degree(v) as f64).collect();
        compare(&case, "deg_und", &degrees, 0.0);
        let cores: Vec<f64> = core_numbers(graph).into_iter().map(f64::from).collect();
        compare(&case, "kcore_und", &cores, 0.0);
    }
}

#[test]
fn betweenness_in_hops() {
    for case in cases() {
        let halved: Vec<f64> = betweenness(&case.undirected, SimdWidth::Best).into_iter().map(|b| b / 2.0).collect();
        compare(&case, "betw_und_raw", &halved, 1e-9);
        if let Some(directed) = &case.directed {
            compare(&case, "betw_dir_raw", &betweenness(directed, SimdWidth::Best), 1e-9);
        }
    }
}

#[test]
fn structural_holes() {
    for case in cases() {
        compare(&case, "constraint_und_w", &or_nan(burt_constraint(&case.undirected)), 1e-9);
        compare(&case, "constraint_und_unw", &or_nan(burt_constraint(&case.unweighted)), 1e-9);
        compare(&case, "effsize_und_unw_nx", &or_nan(effective_size(&case.undirected)), 1e-9);
    }
}

#[test]
fn weighted_pagerank() {
    for case in cases() {
        compare(&case, "pagerank_und_w", &pagerank(&case.undirected).unwrap(), 1e-9);
        if let Some(directed) = &case.directed {
            compare(&case, "pagerank_dir_w", &pagerank(directed).unwrap(), 1e-9);
        }
    }
}

/// The labels of a grouping column as dense numbers, in node order.
fn groups(case: &Case, column: &str) -> Vec<u32> {
    let file = Table::read(&case.folder.join(format!("{}_groups.csv", case.name)));
    let label_of: BTreeMap<&String, &String> = file.text("id").iter().zip(file.text(column)).collect();
    let mut labels: Vec<&String> = label_of.values().copied().collect();
    labels.sort();
    labels.dedup();
    case.nodes.text("id").iter().map(|id| labels.binary_search(&label_of[id]).unwrap() as u32).collect()
}

const GROUPED: [(&str, &str); 5] = [
    ("ht_advice", "dept"),
    ("ht_friends", "level"),
    ("workfrance", "dept"),
    ("eu_core", "dept"),
    ("manufacturing", "boss"),
];

#[test]
fn participation_over_groups() {
    for case in cases() {
        for (name, column) in GROUPED.iter().filter(|(name, _)| *name == case.name) {
            let group_of = groups(&case, column);
            let count = group_of.iter().max().unwrap() + 1;
            let got = or_nan(participation(&case.undirected, &group_of, count as usize));
            compare(&case, &format!("participation_{column}_unw"), &got, 1e-9);
            assert!(!name.is_empty());
        }
    }
}

/// Of degrees, and of the column that `GROUPED` names: by igraph 1.0.0; that of degrees is networkx 3.6.1's, too.
const ASSORTATIVITY: [(&str, f64, f64); 6] = [
    ("karate", -0.47561309768461435, f64::NAN),
    ("ht_advice", -0.26498458214229764, -0.03219543763145131),
    ("ht_friends", -0.224160372428862, 0.08981408745744948),
    ("workfrance", 0.06481986515987631, 0.6844110399380349),
    ("eu_core", -0.02574336808308948, 0.30244159844307217),
    ("manufacturing", -0.2951772978930199, 0.030057433046723155),
];

#[test]
fn assortativity_of_degrees_and_groups() {
    for case in cases() {
        let (name, of_degrees, of_groups) = ASSORTATIVITY.iter().find(|row| row.0 == case.name).unwrap();
        let found = degree_assortativity(&case.undirected).unwrap();
        assert!((found - of_degrees).abs() < 1e-12, "{name}: {found}");
        for (_, column) in GROUPED.iter().filter(|(name, _)| *name == case.name) {
            let found = assortativity(&case.unweighted, &groups(&case, column)).unwrap();
            assert!((found - of_groups).abs() < 1e-12, "{name}, {column}: {found}");
        }
    }
}

#[test]
fn gould_fernandez_roles_equal_r_sna() {
    for case in cases() {
        for (_, column) in GROUPED.iter().filter(|(name, _)| *name == case.name) {
            let file = case.folder.join(format!("{}_brokerage_{column}.csv", case.name));
            let expected = Table::read(&file);
            // sna reads an undirected network as both arcs.
            let graph = case.directed.as_ref().unwrap_or(&case.undirected);
            let group_of: Vec<Option<u32>> = groups(&case, column).into_iter().map(Some).collect();
            let got = brokerage(graph, &group_of);
            let row_of: BTreeMap<&String, usize> = expected.text("id").iter().zip(0..).collect();
            for (id, roles) in case.nodes.text("id").iter().zip(got) {
                let row = row_of[id];
                let at = |name: &str| expected.text(name)[row].parse::<u64>().unwrap();
                let expected = Brokerage {
                    coordinator: at("coordinator_wI"),
                    itinerant: at("itinerant_wO"),
                    representative: at("representative_bIO"),
                    gatekeeper: at("gatekeeper_bOI"),
                    liaison: at("liaison_bO"),
                };
                assert_eq!(roles, Some(expected), "{} {id}", case.name);
            }
        }
    }
}

#[test]
fn components_and_articulation_points() {
    // igraph 1.0.0 by measures of the reference run: (components, articulation points).
    let expected = BTreeMap::from([
        ("karate", (1, 1)),
        ("ht_advice", (1, 0)),
        ("workfrance", (1, 2)),
        ("eu_core", (20, 73)),
        ("manufacturing", (1, 20)),
    ]);
    for case in cases() {
        if let Some(&(parts, cuts)) = expected.get(case.name) {
            assert_eq!(components(&case.undirected).sizes.len(), parts, "{}", case.name);
            let found = articulation_points(&case.undirected).into_iter().filter(|&cut| cut).count();
            assert_eq!(found, cuts, "{}", case.name);
        }
    }
}

#[test]
fn closeness_and_harmonic_in_hops() {
    // Sums over all nodes by networkx 3.6.1: `closeness_centrality` of the graph, and of the arcs turned round.
    let expected = BTreeMap::from([
        ("karate", (14.500307507499796, f64::NAN)),
        ("ht_advice", (16.321363733279146, 13.550323349344428)),
        ("ht_friends", (12.974428491682279, 9.768648734853777)),
        ("workfrance", (70.39293989808348, f64::NAN)),
        ("eu_core", (381.5810970740015, 303.58609448038334)),
        ("manufacturing", (88.16810738270654, 72.61258137256333)),
    ]);
    for case in cases() {
        let sum = |graph: &Graph| closeness(graph, None).iter().filter_map(|node| node.closeness).sum::<f64>();
        let (undirected, along_arcs) = expected[case.name];
        assert!((sum(&case.undirected) / undirected - 1.0).abs() < 1e-12, "{}", case.name);
        if let Some(directed) = &case.directed {
            assert!((sum(directed) / along_arcs - 1.0).abs() < 1e-12, "{}", case.name);
        }
        let harmonic: Vec<f64> = closeness(&case.undirected, None).iter().map(|node| node.harmonic).collect();
        compare(&case, "closeness_harmonic_und", &harmonic, 1e-9);
    }
}

#[test]
fn edges_by_overlap_disparity_and_bridges() {
    // (bridges by networkx 3.6.1; sum of overlaps and edges that have one; sum of p-values), by its sets of neighbours.
    let expected = BTreeMap::from([
        ("karate", (1, 13.812908977847057, 78, 30.464650306708755)),
        ("ht_advice", (0, 83.83317139946396, 145, 52.77108534228355)),
        ("ht_friends", (0, 24.04187382105338, 79, 30.617744390076822)),
        ("workfrance", (2, 155.6949059766848, 932, 400.55721957299073)),
        ("eu_core", (95, 2709.4608738839665, 16064, 5952.42696899208)),
        ("manufacturing", (24, 1219.5214762212006, 3250, 1748.4146454773138)),
    ]);
    for case in cases() {
        let (bridges, overlaps, with_overlap, p_values) = expected[case.name];
        let graph = &case.undirected;
        assert_eq!(bridge_edges(graph).into_iter().filter(|&bridge| bridge).count(), bridges, "{}", case.name);
        let found: Vec<f64> = edge_overlap(graph).into_iter().flatten().collect();
        assert_eq!(found.len(), with_overlap, "{}", case.name);
        assert!((found.iter().sum::<f64>() / overlaps - 1.0).abs() < 1e-12, "{}", case.name);
        assert!((disparity(graph).iter().sum::<f64>() / p_values - 1.0).abs() < 1e-9, "{}", case.name);
    }
}

#[test]
fn agreement_not_corrected_and_by_pairs() {
    // (NMI, ARI) of the groups with the reference's weighted Leiden partition: igraph 1.0.0, compare_communities.
    let expected = BTreeMap::from([
        ("ht_advice", (0.19204425691745491, 0.04202377661045055)),
        ("ht_friends", (0.21563632259156262, 0.06360424028268526)),
        ("workfrance", (0.7942677694254496, 0.74656048064211)),
        ("eu_core", (0.5955351056207174, 0.33616599596183544)),
        ("manufacturing", (0.43136942978796394, 0.1105264305314889)),
    ]);
    for case in cases() {
        let Some(&(nmi, ari)) = expected.get(case.name) else { continue };
        let column = GROUPED.iter().find(|(name, _)| *name == case.name).unwrap().1;
        let group_of = groups(&case, column);
        let partition: Vec<u32> = case.nodes.numbers("leiden_best_w").into_iter().map(|label| label as u32).collect();
        assert!((normalized_mutual_information(&group_of, &partition).unwrap() - nmi).abs() < 1e-12, "{}", case.name);
        assert!((adjusted_rand_index(&group_of, &partition).unwrap() - ari).abs() < 1e-12, "{}", case.name);
    }
}

#[test]
fn modularity_and_agreement_of_given_partitions() {
    // (weighted modularity of the groups, AMI of the groups with the reference's weighted Leiden partition)
    let expected = BTreeMap::from([
        ("ht_advice", (-0.007687, 0.087513)),
        ("workfrance", (0.665710, 0.767517)),
        ("eu_core", (0.298956, 0.560602)),
        ("manufacturing", (0.079135, 0.251467)),
    ]);
    for case in cases() {
        let Some(&(quality, agreement)) = expected.get(case.name) else { continue };
        let column = GROUPED.iter().find(|(name, _)| *name == case.name).unwrap().1;
        let group_of = groups(&case, column);
        let got = modularity(&case.undirected, &group_of, 1000).unwrap();
        assert!((got - quality).abs() < 1e-6, "{}: {got}", case.name);
        let partition: Vec<u32> = case.nodes.numbers("leiden_best_w").into_iter().map(|label| label as u32).collect();
        let got = adjusted_mutual_information(&group_of, &partition).unwrap();
        assert!((got - agreement).abs() < 1e-5, "{}: {got}", case.name);
    }
}

#[test]
fn leiden_is_as_good_as_the_reference() {
    // Mean weighted modularity of 100 runs of leidenalg; ours is the best of 20 restarts.
    let expected = BTreeMap::from([
        ("karate", 0.419139),
        ("ht_advice", 0.092164),
        ("workfrance", 0.704611),
        ("eu_core", 0.427919),
        ("manufacturing", 0.400712),
    ]);
    let quality = Quality::Modularity;
    let params =
        LeidenParams { seed: 1, quality, resolution_thousandths: 1000, passes: 10, restarts: 20, more_passes: 0 };
    for case in cases() {
        let Some(&mean) = expected.get(case.name) else { continue };
        let found = leiden(&case.undirected, params);
        let quality = found.quality.unwrap();
        println!("{}: {quality:.6}, reference mean {mean}", case.name);
        assert!(quality >= mean - 0.005, "{}: {quality} against {mean}", case.name);
        let rescored = modularity(&case.undirected, &found.community_of, 1000).unwrap();
        assert!((rescored - quality).abs() < 1e-12);
    }
}

#[test]
fn threads_change_nothing() {
    let Some(case) = cases().into_iter().find(|case| case.name == "eu_core") else { return };
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let bits = |values: Vec<f64>| values.into_iter().map(f64::to_bits).collect::<Vec<_>>();
            let quality = Quality::Modularity;
            let params = LeidenParams {
                seed: 3,
                quality,
                resolution_thousandths: 1000,
                passes: 10,
                restarts: 4,
                more_passes: 0,
            };
            (
                bits(betweenness(&case.undirected, SimdWidth::Best)),
                bits(or_nan(burt_constraint(&case.undirected))),
                bits(closeness(&case.undirected, None).iter().map(|node| node.harmonic).collect()),
                bits(or_nan(edge_overlap(&case.undirected))),
                leiden(&case.undirected, params).community_of,
            )
        })
    };
    let one = run(1);
    for threads in [2, 3, 8] {
        assert!(one == run(threads), "{threads} threads");
    }
}
