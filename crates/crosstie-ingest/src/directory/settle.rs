//! From the records of all files to people in time: repeated people dropped, managers found, snapshots joined,
//! handles attached.

use super::Directory;
use super::draft::Draft;
use super::lists::lists;
use super::notice::Notice;
use super::person::{DirectoryPerson, Interval, PersonClass, earlier};
use super::reading::{Gathered, Pages};
use super::resolve::{Managers, Resolver, managers};
use super::spec::DirectorySpec;
use crate::IngestError;
use crate::claims::{Claim, Claims};
use crate::ledger::{Ledger, LedgerKey};
use crosstie_model::{Code, Day, Diagnostic, Lookup, code};
use std::collections::{BTreeMap, BTreeSet};

/// The share of people gone between two snapshots above which the later one is not believed, in percent. Chosen, not
/// validated: a fifth of an organization does not leave in a month.
const MASS_CHANGE_PERCENT: usize = 20;

/// People of one date.
struct Snapshot {
    /// Days on which it holds.
    from: Option<Day>,
    to: Option<Day>,
    /// Its own date, where it has one.
    day: Option<Day>,
    /// Sorted by key, each once.
    drafts: Vec<Draft>,
    /// The person that each draft is.
    person_of: Vec<u32>,
}

/// Makes people of everything that was gathered.
///
/// # Errors
/// Pages are missing, or a snapshot lacks over a fifth of the people of the one before.
pub(super) fn settle(
    mut gathered: Gathered,
    dates: &BTreeSet<Day>,
    spec: &DirectorySpec,
    source: u32,
    directory: &mut Directory,
) -> Result<(), IngestError> {
    check_pages(&gathered.pages)?;
    let drafts = std::mem::take(&mut gathered.drafts);
    let has_named_managers = drafts.iter().any(|draft| draft.manager.is_some()) || !gathered.links.is_empty();
    directory.has_reporting_lines = spec.manager.is_some() || spec.manager_file.is_some() || has_named_managers;
    directory.ledger = std::mem::take(&mut gathered.ledger);
    directory.quarantine = std::mem::take(&mut gathered.quarantine);
    let mut snapshots = by_date(drafts, dates, source, directory);
    check_changes(&snapshots)?;
    let keys: BTreeSet<&str> =
        snapshots.iter().flat_map(|snapshot| snapshot.drafts.iter().map(|draft| draft.key.as_str())).collect();
    let keys: Vec<String> = keys.into_iter().map(str::to_string).collect();
    for snapshot in &mut snapshots {
        let rank = |draft: &Draft| keys.binary_search(&draft.key).map_or(u32::MAX, |at| at as u32);
        snapshot.person_of = snapshot.drafts.iter().map(rank).collect();
    }
    directory.people = keys.into_iter().map(|key| DirectoryPerson { key, intervals: Vec::new() }).collect();
    join(&snapshots, &gathered, directory);
    for snapshot in &snapshots {
        attach(snapshot, directory);
    }
    if dates.len() > 1 {
        directory.reaching_back_count = snapshots.first().map_or(0, |first| first.drafts.len() as u64);
    }
    Ok(())
}

fn check_pages(pages: &Pages) -> Result<(), IngestError> {
    let missing = pages.totals.values().find(|(total, held)| held < total);
    let message = match missing {
        Some((total, held)) => format!("the pages hold {held} of {total} resources"),
        None if pages.continued > 0 && pages.last == 0 => "every page names a next one".to_string(),
        None => return Ok(()),
    };
    Err(IngestError::Unusable(vec![Diagnostic::new(code::I201, message).hint(code::I201.remedy)]))
}

/// The records by date, each person once; the outcomes of repeated ones are written down.
fn by_date(drafts: Vec<Draft>, dates: &BTreeSet<Day>, source: u32, directory: &mut Directory) -> Vec<Snapshot> {
    let mut grouped: BTreeMap<Option<Day>, Vec<Draft>> = dates.iter().map(|&day| (Some(day), Vec::new())).collect();
    for draft in drafts {
        directory.bad_aliases_count += draft.bad_aliases;
        directory.more_units_count += u64::from(draft.has_more_units);
        directory.bad_levels_count += u64::from(draft.has_bad_level);
        grouped.entry(draft.snapshot).or_default().push(draft);
    }
    if grouped.is_empty() {
        grouped.insert(None, Vec::new()); // groups of nobody are lists all the same
    }
    let mut repeated = Tally::default();
    let days: Vec<Option<Day>> = grouped.keys().copied().collect();
    let mut snapshots = Vec::with_capacity(days.len());
    for (number, (day, mut drafts)) in grouped.into_iter().enumerate() {
        drop_repeated(&mut drafts, source, directory, &mut repeated);
        snapshots.push(Snapshot {
            from: day.filter(|_| number > 0),
            to: days.get(number + 1).copied().flatten(),
            day,
            drafts,
            person_of: Vec::new(),
        });
    }
    directory.notice(code::I301, repeated.count, repeated.first);
    snapshots
}

fn drop_repeated(drafts: &mut Vec<Draft>, source: u32, directory: &mut Directory, repeated: &mut Tally) {
    // Stable: of repeated persons the first row wins.
    drafts.sort_by(|a, b| a.key.cmp(&b.key));
    let line = |file: u32| LedgerKey { source, file, week: Ledger::UNDATED };
    drafts.dedup_by(|next, kept| {
        let same = next.key == kept.key;
        if same {
            directory.ledger.line(line(next.at.0)).duplicate += 1;
            if next.differs(kept) {
                repeated.add(next.at);
            }
        }
        same
    });
    for draft in drafts {
        directory.ledger.line(line(draft.at.0)).used += 1;
    }
}

/// How often something occurred, and where first.
#[derive(Default)]
struct Tally {
    count: u64,
    first: Option<(u32, u64)>,
}

impl Tally {
    fn add(&mut self, at: (u32, u64)) {
        self.count += 1;
        self.first.get_or_insert(at);
    }
}

fn check_changes(snapshots: &[Snapshot]) -> Result<(), IngestError> {
    for pair in snapshots.windows(2) {
        let (before, after) = (&pair[0].drafts, &pair[1].drafts);
        let stays = |draft: &&Draft| after.binary_search_by(|other| other.key.cmp(&draft.key)).is_ok();
        let gone = before.iter().filter(|draft| !stays(draft)).count();
        if gone * 100 > before.len() * MASS_CHANGE_PERCENT {
            let date = pair[1].day.map_or_else(String::new, |day| format!(" of {day}"));
            let message = format!("{gone} of {} people are gone from the snapshot{date}", before.len());
            let found = Diagnostic::new(code::I310, message).detail(code::I310.why).hint(code::I310.remedy);
            return Err(IngestError::Unusable(vec![found]));
        }
    }
    Ok(())
}

/// Gives everybody their intervals, with managers; equal neighbours join. The lists are those of the last snapshot.
fn join(snapshots: &[Snapshot], gathered: &Gathered, directory: &mut Directory) {
    let mut repairs = Repairs::default();
    let mut told = BTreeSet::new();
    for (number, snapshot) in snapshots.iter().enumerate() {
        let resolver = Resolver::new(&snapshot.drafts);
        let found = managers(&snapshot.drafts, &resolver, &gathered.links);
        // Each person is told of once, however many snapshots repeat it.
        let faults = [
            (code::I302, &found.dangling, &mut repairs.dangling),
            (code::I305, &found.ambiguous, &mut repairs.ambiguous),
            (code::I303, &found.cut, &mut repairs.cut),
            (code::I313, &found.own, &mut repairs.own),
        ];
        for (code, drafts, tally) in faults {
            for &draft in drafts {
                if told.insert((code.id, snapshot.person_of[draft as usize])) {
                    tally.add(snapshot.drafts[draft as usize].at);
                }
            }
        }
        add_intervals(snapshot, &found, &mut directory.people);
        if number + 1 == snapshots.len() {
            let groups: Vec<_> =
                gathered.groups.iter().filter(|group| group.snapshot == snapshot.day).cloned().collect();
            directory.lists = lists(&groups, &snapshot.drafts, &resolver, &snapshot.person_of);
            notice_repairs(snapshot, &found, directory, &repairs);
        }
    }
}

/// What was repaired in the reporting lines.
#[derive(Default)]
struct Repairs {
    dangling: Tally,
    ambiguous: Tally,
    cut: Tally,
    own: Tally,
}

/// Says what was repaired, and how many roots the last snapshot has.
fn notice_repairs(snapshot: &Snapshot, found: &Managers, directory: &mut Directory, repairs: &Repairs) {
    directory.notice(code::I302, repairs.dangling.count, repairs.dangling.first);
    directory.notice(code::I303, repairs.cut.count, None);
    let is_root = |(draft, (manager, _)): &(&Draft, &(Option<u32>, _))| {
        draft.facts.class == PersonClass::Person && manager.is_none()
    };
    let roots = snapshot.drafts.iter().zip(&found.of).filter(is_root).count() as u64;
    if directory.has_reporting_lines && roots > 1 {
        directory.notice(code::I304, roots, None);
    }
    directory.notice(code::I305, repairs.ambiguous.count, repairs.ambiguous.first);
    directory.notice(code::I313, repairs.own.count, repairs.own.first);
}

fn add_intervals(snapshot: &Snapshot, found: &Managers, people: &mut [DirectoryPerson]) {
    for ((draft, &person), &(manager, manager_state)) in snapshot.drafts.iter().zip(&snapshot.person_of).zip(&found.of)
    {
        let facts = &draft.facts;
        let interval = Interval {
            from: snapshot.from,
            to: snapshot.to,
            unit: facts.unit.clone(),
            labels: facts.labels.clone(),
            manager: manager.map(|manager| snapshot.person_of[manager as usize]),
            manager_state,
            class: facts.class,
            level: facts.level,
            hired_on: facts.hired_on,
            left_on: facts.left_on,
            is_active: facts.is_active,
        };
        let intervals = &mut people[person as usize].intervals;
        match intervals.last_mut() {
            Some(last) if last.to.is_some() && last.to == interval.from && last.says_the_same(&interval) => {
                last.to = interval.to;
            }
            _ => intervals.push(interval),
        }
    }
}

/// Attaches the handles and names of a snapshot, for the days on which the person worked.
fn attach(snapshot: &Snapshot, directory: &mut Directory) {
    for (draft, &person) in snapshot.drafts.iter().zip(&snapshot.person_of) {
        let claim = Claim {
            person,
            from: snapshot.from.max(draft.facts.hired_on),
            to: earlier(snapshot.to, draft.facts.left_on),
        };
        let hold = |lookup: &mut Lookup<String, Claims>, text: &String| {
            lookup.get_or_insert_with(text.clone(), Claims::default).prolong(claim);
        };
        draft.handles.iter().for_each(|handle| hold(&mut directory.handles, handle));
        draft.names.iter().for_each(|name| hold(&mut directory.names, name));
        if let Some(name) = &draft.shown_name {
            directory.shown_names.insert(person, name.clone());
        }
    }
}

impl Directory {
    fn notice(&mut self, code: Code, count: u64, first: Option<(u32, u64)>) {
        if count > 0 {
            self.notices.push(Notice { code, count, first });
        }
    }
}
