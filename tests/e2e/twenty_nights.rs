//! Twenty releases on twenty nights, people come, leave and move: the audit finds nobody.

use crate::support::{Scratch, crosstie_in, expect_code, files, stdout};
use crosstie_model::{Day, Stream};
use std::fs;
use std::path::Path;

const NIGHTS: i32 = 20;
const WINDOW_DAYS: i32 = 20;

/// Every night a release, with few draws: none of them matters here.
fn nightly(scratch: &Scratch) {
    scratch.edit("p.toml", "[privacy]\n", "[privacy]\nrelease_days = 1\n");
    let fast = String::from("[measure]\nreplicates = 200\npermutations = 50\n\n[silos]\nrestarts = 1\n\n");
    scratch.edit("p.toml", "[window]\ndays = 91\n", &(fast + &format!("[window]\ndays = {WINDOW_DAYS}\n")));
}

/// Runs the nights; `edit` changes the directory before each. Returns what the audit says.
fn nights(scratch: &Scratch, first: Day, edit: impl Fn(i32, Day)) -> String {
    for night in 0..NIGHTS {
        let date = first.plus(night);
        edit(night, date);
        expect_code(&scratch.run(&["--quiet", "--date", &date.to_string()]), 0);
    }
    expect_code(&crosstie_in(scratch.path(), &["verify", "out"]), 0);
    let audited = crosstie_in(scratch.path(), &["audit", "out"]);
    expect_code(&audited, 0);
    let said = stdout(&audited);
    assert!(said.trim_end().ends_with(&format!("{NIGHTS} dates.")), "{said}");
    let line = said.lines().find(|line| line.starts_with("sums whose change tells")).unwrap();
    let examined: u64 = line.split_whitespace().rev().nth(1).unwrap().parse().unwrap();
    assert!(examined > 100, "{said}");
    said
}

/// Rows of all nights that went on showing an earlier value.
fn carried(scratch: &Scratch) -> u64 {
    let manifests = files(&scratch.path().join("out/runs"));
    let rows = manifests.iter().filter_map(|path| {
        let manifest: serde_json::Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        Some(manifest["carried"].as_object()?.values().filter_map(serde_json::Value::as_u64).sum::<u64>())
    });
    rows.sum()
}

#[test]
fn nobody_is_found_in_a_made_organization() {
    let scratch =
        Scratch::synth(&["--people", "240", "--messages", "20000", "--days", "42", "--silos", "1", "--seed", "7"]);
    nightly(&scratch);
    let path = scratch.path().join("org/directory.csv");
    let first: Day = "2026-03-23".parse().unwrap();
    // Each night somebody comes, somebody leaves and somebody moves; who comes is known from the start.
    let lines: Vec<Vec<String>> = fs::read_to_string(&path)
        .unwrap()
        .lines()
        .map(|line| line.split(',').map(str::to_string).collect::<Vec<_>>())
        .collect();
    let units: Vec<String> = lines[1..].iter().map(|cells| cells[4].clone()).collect();
    nights(&scratch, first, |night, _| {
        let mut lines = lines.clone();
        for at in 0..NIGHTS {
            let date = first.plus(at).to_string();
            lines[100 + at as usize][7].clone_from(&date);
            if at <= night {
                lines[130 + at as usize][8].clone_from(&date);
                lines[160 + at as usize][4].clone_from(&units[(at as usize * 37) % units.len()]);
            }
        }
        let text: Vec<String> = lines.iter().map(|cells| cells.join(",")).collect();
        fs::write(&path, text.join("\n") + "\n").unwrap();
    });
    assert!(carried(&scratch) > 0);
}

#[test]
fn nobody_is_found_in_a_real_organization() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/eu_core");
    let read = |name: &str| fs::read_to_string(folder.join(name)).ok();
    let (Some(people), Some(ties)) = (read("email_vertices.csv"), read("email_edgelist.csv")) else {
        eprintln!("skipped: no `{}`", folder.display());
        return;
    };
    let scratch = Scratch::synth(&["--people", "60", "--messages", "300", "--days", "7", "--silos", "0"]);
    nightly(&scratch);
    let org = scratch.path().join("org");
    // The mail alone, in place of what was made.
    let text = scratch.read("p.toml");
    let (mail, rest) = text.split_once("[[sources]]\nname = \"chat\"").unwrap();
    let (_, identity) = rest.split_once("[identity]").unwrap();
    scratch.write("p.toml", &format!("{mail}[identity]{identity}").replace("org/mail/*.csv", "org/mail.csv"));
    let first: Day = "2026-03-23".parse().unwrap();
    let start = first.plus(1 - WINDOW_DAYS);
    let mut stream = Stream::new(1, "eu_core by night", &[]);
    let mut mail = String::from("sent_at,sender,to,cc,message_id\n");
    // When each wrote is not in the data: every tie is a message on each of one to three days of the forty.
    for (number, line) in ties.lines().skip(1).enumerate() {
        let (from, to) = line.split_once(',').unwrap();
        for copy in 0..=stream.below(3) {
            let day = start.plus(stream.below((WINDOW_DAYS + NIGHTS) as u64) as i32);
            mail.push_str(&format!("{day}T10:00:00Z,p{from}@acme.example,p{to}@acme.example,,<{number}.{copy}@x>\n"));
        }
    }
    fs::write(org.join("mail.csv"), mail).unwrap();
    let departments: Vec<(String, u32)> = people
        .lines()
        .skip(1)
        .map(|line| {
            let (person, department) = line.split_once(',').unwrap();
            (person.to_string(), department.parse().unwrap())
        })
        .collect();
    let said = nights(&scratch, first, |night, date| {
        let mut directory =
            String::from("person_id,email,other_emails,slack_id,unit,manager_id,class,hired_on,left_on\n");
        for (at, (person, department)) in departments.iter().enumerate() {
            // Fourteen divisions; each night three people leave.
            let left = if at % 50 == 7 && at / 50 < 3 * night as usize { date.to_string() } else { String::new() };
            directory.push_str(&format!("{person},p{person}@acme.example,,,d{},,person,,{left}\n", department % 14));
        }
        fs::write(org.join("directory.csv"), directory).unwrap();
    });
    eprintln!("{said}{} rows carried", carried(&scratch));
    assert!(carried(&scratch) > 0);
}
