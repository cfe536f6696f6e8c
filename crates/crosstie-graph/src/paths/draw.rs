//! One shortest path of a pair, each with the same chance: a search from both ends until they meet, an edge where they
//! meet in proportion to the paths that cross it, then from there predecessors in proportion to their paths.
//!
//! Drawing each predecessor with the same chance would prefer paths through nodes with few paths.

use crate::Graph;
use crosstie_model::Stream;

/// The memory of draws one after the other.
pub(super) struct Drawer<'a> {
    graph: &'a Graph,
    sides: [Side; 2],
    /// Edges on which the sides meet, from the first to the second, with the sum of paths so far.
    meeting: Vec<(u32, u32, f64)>,
    /// How many paths passed each node.
    pub(super) hits: Vec<u32>,
}

const UNSEEN: u32 = u32::MAX;

/// What was searched from one end.
struct Side {
    depth: Vec<u32>,
    paths: Vec<f64>,
    /// Nodes by depth; the last level begins at `last`.
    order: Vec<u32>,
    last: usize,
}

impl Side {
    fn new(node_count: usize) -> Side {
        Side { depth: vec![UNSEEN; node_count], paths: vec![0.0; node_count], order: Vec::new(), last: 0 }
    }

    fn start(&mut self, node: u32) {
        self.order.push(node);
        self.depth[node as usize] = 0;
        self.paths[node as usize] = 1.0;
    }

    fn clear(&mut self) {
        for node in self.order.drain(..) {
            self.depth[node as usize] = UNSEEN;
            self.paths[node as usize] = 0.0;
        }
        self.last = 0;
    }

    fn last_level(&self) -> &[u32] {
        &self.order[self.last..]
    }

    /// Meets the next level. The sum of paths that cross to the other side goes into `meeting` edge by edge.
    fn step(&mut self, graph: &Graph, other: &Side, is_turned: bool, meeting: &mut Vec<(u32, u32, f64)>) {
        let level = self.last..self.order.len();
        self.last = level.end;
        let mut total = 0.0;
        for at in level {
            let node = self.order[at];
            let (depth, paths) = (self.depth[node as usize] + 1, self.paths[node as usize]);
            for &next in graph.neighbors(node) {
                // No node is seen by both, so what the other side has seen is in its last level.
                if other.depth[next as usize] != UNSEEN {
                    total += paths * other.paths[next as usize];
                    meeting.push(if is_turned { (next, node, total) } else { (node, next, total) });
                    continue;
                }
                if !meeting.is_empty() {
                    continue;
                }
                if self.depth[next as usize] == UNSEEN {
                    self.depth[next as usize] = depth;
                    self.order.push(next);
                }
                if self.depth[next as usize] == depth {
                    self.paths[next as usize] += paths;
                }
            }
        }
    }

    /// Counts the nodes from `node` to the end the search began at, which is not counted itself.
    fn trace(&self, graph: &Graph, mut node: u32, stream: &mut Stream, hits: &mut [u32]) {
        while self.depth[node as usize] > 0 {
            hits[node as usize] += 1;
            let depth = self.depth[node as usize] - 1;
            let mut rest = stream.unit() * self.paths[node as usize];
            let before = graph.neighbors(node).iter().filter(|&&next| self.depth[next as usize] == depth);
            for &next in before {
                node = next;
                rest -= self.paths[next as usize];
                if rest < 0.0 {
                    break;
                }
            }
        }
    }
}

impl<'a> Drawer<'a> {
    pub(super) fn new(graph: &'a Graph) -> Drawer<'a> {
        let node_count = graph.node_count();
        let sides = [Side::new(node_count), Side::new(node_count)];
        Drawer { graph, sides, meeting: Vec::new(), hits: vec![0; node_count] }
    }

    /// Draws a path between two different nodes and counts the nodes within it; nothing if there is none.
    pub(super) fn draw(&mut self, from: u32, to: u32, stream: &mut Stream) {
        let Drawer { graph, sides: [one, other], meeting, hits } = self;
        one.start(from);
        other.start(to);
        while meeting.is_empty() && !one.last_level().is_empty() && !other.last_level().is_empty() {
            let arcs = |side: &Side| side.last_level().iter().map(|&node| graph.degree(node)).sum::<usize>();
            if arcs(one) <= arcs(other) {
                one.step(graph, other, false, meeting);
            } else {
                other.step(graph, one, true, meeting);
            }
        }
        if let Some(&(_, _, total)) = meeting.last() {
            let draw = stream.unit() * total;
            let at = meeting.partition_point(|&(_, _, sum)| sum <= draw).min(meeting.len() - 1);
            one.trace(graph, meeting[at].0, stream, hits);
            other.trace(graph, meeting[at].1, stream, hits);
        }
        meeting.clear();
        one.clear();
        other.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crosstie_model::Weight;
    use proptest::prelude::*;

    fn hits(graph: &Graph, from: u32, to: u32, draws: u64) -> Vec<u32> {
        let mut drawer = Drawer::new(graph);
        (0..draws).for_each(|at| drawer.draw(from, to, &mut Stream::new(7, "draw-test", &[at])));
        drawer.hits
    }

    /// Nodes 0 and 1 are the ends; nine paths of four edges go 0 - i - 2 - 3 - 1, one goes 0 - 4 - 5 - 6 - 1.
    fn nine_and_one(number: &[u32]) -> Graph {
        let mut edges = vec![(2, 3), (3, 1), (0, 4), (4, 5), (5, 6), (6, 1)];
        edges.extend((7..16).flat_map(|middle| [(0, middle), (middle, 2)]));
        let edges = edges.into_iter().map(|(a, b): (usize, usize)| (number[a], number[b], Weight::MESSAGE));
        Graph::undirected(16, edges.collect())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]
        #[test]
        fn each_path_has_the_same_chance_under_any_numbering(
            number in Just((0..16).collect::<Vec<u32>>()).prop_shuffle(), is_turned: bool,
        ) {
            let graph = nine_and_one(&number);
            let (from, to) = if is_turned { (number[1], number[0]) } else { (number[0], number[1]) };
            let hits = hits(&graph, from, to, 10_000);
            // Four standard deviations around 9,000; each of the nine middle nodes around 1,000.
            prop_assert!((8_880..=9_120).contains(&hits[number[2] as usize]), "{:?}", hits);
            prop_assert_eq!(hits[number[2] as usize] + hits[number[5] as usize], 10_000);
            for middle in 7..16 {
                prop_assert!((880..=1_120).contains(&hits[number[middle] as usize]), "{:?}", hits);
            }
            prop_assert_eq!((hits[from as usize], hits[to as usize]), (0, 0));
        }
    }

    #[test]
    fn neighbours_and_strangers_have_nobody_between_them() {
        let graph =
            Graph::undirected(5, vec![(0, 1, Weight::MESSAGE), (1, 2, Weight::MESSAGE), (3, 4, Weight::MESSAGE)]);
        assert_eq!(hits(&graph, 0, 1, 10), [0; 5]);
        assert_eq!(hits(&graph, 0, 4, 10), [0; 5]);
        assert_eq!(hits(&graph, 2, 0, 10), [0, 10, 0, 0, 0]);
    }
}
