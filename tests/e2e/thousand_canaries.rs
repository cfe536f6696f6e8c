//! A thousand words, each planted once in a personal field of the directory or of a message: none of them is in anything that
//! a run writes or says, whether it ends well, fails or is killed.

use crate::support::{expect_code, files};
use parquet::file::reader::{FileReader, SerializedFileReader};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

const PEOPLE: usize = 150;
/// Personal fields of a person: key, two addresses, account, two parts of the name.
const FIELDS: usize = 6;
const MESSAGES: usize = 100;

/// A word that occurs nowhere else.
fn canary(number: usize) -> String {
    format!("zq{:05}xv", (number * 7919) % 99_991)
}

fn field(person: usize, field: usize) -> String {
    canary(person * FIELDS + field)
}

/// An organization in which everything personal is a canary; returns all of them.
fn plant(folder: &Path) -> BTreeSet<String> {
    let mut directory = String::from("id,mail,other,slack,first,last,unit,boss\n");
    for person in 0..PEOPLE {
        let [key, one, two, account, first, last] = std::array::from_fn(|at| field(person, at));
        let boss = if person == 0 { String::new() } else { field(person / 8, 0) };
        let unit = ["North", "South", "West"][person % 3];
        writeln!(directory, "{key},{one}@corp.example,{two}@corp.example,{account},{first},{last},{unit},{boss}")
            .unwrap();
    }
    let address = |person: usize| format!("{}@corp.example", field(person % PEOPLE, 1 + person % 2));
    let mut mail = String::from("at,from,to,cc,id,subject,attachment\n");
    for number in 0..6000 {
        let (from, to, cc) = (number * 37, number * 61 + number / 7 + 1, number * 11 + 5);
        let day = 2 + number % 28;
        // The first hundred have a subject, an attachment and an id that are canaries, too.
        let [subject, attachment] = [0, 1].map(|at| match number < MESSAGES / 2 {
            true => canary(PEOPLE * FIELDS + 2 * number + at),
            false => "about work".into(),
        });
        writeln!(
            mail,
            "2026-03-{day:02}T{:02}:{:02}:00Z,{},{},{},<{number}.{}@x>,{subject} of {},{attachment}.pdf",
            7 + number % 11,
            number % 60,
            address(from),
            address(to),
            address(cc),
            field(from % PEOPLE, 5),
            field(from % PEOPLE, 4),
        )
        .unwrap();
    }
    fs::write(folder.join("directory.csv"), directory).unwrap();
    fs::write(folder.join("mail.csv"), mail).unwrap();
    fs::write(
        folder.join("p.toml"),
        "schema_version = 1\nname = \"canaries\"\n\n[directory]\nformat = \"csv\"\npath = \"directory.csv\"\nunit = \"unit\"\n\n\
         [directory.columns]\nperson_key = \"id\"\naddresses = [\"mail\", \"other\"]\naccounts = { slack = \"slack\" }\n\
         manager = \"boss\"\nname = [\"first\", \"last\"]\n\n[[sources]]\nname = \"mail\"\nkind = \"mail\"\nformat = \"csv\"\n\
         path = \"mail.csv\"\ncomplete = true\n\n[sources.columns]\nsent_at = \"at\"\nsender = \"from\"\nto = \"to\"\ncc = \"cc\"\n\
         message_id = \"id\"\n\n[identity]\ninternal_domains = [\"corp.example\"]\nmatch_names = \"auto\"\n\n\
         [measure]\nreplicates = 200\npermutations = 50\n\n[silos]\nrestarts = 1\n\n[output]\npath = \"out\"\n",
    )
    .unwrap();
    (0..PEOPLE * FIELDS + MESSAGES).map(canary).collect()
}

/// Everything below a folder, and what was said, holds no word, as it is, in hexadecimal or in base 64.
#[track_caller]
fn expect_none(what: &str, words: &BTreeSet<String>, folders: &[&Path], said: &[u8]) {
    let ended_early = what.starts_with("killed") || what == "panicked";
    let mut all = said.to_vec();
    for path in folders.iter().flat_map(|folder| files(folder)) {
        all.extend(path.display().to_string().bytes());
        all.extend(dump(&path, ended_early));
    }
    let found = |bytes: &[u8], length: usize, words: &BTreeSet<Vec<u8>>| {
        bytes.windows(length).find(|window| words.contains(*window)).map(<[u8]>::to_vec)
    };
    let lower: Vec<u8> = all.to_ascii_lowercase();
    let plain: BTreeSet<Vec<u8>> = words.iter().map(|word| word.clone().into_bytes()).collect();
    assert_eq!(found(&lower, 9, &plain), None, "{what}");
    let hex: BTreeSet<Vec<u8>> = words
        .iter()
        .map(|word| word.bytes().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}")).into())
        .collect();
    assert_eq!(found(&lower, 18, &hex), None, "{what}, in hexadecimal");
    // Of nine bytes base 64 has twelve signs at one of three offsets; the middle ones are the same at each.
    for offset in 0..3 {
        let coded: BTreeSet<Vec<u8>> = words.iter().map(|word| base64(&word.as_bytes()[offset..offset + 6])).collect();
        assert_eq!(found(&all, 8, &coded), None, "{what}, in base 64");
    }
}

fn base64(bytes: &[u8]) -> Vec<u8> {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (threes, _) = bytes.as_chunks::<3>();
    let of_three = |&[a, b, c]: &[u8; 3]| {
        let number = usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c);
        [18, 12, 6, 0].map(|shift| SIGNS[(number >> shift) & 63])
    };
    threes.iter().flat_map(of_three).collect()
}

/// A file as bytes: tables row by row, since their pages are compressed. A run that ended early leaves tables half written:
/// those are looked at as they are.
fn dump(path: &Path, ended_early: bool) -> Vec<u8> {
    if path.extension().is_none_or(|end| end != "parquet") {
        return fs::read(path).unwrap();
    }
    match SerializedFileReader::new(fs::File::open(path).unwrap()) {
        Ok(table) => table.get_row_iter(None).unwrap().flat_map(|row| row.unwrap().to_string().into_bytes()).collect(),
        Err(_) if ended_early => fs::read(path).unwrap(),
        Err(fault) => panic!("{}: {fault}", path.display()),
    }
}

fn command(folder: &Path, temporary: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crosstie"));
    command
        .args(["run", "p.toml", "--log-format", "json", "--date", "2026-03-29"])
        .current_dir(folder)
        .env("TMPDIR", temporary)
        .env("RUST_LOG", "trace")
        .env("RUST_BACKTRACE", "full");
    command
}

#[test]
fn none_of_a_thousand_comes_out() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path();
    let (out, temporary) = (folder.join("out"), folder.join("tmp"));
    fs::create_dir(&temporary).unwrap();
    let words = plant(folder);
    assert_eq!(words.len(), 1000);
    assert!(fs::read_to_string(folder.join("directory.csv")).unwrap().contains(words.first().unwrap()));

    // Killed at several moments: what is left holds none.
    for round in 0..6u64 {
        let mut child = command(folder, &temporary).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(15 + 60 * round));
        // What the system shows of a process to others: its arguments and, to its user, its environment.
        let seen: Vec<u8> = ["cmdline", "environ"]
            .iter()
            .flat_map(|name| fs::read(format!("/proc/{}/{name}", child.id())).unwrap_or_default())
            .collect();
        let _ = child.kill();
        let ended = child.wait_with_output().unwrap();
        assert!(
            [None, Some(0)].contains(&ended.status.code()),
            "killed, or done: {}",
            String::from_utf8_lossy(&ended.stderr)
        );
        let said = [seen, ended.stdout, ended.stderr].concat();
        expect_none(&format!("killed, round {round}"), &words, &[&out, &temporary], &said);
    }
    // A bug: where no thread can be had, a run panics, and says where and not what.
    if Command::new("strace").arg("--version").output().is_ok_and(|found| found.status.success()) {
        let panics = command(folder, &temporary);
        let mut traced = Command::new("strace");
        traced.args(["-f", "-qq", "-o", "/dev/null", "-e", "inject=clone3:error=EAGAIN:when=1"]);
        traced.arg(panics.get_program()).args(panics.get_args()).current_dir(folder);
        panics.get_envs().for_each(|(name, value)| {
            traced.env(name, value.unwrap());
        });
        let ended = traced.output().unwrap();
        expect_code(&ended, 70);
        expect_none("panicked", &words, &[&out, &temporary], &[ended.stdout, ended.stderr].concat());
    } else {
        eprintln!("skipped: a run that panics needs strace");
    }
    // Ended well.
    let done = command(folder, &temporary).output().unwrap();
    expect_code(&done, 0);
    expect_none("done", &words, &[&out, &temporary], &[done.stdout, done.stderr].concat());
    assert!(files(&out).len() > 15);
    // Failed: rows that cannot be read, with canaries where times and addresses belong.
    let mail = fs::read_to_string(folder.join("mail.csv")).unwrap();
    let broken: String = words.iter().map(|word| format!("{word},{word},{word} {word},\"{word},,\n")).collect();
    fs::write(folder.join("mail.csv"), mail + &broken).unwrap();
    let failed = command(folder, &temporary).output().unwrap();
    expect_code(&failed, 65);
    expect_none("failed", &words, &[&out, &temporary], &[failed.stdout, failed.stderr].concat());
}
