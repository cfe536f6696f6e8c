//! Breadth-first searches with path counts from 32 sources at once, and the way back: a lane for each source.
//!
//! A node has a mask that says which searches meet it in a level, and a row with a number a search. An arc is looked at
//! once a level and not once a source: one `and` of two masks decides whether it counts, then whole rows are added. Rows
//! are 0 in the lanes that a level does not meet, so adding needs no mask. Both ways a level is either pushed from its
//! nodes or pulled by those beside it, whichever has fewer arcs. Rows are added in the order of nodes either way, so that
//! nothing depends on the choice.
//!
//! Path counts are floats of 32 bits as long as these hold them exactly, which is nearly always; else the batch is
//! searched again with 64 bits.
//!
//! Many sources at once: Then et al. 2014, doi:10.14778/2735496.2735507. Push or pull: Beamer, Asanović, Patterson 2012,
//! doi:10.1109/SC.2012.50.

use crate::rows::Rows;
use crosstie_model::{Prefetch, SimdWidth};
use pulp::{Simd, WithSimd};
use std::mem::{swap, take};

/// Sources of a search: the bits of a mask.
pub(crate) const LANES: usize = 32;
/// Rows that are asked for ahead of the one that is added.
const AHEAD: usize = 6;

/// A number for each search; two or four cache lines.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub(crate) struct Row<N>(pub(crate) [N; LANES]);

/// A graph in both directions, and what each node counts for as the end of paths.
pub(crate) struct Network<'a> {
    pub(crate) outward: &'a Rows,
    pub(crate) inward: &'a Rows,
    pub(crate) stands_for: &'a [f64],
}

/// Learns what the way back finds.
pub(crate) trait Hear {
    /// At `node`, `hops` away from the sources of `mask`: the dependency of each on it, 0 in other lanes. Called at most
    /// once a node, source and batch, and never of sources on themselves.
    fn hear(&mut self, node: u32, mask: u32, hops: usize, dependency: &[f64; LANES]);
}

/// The memory of searches one after the other.
pub(crate) struct Searches {
    width: SimdWidth,
    walk: Walk,
    narrow: Counts<f32>,
    wide: Option<Counts<f64>>,
    back: [Vec<Row<f64>>; 2],
}

impl Searches {
    pub(crate) fn new(network: &Network, width: SimdWidth) -> Searches {
        let count = network.outward.len();
        Searches {
            width,
            walk: Walk::new(network),
            narrow: Counts::new(count),
            wide: None,
            back: [vec![Row([0.0; LANES]); count], vec![Row([0.0; LANES]); count]],
        }
    }

    /// Searches from up to 32 different sources.
    ///
    /// # Panics
    /// If there are more shortest paths between two nodes than a float can tell from infinity: about 10^308.
    pub(crate) fn run(&mut self, network: &Network, sources: &[u32], hear: &mut impl Hear) {
        let Searches { width, walk, narrow, wide, back } = self;
        if width.dispatch(Both { network, sources, walk, counts: narrow, back, hear }) {
            return;
        }
        let counts = wide.get_or_insert_with(|| Counts::new(network.outward.len()));
        let is_done = width.dispatch(Both { network, sources, walk, counts, back, hear });
        assert!(is_done, "under 10^308 shortest paths between two nodes");
    }
}

/// A type of path counts.
trait Count: Copy + Default + PartialOrd + std::ops::Add<Output = Self> + Into<f64> {
    /// Counts from here on are not exact.
    const LIMIT: Self;
    const ONE: Self;
    /// The number where `keep` is set, else 0.
    fn keep(self, keep: bool) -> Self;
}

impl Count for f32 {
    const LIMIT: f32 = (1u32 << 24) as f32;
    const ONE: f32 = 1.0;
    #[inline(always)]
    fn keep(self, keep: bool) -> f32 {
        f32::from_bits(self.to_bits() & 0u32.wrapping_sub(keep.into()))
    }
}

impl Count for f64 {
    const LIMIT: f64 = f64::INFINITY;
    const ONE: f64 = 1.0;
    #[inline(always)]
    fn keep(self, keep: bool) -> f64 {
        f64::from_bits(self.to_bits() & 0u64.wrapping_sub(keep.into()))
    }
}

/// Path counts: of the level that is left and the one that is met, and of all.
struct Counts<C> {
    now: Vec<Row<C>>,
    next: Vec<Row<C>>,
    all: Vec<Row<C>>,
}

impl<C: Count> Counts<C> {
    fn new(count: usize) -> Counts<C> {
        let rows = || vec![Row([C::default(); LANES]); count];
        Counts { now: rows(), next: rows(), all: rows() }
    }

    /// Keeps what a level has found at a node. False if a count is not exact.
    #[inline(always)]
    fn settle(&mut self, node: u32, mask: u32, found: &Row<C>) -> bool {
        let (next, all) = (&mut self.next[node as usize].0, &mut self.all[node as usize].0);
        let mut is_exact = true;
        for lane in 0..LANES {
            let is_met = mask >> lane & 1 == 1;
            let count = found.0[lane].keep(is_met);
            is_exact &= count < C::LIMIT;
            next[lane] = count;
            all[lane] = if is_met { count } else { all[lane] };
        }
        is_exact
    }
}

#[inline(always)]
fn add<C: Count>(sums: &mut Row<C>, more: &Row<C>) {
    for lane in 0..LANES {
        sums.0[lane] = sums.0[lane] + more.0[lane];
    }
}

/// Which nodes are met when.
struct Walk {
    /// Which searches have met a node.
    seen: Vec<u32>,
    /// Which searches meet a node in the level at hand. All 0 between searches, as are those of `next`.
    now: Vec<u32>,
    next: Vec<u32>,
    /// The nodes of each level, ascending, with the searches that meet them there.
    met: Vec<(u32, u32)>,
    /// Where each level begins, and the end of the last.
    begins: Vec<usize>,
    /// Nodes that may not be seen by all, ascending.
    open: Vec<u32>,
    reached: Vec<u32>,
    /// The neighbours of one node that count, at the begin.
    hits: Vec<u32>,
}

impl Walk {
    fn new(network: &Network) -> Walk {
        let count = network.outward.len();
        let degree = network.outward.largest_degree().max(network.inward.largest_degree());
        Walk {
            seen: vec![0; count],
            now: vec![0; count],
            next: vec![0; count],
            met: Vec::new(),
            begins: Vec::new(),
            open: Vec::new(),
            reached: Vec::new(),
            hits: vec![0; degree + 1],
        }
    }

    fn start<C: Count>(&mut self, sources: &[u32], counts: &mut Counts<C>) {
        self.seen.fill(0);
        self.open.clear();
        self.open.extend(0..self.seen.len() as u32);
        self.met.clear();
        self.begins.clear();
        self.begins.push(0);
        for (lane, &source) in sources.iter().enumerate() {
            self.seen[source as usize] = 1 << lane;
            self.now[source as usize] = 1 << lane;
            self.met.push((source, 1 << lane));
            counts.now[source as usize] = Row([C::default(); LANES]);
            counts.now[source as usize].0[lane] = C::ONE;
        }
        self.met.sort_unstable();
        self.begins.push(self.met.len());
    }
}

/// A search and its way back. False, with nothing told, if a path count is not exact.
struct Both<'a, C, H> {
    network: &'a Network<'a>,
    sources: &'a [u32],
    walk: &'a mut Walk,
    counts: &'a mut Counts<C>,
    back: &'a mut [Vec<Row<f64>>; 2],
    hear: &'a mut H,
}

impl<C: Count, H: Hear> WithSimd for Both<'_, C, H> {
    type Output = bool;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> bool {
        let Both { network, sources, walk, counts, back, hear } = self;
        walk.start(sources, counts);
        let is_exact = forth(network, sources.len(), walk, counts);
        if is_exact {
            way_back(network, walk, &counts.all, back, hear);
        }
        is_exact
    }
}

/// Meets all nodes level by level, counting paths. `walk.now` is clear at the end.
#[inline(always)]
fn forth<C: Count>(network: &Network, source_count: usize, walk: &mut Walk, counts: &mut Counts<C>) -> bool {
    let everyone = u32::MAX >> (LANES - source_count);
    let is_open = |seen: u32| seen != everyone;
    let mut open_arcs: usize = walk
        .open
        .iter()
        .filter(|&&node| is_open(walk.seen[node as usize]))
        .map(|&node| network.inward.degree(node))
        .sum();
    let mut is_exact = true;
    loop {
        let last = walk.begins[walk.begins.len() - 2]..walk.begins[walk.begins.len() - 1];
        let arcs: usize = walk.met[last.clone()].iter().map(|&(node, _)| network.outward.degree(node)).sum();
        if arcs < open_arcs {
            is_exact &= push(network, walk, counts, last.clone());
        } else {
            is_exact &= pull(network, everyone, walk, counts);
        }
        swap(&mut counts.now, &mut counts.next);
        walk.met[last.clone()].iter().for_each(|&(node, _)| walk.now[node as usize] = 0);
        let fresh = last.end..walk.met.len();
        if !is_exact || fresh.is_empty() {
            return is_exact;
        }
        for &(node, mask) in &walk.met[fresh] {
            walk.now[node as usize] = mask;
            walk.seen[node as usize] |= mask;
            if !is_open(walk.seen[node as usize]) {
                open_arcs -= network.inward.degree(node);
            }
        }
        walk.begins.push(walk.met.len());
    }
}

/// From the nodes of the last level to their neighbours.
#[inline(always)]
fn push<C: Count>(network: &Network, walk: &mut Walk, counts: &mut Counts<C>, last: std::ops::Range<usize>) -> bool {
    let Walk { seen, next, met, reached, .. } = walk;
    for &(node, mask) in &met[last] {
        let own = counts.now[node as usize];
        for &head in network.outward.of(node) {
            let fresh = mask & !seen[head as usize];
            if fresh == 0 {
                continue;
            }
            if next[head as usize] == 0 {
                reached.push(head);
                counts.next[head as usize] = own;
            } else {
                add(&mut counts.next[head as usize], &own);
            }
            next[head as usize] |= fresh;
        }
    }
    reached.sort_unstable();
    let mut is_exact = true;
    for node in reached.drain(..) {
        let mask = take(&mut next[node as usize]);
        let found = counts.next[node as usize];
        is_exact &= counts.settle(node, mask, &found);
        met.push((node, mask));
    }
    is_exact
}

/// By the nodes that are not seen by all from their neighbours in the last level.
#[inline(always)]
fn pull<C: Count>(network: &Network, everyone: u32, walk: &mut Walk, counts: &mut Counts<C>) -> bool {
    let Walk { seen, now, met, open, hits, .. } = walk;
    let prefetch = Prefetch::new();
    let mut is_exact = true;
    let mut kept = 0;
    for at in 0..open.len() {
        let node = open[at];
        let unseen = everyone & !seen[node as usize];
        if unseen == 0 {
            continue;
        }
        open[kept] = node;
        kept += 1;
        let (mask, count) = find_hits(network.inward.of(node), now, unseen, hits);
        if mask == 0 {
            continue;
        }
        let found = sum_of(&hits[..count], &counts.now, prefetch);
        is_exact &= counts.settle(node, mask, &found);
        met.push((node, mask));
    }
    open.truncate(kept);
    is_exact
}

/// Leaves at the begin of `hits` the neighbours that a level meets in a wanted search. Tells these searches and how many
/// neighbours they are. Writing each down and moving on only past hits saves a guess that is often wrong.
#[inline(always)]
fn find_hits(row: &[u32], masks: &[u32], wanted: u32, hits: &mut [u32]) -> (u32, usize) {
    let (mut all, mut count) = (0, 0);
    for &other in row {
        let hit = masks[other as usize] & wanted;
        hits[count] = other;
        count += usize::from(hit != 0);
        all |= hit;
    }
    (all, count)
}

#[inline(always)]
fn sum_of<C: Count>(nodes: &[u32], rows: &[Row<C>], prefetch: Prefetch) -> Row<C> {
    let mut sum = Row([C::default(); LANES]);
    nodes.iter().take(AHEAD).for_each(|&node| prefetch.all(&rows[node as usize].0));
    for (at, &node) in nodes.iter().enumerate() {
        if let Some(&later) = nodes.get(at + AHEAD) {
            prefetch.all(&rows[later as usize].0);
        }
        add(&mut sum, &rows[node as usize]);
    }
    sum
}

/// From the deepest level up: what each source depends on each node by. `walk.now` and `walk.next` are clear at the end.
#[inline(always)]
fn way_back<C: Count, H: Hear>(
    network: &Network,
    walk: &mut Walk,
    paths: &[Row<C>],
    back: &mut [Vec<Row<f64>>; 2],
    hear: &mut H,
) {
    let Walk { now, next, met, begins, hits, .. } = walk;
    // `below` has (ω + dependency) / paths of the level below, `above` of the level at hand.
    let [below, above] = back;
    let prefetch = Prefetch::new();
    let arcs = |level: &[(u32, u32)], rows: &Rows| level.iter().map(|&(node, _)| rows.degree(node)).sum::<usize>();
    for hops in (1..begins.len() - 1).rev() {
        let level = &met[begins[hops]..begins[hops + 1]];
        let deeper = begins.get(hops + 2).map_or(&[][..], |&end| &met[begins[hops + 1]..end]);
        let is_pushed = arcs(deeper, network.inward) < arcs(level, network.outward);
        if is_pushed {
            for &(node, mask) in level {
                next[node as usize] = mask;
                above[node as usize] = Row([0.0; LANES]);
            }
            for &(node, mask) in deeper {
                let own = below[node as usize];
                for &tail in network.inward.of(node) {
                    if next[tail as usize] & mask != 0 {
                        add(&mut above[tail as usize], &own);
                    }
                }
            }
            level.iter().for_each(|&(node, _)| next[node as usize] = 0);
        }
        for &(node, mask) in level {
            let sum = if is_pushed {
                above[node as usize]
            } else {
                let (_, count) = find_hits(network.outward.of(node), now, mask, hits);
                sum_of(&hits[..count], below, prefetch)
            };
            let (paths, above) = (&paths[node as usize].0, &mut above[node as usize].0);
            let own = network.stands_for[node as usize];
            let mut dependency = [0.0; LANES];
            for lane in 0..LANES {
                let is_met = mask >> lane & 1 == 1;
                let count: f64 = paths[lane].into();
                dependency[lane] = (sum.0[lane] * count).keep(is_met);
                above[lane] = ((own + dependency[lane]) / count).keep(is_met);
            }
            hear.hear(node, mask, hops, &dependency);
        }
        deeper.iter().for_each(|&(node, _)| now[node as usize] = 0);
        level.iter().for_each(|&(node, mask)| now[node as usize] = mask);
        swap(below, above);
    }
    if let [begin, end, ..] = begins[1..] {
        met[begin..end].iter().for_each(|&(node, _)| now[node as usize] = 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Graph;
    use crosstie_model::Weight;
    use proptest::{collection::vec, prelude::*};

    #[derive(Default, Debug, PartialEq)]
    struct Heard(Vec<(u32, u32, usize, Vec<u64>)>);

    impl Hear for Heard {
        fn hear(&mut self, node: u32, mask: u32, hops: usize, dependency: &[f64; LANES]) {
            self.0.push((node, mask, hops, dependency.map(f64::to_bits).to_vec()));
        }
    }

    proptest! {
        /// All widths of vectors that there are, and counts of 64 bits: the same bits.
        #[test]
        fn width_does_not_show(arcs in vec((0..50u32, 0..50u32), 0..200), first in 0..18u32) {
            let edges = arcs.into_iter().map(|(a, b)| (a, b, Weight::MESSAGE)).collect();
            let graph = Graph::from_edges(50, edges);
            let order: Vec<u32> = graph.nodes().collect();
            let (outward, inward) = (Rows::new(&graph, &order), Rows::new(&graph.reversed(), &order));
            let network = Network { outward: &outward, inward: &inward, stands_for: &[1.0; 50] };
            let sources: Vec<u32> = (first..first + LANES as u32).collect();
            let mut searches = Searches::new(&network, SimdWidth::Scalar);
            let mut heard = Heard::default();
            searches.run(&network, &sources, &mut heard);
            for width in SimdWidth::ALL.into_iter().filter(|width| width.is_here()) {
                let mut other = Heard::default();
                Searches::new(&network, width).run(&network, &sources, &mut other);
                prop_assert_eq!(&other, &heard);
            }
            let Searches { walk, back, .. } = &mut searches;
            let (counts, mut wide) = (&mut Counts::<f64>::new(50), Heard::default());
            let both = Both { network: &network, sources: &sources, walk, counts, back, hear: &mut wide };
            prop_assert!(SimdWidth::Best.dispatch(both));
            prop_assert_eq!(&wide, &heard);
        }
    }
}
