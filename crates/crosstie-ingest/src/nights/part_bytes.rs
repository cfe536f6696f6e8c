//! A part as bytes of a book: short numbers one behind the other, and as JSON what few parts have.

use super::part::{Part, PartBlock, PartFile, PartLine, PartQuarantined};
use super::put::{put, put_bytes, put_signed, take, take_bytes, take_day, take_list, take_signed, take_word};
use crosstie_model::packed::Packed;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const HASH_BYTES: usize = 32;

/// What few parts have.
#[derive(Default, PartialEq, Serialize, Deserialize)]
struct Rare {
    quarantine: Vec<PartQuarantined>,
    oddities: BTreeMap<String, u64>,
}

impl Part {
    /// Appends the part; `None` if it has a hash that is none.
    pub(super) fn put(&self, out: &mut Vec<u8>) -> Option<()> {
        put(out, self.source.into());
        put(out, self.files.len() as u64);
        self.files.iter().try_for_each(|file| put_file(out, file))?;
        put(out, self.lines.len() as u64);
        for line in &self.lines {
            put_line(out, line);
        }
        put(out, self.days.len() as u64);
        for &(day, count, first, last) in &self.days {
            put_signed(out, day.into());
            put(out, count);
            put_signed(out, first);
            put_signed(out, last);
        }
        put(out, self.blocks.len() as u64);
        for block in &self.blocks {
            block.put(out);
        }
        put(out, self.records.0);
        put(out, self.records.1.into());
        out.push(self.has_more.into());
        let rare = Rare { quarantine: self.quarantine.clone(), oddities: self.oddities.clone() };
        let is_common = rare == Rare::default();
        put_bytes(out, &if is_common { Vec::new() } else { serde_json::to_vec(&rare).ok()? });
        Some(())
    }

    /// The part that was appended.
    pub(super) fn take(rest: &mut Packed<'_>) -> Option<Part> {
        let source = take_word(rest)?;
        let files = take_list(rest, take_file)?;
        let lines = take_list(rest, take_line)?;
        let day = |rest: &mut Packed<'_>| Some((take_day(rest)?, take(rest)?, take_signed(rest)?, take_signed(rest)?));
        let days = take_list(rest, day)?;
        let blocks = take_list(rest, PartBlock::take)?;
        let records = (take(rest)?, take_word(rest)?);
        let has_more = rest.bytes(1)?[0] != 0;
        let rare = match take_bytes(rest)? {
            [] => Rare::default(),
            text => serde_json::from_slice(text).ok()?,
        };
        let Rare { quarantine, oddities } = rare;
        Some(Part { source, files, lines, days, quarantine, oddities, blocks, records, has_more })
    }
}

fn put_file(out: &mut Vec<u8>, file: &PartFile) -> Option<()> {
    put(out, file.id.into());
    for id in [file.path_id, file.name_id, file.path_check] {
        out.extend_from_slice(&id.to_le_bytes());
    }
    put(out, file.size);
    out.extend_from_slice(blake3::Hash::from_hex(&file.blake3).ok()?.as_bytes());
    out.push(file.state.is_some().into());
    file.state.iter().flatten().for_each(|&number| put_signed(out, number));
    put(out, file.spans);
    file.bytes.iter().for_each(|&count| put(out, count));
    out.push(file.weeks.is_some().into());
    if let Some((first, last)) = file.weeks {
        put_signed(out, first.into());
        put_signed(out, last.into());
    }
    Some(())
}

fn take_file(rest: &mut Packed<'_>) -> Option<PartFile> {
    let id = take_word(rest)?;
    let mut ids = [0; 3];
    for id in &mut ids {
        *id = rest.long()? as i64;
    }
    let [path_id, name_id, path_check] = ids;
    let size = take(rest)?;
    let hash: [u8; HASH_BYTES] = rest.bytes(HASH_BYTES)?.try_into().ok()?;
    let state = match rest.bytes(1)?[0] {
        0 => None,
        _ => Some(take_all(rest, take_signed)?),
    };
    let spans = take(rest)?;
    let bytes = take_all(rest, take)?;
    let weeks = match rest.bytes(1)?[0] {
        0 => None,
        _ => Some((take_day(rest)?, take_day(rest)?)),
    };
    let blake3 = blake3::Hash::from_bytes(hash).to_hex().as_str().to_string();
    Some(PartFile { id, path_id, name_id, path_check, size, blake3, state, spans, bytes, weeks })
}

fn take_all<'b, T: Copy + Default, const COUNT: usize>(
    rest: &mut Packed<'b>,
    one: impl Fn(&mut Packed<'b>) -> Option<T>,
) -> Option<[T; COUNT]> {
    let mut all = [T::default(); COUNT];
    for place in &mut all {
        *place = one(rest)?;
    }
    Some(all)
}

fn put_line(out: &mut Vec<u8>, line: &PartLine) {
    put(out, line.file.into());
    put_signed(out, line.week.into());
    [line.seen, line.used, line.duplicate].into_iter().for_each(|count| put(out, count));
    for counts in [&line.excluded, &line.quarantined] {
        put(out, counts.len() as u64);
        for (name, &count) in counts {
            put_bytes(out, name.as_bytes());
            put(out, count);
        }
    }
}

fn take_line(rest: &mut Packed<'_>) -> Option<PartLine> {
    let (file, week) = (take_word(rest)?, take_day(rest)?);
    let [seen, used, duplicate] = take_all(rest, take)?;
    let named = |rest: &mut Packed<'_>| {
        let name = std::str::from_utf8(take_bytes(rest)?).ok()?;
        Some((name.to_string(), take(rest)?))
    };
    let (excluded, quarantined) = (take_list(rest, named)?, take_list(rest, named)?);
    let [excluded, quarantined] = [excluded, quarantined].map(|counts| counts.into_iter().collect());
    Some(PartLine { file, week, seen, used, duplicate, excluded, quarantined })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::copies::Place;
    use crosstie_model::Day;

    #[test]
    fn a_part_comes_back_and_no_cut_one_does() {
        let place = Place { id: 900, at: 1 << 41, length: 77, source: 2, file: 5, first: 3, has_answers: true };
        let file = PartFile {
            id: 4,
            path_id: -5,
            name_id: i64::MAX,
            path_check: i64::MIN,
            size: 1 << 33,
            blake3: blake3::hash(b"x").to_hex().as_str().to_string(),
            state: Some([1, 2, 3, i64::MIN, i64::MAX, -1, 0]),
            spans: 9,
            bytes: [1, 2, 3, 4, 5],
            weeks: Some((-7, 14)),
        };
        let line = PartLine {
            file: 1,
            week: i32::MIN,
            seen: 3,
            excluded: [("draft".to_string(), 3)].into(),
            quarantined: [("I104".to_string(), 1)].into(),
            ..PartLine::default()
        };
        let part = Part {
            source: 2,
            files: vec![file.clone(), PartFile { state: None, weeks: None, ..file }],
            lines: vec![line],
            days: vec![(-1, 2, i64::MIN, i64::MAX)],
            oddities: [("odd".to_string(), 2)].into(),
            blocks: vec![PartBlock::of(1, Day(-1), place)],
            records: (1 << 42, 12),
            has_more: true,
            ..Part::default()
        };
        let mut bytes = Vec::new();
        part.put(&mut bytes).unwrap();
        let mut rest = Packed(&bytes);
        assert_eq!(Part::take(&mut rest), Some(part));
        assert!(rest.0.is_empty());
        assert!((0..bytes.len()).all(|cut| Part::take(&mut Packed(&bytes[..cut])).is_none()));
    }
}
