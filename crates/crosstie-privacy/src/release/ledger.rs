//! The release ledger: a cell changes only by what many people changed since every earlier release that it can be
//! subtracted from.

use super::asked::{Asked, Sums};
use super::comparison::Comparison;
use super::entry::Release;
use super::key::{Key, PEOPLE};
use super::members::Members;
use super::packed_sums::{Kind, PackedSums};
use super::parts::{Part, Tags, sorted_parts};
use super::sums::Entry;
use super::tag_places::TagPlaces;
use crate::decide::Rules;
use crate::published::PublishedTables;
use crosstie_model::{Day, Lookup};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// What a run knows of earlier releases.
#[derive(Clone, Copy)]
pub struct Past<'a> {
    /// Snapshot date of this release.
    pub date: Day,
    /// Days of its window.
    pub window_days: u32,
    /// Makes the tags of its people.
    pub tags: Tags<'a>,
    /// Whether an earlier release with a window that overlaps is known to have left no entry: then nothing may change.
    pub is_incomplete: bool,
    /// The tables that are shown now: of the newest release up to this date, with its place among the earlier ones.
    pub shown: Option<(usize, &'a PublishedTables)>,
}

impl<'a> Past<'a> {
    /// Of a first release.
    #[must_use]
    pub fn nothing(date: Day, window_days: u32, tags: Tags<'a>) -> Past<'a> {
        Past { date, window_days, tags, is_incomplete: false, shown: None }
    }
}

/// The ledger while a release is decided on.
pub(crate) struct Ledger<'a> {
    past: Past<'a>,
    rules: Rules,
    sums: Sums,
    /// The tags that people have in sums of each kind.
    everybody: BTreeMap<Kind, TagPlaces>,
    /// Cells that may show what they are now; `None` where all may.
    free: Option<Lookup<Key, ()>>,
    /// The release whose tables are shown now.
    shown_now: Option<ShownNow<'a>>,
    /// Cells that do not show what they are now.
    held: BTreeSet<Key>,
    /// Cells that show what they are now, or are withheld now.
    shown: Vec<Key>,
}

/// What is shown until this release.
struct ShownNow<'a> {
    tables: &'a PublishedTables,
    min_people: usize,
    communities: Members,
}

/// Cells that are gone through at once for their sums.
const AT_ONCE: usize = 1 << 14;

impl<'a> Ledger<'a> {
    pub(crate) fn new(past: Past<'a>, rules: Rules) -> Ledger<'a> {
        Ledger {
            past,
            rules,
            sums: Sums::new(),
            everybody: BTreeMap::new(),
            free: past.is_incomplete.then(Lookup::new),
            shown_now: None,
            held: BTreeSet::new(),
            shown: Vec::new(),
        }
    }

    /// The snapshot date.
    pub(crate) fn date(&self) -> Day {
        self.past.date
    }

    /// Enters the sums of this release.
    pub(crate) fn enter(&mut self, entries: Vec<Entry<'_>>) {
        let kinds: BTreeSet<(&str, &str)> = entries.iter().map(|(sum, _)| (&*sum.name, &*sum.grouping)).collect();
        let tags: BTreeMap<(&str, &str), Vec<u64>> =
            kinds.into_iter().map(|kind| (kind, self.past.tags.of_all(kind))).collect();
        let parts = |(sum, sides): &Entry<'_>| {
            let parts = sorted_parts(sides.iter().copied().flatten(), &tags[&(&*sum.name, &*sum.grouping)]);
            (!parts.is_empty()).then(|| (sum.clone(), parts))
        };
        let sums: Vec<(Key, Vec<Part>)> = entries.par_iter().filter_map(parts).collect();
        self.sums = sums.into_iter().collect();
        let named = |((name, grouping), tags): ((&str, &str), Vec<u64>)| {
            ((name.to_string().into(), grouping.to_string()), TagPlaces::of(tags))
        };
        self.everybody = tags.into_par_iter().map(named).collect();
    }

    /// Compares cells with every earlier release whose window overlaps, one after the other, so that no more of them are held
    /// than come at once. Sums are entered before.
    pub(crate) fn compare<E>(
        &mut self,
        cells: Vec<Key>,
        releases: impl Iterator<Item = Result<Release, E>>,
    ) -> Result<(), E> {
        let mut asked = None;
        let mut is_compared = false;
        let mut is_free = vec![!self.past.is_incomplete; cells.len()];
        for (at, release) in releases.enumerate() {
            let release = release?;
            if !release.overlaps(self.past.date, self.past.window_days) {
                continue;
            }
            if let Some((_, tables)) = self.past.shown.filter(|(place, _)| *place == at) {
                let communities = Members::of(&release, super::COMMUNITY);
                self.shown_now = Some(ShownNow { tables, min_people: release.min_people, communities });
            }
            is_compared = true;
            if !is_free.contains(&true) {
                continue;
            }
            let asked = asked.get_or_insert_with(|| Asked::new(&cells, &self.sums));
            let comparison = Comparison::new(&release, self.rules, asked, &self.sums);
            let may_still = asked.cells.par_iter().zip(&mut is_free).filter(|(_, is_free)| **is_free);
            may_still.for_each(|(cell, is_free)| *is_free = comparison.may_change(cell));
        }
        drop(asked);
        if is_compared {
            let mut free = Lookup::new();
            for (cell, _) in cells.into_iter().zip(is_free).filter(|(_, is_free)| *is_free) {
                free.insert(cell, ());
            }
            self.free = Some(free);
        }
        Ok(())
    }

    /// Whether a cell may show what it is now. One that was not compared may not, once any was.
    pub(crate) fn may_change(&self, cell: &Key) -> bool {
        self.free.as_ref().is_none_or(|free| free.get(cell).is_some())
    }

    /// Notes that a cell does not show what it is now.
    pub(crate) fn hold(&mut self, cell: Key) {
        self.held.insert(cell);
    }

    /// Notes that a cell shows what it is now, or that it is withheld now.
    pub(crate) fn show(&mut self, cell: Key) {
        self.shown.push(cell);
    }

    /// Whether a cell does not show what it is now.
    pub(crate) fn is_held(&self, cell: &Key) -> bool {
        self.held.contains(cell)
    }

    /// The tables from which held cells take their values: none where the threshold was lower then, since a higher one
    /// hides at once.
    pub(crate) fn shown(&self) -> Option<&'a PublishedTables> {
        let shown = self.shown_now.as_ref()?;
        (shown.min_people >= self.rules.min_people).then_some(shown.tables)
    }

    /// Whether values of this date may still be shown.
    pub(crate) fn is_young(&self, as_of: Day) -> bool {
        as_of <= self.past.date && self.past.date.0 - as_of.0 < self.past.window_days as i32
    }

    /// The community of the tables shown that most people of this one belong to.
    pub(crate) fn shown_community(&self, label: &str) -> Option<String> {
        let then = &self.shown_now.as_ref()?.communities;
        let now = self.sums.get(&Key::new(PEOPLE, super::COMMUNITY, &[label]))?;
        let shared = then.shared_with(now);
        let ((name, count), shared) = then.groups.iter().zip(shared).max_by_key(|&(_, shared)| shared)?;
        (2 * shared > now.len().max(*count)).then(|| name.clone())
    }

    /// The entry of this release.
    pub(crate) fn into_release(self) -> Release {
        let held: Vec<Key> = self.held.into_iter().collect();
        let behind_held = sums_behind(&held, |_| true);
        // All cells are gone through for the sums behind few of them.
        let shown = if behind_held.is_empty() { Vec::new() } else { self.shown };
        let seen = sums_behind(&shown, |sum| behind_held.binary_search(sum).is_ok());
        let unseen = behind_held.into_iter().filter(|sum| seen.binary_search(sum).is_err());
        Release {
            unseen: unseen.collect(),
            date: self.past.date,
            window_days: self.past.window_days,
            min_people: self.rules.min_people,
            sums: PackedSums::among(&self.sums, &self.everybody),
        }
    }
}

/// The wanted sums behind cells, sorted, each once.
fn sums_behind(cells: &[Key], is_wanted: impl Fn(&Key) -> bool + Sync) -> Vec<Key> {
    let of_some = |cells: &[Key]| {
        // Most are behind many cells.
        let mut sums = Lookup::new();
        cells.iter().flat_map(Key::sums).for_each(|sum| {
            sums.insert(sum, ());
        });
        sums.into_sorted_vec().into_iter().map(|(sum, ())| sum).filter(&is_wanted).collect::<Vec<Key>>()
    };
    let mut sums: Vec<Key> = cells.par_chunks(AT_ONCE).flat_map_iter(of_some).collect();
    // Made of runs that are sorted.
    sums.par_sort();
    sums.dedup();
    sums
}
