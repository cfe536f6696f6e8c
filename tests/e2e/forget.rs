//! `forget`: of a person who asked for it nothing is found any more, in whatever form; nor does anything come back.

use crate::support::{Scratch, copy_folder, crosstie_in, expect_code, files, hashes, not_run, rounds, stderr, stdout};
use crosstie_model::tables::{OrganizationRow, PersonRow, TieRow, UnitPairRow, UnitRow};
use crosstie_model::{Day, KeyedHash, Purpose, Record};
use crosstie_privacy::{MasterKey, Pseudonyms};
use crosstie_store::{read_release, read_table, release_names};
use parquet::file::reader::{FileReader, SerializedFileReader};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const DATES: [&str; 2] = ["2026-03-08", "2026-03-15"];

/// Somebody of the directory.
pub(crate) struct Somebody {
    pub(crate) key: String,
    pub(crate) address: String,
    /// In the forms of the directory: all addresses and accounts.
    handles: Vec<String>,
}

/// Who wrote most mail, with all that the directory has.
pub(crate) fn somebody(scratch: &Scratch) -> Somebody {
    let mail: String =
        files(&scratch.path().join("org/mail")).iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    let directory = scratch.read("org/directory.csv");
    let rows: Vec<Vec<&str>> = directory.lines().skip(1).map(|line| line.split(',').collect()).collect();
    let busiest = rows.iter().max_by_key(|row| mail.matches(row[1]).count()).unwrap();
    let others = busiest[2].split(';').filter(|other| !other.is_empty());
    let mut handles: Vec<String> = std::iter::once(busiest[1]).chain(others).map(|one| format!("mail:{one}")).collect();
    assert!(!busiest[3].is_empty(), "an account of chat");
    // As the directory has it, and as messages do: with the workspace.
    let account = busiest[3].to_lowercase();
    handles.extend([format!("slack:{account}"), format!("slack:T0ACME/{account}")]);
    Somebody { key: busiest[0].into(), address: busiest[1].into(), handles }
}

/// The command with this on standard input, under strace where there are options for it.
pub(crate) fn with_input(scratch: &Scratch, strace: &[&str], arguments: &[&str], input: &str) -> Output {
    let program = env!("CARGO_BIN_EXE_crosstie");
    let mut command = Command::new(if strace.is_empty() { program } else { "strace" });
    if !strace.is_empty() {
        command.args(["-f", "-qq", "-o", "/dev/null"]).args(strace).arg(program);
    }
    let pipes = command.args(arguments).current_dir(scratch.path());
    let mut child = pipes.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A process that is killed early does not read it.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn forget(scratch: &Scratch, strace: &[&str], person: &Somebody) -> Output {
    with_input(scratch, strace, &["forget", "out", "--pipeline", "p.toml"], &format!("{}\n", person.address))
}

/// Everything that names the person in an output folder, by kind, in every form.
fn needles(out: &Path, person: &Somebody) -> BTreeMap<&'static str, Vec<Vec<u8>>> {
    let key = MasterKey::parse(crate::support::KEY).unwrap();
    let token = key.hash(Purpose::Person, &[person.key.as_bytes()]);
    let ids: Vec<i64> = person.handles.iter().map(|handle| key.handle_id(handle)).collect();
    let own = key.handle_id(&format!("member:{}", person.key));
    let mut tags = BTreeSet::new();
    for (_, name) in release_names(out).unwrap() {
        tags.extend(read_release(out, &name).unwrap().tags_of(&key, &token));
    }
    let mut pseudonyms = Vec::new();
    for date in DATES {
        let of_date = Pseudonyms::new(&key, date.parse::<Day>().unwrap());
        pseudonyms.push(of_date.person(&person.key).expose().as_bytes().to_vec());
        pseudonyms.extend(ids.iter().map(|&id| of_date.account(id).expose().as_bytes().to_vec()));
    }
    let number = |number: u64| {
        let mut all = forms(&number.to_be_bytes());
        all.extend(forms(&number.to_le_bytes()));
        all.push(number.to_string().into_bytes());
        all
    };
    [
        ("handles", ids.iter().flat_map(|&id| number(id as u64)).collect()),
        ("person", number(own as u64)),
        ("token", forms(&token)),
        ("pseudonyms", pseudonyms),
        ("tags", tags.into_iter().flat_map(number).collect()),
    ]
    .into()
}

/// Bytes as they are, in hexadecimal, base32 and base64.
fn forms(bytes: &[u8]) -> Vec<Vec<u8>> {
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let in_base = |bits: usize, alphabet: &[u8]| -> Vec<u8> {
        let all: Vec<u8> = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect();
        let whole = all.chunks_exact(bits);
        whole.map(|digit| alphabet[digit.iter().fold(0, |sum, &bit| sum * 2 + usize::from(bit))]).collect()
    };
    let base64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    vec![
        bytes.to_vec(),
        hex.to_uppercase().into_bytes(),
        hex.into_bytes(),
        in_base(5, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
        in_base(6, base64),
    ]
}

/// How often each kind is found in an output folder: in the bytes of every file, and of tables in their rows as text.
fn found(out: &Path, needles: &BTreeMap<&'static str, Vec<Vec<u8>>>) -> BTreeMap<&'static str, usize> {
    let mut counts: BTreeMap<&'static str, usize> = needles.keys().map(|&kind| (kind, 0)).collect();
    let all: Vec<(&'static str, &[u8])> =
        needles.iter().flat_map(|(&kind, list)| list.iter().map(move |needle| (kind, needle.as_slice()))).collect();
    let mut by_head: BTreeMap<[u8; 4], Vec<(&'static str, &[u8])>> = BTreeMap::new();
    for (kind, needle) in all {
        by_head.entry(*needle.first_chunk().unwrap()).or_default().push((kind, needle));
    }
    for path in files(out) {
        let mut text = fs::read(&path).unwrap();
        if path.extension().is_some_and(|end| end == "parquet") {
            let reader = SerializedFileReader::new(fs::File::open(&path).unwrap()).unwrap();
            text.extend(reader.get_row_iter(None).unwrap().flat_map(|row| row.unwrap().to_string().into_bytes()));
        }
        for (at, head) in text.windows(4).enumerate() {
            let head: &[u8; 4] = head.first_chunk().unwrap();
            for (kind, needle) in by_head.get(head).into_iter().flatten() {
                if text[at..].starts_with(needle) {
                    *counts.entry(*kind).or_default() += 1;
                }
            }
        }
    }
    counts
}

#[track_caller]
fn expect_nothing(out: &Path, needles: &BTreeMap<&'static str, Vec<Vec<u8>>>, when: &str) {
    let found = found(out, needles);
    assert!(found.values().all(|&count| count == 0), "{when}: {found:?}");
}

#[track_caller]
fn expect_whole(scratch: &Scratch, when: &str) {
    let verified = crosstie_in(scratch.path(), &["verify", "out"]);
    assert_eq!(verified.status.code(), Some(0), "{when}: {}", stderr(&verified));
}

fn backfill(scratch: &Scratch, more: &[&str]) -> Output {
    let dates = ["backfill", "p.toml", "--from", DATES[0], "--to", DATES[1], "--step", "7", "--quiet"];
    crosstie_in(scratch.path(), &[dates.as_slice(), more].concat())
}

pub(crate) fn table<R: Record>(out: &Path, date: &str) -> Vec<R> {
    let (class, name) = (R::TABLE.class.folder(), R::TABLE.name);
    read_table(&fs::read(out.join(format!("{class}/{name}/snapshot_date={date}/part-00000.parquet"))).unwrap()).unwrap()
}

/// What readers see.
fn published(out: &Path) -> BTreeMap<String, String> {
    let is_open = |path: &String| path.starts_with("data/") || path.starts_with("reports/");
    hashes(out).into_iter().filter(|(path, _)| is_open(path)).collect()
}

#[test]
fn nothing_of_a_person_stays_and_nothing_comes_back() {
    let scratch = Scratch::tiny();
    let out = scratch.path().join("out");
    expect_code(&backfill(&scratch, &[]), 0);
    let person = somebody(&scratch);
    let needles = needles(&out, &person);
    let before = found(&out, &needles);
    for kind in ["handles", "person", "pseudonyms", "tags"] {
        assert!(before[kind] > 0, "{kind}: what is not there is not missed: {before:?}");
    }
    let people: Vec<usize> = DATES.iter().map(|date| table::<PersonRow>(&out, date).len()).collect();
    let shown = published(&out);

    let forgotten = forget(&scratch, &[], &person);
    expect_code(&forgotten, 0);
    let said = stdout(&forgotten);
    assert!(said.contains("Forgotten: 1 people") && said.contains("2026-03-08, 2026-03-15"), "{said}");
    for part in ["state/ties/", "state/read", "state/history/", "state/releases/", "restricted/ties/"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!said.contains(&person.address) && !said.contains(&person.key), "{said}");
    expect_nothing(&out, &needles, "after forget");
    expect_whole(&scratch, "after forget");
    assert_eq!(published(&out), shown);
    let left: Vec<usize> = DATES.iter().map(|date| table::<PersonRow>(&out, date).len()).collect();
    assert_eq!(left, people.iter().map(|count| count - 1).collect::<Vec<_>>());
    expect_code(&crosstie_in(scratch.path(), &["audit", "out"]), 0);

    // Once more: nothing is left to do, and no date is committed again.
    let again = forget(&scratch, &[], &person);
    expect_code(&again, 0);
    assert!(stdout(&again).contains("0 files, 0 rows or names. Dates committed anew: none."), "{}", stdout(&again));

    // A night goes on from what is left, and ends where reading everything ends.
    expect_code(&scratch.run(&["--date", "2026-03-14", "--quiet"]), 0);
    expect_nothing(&out, &needles, "after a night");
    let night = hashes(&out.join("state/ties"));
    expect_code(&scratch.run(&["--date", "2026-03-14", "--until", "ties", "--full", "--quiet"]), 0);
    assert_eq!(hashes(&out.join("state/ties")), night);
    expect_nothing(&out, &needles, "after a full run");

    // From the original exports, with nothing kept and another plan.
    fs::remove_dir_all(out.join("state/read")).unwrap();
    fs::remove_dir_all(out.join("state/ties")).unwrap();
    scratch.edit("p.toml", "replicates = 200", "replicates = 210");
    let rerun = backfill(&scratch, &["--rerun", "all"]);
    expect_code(&rerun, 0);
    for date in DATES {
        // After the first run and the erasure.
        let manifest: serde_json::Value =
            serde_json::from_str(&scratch.read(&format!("out/runs/{date}.003.json"))).unwrap();
        assert_eq!(manifest["kind"], "run", "{date} was made again");
    }
    expect_nothing(&out, &needles, "after a backfill");
    expect_whole(&scratch, "after a backfill");
}

/// Made again without the person, every number would move by exactly that person: so none does.
#[test]
fn the_next_release_is_compared_with_who_was_there() {
    let scratch = Scratch::new();
    let out = scratch.path().join("out");
    let date = ["--date", "2026-03-29", "--quiet"];
    // Somebody who writes to everybody alike: without that part, what changed would seem to be of many.
    let person = somebody(&scratch);
    let directory = scratch.read("org/directory.csv");
    let others = directory.lines().skip(1).map(|line| line.split(',').nth(1).unwrap());
    let rows: String = others
        .filter(|other| *other != person.address)
        .flat_map(|other| (0..10).map(move |number| (other, number)))
        .enumerate()
        .map(|(at, (other, number))| {
            let at_second = format!("2026-03-{:02}T10:{:02}:{:02}Z", 16 + number, at / 60 % 60, at % 60);
            format!("{at_second},{},{other},,<more-{at}@acme.example>\n", person.address)
        })
        .collect();
    scratch.write("org/mail/more.csv", &format!("sent_at,sender,to,cc,message_id\n{rows}"));
    expect_code(&scratch.run(&date), 0);
    let shown = Shown::of(&out, date[1]);
    let with_value = shown.organization.iter().filter(|row| row.value.is_some()).count();
    assert!(with_value > 3 && shown.pairs.iter().any(|pair| pair.weight.is_some()));
    let ties = table::<TieRow>(&out, date[1]).len();
    expect_code(&forget(&scratch, &[], &person), 0);
    assert!(table::<TieRow>(&out, date[1]).len() + 10 < ties, "somebody with many contacts");
    scratch.edit("p.toml", "[window]", "[measure]\nseed = 77\n\n[window]");
    expect_code(&scratch.run(&date), 0);
    let manifest: serde_json::Value = serde_json::from_str(&scratch.read("out/runs/2026-03-29.003.json")).unwrap();
    assert_eq!(manifest["kind"], "run");
    assert!(manifest["carried"]["organization"].as_u64() > Some(0), "{:#}", manifest["carried"]);
    assert!(Shown::of(&out, date[1]) == shown, "a number moved");
    expect_code(&crosstie_in(scratch.path(), &["audit", "out"]), 0);
}

/// Tables of groups that everybody's contact is in.
#[derive(PartialEq)]
struct Shown {
    organization: Vec<OrganizationRow>,
    units: Vec<UnitRow>,
    pairs: Vec<UnitPairRow>,
}

impl Shown {
    fn of(out: &Path, date: &str) -> Shown {
        Shown { organization: table(out, date), units: table(out, date), pairs: table(out, date) }
    }
}

/// Killed at calls spread over the whole command; then the same command, or any run, finishes it.
#[test]
fn killed_at_any_call_it_is_finished_by_the_next_command() {
    let traces = Command::new("strace").args(["-qq", "-o", "/dev/null", "true"]).status();
    if !traces.is_ok_and(|status| status.success()) {
        return not_run("strace is not installed, or may not trace");
    }
    let scratch = Scratch::tiny();
    let (out, kept) = (scratch.path().join("out"), scratch.path().join("kept"));
    expect_code(&backfill(&scratch, &[]), 0);
    copy_folder(&out, &kept);
    let person = somebody(&scratch);
    let needles = needles(&out, &person);
    let shown = published(&out);
    // A clean trace says how many calls there are.
    let trace = scratch.path().join("trace");
    expect_code(&forget(&scratch, &["-o", &trace.display().to_string(), "-e", "trace=%file,%desc"], &person), 0);
    let trace = fs::read_to_string(trace).unwrap();
    let count_of = |call: &str| {
        let name = |line: &&str| {
            line.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ').starts_with(&format!("{call}("))
        };
        trace.lines().filter(name).count()
    };
    let most = rounds("CROSSTIE_SWEEP", 6);
    let (mut tried, mut killed) = (0, 0);
    for call in ["rename", "renameat2", "unlink", "unlinkat", "fsync", "write", "openat", "mkdir"] {
        let count = count_of(call);
        assert!(count > 0, "{call} is never called");
        for at in 0..most.min(count) {
            let when = if most >= count { 1 + at } else { 1 + at * (count - 1) / (most - 1) };
            copy_folder(&kept, &out);
            let rule = format!("inject={call}:signal=SIGKILL:when={when}");
            let ended = forget(&scratch, &["-e", &rule], &person);
            killed += usize::from(ended.status.code() != Some(0));
            tried += 1;
            let list = fs::read_to_string(out.join("state/erased.json")).unwrap_or_default();
            // A run finishes what is on the list already; before, nothing was promised.
            if at % 2 == 1 && list.contains("\"is_open\": true") {
                expect_code(&scratch.run(&["--date", DATES[1], "--until", "ties", "--quiet"]), 0);
                expect_nothing(&out, &needles, &format!("a run after {rule}"));
            }
            let again = forget(&scratch, &[], &person);
            assert_eq!(again.status.code(), Some(0), "{rule}: {}", stderr(&again));
            expect_nothing(&out, &needles, &rule);
            expect_whole(&scratch, &rule);
            assert_eq!(published(&out), shown, "{rule}");
        }
    }
    eprintln!("{tried} kills, {killed} of them ended the command; after each nothing is found");
    assert_eq!(killed, tried, "every call can be the last");
}

#[test]
fn nobody_is_named_by_arguments_and_wrong_calls_change_nothing() {
    let scratch = Scratch::tiny();
    let out = scratch.path().join("out");
    expect_code(&scratch.run(&["--date", DATES[1], "--quiet"]), 0);
    let before = hashes(&out);
    let call = |more: &[&str], input: &str| {
        with_input(&scratch, &[], &[&["forget", "out", "--pipeline", "p.toml"], more].concat(), input)
    };
    for (input, code, word) in [("", 2, "nobody is named"), ("secret secret\n", 2, "line 1")] {
        let refused = call(&[], input);
        expect_code(&refused, code);
        assert!(stderr(&refused).contains(word) && !stderr(&refused).contains("secret"), "{}", stderr(&refused));
    }
    scratch.write("who", &somebody(&scratch).address);
    crate::support::set_mode(&scratch.path().join("who"), 0o644);
    expect_code(&call(&["--persons", "who"], ""), 77);
    fs::create_dir_all(scratch.path().join("other/state")).unwrap();
    fs::create_dir_all(scratch.path().join("other/runs")).unwrap();
    expect_code(&with_input(&scratch, &[], &["forget", "other", "--pipeline", "p.toml"], "person:E1\n"), 2);
    assert_eq!(hashes(&out), before);
    crate::support::set_mode(&scratch.path().join("who"), 0o600);
    expect_code(&call(&["--persons", "who"], ""), 0);
    // The list stays for good: without it nobody would know who must not come back.
    let list = scratch.read("out/state/erased.json");
    fs::write(out.join("state/erased.json"), list.replacen("\"marks\"", "\"mark\"", 1)).unwrap();
    let refused = scratch.run(&["--date", "2026-03-14"]);
    expect_code(&refused, 65);
    assert!(stderr(&refused).contains("erased.json"), "{}", stderr(&refused));
    expect_code(&crosstie_in(scratch.path(), &["verify", "out"]), 65);
}
