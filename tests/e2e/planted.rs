//! What was planted in the sample is found, and nothing is found where nothing was planted.

use crate::support::{KEY, Scratch, crosstie_in, expect_code, root, set_mode, stderr, stdout};
use crosstie_model::tables::{PersonRow, UnitRow};
use crosstie_model::{Day, Record};
use crosstie_privacy::{MasterKey, Pseudonyms};
use crosstie_store::read_table;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

fn table<R: Record>(out: &Path, date: &str) -> Vec<R> {
    let spec = R::TABLE;
    let path = out.join(format!("{}/{}/snapshot_date={date}/part-00000.parquet", spec.class.folder(), spec.name));
    read_table(&fs::read(path).unwrap()).unwrap()
}

#[test]
fn planted_silos_and_bridges_of_the_sample_are_found() {
    let scratch = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(root().join("pipelines/quickstart.toml")).unwrap();
    let text = text
        .replace("../data-samples", &root().join("data-samples").display().to_string())
        .replace("../out/quickstart", "out");
    fs::write(scratch.path().join("p.toml"), text + "\n[privacy]\nkey_file = \"k.key\"\n").unwrap();
    fs::write(scratch.path().join("k.key"), KEY).unwrap();
    set_mode(&scratch.path().join("k.key"), 0o600);
    expect_code(&crosstie_in(scratch.path(), &["run", "p.toml"]), 0);
    let truth: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(root().join("data-samples/acme/truth.json")).unwrap()).unwrap();
    let listed = |name: &str| -> Vec<String> {
        truth[name].as_array().unwrap().iter().map(|value| value.as_str().unwrap().to_string()).collect()
    };

    let out = scratch.path().join("out");
    let units: Vec<UnitRow> = table(&out, "2026-05-31");
    assert_eq!(units.len(), 12);
    let silos: Vec<String> =
        units.iter().filter(|unit| unit.silo == Some(true)).map(|unit| unit.unit.clone()).collect();
    assert_eq!(silos, listed("silos"));

    let key = MasterKey::parse(KEY).unwrap();
    let date: Day = "2026-05-31".parse().unwrap();
    let people: BTreeMap<String, PersonRow> = table::<PersonRow>(&out, "2026-05-31")
        .into_iter()
        .map(|row| (row.person_id.expose().to_string(), row))
        .collect();
    let bridges = listed("bridges");
    assert!(bridges.len() >= 3);
    for bridge in bridges {
        let row = &people[Pseudonyms::new(&key, date).person(&bridge).expose()];
        assert!(row.bridge_p.unwrap() <= 0.05, "a planted bridge has p = {:?}", row.bridge_p);
        assert!(row.bridge_residual.unwrap() > 0.0);
        assert_eq!(row.bridge, None, "one window is not enough for a flag");
    }
}

#[test]
fn an_organization_without_silos_shows_none() {
    for seed in ["1", "2"] {
        let scratch = Scratch::synth(&["--people", "300", "--messages", "30000", "--silos", "0", "--seed", seed]);
        scratch.edit("p.toml", "min_people = 5", "min_people = 10");
        expect_code(&scratch.run(&[]), 0);
        let units: Vec<UnitRow> = table(&scratch.path().join("out"), "2026-05-31");
        assert!(units.iter().filter(|unit| unit.silo == Some(false)).count() >= 10, "the rule was applied");
        assert!(units.iter().all(|unit| unit.silo != Some(true)));
    }
}

/// Real mail, with no code made for it. What the library computes is tested in crosstie-pipeline; here the command.
#[test]
fn manufacturing_runs_as_it_comes() {
    let data = root().join("../shared/data/manufacturing");
    if !data.is_dir() {
        eprintln!("skipped: no manufacturing data beside the checkout");
        return;
    }
    let scratch = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(root().join("tests/config/valid/accounts-and-branches.toml")).unwrap();
    let text = text.replace("DATA", &data.display().to_string());
    fs::write(scratch.path().join("p.toml"), text).unwrap();
    let ran = crosstie_in(scratch.path(), &["run", "p.toml"]);
    expect_code(&ran, 0);
    let said = stdout(&ran);
    assert!(
        said.contains("82927 records seen: 82563 used, 313 duplicates, 51 excluded (self only 51), 0 quarantined."),
        "{said}"
    );
    assert!(
        said.contains("154 people in 4 units; 57647 messages within the recipient limit")
            && said.contains("Silos cannot be judged"),
        "{said}"
    );
    assert!(!stderr(&ran).contains("error"));

    let organization: Vec<crosstie_model::tables::OrganizationRow> = table(&scratch.path().join("out"), "2010-09-30");
    let row = |name: &str| organization.iter().find(|row| row.metric == name).unwrap();
    let near =
        |got: Option<f64>, expected: f64| assert!((got.unwrap() - expected).abs() < 1e-5, "{got:?} against {expected}");
    near(row("external_share").value, 0.480427);
    near(row("external_share").expected, 0.612685);
    near(row("openness").value, -0.350830);
    assert_eq!(row("direct_routing_share").value, None, "four units have four heads: too few to speak of");
}
