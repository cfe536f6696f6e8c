//! Where tags stand in a sorted list: tags are spread evenly over their numbers, so a tag tells about where.

/// Distinct tags, sorted, with where those of each even part of their range begin.
pub(crate) struct TagPlaces {
    tags: Vec<u64>,
    /// Of each part, and at the end how many tags there are.
    begins: Vec<usize>,
}

impl TagPlaces {
    /// Of tags in any order, some of them more than once.
    pub(crate) fn of(mut tags: Vec<u64>) -> TagPlaces {
        tags.sort_unstable();
        tags.dedup();
        let parts = tags.len();
        let mut begins = vec![0; parts + 1];
        tags.iter().for_each(|&tag| begins[part_of(tag, parts) + 1] += 1);
        let mut before = 0;
        for begin in &mut begins {
            before += *begin;
            *begin = before;
        }
        TagPlaces { tags, begins }
    }

    /// The tags, sorted.
    pub(crate) fn tags(&self) -> &[u64] {
        &self.tags
    }

    /// The place of a tag among them.
    pub(crate) fn place(&self, tag: u64) -> Option<usize> {
        let part = part_of(tag, self.tags.len());
        let (begin, end) = (*self.begins.get(part)?, *self.begins.get(part + 1)?);
        self.tags[begin..end].binary_search(&tag).ok().map(|at| begin + at)
    }
}

/// Which of so many even parts of its range a tag is in.
fn part_of(tag: u64, parts: usize) -> usize {
    ((u128::from(tag) * parts as u128) >> 64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn places_are_those_of_a_search(
            tags in proptest::collection::vec(prop_oneof![0..9u64, any::<u64>(), Just(u64::MAX)], 0..40), other in any::<u64>(),
        ) {
            let places = TagPlaces::of(tags.clone());
            for tag in tags.into_iter().chain([other, 0, u64::MAX]) {
                prop_assert_eq!(places.place(tag), places.tags().binary_search(&tag).ok());
            }
            prop_assert!(places.tags().is_sorted_by(|a, b| a < b));
        }
    }
}
