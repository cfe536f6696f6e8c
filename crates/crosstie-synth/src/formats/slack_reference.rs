//! The same chat messages as a Slack export: what the other chat formats are compared with.

use super::made::{Chat, Made, as_sent};
use super::pipeline::{Pipeline, source};
use crate::slack::clean_archive;

/// All chat messages.
pub(crate) fn files(made: &Made<'_>) -> Vec<(String, Vec<u8>)> {
    export("slack", made, &made.chats)
}

/// `FOLDER/reference/` with exactly these.
pub(crate) fn reference(folder: &str, made: &Made<'_>, chats: &[Chat]) -> Vec<(String, Vec<u8>)> {
    export(&format!("{folder}/reference"), made, chats)
}

fn export(folder: &str, made: &Made<'_>, chats: &[Chat]) -> Vec<(String, Vec<u8>)> {
    vec![
        Pipeline::reading(folder, source("chat", "slack", "slack-export.zip", "")).file(),
        (format!("formats/{folder}/slack-export.zip"), clean_archive(made.staff, &as_sent(chats))),
    ]
}
