//! Numbers as bytes of their own length, and how they are read again: most numbers of a book are small.

use crosstie_model::packed::Packed;
pub(super) use crosstie_model::packed::put_number as put;

/// The same of a number that may be negative: small ones of either sign are short.
pub(super) fn put_signed(out: &mut Vec<u8>, number: i64) {
    put(out, (number << 1 ^ number >> 63) as u64);
}

/// Bytes with their length before them.
pub(super) fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// What [`put`] wrote.
pub(super) fn take(rest: &mut Packed<'_>) -> Option<u64> {
    rest.number()
}

/// What [`put`] wrote of a number of 32 bits.
pub(super) fn take_word(rest: &mut Packed<'_>) -> Option<u32> {
    take(rest)?.try_into().ok()
}

/// What [`put_signed`] wrote.
pub(super) fn take_signed(rest: &mut Packed<'_>) -> Option<i64> {
    let number = take(rest)?;
    Some((number >> 1) as i64 ^ -((number & 1) as i64))
}

/// What [`put_signed`] wrote of a day.
pub(super) fn take_day(rest: &mut Packed<'_>) -> Option<i32> {
    take_signed(rest)?.try_into().ok()
}

/// What [`put_bytes`] wrote.
pub(super) fn take_bytes<'b>(rest: &mut Packed<'b>) -> Option<&'b [u8]> {
    let length = take(rest)?.try_into().ok()?;
    rest.bytes(length)
}

/// So many of what `one` reads.
pub(super) fn take_list<'b, T>(rest: &mut Packed<'b>, one: impl Fn(&mut Packed<'b>) -> Option<T>) -> Option<Vec<T>> {
    let count = take(rest)?;
    // Each takes a byte at least: no count asks for more room than there are bytes.
    let room = usize::try_from(count).ok().filter(|&count| count <= rest.0.len())?;
    let mut list = Vec::with_capacity(room);
    for _ in 0..count {
        list.push(one(rest)?);
    }
    Some(list)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_and_what_is_cut_off_is_none() {
        for bit in 0..64 {
            for number in [1u64 << bit, (1u64 << bit).wrapping_sub(1), u64::MAX - (1u64 << bit)] {
                let mut bytes = Vec::new();
                put(&mut bytes, number);
                put_signed(&mut bytes, number as i64);
                put_bytes(&mut bytes, b"abc");
                let mut rest = Packed(&bytes);
                assert_eq!(take(&mut rest), Some(number));
                assert_eq!(take_signed(&mut rest), Some(number as i64));
                assert_eq!(take_bytes(&mut rest), Some(&b"abc"[..]));
                assert!(rest.0.is_empty());
                let mut first = Vec::new();
                put(&mut first, number);
                assert!((0..first.len()).all(|cut| take(&mut Packed(&first[..cut])).is_none()));
            }
        }
        assert_eq!(take(&mut Packed(&[0xff; 10])), None, "more than 64 bits");
        assert_eq!(take_word(&mut Packed(&[0xff, 0xff, 0xff, 0xff, 0x7f])), None, "more than 32 bits");
        assert!(take_list(&mut Packed(&[9, 1]), take).is_none(), "fewer than it says");
    }
}
