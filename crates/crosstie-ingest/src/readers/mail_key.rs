//! What finds the copies of a mail: its Message-ID with the sender, else sender, time and recipients. No source is in
//! it, so a mailbox copy and a log row meet.

use crate::work::Work;
use crosstie_model::{Micros, Role};

/// Ids that exporters write where there is none.
const NO_ID: [&str; 5] = ["N/A", "NULL", "-", "<>", "SMTPIN_ADDED_REJECT_SESSION"];

/// A Message-ID without brackets and blanks; `None` if it is none.
pub(crate) fn message_id(text: &str) -> Option<&str> {
    let id = text.trim().trim_matches(['<', '>']).trim();
    (!id.is_empty() && !NO_ID.iter().any(|none| none.eq_ignore_ascii_case(id))).then_some(id)
}

/// The key of a mail with an id.
pub(crate) fn by_id(work: &Work<'_>, id: &str, sender: u32) -> u128 {
    work.message_key(&[b"mid", id.as_bytes(), &work.handles.id(sender).to_be_bytes()])
}

/// The key of a mail without one.
pub(crate) fn by_content(work: &Work<'_>, sender: u32, at: Micros, recipients: &[(u32, Role)]) -> u128 {
    let mut ids: Vec<i64> = recipients.iter().map(|&(handle, _)| work.handles.id(handle)).collect();
    ids.sort_unstable();
    ids.dedup();
    let ids: Vec<u8> = ids.into_iter().flat_map(i64::to_be_bytes).collect();
    work.message_key(&[b"mail", &work.handles.id(sender).to_be_bytes(), &at.0.to_be_bytes(), &ids])
}

/// The key under which the author of a mail is found by those who answer it.
pub(crate) fn author(work: &Work<'_>, id: &str) -> u128 {
    work.message_key(&[b"mail-author", id.as_bytes()])
}
