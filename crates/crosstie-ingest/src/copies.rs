//! Messages as they were read, copies and all, by day and in columns: a day is small and quick to go through, whatever
//! the length of the history.

use crate::answers::Answers;
use crate::packed_block::PackedBlock;
use crate::source::Aside;
use crate::work::Spot;
use crosstie_model::{DAY_MICROS, Day, Micros, Role, Venue};
use rayon::prelude::*;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

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
    /// One that answers; it is held as it is.
    Here(Arc<Block>),
    Packed(PackedBlock),
    /// Put aside: where, how many bytes, and what is told of it besides.
    Aside(u64, usize, PackedBlock),
}

impl Kept {
    /// The block that it is.
    ///
    /// # Errors
    /// What was put aside is none.
    pub(crate) fn block(&self) -> io::Result<Cow<'_, Block>> {
        match self {
            Kept::Here(block) => Ok(Cow::Borrowed(block)),
            Kept::Packed(packed) | Kept::Aside(.., packed) => {
                packed.block().map(Cow::Owned).ok_or_else(|| io::ErrorKind::InvalidData.into())
            }
        }
    }

    /// The keys of its rows.
    pub(crate) fn keys(&self) -> Keys<'_> {
        match self {
            Kept::Here(block) => Keys::Here(&block.keys),
            Kept::Packed(packed) | Kept::Aside(.., packed) => Keys::Packed(packed),
        }
    }

    fn order(&self) -> (u32, u32, Option<u64>) {
        match self {
            Kept::Here(block) => (block.source, block.file, block.offsets.first().copied()),
            Kept::Packed(packed) | Kept::Aside(.., packed) => (packed.source, packed.file, packed.offset),
        }
    }
}

/// The keys of a block.
#[derive(Clone, Copy)]
pub(crate) enum Keys<'k> {
    Here(&'k [u128]),
    Packed(&'k PackedBlock),
}

impl Keys<'_> {
    /// Calls `each` with every key, in the order of rows.
    #[inline]
    pub(crate) fn each(&self, mut each: impl FnMut(u128)) {
        match self {
            Keys::Here(keys) => keys.iter().for_each(|&key| each(key)),
            Keys::Packed(packed) => packed.keys().for_each(each),
        }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Keys::Here(keys) => keys.len(),
            Keys::Packed(packed) => packed.rows as usize,
        }
    }
}

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
    has_answers: bool,
    /// Bytes of open and of packed blocks in memory.
    open_bytes: usize,
    packed_bytes: usize,
    aside: Option<&'a dyn Aside>,
}

impl<'a> Copies<'a> {
    pub(crate) fn new(aside: Option<&'a dyn Aside>) -> Copies<'a> {
        Copies { aside, ..Copies::default() }
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

    /// Packs an open block. One that answers stays open.
    fn close(&mut self, day: Day, file: u32) {
        if let Some(block) = self.open.remove(&(day, file)) {
            if block.has_answers() {
                self.open.insert((day, file), block);
            } else {
                self.open_bytes = self.open_bytes.saturating_sub(block.bytes());
                self.keep_packed(PackedBlock::of(&block));
            }
        }
    }

    fn keep_packed(&mut self, block: PackedBlock) {
        self.packed_bytes += block.bytes.len();
        self.closed.push((block.day, Kept::Packed(block)));
    }

    /// The file closed clean: its copies count.
    pub(crate) fn keep(&mut self) {
        for (day, kept) in std::mem::take(&mut self.closed) {
            self.days.entry(day).or_default().push(kept);
        }
        let (answering, plain): (Vec<Block>, Vec<Block>) =
            std::mem::take(&mut self.open).into_values().partition(Block::has_answers);
        self.has_answers |= !answering.is_empty();
        for block in answering {
            self.days.entry(block.day).or_default().push(Kept::Here(Arc::new(block)));
        }
        let packed: Vec<PackedBlock> = plain.par_iter().map(PackedBlock::of).collect();
        for block in packed {
            self.packed_bytes += block.bytes.len();
            self.days.entry(block.day).or_default().push(Kept::Packed(block));
        }
        self.open_bytes = 0;
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

    /// Puts copies of the file at hand aside where they are more than may be held. Blocks that answer stay.
    ///
    /// # Errors
    /// The place fails.
    pub(crate) fn relieve(&mut self) -> io::Result<()> {
        let is_over =
            |copies: &Self, aside: &dyn Aside| (copies.open_bytes + copies.packed_bytes) as u64 > aside.held_bytes();
        let Some(aside) = self.aside.filter(|aside| is_over(self, *aside)) else { return Ok(()) };
        let open: Vec<Block> = std::mem::take(&mut self.open).into_values().collect();
        let (stay, go): (Vec<Block>, Vec<Block>) = open.into_iter().partition(Block::has_answers);
        self.open = stay.into_iter().map(|block| ((block.day, block.file), block)).collect();
        let packed: Vec<PackedBlock> = go.par_iter().map(PackedBlock::of).collect();
        drop(go);
        self.open_bytes = 0;
        packed.into_iter().for_each(|block| self.keep_packed(block));
        let put = self.closed.par_iter_mut().map(|(_, kept)| put_aside(kept, aside));
        self.packed_bytes -= put.try_reduce(|| 0, |a, b| Ok(a + b))?;
        Ok(())
    }

    /// The blocks of a day that answer.
    pub(crate) fn answering(&self, day: Day) -> impl Iterator<Item = &Block> {
        self.days.get(&day).into_iter().flatten().filter_map(|kept| match kept {
            Kept::Here(block) => Some(&**block),
            _ => None,
        })
    }

    /// Days that hold copies, in order.
    pub(crate) fn days(&self) -> Vec<Day> {
        self.days.keys().copied().collect()
    }

    /// Whether any copy may be addressed by what it answers.
    pub(crate) fn has_answers(&self) -> bool {
        self.has_answers
    }

    /// The blocks of a day in memory, by source, file and place in the file.
    ///
    /// # Errors
    /// What was put aside cannot be read again.
    pub(crate) fn day(&self, day: Day) -> io::Result<Vec<Kept>> {
        let mut blocks = Vec::new();
        for kept in self.days.get(&day).into_iter().flatten() {
            blocks.push(match (kept, self.aside) {
                (Kept::Aside(at, length, told), Some(aside)) => {
                    let mut bytes = vec![0; *length];
                    aside.get(*at, &mut bytes)?;
                    Kept::Packed(PackedBlock { bytes: Arc::new(bytes), ..told.clone() })
                }
                (Kept::Aside(..), None) => return Err(io::ErrorKind::NotFound.into()),
                (held, _) => held.clone(),
            });
        }
        blocks.sort_by_key(Kept::order);
        Ok(blocks)
    }
}

/// Puts a packed block aside; says how many bytes that frees.
fn put_aside(kept: &mut Kept, aside: &dyn Aside) -> io::Result<usize> {
    let Kept::Packed(block) = kept else { return Ok(0) };
    let (at, length) = (aside.put(&block.bytes)?, block.bytes.len());
    *kept = Kept::Aside(at, length, block.told());
    Ok(length)
}
