//! The parts of Slack's JSON that are read. There is no field for text: it is scanned in place and ids are kept.

use crate::json::{boolean, items, pick, scalar, text, walk};
use crate::work::Fault;
use serde_json::value::RawValue;

/// A user of `users.json`.
pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) team: String,
    pub(crate) is_bot: bool,
    /// Of another workspace.
    pub(crate) is_guest: bool,
    pub(crate) address: Option<String>,
    pub(crate) name: Option<String>,
}

impl User {
    /// `None` for an entry without an id.
    pub(crate) fn read(raw: &[u8]) -> Result<Option<User>, Fault> {
        let [id, team, is_bot, is_app, is_stranger, profile] =
            pick(raw, ["id", "team_id", "is_bot", "is_app_user", "is_stranger", "profile"])?;
        let [email, real_name] = walk(profile, ["email", "real_name"])?;
        let owned = |value: Option<&RawValue>| Ok::<_, Fault>(text(value)?.map(|text| text.into_owned()));
        let Some(id) = owned(id)? else { return Ok(None) };
        Ok(Some(User {
            id,
            team: owned(team)?.unwrap_or_default(),
            is_bot: boolean(is_bot) || boolean(is_app),
            is_guest: boolean(is_stranger),
            address: owned(email)?.filter(|address| !address.is_empty()),
            name: owned(real_name)?.filter(|name| !name.is_empty()),
        }))
    }
}

/// An entry of `channels.json`, `groups.json`, `dms.json` or `mpims.json`.
pub(crate) struct Channel {
    pub(crate) id: String,
    pub(crate) name: Option<String>,
    pub(crate) members: Vec<String>,
    pub(crate) creator: Option<String>,
    /// Seconds since 1970: a number in some files and a string in others.
    pub(crate) created: Option<i64>,
}

impl Channel {
    /// `None` for an entry without an id.
    pub(crate) fn read(raw: &[u8]) -> Result<Option<Channel>, Fault> {
        let [id, name, members, creator, created] = pick(raw, ["id", "name", "members", "creator", "created"])?;
        let owned = |value: Option<&RawValue>| Ok::<_, Fault>(text(value)?.map(|text| text.into_owned()));
        let Some(id) = owned(id)? else { return Ok(None) };
        let mut ids = Vec::new();
        for member in items(members)? {
            ids.extend(owned(Some(member))?);
        }
        Ok(Some(Channel {
            id,
            name: owned(name)?,
            members: ids,
            creator: owned(creator)?,
            created: scalar(created)?.and_then(|seconds| seconds.parse().ok()),
        }))
    }
}

/// A message of a day file.
pub(crate) struct Message {
    pub(crate) kind: Option<String>,
    pub(crate) subtype: Option<String>,
    pub(crate) user: Option<String>,
    pub(crate) user_team: Option<String>,
    pub(crate) channel: Option<String>,
    pub(crate) has_bot_id: bool,
    pub(crate) upload: bool,
    pub(crate) hidden: bool,
    pub(crate) ts: Option<String>,
    pub(crate) thread_ts: Option<String>,
    pub(crate) parent_user_id: Option<String>,
    pub(crate) inviter: Option<String>,
    /// Ids mentioned in the text or its blocks.
    pub(crate) mentioned: Vec<String>,
    /// Whose comment it is.
    pub(crate) commenter: Option<String>,
    /// Whose file is commented.
    pub(crate) file_owner: Option<String>,
}

impl Message {
    pub(crate) fn read(raw: &[u8]) -> Result<Message, Fault> {
        let [
            kind,
            subtype,
            user,
            user_team,
            channel,
            bot_id,
            upload,
            hidden,
            ts,
            thread_ts,
            parent,
            inviter,
            written,
            blocks,
            comment,
            file,
        ] = pick(
            raw,
            [
                "type",
                "subtype",
                "user",
                "user_team",
                "channel_id",
                "bot_id",
                "upload",
                "hidden",
                "ts",
                "thread_ts",
                "parent_user_id",
                "inviter",
                "text",
                "blocks",
                "comment",
                "file",
            ],
        )?;
        let owned = |value: Option<&RawValue>| Ok::<_, Fault>(text(value)?.map(|text| text.into_owned()));
        let [commenter] = walk(comment, ["user"])?;
        let [file_owner] = walk(file, ["user"])?;
        let mut mentioned = written.map(|raw| mentioned_in(raw.get())).unwrap_or_default();
        mentioned.extend(blocks.map(|raw| mentioned_in_blocks(raw.get())).unwrap_or_default());
        mentioned.sort_unstable();
        mentioned.dedup();
        Ok(Message {
            kind: owned(kind)?,
            subtype: owned(subtype)?,
            user: owned(user)?,
            user_team: owned(user_team)?,
            channel: owned(channel)?,
            has_bot_id: owned(bot_id)?.is_some(),
            upload: boolean(upload),
            hidden: boolean(hidden),
            ts: scalar(ts)?.map(|text| text.into_owned()),
            thread_ts: scalar(thread_ts)?.map(|text| text.into_owned()),
            parent_user_id: owned(parent)?,
            inviter: owned(inviter)?,
            mentioned,
            commenter: owned(commenter)?,
            file_owner: owned(file_owner)?,
        })
    }
}

/// The users that `<@U1>` and `<@U1|name>` name. A typed `<` is written `&lt;` and names nobody.
fn mentioned_in(text: &str) -> Vec<String> {
    text.split("<@")
        .skip(1)
        .filter_map(|rest| {
            let id = &rest[..rest.find(['>', '|'])?];
            is_user_id(id).then(|| id.to_string())
        })
        .collect()
}

/// The users of `{"type":"user","user_id":"U1"}` in rich text. A typed quote is escaped, so the key is no text.
fn mentioned_in_blocks(raw: &str) -> Vec<String> {
    raw.split("\"user_id\"")
        .skip(1)
        .filter_map(|rest| {
            let value = rest.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?;
            let id = &value[..value.find('"')?];
            is_user_id(id).then(|| id.to_string())
        })
        .collect()
}

fn is_user_id(id: &str) -> bool {
    (1..=32).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mentions_are_ids_and_nothing_else() {
        assert_eq!(mentioned_in("hi <@U01> and <@U02|bob>, <!here>, <#C1|general>"), ["U01", "U02"]);
        assert_eq!(mentioned_in("&lt;@U01&gt; <@not an id> <@U03"), Vec::<String>::new());
        let blocks = r#"[{"type":"rich_text","elements":[{"type":"user","user_id": "U9"},{"type":"text","text":"\"user_id\":\"U8\""}]}]"#;
        assert_eq!(mentioned_in_blocks(blocks), ["U9"]);
    }

    #[test]
    fn text_is_scanned_and_dropped() {
        let raw = br#"{"ts":"1.000001","text":"secret \ud800 <@U9>","blocks":[{"user_id":"U9"}]}"#;
        assert_eq!(Message::read(raw).unwrap().mentioned, ["U9"]);
        assert!(Message::read(br#"{"ts":"1.000001","text":null,"blocks":null}"#).unwrap().mentioned.is_empty());
    }
}
