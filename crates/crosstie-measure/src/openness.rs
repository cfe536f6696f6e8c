//! Openness: how much of a unit's contact crosses its border, against chance and against units of its kind.
//!
//! # Definition
//! ```text
//! openness          = log2(external_share / expected_external_share)
//! relative_openness = log2(odds of external_share / odds of typical_external_share)
//! ```
//! 0: the border does not matter; -1: half the contact (half the odds) that chance (that units of its kind) give.
//!
//! # Weights and direction
//! Weights of V; a message counts for the border whichever way it crosses.
//!
//! # Undefined when
//! The unit has no contact, holds everyone, or has no external contact (no logarithm).
//! `relative_openness`: fewer than 5 other units, or an expectation more than 1 (log odds) outside theirs.
//!
//! # Reading it
//! The interval says how much the number hangs on a few people. It does not cover channels that were not exported,
//! a wrong tie rule or directory, or the choice of the window.
//!
//! # Differs from
//! The E-I index, which measures unit sizes as much as contact.
//!
//! # Cost, exactness
//! O(replicates · (slots + strata · units) + strata · units²), see `replicate`. Sums are integers; one division each.
//!
//! # References
//! Owen 2007, <https://doi.org/10.1214/07-AOAS122>; Snijders & Borgatti 1999, Connections 22(2), 161-170.

use crate::closed_spread::closed_spread;
use crate::expectation::UnitFlows;
use crate::interval::Interval;
use crate::norm::{Norm, NormUnit, norm, relative_openness};
use crate::replicate::{Draws, LANES, Lanes, bootstrap};
use crate::unit_sums::{Shares, UnitStatistic, UnitSums};
use crate::{MeasureParams, PermutationSpread, permuted_spread};
use crosstie_model::num::log2;
use crosstie_model::{Grade, MetricSpec, Organization, WindowTies};
use rayon::prelude::*;

/// Catalogue entry of a unit's openness.
pub(crate) const SPEC: MetricSpec = MetricSpec {
    page: include_str!("openness.rs"),
    id: "openness",
    table: "units",
    columns: &["external_share", "expected_external_share", "openness", "openness_low", "openness_high", "z"],
    question: "How much of the unit's contact crosses its border, against chance?",
    formula: "log2(external_share / expected_external_share)",
    unit: "log2 ratio",
    range: (f64::NEG_INFINITY, f64::INFINITY),
    undefined_when: "no contact, everyone in one unit, no external contact, or evidence is not enough",
    grade: Grade::B,
    cannot_claim: "that contact is useful, wanted, allowed or missed; that the unit should be more open; anything on corridors and telephones",
    references: &["Owen 2007, doi:10.1214/07-AOAS122", "Owen & Eckles 2012, doi:10.1214/12-AOAS547"],
};

/// Catalogue entry of openness against units of its kind.
pub(crate) const RELATIVE_SPEC: MetricSpec = MetricSpec {
    page: include_str!("openness.rs"),
    id: "relative_openness",
    table: "units",
    columns: &[
        "typical_external_share",
        "relative_openness",
        "relative_openness_low",
        "relative_openness_high",
        "relative_z",
    ],
    question: "Does the unit keep to itself more than units of its kind here?",
    formula: "log2 of the odds of external_share over the odds that a robust line through the other units gives",
    unit: "log2 odds ratio",
    range: (f64::NEG_INFINITY, f64::INFINITY),
    undefined_when: "fewer than 5 other units with 5 people and enough contact, or an expectation far outside theirs",
    grade: Grade::B,
    cannot_claim: "that contact is useful, wanted, allowed or missed; that the unit should be more open",
    references: &["Sen 1968, doi:10.1080/01621459.1968.10480934", "Owen 2007, doi:10.1214/07-AOAS122"],
};

/// Standard deviation below which permuting changes nothing: what rounding leaves of equal shares.
const SD_LEAST: f64 = 1e-9;
/// Slots of a window above which none is moved, since the closed form says the same and takes no time.
const PERMUTED_MOST: u64 = 20_000_000;
/// Fewest people of a unit that shapes the line for others.
const NORM_PEOPLE: usize = 5;

/// Openness of every unit of a grouping, of the organization, and of every pair of units.
#[derive(Clone, Debug)]
pub struct Openness {
    /// Contact between units, people without a unit last.
    pub flows: UnitFlows,
    /// Each unit against the others.
    pub norms: Vec<Option<Norm>>,
    /// Spread of the external shares under permutation.
    pub spread: PermutationSpread,
    pub(crate) unit_intervals: Vec<Option<Interval>>,
    pub(crate) relative_intervals: Vec<Option<Interval>>,
    pub(crate) cross_interval: Option<Interval>,
    /// openness of each unit in every replicate; minus infinity where no contact crossed its border.
    pub(crate) unit_draws: Vec<Vec<Option<f64>>>,
    /// Observed total over expected total in each replicate.
    pub(crate) pair_scales: Vec<Lanes<f64>>,
}

/// What one replicate gives.
struct Draw {
    openness: Vec<Option<f64>>,
    relative: Vec<Option<f64>>,
    cross: Option<f64>,
}

/// A grouping to be measured: people without a unit follow the units.
#[derive(Clone, Copy)]
pub(crate) struct Units<'a> {
    /// The unit of each person, dense.
    pub(crate) unit_of: &'a [u32],
    /// How many people each unit has.
    pub(crate) people_counts: &'a [usize],
}

impl<'a> Units<'a> {
    /// What the bootstrap sums for it.
    pub(crate) fn statistic(&self, ties: &WindowTies) -> UnitStatistic<'a> {
        UnitStatistic {
            unit_of: self.unit_of,
            unit_count: self.people_counts.len() + 1,
            strata_count: ties.strata.len(),
        }
    }

    /// Flows between the units.
    pub(crate) fn flows(&self, ties: &WindowTies) -> UnitFlows {
        UnitFlows::new(ties, self.unit_of, self.people_counts.len() + 1)
    }

    /// The statistic where nothing is asked of pairs of units.
    pub(crate) fn statistic_without_pairs(&self) -> UnitStatistic<'a> {
        UnitStatistic { unit_of: self.unit_of, unit_count: self.people_counts.len() + 1, strata_count: 0 }
    }
}

/// Measures a grouping: `unit_of` dense, `people_counts` one entry a unit; people without a unit follow the units.
#[must_use]
pub fn measure_openness(
    organization: &Organization,
    ties: &WindowTies,
    unit_of: &[u32],
    people_counts: &[usize],
    params: &MeasureParams,
) -> Openness {
    let units = Units { unit_of, people_counts };
    let draws = Draws::new(organization, params.seed, params.replicates);
    let sums = bootstrap(ties, &draws, &units.statistic(ties));
    let flows = units.flows(ties);
    let mut openness = openness_of(flows, units, &draws, &sums.iter().collect::<Vec<_>>(), params);
    openness.set_spread(ties, unit_of, params);
    openness
}

/// Openness of a grouping from its flows, but for what permutations give; `sums` are those of its statistic over `draws`.
pub(crate) fn openness_of(
    flows: UnitFlows,
    units: Units<'_>,
    draws: &Draws,
    sums: &[&UnitSums],
    params: &MeasureParams,
) -> Openness {
    let people_counts = units.people_counts;
    let unit_count = people_counts.len();
    let counts = counting_units(&flows, people_counts, params);
    let share = |unit: usize| (flows.external_share(unit), flows.expected_external_share(unit));
    let norms = norm(&norm_units(&counts, share));
    let batches: Vec<(Vec<Draw>, Lanes<f64>)> = sums
        .par_iter()
        .map(|sums| {
            let shares = sums.shares();
            ((0..LANES).map(|lane| draw(&shares, &counts, lane)).collect(), shares.scale)
        })
        .collect();
    let scales: Vec<Lanes<f64>> = batches.iter().map(|(_, scale)| *scale).collect();
    let replicates: Vec<Draw> = batches.into_iter().flat_map(|(draws, _)| draws).take(draws.count()).collect();
    let interval = |of: &dyn Fn(&Draw) -> Option<f64>| Interval::of(replicates.iter().map(of));
    Openness {
        unit_intervals: (0..unit_count).map(|unit| interval(&|draw| draw.openness[unit])).collect(),
        relative_intervals: (0..unit_count).map(|unit| interval(&|draw| draw.relative[unit])).collect(),
        cross_interval: interval(&|draw| draw.cross),
        unit_draws: (0..unit_count).map(|unit| replicates.iter().map(|draw| draw.openness[unit]).collect()).collect(),
        pair_scales: scales,
        spread: PermutationSpread::default(),
        flows,
        norms,
    }
}

/// Which units shape the line for others.
pub(crate) fn counting_units(flows: &UnitFlows, people_counts: &[usize], params: &MeasureParams) -> Vec<bool> {
    let counts = |(unit, &people): (usize, &usize)| {
        let (outside, inside) = flows.outside_and_inside(unit);
        people >= NORM_PEOPLE && messages(outside + inside) >= params.min_messages
    };
    people_counts.iter().enumerate().map(counts).collect()
}

fn draw(shares: &Shares, counts: &[bool], lane: usize) -> Draw {
    let share = |unit: usize| (shares.external[unit][lane], shares.expected_external[unit][lane]);
    Draw {
        openness: (0..counts.len()).map(|unit| log_ratio(share(unit).0, share(unit).1)).collect(),
        relative: relative_openness(&norm_units(counts, share)),
        cross: log_ratio(shares.cross[lane], shares.expected_cross[lane]),
    }
}

pub(crate) fn norm_units(counts: &[bool], share: impl Fn(usize) -> (Option<f64>, Option<f64>)) -> Vec<NormUnit> {
    let unit = |(unit, &counts): (usize, &bool)| {
        let (share, expected) = share(unit);
        NormUnit { share, expected, counts }
    };
    counts.iter().enumerate().map(unit).collect()
}

/// Unordered pairs of units, the diagonal included, in the order of the tables.
pub(crate) fn pair_indices(unit_count: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..unit_count).flat_map(move |a| (a..unit_count).map(move |b| (a, b)))
}

/// Observed and expected weight of an unordered pair, both summing to all contact.
pub(crate) fn pair_weights(flows: &UnitFlows, a: usize, b: usize) -> (f64, f64) {
    let (observed, expected) = if a == b {
        (flows.observed(a, a), flows.expected(a, a))
    } else {
        (flows.observed(a, b) + flows.observed(b, a), flows.expected(a, b) + flows.expected(b, a))
    };
    (observed as f64, expected * flows.scale())
}

/// log2(observed / expected); minus infinity where nothing was observed, `None` where nothing was expected.
pub(crate) fn log_ratio(observed: Option<f64>, expected: Option<f64>) -> Option<f64> {
    let (observed, expected) = (observed?, expected.filter(|&expected| expected > 0.0)?);
    Some(if observed > 0.0 { log2(observed / expected) } else { f64::NEG_INFINITY })
}

/// Units of weight in messages.
pub(crate) fn messages(units: u64) -> f64 {
    crosstie_model::Weight::from_units(units).messages()
}

impl Openness {
    /// openness of a unit: `None` without contact or expectation, and where no external contact leaves no logarithm.
    #[must_use]
    pub fn of_unit(&self, unit: usize) -> Option<f64> {
        log_ratio(self.flows.external_share(unit), self.flows.expected_external_share(unit)).filter(|o| o.is_finite())
    }

    /// openness of the organization.
    #[must_use]
    pub fn of_organization(&self) -> Option<f64> {
        log_ratio(self.flows.cross_share(), self.flows.expected_cross_share()).filter(|o| o.is_finite())
    }

    /// Ends of the organization's interval.
    #[must_use]
    pub fn organization_interval(&self) -> Option<(f64, f64)> {
        self.cross_interval.filter(|interval| !interval.is_undefined()).map(|interval| (interval.low, interval.high))
    }

    /// Ends of a unit's interval.
    #[must_use]
    pub fn unit_interval(&self, unit: usize) -> Option<(f64, f64)> {
        self.unit_intervals[unit]
            .filter(|interval| !interval.is_undefined())
            .map(|interval| (interval.low, interval.high))
    }

    /// Ends of a unit's interval against units of its kind.
    #[must_use]
    pub fn relative_interval(&self, unit: usize) -> Option<(f64, f64)> {
        let interval = self.relative_intervals[unit].filter(|interval| !interval.is_undefined())?;
        Some((interval.low, interval.high))
    }

    /// How far chance moves the shares; in closed form above 20 million slots.
    pub(crate) fn set_spread(&mut self, ties: &WindowTies, unit_of: &[u32], params: &MeasureParams) {
        let unit_count = self.norms.len() + 1;
        self.spread = match ties.slot_count() > PERMUTED_MOST {
            true => closed_spread(ties, unit_of, &self.flows, unit_count),
            false => permuted_spread(ties, unit_of, unit_count, params.seed, params.permutations),
        };
    }

    /// z of the organization's cross-unit share against permutation.
    #[must_use]
    pub fn organization_z(&self) -> Option<f64> {
        let sd = self.spread.cross_sd.filter(|&sd| sd > SD_LEAST)?;
        Some((self.flows.cross_share()? - self.flows.expected_cross_share()?) / sd)
    }

    pub(crate) fn unit_z(&self, unit: usize) -> Option<f64> {
        let sd = self.spread.unit_sd[unit].filter(|&sd| sd > SD_LEAST)?;
        Some((self.flows.external_share(unit)? - self.flows.expected_external_share(unit)?) / sd)
    }
}
