//! Who a reply goes to, once everything was read: the author of its parent, or of the thread that it stands in.

use crate::copies::{Block, Named};
use crate::sieve::Sieve;
use crate::work::Work;
use crosstie_model::{Day, Lookup, Micros, Role};
use std::collections::BTreeMap;
use std::io;

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

/// A copy that answers.
struct Answer {
    at: Micros,
    key: u128,
    sender: u32,
    is_named: bool,
    answers: Answers,
    /// Day, source, file and offset: which copy it is.
    place: (Day, u32, u32, u64),
}

/// Whom copies are addressed to by what they answer, by source, file and offset.
#[derive(Default)]
pub(crate) struct Answered {
    authors: Lookup<(u32, u32, u64), Named>,
    /// Of each day, what its copies answer, as a hash.
    digests: BTreeMap<Day, blake3::Hasher>,
}

impl Answered {
    /// The author that a copy is addressed to.
    pub(crate) fn of(&self, block: &Block, row: usize) -> Option<Named> {
        self.authors.get(&(block.source, block.file, block.offsets[row])).copied()
    }

    fn note(&mut self, answer: &Answer, author: Named) {
        let (day, source, file, offset) = answer.place;
        self.authors.insert((source, file, offset), author);
        let digest = self.digests.entry(day).or_default();
        digest.update(&answer.key.to_le_bytes());
        digest.update(&offset.to_le_bytes());
        digest.update(&author.0.to_le_bytes());
    }

    /// A hash of what the copies of a day answer.
    pub(crate) fn digest(&self, day: Day) -> [u8; 32] {
        self.digests.get(&day).map_or([0; 32], |hasher| *hasher.finalize().as_bytes())
    }
}

/// Finds the author that each answer goes to. Time O(n log n) in the answers, memory 100 bytes each.
///
/// # Errors
/// What was put aside cannot be read again.
pub(crate) fn address_answers(work: &Work<'_>) -> io::Result<Answered> {
    let mut answered = Answered::default();
    if !work.copies.has_answers() {
        return Ok(answered);
    }
    let mut answers = Vec::new();
    for day in work.copies.days() {
        for block in work.copies.answering(day)? {
            let block = block.block()?;
            for row in (0..block.len()).filter(|&row| block.extra(row).answers.is_some()) {
                answers.extend(answer(&block, row, work));
            }
        }
    }
    // In each thread by time, then by message, which does not depend on the order of reading; so copies of one message
    // stand together, and a copy's author is its own.
    answers.sort_by_key(|answer| (thread_of(answer.answers), answer.at, answer.key, answer.place));
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
            let found = found.filter(|&(_, role)| role != Role::Thread || !answer.is_named);
            let is_other = |author: u32| author != answer.sender && !work.handles.has_opted_out(author);
            if let Some((author, role)) = found.filter(|&(author, _)| is_other(author)) {
                answered.note(answer, Named::new(author, role));
            }
        }
    }
    Ok(answered)
}

/// A copy that answers, unless a rule leaves it out.
fn answer(block: &Block, row: usize, work: &Work<'_>) -> Option<Answer> {
    let sieved = Sieve::new(&work.handles, block.day).copy(block.senders[row], block.recipients_of(row)).ok()?;
    Some(Answer {
        at: block.at(row),
        key: block.keys[row],
        sender: block.senders[row],
        is_named: !sieved.is_empty(),
        answers: block.extra(row).answers?,
        place: (block.day, block.source, block.file, block.offsets[row]),
    })
}

fn thread_of(answers: Answers) -> (u8, u128) {
    match answers {
        Answers::Parent(key) => (0, key),
        Answers::LastInThread(key, _) => (1, key),
        Answers::Beginning(key) => (2, key),
    }
}
