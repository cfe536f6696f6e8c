//! Spellings that several formats share: UTF-16, base64, GUIDs, CSV with either line end.

use crosstie_model::Stream;
use csv::Terminator;

/// UTF-16LE, as PowerShell and the Microsoft 365 portal write files.
pub(crate) fn utf16le(text: &str, with_bom: bool) -> Vec<u8> {
    let mark = with_bom.then_some(0xfeff);
    mark.into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

/// RFC 4648 with padding.
pub(crate) fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let wide = (0..3).fold(0u32, |sum, at| (sum << 8) | u32::from(chunk.get(at).copied().unwrap_or_default()));
        for digit in 0..4 {
            let sextet = (wide >> (18 - 6 * digit)) & 63;
            out.push(if digit <= chunk.len() { DIGITS[sextet as usize] as char } else { '=' });
        }
    }
    out
}

/// A version 4 GUID that depends on its arguments alone.
pub(crate) fn guid(seed: u64, of: &str, number: usize) -> String {
    let mut stream = Stream::new(seed, &format!("synth-guid-{of}"), &[number as u64]);
    let (high, low) = (stream.next_u64(), stream.next_u64());
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        ((low >> 48) & 0x3fff) | 0x8000,
        low & 0xffff_ffff_ffff
    )
}

/// A CSV in memory: fields are quoted where they must be.
pub(crate) struct Table(csv::Writer<Vec<u8>>);

impl Table {
    /// With `\n` after every row.
    pub(crate) fn unix() -> Table {
        Table(csv::Writer::from_writer(Vec::new()))
    }

    /// With `\r\n` after every row, as Windows tools write it.
    pub(crate) fn windows() -> Table {
        Table(csv::WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new()))
    }

    /// Every field quoted, as `Export-Csv` of PowerShell 5 does.
    pub(crate) fn powershell() -> Table {
        let mut builder = csv::WriterBuilder::new();
        Table(builder.terminator(Terminator::CRLF).quote_style(csv::QuoteStyle::Always).from_writer(Vec::new()))
    }

    pub(crate) fn row<I: IntoIterator<Item = T>, T: AsRef<[u8]>>(&mut self, cells: I) {
        self.0.write_record(cells).expect("memory takes every row");
    }

    pub(crate) fn bytes(self) -> Vec<u8> {
        self.0.into_inner().expect("memory takes every row")
    }

    pub(crate) fn text(self) -> String {
        String::from_utf8(self.bytes()).expect("memory takes only text here")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_rfc() {
        for (plain, coded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }

    #[test]
    fn utf16_has_a_mark_where_asked() {
        assert_eq!(utf16le("a…", true), [0xff, 0xfe, 0x61, 0, 0x26, 0x20]);
        assert_eq!(utf16le("a", false), [0x61, 0]);
    }

    #[test]
    fn guids_differ_and_keep_their_form() {
        let one = guid(1, "person", 0);
        assert_eq!(one, guid(1, "person", 0));
        assert_ne!(one, guid(1, "person", 1));
        assert_ne!(one, guid(1, "team", 0));
        let lengths: Vec<usize> = one.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
    }
}
