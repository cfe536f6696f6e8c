//! Windows compared over several dates: stable names, events, changes of openness, bridges, what a purge leaves, and why
//! a tie exists.

use crate::support::{Scratch, crosstie_in, expect_code, files, hashes, stderr, stdout};
use crosstie_model::Record;
use crosstie_model::tables::{CommunityRow, PersonRow, TieRow, TrendRow, UnitRow};
use crosstie_store::read_table;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::process::{Command, Output, Stdio};

/// Three windows of four weeks over twelve, and one of the week after the second.
const DATES: [&str; 4] = ["2026-03-29", "2026-04-26", "2026-05-03", "2026-05-24"];

fn organization() -> Scratch {
    let scratch =
        Scratch::synth(&["--people", "120", "--messages", "18000", "--days", "84", "--silos", "1", "--seed", "4"]);
    scratch.edit("p.toml", "days = 91", "days = 28");
    scratch.edit(
        "p.toml",
        "[window]\n",
        "[measure]\nreplicates = 200\npermutations = 50\n\n[silos]\nrestarts = 2\n\n[window]\n",
    );
    scratch
}

fn run(scratch: &Scratch, date: &str) {
    expect_code(&scratch.run(&["--quiet", "--date", date]), 0);
}

fn table<R: Record>(scratch: &Scratch, date: &str) -> Vec<R> {
    let spec = R::TABLE;
    let path = format!("out/{}/{}/snapshot_date={date}/part-00000.parquet", spec.class.folder(), spec.name);
    read_table(&fs::read(scratch.path().join(path)).unwrap()).unwrap()
}

fn trends(scratch: &Scratch, date: &str) -> Vec<TrendRow> {
    table(scratch, date)
}

#[test]
fn units_and_communities_are_followed_over_windows() {
    let scratch = organization();
    let backfilled =
        crosstie_in(scratch.path(), &["backfill", "p.toml", "--from", DATES[0], "--to", DATES[3], "--step", "28"]);
    expect_code(&backfilled, 0);
    run(&scratch, DATES[2]);
    // The last date was made before the one of the week after the second; it knows of it once it is made again.
    run(&scratch, DATES[3]);

    let first = trends(&scratch, DATES[0]);
    assert!(first.iter().all(|row| row.event.is_none() && row.change_evidence == "no_window"), "{first:?}");
    assert!(scratch.read("out/reports/2026-03-29/report.md").contains("No earlier window yet"));

    // Every row of units and communities has its trend, with the same openness.
    for date in DATES {
        let rows = trends(&scratch, date);
        let by_unit: BTreeMap<&str, &TrendRow> =
            rows.iter().filter_map(|row| Some((row.unit.as_deref()?, row))).collect();
        for unit in table::<UnitRow>(&scratch, date) {
            assert_eq!(by_unit[unit.unit.as_str()].openness, unit.openness, "{date} {}", unit.unit);
            assert_eq!(by_unit[unit.unit.as_str()].silo_id, format!("u:{}", unit.unit));
        }
        for community in table::<CommunityRow>(&scratch, date).iter().filter(|row| row.people_count.is_some()) {
            let row = rows.iter().find(|row| row.community_id == Some(community.community_id)).unwrap();
            assert_eq!((row.openness, row.people_count), (community.openness, community.people_count));
        }
        let ids: BTreeSet<&str> = rows.iter().map(|row| row.silo_id.as_str()).collect();
        assert_eq!(ids.len(), rows.len(), "{date}: a name twice");
    }

    // Windows without a common day give changes; a week apart, only events.
    let changed = |date: &str| trends(&scratch, date).iter().filter(|row| row.openness_change.is_some()).count();
    assert!(changed(DATES[1]) > 3 && changed(DATES[3]) > 3);
    let week = trends(&scratch, DATES[2]);
    let unit = week.iter().find(|row| row.unit.is_some()).unwrap();
    assert_eq!(unit.compared_period_start.unwrap().to_string(), "2026-03-30");
    assert_eq!(unit.change_period_start.unwrap().to_string(), "2026-03-02");
    let last = trends(&scratch, DATES[3]);
    let unit = last.iter().find(|row| row.unit.is_some()).unwrap();
    assert_eq!(unit.compared_period_start.unwrap().to_string(), "2026-04-06", "of the run of 3 May");
    assert_eq!(unit.change_period_start.unwrap().to_string(), "2026-03-30", "of the run of 26 April");

    // A change is the difference of what the two tables say, and lies in its interval.
    let before: BTreeMap<String, Option<f64>> =
        trends(&scratch, DATES[1]).into_iter().map(|row| (row.silo_id, row.openness)).collect();
    for row in last.iter().filter(|row| row.openness_change.is_some()) {
        let difference = row.openness.unwrap() - before[&row.silo_id].unwrap();
        assert!((difference - row.openness_change.unwrap()).abs() < 1e-12);
        assert!(row.openness_change_low < row.openness_change_high, "{row:?}");
    }
    let report = scratch.read("out/reports/2026-05-24/report.md");
    assert!(report.contains("Against the window from 2026-03-30, without a day in common"), "{report}");

    // Nothing is new for the same inputs and the same earlier runs.
    let outputs = hashes(&scratch.path().join("out"));
    let again = scratch.run(&["--date", DATES[3]]);
    assert!(stdout(&again).contains("Already done"), "{}", stdout(&again));
    assert_eq!(hashes(&scratch.path().join("out")), outputs);
    expect_code(&crosstie_in(scratch.path(), &["verify", "out"]), 0);
    // The report is made again from the tables alone.
    let rewritten = crosstie_in(scratch.path(), &["report", "out"]);
    assert!(stdout(&rewritten).starts_with("Unchanged"), "{}", stdout(&rewritten));
}

#[test]
fn an_earlier_run_that_cannot_be_read_is_told_and_passed_over() {
    let scratch = organization();
    let backfilled =
        crosstie_in(scratch.path(), &["backfill", "p.toml", "--from", DATES[0], "--to", DATES[3], "--step", "28"]);
    expect_code(&backfilled, 0);
    let report = || scratch.read(&format!("out/reports/{}/report.md", DATES[3]));
    assert!(report().contains("Against the window from "), "{}", report());
    assert!(!report().contains("cannot be read"));

    // A table of the window before is gone.
    fs::remove_file(scratch.path().join(format!("out/data/trends/snapshot_date={}/part-00000.parquet", DATES[1])))
        .unwrap();
    let rewritten = crosstie_in(scratch.path(), &["report", "out", "--date", DATES[3]]);
    expect_code(&rewritten, 0);
    let said = stderr(&rewritten);
    assert!(said.contains(&format!("notice[S114]: the report is not compared with the run of {}", DATES[1])), "{said}");
    assert!(said.contains("hint: Restore the tables of that date"), "{said}");
    let told = format!("The tables of the run of {} cannot be read, so nothing here is compared with it.", DATES[1]);
    assert!(report().contains(&told), "{}", report());

    // A run tells it, too, and counts it in its manifest.
    scratch.edit("p.toml", "restarts = 2", "restarts = 3");
    let ran = scratch.run(&["--date", DATES[3]]);
    expect_code(&ran, 0);
    assert!(stderr(&ran).contains("notice[S114]") && report().contains(&told), "{}", stderr(&ran));
    let newest = files(&scratch.path().join("out/runs")).into_iter().max().unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(&fs::read(newest).unwrap()).unwrap();
    assert_eq!(manifest["warnings"]["S114"], 1);
}

#[test]
fn a_bridge_is_one_in_two_of_three_windows() {
    let scratch = organization();
    let dates = [DATES[0], DATES[1], DATES[3]];
    let mut windows: Vec<BTreeMap<String, PersonRow>> = Vec::new();
    for date in dates {
        run(&scratch, date);
        let rows: Vec<PersonRow> = table(&scratch, date);
        windows.push(rows.into_iter().map(|row| (row.person_id.expose().to_string(), row)).collect());
    }
    assert!(windows[0].values().all(|row| row.bridge.is_none() && row.bridge_windows_count <= 1));
    let history = |date: &str| -> serde_json::Value {
        serde_json::from_str(&scratch.read(&format!("out/state/history/{date}/members.json"))).unwrap()
    };
    // Marks by keyed id, as each run kept them; and the flag, counted by hand.
    let marks: Vec<BTreeMap<i64, Option<bool>>> = dates
        .iter()
        .map(|date| {
            let kept = history(date);
            let ids = kept["people"].as_array().unwrap().iter().map(|id| id.as_i64().unwrap());
            ids.zip(kept["bridge"].as_array().unwrap().iter().map(serde_json::Value::as_bool)).collect()
        })
        .collect();
    let known = |id: &i64| marks.iter().filter_map(|of| of.get(id).copied().flatten()).collect::<Vec<bool>>();
    let flags: Vec<Option<bool>> = marks[2]
        .keys()
        .map(known)
        .map(|known| (known.len() > 1).then_some(known.iter().filter(|&&mark| mark).count() > 1))
        .collect();
    let count = |flag: Option<bool>| flags.iter().filter(|&&found| found == flag).count();
    let in_table = |flag: Option<bool>| windows[2].values().filter(|row| row.bridge == flag).count();
    for flag in [None, Some(true), Some(false)] {
        assert_eq!(in_table(flag), count(flag), "{flag:?}");
    }
    assert!(in_table(Some(false)) > 50);
    // Planted bridges stand out in every window.
    let truth: serde_json::Value = serde_json::from_str(&scratch.read("org/truth.json")).unwrap();
    let planted = truth["bridges"].as_array().unwrap().len();
    assert!(planted > 0 && in_table(Some(true)) >= planted.div_ceil(2), "{} of {planted}", in_table(Some(true)));
    let said = scratch.read("out/reports/2026-05-24/report.md");
    assert!(
        said.contains(&format!(
            "{} {} marked as a bridge",
            in_table(Some(true)),
            if in_table(Some(true)) == 1 { "is" } else { "are" }
        )),
        "{said}"
    );
}

#[test]
fn a_chart_drawn_anew_is_said_and_no_change_is_told_of_it() {
    let scratch = organization();
    run(&scratch, DATES[0]);
    // Half of the planted silo and of another unit change places, and their contact goes on as it was.
    let truth: serde_json::Value = serde_json::from_str(&scratch.read("org/truth.json")).unwrap();
    let one = truth["silos"][0].as_str().unwrap().to_string();
    let units: Vec<UnitRow> = table(&scratch, DATES[0]);
    let others = units.iter().filter(|row| row.openness.is_some() && row.unit != one);
    let two = others.max_by_key(|row| row.people_count).unwrap().unit.clone();
    let directory = scratch.read("org/directory.csv");
    let mut number = 0;
    let swapped: Vec<String> = directory
        .lines()
        .map(|line| {
            let (from, to) = if line.contains(&format!(",{one},")) { (&one, &two) } else { (&two, &one) };
            let is_of_them = line.contains(&format!(",{from},"));
            number += u32::from(is_of_them);
            match is_of_them && number.is_multiple_of(2) {
                true => line.replacen(&format!(",{from},"), &format!(",{to},"), 1),
                false => line.to_string(),
            }
        })
        .collect();
    assert!(number > 10);
    scratch.write("org/directory.csv", &format!("{}\n", swapped.join("\n")));
    run(&scratch, DATES[1]);
    let rows = trends(&scratch, DATES[1]);
    let of = |unit: &str| rows.iter().find(|row| row.unit.as_deref() == Some(unit)).unwrap();
    let row = of(&one);
    assert_eq!((row.event.as_deref(), row.change_evidence.as_str()), (Some("redrawn"), "redrawn"), "{row:?}");
    assert!(row.openness_change.is_none() && row.openness.is_some());
    for other in rows.iter().filter(|row| row.unit.as_ref().is_some_and(|unit| ![&one, &two].contains(&unit))) {
        assert_ne!(other.event.as_deref(), Some("redrawn"), "{other:?}");
    }
    assert!(scratch.read("out/reports/2026-04-26/report.md").contains("drawn anew"));
}

#[test]
fn what_is_kept_names_nobody_lives_three_windows_and_is_missed_by_nothing() {
    let scratch = organization();
    run(&scratch, DATES[0]);
    run(&scratch, DATES[1]);
    let kept = scratch.path().join("out/state/history/2026-03-29");
    let text = fs::read_to_string(kept.join("members.json")).unwrap();
    for line in scratch.read("org/directory.csv").lines().skip(1) {
        let person_key = line.split(',').next().unwrap();
        assert!(!text.contains(&format!("\"{person_key}\"")) && !text.contains('@'));
    }
    let purge = |day: &str| expect_code(&crosstie_in(scratch.path(), &["purge", "out", "--as-of", day]), 0);
    // 30 days take the tables of people; three windows of 28 days are 84.
    purge("2026-06-21");
    assert!(!scratch.path().join("out/restricted/people/snapshot_date=2026-03-29").exists() && kept.exists());
    run(&scratch, DATES[3]);
    assert!(trends(&scratch, DATES[3]).iter().any(|row| row.openness_change.is_some()));
    assert!(table::<PersonRow>(&scratch, DATES[3]).iter().any(|row| row.bridge_windows_count == 3));
    purge("2026-06-22");
    assert!(!kept.exists() && scratch.path().join("out/state/history/2026-04-26").exists());
    expect_code(&crosstie_in(scratch.path(), &["verify", "out"]), 0);
    assert!(files(&scratch.path().join("out/data/trends")).len() == 3, "published rows stay for 24 months");
}

#[test]
fn threads_and_the_order_of_nights_change_no_byte() {
    let scratch = organization();
    let mut seen = None;
    for threads in ["1", "3"] {
        let _ = fs::remove_dir_all(scratch.path().join("out"));
        for date in [DATES[0], DATES[1], DATES[3]] {
            expect_code(&scratch.run(&["--quiet", "--date", date, "--threads", threads]), 0);
        }
        let hashes = hashes(&scratch.path().join("out"));
        assert_eq!(seen.get_or_insert_with(|| hashes.clone()), &hashes, "{threads} threads");
    }
    // The newest date first, then the older ones, then the newest again: the same tables.
    let tables = |scratch: &Scratch| {
        let mut all = hashes(&scratch.path().join("out/data"));
        all.extend(hashes(&scratch.path().join("out/restricted")));
        all.extend(hashes(&scratch.path().join("out/state/history")));
        all
    };
    let expected = tables(&scratch);
    fs::remove_dir_all(scratch.path().join("out")).unwrap();
    for date in [DATES[3], DATES[0], DATES[1], DATES[3]] {
        run(&scratch, date);
    }
    assert_eq!(tables(&scratch), expected);
}

/// `explain --tie` with this on standard input.
fn explain_tie(scratch: &Scratch, input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_crosstie"))
        .args(["explain", "out", "--tie"])
        .current_dir(scratch.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn a_tie_is_explained_as_the_table_has_it_and_every_look_is_noted() {
    let scratch = organization();
    run(&scratch, DATES[0]);
    let audit = scratch.path().join("out/state/audit.jsonl");
    let ties: Vec<TieRow> = table(&scratch, DATES[0]);
    let has_reverse =
        |tie: &&TieRow| ties.iter().any(|other| other.source_id == tie.target_id && other.target_id == tie.source_id);
    let both = ties.iter().filter(has_reverse).max_by_key(|tie| tie.mail_count.min(tie.chat_count)).unwrap();
    let (first, second) = (both.source_id.expose(), both.target_id.expose());
    let said = explain_tie(&scratch, &format!("{first}\n{second}\n"));
    expect_code(&said, 0);
    let said = stdout(&said);
    let line = format!(
        "first to second: {} messages ({} mail, {} chat) on {} days, weight {:.3}; relation {}",
        both.message_count,
        both.mail_count,
        both.chat_count,
        both.active_days_count,
        both.weight,
        both.relation.as_ref().unwrap()
    );
    assert!(said.contains(&line) && said.contains("a reciprocated tie, an edge of R"), "{line}\n{said}");
    assert!(!said.contains(first) && !said.contains(second), "pseudonyms are not repeated");
    // The weeks add up to the window.
    let weeks = said.lines().filter(|line| line.starts_with("2026-"));
    let mail: i64 = weeks.map(|line| line.split_whitespace().nth(1).unwrap().parse::<i64>().unwrap()).sum();
    assert_eq!(mail, both.mail_count);

    let alone = ties.iter().find(|tie| !has_reverse(tie)).unwrap();
    let said = explain_tie(&scratch, &format!("{} {}", alone.source_id.expose(), alone.target_id.expose()));
    assert!(stdout(&said).contains("no reciprocated tie"), "{}", stdout(&said));

    for wrong in ["", first, &format!("{first} {first}"), &format!("{first} NOBODY"), "a b c"] {
        let refused = explain_tie(&scratch, wrong);
        expect_code(&refused, 2);
        assert!(!stderr(&refused).contains(first) && !stderr(&refused).contains("NOBODY"));
    }
    let log = fs::read_to_string(&audit).unwrap();
    assert_eq!(log.lines().count(), 2, "{log}");
    assert!(log.contains("\"command\":\"explain --tie\"") && !log.contains(first) && !log.contains(second));
    expect_code(&crosstie_in(scratch.path(), &["verify", "out"]), 0);
    fs::write(&audit, log.replacen("\"count\":2", "\"count\":0", 1)).unwrap();
    expect_code(&crosstie_in(scratch.path(), &["verify", "out"]), 65);
    let refused = explain_tie(&scratch, &format!("{first}\n{second}\n"));
    expect_code(&refused, 65);
    assert!(stdout(&refused).is_empty(), "nothing is shown that cannot be noted");
}
