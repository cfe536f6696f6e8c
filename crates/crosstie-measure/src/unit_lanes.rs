//! People of all units in batches of 64, one bit a person, as searches from many people at once take them.

use crosstie_graph::SOURCES_MOST;

/// Some people, those of a unit side by side.
pub(crate) struct UnitLanes {
    /// Lane by lane.
    pub(crate) people: Vec<u32>,
    /// Units of theirs, and the lanes of each.
    pub(crate) units: Vec<(usize, u64)>,
}

impl UnitLanes {
    /// Everybody; `unit_of` is dense.
    pub(crate) fn of(unit_of: &[u32]) -> Vec<UnitLanes> {
        let mut people: Vec<u32> = (0..unit_of.len() as u32).collect();
        people.sort_by_key(|&person| unit_of[person as usize]);
        people.chunks(SOURCES_MOST).map(|people| UnitLanes::new(people.to_vec(), unit_of)).collect()
    }

    fn new(people: Vec<u32>, unit_of: &[u32]) -> UnitLanes {
        let unit = |person: u32| unit_of[person as usize] as usize;
        let mut units: Vec<(usize, u64)> = Vec::new();
        for (lane, &person) in people.iter().enumerate() {
            match units.last_mut() {
                Some((last, lanes)) if *last == unit(person) => *lanes |= 1 << lane,
                _ => units.push((unit(person), 1 << lane)),
            }
        }
        UnitLanes { people, units }
    }

    /// The lanes of a unit's people.
    pub(crate) fn of_unit(&self, unit: usize) -> u64 {
        self.units.iter().find(|(own, _)| *own == unit).map_or(0, |(_, lanes)| *lanes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_is_in_one_lane_of_the_own_unit() {
        let unit_of: Vec<u32> = (0..150u32).map(|person| person * 7 % 5).collect();
        let batches = UnitLanes::of(&unit_of);
        assert_eq!(batches.iter().map(|batch| batch.people.len()).collect::<Vec<_>>(), [64, 64, 22]);
        let mut met = Vec::new();
        for batch in &batches {
            assert_eq!(
                batch.units.iter().map(|(_, lanes)| lanes.count_ones() as usize).sum::<usize>(),
                batch.people.len()
            );
            for (lane, &person) in batch.people.iter().enumerate() {
                assert_eq!(batch.of_unit(unit_of[person as usize] as usize) >> lane & 1, 1);
                met.push(person);
            }
            assert_eq!(batch.of_unit(9), 0);
        }
        met.sort_unstable();
        assert_eq!(met, (0..150).collect::<Vec<u32>>());
    }
}
