//! `export`: a window's graph in three forms, as other programs read it; what is refused; who took it.

use crate::readers::{python, run};
use crate::support::{Scratch, crosstie_in, expect_code, files, hashes, root, stderr, stdout};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Output;

const FORMATS: [&str; 3] = ["graphml", "gexf", "csv"];

fn export(scratch: &Scratch, format: &str, more: &[&str]) -> Output {
    crosstie_in(scratch.path(), &[&["export", "out", "--format", format], more].concat())
}

/// A committed run with a label that XML and CSV have to quote.
fn committed() -> Scratch {
    let scratch = Scratch::new();
    let directory = scratch.read("org/directory.csv");
    assert!(directory.contains("Plant North"));
    scratch.write("org/directory.csv", &directory.replace("Plant North", "\"R&D, <\"\"West\"\">\""));
    expect_code(&scratch.run(&[]), 0);
    scratch
}

#[test]
fn other_programs_read_the_graph_of_the_tables() {
    let Some(python) = python() else { return };
    let scratch = committed();
    for format in FORMATS {
        expect_code(&export(&scratch, format, &["--to", &format!("graph.{format}")]), 0);
    }
    let at = |name: &str| scratch.path().join(name).display().to_string();
    assert!(scratch.read("graph.gexf").contains("value=\"R&amp;D, &lt;&quot;West&quot;&gt;\""));
    let script = root().join("tests/readers/read_graph.py");
    let said = run(
        &python,
        &script,
        &scratch.path().join("out"),
        &[&at("graph.graphml"), &at("graph.gexf"), &at("graph.csv")],
    );
    assert!(said.starts_with("80 people and") && said.contains("agree with the tables"), "{said}");
}

#[test]
fn equal_tables_give_equal_bytes_for_their_owner_alone() {
    let scratch = committed();
    expect_code(&scratch.run(&["--date", "2026-03-22"]), 0);
    let before = hashes(&scratch.path().join("out"));
    expect_code(&export(&scratch, "csv", &["--to", "a/csv"]), 73);
    ["a", "b"].iter().for_each(|folder| fs::create_dir(scratch.path().join(folder)).unwrap());
    for format in FORMATS {
        let to = |place: &str| format!("{place}{format}");
        expect_code(&export(&scratch, format, &["--to", &to("a/")]), 0);
        expect_code(&export(&scratch, format, &["--date", "2026-03-29", "--to", &to("b/")]), 0);
        let earlier = export(&scratch, format, &["--date", "2026-03-22", "--to", &to("b/earlier.")]);
        expect_code(&earlier, 0);
        assert!(stdout(&earlier).contains("window that ends on 2026-03-22"), "{}", stdout(&earlier));
        expect_code(&export(&scratch, format, &["--to", &to("a/")]), 73);
    }
    let (a, b) = (hashes(&scratch.path().join("a")), hashes(&scratch.path().join("b")));
    assert_eq!(a.keys().collect::<Vec<_>>(), ["csv/edges.csv", "csv/nodes.csv", "gexf", "graphml"]);
    for (name, hash) in &a {
        assert_eq!(b.get(name), Some(hash), "{name}");
        assert_ne!(b.get(&format!("earlier.{name}")), Some(hash), "{name}: another window");
    }
    let names: Vec<String> =
        scratch.read("org/aliases.csv").lines().skip(1).map(|line| line.split(',').next().unwrap().into()).collect();
    for path in files(&scratch.path().join("a")) {
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600, "{path:?}");
        let text = fs::read_to_string(&path).unwrap().to_lowercase();
        assert!(!text.contains('@') && names.iter().all(|name| !text.contains(name.as_str())), "{path:?}");
    }
    let folder = fs::metadata(scratch.path().join("a/csv")).unwrap();
    assert_eq!(folder.permissions().mode() & 0o777, 0o700);
    // The output folder holds one thing more: that somebody took the graph.
    let mut after = hashes(&scratch.path().join("out"));
    assert!(after.remove("state/audit.jsonl").is_some());
    assert_eq!(after, before);
    let log = scratch.read("out/state/audit.jsonl");
    assert!(log.lines().all(|line| line.contains("\"command\":\"export --format ")), "{log}");
    assert!(log.contains("\"date\":\"2026-03-22\",\"count\":82"), "{log}");
    expect_code(&crosstie_in(scratch.path(), &["verify", "out"]), 0);
}

#[test]
fn what_cannot_be_exported() {
    let scratch = committed();
    for inside in ["out/data/graph", "out/reports/graph", "out/graph", "./out/../out/graph"] {
        let refused = export(&scratch, "graphml", &["--to", inside]);
        expect_code(&refused, 2);
        assert!(stderr(&refused).contains("lies in the output folder"), "{}", stderr(&refused));
    }
    expect_code(&crosstie_in(scratch.path(), &["export", "out", "--to", "g"]), 2);
    expect_code(&crosstie_in(scratch.path(), &["export", "out", "--daily", "--format", "csv", "--to", "g"]), 2);
    expect_code(&crosstie_in(scratch.path(), &["export", "org", "--format", "csv", "--to", "g"]), 66);
    expect_code(&crosstie_in(scratch.path(), &["export", "org", "--daily", "--to", "g"]), 66);
    expect_code(&export(&scratch, "csv", &["--date", "2025-01-01", "--to", "g"]), 66);
    let ties = "out/restricted/ties/snapshot_date=2026-03-29/part-00000.parquet";
    let whole = fs::read(scratch.path().join(ties)).unwrap();
    let mut bytes = whole.clone();
    bytes[whole.len() / 2] ^= 1;
    fs::write(scratch.path().join(ties), bytes).unwrap();
    let changed = export(&scratch, "gexf", &["--to", "g"]);
    expect_code(&changed, 65);
    assert!(stderr(&changed).contains("S103"), "{}", stderr(&changed));
    fs::write(scratch.path().join(ties), whole).unwrap();
    // What retention took cannot be had.
    expect_code(&crosstie_in(scratch.path(), &["purge", "out", "--as-of", "2026-06-01"]), 0);
    let gone = export(&scratch, "gexf", &["--to", "g"]);
    expect_code(&gone, 66);
    assert!(stderr(&gone).contains("past its retention"), "{}", stderr(&gone));
    assert!(!scratch.path().join("g").exists());
    // Nobody was shown anything, so nothing is noted.
    assert!(!scratch.path().join("out/state/audit.jsonl").exists());
}
