//! Splits a header value with addresses into tokens.

use crosstie_model::{Code, code};

/// Deepest comments or groups; recursive readers overflow their stack on deeper ones.
pub(super) const DEPTH_LIMIT: usize = 64;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A run of bytes without blanks and specials.
    Atom,
    /// With its quotes.
    Quoted,
    /// `[192.0.2.1]` after an `@`.
    Literal,
    At,
    Dot,
    Comma,
    Semicolon,
    Colon,
    Open,
    Close,
}

#[derive(Clone, Copy)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Splits a value into tokens; blanks and comments only part them.
pub(super) struct Lexer<'a> {
    bytes: &'a [u8],
    at: usize,
    follows_at: bool,
    /// Set once a quote is not closed: looking again at each later one would take quadratic time.
    quotes_are_broken: bool,
    /// The same for comments.
    comments_are_broken: bool,
    pub(super) odd_count: u64,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Lexer<'a> {
        Lexer { bytes, at: 0, follows_at: false, quotes_are_broken: false, comments_are_broken: false, odd_count: 0 }
    }

    pub(super) fn next_token(&mut self) -> Result<Option<Token>, Code> {
        self.skip_blanks_and_comments()?;
        let start = self.at;
        let Some(&first) = self.bytes.get(start) else { return Ok(None) };
        let (kind, end) = match first {
            b'@' => (Kind::At, start + 1),
            b'.' => (Kind::Dot, start + 1),
            b',' => (Kind::Comma, start + 1),
            b';' => (Kind::Semicolon, start + 1),
            b':' => (Kind::Colon, start + 1),
            b'<' => (Kind::Open, start + 1),
            b'>' => (Kind::Close, start + 1),
            _ => self.word(start),
        };
        self.follows_at = kind == Kind::At;
        self.at = end;
        Ok(Some(Token { kind, start, end }))
    }

    fn skip_blanks_and_comments(&mut self) -> Result<(), Code> {
        loop {
            match self.bytes.get(self.at) {
                Some(b' ' | b'\t' | b'\r' | b'\n') => self.at += 1,
                Some(b'(') => self.at = self.comment_end()?,
                _ => return Ok(()),
            }
        }
    }

    fn comment_end(&mut self) -> Result<usize, Code> {
        if !self.comments_are_broken {
            let (mut scan, mut depth) = (self.at, 0);
            while let Some(byte) = self.bytes.get(scan) {
                scan += 1;
                match byte {
                    b'\\' => scan += 1,
                    b'(' if depth == DEPTH_LIMIT => return Err(code::I111),
                    b'(' => depth += 1,
                    b')' if depth == 1 => return Ok(scan),
                    b')' => depth -= 1,
                    _ => {}
                }
            }
            self.comments_are_broken = true;
        }
        // Up to the end it would swallow the other addresses.
        self.odd_count += 1;
        let rest = &self.bytes[self.at..];
        let length = rest.iter().position(|byte| b"),;<".contains(byte)).unwrap_or(rest.len());
        Ok(self.at + length + usize::from(rest.get(length) == Some(&b')')))
    }

    fn word(&mut self, start: usize) -> (Kind, usize) {
        match self.bytes[start] {
            b'"' => self.quoted_end(start).map(|end| (Kind::Quoted, end)),
            b'[' if self.follows_at => literal_end(self.bytes, start).map(|end| (Kind::Literal, end)),
            _ => None,
        }
        .unwrap_or_else(|| (Kind::Atom, self.atom_end(start)))
    }

    fn quoted_end(&mut self, start: usize) -> Option<usize> {
        if self.quotes_are_broken {
            return None;
        }
        let mut scan = start + 1;
        while let Some(byte) = self.bytes.get(scan) {
            scan += 1;
            match byte {
                b'\\' => scan += 1,
                b'"' => return Some(scan),
                _ => {}
            }
        }
        self.quotes_are_broken = true;
        self.odd_count += 1;
        None
    }

    /// At least one byte: a stray bracket or quote becomes part of an atom.
    fn atom_end(&self, start: usize) -> usize {
        let ends = |byte: &u8| b" \t\r\n(<>@,;:.".contains(byte) || (*byte == b'"' && !self.quotes_are_broken);
        self.bytes[start + 1..].iter().position(ends).map_or(self.bytes.len(), |length| start + 1 + length)
    }
}

fn literal_end(bytes: &[u8], start: usize) -> Option<usize> {
    let length = bytes[start + 1..].iter().position(|byte| b"[]\\@<>,;(\" \t\r\n".contains(byte))?;
    let end = start + 1 + length;
    (bytes[end] == b']').then_some(end + 1)
}
