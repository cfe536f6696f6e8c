//! Work of one run on several threads, or on one. What is computed does not depend on it.

use rayon::prelude::*;
use std::sync::{Mutex, MutexGuard};

/// Whether a run may use other threads.
#[derive(Clone, Copy)]
pub(super) struct Threads {
    are_many: bool,
}

impl Threads {
    /// Many where there are more of them than runs: else each run is best left to one.
    pub(super) fn beside(runs: u32) -> Threads {
        Threads { are_many: rayon::current_num_threads() > runs as usize }
    }

    #[cfg(test)]
    pub(super) const ONE: Threads = Threads { are_many: false };

    pub(super) fn both<A: Send, B: Send>(
        self,
        one: impl FnOnce() -> A + Send,
        other: impl FnOnce() -> B + Send,
    ) -> (A, B) {
        if self.are_many { rayon::join(one, other) } else { (one(), other()) }
    }

    /// Calls `work` on each item.
    pub(super) fn each<T: Send>(self, items: impl IntoIterator<Item = T>, work: impl Fn(T) + Sync) {
        if self.are_many {
            items.into_iter().collect::<Vec<T>>().into_par_iter().with_max_len(1).for_each(&work);
        } else {
            items.into_iter().for_each(work);
        }
    }
}

/// What each thread works in.
#[derive(Default)]
pub(super) struct Scratch<T> {
    of_thread: Vec<Mutex<T>>,
}

impl<T: Default> Scratch<T> {
    /// One for each thread there may be.
    pub(super) fn make(&mut self) {
        self.of_thread.resize_with(rayon::current_num_threads(), Mutex::default);
    }

    /// That of this thread. It may not be asked for twice at a time.
    pub(super) fn mine(&self) -> MutexGuard<'_, T> {
        let thread = rayon::current_thread_index().unwrap_or(0);
        self.of_thread[thread].lock().expect("a thread that panicked ends the search")
    }
}
