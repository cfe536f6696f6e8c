//! No address, key of a person or account name reaches anything that is written or said.

use crate::support::{Scratch, expect_code, files, stderr, stdout};
use crosstie_model::tables::{
    AccountRow, CommunityRow, CoverageRow, FreedomRow, HierarchyRow, IntroductionRow, PairCarrierRow, PersonRow,
    TieRow, UnitPairRow, UnitRow,
};
use crosstie_model::{Day, KeyedHash, Record};
use crosstie_privacy::{MasterKey, Pseudonyms};
use crosstie_store::read_table;
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;

/// Everything that names somebody in the organization's files: addresses, keys, account ids.
fn names(scratch: &Scratch) -> Vec<String> {
    let directory = scratch.read("org/directory.csv");
    let mut names: Vec<String> = directory
        .lines()
        .skip(1)
        .flat_map(|line| line.split(',').take(4).map(str::to_lowercase).collect::<Vec<_>>())
        .filter(|name| name.len() > 3)
        .collect();
    names.extend(
        scratch.read("org/aliases.csv").lines().skip(1).map(|line| line.split(',').next().unwrap().to_string()),
    );
    names
}

fn cells<R: Record>(scratch: &Scratch, text: &mut String) {
    let spec = R::TABLE;
    for path in files(&scratch.path().join(format!("out/{}/{}", spec.class.folder(), spec.name))) {
        let rows: Vec<R> = read_table(&fs::read(path).unwrap()).unwrap();
        for row in &rows {
            text.push_str(&format!("{:?}\n", row.cells()));
        }
    }
}

#[test]
fn nobody_is_named_anywhere() {
    let scratch = Scratch::new();
    let ran = scratch.run(&["--log-format", "json"]);
    expect_code(&ran, 0);
    // A broken run says more than a good one.
    let mut text = stdout(&ran) + &stderr(&ran);
    let broken = scratch.read(scratch.mail()).replace("2026-03-0", "March ");
    scratch.write(scratch.mail(), &broken);
    let failed = scratch.run(&[]);
    expect_code(&failed, 65);
    text.push_str(&(stdout(&failed) + &stderr(&failed)));
    for path in files(&scratch.path().join("out")) {
        text.push_str(&String::from_utf8_lossy(&fs::read(&path).unwrap()));
    }
    // Parquet pages are compressed: the values are read back.
    cells::<UnitRow>(&scratch, &mut text);
    cells::<UnitPairRow>(&scratch, &mut text);
    cells::<CommunityRow>(&scratch, &mut text);
    cells::<HierarchyRow>(&scratch, &mut text);
    cells::<FreedomRow>(&scratch, &mut text);
    cells::<IntroductionRow>(&scratch, &mut text);
    cells::<CoverageRow>(&scratch, &mut text);
    cells::<PersonRow>(&scratch, &mut text);
    cells::<PairCarrierRow>(&scratch, &mut text);
    cells::<AccountRow>(&scratch, &mut text);
    cells::<TieRow>(&scratch, &mut text);
    let text = text.to_lowercase();
    let names = names(&scratch);
    assert!(names.len() > 200);
    let found: Vec<&String> = names.iter().filter(|name| text.contains(name.as_str())).collect();
    assert!(found.is_empty(), "{} names are written, such as {:?}", found.len(), found.first());
}

#[test]
fn modes_do_not_depend_on_the_umask() {
    let scratch = Scratch::new();
    expect_code(&scratch.run(&[]), 0);
    let out = scratch.path().join("out");
    let mode = |path: &str| fs::metadata(out.join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("restricted"), mode("state"), mode("data"), mode("reports")), (0o700, 0o700, 0o750, 0o750));
    assert_eq!(mode("restricted/people/snapshot_date=2026-03-29/part-00000.parquet"), 0o600);
    assert_eq!(mode("data/units/snapshot_date=2026-03-29/part-00000.parquet"), 0o640);
    assert_eq!(mode("state/quarantine/2026-03-29/quarantine.jsonl"), 0o600);
}

#[test]
fn published_cells_hold_the_thresholds() {
    let scratch = Scratch::new();
    scratch.edit("p.toml", "min_people = 5", "min_people = 12");
    expect_code(&scratch.run(&[]), 0);
    let path = |spec: crosstie_model::TableSpec| {
        scratch.path().join(format!("out/data/{}/snapshot_date=2026-03-29/part-00000.parquet", spec.name))
    };
    let units: Vec<UnitRow> = read_table(&fs::read(path(UnitRow::TABLE)).unwrap()).unwrap();
    assert!(units.iter().all(|unit| unit.people_count >= 12));
    let pairs: Vec<UnitPairRow> = read_table(&fs::read(path(UnitPairRow::TABLE)).unwrap()).unwrap();
    let hidden: Vec<&UnitPairRow> = pairs.iter().filter(|pair| pair.suppressed).collect();
    assert!(!hidden.is_empty(), "the sample has thin pairs");
    assert!(
        hidden.iter().all(|pair| pair.weight.is_none() && pair.expected_weight.is_none() && pair.log2_ratio.is_none())
    );
    assert!(pairs.iter().any(|pair| !pair.suppressed && pair.weight.is_some()));
}

#[test]
fn unit_names_stay_text_in_the_report() {
    let scratch = Scratch::new();
    let directory = scratch
        .read("org/directory.csv")
        .replace("Logistics", "<script>alert(1)</script>")
        .replace("Plant North", "\"><img src=x onerror=y>")
        .replace("Plant South", "head@acme.example");
    // A quote inside a field is written twice and quoted.
    scratch
        .write("org/directory.csv", &directory.replace("\"><img src=x onerror=y>", "\"\"\"><img src=x onerror=y>\""));
    let ran = scratch.run(&[]);
    expect_code(&ran, 0);
    let html = scratch.read("out/reports/2026-03-29/index.html");
    assert!(html.contains("&#60;script&#62;") || html.contains("&lt;script&gt;"));
    assert_eq!(html.matches("<script").count(), 1, "our own, which sorts tables");
    for markup in ["<script>alert", "<img", "onerror=y>", "://", "style=", "head@acme.example"] {
        assert!(!html.replace("onerror=y&", "").contains(markup), "{markup}");
    }
    let markdown = scratch.read("out/reports/2026-03-29/report.md");
    assert!(markdown.contains("\\<script\\>") && !markdown.replace("\\<", "").contains('<'));
    assert!(markdown.contains("unit-"), "a label that is an address becomes a code");
}

/// Who has the roster tries every name of it: with the key each pseudonym falls, with any other key none does.
#[test]
fn the_roster_says_nothing_without_the_key() {
    let scratch = Scratch::tiny();
    expect_code(&scratch.run(&["--quiet"]), 0);
    let people = files(&scratch.path().join("out/restricted/people"));
    let people: Vec<PersonRow> = read_table(&fs::read(&people[0]).unwrap()).unwrap();
    let directory = scratch.read("org/directory.csv");
    let roster: Vec<&str> = directory.lines().skip(1).flat_map(|line| line.split(',').take(4)).collect();
    let found = |key: &str| {
        let key = MasterKey::parse(key).unwrap();
        let date: Day = "2026-03-15".parse().unwrap();
        // Of this year and the ones around it, as a person and as an account.
        let ids: BTreeSet<String> = (-2..=2)
            .map(|years| Pseudonyms::new(&key, date.plus(365 * years)))
            .flat_map(|of_year| {
                let people = roster.iter().map(move |name| of_year.person(name));
                let accounts = roster.iter().map(|name| key.handle_id(&format!("mail:{name}")));
                people.chain(accounts.map(move |id| of_year.account(id))).collect::<Vec<_>>()
            })
            .map(|id| id.expose().to_string())
            .collect();
        people.iter().filter(|person| ids.contains(person.person_id.expose())).count()
    };
    assert_eq!(found(crate::support::KEY), people.len(), "the attack finds what is there to be found");
    for other in ["00", "01", "ff", "5a"] {
        assert_eq!(found(&format!("crosstie-key-v1 {}\n", other.repeat(32))), 0);
    }
}
