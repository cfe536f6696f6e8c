//! Messages over time: working hours and weekends, answers, copies, broadcasts.

use crate::contacts::Contacts;
use crate::people::Staff;
use crate::{FIRST_DAY, SynthParams};
use crosstie_model::{DAY_MICROS, Day, Micros, Stream};

/// How a message was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Channel {
    /// Mail.
    Mail,
    /// A direct chat.
    Direct,
    /// A chat of three to five.
    Group,
    /// A post in a unit's channel that mentions its recipients or answers one.
    Post,
}

/// One message between people.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) at: Micros,
    pub(crate) channel: Channel,
    pub(crate) sender: usize,
    pub(crate) to: Vec<usize>,
    pub(crate) cc: Vec<usize>,
    /// Index of the message that this one answers.
    pub(crate) answers: Option<usize>,
}

/// Tenths of messages that go by chat.
const CHAT_TENTHS: u64 = 3;
/// Per cent of messages that get an answer.
const ANSWERED: u64 = 45;
/// Hour weights from 6 to 19 UTC.
const HOURS: [u64; 14] = [1, 3, 8, 12, 13, 10, 6, 9, 12, 12, 10, 6, 2, 1];
/// Weights of Monday to Sunday.
pub(crate) const WEEKDAYS: [u64; 7] = [20, 22, 22, 21, 17, 1, 1];

/// All messages in order of time.
pub(crate) fn traffic(params: &SynthParams, staff: &Staff, contacts: &Contacts) -> Vec<Sent> {
    let mut stream = Stream::new(params.seed, "synth-traffic", &[]);
    let activity = activity(staff, &mut stream);
    let mut sent: Vec<Sent> = Vec::new();
    while sent.len() < params.messages as usize {
        let day = day(params, &mut stream);
        let at = time(day, &mut stream);
        let sender = weighted(&activity, &mut stream);
        let there: Vec<(usize, u32)> =
            contacts.of[sender].iter().copied().filter(|&(other, _)| staff.people[other].works(day)).collect();
        if !staff.people[sender].works(day) || there.is_empty() {
            continue;
        }
        let first = pick(&there, &mut stream);
        let (to, cc) = recipients(first, &there, &mut stream);
        let channel = channel(to.len() + cc.len(), &mut stream);
        let message = Sent { at, channel, sender, to, cc, answers: None };
        let answer = (stream.below(100) < ANSWERED).then(|| answer(&message, sent.len(), staff, &mut stream)).flatten();
        sent.push(message);
        sent.extend(answer);
    }
    sent
}

/// People differ in how much they write: from 1 to 7 times.
pub(crate) fn activity(staff: &Staff, stream: &mut Stream) -> Vec<u64> {
    (0..staff.people.len()).map(|_| 2 + stream.below(4) * stream.below(5)).collect()
}

fn day(params: &SynthParams, stream: &mut Stream) -> Day {
    loop {
        let day = FIRST_DAY.plus(stream.below(u64::from(params.days)) as i32);
        if stream.below(22) < WEEKDAYS[day.weekday() as usize] {
            return day;
        }
    }
}

pub(crate) fn time(day: Day, stream: &mut Stream) -> Micros {
    let hour = 6 + weighted(&HOURS, stream) as i64;
    let within = stream.below(3600 * 1_000_000) as i64;
    Micros(day.start().0 + hour * 3600 * 1_000_000 + within)
}

/// An index with probability in proportion to its weight.
fn weighted(weights: &[u64], stream: &mut Stream) -> usize {
    let mut left = stream.below(weights.iter().sum::<u64>().max(1));
    for (at, &weight) in weights.iter().enumerate() {
        if left < weight {
            return at;
        }
        left -= weight;
    }
    0
}

fn pick(there: &[(usize, u32)], stream: &mut Stream) -> usize {
    let weights: Vec<u64> = there.iter().map(|&(_, weight)| u64::from(weight)).collect();
    there[weighted(&weights, stream)].0
}

/// One recipient mostly; else two to five, some of them as copies.
fn recipients(first: usize, there: &[(usize, u32)], stream: &mut Stream) -> (Vec<usize>, Vec<usize>) {
    let (mut to, mut cc) = (vec![first], Vec::new());
    if stream.below(100) < 30 {
        for _ in 0..1 + stream.below(4) {
            let other = pick(there, stream);
            if !to.contains(&other) && !cc.contains(&other) {
                if stream.below(2) == 0 { &mut to } else { &mut cc }.push(other);
            }
        }
    }
    (to, cc)
}

fn channel(recipients: usize, stream: &mut Stream) -> Channel {
    if stream.below(10) >= CHAT_TENTHS {
        return Channel::Mail;
    }
    match recipients {
        1 if stream.below(3) > 0 => Channel::Direct,
        2..=4 if stream.below(2) == 0 => Channel::Group,
        _ => Channel::Post,
    }
}

/// An answer by the first recipient, on the same channel, within a working day. Answers in groups go to all.
fn answer(message: &Sent, index: usize, staff: &Staff, stream: &mut Stream) -> Option<Sent> {
    let delay = (60 + stream.below(6 * 3600)) as i64 * 1_000_000;
    let at = Micros(message.at.0 + delay);
    let sender = message.to[0];
    let same_day = at.0.div_euclid(DAY_MICROS) == message.at.0.div_euclid(DAY_MICROS);
    (same_day && staff.people[sender].works(at.day())).then(|| Sent {
        at,
        channel: message.channel,
        sender,
        to: vec![message.sender],
        cc: Vec::new(),
        answers: Some(index),
    })
}
