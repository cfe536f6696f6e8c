//! Small valid inputs of every format, then whatever can befall them: cut at every byte, flipped bits, other line ends,
//! other encodings, another order. Same rows or a reason in the ledger, never a panic, never a lost byte.

#![expect(clippy::unwrap_used, reason = "a test may stop at anything unexpected")]

mod forms;

use crosstie_ingest::{Ingested, Kind, SourceSpec};
use crosstie_model::{End, Message, Role, Venue};

/// Entries of an export by name, or the one file.
type Entries = Vec<(String, Vec<u8>)>;

/// A valid input, in pieces that can be put together otherwise.
struct Sample {
    /// The format by the name of its plan.
    format: &'static str,
    /// Entries that describe the export.
    context: Vec<(&'static str, &'static str)>,
    /// The entry that holds the records.
    name: &'static str,
    /// What stands before the records.
    head: String,
    /// The records.
    records: Vec<String>,
    /// What stands between two of them.
    between: &'static str,
    /// What stands behind the last.
    tail: &'static str,
    /// Messages that come of them.
    message_count: usize,
    /// Whether the file is text that can have another encoding.
    is_text: bool,
    /// Whether records can change places.
    has_no_order: bool,
}

impl Sample {
    /// Lines, a record each.
    fn lines(format: &'static str, head: &str, records: &[&str], message_count: usize) -> Sample {
        Sample {
            format,
            context: Vec::new(),
            name: "file",
            head: head.into(),
            records: records.iter().map(|record| (*record).to_string()).collect(),
            between: "\n",
            tail: "\n",
            message_count,
            is_text: true,
            has_no_order: true,
        }
    }

    /// An export with an array of records in one entry.
    fn export(
        format: &'static str,
        context: &[(&'static str, &'static str)],
        name: &'static str,
        around: [&'static str; 2],
        records: &[&str],
        message_count: usize,
    ) -> Sample {
        Sample {
            context: context.to_vec(),
            name,
            between: ",\n",
            tail: around[1],
            is_text: false,
            ..Sample::lines(format, around[0], records, message_count)
        }
    }

    fn spec(&self) -> SourceSpec {
        forms::source(self.format)
    }

    fn text(&self) -> String {
        format!("{}{}{}", self.head, self.records.join(self.between), self.tail)
    }

    /// The input with other bytes where the records stand.
    fn with(&self, bytes: &[u8]) -> Entries {
        let context = self.context.iter().map(|(name, text)| ((*name).to_string(), text.as_bytes().to_vec()));
        context.chain([(self.name.to_string(), bytes.to_vec())]).collect()
    }

    fn read(&self, bytes: &[u8]) -> Result<Ingested, Vec<&'static str>> {
        forms::read(&self.spec(), &self.with(bytes))
    }

    /// The rows of what must be readable.
    fn rows(&self, bytes: &[u8], what: &str) -> Vec<Row> {
        let ingested = self.read(bytes).unwrap_or_else(|codes| panic!("{}, {what}: {codes:?}", self.format));
        assert!(ingested.quarantine.is_empty(), "{}, {what}: {:?}", self.format, ingested.quarantine);
        rows(&ingested)
    }
}

/// A message with handles by their ids, which do not depend on the order of reading.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    sent_at: i64,
    venue: Venue,
    place_id: Option<i64>,
    sender: Option<i64>,
    recipient_count: u32,
    recipients: Vec<(i64, Role)>,
}

fn rows(ingested: &Ingested) -> Vec<Row> {
    let row = |message: &Message| {
        let Message { venue, place_id, sent_at, sender, recipient_count, .. } = *message;
        let sender = match sender {
            End::Account(account) => ingested.roll.handle_id(account),
            _ => None,
        };
        let recipients = ingested.messages.recipients_of(message).iter();
        let mut recipients: Vec<(i64, Role)> = recipients.map(|one| (one.handle_id, one.role)).collect();
        recipients.sort();
        Row { sent_at: sent_at.0, venue, place_id, sender, recipient_count, recipients }
    };
    let mut rows: Vec<Row> = ingested.messages.messages.iter().map(row).collect();
    rows.sort();
    rows
}

fn csv() -> Sample {
    let rows = [
        "2026-03-02T09:15:00Z,a@x.example,b@x.example;c@x.example,1,Hi",
        "2026-03-02T09:16:00Z,\"b@x.example\",a@x.example,2,\"quoted, and \"\"so\"\"\"",
        "1772442980,c@x.example,b@x.example,,\u{e9}",
    ];
    Sample::lines("csv", "sent_at,sender,to,id,subject\n", &rows, 3)
}

fn jsonl() -> Sample {
    let rows = [
        r#"{"sent_at":"2026-03-02T09:15:00Z","sender":"a@x.example","to":[{"address":"b@x.example"}],"id":"1"}"#,
        r#"{"sent_at":1772442980,"sender":"b@x.example","to":[{"address":"a@x.example"},{"address":"c@x.example"}],"id":2}"#,
        r#"{"id":"3","to":[{"address":"b@x.example"}],"sender":"c@x.\u0065xample","sent_at":"2026-03-02 09:20:00","x":{"y":["é"]}}"#,
    ];
    Sample::lines("jsonl", "", &rows, 3)
}

fn slack() -> Sample {
    let context = [
        ("channels.json", r#"[{"id":"C1","name":"general","members":["U1","U2"]}]"#),
        ("users.json", r#"[{"id":"U1","team_id":"T1"},{"id":"U2","team_id":"T1"},{"id":"U3","team_id":"T1"}]"#),
    ];
    let records = [
        r#"{"type":"message","user":"U1","text":"hi <@U2>","ts":"1772442900.000100","thread_ts":"1772442900.000100"}"#,
        r#"{"type":"message","user":"U2","text":"é","ts":"1772442901.000100","thread_ts":"1772442900.000100","parent_user_id":"U1"}"#,
        r#"{"type":"message","user":"U3","text":"x","ts":"1772442902.000100","thread_ts":"1772442900.000100"}"#,
        r#"{"type":"message","subtype":"channel_join","user":"U3","ts":"1772442890.000100"}"#,
    ];
    Sample::export("slack", &context, "general/2026-03-02.json", ["[", "]\n"], &records, 3)
}

/// A mail of three, by number.
fn mail(number: u32) -> String {
    format!(
        "Message-ID: <{number}@x.example>\nDate: Mon, 2 Mar 2026 09:1{number}:00 +0100\n\
         From: \"Lee, Ann\" <a@x.example>\nTo: b@x.example,\n c@x.example\nSubject: x\n\nbody\n>From x\n"
    )
}

fn mbox() -> Sample {
    let mails = [1, 2, 3].map(|number| format!("From a@x.example Mon Mar  2 09:15:00 2026\n{}", mail(number)));
    let records: Vec<&str> = mails.iter().map(String::as_str).collect();
    Sample { is_text: false, tail: "", ..Sample::lines("mbox", "", &records, 3) }
}

fn eml() -> Sample {
    let list = "Received: from a by b; Mon, 2 Mar 2026 09:15:00 +0000\nList-Id: <l.x.example>\n";
    Sample { is_text: false, tail: "", has_no_order: false, ..Sample::lines("eml", list, &[&mail(1)], 1) }
}

fn maildir() -> Sample {
    Sample { format: "maildir", name: "cur/1.x:2,S", ..eml() }
}

fn msgtrk() -> Sample {
    let head = "#Software: Microsoft Exchange Server\n#Fields: date-time,server-hostname,source,event-id,\
                internal-message-id,message-id,recipient-address,related-recipient-address,sender-address\n";
    let rows = [
        "2026-03-02T09:15:00.000Z,s,SMTP,RECEIVE,1,<1@x.example>,b@x.example;l@x.example,,a@x.example",
        "2026-03-02T09:15:01.000Z,s,ROUTING,EXPAND,1,<1@x.example>,c@x.example,l@x.example,a@x.example",
        "2026-03-02T09:15:02.000Z,s,STOREDRIVER,DELIVER,1,<1@x.example>,c@x.example,,a@x.example",
        "2026-03-02T09:16:00.000Z,s,STOREDRIVER,SUBMIT,,<2@x.example>,b@x.example,,a@x.example",
        "2026-03-02T09:17:00.000Z,s,SMTP,SEND,7,,a@x.example,,b@x.example",
    ];
    Sample::lines("msgtrk", head, &rows, 2)
}

fn m365_summary() -> Sample {
    let rows = [
        "2026-03-02T09:15:00.0000000Z,a@x.example,b@x.example##Receive;c@x.example##Fail,x,<1@x.example>,n-1",
        "2026-03-02T09:16:00.0000000Z,b@x.example,\"a@x.example##Receive, Deliver\",\"x, y\",<2@x.example>,n-2",
        "2026-03-02T09:17:00.0000000Z,<>,b@x.example##Receive,é,<3@x.example>,n-3",
    ];
    let head = "origin_timestamp_utc,sender_address,recipient_status,message_subject,message_id,network_message_id\n";
    Sample::lines("m365_trace", head, &rows, 2)
}

fn m365_list() -> Sample {
    let rows = [
        "03/02/2026 09:15:00 AM,a@x.example,b@x.example,x,Delivered,<1@x.example>,t1",
        "03/02/2026 09:15:00 AM,a@x.example,c@x.example,x,Expanded,<1@x.example>,t1",
        "03/02/2026 09:16:00 PM,b@x.example,c@x.example,x,Delivered,,t2",
    ];
    let head = "Received,SenderAddress,RecipientAddress,Subject,Status,MessageId,MessageTraceId\n";
    Sample::lines("m365_trace", head, &rows, 2)
}

fn graph_lines() -> Sample {
    let rows = [
        r#"{"internetMessageId":"<1@x.example>","sentDateTime":"2026-03-02T09:15:00Z","from":{"emailAddress":{"address":"a@x.example"}},"toRecipients":[{"emailAddress":{"address":"b@x.example"}}]}"#,
        r#"{"internetMessageId":"<2@x.example>","sentDateTime":"2026-03-02T09:16:00Z","from":{"emailAddress":{"address":"b@x.example"}},"toRecipients":[],"ccRecipients":[{"emailAddress":{"address":"a@x.example"}}],"subject":"é"}"#,
        r#"{"internetMessageId":"<1@x.example>","sentDateTime":"2026-03-02T09:15:00Z","from":{"emailAddress":{"address":"a@x.example"}},"toRecipients":[{"emailAddress":{"address":"b@x.example"}}],"bccRecipients":[{"emailAddress":{"address":"c@x.example"}}]}"#,
        r#"{"isDraft":true,"sentDateTime":"2026-03-02T09:15:00Z"}"#,
    ];
    Sample::lines("graph_mail", "", &rows, 2)
}

fn graph_pages() -> Sample {
    Sample {
        head: "{\"@odata.context\":\"x\",\"value\":[\n".into(),
        between: ",\n",
        tail: "\n],\"@odata.nextLink\":\"y\"}\n",
        ..graph_lines()
    }
}

fn team_chat() -> Sample {
    Sample { format: "team_chat", ..graph_lines() }
}

fn teams() -> Sample {
    let users = r#"{"value":[{"id":"u1","mail":"a@x.example"},{"id":"u2"}]}"#;
    let records = [
        r#"{"id":"1","messageType":"message","createdDateTime":"2026-03-02T09:15:00Z","chatId":"19:u1_u2@unq.gbl.spaces","from":{"user":{"id":"u1"}},"mentions":[]}"#,
        r#"{"id":"2","messageType":"message","createdDateTime":"2026-03-02T09:16:00Z","channelIdentity":{"teamId":"t","channelId":"c"},"from":{"user":{"id":"U1"}},"mentions":[{"mentioned":{"user":{"id":"u2"}}}],"body":{"content":"é"}}"#,
        r#"{"id":"3","replyToId":"2","messageType":"message","createdDateTime":"2026-03-02T09:17:00Z","channelIdentity":{"teamId":"t","channelId":"c"},"from":{"user":{"id":"u2"}}}"#,
        r#"{"id":"4","messageType":"systemEventMessage","createdDateTime":"2026-03-02T09:18:00Z","channelIdentity":{"teamId":"t","channelId":"c"},"from":null}"#,
    ];
    Sample::export("teams", &[("userslist.json", users)], "messages.json", ["[", "]"], &records, 3)
}

fn mattermost() -> Sample {
    let head = "{\"type\":\"version\",\"version\":1}\n{\"type\":\"user\",\"user\":{\"username\":\"bob\"}}\n";
    let rows = [
        r#"{"type":"post","post":{"team":"t","channel":"c","user":"ann","create_at":1772442900000,"message":"hi @bob","replies":[{"user":"bob","create_at":1772442901000,"message":"é"}]}}"#,
        r#"{"type":"direct_post","direct_post":{"channel_members":["ann","bob"],"user":"bob","create_at":1772442902000,"message":"x"}}"#,
        r#"{"type":"post","post":{"team":"t","channel":"c","user":"bob","type":"system_join_channel","create_at":1772442890000,"message":"x"}}"#,
    ];
    Sample::lines("mattermost", head, &rows, 3)
}

fn zulip() -> Sample {
    let realm = r#"{"zerver_userprofile":[{"id":1,"full_name":"Ann"},{"id":2,"full_name":"Bob"}],
        "zerver_recipient":[{"id":11,"type":1,"type_id":2},{"id":12,"type":2,"type_id":5},{"id":13,"type":3,"type_id":6}],
        "zerver_subscription":[{"user_profile":1,"recipient":13},{"user_profile":2,"recipient":13,"active":true}]}"#;
    let records = [
        r#"{"id":1,"sender":1,"recipient":11,"subject":"","date_sent":1772442900.0,"content":"é"}"#,
        r#"{"id":2,"sender":1,"recipient":12,"subject":"topic","date_sent":1772442901.5,"content":"@**Bob|2**"}"#,
        r#"{"id":3,"sender":2,"recipient":12,"subject":"topic","date_sent":1772442902.5,"content":"x"}"#,
        r#"{"id":4,"sender":2,"recipient":13,"subject":"","date_sent":1772442903,"content":"x"}"#,
    ];
    let around = ["{\"zerver_usermessage\":[{\"id\":1}],\"zerver_message\":[", "]}"];
    Sample::export("zulip", &[("realm.json", realm)], "messages-000001.json", around, &records, 4)
}

fn gmail_log() -> Sample {
    let rows = [
        "<1@x.example>,2026-03-02T09:15:00Z,Ann <a@x.example>,x,b@x.example,GMAIL_INBOX,DELIVERED",
        "<1@x.example>,2026-03-02T09:15:00Z,a@x.example,\"x, y\",l@x.example,LIST_SERVER,DELIVERED",
        "<2@x.example>,2026-03-02T09:16:00Z,b@x.example,é,a@x.example,GMAIL_INBOX,DELIVERED",
        "<3@x.example>,2026-03-02T09:17:00Z,b@x.example,x,a@x.example,GMAIL_INBOX,REJECTED",
    ];
    let head = "Message ID,Start date,Sender,Subject,Recipient address,Event target,Event status\n";
    Sample::lines("gmail_log", head, &rows, 2)
}

fn chat_takeout() -> Sample {
    let records = [
        r#"{"creator":{"email":"a@x.example","user_type":"Human"},"created_date":"Monday, March 2, 2026 at 9:15:00 AM UTC","topic_id":"t","message_id":"1"}"#,
        r#"{"creator":{"email":"b@x.example"},"created_date":"Monday, March 2, 2026 at 9:16:00 AM UTC","topic_id":"t","message_id":"2"}"#,
        r#"{"creator":{"email":"c@x.example","user_type":"Bot"},"created_date":"Monday, March 2, 2026 at 9:17:00 AM UTC","message_id":"3","text":"é"}"#,
    ];
    let around = ["{\"messages\":[", "]}"];
    let context =
        [("Groups/Space 1/group_info.json", r#"{"members":[{"email":"a@x.example"},{"email":"b@x.example"}]}"#)];
    Sample::export("chat_takeout", &context, "Groups/Space 1/messages.json", around, &records, 2)
}

const SAMPLES: [fn() -> Sample; 17] = [
    csv,
    jsonl,
    slack,
    mbox,
    eml,
    maildir,
    msgtrk,
    m365_summary,
    m365_list,
    graph_lines,
    graph_pages,
    team_chat,
    teams,
    mattermost,
    zulip,
    gmail_log,
    chat_takeout,
];

fn samples() -> Vec<Sample> {
    SAMPLES.iter().map(|make| make()).collect()
}

#[test]
fn the_samples_are_valid() {
    for sample in samples() {
        let rows = sample.rows(sample.text().as_bytes(), "as it is");
        assert_eq!(rows.len(), sample.message_count, "{}", sample.format);
    }
}

#[test]
fn an_empty_file_has_no_record_and_is_no_error() {
    for sample in samples() {
        for blank in ["", "\n", "\r\n", " \n\t\n"] {
            // A line of blanks is a row of a table, and of a log one before the header.
            let is_empty = blank.trim_matches(['\r', '\n']).is_empty();
            match sample.read(blank.as_bytes()) {
                Ok(ingested) => {
                    let counts = ingested.ledger.of_source(0);
                    assert!(!blank.is_empty() || counts.seen == 0, "{}: {counts:?}", sample.format);
                }
                Err(codes) => assert!(!is_empty || !blank.is_empty(), "{} {blank:?}: {codes:?}", sample.format),
            }
        }
    }
}

#[test]
fn one_byte() {
    for sample in samples() {
        for byte in 0..=u8::MAX {
            let _ = sample.read(&[byte]);
        }
    }
}

/// What was whole before the cut is read as ever, so there is never more in a part than in the whole.
#[test]
fn cut_at_every_byte() {
    for sample in samples() {
        let text = sample.text();
        let whole = sample.read(text.as_bytes()).unwrap().ledger.of_source(0);
        for cut in 0..text.len() {
            if let Ok(part) = sample.read(&text.as_bytes()[..cut]) {
                assert!(part.ledger.of_source(0).seen <= whole.seen, "{} cut at {cut}", sample.format);
            }
        }
    }
}

#[test]
fn each_byte_flipped() {
    for sample in samples() {
        let mut bytes = sample.text().into_bytes();
        for at in 0..bytes.len() {
            let bit = 1 << (at % 8);
            bytes[at] ^= bit;
            let _ = sample.read(&bytes);
            bytes[at] ^= bit;
        }
    }
}

/// What describes an export is damaged too: it is refused, or read as far as it goes.
#[test]
fn context_cut_and_flipped() {
    for sample in samples() {
        let whole = sample.with(sample.text().as_bytes());
        for entry in 0..whole.len() - 1 {
            for at in 0..whole[entry].1.len() {
                let mut cut = whole.clone();
                cut[entry].1.truncate(at);
                let _ = forms::read(&sample.spec(), &cut);
                let mut flipped = whole.clone();
                flipped[entry].1[at] ^= 1 << (at % 8);
                let _ = forms::read(&sample.spec(), &flipped);
            }
        }
    }
}

#[test]
fn line_ends_do_not_matter() {
    for sample in samples() {
        let text = sample.text();
        let expected = sample.rows(text.as_bytes(), "LF");
        assert_eq!(sample.rows(text.replace('\n', "\r\n").as_bytes(), "CRLF"), expected, "{}", sample.format);
        let bare = text.trim_end_matches('\n');
        assert_eq!(sample.rows(bare.as_bytes(), "no last LF"), expected, "{}", sample.format);
    }
}

#[test]
fn encodings_do_not_matter() {
    for sample in samples().iter().filter(|sample| sample.is_text) {
        for text in [sample.text(), sample.text().replace('\n', "\r\n")] {
            let expected = sample.rows(text.as_bytes(), "UTF-8");
            let marked = format!("\u{feff}{text}");
            let low: Vec<u8> = marked.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let high: Vec<u8> = marked.encode_utf16().flat_map(u16::to_be_bytes).collect();
            for (bytes, what) in [(marked.into_bytes(), "UTF-8 with a mark"), (low, "UTF-16LE"), (high, "UTF-16BE")] {
                assert_eq!(sample.rows(&bytes, what), expected, "{} in {what}", sample.format);
            }
        }
    }
}

/// A record of `length` bytes that says nothing.
fn filler(sample: &Sample, length: usize) -> String {
    let [before, behind] = match sample.format {
        "mbox" => ["From a@x.example Mon Mar  2 09:15:00 2026\nX: y\n\n", "\n"],
        _ if sample.records[0].starts_with('{') => ["{\"pad\":\"", "\"}"],
        _ => ["", ""],
    };
    format!("{before}{}{behind}", "x".repeat(length - before.len() - behind.len()))
}

/// The rows of a sample with a filler before its last record.
fn rows_with_filler(mut sample: Sample, length: usize, line_end: &str) -> (Vec<Row>, Ingested) {
    let at = sample.records.len() - 1;
    sample.records.insert(at, filler(&sample, length));
    let ingested = sample.read(sample.text().replace('\n', line_end).as_bytes()).unwrap();
    (rows(&ingested), ingested)
}

/// Files are read in blocks of 4 MiB. Where one ends within or beside a record, nothing is lost and nothing is doubled.
#[test]
fn the_ends_of_blocks_do_not_matter() {
    for make in SAMPLES.iter().filter(|make| make().has_no_order) {
        let sample = make();
        let expected = sample.rows(sample.text().as_bytes(), "small");
        let (last, tail) = (sample.records[sample.records.len() - 1].len(), sample.tail.len());
        let behind = last + tail + sample.between.len();
        let before = sample.text().len() - last - tail;
        for beside in [0, 1, 2, 3, behind / 2, behind - 1] {
            let length = (4 << 20) - before - sample.between.len() + 1 - beside;
            let line_end = if beside % 2 == 0 { "\n" } else { "\r\n" };
            let (rows, ingested) = rows_with_filler(make(), length, line_end);
            assert_eq!(rows, expected, "{}, {beside} bytes beside", sample.format);
            assert!(ingested.quarantine.len() <= 1, "{}, {beside} bytes beside", sample.format);
        }
    }
}

/// A record over 16 MiB is set aside, and those around it are read.
#[test]
fn an_over_long_record() {
    for make in SAMPLES.iter().filter(|make| make().has_no_order && make().format != "mbox") {
        let sample = make();
        let (rows, ingested) = rows_with_filler(make(), (17 << 20) + 1, "\n");
        assert_eq!(rows, sample.rows(sample.text().as_bytes(), "small"), "{}", sample.format);
        let codes: Vec<&str> = ingested.quarantine.iter().map(|one| one.code.id).collect();
        assert_eq!(codes, ["I108"], "{}", sample.format);
    }
}

/// A list that writes itself into From leaves two mails of one id: whom an answer goes to is no matter of order.
fn answered_list() -> Sample {
    let mail = |id: u32, from: &str, head: &str| {
        format!(
            "From {from} Mon Mar  2 09:15:00 2026\nMessage-ID: <{id}@x.example>\n\
             Date: Mon, 2 Mar 2026 09:1{id}:00 +0000\nFrom: {from}\nTo: l@x.example\nList-Id: <l.x.example>\n{head}\nbody\n"
        )
    };
    let answer = mail(2, "b@x.example", "In-Reply-To: <1@x.example>\n");
    let mails = [mail(1, "a@x.example", ""), mail(1, "c@x.example", ""), answer];
    let records: Vec<&str> = mails.iter().map(String::as_str).collect();
    Sample { is_text: false, tail: "", ..Sample::lines("mbox", "", &records, 3) }
}

/// Posts of one second in one topic.
fn one_second_in_a_topic() -> Sample {
    let post = |id: u32, sender: u32| {
        format!(
            r#"{{"id":{id},"sender":{sender},"recipient":12,"subject":"topic","date_sent":1772442900,"content":"x"}}"#
        )
    };
    let records = [post(1, 1), post(2, 2), post(3, 1)];
    Sample { records: records.to_vec(), message_count: 3, ..zulip() }
}

/// The same in a space, whose topic goes to whoever began it.
fn one_second_in_a_space() -> Sample {
    let post = |id: u32, sender: &str| {
        format!(
            r#"{{"creator":{{"email":"{sender}@x.example"}},"created_date":"Monday, March 2, 2026 at 9:15:00 AM UTC","topic_id":"t","message_id":"{id}"}}"#
        )
    };
    let records = [post(1, "a"), post(2, "b"), post(3, "c")];
    Sample { records: records.to_vec(), message_count: 3, ..chat_takeout() }
}

/// A chat with a recipient a row is a group once its rows are one message.
#[test]
fn rows_of_one_chat_message_are_a_group() {
    let text = "sent_at,sender,to,id\n2026-03-02T09:15:00Z,a@x.example,b@x.example,1\n\
                2026-03-02T09:15:00Z,a@x.example,c@x.example,1\n2026-03-02T09:16:00Z,a@x.example,c@x.example,2\n";
    let spec = SourceSpec { kind: Kind::Chat, ..forms::source("csv") };
    let ingested = forms::read(&spec, &[("file".into(), text.as_bytes().to_vec())]).unwrap();
    let venues: Vec<(Venue, u32)> = rows(&ingested).iter().map(|row| (row.venue, row.recipient_count)).collect();
    assert_eq!(venues, [(Venue::Group, 2), (Venue::Direct, 1)]);
}

/// UTF-16 that is cut or flipped anywhere, half a character too.
#[test]
fn other_encodings_cut_and_flipped() {
    for sample in samples().iter().filter(|sample| sample.is_text) {
        let marked = format!("\u{feff}{}", sample.text());
        let mut bytes: Vec<u8> = marked.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for at in 0..bytes.len() {
            let _ = sample.read(&bytes[..at]);
            let bit = 1 << (at % 8);
            bytes[at] ^= bit;
            let _ = sample.read(&bytes);
            bytes[at] ^= bit;
        }
    }
}

#[test]
fn the_order_of_records_does_not_matter() {
    let ties = [answered_list(), one_second_in_a_topic(), one_second_in_a_space()];
    for mut sample in samples().into_iter().chain(ties).filter(|sample| sample.has_no_order) {
        let expected = sample.rows(sample.text().as_bytes(), "in order");
        for _ in 0..sample.records.len() {
            sample.records.rotate_left(1);
            assert_eq!(sample.rows(sample.text().as_bytes(), "rotated"), expected, "{}", sample.format);
            sample.records.reverse();
            assert_eq!(sample.rows(sample.text().as_bytes(), "reversed"), expected, "{}", sample.format);
            sample.records.reverse();
        }
    }
}
