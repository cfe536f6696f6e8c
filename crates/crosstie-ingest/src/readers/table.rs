//! Generic tables: rows of CSV or JSON with mapped fields become messages.
//!
//! Without message ids, rows of one sender in one second are one message: a known limit.

use super::mail_key;
use crate::answers::Answers;
use crate::identity::Owner;
use crate::instant::{TimeSpec, read_instant};
use crate::mail::address_list::addresses;
use crate::source::Kind;
use crate::work::{BAD_RECIPIENT, Fault, RECIPIENT_LIMIT, Sent, Spot, Work};
use crosstie_model::{Code, Micros, Role, Venue, code};
use std::borrow::Cow;

/// How rows make messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// One row a message, recipients separated within a field.
    MessagePerRow,
    /// One row a recipient; rows of one message share its id, else sender and time.
    RecipientPerRow,
}

/// What the people fields hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandleKind {
    /// Mail addresses.
    Address,
    /// Account ids.
    Account,
}

/// How several recipients stand in one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecipientsForm {
    /// Between separators.
    Separated,
    /// As in a mail header.
    Rfc5322,
}

/// How JSON holds the records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonForm {
    /// One object a line.
    Lines,
    /// Objects one after another, an array, or pages with a `value` array.
    Stream,
}

/// The mapped fields: column names of CSV, paths such as `to[].address` of JSON.
#[derive(Clone, Debug, Default)]
pub struct TableColumns {
    /// When the message was sent.
    pub sent_at: String,
    /// Who sent it.
    pub sender: String,
    /// Direct recipients.
    pub to: Option<String>,
    /// Copy recipients.
    pub cc: Option<String>,
    /// Blind copy recipients.
    pub bcc: Option<String>,
    /// `to`, `cc` or `bcc` of the row's recipient.
    pub role: Option<String>,
    /// Id of the message.
    pub message_id: Option<String>,
    /// Id of the message that is answered; of chat.
    pub in_reply_to: Option<String>,
    /// Id of the channel or chat.
    pub place_id: Option<String>,
    /// Id of the thread; of chat.
    pub thread: Option<String>,
    /// Who is mentioned; of chat.
    pub mentions: Option<String>,
}

/// How to read a table.
#[derive(Clone, Debug)]
pub struct TableSpec {
    /// Rows to messages.
    pub layout: Layout,
    /// Field delimiter of CSV; found where `None`.
    pub delimiter: Option<u8>,
    /// Separator of recipients within a field.
    pub recipient_separator: String,
    /// How several recipients stand in a field.
    pub recipients_form: RecipientsForm,
    /// How JSON holds the records.
    pub json: JsonForm,
    /// How times are written.
    pub time: TimeSpec,
    /// What the people fields hold.
    pub handles: HandleKind,
    /// The fields.
    pub columns: TableColumns,
    /// Values that mean nothing.
    pub null_values: Vec<String>,
    /// Whether blanks around CSV fields are dropped.
    pub trim: bool,
}

/// A field of a row: its column from 1 where there is one, its name in the plan, its text.
#[derive(Clone, Debug)]
pub(crate) struct Cell<'c> {
    pub(crate) column: Option<u64>,
    pub(crate) field: &'static str,
    pub(crate) text: Cow<'c, str>,
}

impl Cell<'_> {
    /// A fault of this field; the value is described, never shown.
    fn fault(&self, code: Code) -> Fault {
        let found = Some(format!("value of {} bytes", self.text.len()));
        Fault { column: self.column, field: Some(self.field), found, ..Fault::from(code) }
    }
}

/// A row whose fields were taken apart.
#[derive(Clone, Debug)]
pub(crate) struct TableRow<'c> {
    pub(crate) sent_at: Cell<'c>,
    pub(crate) sender: Cell<'c>,
    /// Recipients with the role of their field.
    pub(crate) recipients: Vec<(Cell<'c>, Role)>,
    /// The role of all recipients, where a field holds it.
    pub(crate) role: Option<Cell<'c>>,
    pub(crate) message_id: Option<Cow<'c, str>>,
    pub(crate) in_reply_to: Option<Cow<'c, str>>,
    pub(crate) place_id: Option<Cow<'c, str>>,
    pub(crate) thread: Option<Cow<'c, str>>,
    pub(crate) mentions: Vec<Cell<'c>>,
}

/// Turns rows into messages.
pub(crate) struct Table<'s> {
    pub(crate) spec: &'s TableSpec,
    name: &'s str,
    kind: Kind,
    thread_micros: i64,
    recipients: Vec<(u32, Role)>,
}

impl<'s> Table<'s> {
    pub(crate) fn new(source: &'s crate::source::SourceSpec, spec: &'s TableSpec) -> Table<'s> {
        Table {
            spec,
            name: &source.name,
            kind: source.kind,
            thread_micros: i64::from(source.thread_hours) * 3_600_000_000,
            recipients: Vec::new(),
        }
    }

    /// Reads a row.
    pub(crate) fn row(&mut self, row: &TableRow<'_>, spot: Spot, work: &mut Work<'_>) -> Result<(), Fault> {
        let at = self.instant(&row.sent_at, work)?;
        self.dated_row(row, spot, at, work).map_err(|fault| Fault { at: Some(at), ..fault })
    }

    fn dated_row(&mut self, row: &TableRow<'_>, spot: Spot, at: Micros, work: &mut Work<'_>) -> Result<(), Fault> {
        if self.is_null(&row.sender.text) {
            return Err(row.sender.fault(code::I107));
        }
        let sender = self.handle(&row.sender.text, work).map_err(|code| row.sender.fault(code))?;
        self.read_recipients(row, work)?;
        let sent = match self.kind {
            Kind::Mail => Sent::mail(self.mail_key(row, sender, at, work), at, sender, &self.recipients),
            Kind::Chat => self.chat(row, sender, at, work),
        };
        work.message(spot, sent);
        Ok(())
    }

    fn mail_key(&self, row: &TableRow<'_>, sender: u32, at: Micros, work: &Work<'_>) -> u128 {
        match row.message_id.as_deref().and_then(mail_key::message_id) {
            Some(id) => mail_key::by_id(work, id, sender),
            None => self.key_without_id(sender, at, work),
        }
    }

    fn key_without_id(&self, sender: u32, at: Micros, work: &Work<'_>) -> u128 {
        match self.spec.layout {
            Layout::RecipientPerRow => {
                let sender = work.handles.id(sender).to_be_bytes();
                work.message_key(&[b"row", self.name.as_bytes(), &sender, &at.0.to_be_bytes()])
            }
            Layout::MessagePerRow => mail_key::by_content(work, sender, at, &self.recipients),
        }
    }

    fn chat(&self, row: &TableRow<'_>, sender: u32, at: Micros, work: &Work<'_>) -> Sent<'_> {
        let place_text = row.place_id.as_deref().unwrap_or_default().as_bytes();
        let name = self.name.as_bytes();
        let key_of = |id: &str| work.message_key(&[b"chat-table", name, place_text, id.as_bytes()]);
        let place = row.place_id.as_ref().map(|_| work.message_key(&[b"place", name, place_text]));
        let id = row.message_id.as_deref().and_then(mail_key::message_id);
        let parent = row.in_reply_to.as_deref().and_then(mail_key::message_id);
        let thread = row.thread.as_deref().filter(|thread| !thread.is_empty() && self.thread_micros > 0);
        let answers = parent.map(|parent| Answers::Parent(key_of(parent))).or_else(|| {
            let thread = thread.filter(|_| self.recipients.is_empty())?;
            let key = work.message_key(&[b"thread", name, place_text, thread.as_bytes()]);
            Some(Answers::LastInThread(key, self.thread_micros))
        });
        let direct = self.recipients.iter().filter(|(_, role)| *role != Role::Mention).count();
        Sent {
            key: id.map_or_else(|| self.key_without_id(sender, at, work), key_of),
            at,
            by_server: true,
            sender,
            recipients: &self.recipients,
            venue: match direct {
                0 => Venue::Channel,
                1 => Venue::Direct,
                _ => Venue::Group,
            },
            place,
            answers,
            stated_count: 0,
        }
    }

    fn instant(&self, cell: &Cell<'_>, work: &Work<'_>) -> Result<Micros, Fault> {
        if self.is_null(&cell.text) {
            return Err(cell.fault(code::I107));
        }
        read_instant(&cell.text, &self.spec.time, work.earliest, work.latest).map_err(|code| cell.fault(code))
    }

    fn is_null(&self, text: &str) -> bool {
        text.trim().is_empty() || self.spec.null_values.iter().any(|null| null == text)
    }

    fn handle(&self, spelling: &str, work: &mut Work<'_>) -> Result<u32, Code> {
        match self.spec.handles {
            HandleKind::Address => work.handles.mail(spelling),
            HandleKind::Account => work.handles.account("account", self.name, spelling, Owner::default()),
        }
    }

    /// Recipients of the row. A bad one is counted if a good one is left, else the record is at fault.
    fn read_recipients(&mut self, row: &TableRow<'_>, work: &mut Work<'_>) -> Result<(), Fault> {
        self.recipients.clear();
        let all = match &row.role {
            Some(cell) => Some(role_of(&cell.text).ok_or_else(|| cell.fault(code::I118))?),
            None => None,
        };
        let mut first_bad = None;
        let mut bad_count = 0;
        let mentions = row.mentions.iter().map(|cell| (cell, Role::Mention));
        for (cell, role) in row.recipients.iter().map(|(cell, role)| (cell, all.unwrap_or(*role))).chain(mentions) {
            for part in self.parts(cell)? {
                if self.is_null(&part) {
                    continue;
                }
                match self.handle(&part, work) {
                    Ok(handle) => self.recipients.push((handle, role)),
                    Err(code) => {
                        bad_count += 1;
                        first_bad.get_or_insert_with(|| Cell { text: part, ..cell.clone() }.fault(code));
                    }
                }
                if self.recipients.len() > RECIPIENT_LIMIT {
                    return Err(cell.fault(code::I110));
                }
            }
        }
        match first_bad {
            Some(bad) if self.recipients.is_empty() => Err(bad),
            None if self.recipients.is_empty() && self.kind == Kind::Mail => {
                let field = row.recipients.first().map(|(cell, _)| cell.fault(code::I107));
                Err(field.unwrap_or_else(|| Fault { field: Some("recipients"), ..Fault::from(code::I107) }))
            }
            _ => {
                work.odd(BAD_RECIPIENT, bad_count);
                Ok(())
            }
        }
    }

    /// The single recipients of a field.
    fn parts<'c>(&self, cell: &'c Cell<'_>) -> Result<Vec<Cow<'c, str>>, Fault> {
        let text = &*cell.text;
        match (self.spec.recipients_form, self.spec.layout) {
            (RecipientsForm::Rfc5322, _) => {
                let list = addresses(text.as_bytes(), false).map_err(|code| cell.fault(code))?;
                match list.bad.first() {
                    Some(&code) if list.found.is_empty() => Err(cell.fault(code)),
                    _ => Ok(list.found.into_iter().map(Cow::Owned).collect()),
                }
            }
            (_, Layout::RecipientPerRow) => Ok(vec![Cow::Borrowed(text)]),
            (_, Layout::MessagePerRow) => {
                Ok(text.split(self.spec.recipient_separator.as_str()).map(Cow::Borrowed).collect())
            }
        }
    }
}

fn role_of(text: &str) -> Option<Role> {
    match text.trim().to_lowercase().as_str() {
        "to" => Some(Role::To),
        "cc" => Some(Role::Cc),
        "bcc" => Some(Role::Bcc),
        _ => None,
    }
}
