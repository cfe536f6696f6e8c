//! Spellings that were met, with the handle of each: a table that many threads read while nobody writes.
//!
//! Spellings are looked up many at a time, in loops whose steps do not wait for each other: so that a core fetches
//! several lines of the table at once.

use std::hash::{BuildHasher, Hasher, RandomState};

/// The longest spelling that is held; a longer one takes the plain path each time.
const LONGEST: usize = 120;
/// Bytes before each text: handle, length, keyed id.
const HEAD: usize = 16;
/// Texts begin at multiples of this many bytes.
const STEP: usize = 8;

/// Open addressing with linear steps, at most three eighths full: few look-ups take a second step, which no core foresees. Slots and texts are apart and small, so that both stay
/// near the core. The seed is random and reaches no output.
pub(crate) struct Spellings {
    slots: Vec<Slot>,
    /// Head and text of each spelling, one after another.
    texts: Vec<u8>,
    held: usize,
    seed: u64,
}

/// A part of the hash, and where the spelling stands in [`STEP`]s; 0 where the slot is free.
#[derive(Clone, Copy, Default)]
struct Slot {
    tag: u32,
    place: u32,
}

/// Whom a spelling names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Met {
    pub(crate) handle: u32,
    /// Its keyed id.
    pub(crate) id: i64,
}

impl Met {
    /// A spelling that was not met, is no address, or whose holder opted out: the plain path decides about its record.
    pub(crate) const ODD: Met = Met { handle: u32::MAX, id: 0 };
}

/// Room for the steps of a look-up.
#[derive(Default)]
pub(crate) struct LookUps {
    hashes: Vec<u64>,
    slots: Vec<Slot>,
    heads: Vec<Head>,
}

/// What stands before a text.
#[derive(Clone, Copy)]
struct Head {
    named: Met,
    length: usize,
}

impl Spellings {
    pub(crate) fn new() -> Spellings {
        let seed = RandomState::new().build_hasher().finish() | 1;
        Spellings { slots: vec![Slot::default(); 1024], texts: vec![0; HEAD], held: 0, seed }
    }

    /// Whom each of these spellings names, in their order.
    pub(crate) fn find<'s>(
        &self,
        asked: impl Iterator<Item = &'s [u8]> + Clone,
        room: &mut LookUps,
        found: &mut Vec<Met>,
    ) {
        let mask = self.slots.len() - 1;
        room.hashes.clear();
        room.hashes.extend(asked.clone().map(|spelling| hash(spelling, self.seed)));
        room.slots.clear();
        room.slots.extend(room.hashes.iter().map(|&hash| self.likely(hash, mask)));
        room.heads.clear();
        room.heads.extend(room.slots.iter().map(|&slot| self.head(slot)));
        found.clear();
        for (spelling, ((&hash, &slot), &head)) in asked.zip(room.hashes.iter().zip(&room.slots).zip(&room.heads)) {
            let is_it = slot.place != 0
                && slot.tag == tag(hash)
                && head.length == spelling.len()
                && self.has_text(slot, spelling);
            found.push(if is_it { head.named } else { self.search(spelling, hash) });
        }
    }

    /// The first slot with the tag of a hash, or the free one behind it: without a look at the text.
    #[inline]
    fn likely(&self, hash: u64, mask: usize) -> Slot {
        let mut at = hash as usize & mask;
        loop {
            let slot = self.slots[at];
            if slot.tag == tag(hash) || slot.place == 0 {
                return slot;
            }
            at = (at + 1) & mask;
        }
    }

    /// The same of one that shares its tag with another, or is not there.
    fn search(&self, spelling: &[u8], hash: u64) -> Met {
        let (_, slot) = self.place(spelling, hash);
        if slot.place == 0 { Met::ODD } else { self.head(slot).named }
    }

    /// The head of a slot's text; of a free slot one without a meaning.
    fn head(&self, slot: Slot) -> Head {
        let head = self.texts.get(slot.place as usize * STEP..).and_then(|text| text.first_chunk::<HEAD>());
        let [a, b, c, d, length, _, _, _, id @ ..] = *head.unwrap_or(&[0; HEAD]);
        let named = Met { handle: u32::from_le_bytes([a, b, c, d]), id: i64::from_le_bytes(id) };
        Head { named, length: length.into() }
    }

    /// Whether a slot's text begins with this one. Two words that may overlap tell most addresses.
    fn has_text(&self, slot: Slot, spelling: &[u8]) -> bool {
        let begin = slot.place as usize * STEP + HEAD;
        let Some(text) = self.texts.get(begin..begin + spelling.len()) else { return false };
        match (
            text.first_chunk::<16>(),
            spelling.first_chunk::<16>(),
            text.last_chunk::<16>(),
            spelling.last_chunk::<16>(),
        ) {
            (Some(a), Some(b), Some(c), Some(d)) if text.len() <= 32 => (a == b) & (c == d),
            _ => text == spelling,
        }
    }

    fn is(&self, slot: Slot, spelling: &[u8]) -> bool {
        slot.place != 0 && self.head(slot).length == spelling.len() && self.has_text(slot, spelling)
    }

    /// Notes whom a spelling names; [`Met::ODD`] where the plain path has to see each of its records.
    pub(crate) fn note(&mut self, spelling: &[u8], named: Met) {
        if spelling.is_empty() || spelling.len() > LONGEST {
            return;
        }
        if self.held * 8 >= self.slots.len() * 3 {
            self.grow();
        }
        let hash = hash(spelling, self.seed);
        let (at, slot) = self.place(spelling, hash);
        let Ok(place) = u32::try_from(self.texts.len() / STEP) else { return };
        if slot.place != 0 {
            return;
        }
        self.held += 1;
        self.slots[at] = Slot { tag: tag(hash), place };
        self.texts.extend_from_slice(&named.handle.to_le_bytes());
        self.texts.extend_from_slice(&(spelling.len() as u32).to_le_bytes());
        self.texts.extend_from_slice(&named.id.to_le_bytes());
        self.texts.extend_from_slice(spelling);
        self.texts.resize(self.texts.len().next_multiple_of(STEP), 0);
    }

    /// Where a spelling stands, or would.
    fn place(&self, spelling: &[u8], hash: u64) -> (usize, Slot) {
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            let slot = self.slots[at];
            if slot.place == 0 || (slot.tag == tag(hash) && self.is(slot, spelling)) {
                return (at, slot);
            }
            at = (at + 1) & mask;
        }
    }

    fn grow(&mut self) {
        let larger = vec![Slot::default(); self.slots.len() * 2];
        let mask = larger.len() - 1;
        for slot in std::mem::replace(&mut self.slots, larger).into_iter().filter(|slot| slot.place != 0) {
            let begin = slot.place as usize * STEP;
            let length = usize::from(self.texts[begin + 4]);
            let text = &self.texts[begin + HEAD..begin + HEAD + length];
            let mut at = hash(text, self.seed) as usize & mask;
            while self.slots[at].place != 0 {
                at = (at + 1) & mask;
            }
            self.slots[at] = slot;
        }
    }
}

fn tag(hash: u64) -> u32 {
    (hash >> 32) as u32
}

/// Sixteen bytes at a time, folded by multiplication; the last ones may be taken twice. Quick, and no promise to
/// anybody.
fn hash(spelling: &[u8], seed: u64) -> u64 {
    let fold = |a: u64, b: u64| {
        let product = u128::from(a) * u128::from(b);
        product as u64 ^ (product >> 64) as u64
    };
    let eight = |bytes: &[u8; 8]| u64::from_le_bytes(*bytes);
    let four = |bytes: &[u8; 4]| u64::from(u32::from_le_bytes(*bytes));
    let mut state = seed ^ spelling.len() as u64;
    let mut rest = spelling;
    while rest.len() > 16
        && let Some((head, tail)) = rest.split_first_chunk::<16>()
    {
        let (words, _) = head.as_chunks::<8>();
        state = fold(eight(&words[0]) ^ state, eight(&words[1]) ^ 0x9e37_79b9_7f4a_7c15);
        rest = tail;
    }
    let (a, b) = if let Some(last) = spelling.last_chunk::<16>() {
        let (words, _) = last.as_chunks::<8>();
        (eight(&words[0]), eight(&words[1]))
    } else if let (Some(first), Some(last)) = (spelling.first_chunk::<8>(), spelling.last_chunk::<8>()) {
        (eight(first), eight(last))
    } else if let (Some(first), Some(last)) = (spelling.first_chunk::<4>(), spelling.last_chunk::<4>()) {
        (four(first), four(last))
    } else {
        (spelling.iter().fold(0, |word, &byte| word << 8 | u64::from(byte)), 0)
    };
    fold(a ^ state, b ^ seed ^ 0xd6e8_feb8_6659_fd93)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn equals_a_map(list in vec(("[a-c]{0,40}|[ab]{115,125}", any::<bool>()), 0..3000), asked in vec("[a-d]{0,12}", 0..50)) {
            let (mut table, mut map) = (Spellings::new(), BTreeMap::new());
            for (number, (spelling, is_odd)) in (0..).zip(&list) {
                let named = if *is_odd { Met::ODD } else { Met { handle: number, id: -i64::from(number) } };
                table.note(spelling.as_bytes(), named);
                if (1..=LONGEST).contains(&spelling.len()) {
                    map.entry(spelling.clone()).or_insert(named);
                }
            }
            let all: Vec<&String> = list.iter().map(|(spelling, _)| spelling).chain(&asked).collect();
            let mut found = Vec::new();
            table.find(all.iter().map(|spelling| spelling.as_bytes()), &mut LookUps::default(), &mut found);
            let expected: Vec<Met> = all.iter().map(|spelling| map.get(*spelling).copied().unwrap_or(Met::ODD)).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
