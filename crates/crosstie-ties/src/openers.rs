//! Openers and their answers, from the daily rows of a window.
//!
//! An opener is a message to one person alone, used as a tie, after 72 hours without any tie message between the two. It
//! is answered if a message to its sender alone, or a reply to the sender, follows strictly later within 168 hours. Any
//! message would count coincidence; how often coincidence "answers" is measured on placebos: another contact of the
//! sender, to whom the sender wrote nothing from 72 hours before to 168 hours after.
//!
//! Daily rows are enough: after such a silence an opener is the first contact of the pair that day. So it is the first
//! message to that person alone if that is the first of all, and nothing came back before; silence ends at the newest
//! message of earlier days; the answer is the first of its day or of the first later day that has one.

use crate::contact_days::{ContactDay, ContactDays, DAY, Place};
use crosstie_model::{Day, Micros, Opener, Openers, Stream, Window};
use rayon::prelude::*;

/// Seconds of silence before an opener.
const SILENCE: i64 = 72 * 3600;
/// Seconds within which an answer comes: five working days and a weekend.
const PATIENCE: i64 = 168 * 3600;
/// Senders that one task takes, at any thread count.
const SENDERS: usize = 64;

/// Which openers are looked for.
#[derive(Clone, Copy, Debug)]
pub struct OpenerSpan {
    /// Days on which they are sent.
    pub window: Window,
    /// The first day whose ties are known: before its first 72 hours are over, nobody can tell silence. Where it lies in
    /// the window, the first day with contact counts in its place.
    pub held_from: Day,
    /// Seed of the placebos.
    pub seed: u64,
}

/// Openers of a window in the order of (sender, recipient, time). `days` hold the window and, where they are known, three
/// days before it. Between people of whom one `is_machine` there are none.
///
/// Time O(pairs · threads + days with contact), memory 16 bytes a pair.
#[must_use]
pub fn openers(days: &ContactDays, is_machine: &[bool], span: OpenerSpan) -> Openers {
    let contact = Contact::new(days, is_machine);
    // Where the record itself begins, days without contact between members tell nothing of silence.
    let held_from =
        if span.held_from < span.window.first { span.held_from } else { contact.first_day().unwrap_or(span.held_from) };
    let span = OpenerSpan { held_from, ..span };
    let members: Vec<u32> = (0..is_machine.len() as u32).collect();
    let parts: Vec<Openers> = members
        .par_chunks(SENDERS)
        .map(|members| {
            let mut part = Openers::default();
            for &source in members {
                contact.openers_of(source, span, &mut part);
            }
            part
        })
        .collect();
    let mut out = Openers::default();
    for part in parts {
        out.openers.extend(part.openers);
        out.placebos.extend(part.placebos);
    }
    out
}

/// Who wrote to whom, machines left out.
struct Contact<'a> {
    days: &'a ContactDays,
    is_machine: &'a [bool],
    /// Of so many recipients after one another.
    incoming: Vec<Incoming>,
    recipients: usize,
}

/// Who wrote to some people, ascending.
struct Incoming {
    /// Where the senders to each begin in `senders`, and where they end.
    begins: Vec<usize>,
    /// Each with the place of what was written.
    senders: Vec<(u32, Place)>,
}

impl<'a> Contact<'a> {
    fn new(days: &'a ContactDays, is_machine: &'a [bool]) -> Contact<'a> {
        // Each task goes through all pairs, and takes its own recipients.
        let recipients = is_machine.len().div_ceil(rayon::current_num_threads()).max(1);
        let contact = Contact { days, is_machine, incoming: Vec::new(), recipients };
        let firsts: Vec<usize> = (0..is_machine.len()).step_by(recipients).collect();
        let incoming = firsts.par_iter().map(|&first| contact.incoming(first)).collect();
        Contact { incoming, ..contact }
    }

    /// Who wrote to the recipients from this one on.
    fn incoming(&self, first: usize) -> Incoming {
        let pairs = || {
            let of_sender = |source| self.sent_by(source).map(move |(target, place)| (source, target as usize, place));
            let all = (0..self.is_machine.len() as u32).flat_map(of_sender);
            all.filter_map(|(source, target, place)| {
                let at = target.checked_sub(first).filter(|&at| at < self.recipients)?;
                Some((source, at, place))
            })
        };
        let mut begins = vec![0; self.recipients + 1];
        pairs().for_each(|(_, at, _)| begins[at + 1] += 1);
        for at in 0..self.recipients {
            begins[at + 1] += begins[at];
        }
        let mut next = begins.clone();
        let mut senders = vec![(0, Place::default()); begins[self.recipients]];
        for (source, at, place) in pairs() {
            senders[next[at]] = (source, place);
            next[at] += 1;
        }
        Incoming { begins, senders }
    }

    /// The first day with contact.
    fn first_day(&self) -> Option<Day> {
        let places = (0..self.is_machine.len() as u32).flat_map(|source| self.sent_by(source));
        places.map(|(_, place)| self.days.at(place)[0].first()).min().map(|first| self.instant(first).day())
    }

    fn instant(&self, second: i64) -> Micros {
        Micros(self.days.origin().start().0 + second * 1_000_000)
    }

    /// The second at which a day starts.
    fn start(&self, day: Day) -> i64 {
        i64::from(day.0 - self.days.origin().0) * DAY
    }

    /// To whom a person wrote, ascending, and where.
    fn sent_by(&self, source: u32) -> impl Iterator<Item = (u32, Place)> {
        let sent = (!self.is_machine[source as usize]).then(|| self.days.sent_by(source));
        sent.into_iter().flatten().filter(|(target, _)| !self.is_machine[*target as usize])
    }

    /// Who wrote to a person, ascending, and where.
    fn senders_to(&self, person: u32) -> &[(u32, Place)] {
        let Incoming { begins, senders } = &self.incoming[person as usize / self.recipients];
        let at = person as usize % self.recipients;
        &senders[begins[at]..begins[at + 1]]
    }

    /// With whom a person has contact, ascending.
    fn contacts(&self, person: u32) -> Vec<u32> {
        let mut contacts: Vec<u32> = self.sent_by(person).map(|(target, _)| target).collect();
        contacts.extend(self.senders_to(person).iter().map(|(source, _)| source));
        contacts.sort_unstable();
        contacts.dedup();
        contacts
    }

    fn openers_of(&self, source: u32, span: OpenerSpan, part: &mut Openers) {
        let begin = self.start(span.window.first).max(self.start(span.held_from) + SILENCE);
        let end = self.start(span.window.last) + DAY - PATIENCE;
        let senders = self.senders_to(source);
        let contacts = self.contacts(source);
        // Both go by the other person, so one pass finds what came back.
        let mut next = 0;
        for (target, place) in self.sent_by(source) {
            while senders.get(next).is_some_and(|(other, _)| *other < target) {
                next += 1;
            }
            let own = self.days.at(place);
            let back = senders.get(next).filter(|(other, _)| *other == target);
            let back = back.map_or(&[][..], |(_, place)| self.days.at(*place));
            let (mut seen, mut newest) = (0, i64::MIN / 2);
            for (at, day) in own.iter().enumerate() {
                if at > 0 {
                    newest = newest.max(own[at - 1].last());
                }
                while seen < back.len() && back[seen].day() < day.day() {
                    newest = newest.max(back[seen].last());
                    seen += 1;
                }
                let first = day.first();
                let came_first = back.get(seen).is_some_and(|other| other.first() <= first);
                let is_opener = day.is_single() && !came_first && first - newest >= SILENCE;
                if is_opener && (begin..=end).contains(&first) {
                    let answered = is_answered(&back[seen..], first);
                    part.openers.push(Opener { source, target, at: self.instant(first), answered });
                    part.placebos.extend(self.placebo((source, &contacts), target, first, span.seed));
                }
            }
        }
    }

    /// Another contact of the sender to whom nothing was written around this time.
    fn placebo(&self, (source, contacts): (u32, &[u32]), target: u32, second: i64, seed: u64) -> Option<Opener> {
        if contacts.len() < 2 {
            return None;
        }
        let at = self.instant(second);
        let mut stream = Stream::new(seed, "placebo", &[source.into(), target.into(), at.0 as u64]);
        let mut other = contacts[stream.below(contacts.len() as u64 - 1) as usize];
        if other >= target {
            other = contacts[contacts.partition_point(|&contact| contact <= other)];
        }
        let wrote = |day: &ContactDay| day.last() >= second - SILENCE && day.first() <= second + PATIENCE;
        if self.days.between(source, other).iter().any(wrote) {
            return None;
        }
        let answered = is_answered(self.days.between(other, source), second);
        Some(Opener { source, target: other, at, answered })
    }
}

/// Whether an answer comes strictly later and in time.
fn is_answered(days: &[ContactDay], second: i64) -> bool {
    let mut answers = days.iter().filter_map(|day| day.answer());
    answers.find(|&answer| answer > second).is_some_and(|answer| answer <= second + PATIENCE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Ends, PackedDay, Rules, TieParams, day_ties, to_bytes, windows};
    use crosstie_model::{End, Lookup, Message, Messages, Recipient, Role, Venue};
    use proptest::{collection::vec, prelude::*};

    const PEOPLE: u32 = 4;
    const DAYS: i64 = 24;
    const HOUR: i64 = 3600;

    /// A message: second, sender, recipients, whether it is a reply to the first of them.
    type Sent = (i64, u32, Vec<u32>, bool);

    fn messages(list: &[Sent]) -> Messages {
        let mut out = Messages::default();
        for (second, sender, recipients, is_reply) in list {
            out.messages.push(Message {
                venue: Venue::Channel,
                place_id: None,
                sent_at: Micros(second * 1_000_000),
                sender: End::Person(*sender),
                first: out.recipients.len() as u32,
                count: recipients.len() as u32,
                recipient_count: recipients.len() as u32,
            });
            out.recipients.extend(recipients.iter().enumerate().map(|(at, &to)| Recipient {
                handle_id: to.into(),
                end: End::Person(to),
                role: if *is_reply && at == 0 { Role::Reply } else { Role::Mention },
            }));
        }
        out
    }

    fn found(list: &[Sent]) -> Openers {
        found_with(list, &[false; PEOPLE as usize], Day(0), Day(0))
    }

    /// In the window from a day on; all days are given.
    fn found_with(list: &[Sent], is_machine: &[bool], first: Day, held_from: Day) -> Openers {
        let params = TieParams { max_recipients: 8, cc_weight_thousandths: 500, groups: false };
        let ends = Ends::new(&(0..i64::from(PEOPLE)).map(|person| 100 - person).collect::<Vec<_>>(), &[]);
        let bytes: Vec<Vec<u8>> = (0..DAYS)
            .map(|day| {
                let of_day: Vec<Sent> =
                    list.iter().filter(|sent| sent.0.div_euclid(24 * HOUR) == day).cloned().collect();
                to_bytes(&day_ties(Day(day as i32), &messages(&of_day), &ends, params), &ends)
            })
            .collect();
        let packed: Vec<PackedDay<'_>> = bytes.iter().map(|bytes| PackedDay::new(bytes).unwrap()).collect();
        let mut members = Lookup::new();
        (0..PEOPLE).for_each(|member| {
            members.insert(100 - i64::from(member), member);
        });
        let window = Window { first, last: Day(DAYS as i32 - 1) };
        let days = windows(&packed, window, &members, is_machine.len(), Rules::PLAIN).contact;
        openers(&days, is_machine, OpenerSpan { window, held_from, seed: 1 })
    }

    /// The definition: a scan of all messages, at most one opener a pair, direction and day, from a second on.
    fn scan(list: &[Sent], begin: i64) -> Vec<Opener> {
        let tie = |sent: &&Sent, a: u32, b: u32| sent.1 == a && sent.2.contains(&b);
        let mut out = Vec::new();
        for sent in list.iter().filter(|sent| sent.2.len() == 1 && sent.2[0] != sent.1) {
            let (at, source, target) = (sent.0, sent.1, sent.2[0]);
            let between = list.iter().filter(|other| tie(other, source, target) || tie(other, target, source));
            let is_silent = !between.clone().any(|other| other.0 < at && other.0 > at - 72 * HOUR);
            let is_crossed = list.iter().any(|other| tie(&other, target, source) && other.0 == at);
            if !is_silent || is_crossed || at < begin || at + 168 * HOUR > DAYS * 24 * HOUR {
                continue;
            }
            let answers = |other: &&Sent| {
                let alone = other.2.len() == 1 || (other.3 && other.2[0] == source);
                tie(other, target, source) && alone && other.0 > at && other.0 <= at + 168 * HOUR
            };
            let answered = list.iter().any(|other| answers(&other));
            out.push(Opener { source, target, at: Micros(at * 1_000_000), answered });
        }
        out.sort_unstable();
        out.dedup();
        out
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]
        /// Few seconds a day, midnights among them, so that times are often equal.
        #[test]
        fn daily_rows_are_enough(
            list in vec((0..DAYS, 0..4i64, 0..PEOPLE, vec(0..PEOPLE, 1..3), any::<bool>()), 0..40),
        ) {
            let list: Vec<Sent> = list
                .into_iter()
                .map(|(day, part, from, mut to, reply)| {
                    to.dedup();
                    (day * 24 * HOUR + [0, 1, 12 * HOUR, 24 * HOUR - 1][part as usize], from, to, reply)
                })
                .filter(|(_, from, to, _)| !to.contains(from))
                .collect();
            let of_window = found(&list);
            let first = list.iter().map(|sent| sent.0 / (24 * HOUR)).min().unwrap_or(0);
            prop_assert_eq!(&of_window.openers, &scan(&list, (first * 24 + 72) * HOUR));
            // Days before the window tell silence, and hold no opener of it.
            let later = found_with(&list, &[false; PEOPLE as usize], Day(6), Day(0));
            prop_assert_eq!(later.openers, scan(&list, 6 * 24 * HOUR));
            let threads = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
            prop_assert_eq!(threads.install(|| found(&list)), of_window);
        }
    }

    #[test]
    fn an_answer_to_many_counts_if_it_is_a_reply() {
        let (before, opener) = ((0, 2, vec![3], false), (100 * HOUR, 0, vec![1], false));
        let answered = |sent: Sent| found(&[before.clone(), opener.clone(), sent]).openers[0].answered;
        assert!(answered((101 * HOUR, 1, vec![0], false)), "to the sender alone");
        assert!(!answered((101 * HOUR, 1, vec![0, 2], false)), "to others, too");
        assert!(answered((101 * HOUR, 1, vec![0, 2], true)), "a reply");
        assert!(!answered((101 * HOUR, 1, vec![2, 0], true)), "a reply to somebody else");
        assert!(answered((268 * HOUR, 1, vec![0], false)) && !answered((268 * HOUR + 1, 1, vec![0], false)));
    }

    #[test]
    fn placebos_are_contacts_who_were_not_written_to() {
        // 0 writes to 1; 2 is a contact, too, and 3 as well, but 3 was just written to.
        let list = vec![
            (10 * HOUR, 2, vec![0], false),
            (90 * HOUR, 0, vec![3, 2], false),
            (200 * HOUR, 0, vec![1], false),
            (201 * HOUR, 2, vec![0], false),
        ];
        let placebos = found(&list).placebos;
        assert!(placebos.iter().all(|placebo| placebo.target != 1 && placebo.source != placebo.target));
        let of_zero: Vec<&Opener> = placebos.iter().filter(|placebo| placebo.source == 0).collect();
        assert!(of_zero.iter().all(|placebo| placebo.answered == (placebo.target == 2)), "{of_zero:?}");
    }

    #[test]
    fn a_record_that_begins_in_the_window_tells_silence_after_three_days() {
        let opener = (100 * HOUR, 0, vec![1], false);
        assert_eq!(found(std::slice::from_ref(&opener)).openers, [], "nothing before it");
        assert_eq!(found(&[(3 * HOUR, 2, vec![3], false), opener.clone()]).openers.len(), 1);
        let machine = [false, true, false, false];
        let list = [(3 * HOUR, 2, vec![3], false), opener, (101 * HOUR, 2, vec![3], false)];
        let of = found_with(&list, &machine, Day(0), Day(-9)).openers;
        assert_eq!(of.iter().map(|opener| opener.source).collect::<Vec<_>>(), [2, 2], "a machine gets no opener");
    }
}
