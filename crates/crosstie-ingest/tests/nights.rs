//! Night by night against all at once: whatever order files come in, whatever comes twice, late or changed, and whoever
//! the directory says an address belongs to, a night leaves what reading everything anew would.

#![expect(clippy::unwrap_used, reason = "a test may stop at anything unexpected")]

use crosstie_ingest::{
    Aside, Directory, DirectorySpec, EVER, EachDay, HandleKind, IngestParams, Ingested, JsonForm, Kept, Kind, Known,
    Lasting, Layout, Ledger, RecipientsForm, SourceFormat, SourceSpec, TableColumns, TableSpec, TimeForm, TimeSpec,
    find_people, forget_people, forget_rows, ingest, ingest_days, parse_persons, read_directory, read_lists,
    read_opt_outs,
};
use crosstie_model::{Day, End, Erased, Handle, KeyedHash, Messages, Micros, Stream, mark_of_id};
use crosstie_privacy::MasterKey;
use proptest::prelude::*;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

fn key() -> MasterKey {
    MasterKey::parse(&format!("crosstie-key-v1 {}", "07".repeat(32))).unwrap()
}

/// A place in memory.
#[derive(Default)]
struct Held(Mutex<Vec<u8>>);

impl Aside for Held {
    fn held_bytes(&self) -> u64 {
        200
    }

    fn put(&self, bytes: &[u8]) -> io::Result<u64> {
        let mut held = self.0.lock().unwrap();
        held.extend_from_slice(bytes);
        Ok((held.len() - bytes.len()) as u64)
    }

    fn get(&self, at: u64, into: &mut [u8]) -> io::Result<()> {
        let held = self.0.lock().unwrap();
        into.copy_from_slice(
            held.get(at as usize..).and_then(|rest| rest.get(..into.len())).ok_or(io::ErrorKind::NotFound)?,
        );
        Ok(())
    }
}

/// A place of which it is counted what is read there.
struct Counted<'h>(&'h Held, AtomicUsize);

impl Aside for Counted<'_> {
    fn held_bytes(&self) -> u64 {
        self.0.held_bytes()
    }

    fn put(&self, bytes: &[u8]) -> io::Result<u64> {
        self.0.put(bytes)
    }

    fn get(&self, at: u64, into: &mut [u8]) -> io::Result<()> {
        self.1.fetch_add(1, Ordering::Relaxed);
        self.0.get(at, into)
    }
}

/// A directory of eight people; `phase` tells who is there, whose an address is, and who is a machine.
fn directory(folder: &Path, phase: usize) -> Directory {
    let mut text = String::from("id,mail,class,left_on\n");
    for person in 0..8 {
        if person == 5 && phase == 0 {
            continue;
        }
        let class = if person == 6 && phase >= 2 { "room" } else { "person" };
        let address = if person == 4 && phase >= 3 { 9 } else { person };
        let left = if person == 3 && phase >= 1 { "2026-03-06" } else { "" };
        text.push_str(&format!("k{person},p{address}@corp.example,{class},{left}\n"));
    }
    let path = folder.join("people.csv");
    fs::write(&path, text).unwrap();
    let spec = DirectorySpec {
        files: vec![path],
        person_key: Some("id".into()),
        addresses: vec!["mail".into()],
        class: Some("class".into()),
        left_on: Some("left_on".into()),
        ..DirectorySpec::default()
    };
    read_directory(&spec, 9, 0, &key()).unwrap()
}

fn table(columns: TableColumns) -> SourceFormat {
    SourceFormat::Csv(Box::new(TableSpec {
        layout: Layout::MessagePerRow,
        delimiter: Some(b','),
        recipient_separator: ";".into(),
        recipients_form: RecipientsForm::Separated,
        json: JsonForm::Lines,
        time: TimeSpec::new(TimeForm::Auto, None).unwrap(),
        handles: HandleKind::Address,
        columns: TableColumns { sent_at: "at".into(), sender: "from".into(), message_id: Some("id".into()), ..columns },
        null_values: vec![],
        trim: false,
    }))
}

const MAIL: &str = "id,at,from,to,cc\n";
const CHAT: &str = "id,at,from,answers,thread,room\n";

fn sources(folder: &Path) -> Vec<SourceSpec> {
    let files = |start: &str| -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with(start))
            .collect();
        files.sort();
        files
    };
    let mail = TableColumns { to: Some("to".into()), cc: Some("cc".into()), ..TableColumns::default() };
    let chat = TableColumns {
        in_reply_to: Some("answers".into()),
        thread: Some("thread".into()),
        place_id: Some("room".into()),
        ..TableColumns::default()
    };
    vec![
        SourceSpec::new("mail", Kind::Mail, table(mail), files("mail")),
        SourceSpec::new("chat", Kind::Chat, table(chat), files("chat")),
        SourceSpec::new("bulk", Kind::Chat, SourceFormat::Mattermost, files("bulk")),
    ]
}

fn params(folder: &Path) -> IngestParams {
    let lists = folder.join("lists");
    fs::write(&lists, "list,member\nall@corp.example,p1@corp.example\nall@corp.example,p2@corp.example\n").unwrap();
    let out = folder.join("out");
    fs::write(&out, "who\nperson:k7\n").unwrap();
    let known = Known {
        internal_domains: vec!["corp.example".into()],
        lists: read_lists(&lists).unwrap(),
        opt_outs: read_opt_outs(&out).unwrap(),
        ..Known::default()
    };
    IngestParams {
        known,
        earliest: "2026-01-01".parse().unwrap(),
        latest: "2026-12-31".parse().unwrap(),
        recipients_kept: 4,
        canonical_rows: false,
        head_bytes: None,
    }
}

/// Days as text.
struct AsText<'d> {
    directory: &'d Directory,
    /// Keyed ids of accounts.
    ids: Vec<i64>,
}

impl EachDay for AsText<'_> {
    type Making<'e>
        = (Day, Messages)
    where
        Self: 'e;
    type Made = String;

    fn begin(&self, day: Day, _: &[Handle]) -> (Day, Messages) {
        (day, Messages::default())
    }

    fn add(&self, (_, all): &mut (Day, Messages), messages: &Messages) {
        all.append(messages);
    }

    fn end(&self, (day, messages): (Day, Messages)) -> String {
        told(self.directory, day, &messages, &|account| self.ids[account as usize])
    }
}

/// A day as text: nothing in it depends on how handles or people are numbered.
fn told(directory: &Directory, day: Day, messages: &Messages, id: &dyn Fn(u32) -> i64) -> String {
    let end = |end: End| match end {
        End::Account(account) => format!("account {}", id(account)),
        End::Person(person) => directory.people[person as usize].key.clone(),
        other => format!("{other:?}"),
    };
    let mut lines: Vec<String> = messages
        .messages
        .iter()
        .map(|message| {
            let to = &messages.recipients[message.first as usize..(message.first + message.count) as usize];
            let to: Vec<String> = to.iter().map(|one| format!("{} {:?}", end(one.end), one.role)).collect();
            let (at, place, count) = (message.sent_at, message.place_id, message.recipient_count);
            format!("{at:?} {} {:?} {place:?} {count} {to:?}", end(message.sender), message.venue)
        })
        .collect();
    lines.sort();
    format!("{day}\n{}", lines.join("\n"))
}

/// Everything that a run takes on.
fn outcome(read: &(Ingested, Vec<(Day, String)>), directory: &Directory) -> Vec<String> {
    let (found, days) = read;
    assert!(found.ledger.clone().balance().is_ok(), "{:?}", found.ledger);
    let accounts = found.roll.accounts(directory, "2026-03-05".parse().unwrap());
    let notices: Vec<String> =
        found.notices.iter().map(|notice| format!("{:?} {}", notice.code, notice.count)).collect();
    vec![
        format!("{:#?}", days),
        format!("{:#?}", found.ledger),
        format!("{:#?}", found.quarantine),
        format!("{:#?} {:#?}", found.totals, found.oddities),
        format!("{:#?}", found.activity),
        format!("{accounts:#?} {:?}", found.opted_out),
        format!("{:?} {:?} {:?}", found.empty_files, found.skipped_files, found.files),
        format!("{notices:?}"),
    ]
}

struct Nights {
    folder: tempfile::TempDir,
    held: Held,
    book: Option<Vec<u8>>,
    erased: Erased,
}

impl Nights {
    fn new() -> Nights {
        let folder = tempfile::tempdir().unwrap();
        Nights { folder, held: Held::default(), book: None, erased: Erased::default() }
    }

    fn params(&self) -> IngestParams {
        let params = params(self.folder.path());
        IngestParams { known: Known { erased: self.erased.clone(), ..params.known }, ..params }
    }

    /// Forgets a person of the directory; returns the keyed ids of that person.
    fn forget(&mut self, phase: usize, key_of_person: &str) -> Vec<i64> {
        let directory = directory(self.folder.path(), phase);
        let named = parse_persons(&format!("person:{key_of_person}\n")).unwrap();
        let found = find_people(&directory, &self.params().known, &named, &key(), self.book.as_deref());
        assert_eq!(found.person_keys, [key_of_person]);
        let mut ids = found.handle_ids;
        ids.push(key().handle_id(&format!("member:{key_of_person}")));
        let marks = self.erased.marks().iter().copied().chain(ids.iter().map(|&id| mark_of_id(&key(), id)));
        self.erased = Erased::new(marks.collect());
        let book = self.book.take().unwrap();
        // Days stay in their own place here: what is made of them anew goes elsewhere.
        let held = Held(Mutex::new(self.held.0.lock().unwrap().clone()));
        let left = forget_people(&book, &self.erased, &key(), &held, &|_| None).unwrap();
        self.book = Some(left.map_or(book, |left| left.bytes));
        self.held = held;
        let again = forget_people(self.book.as_ref().unwrap(), &self.erased, &key(), &self.held, &|_| None).unwrap();
        assert!(again.is_none(), "nothing is left to go");
        ids
    }

    /// Whether a book has one of these ids.
    fn book_has(&self, ids: &[i64]) -> bool {
        let book = self.book.as_ref().unwrap();
        ids.iter().any(|id| book.windows(8).any(|window| window == id.to_le_bytes()))
    }

    fn input(&self) -> PathBuf {
        let input = self.folder.path().join("input");
        fs::create_dir_all(&input).unwrap();
        input
    }

    fn read(&self, phase: usize, held: &Held, book: Option<Vec<u8>>) -> (Ingested, Vec<(Day, String)>, Directory) {
        let directory = directory(self.folder.path(), phase);
        let sources = sources(&self.input());
        let params = self.params();
        let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_micros() as i64;
        // Half of the time, what changed just now is known by its times as well.
        let now = Micros(if phase.is_multiple_of(2) { now } else { now + 10_000_000 });
        let settings = "settings".to_string();
        let seen_within = &|_: &Ledger| EVER;
        let lasting =
            Lasting { aside: held, book, anew: false, settings, now, is_there: &|_: &String| true, seen_within };
        let as_text = |ids: &[i64]| AsText { directory: &directory, ids: ids.to_vec() };
        let (ingested, days) =
            ingest_days(&sources, &directory, &params, &lasting, &key(), 1, &mut |_, _, _| Ok(()), as_text).unwrap();
        (ingested, days, directory)
    }

    /// A night, held against all at once.
    fn night(&mut self, phase: usize) -> crosstie_ingest::Spared {
        let (ingested, days, directory) = self.read(phase, &self.held, self.book.clone());
        self.book = ingested.book.clone().map(|book| book.bytes);
        let spared = ingested.spared;
        let (anew, all_days, _) = self.read(phase, &Held::default(), None);
        let (night, full) = (outcome(&(ingested, days), &directory), outcome(&(anew, all_days), &directory));
        for (night, full) in night.iter().zip(&full) {
            assert!(night == full, "{}", first_difference(night, full));
        }
        spared
    }
}

fn first_difference(night: &str, full: &str) -> String {
    let at = night.lines().zip(full.lines()).position(|(a, b)| a != b).unwrap_or(0);
    let around = |text: &str| text.lines().skip(at.saturating_sub(8)).take(16).collect::<Vec<_>>().join("\n");
    format!("by night:\n{}\nall at once:\n{}", around(night), around(full))
}

fn person(stream: &mut Stream) -> String {
    match stream.below(14) {
        0 => "out@else.example".into(),
        1 => "out@c0rp.example".into(),
        2 => "p2+tag@corp.example".into(),
        3 => "all@corp.example".into(),
        4 => "noreply@corp.example".into(),
        5 => "nobody".into(),
        n => format!("p{}@corp.example", n % 10),
    }
}

fn at(stream: &mut Stream) -> String {
    match stream.below(25) {
        0 => "2027-01-01T00:00:00Z".into(),
        1 => "no time".into(),
        n => format!("2026-03-{:02}T{:02}:00:{:02}Z", 1 + n % 8, stream.below(24), stream.below(3)),
    }
}

fn mail(stream: &mut Stream) -> String {
    let to: Vec<String> = (0..1 + stream.below(3)).map(|_| person(stream)).collect();
    format!("<{}@x>,{},{},{},\n", stream.below(40), at(stream), person(stream), to.join(";"))
}

fn chat(stream: &mut Stream) -> String {
    let answers = if stream.below(3) == 0 { format!("m{}", stream.below(30)) } else { String::new() };
    let thread = if stream.below(3) == 0 { format!("t{}", stream.below(4)) } else { String::new() };
    format!("m{},{},{},{answers},{thread},r{}\n", stream.below(30), at(stream), person(stream), stream.below(2))
}

/// One night's work on the files.
fn change(stream: &mut Stream, input: &Path) {
    let is_mail = stream.below(3) > 0;
    let number = stream.below(6);
    let path = input.join(if is_mail { format!("mail-{number}.csv") } else { format!("chat-{number}.csv") });
    let mut text = match fs::read_to_string(&path) {
        // Written anew, or as it was but for its times, or longer.
        Ok(there) if stream.below(3) > 0 => there,
        _ => String::from(if is_mail { MAIL } else { CHAT }),
    };
    for _ in 0..stream.below(8) {
        text.push_str(&if is_mail { mail(stream) } else { chat(stream) });
    }
    if text.lines().count() < 2 {
        text.push_str(if is_mail {
            "<1@x>,2026-03-01T00:00:00Z,p1@corp.example,p2@corp.example,\n"
        } else {
            "m1,2026-03-01T00:00:00Z,p1@corp.example,,,r1\n"
        });
    }
    // A file of which nothing can be read ends a run, by night or not.
    text.push_str(if is_mail {
        "<2@x>,2026-03-02T00:00:00Z,p0@corp.example,p2@corp.example,\n"
    } else {
        "m2,2026-03-02T00:00:00Z,p0@corp.example,,,r1\n"
    });
    fs::write(path, text).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]
    #[test]
    fn a_night_equals_all_at_once(seed in any::<u64>(), phases in proptest::collection::vec(0usize..4, 1..6)) {
        let mut stream = Stream::new(seed, "nights", &[]);
        let mut nights = Nights::new();
        for phase in phases {
            for _ in 0..1 + stream.below(3) {
                change(&mut stream, &nights.input());
            }
            nights.night(phase);
            let again = nights.night(phase);
            // Times that are not believed yet are looked at again each night.
            if again.parts_unkept == 0 {
                prop_assert_eq!((again.files_read, again.days_merged), (0, 0), "nothing is done twice");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn who_is_forgotten_is_in_no_night(seed in any::<u64>(), phase in 0usize..4, later in 0usize..4) {
        let mut stream = Stream::new(seed, "forgotten", &[]);
        let mut nights = Nights::new();
        for _ in 0..3 {
            change(&mut stream, &nights.input());
            nights.night(phase);
        }
        let ids = nights.forget(phase, "k1");
        prop_assert!(!nights.book_has(&ids));
        // No file is read again for it, and what is left is what reading everything without that person gives.
        let night = nights.night(phase);
        if night.parts_unkept == 0 {
            prop_assert_eq!(night.files_read, 0);
        }
        prop_assert!(!nights.book_has(&ids));
        change(&mut stream, &nights.input());
        nights.night(later);
        let more = nights.forget(later, "k2");
        nights.night(later);
        prop_assert!(!nights.book_has(&ids) && !nights.book_has(&more));
    }
}

#[test]
fn rows_that_retention_left_lose_who_is_forgotten() {
    let mut nights = Nights::new();
    let input = nights.input();
    fs::write(input.join("mail-1.csv"), messages(&["01", "02", "03", "04", "05", "06"])).unwrap();
    nights.night(1);
    let day = |text: &str| text.parse::<Day>().unwrap();
    let kept = Kept { rows_from: day("2026-03-04"), ties_from: day("2026-03-01") };
    let shorter = forget_rows(nights.book.as_ref().unwrap(), kept, &nights.held).unwrap().unwrap();
    nights.book = Some(shorter.bytes);
    let (before, days, _) = nights.read(1, &nights.held, nights.book.clone());
    let ids = nights.forget(1, "k1");
    assert!(!nights.book_has(&ids));
    let (after, left, _) = nights.read(1, &nights.held, nights.book.clone());
    assert_eq!((after.spared.files_read, after.spared.files_known), (0, 1));
    assert!(after.ledger.clone().balance().is_ok(), "{:?}", after.ledger);
    assert_eq!(after.ledger.of_source(0).seen, before.ledger.of_source(0).seen);
    assert_eq!(left[..3], days[..3], "what was made of days without rows is for its keeper to change");
    let told = format!("{left:?}");
    assert!(told.contains("k2") && !format!("{:?}", &left[3..]).contains("k1"), "{told}");
    let is_there = |people: &&Vec<[u32; 2]>| people.get(1).is_some_and(|counts| *counts != [0; 2]);
    assert_eq!(after.activity.values().filter(is_there).count(), 0);
    assert!(before.activity.values().filter(is_there).count() > 0);
}

fn messages(days: &[&str]) -> String {
    let row = |(number, day): (usize, &&str)| {
        format!("<{day}-{number}@x>,2026-03-{day}T12:00:00Z,p0@corp.example,p{}@corp.example,\n", 1 + number % 3)
    };
    format!("{MAIL}{}", days.iter().enumerate().map(row).collect::<String>())
}

#[test]
fn a_night_reads_what_is_new_and_merges_the_days_around() {
    let mut nights = Nights::new();
    let input = nights.input();
    fs::write(input.join("mail-1.csv"), messages(&["01", "02", "03", "04", "05", "06"])).unwrap();
    let first = nights.night(1);
    assert_eq!((first.files_read, first.files_known, first.days_merged, first.days_known), (1, 0, 6, 0));
    fs::write(input.join("mail-2.csv"), messages(&["07"])).unwrap();
    let second = nights.night(1);
    assert_eq!((second.files_read, second.files_known, second.days_merged, second.days_known), (1, 1, 2, 5));
    fs::write(input.join("mail-3.csv"), messages(&["02", "02"])).unwrap();
    assert_eq!(nights.night(1).days_merged, 3, "a late day and those beside it");
    // Only those days change on which somebody is named who is another now.
    let moved = nights.night(3);
    assert_eq!((moved.files_read, moved.days_merged), (0, 0), "p4 wrote to nobody");
    fs::rename(input.join("mail-2.csv"), input.join("mail-9.csv")).unwrap();
    assert_eq!(nights.night(1).files_read, 1, "another name is another file");
}

/// Reads a night of which it is counted what it looks up of earlier ones, and who was seen in its last two weeks alone.
fn counted(nights: &Nights, last: Day) -> (Ingested, usize) {
    let directory = directory(nights.folder.path(), 1);
    let (sources, params) = (sources(&nights.input()), nights.params());
    let held = Counted(&nights.held, AtomicUsize::new(0));
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_micros() as i64 + 10_000_000;
    let lasting = Lasting {
        aside: &held,
        book: nights.book.clone(),
        anew: false,
        settings: "settings".into(),
        now: Micros(now),
        is_there: &|_: &String| true,
        seen_within: &|ledger| {
            assert_eq!(ledger.times[&0].1.day(), last, "every file is in the ledger");
            (last.plus(-13), last)
        },
    };
    let as_text = |ids: &[i64]| AsText { directory: &directory, ids: ids.to_vec() };
    let (found, _) =
        ingest_days(&sources, &directory, &params, &lasting, &key(), 1, &mut |_, _, _| Ok(()), as_text).unwrap();
    (found, held.1.into_inner())
}

#[test]
fn what_a_night_looks_up_does_not_grow_with_the_history() {
    let first: Day = "2026-02-02".parse().unwrap();
    let looked_up = [30, 303].map(|days| {
        let mut nights = Nights::new();
        let input = nights.input();
        let write = |number: i32| {
            let day = first.plus(number);
            let row =
                |to: i32| format!("<{number}-{to}@x>,{day}T12:00:00Z,p0@corp.example,p{}@corp.example,\n", to % 7);
            fs::write(input.join(format!("mail-{number:03}.csv")), format!("{MAIL}{}{}", row(1), row(number))).unwrap();
        };
        (0..days).for_each(write);
        nights.night(1);
        write(days);
        let (found, count) = counted(&nights, first.plus(days));
        let spared = found.spared;
        assert_eq!((spared.files_read, spared.files_known), (1, days as u64));
        assert_eq!((spared.days_merged, spared.days_known), (2, days as u64 - 1));
        // Who was seen in the weeks that are looked at, and everything else as ever.
        let (all, _, _) = nights.read(1, &Held::default(), None);
        let weeks = first.plus(days - 13).monday()..=first.plus(days).monday();
        let mut seen = all.activity.clone();
        seen.retain(|(_, week), _| weeks.contains(week));
        assert_eq!((&found.activity, found.activity.len()), (&seen, 3));
        assert_eq!((&found.ledger, found.totals, &found.used_by_day), (&all.ledger, all.totals, &all.used_by_day));
        count
    });
    assert_eq!(looked_up[0], looked_up[1], "one day alone is new");
    assert!((14..30).contains(&looked_up[0]), "{looked_up:?}");
}

#[test]
fn what_a_file_held_that_is_gone_stays() {
    let mut nights = Nights::new();
    let input = nights.input();
    fs::write(input.join("mail-1.csv"), messages(&["01", "02"])).unwrap();
    fs::write(input.join("mail-2.csv"), messages(&["05"])).unwrap();
    nights.night(1);
    fs::remove_file(input.join("mail-1.csv")).unwrap();
    for _ in 0..2 {
        let (ingested, days, _) = nights.read(1, &nights.held, nights.book.clone());
        assert_eq!((ingested.spared.files_gone, days.len(), ingested.totals.messages), (1, 3, 3));
        assert!(ingested.notices.iter().any(|notice| notice.code.id == "I404"));
        assert!(ingested.ledger.clone().balance().is_ok());
        nights.book = ingested.book.map(|book| book.bytes);
    }
    let (anew, _, _) = nights.read(1, &Held::default(), None);
    assert_eq!(anew.totals.messages, 1);
    fs::write(input.join("mail-1.csv"), messages(&["01", "02"])).unwrap();
    let back = nights.night(1);
    assert_eq!((back.files_gone, back.files_read), (0, 0), "it is known by what it holds");
}

#[test]
fn the_book_holds_no_name_and_no_address() {
    let mut nights = Nights::new();
    let input = nights.input();
    let mut stream = Stream::new(5, "nights", &[]);
    (0..12).for_each(|_| change(&mut stream, &input));
    nights.night(1);
    let book = nights.book.unwrap();
    let held = nights.held.0.lock().unwrap();
    for bytes in [&book[..], &held[..]] {
        for word in ["corp.example", "else.example", "noreply", "mail-1.csv", "people.csv"] {
            assert!(!bytes.windows(word.len()).any(|window| window == word.as_bytes()), "{word}");
        }
    }
}

#[test]
fn days_in_memory_are_the_same() {
    let mut nights = Nights::new();
    let input = nights.input();
    let mut stream = Stream::new(11, "nights", &[]);
    (0..12).for_each(|_| change(&mut stream, &input));
    let spared = nights.night(2);
    assert!(spared.days_merged > 0);
    let directory = directory(nights.folder.path(), 2);
    let (sources, params) = (sources(&input), params(nights.folder.path()));
    let all = ingest(&sources, &directory, &params, &key(), 1, &mut |_, _, _| Ok(())).unwrap();
    let (night, _, _) = nights.read(2, &nights.held, nights.book.clone());
    assert_eq!((all.totals, &all.ledger), (night.totals, &night.ledger));
    assert_eq!(all.messages.messages.len() as u64, night.totals.messages);
}

#[test]
fn retention_takes_rows_and_a_file_read_again_revives_none() {
    let nights = Nights::new();
    let input = nights.input();
    fs::write(input.join("mail-1.csv"), messages(&["01", "02", "03", "04", "05"])).unwrap();
    fs::write(input.join("mail-2.csv"), messages(&["02", "05"])).unwrap();
    let (before, days, _) = nights.read(1, &nights.held, None);
    let book = before.book.unwrap().bytes;
    let day = |text: &str| text.parse::<Day>().unwrap();
    let kept = Kept { rows_from: day("2026-03-04"), ties_from: day("2026-03-02") };
    let shorter = forget_rows(&book, kept, &nights.held).unwrap().unwrap();
    assert!(forget_rows(&shorter.bytes, kept, &nights.held).unwrap().is_none(), "nothing is left to go");

    let (after, left, _) = nights.read(1, &nights.held, Some(shorter.bytes.clone()));
    assert_eq!((after.spared.files_read, after.spared.days_merged), (0, 0));
    assert_eq!(left, days[1..], "ties of the first day are past their time, those of the others are as they were");
    assert_eq!(after.ledger, before.ledger, "what became of records stays told");

    // A file that is written again brings nothing back that was taken; its outcome says why.
    fs::write(input.join("mail-1.csv"), messages(&["01", "02", "03", "04", "05", "06"])).unwrap();
    let (again, longer, _) = nights.read(1, &nights.held, Some(shorter.bytes));
    assert!(again.ledger.clone().balance().is_ok(), "{:?}", again.ledger);
    let counts = again.ledger.of_source(0);
    assert_eq!(
        counts.excluded.iter().map(|(reason, count)| (reason.name(), *count)).collect::<Vec<_>>(),
        [("past_retention", 3)]
    );
    assert_eq!((longer[..4].to_vec(), longer.len()), (days[1..].to_vec(), 5));

    // Nor does reading everything anew.
    let directory = directory(nights.folder.path(), 1);
    let lasting = Lasting {
        aside: &nights.held,
        book: again.book.map(|book| book.bytes),
        anew: true,
        settings: "settings".into(),
        now: Micros(0),
        is_there: &|_: &String| true,
        seen_within: &|_| EVER,
    };
    let (sources, params) = (sources(&input), params(nights.folder.path()));
    let as_text = |ids: &[i64]| AsText { directory: &directory, ids: ids.to_vec() };
    let (anew, all) =
        ingest_days(&sources, &directory, &params, &lasting, &key(), 1, &mut |_, _, _| Ok(()), as_text).unwrap();
    assert!(anew.ledger.clone().balance().is_ok());
    assert_eq!((all, anew.spared.files_read), (longer, 2));
}

/// Posts of a Mattermost export by one user to another, at hours of one day.
fn posts(hours: &[u32]) -> String {
    let post = |hour: &u32| {
        let at = 1_772_409_600_000_u64 + u64::from(*hour) * 3_600_000;
        format!(
            r#"{{"type":"post","post":{{"team":"t","channel":"c","user":"ann","message":"@bob","create_at":{at}}}}}"#
        )
    };
    hours.iter().map(|hour| post(hour) + "\n").collect()
}

#[test]
fn a_file_is_read_with_those_that_tell_its_users() {
    let mut nights = Nights::new();
    let input = nights.input();
    let user = |name: &str, address: &str| {
        format!(r#"{{"type":"user","user":{{"username":"{name}","email":"{address}@corp.example"}}}}"#) + "\n"
    };
    let users = user("ann", "p1") + &user("bob", "p2");
    fs::write(input.join("bulk-1.jsonl"), users + &posts(&[1])).unwrap();
    fs::write(input.join("bulk-2.jsonl"), posts(&[2])).unwrap();
    let (first, days, _) = nights.read(1, &nights.held, None);
    assert_eq!((first.totals.resolved, first.totals.unknown_accounts), (2, 0), "{days:?}");
    nights.book = first.book.map(|book| book.bytes);
    assert_eq!(nights.night(1).files_read, 0);
    fs::write(input.join("bulk-2.jsonl"), posts(&[2, 3])).unwrap();
    assert_eq!(nights.night(1).files_read, 2, "what the first file told is needed for the second");

    // Without it nothing of it can be kept, and that is said.
    fs::remove_file(input.join("bulk-1.jsonl")).unwrap();
    let (left, _, _) = nights.read(1, &nights.held, nights.book.clone());
    let gone: Vec<(&str, u64)> = left.notices.iter().map(|notice| (notice.code.id, notice.count)).collect();
    assert_eq!(gone, [("I405", 1)]);
    assert!(left.ledger.clone().balance().is_ok());
}
