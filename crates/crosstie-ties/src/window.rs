//! The messages of a window as slots, weekly ties and window ties.

use crate::share::shares;
use crosstie_model::{End, Messages, Micros, Slot, Stratum, Venue, Weight, Window, WindowTie, WindowTies};

/// How contact becomes weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TieParams {
    /// Messages that name more recipients make no tie.
    pub max_recipients: u32,
    /// Part of a copy recipient against a direct one, in thousandths.
    pub cc_weight_thousandths: u32,
}

/// One (message, recipient) row between two members.
struct Event {
    source: u32,
    target: u32,
    at: Micros,
    message: u32,
    chat: bool,
    units: u32,
}

/// The ties of a window. `member_of[p]` is the member that person `p` of the directory is on the run's date.
///
/// Time O(rows log rows), memory 32 bytes a row.
#[must_use]
pub fn window_ties(messages: &Messages, member_of: &[Option<u32>], window: Window, params: TieParams) -> WindowTies {
    let mut out = WindowTies::default();
    let mut events = Vec::new();
    let member = |end: End| match end {
        End::Person(person) => member_of[person as usize],
        End::Account(_) | End::External => None,
    };
    for (number, message) in (0..).zip(&messages.messages) {
        if !window.contains(message.sent_at.day()) {
            continue;
        }
        let recipients = messages.recipients_of(message);
        if message.recipient_count == 0 {
            out.unaddressed_count += 1;
            continue;
        }
        if message.recipient_count > params.max_recipients {
            out.over_max_recipients_count += 1;
            continue;
        }
        out.messages_count += 1;
        let sender = member(message.sender);
        let before = events.len();
        for (recipient, units) in recipients.iter().zip(shares(recipients, params.cc_weight_thousandths)) {
            out.slots_seen_count += u64::from(units > 0);
            match (sender, member(recipient.end)) {
                (Some(source), Some(target)) if source != target && units > 0 => events.push(Event {
                    source,
                    target,
                    at: message.sent_at,
                    message: number,
                    chat: message.venue != Venue::Mail,
                    units,
                }),
                (Some(source), Some(target)) if source == target => {
                    out.self_count += 1;
                    out.outside += Weight::from_units(units.into());
                }
                _ => out.outside += Weight::from_units(units.into()),
            }
        }
        out.tied_messages_count += u64::from(events.len() > before);
    }
    let stratum_of = |event: &Event| Stratum { chat: event.chat, week: event.at.day().monday() };
    out.strata = events.iter().map(stratum_of).collect();
    out.strata.sort_unstable();
    out.strata.dedup();
    out.slots = events
        .iter()
        .map(|event| {
            let stratum = out.strata.binary_search(&stratum_of(event)).expect("every event's stratum is listed") as u32;
            Slot { stratum, source: event.source, target: event.target, units: event.units, count: 1 }
        })
        .collect();
    out.slots.sort_unstable();
    out.slots.dedup_by(|next, kept| {
        let same = (next.stratum, next.source, next.target, next.units)
            == (kept.stratum, kept.source, kept.target, kept.units);
        kept.count += if same { next.count } else { 0 };
        same
    });
    events.sort_unstable_by_key(|event| (event.source, event.target, event.at, event.message));
    out.ties = events.chunk_by(|a, b| (a.source, a.target) == (b.source, b.target)).map(tie).collect();
    out
}

/// The tie of one ordered pair from its events in order of time.
fn tie(events: &[Event]) -> WindowTie {
    let whole_second = |at: Micros| Micros(at.0.div_euclid(1_000_000) * 1_000_000);
    let chat_count = events.iter().filter(|event| event.chat).count() as u64;
    let days = events.chunk_by(|a, b| a.at.day() == b.at.day()).count();
    let last = &events[events.len() - 1];
    WindowTie {
        source: last.source,
        target: last.target,
        // A person is one recipient of a message, so rows of a pair are messages.
        message_count: events.len() as u64,
        mail_count: events.len() as u64 - chat_count,
        chat_count,
        active_days_count: days as u32,
        weight: events.iter().map(|event| Weight::from_units(event.units.into())).sum(),
        first_at: whole_second(events[0].at),
        last_at: whole_second(last.at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crosstie_model::{DAY_MICROS, Day, Message, Recipient, Role};
    use proptest::{collection::vec, prelude::*};

    const PARAMS: TieParams = TieParams { max_recipients: 3, cc_weight_thousandths: 500 };

    /// Messages as (second, sender, recipients); person 9 is no member.
    fn messages(list: &[(i64, u32, &[u32])]) -> Messages {
        let mut out = Messages::default();
        for &(second, sender, recipients) in list {
            out.messages.push(Message {
                venue: if second % 2 == 1 { Venue::Direct } else { Venue::Mail },
                place_id: None,
                sent_at: Micros(second * 1_000_000),
                sender: End::Person(sender),
                first: out.recipients.len() as u32,
                count: recipients.len() as u32,
                recipient_count: recipients.len() as u32,
            });
            out.recipients.extend(recipients.iter().map(|&to| Recipient {
                handle_id: to.into(),
                end: End::Person(to),
                role: Role::To,
            }));
        }
        out
    }

    fn ties(list: &[(i64, u32, &[u32])]) -> WindowTies {
        let member_of: Vec<Option<u32>> = (0..10).map(|person| (person < 9).then_some(person)).collect();
        window_ties(&messages(list), &member_of, Window { first: Day(0), last: Day(9) }, PARAMS)
    }

    #[test]
    fn counts_days_and_channels() {
        let day = DAY_MICROS / 1_000_000;
        let got = ties(&[(10, 0, &[1]), (21, 0, &[1, 2]), (day, 0, &[1]), (20 * day, 0, &[1])]);
        let tie = got.ties[0];
        assert_eq!((tie.message_count, tie.mail_count, tie.chat_count, tie.active_days_count), (3, 2, 1, 2));
        assert!((tie.weight.messages() - 2.5).abs() < 1e-12);
        assert_eq!((tie.first_at, tie.last_at), (Micros(10_000_000), Micros(DAY_MICROS)));
        assert_eq!(got.messages_count, 3, "the fourth lies after the window");
    }

    #[test]
    fn caps_outsiders_selves_and_posts_are_counted() {
        let got = ties(&[(0, 0, &[1, 2, 3, 4]), (2, 0, &[1, 9]), (4, 9, &[1]), (6, 0, &[]), (8, 1, &[1])]);
        assert_eq!((got.over_max_recipients_count, got.unaddressed_count, got.self_count), (1, 1, 1));
        assert_eq!((got.messages_count, got.slots_seen_count, got.slot_count()), (3, 4, 1));
        assert_eq!(got.tied_messages_count, 1);
        assert_eq!(got.weight() + got.outside, Weight::from_units(3 << 20));
    }

    proptest! {
        /// Every message within the cap is one message of weight, inside or outside; order does not matter.
        #[test]
        fn weight_is_conserved_and_order_is_free(
            list in vec((0..900_000i64, 0..10u32, vec(0..10u32, 0..5)), 0..30),
        ) {
            let list: Vec<(i64, u32, Vec<u32>)> = list
                .into_iter()
                .map(|(at, from, mut to)| { to.sort_unstable(); to.dedup(); (at, from, to) })
                .collect();
            let mut view: Vec<(i64, u32, &[u32])> = list.iter().map(|(at, from, to)| (*at, *from, to.as_slice())).collect();
            let got = ties(&view);
            prop_assert_eq!((got.weight() + got.outside).units(), got.messages_count << 20);
            let slots: Weight = got.slots.iter().map(crosstie_model::Slot::weight).sum();
            prop_assert_eq!(slots, got.weight());
            view.reverse();
            let other = ties(&view);
            prop_assert_eq!(got.ties, other.ties);
            prop_assert_eq!(got.slots, other.slots);
        }
    }
}
