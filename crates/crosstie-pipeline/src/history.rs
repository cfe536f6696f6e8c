//! What a run keeps for later runs, in `state/history/DATE`, and what it takes from earlier ones: who was in which unit and
//! community and who stood out as a bridge, by keyed id, and the openness of units and communities in every draw.
//!
//! Nothing else of an earlier run is needed: draws are named by people, so equal numbers draw equal people in all runs.
//! Contact itself is not kept here.

use crate::error::Failure;
use crosstie_measure::{Earlier, EarlierSilo, EarlierWindow, TrackedSilo};
use crosstie_model::tables::TrendRow;
use crosstie_model::{Day, Lookup, PersonId, Window};
use crosstie_privacy::{Published, drawn_pseudonym};
use crosstie_store::{Manifest, StoreError, newest_of_each_date, read_output};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// The folder in `state`.
pub(crate) const HISTORY: &str = "history";
const MEMBERS: &str = "members.json";
const DRAWS: &str = "draws.f64";
/// Days that a window ends before this one, at least, for events to compare with it.
const DAYS_APART: i32 = 7;
/// Changes where openness is defined anew: then no change is told against runs before.
const FORMAT: u32 = 1;

/// What is kept of one window. People are numbered as in `people`.
#[derive(Debug, Serialize, Deserialize, PartialEq)]
struct Kept {
    format: u32,
    /// Draws of each silo.
    replicates: u32,
    next_community: u64,
    /// Keyed ids.
    people: Vec<i64>,
    /// Their pseudonyms in the run's restricted tables: so that a tie can be looked up in the days.
    pseudonyms: Vec<String>,
    /// Whether each stood out as a bridge.
    bridge: Vec<Option<bool>>,
    silos: Vec<KeptSilo>,
}

/// A unit or community. Its draws are kept where its openness was published.
#[derive(Debug, Serialize, Deserialize, PartialEq)]
struct KeptSilo {
    silo_id: String,
    grouping: String,
    unit: Option<String>,
    people: Vec<u32>,
    openness: Option<f64>,
    was_shown: bool,
}

/// What a run knows of itself once it is published.
pub(crate) struct Own<'a> {
    pub(crate) people: &'a [i64],
    pub(crate) person_ids: &'a [PersonId],
    pub(crate) bridge_marks: &'a [Option<bool>],
    pub(crate) tracked: &'a [TrackedSilo],
    pub(crate) next_community: u64,
    pub(crate) replicates: u32,
    /// The snapshot date.
    pub(crate) date: Day,
    /// `None` where the run released nothing.
    pub(crate) published: Option<&'a Published<TrendRow>>,
}

/// The files that a run keeps.
pub(crate) fn history_files(own: &Own<'_>) -> [(&'static str, Vec<u8>); 2] {
    // What shows an earlier value does not show what was measured: a change against it would.
    let of_date = own.published.into_iter().flat_map(Published::rows).filter(|row| row.as_of == Some(own.date));
    let shown: BTreeMap<&str, &TrendRow> = of_date.map(|row| (row.silo_id.as_str(), row)).collect();
    let mut draws = Vec::new();
    let silo = |tracked: &TrackedSilo| {
        let row = shown.get(tracked.silo_id.as_str());
        let openness = row.and_then(|row| row.openness);
        if openness.is_some() {
            for draw in &tracked.draws {
                draws.extend(draw.unwrap_or(f64::NAN).to_le_bytes());
            }
        }
        KeptSilo {
            silo_id: tracked.silo_id.clone(),
            grouping: tracked.grouping.clone(),
            unit: tracked.unit.clone(),
            people: tracked.members.clone(),
            openness,
            was_shown: row.is_some_and(|row| row.people_count.is_some()),
        }
    };
    let kept = Kept {
        format: FORMAT,
        replicates: own.replicates,
        next_community: own.next_community,
        people: own.people.to_vec(),
        pseudonyms: own.person_ids.iter().map(|id| id.expose().to_string()).collect(),
        bridge: own.bridge_marks.to_vec(),
        silos: own.tracked.iter().map(silo).collect(),
    };
    let mut members = serde_json::to_vec(&kept).expect("numbers and labels are JSON");
    members.push(b'\n');
    [(MEMBERS, members), (DRAWS, draws)]
}

/// Keyed ids of a run's members by pseudonym; `None` where the run kept none, or a purge took them.
pub(crate) fn ids_of(root: &Path, manifest: &Manifest) -> Result<Option<BTreeMap<String, i64>>, Failure> {
    if !manifest.outputs.iter().any(|output| output.path == members(manifest)) {
        return Ok(None);
    }
    let kept = Kept::read(root, manifest)?;
    Ok(Some(kept.pseudonyms.into_iter().zip(kept.people).collect()))
}

/// Whether an output is what a run keeps of people; the other file holds draws alone.
pub(crate) fn is_members(path: &str) -> bool {
    path.starts_with("state/history/") && path.ends_with(MEMBERS)
}

/// What a run keeps of one of its members.
pub(crate) struct KeptOf {
    /// Whether it stood out as a bridge.
    pub(crate) bridge: Option<bool>,
    /// Units and communities, with how they divide people.
    pub(crate) groups: Vec<(String, String)>,
}

/// What the run of a manifest keeps of somebody with one of these ids; `None` where it kept nothing.
pub(crate) fn kept_of(root: &Path, manifest: &Manifest, ids: &[i64]) -> Result<Option<KeptOf>, Failure> {
    if !manifest.outputs.iter().any(|output| output.path == members(manifest)) {
        return Ok(None);
    }
    let kept = Kept::read(root, manifest)?;
    let Some(at) = kept.people.iter().position(|id| ids.contains(id)) else { return Ok(None) };
    let is_in = |silo: &&KeptSilo| silo.people.contains(&(at as u32));
    let groups = kept.silos.iter().filter(is_in).map(|silo| (silo.grouping.clone(), silo.silo_id.clone())).collect();
    Ok(Some(KeptOf { bridge: kept.bridge[at], groups }))
}

/// The bytes of what a run keeps with ids and pseudonyms of nobody in the places of those that are gone, and how many
/// those are: positions stay, since silos and draws name people by them. `None` where the bytes are of another version.
pub(crate) fn without_people(
    bytes: &[u8],
    is_gone: &dyn Fn(i64, &str) -> bool,
    draw: &mut dyn FnMut() -> u64,
) -> Option<(Vec<u8>, u64)> {
    let mut kept: Kept = serde_json::from_slice(bytes).ok().filter(Kept::is_sound)?;
    let mut count = 0;
    for (id, pseudonym) in kept.people.iter_mut().zip(&mut kept.pseudonyms) {
        if is_gone(*id, pseudonym) {
            *id = (draw() >> 1) as i64;
            *pseudonym = drawn_pseudonym(draw);
            count += 1;
        }
    }
    let mut bytes = serde_json::to_vec(&kept).ok()?;
    bytes.push(b'\n');
    Some((bytes, count))
}

type Entry = (Day, u32, Manifest, String);

/// The earlier runs that count for a window.
pub(crate) struct Chosen<'m> {
    compared: Option<&'m Manifest>,
    apart: Option<&'m Manifest>,
    /// The newest without a day in common with `apart`.
    third: Option<&'m Manifest>,
    recent: Vec<&'m Manifest>,
}

impl<'m> Chosen<'m> {
    /// Chooses among committed releases: the newest of each earlier date that kept something.
    pub(crate) fn of(manifests: &'m [Entry], window: Window) -> Chosen<'m> {
        let has_history = |manifest: &Manifest| {
            manifest.release.is_some() && manifest.outputs.iter().any(|output| output.path == members(manifest))
        };
        let entries: Vec<(Day, &Manifest)> = newest_of_each_date(manifests)
            .into_iter()
            .filter(|(date, _, manifest, _)| *date < window.last && has_history(manifest))
            .map(|(date, _, manifest, _)| (*date, manifest))
            .collect();
        let newest_until = |day: Day| entries.iter().rfind(|(date, _)| *date <= day).map(|(_, manifest)| *manifest);
        let before = |manifest: &Manifest| window_of(manifest).first.plus(-1);
        let apart = newest_until(window.first.plus(-1));
        let since = window.last.plus(-DAYS_APART);
        Chosen {
            compared: newest_until(since),
            apart,
            third: apart.and_then(|apart| newest_until(before(apart))),
            recent: entries.iter().rev().take_while(|(date, _)| *date > since).map(|(_, manifest)| *manifest).collect(),
        }
    }

    /// What the run's identity holds of them.
    pub(crate) fn hashes(&self) -> Vec<String> {
        let all = self.compared.iter().chain(&self.apart).chain(&self.third).chain(&self.recent);
        let of_run = |manifest: &&Manifest| {
            let place = format!("state/{HISTORY}/");
            let own = manifest.outputs.iter().filter(move |output| output.path.starts_with(&place));
            own.map(|output| output.blake3.clone()).collect::<Vec<_>>()
        };
        let mut hashes: Vec<String> = all.flat_map(of_run).collect();
        hashes.sort();
        hashes.dedup();
        hashes
    }

    /// Reads them, told in the members of this run. `plan` is that of this run.
    pub(crate) fn read(
        &self,
        root: &Path,
        member_of_id: &Lookup<i64, u32>,
        member_count: usize,
        plan: &serde_json::Value,
    ) -> Result<Earlier, Failure> {
        let mut earlier = Earlier::default();
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        let mut take = |manifest: &'m Manifest, earlier: &mut Earlier| -> Result<usize, Failure> {
            if let Some(&at) = places.get(manifest.snapshot_date.as_str()) {
                return Ok(at);
            }
            let kept = Kept::read(root, manifest)?;
            earlier.next_community = earlier.next_community.max(kept.next_community);
            // Draws are wanted of the window that changes are against alone: they are most of what is kept.
            let is_apart = self.apart.is_some_and(|apart| apart.snapshot_date == manifest.snapshot_date);
            let draws = match is_apart {
                true => Some(read_output(root, manifest, &file(manifest, DRAWS))?),
                false => None,
            };
            let is_same_plan = kept.format == FORMAT && moving(&manifest.plan) == moving(plan);
            let window = kept.window(window_of(manifest), draws.as_deref(), member_of_id, member_count, is_same_plan);
            earlier.windows.push(window.ok_or_else(|| changed(root, manifest))?);
            places.insert(&manifest.snapshot_date, earlier.windows.len() - 1);
            Ok(earlier.windows.len() - 1)
        };
        for &manifest in &self.recent {
            let at = take(manifest, &mut earlier)?;
            earlier.recent.push(at);
        }
        if let Some(manifest) = self.compared {
            earlier.compared = Some(take(manifest, &mut earlier)?);
        }
        if let Some(manifest) = self.apart {
            earlier.apart = Some(take(manifest, &mut earlier)?);
        }
        for manifest in self.apart.into_iter().chain(self.third) {
            earlier.bridge_marks.push(Kept::read(root, manifest)?.marks(member_of_id, member_count));
        }
        Ok(earlier)
    }
}

impl Kept {
    fn read(root: &Path, manifest: &Manifest) -> Result<Kept, Failure> {
        let bytes = read_output(root, manifest, &members(manifest))?;
        let kept: Option<Kept> = serde_json::from_slice(&bytes).ok();
        // The hash is right, so another version wrote it.
        kept.filter(Kept::is_sound).ok_or_else(|| changed(root, manifest).into())
    }

    fn is_sound(&self) -> bool {
        let known = |silo: &KeptSilo| silo.people.iter().all(|&person| (person as usize) < self.people.len());
        let all = self.people.len();
        self.bridge.len() == all && self.pseudonyms.len() == all && self.silos.iter().all(known)
    }

    /// The members of this run that its people are.
    fn members(&self, member_of_id: &Lookup<i64, u32>) -> Vec<Option<u32>> {
        self.people.iter().map(|id| member_of_id.get(id).copied()).collect()
    }

    fn marks(&self, member_of_id: &Lookup<i64, u32>, member_count: usize) -> Vec<Option<bool>> {
        let mut marks = vec![None; member_count];
        for (member, &mark) in self.members(member_of_id).into_iter().zip(&self.bridge) {
            if let Some(member) = member {
                marks[member as usize] = mark;
            }
        }
        marks
    }

    /// `None` where there are not as many draws as there have to be. Without draws silos have none.
    fn window(
        &self,
        window: Window,
        draws: Option<&[u8]>,
        member_of_id: &Lookup<i64, u32>,
        member_count: usize,
        is_same_plan: bool,
    ) -> Option<EarlierWindow> {
        let members = self.members(member_of_id);
        let mut was_member = vec![false; member_count];
        members.iter().flatten().for_each(|&member| was_member[member as usize] = true);
        let has_draws = draws.is_some();
        let (numbers, rest) = draws.unwrap_or_default().as_chunks::<8>();
        let mut of_silos = numbers.chunks_exact(self.replicates as usize);
        let mut silos = Vec::with_capacity(self.silos.len());
        for silo in &self.silos {
            let draws: Vec<Option<f64>> = match silo.openness.filter(|_| has_draws) {
                Some(_) => of_silos.next()?.iter().map(|bytes| defined(f64::from_le_bytes(*bytes))).collect(),
                None => Vec::new(),
            };
            let mut people: Vec<u32> = silo.people.iter().filter_map(|&person| members[person as usize]).collect();
            people.sort_unstable();
            silos.push(EarlierSilo {
                grouping: silo.grouping.clone(),
                silo_id: silo.silo_id.clone(),
                unit: silo.unit.clone(),
                people_count: silo.people.len(),
                members: people,
                openness: silo.openness,
                draws,
                was_shown: silo.was_shown,
            });
        }
        let is_all = rest.is_empty() && of_silos.remainder().is_empty() && of_silos.next().is_none();
        is_all.then_some(EarlierWindow { window, was_member, silos, is_same_plan })
    }
}

fn defined(draw: f64) -> Option<f64> {
    (!draw.is_nan()).then_some(draw)
}

fn members(manifest: &Manifest) -> String {
    file(manifest, MEMBERS)
}

fn file(manifest: &Manifest, name: &str) -> String {
    format!("state/{HISTORY}/{}/{name}", manifest.snapshot_date)
}

fn changed(root: &Path, manifest: &Manifest) -> StoreError {
    StoreError::Changed { path: root.join(members(manifest)) }
}

/// The days of a run's window.
fn window_of(manifest: &Manifest) -> Window {
    let day = |text: &str| text.parse().unwrap_or_default();
    Window { first: day(&manifest.window_first), last: day(&manifest.window_last) }
}

/// The settings of a plan that can move openness, without where things lie.
fn moving(plan: &serde_json::Value) -> BTreeMap<&str, &serde_json::Value> {
    const SECTIONS: [&str; 5] = ["directory", "sources", "identity", "ties", "window"];
    const KEYS: [&str; 4] = ["measure.seed", "measure.replicates", "silos.resolution", "silos.restarts"];
    let moves = |key: &str| {
        let section = key.split('.').next().unwrap_or("");
        let is_place = key.ends_with(".path") || key.ends_with("_file") || key.ends_with(".complete");
        KEYS.contains(&key) || (SECTIONS.contains(&section) && !is_place)
    };
    let all = plan.as_object().into_iter().flatten();
    all.filter(|(key, _)| moves(key)).map(|(key, value)| (key.as_str(), value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crosstie_model::{Contribution, Measured};
    use crosstie_privacy::{MasterKey, MeasuredTables, NO_RELEASES, Past, Rules, Tags, publish, publish_coverage};
    use crosstie_store::OutputFile;

    fn manifest(date: &str, first: &str, has_history: bool) -> Entry {
        let mut manifest: Manifest = serde_json::from_value(serde_json::json!({
            "run_id": date, "kind": "run", "snapshot_date": date, "parent": null, "version": "0", "pipeline": "test",
            "window_first": first, "window_last": date, "key_id": "k", "epoch": 0, "plan": {}, "inputs": [],
            "ledger": [], "notices": {}, "counts": {}, "withheld": {}, "wall_clock_day": date, "status": "complete",
            "outputs": [],
        }))
        .unwrap();
        if has_history {
            manifest.release = Some(date.into());
            let path = members(&manifest);
            manifest.outputs.push(OutputFile { path, class: "state".into(), size: 1, blake3: date.into(), rows: None });
        }
        (date.parse().unwrap(), 1, manifest, String::new())
    }

    fn dates(chosen: &Chosen<'_>) -> [Option<&'static str>; 3] {
        let known = ["2026-01-04", "2026-02-01", "2026-02-26", "2026-03-01", "2026-03-04"];
        let date = |manifest: &Option<&Manifest>| {
            manifest.map(|manifest| *known.iter().find(|date| **date == manifest.snapshot_date).unwrap())
        };
        [date(&chosen.compared), date(&chosen.apart), date(&chosen.third)]
    }

    #[test]
    fn events_need_a_week_and_changes_no_common_day() {
        let run = |date: &str| {
            let first = date.parse::<Day>().unwrap().plus(-27).to_string();
            manifest(date, &first, true)
        };
        let all: Vec<Entry> =
            ["2026-01-04", "2026-02-01", "2026-02-26", "2026-03-01", "2026-03-04"].map(run).into_iter().collect();
        let window = |last: &str| Window::ending(last.parse().unwrap(), 28);
        let on = |last: &str| Chosen::of(&all, window(last));
        // 1 March is a day short of a week before 7 March; 28 days end on 1 March, then on 1 February.
        let first = on("2026-03-07");
        assert_eq!(dates(&first), [Some("2026-02-26"), Some("2026-02-01"), Some("2026-01-04")]);
        assert_eq!(
            first.recent.iter().map(|m| m.snapshot_date.as_str()).collect::<Vec<_>>(),
            ["2026-03-04", "2026-03-01"]
        );
        assert_eq!(dates(&on("2026-03-29")), [Some("2026-03-04"), Some("2026-03-01"), Some("2026-02-01")]);
        assert_eq!(dates(&on("2026-03-01")), [Some("2026-02-01"), Some("2026-02-01"), Some("2026-01-04")]);
        assert_eq!(dates(&on("2026-01-04")), [None; 3], "the run of the date itself is no earlier one");
        // What a purge took counts no longer.
        let without: Vec<Entry> = vec![manifest("2026-01-04", "2025-12-08", false)];
        assert_eq!(dates(&Chosen::of(&without, window("2026-03-01"))), [None; 3]);
        assert_eq!(first.hashes(), ["2026-01-04", "2026-02-01", "2026-02-26", "2026-03-01", "2026-03-04"]);
    }

    #[test]
    fn what_is_kept_comes_back_in_the_people_of_another_day() {
        let row = |silo_id: &str, openness: Option<f64>, people: Option<i64>| TrendRow {
            silo_id: silo_id.into(),
            period_start: Day(0),
            grouping: "unit".into(),
            unit: Some("a".into()),
            community_id: None,
            compared_period_start: None,
            event: None,
            people_count: people,
            openness,
            openness_low: None,
            openness_high: None,
            change_period_start: None,
            openness_change: None,
            openness_change_low: None,
            openness_change_high: None,
            change_evidence: "no_window".into(),
            as_of: None,
        };
        let trend = |(row, people): (TrendRow, u32)| {
            let side: Vec<Contribution> = (0..people).map(|person| Contribution { person, units: 1 }).collect();
            Measured { row, side_a: side.clone(), side_b: side, sums: Vec::new() }
        };
        let trends = [row("u:a", Some(-1.0), Some(2)), row("u:b", Some(-2.0), Some(2))].into_iter().zip([5, 4]);
        let tables = MeasuredTables { trends: trends.map(trend).collect(), ..Default::default() };
        let (key, rules) = (MasterKey::generate().unwrap(), Rules { min_people: 5 });
        let past = Past::nothing(Day(6), 7, Tags::new(&key, &[]));
        let coverage = publish_coverage(Vec::new(), rules);
        let published = publish(NO_RELEASES, tables, coverage, rules, past).unwrap().tables;
        let silo = |id: &str, members: &[u32]| TrackedSilo {
            silo_id: id.into(),
            grouping: "unit".into(),
            unit: Some(id[2..].into()),
            members: members.to_vec(),
            draws: vec![Some(-1.5), None, Some(f64::NEG_INFINITY)],
        };
        let own = Own {
            people: &[70, 71, 72],
            person_ids: &["A", "B", "C"].map(|id| PersonId::new(id).unwrap()),
            bridge_marks: &[Some(true), None, Some(false)],
            tracked: &[silo("u:a", &[0, 2]), silo("u:b", &[1])],
            next_community: 4,
            replicates: 3,
            date: Day(6),
            published: Some(&published.trends),
        };
        let [(_, text), (_, draws)] = history_files(&own);
        let kept: Kept = serde_json::from_slice(&text).unwrap();
        // On that day 72 is member 0, and 71 has left.
        let mut member_of_id = Lookup::new();
        [(72, 0), (70, 1), (99, 2)].into_iter().for_each(|(id, member)| {
            member_of_id.insert(id, member);
        });
        let days = Window { first: Day(0), last: Day(6) };
        let window = kept.window(days, Some(&draws), &member_of_id, 3, true).unwrap();
        assert_eq!(window.was_member, [true, true, false]);
        let (a, b) = (&window.silos[0], &window.silos[1]);
        assert_eq!(
            (a.members.as_slice(), a.people_count, a.openness, a.was_shown),
            ([0, 1].as_slice(), 2, Some(-1.0), true)
        );
        assert_eq!(a.draws, [Some(-1.5), None, Some(f64::NEG_INFINITY)]);
        assert_eq!((b.openness, b.draws.len(), b.was_shown), (None, 0, false), "what was withheld leaves no draw");
        assert_eq!(kept.marks(&member_of_id, 3), [Some(false), Some(true), None]);
        assert!(kept.window(days, Some(&draws[1..]), &member_of_id, 3, true).is_none());
        assert!(kept.window(days, Some(&[draws.as_slice(), &[0; 24]].concat()), &member_of_id, 3, true).is_none());
        let without = kept.window(days, None, &member_of_id, 3, true).unwrap();
        assert!(without.silos[0].draws.is_empty() && without.silos[0].openness == Some(-1.0));
    }

    #[test]
    fn places_and_thresholds_do_not_move_openness_and_rules_do() {
        let plan = |changes: &[(&str, &str)]| {
            let mut plan = serde_json::json!({
                "directory.path": "a.csv", "directory.unit": "unit", "sources.0.path": "m/*.csv", "ties.cc_weight": "0.5",
                "window.days": "91", "measure.seed": "1", "measure.permutations": "200", "privacy.min_people": "10",
            });
            changes.iter().for_each(|(key, value)| plan[*key] = (*value).into());
            plan
        };
        let same = |changes: &[(&str, &str)]| moving(&plan(&[])) == moving(&plan(changes));
        assert!(same(&[("directory.path", "b.csv"), ("sources.0.path", "n/*.csv"), ("measure.permutations", "50")]));
        assert!(same(&[("privacy.min_people", "12")]), "roll-up by it is a chart drawn anew");
        for changed in
            [("ties.cc_weight", "1"), ("window.days", "28"), ("measure.seed", "2"), ("sources.1.name", "chat")]
        {
            assert!(!same(&[changed]), "{changed:?}");
        }
    }
}
