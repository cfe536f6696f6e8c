//! The three graphs of a window: volume, arcs, reciprocated ties.

use crosstie_graph::Graph;
use crosstie_model::{RuledTie, Weight, WindowTie, WindowTies};

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
        ties: impl Iterator<Item = (u32, u32, Weight, u64)> + Clone,
        reciprocated_each_way: u32,
    ) -> Graphs {
        let volume = ties.clone().map(|(source, target, weight, _)| (source, target, weight)).collect();
        let enough = ties.filter(|(.., message_count)| *message_count >= u64::from(reciprocated_each_way));
        let arcs = enough.map(|(source, target, ..)| (source, target, Weight::MESSAGE)).collect();
        let volume = Graph::from_edges(people_count, volume);
        let arcs = Graph::from_edges(people_count, arcs);
        let both = volume.arcs().filter(|&(a, b, _)| arcs.has_arc(a, b) && arcs.has_arc(b, a)).collect();
        Graphs { ties: Graph::undirected(people_count, both), volume, arcs }
    }

    /// Share of D's arcs whose reverse is in D; `None` without arcs.
    #[must_use]
    pub fn reciprocity(&self) -> Option<f64> {
        let count = self.arcs.arc_count();
        (count > 0).then(|| self.ties.arc_count() as f64 / count as f64)
    }
}
