//! Files as companies have them: packed, damaged, empty, left out; and people who opted out.

use crate::support::{Scratch, crosstie_in, expect_code, stderr};
use crosstie_model::tables::{
    AccountRow, CommunityRow, CoverageRow, FreedomRow, HierarchyRow, IntroductionRow, MetricRow, OrganizationRow,
    PairCarrierRow, PersonRow, SensitivityRow, TieRow, TrendRow, UnitPairRow, UnitRow,
};
use crosstie_model::{Cell, Record};
use crosstie_store::read_table;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// All rows of a table of the only run in a folder.
fn table<R: Record>(out: &Path) -> Vec<R> {
    let spec = R::TABLE;
    let root = out.join(format!("{}/{}", spec.class.folder(), spec.name));
    let dates: Vec<_> = fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(dates.len(), 1, "{}", root.display());
    read_table(&fs::read(dates[0].join("part-00000.parquet")).unwrap()).unwrap()
}

fn cells<R: Record>(out: &Path) -> Vec<Vec<Cell>> {
    table::<R>(out).iter().map(Record::cells).collect()
}

fn gzip(path: &Path) {
    let status = Command::new("gzip").arg("-n").arg(path).stdout(Stdio::null()).status().unwrap();
    assert!(status.success());
}

#[test]
fn packed_files_give_the_same_bytes_of_rows() {
    let scratch = Scratch::new();
    expect_code(&scratch.run(&["--quiet"]), 0);
    let out = scratch.path().join("out");
    let (ties, units) = (cells::<TieRow>(&out), cells::<UnitRow>(&out));
    fs::remove_dir_all(&out).unwrap();
    gzip(&scratch.path().join(scratch.mail()));
    gzip(&scratch.path().join("org/directory.csv"));
    scratch.edit("p.toml", "org/mail/*.csv", "org/mail/*.csv*");
    scratch.edit("p.toml", "org/directory.csv", "org/directory.csv.gz");
    expect_code(&scratch.run(&["--quiet"]), 0);
    assert_eq!((cells::<TieRow>(&out), cells::<UnitRow>(&out)), (ties, units));
}

#[test]
fn a_cut_file_ends_the_run_or_is_left_out_and_marked() {
    let scratch = Scratch::new();
    let mail = scratch.path().join("org/mail/2026-03-09.csv");
    gzip(&mail);
    let packed = mail.with_extension("csv.gz");
    let bytes = fs::read(&packed).unwrap();
    fs::write(&packed, &bytes[..bytes.len() / 2]).unwrap();
    scratch.edit("p.toml", "org/mail/*.csv", "org/mail/*.csv*");
    let refused = scratch.run(&[]);
    expect_code(&refused, 65);
    assert!(stderr(&refused).contains("I201"), "{}", stderr(&refused));
    assert!(!scratch.path().join("out/data/units").exists());

    scratch.edit(
        "p.toml",
        "format = \"csv\"\npath = \"org/mail",
        "format = \"csv\"\non_bad_file = \"skip\"\npath = \"org/mail",
    );
    let ran = scratch.run(&[]);
    expect_code(&ran, 0);
    assert!(stderr(&ran).contains("is left out"), "{}", stderr(&ran));
    let weeks: Vec<CoverageRow> = table(&scratch.path().join("out"));
    let marked: Vec<String> = weeks
        .iter()
        .filter(|week| week.source == "mail" && week.gap_reason.as_deref() == Some("truncated"))
        .map(|week| week.period_start.to_string())
        .collect();
    assert!(marked.contains(&"2026-03-09".to_string()), "{weeks:?}");
}

#[test]
fn an_empty_file_is_a_gap_and_no_zero() {
    let scratch = Scratch::new();
    fs::write(scratch.path().join("org/mail/2026-03-09.csv"), "").unwrap();
    let ran = scratch.run(&[]);
    expect_code(&ran, 0);
    assert!(stderr(&ran).contains("holds no record"));
    let weeks: Vec<CoverageRow> = table(&scratch.path().join("out"));
    let week = weeks.iter().find(|w| w.source == "mail" && w.period_start.to_string() == "2026-03-09").unwrap();
    assert!(week.gap && week.gap_reason.as_deref() == Some("missing_day"), "{week:?}");
}

#[test]
fn what_stands_beside_the_sources_decides_the_run_too() {
    let scratch = Scratch::new();
    expect_code(&scratch.run(&["--quiet"]), 0);
    let again = scratch.run(&[]);
    expect_code(&again, 0);
    assert!(crate::support::stdout(&again).contains("Already done"));
    let aliases = scratch.read("org/aliases.csv");
    scratch.write("org/aliases.csv", &aliases.lines().take(2).collect::<Vec<_>>().join("\n"));
    let changed = scratch.run(&[]);
    expect_code(&changed, 0);
    assert!(!crate::support::stdout(&changed).contains("Already done"), "fewer aliases, other people");
}

/// Mail of the made organization without one person, and the same with that person opted out.
#[test]
fn who_opted_out_might_as_well_not_be_there() {
    let scratch = tempfile::tempdir().unwrap();
    let arguments = ["synth", "org", "--people", "60", "--messages", "2000", "--silos", "0", "--formats", "csv"];
    expect_code(&crosstie_in(scratch.path(), &arguments), 0);
    let org = scratch.path().join("org");
    let folder = org.join("formats/csv");
    let directory = fs::read_to_string(org.join("directory.csv")).unwrap();
    // Somebody without reports, so that no line of the tree hangs on the one who goes.
    let managers: Vec<&str> = directory.lines().filter_map(|line| line.split(',').nth(5)).collect();
    let is_candidate = |line: &&str| {
        let cells: Vec<&str> = line.split(',').collect();
        cells[6] == "person" && !managers.contains(&cells[0]) && cells[7].is_empty() && cells[8].is_empty()
    };
    let line = directory.lines().find(is_candidate).unwrap().to_string();
    let cells_of: Vec<&str> = line.split(',').collect();
    let aliases = fs::read_to_string(org.join("aliases.csv")).unwrap();
    let own: Vec<String> = [cells_of[1], cells_of[2]]
        .into_iter()
        .chain(
            aliases
                .lines()
                .filter(|line| line.ends_with(&format!(",{}", cells_of[0])))
                .map(|line| line.split(',').next().unwrap()),
        )
        .filter(|address| !address.is_empty())
        .map(str::to_lowercase)
        .collect();
    let is_own = |address: &str| {
        let (local, domain) = address.split_once('@').unwrap();
        let plain = format!("{}@{domain}", local.split('+').next().unwrap()).to_lowercase();
        own.contains(&plain)
    };

    fs::write(folder.join("opt-out.csv"), format!("who\n{}\n", own.last().unwrap().to_uppercase())).unwrap();
    let pipeline = fs::read_to_string(folder.join("pipeline.toml")).unwrap();
    let opted = pipeline.replace("[identity]\n", "[identity]\nopt_out_file = \"opt-out.csv\"\n");
    fs::write(folder.join("opted.toml"), opted.replace("path = \"out\"", "path = \"opted\"")).unwrap();
    expect_code(&crosstie_in(&folder, &["run", "opted.toml", "--quiet", "--date", DATE]), 0);

    // The same organization, had the person left before.
    let gone = format!("{},2020-01-01", &line[..line.len() - 1]);
    fs::write(org.join("directory.csv"), directory.replace(&line, &gone)).unwrap();
    for file in crate::support::files(&folder.join("mail")) {
        let text = fs::read_to_string(&file).unwrap();
        let kept: Vec<String> = text.lines().enumerate().filter_map(|(at, line)| without(line, at, &is_own)).collect();
        fs::write(&file, kept.join("\n") + "\n").unwrap();
    }
    fs::write(folder.join("absent.toml"), pipeline.replace("path = \"out\"", "path = \"absent\"")).unwrap();
    expect_code(&crosstie_in(&folder, &["run", "absent.toml", "--quiet", "--date", DATE]), 0);

    let (opted, absent) = (folder.join("opted"), folder.join("absent"));
    macro_rules! same {
        ($($row:ty),+) => { $( assert_eq!(cells::<$row>(&opted), cells::<$row>(&absent)); )+ };
    }
    same!(UnitRow, UnitPairRow, CommunityRow, HierarchyRow, FreedomRow, IntroductionRow, TrendRow, OrganizationRow);
    same!(SensitivityRow, CoverageRow, MetricRow, PersonRow, PairCarrierRow, AccountRow, TieRow);
    // Of the report every line but what names the run and its inputs.
    let report = |out: &Path| {
        let text = fs::read_to_string(out.join(format!("reports/{DATE}/report.md"))).unwrap();
        let is_hash = |word: &str| word.len() == 64 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
        let is_own =
            |line: &&str| line.contains("opt\\_out\\_file") || line.contains("Run ") || line.split(' ').any(is_hash);
        text.lines().filter(|line| !is_own(line)).map(str::to_string).collect::<Vec<String>>()
    };
    assert!(report(&opted).len() > 50);
    assert_eq!(report(&opted), report(&absent));
}

/// A date that the records of both organizations reach.
const DATE: &str = "2026-05-29";

/// A row without a person; `None` if nothing is left of it.
fn without(line: &str, number: usize, is_own: &dyn Fn(&str) -> bool) -> Option<String> {
    if number == 0 {
        return Some(line.to_string());
    }
    let mut cells: Vec<String> = line.split(',').map(str::to_string).collect();
    if is_own(&cells[1]) {
        return None;
    }
    for at in [2, 3] {
        let kept: Vec<&str> = cells[at].split(';').filter(|address| !address.is_empty() && !is_own(address)).collect();
        cells[at] = kept.join(";");
    }
    (!cells[2].is_empty() || !cells[3].is_empty()).then(|| cells.join(","))
}
