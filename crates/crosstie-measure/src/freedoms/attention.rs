//! Whether level says who is written to by people outside the own chain of command.
//!
//! # Definition
//! R² of `ln(1 + messages received from people who are neither ancestors nor descendants)` on level as categories.
//! Expected by chance: `(levels - 1) / (people - 1)`. In a replicate everybody counts as often as drawn.
//! Draws of senders add noise that level does not explain, so the interval is moved until the median of replicates is the
//! estimate (ADR 0003).
//!
//! # Undefined when
//! No reporting lines, a single level, or all receive the same.
//!
//! # Reading it
//! 0: level says nothing about who is written to. Range 0 to 1; never below its expectation on average.
//!
//! # Differs from
//! A correlation with level, which sees a slope and no other difference.
//!
//! # Cost, exactness
//! O(replicates · (ties + people)). Logarithms of crate libm.
//!
//! # References
//! Fisher 1925, Statistical Methods for Research Workers, ISBN 978-0050021705.

use super::rows::{Indicator, Numbers, Width};
use super::{Behind, CONTRIBUTE, Freedoms, Subject, contributions};
use crate::hierarchy::Relation;
use crate::interval::Interval;
use crate::replicate::LANES;
use crosstie_model::num::ln;
use crosstie_model::tables::FreedomRow;
use crosstie_model::{Grade, Measured, MetricSpec, Weight};
use rayon::prelude::*;

/// Catalogue entry.
pub(crate) const SPEC: MetricSpec = MetricSpec {
    page: include_str!("attention.rs"),
    id: "attention_rank_r2",
    table: "freedoms",
    columns: &["attention_rank_r2"],
    question: "Does level say who is written to from outside the chain of command?",
    formula: "R² of ln(1 + messages received from neither ancestors nor descendants) on level",
    unit: "share",
    range: (0.0, 1.0),
    undefined_when: "no reporting lines, a single level, under 200 messages, or an interval wider than 0.3",
    grade: Grade::C,
    cannot_claim: CONTRIBUTE,
    references: &["Fisher 1925, Statistical Methods for Research Workers, ISBN 978-0050021705"],
};

/// A tie off the chain of command.
struct Arrow {
    source: u32,
    target: u32,
    units: u64,
}

pub(super) fn row(freedoms: &Freedoms<'_>) -> Measured<FreedomRow> {
    let people = freedoms.grouping.unit_of.len();
    let everybody = Subject { unit: None, people: (0..people as u32).collect() };
    let levels: Vec<usize> =
        (0..people as u32).map(|person| freedoms.tree.map_or(0, |tree| tree.level(person) as usize)).collect();
    let off_chain = |source: u32, target: u32| {
        freedoms.tree.is_some_and(|tree| !Relation::of(tree.path(source, target)).is_on_the_chain())
    };
    let mut arrows = Vec::new();
    let (mut senders, mut receivers, mut messages) = (vec![0; people], vec![0; people], 0);
    for tie in freedoms.ties.ties.iter().filter(|tie| off_chain(tie.source, tie.target)) {
        let units = tie.weight.units();
        arrows.push(Arrow { source: tie.source, target: tie.target, units });
        senders[tie.source as usize] += units;
        receivers[tie.target as usize] += units;
        messages += tie.message_count;
    }
    // So the sums of a recipient stay at hand.
    arrows.sort_by_key(|arrow| arrow.target);
    let [estimate] = r_squared(&arrows, &levels, |_| [1]);
    let batches: Vec<[Option<f64>; LANES]> = freedoms
        .draws
        .batches()
        .par_iter()
        .map(|times| r_squared(&arrows, &levels, |person| times[person as usize].map(u64::from)))
        .collect();
    let values: Vec<Option<f64>> = batches.into_iter().flatten().take(freedoms.draws.count()).collect();
    let mut distinct = levels.clone();
    distinct.sort_unstable();
    distinct.dedup();
    let numbers = Numbers {
        estimate,
        interval: estimate.and_then(|estimate| Interval::centred(estimate, values.into_iter())),
        expected: (people > 1).then(|| (distinct.len() as f64 - 1.0) / (people as f64 - 1.0)),
        people_count: receivers.iter().filter(|&&units| units > 0).count(),
        events_count: messages,
        has_events: true,
    };
    let indicator = Indicator {
        freedom: "contribute",
        name: "attention_rank_r2",
        grade: SPEC.grade,
        cannot_claim: CONTRIBUTE,
        by_tree: true,
        people_least: 0,
        width: Width::Share,
    };
    freedoms.row(&indicator, &everybody, numbers, Behind::sides(contributions(&senders), contributions(&receivers)))
}

/// Between-level part of the variance, in `N` lanes; `None` where nothing varies.
fn r_squared<const N: usize>(arrows: &[Arrow], levels: &[usize], drawn: impl Fn(u32) -> [u64; N]) -> [Option<f64>; N] {
    let mut received = vec![[0u64; N]; levels.len()];
    for of_target in arrows.chunk_by(|a, b| a.target == b.target) {
        let sums = &mut received[of_target[0].target as usize];
        for arrow in of_target {
            let times = drawn(arrow.source);
            (0..N).for_each(|lane| sums[lane] += arrow.units * times[lane]);
        }
    }
    let level_count = levels.iter().max().map_or(0, |&level| level + 1);
    std::array::from_fn(|lane| {
        let (mut count, mut sum, mut squares) = (vec![0.0; level_count], vec![0.0; level_count], 0.0);
        for (person, (&level, received)) in (0..).zip(levels.iter().zip(&received)) {
            let times = drawn(person)[lane] as f64;
            let value = ln(1.0 + Weight::from_units(received[lane]).messages());
            count[level] += times;
            sum[level] += times * value;
            squares += times * value * value;
        }
        let (all, total): (f64, f64) = (count.iter().sum(), sum.iter().sum());
        let mean_part = total * total / all;
        let between: f64 =
            count.iter().zip(&sum).filter(|(count, _)| **count > 0.0).map(|(count, sum)| sum * sum / count).sum();
        let whole = squares - mean_part;
        (all > 0.0 && whole > 1e-9 * squares).then(|| ((between - mean_part) / whole).clamp(0.0, 1.0))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrow(source: u32, target: u32, messages: u64) -> Arrow {
        Arrow { source, target, units: messages << 20 }
    }

    #[test]
    fn level_explains_all_half_or_nothing() {
        // People 0, 1 at level 0; 2, 3 at level 1.
        let levels = [0, 0, 1, 1];
        let all = [arrow(2, 0, 3), arrow(2, 1, 3)];
        assert!((r_squared(&all, &levels, |_| [1])[0].unwrap() - 1.0).abs() < 1e-12);
        let nothing = [arrow(2, 0, 3), arrow(0, 2, 3)];
        assert!(r_squared(&nothing, &levels, |_| [1])[0].unwrap().abs() < 1e-12);
        // One person receives: with y = 1, 0, 0, 0 the between part is 1/2 - 1/4 of 1 - 1/4.
        let one = [arrow(2, 0, 3)];
        assert!((r_squared(&one, &levels, |_| [1])[0].unwrap() - 1.0 / 3.0).abs() < 1e-12);
        assert_eq!(r_squared(&[], &levels, |_| [1]), [None], "nothing varies");
    }

    #[test]
    fn a_person_drawn_twice_stands_twice() {
        let levels = [0, 1, 1];
        let arrows = [arrow(1, 0, 1), arrow(2, 1, 4)];
        let drawn = |person: u32| [[2u64, 1, 1][person as usize]];
        // The same company with person 0 doubled.
        let doubled = [arrow(1, 0, 1), arrow(1, 3, 1), arrow(2, 1, 4)];
        let slow = r_squared(&doubled, &[0, 1, 1, 0], |_| [1])[0].unwrap();
        assert!((r_squared(&arrows, &levels, drawn)[0].unwrap() - slow).abs() < 1e-12);
    }
}
