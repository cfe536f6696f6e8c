//! Local moving with a queue: a node goes where the gain is largest, and neighbours that may want to follow are looked
//! at again.
//!
//! On large levels the queue is taken in batches. The best communities of a batch are sought on all threads, as the
//! partition was before the batch ahead of it, while one thread carries that one out in order. A choice that may no
//! longer be the best by then is made again, and a move still needs a strict exact gain at its time. So the result is
//! the same at any number of threads.

use super::accumulator::Accumulator;
use super::choice::{ALONE, Choice, choose};
use super::gains::Gains;
use super::level::{Level, Units};
use super::threads::{Scratch, Threads};
use crosstie_model::{Prefetch, Stream};
use std::collections::VecDeque;

/// Arcs of nodes in the queue below which a batch is not worth its while, even where few choices have to be made again.
pub(super) const LEAST_ARCS: usize = 1 << 14;
/// Arcs of a level below which batches cost more than they save where most nodes move: they are moved one at a time.
const LARGE_LEVEL_ARCS: usize = 1 << 20;
/// A batch has about this share of a level's arcs.
const BATCHES: usize = 32;
/// A batch is sought in so many pieces.
const PIECES: usize = 8;

/// The least arcs of a batch on a level where most nodes move.
pub(super) fn least_arcs<W: Units>(level: &Level<W>) -> usize {
    if level.arc_count() >= LARGE_LEVEL_ARCS { LEAST_ARCS } else { usize::MAX }
}

/// What moving keeps beside the partition, for its memory.
#[derive(Default)]
pub(super) struct Moving {
    now: Now,
    order: Vec<u32>,
    queue: VecDeque<u32>,
    /// Arcs of the nodes in the queue.
    queued_arcs: usize,
    between: Accumulator,
    of_thread: Scratch<Accumulator>,
    /// Communities and their volumes as they were before the batch that is carried out.
    seen: Vec<u32>,
    seen_volume: Vec<u64>,
    batch: Batch,
    next: Batch,
}

/// Nodes that are looked at together.
#[derive(Default)]
struct Batch {
    nodes: Vec<u32>,
    choices: Vec<Choice>,
}

/// Communities as they are.
#[derive(Default)]
struct Now {
    volume_of: Vec<u64>,
    size_of: Vec<u32>,
    empty: Vec<u32>,
    waiting: Vec<Waiting>,
    /// Nodes that moved, and from where to where, since `seen` was brought up to date.
    moves: Vec<(u32, u32, u32)>,
}

/// When a node is to be looked at again.
#[derive(Clone, Copy)]
struct Waiting {
    /// How much weight may still shift before another community is better. Of a node in a batch: minus what has shifted
    /// since its choice.
    slack: i64,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Idle,
    Queued,
    InBatch,
}

impl Moving {
    /// Moves nodes until no move gains, in batches where at least so many arcs are in the queue. Returns whether any moved.
    pub(super) fn run<W: Units>(
        &mut self,
        level: &Level<W>,
        gains: Gains,
        partition: &mut [u32],
        stream: &mut Stream,
        threads: Threads,
        least_arcs: usize,
    ) -> bool {
        self.start(level, partition, stream);
        let mut moved = false;
        let batch_arcs = (level.arc_count() / BATCHES).max(least_arcs);
        while !self.queue.is_empty() {
            if self.queued_arcs >= batch_arcs {
                moved |= self.batches(level, gains, partition, batch_arcs, threads);
            } else {
                moved |= self.one_by_one(level, gains, partition, batch_arcs);
            }
        }
        moved
    }

    /// Looks at one node after the other, until enough for batches are in the queue.
    fn one_by_one<W: Units>(
        &mut self,
        level: &Level<W>,
        gains: Gains,
        partition: &mut [u32],
        until_arcs: usize,
    ) -> bool {
        let Moving { now, queue, queued_arcs, between, .. } = self;
        let prefetch = Prefetch::new();
        let mut moved = false;
        while let Some(node) = queue.pop_front() {
            *queued_arcs -= level.degree(node);
            level.look_ahead(prefetch, queue.get(1));
            let choice = look(level, gains, node, partition, &now.volume_of, between);
            moved |= now.carry_out(level, partition, node, choice, queue, queued_arcs);
            if *queued_arcs >= until_arcs {
                break;
            }
        }
        now.moves.clear();
        moved
    }

    /// Looks at batches, until not enough nodes are in the queue.
    fn batches<W: Units>(
        &mut self,
        level: &Level<W>,
        gains: Gains,
        partition: &mut [u32],
        batch_arcs: usize,
        threads: Threads,
    ) -> bool {
        let Moving { now, queue, queued_arcs, between, of_thread, seen, seen_volume, batch, next, .. } = self;
        of_thread.make();
        seen.clear();
        seen.extend_from_slice(partition);
        seen_volume.clone_from(&now.volume_of);
        let mut moved = false;
        loop {
            next.take(level, queue, queued_arcs, batch_arcs, &mut now.waiting);
            if batch.nodes.is_empty() && next.nodes.is_empty() {
                return moved;
            }
            let (any, ()) = threads.both(
                || {
                    let mut any = false;
                    for (&node, &choice) in batch.nodes.iter().zip(&batch.choices) {
                        let choice = now.confirm(level, gains, partition, node, choice, between);
                        any |= now.carry_out(level, partition, node, choice, queue, queued_arcs);
                    }
                    any
                },
                || next.seek(level, gains, seen, seen_volume, of_thread, threads),
            );
            moved |= any;
            for (node, from, to) in now.moves.drain(..) {
                seen[node as usize] = partition[node as usize];
                for community in [from, to] {
                    seen_volume[community as usize] = now.volume_of[community as usize];
                }
            }
            std::mem::swap(batch, next);
            next.nodes.clear();
        }
    }

    fn start<W: Units>(&mut self, level: &Level<W>, partition: &[u32], stream: &mut Stream) {
        let count = level.len();
        let now = &mut self.now;
        refill(&mut now.volume_of, count, 0);
        refill(&mut now.size_of, count, 0);
        for (&volume, &community) in level.volume.iter().zip(partition) {
            now.volume_of[community as usize] += volume;
            now.size_of[community as usize] += 1;
        }
        now.empty.clear();
        now.empty.extend((0..count as u32).rev().filter(|&c| now.size_of[c as usize] == 0));
        refill(&mut now.waiting, count, Waiting { slack: 0, state: State::Queued });
        self.order.clear();
        self.order.extend(0..count as u32);
        stream.shuffle(&mut self.order);
        self.queue.clear();
        self.queue.extend(&self.order);
        self.queued_arcs = level.arc_count();
        self.between.clear();
        self.between.grow(count);
    }
}

impl Batch {
    /// The next nodes of the queue with so many arcs, or none where it has fewer.
    fn take<W: Units>(
        &mut self,
        level: &Level<W>,
        queue: &mut VecDeque<u32>,
        queued_arcs: &mut usize,
        arcs: usize,
        waiting: &mut [Waiting],
    ) {
        if *queued_arcs < arcs {
            return;
        }
        let least = *queued_arcs - arcs;
        while *queued_arcs > least {
            let Some(node) = queue.pop_front() else { break };
            *queued_arcs -= level.degree(node);
            waiting[node as usize] = Waiting { slack: 0, state: State::InBatch };
            self.nodes.push(node);
        }
    }

    /// Looks at all nodes of the batch.
    fn seek<W: Units>(
        &mut self,
        level: &Level<W>,
        gains: Gains,
        partition: &[u32],
        volume_of: &[u64],
        of_thread: &Scratch<Accumulator>,
        threads: Threads,
    ) {
        let Batch { nodes, choices } = self;
        refill(choices, nodes.len(), Choice::default());
        let length = nodes.len().div_ceil(PIECES).max(1);
        let pieces = nodes.chunks(length).zip(choices.chunks_mut(length));
        let prefetch = Prefetch::new();
        threads.each(pieces, |(nodes, choices)| {
            let mut between = of_thread.mine();
            between.grow(level.len());
            for (at, (&node, choice)) in nodes.iter().zip(choices).enumerate() {
                level.look_ahead(prefetch, nodes.get(at + 2));
                *choice = look(level, gains, node, partition, volume_of, &mut between);
            }
            between.clear();
        });
    }
}

/// The choice of a node.
#[inline]
fn look<W: Units>(
    level: &Level<W>,
    gains: Gains,
    node: u32,
    partition: &[u32],
    volume_of: &[u64],
    between: &mut Accumulator,
) -> Choice {
    let own = partition[node as usize];
    between.clear();
    between.add_all(level.row(node).map(|(head, weight)| (partition[head as usize], weight)));
    choose(between, gains, (own, level.volume[node as usize]), volume_of)
}

impl Now {
    /// A choice that was made some moves ago, or another if it may not be the best any more.
    fn confirm<W: Units>(
        &self,
        level: &Level<W>,
        gains: Gains,
        partition: &[u32],
        node: u32,
        choice: Choice,
        between: &mut Accumulator,
    ) -> Choice {
        let (own, shifted) = (partition[node as usize], -self.waiting[node as usize].slack);
        let slack = choice.slack - shifted;
        if slack >= 0 && self.still_gains(level, gains, own, node, choice, shifted as u64) {
            return Choice { slack, ..choice };
        }
        look(level, gains, node, partition, &self.volume_of, between)
    }

    /// Whether a move gains with the volumes of now, if all that has shifted speaks against it. Staying always may.
    fn still_gains<W: Units>(
        &self,
        level: &Level<W>,
        gains: Gains,
        own: u32,
        node: u32,
        choice: Choice,
        shifted: u64,
    ) -> bool {
        if choice.best == own {
            return true;
        }
        let volume = level.volume[node as usize];
        let stay = gains.exact(choice.to_own + shifted, volume, self.volume_of[own as usize] - volume);
        if choice.best == ALONE {
            return stay < 0;
        }
        self.size_of[choice.best as usize] > 0
            && gains.exact(choice.to_best, volume, self.volume_of[choice.best as usize]) > stay
    }

    /// Moves a node if its choice says so; returns whether.
    fn carry_out<W: Units>(
        &mut self,
        level: &Level<W>,
        partition: &mut [u32],
        node: u32,
        choice: Choice,
        queue: &mut VecDeque<u32>,
        queued_arcs: &mut usize,
    ) -> bool {
        self.waiting[node as usize] = Waiting { slack: choice.slack, state: State::Idle };
        let own = partition[node as usize];
        if choice.best == own {
            return false;
        }
        let volume = level.volume[node as usize];
        self.volume_of[own as usize] -= volume;
        self.size_of[own as usize] -= 1;
        let best = if choice.best == ALONE {
            self.empty.pop().expect("a community of two or more leaves an index free")
        } else {
            choice.best
        };
        if self.size_of[own as usize] == 0 {
            self.empty.push(own);
        }
        self.volume_of[best as usize] += volume;
        self.size_of[best as usize] += 1;
        partition[node as usize] = best;
        self.moves.push((node, own, best));
        for (head, weight) in level.row(node) {
            let waiting = &mut self.waiting[head as usize];
            let weight = weight as i64;
            match waiting.state {
                State::Queued => continue,
                State::InBatch => {
                    waiting.slack -= 2 * weight;
                    continue;
                }
                State::Idle => {}
            }
            let community = partition[head as usize];
            if community == best {
                waiting.slack = waiting.slack.saturating_add(weight);
                continue;
            }
            waiting.slack -= if community == own { 2 * weight } else { weight };
            if waiting.slack < 0 {
                waiting.state = State::Queued;
                queue.push_back(head);
                *queued_arcs += level.degree(head);
            }
        }
        true
    }
}

/// `count` times a value, in the memory that is there.
pub(super) fn refill<T: Clone>(items: &mut Vec<T>, count: usize, value: T) {
    items.clear();
    items.resize(count, value);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Graph;
    use crosstie_model::Weight;
    use proptest::{collection::vec, prelude::*};

    proptest! {
        /// In batches of a few arcs and one by one: what is kept up to date is what the partition says, quality rises with
        /// every move, and nodes whose ties alone would make them move are none.
        #[test]
        fn what_moving_keeps_is_true_and_quality_rises(
            edges in vec((0..24u32, 0..24u32, 1..9u64), 40..160), start in vec(0..24u32, 24), seed: u64, gamma in 1..4000u32,
            least_arcs in prop_oneof![1..8usize, Just(usize::MAX)],
        ) {
            let edges = edges.into_iter().map(|(a, b, w)| (a, b, Weight::from_units(w))).collect();
            let graph = Graph::undirected(24, edges);
            let volume = |node| graph.strength(node).units();
            let level = Level::<u32>::of(&graph, volume, Threads::ONE).unwrap();
            let gains = Gains::modularity(graph.total_strength().units(), gamma);
            let run = |threads: usize| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                let (mut moving, mut partition) = (Moving::default(), start.clone());
                let mut stream = Stream::new(seed, "moving", &[]);
                let moved = pool.install(|| {
                    moving.run(&level, gains, &mut partition, &mut stream, Threads::beside(1), least_arcs)
                });
                (moved, moving.now, partition)
            };
            let (moved, now, partition) = run(1);
            prop_assert_eq!(&run(3).2, &partition);
            prop_assert_eq!(moved, partition != start);
            let score = |partition: &[u32]| {
                let (inside, volume_of) = crate::modularity::sums(&graph, volume, partition);
                gains.of_sums(inside, &volume_of)
            };
            prop_assert!(score(&partition) > score(&start) || !moved);
            for community in 0..24 {
                let members = (0..24u32).filter(|&node| partition[node as usize] == community);
                prop_assert_eq!(now.volume_of[community as usize], members.clone().map(volume).sum::<u64>());
                prop_assert_eq!(now.size_of[community as usize] as usize, members.count());
                prop_assert_eq!(now.empty.contains(&community), now.size_of[community as usize] == 0);
            }
            prop_assert!(now.waiting.iter().all(|waiting| waiting.state == State::Idle && waiting.slack >= 0));
        }
    }
}
