//! Spellings that were met, with the handle of each: a table that many threads read while nobody writes.

use std::hash::{BuildHasher, Hasher, RandomState};

/// A spelling that is no address, or whose holder opted out: the plain path decides about its record.
const ODD: u32 = u32::MAX;
const EMPTY: u32 = u32::MAX;

/// Open addressing with linear steps, at most half full. The seed is random and reaches no output.
pub(crate) struct Spellings {
    /// Part of the hash, and the number of the entry.
    slots: Vec<(u32, u32)>,
    entries: Vec<Entry>,
    bytes: Vec<u8>,
    seed: u64,
}

#[derive(Clone, Copy)]
struct Entry {
    begin: u32,
    length: u32,
    handle: u32,
}

impl Spellings {
    pub(crate) fn new() -> Spellings {
        let seed = RandomState::new().build_hasher().finish() | 1;
        Spellings { slots: vec![(0, EMPTY); 1024], entries: Vec::new(), bytes: Vec::new(), seed }
    }

    /// The handle of a spelling; `None` where the plain path has to see it.
    pub(crate) fn get(&self, spelling: &[u8]) -> Option<u32> {
        let hash = hash(spelling, self.seed);
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            let (tag, entry) = self.slots[at];
            if entry == EMPTY {
                return None;
            }
            if tag == (hash >> 32) as u32 {
                let entry = self.entries[entry as usize];
                let held = &self.bytes[entry.begin as usize..(entry.begin + entry.length) as usize];
                if held == spelling {
                    return (entry.handle != ODD).then_some(entry.handle);
                }
            }
            at = (at + 1) & mask;
        }
    }

    /// Notes a spelling; `None` where the plain path has to see each of its records.
    pub(crate) fn note(&mut self, spelling: &[u8], handle: Option<u32>) {
        let hash = hash(spelling, self.seed);
        if self.has(spelling, hash) || self.bytes.len() + spelling.len() > u32::MAX as usize {
            return;
        }
        if self.entries.len() * 2 >= self.slots.len() {
            self.grow();
        }
        let entry = Entry {
            begin: self.bytes.len() as u32,
            length: spelling.len() as u32,
            handle: handle.unwrap_or(ODD),
        };
        self.bytes.extend_from_slice(spelling);
        self.entries.push(entry);
        self.place(hash, self.entries.len() as u32 - 1);
    }

    fn has(&self, spelling: &[u8], hash: u64) -> bool {
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        while self.slots[at].1 != EMPTY {
            let entry = self.entries[self.slots[at].1 as usize];
            if &self.bytes[entry.begin as usize..(entry.begin + entry.length) as usize] == spelling {
                return true;
            }
            at = (at + 1) & mask;
        }
        false
    }

    fn grow(&mut self) {
        self.slots = vec![(0, EMPTY); self.slots.len() * 4];
        for number in 0..self.entries.len() {
            let entry = self.entries[number];
            let spelling = &self.bytes[entry.begin as usize..(entry.begin + entry.length) as usize];
            self.place(hash(spelling, self.seed), number as u32);
        }
    }

    fn place(&mut self, hash: u64, entry: u32) {
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        while self.slots[at].1 != EMPTY {
            at = (at + 1) & mask;
        }
        self.slots[at] = ((hash >> 32) as u32, entry);
    }
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
        fn equals_a_map(list in vec(("[a-c]{0,12}", any::<bool>()), 0..3000), asked in vec("[a-d]{0,12}", 0..50)) {
            let (mut table, mut map) = (Spellings::new(), BTreeMap::new());
            for (number, (spelling, is_odd)) in (0..).zip(&list) {
                let handle = (!is_odd).then_some(number);
                table.note(spelling.as_bytes(), handle);
                map.entry(spelling.clone()).or_insert(handle);
            }
            for spelling in list.iter().map(|(spelling, _)| spelling).chain(&asked) {
                prop_assert_eq!(table.get(spelling.as_bytes()), map.get(spelling).copied().flatten());
            }
        }
    }
}
