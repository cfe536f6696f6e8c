//! The three graphs of a window: volume, arcs, reciprocated ties.

use crosstie_graph::Graph;
use crosstie_model::{RuledTie, Weight, WindowTie, WindowTies};

/// Sender, recipient, weight.
type Edge = (u32, u32, Weight);

/// V, D and R over the same people.
#[derive(Clone, Debug)]
pub struct Graphs {
    /// V: contact from i to j by weight, directed.
    pub volume: Graph,
    /// D: arcs with enough messages, without weight.
    pub arcs: Graph,
    /// R: pairs with both arcs in D, weight both ways, undirected.
    pub ties: Graph,
}

impl Graphs {
    /// Builds them. `reciprocated_each_way` is the fewest messages of an arc in D.
    #[must_use]
    pub fn new(people_count: usize, ties: &WindowTies, reciprocated_each_way: u32) -> Graphs {
        let tie = |tie: &WindowTie| (tie.source, tie.target, tie.weight, tie.message_count);
        Graphs::of(people_count, ties.ties.iter().map(tie), reciprocated_each_way)
    }

    /// The same of a window under another rule.
    pub(crate) fn of_ruled(people_count: usize, ties: &[RuledTie], reciprocated_each_way: u32) -> Graphs {
        let tie = |tie: &RuledTie| (tie.source, tie.target, tie.weight, tie.message_count);
        Graphs::of(people_count, ties.iter().map(tie), reciprocated_each_way)
    }

    fn of(
        people_count: usize,
        ties: impl Iterator<Item = (u32, u32, Weight, u64)> + Clone + Send,
        reciprocated_each_way: u32,
    ) -> Graphs {
        let enough = ties.clone().filter(|(.., message_count)| *message_count >= u64::from(reciprocated_each_way));
        let enough: Vec<Edge> = enough.map(|(source, target, weight, _)| (source, target, weight)).collect();
        let volume = || ties.map(|(source, target, weight, _)| (source, target, weight)).collect();
        let arcs = || enough.iter().map(|&(source, target, _)| (source, target, Weight::MESSAGE)).collect();
        let ((volume, arcs), ties) = rayon::join(
            || (Graph::from_edges(people_count, volume()), Graph::from_edges(people_count, arcs())),
            || Graph::from_edges(people_count, both_ways(people_count, &enough)),
        );
        Graphs { volume, arcs, ties }
    }

    /// Share of D's arcs whose reverse is in D; `None` without arcs.
    #[must_use]
    pub fn reciprocity(&self) -> Option<f64> {
        let count = self.arcs.arc_count();
        (count > 0).then(|| self.ties.arc_count() as f64 / count as f64)
    }
}

/// The arcs whose reverse is among them, each with the weight of both. Arcs come in order, and go in order.
fn both_ways(people_count: usize, arcs: &[Edge]) -> Vec<Edge> {
    debug_assert!(arcs.is_sorted_by_key(|arc| (arc.0, arc.1)), "ties come in order");
    let (begins, incoming) = by_recipient(people_count, arcs);
    let mut both = Vec::new();
    for own in arcs.chunk_by(|a, b| a.0 == b.0) {
        let person = own[0].0 as usize;
        let mut back = incoming[begins[person]..begins[person + 1]].iter().peekable();
        for &(source, target, weight) in own {
            while back.next_if(|(sender, _)| *sender < target).is_some() {}
            if let Some((_, other)) = back.next_if(|(sender, _)| *sender == target) {
                both.push((source, target, weight + *other));
            }
        }
    }
    both
}

/// Where the arcs to each person begin, and these as (sender, weight), by sender.
fn by_recipient(people_count: usize, arcs: &[Edge]) -> (Vec<usize>, Vec<(u32, Weight)>) {
    let mut begins = vec![0; people_count + 1];
    arcs.iter().for_each(|(_, target, _)| begins[*target as usize + 1] += 1);
    for at in 0..people_count {
        begins[at + 1] += begins[at];
    }
    let mut next = begins.clone();
    let mut incoming = vec![(0, Weight::ZERO); arcs.len()];
    for &(source, target, weight) in arcs {
        let at = &mut next[target as usize];
        incoming[*at] = (source, weight);
        *at += 1;
    }
    (begins, incoming)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::btree_map, prelude::*};

    proptest! {
        /// The definition: arcs of V whose ends write to each other in D, added up both ways. Some ties weigh nothing.
        #[test]
        fn reciprocated_ties_are_the_pairs_of_d(
            of in btree_map((0..7u32, 0..7u32), (0..4u64, 1..5u64), 0..40), each_way in 1..4u32,
        ) {
            let tie = |(&(source, target), &(units, message_count)): (&(u32, u32), &(u64, u64))| {
                RuledTie { source, target, message_count, weight: Weight::from_units(units) }
            };
            let ties: Vec<RuledTie> = of.iter().map(tie).filter(|tie| tie.source != tie.target).collect();
            let Graphs { volume, arcs, ties } = Graphs::of_ruled(7, &ties, each_way);
            let both = volume.arcs().filter(|&(a, b, _)| arcs.has_arc(a, b) && arcs.has_arc(b, a)).collect();
            let expected = Graph::undirected(7, both);
            prop_assert_eq!(ties.arcs().collect::<Vec<_>>(), expected.arcs().collect::<Vec<_>>());
        }
    }
}
