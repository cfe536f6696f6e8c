//! Readers during commits: through `runs/` they get exactly an old or a new run, through a folder whole tables.

use crate::support::rounds;
use crosstie_model::PersonId;
use crosstie_model::tables::{AccountRow, PairCarrierRow};
use crosstie_store::{Folder, Manifest, find_manifests, newest_of_each_date, read_table};
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::scope;

const DATE: &str = "2026-01-01";
const ACCOUNTS: &str = "restricted/accounts/snapshot_date=2026-01-01/part-00000.parquet";
const CARRIERS: &str = "restricted/pair_carriers/snapshot_date=2026-01-01/part-00000.parquet";

/// Commits two tables that both hold the number of the run, a different number of times each.
fn commit(folder: &Folder, number: i64) {
    let account = |at: i64| AccountRow {
        account_id: PersonId::new(&format!("A{at}")).unwrap(),
        class: "bot".into(),
        reason: "test".into(),
        message_count: number,
    };
    let carrier = PairCarrierRow {
        grouping: "unit".into(),
        unit_a: "a".into(),
        unit_b: "b".into(),
        person_id: PersonId::new("P").unwrap(),
        weight_share: 1.0,
        rank: number,
        remaining_share: None,
    };
    let mut staging = folder.begin(&format!("run-{number}"), DATE.parse().unwrap()).unwrap();
    staging.restricted(&(0..1 + number % 50).map(account).collect::<Vec<_>>()).unwrap();
    staging.restricted(&[carrier]).unwrap();
    staging.commit(manifest(number)).unwrap();
}

fn manifest(number: i64) -> Manifest {
    serde_json::from_value(serde_json::json!({
        "run_id": format!("run-{number}"), "kind": "run", "snapshot_date": DATE, "parent": null, "version": "0",
        "pipeline": "test", "window_first": DATE, "window_last": DATE, "key_id": "k", "epoch": 0, "plan": {},
        "inputs": [], "ledger": [], "notices": {}, "counts": {}, "withheld": {}, "wall_clock_day": DATE,
        "status": "complete", "outputs": [],
    }))
    .unwrap()
}

/// The numbers in the two tables.
fn numbers(accounts: &[u8], carriers: &[u8]) -> (i64, i64) {
    let accounts: Vec<AccountRow> = read_table(accounts).unwrap();
    let carriers: Vec<PairCarrierRow> = read_table(carriers).unwrap();
    let number = accounts[0].message_count;
    assert!(accounts.iter().all(|row| row.message_count == number) && accounts.len() as i64 == 1 + number % 50);
    (number, carriers[0].rank)
}

/// The run that the newest manifest names; `None` if it was replaced while it was read.
fn read_exactly(root: &Path) -> Option<i64> {
    let manifests = find_manifests(root).unwrap();
    let (_, _, manifest, _) = newest_of_each_date(&manifests)[0];
    let read = |path: &str| {
        let output = manifest.outputs.iter().find(|output| output.path == path).unwrap();
        let bytes = fs::read(root.join(path)).unwrap();
        (blake3::hash(&bytes).to_hex().as_str() == output.blake3).then_some(bytes)
    };
    let (from_accounts, from_carriers) = numbers(&read(ACCOUNTS)?, &read(CARRIERS)?);
    assert_eq!(from_accounts, from_carriers, "a mix of two runs");
    assert_eq!(manifest.run_id, format!("run-{from_accounts}"));
    Some(from_accounts)
}

/// 100 commits, or as many as `CROSSTIE_COMMITS` says.
#[test]
fn readers_see_an_old_or_a_new_run_and_never_a_mix() {
    let temp = tempfile::tempdir().unwrap();
    let root = temp.path().join("out");
    let folder = Folder::open(&root).unwrap();
    commit(&folder, 1);
    let commits = rounds("CROSSTIE_COMMITS", 100) as i64;
    let done = AtomicBool::new(false);
    let (exact, looked) = scope(|threads| {
        let exact = threads.spawn(|| {
            let (mut seen, mut last) = (0u64, 0);
            while !done.load(Ordering::Relaxed) {
                if let Some(number) = read_exactly(&root) {
                    assert!(number >= last, "time does not go back");
                    last = number;
                    seen += 1;
                }
            }
            seen
        });
        // A reader of the folder may see one table before its run is committed, but always a whole one.
        let looked = threads.spawn(|| {
            let mut seen = 0u64;
            while !done.load(Ordering::Relaxed) {
                let read = |path: &str| fs::read(root.join(path)).unwrap();
                let _ = numbers(&read(ACCOUNTS), &read(CARRIERS));
                seen += 1;
            }
            seen
        });
        (2..=commits).for_each(|number| commit(&folder, number));
        done.store(true, Ordering::Relaxed);
        (exact.join().unwrap(), looked.join().unwrap())
    });
    assert_eq!(read_exactly(&root), Some(commits));
    eprintln!("{commits} commits; {exact} exact readings, {looked} readings of the folder");
    assert!(exact > 0 && looked > 0);
}
