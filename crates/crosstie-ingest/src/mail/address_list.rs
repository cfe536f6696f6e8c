//! Addresses in header values. Display names and comments are stepped over and never held.
//!
//! Identity is the addr-spec alone, so a value that could name two mailboxes is none: where RFC 5322 leaves a doubt,
//! the element is bad and the rest of the list is still read. One pass and no recursion: nesting is counted.

use super::address_lexer::{DEPTH_LIMIT, Kind, Lexer, Token};
use crosstie_model::{Code, code};

/// Most addresses of one value, good and bad.
const COUNT_LIMIT: usize = 100_000;

/// What a header value names.
#[derive(Default)]
pub(crate) struct AddressList {
    /// Addr-specs as `Address::parse` reads them, quotes included, or X.500 names that begin with `/O=`.
    pub(crate) found: Vec<String>,
    /// One fault for each element that is no address.
    pub(crate) bad: Vec<Code>,
    /// What was read although it breaks the standard, and elements and groups that name nobody.
    pub(crate) odd_count: u64,
    /// Whether `<>` or a bare `MAILER-DAEMON` occurs: as From, the mark of a machine. Neither found nor bad.
    pub(crate) has_null_sender: bool,
}

impl std::fmt::Debug for AddressList {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "<{} addresses, {} bad, {} odd>", self.found.len(), self.bad.len(), self.odd_count)
    }
}

/// Reads a header value. `at_form`: `alice at example.com` of list archives is an address.
///
/// # Errors
/// I111 for comments or groups over 64 deep, I110 for over 100,000 addresses. All other faults are in `bad`.
pub(crate) fn addresses(value: &[u8], at_form: bool) -> Result<AddressList, Code> {
    let mut lexer = Lexer::new(value);
    let mut reader = Reader::new(value, at_form);
    while let Some(token) = lexer.next_token()? {
        reader.take(token)?;
    }
    reader.end_element(None)?;
    reader.list.odd_count += lexer.odd_count;
    Ok(reader.list)
}

/// Gathers the tokens of one element of the list and reads it when it ends.
struct Reader<'a> {
    value: &'a [u8],
    at_form: bool,
    element: Vec<Token>,
    angle_is_open: bool,
    /// Elements of the form `@domain` that a comma ended: bad, unless a colon shows that they are a route.
    pending_routes: usize,
    group_depth: usize,
    group_is_empty: bool,
    follows_group: bool,
    list: AddressList,
}

enum Mailbox {
    Found(String),
    Null,
    Bad(Code),
}

impl<'a> Reader<'a> {
    fn new(value: &'a [u8], at_form: bool) -> Reader<'a> {
        Reader {
            value,
            at_form,
            element: Vec::new(),
            angle_is_open: false,
            pending_routes: 0,
            group_depth: 0,
            group_is_empty: false,
            follows_group: false,
            list: AddressList::default(),
        }
    }

    fn take(&mut self, token: Token) -> Result<(), Code> {
        match token.kind {
            Kind::Comma if self.is_in_angle_route(token) => self.element.push(token),
            Kind::Comma | Kind::Semicolon => self.end_element(Some(token.kind))?,
            Kind::Colon if !self.angle_is_open => self.colon()?,
            kind => {
                self.angle_is_open = kind == Kind::Open || (self.angle_is_open && kind != Kind::Close);
                self.element.push(token);
            }
        }
        Ok(())
    }

    /// Whether a comma stands in the route of `<@a,@b:c@d>`. Any other comma ends the element, bracket or not: else
    /// one open bracket would swallow the list.
    fn is_in_angle_route(&self, comma: Token) -> bool {
        let next = self.value[comma.end..].iter().find(|byte| !byte.is_ascii_whitespace());
        let mut from_bracket = self.element.iter().skip_while(|token| token.kind != Kind::Open).skip(1);
        let begins_route = from_bracket.next().is_some_and(|token| token.kind == Kind::At);
        self.angle_is_open && next == Some(&b'@') && begins_route
    }

    fn colon(&mut self) -> Result<(), Code> {
        if is_route(&self.element) {
            self.pending_routes = 0;
            self.element.clear();
        } else if is_scheme(self.value, &self.element) {
            self.element.clear();
        } else if self.element.iter().any(|token| matches!(token.kind, Kind::At | Kind::Open)) {
            self.end_element(Some(Kind::Colon))?;
        } else {
            self.fail_pending_routes()?;
            self.element.clear();
            self.group_depth += 1;
            self.group_is_empty = true;
            if self.group_depth > DEPTH_LIMIT {
                return Err(code::I111);
            }
        }
        Ok(())
    }

    /// Reads what was gathered; `end` is the token that ended it, or none at the end of the value.
    fn end_element(&mut self, end: Option<Kind>) -> Result<(), Code> {
        if end == Some(Kind::Comma) && is_route(&self.element) {
            self.pending_routes += 1;
            self.element.clear();
            return Ok(());
        }
        self.fail_pending_routes()?;
        let is_empty = self.element.is_empty();
        if !is_empty {
            let mailbox = self.mailbox();
            self.add(mailbox)?;
            self.element.clear();
            self.angle_is_open = false;
        }
        self.group_is_empty &= is_empty;
        let ends_group = end == Some(Kind::Semicolon) && self.group_depth > 0;
        if ends_group {
            self.list.odd_count += u64::from(self.group_is_empty);
            self.group_depth -= 1;
            self.group_is_empty = false;
        } else if end.is_some() && is_empty && !self.follows_group {
            self.list.odd_count += 1;
        }
        self.follows_group = ends_group;
        Ok(())
    }

    fn fail_pending_routes(&mut self) -> Result<(), Code> {
        for _ in 0..std::mem::take(&mut self.pending_routes) {
            self.add(Mailbox::Bad(code::I106))?;
        }
        Ok(())
    }

    fn add(&mut self, mailbox: Mailbox) -> Result<(), Code> {
        match mailbox {
            Mailbox::Found(address) => self.list.found.push(address),
            Mailbox::Bad(fault) => self.list.bad.push(fault),
            Mailbox::Null => {
                self.list.has_null_sender = true;
                self.list.odd_count += 1;
            }
        }
        if self.list.found.len() + self.list.bad.len() > COUNT_LIMIT { Err(code::I110) } else { Ok(()) }
    }

    /// The mailbox that the gathered tokens name: what stands in brackets, else all of them.
    fn mailbox(&mut self) -> Mailbox {
        let element = std::mem::take(&mut self.element);
        let brackets = |token: &Token| matches!(token.kind, Kind::Open | Kind::Close);
        let Some(open) = element.iter().position(brackets) else { return self.addr_spec(&element) };
        let inside = &element[open + 1..];
        let Some(length) = inside.iter().position(brackets) else { return Mailbox::Bad(code::I106) };
        let (inside, after) = (&inside[..length], &inside[length..]);
        let is_pair = element[open].kind == Kind::Open && after[0].kind == Kind::Close;
        // A second address after the first leaves open which is meant; words do not.
        if !is_pair || after[1..].iter().any(|token| brackets(token) || token.kind == Kind::At) {
            return Mailbox::Bad(code::I106);
        }
        self.list.odd_count += u64::from(after.len() > 1);
        if inside.is_empty() {
            return Mailbox::Null;
        }
        self.addr_spec(without_route_or_scheme(self.value, inside))
    }

    fn addr_spec(&mut self, tokens: &[Token]) -> Mailbox {
        let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else { return Mailbox::Bad(code::I106) };
        if tokens.iter().any(|token| self.text(token).iter().any(u8::is_ascii_control)) {
            return Mailbox::Bad(code::I115);
        }
        let whole = &self.value[first.start..last.end];
        let has_at = tokens.iter().any(|token| token.kind == Kind::At);
        if !has_at && whole.get(..3).is_some_and(|head| head.eq_ignore_ascii_case(b"/o=")) {
            // Blanks and parentheses are part of an X.500 name (`Administrative Group (FYDIBOHF23SPDLT)`).
            return self.found(whole.to_vec());
        }
        if tokens.len() == 1 && whole.eq_ignore_ascii_case(b"mailer-daemon") {
            return Mailbox::Null;
        }
        let Some((local, domain)) = self.parts(tokens) else { return Mailbox::Bad(code::I106) };
        if !self.is_local(local) || !self.is_domain(domain) {
            return Mailbox::Bad(code::I106);
        }
        let dots_are_odd = |part: &[Token]| part[0].kind == Kind::Dot || part.windows(2).any(are_dots);
        let is_odd = dots_are_odd(local) || dots_are_odd(domain) || local[local.len() - 1].kind == Kind::Dot;
        self.list.odd_count += u64::from(is_odd);
        let mut address = Vec::with_capacity(last.end - first.start);
        local.iter().for_each(|token| address.extend_from_slice(self.text(token)));
        address.push(b'@');
        domain.iter().for_each(|token| address.extend_from_slice(self.text(token)));
        self.found(address)
    }

    /// Local part and domain: around the only `@`, or around the word `at`.
    fn parts<'t>(&self, tokens: &'t [Token]) -> Option<(&'t [Token], &'t [Token])> {
        let mut ats = tokens.iter().enumerate().filter(|(_, token)| token.kind == Kind::At).map(|(index, _)| index);
        let at = match (ats.next(), ats.next()) {
            (Some(at), None) => at,
            (None, _) if self.at_form => self.word_at(tokens)?,
            _ => return None,
        };
        Some((&tokens[..at], &tokens[at + 1..]))
    }

    /// The word `at` before a domain with a dot. Archives write domains in full; `look at this` is none.
    fn word_at(&self, tokens: &[Token]) -> Option<usize> {
        let at = tokens.iter().position(|token| token.kind == Kind::Atom && self.text(token) == b"at")?;
        tokens[at..].iter().any(|token| token.kind == Kind::Dot).then_some(at)
    }

    /// Words with dots between them; dots that lead, trail or repeat occur in real mail and stay.
    fn is_local(&self, tokens: &[Token]) -> bool {
        let has_word = tokens.iter().any(|token| token.kind != Kind::Dot);
        has_word && !tokens.windows(2).any(are_words) && tokens.iter().all(|token| self.belongs_to_local(token))
    }

    fn belongs_to_local(&self, token: &Token) -> bool {
        matches!(token.kind, Kind::Dot | Kind::Quoted) || self.is_plain_atom(token)
    }

    fn is_domain(&self, tokens: &[Token]) -> bool {
        if let [only] = tokens
            && only.kind == Kind::Literal
        {
            return true;
        }
        let has_word = tokens.iter().any(|token| token.kind != Kind::Dot);
        let fits = |token: &Token| token.kind == Kind::Dot || self.is_plain_atom(token);
        has_word && !tokens.windows(2).any(are_words) && tokens.iter().all(fits)
    }

    /// An atom without the stray quotes and brackets that the lexer leaves in atoms.
    fn is_plain_atom(&self, token: &Token) -> bool {
        token.kind == Kind::Atom && !self.text(token).iter().any(|byte| b"\"[])".contains(byte))
    }

    fn found(&self, address: Vec<u8>) -> Mailbox {
        String::from_utf8(address).map_or(Mailbox::Bad(code::I101), Mailbox::Found)
    }

    fn text(&self, token: &Token) -> &'a [u8] {
        &self.value[token.start..token.end]
    }
}

/// `@domain`, which is a step of a route or no address.
fn is_route(element: &[Token]) -> bool {
    let is_part = |token: &Token| matches!(token.kind, Kind::Atom | Kind::Dot | Kind::Literal);
    matches!(element, [first, rest @ ..] if first.kind == Kind::At && !rest.is_empty() && rest.iter().all(is_part))
}

/// `mailto` and the like before a colon; not the name of a group.
fn is_scheme(value: &[u8], element: &[Token]) -> bool {
    let [only] = element else { return false };
    let text = &value[only.start..only.end];
    [b"mailto".as_slice(), b"smtp", b"x500", b"ex"].iter().any(|scheme| text.eq_ignore_ascii_case(scheme))
}

/// The tokens in brackets without `@a,@b:` or `mailto:` in front.
fn without_route_or_scheme<'t>(value: &[u8], inside: &'t [Token]) -> &'t [Token] {
    match inside.iter().position(|token| token.kind == Kind::Colon) {
        Some(colon) if inside[0].kind == Kind::At || is_scheme(value, &inside[..colon]) => &inside[colon + 1..],
        _ => inside,
    }
}

fn are_dots(pair: &[Token]) -> bool {
    pair.iter().all(|token| token.kind == Kind::Dot)
}

/// Two words without a dot: the reader saw a blank, a comment or a quote between them.
fn are_words(pair: &[Token]) -> bool {
    pair.iter().all(|token| token.kind != Kind::Dot)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::Address;
    use mail_parser::MessageParser;
    use proptest::{collection::vec, prelude::*};

    /// Addresses, then faults.
    fn read_with(value: &[u8], at_form: bool) -> Vec<String> {
        match addresses(value, at_form) {
            Ok(list) => list.found.into_iter().chain(list.bad.iter().map(|fault| fault.id.to_string())).collect(),
            Err(fault) => vec![format!("whole {}", fault.id)],
        }
    }

    fn read(value: &str) -> Vec<String> {
        read_with(value.as_bytes(), false)
    }

    fn odd(value: &str) -> u64 {
        addresses(value.as_bytes(), false).unwrap().odd_count
    }

    #[test]
    fn the_table_of_the_design() {
        for (value, expected) in [
            ("\"john doe\"@example.com", vec!["\"john doe\"@example.com"]),
            ("\"a@x.example\"@example.com", vec!["\"a@x.example\"@example.com"]),
            ("alice@example.com <eve@x.example>", vec!["eve@x.example"]),
            ("=?utf-8?q?alice=40example.com?= <eve@x.example>", vec!["eve@x.example"]),
            ("Doe, John <john@example.com>", vec!["john@example.com", "I106"]),
            ("@r1.example,@r2.example:bob@example.com", vec!["bob@example.com"]),
            ("<@r1.example:bob@example.com>", vec!["bob@example.com"]),
            ("<@r1.example, @r2.example:bob@example.com>, c@x", vec!["bob@example.com", "c@x"]),
            ("<a@example.com> <b@example.com>", vec!["I106"]),
            ("a@example.com b@example.com", vec!["I106"]),
            ("john . doe @ example . com", vec!["john.doe@example.com"]),
            ("a@@example.com", vec!["I106"]),
            ("a@", vec!["I106"]),
            ("@example.com", vec!["I106"]),
            ("alice@example.com\0eve", vec!["I115"]),
            ("alice@example.com.", vec!["alice@example.com."]),
            ("h..smith@example.com", vec!["h..smith@example.com"]),
            ("<.w@example.com>", vec![".w@example.com"]),
            ("pat.o'neil@example.com", vec!["pat.o'neil@example.com"]),
            ("a@example.com; b@example.com", vec!["a@example.com", "b@example.com"]),
            ("Team: a@example.com, b@example.com;", vec!["a@example.com", "b@example.com"]),
            ("undisclosed-recipients:;", vec![]),
            (
                "Smith, Ann </O=CORP/OU=EU/CN=RECIPIENTS/CN=ASMITH>",
                vec!["/O=CORP/OU=EU/CN=RECIPIENTS/CN=ASMITH", "I106"],
            ),
            ("<mailto:a@example.com>", vec!["a@example.com"]),
            ("alice at example.com (Alice)", vec!["I106"]),
            ("MAILER-DAEMON", vec![]),
            ("<>", vec![]),
        ] {
            assert_eq!(read(value), expected, "{value}");
        }
        assert_eq!(read_with(b"alice at example.com (Alice)", true), ["alice@example.com"]);
    }

    #[test]
    fn traps_t16_and_t17() {
        for (value, expected) in [
            ("\"a@evil.example\"@good.example", vec!["\"a@evil.example\"@good.example"]),
            ("alice@good.example <eve@evil.example>", vec!["eve@evil.example"]),
            ("=?utf-8?q?a=40b?=c@host.example", vec!["=?utf-8?q?a=40b?=c@host.example"]),
            ("@r1.example,@r2.example:alice@good.example", vec!["alice@good.example"]),
            ("(x) alice@good.example (eve@evil.example)", vec!["alice@good.example"]),
            ("G:a@x.example,b@x.example;", vec!["a@x.example", "b@x.example"]),
            ("\"Doe, John\" <john@corp.example>", vec!["john@corp.example"]),
            ("a@\u{1}x.example", vec!["I115"]),
        ] {
            assert_eq!(read(value), expected, "{value}");
        }
        for deep in [format!("{}{}", "(".repeat(10_000), ")".repeat(10_000)), "g:".repeat(10_000)] {
            assert_eq!(read(&format!("a@x.example {deep}")), ["whole I111"]);
        }
        let limit = |depth: usize| format!("{}{} a@x", "(".repeat(depth), ")".repeat(depth));
        assert_eq!(read(&limit(64)), ["a@x"]);
        assert_eq!(read(&limit(65)), ["whole I111"]);
        assert_eq!(read(&format!("{}a@x", "g:".repeat(64))), ["a@x"]);
        assert_eq!(read(&format!("{}a@x", "g:;".repeat(1000))), ["a@x"], "one after the other is not deep");
    }

    #[test]
    fn t22_bytes() {
        assert_eq!(
            read_with(b"J\xf6rg (\xe9) \"\xe8\" <joerg@x.example>, \xff@x, b@x", false),
            ["joerg@x.example", "b@x", "I101"]
        );
        assert_eq!(read_with(b"a\xc0\xafb@x", false), ["I101"], "overlong");
        assert_eq!(read("j\u{f6}rg@ex\u{e4}mple.com"), ["j\u{f6}rg@ex\u{e4}mple.com"]);
        assert_eq!(read("Al\0ice <alice@x>"), ["alice@x"], "a name is not looked at");
        assert_eq!(read("\"a\0b\"@x"), ["I115"]);
    }

    #[test]
    fn what_is_bad_costs_one_element() {
        for (value, expected) in [
            ("a@x, @y, b@x", vec!["a@x", "b@x", "I106"]),
            ("@y, @z, b@x", vec!["b@x", "I106", "I106"]),
            ("@y: b@x, @z", vec!["b@x", "I106"]),
            ("<a@x, b@x", vec!["b@x", "I106"]),
            ("<@a, b@x", vec!["b@x", "I106"]),
            ("<<a@x>>, b@x", vec!["b@x", "I106"]),
            ("a@x>, b@x", vec!["b@x", "I106"]),
            ("<a@x> b@x, c@x", vec!["c@x", "I106"]),
            ("Ann <b@x:c@x>, c@x", vec!["c@x", "I106"]),
            ("a@x:b@x", vec!["a@x", "b@x"]),
            ("\"a\"b@x, a\"b\"@x, a@\"x\", a@x\"y\", c@x", vec!["c@x", "I106", "I106", "I106", "I106"]),
            ("a(b)c@x, d@x", vec!["d@x", "I106"]),
            ("a@[192.0.2.1].x, b@x[1], [c]@x, d@x", vec!["d@x", "I106", "I106", "I106"]),
            ("..@x, a@., a@.., b@x", vec!["b@x", "I106", "I106", "I106"]),
            ("a b@x, a@x y, c@x", vec!["c@x", "I106", "I106"]),
        ] {
            assert_eq!(read(value), expected, "{value}");
        }
    }

    #[test]
    fn forms_that_are_read() {
        for (value, expected) in [
            ("a@[192.0.2.1], b@[IPv6:2001:db8::1]", vec!["a@[192.0.2.1]", "b@[IPv6:2001:db8::1]"]),
            ("[EXT] Ann [x] <a@x>", vec!["a@x"]),
            ("\"a\".\"b c\".d@x", vec!["\"a\".\"b c\".d@x"]),
            ("\"\\\"q\\\\\"@x, b@x", vec!["\"\\\"q\\\\\"@x", "b@x"]),
            ("a (c(d)\\)) @ (e) x (f) . (g) y", vec!["a@x.y"]),
            ("< a@x >", vec!["a@x"]),
            ("Ann J. O'Neil, Jr. <a@x>", vec!["a@x", "I106"]),
            ("mailto:a@x, SMTP:b@x", vec!["a@x", "b@x"]),
            ("Team: Ann <a@x>, Sub: b@x;; c@x", vec!["a@x", "b@x", "c@x"]),
            ("a@x,,; ,b@x,", vec!["a@x", "b@x"]),
            ("a@x\r\n\t, b@x", vec!["a@x", "b@x"]),
            ("<X500:/o=Ex/ou=Group (FYDI)/cn=a>", vec!["/o=Ex/ou=Group (FYDI)/cn=a"]),
            ("/o=Ex/ou=First Group/cn=b; c@x", vec!["/o=Ex/ou=First Group/cn=b", "c@x"]),
            ("/O=corp/S=Smith/@gate.example", vec!["/O=corp/S=Smith/@gate.example"]),
            ("IMCEAEX-_O=C_OU=E+20F@x.example", vec!["IMCEAEX-_O=C_OU=E+20F@x.example"]),
        ] {
            assert_eq!(read(value), expected, "{value}");
        }
        assert!(read("").is_empty() && read(" (nobody) ").is_empty());
    }

    #[test]
    fn what_is_never_closed_does_not_swallow_the_list() {
        assert_eq!(read("a@x (Ann, b@x, (c) d@x"), ["a@x", "b@x", "d@x"]);
        assert_eq!(read("(Ann <a@x>, b@x"), ["a@x", "b@x"]);
        assert_eq!(read("\"Ann <a@x>, b@x"), ["a@x", "b@x"]);
        assert_eq!(read("\"a@x, b@x"), ["b@x", "I106"]);
    }

    #[test]
    fn the_at_form_is_declared() {
        for (value, expected) in [
            ("alice at example.com", "alice@example.com"),
            ("a.b at example.com (A B)", "a.b@example.com"),
            ("Ann <a at example.com>", "a@example.com"),
            ("look at this", "I106"),
            ("meet me at example.com", "I106"),
            ("at at example.com", "I106"),
            ("a@example.com", "a@example.com"),
        ] {
            assert_eq!(read_with(value.as_bytes(), true), [expected], "{value}");
        }
    }

    #[test]
    fn null_senders() {
        for value in ["<>", "MAILER-DAEMON", "Mailer-Daemon (Mail Delivery System)", "\"Mail System\" <>", "< >"] {
            let list = addresses(value.as_bytes(), false).unwrap();
            assert!(list.has_null_sender && list.found.is_empty() && list.bad.is_empty(), "{value}");
        }
        assert!(!addresses(b"MAILER-DAEMON@x.example", false).unwrap().has_null_sender);
        assert!(!addresses(b"<(x)@>, a@x", false).unwrap().has_null_sender);
    }

    #[test]
    fn odd_ones_are_counted() {
        for (value, expected) in [
            ("a@x, b@x", 0),
            ("alice@example.com.", 0),
            ("Team: a@x;, b@x", 0),
            ("a@x,, b@x", 1),
            ("undisclosed-recipients:;", 1),
            ("h..smith@example.com, .w@x, w.@x", 3),
            ("a@x..y, a@.x", 2),
            ("<a@x> Ann", 1),
            ("<>, MAILER-DAEMON", 2),
            ("a@x (Ann", 1),
            ("\"Ann <a@x>", 1),
        ] {
            assert_eq!(odd(value), expected, "{value}");
        }
    }

    #[test]
    fn the_count_has_a_limit() {
        let list = |count: usize| addresses("a@x,".repeat(count).as_bytes(), false);
        assert_eq!(list(COUNT_LIMIT).unwrap().found.len(), COUNT_LIMIT);
        assert_eq!(list(COUNT_LIMIT + 1).err(), Some(code::I110));
        assert_eq!(addresses("@a,".repeat(COUNT_LIMIT + 1).as_bytes(), false).err(), Some(code::I110));
        assert!(addresses(",".repeat(1 << 20).as_bytes(), false).unwrap().found.is_empty());
    }

    /// Quadratic time would take minutes here.
    #[test]
    fn long_values_take_one_pass() {
        let units = [
            "( ) , \" < > @ . : ; [ ] \\ a @[ @a, <@a, \\\" (, ((, \"( at_ a. <> <a @: /o= mailto: a<",
            "(\\ @[a <@,@ @\" () _ a_ <@a,@a_ ,_ @_ ._",
        ];
        for unit in units.iter().flat_map(|units| units.split(' ')).map(|unit| unit.replace('_', " ")) {
            for front in ["", "<", "\"", "(", "<@a,@b"] {
                let value = format!("{front}{}", unit.repeat((1 << 20) / unit.len()));
                let _ = addresses(value.as_bytes(), true);
            }
        }
    }

    #[test]
    fn nothing_is_shown() {
        assert_eq!(format!("{:?}", addresses(b"a@x, b", false)), "Ok(<1 addresses, 1 bad, 0 odd>)");
    }

    proptest! {
        /// Any bytes: no panic, and nothing is found that has no place in an address.
        #[test]
        fn any_bytes(
            bytes in vec(prop::sample::select(b"ab@.,;:<>()[]\"\\ \t\r\n\0\xc3\xa4/o=".to_vec()), 0..80),
            at_form in any::<bool>(),
        ) {
            if let Ok(list) = addresses(&bytes, at_form) {
                for address in list.found {
                    prop_assert!(!address.bytes().any(|byte| byte.is_ascii_control()) || address.starts_with('/'));
                    prop_assert!(address.contains('@') || address[..3].eq_ignore_ascii_case("/o="));
                }
            }
        }

        /// A bad element changes nothing of the others.
        #[test]
        fn neighbours_do_not_matter(noise in "[ab@.: ]{0,12}") {
            prop_assume!(!noise.contains(':'));
            let list = addresses(format!("first@x.example, {noise}, last@x.example").as_bytes(), false).unwrap();
            prop_assert_eq!(&list.found[0], "first@x.example");
            prop_assert_eq!(&list.found[list.found.len() - 1], "last@x.example");
            prop_assert!(list.found.len() + list.bad.len() <= 3);
        }

        /// What mail-parser reads of a well-formed list is read here, and each is an address.
        #[test]
        fn equals_mail_parser(list in vec((
            "([A-Za-z]{1,8} ?){0,3}",
            "[a-z0-9+_-]{1,8}(\\.[a-z0-9]{1,5}){0,2}@[a-z0-9]{1,8}(\\.[a-z]{2,4}){1,2}",
            0..4u8,
        ), 1..8)) {
            let written: Vec<String> = list
                .iter()
                .map(|(name, address, form)| match form {
                    0 => address.clone(),
                    1 => format!("{name} <{address}>"),
                    2 => format!("\"{name}, x\" <{address}>"),
                    _ => format!("{address} ({name})"),
                })
                .collect();
            let value = written.join(", ");
            let mail = format!("To: {value}\r\n\r\n");
            let oracle = MessageParser::default().parse(mail.as_bytes()).unwrap();
            let expected: Vec<&str> = oracle.to().unwrap().iter().filter_map(|one| one.address()).collect();
            let got = addresses(value.as_bytes(), false).unwrap();
            prop_assert_eq!((got.bad.len(), got.odd_count), (0, 0));
            prop_assert!(got.found.iter().all(|address| Address::parse(address).is_ok()));
            prop_assert_eq!(got.found, expected);
        }
    }
}
