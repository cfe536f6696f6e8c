//! What the public samples are recognised as.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test may stop at anything unexpected, and says when it is skipped"
)]

use crosstie_ingest::{HandleKind, Layout, ManagerBy, Recognised, Section, recognise};
use std::path::{Path, PathBuf};

/// The samples, or `None` with a word where they are absent.
fn samples(part: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(part);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: no sample `{part}` beside the checkout");
    None
}

/// `format`, `format/dataset` or `directory/format`.
fn word(found: &Recognised) -> String {
    match (found.section, found.dataset) {
        (Section::Directory, _) => format!("directory/{}", found.format),
        (Section::Source(_), Some(dataset)) => format!("{}/{dataset}", found.format),
        (Section::Source(_), None) => found.format.to_string(),
    }
}

#[test]
fn samples_are_what_they_are() {
    let mut wrong = Vec::new();
    for (part, expected) in [
        ("formats/slack/slack_export_viewer_testarchive.zip", "slack"),
        ("formats/slack/thread_with_broadcast_reply.json", "slack"),
        ("formats/slack/dms.json", "slack"),
        ("formats/exchange/MSGTRK_ex2007_21cols.log", "msgtrk"),
        ("formats/exchange/MSGTRK_ex2010_26cols_utf8bom.log", "msgtrk"),
        ("formats/exchange/MSGTRK_ex2013_27cols.log", "msgtrk"),
        ("formats/m365_trace/SYNTHETIC_summary_utf16le_bom.csv", "m365_trace"),
        ("formats/m365_trace/SYNTHETIC_summary_utf16le_nobom.csv", "m365_trace"),
        ("formats/graph_data_connect/BasicDataSet_v0.Message_v1.json", "graph/mail"),
        ("formats/graph_data_connect/BasicDataSet_v0.SentItem_v1.json", "graph/mail"),
        ("formats/graph_data_connect/BasicDataSet_v0.TeamChat_v1.json", "graph/team_chat"),
        ("formats/graph_data_connect/BasicDataSet_v0.User_v1.json", "directory/graph"),
        ("formats/teams/messages_TEAMID.json", "graph/teams"),
        ("formats/teams/users_USERID_messages.json", "graph/teams"),
        ("formats/mattermost/import_from_zulip_and_mattermost_fixtures.jsonl", "mattermost"),
        ("formats/zulip_export", "zulip"),
        ("formats/zulip_export/messages-000001.json", "zulip"),
        ("formats/zulip_export/realm.json", "zulip"),
        ("formats/gmail/els_export_header.csv", "gmail_log"),
        ("formats/google_chat_takeout/messages.json", "chat_takeout"),
        ("formats/google_chat_takeout/group_info.json", "chat_takeout"),
        ("formats/azuread/exportUsers_2021_real.csv", "directory/entra"),
        ("formats/azuread/bulk_create_template_header.csv", "directory/entra"),
        ("formats/google_admin/users_download_header.csv", "directory/google_users"),
        ("formats/directory/Example.ldif", "directory/ldif"),
        ("formats/directory/scim/rfc7643-8.1-user-minimal.json", "directory/scim"),
        ("formats/directory/scim/rfc7643-8.2-user-full.json", "directory/scim"),
        ("formats/directory/scim/rfc7643-8.3-enterprise_user.json", "directory/scim"),
        ("formats/directory/scim/rfc7644-3.4.2-list_response-partial_attributes.json", "directory/scim"),
        ("formats/directory/monthly_snapshots", "directory/csv"),
        ("formats/directory/hr_tests/test-01/input/hr-data.csv", "directory/csv"),
        ("formats/directory/hr_tests/test-06/input/hr-data.csv", "directory/csv"),
        ("formats/eml/more_messages", "eml"),
        ("manufacturing/communication.csv", "csv"),
        ("manufacturing/reportsto.csv", "directory/csv"),
    ] {
        let Some(path) = samples(part) else { continue };
        let found = recognise(&path).unwrap();
        if found.first().map(word).as_deref() != Some(expected) {
            wrong.push(format!("{part}: {:?}", found.iter().map(word).collect::<Vec<_>>()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn messages_of_the_protocol_are_no_directory() {
    for part in [
        "rfc7644-3.5.2.1-patch_op-add_emails.json",
        "rfc7644-3.12-error-not_found.json",
        "rfc7643-8.7.1-schema-user.json",
    ] {
        let Some(path) = samples(&format!("formats/directory/scim/{part}")) else { return };
        assert_eq!(recognise(&path).unwrap().iter().map(word).collect::<Vec<_>>(), Vec::<String>::new(), "{part}");
    }
}

#[test]
fn mails_are_mails() {
    let Some(folder) = samples("formats/eml/with_expected_json") else { return };
    let mut open = vec![folder];
    let mut mail_count = 0;
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|ending| ending == "eml") && says_from(&path) {
                let found = recognise(&path).unwrap();
                assert_eq!(found.first().map(word).as_deref(), Some("eml"), "{}", path.display());
                mail_count += 1;
            }
        }
    }
    // The other samples are fragments that name nobody.
    assert!(mail_count > 70, "{mail_count}");
}

/// Whether the header of a mail says whom it is from.
fn says_from(path: &Path) -> bool {
    let bytes = std::fs::read(path).unwrap();
    let text = String::from_utf8_lossy(&bytes).to_lowercase();
    text.lines().take_while(|line| !line.is_empty()).any(|line| line.starts_with("from:"))
}

#[test]
fn tables_are_mapped() {
    let Some(path) = samples("manufacturing/communication.csv") else { return };
    let found = recognise(&path).unwrap();
    let table = found[0].table.as_ref().unwrap();
    assert_eq!((table.layout, table.handles), (Layout::RecipientPerRow, HandleKind::Account));
    let columns = ["sent_at", "sender", "to"].map(|field| table.column(field));
    assert_eq!(columns, [Some("EventDate"), Some("Sender"), Some("Recipient")]);
    assert!(found[0].time.as_ref().unwrap().needs_zone);

    let Some(path) = samples("manufacturing/reportsto.csv") else { return };
    let found = recognise(&path).unwrap();
    let table = found[0].table.as_ref().unwrap();
    assert_eq!((table.column("person_key"), table.column("manager")), (Some("ID"), Some("ReportsToID")));

    let Some(path) = samples("formats/directory/monthly_snapshots") else { return };
    let found = recognise(&path).unwrap();
    let table = found[0].table.as_ref().unwrap();
    assert_eq!((table.manager_by, table.column("manager")), (ManagerBy::Name, Some("supervisor")));
    assert_eq!((table.column("unit"), found[0].snapshot), (Some("department"), Some("%Y-%m")));

    let Some(path) = samples("formats/directory/hr_tests/test-01/input/hr-data.csv") else { return };
    let found = recognise(&path).unwrap();
    let table = found[0].table.as_ref().unwrap();
    assert_eq!((table.manager_by, table.column("manager")), (ManagerBy::Address, Some("managerEmail")));
}
