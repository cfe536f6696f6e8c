//! The release ledger: a cell changes only by what many people changed since every earlier release that it can be
//! subtracted from.

use super::entry::Release;
use super::key::{Key, PAIR, PEOPLE};
use super::packed_sums::{Kind, PackedSums};
use super::parts::{KnownTags, Part, Tags, common, differences};
use crate::audit::is_safe_change;
use crate::decide::Rules;
use crate::published::PublishedTables;
use crosstie_model::{Contribution, Day, Lookup};
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
    tags: BTreeMap<Kind, KnownTags>,
    sums: BTreeMap<Key, Vec<Part>>,
    /// Cells that do not show what they are now.
    held: BTreeSet<Key>,
    /// Cells that show what they are now, or are withheld now.
    shown: Vec<Key>,
    /// Whether a sum may change, by release, by what it is now and was then.
    known: BTreeMap<(usize, Key, Key), bool>,
    /// What a group is called in each release, by grouping and label.
    twins: BTreeMap<(usize, String, String), Vec<String>>,
}

impl<'a> Ledger<'a> {
    pub(crate) fn new(past: Past<'a>, rules: Rules) -> Ledger<'a> {
        let overlapping =
            past.releases.iter().filter(|release| release.overlaps(past.date, past.window_days)).collect();
        Ledger {
            past,
            rules,
            overlapping,
            tags: BTreeMap::new(),
            sums: BTreeMap::new(),
            held: BTreeSet::new(),
            shown: Vec::new(),
            known: BTreeMap::new(),
            twins: BTreeMap::new(),
        }
    }

    /// The snapshot date.
    pub(crate) fn date(&self) -> Day {
        self.past.date
    }

    /// Enters a sum of this release.
    pub(crate) fn enter(&mut self, sum: Key, parts: impl Iterator<Item = Contribution>) {
        let known = self.tags.entry((sum.name.clone(), sum.grouping.clone())).or_default();
        let parts = self.past.tags.parts(&sum, parts, known);
        if !parts.is_empty() {
            self.sums.insert(sum, parts);
        }
    }

    /// Whether a cell may show what it is now. Its sums are entered before.
    pub(crate) fn may_change(&mut self, cell: &Key) -> bool {
        if self.past.is_incomplete {
            return false;
        }
        if self.overlapping.is_empty() {
            return true;
        }
        let sums = cell.sums();
        (0..self.overlapping.len()).all(|at| {
            let then = self.were(at, cell);
            then.into_iter().all(|labels| {
                if labels == cell.labels {
                    return sums.iter().all(|sum| self.may_sum_change(at, sum, sum));
                }
                // In the order of this cell's labels: what `a` is now is compared with what `a` was.
                let were = Key { labels, ..cell.clone() }.sums();
                sums.iter().zip(&were).all(|(is, was)| self.may_sum_change(at, is, was))
            })
        })
    }

    fn may_sum_change(&mut self, at: usize, is: &Key, was: &Key) -> bool {
        if is.name == PAIR {
            // Asked for once or twice, so it is not kept.
            return self.is_safe(at, is, was);
        }
        let known = (at, is.clone(), was.clone());
        if let Some(&may) = self.known.get(&known) {
            return may;
        }
        let may = self.is_safe(at, is, was);
        self.known.insert(known, may);
        may
    }

    fn is_safe(&self, at: usize, is: &Key, was: &Key) -> bool {
        let (then, now) = (self.overlapping[at], self.sums.get(is).map_or(&[] as &[Part], Vec::as_slice));
        then.unseen.contains(was) || is_safe_change(&differences(&then.sums.parts(was), now), self.rules)
    }

    /// Labels that a cell may have had in a release: of each of its groups the same label, and those of groups who share
    /// more than half of their people with it. None where a group has no counterpart there.
    fn were(&mut self, at: usize, cell: &Key) -> Vec<Vec<String>> {
        let mut all = vec![Vec::new()];
        for (place, label) in cell.labels.iter().enumerate() {
            let names = match place < cell.group_count() {
                true => self.twins(at, &cell.grouping, label),
                false => vec![label.clone()],
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

    fn twins(&mut self, at: usize, grouping: &str, label: &str) -> Vec<String> {
        let key = (at, grouping.to_string(), label.to_string());
        if let Some(known) = self.twins.get(&key) {
            return known.clone();
        }
        let Some(now) = self.sums.get(&Key::new(PEOPLE, grouping, &[label])) else {
            // No group of people: a name like that of everybody.
            return vec![label.to_string()];
        };
        let is_twin = |(name, then): &(&str, Vec<Part>)| {
            // The number of a community is its rank and says nothing of who it is.
            let by_name = *name == label && grouping != super::COMMUNITY;
            by_name || 2 * common(now, then) > now.len().min(then.len())
        };
        let found: Vec<String> =
            self.overlapping[at].groups(grouping).filter(is_twin).map(|(name, _)| name.to_string()).collect();
        self.twins.insert(key, found.clone());
        found
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
