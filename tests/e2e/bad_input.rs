//! Bad input: a clear error with a code, or a line in the ledger; never a half-written folder.

use crate::support::{Scratch, crosstie_in, expect_code, hashes, root, set_mode, stderr, stdout};
use std::fs;
use std::path::Path;

/// Runs after a change, expects this exit code and these words, and that nothing was committed.
#[track_caller]
fn refused(change: impl Fn(&Scratch), code: i32, words: &[&str]) {
    let scratch = Scratch::new();
    change(&scratch);
    let failed = scratch.run(&[]);
    expect_code(&failed, code);
    let said = stderr(&failed);
    for word in words {
        assert!(said.contains(word), "no `{word}` in {said}");
    }
    for folder in ["runs", "data", "restricted", "reports"] {
        assert!(hashes(&scratch.path().join("out").join(folder)).is_empty(), "{folder} holds files");
    }
}

/// Runs after a change and expects success with these words in the summary or the notices.
#[track_caller]
fn noted(change: impl Fn(&Scratch), words: &[&str]) {
    let scratch = Scratch::new();
    change(&scratch);
    let ran = scratch.run(&[]);
    expect_code(&ran, 0);
    let said = stdout(&ran) + &stderr(&ran);
    for word in words {
        assert!(said.contains(word), "no `{word}` in {said}");
    }
}

#[test]
fn missing_files_are_all_named() {
    let change = |scratch: &Scratch| {
        fs::remove_file(scratch.path().join("org/directory.csv")).unwrap();
        fs::remove_file(scratch.path().join("org/slack-export.zip")).unwrap();
    };
    refused(change, 66, &["C104", "org/directory.csv", "org/slack-export.zip"]);
    expect_code(&crosstie_in(&root(), &["run", "no-such-file.toml"]), 66);
}

#[test]
fn a_wrong_column_names_the_nearest() {
    refused(
        |s| s.edit("p.toml", "sender = \"sender\"", "sender = \"sendr\""),
        65,
        &["I213", "`sendr`", "`sender`", ".csv:1"],
    );
    refused(|s| s.edit("p.toml", "unit = \"unit\"", "unit = \"unti\""), 65, &["I213", "`unti`", "`unit`"]);
}

#[test]
fn unknown_keys_are_all_named_with_the_nearest() {
    let change = |scratch: &Scratch| {
        scratch.edit("p.toml", "[window]\ndays", "[windw]\ndays");
        scratch.edit("p.toml", "internal_domains", "internal_domain");
    };
    refused(
        change,
        78,
        &["C102", "`windw`", "`window`", "`identity.internal_domain`", "`internal_domains`", "p.toml:"],
    );
}

#[test]
fn wrong_values_are_all_named() {
    let change = |scratch: &Scratch| {
        scratch.edit("p.toml", "days = 91", "days = 1");
        scratch.edit("p.toml", "min_people = 5", "min_people = 4");
    };
    refused(change, 78, &["`window.days` is 1", "P104"]);
    refused(|s| s.edit("p.toml", "days = 91", "days = \"many\""), 78, &["C103", "p.toml:"]);
    refused(|s| s.edit("p.toml", "[output]", "[output"), 78, &["C101", "p.toml:"]);
    refused(|s| s.edit("p.toml", "cc = \"cc\"", "cc = \"subject\""), 78, &["C105"]);
}

#[test]
fn a_broken_quote_costs_one_line_and_is_placed() {
    let change = |scratch: &Scratch| {
        let text = scratch.read(scratch.mail());
        let (header, rest) = text.split_once('\n').unwrap();
        scratch.write(scratch.mail(), &format!("{header}\n2026-03-02T09:00:00Z,\"open,x@acme.example,,q1\n{rest}"));
    };
    noted(change, &["4 quarantined", "I102", "2026-03-02.csv:2 (byte "]);
}

#[test]
fn a_few_bad_dates_are_set_aside_and_many_stop_the_run() {
    let bad = |count: usize| {
        move |scratch: &Scratch| {
            let row = "someday,ada@acme.example,bela@acme.example,,d1\n";
            let text = scratch.read(scratch.mail());
            scratch.write(scratch.mail(), &format!("{text}{}", row.repeat(count)));
        }
    };
    noted(bad(3), &["6 quarantined", "I104", "3 more records like this"]);
    refused(bad(60), 65, &["I501", "I104", "`sent_at`", "column 1", "60 more records like this"]);
}

#[test]
fn a_value_is_described_and_never_shown() {
    let scratch = Scratch::new();
    let text = scratch.read(scratch.mail());
    scratch.write(
        scratch.mail(),
        &format!("{text}{}", "2026-03-03T09:00:00Z,secret person,ada@acme.example,,v1\n".repeat(50)),
    );
    let failed = scratch.run(&[]);
    expect_code(&failed, 65);
    assert!(stderr(&failed).contains("50 more records") && !stderr(&failed).contains("secret"), "{}", stderr(&failed));
}

#[test]
fn unknown_people_are_counted() {
    let change = |scratch: &Scratch| {
        let text = scratch.read(scratch.mail());
        scratch.write(
            scratch.mail(),
            &format!("{text}2026-03-03T09:00:00Z,stranger@acme.example,other@acme.example,,u1\n"),
        );
    };
    let scratch = Scratch::new();
    change(&scratch);
    expect_code(&scratch.run(&[]), 0);
    let manifest: serde_json::Value = serde_json::from_str(&scratch.read("out/runs/2026-03-29.001.json")).unwrap();
    assert_eq!(manifest["counts"]["accounts_unknown"], 2);
}

#[test]
fn a_wrong_domain_stops_before_figures_of_a_fragment() {
    let change = |scratch: &Scratch| {
        scratch.edit("p.toml", "addresses = [\"email\", \"other_emails\"]", "addresses = []");
        scratch.edit("p.toml", "accounts = { slack = \"slack_id\" }\n", "");
    };
    refused(change, 65, &["I311", "internal_domains"]);
}

#[test]
fn an_empty_file_is_told_and_a_foreign_one_refused() {
    noted(|s| s.write("org/mail/2026-03-30.csv", ""), &["2026-03-30.csv` holds no record"]);
    refused(|s| s.write("org/mail/2026-03-30.csv", "a;b\n1;2\n"), 65, &["I213", "2026-03-30.csv"]);
    refused(
        |s| s.write("org/mail/2026-03-30.csv", "sent_at,sender,to,cc,message_id\nx,y,z,,\n"),
        65,
        &["I211", "2026-03-30.csv:2"],
    );
    refused(|s| s.write("org/slack-export.zip", "PK no zip"), 65, &["I212", "slack-export.zip"]);
}

#[test]
fn a_window_without_contact_is_refused() {
    let scratch = Scratch::new();
    for date in ["2020-01-01", "2035-01-01"] {
        let failed = scratch.run(&["--date", date]);
        expect_code(&failed, 65);
        assert!(
            stderr(&failed).contains("I502") && stderr(&failed).contains("2026-03-02 to 2026-03-29"),
            "{}",
            stderr(&failed)
        );
    }
    assert!(hashes(&scratch.path().join("out/runs")).is_empty());
    let late = scratch.run(&["--date", "2026-04-10"]);
    expect_code(&late, 0);
    assert!(stderr(&late).contains("I503"), "{}", stderr(&late));
}

#[test]
fn a_directory_in_two_files_is_one() {
    let scratch = Scratch::new();
    let text = scratch.read("org/directory.csv");
    let lines: Vec<&str> = text.lines().collect();
    fs::create_dir(scratch.path().join("hr")).unwrap();
    scratch.write("hr/a.csv", &format!("{}\n", lines[..40].join("\n")));
    scratch.write("hr/b.csv", &format!("{}\n{}\n", lines[0], lines[30..].join("\n")));
    scratch.edit("p.toml", "path = \"org/directory.csv\"", "path = \"hr/*.csv\"");
    expect_code(&scratch.run(&[]), 0);
    let manifest: serde_json::Value = serde_json::from_str(&scratch.read("out/runs/2026-03-29.001.json")).unwrap();
    let directory = manifest["ledger"].as_array().unwrap().iter().find(|entry| entry["source"] == "directory").unwrap();
    assert_eq!(directory["duplicate"], 10);
}

#[test]
fn an_empty_directory_is_named() {
    refused(|s| s.write("org/directory.csv", ""), 65, &["I211", "org/directory.csv"]);
}

#[test]
fn the_first_repeated_person_is_placed() {
    let change = |scratch: &Scratch| {
        let text = scratch.read("org/directory.csv");
        let third = text.lines().nth(3).unwrap().to_string();
        scratch.write("org/directory.csv", &format!("{text}{}\n", third.replace("person", "guest")));
    };
    noted(change, &["I301", "org/directory.csv:"]);
}

#[test]
fn cyclic_managers_are_cut_and_told() {
    let change = |scratch: &Scratch| {
        let text = scratch.read("org/directory.csv");
        // The head of the organization reports to a report.
        let (header, rest) = text.split_once('\n').unwrap();
        let (first, rest) = rest.split_once('\n').unwrap();
        scratch
            .write("org/directory.csv", &format!("{header}\n{}\n{rest}", first.replace(",,person", ",E00001,person")));
    };
    noted(change, &["I303", "circle"]);
}

#[test]
fn who_reports_to_oneself_is_told() {
    let change = |scratch: &Scratch| {
        let text = scratch.read("org/directory.csv");
        let (header, rest) = text.split_once('\n').unwrap();
        let (first, rest) = rest.split_once('\n').unwrap();
        let key = first.split(',').next().unwrap();
        let first = first.replace(",,person", &format!(",{key},person"));
        scratch.write("org/directory.csv", &format!("{header}\n{first}\n{rest}"));
    };
    noted(change, &["I313", "themselves"]);
}

/// Reports of somebody who left stand under the next one upward; the manifest and the appendix on data count them.
#[test]
fn reports_of_who_left_are_told() {
    let scratch = Scratch::tiny();
    let text = scratch.read("org/directory.csv");
    let rows: Vec<Vec<&str>> = text.lines().skip(1).map(|line| line.split(',').collect()).collect();
    let head = rows.iter().find(|row| row[5].is_empty()).unwrap()[0];
    let manager = rows.iter().find(|row| !row[5].is_empty() && row[5] != head).unwrap()[5];
    let reports = rows.iter().filter(|row| row[5] == manager && row[6] == "person" && row[8].is_empty()).count();
    let own = text.lines().find(|line| line.starts_with(&format!("{manager},"))).unwrap();
    let gone = format!("{}2026-01-01", own.trim_end());
    scratch.write("org/directory.csv", &text.replace(own, &gone));
    let ran = scratch.run(&["--date", "2026-03-15"]);
    expect_code(&ran, 0);
    let said = stderr(&ran);
    assert!(said.contains("I312") && said.contains(&format!("the managers of {reports} members")), "{said}");
    let manifest: serde_json::Value = serde_json::from_str(&scratch.read("out/runs/2026-03-15.001.json")).unwrap();
    assert_eq!(manifest["notices"]["I312"].as_u64(), Some(reports as u64));
    assert!(scratch.read("out/reports/2026-03-15/report.md").contains("I312"));
}

#[test]
fn an_address_of_two_people_belongs_to_neither_and_is_told() {
    let change = |scratch: &Scratch| {
        // The third person also gets the second one's address.
        let text = scratch.read("org/directory.csv");
        let lines: Vec<&str> = text.lines().collect();
        let taken = lines[2].split(',').nth(1).unwrap();
        let mut cells: Vec<&str> = lines[3].split(',').collect();
        cells[2] = taken;
        scratch.write("org/directory.csv", &text.replace(lines[3], &cells.join(",")));
    };
    noted(change, &["I306"]);
}

#[test]
fn a_key_that_others_can_read_is_refused() {
    refused(|s| set_mode(&s.path().join("k.key"), 0o644), 77, &["P102", "chmod 600"]);
    refused(|s| s.write("k.key", "hello\n"), 77, &["P102"]);
}

#[test]
fn another_key_is_refused() {
    let scratch = Scratch::new();
    expect_code(&scratch.run(&[]), 0);
    scratch.write("k.key", &format!("crosstie-key-v1 {}\n", "ab".repeat(32)));
    let failed = scratch.run(&["--date", "2026-03-22"]);
    expect_code(&failed, 77);
    assert!(stderr(&failed).contains("P103"));
}

#[test]
fn a_memory_limit_that_is_too_small_is_told() {
    let scratch = Scratch::new();
    let failed = scratch.run(&["--memory", "1MiB"]);
    expect_code(&failed, 78);
    assert!(stderr(&failed).contains("C107"), "{}", stderr(&failed));
    expect_code(&scratch.run(&["--memory", "4GiB"]), 0);
}

#[test]
fn usage_errors_end_with_2() {
    for arguments in
        [vec!["run"], vec!["explode"], vec!["run", "p.toml", "--date", "yesterday"], vec!["explain", "I999"]]
    {
        expect_code(&crosstie_in(&root(), &arguments), 2);
    }
    let near = crosstie_in(&root(), &["explain", "opennes"]);
    assert!(stderr(&near).contains("`openness`"), "{}", stderr(&near));
}

/// Each file under tests/config/invalid holds one mistake, named after it; its first line says what must be told.
#[test]
fn every_invalid_pipeline_file_is_refused_for_its_reason() {
    let folder = root().join("tests/config/invalid");
    let mut seen = 0;
    for path in crate::support::files(&folder) {
        let text = fs::read_to_string(&path).unwrap();
        let words = text.lines().next().unwrap().trim_start_matches('#').trim();
        let failed = crosstie_in(Path::new("/"), &["check", &path.display().to_string()]);
        expect_code(&failed, 78);
        assert!(stderr(&failed).contains(words), "{}: no `{words}` in {}", path.display(), stderr(&failed));
        seen += 1;
    }
    assert!(seen >= 8);
}
