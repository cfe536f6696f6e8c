//! One shortest path of a pair, each with the same chance: a search from both ends until they meet, an edge where they
//! meet in proportion to the paths that cross it, then from there predecessors in proportion to their paths.
//!
//! Drawing each predecessor with the same chance would prefer paths through nodes with few paths.

use crate::Graph;
use crosstie_model::Stream;

/// The memory of draws one after the other.
pub(super) struct Drawer<'a> {
    search: Search<'a>,
    sides: [Side; 2],
    /// Edges on which the sides meet, from the first to the second, with the sum of paths so far.
    meeting: Vec<(u32, u32, f64)>,
    /// How many paths passed each node.
    pub(super) hits: Vec<u32>,
}

/// What both searches know of nodes. Marks are read of all that are looked at, the rest of few.
struct Search<'a> {
    graph: &'a Graph,
    /// Twice the depth of each node that was seen, plus the side it was seen from.
    marks: Vec<u32>,
    /// Of each node that was seen, from its end.
    paths: Vec<f64>,
    /// The neighbours of one node that count, at the begin.
    hits: Vec<u32>,
}

const UNSEEN: u32 = u32::MAX;

/// What was searched from one end.
#[derive(Default)]
struct Side {
    /// Nodes by depth; the last level begins at `last`.
    order: Vec<u32>,
    last: usize,
    /// Of the nodes of the last level.
    mark: u32,
    /// Arcs that leave them.
    arcs: usize,
}

impl Side {
    fn start(&mut self, node: u32, side: u32, search: &mut Search) {
        search.marks[node as usize] = side;
        search.paths[node as usize] = 1.0;
        self.order.clear();
        self.order.push(node);
        (self.last, self.mark, self.arcs) = (0, side, search.graph.degree(node));
    }

    /// Finds the edges from the last level to that of the other side, with the sum of paths that cross them.
    ///
    /// No node is seen by both, so what the other side has seen next to this level is in its last one. Nearly all arcs of a
    /// search are in the level that meets the other, and of these nothing but this is asked.
    fn meet(&self, other: &Side, search: &mut Search, meeting: &mut Vec<(u32, u32, f64)>) {
        let Search { graph, marks, paths, hits } = search;
        let is_first = self.mark & 1 == 0;
        let mut total = 0.0;
        for &node in &self.order[self.last..] {
            // Writing each down and moving on only past hits saves a guess that is often wrong.
            let mut count = 0;
            for &next in graph.neighbors(node) {
                hits[count] = next;
                count += usize::from(marks[next as usize] == other.mark);
            }
            for &next in &hits[..count] {
                total += paths[node as usize] * paths[next as usize];
                meeting.push(if is_first { (node, next, total) } else { (next, node, total) });
            }
        }
    }

    /// Goes one level on, if `meet` has found nothing.
    fn step(&mut self, search: &mut Search) {
        let Search { graph, marks, paths, .. } = search;
        let level = self.last..self.order.len();
        (self.last, self.mark, self.arcs) = (level.end, self.mark + 2, 0);
        for at in level {
            let node = self.order[at];
            for &next in graph.neighbors(node) {
                if marks[next as usize] == UNSEEN {
                    marks[next as usize] = self.mark;
                    paths[next as usize] = paths[node as usize];
                    self.arcs += graph.degree(next);
                    self.order.push(next);
                } else if marks[next as usize] == self.mark {
                    paths[next as usize] += paths[node as usize];
                }
            }
        }
    }

    /// Whether the other side can still be met.
    fn is_open(&self) -> bool {
        self.last < self.order.len()
    }
}

impl<'a> Drawer<'a> {
    pub(super) fn new(graph: &'a Graph) -> Drawer<'a> {
        let count = graph.node_count();
        let most = graph.nodes().map(|node| graph.degree(node)).max().unwrap_or(0);
        let search = Search { graph, marks: vec![UNSEEN; count], paths: vec![0.0; count], hits: vec![0; most + 1] };
        Drawer { search, sides: Default::default(), meeting: Vec::new(), hits: vec![0; count] }
    }

    /// Draws a path between two different nodes and counts the nodes within it; nothing if there is none.
    pub(super) fn draw(&mut self, from: u32, to: u32, stream: &mut Stream) {
        let Drawer { search, sides: [one, other], meeting, .. } = self;
        one.start(from, 0, search);
        other.start(to, 1, search);
        while one.is_open() && other.is_open() {
            let (smaller, larger) = if one.arcs <= other.arcs { (&mut *one, &*other) } else { (&mut *other, &*one) };
            smaller.meet(larger, search, meeting);
            if !meeting.is_empty() {
                break;
            }
            smaller.step(search);
        }
        if let Some(&(_, _, total)) = meeting.last() {
            let draw = stream.unit() * total;
            let at = meeting.partition_point(|&(_, _, sum)| sum <= draw).min(meeting.len() - 1);
            let (first, second, _) = meeting[at];
            self.trace(first, stream);
            self.trace(second, stream);
        }
        let Drawer { search, sides: [one, other], meeting, .. } = self;
        meeting.clear();
        one.order.iter().chain(&other.order).for_each(|&node| search.marks[node as usize] = UNSEEN);
    }

    /// Counts the nodes from `node` to the end its side began at, which is not counted itself.
    fn trace(&mut self, mut node: u32, stream: &mut Stream) {
        let Search { graph, marks, paths, .. } = &self.search;
        while marks[node as usize] > 1 {
            self.hits[node as usize] += 1;
            let mark = marks[node as usize];
            // One step from the end there is nothing to choose.
            if mark < 4 {
                break;
            }
            let mut rest = stream.unit() * paths[node as usize];
            for &next in graph.neighbors(node).iter().filter(|&&next| marks[next as usize] == mark - 2) {
                node = next;
                rest -= paths[next as usize];
                if rest < 0.0 {
                    break;
                }
            }
        }
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
