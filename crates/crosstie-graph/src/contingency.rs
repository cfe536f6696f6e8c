//! How two labelings of the same items meet: class sizes and the items that two classes share.

use crosstie_model::num::ln;

/// A table of counts.
pub(crate) struct Contingency {
    /// Items.
    pub(crate) items: u64,
    /// Items in each class of the first labeling.
    pub(crate) a_sizes: Vec<u64>,
    /// Items in each class of the second.
    pub(crate) b_sizes: Vec<u64>,
    /// Items of a class of the first (row) that are in a class of the second.
    pub(crate) both: Vec<Vec<u64>>,
}

impl Contingency {
    /// # Panics
    /// If the two are not of one length.
    pub(crate) fn of(a: &[u32], b: &[u32]) -> Contingency {
        assert_eq!(a.len(), b.len(), "one label an item in both");
        let (a, a_sizes) = compact(a);
        let (b, b_sizes) = compact(b);
        let mut both = vec![vec![0u64; b_sizes.len()]; a_sizes.len()];
        for (&i, &j) in a.iter().zip(&b) {
            both[i][j] += 1;
        }
        Contingency { items: a.len() as u64, a_sizes, b_sizes, both }
    }

    /// Whether a labeling has a single class, or there are no items: nothing is told apart.
    pub(crate) fn is_trivial(&self) -> bool {
        self.a_sizes.len() < 2 || self.b_sizes.len() < 2
    }

    /// Mutual information, in nats.
    pub(crate) fn information(&self) -> f64 {
        let n = self.items as f64;
        let mut information = 0.0;
        for (row, &size_a) in self.both.iter().zip(&self.a_sizes) {
            for (&both, &size_b) in row.iter().zip(&self.b_sizes) {
                if both > 0 {
                    let both = both as f64;
                    information += both / n * ln(n * both / (size_a as f64 * size_b as f64));
                }
            }
        }
        information
    }

    /// Mean entropy of the two labelings, in nats.
    pub(crate) fn mean_entropy(&self) -> f64 {
        let n = self.items as f64;
        let entropy = |sizes: &[u64]| -> f64 { sizes.iter().map(|&s| -(s as f64 / n) * ln(s as f64 / n)).sum() };
        f64::midpoint(entropy(&self.a_sizes), entropy(&self.b_sizes))
    }
}

/// Labels as 0.. in order of value, and how often each occurs.
fn compact(labels: &[u32]) -> (Vec<usize>, Vec<u64>) {
    let mut values = labels.to_vec();
    values.sort_unstable();
    values.dedup();
    let dense: Vec<usize> = labels.iter().filter_map(|label| values.binary_search(label).ok()).collect();
    let mut sizes = vec![0; values.len()];
    for &label in &dense {
        sizes[label] += 1;
    }
    (dense, sizes)
}
