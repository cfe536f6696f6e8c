//! The person bootstrap: everybody is drawn a Poisson(1) number of times, and a slot counts as often as both of its
//! ends.
//!
//! Messages are not independent, people carry them: this is the product reweighting of Owen's pigeonhole bootstrap
//! (2007, doi:10.1214/07-AOAS122; Owen & Eckles 2012, doi:10.1214/12-AOAS547) with one draw a person, because
//! senders and recipients are the same people (vertex bootstrap, Snijders & Borgatti 1999).
//!
//! # Cost, exactness
//! Sixteen replicates are lanes of one pass, so who wrote to whom is read once for all of them, and all statistics
//! share the pass: O(replicates · (slots + ties)). Sums are integers, which floats hold exactly where vectors are wider
//! for floats, and a batch is the same whatever thread it runs on. `crosstie_graph` has replicates of one graph, for PageRank;
//! here a person's rows of every stratum are summed, in 32 bits where these hold them, without a graph of each.

use crosstie_model::{Null, Organization, SimdWidth, Slot, Slots, Stream, WindowTie, WindowTies};
use pulp::{Simd, WithSimd};
use rayon::prelude::*;

/// Replicates of one batch.
pub(crate) const LANES: usize = 16;

/// A value a replicate of a batch.
pub(crate) type Lanes<T> = [T; LANES];

/// Weight of a window, in units, below which no sum over it can overflow: a row counts at most 12 · 12 times.
const MOST_UNITS: u64 = 1 << 56;

/// How often each person is drawn, batch by batch.
pub(crate) struct Draws {
    count: usize,
    batches: Vec<Vec<Lanes<u8>>>,
    /// Of the vectors by which replicates are summed.
    pub(crate) width: SimdWidth,
}

impl Draws {
    /// Draws everybody `count` times. Lanes past the last replicate draw nobody.
    pub(crate) fn new(organization: &Organization, seed: u64, count: u32) -> Draws {
        let count = count as usize;
        let of_person = |first: usize, person: u64| {
            let draw = |replicate: usize| Stream::new(seed, "person", &[replicate as u64, person]).poisson_one();
            std::array::from_fn(|lane| if first + lane < count { draw(first + lane) } else { 0 })
        };
        let of_batch = |batch: usize| {
            organization.stream_of.iter().map(|&person| of_person(batch * LANES, person)).collect::<Vec<_>>()
        };
        let batches = (0..count.div_ceil(LANES)).into_par_iter().map(of_batch).collect();
        Draws { count, batches, width: SimdWidth::Best }
    }

    /// How many replicates there are.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// For each batch the multiplicities of everybody.
    pub(crate) fn batches(&self) -> &[Vec<Lanes<u8>>] {
        &self.batches
    }
}

/// One stratum in the replicates of a batch.
pub(crate) struct Activity<'a> {
    /// Index of the stratum.
    pub(crate) stratum: usize,
    /// Weight sent by each person, in units.
    pub(crate) sent: &'a [Lanes<u64>],
    /// Slots received by each person.
    pub(crate) received: &'a [Lanes<u64>],
    /// All slots; 0 where nobody of the stratum was drawn.
    pub(crate) slot_count: Lanes<u64>,
}

/// What is summed over the replicates of a batch. Several statistics are one: a pair, or one that may be absent.
pub(crate) trait Statistic: Sync {
    /// The sums of one batch.
    type Sums: Send;
    /// Sums of nothing.
    fn start(&self) -> Self::Sums;
    /// Adds ties of one sender: the number of the first, and the weight of each in each replicate. What is added to one
    /// sum for many of them stays in registers.
    fn add_ties(&self, sums: &mut Self::Sums, first: usize, ties: &[WindowTie], units: &[Lanes<u64>]);
    /// Adds the weight of all ties of each person, sent and received, once all ties are added.
    fn add_people(&self, _: &mut Self::Sums, _contact: &[Lanes<u64>]) {}
    /// Adds a stratum. Strata come in order.
    fn add_stratum(&self, sums: &mut Self::Sums, activity: &Activity<'_>);
}

impl<A: Statistic, B: Statistic> Statistic for (A, B) {
    type Sums = (A::Sums, B::Sums);

    fn start(&self) -> Self::Sums {
        (self.0.start(), self.1.start())
    }

    #[inline(always)]
    fn add_ties(&self, sums: &mut Self::Sums, first: usize, ties: &[WindowTie], units: &[Lanes<u64>]) {
        self.0.add_ties(&mut sums.0, first, ties, units);
        self.1.add_ties(&mut sums.1, first, ties, units);
    }

    fn add_people(&self, sums: &mut Self::Sums, contact: &[Lanes<u64>]) {
        self.0.add_people(&mut sums.0, contact);
        self.1.add_people(&mut sums.1, contact);
    }

    fn add_stratum(&self, sums: &mut Self::Sums, activity: &Activity<'_>) {
        self.0.add_stratum(&mut sums.0, activity);
        self.1.add_stratum(&mut sums.1, activity);
    }
}

impl<S: Statistic> Statistic for Option<S> {
    type Sums = Option<S::Sums>;

    fn start(&self) -> Self::Sums {
        self.as_ref().map(S::start)
    }

    #[inline(always)]
    fn add_ties(&self, sums: &mut Self::Sums, first: usize, ties: &[WindowTie], units: &[Lanes<u64>]) {
        if let (Some(statistic), Some(sums)) = (self, sums) {
            statistic.add_ties(sums, first, ties, units);
        }
    }

    fn add_people(&self, sums: &mut Self::Sums, contact: &[Lanes<u64>]) {
        if let (Some(statistic), Some(sums)) = (self, sums) {
            statistic.add_people(sums, contact);
        }
    }

    fn add_stratum(&self, sums: &mut Self::Sums, activity: &Activity<'_>) {
        if let (Some(statistic), Some(sums)) = (self, sums) {
            statistic.add_stratum(sums, activity);
        }
    }
}

impl<S: Statistic> Statistic for Vec<S> {
    type Sums = Vec<S::Sums>;

    fn start(&self) -> Self::Sums {
        self.iter().map(S::start).collect()
    }

    #[inline(always)]
    fn add_ties(&self, sums: &mut Self::Sums, first: usize, ties: &[WindowTie], units: &[Lanes<u64>]) {
        self.iter().zip(sums).for_each(|(statistic, sums)| statistic.add_ties(sums, first, ties, units));
    }

    fn add_people(&self, sums: &mut Self::Sums, contact: &[Lanes<u64>]) {
        self.iter().zip(sums).for_each(|(statistic, sums)| statistic.add_people(sums, contact));
    }

    fn add_stratum(&self, sums: &mut Self::Sums, activity: &Activity<'_>) {
        self.iter().zip(sums).for_each(|(statistic, sums)| statistic.add_stratum(sums, activity));
    }
}

/// The sums of every batch of replicates, in order.
///
/// # Panics
/// If the window holds 2^36 messages or more.
pub(crate) fn bootstrap<S: Statistic>(ties: &WindowTies, draws: &Draws, statistic: &S) -> Vec<S::Sums> {
    assert!(ties.weight().units() < MOST_UNITS, "a window of under 2^36 messages");
    let mut sums: Vec<S::Sums> = draws
        .batches
        .par_iter()
        .map(|multiplicities| {
            let mut sums = statistic.start();
            let contact =
                draws.width.dispatch(AllTies { ties: &ties.ties, multiplicities, statistic, sums: &mut sums });
            statistic.add_people(&mut sums, &contact);
            sums
        })
        .collect();
    for (stratum, slots) in ties.slots.iter().enumerate() {
        let rows = Rows::new(slots, ties.null, draws.batches.first().map_or(0, Vec::len));
        sums.par_iter_mut().zip(&draws.batches).for_each_init(
            || (Vec::new(), Vec::new()),
            |(sent, received), (sums, multiplicities)| {
                rows.sums(draws.width, multiplicities, sent, received);
                let mut slot_count = [0; LANES];
                received.iter().for_each(|received| add(&mut slot_count, received));
                statistic.add_stratum(sums, &Activity { stratum, sent, received, slot_count });
            },
        );
    }
    sums
}

/// Adds every tie of a window to the sums of a batch; gives the weight of each person's ties.
struct AllTies<'a, S: Statistic> {
    ties: &'a [WindowTie],
    multiplicities: &'a [Lanes<u8>],
    statistic: &'a S,
    sums: &'a mut S::Sums,
}

impl<S: Statistic> WithSimd for AllTies<'_, S> {
    type Output = Vec<Lanes<u64>>;

    // Whatever is not inlined down to the lanes runs without the wide instructions.
    #[inline(always)]
    fn with_simd<V: Simd>(self, _: V) -> Vec<Lanes<u64>> {
        let mut first = 0;
        let mut units: Vec<Lanes<u64>> = Vec::new();
        let mut contact = vec![[0; LANES]; self.multiplicities.len()];
        for ties in self.ties.chunk_by(|a, b| a.source == b.source) {
            units.clear();
            let mut sent = [0; LANES];
            for tie in ties {
                let weight = drawn(tie, self.multiplicities);
                add(&mut sent, &weight);
                add(&mut contact[tie.target as usize], &weight);
                units.push(weight);
            }
            add(&mut contact[ties[0].source as usize], &sent);
            self.statistic.add_ties(self.sums, first, ties, &units);
            first += ties.len();
        }
        contact
    }
}

/// The weight of a tie in each replicate.
#[inline(always)]
pub(crate) fn drawn(tie: &WindowTie, multiplicities: &[Lanes<u8>]) -> Lanes<u64> {
    let (source, target) = (&multiplicities[tie.source as usize], &multiplicities[tie.target as usize]);
    let units = tie.weight.units();
    std::array::from_fn(|lane| units.wrapping_mul(u64::from(source[lane].wrapping_mul(target[lane]))))
}

/// Adds lane by lane. Sums over a window stay far below 2^64, so no sum wraps.
#[inline(always)]
pub(crate) fn add<const N: usize>(sums: &mut [u64; N], more: &[u64; N]) {
    for (sum, &more) in sums.iter_mut().zip(more) {
        *sum = sum.wrapping_add(more);
    }
}

/// The slots of a stratum by sender with their weight, and by recipient with their number.
struct Rows {
    by_source: Csr,
    by_target: Csr,
}

/// What one person may send in a stratum, in units, so that floats hold the sums exactly: each cell counts at most 12
/// times.
const MOST_EXACT: u64 = 1 << 49;

/// The same for 32 bits: then twice as many lanes are added at once.
const MOST_SHORT: u64 = (u32::MAX / 12) as u64;

/// Rows of (other end, amount). Amounts above 32 bits are split.
struct Csr {
    first: Vec<u32>,
    /// Whether 32 bits hold the sum of each row, however often its cells count.
    is_short: Vec<bool>,
    cells: Vec<(u32, u32)>,
}

impl Rows {
    fn new(slots: &Slots, null: Null, people_count: usize) -> Rows {
        let weight = |slot: &Slot| slot.weight().units();
        let count = |slot: &Slot| null.amount(slot);
        let (by_source, by_target) = rayon::join(
            || Csr::new(people_count, || pairs(slots, weight)),
            || Csr::new(people_count, || pairs(slots, count).map(|(source, target, all)| (target, source, all))),
        );
        Rows { by_source, by_target }
    }

    /// The sums a person: a slot counts as often as both ends are drawn.
    fn sums(
        &self,
        width: SimdWidth,
        multiplicities: &[Lanes<u8>],
        sent: &mut Vec<Lanes<u64>>,
        received: &mut Vec<Lanes<u64>>,
    ) {
        self.by_source.sums(width, multiplicities, sent);
        self.by_target.sums(width, multiplicities, received);
    }
}

/// Each pair with a sum over its slots.
fn pairs(slots: &Slots, amount: impl Fn(&Slot) -> u64) -> impl Iterator<Item = (u32, u32, u64)> {
    let mut slots = slots.iter().peekable();
    std::iter::from_fn(move || {
        let first = slots.next()?;
        let mut all = amount(&first);
        while let Some(next) = slots.next_if(|next| (next.source, next.target) == (first.source, first.target)) {
            all += amount(&next);
        }
        Some((first.source, first.target, all))
    })
}

impl Csr {
    /// Counting sort of (row, other end, amount).
    fn new<I: Iterator<Item = (u32, u32, u64)>>(people_count: usize, entries: impl Fn() -> I) -> Csr {
        let parts = |amount: u64| amount.div_ceil(u64::from(u32::MAX)) as u32;
        let mut first = vec![0u32; people_count + 1];
        let mut all = vec![0u64; people_count];
        for (row, _, amount) in entries() {
            first[row as usize + 1] += parts(amount);
            all[row as usize] += amount;
        }
        assert!(all.iter().all(|&all| all < MOST_EXACT), "a person sends under 2^29 messages a week");
        let is_short = all.iter().map(|&all| all <= MOST_SHORT).collect();
        for row in 0..people_count {
            first[row + 1] += first[row];
        }
        let mut next = first.clone();
        let mut cells = vec![(0, 0); first[people_count] as usize];
        for (row, other, mut amount) in entries() {
            while amount > 0 {
                let part = amount.min(u32::MAX.into()) as u32;
                cells[next[row as usize] as usize] = (other, part);
                next[row as usize] += 1;
                amount -= u64::from(part);
            }
        }
        Csr { first, is_short, cells }
    }

    fn sums(&self, width: SimdWidth, multiplicities: &[Lanes<u8>], sums: &mut Vec<Lanes<u64>>) {
        sums.clear();
        sums.resize(multiplicities.len(), [0; LANES]);
        width.dispatch(RowSums { rows: self, multiplicities, sums });
    }
}

/// The sum of each row: every cell as often as its other end is drawn, the row as often as its own.
struct RowSums<'a> {
    rows: &'a Csr,
    multiplicities: &'a [Lanes<u8>],
    sums: &'a mut [Lanes<u64>],
}

impl WithSimd for RowSums<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let ends = self.rows.first.windows(2);
        let rows = ends.zip(&self.rows.is_short).zip(self.multiplicities).zip(self.sums);
        for (((ends, &is_short), own), sums) in rows {
            let cells = &self.rows.cells[ends[0] as usize..ends[1] as usize];
            if is_short {
                let mut row = [0u32; LANES];
                for &(other, amount) in cells {
                    let times = &self.multiplicities[other as usize];
                    for lane in 0..LANES {
                        row[lane] = row[lane].wrapping_add(amount.wrapping_mul(u32::from(times[lane])));
                    }
                }
                for lane in 0..LANES {
                    sums[lane] = u64::from(row[lane]) * u64::from(own[lane]);
                }
                continue;
            }
            // Integers below 2^53: see `MOST_EXACT`.
            let mut row = [0.0f64; LANES];
            for &(other, amount) in cells {
                let (amount, times) = (f64::from(amount), &self.multiplicities[other as usize]);
                for lane in 0..LANES {
                    row[lane] += amount * f64::from(times[lane]);
                }
            }
            for lane in 0..LANES {
                sums[lane] = row[lane] as u64 * u64::from(own[lane]);
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The definition: a window in which every slot and tie stands as often as both of its ends are drawn.
    pub(crate) fn window_of(ties: &WindowTies, draws: &Draws, replicate: usize) -> WindowTies {
        let times = |source: u32, target: u32| {
            let of = |person: u32| draws.batches[replicate / LANES][person as usize][replicate % LANES];
            u32::from(of(source)) * u32::from(of(target))
        };
        let mut drawn = ties.clone();
        for slots in &mut drawn.slots {
            let again = |slot: Slot| Slot { count: slot.count * times(slot.source, slot.target), ..slot };
            *slots = slots.iter().map(again).filter(|slot| slot.count > 0).collect();
        }
        for tie in &mut drawn.ties {
            let units = tie.weight.units() * u64::from(times(tie.source, tie.target));
            tie.weight = crosstie_model::Weight::from_units(units);
        }
        drawn
    }
}
