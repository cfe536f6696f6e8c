//! Every system call of a run, killed or failed: the folder is that of the old run or that of the new one, and the next
//! run ends in the bytes of one that nothing disturbed. strace does it; one trace also shows the order of syncs.
//!
//! strace counts calls by thread, so a run with one thread makes each call the same number of times.

use crate::support::{Scratch, copy_folder, crosstie_in, hashes, not_run, rounds, stderr};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Output};

/// Calls that change something, or say that it lasts: each is killed and failed.
const CHANGES: [&str; 14] = [
    "chmod",
    "fchmod",
    "fsync",
    "linkat",
    "mkdir",
    "openat",
    "rename",
    "renameat2",
    "rmdir",
    "unlink",
    "unlinkat",
    "write",
    "flock",
    "ftruncate",
];
/// Calls on files and descriptors that change nothing on a disk.
const LOOKS: [&str; 40] = [
    "access",
    "chdir",
    "close",
    "dup",
    "dup2",
    "epoll_create1",
    "epoll_ctl",
    "epoll_wait",
    "eventfd2",
    "execve",
    "faccessat",
    "faccessat2",
    "fadvise64",
    "fcntl",
    "fstat",
    "fstatfs",
    "getcwd",
    "getdents64",
    "ioctl",
    "lgetxattr",
    "lseek",
    "lstat",
    "mmap",
    "newfstatat",
    "openat2",
    "pipe2",
    "poll",
    "ppoll",
    "pread64",
    "pselect6",
    "read",
    "readlink",
    "readlinkat",
    "readv",
    "select",
    "stat",
    "statfs",
    "statx",
    "umask",
    "writev",
];

/// A committed run, the plan of another of the same date, and the folders before and after it.
pub(crate) struct Fixture {
    pub(crate) scratch: Scratch,
    pub(crate) out: PathBuf,
    pub(crate) kept: PathBuf,
    old: BTreeMap<String, String>,
    new: BTreeMap<String, String>,
}

impl Fixture {
    /// `None` where strace cannot trace.
    pub(crate) fn new() -> Option<Fixture> {
        let traces = Command::new("strace").args(["-qq", "-o", "/dev/null", "true"]).status();
        if !traces.is_ok_and(|status| status.success()) {
            not_run("strace is not installed, or may not trace");
            return None;
        }
        let scratch = Scratch::tiny();
        let (out, kept) = (scratch.path().join("out"), scratch.path().join("kept"));
        assert_eq!(run(&scratch, &[]).status.code(), Some(0));
        copy_folder(&out, &kept);
        let old = hashes(&out);
        scratch.edit("p.toml", "days = 91", "days = 7");
        assert_eq!(run(&scratch, &[]).status.code(), Some(0));
        let new = hashes(&out);
        assert_ne!(old, new);
        Some(Fixture { scratch, out, kept, old, new })
    }

    /// The new run on the old folder, under strace.
    pub(crate) fn traced(&self, options: &[&str]) -> Output {
        copy_folder(&self.kept, &self.out);
        run(&self.scratch, options)
    }

    /// The oracle: what recovery leaves, and what the next run makes of it. Whether recovery left the new run.
    #[track_caller]
    pub(crate) fn check(&self, what: &str, exit: Option<i32>) -> bool {
        let recovered = crosstie_in(self.scratch.path(), &["report", "out"]);
        assert_eq!(recovered.status.code(), Some(0), "{what}: {}", stderr(&recovered));
        let found = hashes(&self.out);
        let is_entry = |name: &String| name.starts_with("state/releases/");
        let without_entries = |files: &BTreeMap<String, String>| -> BTreeMap<String, String> {
            files.iter().filter(|(name, _)| !is_entry(name)).map(|(name, hash)| (name.clone(), hash.clone())).collect()
        };
        let rest = without_entries(&found);
        let is_old = rest == without_entries(&self.old);
        assert!(is_old || found == self.new, "{what}: neither the old nor the new run");
        assert!(exit != Some(0) || found == self.new, "{what}: success without a commit");
        // A release may have been seen from the moment when its entry is written: the entry stays.
        let is_whole = |(name, hash): (&String, &String)| self.new.get(name) == Some(hash);
        assert!(found.iter().filter(|(name, _)| is_entry(name)).all(is_whole), "{what}: an entry of no run");
        let is_kept = |name: &String| !is_entry(name) || found.contains_key(name);
        assert!(self.old.keys().all(is_kept), "{what}: an entry is lost");
        let again = run(&self.scratch, &[]);
        assert_eq!(again.status.code(), Some(0), "{what}: {}", stderr(&again));
        assert_eq!(hashes(&self.out), self.new, "{what}");
        assert!(!self.out.join("state/staging").exists(), "{what}");
        let verified = crosstie_in(self.scratch.path(), &["verify", "out"]);
        assert_eq!(verified.status.code(), Some(0), "{what}: {}", stderr(&verified));
        !is_old
    }
}

/// The run, under strace where there are options for it.
fn run(scratch: &Scratch, options: &[&str]) -> Output {
    let program = env!("CARGO_BIN_EXE_crosstie");
    let mut command = if options.is_empty() {
        Command::new(program)
    } else {
        let mut strace = Command::new("strace");
        strace.args(["-f", "-qq"]).args(options).arg(program);
        strace
    };
    command.args(["run", "p.toml", "--quiet", "--threads", "1"]).current_dir(scratch.path()).output().unwrap()
}

/// A line of a trace: the thread, the call, its text.
struct Call {
    name: String,
    text: String,
}

/// A clean trace of the new run, with paths for descriptors.
fn trace(fixture: &Fixture, more: &[&str]) -> Vec<Call> {
    let file = fixture.scratch.path().join("trace");
    let shown = file.display().to_string();
    let traced = fixture.traced(&[&["-y", "-s", "0", "-o", &shown, "-e", "trace=%file,%desc"], more].concat());
    assert_eq!(traced.status.code(), Some(0), "{}", stderr(&traced));
    assert_eq!(hashes(&fixture.out), fixture.new);
    let text = fs::read_to_string(file).unwrap();
    let call = |line: &str| {
        let text = line.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
        let (name, _) = text.split_once('(')?;
        Some(Call { name: name.to_string(), text: text.to_string() })
    };
    // A call that another thread interrupts stands in two lines; the first has its name and arguments.
    text.lines().filter(|line| !line.contains(" resumed>")).filter_map(call).collect()
}

/// Up to `most` of the numbers 1 to `count`, evenly spread, both ends among them.
pub(crate) fn spread(count: usize, most: usize) -> BTreeSet<usize> {
    if count <= most { (1..=count).collect() } else { (0..most).map(|at| 1 + at * (count - 1) / (most - 1)).collect() }
}

/// A sample of calls; all of them where `CROSSTIE_SWEEP` is large.
#[test]
fn every_call_can_be_the_last_or_fail() {
    let Some(fixture) = Fixture::new() else { return };
    let calls = trace(&fixture, &[]);
    let unknown: BTreeSet<&str> = calls.iter().map(|call| call.name.as_str()).collect();
    let unknown: Vec<&str> =
        unknown.into_iter().filter(|name| !CHANGES.contains(name) && !LOOKS.contains(name)).collect();
    assert!(unknown.is_empty(), "calls that no list names: {unknown:?}");
    let most = rounds("CROSSTIE_SWEEP", 7);
    let (mut tried, mut disturbed) = (0, 0);
    let mut inject = |rule: String, more: &[&str], allowed: &[Option<i32>]| {
        let inject = format!("inject={rule}");
        let options = [&["-o", "/dev/null", "-e", &inject], more].concat();
        let output = fixture.traced(&options);
        let exit = output.status.code();
        assert!(allowed.contains(&exit), "{rule}: exit {exit:?}: {}", stderr(&output));
        fixture.check(&rule, exit);
        tried += 1;
        disturbed += u32::from(exit != Some(0));
    };
    const KILLED: [Option<i32>; 3] = [None, Some(137), Some(0)];
    const FAILED: [Option<i32>; 3] = [Some(73), Some(74), Some(0)];
    for name in CHANGES {
        let count = calls.iter().filter(|call| call.name == name).count();
        for at in spread(count, most) {
            inject(format!("{name}:signal=SIGKILL:when={at}"), &[], &KILLED);
        }
        // A file that cannot be opened for reading is another fault, with another exit code.
        if !["openat", "flock", "unlink", "rmdir"].contains(&name) {
            for at in spread(count, most.div_ceil(2)) {
                // Once, and as a disk that stays full.
                let sticky = if at % 2 == 0 { "+" } else { "" };
                inject(format!("{name}:error=ENOSPC:when={at}{sticky}"), &[], &FAILED);
            }
        }
    }
    // A write that reports more than it did: only reading back can tell. The system never reports more than was asked
    // for, so only writes of more bytes than that are changed.
    let asked = |call: &Call| call.text.rsplit_once(") = ").and_then(|(_, count)| count.trim().parse::<u64>().ok());
    let writes: Vec<&Call> = calls.iter().filter(|call| call.name == "write").collect();
    let long: Vec<usize> = (0..writes.len()).filter(|&at| asked(writes[at]).is_some_and(|count| count > 100)).collect();
    for at in spread(long.len(), most) {
        inject(format!("write:retval=100:when={}", long[at - 1] + 1), &[], &[Some(74)]);
    }
    for at in spread(writes.len(), most.div_ceil(2)) {
        inject(format!("write:error=EINTR:when={at}"), &[], &[Some(0)]);
    }
    // A file system without exchange: the ways around are killed, too.
    let without = ["-e", "inject=renameat2:error=EINVAL:when=1+"];
    let renames = trace(&fixture, &without).iter().filter(|call| call.name == "rename").count();
    for at in spread(renames, most) {
        inject(format!("rename:signal=SIGKILL:when={at}"), &without, &KILLED);
    }
    for name in ["linkat", "unlinkat"] {
        inject(format!("{name}:signal=SIGKILL:when=1"), &without, &KILLED);
    }
    eprintln!("{tried} faults, {disturbed} of them ended the run; after each the old or the new run, then the new one");
    assert!(disturbed * 2 > tried, "{disturbed} of {tried} faults ended a run");
}

/// Asked to stop at a sample of calls: the run ends in order, with an exit code of its own and nothing left over.
#[test]
fn a_signal_stops_a_run_in_order() {
    let Some(fixture) = Fixture::new() else { return };
    let calls = trace(&fixture, &[]);
    let mut stopped = BTreeSet::new();
    for (name, most) in [("openat", 15), ("fsync", 15)] {
        let count = calls.iter().filter(|call| call.name == name).count();
        for at in spread(count, most) {
            let (signal, exit) = if at % 2 == 0 { ("SIGINT", 130) } else { ("SIGTERM", 143) };
            // The call takes as long as the one who listens needs.
            let rule = format!("inject={name}:signal={signal}:delay_exit=100000:when={at}");
            let output = fixture.traced(&["-o", "/dev/null", "-e", &rule]);
            let staging = fixture.out.join("state/staging");
            match output.status.code() {
                Some(0) => {}
                Some(code) if code == exit => {
                    assert!(stderr(&output).contains("S115"), "{rule}: {}", stderr(&output));
                    assert!(!staging.exists() || fs::read_dir(&staging).unwrap().next().is_none(), "{rule}");
                    assert!(!fixture.out.join("state/pending.json").exists(), "{rule}");
                    stopped.insert((name, at));
                }
                // Before it listens, a signal ends it as it ends any program.
                None if name != "fsync" => {}
                other => panic!("{rule}: exit {other:?}: {}", stderr(&output)),
            }
            fixture.check(&rule, output.status.code());
        }
    }
    eprintln!("stopped in order at {} of 30 calls", stopped.len());
    assert!(stopped.len() >= 8, "{stopped:?}");
}

/// Each rename follows a sync of what it moves and everything in it, and precedes a sync of both folders; those of the
/// installation come before the manifest's rename.
#[test]
fn syncs_stand_on_both_sides_of_every_rename() {
    let Some(fixture) = Fixture::new() else { return };
    let here = fixture.scratch.path().canonicalize().unwrap();
    let calls = trace(&fixture, &[]);
    let at_of = |name: &str, test: &dyn Fn(&str) -> bool| -> Vec<usize> {
        (0..calls.len()).filter(|&at| calls[at].name == name && test(&calls[at].text)).collect()
    };
    let synced = |path: &Path| -> Vec<usize> {
        let shown = format!("<{}>", path.display());
        at_of("fsync", &|text| text.contains(&shown))
    };
    let commit = at_of("renameat2", &|text| text.contains("RENAME_NOREPLACE") && text.contains(".json"));
    assert_eq!(commit.len(), 1);
    let mut seen = 0;
    for (at, call) in calls.iter().enumerate().filter(|(_, call)| call.name.starts_with("rename")) {
        let paths = quoted(&call.text, &here);
        let [from, to] = paths.as_slice() else { panic!("{}", call.text) };
        let last = |path: &Path| synced(path).into_iter().rfind(|&sync| sync < at);
        assert!(last(from).is_some(), "not synced before: {}", call.text);
        for made in calls[..at].iter().filter(|made| made.name == "openat" && made.text.contains("O_CREAT")) {
            let path = &quoted(&made.text, &here)[0];
            let is_inside = path.starts_with(from) && path != from;
            assert!(!is_inside || last(path) < last(from), "{} after what holds it: {}", path.display(), call.text);
        }
        let before = if at < commit[0] { commit[0] } else { calls.len() };
        for folder in [from.parent().unwrap(), to.parent().unwrap()] {
            let follows = synced(folder).into_iter().any(|sync| at < sync && sync < before);
            assert!(follows, "{} not synced after: {}", folder.display(), call.text);
        }
        seen += 1;
    }
    assert!(seen > 10, "{seen} renames");
    let finish = at_of("unlink", &|text| text.contains("pending.json"));
    let runs = synced(&here.join("out/runs"));
    assert!(runs.iter().any(|&sync| commit[0] < sync && sync < finish[0]), "the commit lasts before it is forgotten");
}

/// The paths between quotes, from the folder of the run, without `..`.
fn quoted(text: &str, here: &Path) -> Vec<PathBuf> {
    let words = text.split('"').skip(1).step_by(2);
    let tidy = |word: &str| {
        let joined = here.join(word);
        joined.components().filter(|part| *part != Component::CurDir).collect::<PathBuf>()
    };
    words.map(tidy).collect()
}
