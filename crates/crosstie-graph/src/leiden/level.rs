//! One level of aggregation: the graph whose nodes are the parts of the level below.

use super::threads::Threads;
use crate::Graph;
use crosstie_model::Prefetch;

/// A weight as it is kept beside a head.
pub(super) trait Units: Copy + Into<u64> + Default + Send + Sync {}

impl<W: Copy + Into<u64> + Default + Send + Sync> Units for W {}

/// Sparse rows without loops; `volume` keeps what loops would add. Weights of the graph itself are `u32` where all fit,
/// which halves what is read.
#[derive(Default)]
pub(super) struct Level<W> {
    rows: Vec<Row>,
    segments: Vec<Segment<W>>,
    pub(super) volume: Vec<u64>,
    arc_count: usize,
}

/// Where the arcs of a node are.
#[derive(Clone, Copy)]
struct Row {
    segment: u32,
    count: u32,
    first: usize,
}

/// Rows of consecutive nodes, written by one thread.
#[derive(Default)]
pub(super) struct Segment<W> {
    /// Head and weight side by side: rows are read in random order, and each array would miss the cache by itself.
    pub(super) arcs: Vec<(u32, W)>,
    /// Arcs of each node.
    pub(super) counts: Vec<u32>,
    pub(super) volume: Vec<u64>,
}

impl<W> Segment<W> {
    pub(super) fn clear(&mut self) {
        self.arcs.clear();
        self.counts.clear();
        self.volume.clear();
    }
}

impl<W: Units> Level<W> {
    /// The graph itself; `None` if a weight does not fit.
    pub(super) fn of(graph: &Graph, volume: impl Fn(u32) -> u64 + Sync, threads: Threads) -> Option<Level<W>>
    where
        W: TryFrom<u64>,
    {
        const NODES: usize = 1 << 12;
        let chunks = graph.node_count().div_ceil(NODES);
        let mut level = Level::default();
        level.fill(chunks, threads, |chunk, segment| {
            let nodes = (chunk * NODES..graph.node_count().min((chunk + 1) * NODES)).map(|node| node as u32);
            segment.arcs.reserve(nodes.clone().map(|node| graph.degree(node)).sum());
            for node in nodes {
                let before = segment.arcs.len();
                let arcs =
                    graph.out_edges(node).map_while(|(head, weight)| Some((head, W::try_from(weight.units()).ok()?)));
                segment.arcs.extend(arcs);
                segment.counts.push((segment.arcs.len() - before) as u32);
                segment.volume.push(volume(node));
            }
        });
        (level.arc_count == graph.arc_count()).then_some(level)
    }

    /// Writes all segments anew, over what they hold.
    pub(super) fn fill(&mut self, count: usize, threads: Threads, write: impl Fn(usize, &mut Segment<W>) + Sync) {
        self.segments.resize_with(count.max(self.segments.len()), Segment::default);
        let (used, rest) = self.segments.split_at_mut(count);
        threads.each(used.iter_mut().enumerate(), |(at, segment)| {
            segment.clear();
            write(at, segment);
        });
        rest.iter_mut().for_each(Segment::clear);
        self.rows.clear();
        self.volume.clear();
        for (segment, filled) in (0..).zip(&self.segments) {
            let mut first = 0;
            for &count in &filled.counts {
                self.rows.push(Row { segment, count, first });
                first += count as usize;
            }
            self.volume.extend_from_slice(&filled.volume);
        }
        self.arc_count = self.segments.iter().map(|segment| segment.arcs.len()).sum();
    }

    pub(super) fn len(&self) -> usize {
        self.volume.len()
    }

    pub(super) fn arc_count(&self) -> usize {
        self.arc_count
    }

    pub(super) fn degree(&self, node: u32) -> usize {
        self.rows[node as usize].count as usize
    }

    #[inline]
    fn arcs_of(&self, node: u32) -> &[(u32, W)] {
        let row = self.rows[node as usize];
        &self.segments[row.segment as usize].arcs[row.first..row.first + row.count as usize]
    }

    /// A node's arcs as (head, weight).
    #[inline]
    pub(super) fn row(&self, node: u32) -> impl Iterator<Item = (u32, u64)> + '_ {
        self.arcs_of(node).iter().map(|&(head, weight)| (head, weight.into()))
    }

    /// Asks for a row that is about to be needed.
    #[inline]
    pub(super) fn look_ahead(&self, prefetch: Prefetch, node: Option<&u32>) {
        if let Some(&node) = node {
            prefetch.all(self.arcs_of(node));
        }
    }
}

/// A weight of 64 bits as two halves: beside a head it takes 12 bytes, where a `u64` would begin at the next 8th byte.
#[derive(Clone, Copy, Default)]
pub(super) struct Wide([u32; 2]);

impl From<u64> for Wide {
    #[inline]
    fn from(weight: u64) -> Wide {
        Wide([weight as u32, (weight >> 32) as u32])
    }
}

impl From<Wide> for u64 {
    #[inline]
    fn from(Wide([low, high]): Wide) -> u64 {
        u64::from(high) << 32 | u64::from(low)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_weights_take_no_more_than_they_need() {
        for weight in [0, 1, u64::from(u32::MAX), 1 << 32, 0x0123_4567_89ab_cdef, u64::MAX] {
            assert_eq!(u64::from(Wide::from(weight)), weight);
        }
        assert_eq!(size_of::<(u32, Wide)>(), 12);
    }
}
