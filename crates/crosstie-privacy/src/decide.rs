//! Whether a cell may be shown: enough people on both sides, and nobody who dominates one.

use crosstie_model::Contribution;

/// The thresholds of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Fewest distinct people on either side of a cell.
    pub min_people: usize,
}

/// What may be done with a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Show it.
    Show,
    /// Withhold it: too few people on a side.
    FewPeople,
    /// Withhold it: one or two people hold most of a side.
    Dominance,
    /// Do not show what it is now: another cell that is withheld would follow from it.
    Complementary,
    /// Do not show what it is now: the change since an earlier release would tell of a few people.
    Carried,
}

/// Decides on a cell by the people of both sides. The largest contributor holds at most half of a side, the first
/// two at most three quarters.
#[must_use]
pub fn decide(side_a: &[Contribution], side_b: &[Contribution], rules: Rules) -> Decision {
    let few = |side: &[Contribution]| side.iter().filter(|part| part.units > 0).count() < rules.min_people;
    if few(side_a) || few(side_b) {
        Decision::FewPeople
    } else if is_dominated(side_a) || is_dominated(side_b) {
        Decision::Dominance
    } else {
        Decision::Show
    }
}

fn is_dominated(side: &[Contribution]) -> bool {
    let mut parts: Vec<u128> = side.iter().map(|part| u128::from(part.units)).collect();
    parts.sort_unstable_by(|a, b| b.cmp(a));
    let all: u128 = parts.iter().sum();
    let (first, second) = (parts.first().copied().unwrap_or(0), parts.get(1).copied().unwrap_or(0));
    2 * first > all || 4 * (first + second) > 3 * all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(units: &[u64]) -> Vec<Contribution> {
        (0..).zip(units).map(|(person, &units)| Contribution { person, units }).collect()
    }

    #[test]
    fn edges_of_the_rules() {
        let rules = Rules { min_people: 5 };
        let even = side(&[1; 5]);
        let on = |a: &[u64]| decide(&side(a), &even, rules);
        assert_eq!(on(&[1; 5]), Decision::Show);
        assert_eq!(on(&[1; 4]), Decision::FewPeople);
        assert_eq!(on(&[1, 1, 1, 1, 0]), Decision::FewPeople, "a part of nothing is nobody");
        assert_eq!(on(&[4, 1, 1, 1, 1]), Decision::Show, "exactly half");
        assert_eq!(on(&[5, 1, 1, 1, 1]), Decision::Dominance);
        assert_eq!(on(&[4, 4, 1, 1, 1]), Decision::Show, "8 of 11");
        assert_eq!(on(&[5, 5, 1, 1, 1]), Decision::Dominance, "10 of 13");
        assert_eq!(decide(&even, &side(&[9]), rules), Decision::FewPeople);
    }
}
