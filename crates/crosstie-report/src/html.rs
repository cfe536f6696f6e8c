//! The HTML file: one template, auto-escaped, under a policy that lets nothing in.

use crate::document::{Block, Document};
use crate::names::{Part, is_unprintable};
use askama::Template;
use sha2::{Digest, Sha256};
use std::fmt;

const STYLE: Own = Own(include_str!("../templates/report.css"));
/// Tables that can be sorted; without it they are tables all the same.
const SCRIPT: Own = Own(include_str!("../templates/sort.js"));

/// A style sheet or script of ours: never made from data.
#[derive(Clone, Copy)]
struct Own(&'static str);

impl fmt::Display for Own {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl askama::filters::HtmlSafe for Own {}

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    document: &'a Document,
    title: String,
    style: Own,
    style_hash: String,
    script: Own,
    script_hash: String,
}

pub(crate) fn html(document: &Document) -> String {
    let hash = |own: Own| base64(&Sha256::digest(own.0.as_bytes()));
    let page = Page {
        document,
        title: document.title.line(),
        style: STYLE,
        style_hash: hash(STYLE),
        script: SCRIPT,
        script_hash: hash(SCRIPT),
    };
    let text = page.render().expect("writing to a string cannot fail");
    // Names may hold characters that show as others; our own text holds line feeds only.
    let text: String = text.chars().map(|c| if c != '\n' && is_unprintable(c) { '\u{fffd}' } else { c }).collect();
    // An address in a name is text: it shows as it is, but none stands in the file.
    text.replace("://", ":&#47;/")
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

    #[test]
    fn the_script_is_small() {
        assert!(SCRIPT.0.len() < 2048, "{}", SCRIPT.0.len());
    }
}
