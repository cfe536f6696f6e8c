//! A hash map that cannot be iterated: what it holds cannot reach an output in hash order.

use std::hash::Hash;

/// Keys to values, found by hash. The only way out in bulk is sorted.
#[derive(Clone, Debug)]
#[expect(
    clippy::disallowed_types,
    reason = "the one place where a hash map is allowed: it is never iterated in hash order"
)]
pub struct Lookup<K, V> {
    map: std::collections::HashMap<K, V>,
}

impl<K, V> Default for Lookup<K, V> {
    fn default() -> Self {
        Lookup { map: Default::default() }
    }
}

impl<K: Hash + Eq, V> Lookup<K, V> {
    /// An empty lookup.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty one with room for so many keys.
    #[must_use]
    #[expect(clippy::disallowed_types, reason = "as above")]
    pub fn with_capacity(count: usize) -> Self {
        Lookup { map: std::collections::HashMap::with_capacity(count) }
    }

    /// The value of a key.
    pub fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: std::borrow::Borrow<Q>,
    {
        self.map.get(key)
    }

    /// Sets a value and returns the one it replaces.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        self.map.insert(key, value)
    }

    /// The value of a key, made by `make` where there is none.
    pub fn get_or_insert_with(&mut self, key: K, make: impl FnOnce() -> V) -> &mut V {
        self.map.entry(key).or_insert_with(make)
    }

    /// How many keys there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.map.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.map.is_empty()
    }
}

impl<K: Hash + Eq + Ord, V> Lookup<K, V> {
    /// All entries by reference, sorted by key.
    #[must_use]
    pub fn sorted(&self) -> Vec<(&K, &V)> {
        let mut entries: Vec<(&K, &V)> = self.map.iter().collect();
        entries.sort_by(|a, b| a.0.cmp(b.0));
        entries
    }

    /// All entries, sorted by key.
    #[must_use]
    pub fn into_sorted_vec(self) -> Vec<(K, V)> {
        let mut entries: Vec<(K, V)> = self.map.into_iter().collect();
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comes_out_sorted() {
        let mut lookup = Lookup::new();
        for key in [3, 1, 2] {
            assert_eq!(lookup.insert(key, key * 10), None);
        }
        assert_eq!(lookup.get(&2), Some(&20));
        *lookup.get_or_insert_with(4, || 0) += 1;
        assert_eq!(lookup.into_sorted_vec(), [(1, 10), (2, 20), (3, 30), (4, 1)]);
    }
}
