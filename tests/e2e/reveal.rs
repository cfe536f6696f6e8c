//! `reveal` tells names as far as the policy allows, into a file of its own, and says so in the log first.

use crate::support::{Scratch, crosstie_in, expect_code, set_mode, stderr, stdout};
use crosstie_model::tables::PersonRow;
use crosstie_store::read_table;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::process::Output;

const DATE: &str = "2026-03-15";

fn policy(reveal: &str) -> String {
    format!(
        "schema_version = 1\npurpose = \"Find units cut off after the merger\"\naudience = [\"board\"]\nexpires = 2099-03-31\n{reveal}"
    )
}

fn allowed(only: &str, most: u64) -> String {
    let user = fs::metadata("/proc/self").map(|own| own.uid()).unwrap();
    policy(&format!("[reveal]\nallowed = true\n{only}max_people = {most}\noperators = [\"{user}\"]\n"))
}

/// A run with a policy file that is written anew for each request.
struct Asked {
    scratch: Scratch,
    people: Vec<PersonRow>,
}

impl Asked {
    fn new() -> Asked {
        let scratch = Scratch::tiny();
        scratch.edit("p.toml", "[privacy]\n", "[privacy]\npolicy = \"policy.toml\"\n");
        // The directory has no names; a column stands in for one.
        scratch.edit("p.toml", "[directory.columns]\n", "[directory.columns]\nname = [\"email\"]\n");
        scratch.write("policy.toml", &allowed("", 3));
        expect_code(&scratch.run(&["--quiet", "--date", DATE]), 0);
        let table = scratch.path().join(format!("out/restricted/people/snapshot_date={DATE}/part-00000.parquet"));
        let people = read_table(&fs::read(table).unwrap()).unwrap();
        Asked { scratch, people }
    }

    fn ask(&self, policy: &str, ids: &[&str], to: &str) -> Output {
        self.scratch.write("policy.toml", policy);
        self.scratch.write("ids.txt", &ids.join("\n"));
        let reason = "talk about the merger";
        let arguments = [
            "reveal",
            "out",
            "--pipeline",
            "p.toml",
            "--date",
            DATE,
            "--ids",
            "ids.txt",
            "--to",
            to,
            "--reason",
            reason,
        ];
        crosstie_in(self.scratch.path(), &arguments)
    }

    fn id(&self, at: usize) -> &str {
        self.people[at].person_id.expose()
    }

    fn looks(&self) -> usize {
        let log = self.scratch.path().join("out/state/audit.jsonl");
        fs::read_to_string(log).map_or(0, |text| text.lines().count())
    }
}

#[test]
fn names_are_told_where_the_policy_allows_it() {
    let asked = Asked::new();
    let told = asked.ask(&allowed("", 2), &[asked.id(0), asked.id(1)], "names.csv");
    expect_code(&told, 0);
    assert_eq!(stdout(&told), "");
    assert!(!stderr(&told).contains('@'));
    let file = asked.scratch.path().join("names.csv");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let text = fs::read_to_string(&file).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!((lines.len(), lines[0]), (3, "person_id,name,unit"));
    let directory = asked.scratch.read("org/directory.csv");
    for line in &lines[1..] {
        let cells: Vec<String> = line.split(',').map(|cell| cell.trim_matches('"').to_string()).collect();
        let person = asked.people.iter().find(|person| person.person_id.expose() == cells[0]).unwrap();
        // The unit of the person in the restricted table is that of the name in the directory.
        let own = directory.lines().find(|line| line.split(',').nth(1) == Some(cells[1].as_str())).unwrap();
        assert_eq!((own.split(',').nth(4), person.unit.as_deref()), (Some(cells[2].as_str()), Some(cells[2].as_str())));
    }
    let log = fs::read_to_string(asked.scratch.path().join("out/state/audit.jsonl")).unwrap();
    let look: serde_json::Value = serde_json::from_str(log.lines().last().unwrap()).unwrap();
    assert_eq!((look["command"].as_str(), look["count"].as_u64()), (Some("reveal"), Some(2)));
    assert_eq!(look["reason"].as_str(), Some("talk about the merger"));
    assert!(look["policy"].as_str().unwrap().len() == 64 && !log.contains(asked.id(0)));
    // A file that is there is not replaced.
    assert_ne!(asked.ask(&allowed("", 2), &[asked.id(0)], "names.csv").status.code(), Some(0));
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
    expect_code(&crosstie_in(asked.scratch.path(), &["verify", "out"]), 0);
}

#[test]
fn nothing_is_told_and_nothing_noted_where_it_does_not() {
    let asked = Asked::new();
    let not_a_bridge = asked.people.iter().find(|person| person.bridge != Some(true)).unwrap().person_id.expose();
    let (one, three) = (vec![asked.id(0)], vec![asked.id(0), asked.id(1), asked.id(2)]);
    let other = policy("[reveal]\nallowed = true\nmax_people = 9\noperators = [\"somebody-else\"]\n");
    let ended = allowed("", 9).replace("2099", "2020");
    let cases = [
        (policy(""), &one, "names.csv", 77, "P110"),
        (policy("[reveal]\nallowed = false\n"), &one, "names.csv", 77, "P110"),
        (allowed("", 2), &three, "names.csv", 77, "P110"),
        (other, &one, "names.csv", 77, "P110"),
        (ended, &one, "names.csv", 77, "P107"),
        (allowed("only = \"bridge\"\n", 9), &vec![not_a_bridge], "names.csv", 77, "P110"),
        (allowed("", 9), &vec!["NOBODY"], "names.csv", 2, "C106"),
        (allowed("", 9), &one, "out/names.csv", 2, "C106"),
        (allowed("only = \"unit\"\n", 9), &one, "names.csv", 78, "C103"),
    ];
    for (policy, ids, to, code, said) in cases {
        let refused = asked.ask(&policy, ids, to);
        expect_code(&refused, code);
        assert!(stderr(&refused).contains(said) && !stderr(&refused).contains('@'), "{}", stderr(&refused));
        assert!(!asked.scratch.path().join(to).exists());
    }
    assert_eq!(asked.looks(), 0);
    // Without a line in the log there is no name.
    let state = asked.scratch.path().join("out/state");
    fs::write(state.join("audit.jsonl"), "not a line\n").unwrap();
    set_mode(&state.join("audit.jsonl"), 0o600);
    assert_ne!(asked.ask(&allowed("", 2), &one, "names.csv").status.code(), Some(0));
    assert!(!asked.scratch.path().join("names.csv").exists());
}
