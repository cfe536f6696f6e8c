//! Who is who: lists, rules, opt-outs, names, look-alikes and the many spellings of one mailbox.

#![expect(clippy::unwrap_used, reason = "a test may stop at anything unexpected")]

use crosstie_ingest::{
    Directory, DirectorySpec, HandleKind, IngestParams, Ingested, JsonForm, Kind, Known, Layout, Reason,
    RecipientsForm, SourceFormat, SourceSpec, TableColumns, TableSpec, TimeForm, TimeSpec, ingest_memory, read_aliases,
    read_directory, read_lists, read_opt_outs, read_rules,
};
use crosstie_model::{Day, End, Role};
use crosstie_privacy::MasterKey;
use std::fs;
use std::path::PathBuf;

const DIRECTORY: &str = "id,mail,other,full_name,boss,left\n\
    p1,ann@corp.example,/o=corp/ou=eu/cn=ann,Ann Lee,,\n\
    p2,bob@corp.example,,Bob Ray,p1,\n\
    p3,cid@corp.example,cid.doe@gmail.com,Cid Doe,p1,\n\
    p4,dora@corp.example,dora+lists@corp.example,Dora Fox,p2,\n\
    p5,old@corp.example,,Sam Roe,p2,2026-03-10\n\
    p6,twin@corp.example,,Sam Roe,p2,\n";

/// A folder with the small files that a test writes.
struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Files {
        Files(tempfile::tempdir().unwrap())
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }

    fn directory(&self) -> Directory {
        let spec = DirectorySpec {
            files: vec![self.write("directory.csv", DIRECTORY)],
            person_key: Some("id".into()),
            addresses: vec!["mail".into(), "other".into()],
            manager: Some("boss".into()),
            left_on: Some("left".into()),
            name: vec!["full_name".into()],
            match_names: true,
            ..DirectorySpec::default()
        };
        read_directory(&spec, 1, 0, &key()).unwrap()
    }
}

fn key() -> MasterKey {
    MasterKey::parse(&format!("crosstie-key-v1 {}", "07".repeat(32))).unwrap()
}

fn known() -> Known {
    Known { internal_domains: vec!["corp.example".into()], match_names: true, ..Known::default() }
}

fn params(known: Known) -> IngestParams {
    IngestParams {
        known,
        earliest: "1990-01-01".parse().unwrap(),
        latest: "2026-12-31".parse().unwrap(),
        recipients_kept: 500,
        canonical_rows: false,
        head_bytes: None,
    }
}

/// Reads mails given as `sender > recipients;…`, one a minute.
fn mails(directory: &Directory, known: Known, list: &[(&str, &str)]) -> Ingested {
    let mut text = "at,from,to\n".to_string();
    for (minute, (from, to)) in list.iter().enumerate() {
        text.push_str(&format!("2026-03-02T08:{minute:02}:00Z,\"{from}\",\"{to}\"\n"));
    }
    let columns =
        TableColumns { sent_at: "at".into(), sender: "from".into(), to: Some("to".into()), ..TableColumns::default() };
    let table = TableSpec {
        layout: Layout::MessagePerRow,
        delimiter: Some(b','),
        recipient_separator: ";".into(),
        recipients_form: RecipientsForm::Separated,
        json: JsonForm::Lines,
        time: TimeSpec::new(TimeForm::Auto, None).unwrap(),
        handles: HandleKind::Address,
        columns,
        null_values: vec![],
        trim: false,
    };
    let spec = SourceSpec::new("mail", Kind::Mail, SourceFormat::Csv(Box::new(table)), vec![]);
    let read = ingest_memory(&spec, &[("mail.csv", text.as_bytes())], directory, &params(known), &key()).unwrap();
    read.ledger.clone().balance().unwrap();
    read
}

/// The people whom each message reaches, by index, in the order of time.
fn people(read: &Ingested) -> Vec<(End, Vec<(End, Role)>)> {
    let mut messages: Vec<_> = read.messages.messages.iter().collect();
    messages.sort_by_key(|message| message.sent_at);
    let ends = |message| {
        let mut ends: Vec<_> = read.messages.recipients_of(message).iter().map(|one| (one.end, one.role)).collect();
        ends.sort_unstable();
        ends
    };
    messages.into_iter().map(|message| (message.sender, ends(message))).collect()
}

fn person(index: u32) -> End {
    End::Person(index)
}

fn excluded(read: &Ingested, reason: Reason) -> u64 {
    read.ledger.of_source(0).excluded.get(&reason).copied().unwrap_or(0)
}

#[test]
fn spellings_of_one_mailbox_are_one_person() {
    let files = Files::new();
    let directory = files.directory();
    let known = Known { dotless_domains: vec!["gmail.com".into()], ..known() };
    for spelling in [
        "BOB@Corp.Example.",
        "<bob@corp.example>",
        "mailto:bob@corp.example",
        "bob+news@corp.example",
        "\u{22}\u{22}bob\u{22}\u{22}@corp.example",
        "@relay.example:bob@corp.example",
    ] {
        let read = mails(&directory, known.clone(), &[(spelling, "ann@corp.example")]);
        assert_eq!(people(&read)[0].0, person(1), "{spelling}");
    }
    for spelling in ["EX:/O=Corp/OU=EU/CN=Ann", "IMCEAEX-_O=CORP_OU=EU_CN=ANN@corp.example"] {
        let read = mails(&directory, known.clone(), &[(spelling, "bob@corp.example")]);
        assert_eq!(people(&read)[0].0, person(0), "{spelling}");
    }
    let read = mails(&directory, known.clone(), &[("c.i.d.doe@googlemail.com", "bob@corp.example")]);
    assert_eq!(people(&read)[0].0, person(2), "dots mean nothing there");
    let read = mails(&directory, known, &[("dora+lists@corp.example", "bob@corp.example")]);
    assert_eq!(people(&read)[0].0, person(3), "the directory lists the tagged form");
}

#[test]
fn lists_reach_their_members_once() {
    let files = Files::new();
    let directory = files.directory();
    let text = "list,member\nall@corp.example,ann@corp.example\nall@corp.example,team@corp.example\n\
        team@corp.example,bob@corp.example\nteam@corp.example,all@corp.example\nteam@corp.example,cid@corp.example\n";
    let known = Known { lists: read_lists(&files.write("lists.csv", text)).unwrap(), ..known() };
    let read = mails(&directory, known, &[("dora@corp.example", "all@corp.example;bob@corp.example")]);
    let expected = vec![(person(0), Role::List), (person(1), Role::To), (person(2), Role::List)];
    assert_eq!(people(&read), [(person(3), expected)], "nested and circular lists end; the stronger role stays");
    assert_eq!(read.messages.messages[0].recipient_count, 3);
}

#[test]
fn rules_say_what_is_no_person_and_what_is_one() {
    let files = Files::new();
    let directory = files.directory();
    let text = "class,match,value\nperson,address,noreply@corp.example\nbot,token,ci\nroom,local,harbour\nbot,domain,bots.example\n";
    let known = Known { rules: read_rules(&files.write("rules.csv", text)).unwrap(), ..known() };
    let read = mails(
        &directory,
        known,
        &[
            ("noreply@corp.example", "ann@corp.example"),
            ("build-ci@corp.example", "ann@corp.example"),
            ("alerts@corp.example", "ann@corp.example"),
            ("x@bots.example", "ann@corp.example"),
            ("ann@corp.example", "harbour@corp.example"),
            ("ann@corp.example", "cicero@corp.example"),
        ],
    );
    assert_eq!(excluded(&read, Reason::Automated), 3);
    let accounts = read.roll.accounts(&directory, Day(20_600));
    let mut classes: Vec<(&str, &str)> = accounts.iter().map(|account| (account.class, account.reason)).collect();
    classes.sort_unstable();
    assert_eq!(
        classes,
        [
            ("bot", "a rule of the rule file"),
            ("bot", "local part of a machine"),
            ("room", "a rule of the rule file"),
            ("unknown", "not in the directory"),
            ("unknown", "not in the directory"),
        ]
    );
}

#[test]
fn who_opted_out_is_nowhere() {
    let files = Files::new();
    let directory = files.directory();
    let list = [
        ("bob@corp.example", "ann@corp.example"),
        ("ann@corp.example", "bob@corp.example"),
        ("ann@corp.example", "bob+x@corp.example;cid@corp.example"),
        ("cid@corp.example", "ann@corp.example"),
    ];
    for who in ["bob@corp.example", "person:p2"] {
        let file = files.write("opt-out.csv", &format!("who\n{who}\n"));
        let known = Known { opt_outs: read_opt_outs(&file).unwrap(), ..known() };
        let read = mails(&directory, known, &list);
        assert_eq!(excluded(&read, Reason::OptedOut), 2, "{who}");
        let expected = [(person(0), vec![(person(2), Role::To)]), (person(2), vec![(person(0), Role::To)])];
        assert_eq!(people(&read), expected, "{who}");
        assert_eq!(read.messages.messages.iter().map(|message| message.recipient_count).max(), Some(1));
        assert_eq!(read.opted_out, [false, true, false, false, false, false]);
        assert!(read.roll.accounts(&directory, Day(20_600)).is_empty());
    }
}

#[test]
fn aliases_hold_on_their_days() {
    let files = Files::new();
    let directory = files.directory();
    let text = "address,person_key,valid_from,valid_to\nsales@corp.example,p2,,2026-03-02\nsales@corp.example,p3,2026-03-02,\n";
    let known = Known { aliases: read_aliases(&files.write("aliases.csv", text)).unwrap(), ..known() };
    let read = mails(&directory, known, &[("sales@corp.example", "ann@corp.example")]);
    assert_eq!(people(&read)[0].0, person(2));
}

#[test]
fn domains_that_look_like_ones_own_stay_outside() {
    let files = Files::new();
    let directory = files.directory();
    let list =
        [("ann@corp.example", "bob@corp.example;bob@c\u{43e}rp.example"), ("bob@corp.examp1e", "ann@corp.example")];
    let read = mails(&directory, known(), &list);
    let told: Vec<_> = read.notices.iter().map(|notice| (notice.code.id, notice.count)).collect();
    assert_eq!(told, [("I307", 2)]);
    assert_eq!(excluded(&read, Reason::External), 1, "its sender is nobody of one's own");
    assert_eq!(people(&read)[0].1, [(person(1), Role::To), (End::External, Role::To)]);
}

/// A Slack export of accounts without addresses.
fn chat(directory: &Directory, known: Known) -> Ingested {
    let users = r#"[{"id":"U1","profile":{"real_name":"Lee, ANN"}},{"id":"U2","profile":{"real_name":"Bob  Ray"}},
        {"id":"U3","profile":{"real_name":"Sam Roe"}},{"id":"U4","profile":{"real_name":"Zed Unknown"}}]"#;
    let dms = r#"[{"id":"D1","members":["U1","U2"]},{"id":"D2","members":["U3","U4"]}]"#;
    let day = r#"[{"type":"message","user":"U1","ts":"1772438400.000001"}]"#;
    let other = r#"[{"type":"message","user":"U3","ts":"1772438460.000001"}]"#;
    let entries = [
        ("users.json", users.as_bytes()),
        ("dms.json", dms.as_bytes()),
        ("D1/2026-03-02.json", day.as_bytes()),
        ("D2/2026-03-02.json", other.as_bytes()),
    ];
    let spec = SourceSpec::new("chat", Kind::Chat, SourceFormat::Slack, vec![]);
    ingest_memory(&spec, &entries, directory, &params(known), &key()).unwrap()
}

#[test]
fn names_match_exactly_one_person_or_nobody() {
    let files = Files::new();
    let directory = files.directory();
    let read = chat(&directory, known());
    assert_eq!(people(&read)[0], (person(0), vec![(person(1), Role::To)]));
    assert!(matches!(people(&read)[1].0, End::Account(_)), "two people bear that name");
    let told: Vec<_> = read.notices.iter().map(|notice| (notice.code.id, notice.count)).collect();
    assert_eq!(told, [("I308", 2)]);
    let off = chat(&directory, Known { match_names: false, ..known() });
    assert!(matches!(people(&off)[0].0, End::Account(_)));
    assert!(off.notices.is_empty());
}
