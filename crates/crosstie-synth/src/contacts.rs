//! Who is in contact with whom, and how much: stable pairs, as in real organizations. Here silos and bridges are
//! planted.

use crate::SynthParams;
use crate::people::Staff;
use crosstie_model::Stream;

/// Contact outside the unit of an ordinary person.
const OUTSIDE_LEAST: u64 = 3;
const OUTSIDE_SPREAD: u64 = 3;
/// Contact outside the unit of a planted bridge: different people in different units.
const BRIDGE_OUTSIDE: usize = 22;
/// Share of its contact outside that a silo keeps.
const SILO_KEEPS_ONE_IN: u64 = 4;
/// Units between two with a planted bridge.
const BRIDGE_EVERY: usize = 2;

/// Weighted pairs, and what was planted.
#[derive(Clone, Debug)]
pub(crate) struct Contacts {
    /// For each person, (other, weight); every pair stands at both ends.
    pub(crate) of: Vec<Vec<(usize, u32)>>,
    /// Units that keep to themselves.
    pub(crate) silos: Vec<usize>,
    /// People through whom their unit reaches many outsiders.
    pub(crate) bridges: Vec<usize>,
}

pub(crate) fn contacts(params: &SynthParams, staff: &Staff) -> Contacts {
    let mut stream = Stream::new(params.seed, "synth-contacts", &[]);
    let unit_count = staff.units.len();
    let mut order: Vec<usize> = (1..unit_count).collect();
    stream.shuffle(&mut order);
    let silos: Vec<usize> = order.iter().copied().take(params.silos as usize).collect();
    let mut made = Making {
        staff,
        members: staff.members_of_units(),
        has_reports: staff.has_reports(),
        silos: &silos,
        of: vec![Vec::new(); staff.people.len()],
        stream,
    };
    for unit in 0..unit_count {
        made.inside(unit);
    }
    for person in 0..staff.people.len() {
        made.outside(person);
    }
    let mut bridges = Vec::new();
    for &unit in order.iter().filter(|unit| !silos.contains(unit)).step_by(BRIDGE_EVERY) {
        bridges.extend(made.bridge(unit));
    }
    let of = made.of;
    let mut sorted_silos = silos.clone();
    sorted_silos.sort_unstable();
    bridges.sort_unstable();
    Contacts { of, silos: sorted_silos, bridges }
}

struct Making<'a> {
    staff: &'a Staff,
    /// Of each unit, so that a large organization takes no time squared.
    members: Vec<Vec<usize>>,
    has_reports: Vec<bool>,
    silos: &'a [usize],
    of: Vec<Vec<(usize, u32)>>,
    stream: Stream,
}

impl Making<'_> {
    fn pair(&mut self, a: usize, b: usize, weight: u32) {
        if a == b || self.of[a].iter().any(|&(other, _)| other == b) {
            return;
        }
        self.of[a].push((b, weight));
        self.of[b].push((a, weight));
    }

    /// Team mates, managers, and a few others of the unit.
    fn inside(&mut self, unit: usize) {
        let members = self.members[unit].clone();
        for &a in &members {
            if let Some(manager) = self.staff.people[a].manager {
                let weight = 5 + self.stream.below(4) as u32;
                self.pair(a, manager, weight);
            }
            for &b in &members {
                if a < b && self.staff.people[a].manager == self.staff.people[b].manager && self.stream.below(10) < 6 {
                    let weight = 2 + self.stream.below(5) as u32;
                    self.pair(a, b, weight);
                }
            }
            for _ in 0..2 {
                let b = members[self.stream.below(members.len() as u64) as usize];
                let weight = 1 + self.stream.below(3) as u32;
                self.pair(a, b, weight);
            }
        }
    }

    /// A few people of other units. In a silo most of these contacts are missing, at whichever end it stands.
    fn outside(&mut self, person: usize) {
        let count = OUTSIDE_LEAST + self.stream.below(OUTSIDE_SPREAD);
        for _ in 0..count {
            let other = self.stream.below(self.staff.people.len() as u64) as usize;
            let (a, b) = (self.staff.people[person].unit, self.staff.people[other].unit);
            let closed = self.silos.contains(&a) || self.silos.contains(&b);
            let kept = !closed || self.stream.below(SILO_KEEPS_ONE_IN) == 0;
            let weight = 2 + self.stream.below(4) as u32;
            if a != b && kept {
                self.pair(person, other, weight);
            }
        }
    }

    /// One member without reports who knows many outsiders, and gives up some colleagues for it.
    fn bridge(&mut self, unit: usize) -> Option<usize> {
        let members = self.members[unit].clone();
        let stays =
            |person: usize| self.staff.people[person].hired_on.is_none() && self.staff.people[person].left_on.is_none();
        let candidates: Vec<usize> =
            members.into_iter().filter(|&person| !self.has_reports[person] && stays(person)).collect();
        let bridge = *candidates.get(self.stream.below(candidates.len().max(1) as u64) as usize)?;
        let mut found = 0;
        for _ in 0..BRIDGE_OUTSIDE * 20 {
            let other = self.stream.below(self.staff.people.len() as u64) as usize;
            let outside = self.staff.people[other].unit;
            if found == BRIDGE_OUTSIDE || outside == unit || self.silos.contains(&outside) || !stays(other) {
                continue;
            }
            // Somebody whom no colleague knows.
            let known = self.of[other].iter().any(|&(third, _)| self.staff.people[third].unit == unit);
            if !known {
                self.pair(bridge, other, 3);
                found += 1;
            }
        }
        Some(bridge)
    }
}
