//! The policy file: printed in every report, raises thresholds, and ends.

use crate::support::{Scratch, crosstie_in, expect_code, stderr};

const POLICY: &str = "schema_version = 1\npurpose = \"Find units cut off after the merger\"\naudience = [\"board\", \"works council\"]\n\
    agreement = \"works council 2026-14\"\nexpires = 2100-03-31\ncontact = \"the data protection officer\"\nmin_people = 12\nretention = \"it-21d\"\n";

fn with_policy(policy: &str) -> Scratch {
    let scratch = Scratch::tiny();
    scratch.edit("p.toml", "[privacy]\n", "[privacy]\npolicy = \"policy.toml\"\n");
    scratch.edit("p.toml", "[window]\ndays = ", "[window]\ndays = 14 # ");
    scratch.write("policy.toml", policy);
    scratch
}

#[test]
fn every_page_says_what_was_agreed_on() {
    let scratch = with_policy(POLICY);
    expect_code(&scratch.run(&["--quiet"]), 0);
    for page in ["index.html", "report.md", "transparency.html"] {
        let text = scratch.read(&format!("out/reports/2026-03-15/{page}"));
        for part in ["cut off after the merger", "board, works council", "2026-14", "2100-03-31"] {
            assert!(text.contains(part), "no `{part}` in {page}");
        }
        assert!(!text.contains("No policy file"), "{page}");
    }
    let page = scratch.read("out/reports/2026-03-15/transparency.html");
    for part in ["the data protection officer", "at least 12 people", "21 days", "Never read: subjects"] {
        assert!(page.contains(part), "no `{part}`");
    }
    let plan: serde_json::Value = serde_json::from_str(&scratch.read("out/runs/2026-03-15.001.json")).unwrap();
    assert_eq!(
        (&plan["plan"]["privacy.min_people"], &plan["plan"]["privacy.retention"]),
        (&"12".into(), &"it-21d".into())
    );
    // Another policy is another run, and a report of the old one stays as it is.
    expect_code(&crosstie_in(scratch.path(), &["report", "out"]), 0);
    scratch.write("policy.toml", &POLICY.replace("merger", "move"));
    expect_code(&scratch.run(&["--quiet"]), 0);
    assert!(scratch.read("out/reports/2026-03-15/index.html").contains("after the move"));
}

#[test]
fn without_one_reports_are_not_for_distribution() {
    let scratch = Scratch::tiny();
    expect_code(&scratch.run(&["--quiet"]), 0);
    for page in ["index.html", "report.md", "transparency.html"] {
        let text = scratch.read(&format!("out/reports/2026-03-15/{page}"));
        assert!(text.contains("No policy file: not for distribution."), "{page}");
    }
    scratch.edit("p.toml", "[privacy]\n", "[privacy]\nrequire_policy = true\n");
    let refused = scratch.run(&[]);
    expect_code(&refused, 78);
    assert!(stderr(&refused).contains("privacy.policy"), "{}", stderr(&refused));
}

#[test]
fn a_policy_that_has_ended_stops_runs_and_reports() {
    let scratch = with_policy(POLICY);
    expect_code(&scratch.run(&["--quiet"]), 0);
    let ended = with_policy(&POLICY.replace("2100-03-31", "2026-03-01"));
    let refused = ended.run(&[]);
    expect_code(&refused, 77);
    assert!(stderr(&refused).contains("P107") && !ended.path().join("out/runs").exists());
    // What was agreed on for a committed run is in its manifest; that of another run does not help.
    expect_code(&crosstie_in(scratch.path(), &["report", "out"]), 0);
}

#[test]
fn a_policy_that_cannot_hold_is_refused() {
    for (old, new, word) in [
        ("schema_version = 1", "schema_version = 2", "schema_version"),
        ("purpose = ", "purpos = ", "purpos"),
        ("2100-03-31", "\"soon\"", "policy.toml"),
        ("[\"board\", \"works council\"]", "[]", "audience"),
        ("the data protection officer", "dpo@acme.example", "address"),
    ] {
        let refused = with_policy(&POLICY.replace(old, new)).run(&[]);
        expect_code(&refused, 78);
        assert!(stderr(&refused).contains(word) && !stderr(&refused).contains('@'), "{new}: {}", stderr(&refused));
    }
    let scratch = with_policy(POLICY);
    scratch.edit("p.toml", "[privacy]\n", "[privacy]\nretention = \"strict-7d\"\n");
    let refused = scratch.run(&[]);
    expect_code(&refused, 78);
    assert!(stderr(&refused).contains("the policy says"), "{}", stderr(&refused));
    let lower = with_policy(&POLICY.replace("min_people = 12", "min_people = 3"));
    expect_code(&lower.run(&["--quiet"]), 0);
    let manifest: serde_json::Value = serde_json::from_str(&lower.read("out/runs/2026-03-15.001.json")).unwrap();
    assert_eq!(manifest["plan"]["privacy.min_people"], "5", "a policy lowers nothing");
}
