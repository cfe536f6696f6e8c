//! What reading a trap gave, in the words of `ledger.json`, and how it differs from what it must give.

use crosstie_ingest::{
    Counts, Directory, DirectorySpec, IngestError, IngestParams, Ingested, Known, Ledger, Notice, SourceSpec, ingest,
    read_directory,
};
use crosstie_model::{End, KeyedHash, Micros};
use crosstie_privacy::MasterKey;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The people of every trap's directory, `p1` to `p6`.
pub(crate) const PEOPLE: [&str; 6] = ["ann", "bob", "cid", "dora", "eli", "fay"];

/// What must be zero where it is not named.
const ALWAYS: [(&str, Empty); 10] = [
    ("used", Empty::Number),
    ("duplicate", Empty::Number),
    ("excluded", Empty::Object),
    ("quarantined", Empty::Object),
    ("refused", Empty::List),
    ("notices", Empty::Object),
    ("oddities", Empty::Object),
    ("id_reuse", Empty::Number),
    ("broadcasts", Empty::Number),
    ("empty_files", Empty::Number),
];

/// What is compared where it is named: bytes by part, messages, their times, senders and recipients, people and units.
const NAMED: [&str; 10] =
    ["bytes", "messages", "sent_at", "recipient_counts", "senders", "from", "to", "missing_days", "people", "units"];

#[derive(Clone, Copy)]
enum Empty {
    Number,
    Object,
    List,
}

impl Empty {
    fn value(self) -> Value {
        match self {
            Empty::Number => json!(0),
            Empty::Object => json!({}),
            Empty::List => json!([]),
        }
    }
}

/// What reading gave.
pub(crate) struct Outcome {
    facts: Map<String, Value>,
    /// Senders that are no people of the directory, and all recipients, by keyed id.
    senders: BTreeSet<Sender>,
    recipients: BTreeSet<i64>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Sender {
    Person(String),
    Account(i64),
    External,
}

/// The key of all traps.
pub(crate) fn key() -> MasterKey {
    MasterKey::parse(&format!("crosstie-key-v1 {}", "07".repeat(32))).unwrap()
}

/// The directory that sources are read against.
pub(crate) fn people() -> Directory {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("people.csv");
    let rows = (1..).zip(PEOPLE).map(|(number, name)| format!("p{number},{name}@corp.example\n"));
    std::fs::write(&path, format!("id,mail\n{}", rows.collect::<String>())).unwrap();
    let spec = DirectorySpec {
        files: vec![path],
        person_key: Some("id".into()),
        addresses: vec!["mail".into()],
        ..DirectorySpec::default()
    };
    read_directory(&spec, 0, 0, &key()).unwrap()
}

/// Reads sources with the settings of all traps.
pub(crate) fn ingested(sources: &[SourceSpec], directory: &Directory) -> Result<Ingested, IngestError> {
    let known = Known { internal_domains: vec!["corp.example".into()], ..Known::default() };
    let params = IngestParams {
        known,
        earliest: "1990-01-01".parse().unwrap(),
        latest: "2026-12-31".parse().unwrap(),
        recipients_kept: 500,
        canonical_rows: false,
        head_bytes: None,
    };
    ingest(sources, directory, &params, &key(), 0, &mut |_, _, _| Ok(()))
}

/// Reads sources; what they gave.
pub(crate) fn source_outcome(sources: Vec<SourceSpec>, directory: &Directory) -> Outcome {
    match ingested(&sources, directory) {
        Ok(ingested) => of_ingested(&ingested, &sources, directory),
        Err(error) => refused(&error),
    }
}

/// Reads a directory; what it gave.
pub(crate) fn directory_outcome(spec: &DirectorySpec) -> Outcome {
    match read_directory(spec, 0, 0, &key()) {
        Ok(directory) => of_directory(&directory),
        Err(error) => refused(&error),
    }
}

fn refused(error: &IngestError) -> Outcome {
    let codes: BTreeSet<String> = match error {
        IngestError::Unusable(found) => found.iter().map(|diagnostic| diagnostic.code.id.to_string()).collect(),
        other => BTreeSet::from([format!("no code: {other}")]),
    };
    let facts = Map::from_iter([("refused".to_string(), json!(codes))]);
    Outcome { facts, senders: BTreeSet::new(), recipients: BTreeSet::new() }
}

/// The four outcomes of records, and notices. The ledger must balance whatever the trap is.
fn accounts(ledger: &Ledger, counts: &Counts, notices: &[Notice]) -> Map<String, Value> {
    if let Err(imbalance) = ledger.clone().balance() {
        panic!("the ledger does not balance: {imbalance:?}");
    }
    let excluded: BTreeMap<&str, u64> = counts.excluded.iter().map(|(reason, count)| (reason.name(), *count)).collect();
    let notices: BTreeMap<&str, u64> = notices.iter().map(|notice| (notice.code.id, notice.count)).collect();
    let bytes = ledger.bytes.values();
    let sum = |part: fn(&crosstie_ingest::FileBytes) -> u64| bytes.clone().map(part).sum::<u64>();
    let bytes = json!({
        "record": sum(|bytes| bytes.record),
        "header": sum(|bytes| bytes.header),
        "separator": sum(|bytes| bytes.separator),
        "padding": sum(|bytes| bytes.padding),
    });
    Map::from_iter([
        ("used".to_string(), json!(counts.used)),
        ("duplicate".to_string(), json!(counts.duplicate)),
        ("excluded".to_string(), json!(excluded)),
        ("quarantined".to_string(), json!(counts.quarantined)),
        ("notices".to_string(), json!(notices)),
        ("bytes".to_string(), bytes),
    ])
}

fn of_ingested(ingested: &Ingested, sources: &[SourceSpec], directory: &Directory) -> Outcome {
    assert!(!ingested.handle_collision, "two handles have one id");
    // Whatever names the input bears, nothing but the paths that were given is told.
    let given: Vec<_> = sources.iter().flat_map(|source| source.files.iter()).collect();
    assert_eq!(ingested.files.iter().map(|file| &file.path).collect::<Vec<_>>(), given);
    let mut counts = Counts::default();
    ingested.ledger.lines.values().for_each(|line| counts.add(line));
    assert_eq!(counts.quarantined_count(), ingested.quarantine.len() as u64);
    let mut facts = accounts(&ingested.ledger, &counts, &ingested.notices);
    let messages = &ingested.messages.messages;
    let mut times: Vec<String> = messages.iter().map(|message| time(message.sent_at)).collect();
    times.sort();
    let mut recipient_counts: Vec<u32> = messages.iter().map(|message| message.recipient_count).collect();
    recipient_counts.sort_unstable();
    let senders: BTreeSet<Sender> = messages
        .iter()
        .map(|message| match message.sender {
            End::Person(person) => Sender::Person(directory.people[person as usize].key.clone()),
            End::Account(account) => Sender::Account(ingested.roll.handle_id(account).unwrap()),
            End::External => Sender::External,
        })
        .collect();
    let missing_days: Vec<String> = ingested.missing_parts.iter().map(|(_, day)| day.to_string()).collect();
    for (name, value) in [
        ("oddities", json!(ingested.oddities)),
        ("id_reuse", json!(ingested.totals.id_reuse)),
        ("broadcasts", json!(ingested.totals.broadcasts)),
        ("empty_files", json!(ingested.empty_files.len())),
        ("missing_days", json!(missing_days)),
        ("messages", json!(messages.len())),
        ("sent_at", json!(times)),
        ("recipient_counts", json!(recipient_counts)),
        ("senders", json!(senders.len())),
    ] {
        facts.insert(name.into(), value);
    }
    let recipients = ingested.messages.recipients.iter().map(|recipient| recipient.handle_id).collect();
    Outcome { facts, senders, recipients }
}

fn time(at: Micros) -> String {
    jiff::Timestamp::from_microsecond(at.0).unwrap().to_string()
}

fn of_directory(directory: &Directory) -> Outcome {
    let mut facts = accounts(&directory.ledger, &directory.counts(), &directory.notices);
    let people: Vec<&str> = directory.people.iter().map(|person| person.key.as_str()).collect();
    let intervals = directory.people.iter().flat_map(|person| &person.intervals);
    let units: BTreeSet<&str> = intervals.filter_map(|interval| interval.unit.as_deref()).collect();
    facts.insert("people".into(), json!(people));
    facts.insert("units".into(), json!(units));
    Outcome { facts, senders: BTreeSet::new(), recipients: BTreeSet::new() }
}

impl Outcome {
    /// How it differs from what it must be, fact by fact; names that are not known are differences too.
    pub(crate) fn differences(mut self, expected: &Map<String, Value>) -> Vec<String> {
        self.name_handles(expected);
        let is_known = |name: &str| ALWAYS.iter().any(|(known, _)| *known == name) || NAMED.contains(&name);
        let unknown = expected.keys().filter(|name| !is_known(name)).map(|name| format!("`{name}` is not known"));
        let mut found: Vec<String> = unknown.collect();
        let always = ALWAYS.iter().map(|(name, empty)| (*name, empty.value()));
        let named = NAMED.iter().filter(|name| expected.contains_key(**name)).map(|name| (*name, Value::Null));
        for (name, empty) in always.chain(named) {
            let wanted = expected.get(name).unwrap_or(&empty);
            let given = self.facts.get(name).unwrap_or(&empty);
            let is_equal = if name == "bytes" { holds(given, wanted) } else { given == wanted };
            if !is_equal {
                found.push(format!("{name} is {given}, not {wanted}"));
            }
        }
        found
    }

    /// Hashed ids are told by the handles that are expected, and by those of the directory.
    fn name_handles(&mut self, expected: &Map<String, Value>) {
        let key = key();
        let listed = ["from", "to"].iter().filter_map(|name| expected.get(*name)?.as_array()).flatten();
        let mut names: Vec<String> = listed.filter_map(|name| name.as_str().map(str::to_string)).collect();
        names.extend(PEOPLE.iter().map(|name| format!("mail:{name}@corp.example")));
        let names: BTreeMap<i64, String> = names.into_iter().map(|name| (key.handle_id(&name), name)).collect();
        let name_of = |id: &i64| names.get(id).cloned().unwrap_or_else(|| "another handle".into());
        let from = self.senders.iter().map(|sender| match sender {
            Sender::Person(key) => key.clone(),
            Sender::Account(id) => name_of(id),
            Sender::External => "external".into(),
        });
        let sorted = |mut names: Vec<String>| {
            names.sort();
            json!(names)
        };
        self.facts.insert("from".into(), sorted(from.collect()));
        self.facts.insert("to".into(), sorted(self.recipients.iter().map(name_of).collect()));
    }
}

/// Whether an object has the members of another, and perhaps more.
fn holds(given: &Value, wanted: &Value) -> bool {
    wanted.as_object().is_some_and(|wanted| wanted.iter().all(|(name, value)| given.get(name) == Some(value)))
}
