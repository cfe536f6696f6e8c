//! The HTML file: one template, auto-escaped, under a policy that lets nothing in.

use crate::document::{Block, Document};
use askama::Template;
use sha2::{Digest, Sha256};
use std::fmt;

const STYLE: Style = Style(include_str!("../templates/report.css"));

/// Our own style sheet: never made from data.
#[derive(Clone, Copy)]
struct Style(&'static str);

impl fmt::Display for Style {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl askama::filters::HtmlSafe for Style {}

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    document: &'a Document,
    style: Style,
    style_hash: String,
}

pub(crate) fn html(document: &Document) -> String {
    let style_hash = base64(&Sha256::digest(STYLE.0.as_bytes()));
    let page = Page { document, style: STYLE, style_hash };
    let text = page.render().expect("writing to a string cannot fail");
    // Names may hold characters that show as others; our own text holds line feeds only.
    text.chars().map(|c| if c != '\n' && crate::svg::is_unprintable(c) { '\u{fffd}' } else { c }).collect()
}

/// RFC 4648 base64, for the hash in the policy.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0u32, |word, &byte| (word << 8) | u32::from(byte)) << (8 * (3 - chunk.len()));
        for at in 0..4 {
            let sixth = (word >> (18 - 6 * at)) & 63;
            out.push(if at <= chunk.len() { char::from(ALPHABET[sixth as usize]) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_of_the_rfc() {
        for (bytes, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }
}
