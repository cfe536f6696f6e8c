//! Rows of one sender after another, each put in the order of recipients by counting.

/// A row to a recipient.
pub(crate) trait ToTarget: Copy + Default {
    fn target(&self) -> u32;
}

/// Room for the rows of a sender.
pub(crate) struct ByTarget<R> {
    found: Vec<R>,
    placed: Vec<R>,
    /// For each member how many rows there are; 0 between senders.
    counts: Vec<u32>,
    targets: Vec<u32>,
}

impl<R: ToTarget> ByTarget<R> {
    pub(crate) fn new(member_count: usize) -> ByTarget<R> {
        ByTarget { found: Vec::new(), placed: Vec::new(), counts: vec![0; member_count], targets: Vec::new() }
    }

    pub(crate) fn push(&mut self, row: R) {
        let target = row.target();
        let count = &mut self.counts[target as usize];
        if *count == 0 {
            self.targets.push(target);
        }
        *count += 1;
        self.found.push(row);
    }

    /// All rows since the last call, by recipient; those of one recipient in the order in which they came.
    pub(crate) fn sorted(&mut self) -> &mut Vec<R> {
        self.targets.sort_unstable();
        let mut begin = 0;
        for &target in &self.targets {
            let count = std::mem::replace(&mut self.counts[target as usize], begin);
            begin += count;
        }
        self.placed.resize(self.found.len(), R::default());
        for row in &self.found {
            let next = &mut self.counts[row.target() as usize];
            self.placed[*next as usize] = *row;
            *next += 1;
        }
        self.targets.iter().for_each(|&target| self.counts[target as usize] = 0);
        self.targets.clear();
        self.found.clear();
        &mut self.placed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};

    impl ToTarget for (u32, u8) {
        fn target(&self) -> u32 {
            self.0
        }
    }

    proptest! {
        #[test]
        fn sorts_as_a_stable_sort_does(senders in vec(vec((0..7u32, any::<u8>()), 0..20), 0..4)) {
            let mut rows = ByTarget::new(7);
            for sent in senders {
                sent.iter().for_each(|row| rows.push(*row));
                let mut expected = sent;
                expected.sort_by_key(|row| row.0);
                prop_assert_eq!(rows.sorted(), &expected);
            }
        }
    }
}
