//! JSON with mapped paths: one object a line (RFC 8259 in lines), or a stream of objects, arrays or pages.

use super::fast_round::FastPath;
use super::fast_rows::separator_of;
use super::jsonl_fast::JsonSplitter;
use super::table::{Cell, JsonForm, Table, TableRow, TableSpec};
use crate::format::{EntryKind, Format};
use crate::input::TextEncoding;
use crate::json::{JsonRecords, Raw, items, pick_all, scalar, walk};
use crate::out::{Out, Unfit};
use crate::source::{Kind, SourceSpec};
use crate::work::{Fault, RECIPIENT_LIMIT, Work};
use crosstie_model::{Role, code};
use std::borrow::Cow;

/// Reads JSON files.
pub(crate) struct JsonlReader<'s> {
    table: Table<'s>,
    records: JsonRecords,
    paths: Paths,
    /// Where lines can take the common path.
    fast: Option<(FastPath, JsonSplitter)>,
}

impl<'s> JsonlReader<'s> {
    pub(crate) fn new(source: &'s SourceSpec, spec: &'s TableSpec) -> JsonlReader<'s> {
        let paths = Paths::of(spec);
        let separator = separator_of(spec).filter(|_| source.kind == Kind::Mail && spec.json == JsonForm::Lines);
        let fast = separator.and_then(|separator| Some((FastPath::new(separator), paths.splitter(separator)?)));
        JsonlReader { table: Table::new(source, spec), records: start(spec.json), paths, fast }
    }
}

fn start(form: JsonForm) -> JsonRecords {
    match form {
        JsonForm::Lines => JsonRecords::lines(),
        JsonForm::Stream => JsonRecords::values(&["value"]),
    }
}

impl Format for JsonlReader<'_> {
    fn entry(&self, name: &str) -> EntryKind {
        let name = name.to_ascii_lowercase();
        let is_json = [".json", ".jsonl", ".ndjson"].iter().any(|end| name.ends_with(end));
        if is_json { EntryKind::Records } else { EntryKind::Other }
    }

    fn begin(&mut self, _name: &str) {
        self.records = start(self.table.spec.json);
    }

    fn block(&mut self, block: &[u8], last: bool, out: &mut Out<'_, '_>) -> Result<(), Unfit> {
        let JsonlReader { table, records, paths, fast } = self;
        let mut plain =
            |lines: &[u8], last: bool, out: &mut Out<'_, '_>, tell: &mut dyn FnMut(&TableRow<'_>, &Work<'_>)| {
                records.read_each(lines, last, out, &mut |record, spot, out| {
                    paths.row(record).and_then(|row| {
                        let read = table.row(&row, spot, out.work);
                        tell(&row, out.work);
                        read
                    })
                })
            };
        let mut at = 0;
        if out.encoding == TextEncoding::Utf8
            && let Some((fast, splitter)) = fast
        {
            at = fast.lines(splitter, block, out, &mut |row, out, tell| {
                // Lines break nothing but themselves.
                let _ = plain(row, true, out, tell);
            });
        }
        plain(&block[at..], last, out, &mut |_, _| ())
    }

    fn skip(&mut self, block: &[u8]) -> Option<usize> {
        self.records.skip(block)
    }
}

/// A path: the place of its first key among those that are read, then keys; `[]` behind one whose value is a list.
#[derive(Clone, Debug)]
struct Path {
    first: usize,
    first_is_list: bool,
    rest: Vec<(String, bool)>,
}

impl Path {
    /// Notes the first key in `keys`.
    fn parse(text: &str, keys: &mut Vec<String>) -> Path {
        let step = |part: &str| match part.strip_suffix("[]") {
            Some(key) => (key.to_string(), true),
            None => (part.to_string(), false),
        };
        let mut steps = text.split('.').map(step);
        let (key, first_is_list) = steps.next().unwrap_or_default();
        let known = keys.iter().position(|known| known.eq_ignore_ascii_case(&key));
        let first = known.unwrap_or_else(|| {
            keys.push(key);
            keys.len() - 1
        });
        Path { first, first_is_list, rest: steps.collect() }
    }

    /// The values that the path leads to. A key that is absent leads nowhere.
    fn values<'a>(&self, picked: &[Option<Raw<'a>>]) -> Result<Vec<Cow<'a, str>>, Fault> {
        let mut at: Vec<Raw<'a>> = list(picked[self.first], self.first_is_list)?;
        for (key, is_list) in &self.rest {
            let mut next = Vec::with_capacity(at.len());
            for value in at {
                let [inner] = walk(Some(value), [key.as_str()])?;
                next.extend(list(inner, *is_list)?);
            }
            at = next;
        }
        if at.len() > RECIPIENT_LIMIT {
            return Err(Fault::from(code::I110));
        }
        let mut found = Vec::with_capacity(at.len());
        for value in at {
            found.extend(scalar(Some(value))?);
        }
        Ok(found)
    }
}

fn list(value: Option<Raw<'_>>, is_list: bool) -> Result<Vec<Raw<'_>>, Fault> {
    if is_list { items(value) } else { Ok(value.into_iter().collect()) }
}

struct Paths {
    keys: Vec<String>,
    sent_at: Path,
    sender: Path,
    recipients: Vec<(Path, Role)>,
    role: Option<Path>,
    message_id: Option<Path>,
    in_reply_to: Option<Path>,
    place_id: Option<Path>,
    thread: Option<Path>,
    mentions: Option<Path>,
}

impl Paths {
    fn of(spec: &TableSpec) -> Paths {
        let map = &spec.columns;
        let mut keys = Vec::new();
        let mut path = |text: &Option<String>| text.as_deref().map(|text| Path::parse(text, &mut keys));
        let roles = [(&map.to, Role::To), (&map.cc, Role::Cc), (&map.bcc, Role::Bcc)];
        let recipients = roles.into_iter().filter_map(|(text, role)| Some((path(text)?, role))).collect();
        let role = path(&map.role);
        let message_id = path(&map.message_id);
        let in_reply_to = path(&map.in_reply_to);
        let place_id = path(&map.place_id);
        let thread = path(&map.thread);
        let mentions = path(&map.mentions);
        let sent_at = Path::parse(&map.sent_at, &mut keys);
        let sender = Path::parse(&map.sender, &mut keys);
        Paths { keys, sent_at, sender, recipients, role, message_id, in_reply_to, place_id, thread, mentions }
    }

    /// What splits common lines; nothing where a path leads into an object.
    fn splitter(&self, separator: u8) -> Option<JsonSplitter> {
        let flat = |path: &Path| path.rest.is_empty().then_some((path.first, path.first_is_list));
        let one = |path: &Path| flat(path).filter(|(_, is_list)| !is_list).map(|(first, _)| first);
        let recipients =
            self.recipients.iter().map(|(path, role)| flat(path).map(|(at, is_list)| (at, is_list, *role)));
        let splitter = JsonSplitter {
            separator,
            keys: self.keys.clone(),
            sent_at: one(&self.sent_at)?,
            sender: one(&self.sender)?,
            recipients: recipients.collect::<Option<_>>()?,
            message_id: match &self.message_id {
                Some(path) => Some(one(path)?),
                None => None,
            },
        };
        splitter.fits().then_some(splitter)
    }

    fn row<'a>(&self, record: &'a [u8]) -> Result<TableRow<'a>, Fault> {
        let names: Vec<&str> = self.keys.iter().map(String::as_str).collect();
        let record = &*pick_all(record, &names)?;
        let one = |path: &Path, field: &'static str| {
            let text = path.values(record).map_err(|fault| Fault { field: Some(field), ..fault })?.into_iter().next();
            Ok::<_, Fault>(Cell { column: None, field, text: text.unwrap_or_default() })
        };
        let optional = |path: &Option<Path>, field: &'static str| match path {
            Some(path) => one(path, field).map(|cell| Some(cell.text).filter(|text| !text.is_empty())),
            None => Ok(None),
        };
        let mut recipients = Vec::new();
        for (path, role) in &self.recipients {
            let values = path.values(record).map_err(|fault| Fault { field: Some("recipients"), ..fault })?;
            recipients.extend(values.into_iter().map(|text| (Cell { column: None, field: "recipients", text }, *role)));
        }
        let mentions = match &self.mentions {
            Some(path) => path.values(record)?,
            None => Vec::new(),
        };
        Ok(TableRow {
            sent_at: one(&self.sent_at, "sent_at")?,
            sender: one(&self.sender, "sender")?,
            recipients,
            role: self.role.as_ref().map(|path| one(path, "role")).transpose()?,
            message_id: optional(&self.message_id, "message_id")?,
            in_reply_to: optional(&self.in_reply_to, "in_reply_to")?,
            place_id: optional(&self.place_id, "place_id")?,
            thread: optional(&self.thread, "thread")?,
            mentions: mentions.into_iter().map(|text| Cell { column: None, field: "mentions", text }).collect(),
        })
    }
}
