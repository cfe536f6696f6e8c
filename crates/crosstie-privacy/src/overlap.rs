//! Several groupings of the same people: what two of them together would say about a few.
//!
//! For each pair of groups of different groupings, the people in both, only in one and only in the other number 0 or at
//! least `min_people`; else the smaller group shows nothing, since the difference of the two rows is a few people's.

use crosstie_model::Grouping;
use std::collections::{BTreeMap, BTreeSet};

/// Groups that show nothing, by grouping and label. Of two equally small ones it is that of the later grouping.
#[must_use]
pub fn overlapping(groupings: &[Grouping], min_people: usize) -> BTreeSet<(String, String)> {
    let mut hidden = BTreeSet::new();
    for (at, one) in groupings.iter().enumerate() {
        for two in &groupings[at + 1..] {
            hidden.extend(between(one, two, min_people));
        }
    }
    hidden
}

fn between(one: &Grouping, two: &Grouping, min_people: usize) -> Vec<(String, String)> {
    let sizes = (one.people_counts(), two.people_counts());
    let mut both: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    for (a, b) in one.unit_of.iter().zip(&two.unit_of) {
        if let (Some(a), Some(b)) = (a, b) {
            *both.entry((a.index(), b.index())).or_default() += 1;
        }
    }
    let few = |count: usize| count > 0 && count < min_people;
    let tells = both.iter().filter(|&(&(a, b), &both)| few(both) || few(sizes.0[a] - both) || few(sizes.1[b] - both));
    tells
        .map(|(&(a, b), _)| match sizes.0[a] < sizes.1[b] {
            true => (one.name.clone(), one.labels[a].clone()),
            false => (two.name.clone(), two.labels[b].clone()),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grouping(name: &str, sizes: &[(&str, usize)]) -> Grouping {
        let labels: Vec<Option<String>> =
            sizes.iter().flat_map(|&(label, size)| vec![Some(label.to_string()); size]).collect();
        Grouping::from_labels(name, &labels)
    }

    #[test]
    fn a_few_people_between_two_groups_hide_the_smaller() {
        let units = grouping("unit", &[("a", 20), ("b", 20)]);
        let hidden = |sizes: &[(&str, usize)]| overlapping(&[units.clone(), grouping("site", sizes)], 10);
        let of =
            |list: &[(&str, &str)]| list.iter().map(|&(g, l)| (g.to_string(), l.to_string())).collect::<BTreeSet<_>>();
        assert_eq!(hidden(&[("x", 20), ("y", 20)]), of(&[]), "the same groups");
        assert_eq!(hidden(&[("x", 40)]), of(&[]), "all in one");
        assert_eq!(hidden(&[("x", 10), ("y", 30)]), of(&[]), "ten and ten");
        // Three of a are elsewhere: x is smaller than a; a and b are smaller than y, which is b and those three.
        assert_eq!(hidden(&[("x", 17), ("y", 23)]), of(&[("site", "x"), ("unit", "a"), ("unit", "b")]));
    }
}
