//! What of earlier runs still holds: parts whose files did not change, and days whose blocks, answers and people did not.

use super::book::{Book, StoredDay};
use super::day_record::{self, Known, Numbers, number_people};
use super::part::{Part, PartFile, PartRecords};
use super::{Lasting, NewBook, Spared};
use crate::IngestError;
use crate::answers::Answered;
use crate::copies::Copies;
use crate::files::{FileFingerprint, fingerprint};
use crate::identity::{Handles, Restored};
use crate::input::{Steady, hidden};
use crate::merge::MergedDay;
use crate::source::{Aside, SourceSpec};
use crosstie_model::{Day, KeyedHash, Micros};
use rayon::prelude::*;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

/// A day as an earlier run made it.
pub(crate) struct KnownDay<R> {
    pub(crate) day: Day,
    pub(crate) record: StoredDay,
    /// What was made of its messages.
    pub(crate) made: R,
}

/// A file that changed later than this before the run is not known by its times: they are coarse.
const SETTLED_MICROS: i64 = 2_000_000;

/// The book of the last run and the one that this run writes.
pub(crate) struct Memory<'l> {
    aside: &'l dyn Aside,
    keyed: &'l dyn KeyedHash,
    old: Vec<Option<Part>>,
    /// Parts by the keyed path and by the keyed name of their first file.
    by_path: BTreeMap<i64, Vec<usize>>,
    by_name: BTreeMap<i64, Vec<usize>>,
    old_days: BTreeMap<Day, StoredDay>,
    /// Whether each handle of earlier runs is somebody else now.
    changed: Vec<bool>,
    book: Book,
    now: Micros,
    /// Keyed paths and hashes of the files of this run.
    paths: BTreeSet<i64>,
    hashes: BTreeSet<String>,
    id_of_file: BTreeMap<u32, u32>,
    file_of_id: BTreeMap<u32, (u32, u32)>,
    /// Handles of parts that are not kept.
    unkept: Vec<u32>,
    number_of_person: Vec<u32>,
    person_of_number: Vec<Option<u32>>,
    pub(crate) spared: Spared,
}

impl<'l> Memory<'l> {
    /// Opens the book of the last run, if it fits, and fills `handles` from it; `anew` makes handles without it.
    pub(crate) fn open<'h, R>(
        lasting: &Lasting<'l, R>,
        keyed: &'l dyn KeyedHash,
        anew: &dyn Fn() -> Handles<'h>,
    ) -> (Memory<'l>, Handles<'h>) {
        let settings = blake3::hash(lasting.settings.as_bytes()).to_hex().to_string();
        let mut handles = anew();
        let old = lasting.book.as_ref().and_then(|bytes| Book::from_bytes(bytes)).unwrap_or_default();
        let mut book = Book::new(settings);
        book.text.kept_from = old.text.kept_from;
        book.text.next_block = old.text.next_block;
        let kept_from = old.text.kept_from.unwrap_or(i32::MIN);
        let mut days: BTreeMap<Day, StoredDay> = old.text.days.into_iter().map(|day| (Day(day.day), day)).collect();
        let is_of_use = book.text.settings == old.text.settings && !lasting.anew;
        let restored = match is_of_use.then(|| handles.restore(&old.handles)) {
            Some(Restored::Changed(changed)) => Some(changed),
            Some(Restored::ReadAgain) | None => None,
        };
        let (mut parts, mut changed) = (Vec::new(), Vec::new());
        match restored {
            Some(flags) => {
                book.people = old.people;
                book.text.next_file = old.text.next_file;
                parts = old.text.parts.into_iter().map(Some).collect();
                changed = flags;
            }
            None => {
                handles = anew();
                // Rows that are gone cannot be merged again: what was made of them stays.
                days.retain(|day, _| day.0 < kept_from);
                days.values_mut().for_each(|day| day.record = (0, 0));
            }
        }
        let (mut by_path, mut by_name): (BTreeMap<i64, Vec<usize>>, BTreeMap<i64, Vec<usize>>) = Default::default();
        for (at, part) in parts.iter().enumerate() {
            if let Some(first) = part.as_ref().and_then(|part: &Part| part.files.first()) {
                by_path.entry(first.path_id).or_default().push(at);
                by_name.entry(first.name_id).or_default().push(at);
            }
        }
        let (number_of_person, person_of_number) = number_people(&mut book.people, &handles.lasting_person_ids());
        let memory = Memory {
            aside: lasting.aside,
            keyed,
            old: parts,
            by_path,
            by_name,
            old_days: days,
            changed,
            book,
            now: lasting.now,
            paths: BTreeSet::new(),
            hashes: BTreeSet::new(),
            id_of_file: BTreeMap::new(),
            file_of_id: BTreeMap::new(),
            unkept: Vec::new(),
            number_of_person,
            person_of_number,
            spared: Spared::default(),
        };
        (memory, handles)
    }

    /// The part that an earlier run read of these files, if none changed since.
    ///
    /// # Errors
    /// A file cannot be read.
    pub(crate) fn find(
        &mut self,
        source: u32,
        spec: &SourceSpec,
        files: std::ops::Range<usize>,
        latest: Day,
    ) -> Result<Option<Part>, IngestError> {
        let paths = &spec.files[files.clone()];
        let ids: Vec<(i64, i64)> = paths.iter().map(|path| self.ids_of(path)).collect();
        self.paths.extend(ids.iter().map(|&(path, _)| path));
        let fits = |part: &Part| {
            let is_believed = part.days.iter().all(|&(day, ..)| day <= latest.0);
            part.source == source && part.files.len() == paths.len() && is_believed
        };
        // By path first: two files may hold the same.
        let Some(&(path, name)) = ids.first() else { return Ok(None) };
        for (by_path, candidates) in [(true, self.by_path.get(&path)), (false, self.by_name.get(&name))] {
            for &at in candidates.into_iter().flatten() {
                let Some(part) = self.old[at].as_ref().filter(|part| fits(part)) else { continue };
                let alike = part
                    .files
                    .iter()
                    .zip(&ids)
                    .all(|(file, &(path, name))| if by_path { file.path_id == path } else { file.name_id == name });
                if !alike {
                    continue;
                }
                let mut states = Vec::new();
                for (file, number) in part.files.iter().zip(files.clone()) {
                    match self.unchanged(file, spec, number)? {
                        Some(state) => states.push(state),
                        None => break,
                    }
                }
                if states.len() < paths.len() {
                    continue;
                }
                let mut part = self.old[at].take().unwrap_or_default();
                for ((file, state), (path_id, name_id)) in part.files.iter_mut().zip(states).zip(ids) {
                    (file.state, file.path_id, file.name_id) = (state, path_id, name_id);
                }
                return Ok(Some(part));
            }
        }
        Ok(None)
    }

    /// Whether a file is as it was read; if so, its state as far as it can be told by its times.
    fn unchanged(
        &self,
        file: &PartFile,
        spec: &SourceSpec,
        number: usize,
    ) -> Result<Option<Option<[i64; 7]>>, IngestError> {
        let path = &spec.files[number];
        let named = |error| if spec.names_people() { hidden(&spec.shown(number), error) } else { error };
        if path.is_dir() {
            let found = fingerprint(&spec.name, path).map_err(named)?;
            return Ok((found.size == file.size && found.blake3 == file.blake3).then_some(None));
        }
        let steady = Steady::watch(path).map_err(named)?;
        let state = steady.state();
        if file.state == Some(state) {
            return Ok(Some(Some(state)));
        }
        if steady.size() != file.size {
            return Ok(None);
        }
        let found = fingerprint(&spec.name, path).map_err(named)?;
        steady.end().map_err(named)?;
        Ok((found.blake3 == file.blake3).then(|| self.settled(state)))
    }

    /// Times tell of a change only if the file has not changed just now.
    fn settled(&self, state: [i64; 7]) -> Option<[i64; 7]> {
        let changed_at = state[5] * 1_000_000 + state[6] / 1000;
        (changed_at < self.now.0 - SETTLED_MICROS).then_some(state)
    }

    fn ids_of(&self, path: &Path) -> (i64, i64) {
        let id = |kind: &str, text: &Path| self.keyed.handle_id(&format!("{kind}:{}", text.display()));
        (id("path", path), id("file", path.file_name().map_or(path, Path::new)))
    }

    /// A file of a part that is being read, as it will be known.
    pub(crate) fn file(&mut self, path: &Path, read: &FileFingerprint, state: Option<[i64; 7]>) -> PartFile {
        let (path_id, name_id) = self.ids_of(path);
        let id = self.book.text.next_file;
        self.book.text.next_file += 1;
        PartFile {
            id,
            path_id,
            name_id,
            size: read.size,
            blake3: read.blake3.clone(),
            state: state.and_then(|state| self.settled(state)),
            ..PartFile::default()
        }
    }

    /// Files that are read and cannot be known again, since their part is not kept; `met` are the handles in it.
    pub(crate) fn leave_out(&mut self, source: u32, files: &[u32], met: &[u32]) {
        for &file in files {
            let id = self.book.text.next_file;
            self.book.text.next_file += 1;
            self.number(id, source, file);
        }
        self.unkept.extend_from_slice(met);
        self.spared.parts_unkept += 1;
    }

    fn number(&mut self, id: u32, source: u32, file: u32) {
        self.id_of_file.insert(file, id);
        self.file_of_id.insert(id, (source, file));
    }

    /// A part counts; its files have these numbers in this run.
    pub(crate) fn keep(&mut self, part: Part, numbers: &[u32]) {
        for (file, &number) in part.files.iter().zip(numbers) {
            self.hashes.insert(file.blake3.clone());
            self.number(file.id, part.source, number);
        }
        self.book.text.parts.push(part);
    }

    /// Puts what is kept of a part beside its blocks where the next run finds it.
    ///
    /// # Errors
    /// The place fails.
    pub(crate) fn put(&self, records: &PartRecords) -> io::Result<(u64, u32)> {
        let bytes = records.to_bytes();
        Ok((self.aside.put(&bytes)?, bytes.len() as u32))
    }

    /// What is kept of a part beside its blocks.
    ///
    /// # Errors
    /// The place fails or holds something else.
    pub(crate) fn records(&self, part: &Part) -> io::Result<PartRecords> {
        let bytes = self.get(part.records)?;
        PartRecords::from_bytes(&bytes).ok_or_else(|| io::ErrorKind::InvalidData.into())
    }

    fn get(&self, (at, length): (u64, u32)) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; length as usize];
        self.aside.get(at, &mut bytes)?;
        Ok(bytes)
    }

    /// Parts of earlier runs that were not found again: those whose files are gone, and those that others replaced.
    pub(crate) fn left_over(&mut self) -> (Vec<Part>, Vec<Part>) {
        let left: Vec<Part> = std::mem::take(&mut self.old).into_iter().flatten().collect();
        left.into_iter().partition(|part| part.files.iter().all(|file| self.is_gone(file)))
    }

    /// Whether this run has found a file neither where it was nor elsewhere.
    pub(crate) fn is_gone(&self, file: &PartFile) -> bool {
        !self.paths.contains(&file.path_id) && !self.hashes.contains(&file.blake3)
    }

    /// What earlier runs made of each day, where it still holds; in order. What became of its records is given to
    /// `visit`, and not held: days are many.
    ///
    /// # Errors
    /// The place fails.
    pub(crate) fn known_days<R: DeserializeOwned + Send>(
        &self,
        copies: &Copies<'_>,
        answered: &Answered,
        is_there: &(dyn Fn(&R) -> bool + Sync),
        visit: &(dyn Fn(Day, MergedDay) + Sync),
    ) -> io::Result<Vec<KnownDay<R>>> {
        let touched = self.touched_days()?;
        let known = Known { file_of_id: &self.file_of_id, person_of_number: &self.person_of_number };
        let found: Vec<Option<KnownDay<R>>> = self
            .old_days
            .par_iter()
            .map(|(&day, stored)| {
                let reach = Day(stored.reach);
                let holds = || {
                    touched.range(reach..=day.plus(1)).next().is_none()
                        && day_key(copies, answered, reach, day).as_ref() == Some(&stored.key)
                };
                if day >= self.kept_from() && !holds() {
                    return Ok(None);
                }
                let made = serde_json::from_value::<R>(stored.made.clone()).ok().filter(|made| is_there(made));
                let Some(made) = made else { return Ok(None) };
                let merged = match stored.record {
                    (_, 0) => Some(MergedDay::default()),
                    record => day_record::from_bytes(&self.get(record)?, &known),
                };
                Ok(merged.map(|merged| {
                    visit(day, merged);
                    KnownDay { day, record: stored.clone(), made }
                }))
            })
            .collect::<io::Result<_>>()?;
        Ok(found.into_iter().flatten().collect())
    }

    /// Days of which a handle is somebody else now.
    fn touched_days(&self) -> io::Result<BTreeSet<Day>> {
        let is_changed = |handle: u32| self.changed.get(handle as usize).copied().unwrap_or(true);
        if !self.changed.contains(&true) {
            return Ok(BTreeSet::new());
        }
        let touched: Vec<Option<Day>> = self
            .old_days
            .par_iter()
            .map(|(&day, stored)| {
                if day < self.kept_from() {
                    return Ok(None);
                }
                let handles = day_record::handles(&self.get(stored.record)?);
                Ok(handles.is_none_or(|handles| handles.into_iter().any(is_changed)).then_some(day))
            })
            .collect::<io::Result<_>>()?;
        Ok(touched.into_iter().flatten().collect())
    }

    /// The first day whose rows are kept.
    pub(crate) fn kept_from(&self) -> Day {
        Day(self.book.text.kept_from.unwrap_or(i32::MIN))
    }

    /// The number of the next block.
    pub(crate) fn next_block(&self) -> u64 {
        self.book.text.next_block
    }

    /// A day as it was merged now, for the next run.
    ///
    /// # Errors
    /// The place fails.
    pub(crate) fn store_day(
        &self,
        copies: &Copies<'_>,
        answered: &Answered,
        day: Day,
        merged: &MergedDay,
        made: serde_json::Value,
    ) -> io::Result<Option<StoredDay>> {
        let numbers = Numbers { id_of_file: &self.id_of_file, number_of_person: &self.number_of_person };
        let Some(key) = day_key(copies, answered, merged.reach, day) else { return Ok(None) };
        let Some(bytes) = day_record::to_bytes(merged, &numbers) else { return Ok(None) };
        let record = (self.aside.put(&bytes)?, bytes.len() as u32);
        Ok(Some(StoredDay { day: day.0, reach: merged.reach.0, key, record, made }))
    }

    /// The book for the next run.
    pub(crate) fn close(mut self, days: Vec<StoredDay>, copies: &Copies<'_>, handles: &Handles<'_>) -> Option<NewBook> {
        self.book.text.next_block = copies.next_id;
        self.book.text.days = days;
        self.book.handles = handles.stored(&self.unkept);
        Some(NewBook { bytes: self.book.to_bytes()?, places: self.book.places() })
    }
}

/// Hash of the blocks of the days that a day is merged with, in their order, and of what their copies answer. `None` if
/// some are in memory alone.
fn day_key(copies: &Copies<'_>, answered: &Answered, reach: Day, day: Day) -> Option<String> {
    let mut hasher = blake3::Hasher::new();
    for around in reach.0..=day.0 + 1 {
        let around = Day(around);
        let places = copies.places(around)?;
        if places.is_empty() {
            continue;
        }
        hasher.update(&around.0.to_le_bytes());
        hasher.update(&(places.len() as u64).to_le_bytes());
        places.iter().for_each(|place| {
            hasher.update(&place.id.to_le_bytes());
        });
        hasher.update(&answered.digest(around));
    }
    Some(hasher.finalize().to_hex().as_str()[..32].to_string())
}

/// Where a file that is gone is said to have been.
pub(crate) fn path_of_gone(file: &PartFile) -> PathBuf {
    PathBuf::from(format!("gone-{}", &file.blake3[..16.min(file.blake3.len())]))
}
