//! Attacks on published tables: what could be learned of single people. [`elimination`] knows what every reader knows;
//! the others are told who stands behind the cells, and judge what was shown.

use crate::decide::{Decision, Rules, decide};
use crate::rows::{FEW_PEOPLE, border_of};
use crate::told::{Seen, SeenCell, follows, units_alone};
use crosstie_model::tables::{FreedomRow, HierarchyRow, OrganizationRow, UnitPairRow, UnitRow};
use crosstie_model::{Contribution, Day};
use std::collections::{BTreeMap, BTreeSet};

/// What an attack found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exposure {
    /// Cells looked at.
    pub examined: u64,
    /// Cells that tell of a few people.
    pub exposed: u64,
}

impl Exposure {
    /// Adds another one.
    pub fn add(&mut self, other: Exposure) {
        self.examined += other.examined;
        self.exposed += other.exposed;
    }

    fn of(is_exposed: impl Iterator<Item = bool>) -> Exposure {
        let mut found = Exposure::default();
        is_exposed.for_each(|is_exposed| found.add(Exposure { examined: 1, exposed: u64::from(is_exposed) }));
        found
    }
}

/// People behind a cell of unit pairs on each side, with their parts of it.
pub type Sides = (Vec<Contribution>, Vec<Contribution>);

/// Published rows of one date, as far as they tell of contact between units.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reading<'t> {
    /// `units`.
    pub units: &'t [UnitRow],
    /// `unit_pairs`.
    pub unit_pairs: &'t [UnitPairRow],
    /// `organization`.
    pub organization: &'t [OrganizationRow],
    /// `freedoms`.
    pub freedoms: &'t [FreedomRow],
    /// `hierarchy`.
    pub hierarchy: &'t [HierarchyRow],
}

/// Hidden pairs, and what units with a hidden row share with others, that follow exactly from what is shown.
///
/// A reader knows a unit's total wherever one of its pairs is shown, and where the unit's own row is shown what of it lies
/// inside; all contact; and what of it lies inside all units together, where a row tells how much crosses borders. What
/// shows the value of an earlier date than `date` hides its own. Each grouping is asked by itself. Time O(units²) and that of
/// linear equations in units.
#[must_use]
pub fn elimination(reading: &Reading<'_>, date: Day) -> Exposure {
    let groupings: BTreeSet<&str> = reading.unit_pairs.iter().map(|pair| pair.grouping.as_str()).collect();
    let mut found = Exposure::default();
    for grouping in groupings {
        let seen = reading.seen(grouping, date);
        let asked = seen.is_border_asked.iter().filter(|is_asked| **is_asked).count();
        let hidden = seen.cells.iter().filter(|cell| cell.is_hidden).count();
        let units = units_alone(seen.is_total_known.len());
        // What is too much to tell counts as exposed.
        let exposed = follows(&[seen], &units)
            .map_or(hidden + asked, |all| all.iter().map(|follows| follows.cells.len() + follows.borders.len()).sum());
        found.add(Exposure { examined: (hidden + asked) as u64, exposed: exposed as u64 });
    }
    found
}

impl Reading<'_> {
    fn seen(&self, grouping: &str, date: Day) -> Seen {
        let is_now = |as_of: Option<Day>| as_of == Some(date);
        let pairs: Vec<&UnitPairRow> = self.unit_pairs.iter().filter(|pair| pair.grouping == grouping).collect();
        let units: Vec<&UnitRow> = self.units.iter().filter(|unit| unit.grouping == grouping).collect();
        let mut labels: Vec<&str> =
            pairs.iter().flat_map(|pair| [pair.unit_a.as_str(), pair.unit_b.as_str()]).collect();
        labels.sort_unstable();
        labels.dedup();
        let number = |label: &str| labels.binary_search(&label).unwrap_or_default();
        let mut seen = Seen {
            is_total_known: vec![false; labels.len()],
            is_inside_known: vec![false; labels.len()],
            is_border_asked: vec![false; labels.len()],
            is_border_known: self.tells_of_borders(grouping, date),
            ..Seen::default()
        };
        for pair in pairs {
            let units = (number(&pair.unit_a), number(&pair.unit_b));
            seen.cells.push(SeenCell { units, is_hidden: pair.suppressed || !is_now(pair.as_of) });
            if pair.expected_weight.is_some() && is_now(pair.as_of) {
                seen.is_all_known = true;
                [units.0, units.1].into_iter().for_each(|unit| seen.is_total_known[unit] = true);
            }
        }
        for unit in units {
            if let Ok(at) = labels.binary_search(&unit.unit.as_str()) {
                let is_shown = unit.external_share.is_some() && is_now(unit.as_of);
                seen.is_inside_known[at] = is_shown;
                // A row may say nothing for other reasons than people, such as few messages.
                seen.is_border_asked[at] = !is_now(unit.as_of) || unit.evidence == FEW_PEOPLE;
            }
        }
        seen
    }

    /// Whether a row of the date tells how much contact crosses the borders of a grouping. Contact between branches may
    /// be that of any grouping.
    fn tells_of_borders(&self, grouping: &str, date: Day) -> bool {
        let is_now = |as_of: Option<Day>| as_of == Some(date);
        let of_all = |row: &FreedomRow| row.grouping == grouping && row.unit == "(all)" && row.indicator == "openness";
        let is_border = |row: &OrganizationRow| border_of(row) == Some(grouping);
        self.organization.iter().any(|row| is_border(row) && row.value.is_some() && is_now(row.as_of))
            || self.freedoms.iter().any(|row| of_all(row) && row.estimate.is_some() && is_now(row.as_of))
            || self
                .hierarchy
                .iter()
                .any(|row| row.relation == "cross_branch" && row.weight_share.is_some() && is_now(row.as_of))
    }
}

/// Shown cells with too few people on a side, or with one or two who hold most of it.
#[must_use]
pub fn small_cells<'s>(shown: impl Iterator<Item = &'s Sides>, rules: Rules) -> Exposure {
    Exposure::of(shown.map(|(side_a, side_b)| decide(side_a, side_b, rules) != Decision::Show))
}

/// Cells that were shown twice and changed by the parts of a few people: their difference is a count of those people.
///
/// Each pair of a cell's earlier and later sides is about the same people by number. A difference is safe where nobody's
/// part changed, or where those of `min_people` did and the largest is at most a quarter, the largest two at most three
/// eighths of all.
#[must_use]
pub fn subtraction<'s>(shown_twice: impl Iterator<Item = (&'s Sides, &'s Sides)>, rules: Rules) -> Exposure {
    let changed = shown_twice.map(|(before, after)| differences(before, after)).filter(|changes| !changes.is_empty());
    Exposure::of(changed.map(|changes| !is_safe_change(changes, rules)))
}

/// By how much each person's part differs, both sides together, without those that are equal.
pub(crate) fn differences(before: &Sides, after: &Sides) -> Vec<u64> {
    let mut by_person: BTreeMap<u32, (u64, u64)> = BTreeMap::new();
    for (before, after) in [(&before.0, &after.0), (&before.1, &after.1)] {
        before.iter().for_each(|part| by_person.entry(part.person).or_default().0 += part.units);
        after.iter().for_each(|part| by_person.entry(part.person).or_default().1 += part.units);
    }
    by_person.into_values().map(|(before, after)| before.abs_diff(after)).filter(|&by| by > 0).collect()
}

/// Whether a value may change by these parts of people.
pub(crate) fn is_safe_change(changes: impl IntoIterator<Item = u64>, rules: Rules) -> bool {
    let (mut people, mut all, mut first, mut second) = (0, 0u128, 0, 0);
    for change in changes {
        people += 1;
        all += u128::from(change);
        second = second.max(first.min(change));
        first = first.max(change);
    }
    let (first, second) = (u128::from(first), u128::from(second));
    people == 0 || (people >= rules.min_people && 4 * first <= all && 8 * (first + second) <= 3 * all)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: Rules = Rules { min_people: 5 };

    fn side(parts: &[u64]) -> Vec<Contribution> {
        (0..).zip(parts).map(|(person, &units)| Contribution { person, units }).collect()
    }

    #[test]
    fn a_change_is_safe_by_many_who_are_alike() {
        let safe = |changes: &[u64]| is_safe_change(changes.iter().copied(), RULES);
        assert!(safe(&[]) && safe(&[1; 8]) && safe(&[1; 6]));
        assert!(!safe(&[1; 4]), "few");
        assert!(!safe(&[1; 5]), "two of five are over three eighths");
        assert!(safe(&[1, 1, 2, 1, 1, 1, 1]) && !safe(&[1, 1, 1, 3, 1, 1, 1]), "over a quarter");
        assert!(
            safe(&[3, 1, 4, 3, 4, 3, 3, 2]) && !safe(&[4, 1, 1, 1, 3, 1, 3, 2]),
            "the two largest are not the last"
        );
    }

    #[test]
    fn one_leaver_is_seen_in_what_is_left() {
        let all = (side(&[4, 4, 4, 4, 4, 4]), side(&[3; 8]));
        let without_one = (side(&[4, 4, 4, 4, 4, 0]), side(&[3, 3, 3, 3, 3, 3, 2, 0]));
        let found = subtraction([(&all, &without_one), (&all, &all)].into_iter(), RULES);
        assert_eq!(found, Exposure { examined: 1, exposed: 1 });
        assert_eq!(
            small_cells([&all, &without_one].into_iter(), Rules { min_people: 6 }),
            Exposure { examined: 2, exposed: 1 }
        );
    }
}
