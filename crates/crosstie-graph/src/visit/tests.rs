//! petgraph's own algorithms on these graphs, against the results of this crate and of petgraph's own graph types.

use super::*;
use crate::graph::tests::{edges, graph};
use crate::{Graph, articulation_points, components};
use petgraph::algo::{
    articulation_points::articulation_points as petgraph_articulation_points, bridges, connected_components, dijkstra,
    has_path_connecting, kosaraju_scc, maximal_cliques, min_spanning_tree, tarjan_scc,
};
use petgraph::data::Element;
use petgraph::graph::{DiGraph, NodeIndex, UnGraph};
use petgraph::visit::{
    Bfs, Dfs, EdgeCount, EdgeRef, GraphProp, IntoEdgeReferences, IntoEdges, IntoEdgesDirected, IntoNodeReferences,
    NodeCount, Visitable,
};
use petgraph::{Direction, Undirected};
use proptest::{collection::vec, prelude::*};

type Edges = Vec<(u32, u32, Weight)>;

fn any_edges(nodes: u32) -> impl Strategy<Value = Edges> {
    vec((0..nodes, 0..nodes, (1..5u64).prop_map(Weight::from_units)), 0..40)
}

const NODES: u32 = 12;

/// The same directed graph as petgraph's own type.
fn theirs(graph: &Graph) -> DiGraph<(), Weight> {
    let mut own = DiGraph::new();
    (0..graph.node_count()).for_each(|_| {
        own.add_node(());
    });
    for (tail, head, weight) in graph.arcs() {
        own.add_edge(NodeIndex::new(tail as usize), NodeIndex::new(head as usize), weight);
    }
    own
}

fn theirs_undirected(graph: &Graph) -> UnGraph<(), Weight> {
    let mut own = UnGraph::default();
    (0..graph.node_count()).for_each(|_| {
        own.add_node(());
    });
    for (tail, head, weight) in graph.arcs().filter(|(tail, head, _)| tail < head) {
        own.add_edge(NodeIndex::new(tail as usize), NodeIndex::new(head as usize), weight);
    }
    own
}

/// Groups of nodes, in an order of their own.
fn sorted(mut groups: Vec<Vec<u32>>) -> Vec<Vec<u32>> {
    groups.iter_mut().for_each(|group| group.sort_unstable());
    groups.sort();
    groups
}

fn numbers(groups: Vec<Vec<NodeIndex>>) -> Vec<Vec<u32>> {
    sorted(groups.into_iter().map(|group| group.into_iter().map(|node| node.index() as u32).collect()).collect())
}

#[test]
fn counts_and_references() {
    let graph = graph(5, "0-1:2 1-2 3-4");
    let ties = Ties::of(&graph).unwrap();
    assert_eq!((NodeCount::node_count(&ties), ties.edge_count(), EdgeCount::edge_count(&graph)), (5, 3, 6));
    assert!(!ties.is_directed() && GraphProp::is_directed(&graph));
    assert_eq!(ties.node_references().count(), 5);
    let ends = |tie: Tie<'_>| (tie.source(), tie.target(), tie.id());
    assert_eq!(ties.edge_references().map(ends).collect::<Vec<_>>(), [(0, 1, (0, 1)), (1, 2, (1, 2)), (3, 4, (3, 4))]);
    // Seen from its larger end a tie is the same tie.
    assert_eq!(ties.edges(1).map(ends).collect::<Vec<_>>(), [(1, 0, (0, 1)), (1, 2, (1, 2))]);
    let incoming: Vec<_> = ties.edges_directed(1, Direction::Incoming).map(ends).collect();
    assert_eq!(incoming, [(0, 1, (0, 1)), (2, 1, (1, 2))]);
    assert_eq!((&graph).edges(3).map(|(tail, head, _)| (tail, head)).collect::<Vec<_>>(), [(3, 4)]);
    assert_eq!((&graph).edges(4).count(), 1);
}

#[test]
fn what_is_not_symmetric_has_no_ties() {
    assert!(Ties::of(&Graph::from_edges(2, edges("0>1", '>'))).is_none());
    assert!(Ties::of(&Graph::from_edges(2, edges("0>1:2 1>0:3", '>'))).is_none());
    assert!(Ties::of(&Graph::from_edges(2, edges("0>1:2 1>0:2", '>'))).is_some());
    assert!(Ties::of(&Graph::from_edges(3, vec![])).is_some());
}

#[test]
fn a_map_of_visits_forgets() {
    let graph = graph(3, "0-1");
    let mut map = graph.visit_map();
    assert!(map.visit(1) && !map.visit(1) && map.is_visited(&1) && !map.is_visited(&2));
    assert!(map.unvisit(1) && !map.unvisit(1) && map.visit(1));
    graph.reset_map(&mut map);
    assert!(!map.is_visited(&1));
}

proptest! {
    /// Tarjan's and Kosaraju's components, of arcs and of ties.
    #[test]
    fn components_are_those_of_this_crate(edges in any_edges(NODES)) {
        let arcs = Graph::from_edges(NODES as usize, edges.clone());
        prop_assert_eq!(sorted(tarjan_scc(&arcs)), numbers(tarjan_scc(&theirs(&arcs))));
        let graph = Graph::undirected(NODES as usize, edges);
        let ties = Ties::of(&graph).unwrap();
        let own = components(&graph);
        prop_assert_eq!(connected_components(ties), own.sizes.len());
        prop_assert_eq!(connected_components(&graph), own.sizes.len());
        let mut groups = vec![Vec::new(); own.sizes.len()];
        (0..NODES).for_each(|node| groups[own.component_of[node as usize] as usize].push(node));
        prop_assert_eq!(sorted(tarjan_scc(ties)), sorted(groups.clone()));
        prop_assert_eq!(sorted(kosaraju_scc(ties)), sorted(groups));
    }

    #[test]
    fn articulation_points_are_those_of_this_crate(edges in any_edges(NODES)) {
        let graph = Graph::undirected(NODES as usize, edges);
        let found = petgraph_articulation_points(Ties::of(&graph).unwrap());
        for (node, own) in (0..NODES).zip(articulation_points(&graph)) {
            prop_assert_eq!(found.contains(&node), own, "node {}", node);
        }
    }

    /// Hops from every node: Dijkstra with lengths of 1 against a search in breadth; weighted, against petgraph's own type.
    #[test]
    fn shortest_paths(edges in any_edges(NODES), start in 0..NODES) {
        let graph = Graph::from_edges(NODES as usize, edges);
        let hops = dijkstra(&graph, start, None, |_| 1u32);
        let mut bfs = Bfs::new(&graph, start);
        let mut reached = Vec::new();
        while let Some(node) = bfs.next(&graph) {
            reached.push(node);
        }
        prop_assert_eq!(reached.len(), hops.len());
        prop_assert!(reached.windows(2).all(|pair| hops[&pair[0]] <= hops[&pair[1]]), "nearer nodes come first");
        let far = dijkstra(&graph, start, None, |(_, _, weight)| weight.units());
        let theirs = dijkstra(&theirs(&graph), NodeIndex::new(start as usize), None, |edge| edge.weight().units());
        for node in 0..NODES {
            prop_assert_eq!(far.get(&node), theirs.get(&NodeIndex::new(node as usize)));
            prop_assert_eq!(has_path_connecting(&graph, start, node, None), hops.contains_key(&node));
        }
        let mut dfs = Dfs::new(&graph, start);
        let mut deep = 0;
        while dfs.next(&graph).is_some() {
            deep += 1;
        }
        prop_assert_eq!(deep, reached.len());
    }

    /// Ties whose removal splits a component, spanning trees and cliques, as on petgraph's own undirected graph.
    #[test]
    fn undirected_algorithms(edges in any_edges(8)) {
        let graph = Graph::undirected(8, edges);
        let (ties, theirs) = (Ties::of(&graph).unwrap(), theirs_undirected(&graph));
        let mut found: Vec<_> = bridges(ties).map(|tie| tie.id()).collect();
        let end = |node: NodeIndex| node.index() as u32;
        let mut expected: Vec<_> =
            bridges(&theirs).map(|edge| (end(edge.source()).min(end(edge.target())), end(edge.source()).max(end(edge.target())))).collect();
        found.sort_unstable();
        expected.sort_unstable();
        prop_assert_eq!(found, expected);
        fn weight(tree: impl Iterator<Item = Element<(), Weight>>) -> u64 {
            tree.map(|element| if let Element::Edge { weight, .. } = element { weight.units() } else { 0 }).sum()
        }
        prop_assert_eq!(weight(min_spanning_tree(ties)), weight(min_spanning_tree(&theirs)));
        prop_assert_eq!(maximal_cliques(ties).len(), maximal_cliques(&theirs).len());
    }
}

/// Bounds that name a trait each: dropping one stops this from compiling.
#[test]
fn every_trait_is_there() {
    fn all<G>(_: G)
    where
        G: petgraph::visit::IntoEdges
            + petgraph::visit::IntoNodeReferences
            + petgraph::visit::NodeCompactIndexable
            + petgraph::visit::EdgeCount
            + petgraph::visit::Visitable
            + petgraph::visit::GetAdjacencyMatrix
            + petgraph::visit::GraphProp,
    {
    }
    fn undirected<G: IntoEdgesDirected + GraphProp<EdgeType = Undirected>>(_: G) {}
    let graph = graph(2, "0-1");
    all(&graph);
    all(Ties::of(&graph).unwrap());
    undirected(Ties::of(&graph).unwrap());
}
