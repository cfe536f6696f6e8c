//! A block as bytes, for a place outside memory and for later runs: each column as wide as its largest value needs.

use crate::answers::Answers;
use crate::copies::{Block, Extra, Named};
use crosstie_model::packed::{Packed, put_column};
use crosstie_model::{Day, Venue};

/// A block as bytes.
pub(crate) fn to_bytes(block: &Block) -> Vec<u8> {
    let mut out = Vec::with_capacity(64 + block.len() * 24 + block.recipients.len() * 3);
    for word in [block.day.0 as u32, block.source, block.file, block.len() as u32, block.recipients.len() as u32] {
        out.extend_from_slice(&word.to_le_bytes());
    }
    out.extend_from_slice(&block.offsets.first().copied().unwrap_or(0).to_le_bytes());
    out.push(u8::from(!block.micros.is_empty()));
    out.push(u8::from(!block.extras.is_empty()));
    for key in &block.keys {
        out.extend_from_slice(&key.to_le_bytes());
    }
    let mut before = block.offsets.first().copied().unwrap_or(0);
    // Some formats tell what they held in no order of places: a step back wraps.
    let steps: Vec<u64> = block.offsets.iter().map(|&at| at.wrapping_sub(std::mem::replace(&mut before, at))).collect();
    put_column(&mut out, steps.iter().map(|&step| step as u32));
    put_column(&mut out, steps.iter().map(|&step| (step >> 32) as u32));
    let mut before = 0;
    let counts: Vec<u32> = block.ends.iter().map(|&end| end - std::mem::replace(&mut before, end)).collect();
    for column in [&block.seconds, &block.senders, &counts] {
        put_column(&mut out, column.iter().copied());
    }
    put_column(&mut out, block.recipients.iter().map(|named| named.0));
    if !block.micros.is_empty() {
        put_column(&mut out, block.micros.iter().copied());
    }
    for extra in &block.extras {
        let answers = match extra.answers {
            None => 0,
            Some(Answers::Parent(_)) => 1,
            Some(Answers::LastInThread(..)) => 2,
            Some(Answers::Beginning(_)) => 3,
        };
        let has_place = u8::from(extra.place_id.is_some());
        out.push(u8::from(extra.by_server) | (extra.venue as u8) << 1 | has_place << 3 | answers << 4);
        out.extend_from_slice(&extra.place_id.unwrap_or(0).to_le_bytes());
        out.extend_from_slice(&extra.stated_count.to_le_bytes());
        match extra.answers {
            None => {}
            Some(Answers::Parent(key) | Answers::Beginning(key)) => out.extend_from_slice(&key.to_le_bytes()),
            Some(Answers::LastInThread(key, within)) => {
                out.extend_from_slice(&key.to_le_bytes());
                out.extend_from_slice(&within.to_le_bytes());
            }
        }
    }
    out
}

fn answers(kind: u8, rest: &mut Packed<'_>) -> Option<Option<Answers>> {
    let key = |rest: &mut Packed<'_>| Some(u128::from_le_bytes(rest.bytes(16)?.try_into().ok()?));
    Some(match kind {
        0 => None,
        1 => Some(Answers::Parent(key(rest)?)),
        2 => Some(Answers::LastInThread(key(rest)?, rest.long()? as i64)),
        3 => Some(Answers::Beginning(key(rest)?)),
        _ => return None,
    })
}

/// Bytes before the keys.
const HEAD: usize = 5 * 4 + 8 + 2;

/// The keys of the rows of a block as bytes; `None` if they are none.
pub(crate) fn keys(bytes: &[u8]) -> Option<&[[u8; 16]]> {
    let rows = u32::from_le_bytes(*bytes.get(12..)?.first_chunk::<4>()?);
    bytes.get(HEAD..)?.as_chunks::<16>().0.get(..rows as usize)
}

/// The block of these bytes; `None` if they are none.
pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Block> {
    let mut rest = Packed(bytes);
    let [day, source, file, rows, named] = [rest.word()?, rest.word()?, rest.word()?, rest.word()?, rest.word()?];
    let mut offset = rest.long()?;
    let (has_micros, has_extras) = (rest.bytes(1)?[0] != 0, rest.bytes(1)?[0] != 0);
    let (rows, named) = (rows as usize, named as usize);
    let (keys, _) = rest.bytes(rows.checked_mul(16)?)?.as_chunks::<16>();
    let mut block = Block::new(Day(day as i32), source, file);
    block.keys = keys.iter().map(|key| u128::from_le_bytes(*key)).collect();
    let (low, high) = (rest.column(rows)?.to_vec(rows), rest.column(rows)?.to_vec(rows));
    block.offsets = low
        .into_iter()
        .zip(high)
        .map(|(low, high)| {
            offset = offset.wrapping_add(u64::from(high) << 32 | u64::from(low));
            offset
        })
        .collect();
    block.seconds = rest.column(rows)?.to_vec(rows);
    block.senders = rest.column(rows)?.to_vec(rows);
    let mut end = 0u32;
    block.ends = rest
        .column(rows)?
        .to_vec(rows)
        .into_iter()
        .map(|count| {
            end += count;
            end
        })
        .collect();
    block.recipients = rest.column(named)?.to_vec(named).into_iter().map(Named).collect();
    if has_micros {
        block.micros = rest.column(rows)?.to_vec(rows);
    }
    for _ in 0..if has_extras { rows } else { 0 } {
        let flags = rest.bytes(1)?[0];
        let place_id = rest.long()? as i64;
        block.extras.push(Extra {
            by_server: flags & 1 != 0,
            venue: Venue::ALL[usize::from(flags >> 1 & 3)],
            place_id: (flags & 8 != 0).then_some(place_id),
            stated_count: rest.word()?,
            answers: answers(flags >> 4, &mut rest)?,
        });
    }
    (rest.0.is_empty() && end as usize == named).then_some(block)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crosstie_model::{Micros, Role};
    use proptest::{collection::vec, prelude::*};

    proptest! {
        #[test]
        fn a_block_comes_back(
            rows in vec((any::<u128>(), 0i64..86_400_000_000, 0u64..30_000_000_000, 0u32..1 << 20, vec(0u32..1 << 29, 0..4), 0u8..4), 0..20),
            whole_seconds in any::<bool>(),
        ) {
            let mut block = Block::new(Day(20_000), 3, 70_000);
            for (key, within, offset, sender, recipients, kind) in rows {
                let within = if whole_seconds { within / 1_000_000 * 1_000_000 } else { within };
                let extra = Extra {
                    by_server: kind == 1,
                    venue: Venue::ALL[usize::from(kind)],
                    place_id: (kind > 1).then_some(-5),
                    stated_count: kind.into(),
                    answers: match kind {
                        1 => Some(Answers::Parent(key / 2)),
                        2 => Some(Answers::LastInThread(key / 3, within)),
                        _ => (offset % 2 == 0).then_some(Answers::Beginning(key)),
                    },
                };
                let extra = if kind == 0 { Extra::MAIL } else { extra };
                let at = Micros(Day(20_000).start().0 + within);
                block.push(key, at, offset, sender, recipients.into_iter().map(|to| Named::new(to, Role::Cc)), extra);
            }
            let bytes = to_bytes(&block);
            let same_keys: Vec<[u8; 16]> = block.keys.iter().map(|key| key.to_le_bytes()).collect();
            prop_assert_eq!(keys(&bytes), Some(same_keys.as_slice()));
            prop_assert_eq!(from_bytes(&bytes), Some(block));
            for cut in 0..bytes.len() {
                prop_assert_eq!(from_bytes(&bytes[..cut]), None, "cut at {}", cut);
            }
        }
    }
}
