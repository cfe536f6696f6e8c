//! What a book names, read and put anew.

use crate::source::Aside;
use std::io;

/// The same bytes in another pack.
pub(super) fn moved(aside: &dyn Aside, place: (u64, u32)) -> io::Result<(u64, u32)> {
    if place.1 == 0 { Ok(place) } else { put(aside, &get(aside, place)?) }
}

/// The bytes of a place.
pub(super) fn get(aside: &dyn Aside, (at, length): (u64, u32)) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length as usize];
    aside.get(at, &mut bytes)?;
    Ok(bytes)
}

/// Puts bytes.
pub(super) fn put(aside: &dyn Aside, bytes: &[u8]) -> io::Result<(u64, u32)> {
    Ok((aside.put(bytes)?, bytes.len() as u32))
}
