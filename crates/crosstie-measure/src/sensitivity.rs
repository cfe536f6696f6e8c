//! What each rule of the ties does to the numbers of the whole organization: each row changes one.
//!
//! # Definition
//! Reciprocated ties, people without one, the E-I index over these ties (each counts 1) with its expectation in the
//! configuration model `1 - 2 sum over units of (k_u / 2m)²`, openness of the organization, and the share of cross-unit
//! pairs within two steps; under `reciprocated_each_way` 1, 3, 5, 10, 20, `max_recipients` 4 and as set, `half_life_days`
//! none and 28.
//!
//! # Undefined when
//! No ties; openness: no contact between units.
//!
//! # Reading it
//! A number that moves much over the rows hangs on a choice, not on the organization. Openness does not move with the
//! threshold: it knows none.
//!
//! # Differs from
//! An interval over people: this is about rules.
//!
//! # Cost, exactness
//! A graph and its two-step reach for each rule that changes which messages count. Exact.
//!
//! # References
//! De Choudhury, Mason, Hofman & Watts 2010, <https://doi.org/10.1145/1772690.1772722>.

use crate::expectation::UnitFlows;
use crate::graphs::Graphs;
use crate::openness::log_ratio;
use crate::reach::reach2_share;
use crate::{MeasureParams, ei_index};
use crosstie_graph::Graph;
use crosstie_model::tables::SensitivityRow;
use crosstie_model::{Contribution, Grade, Measured, MetricSpec, RuledWindow, WindowTies};
use rayon::prelude::*;

/// Catalogue entry.
pub(crate) const SPEC: MetricSpec = MetricSpec {
    page: include_str!("sensitivity.rs"),
    id: "sensitivity",
    table: "sensitivity",
    columns: &["tie_count", "isolated_count", "ei_index", "ei_index_expected", "openness", "reach2_share"],
    question: "How much do the numbers hang on the rules that make a tie?",
    formula: "the numbers of the whole organization under other thresholds, recipient caps and half-lives",
    unit: "by column",
    range: (f64::NEG_INFINITY, f64::INFINITY),
    undefined_when: "no reciprocated ties; openness: no contact between units",
    grade: Grade::B,
    cannot_claim: "that any of the rules is the right one",
    references: &["De Choudhury, Mason, Hofman & Watts 2010, doi:10.1145/1772690.1772722"],
};

/// Messages each way that are tried.
const EACH_WAY: [u32; 5] = [1, 3, 5, 10, 20];

/// The ties under another rule.
#[derive(Clone, Debug)]
pub struct Variant {
    /// Key of the rule.
    pub rule: &'static str,
    /// Its value.
    pub value: String,
    /// The ties that it gives; `None`: the window's own.
    pub ties: Option<RuledWindow>,
}

/// The rows. `unit_of` is dense, people without a unit at `unit_count`.
pub(crate) fn sensitivity(
    ties: &WindowTies,
    variants: &[Variant],
    unit_of: &[u32],
    unit_count: usize,
    params: &MeasureParams,
) -> Vec<Measured<SensitivityRow>> {
    let openness = |flows: UnitFlows| {
        log_ratio(flows.cross_share(), flows.expected_cross_share()).filter(|openness| openness.is_finite())
    };
    // All but the rule and the openness under it.
    let of_graph = |graph: Graph| {
        let (index, expected) = ei_by_ties(&graph, unit_of, unit_count + 1).unzip();
        let row = SensitivityRow {
            rule: String::new(),
            value: String::new(),
            tie_count: Some(graph.arc_count() as i64 / 2),
            isolated_count: Some(graph.nodes().filter(|&person| graph.degree(person) == 0).count() as i64),
            ei_index: index,
            ei_index_expected: expected,
            openness: None,
            reach2_share: reach2_share(&graph, unit_of, unit_count).1,
            as_of: None,
        };
        // A strict rule leaves few people with a tie.
        let part = |person| Contribution { person, units: graph.degree(person) as u64 };
        let people: Vec<Contribution> = graph.nodes().map(part).filter(|part| part.units > 0).collect();
        Measured { row, side_a: people.clone(), side_b: people, sums: Vec::new() }
    };
    let under = |rule: &str, value: String, openness: Option<f64>, found: &Measured<SensitivityRow>| {
        let row = SensitivityRow { rule: rule.into(), value, openness, ..found.row.clone() };
        Measured { row, ..found.clone() }
    };
    let people_count = unit_of.len();
    let own = openness(UnitFlows::new(ties, unit_of, unit_count + 1));
    let mut tried = EACH_WAY.to_vec();
    tried.push(params.reciprocated_each_way);
    tried.sort_unstable();
    tried.dedup();
    let strict: Vec<Measured<SensitivityRow>> =
        tried.par_iter().map(|&each_way| of_graph(Graphs::new(people_count, ties, each_way).ties)).collect();
    let planned = &strict[tried.binary_search(&params.reciprocated_each_way).unwrap_or_default()];
    let of_variant = |Variant { rule, value, ties: variant }: &Variant| {
        let Some(window) = variant else { return under(rule, value.clone(), own, planned) };
        let openness = openness(UnitFlows::of_ruled(window, unit_of, unit_count + 1));
        if has_equal_counts(window, ties) {
            return under(rule, value.clone(), openness, planned);
        }
        let graph = Graphs::of_ruled(people_count, &window.ties, params.reciprocated_each_way).ties;
        under(rule, value.clone(), openness, &of_graph(graph))
    };
    let of_threshold = |(each_way, found): (&u32, &Measured<SensitivityRow>)| {
        under("reciprocated_each_way", each_way.to_string(), own, found)
    };
    let mut rows: Vec<Measured<SensitivityRow>> = tried.iter().zip(&strict).map(of_threshold).collect();
    rows.extend(variants.par_iter().map(of_variant).collect::<Vec<_>>());
    rows
}

/// Whether a rule changes weights alone: then its reciprocated ties are those of the window.
fn has_equal_counts(window: &RuledWindow, ties: &WindowTies) -> bool {
    let ruled = window.ties.iter().map(|tie| (tie.source, tie.target, tie.message_count));
    ruled.eq(ties.ties.iter().map(|tie| (tie.source, tie.target, tie.message_count)))
}

/// The E-I index with every tie counting 1, and in the configuration model; `None` without ties.
fn ei_by_ties(ties: &Graph, unit_of: &[u32], unit_count: usize) -> Option<(f64, f64)> {
    let ends = ties.arc_count() as f64;
    if ends == 0.0 {
        return None;
    }
    let crossing = ties.arcs().filter(|&(a, b, _)| unit_of[a as usize] != unit_of[b as usize]).count();
    let mut of_unit = vec![0u64; unit_count];
    ties.nodes().for_each(|person| of_unit[unit_of[person as usize] as usize] += ties.degree(person) as u64);
    let inside: f64 = of_unit.iter().map(|&count| (count as f64 / ends).powi(2)).sum();
    Some((ei_index::of_share(crossing as f64 / ends), ei_index::of_share(1.0 - inside)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expectation::tests::ties_of;
    use crosstie_model::{Activity, RuledTie, Weight};
    use proptest::{collection::vec, prelude::*};

    #[test]
    fn two_pairs_and_a_bridge() {
        let edge = |a, b| (a, b, Weight::MESSAGE);
        let ties = Graph::undirected(5, vec![edge(0, 1), edge(2, 3), edge(1, 2)]);
        let (index, expected) = ei_by_ties(&ties, &[0, 0, 1, 1, 1], 2).unwrap();
        assert!((index + 1.0 / 3.0).abs() < 1e-12);
        assert!(expected.abs() < 1e-12, "three ends on either side");
        assert_eq!(ei_by_ties(&Graph::undirected(2, vec![]), &[0, 0], 1), None);
    }

    fn sums_of(ties: &WindowTies, people_count: usize) -> RuledWindow {
        let mut activities = Vec::new();
        crate::activity::each_week(ties, people_count, |week| {
            activities.push(Activity { sent: week.sent.to_vec(), received: week.received.to_vec() });
        });
        let tie = |tie: &crosstie_model::WindowTie| RuledTie {
            source: tie.source,
            target: tie.target,
            message_count: tie.message_count,
            weight: tie.weight,
        };
        RuledWindow { ties: ties.ties.iter().map(tie).collect(), activities }
    }

    proptest! {
        /// The row of a rule is that of a window in which the rule holds, whether it changes counts or weights alone.
        #[test]
        fn a_rule_says_what_its_window_says(
            rows in vec((0..3u32, 0..9u32, 0..9u32, 2..1u32 << 20), 1..60),
            unit_of in vec(0..3u32, 9),
            keeps_counts: bool,
        ) {
            let changed = |row: &(u32, u32, u32, u32)| match keeps_counts {
                true => Some((row.0, row.1, row.2, row.3 / (1 + row.0))),
                false => Some(*row).filter(|row| row.3 % 2 == 0),
            };
            let other = ties_of(&rows.iter().filter_map(changed).collect::<Vec<_>>());
            let variant = Variant { rule: "rule", value: "1".into(), ties: Some(sums_of(&other, 9)) };
            let mut found = sensitivity(&ties_of(&rows), &[variant], &unit_of, 2, &MeasureParams::TESTED).pop().unwrap();
            let alone = sensitivity(&other, &[], &unit_of, 2, &MeasureParams::TESTED).remove(0);
            prop_assert_eq!(&alone.row.value, &MeasureParams::TESTED.reciprocated_each_way.to_string());
            prop_assert_eq!((found.row.rule.as_str(), found.row.value.as_str()), ("rule", "1"));
            (found.row.rule, found.row.value) = ("reciprocated_each_way".into(), "1".into());
            prop_assert_eq!(format!("{:?}", found.row), format!("{:?}", alone.row));
            prop_assert_eq!(found.side_a, alone.side_a);
        }
    }
}
