//! The release ledger: a cell changes only by what many people changed since every earlier release that it can be
//! subtracted from.

use super::entry::Release;
use super::key::{Key, PAIR, PEOPLE};
use super::packed_sums::PackedSums;
use super::parts::{Part, Tags, common, differences, sorted_parts};
use super::sums::Entry;
use crate::audit::is_safe_change;
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
    /// Every earlier release that can still be read, whatever its date; those whose windows do not overlap are left out.
    pub releases: &'a [Release],
    /// Whether an earlier release with a window that overlaps is known to have left no entry: then nothing may change.
    pub is_incomplete: bool,
    /// The tables that are shown now: of the newest release up to this date, which is one of `releases`.
    pub shown: Option<(&'a Release, &'a PublishedTables)>,
}

impl<'a> Past<'a> {
    /// Of a first release.
    #[must_use]
    pub fn nothing(date: Day, window_days: u32, tags: Tags<'a>) -> Past<'a> {
        Past { date, window_days, tags, releases: &[], is_incomplete: false, shown: None }
    }
}

/// The ledger while a release is decided on.
pub(crate) struct Ledger<'a> {
    past: Past<'a>,
    rules: Rules,
    overlapping: Vec<&'a Release>,
    sums: BTreeMap<Key, Vec<Part>>,
    /// Cells that do not show what they are now.
    held: BTreeSet<Key>,
    /// Cells that show what they are now, or are withheld now.
    shown: Vec<Key>,
    /// For each release what a group of now was called then, by grouping and label.
    twins: Vec<BTreeMap<String, BTreeMap<String, Vec<String>>>>,
}

/// For each release whether a sum may change, by what it is now: each with what it was then.
type Known = Vec<Lookup<Key, Vec<(Key, bool)>>>;

/// Cells that are compared at once.
const AT_ONCE: usize = 1 << 14;

impl<'a> Ledger<'a> {
    pub(crate) fn new(past: Past<'a>, rules: Rules) -> Ledger<'a> {
        let overlapping: Vec<&Release> =
            past.releases.iter().filter(|release| release.overlaps(past.date, past.window_days)).collect();
        Ledger {
            past,
            rules,
            twins: vec![BTreeMap::new(); overlapping.len()],
            overlapping,
            sums: BTreeMap::new(),
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
    }

    /// Whether each cell may show what it is now. Their sums are entered before.
    pub(crate) fn may_change(&mut self, cells: &[Key]) -> Vec<bool> {
        if self.past.is_incomplete || self.overlapping.is_empty() {
            return vec![!self.past.is_incomplete; cells.len()];
        }
        self.find_twins(cells);
        let compared = |cells: &[Key]| {
            let mut known: Known = self.overlapping.iter().map(|_| Lookup::new()).collect();
            cells.iter().map(|cell| self.may_cell_change(cell, &mut known)).collect::<Vec<bool>>()
        };
        cells.par_chunks(AT_ONCE).flat_map_iter(compared).collect()
    }

    fn may_cell_change(&self, cell: &Key, known: &mut Known) -> bool {
        let sums = cell.sums();
        (0..self.overlapping.len()).all(|at| {
            let then = self.were(at, cell);
            then.into_iter().all(|labels| {
                if labels == cell.labels {
                    return sums.iter().all(|sum| self.may_sum_change(at, sum, sum, known));
                }
                // In the order of this cell's labels: what `a` is now is compared with what `a` was.
                let were = Key { labels, ..cell.clone() }.sums();
                sums.iter().zip(&were).all(|(is, was)| self.may_sum_change(at, is, was, known))
            })
        })
    }

    fn may_sum_change(&self, at: usize, is: &Key, was: &Key, known: &mut Known) -> bool {
        if is.name == PAIR {
            // Asked for once or twice, so it is not kept.
            return self.is_safe(at, is, was);
        }
        let known_of = known[at].get(is).map_or(&[] as &[_], Vec::as_slice);
        if let Some((_, may)) = known_of.iter().find(|(then, _)| then == was) {
            return *may;
        }
        let may = self.is_safe(at, is, was);
        known[at].get_or_insert_with(is.clone(), Vec::new).push((was.clone(), may));
        may
    }

    fn is_safe(&self, at: usize, is: &Key, was: &Key) -> bool {
        let (then, now) = (self.overlapping[at], self.sums.get(is).map_or(&[] as &[Part], Vec::as_slice));
        then.unseen.contains(was) || is_safe_change(&differences(&then.sums.parts(was), now), self.rules)
    }

    /// Labels that a cell may have had in a release: of each of its groups the same label, and those of groups who share
    /// more than half of their people with it. None where a group has no counterpart there.
    fn were(&self, at: usize, cell: &Key) -> Vec<Vec<String>> {
        let mut all = vec![Vec::new()];
        for (place, label) in cell.labels.iter().enumerate() {
            let names = match place < cell.group_count() {
                true => self.twins[at][&cell.grouping][label].as_slice(),
                false => std::slice::from_ref(label),
            };
            all = all
                .into_iter()
                .flat_map(|labels: Vec<String>| {
                    names.iter().map(move |name| labels.iter().cloned().chain([name.clone()]).collect())
                })
                .collect();
        }
        all
    }

    /// Finds what the groups of cells were called in each release.
    fn find_twins(&mut self, cells: &[Key]) {
        let groups_of = |cell: &Key| {
            let labels = cell.labels.iter().take(cell.group_count());
            labels.map(|label| (cell.grouping.clone(), label.clone())).collect::<Vec<_>>()
        };
        let groups = |cells: &[Key]| cells.iter().flat_map(groups_of).collect::<BTreeSet<(String, String)>>();
        let groups: Vec<BTreeSet<(String, String)>> = cells.par_chunks(AT_ONCE).map(groups).collect();
        let groups: BTreeSet<(String, String)> = groups.into_iter().flatten().collect();
        for at in 0..self.overlapping.len() {
            let is_new = |(grouping, label): &&(String, String)| {
                self.twins[at].get(grouping).is_none_or(|known| !known.contains_key(label))
            };
            let new: Vec<&(String, String)> = groups.iter().filter(is_new).collect();
            let found: Vec<Vec<String>> =
                new.par_iter().map(|(grouping, label)| self.twins_of(at, grouping, label)).collect();
            for ((grouping, label), twins) in new.into_iter().zip(found) {
                self.twins[at].entry(grouping.clone()).or_default().insert(label.clone(), twins);
            }
        }
    }

    fn twins_of(&self, at: usize, grouping: &str, label: &str) -> Vec<String> {
        let Some(now) = self.sums.get(&Key::new(PEOPLE, grouping, &[label])) else {
            // No group of people: a name like that of everybody.
            return vec![label.to_string()];
        };
        let is_twin = |(name, then): &(&str, Vec<Part>)| {
            // The number of a community is its rank and says nothing of who it is.
            let by_name = *name == label && grouping != super::COMMUNITY;
            by_name || 2 * common(now, then) > now.len().min(then.len())
        };
        self.overlapping[at].groups(grouping).filter(is_twin).map(|(name, _)| name.to_string()).collect()
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
        let (release, tables) = self.past.shown?;
        (release.min_people >= self.rules.min_people).then_some(tables)
    }

    /// Whether values of this date may still be shown.
    pub(crate) fn is_young(&self, as_of: Day) -> bool {
        as_of <= self.past.date && self.past.date.0 - as_of.0 < self.past.window_days as i32
    }

    /// The community of the tables shown that most people of this one belong to.
    pub(crate) fn shown_community(&self, label: &str) -> Option<String> {
        let (release, _) = self.past.shown?;
        let now = self.sums.get(&Key::new(PEOPLE, super::COMMUNITY, &[label]))?;
        let shared = release.groups(super::COMMUNITY).map(|(name, then)| (common(now, &then), then.len(), name));
        let most = shared.max_by_key(|&(shared, ..)| shared)?;
        (2 * most.0 > now.len().max(most.1)).then(|| most.2.to_string())
    }

    /// The entry of this release.
    pub(crate) fn into_release(self) -> Release {
        let mut behind_held = Lookup::new();
        for sum in self.held.iter().flat_map(Key::sums) {
            behind_held.insert(sum, ());
        }
        let is_behind_held = |sum: &Key| behind_held.get(sum).is_some();
        // All cells are gone through for the sums behind few of them.
        let shown = if behind_held.is_empty() { Vec::new() } else { self.shown };
        let seen = shown.into_par_iter().flat_map_iter(|cell| cell.sums()).filter(is_behind_held);
        let seen: BTreeSet<Key> = seen.collect();
        let unseen = behind_held.into_sorted_vec().into_iter().map(|(sum, ())| sum);
        Release {
            unseen: unseen.filter(|sum| !seen.contains(sum)).collect(),
            date: self.past.date,
            window_days: self.past.window_days,
            min_people: self.rules.min_people,
            sums: PackedSums::of(&self.sums),
        }
    }
}
