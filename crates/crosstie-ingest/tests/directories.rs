//! Directories: what public samples of every format must give, and that no bytes upset the readers.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test may stop at anything unexpected, and says when it is skipped"
)]

use crosstie_ingest::{
    Directory, DirectoryFormat, DirectorySpec, IngestError, ListMember, ManagerBy, ManagerState, PersonClass,
    SnapshotPattern, read_directory,
};
use crosstie_model::Day;
use crosstie_privacy::MasterKey;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A file or folder of the samples; `None` where they are absent.
fn sample(name: &str) -> Option<PathBuf> {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")).join(name);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: no {name} beside the checkout");
    None
}

fn read(files: Vec<PathBuf>, change: impl Fn(&mut DirectorySpec)) -> Result<Directory, IngestError> {
    let key = MasterKey::parse(&format!("crosstie-key-v1 {}", "07".repeat(32))).unwrap();
    let mut spec = DirectorySpec { files, ..DirectorySpec::default() };
    change(&mut spec);
    let directory = read_directory(&spec, 0, 0, &key)?;
    assert!(directory.ledger.clone().balance().is_ok(), "the ledger balances");
    Ok(directory)
}

fn ldif(spec: &mut DirectorySpec) {
    spec.format = DirectoryFormat::Ldif;
    spec.unit = Some("ou".into());
}

fn scim(spec: &mut DirectorySpec) {
    spec.format = DirectoryFormat::Scim;
    spec.unit = Some("department".into());
}

fn entra(spec: &mut DirectorySpec) {
    spec.format = DirectoryFormat::Entra;
    spec.unit = Some("department".into());
}

fn graph(spec: &mut DirectorySpec) {
    spec.format = DirectoryFormat::Graph;
    spec.unit = Some("department".into());
}

fn google(spec: &mut DirectorySpec) {
    spec.format = DirectoryFormat::GoogleUsers;
    spec.unit = Some("Org Unit Path".into());
}

fn hr(spec: &mut DirectorySpec) {
    spec.person_key = Some("name".into());
    spec.addresses = vec!["mail".into()];
    spec.manager = Some("managerEmail".into());
    spec.manager_by = ManagerBy::Address;
    spec.unit = Some("department".into());
}

fn notices(directory: &Directory) -> BTreeMap<&str, u64> {
    directory.notices.iter().map(|notice| (notice.code.id, notice.count)).collect()
}

/// How many people have each state of a manager on a day.
fn states(directory: &Directory, day: Day) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for interval in directory.people.iter().filter_map(|person| person.on(day)) {
        *counts.entry(interval.manager_state.name()).or_default() += 1;
    }
    counts
}

/// How many people are on each level.
fn levels(directory: &Directory, day: Day) -> Vec<usize> {
    let mut counts = Vec::new();
    for level in directory.levels_on(day).into_iter().flatten() {
        counts.resize(counts.len().max(level as usize + 1), 0);
        counts[level as usize] += 1;
    }
    counts
}

#[test]
fn example_ldif() {
    let Some(path) = sample("formats/directory/Example.ldif") else { return };
    let directory = read(vec![path], ldif).unwrap();
    let counts = directory.counts();
    assert_eq!((counts.seen, counts.used, counts.excluded_count()), (160, 150, 10));
    let day = Day(20_000);
    assert_eq!(states(&directory, day), BTreeMap::from([("known", 149), ("root", 1)]));
    let managers: BTreeSet<u32> = directory.people.iter().filter_map(|person| person.manager_on(day)).collect();
    assert_eq!((managers.len(), levels(&directory, day)), (13, vec![1, 4, 8, 137]));
    assert_eq!(directory.more_units_count, 149);
    assert!(notices(&directory).is_empty());
    assert_eq!(directory.lists.len(), 5);
    let is_person = |member: &ListMember| matches!(member, ListMember::Person(_));
    assert!(directory.lists.values().flatten().all(is_person));
}

#[test]
fn monthly_snapshots() {
    let Some(folder) = sample("formats/directory/monthly_snapshots") else { return };
    let directory = read(crosstie_ingest::list_files(&folder).unwrap(), |spec| {
        spec.person_key = Some("user_id".into());
        spec.addresses = vec!["email".into()];
        spec.name = vec!["employee_name".into()];
        spec.manager = Some("supervisor".into());
        spec.manager_by = ManagerBy::Name;
        spec.unit = Some("department".into());
        spec.compare = vec!["business_unit".into(), "team".into(), "role".into()];
        spec.snapshot = Some(SnapshotPattern::new("%Y-%m").unwrap());
    })
    .unwrap();
    let intervals: Vec<_> = directory.people.iter().flat_map(|person| &person.intervals).collect();
    assert_eq!((directory.people.len(), intervals.len()), (2_000, 2_000));
    assert_eq!(intervals.iter().filter(|interval| interval.to.is_some()).count(), 60);
    assert_eq!(directory.reaching_back_count, 2_000);
    let roots = intervals.iter().filter(|interval| interval.manager_state == ManagerState::Root).count();
    assert_eq!((roots, notices(&directory)), (1, BTreeMap::new()));
    for (day, people) in [("2009-12-01", 2_000), ("2010-02-01", 1_987), ("2010-06-30", 1_940)] {
        let day = day.parse().unwrap();
        assert_eq!(directory.people.iter().filter(|person| person.is_member(day)).count(), people);
        let levels = levels(&directory, day);
        assert!(levels.len() <= 6 && levels[0] == 1, "{levels:?}");
    }
    let without = |pick: fn(&crosstie_ingest::Interval) -> bool| intervals.iter().filter(|i| pick(i)).count();
    let (no_unit, no_team) = (without(|i| i.unit.is_none()), without(|i| i.labels[1].is_none()));
    assert_eq!((no_unit, no_team), (30, 214));
}

#[test]
fn human_resources_tables() {
    let Some(folder) = sample("formats/directory/hr_tests") else { return };
    let mut people = Vec::new();
    for number in 1..=7 {
        let path = folder.join(format!("test-0{number}/input/hr-data.csv"));
        let directory = read(vec![path], hr).unwrap();
        people.push(directory.people.len());
        let counts = directory.counts();
        match number {
            5 => {
                assert_eq!((counts.seen, counts.duplicate, notices(&directory)["I301"]), (4, 2, 2));
                let sparse = directory.people.iter().find(|person| person.key.contains("Garza")).unwrap();
                assert_eq!((&sparse.intervals[0].unit, sparse.intervals[0].manager_state), (&None, ManagerState::Root));
            }
            6 => assert_eq!(directory.people[0].intervals[0].unit.as_deref(), Some("Engineering")),
            7 => assert_eq!(counts.quarantined.get("I103"), Some(&1)),
            _ => assert_eq!(counts.used, 2),
        }
    }
    assert_eq!(people, [2, 2, 2, 2, 2, 2, 1]);
}

#[test]
fn scim_resources() {
    let Some(folder) = sample("formats/directory/scim") else { return };
    let one = |name: &str| read(vec![folder.join(name)], scim).unwrap();
    for name in ["8.1-user-minimal", "8.2-user-full", "8.3-enterprise_user"] {
        assert_eq!(one(&format!("rfc7643-{name}.json")).people.len(), 1, "{name}");
    }
    let enterprise = one("rfc7643-8.3-enterprise_user.json");
    let interval = &enterprise.people[0].intervals[0];
    assert_eq!((interval.manager_state, interval.unit.as_deref()), (ManagerState::Unknown, Some("Tour Operations")));
    assert_eq!(notices(&enterprise), BTreeMap::from([("I302", 1)]));
    let partial = one("rfc7644-3.4.2-list_response-partial_attributes.json");
    assert!(partial.people.len() == 2 && partial.people.iter().all(|person| person.intervals[0].unit.is_none()));
    let circle = one("rfc7644-3.7.1-list_response-circular_reference.json");
    assert_eq!((circle.people.len(), circle.lists.len()), (0, 2));
    assert!(circle.lists.values().all(|members| matches!(members[..], [ListMember::List(_)])));
    let group = one("rfc7643-8.4-group.json");
    assert_eq!(group.lists["list:e9e30dba-f08f-4109-8486-d5c6a331660a"].len(), 2);
    for path in crosstie_ingest::list_files(&folder).unwrap() {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let is_user = name.contains("user") && !name.contains("schema") && !name.contains("resource_type");
        let is_message = name.contains("patch_op") || name.contains("bulk") || name.contains("error");
        let read = match read(vec![path], scim) {
            Ok(read) => read,
            Err(error) => {
                assert_eq!(name, "rfc7644-3.4.3-list_response-post_query.json", "{error}: pages are missing there");
                continue;
            }
        };
        let expected = usize::from(is_user && !is_message);
        if name != "rfc7644-3.4.2-list_response-partial_attributes.json" {
            assert_eq!(read.people.len(), expected, "{name}");
        }
        assert_eq!(read.counts().quarantined_count(), 0, "{name}");
    }
}

#[test]
fn entra_users() {
    let Some(folder) = sample("formats/azuread") else { return };
    let directory = read(vec![folder.join("exportUsers_2021_real.csv")], entra).unwrap();
    assert_eq!(directory.people.len(), 2);
    let guest = directory.people.iter().find(|person| person.key.starts_with("7cc0")).unwrap();
    assert_eq!(guest.intervals[0].class, PersonClass::Guest);
    assert!(!format!("{directory:?} {:?}", directory.people).contains('='));
    let template = read(vec![folder.join("bulk_create_template_header.csv")], entra).unwrap();
    assert_eq!((template.people.len(), template.counts().seen), (0, 0));
}

#[test]
fn google_and_graph_users() {
    if let Some(path) = sample("formats/google_admin/users_download_header.csv") {
        let directory = read(vec![path], google).unwrap();
        assert_eq!((directory.people.len(), directory.counts().seen), (0, 0));
    }
    if let Some(path) = sample("formats/graph_data_connect/BasicDataSet_v0.User_v1.json") {
        let directory = read(vec![path], graph).unwrap();
        let day = Day(20_000);
        assert_eq!(directory.people.iter().filter(|person| person.is_member(day)).count(), 10);
        assert_eq!((directory.counts().used, directory.has_reporting_lines), (10, false));
        let units = directory.people.iter().filter(|person| person.on(day).unwrap().unit.is_some()).count();
        assert_eq!((units, directory.bad_aliases_count), (6, 0));
    }
}

#[test]
fn reporting_lines_of_a_manufacturer() {
    let Some(path) = sample("manufacturing/reportsto.csv") else { return };
    let directory = read(vec![path], |spec| {
        spec.person_key = Some("ID".into());
        spec.manager = Some("ReportsToID".into());
    })
    .unwrap();
    assert_eq!(states(&directory, Day(0)), BTreeMap::from([("known", 153), ("root", 1)]));
}

/// A sample of each format, cut to a size that can be read often.
/// What a sample needs beside its path.
type Change = fn(&mut DirectorySpec);

fn samples() -> Vec<(Vec<u8>, Change)> {
    let names: [(&str, Change); 7] = [
        ("formats/directory/Example.ldif", ldif),
        ("formats/directory/hr_tests/test-06/input/hr-data.csv", hr),
        ("formats/directory/scim/rfc7643-8.3-enterprise_user.json", scim),
        ("formats/directory/scim/rfc7644-3.7.1-list_response-circular_reference.json", scim),
        ("formats/azuread/exportUsers_2021_real.csv", entra),
        ("formats/google_admin/users_download_header.csv", google),
        ("formats/graph_data_connect/BasicDataSet_v0.User_v1.json", graph),
    ];
    let cut = |path: PathBuf| fs::read(path).map(|bytes| bytes[..bytes.len().min(4_000)].to_vec()).unwrap();
    names.into_iter().filter_map(|(name, change)| Some((cut(sample(name)?), change))).collect()
}

/// Reads bytes; whatever they are, the account balances or the file is refused as a whole.
fn survives(folder: &Path, bytes: &[u8], change: fn(&mut DirectorySpec)) {
    let path = folder.join("d");
    fs::write(&path, bytes).unwrap();
    match read(vec![path], change) {
        Ok(directory) => assert!(directory.counts().seen as usize <= bytes.len()),
        Err(error) => assert!(matches!(error, IngestError::Unusable(_)), "{error}"),
    }
}

#[test]
fn every_cut_of_a_sample_is_survived() {
    let folder = tempfile::tempdir().unwrap();
    for (bytes, change) in samples() {
        for length in 0..bytes.len().min(1_500) {
            survives(folder.path(), &bytes[..length], change);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Random edits of the samples, and random bytes.
    #[test]
    fn any_bytes_are_survived(
        edits in prop::collection::vec((0usize..4_000, prop::sample::select(b"\n\r\"{}[],:;= <#\\\xffaA0".to_vec())), 0..12),
        noise in prop::collection::vec(any::<u8>(), 0..200),
        insert in any::<bool>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        for (mut bytes, change) in samples() {
            for &(at, byte) in &edits {
                let at = at % bytes.len();
                if insert {
                    bytes.insert(at, byte);
                } else {
                    bytes[at] = byte;
                }
            }
            survives(folder.path(), &bytes, change);
        }
        for change in [ldif, hr, scim, entra, google, graph] {
            survives(folder.path(), &noise, change);
        }
    }
}
