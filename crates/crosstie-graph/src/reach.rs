//! Who can be reached within two steps.

use crate::Graph;

/// Scratch for [`within_two_steps`]: which nodes the last call reached.
#[derive(Clone, Debug)]
pub struct Reach {
    stamp_of: Vec<u32>,
    stamp: u32,
    reached: Vec<u32>,
}

impl Reach {
    /// Scratch for a graph of this many nodes.
    #[must_use]
    pub fn new(node_count: usize) -> Reach {
        Reach { stamp_of: vec![0; node_count], stamp: 0, reached: Vec::new() }
    }
}

/// The nodes at one or two steps from `node`, not itself, in the order of meeting. `open` says which nodes may be
/// passed or reached. Time O(sum of the neighbours' degrees).
pub fn within_two_steps<'a>(graph: &Graph, node: u32, open: impl Fn(u32) -> bool, reach: &'a mut Reach) -> &'a [u32] {
    reach.stamp += 1;
    reach.reached.clear();
    reach.stamp_of[node as usize] = reach.stamp;
    for &contact in graph.neighbors(node) {
        if open(contact) && reach.stamp_of[contact as usize] != reach.stamp {
            reach.stamp_of[contact as usize] = reach.stamp;
            reach.reached.push(contact);
        }
    }
    for at in 0..reach.reached.len() {
        for &next in graph.neighbors(reach.reached[at]) {
            if open(next) && reach.stamp_of[next as usize] != reach.stamp {
                reach.stamp_of[next as usize] = reach.stamp;
                reach.reached.push(next);
            }
        }
    }
    &reach.reached
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::tests::graph;

    #[test]
    fn two_steps_and_no_more() {
        let graph = graph(5, "0-1 1-2 2-3 3-4");
        let mut reach = Reach::new(5);
        assert_eq!(within_two_steps(&graph, 0, |_| true, &mut reach), [1, 2]);
        assert_eq!(within_two_steps(&graph, 2, |_| true, &mut reach), [1, 3, 0, 4]);
        assert_eq!(within_two_steps(&graph, 2, |node| node != 1, &mut reach), [3, 4]);
    }
}
