//! The report of a real run names nobody of a thousand.

use crate::support::{Scratch, expect_code};

const PAGES: [&str; 3] = ["index.html", "report.md", "transparency.html"];

fn page(scratch: &Scratch, name: &str) -> String {
    scratch.read(&format!("out/reports/2026-03-15/{name}"))
}

/// Names, addresses, keys and accounts of 1,000 people, all read by the run; none in what readers get.
#[test]
fn none_of_a_thousand_people_is_named() {
    let scratch =
        Scratch::synth(&["--people", "1000", "--messages", "12000", "--days", "14", "--silos", "1", "--seed", "6"]);
    let directory = scratch.read("org/directory.csv");
    let mut planted = Vec::new();
    let mut lines = directory.lines();
    let mut named = format!("{},full_name\n", lines.next().unwrap());
    for (at, line) in lines.enumerate() {
        let name = format!("Quenby Marrow{at:04}");
        named.push_str(&format!("{line},{name}\n"));
        let cells: Vec<&str> = line.split(',').collect();
        if cells[6] != "person" {
            continue;
        }
        planted.push(name);
        planted.extend(cells[..4].iter().filter(|cell| !cell.is_empty()).map(ToString::to_string));
        planted.extend(cells[1].split('@').next().map(str::to_string));
    }
    assert!(planted.len() > 4000, "{}", planted.len());
    scratch.write("org/directory.csv", &named);
    scratch.edit("p.toml", "hired_on = \"hired_on\"", "hired_on = \"hired_on\"\nname = [\"full_name\"]");
    scratch.edit(
        "p.toml",
        "[window]\n",
        "[measure]\nreplicates = 200\npermutations = 50\n\n[silos]\nrestarts = 1\n\n[window]\n",
    );
    expect_code(&scratch.run(&["--quiet"]), 0);
    for name in PAGES {
        let text = page(&scratch, name);
        assert!(text.len() > 5_000, "{name}");
        let found: Vec<&String> = planted.iter().filter(|secret| text.contains(secret.as_str())).collect();
        assert!(found.is_empty(), "{name} names {found:?}");
        assert!(!text.contains("Quenby") && !text.contains("@acme"), "{name}");
    }
    assert!(page(&scratch, "index.html").contains("<svg "), "the run has something to show");
}
