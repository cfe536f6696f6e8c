//! SipHash-2-4 with 128 bits of many short inputs at once (Aumasson & Bernstein 2012, doi:10.1007/978-3-642-34931-7_28).
//!
//! One hash is a chain in which each step waits for the one before; many side by side fill the time.

use crosstie_model::SimdWidth;
use pulp::{Simd, WithSimd};

/// Inputs that are hashed side by side.
const LANES: usize = 64;

/// A number for each lane.
type Lane = [u64; LANES];

/// Inputs that wait to be hashed.
pub(crate) struct Inputs {
    /// All inputs, one after another, in words of eight bytes; the last byte of each holds its length.
    bytes: Vec<u8>,
    /// Where each ends.
    ends: Vec<usize>,
}

/// Words that most inputs have at most.
const WORDS: usize = 16;

impl Inputs {
    /// Room for so many inputs.
    pub(crate) fn for_count(count: usize) -> Inputs {
        Inputs { bytes: Vec::with_capacity(count * WORDS * 8), ends: Vec::with_capacity(count) }
    }

    /// Adds an input: the parts, each behind its length.
    pub(crate) fn push(&mut self, parts: &[&[u8]]) {
        let length: usize = parts.iter().map(|part| 8 + part.len()).sum();
        let begin = self.bytes.len();
        // At least one byte is free for the length.
        self.bytes.resize(begin + (length + 1).next_multiple_of(8), 0);
        let mut rest = &mut self.bytes[begin..];
        for part in parts {
            let (head, behind) = rest.split_at_mut(8);
            head.copy_from_slice(&(part.len() as u64).to_le_bytes());
            let (body, behind) = behind.split_at_mut(part.len());
            copy_short(part, body);
            rest = behind;
        }
        if let Some(last) = rest.last_mut() {
            *last = length as u8;
        }
        self.ends.push(self.bytes.len());
    }

    /// The hashes of all inputs, in their order.
    pub(crate) fn hashes(&self, key: [u64; 2], width: SimdWidth) -> Vec<[u8; 16]> {
        let mut out = Vec::with_capacity(self.ends.len());
        let mut rows: Vec<Lane> = Vec::with_capacity(WORDS);
        let mut begin = 0;
        for ends in self.ends.chunks(LANES) {
            let mut counts = [0; LANES];
            rows.clear();
            for (lane, &end) in ends.iter().enumerate() {
                let (words, _) = self.bytes[begin..end].as_chunks::<8>();
                rows.resize(rows.len().max(words.len()), [0; LANES]);
                rows.iter_mut().zip(words).for_each(|(row, word)| row[lane] = u64::from_le_bytes(*word));
                counts[lane] = words.len() as u64;
                begin = end;
            }
            let hashes = width.dispatch(SideBySide { key, rows: &rows, counts });
            out.extend_from_slice(&hashes[..ends.len()]);
        }
        out
    }
}

/// Copies a few bytes by words that may overlap: quicker than to ask how many there are.
#[inline]
fn copy_short(from: &[u8], to: &mut [u8]) {
    match from.len() {
        9..=16 => copy_ends::<8>(from, to),
        17..=32 => copy_ends::<16>(from, to),
        33..=64 => copy_ends::<32>(from, to),
        _ => to.copy_from_slice(from),
    }
}

/// The first and the last bytes, which are all of them.
#[inline]
fn copy_ends<const LENGTH: usize>(from: &[u8], to: &mut [u8]) {
    if let (Some(from), Some(to)) = (from.first_chunk::<LENGTH>(), to.first_chunk_mut::<LENGTH>()) {
        *to = *from;
    }
    if let (Some(from), Some(to)) = (from.last_chunk::<LENGTH>(), to.last_chunk_mut::<LENGTH>()) {
        *to = *from;
    }
}

struct SideBySide<'r> {
    key: [u64; 2],
    /// Word by word.
    rows: &'r [Lane],
    /// Words of each lane.
    counts: Lane,
}

impl WithSimd for SideBySide<'_> {
    type Output = [[u8; 16]; LANES];

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Self::Output {
        let [one, two] = self.key;
        let mut lanes = Lanes {
            a: [one ^ 0x736f_6d65_7073_6575; LANES],
            b: [two ^ 0x646f_7261_6e64_6f6d ^ 0xee; LANES],
            c: [one ^ 0x6c79_6765_6e65_7261; LANES],
            d: [two ^ 0x7465_6462_7974_6573; LANES],
        };
        for (at, words) in (0..).zip(self.rows) {
            // A lane that has ended stays as it is.
            lanes.each(|lane, state| {
                let next = round(round(state.with_last(words[lane]))).with_first(words[lane]);
                if at < self.counts[lane] { next } else { state }
            });
        }
        let mut out = [[0; 16]; LANES];
        lanes.each(|_, state| finish(State { c: state.c ^ 0xee, ..state }));
        for (lane, out) in out.iter_mut().enumerate() {
            out[..8].copy_from_slice(&lanes.half(lane).to_le_bytes());
        }
        lanes.each(|_, state| finish(State { b: state.b ^ 0xdd, ..state }));
        for (lane, out) in out.iter_mut().enumerate() {
            out[8..].copy_from_slice(&lanes.half(lane).to_le_bytes());
        }
        out
    }
}

/// The state of each lane.
struct Lanes {
    a: Lane,
    b: Lane,
    c: Lane,
    d: Lane,
}

impl Lanes {
    /// One loop over lanes, each with a step of its own: that is what compilers turn into vector code.
    #[inline(always)]
    fn each(&mut self, step: impl Fn(usize, State) -> State) {
        for lane in 0..LANES {
            let state = State { a: self.a[lane], b: self.b[lane], c: self.c[lane], d: self.d[lane] };
            let State { a, b, c, d } = step(lane, state);
            self.a[lane] = a;
            self.b[lane] = b;
            self.c[lane] = c;
            self.d[lane] = d;
        }
    }

    fn half(&self, lane: usize) -> u64 {
        self.a[lane] ^ self.b[lane] ^ self.c[lane] ^ self.d[lane]
    }
}

/// The state of one hash.
#[derive(Clone, Copy)]
struct State {
    a: u64,
    b: u64,
    c: u64,
    d: u64,
}

impl State {
    #[inline(always)]
    fn with_first(self, word: u64) -> State {
        State { a: self.a ^ word, ..self }
    }

    #[inline(always)]
    fn with_last(self, word: u64) -> State {
        State { d: self.d ^ word, ..self }
    }
}

#[inline(always)]
fn finish(state: State) -> State {
    round(round(round(round(state))))
}

#[inline(always)]
fn round(State { mut a, mut b, mut c, mut d }: State) -> State {
    a = a.wrapping_add(b);
    b = b.rotate_left(13) ^ a;
    a = a.rotate_left(32);
    c = c.wrapping_add(d);
    d = d.rotate_left(16) ^ c;
    a = a.wrapping_add(d);
    d = d.rotate_left(21) ^ a;
    c = c.wrapping_add(b);
    b = b.rotate_left(17) ^ c;
    State { a, b, c: c.rotate_left(32), d }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};
    use siphasher::sip128::{Hasher128, SipHasher24};
    use std::hash::Hasher;

    proptest! {
        /// A library that shares no code with it, one input at a time; at any width of vectors.
        #[test]
        fn equals_one_at_a_time(key: [u64; 2], lists in vec(vec(vec(any::<u8>(), 0..100), 0..4), 0..150)) {
            let mut inputs = Inputs::for_count(lists.len());
            let mut expected = Vec::new();
            for parts in &lists {
                inputs.push(&parts.iter().map(Vec::as_slice).collect::<Vec<_>>());
                let mut hasher = SipHasher24::new_with_keys(key[0], key[1]);
                for part in parts {
                    hasher.write(&(part.len() as u64).to_le_bytes());
                    hasher.write(part);
                }
                expected.push(hasher.finish128().as_bytes());
            }
            for width in SimdWidth::ALL {
                prop_assert_eq!(&inputs.hashes(key, width), &expected);
            }
        }
    }
}
