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

use crate::day::WHOLE;
use crate::day_bytes::PackedDay;
use crosstie_model::{DAY_MICROS, Day, Lookup, Micros, Opener, Openers, Stream, Window};
use rayon::prelude::*;

/// Microseconds of silence before an opener.
const SILENCE: i64 = 72 * 3_600_000_000;
/// Microseconds within which an answer comes: five working days and a weekend.
const PATIENCE: i64 = 168 * 3_600_000_000;
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

/// What one person sent to another on a day.
#[derive(Clone, Copy)]
struct Row {
    target: u32,
    first: i64,
    last: i64,
    /// First message to that person alone.
    single: Option<i64>,
    /// First message to that person alone, or first reply.
    answer: Option<i64>,
}

/// Openers of a window in the order of (sender, recipient, time). `days` hold the window and, where they are known, three
/// days before it. Between people of whom one `is_machine` there are none.
///
/// Time O(rows log rows), memory about 60 bytes a pair and day with contact.
#[must_use]
pub fn openers(
    days: &[PackedDay<'_>],
    member_of_id: &Lookup<i64, u32>,
    is_machine: &[bool],
    span: OpenerSpan,
) -> Openers {
    let rows = Rows::new(days, member_of_id, is_machine);
    // Where the record itself begins, days without contact between members tell nothing of silence.
    let is_known = span.held_from.start().0 + SILENCE <= span.window.first.start().0;
    let held_from = if is_known { span.held_from } else { rows.first_day().unwrap_or(span.held_from) };
    let span = OpenerSpan { held_from, ..span };
    let members: Vec<u32> = (0..is_machine.len() as u32).collect();
    let parts: Vec<Openers> = members
        .par_chunks(SENDERS)
        .map(|members| {
            let mut part = Openers::default();
            for &source in members {
                rows.openers_of(source, span, &mut part);
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

/// Rows by sender, then recipient, then time; and with whom each person has contact.
struct Rows {
    by_source: Vec<Vec<Row>>,
    contacts: Vec<Vec<u32>>,
}

impl Rows {
    fn new(days: &[PackedDay<'_>], member_of_id: &Lookup<i64, u32>, is_machine: &[bool]) -> Rows {
        let mut days: Vec<&PackedDay<'_>> = days.iter().collect();
        days.sort_by_key(|day| day.day);
        let mut by_source: Vec<Vec<Row>> = vec![Vec::new(); is_machine.len()];
        for day in days {
            let member = |id: i64| member_of_id.get(&id).copied().filter(|&member| !is_machine[member as usize]);
            let members: Vec<Option<u32>> = day.ids().map(member).collect();
            for (end, member) in (0..).zip(&members) {
                if let Some(source) = *member {
                    rows_of_day(day, end, source, &members, &mut by_source[source as usize]);
                }
            }
        }
        by_source.par_iter_mut().for_each(|rows| rows.sort_by_key(|row| (row.target, row.first)));
        let mut contacts: Vec<Vec<u32>> = vec![Vec::new(); by_source.len()];
        for (source, rows) in (0..).zip(&by_source) {
            for same in rows.chunk_by(|a, b| a.target == b.target) {
                contacts[source as usize].push(same[0].target);
                contacts[same[0].target as usize].push(source);
            }
        }
        contacts.par_iter_mut().for_each(|contacts| {
            contacts.sort_unstable();
            contacts.dedup();
        });
        Rows { by_source, contacts }
    }

    /// The first day with contact.
    fn first_day(&self) -> Option<Day> {
        self.by_source.iter().flatten().map(|row| row.first).min().map(|first| Micros(first).day())
    }

    /// What one person sent to another, day by day.
    fn between(&self, source: u32, target: u32) -> &[Row] {
        let rows = &self.by_source[source as usize];
        let begin = rows.partition_point(|row| row.target < target);
        let end = rows.partition_point(|row| row.target <= target);
        &rows[begin..end]
    }

    fn openers_of(&self, source: u32, span: OpenerSpan, part: &mut Openers) {
        let begin = span.window.first.start().0.max(span.held_from.start().0 + SILENCE);
        let end = span.window.last.start().0 + DAY_MICROS - PATIENCE;
        for own in self.by_source[source as usize].chunk_by(|a, b| a.target == b.target) {
            let target = own[0].target;
            let back = self.between(target, source);
            let (mut seen, mut newest) = (0, i64::MIN / 2);
            for (at, row) in own.iter().enumerate() {
                if at > 0 {
                    newest = newest.max(own[at - 1].last);
                }
                let day = day_of(row.first);
                while seen < back.len() && day_of(back[seen].first) < day {
                    newest = newest.max(back[seen].last);
                    seen += 1;
                }
                let came_first = back.get(seen).is_some_and(|other| other.first <= row.first);
                let is_opener = row.single == Some(row.first) && !came_first && row.first - newest >= SILENCE;
                if is_opener && (begin..=end).contains(&row.first) {
                    let answered = is_answered(&back[seen..], row.first);
                    part.openers.push(Opener { source, target, at: Micros(row.first), answered });
                    part.placebos.extend(self.placebo(source, target, row.first, span.seed));
                }
            }
        }
    }

    /// Another contact of the sender to whom nothing was written around this time.
    fn placebo(&self, source: u32, target: u32, at: i64, seed: u64) -> Option<Opener> {
        let contacts = &self.contacts[source as usize];
        if contacts.len() < 2 {
            return None;
        }
        let mut stream = Stream::new(seed, "placebo", &[source.into(), target.into(), at as u64]);
        let mut other = contacts[stream.below(contacts.len() as u64 - 1) as usize];
        if other >= target {
            other = contacts[contacts.partition_point(|&contact| contact <= other)];
        }
        let wrote = |row: &Row| row.last >= at - SILENCE && row.first <= at + PATIENCE;
        if self.between(source, other).iter().any(wrote) {
            return None;
        }
        let answered = is_answered(self.between(other, source), at);
        Some(Opener { source, target: other, at: Micros(at), answered })
    }
}

/// Whether an answer comes strictly later and in time.
fn is_answered(rows: &[Row], at: i64) -> bool {
    let later = rows.iter().filter_map(|row| row.answer).find(|&answer| answer > at);
    later.is_some_and(|answer| answer <= at + PATIENCE)
}

fn day_of(at: i64) -> i64 {
    at.div_euclid(DAY_MICROS)
}

/// Adds what an end sent to members on a day, a row a recipient.
fn rows_of_day(day: &PackedDay<'_>, end: u32, source: u32, members: &[Option<u32>], rows: &mut Vec<Row>) {
    let start = day.day.start().0;
    let from = rows.len();
    for tie in day.ties_of(end).filter(|tie| tie.units > 0) {
        let Some(target) = members[tie.target as usize].filter(|&target| target != source) else { continue };
        let second = |second: u32| start + i64::from(second) * 1_000_000;
        let (first, last) = (second(tie.first), second(tie.last));
        let single = (tie.units == WHOLE).then_some(first);
        let answer = single.or(tie.reply.then_some(first));
        match rows[from..].iter_mut().find(|row| row.target == target) {
            Some(row) => {
                row.first = row.first.min(first);
                row.last = row.last.max(last);
                row.single = row.single.into_iter().chain(single).min();
                row.answer = row.answer.into_iter().chain(answer).min();
            }
            None => rows.push(Row { target, first, last, single, answer }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Ends, TieParams, day_ties, to_bytes};
    use crosstie_model::{End, Message, Messages, Recipient, Role, Venue};
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
        found_with(list, &[false; PEOPLE as usize], Day(0))
    }

    fn found_with(list: &[Sent], is_machine: &[bool], held_from: Day) -> Openers {
        let params = TieParams { max_recipients: 8, cc_weight_thousandths: 500 };
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
        let window = Window { first: Day(0), last: Day(DAYS as i32 - 1) };
        openers(&packed, &members, is_machine, OpenerSpan { window, held_from, seed: 1 })
    }

    /// The definition: a scan of all messages, at most one opener a pair, direction and day.
    fn scan(list: &[Sent]) -> Vec<Opener> {
        let begin = list.iter().map(|sent| sent.0 / (24 * HOUR)).min().unwrap_or(0) * 24 * HOUR;
        let tie = |sent: &&Sent, a: u32, b: u32| sent.1 == a && sent.2.contains(&b);
        let mut out = Vec::new();
        for sent in list.iter().filter(|sent| sent.2.len() == 1 && sent.2[0] != sent.1) {
            let (at, source, target) = (sent.0, sent.1, sent.2[0]);
            let between = list.iter().filter(|other| tie(other, source, target) || tie(other, target, source));
            let is_silent = !between.clone().any(|other| other.0 < at && other.0 > at - 72 * HOUR);
            let is_crossed = list.iter().any(|other| tie(&other, target, source) && other.0 == at);
            if !is_silent || is_crossed || at < begin + 72 * HOUR || at + 168 * HOUR > DAYS * 24 * HOUR {
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
            prop_assert_eq!(found(&list).openers, scan(&list));
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
        let of = found_with(&list, &machine, Day(-9)).openers;
        assert_eq!(of.iter().map(|opener| opener.source).collect::<Vec<_>>(), [2, 2], "a machine gets no opener");
    }
}
