//! Messages as they were read, copies and all, by day and in columns: a day is small and quick to go through, whatever
//! the length of the history.

use crate::answers::Answers;
use crate::handle_set::HandleSet;
use crate::packed_block::PackedBlock;
use crate::source::Aside;
use crate::work::Spot;
use crosstie_model::{DAY_MICROS, Day, Micros, Role, Venue};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::io;

/// Bytes of a copy without recipients and extras.
const COPY_BYTES: usize = 36;

/// A recipient in one word: the number of its handle and its role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Named(pub(crate) u32);

const ROLE_BITS: u32 = 3;

impl Named {
    pub(crate) fn new(handle: u32, role: Role) -> Named {
        assert!(handle < 1 << (32 - ROLE_BITS), "over half a billion handles");
        Named(handle << ROLE_BITS | role as u32)
    }

    /// Whether the role is [`Role::To`].
    pub(crate) const fn is_to(self) -> bool {
        self.0 & ((1 << ROLE_BITS) - 1) == Role::To as u32
    }

    pub(crate) const fn handle(self) -> u32 {
        self.0 >> ROLE_BITS
    }

    pub(crate) fn role(self) -> Role {
        Role::ALL[(self.0 & ((1 << ROLE_BITS) - 1)) as usize]
    }
}

/// What few messages have besides sender, time and recipients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Extra {
    /// Whether a server's clock says so; else the sender's.
    pub(crate) by_server: bool,
    pub(crate) venue: Venue,
    pub(crate) place_id: Option<i64>,
    /// Recipients that the record says it has, where not all are named.
    pub(crate) stated_count: u32,
    pub(crate) answers: Option<Answers>,
}

impl Extra {
    /// A mail by the sender's clock that names everybody.
    pub(crate) const MAIL: Extra =
        Extra { by_server: false, venue: Venue::Mail, place_id: None, stated_count: 0, answers: None };
}

/// Copies of one day from one file, in columns; in the order of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) day: Day,
    pub(crate) source: u32,
    pub(crate) file: u32,
    pub(crate) keys: Vec<u128>,
    /// Second of the day.
    pub(crate) seconds: Vec<u32>,
    /// Microsecond of the second; empty where all are 0.
    pub(crate) micros: Vec<u32>,
    /// Where the record lies in its file.
    pub(crate) offsets: Vec<u64>,
    pub(crate) senders: Vec<u32>,
    /// Where the recipients of each end.
    pub(crate) ends: Vec<u32>,
    pub(crate) recipients: Vec<Named>,
    /// Empty where all are [`Extra::MAIL`].
    pub(crate) extras: Vec<Extra>,
}

impl Block {
    pub(crate) fn new(day: Day, source: u32, file: u32) -> Block {
        Block { day, source, file, ..Block::default() }
    }

    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }

    /// Adds a copy of the block's day.
    pub(crate) fn push(
        &mut self,
        key: u128,
        at: Micros,
        offset: u64,
        sender: u32,
        recipients: impl IntoIterator<Item = Named>,
        extra: Extra,
    ) {
        let within = at.0 - self.day.start().0;
        debug_assert!((0..DAY_MICROS).contains(&within), "a copy of another day");
        let (second, micro) = ((within / 1_000_000) as u32, (within % 1_000_000) as u32);
        if micro > 0 && self.micros.is_empty() {
            self.micros.resize(self.len(), 0);
        }
        if micro > 0 || !self.micros.is_empty() {
            self.micros.push(micro);
        }
        if extra != Extra::MAIL && self.extras.is_empty() {
            self.extras.resize(self.len(), Extra::MAIL);
        }
        if extra != Extra::MAIL || !self.extras.is_empty() {
            self.extras.push(extra);
        }
        self.keys.push(key);
        self.seconds.push(second);
        self.offsets.push(offset);
        self.senders.push(sender);
        self.recipients.extend(recipients);
        self.ends.push(self.recipients.len() as u32);
    }

    pub(crate) fn at(&self, row: usize) -> Micros {
        let micro = self.micros.get(row).copied().unwrap_or(0);
        Micros(self.day.start().0 + i64::from(self.seconds[row]) * 1_000_000 + i64::from(micro))
    }

    pub(crate) fn extra(&self, row: usize) -> Extra {
        self.extras.get(row).copied().unwrap_or(Extra::MAIL)
    }

    pub(crate) fn recipients_of(&self, row: usize) -> &[Named] {
        let first = if row == 0 { 0 } else { self.ends[row - 1] as usize };
        &self.recipients[first..self.ends[row] as usize]
    }

    /// The first and the last instant; the beginning of the day without rows.
    pub(crate) fn earliest_and_latest(&self) -> (Micros, Micros) {
        if self.micros.is_empty() {
            let bounds = self.seconds.iter().fold((u32::MAX, 0), |(a, b), &second| (a.min(second), b.max(second)));
            let second = |second: u32| Micros(self.day.start().0 + i64::from(second) * 1_000_000);
            return if self.seconds.is_empty() { (second(0), second(0)) } else { (second(bounds.0), second(bounds.1)) };
        }
        let instants = (0..self.len()).map(|row| self.at(row));
        instants.fold((self.at(0), self.at(0)), |(a, b), at| (a.min(at), b.max(at)))
    }

    /// Makes room for so many rows of few recipients.
    pub(crate) fn reserve(&mut self, rows: usize) {
        self.keys.reserve(rows);
        self.seconds.reserve(rows);
        self.offsets.reserve(rows);
        self.senders.reserve(rows);
        self.ends.reserve(rows);
        self.recipients.reserve(2 * rows);
    }

    /// The handles that its rows name.
    pub(crate) fn handles(&self) -> HandleSet {
        let mut handles = HandleSet::default();
        let named = self.recipients.iter().map(|named| named.handle());
        self.senders.iter().copied().chain(named).for_each(|handle| handles.insert(handle));
        handles
    }

    /// Whether a copy may be addressed by what it answers.
    pub(crate) fn has_answers(&self) -> bool {
        self.extras.iter().any(|extra| extra.answers.is_some())
    }

    /// Bytes in memory, about.
    pub(crate) fn bytes(&self) -> usize {
        self.len() * COPY_BYTES
            + self.recipients.len() * 4
            + self.micros.len() * 4
            + self.extras.len() * size_of::<Extra>()
    }

    /// Adds the copies of another block of the same day and file, which come later in the file.
    pub(crate) fn append(&mut self, other: &Block) {
        if !other.micros.is_empty() || !self.micros.is_empty() {
            self.micros.resize(self.len(), 0);
            self.micros.extend_from_slice(&other.micros);
            self.micros.resize(self.len() + other.len(), 0);
        }
        if !other.extras.is_empty() || !self.extras.is_empty() {
            self.extras.resize(self.len(), Extra::MAIL);
            self.extras.extend_from_slice(&other.extras);
            self.extras.resize(self.len() + other.len(), Extra::MAIL);
        }
        let before = self.recipients.len() as u32;
        self.keys.extend_from_slice(&other.keys);
        self.seconds.extend_from_slice(&other.seconds);
        self.offsets.extend_from_slice(&other.offsets);
        self.senders.extend_from_slice(&other.senders);
        self.ends.extend(other.ends.iter().map(|end| end + before));
        self.recipients.extend_from_slice(&other.recipients);
    }
}

/// A block, where it is.
#[derive(Clone, Debug)]
pub(crate) enum Kept {
    Packed(PackedBlock),
    Aside(Place),
}

/// A block that was put aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Its number among all blocks of all runs.
    pub(crate) id: u64,
    pub(crate) at: u64,
    pub(crate) length: u32,
    pub(crate) source: u32,
    pub(crate) file: u32,
    /// Where its first record lies in the file.
    pub(crate) first: u64,
    pub(crate) has_answers: bool,
}

impl Place {
    /// Blocks of a day in the order in which their copies count.
    fn order(&self) -> (u32, u32, u64, u64) {
        (self.source, self.file, self.first, self.id)
    }
}

/// Bytes that merging holds for each packed byte of a day: the days beside it, its messages, its ties in two orders.
const MERGING_SHARE: u64 = 18;

/// Rows from which an open block is packed: it stays as near to the core as it is short.
const PACK_ROWS: usize = 8192;

/// All copies by day. Those of the file that is being read are held apart until it closed clean.
#[derive(Default)]
pub(crate) struct Copies<'a> {
    days: BTreeMap<Day, Vec<Kept>>,
    /// By day and file: some formats tell only at the end of a source what its files held.
    open: BTreeMap<(Day, u32), Block>,
    /// Blocks of the file that is being read that are full.
    closed: Vec<(Day, Kept)>,
    /// Blocks of the part that is being read, all of them put aside.
    part: Vec<(Day, Place)>,
    has_answers: bool,
    /// Bytes of open and of packed blocks in memory.
    open_bytes: usize,
    packed_bytes: usize,
    aside: Option<&'a dyn Aside>,
    /// Whether everything goes aside, for the next run.
    for_later: bool,
    /// The number of the next block.
    pub(crate) next_id: u64,
}

impl<'a> Copies<'a> {
    pub(crate) fn new(aside: Option<&'a dyn Aside>, for_later: bool) -> Copies<'a> {
        Copies { aside, for_later, ..Copies::default() }
    }

    /// Adds a copy from the file that is being read.
    pub(crate) fn push(
        &mut self,
        spot: Spot,
        key: u128,
        at: Micros,
        sender: u32,
        recipients: impl IntoIterator<Item = Named>,
        extra: Extra,
    ) {
        let new = || Block::new(at.day(), spot.source, spot.file);
        let block = self.open.entry((at.day(), spot.file)).or_insert_with(new);
        let before = block.recipients.len();
        block.push(key, at, spot.offset, sender, recipients, extra);
        self.open_bytes += COPY_BYTES + 4 * (block.recipients.len() - before);
        if block.len().is_multiple_of(PACK_ROWS) {
            self.close(at.day(), spot.file);
        }
    }

    /// Takes copies over that were split off elsewhere, in the order of the file.
    pub(crate) fn take(&mut self, block: Block) {
        let (day, file) = (block.day, block.file);
        self.open_bytes += block.bytes();
        match self.open.get_mut(&(day, file)) {
            Some(open) => open.append(&block),
            None => {
                self.open.insert((day, file), block);
            }
        }
        if self.open.get(&(day, file)).is_some_and(|open| open.len() >= PACK_ROWS) {
            self.close(day, file);
        }
    }

    /// The same of a packed block.
    pub(crate) fn take_packed(&mut self, block: PackedBlock) {
        // What came before it in the file stays before it.
        self.close(block.day, block.file);
        self.keep_packed(block);
    }

    /// Packs an open block.
    fn close(&mut self, day: Day, file: u32) {
        if let Some(block) = self.open.remove(&(day, file)) {
            self.open_bytes = self.open_bytes.saturating_sub(block.bytes());
            self.keep_packed(PackedBlock::of(&block));
        }
    }

    fn keep_packed(&mut self, block: PackedBlock) {
        self.packed_bytes += block.bytes.len();
        self.closed.push((block.day, Kept::Packed(block)));
    }

    fn close_all(&mut self) {
        let open: Vec<Block> = std::mem::take(&mut self.open).into_values().collect();
        let packed: Vec<PackedBlock> = open.par_iter().map(PackedBlock::of).collect();
        self.open_bytes = 0;
        packed.into_iter().for_each(|block| self.keep_packed(block));
    }

    /// The file closed clean: its copies count.
    ///
    /// # Errors
    /// The place outside memory fails.
    pub(crate) fn keep(&mut self) -> io::Result<()> {
        self.close_all();
        if self.for_later {
            self.put_closed_aside()?;
        }
        for (day, kept) in std::mem::take(&mut self.closed) {
            match &kept {
                Kept::Packed(block) => self.has_answers |= block.has_answers,
                Kept::Aside(place) => {
                    self.has_answers |= place.has_answers;
                    self.part.push((day, *place));
                }
            }
            self.days.entry(day).or_default().push(kept);
        }
        Ok(())
    }

    /// A block counts that is aside already.
    pub(crate) fn adopt(&mut self, day: Day, place: Place) {
        self.has_answers |= place.has_answers;
        self.days.entry(day).or_default().push(Kept::Aside(place));
    }

    /// The blocks of the part that was read, where they are for later runs.
    pub(crate) fn take_part(&mut self) -> Vec<(Day, Place)> {
        std::mem::take(&mut self.part)
    }

    /// The file is unusable: nothing of it counts.
    pub(crate) fn forget(&mut self) {
        self.open.clear();
        self.open_bytes = 0;
        for (_, kept) in std::mem::take(&mut self.closed) {
            if let Kept::Packed(block) = kept {
                self.packed_bytes -= block.bytes.len();
            }
        }
    }

    /// Puts copies of the file at hand aside where they are more than may be held.
    ///
    /// # Errors
    /// The place fails.
    pub(crate) fn relieve(&mut self) -> io::Result<()> {
        let held = (self.open_bytes + self.packed_bytes) as u64;
        if self.aside.is_some_and(|aside| held > aside.held_bytes()) {
            self.close_all();
            self.put_closed_aside()?;
        }
        Ok(())
    }

    fn put_closed_aside(&mut self) -> io::Result<()> {
        let Some(aside) = self.aside else { return Ok(()) };
        let numbered = self.closed.iter_mut().zip(self.next_id..);
        let waiting: Vec<(&mut Kept, u64)> = numbered.map(|((_, kept), id)| (kept, id)).collect();
        self.next_id += waiting.len() as u64;
        let freed = waiting.into_par_iter().map(|(kept, id)| put_aside(kept, id, aside));
        let freed: Vec<usize> = freed.collect::<io::Result<_>>()?;
        self.packed_bytes = self.packed_bytes.saturating_sub(freed.into_iter().sum());
        Ok(())
    }

    /// Days that hold copies, in order.
    pub(crate) fn days(&self) -> Vec<Day> {
        self.days.keys().copied().collect()
    }

    /// Whether any copy may be addressed by what it answers.
    pub(crate) fn has_answers(&self) -> bool {
        self.has_answers
    }

    /// Of these days, how many may be merged at once.
    pub(crate) fn days_at_once(&self, days: &[Day]) -> usize {
        let bytes = |kept: &Kept| match kept {
            Kept::Packed(block) => block.bytes.len() as u64,
            Kept::Aside(place) => place.length.into(),
        };
        let of_day = |day: &Day| self.days.get(day).into_iter().flatten().map(bytes).sum::<u64>();
        let largest = days.iter().map(of_day).max().unwrap_or(0);
        let most = self.aside.map_or(u64::MAX, |aside| aside.merging_bytes());
        (most / (largest * MERGING_SHARE).max(1)).clamp(1, days.len().max(1) as u64) as usize
    }

    /// The blocks of a day in memory, by source, file and place in the file.
    ///
    /// # Errors
    /// What was put aside cannot be read again.
    pub(crate) fn day(&self, day: Day) -> io::Result<Vec<PackedBlock>> {
        self.some_of(day, |_| true)
    }

    /// Those of them that may be addressed by what they answer.
    ///
    /// # Errors
    /// What was put aside cannot be read again.
    pub(crate) fn answering(&self, day: Day) -> io::Result<Vec<PackedBlock>> {
        self.some_of(day, |has_answers| has_answers)
    }

    /// Where the blocks of a day are, in the order of [`Copies::day`]; `None` if some are in memory alone.
    pub(crate) fn places(&self, day: Day) -> Option<Vec<Place>> {
        let place = |kept: &Kept| match kept {
            Kept::Packed(_) => None,
            Kept::Aside(place) => Some(*place),
        };
        let mut places: Vec<Place> = self.days.get(&day).into_iter().flatten().map(place).collect::<Option<_>>()?;
        places.sort_by_key(Place::order);
        Some(places)
    }

    fn some_of(&self, day: Day, wanted: impl Fn(bool) -> bool) -> io::Result<Vec<PackedBlock>> {
        let mut blocks = Vec::new();
        for kept in self.days.get(&day).into_iter().flatten() {
            match kept {
                Kept::Packed(block) if wanted(block.has_answers) => blocks.push(block.clone()),
                Kept::Aside(place) if wanted(place.has_answers) => blocks.push(self.get(day, *place)?),
                _ => {}
            }
        }
        blocks.sort_by_key(|block| (block.source, block.file, block.offset));
        Ok(blocks)
    }

    fn get(&self, day: Day, place: Place) -> io::Result<PackedBlock> {
        let aside = self.aside.ok_or(io::ErrorKind::NotFound)?;
        let mut bytes = vec![0; place.length as usize];
        aside.get(place.at, &mut bytes)?;
        let Place { source, file, first, has_answers, .. } = place;
        // Files are numbered anew by each run.
        PackedBlock::again(day, (source, file), first, has_answers, bytes)
            .ok_or_else(|| io::ErrorKind::InvalidData.into())
    }
}

/// Puts a packed block aside; says how many bytes that frees.
fn put_aside(kept: &mut Kept, id: u64, aside: &dyn Aside) -> io::Result<usize> {
    let Kept::Packed(block) = kept else { return Ok(0) };
    let length = block.bytes.len();
    *kept = Kept::Aside(Place {
        id,
        at: aside.put(&block.bytes)?,
        length: length as u32,
        source: block.source,
        file: block.file,
        first: block.offset.unwrap_or(0),
        has_answers: block.has_answers,
    });
    Ok(length)
}
