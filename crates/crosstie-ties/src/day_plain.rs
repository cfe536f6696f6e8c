//! Mail of the common form is added to a day without a look at what it does not have.

use crate::day::{DayBuilder, FEW_RECIPIENTS, MANY_SHIFT, SECOND_BITS, TARGET_SHIFT, WHOLE};
use crate::day_groups::set_of;
use crate::ends::Ends;
use crosstie_model::{End, PlainMail};

/// In place of the number of an end: it is outside.
const NOBODY: u32 = u32::MAX;

/// What a handle is on the day, and what it sent.
#[derive(Clone, Copy)]
pub(crate) struct Desk {
    /// Its end, as [`Ends`] numbers it.
    pub(crate) number: u32,
    is_person: bool,
    pub(crate) sent: u32,
    /// A bit for each hour of the day, UTC.
    pub(crate) hours: u32,
}

impl Desk {
    pub(crate) fn new(end: End, ends: &Ends) -> Desk {
        let number = ends.number(end).unwrap_or(NOBODY);
        Desk { number, is_person: matches!(end, End::Person(_)), sent: 0, hours: 0 }
    }
}

/// Even shares of one message: its recipients are direct, and in the order of ids.
fn share(at: usize, count: u32) -> u32 {
    WHOLE / count + u32::from((at as u32) < WHOLE % count)
}

/// Adds the messages. Time O(recipients).
pub(crate) fn add_plain(builder: &mut DayBuilder<'_>, mail: &PlainMail) {
    let DayBuilder { params, out, groups, room, .. } = builder;
    room.rows.reserve(mail.recipients.len());
    let (rows, desks) = (&mut room.rows, &mut room.desks);
    for (second, sender, recipients) in mail.each() {
        let desk = &mut desks[sender as usize];
        desk.sent += 1;
        desk.hours |= 1 << (second / 3600);
        let from = *desk;
        let count = recipients.len() as u32;
        let is_over = count > params.max_recipients;
        if is_over {
            out.over_max_recipients_count += 1;
        } else {
            out.messages_count += 1;
            out.slots_seen_count += u64::from(count);
            out.units += u64::from(WHOLE);
        }
        let of_message = u64::from(count > FEW_RECIPIENTS) << MANY_SHIFT | u64::from(second);
        let mut is_tied = false;
        for (at, &recipient) in recipients.iter().enumerate() {
            let to = desks[recipient as usize];
            if to.number != NOBODY {
                is_tied |= from.is_person && to.is_person && from.number != to.number;
                let units = if is_over { 0 } else { share(at, count) };
                rows.push((
                    from.number,
                    u64::from(to.number) << TARGET_SHIFT | u64::from(units) << SECOND_BITS | of_message,
                ));
            }
        }
        out.tied_messages_count += u64::from(is_tied && !is_over);
        if params.groups && !is_over && from.is_person {
            let others = recipients.iter().map(|&to| desks[to as usize]);
            let all: Option<Vec<u32>> =
                std::iter::once(from).chain(others).map(|desk| desk.is_person.then_some(desk.number)).collect();
            groups.extend(all.and_then(set_of).map(|set| (set, from.number, second)));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{DayBuilder, Ends, TieParams};
    use crosstie_model::End::{Account, External, Person};
    use crosstie_model::{Day, Handle, PlainMail};
    use proptest::{collection::vec, prelude::*, sample::subsequence};

    proptest! {
        /// It is no other rule: the same mail as messages of any form gives the same day.
        #[test]
        fn equals_messages_of_any_form(
            list in vec((0..86_400u32, 0..5usize, subsequence((0..12u32).collect::<Vec<_>>(), 1..10)), 0..40),
            max_recipients in 1..9u32,
            groups in any::<bool>(),
        ) {
            let ends = Ends::new(&[900, 100, 800, 200, 500, 501, 502], &[300, 50]);
            // Two handles of person 0; ids go by place, those of ends do not.
            let held = [Person(0), Person(1), Person(2), Account(0), Person(3), Person(0), External, Account(1), External, Person(4), Person(5), Person(6)];
            let handles: Vec<Handle> = (1..).zip(held).map(|(id, end)| Handle { id, end }).collect();
            let mut mail = PlainMail { day: Day(20_000), ..PlainMail::default() };
            for (second, sender, recipients) in list {
                mail.seconds.push(second);
                mail.senders.push(sender as u32);
                // One handle of a person at most.
                let both = recipients.contains(&0) && recipients.contains(&5);
                mail.recipients.extend(recipients.iter().filter(|&&to| !(both && to == 5)));
                mail.ends.push(mail.recipients.len() as u32);
            }
            let params = TieParams { max_recipients, cc_weight_thousandths: 500, groups };
            let day = |add: &dyn Fn(&mut DayBuilder<'_>)| {
                let mut builder = DayBuilder::new(mail.day, &ends, params, &handles);
                add(&mut builder);
                builder.end()
            };
            prop_assert_eq!(day(&|builder| builder.add_plain(&mail)), day(&|builder| builder.add(&mail.to_messages(&handles))));
        }
    }
}
