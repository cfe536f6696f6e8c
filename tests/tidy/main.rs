//! Rules that hold for the repository as a whole: the picture of its crates, its lints, its documents.

#![expect(clippy::unwrap_used, reason = "a test may stop at anything unexpected")]

use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// The files that git would keep, with this ending.
fn sources(ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![root()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && !["target", "out", ".git", ".venv", "node_modules"].contains(&name.as_str()) {
                open.push(path);
            } else if name.ends_with(ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The crates of the workspace with the crates of the workspace that each depends on.
fn crates() -> BTreeMap<String, Vec<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_string();
    let siblings = |package: &Value| -> Vec<String> {
        let all = package["dependencies"].as_array().unwrap().iter();
        let normal = all.filter(|dependency| dependency["kind"].is_null() && dependency["path"].is_string());
        normal.map(|dependency| text(&dependency["name"])).collect()
    };
    metadata["packages"].as_array().unwrap().iter().map(|package| (text(&package["name"]), siblings(package))).collect()
}

/// Who may see whom. All may see the model.
const PICTURE: [(&str, &[&str]); 12] = [
    ("crosstie", &["crosstie-graph", "crosstie-pipeline", "crosstie-synth"]),
    (
        "crosstie-pipeline",
        &[
            "crosstie-ingest",
            "crosstie-ties",
            "crosstie-measure",
            "crosstie-privacy",
            "crosstie-store",
            "crosstie-report",
        ],
    ),
    ("crosstie-measure", &["crosstie-graph"]),
    ("crosstie-store", &["crosstie-privacy"]),
    ("crosstie-report", &["crosstie-privacy"]),
    ("crosstie-graph", &[]),
    ("crosstie-ingest", &[]),
    ("crosstie-ties", &[]),
    ("crosstie-privacy", &[]),
    ("crosstie-synth", &[]),
    ("crosstie-model", &[]),
    ("xtask", &["crosstie-measure"]),
];

#[test]
fn dependencies_point_down_as_in_the_picture() {
    let crates = crates();
    let named: Vec<&str> = crates.keys().map(String::as_str).collect();
    let mut pictured: Vec<&str> = PICTURE.iter().map(|(name, _)| *name).collect();
    pictured.sort_unstable();
    assert_eq!(named, pictured);
    for (name, allowed) in PICTURE {
        for seen in &crates[name] {
            assert!(seen == "crosstie-model" || allowed.contains(&seen.as_str()), "{name} sees {seen}");
        }
        for seen in allowed {
            assert!(
                crates[name].iter().any(|found| found == seen),
                "{name} does not see {seen} any more: correct the picture"
            );
        }
    }
}

#[test]
fn architecture_names_every_crate_and_no_other() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let mut named: Vec<&str> =
        text.split('`').filter(|word| word.starts_with("crosstie-") || ["crosstie", "xtask"].contains(word)).collect();
    named.sort_unstable();
    named.dedup();
    assert_eq!(named, crates().keys().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn every_crate_keeps_the_lints_and_uses_what_it_names() {
    for path in sources("Cargo.toml").iter().filter(|path| path.starts_with(root().join("crates"))) {
        let manifest = fs::read_to_string(path).unwrap();
        assert!(manifest.contains("[lints]\nworkspace = true"), "{}", path.display());
        let code: String = sources(".rs")
            .iter()
            .filter(|file| file.starts_with(path.parent().unwrap().join("src")))
            .map(|file| fs::read_to_string(file).unwrap())
            .collect();
        let named = manifest.split("[dependencies]").nth(1).unwrap().split("\n[").next().unwrap();
        for dependency in named.lines().filter_map(|line| line.strip_suffix(".workspace = true")) {
            assert!(code.contains(&dependency.replace('-', "_")), "{}: {dependency} is not used", path.display());
        }
    }
}

#[test]
fn every_file_opens_with_what_it_is_and_leaves_nothing_undone() {
    let files = sources(".rs");
    assert!(files.len() > 80);
    // Spelt apart, so that this file does not find itself.
    let undone = [
        ["TO", "DO"].concat(),
        ["FIX", "ME"].concat(),
        ["todo", "!("].concat(),
        ["#[al", "low("].concat(),
        ["#[ig", "nore"].concat(),
    ];
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("//! "), "{} does not open with //!", path.display());
        for word in &undone {
            assert!(!text.contains(word), "{} holds {word}", path.display());
        }
    }
}

#[test]
fn every_code_is_raised_somewhere_and_has_a_page() {
    let table = root().join("crates/crosstie-model/src/diagnostic.rs");
    let code: String = sources(".rs")
        .iter()
        .filter(|path| **path != table && path.starts_with(root().join("crates")))
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    for entry in crosstie_model::CODES {
        assert!(code.contains(&format!("code::{}", entry.id)), "{} is never raised", entry.id);
    }
}

#[test]
fn documents_are_there_and_speak_of_the_project_alone() {
    for name in [
        "README.md",
        "ARCHITECTURE.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "LICENSE",
        "Cargo.lock",
        "deny.toml",
        "clippy.toml",
        "rust-toolchain.toml",
        ".ci/run",
        "docs/operations.md",
        "pipelines/quickstart.toml",
        "data-samples/acme/README.md",
    ] {
        assert!(root().join(name).is_file(), "{name} is missing");
    }
    let changelog = fs::read_to_string(root().join("CHANGELOG.md")).unwrap();
    assert!(changelog.contains("### Numbers that change"));
    for path in sources(".md") {
        let text = fs::read_to_string(&path).unwrap();
        // Pseudonymised data are personal data: the other word is refused.
        assert!(!text.to_lowercase().contains("anonymous"), "{}", path.display());
        for line in text.lines().filter(|line| line.contains("](")) {
            for target in line.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
                let file = target.split('#').next().unwrap();
                let is_local = !file.is_empty() && !file.contains("://");
                assert!(!is_local || path.parent().unwrap().join(file).exists(), "{}: {target}", path.display());
            }
        }
    }
}

/// A snapshot that waits to be looked at, or that no test asks for any more.
#[test]
fn every_snapshot_is_accepted_and_asked_for() {
    for ending in [".snap.new", ".pending-snap"] {
        assert_eq!(sources(ending), Vec::<PathBuf>::new());
    }
    let snapshots = sources(".snap");
    assert!(snapshots.len() > 10);
    for path in snapshots {
        let text = fs::read_to_string(&path).unwrap();
        let source = text.lines().find_map(|line| line.strip_prefix("source: ")).unwrap();
        let test = fs::read_to_string(root().join(source)).unwrap();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let (case, part) = name.rsplit_once('-').unwrap();
        assert!(test.contains(&format!("check(\"{case}\"")), "{name}: no test of {source} asks for it");
        assert!(test.contains(&format!("{{name}}-{part}\"")), "{name}: {source} takes no {part}");
    }
}

#[test]
fn the_readme_names_every_metric() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    for metric in crosstie_pipeline::METRICS {
        assert!(readme.contains(metric.id), "{} is not in the README", metric.id);
    }
}

#[test]
fn the_contract_s_packages_are_there() {
    let lock = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    for name in ["petgraph", "rayon", "csv", "serde", "arrow", "parquet", "clap"] {
        assert!(lock.contains(&format!("name = \"{name}\"\n")), "{name}");
    }
    let versions = lock.matches("name = \"arrow-array\"").count();
    assert_eq!(versions, 1, "a second Arrow cannot exchange arrays with the first");
}
