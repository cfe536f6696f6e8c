//! Columns of integers as bytes, each as wide as its largest value needs. Plain enough to be read by any row number.

/// Appends a column.
pub fn put_column(out: &mut Vec<u8>, column: impl Iterator<Item = u32> + Clone) {
    let largest = column.clone().max().unwrap_or(0);
    let width = 4 - largest.leading_zeros() as usize / 8;
    out.push(width as u8);
    match width {
        0 => {}
        1 => out.extend(column.map(|value| value as u8)),
        2 => column.for_each(|value| out.extend_from_slice(&(value as u16).to_le_bytes())),
        3 => column.for_each(|value| out.extend_from_slice(&value.to_le_bytes()[..3])),
        _ => column.for_each(|value| out.extend_from_slice(&value.to_le_bytes())),
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
        let mut value = [0; 4];
        if let Some(bytes) = self.bytes.get(row * self.width..(row + 1) * self.width) {
            value[..self.width].copy_from_slice(bytes);
        }
        u32::from_le_bytes(value)
    }

    /// All values of `count` rows.
    #[must_use]
    pub fn to_vec(&self, count: usize) -> Vec<u32> {
        match self.width {
            0 => vec![0; count],
            1 => self.bytes.iter().map(|&byte| byte.into()).collect(),
            2 => self.bytes.as_chunks::<2>().0.iter().map(|&value| u16::from_le_bytes(value).into()).collect(),
            3 => self.bytes.as_chunks::<3>().0.iter().map(|&[a, b, c]| u32::from_le_bytes([a, b, c, 0])).collect(),
            _ => self.bytes.as_chunks::<4>().0.iter().map(|&value| u32::from_le_bytes(value)).collect(),
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
    use proptest::{collection::vec, prelude::*};

    proptest! {
        #[test]
        fn a_column_comes_back(values in vec(any::<u32>(), 0..50), shift in 0u32..33) {
            let values: Vec<u32> = values.iter().map(|value| value.checked_shr(shift).unwrap_or(0)).collect();
            let mut bytes = Vec::new();
            put_column(&mut bytes, values.iter().copied());
            let mut packed = Packed(&bytes);
            let column = packed.column(values.len()).unwrap();
            prop_assert!(packed.0.is_empty());
            prop_assert_eq!(&column.to_vec(values.len()), &values);
            let single: Vec<u32> = (0..values.len()).map(|row| column.get(row)).collect();
            prop_assert_eq!(single, values);
        }
    }
}
