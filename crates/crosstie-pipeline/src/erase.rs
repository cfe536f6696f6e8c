//! Everything that an output folder keeps of people who were forgotten, taken away: step by step, each of which is whole
//! or not done at all, so that whatever comes next can finish.
//!
//! Who they are is told by marks alone: neither a directory nor an export is needed.

use crate::error::{Exit, Failure};
use crate::history::{is_members, without_people};
use crate::memory::MemoryLimit;
use crate::stop::StopRequest;
use crate::waiting::Waiting;
use crosstie_ingest::forget_people;
use crosstie_model::tables::{AccountRow, PairCarrierRow, PersonRow, ReplicateRow, TieRow};
use crosstie_model::{Cell, Day, Diagnostic, Erased, Record, code, mark_of_id, mark_of_pseudonym, mark_of_tag};
use crosstie_privacy::MasterKey;
use crosstie_store::{
    DayFiles, ErasureList, Folder, Manifest, Replaced, Shelf, collect_people, commit_erasure, find_manifests,
    newest_of_each_date, read_erasure_list, read_output, read_release, read_table, release_names, replace_release,
    write_erasure_list, write_table,
};
use crosstie_ties::{PackedDay, without};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

/// What was taken away, by place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// Files that were written anew, in order, with rows, names or parts that are gone; `None` where they are not counted.
    pub files: Vec<(String, Option<u64>)>,
    /// Snapshot dates with a commit.
    pub dates: Vec<Day>,
}

/// Finishes what a command that was killed left open.
///
/// # Errors
/// As [`erase`]; a list that cannot be read.
pub(crate) fn finish_erasure(folder: &Folder, key: &MasterKey, today: Day) -> Result<(), Failure> {
    let list = read_erasure_list(folder.root(), key.key_id())?;
    if list.is_open {
        erase(folder, key, &list.erased, today)?;
    }
    Ok(())
}

/// Takes everything away that is kept of people with these marks. The list is durable already.
///
/// # Errors
/// A file cannot be read, is not what its manifest says, or cannot be written: what was done stays done.
pub(crate) fn erase(folder: &Folder, key: &MasterKey, erased: &Erased, today: Day) -> Result<Taken, Failure> {
    let marked = Marked { key, erased, ids: RefCell::default(), tags: RefCell::default() };
    let mut draw = MasterKey::draws().map_err(|error| {
        Failure::new(Exit::TryAgain, Diagnostic::new(code::P102, error.to_string()).hint("try again"))
    })?;
    let mut taken = Taken::default();
    // The book says of days without rows what the index of days says.
    erase_days(folder, &marked, &mut taken)?;
    erase_read(folder, &marked, &mut taken)?;
    let named = erase_dates(folder, &marked, &mut draw, &mut taken, today)?;
    for (_, name) in release_names(folder.root())?.into_iter().filter(|(_, name)| !named.contains(name)) {
        let release = read_release(folder.root(), &name)?;
        let (ghosts, count) = release.with_ghosts(|tag| marked.has_tag(tag), &mut draw);
        if count > 0 {
            replace_release(folder, &name, &ghosts)?;
            taken.files.push((format!("{RELEASES}{name}"), Some(count)));
        }
    }
    taken.files.extend(collect_people(folder)?.into_iter().map(|path| (path, None)));
    write_erasure_list(folder, key.key_id(), &ErasureList { erased: erased.clone(), is_open: false })?;
    Ok(taken)
}

const RELEASES: &str = "state/releases/";

/// Marks, with what was asked before.
struct Marked<'m> {
    key: &'m MasterKey,
    erased: &'m Erased,
    ids: RefCell<BTreeMap<i64, bool>>,
    tags: RefCell<BTreeMap<u64, bool>>,
}

impl Marked<'_> {
    fn has_id(&self, id: i64) -> bool {
        *self.ids.borrow_mut().entry(id).or_insert_with(|| self.erased.has(mark_of_id(self.key, id)))
    }

    fn has_tag(&self, tag: u64) -> bool {
        *self.tags.borrow_mut().entry(tag).or_insert_with(|| self.erased.has(mark_of_tag(self.key, tag)))
    }

    fn has_pseudonym(&self, pseudonym: &str) -> bool {
        self.erased.has(mark_of_pseudonym(self.key, pseudonym))
    }
}

/// Daily ties: ends and everything between them and others go, sums of whole days stay.
fn erase_days(folder: &Folder, marked: &Marked<'_>, taken: &mut Taken) -> Result<(), Failure> {
    if !folder.root().join("state/ties").is_dir() {
        return Ok(());
    }
    let files = DayFiles::open(folder.root())?;
    let mut index = files.index()?;
    let before = index.clone();
    for (date, file) in &mut index.days {
        let bytes = files.read(file)?;
        let day = PackedDay::new(&bytes).ok_or_else(|| broken("a day in `state/ties` holds no ties"))?;
        if let Some(rest) = without(&day, |id| marked.has_id(id)) {
            let gone = ties_of(&day, |id| marked.has_id(id));
            *file = files.put(date.parse().unwrap_or_default(), &rest)?;
            taken.files.push((format!("state/ties/{}", file.file), Some(gone)));
        }
    }
    if index == before {
        files.drop_unnamed(&index)?
    } else {
        files.commit(&index)?
    }
    Ok(())
}

/// Ties of a day with an end that is gone.
fn ties_of(day: &PackedDay<'_>, is_gone: impl Fn(i64) -> bool) -> u64 {
    let gone: Vec<bool> = day.ids().map(is_gone).collect();
    let is_of = |end: u32| gone.get(end as usize) == Some(&true);
    let all = (0..gone.len() as u32).flat_map(|source| day.ties_of(source));
    all.filter(|tie| is_of(tie.source) || is_of(tie.target)).count() as u64
}

/// What runs keep of what they read.
fn erase_read(folder: &Folder, marked: &Marked<'_>, taken: &mut Taken) -> Result<(), Failure> {
    if !folder.root().join("state/read").is_dir() {
        return Ok(());
    }
    if matches!(Shelf::resume(folder.root()), Ok(None)) {
        Shelf::open(folder.root(), marked.key.key_id())?.drop_unnamed()?;
        return Ok(());
    }
    let days = DayFiles::open(folder.root())?.index()?.days;
    let made = |day: Day| days.get(&day.to_string()).and_then(|file| serde_json::to_value(file).ok());
    let shelf = Shelf::open(folder.root(), marked.key.key_id())?;
    let failed = Mutex::new(None);
    let waiting = Waiting::new(&shelf, MemoryLimit(Some(0)), StopRequest::default(), &failed);
    let rest = match shelf.book() {
        Some(book) => forget_people(&book, marked.erased, marked.key, &waiting, &made),
        // Damaged, or of another key: of no use to the next run either.
        None => Err(std::io::ErrorKind::InvalidData.into()),
    };
    if let Some(error) = failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
        return Err(error.into());
    }
    match rest {
        Ok(None) => shelf.drop_unnamed()?,
        Ok(Some(book)) => {
            shelf.commit(&book.bytes, &book.places)?;
            taken.files.push(("state/read".into(), None));
        }
        // What cannot be read cannot be searched: it goes, and the next run reads everything anew.
        Err(_) => {
            shelf.commit(&[], &[])?;
            taken.files.push(("state/read".into(), None));
        }
    }
    Ok(())
}

/// Restricted tables, parts in comparisons, and entries of the release ledger that a newest manifest names: a commit a
/// date. Returns the names of those entries.
fn erase_dates(
    folder: &Folder,
    marked: &Marked<'_>,
    draw: &mut dyn FnMut() -> u64,
    taken: &mut Taken,
    today: Day,
) -> Result<BTreeSet<String>, Failure> {
    let root = folder.root();
    let manifests = find_manifests(root)?;
    let mut named = BTreeSet::new();
    for (date, _, manifest, _) in newest_of_each_date(&manifests) {
        let mut replaced = Vec::new();
        let mut rows_gone = 0;
        for output in &manifest.outputs {
            let found = if output.path.starts_with("restricted/") {
                let bytes = read_output(root, manifest, &output.path)?;
                let found = table_without(&output.path, &bytes, manifest, marked)?;
                rows_gone += found.as_ref().map_or(0, |(_, _, gone)| *gone);
                found
            } else if is_members(&output.path) {
                let bytes = read_output(root, manifest, &output.path)?;
                let is_gone = |id: i64, pseudonym: &str| marked.has_id(id) || marked.has_pseudonym(pseudonym);
                let rest = without_people(&bytes, &is_gone, draw);
                let (bytes, gone) = rest.ok_or_else(|| broken("what an earlier run kept is of another version"))?;
                Some((bytes, None, gone))
            } else if let Some(name) = output.path.strip_prefix(RELEASES) {
                named.insert(name.to_string());
                let (ghosts, gone) = read_release(root, name)?.with_ghosts(|tag| marked.has_tag(tag), &mut *draw);
                Some((ghosts.to_bytes(), None, gone))
            } else {
                None
            };
            if let Some((bytes, rows, gone)) = found.filter(|(_, _, gone)| *gone > 0) {
                taken.files.push((output.path.clone(), Some(gone)));
                replaced.push(Replaced { path: output.path.clone(), bytes, rows });
            }
        }
        if !replaced.is_empty() {
            commit_erasure(folder, *date, manifest, &replaced, rows_gone, today)?;
            taken.dates.push(*date);
        }
    }
    Ok(named)
}

/// A table's bytes, rows that stay, and how many are gone.
type Rest = (Vec<u8>, Option<u64>, u64);

/// A restricted table without rows that name somebody who is gone.
fn table_without(path: &str, bytes: &[u8], manifest: &Manifest, marked: &Marked<'_>) -> Result<Option<Rest>, Failure> {
    match path.split('/').nth(1) {
        Some("people") => rows_without::<PersonRow>(bytes, manifest, marked),
        Some("pair_carriers") => rows_without::<PairCarrierRow>(bytes, manifest, marked),
        Some("accounts") => rows_without::<AccountRow>(bytes, manifest, marked),
        Some("ties") => rows_without::<TieRow>(bytes, manifest, marked),
        Some("replicates") => rows_without::<ReplicateRow>(bytes, manifest, marked),
        _ => Err(broken("a restricted table is of another version")),
    }
}

fn rows_without<R: Record>(bytes: &[u8], manifest: &Manifest, marked: &Marked<'_>) -> Result<Option<Rest>, Failure> {
    let rows: Vec<R> = read_table(bytes).ok_or_else(|| broken("a restricted table is of another version"))?;
    let before = rows.len();
    let names = |(column, cell): (&crosstie_model::Column, Cell)| match cell {
        Cell::Text(Some(text)) if column.identifier => marked.has_pseudonym(&text),
        _ => false,
    };
    let stays = |row: &R| !R::TABLE.columns.iter().zip(row.cells()).any(names);
    let rest: Vec<R> = rows.into_iter().filter(stays).collect();
    let gone = (before - rest.len()) as u64;
    let bytes = write_table(&rest, &manifest.run_id)?;
    Ok(Some((bytes, Some(rest.len() as u64), gone)))
}

/// The hash is right, so another version wrote it: what is in it cannot be told.
fn broken(what: &str) -> Failure {
    let told = Diagnostic::new(code::S103, what).detail("who was forgotten may still be in it");
    Failure::new(Exit::Data, told.hint("run that version of crosstie, or remove the date by `purge`"))
}
