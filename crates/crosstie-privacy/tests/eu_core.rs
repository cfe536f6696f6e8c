//! The attacks on a real organization, without and with what protects it: 986 people of a research institution in 42
//! departments (SNAP email-Eu-core). An attack that no longer finds what is there to be found fails like a leak.
//!
//! The data lie in `../shared/data/eu_core` beside the checkout; where they are absent the tests say `skipped`.

#![expect(clippy::unwrap_used, reason = "a test may stop at anything unexpected")]
#![expect(clippy::print_stderr, reason = "a test that cannot run says so")]

mod network;

use crosstie_model::tables::{UnitPairRow, UnitRow};
use crosstie_model::{Day, Stream};
use crosstie_privacy::Rules;
use crosstie_privacy::audit::{Exposure, Reading, Sides, elimination, small_cells, subtraction};
use network::{House, Network, Parts, parts, reading};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const DATE: Day = Day(20_000);

/// Everybody, each tie once, and the number of each person's department.
fn network() -> Option<(Network, Vec<u32>)> {
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
    let ties = rows(&ties).into_iter().filter(|(from, to)| from != to).map(|ends| (ends, 1)).collect();
    let mut department_of = vec![0; 1005];
    rows(&people).into_iter().for_each(|(person, department)| department_of[person as usize] = department);
    let numbers: Vec<u32> = (0..42).collect();
    Some((Network { unit_of: units(&department_of, &numbers), ties }, department_of))
}

/// The unit of each person where departments are merged into divisions.
fn units(department_of: &[u32], division_of: &[u32]) -> Vec<Option<String>> {
    department_of.iter().map(|&department| Some(format!("d{:02}", division_of[department as usize]))).collect()
}

#[test]
fn a_rule_for_group_sizes_leaves_685_of_1075_cells_on_a_few_people() {
    let Some((network, department_of)) = network() else { return };
    let mut sizes: BTreeMap<u32, usize> = BTreeMap::new();
    department_of.iter().for_each(|department| *sizes.entry(*department).or_default() += 1);
    let mut cells: BTreeMap<(u32, u32), [Parts; 2]> = BTreeMap::new();
    for &(from, to) in network.ties.keys() {
        let cell = (department_of[from as usize], department_of[to as usize]);
        let [senders, recipients] = cells.entry(cell).or_default();
        *senders.entry(from).or_default() += 1;
        *recipients.entry(to).or_default() += 1;
    }
    cells.retain(|(a, b), _| sizes[a] >= 5 && sizes[b] >= 5);
    let few = |cell: &&[Parts; 2]| cell.iter().any(|side| side.len() < 5);
    let alone = |cell: &&[Parts; 2]| cell.iter().any(|side| side.len() == 1);
    assert_eq!(
        (cells.len(), cells.values().filter(few).count(), cells.values().filter(alone).count()),
        (1075, 685, 205)
    );
    let sides: Vec<_> = cells.values().map(|[a, b]| (parts(a), parts(b))).collect();
    let found = small_cells(sides.iter(), Rules { min_people: 5 });
    assert!(found.examined == 1075 && found.exposed >= 685, "dominated ones, too: {found:?}");
}

/// 42 departments merged at random into 10 divisions.
fn merge(stream: &mut Stream) -> Vec<u32> {
    let mut division_of: Vec<u32> = (0..42).map(|department| department % 10).collect();
    stream.shuffle(&mut division_of);
    division_of
}

#[test]
fn hidden_cells_of_divisions_follow_from_totals_unless_others_are_hidden_with_them() {
    let Some((network, department_of)) = network() else { return };
    let rules = Rules { min_people: 10 };
    let (mut plain, mut protected, mut hidden_by_rules) = (Exposure::default(), Exposure::default(), 0);
    for number in 0..200 {
        let division_of = merge(&mut Stream::new(1, "divisions", &[number]));
        let tables = Network { unit_of: units(&department_of, &division_of), ..network.clone() }.measured();
        // Without protection: what rules hide is hidden, and nothing else.
        let units: Vec<UnitRow> =
            tables.units.iter().map(|unit| UnitRow { as_of: Some(DATE), ..unit.row.clone() }).collect();
        let mut pairs = Vec::new();
        for pair in tables.unit_pairs.iter().filter(|pair| !pair.side_a.is_empty()) {
            let sides = (pair.side_a.clone(), pair.side_b.clone());
            let suppressed = small_cells([&sides].into_iter(), rules).exposed > 0;
            hidden_by_rules += u64::from(suppressed);
            let expected_weight = pair.row.expected_weight.filter(|_| !suppressed);
            pairs.push(UnitPairRow { suppressed, expected_weight, as_of: Some(DATE), ..pair.row.clone() });
        }
        plain.add(elimination(&Reading { units: &units, unit_pairs: &pairs, ..Reading::default() }, DATE));
        let mut house = House::new(1005, rules.min_people);
        protected.add(elimination(&reading(house.release(DATE, tables)), DATE));
    }
    assert_eq!(plain.examined, hidden_by_rules);
    assert_eq!(plain, Exposure { examined: 121, exposed: 121 }, "an attack that finds less has become blind");
    assert_eq!(protected, Exposure { examined: 356, exposed: 0 });
}

/// Both sides of each pair of departments.
fn sides(network: &Network) -> BTreeMap<(String, String), Sides> {
    network.pairs().into_iter().map(|(key, [a, b])| (key, (parts(&a), parts(&b)))).collect()
}

/// Cells that both nights show by the rules for people alone, and whether one person's parts are all that changed.
fn exposed_leavers(network: &Network, rules: Rules) -> (usize, usize) {
    let shown = |cells: &BTreeMap<(String, String), Sides>| -> BTreeSet<(String, String)> {
        let shown = cells.iter().filter(|(_, sides)| small_cells([*sides].into_iter(), rules).exposed == 0);
        shown.map(|(key, _)| key.clone()).collect()
    };
    let before = sides(network);
    let shown_before = shown(&before);
    let active: BTreeSet<u32> = network.ties.keys().flat_map(|&(from, to)| [from, to]).collect();
    let is_exposed = |leaver: &&u32| {
        let mut later = network.clone();
        later.ties.retain(|&(from, to), _| from != **leaver && to != **leaver);
        let after = sides(&later);
        let twice = shown(&after).into_iter().filter(|cell| shown_before.contains(cell));
        let twice: Vec<(String, String)> = twice.collect();
        subtraction(twice.iter().map(|cell| (&before[cell], &after[cell])), rules).exposed > 0
    };
    (active.iter().filter(is_exposed).count(), active.len())
}

#[test]
fn one_leaver_is_seen_by_subtraction_unless_a_ledger_is_kept() {
    let Some((network, _)) = network() else { return };
    // People of whom some cell that is shown on both nights tells a count.
    assert_eq!(exposed_leavers(&network, Rules { min_people: 5 }), (934, 986));
    assert_eq!(exposed_leavers(&network, Rules { min_people: 10 }), (860, 986));

    let mut protected = Exposure::default();
    let mut carried = 0;
    let mut stream = Stream::new(1, "leavers", &[]);
    for _ in 0..12 {
        let leaver = stream.below(1005) as u32;
        let mut house = House::new(1005, 10);
        let mut later = network.clone();
        later.unit_of[leaver as usize] = None;
        house.release(DATE, network.measured());
        house.release(DATE.plus(1), later.measured());
        carried += house.releases[1].1.carried.values().sum::<u64>();
        let (before, after) = (sides(&network), sides(&later));
        let of_date = |at: usize| {
            let (date, publication) = &house.releases[at];
            let rows = publication.tables.unit_pairs.rows().iter();
            let fresh = rows.filter(move |row| row.weight.is_some() && row.as_of == Some(*date));
            fresh.map(|row| (row.unit_a.clone(), row.unit_b.clone())).collect::<BTreeSet<_>>()
        };
        let twice: Vec<_> = of_date(0).intersection(&of_date(1)).cloned().collect();
        protected.add(subtraction(twice.iter().map(|cell| (&before[cell], &after[cell])), house.rules));
        protected.add(elimination(&reading(&house.releases[1].1), DATE.plus(1)));
    }
    assert!(protected.examined > 0 && carried > 0);
    assert_eq!(protected.exposed, 0, "{protected:?}");
}

/// Restricted tables are no secret to colleagues: of 986 people with contact most are alone with department and degrees.
#[test]
fn who_is_alone_with_department_and_degrees() {
    let Some((network, department_of)) = network() else { return };
    let mut degrees: BTreeMap<u32, [u32; 2]> = BTreeMap::new();
    for &(from, to) in network.ties.keys() {
        degrees.entry(from).or_default()[0] += 1;
        degrees.entry(to).or_default()[1] += 1;
    }
    let mut sets: BTreeMap<(u32, [u32; 2]), u32> = BTreeMap::new();
    degrees
        .iter()
        .for_each(|(&person, &degrees)| *sets.entry((department_of[person as usize], degrees)).or_default() += 1);
    let in_sets = |most: u32| sets.values().filter(|&&people| people <= most).sum::<u32>();
    assert_eq!((in_sets(u32::MAX), in_sets(1), in_sets(4)), (986, 842, 959));
}
