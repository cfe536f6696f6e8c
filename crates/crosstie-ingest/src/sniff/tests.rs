//! A small made file of every format, and what it is recognised as.

use super::*;
use crate::directory::ManagerBy;
use crate::readers::{HandleKind, Layout, RecipientsForm};
use crate::source::Kind;

/// What a file of this name and content is recognised as.
fn file(name: &str, bytes: impl AsRef<[u8]>) -> Vec<Recognised> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    recognise(&path).unwrap()
}

/// What a folder with these files is recognised as.
fn folder(files: &[(&str, &str)]) -> Vec<Recognised> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    recognise(folder.path()).unwrap()
}

/// `format`, `format/dataset` or `directory/format` of all that fit.
fn formats(found: &[Recognised]) -> Vec<String> {
    let word = |found: &Recognised| match (found.section, found.dataset) {
        (Section::Directory, _) => format!("directory/{}", found.format),
        (Section::Source(_), Some(dataset)) => format!("{}/{dataset}", found.format),
        (Section::Source(_), None) => found.format.to_string(),
    };
    found.iter().map(word).collect()
}

/// The mapping in one line.
fn mapping(found: &Recognised) -> String {
    let table = found.table.as_ref().unwrap();
    let fields = table.columns.iter().map(|(field, columns)| format!("{field}={}", columns.join("+")));
    fields.collect::<Vec<_>>().join(" ")
}

#[test]
fn every_format_by_a_single_file() {
    let track = "#Software: Microsoft Exchange Server\r\n#Fields: date-time,source,event-id,message-id,\
                 recipient-address,message-subject,sender-address\r\n";
    let trace = "origin_timestamp_utc,sender_address,recipient_status,message_subject,message_id\n";
    let extended = "date_time_utc,source,event_id,message_id,recipient_address,sender_address\n";
    let gmail = "Message ID,Start date,End date,Sender,Subject,Recipient address,Event target,Event status\n";
    for (name, text, expected) in [
        ("a.mbox", "From - Mon Mar  2 08:15:00 2026\nFrom: a@example.com\n\nhello\n", "mbox"),
        ("a.eml", "Received: x\n by y\nFrom: A <a@example.com>\nTo: b@example.com\n\nhello\n", "eml"),
        ("a.log", track, "msgtrk"),
        ("a.csv", trace, "m365_trace"),
        ("a.csv", extended, "m365_trace"),
        ("a.parquet", "PAR1\u{15}\u{4}", "parquet"),
        (
            "a.json",
            r#"{"internetMessageId":"<a1@example.com>","sentDateTime":"2026-03-02T08:15:00Z","from":{"emailAddress":{"address":"a@example.com"}},"toRecipients":[]}"#,
            "graph/mail",
        ),
        (
            "a.json",
            r#"{"InternetMessageId":"1620239924329","SentDateTime":"2026-03-02T08:15:00Z","From":{"EmailAddress":{"Address":"a@example.com"}},"ToRecipients":[]}"#,
            "graph/team_chat",
        ),
        (
            "a.json",
            r#"[{"id":"1616964509832","replyToId":null,"messageType":"message","createdDateTime":"2026-03-02T08:15:09Z","chatId":"19:x","from":{"user":{"id":"u"}}}]"#,
            "graph/teams",
        ),
        (
            "a.jsonl",
            "{\"type\":\"version\",\"version\":1}\n{\"type\":\"user\",\"user\":{\"username\":\"ann\"}}\n",
            "mattermost",
        ),
        (
            "messages-000001.json",
            r#"{"zerver_message":[{"id":102,"sender":12,"recipient":31,"subject":"x","content":"y","date_sent":1772439300}]}"#,
            "zulip",
        ),
        (
            "realm.json",
            r#"{"zerver_userprofile":[{"id":11,"delivery_email":"a@example.com","is_bot":false}]}"#,
            "zulip",
        ),
        (
            "messages.json",
            r#"{"messages":[{"creator":{"name":"A","email":"a@example.com"},"created_date":"x","topic_id":"t","message_id":"m"}]}"#,
            "chat_takeout",
        ),
        ("2026-03-02.json", r#"[{"type":"message","user":"U02","ts":"1736554746.482349","text":"hello"}]"#, "slack"),
        ("users.json", r#"[{"id":"U1","name":"ann","deleted":false,"profile":{"email":"a@example.com"}}]"#, "slack"),
        (
            "a.ldif",
            "# made\nversion: 1\n\ndn: uid=bob,dc=example,dc=com\nmail: bob@example.com\nou: Sales\n",
            "directory/ldif",
        ),
        (
            "a.json",
            r#"{"id":"2819","userName":"bob@example.com","active":true,"emails":[{"value":"bob@example.com"}]}"#,
            "directory/scim",
        ),
        (
            "a.json",
            r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":1,"Resources":[{"id":"1","userName":"bob"}]}"#,
            "directory/scim",
        ),
        (
            "a.json",
            r#"{"users":[{"primaryEmail":"a@example.com","id":"1","suspended":false}]}"#,
            "directory/google_users",
        ),
        (
            "a.json",
            r#"{"value":[{"id":"1","userPrincipalName":"a@example.com","displayName":"A","mail":"a@example.com"}]}"#,
            "directory/graph",
        ),
        ("a.json", "{\"id\":\"1\",\"puser\":\"2\",\"displayName\":\"A\"}\n", "directory/graph"),
    ] {
        let found = formats(&file(name, text));
        assert_eq!(found.first().map(String::as_str), Some(expected), "{text}");
    }
    let found = file("a.csv", gmail);
    assert_eq!(found[0].format, "gmail_log");
    assert_eq!(found[0].time, Some(TimeGuess { formats: vec!["auto".into()], needs_zone: true }));
}

#[test]
fn user_lists_by_their_columns() {
    let entra = file(
        "users.csv",
        "userPrincipalName,displayName,mail,id,userType,department,accountEnabled\n\
         a@example.com,A,a@example.com,1,Member,Sales,True\n",
    );
    assert_eq!((formats(&entra)[0].as_str(), mapping(&entra[0]).as_str()), ("directory/entra", "unit=department"));
    let template = file(
        "bulk.csv",
        "version:v1.0\nName [displayName] Required,User name [userPrincipalName] Required,\
         Block sign in (Yes/No) [accountEnabled] Required,Department [department]\n",
    );
    assert_eq!(mapping(&template[0]), "unit=Department [department]");
    let google = file("g.csv", "First Name [Required],Email Address [Required],Org Unit Path [Required]\n");
    assert_eq!(
        (formats(&google)[0].as_str(), mapping(&google[0]).as_str()),
        ("directory/google_users", "unit=Org Unit Path")
    );
}

#[test]
fn exports_by_the_names_of_their_entries() {
    let slack = folder(&[
        ("users.json", r#"[{"id":"U1","name":"a","deleted":false,"profile":{"email":"a@example.com"}}]"#),
        ("channels.json", "[]"),
        ("general/2026-03-02.json", "[]"),
    ]);
    assert_eq!((formats(&slack), slack[0].domain.as_deref()), (vec!["slack".to_string()], Some("example.com")));
    let zulip = folder(&[("x/realm.json", "{}"), ("x/messages-000001.json", "{}")]);
    assert_eq!(formats(&zulip), ["zulip"]);
    let takeout = folder(&[("Groups/DM abc/messages.json", "{}"), ("Groups/DM abc/group_info.json", "{}")]);
    assert_eq!(formats(&takeout), ["chat_takeout"]);
    let maildir = folder(&[("cur/1.a:2,S", "From: a@example.com\nTo: b@example.com\n\nx\n"), ("new/2.b", "")]);
    assert_eq!((formats(&maildir), maildir[0].domain.as_deref()), (vec!["maildir".to_string()], Some("example.com")));
    let teams = folder(&[("users/usersList.json", "[]"), ("users/u1/messages_u1.json", "[]")]);
    assert_eq!(formats(&teams), ["graph/teams"]);
    let mails = folder(&[("1.eml", "From: a@example.com\nTo: b@example.com\n\n"), ("2.eml", ""), ("x.png", "\u{0}")]);
    assert_eq!(formats(&mails), ["eml"]);
    assert!(mails[0].path.ends_with("*.eml"), "{:?}", mails[0].path);
}

#[test]
fn a_table_of_messages_is_mapped() {
    let found = file(
        "mail.csv",
        "Sent;From;To;CC;Message-ID;Subject\n\
         02/03/2026 08:15;a@example.com;b@example.com, c@example.com;;<1@example.com>;hello\n\
         05/03/2026 09:15;b@example.com;a@example.com;;<2@example.com>;bye\n",
    );
    assert_eq!(formats(&found), ["csv"]);
    assert_eq!(found[0].section, Section::Source(Kind::Mail));
    assert_eq!(mapping(&found[0]), "sent_at=Sent sender=From to=To cc=CC message_id=Message-ID");
    let table = found[0].table.as_ref().unwrap();
    assert_eq!((table.layout, table.handles), (Layout::MessagePerRow, HandleKind::Address));
    assert_eq!((table.recipient_separator, table.others.as_slice()), (Some(','), &["Subject".to_string()][..]));
    let time = found[0].time.as_ref().unwrap();
    assert_eq!(
        (time.formats.as_slice(), time.needs_zone),
        (&["%d/%m/%Y %H:%M".to_string(), "%m/%d/%Y %H:%M".into()][..], true)
    );
    assert_eq!(found[0].domain.as_deref(), Some("example.com"));
}

#[test]
fn a_row_a_recipient_is_told_by_what_repeats() {
    let text = "Sender;Recipient;EventDate\n17;37;2026-03-02 17:40:10\n17;136;2026-03-02 17:40:10\n";
    let found = file("mail.csv", text);
    let table = found[0].table.as_ref().unwrap();
    assert_eq!((table.layout, table.handles), (Layout::RecipientPerRow, HandleKind::Account));
    assert_eq!(found[0].time, Some(TimeGuess { formats: vec![], needs_zone: true }));
    let once = file("mail.csv", "Sender;Recipient;EventDate\n17;37;2026-03-02 17:40:10\n18;136;2026-03-02 17:40:11\n");
    assert_eq!(once[0].table.as_ref().unwrap().layout, Layout::MessagePerRow);
}

#[test]
fn names_in_other_languages() {
    for text in [
        "Datum,Absender,Empfänger\n2026-03-02T08:15:00Z,a@example.com,b@example.com\n",
        "Date d'envoi,Expéditeur,Destinataires\n2026-03-02T08:15:00Z,a@example.com,b@example.com\n",
        "Data wysłania,Nadawca,Odbiorcy\n2026-03-02T08:15:00Z,a@example.com,b@example.com\n",
    ] {
        assert_eq!(formats(&file("mail.csv", text)), ["csv"], "{text}");
    }
    let found =
        file("hr.csv", "Personalnummer,E-Mail,Vorgesetzter,Abteilung\n1,a@example.com,,X\n2,b@example.com,1,X\n");
    assert_eq!(mapping(&found[0]), "person_key=Personalnummer addresses=E-Mail manager=Vorgesetzter unit=Abteilung");
}

#[test]
fn json_is_mapped_by_paths() {
    let line = r#"{"at":"2026-03-02T08:15:00Z","from":{"address":"a@example.com","name":"A"},"to":[{"address":"b@example.com"}],"id":"a1","body":{"content":"x"}}"#;
    let found = file("mail.jsonl", format!("{line}\n{line}\n"));
    assert_eq!(formats(&found), ["jsonl"]);
    assert_eq!(mapping(&found[0]), "sent_at=at sender=from.address to=to[].address message_id=id");
    let table = found[0].table.as_ref().unwrap();
    assert_eq!((table.is_stream, table.others.as_slice()), (false, &["content".to_string()][..]));
    let array = file("mail.json", format!("[{line},\n{line}]"));
    assert!(array[0].table.as_ref().unwrap().is_stream);
}

#[test]
fn a_table_of_chat_has_a_place() {
    let found = file(
        "chat.csv",
        "ts,user,channel,thread_ts,text\n1772439300.000200,U1,C1,,hello\n1772439301.000200,U2,C1,,yes\n",
    );
    assert_eq!((formats(&found), found[0].section), (vec!["csv".to_string()], Section::Source(Kind::Chat)));
    assert_eq!(mapping(&found[0]), "sent_at=ts sender=user place_id=channel thread=thread_ts");
}

#[test]
fn lists_as_in_a_header() {
    let found =
        file("m.csv", "date,from,to\n2026-03-02T08:15:00Z,a@example.com,\"B <b@example.com>, c@example.com\"\n");
    assert_eq!(found[0].table.as_ref().unwrap().recipients_form, RecipientsForm::Rfc5322);
}

#[test]
fn a_directory_says_how_it_names_managers() {
    for (text, by, expected) in [
        ("id,email,manager_id,unit\n1,a@example.com,,X\n2,b@example.com,1,X\n", ManagerBy::Key, "manager_id"),
        (
            "mail,name,managerName,managerEmail,dept\na@example.com,A,B,b@example.com,X\n",
            ManagerBy::Address,
            "managerEmail",
        ),
        (
            "employee_name,user_id,email,supervisor\nAnn Lee,A1,a@example.com,\nBob Ray,B1,b@example.com,Ann Lee\n",
            ManagerBy::Name,
            "supervisor",
        ),
        (
            "dn,mail,manager\n\"uid=a,dc=example\",a@example.com,\n\"uid=b,dc=example\",b@example.com,\"uid=a,dc=example\"\n",
            ManagerBy::Dn,
            "manager",
        ),
    ] {
        let found = file("hr.csv", text);
        assert_eq!(formats(&found), ["directory/csv"], "{text}");
        let table = found[0].table.as_ref().unwrap();
        assert_eq!((table.manager_by, table.column("manager")), (by, Some(expected)), "{text}");
    }
}

#[test]
fn snapshots_have_dates_in_their_names() {
    let text = "id,email,manager_id,unit\n1,a@example.com,,X\n2,b@example.com,1,X\n";
    let found = folder(&[("hr-2026-01.csv", text), ("hr-2026-02.csv", text)]);
    assert_eq!((formats(&found)[0].as_str(), found[0].snapshot), ("directory/csv", Some("%Y-%m")));
    let undated = folder(&[("a.csv", text), ("b.csv", text)]);
    assert_eq!(undated[0].snapshot, None);
}

#[test]
fn other_encodings_and_packings() {
    let text = "Sender;Recipient;EventDate\n17;37;2026-03-02 17:40:10\n";
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(formats(&file("m.csv", utf16)), ["csv"]);
    assert_eq!(formats(&file("m.csv", format!("\u{feff}{text}"))), ["csv"]);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut gzip, text.as_bytes()).unwrap();
    assert_eq!(formats(&file("m.csv.gz", gzip.finish().unwrap())), ["csv"]);
    assert_eq!(formats(&file("m.csv.zst", zstd::encode_all(text.as_bytes(), 1).unwrap())), ["csv"]);
}

#[test]
fn what_is_not_recognised() {
    for (name, text) in [
        ("a.csv", ""),
        ("a.csv", "hello world, this is text\nand more of it\n"),
        ("a.csv", "a@example.com,b@example.com\nc@example.com,d@example.com\n"),
        ("a.csv", "address,person_key\na@example.com,1\n"),
        ("a.json", "{\"a\":1}"),
        ("a.json", "{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"],\"Operations\":[]}"),
        ("a.bin", "\u{0}\u{1}\u{2},\u{3}\n"),
    ] {
        assert!(file(name, text).is_empty(), "{text:?}");
    }
    assert!(recognise(std::path::Path::new("/nowhere/at/all")).is_err());
}

#[test]
fn no_value_of_a_file_is_said() {
    let secret = "zebra";
    let text = format!(
        "sent,from,to,subject,{secret}@example.com\n2026-03-02T08:15:00Z,{secret}@example.com,b@example.com,{secret},x\n"
    );
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("a.csv", text.clone()),
        ("b.csv", text.replace(&format!(",{secret}@example.com\n"), ",other\n")),
        ("c.eml", format!("From: {secret}@example.com\nTo: b@example.com\nSubject: {secret}\n\n{secret}\n")),
        (
            "d.json",
            format!("{{\"at\":\"2026-03-02T08:15:00Z\",\"from\":\"{secret}@example.com\",\"to\":\"b@example.com\"}}"),
        ),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        let said = format!("{:?} {}", recognise(&path).unwrap(), outline(&path).unwrap());
        assert!(!said.contains(secret), "{name}: {said}");
    }
}

#[test]
fn files_cut_anywhere_do_no_harm() {
    let texts = [
        "sent,from,to\n2026-03-02T08:15:00Z,a@example.com,\"b@example.com\"\n",
        "{\"value\":[{\"at\":\"2026\",\"to\":[{\"a\":\"\\u00e9\"}]},{\"b\":null}]}",
        "From - Mon Mar  2 08:15:00 2026\nFrom: a@example.com\n\nx\n",
        "[[[{\"a\":[[1]]}]],{\"type\":\"x\"}",
        "dn: uid=a\nmail:: YQ==\n",
    ];
    for text in texts {
        for end in 0..=text.len() {
            let head = Head { bytes: text.as_bytes()[..end].to_vec(), is_cut: end % 2 == 0 };
            of_head(&head, std::path::Path::new("x"));
            objects::outline(&head);
            tables::outline(&head);
        }
    }
}
