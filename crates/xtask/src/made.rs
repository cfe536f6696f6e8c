//! A made organization: people with stable contacts, units that differ, and what is planted in it.
//!
//! A person writes at a log-normal rate to a few contacts, more to the first of them; each message crosses the unit's
//! border with log odds `chance + HOME + unit + person`. Half of all messages are answered. A planted silo has its
//! contact across the border cut by 4: what its people wrote across goes to their own contacts inside, what others wrote
//! to it goes to others. Where bridges are planted everybody has few contacts outside, and a bridge has many more, with
//! people whom no colleague is in contact with: that is what a bridge is.

use crosstie_model::num::{exp, logistic, logit};
use crosstie_model::{Day, Micros, Organization, Slot, Slots, Stratum, Stream, Weight, WindowTie, WindowTies};

/// Sizes of the units.
pub(crate) struct Design {
    pub(crate) name: &'static str,
    pub(crate) sizes: &'static [usize],
}

pub(crate) const DESIGNS: [Design; 4] = [
    Design { name: "8 of 50", sizes: &[50; 8] },
    Design { name: "300, 5 of 20", sizes: &[300, 20, 20, 20, 20, 20] },
    Design { name: "40 of 10", sizes: &[10; 40] },
    Design {
        name: "skewed: 120 to 10",
        sizes: &[120, 80, 60, 45, 36, 30, 26, 22, 19, 17, 15, 14, 13, 12, 11, 10, 10, 10],
    },
];

/// What is planted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Planted {
    Nothing,
    Silo(usize),
    /// So many bridges, each in a unit of its own.
    Bridges(usize),
}

/// Weeks of a window.
const WEEKS: u32 = 13;
/// Messages that the typical person writes first in a week, without answers.
const RATE: f64 = 6.0;
/// Log odds by which everybody prefers the own unit.
const HOME: f64 = -1.5;
/// Standard deviations of log rate and of log odds over people.
const RATE_SD: f64 = 0.7;
const LEAN_SD: f64 = 0.6;
const CONTACTS_INSIDE: usize = 8;
const CONTACTS_OUTSIDE: usize = 12;
const ANSWERED: f64 = 0.5;
/// Part of a silo's contact across the border that stays.
const SILO_KEEPS: f64 = 0.25;
/// Largest unit in which something is planted.
pub(crate) const LARGEST: usize = 120;
/// Contacts outside where bridges are planted: of everybody, and of a bridge.
const FEW_OUTSIDE: usize = 3;
const BRIDGE_OUTSIDE: usize = 22;
/// A bridge writes twice as much as the typical person, two thirds of it outside.
const BRIDGE_RATE: f64 = 12.0;
const BRIDGE_CROSSING: f64 = 2.0 / 3.0;

/// Messages a week from one person to another.
pub(crate) struct Rate {
    pub(crate) source: u32,
    pub(crate) target: u32,
    pub(crate) weekly: f64,
}

/// People with their units and contacts.
pub(crate) struct Made {
    pub(crate) unit_of: Vec<u32>,
    pub(crate) rates: Vec<Rate>,
    pub(crate) bridges: Vec<u32>,
}

/// About a standard normal: twelve uniform numbers less six.
fn normal(stream: &mut Stream) -> f64 {
    (0..12).map(|_| stream.unit()).sum::<f64>() - 6.0
}

/// Log odds by which each unit differs from the typical one.
pub(crate) fn unit_leans(design: &Design, sd: f64, seed: u64) -> Vec<f64> {
    let mut stream = Stream::new(seed, "validate-units", &[]);
    design.sizes.iter().map(|_| sd * normal(&mut stream)).collect()
}

/// Draws people and their contacts; `draw` numbers the draws of one organization.
pub(crate) fn make(design: &Design, leans: &[f64], planted: Planted, seed: u64, draw: u64) -> Made {
    let unit_of: Vec<u32> = (0..).zip(design.sizes).flat_map(|(unit, &size)| vec![unit; size]).collect();
    let mut first = vec![0usize];
    design.sizes.iter().for_each(|size| first.push(first[first.len() - 1] + size));
    let people = unit_of.len();
    let mut stream = Stream::new(seed, "validate-people", &[draw]);
    let bridges = match planted {
        Planted::Bridges(count) => {
            // In the unit of 300 nearly every outsider is known to somebody: nobody can be a bridge there.
            let mut units: Vec<usize> = (0..design.sizes.len()).filter(|&unit| design.sizes[unit] <= LARGEST).collect();
            stream.shuffle(&mut units);
            let of_unit = |&unit: &usize| (first[unit] + stream.below(design.sizes[unit] as u64) as usize) as u32;
            units[..count].iter().map(of_unit).collect()
        }
        _ => Vec::new(),
    };
    let mut rates = Vec::new();
    for (person, &unit) in unit_of.iter().enumerate() {
        let (begin, size) = (first[unit as usize], design.sizes[unit as usize]);
        let rate = RATE * exp(RATE_SD * normal(&mut stream));
        let chance = logit((people - size) as f64 / (people - 1) as f64);
        let crossing = logistic(chance + HOME + leans[unit as usize] + LEAN_SD * normal(&mut stream));
        let outside = if bridges.is_empty() { CONTACTS_OUTSIDE } else { FEW_OUTSIDE };
        let inside = pick(&mut stream, CONTACTS_INSIDE.min(size - 1), size, |at| begin + at, person);
        // Places past the unit's own people.
        let outside = pick(&mut stream, outside, people - size, |at| if at < begin { at } else { at + size }, person);
        let kept = if planted == Planted::Silo(unit as usize) { SILO_KEEPS } else { 1.0 };
        spread(&mut rates, person, &outside, rate * crossing * kept);
        spread(&mut rates, person, &inside, rate * (1.0 - crossing * kept));
    }
    if let Planted::Silo(silo) = planted {
        keep_away(&mut rates, &unit_of, silo as u32);
    }
    for &bridge in &bridges {
        plant(&mut rates, &unit_of, bridge, &mut stream);
    }
    let answers: Vec<Rate> = rates
        .iter()
        .map(|rate| Rate { source: rate.target, target: rate.source, weekly: ANSWERED * rate.weekly })
        .collect();
    rates.extend(answers);
    rates.sort_by_key(|rate| (rate.source, rate.target));
    rates.dedup_by(|next, kept| {
        let same = (next.source, next.target) == (kept.source, kept.target);
        kept.weekly += if same { next.weekly } else { 0.0 };
        same
    });
    Made { unit_of, rates, bridges }
}

/// Makes a person a bridge: contacts inside stay, those outside become people whom no colleague is in contact with.
fn plant(rates: &mut Vec<Rate>, unit_of: &[u32], bridge: u32, stream: &mut Stream) {
    let unit = unit_of[bridge as usize];
    let crosses = |rate: &Rate| unit_of[rate.target as usize] != unit_of[rate.source as usize];
    rates.retain(|rate| rate.source != bridge || !crosses(rate));
    let mut known = vec![false; unit_of.len()];
    for rate in rates.iter().filter(|rate| crosses(rate)) {
        if unit_of[rate.source as usize] == unit {
            known[rate.target as usize] = true;
        } else if unit_of[rate.target as usize] == unit {
            known[rate.source as usize] = true;
        }
    }
    let mut strangers: Vec<usize> =
        (0..unit_of.len()).filter(|&person| unit_of[person] != unit && !known[person]).collect();
    stream.shuffle(&mut strangers);
    strangers.truncate(BRIDGE_OUTSIDE);
    let inside: f64 = rates.iter().filter(|rate| rate.source == bridge).map(|rate| rate.weekly).sum();
    for rate in rates.iter_mut().filter(|rate| rate.source == bridge) {
        rate.weekly *= BRIDGE_RATE * (1.0 - BRIDGE_CROSSING) / inside;
    }
    let weekly = BRIDGE_RATE * BRIDGE_CROSSING / strangers.len() as f64;
    rates.extend(strangers.iter().map(|&target| Rate { source: bridge, target: target as u32, weekly }));
}

/// Different people, at random.
fn pick(
    stream: &mut Stream,
    count: usize,
    places: usize,
    person_at: impl Fn(usize) -> usize,
    not: usize,
) -> Vec<usize> {
    let mut found: Vec<usize> = Vec::with_capacity(count);
    while found.len() < count {
        let person = person_at(stream.below(places as u64) as usize);
        if person != not && !found.contains(&person) {
            found.push(person);
        }
    }
    found
}

/// Shares a rate among contacts, the n-th with weight 1/n.
fn spread(rates: &mut Vec<Rate>, source: usize, targets: &[usize], weekly: f64) {
    let all: f64 = (1..=targets.len()).map(|rank| 1.0 / rank as f64).sum();
    rates.extend((1..).zip(targets).map(|(rank, &target)| Rate {
        source: source as u32,
        target: target as u32,
        weekly: weekly / f64::from(rank) / all,
    }));
}

/// What others write to the silo is cut as well, and goes to their other contacts outside their unit.
fn keep_away(rates: &mut [Rate], unit_of: &[u32], silo: u32) {
    for own in rates.chunk_by_mut(|a, b| a.source == b.source) {
        let unit = unit_of[own[0].source as usize];
        if unit == silo {
            continue;
        }
        let is_to_silo = |rate: &Rate| unit_of[rate.target as usize] == silo;
        let is_elsewhere = |rate: &Rate| !is_to_silo(rate) && unit_of[rate.target as usize] != unit;
        let to_silo: f64 = own.iter().filter(|rate| is_to_silo(rate)).map(|rate| rate.weekly).sum();
        let elsewhere: f64 = own.iter().filter(|rate| is_elsewhere(rate)).map(|rate| rate.weekly).sum();
        for rate in own.iter_mut() {
            if is_to_silo(rate) {
                rate.weekly *= SILO_KEEPS;
            } else if is_elsewhere(rate) {
                rate.weekly *= 1.0 + (1.0 - SILO_KEEPS) * to_silo / elsewhere;
            }
        }
    }
}

/// A count with this mean, by inversion.
fn poisson(stream: &mut Stream, mean: f64) -> u32 {
    let mut left = stream.unit();
    let mut chance = exp(-mean);
    let mut count = 0;
    while left >= chance && count < 10_000 {
        left -= chance;
        count += 1;
        chance *= mean / f64::from(count);
    }
    count
}

impl Made {
    pub(crate) fn organization(&self) -> Organization {
        let people = self.unit_of.len();
        Organization {
            manager_of: vec![None; people],
            has_reporting_lines: false,
            stream_of: (0..people as u64).collect(),
        }
    }

    /// A window of messages with one recipient each.
    pub(crate) fn window(&self, seed: u64) -> WindowTies {
        let mut stream = Stream::new(seed, "validate-messages", &[]);
        let strata = (0..WEEKS).map(|week| Stratum { chat: false, week: Day(4 + 7 * week as i32) }).collect();
        let mut slots: Vec<Vec<Slot>> = vec![Vec::new(); WEEKS as usize];
        let mut out = WindowTies { strata, ..WindowTies::default() };
        for rate in &self.rates {
            let mut messages = 0u64;
            for slots in &mut slots {
                let count = poisson(&mut stream, rate.weekly);
                if count > 0 {
                    let (source, target) = (rate.source, rate.target);
                    slots.push(Slot { source, target, units: 1 << 20, count });
                    messages += u64::from(count);
                }
            }
            if messages > 0 {
                out.ties.push(WindowTie {
                    source: rate.source,
                    target: rate.target,
                    message_count: messages,
                    mail_count: messages,
                    chat_count: 0,
                    active_days_count: 1,
                    weight: Weight::from_units(messages << 20),
                    first_at: Micros(0),
                    last_at: Micros(0),
                });
            }
        }
        slots.iter_mut().for_each(|slots| slots.sort_unstable());
        out.slots = slots.into_iter().map(Slots::from_iter).collect();
        out
    }
}

/// Observed and expected contact between units, of rates instead of messages.
#[derive(Clone)]
pub(crate) struct RateFlows {
    units: usize,
    observed: Vec<f64>,
    expected: Vec<f64>,
}

impl RateFlows {
    pub(crate) fn new(units: usize) -> RateFlows {
        RateFlows { units, observed: vec![0.0; units * units], expected: vec![0.0; units * units] }
    }

    /// Adds an organization: a week of it, as often as it comes.
    pub(crate) fn add(&mut self, made: &Made) {
        let people = made.unit_of.len();
        let (mut sent, mut received) = (vec![0.0; people], vec![0.0; people]);
        for rate in &made.rates {
            let (source, target) = (rate.source as usize, rate.target as usize);
            sent[source] += rate.weekly;
            received[target] += rate.weekly;
            self.observed[made.unit_of[source] as usize * self.units + made.unit_of[target] as usize] += rate.weekly;
        }
        let (mut unit_sent, mut unit_received) = (vec![0.0; self.units], vec![0.0; self.units]);
        let mut to_oneself = vec![0.0; self.units];
        for (person, &unit) in made.unit_of.iter().enumerate() {
            unit_sent[unit as usize] += sent[person];
            unit_received[unit as usize] += received[person];
            to_oneself[unit as usize] += sent[person] * received[person];
        }
        let all: f64 = sent.iter().sum();
        for a in 0..self.units {
            for (b, unit_received) in unit_received.iter().enumerate() {
                let own = if a == b { to_oneself[a] } else { 0.0 };
                self.expected[a * self.units + b] += (unit_sent[a] * unit_received - own) / all;
            }
        }
    }

    fn external(&self, flows: &[f64], unit: usize) -> f64 {
        let others = (0..self.units).filter(|&other| other != unit);
        let outside: f64 =
            others.map(|other| flows[unit * self.units + other] + flows[other * self.units + unit]).sum();
        outside / (outside + flows[unit * self.units + unit])
    }

    /// External share of a unit, and what chance gives.
    pub(crate) fn shares(&self, unit: usize) -> (f64, f64) {
        (self.external(&self.observed, unit), self.external(&self.expected, unit))
    }
}
