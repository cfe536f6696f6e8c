//! The fields of a JSON record that are read, by name without case; everything else is skipped unread.

use super::draft::Wrong;
use super::json_spans::{Page, spans};
use super::reading::{Outcome, Reading, Spot};
use super::spec::DirectorySpec;
use crosstie_model::code;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

/// Deepest nesting of a record that is read.
const DEPTH_LIMIT: usize = 64;

/// Which keys are read.
pub(super) struct Wanted {
    keys: Vec<String>,
    prefixes: Vec<String>,
}

impl Wanted {
    /// The keys of a format, those that the plan maps, and all that begin with one of the prefixes.
    pub(super) fn new(keys: &[&str], spec: &DirectorySpec, prefixes: &[&str]) -> Wanted {
        let mapped = spec.mapped();
        let mapped = mapped.iter().flat_map(|(_, path)| [*path, path.split('.').next().unwrap_or(path)]);
        Wanted {
            keys: keys.iter().copied().chain(mapped).map(str::to_lowercase).collect(),
            prefixes: prefixes.iter().map(|prefix| prefix.to_lowercase()).collect(),
        }
    }

    fn holds(&self, key: &str) -> bool {
        self.keys.iter().any(|known| known == key) || self.prefixes.iter().any(|prefix| key.starts_with(prefix))
    }
}

/// The fields of one record; keys in lower case.
#[derive(Default)]
pub(super) struct Fields {
    list: Vec<(String, Value)>,
    is_ambiguous: bool,
}

impl Fields {
    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        let key = key.to_lowercase();
        self.list.iter().find(|(known, _)| *known == key).map(|(_, value)| value)
    }

    /// A field as text; `None` where it is absent, null, empty or no single value.
    pub(super) fn text(&self, key: &str) -> Option<String> {
        self.get(key).and_then(text_of)
    }

    /// The field of that name, else one inside it: `meta.created`.
    pub(super) fn path(&self, path: &str) -> Option<String> {
        self.text(path).or_else(|| {
            let mut steps = path.split('.');
            let mut value = self.get(steps.next()?)?;
            for step in steps {
                value = member(value, step)?;
            }
            text_of(value)
        })
    }

    /// The elements of a list.
    pub(super) fn list(&self, key: &str) -> impl Iterator<Item = &Value> {
        self.get(key).and_then(Value::as_array).into_iter().flatten()
    }
}

/// A member of an object, without case.
pub(super) fn member<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    value.as_object()?.iter().find(|(known, _)| known.eq_ignore_ascii_case(key)).map(|(_, value)| value)
}

/// A single value as text.
pub(super) fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_string()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

/// `true`, or its name as a text.
pub(super) fn flag(value: &Value) -> bool {
    text_of(value).is_some_and(|text| text.eq_ignore_ascii_case("true"))
}

/// Called with each record: where it begins and its fields.
pub(super) type ReadFields<'f> = dyn FnMut(&mut Reading<'_>, (usize, &Fields)) -> Result<Outcome, Wrong> + 'f;

/// Reads all records of a JSON file, and gives its pages. `read` gets the number of the record.
pub(super) fn each_object(
    reading: &mut Reading<'_>,
    page_key: &str,
    wanted: &Wanted,
    read: &mut ReadFields<'_>,
) -> Vec<Page> {
    let bytes = &reading.content.text;
    let found = spans(bytes, page_key);
    let (mut line, mut counted) = (1, 0);
    for (number, span) in found.records.iter().enumerate() {
        line += bytes[counted..span.bytes.start].iter().filter(|&&byte| byte == b'\n').count() as u64;
        counted = span.bytes.start;
        let outcome = match span.depth {
            None => Err(code::I109.into()),
            Some(depth) if depth > DEPTH_LIMIT => Err(code::I111.into()),
            Some(_) => fields(&bytes[span.bytes.clone()], wanted).and_then(|fields| read(reading, (number, &fields))),
        };
        reading.record(Spot { bytes: span.bytes.clone(), line }, outcome, |_| None);
    }
    reading.end(&found.headers);
    for page in &found.pages {
        let pages = &mut reading.gathered.pages;
        *(if page.is_continued { &mut pages.continued } else { &mut pages.last }) += 1;
    }
    found.pages
}

fn fields(raw: &[u8], wanted: &Wanted) -> Result<Fields, Wrong> {
    let text = std::str::from_utf8(raw).map_err(|_| code::I101)?;
    let mut parser = serde_json::Deserializer::from_str(text);
    let fields = FieldsSeed(wanted).deserialize(&mut parser).map_err(|_| code::I109)?;
    parser.end().map_err(|_| code::I109)?;
    if fields.is_ambiguous { Err(code::I112.into()) } else { Ok(fields) }
}

struct FieldsSeed<'a>(&'a Wanted);

impl<'de> DeserializeSeed<'de> for FieldsSeed<'_> {
    type Value = Fields;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Fields, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for FieldsSeed<'_> {
    type Value = Fields;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
        let mut fields = Fields::default();
        while let Some(key) = map.next_key::<String>()? {
            let key = key.to_lowercase();
            if !self.0.holds(&key) {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let value = map.next_value::<Value>()?;
            fields.is_ambiguous |= fields.list.iter().any(|(known, _)| *known == key);
            fields.list.push((key, value));
        }
        Ok(fields)
    }
}
