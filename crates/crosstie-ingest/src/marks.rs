//! Where the bytes stand that part fields and lines, 64 bytes at a time: a bit for each byte, made by loops that
//! compilers turn into vector code, then steps for the bits that are set.

/// Places that are written at once, whether or not so many bytes are wanted: most chunks hold fewer, and how many is
/// what no core foresees.
const AT_ONCE: usize = 8;

/// Puts the places of the bytes that `is_mark` wants into `into`, in order.
#[inline(always)]
pub(crate) fn marks(bytes: &[u8], is_mark: impl Fn(u8) -> bool + Copy, into: &mut Vec<u32>) {
    let (chunks, rest) = bytes.as_chunks::<64>();
    let (mut base, mut count) = (0, 0);
    for chunk in chunks {
        count = each_bit(mask(chunk, is_mark), base, into, count);
        base += 64;
    }
    let mut last = [0; 64];
    last[..rest.len()].copy_from_slice(rest);
    let beyond = u64::MAX.checked_shl(rest.len() as u32).unwrap_or(0);
    count = each_bit(mask(&last, is_mark) & !beyond, base, into, count);
    into.truncate(count);
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

/// A bit for each of the bytes. Eight bytes of 0 or 1 become eight bits by a product whose terms never meet.
#[inline(always)]
fn mask(chunk: &[u8; 64], is_mark: impl Fn(u8) -> bool) -> u64 {
    let mut hits = [0u8; 64];
    for (hit, &byte) in hits.iter_mut().zip(chunk) {
        *hit = u8::from(is_mark(byte));
    }
    let (words, _) = hits.as_chunks::<8>();
    words
        .iter()
        .rev()
        .fold(0, |mask, word| mask << 8 | u64::from_le_bytes(*word).wrapping_mul(0x0102_0408_1020_4080) >> 56)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn equals_a_search(bytes in proptest::collection::vec(0u8..4, 0..300)) {
            let mut found = Vec::new();
            marks(&bytes, |byte| byte == 1 || byte == 0, &mut found);
            let expected: Vec<u32> = (0..).zip(&bytes).filter(|(_, byte)| **byte < 2).map(|(at, _)| at).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
