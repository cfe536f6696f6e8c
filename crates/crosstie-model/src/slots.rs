//! Slots: what chance deals out of a window, packed, since there are more of them than of anything else.

use crate::Weight;

/// Equal (message, recipient) rows between two people of the organization in one stratum: `count` slots of the same share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot {
    /// Sender.
    pub source: u32,
    /// Recipient.
    pub target: u32,
    /// Share of the message that one slot carries, in units of 2^-20; at most one message.
    pub units: u32,
    /// How many slots.
    pub count: u32,
}

impl Slot {
    /// What no two slots of a stratum have in common: (sender, recipient, share).
    #[must_use]
    pub fn key(&self) -> (u32, u32, u32) {
        (self.source, self.target, self.units)
    }

    /// Weight of all its slots.
    #[must_use]
    pub fn weight(&self) -> Weight {
        Weight::from_units(u64::from(self.units) * u64::from(self.count))
    }
}

/// Bits of a word that hold the share; the others hold how many slots.
const UNITS_BITS: u32 = 21;
const MOST_UNITS: u32 = (1 << UNITS_BITS) - 1;
const MOST_COUNT: u32 = u32::MAX >> UNITS_BITS;

/// The slots of a stratum, sorted by (sender, recipient, share), in eight bytes each and eight a sender.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Slots {
    /// Each sender, and where its slots end.
    senders: Vec<(u32, u32)>,
    /// Recipient, and share and number in one word; the word is 0 where they do not fit.
    packed: Vec<(u32, u32)>,
    /// Those that do not fit: place, share, number.
    large: Vec<(u32, u32, u32)>,
}

impl Slots {
    /// None yet, with room for so many.
    #[must_use]
    pub fn with_capacity(count: usize) -> Slots {
        Slots { packed: Vec::with_capacity(count), ..Slots::default() }
    }

    /// Adds a slot behind all others. Equal slots are not added up.
    ///
    /// # Panics
    /// If there are 2^32.
    pub fn push(&mut self, slot: Slot) {
        let Slot { source, target, units, count } = slot;
        let at = u32::try_from(self.packed.len()).expect("a stratum has under 2^32 slots");
        let fits = units <= MOST_UNITS && (1..=MOST_COUNT).contains(&count);
        self.packed.push((target, if fits { count << UNITS_BITS | units } else { 0 }));
        if !fits {
            self.large.push((at, units, count));
        }
        match self.senders.last_mut() {
            Some((last, end)) if *last == source => *end = at + 1,
            _ => self.senders.push((source, at + 1)),
        }
    }

    /// How many, equal ones as one.
    #[must_use]
    pub fn len(&self) -> usize {
        self.packed.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.packed.is_empty()
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = Slot> + Clone + '_ {
        self.by_sender().flatten()
    }

    /// The slots of each sender.
    pub fn by_sender(&self) -> impl Iterator<Item = impl ExactSizeIterator<Item = Slot> + Clone + '_> + Clone + '_ {
        let mut begin = 0;
        self.senders.iter().map(move |&(source, end)| {
            let own = begin as usize..end as usize;
            begin = end;
            own.map(move |at| self.slot(source, at))
        })
    }

    /// Gives back what room is not taken.
    pub fn shrink_to_fit(&mut self) {
        self.senders.shrink_to_fit();
        self.packed.shrink_to_fit();
        self.large.shrink_to_fit();
    }

    #[inline]
    fn slot(&self, source: u32, at: usize) -> Slot {
        let (target, word) = self.packed[at];
        let (units, count) = if word == 0 { self.large_at(at) } else { (word & MOST_UNITS, word >> UNITS_BITS) };
        Slot { source, target, units, count }
    }

    #[cold]
    fn large_at(&self, at: usize) -> (u32, u32) {
        let place = self.large.partition_point(|large| (large.0 as usize) < at);
        (self.large[place].1, self.large[place].2)
    }
}

/// Of slots that are sorted.
impl FromIterator<Slot> for Slots {
    fn from_iter<T: IntoIterator<Item = Slot>>(list: T) -> Slots {
        let list = list.into_iter();
        let mut slots = Slots::with_capacity(list.size_hint().0);
        list.for_each(|slot| slots.push(slot));
        slots
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Stream;

    /// Whatever their shares and numbers, all of them, by sender.
    #[test]
    fn slots_come_back() {
        let mut stream = Stream::new(1, "slots", &[]);
        let mut near = |limit: u32| {
            let some = [0, 1, limit - 1, limit, limit + 1, u32::MAX];
            some[stream.below(some.len() as u64) as usize]
        };
        for count in 0..200 {
            let mut list: Vec<Slot> = (0..count)
                .map(|at| Slot { source: at % 7, target: near(9), units: near(MOST_UNITS), count: near(MOST_COUNT) })
                .collect();
            list.sort_unstable();
            let slots: Slots = list.iter().copied().collect();
            assert_eq!(slots.iter().collect::<Vec<_>>(), list);
            assert_eq!((slots.len(), slots.is_empty()), (list.len(), list.is_empty()));
            let by_sender: Vec<Vec<Slot>> = slots.by_sender().map(Iterator::collect).collect();
            let expected: Vec<&[Slot]> = list.chunk_by(|a, b| a.source == b.source).collect();
            assert_eq!(by_sender, expected);
        }
    }

    #[test]
    fn common_slots_take_eight_bytes() {
        let slots = Slots::from_iter((0..10).map(|target| Slot { source: 1, target, units: 1 << 20, count: 3 }));
        assert!(slots.large.is_empty());
        assert_eq!(size_of_val(slots.packed.as_slice()), 80);
    }
}
