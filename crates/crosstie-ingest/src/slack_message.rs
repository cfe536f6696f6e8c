//! The parts of Slack's JSON that are read. There is no field for text: a visitor looks for mentions and keeps ids.

use serde::Deserialize;
use serde::de::{Deserializer, Visitor};
use std::fmt;

/// A user of `users.json`.
#[derive(Deserialize)]
pub(crate) struct User {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) team_id: Option<String>,
    #[serde(default)]
    pub(crate) is_bot: bool,
    #[serde(default)]
    pub(crate) profile: Option<Profile>,
}

/// The one part of a profile that is read.
#[derive(Deserialize)]
pub(crate) struct Profile {
    #[serde(default)]
    pub(crate) email: Option<String>,
}

/// An entry of `channels.json`, `groups.json`, `dms.json` or `mpims.json`.
#[derive(Deserialize)]
pub(crate) struct Channel {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) name: Option<String>,
    #[serde(default)]
    pub(crate) members: Vec<String>,
}

/// A message of a day file.
#[derive(Deserialize)]
pub(crate) struct Message {
    #[serde(rename = "type", default)]
    pub(crate) kind: Option<String>,
    #[serde(default)]
    pub(crate) subtype: Option<String>,
    #[serde(default)]
    pub(crate) user: Option<String>,
    #[serde(default)]
    pub(crate) bot_id: Option<String>,
    #[serde(default)]
    pub(crate) upload: bool,
    #[serde(default)]
    pub(crate) hidden: bool,
    #[serde(default)]
    pub(crate) ts: Option<String>,
    #[serde(default)]
    pub(crate) thread_ts: Option<String>,
    #[serde(default)]
    pub(crate) parent_user_id: Option<String>,
    /// Ids mentioned in the text; the text itself is not kept.
    #[serde(rename = "text", default, deserialize_with = "mentions")]
    pub(crate) mentioned: Vec<String>,
    #[serde(default)]
    pub(crate) comment: Option<Author>,
    #[serde(default)]
    pub(crate) file: Option<Author>,
}

/// Whose a comment or a file is.
#[derive(Deserialize)]
pub(crate) struct Author {
    #[serde(default)]
    pub(crate) user: Option<String>,
}

fn mentions<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    struct Scan;
    impl Visitor<'_> for Scan {
        type Value = Vec<String>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a text or null")
        }
        fn visit_str<E>(self, text: &str) -> Result<Vec<String>, E> {
            Ok(mentioned_in(text))
        }
        fn visit_unit<E>(self) -> Result<Vec<String>, E> {
            Ok(Vec::new())
        }
    }
    deserializer.deserialize_any(Scan)
}

/// The users that `<@U1>` and `<@U1|name>` name. A typed `<` is written `&lt;` and names nobody.
fn mentioned_in(text: &str) -> Vec<String> {
    text.split("<@")
        .skip(1)
        .filter_map(|rest| {
            let id = &rest[..rest.find(['>', '|'])?];
            let plain = !id.is_empty()
                && id.len() <= 32
                && id.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
            plain.then(|| id.to_string())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mentions_are_ids_and_nothing_else() {
        assert_eq!(mentioned_in("hi <@U01> and <@U02|bob>, <!here>, <#C1|general>"), ["U01", "U02"]);
        assert_eq!(mentioned_in("&lt;@U01&gt; <@not an id> <@U03"), Vec::<String>::new());
    }

    #[test]
    fn text_is_scanned_and_dropped() {
        let message: Message =
            serde_json::from_str(r#"{"ts":"1.000001","text":"secret \u0041 <@U9>","blocks":[{"x":"secret"}]}"#)
                .unwrap();
        assert_eq!(message.mentioned, ["U9"]);
        let message: Message = serde_json::from_str(r#"{"ts":"1.000001","text":null}"#).unwrap();
        assert!(message.mentioned.is_empty());
    }
}
