//! The raw values of the keys that are read. Everything else is skipped unbuilt: no type here can hold a body.
//!
//! Keys match without case. A key that is read and occurs twice is I112: serde_json alone keeps the last in silence.
//! Numbers stay text: through a float two ids would merge.

use super::scan::is_too_deep;
use crate::work::Fault;
use crosstie_model::code;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// A value as it stands in the file.
pub(crate) type Raw<'a> = &'a RawValue;

const TWICE: &str = "a key that is read occurs twice";

/// The values of `names` in the object `record`, in that order.
///
/// # Errors
/// I101 for bytes that are no UTF-8, I111 for deep nesting, I112 for a key that is read and occurs twice, I109 for
/// what is no object.
pub(crate) fn pick<'a, const N: usize>(record: &'a [u8], names: [&str; N]) -> Result<[Option<Raw<'a>>; N], Fault> {
    of_object(checked(record)?, &names, [None; N])
}

/// The same for names that are known when the program runs.
pub(crate) fn pick_all<'a>(record: &'a [u8], names: &[&str]) -> Result<Vec<Option<Raw<'a>>>, Fault> {
    of_object(checked(record)?, names, vec![None; names.len()])
}

fn checked(record: &[u8]) -> Result<&str, Fault> {
    let text = std::str::from_utf8(record).map_err(|_| Fault::from(code::I101))?;
    if is_too_deep(record) { Err(Fault::from(code::I111)) } else { Ok(text) }
}

/// The same of a value that was picked before.
pub(crate) fn walk<'a, const N: usize>(
    value: Option<Raw<'a>>,
    names: [&str; N],
) -> Result<[Option<Raw<'a>>; N], Fault> {
    match value.filter(|value| value.get() != "null") {
        Some(value) => of_object(value.get(), &names, [None; N]),
        None => Ok([None; N]),
    }
}

fn of_object<'a, F: AsMut<[Option<Raw<'a>>]>>(text: &'a str, names: &[&str], mut found: F) -> Result<F, Fault> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let picked = Picked { names, found: found.as_mut() }.deserialize(&mut deserializer);
    picked.and_then(|()| deserializer.end()).map_err(|error| fault(&error))?;
    Ok(found)
}

fn fault(error: &serde_json::Error) -> Fault {
    let text = error.to_string();
    Fault::from(if text.starts_with(TWICE) {
        code::I112
    } else if text.contains("surrogate") || text.contains("end of hex escape") {
        code::I101
    } else {
        code::I109
    })
}

struct Picked<'n, 'f, 'de> {
    names: &'n [&'n str],
    found: &'f mut [Option<Raw<'de>>],
}

impl<'de> DeserializeSeed<'de> for Picked<'_, '_, 'de> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Picked<'_, '_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key_seed(Name { names: self.names })? {
            match name {
                Some(at) if self.found[at].is_some() => return Err(A::Error::custom(TWICE)),
                Some(at) => self.found[at] = Some(map.next_value::<Raw<'de>>()?),
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// The index of a key among those that are read.
struct Name<'n> {
    names: &'n [&'n str],
}

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = Option<usize>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = Option<usize>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }
    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.names.iter().position(|name| name.eq_ignore_ascii_case(key)))
    }
}

/// A string; `None` if it is absent or null.
///
/// # Errors
/// I101 for a lone surrogate, I109 for another escape or another kind of value.
pub(crate) fn text(value: Option<Raw<'_>>) -> Result<Option<Cow<'_, str>>, Fault> {
    let Some(raw) = value.map(RawValue::get).filter(|raw| *raw != "null") else { return Ok(None) };
    let plain = raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).filter(|inner| !inner.contains('\\'));
    match plain {
        Some(plain) => Ok(Some(Cow::Borrowed(plain))),
        None => serde_json::from_str::<String>(raw).map(|text| Some(Cow::Owned(text))).map_err(|error| fault(&error)),
    }
}

/// A string, or the digits of a number.
pub(crate) fn scalar(value: Option<Raw<'_>>) -> Result<Option<Cow<'_, str>>, Fault> {
    match value.map(RawValue::get) {
        Some(raw) if raw.starts_with(|c: char| c.is_ascii_digit() || c == '-') => Ok(Some(Cow::Borrowed(raw))),
        _ => text(value),
    }
}

/// True if it is `true`, or the text "true" in any case; false if it is anything else or absent.
pub(crate) fn boolean(value: Option<Raw<'_>>) -> bool {
    value.is_some_and(|raw| raw.get().trim_matches('"').eq_ignore_ascii_case("true"))
}

/// The elements of an array; none if it is absent or null.
///
/// # Errors
/// I109 for another kind of value.
pub(crate) fn items(value: Option<Raw<'_>>) -> Result<Vec<Raw<'_>>, Fault> {
    let Some(raw) = value.map(RawValue::get).filter(|raw| *raw != "null") else { return Ok(Vec::new()) };
    serde_json::from_str::<Vec<Raw<'_>>>(raw).map_err(|error| fault(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code_of<T>(result: Result<T, Fault>) -> &'static str {
        result.err().map_or("fine", |fault| fault.code.id)
    }

    #[test]
    fn keys_match_without_case_and_the_rest_is_skipped() {
        let record =
            br#"{"From":{"Address":"a@x"},"body":{"content":"\ud800","body":1},"id":123456789012345678901234567890}"#;
        let [from, id, none] = pick(record, ["from", "id", "absent"]).unwrap();
        let [address] = walk(from, ["address"]).unwrap();
        assert_eq!(text(address).unwrap().unwrap(), "a@x");
        assert_eq!(scalar(id).unwrap().unwrap(), "123456789012345678901234567890");
        assert!(none.is_none());
    }

    #[test]
    fn a_key_that_is_read_twice_is_a_fault_and_a_skipped_one_is_not() {
        assert_eq!(code_of(pick(br#"{"user":1,"User":2}"#, ["user"])), "I112");
        assert_eq!(code_of(pick(br#"{"x":1,"x":2,"user":{"a":1,"a":2}}"#, ["user"])), "fine");
    }

    #[test]
    fn faults_have_their_codes() {
        assert_eq!(code_of(pick(b"{\"a\":\"\xff\"}", ["a"])), "I101");
        assert_eq!(code_of(pick(b"[1]", ["a"])), "I109");
        assert_eq!(code_of(pick(b"{\"a\":1} x", ["a"])), "I109");
        assert_eq!(code_of(pick(format!("{{\"b\":{}{}}}", "[".repeat(65), "]".repeat(65)).as_bytes(), ["a"])), "I111");
        let [lone] = pick(br#"{"a":"\ud800"}"#, ["a"]).unwrap();
        assert_eq!(code_of(text(lone)), "I101");
        let [escape] = pick(br#"{"a":"\u00e9\n"}"#, ["a"]).unwrap();
        assert_eq!(text(escape).unwrap().unwrap(), "\u{e9}\n");
    }

    #[test]
    fn lists_and_words() {
        let [list, null, yes] = pick(br#"{"l":[1,{"a":2}],"n":null,"y":"True"}"#, ["l", "n", "y"]).unwrap();
        assert_eq!(items(list).unwrap().len(), 2);
        assert!(items(null).unwrap().is_empty() && text(null).unwrap().is_none());
        assert!(boolean(yes) && !boolean(null));
        assert_eq!(code_of(items(yes)), "I109");
    }
}
