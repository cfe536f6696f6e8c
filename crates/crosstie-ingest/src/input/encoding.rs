//! Text in the file's own encoding as UTF-8, so that every splitter sees one alphabet. Nothing is replaced: what is
//! no character becomes a sequence that is no UTF-8, so the record that holds it is set aside (I101).
//!
//! Offsets and lengths stay those of the file: [`TextEncoding::stored_len`] maps a piece of decoded text back.

use std::io::{self, Read};

/// How a file writes text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextEncoding {
    /// UTF-8, with or without a byte-order mark.
    Utf8,
    /// UTF-16, low byte first.
    Utf16Le,
    /// UTF-16, high byte first.
    Utf16Be,
    /// No text: bytes as they are.
    Bytes,
    /// One byte a character, such as windows-1252.
    SingleByte(&'static encoding_rs::Encoding),
}

/// Marks a byte that is no character: no valid UTF-8 holds it.
const NO_CHARACTER: u8 = 0xff;
/// Bytes from which an undeclared encoding is told.
const HEAD_BYTES: usize = 512;

impl TextEncoding {
    /// An encoding by its name as the WHATWG standard lists it; `None` for one that cannot be mapped back byte by byte.
    #[must_use]
    pub fn named(label: &str) -> Option<TextEncoding> {
        let encoding = encoding_rs::Encoding::for_label(label.as_bytes())?;
        match encoding.name() {
            "UTF-8" => Some(TextEncoding::Utf8),
            "UTF-16LE" => Some(TextEncoding::Utf16Le),
            "UTF-16BE" => Some(TextEncoding::Utf16Be),
            _ if encoding.is_single_byte() => Some(TextEncoding::SingleByte(encoding)),
            _ => None,
        }
    }

    /// By a byte-order mark, else as declared, else UTF-16 where nearly every second byte is zero, else UTF-8.
    fn of(head: &[u8], declared: Option<TextEncoding>) -> TextEncoding {
        match head {
            _ if declared == Some(TextEncoding::Bytes) => return TextEncoding::Bytes,
            [0xef, 0xbb, 0xbf, ..] => return TextEncoding::Utf8,
            [0xff, 0xfe, ..] => return TextEncoding::Utf16Le,
            [0xfe, 0xff, ..] => return TextEncoding::Utf16Be,
            _ => {}
        }
        declared.unwrap_or_else(|| {
            let head = &head[..head.len().min(HEAD_BYTES) & !1];
            let zeros = |first: usize| head.iter().skip(first).step_by(2).filter(|&&byte| byte == 0).count();
            let most = head.len() / 2 * 9 / 10;
            match head.len() {
                0 => TextEncoding::Utf8,
                _ if zeros(1) > most => TextEncoding::Utf16Le,
                _ if zeros(0) > most => TextEncoding::Utf16Be,
                _ => TextEncoding::Utf8,
            }
        })
    }

    /// The bytes that a piece of decoded text has in the file.
    pub(crate) fn stored_len(self, text: &[u8]) -> u64 {
        match self {
            TextEncoding::Utf8 | TextEncoding::Bytes => text.len() as u64,
            TextEncoding::SingleByte(_) => text.iter().filter(|&&byte| !is_continuation(byte)).count() as u64,
            TextEncoding::Utf16Le | TextEncoding::Utf16Be => text
                .iter()
                .map(|&byte| match byte {
                    NO_CHARACTER => 1,
                    0xf0..=0xf7 => 4,
                    byte if is_continuation(byte) => 0,
                    _ => 2,
                })
                .sum(),
        }
    }
}

const fn is_continuation(byte: u8) -> bool {
    byte & 0xc0 == 0x80
}

/// A decoded stream.
pub(crate) struct Decoded<R> {
    inner: R,
    /// How the file writes text.
    pub(crate) encoding: TextEncoding,
    /// Bytes not yet decoded.
    raw: Vec<u8>,
    /// Text not yet handed out.
    text: Vec<u8>,
    given: usize,
    ended: bool,
}

/// Tells the encoding from the first bytes and decodes.
pub(crate) fn decode<R: Read>(mut inner: R, declared: Option<TextEncoding>) -> io::Result<Decoded<R>> {
    let mut raw = vec![0; HEAD_BYTES];
    let mut length = 0;
    while length < HEAD_BYTES {
        match inner.read(&mut raw[length..]) {
            Ok(0) => break,
            Ok(more) => length += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    raw.truncate(length);
    let encoding = TextEncoding::of(&raw, declared);
    Ok(Decoded { inner, encoding, raw, text: Vec::new(), given: 0, ended: false })
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if matches!(self.encoding, TextEncoding::Utf8 | TextEncoding::Bytes) {
            if self.given < self.raw.len() {
                let length = buffer.len().min(self.raw.len() - self.given);
                buffer[..length].copy_from_slice(&self.raw[self.given..self.given + length]);
                self.given += length;
                return Ok(length);
            }
            return self.inner.read(buffer);
        }
        while self.given == self.text.len() && !self.ended {
            self.refill()?;
        }
        let length = buffer.len().min(self.text.len() - self.given);
        buffer[..length].copy_from_slice(&self.text[self.given..self.given + length]);
        self.given += length;
        Ok(length)
    }
}

impl<R: Read> Decoded<R> {
    fn refill(&mut self) -> io::Result<()> {
        let kept = self.raw.len();
        self.raw.resize(kept + 64 * 1024, 0);
        // The head is decoded before more is asked for, so that a short first read is no end.
        let more = self.inner.read(&mut self.raw[kept..])?;
        self.raw.truncate(kept + more);
        self.ended = more == 0;
        self.text.clear();
        self.given = 0;
        let used = match self.encoding {
            TextEncoding::Utf16Le => utf16(&self.raw, u16::from_le_bytes, self.ended, &mut self.text),
            TextEncoding::Utf16Be => utf16(&self.raw, u16::from_be_bytes, self.ended, &mut self.text),
            TextEncoding::SingleByte(encoding) => single_byte(&self.raw, encoding, &mut self.text),
            TextEncoding::Utf8 | TextEncoding::Bytes => 0,
        };
        self.raw.drain(..used);
        Ok(())
    }
}

/// Decodes whole characters, and at the end what is left. A lone surrogate is written in three bytes that are no
/// UTF-8, an odd last byte as [`NO_CHARACTER`]. Returns the bytes used.
fn utf16(raw: &[u8], unit: fn([u8; 2]) -> u16, ended: bool, text: &mut Vec<u8>) -> usize {
    let mut at = 0;
    while let Some(pair) = raw.get(at..at + 2) {
        let first = unit([pair[0], pair[1]]);
        let next = raw.get(at + 2..at + 4).map(|pair| unit([pair[0], pair[1]]));
        let is_high = (0xd800..0xdc00).contains(&first);
        match next {
            None if is_high && !ended => break,
            Some(low) if is_high && (0xdc00..0xe000).contains(&low) => {
                let scalar = 0x1_0000 + ((u32::from(first) - 0xd800) << 10) + (u32::from(low) - 0xdc00);
                push(scalar, text);
                at += 4;
                continue;
            }
            _ => push(u32::from(first), text),
        }
        at += 2;
    }
    if ended && at < raw.len() {
        text.push(NO_CHARACTER);
        at = raw.len();
    }
    at
}

/// The generalised UTF-8 of a code point, which for a surrogate is no UTF-8.
fn push(scalar: u32, text: &mut Vec<u8>) {
    let tail = |shift: u32| 0x80 | ((scalar >> shift) & 0x3f) as u8;
    match scalar {
        0..0x80 => text.push(scalar as u8),
        0x80..0x800 => text.extend([0xc0 | (scalar >> 6) as u8, tail(0)]),
        0x800..0x1_0000 => text.extend([0xe0 | (scalar >> 12) as u8, tail(6), tail(0)]),
        _ => text.extend([0xf0 | (scalar >> 18) as u8, tail(12), tail(6), tail(0)]),
    }
}

fn single_byte(raw: &[u8], encoding: &'static encoding_rs::Encoding, text: &mut Vec<u8>) -> usize {
    for byte in raw {
        match encoding.decode_without_bom_handling_and_without_replacement(std::slice::from_ref(byte)) {
            Some(character) => text.extend_from_slice(character.as_bytes()),
            None => text.push(NO_CHARACTER),
        }
    }
    raw.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(bytes: &[u8], declared: Option<TextEncoding>) -> (Vec<u8>, TextEncoding) {
        let mut decoded = decode(bytes, declared).unwrap();
        let mut text = Vec::new();
        decoded.read_to_end(&mut text).unwrap();
        (text, decoded.encoding)
    }

    fn utf16le(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn encodings_are_told_from_the_first_bytes() {
        let text = "sent_at,sender,recipient,message_id,\u{e9}\u{20ac}\u{1f600}\n".repeat(100);
        assert_eq!(read(text.as_bytes(), None), (text.clone().into_bytes(), TextEncoding::Utf8));
        assert_eq!(read(&utf16le(&text), None), (text.clone().into_bytes(), TextEncoding::Utf16Le));
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(read(&big, None), (text.into_bytes(), TextEncoding::Utf16Be));
        let marked = [vec![0xff, 0xfe], utf16le("a")].concat();
        assert_eq!(read(&marked, None).0, "\u{feff}a".as_bytes());
    }

    #[test]
    fn latin_is_read_where_it_is_declared() {
        let latin = TextEncoding::named("windows-1252");
        assert_eq!(read(b"caf\xe9", latin).0, "caf\u{e9}".as_bytes());
        assert_eq!(read(b"caf\xe9", None).0, b"caf\xe9", "not guessed");
        assert_eq!(TextEncoding::named("shift_jis"), None);
    }

    #[test]
    fn what_is_no_character_is_no_utf8() {
        let lone = [utf16le("a"), vec![0x00, 0xd8], utf16le("b")].concat();
        assert!(std::str::from_utf8(&read(&lone, Some(TextEncoding::Utf16Le)).0).is_err());
        assert!(std::str::from_utf8(&read(b"a\0b", Some(TextEncoding::Utf16Le)).0).is_err());
    }

    proptest! {
        /// No byte of the file is lost, whatever comes.
        #[test]
        fn lengths_map_back(bytes in proptest::collection::vec(any::<u8>(), 0..2000), which in 0usize..3) {
            let declared = [Some(TextEncoding::Utf16Le), Some(TextEncoding::Utf16Be), TextEncoding::named("latin1")][which];
            let (text, encoding) = read(&bytes, declared);
            prop_assert_eq!(encoding.stored_len(&text), bytes.len() as u64);
        }
    }
}
