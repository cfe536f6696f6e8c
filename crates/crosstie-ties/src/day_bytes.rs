//! The ties of a day as bytes: what stays of a day once its messages were merged.
//!
//! Little-endian. `CTTIES4\n`, day, number of ends, of ties, of ties with several messages, of habits, of kinds, of
//! groups, of their members; six sums; the keyed id of each end in the order of numbers, eight bytes each; then columns,
//! each a byte for its width and its values: the kinds (chat or mail, reply, many recipients, units, several messages or
//! one), each once; where the ties of each end begin, and where those of several messages; target, kind by its place in
//! the table, first of each tie; how many messages, and the seconds from the first to the last, of the ties of several;
//! source, sent, hours of habits; size, source, count, first of groups; their members.

use crate::day::{DayTie, DayTies, Habit};
use crate::day_groups::{DayGroup, LARGEST, NONE};
use crate::ends::Ends;
use crate::tie_rows::TieRows;
use crosstie_model::packed::{Column, Packed, put_column};
use crosstie_model::{Day, Prefetch};
use std::ops::Range;

/// The format of the bytes of a day: what is kept of another one is of no use.
pub const DAY_FORMAT: &str = "CTTIES4";

const MARK: &[u8; 8] = b"CTTIES4\n";

/// A day as bytes.
#[must_use]
pub fn to_bytes(day: &DayTies, ends: &Ends) -> Vec<u8> {
    // Numbers without gaps. They go by id, so ties and habits stay sorted, and bytes do not depend on who else is known.
    let mut place = vec![0u32; ends.len()];
    let numbers = day.ties.sources().chain(day.ties.targets.iter().copied());
    let numbers = numbers.chain(day.habits.iter().map(|habit| habit.source));
    numbers.chain(day.groups.iter().flat_map(DayGroup::members)).for_each(|number| place[number as usize] = 1);
    let mut ids: Vec<i64> = Vec::new();
    let (mut begins, mut several_begins): (Vec<u32>, Vec<u32>) = Default::default();
    let TieRows { targets, kinds: kinds_of, counts, firsts, spans, .. } = &day.ties;
    let is_several = |row: usize| counts[row] != 1 || spans[row] != 0;
    let several: Vec<u32> = (0..targets.len()).filter(|&row| is_several(row)).map(|row| row as u32).collect();
    let mut several_before = 0;
    for (number, place) in (0..).zip(&mut place) {
        if *place == 1 {
            *place = ids.len() as u32;
            ids.push(ends.id(number));
            let begin = day.ties.begin(number) as u32;
            while several.get(several_before).is_some_and(|&row| row < begin) {
                several_before += 1;
            }
            begins.push(begin);
            several_begins.push(several_before as u32);
        }
    }
    let mut stored: Vec<u32> = kinds_of.clone();
    several.iter().for_each(|&row| stored[row as usize] |= SEVERAL);
    let kinds = Kinds::of(&stored);

    let mut out = Vec::with_capacity(128 + ids.len() * 14 + day.ties.len() * 8);
    out.extend_from_slice(MARK);
    let members = || day.groups.iter().flat_map(DayGroup::members);
    let of_ties = [ids.len(), targets.len(), several.len()];
    let of_others = [day.habits.len(), kinds.sorted.len(), day.groups.len(), members().count()];
    let numbers = of_ties.into_iter().chain(of_others).map(|count| count as u32);
    for word in [day.day.0 as u32].into_iter().chain(numbers) {
        out.extend_from_slice(&word.to_le_bytes());
    }
    for sum in sums(day) {
        out.extend_from_slice(&sum.to_le_bytes());
    }
    for id in &ids {
        out.extend_from_slice(&id.to_le_bytes());
    }
    put_column(&mut out, kinds.sorted.iter().copied());
    put_column(&mut out, begins.iter().copied());
    put_column(&mut out, several_begins.iter().copied());
    // Looked up once: a column is gone over twice.
    let looked_up: Vec<u32> = targets.iter().map(|&target| place[target as usize]).collect();
    put_column(&mut out, looked_up.iter().copied());
    stored.iter_mut().for_each(|kind| *kind = kinds.place(*kind));
    put_column(&mut out, stored.iter().copied());
    put_column(&mut out, firsts.iter().copied());
    // Mostly there is one message, and none is after the first.
    for column in [counts, spans] {
        put_column(&mut out, several.iter().map(|&row| column[row as usize]));
    }
    put_column(&mut out, day.habits.iter().map(|habit| place[habit.source as usize]));
    put_column(&mut out, day.habits.iter().map(|habit| habit.sent));
    put_column(&mut out, day.habits.iter().map(|habit| habit.hours));
    put_column(&mut out, day.groups.iter().map(|group| group.members().count() as u32));
    put_column(&mut out, day.groups.iter().map(|group| place[group.source as usize]));
    put_column(&mut out, day.groups.iter().map(|group| group.count));
    put_column(&mut out, day.groups.iter().map(|group| group.first));
    put_column(&mut out, members().map(|member| place[member as usize]));
    out
}

/// The kinds of a day's ties, sorted, and where those stand that were asked for last: a day has few, and asks often.
struct Kinds {
    sorted: Vec<u32>,
    /// A kind with its place.
    known: [(u32, u32); 64],
}

impl Kinds {
    fn of(list: &[u32]) -> Kinds {
        let mut kinds = Kinds { sorted: Vec::new(), known: [(u32::MAX, 0); 64] };
        for &kind in list {
            let slot = Kinds::slot(kind);
            if kinds.known[slot].0 != kind {
                kinds.known[slot].0 = kind;
                if let Err(at) = kinds.sorted.binary_search(&kind) {
                    kinds.sorted.insert(at, kind);
                }
            }
        }
        kinds.known = [(u32::MAX, 0); 64];
        // From the back, so that the lower of two in one slot is known.
        for (at, &kind) in kinds.sorted.iter().enumerate().rev() {
            kinds.known[Kinds::slot(kind)] = (kind, at as u32);
        }
        kinds
    }

    fn slot(kind: u32) -> usize {
        (kind.wrapping_mul(0x9e37_79b9) >> 26) as usize
    }

    fn place(&self, kind: u32) -> u32 {
        let known = self.known[Kinds::slot(kind)];
        if known.0 == kind { known.1 } else { self.sorted.binary_search(&kind).unwrap_or(0) as u32 }
    }
}

/// What a day's ties may differ in besides whom they join, in one number.
pub(crate) fn kind(units: u32, [many, reply, chat]: [bool; 3]) -> u32 {
    units << 3 | u32::from(many) << 2 | u32::from(reply) << 1 | u32::from(chat)
}

/// In the kinds of the bytes: there are several messages. Shares stay below.
const SEVERAL: u32 = 1 << 31;

/// Share of each message, in units of 2^-20.
pub(crate) fn units_of(kind: u32) -> u32 {
    kind >> 3
}

/// Whether the messages are chat.
pub(crate) fn is_chat(kind: u32) -> bool {
    kind & 1 == 1
}

/// Whether they are replies.
pub(crate) fn is_reply(kind: u32) -> bool {
    kind >> 1 & 1 == 1
}

/// Whether they name more than [`crate::FEW_RECIPIENTS`].
pub(crate) fn is_many(kind: u32) -> bool {
    kind >> 2 & 1 == 1
}

fn sums(day: &DayTies) -> [u64; 6] {
    [
        day.messages_count,
        day.tied_messages_count,
        day.over_max_recipients_count,
        day.unaddressed_count,
        day.slots_seen_count,
        day.units,
    ]
}

/// Room for the columns of the ties of one end, besides the recipients.
#[derive(Default)]
pub(crate) struct TieColumns {
    kinds: Vec<u32>,
    firsts: Vec<u32>,
}

/// A day that is read from its bytes row by row. Ends are numbered in the order of their ids.
#[derive(Clone, Debug)]
pub struct PackedDay<'b> {
    /// The day.
    pub day: Day,
    /// Sums, without ties and habits.
    pub sums: DayTies,
    ids: &'b [[u8; 8]],
    kinds: Vec<u32>,
    begins: Column<'b>,
    several_begins: Column<'b>,
    ties: usize,
    targets: Column<'b>,
    kind: Column<'b>,
    firsts: Column<'b>,
    /// Of the ties of several messages how many, and the seconds from the first to the last.
    several: [Column<'b>; 2],
    habits: usize,
    habit_columns: [Column<'b>; 3],
    groups: usize,
    group_columns: [Column<'b>; 4],
    members: Column<'b>,
}

impl<'b> PackedDay<'b> {
    /// The day of these bytes; `None` if they are none.
    #[must_use]
    pub fn new(bytes: &'b [u8]) -> Option<PackedDay<'b>> {
        let mut rest = Packed(bytes);
        if rest.bytes(MARK.len())? != MARK {
            return None;
        }
        let day = Day(rest.word()? as i32);
        let mut counts = [0usize; 7];
        for count in &mut counts {
            *count = rest.word()? as usize;
        }
        let [ends, ties, several, habits, kinds, groups, members] = counts;
        let sums = DayTies {
            day,
            messages_count: rest.long()?,
            tied_messages_count: rest.long()?,
            over_max_recipients_count: rest.long()?,
            unaddressed_count: rest.long()?,
            slots_seen_count: rest.long()?,
            units: rest.long()?,
            ..DayTies::default()
        };
        let (ids, _) = rest.bytes(ends.checked_mul(8)?)?.as_chunks::<8>();
        let packed = PackedDay {
            day,
            sums,
            ids,
            kinds: rest.column(kinds)?.to_vec(kinds),
            begins: rest.column(ends)?,
            several_begins: rest.column(ends)?,
            ties,
            targets: rest.column(ties)?,
            kind: rest.column(ties)?,
            firsts: rest.column(ties)?,
            several: [rest.column(several)?, rest.column(several)?],
            habits,
            habit_columns: [rest.column(habits)?, rest.column(habits)?, rest.column(habits)?],
            groups,
            group_columns: [rest.column(groups)?, rest.column(groups)?, rest.column(groups)?, rest.column(groups)?],
            members: rest.column(members)?,
        };
        rest.0.is_empty().then_some(packed)
    }

    /// The keyed ids of the ends, sorted.
    pub fn ids(&self) -> impl ExactSizeIterator<Item = i64> + '_ {
        self.ids.iter().map(|id| i64::from_le_bytes(*id))
    }

    /// The ties that an end sent, sorted.
    pub fn ties_of(&self, source: u32) -> impl Iterator<Item = DayTie> + '_ {
        let mut several = self.several_begins.get(source as usize) as usize;
        self.rows_of(source).map(move |row| {
            let kind = self.kind_at(self.kind.get(row));
            let (count, first, last) = self.times(kind, self.firsts.get(row), &mut several);
            let (target, kind) = (self.targets.get(row), kind & !SEVERAL);
            let [chat, reply, many] = [is_chat(kind), is_reply(kind), is_many(kind)];
            DayTie { source, target, chat, reply, many, units: units_of(kind), count, first, last }
        })
    }

    /// Count, first and last of a tie of this kind; where the next of several messages stands.
    #[inline]
    fn times(&self, kind: u32, first: u32, several: &mut usize) -> (u32, u32, u32) {
        if kind & SEVERAL == 0 {
            return (1, first, first);
        }
        let [count, span] = self.several.map(|column| column.get(*several));
        *several += 1;
        (count, first, first + span)
    }

    /// Asks for the place of an end's ties.
    pub(crate) fn look_far_ahead(&self, prefetch: Prefetch, source: u32) {
        let source = source as usize..source as usize + 1;
        self.begins.look_ahead(prefetch, source.clone());
        self.several_begins.look_ahead(prefetch, source);
    }

    /// Asks for the ties of an end, and for what stands in the place of their recipients.
    pub(crate) fn look_ahead(&self, prefetch: Prefetch, source: u32, targets: &[u32]) {
        let rows = self.rows_of(source);
        prefetch.all(&targets[rows.clone()]);
        [self.kind, self.firsts].iter().for_each(|column| column.look_ahead(prefetch, rows.clone()));
        let several = self.several_begins.get(source as usize) as usize;
        self.several.iter().for_each(|column| column.look_ahead(prefetch, several..several + 1));
    }

    /// Tells the same in one go, through columns that are kept from one end to the next: recipient, kind, and (count,
    /// first, last). `targets` stand in the place of the recipients of all ties.
    pub(crate) fn read_rows_of(
        &self,
        source: u32,
        targets: &[u32],
        read: &mut TieColumns,
        mut tell: impl FnMut(u32, u32, (u32, u32, u32)),
    ) {
        let rows = self.rows_of(source);
        let TieColumns { kinds, firsts } = read;
        self.kind.read(rows.clone(), kinds);
        self.firsts.read(rows.clone(), firsts);
        let mut several = self.several_begins.get(source as usize) as usize;
        for (&target, (&kind, &first)) in targets[rows].iter().zip(kinds.iter().zip(firsts.iter())) {
            let kind = self.kind_at(kind);
            tell(target, kind & !SEVERAL, self.times(kind, first, &mut several));
        }
    }

    /// The recipients of all ties.
    pub(crate) fn targets(&self) -> Vec<u32> {
        self.targets.to_vec(self.ties)
    }

    /// Where the ties of an end stand.
    pub(crate) fn rows_of(&self, source: u32) -> Range<usize> {
        let at = source as usize;
        let begin = self.begins.get(at) as usize;
        let end = if at + 1 < self.ids.len() { self.begins.get(at + 1) as usize } else { self.ties };
        begin..end
    }

    fn kind_at(&self, place: u32) -> u32 {
        self.kinds.get(place as usize).copied().unwrap_or(0)
    }

    /// Messages to sets of people, sorted.
    pub fn groups(&self) -> impl ExactSizeIterator<Item = DayGroup> + '_ {
        let [sizes, sources, counts, firsts] = self.group_columns;
        let mut begin = 0;
        (0..self.groups).map(move |row| {
            let mut set = [NONE; LARGEST];
            let size = (sizes.get(row) as usize).min(LARGEST);
            (0..size).for_each(|at| set[at] = self.members.get(begin + at));
            begin += size;
            DayGroup { set, source: sources.get(row), count: counts.get(row), first: firsts.get(row) }
        })
    }

    /// What each end sent.
    pub fn habits(&self) -> impl Iterator<Item = Habit> + '_ {
        let [source, sent, hours] = self.habit_columns;
        (0..self.habits).map(move |row| Habit { source: source.get(row), sent: sent.get(row), hours: hours.get(row) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::btree_set, prelude::*};

    /// (source, target, channel and such, units, (count, first, span)).
    type Tie = (u32, u32, [bool; 3], u32, (u32, u32, u32));

    fn tie((source, target, [chat, reply, many], units, (count, first, span)): Tie) -> DayTie {
        let last = if count == 1 { first } else { first + span };
        DayTie { source, target, chat, reply, many, units, count, first, last }
    }

    proptest! {
        /// One by one and an end at a time, of several messages and of one; bytes that are cut off are no day.
        #[test]
        fn ties_come_back(
            list in btree_set((0..6u32, 0..6u32, any::<[bool; 3]>(), 0..=1u32 << 20, (1..4u32, 0..86_000u32, 0..400u32)), 0..40),
            cut in any::<prop::sample::Index>(),
        ) {
            let ties: Vec<DayTie> = list.into_iter().map(tie).collect();
            let day = DayTies { day: Day(3), ties: ties.iter().copied().collect(), ..DayTies::default() };
            let bytes = to_bytes(&day, &Ends::new(&[0, 1, 2, 3, 4, 5], &[]));
            let packed = PackedDay::new(&bytes).unwrap();
            // Ends without a tie have no number in the bytes.
            let ids: Vec<u32> = packed.ids().map(|id| id as u32).collect();
            let (mut one_by_one, mut at_once) = (Vec::new(), Vec::new());
            let (targets, mut read) = (packed.targets(), TieColumns::default());
            for (end, &source) in (0..).zip(&ids) {
                let named = |tie: DayTie| DayTie { source, target: ids[tie.target as usize], ..tie };
                one_by_one.extend(packed.ties_of(end).map(named));
                packed.read_rows_of(end, &targets, &mut read, |target, kind, (count, first, last)| {
                    let [chat, reply, many] = [is_chat(kind), is_reply(kind), is_many(kind)];
                    let units = units_of(kind);
                    at_once.push(named(DayTie { source, target, chat, reply, many, units, count, first, last }));
                });
            }
            prop_assert_eq!(&one_by_one, &ties);
            prop_assert_eq!(&at_once, &ties);
            prop_assert!(PackedDay::new(&bytes[..cut.index(bytes.len())]).is_none());
        }
    }
}
