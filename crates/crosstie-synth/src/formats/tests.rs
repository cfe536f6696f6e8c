//! The shape of every format: JSON that parses, headers that are complete, marks, equal bytes, equal messages.

use super::*;
use crate::{FIRST_DAY, files};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

fn params(formats: &[Format]) -> SynthParams {
    SynthParams { people: 80, messages: 1500, seed: 3, days: 40, silos: 1, formats: formats.to_vec() }
}

static ALL: LazyLock<BTreeMap<String, Vec<u8>>> =
    LazyLock::new(|| files(&params(&Format::ALL)).unwrap().into_iter().collect());

/// Files below a folder of `formats/`, without the pipeline.
fn of(folder: &str) -> impl Iterator<Item = (&'static str, &'static [u8])> {
    let start = format!("formats/{folder}/");
    ALL.iter().filter_map(move |(name, bytes)| {
        let name = name.strip_prefix(&start)?;
        (name != "pipeline.toml").then_some((name, bytes.as_slice()))
    })
}

/// The text of a file, whichever its encoding.
fn text(bytes: &[u8]) -> String {
    if bytes.get(1) == Some(&0) || bytes.starts_with(&[0xff, 0xfe]) {
        let units = bytes.chunks(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
        return char::decode_utf16(units).map(|letter| letter.unwrap()).collect::<String>().replace('\u{feff}', "");
    }
    String::from_utf8(bytes.to_vec()).unwrap().replace('\u{feff}', "")
}

/// The mails that all formats carry: id, sender, all recipients.
fn mails() -> BTreeSet<(String, String, Vec<String>)> {
    rows("csv_to_only")
        .into_iter()
        .map(|row| (row["message_id"].clone(), row["sender"].clone(), sorted(row["to"].split(';'))))
        .collect()
}

fn sorted<'a>(list: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut list: Vec<String> = list.into_iter().map(str::to_string).collect();
    list.sort();
    list
}

/// All rows of a folder's CSV files by column.
fn rows(folder: &str) -> Vec<BTreeMap<String, String>> {
    let mut all = Vec::new();
    for (name, bytes) in of(folder) {
        let text = text(bytes);
        let body: String = text.split_inclusive('\n').filter(|line| !line.starts_with("#TYPE")).collect();
        let body = match body.split_once("#Fields: ") {
            Some((_, fields)) => fields.to_string(),
            None => body,
        };
        let mut reader = csv::Reader::from_reader(body.as_bytes());
        for row in reader.deserialize() {
            all.push(row.unwrap_or_else(|error| panic!("{name}: {error}")));
        }
    }
    all
}

fn json_lines(folder: &str) -> Vec<serde_json::Value> {
    let files: Vec<String> =
        of(folder).filter(|(name, _)| !name.ends_with(".csv")).map(|(_, bytes)| text(bytes)).collect();
    files.iter().flat_map(|text| text.lines()).map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn without_formats_nothing_is_written_beside_the_organization() {
    let plain = files(&params(&[])).unwrap();
    assert!(plain.iter().all(|(name, _)| !name.starts_with("formats/")));
    for (name, bytes) in &plain {
        assert_eq!(ALL.get(name), Some(bytes), "{name} changed");
    }
}

#[test]
fn the_sample_is_still_what_is_made_without_formats() {
    let sample = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data-samples/acme");
    let params = SynthParams { people: 300, messages: 30_000, seed: 1, days: 91, silos: 2, formats: vec![] };
    for (name, bytes) in files(&params).unwrap() {
        assert!(std::fs::read(sample.join(&name)).unwrap() == bytes, "{name} changed");
    }
}

#[test]
fn equal_parameters_give_equal_bytes_and_names_are_used_once() {
    let again = files(&params(&Format::ALL)).unwrap();
    assert_eq!(again.len(), ALL.len(), "a name is used twice");
    assert!(again.iter().all(|(name, bytes)| ALL.get(name) == Some(bytes)));
}

#[test]
fn one_format_brings_what_it_is_compared_with() {
    for format in Format::ALL {
        let made = files(&params(&[format])).unwrap();
        let has = |folder: &str| {
            let pipeline = format!("formats/{folder}/pipeline.toml");
            made.iter().any(|(name, _)| *name == pipeline)
        };
        assert!(has(format.name()), "{format:?}");
        assert!(format.reference_of().is_none_or(has), "{format:?}");
        let own = format!("formats/{}/", format.name());
        let mut full = made.iter().filter(|(name, _)| name.starts_with(&own));
        assert!(full.all(|(name, bytes)| ALL.get(name) == Some(bytes)), "{format:?}");
    }
}

#[test]
fn names_are_read_as_they_are_written() {
    for format in Format::ALL {
        assert_eq!(Format::parse_list([format.name()]), Ok(vec![format]));
    }
    assert_eq!(Format::parse_list(["all", "csv"]).unwrap(), Format::ALL);
    assert!(Format::parse_list(["mbx"]).unwrap_err().contains("`mbox`"));
    assert_eq!(Format::parse_list(Vec::<String>::new()), Ok(vec![]));
}

#[test]
fn every_path_of_a_pipeline_names_something() {
    let plain: BTreeSet<&str> = ALL.keys().map(String::as_str).collect();
    for (name, bytes) in ALL.iter().filter(|(name, _)| name.ends_with("pipeline.toml")) {
        let folder = name.strip_suffix("pipeline.toml").unwrap();
        for line in text(bytes).lines() {
            let Some((key, value)) = line.split_once(" = ") else { continue };
            if !["path", "aliases_file", "manager_file", "chats_file"].contains(&key) || value == "\"out\"" {
                continue;
            }
            let path = tidy(&format!("{folder}{}", value.trim_matches('"')));
            let (start, end) = path.split_once('*').unwrap_or((&path, ""));
            let found = plain.iter().any(|file| file.starts_with(start) && file.ends_with(end));
            assert!(found, "{name}: {value} is {path}");
        }
    }
}

fn tidy(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        if part == ".." {
            parts.pop().unwrap();
        } else {
            parts.push(part);
        }
    }
    parts.join("/")
}

#[test]
fn json_files_parse() {
    let mut count = 0;
    for (name, bytes) in ALL.iter().filter(|(name, _)| name.starts_with("formats/")) {
        let lines = name.contains(".jsonl") || name.contains("BasicDataSet");
        let whole = name.ends_with(".json") && !lines;
        let text = || text(bytes);
        if lines {
            for line in text().lines() {
                serde_json::from_str::<serde_json::Value>(line).unwrap_or_else(|error| panic!("{name}: {error}"));
                count += 1;
            }
        } else if whole {
            serde_json::from_str::<serde_json::Value>(&text()).unwrap_or_else(|error| panic!("{name}: {error}"));
            count += 1;
        }
    }
    assert!(count > 3000, "{count}");
}

#[test]
fn headers_have_their_columns_and_rows_too() {
    let first = |folder: &str, row: usize| {
        let (_, bytes) = of(folder).find(|(name, _)| name.to_lowercase().contains('.')).unwrap();
        let text = text(bytes);
        text.split('\n').nth(row).unwrap().trim_end_matches('\r').to_string()
    };
    assert_eq!(first("msgtrk", 4).matches(',').count() + 1, 30);
    assert_eq!(first("m365_trace", 0).matches(',').count() + 1, 11);
    assert_eq!(first("m365_trace_csv", 1).matches(',').count() + 1, 17);
    assert_eq!(first("gmail_log", 0).matches(',').count() + 1, 18);
    for (folder, count) in [("msgtrk", 30), ("m365_trace", 11), ("m365_trace_csv", 17), ("gmail_log", 18)] {
        assert!(rows(folder).iter().all(|row| row.len() == count), "{folder}");
    }
    let header = |name: &str| text(&ALL[&format!("formats/{name}")]).lines().next().unwrap().matches(',').count() + 1;
    assert_eq!(header("entra/exportUsers.csv"), 29);
    assert_eq!(header("google_users/User_Download.csv"), 34);
    assert_eq!(header("snapshots/directory/directory_2026-04.csv"), 11);
}

#[test]
fn utf_16_has_its_mark_in_one_file_and_not_in_the_other() {
    let starts: Vec<[u8; 2]> = of("m365_trace").map(|(_, bytes)| [bytes[0], bytes[1]]).collect();
    assert_eq!(starts, [[0xff, 0xfe], [b'o', 0]]);
    assert!(ALL["formats/graph/mail/BasicDataSet_v0.SentItem_v1.json"].starts_with(&[0xff, 0xfe, b'{', 0]));
    assert!(ALL["formats/graph/mail/BasicDataSet_v0.Message_v1_1.json"].starts_with(b"{\""));
}

#[test]
fn every_mail_is_in_every_table() {
    let mails = mails();
    assert!(mails.len() > 900);
    let by_recipient =
        |folder: &str, id: &str, sender: &str, to: &str, keep: &dyn Fn(&BTreeMap<String, String>) -> bool| {
            let mut found: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
            for row in rows(folder).into_iter().filter(keep) {
                found.entry((row[id].clone(), row[sender].clone())).or_default().push(row[to].clone());
            }
            found
                .into_iter()
                .map(|((id, sender), list)| (id, sender, sorted(list.iter().map(String::as_str))))
                .collect::<BTreeSet<_>>()
        };
    let all = |_: &BTreeMap<String, String>| true;
    assert_eq!(by_recipient("csv_recipient_rows", "MessageId", "Sender", "Recipient", &all), mails);
    assert_eq!(by_recipient("m365_trace_csv", "MessageId", "SenderAddress", "RecipientAddress", &all), mails);
    let inbox = |row: &BTreeMap<String, String>| row["Event target"] == "GMAIL_INBOX";
    assert_eq!(by_recipient("gmail_log", "Message ID", "Sender", "Recipient address", &inbox), mails);
    let delivered = |row: &BTreeMap<String, String>| row["event-id"] == "RECEIVE";
    let received: BTreeSet<_> = rows("msgtrk")
        .into_iter()
        .filter(delivered)
        .map(|row| {
            (row["message-id"].clone(), row["sender-address"].clone(), sorted(row["recipient-address"].split(';')))
        })
        .collect();
    assert_eq!(received, mails);
    let traced: BTreeSet<_> = rows("m365_trace")
        .into_iter()
        .map(|row| {
            let list = row["recipient_status"].split(';').map(|part| part.split_once("##").unwrap().0);
            (row["message_id"].clone(), row["sender_address"].clone(), sorted(list))
        })
        .collect();
    assert_eq!(traced, mails);
}

#[test]
fn every_mail_is_in_every_other_form() {
    let mails = mails();
    let ids: BTreeSet<&str> = mails.iter().map(|(id, _, _)| id.as_str()).collect();
    let lines: BTreeSet<String> =
        json_lines("jsonl").iter().map(|line| line["id"].as_str().unwrap().to_string()).collect();
    assert_eq!(lines.iter().map(String::as_str).collect::<BTreeSet<_>>(), ids);
    for folder in ["mbox", "maildir", "eml"] {
        let all: Vec<String> = of(folder).map(|(_, bytes)| text(bytes)).collect();
        let found: BTreeSet<&str> =
            all.iter().flat_map(|text| text.lines()).filter_map(|line| line.strip_prefix("Message-ID: ")).collect();
        assert_eq!(found, ids, "{folder}");
    }
    let mut copies: BTreeMap<String, usize> = BTreeMap::new();
    for line in json_lines("graph") {
        let id = line.get("internetMessageId").or_else(|| line.get("InternetMessageId")).unwrap();
        *copies.entry(id.as_str().unwrap().to_string()).or_default() += 1;
    }
    for (id, _, to) in &mails {
        assert_eq!(copies[id], 1 + to.len(), "{id}");
    }
}

#[test]
fn separators_of_a_mailbox_stand_once_a_mail() {
    let mut count = 0;
    for (_, bytes) in of("mbox") {
        let text = text(bytes);
        assert!(text.starts_with("From "));
        count += text.matches("\n\nFrom ").count() + 1 - text.matches("\n\nFrom here on").count();
        assert!(text.contains("\n>From now on") && text.contains(",\n ") && text.contains(" <"));
    }
    assert_eq!(count, mails().len());
}

#[test]
fn chats_have_the_messages_of_their_reference() {
    let sent = {
        let staff = crate::people::staff(&params(&[]));
        let contacts = crate::contacts::contacts(&params(&[]), &staff);
        let traffic = crate::traffic::traffic(&params(&[]), &staff, &contacts);
        traffic.iter().filter(|sent| sent.channel != crate::traffic::Channel::Mail).count()
    };
    assert!(sent > 300);
    assert_eq!(slack_ts("slack").len(), sent);
    assert_eq!(slack_ts("zulip/reference").len(), sent);
    assert_eq!(slack_ts("mattermost/reference"), slack_ts("teams/reference"));
    let mattermost: usize = json_lines_of("mattermost/export.jsonl")
        .iter()
        .filter_map(|line| line.get("post").or_else(|| line.get("direct_post")))
        .map(|post| 1 + post["replies"].as_array().map_or(0, Vec::len))
        .sum();
    assert_eq!(mattermost, sent);
    let zulip: usize = of("zulip/export")
        .filter(|(name, _)| name.starts_with("messages"))
        .map(|(_, bytes)| whole(bytes)["zerver_message"].as_array().unwrap().len())
        .sum();
    assert_eq!(zulip, sent);
    let teams: BTreeSet<String> = of("teams/export")
        .filter(|(name, _)| name.contains("/messages_"))
        .flat_map(|(_, bytes)| whole(bytes).as_array().unwrap().clone())
        .map(|message| message["Id"].as_str().unwrap().to_string())
        .collect();
    assert_eq!(teams.len(), sent);
    let team_chat: BTreeSet<String> =
        json_lines("team_chat/chat").iter().map(|line| line["InternetMessageId"].as_str().unwrap().into()).collect();
    assert_eq!(team_chat.len(), slack_ts("team_chat/reference").len());
    let takeout: usize = of("chat_takeout/export")
        .filter(|(name, _)| name.ends_with("messages.json"))
        .map(|(_, bytes)| whole(bytes)["messages"].as_array().unwrap().len())
        .sum();
    assert_eq!(takeout, slack_ts("chat_takeout/reference").len());
    assert!(team_chat.len() > 100 && takeout > 100);
}

fn whole(bytes: &[u8]) -> serde_json::Value {
    serde_json::from_slice(bytes).unwrap()
}

fn json_lines_of(name: &str) -> Vec<serde_json::Value> {
    text(&ALL[&format!("formats/{name}")]).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Room and `ts` of every message of a Slack archive; none may stand twice.
fn slack_ts(folder: &str) -> BTreeSet<(String, String)> {
    let bytes = &ALL[&format!("formats/{folder}/slack-export.zip")];
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut found = BTreeSet::new();
    for at in 0..zip.len() {
        let entry = zip.by_index(at).unwrap();
        let name = entry.name().unwrap().into_owned();
        let Some((room, _)) = name.split_once('/') else { continue };
        let messages: Vec<serde_json::Value> = serde_json::from_reader(entry).unwrap();
        for message in messages {
            assert!(message.get("subtype").is_none(), "noise in {name}");
            assert!(found.insert((room.to_string(), message["ts"].as_str().unwrap().to_string())), "{name}");
        }
    }
    found
}

#[test]
fn directories_hold_everybody() {
    let people = crate::people::staff(&params(&[])).people.len();
    assert_eq!(text(&ALL["formats/ldif/directory.ldif"]).matches("objectclass: inetOrgPerson").count(), people);
    assert!(text(&ALL["formats/ldif/directory.ldif"]).lines().all(|line| line.chars().count() <= 77));
    let scim: usize = of("scim/users").map(|(_, bytes)| whole(bytes)["Resources"].as_array().unwrap().len()).sum();
    assert_eq!(scim, people);
    assert_eq!(rows_of("entra/exportUsers.csv").len(), people);
    assert_eq!(rows_of("entra/managers.csv").len(), people - 1);
    assert_eq!(rows_of("google_users/User_Download.csv").len(), people);
    assert_eq!(json_lines_of("graph_users/BasicDataSet_v0.User_v1.json").len(), people);
    assert_eq!(json_lines_of("graph_users/BasicDataSet_v0.Manager_v0.json").len(), people - 1);
    for folder in ["ldif", "scim", "entra", "google_users", "graph_users"] {
        let rows = rows_of(&format!("{folder}/reference/directory_undated.csv"));
        assert_eq!((rows.len(), rows[0].contains_key("left_on")), (people, false), "{folder}");
    }
    assert_eq!(rows_of("snapshots/reference/directory_dated.csv").len(), people);
}

fn rows_of(name: &str) -> Vec<BTreeMap<String, String>> {
    let text = text(&ALL[&format!("formats/{name}")]);
    csv::Reader::from_reader(text.as_bytes()).deserialize().map(Result::unwrap).collect()
}

#[test]
fn snapshots_show_who_came_and_went() {
    let months: Vec<&str> = of("snapshots/directory").map(|(name, _)| name).collect();
    assert_eq!(months, ["directory_2026-03.csv", "directory_2026-04.csv"]);
    assert_eq!(FIRST_DAY.to_string(), "2026-03-02");
    let ids = |month: &str| -> BTreeSet<String> {
        rows_of(&format!("snapshots/directory/directory_{month}.csv"))
            .iter()
            .map(|row| row["user_id"].clone())
            .collect()
    };
    let (march, april) = (ids("2026-03"), ids("2026-04"));
    for row in rows_of("snapshots/reference/directory_dated.csv") {
        let (id, hired, left) = (&row["person_id"], row["hired_on"].as_str(), row["left_on"].as_str());
        assert_eq!(march.contains(id), hired.is_empty(), "{id}");
        assert_eq!(april.contains(id), left.is_empty(), "{id}");
        assert!(["", "2026-04-01"].contains(&hired) && ["", "2026-04-01"].contains(&left));
    }
    let names: BTreeSet<String> =
        rows_of("snapshots/directory/directory_2026-03.csv").iter().map(|row| row["employee_name"].clone()).collect();
    assert_eq!(names.len(), march.len(), "names are unique");
}
