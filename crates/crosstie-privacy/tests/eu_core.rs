//! The attacks on a real organization, without and with what protects it: 986 people of a research institution in 42
//! departments (SNAP email-Eu-core). An attack that no longer finds what is there to be found fails like a leak.
//!
//! The data lie in `../shared/data/eu_core` beside the checkout; where they are absent the tests say `skipped`.

#![expect(clippy::unwrap_used, reason = "a test may stop at anything unexpected")]
#![expect(clippy::print_stderr, reason = "a test that cannot run says so")]

use crosstie_model::tables::{UnitPairRow, UnitRow};
use crosstie_model::{Contribution, Grouping, Measured, Stream, Weight};
use crosstie_privacy::audit::{Exposure, elimination, small_cells};
use crosstie_privacy::{MeasuredTables, Rules, publish};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

struct Network {
    department_of: Vec<u32>,
    /// Sender and recipient, each pair once.
    ties: Vec<(u32, u32)>,
}

fn network() -> Option<Network> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/eu_core");
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).ok();
    let (Some(people), Some(ties)) = (read("email_vertices.csv"), read("email_edgelist.csv")) else {
        eprintln!("skipped: no `{}`", folder.display());
        return None;
    };
    let rows = |text: &str| -> Vec<(u32, u32)> {
        let numbers = |line: &str| line.split_once(',').map(|(a, b)| (a.parse().unwrap(), b.parse().unwrap())).unwrap();
        text.lines().skip(1).map(numbers).collect()
    };
    let ties: BTreeSet<(u32, u32)> = rows(&ties).into_iter().filter(|(from, to)| from != to).collect();
    let mut department_of = vec![0; 1005];
    rows(&people).into_iter().for_each(|(person, department)| department_of[person as usize] = department);
    Some(Network { department_of, ties: ties.into_iter().collect() })
}

fn parts(people: &BTreeMap<u32, u64>) -> Vec<Contribution> {
    let part = |(&person, &ties): (&u32, &u64)| Contribution { person, units: ties * Weight::MESSAGE.units() };
    people.iter().map(part).collect()
}

#[test]
fn a_rule_for_group_sizes_leaves_685_of_1075_cells_on_a_few_people() {
    let Some(network) = network() else { return };
    let mut sizes: BTreeMap<u32, usize> = BTreeMap::new();
    network.department_of.iter().for_each(|department| *sizes.entry(*department).or_default() += 1);
    let mut cells: BTreeMap<(u32, u32), [BTreeMap<u32, u64>; 2]> = BTreeMap::new();
    for &(from, to) in &network.ties {
        let cell = (network.department_of[from as usize], network.department_of[to as usize]);
        let [senders, recipients] = cells.entry(cell).or_default();
        *senders.entry(from).or_default() += 1;
        *recipients.entry(to).or_default() += 1;
    }
    cells.retain(|(a, b), _| sizes[a] >= 5 && sizes[b] >= 5);
    let few = |cell: &&[BTreeMap<u32, u64>; 2]| cell.iter().any(|side| side.len() < 5);
    let alone = |cell: &&[BTreeMap<u32, u64>; 2]| cell.iter().any(|side| side.len() == 1);
    assert_eq!(
        (cells.len(), cells.values().filter(few).count(), cells.values().filter(alone).count()),
        (1075, 685, 205)
    );
    let sides: Vec<_> = cells.values().map(|[a, b]| (parts(a), parts(b))).collect();
    let found = small_cells(sides.iter(), Rules { min_people: 5 });
    assert!(found.examined == 1075 && found.exposed >= 685, "dominated ones, too: {found:?}");
}

/// The table of pairs of divisions, as measured.
fn measured(network: &Network, division_of: &[u32]) -> MeasuredTables {
    let labels: Vec<Option<String>> = network
        .department_of
        .iter()
        .map(|&department| Some(format!("d{:02}", division_of[department as usize])))
        .collect();
    let grouping = Grouping::from_labels("unit", &labels);
    let unit = |person: u32| grouping.unit_of[person as usize].unwrap().index();
    let mut cells: BTreeMap<(usize, usize), [BTreeMap<u32, u64>; 2]> = BTreeMap::new();
    for &(from, to) in &network.ties {
        let (a, b) = (unit(from).min(unit(to)), unit(from).max(unit(to)));
        let sides = cells.entry((a, b)).or_default();
        for person in [from, to] {
            // Inside a unit both sides are the same people.
            if unit(person) == a {
                *sides[0].entry(person).or_default() += 1;
            }
            if unit(person) == b {
                *sides[1].entry(person).or_default() += 1;
            }
        }
    }
    let pairs = cells.into_iter().map(|((a, b), sides)| {
        let ends: u64 = sides[0].values().sum();
        let ties = if a == b { ends / 2 } else { ends };
        let row = UnitPairRow {
            grouping: "unit".into(),
            unit_a: grouping.labels[a].clone(),
            unit_b: grouping.labels[b].clone(),
            weight: Some(ties as f64),
            expected_weight: Some(1.0),
            log2_ratio: None,
            log2_low: None,
            log2_high: None,
            carriers_band: None,
            top_carrier_band: None,
            suppressed: false,
        };
        Measured { row, side_a: parts(&sides[0]), side_b: parts(&sides[1]) }
    });
    let unit_pairs = pairs.collect();
    let units = (0..grouping.labels.len()).map(|at| unit_row(&grouping, at, network)).collect();
    MeasuredTables { groupings: vec![grouping], units, unit_pairs, people_with_contact: 986, ..Default::default() }
}

/// A row of the unit that says what share of its contact lies outside, behind which all of its people stand.
fn unit_row(grouping: &Grouping, at: usize, network: &Network) -> Measured<UnitRow> {
    let unit = |person: u32| grouping.unit_of[person as usize].unwrap().index();
    let mut sides: [BTreeMap<u32, u64>; 2] = Default::default();
    for &(from, to) in network.ties.iter().filter(|(from, to)| unit(*from) == at || unit(*to) == at) {
        for person in [from, to] {
            *sides[usize::from(unit(person) != at)].entry(person).or_default() += 1;
        }
    }
    let row = UnitRow {
        grouping: "unit".into(),
        unit: grouping.labels[at].clone(),
        people_count: grouping.people_counts()[at] as i64,
        external_share: Some(0.5),
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
        evidence: "enough".into(),
    };
    Measured { row, side_a: parts(&sides[0]), side_b: parts(&sides[1]) }
}

/// 42 departments merged at random into 10 divisions.
fn merge(stream: &mut Stream) -> Vec<u32> {
    let mut division_of: Vec<u32> = (0..42).map(|department| department % 10).collect();
    stream.shuffle(&mut division_of);
    division_of
}

#[test]
fn hidden_cells_of_divisions_follow_from_totals_unless_others_are_hidden_with_them() {
    let Some(network) = network() else { return };
    let rules = Rules { min_people: 10 };
    let (mut plain, mut protected, mut hidden_by_rules) = (Exposure::default(), Exposure::default(), 0);
    for number in 0..200 {
        let tables = measured(&network, &merge(&mut Stream::new(1, "divisions", &[number])));
        // Without protection: what rules hide is hidden, and nothing else.
        let units: Vec<UnitRow> = tables.units.iter().map(|unit| unit.row.clone()).collect();
        let mut pairs = Vec::new();
        for pair in &tables.unit_pairs {
            let sides = (pair.side_a.clone(), pair.side_b.clone());
            let suppressed = small_cells([&sides].into_iter(), rules).exposed > 0;
            hidden_by_rules += u64::from(suppressed);
            let expected_weight = pair.row.expected_weight.filter(|_| !suppressed);
            pairs.push(UnitPairRow { suppressed, expected_weight, ..pair.row.clone() });
        }
        plain.add(elimination(&units, &pairs));
        let (published, _) = publish(tables, rules);
        protected.add(elimination(published.units.rows(), published.unit_pairs.rows()));
    }
    assert_eq!(plain.examined, hidden_by_rules);
    assert_eq!(plain, Exposure { examined: 121, exposed: 121 }, "an attack that finds less has become blind");
    assert_eq!(protected, Exposure { examined: 327, exposed: 0 });
}
