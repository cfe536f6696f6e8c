//! Public networks against the reference numbers: the norm and the silo rule on 42 departments of e-mail (eu_core), and
//! bridges on contact at a workplace (workfrance).
//!
//! The data lie in `../shared/data` beside the checkout; where they are absent the tests say `skipped`. x and x0 agree
//! between two independent implementations.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test may stop at anything unexpected, and says when it is skipped"
)]

use crosstie_graph::Graph;
use crosstie_measure::{
    BetweennessMethod, BetweennessParams, Distance, Doubts, MeasureParams, bridges, judge, measure_openness,
};
use crosstie_model::{Day, Micros, Organization, Slot, Stratum, Weight, WindowTie, WindowTies};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const PARAMS: MeasureParams = MeasureParams {
    seed: 1,
    replicates: 1000,
    permutations: 50,
    reciprocated_each_way: 1,
    resolution_thousandths: 1000,
    restarts: 1,
    min_people: 10,
    min_messages: 200.0,
    max_relative_openness: -0.5,
    betweenness: BetweennessParams {
        method: BetweennessMethod::Auto,
        exact_limit: 20_000_000_000,
        pivots: 2048,
        distance: Distance::Hops,
    },
};

/// The rows of a CSV file without quoted separators, the header left out.
fn rows(path: &Path) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().skip(1).map(|line| line.split(',').map(|cell| cell.trim_matches('"').to_string()).collect()).collect()
}

fn data(name: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(name);
    if !folder.is_dir() {
        eprintln!("skipped: no {name} data beside the checkout");
        return None;
    }
    Some(folder)
}

#[track_caller]
fn near(got: f64, expected: f64, tolerance: f64) {
    assert!((got - expected).abs() <= tolerance, "{got} against {expected} within {tolerance}");
}

/// One stratum, every arc a slot of a whole message.
fn window(arcs: &[(u32, u32)]) -> WindowTies {
    let mut arcs: Vec<(u32, u32)> = arcs.iter().copied().filter(|(from, to)| from != to).collect();
    arcs.sort_unstable();
    let slot = |&(source, target): &(u32, u32)| Slot { source, target, units: 1 << 20, count: 1 };
    let tie = |&(source, target): &(u32, u32)| WindowTie {
        source,
        target,
        message_count: 1,
        mail_count: 1,
        chat_count: 0,
        active_days_count: 1,
        weight: Weight::MESSAGE,
        first_at: Micros(0),
        last_at: Micros(0),
    };
    WindowTies {
        strata: vec![Stratum { chat: false, week: Day(4) }],
        slots: vec![arcs.iter().map(slot).collect()],
        ties: arcs.iter().map(tie).collect(),
        ..WindowTies::default()
    }
}

#[test]
fn departments_of_eu_core() {
    let Some(folder) = data("eu_core") else { return };
    let people = rows(&folder.join("email_vertices.csv"));
    let index: BTreeMap<&str, u32> = people.iter().map(|row| row[0].as_str()).zip(0..).collect();
    let unit_of: Vec<u32> = people.iter().map(|row| row[1].parse().unwrap()).collect();
    let count = *unit_of.iter().max().unwrap() as usize + 1;
    let mut sizes = vec![0; count];
    unit_of.iter().for_each(|&unit| sizes[unit as usize] += 1);
    let edges = rows(&folder.join("email_edgelist.csv"));
    let arcs: Vec<(u32, u32)> = edges.iter().map(|row| (index[row[0].as_str()], index[row[1].as_str()])).collect();
    let ties = window(&arcs);
    assert_eq!((people.len(), ties.ties.len(), count), (1005, 24_929, 42));
    let organization = Organization {
        manager_of: vec![None; people.len()],
        has_reporting_lines: false,
        stream_of: (0..people.len() as u64).collect(),
    };
    let openness = measure_openness(&organization, &ties, &unit_of, &sizes, &PARAMS);
    for (unit, size, share, expected, typical, relative, ends, z) in [
        (17, 35, 0.541580, 0.986440, 0.841399, -2.166887, (-3.0, -1.3), -1.711),
        (16, 25, 0.663818, 0.991225, 0.891751, -2.060745, (-3.3, -1.0), -1.628),
        // Draws in which its 10 people hardly meet lie far from the others; without those the low end is -5.1 (ADR 0022).
        (2, 10, 0.859935, 0.997465, 0.966330, -2.224852, (-5.75, -0.3), -1.757),
        (7, 51, 0.604082, 0.976256, 0.749900, -0.974655, (-1.9, -0.3), -0.770),
        (36, 22, 0.947987, 0.959436, 0.615089, 3.511654, (2.7, 4.4), 3.084),
    ] {
        assert_eq!(sizes[unit], size);
        near(openness.flows.external_share(unit).unwrap(), share, 1e-5);
        near(openness.flows.expected_external_share(unit).unwrap(), expected, 1e-5);
        let norm = openness.norms[unit].unwrap();
        near(norm.typical_external_share, typical, 1e-5);
        near(norm.relative_openness, relative, 1e-5);
        near(norm.relative_z.unwrap(), z, 1e-3);
        let (low, high) = openness.relative_interval(unit).unwrap();
        near(low, ends.0, 0.3);
        near(high, ends.1, 0.3);
    }
    near(openness.of_unit(17).unwrap(), -0.865057, 1e-5);
    near(openness.of_unit(36).unwrap(), -0.017319, 1e-5);
    let verdict = |unit: usize| judge(&openness, unit, sizes[unit], Doubts::default(), &PARAMS).1;
    let silos: Vec<usize> = (0..count).filter(|&unit| verdict(unit) == Some(true)).collect();
    assert_eq!(silos, [16, 17]);
    let failed = Doubts { self_test_failed: true, ..Doubts::default() };
    assert_eq!(judge(&openness, 17, 35, failed, &PARAMS), ("self_test_failed", None));
}

#[test]
fn bridges_of_workfrance() {
    let Some(folder) = data("workfrance") else { return };
    let folder = folder.join("expected");
    let nodes = rows(&folder.join("workfrance_nodes.csv"));
    let index: BTreeMap<&str, u32> = nodes.iter().map(|row| row[0].as_str()).zip(0..).collect();
    let text = std::fs::read_to_string(folder.join("workfrance_groups.csv")).unwrap();
    let header: Vec<&str> = text.lines().next().unwrap().split(',').map(|cell| cell.trim_matches('"')).collect();
    let column = header.iter().position(|name| *name == "dept").unwrap();
    let mut dept: Vec<Option<String>> = vec![None; nodes.len()];
    for row in rows(&folder.join("workfrance_groups.csv")) {
        dept[index[row[0].as_str()] as usize] = Some(row[column].clone());
    }
    let mut labels: Vec<String> = dept.iter().flatten().cloned().collect();
    labels.sort();
    labels.dedup();
    let unit_of: Vec<Option<u32>> =
        dept.iter().map(|label| label.as_ref().map(|label| labels.binary_search(label).unwrap() as u32)).collect();
    let edges = rows(&folder.join("workfrance_edges_used.csv")).into_iter();
    let edges = edges.map(|row| (index[row[0].as_str()], index[row[1].as_str()], Weight::MESSAGE)).collect();
    let ties = Graph::undirected(nodes.len(), edges);
    assert_eq!((nodes.len(), ties.arc_count() / 2, labels.len()), (211, 932, 12));
    let found = bridges(&ties, &unit_of, |_| true, |_, _| false, 1);

    // The parts of a unit's people add up to the outsiders that it is in touch with.
    for (label, outsiders) in [("DCAR", 37.0), ("DMI", 50.0), ("DST", 55.0)] {
        let unit = labels.binary_search(&label.to_string()).unwrap() as u32;
        let people = (0..nodes.len()).filter(|&person| unit_of[person] == Some(unit));
        near(people.filter_map(|person| found[person]).map(|bridge| bridge.reached).sum(), outsiders, 1e-9);
    }
    let of = |id: &str| found[index[id] as usize].unwrap();
    let bridge = of("210");
    assert_eq!(bridge.end_count, 9);
    near(bridge.reached, 7.0, 1e-6);
    near(bridge.expected, 1.360129, 1e-6);
    near(bridge.residual(), 5.639871, 1e-6);
    near(bridge.p, 0.001, 1e-12);
    let other = of("200");
    assert_eq!(other.end_count, 13);
    near(other.reached, 10.0, 1e-6);
    near(other.residual(), 4.287879, 1e-6);
    let ranked: Vec<_> = found.iter().flatten().filter(|bridge| bridge.end_count >= 5).collect();
    assert_eq!(ranked.len(), 168);
    near(ranked.iter().filter(|bridge| bridge.p <= 0.05).count() as f64, 17.0, 3.0);
}
