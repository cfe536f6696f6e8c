//! `my-data`: what is kept of one person, whole, for that person, and nothing of others but counts.

use crate::forget::{somebody, table, with_input};
use crate::support::{Scratch, crosstie_in, expect_code, stderr, stdout};
use crosstie_model::tables::{PersonRow, TieRow};
use crosstie_model::{Day, Record};
use crosstie_privacy::{MasterKey, Pseudonyms};
use serde_json::Value;
use std::fs;
use std::process::Output;

const DATES: [&str; 2] = ["2026-03-08", "2026-03-15"];

fn my_data(scratch: &Scratch, input: &str) -> Output {
    with_input(scratch, &[], &["my-data", "out", "--pipeline", "p.toml"], input)
}

fn sum(rows: &Value, direction: &str, column: &str) -> i64 {
    let rows = rows.as_array().unwrap().iter().filter(|row| row["direction"] == direction);
    rows.map(|row| row[column].as_i64().unwrap()).sum()
}

#[test]
fn a_person_is_told_everything_and_nothing_of_others() {
    let scratch = Scratch::tiny();
    let out = scratch.path().join("out");
    let dates = ["backfill", "p.toml", "--from", DATES[0], "--to", DATES[1], "--step", "7", "--quiet"];
    expect_code(&crosstie_in(scratch.path(), &dates), 0);
    let person = somebody(&scratch);
    let told = my_data(&scratch, &format!("{}\n", person.address));
    expect_code(&told, 0);
    let text = stdout(&told);
    let all: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(all["is_forgotten"], false);
    assert_eq!(all["snapshots"].as_array().unwrap().len(), DATES.len());

    let key = MasterKey::parse(crate::support::KEY).unwrap();
    for (at, date) in DATES.iter().enumerate() {
        let snapshot = &all["snapshots"][at];
        let own = Pseudonyms::new(&key, date.parse::<Day>().unwrap()).person(&person.key);
        assert_eq!(snapshot["date"], *date);
        // The row as the table has it, with all of its columns.
        let people: Vec<PersonRow> = table(&out, date);
        let row = people.iter().find(|row| row.person_id == own).unwrap();
        let shown = &snapshot["tables"]["people"][0];
        assert_eq!(shown["person_id"], own.expose());
        assert_eq!(shown["unit"].as_str(), row.unit.as_deref());
        let columns: Vec<&str> = PersonRow::TABLE.columns.iter().map(|column| column.name).collect();
        assert!(
            columns.iter().all(|&column| shown.get(column).is_some() && all["columns"]["people"].get(column).is_some())
        );
        // Contact by units sums up to that of the table.
        let ties: Vec<TieRow> = table(&out, date);
        let sent: Vec<&TieRow> = ties.iter().filter(|tie| tie.source_id == own).collect();
        let received: Vec<&TieRow> = ties.iter().filter(|tie| tie.target_id == own).collect();
        assert!(!sent.is_empty() && !received.is_empty());
        for (direction, of) in [("sent", sent), ("received", received)] {
            let rows = &snapshot["tables"]["ties"];
            assert_eq!(sum(rows, direction, "others_count"), of.len() as i64);
            assert_eq!(sum(rows, direction, "message_count"), of.iter().map(|tie| tie.message_count).sum::<i64>());
        }
        let others: Vec<&str> =
            people.iter().map(|row| row.person_id.expose()).filter(|id| *id != own.expose()).collect();
        assert!(others.len() > 30 && others.iter().all(|other| !text.contains(other)), "nobody else is named");
        assert!(!snapshot["kept_for_comparison"]["groups"].as_array().unwrap().is_empty());
    }
    // Retention as `purge` has it: rows 30 days, daily ties 30 days beyond the window of 91.
    assert_eq!(all["snapshots"][0]["tables_deleted_from"], "2026-04-08");
    let of_day = |list: &Value| list.as_array().unwrap().first().cloned().unwrap();
    let (ties, rows) = (of_day(&all["daily_ties"]), of_day(&all["messages_read"]["days"]));
    let day = |value: &Value| value.as_str().unwrap().parse::<Day>().unwrap();
    assert_eq!(day(&ties["deleted_from"]), day(&ties["day"]).plus(122));
    assert_eq!(day(&rows["deleted_from"]), day(&rows["day"]).plus(31));
    assert_eq!(all["release_ledger"].as_array().unwrap().len(), 2);
    let mail: String = fs::read_dir(scratch.path().join("org/mail"))
        .unwrap()
        .map(|file| fs::read_to_string(file.unwrap().path()).unwrap())
        .collect();
    let written = mail.lines().filter(|line| line.split(',').nth(1) == Some(person.address.as_str())).count() as u64;
    let sent: u64 =
        all["messages_read"]["days"].as_array().unwrap().iter().map(|day| day["sent_count"].as_u64().unwrap()).sum();
    assert!(sent >= written && written > 0, "{sent} rows of {written} mails and some chat");
    assert!(!text.contains('@') && !text.contains(&person.key), "no address and no key");

    let audit = scratch.read("out/state/audit.jsonl");
    assert!(audit.contains("\"command\":\"my-data\"") && audit.contains("\"count\":1"), "{audit}");
    expect_code(&crosstie_in(scratch.path(), &["verify", "out"]), 0);

    // A log that was changed: nothing is shown.
    fs::write(out.join("state/audit.jsonl"), audit.replacen("my-data", "our-data", 1) + &audit).unwrap();
    let refused = my_data(&scratch, &person.address);
    expect_code(&refused, 65);
    assert_eq!(stdout(&refused), "");
    fs::write(out.join("state/audit.jsonl"), audit).unwrap();

    // Who was forgotten is told that nothing is kept.
    let forgotten = with_input(&scratch, &[], &["forget", "out", "--pipeline", "p.toml"], &person.address);
    expect_code(&forgotten, 0);
    let all: Value = serde_json::from_str(&stdout(&my_data(&scratch, &person.address))).unwrap();
    assert_eq!(all["is_forgotten"], true);
    for part in ["snapshots", "daily_ties", "release_ledger"] {
        assert_eq!(all[part].as_array().unwrap().len(), 0, "{part}: {all:#}");
    }
    assert_eq!(all["messages_read"]["days"].as_array().unwrap().len(), 0);
}

#[test]
fn one_person_is_named_and_no_more() {
    let scratch = Scratch::tiny();
    expect_code(&scratch.run(&["--date", DATES[1], "--quiet"]), 0);
    let person = somebody(&scratch);
    for input in [String::new(), format!("{}\nperson:E00001\n", person.address)] {
        let refused = my_data(&scratch, &input);
        expect_code(&refused, 2);
        assert!(stderr(&refused).contains("C106") && stdout(&refused).is_empty(), "{}", stderr(&refused));
    }
    assert!(!scratch.path().join("out/state/audit.jsonl").exists(), "nobody was looked at");
}
