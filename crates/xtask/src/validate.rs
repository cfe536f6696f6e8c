//! Measures made organizations and counts: silos seen where there are none, planted ones found, intervals that hold the
//! truth, planted bridges near the top.
//!
//! The truth of a unit's openness is that of its unit over all people who could have worked there: contacts are drawn
//! again many times with the same leaning of units, and rates stand for messages.

use crate::made::{DESIGNS, Design, LARGEST, Planted, RateFlows, make, unit_leans};
use crosstie_measure::{
    BetweennessMethod, BetweennessParams, Distance, Doubts, Graphs, MeasureParams, NormUnit, bridges, judge,
    measure_openness, norm,
};
use crosstie_model::Stream;
use crosstie_model::num::log2;
use rayon::prelude::*;
use std::ops::Range;

/// Standard deviations over units, in log odds.
const UNIT_SDS: [f64; 3] = [0.0, 0.4, 0.8];
/// Draws of people behind a truth.
const TRUTH_DRAWS: u64 = 40;
const BRIDGES: usize = 3;

const PARAMS: MeasureParams = MeasureParams {
    seed: 1,
    replicates: 200,
    permutations: 0,
    reciprocated_each_way: 1,
    resolution_thousandths: 1000,
    restarts: 1,
    min_people: 10,
    min_messages: 200.0,
    max_relative_openness: -0.5,
    betweenness: BetweennessParams {
        method: BetweennessMethod::Auto,
        exact_limit: 20_000_000_000,
        pivots: 2048,
        distance: Distance::Hops,
    },
};

/// Counts over organizations.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Counts {
    /// Units without a planted border that were judged, and those called a silo.
    pub(crate) judged: u64,
    pub(crate) flagged: u64,
    /// Planted silos, those with a verdict, and those called a silo.
    pub(crate) planted: u64,
    pub(crate) planted_judged: u64,
    pub(crate) found: u64,
    /// Intervals of openness, those that hold the truth, and the sum of their widths.
    pub(crate) intervals: Coverage,
    /// The same of planted silos alone.
    pub(crate) silo_intervals: Coverage,
    /// The same of relative openness.
    pub(crate) relative: Coverage,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Coverage {
    pub(crate) count: u64,
    pub(crate) holding: u64,
    /// Sum of the widths of those with two ends.
    pub(crate) width: f64,
    /// How far the truth lies from the middle of each of these, in half widths.
    pub(crate) distances: Vec<f64>,
}

impl Coverage {
    fn see(&mut self, (low, high): (f64, f64), truth: f64) {
        self.count += 1;
        self.holding += u64::from(low <= truth && truth <= high);
        if (high - low).is_finite() {
            self.width += high - low;
            self.distances.push((2.0 * truth - low - high).abs() / (high - low));
        }
    }

    /// Mean width, and the part of it that would hold 95 % of the truths.
    pub(crate) fn widths(&self) -> Option<(f64, f64)> {
        let mut sorted = self.distances.clone();
        sorted.sort_by(f64::total_cmp);
        let mean = self.width / sorted.len() as f64;
        let enough = sorted.get((sorted.len() * 95).div_ceil(100).checked_sub(1)?)?;
        Some((mean, mean * enough))
    }

    fn add(&mut self, other: &Coverage) {
        self.count += other.count;
        self.holding += other.holding;
        self.width += other.width;
        self.distances.extend(&other.distances);
    }
}

impl Counts {
    fn add(&mut self, other: &Counts) {
        self.judged += other.judged;
        self.flagged += other.flagged;
        self.planted += other.planted;
        self.planted_judged += other.planted_judged;
        self.found += other.found;
        self.intervals.add(&other.intervals);
        self.silo_intervals.add(&other.silo_intervals);
        self.relative.add(&other.relative);
    }
}

/// One design and standard deviation.
pub(crate) struct Cell {
    pub(crate) design: &'static Design,
    pub(crate) sd: f64,
    pub(crate) none: Counts,
    pub(crate) silo: Counts,
}

/// Planted bridges of one design: how many, and how many in the top decile of `bridge_residual`.
pub(crate) struct BridgeCell {
    pub(crate) design: &'static Design,
    pub(crate) planted: u64,
    pub(crate) top: u64,
}

pub(crate) struct Results {
    pub(crate) cells: Vec<Cell>,
    pub(crate) bridges: Vec<BridgeCell>,
}

/// Runs all designs; `told` hears of each.
pub(crate) fn validate(seeds: Range<u64>, told: &mut dyn FnMut(&str)) -> Results {
    let mut cells = Vec::new();
    let mut bridge_cells = Vec::new();
    for (number, design) in (0..).zip(&DESIGNS) {
        let seed_of = |seed: u64| number * 1_000_000 + seed;
        for sd in UNIT_SDS {
            let sum = |is_planted: bool| {
                let of_seed = |seed: u64| silos(design, sd, is_planted, seed_of(seed));
                let counts: Vec<Counts> = seeds.clone().into_par_iter().map(of_seed).collect();
                let mut all = Counts::default();
                counts.iter().for_each(|counts| all.add(counts));
                all
            };
            let cell = Cell { design, sd, none: sum(false), silo: sum(true) };
            let told_of = |counts: &Counts| format!("{} of {} called a silo", counts.flagged, counts.judged);
            let (none, silo) = (told_of(&cell.none), told_of(&cell.silo));
            let found = format!("{} of {} found", cell.silo.found, cell.silo.planted);
            told(&format!("{}, sd {sd}: {none}; beside one: {silo}; {found}", design.name));
            cells.push(cell);
        }
        let top: Vec<u64> = seeds.clone().into_par_iter().map(|seed| top_bridges(design, seed_of(seed))).collect();
        bridge_cells.push(BridgeCell {
            design,
            planted: (seeds.end - seeds.start) * BRIDGES as u64,
            top: top.iter().sum(),
        });
    }
    Results { cells, bridges: bridge_cells }
}

/// One organization, measured and compared with its truth.
fn silos(design: &Design, sd: f64, is_planted: bool, seed: u64) -> Counts {
    let leans = unit_leans(design, sd, seed);
    let silo = is_planted.then(|| planted_unit(design, seed));
    let planted = silo.map_or(Planted::Nothing, Planted::Silo);
    let made = make(design, &leans, planted, seed, 0);
    let mut truth = RateFlows::new(design.sizes.len());
    (1..=TRUTH_DRAWS).for_each(|draw| truth.add(&make(design, &leans, planted, seed, draw)));
    let true_shares: Vec<(f64, f64)> = (0..design.sizes.len()).map(|unit| truth.shares(unit)).collect();
    let points: Vec<NormUnit> = true_shares
        .iter()
        .map(|&(share, expected)| NormUnit { share: Some(share), expected: Some(expected), counts: true })
        .collect();
    let true_norms = norm(&points);

    let ties = made.window(seed);
    let openness = measure_openness(&made.organization(), &ties, &made.unit_of, design.sizes, &PARAMS);
    let mut counts = Counts::default();
    for (unit, &size) in design.sizes.iter().enumerate() {
        let (_, verdict) = judge(&openness, unit, size, Doubts::default(), &PARAMS);
        let is_silo = silo == Some(unit);
        counts.planted += u64::from(is_silo);
        match (is_silo, verdict) {
            (true, Some(flag)) => {
                counts.planted_judged += 1;
                counts.found += u64::from(flag);
            }
            (false, Some(flag)) => {
                counts.judged += 1;
                counts.flagged += u64::from(flag);
            }
            (_, None) => {}
        }
        if let Some(interval) = openness.unit_interval(unit) {
            let (share, expected) = true_shares[unit];
            let truth = log2(share / expected);
            counts.intervals.see(interval, truth);
            if is_silo {
                counts.silo_intervals.see(interval, truth);
            }
        }
        if let (Some(_), Some(norm)) = (openness.norms[unit], true_norms[unit])
            && let Some(interval) = openness.relative_interval(unit)
        {
            counts.relative.see(interval, norm.relative_openness);
        }
    }
    counts
}

/// A unit that can be compared with others of its kind: any but the one of 300.
fn planted_unit(design: &Design, seed: u64) -> usize {
    let small: Vec<usize> = (0..design.sizes.len()).filter(|&unit| design.sizes[unit] <= LARGEST).collect();
    small[Stream::new(seed, "validate-silo", &[]).below(small.len() as u64) as usize]
}

/// How many of the planted bridges lie in the top decile of the residual.
fn top_bridges(design: &Design, seed: u64) -> u64 {
    let leans = unit_leans(design, 0.4, seed);
    let made = make(design, &leans, Planted::Bridges(BRIDGES), seed, 0);
    let graphs = Graphs::new(made.unit_of.len(), &made.window(seed), PARAMS.reciprocated_each_way);
    let unit_of: Vec<Option<u32>> = made.unit_of.iter().map(|&unit| Some(unit)).collect();
    let found = bridges(&graphs.ties, &unit_of, |_| true, |_, _| false, PARAMS.seed);
    let residual = |person: u32| found[person as usize].map(|bridge| bridge.residual());
    let mut all: Vec<f64> = (0..made.unit_of.len() as u32).filter_map(residual).collect();
    all.sort_by(|a, b| b.total_cmp(a));
    let least = all[all.len() / 10];
    made.bridges.iter().filter(|&&person| residual(person).is_some_and(|residual| residual > least)).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_width_that_would_do_is_that_of_most_distances() {
        let mut coverage = Coverage::default();
        // 100 intervals from -1 to 1, the truth at 0.01, 0.02, ...
        (1..=100).for_each(|hundredths| coverage.see((-1.0, 1.0), f64::from(hundredths) / 100.0));
        coverage.see((f64::NEG_INFINITY, 0.0), -3.0);
        let (mean, enough) = coverage.widths().unwrap();
        assert!((mean - 2.0).abs() < 1e-12 && (enough - 1.9).abs() < 1e-12, "{mean} {enough}");
        assert_eq!((coverage.count, coverage.holding), (101, 101));
        assert_eq!(Coverage::default().widths(), None);
    }
}
