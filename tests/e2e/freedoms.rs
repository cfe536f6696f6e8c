//! The tables of freedoms, introductions, rules and draws, and several groupings side by side, as a run writes them.

use crate::support::{Scratch, expect_code, files, stderr};
use crosstie_model::Record;
use crosstie_model::tables::{
    FreedomRow, IntroductionRow, OrganizationRow, ReplicateRow, SensitivityRow, TieRow, UnitPairRow, UnitRow,
};
use crosstie_store::read_table;
use std::collections::BTreeSet;
use std::fs;

fn table<R: Record>(scratch: &Scratch) -> Vec<R> {
    let spec = R::TABLE;
    let found = files(&scratch.path().join(format!("out/{}/{}", spec.class.folder(), spec.name)));
    found.iter().flat_map(|path| read_table::<R>(&fs::read(path).unwrap()).unwrap()).collect()
}

#[test]
fn a_run_writes_freedoms_rules_and_what_was_asked_for() {
    let scratch = Scratch::synth(&["--people", "200", "--messages", "20000", "--seed", "3"]);
    scratch.edit("p.toml", "unit = \"unit\"", "compare = [\"branch:1\"]\nunit = \"unit\"");
    scratch.edit("p.toml", "[window]", "[measure]\nkeep_replicates = true\nreplicates = 200\n\n[window]");
    expect_code(&scratch.run(&[]), 0);

    let freedoms: Vec<FreedomRow> = table(&scratch);
    let named: BTreeSet<&str> = freedoms.iter().map(|row| row.freedom.as_str()).collect();
    assert_eq!(named, BTreeSet::from(["challenge", "choose", "connect", "contribute"]));
    assert!(
        freedoms.iter().all(|row| !row.cannot_claim.is_empty() && row.estimate.is_some() <= (row.evidence == "enough"))
    );
    let all = |indicator: &str| freedoms.iter().find(|row| row.unit == "(all)" && row.indicator == indicator).unwrap();
    let openness = all("openness");
    assert!(openness.low < openness.estimate && openness.estimate < openness.high, "{openness:?}");
    assert_eq!((all("self_join_share").evidence.as_str(), all("self_join_share").estimate), ("no_data", None));

    let rules: Vec<SensitivityRow> = table(&scratch);
    let ties = |each_way: &str| {
        let row = rules.iter().find(|row| row.rule == "reciprocated_each_way" && row.value == each_way).unwrap();
        row.tie_count.unwrap()
    };
    assert!(ties("1") > ties("3") && ties("3") > ties("20"));
    assert!(rules.iter().any(|row| row.rule == "half_life_days" && row.value == "28"));

    let organization: Vec<OrganizationRow> = table(&scratch);
    let tested = organization.iter().find(|row| row.metric == "self_test_no_silo").unwrap();
    assert!(tested.value.unwrap() <= 1.0 && tested.low <= tested.high, "{tested:?}");
    assert!(organization.iter().any(|row| row.metric == "openness:branch:1"));

    let units: Vec<UnitRow> = table(&scratch);
    let groupings: BTreeSet<&str> = units.iter().map(|row| row.grouping.as_str()).collect();
    assert_eq!(groupings, BTreeSet::from(["branch:1", "unit"]));

    // That there is a row says something of its pair, too.
    let pairs: Vec<UnitPairRow> = table(&scratch);
    let introductions: Vec<IntroductionRow> = table(&scratch);
    assert!(pairs.iter().any(|pair| pair.suppressed) && !introductions.is_empty());
    for row in &introductions {
        let pair = pairs
            .iter()
            .find(|pair| (&pair.grouping, &pair.unit_a, &pair.unit_b) == (&row.grouping, &row.unit_a, &row.unit_b));
        assert!(!pair.unwrap().suppressed);
    }

    let draws: Vec<ReplicateRow> = table(&scratch);
    let own = units.iter().filter(|row| row.grouping == "unit").count();
    assert_eq!(draws.len(), 200 * own);
}

/// Chance within the values of a grouping leaves contact between them as it is, so that grouping has no border left.
#[test]
fn what_chance_exchanges_is_planned() {
    let scratch = Scratch::tiny();
    scratch.edit("p.toml", "unit = \"unit\"", "compare = [\"branch:1\"]\nunit = \"unit\"");
    let organization = |line: &str| -> Vec<OrganizationRow> {
        let plan = scratch.read("p.toml");
        scratch.write("p.toml", &plan.replace("[measure]\n", &format!("[measure]\n{line}\n")));
        expect_code(&scratch.run(&["--quiet"]), 0);
        scratch.write("p.toml", &plan);
        table(&scratch)
    };
    let expected = |rows: &[OrganizationRow], metric: &str| {
        let row = rows.iter().find(|row| row.metric == metric).unwrap();
        (row.value.unwrap(), row.expected)
    };
    let weeks = organization("null = \"week_permutation\"");
    let whole = organization("null = \"configuration\"");
    let within = organization("null_within = \"branch:1\"");
    // What is observed does not depend on chance; what is expected over the whole window is about the same.
    let ei = |rows: &[OrganizationRow]| expected(rows, "ei_index");
    assert!((ei(&weeks).0 - ei(&whole).0).abs() < 1e-12 && (ei(&weeks).0 - ei(&within).0).abs() < 1e-12);
    let (by_week, over_all) = (ei(&weeks).1.unwrap(), ei(&whole).1.unwrap());
    assert!((1e-9..0.1).contains(&(by_week - over_all).abs()), "{by_week} {over_all}");
    let openness = |rows: &[OrganizationRow]| expected(rows, "openness:branch:1").0;
    assert!(openness(&weeks) < -0.3 && openness(&within).abs() < 0.1, "{} {}", openness(&weeks), openness(&within));

    scratch.edit("p.toml", "[measure]\n", "[measure]\nnull_within = \"site\"\n");
    let refused = scratch.run(&[]);
    expect_code(&refused, 78);
    assert!(stderr(&refused).contains("which `directory.compare` does not list"), "{}", stderr(&refused));
}

/// What the table of rules says of a half-life is what a plan with that half-life measures, and no file is read for it.
#[test]
fn a_half_life_in_the_plan_is_the_one_that_is_tried() {
    let scratch = Scratch::tiny();
    expect_code(&scratch.run(&["--quiet"]), 0);
    let openness = |scratch: &Scratch, days: &str| {
        let rules: Vec<SensitivityRow> = table(scratch);
        let row = rules.into_iter().find(|row| row.rule == "half_life_days" && row.value == days);
        row.unwrap().openness.unwrap()
    };
    let (none, tried) = (openness(&scratch, "none"), openness(&scratch, "28"));
    assert!((none - tried).abs() > 1e-6, "{none} {tried}");
    let weights = |scratch: &Scratch| -> (f64, f64) {
        let ties: Vec<TieRow> = table(scratch);
        let sum = |of: fn(&TieRow) -> bool| ties.iter().filter(|tie| of(tie)).map(|tie| tie.weight).sum();
        (sum(|tie| tie.chat_count == 0), sum(|tie| tie.mail_count == 0))
    };
    let (mail, chat) = weights(&scratch);

    let said = |more: &str| {
        let plan = scratch.read("p.toml");
        scratch.write("p.toml", &format!("{plan}\n[ties]\n{more}\n"));
        let ran = scratch.run(&["--log-format", "json"]);
        expect_code(&ran, 0);
        scratch.write("p.toml", &plan);
        stderr(&ran)
    };
    assert!(said("half_life_days = 28").contains("\"0 files read, "));
    assert_eq!((openness(&scratch, "none"), openness(&scratch, "28")), (none, tried));
    assert!(said("chat_weight = 0.5").contains("\"0 files read, "));
    let (mail_now, chat_now) = weights(&scratch);
    assert!((mail_now - mail).abs() < 1e-9, "{mail_now} after {mail}");
    assert!(chat > 0.0 && (chat_now - chat / 2.0).abs() < 1e-3 * chat, "{chat_now} after {chat}");
}
