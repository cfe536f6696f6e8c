//! Why there is a tie between two people: the rule, the channels and the weeks, for who may read `restricted/`. Every look
//! is noted before it is answered.

use crate::error::{Exit, Failure};
use crate::history::ids_of;
use crate::observe::{now, rfc3339};
use crate::verify_output::is_output_folder;
use crosstie_model::tables::TieRow;
use crosstie_model::{Day, Diagnostic, Record, Weight, Window, code};
use crosstie_store::{DayFiles, Folder, Manifest, find_manifests, note_look, read_output, read_table};
use crosstie_ties::PackedDay;
use std::collections::BTreeMap;
use std::path::Path;

/// Messages of one direction that made the tie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Direction {
    /// By mail.
    pub mail_count: u64,
    /// By chat.
    pub chat_count: u64,
    /// Days with one.
    pub active_days_count: u64,
    /// Their shares.
    pub weight: Weight,
}

impl Direction {
    /// All messages.
    #[must_use]
    pub fn message_count(&self) -> u64 {
        self.mail_count + self.chat_count
    }
}

/// A tie. Directions are from the first to the second person asked for, then back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TieExplained {
    /// The days.
    pub window: Window,
    /// Messages each way that make a reciprocated tie.
    pub reciprocated_each_way: u64,
    /// Over the window.
    pub directions: [Direction; 2],
    /// By Monday.
    pub weeks: BTreeMap<Day, [Direction; 2]>,
    /// Relation of sender to recipient in the reporting tree, where the table of ties is still kept and there is one.
    pub relations: [Option<String>; 2],
}

impl TieExplained {
    /// Whether each wrote to the other often enough.
    #[must_use]
    pub fn is_reciprocated(&self) -> bool {
        self.directions.iter().all(|direction| direction.message_count() >= self.reciprocated_each_way)
    }
}

/// Explains the tie of two pseudonyms in the run of `date`, the newest where `None`.
///
/// # Errors
/// No such run, one that kept nothing (exit 66); pseudonyms that it does not know (2); days or log that are damaged.
pub fn explain_tie(output: &Path, date: Option<Day>, pseudonyms: [&str; 2]) -> Result<TieExplained, Failure> {
    is_output_folder(output)?;
    let folder = Folder::open(output)?;
    let manifests = find_manifests(output)?;
    let wanted = date.or_else(|| manifests.iter().map(|(day, ..)| *day).max());
    let found = manifests.iter().rfind(|(day, ..)| Some(*day) == wanted);
    let Some((_, _, manifest, _)) = found else {
        return Err(Failure::new(Exit::NoInput, Diagnostic::new(code::S104, "no run of that date is committed")));
    };
    let ids = ids_of(output, manifest)?.ok_or_else(|| {
        let gone = format!("what the run of {} kept of its people is past its retention", manifest.snapshot_date);
        Failure::new(Exit::NoInput, Diagnostic::new(code::S104, gone))
    })?;
    let unknown = || {
        let message = format!("the run of {} knows no such two people", manifest.snapshot_date);
        let hint = "two different `person_id`s of `restricted/people` of that date are wanted, on standard input";
        Failure::new(Exit::Usage, Diagnostic::new(code::C106, message).hint(hint))
    };
    let id = |pseudonym: &str| ids.get(pseudonym).copied().ok_or_else(unknown);
    let pair = [id(pseudonyms[0])?, id(pseudonyms[1])?];
    if pair[0] == pair[1] {
        return Err(unknown());
    }
    note_look(&folder, rfc3339(now()), "explain --tie", &manifest.snapshot_date, 2)?;
    let window = Window { first: day(&manifest.window_first), last: day(&manifest.window_last) };
    let mut explained = TieExplained {
        window,
        reciprocated_each_way: setting(manifest, "ties.reciprocated_each_way").unwrap_or(1),
        directions: Default::default(),
        weeks: BTreeMap::new(),
        relations: relations(output, manifest, pseudonyms),
    };
    let files = DayFiles::open(output)?;
    for (date, file) in files.index()?.days {
        let date = day(&date);
        if window.contains(date) {
            let bytes = files.read(&file)?;
            let broken = || Failure::new(Exit::Bug, Diagnostic::new(code::S103, "a day in `state/ties` holds no ties"));
            explained.add(date, &PackedDay::new(&bytes).ok_or_else(broken)?, pair);
        }
    }
    Ok(explained)
}

impl TieExplained {
    fn add(&mut self, date: Day, packed: &PackedDay<'_>, pair: [i64; 2]) {
        let end = |id: i64| (0..).zip(packed.ids()).find(|(_, known)| *known == id).map(|(end, _)| end);
        let Some((first, second)) = end(pair[0]).zip(end(pair[1])) else { return };
        for (at, (source, target)) in [(first, second), (second, first)].into_iter().enumerate() {
            let mut of_day = Direction::default();
            for tie in packed.ties_of(source).filter(|tie| tie.target == target && tie.units > 0) {
                let count = if tie.chat { &mut of_day.chat_count } else { &mut of_day.mail_count };
                *count += u64::from(tie.count);
                of_day.weight += Weight::from_units(u64::from(tie.units) * u64::from(tie.count));
            }
            if of_day.message_count() > 0 {
                of_day.active_days_count = 1;
                let week = self.weeks.entry(date.monday()).or_default();
                for sum in [&mut self.directions[at], &mut week[at]] {
                    sum.mail_count += of_day.mail_count;
                    sum.chat_count += of_day.chat_count;
                    sum.active_days_count += 1;
                    sum.weight += of_day.weight;
                }
            }
        }
    }
}

/// As the table of ties has them.
fn relations(output: &Path, manifest: &Manifest, pseudonyms: [&str; 2]) -> [Option<String>; 2] {
    let spec = TieRow::TABLE;
    let path = format!("restricted/{}/snapshot_date={}/part-00000.parquet", spec.name, manifest.snapshot_date);
    let rows: Vec<TieRow> =
        read_output(output, manifest, &path).ok().and_then(|bytes| read_table(&bytes)).unwrap_or_default();
    let of = |source: &str, target: &str| {
        let is_it = |row: &&TieRow| row.source_id.expose() == source && row.target_id.expose() == target;
        rows.iter().find(is_it).and_then(|row| row.relation.as_deref().map(str::to_string))
    };
    [of(pseudonyms[0], pseudonyms[1]), of(pseudonyms[1], pseudonyms[0])]
}

fn day(text: &str) -> Day {
    text.parse().unwrap_or_default()
}

fn setting(manifest: &Manifest, key: &str) -> Option<u64> {
    manifest.plan.get(key)?.as_str()?.parse().ok()
}
