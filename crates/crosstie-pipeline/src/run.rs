//! The main job: the stages in order, committed as one run.

use crate::beside_ties::{DAYS_BEFORE, packed_day, ties_and_variants, window_groups, window_openers};
use crate::choose_date::choose_date;
use crate::erase::finish_erasure;
use crate::error::{Exit, Failure};
use crate::history::Chosen;
use crate::identity::run_id;
use crate::members::{Grouped, Members, members};
use crate::memory::MemoryLimit;
use crate::observe::{Timed, now};
use crate::plan::Plan;
use crate::policy::check_policy;
use crate::progress::Progress;
use crate::publish_run::Finished;
use crate::read::{Read, ReadOptions, all_sources, balance, check_input, person_id, read_sources, tell_notices};
use crate::release::stands;
use crate::stop::StopRequest;
use crosstie_ingest::{Counts, Ingested, Ledger, coverage};
use crosstie_measure::{Input, measure};
use crosstie_model::{Day, Diagnostic, Lookup, Measured, Micros, Window, code};
use crosstie_privacy::{MasterKey, Pseudonyms};
use crosstie_store::{DayFile, DayFiles, DayIndex, Folder, Manifest, Shelf, create_key, find_manifests, read_key};
use crosstie_ties::{DayTies, PackedDay, machine_like};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Share of a source's weeks without data above which no unit has a number.
const GAP_SHARE: f64 = 0.2;

/// A stage after which a run can stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Messages and ledger.
    Ingest,
    /// Ties.
    Ties,
    /// The graph.
    Graph,
    /// Measures.
    Measure,
}

/// How to run.
#[derive(Clone, Copy, Debug)]
pub struct RunOptions {
    /// The run's date; the last day that every source has passed where `None`.
    pub date: Option<Day>,
    /// Whether every file is read and every day merged, whatever earlier runs left.
    pub full: bool,
    /// Stop after this stage; nothing is committed.
    pub until: Option<Stage>,
    /// Whether new numbers are released whatever `privacy.release_days` says.
    pub release: bool,
    /// Where the run can be asked to stop.
    pub stop: StopRequest,
    /// Threads; all cores where `None`.
    pub threads: Option<usize>,
    /// Limit on the memory of the process, in bytes.
    pub memory: Option<u64>,
    /// The UTC day on which the run happens: times more than two days later are not believed.
    pub today: Day,
}

/// What a run did, in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// The run's date.
    pub date: Day,
    /// Why that date, where none was asked for.
    pub date_reason: Option<String>,
    /// First day of the window.
    pub window_first: Day,
    /// Members on the date.
    pub people: u64,
    /// Units that reports compare, after roll-up.
    pub units: u64,
    /// Members without a unit.
    pub without_unit: u64,
    /// Messages of the window within the recipient limit.
    pub messages: u64,
    /// Those of them that made a tie.
    pub tied_messages: u64,
    /// Records of all sources.
    pub records: Counts,
    /// Names of the units that are silos.
    pub silos: Vec<String>,
    /// Units with evidence.
    pub judged_units: u64,
    /// Units that could be compared with units of their kind.
    pub compared_units: u64,
    /// People with at least 5 ends whose `bridge_p` is at most 0.05.
    pub bridges: u64,
    /// People with at least 5 ends.
    pub bridge_candidates: u64,
    /// People who are bridges in at least two of three windows.
    pub lasting_bridges: u64,
    /// People of whom that can be told.
    pub lasting_bridge_candidates: u64,
    /// People from whom betweenness was searched; 0 where it is exact.
    pub betweenness_pivots: u64,
    /// Rows withheld.
    pub withheld: u64,
    /// Rows that go on showing an earlier value.
    pub carried: u64,
    /// The date of the release that stands, and the first on which the next one is due; `None` where this run released.
    pub stands: Option<(Day, Day)>,
    /// Accounts that behave like machines.
    pub machine_like: u64,
    /// Joins, leaves and channels made, among the records used.
    pub chat_events: u64,
}

/// How a run ended well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Committed.
    Committed {
        /// Numbers.
        summary: Summary,
        /// The manifest.
        manifest: PathBuf,
        /// The report.
        report: PathBuf,
    },
    /// The same run is committed already: no output was written.
    AlreadyDone {
        /// The run's date.
        date: Day,
        /// Its report.
        report: PathBuf,
        /// Whether files were read or days merged anew, and what lasts of that was written.
        renewed: bool,
    },
    /// Stopped after a stage as asked; nothing was committed.
    Stopped {
        /// Numbers so far.
        summary: Summary,
    },
}

/// Runs a plan.
///
/// # Errors
/// Everything that ended it; nothing is half written.
pub fn run(plan: &Plan, options: RunOptions, progress: &mut (dyn Progress + Send)) -> Result<Outcome, Failure> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(options.threads.unwrap_or(0))
        .build()
        .map_err(|error| Failure::new(Exit::TryAgain, Diagnostic::new(code::C107, error.to_string())))?;
    pool.install(|| run_stages(plan, options, &mut Timed::new(progress)))
}

fn run_stages(plan: &Plan, options: RunOptions, progress: &mut Timed<'_>) -> Result<Outcome, Failure> {
    check_policy(&plan.to_json(), options.today)?;
    let memory = MemoryLimit(options.memory);
    let may_go_on = || options.stop.check().and_then(|()| memory.check());
    let folder = Folder::open(&plan.output)?;
    let earlier = find_manifests(&plan.output)?;
    let key = match read_key(&plan.key_file)? {
        Some(key) => key,
        None => create_key(&plan.key_file)?,
    };
    check_key(&key, earlier.last().map(|(_, _, manifest, _)| manifest))?;
    finish_erasure(&folder, &key, options.today)?;
    let earlier = find_manifests(&plan.output)?;

    progress.stage("ingest");
    let day_files = DayFiles::open(folder.root())?;
    let shelf = Shelf::open(folder.root(), key.key_id())?;
    let names: Vec<(String, bool)> =
        plan.sources.iter().map(|source| source.name.clone()).zip(plan.complete.iter().copied()).collect();
    let read = {
        let RunOptions { today, full, stop, .. } = options;
        let now = Micros(i64::try_from(now().as_micros()).unwrap_or(i64::MAX));
        let seen_within = |ledger: &Ledger| {
            let date = options.date.or_else(|| Some(choose_date(ledger, &names)?.0)).unwrap_or_default();
            let Window { first, last } = Window::ending(date, plan.window_days);
            (first, last)
        };
        let days = Some((&day_files, &shelf));
        let options = ReadOptions { today, memory, stop, days, seen_within: &seen_within, full, now };
        read_sources(plan, &key, options, progress)?
    };
    let (date, date_reason) = match options.date {
        Some(date) => (date, None),
        None => {
            let nothing = || {
                Failure::new(
                    Exit::Data,
                    Diagnostic::new(code::I211, "no source holds a record")
                        .hint("check `path` and the files of every source"),
                )
            };
            let (date, why) = choose_date(&read.ingested.ledger, &names).ok_or_else(nothing)?;
            (date, Some(why))
        }
    };
    let Read { directory, mut ingested, days } = read;
    ingested.ledger.place_undated(date);
    let mut directory_ledger = directory.ledger.clone();
    directory_ledger.place_undated(date);
    let balanced = balance(ingested.ledger.clone(), &directory_ledger)?;
    if ingested.handle_collision {
        return Err(Failure::new(Exit::Bug, Diagnostic::new(code::X102, code::X102.what).hint(code::X102.remedy)));
    }
    check_input(plan, &directory, &ingested)?;
    let mut summary = Summary { date, date_reason, records: all_sources(balanced.get(), plan), ..Summary::default() };
    summary.chat_events = ingested.events.len() as u64;
    if options.until == Some(Stage::Ingest) {
        return Ok(Outcome::Stopped { summary });
    }

    let plan_json = plan.to_json();
    let known_files = plan.known.fingerprints(&plan.beside)?;
    let files: Vec<_> = directory.files.iter().chain(&ingested.files).chain(&known_files).cloned().collect();
    let window = Window::ending(date, plan.window_days);
    let chosen = Chosen::of(&earlier, window);
    let run_id = run_id(date, &files, &plan_json, key.key_id(), &chosen.hashes());
    let stands = stands(&earlier, date, plan.release_days).filter(|_| !options.release);
    let report = plan.output.join(format!("reports/{}/index.html", stands.unwrap_or(date)));
    let is_done = |manifest: &Manifest| manifest.run_id == run_id && (stands.is_some() || manifest.release.is_some());
    let newest = earlier.iter().rfind(|(day, ..)| *day == date);
    let index = DayIndex {
        key_id: key.key_id().into(),
        days: days.iter().map(|(day, file)| (day.to_string(), file.clone())).collect(),
    };
    if newest.is_some_and(|(_, _, manifest, _)| is_done(manifest)) && options.until.is_none() {
        // What lasts was damaged, of another form, or not to be used: else the next run would do all that again.
        let renewed = ingested.spared.files_read + ingested.spared.days_merged > 0;
        if renewed {
            keep_state(&day_files, &index, shelf, &ingested)?;
        }
        return Ok(Outcome::AlreadyDone { date, report, renewed });
    }
    tell_notices(plan, &directory, &ingested, progress);

    may_go_on()?;
    progress.stage("ties");
    keep_state(&day_files, &index, shelf, &ingested)?;
    let grouped =
        Grouped { branch_level: plan.unit.branch_level(), compare: &plan.compare, min_people: plan.min_people };
    let members = members(&directory, date, grouped, &ingested.opted_out, &key);
    tell_managers_left(&members, date, progress);
    let held_from = days.iter().map(|(day, _)| *day).min().unwrap_or(window.first);
    let held = Window { first: window.first.plus(-DAYS_BEFORE), last: window.last };
    let in_window = days.iter().filter(|(day, _)| held.contains(*day));
    let in_window: Vec<&DayFile> = in_window.map(|(_, file)| file).collect();
    summary.window_first = window.first;
    summary.people = members.organization.len() as u64;
    summary.units = members.shown_units.labels.len() as u64;
    summary.without_unit = members.units.unit_of.iter().filter(|unit| unit.is_none()).count() as u64;
    if options.until == Some(Stage::Ties) {
        // Every day is read and checked, and none is held.
        let sums = in_window.par_iter().map(|file| Ok(packed_day(&day_files.read(file)?)?.sums));
        let sums: Vec<DayTies> = sums.collect::<Result<_, Failure>>()?;
        add_sums(&mut summary, sums.iter().filter(|day| window.contains(day.day)));
        return Ok(Outcome::Stopped { summary });
    }
    let bytes: Vec<Vec<u8>> = in_window.par_iter().map(|file| day_files.read(file)).collect::<Result<_, _>>()?;
    let held: Vec<PackedDay<'_>> = bytes.iter().map(|bytes| packed_day(bytes)).collect::<Result<_, _>>()?;
    let packed: Vec<PackedDay<'_>> = held.iter().filter(|day| window.contains(day.day)).cloned().collect();
    add_sums(&mut summary, packed.iter().map(|day| &day.sums));
    may_go_on()?;
    progress.stage("graph");
    let mut member_of_id: Lookup<i64, u32> = Lookup::new();
    let mut keyed_ids = vec![0; members.organization.len()];
    let mut person_of_id: Lookup<i64, u32> = Lookup::new();
    for (number, person) in (0..).zip(&directory.people) {
        let id = person_id(&key, person);
        person_of_id.insert(id, number);
        if let Some(member) = members.member_of[number as usize] {
            member_of_id.insert(id, member);
            keyed_ids[member as usize] = id;
        }
    }
    let values = plan.null.values(&members, window)?;
    let chance = plan.null.chance(values.as_ref());
    let people_count = members.organization.len();
    let (ties, variants, contact) = ties_and_variants(&held, &member_of_id, people_count, window, plan, chance);
    if options.until == Some(Stage::Graph) {
        return Ok(Outcome::Stopped { summary });
    }
    if members.organization.is_empty() {
        let nobody = Diagnostic::new(code::I211, format!("nobody in the directory is a member on {date}"));
        return Err(Failure::new(
            Exit::Data,
            nobody.hint("check `hired_on`, `left_on` and `class` of the directory, and the date"),
        ));
    }

    if ties.ties.is_empty() {
        return Err(no_contact(window, &ingested.ledger));
    }
    if let Some(last) = newest_day(&ingested.ledger).filter(|&last| last < date) {
        let ends = Diagnostic::new(code::I503, format!("the newest record is of {last}, the run's date is {date}"));
        progress.notice(&ends.detail(code::I503.why).hint(code::I503.remedy));
    }

    may_go_on()?;
    progress.stage("measure");
    let pseudonyms = Pseudonyms::new(&key, date);
    let person_ids: Vec<_> =
        members.person_of.iter().map(|&person| pseudonyms.person(&directory.people[person].key)).collect();
    let weeks = coverage(&plan.sources, &ingested, window.first, window.last, &plan.holidays);
    let gaps = gap_share(&weeks);
    progress.part("machines", 0, 0);
    let flagged = machine_like(&packed, plan.known.machines);
    summary.machine_like = flagged.len() as u64;
    let mut machines = vec![false; members.person_of.len()];
    flagged.iter().filter_map(|(id, _)| member_of_id.get(id)).for_each(|&member| machines[member as usize] = true);
    progress.part("openers", 0, 0);
    let openers = window_openers(&contact, &machines, window, held_from, plan);
    drop(contact);
    progress.part("earlier windows", 0, 0);
    let known = chosen.read(folder.root(), &member_of_id, members.organization.len(), &plan_json)?;
    drop((held, packed));
    drop(bytes);
    let new_groups = window_groups(&day_files, &days, &member_of_id, &machines, window, plan)?;
    let under = (!plan.null.is_plain()).then(|| ties.under(chance));
    let input = Input {
        compare: &members.compare,
        openers: &openers,
        new_groups: new_groups.as_ref(),
        variants: &variants,
        keep_replicates: plan.keep_replicates,
        machine_like: &machines,
        organization: &members.organization,
        person_ids: &person_ids,
        grouping: &members.shown_units,
        window,
        ties: under.as_ref().unwrap_or(&ties),
        earlier: &known,
        coverage_gap: gaps > GAP_SHARE,
        params: &plan.measure,
    };
    let measures = measure(&input, &mut |what| {
        progress.part(what, 0, 0);
        options.stop.check()
    })?;
    if options.until == Some(Stage::Measure) {
        return Ok(Outcome::Stopped { summary });
    }

    may_go_on()?;
    let finished = Finished {
        plan,
        options,
        folder: &folder,
        earlier: &earlier,
        key: &key,
        directory: &directory,
        ingested: &ingested,
        ledger: balanced.get(),
        files: &files,
        window,
        run_id,
        stands,
        members: &members,
        keyed_ids: &keyed_ids,
        person_ids: &person_ids,
        person_of_id: &person_of_id,
        pseudonyms,
        ties: &ties,
        flagged: &flagged,
        gaps,
    };
    finished.commit(measures, weeks, summary, progress)
}

/// Makes the days and what was read count for the runs to come.
fn keep_state(days: &DayFiles, index: &DayIndex, shelf: Shelf, ingested: &Ingested) -> Result<(), Failure> {
    days.commit(index)?;
    if let Some(book) = &ingested.book {
        shelf.commit(&book.bytes, &book.places)?;
    }
    Ok(())
}

/// Says for how many members somebody else stands in the manager's place.
fn tell_managers_left(members: &Members, date: Day, progress: &mut Timed<'_>) {
    let count = members.manager_left_count;
    if count > 0 {
        let message = format!("the managers of {count} members are no members on {date}");
        progress.notice(&Diagnostic::new(code::I312, message).detail(code::I312.why).hint(code::I312.remedy));
    }
}

/// Adds what days say of their messages.
fn add_sums<'d>(summary: &mut Summary, days: impl Iterator<Item = &'d DayTies>) {
    for day in days {
        summary.messages += day.messages_count;
        summary.tied_messages += day.tied_messages_count;
    }
}

fn newest_day(ledger: &Ledger) -> Option<Day> {
    ledger.times.values().map(|&(_, last)| last.day()).max()
}

fn no_contact(window: Window, ledger: &Ledger) -> Failure {
    let message = format!("no message from {} to {} makes a tie between two members", window.first, window.last);
    let mut nothing = Diagnostic::new(code::I502, message).hint(code::I502.remedy);
    let first = ledger.times.values().map(|&(first, _)| first.day()).min();
    nothing.detail = first.zip(newest_day(ledger)).map(|(first, last)| format!("records are of {first} to {last}"));
    Failure::new(Exit::Data, nothing)
}

pub(crate) fn check_key(key: &MasterKey, newest: Option<&Manifest>) -> Result<(), Failure> {
    match newest {
        Some(manifest) if manifest.key_id != key.key_id() => {
            let other =
                Diagnostic::new(code::P103, "this output folder was written with another key").hint(code::P103.remedy);
            Err(Failure::new(Exit::NotAllowed, other))
        }
        _ => Ok(()),
    }
}

/// The largest share of a source's weeks that are marked as gaps.
fn gap_share(weeks: &[Measured<crosstie_model::tables::CoverageRow>]) -> f64 {
    let mut by_source: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    for week in weeks {
        let (gaps, all) = by_source.entry(&week.row.source).or_default();
        *gaps += u32::from(week.row.gap);
        *all += 1;
    }
    by_source.values().map(|&(gaps, all)| f64::from(gaps) / f64::from(all)).fold(0.0, f64::max)
}
