//! Dates and addresses of a mail that is good otherwise: every byte is spent on the header values.

use crate::formats::{Form, form};
use crate::input::unmapped;
use crate::oracle;
use crate::words;

/// Reads the bytes as values of headers: of `Date` up to the first zero byte, of `From`, and of `To`.
///
/// # Panics
/// If anything does not hold.
pub fn check(data: &[u8]) {
    let (variant, bytes) = unmapped(data, words::MAIL);
    let mut parts = bytes.splitn(3, |&byte| byte == 0);
    let date = parts.next().unwrap_or(b"");
    let from = parts.next().unwrap_or(b"a@x.example");
    let to = parts.next().unwrap_or(b"b@x.example");
    let mail: &[&[u8]] = &[
        b"Message-ID: <1@x.example>\r\nDate: ",
        date,
        b"\r\nFrom: ",
        from,
        b"\r\nTo: ",
        to,
        b"\r\nSubject: zqcanary\r\n\r\nbody\r\n",
    ];
    let eml: Form = form("eml");
    let mode = [variant << 1 & 0x0e];
    oracle::check(&eml, &[&mode[..], &mail.concat()].concat());
}
