//! The HR directory: who works here, under which addresses, in which unit, for whom, and since when. Every format gives
//! the same records, which are settled in one place. Names are read only where managers or chats need them.

mod csv;
mod draft;
mod entra;
mod google_users;
mod graph_users;
mod json_fields;
mod json_spans;
mod ldif;
mod ldif_dn;
mod ldif_lines;
mod lists;
mod manager_file;
mod names;
mod notice;
mod person;
mod reading;
mod resolve;
mod scim;
mod settle;
mod snapshots;
mod spec;
mod table;

pub use lists::ListMember;
pub use names::folded_name;
use names::words_of_names;
pub use notice::Notice;
pub use person::{DirectoryPerson, Interval, ManagerState, PersonClass};
pub use snapshots::SnapshotPattern;
pub use spec::{DirectoryFormat, DirectorySpec, ManagerBy};

use crate::IngestError;
use crate::claims::Claims;
use crate::files::{FileFingerprint, check_side_car, read_text};
use crate::ledger::{Counts, Ledger, Quarantined};
use crosstie_model::{Day, Diagnostic, KeyedHash, Lookup, Place, code};
use reading::{Gathered, Passed, Reading};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Marks a member of a list that is a person of the directory, by index.
pub(crate) const PERSON: &str = "person:";

/// The directory, people sorted by key.
#[derive(Default)]
pub struct Directory {
    /// The entries.
    pub people: Vec<DirectoryPerson>,
    /// Lists of people by handle, as the latest snapshot has them.
    pub lists: BTreeMap<String, Vec<ListMember>>,
    /// Whether anything says who reports to whom.
    pub has_reporting_lines: bool,
    /// Repairs.
    pub notices: Vec<Notice>,
    /// Further addresses that could not be read, in records that were.
    pub bad_aliases_count: u64,
    /// Records whose unit attribute had further values, which are not used.
    pub more_units_count: u64,
    /// Records whose mapped level was no whole number.
    pub bad_levels_count: u64,
    /// People of the first of several snapshots, which is taken to hold on all days before.
    pub reaching_back_count: u64,
    /// Records of the directory itself.
    pub ledger: Ledger,
    /// Rows that could not be read.
    pub quarantine: Vec<Quarantined>,
    /// The files as read; a file of managers is the last.
    pub files: Vec<FileFingerprint>,
    /// Who holds an address or account.
    pub(crate) handles: Lookup<String, Claims>,
    /// Who bears a folded name; empty unless names are needed.
    pub(crate) names: Lookup<String, Claims>,
    /// Names as the latest snapshot writes them, by person; empty unless names are needed.
    pub(crate) shown_names: Lookup<u32, String>,
}

impl Directory {
    /// The name of a person as the latest snapshot writes it, where names were read.
    #[must_use]
    pub fn shown_name(&self, person: u32) -> Option<&str> {
        self.shown_names.get(&person).map(String::as_str)
    }
}

impl std::fmt::Debug for Directory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "<directory of {} people, {} lists>", self.people.len(), self.lists.len())
    }
}

/// Reads the directory. Ledger lines bear source index `source`, files are numbered from `first_file`.
///
/// # Errors
/// A missing or unreadable file, a file without the mapped columns or without its date, missing pages, a snapshot
/// without a fifth of the people of the one before.
pub fn read_directory(
    spec: &DirectorySpec,
    source: u32,
    first_file: u32,
    keyed: &dyn KeyedHash,
) -> Result<Directory, IngestError> {
    let mut directory = Directory::default();
    let mut gathered = Gathered::default();
    let mut dates = BTreeSet::new();
    let managers = spec.manager_file.iter().map(|path| (path, true));
    let files = spec.files.iter().map(|path| (path, false)).chain(managers);
    for (file, (path, holds_managers)) in (first_file..).zip(files) {
        let snapshot = if holds_managers { None } else { snapshot_of(spec, path)? };
        dates.extend(snapshot);
        check_side_car(path)?;
        let content = read_text("directory", path)?;
        directory.files.push(content.fingerprint.clone());
        let (passed, gathered) = (Passed::default(), &mut gathered);
        let mut reading = Reading { spec, source, file, keyed, snapshot, content: &content, passed, gathered };
        if holds_managers {
            manager_file::read(&mut reading, path)?;
        } else {
            read_file(&mut reading, path)?;
        }
    }
    dates.extend(gathered.drafts.iter().filter_map(|draft| draft.snapshot));
    settle::settle(gathered, &dates, spec, source, &mut directory)?;
    Ok(directory)
}

fn read_file(reading: &mut Reading<'_>, path: &Path) -> Result<(), IngestError> {
    match reading.spec.format {
        DirectoryFormat::Csv => csv::read(reading, path)?,
        DirectoryFormat::Entra => entra::read(reading, path)?,
        DirectoryFormat::GoogleUsers => google_users::read(reading, path)?,
        DirectoryFormat::Ldif => ldif::read(reading),
        DirectoryFormat::Scim => scim::read(reading),
        DirectoryFormat::Graph => graph_users::read(reading),
    }
    Ok(())
}

/// The date in a file's name, where snapshots are files.
fn snapshot_of(spec: &DirectorySpec, path: &Path) -> Result<Option<Day>, IngestError> {
    let Some(pattern) = spec.snapshot.as_ref().filter(|_| spec.snapshot_column.is_none()) else { return Ok(None) };
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    pattern.find(&name).map(Some).ok_or_else(|| {
        let place = Place { path: path.display().to_string(), line: None, byte: None, column: None };
        let found = Diagnostic::new(code::I104, "the file's name holds no date of the form of `snapshot`").at(place);
        IngestError::Unusable(vec![found.hint("correct `snapshot` or `path`, or rename the file")])
    })
}

impl Directory {
    /// The person with this key.
    pub(crate) fn person(&self, key: &str) -> Option<u32> {
        self.people.binary_search_by(|person| person.key.as_str().cmp(key)).ok().map(|at| at as u32)
    }

    /// Whether a text holds the full name of somebody in the directory: two to five words of it in a row, or family and
    /// given name the other way round. A name of a single word names nobody here, since units are called so, too.
    #[must_use]
    pub fn names_somebody(&self, text: &str) -> bool {
        let words = words_of_names(text);
        let is_name = |words: &[String]| self.names.get(words.join(" ").as_str()).is_some();
        let is_swapped = |two: &[String]| is_name(&[two[1].clone(), two[0].clone()]);
        (2..=5).any(|length| words.windows(length).any(is_name)) || words.windows(2).any(is_swapped)
    }

    /// Whatever a person is called by: keys, addresses and accounts with and without their kind, folded names.
    pub fn roster(&self) -> impl Iterator<Item = String> + '_ {
        let keys = self.people.iter().map(|person| person.key.clone());
        let handles = self.handles.sorted().into_iter().map(|(handle, _)| handle.clone());
        let bare =
            self.handles.sorted().into_iter().filter_map(|(handle, _)| Some(handle.split_once(':')?.1.to_string()));
        let names = self.names.sorted().into_iter().map(|(name, _)| name.clone());
        keys.chain(handles).chain(bare).chain(names)
    }

    /// Whether a text holds an address of somebody in the directory.
    #[must_use]
    pub fn holds_an_address(&self, text: &str) -> bool {
        let is_of_address = |c: char| c.is_alphanumeric() || "@.!#$%&'*+/=?^_`{|}~-".contains(c);
        let known = |part: &str| self.handles.get(format!("mail:{}", part.to_lowercase()).as_str()).is_some();
        text.split(|c| !is_of_address(c)).filter(|part| part.contains('@')).any(|part| known(part.trim_matches('.')))
    }

    /// Who bears a full name: the current people alone, exactly, and only if it is one.
    pub(crate) fn claims_of_name(&self, name: &str) -> Claims {
        let found = self.names.get(folded_name(name).as_str()).cloned().unwrap_or_default();
        if found.only().is_some() { found } else { Claims::default() }
    }

    /// The canonical texts of a list's members; `None` if it is no list.
    pub(crate) fn list_members(&self, handle: &str) -> Option<Vec<String>> {
        let members = self.lists.get(handle)?.iter().map(|member| match member {
            ListMember::Person(person) => format!("{PERSON}{person}"),
            ListMember::List(handle) | ListMember::Handle(handle) => handle.clone(),
        });
        Some(members.collect())
    }

    /// Records of the directory, summed over its files.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut sum = Counts::default();
        self.ledger.lines.values().for_each(|line| sum.add(line));
        sum
    }

    /// The level of everybody who is listed on a day: a mapped one, else the steps to the root of the tree.
    #[must_use]
    pub fn levels_on(&self, day: Day) -> Vec<Option<i64>> {
        let mut steps: Vec<Option<i64>> = vec![None; self.people.len()];
        let mut path = Vec::new();
        for start in 0..self.people.len() {
            let mut at = start;
            while steps[at].is_none() {
                path.push(at);
                match self.people[at].manager_on(day) {
                    Some(manager) => at = manager as usize,
                    None => break,
                }
            }
            while let Some(person) = path.pop() {
                let manager = self.people[person].manager_on(day);
                steps[person] = Some(manager.and_then(|manager| steps[manager as usize]).map_or(0, |above| above + 1));
            }
        }
        let listed = self.people.iter().zip(steps);
        listed.map(|(person, steps)| person.listed_on(day).and_then(|said| said.level.or(steps))).collect()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::work::tests::TestKey;

    pub(in super::super) fn read(text: &str, change: impl Fn(&mut DirectorySpec)) -> Result<Directory, IngestError> {
        read_bytes(text.as_bytes(), change)
    }

    fn read_bytes(bytes: &[u8], change: impl Fn(&mut DirectorySpec)) -> Result<Directory, IngestError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("directory.csv");
        std::fs::write(&path, bytes).unwrap();
        let mut spec = DirectorySpec { files: vec![path], ..DirectorySpec::default() };
        change(&mut spec);
        read_directory(&spec, 0, 0, &TestKey)
    }

    /// A table of `id` and `manager`.
    fn table(text: &str, change: impl Fn(&mut DirectorySpec)) -> Result<Directory, IngestError> {
        read(text, |spec| {
            spec.person_key = Some("id".into());
            spec.manager = Some("manager".into());
            change(spec);
        })
    }

    /// The files `2026-01.csv` and so on, read as snapshots.
    fn months(files: &[&str], change: impl Fn(&mut DirectorySpec)) -> Result<Directory, IngestError> {
        let folder = tempfile::tempdir().unwrap();
        let path = |number: usize| folder.path().join(format!("2026-{:02}.csv", number + 1));
        for (number, text) in files.iter().enumerate() {
            std::fs::write(path(number), text).unwrap();
        }
        table("id,manager\n", |spec| {
            spec.files = (0..files.len()).map(path).collect();
            spec.snapshot = Some(SnapshotPattern::new("%Y-%m").unwrap());
            spec.unit = Some("unit".into());
            change(spec);
        })
    }

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    /// The last interval of a person.
    pub(super) fn row_of<'a>(directory: &'a Directory, key: &str) -> &'a Interval {
        directory.people.iter().find(|person| person.key == key).unwrap().intervals.last().unwrap()
    }

    /// The managers' keys at the end.
    pub(super) fn managers(directory: &Directory) -> Vec<Option<&str>> {
        let key = |manager: u32| directory.people[manager as usize].key.as_str();
        directory.people.iter().map(|p| p.intervals.last().unwrap().manager.map(key)).collect()
    }

    /// The handles of a person, sorted.
    pub(super) fn handles(directory: &Directory, key: &str) -> Vec<String> {
        let person = directory.people.iter().position(|person| person.key == key).unwrap() as u32;
        let entries = directory.handles.clone().into_sorted_vec();
        entries.into_iter().filter(|(_, claims)| claims.only() == Some(person)).map(|(handle, _)| handle).collect()
    }

    pub(super) fn notices(directory: &Directory) -> Vec<(&str, u64)> {
        directory.notices.iter().map(|notice| (notice.code.id, notice.count)).collect()
    }

    #[test]
    fn a_self_manager_is_the_root_and_a_dangling_one_makes_a_tree() {
        let directory = table("id,manager\nb,a\na,a\nc,zz\n", |_| ()).unwrap();
        assert_eq!(managers(&directory), [None, Some("a"), None]);
        assert_eq!(notices(&directory), [("I302", 1), ("I304", 2), ("I313", 1)]);
    }

    #[test]
    fn circles_are_cut_at_the_smallest_key() {
        let directory = table("id,manager\na,r\nr,\nc,d\nd,b\nb,c\n", |_| ()).unwrap();
        assert_eq!(managers(&directory), [Some("r"), None, Some("d"), Some("b"), None]);
        assert!(notices(&directory).contains(&("I303", 1)));
    }

    #[test]
    fn repeated_people_keep_their_first_row() {
        let directory = table("id,manager\na,\nb,a\nb,c\nb,a\n", |_| ()).unwrap();
        assert_eq!(directory.people.len(), 2);
        assert_eq!(notices(&directory), [("I301", 1)]);
        let counts = directory.counts();
        assert_eq!((counts.seen, counts.used, counts.duplicate), (4, 2, 2));
        assert!(directory.ledger.balance().is_ok());
    }

    #[test]
    fn two_files_are_one_directory_and_both_balance() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("b.csv"), "id,manager\nc,a\nb,a\n").unwrap();
        let directory = table("id,manager\na,\nb,a\n", |spec| spec.files.push(folder.path().join("b.csv"))).unwrap();
        assert_eq!(directory.people.len(), 3);
        let counts = directory.counts();
        assert_eq!((counts.seen, counts.used, counts.duplicate), (4, 3, 1));
        assert!(directory.ledger.balance().is_ok());
    }

    #[test]
    fn managers_come_by_address_too() {
        let text = "id,mail,manager\n1,A@x.org,\n2,b@x.org,a@X.org\n";
        let directory = table(text, |spec| {
            spec.addresses = vec!["mail".into()];
            spec.manager_by = ManagerBy::Address;
        })
        .unwrap();
        assert_eq!(managers(&directory), [None, Some("1")]);
    }

    #[test]
    fn a_missing_column_names_the_nearest() {
        let error = table("id,manger\na,\n", |_| ()).unwrap_err();
        let IngestError::Unusable(found) = error else { panic!("{error}") };
        assert_eq!(found[0].code, code::I213);
        assert!(found[0].to_string().contains("`manger`"), "{}", found[0]);
    }

    #[test]
    fn a_broken_row_is_set_aside_and_the_rest_is_read() {
        let directory = table("id,manager\na,\nb\nc,a\n", |_| ()).unwrap();
        assert_eq!(directory.people.len(), 2);
        assert_eq!(directory.counts().quarantined.get("I103"), Some(&1));
        assert!(directory.ledger.balance().is_ok());
    }

    /// Formats with headers, and a record that is set aside behind characters of two and four bytes.
    const STORED: [(DirectoryFormat, &str, &str); 4] = [
        (DirectoryFormat::Csv, "id,manager\n\u{e9}\u{1f600},\n\nb\u{e9}\nc,\n", "b\u{e9}"),
        (
            DirectoryFormat::Ldif,
            "version: 1\n\n\ndn: cn=\u{1f600}\nobjectclass: person\n\n\nno dn \u{e9}\n",
            "no dn \u{e9}",
        ),
        (
            DirectoryFormat::Scim,
            "{\"\u{e9}\":1,\"Resources\":[{\"id\":\"\u{1f600}\",\"userName\":\"a\"}, {\"id\":\"\u{e9}\",}]}\n",
            "{\"id\":\"\u{e9}\",}",
        ),
        (DirectoryFormat::GoogleUsers, "Email Address,\u{e9}\na@x.org,\u{1f600}\n\nnobody,\u{e9}\n", "nobody,\u{e9}"),
    ];

    #[test]
    fn bytes_are_those_of_the_file() {
        let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        for (format, text, bad) in STORED {
            let account = |bytes: &[u8], bad: &[u8]| {
                let is_table = format == DirectoryFormat::Csv;
                let mapped = |spec: &mut DirectorySpec| {
                    spec.format = format;
                    spec.person_key = is_table.then(|| "id".into());
                    spec.manager = is_table.then(|| "manager".into());
                };
                let directory = read_bytes(bytes, mapped).unwrap();
                assert!(directory.ledger.clone().balance().is_ok());
                let counted = directory.ledger.bytes[&(0, 0)];
                assert_eq!(counted.seen, bytes.len() as u64, "{format:?}");
                let [aside] = &directory.quarantine[..] else { panic!("one record is set aside") };
                let (from, length) = (aside.offset as usize, aside.length as usize);
                assert_eq!(&bytes[from..from + length], bad, "{format:?}");
                (counted, directory.people.len(), aside.line)
            };
            let (narrow, people, line) = account(text.as_bytes(), bad.as_bytes());
            let (wide, wide_people, wide_line) = account(&utf16(&format!("\u{feff}{text}")), &utf16(bad));
            assert_eq!((people, line), (wide_people, wide_line), "{format:?}");
            assert_eq!(wide.separator, 2 * narrow.separator, "{format:?}");
        }
    }

    #[test]
    fn what_is_no_character_counts_as_it_is_stored() {
        // A mark alone; a lone surrogate and an odd last byte; no UTF-8.
        for bytes in [&b"\xff\xfe"[..], b"\xff\xfei\0d\0\n\0\x00\xd8\n\0\xff", b"id\n\xff\xfe\n"] {
            let directory = read_bytes(bytes, |spec| spec.person_key = Some("id".into())).unwrap();
            assert_eq!(directory.ledger.bytes[&(0, 0)].seen, bytes.len() as u64, "{bytes:?}");
            assert!(directory.ledger.balance().is_ok());
        }
    }

    #[test]
    fn zeros_behind_compressed_data_are_padding() {
        use std::io::Write;
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(b"id\na\n").unwrap();
        let packed = [encoder.finish().unwrap(), vec![0; 3]].concat();
        let directory = read_bytes(&packed, |spec| spec.person_key = Some("id".into())).unwrap();
        let counted = directory.ledger.bytes[&(0, 0)];
        assert_eq!((counted.seen, counted.padding, counted.record, directory.people.len()), (8, 3, 1, 1));
        assert!(directory.ledger.balance().is_ok());
    }

    #[test]
    fn managers_come_by_name_and_by_dn() {
        let text = "id,manager,first,last\n1,,Ann,Lee\n2,\"lee, ANN\",Bob,Ray\n3,Bob Ray,Cy,Doe\n4,,Bob,Ray\n5,Cy  Doe,Eve,Foo\n";
        let by_name = |spec: &mut DirectorySpec| {
            spec.manager_by = ManagerBy::Name;
            spec.name = vec!["first".into(), "last".into()];
        };
        let directory = table(text, by_name).unwrap();
        assert_eq!(managers(&directory), [None, Some("1"), None, None, Some("3")]);
        let states: Vec<&str> = directory.people.iter().map(|p| p.intervals[0].manager_state.name()).collect();
        assert_eq!(states, ["root", "known", "unknown", "root", "known"]);
        assert!(notices(&directory).contains(&("I305", 1)));
        assert_eq!(directory.names.get("ann lee").and_then(Claims::only), Some(0));
        let debug = format!("{directory:?} {:?} {:?}", directory.people, directory.lists);
        assert!(!debug.to_lowercase().contains("lee"), "{debug}");
        let text = "id,manager\n\"CN=a,OU=X\",\n\"cn=b, ou=x\",\"cn=A, ou=x\"\n";
        let directory = table(text, |spec| spec.manager_by = ManagerBy::Dn).unwrap();
        assert_eq!(managers(&directory), [None, Some("CN=a,OU=X")]);
    }

    #[test]
    fn names_that_nobody_needs_are_not_read() {
        let directory = table("id,manager\n1,\n", |spec| spec.name = vec!["no such column".into()]).unwrap();
        assert!(directory.names.is_empty());
        let directory = table("id,manager,name\n1,,Ann Lee\n", |spec| {
            spec.name = vec!["name".into()];
            spec.match_names = true;
        })
        .unwrap();
        assert_eq!(directory.names.len(), 1);
    }

    #[test]
    fn a_label_that_names_somebody_is_seen() {
        let text =
            "id,manager,unit,name\n1,,A,Jos\u{e9} Ruiz\n2,,A,\"Curie, Marie\"\n3,,B,Sales\n4,,B,Anna van der Berg\n";
        let directory = table(text, |spec| {
            spec.unit = Some("unit".into());
            spec.name = vec!["name".into()];
        })
        .unwrap();
        for label in [
            "Team Jose\u{301} Ruiz",
            "CURIE, Marie (Paris)",
            "x/Marie Curie",
            "Lab: Anna  van der Berg",
            "Ruiz Jos\u{e9}",
        ] {
            assert!(directory.names_somebody(label), "{label}");
        }
        for label in ["Sales", "Marie", "Ruiz and Curie", "Marieta Curie", "", "Anna van der"] {
            assert!(!directory.names_somebody(label), "{label}");
        }
    }

    #[test]
    fn states_of_managers_are_told_apart() {
        let directory = table("id,manager\na,a\nb,a\nc,zz\nd,e\ne,d\n", |_| ()).unwrap();
        let states: Vec<&str> = directory.people.iter().map(|p| p.intervals[0].manager_state.name()).collect();
        assert_eq!(states, ["root", "known", "unknown", "cut", "known"]);
        assert_eq!(directory.levels_on(Day(0)), [Some(0), Some(1), Some(0), Some(0), Some(1)]);
    }

    #[test]
    fn snapshots_become_intervals() {
        let rows = "e,a,u\nf,a,u\ng,a,u\nh,a,u\n";
        let first = format!(
            "id,manager,unit,x\n{}",
            "a,,u,1\nb,a,u,1\nc,a,u,1\n".to_string() + &rows.replace(",u\n", ",u,1\n")
        );
        let second = first.replace(",1\n", ",2\n").replace("c,a,u,2\n", ""); // c goes, an unmapped column changes
        let third = second.replace("b,a,u,2\n", "b,a,v,2\nc,b,u,2\n"); // b moves, c is back
        let directory = months(&[&first, &second, &third], |_| ()).unwrap();
        let spans = |key: &str| -> Vec<(Option<String>, Option<String>)> {
            let person = directory.people.iter().find(|person| person.key == key).unwrap();
            let text = |day: Option<Day>| day.map(|day| day.to_string());
            person.intervals.iter().map(|interval| (text(interval.from), text(interval.to))).collect()
        };
        let date = |text: &str| Some(text.to_string());
        assert_eq!(spans("a"), [(None, None)]);
        assert_eq!(spans("b"), [(None, date("2026-03-01")), (date("2026-03-01"), None)]);
        assert_eq!(spans("c"), [(None, date("2026-02-01")), (date("2026-03-01"), None)]);
        assert_eq!(directory.reaching_back_count, 7);
        let counts = directory.counts();
        assert_eq!((counts.seen, counts.used), (20, 20));
        let c = &directory.people[2];
        let members = ["2026-01-15", "2026-02-15", "2026-03-01"].map(|text| c.is_member(day(text)));
        assert_eq!(members, [true, false, true]);
        assert_eq!(c.manager_on(day("2026-03-05")), Some(1));
    }

    #[test]
    fn handles_follow_the_snapshots() {
        let text = |holder: &str| {
            let mail = |key: &str| if key == holder { "it@x.org" } else { "" };
            format!("id,manager,unit,mail\na,,u,{}\nb,a,u,{}\n", mail("a"), mail("b"))
        };
        let directory =
            months(&[&text("a"), &text("a"), &text("b")], |spec| spec.addresses = vec!["mail".into()]).unwrap();
        let claims = directory.handles.get("mail:it@x.org").unwrap();
        use crate::claims::Holder;
        assert_eq!(claims.on(day("2026-02-28")), Holder::One(0));
        assert_eq!(claims.on(day("2026-03-01")), Holder::One(1));
    }

    #[test]
    fn a_snapshot_without_a_fifth_of_the_people_is_not_believed() {
        let file = |people: u32| {
            let rows: String = (0..people).map(|person| format!("{person},,u\n")).collect();
            format!("id,manager,unit\n{rows}")
        };
        assert!(months(&[&file(10), &file(8)], |_| ()).is_ok());
        for gone in [&file(7), "id,manager,unit\n"] {
            let Err(IngestError::Unusable(found)) = months(&[&file(10), gone], |_| ()) else { panic!("believed") };
            assert_eq!(found[0].code, code::I310);
        }
    }

    #[test]
    fn a_column_of_dates_makes_snapshots_too() {
        let text = "id,manager,at\na,,2026-01-01\nb,a,2026-01-01\na,,2026-02-01\nb,,2026-02-01\nc,a,soon\nd,a,\n";
        let directory = table(text, |spec| spec.snapshot_column = Some("at".into())).unwrap();
        assert_eq!(directory.people[1].intervals.len(), 2);
        assert_eq!(directory.counts().quarantined.into_iter().collect::<Vec<_>>(), [("I104", 1), ("I107", 1)]);
        let error = table(text, |spec| spec.snapshot = Some(SnapshotPattern::new("%Y").unwrap())).unwrap_err();
        assert!(matches!(error, IngestError::Unusable(found) if found[0].code == code::I104));
    }

    #[test]
    fn circles_are_cut_in_every_snapshot() {
        let directory =
            months(&["id,manager,unit\na,b,u\nb,a,u\n", "id,manager,unit\na,b,u\nb,b,u\n"], |_| ()).unwrap();
        let states: Vec<&str> = directory.people[0].intervals.iter().map(|i| i.manager_state.name()).collect();
        assert_eq!(states, ["cut", "known"]);
        assert_eq!(notices(&directory), [("I303", 1), ("I313", 1)]);
    }

    #[test]
    fn a_second_file_brings_managers() {
        let folder = tempfile::tempdir().unwrap();
        let managers_are = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            let users = "userPrincipalName,id\na@x.org,AA\nb@x.org,BB\nc@x.org,CC\n";
            let directory = read(users, |spec| {
                spec.format = DirectoryFormat::Entra;
                spec.manager_file = Some(path.clone());
            })
            .unwrap();
            assert!(directory.has_reporting_lines && directory.ledger.clone().balance().is_ok());
            let counts = directory.counts();
            assert_eq!((counts.used, counts.excluded_count(), directory.files.len()), (3, 3, 2));
            managers(&directory).into_iter().map(|key| key.map(str::to_string)).collect::<Vec<_>>()
        };
        let expected = [None, Some("AA".to_string()), Some("BB".to_string())];
        assert_eq!(managers_are("m.csv", "person,manager\nB@x.org,aa\ncc,b@X.org\naa,\n"), expected);
        let links =
            "{\"puser\":\"BB\",\"id\":\"AA\"}\n{\"puser\":\"CC\",\"id\":\"BB\"}\n{\"puser\":\"zz\",\"id\":\"BB\"}\n";
        assert_eq!(managers_are("m.json", links), expected);
    }

    #[test]
    fn labels_levels_and_the_active() {
        let text = "id,manager,unit,site,grade,on\na,,Sa\u{202e}les,../../x,3,yes\nb,a,R&D,,high,No\n";
        let directory = table(text, |spec| {
            spec.unit = Some("unit".into());
            spec.compare = vec!["site".into(), "unit".into()];
            spec.level = Some("grade".into());
            spec.active = Some("on".into());
        })
        .unwrap();
        let (a, b) = (row_of(&directory, "a"), row_of(&directory, "b"));
        assert_eq!(a.labels, [Some("../../x".to_string()), Some("Sales".to_string())]);
        assert_eq!((a.unit.as_deref(), a.level, a.is_active), (Some("Sales"), Some(3), true));
        assert_eq!((b.labels[0].as_deref(), b.level, b.is_active), (None, None, false));
        assert_eq!((directory.bad_levels_count, directory.levels_on(Day(0))), (1, vec![Some(3), Some(1)]));
    }
}
