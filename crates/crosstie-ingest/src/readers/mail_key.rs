//! What finds the copies of a mail: its Message-ID with the sender, else sender, time and recipients. No source is in
//! it, so a mailbox copy and a log row meet.

use crate::work::Work;
use crosstie_model::{KeyedHash, Micros, Purpose, Role};

/// Ids that exporters write where there is none.
const NO_ID: [&str; 5] = ["N/A", "NULL", "-", "<>", "SMTPIN_ADDED_REJECT_SESSION"];

/// A Message-ID without brackets and blanks; `None` if it is none.
pub(crate) fn message_id(text: &str) -> Option<&str> {
    let id = bare(text).unwrap_or_else(|| text.trim().trim_matches(['<', '>']).trim());
    (!id.is_empty() && !NO_ID.iter().any(|none| none.eq_ignore_ascii_case(id))).then_some(id)
}

/// The id in the two forms that nearly all have, `id` and `<id>`, where nothing else is to be taken away.
fn bare(text: &str) -> Option<&str> {
    let id = text.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).unwrap_or(text);
    let ends = id.as_bytes().first().zip(id.as_bytes().last());
    ends.is_some_and(|(first, last)| first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric()).then_some(id)
}

/// The same of bytes in a form that nearly all ids have; `None` of any other.
pub(crate) fn common_id(bytes: &[u8]) -> Option<&[u8]> {
    let id = bytes.strip_prefix(b"<").and_then(|rest| rest.strip_suffix(b">")).unwrap_or(bytes);
    let ends = id.first().zip(id.last());
    let is_bare = ends.is_some_and(|(first, last)| first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric());
    let is_none = || NO_ID.iter().any(|none| none.as_bytes().eq_ignore_ascii_case(id));
    (is_bare && id.is_ascii() && !is_none()).then_some(id)
}

/// The key of a mail with an id.
pub(crate) fn by_id(work: &Work<'_>, id: &str, sender: u32) -> u128 {
    let sender = work.handles.id(sender).to_be_bytes();
    u128::from_be_bytes(work.keyed.hash(Purpose::Message, &[b"mid", id.as_bytes(), &sender]))
}

/// The same of many mails at once, the senders' ids as big-endian bytes.
pub(crate) fn by_id_of_each<'i>(
    keyed: &dyn KeyedHash,
    mails: impl Iterator<Item = (&'i [u8], &'i [u8; 8])>,
) -> impl Iterator<Item = u128> {
    let lists: Vec<[&[u8]; 3]> = mails.map(|(id, sender)| [b"mid", id, sender.as_slice()]).collect();
    keyed.hash_each(Purpose::Message, &lists).into_iter().map(u128::from_be_bytes)
}

/// The key of a mail without one.
pub(crate) fn by_content(work: &Work<'_>, sender: u32, at: Micros, recipients: &[(u32, Role)]) -> u128 {
    let ids = recipients.iter().map(|&(handle, _)| work.handles.id(handle)).collect();
    by_content_of(work.keyed, work.handles.id(sender), at, ids)
}

/// The same, by keyed ids.
pub(crate) fn by_content_of(keyed: &dyn KeyedHash, sender: i64, at: Micros, mut ids: Vec<i64>) -> u128 {
    ids.sort_unstable();
    ids.dedup();
    let ids: Vec<u8> = ids.into_iter().flat_map(i64::to_be_bytes).collect();
    let parts: [&[u8]; 4] = [b"mail", &sender.to_be_bytes(), &at.0.to_be_bytes(), &ids];
    u128::from_be_bytes(keyed.hash(Purpose::Message, &parts))
}

/// The key under which the author of a mail is found by those who answer it.
pub(crate) fn author(work: &Work<'_>, id: &str) -> u128 {
    work.message_key(&[b"mail-author", id.as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn common_ids_are_ids(text in "<?( ?[a-zN/A.@<>é-]{0,8}|n/a|NULL)>?") {
            if let Some(id) = common_id(text.as_bytes()) {
                prop_assert_eq!(message_id(&text).map(str::as_bytes), Some(id));
            }
        }
    }

    #[test]
    fn what_is_a_common_id() {
        assert_eq!(common_id(b"<a1@x>"), Some(b"a1@x".as_slice()));
        assert_eq!(common_id(b"a1@x"), Some(b"a1@x".as_slice()));
        for other in ["", "<>", "n/a", "<null>", " a", "<<a>>", "é"] {
            assert_eq!(common_id(other.as_bytes()), None, "{other}");
        }
    }
}
