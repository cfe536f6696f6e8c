//! Integers as bytes: columns, each as wide as its largest value needs and read by any row number; and numbers by themselves.

use crate::Prefetch;
use std::ops::Range;

/// A number in as few bytes as it needs: seven bits a byte, the lowest first; all but the last byte have the top bit.
pub fn put_number(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Appends a column.
pub fn put_column(out: &mut Vec<u8>, column: impl Iterator<Item = u32> + Clone) {
    let largest = column.clone().max().unwrap_or(0);
    let width = 4 - largest.leading_zeros() as usize / 8;
    out.push(width as u8);
    match width {
        0 => {}
        1 => out.extend(column.map(|value| value as u8)),
        2 => put_wide::<2>(out, column),
        3 => put_wide::<3>(out, column),
        _ => put_wide::<4>(out, column),
    }
}

/// Writes into room made before: to ask for room for each value takes longer than to write it.
fn put_wide<const WIDTH: usize>(out: &mut Vec<u8>, column: impl Iterator<Item = u32> + Clone) {
    let begin = out.len();
    out.resize(begin + column.clone().count() * WIDTH, 0);
    let (room, _) = out[begin..].as_chunks_mut::<WIDTH>();
    for (room, value) in room.iter_mut().zip(column) {
        room.copy_from_slice(&value.to_le_bytes()[..WIDTH]);
    }
}

/// A column that [`put_column`] wrote.
#[derive(Clone, Copy, Debug)]
pub struct Column<'b> {
    width: usize,
    bytes: &'b [u8],
}

impl Column<'_> {
    /// The value in a row; 0 behind the last.
    #[must_use]
    pub fn get(&self, row: usize) -> u32 {
        let from = row * self.width;
        // All but the last few rows have four bytes: one read, and what belongs to the next row is cut off.
        if let Some(word) = self.bytes.get(from..).and_then(<[u8]>::first_chunk::<4>) {
            return (u64::from(u32::from_le_bytes(*word)) & ((1 << (8 * self.width)) - 1)) as u32;
        }
        let mut value = [0; 4];
        if let Some(bytes) = self.bytes.get(from..from + self.width) {
            value[..self.width].copy_from_slice(bytes);
        }
        u32::from_le_bytes(value)
    }

    /// Asks for what some rows hold; rows that are not there are left alone.
    #[inline(always)]
    pub fn look_ahead(&self, prefetch: Prefetch, rows: Range<usize>) {
        let bytes = self.bytes.get(rows.start * self.width..rows.end * self.width).unwrap_or_default();
        prefetch.all(bytes);
        // The last of them may lie on a line more.
        prefetch.item(bytes, bytes.len().saturating_sub(1));
    }

    /// All values of `count` rows.
    #[must_use]
    pub fn to_vec(&self, count: usize) -> Vec<u32> {
        let mut values = Vec::new();
        self.read(0..count, &mut values);
        values
    }

    /// Puts the values of some rows in the place of `values`: faster than one by one.
    ///
    /// # Panics
    /// If there are fewer rows.
    pub fn read(&self, rows: Range<usize>, values: &mut Vec<u32>) {
        values.clear();
        let bytes = &self.bytes[rows.start * self.width..rows.end * self.width];
        match self.width {
            0 => values.resize(rows.len(), 0),
            1 => values.extend(bytes.iter().map(|&byte| u32::from(byte))),
            2 => values.extend(bytes.as_chunks().0.iter().map(|&value| u32::from(u16::from_le_bytes(value)))),
            3 => values.extend(bytes.as_chunks().0.iter().map(|&[a, b, c]| u32::from_le_bytes([a, b, c, 0]))),
            _ => values.extend(bytes.as_chunks().0.iter().map(|&value| u32::from_le_bytes(value))),
        }
    }
}

/// Reads from the front of bytes; `None` where they end too early.
#[derive(Clone, Copy, Debug)]
pub struct Packed<'b>(pub &'b [u8]);

impl<'b> Packed<'b> {
    /// So many bytes.
    pub fn bytes(&mut self, count: usize) -> Option<&'b [u8]> {
        let (taken, left) = self.0.split_at_checked(count)?;
        self.0 = left;
        Some(taken)
    }

    /// Four bytes as a number.
    pub fn word(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.bytes(4)?.try_into().ok()?))
    }

    /// Eight bytes as a number.
    pub fn long(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.bytes(8)?.try_into().ok()?))
    }

    /// What [`put_number`] wrote; `None` if it is cut off, or of more than 64 bits.
    pub fn number(&mut self) -> Option<u64> {
        let mut number = 0u64;
        for shift in (0..64).step_by(7) {
            let (&byte, behind) = self.0.split_first()?;
            self.0 = behind;
            let bits = u64::from(byte & 0x7f);
            if bits << shift >> shift != bits {
                return None;
            }
            number |= bits << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    /// A column of `count` rows.
    pub fn column(&mut self, count: usize) -> Option<Column<'b>> {
        let width = usize::from(self.bytes(1)?[0]);
        let bytes = self.bytes(count.checked_mul(width)?)?;
        (width <= 4).then_some(Column { width, bytes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Stream;

    #[test]
    fn numbers_of_every_length_come_back() {
        for bits in 0..=64 {
            let number = u64::MAX.checked_shr(64 - bits).unwrap_or(0);
            let mut bytes = Vec::new();
            put_number(&mut bytes, number);
            assert_eq!(bytes.len(), bits.div_ceil(7).max(1) as usize, "{bits} bits");
            assert!((0..bytes.len()).all(|cut| Packed(&bytes[..cut]).number().is_none()));
            bytes.push(9);
            let mut packed = Packed(&bytes);
            assert_eq!(packed.number(), Some(number));
            assert_eq!(packed.0, [9]);
        }
        assert_eq!(Packed(&[0xff; 20]).number(), None);
        assert_eq!(Packed(&[[0xff; 9].as_slice(), &[2]].concat()).number(), None, "65 bits");
    }

    #[test]
    fn columns_of_every_width_come_back() {
        let mut stream = Stream::new(1, "packed", &[]);
        for shift in 0..=32 {
            let draw = |_| (stream.below(1 << 32) as u32).checked_shr(shift).unwrap_or(0);
            let values: Vec<u32> = (0..50).map(draw).collect();
            let mut bytes = Vec::new();
            put_column(&mut bytes, values.iter().copied());
            let mut packed = Packed(&bytes);
            let column = packed.column(values.len()).unwrap();
            assert!(packed.0.is_empty());
            assert_eq!(column.to_vec(values.len()), values);
            let single: Vec<u32> = (0..values.len()).map(|row| column.get(row)).collect();
            assert_eq!(single, values);
            let mut some = vec![7; 3];
            column.read(11..40, &mut some);
            assert_eq!(some, values[11..40]);
            assert_eq!(column.get(values.len()), 0, "behind the end");
        }
    }

    #[test]
    fn bytes_that_end_too_early_are_none() {
        let mut bytes = Vec::new();
        put_column(&mut bytes, [1, 70_000].into_iter());
        assert_eq!(bytes.len(), 7);
        assert!((0..7).all(|cut| Packed(&bytes[..cut]).column(2).is_none()));
        assert!(Packed(&[9, 0, 0]).column(0).is_none(), "no such width");
    }
}
