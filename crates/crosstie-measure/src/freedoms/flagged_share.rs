//! The share of openers that are flagged, against recipients exchanged at random over the openers of a week.
//!
//! In a week with M openers, `s_i` sent by i and `c_j` received by j, chance sends `s_i c_j / M` from i to j; a self-hit is
//! no opener, so all is `sum of s_i (M - c_i) / M`, and the flagged part `sum of s_i C_i / M` with `C_i` the openers received
//! by those to whom i's openers are flagged. Both are sums a person, no pair is visited.

use super::rows::{COUNTED_LEAST, Numbers};
use super::{Freedoms, Subject};
use crate::interval::Interval;
use crate::replicate::{Draws, LANES, add};
use crate::tree::Tree;
use crosstie_model::num::log2;
use crosstie_model::{Micros, Opener, UnitIx};
use rayon::prelude::*;

/// Which openers are flagged.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Flag {
    /// To an ancestor at least 2 levels up.
    SkipUp,
    /// To anyone but manager, reports and people of the same manager.
    Discretionary,
}

impl Flag {
    pub(super) fn holds(self, tree: &Tree, opener: &Opener) -> bool {
        let path = tree.path(opener.source, opener.target).map(|path| (path.up, path.down));
        match self {
            Flag::SkipUp => path.is_some_and(|(up, down)| up >= 2 && down == 0),
            Flag::Discretionary => !matches!(path, Some((1, 0) | (0, 1) | (1, 1))),
        }
    }

    /// For each person the openers received by those to whom an opener would be flagged.
    fn received<const N: usize>(self, tree: &Tree, received: &[[u64; N]], all: &[u64; N]) -> Vec<[u64; N]> {
        match self {
            Flag::SkipUp => {
                // Of all ancestors, then without the manager.
                let mut above = vec![[0; N]; received.len()];
                let mut skipped = vec![[0; N]; received.len()];
                for &person in tree.top_down() {
                    if let Some(manager) = tree.manager(person) {
                        let (own, manager) = (person as usize, manager as usize);
                        skipped[own] = above[manager];
                        above[own] = std::array::from_fn(|lane| above[manager][lane] + received[manager][lane]);
                    }
                }
                skipped
            }
            Flag::Discretionary => {
                let mut of_reports = vec![[0; N]; received.len()];
                for &person in tree.top_down() {
                    if let Some(manager) = tree.manager(person) {
                        let sums = &mut of_reports[manager as usize];
                        (0..N).for_each(|lane| sums[lane] += received[person as usize][lane]);
                    }
                }
                let of_person = |person: usize| {
                    let manager = tree.manager(person as u32).map(|manager| manager as usize);
                    std::array::from_fn(|lane| {
                        // The reports of one's manager hold oneself.
                        let near = match manager {
                            Some(manager) => received[manager][lane] + of_reports[manager][lane],
                            None => received[person][lane],
                        };
                        all[lane] - near - of_reports[person][lane]
                    })
                };
                (0..received.len()).map(of_person).collect()
            }
        }
    }
}

/// Sums of one subject, by lane.
#[derive(Clone)]
struct Sums<const N: usize> {
    flagged: [u64; N],
    all: [u64; N],
    expected_flagged: [f64; N],
    expected_all: [f64; N],
}

impl<const N: usize> Sums<N> {
    fn ratio(&self, lane: usize) -> Option<f64> {
        let share = self.share(lane)?;
        let expected = self.expected(lane).filter(|&expected| expected > 0.0)?;
        Some(if share > 0.0 { log2(share / expected) } else { f64::NEG_INFINITY })
    }

    fn share(&self, lane: usize) -> Option<f64> {
        (self.all[lane] > 0).then(|| self.flagged[lane] as f64 / self.all[lane] as f64)
    }

    fn expected(&self, lane: usize) -> Option<f64> {
        (self.expected_all[lane] > 0.0).then(|| self.expected_flagged[lane] / self.expected_all[lane])
    }
}

/// The numbers of every subject, in their order.
pub(super) fn flagged_shares(freedoms: &Freedoms<'_>, tree: &Tree, flag: Flag, subjects: &[Subject]) -> Vec<Numbers> {
    let (unit_of, unit_count) = (&freedoms.grouping.unit_of, freedoms.grouping.labels.len());
    let weeks = weeks(&freedoms.openers.openers);
    let is_flagged: Vec<Vec<bool>> =
        weeks.iter().map(|week| week.iter().map(|opener| flag.holds(tree, opener)).collect()).collect();
    let observed = sums(unit_of, unit_count, tree, flag, &weeks, &is_flagged, |_| [1]);
    let draws: &Draws = freedoms.draws;
    let batches: Vec<Vec<Sums<LANES>>> = draws
        .batches()
        .par_iter()
        .map(|times| {
            sums(unit_of, unit_count, tree, flag, &weeks, &is_flagged, |person| times[person as usize].map(u64::from))
        })
        .collect();
    let mut senders: Vec<u32> = weeks.iter().flatten().map(|opener| opener.source).collect();
    senders.sort_unstable();
    senders.dedup();
    let mut senders_of = vec![0; observed.len()];
    senders.iter().flat_map(|&sender| freedoms.places(sender)).for_each(|place| senders_of[place] += 1);
    let of_subject = |place: usize| {
        let own = &observed[place];
        let value = |replicate: usize| batches[replicate / LANES][place].ratio(replicate % LANES);
        Numbers {
            estimate: own.ratio(0).filter(|ratio| ratio.is_finite()),
            interval: Interval::of((0..draws.count()).map(value)),
            expected: Some(0.0),
            people_count: senders_of[place],
            events_count: own.all[0],
            has_events: own.flagged[0] >= COUNTED_LEAST,
        }
    };
    (0..subjects.len()).map(of_subject).collect()
}

/// How many of all openers are flagged, their share, and the share by chance; `None` without openers.
#[must_use]
pub fn opener_share(tree: &Tree, openers: &[Opener], flag: Flag) -> Option<(u64, f64, f64)> {
    let weeks = weeks(openers);
    let is_flagged: Vec<Vec<bool>> =
        weeks.iter().map(|week| week.iter().map(|opener| flag.holds(tree, opener)).collect()).collect();
    let sums = sums(&vec![None; tree.top_down().len()], 0, tree, flag, &weeks, &is_flagged, |_| [1]);
    let all = sums.last()?;
    Some((all.flagged[0], all.share(0)?, all.expected(0)?))
}

/// Openers by ISO week.
fn weeks(openers: &[Opener]) -> Vec<Vec<Opener>> {
    let mut openers = openers.to_vec();
    openers.sort_by_key(|opener| (week(opener.at), opener.source, opener.target));
    openers.chunk_by(|a, b| week(a.at) == week(b.at)).map(<[Opener]>::to_vec).collect()
}

fn week(at: Micros) -> i32 {
    at.day().monday().0
}

fn sums<const N: usize>(
    unit_of: &[Option<UnitIx>],
    unit_count: usize,
    tree: &Tree,
    flag: Flag,
    weeks: &[Vec<Opener>],
    is_flagged: &[Vec<bool>],
    drawn: impl Fn(u32) -> [u64; N],
) -> Vec<Sums<N>> {
    let people = unit_of.len();
    // A row a unit, and one for everybody.
    let places = |person: u32| unit_of[person as usize].map(UnitIx::index).into_iter().chain([unit_count]);
    let none = Sums { flagged: [0; N], all: [0; N], expected_flagged: [0.0; N], expected_all: [0.0; N] };
    let mut out = vec![none; unit_count + 1];
    let (mut sent, mut received) = (vec![[0u64; N]; people], vec![[0u64; N]; people]);
    for (week, flags) in weeks.iter().zip(is_flagged) {
        sent.fill([0; N]);
        received.fill([0; N]);
        let mut all = [0u64; N];
        for (opener, &flagged) in week.iter().zip(flags) {
            let (source, target) = (drawn(opener.source), drawn(opener.target));
            let times: [u64; N] = std::array::from_fn(|lane| source[lane] * target[lane]);
            for lane in 0..N {
                sent[opener.source as usize][lane] += times[lane];
                received[opener.target as usize][lane] += times[lane];
                all[lane] += times[lane];
            }
            for place in places(opener.source) {
                add(&mut out[place].all, &times);
                if flagged {
                    add(&mut out[place].flagged, &times);
                }
            }
        }
        let reached = flag.received(tree, &received, &all);
        for person in (0..people as u32).filter(|&person| sent[person as usize].iter().any(|&sent| sent > 0)) {
            let own = person as usize;
            for place in places(person) {
                for lane in (0..N).filter(|&lane| all[lane] > 0) {
                    let part = sent[own][lane] as f64 / all[lane] as f64;
                    out[place].expected_flagged[lane] += part * reached[own][lane] as f64;
                    out[place].expected_all[lane] += part * (all[lane] - received[own][lane]) as f64;
                }
            }
        }
    }
    out
}
