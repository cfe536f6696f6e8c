//! What every format writes: the mails with their spellings, fixed once, and the chat messages with their rooms.

use crate::mail::spelling;
use crate::people::Staff;
use crate::traffic::{Channel, Sent};
use crate::{FIRST_DAY, SynthParams};
use crosstie_model::{Day, Micros, Stream};
use std::collections::{BTreeMap, BTreeSet};

use super::clock::whole_second;

/// One organization's people, mails and chat messages, and what its exports call people.
pub(crate) struct Made<'a> {
    pub(crate) seed: u64,
    pub(crate) staff: &'a Staff,
    pub(crate) names: Vec<Name>,
    pub(crate) mails: Vec<Mail>,
    pub(crate) chats: Vec<Chat>,
    pub(crate) last_day: Day,
}

/// A name that no other person bears.
pub(crate) struct Name {
    pub(crate) given: String,
    pub(crate) family: String,
}

impl Name {
    /// `Given Family`
    pub(crate) fn full(&self) -> String {
        format!("{} {}", self.given, self.family)
    }
}

/// A person in one spelling of an address.
#[derive(Clone)]
pub(crate) struct Spelled {
    pub(crate) person: usize,
    pub(crate) address: String,
}

/// A mail, to the second.
pub(crate) struct Mail {
    pub(crate) id: String,
    pub(crate) number: usize,
    pub(crate) at: Micros,
    pub(crate) sender: Spelled,
    pub(crate) to: Vec<Spelled>,
    pub(crate) cc: Vec<Spelled>,
    /// Message id of the mail that this one answers.
    pub(crate) answers: Option<String>,
}

impl Mail {
    /// Everybody it goes to.
    pub(crate) fn recipients(&self) -> impl Iterator<Item = &Spelled> {
        self.to.iter().chain(&self.cc)
    }
}

/// Where a chat message stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Room {
    /// Two people, the smaller number first.
    Pair(usize, usize),
    /// Three to five people, sorted.
    Group(Vec<usize>),
    /// The channel of a unit.
    Channel(usize),
}

impl Room {
    /// The people of a direct or group chat.
    pub(crate) fn members(&self) -> Vec<usize> {
        match self {
            Room::Pair(a, b) => vec![*a, *b],
            Room::Group(members) => members.clone(),
            Room::Channel(_) => Vec::new(),
        }
    }
}

/// How a chat message names its recipients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Direct,
    Group,
    /// A post that mentions whom it names, perhaps nobody.
    Post,
    /// An answer in the thread of its parent, to the parent's author.
    Reply,
}

/// A chat message, to the millisecond. No two have one time; in one room, or of one sender, no two have one second.
#[derive(Clone)]
pub(crate) struct Chat {
    pub(crate) at: Micros,
    pub(crate) kind: Kind,
    pub(crate) sender: usize,
    pub(crate) named: Vec<usize>,
    pub(crate) room: Room,
    /// Index of the message that it answers, which comes before it.
    pub(crate) parent: Option<usize>,
}

impl<'a> Made<'a> {
    pub(crate) fn new(params: &SynthParams, staff: &'a Staff, traffic: &[Sent]) -> Made<'a> {
        Made {
            seed: params.seed,
            staff,
            names: (0..staff.people.len()).map(|person| name(staff, person)).collect(),
            mails: mails(params, staff, traffic),
            chats: chats(staff, traffic),
            last_day: FIRST_DAY.plus(params.days as i32 - 1),
        }
    }

    /// The person's GUID in Microsoft's directory.
    pub(crate) fn guid(&self, person: usize) -> String {
        super::text::guid(self.seed, "person", person)
    }

    pub(crate) fn address(&self, person: usize) -> &str {
        &self.staff.people[person].address
    }
}

/// The number in base 20 becomes middle names, so that no two people have one name.
fn name(staff: &Staff, person: usize) -> Name {
    const MIDDLE: [&str; 20] = [
        "Ada", "Bela", "Cori", "Dano", "Elin", "Faro", "Gita", "Hale", "Ivo", "Juna", "Kei", "Lumi", "Mika", "Nori",
        "Odan", "Pia", "Quin", "Runa", "Sela", "Tavi",
    ];
    let local = staff.people[person].address.split('@').next().unwrap_or_default();
    let (first, last) = local.split_once('.').unwrap_or((local, ""));
    let mut middle = Vec::new();
    let mut left = person;
    while left > 0 {
        middle.push(MIDDLE[left % 20]);
        left /= 20;
    }
    middle.push("");
    middle.reverse();
    Name {
        given: format!("{}{}", capital(first), middle.join(" ")),
        family: capital(last.trim_end_matches(|c: char| c.is_ascii_digit())),
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

fn mails(params: &SynthParams, staff: &Staff, traffic: &[Sent]) -> Vec<Mail> {
    let mut stream = Stream::new(params.seed, "synth-formats-mail", &[]);
    let id = |number: usize| format!("m{number}@{}", crate::people::DOMAIN);
    let mut spelled = |people: &[usize]| -> Vec<Spelled> {
        people.iter().map(|&person| Spelled { person, address: spelling(staff, person, &mut stream) }).collect()
    };
    let mut mails: Vec<Mail> = traffic
        .iter()
        .enumerate()
        .filter(|(_, sent)| sent.channel == Channel::Mail)
        .map(|(number, sent)| Mail {
            id: id(number),
            number,
            at: whole_second(sent.at),
            sender: spelled(&[sent.sender]).remove(0),
            to: spelled(&sent.to),
            cc: spelled(&sent.cc),
            answers: sent.answers.map(id),
        })
        .collect();
    mails.sort_by_key(|mail| (mail.at, mail.number));
    mails
}

fn chats(staff: &Staff, traffic: &[Sent]) -> Vec<Chat> {
    let mut free = Free::default();
    let mut at_of: BTreeMap<usize, usize> = BTreeMap::new();
    let mut chats: Vec<Chat> = Vec::new();
    for (number, sent) in traffic.iter().enumerate().filter(|(_, sent)| sent.channel != Channel::Mail) {
        let parent = sent.answers.and_then(|parent| at_of.get(&parent).copied());
        let room = parent.map_or_else(|| room(staff, sent), |parent| chats[parent].room.clone());
        let earliest = parent.map_or(0, |parent| chats[parent].at.0 + 1_000_000);
        let at = free.take(Micros(sent.at.0.max(earliest)), &room, sent.sender);
        let kind = match (sent.channel, parent) {
            (Channel::Direct, _) => Kind::Direct,
            (Channel::Group, _) => Kind::Group,
            (_, Some(_)) => Kind::Reply,
            _ => Kind::Post,
        };
        let named = match kind {
            Kind::Direct | Kind::Group => room.members().into_iter().filter(|&member| member != sent.sender).collect(),
            Kind::Post | Kind::Reply => sent.to.iter().chain(&sent.cc).copied().collect(),
        };
        at_of.insert(number, chats.len());
        chats.push(Chat { at, kind, sender: sent.sender, named, room, parent });
    }
    in_time_order(chats)
}

fn room(staff: &Staff, sent: &Sent) -> Room {
    let mut members: Vec<usize> = sent.to.iter().chain(&sent.cc).copied().chain([sent.sender]).collect();
    members.sort_unstable();
    match sent.channel {
        Channel::Direct => Room::Pair(members[0], members[1]),
        Channel::Group => Room::Group(members),
        Channel::Mail | Channel::Post => Room::Channel(staff.people[sent.sender].unit),
    }
}

/// Times that are taken. Formats make a message's key from room or sender and its time, some to the second.
#[derive(Default)]
struct Free {
    times: BTreeSet<i64>,
    rooms: BTreeSet<(Room, i64)>,
    senders: BTreeSet<(usize, i64)>,
}

impl Free {
    /// The first free time from here on, in steps of a second.
    fn take(&mut self, from: Micros, room: &Room, sender: usize) -> Micros {
        let mut at = from.0.div_euclid(1000) * 1000;
        loop {
            let second = at.div_euclid(1_000_000);
            let taken = self.times.contains(&at)
                || self.rooms.contains(&(room.clone(), second))
                || self.senders.contains(&(sender, second));
            if !taken {
                self.times.insert(at);
                self.rooms.insert((room.clone(), second));
                self.senders.insert((sender, second));
                return Micros(at);
            }
            at += 1_000_000;
        }
    }
}

fn in_time_order(chats: Vec<Chat>) -> Vec<Chat> {
    let mut order: Vec<usize> = (0..chats.len()).collect();
    order.sort_by_key(|&at| chats[at].at);
    pick(&chats, &order)
}

/// The chats at these places, with their parents' new places.
fn pick(chats: &[Chat], order: &[usize]) -> Vec<Chat> {
    let new_of: BTreeMap<usize, usize> = order.iter().enumerate().map(|(new, &old)| (old, new)).collect();
    let moved = |chat: &Chat| chat.parent.and_then(|parent| new_of.get(&parent).copied());
    order.iter().map(|&old| Chat { parent: moved(&chats[old]), ..chats[old].clone() }).collect()
}

/// The chats that a format carries. A parent that is not kept is forgotten.
pub(crate) fn kept(chats: &[Chat], keep: impl Fn(&Chat) -> bool) -> Vec<Chat> {
    let order: Vec<usize> = (0..chats.len()).filter(|&at| keep(&chats[at])).collect();
    pick(chats, &order)
}

/// The same messages for the Slack writer.
pub(crate) fn as_sent(chats: &[Chat]) -> Vec<Sent> {
    chats
        .iter()
        .map(|chat| Sent {
            at: chat.at,
            channel: match chat.kind {
                Kind::Direct => Channel::Direct,
                Kind::Group => Channel::Group,
                Kind::Post | Kind::Reply => Channel::Post,
            },
            sender: chat.sender,
            to: chat.named.clone(),
            cc: Vec::new(),
            // Elsewhere a parent only says where a message stands.
            answers: chat.parent.filter(|_| chat.kind == Kind::Reply),
        })
        .collect()
}
