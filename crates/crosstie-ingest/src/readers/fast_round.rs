//! Rounds of pieces over the whole lines at the front of a block: taken apart on many threads, put together in the order
//! of the file. So new spellings are met in that order, however many threads there are.

use super::fast_rows::{FastRows, Piece, Splitter, Stretch};
use super::table::TableRow;
use crate::out::Out;
use crate::spellings::{Met, Spellings};
use crate::work::Work;
use memchr::{memchr, memchr_iter, memrchr};
use rayon::prelude::*;

/// Bytes of a piece that one thread takes, and most pieces of a round, whatever the threads.
pub(crate) const PIECE_BYTES: usize = 256 << 10;
const ROUND_PIECES: usize = 32;

/// The common path of a source.
pub(crate) struct FastPath {
    /// The separator of recipients.
    separator: u8,
    spellings: Spellings,
    /// Pieces of the next round: few at first, since a spelling that is new is known from the next round on.
    pieces: usize,
}

/// Reads a stretch of whole lines row by row, and notes the people of each.
pub(crate) type PlainRows<'f, 'w> = dyn FnMut(&[u8], &mut Out<'_, 'w>, &mut dyn FnMut(&TableRow<'_>, &Work<'_>)) + 'f;

impl FastPath {
    pub(crate) fn new(separator: u8) -> FastPath {
        FastPath { separator, spellings: Spellings::new(), pieces: 1 }
    }

    pub(crate) fn separator(&self) -> u8 {
        self.separator
    }

    /// Reads the whole lines at the front of a block. Returns the bytes that were taken: fewer, where the plain path has
    /// to find the end of a row.
    pub(crate) fn lines<'w>(
        &mut self,
        splitter: &impl Splitter,
        body: &[u8],
        out: &mut Out<'_, 'w>,
        plain: &mut PlainRows<'_, 'w>,
    ) -> usize {
        let rows = FastRows {
            source: out.source,
            file: out.file,
            days: (out.work.earliest.max(out.work.kept_from), out.work.latest),
            keyed: out.work.keyed,
        };
        let whole = memrchr(b'\n', body).map_or(0, |last| last + 1);
        let mut at = 0;
        while at < whole {
            let mut pieces: Vec<(&[u8], u64)> = Vec::new();
            let (begin, mut next) = (at, at);
            while next < whole && pieces.len() < self.pieces {
                let least = (next + PIECE_BYTES).min(whole);
                let end = memchr(b'\n', &body[least - 1..whole]).map_or(whole, |length| least + length);
                pieces.push((&body[next..end], out.progress.offset + (next - begin) as u64));
                next = end;
            }
            self.pieces = (self.pieces * 2).min(ROUND_PIECES);
            let spellings = &self.spellings;
            // A thread that is done takes the next piece, not the next few.
            let each = pieces.par_iter().with_max_len(1);
            let read: Vec<Piece> =
                each.map(|&(bytes, offset)| rows.piece(splitter, bytes, offset, spellings)).collect();
            for ((bytes, _), piece) in pieces.into_iter().zip(read) {
                let open = piece.open;
                self.take(bytes, piece, out, plain);
                if let Some(open) = open {
                    return at + open;
                }
                at += bytes.len();
            }
        }
        whole
    }

    fn take<'w>(&mut self, bytes: &[u8], piece: Piece, out: &mut Out<'_, 'w>, plain: &mut PlainRows<'_, 'w>) {
        let bytes = &bytes[..piece.open.unwrap_or(bytes.len())];
        let (mut at, mut records, mut record_bytes) = (0, piece.records, piece.record_bytes);
        let mut line_ends = Some(piece.line_ends).filter(|_| piece.open.is_none());
        for stretch in piece.stretches {
            match stretch {
                Stretch::Read(blocks) => blocks.into_iter().for_each(|block| out.work.messages(block)),
                Stretch::Packed(block, handles) => out.work.packed_messages(block, &handles),
                Stretch::Plain(begin, end) => {
                    // What was read before this row is accounted for first, so that its line is known.
                    let (rows, length) = rows_before(&bytes[at..begin]);
                    out.rows(&bytes[at..begin], rows, length, None);
                    records -= rows;
                    record_bytes -= length;
                    let (separator, spellings) = (self.separator, &mut self.spellings);
                    plain(&bytes[begin..end], out, &mut |row, work| note_people(row, separator, spellings, work));
                    at = end;
                    line_ends = None;
                }
            }
        }
        out.rows(&bytes[at..], records, record_bytes, line_ends);
    }
}

/// The spellings of a row that the plain path read are known from now on.
fn note_people(row: &TableRow<'_>, separator: u8, spellings: &mut Spellings, work: &Work<'_>) {
    let recipients = row.recipients.iter().map(|(cell, _)| cell.text.as_bytes());
    let recipients = recipients.flat_map(|text| text.split(|&byte| byte == separator));
    for spelling in std::iter::once(row.sender.text.as_bytes()).chain(recipients) {
        if let Ok(text) = std::str::from_utf8(spelling)
            && let Some(met) = work.handles.met(text)
        {
            let handle = met.ok().filter(|&handle| !work.handles.has_opted_out(handle));
            spellings.note(spelling, handle.map_or(Met::ODD, |handle| Met { handle, id: work.handles.id(handle) }));
        }
    }
}

/// Rows in a stretch of whole lines, and their bytes. Lines that are blank to a splitter of lines are no rows.
fn rows_before(lines: &[u8]) -> (u64, u64) {
    let (mut rows, mut sum, mut begin) = (0, 0, 0);
    for end in memchr_iter(b'\n', lines).chain([lines.len()]) {
        let line = &lines[begin..end];
        let length = line.strip_suffix(b"\r").unwrap_or(line).len() as u64;
        rows += u64::from(length > 0);
        sum += length;
        begin = end + 1;
    }
    (rows, sum)
}
