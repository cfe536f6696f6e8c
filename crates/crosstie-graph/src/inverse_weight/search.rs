//! One search by length with path counts, and the way back: Dijkstra's, then dependencies from the furthest node up.

use crate::Graph;
use crate::inverse_weight::lengths::Lengths;
use crate::inverse_weight::queue::Queue;

/// Sparse rows of arcs with lengths. Nodes are numbered by their place in an order.
pub(super) struct Roads {
    first: Vec<usize>,
    arcs: Vec<Road>,
    /// What each node counts for as the end of paths.
    pub(super) stands_for: Vec<f64>,
}

#[derive(Clone, Copy)]
struct Road {
    length: u64,
    head: u32,
}

impl Roads {
    /// The part of a graph that `order` lists, each node at most once.
    pub(super) fn new(graph: &Graph, lengths: &Lengths, order: &[u32], stands_for: Vec<f64>) -> Roads {
        const LEFT_OUT: u32 = u32::MAX;
        let mut place = vec![LEFT_OUT; graph.node_count()];
        (0..).zip(order).for_each(|(at, &node)| place[node as usize] = at);
        let mut roads = Roads { first: vec![0], arcs: Vec::with_capacity(graph.arc_count()), stands_for };
        for &node in order {
            let begin = roads.arcs.len();
            let row = graph.out_edges(node).map(|(head, weight)| (place[head as usize], weight));
            let row = row.filter(|&(head, _)| head != LEFT_OUT);
            roads.arcs.extend(row.map(|(head, weight)| Road { length: lengths.of(weight), head }));
            roads.arcs[begin..].sort_unstable_by_key(|road| road.head);
            roads.first.push(roads.arcs.len());
        }
        roads
    }

    pub(super) fn len(&self) -> usize {
        self.first.len() - 1
    }

    fn of(&self, node: u32) -> &[Road] {
        &self.arcs[self.first[node as usize]..self.first[node as usize + 1]]
    }

    /// Whether arcs leave a node.
    pub(super) fn leads_on(&self, node: u32) -> bool {
        !self.of(node).is_empty()
    }
}

const UNSEEN: u64 = u64::MAX;

/// How far a node is from the source, and by how many paths.
#[derive(Clone, Copy)]
struct Place {
    distance: u64,
    paths: f64,
}

/// The memory of searches one after the other.
pub(super) struct Search {
    places: Vec<Place>,
    /// (ω + dependency) / paths.
    shares: Vec<f64>,
    /// Nodes by distance.
    settled: Vec<u32>,
    waiting: Queue,
}

impl Search {
    pub(super) fn new(count: usize) -> Search {
        Search {
            places: vec![Place { distance: UNSEEN, paths: 0.0 }; count],
            shares: vec![0.0; count],
            settled: Vec::with_capacity(count),
            waiting: Queue::new(),
        }
    }

    /// Tells each node that is reached, except the source, with the source's dependency on it: the furthest first.
    ///
    /// # Panics
    /// If there are 10^308 shortest paths or more between two nodes.
    pub(super) fn run(&mut self, roads: &Roads, source: u32, mut hear: impl FnMut(u32, f64)) {
        self.forth(roads, source);
        let Search { places, shares, settled, .. } = self;
        for &node in settled[1..].iter().rev() {
            let Place { distance, paths } = places[node as usize];
            assert!(paths < f64::INFINITY, "under 10^308 shortest paths between two nodes");
            let mut sum = 0.0;
            for &Road { length, head } in roads.of(node) {
                if places[head as usize].distance == distance + length {
                    sum += shares[head as usize];
                }
            }
            let dependency = sum * paths;
            shares[node as usize] = (roads.stands_for[node as usize] + dependency) / paths;
            hear(node, dependency);
        }
        for node in settled.drain(..) {
            places[node as usize].distance = UNSEEN;
        }
    }

    fn forth(&mut self, roads: &Roads, source: u32) {
        let Search { places, settled, waiting, .. } = self;
        places[source as usize] = Place { distance: 0, paths: 1.0 };
        waiting.restart();
        waiting.push(0, source);
        while let Some((distance, node)) = waiting.pop(|distance, node| places[node as usize].distance == distance) {
            let place = places[node as usize];
            settled.push(node);
            for &Road { length, head } in roads.of(node) {
                let next = &mut places[head as usize];
                let further = distance + length;
                if further < next.distance {
                    *next = Place { distance: further, paths: place.paths };
                    waiting.push(further, head);
                } else if further == next.distance {
                    next.paths += place.paths;
                }
            }
        }
    }
}
