//! The power fails at any moment of a run: what was not synced is gone, and the folder is that of the old run or of the
//! new one.
//!
//! A trace of the real program is replayed on a disk that keeps only synced bytes of files and synced names of folders.
//! That is harsher than file systems are: a rename from one folder to another can last in one of them alone.

use crate::faults::{Fixture, spread};
use crate::support::{rounds, set_mode};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Component, Path, PathBuf};

/// A file or folder as programs see it, and as it is after the power failed.
#[derive(Clone)]
enum Node {
    File { now: Vec<u8>, synced: Vec<u8>, mode: u32 },
    Folder { now: BTreeMap<String, usize>, synced: BTreeMap<String, usize>, mode: u32 },
}

/// What lasts of names.
#[derive(Clone, Copy, Debug)]
enum Names {
    /// Those of synced folders alone.
    Synced,
    /// All of them, whatever happened to the bytes of the files.
    All,
}

#[derive(Clone, Default)]
struct Disk {
    nodes: Vec<Node>,
}

impl Disk {
    /// All of it synced; the folder is node 0.
    fn of(folder: &Path) -> Disk {
        let mut disk = Disk::default();
        disk.load(folder);
        disk
    }

    fn load(&mut self, path: &Path) -> usize {
        let at = self.nodes.len();
        let mode = fs::metadata(path).unwrap().permissions().mode() & 0o777;
        self.nodes.push(Node::Folder { now: BTreeMap::new(), synced: BTreeMap::new(), mode });
        if path.is_dir() {
            let entries = fs::read_dir(path).unwrap().map(|entry| entry.unwrap());
            let now: BTreeMap<String, usize> =
                entries.map(|entry| (entry.file_name().into_string().unwrap(), self.load(&entry.path()))).collect();
            self.nodes[at] = Node::Folder { synced: now.clone(), now, mode };
        } else {
            let now = fs::read(path).unwrap();
            self.nodes[at] = Node::File { synced: now.clone(), now, mode };
        }
        at
    }

    fn find(&self, path: &Path) -> Option<usize> {
        path.iter().try_fold(0, |at, name| match &self.nodes[at] {
            Node::Folder { now, .. } => now.get(name.to_str()?).copied(),
            Node::File { .. } => None,
        })
    }

    /// The names of the folder that holds a path, and the path's own name.
    fn names(&mut self, path: &Path) -> (&mut BTreeMap<String, usize>, String) {
        let folder = self.find(path.parent().unwrap()).unwrap_or_else(|| panic!("{}", path.display()));
        match &mut self.nodes[folder] {
            Node::Folder { now, .. } => (now, path.file_name().unwrap().to_str().unwrap().to_string()),
            Node::File { .. } => panic!("{}", path.display()),
        }
    }

    fn put(&mut self, path: &Path, node: usize) -> Option<usize> {
        let (names, name) = self.names(path);
        names.insert(name, node)
    }

    fn take(&mut self, path: &Path) -> usize {
        let (names, name) = self.names(path);
        names.remove(&name).unwrap_or_else(|| panic!("{}", path.display()))
    }

    fn make(&mut self, path: &Path, node: Node) {
        self.nodes.push(node);
        self.put(path, self.nodes.len() - 1);
    }

    /// A call that succeeded; whether it made something last.
    fn replay(&mut self, call: &Call, here: &Path) -> bool {
        let paths = call.paths(here);
        let [path, other] = [0, 1].map(|at| paths.get(at).cloned().flatten());
        match (call.name.as_str(), path, other) {
            ("mkdir", Some(path), _) => {
                let mode = call.mode();
                self.make(&path, Node::Folder { now: BTreeMap::new(), synced: BTreeMap::new(), mode });
            }
            ("openat", Some(path), _) if call.text.contains("O_CREAT") && self.find(&path).is_none() => {
                self.make(&path, Node::File { now: Vec::new(), synced: Vec::new(), mode: call.mode() });
            }
            ("openat", Some(path), _) => assert!(!call.text.contains("O_TRUNC"), "{}", path.display()),
            ("write", Some(path), _) => {
                let Some(Node::File { now, .. }) = self.find(&path).map(|at| &mut self.nodes[at]) else {
                    panic!("{}", path.display());
                };
                now.extend(&call.bytes()[..call.result()]);
            }
            ("chmod" | "fchmod", Some(path), _) => {
                let at = self.find(&path).unwrap();
                let (Node::File { mode, .. } | Node::Folder { mode, .. }) = &mut self.nodes[at];
                *mode = call.mode();
            }
            ("rename", Some(from), Some(to)) => {
                let node = self.take(&from);
                self.put(&to, node);
            }
            ("renameat2", Some(from), Some(to)) => {
                let node = self.take(&from);
                let before = self.put(&to, node);
                assert_eq!(before.is_some(), call.text.contains("RENAME_EXCHANGE"), "{}", call.text);
                before.map(|before| self.put(&from, before));
            }
            ("unlink" | "unlinkat" | "rmdir", Some(path), _) => {
                self.take(&path);
            }
            ("fsync", Some(path), _) => {
                let at = self.find(&path).unwrap_or_else(|| panic!("{}", path.display()));
                match &mut self.nodes[at] {
                    Node::File { now, synced, .. } => synced.clone_from(now),
                    Node::Folder { now, synced, .. } => synced.clone_from(now),
                }
                return true;
            }
            ("linkat" | "ftruncate" | "pwrite64", Some(path), _) => panic!("{} {}", call.name, path.display()),
            _ => {}
        }
        false
    }

    /// What is there when the power is back.
    fn after_cut(&self, at: usize, names: Names, to: &Path) {
        match &self.nodes[at] {
            Node::File { synced, mode, .. } => {
                fs::write(to, synced).unwrap();
                set_mode(to, *mode);
            }
            Node::Folder { now, synced, mode } => {
                fs::create_dir(to).unwrap();
                let entries = match names {
                    Names::Synced => synced,
                    Names::All => now,
                };
                entries.iter().for_each(|(name, &at)| self.after_cut(at, names, &to.join(name)));
                set_mode(to, *mode);
            }
        }
    }
}

/// A line of a trace with every byte that was written.
struct Call {
    name: String,
    text: String,
}

impl Call {
    /// `None` where it failed, or is no whole call.
    fn of(line: &str) -> Option<Call> {
        let text = line.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
        let (name, _) = text.split_once('(')?;
        let (_, result) = text.rsplit_once(" = ")?;
        (!result.starts_with('-')).then(|| Call { name: name.to_string(), text: text.to_string() })
    }

    /// The strings between two marks; they are written as hexadecimal numbers.
    fn strings(&self, open: char, close: char) -> Vec<Vec<u8>> {
        let mut rest = self.text.as_str();
        let mut found = Vec::new();
        while let Some((_, from)) = rest.split_once(open) {
            let Some((string, after)) = from.split_once(close) else { break };
            let numbers = string.split("\\x").skip(1);
            found.push(numbers.map(|number| u8::from_str_radix(number, 16).unwrap()).collect());
            rest = after;
        }
        found
    }

    fn bytes(&self) -> Vec<u8> {
        self.strings('"', '"').swap_remove(0)
    }

    fn result(&self) -> usize {
        self.text.rsplit_once(" = ").unwrap().1.trim().parse().unwrap()
    }

    /// The last number of a call that sets a mode.
    fn mode(&self) -> u32 {
        let (before, _) = self.text.rsplit_once(')').unwrap();
        u32::from_str_radix(before.rsplit([',', ' ']).next().unwrap(), 8).unwrap()
    }

    /// What the call is about, below the output folder; `None` elsewhere.
    fn paths(&self, here: &Path) -> Vec<Option<PathBuf>> {
        let text = |bytes: Vec<u8>| PathBuf::from(String::from_utf8(bytes).unwrap());
        let of_descriptors: Vec<PathBuf> = self.strings('<', '>').into_iter().map(text).collect();
        let is_about_descriptor = ["write", "fsync", "fchmod", "ftruncate", "pwrite64"].contains(&self.name.as_str());
        let paths: Vec<PathBuf> = if is_about_descriptor {
            of_descriptors.into_iter().take(1).collect()
        } else {
            let folder = of_descriptors.first().cloned().unwrap_or_else(|| here.to_path_buf());
            self.strings('"', '"').into_iter().map(|name| folder.join(text(name))).collect()
        };
        let out = here.join("out");
        let below = |path: PathBuf| {
            let tidy: PathBuf = path.components().filter(|part| *part != Component::CurDir).collect();
            here.join(tidy).strip_prefix(&out).ok().map(Path::to_path_buf)
        };
        paths.into_iter().map(below).collect()
    }
}

/// A sample of moments; all of them where `CROSSTIE_SWEEP` is large.
#[test]
fn the_power_can_fail_at_any_moment() {
    let Some(fixture) = Fixture::new() else { return };
    let here = fixture.scratch.path().canonicalize().unwrap();
    let file = here.join("trace");
    let shown = file.display().to_string();
    let every_byte =
        ["-y", "-xx", "-s", "100000000", "-o", &shown, "-e", "trace=%file,write,fsync,fchmod,ftruncate,pwrite64"];
    assert_eq!(fixture.traced(&every_byte).status.code(), Some(0));
    let text = fs::read_to_string(&file).unwrap();
    fs::remove_file(file).unwrap();
    let calls: Vec<Call> = text.lines().filter_map(Call::of).collect();

    let mut disk = Disk::of(&fixture.kept);
    let mut moments = Vec::new();
    for call in &calls {
        let before = disk.clone();
        if disk.replay(call, &here) {
            // Between two syncs names and bytes pile up that are lost together.
            moments.push(before);
            moments.push(disk.clone());
        }
    }
    moments.push(disk);
    assert!(moments.len() > 100, "{} moments", moments.len());
    let (mut old, mut new) = (0, 0);
    let chosen = spread(moments.len(), rounds("CROSSTIE_SWEEP", 7) * 4);
    for at in &chosen {
        for names in [Names::Synced, Names::All] {
            fs::remove_dir_all(&fixture.out).unwrap();
            moments[at - 1].after_cut(0, names, &fixture.out);
            let is_new = fixture.check(&format!("moment {at} of {}, {names:?}", moments.len()), None);
            *if is_new { &mut new } else { &mut old } += 1;
        }
    }
    eprintln!("the power failed {} times: {old} times the old run was there, {new} times the new one", old + new);
    assert!(old > 0 && new > 0, "{old} {new}");
}
