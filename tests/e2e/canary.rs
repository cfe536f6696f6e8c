//! Words planted in every body, subject and attachment name of every format, and in broken records, come out nowhere:
//! not in tables, reports, state, logs, errors or temporary files. Nor does any address.

use crate::support::{crosstie_in, expect_code, files};
use crosstie_synth::Format;
use parquet::file::reader::{FileReader, SerializedFileReader};
use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Output};

/// What the made files write where an organization writes text.
const TEXT: &str = "\u{2026}";
const CANARY: &str = "canary";

#[test]
fn no_word_of_any_format_comes_out() {
    let scratch = tempfile::tempdir().unwrap();
    let temporary = scratch.path().join("tmp");
    fs::create_dir(&temporary).unwrap();
    let arguments = ["synth", "org", "--people", "60", "--messages", "900", "--silos", "0", "--formats", "all"];
    expect_code(&crosstie_in(scratch.path(), &arguments), 0);
    let mut secrets = vec![CANARY.to_string()];
    secrets.extend(addresses(&scratch.path().join("org/directory.csv")));
    assert!(secrets.len() > 60);
    for format in Format::ALL {
        let folder = scratch.path().join("org/formats").join(format.name());
        let planted = plant(&folder);
        assert!(planted > 0 || is_without_text(format.name()), "{} got no canary", format.name());
        // The broken records are to be set aside, not to end the run.
        let pipeline = folder.join("pipeline.toml");
        let text = fs::read_to_string(&pipeline).unwrap() + "\n[limits]\nmax_quarantined_share = 1.0\n";
        fs::write(&pipeline, text).unwrap();
        let mut said = String::new();
        for arguments in [
            &["check", "pipeline.toml"][..],
            &["ingest", "pipeline.toml", "--out", "out/canonical"],
            &["run", "pipeline.toml", "--log-format", "json"],
        ] {
            fs::create_dir_all(folder.join("out")).unwrap();
            let output = run(&folder, &temporary, arguments);
            said.push_str(&String::from_utf8_lossy(&output.stdout));
            said.push_str(&String::from_utf8_lossy(&output.stderr));
            assert!(output.status.success(), "{}: {said}", format.name());
        }
        for path in files(&folder.join("out")) {
            said.push_str(&dump(&path));
        }
        let said = said.to_lowercase();
        for secret in &secrets {
            assert!(!said.contains(secret.as_str()), "{}: `{secret}` came out", format.name());
        }
        assert_eq!(files(&temporary), Vec::<std::path::PathBuf>::new(), "{}", format.name());
    }
}

/// Formats whose made files hold no text of anybody.
fn is_without_text(format: &str) -> bool {
    ["csv", "csv_recipient_rows", "csv_to_only", "entra", "google_users", "graph_users", "scim", "snapshots"]
        .contains(&format)
}

fn run(folder: &Path, temporary: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crosstie"));
    command.args(arguments).current_dir(folder).env("TMPDIR", temporary).output().unwrap()
}

/// Addresses and their local parts, in lower case.
fn addresses(directory: &Path) -> Vec<String> {
    let text = fs::read_to_string(directory).unwrap().to_lowercase();
    let cells = text.split([',', '\n', ';']).filter(|cell| cell.contains('@'));
    let mut found: Vec<String> = cells.filter_map(|cell| Some(cell.split_once('@')?.0.to_string())).collect();
    // Local parts such as `all` are words of every report.
    found.retain(|local| local.contains('.'));
    found
}

/// Puts canaries into all text below a folder, and a broken record behind the lines of a file. Returns how many.
fn plant(folder: &Path) -> usize {
    unpack(folder);
    let mut count = 0;
    for path in files(folder) {
        let end = path.extension().map(|end| end.to_string_lossy().to_lowercase()).unwrap_or_default();
        if end == "toml" || path.components().any(|part| part.as_os_str() == "reference") {
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        let wide: Vec<u8> = TEXT.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let is_wide = bytes.iter().skip(1).step_by(2).take(200).filter(|&&byte| byte == 0).count() > 100;
        let word: Vec<u8> =
            if is_wide { CANARY.encode_utf16().flat_map(u16::to_le_bytes).collect() } else { CANARY.into() };
        let (mut planted, found) = replaced(&bytes, if is_wide { &wide } else { TEXT.as_bytes() }, &word);
        count += found;
        if !is_wide && ["csv", "jsonl", "log"].contains(&end.as_str()) && found > 0 {
            planted.extend_from_slice(b"\ncanary,\"canary@canary.example\ncanary: {\"canary\"\n");
        }
        fs::write(&path, planted).unwrap();
    }
    count
}

/// A zip archive becomes the folder that it unpacks to, since only the test may look inside.
fn unpack(folder: &Path) {
    let archive = folder.join("slack-export.zip");
    if !archive.is_file() {
        return;
    }
    let mut zip = zip::ZipArchive::new(fs::File::open(&archive).unwrap()).unwrap();
    for at in 0..zip.len() {
        let mut entry = zip.by_index(at).unwrap();
        let path = folder.join("slack-export").join(entry.name().unwrap().as_ref());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        fs::write(path, bytes).unwrap();
    }
    fs::remove_file(archive).unwrap();
    let pipeline = folder.join("pipeline.toml");
    let text = fs::read_to_string(&pipeline).unwrap().replace("slack-export.zip", "slack-export");
    fs::write(pipeline, text).unwrap();
}

fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> (Vec<u8>, usize) {
    let (mut out, mut count, mut at) = (Vec::new(), 0, 0);
    while at < bytes.len() {
        if bytes[at..].starts_with(from) {
            out.extend_from_slice(to);
            at += from.len();
            count += 1;
        } else {
            out.push(bytes[at]);
            at += 1;
        }
    }
    (out, count)
}

/// A file as text: tables row by row, since their pages are compressed.
fn dump(path: &Path) -> String {
    if path.extension().is_some_and(|end| end == "parquet") {
        let reader = SerializedFileReader::new(fs::File::open(path).unwrap()).unwrap();
        return reader.get_row_iter(None).unwrap().map(|row| row.unwrap().to_string()).collect();
    }
    String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned()
}
