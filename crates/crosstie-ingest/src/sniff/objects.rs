//! JSON by the keys of its first records. Values are looked at only where a key does not tell, and never kept.

use super::column::{Column, most_frequent_domain};
use super::guess::Recognised;
use super::head::Head;
use super::json_head::{JsonHead, json_head};
use super::messages::messages;
use super::tables::with_unit;
use std::path::Path;

/// Everything that fits JSON; `None` of what is none. `path` says where a file of an export lies.
pub(super) fn objects(head: &Head, path: &Path) -> Option<Vec<Recognised>> {
    let json = json_head(head)?;
    let specific = [
        mattermost(&json),
        zulip(&json),
        takeout(&json),
        scim(&json),
        google_users(&json),
        graph(&json),
        slack(&json, path),
    ];
    let mut found: Vec<Recognised> = specific.into_iter().flatten().collect();
    found.extend(graph_links(&json).filter(|_| found.is_empty()));
    found.extend(messages(&json.columns, "jsonl").map(|generic| generic_lines(generic, &json)));
    let domain = most_frequent_domain(addresses(&json.columns));
    found.iter_mut().for_each(|found| found.domain.clone_from(&domain));
    Some(found)
}

fn generic_lines(mut found: Recognised, json: &JsonHead) -> Recognised {
    if let Some(table) = &mut found.table {
        table.is_stream = !json.is_lines;
    }
    found
}

fn addresses(columns: &[Column]) -> impl Iterator<Item = &str> {
    let is_id = |column: &&Column| column.key().ends_with("id") || column.key().contains("odata");
    columns.iter().filter(move |column| !is_id(column)).flat_map(Column::values)
}

/// A line is `{"type":T,T:{…}}`; the first one says the version.
fn mattermost(json: &JsonHead) -> Option<Recognised> {
    let types =
        ["version", "team", "channel", "user", "post", "direct_channel", "direct_post", "emoji", "role", "scheme"];
    let is_export = json.has(&["type", "version"])
        || (json.has(&["type"]) && types.iter().filter(|name| json.has(&[*name])).count() >= 2);
    let found = Recognised::chat("mattermost", "lines of a Mattermost bulk export: `type` names the key beside it");
    (is_export && json.is_lines).then_some(found)
}

fn zulip(json: &JsonHead) -> Option<Recognised> {
    let key = ["zerver_message", "zerver_userprofile", "zerver_realm", "zerver_stream"]
        .into_iter()
        .find(|key| json.has_top(key))?;
    let found = Recognised::chat("zulip", format!("the key `{key}` of a Zulip export"));
    Some(found.advise("one file of an export: give the whole export, the folder or archive with `realm.json`"))
}

fn takeout(json: &JsonHead) -> Option<Recognised> {
    let reason = match () {
        () if json.has_top("messages") && json.has(&["creator", "created_date"]) => {
            "messages with `creator` and `created_date`"
        }
        () if json.has_top("members") && json.has_top("name") && json.has_column("members[].user_type") => {
            "`members` with `user_type`"
        }
        () => return None,
    };
    let found = Recognised::chat("chat_takeout", format!("{reason}, of Google Chat"));
    Some(found.advise("one file of an export: give the whole export, the folder or archive with `Groups/`"))
}

fn scim(json: &JsonHead) -> Option<Recognised> {
    let is_resource = json.says("schemas[]", ":scim:schemas:core:2.0:user")
        || json.says("schemas[]", ":enterprise:2.0:user")
        || json.says("schemas[]", ":scim:schemas:core:2.0:group");
    let is_listing = json.has_top("Resources") && json.has(&["userName"]);
    let is_message = json.says("schemas[]", ":api:messages:") && !is_listing;
    let is_bare = json.has(&["userName", "emails"]);
    if is_message || !(is_resource || is_listing || is_bare) || !json.has(&["id"]) && !json.has(&["userName"]) {
        return None;
    }
    // Schemas of a server describe users and are none.
    if !json.has(&["userName"]) && !json.has(&["members"]) {
        return None;
    }
    let found =
        Recognised::directory("scim", format!("{} resources with the keys of SCIM users or groups", json.count));
    Some(with_unit(found, Some("department".into())))
}

fn google_users(json: &JsonHead) -> Option<Recognised> {
    let found = Recognised::directory("google_users", "`primaryEmail` of users of Google's Directory API");
    json.has(&["primaryEmail"]).then(|| with_unit(found, Some("department".into())))
}

/// Records of Microsoft Graph, as the API or Graph Data Connect gives them.
fn graph(json: &JsonHead) -> Option<Recognised> {
    let with = |found: Recognised, dataset| Recognised { dataset: Some(dataset), ..found };
    if json.has(&["messageType", "createdDateTime"])
        && ["chatId", "channelIdentity", "replyToId"].iter().any(|key| json.has(&[*key]))
    {
        let found = Recognised::chat("graph", "`messageType` and `createdDateTime` of Teams messages");
        let found = found.advise("group chats need `chats_file`, a JSON list of chats with their members");
        return Some(with(found, "teams"));
    }
    if json.has(&["sentDateTime", "from"]) && (json.has(&["toRecipients"]) || json.has(&["conversationId"])) {
        // Teams chats in the form of mail: the id is a number of milliseconds, or there is none.
        let is_number = |column: &Column| column.most(|value| value.bytes().all(|byte| byte.is_ascii_digit()));
        let is_chat = json.column("internetMessageId").is_none_or(is_number);
        return Some(match is_chat {
            true => with(
                Recognised::chat("graph", "`sentDateTime` and `from`, with numbers for message ids: chats"),
                "team_chat",
            ),
            false => with(Recognised::mail("graph", "`internetMessageId`, `sentDateTime` and `toRecipients`"), "mail"),
        });
    }
    let marks = ["mail", "displayName", "proxyAddresses", "accountEnabled"];
    let is_user = json.has(&["userPrincipalName"]) && marks.iter().any(|key| json.has(&[*key]));
    let found = Recognised::directory("graph", "`userPrincipalName` of Graph users");
    is_user.then(|| with_unit(found, Some("department".into())))
}

/// Managers and members without users: they go beside a directory.
fn graph_links(json: &JsonHead) -> Option<Recognised> {
    let is_link = json.has(&["id", "puser"]) || json.has(&["id", "pObjectId"]) || json.has(&["id", "groupId"]);
    let found =
        Recognised::directory("graph", "`id` beside `puser`, `pObjectId` or `groupId`: links between Graph users");
    let found = found.advise("it holds no people: put it beside the users, or give it as `manager_file`");
    is_link.then(|| with_unit(found, Some("department".into())))
}

/// A file of a Slack export.
fn slack(json: &JsonHead, path: &Path) -> Option<Recognised> {
    let is_ts = |column: &Column| {
        column.most(|value| value.split_once('.').is_some_and(|(whole, part)| whole.len() >= 9 && part.len() == 6))
    };
    let reason = match () {
        () if json.column("ts").is_some_and(is_ts) && (json.has(&["type"]) || json.has(&["user"])) => {
            "messages with `ts` and `user`"
        }
        () if json.has(&["id", "profile", "name"]) && json.has(&["deleted"]) => "users with `profile` and `deleted`",
        () if json.has(&["id", "created", "members"]) && !json.has(&["schemas"]) => {
            "channels with `created` and `members`"
        }
        () => return None,
    };
    let mut found = Recognised::chat("slack", format!("{reason}, of a Slack export"));
    found = found.advise("one file of an export: give the whole export, the zip or the folder with `users.json`");
    let folders = path.ancestors().skip(1).take(2).filter(|folder| !folder.as_os_str().is_empty());
    found.path = folders.into_iter().find(|folder| folder.join("users.json").is_file()).unwrap_or(path).to_path_buf();
    Some(found)
}

/// What JSON holds, in words.
pub(super) fn outline(head: &Head) -> Option<String> {
    let json = json_head(head)?;
    let form = if json.is_lines { "JSON lines" } else { "JSON" };
    Some(format!("{form} with {} records of {} keys and paths in its first part", json.count, json.columns.len()))
}
