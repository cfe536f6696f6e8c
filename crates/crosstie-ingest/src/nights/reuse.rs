//! What of earlier runs still holds: parts whose files did not change, and days whose blocks, answers and people did not.

use super::book::{Book, StoredDay};
use super::day_record::{self, Numbers, number_people};
use super::day_sums::DaySums;
use super::part::{Part, PartFile, PartRecords};
use super::state::path_check;
use super::{FileState, Lasting, NewBook, Spared};
use crate::IngestError;
use crate::answers::Answered;
use crate::copies::Copies;
use crate::files::{FileFingerprint, fingerprint};
use crate::identity::{Handles, Restored};
use crate::input::{Steady, hidden};
use crate::ledger::{Counts, LedgerKey};
use crate::merge::MergedDay;
use crate::source::{Aside, SourceSpec};
use crosstie_model::{Day, KeyedHash, Lookup, Micros};
use rayon::prelude::*;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

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
    /// Parts by the quick hash of the path of their first file.
    by_check: Lookup<i64, usize>,
    by_id: OnceLock<ById>,
    /// Files of the source at hand, as the system tells of them.
    states: Vec<Option<FileState>>,
    old_days: BTreeMap<Day, StoredDay>,
    /// What the days of earlier runs add up to, where that is known.
    old_sums: Option<DaySums>,
    /// Whether each handle of earlier runs is somebody else now.
    changed: Vec<bool>,
    book: Book,
    now: Micros,
    /// Keyed paths and hashes of the files of this run, once something is left of earlier ones.
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

/// Parts by the keyed path and by the keyed name of their first file, sorted.
struct ById {
    path: Vec<(i64, usize)>,
    name: Vec<(i64, usize)>,
}

impl ById {
    fn of(parts: &[Option<Part>]) -> ById {
        let firsts = || parts.iter().zip(0..).filter_map(|(part, at)| Some((part.as_ref()?.files.first()?, at)));
        let mut by_id = ById {
            path: firsts().map(|(file, at)| (file.path_id, at)).collect(),
            name: firsts().map(|(file, at)| (file.name_id, at)).collect(),
        };
        by_id.path.sort_unstable();
        by_id.name.sort_unstable();
        by_id
    }
}

/// The parts of an id.
fn of_id(sorted: &[(i64, usize)], id: i64) -> &[(i64, usize)] {
    let first = sorted.partition_point(|&(other, _)| other < id);
    &sorted[first..first + sorted[first..].partition_point(|&(other, _)| other == id)]
}

/// What of the days of earlier runs still holds.
#[derive(Default)]
pub(crate) struct Known<R> {
    /// The days, in order.
    pub(crate) days: Vec<KnownDay<R>>,
    /// What they add up to, by the numbers of this run, where no record had to be read for it.
    pub(crate) sums: Option<DaySums>,
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
        book.kept_from = old.kept_from;
        book.next_block = old.next_block;
        let kept_from = old.kept_from.unwrap_or(i32::MIN);
        let mut days: BTreeMap<Day, StoredDay> = old.days.into_iter().map(|day| (Day(day.day), day)).collect();
        let mut old_sums = old.sums;
        let is_of_use = book.settings == old.settings && !lasting.anew;
        let restored = match is_of_use.then(|| handles.restore(&old.handles)) {
            Some(Restored::Changed(changed)) => Some(changed),
            Some(Restored::ReadAgain) | None => None,
        };
        let (mut parts, mut changed) = (Vec::new(), Vec::new());
        match restored {
            Some(flags) => {
                book.people = old.people;
                book.next_file = old.next_file;
                parts = old.parts.into_iter().map(Some).collect();
                changed = flags;
            }
            None => {
                handles = anew();
                // Rows that are gone cannot be merged again: what was made of them stays.
                days.retain(|day, _| day.0 < kept_from);
                for day in days.values_mut() {
                    (day.record, day.last) = ((0, 0), 0);
                    day.used.clear();
                }
                old_sums = Some(DaySums::default());
            }
        }
        let mut by_check = Lookup::new();
        for (part, at) in parts.iter().zip(0..) {
            let first = part.as_ref().and_then(|part: &Part| part.files.first());
            if let Some(check) = first.map(|file| file.path_check).filter(|&check| check != 0) {
                by_check.insert(check, at);
            }
        }
        let (number_of_person, person_of_number) = number_people(&mut book.people, &handles.lasting_person_ids());
        let memory = Memory {
            aside: lasting.aside,
            keyed,
            old: parts,
            by_check,
            by_id: OnceLock::new(),
            states: Vec::new(),
            old_days: days,
            old_sums,
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

    /// Looks at the files of a source, before any of them is asked for.
    pub(crate) fn look_at(&mut self, spec: &SourceSpec) {
        self.states = FileState::of_all(&spec.files, self.keyed);
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
        let fits = |part: &Part| {
            let is_believed = part.days.iter().all(|&(day, ..)| day <= latest.0);
            part.source == source && part.files.len() == paths.len() && is_believed
        };
        if let Some(at) = self.as_it_was(&files, &fits) {
            return Ok(self.old[at].take());
        }
        let ids: Vec<(i64, i64)> = paths.iter().map(|path| self.ids_of(path)).collect();
        // By path first: two files may hold the same.
        let Some(&(path, name)) = ids.first() else { return Ok(None) };
        let by_id = self.by_id.get_or_init(|| ById::of(&self.old));
        for (by_path, candidates) in [(true, of_id(&by_id.path, path)), (false, of_id(&by_id.name, name))] {
            for &(_, at) in candidates {
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
                for (((file, state), (path_id, name_id)), path) in part.files.iter_mut().zip(states).zip(ids).zip(paths)
                {
                    (file.state, file.path_id, file.name_id) = (state, path_id, name_id);
                    file.path_check = path_check(path, self.keyed);
                }
                return Ok(Some(part));
            }
        }
        Ok(None)
    }

    /// The part of files that are where they were, and of which the system says that nothing changed.
    fn as_it_was(&self, files: &std::ops::Range<usize>, fits: &dyn Fn(&Part) -> bool) -> Option<usize> {
        let states = self.states.get(files.clone())?;
        let &at = self.by_check.get(&states.first()?.as_ref()?.path_check)?;
        let part = self.old[at].as_ref().filter(|part| fits(part))?;
        let is_same = |(file, state): (&PartFile, &Option<FileState>)| {
            state.is_some_and(|now| file.path_check == now.path_check && file.state == Some(now.state) && !now.is_dir)
        };
        part.files.iter().zip(states).all(is_same).then_some(at)
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
        let id = self.book.next_file;
        self.book.next_file += 1;
        PartFile {
            id,
            path_id,
            name_id,
            path_check: path_check(path, self.keyed),
            size: read.size,
            blake3: read.blake3.clone(),
            state: state.and_then(|state| self.settled(state)),
            ..PartFile::default()
        }
    }

    /// Files that are read and cannot be known again, since their part is not kept; `met` are the handles in it.
    pub(crate) fn leave_out(&mut self, source: u32, files: &[u32], met: &[u32]) {
        for &file in files {
            let id = self.book.next_file;
            self.book.next_file += 1;
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
            self.number(file.id, part.source, number);
        }
        self.book.parts.push(part);
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
    pub(crate) fn left_over(&mut self, sources: &[SourceSpec]) -> (Vec<Part>, Vec<Part>) {
        let left: Vec<Part> = std::mem::take(&mut self.old).into_iter().flatten().collect();
        if !left.is_empty() {
            let paths = sources.iter().flat_map(|spec| &spec.files);
            self.paths = paths.map(|path| self.ids_of(path).0).collect();
            let files = self.book.parts.iter().flat_map(|part| &part.files);
            self.hashes = files.map(|file| file.blake3.clone()).collect();
        }
        left.into_iter().partition(|part| part.files.iter().all(|file| self.is_gone(file)))
    }

    /// Whether this run has found a file neither where it was nor elsewhere.
    pub(crate) fn is_gone(&self, file: &PartFile) -> bool {
        !self.paths.contains(&file.path_id) && !self.hashes.contains(&file.blake3)
    }

    /// What earlier runs made of each day, where it still holds. What became of its records is in the sums; where these are
    /// not known, and of days whose weeks lie `within`, the record is read and given to `visit`, with whether the sums
    /// hold it.
    ///
    /// # Errors
    /// The place fails.
    pub(crate) fn known_days<R: DeserializeOwned + Send>(
        &mut self,
        copies: &Copies<'_>,
        answered: &Answered,
        is_there: &(dyn Fn(&R) -> bool + Sync),
        within: (Day, Day),
        visit: &(dyn Fn(MergedDay, bool) + Sync),
    ) -> io::Result<Known<R>> {
        let touched = self.touched_days()?;
        let old_days: Vec<(Day, StoredDay)> = std::mem::take(&mut self.old_days).into_iter().collect();
        let holds = |day: Day, stored: &StoredDay| {
            let reach = Day(stored.reach);
            let is_same = || {
                touched.range(reach..=day.plus(1)).next().is_none()
                    && day_key(copies, answered, reach, day) == Some(stored.key)
            };
            let made = || serde_json::from_str::<R>(&stored.made).ok().filter(|made| is_there(made));
            (day < self.kept_from() || is_same()).then(made).flatten()
        };
        let made: Vec<Option<R>> = old_days.par_iter().map(|(day, stored)| holds(*day, stored)).collect();
        let (mut days, mut stale) = (Vec::with_capacity(old_days.len()), Vec::new());
        for ((day, record), made) in old_days.into_iter().zip(made) {
            match made {
                Some(made) => days.push(KnownDay { day, record, made }),
                None => stale.push(record),
            }
        }
        // Fewer records are read where the days that hold are added up anew.
        let sums = if stale.len() > days.len() { None } else { self.sums_without(&stale)? };
        let weeks = (within.0.monday().0, within.1.monday().plus(6).0);
        let is_read = |known: &KnownDay<R>| {
            let is_seen = known.record.reach <= weeks.1 && known.day.0 >= weeks.0 - 1;
            known.record.record.1 > 0 && (sums.is_none() || is_seen)
        };
        let file = |id: u32| self.file_of_id.get(&id).copied();
        let of_this_run = day_record::Known { file_of_id: &file, person_of_number: &self.person_of_number };
        let read = |mut known: KnownDay<R>| {
            if !is_read(&known) {
                return Ok(Some(known));
            }
            let Some(merged) = day_record::from_bytes(&self.get(known.record.record)?, &of_this_run) else {
                // Not to be taken out of sums that it is in.
                return if sums.is_some() { Err(io::ErrorKind::InvalidData.into()) } else { Ok(None) };
            };
            (known.record.used, known.record.last) = (merged.used_by_source(), merged.last.0);
            visit(merged, sums.is_some());
            Ok(Some(known))
        };
        let days: Vec<Option<KnownDay<R>>> = days.into_par_iter().map(read).collect::<io::Result<_>>()?;
        Ok(Known { days: days.into_iter().flatten().collect(), sums })
    }

    /// The sums without days that do not hold, by the numbers of this run. `None` where they are not known, or hold what
    /// they should not: then the days that hold are added up.
    fn sums_without(&mut self, stale: &[StoredDay]) -> io::Result<Option<DaySums>> {
        let lasting = day_record::Known { file_of_id: &|id| Some((0, id)), person_of_number: &[] };
        let Some(sums) = self.old_sums.take() else { return Ok(None) };
        let left = Mutex::new(Some(sums));
        let take_away = |day: &StoredDay| -> io::Result<()> {
            let day = day_record::from_bytes(&self.get(day.record)?, &lasting);
            let mut left = left.lock().unwrap_or_else(PoisonError::into_inner);
            let rest = left.take().zip(day).and_then(|(mut sums, day)| sums.take_away(&day).map(|()| sums));
            *left = rest;
            Ok(())
        };
        stale.par_iter().filter(|day| day.record.1 > 0).try_for_each(take_away)?;
        let Some(sums) = left.into_inner().unwrap_or_else(PoisonError::into_inner) else { return Ok(None) };
        let numbered = sums.lines.into_iter().map(|(key, counts)| {
            let &(source, file) = self.file_of_id.get(&key.file)?;
            Some((LedgerKey { source, file, ..key }, counts))
        });
        let lines = numbered.collect::<Option<BTreeMap<LedgerKey, Counts>>>();
        Ok(lines.map(|lines| DaySums { lines, ..sums }))
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
        Day(self.book.kept_from.unwrap_or(i32::MIN))
    }

    /// The number of the next block.
    pub(crate) fn next_block(&self) -> u64 {
        self.book.next_block
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
        let (used, last, made) = (merged.used_by_source(), merged.last.0, made.to_string());
        Ok(Some(StoredDay { day: day.0, reach: merged.reach.0, key, record, made, used, last }))
    }

    /// The book for the next run; `sums` are those of its days, by the numbers of this run.
    pub(crate) fn close(
        mut self,
        days: Vec<StoredDay>,
        sums: Option<DaySums>,
        copies: &Copies<'_>,
        handles: &Handles<'_>,
    ) -> Option<NewBook> {
        self.book.next_block = copies.next_id;
        self.book.days = days;
        self.book.sums = sums.and_then(|sums| self.lasting(sums));
        self.book.handles = handles.stored(&self.unkept);
        Some(NewBook { bytes: self.book.to_bytes()?, places: self.book.places() })
    }

    /// Sums by the lasting numbers of files.
    fn lasting(&self, sums: DaySums) -> Option<DaySums> {
        let numbered = sums.lines.into_iter().map(|(key, counts)| {
            let &file = self.id_of_file.get(&key.file)?;
            Some((LedgerKey { source: 0, file, ..key }, counts))
        });
        Some(DaySums { lines: numbered.collect::<Option<_>>()?, ..sums })
    }
}

/// Hash of the blocks of the days that a day is merged with, in their order, and of what their copies answer. `None` if
/// some are in memory alone.
fn day_key(copies: &Copies<'_>, answered: &Answered, reach: Day, day: Day) -> Option<[u8; 16]> {
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
    let mut key = [0; 16];
    hasher.finalize_xof().fill(&mut key);
    Some(key)
}

/// Where a file that is gone is said to have been.
pub(crate) fn path_of_gone(file: &PartFile) -> PathBuf {
    PathBuf::from(format!("gone-{}", &file.blake3[..16.min(file.blake3.len())]))
}
