//! The release ledger: a cell changes only by what many people changed since every earlier release that it can be
//! subtracted from.

use super::comparison::{Cell, Comparison, Sums};
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
    /// With each earlier release whose window overlaps.
    comparisons: Vec<Comparison<'a>>,
    sums: Sums,
    /// The tags that people have in sums of each kind.
    everybody: BTreeMap<Kind, TagPlaces>,
    /// Cells that do not show what they are now.
    held: BTreeSet<Key>,
    /// Cells that show what they are now, or are withheld now.
    shown: Vec<Key>,
}

/// Cells that are gone through at once for their groups, or their sums.
const AT_ONCE: usize = 1 << 14;

impl<'a> Ledger<'a> {
    pub(crate) fn new(past: Past<'a>, rules: Rules) -> Ledger<'a> {
        let overlapping = past.releases.iter().filter(|release| release.overlaps(past.date, past.window_days));
        Ledger {
            past,
            rules,
            comparisons: overlapping.map(|release| Comparison::new(release, rules)).collect(),
            sums: Sums::new(),
            everybody: BTreeMap::new(),
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

    /// Whether each cell may show what it is now. Their sums are entered before.
    pub(crate) fn may_change<'c>(&mut self, cells: &'c [Key]) -> Vec<bool> {
        if self.past.is_incomplete || self.comparisons.is_empty() {
            return vec![!self.past.is_incomplete; cells.len()];
        }
        let groups_of = |cell: &'c Key| {
            let labels = cell.labels.iter().take(cell.group_count());
            labels.map(|label| (cell.grouping.as_str(), label.as_str()))
        };
        let groups = cells.par_chunks(AT_ONCE).map(|cells| cells.iter().flat_map(groups_of).collect());
        let groups: Vec<BTreeSet<(&str, &str)>> = groups.collect();
        let groups = groups.into_iter().flatten().collect();
        self.comparisons.iter_mut().for_each(|comparison| comparison.find(&groups, &self.sums));
        let may_change = |key: &Key| {
            let cell = Cell::new(key, &self.sums);
            self.comparisons.iter().all(|comparison| comparison.may_change(&cell))
        };
        cells.par_iter().map(may_change).collect()
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
        let members = Members::of(release, super::COMMUNITY);
        let most = members.groups.iter().zip(members.shared_with(now)).max_by_key(|&(_, shared)| shared);
        let (&(name, count), shared) = most?;
        (2 * shared > now.len().max(count)).then(|| name.to_string())
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
