//! Who a reply goes to, once everything was read: the author of its parent, or of the thread that it stands in.

use crate::work::Work;
use crosstie_model::{Micros, Role};

/// What a message answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answers {
    /// The message with this key.
    Parent(u128),
    /// Whoever wrote last in this thread before, if not the sender and within so many microseconds.
    LastInThread(u128, i64),
    /// Whoever began this thread.
    Beginning(u128),
}

impl Answers {
    /// The message that is answered.
    pub(crate) const fn parent(self) -> Option<u128> {
        match self {
            Answers::Parent(key) => Some(key),
            _ => None,
        }
    }

    /// The thread that the message stands in.
    pub(crate) const fn thread(self) -> Option<u128> {
        match self {
            Answers::LastInThread(key, _) | Answers::Beginning(key) => Some(key),
            Answers::Parent(_) => None,
        }
    }
}

/// A message that answers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answer {
    /// Index of its entry.
    pub(crate) entry: u32,
    pub(crate) at: Micros,
    pub(crate) sender: u32,
    pub(crate) answers: Answers,
}

/// Adds the authors to the recipients of the entries. Time O(n log n).
pub(crate) fn address_answers(work: &mut Work<'_>) {
    let mut answers = std::mem::take(&mut work.answers);
    // In each thread by time, then by message, which does not depend on the order of reading; so copies of one message
    // stand together, and a copy's author is its own.
    let key_of = |answer: &Answer| work.entries[answer.entry as usize].key;
    answers.sort_by_key(|answer| (thread_of(answer.answers), answer.at, key_of(answer), answer.entry));
    for thread in answers.chunk_by(|a, b| thread_of(a.answers) == thread_of(b.answers)) {
        for (place, answer) in thread.iter().enumerate() {
            let found = match answer.answers {
                Answers::Parent(key) => work.authors.get(&key).copied().map(|author| (author, Role::Reply)),
                Answers::LastInThread(_, within) => thread[..place]
                    .iter()
                    .rev()
                    .take_while(|earlier| answer.at.0 - earlier.at.0 <= within)
                    .find(|earlier| earlier.sender != answer.sender)
                    .map(|earlier| (earlier.sender, Role::Thread)),
                Answers::Beginning(_) => thread.first().map(|first| (first.sender, Role::Reply)),
            };
            // Who names somebody in a thread writes to them.
            let is_named = work.entries[answer.entry as usize].count > 0;
            let found = found.filter(|&(_, role)| role != Role::Thread || !is_named);
            if let Some((author, role)) = found.filter(|&(author, _)| author != answer.sender) {
                name(work, answer.entry, author, role);
            }
        }
    }
}

fn thread_of(answers: Answers) -> (u8, u128) {
    match answers {
        Answers::Parent(key) => (0, key),
        Answers::LastInThread(key, _) => (1, key),
        Answers::Beginning(key) => (2, key),
    }
}

/// One more recipient of an entry; its list moves to the end, since lists lie one behind the other.
fn name(work: &mut Work<'_>, entry: u32, author: u32, role: Role) {
    if work.handles.has_opted_out(author) {
        return;
    }
    let entry = &mut work.entries[entry as usize];
    let (first, count) = (entry.first as usize, entry.count as usize);
    let begin = work.recipients.len();
    work.recipients.extend_from_within(first..first + count);
    work.recipients.push((author, role));
    (entry.first, entry.count) = (begin as u32, count as u32 + 1);
}
