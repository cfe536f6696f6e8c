//! Where the bytes stand that part fields and lines, 64 bytes at a time: a bit for each byte, then steps for the bits that
//! are set.

use crosstie_model::SimdWidth;
use pulp::NullaryFnOnce;

/// Places that are written at once, whether or not so many bytes are wanted: most chunks hold fewer, and how many is
/// what no core foresees.
const AT_ONCE: usize = 8;

/// Which bytes are marks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    /// These are.
    pub(crate) these: [u8; 4],
    /// So are those that are below this as signed numbers: control characters, and what is not ASCII.
    pub(crate) below: i8,
}

impl Wanted {
    /// Without a short circuit, which would keep loops from becoming vectors.
    fn has(self, byte: u8) -> bool {
        let [a, b, c, d] = self.these;
        (byte == a) | (byte == b) | (byte == c) | (byte == d) | ((byte as i8) < self.below)
    }
}

/// Puts the places of the wanted bytes into `into`, in order.
pub(crate) fn marks(bytes: &[u8], wanted: Wanted, width: SimdWidth, into: &mut Vec<u32>) {
    #[cfg(target_arch = "x86_64")]
    {
        use pulp::x86::{V3, V4};
        use wide::{In256, In512};
        if let (SimdWidth::Best | SimdWidth::V4, Some(simd)) = (width, V4::try_new()) {
            return simd.vectorize(Finding { bytes, mask: In512 { simd, wanted }, into });
        }
        if let (SimdWidth::Best | SimdWidth::V3, Some(simd)) = (width, V3::try_new()) {
            return simd.vectorize(Finding { bytes, mask: In256 { simd, wanted }, into });
        }
    }
    Finding { bytes, mask: wanted, into }.call();
}

/// Makes a bit for each wanted byte.
trait Mask: Copy {
    fn of(self, chunk: &[u8; 64]) -> u64;
}

/// By a loop that compilers turn into what vectors a processor has at least. Eight bytes of 0 or 1 become eight bits by a
/// product whose terms never meet.
impl Mask for Wanted {
    fn of(self, chunk: &[u8; 64]) -> u64 {
        let hits = chunk.map(|byte| u8::from(self.has(byte)));
        let (words, _) = hits.as_chunks::<8>();
        let bits = |word: &[u8; 8]| u64::from_le_bytes(*word).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        words.iter().rev().fold(0, |mask, word| mask << 8 | bits(word))
    }
}

#[cfg(target_arch = "x86_64")]
mod wide {
    use super::{Mask, Wanted};
    use pulp::x86::{V3, V4};
    use std::arch::x86_64::{__m256i, __m512i};

    #[derive(Clone, Copy)]
    pub(super) struct In512 {
        pub(super) simd: V4,
        pub(super) wanted: Wanted,
    }

    impl Mask for In512 {
        #[inline(always)]
        fn of(self, chunk: &[u8; 64]) -> u64 {
            let In512 { simd, wanted } = self;
            let (f, bw) = (simd.avx512f, simd.avx512bw);
            let bytes: __m512i = pulp::cast(*chunk);
            let mut mask = bw._mm512_cmplt_epi8_mask(bytes, f._mm512_set1_epi8(wanted.below));
            for byte in wanted.these {
                mask |= bw._mm512_cmpeq_epi8_mask(bytes, f._mm512_set1_epi8(byte as i8));
            }
            mask
        }
    }

    #[derive(Clone, Copy)]
    pub(super) struct In256 {
        pub(super) simd: V3,
        pub(super) wanted: Wanted,
    }

    impl Mask for In256 {
        #[inline(always)]
        fn of(self, chunk: &[u8; 64]) -> u64 {
            let In256 { simd, wanted } = self;
            let [low, high]: [__m256i; 2] = pulp::cast(*chunk);
            u64::from(half(simd, wanted, low)) | u64::from(half(simd, wanted, high)) << 32
        }
    }

    // Loops, and no closures: those are not compiled for the wider vectors that they hold.
    #[inline(always)]
    fn half(simd: V3, wanted: Wanted, bytes: __m256i) -> u32 {
        let (avx, avx2) = (simd.avx, simd.avx2);
        let mut hits = avx2._mm256_cmpgt_epi8(avx._mm256_set1_epi8(wanted.below), bytes);
        for byte in wanted.these {
            hits = avx2._mm256_or_si256(hits, avx2._mm256_cmpeq_epi8(bytes, avx._mm256_set1_epi8(byte as i8)));
        }
        avx2._mm256_movemask_epi8(hits) as u32
    }
}

struct Finding<'b, M> {
    bytes: &'b [u8],
    mask: M,
    into: &'b mut Vec<u32>,
}

impl<M: Mask> NullaryFnOnce for Finding<'_, M> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Finding { bytes, mask, into } = self;
        let (chunks, rest) = bytes.as_chunks::<64>();
        let (mut base, mut count) = (0, 0);
        for chunk in chunks {
            count = each_bit(mask.of(chunk), base, into, count);
            base += 64;
        }
        let mut last = [0; 64];
        last[..rest.len()].copy_from_slice(rest);
        let beyond = u64::MAX.checked_shl(rest.len() as u32).unwrap_or(0);
        count = each_bit(mask.of(&last) & !beyond, base, into, count);
        into.truncate(count);
    }
}

/// Puts the places of a mask behind the first `count`; returns how many there are then.
#[inline(always)]
fn each_bit(mut mask: u64, base: u32, into: &mut Vec<u32>, count: usize) -> usize {
    let end = count + mask.count_ones() as usize;
    if into.len() < end + AT_ONCE {
        into.resize((end + AT_ONCE).max(2 * into.len()), 0);
    }
    let mut next = count;
    while let Some(places) = into[next..].first_chunk_mut::<AT_ONCE>() {
        for place in places {
            *place = base.wrapping_add(mask.trailing_zeros());
            mask &= mask.wrapping_sub(1);
        }
        if mask == 0 {
            break;
        }
        next += AT_ONCE;
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn equals_a_search(bytes in proptest::collection::vec(prop_oneof![0u8..4, any::<u8>()], 0..300), below in prop::sample::select(&[i8::MIN, 0x20])) {
            let these = [1, 0, b'"', 200];
            let is_low = |byte: u8| below == 0x20 && !(0x20..0x80).contains(&byte);
            let is_mark = |(_, byte): &(u32, &u8)| these.contains(*byte) || is_low(**byte);
            let expected: Vec<u32> = (0..).zip(&bytes).filter(is_mark).map(|(at, _)| at).collect();
            let wanted = Wanted { these, below };
            for width in SimdWidth::ALL {
                let mut found = Vec::new();
                marks(&bytes, wanted, width, &mut found);
                prop_assert_eq!(&found, &expected, "{:?}", width);
            }
        }
    }
}
