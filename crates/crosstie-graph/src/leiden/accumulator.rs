//! Sums by index that are cleared in the time it took to fill them.

/// Sums of positive amounts. A sum of 0 was not touched yet; noting the index without a branch saves a guess that is
/// often wrong.
#[derive(Default)]
pub(super) struct Accumulator {
    sums: Vec<u64>,
    touched: Vec<u32>,
    touched_count: usize,
}

impl Accumulator {
    /// Makes room for indices below `count`.
    pub(super) fn grow(&mut self, count: usize) {
        if self.sums.len() < count {
            self.sums.resize(count, 0);
            self.touched.resize(count + 1, 0);
        }
    }

    pub(super) fn clear(&mut self) {
        for &index in &self.touched[..self.touched_count] {
            self.sums[index as usize] = 0;
        }
        self.touched_count = 0;
    }

    /// Adds amounts. Their sum stays below the strength of all nodes, so nothing wraps.
    #[inline]
    pub(super) fn add_all(&mut self, amounts: impl Iterator<Item = (u32, u64)>) {
        let (sums, touched) = (&mut self.sums[..], &mut self.touched[..]);
        let mut count = self.touched_count;
        for (index, amount) in amounts {
            let sum = &mut sums[index as usize];
            touched[count] = index;
            count = count.wrapping_add(usize::from(*sum == 0));
            *sum = sum.wrapping_add(amount);
        }
        self.touched_count = count;
    }

    /// The indices added to since the last clearing, in order of the first time.
    #[inline]
    pub(super) fn touched(&self) -> &[u32] {
        &self.touched[..self.touched_count]
    }

    #[inline]
    pub(super) fn get(&self, index: u32) -> u64 {
        self.sums[index as usize]
    }
}
