//! A generic table of messages: which column is the time, the sender, the recipients. Names propose, values decide.

use super::column::{Column, separator_of};
use super::guess::{Recognised, Section, TableGuess};
use super::names;
use super::times::{TimeGuess, time_guess};
use crate::address::Mailbox;
use crate::readers::{HandleKind, Layout, RecipientsForm};
use crate::source::Kind;
use std::collections::BTreeMap;

/// A source of messages, if a time, a sender and whom it goes to are found.
pub(super) fn messages(columns: &[Column], format: &'static str) -> Option<Recognised> {
    let mut picker = Picker { columns, used: Vec::new() };
    let (sent_at, time) = picker.time()?;
    let sender = picker.people(&names::SENDER)?;
    let [to, cc, bcc] = [&names::TO[..], &names::CC, &names::BCC].map(|list| picker.people(list));
    let role = picker.best(&names::ROLE, |column| column.values().all(is_role) && column.values().next().is_some());
    let names_somebody = to.or(cc).or(bcc).is_some();
    let place = picker.best(&names::PLACE, |column| !column.has_addresses()).or_else(|| {
        if names_somebody { None } else { picker.best(&names::CONVERSATION, |column| !column.has_addresses()) }
    });
    let mentions = picker.best(&names::MENTIONS, |_| true);
    let answered = picker.best(&names::IN_REPLY_TO, |_| true);
    let thread = picker.best(&names::THREAD, |_| true);
    let id = picker.best(&names::MESSAGE_ID, |column| !column.is_text());
    let people: Vec<&Column> = [Some(sender), to, cc, bcc].into_iter().flatten().collect();
    let handles =
        if people.iter().any(|column| column.has_addresses()) { HandleKind::Address } else { account(&people) };
    let has_talk = place.or(mentions).is_some();
    let has_threads = answered.or(thread).is_some() && handles == HandleKind::Account;
    let is_chat = (has_talk || has_threads) && cc.or(bcc).is_none();
    let may_be_silent = is_chat && has_talk;
    if !names_somebody && !may_be_silent {
        return None;
    }
    let kind = if is_chat { Kind::Chat } else { Kind::Mail };
    let mut table = TableGuess { handles, ..TableGuess::default() };
    for (field, column) in [("sent_at", Some(sent_at)), ("sender", Some(sender)), ("to", to), ("cc", cc), ("bcc", bcc)]
    {
        table.map(field, column);
    }
    let id_is_new = id.filter(|id| Some(id.name.as_str()) != place.map(|place| place.name.as_str()));
    table.map("message_id", id_is_new);
    if is_chat {
        let of_chat = [("place_id", place), ("thread", thread), ("in_reply_to", answered), ("mentions", mentions)];
        of_chat.into_iter().for_each(|(field, column)| table.map(field, column));
    }
    let recipients: Vec<&Column> = [to, cc, bcc].into_iter().flatten().collect();
    set_form(&mut table, &recipients);
    let key = Keys { sent_at, sender, id: id_is_new };
    if table.recipients_form == RecipientsForm::Separated && is_row_a_recipient(&key, &recipients, role) {
        table.layout = Layout::RecipientPerRow;
        table.map("role", role);
    }
    table.others = text_columns(columns);
    let reason = format!(
        "columns for the time, the sender and {}, by their names and the values of {} records",
        if names_somebody { "the recipients" } else { "the place" },
        sent_at.rows.len()
    );
    let mut found = Recognised { time: Some(time), ..Recognised::new(Section::Source(kind), format, reason) };
    if handles == HandleKind::Address
        && !sender.most(|value| Mailbox::parse(value).is_ok())
        && sender.values().next().is_some()
    {
        let advice = format!("`{}` holds more than a bare address: such records are set aside", sender.name);
        found = found.advise(advice);
    }
    found.table = Some(table);
    Some(found)
}

/// Columns that look like text. Of a path the last step: objects can be keyed by people.
fn text_columns(columns: &[Column]) -> Vec<String> {
    let last = |column: &Column| column.name.rsplit('.').next().map(str::to_string);
    let mut found: Vec<String> = columns.iter().filter(|column| column.is_text()).filter_map(last).collect();
    found.sort_unstable();
    found.dedup();
    // Below a text there may be any key.
    found.retain(|name| Column::new(name).is_text());
    found
}

/// Without an address among the values they are accounts; without values nothing is known, and addresses are usual.
fn account(people: &[&Column]) -> HandleKind {
    let has_values = people.iter().any(|column| column.values().next().is_some());
    if has_values { HandleKind::Account } else { HandleKind::Address }
}

/// Picks columns, each once.
struct Picker<'c> {
    columns: &'c [Column],
    used: Vec<usize>,
}

impl<'c> Picker<'c> {
    fn time(&mut self) -> Option<(&'c Column, TimeGuess)> {
        let mut ranked: Vec<(usize, usize)> =
            (0..self.columns.len()).filter_map(|at| Some((self.columns[at].rank(&names::SENT_AT)?, at))).collect();
        ranked.sort_unstable();
        for (_, at) in ranked {
            let values: Vec<&str> = self.columns[at].values().collect();
            let is_header_only = self.columns.iter().all(|column| column.rows.is_empty());
            let guess = if is_header_only { Some(TimeGuess::default()) } else { time_guess(&values) };
            if let Some(guess) = guess {
                self.used.push(at);
                return Some((&self.columns[at], guess));
            }
        }
        None
    }

    /// A column of people: of several that fit by name, one that holds addresses goes first.
    fn people(&mut self, list: &[&str]) -> Option<&'c Column> {
        let is_no_time =
            |column: &Column| time_guess(&column.values().collect::<Vec<_>>()).is_none() || column.most(is_small);
        let is_fit = |column: &Column| !column.is_text() && is_no_time(column) && !column.most(is_role);
        let address = self.best(list, |column| is_fit(column) && column.has_addresses());
        address.or_else(|| self.best(list, is_fit))
    }

    fn best(&mut self, list: &[&str], is_fit: impl Fn(&Column) -> bool) -> Option<&'c Column> {
        let at = (0..self.columns.len())
            .filter(|at| !self.used.contains(at) && is_fit(&self.columns[*at]))
            .filter_map(|at| Some((self.columns[at].rank(list)?, at)))
            .min()?
            .1;
        self.used.push(at);
        Some(&self.columns[at])
    }
}

/// Account numbers can read as seconds since 1970.
fn is_small(value: &str) -> bool {
    value.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_role(value: &str) -> bool {
    ["to", "cc", "bcc"].iter().any(|role| role.eq_ignore_ascii_case(value))
}

/// How several recipients stand in one field.
fn set_form(table: &mut TableGuess, recipients: &[&Column]) {
    let are_addresses = table.handles == HandleKind::Address;
    let is_named = |value: &str| value.contains('<') && Mailbox::parse(value).is_err();
    if are_addresses && recipients.iter().flat_map(|column| column.values()).any(is_named) {
        table.recipients_form = RecipientsForm::Rfc5322;
        return;
    }
    table.recipient_separator = separator_of(recipients, are_addresses).filter(|&separator| separator != ';');
}

struct Keys<'c> {
    sent_at: &'c Column,
    sender: &'c Column,
    id: Option<&'c Column>,
}

/// Whether rows of one message differ in the recipient: they share its id, else sender and time.
fn is_row_a_recipient(key: &Keys<'_>, recipients: &[&Column], role: Option<&Column>) -> bool {
    let [to] = recipients else { return false };
    let is_one = |row: &Vec<String>| row.len() <= 1;
    if !to.rows.iter().all(is_one) || separator_of(&[to], to.has_addresses()).is_some() {
        return false;
    }
    if role.is_some() {
        return true;
    }
    let mut seen: BTreeMap<(String, String), String> = BTreeMap::new();
    (0..to.rows.len()).any(|row| {
        let id = key.id.map(|id| id.of_row(row)).filter(|id| !id.is_empty());
        let of_row = (id.unwrap_or_else(|| key.sent_at.of_row(row)), key.sender.of_row(row));
        let recipient = to.of_row(row);
        seen.insert(of_row, recipient.clone()).is_some_and(|before| before != recipient)
    })
}
