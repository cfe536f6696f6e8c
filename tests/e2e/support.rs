//! What the tests share: the binary, a scratch folder with a small organization, hashes of a tree.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// The repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// The command with these arguments, run in `folder`.
pub(crate) fn crosstie_in(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_crosstie")).args(arguments).current_dir(folder).output().unwrap()
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Fails with what the command said unless it ended with this code.
#[track_caller]
pub(crate) fn expect_code(output: &Output, code: i32) {
    assert_eq!(output.status.code(), Some(code), "stdout: {}\nstderr: {}", stdout(output), stderr(output));
}

/// A key, so that two output folders hold the same pseudonyms.
pub(crate) const KEY: &str = "crosstie-key-v1 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n";

/// A scratch folder with a made organization in `org/` and a pipeline file `p.toml` that writes to `out/`.
pub(crate) struct Scratch {
    folder: TempDir,
}

impl Scratch {
    /// 80 people, 3,000 messages, 28 days: small enough for every test.
    pub(crate) fn new() -> Scratch {
        Scratch::synth(&["--people", "80", "--messages", "3000", "--days", "28", "--silos", "1", "--seed", "5"])
    }

    /// As few people and draws as a run takes, for tests of hundreds of runs.
    pub(crate) fn tiny() -> Scratch {
        let scratch =
            Scratch::synth(&["--people", "60", "--messages", "600", "--days", "14", "--silos", "0", "--seed", "5"]);
        scratch.edit(
            "p.toml",
            "[window]\n",
            "[measure]\nreplicates = 200\npermutations = 50\n\n[silos]\nrestarts = 1\n\n[window]\n",
        );
        scratch
    }

    pub(crate) fn synth(arguments: &[&str]) -> Scratch {
        let scratch = Scratch { folder: tempfile::tempdir().unwrap() };
        let made = crosstie_in(scratch.path(), &[&["synth", "org"], arguments].concat());
        expect_code(&made, 0);
        let text = fs::read_to_string(root().join("pipelines/quickstart.toml")).unwrap();
        let text = text.replace("../data-samples/acme", "org").replace("../out/quickstart", "out");
        scratch
            .write("p.toml", &text.replace("[window]", "[privacy]\nkey_file = \"k.key\"\nmin_people = 5\n\n[window]"));
        scratch.write("k.key", KEY);
        set_mode(&scratch.path().join("k.key"), 0o600);
        scratch
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path().join(name), text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(name)).unwrap()
    }

    /// Replaces text in a file, which must hold it.
    pub(crate) fn edit(&self, name: &str, from: &str, to: &str) {
        let text = self.read(name);
        assert!(text.contains(from), "{name} does not hold {from}");
        self.write(name, &text.replacen(from, to, 1));
    }

    pub(crate) fn run(&self, more: &[&str]) -> Output {
        crosstie_in(self.path(), &[&["run", "p.toml"], more].concat())
    }

    /// The first file of mail.
    pub(crate) fn mail(&self) -> &'static str {
        "org/mail/2026-03-02.csv"
    }
}

/// A test that cannot run says so, and fails where `CI` is set.
pub(crate) fn not_run(why: &str) {
    eprintln!("not run: {why}");
    assert!(std::env::var_os("CI").is_none(), "CI must be able to run this test: {why}");
}

/// How many rounds of a long test to do: `short`, or what an environment variable says.
pub(crate) fn rounds(variable: &str, short: usize) -> usize {
    std::env::var_os(variable).map_or(short, |text| text.to_string_lossy().parse().unwrap())
}

/// A copy of a folder with its modes.
pub(crate) fn copy_folder(from: &Path, to: &Path) {
    let _ = fs::remove_dir_all(to);
    let status = Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap();
    assert!(status.success());
}

pub(crate) fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// All files below a folder.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() { open.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

/// Hash of every file below a folder, by relative path; but for what a run keeps of what it read, which tells inputs by
/// path and inode and is no output. Of manifests without what runs took, and what hashes that.
pub(crate) fn hashes(folder: &Path) -> BTreeMap<String, String> {
    let hash = |path: &PathBuf| blake3::hash(&without_clock(path)).to_hex().to_string();
    let name = |path: &PathBuf| path.strip_prefix(folder).unwrap().display().to_string();
    let is_output = |(name, _): &(String, &PathBuf)| !name.contains("state/read/");
    let files = files(folder);
    files.iter().map(|path| (name(path), path)).filter(is_output).map(|(name, path)| (name, hash(path))).collect()
}

/// The bytes of a file, of a manifest only what does not hang on clocks.
fn without_clock(path: &Path) -> Vec<u8> {
    let bytes = fs::read(path).unwrap();
    if path.parent().and_then(Path::file_name).is_none_or(|folder| folder != "runs") {
        return bytes;
    }
    let mut manifest: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    ["cost", "seal", "parent"].iter().for_each(|name| {
        manifest.as_object_mut().unwrap().remove(*name);
    });
    serde_json::to_vec(&manifest).unwrap()
}
