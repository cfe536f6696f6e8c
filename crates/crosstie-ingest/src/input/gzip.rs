//! Gzip by members. `GzDecoder` alone drops every member after the first with `Ok`, `MultiGzDecoder` fails on
//! trailing zeros; so the loop over members is ours: zeros behind the last one are padding, other bytes an error.

use super::fault::StreamFault;
use crosstie_model::code;
use flate2::bufread::GzDecoder;
use std::io::{self, BufRead, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The content of all members. `padding` counts the zeros behind them.
pub(crate) struct GzipMembers<R: BufRead> {
    state: State<R>,
    padding: Arc<AtomicU64>,
}

enum State<R: BufRead> {
    Member(Box<GzDecoder<R>>),
    Done,
}

impl<R: BufRead> GzipMembers<R> {
    pub(crate) fn new(reader: R, padding: Arc<AtomicU64>) -> GzipMembers<R> {
        GzipMembers { state: State::Member(Box::new(GzDecoder::new(reader))), padding }
    }
}

impl<R: BufRead> Read for GzipMembers<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            let State::Member(member) = &mut self.state else { return Ok(0) };
            let length = member.read(buffer)?;
            if length > 0 {
                return Ok(length);
            }
            let State::Member(member) = std::mem::replace(&mut self.state, State::Done) else { return Ok(0) };
            let mut rest = member.into_inner();
            let head = rest.fill_buf()?;
            match head {
                [] => return Ok(0),
                [0x1f, ..] => self.state = State::Member(Box::new(GzDecoder::new(rest))),
                [0, ..] => {
                    self.padding.store(zeros(rest)?, Ordering::Relaxed);
                    return Ok(0);
                }
                _ => return Err(StreamFault(code::I209).into()),
            }
        }
    }
}

/// Counts zeros up to the end.
fn zeros(mut rest: impl BufRead) -> io::Result<u64> {
    let mut count = 0;
    loop {
        let buffer = rest.fill_buf()?;
        if buffer.is_empty() {
            return Ok(count);
        }
        if buffer.iter().any(|&byte| byte != 0) {
            return Err(StreamFault(code::I209).into());
        }
        let length = buffer.len();
        count += length as u64;
        rest.consume(length);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;

    fn member(text: &str) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    fn read(bytes: &[u8]) -> io::Result<(String, u64)> {
        let padding = Arc::new(AtomicU64::new(0));
        let mut out = String::new();
        GzipMembers::new(bytes, Arc::clone(&padding)).read_to_string(&mut out)?;
        Ok((out, padding.load(Ordering::Relaxed)))
    }

    #[test]
    fn all_members_are_read_empty_ones_too() {
        let bytes = [member("a\n"), member(""), member("b\n")].concat();
        assert_eq!(read(&bytes).unwrap(), ("a\nb\n".into(), 0));
    }

    #[test]
    fn zeros_are_padding_and_other_bytes_are_not() {
        let padded = [member("a"), vec![0; 512]].concat();
        assert_eq!(read(&padded).unwrap(), ("a".into(), 512));
        assert!(read(&[member("a"), vec![b'x'; 100]].concat()).is_err());
        assert!(read(&[member("a"), vec![0; 10], vec![1]].concat()).is_err());
    }

    #[test]
    fn a_cut_is_an_error_but_at_a_boundary_of_members() {
        let (first, second) = (member("first, of some length\n"), member("second\n"));
        let bytes = [first.clone(), second].concat();
        for cut in 1..bytes.len() {
            assert_eq!(read(&bytes[..cut]).is_ok(), cut == first.len(), "cut at {cut}");
        }
    }
}
