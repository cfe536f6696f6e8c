//! Spellings that were met, with the handle of each: a table that many threads read while nobody writes.

use std::hash::{BuildHasher, Hasher, RandomState};

/// A spelling that is no address, or whose holder opted out: the plain path decides about its record.
const ODD: u32 = u32::MAX;
/// The longest spelling that is held; a longer one takes the plain path each time.
const LONGEST: usize = 55;

/// Open addressing with linear steps, at most half full; a slot is one cache line. The seed is random and reaches no
/// output.
pub(crate) struct Spellings {
    slots: Vec<Slot>,
    held: usize,
    seed: u64,
}

#[derive(Clone, Copy)]
#[repr(align(64))]
struct Slot {
    tag: u32,
    handle: u32,
    /// 0 where the slot is free.
    length: u8,
    bytes: [u8; LONGEST],
}

const FREE: Slot = Slot { tag: 0, handle: 0, length: 0, bytes: [0; LONGEST] };

impl Spellings {
    pub(crate) fn new() -> Spellings {
        let seed = RandomState::new().build_hasher().finish() | 1;
        Spellings { slots: vec![FREE; 1024], held: 0, seed }
    }

    /// The handle of a spelling; `None` where the plain path has to see it.
    pub(crate) fn get(&self, spelling: &[u8]) -> Option<u32> {
        let hash = hash(spelling, self.seed);
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            let slot = &self.slots[at];
            if slot.length == 0 {
                return None;
            }
            if slot.is(spelling, hash) {
                return (slot.handle != ODD).then_some(slot.handle);
            }
            at = (at + 1) & mask;
        }
    }

    /// Notes a spelling; `None` where the plain path has to see each of its records.
    pub(crate) fn note(&mut self, spelling: &[u8], handle: Option<u32>) {
        if spelling.is_empty() || spelling.len() > LONGEST {
            return;
        }
        if self.held * 2 >= self.slots.len() {
            self.grow();
        }
        let hash = hash(spelling, self.seed);
        let at = self.place(spelling, hash);
        if self.slots[at].length == 0 {
            self.held += 1;
            let mut bytes = [0; LONGEST];
            bytes[..spelling.len()].copy_from_slice(spelling);
            let handle = handle.unwrap_or(ODD);
            self.slots[at] = Slot { tag: tag(hash), handle, length: spelling.len() as u8, bytes };
        }
    }

    /// Where a spelling stands, or would.
    fn place(&self, spelling: &[u8], hash: u64) -> usize {
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        while self.slots[at].length != 0 && !self.slots[at].is(spelling, hash) {
            at = (at + 1) & mask;
        }
        at
    }

    fn grow(&mut self) {
        let larger = vec![FREE; self.slots.len() * 2];
        for slot in std::mem::replace(&mut self.slots, larger).into_iter().filter(|slot| slot.length != 0) {
            let spelling = &slot.bytes[..usize::from(slot.length)];
            let at = self.place(spelling, hash(spelling, self.seed));
            self.slots[at] = slot;
        }
    }
}

impl Slot {
    fn is(&self, spelling: &[u8], hash: u64) -> bool {
        self.tag == tag(hash) && self.bytes[..usize::from(self.length)] == *spelling
    }
}

fn tag(hash: u64) -> u32 {
    (hash >> 32) as u32
}

/// Eight bytes at a time, folded by multiplication. Quick, and no promise to anybody.
fn hash(spelling: &[u8], seed: u64) -> u64 {
    let fold = |a: u64, b: u64| {
        let product = u128::from(a) * u128::from(b);
        product as u64 ^ (product >> 64) as u64
    };
    let mut state = seed ^ spelling.len() as u64;
    let (words, rest) = spelling.as_chunks::<8>();
    for word in words {
        state = fold(state ^ u64::from_le_bytes(*word), 0x9e37_79b9_7f4a_7c15);
    }
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    fold(state ^ u64::from_le_bytes(last), seed ^ 0xd6e8_feb8_6659_fd93)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn equals_a_map(list in vec(("[a-c]{0,12}|[ab]{50,60}", any::<bool>()), 0..3000), asked in vec("[a-d]{0,12}", 0..50)) {
            let (mut table, mut map) = (Spellings::new(), BTreeMap::new());
            for (number, (spelling, is_odd)) in (0..).zip(&list) {
                let handle = (!is_odd).then_some(number);
                table.note(spelling.as_bytes(), handle);
                if (1..=LONGEST).contains(&spelling.len()) {
                    map.entry(spelling.clone()).or_insert(handle);
                }
            }
            for spelling in list.iter().map(|(spelling, _)| spelling).chain(&asked) {
                prop_assert_eq!(table.get(spelling.as_bytes()), map.get(spelling).copied().flatten());
            }
        }
    }
}
