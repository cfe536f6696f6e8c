//! New working groups across units: counted where the pipeline asks for them, the same by any way, gone with a person.

use crate::forget::{table, with_input};
use crate::support::{Scratch, crosstie_in, expect_code, hashes, stderr, stdout};
use crosstie_model::tables::FreedomRow;
use std::collections::BTreeMap;

/// The window has 91 days, of which groups can begin on 64; 98 days lie before it.
const DATE: &str = "2026-09-06";
const GROUPS: usize = 12;

/// Half a year of mail; twelve groups of three people of different units begin and last.
fn scratch() -> Scratch {
    let scratch = Scratch::synth(&["--people", "120", "--messages", "6000", "--days", "190", "--seed", "8"]);
    let directory = scratch.read("org/directory.csv");
    let mut people: Vec<(&str, &str)> = directory
        .lines()
        .skip(1)
        .map(|line| line.split(',').collect::<Vec<_>>())
        .filter(|row| row[6] == "person" && row[8].is_empty() && row[7].is_empty())
        .map(|row| (row[4], row[1]))
        .collect();
    people.sort_unstable();
    let third = people.len() / 3;
    let mut rows = String::from("sent_at,sender,to,cc,message_id\n");
    for group in 0..GROUPS {
        let members = [0, 1, 2].map(|part| people[group + part * third]);
        assert!(members[0].0 != members[1].0 && members[1].0 != members[2].0, "people of different units");
        for (at, day) in ["06-20", "06-24", "06-30"].into_iter().enumerate() {
            let [from, a, b] = [0, 1, 2].map(|next| members[(at + next) % 3].1);
            rows.push_str(&format!("2026-{day}T10:{group:02}:00Z,{from},{a};{b},,<g{group}-{at}@acme.example>\n"));
        }
    }
    scratch.write("org/mail/groups.csv", &rows);
    scratch.edit(
        "p.toml",
        "[window]\n",
        "[measure]\nreplicates = 200\npermutations = 50\n\n[silos]\nrestarts = 1\n\n[window]\n",
    );
    scratch
}

fn ask(scratch: &Scratch) {
    let plan = scratch.read("p.toml");
    scratch.write("p.toml", &format!("{plan}\n[freedoms]\ncreate = true\n"));
}

fn create(scratch: &Scratch) -> Vec<FreedomRow> {
    let rows: Vec<FreedomRow> = table(&scratch.path().join("out"), DATE);
    rows.into_iter().filter(|row| row.freedom == "create").collect()
}

/// The bytes of all days, without their names: these have a hash in them.
fn days(scratch: &Scratch) -> BTreeMap<String, String> {
    hashes(&scratch.path().join("out/state/ties"))
}

#[test]
fn new_groups_are_counted_where_they_are_asked_for() {
    let scratch = scratch();
    expect_code(&scratch.run(&["--date", DATE, "--quiet"]), 0);
    assert!(create(&scratch).is_empty(), "nobody asked");
    let without = days(&scratch);

    ask(&scratch);
    expect_code(&scratch.run(&["--date", DATE, "--threads", "1", "--quiet"]), 0);
    assert_ne!(days(&scratch), without, "sets are kept");
    let rows = create(&scratch);
    let [rate, share] = &rows[..] else { panic!("two rows: {rows:?}") };
    assert_eq!((rate.unit.as_str(), rate.grade.as_str(), rate.evidence.as_str()), ("(all)", "D", "enough"), "{rate:?}");
    let of = |groups: usize| groups as f64 * 91.0 / 64.0 * 100.0 / rate.people_count.unwrap() as f64;
    let estimate = rate.estimate.unwrap();
    assert!(of(GROUPS) - 1e-9 <= estimate && estimate < of(GROUPS + 6), "{estimate} against {}", of(GROUPS));
    assert!(rate.events_count.unwrap() > 200 && rate.low.is_none() && rate.expected.is_none());
    // Few of those who began lead anybody, so the share of the others would tell of them.
    assert!(share.evidence == "few_people" && share.estimate.is_none() && share.events_count.is_none(), "{share:?}");
    assert!(share.cannot_claim.contains("does not show creativity"), "{share:?}");
    let report = scratch.read(&format!("out/reports/{DATE}/report.md"));
    assert!(report.contains("Create: new working groups across units"));

    // Another folder, other threads, everything at once: the same tables and days.
    let other = self::scratch();
    ask(&other);
    expect_code(&other.run(&["--date", DATE, "--threads", "3", "--quiet"]), 0);
    assert_eq!(days(&other), days(&scratch));
    assert_eq!(create(&other), rows);
}

#[test]
fn who_is_forgotten_is_in_no_set() {
    let scratch = scratch();
    ask(&scratch);
    expect_code(&scratch.run(&["--date", DATE, "--quiet"]), 0);
    let released = create(&scratch);
    assert_eq!(released[0].evidence, "enough");
    let first =
        scratch.read("org/mail/groups.csv").lines().nth(1).map(|line| line.split(',').nth(1).unwrap().to_string());
    let person = first.unwrap();
    let told = with_input(&scratch, &[], &["my-data", "out", "--pipeline", "p.toml"], &person);
    expect_code(&told, 0);
    let told: serde_json::Value = serde_json::from_str(&stdout(&told)).unwrap();
    let of_days = told["daily_ties"].as_array().unwrap();
    let shared: u64 = of_days.iter().map(|day| day["shared_in_groups_count"].as_u64().unwrap()).sum();
    assert!(shared >= 3, "three messages of the group: {shared}");
    let of_day = |day: &str| of_days.iter().find(|row| row["day"] == day).unwrap()["deleted_from"].clone();
    assert_eq!(of_day("2026-06-20"), "2027-01-19", "window, 13 weeks before it and 30 days");

    expect_code(&with_input(&scratch, &[], &["forget", "out", "--pipeline", "p.toml"], &person), 0);
    let left = days(&scratch);
    assert_eq!(create(&scratch), released, "what was released stays");
    expect_code(&crosstie_in(scratch.path(), &["verify", "out"]), 0);
    // Where everything is read again, nothing of the person comes back, and all else is as it was left.
    expect_code(&scratch.run(&["--date", "2026-09-05", "--until", "ties", "--full", "--quiet"]), 0);
    let again = days(&scratch);
    let names = |days: &BTreeMap<String, String>| days.keys().map(|name| name[..10].to_string()).collect::<Vec<_>>();
    assert_eq!(names(&again), names(&left));
}

/// Without 13 weeks before the window nothing is new, so nothing is said; a retention that deletes them is refused.
#[test]
fn without_history_it_is_refused() {
    let scratch = Scratch::tiny();
    ask(&scratch);
    expect_code(&scratch.run(&["--date", "2026-03-15", "--quiet"]), 0);
    let rows: Vec<FreedomRow> = table(&scratch.path().join("out"), "2026-03-15");
    let create: Vec<&FreedomRow> = rows.iter().filter(|row| row.freedom == "create").collect();
    assert_eq!(create.len(), 2);
    assert!(create.iter().all(|row| row.evidence == "no_data" && row.estimate.is_none()));
    scratch.edit("p.toml", "[privacy]\n", "[privacy]\nretention = \"it-21d\"\n");
    let days = scratch.read("p.toml");
    let set = days.lines().find(|line| line.starts_with("days = ")).unwrap().to_string();
    scratch.edit("p.toml", &set, "days = 14");
    let refused = scratch.run(&["--date", "2026-03-15"]);
    expect_code(&refused, 78);
    assert!(stderr(&refused).contains("P106") && stderr(&refused).contains("freedoms.create"), "{}", stderr(&refused));
}
