//! The ties of a day as bytes: what stays of a day once its messages were merged.
//!
//! Little-endian. `CTTIES2\n`, day, number of ends, of ties, of habits; six sums; the keyed id of each end in the
//! order of numbers, eight bytes each; then columns, each a byte for its width and its values: where the ties of each
//! end begin, target, kind (chat or mail, reply, many recipients, units), count, first, last; source, sent, hours of habits. Kinds stand
//! once, in a table.

use crate::day::{DayTie, DayTies, Habit};
use crosstie_model::Day;
use crosstie_model::packed::{Column, Packed, put_column};

/// The format of the bytes of a day: what is kept of another one is of no use.
pub const DAY_FORMAT: &str = "CTTIES2";

const MARK: &[u8; 8] = b"CTTIES2\n";

/// A day as bytes. `id_of` gives the keyed id of an end's number.
#[must_use]
pub fn to_bytes(day: &DayTies, id_of: impl Fn(u32) -> i64) -> Vec<u8> {
    let mut is_end: Vec<bool> = Vec::new();
    let mut note = |number: u32| {
        if is_end.len() <= number as usize {
            is_end.resize(number as usize + 1, false);
        }
        is_end[number as usize] = true;
    };
    day.ties.iter().for_each(|tie| {
        note(tie.source);
        note(tie.target);
    });
    day.habits.iter().for_each(|habit| note(habit.source));
    let numbers = (0..).zip(&is_end).filter(|(_, is_end)| **is_end).map(|(number, _)| number);
    let mut ends: Vec<(i64, u32)> = numbers.map(|number| (id_of(number), number)).collect();
    // By id, so that the bytes do not depend on how ends were numbered.
    ends.sort_unstable();
    let highest = ends.iter().map(|end| end.1 as usize + 1).max().unwrap_or(0);
    let mut place = vec![0u32; highest];
    for (at, &(_, number)) in (0..).zip(&ends) {
        place[number as usize] = at;
    }
    let kinds = Kinds::of(&day.ties);
    // Ties by sender and recipient as ids order them.
    let mut begins = vec![0usize; highest + 1];
    for same in day.ties.chunk_by(|a, b| a.source == b.source) {
        begins[same[0].source as usize] = same.len();
    }
    let mut first = 0;
    for begin in &mut begins {
        first += std::mem::replace(begin, first);
    }
    let mut begin_of: Vec<u32> = Vec::with_capacity(ends.len());
    let room = || -> Vec<u32> { Vec::with_capacity(day.ties.len()) };
    let (mut targets, mut kind_of, mut counts, mut firsts, mut spans) = (room(), room(), room(), room(), room());
    let mut order: Vec<u64> = Vec::new();
    for &(_, number) in &ends {
        begin_of.push(targets.len() as u32);
        let begin = begins[number as usize];
        let own = &day.ties[begin..begins[number as usize + 1]];
        // Those of one recipient are in order already.
        order.clear();
        order.extend((0u64..).zip(own).map(|(at, tie)| u64::from(place[tie.target as usize]) << 32 | at));
        order.sort_unstable();
        for &word in &order {
            let tie = &own[word as u32 as usize];
            targets.push((word >> 32) as u32);
            kind_of.push(kinds.place(kind(tie)));
            counts.push(tie.count);
            firsts.push(tie.first);
            // Mostly there is one message, and first and last are the same.
            spans.push(tie.last - tie.first);
        }
    }
    let mut habits: Vec<Habit> =
        day.habits.iter().map(|habit| Habit { source: place[habit.source as usize], ..*habit }).collect();
    habits.sort_unstable_by_key(|habit| habit.source);

    let mut out = Vec::with_capacity(128 + ends.len() * 12 + targets.len() * 9);
    out.extend_from_slice(MARK);
    for word in
        [day.day.0 as u32, ends.len() as u32, targets.len() as u32, habits.len() as u32, kinds.sorted.len() as u32]
    {
        out.extend_from_slice(&word.to_le_bytes());
    }
    for sum in sums(day) {
        out.extend_from_slice(&sum.to_le_bytes());
    }
    for (id, _) in &ends {
        out.extend_from_slice(&id.to_le_bytes());
    }
    for column in [&kinds.sorted, &begin_of, &targets, &kind_of, &counts, &firsts, &spans] {
        put_column(&mut out, column.iter().copied());
    }
    put_column(&mut out, habits.iter().map(|habit| habit.source));
    put_column(&mut out, habits.iter().map(|habit| habit.sent));
    put_column(&mut out, habits.iter().map(|habit| habit.hours));
    out
}

/// The kinds of a day's ties, sorted, and where those stand that were asked for last: a day has few, and asks often.
struct Kinds {
    sorted: Vec<u32>,
    /// A kind with its place.
    known: [(u32, u32); 64],
}

impl Kinds {
    fn of(ties: &[DayTie]) -> Kinds {
        let mut kinds = Kinds { sorted: Vec::new(), known: [(u32::MAX, 0); 64] };
        for kind in ties.iter().map(kind) {
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

fn kind(tie: &DayTie) -> u32 {
    tie.units << 3 | u32::from(tie.many) << 2 | u32::from(tie.reply) << 1 | u32::from(tie.chat)
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
    ties: usize,
    targets: Column<'b>,
    kind: Column<'b>,
    counts: Column<'b>,
    firsts: Column<'b>,
    lasts: Column<'b>,
    habits: usize,
    habit_columns: [Column<'b>; 3],
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
        let [ends, ties, habits, kinds] =
            [rest.word()? as usize, rest.word()? as usize, rest.word()? as usize, rest.word()? as usize];
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
            ties,
            targets: rest.column(ties)?,
            kind: rest.column(ties)?,
            counts: rest.column(ties)?,
            firsts: rest.column(ties)?,
            lasts: rest.column(ties)?,
            habits,
            habit_columns: [rest.column(habits)?, rest.column(habits)?, rest.column(habits)?],
        };
        rest.0.is_empty().then_some(packed)
    }

    /// The keyed ids of the ends, sorted.
    pub fn ids(&self) -> impl ExactSizeIterator<Item = i64> + '_ {
        self.ids.iter().map(|id| i64::from_le_bytes(*id))
    }

    /// The ties that an end sent, sorted.
    pub fn ties_of(&self, source: u32) -> impl Iterator<Item = DayTie> + '_ {
        let at = source as usize;
        let begin = self.begins.get(at) as usize;
        let end = if at + 1 < self.ids.len() { self.begins.get(at + 1) as usize } else { self.ties };
        (begin..end).map(move |row| {
            let kind = self.kinds.get(self.kind.get(row) as usize).copied().unwrap_or(0);
            let first = self.firsts.get(row);
            DayTie {
                source,
                target: self.targets.get(row),
                chat: kind & 1 == 1,
                reply: kind >> 1 & 1 == 1,
                many: kind >> 2 & 1 == 1,
                units: kind >> 3,
                count: self.counts.get(row),
                first,
                last: first + self.lasts.get(row),
            }
        })
    }

    /// What each end sent.
    pub fn habits(&self) -> impl Iterator<Item = Habit> + '_ {
        let [source, sent, hours] = self.habit_columns;
        (0..self.habits).map(move |row| Habit { source: source.get(row), sent: sent.get(row), hours: hours.get(row) })
    }
}
