//! The end of a run: what is released is decided, everything is staged, and the run is committed.

use crate::earlier_windows::EarlierWindows;
use crate::error::Failure;
use crate::facts::facts;
use crate::history::{HISTORY, Own, history_files};
use crate::late::{late, late_windows};
use crate::manifest::{Described, ledger_lines, quarantine_lines};
use crate::members::Members;
use crate::memory::peak_memory_bytes;
use crate::observe::{Night, StageTime, Timed, night_warnings};
use crate::plan::Plan;
use crate::progress::Progress;
use crate::release::EarlierReleases;
use crate::run::{Outcome, RunOptions, Summary};
use crosstie_ingest::{Account, Directory, FileFingerprint, Ingested, Ledger};
use crosstie_measure::{Measures, catalogue_rows};
use crosstie_model::tables::{AccountRow, CoverageRow, UnitRow};
use crosstie_model::{
    Day, Diagnostic, Grouping, KeyedHash, Lookup, Measured, PersonId, Purpose, Record, Window, WindowTies, code,
};
use crosstie_privacy::{
    MasterKey, MeasuredTables, Past, Pseudonyms, Publication, Published, PublishedTables, RowCounts, Rules,
    SMALL_UNITS, Tags, publish, publish_coverage, publish_metrics,
};
use crosstie_report::Input;
use crosstie_store::{EncodedTable, Folder, Manifest, RunCost, StageCost, Staging, StoreError};
use rayon::prelude::*;
use std::mem::take;

/// What a run knows when everything is measured.
pub(crate) struct Finished<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) options: RunOptions,
    pub(crate) folder: &'a Folder,
    pub(crate) earlier: &'a [(Day, u32, Manifest, String)],
    pub(crate) key: &'a MasterKey,
    pub(crate) directory: &'a Directory,
    pub(crate) ingested: &'a Ingested,
    pub(crate) ledger: &'a Ledger,
    pub(crate) files: &'a [FileFingerprint],
    pub(crate) window: Window,
    pub(crate) run_id: String,
    /// The release that stands, where this run makes none.
    pub(crate) stands: Option<Day>,
    pub(crate) members: &'a Members,
    pub(crate) keyed_ids: &'a [i64],
    pub(crate) person_ids: &'a [PersonId],
    pub(crate) person_of_id: &'a Lookup<i64, u32>,
    pub(crate) pseudonyms: Pseudonyms<'a>,
    pub(crate) ties: &'a WindowTies,
    /// Accounts that behave like machines, with what they sent.
    pub(crate) flagged: &'a [(i64, u64)],
    /// The largest share of a source's weeks without data.
    pub(crate) gaps: f64,
}

impl Finished<'_> {
    /// Decides what is released, stages everything, and commits.
    pub(crate) fn commit(
        self,
        mut measures: Measures,
        weeks: Vec<Measured<CoverageRow>>,
        mut summary: Summary,
        progress: &mut Timed<'_>,
    ) -> Result<Outcome, Failure> {
        progress.stage("publish");
        count_bridges(&measures, &mut summary);
        let rules = Rules { min_people: self.plan.min_people };
        let coverage = publish_coverage(weeks, rules);
        // The largest tables are encoded beside what is decided, which takes one thread.
        let (ties, carriers) = (take(&mut measures.ties), take(&mut measures.pair_carriers));
        let release = || match self.stands {
            Some(_) => Ok(None),
            None => self.release(&mut measures, coverage.clone(), rules, progress).map(Some),
        };
        // It also gives their memory back, which for millions of rows takes a while.
        let run_id = self.run_id.as_str();
        let encode = move || (encoded(ties, run_id), encoded(carriers, run_id));
        let (released, (encoded_ties, encoded_carriers)) = rayon::join(release, encode);
        let (released, encoded_ties, encoded_carriers) = (released?, encoded_ties?, encoded_carriers?);
        summary.stands = self.stands.map(|date| (date, date.plus(self.plan.release_days as i32)));
        if let Some(released) = &released {
            count_silos(released, &mut summary);
        }

        progress.stage("write");
        let listed = self.ingested.roll.accounts(self.directory, self.window.last);
        let nothing = RowCounts::new();
        let described = Described {
            plan: self.plan,
            summary: &summary,
            directory: self.directory,
            ingested: self.ingested,
            accounts: &listed,
            members: self.members,
            ties: self.ties,
            ledger: self.ledger,
            withheld: released.as_ref().map_or(&nothing, |released| &released.withheld),
            carried: released.as_ref().map_or(&nothing, |released| &released.carried),
        };
        let mut manifest = Manifest {
            run_id: self.run_id.clone(),
            key_id: self.key.key_id().into(),
            epoch: self.pseudonyms.epoch(),
            wall_clock_day: self.options.today.to_string(),
            status: self.status().into(),
            ..described.manifest(self.window, self.files)
        };
        let windows =
            released.is_some().then(|| EarlierWindows::read(self.folder.root(), self.earlier, self.window.first));
        self.warn(&mut manifest, windows.as_ref().and_then(EarlierWindows::notice), progress);

        // From here on a request to stop is heeded before each part; the folder of a run that ends early is removed.
        let may_go_on = || self.options.stop.check();
        may_go_on()?;
        let mut staging = self.folder.begin(&self.run_id, self.window.last)?;
        match released.as_ref().zip(windows) {
            Some((released, EarlierWindows { windows, unreadable })) => {
                stage_published(&mut staging, &released.tables)?;
                may_go_on()?;
                let facts = facts(&manifest);
                let input =
                    Input { tables: &released.tables, facts: &facts, earlier: &windows, unreadable: &unreadable };
                let pages = crosstie_report::render(&input);
                staging.reports(&[
                    ("index.html", pages.html.as_bytes()),
                    ("report.md", pages.markdown.as_bytes()),
                    ("transparency.html", pages.transparency.as_bytes()),
                ])?;
                staging.release(&released.release);
            }
            None => {
                staging.published(&coverage)?;
                staging.published(&publish_metrics(catalogue_rows()))?;
            }
        }
        may_go_on()?;
        staging.restricted(&measures.people)?;
        staging.restricted_encoded(&encoded_carriers)?;
        if self.plan.keep_replicates {
            staging.restricted(&measures.replicates)?;
        }
        staging.restricted(&self.accounts(&listed))?;
        may_go_on()?;
        staging.restricted_encoded(&encoded_ties)?;
        self.stage_state(&mut staging, &measures, released.as_ref())?;
        manifest.cost = Some(self.cost(progress));
        let report = self.plan.output.join(format!("reports/{}/index.html", self.stands.unwrap_or(self.window.last)));
        may_go_on()?;
        let manifest = staging.commit(manifest)?;
        Ok(Outcome::Committed { summary, manifest, report })
    }

    /// What may be shown of the rows of groups, which are taken out of `measures`.
    fn release(
        &self,
        measures: &mut Measures,
        coverage: Published<CoverageRow>,
        rules: Rules,
        progress: &mut Timed<'_>,
    ) -> Result<Publication, Failure> {
        let earlier = EarlierReleases::find(self.folder.root(), self.window)?;
        if let Some(found) = earlier.notice() {
            progress.notice(&found);
        }
        let token = |&person: &usize| self.key.hash(Purpose::Person, &[self.directory.people[person].key.as_bytes()]);
        let tokens: Vec<[u8; 16]> = self.members.person_of.par_iter().map(token).collect();
        let past = Past {
            is_incomplete: earlier.missing.is_some(),
            shown: earlier.shown.as_ref().map(|(at, tables)| (*at, tables)),
            ..Past::nothing(self.window.last, self.plan.window_days, Tags::new(self.key, &tokens))
        };
        let members = self.members;
        let groupings: Vec<Grouping> = std::iter::once(&members.shown_units).chain(&members.compare).cloned().collect();
        let measured = MeasuredTables {
            groupings,
            units: take(&mut measures.units),
            unit_pairs: take(&mut measures.unit_pairs),
            communities: take(&mut measures.communities),
            hierarchy: take(&mut measures.hierarchy),
            freedoms: take(&mut measures.freedoms),
            introductions: take(&mut measures.introductions),
            trends: take(&mut measures.trends),
            ended: take(&mut measures.ended),
            organization: take(&mut measures.organization),
            sensitivity: take(&mut measures.sensitivity),
            everybody: take(&mut measures.everybody),
            metrics: catalogue_rows(),
        };
        Ok(publish(earlier.releases(), measured, coverage, rules, past)?)
    }

    fn status(&self) -> &'static str {
        let is_partial = !self.ingested.skipped_files.is_empty() || self.plan.has_partial_source();
        if self.gaps > 0.0 || is_partial { "incomplete" } else { "complete" }
    }

    /// What came late, and what is unusual against earlier nights.
    fn warn(&self, manifest: &mut Manifest, unreadable: Option<Diagnostic>, progress: &mut Timed<'_>) {
        let before: Vec<&Manifest> = self.earlier.iter().map(|(_, _, manifest, _)| manifest).collect();
        manifest.late = late(&manifest.used_by_day, self.window.last, &before);
        let mut warnings = Night::new(manifest, None).map_or_else(Vec::new, |tonight| {
            let nights: Vec<Night> = before.iter().filter_map(|manifest| Night::new(manifest, None)).collect();
            night_warnings(&tonight, &nights, None)
        });
        let late = late_windows(&self.ingested.used_by_day, self.plan, &before);
        for found in late.into_iter().chain(unreadable) {
            progress.notice(&found);
            warnings.push(found);
        }
        warnings.iter().for_each(|found| *manifest.warnings.entry(found.code.id.into()).or_default() += 1);
    }

    /// Accounts that were set aside or flagged.
    fn accounts(&self, listed: &[Account]) -> Vec<AccountRow> {
        let row = |account: &Account| AccountRow {
            account_id: self.pseudonyms.account(account.handle_id),
            class: account.class.into(),
            reason: account.reason.into(),
            message_count: account.message_count as i64,
        };
        with_flagged(listed.iter().map(row).collect(), self.flagged_rows())
    }

    /// Accounts that behave like machines, for whoever has to look at them.
    fn flagged_rows(&self) -> Vec<AccountRow> {
        let row = |&(id, sent): &(i64, u64)| AccountRow {
            account_id: match self.person_of_id.get(&id) {
                Some(&person) => self.pseudonyms.person(&self.directory.people[person as usize].key),
                None => self.pseudonyms.account(id),
            },
            class: code::I309.name.into(),
            reason: "writes around the clock or to very many, and hardly anybody answers".into(),
            message_count: sent as i64,
        };
        self.flagged.iter().map(row).collect()
    }

    /// What later runs need, and where every record went.
    fn stage_state(
        &self,
        staging: &mut Staging<'_>,
        measures: &Measures,
        released: Option<&Publication>,
    ) -> Result<(), Failure> {
        let quarantine = quarantine_lines(self.directory.quarantine.iter().chain(&self.ingested.quarantine));
        staging.state("quarantine", &[("quarantine.jsonl", quarantine.as_bytes())])?;
        let history = history_files(&Own {
            people: self.keyed_ids,
            person_ids: self.person_ids,
            bridge_marks: &measures.bridge_marks,
            tracked: &measures.tracked,
            next_community: measures.next_community,
            replicates: self.plan.measure.replicates,
            date: self.window.last,
            published: released.map(|released| &released.tables.trends),
        });
        staging.state(HISTORY, &history.each_ref().map(|(name, bytes)| (*name, bytes.as_slice())))?;
        staging.state("ledger", &[("ledger.jsonl", ledger_lines(self.ledger, self.plan).as_bytes())])?;
        Ok(())
    }

    fn cost(&self, progress: &Timed<'_>) -> RunCost {
        let stage = |time: StageTime| StageCost { stage: time.stage, seconds: time.seconds };
        RunCost {
            threads: rayon::current_num_threads() as u64,
            stages: progress.so_far().into_iter().map(stage).collect(),
            steps: progress.steps_so_far().into_iter().map(stage).collect(),
            peak_memory_bytes: peak_memory_bytes(),
            memory_limit_bytes: self.options.memory,
        }
    }
}

fn encoded<R: Record>(rows: Vec<R>, run_id: &str) -> Result<EncodedTable, StoreError> {
    EncodedTable::of(&rows, run_id)
}

fn count_bridges(measures: &Measures, summary: &mut Summary) {
    summary.bridge_candidates = measures.bridge_candidates_count;
    summary.bridges = count_of(measures.bridge_marks.iter().copied());
    summary.lasting_bridges = count_of(measures.people.iter().map(|person| person.bridge));
    summary.lasting_bridge_candidates = measures.people.iter().filter(|person| person.bridge.is_some()).count() as u64;
    summary.betweenness_pivots = measures.betweenness_pivot_count as u64;
}

fn count_silos(released: &Publication, summary: &mut Summary) {
    summary.withheld = released.withheld.values().sum();
    summary.carried = released.carried.values().sum();
    let units = released.tables.units.rows().iter();
    // What is left of small units is no unit of its own.
    let is_own = |unit: &&UnitRow| unit.grouping == "unit" && unit.unit != SMALL_UNITS;
    let judged = units.filter(is_own).filter(|unit| unit.evidence == "enough");
    summary.judged_units = judged.clone().count() as u64;
    summary.compared_units = judged.clone().filter(|unit| unit.silo.is_some()).count() as u64;
    summary.silos = judged.filter(|unit| unit.silo == Some(true)).map(|unit| unit.unit.clone()).collect();
}

/// How many are true.
fn count_of(marks: impl Iterator<Item = Option<bool>>) -> u64 {
    marks.filter(|mark| *mark == Some(true)).count() as u64
}

/// One row an account: what is flagged says so, unless it was set aside already.
fn with_flagged(mut accounts: Vec<AccountRow>, flagged: Vec<AccountRow>) -> Vec<AccountRow> {
    for row in flagged {
        match accounts.iter_mut().find(|known| known.account_id == row.account_id) {
            Some(known) if known.class == "unknown" => *known = row,
            Some(_) => {}
            None => accounts.push(row),
        }
    }
    accounts
}

fn stage_published(staging: &mut Staging<'_>, tables: &PublishedTables) -> Result<(), Failure> {
    staging.published(&tables.units)?;
    staging.published(&tables.unit_pairs)?;
    staging.published(&tables.communities)?;
    staging.published(&tables.hierarchy)?;
    staging.published(&tables.freedoms)?;
    staging.published(&tables.introductions)?;
    staging.published(&tables.trends)?;
    staging.published(&tables.organization)?;
    staging.published(&tables.sensitivity)?;
    staging.published(&tables.coverage)?;
    staging.published(&tables.metrics)?;
    Ok(())
}
